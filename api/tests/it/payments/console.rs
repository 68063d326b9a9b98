//! What staff see and do about payments, over HTTP.
use std::collections::BTreeMap;

use api::payments::jobs;
use reqwest::Method;
use serde_json::json;
use shared::ProblemCode;
use shared::integrators::PaymentResource;
use shared::page::Page;
use shared::payments::{
    MoneySum, PaymentState, PaymentSums, RateOfDay, RateSource, RateStanding, ReviewView, SettlementFileView,
    SettlementLineView, SettlementResult,
};
use uuid::Uuid;

use super::{AtTheBank, CUSTOMER, Person, comes_back, field, money_is_in_order, with};
use crate::support::{Clerk, on_both};

const ROOT: &str = "/console/issuers/default";

on_both!(staff_look_at_what_a_bank_contradicted_and_decide_it, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let refusal = AtTheBank::arrives(&payment).await.decides(&payment, "rechazar").await;
    comes_back(app, &refusal).await;
    comes_back(app, &with(&refusal, "mp_response", "00")).await;
    let (desk, operator) = (app.desk().await, app.operator().await);
    let open: Page<ReviewView> = desk.get(&format!("{ROOT}/payment-reviews")).await.ok().json();
    let review = &open.data[0];
    assert_eq!((open.data.len(), review.reason.as_str(), review.payment.id), (1, "contradiction", payment.id));
    assert_eq!(review.customer_rfc, CUSTOMER);
    let said = |name: &str| review.said.iter().find(|field| field.name == name).map(|field| field.value.clone());
    assert_eq!((said("mp_response").as_deref(), said("mp_signature")), (Some("00"), None));
    let decision = json!({ "arrived": true, "bank_transaction": "804512", "note": "Está en la cuenta" });
    let address = format!("{ROOT}/payments/{}/decisions", payment.id);
    desk.post(&address, &decision).await.problem(ProblemCode::OperatorNeeded);
    operator.post(&address, &json!({ "arrived": true, "note": "" })).await.problem(ProblemCode::InvalidFields);
    let decided: PaymentResource = operator.post(&address, &decision).await.ok().json();
    assert_eq!((decided.state.as_str(), decided.lines[0].state.as_str()), ("confirmed", "applied"));
    operator.post(&address, &decision).await.problem(ProblemCode::PaymentStateDiffers);
    let closing = format!("{ROOT}/payment-reviews/{}/closings", review.id);
    desk.post(&closing, &json!({ "note": "Se decidió" })).await.ok();
    desk.post(&closing, &json!({ "note": "Otra vez" })).await.problem(ProblemCode::PaymentStateDiffers);
    assert!(desk.get(&format!("{ROOT}/payment-reviews")).await.ok().json::<Page<ReviewView>>().data.is_empty());
    let all: Page<ReviewView> = desk.get(&format!("{ROOT}/payment-reviews?all=true")).await.ok().json();
    assert_eq!(all.data[0].resolution.as_deref(), Some("Se decidió"));
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    let listed: Page<PaymentResource> = desk.get(&format!("{ROOT}/payments?state=confirmed")).await.ok().json();
    assert_eq!(listed.data[0].id, payment.id);
    // Nobody of the desk, and no customer, comes in by another door.
    person.get(&format!("{ROOT}/payments")).await.problem(ProblemCode::SignedOut);
    desk.get("/console/issuers/nandu/payments").await.problem(ProblemCode::NotFound);
    money_is_in_order(app).await;
});

/// What waits for somebody: which payment, and why.
async fn asked(desk: &Clerk) -> BTreeMap<Uuid, String> {
    let open: Page<ReviewView> = desk.get(&format!("{ROOT}/payment-reviews")).await.ok().json();
    open.data.into_iter().map(|review| (review.payment.id, review.reason)).collect()
}

async fn to_review(desk: &Clerk) -> (u64, String) {
    let sums: PaymentSums = desk.get(&format!("{ROOT}/payment-sums")).await.ok().json();
    (sums.to_review.count, sums.to_review.amount)
}

// 4.3; P10: what reserves invoices until somebody decides is on somebody's list.
on_both!(what_a_bank_never_answered_waits_for_somebody_until_a_later_word, |app| {
    let person = Person::signs_in(app).await;
    let silent = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&silent).await.decides(&silent, "sin_avisar").await;
    let slow = person.pays("k-2", &["1233080"]).await;
    AtTheBank::arrives(&slow).await.decides(&slow, "en_proceso").await;
    assert!(asked(&app.desk().await).await.is_empty(), "their time is not over");
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let desk = app.desk().await;
    let both = [silent.id, slow.id].map(|id| (id, "unanswered".to_owned()));
    assert_eq!(asked(&desk).await, BTreeMap::from(both));
    assert_eq!(to_review(&desk).await, (2, "33698.94".to_owned()));
    // Asked once, however often the clock comes by.
    for payment in [&silent, &slow] {
        jobs::deadline(&app.app, Uuid::try_parse(&field(payment, "mp_order")).unwrap()).await;
    }
    assert_eq!(to_review(&desk).await.0, 2);
    // The bank says it after all; the other one somebody looks up.
    comes_back(app, &answer).await;
    assert_eq!(asked(&desk).await.into_keys().collect::<Vec<_>>(), [slow.id]);
    let all: Page<ReviewView> = desk.get(&format!("{ROOT}/payment-reviews?all=true")).await.ok().json();
    let closed = all.data.iter().find(|review| review.payment.id == silent.id).unwrap();
    assert!(closed.closed_at.is_some() && closed.resolution.is_none(), "by itself: {closed:?}");
    let decision = json!({ "arrived": false, "note": "No está en la cuenta" });
    app.operator().await.post(&format!("{ROOT}/payments/{}/decisions", slow.id), &decision).await.ok();
    assert_eq!((asked(&desk).await.len(), to_review(&desk).await), (0, (0, "0.00".to_owned())));
    let person = Person::signs_in(app).await;
    assert_eq!(person.payment(silent.id).await.state, PaymentState::Confirmed);
    assert_eq!(person.balance("1233080").await.in_transit, "0.00");
    money_is_in_order(app).await;
});

on_both!(an_operator_brings_a_banks_file_in, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let (desk, operator) = (app.desk().await, app.operator().await);
    let table = format!(
        "orden,referencia,importe,autorizacion\n{},{},27794.52,804512\n,nadie,100.00,AA2\n",
        field(&payment, "mp_order"),
        field(&payment, "mp_reference"),
    );
    let address = format!("{ROOT}/settlement-files?format=csv&bank=bbva&name=noviembre.csv");
    let bring = |clerk: &crate::support::Clerk, address: &str| {
        let request = clerk.browser.request(Method::POST, &format!("/api/v1{address}")).bearer_auth(&clerk.token);
        request.header("Content-Type", "application/octet-stream").body(table.clone())
    };
    desk.browser.send(bring(&desk, &address)).await.problem(ProblemCode::OperatorNeeded);
    let file: SettlementFileView = operator.browser.send(bring(&operator, &address)).await.ok().json();
    assert!(file.done && file.results["confirmed"] == 1 && file.results["not_found"] == 1, "{file:?}");
    assert!(person.payment(payment.id).await.applied);
    let lines: Vec<SettlementLineView> =
        desk.get(&format!("{ROOT}/settlement-files/{}/lines?result=not_found", file.id)).await.ok().json();
    assert_eq!((lines[0].line, lines[0].result), (3, Some(SettlementResult::NotFound)));
    let assign = format!("{ROOT}/settlement-files/{}/lines/3/assignments", file.id);
    operator.post(&assign, &json!({ "rfc": "XAXX010101000" })).await.problem(ProblemCode::InvalidFields);
    let made: PaymentResource = operator.post(&assign, &json!({ "rfc": CUSTOMER })).await.ok().json();
    assert!(made.is_deposit && made.amount == "100.00");
    let wrong = format!("{ROOT}/settlement-files?format=xls&bank=otro&name=x");
    let problem = operator.browser.send(bring(&operator, &wrong)).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors.len(), 2);
    let rate = operator.put(&format!("{ROOT}/exchange-rates/USD/2026-11-18"), &json!({ "rate": "19.25" })).await.ok();
    assert!(rate.text().contains("19.250000") && rate.text().contains("manual"));
    let rates: Page<RateOfDay> =
        desk.get(&format!("{ROOT}/exchange-rates?currency=USD&source=manual")).await.ok().json();
    assert!(rates.data[0].valid_on == "2026-11-18" && rates.data[0].set_by.as_ref().unwrap().contains('@'));
    for none in ["currency=EUR", "source=erp", "until=2026-11-17"] {
        let rates: Page<RateOfDay> = desk.get(&format!("{ROOT}/exchange-rates?{none}")).await.ok().json();
        assert!(rates.data.iter().all(|rate| rate.valid_on != "2026-11-18"), "{none}");
    }
    let standing: RateStanding = desk.get(&format!("{ROOT}/exchange-rate-standing")).await.ok().json();
    assert_eq!((standing.policy, standing.holds, standing.today.as_str()), (RateSource::Invoice, None, "2026-11-18"));
    let sums: PaymentSums = desk.get(&format!("{ROOT}/payment-sums")).await.ok().json();
    let shown = |sum: &MoneySum| (sum.count, sum.amount.clone());
    assert_eq!(shown(&sums.this_month), (2, "27894.52".to_owned()));
    assert_eq!((shown(&sums.not_found), shown(&sums.in_transit)), ((0, "0.00".into()), (0, "0.00".into())));
    money_is_in_order(app).await;
});

on_both!(a_payment_is_found_by_what_whoever_calls_has_at_hand, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let other = person.pays("k-2", &["1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    let number = answer.iter().find(|(name, _)| name == "mp_authorization").unwrap().1.clone();
    let desk = app.desk().await;
    let found = async |q: &str| {
        let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let page: Page<PaymentResource> = desk.get(&format!("{ROOT}/payments?q={q}")).await.ok().json();
        page.data.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    for q in [&payment.reference, &number, &format!("BBVA {number}"), &field(&payment, "mp_reference")] {
        assert_eq!(found(q).await, [payment.id], "{q}");
    }
    assert_eq!(found("$27,794.52 MXN").await, [payment.id]);
    let of_customer = found(&CUSTOMER.to_lowercase()).await;
    assert!(of_customer.len() == 2 && of_customer.contains(&payment.id) && of_customer.contains(&other.id));
    assert_eq!(found(" ").await.len(), 2, "nothing is typed: all");
    for nobody in ["999999", "1.00", "XAXX010101000", "nada de esto", "' OR 1=1 --"] {
        assert!(found(nobody).await.is_empty(), "{nobody}");
    }
    let both = format!("{ROOT}/payments?state=in_transit&q={number}");
    assert!(desk.get(&both).await.ok().json::<Page<PaymentResource>>().data.is_empty(), "of both");
});
