//! SQL of `mailbox_rfcs`, and of the people whom an invoice brought.
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::accounts::model::{NewUser, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// Adds a person without a password. `false`: somebody has the address, a moment ago or since long.
pub async fn insert_user(
    tx: &mut Tx,
    id: UserId,
    user: &NewUser<'_>,
    email_folded: &str,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO users (id, email, email_folded, language, state, created_at) VALUES ($1, $2, $3, $4, 'active', $5) \
         ON CONFLICT (email_folded) DO NOTHING",
    )
    .bind(id.uuid()).bind(user.email.as_str()).bind(email_folded).bind(user.language.as_str()).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps that an RFC was invoiced to a person's address; who did it first stays.
pub async fn insert_rfc(tx: &mut Tx, scope: Scope, user: UserId, rfc: &str, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO mailbox_rfcs (user_id, rfc, issuer_id, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (user_id, rfc) DO NOTHING",
    ).bind(user.uuid()).bind(rfc).bind(scope.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Whether an RFC was invoiced to a person's address.
pub async fn has_rfc(conn: &mut impl Conn, user: UserId, rfc: &str) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM mailbox_rfcs WHERE user_id = $1 AND rfc = $2)",
    ).bind(user.uuid()).bind(rfc).fetch_one(ex).await)?)
}

/// The RFC that were invoiced to an address, the newest first.
pub async fn list_rfcs(conn: &mut impl Conn, email_folded: &str, limit: i64) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT r.rfc FROM mailbox_rfcs AS r JOIN users AS u ON u.id = r.user_id WHERE u.email_folded = $1 \
         ORDER BY r.created_at DESC, r.rfc LIMIT $2",
    ).bind(email_folded).bind(limit).fetch_all(ex).await)?)
}

/// Who invoiced to a person's address first; `None`: nobody whose profile makes an account of it.
pub async fn find_issuer(conn: &mut impl Conn, user: UserId) -> DbResult<Option<IssuerId>> {
    let id: Option<Uuid> = on!(conn, ex => sqlx::query_scalar(
        "SELECT issuer_id FROM mailbox_rfcs WHERE user_id = $1 ORDER BY created_at, rfc LIMIT 1",
    ).bind(user.uuid()).fetch_optional(ex).await)?;
    Ok(id.map(IssuerId::new))
}

/// Who invoiced to a person's address, each once, in the order of their ids.
pub async fn list_issuers(conn: &mut impl Conn, user: UserId, limit: i64) -> DbResult<Vec<IssuerId>> {
    let ids: Vec<Uuid> = on!(conn, ex => sqlx::query_scalar(
        "SELECT DISTINCT issuer_id FROM mailbox_rfcs WHERE user_id = $1 ORDER BY issuer_id LIMIT $2",
    ).bind(user.uuid()).bind(limit).fetch_all(ex).await)?;
    Ok(ids.into_iter().map(IssuerId::new).collect())
}

/// People whom an invoice brought, and who never chose a password nor came in with a temporary one.
const UNCLAIMED: &str = "SELECT u.id FROM users AS u WHERE u.password_hash IS NULL \
     AND EXISTS (SELECT 1 FROM mailbox_rfcs AS r WHERE r.user_id = u.id) \
     AND NOT EXISTS (SELECT 1 FROM memberships AS m WHERE m.user_id = u.id) \
     AND NOT EXISTS (SELECT 1 FROM staff_grants AS g WHERE g.user_id = u.id) \
     AND NOT EXISTS (SELECT 1 FROM sessions AS s WHERE s.user_id = u.id) AND ";

/// Whether a person is one whom an invoice brought and who never came in; they stay so until the transaction ends.
pub async fn lock_if_unclaimed(tx: &mut Tx, user: UserId) -> DbResult<bool> {
    let for_update = tx.for_update();
    let id: Option<Uuid> = on!(tx, ex => {
        let mut sql = QueryBuilder::new(UNCLAIMED);
        sql.push("u.id = ").push_bind(user.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(id.is_some())
}

/// At most `limit` people whom an invoice brought before `ended_before`, who never chose a password, and whom no letter
/// can bring one since then; they stay as they are until the transaction ends.
pub async fn lock_unclaimed(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<Vec<UserId>> {
    let for_update = tx.for_update();
    let ids: Vec<Uuid> = on!(tx, ex => {
        let mut sql = QueryBuilder::new(UNCLAIMED);
        sql.push("u.created_at < ").push_bind(ended_before);
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM one_time_links AS l WHERE l.user_id = u.id AND l.used_at IS NULL \
             AND l.expires_at >= ",
        );
        sql.push_bind(ended_before);
        sql.push(") AND NOT EXISTS (SELECT 1 FROM temporary_passwords AS t WHERE t.user_id = u.id AND t.expires_at >= ");
        sql.push_bind(ended_before).push(") ORDER BY u.created_at LIMIT ").push_bind(limit).push(for_update);
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(ids.into_iter().map(UserId::new).collect())
}

/// Deletes what was invoiced to a person's address from their account.
pub async fn delete_rfcs(tx: &mut Tx, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM mailbox_rfcs WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Deletes a person of whom nothing else is left.
pub async fn delete_user(tx: &mut Tx, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM users WHERE id = $1")
        .bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}
