//! Files that are made in the background, and one letter for many documents.
use serde_json::{Value, json};
use shared::documents::{BundleState, DocumentBundle, DocumentBundles, DocumentNews, DownloadTicket};
use shared::integrators::ApiScope;
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use std::io::Cursor;

use super::*;
use crate::integrators::Program;
use crate::integrators::documents::{Customer, PDF, foreign_cfdi};

const SECONDS_OF_AN_HOUR: i64 = 3_600;
const STATEMENT: &str =
    "kind=estado_de_cuenta&number=171001&contract=005300&issued_at=2017-10-01T07:00:00&total=743.97";

async fn asks(who: &Customer, method: Method, path: &str, body: Option<&Value>) -> Reply {
    let request = who.browser.request(method, &format!("/api/v1/documents/downloads{path}")).bearer_auth(&who.token);
    who.browser.send(if let Some(body) = body { request.json(body) } else { request }).await
}

async fn orders(who: &Customer, body: &Value) -> DocumentBundle {
    let reply = asks(who, Method::POST, "", Some(body)).await.ok();
    assert_eq!(reply.status, StatusCode::ACCEPTED);
    reply.json()
}

async fn bundle(who: &Customer, id: uuid::Uuid) -> DocumentBundle {
    let list: DocumentBundles = asks(who, Method::GET, "", None).await.ok().json();
    list.bundles.into_iter().find(|one| one.id == id).expect("it is listed")
}

async fn takes(who: &Customer, id: uuid::Uuid) -> Reply {
    let ticket = asks(who, Method::POST, &format!("/{id}/tickets"), None).await.ok();
    who.browser.get(&ticket.json::<DownloadTicket>().address).await.ok()
}

/// Names of the documents' files in an archive.
fn names(reply: &Reply) -> BTreeSet<String> {
    let archive = zip::ZipArchive::new(Cursor::new(reply.body.clone())).unwrap();
    let names = archive.file_names().map(|name| name.unwrap().into_owned());
    names.filter(|name| !name.starts_with("indice")).collect()
}

async fn letters(app: &TestApp, about: &str) -> Vec<MailboxMessage> {
    app.run_jobs().await;
    let browser = app.browser();
    let all: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=100").await.ok().json();
    let mut found = Vec::new();
    for letter in all.data.iter().filter(|letter| letter.subject.contains(about)) {
        found.push(browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json());
    }
    found
}

async fn files_kept(app: &TestApp) -> usize {
    let folder = app.app.config.data_dir.join("files/bundles");
    std::fs::read_dir(folder).map_or(0, |entries| entries.count())
}

async fn publishes(app: &TestApp, program: &Program<'_>) {
    for (name, golden, folio) in [("nc-1", "egreso", "1"), ("nc-2", "egreso", "2"), ("cp-7", "pago", "7")] {
        let xml = foreign_cfdi(app, golden, folio).await;
        let request = program.request(Method::PUT, &format!("/documents/external/{name}"));
        program.send(request.header("Content-Type", "application/xml").body(xml)).await.ok();
    }
    let request = program.request(Method::PUT, &format!("/documents/external/ec-1?{STATEMENT}"));
    program.send(request.header("Content-Type", "application/pdf").body(PDF)).await.ok();
}

on_both!(what_takes_long_is_made_while_nobody_waits, |app| {
    let program = Program::at(app, "default", &[ApiScope::DocumentsWrite]).await;
    publishes(app, &program).await;
    many_documents_are_one_letter(app, &program).await;
    let who = Customer::of(app).await;
    let id = a_file_is_made_and_taken(app, &who).await;
    a_dead_makers_work_is_done_by_another(app, &who).await;
    a_withdrawn_document_leaves_every_file(app, &who, &program, id).await;
    only_its_owner_has_it(app, &who, id).await;
    its_time_ends(app, &who).await;
});

/// The one that was withdrawn before its letter left is not in it.
async fn many_documents_are_one_letter(app: &TestApp, program: &Program<'_>) {
    program.send(program.request(Method::DELETE, "/documents/external/nc-2")).await.ok();
    assert!(letters(app, "documentos nuevos").await.is_empty(), "it waits for more to say");
    app.clock.advance_seconds(31 * 60);
    let found = letters(app, "documentos nuevos").await;
    let to: BTreeSet<&str> = found.iter().map(|letter| letter.letter.to.as_str()).collect();
    assert_eq!((found.len(), to.len()), (to.len(), found.len()), "one each");
    assert!(!found.is_empty() && found[0].letter.subject.contains("3 documentos nuevos"), "{found:?}");
    for said in ["Nota de crédito", "Complemento de pago", "171001", "/consultas"] {
        assert!(found[0].text.contains(said), "{said}: {}", found[0].text);
    }
    assert!(found[0].attachments.is_empty());
    app.clock.advance_seconds(31 * 60);
    assert_eq!(letters(app, "documentos nuevos").await.len(), found.len(), "and no other");
}

async fn a_file_is_made_and_taken(app: &TestApp, who: &Customer) -> uuid::Uuid {
    let all = json!({ "format": "zip", "news": true, "background": true });
    let ordered = orders(who, &all).await;
    assert_eq!((ordered.state, ordered.documents, ordered.done), (BundleState::Waiting, 3, 0));
    asks(who, Method::POST, &format!("/{}/tickets", ordered.id), None).await.problem(ProblemCode::NotFound);
    app.run_jobs().await;
    let made = bundle(who, ordered.id).await;
    assert_eq!((made.state, made.done), (BundleState::Ready, 3));
    let news = async || who.get("/news").await.ok().json::<DocumentNews>().documents;
    assert_eq!(news().await, 3, "what nobody took is as new as it was");
    let reply = takes(who, ordered.id).await;
    assert_eq!(u64::try_from(reply.body.len()).unwrap(), made.bytes.unwrap());
    assert_eq!(names(&reply).len(), 5, "two XML, three PDF: {:?}", names(&reply));
    let name = reply.headers["content-disposition"].to_str().unwrap();
    assert!(name.contains(&made.file_name), "{name}");
    assert_eq!(news().await, 0);
    assert_eq!(takes(who, ordered.id).await.body, reply.body, "as often as wanted");
    let fetched = "SELECT object_id FROM audit_log WHERE act = 'documents.download' AND after_json LIKE '%\"bundle\"%'";
    assert_eq!(column::<String>(app, fetched).await.len(), 2, "each time is written down");
    let told = letters(app, "su descarga está lista").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].text.contains(&made.file_name) && told[0].text.contains("/consultas"), "{}", told[0].text);
    // The list for a spreadsheet goes the same way; without the word, a few documents come at once.
    let list = json!({ "format": "csv", "query": {}, "background": true });
    let list = orders(who, &list).await;
    app.run_jobs().await;
    assert!(takes(who, list.id).await.text().contains("171001"));
    let at_once = asks(who, Method::POST, "", Some(&json!({ "format": "zip", "query": {} }))).await.ok();
    assert_eq!(at_once.status, StatusCode::CREATED);
    ordered.id
}

async fn a_dead_makers_work_is_done_by_another(app: &TestApp, who: &Customer) {
    let ordered = orders(who, &json!({ "format": "zip", "query": {}, "background": true })).await;
    by_hand(
        &app.app,
        "UPDATE document_bundles SET state = 'working', done = 1, worker_id = id, worked_at = created_at \
         WHERE state = 'waiting'",
    )
    .await
    .unwrap();
    let left = app.app.config.data_dir.join(format!("files/bundles/{0}-{0}.4242-0.part", ordered.id));
    std::fs::write(&left, b"half a file").unwrap();
    app.run_jobs().await;
    let seen = bundle(who, ordered.id).await;
    assert_eq!((seen.state, seen.done), (BundleState::Working, 1), "whoever makes it may live");
    app.clock.advance_seconds(130);
    app.run_jobs().await;
    assert_eq!(bundle(who, ordered.id).await.state, BundleState::Ready);
    assert!(!left.exists(), "what the dead one left is gone");
    assert_eq!(names(&takes(who, ordered.id).await).len(), 5);
}

/// Nobody is told again, no hours are added, and nobody is said to have had once more what they did not ask for.
async fn a_withdrawn_document_leaves_every_file(app: &TestApp, who: &Customer, program: &Program<'_>, id: uuid::Uuid) {
    let told = letters(app, "su descarga está lista").await.len();
    let recorded = "SELECT object_id FROM audit_log WHERE act = 'document.download'";
    let before = (column::<String>(app, recorded).await.len(), bundle(who, id).await.expires_at);
    program.send(program.request(Method::DELETE, "/documents/external/ec-1")).await.ok();
    asks(who, Method::POST, &format!("/{id}/tickets"), None).await.problem(ProblemCode::NotFound);
    for _ in 0..3 {
        // Two are made at a time.
        app.run_jobs().await;
        app.clock.advance_seconds(3);
    }
    let anew = names(&takes(who, id).await);
    assert!(anew.len() == 4 && anew.iter().all(|name| !name.contains("171001")), "{anew:?}");
    assert_eq!(letters(app, "su descarga está lista").await.len(), told);
    assert_eq!((column::<String>(app, recorded).await.len(), bundle(who, id).await.expires_at), before);
}

on_both!(a_choice_loses_what_was_withdrawn_and_keeps_the_rest, |app| {
    let program = Program::at(app, "default", &[ApiScope::DocumentsWrite]).await;
    publishes(app, &program).await;
    let who = Customer::of(app).await;
    let all = who.has().await.data;
    assert_eq!(all.len(), 4);
    let withdraws = async |name: &str| {
        program.send(program.request(Method::DELETE, &format!("/documents/external/{name}"))).await.ok();
    };
    let ids: Vec<uuid::Uuid> = all.iter().map(|row| row.id).collect();
    let chosen = json!({ "format": "zip", "ids": ids, "background": true });
    let made = orders(&who, &chosen).await;
    app.run_jobs().await;
    assert_eq!(names(&takes(&who, made.id).await).len(), 7, "three XML, four PDF");
    // One that waits when the first goes, one that is there, and one that is made as it goes.
    let waits = orders(&who, &chosen).await;
    let at_once = asks(&who, Method::POST, "", Some(&json!({ "format": "zip", "ids": ids }))).await.ok();
    assert_eq!(at_once.status, StatusCode::CREATED);
    withdraws("ec-1").await;
    let at_once = who.browser.get(&at_once.json::<DownloadTicket>().address).await.ok();
    for _ in 0..3 {
        app.run_jobs().await;
        app.clock.advance_seconds(3);
    }
    for reply in [at_once, takes(&who, made.id).await, takes(&who, waits.id).await] {
        let left = names(&reply);
        assert!(left.len() == 6 && left.iter().all(|name| !name.contains("171001")), "{left:?}");
    }
    // Of a choice that is gone whole there is nothing to make.
    let last = all.iter().find(|row| row.kind == DocumentKind::ComplementoDePago).unwrap().id;
    let gone = orders(&who, &json!({ "format": "zip", "ids": [last], "background": true })).await;
    withdraws("cp-7").await;
    for _ in 0..3 {
        app.run_jobs().await;
        app.clock.advance_seconds(3);
    }
    assert_eq!(bundle(&who, gone.id).await.state, BundleState::Failed);
    // The picks of a page that was open all the while: what is gone holds the rest back no more.
    let at_once = json!({ "format": "zip", "ids": ids });
    let ticket: DownloadTicket = asks(&who, Method::POST, "", Some(&at_once)).await.ok().json();
    assert_eq!(ticket.documents, 2);
    assert_eq!(names(&who.browser.get(&ticket.address).await.ok()).len(), 4);
    let gone = json!({ "format": "zip", "ids": [last] });
    asks(&who, Method::POST, "", Some(&gone)).await.problem(ProblemCode::NotFound);
});

async fn only_its_owner_has_it(app: &TestApp, who: &Customer, id: uuid::Uuid) {
    by_hand(
        &app.app,
        "UPDATE document_bundles SET customer_id = (SELECT id FROM customers WHERE rfc = 'CHI1203155K7')",
    )
    .await
    .unwrap();
    let list: DocumentBundles = asks(who, Method::GET, "", None).await.ok().json();
    assert!(list.bundles.is_empty());
    asks(who, Method::POST, &format!("/{id}/tickets"), None).await.problem(ProblemCode::NotFound);
    asks(who, Method::DELETE, &format!("/{id}"), None).await.problem(ProblemCode::NotFound);
    by_hand(
        &app.app,
        "UPDATE document_bundles SET customer_id = (SELECT id FROM customers WHERE rfc = 'TAM010203ABA')",
    )
    .await
    .unwrap();
}

async fn its_time_ends(app: &TestApp, who: &Customer) {
    let list: DocumentBundles = asks(who, Method::GET, "", None).await.ok().json();
    assert_eq!((list.bundles.len(), files_kept(app).await), (3, 3));
    let first = format!("/{}", list.bundles[0].id);
    assert_eq!(asks(who, Method::DELETE, &first, None).await.status, StatusCode::NO_CONTENT);
    asks(who, Method::DELETE, &first, None).await.problem(ProblemCode::NotFound);
    app.run_jobs().await;
    assert_eq!(files_kept(app).await, 2);
    app.clock.advance_seconds(73 * SECONDS_OF_AN_HOUR);
    app.run_jobs().await;
    assert_eq!(files_kept(app).await, 0);
    assert!(column::<uuid::Uuid>(app, "SELECT id FROM document_bundles").await.is_empty());
}
