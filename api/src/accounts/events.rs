//! What an issuer's programs are told of its customers.
use shared::integrators::{EventData, EventKind};

use crate::App;
use crate::db::{DbResult, Tx};
use crate::issuers::Scope;
use crate::webhooks;

/// A customer is new to an issuer, or its data or contracts there changed. The id by which that was said, or one that it has,
/// and the RFC are told and no more: whoever knows RFC and contract can register.
pub(super) async fn customer_changed(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (external_id, rfc): (Option<&str>, &str),
) -> DbResult<()> {
    let told = EventData {
        customer_external_id: external_id.map(str::to_owned),
        receptor_rfc: Some(rfc.to_owned()),
        ..EventData::default()
    };
    let event = (EventKind::CustomerChanged, &told);
    webhooks::publish(tx, &app.ids, app.now(), scope.uuid(), event).await
}
