//! What the demo's people find of what they paid before anybody looked.
use api::demo::history;
use reqwest::Method;
use serde_json::json;
use shared::accounts::Me;
use shared::integrators::{PaymentResource, ReceivableResource};
use shared::page::Page;
use shared::payments::{PaymentState, PaymentView};
use uuid::Uuid;

use super::{CUSTOMER, Person};
use crate::integrators::Program;
use crate::support::{TestApp, on_both};

fn states(payments: &[PaymentView]) -> Vec<(PaymentState, bool, usize)> {
    payments.iter().map(|payment| (payment.state, payment.applied, payment.lines.len())).collect()
}

fn ids(payments: &[PaymentView]) -> Vec<Uuid> {
    payments.iter().map(|payment| payment.id).collect()
}

async fn filled(app: &TestApp) {
    history::begin(&app.app).await.unwrap();
    app.run_jobs().await;
}

/// As the page of the programs' API has it filled in.
async fn a_credit_is_there_for_programs_to_place(app: &TestApp) {
    let program = Program::of_the_demo(app).await;
    let payments: Page<PaymentResource> = program.get("/payments?limit=100").await.ok().json();
    let credit: Vec<_> = payments.data.iter().filter(|payment| payment.unapplied != "0.00").collect();
    assert_eq!(credit.len(), 1, "{credit:?}");
    assert_eq!((credit[0].unapplied.as_str(), credit[0].is_deposit, credit[0].lines.len()), ("2500.00", true, 0));
    let owed: Page<ReceivableResource> = program.get("/receivables?limit=100").await.ok().json();
    let mut owed: Vec<_> = owed.data.iter().filter(|row| row.customer_rfc == credit[0].customer_rfc).collect();
    owed.sort_by(|one, other| one.number.cmp(&other.number));
    assert_eq!(owed.iter().map(|row| row.available.as_str()).collect::<Vec<_>>(), ["4180.00", "1960.40"]);
    let lines = json!({ "lines": [{ "receivable_id": owed[0].id, "amount": "964.69" }] });
    let request = program.request(Method::POST, &format!("/payments/{}/credit-applications", credit[0].id));
    let placed: PaymentResource = program.send(request.header("Idempotency-Key", "c-1").json(&lines)).await.ok().json();
    assert_eq!((placed.unapplied.as_str(), placed.lines.len()), ("1535.31", 1));
}

on_both!(the_demo_has_payments_of_before, |app| {
    filled(app).await;
    let person = Person::signs_in(app).await;
    let before = person.history("").await.data;
    let (paid, told) = (PaymentState::Confirmed, states(&before));
    let waiting = [(PaymentState::PendingBank, false, 1), (PaymentState::Declined, false, 1)];
    assert_eq!(told, [waiting[0], waiting[1], (paid, true, 1), (paid, true, 2)], "the newest first");
    // They are of their days, not of the start: 17 November is the last one.
    let days: Vec<&str> = before.iter().map(|payment| &payment.paid_at.civil[..10]).collect();
    assert_eq!(days, ["2026-11-16", "2026-11-12", "2026-10-16", "2026-09-18"]);
    let row = person.balance("1233082").await;
    assert_eq!((row.currency.as_str(), row.in_transit.as_str(), row.available.as_str()), ("USD", "1.00", "149.00"));
    for number in ["6212801", "1233011", "6212854"] {
        assert!(!person.is_open(number).await, "{number}");
    }
    // The accountant paid for the other customer, and only looks at this one's.
    let accountant = Person::signs_in_as(app, 1).await;
    let me: Me = accountant.get("/me").await.ok().json();
    assert_eq!((me.customers.len(), me.customer.rfc.as_str()), (2, CUSTOMER));
    assert_eq!(ids(&accountant.history("").await.data), ids(&before));
    let other = me.customers.iter().find(|customer| customer.id != me.customer.id).unwrap();
    let choice = accountant.request(Method::PUT, "/sessions/current/customer");
    accountant.browser.send(choice.json(&json!({ "customer_id": other.id }))).await.ok();
    assert_eq!(states(&accountant.history("").await.data), [(paid, true, 1)]);
    // Another start finds all made.
    app.clock.advance_seconds(600);
    filled(app).await;
    let after = person.history("").await.data;
    assert_eq!((ids(&after), states(&after)), (ids(&before), told));
    a_credit_is_there_for_programs_to_place(app).await;
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
});
