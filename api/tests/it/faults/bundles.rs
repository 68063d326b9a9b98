//! A file of many documents whose maker is killed: the next start makes it whole, once, and nothing of the dead one is
//! left. A file that is ready stays so.
use std::collections::BTreeSet;
use std::io::Cursor;

use reqwest::Method;
use serde_json::json;
use shared::accounts::SessionOpened;
use shared::documents::{BundleState, DocumentBundle, DocumentBundles, DownloadTicket};
use shared::rehearsal::RehearsalView;

use super::house::{House, Server};
use super::{RECOVERY, answer, letters, tickets};
use crate::support::process::eventually;
use crate::support::{Browser, Engine, Reply, order};

const CUSTOMER: &str = "TAM010203ABA";
/// Invoices, each printed anew: they take longer than the moment until the kill.
const INVOICES: usize = 8;
const WORKING: &str = "SELECT COUNT(*) FROM document_bundles WHERE state = 'working'";
/// Makers that are killed at their work.
const KILLS: usize = 2;

/// The demo's customer at a server that may have died meanwhile.
struct Reader {
    browser: Browser,
    token: String,
    user: String,
}

impl Reader {
    async fn at(server: &Server) -> Reader {
        let browser = server.browser();
        let view: RehearsalView = browser.get("/api/v1/rehearsal").await.ok().json();
        let known = &view.sign_ins[0];
        let body = json!({ "user": known.user, "password": known.password });
        let opened: SessionOpened = browser.post("/api/v1/sessions", &body).await.ok().json();
        Reader { browser, token: opened.access_token.expose().to_owned(), user: known.user.clone() }
    }

    async fn asks(&self, method: Method, path: &str, body: Option<&serde_json::Value>) -> Reply {
        let path = format!("/api/v1/documents/downloads{path}");
        let request = self.browser.request(method, &path).bearer_auth(&self.token);
        self.browser.send(if let Some(body) = body { request.json(body) } else { request }).await.ok()
    }

    async fn one(&self) -> DocumentBundle {
        let mut list: DocumentBundles = self.asks(Method::GET, "", None).await.json();
        assert_eq!(list.bundles.len(), 1, "one order");
        list.bundles.remove(0)
    }

    /// Names of what is in the file.
    async fn takes(&self, id: uuid::Uuid) -> BTreeSet<String> {
        let ticket: DownloadTicket = self.asks(Method::POST, &format!("/{id}/tickets"), None).await.json();
        let file = self.browser.get(&ticket.address).await.ok();
        let archive = zip::ZipArchive::new(Cursor::new(file.body)).unwrap();
        archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }
}

async fn invoices(server: &Server) {
    let browser = server.browser();
    for (at, ticket) in tickets(&browser).await.iter().take(INVOICES).enumerate() {
        let claim = browser.claim(ticket).await;
        answer(&browser, &order(ticket, &claim, CUSTOMER), &format!("bundle-{at}")).await;
    }
}

async fn a_maker_is_killed(engine: Engine) {
    let house = House::open(engine).await;
    let mut server = house.serve(None).await;
    invoices(&server).await;
    let stamped = i64::try_from(INVOICES).unwrap();
    let kept = "SELECT COUNT(*) FROM documents";
    eventually("all are stamped", RECOVERY, async || (house.count(kept).await == stamped).then_some(())).await;
    let reader = Reader::at(&server).await;
    let wanted = json!({ "format": "zip", "query": {}, "background": true });
    let ordered: DocumentBundle = reader.asks(Method::POST, "", Some(&wanted)).await.json();
    for _ in 0..KILLS {
        eventually("it is being made", RECOVERY, async || (house.count(WORKING).await == 1).then_some(())).await;
        server.process.kill();
        assert_eq!(house.count(WORKING).await, 1, "nothing is ready that was not finished");
        // Two minutes of silence, and nobody waits for it.
        house.execute("UPDATE document_bundles SET worked_at = '2026-01-01T00:00:00.000000Z'").await;
        server = house.serve(None).await;
    }
    let reader = Reader::at(&server).await;
    let made = eventually("it is made", RECOVERY, async || {
        let seen = reader.one().await;
        (seen.state == BundleState::Ready).then_some(seen)
    })
    .await;
    assert_eq!((made.id, made.documents, made.done), (ordered.id, 8, 8));
    let names = reader.takes(made.id).await;
    for extension in [".xml", ".pdf"] {
        let files = names.iter().filter(|name| name.ends_with(extension)).count();
        assert_eq!(files, INVOICES, "{names:?}");
    }
    assert!(!names.iter().any(|name| name.contains("faltantes")), "{names:?}");
    let lies: Vec<_> = std::fs::read_dir(house.folder().join("files/bundles")).unwrap().collect();
    assert_eq!(lies.len(), 1, "what the dead left is gone: {lies:?}");
    let told = async |server: &Server| {
        let all = letters(&server.browser(), &reader.user).await;
        all.iter().filter(|letter| letter.subject.contains("su descarga está lista")).count()
    };
    eventually("a letter says so", RECOVERY, async || (told(&server).await == 1).then_some(())).await;

    server.process.kill();
    let server = house.serve(None).await;
    let reader = Reader::at(&server).await;
    assert_eq!(reader.takes(made.id).await, names, "what is ready stays");
    assert_eq!(told(&server).await, 1, "one letter");
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_outlives_its_makers_on_sqlite() {
    a_maker_is_killed(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_outlives_its_makers_on_postgres() {
    a_maker_is_killed(Engine::Postgres).await;
}
