//! SQL of what customers attach to payments.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Something attached, without its bytes. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AttachmentRow {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
    pub size_bytes: i64,
    pub created_at: Timestamp,
}

/// Something to attach.
#[derive(Debug)]
pub struct NewAttachment<'a> {
    pub id: Uuid,
    pub payment_id: Uuid,
    pub user_id: Uuid,
    pub name: &'a str,
    pub kind: &'static str,
    pub bytes: &'a [u8],
    pub sha256: &'a [u8],
}

/// Keeps it. `false`: the payment has the very same already.
pub async fn insert(tx: &mut Tx, scope: Scope, new: &NewAttachment<'_>, now: Timestamp) -> DbResult<bool> {
    let size_bytes = i64::try_from(new.bytes.len()).unwrap_or(i64::MAX);
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO payment_attachments (id, issuer_id, payment_id, user_id, name, kind, size_bytes, bytes, sha256, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (payment_id, sha256) DO NOTHING",
    )
    .bind(new.id).bind(scope.uuid()).bind(new.payment_id).bind(new.user_id).bind(new.name).bind(new.kind)
    .bind(size_bytes).bind(new.bytes).bind(new.sha256).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What is attached to a payment, the oldest first.
pub async fn list(conn: &mut impl Conn, scope: Scope, payment_id: Uuid, limit: i64) -> DbResult<Vec<AttachmentRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, name, kind, size_bytes, created_at FROM payment_attachments \
         WHERE payment_id = $1 AND issuer_id = $2 ORDER BY created_at, id LIMIT $3",
    ).bind(payment_id).bind(scope.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// The one with these bytes.
pub async fn find_by_sha(
    conn: &mut impl Conn,
    scope: Scope,
    payment_id: Uuid,
    sha256: &[u8],
) -> DbResult<Option<AttachmentRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, name, kind, size_bytes, created_at FROM payment_attachments \
         WHERE payment_id = $1 AND issuer_id = $2 AND sha256 = $3",
    ).bind(payment_id).bind(scope.uuid()).bind(sha256).fetch_optional(ex).await)?)
}

/// Kind and bytes of one.
pub async fn find_bytes(
    conn: &mut impl Conn,
    scope: Scope,
    (payment_id, id): (Uuid, Uuid),
) -> DbResult<Option<(String, Vec<u8>)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT kind, bytes FROM payment_attachments WHERE id = $1 AND payment_id = $2 AND issuer_id = $3",
    ).bind(id).bind(payment_id).bind(scope.uuid()).fetch_optional(ex).await)?)
}
