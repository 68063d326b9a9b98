//! SQL of `customers`, `contracts`, `users` and `memberships`.
use fiscal::Rfc;
use shared::Lang;
use shared::accounts::Role;
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::unreadable;
use crate::accounts::model::{CustomerId, Membership, NewCustomer, NewUser, User, UserId};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

#[derive(sqlx::FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    user_name: Option<String>,
    password_hash: Option<String>,
    #[sqlx(try_from = "String")]
    language: Lang,
    state: String,
    must_change: bool,
}

impl TryFrom<UserRow> for User {
    type Error = DbError;
    fn try_from(row: UserRow) -> DbResult<User> {
        Ok(User {
            id: UserId::new(row.id),
            email: row.email.parse().map_err(unreadable)?,
            user_name: row.user_name,
            password_hash: row.password_hash,
            language: row.language,
            active: row.state == "active",
            must_change: row.must_change,
        })
    }
}

/// A customer as one of its people sees it.
#[derive(Debug, sqlx::FromRow)]
pub struct MemberRow {
    pub id: Uuid,
    pub rfc: String,
    pub nombre: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
}

/// A customer's number at an issuer.
#[derive(Debug, sqlx::FromRow)]
pub struct ContractRow {
    pub issuer_id: Uuid,
    pub number: String,
}

/// Adds a customer.
pub async fn insert_customer(tx: &mut Tx, id: CustomerId, customer: &NewCustomer, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO customers (id, rfc, nombre, regimen, codigo_postal, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.uuid()).bind(customer.rfc.as_str()).bind(customer.nombre.as_str()).bind(customer.regimen.code())
    .bind(customer.codigo_postal.as_str()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Adds a contract. `number` as printed, `folded` as compared.
pub async fn insert_contract(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    customer: CustomerId,
    (number, folded): (&str, &str),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO contracts (id, issuer_id, customer_id, number, number_folded, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(id).bind(scope.uuid()).bind(customer.uuid()).bind(number).bind(folded).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The customer with this RFC, of those that no other shares.
pub async fn find_customer_by_rfc(conn: &mut impl Conn, rfc: &Rfc) -> DbResult<Option<CustomerId>> {
    let id: Option<Uuid> = on!(conn, ex => sqlx::query_scalar(
        "SELECT id FROM customers WHERE rfc = $1 AND rfc NOT IN ('XAXX010101000', 'XEXX010101000')",
    ).bind(rfc.as_str()).fetch_optional(ex).await)?;
    Ok(id.map(CustomerId::new))
}

/// The customer with this RFC that has this contract, and at which issuer: the given one, or any of the group.
pub async fn find_contract(
    conn: &mut impl Conn,
    issuer: Option<IssuerId>,
    rfc: &Rfc,
    number_folded: &str,
) -> DbResult<Option<(CustomerId, IssuerId)>> {
    let row: Option<(Uuid, Uuid)> = on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT c.customer_id, c.issuer_id FROM contracts AS c JOIN customers AS u ON u.id = c.customer_id \
             WHERE c.number_folded = ",
        );
        sql.push_bind(number_folded).push(" AND u.rfc = ").push_bind(rfc.as_str());
        if let Some(issuer) = issuer {
            sql.push(" AND c.issuer_id = ").push_bind(issuer.uuid());
        }
        sql.push(" ORDER BY c.created_at, c.id LIMIT 1");
        sql.build_query_as().fetch_optional(ex).await
    })?;
    Ok(row.map(|(customer, issuer)| (CustomerId::new(customer), IssuerId::new(issuer))))
}

/// When the first of a customer's contracts at an issuer was loaded.
pub async fn find_loaded_at(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT created_at FROM contracts WHERE issuer_id = $1 AND customer_id = $2 ORDER BY created_at LIMIT 1",
    ).bind(scope.uuid()).bind(customer.uuid()).fetch_optional(ex).await)?)
}

/// A customer's contracts, by their number: with one issuer, where one is named.
pub async fn list_contracts(
    conn: &mut impl Conn,
    customer: CustomerId,
    only: Option<Scope>,
    limit: i64,
) -> DbResult<Vec<ContractRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new("SELECT issuer_id, number FROM contracts WHERE customer_id = ");
        sql.push_bind(customer.uuid());
        if let Some(scope) = only {
            sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        sql.push(" ORDER BY number_folded, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// RFC and name of a customer.
pub async fn find_names(conn: &mut impl Conn, customer: CustomerId) -> DbResult<Option<(String, String)>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT rfc, nombre FROM customers WHERE id = $1")
        .bind(customer.uuid()).fetch_optional(ex).await)?)
}

/// Keeps others who ask for this lock from this customer until the transaction ends.
pub async fn lock_customer(tx: &mut Tx, customer: CustomerId) -> DbResult<()> {
    let for_update = tx.for_update();
    let _found: Option<Uuid> = on!(tx, ex => {
        let mut sql = QueryBuilder::new("SELECT id FROM customers WHERE id = ");
        sql.push_bind(customer.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(())
}

/// Keeps others who ask for this lock from this person until the transaction ends.
pub async fn lock_user(tx: &mut Tx, user: UserId) -> DbResult<()> {
    let for_update = tx.for_update();
    let _found: Option<Uuid> = on!(tx, ex => {
        let mut sql = QueryBuilder::new("SELECT id FROM users WHERE id = ");
        sql.push_bind(user.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(())
}

/// The person who signs in by this folded name.
pub async fn find_user_by_name(conn: &mut impl Conn, folded: &str) -> DbResult<Option<User>> {
    let row: Option<UserRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, email, user_name, password_hash, language, state, must_change FROM users \
         WHERE email_folded = $1 OR user_name_folded = $1 ORDER BY email_folded = $1 DESC LIMIT 1",
    ).bind(folded).fetch_optional(ex).await)?;
    row.map(User::try_from).transpose()
}

/// A person.
pub async fn find_user(conn: &mut impl Conn, id: UserId) -> DbResult<Option<User>> {
    let row: Option<UserRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, email, user_name, password_hash, language, state, must_change FROM users WHERE id = $1",
    ).bind(id.uuid()).fetch_optional(ex).await)?;
    row.map(User::try_from).transpose()
}

/// Adds a person. `folded` are the mail address and the user name as compared.
pub async fn insert_user(
    tx: &mut Tx,
    id: UserId,
    user: &NewUser<'_>,
    (email_folded, user_name_folded): (&str, Option<&str>),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO users (id, email, email_folded, user_name, user_name_folded, password_hash, language, state, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8)",
    )
    .bind(id.uuid()).bind(user.email.as_str()).bind(email_folded).bind(user.user_name).bind(user_name_folded)
    .bind(user.password_hash).bind(user.language.as_str()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Another password; `must_change`: a temporary one, which opens nothing more.
pub async fn set_password(tx: &mut Tx, id: UserId, password_hash: &str, must_change: bool) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE users SET password_hash = $2, must_change = $3 WHERE id = $1")
        .bind(id.uuid()).bind(password_hash).bind(must_change).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Another mail address.
pub async fn set_email(tx: &mut Tx, id: UserId, (email, folded): (&str, &str)) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE users SET email = $2, email_folded = $3 WHERE id = $1")
        .bind(id.uuid()).bind(email).bind(folded).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Another language.
pub async fn set_language(tx: &mut Tx, id: UserId, language: Lang) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE users SET language = $2 WHERE id = $1")
        .bind(id.uuid()).bind(language.as_str()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Makes a person one of a customer's. Nothing happens when they are already, but that an owner of one issuer's part who
/// is to own another's sees the whole group's from then on.
pub async fn insert_membership(tx: &mut Tx, user: UserId, new: Membership, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO memberships (user_id, customer_id, role, created_at, issuer_id) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id, customer_id) DO UPDATE SET issuer_id = NULL WHERE memberships.role = 'owner' \
         AND excluded.role = 'owner' AND memberships.issuer_id <> excluded.issuer_id",
    )
    .bind(user.uuid()).bind(new.customer.uuid()).bind(new.role.as_str()).bind(now).bind(new.part.map(IssuerId::uuid))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The person who has been with a customer longest, an owner before others; of those who see an issuer's part of it.
pub async fn find_first_member(conn: &mut impl Conn, customer: CustomerId, at: Scope) -> DbResult<Option<User>> {
    let row: Option<UserRow> = on!(conn, ex => sqlx::query_as(
        "SELECT u.id, u.email, u.user_name, u.password_hash, u.language, u.state, \
         u.must_change FROM memberships AS m \
         JOIN users AS u ON u.id = m.user_id WHERE m.customer_id = $1 AND (m.issuer_id IS NULL OR m.issuer_id = $2) \
         ORDER BY m.role = 'owner' DESC, m.created_at, u.id LIMIT 1",
    ).bind(customer.uuid()).bind(at.uuid()).fetch_optional(ex).await)?;
    row.map(User::try_from).transpose()
}

/// Whether a person is one of a customer's.
pub async fn is_member(conn: &mut impl Conn, user: UserId, customer: CustomerId) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM memberships WHERE user_id = $1 AND customer_id = $2)",
    ).bind(user.uuid()).bind(customer.uuid()).fetch_one(ex).await)?)
}

/// A person's customers, the first first.
pub async fn list_customers(conn: &mut impl Conn, user: UserId, limit: i64) -> DbResult<Vec<MemberRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT c.id, c.rfc, c.nombre, m.role FROM memberships AS m JOIN customers AS c ON c.id = m.customer_id \
         WHERE m.user_id = $1 ORDER BY m.created_at, c.id LIMIT $2",
    ).bind(user.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// The customer a person's next session is for: that of the last one, or the first.
pub async fn find_usual_customer(conn: &mut impl Conn, user: UserId) -> DbResult<Option<CustomerId>> {
    let id: Option<Uuid> = on!(conn, ex => sqlx::query_scalar(
        "SELECT m.customer_id FROM memberships AS m WHERE m.user_id = $1 ORDER BY (SELECT MAX(s.created_at) \
         FROM sessions AS s WHERE s.user_id = m.user_id AND s.customer_id = m.customer_id) DESC NULLS LAST, \
         m.created_at, m.customer_id LIMIT 1",
    ).bind(user.uuid()).fetch_optional(ex).await)?;
    Ok(id.map(CustomerId::new))
}

/// The RFC of a customer that this active person belongs to, and the issuer whose part of it is all they see.
pub async fn find_rfc_for(
    conn: &mut impl Conn,
    user: UserId,
    customer_id: Uuid,
) -> DbResult<Option<(String, Option<Uuid>)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT c.rfc, m.issuer_id FROM memberships AS m JOIN customers AS c ON c.id = m.customer_id \
         JOIN users AS u ON u.id = m.user_id \
         WHERE m.user_id = $1 AND m.customer_id = $2 AND u.state = 'active'",
    ).bind(user.uuid()).bind(customer_id).fetch_optional(ex).await)?)
}

/// RFC and name of the customer with this contract, and the number as it is written.
pub async fn find_contract_holder(
    conn: &mut impl Conn,
    scope: Scope,
    number_folded: &str,
) -> DbResult<Option<(String, String, String)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT u.rfc, u.nombre, c.number FROM contracts AS c JOIN customers AS u ON u.id = c.customer_id \
         WHERE c.issuer_id = $1 AND c.number_folded = $2",
    ).bind(scope.uuid()).bind(number_folded).fetch_optional(ex).await)?)
}
