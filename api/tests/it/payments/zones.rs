//! Days are counted by the clock of the issuer: what is due, the months of the history, the papers.
use fiscal::{Amount, Currency};
use shared::ProblemCode;
use shared::payments::{AccountStatements, BalancesPage};

use super::{AtTheBank, Person, comes_back, money_is_in_order, other_issuer, owes};
use crate::support::{Clerk, TestApp, on_both};

/// Moves the clock forward to an instant.
fn until(app: &TestApp, instant: &str) {
    let wanted: jiff::Timestamp = instant.parse().unwrap();
    let now = app.app.now().jiff();
    app.clock.advance_seconds(wanted.as_second() - now.as_second());
    assert_eq!(app.app.now().jiff(), wanted);
}

async fn lives_in(clerk: &Clerk, slug: &str, zone: &str) {
    clerk.changes_issuer(slug, |settings| settings.time_zone = zone.to_owned()).await.ok();
}

/// An invoice in pesos, due on a day, of one of the demo's companies.
async fn owes_pesos(app: &TestApp, slug: &str, number: &str, due_on: &str) {
    owes(app, slug, number, Some(due_on), Amount::new(100_000, Currency::Mxn)).await;
}

/// How late a balance is said to be, and whether it is in the list of what is overdue and of what is not due.
async fn late(app: &TestApp, number: &str) -> (i64, bool, bool) {
    let person = Person::signs_in(app).await;
    let among = |page: &BalancesPage| page.data.iter().any(|row| row.number == number);
    let overdue: BalancesPage = person.get("/balances?limit=100&only=overdue").await.ok().json();
    let not_due: BalancesPage = person.get("/balances?limit=100&only=not_due").await.ok().json();
    let row = person.balance(number).await;
    assert_eq!(overdue.totals.all_in_mxn.overdue_count, overdue.data.len() as u64, "sums and rows say one thing");
    (row.days_overdue, among(&overdue), among(&not_due))
}

on_both!(what_is_due_is_counted_by_the_clock_of_each_issuer, |app| {
    let operator = app.operator().await;
    lives_in(&operator, "default", "America/Cancun").await;
    assert_eq!(operator.issuer("default").await.time_zone, "America/Cancun");
    let other = other_issuer(app).await;
    lives_in(&operator, &other, "America/Tijuana").await;
    owes_pesos(app, "default", "east-1", "2026-12-02").await;
    owes_pesos(app, &other, "west-1", "2026-12-02").await;
    // Five hours behind UTC, and eight in winter: the same instant is two days.
    until(app, "2026-12-03T04:59:59Z");
    assert_eq!(late(app, "east-1").await, (0, false, true));
    app.clock.advance_seconds(1);
    assert_eq!(late(app, "east-1").await, (1, true, false));
    assert_eq!(late(app, "west-1").await, (0, false, true));
    until(app, "2026-12-03T07:59:59Z");
    assert_eq!(late(app, "west-1").await, (0, false, true));
    app.clock.advance_seconds(1);
    assert_eq!(late(app, "west-1").await, (1, true, false));
    let operator = app.operator().await;
    let answer = operator.changes_issuer("default", |settings| settings.time_zone = "America/Atlantis".into()).await;
    let wrong = answer.problem(ProblemCode::InvalidFields).errors.into_iter().map(|error| error.pointer);
    assert_eq!(wrong.collect::<Vec<_>>(), ["/time_zone"]);
});

// P12; K33, K34.
on_both!(a_payment_at_the_turn_of_a_month_is_of_its_issuers_month, |app| {
    let operator = app.operator().await;
    lives_in(&operator, "default", "America/Tijuana").await;
    // In the capital it is December for an hour and a half.
    until(app, "2026-12-01T07:30:00Z");
    let person = Person::signs_in(app).await;
    let months: AccountStatements = person.get("/account-statements").await.ok().json();
    assert_eq!(months.months[0], "2026-11");
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    app.run_jobs().await;
    let paid = person.payment(payment.id).await;
    assert_eq!(paid.paid_at.civil, "2026-11-30T23:30:00");
    assert_eq!(person.history("&month=2026-11").await.data.len(), 1);
    assert_eq!(person.history("&month=2026-12").await.data.len(), 0);
    let receipt = person.get(&format!("/documents/{}", paid.receipt_document_id.unwrap())).await.ok().text();
    assert!(receipt.contains("\"2026-11-30\""), "{receipt}");
    let december = "/account-statements/default/2026-12/pdf";
    person.get(december).await.problem(ProblemCode::InvalidFields);
    until(app, "2026-12-01T08:00:00Z");
    Person::signs_in(app).await.get(december).await.ok();
    // And in the east the year ends before it does in the capital.
    lives_in(&app.operator().await, "default", "America/Cancun").await;
    until(app, "2027-01-01T05:30:00Z");
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-2", &["1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    assert_eq!(person.payment(payment.id).await.paid_at.civil, "2027-01-01T00:30:00");
    assert_eq!(person.history("&month=2027-01").await.data.len(), 1);
    assert_eq!(person.history("&month=2026-12").await.data.len(), 0);
    money_is_in_order(app).await;
});
