//! Guests known by their mailbox: a code by mail opens what was invoiced to it, and nothing else does.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::billing::InvoiceState;
use shared::documents::{DeskDocument, DocumentState};
use shared::guests::{MailCodeAsked, MailboxProved, MyInvoice, MyReceptor, MyReceptors};
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;

use crate::support::{Browser, Reply, TestApp, data_of, on_both};

const HERE: &str = "/api/v1/issuers/default";
const MAIL: &str = "amaranta@quintil.example";

async fn ask(app: &TestApp, email: &str) -> Reply {
    app.browser().post(&format!("{HERE}/mail-codes"), &json!({"email": email, "language": "es"})).await
}

/// The codes in the letters to an address, the newest first.
async fn codes_to(app: &TestApp, address: &str) -> Vec<String> {
    app.run_jobs().await;
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=100").await.ok().json();
    let mut codes = Vec::new();
    for letter in letters.data.iter().filter(|letter| letter.to == address && letter.subject.contains("su código")) {
        let whole: MailboxMessage = browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json();
        let at = whole.text.find("Código").expect("the letter says its code");
        codes.push(whole.text[at..].chars().filter(char::is_ascii_digit).take(6).collect());
    }
    codes
}

async fn prove(browser: &Browser, id: uuid::Uuid, code: &str) -> Reply {
    browser.post(&format!("{HERE}/mail-codes/{id}/uses"), &json!({"code": code})).await
}

async fn mine(browser: &Browser) -> Vec<MyInvoice> {
    browser.get(&format!("{HERE}/my-invoices")).await.ok().json::<Page<MyInvoice>>().data
}

fn id_of(reply: Reply) -> uuid::Uuid {
    reply.ok().json::<MailCodeAsked>().id
}

on_both!(a_code_by_mail_opens_the_invoices_of_that_mailbox, |app| {
    let ticket = app.ticket(0).await;
    for n in 0..2 {
        let ticket = app.ticket(n).await;
        app.browser().invoice_ticket(&ticket, &format!("k-{n}")).await.ok();
        app.clock.advance_seconds(60);
    }
    let browser = app.browser();
    browser.get(&format!("{HERE}/my-invoices")).await.problem(ProblemCode::NotFound);
    let asked = id_of(ask(app, &MAIL.to_uppercase()).await);
    let code = codes_to(app, MAIL).await.remove(0);
    let spaced = format!(" {} {}", &code[..3], &code[3..]);
    let proved: MailboxProved = prove(&browser, asked, &spaced).await.ok().json();
    assert_eq!(proved.invoices, 2);
    let rows = mine(&browser).await;
    assert_eq!(rows.len(), 2);
    assert!(rows[0].requested_at.instant > rows[1].requested_at.instant, "the newest first");
    for row in &rows {
        browser.get(&format!("/api/v1/invoices/{}/xml", row.id)).await.ok();
        browser.get(&format!("/api/v1/invoices/{}/pdf", row.id)).await.ok();
        app.browser().get(&format!("/api/v1/invoices/{}", row.id)).await.problem(ProblemCode::NotFound);
    }
    prove(&app.browser(), asked, &code).await.problem(ProblemCode::WrongCode);
    let first: Value = browser.get(&format!("{HERE}/my-invoices?limit=1")).await.ok().json();
    let next = first["next_cursor"].as_str().unwrap();
    let second: Page<MyInvoice> = browser.get(&format!("{HERE}/my-invoices?limit=1&cursor={next}")).await.ok().json();
    assert_eq!((second.data[0].id, second.next_cursor), (rows[1].id, None));
    // By the beginning of its folio, its ticket's number, its total, its month and its state.
    let found = async |query: String| {
        let page: Page<MyInvoice> = browser.get(&format!("{HERE}/my-invoices?{query}")).await.ok().json();
        page.data.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let (first, month) = (&rows[1], &rows[1].requested_at.civil[..7]);
    let folio = first.number.split_once('-').unwrap().1;
    assert_eq!(found(format!("q={}", first.number.to_lowercase())).await, [first.id]);
    assert!(found(format!("q={}", &folio[..1])).await.contains(&first.id));
    assert_eq!(found(format!("q=%20{}&month={month}&state=stamped", ticket.ticket_number)).await, [first.id]);
    assert!(found(format!("q=${}", first.total)).await.contains(&first.id));
    for none in ["q=999999.99", "q=%25", "q=_", "month=2019-01", "state=waiting"] {
        assert!(found(none.to_owned()).await.is_empty(), "{none}");
    }
    let bad = browser.get(&format!("{HERE}/my-invoices?month=2026-13&q={}", "9".repeat(61))).await;
    assert_eq!(bad.problem(ProblemCode::InvalidFields).errors.len(), 2);
    app.clock.advance_seconds(30 * 60);
    assert!(mine(&browser).await.is_empty(), "half an hour is over");
});

on_both!(what_was_cancelled_at_the_sat_says_so_among_my_invoices, |app| {
    let (guest, desk) = (app.browser(), app.desk().await);
    guest.invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let stamped = mine(&guest).await.remove(0);
    assert_eq!((stamped.state, stamped.document_state), (InvoiceState::Stamped, Some(DocumentState::Vigente)));
    let documents = "/console/issuers/default/documents";
    let found: Page<DeskDocument> = desk.get(&format!("{documents}?q={}", stamped.number)).await.ok().json();
    let path = format!("{documents}/{}/state", found.data[0].document.id);
    for state in [DocumentState::EnCancelacion, DocumentState::Cancelada] {
        desk.put(&path, &json!({"state": state.as_str()})).await.ok();
        assert_eq!(mine(&guest).await[0].document_state, Some(state));
    }
    app.run_jobs().await;
});

on_both!(a2_asking_for_a_code_answers_alike_whatever_the_address, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.run_jobs().await;
    let (mut seen, mut costs) = (Vec::new(), Vec::new());
    for email in [MAIL, "nadie@quintil.example"] {
        let (commits, asked) = (app.app.db.commits(), app.app.db.statements());
        let reply = ask(app, email).await;
        let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort();
        let body: Value = reply.json();
        seen.push((reply.status.as_u16(), names, body["expires_at"].clone(), app.app.db.commits() - commits));
        costs.push(app.app.db.statements() - asked);
    }
    assert_eq!((&seen[0], costs[0]), (&seen[1], costs[1]));
    assert_eq!((codes_to(app, MAIL).await.len(), codes_to(app, "nadie@quintil.example").await.len()), (1, 0));
    ask(app, "no es correo").await.problem(ProblemCode::InvalidFields);
});

on_both!(a_code_is_good_for_few_tries_and_minutes_and_one_issuer, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let asked = id_of(ask(app, MAIL).await);
    let code = codes_to(app, MAIL).await.remove(0);
    let elsewhere = format!("/api/v1/issuers/nandu/mail-codes/{asked}/uses");
    app.browser().post(&elsewhere, &json!({"code": code})).await.problem(ProblemCode::WrongCode);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let malformed = prove(&app.browser(), asked, "12345").await;
    malformed.problem(ProblemCode::InvalidFields);
    for _ in 0..5 {
        prove(&app.browser(), asked, wrong).await.problem(ProblemCode::WrongCode);
    }
    prove(&app.browser(), asked, &code).await.problem(ProblemCode::WrongCode);
    app.clock.advance_seconds(60);
    let asked = id_of(ask(app, MAIL).await);
    let code = codes_to(app, MAIL).await.remove(0);
    app.clock.advance_seconds(15 * 60);
    prove(&app.browser(), asked, &code).await.problem(ProblemCode::WrongCode);
    prove(&app.browser(), uuid::Uuid::from_u128(7), &code).await.problem(ProblemCode::WrongCode);
});

on_both!(a6_a_mailbox_gets_three_codes_an_hour, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    for _ in 0..5 {
        ask(app, MAIL).await.ok();
    }
    assert_eq!(codes_to(app, MAIL).await.len(), 3);
    app.clock.advance_seconds(3_600);
    ask(app, MAIL).await.ok();
    assert_eq!(codes_to(app, MAIL).await.len(), 4);
});

on_both!(g2_an_invoiced_ticket_opens_again_with_a_code_to_its_invoices_mail, |app| {
    let ticket = app.ticket(0).await;
    app.browser().invoice_ticket(&ticket, "k-1").await.ok();
    let elsewhere = app.browser();
    let again = elsewhere.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
    assert_eq!(again.invoice_id, None, "another browser learns nothing");
    let reply = elsewhere.post(&format!("{HERE}/ticket-mail-codes"), &data_of(&ticket)).await.ok();
    assert!(!reply.text().contains("quintil"), "the address is not told");
    let asked = id_of(reply);
    let code = codes_to(app, MAIL).await.remove(0);
    prove(&elsewhere, asked, &code).await.ok();
    let again = elsewhere.look_up(&ticket).await.problem(ProblemCode::TicketAlreadyInvoiced);
    elsewhere.view(again.invoice_id.unwrap()).await;
    let mut wrong = data_of(&ticket);
    wrong["total"] = json!("1.00");
    let wrong = elsewhere.post(&format!("{HERE}/ticket-mail-codes"), &wrong).await;
    wrong.problem(ProblemCode::TicketNotFound);
    let open = elsewhere.post(&format!("{HERE}/ticket-mail-codes"), &data_of(&app.ticket(1).await)).await;
    open.problem(ProblemCode::NotFound);
});

/// What the mailbox that a browser proved keeps for the next invoice.
async fn kept(browser: &Browser) -> Vec<MyReceptor> {
    browser.get(&format!("{HERE}/my-receptors")).await.ok().json::<MyReceptors>().receptors
}

async fn put(browser: &Browser, path: &str, body: &Value) -> Reply {
    browser.send(browser.request(Method::PUT, path).json(body)).await
}

async fn delete(browser: &Browser, path: &str) -> Reply {
    browser.send(browser.request(Method::DELETE, path)).await
}

fn with_name(kept: &MyReceptor, nombre: &str, email: &str) -> Value {
    json!({
        "nombre": nombre, "regimen": kept.regimen, "codigo_postal": kept.codigo_postal, "uso": kept.uso, "email": email,
        "language": "es",
    })
}

on_both!(g5_t15_a_proved_mailbox_sees_and_changes_its_data_and_nobody_else_does, |app| {
    let ticket = app.ticket(0).await;
    let buyer = app.browser();
    buyer.invoice_ticket(&ticket, "k-1").await.ok();
    // Neither the browser that invoiced nor one that knows the RFC is shown anything stored.
    for browser in [&buyer, &app.browser()] {
        browser.get(&format!("{HERE}/my-receptors")).await.problem(ProblemCode::NotFound);
        let change = json!({
            "nombre": "X", "regimen": "612", "codigo_postal": "06010", "uso": "G03", "email": MAIL, "language": "es",
        });
        put(browser, &format!("{HERE}/my-receptors/QUIA850712AA1"), &change).await.problem(ProblemCode::NotFound);
        delete(browser, &format!("{HERE}/my-receptors/QUIA850712AA1")).await.problem(ProblemCode::NotFound);
    }
    let browser = app.browser();
    let asked = id_of(ask(app, MAIL).await);
    prove(&browser, asked, &codes_to(app, MAIL).await.remove(0)).await.ok();
    let [first] = <[MyReceptor; 1]>::try_from(kept(&browser).await).unwrap();
    assert_eq!((first.rfc.as_str(), first.email.as_str()), ("QUIA850712AA1", MAIL));
    browser.get("/api/v1/issuers/nandu/my-receptors").await.problem(ProblemCode::NotFound);

    // The RFC is in the address alone: it was invoiced, so there is nothing to change it with.
    let path = format!("{HERE}/my-receptors/{}", first.rfc);
    let mut other = with_name(&first, "OTRO NOMBRE", MAIL);
    other["rfc"] = json!("XAXX010101000");
    assert_eq!(put(&browser, &path, &other).await.status, 422);
    put(&browser, &format!("{HERE}/my-receptors/TAM010203ABA"), &with_name(&first, "X", MAIL))
        .await
        .problem(ProblemCode::NotFound);
    let mut wrong = with_name(&first, " ", "no es correo");
    wrong["codigo_postal"] = json!("00000");
    let refused = put(&browser, &path, &wrong).await.problem(ProblemCode::InvalidFields);
    let wrong: Vec<&str> = refused.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(wrong, ["/nombre", "/codigo_postal", "/email"]);

    // T16: what is changed is there next time, and is traced and told to the old address.
    let traced = "SELECT COUNT(*) FROM audit_log WHERE act = 'receptor.changed'";
    let new = with_name(&first, "AMARANTA QUINTIL", "contadora@quintil.example");
    let changed: MyReceptor = put(&browser, &path, &new).await.ok().json();
    assert_eq!(kept(&browser).await, std::slice::from_ref(&changed));
    assert_eq!((changed.nombre.as_str(), changed.email.as_str()), ("AMARANTA QUINTIL", "contadora@quintil.example"));
    assert_eq!(app.database.count(traced).await, 1);
    put(&browser, &path, &new).await.ok();
    assert_eq!(app.database.count(traced).await, 1, "the same again changes nothing");
    put(&browser, &path, &with_name(&changed, "AMARANTA QUINTIL", MAIL)).await.ok();
    app.run_jobs().await;
    let told = |address: &'static str| {
        let browser = app.browser();
        async move {
            let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=100").await.ok().json();
            let told = |it: &&MailboxLetter| it.to == address && it.subject.contains("cambiaron sus datos");
            letters.data.iter().filter(told).count()
        }
    };
    assert_eq!((told(MAIL).await, told("contadora@quintil.example").await), (2, 1));

    // A newer invoice counts for more; forgotten, they are offered no more.
    delete(&browser, &path).await.ok();
    assert_eq!(kept(&browser).await, []);
    app.clock.advance_seconds(60);
    app.browser().invoice_ticket(&app.ticket(1).await, "k-2").await.ok();
    assert_eq!(kept(&browser).await, [first]);
    app.clock.advance_seconds(30 * 60);
    browser.get(&format!("{HERE}/my-receptors")).await.problem(ProblemCode::NotFound);
});

on_both!(a13_a_mailbox_is_written_to_ten_times_a_day_about_changes, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let browser = app.browser();
    let asked = id_of(ask(app, MAIL).await);
    prove(&browser, asked, &codes_to(app, MAIL).await.remove(0)).await.ok();
    let mine = kept(&browser).await.remove(0);
    let path = format!("{HERE}/my-receptors/{}", mine.rfc);
    for n in 0..10 {
        put(&browser, &path, &with_name(&mine, &format!("NOMBRE {n}"), MAIL)).await.ok();
    }
    put(&browser, &path, &with_name(&mine, "UNO MAS", MAIL)).await.problem(ProblemCode::MailLimit);
    assert_eq!(kept(&browser).await[0].nombre, "NOMBRE 9", "what was refused is not kept");
});

on_both!(t15_a_signed_in_customer_changes_its_data_by_the_session, |app| {
    let person = app.rehearsal().await.sign_ins.remove(0);
    let signed = app.browser();
    let opened: Value =
        signed.post("/api/v1/sessions", &json!({"user": person.user, "password": person.password})).await.ok().json();
    let bearer = format!("Bearer {}", opened["access_token"].as_str().unwrap());
    let rfc = opened["me"]["customer"]["rfc"].as_str().unwrap().to_owned();
    let path = format!("{HERE}/customer-receptor");
    let send = async |method: Method, body: Option<&Value>| {
        let request = signed.request(method, &path).header("Authorization", &bearer);
        signed.send(if let Some(body) = body { request.json(body) } else { request }).await
    };
    app.browser().get(&path).await.problem(ProblemCode::SignedOut);
    let before: MyReceptor = send(Method::GET, None).await.ok().json();
    assert_eq!((before.rfc.as_str(), before.regimen.as_str()), (rfc.as_str(), ""), "nothing was invoiced to it yet");
    let new = json!({
        "nombre": before.nombre, "regimen": "601", "codigo_postal": "76230", "uso": "G03", "email": "conta@arrayan.example",
        "language": "es",
    });
    let saved: MyReceptor = send(Method::PUT, Some(&new)).await.ok().json();
    assert_eq!((saved.rfc.as_str(), saved.codigo_postal.as_str()), (rfc.as_str(), "76230"));
    assert_eq!(send(Method::GET, None).await.ok().json::<MyReceptor>(), saved);
    let act = "SELECT COUNT(*) FROM audit_log WHERE act = 'receptor.changed' AND on_behalf_of IS NOT NULL";
    assert_eq!(app.database.count(act).await, 1);
    app.run_jobs().await;
    let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox?limit=100").await.ok().json();
    assert!(letters.data.iter().any(|it| it.to == person.user && it.subject.contains("cambiaron sus datos")));
});
