//! SQL of receivables: what is owed, and the sums that make a balance.
use fiscal::{Amount, Rate};
use shared::payments::{BalanceFilter, BalanceOnly, RateSource};
use uuid::Uuid;

use super::{amount, rate};
use crate::accounts::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// A receivable and its sums. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ReceivableRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub customer_id: Uuid,
    pub document_id: Option<Uuid>,
    pub external_id: Option<String>,
    pub contract: Option<String>,
    pub number: String,
    pub issued_on: String,
    pub due_on: String,
    pub currency: String,
    pub total_minor: i64,
    pub rate: Option<String>,
    pub rate_on: Option<String>,
    pub adjusted_minor: i64,
    pub applied_minor: i64,
    pub reserved_minor: i64,
    pub parcialidades: i64,
    pub is_closed: bool,
    pub as_of: Option<Timestamp>,
    pub updated_at: Timestamp,
    /// The rate it is paid at, when that is not the one of its invoice.
    #[sqlx(skip)]
    pub quoted: Option<(Rate, RateOf)>,
}

/// Of which civil day a rate is, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateOf {
    pub on: String,
    pub source: RateSource,
    /// The central bank's series it was read from.
    pub series: Option<String>,
}

impl ReceivableRow {
    pub fn total(&self) -> DbResult<Amount> {
        amount(self.total_minor, &self.currency)
    }

    /// The rate it is paid at.
    pub fn rate(&self) -> DbResult<Option<Rate>> {
        match &self.quoted {
            Some((rate, _)) => Ok(Some(*rate)),
            None => self.printed_rate(),
        }
    }

    /// The rate of its invoice.
    pub fn printed_rate(&self) -> DbResult<Option<Rate>> {
        rate(self.rate.as_deref())
    }

    /// The civil day of that rate, and whose it is.
    pub fn rate_of(&self) -> Option<RateOf> {
        match &self.quoted {
            Some((_, of)) => Some(of.clone()),
            None => self.rate_on.clone().map(|on| RateOf { on, source: RateSource::Invoice, series: None }),
        }
    }

    /// Total with adjustments, less what was applied.
    pub fn pending_minor(&self) -> i64 {
        self.total_minor.saturating_add(self.adjusted_minor).saturating_sub(self.applied_minor)
    }

    /// What can be paid now.
    pub fn available_minor(&self) -> i64 {
        self.pending_minor().saturating_sub(self.reserved_minor).max(0)
    }
}

const SELECT: &str = "SELECT r.id, r.issuer_id, r.customer_id, r.document_id, r.external_id, r.contract, r.number, r.issued_on, r.due_on, r.currency, \
     r.total_minor, r.rate, r.rate_on, \
     COALESCE((SELECT CAST(SUM(d.amount_minor) AS BIGINT) FROM adjustments AS d WHERE d.receivable_id = r.id), CAST(0 AS BIGINT)) \
         AS adjusted_minor, \
     COALESCE((SELECT CAST(SUM(a.applied_minor) AS BIGINT) FROM allocations AS a \
         WHERE a.receivable_id = r.id AND a.state = 'applied'), CAST(0 AS BIGINT)) AS applied_minor, \
     COALESCE((SELECT CAST(SUM(a.amount_minor) AS BIGINT) FROM allocations AS a \
         WHERE a.receivable_id = r.id AND a.state = 'reserved'), CAST(0 AS BIGINT)) AS reserved_minor, \
     COALESCE((SELECT MAX(a.parcialidad) FROM allocations AS a WHERE a.receivable_id = r.id), CAST(0 AS BIGINT)) AS parcialidades, \
     r.closed_at IS NOT NULL AS is_closed, r.as_of, r.updated_at \
     FROM receivables AS r WHERE ";

/// A receivable to keep.
#[derive(Debug, Clone)]
pub struct NewReceivable<'a> {
    pub customer: CustomerId,
    pub document_id: Option<Uuid>,
    pub external: Option<(&'a str, Timestamp)>,
    pub contract: Option<(&'a str, &'a str)>,
    pub number: &'a str,
    pub issued_on: &'a str,
    pub due_on: &'a str,
    pub total: Amount,
    pub rate: Option<(Rate, &'a str)>,
}

/// Keeps a receivable; `false`: its document, or its number at the ERP, has one already.
pub async fn insert(tx: &mut Tx, scope: Scope, id: Uuid, new: &NewReceivable<'_>, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO receivables (id, issuer_id, customer_id, document_id, external_id, contract, contract_folded, number, \
         issued_on, due_on, currency, total_minor, rate, rate_on, as_of, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16) ON CONFLICT DO NOTHING",
    )
    .bind(id).bind(scope.uuid()).bind(new.customer.uuid()).bind(new.document_id).bind(new.external.map(|(id, _)| id))
    .bind(new.contract.map(|(printed, _)| printed)).bind(new.contract.map(|(_, folded)| folded)).bind(new.number)
    .bind(new.issued_on).bind(new.due_on).bind(new.total.currency().code()).bind(new.total.minor())
    .bind(new.rate.map(|(rate, _)| rate.to_string())).bind(new.rate.map(|(_, on)| on))
    .bind(new.external.map(|(_, as_of)| as_of)).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// A receivable of the ERP's, and its last word about it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SaidRow {
    pub id: Uuid,
    pub as_of: Timestamp,
    /// Of words that came before this was kept, nothing.
    pub said_balance_minor: Option<i64>,
}

/// A receivable of the ERP's, locked.
pub async fn lock_external(tx: &mut Tx, scope: Scope, external_id: &str) -> DbResult<Option<SaidRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id, as_of, said_balance_minor FROM receivables WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(" AND external_id = ").push_bind(external_id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Remembers the ERP's word: how fresh it is, the balance, and the terms it gives now.
pub async fn set_terms(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    new: &NewReceivable<'_>,
    (as_of, now): (Timestamp, Timestamp),
    balance: Amount,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE receivables SET as_of = $3, contract = $4, contract_folded = $5, number = $6, issued_on = $7, due_on = $8, \
         rate = $9, rate_on = $10, updated_at = $11, said_balance_minor = $12 WHERE id = $1 AND issuer_id = $2",
    )
    .bind(id).bind(scope.uuid()).bind(as_of).bind(new.contract.map(|(printed, _)| printed))
    .bind(new.contract.map(|(_, folded)| folded)).bind(new.number).bind(new.issued_on).bind(new.due_on)
    .bind(new.rate.map(|(rate, _)| rate.to_string())).bind(new.rate.map(|(_, on)| on)).bind(now).bind(balance.minor())
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Gives the ERP's id to what an invoice opened before the ERP spoke of it: the document that the ERP names, else the
/// one whose number, day and total are the same. `false`: there is none, or it has an id already.
pub async fn adopt(
    tx: &mut Tx,
    scope: Scope,
    new: &NewReceivable<'_>,
    (external_id, as_of): (&str, Timestamp),
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE receivables SET external_id = $3, as_of = $4 WHERE id = (SELECT r.id FROM receivables AS r \
         WHERE r.issuer_id = $1 AND r.customer_id = $2 AND r.external_id IS NULL AND (r.document_id = $5 \
         OR ($5 IS NULL AND r.number = $6 AND r.issued_on = $7 AND r.currency = $8 AND r.total_minor = $9)) \
         ORDER BY r.id LIMIT 1) \
         AND NOT EXISTS (SELECT 1 FROM receivables AS o WHERE o.issuer_id = $1 AND o.external_id = $3)",
    )
    .bind(scope.uuid()).bind(new.customer.uuid()).bind(external_id).bind(as_of).bind(new.document_id)
    .bind(new.number).bind(new.issued_on).bind(new.total.currency().code()).bind(new.total.minor())
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes which document it is that the ERP spoke of first, without naming it: the one of the same number, day and total.
/// `false`: the ERP spoke of none.
pub async fn mark_documented(tx: &mut Tx, scope: Scope, new: &NewReceivable<'_>, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE receivables SET document_id = $3, updated_at = $8 WHERE id = (SELECT r.id FROM receivables AS r \
         WHERE r.issuer_id = $1 AND r.customer_id = $2 AND r.external_id IS NOT NULL AND r.document_id IS NULL \
         AND r.number = $4 AND r.issued_on = $5 AND r.currency = $6 AND r.total_minor = $7 ORDER BY r.id LIMIT 1)",
    )
    .bind(scope.uuid()).bind(new.customer.uuid()).bind(new.document_id).bind(new.number).bind(new.issued_on)
    .bind(new.total.currency().code()).bind(new.total.minor()).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// What a document opened, locked.
pub async fn lock_of_document(tx: &mut Tx, scope: Scope, document_id: Uuid) -> DbResult<Option<Uuid>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM receivables WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(" AND document_id = ").push_bind(document_id).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?)
}

/// Whether any of a customer's has this contract.
pub async fn names_contract(conn: &mut impl Conn, scope: Scope, customer: CustomerId, folded: &str) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM receivables WHERE customer_id = $1 AND issuer_id = $2 AND contract_folded = $3)",
    ).bind(customer.uuid()).bind(scope.uuid()).bind(folded).fetch_one(ex).await)?)
}

/// Notes that what is owed of it changed.
pub async fn touch(tx: &mut Tx, scope: Scope, id: Uuid, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE receivables SET updated_at = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id).bind(scope.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The receivable with the ERP's own number.
pub async fn find_external(conn: &mut impl Conn, scope: Scope, external_id: &str) -> DbResult<Option<ReceivableRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("r.issuer_id = ").push_bind(scope.uuid()).push(" AND r.external_id = ").push_bind(external_id);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The ERP's receivables by their last change, the oldest change first, after a key.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<ReceivableRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("r.issuer_id = ").push_bind(scope.uuid());
        if let Some(since) = since {
            sql.push(" AND r.updated_at >= ").push_bind(since);
        }
        if let Some((updated_at, id)) = after {
            sql.push(" AND (r.updated_at, r.id) > (").push_bind(updated_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY r.updated_at, r.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Enters what the ERP counts otherwise.
pub async fn insert_adjustment(
    tx: &mut Tx,
    scope: Scope,
    (id, receivable_id): (Uuid, Uuid),
    amount_minor: i64,
    as_of: Timestamp,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO adjustments (id, issuer_id, receivable_id, amount_minor, as_of, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    ).bind(id).bind(scope.uuid()).bind(receivable_id).bind(amount_minor).bind(as_of).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Locks receivables in the order of their ids, so that two payments of the same ones wait for each other and never
/// for ever.
pub async fn lock(tx: &mut Tx, scope: Scope, ids: &[Uuid]) -> DbResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let for_update = tx.for_update();
    let _locked: Vec<Uuid> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM receivables WHERE issuer_id = ");
        sql.push_bind(scope.uuid()).push(" AND id IN (");
        let mut list = sql.separated(", ");
        ids.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") ORDER BY id").push(for_update);
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(())
}

/// Receivables by id with their sums, in the order of their ids; of one customer when it is named.
pub async fn list_by_id(
    conn: &mut impl Conn,
    scope: Scope,
    customer: Option<CustomerId>,
    ids: &[Uuid],
) -> DbResult<Vec<ReceivableRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("r.issuer_id = ").push_bind(scope.uuid());
        if let Some(customer) = customer {
            sql.push(" AND r.customer_id = ").push_bind(customer.uuid());
        }
        sql.push(" AND r.id IN (");
        let mut list = sql.separated(", ");
        ids.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") ORDER BY r.id");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// What a list of open balances is of.
#[derive(Debug, Clone)]
pub struct OpenOf<'a> {
    pub customer: CustomerId,
    pub issuer: Option<Scope>,
    pub filter: &'a BalanceFilter,
    /// What day it is for each issuer that the customer owes: who asks for what is due names all of them.
    pub days: &'a [(Uuid, String)],
}

/// Open receivables, the first due first, after a key.
pub async fn list_open(
    conn: &mut impl Conn,
    of: &OpenOf<'_>,
    after: Option<(&str, Uuid)>,
    limit: i64,
) -> DbResult<Vec<ReceivableRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("r.customer_id = ").push_bind(of.customer.uuid()).push(" AND r.closed_at IS NULL");
        if let Some(issuer) = of.issuer {
            sql.push(" AND r.issuer_id = ").push_bind(issuer.uuid());
        }
        if let Some(contract) = &of.filter.contract {
            sql.push(" AND r.contract_folded = ").push_bind(contract);
        }
        if let Some(document) = of.filter.document {
            sql.push(" AND r.document_id = ").push_bind(document);
        }
        match of.filter.only {
            Some(only @ (BalanceOnly::Overdue | BalanceOnly::NotDue)) => {
                sql.push(if only == BalanceOnly::Overdue { " AND r.due_on < " } else { " AND r.due_on >= " });
                // Of an issuer that is not named nothing is due: the text is before every day.
                sql.push("CASE r.issuer_id");
                for (issuer, day) in of.days {
                    sql.push(" WHEN ").push_bind(*issuer).push(" THEN ").push_bind(day);
                }
                sql.push(" ELSE '' END");
            }
            Some(BalanceOnly::Foreign) => { sql.push(" AND r.currency <> 'MXN'"); }
            None => {}
        }
        if let Some((due_on, id)) = after {
            sql.push(" AND (r.due_on, r.id) > (").push_bind(due_on).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY r.due_on, r.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Issuers that a customer owes; at most the one that is named.
pub async fn list_issuers(conn: &mut impl Conn, customer: CustomerId, only: Option<Scope>) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT issuer_id FROM receivables WHERE customer_id = ");
        sql.push_bind(customer.uuid()).push(" AND closed_at IS NULL");
        if let Some(scope) = only {
            sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        sql.push(" ORDER BY issuer_id LIMIT 100");
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}

/// Closes what owes nothing any more, or opens it again. Under its lock.
pub async fn set_closed(tx: &mut Tx, scope: Scope, id: Uuid, closed_at: Option<Timestamp>) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE receivables SET closed_at = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id).bind(scope.uuid()).bind(closed_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A payment under way over a receivable.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TransitRow {
    pub receivable_id: Uuid,
    pub payment_id: Uuid,
    pub amount_minor: i64,
    pub state: String,
    pub created_at: Timestamp,
    pub bank: String,
    pub bank_transaction: Option<String>,
}

/// The payments that reserve these receivables, the oldest first.
pub async fn list_transits(conn: &mut impl Conn, ids: &[Uuid], limit: i64) -> DbResult<Vec<TransitRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT a.receivable_id, a.payment_id, a.amount_minor, t.state, t.created_at, t.bank, t.bank_transaction \
             FROM allocations AS a JOIN attempts AS t ON t.payment_id = a.payment_id AND t.is_current \
             WHERE a.state = 'reserved' AND a.receivable_id IN (",
        );
        let mut list = sql.separated(", ");
        ids.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") ORDER BY t.created_at, a.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
