//! SQL of `arco_cases` and `email_changes`, and of the customer as its own data show it.
use shared::privacy::ArcoKind;
use uuid::Uuid;

use crate::accounts::model::{CustomerId, UserId};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// A request that is to be kept.
pub struct NewCase<'a> {
    pub id: Uuid,
    pub issuer: IssuerId,
    /// None of a mailbox's owner.
    pub customer: Option<CustomerId>,
    pub user: UserId,
    pub kind: ArcoKind,
    pub words: &'a str,
    pub opened_at: Timestamp,
    pub due_on: &'a str,
}

/// A request, with who asked for whom.
#[derive(Debug, sqlx::FromRow)]
pub struct CaseRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub customer_id: Option<Uuid>,
    pub user_id: Uuid,
    pub kind: String,
    pub words: String,
    pub opened_at: Timestamp,
    pub due_on: String,
    pub answered_at: Option<Timestamp>,
    pub granted: Option<bool>,
    pub answer: Option<String>,
    pub rfc: Option<String>,
    pub nombre: Option<String>,
    pub email: String,
}

/// A customer's fiscal data.
#[derive(Debug, sqlx::FromRow)]
pub struct FiscalRow {
    pub rfc: String,
    pub nombre: String,
    pub regimen: String,
    pub codigo_postal: String,
}

/// An address that is to be a person's.
#[derive(Debug, sqlx::FromRow)]
pub struct EmailChangeRow {
    pub id: Uuid,
    pub email: String,
}

/// Keeps a request.
pub async fn insert_case(tx: &mut Tx, case: &NewCase<'_>) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO arco_cases (id, issuer_id, customer_id, user_id, kind, words, opened_at, due_on) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(case.id).bind(case.issuer.uuid()).bind(case.customer.map(CustomerId::uuid)).bind(case.user.uuid())
    .bind(case.kind.as_str()).bind(case.words).bind(case.opened_at).bind(case.due_on)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// How many requests a person has that nobody answered yet.
pub async fn count_open_of(conn: &mut impl Conn, user: UserId) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM arco_cases WHERE user_id = $1 AND answered_at IS NULL",
    ).bind(user.uuid()).fetch_one(ex).await)?)
}

/// A person's requests, the newest first: for one customer, and those of when they had a mailbox alone.
pub async fn list_cases_of(
    conn: &mut impl Conn,
    user: UserId,
    customer: Option<CustomerId>,
    limit: i64,
) -> DbResult<Vec<CaseRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT a.id, a.issuer_id, a.customer_id, a.user_id, a.kind, a.words, a.opened_at, a.due_on, a.answered_at, \
         a.granted, a.answer, c.rfc, c.nombre, u.email FROM arco_cases AS a LEFT JOIN customers AS c ON c.id = a.customer_id \
         JOIN users AS u ON u.id = a.user_id WHERE a.user_id = $1 \
         AND (a.customer_id IS NULL OR a.customer_id = $2) ORDER BY a.id DESC LIMIT $3",
    ).bind(user.uuid()).bind(customer.map(CustomerId::uuid)).bind(limit).fetch_all(ex).await)?)
}

/// An issuer's requests before one, the newest first.
pub async fn list_cases(
    conn: &mut impl Conn,
    scope: Scope,
    before: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<CaseRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT a.id, a.issuer_id, a.customer_id, a.user_id, a.kind, a.words, a.opened_at, a.due_on, a.answered_at, \
         a.granted, a.answer, c.rfc, c.nombre, u.email FROM arco_cases AS a LEFT JOIN customers AS c ON c.id = a.customer_id \
         JOIN users AS u ON u.id = a.user_id WHERE a.issuer_id = $1 AND a.id < $2 ORDER BY a.id DESC LIMIT $3",
    ).bind(scope.uuid()).bind(before.unwrap_or(Uuid::max())).bind(limit).fetch_all(ex).await)?)
}

/// One of an issuer's requests.
pub async fn find_case(conn: &mut impl Conn, scope: Scope, id: Uuid) -> DbResult<Option<CaseRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT a.id, a.issuer_id, a.customer_id, a.user_id, a.kind, a.words, a.opened_at, a.due_on, a.answered_at, \
         a.granted, a.answer, c.rfc, c.nombre, u.email FROM arco_cases AS a LEFT JOIN customers AS c ON c.id = a.customer_id \
         JOIN users AS u ON u.id = a.user_id WHERE a.issuer_id = $1 AND a.id = $2",
    ).bind(scope.uuid()).bind(id).fetch_optional(ex).await)?)
}

/// Answers a request. `false`: the issuer has none such that is open.
pub async fn mark_answered(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    (granted, answer): (bool, &str),
    (by, now): (UserId, Timestamp),
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE arco_cases SET answered_at = $3, answered_by = $4, granted = $5, answer = $6 \
         WHERE issuer_id = $1 AND id = $2 AND answered_at IS NULL",
    )
    .bind(scope.uuid()).bind(id).bind(now).bind(by.uuid()).bind(granted).bind(answer)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// A customer's fiscal data.
pub async fn find_fiscal(conn: &mut impl Conn, customer: CustomerId) -> DbResult<Option<FiscalRow>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT rfc, nombre, regimen, codigo_postal FROM customers WHERE id = $1")
        .bind(customer.uuid()).fetch_optional(ex).await)?)
}

/// Notes the address that is to be a person's, in the place of one before.
pub async fn upsert_email_change(
    tx: &mut Tx,
    user: UserId,
    (id, email): (Uuid, &str),
    (now, expires_at): (Timestamp, Timestamp),
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO email_changes (user_id, id, email, tries, created_at, expires_at) VALUES ($1, $2, $3, 0, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, email = excluded.email, tries = 0, \
         created_at = excluded.created_at, expires_at = excluded.expires_at",
    ).bind(user.uuid()).bind(id).bind(email).bind(now).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Counts a try at the code of a person's change that is good now, and gives it.
pub async fn count_email_try(
    tx: &mut Tx,
    user: UserId,
    tries_max: i64,
    now: Timestamp,
) -> DbResult<Option<EmailChangeRow>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "UPDATE email_changes SET tries = tries + 1 WHERE user_id = $1 AND tries < $2 AND expires_at > $3 \
         RETURNING id, email",
    ).bind(user.uuid()).bind(tries_max).bind(now).fetch_optional(ex).await)?)
}

/// Uses a change up. `false`: it was, or another took its place.
pub async fn delete_email_change(tx: &mut Tx, user: UserId, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM email_changes WHERE user_id = $1 AND id = $2")
        .bind(user.uuid()).bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Deletes at most `limit` that were over before `ended_before`; says how many.
pub async fn delete_ended_email_changes(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM email_changes WHERE user_id IN (SELECT user_id FROM email_changes \
         WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
