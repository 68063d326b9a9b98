//! Transfers that nobody ordered here: money that carries a customer's own number, or that somebody knew whose it is. It
//! makes a payment of its own and pays what is due first; what is over is a credit.
use fiscal::{Amount, FormaPago};
use sha2::{Digest, Sha256};
use shared::payments::{BalanceFilter, BankCode, DepositAccount, PaymentState};
use uuid::Uuid;

use super::entered::{self, Entered};
use super::how::{self, How, Teller};
use super::model::Source;
use super::service::intend;
use super::store::evidence::{self, NewEvidence};
use super::store::ledger::{self as entries, EntryKind};
use super::store::payments::{self as store, NewPayment, PaymentRow, Which};
use super::store::receivables::OpenOf;
use super::store::{attempts, deposits, entered as entered_rows, receivables, unreadable};
use super::{Asker, PaymentError, banks, erp_applies, events, letters, operations, rates, settle};
use crate::App;
use crate::accounts::CustomerId;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind};

/// Invoices that one transfer pays of itself; what is left is a credit.
const LINES_MAX: i64 = 100;
/// Tries to find a number that nobody has.
const NUMBER_TRIES: usize = 8;
/// The verdict on a transfer that made a payment.
const VERDICT: &str = "deposit";

/// A transfer that came.
#[derive(Debug, Clone, Copy)]
pub struct Deposit<'a> {
    /// By which way.
    pub bank: BankCode,
    /// The bank's number: clave de rastreo.
    pub transaction: &'a str,
    /// How much.
    pub amount: Amount,
    /// What it carries.
    pub reference: &'a str,
    /// How and when it was made, as far as its line says.
    pub how: &'a How,
}

/// What became of a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It made a payment: now, or when this very line was read before.
    Made(Uuid),
    /// It is entered for this payment, by another road.
    Known(Uuid),
}

/// Who says whose a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The number that it carries.
    Number,
    /// Somebody who knows.
    Somebody,
}

/// Receives a transfer that carries a customer's own number. `None`: it carries none that we gave, or perhaps it is
/// entered already: somebody has to look.
pub(super) async fn receive_named(
    app: &App,
    scope: Scope,
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<Option<Received>, PaymentError> {
    let mut conn = app.db.read().await?;
    let customer = deposits::find_customer(&mut conn, scope, deposit.reference).await?;
    if let Some(customer) = customer {
        drop(conn);
        return receive(app, scope, (CustomerId::new(customer), By::Number), deposit, raw).await;
    }
    let rows = like(&mut conn, scope, deposit).await?;
    Ok(match entered::of_customer(&rows, None, deposit.how.given.as_deref()) {
        Entered::This(row) => Some(told_before(&mut conn, row, raw).await?),
        _ => None,
    })
}

/// The trips that the same number and amount are entered for.
async fn like(conn: &mut impl Conn, scope: Scope, deposit: &Deposit<'_>) -> DbResult<Vec<PaymentRow>> {
    entered_rows::list(conn, scope, deposit.bank, (deposit.transaction, deposit.amount.minor())).await
}

/// A payment that a transfer is entered for; made by this very line when a process died behind it, or two read it at once.
async fn told_before(conn: &mut impl Conn, row: &PaymentRow, raw: &[u8]) -> Result<Received, PaymentError> {
    let key = dedupe_key(row.attempt_id, raw);
    let is_of_line = evidence::find_by_key(conn, row.bank()?, &key).await?.is_some();
    Ok(if is_of_line { Received::Made(row.id) } else { Received::Known(row.id) })
}

/// Receives a transfer for a customer, once: number, amount and day name it. `None`: the same number and amount are
/// entered for somebody else, or of another day, and nobody who knows says that it is other money.
pub async fn receive(
    app: &App,
    scope: Scope,
    (customer, by): (CustomerId, By),
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<Option<Received>, PaymentError> {
    let mut tx = app.db.begin().await?;
    // The issuer's counter is held: whoever entered the same transfer meanwhile, by whichever door, has committed it.
    let number = store::next_number(&mut tx, scope).await?;
    let rows = like(&mut tx, scope, deposit).await?;
    let is_other = match entered::of_customer(&rows, Some(customer.uuid()), deposit.how.given.as_deref()) {
        Entered::Nothing => true,
        Entered::This(row) => return Ok(Some(told_before(&mut tx, row, raw).await?)),
        Entered::AnotherDay => by == By::Somebody,
        // Somebody may be mistaken as well: the line itself has to say it, or the other payment was taken back.
        Entered::Anothers => {
            let named = deposits::find_customer(&mut tx, scope, deposit.reference).await? == Some(customer.uuid());
            by == By::Somebody && (named || rows.iter().all(|row| row.reversed_at.is_some()))
        }
    };
    if !is_other {
        return Ok(None);
    }
    let id = make(&mut tx, app, (scope, customer, number), deposit, raw).await?;
    settle::commit(tx).await?;
    app.wake.notify_one();
    Ok(Some(Received::Made(id)))
}

/// The payment that a transfer is, confirmed at once.
async fn make(
    tx: &mut Tx,
    app: &App,
    (scope, customer, number): (Scope, CustomerId, i64),
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<Uuid, PaymentError> {
    let (id, now) = (app.ids.uuid(), app.now());
    let issuer = issuers::service::find_issuer(tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    let shown_on = issuer.day_of(now).to_string();
    let new = NewPayment {
        id,
        customer,
        user_id: None,
        number,
        bank: deposit.bank,
        amount: deposit.amount,
        shown_on: &shown_on,
        idempotency: (&format!("deposit:{}", scope.uuid()), &name_of(customer, deposit)),
    };
    store::insert(tx, scope, &new, now).await?;
    let intended = intend(app, deposit.bank, (number, 1), deposit.amount);
    attempts::insert(tx, scope, id, (&intended, 1), now, now).await?;
    let states = (PaymentState::Created, PaymentState::Confirmed);
    attempts::mark_state(tx, scope, intended.attempt_id, states, Some(deposit.transaction), now).await?;
    store::mark_confirmed(tx, scope, id, now, &shown_on).await?;
    keep(tx, app, (scope, intended.attempt_id), deposit, raw).await?;
    let payment = store::find(tx, Which::Attempt(intended.attempt_id)).await?;
    let payment = payment.ok_or_else(|| unreadable("attempt"))?;
    let by_way = (deposit.bank == BankCode::Spei).then_some(FormaPago::Transferencia);
    let how = How { forma: deposit.how.forma.or(by_way), ..deposit.how.clone() }.within(Teller::Bank, (now, now));
    settle::note_how(tx, app, &payment, &how, Teller::Bank).await?;
    enter(tx, app, (&issuer, &payment), deposit).await?;
    Ok(id)
}

/// What one transfer is known by: a clave de rastreo alone is not enough (`payments.md` 3.5).
fn name_of(customer: CustomerId, deposit: &Deposit<'_>) -> String {
    let day = deposit.how.given.as_deref().and_then(how::day).map(|day| day.to_string()).unwrap_or_default();
    let Deposit { bank, transaction, amount, .. } = deposit;
    format!("{}:{transaction}:{}:{day}:{}", bank.as_str(), amount.minor(), customer.uuid())
}

fn dedupe_key(attempt_id: Uuid, raw: &[u8]) -> Vec<u8> {
    Sha256::digest([b"deposit", attempt_id.as_bytes().as_slice(), raw].concat()).to_vec()
}

/// The line it was read in, judged in the same breath.
async fn keep(
    tx: &mut Tx,
    app: &App,
    (scope, attempt_id): (Scope, Uuid),
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<(), PaymentError> {
    let (id, now) = (app.ids.uuid(), app.now());
    let dedupe_key = dedupe_key(attempt_id, raw);
    let new = NewEvidence {
        id,
        about: Some((scope, attempt_id)),
        bank: deposit.bank,
        source: Source::File,
        raw,
        dedupe_key: &dedupe_key,
    };
    evidence::insert(tx, new, now).await?;
    let states = (PaymentState::Created, PaymentState::Confirmed);
    evidence::insert_verdict(tx, scope, id, VERDICT, states, now).await?;
    Ok(())
}

/// Receipt, credit, and of the credit what is due first; where the ERP applies, all of it waits as a credit.
async fn enter(
    tx: &mut Tx,
    app: &App,
    (issuer, payment): (&Issuer, &PaymentRow),
    deposit: &Deposit<'_>,
) -> Result<(), PaymentError> {
    let (scope, now) = (payment.scope(), app.now());
    for kind in [EntryKind::Receipt, EntryKind::UnappliedCredit] {
        entries::insert(tx, app.ids.uuid(), payment, (kind, deposit.amount), deposit.transaction, now).await?;
    }
    let is_applied = !erp_applies(app, issuer) && pay_oldest(tx, app, payment).await?;
    if is_applied {
        store::mark_applied(tx, scope, payment.id, now).await?;
    }
    jobs::enqueue(tx, &app.ids, JobKind::PrintReceipt, payment.attempt_id, now).await?;
    events::arrived(tx, app, payment, is_applied).await?;
    letters::deposited(tx, app, issuer, payment, deposit.transaction).await?;
    let entry = Entry {
        actor: Actor::System,
        on_behalf_of: None,
        issuer_id: Some(payment.issuer_id),
        act: "payment.deposited",
        object_kind: "payment",
        object_id: &payment.id.to_string(),
        before: None,
        after: Some(serde_json::json!({ "number": payment.number, "amount": payment.amount_text })),
        request_id: None,
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// `false`: nothing is due.
async fn pay_oldest(tx: &mut Tx, app: &App, payment: &PaymentRow) -> Result<bool, PaymentError> {
    let (scope, customer) = (payment.scope(), CustomerId::new(payment.customer_id));
    let filter = BalanceFilter::default();
    let of = OpenOf { customer, issuer: Some(scope), filter: &filter, days: &[] };
    let open = receivables::list_open(tx, &of, None, LINES_MAX).await?;
    let mut ids: Vec<Uuid> = open.iter().map(|row| row.id).collect();
    ids.sort();
    receivables::lock(tx, scope, &ids).await?;
    let mut rows = receivables::list_by_id(tx, scope, Some(customer), &ids).await?;
    rows.retain(|row| !row.is_closed);
    rows.sort_by(|one, other| (&one.due_on, one.id).cmp(&(&other.due_on, other.id)));
    rates::quote(tx, app, &mut rows).await?;
    let mut left = payment.amount()?;
    for row in &rows {
        if !left.is_positive() {
            break;
        }
        if let Some(used) = operations::place_credit(tx, app, payment, row, left).await? {
            left = left.checked_sub(Amount::new(used, left.currency()))?;
        }
    }
    Ok(left != payment.amount()?)
}

/// Where a customer's transfers go, and the number that they carry: one for each issuer that takes transfers and that
/// the customer has ever owed.
pub async fn accounts(app: &App, asker: &Asker) -> Result<Vec<DepositAccount>, PaymentError> {
    let ids = deposits::list_issuers(&mut app.db.read().await?, asker.customer, asker.only).await?;
    let mut all = Vec::new();
    for id in ids {
        let scope = Scope::of(issuers::IssuerId::new(id));
        let Some(issuer) = issuers::service::find_issuer(&mut app.db.read().await?, scope).await? else { continue };
        let Some(clabe) = app.banks.clabe_of(&issuer.slug) else { continue };
        all.push(DepositAccount {
            issuer: issuer.slug.clone(),
            issuer_name: issuer.commercial_name.clone(),
            clabe: clabe.as_str().to_owned(),
            bank: clabe.bank().unwrap_or_default().to_owned(),
            beneficiary: issuer.nombre.as_str().to_owned(),
            reference: number_of(app, scope, asker.customer).await?,
        });
    }
    Ok(all)
}

/// The customer's number at an issuer, made the first time it is asked for.
async fn number_of(app: &App, scope: Scope, customer: CustomerId) -> Result<String, PaymentError> {
    for _ in 0..NUMBER_TRIES {
        if let Some(known) = deposits::find_reference(&mut app.db.read().await?, scope, customer).await? {
            return Ok(known);
        }
        let reference = banks::deposit_reference(&app.ids.secret());
        let mut tx = app.db.begin().await?;
        deposits::insert_reference(&mut tx, scope, customer, &reference, app.now()).await?;
        tx.commit().await?;
    }
    Err(unreadable("number of a customer").into())
}
