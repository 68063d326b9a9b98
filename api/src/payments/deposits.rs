//! Transfers that nobody ordered here: money that carries a customer's own number, or that somebody knew whose it is. It
//! makes a payment of its own and pays what is due first; what is over is a credit.
use fiscal::{Amount, FormaPago};
use sha2::{Digest, Sha256};
use shared::payments::{BalanceFilter, BankCode, DepositAccount, PaymentState};
use uuid::Uuid;

use super::how::{How, Teller};
use super::model::Source;
use super::service::intend;
use super::store::evidence::{self, NewEvidence};
use super::store::ledger::{self as entries, EntryKind};
use super::store::payments::{self as store, NewPayment, PaymentRow, Which};
use super::store::receivables::OpenOf;
use super::store::{attempts, deposits, receivables, unreadable};
use super::{Asker, PaymentError, banks, erp_applies, events, letters, operations, rates, settle};
use crate::App;
use crate::accounts::CustomerId;
use crate::audit::{self, Actor, Entry};
use crate::db::Tx;
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

/// Receives a transfer that carries a customer's own number. `None`: it carries none that we gave.
pub(super) async fn receive_named(
    app: &App,
    scope: Scope,
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<Option<Uuid>, PaymentError> {
    let known = deposits::find_customer(&mut app.db.read().await?, scope, deposit.reference).await?;
    match known {
        Some(customer) => Ok(Some(receive(app, scope, CustomerId::new(customer), deposit, raw).await?)),
        None => Ok(None),
    }
}

/// Receives a transfer for a customer, once: its number at the bank names it.
pub async fn receive(
    app: &App,
    scope: Scope,
    customer: CustomerId,
    deposit: &Deposit<'_>,
    raw: &[u8],
) -> Result<Uuid, PaymentError> {
    let owner = format!("deposit:{}", scope.uuid());
    let key = format!("{}:{}", deposit.bank.as_str(), deposit.transaction);
    if let Some(known) = store::find(&mut app.db.read().await?, Which::Key(&owner, &key)).await? {
        return Ok(known.id);
    }
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let number = store::next_number(&mut tx, scope).await?;
    // The issuer's counter is held: whoever brought the same transfer meanwhile has committed it.
    if let Some(known) = store::find(&mut tx, Which::Key(&owner, &key)).await? {
        return Ok(known.id);
    }
    let id = app.ids.uuid();
    let issuer = issuers::service::find_issuer(&mut tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    let shown_on = issuer.day_of(now).to_string();
    let new = NewPayment {
        id,
        customer,
        user_id: None,
        number,
        bank: deposit.bank,
        amount: deposit.amount,
        shown_on: &shown_on,
        idempotency: (&owner, &key),
    };
    store::insert(&mut tx, scope, &new, now).await?;
    let intended = intend(app, deposit.bank, (number, 1), deposit.amount);
    attempts::insert(&mut tx, scope, id, (&intended, 1), now, now).await?;
    let states = (PaymentState::Created, PaymentState::Confirmed);
    attempts::mark_state(&mut tx, scope, intended.attempt_id, states, Some(deposit.transaction), now).await?;
    store::mark_confirmed(&mut tx, scope, id, now, &shown_on).await?;
    keep(&mut tx, app, (scope, intended.attempt_id), deposit, raw).await?;
    let payment = store::find(&mut tx, Which::Attempt(intended.attempt_id)).await?;
    let payment = payment.ok_or_else(|| unreadable("attempt"))?;
    let by_way = (deposit.bank == BankCode::Spei).then_some(FormaPago::Transferencia);
    let how = How { forma: deposit.how.forma.or(by_way), ..deposit.how.clone() }.within(Teller::Bank, (now, now));
    settle::note_how(&mut tx, app, &payment, &how, Teller::Bank).await?;
    enter(&mut tx, app, (&issuer, &payment), deposit).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(id)
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
    let dedupe_key = Sha256::digest([b"deposit", attempt_id.as_bytes().as_slice(), raw].concat());
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
