//! SQL of `customer_externals`, and of customers and contracts as an issuer's system changes them.
use fiscal::Rfc;
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::accounts::model::{CustomerId, NewCustomer};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// A customer under an issuer's own id.
#[derive(Debug, sqlx::FromRow)]
pub struct ExternalRow {
    pub external_id: String,
    pub id: Uuid,
    pub rfc: String,
    pub nombre: String,
    pub regimen: String,
    pub codigo_postal: String,
    pub updated_at: Timestamp,
}

const SELECT: &str = "SELECT x.external_id, c.id, c.rfc, x.nombre, x.regimen, x.codigo_postal, x.updated_at \
     FROM customer_externals AS x JOIN customers AS c ON c.id = x.customer_id WHERE x.issuer_id = ";

/// The customer of this id.
pub async fn find(conn: &mut impl Conn, scope: Scope, external_id: &str) -> DbResult<Option<ExternalRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid()).push(" AND x.external_id = ").push_bind(external_id);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The same, held until the transaction ends.
pub async fn lock(tx: &mut Tx, scope: Scope, external_id: &str) -> DbResult<Option<ExternalRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid()).push(" AND x.external_id = ").push_bind(external_id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// An issuer's own id of a customer; one of them, where it has several.
pub async fn find_external_id(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT MIN(external_id) FROM customer_externals WHERE issuer_id = $1 AND customer_id = $2",
    ).bind(scope.uuid()).bind(customer.uuid()).fetch_one(ex).await)?)
}

/// Ties an id to a customer, unless it is tied already, and keeps what this issuer says of it; gives the customer it is
/// tied to.
pub async fn upsert(
    tx: &mut Tx,
    scope: Scope,
    (external_id, customer): (&str, CustomerId),
    sent: &NewCustomer,
    now: Timestamp,
) -> DbResult<Uuid> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO customer_externals (issuer_id, external_id, customer_id, created_at, updated_at, nombre, regimen, \
         codigo_postal) VALUES ($1, $2, $3, $4, $4, $5, $6, $7) \
         ON CONFLICT (issuer_id, external_id) DO UPDATE SET updated_at = $4, nombre = $5, regimen = $6, \
         codigo_postal = $7 RETURNING customer_id",
    )
    .bind(scope.uuid()).bind(external_id).bind(customer.uuid()).bind(now).bind(sent.nombre.as_str())
    .bind(sent.regimen.code()).bind(sent.codigo_postal.as_str()).fetch_one(ex).await)?)
}

/// Leaves a customer's fiscal data as sent, unless another issuer of the group knows the customer too.
pub async fn update_customer(tx: &mut Tx, scope: Scope, id: CustomerId, sent: &NewCustomer) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE customers SET nombre = $2, regimen = $3, codigo_postal = $4 \
         WHERE id = $1 AND (nombre <> $2 OR regimen <> $3 OR codigo_postal <> $4) \
         AND NOT EXISTS (SELECT 1 FROM contracts AS k WHERE k.customer_id = $1 AND k.issuer_id <> $5) \
         AND NOT EXISTS (SELECT 1 FROM customer_externals AS x WHERE x.customer_id = $1 AND x.issuer_id <> $5)",
    )
    .bind(id.uuid()).bind(sent.nombre.as_str()).bind(sent.regimen.code()).bind(sent.codigo_postal.as_str())
    .bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Adds a contract. `false`: the number is there, this customer's or another's.
pub async fn insert_contract(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    customer: CustomerId,
    (number, folded): (&str, &str),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO contracts (id, issuer_id, customer_id, number, number_folded, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (issuer_id, number_folded) DO NOTHING",
    )
    .bind(id).bind(scope.uuid()).bind(customer.uuid()).bind(number).bind(folded).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whose a number is at this issuer.
pub async fn find_contract_owner(conn: &mut impl Conn, scope: Scope, folded: &str) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT customer_id FROM contracts WHERE issuer_id = $1 AND number_folded = $2",
    ).bind(scope.uuid()).bind(folded).fetch_optional(ex).await)?)
}

/// A customer's numbers at this issuer.
pub async fn list_contracts(
    conn: &mut impl Conn,
    scope: Scope,
    customer: CustomerId,
    limit: i64,
) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT number FROM contracts WHERE issuer_id = $1 AND customer_id = $2 ORDER BY number_folded LIMIT $3",
    ).bind(scope.uuid()).bind(customer.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// The customer of an RFC that has a contract with an issuer and no id of its systems; changed when it got its newest
/// contract there. The generic RFC are many people.
pub async fn find_unnamed(conn: &mut impl Conn, scope: Scope, rfc: &Rfc) -> DbResult<Option<ExternalRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT '' AS external_id, c.id, c.rfc, c.nombre, c.regimen, c.codigo_postal, k.created_at AS updated_at \
         FROM contracts AS k JOIN customers AS c ON c.id = k.customer_id \
         WHERE k.issuer_id = $1 AND c.rfc = $2 AND c.rfc NOT IN ('XAXX010101000', 'XEXX010101000') \
         AND NOT EXISTS (SELECT 1 FROM customer_externals AS x WHERE x.issuer_id = $1 AND x.customer_id = c.id) \
         ORDER BY k.created_at DESC, k.id DESC LIMIT 1",
    ).bind(scope.uuid()).bind(rfc.as_str()).fetch_optional(ex).await)?)
}

/// An issuer's ids by their last change, after a key; of one RFC, where it is said.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    (since, rfc): (Option<Timestamp>, Option<&Rfc>),
    after: Option<(Timestamp, &str)>,
    limit: i64,
) -> DbResult<Vec<ExternalRow>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid());
        if let Some(since) = since {
            sql.push(" AND x.updated_at >= ").push_bind(since);
        }
        if let Some(rfc) = rfc {
            sql.push(" AND c.rfc = ").push_bind(rfc.as_str());
        }
        if let Some((at, id)) = after {
            sql.push(" AND (x.updated_at, x.external_id) > (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY x.updated_at, x.external_id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Numbers of several customers at this issuer, as many as `limit` of each: whose, and the number.
pub async fn list_contracts_of(
    conn: &mut impl Conn,
    scope: Scope,
    customers: &[Uuid],
    limit: i64,
) -> DbResult<Vec<(Uuid, String)>> {
    Ok(on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT customer_id, number FROM (SELECT customer_id, number, \
             ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY number_folded) AS place \
             FROM contracts WHERE issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND customer_id IN (NULL");
        for customer in customers {
            sql.push(", ").push_bind(customer);
        }
        sql.push(")) AS numbered WHERE place <= ").push_bind(limit).push(" ORDER BY customer_id, place");
        sql.build_query_as().fetch_all(ex).await
    })?)
}
