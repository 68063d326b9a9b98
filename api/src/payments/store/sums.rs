//! SQL of how an issuer's money stands.
use crate::db::{Conn, DbResult, on};
use crate::issuers::Scope;

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub enum Sum<'a> {
    /// Payments with a review that is open.
    Reviewed,
    /// Reviews that are open.
    Reviews,
    /// Banks' messages without a payment that wait for somebody.
    Orphans,
    /// Payments whose bank has not decided.
    InTransit,
    /// Ordered payments that are confirmed and not applied.
    ToApply,
    /// Payments of which a credit is left, and the credits.
    Credit,
    /// Lines of files that name nothing.
    NotFound,
    /// Payments made since this civil day: what came of them and did not go back.
    Since(&'a str),
}

/// How many, and what they come to in minor units of the peso.
pub async fn count(conn: &mut impl Conn, scope: Scope, of: Sum<'_>) -> DbResult<(i64, i64)> {
    let since = match of {
        Sum::Since(day) => day,
        _ => "",
    };
    let sql = match of {
        Sum::Reviewed => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(p.amount_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM payments AS p \
             WHERE p.issuer_id = $1 AND $2 = '' AND EXISTS (SELECT 1 FROM payment_reviews AS w \
             WHERE w.payment_id = p.id AND w.closed_at IS NULL)"
        }
        Sum::Reviews => {
            "SELECT COUNT(*), CAST(0 AS BIGINT) FROM payment_reviews \
             WHERE issuer_id = $1 AND $2 = '' AND closed_at IS NULL"
        }
        Sum::Orphans => {
            "SELECT COUNT(*), CAST(0 AS BIGINT) FROM bank_orphans \
             WHERE issuer_id = $1 AND $2 = '' AND closed_at IS NULL AND asked_at IS NOT NULL"
        }
        Sum::InTransit => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(p.amount_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM payments AS p \
             JOIN attempts AS t ON t.payment_id = p.id AND t.is_current \
             WHERE p.issuer_id = $1 AND $2 = '' AND p.confirmed_at IS NULL \
             AND t.state IN ('in_transit', 'pending_bank', 'unknown', 'review')"
        }
        Sum::ToApply => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(amount_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM payments \
             WHERE issuer_id = $1 AND $2 = '' AND confirmed_at IS NOT NULL AND applied_at IS NULL \
             AND reversed_at IS NULL AND origin = 'order'"
        }
        Sum::Credit => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(c.left_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM (\
             SELECT SUM(CASE kind WHEN 'unapplied_credit' THEN amount_minor ELSE -amount_minor END) AS left_minor \
             FROM ledger_entries WHERE issuer_id = $1 AND $2 = '' AND kind IN ('unapplied_credit', 'credit_used') \
             GROUP BY payment_id) AS c WHERE c.left_minor > 0"
        }
        Sum::NotFound => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(amount_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM settlement_lines \
             WHERE issuer_id = $1 AND $2 = '' AND result = 'not_found'"
        }
        Sum::Since(_) => {
            "SELECT COUNT(*), COALESCE(CAST(SUM(m.kept_minor) AS BIGINT), CAST(0 AS BIGINT)) FROM (\
             SELECT COALESCE((SELECT SUM(CASE e.kind WHEN 'receipt' THEN e.amount_minor ELSE -e.amount_minor END) \
                 FROM ledger_entries AS e WHERE e.payment_id = p.id AND e.kind IN ('receipt', 'reversal')), 0) AS kept_minor \
             FROM payments AS p WHERE p.issuer_id = $1 AND p.confirmed_at IS NOT NULL AND p.reversed_at IS NULL \
             AND p.shown_on >= $2) AS m"
        }
    };
    Ok(on!(conn, ex => sqlx::query_as(sql).bind(scope.uuid()).bind(since).fetch_one(ex).await)?)
}
