//! At which rate each issuer charges what is not in pesos: its own rule, else the server's (4.6, "which rate").
use fiscal::{Amount, Currency};
use shared::integrators::PaymentResource;
use shared::payments::{PaymentState, RateSource, RateStanding, TodaysRate};

use super::{AtTheBank, Person, comes_back, money_is_in_order, other_issuer, owes};
use crate::support::{Clerk, TestApp, on_both};

/// Chooses an issuer's rule, or none.
async fn chooses(clerk: &Clerk, slug: &str, policy: Option<RateSource>) -> Option<RateSource> {
    clerk.changes_issuer(slug, |settings| settings.rate_policy = policy).await.ok();
    clerk.issuer(slug).await.rate_policy
}

/// An invoice in dollars of one of the demo's companies.
async fn owes_dollars(app: &TestApp, slug: &str, number: &str) {
    owes(app, slug, number, None, Amount::new(10_000, Currency::Usd)).await;
}

/// Whose rate a balance has, and what it comes to in pesos.
async fn charged(person: &Person, number: &str) -> (RateSource, String) {
    let row = person.balance(number).await;
    (row.rate.unwrap().source, row.available_mxn)
}

/// What a company's rate of the day is said to be.
async fn todays_rate(person: &Person, slug: &str) -> Option<TodaysRate> {
    let found = person.balances().await.payable_to.into_iter().find(|it| it.issuer == slug);
    found.unwrap().todays_rate
}

async fn standing(clerk: &Clerk, slug: &str) -> RateStanding {
    clerk.get(&format!("/console/issuers/{slug}/exchange-rate-standing")).await.ok().json()
}

on_both!(two_companies_charge_by_two_rules_in_one_list, |app| {
    let operator = app.operator().await;
    let other = other_issuer(app).await;
    owes_dollars(app, "default", "day-1").await;
    owes_dollars(app, "default", "day-2").await;
    owes_dollars(app, &other, "invoice-1").await;
    let person = Person::signs_in(app).await;
    assert_eq!(charged(&person, "day-1").await, (RateSource::Invoice, "1800.00".into()), "the server says nothing");
    assert_eq!(chooses(&operator, "default", Some(RateSource::Day)).await, Some(RateSource::Day));
    assert_eq!(chooses(&operator, &other, None).await, None);
    let told =
        "SELECT COUNT(*) FROM audit_log WHERE act = 'issuer.changed' AND after_json LIKE '%\"rate_policy\":\"day\"%'";
    assert_eq!(app.database.count(told).await, 1);
    // The central bank is asked for the one that wants it.
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    let (person, operator) = (Person::signs_in(app).await, app.operator().await);
    assert_eq!(charged(&person, "day-1").await, (RateSource::Day, "1841.26".into()));
    assert_eq!(charged(&person, "invoice-1").await, (RateSource::Invoice, "1800.00".into()));
    // The page says the day's, whose it is, and whether it is the one that counts.
    let (rate, on, series) = ("18.412600".into(), "2026-11-18".into(), Some("SF60653".into()));
    let mut todays = TodaysRate { currency: "USD".into(), rate, on, series, is_charged: true };
    assert_eq!(todays_rate(&person, "colibri-azul").await, Some(todays.clone()));
    assert_eq!(todays_rate(&person, &other).await, None, "nobody said it there");
    let (ours, theirs) = (standing(&operator, "default").await, standing(&operator, &other).await);
    assert_eq!((ours.policy, ours.holds.unwrap().rate.as_str()), (RateSource::Day, "18.412600"));
    assert!(theirs.policy == RateSource::Invoice && theirs.last_told.is_none() && !theirs.asks_banxico);
    // What is ordered keeps the day's rate, its day and its series, whatever the company chooses meanwhile.
    let payment = person.pays("k-1", &["day-1"]).await;
    assert_eq!(payment.amount, "1841.26");
    chooses(&operator, "default", Some(RateSource::Invoice)).await;
    assert_eq!(charged(&person, "day-2").await, (RateSource::Invoice, "1800.00".into()));
    todays.is_charged = false;
    assert_eq!(todays_rate(&person, "colibri-azul").await, Some(todays));
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    assert_eq!(person.payment(payment.id).await.state, PaymentState::Confirmed);
    assert!(!person.is_open("day-1").await);
    let address = format!("/console/issuers/default/payments/{}", payment.id);
    let paid: PaymentResource = operator.get(&address).await.ok().json();
    let line = &paid.lines[0];
    let snapshot = [&line.rate, &line.rate_on, &line.rate_source, &line.rate_series].map(Option::as_deref);
    assert_eq!(snapshot, [Some("18.412600"), Some("2026-11-18"), Some("day"), Some("SF60653")]);
    money_is_in_order(app).await;
});

on_both!(
    a_company_that_chose_goes_before_the_server,
    with | config | {
        config.payments.day_rate = vec!["colibri-azul".into()];
    },
    |app| {
        owes_dollars(app, "default", "day-1").await;
        // A Saturday has the Friday's rate.
        app.clock.advance_seconds(3 * 86_400);
        app.run_jobs().await;
        let (person, operator) = (Person::signs_in(app).await, app.operator().await);
        assert_eq!(person.balance("day-1").await.rate.unwrap().on, "2026-11-20");
        assert_eq!(charged(&person, "day-1").await.0, RateSource::Day);
        chooses(&operator, "default", Some(RateSource::Invoice)).await;
        assert_eq!(charged(&person, "day-1").await.0, RateSource::Invoice);
        chooses(&operator, "default", None).await;
        assert_eq!(charged(&person, "day-1").await.0, RateSource::Day);
        // What was ordered at it can go to the bank again while it is the same day, and not on the next.
        let payment = person.pays("k-1", &["day-1"]).await;
        let person = person.gives_up_for_good(app, payment.id).await;
        person.tries_again("k-2", payment.id, "bbva").await.ok();
        app.clock.advance_seconds(86_400);
        let person = Person::signs_in(app).await;
        person.cancels(payment.id).await.ok();
        person.tries_again("k-3", payment.id, "bbva").await.problem(shared::ProblemCode::BalancesChanged);
    }
);
