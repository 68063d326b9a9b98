//! What is owed, taken to a spreadsheet.
use api::payments::receivables::find_external;
use fiscal::{Amount, Currency};
use serde_json::{Value, json};
use shared::ProblemCode;

use super::{Person, issuer_and_customer, other_issuer, owes};
use crate::support::on_both;

on_both!(what_is_owed_is_a_table_as_its_filter_shows_it, |app| {
    let person = Person::signs_in(app).await;
    person.pays("k-1", &["1233080"]).await;
    let file = person.get("/balances.csv").await.ok();
    assert!(file.headers["content-disposition"].to_str().unwrap().contains("saldos_2026-11-18.csv"));
    let table = file.text();
    let balances = person.balances().await;
    assert!(table.starts_with("\u{feff}Factura,Fecha,Vencimiento,"), "{table}");
    assert_eq!(table.lines().count(), balances.data.len() + 1);
    // In the order of the page, and what is under way with its bank and its day.
    for (row, line) in balances.data.iter().zip(table.lines().skip(1)) {
        assert!(line.starts_with(&format!("{},{},{},", row.number, row.issued_on, row.due_on)), "{line}");
    }
    let line = table.lines().find(|line| line.starts_with("1233080,")).unwrap();
    assert!(
        line.contains(",USD,312.62,18.886880,") && line.contains(",5904.42,312.62,5904.42,312.62,5904.42,"),
        "{line}"
    );
    assert!(line.ends_with(",0.00,0.00,BBVA: 312.62 desde 2026-11-18"), "{line}");
    let foreign = person.get("/balances.csv?only=foreign").await.ok().text();
    assert!(foreign.contains("1233080,") && foreign.lines().skip(1).all(|line| line.contains(",USD,")), "{foreign}");
    for wrong in ["?only=never", "?issuer=nobody"] {
        person.get(&format!("/balances.csv{wrong}")).await.problem(ProblemCode::InvalidFields);
        person.get(&format!("/balances.xlsx{wrong}")).await.problem(ProblemCode::InvalidFields);
    }
    let book = person.get("/balances.xlsx").await.ok();
    assert!(book.headers["content-disposition"].to_str().unwrap().contains("saldos_2026-11-18.xlsx"));
    let mut parts = zip::ZipArchive::new(std::io::Cursor::new(book.body)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut parts.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert_eq!(sheet.matches("<row>").count(), balances.data.len() + 1);
    assert!(sheet.contains(r#"<c s="1"><v>5904.42</v>"#), "amounts are numbers: {sheet}");
    assert!(sheet.contains(r#"<c s="4"><v>18.886880</v>"#), "a rate keeps its six decimals: {sheet}");
});

on_both!(a_table_of_what_is_owed_is_of_one_company_when_it_is_asked_so, |app| {
    let person = Person::signs_in(app).await;
    let other = other_issuer(app).await;
    // More than is read at once, and a name that a spreadsheet would run.
    for number in 0..501 {
        owes(app, &other, &format!("=B{number}"), None, Amount::new(1_000 + number, Currency::Mxn)).await;
    }
    let theirs = person.get(&format!("/balances.csv?issuer={other}")).await.ok().text();
    assert_eq!(theirs.lines().count(), 502);
    assert!(theirs.lines().skip(1).all(|line| line.starts_with("\"'=B")), "{theirs}");
    let ours = person.get("/balances.csv?issuer=colibri-azul").await.ok().text();
    assert!(ours.contains("6212976,") && !ours.contains("=B"), "{ours}");
});

// Payments under way are read for so many rows at once that none of them goes without.
on_both!(what_is_under_way_is_told_of_every_balance_however_many_there_are, |app| {
    let person = Person::signs_in(app).await;
    let (scope, _) = issuer_and_customer(app).await;
    let mut lines = Vec::new();
    for number in 0..201 {
        let number = format!("QQ{number}");
        owes(app, "default", &number, None, Amount::new(1_000, Currency::Mxn)).await;
        let row = find_external(&mut app.app.db.read().await.unwrap(), scope, &number).await.unwrap().unwrap();
        lines.push(json!({ "receivable_id": row.resource().unwrap().id, "amount": "1.00", "currency": "MXN" }));
    }
    let pays = async |key: &str, lines: &[Value]| {
        let total = format!("{}.00", lines.len());
        let order = json!({ "issuer": "default", "bank": "bbva", "lines": lines, "expected_total": total });
        person.order(key, &order).await.ok();
    };
    let (last, all) = lines.split_last().unwrap();
    for turn in 0..5 {
        for (at, some) in all.chunks(100).enumerate() {
            pays(&format!("k-{turn}-{at}"), some).await;
        }
    }
    // The youngest of 1,001 is the one that had no place.
    app.clock.advance_seconds(1);
    pays("k-last", std::slice::from_ref(last)).await;
    let table = person.get("/balances.csv").await.ok().text();
    let told: Vec<&str> = table.lines().filter(|line| line.starts_with("QQ")).collect();
    assert_eq!(told.len(), 201);
    for line in told {
        assert!(line.trim_end_matches('"').ends_with("BBVA: 1.00 desde 2026-11-18"), "{line}");
    }
});
