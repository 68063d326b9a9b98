//! SQL of what somebody must look at.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Asks somebody to look.
pub async fn insert(
    tx: &mut Tx,
    scope: Scope,
    (id, payment_id): (Uuid, Uuid),
    (reason, evidence_id): (&str, Option<Uuid>),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO payment_reviews (id, issuer_id, payment_id, evidence_id, reason, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(id).bind(scope.uuid()).bind(payment_id).bind(evidence_id).bind(reason).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Something to look at. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReviewRow {
    pub id: Uuid,
    pub payment_id: Uuid,
    pub evidence_id: Option<Uuid>,
    pub reason: String,
    pub created_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub resolution: Option<String>,
}

/// An issuer's reviews, the oldest first, after a key: those still open, or all.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    only_open: bool,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<ReviewRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, payment_id, evidence_id, reason, created_at, closed_at, resolution FROM payment_reviews \
             WHERE issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        if only_open {
            sql.push(" AND closed_at IS NULL");
        }
        if let Some((created_at, id)) = after {
            sql.push(" AND (created_at, id) > (").push_bind(created_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY created_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Why a payment is to be looked at: the reasons of its open reviews, the oldest first.
pub async fn list_reasons(conn: &mut impl Conn, scope: Scope, payment_id: Uuid) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT reason FROM payment_reviews WHERE payment_id = $1 AND issuer_id = $2 AND closed_at IS NULL \
         ORDER BY created_at, id LIMIT 100",
    ).bind(payment_id).bind(scope.uuid()).fetch_all(ex).await)?)
}

/// Payments with money on a receivable about which nobody is asked for this reason.
pub async fn list_unasked(
    conn: &mut impl Conn,
    scope: Scope,
    (receivable_id, reason): (Uuid, &str),
    limit: i64,
) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT a.payment_id FROM allocations AS a WHERE a.receivable_id = $1 AND a.issuer_id = $2 AND a.state = 'applied' \
         AND NOT EXISTS (SELECT 1 FROM payment_reviews AS w WHERE w.payment_id = a.payment_id AND w.reason = $3 \
             AND w.closed_at IS NULL) ORDER BY a.payment_id LIMIT $4",
    ).bind(receivable_id).bind(scope.uuid()).bind(reason).bind(limit).fetch_all(ex).await)?)
}

/// One of them.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: Uuid) -> DbResult<Option<ReviewRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, payment_id, evidence_id, reason, created_at, closed_at, resolution FROM payment_reviews \
         WHERE id = $1 AND issuer_id = $2",
    ).bind(id).bind(scope.uuid()).fetch_optional(ex).await)?)
}

/// Notes that somebody looked, and what came of it. `false`: somebody did before.
pub async fn mark_closed(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    (resolution, by): (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE payment_reviews SET closed_at = $3, resolution = $4, closed_by = $5 \
         WHERE id = $1 AND issuer_id = $2 AND closed_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(now).bind(resolution).bind(by)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether somebody was asked for this reason since an instant, whatever came of it.
pub async fn is_asked(
    conn: &mut impl Conn,
    scope: Scope,
    (payment_id, reason): (Uuid, &str),
    since: Timestamp,
) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM payment_reviews WHERE payment_id = $1 AND issuer_id = $2 AND reason = $3 \
         AND created_at >= $4)",
    ).bind(payment_id).bind(scope.uuid()).bind(reason).bind(since).fetch_one(ex).await)?)
}

/// How many reviews are open, whichever issuer's.
pub async fn count_open(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM payment_reviews WHERE closed_at IS NULL")
        .fetch_one(ex).await)?)
}

/// Closes what nobody has to look at any more.
pub async fn close_by_itself(
    tx: &mut Tx,
    scope: Scope,
    (payment_id, reason): (Uuid, &str),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE payment_reviews SET closed_at = $4, closed_by = 'system' \
         WHERE payment_id = $1 AND issuer_id = $2 AND reason = $3 AND closed_at IS NULL",
    ).bind(payment_id).bind(scope.uuid()).bind(reason).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}
