//! Invoices that a program asks for.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::billing::InvoiceState;
use shared::integrators::{ApiScope, DocumentResource, InvoiceResource, TicketResource, TicketStanding};

use super::{Program, new_key, sale};
use crate::support::{Reply, on_both};

pub(super) fn order(id: &str, ticket: Option<Value>) -> Value {
    let mut order = json!({
        "external_id": id,
        "receptor": {
            "rfc": "QUIA850712AA1", "nombre": "AMARANTA QUINTIL", "regimen": "612", "codigo_postal": "01000", "uso": "G03",
        },
        "email": "amaranta@quintil.example",
    });
    if let Some(ticket) = ticket {
        order["ticket"] = ticket;
    }
    order
}

pub(super) async fn issue(program: &Program<'_>, key: &str, order: &Value) -> Reply {
    let request = program.request(Method::POST, "/invoices").header("Idempotency-Key", key).json(order);
    program.send(request).await
}

on_both!(i2_an_order_is_invoiced_once_and_told_again_byte_for_byte, |app| {
    let erp = Program::of_the_demo(app).await;
    let body = order("p-1", Some(sale("P-1", "1")));
    let first = issue(&erp, "k-1", &body).await;
    assert_eq!(first.status.as_u16(), 201, "{}", first.text());
    let again = issue(&erp, "k-1", &body).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    let made: InvoiceResource = first.json();
    assert_eq!((made.state, made.ticket_external_id.as_deref()), (InvoiceState::Stamped, Some("p-1")));
    let kept: InvoiceResource = erp.get(&format!("/invoices/{}", made.id)).await.ok().json();
    assert_eq!(kept, made);
    let document: DocumentResource = erp.get(&format!("/documents/{}", made.document_id.unwrap())).await.ok().json();
    assert_eq!((document.receptor_rfc.as_str(), document.total.as_str()), ("QUIA850712AA1", "118.00"));
    let ticket: TicketResource = erp.get("/tickets/p-1").await.ok().json();
    assert_eq!(ticket.state, TicketStanding::Invoiced);
    // Another key for the same order finds the invoice, and the same key for another order nothing.
    for body in [&body, &order("p-1", None)] {
        let refused = issue(&erp, "k-2", body).await.problem(ProblemCode::TicketAlreadyInvoiced);
        assert_eq!(refused.invoice_id, Some(made.id));
    }
    issue(&erp, "k-1", &order("p-2", Some(sale("P-2", "2")))).await.problem(ProblemCode::IdempotencyKeyReused);
    erp.get("/tickets/p-2").await.problem(ProblemCode::NotFound);
    // A key of another issuer sees nothing of it, and its own keys are its own.
    let theirs = Program::at(app, "nandu", &ApiScope::ALL).await;
    theirs.get(&format!("/invoices/{}", made.id)).await.problem(ProblemCode::NotFound);
    issue(&theirs, "k-1", &order("p-1", None)).await.problem(ProblemCode::InvalidFields);
    app.run_jobs().await;
});

on_both!(i2_sixteen_at_once_make_one_invoice, |app| {
    let erp = Program::of_the_demo(app).await;
    erp.put("/tickets/p-1", &sale("P-1", "1")).await;
    let body = order("p-1", None);
    let sent = futures::future::join_all((0..16).map(|n| {
        let (erp, body) = (&erp, &body);
        async move { issue(erp, if n % 2 == 0 { "same" } else { "other" }, body).await }
    }));
    let answers = sent.await;
    let made: std::collections::HashSet<Value> = answers
        .iter()
        .filter(|answer| answer.status.is_success())
        .map(|answer| answer.json::<Value>()["id"].clone())
        .collect();
    assert_eq!(made.len(), 1, "{made:?}");
    for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
        assert_eq!(answer.status.as_u16(), 409, "{}", answer.text());
    }
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 1);
    app.run_jobs().await;
});

on_both!(i2_an_order_says_everything_that_is_wrong_with_it_and_uses_up_no_key, |app| {
    let erp = Program::of_the_demo(app).await;
    let mut wrong = order("a b", None);
    wrong["receptor"]["rfc"] = json!("XAXX010101000");
    wrong["email"] = json!("");
    let refused = issue(&erp, "k-1", &wrong).await.problem(ProblemCode::InvalidFields);
    let pointers: Vec<&str> = refused.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/external_id", "/receptor/rfc", "/email"]);
    let mut ticket = sale("P-1", "1");
    ticket["total"] = json!("119.00");
    let refused = issue(&erp, "k-1", &order("p-1", Some(ticket))).await.problem(ProblemCode::InvalidFields);
    assert_eq!(refused.errors[0].pointer, "/ticket/total");
    let none = issue(&erp, "k-1", &order("p-1", None)).await.problem(ProblemCode::InvalidFields);
    assert_eq!(none.errors[0].pointer, "/ticket");
    let bare = erp.send(erp.request(Method::POST, "/invoices").json(&order("p-1", None))).await;
    bare.problem(ProblemCode::IdempotencyKeyMissing);
    let (_, text) = new_key(app, "default", &[ApiScope::InvoicesRead], None).await;
    let reader = Program::with(app, text.expose());
    issue(&reader, "k-1", &order("p-1", None)).await.problem(ProblemCode::ScopeMissing);
});

on_both!(what_the_sat_refuses_is_kept_for_its_key_and_free_for_another, |app| {
    let erp = Program::of_the_demo(app).await;
    let mut refused = order("p-1", Some(sale("P-1", "1")));
    // A magic value of the rehearsal: the sandbox says that the name is not this RFC's.
    refused["receptor"]["rfc"] = json!("RCH010101145");
    refused["receptor"]["regimen"] = json!("601");
    let first = issue(&erp, "k-1", &refused).await;
    let problem = first.problem(ProblemCode::ReceptorNameDiffers);
    assert_eq!(problem.sat_code.as_deref(), Some("CFDI40145"));
    assert_eq!(issue(&erp, "k-1", &refused).await.body, first.body);
    assert_eq!(issue(&erp, "k-2", &order("p-1", None)).await.status.as_u16(), 201);
    app.run_jobs().await;
});
