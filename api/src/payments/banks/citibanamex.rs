//! Citibanamex by the Mastercard gateway's hosted checkout: a session asked for with our server's own credentials, the
//! browser sent to the gateway's page, and the order asked for afterwards.
//!
//! What the browser and the gateway's notices say only hints; nothing is believed but the answer to our own question
//! (`payments.md` 2.2). Of that answer only what is read is kept: no card data reaches a row.
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use fiscal::{Amount, Currency, FormaPago};
use futures::FutureExt;
use futures::future::BoxFuture;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};
use shared::payments::RedirectMethod;

use super::{Bank, BankSilent, Fields, HandOver, KeptRedirect, Order};
use crate::payments::how::How;
use crate::payments::model::{Intended, Reading, Source};

/// The field of our own return address that names the order; the gateway adds its own behind it.
pub const ORDER_FIELD: &str = "order";
/// What the gateway echoes to a browser that paid.
const INDICATOR_FIELD: &str = "resultindicator";
/// Longest session number put into an address.
const SESSION_MAX: usize = 64;
/// Longest answer read.
const ANSWER_MAX_BYTES: usize = 512 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(5);
const ANSWER_TIME: Duration = Duration::from_secs(12);
/// States of an order that end it without money.
const REFUSED: [&str; 4] = ["FAILED", "CANCELLED", "EXPIRED", "DECLINED"];

/// An account at the gateway.
#[derive(Debug, Clone)]
pub struct CitibanamexSettings {
    /// Scheme, host and port.
    pub origin: String,
    /// Version of the API, a part of its addresses.
    pub version: String,
    /// Merchant id.
    pub merchant: String,
    /// API password.
    pub password: SecretString,
}

/// The adapter.
pub struct Citibanamex {
    settings: CitibanamexSettings,
    client: reqwest::Client,
}

/// What is kept of the gateway's answer about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    #[serde(default)]
    id: String,
    #[serde(default)]
    result: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    currency: String,
    /// As text: an amount is never calculated with as a float.
    #[serde(default)]
    amount: String,
    #[serde(default)]
    transaction: String,
    /// What kind of card it was, and nothing more of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    funding: String,
    /// When the money was taken.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    paid_at: String,
}

#[derive(Deserialize)]
struct Session {
    session: SessionId,
    #[serde(rename = "successIndicator")]
    success_indicator: String,
}

#[derive(Deserialize)]
struct SessionId {
    id: String,
}

#[derive(Deserialize)]
struct RetrievedOrder {
    #[serde(default)]
    id: String,
    #[serde(default)]
    result: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    currency: String,
    #[serde(rename = "totalCapturedAmount")]
    captured: Option<Number>,
    #[serde(default)]
    transaction: Vec<Step>,
    /// In whatever shape: an answer about money is not refused for what it says of a card.
    #[serde(rename = "sourceOfFunds", default)]
    funds: Value,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    result: String,
    #[serde(default)]
    transaction: StepNumbers,
    #[serde(rename = "timeOfRecord", default)]
    at: Value,
    #[serde(rename = "sourceOfFunds", default)]
    funds: Value,
}

#[derive(Default, Deserialize)]
struct StepNumbers {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(rename = "authorizationCode")]
    authorization_code: Option<String>,
    receipt: Option<String>,
}

fn silent(reason: impl ToString) -> BankSilent {
    BankSilent { reason: reason.to_string() }
}

impl Citibanamex {
    /// Connects nothing yet.
    pub fn new(settings: CitibanamexSettings) -> reqwest::Result<Citibanamex> {
        let https = settings.origin.starts_with("https:");
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(ANSWER_TIME)
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .https_only(https);
        if !https {
            // The sandbox speaks plain HTTP on this machine.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        Ok(Citibanamex { settings, client: builder.build()? })
    }

    fn address(&self, rest: &str) -> String {
        let CitibanamexSettings { origin, version, merchant, .. } = &self.settings;
        format!("{origin}/api/rest/version/{version}/merchant/{merchant}/{rest}")
    }

    /// The status and the body, up to a limit.
    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), BankSilent> {
        let user = format!("merchant.{}", self.settings.merchant);
        let request = request.basic_auth(user, Some(self.settings.password.expose_secret()));
        let mut response = request.send().await.map_err(|error| silent(error.without_url()))?;
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| silent(error.without_url()))? {
            if body.len().saturating_add(piece.len()) > ANSWER_MAX_BYTES {
                return Err(silent("an answer beyond the limit"));
            }
            body.extend_from_slice(&piece);
        }
        Ok((response.status().as_u16(), body))
    }

    async fn open_session(&self, order: &Order<'_>) -> Result<HandOver, BankSilent> {
        let intended = order.intended;
        let return_url = format!("{}?{ORDER_FIELD}={}", order.return_url, intended.merchant_order);
        let mut body = json!({
            "apiOperation": "INITIATE_CHECKOUT",
            "interaction": {
                "operation": "PURCHASE",
                "returnUrl": return_url,
                "merchant": { "name": order.issuer_name },
            },
            "order": {
                "id": intended.merchant_order,
                "reference": intended.merchant_reference,
                "amount": intended.amount_text,
                "currency": intended.amount.currency().code(),
                "description": intended.merchant_reference,
            },
        });
        if order.notice_url.starts_with("https:") {
            body["order"]["notificationUrl"] = json!(order.notice_url);
        }
        let (status, answer) = self.send(self.client.post(self.address("session")).json(&body)).await?;
        if !(200..300).contains(&status) {
            return Err(silent(format!("a session was refused with {status}")));
        }
        let Session { session, success_indicator } = serde_json::from_slice(&answer).map_err(silent)?;
        let plain = session.id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if session.id.is_empty() || session.id.len() > SESSION_MAX || !plain {
            return Err(silent("a session without a usable number"));
        }
        let path = format!("/checkout/pay/{}?checkoutVersion=1.0.0", session.id);
        let redirect = KeptRedirect { method: RedirectMethod::Get, path, fields: Vec::new() };
        Ok(HandOver { redirect, secret: Some(success_indicator) })
    }

    async fn retrieve(&self, intended: &Intended) -> Result<Option<Vec<u8>>, BankSilent> {
        let address = self.address(&format!("order/{}", intended.merchant_order));
        let (status, body) = self.send(self.client.get(address)).await?;
        let answer = match status {
            200 => read_order(&body).map_err(silent)?,
            404 => Answer { result: "NOT_FOUND".into(), ..empty(&intended.merchant_order) },
            other => return Err(silent(format!("the order was not told: {other}"))),
        };
        serde_json::to_vec(&answer).map(Some).map_err(silent)
    }
}

fn empty(order: &str) -> Answer {
    let nothing = String::new;
    Answer {
        id: order.to_owned(),
        result: nothing(),
        status: nothing(),
        currency: nothing(),
        amount: nothing(),
        transaction: nothing(),
        funding: nothing(),
        paid_at: nothing(),
    }
}

fn read_order(body: &[u8]) -> serde_json::Result<Answer> {
    let order: RetrievedOrder = serde_json::from_slice(body)?;
    let paid = order
        .transaction
        .iter()
        .rev()
        .find(|step| step.result == "SUCCESS" && matches!(step.transaction.kind.as_str(), "PAYMENT" | "CAPTURE"));
    let paid_at = paid.and_then(|step| step.at.as_str()).unwrap_or_default().to_owned();
    let funding = paid.and_then(|step| kind_of_card(&step.funds)).or_else(|| kind_of_card(&order.funds));
    let funding = funding.unwrap_or_default().to_owned();
    let number = paid
        .map(|step| &step.transaction)
        .and_then(|numbers| numbers.authorization_code.clone().or_else(|| numbers.receipt.clone()));
    Ok(Answer {
        id: order.id,
        result: order.result,
        status: order.status,
        currency: order.currency,
        amount: order.captured.map(|amount| amount.to_string()).unwrap_or_default(),
        transaction: number.unwrap_or_default(),
        funding,
        paid_at,
    })
}

/// Of a card, the one thing that is kept of it.
fn kind_of_card(funds: &Value) -> Option<&str> {
    funds.pointer("/provided/card/fundingMethod")?.as_str()
}

/// A charge card is the SAT's "tarjeta de servicios".
fn forma(funding: &str) -> Option<FormaPago> {
    match funding {
        "CREDIT" => Some(FormaPago::TarjetaCredito),
        "DEBIT" => Some(FormaPago::TarjetaDebito),
        "CHARGE" => Some(FormaPago::TarjetaServicios),
        _ => None,
    }
}

fn judge(raw: &[u8], intended: &Intended) -> Reading {
    let Ok(answer) = serde_json::from_slice::<Answer>(raw) else { return Reading::Untrusted { why: "answer" } };
    if answer.id != intended.merchant_order {
        return Reading::Untrusted { why: "order" };
    }
    match (answer.result.as_str(), answer.status.as_str()) {
        ("NOT_FOUND", _) => Reading::NotFound,
        ("SUCCESS", "CAPTURED") => match captured(&answer) {
            Some(amount) if !answer.transaction.is_empty() => Reading::Paid { transaction: answer.transaction, amount },
            _ => Reading::Pending,
        },
        (_, status) if REFUSED.contains(&status) => Reading::Declined { transaction: None },
        (_, "PENDING") => Reading::Pending,
        // The payer is still at the gateway's page.
        _ => Reading::Hint,
    }
}

/// The gateway writes amounts as JSON numbers: `36870.8`.
fn captured(answer: &Answer) -> Option<Amount> {
    Amount::parse(&answer.amount, Currency::parse(&answer.currency).ok()?).ok()
}

impl Bank for Citibanamex {
    fn origin(&self) -> &str {
        &self.settings.origin
    }

    fn hand_over<'a>(&'a self, order: &'a Order<'a>) -> BoxFuture<'a, Result<HandOver, BankSilent>> {
        self.open_session(order).boxed()
    }

    fn read(&self, source: Source, raw: &[u8], intended: &Intended) -> Reading {
        match source {
            Source::Poll => judge(raw, intended),
            Source::Notice => Reading::Hint,
            // The gateway gives no files.
            Source::File => Reading::Untrusted { why: "file" },
            Source::Return => {
                let secret = intended.bank_secret.as_deref().unwrap_or_default();
                match Fields::parse(raw).only(INDICATOR_FIELD) {
                    Some(said) if verify_slices_are_equal(said.as_bytes(), secret.as_bytes()).is_err() => {
                        Reading::Untrusted { why: "indicator" }
                    }
                    // Without one the payer gave up at the gateway's page, perhaps after paying in another tab.
                    _ => Reading::Hint,
                }
            }
        }
    }

    /// Only our own question is answered with anything to believe.
    fn how(&self, source: Source, raw: &[u8]) -> How {
        match serde_json::from_slice::<Answer>(raw) {
            Ok(answer) if source == Source::Poll => How::new(forma(&answer.funding), Some(&answer.paid_at)),
            _ => How::default(),
        }
    }

    fn poll<'a>(&'a self, intended: &'a Intended) -> BoxFuture<'a, Result<Option<Vec<u8>>, BankSilent>> {
        self.retrieve(intended).boxed()
    }
}

#[cfg(test)]
mod tests {
    use shared::payments::BankCode;
    use uuid::Uuid;

    use super::*;

    fn bank() -> Citibanamex {
        let settings = CitibanamexSettings {
            origin: "http://127.0.0.1:1".into(),
            version: "100".into(),
            merchant: "TEST1".into(),
            password: "clave".into(),
        };
        Citibanamex::new(settings).unwrap()
    }

    fn intended() -> Intended {
        Intended {
            attempt_id: Uuid::from_u128(1),
            bank: BankCode::Citibanamex,
            merchant_order: "0a1b".into(),
            merchant_reference: "000000000228".into(),
            amount_text: "36870.80".into(),
            amount: Amount::new(3_687_080, Currency::Mxn),
            bank_secret: Some("c0ffee".into()),
        }
    }

    fn order(status: &str, captured: &str, currency: &str) -> Reading {
        let body = format!(
            r#"{{"id":"0a1b","result":"SUCCESS","status":"{status}","currency":"{currency}","totalCapturedAmount":{captured},
            "sourceOfFunds":{{"provided":{{"card":{{"number":"512345xxxxxx0008"}}}}}},
            "transaction":[{{"result":"SUCCESS","transaction":{{"type":"AUTHENTICATION"}}}},
                {{"result":"SUCCESS","transaction":{{"type":"PAYMENT","authorizationCode":"063197"}}}}]}}"#
        );
        let kept = serde_json::to_vec(&read_order(body.as_bytes()).unwrap()).unwrap();
        assert!(!String::from_utf8_lossy(&kept).contains("512345"), "no card data is kept");
        bank().read(Source::Poll, &kept, &intended())
    }

    #[test]
    fn only_a_captured_order_is_a_payment() {
        let amount = Amount::new(3_687_080, Currency::Mxn);
        assert_eq!(order("CAPTURED", "36870.8", "MXN"), Reading::Paid { transaction: "063197".into(), amount });
        assert_eq!(order("AUTHENTICATED", "0", "MXN"), Reading::Hint);
        assert_eq!(order("FAILED", "0", "MXN"), Reading::Declined { transaction: None });
        assert_eq!(order("PENDING", "0", "MXN"), Reading::Pending);
    }

    #[test]
    fn the_kind_of_card_is_told_and_nothing_else_of_it_is_kept() {
        let told = |kind: &str| {
            let body = format!(
                r#"{{"id":"0a1b","result":"SUCCESS","status":"CAPTURED","currency":"MXN","totalCapturedAmount":1,
                "sourceOfFunds":{{"type":"CARD","provided":{{"card":{{"brand":"VISA","nameOnCard":"LUCIA",
                    "expiry":{{"month":"5"}},"number":"512345xxxxxx0008"{kind}}}}}}},
                "transaction":[{{"result":"SUCCESS","timeOfRecord":"2026-11-18T19:04:05.066Z",
                    "transaction":{{"type":"PAYMENT","authorizationCode":"063197"}}}}]}}"#
            );
            let kept = serde_json::to_vec(&read_order(body.as_bytes()).unwrap()).unwrap();
            let text = String::from_utf8_lossy(&kept).into_owned();
            assert!(["512345", "LUCIA", "VISA"].iter().all(|of_card| !text.contains(of_card)), "{text}");
            bank().how(Source::Poll, &kept)
        };
        for (kind, code) in [("CREDIT", Some("04")), ("DEBIT", Some("28")), ("CHARGE", Some("29")), ("UNKNOWN", None)] {
            let how = told(&format!(r#","fundingMethod":"{kind}""#));
            assert_eq!(how.forma.map(FormaPago::code), code, "{kind}");
            assert_eq!(how.at.map(|at| at.jiff().as_second()), Some(1_795_028_645));
        }
        assert_eq!(told("").forma, None);
        assert_eq!(bank().how(Source::Return, br#"{"funding":"CREDIT"}"#), How::default());
    }

    #[test]
    fn p2_another_amount_or_currency_is_told_as_it_is() {
        let paid =
            |minor, currency| Reading::Paid { transaction: "063197".into(), amount: Amount::new(minor, currency) };
        assert_eq!(order("CAPTURED", "1", "MXN"), paid(100, Currency::Mxn));
        assert_eq!(order("CAPTURED", "36870.8", "USD"), paid(3_687_080, Currency::Usd));
    }

    #[test]
    fn p5_a_browser_and_a_notice_only_hint() {
        let read = |source, raw: &str| bank().read(source, raw.as_bytes(), &intended());
        assert_eq!(read(Source::Return, "order=0a1b&resultIndicator=c0ffee"), Reading::Hint);
        assert_eq!(read(Source::Return, "order=0a1b"), Reading::Hint);
        let forged = read(Source::Return, "order=0a1b&resultIndicator=otro");
        assert_eq!(forged, Reading::Untrusted { why: "indicator" });
        assert_eq!(read(Source::Notice, "order=0a1b"), Reading::Hint);
        assert_eq!(read(Source::Poll, "{}"), Reading::Untrusted { why: "order" });
    }
}
