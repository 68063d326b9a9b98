//! SQL of statements of account: what was owed at an instant, and what moved between two.
use uuid::Uuid;

use crate::accounts::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, on};
use crate::issuers::Scope;

/// Whose account.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    pub scope: Scope,
    pub customer: CustomerId,
}

/// What one receivable owed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OwedRow {
    pub id: Uuid,
    pub currency: String,
    pub due_on: String,
    pub owed_minor: i64,
}

/// What receivables owed just before an instant, of those issued before a day, after an id.
pub async fn list_owed(
    conn: &mut impl Conn,
    of: Account,
    (day, at): (&str, Timestamp),
    after: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<OwedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT r.id, r.currency, r.due_on, r.total_minor \
             + COALESCE((SELECT CAST(SUM(d.amount_minor) AS BIGINT) FROM adjustments AS d \
                 WHERE d.receivable_id = r.id AND d.created_at < ",
        );
        sql.push_bind(at).push(
            "), CAST(0 AS BIGINT)) - COALESCE((SELECT CAST(SUM(CASE e.kind WHEN 'application' THEN e.receivable_minor \
             ELSE -e.receivable_minor END) AS BIGINT) FROM ledger_entries AS e \
             WHERE e.receivable_id = r.id AND e.entered_at < ",
        );
        sql.push_bind(at).push("), CAST(0 AS BIGINT)) AS owed_minor FROM receivables AS r WHERE r.customer_id = ");
        sql.push_bind(of.customer.uuid()).push(" AND r.issuer_id = ").push_bind(of.scope.uuid());
        sql.push(" AND r.issued_on < ").push_bind(day);
        if let Some(after) = after {
            sql.push(" AND r.id > ").push_bind(after);
        }
        sql.push(" ORDER BY r.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// An invoice that came in between.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ChargeRow {
    pub issued_on: String,
    pub due_on: String,
    pub currency: String,
    pub number: String,
    pub contract: Option<String>,
    pub total_minor: i64,
}

/// Invoices of the days from one to before another.
pub async fn list_charges(
    conn: &mut impl Conn,
    of: Account,
    (from, to): (&str, &str),
    limit: i64,
) -> DbResult<Vec<ChargeRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT issued_on, due_on, currency, number, contract, total_minor FROM receivables \
         WHERE customer_id = $1 AND issuer_id = $2 AND issued_on >= $3 AND issued_on < $4 \
         ORDER BY issued_on, number, id LIMIT $5",
    ).bind(of.customer.uuid()).bind(of.scope.uuid()).bind(from).bind(to).bind(limit).fetch_all(ex).await)?)
}

/// A balance that the ERP counted otherwise.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AdjustmentRow {
    pub created_at: Timestamp,
    pub issued_on: String,
    pub currency: String,
    pub number: String,
    pub amount_minor: i64,
}

/// Adjustments between two instants, on invoices issued before a day; of those issued from a day on, the earlier ones too:
/// the month of their invoice is the first that can tell them.
pub async fn list_adjustments(
    conn: &mut impl Conn,
    of: Account,
    (from, to): (Timestamp, Timestamp),
    (issued, before): (&str, &str),
    limit: i64,
) -> DbResult<Vec<AdjustmentRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT d.created_at, r.issued_on, r.currency, r.number, d.amount_minor FROM adjustments AS d \
         JOIN receivables AS r ON r.id = d.receivable_id \
         WHERE r.customer_id = $1 AND r.issuer_id = $2 AND (d.created_at >= $3 OR r.issued_on >= $7) \
         AND d.created_at < $4 AND r.issued_on < $5 ORDER BY d.created_at, d.id LIMIT $6",
    )
    .bind(of.customer.uuid()).bind(of.scope.uuid()).bind(from).bind(to).bind(before).bind(limit).bind(issued)
    .fetch_all(ex).await)?)
}

/// Money put on an invoice, or taken off it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PaidRow {
    pub entered_at: Timestamp,
    pub issued_on: String,
    pub currency: String,
    pub number: String,
    pub kind: String,
    pub receivable_minor: i64,
    pub payment_number: i64,
    pub bank: String,
    pub bank_transaction: String,
}

/// Applications, and what was taken back of them, between two instants, on invoices issued before a day; of those issued
/// from a day on, the earlier ones too.
pub async fn list_paid(
    conn: &mut impl Conn,
    of: Account,
    (from, to): (Timestamp, Timestamp),
    (issued, before): (&str, &str),
    limit: i64,
) -> DbResult<Vec<PaidRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT e.entered_at, r.issued_on, r.currency, r.number, e.kind, e.receivable_minor, p.number AS payment_number, e.bank, \
         e.bank_transaction FROM ledger_entries AS e JOIN receivables AS r ON r.id = e.receivable_id \
         JOIN payments AS p ON p.id = e.payment_id \
         WHERE e.customer_id = $1 AND e.issuer_id = $2 AND (e.entered_at >= $3 OR r.issued_on >= $7) \
         AND e.entered_at < $4 AND r.issued_on < $5 ORDER BY e.entered_at, e.id LIMIT $6",
    )
    .bind(of.customer.uuid()).bind(of.scope.uuid()).bind(from).bind(to).bind(before).bind(limit).bind(issued)
    .fetch_all(ex).await)?)
}

/// Pesos that had found nothing to pay just before an instant.
pub async fn sum_credit(conn: &mut impl Conn, of: Account, at: Timestamp) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COALESCE(CAST(SUM(CASE kind WHEN 'unapplied_credit' THEN amount_minor ELSE -amount_minor END) AS BIGINT), \
         CAST(0 AS BIGINT)) FROM ledger_entries \
         WHERE customer_id = $1 AND issuer_id = $2 AND kind IN ('unapplied_credit', 'credit_used') AND entered_at < $3",
    ).bind(of.customer.uuid()).bind(of.scope.uuid()).bind(at).fetch_one(ex).await)?)
}

/// Whether the issuer ever said that this customer owes it something.
pub async fn has_account(conn: &mut impl Conn, of: Account) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM receivables WHERE customer_id = $1 AND issuer_id = $2)",
    ).bind(of.customer.uuid()).bind(of.scope.uuid()).fetch_one(ex).await)?)
}
