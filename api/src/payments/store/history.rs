//! SQL of the history: a customer's payments, and what they come to.
use shared::payments::PaymentFilter;
use uuid::Uuid;

use super::payments::{PaymentRow, SELECT_CURRENT};
use crate::accounts::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, on};
use crate::issuers::Scope;

macro_rules! of_history {
    ($sql:ident, $customer:ident, $filter:ident) => {
        $sql.push("p.customer_id = ").push_bind($customer.0.uuid()).push(" AND (t.state <> 'created' OR t.trip > 1)");
        if let Some(scope) = $customer.1 {
            $sql.push(" AND p.issuer_id = ").push_bind(scope.uuid());
        }
        if let Some(month) = &$filter.month {
            // Days are ten characters, so that a month's lie between its bare name and the next letter.
            $sql.push(" AND p.shown_on >= ").push_bind(format!("{month}-00"));
            $sql.push(" AND p.shown_on <= ").push_bind(format!("{month}-99"));
        }
        if let Some(contract) = &$filter.contract {
            $sql.push(
                " AND EXISTS (SELECT 1 FROM allocations AS a JOIN receivables AS r ON r.id = a.receivable_id \
                 WHERE a.payment_id = p.id AND r.contract_folded = ",
            );
            $sql.push_bind(contract).push(")");
        }
    };
}

/// A customer's payments, the newest first, after a key.
pub async fn list(
    conn: &mut impl Conn,
    customer: (CustomerId, Option<Scope>),
    filter: &PaymentFilter,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<PaymentRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT_CURRENT);
        of_history!(sql, customer, filter);
        if let Some((shown_at, id)) = after {
            sql.push(" AND (p.shown_at, p.id) < (").push_bind(shown_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY p.shown_at DESC, p.id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// What the payments of one state come to, in pesos. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SumRow {
    pub state: String,
    pub found: i64,
    /// As it was ordered.
    pub ordered_minor: i64,
    /// On invoices.
    pub applied_minor: i64,
    /// Here, and neither on an invoice nor a credit yet.
    pub waiting_minor: i64,
    /// Here, and found nothing to pay yet.
    pub credit_minor: i64,
}

/// Sums of a customer's payments by state. What is here and what became of it is the ledger's word.
pub async fn sums(
    conn: &mut impl Conn,
    customer: (CustomerId, Option<Scope>),
    filter: &PaymentFilter,
) -> DbResult<Vec<SumRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT m.state, COUNT(*) AS found, CAST(SUM(m.ordered) AS BIGINT) AS ordered_minor, \
             CAST(SUM(m.applied) AS BIGINT) AS applied_minor, CAST(SUM(m.waiting) AS BIGINT) AS waiting_minor, \
             CAST(SUM(m.credit) AS BIGINT) AS credit_minor FROM (SELECT t.state, p.amount_minor AS ordered, \
             COALESCE((SELECT SUM(CASE e.kind WHEN 'application' THEN e.amount_minor ELSE -e.amount_minor END) \
                 FROM ledger_entries AS e WHERE e.payment_id = p.id AND e.kind IN ('application', 'unapplication')), 0) \
                 AS applied, \
             COALESCE((SELECT SUM(CASE WHEN e.kind IN ('receipt', 'credit_used', 'unapplication') THEN e.amount_minor \
                 ELSE -e.amount_minor END) FROM ledger_entries AS e WHERE e.payment_id = p.id), 0) AS waiting, \
             COALESCE((SELECT SUM(CASE e.kind WHEN 'unapplied_credit' THEN e.amount_minor ELSE -e.amount_minor END) \
                 FROM ledger_entries AS e \
                 WHERE e.payment_id = p.id AND e.kind IN ('unapplied_credit', 'credit_used')), 0) AS credit \
             FROM payments AS p JOIN attempts AS t ON t.payment_id = p.id AND t.is_current WHERE ",
        );
        of_history!(sql, customer, filter);
        sql.push(") AS m GROUP BY m.state");
        sql.build_query_as().fetch_all(ex).await
    })?)
}
