//! SQL of `used_work`.
use crate::db::{DbResult, Timestamp, Tx, on};

/// Uses a proof up. `false`: it was used before.
pub async fn insert(tx: &mut Tx, challenge_hash: [u8; 32], expires_at: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO used_work (challenge_hash, expires_at) VALUES ($1, $2) ON CONFLICT (challenge_hash) DO NOTHING",
    ).bind(challenge_hash.as_slice()).bind(expires_at).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` proofs that were over before `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM used_work WHERE challenge_hash IN (SELECT challenge_hash FROM used_work \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
