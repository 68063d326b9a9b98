//! The banks of these histories: one that says what the test signs with its key, and a gateway that is asked and answers
//! what the test told it to.
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use api::App;
use api::payments::banks::{
    Bank, BankSilent, Banks, Bbva, BbvaSettings, Citibanamex, CitibanamexSettings, Clabe, HandOver, KeptRedirect, Order,
};
use api::payments::how::How;
use api::payments::model::{Intended, Reading, Source};
use aws_lc_rs::hmac;
use fiscal::{Amount, Currency};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;
use shared::payments::{BankCode, PaymentView, RedirectMethod};
use uuid::Uuid;

use super::super::{encode, field};
use super::steps::Word;
use crate::support::TestApp;

const KEY: &str = "llave de estas pruebas";
/// What nobody listens at.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A house with these banks, whose ERP may be the one that applies.
pub fn house(app: &TestApp, gateway: &Arc<Gateway>, on_erp: bool) -> App {
    let mut banks = Banks::default();
    let bbva = Bbva::new(BbvaSettings {
        origin: NOWHERE.into(),
        path: "/clb".into(),
        account: "7".into(),
        node: "0".into(),
        concept: "1".into(),
        key: KEY.into(),
    });
    banks.add_sandbox(BankCode::Bbva, Arc::new(bbva));
    let asked: Arc<dyn Bank> = gateway.clone();
    banks.add_sandbox(BankCode::Citibanamex, asked);
    banks.add_transfers(None, Clabe::parse("032180000118359719").unwrap());
    let mut config = (*app.app.config).clone();
    if on_erp {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    }
    App { banks: Arc::new(banks), config: config.into(), ..app.app.clone() }
}

/// One trip as its bank knows it.
#[derive(Debug, Clone)]
pub struct Trip {
    pub order: String,
    pub reference: String,
    pub amount: String,
}

impl Trip {
    /// One to the bank that is sent a form.
    pub fn of_form(payment: &PaymentView) -> Trip {
        let field = |name| field(payment, name);
        Trip { order: field("mp_order"), reference: field("mp_reference"), amount: field("mp_amount") }
    }

    pub fn attempt_id(&self) -> Uuid {
        Uuid::try_parse(&self.order).unwrap()
    }

    /// The bank's number of its money: no two trips' are one.
    pub fn number(&self) -> &str {
        &self.reference
    }

    /// The number of a second charge.
    fn other_number(&self) -> String {
        format!("9{}", &self.reference[1..])
    }

    fn less(&self) -> String {
        let amount = Amount::parse(&self.amount, Currency::Mxn).unwrap();
        Amount::new(amount.minor() - 1, Currency::Mxn).to_decimal_string()
    }

    /// What the bank that tells says, signed.
    pub fn said(&self, word: Word) -> String {
        let (amount, number, other, less) = (self.amount.as_str(), self.number(), self.other_number(), self.less());
        match word {
            Word::Paid => self.signed(amount, number, "00", KEY),
            Word::PaidAgain => self.signed(amount, &other, "00", KEY),
            Word::Refused => self.signed(amount, number, "51", KEY),
            // An authorization of zeros says that nothing is decided.
            Word::Pending => self.signed(amount, "000000", "00", KEY),
            Word::Less => self.signed(&less, number, "00", KEY),
            Word::Forged => self.signed(amount, number, "00", "otra llave"),
            Word::Undecided | Word::NotFound => unreachable!("only who is asked says {word:?}"),
        }
    }

    fn signed(&self, amount: &str, authorization: &str, response: &str, key: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let text = format!("{}{}{amount}{authorization}", self.order, self.reference);
        let signature = hex::encode(hmac::sign(&key, text.as_bytes()));
        encode(&[
            ("mp_order", self.order.as_str()),
            ("mp_reference", &self.reference),
            ("mp_amount", amount),
            ("mp_authorization", authorization),
            ("mp_response", response),
            ("mp_signature", &signature),
        ])
    }

    /// A line of the bank's file; each with a note of its own is a file of its own.
    pub fn line(&self, word: Word, note: usize) -> String {
        let less = self.less();
        let (said, amount) = match word {
            Word::Paid => ("pagado", self.amount.as_str()),
            Word::Refused => ("rechazado", self.amount.as_str()),
            Word::Less => ("pagado", less.as_str()),
            other => unreachable!("no file says {other:?}"),
        };
        let (order, reference, number) = (&self.order, &self.reference, self.number());
        let line = format!("{order},{reference},{amount},{number},{said},{note}");
        format!("orden,referencia,importe,autorizacion,estado,nota\n{line}\n")
    }

    /// What the gateway answers about it.
    fn answered(&self, word: Word) -> Vec<u8> {
        let id = if word == Word::Forged { "otra" } else { self.order.as_str() };
        let captured = |amount: &str, number: &str| {
            json!({ "id": id, "result": "SUCCESS", "status": "CAPTURED", "currency": "MXN", "amount": amount,
                    "transaction": number })
        };
        let stands = |result: &str, status: &str| json!({ "id": id, "result": result, "status": status });
        let answer = match word {
            Word::Paid | Word::Forged => captured(&self.amount, self.number()),
            Word::PaidAgain => captured(&self.amount, &self.other_number()),
            Word::Less => captured(&self.less(), self.number()),
            Word::Refused => stands("FAILURE", "FAILED"),
            Word::Pending => stands("PENDING", "PENDING"),
            Word::Undecided => stands("SUCCESS", "INITIATED"),
            Word::NotFound => stands("NOT_FOUND", ""),
        };
        serde_json::to_vec(&answer).unwrap()
    }
}

/// An order at the gateway, and what is said of it.
struct Kept {
    trip: Trip,
    answer: Option<Word>,
}

/// A gateway without a wire: the adapter reads its answers, the test gives them.
pub struct Gateway {
    adapter: Citibanamex,
    orders: Mutex<HashMap<String, Kept>>,
}

impl Gateway {
    pub fn new() -> Arc<Gateway> {
        let settings = CitibanamexSettings {
            origin: NOWHERE.into(),
            version: "100".into(),
            merchant: "TEST1".into(),
            password: "clave".into(),
        };
        let adapter = Citibanamex::new(settings).unwrap();
        Arc::new(Gateway { adapter, orders: Mutex::default() })
    }

    /// The trip that a payment's way leads to.
    pub fn trip(&self, payment: &PaymentView) -> Trip {
        let (_, order) = payment.redirect.as_ref().unwrap().action.rsplit_once('/').unwrap();
        self.orders.lock().unwrap()[order].trip.clone()
    }

    /// From now on it says this of a trip; `None`: nothing.
    pub fn answers(&self, trip: &Trip, word: Option<Word>) {
        self.orders.lock().unwrap().get_mut(&trip.order).unwrap().answer = word;
    }
}

impl Bank for Gateway {
    fn origin(&self) -> &str {
        NOWHERE
    }

    fn hand_over<'a>(&'a self, order: &'a Order<'a>) -> BoxFuture<'a, Result<HandOver, BankSilent>> {
        let intended = order.intended;
        let trip = Trip {
            order: intended.merchant_order.clone(),
            reference: intended.merchant_reference.clone(),
            amount: intended.amount_text.clone(),
        };
        let path = format!("/checkout/pay/{}", trip.order);
        self.orders.lock().unwrap().insert(trip.order.clone(), Kept { trip, answer: Some(Word::Undecided) });
        let redirect = KeptRedirect { method: RedirectMethod::Get, path, fields: Vec::new() };
        async move { Ok(HandOver { redirect, secret: Some("eco".into()) }) }.boxed()
    }

    fn read(&self, source: Source, raw: &[u8], intended: &Intended) -> Reading {
        self.adapter.read(source, raw, intended)
    }

    fn how(&self, source: Source, raw: &[u8]) -> How {
        self.adapter.how(source, raw)
    }

    fn poll<'a>(&'a self, intended: &'a Intended) -> BoxFuture<'a, Result<Option<Vec<u8>>, BankSilent>> {
        let orders = self.orders.lock().unwrap();
        let kept = &orders[&intended.merchant_order];
        let answer = kept.answer.map(|word| kept.trip.answered(word));
        async move { answer.map(Some).ok_or_else(|| BankSilent { reason: "silent".into() }) }.boxed()
    }
}
