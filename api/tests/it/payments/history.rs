//! The history of payments, and money that an ERP applies.
use std::collections::BTreeSet;

use api::payments::operations;
use fiscal::{Amount, Currency};
use serde_json::json;
use shared::ProblemCode;
use shared::payments::{PaymentState, PaymentView, PaymentsPage};

use super::{
    AtTheBank, Person, comes_back, encode, erp_says, gateway, issuer_and_customer, money_is_in_order, other_issuer,
    owes_under, staff,
};
use crate::support::{TestApp, on_both};

async fn pays(app: &TestApp, person: &Person, key: &str, number: &str, deed: &str) -> uuid::Uuid {
    // Rows of one instant have no order of their own.
    app.clock.advance_seconds(1);
    let payment = person.pays(key, &[number]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, deed).await;
    if !answer.is_empty() {
        comes_back(app, &answer).await;
    }
    payment.id
}

// P12; K31 to K34.
on_both!(each_payment_is_in_one_month_and_totals_are_of_all, |app| {
    let person = Person::signs_in(app).await;
    erp_says(app, "77", 100_000, None).await;
    let first = pays(app, &person, "k-1", "6212976", "aprobar").await;
    pays(app, &person, "k-2", "77", "cerrar").await;
    pays(app, &person, "k-3", "1233074", "rechazar").await;
    // Past midnight of the last of November, on the issuer's calendar.
    app.clock.advance_seconds(13 * 86_400);
    let person = Person::signs_in(app).await;
    let later = pays(app, &person, "k-4", "1233080", "aprobar").await;
    let (november, december) = (person.history("&month=2026-11").await, person.history("&month=2026-12").await);
    assert_eq!((november.totals.count, december.totals.count), (3, 1));
    assert_eq!((november.totals.applied.as_str(), november.totals.in_transit.as_str()), ("27794.52", "1000.00"));
    assert_eq!(december.data[0].id, later);
    let of_contract = person.history("&contract=17-0942").await;
    assert_eq!(of_contract.data.iter().map(|row| row.lines[0].number.as_str()).collect::<Vec<_>>(), ["77"]);
    let all = person.history("").await;
    assert_eq!(all.data.iter().map(|row| row.reference.as_str()).collect::<Vec<_>>(), ["4", "3", "2", "1"]);
    assert_eq!(all.data[3].id, first);
    let (mut cursor, mut walked) = (String::new(), BTreeSet::new());
    loop {
        let page: PaymentsPage = person.get(&format!("/payments?limit=1{cursor}")).await.ok().json();
        walked.extend(page.data.iter().map(|row| row.id));
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(walked.len(), 4);
    person.get("/payments?month=2026-13").await.problem(ProblemCode::InvalidFields);
    person.get("/payments?customer=1").await.problem(ProblemCode::MalformedAddress);
});

// K32: a contract's number is its company's own.
on_both!(the_same_number_at_two_companies_is_two_accounts, |app| {
    let person = Person::signs_in(app).await;
    let other = other_issuer(app).await;
    erp_says(app, "77", 100_000, None).await;
    owes_under(app, &other, "78", "17-0942", Amount::new(5_000, Currency::Mxn)).await;
    let here = pays(app, &person, "k-1", "77", "aprobar").await;
    let row = person.balance("78").await;
    let order = json!({
        "issuer": other, "bank": "bbva", "lines": [{ "receivable_id": row.id, "pay_all": true }],
        "expected_total": "50.00",
    });
    app.clock.advance_seconds(1);
    let there: PaymentView = person.order("k-2", &order).await.ok().json();
    let found =
        async |query: &str| -> Vec<uuid::Uuid> { person.history(query).await.data.iter().map(|row| row.id).collect() };
    // An address that names the number alone finds what it found.
    assert_eq!(found("&contract=17-0942").await, [there.id, here]);
    assert_eq!(found("&contract=17-0942&issuer=colibri-azul").await, [here]);
    let elsewhere = person.history(&format!("&contract=17-0942&issuer={other}")).await;
    assert_eq!((elsewhere.data[0].id, elsewhere.totals.count), (there.id, 1));
    assert_eq!(elsewhere.totals.in_transit, "50.00", "what they come to is of the same");
    let table = person.get(&format!("/payments.csv?issuer={other}")).await.ok().text();
    assert!(table.contains(",78,MXN,") && !table.contains(",77,MXN,"), "{table}");
    let refused = person.get("/payments?issuer=nobody").await.problem(ProblemCode::InvalidFields);
    assert_eq!(refused.errors[0].pointer, "?issuer");
});

// payments.md 4.4: a bank that cannot be asked may still be authorised, in the tab that was left open.
on_both!(giving_up_at_a_bank_that_cannot_be_asked_is_safe_when_its_time_is_over, |app| {
    let person = Person::signs_in(app).await;
    let minutes = app.app.config.payments.answer_minutes;
    let payment = person.pays("k-1", &["1233080"]).await;
    let until = app.app.now().plus_seconds(minutes * 60).to_string();
    assert_eq!(payment.expires_at.map(|at| at.instant), Some(until), "it is waited for as long");
    let left: PaymentView = person.cancels(payment.id).await.ok().json();
    assert_eq!((left.state, left.expires_at), (PaymentState::Cancelled, None));
    assert_eq!((left.safe_to_pay_again, left.can_retry), (false, false));
    assert!(!person.history("").await.data[0].safe_to_pay_again);
    assert_eq!(person.balance("1233080").await.available, "312.62", "whoever knows better can pay at once");
    // The gateway is asked before: what it has not taken then is not taken.
    let asked = gateway::ordered(&person, "6212976").await;
    let given_up: PaymentView = person.cancels(asked.id).await.ok().json();
    assert_eq!((given_up.state, given_up.safe_to_pay_again), (PaymentState::Cancelled, true));
    app.clock.advance_seconds(minutes * 60 - 60);
    let person = Person::signs_in(app).await;
    assert!(!person.payment(payment.id).await.safe_to_pay_again, "a minute before its end");
    app.clock.advance_seconds(61);
    let over = person.payment(payment.id).await;
    assert_eq!((over.state, over.safe_to_pay_again, over.can_retry), (PaymentState::Cancelled, true, true));
    money_is_in_order(app).await;
});

on_both!(the_history_is_a_table_with_a_line_for_each_invoice, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    let file = person.get("/payments.csv?month=2026-11").await.ok();
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("pagos_2026-11.csv"));
    let table = file.text();
    assert!(table.starts_with('\u{feff}') && table.lines().count() == 3, "{table}");
    assert!(table.contains(",1233080,USD,312.62,18.886880,5904.42,04 Tarjeta de crédito,"), "{table}");
    assert_eq!(person.get("/payments.csv?month=2026-10").await.ok().text().lines().count(), 1);
    person.get("/payments.csv?month=2026-99").await.problem(ProblemCode::InvalidFields);
    let book = person.get("/payments.xlsx?month=2026-11").await.ok();
    assert!(book.headers["content-disposition"].to_str().unwrap().contains("pagos_2026-11.xlsx"));
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(book.body)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut parts.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert_eq!(sheet.matches("<row>").count(), 3);
    assert!(sheet.contains(r#"<c s="1"><v>5904.42</v>"#), "amounts are numbers: {sheet}");
    assert!(sheet.contains(r#"<c s="4"><v>18.886880</v>"#), "a rate keeps its six decimals: {sheet}");
    person.get("/payments.xlsx?month=2026-99").await.problem(ProblemCode::InvalidFields);
});

// Decisions 5; K21: confirmed and applied are two facts.
on_both!(under_an_erp_confirmed_money_stays_in_transit_until_it_is_applied, |app| {
    let mut house = app.app.clone();
    let mut config = (*house.config).clone();
    config.payments.erp_applies = vec!["colibri-azul".into()];
    house.config = config.into();
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    let raw = encode(&answer);
    let message = api::payments::evidence::Message {
        bank: shared::payments::BankCode::Bbva,
        source: api::payments::model::Source::Notice,
        raw: raw.as_bytes(),
        from: "",
    };
    api::payments::evidence::receive(&house, &message).await.unwrap();
    let confirmed = person.payment(payment.id).await;
    assert_eq!((confirmed.state, confirmed.applied), (PaymentState::Confirmed, false));
    let row = person.balance("6212976").await;
    assert_eq!((row.pending.as_str(), row.in_transit.as_str()), ("27794.52", "27794.52"));
    assert!(row.transits[0].bank_reference.as_deref().unwrap().starts_with("BBVA "));
    money_is_in_order(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    assert!(operations::apply(&house, scope, payment.id, &staff()).await.unwrap());
    assert!(!operations::apply(&house, scope, payment.id, &staff()).await.unwrap());
    assert!(person.payment(payment.id).await.applied);
    assert!(!person.is_open("6212976").await);
    money_is_in_order(app).await;
});
