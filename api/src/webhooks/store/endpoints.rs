//! SQL of endpoints and of the couriers' leases.
use shared::integrators::EventKind;
use shared::webhooks::DisabledBecause;
use sqlx::QueryBuilder;
use sqlx::types::Json;
use uuid::Uuid;

use super::super::model::Endpoint;
use super::unreadable;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};

#[derive(sqlx::FromRow)]
struct EndpointRow {
    id: Uuid,
    issuer_id: Uuid,
    external_id: String,
    url: String,
    description: String,
    event_types: Json<Vec<String>>,
    secret_sealed: Vec<u8>,
    previous_secret_sealed: Option<Vec<u8>>,
    previous_until: Option<Timestamp>,
    enabled: bool,
    disabled_because: Option<String>,
    failing_since: Option<Timestamp>,
    silences: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

const COLUMNS: &str = "id, issuer_id, external_id, url, description, event_types, secret_sealed, \
     previous_secret_sealed, previous_until, enabled, disabled_because, failing_since, silences, created_at, updated_at";

fn kind(name: &String) -> Option<EventKind> {
    EventKind::ALL.into_iter().find(|kind| kind.as_str() == name)
}

impl TryFrom<EndpointRow> for Endpoint {
    type Error = DbError;
    fn try_from(row: EndpointRow) -> DbResult<Endpoint> {
        let event_types: Option<Vec<EventKind>> = row.event_types.0.iter().map(kind).collect();
        let because = row.disabled_because.map(|text| {
            DisabledBecause::ALL.into_iter().find(|known| known.as_str() == text).ok_or_else(|| unreadable("reason"))
        });
        Ok(Endpoint {
            id: row.id,
            issuer_id: row.issuer_id,
            external_id: row.external_id,
            url: row.url,
            description: row.description,
            event_types: event_types.ok_or_else(|| unreadable("event types"))?,
            secret_sealed: row.secret_sealed,
            previous: row.previous_secret_sealed.zip(row.previous_until),
            enabled: row.enabled,
            disabled_because: because.transpose()?,
            failing_since: row.failing_since,
            silences: row.silences,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// An issuer's endpoint by the integrator's own id.
pub async fn find(conn: &mut impl Conn, issuer_id: Uuid, external_id: &str) -> DbResult<Option<Endpoint>> {
    let row: Option<EndpointRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(" FROM webhook_endpoints WHERE deleted_at IS NULL AND issuer_id = ").push_bind(issuer_id);
        sql.push(" AND external_id = ").push_bind(external_id);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Endpoint::try_from).transpose()
}

/// The same, held until the transaction ends.
pub async fn lock(tx: &mut Tx, issuer_id: Uuid, external_id: &str) -> DbResult<Option<Endpoint>> {
    let for_update = tx.for_update();
    let row: Option<EndpointRow> = on!(tx, ex => {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(" FROM webhook_endpoints WHERE deleted_at IS NULL AND issuer_id = ").push_bind(issuer_id);
        sql.push(" AND external_id = ").push_bind(external_id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Endpoint::try_from).transpose()
}

/// An endpoint by its own id, ended or not.
pub async fn find_by_id(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<Endpoint>> {
    let row: Option<EndpointRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(" FROM webhook_endpoints WHERE id = ").push_bind(id);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Endpoint::try_from).transpose()
}

/// An issuer's endpoints, the oldest first.
pub async fn list(conn: &mut impl Conn, issuer_id: Uuid, limit: i64) -> DbResult<Vec<Endpoint>> {
    let rows: Vec<EndpointRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(" FROM webhook_endpoints WHERE deleted_at IS NULL AND issuer_id = ").push_bind(issuer_id);
        sql.push(" ORDER BY created_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Endpoint::try_from).collect()
}

/// How many an issuer has.
pub async fn count(conn: &mut impl Conn, issuer_id: Uuid) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM webhook_endpoints WHERE issuer_id = $1 AND deleted_at IS NULL",
    ).bind(issuer_id).fetch_one(ex).await)?)
}

fn names(kinds: &[EventKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.as_str()).collect()
}

/// A new endpoint.
pub async fn insert(tx: &mut Tx, endpoint: &Endpoint) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO webhook_endpoints (id, issuer_id, external_id, url, description, event_types, secret_sealed, \
         enabled, disabled_because, silences, served_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10, $10)",
    )
    .bind(endpoint.id).bind(endpoint.issuer_id).bind(&endpoint.external_id).bind(&endpoint.url)
    .bind(&endpoint.description).bind(Json(names(&endpoint.event_types))).bind(&endpoint.secret_sealed)
    .bind(endpoint.enabled).bind(endpoint.disabled_because.map(DisabledBecause::as_str)).bind(endpoint.created_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What a person or a program may change. Its failures are forgotten: it is somebody's repair.
pub async fn update(tx: &mut Tx, endpoint: &Endpoint) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET url = $2, description = $3, event_types = $4, enabled = $5, \
         disabled_because = $6, failing_since = NULL, silences = 0, paused_until = NULL, updated_at = $7 WHERE id = $1",
    )
    .bind(endpoint.id).bind(&endpoint.url).bind(&endpoint.description).bind(Json(names(&endpoint.event_types)))
    .bind(endpoint.enabled).bind(endpoint.disabled_because.map(DisabledBecause::as_str)).bind(endpoint.updated_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A new secret; the one before signs too until then. While an older one still does, it goes on to its own end, and
/// the newest alone is replaced.
pub async fn set_secret(tx: &mut Tx, id: Uuid, sealed: &[u8], before_until: Timestamp, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET \
         previous_secret_sealed = CASE WHEN previous_until > $4 THEN previous_secret_sealed ELSE secret_sealed END, \
         previous_until = CASE WHEN previous_until > $4 THEN previous_until ELSE $3 END, \
         secret_sealed = $2, updated_at = $4 WHERE id = $1",
    ).bind(id).bind(sealed).bind(before_until).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Ends an endpoint. `false`: it was ended before.
pub async fn mark_deleted(tx: &mut Tx, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET deleted_at = $2, enabled = FALSE, updated_at = $2 \
         WHERE id = $1 AND deleted_at IS NULL",
    ).bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Sends it nothing more. `false`: somebody did that before.
pub async fn mark_disabled(tx: &mut Tx, id: Uuid, because: DisabledBecause, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET enabled = FALSE, disabled_because = $2, updated_at = $3 WHERE id = $1 AND enabled",
    ).bind(id).bind(because.as_str()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Something arrived.
pub async fn mark_well(tx: &mut Tx, id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET failing_since = NULL, silences = 0, paused_until = NULL \
         WHERE id = $1 AND (failing_since IS NOT NULL OR silences > 0)",
    ).bind(id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Nothing arrived; `pause` when the endpoint as a whole is left in peace. Gives the moment of the first failure.
pub async fn mark_failing(
    tx: &mut Tx,
    id: Uuid,
    now: Timestamp,
    pause: Option<(i64, Timestamp)>,
) -> DbResult<Option<Timestamp>> {
    let (silences, until) = pause.map_or((0, None), |(silences, until)| (silences, Some(until)));
    Ok(on!(tx, ex => sqlx::query_scalar(
        "UPDATE webhook_endpoints SET failing_since = COALESCE(failing_since, $2), silences = $3, paused_until = $4 \
         WHERE id = $1 RETURNING failing_since",
    ).bind(id).bind(now).bind(silences).bind(until).fetch_one(ex).await)?)
}

/// The endpoint is left in peace until then.
pub async fn pause(tx: &mut Tx, id: Uuid, until: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE webhook_endpoints SET paused_until = $2 WHERE id = $1")
        .bind(id).bind(until).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Somebody sends by hand, and waits for what becomes of it.
pub async fn end_pause(tx: &mut Tx, id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE webhook_endpoints SET paused_until = NULL WHERE id = $1")
        .bind(id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Whether anything is due anywhere.
pub async fn any_due(conn: &mut impl Conn, now: Timestamp) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM webhook_endpoints AS e WHERE e.enabled \
         AND (e.leased_until IS NULL OR e.leased_until <= $1) AND (e.paused_until IS NULL OR e.paused_until <= $1) \
         AND EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.endpoint_id = e.id AND d.state = 'waiting' \
         AND d.next_attempt_at <= $1))",
    ).bind(now).fetch_one(ex).await)?)
}

/// Of the endpoints that something is due for, the one served longest ago; leased to one courier.
pub async fn claim(tx: &mut Tx, lease_id: Uuid, now: Timestamp, until: Timestamp) -> DbResult<Option<Endpoint>> {
    let skip_locked = tx.skip_locked();
    let row: Option<EndpointRow> = on!(tx, ex => {
        let mut sql = QueryBuilder::new("UPDATE webhook_endpoints SET lease_id = ");
        sql.push_bind(lease_id).push(", leased_until = ").push_bind(until).push(", served_at = ").push_bind(now);
        sql.push(" WHERE id = (SELECT e.id FROM webhook_endpoints AS e WHERE e.enabled AND (e.leased_until IS NULL OR ");
        sql.push("e.leased_until <= ").push_bind(now).push(") AND (e.paused_until IS NULL OR e.paused_until <= ");
        sql.push_bind(now).push(") AND EXISTS (SELECT 1 FROM webhook_deliveries AS d WHERE d.endpoint_id = e.id ");
        sql.push("AND d.state = 'waiting' AND d.next_attempt_at <= ").push_bind(now);
        sql.push(") ORDER BY e.served_at, e.id LIMIT 1").push(skip_locked).push(") RETURNING ").push(COLUMNS);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    row.map(Endpoint::try_from).transpose()
}

/// Gives a leased endpoint back.
pub async fn release(tx: &mut Tx, id: Uuid, lease_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET lease_id = NULL, leased_until = NULL WHERE id = $1 AND lease_id = $2",
    ).bind(id).bind(lease_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes all leases back: those who held them are dead.
pub async fn release_all(tx: &mut Tx) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE webhook_endpoints SET lease_id = NULL, leased_until = NULL WHERE lease_id IS NOT NULL",
    ).execute(ex).await.map(|_| ()))?;
    Ok(())
}
