//! Looking up, reserving, importing.
use std::collections::{HashMap, HashSet};

use shared::tickets::{TicketClaim, TicketData, fold_ticket_number};

use super::model::{Days, NewTicket, Ticket, TicketId, TicketState, Unavailable, Upserted};
use super::store;
use crate::App;
use crate::clock::local_time;
use crate::counters::{self, Counter};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::{Branch, BranchId, Scope};

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

/// Whether strangers guess at the branch of a look-up: too many wrong tries came there in the last hour (G1).
pub async fn is_guarded(app: &App, scope: Scope, wanted: &TicketData, source: &str) -> DbResult<bool> {
    let (now, branch) = (app.now(), Guards::of(app, scope, wanted, source).branch);
    let in_all = branch.find(&mut app.db.read().await?, now).await?;
    Ok(branch.held(in_all, now).is_some())
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
        claim: app.claim_key.sign(scope, ticket, expires_at).map_err(TicketError::Sign)?,
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

/// The ticket with these numbers, folded, at this branch: order, ticket.
pub async fn find_by_numbers(
    conn: &mut impl Conn,
    scope: Scope,
    branch_id: BranchId,
    (order_number, ticket_number): (&str, &str),
) -> DbResult<Option<Ticket>> {
    store::find_by_numbers(conn, scope, branch_id, order_number, ticket_number).await
}

/// Those of some tickets whose order or ticket number this is.
pub async fn list_numbered(
    conn: &mut impl Conn,
    scope: Scope,
    among: &[TicketId],
    number: &str,
) -> DbResult<Vec<TicketId>> {
    if among.is_empty() {
        return Ok(Vec::new());
    }
    store::list_numbered(conn, scope, among, &fold_ticket_number(number)).await
}

/// Keeps an open ticket for one invoice. `false`: somebody else was first, or its till changed it since it was read.
pub async fn reserve(tx: &mut Tx, scope: Scope, read: &Ticket, now: Timestamp) -> DbResult<bool> {
    store::mark_reserved(tx, scope, read, now).await
}

/// The reserved ticket has its invoice now.
pub async fn mark_invoiced(tx: &mut Tx, scope: Scope, id: TicketId, now: Timestamp) -> DbResult<bool> {
    store::mark(tx, scope, id, (TicketState::Reserved, TicketState::Invoiced), now).await
}

/// The reserved ticket's invoice was refused: it can be invoiced again.
pub async fn release(tx: &mut Tx, scope: Scope, id: TicketId, now: Timestamp) -> DbResult<bool> {
    store::mark(tx, scope, id, (TicketState::Reserved, TicketState::Open), now).await
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
    let id = TicketId::new(app.ids.uuid());
    let row = store::Row { id, days: Days::of(&ticket, branch), ticket: &ticket };
    let added = store::insert(tx, scope, &[row], app.now()).await?;
    Ok(added.contains(&id).then_some(id))
}

/// A sale that an integrator sent, and the branch that sold. Its numbers are folded and its external id is there.
pub struct Sale<'a> {
    /// Where.
    pub branch: &'a Branch,
    /// What.
    pub ticket: &'a NewTicket,
}

/// Brings sales in by the integrator's own ids, in one go; says of each, in order, what became of it. No two of them
/// may have the same external id.
pub async fn upsert(tx: &mut Tx, app: &App, scope: Scope, sales: &[Sale<'_>]) -> DbResult<Vec<Upserted>> {
    let now = app.now();
    let wanted: Vec<&str> = sales.iter().filter_map(|sale| sale.ticket.external_id.as_deref()).collect();
    let mut kept = store::lock_by_external(tx, scope, &wanted).await?;
    let known = |kept: &HashMap<String, Ticket>, sale: &Sale<'_>| {
        sale.ticket.external_id.as_ref().is_some_and(|external| kept.contains_key(external))
    };
    let new: Vec<store::Row<'_>> = sales
        .iter()
        .filter(|sale| !known(&kept, sale))
        .map(|sale| store::Row {
            id: TicketId::new(app.ids.uuid()),
            days: Days::of(sale.ticket, sale.branch),
            ticket: sale.ticket,
        })
        .collect();
    let added: HashSet<TicketId> = store::insert(tx, scope, &new, now).await?.into_iter().collect();
    let (created, left): (Vec<_>, Vec<_>) = new.iter().partition(|row| added.contains(&row.id));
    let created: HashSet<&str> = created.iter().filter_map(|row| row.ticket.external_id.as_deref()).collect();
    // What another request brought in a moment ago is there now; what is still not there has another's numbers.
    let left: Vec<&str> = left.iter().filter_map(|row| row.ticket.external_id.as_deref()).collect();
    kept.extend(store::lock_by_external(tx, scope, &left).await?);
    let mut outcomes = Vec::with_capacity(sales.len());
    for sale in sales {
        let external = sale.ticket.external_id.as_deref().unwrap_or_default();
        outcomes.push(match kept.get(external) {
            _ if created.contains(external) => Upserted::Created,
            Some(ticket) => change(tx, scope, ticket, sale, now).await?,
            None => Upserted::NumbersTaken,
        });
    }
    Ok(outcomes)
}

async fn change(tx: &mut Tx, scope: Scope, kept: &Ticket, sale: &Sale<'_>, now: Timestamp) -> DbResult<Upserted> {
    let outcome = kept.after(sale.ticket);
    if outcome != Upserted::Updated {
        return Ok(outcome);
    }
    let sent = sale.ticket;
    let by_numbers = store::find_by_numbers(tx, scope, sent.branch_id, &sent.order_number, &sent.ticket_number).await?;
    if by_numbers.is_some_and(|other| other.id != kept.id) {
        return Ok(Upserted::NumbersTaken);
    }
    let row = store::Row { id: kept.id, days: Days::of(sent, sale.branch), ticket: sent };
    let done = store::update(tx, scope, &row, now).await.map_err(|error| match error {
        // Somebody took the numbers between the look and the write: asked again, the look will say so.
        DbError::Duplicate(source) => DbError::Busy(source),
        other => other,
    })?;
    Ok(if done { Upserted::Updated } else { Upserted::Fixed(TicketState::Reserved) })
}

/// The ticket with the integrator's own id.
pub async fn find_by_external(conn: &mut impl Conn, scope: Scope, external_id: &str) -> DbResult<Option<Ticket>> {
    store::find_by_external(conn, scope, external_id).await
}

/// Integrators' tickets by their last change, the oldest change first: those changed at `since` or later, after
/// `after`.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, TicketId)>,
    limit: i64,
) -> DbResult<Vec<Ticket>> {
    store::list_changed(conn, scope, since, after, limit).await
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
