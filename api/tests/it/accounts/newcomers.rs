//! Customers that staff type in: a company without an ERP lets its customers register.
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::console::{ConsoleCustomer, ConsoleCustomerRow, CustomerAdded, CustomerState};
use shared::integrators::{ApiScope, CustomerResource};
use shared::page::Page;
use shared::problem::FieldCode;

use super::console::HERE;
use super::parts::{ANA, RFC, comes_in, known_at};
use super::{OTHER_PASSWORD, column, letters_to, opened, token_in, use_link};
use crate::integrators::Program;
use crate::integrators::changes::{all, later};
use crate::support::{Clerk, Reply, on_both};

const NUMBER: &str = "000900";

fn typed(contracts: &[&str]) -> Value {
    json!({
        "rfc": RFC, "nombre": "ABARROTES OCHO MARES", "regimen": "601", "codigo_postal": "06010",
        "contracts": contracts, "language": "es",
    })
}

async fn adds(clerk: &Clerk, form: &Value) -> Reply {
    clerk.post(&format!("{HERE}/customers"), form).await
}

async fn listed(clerk: &Clerk, query: &str) -> Vec<ConsoleCustomerRow> {
    clerk.get(&format!("{HERE}/customers?{query}")).await.ok().json::<Page<ConsoleCustomerRow>>().data
}

on_both!(a_company_without_an_erp_lets_its_customers_register, |app| {
    let desk = app.desk().await;
    let reply = adds(&desk, &typed(&[" 000900 "])).await.ok();
    let added: CustomerAdded = reply.json();
    assert_eq!((reply.status.as_u16(), added.created, added.contracts_added, added.invited), (201, true, 1, false));
    let row = listed(&desk, "q=AOM17&state=unconfirmed").await.remove(0);
    assert_eq!((row.id, row.contract.as_deref(), row.state), (added.id, Some(NUMBER), CustomerState::Unconfirmed));
    assert!(listed(&desk, "q=AOM17&state=active").await.is_empty());

    let (_, me) = comes_in(app, "default", NUMBER, ANA).await;
    assert_eq!(me.customer.id, added.id);
    assert_eq!(listed(&desk, "q=AOM17&state=active").await.len(), 1);
    assert!(listed(&desk, "q=AOM17&state=unconfirmed").await.is_empty());
    desk.get(&format!("{HERE}/customers?state=otro")).await.problem(ProblemCode::MalformedAddress);

    // The same again is the same, and where somebody has access no link goes out.
    let mut again = typed(&[NUMBER]);
    again["email"] = json!("otra@ochomares.example");
    let reply = adds(&desk, &again).await.ok();
    let same: CustomerAdded = reply.json();
    assert_eq!((reply.status.as_u16(), same.created, same.contracts_added, same.invited), (200, false, 0, false));
    assert_eq!(same.id, added.id);
    assert!(letters_to(app, "otra@ochomares.example").await.is_empty());
    let acts = column(app, "SELECT act || ' ' || object_id FROM audit_log WHERE act = 'customer.added'").await;
    assert_eq!(acts, [format!("customer.added {}", added.id)]);
    // Its programs hear of the new one, and of nothing when it was there already.
    let told = column(app, "SELECT kind FROM events WHERE kind = 'customer.changed'").await;
    assert_eq!(told, ["customer.changed"]);
});

on_both!(a_customer_is_added_with_the_link_of_its_first_entry, |app| {
    let desk = app.desk().await;
    let mut form = typed(&[NUMBER, "17-0001"]);
    form["email"] = json!(ANA);
    let added: CustomerAdded = adds(&desk, &form).await.ok().json();
    assert!(added.created && added.invited && added.contracts_added == 2);
    let link = token_in(&letters_to(app, ANA).await[0], "activar");
    let (_, me) = opened(&use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok());
    assert_eq!((me.customer.id, me.contracts.len()), (added.id, 2));
});

on_both!(b2_a_customer_of_another_company_is_added_without_changing_what_that_one_knows, |app| {
    known_at(app, "nandu", "N-77", "770077").await;
    let desk = app.desk().await;
    assert!(listed(&desk, "q=AOM17").await.is_empty());
    let mut form = typed(&[NUMBER]);
    form["nombre"] = json!("OTRO NOMBRE");
    let added: CustomerAdded = adds(&desk, &form).await.ok().json();
    assert!(added.created, "to this company it is new");
    let here: ConsoleCustomer = desk.get(&format!("{HERE}/customers/{}", added.id)).await.ok().json();
    assert_eq!((here.nombre.as_str(), here.contracts), ("ABARROTES OCHO MARES", vec![NUMBER.to_owned()]));
    let house = app.operator().await;
    let there = format!("/console/issuers/nandu/customers/{}", added.id);
    let there: ConsoleCustomer = house.get(&there).await.ok().json();
    assert_eq!((there.nombre.as_str(), there.contracts), ("ABARROTES OCHO MARES", vec!["N-77".to_owned()]));
    // One that is there gets the numbers that it lacked, and nothing else.
    form["contracts"] = json!([NUMBER, "000901"]);
    let reply = adds(&desk, &form).await.ok();
    let more: CustomerAdded = reply.json();
    assert_eq!((reply.status.as_u16(), more.created, more.contracts_added), (200, false, 1));
    let here: ConsoleCustomer = desk.get(&format!("{HERE}/customers/{}", added.id)).await.ok().json();
    assert_eq!((here.nombre.as_str(), here.contracts.len()), ("ABARROTES OCHO MARES", 2));
});

on_both!(a_contract_that_staff_add_is_told_by_the_erps_own_id, |app| {
    known_at(app, "default", NUMBER, "410001").await;
    let (erp, desk) = (Program::at(app, "default", &ApiScope::ALL).await, app.desk().await);
    let since = later(app);
    let added: CustomerAdded = adds(&desk, &typed(&["000901"])).await.ok().json();
    assert_eq!((added.created, added.contracts_added), (false, 1));
    let told = column(app, "SELECT body FROM events WHERE kind = 'customer.changed' ORDER BY seq").await;
    assert!(told.len() == 2 && told[1].contains("\"c-1\""), "{told:?}");
    let changed: Vec<CustomerResource> = all(&erp, &format!("/customers?updated_since={since}&")).await;
    assert_eq!(changed.iter().map(|one| one.external_id.as_str()).collect::<Vec<_>>(), ["c-1"]);
    assert_eq!(changed[0].contracts, [NUMBER, "000901"]);
});

on_both!(a_customer_with_wrong_data_is_not_added, |app| {
    let desk = app.desk().await;
    let taken = adds(&desk, &typed(&[NUMBER, "005300"])).await.problem(ProblemCode::InvalidFields);
    assert_eq!((taken.errors[0].pointer.as_str(), taken.errors[0].code), ("/contracts/1", FieldCode::ContractTaken));
    let none = adds(&desk, &typed(&[])).await.problem(ProblemCode::InvalidFields);
    assert_eq!((none.errors[0].pointer.as_str(), none.errors[0].code), ("/contracts", FieldCode::Required));
    let mut form = typed(&[" "]);
    form["rfc"] = json!("XAXX010101000");
    form["regimen"] = json!("999");
    form["email"] = json!("no es correo");
    let all = adds(&desk, &form).await.problem(ProblemCode::InvalidFields);
    let mut pointers: Vec<&str> = all.errors.iter().map(|error| error.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/contracts/0", "/email", "/regimen", "/rfc"]);
    assert!(listed(&desk, "q=AOM17").await.is_empty(), "nothing was kept of them");
});
