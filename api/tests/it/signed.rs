//! N1: tickets that the till signs. Scanned before their sale arrives, they wait for it; scanned twice, they are one.
use std::process::{Command, Stdio};

use api::audit::Actor;
use api::tickets::signed::{self, Office, Payload, TillKey, TillSecret};
use reqwest::Method;
use serde_json::{Value, json};
use shared::billing::{InvoiceState, InvoiceView};
use shared::integrators::EventKind;
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::{FieldCode, ProblemCode};

use crate::integrators::{Program, sale, scope_of, told};
use crate::support::{Browser, Reply, TestApp, on_both};

/// A till of the demo's first branch.
struct Till<'a> {
    app: &'a TestApp,
    key: TillKey,
    secret: TillSecret,
}

impl<'a> Till<'a> {
    async fn of_the_demo(app: &'a TestApp) -> Till<'a> {
        let scope = scope_of(app, "default").await;
        let mut tx = app.app.db.begin().await.unwrap();
        let branch = api::issuers::service::find_branch_by_name(&mut tx, scope, "Centro Histórico").await.unwrap();
        let (vault, ids) = (&app.app.vault, &app.app.ids);
        let office = Office { vault, ids, now: app.app.now(), by: (Actor::Operator, None) };
        let wanted = (branch.unwrap().id, "Caja 1");
        let (key, secret) = signed::create(&mut tx, office, scope, wanted).await.unwrap();
        tx.commit().await.unwrap();
        Till { app, key, secret }
    }

    /// What it prints for the sale of [`sale`].
    fn prints(&self, order: &str, ticket: &str) -> String {
        let text = format!("1:{}:{order}:{ticket}:118.00:20261118T1100:04", self.key.id);
        self.secret.sealed(&text)
    }

    async fn revoke(&self) {
        let mut tx = self.app.app.db.begin().await.unwrap();
        let at = (self.app.app.now(), (Actor::Operator, None));
        assert!(signed::revoke(&mut tx, self.key.scope, &self.key.id, at).await.unwrap());
        tx.commit().await.unwrap();
    }
}

/// Opens a QR in a browser, going nowhere from there. Gives the answer, and where it would go.
async fn scan(app: &TestApp, browser: &Browser, text: &str) -> Reply {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only(std::iter::empty());
    let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.request(Method::GET, format!("{}/Q/{text}", app.base));
    let request = match browser.cookie() {
        Some(cookie) => request.header("Cookie", cookie),
        None => request,
    };
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Reply { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

/// What the page puts into the wizard's draft.
fn draft_in(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text();
    let json = text.split("data-sale=\"").nth(1).unwrap().split('"').next().unwrap();
    let json = json.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<").replace("&#38;", "&");
    serde_json::from_str::<Value>(&json).unwrap()
}

fn order(claim: &Value) -> Value {
    json!({
        "claim": claim,
        "receptor": {
            "rfc": "QUIA850712AA1", "nombre": "Amaranta Quintil Ibarra", "regimen": "612",
            "codigo_postal": "06010", "uso": "G03",
        },
        "email": "amaranta@quintil.example",
        "language": "es",
    })
}

async fn letters(app: &TestApp) -> Vec<MailboxLetter> {
    app.run_jobs().await;
    let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox").await.ok().json();
    letters.data.into_iter().filter(|letter| letter.to == "amaranta@quintil.example").collect()
}

on_both!(a_scanned_ticket_opens_the_wizard_as_if_its_data_had_been_typed, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    program.put("/tickets/q-1", &sale("A-1/7", "T#9")).await.ok();
    // The numbers need an escape; the seal is over the plain text.
    let text = till.prints("A-1/7", "T#9").replace("A-1/7", "A-1%2F7").replace("T#9", "T%239");
    let page = draft_in(&scan(app, &browser, &text).await);
    let draft = &page["draft"];
    assert_eq!(page["go_to"].as_str().unwrap().split('/').next_back(), Some("rfc"));
    assert_eq!((&draft["order"], &draft["ticket"]), (&json!("A-1/7"), &json!("T#9")));
    assert_eq!((&draft["total"], &draft["forma_pago"]), (&json!("118.00"), &json!("04")));
    assert_eq!(draft["branch"]["name"], "Centro Histórico");
    assert_eq!(draft["claimed"]["ticket"]["branch_id"], draft["branch"]["id"]);
    let reply = browser.invoice(&order(&draft["claimed"]["claim"]["claim"]), "k-1").await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let invoice: InvoiceView = reply.json();
    assert_eq!((invoice.state, invoice.total.as_str()), (InvoiceState::Stamped, "118.00"));
    let again = scan(app, &browser, &text).await;
    assert_eq!(again.status, 303);
    assert!(again.headers["location"].to_str().unwrap().ends_with(&format!("/facturar/factura/{}", invoice.id)));
    let elsewhere = scan(app, &app.browser(), &text).await;
    assert_eq!(elsewhere.status, ProblemCode::TicketAlreadyInvoiced.status());
    assert!(!elsewhere.text().contains(&invoice.id.to_string()), "G2: nothing of the invoice is told elsewhere");
});

on_both!(n1_a_ticket_scanned_before_its_sale_waits_and_is_invoiced_once_when_it_arrives, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    let text = till.prints("A1", "7");
    let claim = draft_in(&scan(app, &browser, &text).await)["draft"]["claimed"]["claim"]["claim"].clone();
    let first = browser.invoice(&order(&claim), "k-1").await;
    assert_eq!(first.status, 202, "{}", first.text());
    let waiting: InvoiceView = first.json();
    assert_eq!((waiting.state, waiting.serie.as_str()), (InvoiceState::Waiting, ""));

    // The same order again is the same answer; the same ticket again is no second order.
    let replayed = browser.invoice(&order(&claim), "k-1").await;
    assert_eq!((replayed.status, &replayed.body), (first.status, &first.body));
    browser.invoice(&order(&claim), "k-2").await.problem(ProblemCode::TicketInProgress);
    let stranger = app.browser();
    stranger.invoice(&order(&claim), "k-3").await.problem(ProblemCode::TicketInProgress);
    let here = scan(app, &browser, &text).await;
    assert!(here.headers["location"].to_str().unwrap().ends_with(&waiting.id.to_string()));
    assert_eq!(scan(app, &stranger, &text).await.status, ProblemCode::TicketInProgress.status());
    assert_eq!(stranger.get(&format!("/api/v1/invoices/{}", waiting.id)).await.status, 404);
    assert!(letters(app).await.is_empty(), "nothing is promised by mail before there is an invoice");
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Waiting);

    // Another sale wakes nobody; the sale itself does, and what waited is stamped under its own number.
    program.put("/tickets/otra", &sale("A1", "8")).await.ok();
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Waiting);
    program.put("/tickets/v-1", &sale("A1", "7")).await.ok();
    app.run_jobs().await;
    let invoice = browser.view(waiting.id).await;
    assert_eq!((invoice.state, invoice.tracking), (InvoiceState::Stamped, waiting.tracking));
    assert!(!invoice.serie.is_empty());
    assert_eq!(letters(app).await.len(), 1);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 1);

    app.clock.advance_seconds(7 * 3_600);
    app.run_jobs().await;
    browser.invoice(&order(&claim), "k-4").await.problem(ProblemCode::TicketAlreadyInvoiced);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 1);
    let mut conn = app.app.db.read().await.unwrap();
    for proof in api::billing::verify::verify(&mut conn, app.app.now()).await.unwrap() {
        assert!(proof.broken == 0, "{proof:?}");
    }
});

on_both!(an_order_that_waits_for_its_sale_is_told_once, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    let claim = json!(till.prints("A1", "7"));
    let waiting: InvoiceView = browser.invoice(&order(&claim), "k-1").await.ok().json();
    browser.invoice(&order(&claim), "k-1").await.ok();
    browser.invoice(&order(&claim), "k-2").await.problem(ProblemCode::TicketInProgress);
    let feed = told::feed(&program).await;
    let [event] = feed.as_slice() else { panic!("{feed:?}") };
    let data = &event.data;
    assert_eq!((event.kind, data.invoice_id), (EventKind::TicketAwaited, Some(waiting.id)));
    assert_eq!(
        [&data.branch, &data.order_number, &data.ticket_number, &data.total, &data.receptor_rfc].map(Option::as_deref),
        [Some("Centro Histórico"), Some("A1"), Some("7"), Some("118.00"), Some("QUIA850712AA1")]
    );
    // The sale is brought as the event names it, and the invoice told under the same id.
    program.put("/tickets/v-1", &sale("A1", "7")).await.ok();
    app.run_jobs().await;
    let stamped = told::feed(&program).await.pop().unwrap();
    assert_eq!((stamped.kind, stamped.data.invoice_id), (EventKind::InvoiceStamped, Some(waiting.id)));
});

on_both!(a_sale_that_arrives_in_bulk_wakes_whoever_waits_for_it, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    let reply = browser.invoice(&order(&json!(till.prints("A1", "7"))), "k-1").await;
    let waiting: InvoiceView = reply.ok().json();
    let lines = (5..10).map(|n| {
        let mut line = sale("A1", &n.to_string());
        line["external_id"] = json!(format!("v-{n}"));
        format!("{line}\n")
    });
    program.bulk(lines.collect()).await.ok();
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Stamped);
});

on_both!(n1_whatever_no_good_key_sealed_is_answered_like_wrong_data_and_counted, |app| {
    let till = Till::of_the_demo(app).await;
    let good = till.prints("A1", "7");
    let forged = good.replace("118.00", "1.00");
    let stranger = TillSecret::new(&[7; 32]).sealed(good.rsplit_once(':').unwrap().0);
    let unknown = till.secret.sealed("1:22222222:A1:7:118.00:20261118T1100:04");
    let early = till.secret.sealed(&format!("1:{}:A1:7:118.00:20261120T1100:04", till.key.id));
    let mut answers = Vec::new();
    for bad in [&forged, &stranger, &unknown, &early, "x", "1:2:3"] {
        let reply = scan(app, &app.browser(), bad).await;
        answers.push((reply.status, reply.text()));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, ProblemCode::TicketNotFound.status());
    app.browser().invoice(&order(&json!(forged)), "k-1").await.problem(ProblemCode::ClaimExpired);
    // Ten wrong ones from one source in an hour, as for typed data.
    for _ in answers.len()..10 {
        scan(app, &app.browser(), &forged).await;
    }
    let held = scan(app, &app.browser(), &forged).await;
    assert_eq!(held.status, 429);
    assert!(held.headers.contains_key("retry-after"));
    // Who holds a good one guesses nothing.
    draft_in(&scan(app, &app.browser(), &good).await);
    till.revoke().await;
    assert_eq!(scan(app, &app.browser(), &good).await.status, 429, "a revoked key proves nothing from now on");
    app.clock.advance_seconds(3_601);
    assert_eq!(scan(app, &app.browser(), &good).await.status, 404);
});

on_both!(an_order_whose_sale_never_comes_ends_with_a_letter, |app| {
    let (till, browser) = (Till::of_the_demo(app).await, app.browser());
    let text = till.prints("A1", "7");
    let waiting: InvoiceView = browser.invoice(&order(&json!(text)), "k-1").await.ok().json();
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Waiting);
    // Its month and the branch's days of grace are over.
    app.clock.advance_seconds(60 * 86_400);
    let letters = letters(app).await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].subject.contains("no pudimos"), "{}", letters[0].subject);
    assert_eq!(scan(app, &browser, &text).await.status, ProblemCode::TicketExpired.status());
    browser.invoice(&order(&json!(text)), "k-2").await.problem(ProblemCode::TicketExpired);
});

on_both!(an_order_whose_sale_comes_after_its_term_is_not_told_that_it_never_came, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    for (ticket, language) in [("7", "es"), ("8", "en")] {
        let mut order = order(&json!(till.prints("A1", ticket)));
        order["language"] = json!(language);
        browser.invoice(&order, &format!("k-{ticket}")).await.ok();
    }
    // The sales are brought in before anybody looks for them again, the day after their last one.
    app.clock.advance_seconds(60 * 86_400);
    for ticket in ["7", "8"] {
        program.put(&format!("/tickets/v-{ticket}"), &sale("A1", ticket)).await.ok();
    }
    let mut said = Vec::new();
    for letter in letters(app).await {
        let message: MailboxMessage = browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json();
        said.push((letter.subject, message.text));
    }
    assert_eq!(said.len(), 2, "{said:?}");
    for (subject, words) in [
        ("no pudimos hacer su factura", "Su compra llegó del punto de venta, pero el plazo"),
        ("we could not make your invoice", "Your purchase arrived from the point of sale, but the time"),
    ] {
        let found = said.iter().find(|(title, _)| title.contains(subject)).unwrap_or_else(|| panic!("{said:?}"));
        assert!(found.1.contains(words), "{}", found.1);
    }
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 0);
});

on_both!(what_the_till_signed_of_the_payment_is_not_its_buyers_to_change, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    let mut unsaid = sale("A1", "7");
    unsaid.as_object_mut().unwrap().remove("forma_pago");
    program.put("/tickets/v-1", &unsaid).await.ok();
    let mut order = order(&json!(till.prints("A1", "7")));
    order["forma_pago"] = json!("01");
    let problem = browser.invoice(&order, "k-1").await.problem(ProblemCode::InvalidFields);
    let told: Vec<_> = problem.errors.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
    assert_eq!(told, [("/forma_pago", FieldCode::FormaPagoFixed)]);
    order.as_object_mut().unwrap().remove("forma_pago");
    let invoice: InvoiceView = browser.invoice(&order, "k-2").await.ok().json();
    let xml = browser.get(&format!("/api/v1/invoices/{}/xml", invoice.id)).await.ok();
    assert_eq!(cfdi::read(&xml.body).unwrap().comprobante.forma_pago.as_deref(), Some("04"));
});

on_both!(an_order_whose_sale_comes_otherwise_than_the_paper_says_ends, |app| {
    let (till, program, browser) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await, app.browser());
    let text = till.prints("A1", "7");
    let waiting: InvoiceView = browser.invoice(&order(&json!(text)), "k-1").await.ok().json();
    let mut other = sale("A1", "7");
    other["total"] = json!("59.00");
    other["lines"][0]["importe"] = json!("59.00");
    program.put("/tickets/v-1", &other).await.ok();
    app.run_jobs().await;
    let ended = browser.view(waiting.id).await;
    assert_eq!(ended.state, InvoiceState::Rejected);
    assert_eq!(ended.rejection.unwrap().code, ProblemCode::TicketNotFound);
    assert_eq!(letters(app).await.len(), 1);
    assert_eq!(scan(app, &browser, &text).await.status, 404);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 0);
});

on_both!(n1_many_orders_at_once_for_one_scanned_ticket_are_one, |app| {
    let (till, program) = (Till::of_the_demo(app).await, Program::of_the_demo(app).await);
    let claim = json!(till.prints("A1", "7"));
    let browsers: Vec<Browser> = (0..8).map(|_| app.browser()).collect();
    let (order, sale) = (order(&claim), sale("A1", "7"));
    let orders = browsers.iter().enumerate().map(async |(n, browser)| browser.invoice(&order, &format!("k-{n}")).await);
    let arrival = program.put("/tickets/v-1", &sale);
    let (replies, arrived) = futures::join!(futures::future::join_all(orders), arrival);
    arrived.ok();
    let taken = replies.iter().filter(|reply| reply.status.is_success()).count();
    assert!(taken >= 1, "{replies:?}");
    app.run_jobs().await;
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps").await, 1);
});

/// The sale of the document's own example, with the numbers of a ticket.
async fn sale_as_documented(app: &TestApp, text: &str) -> Value {
    let document: Value = app.browser().get("/openapi/integrators.v1.json").await.ok().json();
    let put = &document["paths"]["/api/integrators/v1/tickets/{external_id}"]["put"];
    let mut sale = put["requestBody"]["content"]["application/json"]["example"].clone();
    let fields: Vec<&str> = text.split(':').collect();
    assert_eq!(sale["total"], json!(fields[4]), "nothing but the numbers is to be typed");
    for (name, value) in [("order_number", fields[2]), ("ticket_number", fields[3]), ("sold_at", "2026-11-18T11:00:00")]
    {
        sale[name] = json!(value);
    }
    sale
}

on_both!(n1_the_rehearsal_has_a_signed_ticket_to_open_before_and_after_its_sale, |app| {
    let (program, browser) = (Program::of_the_demo(app).await, app.browser());
    let shown = app.rehearsal().await.signed_tickets;
    let [ticket] = shown.as_slice() else { panic!("{shown:?}") };
    let (address, text) = ticket.value.split_once("/Q/").unwrap();
    assert_eq!(address, app.app.public_url.to_uppercase());
    let sale = sale_as_documented(app, text).await;
    for named in ["branch", "order_number", "ticket_number", "total"] {
        let value = sale[named].as_str().unwrap();
        assert!(ticket.effect_es.contains(value) && ticket.effect_en.contains(value), "{named}: {ticket:?}");
    }
    let claim = draft_in(&scan(app, &browser, text).await)["draft"]["claimed"]["claim"]["claim"].clone();
    let waiting: InvoiceView = browser.invoice(&order(&claim), "k-1").await.ok().json();
    assert_eq!(waiting.state, InvoiceState::Waiting);
    program.put("/tickets/q-1", &sale).await.ok();
    app.run_jobs().await;
    assert_eq!(browser.view(waiting.id).await.state, InvoiceState::Stamped);

    // Another minute, another ticket: this sale comes first.
    app.clock.advance_seconds(60);
    let next = app.rehearsal().await.signed_tickets.remove(0);
    let text = next.value.split_once("/Q/").unwrap().1;
    program.put("/tickets/q-2", &sale_as_documented(app, text).await).await.ok();
    let claim = draft_in(&scan(app, &browser, text).await)["draft"]["claimed"]["claim"]["claim"].clone();
    let made: InvoiceView = browser.invoice(&order(&claim), "k-2").await.ok().json();
    assert_eq!(made.state, InvoiceState::Stamped);
    app.run_jobs().await;

    // Whoever ends its key has ended it, also for the next start.
    let scope = scope_of(app, "default").await;
    let mut tx = app.app.db.begin().await.unwrap();
    let at = (app.app.now(), (Actor::Operator, None));
    assert!(signed::revoke(&mut tx, scope, text.split(':').nth(1).unwrap(), at).await.unwrap());
    tx.commit().await.unwrap();
    api::demo::fill(&app.app).await.unwrap();
    assert_eq!(app.rehearsal().await.signed_tickets, []);
});

// The console sends whoever programs a till to this page.
on_both!(n1_the_documentation_has_all_that_a_till_needs, |app| {
    let browser = app.browser();
    let document: Value = browser.get("/openapi/integrators.v1.json").await.ok().json();
    let said = document["info"]["description"].as_str().unwrap();
    let vectors: Value = browser.get("/api/docs/examples/vectors.json").await.ok().json();
    assert!(said.contains(vectors["vectors"][0]["qr"].as_str().unwrap()), "{said}");
    assert!(said.contains(vectors["vectors"][0]["sale"]["secret"].as_str().unwrap()), "{said}");
    let links: Vec<&str> = said.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert_eq!(links.len(), 4, "{links:?}");
    for link in links {
        assert!(!browser.get(link).await.ok().text().is_empty(), "{link}");
    }
});

/// What the examples print is what the vectors say, and what we take. An interpreter that is not here is said aloud.
#[test]
fn the_examples_sign_what_the_vectors_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/examples/tickets");
    let vectors = std::fs::read_to_string(format!("{folder}/vectors.json")).unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert!(vectors.len() >= 4);
    for vector in vectors {
        let (sale, text) = (&vector["sale"], vector["text"].as_str().unwrap());
        let secret = TillSecret::kept(sale["secret"].as_str().unwrap().as_bytes()).unwrap();
        let sealed = secret.sealed(text);
        assert!(Payload::parse(&sealed).unwrap().is_sealed_by(&secret), "{text}");
        let seal = sealed.rsplit(':').next().unwrap();
        assert!(vector["qr"].as_str().unwrap().ends_with(seal), "{text}");
    }
    for (program, file) in [("python3", "sign.py"), ("node", "sign.mjs"), ("perl", "sign.pl")] {
        for vector in vectors {
            let child = Command::new(program)
                .arg(format!("{folder}/{file}"))
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn();
            let Ok(mut child) = child else {
                eprintln!("SKIPPED: {program} is not on this machine, so {file} was not tried");
                break;
            };
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), vector["sale"].to_string().as_bytes()).unwrap();
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{file}");
            let printed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(printed.trim(), vector["qr"].as_str().unwrap(), "{file}");
        }
    }
}
