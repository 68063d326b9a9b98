//! SQL of payments and of what they pay.
use fiscal::{Amount, FormaPago, Rate};
use shared::payments::{BankCode, PaymentState};
use sqlx::types::Json;
use uuid::Uuid;

use super::receivables::RateOf;
use super::{amount, unreadable};
use crate::accounts::CustomerId;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};
use crate::payments::banks::KeptRedirect;
use crate::payments::how::How;
use crate::payments::ledger::Placed;
use crate::payments::model::{Intended, Others, Standing};
use crate::payments::search::Sought;

/// The next short reference of an issuer.
pub async fn next_number(tx: &mut Tx, scope: Scope) -> DbResult<i64> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO payment_numbers (issuer_id, last_number) VALUES ($1, 1) \
         ON CONFLICT (issuer_id) DO UPDATE SET last_number = payment_numbers.last_number + 1 RETURNING last_number",
    ).bind(scope.uuid()).fetch_one(ex).await)?)
}

/// A payment to keep.
#[derive(Debug, Clone)]
pub struct NewPayment<'a> {
    pub id: Uuid,
    pub customer: CustomerId,
    /// Who ordered it; nobody did when money came by itself.
    pub user_id: Option<Uuid>,
    pub number: i64,
    pub bank: BankCode,
    pub amount: Amount,
    pub shown_on: &'a str,
    pub idempotency: (&'a str, &'a str),
}

/// Keeps a payment.
pub async fn insert(tx: &mut Tx, scope: Scope, new: &NewPayment<'_>, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO payments (id, issuer_id, customer_id, user_id, number, bank, currency, amount_minor, shown_at, \
         shown_on, idempotency_owner, idempotency_key, created_at, updated_at, origin) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $9, $9, $13)",
    )
    .bind(new.id).bind(scope.uuid()).bind(new.customer.uuid()).bind(new.user_id).bind(new.number)
    .bind(new.bank.as_str()).bind(new.amount.currency().code()).bind(new.amount.minor()).bind(now).bind(new.shown_on)
    .bind(new.idempotency.0).bind(new.idempotency.1)
    .bind(if new.user_id.is_some() { "order" } else { "deposit" })
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What a payment pays of a receivable.
#[derive(Debug, Clone)]
pub struct NewAllocation {
    pub id: Uuid,
    pub payment_id: Uuid,
    pub receivable_id: Uuid,
    pub amount: Amount,
    pub charge: Amount,
    pub rate: Option<Rate>,
    /// The civil day of the rate and whose it is.
    pub rate_of: Option<RateOf>,
    pub pending_minor: i64,
    /// It uses money that came and found nothing to pay.
    pub from_credit: bool,
}

/// Reserves it.
pub async fn insert_allocation(tx: &mut Tx, scope: Scope, new: &NewAllocation, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO allocations (id, issuer_id, payment_id, receivable_id, currency, amount_minor, charge_minor, rate, \
         pending_minor, state, created_at, rate_on, rate_source, from_credit, rate_series) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'reserved', $10, $11, $12, $13, $14)",
    )
    .bind(new.id).bind(scope.uuid()).bind(new.payment_id).bind(new.receivable_id).bind(new.amount.currency().code())
    .bind(new.amount.minor()).bind(new.charge.minor()).bind(new.rate.map(|rate| rate.to_string()))
    .bind(new.pending_minor).bind(now).bind(new.rate_of.as_ref().map(|of| of.on.as_str()))
    .bind(new.rate_of.as_ref().map(|of| of.source.as_str())).bind(new.from_credit)
    .bind(new.rate_of.as_ref().and_then(|of| of.series.as_deref()))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A payment with its trip to the bank. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PaymentRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub customer_id: Uuid,
    pub user_id: Option<Uuid>,
    pub number: i64,
    pub bank: String,
    pub amount_minor: i64,
    pub currency: String,
    pub shown_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub applied_at: Option<Timestamp>,
    pub receipt_document_id: Option<Uuid>,
    pub reversed_at: Option<Timestamp>,
    pub reversal_reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub attempt_id: Uuid,
    pub trip: i64,
    pub merchant_order: String,
    pub merchant_reference: String,
    pub amount_text: String,
    pub state: String,
    pub redirect: Option<Json<KeptRedirect>>,
    pub bank_secret: Option<String>,
    pub bank_transaction: Option<String>,
    pub expires_at: Timestamp,
    pub forma_de_pago: Option<String>,
    pub forma_source: Option<String>,
    pub bank_date: Option<String>,
    pub paid_at: Option<Timestamp>,
    pub is_open_otherwise: bool,
    pub is_paid_otherwise: bool,
}

impl PaymentRow {
    pub fn scope(&self) -> Scope {
        Scope::of(IssuerId::new(self.issuer_id))
    }

    pub fn bank(&self) -> DbResult<BankCode> {
        BankCode::parse(&self.bank).ok_or_else(|| unreadable("bank"))
    }

    pub fn state(&self) -> DbResult<PaymentState> {
        PaymentState::parse(&self.state).ok_or_else(|| unreadable("state"))
    }

    pub fn amount(&self) -> DbResult<Amount> {
        amount(self.amount_minor, &self.currency)
    }

    /// It came by itself: nobody ordered it.
    pub fn is_deposit(&self) -> bool {
        self.user_id.is_none()
    }

    /// By which form its money came, as far as anybody said.
    pub fn forma(&self) -> DbResult<Option<FormaPago>> {
        let forma = self.forma_de_pago.as_deref().map(FormaPago::parse).transpose();
        forma.map_err(|_unknown| unreadable("forma de pago"))
    }

    /// Nothing of it is news to what the bank itself said.
    pub fn knows(&self, how: &How) -> bool {
        let forma = how.forma.is_none() || matches!(self.forma_source.as_deref(), Some("bank" | "staff"));
        forma && (how.given.is_none() || self.bank_date == how.given)
    }

    pub fn standing(&self) -> DbResult<Standing> {
        let (state, amount) = (self.state()?, self.amount()?);
        let others = match (self.is_paid_otherwise, self.is_open_otherwise) {
            (true, _) => Others::Paid,
            (false, true) => Others::Open,
            (false, false) => Others::Ended,
        };
        Ok(Standing { state, transaction: self.bank_transaction.clone(), amount, others })
    }

    pub fn intended(&self) -> DbResult<Intended> {
        Ok(Intended {
            attempt_id: self.attempt_id,
            bank: self.bank()?,
            merchant_order: self.merchant_order.clone(),
            merchant_reference: self.merchant_reference.clone(),
            amount_text: self.amount_text.clone(),
            amount: self.amount()?,
            bank_secret: self.bank_secret.clone(),
        })
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.issuer_id, p.customer_id, p.user_id, p.number, t.bank, p.amount_minor, p.currency, \
             p.shown_at, p.confirmed_at, p.applied_at, p.receipt_document_id, p.reversed_at, \
             p.reversal_reason, p.created_at, p.updated_at, t.id AS attempt_id, t.trip, t.merchant_order, \
             t.merchant_reference, t.amount_text, t.state, t.redirect, t.bank_secret, t.bank_transaction, t.expires_at, \
             t.forma_de_pago, t.forma_source, t.bank_date, t.paid_at, \
             EXISTS (SELECT 1 FROM attempts AS o WHERE o.payment_id = p.id AND o.id <> t.id \
                 AND o.state IN ('created', 'in_transit', 'pending_bank', 'unknown', 'review')) AS is_open_otherwise, \
             EXISTS (SELECT 1 FROM attempts AS o WHERE o.payment_id = p.id AND o.id <> t.id AND o.state = 'confirmed') \
                 AS is_paid_otherwise \
             FROM payments AS p JOIN attempts AS t ON t.payment_id = p.id ",
            $rest
        )
    };
}

/// A payment by any of its trips.
pub(super) const SELECT: &str = select!("WHERE ");
/// A payment by the trip that its customer sees.
pub(super) const SELECT_CURRENT: &str = select!("AND t.is_current WHERE ");

/// How a payment is named.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// By its own customer; of one issuer alone when it is named.
    OfCustomer(CustomerId, Option<Scope>, Uuid),
    /// By its issuer.
    OfIssuer(Scope, Uuid),
    /// By the key it was ordered with.
    Key(&'a str, &'a str),
    /// By the order number a bank says.
    Order(BankCode, &'a str),
    /// By the reference that an issuer's bank says, where files carry no orders.
    Reference(Scope, BankCode, &'a str),
    /// By its issuer and the number of its trip.
    Trip(Scope, Uuid, i64),
    /// By its trip to the bank: for the queue and for evidence, whose rows carry only its id.
    Attempt(Uuid),
}

/// One payment.
pub async fn find(conn: &mut impl Conn, which: Which<'_>) -> DbResult<Option<PaymentRow>> {
    let by_trip = matches!(which, Which::Order(..) | Which::Reference(..) | Which::Trip(..) | Which::Attempt(_));
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(if by_trip { SELECT } else { SELECT_CURRENT });
        match which {
            Which::OfCustomer(customer, only, id) => {
                sql.push("p.customer_id = ").push_bind(customer.uuid()).push(" AND p.id = ").push_bind(id);
                if let Some(scope) = only {
                    sql.push(" AND p.issuer_id = ").push_bind(scope.uuid());
                }
            }
            Which::OfIssuer(scope, id) => {
                sql.push("p.issuer_id = ").push_bind(scope.uuid()).push(" AND p.id = ").push_bind(id);
            }
            Which::Key(owner, key) => {
                sql.push("p.idempotency_owner = ").push_bind(owner).push(" AND p.idempotency_key = ").push_bind(key);
            }
            Which::Order(bank, order) => {
                sql.push("t.merchant_order = ").push_bind(order).push(" AND t.bank = ").push_bind(bank.as_str());
            }
            Which::Reference(scope, bank, reference) => {
                sql.push("t.issuer_id = ").push_bind(scope.uuid()).push(" AND t.merchant_reference = ");
                sql.push_bind(reference).push(" AND t.bank = ").push_bind(bank.as_str());
            }
            Which::Trip(scope, id, trip) => {
                sql.push("t.issuer_id = ").push_bind(scope.uuid()).push(" AND t.payment_id = ").push_bind(id);
                sql.push(" AND t.trip = ").push_bind(trip);
            }
            Which::Attempt(id) => {
                sql.push("t.id = ").push_bind(id);
            }
        }
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Notes that the money is here: from now on the payment is shown by that day.
pub async fn mark_confirmed(tx: &mut Tx, scope: Scope, id: Uuid, at: Timestamp, shown_on: &str) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE payments SET confirmed_at = $3, shown_at = $3, shown_on = $4 \
         WHERE id = $1 AND issuer_id = $2 AND confirmed_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(at).bind(shown_on)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Shows a payment whose money is here by the day that its current trip was paid on, once that is known.
pub async fn mark_shown(tx: &mut Tx, payment: &PaymentRow, (at, shown_on): (Timestamp, &str)) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE payments SET shown_at = $3, shown_on = $4 WHERE id = $1 AND issuer_id = $2 AND confirmed_at IS NOT NULL \
         AND EXISTS (SELECT 1 FROM attempts AS t WHERE t.id = $5 AND t.payment_id = payments.id AND t.is_current)",
    ).bind(payment.id).bind(payment.issuer_id).bind(at).bind(shown_on).bind(payment.attempt_id)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Notes that its money was taken back. `false`: it was, or it never came.
pub async fn mark_reversed(tx: &mut Tx, scope: Scope, id: Uuid, reason: &str, at: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE payments SET reversed_at = $3, reversal_reason = $4 \
         WHERE id = $1 AND issuer_id = $2 AND confirmed_at IS NOT NULL AND reversed_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(at).bind(reason).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes that something about it changed: what an ERP follows it by.
pub async fn touch(tx: &mut Tx, scope: Scope, id: Uuid, at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE payments SET updated_at = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id).bind(scope.uuid()).bind(at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Notes that its money is on its invoices. `false`: it was, or it never came.
pub async fn mark_applied(tx: &mut Tx, scope: Scope, id: Uuid, at: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE payments SET applied_at = $3 \
         WHERE id = $1 AND issuer_id = $2 AND confirmed_at IS NOT NULL AND applied_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(at).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// An allocation with its receivable's name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AllocationRow {
    pub id: Uuid,
    pub payment_id: Uuid,
    pub receivable_id: Uuid,
    pub document_id: Option<Uuid>,
    pub number: String,
    pub currency: String,
    pub amount_minor: i64,
    pub charge_minor: i64,
    pub rate: Option<String>,
    pub pending_minor: i64,
    pub state: String,
    pub applied_minor: Option<i64>,
    pub applied_charge_minor: Option<i64>,
    pub parcialidad: Option<i64>,
    pub balance_before_minor: Option<i64>,
    pub balance_after_minor: Option<i64>,
    pub rate_on: Option<String>,
    pub rate_source: Option<String>,
    pub rate_series: Option<String>,
    pub from_credit: bool,
    pub external_id: Option<String>,
}

impl AllocationRow {
    /// Money of the payment is on its receivable, or is held for it, or was and was taken back.
    pub fn has_paid(&self) -> bool {
        self.state != "released"
    }
}

/// The allocations of payments, in the order of their receivables' ids.
pub async fn list_allocations(conn: &mut impl Conn, payments: &[Uuid]) -> DbResult<Vec<AllocationRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT a.id, a.payment_id, a.receivable_id, r.document_id, r.number, a.currency, a.amount_minor, \
             a.charge_minor, a.rate, a.pending_minor, a.state, a.applied_minor, a.applied_charge_minor, a.parcialidad, \
             a.balance_before_minor, a.balance_after_minor, a.rate_on, a.rate_source, a.rate_series, \
             a.from_credit, r.external_id \
             FROM allocations AS a \
             JOIN receivables AS r ON r.id = a.receivable_id WHERE a.payment_id IN (",
        );
        let mut list = sql.separated(", ");
        payments.iter().for_each(|id| { list.push_bind(*id); });
        sql.push(") ORDER BY a.receivable_id, a.id");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Ends the reservations of a payment.
pub async fn release_allocations(tx: &mut Tx, scope: Scope, payment_id: Uuid) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE allocations SET state = 'released' WHERE payment_id = $1 AND issuer_id = $2 AND state = 'reserved'",
    ).bind(payment_id).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes a reservation again. Under its receivable's lock.
pub async fn reserve_again(tx: &mut Tx, scope: Scope, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE allocations SET state = 'reserved' WHERE id = $1 AND issuer_id = $2 AND state = 'released'",
    ).bind(id).bind(scope.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Takes an applied allocation back. Its number among the payments of the receivable stays its own.
pub async fn reverse_allocation(tx: &mut Tx, scope: Scope, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE allocations SET state = 'reversed' WHERE id = $1 AND issuer_id = $2 AND state = 'applied'",
    ).bind(id).bind(scope.uuid()).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Writes what became of an allocation; one that found no room ends released. Under its receivable's lock.
pub async fn place_allocation(tx: &mut Tx, scope: Scope, placed: &Placed, now: Timestamp) -> DbResult<()> {
    let applied = placed.parcialidad.is_some();
    let kept = |minor: i64| applied.then_some(minor);
    on!(tx, ex => sqlx::query(
        "UPDATE allocations SET state = $3, applied_minor = $4, applied_charge_minor = $5, parcialidad = $6, \
         balance_before_minor = $7, balance_after_minor = $8, applied_at = $9 WHERE id = $1 AND issuer_id = $2",
    )
    .bind(placed.id).bind(scope.uuid()).bind(if applied { "applied" } else { "released" })
    .bind(kept(placed.applied.minor())).bind(kept(placed.applied_charge.minor())).bind(placed.parcialidad)
    .bind(kept(placed.before_minor)).bind(kept(placed.after_minor)).bind(applied.then_some(now))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An issuer's payments, the one that changed last first, before a key; of one state, or those that are sought.
pub async fn list_recent(
    conn: &mut impl Conn,
    scope: Scope,
    (state, sought): (Option<PaymentState>, Option<&Sought>),
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<PaymentRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT_CURRENT);
        sql.push("p.issuer_id = ").push_bind(scope.uuid());
        if let Some(state) = state {
            sql.push(" AND t.state = ").push_bind(state.as_str());
        }
        match sought {
            None => {}
            Some(Sought::Of(Some(customer))) => { sql.push(" AND p.customer_id = ").push_bind(*customer); }
            Some(Sought::Of(None)) => { sql.push(" AND 1 = 0"); }
            Some(Sought::Amount(minor)) => { sql.push(" AND p.amount_minor = ").push_bind(*minor); }
            Some(Sought::Number(number)) => {
                sql.push(" AND p.id IN (SELECT f.payment_id FROM attempts AS f WHERE f.issuer_id = ");
                sql.push_bind(scope.uuid()).push(" AND f.bank_transaction = ").push_bind(number.as_str());
                sql.push(" UNION SELECT f.payment_id FROM attempts AS f WHERE f.issuer_id = ").push_bind(scope.uuid());
                sql.push(" AND f.merchant_reference = ").push_bind(number.as_str());
                sql.push(" UNION SELECT n.id FROM payments AS n WHERE n.issuer_id = ").push_bind(scope.uuid());
                // No payment has the number of a text that is none.
                sql.push(" AND n.number = ").push_bind(number.parse::<i64>().unwrap_or(0)).push(")");
            }
        }
        if let Some((updated_at, id)) = before {
            sql.push(" AND (p.updated_at, p.id) < (").push_bind(updated_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY p.updated_at DESC, p.id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// An issuer's payments by their last change, the oldest change first, after a key.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<PaymentRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT_CURRENT);
        sql.push("p.issuer_id = ").push_bind(scope.uuid()).push(" AND (t.state <> 'created' OR t.trip > 1)");
        if let Some(since) = since {
            sql.push(" AND p.updated_at >= ").push_bind(since);
        }
        if let Some((updated_at, id)) = after {
            sql.push(" AND (p.updated_at, p.id) > (").push_bind(updated_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY p.updated_at, p.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
