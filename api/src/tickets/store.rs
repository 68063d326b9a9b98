//! SQL of tickets.
use std::collections::HashMap;

use fiscal::{Amount, Currency, FormaPago};
use sqlx::types::Json;
use uuid::Uuid;

use super::model::{Days, NewTicket, Ticket, TicketId, TicketLine, TicketState};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{BranchId, Scope};

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: Uuid,
    external_id: Option<String>,
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
    updated_at: Timestamp,
    version: i64,
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
            external_id: row.external_id,
            branch_id: BranchId::new(row.branch_id),
            order_number: row.order_number,
            ticket_number: row.ticket_number,
            sold_at: row.sold_at,
            invoice_until: row.invoice_until.parse().map_err(|_date| unreadable("invoice_until"))?,
            total: Amount::new(row.total_minor, currency),
            forma_pago: forma_pago.map_err(|_unknown| unreadable("forma_pago"))?,
            lines: row.lines.0,
            state: TicketState::try_from(row.state).map_err(|_unknown| unreadable("state"))?,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

const COLUMNS: &str = "SELECT id, external_id, branch_id, order_number, ticket_number, sold_at, invoice_until, \
                       total_minor, currency, forma_pago, lines, state, updated_at, version FROM tickets WHERE issuer_id = ";

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

/// Those of some tickets, at least one, whose order or ticket number this is, folded.
pub(super) async fn list_numbered(
    conn: &mut impl Conn,
    scope: Scope,
    among: &[TicketId],
    number: &str,
) -> DbResult<Vec<TicketId>> {
    let ids: Vec<Uuid> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM tickets WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(" AND (ticket_number = ").push_bind(number);
        sql.push(" OR order_number = ").push_bind(number).push(") AND id IN (");
        let mut ids = sql.separated(", ");
        for id in among {
            ids.push_bind(id.uuid());
        }
        sql.push(")");
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(ids.into_iter().map(TicketId::new).collect())
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

/// A ticket to write, with the days that follow from its branch.
pub(super) struct Row<'a> {
    pub id: TicketId,
    pub days: Days,
    pub ticket: &'a NewTicket,
}

/// Adds tickets; gives those that were added. The others have the numbers, or the external id, of one that is there.
pub(super) async fn insert(tx: &mut Tx, scope: Scope, rows: &[Row<'_>], now: Timestamp) -> DbResult<Vec<TicketId>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let added: Vec<Uuid> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "INSERT INTO tickets (id, issuer_id, branch_id, order_number, ticket_number, sold_at, sold_on, \
             invoice_until, total_minor, currency, forma_pago, lines, state, version, created_at, external_id, \
             updated_at) ",
        );
        sql.push_values(rows, |mut values, Row { id, days, ticket }| {
            values
                .push_bind(id.uuid())
                .push_bind(scope.uuid())
                .push_bind(ticket.branch_id.uuid())
                .push_bind(&ticket.order_number)
                .push_bind(&ticket.ticket_number)
                .push_bind(ticket.sold_at)
                .push_bind(&days.sold_on)
                .push_bind(&days.invoice_until)
                .push_bind(ticket.total.minor())
                .push_bind(ticket.total.currency().code())
                .push_bind(ticket.forma_pago.map(|forma| forma.code()))
                .push_bind(Json(&ticket.lines))
                .push_bind(ticket.state.as_str())
                .push_bind(0_i64)
                .push_bind(now)
                .push_bind(ticket.external_id.as_deref())
                .push_bind(now);
        });
        sql.push(" ON CONFLICT DO NOTHING RETURNING id");
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(added.into_iter().map(TicketId::new).collect())
}

/// Writes a ticket anew, if no invoice is made of it. `false`: one is.
pub(super) async fn update(tx: &mut Tx, scope: Scope, row: &Row<'_>, now: Timestamp) -> DbResult<bool> {
    let Row { id, days, ticket } = row;
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE tickets SET branch_id = $3, order_number = $4, ticket_number = $5, sold_at = $6, sold_on = $7, \
         invoice_until = $8, total_minor = $9, currency = $10, forma_pago = $11, lines = $12, state = $13, \
         updated_at = $14, version = version + 1 \
         WHERE issuer_id = $1 AND id = $2 AND state IN ('open', 'cancelled')",
    )
    .bind(scope.uuid()).bind(id.uuid()).bind(ticket.branch_id.uuid())
    .bind(&ticket.order_number).bind(&ticket.ticket_number)
    .bind(ticket.sold_at).bind(&days.sold_on).bind(&days.invoice_until)
    .bind(ticket.total.minor()).bind(ticket.total.currency().code())
    .bind(ticket.forma_pago.map(|forma| forma.code()))
    .bind(Json(&ticket.lines)).bind(ticket.state.as_str()).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The integrator's tickets among these ids, held until the transaction ends. In one order, so that two who want the
/// same ones wait and do not stand in each other's way.
pub(super) async fn lock_by_external(
    tx: &mut Tx,
    scope: Scope,
    external_ids: &[&str],
) -> DbResult<HashMap<String, Ticket>> {
    if external_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let for_update = tx.for_update();
    let rows: Vec<TicketRow> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND external_id IN (");
        let mut wanted = sql.separated(", ");
        for external_id in external_ids {
            wanted.push_bind(*external_id);
        }
        sql.push(") ORDER BY id").push(for_update);
        sql.build_query_as().fetch_all(ex).await
    })?;
    let named = |row: TicketRow| Some((row.external_id.clone()?, Ticket::try_from(row)));
    rows.into_iter().filter_map(named).map(|(external_id, ticket)| Ok((external_id, ticket?))).collect()
}

/// The ticket with the integrator's own id.
pub(super) async fn find_by_external(
    conn: &mut impl Conn,
    scope: Scope,
    external_id: &str,
) -> DbResult<Option<Ticket>> {
    let row: Option<TicketRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND external_id = ").push_bind(external_id);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Ticket::try_from).transpose()
}

/// Integrators' tickets by their last change.
pub(super) async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, TicketId)>,
    limit: i64,
) -> DbResult<Vec<Ticket>> {
    let rows: Vec<TicketRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        sql.push_bind(scope.uuid()).push(" AND external_id IS NOT NULL");
        if let Some(since) = since {
            sql.push(" AND updated_at >= ").push_bind(since);
        }
        if let Some((at, id)) = after {
            sql.push(" AND (updated_at, id) > (").push_bind(at).push(", ").push_bind(id.uuid()).push(")");
        }
        sql.push(" ORDER BY updated_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// Keeps an open ticket for one invoice. `false`: it is not as it was read, so nothing was done.
pub(super) async fn mark_reserved(tx: &mut Tx, scope: Scope, read: &Ticket, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE tickets SET state = 'reserved', updated_at = $4, version = version + 1 \
         WHERE id = $1 AND issuer_id = $2 AND state = 'open' AND version = $3",
    )
    .bind(read.id.uuid()).bind(scope.uuid()).bind(read.version).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Moves a ticket from one state to another. `false`: it was not in the first, so nothing was done.
pub(super) async fn mark(
    tx: &mut Tx,
    scope: Scope,
    id: TicketId,
    (from, to): (TicketState, TicketState),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE tickets SET state = $4, updated_at = $5, version = version + 1 \
         WHERE id = $1 AND issuer_id = $2 AND state = $3",
    )
    .bind(id.uuid()).bind(scope.uuid()).bind(from.as_str()).bind(to.as_str()).bind(now)
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
