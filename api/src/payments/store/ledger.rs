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

/// What the ledger says of a payment, in centavos. The only place that knows the column names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct MoneyRow {
    pub payment_id: Uuid,
    /// All that came, by whichever trip.
    pub received_minor: i64,
    /// Of that, what went back.
    pub returned_minor: i64,
    /// Of that, what found nothing to pay until now; zero when all of it did later.
    pub credit_minor: i64,
}

/// What came of payments and what of it went back or is a credit, in pesos; of those of which something came.
pub async fn list_money(conn: &mut impl Conn, payments: &[Uuid]) -> DbResult<Vec<MoneyRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT payment_id, CAST(SUM(CASE kind WHEN 'receipt' THEN amount_minor ELSE 0 END) AS BIGINT) AS received_minor, \
             CAST(SUM(CASE kind WHEN 'reversal' THEN amount_minor ELSE 0 END) AS BIGINT) AS returned_minor, \
             CAST(SUM(CASE kind WHEN 'unapplied_credit' THEN amount_minor WHEN 'credit_used' THEN -amount_minor ELSE 0 END) \
                 AS BIGINT) AS credit_minor FROM ledger_entries WHERE payment_id IN (",
        );
        let mut list = sql.separated(", ");
        payments.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") GROUP BY payment_id");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// What came of one payment; what was ordered, while nothing did.
pub async fn received(conn: &mut impl Conn, payment: &PaymentRow) -> DbResult<Amount> {
    let ordered = payment.amount()?;
    let money = list_money(conn, &[payment.id]).await?;
    let came = money.first().map(|money| money.received_minor).filter(|minor| *minor > 0);
    Ok(came.map_or(ordered, |minor| Amount::new(minor, ordered.currency())))
}

/// Money that came of a payment: one for each trip that was paid.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReceiptRow {
    pub payment_id: Uuid,
    pub amount_minor: i64,
    pub bank: String,
    pub bank_transaction: String,
    pub entered_at: Timestamp,
}

/// What came of payments, in the order in which it did.
pub async fn list_receipts(conn: &mut impl Conn, payments: &[Uuid]) -> DbResult<Vec<ReceiptRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT payment_id, amount_minor, bank, bank_transaction, entered_at FROM ledger_entries \
             WHERE kind = 'receipt' AND payment_id IN (",
        );
        let mut list = sql.separated(", ");
        payments.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") ORDER BY entered_at, id");
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
