//! The audit log on both engines: it only grows, and verification names the first broken link.
use api::App;
use api::audit::{Actor, AuditReport, BrokenLink, Entry, LinkFault, record, verify};
use serde_json::json;
use sqlx::{Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::support::{TestApp, on_both};

/// An issuer of this test alone. Its chain sorts before those of the demo.
const ISSUER: Uuid = Uuid::from_u128(0xa1);
const CHAIN: &str = "00000000-0000-0000-0000-0000000000a1";

/// Statements as somebody with the database's password would type them.
pub async fn by_hand(app: &App, sql: &'static str) -> sqlx::Result<()> {
    let url = app.config.database_url();
    if app.db.is_sqlite() {
        let mut conn = SqliteConnection::connect(&url).await?;
        sqlx::raw_sql(sql).execute(&mut conn).await?;
        conn.close().await
    } else {
        let mut conn = PgConnection::connect(&url).await?;
        sqlx::raw_sql(sql).execute(&mut conn).await?;
        conn.close().await
    }
}

async fn write(app: &App, issuer_id: Option<Uuid>, object_id: &str) {
    let mut tx = app.db.begin().await.unwrap();
    let entry = Entry {
        actor: Actor::Guest,
        on_behalf_of: Some("somebody"),
        issuer_id,
        act: "thing.changed",
        object_kind: "thing",
        object_id,
        before: Some(json!({ "name": "Peña", "n": 1 })),
        after: None,
        request_id: Some("r-1"),
    };
    record(&mut tx, app.now(), entry).await.unwrap();
    tx.commit().await.unwrap();
}

async fn walk(app: &TestApp) -> AuditReport {
    verify(&mut app.app.db.read().await.unwrap()).await.unwrap()
}

on_both!(each_issuer_has_a_chain_and_so_has_the_installation, |app| {
    let before = walk(app).await;
    assert_eq!(before.broken, None);
    for n in 0..3 {
        write(&app.app, Some(ISSUER), &n.to_string()).await;
        write(&app.app, Some(Uuid::from_u128(0xa2)), &n.to_string()).await;
    }
    let after = walk(app).await;
    assert_eq!(after, AuditReport { chains: before.chains + 2, entries: before.entries + 6, broken: None });
    write(&app.app, None, "installation").await;
    assert_eq!(walk(app).await.entries, after.entries + 1);
});

on_both!(an_act_that_is_rolled_back_leaves_no_entry_and_no_gap, |app| {
    write(&app.app, Some(ISSUER), "1").await;
    let before = walk(app).await;
    let mut tx = app.app.db.begin().await.unwrap();
    let entry = Entry {
        actor: Actor::System,
        on_behalf_of: None,
        issuer_id: Some(ISSUER),
        act: "thing.changed",
        object_kind: "thing",
        object_id: "2",
        before: None,
        after: None,
        request_id: None,
    };
    record(&mut tx, app.app.now(), entry).await.unwrap();
    drop(tx);
    assert_eq!(walk(app).await, before);
    write(&app.app, Some(ISSUER), "3").await;
    assert_eq!(walk(app).await, AuditReport { entries: before.entries + 1, ..before });
});

on_both!(writers_at_once_make_one_chain_longer_than_a_page, |app| {
    let before = walk(app).await.entries;
    futures::future::join_all((0..6).map(|_| async {
        for n in 0..36 {
            write(&app.app, Some(ISSUER), &n.to_string()).await;
        }
    }))
    .await;
    let report = walk(app).await;
    assert_eq!((report.entries - before, report.broken), (216, None));
});

on_both!(entries_can_be_neither_changed_nor_deleted, |app| {
    write(&app.app, Some(ISSUER), "1").await;
    for sql in ["UPDATE audit_log SET actor = 'system'", "DELETE FROM audit_log"] {
        let refused = by_hand(&app.app, sql).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{sql}: {refused}");
    }
});

const DISARM_SQLITE: &str = "DROP TRIGGER audit_log_no_update; DROP TRIGGER audit_log_no_delete;";
const DISARM_POSTGRES: &str = "DROP TRIGGER audit_log_no_change ON audit_log;";
const COPY: &str = "CREATE TABLE log_copy AS SELECT * FROM audit_log; \
     CREATE TABLE heads_copy AS SELECT * FROM audit_chains;";
const PUT_BACK: &str = "DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM log_copy; \
     DELETE FROM audit_chains; INSERT INTO audit_chains SELECT * FROM heads_copy;";

/// What somebody does behind our back to the test's chain of five, and what is then said of which entry.
const TAMPERINGS: [(&str, i64, LinkFault); 9] = [
    (
        "UPDATE audit_log SET actor = 'system' WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 3",
        3,
        LinkFault::Altered,
    ),
    (
        "UPDATE audit_log SET before_json = NULL WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 1",
        1,
        LinkFault::Altered,
    ),
    (
        "UPDATE audit_log SET previous_hash = hash WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 4",
        4,
        LinkFault::Detached,
    ),
    ("DELETE FROM audit_log WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 2", 2, LinkFault::Missing),
    ("DELETE FROM audit_log WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 5", 5, LinkFault::Missing),
    ("DELETE FROM audit_log WHERE chain = '00000000-0000-0000-0000-0000000000a1'", 1, LinkFault::Missing),
    (
        "UPDATE audit_chains SET last_seq = 4 WHERE chain = '00000000-0000-0000-0000-0000000000a1'",
        4,
        LinkFault::NotTheHead,
    ),
    (
        "UPDATE audit_chains SET last_seq = 4, last_hash = (SELECT hash FROM audit_log \
        WHERE chain = '00000000-0000-0000-0000-0000000000a1' AND seq = 4) \
        WHERE chain = '00000000-0000-0000-0000-0000000000a1'",
        5,
        LinkFault::BeyondHead,
    ),
    ("DELETE FROM audit_chains WHERE chain = '00000000-0000-0000-0000-0000000000a1'", 1, LinkFault::BeyondHead),
];

on_both!(the_first_broken_link_is_named, |app| {
    for n in 0..5 {
        write(&app.app, Some(ISSUER), &n.to_string()).await;
    }
    let disarm = if app.app.db.is_sqlite() { DISARM_SQLITE } else { DISARM_POSTGRES };
    by_hand(&app.app, disarm).await.unwrap();
    by_hand(&app.app, COPY).await.unwrap();
    for (sql, seq, fault) in TAMPERINGS {
        by_hand(&app.app, sql).await.unwrap();
        let found = walk(app).await.broken;
        assert_eq!(found, Some(BrokenLink { chain: CHAIN.into(), seq, fault }), "{sql}");
        by_hand(&app.app, PUT_BACK).await.unwrap();
        assert_eq!(walk(app).await.broken, None, "put back after {sql}");
    }
});
