//! Random histories of payments, on each engine, compared step by step with a world that is nothing but numbers
//! (`payments.md` 4.8). `VENTANILLA_TEST_SEQUENCES` makes more of them; a failure names its seed.
mod world;

use std::sync::Arc;

use api::App;
use api::http::RequestId;
use api::issuers::Scope;
use api::payments::banks::{Banks, Bbva, BbvaSettings};
use api::payments::evidence::{self, Message};
use api::payments::model::{Finding, Reading, Source};
use api::payments::operations;
use api::payments::service::{self, Key};
use api::payments::settlement::{self, Brought, Format};
use api::payments::{Asker, PaymentError, receivables, resource, trips};
use aws_lc_rs::hmac;
use fiscal::{Amount, Currency};
use shared::accounts::Me;
use shared::payments::{BankCode, CreatePayment, PaymentLine, PaymentView};
use uuid::Uuid;

use self::world::{Chance, World};
use super::{Person, encode, erp_says, issuer_and_customer, money_is_in_order, staff};
use crate::support::{TestApp, on_both};

const KEY: &str = "llave de estas pruebas";
const SEQUENCES: usize = 300;
const STEPS: usize = 9;
/// A trip's own time, and some more.
const PAST_DEADLINE_SECONDS: i64 = 31 * 60;

/// A house whose bank is the test's own hand.
fn house(app: &TestApp) -> App {
    let mut banks = Banks::default();
    let bbva = Bbva::new(BbvaSettings {
        origin: "http://127.0.0.1:9".into(),
        path: "/clb".into(),
        account: "7".into(),
        node: "0".into(),
        concept: "1".into(),
        key: KEY.into(),
    });
    banks.add_sandbox(BankCode::Bbva, Arc::new(bbva));
    App { banks: Arc::new(banks), ..app.app.clone() }
}

/// One trip as the bank knows it.
#[derive(Clone)]
struct Trip {
    order: String,
    reference: String,
    amount: String,
}

impl Trip {
    fn of(payment: &PaymentView) -> Trip {
        let field = |name| super::field(payment, name);
        Trip { order: field("mp_order"), reference: field("mp_reference"), amount: field("mp_amount") }
    }

    fn attempt_id(&self) -> Uuid {
        Uuid::try_parse(&self.order).unwrap()
    }

    /// What the bank says, signed; `None` for the authorization says nothing was.
    fn word(&self, amount: &str, authorization: &str, response: &str, key: &str) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let signed = format!("{}{}{amount}{authorization}", self.order, self.reference);
        let signature = hex::encode(hmac::sign(&key, signed.as_bytes()));
        encode(&[
            ("mp_order", self.order.as_str()),
            ("mp_reference", &self.reference),
            ("mp_amount", amount),
            ("mp_authorization", authorization),
            ("mp_response", response),
            ("mp_signature", &signature),
        ])
    }
}

/// Words that a bank, or somebody in its name, may say of a trip.
const WORDS: usize = 6;

fn say(trip: &Trip, word: usize) -> (String, Reading) {
    let amount = Amount::parse(&trip.amount, Currency::Mxn).unwrap();
    let less = Amount::new(amount.minor() - 1, Currency::Mxn);
    let paid = |transaction: &str, amount| Reading::Paid { transaction: transaction.into(), amount };
    match word {
        0 => (trip.word(&trip.amount, "804512", "00", KEY), paid("804512", amount)),
        1 => (trip.word(&trip.amount, "900001", "00", KEY), paid("900001", amount)),
        2 => (trip.word(&trip.amount, "804512", "51", KEY), Reading::Declined { transaction: Some("804512".into()) }),
        3 => (trip.word(&trip.amount, "000000", "00", KEY), Reading::Pending),
        4 => (trip.word(&less.to_decimal_string(), "804512", "00", KEY), paid("804512", less)),
        _ => (trip.word(&trip.amount, "804512", "00", "otra llave"), Reading::Untrusted { why: "signature" }),
    }
}

/// The house and the numbers beside it.
struct Run<'a> {
    app: &'a TestApp,
    house: App,
    scope: Scope,
    asker: Asker,
    name: String,
    world: World,
    receivables: Vec<Uuid>,
    payments: Vec<Uuid>,
    trips: Vec<Vec<Trip>>,
    files: usize,
}

impl<'a> Run<'a> {
    async fn begin(app: &'a TestApp, (scope, asker): (Scope, Asker), name: String, chance: &mut Chance) -> Run<'a> {
        let (mut world, mut ids) = (World::default(), Vec::new());
        for place in 0..2 {
            let total = i64::try_from(chance.below(90_000)).unwrap() + 1_000;
            erp_says(app, &format!("{name}-{place}"), total, None).await;
            world.open(total);
            let mut conn = app.app.db.read().await.unwrap();
            let found = receivables::find_external(&mut conn, scope, &format!("{name}-{place}")).await.unwrap();
            ids.push(found.unwrap().resource().unwrap().id);
        }
        // The house locks and pays in the order of ids, and so do the numbers.
        assert!(ids[0] < ids[1]);
        let house = house(app);
        Run { app, house, scope, asker, name, world, receivables: ids, payments: vec![], trips: vec![], files: 0 }
    }

    fn key<'k>(text: &'k str) -> Key<'k> {
        Key { text, request_sha256: [0; 32], request_id: RequestId::new(Uuid::from_u128(1)) }
    }

    async fn step(&mut self, chance: &mut Chance) -> String {
        self.app.clock.advance_seconds(1);
        let (kind, payment) = (chance.below(12), chance.below(self.payments.len().max(1)));
        if self.payments.is_empty() || kind == 0 {
            return self.order(chance).await;
        }
        let trip = chance.below(self.trips[payment].len());
        match kind {
            1..=4 => self.hear(payment, trip, chance.below(WORDS), chance.below(2) == 0).await,
            5 => self.line(payment, trip, chance.below(3)).await,
            6 => self.cancel(payment).await,
            7 => self.deadline(payment, trip).await,
            8 => self.again(payment).await,
            9 => self.decide(payment, chance.below(3)).await,
            10 => self.reverse(payment).await,
            _ => self.erp(chance).await,
        }
    }

    async fn order(&mut self, chance: &mut Chance) -> String {
        let wanted: Vec<usize> = (0..self.receivables.len()).filter(|_| chance.below(3) > 0).collect();
        let wanted = if wanted.is_empty() { vec![0] } else { wanted };
        let total: i64 = wanted.iter().map(|place| self.world.available(*place)).sum();
        let line = |place: &usize| PaymentLine {
            receivable_id: self.receivables[*place],
            pay_all: true,
            amount: None,
            currency: None,
        };
        let order = CreatePayment {
            issuer: "default".into(),
            bank: "bbva".into(),
            lines: wanted.iter().map(line).collect(),
            expected_total: Amount::new(total.max(1), Currency::Mxn).to_decimal_string(),
        };
        let key = format!("{}-o-{}", self.name, self.app.app.now());
        let saved = service::order(&self.house, &self.asker, &order.parse().unwrap(), &Self::key(&key)).await.unwrap();
        let expected = self.world.order(&wanted);
        assert_eq!(saved.status == 201, expected, "order of {wanted:?}");
        if expected {
            let view: PaymentView = serde_json::from_slice(&saved.body).unwrap();
            self.payments.push(view.id);
            self.trips.push(vec![Trip::of(&view)]);
        }
        format!("order {wanted:?}")
    }

    async fn hear(&mut self, payment: usize, trip: usize, word: usize, returned: bool) -> String {
        let (raw, reading) = say(&self.trips[payment][trip], word);
        let source = if returned { Source::Return } else { Source::Notice };
        let message = Message { bank: BankCode::Bbva, source, raw: raw.as_bytes(), from: "" };
        evidence::receive(&self.house, &message).await.unwrap();
        self.world.hear(payment, trip, (source.as_str(), word), &reading);
        format!("{} says word {word} of payment {payment}, trip {trip}", source.as_str())
    }

    async fn line(&mut self, payment: usize, trip: usize, word: usize) -> String {
        self.files += 1;
        let known = self.trips[payment][trip].clone();
        let amount = Amount::parse(&known.amount, Currency::Mxn).unwrap();
        let less = Amount::new(amount.minor() - 1, Currency::Mxn);
        let (said, told) = match word {
            0 => ("pagado", amount),
            1 => ("rechazado", amount),
            _ => ("pagado", less),
        };
        let table = format!(
            "orden,referencia,importe,autorizacion,estado,nota\n{},{},{},804512,{said},{}\n",
            known.order,
            known.reference,
            told.to_decimal_string(),
            self.files,
        );
        let name = format!("{}-{}.csv", self.name, self.files);
        let file = Brought { format: Format::Csv, bank: BankCode::Bbva, name: &name, bytes: table.as_bytes() };
        settlement::bring(&self.house, self.scope, &file, &staff()).await.unwrap();
        let transaction = "804512".to_owned();
        let reading = match word {
            1 => Reading::Declined { transaction: Some(transaction) },
            _ => Reading::Paid { transaction, amount: told },
        };
        self.world.hear(payment, trip, ("file", word), &reading);
        format!("a file says {said} {} of payment {payment}, trip {trip}", told.grouped())
    }

    async fn cancel(&mut self, payment: usize) -> String {
        let done = service::cancel(&self.house, &self.asker, self.payments[payment]).await;
        let expected = self.world.cancel(payment);
        // Giving up twice is once.
        assert_eq!(done.is_ok(), expected, "cancel: {done:?}");
        format!("cancel payment {payment}")
    }

    async fn deadline(&mut self, payment: usize, trip: usize) -> String {
        self.app.clock.advance_seconds(PAST_DEADLINE_SECONDS);
        api::payments::jobs::deadline(&self.house, self.trips[payment][trip].attempt_id()).await;
        self.world.deadline(payment, trip);
        format!("the time of payment {payment}, trip {trip} is over")
    }

    async fn again(&mut self, payment: usize) -> String {
        let key = format!("{}-a-{}", self.name, self.app.app.now());
        let order = (self.payments[payment], BankCode::Bbva);
        let done = trips::again(&self.house, &self.asker, order, &Self::key(&key)).await;
        match (done, self.world.again(payment)) {
            (Ok(saved), true) => {
                assert_eq!(saved.status, 201);
                let view: PaymentView = serde_json::from_slice(&saved.body).unwrap();
                self.trips[payment].push(Trip::of(&view));
            }
            (Ok(saved), false) => assert_eq!(saved.status, 409),
            (Err(PaymentError::NotRetryable), false) => {}
            (done, expected) => panic!("another trip: {:?}, expected {expected}", done.map(|saved| saved.status)),
        }
        format!("payment {payment} goes to the bank again")
    }

    async fn decide(&mut self, payment: usize, kind: usize) -> String {
        let amount = Amount::new(self.world.amount(payment), Currency::Mxn);
        let finding = match kind {
            0 => Finding::Arrived(amount),
            1 => Finding::Arrived(Amount::new(amount.minor() + 5, Currency::Mxn)),
            _ => Finding::NeverArrived,
        };
        let looked = (&finding, Some("700007"), "se revisó");
        let done = operations::decide(&self.house, self.scope, self.payments[payment], looked, &staff()).await;
        let expected = self.world.decide(payment, &finding);
        assert_eq!(done.is_ok(), expected, "{finding:?}: {done:?}");
        format!("staff find {finding:?} of payment {payment}")
    }

    async fn reverse(&mut self, payment: usize) -> String {
        let done = operations::reverse(&self.house, self.scope, self.payments[payment], "prueba", &staff()).await;
        let expected = self.world.reverse(payment);
        assert_eq!(done.ok(), expected, "reverse");
        format!("payment {payment} is taken back")
    }

    async fn erp(&mut self, chance: &mut Chance) -> String {
        let place = chance.below(self.receivables.len());
        let balance = i64::try_from(chance.below(3)).unwrap() * self.world.pending(place).max(0) / 2;
        erp_says(self.app, &format!("{}-{place}", self.name), balance, None).await;
        self.world.erp(place, balance);
        format!("the ERP counts {balance} on {place}")
    }

    /// Everything that can be seen is as the numbers say.
    async fn compare(&self, told: &str) {
        let mut conn = self.app.app.db.read().await.unwrap();
        let pesos = |minor: i64| Amount::new(minor, Currency::Mxn).to_decimal_string();
        for place in 0..self.receivables.len() {
            let found = receivables::find_external(&mut conn, self.scope, &format!("{}-{place}", self.name)).await;
            let found = found.unwrap().unwrap().resource().unwrap();
            let seen = (found.pending, found.in_transit, found.open);
            let pending = self.world.pending(place);
            let expected = (pesos(pending), pesos(self.world.reserved(place)), pending > 0);
            assert_eq!(seen, expected, "receivable {place} after: {told}");
        }
        for (place, id) in self.payments.iter().enumerate() {
            let found = resource::find(&mut conn, self.scope, *id).await.unwrap();
            let lines: Vec<_> =
                found.lines.iter().map(|line| (line.state.clone(), line.importe_pagado.clone())).collect();
            let seen = (found.state, found.unapplied, found.reversed_at.is_some(), lines);
            let (state, credit, reversed, lines) = self.world.seen(place);
            let lines: Vec<_> = lines.into_iter().map(|(state, paid)| (state.to_owned(), paid.map(pesos))).collect();
            assert_eq!(
                seen,
                (state.as_str().to_owned(), pesos(credit), reversed, lines),
                "payment {place} after: {told}"
            );
        }
    }
}

on_both!(random_histories_are_as_the_numbers_say, |app| {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("VENTANILLA_TEST_SEED").unwrap_or(20_261_122);
    let sequences = number("VENTANILLA_TEST_SEQUENCES").map_or(SEQUENCES, |count| usize::try_from(count).unwrap());
    let (scope, customer) = issuer_and_customer(app).await;
    let me: Me = Person::signs_in(app).await.get("/me").await.ok().json();
    let user_id = me.user_id;
    let asker = Asker { user_id, customer, may_pay: true, request_id: "r-1".into() };
    let mut chance = Chance::from(seed);
    for sequence in 0..sequences {
        let name = format!("S{sequence}");
        let mut run = Run::begin(app, (scope, asker.clone()), name, &mut chance).await;
        let mut told = vec![format!("seed {seed}, sequence {sequence}")];
        for _ in 0..=chance.below(STEPS) {
            told.push(run.step(&mut chance).await);
            run.compare(&told.join("; ")).await;
        }
    }
    money_is_in_order(app).await;
});
