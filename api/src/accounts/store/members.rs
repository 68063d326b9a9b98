//! SQL of a customer's people and of `mail_copies`.
use shared::accounts::Role;
use uuid::Uuid;

use crate::accounts::model::{CustomerId, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// People of one customer that a list shows.
const LISTED_MAX: i64 = 200;

/// Somebody with access to a customer's account.
#[derive(Debug, sqlx::FromRow)]
pub struct PersonRow {
    pub user_id: Uuid,
    pub email: String,
    pub user_name: Option<String>,
    #[sqlx(try_from = "String")]
    pub role: Role,
    pub state: String,
    pub since: Timestamp,
    pub last_seen_at: Option<Timestamp>,
}

/// An address that gets copies.
#[derive(Debug, sqlx::FromRow)]
pub struct CopyRow {
    pub id: Uuid,
    pub email: String,
}

/// A customer's people, owners first, then by their time.
pub async fn list(conn: &mut impl Conn, customer: CustomerId) -> DbResult<Vec<PersonRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT m.user_id, u.email, u.user_name, m.role, u.state, m.created_at AS since, \
         (SELECT MAX(s.refreshed_at) FROM sessions AS s WHERE s.user_id = m.user_id AND s.kind = 'customer' \
         AND s.customer_id = m.customer_id) AS last_seen_at \
         FROM memberships AS m JOIN users AS u ON u.id = m.user_id WHERE m.customer_id = $1 \
         ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'payer' THEN 1 ELSE 2 END, m.created_at, m.user_id LIMIT $2",
    ).bind(customer.uuid()).bind(LISTED_MAX).fetch_all(ex).await)?)
}

/// What a person may do for a customer.
pub async fn find_role(conn: &mut impl Conn, customer: CustomerId, user: UserId) -> DbResult<Option<Role>> {
    let role: Option<String> = on!(conn, ex => sqlx::query_scalar(
        "SELECT role FROM memberships WHERE customer_id = $1 AND user_id = $2",
    ).bind(customer.uuid()).bind(user.uuid()).fetch_optional(ex).await)?;
    role.map(|role| Role::try_from(role).map_err(super::unreadable)).transpose()
}

/// Another role for one of a customer's people.
pub async fn set_role(tx: &mut Tx, customer: CustomerId, user: UserId, role: Role) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE memberships SET role = $3 WHERE customer_id = $1 AND user_id = $2")
        .bind(customer.uuid()).bind(user.uuid()).bind(role.as_str()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes one of a customer's people away.
pub async fn delete(tx: &mut Tx, customer: CustomerId, user: UserId) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM memberships WHERE customer_id = $1 AND user_id = $2")
        .bind(customer.uuid()).bind(user.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Owners of a customer's account who can sign in.
pub async fn count_owners(conn: &mut impl Conn, customer: CustomerId) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM memberships AS m JOIN users AS u ON u.id = m.user_id \
         WHERE m.customer_id = $1 AND m.role = 'owner' AND u.state = 'active'",
    ).bind(customer.uuid()).fetch_one(ex).await)?)
}

/// Addresses that get copies of a customer's letters, the first first.
pub async fn list_copies(conn: &mut impl Conn, customer: CustomerId, limit: i64) -> DbResult<Vec<CopyRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, email FROM mail_copies WHERE customer_id = $1 ORDER BY created_at, id LIMIT $2",
    ).bind(customer.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// Addresses that get copies of the letters of the one customer with an RFC, the first first.
pub async fn list_copies_of_rfc(conn: &mut impl Conn, rfc: &str, limit: i64) -> DbResult<Vec<CopyRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT m.id, m.email FROM mail_copies AS m JOIN customers AS c ON c.id = m.customer_id WHERE c.rfc = $1 \
         AND c.rfc NOT IN ('XAXX010101000', 'XEXX010101000') ORDER BY m.created_at, m.id LIMIT $2",
    ).bind(rfc).bind(limit).fetch_all(ex).await)?)
}

/// Another address for copies. `false`: it is there.
pub async fn insert_copy(
    tx: &mut Tx,
    id: Uuid,
    customer: CustomerId,
    (email, folded): (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO mail_copies (id, customer_id, email, email_folded, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (customer_id, email_folded) DO NOTHING",
    )
    .bind(id).bind(customer.uuid()).bind(email).bind(folded).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes an address away. `false`: there is none such.
pub async fn delete_copy(tx: &mut Tx, customer: CustomerId, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM mail_copies WHERE customer_id = $1 AND id = $2")
        .bind(customer.uuid()).bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
