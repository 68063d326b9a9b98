//! SQL of `second_factors` and `recovery_codes`.
use uuid::Uuid;

use crate::accounts::model::UserId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// The second step of a person.
#[derive(Debug, sqlx::FromRow)]
pub struct FactorRow {
    pub secret_sealed: Option<Vec<u8>>,
    pub pending_sealed: Option<Vec<u8>>,
    pub last_step: i64,
    pub confirmed_at: Option<Timestamp>,
}

/// A person's, confirmed or only begun.
pub async fn find(conn: &mut impl Conn, user: UserId) -> DbResult<Option<FactorRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT secret_sealed, pending_sealed, last_step, confirmed_at FROM second_factors WHERE user_id = $1",
    ).bind(user.uuid()).fetch_optional(ex).await)?)
}

/// Whether a person is asked for a second step: a code, or a passkey.
pub async fn is_confirmed(conn: &mut impl Conn, user: UserId) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1)",
    ).bind(user.uuid()).fetch_one(ex).await)?)
}

/// Begins one, or a new one in the place of the present, which stays good until then.
pub async fn upsert_begun(tx: &mut Tx, user: UserId, sealed: &[u8], now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO second_factors (user_id, pending_sealed, last_step, created_at) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (user_id) DO UPDATE SET pending_sealed = $2",
    ).bind(user.uuid()).bind(sealed).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The first code was right. `false`: another one was begun or confirmed meanwhile.
pub async fn mark_confirmed(tx: &mut Tx, user: UserId, sealed: &[u8], step: i64, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE second_factors SET secret_sealed = pending_sealed, pending_sealed = NULL, confirmed_at = $4, \
         last_step = $3 WHERE user_id = $1 AND pending_sealed = $2",
    )
    .bind(user.uuid()).bind(sealed).bind(step).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes the code of a step. `false`: it, or a later one, was taken before (A14).
pub async fn mark_step(tx: &mut Tx, user: UserId, step: i64) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL",
    ).bind(user.uuid()).bind(step).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// No codes of an app any more. `false`: there were none.
pub async fn delete(tx: &mut Tx, user: UserId) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM second_factors WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps a recovery code, by its digest.
pub async fn insert_code(tx: &mut Tx, user: UserId, code_hash: [u8; 32]) -> DbResult<()> {
    on!(tx, ex => sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
        .bind(user.uuid()).bind(code_hash.as_slice()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Uses a recovery code up. `false`: it is none of theirs, or was used.
pub async fn mark_code_used(tx: &mut Tx, user: UserId, code_hash: [u8; 32], now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
    )
    .bind(user.uuid()).bind(code_hash.as_slice()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Lets go of a person's recovery codes.
pub async fn delete_codes(tx: &mut Tx, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Recovery codes that are still good.
pub async fn count_codes(conn: &mut impl Conn, user: UserId) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL",
    ).bind(user.uuid()).fetch_one(ex).await)?)
}

/// The people of these, who have the second step.
pub async fn list_confirmed(conn: &mut impl Conn, issuer: Uuid) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT g.user_id FROM staff_grants AS g WHERE (g.issuer_id = $1 OR g.issuer_id IS NULL) \
         AND (EXISTS (SELECT 1 FROM second_factors AS f WHERE f.user_id = g.user_id AND f.confirmed_at IS NOT NULL) \
         OR EXISTS (SELECT 1 FROM passkeys AS p WHERE p.user_id = g.user_id))",
    ).bind(issuer).fetch_all(ex).await)?)
}
