//! Contracts as a resource of their own: the days that one gives, who may have it, and what holds it.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::{ApiScope, ContractResource, CustomerResource, EventKind, ReceivableResource};

use super::changes::{all, later};
use super::customers::customer;
use super::{Program, told};
use crate::audit::by_hand;
use crate::payments::CUSTOMER;
use crate::support::{Reply, TestApp, on_both};

/// With a customer that has two contracts.
async fn erp<'a>(app: &'a TestApp) -> Program<'a> {
    let erp = Program::at(app, "default", &ApiScope::ALL).await;
    erp.put("/customers/c-1", &customer()).await.ok();
    erp
}

async fn delete(program: &Program<'_>, path: &str) -> Reply {
    program.send(program.request(Method::DELETE, path)).await
}

fn days(days: i64) -> Value {
    json!({ "payment_days": days })
}

/// Their numbers.
fn numbers(contracts: &[ContractResource]) -> Vec<&str> {
    contracts.iter().map(|contract| contract.number.as_str()).collect()
}

on_both!(a_contract_is_kept_with_its_days_and_listed_by_its_last_change, |app| {
    let (erp, since) = (erp(app).await, later(app));
    let named = "/customers/c-1/contracts/0042%2FA";
    let first = erp.put(named, &days(45)).await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.text());
    let kept: ContractResource = first.json();
    assert_eq!((kept.customer.as_str(), kept.customer_rfc.as_str()), ("c-1", "AOM1707203N1"));
    assert_eq!((kept.number.as_str(), kept.payment_days), ("0042/A", 45), "as written, zeros kept");
    later(app);
    let again = erp.put("/customers/c-1/contracts/00%2042%2Fa", &days(45)).await;
    assert_eq!((again.status.as_u16(), again.text()), (200, first.text()), "spaces and capitals are no other number");
    assert_eq!(erp.get(named).await.ok().json::<ContractResource>(), kept);
    let of_it: CustomerResource = erp.get("/customers/c-1").await.ok().json();
    assert_eq!((of_it.contracts.len(), of_it.updated_at.as_str()), (3, kept.updated_at.as_str()));

    let unsaid: ContractResource = erp.put(named, &json!({})).await.ok().json();
    assert_eq!(unsaid.payment_days, 30, "K23");
    assert!(unsaid.updated_at > kept.updated_at && unsaid.created_at == kept.created_at);
    let changed: Vec<ContractResource> = all(&erp, &format!("/contracts?updated_since={since}&")).await;
    assert_eq!(changed, [unsaid]);
    let own: Vec<ContractResource> = all(&erp, "/contracts?customer=c-1&").await;
    assert_eq!((numbers(&own).len(), numbers(&own).last()), (3, Some(&"0042/A")), "the oldest change first");
    assert_eq!(all::<ContractResource>(&erp, "/contracts?customer=c-9&").await, []);
    // Those of the demo: one that its ERP named, and one that nobody did.
    let every: Vec<ContractResource> = all(&erp, "/contracts?").await;
    let of = |number: &str| every.iter().find(|one| one.number == number).map(|one| one.customer.as_str());
    assert_eq!((of("000781"), of("005300"), of("0042/A")), (Some("C-1001"), Some(""), Some("c-1")));

    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    assert!(!numbers(&all::<ContractResource>(&theirs, "/contracts?").await).contains(&"0042/A"));
    theirs.get(named).await.problem(ProblemCode::NotFound);
    theirs.put(named, &days(1)).await.problem(ProblemCode::NotFound);
    delete(&theirs, named).await.problem(ProblemCode::NotFound);
    app.run_jobs().await;
});

on_both!(a_contract_of_another_is_refused_and_all_faults_are_named, |app| {
    let erp = erp(app).await;
    let faults = async |path: &str, body: &Value| -> Vec<(String, String)> {
        let problem = erp.put(path, body).await.problem(ProblemCode::InvalidFields);
        problem.errors.into_iter().map(|error| (error.pointer, error.code.as_str().to_owned())).collect()
    };
    let named = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
    let taken = faults("/customers/C-1001/contracts/000900", &days(10)).await;
    assert_eq!(taken, [named("/number", "contract_taken")]);
    let wrong = faults("/customers/c-1/contracts/%20", &days(366)).await;
    assert_eq!(wrong, [named("/number", "required"), named("/payment_days", "number")]);
    let long = format!("/customers/c-1/contracts/{}", "9".repeat(41));
    assert_eq!(faults(&long, &days(0)).await, [named("/number", "too_long")]);
    assert_eq!(faults("/customers/c-1/contracts/1%07", &json!({})).await, [named("/number", "characters")]);
    erp.put("/customers/c-9/contracts/1", &json!({})).await.problem(ProblemCode::NotFound);
    let own: Vec<ContractResource> = all(&erp, "/contracts?customer=c-1&").await;
    assert!(own.len() == 2 && own.iter().all(|one| one.payment_days == 30), "{own:?}");
    app.run_jobs().await;
});

on_both!(a_contract_goes_when_nothing_names_it, |app| {
    let erp = erp(app).await;
    let told = async || {
        let feed = told::feed(&erp).await.into_iter();
        feed.filter(|event| event.kind == EventKind::CustomerChanged).count()
    };
    let before = told().await;
    assert_eq!(delete(&erp, "/customers/c-1/contracts/17-0900").await.status.as_u16(), 204);
    delete(&erp, "/customers/c-1/contracts/17-0900").await.problem(ProblemCode::NotFound);
    assert_eq!(told().await, before + 1);
    let left: CustomerResource = erp.get("/customers/c-1").await.ok().json();
    assert_eq!(left.contracts, ["000900"]);

    let statement = "/documents/external/ec-1?kind=estado_de_cuenta&number=1&contract=000900&total=1.00\
                     &issued_at=2026-11-01T07:00:00";
    let sent = erp.request(Method::PUT, statement).header("Content-Type", "application/pdf");
    erp.send(sent.body("%PDF-1.7\n%%EOF\n")).await.ok();
    delete(&erp, "/customers/c-1/contracts/000900").await.problem(ProblemCode::ContractInUse);
    delete(&erp, "/documents/external/ec-1").await.ok();
    assert_eq!(delete(&erp, "/customers/c-1/contracts/000900").await.status.as_u16(), 204, "its paper is gone");
    app.run_jobs().await;
});

on_both!(a_contract_by_which_something_is_owed_or_people_sign_in_stays, |app| {
    let erp = erp(app).await;
    let known = json!({
        "rfc": CUSTOMER, "nombre": "TEXTILES ARRAYAN Y MIMBRE", "regimen": "601", "codigo_postal": "76230",
    });
    erp.put("/customers/C-1", &known).await.ok();
    delete(&erp, "/customers/C-1/contracts/005300").await.problem(ProblemCode::ContractInUse);
    assert_eq!(delete(&erp, "/customers/C-1/contracts/17-0942").await.status.as_u16(), 204, "nothing names this one");
    by_hand(&app.app, "UPDATE receivables SET contract = NULL, contract_folded = NULL").await.unwrap();
    delete(&erp, "/customers/C-1/contracts/005300").await.problem(ProblemCode::ContractInUse);
    erp.put("/customers/C-1/contracts/005301", &json!({})).await.ok();
    assert_eq!(delete(&erp, "/customers/C-1/contracts/005300").await.status.as_u16(), 204, "another one is there");
    app.run_jobs().await;
});

on_both!(what_is_owed_is_due_by_the_days_of_its_contract, |app| {
    let erp = erp(app).await;
    let owed = |contract: Option<&str>, as_of: &str| {
        let mut owed = json!({
            "customer": "c-1", "issued_on": "2026-11-02", "currency": "MXN", "total": "160.71", "balance": "160.71",
            "as_of": as_of,
        });
        if let Some(contract) = contract {
            owed["contract"] = json!(contract);
        }
        owed
    };
    let due = async |id: &str, body: &Value| -> String {
        let mut body = body.clone();
        body["number"] = json!(id);
        erp.put(&format!("/receivables/{id}"), &body).await.ok().json::<ReceivableResource>().due_on
    };
    let (ten, eleven) = ("2026-11-18T10:00:00Z", "2026-11-18T11:00:00Z");
    erp.put("/customers/c-1/contracts/000900", &days(15)).await.ok();
    assert_eq!(due("R-1", &owed(Some("000900"), ten)).await, "2026-11-17");
    assert_eq!(due("R-2", &owed(Some("17-0900"), ten)).await, "2026-12-02", "thirty: nobody said others");
    assert_eq!(due("R-3", &owed(None, ten)).await, "2026-12-02", "one of two");
    let mut said = owed(Some("000900"), ten);
    said["due_on"] = json!("2026-11-30");
    assert_eq!(due("R-4", &said).await, "2026-11-30");
    // What is owed already keeps its day until something newer is said of it.
    erp.put("/customers/c-1/contracts/000900", &days(20)).await.ok();
    assert_eq!(due("R-1", &owed(Some("000900"), ten)).await, "2026-11-17", "the same word changes nothing");
    assert_eq!(due("R-1", &owed(Some("000900"), eleven)).await, "2026-11-22");
    assert_eq!(delete(&erp, "/customers/c-1/contracts/17-0900").await.status.as_u16(), 409);
    by_hand(&app.app, "DELETE FROM contracts WHERE number = '17-0900'").await.unwrap();
    assert_eq!(due("R-5", &owed(None, ten)).await, "2026-11-22", "the only one");
    app.run_jobs().await;
});
