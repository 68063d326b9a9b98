//! SQL of the numbers that customers' transfers carry.
use uuid::Uuid;

use crate::accounts::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Gives a customer its number, unless it has one or the number is somebody's.
pub async fn insert_reference(
    tx: &mut Tx,
    scope: Scope,
    customer: CustomerId,
    reference: &str,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO deposit_references (issuer_id, customer_id, reference, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
    ).bind(scope.uuid()).bind(customer.uuid()).bind(reference).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The customer's number.
pub async fn find_reference(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT reference FROM deposit_references WHERE issuer_id = $1 AND customer_id = $2",
    ).bind(scope.uuid()).bind(customer.uuid()).fetch_optional(ex).await)?)
}

/// Whose number it is.
pub async fn find_customer(conn: &mut impl Conn, scope: Scope, reference: &str) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT customer_id FROM deposit_references WHERE issuer_id = $1 AND reference = $2",
    ).bind(scope.uuid()).bind(reference).fetch_optional(ex).await)?)
}

/// Issuers that the customer has ever owed; at most the one that is named.
pub async fn list_issuers(conn: &mut impl Conn, customer: CustomerId, only: Option<Scope>) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT issuer_id FROM receivables WHERE customer_id = ");
        sql.push_bind(customer.uuid());
        if let Some(scope) = only {
            sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        sql.push(" ORDER BY issuer_id LIMIT 100");
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}
