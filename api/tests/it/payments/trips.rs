//! More than one trip to a bank for one payment, and what staff do with payments.
use api::payments::model::Finding;
use api::payments::operations::Looked;
use api::payments::{PaymentError, balances, operations};
use fiscal::{Amount, Currency};
use shared::payments::{BankCode, PaymentState, PaymentView, RedirectMethod, SettlementResult, TripView};
use shared::{FieldCode, ProblemCode};

use super::files::{brings, results};
use super::{
    AtTheBank, Person, comes_back, erp_says, field, gateway, issuer_and_customer, money_is_in_order, staff,
    told_by_mail, with,
};
use crate::support::on_both;

fn mxn(minor: i64) -> Amount {
    Amount::new(minor, Currency::Mxn)
}

/// Somebody looked, and there is nothing.
fn never() -> Looked<'static> {
    let finding = Finding::NeverArrived;
    Looked { trip: None, finding, transaction: None, forma: None, note: "No está en la cuenta" }
}

on_both!(a_refused_payment_goes_to_a_bank_again_and_is_one_payment, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    person.tries_again("a-1", payment.id, "bbva").await.problem(ProblemCode::PaymentNotRetryable);
    let refusal = AtTheBank::arrives(&payment).await.decides(&payment, "rechazar").await;
    comes_back(app, &refusal).await;
    let refused = person.payment(payment.id).await;
    assert!(refused.can_retry && refused.redirect.is_none());
    let again: PaymentView = person.tries_again("a-1", payment.id, "bbva").await.ok().json();
    assert_eq!((again.id, again.state, again.can_retry), (payment.id, PaymentState::InTransit, false));
    assert_ne!(field(&again, "mp_order"), field(&payment, "mp_order"));
    assert_ne!(field(&again, "mp_reference"), field(&payment, "mp_reference"));
    let same: PaymentView = person.tries_again("a-1", payment.id, "bbva").await.ok().json();
    assert_eq!(same, again, "the same key, the same way");
    person.tries_again("a-2", payment.id, "bbva").await.problem(ProblemCode::PaymentNotRetryable);
    assert_eq!(person.balance("6212976").await.transits.len(), 1);
    let approval = AtTheBank::arrives(&again).await.decides(&again, "sin_avisar").await;
    assert_eq!(comes_back(app, &approval).await, (303, format!("/pagos/{}", payment.id)));
    let paid = person.payment(payment.id).await;
    assert_eq!((paid.state, paid.applied, paid.reference.as_str()), (PaymentState::Confirmed, true, "1"));
    assert_eq!(person.history("").await.totals.count, 1);
    // 4.5, 12: the old trip fails again after the new one was paid.
    comes_back(app, &refusal).await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    money_is_in_order(app).await;
});

on_both!(a_trip_goes_to_another_bank_or_by_transfer, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let person = person.gives_up_for_good(app, payment.id).await;
    let transfer: PaymentView = person.tries_again("a-1", payment.id, "spei").await.ok().json();
    let redirect = transfer.redirect.as_ref().unwrap();
    assert_eq!((redirect.method, redirect.action.as_str()), (RedirectMethod::Transfer, ""));
    assert_eq!(field(&transfer, "amount"), "27794.52");
    assert_eq!((field(&transfer, "reference").len(), field(&transfer, "clabe").len()), (12, 18));
    person.tries_again("a-2", payment.id, "oxxo").await.problem(ProblemCode::InvalidFields);
    // Nobody sends the money: after its time the invoice is free again, and a late transfer would still be received.
    app.clock.advance_seconds(73 * 3_600);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let expired = person.payment(payment.id).await;
    assert_eq!((expired.state, expired.can_retry), (PaymentState::Expired, true));
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    money_is_in_order(app).await;
});

// payments.md 4.4: what the tab that was left open may still authorise is not ordered a second time.
on_both!(what_was_given_up_goes_to_no_bank_while_its_page_may_still_charge_it, |app| {
    let person = Person::signs_in(app).await;
    let seconds = app.app.config.payments.answer_minutes * 60;
    let payment = person.pays("k-1", &["6212976"]).await;
    person.cancels(payment.id).await.ok();
    for bank in ["bbva", "spei", "citibanamex"] {
        person.tries_again("a-1", payment.id, bank).await.problem(ProblemCode::PaymentNotRetryable);
    }
    // The gateway was asked: what it had not taken then is given up for good.
    let asked = gateway::ordered(&person, "1233080").await;
    person.cancels(asked.id).await.ok();
    person.tries_again("b-1", asked.id, "citibanamex").await.ok();
    app.clock.advance_seconds(seconds - 1);
    let person = Person::signs_in(app).await;
    assert!(!person.payment(payment.id).await.can_retry);
    person.tries_again("a-1", payment.id, "bbva").await.problem(ProblemCode::PaymentNotRetryable);
    assert!(person.balance("6212976").await.transits.is_empty(), "nothing of it is reserved");
    app.clock.advance_seconds(1);
    assert!(person.payment(payment.id).await.can_retry);
    let again: PaymentView = person.tries_again("a-1", payment.id, "bbva").await.ok().json();
    assert_eq!((again.id, again.state, again.can_retry), (payment.id, PaymentState::InTransit, false));
    money_is_in_order(app).await;
});

// Two trips that are both paid: one pays the invoice, the other is a credit to look at.
on_both!(both_trips_paid_is_one_application_and_one_credit, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let bank = AtTheBank::arrives(&payment).await;
    let person = person.gives_up_for_good(app, payment.id).await;
    let again: PaymentView = person.tries_again("a-1", payment.id, "bbva").await.ok().json();
    let second = AtTheBank::arrives(&again).await.decides(&again, "sin_avisar").await;
    comes_back(app, &second).await;
    let first = bank.decides(&payment, "sin_avisar").await;
    comes_back(app, &first).await;
    let paid = person.payment(payment.id).await;
    assert_eq!(
        (paid.state, paid.applied, paid.unapplied.as_deref()),
        (PaymentState::Confirmed, true, Some("27794.52"))
    );
    money_is_in_order(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    // The customer owes something else: the credit pays a part of it, and the rest goes back.
    erp_says(app, "77", 100_000, None).await;
    let other = person.balance("77").await;
    let lines = [(other.id, Some(mxn(60_000)))];
    let places = balances::list_for_credit(&app.app, scope, payment.id).await.unwrap();
    assert!(places.iter().any(|row| row.id == other.id && row.available == "1000.00"));
    assert!(places.iter().all(|row| row.number != "6212976"), "what it has paid is no place for the rest");
    operations::apply_credit(&app.app, scope, payment.id, &lines, &staff()).await.unwrap();
    assert_eq!(person.balance("77").await.pending, "400.00");
    assert_eq!(person.payment(payment.id).await.unapplied.as_deref(), Some("27194.52"));
    money_is_in_order(app).await;
    let too_much = operations::apply_credit(&app.app, scope, payment.id, &lines, &staff()).await;
    assert!(matches!(too_much, Err(PaymentError::Fields(_))), "{too_much:?}");
    operations::refund_credit(&app.app, scope, payment.id, "Se devolvió", &staff()).await.unwrap();
    assert_eq!(person.payment(payment.id).await.unapplied, None);
    money_is_in_order(app).await;
});

on_both!(a_payment_that_is_taken_back_leaves_its_invoices_owing, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let early = operations::reverse(&app.app, scope, payment.id, "Contracargo", &staff()).await;
    assert!(matches!(early, Err(PaymentError::NothingToDecide)), "{early:?}");
    let approval = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &approval).await;
    assert!(!person.is_open("1233080").await);
    assert!(operations::reverse(&app.app, scope, payment.id, "Contracargo", &staff()).await.unwrap());
    assert!(!operations::reverse(&app.app, scope, payment.id, "Contracargo", &staff()).await.unwrap(), "once");
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    assert_eq!(person.balance("1233080").await.available, "312.62");
    let reversed = person.payment(payment.id).await;
    assert!(reversed.reversed_at.is_some() && reversed.state == PaymentState::Confirmed);
    let totals = person.history("").await.totals;
    assert_eq!((totals.count, totals.applied.as_str(), totals.in_transit.as_str()), (1, "0.00", "0.00"));
    money_is_in_order(app).await;
    let told = told_by_mail(app, "se revirtió").await;
    assert_eq!(told.len(), 1, "whoever ordered it, once: {told:?}");
    assert!(told[0].1.ends_with("su pago 1 se revirtió"), "{told:?}");
    // Parcialidades keep their numbers: the next payment of the invoice is its second.
    let second = person.pays("k-2", &["1233080"]).await;
    let approval = AtTheBank::arrives(&second).await.decides(&second, "sin_avisar").await;
    comes_back(app, &approval).await;
    let mut conn = app.app.db.read().await.unwrap();
    let told = api::payments::resource::find(&mut conn, scope, second.id).await.unwrap();
    let line = &told.lines[0];
    assert_eq!((line.parcialidad, line.saldo_anterior.as_deref()), (Some(2), Some("312.62")));
    assert_eq!((line.importe_pagado.as_deref(), line.saldo_insoluto.as_deref()), (Some("312.62"), Some("0.00")));
    money_is_in_order(app).await;
});

on_both!(staff_who_looked_end_what_the_bank_left_open, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    // Nobody knows: the tab was closed.
    let unknown = person.pays("k-1", &["6212976"]).await;
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    assert_eq!(person.payment(unknown.id).await.state, PaymentState::Unknown);
    operations::decide(&app.app, scope, unknown.id, &never(), &staff()).await.unwrap();
    assert_eq!(person.payment(unknown.id).await.state, PaymentState::Declined);
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    // A word that contradicts itself waits for somebody.
    let doubted = person.pays("k-2", &["1233080"]).await;
    let refusal = AtTheBank::arrives(&doubted).await.decides(&doubted, "rechazar").await;
    comes_back(app, &refusal).await;
    comes_back(app, &with(&refusal, "mp_response", "00")).await;
    assert_eq!(person.payment(doubted.id).await.state, PaymentState::Review);
    let finding = Finding::Arrived(mxn(590_442));
    let looked = Looked { trip: None, finding, transaction: Some("804512"), forma: None, note: "Está en la cuenta" };
    operations::decide(&app.app, scope, doubted.id, &looked, &staff()).await.unwrap();
    let paid = person.payment(doubted.id).await;
    assert_eq!((paid.state, paid.applied), (PaymentState::Confirmed, true));
    let again = operations::decide(&app.app, scope, doubted.id, &looked, &staff()).await;
    assert!(matches!(again, Err(PaymentError::NothingToDecide)), "{again:?}");
    money_is_in_order(app).await;
});

// P10: what an earlier trip holds is somebody's to let go, though a later one ended.
on_both!(staff_decide_the_trip_that_is_open_and_not_only_the_last, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let first = person.pays("k-1", &["6212976"]).await;
    let refusal = AtTheBank::arrives(&first).await.decides(&first, "rechazar").await;
    comes_back(app, &refusal).await;
    let second: PaymentView = person.tries_again("a-1", first.id, "bbva").await.ok().json();
    // The bank's file says that another amount came by the first one.
    let (order, reference) = (field(&first, "mp_order"), field(&first, "mp_reference"));
    let table = format!("orden,referencia,importe,autorizacion\n{order},{reference},27000.00,900004\n");
    let file = brings(app, BankCode::Bbva, "uno.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::AmountDiffers]);
    let refusal = AtTheBank::arrives(&second).await.decides(&second, "rechazar").await;
    comes_back(app, &refusal).await;
    let declined = person.payment(first.id).await;
    assert_eq!((declined.state, declined.can_retry), (PaymentState::Declined, false));
    assert_eq!(person.balance("6212976").await.available, "0.00", "the first trip holds it");
    let address = format!("/console/issuers/default/payments/{}/attempts", first.id);
    let trips: Vec<TripView> = app.desk().await.get(&address).await.ok().json();
    let known: Vec<_> = trips.iter().map(|trip| (trip.trip, trip.state, trip.is_current, trip.is_open)).collect();
    assert_eq!(known, [(1, PaymentState::Review, false, true), (2, PaymentState::Declined, true, false)]);
    assert!(trips.iter().all(|trip| trip.can_decide) && trips[0].reference == reference);
    let nowhere = operations::decide(&app.app, scope, first.id, &Looked { trip: Some(9), ..never() }, &staff()).await;
    let Err(PaymentError::Fields(errors)) = nowhere else { panic!("{nowhere:?}") };
    assert_eq!(errors.of("/trip"), Some(FieldCode::NotInCatalog));
    let ended = operations::decide(&app.app, scope, first.id, &Looked { trip: Some(2), ..never() }, &staff()).await;
    assert!(matches!(ended, Err(PaymentError::NothingToDecide)), "{ended:?}");
    operations::decide(&app.app, scope, first.id, &never(), &staff()).await.unwrap();
    let free = person.payment(first.id).await;
    assert_eq!((free.state, free.can_retry), (PaymentState::Declined, true));
    assert_eq!(person.balance("6212976").await.available, "27794.52");
    money_is_in_order(app).await;
});
