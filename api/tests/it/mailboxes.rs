//! Guests known by their mailbox: a code by mail opens what was invoiced to it, and nothing else does.
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::guests::{MailCodeAsked, MailboxProved, MyInvoice};
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
    app.clock.advance_seconds(30 * 60);
    assert!(mine(&browser).await.is_empty(), "half an hour is over");
});

on_both!(a2_asking_for_a_code_answers_alike_whatever_the_address, |app| {
    app.browser().invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    app.run_jobs().await;
    let mut seen = Vec::new();
    for email in [MAIL, "nadie@quintil.example"] {
        let commits = app.app.db.commits();
        let reply = ask(app, email).await;
        let mut names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        names.sort();
        let body: Value = reply.json();
        seen.push((reply.status.as_u16(), names, body["expires_at"].clone(), app.app.db.commits() - commits));
    }
    assert_eq!(seen[0], seen[1]);
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

on_both!(an_invoiced_ticket_opens_again_with_a_code_to_its_invoices_mail, |app| {
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
