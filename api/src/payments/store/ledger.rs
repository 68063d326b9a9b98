//! SQL of the ledger: facts about money, entered once and never changed.
use fiscal::Amount;
use uuid::Uuid;

use super::payments::PaymentRow;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Kinds of ledger entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Money that came.
    Receipt,
    /// Money put on a receivable, with the amount in the receivable's currency.
    Application { receivable_id: Uuid, receivable_minor: i64 },
    /// Money that found nothing to pay.
    UnappliedCredit,
    /// Of that, what found something to pay later, or was given back.
    CreditUsed,
    /// An application taken back.
    Unapplication { receivable_id: Uuid, receivable_minor: i64 },
    /// Money that was taken back.
    Reversal,
}

impl EntryKind {
    const fn as_str(self) -> &'static str {
        match self {
            EntryKind::Receipt => "receipt",
            EntryKind::Application { .. } => "application",
            EntryKind::UnappliedCredit => "unapplied_credit",
            EntryKind::CreditUsed => "credit_used",
            EntryKind::Unapplication { .. } => "unapplication",
            EntryKind::Reversal => "reversal",
        }
    }
}

/// Enters a fact about a payment's money.
pub async fn insert(
    tx: &mut Tx,
    id: Uuid,
    payment: &PaymentRow,
    (kind, amount): (EntryKind, Amount),
    transaction: &str,
    now: Timestamp,
) -> DbResult<()> {
    let (receivable_id, receivable_minor) = match kind {
        EntryKind::Application { receivable_id, receivable_minor }
        | EntryKind::Unapplication { receivable_id, receivable_minor } => (Some(receivable_id), Some(receivable_minor)),
        EntryKind::Receipt | EntryKind::UnappliedCredit | EntryKind::CreditUsed | EntryKind::Reversal => (None, None),
    };
    on!(tx, ex => sqlx::query(
        "INSERT INTO ledger_entries (id, issuer_id, customer_id, payment_id, attempt_id, receivable_id, kind, amount_minor, \
         currency, receivable_minor, bank, bank_transaction, entered_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id).bind(payment.issuer_id).bind(payment.customer_id).bind(payment.id).bind(payment.attempt_id)
    .bind(receivable_id).bind(kind.as_str()).bind(amount.minor()).bind(amount.currency().code()).bind(receivable_minor)
    .bind(&payment.bank).bind(transaction).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What of payments found nothing to pay until now, in pesos; zero when all of it did later.
pub async fn list_credits(conn: &mut impl Conn, payments: &[Uuid]) -> DbResult<Vec<(Uuid, i64)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT payment_id, CAST(SUM(CASE kind WHEN 'unapplied_credit' THEN amount_minor ELSE -amount_minor END) AS BIGINT) \
             FROM ledger_entries WHERE kind IN ('unapplied_credit', 'credit_used') AND payment_id IN (",
        );
        let mut list = sql.separated(", ");
        payments.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") GROUP BY payment_id");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Sums of a payment's entries by kind, in pesos.
pub async fn list_sums(conn: &mut impl Conn, scope: Scope, payment_id: Uuid) -> DbResult<Vec<(String, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT kind, CAST(SUM(amount_minor) AS BIGINT) FROM ledger_entries WHERE payment_id = $1 AND issuer_id = $2 \
         GROUP BY kind",
    ).bind(payment_id).bind(scope.uuid()).fetch_all(ex).await)?)
}
