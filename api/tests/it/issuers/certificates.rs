//! Sealing certificates handed over, and letters before they end (K4, K5).
use std::sync::Arc;

use api::App;
use api::issuers::custody::{self, CustodyError, KeyChange, Vault, VaultError};
use api::issuers::service::{self, DEFAULT_SLUG};
use api::ops::csd::{self, RehearseArgs};
use api::ops::master_key;
use api::ops::start::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use shared::billing::{InvoiceState, InvoiceView};
use shared::mail::{MailboxLetter, MailboxMessage};
use shared::page::Page;
use shared::{FieldCode, ProblemCode};

use crate::support::{Reply, TestApp, on_both, order};

const DAY_SECONDS: i64 = 86_400;
/// As long as the rehearsal's certificates last.
const TERM_DAYS: i64 = 4 * 365;

/// A certificate of the rehearsal for the default issuer, with its key and its password.
async fn files(app: &TestApp) -> Value {
    let issuer = app.operator().await.issuer("default").await;
    let folder = tempfile::tempdir().unwrap();
    let wanted = RehearseArgs { rfc: issuer.rfc, name: issuer.nombre, out: folder.path().to_owned() };
    let world = World { clock: app.app.clock.clone(), ids: app.app.ids.clone() };
    let mut told = Vec::new();
    csd::rehearse(&app.app.config, &wanted, &world, &mut told).unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    let read = |name: &str| STANDARD.encode(std::fs::read(told[name].as_str().unwrap()).unwrap());
    json!({"certificate": read("certificate"), "key": read("key"), "password": told["password"]})
}

/// The same with another password.
fn with_password(files: &Value, password: &str) -> Value {
    let mut files = files.clone();
    files["password"] = json!(password);
    files
}

async fn hand_over(app: &TestApp, issuer: &str, files: &Value) -> Reply {
    app.operator().await.post(&format!("/console/issuers/{issuer}/certificates"), files).await
}

/// Letters about a certificate's end, the newest first.
async fn warnings(app: &TestApp) -> Vec<MailboxMessage> {
    app.run_jobs().await;
    let browser = app.browser();
    let letters: Page<MailboxLetter> = browser.get("/api/v1/mailbox?limit=100").await.ok().json();
    let mut found = Vec::new();
    for letter in letters.data.iter().filter(|letter| letter.subject.contains("certificado de sello")) {
        found.push(browser.get(&format!("/api/v1/mailbox/{}", letter.id)).await.ok().json());
    }
    found
}

on_both!(k4_five_passwords_that_open_no_key_hold_the_door, |app| {
    let files = files(app).await;
    for n in 0..5 {
        let wrong = hand_over(app, "default", &with_password(&files, &format!("otra {n}"))).await;
        assert_eq!(wrong.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::KeyPassword);
    }
    let held = hand_over(app, "default", &files).await.problem(ProblemCode::CertificateHeld);
    assert!(held.retry_after_seconds.is_some_and(|seconds| (1..=15 * 60).contains(&seconds)), "{held:?}");
    // Another company's door is its own.
    let foreign = hand_over(app, "nandu", &with_password(&files, "otra")).await;
    assert_eq!(foreign.problem(ProblemCode::InvalidFields).errors[0].code, FieldCode::KeyPassword);
    let refused = "SELECT COUNT(*) FROM audit_log WHERE act = 'csd.refused'";
    assert_eq!(app.database.count(refused).await, 6);
    app.clock.advance_seconds(15 * 60);
    hand_over(app, "default", &files).await.ok();
});

on_both!(k4_only_passwords_are_counted_and_a_right_one_begins_anew, |app| {
    let files = files(app).await;
    let mut damaged = files.clone();
    damaged["certificate"] = json!("AAAA");
    for _ in 0..6 {
        hand_over(app, "default", &damaged).await.problem(ProblemCode::InvalidFields);
    }
    for _ in 0..4 {
        hand_over(app, "default", &with_password(&files, "otra")).await.problem(ProblemCode::InvalidFields);
    }
    hand_over(app, "default", &files).await.ok();
    for _ in 0..5 {
        hand_over(app, "default", &with_password(&files, "otra")).await.problem(ProblemCode::InvalidFields);
    }
    hand_over(app, "default", &with_password(&files, "otra")).await.problem(ProblemCode::CertificateHeld);
});

on_both!(k6_what_an_operator_revokes_seals_nothing_from_then_on, |app| {
    const STAMPS: &str = "SELECT COUNT(*) FROM stamps";
    let (browser, ticket, before) = (app.browser(), app.ticket(0).await, app.database.count(STAMPS).await);
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let operator = app.operator().await;
    let [certificate] = operator.issuer("default").await.certificates.try_into().unwrap();
    operator.delete(&format!("/console/issuers/default/certificates/{}", certificate.id)).await.ok();
    browser.invoice(&asked, "k-1").await.problem(ProblemCode::IssuerNotReady);
    assert_eq!(app.database.count(STAMPS).await, before, "nothing was sealed");
    // The ticket is free, and another certificate goes on.
    hand_over(app, "default", &files(app).await).await.ok();
    let made: InvoiceView = browser.invoice(&asked, "k-2").await.ok().json();
    assert_eq!(made.state, InvoiceState::Stamped);
});

/// The number of the certificate that sealed the invoice of another ticket.
async fn sealed_by(app: &TestApp, key: &str) -> String {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let made: InvoiceView = browser.invoice_ticket(&ticket, key).await.ok().json();
    assert_eq!(made.state, InvoiceState::Stamped);
    let xml = browser.get(&format!("/api/v1/invoices/{}/xml", made.id)).await.ok();
    cfdi::read(&xml.body).unwrap().comprobante.no_certificado
}

/// Hands over a certificate that begins now: the rehearsal's own began long ago, for the demo's past.
async fn hand_over_a_young_one(app: &TestApp) {
    hand_over(app, "default", &files(app).await).await.ok();
    let newest = "UPDATE csds SET valid_from = created_at WHERE created_at = (SELECT MAX(created_at) FROM csds)";
    app.database.execute(newest).await;
}

on_both!(a_new_certificate_waits_until_pacs_know_it_while_another_serves, |app| {
    app.clock.advance_seconds(4 * DAY_SECONDS);
    let operator = app.operator().await;
    let [first] = operator.issuer("default").await.certificates.try_into().unwrap();
    hand_over_a_young_one(app).await;
    app.clock.advance_seconds(3_600);
    assert_eq!(sealed_by(app, "k-1").await, first.certificate_number, "the second began an hour ago");
    app.clock.advance_seconds(72 * 3_600);
    let second = sealed_by(app, "k-2").await;
    assert_ne!(second, first.certificate_number);
    // A third one is as young as the second was, and there is no other any more.
    hand_over_a_young_one(app).await;
    app.clock.advance_seconds(3_600);
    assert_eq!(sealed_by(app, "k-3").await, second);
    let operator = app.operator().await;
    for certificate in operator.issuer("default").await.certificates {
        if [&first.certificate_number, &second].contains(&&certificate.certificate_number) {
            operator.delete(&format!("/console/issuers/default/certificates/{}", certificate.id)).await.ok();
        }
    }
    let third = sealed_by(app, "k-4").await;
    assert!(third != second && third != first.certificate_number, "at once");
});

on_both!(k5_operators_hear_of_a_certificates_end_at_sixty_thirty_and_seven_days, |app| {
    // Of the demo's companies this test is about one.
    app.database
        .execute(
            "UPDATE csds SET revoked_at = valid_from WHERE issuer_id NOT IN \
                          (SELECT id FROM issuers WHERE is_default)",
        )
        .await;
    app.clock.advance_seconds((TERM_DAYS - 62) * DAY_SECONDS);
    assert!(warnings(app).await.is_empty());
    for (days, sent) in [(3, 1), (10, 1), (20, 2), (10, 2), (13, 3), (3, 3), (5, 3)] {
        app.clock.advance_seconds(days * DAY_SECONDS);
        app.run_jobs().await;
        assert_eq!(warnings(app).await.len(), sent, "after {days} days more");
    }
    let letters = warnings(app).await;
    let operator = app.staff_sign_in(true).await;
    assert!(letters.iter().all(|letter| letter.letter.to == operator.user), "who runs the house is an operator here");
    assert!(letters[0].text.contains("/consola/e/colibri-azul/certificados"), "{}", letters[0].text);
});

on_both!(k5_a_certificate_that_a_later_one_outlasts_needs_no_letter, |app| {
    app.clock.advance_seconds((TERM_DAYS - 50) * DAY_SECONDS);
    let later = files(app).await;
    hand_over(app, "default", &later).await.ok();
    app.run_jobs().await;
    let letters = warnings(app).await;
    assert!(letters.iter().all(|letter| !letter.text.contains("/consola/e/colibri-azul")), "{letters:?}");
    assert!(!letters.is_empty(), "the other company has no other");
    let numbers: Vec<String> =
        app.operator().await.issuer("default").await.certificates.into_iter().map(|c| c.certificate_number).collect();
    assert_eq!(numbers.len(), 2);
});

/// How many secrets a demo begins with.
const UNDER_THE_KEY: &str = "SELECT (SELECT COUNT(*) FROM csds) + (SELECT COUNT(*) FROM second_factors) + \
                             (SELECT COUNT(*) FROM till_keys)";

on_both!(k5_another_master_key_takes_everything_over_and_a_stop_half_way_loses_nothing, |app| {
    let (folder, ids, now) = (&app.app.config.data_dir, &app.app.ids, app.app.now());
    let sealed = app.database.count(UNDER_THE_KEY).await;
    assert!(sealed >= 5, "two companies, two of the staff and a till");
    let unfinished = |opened: Result<Vault, VaultError>| matches!(opened, Err(VaultError::ChangeUnfinished));
    // Stopped when the next key was made, and nothing was under it.
    drop(KeyChange::open(folder, ids).unwrap());
    assert!(unfinished(Vault::open(folder, ids)));
    // Stopped when everything was under it, and it was not in its place.
    let keys = KeyChange::open(folder, ids).unwrap();
    assert_eq!(i64::try_from(master_key::put_under(&app.app.db, &keys, now).await.unwrap()).unwrap(), sealed);
    drop(keys);
    assert!(unfinished(Vault::open(folder, ids)));
    // It goes on.
    let keys = KeyChange::open(folder, ids).unwrap();
    assert_eq!(master_key::put_under(&app.app.db, &keys, now).await.unwrap(), 0);
    let before = keys.finish().unwrap();
    assert!(folder.join(&before).exists(), "backups of before open with it alone");
    let vault = Arc::new(Vault::open(folder, ids).unwrap());
    assert!(custody::unopened(&vault, &mut app.app.db.read().await.unwrap(), now).await.unwrap().is_empty());
    let restarted = App { vault, ..app.app.clone() };
    let (scope, _) = service::scope_of_slug(&restarted, DEFAULT_SLUG).await.unwrap().unwrap();
    custody::signer(&restarted, scope, now).await.unwrap();
    // What is sealed says which key it is under.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(folder.join(&before), elsewhere.path().join("master.key")).unwrap();
    let old = Arc::new(Vault::open(elsewhere.path(), ids).unwrap());
    let closed = custody::signer(&App { vault: old, ..app.app.clone() }, scope, now).await;
    assert!(matches!(closed, Err(CustodyError::Sealed { source: VaultError::OtherMasterKey, .. })));
});
