//! SQL of `passkeys` and `passkey_challenges`.
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use crate::accounts::model::{SessionId, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// A passkey as shown.
#[derive(Debug, sqlx::FromRow)]
pub struct PasskeyRow {
    pub id: Uuid,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// A passkey as proved with.
#[derive(Debug, sqlx::FromRow)]
pub struct CredentialRow {
    pub id: Uuid,
    pub user_id: Uuid,
    pub credential: Json<Value>,
}

/// A passkey to keep.
pub struct NewPasskey<'a> {
    pub id: Uuid,
    pub user: UserId,
    pub credential_id: &'a [u8],
    pub credential: &'a Value,
    pub name: &'a str,
    pub created_at: Timestamp,
}

/// A challenge to keep.
pub struct NewChallenge<'a> {
    pub id: Uuid,
    pub purpose: &'static str,
    pub user: Option<UserId>,
    /// Of a proof: the only session that it is good for.
    pub session: Option<SessionId>,
    pub state: &'a Value,
    pub expires_at: Timestamp,
}

/// A challenge that was taken.
#[derive(Debug, sqlx::FromRow)]
pub struct ChallengeRow {
    pub user_id: Option<Uuid>,
    pub session_id: Option<Uuid>,
    pub state: Json<Value>,
}

/// A person's, the oldest first.
pub async fn list(conn: &mut impl Conn, user: UserId, limit: i64) -> DbResult<Vec<PasskeyRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY created_at, id LIMIT $2",
    ).bind(user.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// What a person proves with, the oldest first.
pub async fn list_credentials(conn: &mut impl Conn, user: UserId, limit: i64) -> DbResult<Vec<CredentialRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, user_id, credential FROM passkeys WHERE user_id = $1 ORDER BY created_at, id LIMIT $2",
    ).bind(user.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// The passkey of an authenticator's id.
pub async fn find_credential(conn: &mut impl Conn, credential_id: &[u8]) -> DbResult<Option<CredentialRow>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT id, user_id, credential FROM passkeys WHERE credential_id = $1")
        .bind(credential_id).fetch_optional(ex).await)?)
}

/// How many a person has.
pub async fn count(conn: &mut impl Conn, user: UserId) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM passkeys WHERE user_id = $1")
        .bind(user.uuid()).fetch_one(ex).await)?)
}

/// Keeps one. `false`: somebody has it already.
pub async fn insert(tx: &mut Tx, new: &NewPasskey<'_>) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO passkeys (id, user_id, credential_id, credential, sign_count, name, created_at) \
         VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT (credential_id) DO NOTHING",
    )
    .bind(new.id).bind(new.user.uuid()).bind(new.credential_id).bind(Json(new.credential)).bind(new.name)
    .bind(new.created_at).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// It proved something. `false`: it, or a copy of it, counted as far before.
pub async fn mark_used(
    tx: &mut Tx,
    id: Uuid,
    (credential, sign_count): (&Value, i64),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE passkeys SET credential = $2, sign_count = $3, last_used_at = $4 \
         WHERE id = $1 AND (sign_count < $3 OR (sign_count = 0 AND $3 = 0))",
    )
    .bind(id).bind(Json(credential)).bind(sign_count).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Lets go of one of a person's. `false`: it is none of theirs.
pub async fn delete(tx: &mut Tx, user: UserId, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM passkeys WHERE user_id = $1 AND id = $2")
        .bind(user.uuid()).bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Lets go of all of a person's.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM passkeys WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows > 0)
}

/// Keeps what a browser is asked to have signed.
pub async fn insert_challenge(tx: &mut Tx, new: &NewChallenge<'_>) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO passkey_challenges (id, purpose, user_id, session_id, state, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(new.id).bind(new.purpose).bind(new.user.map(UserId::uuid)).bind(new.session.map(SessionId::uuid))
    .bind(Json(new.state)).bind(new.expires_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Uses a challenge of this purpose up, when its time is not over.
pub async fn take_challenge(tx: &mut Tx, id: Uuid, purpose: &str, now: Timestamp) -> DbResult<Option<ChallengeRow>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "DELETE FROM passkey_challenges WHERE id = $1 AND purpose = $2 AND expires_at > $3 \
         RETURNING user_id, session_id, state",
    ).bind(id).bind(purpose).bind(now).fetch_optional(ex).await)?)
}

/// Deletes at most `limit` challenges that were over before `ended_before`; says how many.
pub async fn delete_ended_challenges(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM passkey_challenges WHERE id IN (SELECT id FROM passkey_challenges \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
