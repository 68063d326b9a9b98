//! What the browser that asked for an invoice may do with it afterwards: follow it, fetch it, mail it again.
use shared::billing::{InvoiceState, InvoiceView, MailInvoice};
use shared::integrators::InvoiceResource;
use shared::problem::FieldErrors;
use uuid::Uuid;

use super::model::StampState;
use super::service::{BillingError, DAY_SECONDS};
use super::{awaited, letters, store, view};
use crate::App;
use crate::counters::{self, Counter};
use crate::db::{DbResult, Timestamp};
use crate::documents::{self, DocumentId};
use crate::issuers::{self, Scope};
use crate::jobs::{self, JobKind};
use crate::tickets;

const HOUR_SECONDS: i64 = 3_600;

/// The invoice, if this browser may open it.
pub async fn find(app: &App, browser_hash: &[u8; 32], id: Uuid) -> Result<InvoiceView, BillingError> {
    let mut conn = app.db.read().await?;
    if let Some(row) = store::find_for_browser(&mut conn, browser_hash, id, app.now()).await? {
        return Ok(view::invoice(&mut conn, &row).await?);
    }
    awaited::find_for_browser(app, &mut conn, browser_hash, id).await?.ok_or(BillingError::NotFound)
}

/// The live invoice of a ticket, if this browser may open it.
pub async fn of_ticket(
    app: &App,
    scope: Scope,
    ticket: tickets::model::TicketId,
    browser_hash: &[u8; 32],
) -> DbResult<Option<Uuid>> {
    let mut conn = app.db.read().await?;
    store::find_of_ticket_for_browser(&mut conn, scope, ticket.uuid(), browser_hash, app.now()).await
}

/// The invoice, as its issuer's programs see it.
pub async fn of_issuer(app: &App, scope: Scope, id: Uuid) -> Result<InvoiceResource, BillingError> {
    let mut conn = app.db.read().await?;
    let row = store::find(&mut conn, id).await?.filter(|row| row.scope() == scope).ok_or(BillingError::NotFound)?;
    Ok(view::resource(&mut conn, &row).await?)
}

/// An issuer's invoices by their last change, after a key.
pub async fn list_changed(
    app: &App,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<(Timestamp, InvoiceResource)>> {
    let mut conn = app.db.read().await?;
    let rows = store::list_changed(&mut conn, scope, since, after, limit).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.updated_at, view::resource(&mut conn, &row).await?));
    }
    Ok(told)
}

/// The live invoice of an issuer's ticket, for the issuer itself.
pub async fn live_of_ticket(app: &App, scope: Scope, ticket: tickets::model::TicketId) -> DbResult<Option<Uuid>> {
    store::find_live_of_ticket(&mut app.db.read().await?, scope, ticket.uuid()).await
}

/// The stamped document of an invoice, if this browser may open it.
pub async fn document_of(app: &App, browser_hash: &[u8; 32], id: Uuid) -> Result<(Scope, DocumentId), BillingError> {
    let mut conn = app.db.read().await?;
    let row = store::find_for_browser(&mut conn, browser_hash, id, app.now()).await?.ok_or(BillingError::NotFound)?;
    let document_id = row.document_id.ok_or(BillingError::NotStamped)?;
    Ok((row.scope(), DocumentId::new(document_id)))
}

/// Asks the PAC again now, for somebody who is waiting at the page.
pub async fn retry(app: &App, browser_hash: &[u8; 32], id: Uuid) -> Result<InvoiceView, BillingError> {
    let mut conn = app.db.read().await?;
    let row = store::find_for_browser(&mut conn, browser_hash, id, app.now()).await?;
    drop(conn);
    let Some(row) = row else {
        let awaited = find(app, browser_hash, id).await?;
        if awaited.state == InvoiceState::Waiting {
            awaited::look_now(app, id).await?;
        }
        return Ok(awaited);
    };
    if row.state()? == StampState::Sealed {
        let mut tx = app.db.begin().await?;
        jobs::reschedule_for(&mut tx, JobKind::Stamp, row.id, app.now()).await?;
        tx.commit().await?;
        app.wake.notify_one();
    }
    find(app, browser_hash, id).await
}

/// Letters that one invoice, and one source of requests, may still ask for (G6).
fn limits(app: &App, id: Uuid, source: &str) -> [Counter; 2] {
    let of_invoice = Counter {
        kind: "invoice_mail",
        subject: counters::subject(&id.to_string()),
        limit: app.config.mail.per_invoice_daily,
        window_seconds: DAY_SECONDS,
    };
    let of_source = Counter {
        kind: "invoice_mail_source",
        subject: counters::subject(source),
        limit: app.config.accounts.letters_per_source,
        window_seconds: HOUR_SECONDS,
    };
    [of_invoice, of_source]
}

/// Mails a stamped invoice once more, within the daily limits of its address, of the invoice and of who asks (G6).
pub async fn send(
    app: &App,
    browser_hash: &[u8; 32],
    id: Uuid,
    wanted: &MailInvoice,
    source: &str,
) -> Result<InvoiceView, BillingError> {
    let mut errors = FieldErrors::default();
    let Some(to) = shared::billing::parse_email("/to", &wanted.to, &mut errors) else {
        return Err(BillingError::Fields(errors));
    };
    let now = app.now();
    let mut conn = app.db.read().await?;
    let row = store::find_for_browser(&mut conn, browser_hash, id, now).await?.ok_or(BillingError::NotFound)?;
    let document_id = DocumentId::new(row.document_id.ok_or(BillingError::NotStamped)?);
    let issuer = issuers::service::find_issuer(&mut conn, row.scope()).await?.ok_or(BillingError::NotFound)?;
    drop(conn);
    let stored = documents::service::xml(app, row.scope(), document_id).await;
    let issued_on = stored.map(|stored| stored.issued_on).map_err(|_error| BillingError::NotFound)?;
    let mut tx = app.db.begin().await?;
    for limit in limits(app, id, source) {
        limit.try_hit(&mut tx, now).await?.map_err(BillingError::MailLimit)?;
    }
    let folio_fiscal = documents::service::folio_fiscal(&mut tx, row.scope(), document_id).await?;
    let folio_fiscal = folio_fiscal.ok_or(BillingError::NotFound)?;
    let ready =
        letters::Ready { issuer: &issuer, row: &row, document_id, folio_fiscal: &folio_fiscal, issued_on: &issued_on };
    letters::ready(app, &ready, wanted.language)?.enqueue_within_the_day(&mut tx, app, &issuer, &row, &to).await?;
    tx.commit().await?;
    app.wake.notify_one();
    find(app, browser_hash, id).await
}
