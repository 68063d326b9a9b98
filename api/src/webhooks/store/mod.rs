//! SQL of the outbox.
pub(super) mod deliveries;
pub(super) mod endpoints;

use shared::integrators::{EventData, EventKind, EventResource};
use uuid::Uuid;

use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};

/// The next number of an issuer's feed. Its row is held until the transaction ends.
pub(super) async fn next_seq(tx: &mut Tx, issuer_id: Uuid) -> DbResult<i64> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO event_sequences (issuer_id, last_seq) VALUES ($1, 1) \
         ON CONFLICT (issuer_id) DO UPDATE SET last_seq = event_sequences.last_seq + 1 RETURNING last_seq",
    ).bind(issuer_id).fetch_one(ex).await)?)
}

/// Holds that row without taking a number.
pub(super) async fn hold(tx: &mut Tx, issuer_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO event_sequences (issuer_id, last_seq) VALUES ($1, 0) \
         ON CONFLICT (issuer_id) DO UPDATE SET last_seq = event_sequences.last_seq",
    ).bind(issuer_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn insert(
    tx: &mut Tx,
    issuer_id: Uuid,
    seq: i64,
    id: Uuid,
    (kind, data): (EventKind, &EventData),
    now: Timestamp,
) -> DbResult<()> {
    // Text and not the engine's JSON: the very bytes are what a signature is made over.
    let body = serde_json::to_string(data).map_err(|error| DbError::Internal(sqlx::Error::Encode(error.into())))?;
    on!(tx, ex => sqlx::query("INSERT INTO events (issuer_id, seq, id, kind, body, at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(issuer_id).bind(seq).bind(id).bind(kind.as_str()).bind(body).bind(now)
        .execute(ex).await.map(|_| ()))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    id: Uuid,
    kind: String,
    body: String,
    at: Timestamp,
}

fn unreadable(what: &'static str) -> DbError {
    DbError::Internal(sqlx::Error::Decode(format!("events: unreadable {what}").into()))
}

impl TryFrom<EventRow> for EventResource {
    type Error = DbError;
    fn try_from(row: EventRow) -> DbResult<EventResource> {
        let kind = EventKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        let data: Result<EventData, _> = serde_json::from_str(&row.body);
        Ok(EventResource {
            id: row.id,
            seq: row.seq,
            kind: kind.ok_or_else(|| unreadable("kind"))?,
            timestamp: row.at.to_string(),
            data: data.map_err(|error| DbError::Internal(sqlx::Error::Decode(error.into())))?,
        })
    }
}

pub(super) async fn list(
    conn: &mut impl Conn,
    issuer_id: Uuid,
    after: i64,
    limit: i64,
) -> DbResult<Vec<EventResource>> {
    let rows: Vec<EventRow> = on!(conn, ex => sqlx::query_as(
        "SELECT seq, id, kind, body, at FROM events WHERE issuer_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    ).bind(issuer_id).bind(after).bind(limit).fetch_all(ex).await)?;
    rows.into_iter().map(EventResource::try_from).collect()
}

/// One event of an issuer's feed.
pub(super) async fn find(conn: &mut impl Conn, issuer_id: Uuid, seq: i64) -> DbResult<Option<EventResource>> {
    let row: Option<EventRow> = on!(conn, ex => sqlx::query_as(
        "SELECT seq, id, kind, body, at FROM events WHERE issuer_id = $1 AND seq = $2",
    ).bind(issuer_id).bind(seq).fetch_optional(ex).await)?;
    row.map(EventResource::try_from).transpose()
}

/// Of each issuer's feed: its last number, how many events it has, and the highest number among them.
pub(super) async fn list_feeds(conn: &mut impl Conn) -> DbResult<Vec<(Uuid, i64, i64, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT s.issuer_id, s.last_seq, COUNT(e.seq), COALESCE(MAX(e.seq), CAST(0 AS BIGINT)) \
         FROM event_sequences AS s LEFT JOIN events AS e ON e.issuer_id = s.issuer_id \
         GROUP BY s.issuer_id, s.last_seq ORDER BY s.issuer_id",
    ).fetch_all(ex).await)?)
}
