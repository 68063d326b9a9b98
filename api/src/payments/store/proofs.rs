//! SQL that looks for broken promises: each statement names rows that break one.
use uuid::Uuid;

use crate::db::{Conn, DbResult, on};

/// What is counted beside what is broken.
pub async fn count_receivables(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM receivables").fetch_one(ex).await)?)
}

/// Payments.
pub async fn count_payments(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM payments").fetch_one(ex).await)?)
}

/// Evidence about attempts.
pub async fn count_evidence(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM evidence WHERE attempt_id IS NOT NULL")
        .fetch_one(ex).await)?)
}

/// Receivables that no ERP corrected and that more is applied to, or reserved on, than they were for.
pub async fn list_overpaid(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT r.id FROM receivables AS r \
         WHERE NOT EXISTS (SELECT 1 FROM adjustments AS d WHERE d.receivable_id = r.id) AND r.total_minor < \
         COALESCE((SELECT CAST(SUM(CASE a.state WHEN 'applied' THEN a.applied_minor ELSE a.amount_minor END) AS BIGINT) \
             FROM allocations AS a WHERE a.receivable_id = r.id AND a.state IN ('applied', 'reserved')), CAST(0 AS BIGINT)) \
         ORDER BY r.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Receivables that are closed and owe something, or owe nothing and are open.
pub async fn list_wrongly_closed(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT r.id FROM receivables AS r WHERE (r.closed_at IS NOT NULL) <> (r.total_minor \
         + COALESCE((SELECT CAST(SUM(d.amount_minor) AS BIGINT) FROM adjustments AS d WHERE d.receivable_id = r.id), \
             CAST(0 AS BIGINT)) \
         - COALESCE((SELECT CAST(SUM(a.applied_minor) AS BIGINT) FROM allocations AS a \
             WHERE a.receivable_id = r.id AND a.state = 'applied'), CAST(0 AS BIGINT)) <= 0) \
         ORDER BY r.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Payments whose receipts are missing, too many, or there without a confirmation: one for each trip that was paid, of
/// what was ordered, unless somebody found that another amount came.
pub async fn list_wrong_receipts(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT p.id FROM payments AS p WHERE \
         (SELECT COUNT(*) FROM attempts AS t WHERE t.payment_id = p.id AND t.state = 'confirmed') \
             <> (SELECT COUNT(*) FROM ledger_entries AS e WHERE e.payment_id = p.id AND e.kind = 'receipt') \
         OR EXISTS (SELECT 1 FROM attempts AS t WHERE t.payment_id = p.id AND t.state = 'confirmed') \
             <> (p.confirmed_at IS NOT NULL) \
         OR (NOT EXISTS (SELECT 1 FROM payment_reviews AS w WHERE w.payment_id = p.id AND w.reason = 'amount_differs') \
             AND EXISTS (SELECT 1 FROM ledger_entries AS e \
                 WHERE e.payment_id = p.id AND e.kind = 'receipt' AND e.amount_minor <> p.amount_minor)) \
         ORDER BY p.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Payments whose applications and credits are not what came and was not taken back, to the centavo. What is confirmed
/// and waits for its ERP is neither yet; a transfer that nobody ordered is a credit at once.
pub async fn list_unbalanced(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT p.id FROM payments AS p WHERE COALESCE((SELECT CAST(SUM(CASE \
                 WHEN e.kind IN ('application', 'unapplied_credit', 'reversal') THEN e.amount_minor \
                 ELSE -e.amount_minor END) AS BIGINT) \
             FROM ledger_entries AS e WHERE e.payment_id = p.id), CAST(0 AS BIGINT)) \
         <> CASE WHEN p.confirmed_at IS NOT NULL AND p.applied_at IS NULL AND p.reversed_at IS NULL \
                 AND p.origin = 'order' THEN -p.amount_minor ELSE CAST(0 AS BIGINT) END ORDER BY p.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Payments whose lines are not what the bank was asked for, to the centavo (P7).
pub async fn list_wrong_charges(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT p.id FROM payments AS p WHERE p.origin = 'order' AND p.amount_minor <> \
         COALESCE((SELECT CAST(SUM(a.charge_minor) AS BIGINT) \
             FROM allocations AS a WHERE a.payment_id = p.id AND NOT a.from_credit), CAST(0 AS BIGINT)) \
         ORDER BY p.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Allocations and ledger that disagree about what is applied.
pub async fn list_unentered(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT a.id FROM allocations AS a \
         WHERE COALESCE((SELECT CAST(SUM(b.applied_minor) AS BIGINT) FROM allocations AS b \
             WHERE b.payment_id = a.payment_id AND b.receivable_id = a.receivable_id AND b.state = 'applied'), \
             CAST(0 AS BIGINT)) \
         <> COALESCE((SELECT CAST(SUM(CASE e.kind WHEN 'application' THEN e.receivable_minor \
                 ELSE -e.receivable_minor END) AS BIGINT) FROM ledger_entries AS e \
             WHERE e.payment_id = a.payment_id AND e.receivable_id = a.receivable_id), CAST(0 AS BIGINT)) \
         ORDER BY a.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Evidence that nobody judged.
pub async fn list_unjudged(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT e.id FROM evidence AS e WHERE e.attempt_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM verdicts AS v WHERE v.evidence_id = e.id) ORDER BY e.id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Trips to a bank that somebody must end.
pub async fn list_running(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT id FROM attempts WHERE state IN ('created', 'in_transit') ORDER BY id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}
