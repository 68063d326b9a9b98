//! Payments as their customer sees them: one, and the history.
use std::collections::{HashMap, HashSet};

use fiscal::{Amount, Currency};
use shared::documents::CatalogText;
use shared::payments::{BankCode, PaymentFilter, PaymentLineView, PaymentState, PaymentTotals, PaymentView};
use uuid::Uuid;

use super::balances::Issuers;
use super::store::ledger::{self, MoneyRow, ReceiptRow};
use super::store::payments::{self as store, AllocationRow, PaymentRow, Which};
use super::store::{amount, history, rate, unreadable};
use super::{Asker, PaymentError, balances, trips};
use crate::App;
use crate::accounts::CustomerId;
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::{Issuer, Scope};

/// One payment of the customer's.
pub async fn find(app: &App, asker: &Asker, id: Uuid) -> Result<PaymentView, PaymentError> {
    let mut conn = app.db.read().await?;
    let row = store::find(&mut conn, Which::OfCustomer(asker.customer, asker.only, id)).await?;
    view(app, &mut conn, row.ok_or(PaymentError::NotFound)?).await
}

/// One payment with its redirect, while it makes sense to go there.
pub(super) async fn view(app: &App, conn: &mut impl Conn, row: PaymentRow) -> Result<PaymentView, PaymentError> {
    let bank = row.bank()?;
    let live = row.state()? == PaymentState::InTransit && row.expires_at > app.now();
    let redirect = row.redirect.clone().filter(|_| live);
    let mut views = views(conn, vec![row], app.now()).await?;
    let mut view = views.pop().ok_or_else(|| unreadable("payment"))?;
    view.redirect = redirect.zip(app.banks.find(&view.issuer, bank)).map(|(kept, bank)| kept.view(bank.as_ref()));
    Ok(view)
}

/// The customer's payments after a key, `limit + 1` of them, and what all come to. Beside each row, the key of its place.
pub async fn list(
    app: &App,
    asker: &Asker,
    filter: &PaymentFilter,
    after: Option<(Timestamp, Uuid)>,
    limit: u32,
) -> Result<(Vec<(Timestamp, PaymentView)>, PaymentTotals), PaymentError> {
    let of = (asker.customer, balances::only_issuer(app, asker, filter.issuer.as_deref()).await?);
    let mut conn = app.db.read().await?;
    let rows = history::list(&mut conn, of, filter, after, i64::from(limit) + 1).await?;
    let keys: Vec<Timestamp> = rows.iter().map(|row| row.shown_at).collect();
    let totals = totals(&mut conn, of, filter).await?;
    let views = views(&mut conn, rows, app.now()).await?;
    Ok((keys.into_iter().zip(views).collect(), totals))
}

/// What all payments found come to. What is here is told as the ledger has it, what is not as it was ordered.
async fn totals(
    conn: &mut impl Conn,
    of: (CustomerId, Option<Scope>),
    filter: &PaymentFilter,
) -> Result<PaymentTotals, PaymentError> {
    let zero = Amount::zero(Currency::Mxn);
    let (mut count, mut applied, mut in_transit, mut unapplied) = (0, zero, zero, zero);
    for row in history::sums(conn, of, filter).await? {
        let state = PaymentState::parse(&row.state).ok_or_else(|| unreadable("state"))?;
        let ordered = if state.is_open() { row.ordered_minor } else { 0 };
        count += u64::try_from(row.found).unwrap_or(0);
        applied = applied.checked_add(Amount::new(row.applied_minor, Currency::Mxn))?;
        unapplied = unapplied.checked_add(Amount::new(row.credit_minor, Currency::Mxn))?;
        in_transit = in_transit.checked_add(Amount::new(row.waiting_minor, Currency::Mxn))?;
        in_transit = in_transit.checked_add(Amount::new(ordered, Currency::Mxn))?;
    }
    Ok(PaymentTotals {
        count,
        applied: applied.to_decimal_string(),
        in_transit: in_transit.to_decimal_string(),
        unapplied: unapplied.to_decimal_string(),
    })
}

pub(super) async fn views(
    conn: &mut impl Conn,
    rows: Vec<PaymentRow>,
    now: Timestamp,
) -> Result<Vec<PaymentView>, PaymentError> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: HashMap<Uuid, Vec<AllocationRow>> = HashMap::new();
    for allocation in store::list_allocations(conn, &ids).await? {
        lines.entry(allocation.payment_id).or_default().push(allocation);
    }
    let mut receipts: HashMap<Uuid, Vec<ReceiptRow>> = HashMap::new();
    for receipt in ledger::list_receipts(conn, &ids).await? {
        receipts.entry(receipt.payment_id).or_default().push(receipt);
    }
    let money = ledger::list_money(conn, &ids).await?;
    let money: HashMap<Uuid, MoneyRow> = money.into_iter().map(|money| (money.payment_id, money)).collect();
    let (mut known, mut views) = (Issuers::default(), Vec::with_capacity(rows.len()));
    for row in rows {
        let issuer = known.get(conn, row.issuer_id).await?;
        let kept = Kept {
            lines: lines.remove(&row.id).unwrap_or_default(),
            receipts: receipts.remove(&row.id).unwrap_or_default(),
            money: money.get(&row.id).copied().unwrap_or_default(),
        };
        views.push(one(issuer, &row, kept, now)?);
    }
    Ok(views)
}

/// What is kept of a payment beside its own row.
struct Kept {
    lines: Vec<AllocationRow>,
    receipts: Vec<ReceiptRow>,
    money: MoneyRow,
}

impl Kept {
    /// Its lines as its customer sees them: ordered, and once the money went where it went, what each got of it. A line
    /// that got nothing steps back where a credit came to the same invoice.
    fn lines(&self, is_applied: bool) -> DbResult<Vec<PaymentLineView>> {
        let paid: HashSet<Uuid> =
            self.lines.iter().filter(|line| line.has_paid()).map(|line| line.receivable_id).collect();
        let shown = self.lines.iter().filter(|line| line.has_paid() || !paid.contains(&line.receivable_id));
        shown.map(|row| line(row, is_applied)).collect()
    }
}

fn line(row: &AllocationRow, is_applied: bool) -> DbResult<PaymentLineView> {
    let (minor, charge) = match (row.applied_minor, row.applied_charge_minor) {
        (Some(minor), Some(charge)) => (minor, charge),
        _ if is_applied => (0, 0),
        _ => (row.amount_minor, row.charge_minor),
    };
    Ok(PaymentLineView {
        receivable_id: row.receivable_id,
        document_id: row.document_id,
        number: row.number.clone(),
        amount: amount(minor, &row.currency)?.to_decimal_string(),
        amount_mxn: Amount::new(charge, Currency::Mxn).to_decimal_string(),
        rate: rate(row.rate.as_deref())?.map(|rate| rate.to_string()),
        partial: minor > 0 && minor < row.pending_minor,
        currency: row.currency.clone(),
    })
}

/// `BBVA 804512`, `BC-Banamex 063197` (K34).
pub(super) fn bank_reference(row: &PaymentRow) -> DbResult<Option<String>> {
    let prefix = row.bank()?.reference_prefix();
    Ok(row.bank_transaction.as_ref().map(|number| format!("{prefix} {number}")))
}

/// The same of every trip whose money came, when that is more than one.
fn bank_references(row: &PaymentRow, receipts: &[ReceiptRow]) -> DbResult<Option<String>> {
    if receipts.len() < 2 {
        return bank_reference(row);
    }
    let one = |receipt: &ReceiptRow| {
        let bank = BankCode::parse(&receipt.bank).ok_or_else(|| unreadable("bank"))?;
        Ok(format!("{} {}", bank.reference_prefix(), receipt.bank_transaction))
    };
    Ok(Some(receipts.iter().map(one).collect::<DbResult<Vec<_>>>()?.join(", ")))
}

/// By which form the money of a payment came, with the SAT's words for it.
pub(super) fn forma_text(row: &PaymentRow) -> DbResult<Option<CatalogText>> {
    let forma = row.forma()?.filter(|_| row.confirmed_at.is_some());
    Ok(forma.map(|forma| CatalogText { code: forma.code().to_owned(), name: forma.name().to_owned() }))
}

fn one(issuer: &Issuer, row: &PaymentRow, kept: Kept, now: Timestamp) -> DbResult<PaymentView> {
    let (bank, state, ordered) = (row.bank()?, row.state()?, row.amount()?);
    let pesos = |minor: i64| Amount::new(minor, Currency::Mxn).to_decimal_string();
    let some = |minor: i64| (minor > 0).then(|| pesos(minor));
    let MoneyRow { received_minor, returned_minor, credit_minor, .. } = kept.money;
    let is_safe = !state.is_open() && !row.is_open_otherwise && !trips::may_still_charge(row, now)?;
    let waits = state == PaymentState::InTransit && row.expires_at > now;
    let came = Some(received_minor).filter(|minor| *minor > 0).unwrap_or(ordered.minor());
    Ok(PaymentView {
        id: row.id,
        reference: row.number.to_string(),
        issuer: issuer.slug.clone(),
        issuer_name: issuer.commercial_name.clone(),
        bank,
        bank_name: bank.name().to_owned(),
        bank_reference: bank_references(row, &kept.receipts)?,
        state,
        applied: row.applied_at.is_some() && kept.lines.iter().any(|line| line.state == "applied"),
        paid_at: local_time(row.shown_at, &issuer.time_zone),
        amount: pesos(came),
        ordered: (came != ordered.minor()).then(|| ordered.to_decimal_string()),
        currency: row.currency.clone(),
        forma_de_pago: forma_text(row)?,
        unapplied: some(credit_minor),
        returned: some(returned_minor),
        lines: kept.lines(row.applied_at.is_some())?,
        can_cancel: matches!(state, PaymentState::Created | PaymentState::InTransit),
        expires_at: waits.then(|| local_time(row.expires_at, &issuer.time_zone)),
        safe_to_pay_again: is_safe,
        can_retry: trips::can_retry(row, now)?,
        reversed_at: row.reversed_at.map(|at| local_time(at, &issuer.time_zone)),
        redirect: None,
        receipt_document_id: row.receipt_document_id,
    })
}
