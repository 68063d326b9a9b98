//! SQL of the API's keys.
use shared::integrators::ApiScope;
use sqlx::types::Json;
use uuid::Uuid;

use super::model::{ApiKey, KeyId, Mode};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: Uuid,
    issuer_id: Uuid,
    name: String,
    #[sqlx(try_from = "String")]
    mode: Mode,
    prefix: String,
    scopes: Json<Vec<String>>,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = DbError;
    fn try_from(row: KeyRow) -> DbResult<ApiKey> {
        let scopes: Option<Vec<ApiScope>> = row.scopes.0.iter().map(|scope| ApiScope::parse(scope)).collect();
        let unreadable = || DbError::Internal(sqlx::Error::Decode("api_keys: unreadable scopes".into()));
        Ok(ApiKey {
            id: KeyId::new(row.id),
            scope: Scope::of(IssuerId::new(row.issuer_id)),
            name: row.name,
            mode: row.mode,
            prefix: row.prefix,
            scopes: scopes.ok_or_else(unreadable)?,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        })
    }
}

/// The key with this digest, whatever became of it.
pub(super) async fn find_key(conn: &mut impl Conn, sha256: &[u8]) -> DbResult<Option<ApiKey>> {
    let row: Option<KeyRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, issuer_id, name, mode, prefix, scopes, created_at, expires_at, revoked_at, last_used_at \
         FROM api_keys WHERE key_sha256 = $1",
    ).bind(sha256).fetch_optional(ex).await)?;
    row.map(ApiKey::try_from).transpose()
}

/// An issuer's keys, the oldest first.
pub(super) async fn list_keys(conn: &mut impl Conn, scope: Scope, limit: i64) -> DbResult<Vec<ApiKey>> {
    let rows: Vec<KeyRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, issuer_id, name, mode, prefix, scopes, created_at, expires_at, revoked_at, last_used_at \
         FROM api_keys WHERE issuer_id = $1 ORDER BY created_at, id LIMIT $2",
    ).bind(scope.uuid()).bind(limit).fetch_all(ex).await)?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// Keys of an issuer that nobody ended and whose time is not over.
pub(super) async fn count_live(conn: &mut impl Conn, scope: Scope, now: Timestamp) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM api_keys WHERE issuer_id = $1 AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)",
    ).bind(scope.uuid()).bind(now).fetch_one(ex).await)?)
}

/// Whether the key is neither revoked nor expired.
pub(super) async fn is_key_good(conn: &mut impl Conn, id: KeyId, now: Timestamp) -> DbResult<bool> {
    let row: Option<(i64,)> = on!(conn, ex => sqlx::query_as(
        "SELECT CAST(1 AS BIGINT) FROM api_keys WHERE id = $1 AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $2)",
    ).bind(id.uuid()).bind(now).fetch_optional(ex).await)?;
    Ok(row.is_some())
}

/// A new key, by its digest.
pub(super) async fn insert_key(tx: &mut Tx, key: &ApiKey, sha256: &[u8]) -> DbResult<()> {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    on!(tx, ex => sqlx::query(
        "INSERT INTO api_keys (id, issuer_id, name, mode, prefix, key_sha256, scopes, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(key.id.uuid()).bind(key.scope.uuid()).bind(&key.name).bind(key.mode.as_str()).bind(&key.prefix)
    .bind(sha256).bind(Json(&scopes)).bind(key.created_at).bind(key.expires_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Gives a key other scopes.
pub(super) async fn set_scopes(tx: &mut Tx, id: KeyId, scopes: &[ApiScope]) -> DbResult<()> {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    on!(tx, ex => sqlx::query("UPDATE api_keys SET scopes = $2 WHERE id = $1")
        .bind(id.uuid()).bind(Json(&scopes)).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Ends a key. `false`: the issuer has none such, or it was ended before.
pub(super) async fn mark_key_revoked(tx: &mut Tx, scope: Scope, id: KeyId, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE api_keys SET revoked_at = $3 WHERE issuer_id = $1 AND id = $2 AND revoked_at IS NULL",
    ).bind(scope.uuid()).bind(id.uuid()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes that a key was used.
pub(super) async fn mark_key_used(tx: &mut Tx, id: KeyId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE api_keys SET last_used_at = $2 WHERE id = $1")
        .bind(id.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}
