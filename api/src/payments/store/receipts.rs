//! SQL of what a receipt says.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Tx, on};
use crate::issuers::Scope;

/// An invoice of a receipt. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReceiptLine {
    pub document_id: Option<Uuid>,
    pub contract: Option<String>,
    pub number: String,
    pub issued_on: String,
    pub due_on: String,
    pub currency: String,
    pub amount_minor: i64,
    pub charge_minor: i64,
    pub pending_minor: i64,
    pub applied_minor: Option<i64>,
    pub applied_charge_minor: Option<i64>,
    pub balance_before_minor: Option<i64>,
    pub balance_after_minor: Option<i64>,
}

/// The invoices of a payment, the first due first.
pub async fn list_lines(conn: &mut impl Conn, payment_id: Uuid) -> DbResult<Vec<ReceiptLine>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT r.document_id, r.contract, r.number, r.issued_on, r.due_on, a.currency, a.amount_minor, a.charge_minor, \
         a.pending_minor, a.applied_minor, a.applied_charge_minor, a.balance_before_minor, a.balance_after_minor \
         FROM allocations AS a JOIN receivables AS r ON r.id = a.receivable_id WHERE a.payment_id = $1 \
         AND NOT (a.state = 'released' AND EXISTS (SELECT 1 FROM allocations AS o WHERE o.payment_id = a.payment_id \
             AND o.receivable_id = a.receivable_id AND o.state <> 'released')) \
         ORDER BY r.due_on, a.id",
    ).bind(payment_id).fetch_all(ex).await)?)
}

/// Names a payment's receipt.
pub async fn set_receipt(tx: &mut Tx, scope: Scope, payment_id: Uuid, document_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE payments SET receipt_document_id = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(payment_id).bind(scope.uuid()).bind(document_id).execute(ex).await.map(|_| ()))?;
    Ok(())
}
