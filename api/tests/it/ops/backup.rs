//! `ventanilla backup` and `restore`: one moment of everything in a file, and back onto either engine.
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::path::Path;

use api::ops::backup::Manifest;
use api::ops::backup::tables::{Kind, MADE_AGAIN, TABLES};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use shared::ProblemCode;
use shared::billing::InvoiceView;
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::{Ran, beside, config_file, ventanilla};
use crate::audit::by_hand;
use crate::support::{Database, Engine, Reply, TestApp, on_both, order};

/// The text of every file in an archive.
pub(super) fn texts(archive: &Path) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(archive).unwrap()).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut text_of = |name: &String| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    names.iter().map(|name| (name.clone(), text_of(name))).collect()
}

fn manifest(archive: &Path) -> Manifest {
    serde_json::from_str(&texts(archive)["manifest.json"]).unwrap()
}

/// The rows of an archive, without the moment it was taken at.
fn rows(archive: &Path) -> BTreeMap<String, String> {
    let mut texts = texts(archive);
    texts.remove("manifest.json");
    texts
}

/// A house with every kind of row that a guest can cause. Gives an order, and what it was answered under `k-1`.
async fn busy(app: &TestApp) -> (Value, Reply) {
    let browser = app.browser();
    let ticket = app.ticket(0).await;
    let asked = order(&ticket, &browser.claim(&ticket).await, "QUIA850712AA1");
    let answered = browser.invoice(&asked, "k-1").await.ok();
    app.run_jobs().await;
    let ticket = app.ticket(1).await;
    let claim = browser.claim(&ticket).await;
    let waiting = browser.invoice(&order(&ticket, &claim, "CAI010101003"), "k-2").await;
    assert_eq!(waiting.status, 202);
    let mut wrong = crate::support::data_of(&app.ticket(2).await);
    wrong["total"] = serde_json::json!("1.23");
    browser.post("/api/v1/issuers/default/ticket-claims", &wrong).await.problem(ProblemCode::TicketNotFound);
    (asked, answered)
}

/// The data folder without its databases: master key, session key, the rehearsal's test authority.
fn copy_keys(from: &Path, to: &Path) {
    for kept in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(kept.file_name());
        if kept.path().is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_keys(&kept.path(), &target);
        } else if !kept.file_name().to_string_lossy().contains(".db") {
            std::fs::copy(kept.path(), target).unwrap();
        }
    }
}

pub(super) async fn backup_of(app: &TestApp, file: &Path) -> Ran {
    beside(&app.app, &["backup", file.to_str().unwrap()]).await
}

/// Restores into a database, in a data folder of its own.
async fn restore_into(folder: &Path, url: &str, file: &Path, more: &[&str]) -> Ran {
    let data_dir = folder.join("restored");
    std::fs::create_dir_all(&data_dir).unwrap();
    let config = config_file(folder, &data_dir, url, "");
    let mut args = vec!["restore".to_owned(), file.to_str().unwrap().to_owned(), "--config".to_owned()];
    args.push(config.to_str().unwrap().to_owned());
    args.extend(more.iter().map(ToString::to_string));
    ventanilla(args).await
}

async fn backup_at(folder: &Path, url: &str, file: &Path) -> Ran {
    let config = config_file(folder, folder, url, "");
    let args = ["backup", file.to_str().unwrap(), "--config", config.to_str().unwrap()];
    ventanilla(args.map(str::to_owned).to_vec()).await
}

on_both!(what_goes_over_to_the_other_engine_and_back_is_the_same, |app| {
    busy(app).await;
    let folder = tempfile::tempdir().unwrap();
    let first = folder.path().join("first.zip");
    let ran = backup_of(app, &first).await;
    assert!(ran.good, "{ran:?}");
    let mut file = first.clone();
    let (here, there) =
        if app.app.db.is_sqlite() { (Engine::Sqlite, Engine::Postgres) } else { (Engine::Postgres, Engine::Sqlite) };
    for (name, engine) in [("second", there), ("third", here)] {
        let stage = folder.path().join(name);
        std::fs::create_dir(&stage).unwrap();
        let database = Database::make(engine, &stage).await;
        let ran = restore_into(&stage, &database.url, &file, &[]).await;
        assert!(ran.good, "{ran:?}");
        assert!(ran.out.contains("promises hold"), "{}", ran.out);
        file = folder.path().join(format!("{name}.zip"));
        let ran = backup_at(&stage, &database.url, &file).await;
        assert!(ran.good, "{ran:?}");
        assert_eq!(rows(&first), rows(&file), "{name}");
        database.drop().await;
    }
    let filled = manifest(&first).tables.into_iter().filter(|table| table.rows > 0);
    let kinds: Vec<Kind> = filled.flat_map(|table| table.columns).map(|(_, kind)| kind).collect();
    let all = [Kind::Id, Kind::Text, Kind::Int, Kind::Bool, Kind::Time, Kind::Json, Kind::Bytes];
    assert!(all.iter().all(|kind| kinds.contains(kind)), "a kind of column without rows proves nothing");
});

on_both!(threat_k1_a_restored_house_goes_on_but_does_not_seal_without_its_master_key, |app| {
    let (asked, answered) = busy(app).await;
    let id = answered.json::<InvoiceView>().id;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    assert!(backup_of(app, &file).await.good);
    let engine = if app.app.db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };

    let data_dir = tempfile::tempdir().unwrap();
    let database = Database::make(engine, data_dir.path()).await;
    let ran = restore_into(folder.path(), &database.url, &file, &[]).await;
    assert!(ran.good && ran.out.contains("sealing keys: not tried: there is no master key"), "{ran:?}");
    let restored = TestApp::start_over(data_dir, database).await;
    let browser = restored.browser();
    let replayed = browser.invoice(&asked, "k-1").await;
    assert_eq!((replayed.status, &replayed.body), (answered.status, &answered.body), "an answer is kept");
    let xml = browser.get(&format!("/api/v1/invoices/{id}/xml")).await.ok();
    assert!(texts(&file)["tables/documents.ndjson"].contains(&STANDARD.encode(&xml.body)));
    browser.get(&format!("/api/v1/invoices/{id}/pdf")).await.ok();
    let ticket = restored.ticket(0).await;
    let claim = browser.claim(&ticket).await;
    browser.invoice(&order(&ticket, &claim, "QUIA850712AA1"), "k-9").await.problem(ProblemCode::IssuerNotReady);
    browser.look_up(&ticket).await.ok();
    restored.finish().await;

    // With it, it seals again, and the next folio is one that was never given.
    let data_dir = tempfile::tempdir().unwrap();
    copy_keys(&app.app.config.data_dir, data_dir.path());
    let database = Database::make(engine, data_dir.path()).await;
    let stage = tempfile::tempdir().unwrap();
    let ran = restore_into(stage.path(), &database.url, &file, &["--skip-folios", "100"]).await;
    assert!(ran.good, "{ran:?}");
    let restored = TestApp::start_over(data_dir, database).await;
    let again: InvoiceView = restored.browser().invoice_ticket(&restored.ticket(0).await, "k-9").await.ok().json();
    assert!(again.folio.parse::<i64>().unwrap() > 100, "{}", again.folio);
    restored.finish().await;
});

on_both!(a_database_that_has_rows_is_left_alone, |app| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    assert!(backup_of(app, &file).await.good);
    let before = app.ticket(0).await;
    // On SQLite the running house holds the lock; elsewhere its rows do.
    let ran = beside(&app.app, &["restore", file.to_str().unwrap()]).await;
    assert!(!ran.good);
    let told = if app.app.db.is_sqlite() { "another ventanilla is using" } else { "the database is not empty" };
    assert!(ran.err.contains(told), "{}", ran.err);
    let url = app.app.config.database_url();
    let ran = restore_into(folder.path(), &url, &file, &[]).await;
    assert!(ran.err.contains("the database is not empty"), "{}", ran.err);
    assert_eq!(app.ticket(0).await.ticket_number, before.ticket_number);
});

/// Another text in the place of one.
type Change = fn(String) -> String;

/// An archive with one text changed.
fn tampered(archive: &Path, name: &str, change: Change) -> std::path::PathBuf {
    let made = archive.with_extension("tampered.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&made).unwrap());
    for (entry, text) in texts(archive) {
        zip.start_file(&entry, zip::write::SimpleFileOptions::default()).unwrap();
        let text = if entry == name { change(text) } else { text };
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    made
}

on_both!(a_damaged_backup_restores_nothing, |app| {
    busy(app).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    assert!(backup_of(app, &file).await.good);
    let engine = if app.app.db.is_sqlite() { Engine::Sqlite } else { Engine::Postgres };
    let stage = folder.path().join("stage");
    std::fs::create_dir(&stage).unwrap();
    let database = Database::make(engine, &stage).await;
    let tickets = "tables/tickets.ndjson";
    let cases: [(&str, Change, &str); 5] = [
        (tickets, |text| text.replacen("\"state\":\"open\"", "\"state\":\"cancelled\"", 1), "SHA-256"),
        (tickets, |text| text.split_once('\n').unwrap().1.to_owned(), "and the manifest says"),
        (tickets, |text| text.trim_end().to_owned(), "a line has no end"),
        ("manifest.json", |text| text.replace("\"format\": 2", "\"format\": 3"), "has format 3"),
        ("manifest.json", |text| text.replace("\"schema\": ", "\"schema\": 9"), "restore it with that version"),
    ];
    for (name, change, told) in cases {
        let ran = restore_into(&stage, &database.url, &tampered(&file, name, change), &[]).await;
        assert!(!ran.good && ran.err.contains(told), "{told}: {ran:?}");
    }
    let cut = folder.path().join("cut.zip");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let ran = restore_into(&stage, &database.url, &cut, &[]).await;
    assert!(!ran.good && ran.err.contains("no backup, or damaged"), "{ran:?}");
    // After all of them the place is still free.
    let ran = restore_into(&stage, &database.url, &file, &[]).await;
    assert!(ran.good, "{ran:?}");
    database.drop().await;
});

on_both!(a_backup_is_whole_or_absent, |app| {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    let part = folder.path().join("backup.zip.part");
    // What a killed backup leaves.
    std::fs::write(&part, vec![b'x'; 4_000_000]).unwrap();
    assert!(backup_of(app, &file).await.good);
    assert!(!part.exists());
    let whole = std::fs::read(&file).unwrap();
    let again = backup_of(app, &file).await;
    assert!(!again.good && again.err.contains("is there already"), "{again:?}");
    assert_eq!(std::fs::read(&file).unwrap(), whole);
    // A backup that cannot be finished leaves nothing under any name.
    by_hand(&app.app, "ALTER TABLE installation RENAME TO elsewhere").await.unwrap();
    let other = folder.path().join("other.zip");
    let failed = backup_of(app, &other).await;
    by_hand(&app.app, "ALTER TABLE elsewhere RENAME TO installation").await.unwrap();
    assert!(!failed.good && failed.err.contains("reading table installation"), "{failed:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
});

on_both!(o6_a_backup_shows_one_moment_and_holds_no_key, |app| {
    use std::os::unix::fs::PermissionsExt;

    busy(app).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.zip");
    let writing = async {
        for n in 0..6 {
            app.browser().invoice_ticket(&app.ticket(3 + n).await, &format!("w-{n}")).await.ok();
        }
    };
    let (ran, ()) = tokio::join!(backup_of(app, &file), writing);
    assert!(ran.good, "{ran:?}");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let engine = if app.app.db.is_sqlite() { Engine::Postgres } else { Engine::Sqlite };
    let database = Database::make(engine, folder.path()).await;
    let ran = restore_into(folder.path(), &database.url, &file, &[]).await;
    assert!(ran.good && ran.out.contains("promises hold"), "{ran:?}");
    database.drop().await;

    let master = std::fs::read(app.app.config.data_dir.join("master.key")).unwrap();
    let held = texts(&file).into_values().collect::<String>();
    assert!(!held.contains(&STANDARD.encode(&master)) && !held.contains(&hex::encode(&master)));
    assert!(!held.contains("PRIVATE KEY"));
});

/// The list has every table and column of the schema, each with the type it has there, on both engines.
#[tokio::test]
async fn every_table_and_column_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let database = Database::make(engine, folder.path()).await;
        let db = api::db::Db::open(&database.url).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let (found, type_of): (_, fn(Kind) -> &'static str) = match engine {
            Engine::Sqlite => (sqlite_columns(&database.url).await, sqlite_type),
            Engine::Postgres => (postgres_columns(&database.url).await, postgres_type),
        };
        database.drop().await;
        let found: BTreeSet<(String, String, String)> = found.into_iter().collect();
        let listed: BTreeSet<(String, String, String)> = TABLES
            .iter()
            .flat_map(|table| {
                table.columns.iter().map(|it| (table.name.into(), it.name.into(), type_of(it.kind).into()))
            })
            .collect();
        let forgotten: Vec<_> =
            found.difference(&listed).filter(|(table, ..)| !MADE_AGAIN.contains(&table.as_str())).collect();
        let invented: Vec<_> = listed.difference(&found).collect();
        assert!(
            forgotten.is_empty() && invented.is_empty(),
            "ops/backup/tables.rs is not the schema of {engine:?}: it forgets {forgotten:?} and invents {invented:?}"
        );
    }
}

fn postgres_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id => "uuid",
        Kind::Text => "text",
        Kind::Int => "bigint",
        Kind::Bool => "boolean",
        Kind::Time => "timestamp with time zone",
        Kind::Json => "jsonb",
        Kind::Bytes => "bytea",
    }
}

fn sqlite_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Id | Kind::Bytes => "BLOB",
        Kind::Text | Kind::Time | Kind::Json => "TEXT",
        Kind::Int | Kind::Bool => "INTEGER",
    }
}

async fn sqlite_columns(url: &str) -> Vec<(String, String, String)> {
    let mut conn = SqliteConnection::connect(url).await.unwrap();
    sqlx::query_as(
        "SELECT m.name, p.name, p.type FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

async fn postgres_columns(url: &str) -> Vec<(String, String, String)> {
    let mut conn = PgConnection::connect(url).await.unwrap();
    sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
         WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap()
}

/// Rows are read by the primary key, and parents are put back before those that refer to them.
#[tokio::test]
async fn keys_and_order_are_those_of_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::make(Engine::Sqlite, folder.path()).await;
    let db = api::db::Db::open(&database.url).await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
    let keys: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p \
         WHERE m.type = 'table' AND p.pk > 0 AND m.name <> '_sqlx_migrations' ORDER BY m.name, p.pk",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let references: Vec<(String, String)> = sqlx::query_as(
        "SELECT m.name, f.\"table\" FROM sqlite_master AS m JOIN pragma_foreign_key_list(m.name) AS f \
         WHERE m.type = 'table'",
    )
    .fetch_all(&mut conn)
    .await
    .unwrap();
    let place = |name: &str| TABLES.iter().position(|table| table.name == name).unwrap();
    for table in TABLES {
        let key: Vec<&str> = keys.iter().filter(|(name, _)| name == table.name).map(|(_, key)| key.as_str()).collect();
        assert_eq!(key, table.key, "{}", table.name);
    }
    assert!(references.len() > 10);
    for (child, parent) in references {
        assert!(place(&parent) < place(&child), "{parent} comes before {child}");
    }
}
