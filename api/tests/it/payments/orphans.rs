//! What a bank says of no payment of ours: kept, looked for again, then somebody's to look at.
use serde_json::json;
use shared::ProblemCode;
use shared::page::Page;
use shared::payments::{OrphanView, PaymentState, PaymentSums};

use super::{AtTheBank, Person, comes_back, is_told, money_is_in_order, with};
use crate::support::{TestApp, on_both};

const ROOT: &str = "/console/issuers/default";

/// Every order as if it were not there yet, and there again.
const HIDDEN: &str = "UPDATE attempts SET merchant_order = 'not-yet-' || merchant_order";
const THERE: &str = "UPDATE attempts SET merchant_order = REPLACE(merchant_order, 'not-yet-', '')";

async fn orphans(app: &TestApp, query: &str) -> Vec<OrphanView> {
    let page: Page<OrphanView> = app.desk().await.get(&format!("{ROOT}/bank-orphans{query}")).await.ok().json();
    page.data
}

/// The jobs of so many minutes, one after the other.
async fn minutes(app: &TestApp, many: u32) {
    for _ in 0..many {
        app.clock.advance_seconds(60);
        app.run_jobs().await;
    }
}

// 4.5, 4.
on_both!(a_message_that_names_no_payment_is_matched_when_the_payment_is_there, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    app.database.change(HIDDEN).await;
    assert_eq!(is_told(app, &answer).await, 204, "it is the bank's own word, and kept");
    assert_eq!(is_told(app, &answer).await, 204);
    minutes(app, 1).await;
    app.database.change(THERE).await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
    assert!(orphans(app, "").await.is_empty(), "nobody is asked while it is looked for");
    minutes(app, 1).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    let all = orphans(app, "?all=true").await;
    assert_eq!((all.len(), all[0].payment_id, all[0].closed_at.is_some()), (1, Some(payment.id), true));
    money_is_in_order(app).await;
});

// 4.5, 4; P1, P6.
on_both!(a_message_that_is_nobodys_waits_for_somebody_and_moves_nothing, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    app.database.change(HIDDEN).await;
    // A message without its proof is not the bank's; what names no order is nobody's to look for.
    let forged = with(&with(&answer, "mp_order", "f0f0"), "mp_pan", "4152313312345678");
    assert_eq!(is_told(app, &forged).await, 401);
    assert_eq!(is_told(app, &with(&answer, "mp_order", "")).await, 401);
    assert_eq!(is_told(app, &[("hola".to_owned(), "mundo".to_owned())]).await, 401);
    assert_eq!(comes_back(app, &answer).await, (303, "/pagos".to_owned()));
    minutes(app, 12).await;
    let mut waiting = orphans(app, "").await;
    waiting.sort_by_key(|orphan| orphan.proved);
    let said = |orphan: &OrphanView, name: &str| {
        orphan.said.iter().find(|field| field.name == name).map(|field| field.value.clone()).unwrap_or_default()
    };
    assert_eq!(waiting.iter().map(|orphan| orphan.proved).collect::<Vec<_>>(), [false, true]);
    assert_eq!(said(&waiting[0], "mp_order"), "f0f0");
    assert_eq!(said(&waiting[1], "mp_amount"), "27794.52");
    assert!(waiting.iter().all(|orphan| said(orphan, "mp_signature").is_empty()));
    let sums: PaymentSums = app.desk().await.get(&format!("{ROOT}/payment-sums")).await.ok().json();
    assert_eq!((sums.to_review.count, sums.in_transit.amount.as_str()), (2, "27794.52"));
    let closing = format!("{ROOT}/bank-orphans/{}/closings", waiting[1].id);
    let desk = app.desk().await;
    desk.post(&closing, &json!({ "note": "  " })).await.problem(ProblemCode::InvalidFields);
    desk.post(&closing, &json!({ "note": "Se preguntó al banco" })).await.ok();
    desk.post(&closing, &json!({ "note": "Otra vez" })).await.problem(ProblemCode::PaymentStateDiffers);
    desk.get("/console/issuers/nandu/bank-orphans").await.problem(ProblemCode::NotFound);
    assert_eq!(orphans(app, "").await.len(), 1);
    assert_eq!(Person::signs_in(app).await.payment(payment.id).await.state, PaymentState::InTransit);
    app.database.change(THERE).await;
    money_is_in_order(app).await;
});
