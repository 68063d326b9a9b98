//! What is told of money: what came and not what was ordered, where it is, and since when.
use api::payments::model::Finding;
use api::payments::operations::{self, Looked};
use api::payments::{PaymentError, balances};
use fiscal::{Amount, Currency};
use serde_json::json;
use shared::integrators::PaymentResource;
use shared::payments::{BankCode, Money, PaymentSums, PaymentView, SettlementResult};

use super::files::{brings, results};
use super::{AtTheBank, Person, comes_back, field, issuer_and_customer, money_is_in_order, staff};
use crate::integrators::documents::printed_text;
use crate::support::{TestApp, on_both};

const INVOICE: &str = "6212976";
const CONSOLE: &str = "/console/issuers/default";

/// Orders all of the invoice; the bank takes the money and says so.
async fn paid(app: &TestApp, person: &Person, key: &str) -> PaymentView {
    let payment = person.pays(key, &[INVOICE]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    person.payment(payment.id).await
}

on_both!(a_credit_goes_to_the_invoice_it_was_sent_for, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let invoice = person.balance(INVOICE).await.id;
    let late = person.pays("k-1", &[INVOICE]).await;
    person.cancels(late.id).await.ok();
    let other = paid(app, &person, "k-2").await;
    let answer = AtTheBank::arrives(&late).await.decides(&late, "sin_avisar").await;
    comes_back(app, &answer).await;
    let credit = person.payment(late.id).await;
    assert_eq!((credit.money(), credit.unapplied.as_deref()), (Money::Credit, Some("27794.52")));
    assert_eq!((credit.lines[0].number.as_str(), credit.lines[0].amount_mxn.as_str()), (INVOICE, "0.00"));
    // The other payment goes back, so the invoice owes again: the credit was sent for it.
    operations::reverse(&app.app, scope, other.id, "Contracargo", &staff()).await.unwrap();
    let places = balances::list_for_credit(&app.app, scope, late.id).await.unwrap();
    assert!(places.iter().any(|row| row.id == invoice));
    let lines = [(invoice, Some(Amount::new(2_000_000, Currency::Mxn)))];
    operations::apply_credit(&app.app, scope, late.id, &lines, &staff()).await.unwrap();
    let applied = person.payment(late.id).await;
    assert_eq!((applied.money(), applied.unapplied.as_deref()), (Money::Applied, Some("7794.52")));
    let told: Vec<_> = applied.lines.iter().map(|line| (line.number.as_str(), line.amount_mxn.as_str())).collect();
    assert_eq!(told, [(INVOICE, "20000.00")], "the line that paid nothing steps back");
    assert_eq!(person.balance(INVOICE).await.pending, "7794.52");
    money_is_in_order(app).await;
    let again = operations::apply_credit(&app.app, scope, late.id, &[(invoice, None)], &staff()).await;
    assert!(matches!(again, Err(PaymentError::Fields(_))), "once: {again:?}");
    let places = balances::list_for_credit(&app.app, scope, late.id).await.unwrap();
    assert!(places.iter().all(|row| row.id != invoice));
});

// 4.5, 8.
on_both!(p8_another_amount_than_was_ordered_is_told_as_what_came, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let payment = person.pays("k-1", &[INVOICE]).await;
    app.clock.advance_seconds(31 * 60);
    app.run_jobs().await;
    let finding = Finding::Arrived(Amount::new(2_779_000, Currency::Mxn));
    let transaction = Some("804512");
    let looked = Looked { trip: None, finding, transaction, forma: None, note: "Llegó de menos" };
    operations::decide(&app.app, scope, payment.id, &looked, &staff()).await.unwrap();
    app.run_jobs().await;
    let person = Person::signs_in(app).await;
    let told = person.payment(payment.id).await;
    assert_eq!((told.amount.as_str(), told.ordered.as_deref()), ("27790.00", Some("27794.52")));
    assert_eq!((told.money(), told.unapplied.as_deref()), (Money::Credit, Some("27790.00")));
    assert_eq!(told.lines[0].amount_mxn, "0.00");
    let totals = person.history("").await.totals;
    assert_eq!((totals.applied.as_str(), totals.in_transit.as_str()), ("0.00", "0.00"));
    assert_eq!(totals.unapplied, "27790.00");
    let table = person.get("/payments.csv").await.ok().text();
    assert!(table.contains(",Saldo a favor,27790.00,27790.00,") && table.contains(",27794.52\r\n"), "{table}");
    let receipt = told.receipt_document_id.unwrap();
    let paper = printed_text(&person.get(&format!("/documents/{receipt}/pdf")).await.ok().body);
    assert!(paper.contains("27,790.00") && paper.contains("Montoordenado"), "{paper}");
    let desk = app.desk().await;
    let read: PaymentResource = desk.get(&format!("{CONSOLE}/payments/{}", payment.id)).await.ok().json();
    assert_eq!((read.amount.as_str(), read.ordered.as_deref()), ("27790.00", Some("27794.52")));
    assert_eq!((read.receipts.len(), read.receipts[0].amount.as_str()), (1, "27790.00"));
    assert_eq!(read.reviews, ["amount_differs"]);
    let sums: PaymentSums = desk.get(&format!("{CONSOLE}/payment-sums")).await.ok().json();
    assert_eq!(sums.this_month.amount, "27790.00");
    money_is_in_order(app).await;
});

on_both!(money_that_went_back_is_told_as_such, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let payment = paid(app, &person, "k-1").await;
    assert_eq!((payment.money(), payment.returned.as_deref()), (Money::Applied, None));
    operations::reverse(&app.app, scope, payment.id, "Contracargo", &staff()).await.unwrap();
    let back = person.payment(payment.id).await;
    assert_eq!((back.money(), back.applied, back.returned.as_deref()), (Money::Back, false, Some("27794.52")));
    assert!(person.get("/payments.csv").await.ok().text().contains(",Revertido,"));
    let desk = app.desk().await;
    let sums: PaymentSums = desk.get(&format!("{CONSOLE}/payment-sums")).await.ok().json();
    assert_eq!(sums.this_month.amount, "0.00");
});

// P12.
on_both!(a_payment_that_was_paid_by_two_trips_tells_both, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let first = person.pays("k-1", &[INVOICE]).await;
    let bank = AtTheBank::arrives(&first).await;
    let person = person.gives_up_for_good(app, first.id).await;
    let second: PaymentView = person.tries_again("a-1", first.id, "bbva").await.ok().json();
    let approval = AtTheBank::arrives(&second).await.decides(&second, "sin_avisar").await;
    comes_back(app, &approval).await;
    comes_back(app, &bank.decides(&first, "sin_avisar").await).await;
    let told = person.payment(first.id).await;
    assert_eq!((told.amount.as_str(), told.ordered.as_deref()), ("55589.04", Some("27794.52")));
    assert_eq!(told.bank_reference.as_deref().map(|text| text.matches("BBVA ").count()), Some(2));
    let totals = person.history("").await.totals;
    assert_eq!((totals.applied.as_str(), totals.unapplied.as_str()), ("27794.52", "27794.52"));
    operations::refund_credit(&app.app, scope, first.id, "Se devolvió", &staff()).await.unwrap();
    let told = person.payment(first.id).await;
    assert_eq!((told.money(), told.returned.as_deref()), (Money::Applied, Some("27794.52")));
    let totals = person.history("").await.totals;
    assert_eq!((totals.applied.as_str(), totals.unapplied.as_str()), ("27794.52", "0.00"));
    money_is_in_order(app).await;
});

// K32 to K34: the day of a payment is the day it was made, not the day somebody brought the bank's file in.
// 4.5, 10.
on_both!(p10_a_payment_is_filed_under_the_day_that_its_bank_says, |app| {
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&[INVOICE]).await;
    order["bank"] = json!("spei");
    let payment: PaymentView = person.order("k-1", &order).await.ok().json();
    let table = format!("fecha,referencia,importe,folio\n31/10/2026,{},27794.52,AA1\n", field(&payment, "reference"));
    let file = brings(app, BankCode::Spei, "octubre.csv", &table).await;
    assert_eq!(results(app, &file).await, [SettlementResult::Confirmed]);
    let told = person.payment(payment.id).await;
    assert_eq!(told.paid_at.civil, "2026-10-31T12:00:00");
    let months = (person.history("&month=2026-10").await, person.history("&month=2026-11").await);
    assert_eq!((months.0.totals.count, months.1.totals.count), (1, 0));
    let receipt = told.receipt_document_id.unwrap();
    assert!(person.get(&format!("/documents/{receipt}")).await.ok().text().contains("\"2026-10-31\""));
    let paper = printed_text(&person.get(&format!("/documents/{receipt}/pdf")).await.ok().body);
    assert!(paper.contains("Autorizadoporelbancoel31/10/2026"), "{paper}");
    money_is_in_order(app).await;
});
