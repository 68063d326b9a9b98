//! Guests: from a paper ticket to a stamped invoice, and everything that can go wrong on the way.
mod ceilings;
mod circuit;
mod states;
mod strangers;

use api::issuers;
use api::tickets;
use api::tickets::model::{LineTax, NewTicket, TicketLine, TicketState};
use fiscal::{Amount, Currency};
use serde_json::{Value, json};
use shared::billing::{InvoiceState, InvoiceView};
use shared::mail::{MailState, MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::rehearsal::RehearsalTicket;
use shared::{FieldCode, ProblemCode};

use crate::support::{TestApp, data_of, on_both, order};

on_both!(a_ticket_becomes_one_stamped_invoice_with_files_and_a_letter, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let reply = browser.invoice_ticket(&ticket, "k-1").await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let invoice: InvoiceView = reply.json();
    assert_eq!(invoice.state, InvoiceState::Stamped);
    assert_eq!(invoice.total, ticket.total);
    let uuid = invoice.folio_fiscal.clone().unwrap();

    let xml = browser.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    let parsed = cfdi::read(&xml.body).unwrap();
    assert_eq!(parsed.comprobante.total.to_string(), ticket.total);
    assert_eq!(parsed.comprobante.receptor.rfc, "QUIA850712AA1");
    assert_eq!(parsed.comprobante.timbre.unwrap().uuid.to_uppercase(), uuid);
    let pdf = browser.get(&format!("/api/v1/invoices/{}/pdf", invoice.id)).await.ok();
    assert!(pdf.body.starts_with(b"%PDF-"));
    let again = browser.get(&format!("/api/v1/invoices/{}/pdf", invoice.id)).await.ok();
    assert_eq!(pdf.body, again.body, "the same document prints the same bytes");

    assert_eq!(invoice.mails[0].state, MailState::Queued);
    app.run_jobs().await;
    assert_eq!(browser.view(invoice.id).await.mails[0].state, MailState::Sent);
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox").await.ok().json();
    let letter = letters.data.iter().find(|letter| letter.to == "amaranta@quintil.example").unwrap();
    let message: MailboxMessage = browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json();
    assert!(message.text.contains(&uuid), "{}", message.text);
    let names: Vec<&str> = message.attachments.iter().map(|file| file.content_type.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let attached = browser.get(&format!("/api/v1/mailbox/{}/attachments/0", letter.id)).await.ok();
    assert_eq!(attached.body, xml.body, "the letter carries the very XML");
});

on_both!(g1_every_wrong_datum_gets_the_same_answer, |app| {
    let ticket = app.ticket(0).await;
    let other_branch = app.rehearsal().await.tickets.into_iter().find(|t| t.branch_id != ticket.branch_id).unwrap();
    let mut answers = Vec::new();
    for (field, value) in [
        ("total", json!("1.23")),
        ("order_number", json!("NO-EXISTE")),
        ("ticket_number", json!("0000001")),
        ("branch_id", json!(other_branch.branch_id)),
        ("branch_id", json!(uuid::Uuid::from_u128(7))),
    ] {
        let mut data = data_of(&ticket);
        data[field] = value;
        let reply = app.browser().post("/api/v1/issuers/default/ticket-claims", &data).await;
        let mut problem: Value = reply.json();
        problem.as_object_mut().unwrap().remove("request_id");
        answers.push((reply.status, problem));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].1["code"], "ticket_not_found");
});

on_both!(g1_a_ticket_is_held_after_five_wrong_tries_and_free_after_an_hour, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let mut wrong = data_of(&ticket);
    wrong["total"] = json!("1.23");
    for _ in 0..5 {
        browser.post("/api/v1/issuers/default/ticket-claims", &wrong).await.problem(ProblemCode::TicketNotFound);
    }
    let held = browser.look_up(&ticket).await;
    let problem = held.problem(ProblemCode::TicketHeld);
    assert_eq!(held.headers["retry-after"], problem.retry_after_seconds.unwrap().to_string());
    app.clock.advance_seconds(3_601);
    browser.look_up(&ticket).await.ok();
});

on_both!(g1_of_many_wrong_tries_at_once_no_more_than_the_limit_are_judged, |app| {
    let ticket = app.ticket(0).await;
    let browser = app.browser();
    let mut wrong = data_of(&ticket);
    wrong["total"] = json!("1.23");
    let tries = (0..20).map(|_| browser.post("/api/v1/issuers/default/ticket-claims", &wrong));
    let replies = futures::future::join_all(tries).await;
    let judged = replies.iter().filter(|reply| reply.status == 404).count();
    let held = replies.iter().filter(|reply| reply.status == 429).count();
    assert_eq!((judged, held), (5, 15));
});

on_both!(
    g1_a_branch_with_many_wrong_tries_forgives_few_and_closes_for_nobody,
    with | config | {
        config.guests.wrong_per_branch = 6;
        config.guests.wrong_per_source = 4;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    },
    |app| {
        let (first, second) = (app.ticket(0).await, app.ticket(1).await);
        let elsewhere = app.rehearsal().await.tickets.into_iter().find(|t| t.branch_id != first.branch_id).unwrap();
        let look_up = async |source: &str, data: Value| {
            let browser = app.browser();
            let request = browser.request(reqwest::Method::POST, "/api/v1/issuers/default/ticket-claims");
            browser.send(request.header("X-Forwarded-For", source).json(&data)).await
        };
        let wrong = |ticket: &RehearsalTicket, n: u32| {
            let mut data = data_of(ticket);
            data["branch_id"] = json!(first.branch_id);
            data["ticket_number"] = json!(format!("INVENTADO-{n}"));
            data
        };
        // Two sources, three wrong tries each: the branch is guarded from here on.
        for n in 0..6 {
            let reply = look_up(if n % 2 == 0 { "203.0.113.1" } else { "203.0.113.2" }, wrong(&first, n)).await;
            reply.problem(ProblemCode::TicketNotFound);
        }
        // They had one more each; a guarded branch forgives two, and they had three.
        look_up("203.0.113.1", data_of(&first)).await.problem(ProblemCode::TicketHeld);
        // Whoever holds the paper gets in, from anywhere and at once.
        look_up("203.0.113.3", data_of(&first)).await.ok();
        // A new source has two wrong tries there, a ticket too.
        for n in 10..12 {
            look_up("203.0.113.4", wrong(&first, n)).await.problem(ProblemCode::TicketNotFound);
        }
        look_up("203.0.113.4", data_of(&first)).await.problem(ProblemCode::TicketHeld);
        let mut guessed = data_of(&first);
        guessed["total"] = json!("1.23");
        for source in ["203.0.113.5", "203.0.113.6"] {
            look_up(source, guessed.clone()).await.problem(ProblemCode::TicketNotFound);
        }
        look_up("203.0.113.7", data_of(&first)).await.problem(ProblemCode::TicketHeld);
        // Elsewhere the usual four are forgiven, to the same source.
        look_up("203.0.113.1", data_of(&elsewhere)).await.ok();
        app.clock.advance_seconds(3_601);
        for ticket in [&first, &second] {
            look_up("203.0.113.1", data_of(ticket)).await.ok();
        }
    }
);

on_both!(g1_an_invented_ticket_is_held_like_a_real_one, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let mut invented = data_of(&ticket);
    invented["ticket_number"] = json!("INVENTADO");
    for _ in 0..5 {
        browser.post("/api/v1/issuers/default/ticket-claims", &invented).await.problem(ProblemCode::TicketNotFound);
    }
    browser.post("/api/v1/issuers/default/ticket-claims", &invented).await.problem(ProblemCode::TicketHeld);
});

on_both!(the_same_key_gets_the_same_bytes_and_opens_the_invoice_again, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let claim = browser.claim(&ticket).await;
    let order = order(&ticket, &claim, "QUIA850712AA1");
    let first = browser.invoice(&order, "k-1").await.ok();
    let id = first.json::<InvoiceView>().id;
    browser.forget_cookies();
    browser.get(&format!("/api/v1/invoices/{id}")).await.problem(ProblemCode::NotFound);
    let second = browser.invoice(&order, "k-1").await;
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    assert_eq!(browser.view(id).await.id, id);

    let mut other = order.clone();
    other["email"] = json!("otra@quintil.example");
    browser.invoice(&other, "k-1").await.problem(ProblemCode::IdempotencyKeyReused);
    browser.post("/api/v1/issuers/default/invoices", &order).await.problem(ProblemCode::IdempotencyKeyMissing);
});

on_both!(g3_two_browsers_on_one_ticket_make_one_cfdi, |app| {
    const STAMPS: &str = "SELECT COUNT(*) FROM stamps";
    let (ticket, before) = (app.ticket(0).await, app.database.count(STAMPS).await);
    let browsers: Vec<_> = (0..8).map(|_| app.browser()).collect();
    let claim = browsers[0].claim(&ticket).await;
    let order = order(&ticket, &claim, "QUIA850712AA1");
    let keys: Vec<String> = (0..8).map(|n| format!("k-{n}")).collect();
    let replies =
        futures::future::join_all(browsers.iter().zip(&keys).map(|(browser, key)| browser.invoice(&order, key))).await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1, "{replies:?}");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        let code: ProblemCode = serde_json::from_value(reply.json::<Value>()["code"].clone()).unwrap();
        assert!(matches!(code, ProblemCode::TicketInProgress | ProblemCode::TicketAlreadyInvoiced), "{}", reply.text());
    }
    assert_eq!(app.database.count(STAMPS).await, before + 1, "one was sealed, and one sent to the PAC");
    let again = browsers[1].look_up(&ticket).await;
    again.problem(ProblemCode::TicketAlreadyInvoiced);
});

on_both!(g2_only_the_browser_that_invoiced_opens_it, |app| {
    let (mine, theirs, ticket) = (app.browser(), app.browser(), app.ticket(0).await);
    let invoice: InvoiceView = mine.invoice_ticket(&ticket, "k-1").await.ok().json();
    let other = app.ticket(1).await;
    theirs.invoice_ticket(&other, "k-2").await.ok();
    for path in ["", "/xml", "/pdf"] {
        theirs.get(&format!("/api/v1/invoices/{}{path}", invoice.id)).await.problem(ProblemCode::NotFound);
    }
    let missing = theirs.get(&format!("/api/v1/invoices/{}", uuid::Uuid::from_u128(1))).await;
    missing.problem(ProblemCode::NotFound);
    assert_eq!(theirs.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced).invoice_id, None);
    let known = mine.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
    assert_eq!(known.invoice_id, Some(invoice.id));
    app.clock.advance_seconds(24 * 3_600 + 1);
    mine.get(&format!("/api/v1/invoices/{}", invoice.id)).await.problem(ProblemCode::NotFound);
});

on_both!(a_refusal_names_the_field_and_frees_the_ticket, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let claim = browser.claim(&ticket).await;
    let refused = browser.invoice(&order(&ticket, &claim, "RCH010101145"), "k-1").await;
    let problem = refused.problem(ProblemCode::ReceptorNameDiffers);
    assert_eq!(problem.sat_code.as_deref(), Some("CFDI40145"));
    assert_eq!(problem.errors[0].pointer, "/receptor/nombre");
    assert_eq!(problem.errors[0].code, FieldCode::RefusedBySat);
    let again = browser.invoice(&order(&ticket, &claim, "RCH010101145"), "k-1").await;
    assert_eq!(again.body, refused.body);
    let good = browser.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-2").await;
    assert_eq!(good.status, 201, "{}", good.text());
});

on_both!(every_wrong_field_is_named, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let bad = json!({
        "claim": "x", "receptor": {"rfc": "", "nombre": "", "regimen": "1", "codigo_postal": "x", "uso": ""},
        "email": "nadie", "language": "es",
    });
    let problem = browser.invoice(&bad, "k-1").await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors.len(), 6, "{:?}", problem.errors);
    let empty = json!({"branch_id": ticket.branch_id, "order_number": "", "ticket_number": "", "total": "8,63"});
    let reply = browser.post("/api/v1/issuers/default/ticket-claims", &empty).await;
    let problem = reply.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors.len(), 3, "{:?}", problem.errors);
});

on_both!(ticket_to_answer_is_two_commits, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let claim = browser.claim(&ticket).await;
    let before = app.app.db.commits();
    browser.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-1").await.ok();
    assert_eq!(app.app.db.commits() - before, 2);
});

/// Brings a sale of so many lines of one peso in, each described at this length, beside a ticket of the demo.
async fn long_ticket(
    app: &TestApp,
    beside: &RehearsalTicket,
    number: &str,
    lines: i64,
    chars: usize,
) -> RehearsalTicket {
    let line = TicketLine {
        clave_prod_serv: "50202306".into(),
        sku: None,
        cantidad: "1".into(),
        clave_unidad: "H87".into(),
        unidad: None,
        descripcion: "x".repeat(chars),
        importe: "1.00".into(),
        descuento: None,
        impuesto: LineTax::Iva16,
    };
    let (scope, _) = issuers::service::scope_of_slug(&app.app, "default").await.unwrap().unwrap();
    let mut tx = app.app.db.begin().await.unwrap();
    let branch = issuers::service::find_branch(&mut tx, scope, issuers::BranchId::new(beside.branch_id));
    let branch = branch.await.unwrap().unwrap();
    let ticket = NewTicket {
        external_id: None,
        branch_id: branch.id,
        order_number: beside.order_number.clone(),
        ticket_number: number.to_owned(),
        sold_at: app.app.now(),
        total: Amount::new(lines * 100, Currency::Mxn),
        forma_pago: None,
        lines: vec![line; usize::try_from(lines).unwrap()],
        state: TicketState::Open,
    };
    tickets::service::import(&mut tx, &app.app, scope, &branch, ticket).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let total = format!("{lines}.00");
    RehearsalTicket { ticket_number: number.to_owned(), total, forma_pago: None, ..beside.clone() }
}

on_both!(nothing_is_stamped_that_could_not_be_printed, |app| {
    let (browser, beside) = (app.browser(), app.ticket(0).await);
    const STAMPS: &str = "SELECT COUNT(*) FROM stamps";
    let (before, folios) =
        (app.database.count(STAMPS).await, "SELECT CAST(COALESCE(SUM(last_folio), 0) AS BIGINT) FROM folios");
    let folios_before = app.database.count(folios).await;
    // One line more than are printed; and lines enough whose texts together are too long.
    for (number, lines, chars) in [("LARGO-1", 2_001, 8), ("LARGO-2", 900, 700)] {
        let ticket = long_ticket(app, &beside, number, lines, chars).await;
        let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
        browser.invoice(&asked, number).await.problem(ProblemCode::TicketTooLong);
        browser.look_up(&ticket).await.ok();
    }
    assert_eq!((app.database.count(STAMPS).await, app.database.count(folios).await), (before, folios_before));
    let ticket = long_ticket(app, &beside, "LARGO-3", 300, 700).await;
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let invoice: InvoiceView = browser.invoice(&asked, "LARGO-3").await.ok().json();
    assert_eq!(invoice.state, InvoiceState::Stamped);
});

on_both!(g4_a_claim_ends_after_half_an_hour, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let claim = browser.claim(&ticket).await;
    app.clock.advance_seconds(30 * 60);
    let late = browser.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-1").await;
    late.problem(ProblemCode::ClaimExpired);
});

on_both!(past_the_last_day_the_ticket_says_which_day_it_was, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    app.clock.advance_seconds(60 * 86_400);
    let problem = browser.look_up(&ticket).await.problem(ProblemCode::TicketExpired);
    assert!(problem.day.unwrap().as_str() > "2026-11-18");
});

on_both!(one_address_gets_so_many_letters_a_day, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let invoice: InvoiceView = browser.invoice_ticket(&ticket, "k-1").await.ok().json();
    let path = format!("/api/v1/invoices/{}/mails", invoice.id);
    for _ in 0..5 {
        browser.post(&path, &json!({"to": "otra@quintil.example", "language": "en"})).await.ok();
    }
    let sixth = browser.post(&path, &json!({"to": "OTRA@quintil.example", "language": "en"})).await;
    sixth.problem(ProblemCode::MailLimit);
    let two = browser.post(&path, &json!({"to": "a@b.example,c@d.example", "language": "en"})).await;
    assert_eq!(two.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::Email);
    app.run_jobs().await;
    let sent = browser.view(invoice.id).await.mails;
    assert_eq!(sent.len(), 6);
    assert!(sent.iter().all(|mail| mail.state == MailState::Sent), "{sent:?}");
});

on_both!(g6_letters_asked_for_at_once_stay_within_the_day, |app| {
    let browser = app.browser();
    let invoice: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-1").await.ok().json();
    let path = format!("/api/v1/invoices/{}/mails", invoice.id);
    let wanted = json!({"to": "otra@quintil.example", "language": "en"});
    let replies = futures::future::join_all((0..12).map(|_| browser.post(&path, &wanted))).await;
    assert_eq!(replies.iter().filter(|reply| reply.status == 202).count(), 5);
    let refused = replies.iter().find(|reply| reply.status != 202).unwrap();
    assert_eq!(refused.problem(ProblemCode::MailLimit).retry_after_seconds, Some(86_400));
    assert_eq!(refused.headers["retry-after"], "86400");
    app.run_jobs().await;
});

on_both!(g6_one_invoice_is_mailed_so_often_a_day_to_whichever_addresses, |app| {
    let browser = app.browser();
    let mails = |id| format!("/api/v1/invoices/{id}/mails");
    let to = |n: usize| json!({"to": format!("otra{n}@quintil.example"), "language": "es"});
    let invoice: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-1").await.ok().json();
    for n in 0..10 {
        browser.post(&mails(invoice.id), &to(n)).await.ok();
    }
    let eleventh = browser.post(&mails(invoice.id), &to(10)).await;
    assert_eq!(eleventh.problem(ProblemCode::MailLimit).retry_after_seconds, Some(86_400));
    let other: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-2").await.ok().json();
    browser.post(&mails(other.id), &to(10)).await.ok();
    app.run_jobs().await;
});

on_both!(
    g6_one_source_mails_invoices_so_often_an_hour,
    with | config | config.accounts.letters_per_source = 2,
    |app| {
        let browser = app.browser();
        let invoice: InvoiceView = browser.invoice_ticket(&app.ticket(0).await, "k-1").await.ok().json();
        let path = format!("/api/v1/invoices/{}/mails", invoice.id);
        for to in ["uno@quintil.example", "dos@quintil.example"] {
            browser.post(&path, &json!({"to": to, "language": "es"})).await.ok();
        }
        let third = json!({"to": "tres@quintil.example", "language": "es"});
        let refused = browser.post(&path, &third).await;
        assert_eq!(refused.problem(ProblemCode::MailLimit).retry_after_seconds, Some(3_600));
        app.clock.advance_seconds(3_600);
        browser.post(&path, &third).await.ok();
        app.run_jobs().await;
    }
);

mod silence {
    //! The PAC is slow, silent or loses its answer.
    use super::*;

    on_both!(a_lost_answer_ends_in_the_same_stamp, |app| {
        let (browser, ticket) = (app.browser(), app.ticket(0).await);
        let lost = "PER010101001";
        let claim = browser.claim(&ticket).await;
        let reply = browser.invoice(&order(&ticket, &claim, lost), "k-1").await;
        assert_eq!(reply.status, 202, "{}", reply.text());
        let invoice: InvoiceView = reply.json();
        assert_eq!(invoice.state, InvoiceState::Waiting);
        assert!(invoice.next_attempt_at.is_some());
        browser.look_up(&ticket).await.problem(ProblemCode::TicketInProgress);
        app.clock.advance_seconds(60);
        app.run_jobs().await;
        let settled = browser.view(invoice.id).await;
        assert_eq!(settled.state, InvoiceState::Stamped);
        assert_eq!(settled.mails.len(), 1);
        let kept = browser.invoice(&order(&ticket, &claim, lost), "k-1").await;
        assert_eq!((kept.status, kept.body), (reply.status, reply.body), "the first answer is kept");
    });

    on_both!(a_pac_that_is_down_is_asked_until_it_answers, |app| {
        let (browser, ticket) = (app.browser(), app.ticket(0).await);
        let claim = browser.claim(&ticket).await;
        let reply = browser.invoice(&order(&ticket, &claim, "CAI010101003"), "k-1").await;
        let invoice: InvoiceView = reply.json();
        assert_eq!(invoice.state, InvoiceState::Waiting);
        for _ in 0..4 {
            app.clock.advance_seconds(120);
            app.run_jobs().await;
        }
        assert_eq!(browser.view(invoice.id).await.state, InvoiceState::Stamped);
    });

    on_both!(four_days_without_a_pac_end_in_one_invoice_with_its_folio_dated_now, |app| {
        let (browser, ticket) = (app.browser(), app.ticket(0).await);
        let asked = order(&ticket, &browser.claim(&ticket).await, "CAI010101003");
        let stamped_before = app.database.count("SELECT COUNT(*) FROM stamps WHERE state = 'stamped'").await;
        let first = browser.invoice(&asked, "k-1").await;
        let waiting: InvoiceView = first.json();
        assert_eq!(waiting.state, InvoiceState::Waiting);
        for _ in 0..2 {
            app.clock.advance_seconds(2 * 86_400);
            app.run_jobs().await;
        }
        const SEALED: &str = "SELECT COUNT(*) FROM stamps WHERE state = 'sealed'";
        assert_eq!(app.database.count(SEALED).await, 1, "what is too old is sealed again, and never given up");
        for _ in 0..4 {
            app.clock.advance_seconds(600);
            app.run_jobs().await;
        }
        // The browser's access ended meanwhile; the same request opens it again, with the very answer it got.
        let again = browser.invoice(&asked, "k-1").await;
        assert_eq!((again.status, again.body), (first.status, first.body));
        let invoice = browser.view(waiting.id).await;
        assert_eq!(invoice.state, InvoiceState::Stamped);
        assert_eq!((&invoice.serie, &invoice.folio), (&waiting.serie, &waiting.folio));
        assert_eq!((invoice.tracking, invoice.mails.len()), (waiting.tracking, 1));
        let xml = browser.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
        let comprobante = cfdi::read(&xml.body).unwrap().comprobante;
        assert_eq!(comprobante.folio.as_deref(), Some(invoice.folio.as_str()));
        let fecha: jiff::civil::DateTime = comprobante.fecha.parse().unwrap();
        let zone = jiff::tz::TimeZone::get(&invoice.requested_at.zone).unwrap();
        let age = app.app.now().jiff().as_second() - fecha.to_zoned(zone).unwrap().timestamp().as_second();
        assert!((60..3_600).contains(&age), "{fecha}");
        let stamped = app.database.count("SELECT COUNT(*) FROM stamps WHERE state = 'stamped'").await;
        assert_eq!(stamped - stamped_before, 1);
        let sealed_again = app.database.count("SELECT COUNT(*) FROM audit_log WHERE act = 'invoice.reseal'").await;
        assert_eq!(sealed_again, 1);
        browser.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
        let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
        assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
    });

    on_both!(a_fresh_date_that_is_refused_frees_the_ticket, |app| {
        let (browser, ticket) = (app.browser(), app.ticket(0).await);
        let asked = order(&ticket, &browser.claim(&ticket).await, "RCH010101401");
        let refused = browser.invoice(&asked, "k-1").await.problem(ProblemCode::IssuerNotReady);
        assert_eq!(refused.sat_code.as_deref(), Some("401"), "our clock, and nothing that was typed");
        browser.look_up(&ticket).await.ok();
    });
}
