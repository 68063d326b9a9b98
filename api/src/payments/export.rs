//! The history of payments as a table for spreadsheets: a line for each invoice that a payment paid.
use shared::payments::{PaymentFilter, PaymentState, PaymentView};

use super::{Asker, PaymentError, history};
use crate::App;

/// Payments of one table; more than that is asked for month by month.
const PAYMENTS_MAX: usize = 10_000;
/// Payments read at once.
const PAGE: u32 = 200;

const HEADER: [&str; 13] = [
    "Fecha de pago",
    "Referencia de pago",
    "Referencia bancaria",
    "Banco",
    "Empresa",
    "Estado",
    "Total del pago (MXN)",
    "Saldo a favor (MXN)",
    "Factura",
    "Moneda",
    "Importe en su moneda",
    "Tipo de cambio",
    "Importe (MXN)",
];

/// The customer's payments as CSV: UTF-8 with its mark, so that spreadsheets read the accents.
pub async fn csv(app: &App, asker: &Asker, filter: &PaymentFilter) -> Result<Vec<u8>, PaymentError> {
    let mut out = String::from("\u{feff}");
    line(&mut out, HEADER.iter().map(|name| (*name).to_owned()));
    let (mut after, mut told) = (None, 0);
    loop {
        let (mut rows, _) = history::list(app, asker, filter, after, PAGE).await?;
        let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
        told += rows.len();
        for (_, payment) in &rows {
            write(&mut out, payment);
        }
        after = rows.last().map(|(at, payment)| (*at, payment.id));
        if !more || told >= PAYMENTS_MAX {
            return Ok(out.into_bytes());
        }
    }
}

fn write(out: &mut String, payment: &PaymentView) {
    let own = [
        payment.paid_at.civil.clone(),
        payment.reference.clone(),
        payment.bank_reference.clone().unwrap_or_default(),
        payment.bank_name.clone(),
        payment.issuer_name.clone(),
        standing(payment).to_owned(),
        payment.amount.clone(),
        payment.unapplied.clone().unwrap_or_default(),
    ];
    if payment.lines.is_empty() {
        let nothing = std::iter::repeat_n(String::new(), HEADER.len() - own.len());
        return line(out, own.into_iter().chain(nothing));
    }
    for paid in &payment.lines {
        let invoice = [
            paid.number.clone(),
            paid.currency.clone(),
            paid.amount.clone(),
            paid.rate.clone().unwrap_or_default(),
            paid.amount_mxn.clone(),
        ];
        line(out, own.iter().cloned().chain(invoice));
    }
}

/// The chips of the history, in words.
const fn standing(payment: &PaymentView) -> &'static str {
    match payment.state {
        _ if payment.reversed_at.is_some() => "Revertido",
        PaymentState::Confirmed if payment.applied => "Aplicado",
        PaymentState::Created | PaymentState::InTransit | PaymentState::Confirmed => "En tránsito",
        PaymentState::PendingBank => "En proceso en el banco",
        PaymentState::Declined => "Rechazado",
        PaymentState::Cancelled => "Cancelado",
        PaymentState::Expired => "Vencido",
        PaymentState::Unknown => "Por confirmar",
        PaymentState::Review => "En revisión",
    }
}

fn line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(&harmless(&cell).replace('"', "\"\""));
        out.push('"');
    }
    out.push_str("\r\n");
}

/// A cell that begins like a formula is text (threats B7): a spreadsheet would run it.
fn harmless(cell: &str) -> String {
    let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if begins { format!("'{cell}") } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_quotes_are_doubled() {
        let mut out = String::new();
        let cells = ["=HYPERLINK(\"x\")", "+1", "-1", "@a", "a \"b\", c", "5.00"];
        line(&mut out, cells.into_iter().map(str::to_owned));
        assert_eq!(out, "\"'=HYPERLINK(\"\"x\"\")\",\"'+1\",\"'-1\",\"'@a\",\"a \"\"b\"\", c\",\"5.00\"\r\n");
    }
}
