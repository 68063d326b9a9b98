//! What integrators are told of a payment: ids and states, the customer's RFC, and no more of the person.
use shared::integrators::{EventData, EventKind};
use shared::payments::PaymentState;

use super::model::Decision;
use super::store::payments::PaymentRow;
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{DbResult, Tx};
use crate::webhooks;

/// The bank's word, or somebody's, moved a payment.
pub(super) async fn moved(tx: &mut Tx, app: &App, payment: &PaymentRow, decision: &Decision) -> DbResult<()> {
    if decision.review.is_some() {
        publish(tx, app, payment, EventKind::PaymentReview).await?;
    }
    let kind = match decision.next {
        _ if payment.state()? == decision.next => return Ok(()),
        PaymentState::Confirmed => EventKind::PaymentConfirmed,
        PaymentState::Declined | PaymentState::Cancelled | PaymentState::Expired => EventKind::PaymentEnded,
        _ => return Ok(()),
    };
    publish(tx, app, payment, kind).await
}

/// Money came that nobody ordered here, and is where it goes.
pub(super) async fn arrived(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentConfirmed).await?;
    publish(tx, app, payment, EventKind::PaymentApplied).await
}

/// Its money is on its invoices.
pub(super) async fn applied(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentApplied).await
}

/// Its money was taken back.
pub(super) async fn reversed(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentReversed).await
}

async fn publish(tx: &mut Tx, app: &App, payment: &PaymentRow, kind: EventKind) -> DbResult<()> {
    let names = people::names_of(tx, CustomerId::new(payment.customer_id)).await?;
    let total = payment.amount()?;
    let data = EventData {
        payment_id: Some(payment.id),
        receptor_rfc: names.map(|(rfc, _)| rfc),
        total: Some(total.to_decimal_string()),
        currency: Some(total.currency().code().to_owned()),
        ..EventData::default()
    };
    webhooks::publish(tx, &app.ids, app.now(), payment.issuer_id, (kind, &data)).await
}
