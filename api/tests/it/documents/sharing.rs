//! A document for others: letters, links, and the trail of both.
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::documents::{DocumentTrail, DocumentsSent, ShareOpened, SharedDocument};
use shared::mail::{MailState, MailboxLetter, MailboxMessage};
use shared::page::Page;

use super::*;

impl Person {
    async fn trail(&self, id: uuid::Uuid) -> DocumentTrail {
        self.get(&format!("/{id}/trail")).await.ok().json()
    }

    async fn shares(&self, id: uuid::Uuid) -> Reply {
        self.ask(Method::POST, &format!("/{id}/shares")).await
    }

    pub(super) async fn sends(&self, body: &Value) -> Reply {
        let request = self.browser.request(Method::POST, "/api/v1/documents/letters").json(body);
        self.browser.send(request.bearer_auth(&self.token)).await
    }

    async fn revokes(&self, share: uuid::Uuid) -> Reply {
        let request = self.browser.request(Method::DELETE, &format!("/api/v1/document-shares/{share}"));
        self.browser.send(request.bearer_auth(&self.token)).await
    }
}

on_both!(a_document_goes_to_others_and_leaves_a_trail, |app| {
    let (person, all) = filled(app).await;
    let foreign: Vec<uuid::Uuid> = column(app, "SELECT id FROM documents WHERE receptor_rfc = 'CHI1203155K7'").await;
    let invoice = all.iter().find(|row| row.serie == "FA").unwrap();
    letters_go_to_each_address(app, &person, &all, invoice).await;
    a_paper_goes_with_an_invoice(app, &person, &all, invoice).await;
    one_foreign_id_sends_nothing(app, &person, invoice, foreign[0]).await;
    an_address_gets_so_many_a_day(app, &person, invoice).await;
});

on_both!(
    g6_one_person_sends_so_many_letters_a_day_to_whomever,
    with | config | config.mail.per_user_daily = 3,
    |app| {
        let (person, all) = filled(app).await;
        let invoice = all.iter().find(|row| row.serie == "FA").unwrap();
        let to = |addresses: &[&str]| json!({"ids": [invoice.id], "to": addresses});
        person.sends(&to(&["uno@despacho.example", "dos@despacho.example"])).await.ok();
        let over = person.sends(&to(&["tres@despacho.example", "cuatro@despacho.example"])).await;
        assert_eq!(over.problem(ProblemCode::MailLimit).retry_after_seconds, Some(86_400));
        let sent: Vec<i64> = column(app, "SELECT COUNT(*) FROM letters WHERE kind = 'documents_sent'").await;
        assert_eq!(sent, [2], "all of an order or nothing");
        person.sends(&to(&["tres@despacho.example"])).await.ok();
        person.sends(&to(&["cuatro@despacho.example"])).await.problem(ProblemCode::MailLimit);
        app.run_jobs().await;
    }
);

on_both!(a_letter_leaves_without_what_was_withdrawn_and_says_so, |app| {
    let (person, all) = filled(app).await;
    let foreign: Vec<uuid::Uuid> = column(app, "SELECT id FROM documents WHERE receptor_rfc = 'CHI1203155K7'").await;
    let invoice = all.iter().find(|row| row.serie == "FA").unwrap();
    let elsewhere = all.iter().find(|row| row.serie == "FN").unwrap();
    let here = |row: &&DocumentRow| row.kind == DocumentKind::EstadoDeCuenta && row.issuer == invoice.issuer;
    let paper = all.iter().find(here).unwrap();
    let gone = "UPDATE documents SET withdrawn_at = created_at WHERE kind = 'estado_de_cuenta' OR serie = 'FN'";
    by_hand(&app.app, gone).await.unwrap();
    let to = |ids: &[uuid::Uuid]| json!({ "ids": ids, "to": ["contador@despacho.example"] });
    // Of theirs that are gone nobody hears more than of what never was, and beside them another's stays another's.
    let nothing = person.sends(&to(&[paper.id, elsewhere.id])).await;
    nothing.problem(ProblemCode::NotFound);
    for stranger in [foreign[0], uuid::Uuid::from_u128(7)] {
        for ids in [&[stranger][..], &[invoice.id, paper.id, stranger]] {
            let refused = person.sends(&to(ids)).await;
            refused.problem(ProblemCode::NotFound);
            assert_eq!(anonymous(&refused), anonymous(&nothing));
        }
    }
    let sent: DocumentsSent = person.sends(&to(&[invoice.id, paper.id, elsewhere.id, paper.id])).await.ok().json();
    let left_out: BTreeSet<&str> = sent.left_out.iter().map(String::as_str).collect();
    assert_eq!((sent.letters, sent.left_out.len()), (1, 2));
    assert_eq!(left_out, BTreeSet::from([paper.number.as_str(), elsewhere.number.as_str()]));
    app.run_jobs().await;
    assert_eq!(person.trail(invoice.id).await.letters.len(), 1);
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=50").await.ok().json();
    let ours: Vec<_> = letters.data.iter().filter(|one| one.to.contains("contador@despacho.example")).collect();
    assert_eq!(ours.len(), 1, "what was refused sent nothing");
    let message: MailboxMessage = browser.get(&format!("/api/v1/mailbox/{}", ours[0].id)).await.ok().json();
    assert_eq!(message.attachments.len(), 2, "{:?}", message.attachments);
    for gone in [&paper.number, &elsewhere.number] {
        assert!(!message.text.contains(gone), "what was taken back is nothing to tell others: {}", message.text);
    }
    by_hand(&app.app, "UPDATE documents SET withdrawn_at = NULL").await.unwrap();
    let whole: DocumentsSent = person.sends(&to(&[invoice.id, paper.id])).await.ok().json();
    assert_eq!((whole.letters, whole.left_out.len()), (1, 0));
    app.run_jobs().await;
});

async fn letters_go_to_each_address(app: &TestApp, person: &Person, all: &[DocumentRow], invoice: &DocumentRow) {
    let other = all.iter().find(|row| row.serie == "FN").unwrap();
    let body = json!({
        "ids": [invoice.id, other.id, invoice.id],
        "to": ["contador@despacho.example", "jefe@arrayan.example"],
        "message": "Las de noviembre. <b>{{7*7}}</b>",
    });
    let sent: DocumentsSent = person.sends(&body).await.ok().json();
    assert_eq!(sent.letters, 4, "an issuer's letter carries its own documents");
    assert_eq!(person.trail(invoice.id).await.letters[0].state, MailState::Queued);
    app.run_jobs().await;
    let trail = person.trail(invoice.id).await;
    let mut to: Vec<&str> = trail.letters.iter().map(|letter| letter.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["contador@despacho.example", "jefe@arrayan.example"]);
    assert!(trail.letters.iter().all(|letter| letter.state == MailState::Sent && letter.sent_at.is_some()));
    let letters: Page<MailboxLetter> = app.browser().get("/api/v1/mailbox?limit=50").await.ok().json();
    let of_invoice: Vec<_> = letters.data.iter().filter(|letter| letter.subject.contains(&invoice.number)).collect();
    assert_eq!(of_invoice.len(), 2);
    assert!(letters.data.iter().all(|letter| !letter.subject.contains("7*7")), "nothing typed is in a subject");
}

/// A recibo and an estado de cuenta have no XML; their PDF is as it was kept.
async fn a_paper_goes_with_an_invoice(app: &TestApp, person: &Person, all: &[DocumentRow], invoice: &DocumentRow) {
    let of = |kind| all.iter().find(|row| row.kind == kind && row.issuer == invoice.issuer).unwrap();
    let papers = [of(DocumentKind::EstadoDeCuenta), of(DocumentKind::Recibo)];
    let body = json!({ "ids": [invoice.id, papers[0].id, papers[1].id], "to": ["papeles@despacho.example"] });
    let sent: DocumentsSent = person.sends(&body).await.ok().json();
    assert_eq!(sent.letters, 1);
    app.run_jobs().await;
    for id in [invoice.id, papers[0].id, papers[1].id] {
        let trail = person.trail(id).await;
        let letter = trail.letters.iter().find(|letter| letter.to == "papeles@despacho.example").unwrap();
        assert_eq!(letter.state, MailState::Sent);
    }
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=50").await.ok().json();
    let letter = letters.data.iter().find(|letter| letter.to.contains("papeles@despacho.example")).unwrap();
    let address = format!("/api/v1/mailbox/{}", letter.id);
    let message: MailboxMessage = browser.get(&address).await.ok().json();
    assert_eq!(message.attachments.len(), 4, "an XML and three PDF: {:?}", message.attachments);
    for paper in papers {
        let ours = |name: &str| name.contains(&format!("_{}_", paper.number)) && name.ends_with(".pdf");
        let at = message.attachments.iter().position(|one| ours(&one.name)).unwrap();
        let attached = browser.get(&format!("{address}/attachments/{at}")).await.ok();
        assert_eq!(attached.body, person.get(&format!("/{}/pdf", paper.id)).await.ok().body, "byte for byte");
    }
}

async fn one_foreign_id_sends_nothing(app: &TestApp, person: &Person, own: &DocumentRow, foreign: uuid::Uuid) {
    let before: Vec<i64> = column(app, "SELECT COUNT(*) FROM letters").await;
    let body = json!({"ids": [own.id, foreign], "to": ["a@b.example"]});
    person.sends(&body).await.problem(ProblemCode::NotFound);
    let wrong = json!({"ids": [own.id], "to": ["a@b.example", "x@y.example\r\nBcc: z@z.example"]});
    let problem = person.sends(&wrong).await.problem(ProblemCode::InvalidFields);
    assert_eq!(problem.errors[0].pointer, "/to/1");
    let after: Vec<i64> = column(app, "SELECT COUNT(*) FROM letters").await;
    assert_eq!(before, after);
}

async fn an_address_gets_so_many_a_day(app: &TestApp, person: &Person, own: &DocumentRow) {
    let most = app.app.config.mail.per_address_daily;
    let body = json!({"ids": [own.id], "to": ["harto@correo.example"]});
    for _ in 0..most {
        person.sends(&body).await.ok();
    }
    let full = person.sends(&body).await;
    assert!(full.problem(ProblemCode::MailLimit).retry_after_seconds.is_some());
    app.run_jobs().await;
}

/// One document of the demo's customer, and one of somebody else's.
async fn one_of_each(app: &TestApp) -> (Person, DocumentRow, uuid::Uuid) {
    let guest = app.browser();
    for (key, rfc) in [("k-1", CUSTOMER), ("k-2", "CHI1203155K7")] {
        let ticket = app.ticket(0).await;
        let claim = guest.claim(&ticket).await;
        guest.invoice(&order(&ticket, &claim, rfc), key).await.ok();
    }
    app.run_jobs().await;
    let foreign: Vec<uuid::Uuid> = column(app, "SELECT id FROM documents WHERE receptor_rfc = 'CHI1203155K7'").await;
    let person = Person::signs_in(app).await;
    let own = person.page("").await.data.remove(0);
    (person, own, foreign[0])
}

on_both!(b5_a_link_opens_one_document_for_a_week_unless_it_is_taken_back_or_its_maker_leaves, |app| {
    let (person, own, foreign) = one_of_each(app).await;
    a_link_opens_one_document(app, &person, &own).await;
    a_link_is_taken_back(app, &person, &own, foreign).await;
    a_link_lives_a_week(app, &person, &own).await;
    a_link_goes_with_its_maker(app, &own).await;
});

/// A new link to a document: what the maker was told, and where it opens.
async fn linked(person: &Person, id: uuid::Uuid) -> (ShareOpened, String) {
    let opened: ShareOpened = person.shares(id).await.ok().json();
    let path = format!("/api/v1/shared-documents/{}", opened.address.rsplit_once('/').unwrap().1);
    (opened, path)
}

/// A link that ended answers, in every form, as one that never was.
async fn is_no_link(app: &TestApp, path: &str) {
    let unknown = format!("/api/v1/shared-documents/{}", "0".repeat(64));
    for form in ["", "/xml", "/pdf"] {
        let ended = app.browser().get(&format!("{path}{form}")).await;
        ended.problem(ProblemCode::NotFound);
        assert_eq!(anonymous(&ended), anonymous(&app.browser().get(&format!("{unknown}{form}")).await), "{form}");
    }
}

async fn a_link_opens_one_document(app: &TestApp, person: &Person, invoice: &DocumentRow) {
    let opened = person.shares(invoice.id).await.ok();
    assert_eq!(opened.status, StatusCode::CREATED);
    let opened: ShareOpened = opened.json();
    let (_, token) = opened.address.rsplit_once("/c/").unwrap();
    assert_eq!(token.len(), 64);
    let nobody = app.browser();
    let path = format!("/api/v1/shared-documents/{token}");
    let seen = nobody.get(&path).await.ok();
    let shown: SharedDocument = seen.json();
    assert_eq!((shown.number.as_str(), shown.total.as_str()), (invoice.number.as_str(), invoice.total.as_str()));
    let xml = nobody.get(&format!("{path}/xml")).await.ok();
    assert_eq!(xml.body, person.get(&format!("/{}/xml", invoice.id)).await.ok().body);
    let pdf = nobody.get(&format!("{path}/pdf")).await.ok();
    assert_eq!(&pdf.body[..5], b"%PDF-");
    for reply in [seen, xml, pdf] {
        assert_eq!(reply.headers["referrer-policy"], "no-referrer");
        assert_eq!(reply.headers["x-robots-tag"], "noindex, nofollow");
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert!(!reply.headers.contains_key("set-cookie"), "a link opens no session");
    }
    for form in ["", "/xml", "/pdf"] {
        let head = nobody.send(nobody.request(Method::HEAD, &format!("{path}{form}"))).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{form}: a look opens nothing");
    }
    let trail = person.trail(invoice.id).await;
    assert_eq!((trail.shares[0].opened_count, trail.shares[0].open), (3, true));
    let how: Vec<&str> = trail.openings.iter().map(|one| one.how.as_str()).collect();
    assert!(["link", "xml", "pdf"].iter().all(|one| how.contains(one)), "{how:?}");
    assert!(trail.openings.iter().any(|one| one.who.is_some()) && trail.openings.iter().any(|one| one.who.is_none()));
}

async fn a_link_is_taken_back(app: &TestApp, person: &Person, invoice: &DocumentRow, foreign: uuid::Uuid) {
    person.shares(foreign).await.problem(ProblemCode::NotFound);
    let nobody = app.browser();
    let (opened, path) = linked(person, invoice.id).await;
    nobody.get(&path).await.ok();
    assert_eq!(person.revokes(opened.share.id).await.status, StatusCode::NO_CONTENT);
    assert_eq!(person.revokes(opened.share.id).await.status, StatusCode::NO_CONTENT, "twice is once");
    person.revokes(uuid::Uuid::from_u128(7)).await.problem(ProblemCode::NotFound);
    is_no_link(app, &path).await;
    let (_, path) = linked(person, invoice.id).await;
    by_hand(&app.app, "UPDATE documents SET withdrawn_at = created_at WHERE receptor_rfc = 'TAM010203ABA'")
        .await
        .unwrap();
    is_no_link(app, &path).await;
    person.get(&format!("/{}", invoice.id)).await.problem(ProblemCode::NotFound);
    by_hand(&app.app, "UPDATE documents SET withdrawn_at = NULL").await.unwrap();
    nobody.get(&path).await.ok();
}

async fn a_link_lives_a_week(app: &TestApp, person: &Person, invoice: &DocumentRow) {
    const WEEK: i64 = 7 * 86_400;
    let (_, path) = linked(person, invoice.id).await;
    app.clock.advance_seconds(WEEK - 1);
    for form in ["", "/xml", "/pdf"] {
        app.browser().get(&format!("{path}{form}")).await.ok();
    }
    app.clock.advance_seconds(1);
    is_no_link(app, &path).await;
}

/// Whoever left the customer takes their links along.
async fn a_link_goes_with_its_maker(app: &TestApp, invoice: &DocumentRow) {
    let person = Person::signs_in(app).await;
    let (_, path) = linked(&person, invoice.id).await;
    app.browser().get(&path).await.ok();
    by_hand(
        &app.app,
        "UPDATE memberships SET customer_id = (SELECT id FROM customers WHERE rfc = 'CHI1203155K7') \
         WHERE role = 'owner'",
    )
    .await
    .unwrap();
    is_no_link(app, &path).await;
}
