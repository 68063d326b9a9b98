//! The sandbox bank's pages: plain HTML, one style sheet, no script.
use askama::Template;
use fiscal::{Amount, Currency};

use super::service::Deed;
use super::store::TransferRow;

/// The style sheet.
pub const STYLE: &str = include_str!("../../../templates/bank/banco.css");

/// Signing in.
#[derive(Template)]
#[template(path = "bank/entrar.html")]
pub struct SignIn<'a> {
    /// The merchant's number.
    pub order: &'a str,
    /// Pesos.
    pub amount: &'a str,
}

/// Deciding.
#[derive(Template)]
#[template(path = "bank/decidir.html")]
pub struct Decide<'a> {
    /// The merchant's number.
    pub order: &'a str,
    /// The merchant's reference.
    pub reference: &'a str,
    /// Pesos.
    pub amount: &'a str,
    /// Who pays.
    pub payer: &'a str,
    /// The buttons.
    pub deeds: &'a [Deed],
}

/// Going back, with the signed answer in the form.
#[derive(Template)]
#[template(path = "bank/regresar.html")]
pub struct Return<'a> {
    /// What happened.
    pub heading: &'a str,
    /// `post` or `get`.
    pub method: &'a str,
    /// The merchant's address.
    pub return_url: &'a str,
    /// The signed answer.
    pub fields: &'a [(&'static str, String)],
}

/// The merchant's account: its files of a day, and its transfers.
#[derive(Template)]
#[template(path = "bank/cuenta.html")]
pub struct Account<'a> {
    /// Civil day.
    pub day: &'a str,
    /// What came on it.
    pub transfers: &'a [TransferRow],
}

/// Nothing more to do here.
#[derive(Template)]
#[template(path = "bank/aviso.html")]
pub struct Notice<'a> {
    /// What happened.
    pub heading: &'a str,
    /// What to do.
    pub text: &'a str,
}

/// Pesos as people read them, `74,765.32`; the protocol's own text has no commas.
pub fn pesos(amount: &str) -> String {
    Amount::parse(amount, Currency::Mxn).map_or_else(|_| amount.to_owned(), Amount::grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_says_that_it_is_a_rehearsal_and_all_but_the_account_lead_to_it() {
        let (order, amount, return_url) = ("0a1b", "1,250.00", "http://localhost:8080/");
        let pages = [
            ("Entrar", "Entre para pagar $1,250.00 MXN", SignIn { order, amount }.render()),
            (
                "Autorizar",
                "¿Qué debe hacer el banco?",
                Decide { order, reference: "000000004201", amount, payer: "Ñandú & <Hijos>", deeds: &Deed::ALL }
                    .render(),
            ),
            (
                "Regresar",
                "Cargo aprobado",
                Return { heading: "Cargo aprobado", method: "post", return_url, fields: &[("a", "\"b".to_owned())] }
                    .render(),
            ),
            ("Aviso", "Sesión cerrada", Notice { heading: "Sesión cerrada", text: "Puede cerrar." }.render()),
            (
                "Cuenta del comercio",
                "Cuenta del comercio, 2026-11-18",
                Account { day: "2026-11-18", transfers: &[] }.render(),
            ),
        ];
        for (title, heading, page) in pages {
            let page = page.unwrap();
            assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"es\">\n"), "{page}");
            assert!(page.contains(&format!("<title>{title} · Banco de pruebas</title>")), "{page}");
            assert!(page.contains(&format!("<main>\n<h1>{heading}</h1>")), "{page}");
            assert!(page.contains("PRUEBAS: este banco no existe y no cobra nada."), "{page}");
            let leads = page.contains("<a href=\"/clb/cuenta\">Archivos del día y transferencias</a>");
            assert_eq!(leads, title != "Cuenta del comercio", "{page}");
            assert!(!page.contains("<Hijos>") && !page.contains("value=\"\"b\""), "{page}");
        }
    }
}
