//! What integrators are told of an invoice: ids, states, the receptor's RFC, and no more of the person.
use shared::integrators::{EventData, EventKind};
use uuid::Uuid;

use super::model::Refusal;
use super::store::StampRow;
use crate::App;
use crate::db::{DbResult, Tx};
use crate::documents::DocumentId;
use crate::tickets::signed::SignedSale;
use crate::tickets::{self, model::TicketId};
use crate::webhooks;

/// An invoice has its stamp.
pub(super) async fn stamped(
    tx: &mut Tx,
    app: &App,
    row: &StampRow,
    (document, folio_fiscal): (DocumentId, &str),
) -> DbResult<()> {
    let data = EventData {
        document_id: Some(document.uuid()),
        document_kind: Some("factura".to_owned()),
        folio_fiscal: Some(folio_fiscal.to_owned()),
        ..about(tx, row).await?
    };
    webhooks::publish(tx, &app.ids, app.now(), row.scope().uuid(), (EventKind::InvoiceStamped, &data)).await
}

/// The PAC refused an invoice; its ticket is open again.
pub(super) async fn refused(tx: &mut Tx, app: &App, row: &StampRow, refusal: &Refusal) -> DbResult<()> {
    let data = EventData { sat_code: Some(refusal.sat_code.clone()), ..about(tx, row).await? };
    webhooks::publish(tx, &app.ids, app.now(), row.scope().uuid(), (EventKind::InvoiceRefused, &data)).await
}

/// An order waits for its sale, which the till has not told us of.
pub(super) async fn awaited(
    tx: &mut Tx,
    app: &App,
    (id, receptor_rfc): (Uuid, &str),
    sale: &SignedSale,
) -> DbResult<()> {
    let data = EventData {
        invoice_id: Some(id),
        branch: Some(sale.branch.name.clone()),
        order_number: Some(sale.payload.order_number.clone()),
        ticket_number: Some(sale.payload.ticket_number.clone()),
        receptor_rfc: Some(receptor_rfc.to_owned()),
        total: Some(sale.payload.total.to_decimal_string()),
        currency: Some(sale.payload.total.currency().code().to_owned()),
        ..EventData::default()
    };
    webhooks::publish(tx, &app.ids, app.now(), sale.scope.uuid(), (EventKind::TicketAwaited, &data)).await
}

async fn about(tx: &mut Tx, row: &StampRow) -> DbResult<EventData> {
    let ticket = tickets::service::find(tx, row.scope(), TicketId::new(row.ticket_id)).await?;
    let total = row.total()?;
    Ok(EventData {
        invoice_id: Some(row.id),
        ticket_external_id: ticket.and_then(|ticket| ticket.external_id),
        receptor_rfc: Some(row.receptor_rfc.clone()),
        total: Some(total.to_decimal_string()),
        currency: Some(total.currency().code().to_owned()),
        ..EventData::default()
    })
}
