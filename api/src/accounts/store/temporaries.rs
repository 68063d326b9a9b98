//! SQL of `temporary_passwords`.
use crate::accounts::model::UserId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// Gives a person a temporary password, in place of the one before.
pub async fn upsert(tx: &mut Tx, user: UserId, hash: &str, now: Timestamp, expires_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO temporary_passwords (user_id, password_hash, created_at, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id) DO UPDATE SET password_hash = $2, created_at = $3, expires_at = $4",
    ).bind(user.uuid()).bind(hash).bind(now).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The temporary password that is good now for whoever signs in by this folded name.
pub async fn find_by_name(conn: &mut impl Conn, folded: &str, now: Timestamp) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT t.password_hash FROM temporary_passwords AS t JOIN users AS u ON u.id = t.user_id \
         WHERE (u.email_folded = $1 OR u.user_name_folded = $1) AND t.expires_at > $2 \
         ORDER BY u.email_folded = $1 DESC LIMIT 1",
    ).bind(folded).bind(now).fetch_optional(ex).await)?)
}

/// Uses one up. `false`: it was used meanwhile, or another took its place.
pub async fn delete(tx: &mut Tx, user: UserId, hash: &str) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM temporary_passwords WHERE user_id = $1 AND password_hash = $2")
        .bind(user.uuid()).bind(hash).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a person's away, if there is one.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM temporary_passwords WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Deletes at most `limit` that were over before `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM temporary_passwords WHERE user_id IN (SELECT user_id FROM temporary_passwords \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
