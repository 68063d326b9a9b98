//! Tickets that give no invoice any more, the last minute of those that do, and an invoice that is asked for again.
use shared::issuers::BranchView;

use super::*;

const LOOK_UP: &str = "/api/v1/issuers/default/ticket-claims";

/// A sale of this number beside a ticket of the demo, and its claim while it could still be invoiced.
async fn claimed(app: &TestApp, beside: &RehearsalTicket, number: &str) -> (RehearsalTicket, Value) {
    let ticket = long_ticket(app, beside, number, 1, 8).await;
    let claim = app.browser().claim(&ticket).await;
    let order = order(&ticket, &claim, "QUIA850712AA1");
    (ticket, order)
}

/// What a stranger hears who has the numbers of a ticket and another total.
async fn wrong_total(app: &TestApp, ticket: &RehearsalTicket) -> (u16, Value) {
    let mut data = data_of(ticket);
    data["total"] = json!("1.23");
    let reply = app.browser().post(LOOK_UP, &data).await;
    let mut problem: Value = reply.json();
    problem.as_object_mut().unwrap().remove("request_id");
    (reply.status.as_u16(), problem)
}

on_both!(g1_wrong_data_say_nothing_of_what_became_of_a_ticket, |app| {
    let beside = app.ticket(0).await;
    let (invoiced, of_invoiced) = claimed(app, &beside, "G1-FACTURADO").await;
    let (expired, of_expired) = claimed(app, &beside, "G1-VENCIDO").await;
    let (cancelled, of_cancelled) = claimed(app, &beside, "G1-CANCELADO").await;
    let (in_global, of_in_global) = claimed(app, &beside, "G1-GLOBAL").await;
    app.browser().invoice(&of_invoiced, "k-1").await.ok();
    for change in [
        "UPDATE tickets SET invoice_until = '2026-11-17' WHERE ticket_number = 'G1-VENCIDO'",
        "UPDATE tickets SET state = 'cancelled' WHERE ticket_number = 'G1-CANCELADO'",
        "UPDATE tickets SET state = 'in_global' WHERE ticket_number = 'G1-GLOBAL'",
    ] {
        app.database.change(change).await;
    }
    let unknown = RehearsalTicket { ticket_number: "G1-NINGUNO".into(), ..invoiced.clone() };
    let not_there = wrong_total(app, &unknown).await;
    assert_eq!((not_there.0, &not_there.1["code"]), (404, &json!("ticket_not_found")));
    for (ticket, asked, code) in [
        (invoiced, of_invoiced, ProblemCode::TicketAlreadyInvoiced),
        (expired, of_expired, ProblemCode::TicketExpired),
        (cancelled, of_cancelled, ProblemCode::TicketCancelled),
        (in_global, of_in_global, ProblemCode::TicketInGlobal),
    ] {
        assert_eq!(wrong_total(app, &ticket).await, not_there, "{code:?}");
        // Whoever has all four data is told, and so is whoever looked it up in time.
        app.browser().look_up(&ticket).await.problem(code);
        app.browser().invoice(&asked, &ticket.ticket_number).await.problem(code);
    }
});

/// A ticket of this branch, to find others beside.
async fn beside_at(app: &TestApp, name: &str) -> RehearsalTicket {
    let page: Page<BranchView> = app.browser().get("/api/v1/issuers/default/branches?limit=100").await.ok().json();
    let branch = page.data.into_iter().find(|branch| branch.name == name).unwrap();
    RehearsalTicket { branch_id: branch.id, branch_name: branch.name, ..app.ticket(0).await }
}

on_both!(the_last_day_ends_at_midnight_of_the_branch, |app| {
    let (tijuana, capital) = (beside_at(app, "Tijuana Río").await, beside_at(app, "Centro Histórico").await);
    let in_time = long_ticket(app, &tijuana, "TJ-1", 1, 8).await;
    let late = long_ticket(app, &tijuana, "TJ-2", 1, 8).await;
    let elsewhere = long_ticket(app, &capital, "MX-1", 1, 8).await;
    // Sold in November, with ten days of grace: until 10 December, which at Tijuana ends at 08:00 UTC of the 11th.
    let one_to_midnight: jiff::Timestamp = "2026-12-11T07:59:00Z".parse().unwrap();
    app.clock.advance_seconds(one_to_midnight.as_second() - app.app.now().jiff().as_second());
    let browser = app.browser();
    assert_eq!(browser.invoice_ticket(&in_time, "k-1").await.status, 201);
    let asked = order(&late, &browser.claim(&late).await, "QUIA850712AA1");
    let past = browser.look_up(&elsewhere).await.problem(ProblemCode::TicketExpired);
    assert_eq!(past.day.as_deref(), Some("2026-12-10"), "in the capital it is the 11th already");
    app.clock.advance_seconds(120);
    for reply in [browser.look_up(&late).await, browser.invoice(&asked, "k-2").await] {
        assert_eq!(reply.problem(ProblemCode::TicketExpired).day.as_deref(), Some("2026-12-10"));
    }
});

on_both!(whoever_waits_for_a_stamp_may_have_it_asked_for_at_once, |app| {
    const STAMPED: &str = "SELECT COUNT(*) FROM stamps WHERE state = 'stamped'";
    let (browser, ticket, before) = (app.browser(), app.ticket(0).await, app.database.count(STAMPED).await);
    // The PAC is silent once.
    let asked = order(&ticket, &browser.claim(&ticket).await, "CAI010101001");
    let waiting: InvoiceView = browser.invoice(&asked, "k-1").await.ok().json();
    assert_eq!(waiting.state, InvoiceState::Waiting);
    let again = format!("/api/v1/invoices/{}/retries", waiting.id);
    // A stranger brings nothing forward.
    app.browser().post(&again, &json!({})).await.problem(ProblemCode::NotFound);
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Waiting);

    let reply = browser.post(&again, &json!({})).await;
    assert_eq!(reply.status, 202, "{}", reply.text());
    assert_eq!(reply.json::<InvoiceView>().state, InvoiceState::Waiting);
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Stamped);

    // Of one that is stamped it says so, and asks for nothing.
    let told: InvoiceView = browser.post(&again, &json!({})).await.ok().json();
    app.run_jobs().await;
    assert_eq!((told.state, browser.view(waiting.id).await.mails.len()), (InvoiceState::Stamped, 1));
    assert_eq!(app.database.count(STAMPED).await, before + 1);
});
