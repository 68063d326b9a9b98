//! Invoices on credit become balances, whichever road they came by: issued here for a program, published by the ERP or
//! brought in by staff. The document's own transaction leaves a job; this room does it.
//!
//! It promises that an invoice opens one receivable at most, that one withdrawn or cancelled asks nobody for money, that
//! somebody is asked about money that is on such a one, and that what the ERP says of a balance stands above all that.
use uuid::Uuid;

use super::PaymentError;
use super::model::ReviewReason;
use super::store::payments::{self, Which};
use super::store::receivables::{self as store, ReceivableRow};
use super::store::{attempts, reviews};
use super::{receivables, settle};
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::audit::{self, Actor, Entry};
use crate::db::Tx;
use crate::documents::DocumentId;
use crate::documents::credit::{self, OnCredit};
use crate::issuers::Scope;
use crate::jobs::Outcome;

/// Invoices that are looked at between two questions to the database.
const AT_ONCE: i64 = 200;

/// Counts an invoice that was kept, withdrawn or brought back: the body of [`crate::jobs::JobKind::FollowInvoice`].
pub async fn follow(app: &App, id: Uuid) -> Outcome {
    match count(app, DocumentId::new(id)).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

/// Counts what was made out to somebody before they were a customer: the body of
/// [`crate::jobs::JobKind::FollowCustomer`].
pub async fn follow_customer(app: &App, id: Uuid) -> Outcome {
    match count_all(app, CustomerId::new(id)).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

async fn count_all(app: &App, customer: CustomerId) -> Result<(), PaymentError> {
    let Some((rfc, _)) = people::names_of(&mut app.db.read().await?, customer).await? else { return Ok(()) };
    let mut after = None;
    loop {
        let ids = credit::list_invoices_of(&mut app.db.read().await?, &rfc, after, AT_ONCE).await?;
        for id in &ids {
            count(app, *id).await?;
        }
        match ids.last() {
            Some(last) => after = Some(*last),
            None => return Ok(()),
        }
    }
}

async fn count(app: &App, id: DocumentId) -> Result<(), PaymentError> {
    let Some(invoice) = credit::find(&mut app.db.read().await?, id).await? else { return Ok(()) };
    if !invoice.total.is_positive() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let is_withdrawn = credit::lock(&mut tx, id).await?;
    let row = lock(&mut tx, &invoice, id).await?;
    let paid = row.as_ref().filter(|row| is_withdrawn && is_paid(row)).map(|row| row.id);
    let act = match (row, is_withdrawn) {
        (None, true) => None,
        (None, false) => open(&mut tx, app, &invoice, id).await?,
        (Some(row), true) => cancel(&mut tx, app, &invoice, &row).await?,
        (Some(row), false) => restore(&mut tx, app, &invoice, &row).await?,
    };
    if let Some(act) = act {
        receivables::tell_of_invoice(&mut tx, app, invoice.scope, id).await?;
        let object_id = id.uuid().to_string();
        let entry = Entry {
            actor: Actor::System,
            on_behalf_of: None,
            issuer_id: Some(invoice.scope.uuid()),
            act,
            object_kind: "document",
            object_id: &object_id,
            before: None,
            after: Some(serde_json::json!({ "number": invoice.number, "total": invoice.total.to_decimal_string() })),
            request_id: None,
        };
        audit::record(&mut tx, app.now(), entry).await?;
    }
    tx.commit().await?;
    match paid {
        Some(receivable) => ask(app, invoice.scope, receivable).await,
        None => Ok(()),
    }
}

/// Asks somebody to look at what paid an invoice that asks for no money any more. Each payment is locked by itself, and
/// before its invoices, as everywhere.
async fn ask(app: &App, scope: Scope, receivable: Uuid) -> Result<(), PaymentError> {
    let reason = ReviewReason::InvoiceCancelled;
    let unasked =
        reviews::list_unasked(&mut app.db.read().await?, scope, (receivable, reason.as_str()), AT_ONCE).await?;
    for id in unasked {
        let mut tx = app.db.begin().await?;
        attempts::lock(&mut tx, scope, id).await?;
        let known = reviews::list_reasons(&mut tx, scope, id).await?;
        let payment = payments::find(&mut tx, Which::OfIssuer(scope, id)).await?;
        let Some(payment) = payment.filter(|_| known.iter().all(|known| known != reason.as_str())) else { continue };
        settle::review(&mut tx, app, &payment, reason, None).await?;
        payments::touch(&mut tx, scope, id, app.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What the invoice opened, with its sums, locked.
async fn lock(tx: &mut Tx, invoice: &OnCredit, id: DocumentId) -> Result<Option<ReceivableRow>, PaymentError> {
    let Some(receivable) = store::lock_of_document(tx, invoice.scope, id.uuid()).await? else { return Ok(None) };
    Ok(store::list_by_id(tx, invoice.scope, None, &[receivable]).await?.pop())
}

async fn open(
    tx: &mut Tx,
    app: &App,
    invoice: &OnCredit,
    id: DocumentId,
) -> Result<Option<&'static str>, PaymentError> {
    if invoice.total.currency() != fiscal::Currency::Mxn && invoice.rate.is_none() {
        tracing::warn!(document.id = %id.uuid(), "an invoice on credit says no TipoCambio, so nothing can be counted");
        return Ok(None);
    }
    Ok(receivables::open_of_invoice(tx, app, invoice, id).await?.then_some("receivable.open"))
}

/// Money is on it. The ERP decides itself about what it knows.
fn is_paid(row: &ReceivableRow) -> bool {
    row.external_id.is_none() && row.applied_minor > 0
}

/// A receivable that the ERP knows is the ERP's to end, and one with money on it is for staff to decide. What a payment
/// under way holds is looked at again when it is paid or let go.
fn is_ours(row: &ReceivableRow) -> bool {
    row.external_id.is_none() && row.applied_minor == 0 && row.reserved_minor == 0
}

async fn cancel(
    tx: &mut Tx,
    app: &App,
    invoice: &OnCredit,
    row: &ReceivableRow,
) -> Result<Option<&'static str>, PaymentError> {
    if row.is_closed || !is_ours(row) {
        return Ok(None);
    }
    adjust(tx, app, invoice, (row.id, -row.pending_minor())).await?;
    store::set_closed(tx, invoice.scope, row.id, Some(app.now())).await?;
    Ok(Some("receivable.cancel"))
}

async fn restore(
    tx: &mut Tx,
    app: &App,
    invoice: &OnCredit,
    row: &ReceivableRow,
) -> Result<Option<&'static str>, PaymentError> {
    if !row.is_closed || !is_ours(row) {
        return Ok(None);
    }
    adjust(tx, app, invoice, (row.id, row.total_minor - row.pending_minor())).await?;
    store::set_closed(tx, invoice.scope, row.id, None).await?;
    Ok(Some("receivable.open"))
}

async fn adjust(
    tx: &mut Tx,
    app: &App,
    invoice: &OnCredit,
    (receivable, minor): (Uuid, i64),
) -> Result<(), PaymentError> {
    let now = app.now();
    if minor != 0 {
        store::insert_adjustment(tx, invoice.scope, (app.ids.uuid(), receivable), minor, now, now).await?;
    }
    Ok(store::touch(tx, invoice.scope, receivable, now).await?)
}
