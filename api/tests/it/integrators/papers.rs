//! Papers that other systems make: where their numbers count, what comes back after a mistake, and balances below zero.
use reqwest::StatusCode;
use shared::ProblemCode;
use shared::documents::BroughtDocument;
use shared::integrators::{ApiScope, DocumentResource, PublishedDocument};
use shared::problem::FieldCode;

use super::Program;
use super::documents::{CUSTOMER, Customer, PDF, foreign_cfdi_saying};
use crate::documents::desk::brings;
use crate::support::{Reply, TestApp, on_both};

/// The customer without people of its own.
const OTHER: &str = "CHI1203155K7";

async fn writer(app: &TestApp) -> Program<'_> {
    Program::at(app, "default", &[ApiScope::DocumentsWrite]).await
}

async fn sends(program: &Program<'_>, path: &str, pdf: &[u8]) -> Reply {
    program.publishes(path, "application/pdf", pdf.to_vec()).await
}

async fn kept(program: &Program<'_>, path: &str, pdf: &[u8]) -> (StatusCode, DocumentResource) {
    let told = sends(program, path, pdf).await.ok();
    (told.status, told.json::<PublishedDocument>().document)
}

/// Of its problem, what is wrong with which field.
fn wrong(reply: Reply) -> Vec<(String, FieldCode)> {
    let problem = reply.problem(ProblemCode::InvalidFields);
    problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

fn receipt(name: &str, rfc: &str, number: &str, total: &str) -> String {
    format!("{name}?kind=recibo&serie=RP&number={number}&rfc={rfc}&issued_at=2026-11-01T07:00:00&total={total}")
}

fn statement(name: &str, whose: &str) -> String {
    format!("{name}?kind=estado_de_cuenta&number=171001&{whose}&issued_at=2017-10-01T07:00:00&total=743.97")
}

on_both!(a_statement_without_a_contract_is_numbered_among_its_customers, |app| {
    let program = writer(app).await;
    let mine = format!("rfc={CUSTOMER}");
    let (status, first) = kept(&program, &statement("ec-a", &mine), PDF).await;
    assert_eq!((status, first.contract.as_deref()), (StatusCode::CREATED, None));
    let other = [PDF, b"%b"].concat();
    let (status, theirs) = kept(&program, &statement("ec-b", &format!("rfc={OTHER}")), &other).await;
    assert_eq!((status, theirs.receptor_rfc.as_str()), (StatusCode::CREATED, OTHER));
    // Months may be numbered within their years.
    let of_a_year = statement("ec-f", &format!("{mine}&serie=2026"));
    let (status, _) = kept(&program, &of_a_year, &[PDF, b"%f"].concat()).await;
    assert_eq!(status, StatusCode::CREATED);
    let taken = [PDF, b"%c"].concat();
    sends(&program, &statement("ec-c", &mine), &taken).await.problem(ProblemCode::DocumentDiffers);
    // Within a contract it counts by itself, whatever serie is said.
    let (status, _) = kept(&program, &statement("ec-d", "contract=005300"), &taken).await;
    assert_eq!(status, StatusCode::CREATED);
    let with_serie = statement("ec-e", "contract=005300&serie=B");
    sends(&program, &with_serie, &other).await.problem(ProblemCode::DocumentDiffers);
});

on_both!(a_receipt_corrected_twice_leaves_every_promise_kept, |app| {
    let program = writer(app).await;
    let path = receipt("r-1", CUSTOMER, "7201", "100.00");
    let mut ids = Vec::new();
    for version in ["%1", "%2", "%3"] {
        let (status, document) = kept(&program, &path, &[PDF, version.as_bytes()].concat()).await;
        assert_eq!(status, StatusCode::CREATED, "{version}");
        assert!(!ids.contains(&document.id), "{version}");
        ids.push(document.id);
        if version != "%3" {
            program.withdraws("r-1").await.ok();
        }
    }
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
});

on_both!(a_paper_that_is_said_otherwise_after_its_withdrawal_is_another, |app| {
    let (program, customer) = (writer(app).await, Customer::of(app).await);
    let (_, first) = kept(&program, &receipt("r-9", CUSTOMER, "7209", "100.00"), PDF).await;
    customer.get(&format!("/{}", first.id)).await.ok();
    let mut known = vec![first.id];
    let said = [(OTHER, "7209", "100.00"), (OTHER, "7210", "100.00"), (OTHER, "7210", "120.00")];
    for (rfc, number, total) in said {
        program.withdraws("r-9").await.ok();
        let (status, document) = kept(&program, &receipt("r-9", rfc, number, total), PDF).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!((document.receptor_rfc.as_str(), document.folio.as_str()), (rfc, number));
        assert_eq!(document.total, total, "what is said now");
        assert!(!known.contains(&document.id), "{rfc} {number} {total}");
        known.push(document.id);
    }
    for id in &known {
        customer.get(&format!("/{id}")).await.problem(ProblemCode::NotFound);
    }
    program.withdraws("r-9").await.ok();
    let (status, back) = kept(&program, &receipt("r-9", OTHER, "7210", "120.00"), PDF).await;
    assert_eq!((status, Some(&back.id)), (StatusCode::CREATED, known.last()), "the very same is the very same");
});

on_both!(a_bare_file_comes_back_to_the_contract_that_it_had, |app| {
    let program = writer(app).await;
    let (_, first) = kept(&program, &statement("ec-1", "contract=005300"), PDF).await;
    program.withdraws("ec-1").await.ok();
    let (status, again) = kept(&program, &statement("ec-1", &format!("rfc={CUSTOMER}")), PDF).await;
    assert_eq!((status, again.id, again.contract.as_deref()), (StatusCode::CREATED, first.id, Some("005300")));
});

on_both!(a_balance_in_the_customers_favour_is_kept_and_shown, |app| {
    let (program, desk, customer) = (writer(app).await, app.desk().await, Customer::of(app).await);
    let path = statement("ec-1", "contract=005300").replace("743.97", "-120.50");
    let (status, document) = kept(&program, &path, PDF).await;
    assert_eq!((status, document.total.as_str()), (StatusCode::CREATED, "-120.50"));
    let named = brings(&desk, "name=estado_005300_171002_2017-10-02_-80.00.pdf", [PDF, b"%"].concat()).await.ok();
    assert_eq!(named.json::<BroughtDocument>().document.total, "-80.00");
    let page = customer.has().await;
    let totals: Vec<&str> = page.data.iter().map(|row| row.total.as_str()).collect();
    assert_eq!(totals, ["-80.00", "-120.50"], "newest first");
    let below_nothing = sends(&program, &receipt("r-1", CUSTOMER, "7201", "-1.00"), PDF).await;
    assert_eq!(wrong(below_nothing), [("?total".to_owned(), FieldCode::Amount)], "nobody receives less than nothing");
});

on_both!(the_serie_of_the_portals_own_receipts_is_nobody_elses, |app| {
    let program = writer(app).await;
    for serie in ["PG", "pg"] {
        let path = receipt("r-1", CUSTOMER, "1", "100.00").replace("serie=RP", &format!("serie={serie}"));
        assert_eq!(wrong(sends(&program, &path, PDF).await), [("?serie".to_owned(), FieldCode::Taken)], "{serie}");
    }
});

on_both!(a_cfdi_in_a_currency_that_is_not_kept_is_told_which_are, |app| {
    let xml = foreign_cfdi_saying(app, "egreso", "61", &[(" Moneda=\"MXN\"", " Moneda=\"CHF\"")]).await;
    let refused = writer(app).await.publishes("nc-61", "application/xml", xml).await;
    let error = refused.problem(ProblemCode::InvalidFields).errors.remove(0);
    let detail = error.detail.unwrap_or_default();
    assert_eq!((error.pointer.as_str(), error.code), ("/body", FieldCode::Cfdi));
    assert!(detail.contains("CHF") && detail.contains("MXN, USD, EUR"), "{detail}");
});
