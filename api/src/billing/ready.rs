//! What an order is made from, read before its first transaction: ticket, branch, certificate, the document without folio.
//! What is read here may change meanwhile; the transaction reserves the ticket only as it was read.
use cfdi::Comprobante;
use shared::billing::InvoiceOrder;

use super::draft;
use super::service::BillingError;
use crate::App;
use crate::db::Timestamp;
use crate::documents;
use crate::issuers::custody::{self, Signer};
use crate::issuers::{self, Branch, Issuer, Scope};
use crate::tickets;
use crate::tickets::model::Ticket;

/// Fecha lies this far in the past: a PAC whose clock is behind ours would refuse a future date (cfdi.md 1.9).
const FECHA_MARGIN_SECONDS: i64 = 60;

/// What the first transaction needs and can be had before it.
pub(super) struct Ready {
    pub issuer: Issuer,
    pub branch: Branch,
    pub ticket: Ticket,
    pub signer: Signer,
    pub fecha: String,
    pub comprobante: Comprobante,
}

/// Reads and judges it. A ticket that comes to another total than its person saw has to be looked up again.
pub(super) async fn make(app: &App, scope: Scope, order: &InvoiceOrder) -> Result<Ready, BillingError> {
    let now = app.now();
    let claimed = app.claim_key.open(scope, &order.claim, now).ok_or(BillingError::ClaimExpired)?;
    let mut conn = app.db.read().await?;
    let ticket = tickets::service::find(&mut conn, scope, claimed.ticket).await?.ok_or(BillingError::ClaimExpired)?;
    let branch =
        issuers::service::find_branch(&mut conn, scope, ticket.branch_id).await?.ok_or(BillingError::ClaimExpired)?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(BillingError::ClaimExpired)?;
    drop(conn);
    let today = now.jiff().to_zoned(branch.time_zone.clone()).date();
    ticket.available_on(today).map_err(BillingError::Unavailable)?;
    if ticket.total != claimed.total {
        return Err(BillingError::ClaimExpired);
    }
    draft::check_forma_pago(&ticket, order).map_err(BillingError::Fields)?;
    let at = fecha_at(now);
    let signer = custody::signer(app, scope, at).await?;
    let fecha = crate::clock::civil_text(at, &branch.time_zone);
    let source = draft::Source { issuer: &issuer, branch: &branch, ticket: &ticket, order, fecha: &fecha };
    let comprobante = draft::build(&source)?;
    documents::service::check_printable(&comprobante, &issuer, app.rehearsal)?;
    Ok(Ready { issuer, branch, ticket, signer, fecha, comprobante })
}

/// The instant a document made now is dated.
pub(super) fn fecha_at(now: Timestamp) -> Timestamp {
    now.plus_seconds(-FECHA_MARGIN_SECONDS)
}
