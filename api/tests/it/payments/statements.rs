//! Statements of account made from the ledger.
use fiscal::{Amount, Currency};
use serde_json::json;
use shared::ProblemCode;
use shared::integrators::ApiScope;
use shared::payments::AccountStatements;

use super::{AtTheBank, CUSTOMER, Person, comes_back, erp_says, issuer_and_customer, owes, staff};
use crate::audit::by_hand;
use crate::integrators::Program;
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

// What was owed before, each movement with the balance after it, what is owed at the cut and since when: by currency.
on_both!(the_paper_says_the_figures_of_the_ledger, |app| {
    let person = Person::signs_in(app).await;
    let payment = person.pays("k-1", &["6212976", "1233080"]).await;
    let answer = AtTheBank::arrives(&payment).await.decides(&payment, "sin_avisar").await;
    comes_back(app, &answer).await;
    erp_says(app, "77", 100_000, None).await;
    app.clock.advance_seconds(60);
    erp_says(app, "77", 60_000, None).await;
    let says = async |month: &str, lines: &[&str]| {
        let path = format!("/account-statements/colibri-azul/{month}/pdf");
        let paper = printed_text(&person.get(&path).await.ok().body);
        let mut rest = paper.as_str();
        for line in lines {
            let line: String = line.split_whitespace().collect();
            let (_, after) = rest.split_once(&line).unwrap_or_else(|| panic!("{line} is not, or not here, on {paper}"));
            rest = after;
        }
    };
    let old = [
        "Saldo anterior 0.00 Cargos del periodo 496.59 Abonos del periodo 0.00 Saldo al corte $496.59 USD",
        "Más de 90 días 496.59 0.00 0.00 0.00 0.00",
        "13/10/2026 Factura 1233074 Contrato 005300 12/11/2026 160.71 160.71",
        "23/10/2026 Factura 1233076 Contrato 005300 22/11/2026 167.94 328.65",
        "23/10/2026 Factura 1233077 Contrato 005300 22/11/2026 167.94 496.59",
    ];
    says("2026-10", &old).await;
    let pesos = [
        "Saldo anterior 0.00 Cargos del periodo 28,794.52 Abonos del periodo 28,194.52 Saldo al corte $600.00 MXN",
        "Más de 90 días 600.00 0.00 0.00 0.00 0.00",
        "02/11/2026 Factura 77 Contrato 17-0942 02/12/2026 1,000.00 1,000.00",
        "06/11/2026 Factura 6212976 Contrato 005300 06/12/2026 27,794.52 28,794.52",
        "18/11/2026 Factura 77 Ajuste de saldo 400.00 28,394.52",
        "18/11/2026 Factura 6212976 Pago 1 · BBVA",
        "27,794.52 600.00",
        "28,794.52 28,194.52 600.00",
    ];
    let dollars = [
        "Saldo anterior 496.59 Cargos del periodo 312.62 Abonos del periodo 312.62 Saldo al corte $496.59 USD",
        // What was due on the 12th is late, and the rest is not.
        "Más de 90 días 335.88 160.71 0.00 0.00 0.00",
        "09/11/2026 Factura 1233080 Contrato 005300 09/12/2026 312.62 809.21",
        "18/11/2026 Factura 1233080 Pago 1 · BBVA",
        "312.62 496.59",
    ];
    says("2026-11", &[&pesos[..], &dollars[..]].concat()).await;
});

// What is owed needs no contract; the name of its paper has no letter that a header cannot carry.
on_both!(whom_a_customer_owes_without_a_contract_has_a_statement_too, |app| {
    owes(app, "nandu", "N-1", None, Amount::new(100_000, Currency::Mxn)).await;
    let person = Person::signs_in(app).await;
    let offered: AccountStatements = person.get("/account-statements").await.ok().json();
    let offered: Vec<(&str, &str)> = offered.issuers.iter().map(|it| (it.slug.as_str(), it.name.as_str())).collect();
    assert_eq!(offered, [("colibri-azul", "Colibrí Azul"), ("nandu", "Papelería Ñandú")]);
    let file = person.get("/account-statements/nandu/2026-11/pdf").await.ok();
    let name = file.headers["content-disposition"].to_str().expect("ASCII alone").to_owned();
    assert_eq!(name, "attachment; filename=\"PA050607QA2_estado-de-cuenta_2026-11.pdf\"");
});

// An ERP brings invoices in before their day, and corrects them before it too.
on_both!(what_moved_before_the_day_of_its_invoice_is_told_in_its_month, |app| {
    erp_says(app, "88", 100_000, None).await;
    app.clock.advance_seconds(60);
    erp_says(app, "88", 60_000, None).await;
    let later = "UPDATE receivables SET issued_on = '2026-12-05', due_on = '2027-01-04' WHERE number = '88'";
    by_hand(&app.app, later).await.unwrap();
    app.clock.advance_seconds(20 * 86_400);
    let person = Person::signs_in(app).await;
    let december = person.get("/account-statements/colibri-azul/2026-12/pdf").await.ok();
    let paper = printed_text(&december.body);
    for line in [
        "Saldoanterior27,794.52Cargosdelperiodo1,000.00Abonosdelperiodo400.00Saldoalcorte$28,394.52MXN",
        "05/12/2026Factura88Ajustedesaldo400.0028,394.52",
    ] {
        assert!(paper.contains(line), "{line} is not on {paper}");
    }
});

/// What an ERP calls an invoice, and what a customer is called, that a template, a browser or a spreadsheet would run.
const HOSTILE: &str = r#"=1+1 {{7*7}} #read("x") <img src=//x> $x^2$ *b* _i_"#;

// B7: the recibo and the statement say it as it is.
on_both!(b7_what_would_run_is_text_on_paper, |app| {
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

on_both!(an_erp_reads_the_very_paper_of_its_customer, |app| {
    let person = Person::signs_in(app).await;
    erp_says(app, "77", 100_000, None).await;
    let reads = [ApiScope::ReceivablesRead, ApiScope::CustomersWrite];
    let erp = Program::at(app, "default", &reads).await;
    let customer = json!({
        "rfc": CUSTOMER, "nombre": "TALLERES Y AUTOPARTES MIRADOR", "regimen": "601", "codigo_postal": "06010",
    });
    erp.put("/customers/C-1", &customer).await.ok();
    let own = person.get("/account-statements/colibri-azul/2026-11/pdf").await.ok();
    let read = erp.get("/customers/C-1/account-statements/2026-11/pdf").await.ok();
    assert!(read.body == own.body, "one ledger, one paper");
    erp.get("/customers/C-1/account-statements/2026-12/pdf").await.problem(ProblemCode::InvalidFields);
    erp.get("/customers/C-2/account-statements/2026-11/pdf").await.problem(ProblemCode::NotFound);
    // Another issuer's key reads that issuer's account, and there is none.
    let other = Program::at(app, "nandu", &reads).await;
    other.get("/customers/C-1/account-statements/2026-11/pdf").await.problem(ProblemCode::NotFound);
    other.put("/customers/C-1", &customer).await.ok();
    other.get("/customers/C-1/account-statements/2026-11/pdf").await.problem(ProblemCode::NotFound);
});
