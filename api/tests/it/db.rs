//! The database room on both engines.
use std::collections::BTreeSet;

use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::on_both;

on_both!(a_claimed_job_is_not_claimed_twice, |app| {
    let now = app.app.clock.now();
    let mut tx = app.app.db.begin().await.unwrap();
    for n in 0..50_u128 {
        let subject = uuid::Uuid::from_u128(n);
        api::jobs::enqueue(&mut tx, &app.app.ids, api::jobs::JobKind::Stamp, subject, now).await.unwrap();
    }
    tx.commit().await.unwrap();
    let runs: Vec<u32> = futures::future::join_all(
        (0..4).map(|_| async { api::jobs::run_due(&app.app, api::ops::start::dispatch).await.unwrap() }),
    )
    .await;
    assert_eq!(runs.iter().sum::<u32>(), 50, "{runs:?}");
});

on_both!(the_audit_log_only_grows, |app| {
    let ticket = app.ticket(0).await;
    app.browser().invoice_ticket(&ticket, "k-1").await.ok();
    let report = api::audit::verify(&mut app.app.db.read().await.unwrap()).await.unwrap();
    assert!(report.entries >= 2 && report.broken.is_none());
    let tx = app.app.db.begin().await.unwrap();
    drop(tx);
});

/// Table, column, nullable: the twin migrations agree.
#[tokio::test]
async fn both_schemas_have_the_same_columns() {
    let folder = tempfile::tempdir().unwrap();
    let mut columns = Vec::new();
    for engine in [crate::support::Engine::Sqlite, crate::support::Engine::Postgres] {
        let database = crate::support::Database::make(engine, folder.path()).await;
        let db = api::db::Db::open(&database.url).await.unwrap();
        db.migrate().await.unwrap();
        db.close().await;
        let found: BTreeSet<(String, String, bool)> = match engine {
            crate::support::Engine::Sqlite => {
                let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
                sqlx::query_as(
                    "SELECT m.name, p.name, p.\"notnull\" = 0 FROM sqlite_master m JOIN pragma_table_info(m.name) p \
                     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations'",
                )
                .fetch_all(&mut conn)
                .await
                .unwrap()
                .into_iter()
                .collect()
            }
            crate::support::Engine::Postgres => {
                let mut conn = PgConnection::connect(&database.url).await.unwrap();
                sqlx::query_as(
                    "SELECT table_name::text, column_name::text, is_nullable = 'YES' FROM information_schema.columns \
                     WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
                )
                .fetch_all(&mut conn)
                .await
                .unwrap()
                .into_iter()
                .collect()
            }
        };
        database.drop().await;
        columns.push(found);
    }
    assert!(columns[0].len() > 100);
    assert_eq!(columns[0], columns[1]);
}

/// The same files on both sides, one step each.
#[test]
fn every_migration_has_its_twin() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(engine);
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}
