//! Sales in and out, one at a time.
use std::collections::HashMap;

use serde_json::json;
use shared::integrators::{PutTicket, TicketResource};
use shared::{FieldErrors, ProblemCode};
use uuid::Uuid;

use super::form;
use crate::App;
use crate::audit::{self, Entry};
use crate::billing;
use crate::clock::local_time;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::integrators::guard::Caller;
use crate::issuers::{self, Branch, BranchId, Scope};
use crate::tickets;
use crate::tickets::model::{Ticket, TicketId, TicketState, Upserted};
use crate::tickets::service::Sale;

/// Why a sale was not taken, or is not told.
#[derive(Debug, thiserror::Error)]
pub enum SaleError {
    /// No ticket of this issuer has this id.
    #[error("no such ticket")]
    NotFound,
    /// All that is wrong with it.
    #[error("a ticket with wrong fields")]
    Fields(FieldErrors),
    /// It can be changed no more, or its numbers are another's.
    #[error("the ticket was refused")]
    Refused(ProblemCode),
    /// The database.
    #[error("keeping a ticket")]
    Db(#[from] DbError),
}

/// Why a sale was not taken, as the API says it; `None` when it was.
pub(super) const fn refusal(outcome: Upserted) -> Option<ProblemCode> {
    match outcome {
        Upserted::Created | Upserted::Updated | Upserted::Unchanged => None,
        Upserted::NumbersTaken => Some(ProblemCode::TicketNumbersTaken),
        Upserted::Fixed(TicketState::InGlobal) => Some(ProblemCode::TicketInGlobal),
        Upserted::Fixed(TicketState::Invoiced) => Some(ProblemCode::TicketAlreadyInvoiced),
        Upserted::Fixed(_) => Some(ProblemCode::TicketInProgress),
    }
}

/// The branch that a body names, by id or by its printed name.
pub(super) async fn branch_named(conn: &mut impl Conn, scope: Scope, name: &str) -> DbResult<Option<Branch>> {
    if name.chars().count() > shared::integrators::BRANCH_NAME_MAX {
        return Ok(None);
    }
    match name.parse::<Uuid>() {
        Ok(id) => issuers::service::find_branch(conn, scope, BranchId::new(id)).await,
        Err(_) => issuers::service::find_branch_by_name(conn, scope, name).await,
    }
}

/// Takes one sale. `true` beside it: it is new.
pub async fn put(
    app: &App,
    caller: &Caller,
    external_id: &str,
    body: &PutTicket,
) -> Result<(bool, TicketResource), SaleError> {
    let scope = caller.scope;
    let branch = branch_named(&mut app.db.read().await?, scope, &body.branch).await?;
    let ticket = form::read(external_id, body, branch.as_ref(), app.now()).map_err(SaleError::Fields)?;
    let Some(branch) = branch else { return Err(SaleError::NotFound) };
    let mut tx = app.db.begin().await?;
    let outcomes = tickets::service::upsert(&mut tx, app, scope, &[Sale { branch: &branch, ticket: &ticket }]).await?;
    let outcome = outcomes.first().copied().unwrap_or(Upserted::Unchanged);
    if let Some(code) = refusal(outcome) {
        return Err(SaleError::Refused(code));
    }
    let kept = tickets::service::find_by_external(&mut tx, scope, external_id).await?.ok_or(SaleError::NotFound)?;
    if outcome == Upserted::Unchanged {
        return Ok((false, resource(kept, &branch, true)));
    }
    let act = if outcome == Upserted::Created { "ticket.create" } else { "ticket.update" };
    let after = json!({ "total_minor": kept.total.minor(), "state": kept.state.as_str() });
    note(&mut tx, app.now(), caller, (act, "ticket", external_id), after).await?;
    let awaited = billing::awaited::arrived(&mut tx, scope, &[&ticket], app.now()).await?;
    tx.commit().await?;
    if awaited {
        app.wake.notify_one();
    }
    Ok((outcome == Upserted::Created, resource(kept, &branch, true)))
}

/// One line in the audit log about what a key did to tickets.
pub(super) async fn note(
    tx: &mut Tx,
    now: Timestamp,
    caller: &Caller,
    (act, object_kind, object_id): (&'static str, &'static str, &str),
    after: serde_json::Value,
) -> DbResult<()> {
    let entry = Entry {
        actor: caller.actor(),
        on_behalf_of: None,
        issuer_id: Some(caller.scope.uuid()),
        act,
        object_kind,
        object_id,
        before: None,
        after: Some(after),
        request_id: Some(&caller.request_id),
    };
    audit::record(tx, now, entry).await
}

/// The ticket with the integrator's own id, whole.
pub async fn get(app: &App, scope: Scope, external_id: &str) -> Result<TicketResource, SaleError> {
    let mut conn = app.db.read().await?;
    let ticket = tickets::service::find_by_external(&mut conn, scope, external_id).await?;
    let ticket = ticket.ok_or(SaleError::NotFound)?;
    let branch = issuers::service::find_branch(&mut conn, scope, ticket.branch_id).await?;
    Ok(resource(ticket, &branch.ok_or(SaleError::NotFound)?, true))
}

/// Up to `limit` tickets by their last change, with the key of each.
pub async fn list(
    app: &App,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, TicketId)>,
    limit: i64,
) -> Result<Vec<((Timestamp, TicketId), TicketResource)>, SaleError> {
    let mut conn = app.db.read().await?;
    let found = tickets::service::list_changed(&mut conn, scope, since, after, limit).await?;
    let mut branches: HashMap<BranchId, Branch> = HashMap::new();
    let mut listed = Vec::with_capacity(found.len());
    for ticket in found {
        if let std::collections::hash_map::Entry::Vacant(place) = branches.entry(ticket.branch_id) {
            let branch = issuers::service::find_branch(&mut conn, scope, ticket.branch_id).await?;
            place.insert(branch.ok_or(SaleError::NotFound)?);
        }
        if let Some(branch) = branches.get(&ticket.branch_id) {
            listed.push(((ticket.updated_at, ticket.id), resource(ticket, branch, false)));
        }
    }
    Ok(listed)
}

fn resource(ticket: Ticket, branch: &Branch, whole: bool) -> TicketResource {
    TicketResource {
        external_id: ticket.external_id.unwrap_or_default(),
        branch_id: ticket.branch_id.uuid(),
        order_number: ticket.order_number,
        ticket_number: ticket.ticket_number,
        sold_at: local_time(ticket.sold_at, &branch.time_zone),
        total: ticket.total.to_decimal_string(),
        currency: ticket.total.currency().code().to_owned(),
        forma_pago: ticket.forma_pago.map(|forma| forma.code().to_owned()),
        state: form::standing(ticket.state),
        invoice_until: ticket.invoice_until.to_string(),
        updated_at: ticket.updated_at.to_string(),
        lines: whole.then(|| ticket.lines.into_iter().map(form::line_body).collect()),
    }
}
