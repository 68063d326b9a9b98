//! SQL of banks' messages that name no payment.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Keeps one, under the evidence that it is.
pub async fn insert(tx: &mut Tx, scope: Scope, evidence_id: Uuid, proved: bool, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO bank_orphans (evidence_id, issuer_id, proved, created_at) VALUES ($1, $2, $3, $4)",
    ).bind(evidence_id).bind(scope.uuid()).bind(proved).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A message that is nobody's, with what was said. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrphanRow {
    pub evidence_id: Uuid,
    pub issuer_id: Uuid,
    pub bank: String,
    pub source: String,
    pub raw: Vec<u8>,
    pub proved: bool,
    pub created_at: Timestamp,
    pub payment_id: Option<Uuid>,
    pub closed_at: Option<Timestamp>,
    pub resolution: Option<String>,
}

const SELECT: &str = "SELECT o.evidence_id, o.issuer_id, e.bank, e.source, e.raw, o.proved, o.created_at, o.payment_id, \
     o.closed_at, o.resolution FROM bank_orphans AS o JOIN evidence AS e ON e.id = o.evidence_id WHERE ";

/// One that nobody has found a payment for: for the queue, whose rows carry only its id.
pub async fn find_open(conn: &mut impl Conn, evidence_id: Uuid) -> DbResult<Option<OrphanRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("o.closed_at IS NULL AND o.evidence_id = ").push_bind(evidence_id);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// An issuer's that wait for somebody, or all of them, the oldest first, after a key.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    only_open: bool,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<OrphanRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("o.issuer_id = ").push_bind(scope.uuid());
        sql.push(if only_open { " AND o.asked_at IS NOT NULL AND o.closed_at IS NULL" } else { "" });
        if let Some((created_at, id)) = after {
            sql.push(" AND (o.created_at, o.evidence_id) > (").push_bind(created_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY o.created_at, o.evidence_id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Notes that it waits for somebody now.
pub async fn mark_asked(tx: &mut Tx, scope: Scope, evidence_id: Uuid, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE bank_orphans SET asked_at = $3 WHERE evidence_id = $1 AND issuer_id = $2 AND asked_at IS NULL",
    ).bind(evidence_id).bind(scope.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Notes whose it is. `false`: somebody closed it before.
pub async fn mark_matched(tx: &mut Tx, evidence_id: Uuid, payment_id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE bank_orphans SET payment_id = $2, closed_at = $3, closed_by = 'system' \
         WHERE evidence_id = $1 AND closed_at IS NULL",
    ).bind(evidence_id).bind(payment_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes that somebody looked, and what came of it. `false`: it was closed before, or is another issuer's.
pub async fn mark_closed(
    tx: &mut Tx,
    scope: Scope,
    evidence_id: Uuid,
    (resolution, by): (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE bank_orphans SET closed_at = $3, resolution = $4, closed_by = $5 \
         WHERE evidence_id = $1 AND issuer_id = $2 AND closed_at IS NULL",
    ).bind(evidence_id).bind(scope.uuid()).bind(now).bind(resolution).bind(by)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
