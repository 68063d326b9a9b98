//! An invoice as the browser that asked for it sees it.
use shared::billing::{InvoiceState, InvoiceView, Rejection};
use shared::integrators::InvoiceResource;
use shared::mail::MailView;
use shared::{Problem, ProblemCode};

use super::model::StampState;
use super::store::{StampRow, unreadable};
use crate::clock::local_time;
use crate::db::{Conn, DbError, DbResult};
use crate::documents::{self, DocumentId};
use crate::issuers::{self, BranchId};
use crate::mail;
use crate::tickets;
use crate::tickets::model::TicketId;

fn missing(what: &'static str) -> DbError {
    unreadable(what)
}

/// Puts the view together from the rows of every domain that has a part of it.
pub(super) async fn invoice(conn: &mut impl Conn, row: &StampRow) -> DbResult<InvoiceView> {
    let scope = row.scope();
    let branch = issuers::service::find_branch(conn, scope, BranchId::new(row.branch_id))
        .await?
        .ok_or_else(|| missing("branch"))?;
    let ticket =
        tickets::service::find(conn, scope, TicketId::new(row.ticket_id)).await?.ok_or_else(|| missing("ticket"))?;
    let folio_fiscal = match row.document_id {
        Some(id) => documents::service::folio_fiscal(conn, scope, DocumentId::new(id)).await?,
        None => None,
    };
    let zone = &branch.time_zone;
    let mails = mail::letters_of(conn, row.id).await?;
    let total = row.total()?;
    Ok(InvoiceView {
        id: row.id,
        state: state(row.state()?),
        tracking: row.tracking.clone(),
        branch_name: branch.name.clone(),
        ticket_number: ticket.ticket_number,
        serie: row.serie.clone(),
        folio: row.folio.to_string(),
        folio_fiscal,
        total: total.to_decimal_string(),
        currency: total.currency().code().to_owned(),
        receptor_rfc: row.receptor_rfc.clone(),
        receptor_nombre: row.receptor_nombre.clone(),
        email: row.email.clone(),
        requested_at: local_time(row.created_at, zone),
        stamped_at: row.stamped_at.map(|at| local_time(at, zone)),
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        next_attempt_at: row.next_attempt_at.filter(|_| row.document_id.is_none()).map(|at| local_time(at, zone)),
        rejection: rejection(row)?,
        mails: mails
            .into_iter()
            .map(|letter| MailView {
                to: letter.to_address,
                state: letter.state,
                sent_at: letter.sent_at.map(|at| local_time(at, zone)),
            })
            .collect(),
    })
}

fn state(state: StampState) -> InvoiceState {
    match state {
        StampState::Sealed => InvoiceState::Waiting,
        StampState::Stamped => InvoiceState::Stamped,
        StampState::Rejected => InvoiceState::Rejected,
    }
}

fn rejection(row: &StampRow) -> DbResult<Option<Rejection>> {
    let (Some(code), Some(sat_code)) = (&row.problem_code, &row.sat_code) else { return Ok(None) };
    let code =
        ProblemCode::ALL.iter().copied().find(|known| known.as_str() == code).ok_or_else(|| missing("problem_code"))?;
    Ok(Some(Rejection { code, sat_code: sat_code.clone(), pointer: row.problem_pointer.clone() }))
}

/// The problem that a refused invoice is answered with.
pub(super) fn refused(row: &StampRow) -> DbResult<Problem> {
    let Some(rejection) = rejection(row)? else { return Ok(Problem::new(ProblemCode::StampRefused)) };
    let mut problem = Problem::new(rejection.code);
    problem.sat_code = Some(rejection.sat_code);
    let refused = |pointer| shared::FieldError { pointer, code: shared::FieldCode::RefusedBySat, detail: None };
    problem.errors = rejection.pointer.into_iter().map(refused).collect();
    Ok(problem)
}

/// An invoice as its issuer's programs see it.
pub(super) async fn resource(conn: &mut impl Conn, row: &StampRow) -> DbResult<InvoiceResource> {
    let scope = row.scope();
    let ticket = tickets::service::find(conn, scope, TicketId::new(row.ticket_id)).await?;
    let folio_fiscal = match row.document_id {
        Some(id) => documents::service::folio_fiscal(conn, scope, DocumentId::new(id)).await?,
        None => None,
    };
    let total = row.total()?;
    Ok(InvoiceResource {
        id: row.id,
        state: state(row.state()?),
        ticket_external_id: ticket.and_then(|ticket| ticket.external_id),
        document_id: row.document_id,
        folio_fiscal,
        serie: row.serie.clone(),
        folio: row.folio.to_string(),
        total: total.to_decimal_string(),
        currency: total.currency().code().to_owned(),
        receptor_rfc: row.receptor_rfc.clone(),
        receptor_nombre: row.receptor_nombre.clone(),
        tracking: row.tracking.clone(),
        requested_at: row.created_at.to_string(),
        updated_at: row.updated_at.to_string(),
        stamped_at: row.stamped_at.map(|at| at.to_string()),
        next_attempt_at: row.next_attempt_at.filter(|_| row.document_id.is_none()).map(|at| at.to_string()),
        rejection: rejection(row)?,
    })
}
