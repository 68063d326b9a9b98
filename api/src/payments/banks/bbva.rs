//! BBVA Multipagos, dialect `clb`: a signed form to the bank, and a signed form back, by the browser and by the bank's
//! server.
//!
//! What the signature leaves open is closed here (`payments.md` 1.4): the answer's order, reference and amount must be
//! the stored bytes, the authorization must be a real one, and only then is the signature looked at and `mp_response`,
//! which it does not cover, read.
use aws_lc_rs::hmac;
use fiscal::{Amount, Currency, FormaPago};
use futures::FutureExt;
use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use shared::payments::{RedirectField, RedirectMethod};

use super::{Bank, BankSilent, Fields, HandOver, KeptRedirect, Order};
use crate::payments::how::How;
use crate::payments::model::{Intended, Reading, Source};

/// The bank's own limit.
const NAME_MAX_CHARS: usize = 50;
/// How answers say success.
const SUCCESS: [&str; 3] = ["00", "0", "000"];
const AUTHORIZATION_MAX: usize = 12;
/// Our orders and references as we write them: hexadecimal digits of the one, decimal ones of the other.
const ORDER_LEN: usize = 32;
const REFERENCE_LEN: usize = 12;

/// An account at Multipagos.
#[derive(Debug, Clone)]
pub struct BbvaSettings {
    /// Scheme, host and port.
    pub origin: String,
    /// What follows: `/clb/endpoint/COMERCIO`.
    pub path: String,
    /// `mp_account`.
    pub account: String,
    /// `mp_node`.
    pub node: String,
    /// `mp_concept`.
    pub concept: String,
    /// What both sides sign with.
    pub key: SecretString,
}

/// The adapter.
pub struct Bbva {
    settings: BbvaSettings,
    key: hmac::Key,
}

impl Bbva {
    /// Over an account.
    pub fn new(settings: BbvaSettings) -> Bbva {
        let key = hmac::Key::new(hmac::HMAC_SHA256, settings.key.expose_secret().as_bytes());
        Bbva { settings, key }
    }

    fn form(&self, order: &Order<'_>) -> Vec<RedirectField> {
        let intended = order.intended;
        let name: String = order.customer_name.chars().take(NAME_MAX_CHARS).collect();
        let signed = [&intended.merchant_order, &intended.merchant_reference, &intended.amount_text];
        let fields = [
            ("mp_account", self.settings.account.clone()),
            ("mp_product", "1".to_owned()),
            ("mp_order", intended.merchant_order.clone()),
            ("mp_reference", intended.merchant_reference.clone()),
            ("mp_node", self.settings.node.clone()),
            ("mp_concept", self.settings.concept.clone()),
            ("mp_amount", intended.amount_text.clone()),
            // Pesos; K29.
            ("mp_currency", "1".to_owned()),
            ("mp_customername", name),
            ("mp_email", String::new()),
            ("mp_phone", String::new()),
            ("mp_signature", sign(&self.key, &signed.map(String::as_str))),
            ("mp_urlsuccess", order.return_url.to_owned()),
            ("mp_urlfailure", order.return_url.to_owned()),
        ];
        fields.into_iter().map(|(name, value)| RedirectField { name: name.to_owned(), value }).collect()
    }

    fn judge(&self, fields: &Fields, intended: &Intended) -> Reading {
        let is = |name: &str, stored: &str| fields.only(name) == Some(stored);
        if !is("mp_order", &intended.merchant_order) {
            return Reading::Untrusted { why: "order" };
        }
        if !is("mp_reference", &intended.merchant_reference) {
            return Reading::Untrusted { why: "reference" };
        }
        let Some(said) = fields.only("mp_amount").and_then(amount) else {
            return Reading::Untrusted { why: "amount" };
        };
        let Some(authorization) = fields.only("mp_authorization").filter(|text| is_authorization(text)) else {
            return Reading::Untrusted { why: "authorization" };
        };
        let (Some(amount_text), Some(signature)) = (fields.only("mp_amount"), fields.only("mp_signature")) else {
            return Reading::Untrusted { why: "signature" };
        };
        let parts = [&intended.merchant_order, &intended.merchant_reference, amount_text, authorization];
        if !verifies(&self.key, &parts, signature) {
            return Reading::Untrusted { why: "signature" };
        }
        // Sources disagree on what all zeros mean; neither a payment nor a refusal is made of them.
        if authorization.bytes().all(|byte| byte == b'0') {
            return Reading::Pending;
        }
        match fields.only("mp_response") {
            Some(response) if SUCCESS.contains(&response) => {
                Reading::Paid { transaction: authorization.to_owned(), amount: said }
            }
            Some(_) => Reading::Declined { transaction: Some(authorization.to_owned()) },
            None => Reading::Untrusted { why: "response" },
        }
    }
}

impl Bank for Bbva {
    fn origin(&self) -> &str {
        &self.settings.origin
    }

    fn hand_over<'a>(&'a self, order: &'a Order<'a>) -> BoxFuture<'a, Result<HandOver, BankSilent>> {
        let (path, fields) = (self.settings.path.clone(), self.form(order));
        let redirect = KeptRedirect { method: RedirectMethod::Post, path, fields };
        futures::future::ready(Ok(HandOver { redirect, secret: None })).boxed()
    }

    fn read(&self, _: Source, raw: &[u8], intended: &Intended) -> Reading {
        self.judge(&Fields::parse(raw), intended)
    }

    fn how(&self, _: Source, raw: &[u8]) -> How {
        let fields = Fields::parse(raw);
        let said = |name: &str| fields.only(name).unwrap_or_default();
        let forma = forma_of_multipagos(said("mp_paymentmethod"), said("mp_cardtype"));
        // A reference for transfers between banks is in the answer of one alone.
        let between = (!said("mp_cieinter_reference").is_empty()).then_some(FormaPago::Transferencia);
        How::new(forma.or(between), fields.only("mp_date"))
    }

    fn is_signed(&self, raw: &[u8]) -> bool {
        let fields = Fields::parse(raw);
        let part = |name: &str| fields.only(name).unwrap_or_default();
        let (order, reference) = (part("mp_order"), part("mp_reference"));
        let (pesos, authorization) = (part("mp_amount"), part("mp_authorization"));
        // Nothing stored is there to compare with: of what is signed as one text, fixed widths alone say where each part
        // ends. Our own request is signed with the same key and carries no authorization: whoever pays holds it.
        is_ours(order, reference)
            && amount(pesos).is_some_and(|read| read.is_positive() && read.to_decimal_string() == pesos)
            && is_authorization(authorization)
            && verifies(&self.key, &[order, reference, pesos, authorization], part("mp_signature"))
    }

    /// No way to ask about a `clb` order is published; its file of payments says it the next day.
    fn poll<'a>(&'a self, _: &'a Intended) -> BoxFuture<'a, Result<Option<Vec<u8>>, BankSilent>> {
        futures::future::ready(Ok(None)).boxed()
    }
}

/// What Multipagos calls its ways of paying, as far as they say which form it was: a card's own kind, or a transfer from
/// another bank. `TDX` is any card of two brands, and `CIE` may be cash at a counter.
pub(crate) fn forma_of_multipagos(method: &str, card_type: &str) -> Option<FormaPago> {
    match card_type.trim() {
        "C" | "c" => return Some(FormaPago::TarjetaCredito),
        "D" | "d" => return Some(FormaPago::TarjetaDebito),
        _ => {}
    }
    let method: String = method.chars().filter(char::is_ascii_alphanumeric).collect();
    let method = method.to_ascii_uppercase();
    (method.starts_with("SPEI") || method.starts_with("CIEINTER")).then_some(FormaPago::Transferencia)
}

/// Two decimals, no separators: with one point and two digits after it, no byte can move between the amount and the
/// authorization that follows it in the signed text.
fn amount(text: &str) -> Option<Amount> {
    let (_, decimals) = text.split_once('.')?;
    (decimals.len() == 2).then(|| Amount::parse(text, Currency::Mxn).ok()).flatten()
}

/// The widths and digits of every order and reference that went to a bank from here.
fn is_ours(order: &str, reference: &str) -> bool {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    order.len() == ORDER_LEN
        && order.bytes().all(is_hex)
        && reference.len() == REFERENCE_LEN
        && reference.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_authorization(text: &str) -> bool {
    (1..=AUTHORIZATION_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The signature of Multipagos: the parts run together, HMAC-SHA256, hexadecimal in lower case.
pub(crate) fn sign(key: &hmac::Key, parts: &[&str]) -> String {
    hex::encode(hmac::sign(key, parts.concat().as_bytes()))
}

/// In constant time; capitals of the hexadecimal do not count.
fn verifies(key: &hmac::Key, parts: &[&str], signature: &str) -> bool {
    let mut bytes = [0; 32];
    hex::decode_to_slice(signature, &mut bytes).is_ok() && hmac::verify(key, parts.concat().as_bytes(), &bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use shared::payments::BankCode;

    const KEY: &str = "llave-de-prueba-0001";

    fn bank() -> Bbva {
        Bbva::new(BbvaSettings {
            origin: "https://banco.example".into(),
            path: "/clb/endpoint/colibri".into(),
            account: "7".into(),
            node: "0".into(),
            concept: "1".into(),
            key: KEY.into(),
        })
    }

    fn intended() -> Intended {
        Intended {
            attempt_id: Uuid::from_u128(1),
            bank: BankCode::Bbva,
            merchant_order: "PO-000042".into(),
            merchant_reference: "REF000000421".into(),
            amount_text: "15230.50".into(),
            amount: Amount::new(1_523_050, Currency::Mxn),
            bank_secret: None,
        }
    }

    /// An answer with this authorization, signed with the key over its own amount.
    fn answer(amount: &str, authorization: &str, response: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
        let signature = sign(&key, &["PO-000042", "REF000000421", amount, authorization]);
        format!(
            "mp_order=PO-000042&mp_reference=REF000000421&mp_amount={amount}&mp_authorization={authorization}\
             &mp_response={response}&mp_signature={signature}"
        )
    }

    /// 1.4, holes 2 and 3: no order is known whose bytes the message must be.
    #[test]
    fn a_message_about_any_order_is_known_by_its_key_and_our_own_request_is_none() {
        let order = "019a8c3e5d0071b2a4f6e8d0c2b4a691";
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
        let signature = |authorization: &str| sign(&key, &[order, "000000004201", "15230.50", authorization]);
        let is_signed = |[order, reference, amount, authorization]: [&str; 4], signature: &str| {
            let message = format!(
                "mp_order={order}&mp_reference={reference}&mp_amount={amount}&mp_authorization={authorization}\
                 &mp_response=00&mp_signature={signature}"
            );
            bank().is_signed(message.as_bytes())
        };
        let good = signature("804512");
        assert!(is_signed([order, "000000004201", "15230.50", "804512"], &good));
        for (what, parts) in [
            ("another amount", [order, "000000004201", "15230.51", "804512"]),
            ("from order to reference", [&order[..31], "1000000004201", "15230.50", "804512"]),
            ("from reference to order", [&format!("{order}0"), "00000004201", "15230.50", "804512"]),
            ("the whole border moved", [&order[..31], "100000000420", "115230.50", "804512"]),
            ("from reference to amount", [order, "00000000420", "115230.50", "804512"]),
            ("from amount to reference", [order, "0000000042011", "5230.50", "804512"]),
            ("from amount to authorization", [order, "000000004201", "15230.", "50804512"]),
            ("one decimal", [order, "000000004201", "15230.5", "0804512"]),
            ("three decimals", [order, "000000004201", "15230.508", "04512"]),
        ] {
            assert!(!is_signed(parts, &good), "{what}");
        }
        assert!(!is_signed([order, "000000004201", "15230.50", ""], &signature("")), "our own request");
        for (what, parts) in [
            ("an order of another shape", ["PO-000042", "000000004201", "15230.50", "804512"]),
            ("a zero before the amount", [order, "000000004201", "015230.50", "804512"]),
            ("nothing paid", [order, "000000004201", "0.00", "804512"]),
            ("signs in the authorization", [order, "000000004201", "15230.50", "80-512"]),
        ] {
            assert!(!is_signed(parts, &sign(&key, &parts)), "{what}");
        }
        assert!(!bank().is_signed(b"") && !bank().is_signed(b"mp_signature="));
    }

    fn read(message: &str) -> Reading {
        bank().read(Source::Return, message.as_bytes(), &intended())
    }

    #[test]
    fn the_published_vectors_verify() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
        let request = sign(&key, &["PO-000042", "REF000000421", "15230.50"]);
        assert_eq!(request, "936448444292a20e717304cc8e10c753dd814a4c0b0230b0ecc0124ae210e2fb");
        let answer = sign(&key, &["PO-000042", "REF000000421", "15230.50", "804512"]);
        assert_eq!(answer, "c4dc3f3b5c877de821a4de21618401a80466a101350bb325862deb0398a8f0c9");
    }

    #[test]
    fn a_real_authorization_over_the_stored_amount_is_a_payment() {
        let paid = Reading::Paid { transaction: "804512".into(), amount: Amount::new(1_523_050, Currency::Mxn) };
        for response in SUCCESS {
            assert_eq!(read(&answer("15230.50", "804512", response)), paid);
        }
        let upper = answer("15230.50", "804512", "00").replace("c4dc3f3b", "C4DC3F3B").replace("mp_order", "MP_Order");
        assert_eq!(read(&upper), paid);
    }

    /// 1.4, hole 2: the payer's browser holds this very signature in the form it was sent to the bank with.
    #[test]
    fn p1_the_requests_own_signature_proves_nothing() {
        let forged = answer("15230.50", "", "00");
        assert!(forged.contains("936448444292a20e717304cc8e10c753dd814a4c0b0230b0ecc0124ae210e2fb"));
        assert_eq!(read(&forged), Reading::Untrusted { why: "authorization" });
    }

    #[test]
    fn zeros_are_in_process_whatever_the_response_says() {
        for response in ["00", "05", "51"] {
            assert_eq!(read(&answer("15230.50", "000000", response)), Reading::Pending);
        }
    }

    #[test]
    fn a_refusal_is_one() {
        let declined = Reading::Declined { transaction: Some("804512".into()) };
        assert_eq!(read(&answer("15230.50", "804512", "51")), declined);
    }

    /// 1.4, hole 3: one byte moved over the border of amount and authorization keeps the signed text.
    #[test]
    fn p1_bytes_cannot_move_between_fields() {
        let moved = answer("15230.50", "804512", "00")
            .replace("mp_amount=15230.50", "mp_amount=15230.508")
            .replace("mp_authorization=804512", "mp_authorization=04512");
        assert_eq!(read(&moved), Reading::Untrusted { why: "amount" });
        let other = answer("15230.50", "804512", "00").replace("REF000000421", "REF00000042");
        assert_eq!(read(&other), Reading::Untrusted { why: "reference" });
    }

    #[test]
    fn p2_another_amount_that_the_bank_signed_is_told_as_it_is() {
        let paid = Reading::Paid { transaction: "804512".into(), amount: Amount::new(100, Currency::Mxn) };
        assert_eq!(read(&answer("1.00", "804512", "00")), paid);
    }

    #[test]
    fn the_kind_of_card_and_the_hour_are_told_and_what_is_not_said_is_not_guessed() {
        let good = answer("15230.50", "804512", "00");
        let how = |more: &str| bank().how(Source::Notice, format!("{good}{more}").as_bytes());
        let code = |more: &str| how(more).forma.map(FormaPago::code);
        assert_eq!(code("&mp_paymentMethod=TDX&mp_cardType=C"), Some("04"));
        assert_eq!(code("&mp_paymentmethod=TDX&mp_cardtype=D"), Some("28"));
        assert_eq!(code("&mp_paymentMethod=SPEI"), Some("03"));
        assert_eq!(code("&mp_paymentMethod=CIE_INTER&mp_cieinter_reference=77"), Some("03"));
        assert_eq!(code("&mp_cieinter_reference=77"), Some("03"));
        for nothing in
            ["", "&mp_paymentMethod=TDX", "&mp_paymentMethod=CIE", "&mp_cardType=X", "&mp_cardType=C&mp_cardType=D"]
        {
            assert_eq!(code(nothing), None, "{nothing}");
        }
        let at = how("&mp_date=2026-11-18+13%3A04%3A05.0");
        assert_eq!(at.given.as_deref(), Some("2026-11-18 13:04:05.0"));
        assert_eq!(at.at.unwrap().jiff().to_string(), "2026-11-18T19:04:05Z");
    }

    #[test]
    fn p1_whatever_is_missing_doubled_or_altered_is_not_the_banks_word() {
        let good = answer("15230.50", "804512", "00");
        for (what, message) in [
            ("signature altered", good.replace("c4dc3f3b", "c4dc3f3c")),
            ("signature missing", good.replace("mp_signature", "mp_firma")),
            ("signature empty", format!("{}&mp_signature=", good.split("&mp_signature").next().unwrap())),
            ("response missing", good.replace("mp_response", "mp_otra")),
            ("amount doubled", format!("{good}&mp_amount=15230.50")),
            ("authorization too long", answer("15230.50", "8045128045128", "00")),
            ("authorization of signs", answer("15230.50", "80-512", "00")),
            ("nothing", String::new()),
        ] {
            assert!(matches!(read(&message), Reading::Untrusted { .. }), "{what}: {:?}", read(&message));
        }
        let other_key = Bbva::new(BbvaSettings { key: "otra".into(), ..bank().settings });
        let reading = other_key.read(Source::Notice, good.as_bytes(), &intended());
        assert_eq!(reading, Reading::Untrusted { why: "signature" });
    }
}
