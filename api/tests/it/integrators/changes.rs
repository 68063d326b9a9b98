//! Lists by last change: whatever a program may read, it can follow without reading everything anew.
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::json;
use shared::ProblemCode;
use shared::billing::InvoiceState;
use shared::integrators::{ApiScope, CustomerResource, ExchangeRateResource, InvoiceResource, ReceivableResource};
use shared::page::Page;

use super::customers::customer;
use super::invoices::{issue, order};
use super::{Program, sale};
use crate::support::{TestApp, on_both};

/// All pages of a list, two rows each.
pub async fn all<T: DeserializeOwned>(program: &Program<'_>, path: &str) -> Vec<T> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Page<T> = program.get(&format!("{path}limit=2{cursor}")).await.ok().json();
        seen.extend(page.data);
        let Some(next) = page.next_cursor else { return seen };
        cursor = format!("&cursor={next}");
    }
}

/// An instant later than whatever happened.
pub fn later(app: &TestApp) -> api::db::Timestamp {
    app.clock.advance_seconds(1);
    app.app.now()
}

on_both!(customers_are_listed_once_by_their_last_change, |app| {
    let erp = Program::at(app, "nandu", &ApiScope::ALL).await;
    for n in 0..5 {
        // Contracts are numbers of the issuer's: nobody else may hold them.
        let mut body = customer();
        body["contracts"] = json!([format!("77-{n}"), format!("66-{n}")]);
        erp.put(&format!("/customers/c-{n}"), &body).await.ok();
        later(app);
    }
    let since = app.app.now();
    let mut body = customer();
    body["contracts"] = json!(["55-1"]);
    erp.put("/customers/c-1", &body).await.ok();
    let listed: Vec<CustomerResource> = all(&erp, "/customers?").await;
    assert_eq!(
        listed.iter().map(|one| one.external_id.as_str()).collect::<Vec<_>>(),
        ["c-0", "c-2", "c-3", "c-4", "c-1"]
    );
    for one in &listed {
        let alone: CustomerResource = erp.get(&format!("/customers/{}", one.external_id)).await.ok().json();
        assert_eq!(*one, alone, "the list says what each says");
    }
    assert_eq!(listed[0].contracts.len(), 11, "five ids of one RFC, and its numbers with this issuer");
    let changed: Vec<CustomerResource> = all(&erp, &format!("/customers?updated_since={since}&")).await;
    assert_eq!(changed.iter().map(|one| one.external_id.as_str()).collect::<Vec<_>>(), ["c-1"]);
    erp.get("/customers?updated_since=ayer").await.problem(ProblemCode::InvalidFields);
    let other = Program::at(app, "default", &ApiScope::ALL).await;
    let theirs: Vec<CustomerResource> = all(&other, "/customers?").await;
    assert!(!theirs.iter().any(|one| one.external_id.starts_with("c-")), "{theirs:?}");
});

on_both!(invoices_are_listed_again_when_they_are_stamped_or_refused, |app| {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    let before: Vec<InvoiceResource> = all(&erp, "/invoices?").await;
    let since = later(app);
    // The PAC is silent three times: sealed, and waiting.
    let mut slow = order("p-1", Some(sale("P-1", "1")));
    slow["receptor"]["rfc"] = json!("CAI010101003");
    slow["receptor"]["regimen"] = json!("601");
    slow["receptor"]["nombre"] = json!("CAFETERIAS LA HIGUERA");
    let waits: InvoiceResource = issue(&erp, "k-1", &slow).await.ok().json();
    assert_eq!(waits.state, InvoiceState::Waiting);
    later(app);
    let made: InvoiceResource = issue(&erp, "k-2", &order("p-2", Some(sale("P-2", "2")))).await.ok().json();
    let ids = |rows: &[InvoiceResource]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let listed: Vec<InvoiceResource> = all(&erp, &format!("/invoices?updated_since={since}&")).await;
    assert_eq!(ids(&listed), [waits.id, made.id]);
    assert_eq!(all::<InvoiceResource>(&erp, "/invoices?").await.len(), before.len() + 2);

    let since = later(app);
    app.clock.advance_seconds(24 * 3600);
    for _ in 0..4 {
        app.run_jobs().await;
        app.clock.advance_seconds(3600);
    }
    let listed: Vec<InvoiceResource> = all(&erp, &format!("/invoices?updated_since={since}&")).await;
    assert_eq!(ids(&listed), [waits.id], "the other has not changed");
    assert_eq!(listed[0].state, InvoiceState::Stamped);
    let alone: InvoiceResource = erp.get(&format!("/invoices/{}", waits.id)).await.ok().json();
    assert_eq!(alone, listed[0]);
    let other = Program::at(app, "nandu", &ApiScope::ALL).await;
    assert!(!ids(&all::<InvoiceResource>(&other, "/invoices?").await).contains(&made.id));
});

on_both!(what_is_owed_and_rates_are_listed_by_their_last_change, |app| {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    erp.put("/customers/c-1", &customer()).await.ok();
    let since = later(app);
    let mut later_paid = order("p-1", Some(sale("P-1", "1")));
    later_paid["ticket"].as_object_mut().unwrap().remove("forma_pago");
    later_paid["metodo_pago"] = json!("PPD");
    for key in ["rfc", "nombre", "regimen", "codigo_postal"] {
        later_paid["receptor"][key] = customer()[key].clone();
    }
    let made: InvoiceResource = issue(&erp, "k-1", &later_paid).await.ok().json();
    app.run_jobs().await;
    let owed: Vec<ReceivableResource> = all(&erp, &format!("/receivables?updated_since={since}&")).await;
    let [own] = owed.as_slice() else { panic!("{owed:?}") };
    assert_eq!((own.external_id.as_str(), own.document_id), ("", made.document_id), "an invoice opened it");

    erp.put("/exchange-rates/USD/2026-11-17", &json!({ "rate": "19" })).await.ok();
    let since = later(app);
    erp.put("/exchange-rates/USD/2026-11-16", &json!({ "rate": "18.5" })).await.ok();
    let rates: Vec<ExchangeRateResource> = all(&erp, &format!("/exchange-rates?updated_since={since}&")).await;
    assert_eq!(rates.iter().map(|rate| rate.valid_on.as_str()).collect::<Vec<_>>(), ["2026-11-16"]);
    let refused = erp.send(erp.request(Method::GET, "/exchange-rates?updated_since=1")).await;
    refused.problem(ProblemCode::InvalidFields);
});
