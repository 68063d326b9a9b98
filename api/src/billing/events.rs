//! What integrators are told of an invoice: ids, states, the receptor's RFC, and no more of the person.
use shared::integrators::{EventData, EventKind};

use super::model::Refusal;
use super::store::StampRow;
use crate::App;
use crate::db::{DbResult, Tx};
use crate::documents::DocumentId;
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
