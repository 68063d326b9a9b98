//! One's own data: notices and who accepted them, requests with their last day, a copy, another address; and who gets
//! copies of letters.
use reqwest::Method;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::Me;
use shared::billing::InvoiceView;
use shared::page::Page;
use shared::privacy::{ArcoCase, ConsoleArcoCase, MyData, MyPrivacy, PrivacyNotice};
use shared::problem::FieldCode;

use super::mailboxes;
use super::profiles::{temporary_in, ticket};
use super::{
    OTHER_PASSWORD, call, column, face, get, letters_to, opened, people, recover, register, registrable, sign_in,
    token_in, token_of, use_link,
};
use crate::support::{Browser, Clerk, Reply, TestApp, on_both, order};

const HERE: &str = "/console/issuers/default";
const NEW: &str = "otra.lucia@arrayan.example";

async fn post(browser: &Browser, path: &str, token: &str, body: Value) -> Reply {
    call(browser, Method::POST, path, token, Some(&body)).await
}

async fn mine(browser: &Browser, token: &str) -> MyPrivacy {
    get(browser, "/privacy", token).await.ok().json()
}

async fn publish(clerk: &Clerk, text: &str) -> Reply {
    clerk.post(&format!("{HERE}/privacy-notices"), &json!({"text": text})).await
}

/// The six digits of the newest letter to an address.
async fn code_to(app: &TestApp, email: &str) -> String {
    let letters = letters_to(app, email).await;
    let text = &letters.first().unwrap_or_else(|| panic!("no letter to {email}")).text;
    let six = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    text.split(|c: char| !c.is_ascii_alphanumeric()).find(six).expect("a code").to_owned()
}

on_both!(a_notice_never_changes_and_who_accepted_which_is_kept, |app| {
    app.browser().get("/api/v1/issuers/nadie/privacy-notice").await.problem(ProblemCode::NotFound);
    publish(&app.desk().await, "Aviso").await.problem(ProblemCode::OperatorNeeded);
    let operator = app.operator().await;
    let both = json!({"text": "Aviso", "url": "https://colibri.example/aviso"});
    let wrong = operator.post(&format!("{HERE}/privacy-notices"), &both).await.problem(ProblemCode::InvalidFields);
    assert_eq!(wrong.errors[0].code, FieldCode::Shape);
    let first: PrivacyNotice = publish(&operator, "Aviso segundo").await.ok().json();
    let shown: PrivacyNotice = app.browser().get("/api/v1/issuers/default/privacy-notice").await.ok().json();
    assert_eq!((&shown, shown.version), (&first, 2), "the demo's company has its first");

    // Who registers accepts the one that the page names.
    let customer = registrable(app).await;
    register(app, &customer, "ana@higuera.example").await.ok();
    let link = token_in(&letters_to(app, "ana@higuera.example").await[0], "activar");
    let (token, _) = opened(&use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok());
    let browser = app.browser();
    let privacy = mine(&browser, &token).await;
    assert_eq!((privacy.notices.len(), privacy.notices[0].version), (1, Some(2)));
    assert!(privacy.notices[0].accepted_at.is_some());
    let kept = "SELECT channel FROM privacy_acceptances ORDER BY channel";
    assert_eq!(column(app, kept).await, ["registration"]);

    let second: PrivacyNotice = publish(&operator, "Aviso tercero").await.ok().json();
    assert_eq!(second.version, 3);
    assert_eq!(mine(&browser, &token).await.notices[0].accepted_at, None, "another text is another promise");
    let issuer = privacy.notices[0].issuer.clone();
    let accept = |version: i64| json!({"issuer": issuer, "version": version});
    post(&browser, "/privacy-acceptances", &token, accept(2)).await.problem(ProblemCode::NotFound);
    post(&browser, "/privacy-acceptances", &token, accept(3)).await.ok();
    post(&browser, "/privacy-acceptances", &token, accept(3)).await.ok();
    assert!(mine(&browser, &token).await.notices[0].accepted_at.is_some());
    assert_eq!(column(app, kept).await, ["portal", "registration"]);
    // So does a guest, with the invoice.
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    guest.invoice_ticket(&ticket, "k-1").await.ok();
    assert_eq!(column(app, kept).await, ["guest", "portal", "registration"]);
    let all: Page<PrivacyNotice> = operator.get(&format!("{HERE}/privacy-notices")).await.ok().json();
    let texts: Vec<_> = all.data.iter().filter_map(|notice| notice.text.as_deref()).collect();
    assert_eq!(texts[..2], ["Aviso tercero", "Aviso segundo"]);
    assert!(texts[2].contains("es responsable de los datos personales"));
});

on_both!(an_arco_request_is_answered_once_and_its_last_day_is_known, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let issuer = mine(&browser, &token).await.notices.remove(0).issuer;
    let ask = |words: &str| json!({"issuer": issuer, "kind": "rectification", "words": words});
    let empty = post(&browser, "/arco-requests", &token, ask(" ")).await.problem(ProblemCode::InvalidFields);
    assert_eq!(empty.errors[0].pointer, "/words");
    let elsewhere = json!({"issuer": "nadie", "kind": "access", "words": "mis datos"});
    post(&browser, "/arco-requests", &token, elsewhere).await.problem(ProblemCode::NotFound);
    let case: ArcoCase = post(&browser, "/arco-requests", &token, ask("Corrijan mi nombre.")).await.ok().json();
    assert!(!case.late && case.granted.is_none());
    let received = letters_to(app, &owner.user).await;
    assert!(received[0].letter.subject.contains("recibimos su solicitud"), "{}", received[0].letter.subject);

    let other = app.browser();
    let readers = token_of(&other, &reader.user, &reader.password).await;
    assert!(mine(&other, &readers).await.cases.is_empty(), "a request is its author's");
    let here = format!("/console/issuers/{issuer}/arco-requests");
    let listed: Page<ConsoleArcoCase> = app.operator().await.get(&here).await.ok().json();
    assert_eq!((listed.data.len(), listed.data[0].email.as_str()), (1, owner.user.as_str()));
    let answers = format!("{here}/{}/answers", case.id);
    let answer = json!({"granted": true, "words": "Se corrigió.\n\nGracias."});
    app.desk().await.post(&answers, &answer).await.problem(ProblemCode::OperatorNeeded);
    app.clock.advance_seconds(40 * 24 * 3_600);
    let operator = app.operator().await;
    let late: Page<ConsoleArcoCase> = operator.get(&here).await.ok().json();
    assert!(late.data[0].case.late, "forty days are more than twenty working ones");
    operator.post(&answers, &answer).await.ok();
    operator.post(&answers, &answer).await.problem(ProblemCode::CaseAnswered);
    let told = letters_to(app, &owner.user).await;
    assert!(told[0].text.contains("Se corrigió.") && told[0].text.contains("Procedente"), "{}", told[0].text);
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let cases = mine(&browser, &token).await.cases;
    assert_eq!((cases[0].granted, cases[0].late), (Some(true), false));
    assert_eq!(cases[0].answer.as_deref(), Some("Se corrigió.\n\nGracias."));
});

on_both!(a13_a_copy_of_ones_data_asks_for_a_fresh_proof, |app| {
    let [owner, reader] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let reply = get(&browser, "/my-data", &token).await.ok();
    let name = reply.headers["content-disposition"].to_str().unwrap().to_owned();
    assert!(name.starts_with("attachment; filename=\"TAM010203ABA_datos_"), "{name}");
    let data: MyData = reply.json();
    let fiscal = data.fiscal.expect("a customer's");
    assert_eq!((data.me.email.as_str(), fiscal.rfc.as_str()), (owner.user.as_str(), "TAM010203ABA"));
    assert!(data.mailbox_rfcs.is_empty());
    assert_eq!(data.people.map(|people| people.people.len()), Some(2));
    assert!(!data.sessions.is_empty());
    app.clock.advance_seconds(11 * 60);
    get(&browser, "/my-data", &token).await.problem(ProblemCode::ProofNeeded);
    post(&browser, "/sessions/current/proofs", &token, json!({"password": owner.password})).await.ok();
    get(&browser, "/my-data", &token).await.ok();
    let readers = token_of(&app.browser(), &reader.user, &reader.password).await;
    let theirs: MyData = get(&browser, "/my-data", &readers).await.ok().json();
    assert!(theirs.people.is_none(), "a reader's copy is not about the others");
    let acts = column(app, "SELECT act FROM audit_log WHERE act = 'data.copied'").await;
    assert_eq!(acts.len(), 3);
});

on_both!(a13_m4_another_address_is_proved_by_code_and_told_to_the_old_one, |app| {
    let [owner, reader] = people(app).await;
    let (browser, elsewhere) = (app.browser(), app.browser());
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let ask = |email: &str| json!({"email": email});
    let code = |code: &str| json!({"code": code});
    post(&browser, "/email-changes/confirmations", &token, code("123456")).await.problem(ProblemCode::WrongCode);
    app.clock.advance_seconds(11 * 60);
    post(&browser, "/email-changes", &token, ask(NEW)).await.problem(ProblemCode::ProofNeeded);
    post(&browser, "/sessions/current/proofs", &token, json!({"password": owner.password})).await.ok();
    let same = post(&browser, "/email-changes", &token, ask(&owner.user.to_uppercase())).await;
    assert_eq!(same.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::AlreadyThere);

    // Somebody's address answers like anybody's, and its reader gets nothing (A2).
    let before = letters_to(app, &reader.user).await.len();
    let (taken, free) = (post(&browser, "/email-changes", &token, ask(&reader.user)).await, NEW);
    assert_eq!(letters_to(app, &reader.user).await.len(), before);
    let asked = post(&browser, "/email-changes", &token, ask(free)).await;
    assert_eq!(face(&taken), face(&asked));

    let others = token_of(&elsewhere, &owner.user, &owner.password).await;
    let digits = code_to(app, NEW).await;
    let wrong = if digits == "000000" { "000001" } else { "000000" };
    for _ in 0..4 {
        post(&browser, "/email-changes/confirmations", &token, code(wrong)).await.problem(ProblemCode::WrongCode);
    }
    post(&browser, "/email-changes/confirmations", &token, code(&digits)).await.ok();
    post(&browser, "/email-changes/confirmations", &token, code(&digits)).await.problem(ProblemCode::WrongCode);
    get(&elsewhere, "/me", &others).await.problem(ProblemCode::SignedOut);
    let me: Me = get(&browser, "/me", &token).await.ok().json();
    assert_eq!(me.email, NEW);
    let told = letters_to(app, &owner.user).await;
    assert!(told[0].letter.subject.contains("cambió"), "{}", told[0].letter.subject);
    sign_in(&app.browser(), &owner.user, &owner.password).await.problem(ProblemCode::WrongCredentials);
    sign_in(&app.browser(), NEW, &owner.password).await.ok();

    // Five wrong ones end it, whatever comes after.
    post(&browser, "/email-changes", &token, ask("tercera@arrayan.example")).await.ok();
    for _ in 0..5 {
        post(&browser, "/email-changes/confirmations", &token, code("000000")).await;
    }
    let digits = code_to(app, "tercera@arrayan.example").await;
    post(&browser, "/email-changes/confirmations", &token, code(&digits)).await.problem(ProblemCode::WrongCode);
});

on_both!(
    a13_d3_what_the_old_mailbox_got_opens_nothing_after_the_address_changed,
    with | config | ticket(config),
    |app| {
        let [owner, _] = people(app).await;
        let form = json!({"user": "TAM010203ABA", "email": owner.user});
        app.browser().post("/api/v1/password-recoveries", &form).await.ok();
        let temporary = temporary_in(&letters_to(app, &owner.user).await[0]);
        let browser = app.browser();
        let token = token_of(&browser, &owner.user, &owner.password).await;
        post(&browser, "/email-changes", &token, json!({"email": NEW})).await.ok();
        let digits = code_to(app, NEW).await;
        post(&browser, "/email-changes/confirmations", &token, json!({"code": digits})).await.ok();
        for user in ["TAM010203ABA", NEW, &owner.user] {
            sign_in(&app.browser(), user, &temporary).await.problem(ProblemCode::WrongCredentials);
        }
        sign_in(&app.browser(), NEW, &owner.password).await.ok();
    }
);

on_both!(a13_an_address_that_only_an_invoice_went_to_may_become_ones_own, with | config | ticket(config), |app| {
    const CLAIMED: &str = "otra@correo-nuevo.example";
    let [owner, _] = people(app).await;
    for email in [NEW, CLAIMED] {
        mailboxes::invoice(app, "QUIA850712AA1", email).await;
    }
    let late = mailboxes::link_to(app, NEW).await;
    // Letters of one moment have no order.
    app.clock.advance_seconds(1);
    let users = app.database.count("SELECT COUNT(*) FROM users").await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let ask = async |email: &str| post(&browser, "/email-changes", &token, json!({"email": email})).await.ok();
    let confirm =
        async |digits: &str| post(&browser, "/email-changes/confirmations", &token, json!({"code": digits})).await;
    // Whoever chooses a password meanwhile keeps the address.
    ask(CLAIMED).await;
    let digits = code_to(app, CLAIMED).await;
    mailboxes::claim(app, CLAIMED).await;
    confirm(&digits).await.problem(ProblemCode::WrongCode);
    let letters = letters_to(app, CLAIMED).await.len();
    ask(CLAIMED).await;
    assert_eq!(letters_to(app, CLAIMED).await.len(), letters, "it is somebody's now");

    ask(NEW).await;
    confirm(&code_to(app, NEW).await).await.ok();
    token_of(&app.browser(), NEW, &owner.password).await;
    assert_eq!(app.database.count("SELECT COUNT(*) FROM users").await, users - 1);
    use_link(app, "registrations", &late, OTHER_PASSWORD).await.problem(ProblemCode::LinkExpired);
});

on_both!(a2_what_strangers_asked_for_tells_the_signed_in_of_no_account, |app| {
    let [owner, _] = people(app).await;
    let (customer, ana) = (registrable(app).await, "ana@higuera.example");
    register(app, &customer, ana).await.ok();
    let link = token_in(&letters_to(app, ana).await[0], "activar");
    use_link(app, "registrations", &link, OTHER_PASSWORD).await.ok();
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    let mut faces = Vec::new();
    for email in [ana, "nadie@higuera.example"] {
        for _ in 0..3 {
            recover(app, email).await.ok();
        }
        app.run_jobs().await;
        let invitation = json!({"email": email, "role": "reader", "language": "es"});
        let mut answers = vec![face(&post(&browser, "/people-invitations", &token, invitation).await.ok())];
        for _ in 0..3 {
            answers.push(face(&post(&browser, "/email-changes", &token, json!({"email": email})).await));
        }
        faces.push(answers);
    }
    assert_eq!(faces[0], faces[1]);
    let statuses: Vec<u16> = faces[0].iter().map(|face| face.0).collect();
    assert_eq!(statuses[1..], [202, 202, 422], "one's own letters have a limit (A6)");
});

on_both!(who_gets_copies_gets_the_letter_of_an_invoice_too, |app| {
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    post(&browser, "/mail-copies", &token, json!({"email": "contador@arrayan.example"})).await.ok();
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
    let letters = letters_to(app, "contador@arrayan.example").await;
    assert_eq!((letters.len(), letters[0].attachments.len()), (1, 2), "XML and PDF");
    assert!(letters[0].text.contains("Recibe copia de este correo"), "{}", letters[0].text);
    // Another customer's invoice is not theirs.
    let (guest, ticket) = (app.browser(), app.ticket(1).await);
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-2").await.ok();
    assert_eq!(letters_to(app, "contador@arrayan.example").await.len(), 1);
});

/// What the release that kept no address from strangers any more does to the letters of before.
fn hides_copies(app: &TestApp) -> &'static str {
    if app.app.db.is_sqlite() {
        include_str!("../../../../migrations/sqlite/0037_copies.sql")
    } else {
        include_str!("../../../../migrations/postgres/0037_copies.sql")
    }
}

on_both!(whoever_asks_for_an_invoice_is_not_told_who_gets_copies_of_it, |app| {
    const COPY: &str = "contador@arrayan.example";
    let [owner, _] = people(app).await;
    let browser = app.browser();
    let token = token_of(&browser, &owner.user, &owner.password).await;
    post(&browser, "/mail-copies", &token, json!({"email": COPY})).await.ok();
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let wanted = order(&ticket, &guest.claim(&ticket).await, "TAM010203ABA");
    let made = guest.invoice(&wanted, "k-1").await.ok();
    let replay = guest.invoice(&wanted, "k-1").await.ok();
    let page = format!("/api/v1/invoices/{}", made.json::<InvoiceView>().id);
    app.run_jobs().await;
    for reply in [made, replay, guest.get(&page).await.ok()] {
        assert_eq!(reply.json::<InvoiceView>().mails.len(), 1, "{}", reply.text());
        assert!(!reply.text().contains(COPY), "{}", reply.text());
    }
    assert_eq!(letters_to(app, COPY).await.len(), 1, "the copy arrives all the same");

    // Letters of an older release named their invoice: the page showed them.
    app.database
        .execute(
            "UPDATE letters SET stamp_id = (SELECT stamp_id FROM letters WHERE stamp_id IS NOT NULL \
             AND to_address = 'amaranta@quintil.example') WHERE to_address = 'contador@arrayan.example'",
        )
        .await;
    assert!(guest.get(&page).await.ok().text().contains(COPY));
    app.database.execute(hides_copies(app)).await;
    let shown: InvoiceView = guest.get(&page).await.ok().json();
    assert_eq!(shown.mails.len(), 1, "its own letter stays");
    assert_eq!(shown.mails[0].to, "amaranta@quintil.example");
});
