//! SQL of a customer's people and of `mail_copies`.
use shared::accounts::Role;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::accounts::model::{CustomerId, Membership, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

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

/// Adds "that concerns this issuer" to a statement, when one is named: what is of its part, and what is of the group's.
macro_rules! push_concerns {
    ($sql:ident, $at:ident, $column:literal) => {
        if let Some(scope) = $at {
            $sql.push(concat!(" AND (", $column, " IS NULL OR ", $column, " = ")).push_bind(scope.uuid()).push(")");
        }
    };
}

/// A customer's people, owners first, then by their time; at most those who see an issuer's part.
pub async fn list(conn: &mut impl Conn, customer: CustomerId, at: Option<Scope>) -> DbResult<Vec<PersonRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT m.user_id, u.email, u.user_name, m.role, u.state, m.created_at AS since, \
             (SELECT MAX(s.refreshed_at) FROM sessions AS s WHERE s.user_id = m.user_id AND s.kind = 'customer' \
             AND s.customer_id = m.customer_id) AS last_seen_at \
             FROM memberships AS m JOIN users AS u ON u.id = m.user_id WHERE m.customer_id = ",
        );
        sql.push_bind(customer.uuid());
        push_concerns!(sql, at, "m.issuer_id");
        sql.push(
            " ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'payer' THEN 1 ELSE 2 END, m.created_at, m.user_id LIMIT ",
        );
        sql.push_bind(LISTED_MAX).build_query_as().fetch_all(ex).await
    })?)
}

/// What a person is to a customer.
pub async fn find(conn: &mut impl Conn, customer: CustomerId, user: UserId) -> DbResult<Option<Membership>> {
    let row: Option<(String, Option<Uuid>)> = on!(conn, ex => sqlx::query_as(
        "SELECT role, issuer_id FROM memberships WHERE customer_id = $1 AND user_id = $2",
    ).bind(customer.uuid()).bind(user.uuid()).fetch_optional(ex).await)?;
    let read = |(role, part): (String, Option<Uuid>)| -> DbResult<Membership> {
        let role = Role::try_from(role).map_err(super::unreadable)?;
        Ok(Membership { customer, role, part: part.map(IssuerId::new) })
    };
    row.map(read).transpose()
}

/// From here on a person sees the whole group's. `false`: they did, or are none of the customer's.
pub async fn widen(tx: &mut Tx, customer: CustomerId, user: UserId) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE memberships SET issuer_id = NULL WHERE customer_id = $1 AND user_id = $2 AND issuer_id IS NOT NULL",
    ).bind(customer.uuid()).bind(user.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
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

/// Owners of a customer's account who can sign in: those who see this much of it or more.
pub async fn count_owners(conn: &mut impl Conn, customer: CustomerId, part: Option<IssuerId>) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM memberships AS m JOIN users AS u ON u.id = m.user_id \
         WHERE m.customer_id = $1 AND m.role = 'owner' AND u.state = 'active' \
         AND (m.issuer_id IS NULL OR m.issuer_id = $2)",
    ).bind(customer.uuid()).bind(part.map(IssuerId::uuid)).fetch_one(ex).await)?)
}

/// Addresses that get copies of a customer's letters, the first first; at most those that get an issuer's.
pub async fn list_copies(
    conn: &mut impl Conn,
    customer: CustomerId,
    at: Option<Scope>,
    limit: i64,
) -> DbResult<Vec<CopyRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT id, email FROM mail_copies WHERE customer_id = ");
        sql.push_bind(customer.uuid());
        push_concerns!(sql, at, "issuer_id");
        sql.push(" ORDER BY created_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Addresses that get copies of an issuer's letters to the one customer with an RFC, the first first.
pub async fn list_copies_of_rfc(conn: &mut impl Conn, rfc: &str, at: Scope, limit: i64) -> DbResult<Vec<CopyRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT m.id, m.email FROM mail_copies AS m JOIN customers AS c ON c.id = m.customer_id WHERE c.rfc = $1 \
         AND c.rfc NOT IN ('XAXX010101000', 'XEXX010101000') AND (m.issuer_id IS NULL OR m.issuer_id = $2) \
         ORDER BY m.created_at, m.id LIMIT $3",
    ).bind(rfc).bind(at.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// Another address for copies: of one issuer's letters, or of all. `false`: it is there.
pub async fn insert_copy(
    tx: &mut Tx,
    id: Uuid,
    (customer, part): (CustomerId, Option<IssuerId>),
    (email, folded): (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO mail_copies (id, customer_id, email, email_folded, created_at, issuer_id) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(id).bind(customer.uuid()).bind(email).bind(folded).bind(now).bind(part.map(IssuerId::uuid))
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes an address away; one issuer's own, where one is named. `false`: there is none such.
pub async fn delete_copy(tx: &mut Tx, (customer, part): (CustomerId, Option<IssuerId>), id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => {
        let mut sql = QueryBuilder::new("DELETE FROM mail_copies WHERE customer_id = ");
        sql.push_bind(customer.uuid()).push(" AND id = ").push_bind(id);
        if let Some(part) = part {
            sql.push(" AND issuer_id = ").push_bind(part.uuid());
        }
        sql.build().execute(ex).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}
