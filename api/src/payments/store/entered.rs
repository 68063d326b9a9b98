//! SQL of what banks' numbers are entered under: one transfer is told by several roads.
use shared::payments::BankCode;
use uuid::Uuid;

use super::payments::{PaymentRow, SELECT};
use crate::db::{Conn, DbResult, Tx, on};
use crate::issuers::Scope;

/// Trips of one number and one amount that are read: more are no question any more.
const READ_MAX: i64 = 100;

/// Holds the issuer's counter until the transaction ends: what is looked up as entered and then entered is one act, by
/// whichever door. After a payment's lock and before those of receivables.
pub async fn lock(tx: &mut Tx, scope: Scope) -> DbResult<()> {
    let for_update = tx.for_update();
    let _held: Option<i64> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT last_number FROM payment_numbers WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(())
}

/// The trips that so many centavos are entered for under a bank's number, the oldest first.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    bank: BankCode,
    (transaction, minor): (&str, i64),
) -> DbResult<Vec<PaymentRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("t.issuer_id = ").push_bind(scope.uuid()).push(" AND t.bank_transaction = ");
        sql.push_bind(transaction).push(" AND t.bank = ").push_bind(bank.as_str());
        sql.push(" AND EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.attempt_id = t.id");
        sql.push(" AND e.kind = 'receipt' AND e.amount_minor = ").push_bind(minor);
        sql.push(") ORDER BY t.created_at, t.id LIMIT ").push_bind(READ_MAX);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// The number of the next trip of a payment. Under the payment's lock.
pub async fn next_trip(tx: &mut Tx, scope: Scope, payment_id: Uuid) -> DbResult<i64> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "SELECT CAST(COALESCE(MAX(trip), 0) + 1 AS BIGINT) FROM attempts WHERE payment_id = $1 AND issuer_id = $2",
    ).bind(payment_id).bind(scope.uuid()).fetch_one(ex).await)?)
}
