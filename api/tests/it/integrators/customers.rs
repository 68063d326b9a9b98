//! Customers and their contracts.
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::{ApiScope, CustomerResource};
use shared::page::Page;

use super::Program;
use crate::support::on_both;

pub fn customer() -> Value {
    json!({
        "rfc": "AOM1707203N1", "nombre": "ABARROTES OCHO MARES", "regimen": "601", "codigo_postal": "06010",
        "contracts": ["000900", "17-0900"],
    })
}

on_both!(a_customer_is_brought_in_once_and_can_register, |app| {
    let erp = Program::of_the_demo(app).await;
    let first = erp.put("/customers/c-1", &customer()).await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.text());
    let again = erp.put("/customers/c-1", &customer()).await;
    assert_eq!((again.status.as_u16(), again.text()), (200, first.text()));
    let kept: CustomerResource = erp.get("/customers/c-1").await.ok().json();
    assert_eq!(kept.contracts, ["000900", "17-0900"]);
    let asked = json!({ "rfc": kept.rfc, "contract": "000900", "email": "pagos@ochomares.example", "language": "es" });
    app.browser().post("/api/v1/registrations", &asked).await.ok();
    app.run_jobs().await;
    app.run_jobs().await;
    let letters = app.browser().get("/api/v1/mailbox").await.ok().text();
    assert!(letters.contains("pagos@ochomares.example"), "{letters}");
});

on_both!(an_id_keeps_its_rfc_and_a_contract_its_customer, |app| {
    let erp = Program::of_the_demo(app).await;
    erp.put("/customers/c-1", &customer()).await.ok();
    let other = json!({
        "rfc": "CHI1203155K7", "nombre": "CAFETERIAS LA HIGUERA", "regimen": "601", "codigo_postal": "06010",
        "contracts": ["000 901", "000900", "17-0900"],
    });
    let problem = erp.put("/customers/c-1", &other).await.problem(ProblemCode::InvalidFields);
    assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code.as_str()), ("/rfc", "rfc_fixed"));
    let problem = erp.put("/customers/c-2", &other).await.problem(ProblemCode::InvalidFields);
    let pointers: Vec<&str> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/contracts/1", "/contracts/2"]);
    erp.get("/customers/c-2").await.problem(ProblemCode::NotFound);
});

on_both!(a_customer_the_house_knows_gets_the_ids_of_every_system, |app| {
    let erp = Program::of_the_demo(app).await;
    let known = json!({
        "rfc": "CHI1203155K7", "nombre": "CAFETERIAS LA HIGUERA DEL SUR", "regimen": "601", "codigo_postal": "06010",
    });
    assert_eq!(erp.put("/customers/c-1", &known).await.status.as_u16(), 201);
    let second: CustomerResource = erp.put("/customers/c-2", &known).await.ok().json();
    assert_eq!(
        (second.nombre.as_str(), second.contracts),
        ("CAFETERIAS LA HIGUERA DEL SUR", vec!["000781".to_owned()])
    );
});

on_both!(a_customer_that_no_system_has_named_is_found_by_its_rfc, |app| {
    let erp = Program::of_the_demo(app).await;
    let found = async |program: &Program<'_>| -> Vec<CustomerResource> {
        program.get("/customers?rfc=TAM010203ABA").await.ok().json::<Page<CustomerResource>>().data
    };
    let unnamed = found(&erp).await;
    let [unnamed] = unnamed.as_slice() else { panic!("{unnamed:?}") };
    assert_eq!((unnamed.external_id.as_str(), unnamed.nombre.as_str()), ("", "TEXTILES ARRAYAN Y MIMBRE"));
    assert!(unnamed.contracts.len() == 2 && unnamed.contracts.contains(&"005300".to_owned()), "{unnamed:?}");
    let nandu = Program::at(app, "nandu", &[ApiScope::CustomersRead]).await;
    assert_eq!(found(&nandu).await, [], "it has no contract there");
    let sent = json!({
        "rfc": "TAM010203ABA", "nombre": "TEXTILES ARRAYAN Y MIMBRE", "regimen": "601", "codigo_postal": "76230",
    });
    let named: CustomerResource = erp.put("/customers/c-1", &sent).await.ok().json();
    assert_eq!(found(&erp).await, [named], "and by its id from then on");
    let wrong = erp.get("/customers?rfc=x").await.problem(ProblemCode::InvalidFields);
    assert_eq!(wrong.errors[0].pointer, "?rfc");
});

on_both!(s_one_issuer_changes_nothing_that_another_knows, |app| {
    let ours = Program::of_the_demo(app).await;
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    ours.put("/customers/c-1", &customer()).await;
    let moved = json!({ "rfc": "AOM1707203N1", "nombre": "OTRO NOMBRE", "regimen": "603", "codigo_postal": "64000" });
    let kept: CustomerResource = theirs.put("/customers/x-1", &moved).await.json();
    // Each is told what it said itself, so that nobody reads the others' data by guessing an RFC.
    assert_eq!((kept.nombre.as_str(), kept.codigo_postal.as_str()), ("OTRO NOMBRE", "64000"));
    let kept: CustomerResource = ours.get("/customers/c-1").await.ok().json();
    assert_eq!((kept.nombre.as_str(), kept.codigo_postal.as_str()), ("ABARROTES OCHO MARES", "06010"));
    let shared = "SELECT COUNT(*) FROM customers WHERE rfc = 'AOM1707203N1' AND nombre = 'ABARROTES OCHO MARES' \
                  AND codigo_postal = '06010'";
    assert_eq!(app.database.count(shared).await, 1);
    let mut again = customer();
    again["codigo_postal"] = json!("06020");
    ours.put("/customers/c-1", &again).await.ok();
    assert_eq!(app.database.count(shared).await, 1, "two know it now");
});

on_both!(a_customer_with_wrong_fields_says_them_all, |app| {
    let erp = Program::of_the_demo(app).await;
    let wrong = json!({
        "rfc": "XAXX010101000", "nombre": "", "regimen": "999", "codigo_postal": "6010", "contracts": [" ", "1\u{7}"],
    });
    let problem = erp.put("/customers/c-1", &wrong).await.problem(ProblemCode::InvalidFields);
    let pointers: Vec<&str> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/rfc", "/nombre", "/regimen", "/codigo_postal", "/contracts/0", "/contracts/1"]);
});
