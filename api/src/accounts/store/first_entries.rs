//! SQL of `first_entries`.
use shared::Lang;
use uuid::Uuid;

use super::unreadable;
use crate::accounts::model::CustomerId;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// What somebody asked for who has an RFC.
#[derive(Debug)]
pub struct FirstEntry {
    pub scope: Scope,
    pub rfc: fiscal::Rfc,
    /// Folded.
    pub fact: String,
    pub email: fiscal::Email,
    pub language: Lang,
    /// Named once RFC and fact were found to match.
    pub customer: Option<CustomerId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    issuer_id: Uuid,
    rfc: String,
    fact: String,
    email: String,
    #[sqlx(try_from = "String")]
    language: Lang,
    customer_id: Option<Uuid>,
}

impl TryFrom<Row> for FirstEntry {
    type Error = DbError;
    fn try_from(row: Row) -> DbResult<FirstEntry> {
        Ok(FirstEntry {
            scope: Scope::of(IssuerId::new(row.issuer_id)),
            rfc: row.rfc.parse().map_err(unreadable)?,
            fact: row.fact,
            email: row.email.parse().map_err(unreadable)?,
            language: row.language,
            customer: row.customer_id.map(CustomerId::new),
        })
    }
}

/// Keeps what was asked for.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    asked: &FirstEntry,
    (now, expires_at): (Timestamp, Timestamp),
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO first_entries (id, issuer_id, rfc, fact, email, language, tries, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8)",
    )
    .bind(id).bind(asked.scope.uuid()).bind(asked.rfc.as_str()).bind(&asked.fact).bind(asked.email.as_str())
    .bind(asked.language.as_str()).bind(now).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What was asked for, for the queue, whose rows carry only its id.
pub async fn find(conn: &mut impl Conn, id: Uuid, now: Timestamp) -> DbResult<Option<FirstEntry>> {
    let row: Option<Row> = on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, rfc, fact, email, language, customer_id FROM first_entries \
         WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
    ).bind(id).bind(now).fetch_optional(ex).await)?;
    row.map(FirstEntry::try_from).transpose()
}

/// RFC and fact match this customer. `false`: somebody else was first to say so.
pub async fn mark_matched(tx: &mut Tx, id: Uuid, customer: CustomerId) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE first_entries SET customer_id = $2 WHERE id = $1 AND customer_id IS NULL",
    ).bind(id).bind(customer.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Counts a try at its code. `None`: there is none such, it is over, nothing matched, or it was tried too often.
pub async fn count_try(tx: &mut Tx, id: Uuid, tries_max: i64, now: Timestamp) -> DbResult<Option<FirstEntry>> {
    let row: Option<Row> = on!(tx, ex => sqlx::query_as(
        "UPDATE first_entries SET tries = tries + 1 WHERE id = $1 AND tries < $2 AND used_at IS NULL \
         AND expires_at > $3 AND customer_id IS NOT NULL \
         RETURNING issuer_id, rfc, fact, email, language, customer_id",
    ).bind(id).bind(tries_max).bind(now).fetch_optional(ex).await)?;
    row.map(FirstEntry::try_from).transpose()
}

/// Uses it up. `false`: it was used meanwhile.
pub async fn mark_used(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("UPDATE first_entries SET used_at = $2 WHERE id = $1 AND used_at IS NULL")
        .bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` that were over before `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM first_entries WHERE id IN (SELECT id FROM first_entries \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
