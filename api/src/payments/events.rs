//! What integrators are told of a payment: ids and states, the customer's RFC, and no more of the person.
use shared::integrators::{EventData, EventKind};
use shared::payments::PaymentState;

use super::model::Decision;
use super::store::ledger;
use super::store::payments::PaymentRow;
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{DbResult, Tx};
use crate::webhooks;

/// The bank's word, or somebody's, moved a payment.
pub(super) async fn moved(tx: &mut Tx, app: &App, payment: &PaymentRow, decision: &Decision) -> DbResult<()> {
    let kind = match decision.next {
        _ if payment.state()? == decision.next => return Ok(()),
        PaymentState::Confirmed => EventKind::PaymentConfirmed,
        PaymentState::Declined | PaymentState::Cancelled | PaymentState::Expired => EventKind::PaymentEnded,
        _ => return Ok(()),
    };
    publish(tx, app, payment, kind).await
}

/// Something about it asks to be looked at.
pub(super) async fn asked(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentReview).await
}

/// Money came that nobody ordered here; `applied`: some of it is on invoices already.
pub(super) async fn arrived(tx: &mut Tx, app: &App, payment: &PaymentRow, applied: bool) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentConfirmed).await?;
    if applied { publish(tx, app, payment, EventKind::PaymentApplied).await } else { Ok(()) }
}

/// Its money is on its invoices, or some of its credit is.
pub(super) async fn applied(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentApplied).await
}

/// Its credit was sent back, or how its money came was said later.
pub(super) async fn changed(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentChanged).await
}

/// Its money was taken back.
pub(super) async fn reversed(tx: &mut Tx, app: &App, payment: &PaymentRow) -> DbResult<()> {
    publish(tx, app, payment, EventKind::PaymentReversed).await
}

async fn publish(tx: &mut Tx, app: &App, payment: &PaymentRow, kind: EventKind) -> DbResult<()> {
    let metrics = app.metrics.clone();
    tx.on_commit(move || metrics.payment(kind.as_str()));
    let names = people::names_of(tx, CustomerId::new(payment.customer_id)).await?;
    let total = ledger::received(tx, payment).await?;
    let data = EventData {
        payment_id: Some(payment.id),
        receptor_rfc: names.map(|(rfc, _)| rfc),
        total: Some(total.to_decimal_string()),
        currency: Some(total.currency().code().to_owned()),
        ..EventData::default()
    };
    webhooks::publish(tx, &app.ids, app.now(), payment.issuer_id, (kind, &data)).await
}
