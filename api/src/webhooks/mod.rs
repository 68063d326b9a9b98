//! What happened, told to integrators: an outbox that the change feed reads, and couriers that carry it to endpoints.
//!
//! Promises: an event is written in the transaction of the change it tells of, so it is there exactly when the change
//! is; its number grows by one within its issuer and becomes visible in that order, so a reader that keeps the last
//! number misses nothing and reads nothing twice. What an endpoint is to be told is written in that same transaction
//! and tried until it arrives, is given up in sight, or its endpoint is ended; it may arrive twice, never with another
//! id. It knows no domain: who publishes says the kind and the ids.
pub mod address;
pub mod courier;
pub mod model;
pub mod post;
pub mod service;
pub mod signature;
mod store;
pub mod verify;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use shared::integrators::{EventData, EventKind, EventResource};
use shared::webhooks::ENDPOINTS_MAX;
use uuid::Uuid;

use crate::clock::Ids;
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// Writes an event at the end of its issuer's feed, and for each endpoint that wants it a delivery. Other publishers of
/// that issuer wait until the transaction ends: a number taken first is then seen first. Like every writer of the
/// house it comes before the audit line.
pub async fn publish(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    issuer_id: Uuid,
    event: (EventKind, &EventData),
) -> DbResult<()> {
    publish_numbered(tx, ids, now, issuer_id, event).await.map(|_seq| ())
}

/// The same, and says the event's number.
pub async fn publish_numbered(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    issuer_id: Uuid,
    (kind, data): (EventKind, &EventData),
) -> DbResult<i64> {
    let seq = write(tx, ids, now, issuer_id, (kind, data)).await?;
    for endpoint in store::endpoints::list(tx, issuer_id, ENDPOINTS_MAX).await? {
        if endpoint.enabled && endpoint.wants(kind) {
            store::deliveries::insert(tx, ids.uuid(), (issuer_id, endpoint.id), seq, now).await?;
        }
    }
    Ok(seq)
}

/// Waits for whoever is publishing something of the issuer's, and lets nobody else until this transaction ends: what
/// must be looked up first and published then is looked up after this.
pub async fn hold(tx: &mut Tx, issuer_id: Uuid) -> DbResult<()> {
    store::hold(tx, issuer_id).await
}

/// Into the feed alone.
async fn write(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    issuer_id: Uuid,
    event: (EventKind, &EventData),
) -> DbResult<i64> {
    let seq = store::next_seq(tx, issuer_id).await?;
    store::insert(tx, issuer_id, seq, ids.uuid(), event, now).await?;
    Ok(seq)
}

/// An issuer's events after a number, in their order.
pub async fn list(conn: &mut impl Conn, issuer_id: Uuid, after: i64, limit: i64) -> DbResult<Vec<EventResource>> {
    store::list(conn, issuer_id, after, limit).await
}

/// Lets go of what was delivered or given up before this moment, tries first.
pub fn purge(tx: &mut Tx, before: Timestamp, limit: i64) -> BoxFuture<'_, DbResult<u64>> {
    async move {
        let tries = store::deliveries::delete_attempts(tx, before, limit).await?;
        let left = limit.saturating_sub(i64::try_from(tries).unwrap_or(limit));
        if left == 0 {
            return Ok(tries);
        }
        Ok(tries + store::deliveries::delete_decided(tx, before, left).await?)
    }
    .boxed()
}
