//! The history of payments, and money that an ERP applies.
use std::collections::BTreeSet;

use api::payments::operations;
use shared::ProblemCode;
use shared::payments::{PaymentState, PaymentsPage};

use super::{AtTheBank, Person, comes_back, encode, erp_says, issuer_and_customer, money_is_in_order, staff};
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

on_both!(the_history_is_a_table_with_a_line_for_each_invoice, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    let file = person.get("/payments.csv?month=2026-11").await.ok();
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("pagos_2026-11.csv"));
    let table = file.text();
    assert!(table.starts_with('\u{feff}') && table.lines().count() == 3, "{table}");
    assert!(
        table.contains("\"1233080\",\"USD\",\"312.62\",\"18.886880\",\"5904.42\",\"04 Tarjeta de crédito\""),
        "{table}"
    );
    assert_eq!(person.get("/payments.csv?month=2026-10").await.ok().text().lines().count(), 1);
    person.get("/payments.csv?month=2026-99").await.problem(ProblemCode::InvalidFields);
    let book = person.get("/payments.xlsx?month=2026-11").await.ok();
    assert!(book.headers["content-disposition"].to_str().unwrap().contains("pagos_2026-11.xlsx"));
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(book.body)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut parts.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert_eq!(sheet.matches("<row>").count(), 3);
    assert!(sheet.contains("<v>5904.42</v>") && sheet.contains("<v>18.886880</v>"), "amounts are numbers: {sheet}");
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
