//! Random histories of payments, on each engine, compared step by step with a world that is nothing but numbers
//! (`payments.md` 4.8). `VENTANILLA_TEST_SEQUENCES` makes more of them; a failure names its seed, and
//! `VENTANILLA_TEST_SEED` repeats it.
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::App;
use api::http::RequestId;
use api::issuers::Scope;
use api::payments::banks::{Banks, Bbva, BbvaSettings};
use api::payments::evidence::{self, Message};
use api::payments::model::{Finding, Reading, Source};
use api::payments::operations::{self, Looked};
use api::payments::service::{self, Key};
use api::payments::settlement::{self, Brought, Format};
use api::payments::{Asker, PaymentError, receivables, resource, trips};
use aws_lc_rs::hmac;
use fiscal::{Amount, Currency, Rate};
use shared::accounts::Me;
use shared::payments::{BankCode, CreatePayment, PaymentLine, PaymentOrder, PaymentView};
use uuid::Uuid;

use self::world::{Chance, Wanted, World};
use super::{Person, encode, erp_says, issuer_and_customer, money_is_in_order, staff};
use crate::support::{TestApp, on_both};

const KEY: &str = "llave de estas pruebas";
const SEQUENCES: usize = 300;
const STEPS: usize = 9;
/// What is owed in dollars is paid at this (K24).
const RATE: &str = "18.886880";
/// A trip's own time, and some more.
const PAST_DEADLINE_SECONDS: i64 = 31 * 60;

/// A house whose bank is the test's own hand, and whose ERP may be the one that applies.
fn house(app: &TestApp, on_erp: bool) -> App {
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
    let mut config = (*app.app.config).clone();
    if on_erp {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    }
    App { banks: Arc::new(banks), config: config.into(), ..app.app.clone() }
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

    /// The bank's number of its money: no two trips' are one.
    fn number(&self) -> &str {
        &self.reference
    }

    /// The number of a second charge.
    fn other_number(&self) -> String {
        format!("9{}", &self.reference[1..])
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
    let (number, other) = (trip.number(), trip.other_number());
    match word {
        0 => (trip.word(&trip.amount, number, "00", KEY), paid(number, amount)),
        1 => (trip.word(&trip.amount, &other, "00", KEY), paid(&other, amount)),
        2 => (trip.word(&trip.amount, number, "51", KEY), Reading::Declined { transaction: Some(number.into()) }),
        3 => (trip.word(&trip.amount, "000000", "00", KEY), Reading::Pending),
        4 => (trip.word(&less.to_decimal_string(), number, "00", KEY), paid(number, less)),
        _ => (trip.word(&trip.amount, number, "00", "otra llave"), Reading::Untrusted { why: "signature" }),
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
    told: Told,
}

/// What happened, for whoever reads of a failure.
struct Told(Vec<String>);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0.join("\n  "));
        }
    }
}

/// The first receivable is in pesos, the second in dollars.
fn rate_of(place: usize) -> Option<&'static str> {
    (place == 1).then_some(RATE)
}

impl<'a> Run<'a> {
    async fn begin(
        app: &'a TestApp,
        (scope, asker): (Scope, Asker),
        (name, told): (String, Told),
        chance: &mut Chance,
    ) -> Run<'a> {
        let (mut world, mut ids) = (World::default(), Vec::new());
        for place in 0..2 {
            let total = i64::try_from(chance.below(90_000)).unwrap() + 1_000;
            // Ids of one millisecond have no order.
            app.clock.advance_seconds(1);
            erp_says(app, &format!("{name}-{place}"), total, rate_of(place)).await;
            world.open(total, rate_of(place).map(|rate| Rate::parse(rate).unwrap()));
            let mut conn = app.app.db.read().await.unwrap();
            let found = receivables::find_external(&mut conn, scope, &format!("{name}-{place}")).await.unwrap();
            ids.push(found.unwrap().resource().unwrap().id);
        }
        // The house locks and pays in the order of ids, and so do the numbers.
        assert!(ids[0] < ids[1]);
        let on_erp = chance.below(3) == 0;
        if on_erp {
            world.waits_for_its_erp();
        }
        let house = house(app, on_erp);
        Run { app, house, scope, asker, name, world, receivables: ids, payments: vec![], trips: vec![], files: 0, told }
    }

    fn key(text: &str) -> Key<'_> {
        Key { text, request_sha256: [0; 32], request_id: RequestId::new(Uuid::from_u128(1)) }
    }

    /// Time passes, for the house and for the numbers.
    fn pass(&mut self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
        self.world.pass(seconds);
    }

    async fn step(&mut self, chance: &mut Chance) -> String {
        self.pass(1);
        let (kind, payment) = (chance.below(14), chance.below(self.payments.len().max(1)));
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
            9 => self.decide(payment, trip, chance.below(3)).await,
            10 => self.reverse(payment).await,
            11 => self.refund(payment).await,
            12 => self.apply(payment).await,
            _ => self.erp(chance).await,
        }
    }

    async fn order(&mut self, chance: &mut Chance) -> String {
        let mut wanted: Vec<Wanted> = Vec::new();
        for place in 0..self.receivables.len() {
            if chance.below(3) > 0 || (place == 1 && wanted.is_empty()) {
                let available = self.world.available(place);
                let part = i64::try_from(chance.below(usize::try_from(available).unwrap() + 1)).unwrap();
                let minor = if chance.below(2) == 0 || part == 0 { available } else { part };
                // Some centavos more or less come to the same cents of a dollar.
                let near = self.world.pesos(place, minor) + i64::try_from(chance.below(17)).unwrap() - 8;
                let typed = (rate_of(place).is_some() && minor < available && chance.below(2) == 0).then_some(near);
                wanted.push(Wanted { place, minor, typed });
            }
        }
        let order = self.spelled(&wanted);
        let text = format!("{}-o-{}", self.name, self.app.app.now());
        let key = Self::key(&text);
        let saved = service::order(&self.house, &self.asker, &order, &key).await.unwrap();
        let expected = self.world.order(&wanted);
        assert_eq!(saved.status == 201, expected, "order of {wanted:?}");
        // P8: the same key is the same payment, and of another body it is refused.
        let again = service::order(&self.house, &self.asker, &order, &key).await.unwrap();
        assert!((again.status, &again.body) == (saved.status, &saved.body), "P8");
        let other = service::order(&self.house, &self.asker, &order, &Key { request_sha256: [1; 32], ..key }).await;
        assert!(matches!(other, Err(PaymentError::KeyReused)), "P8");
        if expected {
            let view: PaymentView = serde_json::from_slice(&saved.body).unwrap();
            self.payments.push(view.id);
            self.trips.push(vec![Trip::of(&view)]);
        }
        format!("order {wanted:?}")
    }

    fn spelled(&self, wanted: &[Wanted]) -> PaymentOrder {
        let line = |wanted: &Wanted| {
            let pay_all = wanted.minor == self.world.available(wanted.place);
            let in_dollars = rate_of(wanted.place).is_some() && wanted.typed.is_none();
            let currency = if in_dollars { Currency::Usd } else { Currency::Mxn };
            let minor = wanted.typed.unwrap_or(wanted.minor);
            PaymentLine {
                receivable_id: self.receivables[wanted.place],
                pay_all,
                amount: (!pay_all).then(|| Amount::new(minor, currency).to_decimal_string()),
                currency: (!pay_all).then(|| currency.code().to_owned()),
            }
        };
        let total: i64 = wanted.iter().map(|wanted| self.world.charge(wanted)).sum();
        let order = CreatePayment {
            issuer: "default".into(),
            bank: "bbva".into(),
            lines: wanted.iter().map(line).collect(),
            expected_total: Amount::new(total.max(1), Currency::Mxn).to_decimal_string(),
        };
        order.parse().unwrap()
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
            "orden,referencia,importe,autorizacion,estado,nota\n{},{},{},{},{said},{}\n",
            known.order,
            known.reference,
            told.to_decimal_string(),
            known.number(),
            self.files,
        );
        let name = format!("{}-{}.csv", self.name, self.files);
        let file = Brought { format: Format::Csv, bank: BankCode::Bbva, name: &name, bytes: table.as_bytes() };
        let brought = settlement::bring(&self.house, self.scope, &file, &staff()).await.unwrap();
        assert!(brought.done);
        // P9: the same file again is the same file.
        assert_eq!(settlement::bring(&self.house, self.scope, &file, &staff()).await.unwrap(), brought);
        let transaction = known.number().to_owned();
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
        self.pass(PAST_DEADLINE_SECONDS);
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

    async fn decide(&mut self, payment: usize, trip: usize, kind: usize) -> String {
        let amount = Amount::new(self.world.amount(payment), Currency::Mxn);
        let finding = match kind {
            0 => Finding::Arrived(amount),
            1 => Finding::Arrived(Amount::new(amount.minor() + 5, Currency::Mxn)),
            _ => Finding::NeverArrived,
        };
        // Two trips are not one transfer, though they come to the same.
        let number = format!("D{}", self.trips[payment][trip].reference);
        let looked = Looked {
            trip: Some(i64::try_from(trip).unwrap() + 1),
            finding: finding.clone(),
            transaction: Some(&number),
            forma: None,
            note: "se revisó",
        };
        let done = operations::decide(&self.house, self.scope, self.payments[payment], &looked, &staff()).await;
        let expected = self.world.decide(payment, trip, &finding);
        assert_eq!(done.is_ok(), expected, "{finding:?}: {done:?}");
        format!("staff find {finding:?} of payment {payment}, trip {trip}")
    }

    async fn reverse(&mut self, payment: usize) -> String {
        let done = operations::reverse(&self.house, self.scope, self.payments[payment], "prueba", &staff()).await;
        let expected = self.world.reverse(payment);
        assert_eq!(done.ok(), expected, "reverse");
        format!("payment {payment} is taken back")
    }

    async fn refund(&mut self, payment: usize) -> String {
        let done = operations::refund_credit(&self.house, self.scope, self.payments[payment], "prueba", &staff()).await;
        let expected = self.world.refund(payment);
        assert_eq!(done.is_ok(), expected, "refund: {done:?}");
        format!("what payment {payment} left over is sent back")
    }

    async fn apply(&mut self, payment: usize) -> String {
        let done = operations::apply(&self.house, self.scope, self.payments[payment], &staff()).await;
        assert_eq!(done.ok(), self.world.apply(payment), "apply");
        format!("the ERP applies payment {payment}")
    }

    async fn erp(&mut self, chance: &mut Chance) -> String {
        let place = chance.below(self.receivables.len());
        let balance = i64::try_from(chance.below(3)).unwrap() * self.world.pending(place).max(0) / 2;
        erp_says(self.app, &format!("{}-{place}", self.name), balance, rate_of(place)).await;
        self.world.erp(place, balance);
        format!("the ERP counts {balance} on {place}")
    }

    /// One step, and everything that can be seen after it is as the numbers say.
    async fn goes_on(&mut self, chance: &mut Chance) {
        let told = self.step(chance).await;
        self.told.0.push(told);
        self.compare().await;
    }

    /// P10: every trip's time passes over a bank that says nothing.
    async fn ends(&mut self) {
        for payment in 0..self.payments.len() {
            for trip in 0..self.world.trips(payment) {
                let told = self.deadline(payment, trip).await;
                self.told.0.push(told);
            }
            self.world.has_ended(payment);
        }
        self.compare().await;
    }

    async fn compare(&self) {
        self.world.is_sound();
        let mut conn = self.app.app.db.read().await.unwrap();
        for place in 0..self.receivables.len() {
            let found = receivables::find_external(&mut conn, self.scope, &format!("{}-{place}", self.name)).await;
            let found = found.unwrap().unwrap().resource().unwrap();
            let seen = (found.pending, found.in_transit, found.open);
            let pending = self.world.pending(place);
            let expected = (decimal(pending), decimal(self.world.reserved(place)), pending > 0);
            assert_eq!(seen, expected, "receivable {place}");
        }
        for (place, id) in self.payments.iter().enumerate() {
            let found = resource::find(&mut conn, self.scope, *id).await.unwrap();
            let charged: i64 = found.lines.iter().map(|line| minor(&line.amount_mxn)).sum();
            let sent: BTreeSet<&str> = self.trips[place].iter().map(|trip| trip.amount.as_str()).collect();
            assert_eq!(sent, BTreeSet::from([decimal(charged).as_str()]), "P7");
            let lines: Vec<_> =
                found.lines.iter().map(|line| (line.state.clone(), line.importe_pagado.clone())).collect();
            let seen = (found.state, found.unapplied, found.reversed_at.is_some(), lines);
            let (state, credit, reversed, lines) = self.world.seen(place);
            let lines: Vec<_> = lines.into_iter().map(|(state, paid)| (state.to_owned(), paid.map(decimal))).collect();
            assert_eq!(seen, (state.as_str().to_owned(), decimal(credit), reversed, lines), "payment {place}");
        }
    }
}

/// Two decimals, as all amounts here have.
fn decimal(minor: i64) -> String {
    Amount::new(minor, Currency::Mxn).to_decimal_string()
}

fn minor(text: &str) -> i64 {
    Amount::parse(text, Currency::Mxn).unwrap().minor()
}

/// P12: the months of the history share the payments out, each once.
async fn months_partition(app: &TestApp, payments: &BTreeSet<Uuid>) {
    let person = Person::signs_in(app).await;
    let mut listed: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut months = 0;
    let mut month = jiff::civil::date(2026, 11, 1);
    while month < app.app.now().jiff().to_zoned(jiff::tz::TimeZone::UTC).date() {
        let query = month.strftime("&month=%Y-%m").to_string();
        let mut page = person.history(&query).await;
        months += usize::from(!page.data.is_empty());
        let (count, mut seen) = (page.totals.count, 0);
        loop {
            for payment in &page.data {
                *listed.entry(payment.id).or_default() += 1;
                seen += 1;
            }
            let Some(cursor) = page.next_cursor else { break };
            page = person.history(&format!("{query}&cursor={cursor}")).await;
        }
        assert_eq!(seen, count, "{query}");
        month = month.checked_add(jiff::Span::new().months(1)).unwrap();
    }
    assert!(listed.values().all(|times| *times == 1), "P12: in two months");
    assert_eq!(&listed.into_keys().collect::<BTreeSet<_>>(), payments, "P12");
    assert!(months > 1 || payments.len() < 20, "all in one month prove nothing");
}

on_both!(random_histories_are_as_the_numbers_say, |app| {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("VENTANILLA_TEST_SEED").unwrap_or(20_261_122);
    let sequences = number("VENTANILLA_TEST_SEQUENCES").map_or(SEQUENCES, |count| usize::try_from(count).unwrap());
    let (scope, customer) = issuer_and_customer(app).await;
    let me: Me = Person::signs_in(app).await.get("/me").await.ok().json();
    let asker = Asker { user_id: me.user_id, customer, only: None, may_pay: true, request_id: "r-1".into() };
    let (mut chance, mut payments) = (Chance::from(seed), BTreeSet::new());
    for sequence in 0..sequences {
        let name = format!("S{sequence}");
        let told = Told(vec![format!("seed {seed}, sequence {sequence}")]);
        let mut run = Run::begin(app, (scope, asker.clone()), (name, told), &mut chance).await;
        for _ in 0..=chance.below(STEPS) {
            run.goes_on(&mut chance).await;
        }
        run.ends().await;
        payments.extend(&run.payments);
        app.clock.advance_seconds(6 * 3_600);
    }
    money_is_in_order(app).await;
    months_partition(app, &payments).await;
});
