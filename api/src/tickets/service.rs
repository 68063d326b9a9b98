//! Looking up, reserving, importing.
use std::collections::HashMap;

use shared::tickets::{TicketClaim, TicketData, fold_ticket_number};

use super::model::{NewTicket, Ticket, TicketId, TicketState, Unavailable, last_day_to_invoice};
use super::store;
use crate::App;
use crate::clock::local_time;
use crate::counters::{self, Counter};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::{Branch, Scope};

/// Window of every counter: an hour after the first wrong try, the subject is free again.
const WINDOW_SECONDS: i64 = 3_600;

/// Why a look-up gave no claim.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// Nothing matches all the data. The one answer for every wrong combination (G1).
    #[error("no ticket has these data")]
    NotFound,
    /// Too many wrong tries on this ticket or from this source.
    #[error("held for {retry_after_seconds} s after wrong tries")]
    Held {
        /// When it is free again.
        retry_after_seconds: i64,
    },
    /// All data match, but it cannot be invoiced now.
    #[error("the ticket cannot be invoiced now")]
    Unavailable {
        /// Which ticket.
        ticket: TicketId,
        /// Why.
        why: Unavailable,
    },
    /// The claim could not be signed.
    #[error("signing a claim")]
    Sign(#[source] jsonwebtoken::errors::Error),
    /// The database.
    #[error("looking up a ticket")]
    Db(#[from] DbError),
}

/// Who looks, and what for: the subjects of the counters of wrong look-ups.
struct Guards {
    ticket: Counter,
    source: Counter,
    branch: Counter,
}

impl Guards {
    /// The ticket's subject is made from what was typed, so that an invented ticket is held exactly like a real one.
    fn of(app: &App, scope: Scope, wanted: &TicketData, source: &str) -> Guards {
        let guests = &app.config.guests;
        let counter = |kind, subject: &str, limit| Counter {
            kind,
            subject: counters::subject(subject),
            limit,
            window_seconds: WINDOW_SECONDS,
        };
        let branch = format!("{}|{}", scope.uuid(), wanted.branch_id);
        Guards {
            ticket: counter("ticket", &format!("{branch}|{}", wanted.ticket_number), guests.wrong_per_ticket),
            source: counter("source", source, guests.wrong_per_source),
            branch: counter("branch", &branch, guests.wrong_per_branch),
        }
    }

    /// Refuses whoever had too many wrong tries. A branch that had too many in all is guarded: it is not closed for
    /// what strangers do, since whoever holds the paper types it right, but few wrong tries are forgiven there.
    async fn check(&mut self, app: &App, conn: &mut impl Conn, now: Timestamp) -> Result<(), TicketError> {
        let in_all = self.branch.find(conn, now).await?;
        if self.branch.held(in_all, now).is_some() {
            for counter in [&mut self.ticket, &mut self.source] {
                counter.limit = counter.limit.min(app.config.guests.wrong_when_guarded);
            }
        }
        for counter in [&self.ticket, &self.source] {
            let count = counter.find(conn, now).await?;
            if let Some(retry_after_seconds) = counter.held(count, now) {
                return Err(TicketError::Held { retry_after_seconds });
            }
        }
        Ok(())
    }

    async fn count_wrong(&self, app: &App, now: Timestamp) -> DbResult<()> {
        let mut tx = app.db.begin().await?;
        self.ticket.hit(&mut tx, now).await?;
        self.source.hit(&mut tx, now).await?;
        let in_all = self.branch.hit(&mut tx, now).await?;
        tx.commit().await?;
        if in_all.hits == self.branch.limit {
            tracing::warn!(limit = self.branch.limit, "a branch reached its hourly limit of wrong look-ups: guarded");
        }
        Ok(())
    }
}

/// Finds the ticket that all data name, and signs the claim to it. `source` is the caller's address as counted.
pub async fn look_up(
    app: &App,
    scope: Scope,
    branch: &Branch,
    wanted: &TicketData,
    source: &str,
) -> Result<TicketClaim, TicketError> {
    let now = app.now();
    let mut guards = Guards::of(app, scope, wanted, source);
    let _turn = app.turns.wait(&guards.source.subject, &guards.ticket.subject).await;
    let mut conn = app.db.read().await?;
    guards.check(app, &mut conn, now).await?;
    let found =
        store::find_by_numbers(&mut conn, scope, branch.id, &wanted.order_number, &wanted.ticket_number).await?;
    drop(conn);
    let Some(ticket) = found.filter(|ticket| ticket.total == wanted.total) else {
        guards.count_wrong(app, now).await?;
        return Err(TicketError::NotFound);
    };
    let today = now.jiff().to_zoned(branch.time_zone.clone()).date();
    ticket.available_on(today).map_err(|why| TicketError::Unavailable { ticket: ticket.id, why })?;
    claim(app, scope, branch, &ticket, now)
}

fn claim(
    app: &App,
    scope: Scope,
    branch: &Branch,
    ticket: &Ticket,
    now: Timestamp,
) -> Result<TicketClaim, TicketError> {
    let expires_at = now.plus_seconds(app.config.guests.claim_minutes * 60);
    Ok(TicketClaim {
        claim: app.claim_key.sign(scope, ticket.id, expires_at).map_err(TicketError::Sign)?,
        expires_at: expires_at.to_string(),
        total: ticket.total.to_decimal_string(),
        currency: ticket.total.currency().code().to_owned(),
        forma_pago: ticket.forma_pago.map(|forma| forma.code().to_owned()),
        invoice_until: ticket.invoice_until.to_string(),
        sold_at: local_time(ticket.sold_at, &branch.time_zone),
    })
}

/// The ticket a claim names.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: TicketId) -> DbResult<Option<Ticket>> {
    store::find(conn, scope, id).await
}

/// Keeps an open ticket for one invoice. `false`: somebody else was first.
pub async fn reserve(tx: &mut Tx, scope: Scope, id: TicketId) -> DbResult<bool> {
    store::mark(tx, scope, id, TicketState::Open, TicketState::Reserved).await
}

/// The reserved ticket has its invoice now.
pub async fn mark_invoiced(tx: &mut Tx, scope: Scope, id: TicketId) -> DbResult<bool> {
    store::mark(tx, scope, id, TicketState::Reserved, TicketState::Invoiced).await
}

/// The reserved ticket's invoice was refused: it can be invoiced again.
pub async fn release(tx: &mut Tx, scope: Scope, id: TicketId) -> DbResult<bool> {
    store::mark(tx, scope, id, TicketState::Reserved, TicketState::Open).await
}

/// Brings a sale in. `None`: a ticket with these numbers is already there, and was left as it is.
pub async fn import(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    branch: &Branch,
    mut ticket: NewTicket,
) -> DbResult<Option<TicketId>> {
    ticket.order_number = fold_ticket_number(&ticket.order_number);
    ticket.ticket_number = fold_ticket_number(&ticket.ticket_number);
    let sold_on = ticket.sold_at.jiff().to_zoned(branch.time_zone.clone()).date();
    let invoice_until = last_day_to_invoice(sold_on, branch.invoicing_grace_days);
    let id = TicketId::new(app.ids.uuid());
    let days = (sold_on.to_string(), invoice_until.to_string());
    let added = store::insert(tx, scope, id, &ticket, (&days.0, &days.1), app.now()).await?;
    Ok(added.then_some(id))
}

/// Tickets that can be invoiced today, newest first.
pub async fn list_open(
    conn: &mut impl Conn,
    scope: Scope,
    today: jiff::civil::Date,
    limit: i64,
) -> DbResult<Vec<Ticket>> {
    store::list_open(conn, scope, &today.to_string(), limit).await
}

/// Tickets that an invoice holds or has, by id after `after`: `verify` walks them all.
pub async fn taken(
    conn: &mut impl Conn,
    after: Option<TicketId>,
    limit: i64,
) -> DbResult<Vec<(TicketId, TicketState)>> {
    store::list_taken(conn, after.map(TicketId::uuid), limit).await
}

/// Where these tickets stand; a ticket that does not exist is not among them.
pub async fn states(conn: &mut impl Conn, ids: &[TicketId]) -> DbResult<HashMap<TicketId, TicketState>> {
    Ok(store::list_states(conn, ids).await?.into_iter().collect())
}
