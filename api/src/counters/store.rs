//! SQL of the counters.
use super::Count;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

type Row = (i64, Timestamp);

fn count((hits, window_started_at): Row) -> Count {
    Count { hits, window_started_at }
}

/// Hits of the window that began after `since`.
pub(super) async fn find(conn: &mut impl Conn, kind: &str, subject: &str, since: Timestamp) -> DbResult<Option<Count>> {
    let row: Option<Row> = on!(conn, ex => sqlx::query_as(
        "SELECT hits, window_started_at FROM security_counters \
         WHERE kind = $1 AND subject = $2 AND window_started_at > $3",
    ).bind(kind).bind(subject).bind(since).fetch_optional(ex).await)?;
    Ok(row.map(count))
}

/// Counts one more hit; a window that began before `since` begins again.
pub(super) async fn hit(tx: &mut Tx, kind: &str, subject: &str, since: Timestamp, now: Timestamp) -> DbResult<Count> {
    let row: Row = on!(tx, ex => sqlx::query_as(
        "INSERT INTO security_counters (kind, subject, window_started_at, hits) VALUES ($1, $2, $4, 1) \
         ON CONFLICT (kind, subject) DO UPDATE SET \
         hits = CASE WHEN security_counters.window_started_at > $3 THEN security_counters.hits + 1 ELSE 1 END, \
         window_started_at = CASE WHEN security_counters.window_started_at > $3 \
         THEN security_counters.window_started_at ELSE $4 END RETURNING hits, window_started_at",
    ).bind(kind).bind(subject).bind(since).bind(now).fetch_one(ex).await)?;
    Ok(count(row))
}

/// One hit less.
pub(super) async fn take_back(tx: &mut Tx, kind: &str, subject: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE security_counters SET hits = hits - 1 WHERE kind = $1 AND subject = $2 AND hits > 0",
    ).bind(kind).bind(subject).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// No hits.
pub(super) async fn clear(tx: &mut Tx, kind: &str, subject: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM security_counters WHERE kind = $1 AND subject = $2")
        .bind(kind).bind(subject).execute(ex).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn delete_older(tx: &mut Tx, older_than: Timestamp, endless: [&str; 2], limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM security_counters WHERE (kind, subject) IN (SELECT kind, subject FROM security_counters \
         WHERE window_started_at < $1 AND kind NOT IN ($3, $4) ORDER BY window_started_at LIMIT $2)",
    ).bind(older_than).bind(limit).bind(endless[0]).bind(endless[1]).execute(ex).await.map(|done| done.rows_affected()))?)
}
