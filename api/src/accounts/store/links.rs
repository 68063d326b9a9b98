//! SQL of `link_requests` and `one_time_links`.
use shared::Lang;
use sqlx::types::Json;
use uuid::Uuid;

use super::unreadable;
use crate::accounts::model::{Asked, CustomerId, UserId};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// The first password of a customer's first user, who reads this mailbox.
    Activation { customer: CustomerId, email: fiscal::Email },
    /// Another password of this user.
    Recovery(UserId),
    /// The first password of this user, whom an invoice brought.
    Mailbox(UserId),
    /// Another mail address of this user, one of the customer's people.
    Address { customer: CustomerId, user: UserId, email: fiscal::Email },
}

/// Links of first entries that one list shows.
const ENTRIES_MAX: i64 = 100;

/// A link of a first entry, to whoever may take it back.
#[derive(sqlx::FromRow)]
pub struct EntryRow {
    /// The first half of the token's digest: it names the link and opens nothing.
    #[sqlx(try_from = "Vec<u8>")]
    pub id: Uuid,
    pub email: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// A link that is good now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub purpose: Purpose,
    pub issuer: IssuerId,
    pub language: Lang,
    /// Digest of the temporary password in the same letter: both are needed then.
    pub temporary: Option<String>,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    kind: String,
    issuer_id: Uuid,
    customer_id: Option<Uuid>,
    email: Option<String>,
    user_id: Option<Uuid>,
    #[sqlx(try_from = "String")]
    language: Lang,
    temporary_hash: Option<String>,
}

impl TryFrom<LinkRow> for Link {
    type Error = DbError;
    fn try_from(row: LinkRow) -> DbResult<Link> {
        let purpose = match (row.kind.as_str(), row.user_id, row.customer_id, row.email) {
            ("recovery", Some(user), None, None) => Purpose::Recovery(UserId::new(user)),
            ("mailbox", Some(user), None, None) => Purpose::Mailbox(UserId::new(user)),
            ("activation", None, Some(customer), Some(email)) => {
                Purpose::Activation { customer: CustomerId::new(customer), email: email.parse().map_err(unreadable)? }
            }
            ("address", Some(user), Some(customer), Some(email)) => Purpose::Address {
                customer: CustomerId::new(customer),
                user: UserId::new(user),
                email: email.parse().map_err(unreadable)?,
            },
            _ => return Err(sqlx::Error::Decode("one_time_links: a link without a subject".into()).into()),
        };
        Ok(Link {
            purpose,
            issuer: IssuerId::new(row.issuer_id),
            language: row.language,
            temporary: row.temporary_hash,
        })
    }
}

/// Keeps what was asked for.
pub async fn insert_request(
    tx: &mut Tx,
    id: Uuid,
    issuer: Option<IssuerId>,
    asked: &Asked,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query("INSERT INTO link_requests (id, issuer_id, asked, created_at) VALUES ($1, $2, $3, $4)")
        .bind(id).bind(issuer.map(IssuerId::uuid)).bind(Json(asked)).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What was asked for, and at whose page.
pub async fn find_request(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<(Option<IssuerId>, Asked)>> {
    let row: Option<(Option<Uuid>, Json<Asked>)> = on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, asked FROM link_requests WHERE id = $1",
    ).bind(id).fetch_optional(ex).await)?;
    Ok(row.map(|(issuer, asked)| (issuer.map(IssuerId::new), asked.0)))
}

/// It was answered. `false`: somebody else did.
pub async fn delete_request(tx: &mut Tx, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM link_requests WHERE id = $1")
        .bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps a link, by the digest of its token.
pub async fn insert(
    tx: &mut Tx,
    token_hash: [u8; 32],
    link: &Link,
    now: Timestamp,
    expires_at: Timestamp,
) -> DbResult<()> {
    let (kind, customer, email, user) = match &link.purpose {
        Purpose::Activation { customer, email } => ("activation", Some(customer.uuid()), Some(email.as_str()), None),
        Purpose::Recovery(user) => ("recovery", None, None, Some(user.uuid())),
        Purpose::Mailbox(user) => ("mailbox", None, None, Some(user.uuid())),
        Purpose::Address { customer, user, email } => {
            ("address", Some(customer.uuid()), Some(email.as_str()), Some(user.uuid()))
        }
    };
    on!(tx, ex => sqlx::query(
        "INSERT INTO one_time_links (token_hash, kind, issuer_id, customer_id, email, user_id, language, created_at, \
         expires_at, temporary_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(token_hash.as_slice()).bind(kind).bind(link.issuer.uuid()).bind(customer).bind(email).bind(user)
    .bind(link.language.as_str()).bind(now).bind(expires_at).bind(&link.temporary).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The link with this token, when it was not used and its time is not over.
pub async fn find(conn: &mut impl Conn, token_hash: [u8; 32], now: Timestamp) -> DbResult<Option<Link>> {
    let row: Option<LinkRow> = on!(conn, ex => sqlx::query_as(
        "SELECT kind, issuer_id, customer_id, email, user_id, language, temporary_hash FROM one_time_links \
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
    ).bind(token_hash.as_slice()).bind(now).fetch_optional(ex).await)?;
    row.map(Link::try_from).transpose()
}

/// When a link ends, used or not.
pub async fn find_end(conn: &mut impl Conn, token_hash: [u8; 32]) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT expires_at FROM one_time_links WHERE token_hash = $1")
        .bind(token_hash.as_slice()).fetch_optional(ex).await)?)
}

/// Whether a link came with a temporary password, was used, and would be good still.
pub async fn was_opened(conn: &mut impl Conn, token_hash: [u8; 32], now: Timestamp) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM one_time_links WHERE token_hash = $1 AND temporary_hash IS NOT NULL \
         AND used_at IS NOT NULL AND expires_at > $2)",
    ).bind(token_hash.as_slice()).bind(now).fetch_one(ex).await)?)
}

/// Uses a link up. `false`: it was used meanwhile, or its time is over.
pub async fn mark_used(tx: &mut Tx, token_hash: [u8; 32], now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE one_time_links SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
    ).bind(token_hash.as_slice()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether a letter of this user's can still bring them a password.
pub async fn has_unused(conn: &mut impl Conn, user: UserId, now: Timestamp) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM one_time_links WHERE user_id = $1 AND kind <> 'address' AND used_at IS NULL \
         AND expires_at > $2)",
    ).bind(user.uuid()).bind(now).fetch_one(ex).await)?)
}

/// Deletes every link of this user's.
pub async fn delete_of(tx: &mut Tx, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM one_time_links WHERE user_id = $1")
        .bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Uses up every link of this user's: to a password, and to another address.
pub async fn mark_all_used(tx: &mut Tx, user: UserId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE one_time_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL")
        .bind(user.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Uses up every link to another address of this user.
pub async fn mark_addresses_used(tx: &mut Tx, user: UserId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE one_time_links SET used_at = $2 WHERE user_id = $1 AND kind = 'address' AND used_at IS NULL",
    ).bind(user.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Links of a customer's first entry at an issuer's that are still good, the last first.
pub async fn list_entries(
    conn: &mut impl Conn,
    (scope, customer): (Scope, CustomerId),
    now: Timestamp,
) -> DbResult<Vec<EntryRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT substr(token_hash, 1, 16) AS id, email, created_at, expires_at FROM one_time_links \
         WHERE kind = 'activation' AND issuer_id = $1 AND customer_id = $2 AND used_at IS NULL AND expires_at > $3 \
         ORDER BY created_at DESC, token_hash LIMIT $4",
    ).bind(scope.uuid()).bind(customer.uuid()).bind(now).bind(ENTRIES_MAX).fetch_all(ex).await)?)
}

/// Deletes one of them, and the address with it. `false`: there is none such that is still good.
pub async fn delete_entry(
    tx: &mut Tx,
    (scope, customer): (Scope, CustomerId),
    id: Uuid,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "DELETE FROM one_time_links WHERE kind = 'activation' AND issuer_id = $1 AND customer_id = $2 \
         AND used_at IS NULL AND expires_at > $3 AND substr(token_hash, 1, 16) = $4",
    )
    .bind(scope.uuid()).bind(customer.uuid()).bind(now).bind(id.as_bytes().as_slice())
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` links whose time was over before `ended_before`; says how many.
pub async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM one_time_links WHERE token_hash IN (SELECT token_hash FROM one_time_links \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Deletes at most `limit` requests that nobody answered since `before`; says how many.
pub async fn delete_requests(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM link_requests WHERE id IN (SELECT id FROM link_requests \
         WHERE created_at < $1 ORDER BY created_at LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
