//! Background work that was given up, from the command line: what it is, once more, or no more. Works beside a running
//! server, which takes up what is ready.
use std::io::Write;

use anyhow::{Context, bail};
use serde_json::json;
use uuid::Uuid;

use super::database;
use super::start::World;
use crate::audit::{self, Actor, Entry};
use crate::config::Config;
use crate::db::{Db, DbResult, Timestamp, Tx};
use crate::jobs::{self, JobKind, Parked};
use crate::mail;

/// Jobs that are read, and taken up in one transaction: on SQLite nobody else writes meanwhile.
const PAGE_ROWS: i64 = 100;

/// Tells what was given up, a JSON line each, the oldest first.
pub async fn list(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let db = database::open(config).await?;
    let mut after = None;
    loop {
        let page = jobs::list_parked(&mut db.read().await?, after, PAGE_ROWS).await.context("reading the queue")?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for job in &page {
            writeln!(out, "{}", told(job))?;
        }
    }
    db.close().await;
    Ok(out.flush()?)
}

/// Takes up one job, or all that were given up, and tells how many. `false`: there is none of this id.
pub async fn retry(config: &Config, id: Option<Uuid>, world: &World, out: &mut impl Write) -> anyhow::Result<bool> {
    let db = database::open(config).await?;
    let now = world.clock.now();
    let retried = match id {
        Some(id) => retry_these(&db, &[id], now).await,
        None => retry_all(&db, now).await,
    };
    db.close().await;
    let retried = retried.context("taking work up again")?;
    writeln!(out, "{}", json!({ "retried": retried }))?;
    out.flush()?;
    Ok(id.is_none() || retried > 0)
}

/// Each once: what fails again meanwhile is not met a second time.
async fn retry_all(db: &Db, now: Timestamp) -> DbResult<u64> {
    let (mut retried, mut after) = (0, None);
    loop {
        let page = jobs::list_parked(&mut db.read().await?, after, PAGE_ROWS).await?;
        let Some(last) = page.last() else { return Ok(retried) };
        after = Some(last.id);
        let ids: Vec<Uuid> = page.iter().map(|job| job.id).collect();
        retried += retry_these(db, &ids, now).await?;
    }
}

async fn retry_these(db: &Db, ids: &[Uuid], now: Timestamp) -> DbResult<u64> {
    let mut retried = 0;
    let mut tx = db.begin().await?;
    for id in ids {
        let Some(job) = jobs::revive(&mut tx, *id, now).await? else { continue };
        if kind_of(&job) == Some(JobKind::DeliverLetter) {
            mail::requeue(&mut tx, job.subject_id).await?;
        }
        note(&mut tx, &job, "job.retried", now).await?;
        retried += 1;
    }
    tx.commit().await?;
    Ok(retried)
}

/// Lets go of a job that was given up; a letter of its is never sent. `false`: there is none of this id. What an invoice or
/// money waits for stays: without it the promises that `verify` proves would be broken.
pub async fn discard(config: &Config, id: Uuid, world: &World) -> anyhow::Result<bool> {
    let db = database::open(config).await?;
    let now = world.clock.now();
    let mut tx = db.begin().await?;
    let Some(job) = jobs::delete_parked(&mut tx, id).await.context("reading the queue")? else { return Ok(false) };
    let kind = kind_of(&job);
    match kind {
        Some(kind) if kind.is_owed() => {
            bail!("an invoice or money waits for this job ({}): mend its cause and retry it", job.kind);
        }
        // Whoever dropped what comes again and again would switch it off until the next start.
        Some(kind) if kind.comes_again() => {
            bail!("this job ({}) comes again and again and cleans up behind it: retry it", job.kind);
        }
        Some(_) => {}
        None => bail!("this version does not know the job ({}), nor what waits for it", job.kind),
    }
    if kind == Some(JobKind::DeliverLetter) {
        mail::give_up(&mut tx, job.subject_id).await.context("giving up a letter")?;
    }
    note(&mut tx, &job, "job.dropped", now).await.context("writing the audit log")?;
    tx.commit().await?;
    db.close().await;
    Ok(true)
}

/// `None`: of another version of the program.
fn kind_of(job: &Parked) -> Option<JobKind> {
    JobKind::try_from(job.kind.clone()).ok()
}

async fn note(tx: &mut Tx, job: &Parked, act: &'static str, now: Timestamp) -> DbResult<()> {
    let object_id = job.id.to_string();
    let entry = Entry {
        actor: Actor::Operator,
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "job",
        object_id: &object_id,
        before: Some(json!({ "kind": job.kind, "subject_id": job.subject_id, "last_error": job.last_error })),
        after: None,
        request_id: None,
    };
    audit::record(tx, now, entry).await
}

fn told(job: &Parked) -> serde_json::Value {
    json!({
        "id": job.id, "kind": job.kind, "subject_id": job.subject_id, "last_error": job.last_error,
        "created_at": job.created_at.to_string(),
    })
}
