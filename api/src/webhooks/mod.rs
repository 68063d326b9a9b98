//! What happened, told to integrators: an outbox that the change feed reads.
//!
//! Promises: an event is written in the transaction of the change it tells of, so it is there exactly when the change
//! is; its number grows by one within its issuer and becomes visible in that order, so a reader that keeps the last
//! number misses nothing and reads nothing twice. It knows no domain: who publishes says the kind and the ids.
mod store;
pub mod verify;

use shared::integrators::{EventData, EventKind, EventResource};
use uuid::Uuid;

use crate::clock::Ids;
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// Writes an event at the end of its issuer's feed. Other publishers of that issuer wait until the transaction ends:
/// a number taken first is then seen first. Like every writer of the house it comes before the audit line.
pub async fn publish(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    issuer_id: Uuid,
    (kind, data): (EventKind, &EventData),
) -> DbResult<()> {
    let seq = store::next_seq(tx, issuer_id).await?;
    store::insert(tx, issuer_id, seq, ids.uuid(), (kind, data), now).await
}

/// An issuer's events after a number, in their order.
pub async fn list(conn: &mut impl Conn, issuer_id: Uuid, after: i64, limit: i64) -> DbResult<Vec<EventResource>> {
    store::list(conn, issuer_id, after, limit).await
}
