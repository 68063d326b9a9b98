//! SQL of contracts as an issuer's systems keep them.
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::accounts::model::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// A contract with its customer.
#[derive(Debug, sqlx::FromRow)]
pub struct ContractRow {
    pub id: Uuid,
    pub customer_id: Uuid,
    /// The issuer's own id of the customer, where it has one.
    pub external_id: Option<String>,
    pub rfc: String,
    pub number: String,
    pub payment_days: Option<i64>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

const OF_ID: &str = "SELECT k.id, k.customer_id, x.external_id, c.rfc, k.number, k.payment_days, k.created_at, \
     k.updated_at FROM customer_externals AS x \
     JOIN contracts AS k ON k.issuer_id = x.issuer_id AND k.customer_id = x.customer_id \
     JOIN customers AS c ON c.id = k.customer_id WHERE x.issuer_id = ";

/// A contract of the customer that an issuer's own id names.
pub async fn find(
    conn: &mut impl Conn,
    scope: Scope,
    (external_id, folded): (&str, &str),
) -> DbResult<Option<ContractRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(OF_ID);
        sql.push_bind(scope.uuid()).push(" AND x.external_id = ").push_bind(external_id);
        sql.push(" AND k.number_folded = ").push_bind(folded);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The same, held until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: Scope, (external_id, folded): (&str, &str)) -> DbResult<Option<ContractRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = QueryBuilder::new(OF_ID);
        sql.push_bind(scope.uuid()).push(" AND x.external_id = ").push_bind(external_id);
        sql.push(" AND k.number_folded = ").push_bind(folded).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// An issuer's contracts by their last change, after a key; of one customer, where its id is said.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    (since, external_id): (Option<Timestamp>, Option<&str>),
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<ContractRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT k.id, k.customer_id, (SELECT MIN(x.external_id) FROM customer_externals AS x \
             WHERE x.issuer_id = k.issuer_id AND x.customer_id = k.customer_id) AS external_id, c.rfc, k.number, \
             k.payment_days, k.created_at, k.updated_at \
             FROM contracts AS k JOIN customers AS c ON c.id = k.customer_id WHERE k.issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        if let Some(since) = since {
            sql.push(" AND k.updated_at >= ").push_bind(since);
        }
        if let Some(external_id) = external_id {
            sql.push(" AND k.customer_id IN (SELECT n.customer_id FROM customer_externals AS n WHERE n.issuer_id = ");
            sql.push_bind(scope.uuid()).push(" AND n.external_id = ").push_bind(external_id).push(")");
        }
        if let Some((at, id)) = after {
            sql.push(" AND (k.updated_at, k.id) > (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY k.updated_at, k.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Leaves a contract with these days. `false`: it had them.
pub async fn mark_days(
    tx: &mut Tx,
    scope: Scope,
    folded: &str,
    payment_days: Option<i64>,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE contracts SET payment_days = $3, updated_at = $4 WHERE issuer_id = $1 AND number_folded = $2 \
         AND COALESCE(payment_days, -1) <> COALESCE($3, -1)",
    )
    .bind(scope.uuid()).bind(folded).bind(payment_days).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes a contract away.
pub async fn delete(tx: &mut Tx, scope: Scope, id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM contracts WHERE issuer_id = $1 AND id = $2")
        .bind(scope.uuid()).bind(id).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Notes that a customer's contracts changed, under each id that the issuer has for it.
pub async fn mark_customer_changed(tx: &mut Tx, scope: Scope, customer: CustomerId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE customer_externals SET updated_at = $3 WHERE issuer_id = $1 AND customer_id = $2",
    ).bind(scope.uuid()).bind(customer.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The days to pay of a customer's contract, or of the only one it has when none is named; none where nobody said any.
pub async fn find_days(
    conn: &mut impl Conn,
    scope: Scope,
    customer: CustomerId,
    folded: Option<&str>,
) -> DbResult<Option<i64>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT CASE WHEN COUNT(*) = 1 THEN MAX(payment_days) END FROM contracts WHERE issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND customer_id = ").push_bind(customer.uuid());
        if let Some(folded) = folded {
            sql.push(" AND number_folded = ").push_bind(folded);
        }
        sql.build_query_scalar().fetch_one(ex).await
    })?)
}
