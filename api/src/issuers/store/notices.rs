//! SQL of `privacy_notices` and `privacy_acceptances`.
use shared::privacy::ParsedNotice;
use uuid::Uuid;

use super::Scope;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// A version of an issuer's notice.
#[derive(Debug, sqlx::FromRow)]
pub struct NoticeRow {
    pub version: i64,
    pub text: Option<String>,
    pub url: Option<String>,
    pub published_at: Timestamp,
}

/// Versions before one, the newest first.
pub async fn list_notices(
    conn: &mut impl Conn,
    scope: Scope,
    before: Option<i64>,
    limit: i64,
) -> DbResult<Vec<NoticeRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT version, text, url, published_at FROM privacy_notices WHERE issuer_id = $1 AND version < $2 \
         ORDER BY version DESC LIMIT $3",
    ).bind(scope.uuid()).bind(before.unwrap_or(i64::MAX)).bind(limit).fetch_all(ex).await)?)
}

/// Another version.
pub async fn insert_notice(
    tx: &mut Tx,
    scope: Scope,
    version: i64,
    notice: &ParsedNotice,
    (by, now): (Option<Uuid>, Timestamp),
) -> DbResult<()> {
    let (text, url) = match notice {
        ParsedNotice::Text(text) => (Some(text), None),
        ParsedNotice::Url(url) => (None, Some(url)),
    };
    on!(tx, ex => sqlx::query(
        "INSERT INTO privacy_notices (issuer_id, version, text, url, published_by, published_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(scope.uuid()).bind(version).bind(text).bind(url).bind(by).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Somebody accepted a version. Nothing happens when they had.
pub async fn insert_acceptance(
    tx: &mut Tx,
    scope: Scope,
    (id, user): (Uuid, Uuid),
    (version, channel): (i64, &str),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO privacy_acceptances (id, issuer_id, version, user_id, channel, accepted_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, issuer_id, version) DO NOTHING",
    ).bind(id).bind(scope.uuid()).bind(version).bind(user).bind(channel).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Whether somebody accepted any version.
pub async fn has_accepted(conn: &mut impl Conn, scope: Scope, user: Uuid) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM privacy_acceptances WHERE issuer_id = $1 AND user_id = $2)",
    ).bind(scope.uuid()).bind(user).fetch_one(ex).await)?)
}

/// A guest accepted a version with an invoice.
pub async fn insert_guests_acceptance(
    tx: &mut Tx,
    scope: Scope,
    (id, stamp): (Uuid, Uuid),
    version: i64,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO privacy_acceptances (id, issuer_id, version, stamp_id, channel, accepted_at) \
         VALUES ($1, $2, $3, $4, 'guest', $5)",
    ).bind(id).bind(scope.uuid()).bind(version).bind(stamp).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// When somebody accepted a version.
pub async fn find_accepted_at(
    conn: &mut impl Conn,
    scope: Scope,
    user: Uuid,
    version: i64,
) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT accepted_at FROM privacy_acceptances WHERE issuer_id = $1 AND user_id = $2 AND version = $3",
    ).bind(scope.uuid()).bind(user).bind(version).fetch_optional(ex).await)?)
}
