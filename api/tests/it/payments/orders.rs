//! Balances, and ordering a payment of them.
use serde_json::json;
use shared::ProblemCode;
use shared::payments::{BalancesPage, PaymentState, PaymentView};
use shared::problem::FieldCode;

use super::{Person, erp_says, field, money_is_in_order};
use crate::audit::by_hand;
use crate::support::on_both;

on_both!(the_manuals_dollar_rows_come_out_to_the_centavo, |app| {
    let person = Person::signs_in(app).await;
    for (number, dollars, pesos) in [
        ("1233074", "160.71", "3035.31"),
        ("1233076", "167.94", "3171.86"),
        ("1233077", "167.94", "3171.86"),
        ("1233080", "312.62", "5904.42"),
    ] {
        let row = person.balance(number).await;
        assert_eq!((row.total.as_str(), row.total_mxn.as_str(), row.available_mxn.as_str()), (dollars, pesos, pesos));
        assert_eq!(row.rate.unwrap().rate, "18.886880");
    }
    let page = person.balances().await;
    let total = |row: &shared::payments::BalanceRow| {
        fiscal::Amount::parse(&row.pending_mxn, fiscal::Currency::Mxn).unwrap().minor()
    };
    let sum: i64 = page.data.iter().map(total).sum();
    let shown = fiscal::Amount::parse(&page.totals.all_in_mxn.pending, fiscal::Currency::Mxn).unwrap().minor();
    assert_eq!(shown, sum, "the total is the sum of what the rows show");
    let late: Vec<_> = page.data.iter().map(|row| row.days_overdue).collect();
    assert_eq!(late, [6, -4, -4, -18, -21], "the first due comes first");
    assert_eq!((page.totals.all_in_mxn.overdue.as_str(), page.totals.all_in_mxn.due_soon_count), ("3035.31", 2));
    // K26: three invoices, one total.
    let order = person.all_of(&["6212976", "1233076", "1233080"]).await;
    assert_eq!(order["expected_total"], "36870.80");
    let payment: PaymentView = person.order("k-26", &order).await.ok().json();
    assert_eq!((payment.amount.as_str(), field(&payment, "mp_amount").as_str()), ("36870.80", "36870.80"));
});

on_both!(what_is_ordered_is_reserved_and_pending_is_not_less, |app| {
    let person = Person::signs_in(app).await;
    let before = person.balance("1233080").await;
    let payment = person.pays("k-1", &["1233080"]).await;
    assert_eq!(payment.state, PaymentState::InTransit);
    let row = person.balance("1233080").await;
    assert_eq!((&row.pending, row.in_transit.as_str(), row.available.as_str()), (&before.pending, "312.62", "0.00"));
    assert_eq!(row.transits[0].payment_id, payment.id);
    assert!(!payment.safe_to_pay_again && payment.can_cancel);
    let again = person
        .order(
            "k-2",
            &json!({
                "issuer": "default", "bank": "bbva", "lines": [{ "receivable_id": row.id, "pay_all": true }],
                "expected_total": "5904.42",
            }),
        )
        .await;
    let problem = again.problem(ProblemCode::BalancesChanged);
    assert_eq!(problem.balances[0].available, "0.00");
    let cancelled: PaymentView = person.cancels(payment.id).await.ok().json();
    assert_eq!(cancelled.state, PaymentState::Cancelled);
    assert_eq!(person.cancels(payment.id).await.ok().json::<PaymentView>(), cancelled, "giving up twice is once");
    assert_eq!(person.balance("1233080").await.available, "312.62");
    money_is_in_order(app).await;
});

on_both!(
    the_central_banks_rates_are_asked_for_in_the_background,
    with | config | {
        config.payments.day_rate = vec!["colibri-azul".into()];
    },
    |app| {
        let person = Person::signs_in(app).await;
        assert_eq!(person.balance("1233080").await.rate.unwrap().source.as_str(), "invoice");
        app.clock.advance_seconds(3_600);
        app.run_jobs().await;
        let person = Person::signs_in(app).await;
        let rate = person.balance("1233080").await.rate.unwrap();
        // A Wednesday.
        assert_eq!((rate.source.as_str(), rate.on.as_str(), rate.rate.as_str()), ("day", "2026-11-18", "18.412600"));
    }
);

on_both!(the_same_key_gets_the_same_way_to_the_bank, |app| {
    let person = Person::signs_in(app).await;
    let order = person.all_of(&["6212976"]).await;
    let first = person.order("k-1", &order).await.ok();
    let second = person.order("k-1", &order).await.ok();
    assert_eq!(first.body, second.body);
    let payment: PaymentView = first.json();
    assert_eq!(person.payment(payment.id).await.redirect, payment.redirect);
    let other = person.all_of(&["1233080"]).await;
    person.order("k-1", &other).await.problem(ProblemCode::IdempotencyKeyReused);
});

on_both!(a_key_whose_answer_was_let_go_orders_nothing_again, |app| {
    let person = Person::signs_in(app).await;
    let order = person.all_of(&["6212976"]).await;
    person.order("k-1", &order).await.ok();
    let mut tx = app.app.db.begin().await.unwrap();
    let after = app.app.now().plus_seconds(1);
    assert!(api::http::idempotency::purge(&mut tx, after, 100).await.unwrap() > 0);
    tx.commit().await.unwrap();
    person.order("k-1", &order).await.problem(ProblemCode::IdempotencyKeyReused);
    money_is_in_order(app).await;
});

on_both!(a_part_is_paid_in_either_currency, |app| {
    let person = Person::signs_in(app).await;
    let row = person.balance("1233080").await;
    let line = |amount: &str, currency: &str, total: &str| {
        json!({
            "issuer": "default", "bank": "bbva", "expected_total": total,
            "lines": [{ "receivable_id": row.id, "amount": amount, "currency": currency }],
        })
    };
    let dollars: PaymentView = person.order("k-1", &line("100.00", "USD", "1888.69")).await.ok().json();
    assert_eq!((dollars.lines[0].amount.as_str(), dollars.lines[0].partial), ("100.00", true));
    let pesos: PaymentView = person.order("k-2", &line("1000.00", "MXN", "1000.00")).await.ok().json();
    assert_eq!((pesos.lines[0].amount.as_str(), pesos.amount.as_str()), ("52.95", "1000.00"));
    assert_eq!(person.balance("1233080").await.available, "159.67");
    let too_much = person.order("k-3", &line("312.63", "USD", "5904.61")).await;
    let problem = too_much.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].code, FieldCode::MoreThanAvailable);
    // Somebody else holds the rest of it: not this person's mistake.
    person.order("k-4", &line("159.68", "USD", "3015.86")).await.problem(ProblemCode::BalancesChanged);
    money_is_in_order(app).await;
});

on_both!(an_amount_beyond_every_rate_is_a_wrong_field, |app| {
    let person = Person::signs_in(app).await;
    let row = person.balance("1233080").await;
    for (key, amount, currency) in [
        ("k-1", "90000000000000000.00", "USD"),
        ("k-2", "90000000000000000.00", "MXN"),
        ("k-3", "5000000000000000.00", "USD"),
    ] {
        let order = json!({
            "issuer": "default", "bank": "bbva", "expected_total": "90000000000000000.00",
            "lines": [{ "receivable_id": row.id, "amount": amount, "currency": currency }],
        });
        let problem = person.order(key, &order).await.problem(ProblemCode::InvalidFields);
        let error = &problem.errors[0];
        assert_eq!((error.pointer.as_str(), error.code), ("/lines/0/amount", FieldCode::MoreThanAvailable), "{amount}");
    }
    assert_eq!(person.history("").await.totals.count, 0);
});

on_both!(a_total_that_is_not_what_the_person_saw_is_never_charged, |app| {
    let person = Person::signs_in(app).await;
    let mut order = person.all_of(&["6212976"]).await;
    order["expected_total"] = json!("27794.51");
    let problem = person.order("k-1", &order).await.problem(ProblemCode::BalancesChanged);
    assert_eq!(problem.balances[0].available_mxn, "27794.52");
    assert_eq!(person.history("").await.totals.count, 0);
});

on_both!(p6_only_ones_own_balances_can_be_paid_and_only_by_who_may, |app| {
    let (person, reader) = (Person::signs_in(app).await, Person::signs_in_as(app, 1).await);
    let order = person.all_of(&["6212976"]).await;
    reader.order("k-1", &order).await.problem(ProblemCode::PayerNeeded);
    assert_eq!(reader.balances().await.data.len(), person.balances().await.data.len(), "looking is allowed");
    let mut foreign = order.clone();
    foreign["lines"][0]["receivable_id"] = json!(uuid::Uuid::from_u128(7));
    let problem = person.order("k-2", &foreign).await.problem(ProblemCode::InvalidFields);
    assert_eq!(
        (problem.errors[0].pointer.as_str(), problem.errors[0].code),
        ("/lines/0/receivable_id", FieldCode::NoSuchBalance)
    );
    let mut elsewhere = order.clone();
    elsewhere["issuer"] = json!("nandu");
    let problem = person.order("k-3", &elsewhere).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].code, FieldCode::NoSuchBalance, "another issuer's account is not this one's");
    let mut bank = order;
    bank["bank"] = json!("oxxo");
    person.order("k-4", &bank).await.problem(ProblemCode::InvalidFields);
    person.get(&format!("/payments/{}", uuid::Uuid::from_u128(7))).await.problem(ProblemCode::NotFound);
});

on_both!(an_erp_that_counts_otherwise_adjusts_and_old_news_change_nothing, |app| {
    use api::payments::receivables::Upserted;

    let person = Person::signs_in(app).await;
    assert_eq!(erp_says(app, "77", 100_000, None).await, Upserted::Opened);
    assert_eq!(erp_says(app, "77", 90_000, None).await, Upserted::Stale, "as old as the word before");
    app.clock.advance_seconds(60);
    assert_eq!(erp_says(app, "77", 60_000, None).await, Upserted::Adjusted(-40_000));
    assert_eq!(person.balance("77").await.pending, "600.00");
    app.clock.advance_seconds(60);
    assert_eq!(erp_says(app, "77", 60_000, None).await, Upserted::Agrees);
    app.clock.advance_seconds(60);
    assert_eq!(erp_says(app, "77", 0, None).await, Upserted::Adjusted(-60_000));
    assert!(!person.is_open("77").await);
    money_is_in_order(app).await;
});

// The page of a document asks for its balance, and Saldos for the one it was opened with.
on_both!(the_balance_of_a_document_is_found_by_it, |app| {
    let ticket = app.ticket(0).await;
    app.browser().invoice_ticket(&ticket, "k-1").await.ok();
    let opened = "UPDATE receivables SET document_id = (SELECT id FROM documents ORDER BY id LIMIT 1) \
         WHERE number = '1233080'";
    by_hand(&app.app, opened).await.unwrap();
    let person = Person::signs_in(app).await;
    let document = person.balance("1233080").await.document_id.unwrap();
    let found: BalancesPage = person.get(&format!("/balances?document={document}")).await.ok().json();
    assert_eq!(found.data.iter().map(|row| row.number.as_str()).collect::<Vec<_>>(), ["1233080"]);
    assert_eq!(found.totals.all_in_mxn.count, 1);
    let none = format!("/balances?document={}", uuid::Uuid::from_u128(7));
    assert!(person.get(&none).await.ok().json::<BalancesPage>().data.is_empty());
    person.get("/balances?document=1").await.problem(ProblemCode::MalformedAddress);
});
