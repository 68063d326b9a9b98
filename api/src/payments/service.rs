//! Ordering a payment and giving one up.
use fiscal::{Amount, Currency, MoneyError};
use serde_json::json;
use shared::payments::{
    AmountToPay, BalanceRow, BankCode, LineToPay, PaymentOrder, PaymentState, PaymentView, typed_line,
};
use shared::{FieldCode, FieldErrors, Problem, ProblemCode};
use uuid::Uuid;

use super::balances::{self, Issuers};
use super::banks::{HandOver, Order};
use super::model::{Event, Intended, after};
use super::settle::{self, Cause};
use super::store::payments::{self as store, NewAllocation, NewPayment, PaymentRow, Which};
use super::store::receivables::{self, RateOf, ReceivableRow};
use super::store::{attempts, entered, unreadable};
use super::{Asker, PaymentError, evidence, history, rates};
use crate::App;
use crate::accounts::people;
use crate::audit::{self, Actor, Entry};
use crate::db::{Timestamp, Tx};
use crate::http::RequestId;
use crate::http::idempotency::{self, Claim, Saved};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind};

/// The key of an order, and what it was said with.
pub struct Key<'a> {
    /// Idempotency-Key.
    pub text: &'a str,
    /// Digest of the request.
    pub request_sha256: [u8; 32],
    /// Number of the request.
    pub request_id: RequestId,
}

/// Number of the trip that an order begins with.
const FIRST_TRIP: i64 = 1;

/// Orders a payment: reserves its invoices, then makes the way to the bank. The answer is kept under the key: the same
/// order again gets the same bytes, and the same redirect.
pub async fn order(app: &App, asker: &Asker, order: &PaymentOrder, key: &Key<'_>) -> Result<Saved, PaymentError> {
    if !asker.may_pay {
        return Err(PaymentError::PayerNeeded);
    }
    let found = issuers::service::scope_of_slug(app, &order.issuer).await?;
    let found = found.filter(|(scope, _)| asker.only.is_none_or(|only| only == *scope));
    let Some((_, issuer)) = found else { return Err(wrong("/issuer", FieldCode::NotInCatalog)) };
    if app.banks.find(&issuer.slug, order.bank).is_none() {
        return Err(wrong("/bank", FieldCode::NotInCatalog));
    }
    let owner = format!("payer:{}:{}", asker.user_id, asker.customer);
    let now = app.now();
    let mut tx = app.db.begin().await?;
    match idempotency::claim(&mut tx, &owner, key.text, key.request_sha256, now).await? {
        // An answer is kept for a while, a payment and the key it was ordered with for good.
        Claim::Fresh if store::find(&mut tx, Which::Key(&owner, key.text)).await?.is_some() => {
            return Err(PaymentError::KeyReused);
        }
        Claim::Fresh => {}
        Claim::Replay(saved) => return Ok(saved),
        Claim::Reused => return Err(PaymentError::KeyReused),
        // The process died on its way to the bank, or is on it: the redirect is the same whoever makes it.
        Claim::InFlight => {
            drop(tx);
            let known = store::find(&mut app.db.read().await?, Which::Key(&owner, key.text)).await?;
            return hand_over(app, &issuer, known.ok_or(PaymentError::KeyInFlight)?, (&owner, key.text)).await;
        }
    }
    match reserve(&mut tx, app, (&issuer, asker), order, (&owner, key.text)).await? {
        Ok(attempt_id) => {
            let kept = store::find(&mut tx, Which::Attempt(attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
            record(&mut tx, asker, &kept, "payment.ordered", now).await?;
            tx.commit().await?;
            app.wake.notify_one();
            hand_over(app, &issuer, kept, (&owner, key.text)).await
        }
        Err(problem) => {
            let saved = Saved::problem(&problem, key.request_id)?;
            idempotency::finish(&mut tx, &owner, key.text, &saved).await?;
            tx.commit().await?;
            Ok(saved)
        }
    }
}

pub(super) fn wrong(pointer: &str, code: FieldCode) -> PaymentError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    PaymentError::Fields(errors)
}

/// A line with the receivable it pays, and how much.
struct Chosen {
    receivable_id: Uuid,
    amount: Amount,
    charge: Amount,
    rate: Option<fiscal::Rate>,
    rate_of: Option<RateOf>,
    pending_minor: i64,
}

/// Checks the order against balances under their locks and reserves them. A refusal is deterministic: it is kept.
async fn reserve(
    tx: &mut Tx,
    app: &App,
    (issuer, asker): (&Issuer, &Asker),
    order: &PaymentOrder,
    key: (&str, &str),
) -> Result<Result<Uuid, Problem>, PaymentError> {
    let scope = Scope::of(issuer.id);
    let mut ids: Vec<Uuid> = order.lines.iter().map(|line| line.receivable_id).collect();
    ids.sort();
    // The counter before the receivables, as whoever enters money takes them.
    entered::lock(tx, scope).await?;
    receivables::lock(tx, scope, &ids).await?;
    let mut rows = receivables::list_by_id(tx, scope, Some(asker.customer), &ids).await?;
    rates::quote(tx, app, &mut rows).await?;
    let chosen = match choose(&order.lines, &rows)? {
        Choice::Lines(chosen) => chosen,
        Choice::Wrong(errors) => return Ok(Err(Problem::fields(errors))),
        Choice::Changed => return Ok(Err(changed(tx, app, &rows).await?)),
    };
    let total = Amount::sum(chosen.iter().map(|line| line.charge), Currency::Mxn)?;
    if total != order.expected_total {
        return Ok(Err(changed(tx, app, &rows).await?));
    }
    let now = app.now();
    let number = store::next_number(tx, scope).await?;
    let payment_id = app.ids.uuid();
    let new = NewPayment {
        id: payment_id,
        customer: asker.customer,
        user_id: Some(asker.user_id),
        number,
        bank: order.bank,
        amount: total,
        shown_on: &issuer.day_of(now).to_string(),
        idempotency: key,
    };
    store::insert(tx, scope, &new, now).await?;
    let intended = intend(app, order.bank, (number, FIRST_TRIP), total);
    let expires_at = now.plus_seconds(app.config.payments.hand_over_minutes * 60);
    attempts::insert(tx, scope, payment_id, (&intended, FIRST_TRIP), expires_at, now).await?;
    for line in chosen {
        let allocation = NewAllocation {
            id: app.ids.uuid(),
            payment_id,
            receivable_id: line.receivable_id,
            amount: line.amount,
            charge: line.charge,
            rate: line.rate,
            rate_of: line.rate_of,
            pending_minor: line.pending_minor,
            from_credit: false,
        };
        store::insert_allocation(tx, scope, &allocation, now).await?;
    }
    jobs::enqueue(tx, &app.ids, JobKind::PaymentDeadline, intended.attempt_id, expires_at).await?;
    Ok(Ok(intended.attempt_id))
}

/// Our names for one trip to a bank. Fixed widths, chosen here: no byte of one can pass for a byte of the next.
pub(super) fn intend(app: &App, bank: BankCode, (number, trip): (i64, i64), total: Amount) -> Intended {
    let attempt_id = app.ids.uuid();
    Intended {
        attempt_id,
        bank,
        merchant_order: attempt_id.simple().to_string(),
        merchant_reference: format!("{number:010}{trip:02}"),
        amount_text: total.to_decimal_string(),
        amount: total,
        bank_secret: None,
    }
}

enum Choice {
    Lines(Vec<Chosen>),
    Wrong(FieldErrors),
    Changed,
}

/// What the lines come to on these balances. A person's own mistake is a wrong field; what somebody else's payment
/// took away meanwhile is a changed balance.
fn choose(lines: &[LineToPay], rows: &[ReceivableRow]) -> Result<Choice, PaymentError> {
    let (mut chosen, mut errors, mut is_changed) = (Vec::new(), FieldErrors::default(), false);
    for (index, line) in lines.iter().enumerate() {
        let Some(row) = rows.iter().find(|row| row.id == line.receivable_id) else {
            errors.add(format!("/lines/{index}/receivable_id"), FieldCode::NoSuchBalance);
            continue;
        };
        let (total, rate) = (row.total()?, row.rate()?);
        let available = Amount::new(row.available_minor(), total.currency());
        if row.is_closed || available.is_zero() {
            is_changed = true;
            continue;
        }
        if let AmountToPay::Exactly(typed) = line.amount
            && typed.currency() != Currency::Mxn
            && typed.currency() != total.currency()
        {
            errors.add(format!("/lines/{index}/currency"), FieldCode::NotInCatalog);
            continue;
        }
        let (amount, charge) = match typed_line(line.amount, available, rate) {
            Ok(both) => both,
            // More than any rate can turn into pesos is more than anybody owes.
            Err(MoneyError::Overflow) => {
                errors.add(format!("/lines/{index}/amount"), FieldCode::MoreThanAvailable);
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        if amount.minor() > row.pending_minor() {
            errors.add(format!("/lines/{index}/amount"), FieldCode::MoreThanAvailable);
        } else if amount.minor() > available.minor() {
            is_changed = true;
        } else if !amount.is_positive() || !charge.is_positive() {
            // So few centavos that they are no cent of the invoice, or the other way round.
            errors.add(format!("/lines/{index}/amount"), FieldCode::NotPositive);
        }
        let (receivable_id, pending_minor) = (row.id, row.pending_minor());
        let rate_of = row.rate_of();
        chosen.push(Chosen { receivable_id, amount, charge, rate, rate_of, pending_minor });
    }
    Ok(match (errors.is_empty(), is_changed) {
        (false, _) => Choice::Wrong(errors),
        (true, true) => Choice::Changed,
        (true, false) => Choice::Lines(chosen),
    })
}

pub(super) async fn changed(tx: &mut Tx, app: &App, rows: &[ReceivableRow]) -> Result<Problem, PaymentError> {
    let open: Vec<ReceivableRow> = rows.iter().filter(|row| !row.is_closed).cloned().collect();
    let balances: Vec<BalanceRow> = balances::views(tx, &mut Issuers::default(), &open, app.now()).await?;
    Ok(Problem { balances, ..Problem::new(ProblemCode::BalancesChanged) })
}

/// Makes the way to the bank with no transaction open, keeps it, and finishes the answer.
pub(super) async fn hand_over(
    app: &App,
    issuer: &Issuer,
    payment: PaymentRow,
    (owner, key): (&str, &str),
) -> Result<Saved, PaymentError> {
    let made = match payment.state()? {
        PaymentState::Created => Some(ask_the_way(app, issuer, &payment).await?),
        _ => None,
    };
    let scope = payment.scope();
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, payment.id).await?;
    if let Some(made) = made {
        let minutes = match payment.bank()? {
            BankCode::Spei => app.config.payments.transfer_hours * 60,
            BankCode::Bbva | BankCode::Citibanamex => app.config.payments.answer_minutes,
        };
        let expires_at = app.now().plus_seconds(minutes * 60);
        let kept = (&made.redirect, made.secret.as_deref());
        // Two at once made it: the first stands, and both tell that one.
        if attempts::mark_handed_over(&mut tx, scope, payment.attempt_id, kept, expires_at).await? {
            store::touch(&mut tx, scope, payment.id, app.now()).await?;
        }
    }
    let kept = store::find(&mut tx, Which::Attempt(payment.attempt_id)).await?.ok_or_else(|| unreadable("attempt"))?;
    let saved = Saved::json(201, &history::view(app, &mut tx, kept).await?)?;
    idempotency::finish(&mut tx, owner, key, &saved).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn ask_the_way(app: &App, issuer: &Issuer, payment: &PaymentRow) -> Result<HandOver, PaymentError> {
    let intended = payment.intended()?;
    let bank = app.banks.find(&issuer.slug, intended.bank).ok_or(PaymentError::BankUnavailable)?;
    let customer = crate::accounts::CustomerId::new(payment.customer_id);
    let customer_name = people::name_of(&mut app.db.read().await?, customer).await?.unwrap_or_default();
    let at = |what: &str| format!("{}/api/v1/{what}/{}", app.public_url, intended.bank.as_str());
    let (return_url, notice_url) = (at("bank-returns"), at("bank-notices"));
    let order = Order {
        intended: &intended,
        customer_name: &customer_name,
        issuer_name: &issuer.commercial_name,
        return_url: &return_url,
        notice_url: &notice_url,
    };
    bank.hand_over(&order).await.map_err(|silent| {
        tracing::warn!(payment.id = %payment.id, reason = silent.reason, "a bank gave no way to it");
        PaymentError::BankUnavailable
    })
}

/// Gives a payment up before its bank answered; its invoices can be paid again at once. Giving it up twice is once.
pub async fn cancel(app: &App, asker: &Asker, id: Uuid) -> Result<PaymentView, PaymentError> {
    if !asker.may_pay {
        return Err(PaymentError::PayerNeeded);
    }
    let found = store::find(&mut app.db.read().await?, Which::OfCustomer(asker.customer, asker.only, id)).await?;
    let found = found.ok_or(PaymentError::NotFound)?;
    let scope = found.scope();
    // Whoever closed the bank's page may have paid there first: its answer is judged, and then this is too late. One that
    // says nothing now is asked again when the trip's time is over.
    if found.redirect.is_some() && found.state()?.is_open() {
        evidence::ask(app, &found).await?;
    }
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, id).await?;
    let payment = store::find(&mut tx, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)?;
    let decision = after(&payment.standing()?, &Event::GivenUp);
    if decision.next != PaymentState::Cancelled {
        return Err(PaymentError::NotCancellable);
    }
    let cause = Cause {
        actor: Actor::User(asker.user_id),
        evidence_id: None,
        transaction: None,
        received: None,
        request_id: Some(&asker.request_id),
    };
    settle::carry_out(&mut tx, app, &payment, &decision, &cause).await?;
    tx.commit().await?;
    history::find(app, asker, id).await
}

pub(super) async fn record(
    tx: &mut Tx,
    asker: &Asker,
    payment: &PaymentRow,
    act: &'static str,
    now: Timestamp,
) -> Result<(), PaymentError> {
    let entry = Entry {
        actor: Actor::User(asker.user_id),
        on_behalf_of: None,
        issuer_id: Some(payment.issuer_id),
        act,
        object_kind: "payment",
        object_id: &payment.id.to_string(),
        before: None,
        after: Some(json!({ "number": payment.number, "amount": payment.amount_text, "bank": payment.bank })),
        request_id: Some(&asker.request_id),
    };
    Ok(audit::record(tx, now, entry).await?)
}
