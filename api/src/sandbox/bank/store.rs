//! SQL of the sandbox bank's orders.
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// Lines of one day's file.
const DAY_MAX: i64 = 5_000;

/// An order. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrderRow {
    /// The merchant's number.
    pub merchant_order: String,
    /// The merchant's reference.
    pub merchant_reference: String,
    /// As it was signed.
    pub amount: String,
    /// Who pays.
    pub payer: String,
    /// Where the browser goes back to.
    pub return_url: String,
    /// Number of the gateway's session, of an order that came by its API.
    pub session: Option<String>,
    /// What the gateway echoes to a browser that paid.
    pub indicator: Option<String>,
    /// What the customer decided.
    pub decision: Option<String>,
    /// The bank's number.
    pub authorization: Option<String>,
    /// Its number of a second charge.
    pub again: Option<String>,
    /// `00`, or why not.
    pub response: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
}

/// Keeps an order the first time it comes.
pub async fn insert(tx: &mut Tx, order: &OrderRow, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO bank_orders (merchant_order, merchant_reference, amount, payer, return_url, session, \
         indicator, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (merchant_order) DO NOTHING",
    )
    .bind(&order.merchant_order).bind(&order.merchant_reference).bind(&order.amount).bind(&order.payer)
    .bind(&order.return_url).bind(&order.session).bind(&order.indicator).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An order by the merchant's number, or by the number of its session.
pub async fn find(conn: &mut impl Conn, number: &str) -> DbResult<Option<OrderRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT merchant_order, merchant_reference, amount, payer, return_url, session, indicator, decision, \
         authorization, again, response, decided_at FROM bank_orders WHERE merchant_order = $1 OR session = $1",
    ).bind(number).fetch_optional(ex).await)?)
}

/// Writes a decision; the first one stands.
pub async fn decide(
    tx: &mut Tx,
    merchant_order: &str,
    (decision, authorization, again, response): (&str, &str, Option<&str>, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE bank_orders SET decision = $2, authorization = $3, response = $4, decided_at = $5, again = $6 \
         WHERE merchant_order = $1 AND decision IS NULL",
    ).bind(merchant_order).bind(decision).bind(authorization).bind(response).bind(now).bind(again)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The orders of the merchant's own form that were decided between two instants, the first one first.
pub async fn list_decided(conn: &mut impl Conn, (from, to): (Timestamp, Timestamp)) -> DbResult<Vec<OrderRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT merchant_order, merchant_reference, amount, payer, return_url, session, indicator, decision, \
         authorization, again, response, decided_at FROM bank_orders \
         WHERE session IS NULL AND decided_at >= $1 AND decided_at < $2 ORDER BY decided_at, merchant_order LIMIT $3",
    ).bind(from).bind(to).bind(DAY_MAX).fetch_all(ex).await)?)
}

/// A transfer into the merchant's account. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TransferRow {
    /// The clave de rastreo.
    pub tracking: String,
    /// Pesos with two decimals.
    pub amount: String,
    /// The payer's words.
    pub concept: String,
    /// When.
    pub came_at: Timestamp,
}

/// Keeps a transfer.
pub async fn insert_transfer(tx: &mut Tx, transfer: &TransferRow) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO bank_transfers (tracking, amount, concept, came_at) VALUES ($1, $2, $3, $4)",
    ).bind(&transfer.tracking).bind(&transfer.amount).bind(&transfer.concept).bind(transfer.came_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The transfers between two instants, the first one first.
pub async fn list_transfers(conn: &mut impl Conn, (from, to): (Timestamp, Timestamp)) -> DbResult<Vec<TransferRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT tracking, amount, concept, came_at FROM bank_transfers \
         WHERE came_at >= $1 AND came_at < $2 ORDER BY came_at, tracking LIMIT $3",
    ).bind(from).bind(to).bind(DAY_MAX).fetch_all(ex).await)?)
}
