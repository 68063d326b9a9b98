//! Statements of account made from the ledger.
use shared::ProblemCode;
use shared::payments::AccountStatements;

use super::{AtTheBank, Person, comes_back, erp_says, issuer_and_customer, staff};
use crate::integrators::documents::printed_text;
use crate::support::on_both;

on_both!(a_statement_of_any_month_is_printed_from_the_ledger, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    erp_says(app, "77", 100_000, None).await;
    app.clock.advance_seconds(60);
    erp_says(app, "77", 60_000, None).await;
    let (scope, _) = issuer_and_customer(app).await;
    api::payments::operations::reverse(&app.app, scope, payment.id, "Contracargo", &staff()).await.unwrap();
    let months: AccountStatements = person.get("/account-statements").await.ok().json();
    assert_eq!(months.months[..2], ["2026-11", "2026-10"]);
    let file = person.get("/account-statements/colibri-azul/2026-11/pdf").await.ok();
    assert!(file.body.starts_with(b"%PDF"));
    let name = file.headers["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.contains("_estado-de-cuenta_2026-11.pdf"), "{name}");
    let again = person.get("/account-statements/colibri-azul/2026-11/pdf").await.ok();
    assert!(again.body == file.body, "the same ledger gives the same paper");
    person.get("/account-statements/colibri-azul/2026-12/pdf").await.problem(ProblemCode::InvalidFields);
    person.get("/account-statements/nadie/2026-11/pdf").await.problem(ProblemCode::NotFound);
});

/// What an ERP calls an invoice, and what a customer is called, that a template, a browser or a spreadsheet would run.
const HOSTILE: &str = r#"=1+1 {{7*7}} #read("x") <img src=//x> $x^2$ *b* _i_"#;

// B7: the recibo and the statement say it as it is.
on_both!(what_would_run_is_text_on_paper, |app| {
    let person = Person::signs_in(app).await;
    app.database
        .execute("UPDATE customers SET nombre = '@SUM(1) #sys {{nombre}} \\\\' WHERE rfc = 'TAM010203ABA'")
        .await;
    erp_says(app, HOSTILE, 100_000, None).await;
    let payment = person.pays("k-1", &[HOSTILE]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "aprobar").await;
    comes_back(app, &answer).await;
    app.run_jobs().await;
    let receipt = person.payment(payment.id).await.receipt_document_id.expect("the recibo is printed");
    for path in [format!("/documents/{receipt}/pdf"), "/account-statements/colibri-azul/2026-11/pdf".to_owned()] {
        let paper = printed_text(&person.get(&path).await.ok().body);
        for said in [HOSTILE, r"@SUM(1) #sys {{nombre}} \\"] {
            let said: String = said.split_whitespace().collect();
            assert!(paper.contains(&said), "{said} is not on {path}: {paper}");
        }
    }
});
