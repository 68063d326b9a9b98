//! Citibanamex by the Mastercard gateway: nothing is believed but the answer to our own question.
use std::sync::Arc;

use api::App;
use api::ops::start;
use api::payments::banks::{Banks, Citibanamex, CitibanamexSettings};
use serde_json::json;
use shared::ProblemCode;
use shared::page::Page;
use shared::payments::{BankCode, PaymentState, PaymentView, RedirectMethod, ReviewView};

use super::{AtTheBank, FORM, Person, encode, hidden_fields, money_is_in_order, plain_client};
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

on_both!(the_gateways_page_offers_only_what_it_plays, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    let action = payment.redirect.unwrap().action;
    let page = plain_client().get(&action).send().await.unwrap().text().await.unwrap();
    let address = format!("{}/clb/sesion", action.split("/checkout/").next().unwrap());
    let signed_in = plain_client().post(address).header("Content-Type", FORM).body(encode(&hidden_fields(&page)));
    let page = signed_in.send().await.unwrap().text().await.unwrap();
    let offers = |deed: &str| page.contains(&format!("value=\"{deed}\""));
    assert!(offers("aprobar") && offers("avisar_dos_veces") && !offers("cobrar_dos_veces"), "{page}");
    let form = person.pays("k-1", &["1233080"]).await;
    let page = AtTheBank::arrives(&form).await.looks(&form).await;
    assert!(page.contains("value=\"cobrar_dos_veces\""), "{page}");
});

/// A house whose gateway does not answer.
pub fn with_a_silent_gateway(app: &TestApp) -> App {
    let gateway = Citibanamex::new(CitibanamexSettings {
        origin: "http://127.0.0.1:9".into(),
        version: "100".into(),
        merchant: "TEST1".into(),
        password: "clave".into(),
    });
    let mut banks = Banks::default();
    banks.add_sandbox(BankCode::Citibanamex, Arc::new(gateway.unwrap()));
    App { banks: Arc::new(banks), ..app.app.clone() }
}

// 4.5, 5: paid at the gateway's page, and the tab closed there.
on_both!(what_was_paid_cannot_be_given_up, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    decides(&payment, "sin_avisar").await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit, "nobody told us");
    person.cancels(payment.id).await.problem(ProblemCode::PaymentNotCancellable);
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    money_is_in_order(app).await;
});

on_both!(what_was_given_up_and_then_paid_is_found_when_its_time_is_over, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    person.cancels(payment.id).await.ok();
    // The page was open in another tab.
    decides(&payment, "sin_avisar").await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Cancelled);
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    assert!(!person.is_open("6212976").await);
    money_is_in_order(app).await;
});

// P10: a gateway that did not answer once is no gateway that cannot be asked.
on_both!(a_gateway_that_was_silent_is_asked_again, |app| {
    let person = Person::signs_in(app).await;
    let (paid, given_up) = (ordered(&person, "6212976").await, ordered(&person, "1233080").await);
    person.cancels(given_up.id).await.ok();
    for payment in [&paid, &given_up] {
        decides(payment, "sin_avisar").await;
    }
    app.clock.advance_seconds(31 * 60);
    api::jobs::run_due(&with_a_silent_gateway(app), start::dispatch).await.unwrap();
    let person = Person::signs_in(app).await;
    assert_eq!(person.payment(paid.id).await.state, PaymentState::Unknown);
    assert_eq!(person.payment(given_up.id).await.state, PaymentState::Cancelled);
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    for payment in [&paid, &given_up] {
        assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    }
    money_is_in_order(app).await;
});

// P10: while it can be asked nobody has to look; when its page is a day old somebody has.
on_both!(a_gateway_that_is_silent_for_a_day_is_somebodys_to_look_at, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    decides(&payment, "sin_avisar").await;
    let reviews = async || {
        let address = "/console/issuers/default/payment-reviews";
        let open: Page<ReviewView> = app.desk().await.get(address).await.ok().json();
        open.data.into_iter().map(|review| (review.payment.id, review.reason)).collect::<Vec<_>>()
    };
    let house = with_a_silent_gateway(app);
    let asked = [(payment.id, "unanswered".to_owned())];
    for (seconds, expected) in [(31 * 60, &asked[..0]), (3_600, &asked[..0]), (86_400, &asked[..]), (3_600, &asked[..])]
    {
        app.clock.advance_seconds(seconds);
        api::jobs::run_due(&house, start::dispatch).await.unwrap();
        assert_eq!(reviews().await, expected, "{seconds}");
    }
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    assert_eq!(Person::signs_in(app).await.payment(payment.id).await.state, PaymentState::Confirmed);
    assert!(reviews().await.is_empty(), "a later word ends it");
    money_is_in_order(app).await;
});

// What whoever pays can say without end shuts out no answer of the gateway's.
on_both!(many_hints_fill_up_nothing_but_themselves, |app| {
    let person = Person::signs_in(app).await;
    let payment = ordered(&person, "6212976").await;
    let action = &payment.redirect.as_ref().unwrap().action;
    let page = plain_client().get(action).send().await.unwrap().text().await.unwrap();
    let (name, order) = hidden_fields(&page).swap_remove(0);
    assert_eq!(name, "order");
    for number in 0..401 {
        let raw = encode(&[("order", order.as_str()), ("a", &number.to_string())]);
        let message = api::payments::evidence::Message {
            bank: BankCode::Citibanamex,
            source: api::payments::model::Source::Return,
            raw: raw.as_bytes(),
            from: "",
        };
        api::payments::evidence::receive(&app.app, &message).await.unwrap();
    }
    let kept = app.database.count("SELECT COUNT(*) FROM evidence WHERE source = 'return'").await;
    assert!(kept < 250, "{kept}");
    decides(&payment, "sin_avisar").await;
    // So many questions in an hour and no more; in the next one it is asked, and heard.
    for seconds in [31 * 60, 3_600] {
        app.clock.advance_seconds(seconds);
        app.run_jobs().await;
    }
    assert_eq!(Person::signs_in(app).await.payment(payment.id).await.state, PaymentState::Confirmed);
    money_is_in_order(app).await;
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
