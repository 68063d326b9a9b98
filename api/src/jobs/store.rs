//! Claim and release, the same text on both engines.
use std::collections::HashSet;

use sqlx::QueryBuilder;
use uuid::Uuid;

use super::JobKind;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    pub id: Uuid,
    pub kind: String,
    pub subject_id: Uuid,
    pub attempts: i64,
}

/// A job that was given up, for whoever runs the house.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Parked {
    /// Its own id.
    pub id: Uuid,
    /// Its kind; a word that is none of [`JobKind`] when another version of the program wrote it.
    pub kind: String,
    /// The row it is about.
    pub subject_id: Uuid,
    /// Why.
    pub last_error: Option<String>,
    /// Since when it is in the queue.
    pub created_at: Timestamp,
}

pub(super) async fn insert(tx: &mut Tx, id: Uuid, kind: JobKind, subject_id: Uuid, run_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO jobs (id, kind, subject_id, state, run_at, attempts, created_at) \
         VALUES ($1, $2, $3, 'ready', $4, 0, $4)",
    )
    .bind(id).bind(kind.as_str()).bind(subject_id).bind(run_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Puts a line of the schedule into the queue. There already, it stays as it is, unless it was given up.
pub(super) async fn insert_scheduled(
    tx: &mut Tx,
    id: Uuid,
    kind: JobKind,
    run_at: Timestamp,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO jobs (id, kind, subject_id, state, run_at, attempts, created_at) \
         VALUES ($1, $2, $1, 'ready', $3, 0, $4) \
         ON CONFLICT (id) DO UPDATE SET state = 'ready', run_at = $3, attempts = 0, last_error = NULL \
         WHERE jobs.state = 'parked'",
    )
    .bind(id).bind(kind.as_str()).bind(run_at).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// How many jobs could be run now. A read: an idle queue costs no write.
pub async fn due_count(conn: &mut impl Conn, now: Timestamp) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM jobs WHERE state = 'ready' AND run_at <= $1 \
         AND (leased_until IS NULL OR leased_until <= $1)",
    ).bind(now).fetch_one(ex).await)?)
}

/// Since when the one could be run that has waited longest.
pub async fn oldest_due(conn: &mut impl Conn, now: Timestamp) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT MIN(run_at) FROM jobs WHERE state = 'ready' AND run_at <= $1 \
         AND (leased_until IS NULL OR leased_until <= $1)",
    ).bind(now).fetch_one(ex).await)?)
}

/// How many jobs were given up.
pub async fn count_parked(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE state = 'parked'").fetch_one(ex).await)?)
}

/// Jobs that were given up, by id after `after`.
pub async fn list_parked(conn: &mut impl Conn, after: Option<Uuid>, limit: i64) -> DbResult<Vec<Parked>> {
    Ok(on!(conn, ex => {
        let mut sql =
            QueryBuilder::new("SELECT id, kind, subject_id, last_error, created_at FROM jobs WHERE state = 'parked'");
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Takes a job up again that was given up, as if it had never been tried. `None`: there is no such one.
pub async fn revive(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<Option<Parked>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $2 WHERE id = $1 AND state = 'parked' \
         RETURNING id, kind, subject_id, last_error, created_at",
    ).bind(id).bind(now).fetch_optional(ex).await)?)
}

/// Lets go of a job that was given up. `None`: there is no such one.
pub async fn delete_parked(tx: &mut Tx, id: Uuid) -> DbResult<Option<Parked>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "DELETE FROM jobs WHERE id = $1 AND state = 'parked' RETURNING id, kind, subject_id, last_error, created_at",
    ).bind(id).fetch_optional(ex).await)?)
}

/// Leases the oldest due job to one worker, of a kind other than `except`.
pub(super) async fn claim(
    tx: &mut Tx,
    lease_id: Uuid,
    now: Timestamp,
    leased_until: Timestamp,
    except: Option<&str>,
) -> DbResult<Option<JobRow>> {
    let skip_locked = tx.skip_locked();
    Ok(on!(tx, ex => {
        let mut sql = QueryBuilder::new("UPDATE jobs SET lease_id = ");
        sql.push_bind(lease_id).push(", leased_until = ").push_bind(leased_until);
        sql.push(" WHERE id = (SELECT id FROM jobs WHERE state = 'ready' AND run_at <= ").push_bind(now);
        sql.push(" AND (leased_until IS NULL OR leased_until <= ").push_bind(now);
        sql.push(")");
        if let Some(kind) = except {
            sql.push(" AND kind <> ").push_bind(kind);
        }
        sql.push(" ORDER BY run_at, id LIMIT 1").push(skip_locked).push(") RETURNING id, kind, subject_id, attempts");
        sql.build_query_as::<JobRow>().fetch_optional(ex).await
    })?)
}

/// Removes a finished job. Nothing happens when the lease was lost to another worker.
pub(super) async fn finish(tx: &mut Tx, id: Uuid, lease_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM jobs WHERE id = $1 AND lease_id = $2")
        .bind(id).bind(lease_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Lets finished work of the schedule wait for its next hour, as if it had never been tried.
pub(super) async fn rest(tx: &mut Tx, id: Uuid, lease_id: Uuid, run_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE jobs SET lease_id = NULL, leased_until = NULL, attempts = 0, run_at = $3, last_error = NULL \
         WHERE id = $1 AND lease_id = $2",
    ).bind(id).bind(lease_id).bind(run_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Gives a job back, to be run at `run_at`, after so many tries in a row that failed.
pub(super) async fn give_back(
    tx: &mut Tx,
    id: Uuid,
    lease_id: Uuid,
    (run_at, attempts): (Timestamp, i64),
    reason: &str,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE jobs SET lease_id = NULL, leased_until = NULL, attempts = $5, run_at = $3, last_error = $4 \
         WHERE id = $1 AND lease_id = $2",
    ).bind(id).bind(lease_id).bind(run_at).bind(reason).bind(attempts).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Sets a job aside for staff.
pub(super) async fn park(tx: &mut Tx, id: Uuid, lease_id: Uuid, reason: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE jobs SET state = 'parked', lease_id = NULL, leased_until = NULL, attempts = attempts + 1, \
         last_error = $3 WHERE id = $1 AND lease_id = $2",
    ).bind(id).bind(lease_id).bind(reason).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Removes the work on a row that was done by another road.
pub async fn delete_for(tx: &mut Tx, kind: JobKind, subject_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM jobs WHERE kind = $1 AND subject_id = $2")
        .bind(kind.as_str()).bind(subject_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Moves the work on a row to another moment, taking it from whoever holds it, and up again when it was given up: there
/// is something new to do.
pub async fn reschedule_for(tx: &mut Tx, kind: JobKind, subject_id: Uuid, run_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE jobs SET state = 'ready', attempts = 0, run_at = $3, lease_id = NULL, leased_until = NULL \
         WHERE kind = $1 AND subject_id = $2",
    ).bind(kind.as_str()).bind(subject_id).bind(run_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Makes all work of this kind due that waits for a later moment. What somebody holds stays theirs.
pub async fn bring_forward(tx: &mut Tx, kind: JobKind, now: Timestamp) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query("UPDATE jobs SET run_at = $2 WHERE kind = $1 AND state = 'ready' AND run_at > $2")
        .bind(kind.as_str()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Gives back all that is leased: for a start that knows every holder dead.
pub async fn release_all(tx: &mut Tx) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query("UPDATE jobs SET lease_id = NULL, leased_until = NULL WHERE leased_until IS NOT NULL")
        .execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Of these rows, those that have work of this kind in the queue, ready or parked.
pub async fn list_subjects(conn: &mut impl Conn, kind: JobKind, subjects: &[Uuid]) -> DbResult<HashSet<Uuid>> {
    if subjects.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT subject_id FROM jobs WHERE kind = ");
        sql.push_bind(kind.as_str()).push(" AND subject_id IN (");
        let mut ids = sql.separated(", ");
        for id in subjects {
            ids.push_bind(*id);
        }
        sql.push(")");
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(found.into_iter().collect())
}
