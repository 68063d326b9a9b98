//! SQL of letters with documents, and of links to one.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::documents::model::Asker;
use crate::issuers::Scope;

/// A letter carries a document.
pub async fn insert_letter(
    tx: &mut Tx,
    letter_id: Uuid,
    (document_id, issuer_id): (Uuid, Uuid),
    asker: &Asker,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO document_letters (letter_id, document_id, issuer_id, customer_id, user_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(letter_id).bind(document_id).bind(issuer_id).bind(asker.customer_id).bind(asker.user_id).bind(now)
        .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The newest letters that a customer had sent with a document.
pub async fn list_letters(
    conn: &mut impl Conn,
    document_id: Uuid,
    customer_id: Uuid,
    limit: i64,
) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT letter_id FROM document_letters WHERE document_id = $1 AND customer_id = $2 \
         ORDER BY created_at DESC, letter_id DESC LIMIT $3",
    ).bind(document_id).bind(customer_id).bind(limit).fetch_all(ex).await)?)
}

/// A link, as kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ShareRow {
    /// Its id.
    pub id: Uuid,
    /// To which document.
    pub document_id: Uuid,
    /// Of which issuer.
    pub issuer_id: Uuid,
    /// Whose document it is.
    pub customer_id: Uuid,
    /// Who made it.
    pub user_id: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was ended.
    pub revoked_at: Option<Timestamp>,
    /// How often it was opened.
    pub opened_count: i64,
    /// When last.
    pub last_opened_at: Option<Timestamp>,
}

/// Keeps a link.
pub async fn insert(tx: &mut Tx, token_hash: &[u8], share: &ShareRow) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO document_shares (id, token_hash, document_id, issuer_id, customer_id, user_id, created_at, \
         expires_at, opened_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)",
    ).bind(share.id).bind(token_hash).bind(share.document_id).bind(share.issuer_id).bind(share.customer_id)
        .bind(share.user_id).bind(share.created_at).bind(share.expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A link of this customer's; to a document of the one issuer that is named.
pub async fn find(
    conn: &mut impl Conn,
    (customer_id, only): (Uuid, Option<Scope>),
    id: Uuid,
) -> DbResult<Option<ShareRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, document_id, issuer_id, customer_id, user_id, created_at, expires_at, revoked_at, opened_count, \
             last_opened_at FROM document_shares WHERE id = ",
        );
        sql.push_bind(id).push(" AND customer_id = ").push_bind(customer_id);
        if let Some(scope) = only {
            sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The newest links of this customer's to a document.
pub async fn list(conn: &mut impl Conn, document_id: Uuid, customer_id: Uuid, limit: i64) -> DbResult<Vec<ShareRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, document_id, issuer_id, customer_id, user_id, created_at, expires_at, revoked_at, opened_count, \
         last_opened_at FROM document_shares WHERE document_id = $1 AND customer_id = $2 \
         ORDER BY created_at DESC, id DESC LIMIT $3",
    ).bind(document_id).bind(customer_id).bind(limit).fetch_all(ex).await)?)
}

/// Ends a link. `false`: it had been ended before.
pub async fn mark_revoked(tx: &mut Tx, customer_id: Uuid, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE document_shares SET revoked_at = $3 WHERE id = $1 AND customer_id = $2 AND revoked_at IS NULL",
    ).bind(id).bind(customer_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// The link with this secret, when it still opens.
pub async fn find_open(conn: &mut impl Conn, token_hash: &[u8], now: Timestamp) -> DbResult<Option<ShareRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, document_id, issuer_id, customer_id, user_id, created_at, expires_at, revoked_at, opened_count, \
         last_opened_at FROM document_shares WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2",
    ).bind(token_hash).bind(now).fetch_optional(ex).await)?)
}

/// Counts an opening of the link with this secret, when it still opens.
pub async fn mark_opened(tx: &mut Tx, token_hash: &[u8], now: Timestamp) -> DbResult<Option<ShareRow>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "UPDATE document_shares SET opened_count = opened_count + 1, last_opened_at = $2 \
         WHERE token_hash = $1 AND revoked_at IS NULL AND expires_at > $2 \
         RETURNING id, document_id, issuer_id, customer_id, user_id, created_at, expires_at, revoked_at, opened_count, \
         last_opened_at",
    ).bind(token_hash).bind(now).fetch_optional(ex).await)?)
}
