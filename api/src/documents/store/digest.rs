//! SQL of letters that wait for more to say.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::documents::DocumentId;
use crate::issuers::Scope;

/// A letter that waits.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DigestRow {
    /// Whose documents.
    pub issuer_id: Uuid,
    /// Whom they are for.
    pub customer_id: Uuid,
    /// Those after this place of the feed.
    pub after_seq: i64,
}

/// A document that it names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct NamedRow {
    /// Kind.
    pub kind: String,
    /// Serie.
    pub serie: String,
    /// Folio.
    pub folio: String,
}

/// Has a letter wait that begins with this document. `false`: one waits already.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    scope: Scope,
    (customer_id, document): (Uuid, DocumentId),
    now: Timestamp,
) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "INSERT INTO document_digests (id, issuer_id, customer_id, after_seq, created_at) \
         SELECT $1, issuer_id, $2, feed_seq - 1, $3 FROM documents WHERE id = $4 AND issuer_id = $5 \
         ON CONFLICT (issuer_id, customer_id) DO NOTHING",
    ).bind(id).bind(customer_id).bind(now).bind(document.uuid()).bind(scope.uuid())
        .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// A letter that waits, for the queue, whose rows carry only its id.
pub async fn find(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<DigestRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, customer_id, after_seq FROM document_digests WHERE id = $1",
    ).bind(id).fetch_optional(ex).await)?)
}

/// Lets go of it. `false`: somebody else did, and writes it.
pub async fn delete(tx: &mut Tx, id: Uuid) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query("DELETE FROM document_digests WHERE id = $1")
        .bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// How many documents it is about.
pub async fn count(conn: &mut impl Conn, rfc: &str, row: &DigestRow) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM documents WHERE receptor_rfc = $1 AND issuer_id = $2 AND feed_seq > $3 \
         AND withdrawn_at IS NULL AND external_id IS NOT NULL",
    ).bind(rfc).bind(row.issuer_id).bind(row.after_seq).fetch_one(ex).await)?)
}

/// The first of them.
pub async fn list(conn: &mut impl Conn, rfc: &str, row: &DigestRow, limit: i64) -> DbResult<Vec<NamedRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT kind, serie, folio FROM documents WHERE receptor_rfc = $1 AND issuer_id = $2 AND feed_seq > $3 \
         AND withdrawn_at IS NULL AND external_id IS NOT NULL ORDER BY feed_seq LIMIT $4",
    ).bind(rfc).bind(row.issuer_id).bind(row.after_seq).bind(limit).fetch_all(ex).await)?)
}
