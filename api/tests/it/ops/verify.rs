//! `ventanilla verify`: what was promised holds, and what breaks it is named.
use api::ops::verify::prove;
use api::proof::Proof;
use shared::billing::{InvoiceState, InvoiceView};

use super::{beside, config_file, ventanilla};
use crate::audit::by_hand;
use crate::support::{TestApp, on_both, order};

/// A stamped invoice, a letter that waits, and an invoice that waits for a silent PAC.
async fn busy(app: &TestApp) {
    let browser = app.browser();
    browser.invoice_ticket(&app.ticket(0).await, "k-1").await.ok();
    let ticket = app.ticket(1).await;
    let claim = browser.claim(&ticket).await;
    let waiting: InvoiceView = browser.invoice(&order(&ticket, &claim, "CAI010101003"), "k-2").await.json();
    assert_eq!(waiting.state, InvoiceState::Waiting);
}

async fn broken(app: &TestApp) -> Vec<Proof> {
    let mut proofs = prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    proofs.retain(|proof| !proof.holds());
    proofs
}

on_both!(a_house_at_work_keeps_its_promises, |app| {
    busy(app).await;
    let ran = beside(&app.app, &["verify"]).await;
    assert!(ran.good, "{ran:?}");
    assert!(ran.out.contains("promises hold"), "{}", ran.out);
    assert!(!ran.out.contains("(0 examined, 0 broken)\nok      every invoice"), "{}", ran.out);
    app.clock.advance_seconds(3_700);
    app.run_jobs().await;
    assert_eq!(broken(app).await, [], "after the work was done");
});

/// What somebody does to the rows, how to undo it, and the promises that are then broken.
const DAMAGES: [(&str, &str, &[&str]); 11] = [
    (
        "UPDATE documents SET xml_sha256 = sealed_sha256 FROM stamps WHERE stamps.document_id = documents.id",
        "UPDATE documents SET xml_sha256 = xml_sha256_kept.xml_sha256 FROM xml_sha256_kept \
         WHERE xml_sha256_kept.id = documents.id",
        &["every document matches its SHA-256"],
    ),
    (
        "UPDATE tickets SET state = 'open' WHERE state = 'invoiced'",
        "UPDATE tickets SET state = 'invoiced' WHERE id IN (SELECT ticket_id FROM stamps WHERE state = 'stamped')",
        &["every invoice has its ticket in the right state"],
    ),
    (
        "UPDATE tickets SET state = 'invoiced' WHERE state = 'reserved'",
        "UPDATE tickets SET state = 'reserved' WHERE id IN (SELECT ticket_id FROM stamps WHERE state = 'sealed')",
        &["every invoiced or reserved ticket has its one invoice", "every invoice has its ticket in the right state"],
    ),
    (
        "UPDATE stamps SET sealed_sha256 = xml_sha256 FROM documents WHERE stamps.document_id = documents.id",
        "UPDATE stamps SET sealed_sha256 = sealed_kept.sealed_sha256 FROM sealed_kept WHERE sealed_kept.id = stamps.id",
        &["every sealed document matches its SHA-256"],
    ),
    (
        "DELETE FROM jobs WHERE kind = 'stamp'",
        "INSERT INTO jobs SELECT * FROM jobs_kept WHERE kind = 'stamp'",
        &["every invoice that waits for its stamp has its job"],
    ),
    (
        "DELETE FROM jobs WHERE kind = 'deliver_letter'",
        "INSERT INTO jobs SELECT * FROM jobs_kept WHERE kind = 'deliver_letter'",
        &["every letter that waits has its job"],
    ),
    (
        "UPDATE stamps SET total_minor = total_minor + 1",
        "UPDATE stamps SET total_minor = total_minor - 1",
        &["every stamped invoice has the document that was sealed, stamped"],
    ),
    (
        "UPDATE documents SET folio_fiscal = '00000000-0000-4000-8000-000000000000'",
        "UPDATE documents SET folio_fiscal = xml_sha256_kept.folio_fiscal FROM xml_sha256_kept \
         WHERE xml_sha256_kept.id = documents.id",
        &["every stamped invoice has the document that was sealed, stamped"],
    ),
    (
        "DELETE FROM letters",
        "INSERT INTO letters SELECT * FROM letters_kept",
        &["every stamped invoice was written about"],
    ),
    (
        "UPDATE folios SET last_folio = last_folio - 1",
        "UPDATE folios SET last_folio = last_folio + 1",
        &["no folio is given twice, now or later"],
    ),
    (
        "INSERT INTO idempotency_records (owner, key, request_sha256, created_at) \
         SELECT 'guest', 'forgotten', sealed_sha256, '2026-11-18T16:00:00.000000Z' FROM stamps WHERE state = 'sealed'",
        "DELETE FROM idempotency_records WHERE key = 'forgotten'",
        &["no answer is owed for more than an hour but to invoices that wait"],
    ),
];

const KEEP: &str = "CREATE TABLE xml_sha256_kept AS SELECT id, xml_sha256, folio_fiscal FROM documents; \
     CREATE TABLE sealed_kept AS SELECT id, sealed_sha256 FROM stamps; \
     CREATE TABLE jobs_kept AS SELECT * FROM jobs; CREATE TABLE letters_kept AS SELECT * FROM letters;";

on_both!(what_breaks_a_promise_is_named, |app| {
    busy(app).await;
    by_hand(&app.app, KEEP).await.unwrap();
    for (damage, undo, promises) in DAMAGES {
        // PostgreSQL does not read a text as an instant by itself inside a SELECT.
        let postgres = "INSERT INTO idempotency_records (owner, key, request_sha256, created_at) \
             SELECT 'guest', 'forgotten', sealed_sha256, TIMESTAMPTZ '2026-11-18T16:00:00Z' FROM stamps \
             WHERE state = 'sealed'";
        let wants_postgres = damage.starts_with("INSERT INTO idempotency") && !app.app.db.is_sqlite();
        by_hand(&app.app, if wants_postgres { postgres } else { damage }).await.unwrap();
        let found = broken(app).await;
        assert_eq!(found.iter().map(|proof| proof.promise).collect::<Vec<_>>(), promises, "{damage}: {found:?}");
        assert!(found.iter().all(|proof| !proof.named.is_empty()), "{found:?}");
        by_hand(&app.app, undo).await.unwrap();
        assert_eq!(broken(app).await, [], "undone: {undo}");
    }
});

on_both!(a_broken_promise_is_exit_1_and_a_list, |app| {
    busy(app).await;
    by_hand(&app.app, "UPDATE folios SET last_folio = 0; UPDATE audit_chains SET last_seq = last_seq - 1")
        .await
        .unwrap();
    let ran = beside(&app.app, &["verify"]).await;
    assert!(!ran.good);
    assert!(ran.out.contains("BROKEN  no folio is given twice, now or later"), "{}", ran.out);
    assert!(ran.out.contains("BROKEN  every audit chain is unbroken"), "{}", ran.out);
    assert!(ran.out.contains("its counter stands lower"), "{}", ran.out);
    assert!(ran.out.contains("2 of "), "{}", ran.out);
});

#[tokio::test]
async fn nothing_is_made_where_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let url = format!("sqlite:{}", data_dir.join("ventanilla.db").display());
    let config = config_file(folder.path(), &data_dir, &url, "");
    for command in ["verify", "doctor"] {
        let ran = ventanilla(vec![command.into(), "--config".into(), config.to_str().unwrap().into()]).await;
        assert!(!ran.good, "{command}");
        assert!(format!("{}{}", ran.out, ran.err).contains("opening the database"), "{ran:?}");
        assert!(!data_dir.exists(), "{command} made something");
    }
}
