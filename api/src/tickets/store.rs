//! SQL of tickets.
use fiscal::{Amount, Currency, FormaPago};
use sqlx::types::Json;
use uuid::Uuid;

use super::model::{NewTicket, Ticket, TicketId, TicketLine, TicketState};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{BranchId, Scope};

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: Uuid,
    branch_id: Uuid,
    order_number: String,
    ticket_number: String,
    sold_at: Timestamp,
    invoice_until: String,
    total_minor: i64,
    currency: String,
    forma_pago: Option<String>,
    lines: Json<Vec<TicketLine>>,
    state: String,
}

/// A row that this binary cannot read: damage, or a newer binary's words.
fn unreadable(what: &'static str) -> DbError {
    DbError::Internal(sqlx::Error::Decode(format!("tickets: unreadable {what}").into()))
}

impl TryFrom<TicketRow> for Ticket {
    type Error = DbError;
    fn try_from(row: TicketRow) -> Result<Ticket, DbError> {
        let currency = Currency::parse(&row.currency).map_err(|_unknown| unreadable("currency"))?;
        let forma_pago = row.forma_pago.as_deref().map(FormaPago::parse).transpose();
        Ok(Ticket {
            id: TicketId::new(row.id),
            branch_id: BranchId::new(row.branch_id),
            order_number: row.order_number,
            ticket_number: row.ticket_number,
            sold_at: row.sold_at,
            invoice_until: row.invoice_until.parse().map_err(|_date| unreadable("invoice_until"))?,
            total: Amount::new(row.total_minor, currency),
            forma_pago: forma_pago.map_err(|_unknown| unreadable("forma_pago"))?,
            lines: row.lines.0,
            state: TicketState::try_from(row.state).map_err(|_unknown| unreadable("state"))?,
        })
    }
}

const COLUMNS: &str = "SELECT id, branch_id, order_number, ticket_number, sold_at, invoice_until, total_minor, \
                       currency, forma_pago, lines, state FROM tickets WHERE issuer_id = ";

/// The ticket with these numbers at this branch.
pub(super) async fn find_by_numbers(
    conn: &mut impl Conn,
    scope: Scope,
    branch_id: BranchId,
    order_number: &str,
    ticket_number: &str,
) -> DbResult<Option<Ticket>> {
    let row: Option<TicketRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND branch_id = ").push_bind(branch_id.uuid());
        sql.push(" AND order_number = ").push_bind(order_number);
        sql.push(" AND ticket_number = ").push_bind(ticket_number);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Ticket::try_from).transpose()
}

/// The ticket, whole.
pub(super) async fn find(conn: &mut impl Conn, scope: Scope, id: TicketId) -> DbResult<Option<Ticket>> {
    let row: Option<TicketRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND id = ").push_bind(id.uuid());
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Ticket::try_from).transpose()
}

/// Open tickets, the newest sale first: the rehearsal shows them.
pub(super) async fn list_open(
    conn: &mut impl Conn,
    scope: Scope,
    invoice_until: &str,
    limit: i64,
) -> DbResult<Vec<Ticket>> {
    let rows: Vec<TicketRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND state = 'open' AND invoice_until >= ").push_bind(invoice_until);
        sql.push(" ORDER BY sold_at DESC, id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// Adds a ticket. `false`: one with these numbers is already there.
pub(super) async fn insert(
    tx: &mut Tx,
    scope: Scope,
    id: TicketId,
    ticket: &NewTicket,
    days: (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let (sold_on, invoice_until) = days;
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO tickets (id, issuer_id, branch_id, order_number, ticket_number, sold_at, sold_on, invoice_until, \
         total_minor, currency, forma_pago, lines, state, version, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14) \
         ON CONFLICT (issuer_id, branch_id, order_number, ticket_number) DO NOTHING",
    )
    .bind(id.uuid()).bind(scope.uuid()).bind(ticket.branch_id.uuid())
    .bind(&ticket.order_number).bind(&ticket.ticket_number)
    .bind(ticket.sold_at).bind(sold_on).bind(invoice_until)
    .bind(ticket.total.minor()).bind(ticket.total.currency().code())
    .bind(ticket.forma_pago.map(|forma| forma.code()))
    .bind(Json(&ticket.lines)).bind(ticket.state.as_str()).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Moves a ticket from one state to another. `false`: it was not in the first, so nothing was done.
pub(super) async fn mark(
    tx: &mut Tx,
    scope: Scope,
    id: TicketId,
    from: TicketState,
    to: TicketState,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE tickets SET state = $4, version = version + 1 WHERE id = $1 AND issuer_id = $2 AND state = $3",
    )
    .bind(id.uuid()).bind(scope.uuid()).bind(from.as_str()).bind(to.as_str())
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Tickets that an invoice holds or has, after a key.
pub(super) async fn list_taken(
    conn: &mut impl Conn,
    after: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<(TicketId, TicketState)>> {
    let rows: Vec<(Uuid, String)> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id, state FROM tickets WHERE state IN ('reserved', 'invoiced')");
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    with_states(rows)
}

/// Where these tickets stand.
pub(super) async fn list_states(conn: &mut impl Conn, ids: &[TicketId]) -> DbResult<Vec<(TicketId, TicketState)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, String)> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id, state FROM tickets WHERE id IN (");
        let mut wanted = sql.separated(", ");
        for id in ids {
            wanted.push_bind(id.uuid());
        }
        sql.push(")");
        sql.build_query_as().fetch_all(ex).await
    })?;
    with_states(rows)
}

fn with_states(rows: Vec<(Uuid, String)>) -> DbResult<Vec<(TicketId, TicketState)>> {
    let read =
        |(id, state)| Ok((TicketId::new(id), TicketState::try_from(state).map_err(|_unknown| unreadable("state"))?));
    rows.into_iter().map(read).collect()
}
