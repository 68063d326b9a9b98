//! F16, F17: the process dies between what a bank said and what follows from it. The bank is the test's own hand here:
//! it signs one answer and says it again and again.
use std::fmt::Write as _;

use api::failpoint::Failpoint;
use aws_lc_rs::hmac;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use shared::accounts::second_factor::SecondStep;
use shared::payments::{DepositAccount, PaymentState, PaymentView};
use shared::rehearsal::RehearsalView;

use super::house::{House, Server};
use super::{RECOVERY, SIGABRT};
use crate::payments::{Person, field, try_say};
use crate::support::process::{command, eventually};
use crate::support::{Clerk, Engine};

const KEY: &str = "llave de estas pruebas";
pub(super) const NOTICES: &str = "bank-notices";
/// Two invoices of the demo's customer, one of them in dollars.
pub(super) const PAID: [&str; 2] = ["1233074", "6212976"];

/// What the money of one payment makes, once.
const ONE_OF_EACH: [(&str, i64); 5] = [
    ("SELECT COUNT(*) FROM evidence", 1),
    ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'receipt'", 1),
    ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'application'", 2),
    ("SELECT COUNT(*) FROM ledger_entries", 3),
    ("SELECT COUNT(*) FROM letters WHERE kind = 'payment_received'", 1),
];

/// A server whose issuer has an account at a bank that nobody reaches.
async fn serve(house: &House, failpoint: Option<Failpoint>) -> Server {
    serve_with(house, failpoint, "").await
}

/// The same with settings of payments before its accounts.
pub(super) async fn serve_with(house: &House, failpoint: Option<Failpoint>, settings: &str) -> Server {
    let file = house.folder().join("banks.toml");
    let account = "[[payments.merchants]]\nissuer = \"colibri-azul\"\nbank = \"bbva\"\naccount = \"7\"\n";
    let account = format!("{account}url = \"http://127.0.0.1:9/clb/endpoint/x\"\nkey = \"{KEY}\"\n");
    let transfers =
        "[[payments.merchants]]\nissuer = \"colibri-azul\"\nbank = \"spei\"\naccount = \"032180000118359719\"\n";
    std::fs::write(&file, format!("[payments]\n{settings}\n{account}{transfers}")).unwrap();
    let mut serve = command(&["serve", "--demo", "--config", file.to_str().unwrap()], &[]);
    if let Some(point) = failpoint {
        serve.env("VENTANILLA_TEST_FAILPOINT", point.name());
    }
    let mut process = house.run(serve);
    let base = process.address().await;
    Server { process, base }
}

/// It died at its failpoint, and of nothing else.
pub(super) async fn died(server: &mut Server) {
    let end = server.process.ended().await;
    let signal = std::os::unix::process::ExitStatusExt::signal(&end);
    assert_eq!(signal, Some(SIGABRT), "{end}; its log:\n{}", server.process.tail());
}

/// The bank's word that a payment was made.
pub(super) fn approval(payment: &PaymentView) -> Vec<(String, String)> {
    let sent = ["mp_order", "mp_reference", "mp_amount"].map(|name| (name.to_owned(), field(payment, name)));
    let authorization = "804512";
    let signed: String = sent.iter().map(|(_, value)| value.as_str()).chain([authorization]).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, KEY.as_bytes());
    let signature = hex::encode(hmac::sign(&key, signed.as_bytes()));
    let rest = [("mp_authorization", authorization), ("mp_response", "00"), ("mp_signature", &signature)];
    sent.into_iter().chain(rest.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

async fn dies_with_money(engine: Engine, point: Failpoint) {
    let house = House::open(engine).await;
    let mut server = serve(&house, Some(point)).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    let payment = person.pays("k-1", &PAID).await;
    let word = approval(&payment);
    try_say(&server.base, NOTICES, &word).await.expect_err("the server dies while it is told");
    died(&mut server).await;
    assert_eq!(house.count("SELECT COUNT(*) FROM evidence").await, 1, "what the bank said is kept");
    let entered = if point == Failpoint::AfterMoneyCommit { 3 } else { 0 };
    assert_eq!(house.count("SELECT COUNT(*) FROM ledger_entries").await, entered);

    // Nobody says it again: the queue judges what was kept.
    let server = serve(&house, None).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    let paid = eventually("what the bank said is judged", RECOVERY, async || {
        Some(person.payment(payment.id).await).filter(|payment| payment.applied)
    })
    .await;
    assert_eq!(paid.state, PaymentState::Confirmed);
    for _ in 0..3 {
        assert_eq!(try_say(&server.base, NOTICES, &word).await.unwrap().status(), 204);
    }
    super::idle(&house).await;
    for (what, wanted) in ONE_OF_EACH {
        assert_eq!(house.count(what).await, wanted, "{what}");
    }
    for number in PAID {
        assert!(!person.is_open(number).await, "{number}");
    }
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

macro_rules! dies_with_money_at_each {
    ($($name:ident: $point:ident,)*) => {
        $(mod $name {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                dies_with_money(Engine::Sqlite, Failpoint::$point).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                dies_with_money(Engine::Postgres, Failpoint::$point).await;
            }
        })*
        #[test]
        fn every_place_of_a_payment_is_tried() {
            assert_eq!([$(Failpoint::$point),*], Failpoint::OF_PAYMENTS);
        }
    };
}

dies_with_money_at_each! {
    dies_after_the_bank_was_heard: AfterEvidenceCommit,
    dies_before_the_money_is_committed: BeforeMoneyCommit,
    dies_after_the_money_is_committed: AfterMoneyCommit,
}

/// An operator of the rehearsal, signed in with both steps.
pub(super) async fn operator(server: &Server) -> Clerk {
    let browser = server.browser();
    let known: RehearsalView = browser.get("/api/v1/rehearsal").await.ok().json();
    let person = known.staff.into_iter().find(|person| person.whole_installation).unwrap();
    let form = json!({"user": person.user, "password": person.password});
    let step: SecondStep = browser.post("/api/v1/console/sessions", &form).await.ok().json();
    let form = json!({"challenge": step.challenge, "code": person.code});
    let reply = browser.post("/api/v1/console/sessions/second-steps", &form).await.ok();
    Clerk::of(browser, &reply)
}

/// A table of a bank's, on its way to the console.
pub(super) fn bring(clerk: &Clerk, bank: &str, table: &str) -> reqwest::RequestBuilder {
    let files = "/api/v1/console/issuers/colibri-azul/settlement-files";
    let address = format!("{files}?format=csv&bank={bank}&name=noviembre.csv");
    let request = clerk.browser.request(Method::POST, &address).bearer_auth(&clerk.token);
    request.header("Content-Type", "application/octet-stream").body(table.to_owned())
}

/// The process dies over a bank's file: what was kept of it is gone on with, each line once.
async fn dies_over_a_file(engine: Engine, point: Failpoint) {
    let house = House::open(engine).await;
    let mut server = serve(&house, Some(point)).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    let mut table = String::from("orden,referencia,importe,autorizacion\n");
    let mut payments = Vec::new();
    for (place, number) in PAID.iter().enumerate() {
        let payment = person.pays(&format!("k-{place}"), &[*number]).await;
        let [order, reference, amount] = ["mp_order", "mp_reference", "mp_amount"].map(|name| field(&payment, name));
        writeln!(table, "{order},{reference},{amount},80451{place}").unwrap();
        payments.push(payment.id);
    }
    let clerk = operator(&server).await;
    bring(&clerk, "bbva", &table).send().await.expect_err("the server dies over it");
    died(&mut server).await;
    assert_eq!(house.count("SELECT COUNT(*) FROM settlement_lines").await, 2, "all of it was kept first");
    assert_eq!(house.count("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'receipt'").await, 1);

    // Nobody brings it again: the queue goes on.
    let server = serve(&house, None).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    for id in payments {
        eventually("the line's payment is applied", RECOVERY, async || {
            Some(person.payment(id).await).filter(|payment| payment.applied)
        })
        .await;
    }
    super::idle(&house).await;
    for (what, wanted) in [
        ("SELECT COUNT(*) FROM settlement_lines WHERE result IS NULL", 0),
        ("SELECT COUNT(*) FROM settlement_files WHERE done_at IS NOT NULL", 1),
        ("SELECT COUNT(*) FROM evidence", 2),
        ("SELECT COUNT(*) FROM ledger_entries", 4),
        ("SELECT COUNT(*) FROM letters WHERE kind = 'payment_received'", 2),
    ] {
        assert_eq!(house.count(what).await, wanted, "{what}");
    }
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

macro_rules! dies_over_a_file_at_each {
    ($($name:ident: $point:ident,)*) => {
        $(mod $name {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                dies_over_a_file(Engine::Sqlite, Failpoint::$point).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                dies_over_a_file(Engine::Postgres, Failpoint::$point).await;
            }
        })*
        #[test]
        fn every_place_of_a_file_is_tried() {
            assert_eq!([$(Failpoint::$point),*], Failpoint::OF_FILES);
        }
    };
}

dies_over_a_file_at_each! {
    dies_within_a_line_of_a_file: AfterMoneyCommit,
    dies_between_lines_of_a_file: BetweenFileLines,
}

/// The account's movements: a transfer of 4,000 pesos with the customer's own number.
pub(super) async fn transfer(person: &Person) -> String {
    let accounts: Vec<DepositAccount> = person.get("/deposit-accounts").await.ok().json();
    let own = &accounts.iter().find(|account| account.issuer == "colibri-azul").unwrap().reference;
    format!("referencia,importe,clave de rastreo\n{own},4000.00,AA1\n")
}

/// A transfer that nobody ordered: the process dies over it, and its line is gone on with.
async fn dies_over_a_deposit(engine: Engine, point: Failpoint) {
    let house = House::open(engine).await;
    let mut server = serve(&house, Some(point)).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    let table = transfer(&person).await;
    let clerk = operator(&server).await;
    bring(&clerk, "spei", &table).send().await.expect_err("the server dies over it");
    died(&mut server).await;
    let receipts = "SELECT COUNT(*) FROM ledger_entries WHERE kind = 'receipt'";
    assert_eq!(house.count(receipts).await, i64::from(point == Failpoint::AfterMoneyCommit));

    let server = serve(&house, None).await;
    eventually("its line is settled", RECOVERY, async || {
        let settled = house.count("SELECT COUNT(*) FROM settlement_lines WHERE result = 'deposit'").await;
        (settled == 1).then_some(())
    })
    .await;
    super::idle(&house).await;
    for (what, wanted) in [
        ("SELECT COUNT(*) FROM payments", 1),
        ("SELECT COUNT(*) FROM evidence", 1),
        (receipts, 1),
        ("SELECT COUNT(*) FROM settlement_files WHERE done_at IS NOT NULL", 1),
    ] {
        assert_eq!(house.count(what).await, wanted, "{what}");
    }
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

macro_rules! dies_on_both {
    ($($name:ident: $body:ident($($how:expr),*),)*) => {
        $(mod $name {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                $body(Engine::Sqlite, $($how),*).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                $body(Engine::Postgres, $($how),*).await;
            }
        })*
    };
}

dies_on_both! {
    dies_before_a_deposit_is_committed: dies_over_a_deposit(Failpoint::BeforeMoneyCommit),
    dies_after_a_deposit_is_committed: dies_over_a_deposit(Failpoint::AfterMoneyCommit),
}

/// Words of a bank about one payment.
const WORDS: usize = 1_000;
/// Said at once.
const AT_ONCE: usize = 50;

/// A bank that repeats itself a thousand times, over a house that is killed in between.
async fn a_thousand_words_are_one_payment(engine: Engine) {
    let house = House::open(engine).await;
    let mut server = serve(&house, None).await;
    let person = Person::signs_in_with(server.browser(), 0).await;
    let payment = person.pays("k-1", &PAID).await;
    let word = approval(&payment);
    let mut heard = 0;
    while heard < WORDS {
        if heard == WORDS / 2 {
            server.process.kill();
            server = serve(&house, None).await;
        }
        let said = join_all((0..AT_ONCE).map(|_| try_say(&server.base, NOTICES, &word))).await;
        let statuses: Vec<u16> = said.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
        assert!(statuses.iter().all(|status| *status == 204), "after {heard}: {statuses:?}");
        heard += AT_ONCE;
    }
    let person = Person::signs_in_with(server.browser(), 0).await;
    assert!(person.payment(payment.id).await.applied);
    super::idle(&house).await;
    for (what, wanted) in ONE_OF_EACH {
        assert_eq!(house.count(what).await, wanted, "{what}");
    }
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p3_a_thousand_words_are_one_payment_on_sqlite() {
    a_thousand_words_are_one_payment(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p3_a_thousand_words_are_one_payment_on_postgres() {
    a_thousand_words_are_one_payment(Engine::Postgres).await;
}
