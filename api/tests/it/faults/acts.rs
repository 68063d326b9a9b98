//! F17 where somebody's word moves money: staff who looked at the bank's account or take a payment back, the ERP that says
//! when money goes to invoices, staff who put a credit on one. The process dies over it; the word is said again, and what
//! it asks for is done once.
use api::failpoint::Failpoint;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::house::{House, Server};
use super::money::{NOTICES, PAID, approval, bring, died, operator, serve_with, transfer};
use crate::payments::{Person, try_say};
use crate::support::{Clerk, Engine};

const CONSOLE: &str = "/api/v1/console/issuers/colibri-azul/payments";
/// Owed of it, and what is left of that after the transfer.
const OWED: (&str, &str, &str) = ("6212976", "27794.52", "23794.52");

/// What is done to a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Decide,
    Reverse,
    Apply,
    PutCredit,
}

impl Act {
    const ALL: [Act; 4] = [Act::Decide, Act::Reverse, Act::Apply, Act::PutCredit];

    /// The issuer's ERP says when money goes to invoices: what the bank confirms waits, what nobody ordered is a credit.
    const fn settings(self) -> &'static str {
        match self {
            Act::Decide | Act::Reverse => "",
            Act::Apply | Act::PutCredit => "erp_applies = [\"colibri-azul\"]",
        }
    }

    /// What follows the payment's address.
    const fn path(self) -> &'static str {
        match self {
            Act::Decide => "decisions",
            Act::Reverse => "reversals",
            Act::Apply => "applications",
            Act::PutCredit => "credit-applications",
        }
    }

    /// Rows of the ledger before it and after it.
    const fn entries(self) -> (i64, i64) {
        match self {
            // Receipt and two applications.
            Act::Decide => (0, 3),
            // The same, and all of it taken back.
            Act::Reverse => (3, 6),
            Act::Apply => (1, 3),
            // Receipt and credit; application and credit used.
            Act::PutCredit => (2, 4),
        }
    }

    /// What there is of each thing when it is done once.
    fn wanted(self) -> Vec<(&'static str, i64)> {
        let (applications, letter) = match self {
            Act::PutCredit => (1, "SELECT COUNT(*) FROM letters WHERE kind = 'payment_deposited'"),
            _ => (2, "SELECT COUNT(*) FROM letters WHERE kind = 'payment_received'"),
        };
        vec![
            ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'receipt'", 1),
            ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'application'", applications),
            ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'reversal'", i64::from(self == Act::Reverse)),
            ("SELECT COUNT(*) FROM ledger_entries WHERE kind = 'credit_used'", i64::from(self == Act::PutCredit)),
            ("SELECT COUNT(*) FROM ledger_entries", self.entries().1),
            // Each invoice's first parcialidad, and no second.
            ("SELECT COUNT(*) FROM allocations WHERE parcialidad IS NOT NULL", applications),
            ("SELECT COUNT(*) FROM events WHERE kind = 'payment.applied'", 1),
            (letter, 1),
        ]
    }

    /// Whether the same word said again finds nothing to do, when it was done; otherwise it is answered as before.
    const fn is_refused_again(self) -> bool {
        matches!(self, Act::Decide | Act::PutCredit)
    }
}

/// A server that was started again: who was signed in still is.
fn at(server: &Server, clerk: Clerk) -> Clerk {
    Clerk { browser: server.browser(), ..clerk }
}

fn say(clerk: &Clerk, act: Act, payment: Uuid, form: &Value) -> reqwest::RequestBuilder {
    let address = format!("{CONSOLE}/{payment}/{}", act.path());
    clerk.browser.request(Method::POST, &address).bearer_auth(&clerk.token).json(form)
}

/// The payment that something is done to, the words that do it, and the bank's word of it, where a bank has one.
async fn before(act: Act, server: &Server, clerk: &Clerk) -> (Uuid, Value, Vec<(String, String)>) {
    let person = Person::signs_in_with(server.browser(), 0).await;
    if act == Act::PutCredit {
        let told = bring(clerk, "spei", &transfer(&person).await).send().await.unwrap();
        assert!(told.status().is_success(), "{}", told.status());
        let payment = person.history("").await.data.remove(0);
        assert_eq!(payment.unapplied.as_deref(), Some("4000.00"), "all of it waits");
        let receivable = person.balance(OWED.0).await;
        assert_eq!(receivable.pending, OWED.1);
        return (payment.id, json!({ "lines": [{ "receivable_id": receivable.id }] }), Vec::new());
    }
    let payment = person.pays("k-1", &PAID).await;
    let word = approval(&payment);
    if act != Act::Decide {
        assert_eq!(try_say(&server.base, NOTICES, &word).await.unwrap().status(), 204);
    }
    let form = match act {
        Act::Decide => json!({ "arrived": true, "bank_transaction": "804512", "note": "Está en la cuenta" }),
        Act::Reverse => json!({ "reason": "Contracargo" }),
        Act::Apply | Act::PutCredit => json!({}),
    };
    (payment.id, form, word)
}

async fn dies_over_an_act(engine: Engine, act: Act, point: Failpoint) {
    let house = House::open(engine).await;
    let server = serve_with(&house, None, act.settings()).await;
    let clerk = operator(&server).await;
    let (payment, form, word) = before(act, &server, &clerk).await;
    let entries = "SELECT COUNT(*) FROM ledger_entries";
    assert_eq!(house.count(entries).await, act.entries().0);
    server.process.stop().await;

    let mut server = serve_with(&house, Some(point), act.settings()).await;
    let clerk = at(&server, clerk);
    say(&clerk, act, payment, &form).send().await.expect_err("the server dies over it");
    died(&mut server).await;
    let is_done = point == Failpoint::AfterMoneyCommit;
    let (undone, done) = act.entries();
    assert_eq!(house.count(entries).await, if is_done { done } else { undone });

    // Who got no answer says it again, and once more; so does the bank.
    let server = serve_with(&house, None, act.settings()).await;
    let clerk = at(&server, clerk);
    for is_done in [is_done, true] {
        let status = say(&clerk, act, payment, &form).send().await.unwrap().status().as_u16();
        assert_eq!(status, if is_done && act.is_refused_again() { 409 } else { 200 });
    }
    if !word.is_empty() {
        assert_eq!(try_say(&server.base, NOTICES, &word).await.unwrap().status(), 204);
    }
    super::idle(&house).await;
    for (what, wanted) in act.wanted() {
        assert_eq!(house.count(what).await, wanted, "{what}");
    }
    let person = Person::signs_in_with(server.browser(), 0).await;
    if act == Act::PutCredit {
        assert_eq!(person.balance(OWED.0).await.pending, OWED.2);
    } else {
        for number in PAID {
            assert_eq!(person.is_open(number).await, act == Act::Reverse, "{number}");
        }
    }
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

macro_rules! dies_over_each_act {
    ($($name:ident: $act:ident at $point:ident,)*) => {
        $(mod $name {
            use super::*;
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                dies_over_an_act(Engine::Sqlite, Act::$act, Failpoint::$point).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                dies_over_an_act(Engine::Postgres, Act::$act, Failpoint::$point).await;
            }
        })*
        #[test]
        fn every_place_of_every_act_is_tried() {
            let every = Act::ALL.into_iter().flat_map(|act| Failpoint::OF_ACTS.map(|point| (act, point)));
            assert_eq!(every.collect::<Vec<_>>(), [$((Act::$act, Failpoint::$point)),*]);
        }
    };
}

dies_over_each_act! {
    dies_before_a_decision_is_committed: Decide at BeforeMoneyCommit,
    dies_after_a_decision_is_committed: Decide at AfterMoneyCommit,
    dies_before_a_payment_is_taken_back: Reverse at BeforeMoneyCommit,
    dies_after_a_payment_is_taken_back: Reverse at AfterMoneyCommit,
    dies_before_the_erps_application_is_committed: Apply at BeforeMoneyCommit,
    dies_after_the_erps_application_is_committed: Apply at AfterMoneyCommit,
    dies_before_a_credit_is_on_its_invoice: PutCredit at BeforeMoneyCommit,
    dies_after_a_credit_is_on_its_invoice: PutCredit at AfterMoneyCommit,
}
