//! Takes due jobs, runs them, and gives back what did not work. Stops politely.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::store::{self, JobRow};
use super::{Job, JobKind, Outcome, schedule};
use crate::App;
use crate::db::{DbError, DbResult, Timestamp};
use crate::threads::Ended;

/// Matches a job to the domain that knows it.
pub type Dispatch = fn(App, Job) -> BoxFuture<'static, Outcome>;

/// First pause after a failure, doubled each time.
const BACKOFF_FIRST_SECONDS: i64 = 2;
/// Longest pause.
const BACKOFF_MAX_SECONDS: i64 = 300;
/// Longest reason kept.
const REASON_MAX: usize = 300;

/// The loop that runs jobs inside `serve`.
pub struct Runner {
    app: App,
    dispatch: Dispatch,
    slots: Arc<Semaphore>,
    /// The kinds of what the workers are at.
    running: Arc<Mutex<Vec<String>>>,
}

impl Runner {
    /// A runner with the configured number of workers.
    pub fn new(app: App, dispatch: Dispatch) -> Runner {
        let slots = Arc::new(Semaphore::new(app.config.jobs.workers));
        Runner { app, dispatch, slots, running: Arc::default() }
    }

    /// Runs until `stop` says true, then waits for work in flight (at most the configured seconds).
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let pause = Duration::from_millis(self.app.config.jobs.poll_milliseconds);
        while !*stop.borrow() {
            match self.take_all_due(&mut stop).await {
                Ok(()) => {}
                Err(error) if error.is_busy() => tracing::debug!("the queue's database is busy"),
                Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "the queue could not be read"),
            }
            tokio::select! {
                () = told(&mut stop) => {}
                () = self.app.wake.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        let all = u32::try_from(self.app.config.jobs.workers).unwrap_or(u32::MAX);
        let limit = Duration::from_secs(self.app.config.jobs.stop_seconds);
        if tokio::time::timeout(limit, self.slots.acquire_many(all)).await.is_err() {
            tracing::warn!("stopped with jobs in flight; their leases expire and they are run again");
        }
    }

    async fn take_all_due(&self, stop: &mut watch::Receiver<bool>) -> DbResult<()> {
        while !*stop.borrow() && store::due_count(&mut self.app.db.read().await?, self.app.now()).await? > 0 {
            let slot = tokio::select! {
                // Whoever waits for a worker when the word comes takes nothing new (F23).
                biased;
                () = told(stop) => return Ok(()),
                slot = self.slots.clone().acquire_owned() => slot,
            };
            let Ok(slot) = slot else { return Ok(()) };
            let crowd = crowd(&lock(&self.running), self.app.config.jobs.workers).map(str::to_owned);
            let Some((row, lease_id)) = claim(&self.app, crowd.as_deref()).await? else { return Ok(()) };
            let (app, dispatch, running) = (self.app.clone(), self.dispatch, self.running.clone());
            lock(&running).push(row.kind.clone());
            tokio::spawn(async move {
                let kind = row.kind.clone();
                run_one(&app, dispatch, row, lease_id).await;
                leave(&mut lock(&running), &kind);
                drop(slot);
                app.wake.notify_one();
            });
        }
        Ok(())
    }
}

/// Waits until `stop` says so; once it did, not at all.
async fn told(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could say it.
        futures::future::pending::<()>().await;
    }
}

/// The kind that has every worker but the last. That one is for other work: whoever is waited for, a PAC or a mail
/// server that hangs, stops nothing else (F7).
fn crowd(running: &[String], workers: usize) -> Option<&str> {
    let (first, others) = running.split_first()?;
    let last_is_left = running.len().saturating_add(1) >= workers;
    (last_is_left && others.iter().all(|kind| kind == first)).then_some(first.as_str())
}

fn leave(running: &mut Vec<String>, kind: &str) {
    if let Some(place) = running.iter().position(|one| one == kind) {
        running.swap_remove(place);
    }
}

fn lock(running: &Mutex<Vec<String>>) -> MutexGuard<'_, Vec<String>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs everything that is due now, one after the other, and says how many ran. For tests and commands.
pub async fn run_due(app: &App, dispatch: Dispatch) -> DbResult<u32> {
    let mut ran = 0;
    while let Some((row, lease_id)) = claim(app, None).await? {
        run_one(app, dispatch, row, lease_id).await;
        ran += 1;
    }
    Ok(ran)
}

async fn claim(app: &App, except: Option<&str>) -> DbResult<Option<(JobRow, Uuid)>> {
    let now = app.now();
    let lease_id = app.ids.uuid();
    let mut tx = app.db.begin().await?;
    let leased_until = now.plus_seconds(app.config.jobs.lease_seconds);
    let row = store::claim(&mut tx, lease_id, now, leased_until, except).await?;
    tx.commit().await?;
    Ok(row.map(|row| (row, lease_id)))
}

async fn run_one(app: &App, dispatch: Dispatch, row: JobRow, lease_id: Uuid) {
    let outcome = match JobKind::try_from(row.kind.clone()) {
        Ok(kind) => {
            let job = Job { kind, subject_id: row.subject_id, attempts: row.attempts };
            let lease = Duration::from_secs(u64::try_from(app.config.jobs.lease_seconds).unwrap_or(1));
            // A panic in one body must not take the runner with it.
            let body = tokio::spawn(tokio::time::timeout(lease, dispatch(app.clone(), job)));
            match body.await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_elapsed)) => Outcome::Retry { reason: "took longer than its lease".into() },
                Err(ended) => Outcome::Retry { reason: Ended::from(ended).to_string() },
            }
        }
        Err(kind) => Outcome::Park { reason: format!("unknown kind {kind}") },
    };
    if let Err(error) = settle(app, &row, lease_id, outcome).await {
        tracing::warn!(job.id = %row.id, error = &error as &dyn std::error::Error,
            "a job's end could not be written; its lease expires and it is run again");
    }
}

async fn settle(app: &App, row: &JobRow, lease_id: Uuid, outcome: Outcome) -> Result<(), DbError> {
    let now = app.now();
    let outcome = match outcome {
        Outcome::Retry { reason } if row.attempts >= app.config.jobs.attempts_max => Outcome::Park { reason },
        other => other,
    };
    let ended = match &outcome {
        Outcome::Done => "done",
        Outcome::Park { .. } => "parked",
        Outcome::Retry { .. } | Outcome::RetryAt { .. } => "again",
    };
    let mut tx = app.db.begin().await?;
    match outcome {
        Outcome::Done => {
            let kind = JobKind::try_from(row.kind.clone()).ok();
            match kind.and_then(|kind| schedule::next_run(kind, now)) {
                Some(at) => store::rest(&mut tx, row.id, lease_id, at).await?,
                None => store::finish(&mut tx, row.id, lease_id).await?,
            }
        }
        Outcome::Retry { reason } => {
            tracing::info!(job.id = %row.id, job.kind = row.kind, reason, "a job will be tried again");
            let (at, tries) = (pause(app, row.attempts, now), row.attempts + 1);
            store::give_back(&mut tx, row.id, lease_id, (at, tries), short(&reason)).await?;
        }
        // It ran as it should, and asks for another look: what failed before counts no longer.
        Outcome::RetryAt { at, reason } => {
            if at > now {
                tracing::info!(job.id = %row.id, job.kind = row.kind, reason, "a job will be tried again");
            } else {
                tracing::debug!(job.id = %row.id, job.kind = row.kind, reason, "a job goes on");
            }
            store::give_back(&mut tx, row.id, lease_id, (at, 0), short(&reason)).await?;
        }
        Outcome::Park { reason } => {
            tracing::error!(job.id = %row.id, job.kind = row.kind, reason, "a job was parked: somebody must look");
            store::park(&mut tx, row.id, lease_id, short(&reason)).await?;
        }
    }
    tx.commit().await?;
    app.metrics.job(JobKind::try_from(row.kind.clone()).map_or("unknown", JobKind::as_str), ended);
    Ok(())
}

/// Doubles with each try, up to a limit, with up to a quarter more by chance so that a crowd does not return together.
fn pause(app: &App, attempts: i64, now: Timestamp) -> Timestamp {
    let doubled = 1_i64.checked_shl(u32::try_from(attempts).unwrap_or(0).min(16)).unwrap_or(i64::MAX);
    let base = BACKOFF_FIRST_SECONDS.saturating_mul(doubled).min(BACKOFF_MAX_SECONDS);
    let chance = i64::from(app.ids.secret()[0]);
    now.plus_seconds(base + base * chance / 1024)
}

fn short(reason: &str) -> &str {
    reason.char_indices().nth(REASON_MAX).map_or(reason, |(end, _)| &reason[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_worker_is_not_for_the_kind_that_has_the_others() {
        let cases: [(&[&str], usize, Option<&str>); 6] = [
            (&[], 1, None),
            (&[], 4, None),
            (&["stamp", "stamp"], 4, None),
            (&["stamp", "stamp", "stamp"], 4, Some("stamp")),
            (&["stamp", "deliver_letter", "stamp"], 4, None),
            (&["deliver_letter"], 2, Some("deliver_letter")),
        ];
        for (running, workers, kept_out) in cases {
            let running: Vec<String> = running.iter().map(|kind| (*kind).to_owned()).collect();
            assert_eq!(crowd(&running, workers), kept_out, "{running:?} of {workers}");
        }
    }
}
