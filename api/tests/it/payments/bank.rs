//! What a bank says, and what somebody says in its name.
use shared::ProblemCode;
use shared::payments::PaymentState;

use super::{
    AtTheBank, FORM, Person, comes_back, encode, erp_says, field, hidden_fields, is_told, money_is_in_order,
    plain_client, told_by_mail, try_say, with,
};
use crate::support::{TestApp, on_both};

async fn letters_to_payer(app: &TestApp) -> usize {
    app.run_jobs().await;
    let mailbox: serde_json::Value = app.browser().get("/api/v1/mailbox").await.ok().json();
    let letters = mailbox["data"].as_array().unwrap();
    letters.iter().filter(|letter| letter["subject"].as_str().unwrap().contains("recibimos su pago")).count()
}

// 4.5, 1 to 3; K30, K31.
on_both!(p3_an_approved_payment_is_applied_once_however_it_is_told, |app| {
    let person = Person::signs_in(app).await;
    let copy = serde_json::json!({"email": "contador@arrayan.example"});
    person.browser.send(person.request(reqwest::Method::POST, "/mail-copies").json(&copy)).await.ok();
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let bank = AtTheBank::arrives(&payment).await;
    // The bank's server tells twice before the browser comes back.
    let answer = bank.decides(&payment, "avisar_dos_veces").await;
    let told = person.payment(payment.id).await;
    assert_eq!((told.state, told.applied, told.safe_to_pay_again), (PaymentState::Confirmed, true, true));
    for _ in 0..3 {
        let landing = comes_back(app, &answer).await;
        assert_eq!(landing, (303, format!("/pagos/{}", payment.id)));
        assert_eq!(is_told(app, &answer).await, 204);
    }
    let paid = person.payment(payment.id).await;
    assert_eq!(paid, told);
    assert!(paid.bank_reference.unwrap().starts_with("BBVA "));
    assert!(!person.is_open("6212976").await && !person.is_open("1233080").await);
    assert_eq!(letters_to_payer(app).await, 2, "to the payer, and to who gets copies");
    let told = told_by_mail(app, "recibimos su pago").await;
    assert_eq!(told.iter().filter(|(to, _)| to == "contador@arrayan.example").count(), 1);
    let receipt = person.payment(payment.id).await.receipt_document_id.expect("the recibo is printed");
    let file = person.get(&format!("/documents/{receipt}/pdf")).await.ok();
    assert!(file.body.starts_with(b"%PDF"));
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("_PG-1_"), "{:?}", file.headers);
    money_is_in_order(app).await;
});

on_both!(a_refused_payment_frees_its_invoices, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "rechazar").await;
    comes_back(app, &answer).await;
    let refused = person.payment(payment.id).await;
    assert_eq!((refused.state, refused.safe_to_pay_again, refused.can_cancel), (PaymentState::Declined, true, false));
    assert_eq!(refused.redirect, None);
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    assert_eq!(letters_to_payer(app).await, 0);
    // Its word is not signed: the same refusal with "00" in it verifies, and is looked at instead of believed.
    comes_back(app, &with(&answer, "mp_response", "00")).await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Review);
    assert_eq!(person.balance("6212976").await.available, "0.00", "nobody pays it again meanwhile");
    money_is_in_order(app).await;
});

on_both!(zeros_for_an_authorization_are_in_process, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "en_proceso").await;
    comes_back(app, &answer).await;
    let waiting = person.payment(payment.id).await;
    assert_eq!((waiting.state, waiting.safe_to_pay_again), (PaymentState::PendingBank, false));
    person.cancels(payment.id).await.problem(ProblemCode::PaymentNotCancellable);
    app.clock.advance_seconds(86_400);
    app.run_jobs().await;
    assert_eq!(Person::signs_in(app).await.payment(payment.id).await.state, PaymentState::PendingBank);
});

// 4.5, 5; P10.
on_both!(a_closed_tab_ends_as_unknown_and_keeps_its_reservation, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    AtTheBank::arrives(&payment).await.decides(&payment, "cerrar").await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let unknown = person.payment(payment.id).await;
    assert_eq!((unknown.state, unknown.safe_to_pay_again, unknown.redirect), (PaymentState::Unknown, false, None));
    assert_eq!(person.balance("6212976").await.available, "0.00");
    money_is_in_order(app).await;
});

// 4.4: money wins; threats P4.
on_both!(p4_a_late_success_after_giving_up_is_applied, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    person.cancels(payment.id).await.ok();
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Cancelled);
    comes_back(app, &answer).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    assert!(!person.is_open("6212976").await);
    money_is_in_order(app).await;
});

// 4.5, 7: as a rehearsal shows it.
on_both!(a_bank_that_is_late_charges_when_nobody_waits_any_more, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let bank = AtTheBank::arrives(&payment).await;
    assert!(bank.decides(&payment, "aprobar_tarde").await.is_empty(), "it says nothing");
    person.cancels(payment.id).await.ok();
    app.clock.advance_seconds(61);
    // Its customer comes by again until it has decided.
    let answer = loop {
        let page = bank.looks(&payment).await;
        if !page.contains("deed") {
            break hidden_fields(&page);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(is_told(app, &answer).await, 204);
    app.run_jobs().await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.unapplied), (PaymentState::Confirmed, true, None));
    money_is_in_order(app).await;
});

// 4.5, 7.
on_both!(a_late_success_that_finds_nothing_to_pay_becomes_a_credit, |app| {
    let person = Person::signs_in(app).await;
    let late = person.pays("k-1", &["6212976"]).await;
    person.cancels(late.id).await.ok();
    let payment = person.pays("k-2", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "aprobar").await;
    comes_back(app, &answer).await;
    assert!(!person.is_open("6212976").await);
    let answer = AtTheBank::arrives(&late).await.decides(&late, "aprobar").await;
    comes_back(app, &answer).await;
    let credit = person.payment(late.id).await;
    assert_eq!((credit.state, credit.unapplied.as_deref()), (PaymentState::Confirmed, Some("27794.52")));
    money_is_in_order(app).await;
});

// 4.5, 7: the ERP posted a cheque meanwhile.
on_both!(what_was_paid_otherwise_meanwhile_is_never_paid_below_zero, |app| {
    let person = Person::signs_in(app).await;
    erp_says(app, "77", 100_000, None).await;
    let payment = person.pays("k-1", &["77"]).await;
    app.clock.advance_seconds(60);
    erp_says(app, "77", 30_000, None).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "aprobar").await;
    comes_back(app, &answer).await;
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.applied, paid.unapplied.as_deref()), (true, Some("700.00")));
    assert!(!person.is_open("77").await);
    money_is_in_order(app).await;
});

// P3: at most one receipt; the second charge is looked at.
on_both!(a_second_charge_is_never_a_second_payment, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "cobrar_dos_veces").await;
    assert_eq!(comes_back(app, &answer).await.0, 303);
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.unapplied), (PaymentState::Confirmed, None));
    money_is_in_order(app).await;
});

// Threats P1, P5; invariant P6.
on_both!(p1_p5_what_nobody_signed_changes_nothing, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    // What the payer's own browser holds: the signature of the form it was sent with.
    let held = with(&with(&answer, "mp_authorization", ""), "mp_signature", &field(&payment, "mp_signature"));
    let forged = [
        with(&answer, "mp_signature", &"0".repeat(64)),
        with(&answer, "mp_signature", ""),
        with(&answer, "mp_authorization", "999999"),
        with(&answer, "mp_amount", "1.00"),
        with(&answer, "mp_reference", "000000000999"),
        held,
    ];
    for fields in forged {
        assert_eq!(comes_back(app, &fields).await, (303, format!("/pagos/{}", payment.id)), "it is told nothing more");
        assert_eq!(is_told(app, &fields).await, 401);
        let still = person.payment(payment.id).await;
        assert_eq!((still.state, still.applied), (PaymentState::InTransit, false));
    }
    let elsewhere = with(&answer, "mp_order", "nobody");
    assert_eq!(comes_back(app, &elsewhere).await, (303, "/pagos".to_owned()));
    assert_eq!(is_told(app, &elsewhere).await, 401);
    assert_eq!(comes_back(app, &[("status".into(), "ok".into())]).await, (303, "/pagos".to_owned()));
    // And the bank's own word still counts.
    assert_eq!(is_told(app, &answer).await, 204);
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    money_is_in_order(app).await;
});

// The bank charges only a form that the portal signed.
on_both!(p7_a_form_with_another_amount_is_refused_by_the_bank, |app| {
    let person = Person::signs_in(app).await;
    let mut payment = person.pays("k-1", &["6212976"]).await;
    let redirect = payment.redirect.as_mut().unwrap();
    redirect.fields.iter_mut().find(|field| field.name == "mp_amount").unwrap().value = "1.00".into();
    let http = plain_client();
    let fields: Vec<(&str, &str)> =
        redirect.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
    let answer = http.post(&redirect.action).header("Content-Type", FORM).body(encode(&fields));
    assert_eq!(answer.send().await.unwrap().status().as_u16(), 400);
});

// Threats P7: the page may send its form to the bank, and nowhere else.
on_both!(p7_the_page_may_send_its_form_to_the_bank_alone, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let action = payment.redirect.unwrap().action;
    let origin = action.split("/clb/").next().unwrap();
    let policy = person.get("/balances").await.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains(&format!("form-action 'self' {origin};")), "{policy}");
});

// F17; 4.5, 9: kept, and the process died before it was judged.
on_both!(what_was_kept_and_not_judged_is_judged_by_the_queue, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    // A house that cannot judge: the account is not at hand.
    let lame = api::App { banks: std::sync::Arc::default(), ..app.app.clone() };
    let raw = encode(&answer);
    let message = api::payments::evidence::Message {
        bank: shared::payments::BankCode::Bbva,
        source: api::payments::model::Source::Notice,
        raw: raw.as_bytes(),
        from: "",
    };
    assert!(api::payments::evidence::receive(&lame, &message).await.is_err());
    assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
    money_is_in_order(app).await;
    app.clock.advance_seconds(60);
    app.run_jobs().await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    money_is_in_order(app).await;
});

// Threats P1: without the key nothing is believed and nothing is skipped.
on_both!(p1_a_house_without_the_banks_key_believes_nobody_and_asks_for_time, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let lame = api::App { banks: std::sync::Arc::default(), ..app.app.clone() };
    let forged = with(&answer, "mp_signature", &"0".repeat(64));
    let (bank, source) = (shared::payments::BankCode::Bbva, api::payments::model::Source::Notice);
    for fields in [&forged, &answer] {
        let raw = encode(fields);
        let message = api::payments::evidence::Message { bank, source, raw: raw.as_bytes(), from: "" };
        let refused = api::payments::evidence::receive(&lame, &message).await.err().unwrap();
        assert!(matches!(refused, api::payments::PaymentError::BankUnavailable), "{refused:?}");
        assert_eq!(api::http::ApiError::from(refused).problem().status, 503);
        assert_eq!(person.payment(payment.id).await.state, PaymentState::InTransit);
    }
    // With the key there again, the queue believes the one that the bank signed.
    app.clock.advance_seconds(60);
    app.run_jobs().await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    money_is_in_order(app).await;
});

// 4.5, 13: a form of another site, with no cookie of ours.
on_both!(p13_a_return_needs_no_session_and_opens_none, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let landed = try_say(&app.base, "bank-returns", &answer).await.unwrap();
    assert_eq!((landed.status().as_u16(), landed.headers().get("set-cookie")), (303, None));
    assert_eq!(landed.headers()["location"], format!("/pagos/{}", payment.id));
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    let stranger = app.browser().get(&format!("/api/v1/payments/{}", payment.id)).await;
    stranger.problem(ProblemCode::SignedOut);
});

const CARDS_SQLITE: &str = "SELECT COUNT(*) FROM evidence WHERE CAST(raw AS TEXT) LIKE '%5231331%' \
     OR CAST(raw AS TEXT) LIKE '%LUCIA%'";
const CARDS_POSTGRES: &str = "SELECT COUNT(*) FROM evidence WHERE convert_from(raw, 'UTF8') LIKE '%5231331%' \
     OR convert_from(raw, 'UTF8') LIKE '%LUCIA%'";

// 4.5, 14: a bank that says more of a card than it may.
on_both!(p14_of_a_card_no_more_than_four_digits_are_kept, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let mut told = with(&answer, "mp_pan", "4152313312345678");
    told.push(("mp_cardholdername".to_owned(), "LUCIA".to_owned()));
    assert_eq!(is_told(app, &told).await, 204);
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM evidence").await, 1);
    let kept = app.database.count(if app.app.db.is_sqlite() { CARDS_SQLITE } else { CARDS_POSTGRES }).await;
    assert_eq!(kept, 0);
});

// 4.5, 15; threats P7: where a browser goes is said here, and by nobody's parameters.
on_both!(p15_a_return_address_that_somebody_sends_is_nobodys, |app| {
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["return_url"] = serde_json::json!("https://malo.example/");
    let refused = person.order("k-0", &order).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
    assert_eq!(person.history("").await.totals.count, 0);
    let payment = person.pays("k-1", &["6212976"]).await;
    for name in ["mp_urlsuccess", "mp_urlfailure"] {
        assert!(field(&payment, name).ends_with("/api/v1/bank-returns/bbva"), "{name}");
    }
    let mut answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    for name in ["return_url", "mp_urlsuccess", "mp_urlfailure", "next"] {
        answer.push((name.to_owned(), "https://malo.example/".to_owned()));
    }
    assert_eq!(comes_back(app, &answer).await, (303, format!("/pagos/{}", payment.id)));
});
