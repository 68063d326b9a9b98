//! B1 and B2 of what is written: whoever names what is another's, in an address or in a body, finds that it is not there.
//! And B3: the cookie of a guest, or of a page that is signed in, opens none of the operations that ask for a token.
use api::accounts::people as accounts;
use api::payments::deposits::{self, Deposit};
use api::payments::how::How;
use fiscal::{Amount, Currency, Rfc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::integrators::{ApiScope, ReceivableResource};
use shared::payments::{BankCode, PaymentView};
use shared::problem::FieldCode;
use uuid::Uuid;

use super::documented::Operation;
use super::{ask, ends_own, operations, people, refused};
use crate::integrators::Program;
use crate::payments::{CUSTOMER, Person, issuer_and_customer, money_is_in_order};
use crate::support::shapes::{least_body, least_query};
use crate::support::{Reply, TestApp, on_both, order};

/// It is not there; or what was said of it was wrong before anybody looked for it.
const NOTHING_DONE: [u16; 4] = [400, 404, 415, 422];

on_both!(b1_b2_nothing_is_written_to_what_is_anothers, |app| {
    let (browser, token, foreign) = people(app).await;
    let keys = [
        ("customer", token),
        ("staff", app.desk().await.token),
        ("api_key", Program::at(app, "nandu", &ApiScope::ALL).await.key),
    ];
    let (mut absent, mut otherwise, mut faults) = (0, Vec::new(), Vec::new());
    for name in ["portal", "integrators.v1"] {
        let document: Value = app.browser().get(&format!("/openapi/{name}.json")).await.ok().json();
        for operation in Operation::all(&document) {
            let wants = |door: &str| {
                let asked = operation.said["security"].as_array().into_iter().flatten();
                asked.into_iter().any(|one| one.get(door).is_some())
            };
            let Some((_, key)) = keys.iter().find(|key| wants(key.0)) else { continue };
            let is_write = matches!(operation.verb.as_str(), "POST" | "PUT") && operation.path.contains('{');
            let Some(address) = foreign.fill(operation.path).filter(|_| is_write) else { continue };
            let query = least_query(&document, operation.said);
            let method = Method::from_bytes(operation.verb.as_bytes()).unwrap();
            let mut request = browser.request(method, &format!("{address}{query}")).bearer_auth(key);
            request = request.header("Idempotency-Key", "k-4");
            if let Some(body) = least_body(operation.document, operation.said) {
                request = request.json(&body);
            }
            let reply = browser.send(request).await;
            let told = format!("{}: {} {}", operation.name(), reply.status, reply.text());
            match reply.status.as_u16() {
                404 => absent += 1,
                status if NOTHING_DONE.contains(&status) => otherwise.push(told),
                _ => faults.push(told),
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    // They were refused for whose it is, and not for what was said of it.
    assert!(absent > 20 && absent > otherwise.len(), "{absent}\n{}", otherwise.join("\n"));
});

on_both!(b3_no_cookie_opens_what_asks_for_a_token, |app| {
    // The page of somebody who is signed in has one, and so has whoever invoiced a ticket.
    let (page, _, foreign) = people(app).await;
    let (guest, ticket) = (app.browser(), app.ticket(1).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-2").await.ok();
    assert!(page.cookie().is_some() && guest.cookie().is_some());
    let (mut tried, mut faults) = (0, Vec::new());
    for ((path, verb), asked) in operations(app).await {
        let wants = |name: &str| asked.iter().any(|one| one == name);
        let is_tokens = wants("customer") || wants("staff") || wants("api_key") || wants("mailbox");
        if !is_tokens || wants("guest") || ends_own(&verb, &path) {
            continue;
        }
        let Some(address) = foreign.fill(&path) else { continue };
        for (whose, browser) in [("a guest's", &guest), ("a page's", &page)] {
            let status = ask(browser, &verb, &address, None).await.status.as_u16();
            if !refused(&verb, status) {
                faults.push(format!("{verb} {path}: {status} to {whose} cookie"));
            }
            tried += 1;
        }
    }
    assert!(tried > 200, "{tried}");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
});

/// The ERP says that one of its customers owes an invoice; gives the balance.
async fn owes(erp: &Program<'_>, customer: &str, number: &str) -> Uuid {
    let body = json!({
        "customer": customer, "number": number, "issued_on": "2026-11-02", "currency": "MXN", "total": "100.00",
        "balance": "100.00", "as_of": "2026-11-18T10:00:00Z",
    });
    erp.put(&format!("/receivables/{number}"), &body).await.ok().json::<ReceivableResource>().id
}

/// A program of the other company, which knows the demo's customer.
async fn elsewhere(app: &TestApp) -> Program<'_> {
    let erp = Program::at(app, "nandu", &ApiScope::ALL).await;
    let customer = json!({
        "rfc": CUSTOMER, "nombre": "TEXTILES ARRAYAN Y MIMBRE", "regimen": "601", "codigo_postal": "76230",
    });
    erp.put("/customers/C-7", &customer).await.ok();
    erp
}

/// Balances that are not the demo's customer's with the default issuer: another customer's there, which the demo's ERP
/// calls by this name, and its own elsewhere.
async fn others_balances(app: &TestApp) -> [(Uuid, &'static str); 2] {
    let (here, there) = (Program::at(app, "default", &ApiScope::ALL).await, elsewhere(app).await);
    [(owes(&here, "C-1001", "H-1").await, "another customer's"), (owes(&there, "C-7", "N-1").await, "another issuer's")]
}

/// Insists that the first line names no balance.
#[track_caller]
fn no_such_balance(reply: &Reply, whose: &str) {
    let problem = reply.problem(ProblemCode::InvalidFields);
    let told: Vec<_> = problem.errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
    assert_eq!(told, [("/lines/0/receivable_id", FieldCode::NoSuchBalance)], "{whose}");
}

on_both!(
    b1_b2_no_body_reaches_anothers_balance,
    with | config | {
        config.payments.erp_applies = vec!["colibri-azul".into()];
    },
    |app| {
        let (person, operator) = (Person::signs_in(app).await, app.operator().await);
        let others = others_balances(app).await;
        // Beside one's own, which is not reserved then either.
        let mut wanted = person.all_of(&["6212976"]).await;
        let own = wanted["lines"][0].clone();
        for (n, (id, whose)) in others.iter().enumerate() {
            wanted["lines"] = json!([{ "receivable_id": id, "pay_all": true }, own]);
            no_such_balance(&person.order(&format!("k-{n}"), &wanted).await, whose);
        }
        assert_eq!(person.history("").await.totals.count, 0);
        assert_eq!(person.balance("6212976").await.available, "27794.52");

        // A credit of the customer's goes on its own balances with whom it has it: by the desk, and by the program.
        let (scope, customer) = issuer_and_customer(app).await;
        let (how, amount) = (How::default(), Amount::new(50_000, Currency::Mxn));
        let deposit = Deposit { bank: BankCode::Spei, transaction: "AA7", amount, reference: "9", how: &how };
        let whose = (customer, deposits::By::Number);
        let received = deposits::receive(&app.app, scope, whose, &deposit, b"line").await.unwrap();
        let Some(deposits::Received::Made(payment)) = received else { panic!("{received:?}") };
        let program = Program::at(app, "default", &ApiScope::ALL).await;
        for (n, (id, whose)) in others.iter().enumerate() {
            let lines = json!({ "lines": [{ "receivable_id": id, "amount": null }] });
            let desk = format!("/console/issuers/default/payments/{payment}/credit-applications");
            no_such_balance(&operator.post(&desk, &lines).await, whose);
            let request = program.request(Method::POST, &format!("/payments/{payment}/credit-applications"));
            let request = request.header("Idempotency-Key", format!("c-{n}")).json(&lines);
            no_such_balance(&program.send(request).await, whose);
        }
        let left: PaymentView = person.payment(payment).await;
        assert_eq!(left.unapplied.as_deref(), Some("500.00"));
        money_is_in_order(app).await;
    }
);

on_both!(b1_b2_no_body_turns_to_anothers_customer_branch_or_document, |app| {
    let person = Person::signs_in(app).await;
    let rfc = Rfc::parse("CHI1203155K7").unwrap();
    let stranger = accounts::find_customer(&mut app.app.db.read().await.unwrap(), &rfc).await.unwrap().unwrap();
    let choose = person.request(Method::PUT, "/sessions/current/customer");
    let chosen = person.browser.send(choose.json(&json!({ "customer_id": stranger.uuid() }))).await;
    chosen.problem(ProblemCode::NotFound);
    let me: Value = person.get("/me").await.ok().json();
    assert_eq!(me["customer"]["rfc"], CUSTOMER);

    // Another company's branch, by somebody who may work at both.
    let branches: Value = app.browser().get("/api/v1/issuers/nandu/branches").await.ok().json();
    let form = json!({ "branch_id": branches["data"][0]["id"], "name": "Caja" });
    let refused = app.operator().await.post("/console/issuers/default/till-keys", &form).await;
    let problem = refused.problem(ProblemCode::InvalidFields);
    assert_eq!((problem.errors[0].pointer.as_str(), problem.errors[0].code), ("/branch_id", FieldCode::BranchUnknown));

    // A balance of a document that another company issued.
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, CUSTOMER), "k-1").await.ok();
    let documents: Value = person.get("/documents").await.ok().json();
    let program = elsewhere(app).await;
    let folio_fiscal = &documents["data"][0]["folio_fiscal"];
    assert!(folio_fiscal.is_string(), "{documents}");
    let balance = json!({
        "customer": "C-7", "number": "N-1", "issued_on": "2026-11-02", "currency": "MXN", "total": "100.00",
        "balance": "100.00", "as_of": "2026-11-18T10:00:00Z", "folio_fiscal": folio_fiscal,
    });
    let problem = program.put("/receivables/N-1", &balance).await.problem(ProblemCode::InvalidFields);
    assert_eq!(
        (problem.errors[0].pointer.as_str(), problem.errors[0].code),
        ("/folio_fiscal", FieldCode::NotInCatalog)
    );
});
