//! Carries what is due to its endpoints. One courier serves an endpoint at a time, for a slice of time; then it is the
//! turn of whoever was served longest ago, so that a slow or dead endpoint delays no other. Nothing is in a queue but
//! the deliveries themselves: a courier that dies leaves a lease, and whoever finds it expired goes on.
use std::sync::Arc;
use std::time::Duration;

use shared::webhooks::DisabledBecause;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::model::{After, Delivery, Endpoint, Failure, Table, Tried};
use super::post::Envelope;
use super::service;
use super::signature;
use super::store::{self, deliveries, endpoints};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{DbResult, Tx};
use crate::jobs::{self, JobKind};

/// Deliveries read at once.
const BATCH: i64 = 64;
/// Beyond two time limits, what a slice may take before another courier may come.
const LEASE_MARGIN_SECONDS: i64 = 2;
const HTTP_GONE: u16 = 410;

/// Serves endpoints until `stop` says true, then ends the slices that run.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let pause = Duration::from_millis(app.config.jobs.poll_milliseconds);
    let couriers = app.config.webhooks.endpoints_at_once;
    let (slots, back) = (Arc::new(Semaphore::new(couriers)), Arc::new(Notify::new()));
    while !*stop.borrow() {
        match send_all_out(&app, &slots, &back, &stop).await {
            Ok(()) => {}
            Err(error) if error.is_busy() => tracing::debug!("the webhooks' database is busy"),
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "webhooks could not be read"),
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = back.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
    let all = u32::try_from(couriers).unwrap_or(u32::MAX);
    let limit = Duration::from_secs(app.config.jobs.stop_seconds);
    if tokio::time::timeout(limit, slots.acquire_many(all)).await.is_err() {
        tracing::warn!("stopped with webhooks in flight; their leases expire and they are sent again");
    }
}

async fn send_all_out(
    app: &App,
    slots: &Arc<Semaphore>,
    back: &Arc<Notify>,
    stop: &watch::Receiver<bool>,
) -> DbResult<()> {
    while !*stop.borrow() && endpoints::any_due(&mut app.db.read().await?, app.now()).await? {
        let Ok(slot) = slots.clone().acquire_owned().await else { return Ok(()) };
        let Some((endpoint, lease_id)) = claim(app).await? else { return Ok(()) };
        let (app, back, stop) = (app.clone(), back.clone(), stop.clone());
        tokio::spawn(async move {
            if let Err(error) = serve(&app, &endpoint, lease_id, &stop).await {
                // The lease expires, and what was not written down is sent again.
                tracing::warn!(endpoint.id = %endpoint.id, %error, "a slice of webhooks could not be written down");
            }
            drop(slot);
            back.notify_one();
        });
    }
    Ok(())
}

/// Carries everything that is due now, and says how many slices it took. For tests and commands.
pub async fn run_due(app: &App) -> DbResult<u32> {
    let (_say, stop) = watch::channel(false);
    let mut slices = 0;
    while let Some((endpoint, lease_id)) = claim(app).await? {
        serve(app, &endpoint, lease_id, &stop).await?;
        slices += 1;
    }
    Ok(slices)
}

/// Takes back what a dead process held. Only where one process at a time can live (SQLite's lock).
pub async fn take_over(tx: &mut Tx) -> DbResult<()> {
    endpoints::release_all(tx).await
}

async fn claim(app: &App) -> DbResult<Option<(Endpoint, Uuid)>> {
    let (now, lease_id) = (app.now(), app.ids.uuid());
    let patience = i64::try_from(app.config.webhooks.timeout_seconds).unwrap_or(i64::MAX / 4);
    let until = now.plus_seconds(patience.saturating_mul(3).saturating_add(LEASE_MARGIN_SECONDS));
    let mut tx = app.db.begin().await?;
    let endpoint = endpoints::claim(&mut tx, lease_id, now, until).await?;
    tx.commit().await?;
    Ok(endpoint.map(|endpoint| (endpoint, lease_id)))
}

/// A slice: batches until nothing is due, nothing gets through, the time is over, or the house closes.
async fn serve(app: &App, endpoint: &Endpoint, lease_id: Uuid, stop: &watch::Receiver<bool>) -> DbResult<()> {
    let begun = Instant::now();
    let slice = Duration::from_secs(app.config.webhooks.timeout_seconds);
    'slice: loop {
        let due = deliveries::list_due(&mut app.db.read().await?, endpoint.id, app.now(), BATCH).await?;
        if due.is_empty() {
            break;
        }
        for some in due.chunks(app.config.webhooks.at_once) {
            let go_on = carry(app, endpoint, some).await?;
            if !go_on || begun.elapsed() >= slice || *stop.borrow() {
                break 'slice;
            }
        }
    }
    let mut tx = app.db.begin().await?;
    endpoints::release(&mut tx, endpoint.id, lease_id).await?;
    tx.commit().await
}

/// Some deliveries at once; no transaction is open. `false`: leave the endpoint in peace for now.
async fn carry(app: &App, endpoint: &Endpoint, some: &[Delivery]) -> DbResult<bool> {
    let tried = futures::future::join_all(some.iter().map(|delivery| attempt(app, endpoint, delivery))).await;
    let tried: Vec<Tried> = tried.into_iter().collect::<DbResult<_>>()?;
    write_down(app, endpoint, some, &tried).await
}

async fn attempt(app: &App, endpoint: &Endpoint, delivery: &Delivery) -> DbResult<Tried> {
    let unsent = |failure| Tried { status: None, failure: Some(failure), retry_after_seconds: None, milliseconds: 0 };
    let event = store::find(&mut app.db.read().await?, endpoint.issuer_id, delivery.seq).await?;
    let body = event.and_then(|event| serde_json::to_vec(&event).ok());
    let now = app.now();
    let (Some(body), Some(secrets)) = (body, service::secrets(app, endpoint, now)) else {
        return Ok(unsent(Failure::Secret));
    };
    let (id, unix_seconds) = (delivery.event_id.to_string(), now.jiff().as_second());
    let signature = signature::header(&secrets, &id, unix_seconds, &body);
    let envelope = Envelope { id: &id, unix_seconds, signature: &signature, body };
    Ok(app.post.send(&endpoint.url, envelope).await)
}

/// One transaction for what was tried at once: tries, deliveries, the endpoint's health.
async fn write_down(app: &App, endpoint: &Endpoint, some: &[Delivery], tried: &[Tried]) -> DbResult<bool> {
    let (now, table) = (app.now(), Table::of(&app.config.webhooks));
    let mut words = Vec::with_capacity(some.len());
    let mut tx = app.db.begin().await?;
    for (delivery, tried) in some.iter().zip(tried) {
        let chance = app.ids.secret()[0];
        let after = table.after(tried, delivery.attempts + 1, (delivery.begun_at, now), chance);
        if after == After::Parked {
            tracing::warn!(delivery.id = %delivery.id, endpoint.id = %endpoint.id, "a webhook was given up");
        }
        words.push(after.word());
        deliveries::record(&mut tx, app.ids.uuid(), delivery, (tried, after), now).await?;
    }
    let go_on = health(app, &mut tx, endpoint, tried).await?;
    tx.commit().await?;
    words.into_iter().for_each(|word| app.metrics.webhook(word));
    app.wake.notify_one();
    Ok(go_on)
}

async fn health(app: &App, tx: &mut Tx, endpoint: &Endpoint, tried: &[Tried]) -> DbResult<bool> {
    let (now, table) = (app.now(), Table::of(&app.config.webhooks));
    if tried.iter().any(|tried| tried.status == Some(HTTP_GONE)) {
        disable(app, tx, endpoint, DisabledBecause::Gone).await?;
        return Ok(false);
    }
    let asked = tried.iter().filter_map(Tried::asks_for_rest).max();
    if tried.iter().any(|tried| tried.failure.is_none()) {
        endpoints::mark_well(tx, endpoint.id).await?;
        // Some got through, and then it was enough.
        if let Some(seconds) = asked {
            endpoints::pause(tx, endpoint.id, table.rests_until(1, seconds, now)).await?;
        }
        return Ok(asked.is_none());
    }
    let rests = asked.is_some() || tried.iter().all(|tried| tried.failure.is_some_and(Failure::is_silence));
    let silences = endpoint.silences.saturating_add(1);
    let pause = rests.then(|| (silences, table.rests_until(silences, asked.unwrap_or(0), now)));
    let since = endpoints::mark_failing(tx, endpoint.id, now, pause).await?;
    let lost = since.is_some_and(|since| table.is_lost(since, now));
    if lost {
        disable(app, tx, endpoint, DisabledBecause::Failing).await?;
    }
    Ok(!rests && !lost)
}

/// Sends nothing more, and has somebody told.
async fn disable(app: &App, tx: &mut Tx, endpoint: &Endpoint, because: DisabledBecause) -> DbResult<()> {
    let now = app.now();
    if !endpoints::mark_disabled(tx, endpoint.id, because, now).await? {
        return Ok(());
    }
    tracing::error!(endpoint.id = %endpoint.id, because = because.as_str(), "a webhook endpoint was disabled");
    jobs::enqueue(tx, &app.ids, JobKind::WebhookDisabled, endpoint.id, now).await?;
    let entry = Entry {
        actor: Actor::System,
        on_behalf_of: None,
        issuer_id: Some(endpoint.issuer_id),
        act: "webhook_endpoint.disable",
        object_kind: "webhook_endpoint",
        object_id: &endpoint.external_id,
        before: None,
        after: Some(serde_json::json!({ "because": because.as_str() })),
        request_id: None,
    };
    audit::record(tx, now, entry).await
}
