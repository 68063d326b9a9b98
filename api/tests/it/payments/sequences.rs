//! Random histories of payments, on each engine, compared step by step with a world that is nothing but numbers
//! (`payments.md` 4.8), and many more of that world alone. `VENTANILLA_TEST_SEQUENCES` makes more of the first; a failure
//! names its seed, and `VENTANILLA_TEST_SEED` repeats it.
mod bank;
mod months;
mod steps;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::App;
use api::accounts::{NewCustomer, people};
use api::http::RequestId;
use api::issuers::Scope;
use api::payments::evidence::{self, Message};
use api::payments::model::Source;
use api::payments::operations::{self, Looked};
use api::payments::receivables::ErpReceivable;
use api::payments::service::{self, Key};
use api::payments::settlement::{self, Brought, Format};
use api::payments::{Asker, PaymentError, deposits, receivables, resource, trips};
use fiscal::{Amount, CodigoPostal, Currency, Nombre, Rate, RegimenFiscal, Rfc};
use shared::accounts::Me;
use shared::payments::{
    BankCode, CreatePayment, PaymentLine, PaymentOrder, PaymentView, SettlementLineView, SettlementResult,
};
use uuid::Uuid;

use self::bank::{Gateway, Trip, house};
use self::months::months_partition;
use self::steps::{Chance, Step, Way, Word, draw, ending};
use self::world::{DAY_SECONDS, PAST_DEADLINE_SECONDS, Wanted, World};
use super::{Person, encode, entered, invoice, issuer_and_customer, money_is_in_order, staff};
use crate::support::{TestApp, on_both};

/// On each engine.
const SEQUENCES: usize = 300;
/// Of the numbers alone.
const OF_NUMBERS: usize = 10_000;
const STEPS: usize = 9;
/// What is owed in dollars is paid at this (K24).
const RATE: &str = "18.886880";

/// The house and the numbers beside it.
struct Run<'a> {
    app: &'a TestApp,
    house: App,
    gateway: Arc<Gateway>,
    scope: Scope,
    asker: Asker,
    name: String,
    world: World,
    receivables: Vec<Uuid>,
    totals: Vec<Amount>,
    payments: Vec<Uuid>,
    /// Of each payment; a transfer that nobody ordered has none.
    trips: Vec<Vec<Trip>>,
    /// The tracking number of each transfer that nobody ordered, by the place of its payment.
    transfers: BTreeMap<usize, String>,
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
fn rate_of(place: usize) -> Option<Rate> {
    (place == 1).then(|| Rate::parse(RATE).unwrap())
}

fn code(way: Way) -> BankCode {
    match way {
        Way::Bbva => BankCode::Bbva,
        Way::Gateway => BankCode::Citibanamex,
        Way::Transfer => BankCode::Spei,
    }
}

/// A receivable's total of one sequence.
fn total(chance: &mut Chance) -> i64 {
    i64::try_from(chance.below(90_000)).unwrap() + 1_000
}

/// One of three issuers leaves it to its ERP.
fn leaves_it_to_its_erp(chance: &mut Chance) -> bool {
    chance.below(3) == 0
}

impl<'a> Run<'a> {
    async fn begin(
        app: &'a TestApp,
        (scope, asker, gateway): (Scope, Asker, &Arc<Gateway>),
        (name, told): (String, Told),
        chance: &mut Chance,
    ) -> Run<'a> {
        let totals: Vec<i64> = (0..2).map(|_| total(chance)).collect();
        let on_erp = leaves_it_to_its_erp(chance);
        let mut run = Run {
            app,
            house: house(app, gateway, on_erp),
            gateway: gateway.clone(),
            scope,
            asker,
            name,
            world: World::default(),
            receivables: vec![],
            totals: vec![],
            payments: vec![],
            trips: vec![],
            transfers: BTreeMap::new(),
            files: 0,
            told,
        };
        if on_erp {
            run.world.waits_for_its_erp();
        }
        for (place, total) in totals.into_iter().enumerate() {
            // Ids of one millisecond have no order.
            run.pass(1);
            let currency = if rate_of(place).is_some() { Currency::Usd } else { Currency::Mxn };
            run.totals.push(Amount::new(total, currency));
            run.counts(place, total).await;
            run.world.open(total, rate_of(place));
            let mut conn = app.app.db.read().await.unwrap();
            let found = receivables::find_external(&mut conn, scope, &run.number(place)).await.unwrap();
            run.receivables.push(found.unwrap().resource().unwrap().id);
        }
        // The house locks and pays in the order of ids, and so do the numbers.
        assert!(run.receivables[0] < run.receivables[1]);
        run
    }

    fn number(&self, place: usize) -> String {
        format!("{}-{place}", self.name)
    }

    /// The ERP says what is owed.
    async fn counts(&self, place: usize, balance: i64) {
        let (number, total) = (self.number(place), self.totals[place]);
        let word = ErpReceivable {
            rate: rate_of(place),
            balance: Amount::new(balance, total.currency()),
            ..invoice(self.app, self.asker.customer, &number, total)
        };
        entered(self.app, self.scope, &word).await;
    }

    fn key(text: &str) -> Key<'_> {
        Key { text, request_sha256: [0; 32], request_id: RequestId::new(Uuid::from_u128(1)) }
    }

    /// Time passes, for the house and for the numbers.
    fn pass(&mut self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
        self.world.pass(seconds);
    }

    /// One step, and everything that can be seen after it is as the numbers say.
    async fn takes(&mut self, step: &Step) {
        Box::pin(self.goes_on(step)).await;
        self.compare().await;
    }

    async fn goes_on(&mut self, step: &Step) {
        self.pass(1);
        self.told.0.push(format!("{step:?}"));
        match step {
            Step::Order { way, wanted } => self.order(step, *way, wanted).await,
            Step::Hear { payment, trip, source: Source::File, word } => {
                let table = self.trips[*payment][*trip].line(*word, self.files);
                self.brings(BankCode::Bbva, &table).await;
                self.world.take(step);
            }
            Step::Hear { payment, trip, source, word } => {
                let raw = self.trips[*payment][*trip].said(*word);
                self.hears(step, (BankCode::Bbva, *source), &raw).await;
            }
            Step::Answers { payment, trip, word } => {
                self.gateway.answers(&self.trips[*payment][*trip], *word);
                self.world.take(step);
            }
            Step::Hint { payment, trip, source } => {
                let raw = encode(&[("order", self.trips[*payment][*trip].order.as_str())]);
                self.hears(step, (BankCode::Citibanamex, *source), &raw).await;
            }
            Step::Deposit { pesos } => self.deposit(step, *pesos).await,
            Step::DepositAgain { payment } => self.deposit_again(*payment).await,
            Step::Again { payment, way } => self.again(step, *payment, *way).await,
            Step::Deadline { payment, trip } => {
                self.app.clock.advance_seconds(PAST_DEADLINE_SECONDS);
                api::payments::jobs::deadline(&self.house, self.trips[*payment][*trip].attempt_id()).await;
                self.world.take(step);
            }
            Step::Erp { place, balance } => {
                self.counts(*place, *balance).await;
                self.world.take(step);
            }
            Step::Day => {
                self.app.clock.advance_seconds(DAY_SECONDS);
                self.world.take(step);
            }
            Step::Cancel { payment }
            | Step::Decide { payment, .. }
            | Step::Reverse { payment }
            | Step::Refund { payment }
            | Step::Apply { payment } => self.acts(step, *payment).await,
        }
    }

    async fn order(&mut self, step: &Step, way: Way, wanted: &[Wanted]) {
        let order = self.spelled(way, wanted);
        let text = format!("{}-o-{}", self.name, self.app.app.now());
        let key = Self::key(&text);
        let saved = service::order(&self.house, &self.asker, &order, &key).await.unwrap();
        let expected = self.world.take(step) == Some(true);
        assert_eq!(saved.status == 201, expected, "order of {wanted:?}");
        // P8: the same key is the same payment, and of another body it is refused.
        let again = service::order(&self.house, &self.asker, &order, &key).await.unwrap();
        assert!((again.status, &again.body) == (saved.status, &saved.body), "P8");
        let other = service::order(&self.house, &self.asker, &order, &Key { request_sha256: [1; 32], ..key }).await;
        assert!(matches!(other, Err(PaymentError::KeyReused)), "P8");
        if expected {
            let view: PaymentView = serde_json::from_slice(&saved.body).unwrap();
            self.payments.push(view.id);
            let trip = self.trip(&view, way);
            self.trips.push(vec![trip]);
        }
    }

    fn trip(&self, view: &PaymentView, way: Way) -> Trip {
        if way == Way::Gateway { self.gateway.trip(view) } else { Trip::of_form(view) }
    }

    fn spelled(&self, way: Way, wanted: &[Wanted]) -> PaymentOrder {
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
            bank: code(way).as_str().into(),
            lines: wanted.iter().map(line).collect(),
            expected_total: Amount::new(total.max(1), Currency::Mxn).to_decimal_string(),
        };
        order.parse().unwrap()
    }

    async fn hears(&mut self, step: &Step, (bank, source): (BankCode, Source), raw: &str) {
        let message = Message { bank, source, raw: raw.as_bytes(), from: "" };
        evidence::receive(&self.house, &message).await.unwrap();
        self.world.take(step);
    }

    /// A file with one line. Gives what became of it.
    async fn brings(&mut self, bank: BankCode, table: &str) -> SettlementLineView {
        self.files += 1;
        let name = format!("{}-{}.csv", self.name, self.files);
        let file = Brought { format: Format::Csv, bank, name: &name, bytes: table.as_bytes() };
        let brought = settlement::bring(&self.house, self.scope, &file, &staff()).await.unwrap();
        assert!(brought.done);
        // P9: the same file again is the same file.
        assert_eq!(settlement::bring(&self.house, self.scope, &file, &staff()).await.unwrap(), brought);
        let mut conn = self.app.app.db.read().await.unwrap();
        let mut lines = settlement::list_lines(&mut conn, self.scope, (brought.id, None), 0, 10).await.unwrap();
        assert_eq!(lines.len(), 1);
        lines.remove(0)
    }

    async fn deposit(&mut self, step: &Step, pesos: i64) {
        // A transfer is known by its number, and no two sequences' are one.
        let tracking = format!("T{}N{}", self.name, self.files);
        let table = self.transfer(pesos, &tracking).await;
        let line = self.brings(BankCode::Spei, &table).await;
        assert_eq!(line.result, Some(SettlementResult::Deposit), "{table}");
        self.transfers.insert(self.payments.len(), tracking);
        self.payments.push(line.payment_id.unwrap());
        self.trips.push(vec![]);
        self.world.take(step);
    }

    async fn deposit_again(&mut self, payment: usize) {
        let (pesos, tracking) = (self.world.amount(payment), self.transfers[&payment].clone());
        let table = self.transfer(pesos, &tracking).await;
        let line = self.brings(BankCode::Spei, &table).await;
        assert!(matches!(line.result, Some(SettlementResult::Repeated | SettlementResult::Known)), "{line:?}");
        assert_eq!(line.payment_id, Some(self.payments[payment]), "P3");
    }

    async fn transfer(&self, pesos: i64, tracking: &str) -> String {
        let own = deposits::accounts(&self.house, &self.asker).await.unwrap().remove(0).reference;
        let pesos = decimal(pesos);
        format!("referencia,importe,clave de rastreo,nota\n{own},{pesos},{tracking},{}\n", self.files)
    }

    async fn again(&mut self, step: &Step, payment: usize, way: Way) {
        let key = format!("{}-a-{}", self.name, self.app.app.now());
        let order = (self.payments[payment], code(way));
        let done = trips::again(&self.house, &self.asker, order, &Self::key(&key)).await;
        match (done, self.world.take(step) == Some(true)) {
            (Ok(saved), true) => {
                assert_eq!(saved.status, 201);
                let view: PaymentView = serde_json::from_slice(&saved.body).unwrap();
                let trip = self.trip(&view, way);
                self.trips[payment].push(trip);
            }
            (Ok(saved), false) => assert_eq!(saved.status, 409),
            (Err(PaymentError::NotRetryable), false) => {}
            (done, expected) => panic!("another trip: {:?}, expected {expected}", done.map(|saved| saved.status)),
        }
    }

    /// What the customer, staff or the ERP do to a payment is done, was done before, or is refused, as the numbers say.
    async fn acts(&mut self, step: &Step, payment: usize) {
        let (house, scope, id, by) = (&self.house, self.scope, self.payments[payment], staff());
        let done = match step {
            // Giving up twice is once.
            Step::Cancel { .. } => service::cancel(house, &self.asker, id).await.is_ok().then_some(true),
            Step::Decide { trip, found, .. } => {
                // Two trips are not one transfer, though they come to the same.
                let number = self.trips[payment].get(*trip).map_or("D", Trip::number);
                let number = format!("D{number}");
                let looked = Looked {
                    trip: Some(i64::try_from(*trip).unwrap() + 1),
                    finding: self.world.finding(payment, *found),
                    transaction: Some(&number),
                    forma: None,
                    note: "se revisó",
                };
                operations::decide(house, scope, id, &looked, &by).await.is_ok().then_some(true)
            }
            Step::Reverse { .. } => operations::reverse(house, scope, id, "prueba", &by).await.ok(),
            Step::Refund { .. } => operations::refund_credit(house, scope, id, "prueba", &by).await.ok().map(|()| true),
            Step::Apply { .. } => operations::apply(house, scope, id, &by).await.ok(),
            other => unreachable!("{other:?}"),
        };
        let is_told_twice = matches!(step, Step::Reverse { .. } | Step::Apply { .. });
        let expected = self.world.take(step);
        assert_eq!(done, if is_told_twice { expected } else { expected.filter(|done| *done) }, "{step:?}");
    }

    /// Every trip comes to its end, and nothing is owed any more.
    async fn ends(&mut self) {
        for step in ending(&self.world) {
            Box::pin(self.goes_on(&step)).await;
        }
        self.world.has_ended();
        self.compare().await;
        for place in 0..self.receivables.len() {
            Box::pin(self.goes_on(&Step::Erp { place, balance: 0 })).await;
        }
    }

    async fn compare(&self) {
        self.world.is_sound();
        let mut conn = self.app.app.db.read().await.unwrap();
        for place in 0..self.receivables.len() {
            let found = receivables::find_external(&mut conn, self.scope, &self.number(place)).await;
            let found = found.unwrap().unwrap().resource().unwrap();
            let seen = (found.pending, found.in_transit, found.open);
            let pending = self.world.pending(place);
            let expected = (decimal(pending), decimal(self.world.reserved(place)), pending > 0);
            assert_eq!(seen, expected, "receivable {place}");
        }
        for (place, id) in self.payments.iter().enumerate() {
            let found = resource::find(&mut conn, self.scope, *id).await.unwrap();
            let charged: i64 = found.lines.iter().map(|line| minor(&line.amount_mxn)).sum();
            let charged = decimal(charged);
            assert!(self.trips[place].iter().all(|trip| trip.amount == charged), "P7");
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

/// A customer who owes nothing but what these histories make: a transfer pays whatever is due.
async fn somebody(app: &TestApp) -> Asker {
    let me: Me = Person::signs_in(app).await.get("/me").await.ok().json();
    let customer = NewCustomer {
        rfc: Rfc::parse("NUM010203AB1").unwrap(),
        nombre: Nombre::parse("NUMEROS Y NADA MAS").unwrap(),
        regimen: RegimenFiscal::R601,
        codigo_postal: CodigoPostal::parse("06010").unwrap(),
    };
    let mut tx = app.app.db.begin().await.unwrap();
    let customer = people::add_customer(&mut tx, &app.app, &customer).await.unwrap();
    tx.commit().await.unwrap();
    Asker { user_id: me.user_id, customer, only: None, may_pay: true, request_id: "r-1".into() }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn seed() -> u64 {
    setting("VENTANILLA_TEST_SEED").unwrap_or(20_261_122)
}

on_both!(random_histories_are_as_the_numbers_say, |app| {
    let seed = seed();
    let sequences = setting("VENTANILLA_TEST_SEQUENCES").map_or(SEQUENCES, |count| usize::try_from(count).unwrap());
    let (scope, _) = issuer_and_customer(app).await;
    let (asker, gateway) = (somebody(app).await, Gateway::new());
    let (mut chance, mut payments) = (Chance::from(seed), BTreeSet::new());
    for sequence in 0..sequences {
        let name = format!("S{sequence}");
        let told = Told(vec![format!("seed {seed}, sequence {sequence}")]);
        let mut run = Run::begin(app, (scope, asker.clone(), &gateway), (name, told), &mut chance).await;
        for _ in 0..=chance.below(STEPS) {
            let step = draw(&run.world, &mut chance);
            run.takes(&step).await;
        }
        run.ends().await;
        payments.extend(&run.payments);
        app.clock.advance_seconds(6 * 3_600);
    }
    money_is_in_order(app).await;
    months_partition(app, &asker, &payments).await;
});

// The same steps without a database: what the numbers promise of themselves holds in many more of them, and every way in
// which money comes is met.
#[test]
fn ten_thousand_histories_of_the_numbers_alone_keep_their_promises() {
    let seed = seed();
    let mut chance = Chance::from(seed);
    let (mut deposits, mut asked) = (0, BTreeSet::new());
    for sequence in 0..OF_NUMBERS {
        let mut told = Told(vec![format!("seed {seed}, sequence {sequence}")]);
        let mut world = World::default();
        for place in 0..2 {
            world.open(total(&mut chance), rate_of(place));
        }
        if leaves_it_to_its_erp(&mut chance) {
            world.waits_for_its_erp();
        }
        for _ in 0..=chance.below(STEPS) {
            let step = draw(&world, &mut chance);
            told.0.push(format!("{step:?}"));
            world.pass(1);
            world.take(&step);
            world.is_sound();
            deposits += usize::from(matches!(step, Step::Deposit { .. }));
            if let Step::Answers { word, .. } = step {
                asked.insert(word);
            }
        }
        for step in ending(&world) {
            told.0.push(format!("{step:?}"));
            world.pass(1);
            world.take(&step);
            world.is_sound();
        }
        world.has_ended();
    }
    assert!(deposits > OF_NUMBERS / 10, "{deposits} transfers");
    assert!(asked.contains(&None) && asked.contains(&Some(Word::Paid)) && asked.len() == 9, "{asked:?}");
}
