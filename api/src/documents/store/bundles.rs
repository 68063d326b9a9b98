//! SQL of files that are made in the background.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// A file, as kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BundleRow {
    /// Its id.
    pub id: Uuid,
    /// Who ordered it.
    pub user_id: Uuid,
    /// For whom.
    pub customer_id: Uuid,
    /// What, as JSON.
    pub wanted: String,
    /// What it is called.
    pub file_name: String,
    /// How far it is.
    pub state: String,
    /// Documents in it.
    pub documents: i64,
    /// Those of them that are in it.
    pub done: i64,
    /// Its length.
    pub bytes: Option<i64>,
    /// How far of each feed it goes, as JSON.
    pub reaches: String,
    /// Who made it, makes it, or made the one before: the file's name has it.
    pub worker_id: Option<Uuid>,
    /// When whoever makes it last said so.
    pub worked_at: Option<Timestamp>,
    /// When it was ordered.
    pub created_at: Timestamp,
    /// When it was first there, or failed: one that is made anew was told of then.
    pub ended_at: Option<Timestamp>,
    /// Until when it is kept.
    pub expires_at: Timestamp,
}

const SELECT: &str = "SELECT id, user_id, customer_id, wanted, file_name, state, documents, done, bytes, reaches, \
     worker_id, worked_at, created_at, ended_at, expires_at FROM document_bundles WHERE ";

/// Keeps an order.
pub async fn insert(tx: &mut Tx, row: &BundleRow) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO document_bundles (id, user_id, customer_id, wanted, file_name, state, documents, done, reaches, \
         created_at, expires_at) VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $8, $9)",
    ).bind(row.id).bind(row.user_id).bind(row.customer_id).bind(&row.wanted).bind(&row.file_name).bind(row.documents)
        .bind(&row.reaches).bind(row.created_at).bind(row.expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An order, for the queue, whose rows carry only its id.
pub async fn find_any(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<BundleRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id).build_query_as().fetch_optional(ex).await
    })?)
}

/// A person's own order for a customer.
pub async fn find(conn: &mut impl Conn, (user_id, customer_id): (Uuid, Uuid), id: Uuid) -> DbResult<Option<BundleRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id).push(" AND user_id = ").push_bind(user_id);
        sql.push(" AND customer_id = ").push_bind(customer_id).build_query_as().fetch_optional(ex).await
    })?)
}

/// A person's orders for a customer that are kept, the newest first.
pub async fn list(
    conn: &mut impl Conn,
    (user_id, customer_id): (Uuid, Uuid),
    now: Timestamp,
    limit: i64,
) -> DbResult<Vec<BundleRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("user_id = ").push_bind(user_id).push(" AND customer_id = ").push_bind(customer_id);
        sql.push(" AND expires_at > ").push_bind(now).push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Files that somebody is making now.
pub async fn count_working(conn: &mut impl Conn, alive_since: Timestamp) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM document_bundles WHERE state = 'working' AND worked_at >= $1",
    ).bind(alive_since).fetch_one(ex).await)?)
}

/// Takes the work away from whoever has been silent since this moment. `false`: nobody was.
pub async fn mark_silent(tx: &mut Tx, id: Uuid, alive_since: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET state = 'waiting', done = 0 WHERE id = $1 AND state = 'working' AND worked_at < $2",
    ).bind(id).bind(alive_since).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Lays the work down: another maker has it later. `false`: it is somebody else's.
pub async fn mark_waiting(tx: &mut Tx, id: Uuid, worker_id: Uuid) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET state = 'waiting', done = 0 WHERE id = $1 AND worker_id = $2 AND state = 'working'",
    ).bind(id).bind(worker_id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Takes the work that nobody has, after this maker's. `false`: somebody has it by now.
pub async fn claim(tx: &mut Tx, id: Uuid, (worker_id, before): (Uuid, Option<Uuid>), now: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET state = 'working', worker_id = $2, worked_at = $3, done = 0 WHERE id = $1 \
         AND state = 'waiting' AND worker_id IS NOT DISTINCT FROM $4",
    ).bind(id).bind(worker_id).bind(now).bind(before).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Says that the work goes on. `false`: it is somebody else's, or nobody wants it any more.
pub async fn mark_progress(tx: &mut Tx, id: Uuid, worker_id: Uuid, done: i64, now: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET done = $3, worked_at = $4 WHERE id = $1 AND worker_id = $2 AND state = 'working' \
         AND expires_at > $4",
    ).bind(id).bind(worker_id).bind(done).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// The file is there: until this moment the first time, until the same moment as before when it was made anew. `false`: the work is somebody else's, or nobody wants it any more.
pub async fn mark_ready(
    tx: &mut Tx,
    id: Uuid,
    worker_id: Uuid,
    (documents, bytes): (i64, i64),
    (now, expires_at): (Timestamp, Timestamp),
) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET state = 'ready', done = $3, documents = $3, bytes = $4, \
         ended_at = COALESCE(ended_at, $5), expires_at = CASE WHEN ended_at IS NULL THEN $6 ELSE expires_at END WHERE id = $1 AND worker_id = $2 AND state = 'working' AND expires_at > $5",
    ).bind(id).bind(worker_id).bind(documents).bind(bytes).bind(now).bind(expires_at)
        .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// It could not be made.
pub async fn mark_failed(tx: &mut Tx, id: Uuid, worker_id: Uuid, now: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET state = 'failed', ended_at = $3 \
         WHERE id = $1 AND worker_id = $2 AND state = 'working'",
    ).bind(id).bind(worker_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Has a customer's files made anew, whatever is in them; gives which.
pub async fn mark_stale(tx: &mut Tx, customer_id: Uuid) -> DbResult<Vec<Uuid>> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "UPDATE document_bundles SET state = 'waiting', done = 0, bytes = NULL \
         WHERE customer_id = $1 AND state IN ('working', 'ready') RETURNING id",
    ).bind(customer_id).fetch_all(ex).await)?)
}

/// Lets go of an order from now on. `false`: there is none such.
pub async fn mark_expired(
    tx: &mut Tx,
    (user_id, customer_id): (Uuid, Uuid),
    id: Uuid,
    now: Timestamp,
) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_bundles SET expires_at = $4 WHERE id = $1 AND user_id = $2 \
         AND customer_id = $3 AND expires_at > $4",
    ).bind(id).bind(user_id).bind(customer_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Deletes an order whose file is gone.
pub async fn delete(tx: &mut Tx, id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM document_bundles WHERE id = $1").bind(id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Deletes at most `limit` orders whose time was over before a moment: those that their own work did not delete.
pub async fn delete_old(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM document_bundles WHERE id IN (SELECT id FROM document_bundles WHERE expires_at < $1 LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
