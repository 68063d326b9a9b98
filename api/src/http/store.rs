//! SQL of this room: idempotency records.
use super::idempotency::Saved;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// A row of `idempotency_records`; the three of the answer are empty until it is finished.
#[derive(sqlx::FromRow)]
pub(super) struct RecordRow {
    pub request_sha256: Vec<u8>,
    pub status: Option<i64>,
    pub content_type: Option<String>,
    pub body: Option<Vec<u8>>,
}

/// The record of a key.
pub(super) async fn find(conn: &mut impl Conn, owner: &str, key: &str) -> DbResult<Option<RecordRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT request_sha256, status, content_type, body FROM idempotency_records WHERE owner = $1 AND key = $2",
    ).bind(owner).bind(key).fetch_optional(ex).await)?)
}

/// The record of a key, held until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, owner: &str, key: &str) -> DbResult<Option<RecordRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT request_sha256, status, content_type, body FROM idempotency_records WHERE owner = ",
        );
        sql.push_bind(owner).push(" AND key = ").push_bind(key).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// `false`: the key is taken.
pub(super) async fn insert(
    tx: &mut Tx,
    owner: &str,
    key: &str,
    request_sha256: &[u8],
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO idempotency_records (owner, key, request_sha256, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (owner, key) DO NOTHING",
    ).bind(owner).bind(key).bind(request_sha256).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// `false`: no open record.
pub(super) async fn mark_finished(tx: &mut Tx, owner: &str, key: &str, saved: &Saved) -> DbResult<bool> {
    let (status, content_type, body) = (i64::from(saved.status), saved.content_type.as_str(), saved.body.as_slice());
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE idempotency_records SET status = $3, content_type = $4, body = $5 \
         WHERE owner = $1 AND key = $2 AND status IS NULL",
    ).bind(owner).bind(key).bind(status).bind(content_type).bind(body)
        .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

pub(super) async fn delete(tx: &mut Tx, owner: &str, key: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM idempotency_records WHERE owner = $1 AND key = $2")
        .bind(owner).bind(key).execute(ex).await.map(drop))?;
    Ok(())
}

pub(super) async fn delete_older(tx: &mut Tx, older_than: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM idempotency_records WHERE (owner, key) IN (\
         SELECT owner, key FROM idempotency_records WHERE created_at < $1 ORDER BY created_at, owner, key LIMIT $2)",
    ).bind(older_than).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// A place in the records, by age.
pub(super) type RecordPlace = (Timestamp, String, String);

/// Unfinished records made before `before`, oldest first, after a place.
pub(super) async fn list_unfinished(
    conn: &mut impl Conn,
    before: Timestamp,
    after: Option<&RecordPlace>,
    limit: i64,
) -> DbResult<Vec<RecordPlace>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT created_at, owner, key FROM idempotency_records WHERE status IS NULL AND created_at < ",
        );
        sql.push_bind(before);
        if let Some((created_at, owner, key)) = after {
            sql.push(" AND (created_at, owner, key) > (").push_bind(*created_at);
            sql.push(", ").push_bind(owner).push(", ").push_bind(key).push(")");
        }
        sql.push(" ORDER BY created_at, owner, key LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
