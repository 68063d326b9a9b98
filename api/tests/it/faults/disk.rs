//! F9, the disk is full: refused for a while, nothing half-stored, and on again without a restart. F13, the disk fails:
//! the process stops, and what it had acknowledged is there after the next start.
//!
//! A full SQLite is one that may have no more pages. Of a server of PostgreSQL no test can take the disk away, so a
//! trigger says what the server would say.
use std::process::{Command, Stdio};
use std::time::Duration;

use api::db::{Conn, Engine as Db};
use shared::ProblemCode;
use shared::billing::{InvoiceState, InvoiceView};

use super::house::House;
use super::{SIGABRT, answer, idle, tickets};
use crate::support::process::{Process, binary, eventually};
use crate::support::{Browser, Engine, TestApp, on_both, order};

/// Room on the disk, or none.
async fn disk_is_full(app: &TestApp, full: bool) {
    if !app.app.db.is_sqlite() {
        app.database
            .execute(if full {
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$; \
                 CREATE TRIGGER no_room_for_documents BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION no_room(); \
                 CREATE TRIGGER no_room_for_stamps BEFORE INSERT ON stamps FOR EACH ROW EXECUTE FUNCTION no_room();"
            } else {
                "DROP TRIGGER no_room_for_documents ON documents; DROP TRIGGER no_room_for_stamps ON stamps; \
                 DROP FUNCTION no_room();"
            })
            .await;
        return;
    }
    // The limit is one of the connection, and there is one that writes.
    let mut tx = app.app.db.begin().await.unwrap();
    let Db::Sqlite(conn) = tx.engine() else { panic!("SQLite") };
    // No smaller than what is there: so there is room for nothing more.
    let limit = if full { "PRAGMA max_page_count = 1" } else { "PRAGMA max_page_count = 1000000" };
    sqlx::query(limit).execute(conn).await.unwrap();
    tx.commit().await.unwrap();
}

/// Everything an invoice writes.
const ROWS: [&str; 6] = [
    "SELECT COUNT(*) FROM stamps",
    "SELECT COUNT(*) FROM documents",
    "SELECT COUNT(*) FROM idempotency_records",
    "SELECT COUNT(*) FROM letters",
    "SELECT CAST(COALESCE(SUM(last_folio), 0) AS BIGINT) FROM folios",
    "SELECT COUNT(*) FROM tickets WHERE state <> 'open'",
];

async fn rows(app: &TestApp) -> Vec<i64> {
    let mut rows = Vec::new();
    for sql in ROWS {
        rows.push(app.database.count(sql).await);
    }
    rows
}

/// On SQLite the file is whole; `verify` finds every promise kept on both.
async fn insist_on_a_sound_house(app: &TestApp) {
    if app.app.db.is_sqlite() {
        let faults = app.database.count("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
        assert_eq!(faults.await, 0);
    }
    let proofs = api::ops::verify::prove(&app.app.config, &app.app.db, app.app.now()).await.unwrap();
    assert!(proofs.iter().all(api::proof::Proof::holds), "{proofs:?}");
}

on_both!(f9_a_full_disk_refuses_for_a_while_and_keeps_nothing_half, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let before = rows(app).await;
    disk_is_full(app, true).await;
    for _ in 0..3 {
        if app.app.db.is_sqlite() {
            // Whoever meets the limit may leave with a connection of its own; the disk is as full as before.
            disk_is_full(app, true).await;
        }
        let busy = browser.invoice(&asked, "k-1").await;
        let problem = busy.problem(ProblemCode::Busy);
        assert_eq!(busy.headers["retry-after"], problem.retry_after_seconds.unwrap().to_string());
    }
    assert_eq!(rows(app).await, before);
    // Reading goes on.
    browser.look_up(&ticket).await.ok();
    browser.get("/health/ready").await.ok();
    insist_on_a_sound_house(app).await;
    disk_is_full(app, false).await;
    let invoice: InvoiceView = browser.invoice(&asked, "k-1").await.ok().json();
    assert_eq!(invoice.state, InvoiceState::Stamped);
    app.run_jobs().await;
    insist_on_a_sound_house(app).await;
});

on_both!(f9_a_disk_that_fills_while_the_pac_stamps_loses_no_stamp, |app| {
    let (browser, ticket) = (app.browser(), app.ticket(0).await);
    // The sandbox takes a second over it.
    let asked = order(&ticket, &browser.claim(&ticket).await, "LEN010101001");
    let filling = async {
        eventually("it is sealed", Duration::from_secs(20), async || {
            (app.database.count("SELECT COUNT(*) FROM stamps WHERE state = 'sealed'").await == 1).then_some(())
        })
        .await;
        disk_is_full(app, true).await;
    };
    let (reply, ()) = tokio::join!(browser.invoice(&asked, "k-1"), filling);
    reply.problem(ProblemCode::Busy);
    browser.invoice(&asked, "k-1").await.problem(ProblemCode::IdempotencyInFlight);
    disk_is_full(app, false).await;
    app.clock.advance_seconds(60);
    app.run_jobs().await;
    let again = browser.invoice(&asked, "k-1").await;
    let invoice: InvoiceView = again.ok().json();
    assert_eq!(invoice.state, InvoiceState::Stamped);
    assert_eq!(app.database.count("SELECT COUNT(*) FROM stamps WHERE state = 'sealed'").await, 0);
    insist_on_a_sound_house(app).await;
});

/// A server that may write no file beyond the size of its database: its log of changes reaches that size after some
/// invoices, and then a write fails.
fn serve_with_short_files(house: &House) -> Process {
    let blocks = std::fs::metadata(house.folder().join("test.db")).unwrap().len() / 512 + 16;
    let mut command = Command::new("sh");
    // Unasked, the signal of a file that is too long would end the process before the write could fail.
    let script = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    command.args(["-c", script, &blocks.to_string()]).arg(binary()).args(["serve", "--demo"]).stdin(Stdio::null());
    house.run(command)
}

/// Invoices until the server dies; gives what it had acknowledged.
async fn invoice_until_it_dies(
    browser: &Browser,
    server: &mut Process,
) -> Vec<(serde_json::Value, String, InvoiceView)> {
    let mut acknowledged = Vec::new();
    for (number, ticket) in (0..).zip(tickets(browser).await.into_iter().cycle()) {
        assert!(number < 400, "the disk does not fail");
        let Ok(claimed) = browser.try_look_up(&ticket).await else { break };
        if !claimed.status.is_success() {
            continue;
        }
        let claim = claimed.json::<serde_json::Value>()["claim"].as_str().unwrap().to_owned();
        let (asked, key) = (order(&ticket, &claim, "QUIA850712AA1"), format!("k-{number}"));
        match browser.try_invoice(&asked, &key).await {
            Ok(reply) if reply.status.is_success() => acknowledged.push((asked, key, reply.json())),
            Ok(reply) => panic!("{} {}", reply.status, reply.text()),
            Err(_died) => break,
        }
    }
    let end = server.ended().await;
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&end), Some(SIGABRT), "{end}:\n{}", server.tail());
    assert!(server.tail().contains("the disk failed under the database: stopping"), "{}", server.tail());
    acknowledged
}

async fn stops_on_a_failing_disk(engine: Engine) {
    let house = House::open(engine).await;
    let first = house.serve(None).await;
    first.process.stop().await;
    let mut server = match engine {
        Engine::Sqlite => serve_with_short_files(&house),
        Engine::Postgres => house.start(None),
    };
    let browser = Browser::new(&server.address().await);
    if engine == Engine::Postgres {
        let asked = tickets(&browser).await.swap_remove(1);
        browser.invoice_ticket(&asked, "before").await.ok();
        house
            .execute(
                "CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'could not read block' USING ERRCODE = '58030'; END $$; \
                 CREATE TRIGGER failing_disk BEFORE INSERT ON stamps FOR EACH ROW EXECUTE FUNCTION failing();",
            )
            .await;
    }
    let acknowledged = invoice_until_it_dies(&browser, &mut server).await;
    if engine == Engine::Postgres {
        house.execute("DROP TRIGGER failing_disk ON stamps; DROP FUNCTION failing();").await;
    }
    let server = house.serve(None).await;
    for (asked, key, invoice) in &acknowledged {
        let told: InvoiceView = answer(&server.browser(), asked, key).await.json();
        assert_eq!((told.id, told.folio_fiscal.as_ref()), (invoice.id, invoice.folio_fiscal.as_ref()));
    }
    idle(&house).await;
    server.process.stop().await;
    house.insist_on_every_promise();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_failing_disk_stops_the_process_on_sqlite() {
    stops_on_a_failing_disk(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f13_a_failing_disk_stops_the_process_on_postgres() {
    stops_on_a_failing_disk(Engine::Postgres).await;
}
