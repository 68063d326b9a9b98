//! Citibanamex by the Mastercard gateway: nothing is believed but the answer to our own question.
use serde_json::json;
use shared::payments::{PaymentState, PaymentView, RedirectMethod};

use super::{FORM, Person, encode, hidden_fields, money_is_in_order, plain_client};
use crate::support::{TestApp, on_both};

pub async fn ordered(person: &Person, number: &str) -> PaymentView {
    let mut order = person.all_of(&[number]).await;
    order["bank"] = json!("citibanamex");
    person.order(&format!("k-{number}"), &order).await.ok().json()
}

/// Goes to the gateway's page, presses a button, and gives the fields of the way back.
pub async fn decides(payment: &PaymentView, deed: &str) -> Vec<(String, String)> {
    let redirect = payment.redirect.as_ref().unwrap();
    assert!(redirect.method == RedirectMethod::Get && redirect.fields.is_empty());
    let http = plain_client();
    let page = http.get(&redirect.action).send().await.unwrap().text().await.unwrap();
    let mut fields = hidden_fields(&page);
    assert_eq!(fields[0].0, "order", "{page}");
    fields.push(("deed".into(), deed.into()));
    let address = format!("{}/clb/decision", redirect.action.split("/checkout/").next().unwrap());
    let page = http.post(address).header("Content-Type", FORM).body(encode(&fields)).send().await.unwrap();
    hidden_fields(&page.text().await.unwrap())
}

pub async fn comes_back(app: &TestApp, fields: &[(String, String)]) -> (u16, String) {
    let address = format!("{}/api/v1/bank-returns/citibanamex?{}", app.base, encode(fields));
    let answer = plain_client().get(address).send().await.unwrap();
    let target = answer.headers().get("location").unwrap().to_str().unwrap().to_owned();
    (answer.status().as_u16(), target)
}

on_both!(a_browser_that_comes_back_makes_us_ask_the_gateway, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "1233080").await;
    let back = decides(&payment, "sin_avisar").await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
    assert_eq!(comes_back(app, &back).await, (303, format!("/pagos/{}", payment.id)));
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    assert!(paid.bank_reference.unwrap().starts_with("BC-Banamex "));
    money_is_in_order(app).await;
});

on_both!(a_notice_makes_us_ask_and_a_refusal_is_heard, |app| {
    let person = Person::signs_in(app).await;
    let paid = ordered(&person, "1233080").await;
    decides(&paid, "avisar_dos_veces").await;
    assert_eq!(person.payment(paid.id).await.state, PaymentState::Confirmed);
    let refused = ordered(&person, "6212976").await;
    decides(&refused, "rechazar").await;
    assert_eq!(person.payment(refused.id).await.state, PaymentState::Declined);
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    money_is_in_order(app).await;
});

on_both!(p5_an_echo_that_is_not_ours_proves_nothing, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    let order = decides(&payment, "cerrar").await;
    assert!(order.is_empty());
    let action = payment.redirect.unwrap().action;
    assert!(!action.contains("successIndicator"));
    assert_eq!(comes_back(app, &[("order".into(), "otra".into())]).await.1, "/pagos");
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
});

// P10: a bank that answers leaves nothing open for ever.
on_both!(an_order_that_nobody_pays_ends_when_its_page_is_old, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Unknown);
    app.clock.advance_seconds(86_400);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let expired = person.payment(payment.id).await;
    assert_eq!((expired.state, expired.safe_to_pay_again), (PaymentState::Expired, true));
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    money_is_in_order(app).await;
});
