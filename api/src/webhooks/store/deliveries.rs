//! SQL of deliveries and of their tries.
use shared::integrators::EventKind;
use shared::webhooks::{DeliveryState, WebhookAttemptResource};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::super::model::{After, Delivery, Tried};
use super::unreadable;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    endpoint_id: Uuid,
    seq: i64,
    event_id: Uuid,
    kind: String,
    state: String,
    attempts: i64,
    begun_at: Timestamp,
    next_attempt_at: Timestamp,
    last_status: Option<i64>,
    last_failure: Option<String>,
    delivered_at: Option<Timestamp>,
    created_at: Timestamp,
}

const SELECT: &str = "SELECT d.id, d.endpoint_id, d.seq, e.id AS event_id, e.kind, d.state, d.attempts, d.begun_at, \
     d.next_attempt_at, d.last_status, d.last_failure, d.delivered_at, d.created_at FROM webhook_deliveries AS d \
     JOIN events AS e ON e.issuer_id = d.issuer_id AND e.seq = d.seq WHERE ";

impl TryFrom<DeliveryRow> for Delivery {
    type Error = DbError;
    fn try_from(row: DeliveryRow) -> DbResult<Delivery> {
        let kind = EventKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        let state = DeliveryState::ALL.into_iter().find(|state| state.as_str() == row.state);
        Ok(Delivery {
            id: row.id,
            endpoint_id: row.endpoint_id,
            seq: row.seq,
            event_id: row.event_id,
            kind: kind.ok_or_else(|| unreadable("kind"))?,
            state: state.ok_or_else(|| unreadable("state"))?,
            attempts: row.attempts,
            begun_at: row.begun_at,
            next_attempt_at: row.next_attempt_at,
            last_status: row.last_status,
            last_failure: row.last_failure,
            delivered_at: row.delivered_at,
            created_at: row.created_at,
        })
    }
}

/// An event for an endpoint, to be tried at once.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    (issuer_id, endpoint_id): (Uuid, Uuid),
    seq: i64,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO webhook_deliveries (id, issuer_id, endpoint_id, seq, state, attempts, begun_at, next_attempt_at, \
         created_at) VALUES ($1, $2, $3, $4, 'waiting', 0, $5, $5, $5)",
    ).bind(id).bind(issuer_id).bind(endpoint_id).bind(seq).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What is due at an endpoint, the longest due first.
pub async fn list_due(conn: &mut impl Conn, endpoint_id: Uuid, now: Timestamp, limit: i64) -> DbResult<Vec<Delivery>> {
    let rows: Vec<DeliveryRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push("d.endpoint_id = ").push_bind(endpoint_id).push(" AND d.state = 'waiting' AND d.next_attempt_at <= ");
        sql.push_bind(now).push(" ORDER BY d.next_attempt_at, d.seq LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// Keeps a try and what becomes of its delivery. One that somebody decided meanwhile stays as it is.
pub async fn record(
    tx: &mut Tx,
    attempt_id: Uuid,
    delivery: &Delivery,
    (tried, after): (&Tried, After),
    now: Timestamp,
) -> DbResult<()> {
    let failure = tried.failure.map(super::super::model::Failure::as_str);
    on!(tx, ex => sqlx::query(
        "INSERT INTO webhook_attempts (id, delivery_id, at, status, failure, milliseconds) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(attempt_id).bind(delivery.id).bind(now).bind(tried.status.map(i64::from)).bind(failure)
    .bind(tried.milliseconds).execute(ex).await.map(|_| ()))?;
    let (state, next, delivered_at) = match after {
        After::Delivered => (DeliveryState::Delivered, now, Some(now)),
        After::Again(at) => (DeliveryState::Waiting, at, None),
        After::Parked => (DeliveryState::Parked, now, None),
    };
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_deliveries SET state = $3, attempts = attempts + 1, next_attempt_at = $4, last_status = $5, \
         last_failure = $6, delivered_at = $7 WHERE id = $1 AND attempts = $2 AND state = 'waiting'",
    )
    .bind(delivery.id).bind(delivery.attempts).bind(state.as_str()).bind(next).bind(tried.status.map(i64::from))
    .bind(failure).bind(delivered_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An issuer's delivery, of an endpoint that was not ended.
pub async fn find(conn: &mut impl Conn, issuer_id: Uuid, id: Uuid) -> DbResult<Option<Delivery>> {
    let row: Option<DeliveryRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push("d.issuer_id = ").push_bind(issuer_id).push(" AND d.id = ").push_bind(id);
        sql.push(" AND EXISTS (SELECT 1 FROM webhook_endpoints AS w WHERE w.id = d.endpoint_id AND w.deleted_at IS NULL)");
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Delivery::try_from).transpose()
}

/// An endpoint's deliveries, the newest event first.
pub async fn list(
    conn: &mut impl Conn,
    endpoint_id: Uuid,
    state: Option<DeliveryState>,
    before_seq: Option<i64>,
    limit: i64,
) -> DbResult<Vec<Delivery>> {
    let rows: Vec<DeliveryRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push("d.endpoint_id = ").push_bind(endpoint_id);
        if let Some(state) = state {
            sql.push(" AND d.state = ").push_bind(state.as_str());
        }
        if let Some(seq) = before_seq {
            sql.push(" AND d.seq < ").push_bind(seq);
        }
        sql.push(" ORDER BY d.seq DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Delivery::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct AttemptRow {
    at: Timestamp,
    status: Option<i64>,
    failure: Option<String>,
    milliseconds: i64,
}

/// The newest tries of a delivery, the oldest of them first.
pub async fn list_attempts(
    conn: &mut impl Conn,
    delivery_id: Uuid,
    limit: i64,
) -> DbResult<Vec<WebhookAttemptResource>> {
    let rows: Vec<AttemptRow> = on!(conn, ex => sqlx::query_as(
        "SELECT at, status, failure, milliseconds FROM webhook_attempts WHERE delivery_id = $1 \
         ORDER BY at DESC, id DESC LIMIT $2",
    ).bind(delivery_id).bind(limit).fetch_all(ex).await)?;
    let told = |row: AttemptRow| WebhookAttemptResource {
        at: row.at.to_string(),
        status: row.status,
        failure: row.failure,
        milliseconds: row.milliseconds,
    };
    Ok(rows.into_iter().rev().map(told).collect())
}

/// Deliveries of an endpoint that wait, and that were given up.
pub async fn count_open(conn: &mut impl Conn, endpoint_id: Uuid) -> DbResult<(i64, i64)> {
    let counts: Vec<(String, i64)> = on!(conn, ex => sqlx::query_as(
        "SELECT state, COUNT(*) FROM webhook_deliveries WHERE endpoint_id = $1 AND state IN ('waiting', 'parked') \
         GROUP BY state",
    ).bind(endpoint_id).fetch_all(ex).await)?;
    let of = |wanted: &str| counts.iter().find(|(state, _)| state == wanted).map_or(0, |(_, count)| *count);
    Ok((of("waiting"), of("parked")))
}

/// Has a delivery tried now, from the beginning of the table.
pub async fn mark_again(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, begun_at = $2, next_attempt_at = $2, \
         delivered_at = NULL WHERE id = $1",
    ).bind(id).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The same with all that were given up.
pub async fn mark_parked_again(tx: &mut Tx, endpoint_id: Uuid, now: Timestamp) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, begun_at = $2, next_attempt_at = $2 \
         WHERE endpoint_id = $1 AND state = 'parked'",
    ).bind(endpoint_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Has what waits at an endpoint tried now.
pub async fn mark_due(tx: &mut Tx, endpoint_id: Uuid, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_deliveries SET next_attempt_at = $2 \
         WHERE endpoint_id = $1 AND state = 'waiting' AND next_attempt_at > $2",
    ).bind(endpoint_id).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Gives up what waits at an endpoint that was ended.
pub async fn park_all(tx: &mut Tx, endpoint_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_deliveries SET state = 'parked' WHERE endpoint_id = $1 AND state = 'waiting'",
    ).bind(endpoint_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Deletes at most so many tries of what was decided before this moment.
pub async fn delete_attempts(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM webhook_attempts WHERE id IN (SELECT a.id FROM webhook_attempts AS a \
         JOIN webhook_deliveries AS d ON d.id = a.delivery_id WHERE d.created_at < $1 AND d.state <> 'waiting' LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Deletes at most so many deliveries that were decided before this moment and have no tries left.
pub async fn delete_decided(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM webhook_deliveries WHERE id IN (SELECT d.id FROM webhook_deliveries AS d \
         WHERE d.created_at < $1 AND d.state <> 'waiting' \
         AND NOT EXISTS (SELECT 1 FROM webhook_attempts AS a WHERE a.delivery_id = d.id) LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
