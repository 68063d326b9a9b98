//! SQL of till keys.
use uuid::Uuid;

use super::TillKey;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{BranchId, IssuerId, Scope};

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    issuer_id: Uuid,
    branch_id: Uuid,
    name: String,
    secret_sealed: Vec<u8>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<KeyRow> for TillKey {
    fn from(row: KeyRow) -> TillKey {
        TillKey {
            id: row.id,
            scope: Scope::of(IssuerId::new(row.issuer_id)),
            branch_id: BranchId::new(row.branch_id),
            name: row.name,
            secret_sealed: row.secret_sealed,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        }
    }
}

const SELECT: &str =
    "SELECT id, issuer_id, branch_id, name, secret_sealed, created_at, revoked_at FROM till_keys WHERE ";

/// Adds a key.
pub(super) async fn insert(tx: &mut Tx, key: &TillKey) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO till_keys (id, issuer_id, branch_id, name, secret_sealed, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.id).bind(key.scope.uuid()).bind(key.branch_id.uuid()).bind(&key.name).bind(&key.secret_sealed)
    .bind(key.created_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The key with this id, of whatever issuer: a scanned ticket names no issuer, its key does.
pub(super) async fn find(conn: &mut impl Conn, id: &str) -> DbResult<Option<TillKey>> {
    let row: Option<KeyRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id);
        sql.build_query_as().fetch_optional(ex).await
    })?;
    Ok(row.map(TillKey::from))
}

/// An issuer's keys, the oldest first.
pub(super) async fn list(conn: &mut impl Conn, scope: Scope, limit: i64) -> DbResult<Vec<TillKey>> {
    let rows: Vec<KeyRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("issuer_id = ").push_bind(scope.uuid());
        sql.push(" ORDER BY created_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    Ok(rows.into_iter().map(TillKey::from).collect())
}

/// How many keys of a branch are good.
pub(super) async fn count_live(conn: &mut impl Conn, scope: Scope, branch_id: BranchId) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM till_keys WHERE issuer_id = $1 AND branch_id = $2 AND revoked_at IS NULL",
    ).bind(scope.uuid()).bind(branch_id.uuid()).fetch_one(ex).await)?)
}

/// Ends a key. `false`: the issuer has none such, or it was ended before.
pub(super) async fn mark_revoked(tx: &mut Tx, scope: Scope, id: &str, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE till_keys SET revoked_at = $3 WHERE issuer_id = $1 AND id = $2 AND revoked_at IS NULL",
    ).bind(scope.uuid()).bind(id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
