//! SQL of trips to a bank.
use fiscal::FormaPago;
use shared::payments::PaymentState;
use sqlx::types::Json;
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;
use crate::payments::banks::KeptRedirect;
use crate::payments::how::{How, Teller};
use crate::payments::model::Intended;

/// Keeps a trip to the bank.
pub async fn insert(
    tx: &mut Tx,
    scope: Scope,
    payment_id: Uuid,
    (intended, trip): (&Intended, i64),
    expires_at: Timestamp,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO attempts (id, issuer_id, payment_id, bank, merchant_order, merchant_reference, amount_text, currency, \
         state, expires_at, created_at, trip, is_current) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'created', $9, $10, $11, TRUE)",
    )
    .bind(intended.attempt_id).bind(scope.uuid()).bind(payment_id).bind(intended.bank.as_str())
    .bind(&intended.merchant_order).bind(&intended.merchant_reference).bind(&intended.amount_text)
    .bind(intended.amount.currency().code()).bind(expires_at).bind(now).bind(trip)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Locks a payment and with it all its trips until the transaction ends: their states are decided under this lock alone.
pub async fn lock(tx: &mut Tx, scope: Scope, payment_id: Uuid) -> DbResult<()> {
    let for_update = tx.for_update();
    let _locked: Option<Uuid> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM payments WHERE id = ");
        sql.push_bind(payment_id).push(" AND issuer_id = ").push_bind(scope.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(())
}

/// A trip, as staff choose it. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TripRow {
    pub trip: i64,
    pub bank: String,
    pub merchant_reference: String,
    pub bank_transaction: Option<String>,
    pub state: String,
    pub created_at: Timestamp,
    pub is_current: bool,
}

/// A payment's trips, the first one first.
pub async fn list(conn: &mut impl Conn, scope: Scope, payment_id: Uuid) -> DbResult<Vec<TripRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT trip, bank, merchant_reference, bank_transaction, state, created_at, is_current FROM attempts \
         WHERE payment_id = $1 AND issuer_id = $2 ORDER BY trip LIMIT 100",
    ).bind(payment_id).bind(scope.uuid()).fetch_all(ex).await)?)
}

/// The trip that the payment is shown by. Under the payment's lock.
pub async fn set_current(tx: &mut Tx, scope: Scope, payment_id: Uuid, attempt_id: Option<Uuid>) -> DbResult<()> {
    // Two statements: a unique index looks at every row by itself, and two are current in between.
    on!(tx, ex => sqlx::query("UPDATE attempts SET is_current = FALSE WHERE payment_id = $1 AND issuer_id = $2")
        .bind(payment_id).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    if let Some(attempt_id) = attempt_id {
        on!(tx, ex => sqlx::query("UPDATE attempts SET is_current = TRUE WHERE id = $1 AND issuer_id = $2")
            .bind(attempt_id).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    }
    Ok(())
}

/// Keeps how to go to the bank. `false`: it is kept already.
pub async fn mark_handed_over(
    tx: &mut Tx,
    scope: Scope,
    attempt_id: Uuid,
    (redirect, secret): (&KeptRedirect, Option<&str>),
    expires_at: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE attempts SET state = 'in_transit', redirect = $3, bank_secret = $4, expires_at = $5 \
         WHERE id = $1 AND issuer_id = $2 AND state = 'created'",
    ).bind(attempt_id).bind(scope.uuid()).bind(Json(redirect)).bind(secret).bind(expires_at)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Moves an attempt from one state to another, with the bank's number when it has one. `false`: it moved meanwhile.
pub async fn mark_state(
    tx: &mut Tx,
    scope: Scope,
    attempt_id: Uuid,
    (from, to): (PaymentState, PaymentState),
    transaction: Option<&str>,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE attempts SET state = $4, bank_transaction = COALESCE($5, bank_transaction), settled_at = $6 \
         WHERE id = $1 AND issuer_id = $2 AND state = $3",
    ).bind(attempt_id).bind(scope.uuid()).bind(from.as_str()).bind(to.as_str()).bind(transaction)
    .bind((!to.is_open()).then_some(now))
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps by which form a trip's money came, unless somebody said it who knows at least as well. `false`: it stays.
pub async fn set_forma(
    tx: &mut Tx,
    scope: Scope,
    attempt_id: Uuid,
    (forma, teller): (FormaPago, Teller),
) -> DbResult<bool> {
    let sql = match teller {
        Teller::Message => {
            "UPDATE attempts SET forma_de_pago = $3, forma_source = $4 \
             WHERE id = $1 AND issuer_id = $2 AND forma_source IS NULL"
        }
        Teller::Bank => {
            "UPDATE attempts SET forma_de_pago = $3, forma_source = $4 \
             WHERE id = $1 AND issuer_id = $2 AND (forma_source IS NULL OR forma_source = 'message')"
        }
        Teller::Staff => {
            "UPDATE attempts SET forma_de_pago = $3, forma_source = $4 WHERE id = $1 AND issuer_id = $2 \
             AND (forma_source IS NULL OR forma_source <> 'staff' OR forma_de_pago <> $3)"
        }
    };
    let rows = on!(tx, ex => sqlx::query(sql)
        .bind(attempt_id).bind(scope.uuid()).bind(forma.code()).bind(teller.as_str())
        .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps when a trip's money came: the first word of it, or what the bank itself says after a message.
pub async fn set_bank_date(
    tx: &mut Tx,
    scope: Scope,
    attempt_id: Uuid,
    (how, teller): (&How, Teller),
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE attempts SET bank_date = $3, paid_at = $4 WHERE id = $1 AND issuer_id = $2 \
         AND (bank_date IS NULL OR ($5 AND (bank_date <> $3 OR (paid_at IS NULL AND $4 IS NOT NULL))))",
    ).bind(attempt_id).bind(scope.uuid()).bind(how.given.as_deref()).bind(how.at).bind(teller != Teller::Message)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
