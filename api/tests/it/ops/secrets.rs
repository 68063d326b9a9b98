//! K2 and O2: what must stay secret is in no row, no backup, no audit entry, no answer and no log line, whoever did what.
use std::io::{self, Write};
use std::sync::{Mutex, Once};

use api::sandbox::authority::Authority;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::ProblemCode;
use shared::accounts::SessionOpened;
use shared::documents::ShareOpened;
use shared::integrators::ApiScope;

use super::backup::{backup_of, texts};
use crate::integrators::Program;
use crate::support::{TestApp, data_of, on_both, order};

/// A password of a certificate that occurs nowhere else.
const OF_THE_KEY: &str = "Clave-del-CSD-8431";
/// One that somebody mistyped.
const MISTYPED: &str = "una contraseña que no es";
/// What somebody writes who wants a line of their own in the log.
const FORGED: &str = "a\r\n2026-11-18T18:00:00.000000Z ERROR forged-line";

/// What this process logged.
static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Ear;

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        HEARD.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From here on every line of the log is kept, as the program writes them for people.
fn listen() {
    static BEGIN: Once = Once::new();
    BEGIN.call_once(|| {
        tracing_subscriber::fmt()
            .with_env_filter("info")
            .with_target(false)
            .with_ansi(false)
            .with_writer(|| Ear)
            .init();
    });
}

/// Every way that bytes are written down: as they are, in hexadecimal, and in base64 at any place of something longer.
fn faces(secret: &[u8]) -> Vec<String> {
    let of_three = |from: usize| {
        let whole = &secret[from..];
        STANDARD.encode(&whole[..whole.len() / 3 * 3])
    };
    let mut faces = vec![hex::encode(secret), of_three(0), of_three(1), of_three(2)];
    faces.extend(std::str::from_utf8(secret).ok().map(str::to_owned));
    faces
}

/// Secrets, and what else no log line says.
#[derive(Default)]
struct Ledger {
    secrets: Vec<(&'static str, Vec<u8>)>,
    personal: Vec<String>,
}

impl Ledger {
    fn keep(&mut self, what: &'static str, secret: impl Into<Vec<u8>>) {
        let secret = secret.into();
        assert!(secret.len() > 8, "{what} is too short to be looked for");
        self.secrets.push((what, secret));
    }
}

/// An operator hands a certificate over whose key is known here, and it signs.
async fn a_certificate_is_handed_over(app: &TestApp, ledger: &mut Ledger) {
    const CERTIFICATES: &str = "/console/issuers/default/certificates";
    let (_, issuer) = api::issuers::service::scope_of_slug(&app.app, "default").await.unwrap().unwrap();
    let (now, ids) = (app.app.now(), &app.app.ids);
    let authority = Authority::open(&app.app.config.data_dir, now, ids).unwrap();
    let issued = authority.issue_csd(issuer.rfc.as_str(), issuer.nombre.as_str(), now, ids).unwrap();
    let encrypted = cfdi::encrypt_key(&issued.pkcs8_der, OF_THE_KEY.as_bytes(), [1; 8], [2; 8]).unwrap();
    let files = |password: &str| {
        let (certificate, key) = (STANDARD.encode(&issued.cer_der), STANDARD.encode(&encrypted));
        json!({ "certificate": certificate, "key": key, "password": password })
    };
    let operator = app.operator().await;
    let refused = operator.post(CERTIFICATES, &files("Otra-clave-9977")).await;
    refused.problem(ProblemCode::InvalidFields);
    let taken = operator.post(CERTIFICATES, &files(OF_THE_KEY)).await.ok();
    // Its end is its secret part: the modulus, further up, is in the certificate too.
    let secret = issued.pkcs8_der[issued.pkcs8_der.len() - 64..].to_vec();
    for answer in [refused.text(), taken.text(), operator.get("/console/issuers/default").await.ok().text()] {
        assert!(faces(&secret).iter().all(|face| !answer.contains(face)) && !answer.contains(OF_THE_KEY), "{answer}");
    }
    ledger.keep("the key of a certificate", secret);
    ledger.keep("the password of a key", OF_THE_KEY);
    ledger.keep("the wrong password of a key", "Otra-clave-9977");
    ledger.keep("an operator's token", operator.token);
}

/// People come in, by the right and the wrong door.
async fn people_come_and_go(app: &TestApp, ledger: &mut Ledger) {
    let (browser, known) = (app.browser(), app.rehearsal().await.sign_ins.swap_remove(0));
    for (user, password) in [(known.user.as_str(), MISTYPED), (FORGED, MISTYPED), (MISTYPED, FORGED)] {
        let form = json!({ "user": user, "password": password });
        assert!(browser.post("/api/v1/sessions", &form).await.status.is_client_error());
    }
    let form = json!({ "user": known.user, "password": known.password });
    let opened: SessionOpened = browser.post("/api/v1/sessions", &form).await.ok().json();
    let token = opened.access_token.expose().to_owned();
    browser.post("/api/v1/password-recoveries", &json!({ "user": known.user })).await;
    let of_operator = app.staff_sign_in(true).await;
    ledger.keep("a customer's password", known.password.as_str());
    ledger.keep("a mistyped password", MISTYPED);
    ledger.keep("an operator's password", of_operator.password.as_str());
    ledger.keep("an access token", token.clone());
    let cookie = browser.cookie().unwrap();
    ledger.keep("a session's cookie", cookie.split_once('=').unwrap().1);
    ledger.personal.extend([known.user, of_operator.user]);

    let request = |method, path: &str| browser.request(method, path).bearer_auth(&token);
    let page: Value = browser.send(request(reqwest::Method::GET, "/api/v1/documents")).await.ok().json();
    let id = page["data"][0]["id"].as_str().unwrap();
    let shared = browser.send(request(reqwest::Method::POST, &format!("/api/v1/documents/{id}/shares"))).await.ok();
    let address = shared.json::<ShareOpened>().address;
    let link = address.rsplit_once('/').unwrap().1;
    browser.get(&format!("/api/v1/shared-documents/{link}")).await.ok();
    ledger.keep("a link to a document", link);
}

/// A shopper invoices for the customer, and a program reads.
async fn a_ticket_is_invoiced(app: &TestApp, ledger: &mut Ledger) {
    let (guest, ticket) = (app.browser(), app.ticket(0).await);
    let mut wrong = data_of(&ticket);
    wrong["order_number"] = json!(FORGED);
    assert!(guest.post("/api/v1/issuers/default/ticket-claims", &wrong).await.status.is_client_error());
    let claim = guest.claim(&ticket).await;
    guest.invoice(&order(&ticket, &claim, "TAM010203ABA"), "k-1").await.ok();
    guest.get("/api/v1/issuers/%0D%0A2026-11-18T18:00:00Z%20ERROR%20forged-line").await;
    app.run_jobs().await;
    ledger.keep("a claim", claim);
    ledger.keep("a shopper's cookie", guest.cookie().unwrap().split_once('=').unwrap().1);
    ledger.personal.extend(["amaranta@quintil.example", "TAM010203ABA", "uintil", "<cfdi:"].map(str::to_owned));

    let program = Program::at(app, "default", &[ApiScope::DocumentsRead]).await;
    program.get("/documents").await.ok();
    Program::with(app, &program.key.chars().rev().collect::<String>()).get("/documents").await;
    ledger.keep("a program's key", program.key);
}

on_both!(threat_k2_o2_no_row_no_backup_and_no_log_line_holds_a_secret, |app| {
    listen();
    let mut ledger = Ledger::default();
    a_certificate_is_handed_over(app, &mut ledger).await;
    a_ticket_is_invoiced(app, &mut ledger).await;
    people_come_and_go(app, &mut ledger).await;
    for name in ["master.key", "session.key"] {
        ledger.keep(name, std::fs::read(app.app.config.data_dir.join(name)).unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    let ran = backup_of(app, &file).await;
    assert!(ran.good, "{ran:?}");
    // Every row of every table, the audit log's too.
    let rows = texts(&file).into_values().collect::<Vec<_>>().join("\n");
    assert!(rows.contains("session.refused") && rows.contains("amaranta@quintil.example"), "there is nothing to read");
    let log = String::from_utf8(HEARD.lock().unwrap().clone()).unwrap();
    for said in ["answered a request", "a key was used", "a letter was sent"] {
        assert!(log.contains(said), "the log does not say: {said}\n{log}");
    }
    for (what, secret) in &ledger.secrets {
        for face in faces(secret) {
            assert!(!rows.contains(&face), "{what} is in the database");
            assert!(!log.contains(&face), "{what} is in the log");
            assert!(!ran.out.contains(&face) && !ran.err.contains(&face), "{what} is said by the backup");
        }
    }
    for word in &ledger.personal {
        assert!(!log.contains(word), "{word} is in the log");
    }
    // A line is one fact of ours, in UTC, and nobody else's words begin one.
    for line in log.lines() {
        let instant = line.split_whitespace().next().unwrap_or_default();
        assert!(instant.parse::<jiff::Timestamp>().is_ok() && instant.ends_with('Z'), "{line}");
        assert!(!line.contains("forged-line"), "{line}");
    }
});
