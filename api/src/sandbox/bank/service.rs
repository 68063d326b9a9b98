//! What the sandbox bank does: takes a signed order, lets its customer decide, tells the merchant.
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Notifier;
use super::store;
pub use super::store::OrderRow as Order;
use crate::clock::{Clock, Ids};
use crate::db::{Db, Timestamp};

/// Where the merchant's browser address ends, and where its server's does.
const RETURNS: &str = "/bank-returns/";
const NOTICES: &str = "/bank-notices/";

/// What an order begins with that is none of the merchant's: theirs begin with the time, and this one is centuries away.
const MISNAMED: &str = "0bad";
/// Who is late charges so long after the tab was closed: time to give the payment up at the portal.
const LATE_SECONDS: i64 = 60;
/// Between two looks at the clock.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// What a customer can decide. Each is a button of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Pay; the bank's server says so, and the browser goes back.
    Approve,
    /// Be refused.
    Decline,
    /// In process: authorization `000000`.
    InProcess,
    /// Leave without deciding: nobody hears anything.
    Close,
    /// Pay, and the bank's server says so twice.
    ApproveTwice,
    /// Pay, and only the browser tells.
    ApproveQuietly,
    /// Pay, and pay again under another number.
    ChargeTwice,
    /// Pay with a debit card.
    ApproveDebit,
    /// Pay by a transfer from another bank.
    ApproveOther,
    /// Pay, and name an order that is none of the merchant's.
    Misname,
    /// Leave, and be charged when nobody waits any more.
    ApproveLate,
}

impl Deed {
    /// All, in the order of the buttons.
    pub const ALL: [Deed; 11] = [
        Deed::Approve,
        Deed::ApproveDebit,
        Deed::ApproveOther,
        Deed::Decline,
        Deed::InProcess,
        Deed::Close,
        Deed::ApproveTwice,
        Deed::ApproveQuietly,
        Deed::ApproveLate,
        Deed::ChargeTwice,
        Deed::Misname,
    ];

    /// The value of the button.
    pub const fn as_str(self) -> &'static str {
        match self {
            Deed::Approve => "aprobar",
            Deed::Decline => "rechazar",
            Deed::InProcess => "en_proceso",
            Deed::Close => "cerrar",
            Deed::ApproveTwice => "avisar_dos_veces",
            Deed::ApproveQuietly => "sin_avisar",
            Deed::ChargeTwice => "cobrar_dos_veces",
            Deed::ApproveDebit => "aprobar_debito",
            Deed::ApproveOther => "aprobar_otro_banco",
            Deed::Misname => "nombrar_otra_orden",
            Deed::ApproveLate => "aprobar_tarde",
        }
    }

    /// The words on the button.
    pub const fn label(self) -> &'static str {
        match self {
            Deed::Approve => "Aprobar",
            Deed::Decline => "Rechazar",
            Deed::InProcess => "En proceso (000000)",
            Deed::Close => "Cerrar sin responder",
            Deed::ApproveTwice => "Responder dos veces",
            Deed::ApproveQuietly => "Responder sin avisar",
            Deed::ChargeTwice => "Cobrar dos veces",
            Deed::ApproveDebit => "Aprobar con débito",
            Deed::ApproveOther => "Aprobar desde otro banco",
            Deed::Misname => "Nombrar otra orden",
            Deed::ApproveLate => "Aprobar tarde",
        }
    }

    /// What it is for, in Spanish and English.
    pub const fn effect(self) -> (&'static str, &'static str) {
        match self {
            Deed::Approve => (
                "Cobra a una tarjeta de crédito; avisa al portal y regresa.",
                "Charges a credit card; tells the portal and goes back.",
            ),
            Deed::Decline => ("Rechaza el cargo (respuesta 51).", "Refuses the charge (response 51)."),
            Deed::InProcess => (
                "Responde con autorización 000000: ni pagado ni rechazado.",
                "Answers 000000: neither paid nor refused.",
            ),
            Deed::Close => ("No responde nunca: como cerrar la pestaña.", "Never answers, as when the tab is closed."),
            Deed::ApproveTwice => ("Cobra una vez y lo avisa dos veces.", "Charges once and tells it twice."),
            Deed::ApproveQuietly => {
                ("Cobra; solo el navegador lo cuenta al regresar.", "Charges; only the browser tells on its way back.")
            }
            Deed::ChargeTwice => {
                ("Cobra dos veces con dos autorizaciones.", "Charges twice, under two authorizations.")
            }
            Deed::ApproveDebit => ("Cobra a una tarjeta de débito.", "Charges a debit card."),
            Deed::ApproveOther => {
                ("Cobra por transferencia desde otro banco.", "Charges by a transfer from another bank.")
            }
            Deed::Misname => (
                "Cobra y avisa de una orden que el portal no conoce.",
                "Charges, and tells of an order that the portal does not know.",
            ),
            Deed::ApproveLate => (
                "Calla como al cerrar la pestaña; un minuto después cobra y avisa.",
                "Is silent as when the tab is closed; charges and tells a minute later.",
            ),
        }
    }

    /// Reads the value of a button.
    pub fn parse(text: &str) -> Option<Deed> {
        Deed::ALL.into_iter().find(|deed| deed.as_str() == text)
    }

    /// Money was taken, whoever hears of it.
    pub const fn charges(self) -> bool {
        !matches!(self, Deed::Decline | Deed::InProcess | Deed::Close)
    }

    const fn response(self) -> &'static str {
        match self {
            Deed::Decline => "51",
            _ => "00",
        }
    }
}

/// The buttons of an order's page. The gateway has one charge of an order: it plays no second one.
pub fn deeds(order: &Order) -> Vec<Deed> {
    let is_offered = |deed: &Deed| order.session.is_none() || *deed != Deed::ChargeTwice;
    Deed::ALL.into_iter().filter(is_offered).collect()
}

/// The bank.
pub struct Bank {
    /// The sandbox's database.
    pub db: Db,
    /// Time.
    pub clock: std::sync::Arc<dyn Clock>,
    /// Numbers of authorizations.
    pub ids: Ids,
    /// What orders and answers are signed with.
    pub key: SecretString,
    /// Tells the merchant's server.
    pub notifier: Notifier,
}

/// Whether a program that asks shows the token that it was given.
pub fn is_token(bank: &Bank, shown: Option<&[u8]>) -> bool {
    let token = bank.key.expose_secret().as_bytes();
    shown.is_some_and(|shown| verify_slices_are_equal(shown, token).is_ok())
}

/// An order as its form says it.
#[derive(Debug, Clone, Default)]
pub struct OrderForm {
    /// The merchant's number.
    pub order: String,
    /// The merchant's reference.
    pub reference: String,
    /// Pesos with two decimals.
    pub amount: String,
    /// Who pays.
    pub payer: String,
    /// Where the browser goes back to.
    pub return_url: String,
    /// Over the first three.
    pub signature: String,
}

/// Takes an order. `None`: it is not the merchant's, or not well formed.
pub async fn take(bank: &Bank, form: &OrderForm) -> anyhow::Result<Option<Order>> {
    let mut signature = [0; 32];
    let key = hmac::Key::new(hmac::HMAC_SHA256, bank.key.expose_secret().as_bytes());
    let text = format!("{}{}{}", form.order, form.reference, form.amount);
    let signed = hex::decode_to_slice(&form.signature, &mut signature).is_ok()
        && hmac::verify(&key, text.as_bytes(), &signature).is_ok();
    if !signed || merchant_origin(&form.return_url).is_none() {
        return Ok(None);
    }
    let order = Order {
        merchant_order: form.order.clone(),
        merchant_reference: form.reference.clone(),
        amount: form.amount.clone(),
        payer: form.payer.clone(),
        return_url: form.return_url.clone(),
        session: None,
        indicator: None,
        decision: None,
        authorization: None,
        again: None,
        response: None,
        decided_at: None,
    };
    let mut tx = bank.db.begin().await?;
    store::insert(&mut tx, &order, bank.clock.now()).await?;
    tx.commit().await?;
    Ok(store::find(&mut bank.db.read().await?, &form.order).await?)
}

/// An order that was taken.
pub async fn find(bank: &Bank, order: &str) -> anyhow::Result<Option<Order>> {
    Ok(store::find(&mut bank.db.read().await?, order).await?)
}

/// Writes what the customer decided, and tells the merchant's server. A second decision tells the first again.
pub async fn decide(bank: &Bank, order: &str, deed: Deed) -> anyhow::Result<Option<Order>> {
    let authorization = match deed {
        Deed::InProcess => "000000".to_owned(),
        _ => authorization(&bank.ids),
    };
    let again = (deed == Deed::ChargeTwice).then(|| self::authorization(&bank.ids));
    let mut tx = bank.db.begin().await?;
    let said = (deed.as_str(), authorization.as_str(), again.as_deref(), deed.response());
    let first = store::decide(&mut tx, order, said, bank.clock.now()).await?;
    tx.commit().await?;
    let Some(row) = store::find(&mut bank.db.read().await?, order).await? else { return Ok(None) };
    if first {
        tell(bank, &row, deed).await;
    }
    Ok(Some(row))
}

/// Decides when nobody waits any more, as a bank does whose own systems were slow. Who asks meanwhile hears of no decision;
/// a restart of the rehearsal forgets it.
pub async fn decide_late(bank: &Bank, order: &str) -> anyhow::Result<()> {
    let due = bank.clock.now().plus_seconds(LATE_SECONDS);
    while bank.clock.now() < due {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    decide(bank, order, Deed::Approve).await.map(drop)
}

async fn tell(bank: &Bank, row: &Order, deed: Deed) {
    let times = match deed {
        Deed::Close | Deed::ApproveQuietly => 0,
        Deed::ApproveTwice => 2,
        _ => 1,
    };
    let notice_url = row.return_url.replacen(RETURNS, NOTICES, 1);
    if row.session.is_some() {
        let address = notice_url.split('?').next().unwrap_or_default();
        for _ in 0..times {
            bank.notifier.tell_json(address, &serde_json::json!({ "order": { "id": named(row) } })).await;
        }
        return;
    }
    for _ in 0..times {
        bank.notifier.tell(&notice_url, &answer(bank, row)).await;
    }
    if row.again.is_some() {
        let again = Order { authorization: row.again.clone(), ..row.clone() };
        bank.notifier.tell(&notice_url, &answer(bank, &again)).await;
    }
}

/// The number by which the bank tells of an order.
pub fn named(row: &Order) -> String {
    match row.decision.as_deref().and_then(Deed::parse) {
        Some(Deed::Misname) => MISNAMED.chars().chain(row.merchant_order.chars().skip(MISNAMED.len())).collect(),
        _ => row.merchant_order.clone(),
    }
}

/// The answer that goes back with the browser and to the merchant's server, signed.
pub fn answer(bank: &Bank, row: &Order) -> Vec<(&'static str, String)> {
    let (order, authorization) = (named(row), row.authorization.clone().unwrap_or_default());
    let key = hmac::Key::new(hmac::HMAC_SHA256, bank.key.expose_secret().as_bytes());
    let text = format!("{order}{}{}{authorization}", row.merchant_reference, row.amount);
    let signature = hex::encode(hmac::sign(&key, text.as_bytes()));
    let response = row.response.clone().unwrap_or_default();
    let message = if response == "00" { "APROBADA" } else { "FONDOS INSUFICIENTES" };
    let mut fields = vec![
        ("mp_order", order),
        ("mp_reference", row.merchant_reference.clone()),
        ("mp_amount", row.amount.clone()),
        ("mp_response", response),
        ("mp_responsemsg", message.to_owned()),
        ("mp_authorization", authorization),
        ("mp_signature", signature),
        ("mp_bankname", "BANCO DE PRUEBAS".to_owned()),
    ];
    fields.extend(row.decided_at.map(|at| ("mp_date", wall_clock(at))));
    fields.extend(match row.decision.as_deref().and_then(Deed::parse) {
        Some(Deed::ApproveOther) => {
            vec![
                ("mp_paymentMethod", "CIE_INTER".to_owned()),
                ("mp_cieinter_reference", row.merchant_reference.clone()),
            ]
        }
        deed => {
            let kind = if deed == Some(Deed::ApproveDebit) { "D" } else { "C" };
            let card = [("mp_paymentMethod", "TDX"), ("mp_cardType", kind), ("mp_pan", "0007")];
            card.map(|(name, value)| (name, value.to_owned())).to_vec()
        }
    });
    fields
}

/// The bank's own calendar.
pub fn zone() -> TimeZone {
    TimeZone::get("America/Mexico_City").unwrap_or(TimeZone::UTC)
}

/// The bank writes the time of the capital, and no zone.
pub fn wall_clock(at: Timestamp) -> String {
    at.jiff().to_zoned(zone()).strftime("%Y-%m-%d %H:%M:%S.0").to_string()
}

/// Six digits, never all zeros.
fn authorization(ids: &Ids) -> String {
    let secret = ids.secret();
    let number = u32::from_be_bytes([secret[0], secret[1], secret[2], secret[3]]);
    format!("{:06}", 100_000 + number % 900_000)
}

/// Scheme, host and port of a merchant on this machine; `None` for any other: the sandbox calls nobody else.
pub fn merchant_origin(return_url: &str) -> Option<String> {
    let url = Url::parse(return_url).ok()?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    (loopback && url.scheme() == "http" && url.path().contains(RETURNS)).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_merchant_on_this_machine_is_called_back() {
        assert_eq!(
            merchant_origin("http://localhost:8080/api/v1/bank-returns/bbva").as_deref(),
            Some("http://localhost:8080")
        );
        for other in [
            "http://portal.example/api/v1/bank-returns/bbva",
            "http://localhost:8080/health/live",
            "http://localhost.portal.example/api/v1/bank-returns/bbva",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(merchant_origin(other), None, "{other}");
        }
    }

    #[test]
    fn every_deed_has_its_own_button() {
        for deed in Deed::ALL {
            assert_eq!(Deed::parse(deed.as_str()), Some(deed));
            assert_eq!(Deed::ALL.iter().filter(|other| other.label() == deed.label()).count(), 1);
        }
    }
}
