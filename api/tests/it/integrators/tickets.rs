//! One sale at a time.
use api::tickets::service;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::billing::InvoiceView;
use shared::integrators::{ApiScope, TicketResource, TicketStanding};
use shared::page::Page;
use shared::rehearsal::RehearsalTicket;

use super::{Program, sale, scope_of};
use crate::support::{TestApp, on_both, order};

/// The sale as a shopper reads it from paper.
fn paper(ticket: &TicketResource) -> RehearsalTicket {
    RehearsalTicket {
        branch_id: ticket.branch_id,
        branch_name: String::new(),
        order_number: ticket.order_number.clone(),
        ticket_number: ticket.ticket_number.clone(),
        total: ticket.total.clone(),
        currency: ticket.currency.clone(),
        forma_pago: ticket.forma_pago.clone(),
        lines: 1,
    }
}

/// Invoices a ticket as a shopper would; the folio fiscal.
pub async fn invoice(app: &TestApp, ticket: &TicketResource, key: &str) -> String {
    let (browser, paper) = (app.browser(), paper(ticket));
    let claim = browser.claim(&paper).await;
    let mut order = order(&paper, &claim, "QUIA850712AA1");
    order["forma_pago"] = json!(ticket.forma_pago.clone().unwrap_or_else(|| "01".into()));
    let answer = browser.invoice(&order, key).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.text());
    app.run_jobs().await;
    answer.json::<Value>()["folio_fiscal"].as_str().unwrap().to_owned()
}

on_both!(a_sale_sent_by_a_till_is_invoiced_by_its_shopper, |app| {
    let till = Program::of_the_demo(app).await;
    let sent = till.put("/tickets/v-1", &sale("A-1001", "000123")).await;
    assert_eq!(sent.status.as_u16(), 201, "{}", sent.text());
    let ticket: TicketResource = sent.json();
    assert_eq!(ticket.sold_at.instant, "2026-11-18T17:00:00.000000Z", "the branch's own clock");
    assert_eq!((ticket.state, ticket.invoice_until.as_str()), (TicketStanding::Open, "2026-12-10"));
    invoice(app, &ticket, "k-1").await;
    let kept: TicketResource = till.get("/tickets/v-1").await.ok().json();
    assert_eq!(kept.state, TicketStanding::Invoiced);
});

on_both!(the_same_sale_sent_again_does_nothing, |app| {
    let till = Program::of_the_demo(app).await;
    let first = till.put("/tickets/v-1", &sale("A-1", "1")).await.ok();
    app.clock.advance_seconds(60);
    let commits = app.app.db.commits();
    let again = till.put("/tickets/v-1", &sale("a-1 ", "1")).await;
    assert_eq!((again.status.as_u16(), again.text()), (200, first.text()), "also with numbers typed otherwise");
    assert_eq!(app.app.db.commits(), commits);
});

on_both!(a_sale_changes_until_its_invoice_is_made, |app| {
    let till = Program::of_the_demo(app).await;
    till.put("/tickets/v-1", &sale("A-1", "1")).await.ok();
    let mut other = sale("A-1", "1");
    (other["total"], other["lines"][0]["importe"]) = ("59.00".into(), "59.00".into());
    let changed: TicketResource = till.put("/tickets/v-1", &other).await.ok().json();
    assert_eq!((changed.total.as_str(), changed.state), ("59.00", TicketStanding::Open));
    other["cancelled"] = true.into();
    let cancelled: TicketResource = till.put("/tickets/v-1", &other).await.ok().json();
    assert_eq!(cancelled.state, TicketStanding::Cancelled);
    app.browser().look_up(&paper(&changed)).await.problem(ProblemCode::TicketCancelled);
    other["cancelled"] = false.into();
    let open: TicketResource = till.put("/tickets/v-1", &other).await.ok().json();
    invoice(app, &open, "k-1").await;
    assert_eq!(till.put("/tickets/v-1", &other).await.status.as_u16(), 200, "what it is may be said for ever");
    till.put("/tickets/v-1", &sale("A-1", "1")).await.problem(ProblemCode::TicketAlreadyInvoiced);
    other["cancelled"] = true.into();
    till.put("/tickets/v-1", &other).await.problem(ProblemCode::TicketAlreadyInvoiced);
});

on_both!(numbers_name_one_sale, |app| {
    let till = Program::of_the_demo(app).await;
    till.put("/tickets/v-1", &sale("A-1", "1")).await.ok();
    till.put("/tickets/v-2", &sale("A-1", "2")).await.ok();
    till.put("/tickets/v-3", &sale("A-1", "1")).await.problem(ProblemCode::TicketNumbersTaken);
    till.put("/tickets/v-2", &sale("a-1", "1")).await.problem(ProblemCode::TicketNumbersTaken);
    till.get("/tickets/v-3").await.problem(ProblemCode::NotFound);
    // A ticket of the house itself, that no integrator brought.
    let house = app.ticket(0).await;
    let mut taken = sale(&house.order_number, &house.ticket_number);
    taken["branch"] = house.branch_id.to_string().into();
    till.put("/tickets/v-4", &taken).await.problem(ProblemCode::TicketNumbersTaken);
});

on_both!(every_wrong_field_is_told_at_once_by_its_pointer, |app| {
    let till = Program::of_the_demo(app).await;
    let wrong = json!({
        "branch": "Nowhere", "order_number": "", "ticket_number": "1|2", "sold_at": "2026-11-18", "total": "0.00",
        "currency": "USD", "forma_pago": "99", "lines": [
            { "clave_prod_serv": "1", "cantidad": "1e3", "clave_unidad": "h87", "descripcion": "a|b",
              "importe": "1.005", "descuento": "2.00", "impuesto": "iva_16", "sku": "" },
        ],
    });
    let problem = till.put("/tickets/v 1", &wrong).await.problem(ProblemCode::InvalidFields);
    let told: Vec<String> = problem.errors.iter().map(|error| format!("{} {}", error.pointer, error.code)).collect();
    assert_eq!(
        told,
        [
            "/external_id characters",
            "/branch branch_unknown",
            "/order_number required",
            "/ticket_number characters",
            "/sold_at instant",
            "/currency not_in_catalog",
            "/total not_positive",
            "/forma_pago not_in_catalog",
            "/lines/0/clave_prod_serv not_in_catalog",
            "/lines/0/clave_unidad not_in_catalog",
            "/lines/0/descripcion characters",
            "/lines/0/sku required",
            "/lines/0/cantidad amount",
            "/lines/0/importe amount",
        ]
    );
    let mut unknown = sale("A-1", "1");
    unknown["lines"][0]["precio"] = "1".into();
    let problem = till.put("/tickets/v-1", &unknown).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].pointer, "/lines/0/precio");
    for (at, value) in [("sold_at", "2026-11-20T00:00:00Z"), ("sold_at", "ayer"), ("total", "-1.00")] {
        let mut wrong = sale("A-1", "1");
        wrong[at] = value.into();
        let problem = till.put("/tickets/v-1", &wrong).await.problem(ProblemCode::InvalidFields);
        assert_eq!(problem.errors[0].pointer, format!("/{at}"), "{value}");
    }
});

on_both!(lines_that_do_not_add_up_say_by_how_much, |app| {
    let till = Program::of_the_demo(app).await;
    let mut wrong = sale("A-1", "1");
    wrong["total"] = "118.01".into();
    let problem = till.put("/tickets/v-1", &wrong).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].pointer, "/total");
    assert_eq!(problem.errors[0].detail.as_deref(), Some("lines 118.00, total 118.01, difference 0.01"));
});

on_both!(a_list_by_change_gives_every_ticket_once, |app| {
    let till = Program::of_the_demo(app).await;
    for n in 0..7 {
        till.put(&format!("/tickets/v-{n}"), &sale("A-1", &n.to_string())).await.ok();
        app.clock.advance_seconds(1);
    }
    let since = app.app.now();
    let mut changed = sale("A-1", "2");
    changed["forma_pago"] = Value::Null;
    till.put("/tickets/v-2", &changed).await.ok();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page: Page<TicketResource> = till.get(&format!("/tickets?limit=3{cursor}")).await.ok().json();
        seen.extend(page.data.into_iter().map(|ticket| ticket.external_id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, ["v-0", "v-1", "v-3", "v-4", "v-5", "v-6", "v-2"], "and none of the house's own");
    let page: Page<TicketResource> = till.get(&format!("/tickets?updated_since={since}")).await.ok().json();
    assert_eq!(page.data.iter().map(|ticket| ticket.external_id.as_str()).collect::<Vec<_>>(), ["v-2"]);
    assert!(page.data[0].lines.is_none());
    till.get("/tickets?updated_since=yesterday").await.problem(ProblemCode::InvalidFields);
    till.get("/tickets?issuer=nandu").await.problem(ProblemCode::MalformedAddress);
});

on_both!(sixteen_at_once_bring_one_ticket, |app| {
    // A key's own requests wait for each other: four tills bring it.
    let mut tills = vec![Program::of_the_demo(app).await];
    for _ in 0..3 {
        tills.push(Program::at(app, "default", &[ApiScope::TicketsWrite]).await);
    }
    let body = sale("A-1", "1");
    let all = futures::future::join_all((0..16).map(|n| tills[n % 4].put("/tickets/v-1", &body))).await;
    let count = |status| all.iter().filter(|reply| reply.status.as_u16() == status).count();
    assert_eq!(count(201), 1, "{:?}", all.iter().map(|reply| reply.status).collect::<Vec<_>>());
    assert_eq!(count(200), 15);
});

/// The same sale, cheaper.
fn cheaper() -> Value {
    let mut sale = sale("A-1", "1");
    (sale["total"], sale["lines"][0]["importe"]) = ("59.00".into(), "59.00".into());
    sale
}

on_both!(a_ticket_is_reserved_only_as_it_was_read, |app| {
    let (till, scope) = (Program::of_the_demo(app).await, scope_of(app, "default").await);
    till.put("/tickets/v-1", &sale("A-1", "1")).await.ok();
    let read = async || {
        let mut conn = app.app.db.read().await.unwrap();
        service::find_by_external(&mut conn, scope, "v-1").await.unwrap().unwrap()
    };
    let before = read().await;
    till.put("/tickets/v-1", &cheaper()).await.ok();
    let now = read().await;
    for (ticket, reserved) in [(before, false), (now.clone(), true), (now, false)] {
        let mut tx = app.app.db.begin().await.unwrap();
        assert_eq!(service::reserve(&mut tx, scope, &ticket, app.app.now()).await.unwrap(), reserved, "{ticket:?}");
        tx.commit().await.unwrap();
    }
    // Once reserved, what its till sends anew is refused: nothing was told to be taken that is not on the invoice.
    till.put("/tickets/v-1", &sale("A-1", "1")).await.problem(ProblemCode::TicketInProgress);
    app.database.execute("UPDATE tickets SET state = 'open' WHERE external_id = 'v-1'").await;
});

on_both!(nobody_gets_an_invoice_of_a_total_they_never_saw, |app| {
    let (till, browser) = (Program::of_the_demo(app).await, app.browser());
    let seen: TicketResource = till.put("/tickets/v-1", &sale("A-1", "1")).await.ok().json();
    let seen = paper(&seen);
    let claim = browser.claim(&seen).await;
    let now: TicketResource = till.put("/tickets/v-1", &cheaper()).await.ok().json();
    let now = paper(&now);
    browser.invoice(&order(&seen, &claim, "QUIA850712AA1"), "k-1").await.problem(ProblemCode::ClaimExpired);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 0, "nothing was sealed");
    // Looked up again, the paper says otherwise; with what it comes to now it is invoiced.
    browser.look_up(&seen).await.problem(ProblemCode::TicketNotFound);
    let claim = browser.claim(&now).await;
    let made: InvoiceView = browser.invoice(&order(&now, &claim, "QUIA850712AA1"), "k-2").await.ok().json();
    assert_eq!(made.total, "59.00");
});
