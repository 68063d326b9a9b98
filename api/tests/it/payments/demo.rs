//! What the demo's people find of what they paid before anybody looked.
use api::demo::history;
use reqwest::Method;
use serde_json::json;
use shared::accounts::Me;
use shared::payments::{PaymentState, PaymentView};
use uuid::Uuid;

use super::{CUSTOMER, Person};
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
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
});
