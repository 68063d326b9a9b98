//! The list over HTTP beside an answer of the same size that is ready, and ZIPs beside `zip -0` of the same files.
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use shared::accounts::SessionOpened;
use shared::documents::{DocumentsPage, DownloadTicket};
use shared::rehearsal::RehearsalView;

use super::fill::PAPER;
use super::pages::p95;
use super::{Filled, RATIO};
use crate::portal::Portal;
use crate::table::{Aim, Table};
use crate::{Effort, median};

/// Megabytes that a ZIP may take beyond what the house takes at rest.
const GROWTH: Aim = Aim::AtMost(64.0);
/// Seconds until its first byte.
const FIRST_BYTE: Aim = Aim::AtMost(1.0);
/// Documents of a busy month, and the seconds that their ZIP may take.
const MONTH: (f64, Aim) = (300.0, Aim::AtMost(15.0));
/// Milliseconds until a document's own file has come.
const FILE: Aim = Aim::AtMost(500.0);
/// The end of an archive's list of files, whose last is what is missing.
const END_BYTES: usize = 1_024;
/// The name of what is missing.
const MISSING: &[u8] = b"faltantes.txt";
/// Bytes of a megabyte.
const MB: f64 = 1_000_000.0;

/// The demo's customer at the portal.
struct Person<'a> {
    portal: &'a Portal,
    token: String,
}

/// Measures a house that is closed: the real program serves its data.
pub async fn measure(effort: Effort, filled: &Filled, engine: &str, table: &mut Table) {
    let url = (!filled.url.starts_with("sqlite")).then_some(filled.url.as_str());
    let portal = Portal::start_on(filled.folder.path(), &["serve", "--demo"], url).await;
    let person = Person::signs_in(&portal).await;
    for (what, path) in [
        ("la lista entera", "/api/v1/documents?limit=50&totals=false"),
        ("un mes", "/api/v1/documents?limit=50&totals=false&issued_from=2026-10-01&issued_to=2026-10-31"),
        ("la caja, un folio", "/api/v1/documents?limit=50&totals=false&typed=101"),
    ] {
        let (house, ready) = person.beside_canned(effort, path).await;
        table.add(&format!("{engine}, por HTTP: {what}, p95"), house, "ms");
        table.judge("  veces una respuesta lista del mismo tamaño", house / ready, "", RATIO);
    }
    // Whoever looks for something else is told what it comes to, once.
    for (what, path) in [
        ("la lista entera", "/api/v1/documents?limit=50"),
        ("un mes", "/api/v1/documents?limit=50&issued_from=2026-10-01&issued_to=2026-10-31"),
    ] {
        let (house, _) = person.beside_canned(effort, path).await;
        table.add(&format!("{engine}, por HTTP: {what}, con sus totales, p95"), house, "ms");
    }
    files(effort, &person, engine, table).await;
    papers(filled, &person, engine, table).await;
    let printed = json!({ "kind": "factura", "folio_to": (filled.count / 100).max(200).to_string() });
    let zip = person.zip(printed).await;
    table.add(&format!("{engine}: ZIP de {} CFDI con su PDF, que se imprime", zip.documents), zip.seconds, "s");
    table.add("  por documento", 1_000.0 * zip.seconds / zip.documents.max(1.0), "ms");
    table.judge("  hasta su primer byte", zip.first, "s", FIRST_BYTE);
    table.judge("  memoria que crece", zip.growth, "MB", GROWTH);
    table.judge("  un mes de 300 tardaría", MONTH.0 * zip.seconds / zip.documents.max(1.0), "s", MONTH.1);
    portal.stop().await;
}

/// The files of one invoice.
async fn files(effort: Effort, person: &Person<'_>, engine: &str, table: &mut Table) {
    let body = person.get("/api/v1/documents?limit=1&totals=false&kind=factura").await;
    let page: DocumentsPage = serde_json::from_slice(&body).unwrap();
    for form in ["xml", "pdf"] {
        let path = format!("/api/v1/documents/{}/{form}", page.data[0].id);
        let mut took = Vec::new();
        for _ in 0..effort.answers {
            let started = Instant::now();
            person.get(&path).await;
            took.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        table.judge(&format!("{engine}, por HTTP: un {form}, p95"), p95(took), "ms", FILE);
    }
}

/// Papers alone: what is measured is the archive, not the printing.
async fn papers(filled: &Filled, person: &Person<'_>, engine: &str, table: &mut Table) {
    let zip = person.zip(json!({ "kind": "recibo" })).await;
    let paper = filled.folder.path().join("files").join(PAPER);
    let (bytes, seconds) = zip_0(filled.folder.path(), &paper, zip.documents);
    table.add(&format!("{engine}: ZIP de {} PDF guardados", zip.documents), zip.bytes / MB / zip.seconds, "MB/s");
    table.add("  zip -0 de los mismos archivos", bytes / MB / seconds, "MB/s");
    table.add("  parte de zip -0", 100.0 * (zip.bytes / zip.seconds) / (bytes / seconds), "%");
    table.judge("  hasta su primer byte", zip.first, "s", FIRST_BYTE);
    table.judge("  memoria que crece", zip.growth, "MB", GROWTH);
}

/// Bytes of the archive, and seconds.
fn zip_0(folder: &Path, paper: &Path, documents: f64) -> (f64, f64) {
    let copies = folder.join("copies");
    std::fs::create_dir(&copies).unwrap();
    let mut at = 0.0;
    while at < documents {
        std::fs::copy(paper, copies.join(format!("{at}.pdf"))).unwrap();
        at += 1.0;
    }
    let archive = folder.join("copies.zip");
    let started = Instant::now();
    let done = Command::new("zip").arg("-0qrj").arg(&archive).arg(&copies).status().expect("zip is installed");
    let seconds = started.elapsed().as_secs_f64();
    assert!(done.success());
    let bytes = std::fs::metadata(&archive).unwrap().len();
    std::fs::remove_file(archive).unwrap();
    std::fs::remove_dir_all(copies).unwrap();
    (float(bytes), seconds)
}

fn float(count: u64) -> f64 {
    // Far below where a float would lose a byte.
    f64::from(u32::try_from(count / 1_024).unwrap()) * 1_024.0
}

/// How an archive came.
struct Zip {
    documents: f64,
    bytes: f64,
    seconds: f64,
    first: f64,
    growth: f64,
}

impl Person<'_> {
    async fn signs_in(portal: &Portal) -> Person<'_> {
        let rehearsal: RehearsalView = portal.get("/api/v1/rehearsal").await.json().await.unwrap();
        let known = &rehearsal.sign_ins[0];
        let form = json!({ "user": known.user, "password": known.password });
        let request = portal.client.post(format!("{}/api/v1/sessions", portal.base));
        let opened = request.header("X-Requested-With", "ventanilla").json(&form).send().await.unwrap();
        let opened: SessionOpened = opened.error_for_status().unwrap().json().await.unwrap();
        Person { portal, token: opened.access_token.expose().to_owned() }
    }

    async fn get(&self, path: &str) -> Vec<u8> {
        let request = self.portal.client.get(format!("{}{path}", self.portal.base)).bearer_auth(&self.token);
        request.send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap().to_vec()
    }

    /// Milliseconds of this answer, and of one that is ready.
    async fn beside_canned(&self, effort: Effort, path: &str) -> (f64, f64) {
        let body = self.get(path).await;
        let page: DocumentsPage = serde_json::from_slice(&body).unwrap();
        assert!(!page.data.is_empty(), "{path} finds nothing");
        let ready = web::Bytes::from(body);
        let canned = HttpServer::new(move || {
            let ready = ready.clone();
            let answer = move || {
                let ready = ready.clone();
                async move { HttpResponse::Ok().content_type("application/json").body(ready) }
            };
            App::new().route("/", web::get().to(answer))
        });
        let canned = canned.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", canned.addrs()[0]);
        let server = canned.run();
        let handle = server.handle();
        let running = tokio::spawn(server);
        let (mut house, mut alone) = (Vec::new(), Vec::new());
        for _ in 0..effort.answers {
            let started = Instant::now();
            self.get(path).await;
            house.push(started.elapsed().as_secs_f64() * 1_000.0);
            let started = Instant::now();
            self.portal.client.get(&address).send().await.unwrap().bytes().await.unwrap();
            alone.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
        handle.stop(false).await;
        running.await.unwrap().unwrap();
        (p95(house), p95(alone))
    }

    async fn zip(&self, query: Value) -> Zip {
        let wanted = json!({ "format": "zip", "query": query, "background": false });
        let request = self.portal.client.post(format!("{}/api/v1/documents/downloads", self.portal.base));
        let request = request.header("X-Requested-With", "ventanilla").bearer_auth(&self.token).json(&wanted);
        let ticket: DownloadTicket = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        let rest = median(vec![self.portal.memory(), self.portal.memory(), self.portal.memory()]);
        let started = Instant::now();
        let request = self.portal.client.get(format!("{}{}", self.portal.base, ticket.address));
        let mut answer = request.send().await.unwrap().error_for_status().unwrap();
        let (mut bytes, mut first, mut most, mut looked) = (0_u64, 0.0, rest, Instant::now());
        let mut end = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            if bytes == 0 {
                first = started.elapsed().as_secs_f64();
            }
            bytes += u64::try_from(chunk.len()).unwrap();
            end.extend_from_slice(&chunk);
            end.drain(..end.len().saturating_sub(END_BYTES));
            if looked.elapsed() > Duration::from_millis(20) {
                most = most.max(self.portal.memory());
                looked = Instant::now();
            }
        }
        let seconds = started.elapsed().as_secs_f64();
        assert!(!end.windows(MISSING.len()).any(|part| part == MISSING), "what is not there takes no time");
        let documents = f64::from(u32::try_from(ticket.documents).unwrap());
        Zip { documents, bytes: float(bytes), seconds, first, growth: most - rest }
    }
}
