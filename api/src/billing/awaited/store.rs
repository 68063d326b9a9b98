//! SQL of `awaited_orders`.
use fiscal::{Amount, Currency};
use shared::billing::ReceptorForm;
use sqlx::types::Json;
use uuid::Uuid;

use crate::billing::store::unreadable;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// An order and how it stands. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct OrderRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub branch_id: Uuid,
    pub till_key_id: String,
    pub order_number: String,
    pub ticket_number: String,
    pub total_minor: i64,
    pub currency: String,
    pub sold_at: Timestamp,
    pub invoice_until: String,
    pub forma_pago: String,
    pub receptor: Json<ReceptorForm>,
    pub email: String,
    pub language: String,
    pub browser_hash: Vec<u8>,
    pub tracking: String,
    pub state: String,
    pub problem_code: Option<String>,
    pub created_at: Timestamp,
}

impl OrderRow {
    pub fn scope(&self) -> Scope {
        Scope::of(IssuerId::new(self.issuer_id))
    }

    pub fn is_waiting(&self) -> bool {
        self.state == "waiting"
    }

    pub fn total(&self) -> DbResult<Amount> {
        let currency = Currency::parse(&self.currency).map_err(|_unknown| unreadable("currency"))?;
        Ok(Amount::new(self.total_minor, currency))
    }
}

/// As it is kept.
pub(super) fn receptor(form: ReceptorForm) -> Json<ReceptorForm> {
    Json(form)
}

const SELECT: &str = "SELECT id, issuer_id, branch_id, till_key_id, order_number, ticket_number, total_minor, currency, \
     sold_at, invoice_until, forma_pago, receptor, email, language, browser_hash, tracking, state, problem_code, \
     created_at FROM awaited_orders WHERE ";

/// Keeps an order. `false`: another one waits for this sale.
pub(super) async fn insert(tx: &mut Tx, row: &OrderRow) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO awaited_orders (id, issuer_id, branch_id, till_key_id, order_number, ticket_number, total_minor, \
         currency, sold_at, invoice_until, forma_pago, receptor, email, language, browser_hash, tracking, state, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'waiting', $17) \
         ON CONFLICT DO NOTHING",
    )
    .bind(row.id).bind(row.issuer_id).bind(row.branch_id).bind(&row.till_key_id).bind(&row.order_number)
    .bind(&row.ticket_number).bind(row.total_minor).bind(&row.currency).bind(row.sold_at).bind(&row.invoice_until)
    .bind(&row.forma_pago).bind(&row.receptor).bind(&row.email).bind(&row.language).bind(&row.browser_hash)
    .bind(&row.tracking).bind(row.created_at)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The order, for the queue, whose rows carry only its id.
pub(super) async fn find(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<OrderRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The order, if it was this browser's and is not older than `since`.
pub(super) async fn find_for_browser(
    conn: &mut impl Conn,
    browser_hash: &[u8],
    id: Uuid,
    since: Timestamp,
) -> DbResult<Option<OrderRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id).push(" AND browser_hash = ").push_bind(browser_hash);
        sql.push(" AND created_at > ").push_bind(since);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The order that waits for a sale: its id, and whose browser's it is.
pub(super) async fn find_waiting(
    conn: &mut impl Conn,
    scope: Scope,
    (branch_id, order_number, ticket_number): (Uuid, &str, &str),
) -> DbResult<Option<(Uuid, Vec<u8>)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, browser_hash FROM awaited_orders WHERE issuer_id = $1 AND branch_id = $2 AND order_number = $3 \
         AND ticket_number = $4 AND state = 'waiting'",
    ).bind(scope.uuid()).bind(branch_id).bind(order_number).bind(ticket_number).fetch_optional(ex).await)?)
}

/// Orders that wait for one of these tickets, by the ticket's number: id, branch, order number, ticket number.
pub(super) async fn list_waiting(
    conn: &mut impl Conn,
    scope: Scope,
    ticket_numbers: &[&str],
) -> DbResult<Vec<(Uuid, Uuid, String, String)>> {
    if ticket_numbers.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, branch_id, order_number, ticket_number FROM awaited_orders WHERE state = 'waiting' AND issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND ticket_number IN (");
        let mut wanted = sql.separated(", ");
        for number in ticket_numbers {
            wanted.push_bind(*number);
        }
        sql.push(")");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Whether an issuer has any order that waits.
pub(super) async fn has_waiting(conn: &mut impl Conn, scope: Scope) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM awaited_orders WHERE issuer_id = $1 AND state = 'waiting')",
    ).bind(scope.uuid()).fetch_one(ex).await)?)
}

/// The number that an order was told to its person.
pub(super) async fn find_tracking(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT tracking FROM awaited_orders WHERE id = $1")
        .bind(id).fetch_optional(ex).await)?)
}

/// Its invoice was asked for. `false`: it waits no more.
pub(super) async fn mark_invoiced(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE awaited_orders SET state = 'invoiced', ended_at = $2 WHERE id = $1 AND state = 'waiting'",
    ).bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// It comes to nothing. `false`: it waits no more.
pub(super) async fn mark_ended(tx: &mut Tx, id: Uuid, problem_code: &str, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE awaited_orders SET state = 'ended', problem_code = $3, ended_at = $2 \
         WHERE id = $1 AND state = 'waiting'",
    ).bind(id).bind(now).bind(problem_code).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` orders that ended before `ended_before`; says how many.
pub(super) async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM awaited_orders WHERE id IN (SELECT id FROM awaited_orders WHERE ended_at < $1 \
         ORDER BY ended_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Orders that wait, by id after `after`: `verify` walks them all.
pub(super) async fn list_all_waiting(conn: &mut impl Conn, after: Option<Uuid>, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM awaited_orders WHERE state = 'waiting'");
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}
