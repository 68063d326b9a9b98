//! What staff and ERPs do with a payment: apply it, take it back, place its credit, say what became of it, and close what
//! asked to be looked at. Every act is written down with who did it.
use fiscal::{Amount, Currency, FormaPago};
use serde_json::{Value, json};
use shared::payments::{AmountToPay, BankCode, PaymentState, typed_line};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::how::{How, Teller};
use super::ledger;
use super::model::{Event, Finding, after};
use super::settle::{self, Cause};
use super::store::ledger::{self as entries, EntryKind};
use super::store::payments::{self as store, NewAllocation, PaymentRow, Which};
use super::store::{attempts, entered, receivables, reviews, unreadable};
use super::{PaymentError, events, letters, rates, resource, service};
use crate::App;
use crate::accounts::CustomerId;
use crate::audit::{self, Actor, Entry};
use crate::db::Tx;
use crate::http::idempotency::{self, Claim, Saved};
use crate::issuers::{self, Scope};

/// Longest reason or note, in characters.
pub const REASON_MAX: usize = 300;
/// Invoices that one act may put a credit on.
pub const CREDIT_LINES_MAX: usize = 100;

/// Who acts, for the audit log.
#[derive(Debug, Clone)]
pub struct By {
    /// Staff, or a program.
    pub actor: Actor,
    /// Number of the request.
    pub request_id: String,
}

/// The payment, locked, of this issuer.
async fn locked(tx: &mut Tx, scope: Scope, id: Uuid) -> Result<PaymentRow, PaymentError> {
    attempts::lock(tx, scope, id).await?;
    store::find(tx, Which::OfIssuer(scope, id)).await?.ok_or(PaymentError::NotFound)
}

/// Applies a confirmed payment to its invoices, where the issuer's ERP says when. `false`: it was applied before.
pub async fn apply(app: &App, scope: Scope, id: Uuid, by: &By) -> Result<bool, PaymentError> {
    let mut tx = app.db.begin().await?;
    let payment = locked(&mut tx, scope, id).await?;
    if payment.confirmed_at.is_none() || payment.reversed_at.is_some() {
        return Err(PaymentError::NothingToDecide);
    }
    if payment.applied_at.is_some() {
        return Ok(false);
    }
    // It is for no invoice: all of it is a credit, which goes where somebody says.
    if payment.is_deposit() {
        return Err(PaymentError::NothingToDecide);
    }
    let transaction = payment.bank_transaction.clone().unwrap_or_default();
    settle::apply(&mut tx, app, &payment, &transaction).await?;
    record(&mut tx, app, &payment, by, ("payment.applied", json!({}))).await?;
    settle::commit(tx).await?;
    Ok(true)
}

/// Takes a confirmed payment back: a returned cheque, a chargeback, money sent back. Its invoices owe again what it paid
/// of them. `false`: it was taken back before.
pub async fn reverse(app: &App, scope: Scope, id: Uuid, reason: &str, by: &By) -> Result<bool, PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let payment = locked(&mut tx, scope, id).await?;
    if payment.confirmed_at.is_none() {
        return Err(PaymentError::NothingToDecide);
    }
    if !store::mark_reversed(&mut tx, scope, id, reason, now).await? {
        return Ok(false);
    }
    let sums = Sums::of(&mut tx, scope, id).await?;
    unapply(&mut tx, app, &payment).await?;
    let transaction = payment.bank_transaction.clone().unwrap_or_default();
    for (kind, minor) in [(EntryKind::CreditUsed, sums.credit()), (EntryKind::Reversal, sums.received())] {
        if minor > 0 {
            let amount = Amount::new(minor, Currency::Mxn);
            entries::insert(&mut tx, app.ids.uuid(), &payment, (kind, amount), &transaction, now).await?;
        }
    }
    store::touch(&mut tx, scope, id, now).await?;
    events::reversed(&mut tx, app, &payment).await?;
    let issuer = issuers::service::find_issuer(&mut tx, scope).await?.ok_or_else(|| unreadable("issuer"))?;
    letters::reversed(&mut tx, app, &issuer, &payment).await?;
    record(&mut tx, app, &payment, by, ("payment.reversed", json!({ "reason": reason }))).await?;
    settle::commit(tx).await?;
    Ok(true)
}

/// Takes the payment off its invoices: each owes again what it paid of it. Parcialidades keep their numbers.
async fn unapply(tx: &mut Tx, app: &App, payment: &PaymentRow) -> Result<(), PaymentError> {
    let (scope, now) = (payment.scope(), app.now());
    let lines = store::list_allocations(tx, &[payment.id]).await?;
    let ids: Vec<Uuid> = lines.iter().map(|line| line.receivable_id).collect();
    receivables::lock(tx, scope, &ids).await?;
    store::release_allocations(tx, scope, payment.id).await?;
    let transaction = payment.bank_transaction.clone().unwrap_or_default();
    for line in &lines {
        let (Some(minor), Some(charge)) = (line.applied_minor, line.applied_charge_minor) else { continue };
        if store::reverse_allocation(tx, scope, line.id).await? {
            let kind = EntryKind::Unapplication { receivable_id: line.receivable_id, receivable_minor: minor };
            let charge = Amount::new(charge, Currency::Mxn);
            entries::insert(tx, app.ids.uuid(), payment, (kind, charge), &transaction, now).await?;
        }
    }
    for row in receivables::list_by_id(tx, scope, None, &ids).await? {
        if row.is_closed && row.pending_minor() > 0 {
            receivables::set_closed(tx, scope, row.id, None).await?;
        }
        receivables::touch(tx, scope, row.id, now).await?;
    }
    Ok(settle::follow_invoices(tx, app, payment).await?)
}

/// What the ledger says of one payment, in centavos.
struct Sums(Vec<(String, i64)>);

impl Sums {
    async fn of(tx: &mut Tx, scope: Scope, id: Uuid) -> Result<Sums, PaymentError> {
        Ok(Sums(entries::list_sums(tx, scope, id).await?))
    }

    fn sum(&self, kind: &str) -> i64 {
        self.0.iter().filter(|(found, _)| found == kind).map(|(_, minor)| *minor).sum()
    }

    /// Not taken back yet.
    fn received(&self) -> i64 {
        self.sum("receipt").saturating_sub(self.sum("reversal"))
    }

    /// Found nothing to pay yet.
    fn credit(&self) -> i64 {
        self.sum("unapplied_credit").saturating_sub(self.sum("credit_used"))
    }
}

/// Says that a payment's credit was sent back to the customer, all of it: a charge that came twice.
pub async fn refund_credit(app: &App, scope: Scope, id: Uuid, reason: &str, by: &By) -> Result<(), PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let payment = locked(&mut tx, scope, id).await?;
    // Also of a payment that was taken back: another trip of it may be paid after that.
    let credit = Sums::of(&mut tx, scope, id).await?.credit();
    if credit <= 0 {
        return Err(PaymentError::NothingToDecide);
    }
    let (credit, transaction) = (Amount::new(credit, Currency::Mxn), payment.bank_transaction.clone());
    for kind in [EntryKind::CreditUsed, EntryKind::Reversal] {
        let transaction = transaction.as_deref().unwrap_or_default();
        entries::insert(&mut tx, app.ids.uuid(), &payment, (kind, credit), transaction, now).await?;
    }
    store::touch(&mut tx, scope, id, now).await?;
    events::changed(&mut tx, app, &payment).await?;
    let told = json!({ "reason": reason, "amount": credit.to_decimal_string() });
    record(&mut tx, app, &payment, by, ("payment.credit_refunded", told)).await?;
    Ok(settle::commit(tx).await?)
}

/// A receivable to put a credit on, and so many pesos of it; `None`: as much as both allow.
pub type CreditLine = (Uuid, Option<Amount>);

/// Reads them as they came: not none, not too many, none twice, and amounts that are some.
pub fn credit_lines<'a>(
    lines: impl ExactSizeIterator<Item = (Uuid, Option<&'a str>)>,
) -> Result<Vec<CreditLine>, FieldErrors> {
    let (mut errors, mut read) = (FieldErrors::default(), Vec::<CreditLine>::new());
    if lines.len() == 0 {
        errors.add("/lines", FieldCode::Required);
    }
    if lines.len() > CREDIT_LINES_MAX {
        errors.add("/lines", FieldCode::TooLong);
    }
    for (index, (receivable, amount)) in lines.take(CREDIT_LINES_MAX).enumerate() {
        if read.iter().any(|(known, _)| *known == receivable) {
            errors.add(format!("/lines/{index}/receivable_id"), FieldCode::Repeated);
        }
        let amount = amount.map(|text| pesos(&format!("/lines/{index}/amount"), text, &mut errors));
        read.push((receivable, amount.flatten()));
    }
    if errors.is_empty() { Ok(read) } else { Err(errors) }
}

/// Pesos as they were typed, or what is wrong with them.
pub fn pesos(pointer: &str, text: &str, errors: &mut FieldErrors) -> Option<Amount> {
    let read = Amount::parse(text.trim(), Currency::Mxn).ok();
    match read {
        None => errors.add(pointer, FieldCode::Amount),
        Some(amount) if !amount.is_positive() => errors.add(pointer, FieldCode::NotPositive),
        Some(_) => {}
    }
    read
}

/// What a program calls an act, so that it is done once.
#[derive(Debug, Clone, Copy)]
pub struct Once<'a> {
    /// Whose name it is.
    pub owner: &'a str,
    /// The name.
    pub key: &'a str,
    /// SHA-256 of the request.
    pub sha256: [u8; 32],
}

/// Puts a payment's credit on invoices of its customer's, and answers with the payment; to the same name, the same.
pub async fn apply_credit_once(
    app: &App,
    (scope, id): (Scope, Uuid),
    lines: &[CreditLine],
    by: &By,
    Once { owner, key, sha256 }: Once<'_>,
) -> Result<Saved, PaymentError> {
    let mut tx = app.db.begin().await?;
    match idempotency::claim(&mut tx, owner, key, sha256, app.now()).await? {
        Claim::Fresh => {}
        Claim::Replay(saved) => return Ok(saved),
        Claim::InFlight => return Err(PaymentError::KeyInFlight),
        Claim::Reused => return Err(PaymentError::KeyReused),
    }
    put_credit(&mut tx, app, (scope, id), lines, by).await?;
    let saved = Saved::json(200, &resource::find(&mut tx, scope, id).await?)?;
    idempotency::finish(&mut tx, owner, key, &saved).await?;
    settle::commit(tx).await?;
    Ok(saved)
}

/// Puts a payment's credit on invoices of its customer's.
pub async fn apply_credit(
    app: &App,
    scope: Scope,
    id: Uuid,
    lines: &[CreditLine],
    by: &By,
) -> Result<(), PaymentError> {
    let mut tx = app.db.begin().await?;
    put_credit(&mut tx, app, (scope, id), lines, by).await?;
    Ok(settle::commit(tx).await?)
}

async fn put_credit(
    tx: &mut Tx,
    app: &App,
    (scope, id): (Scope, Uuid),
    lines: &[CreditLine],
    by: &By,
) -> Result<(), PaymentError> {
    let now = app.now();
    let payment = locked(tx, scope, id).await?;
    let mut left = Sums::of(tx, scope, id).await?.credit();
    let waits = payment.applied_at.is_none() && !payment.is_deposit();
    if left <= 0 || waits || payment.reversed_at.is_some() {
        return Err(PaymentError::NothingToDecide);
    }
    let mut ids: Vec<Uuid> = lines.iter().map(|(receivable, _)| *receivable).collect();
    ids.sort();
    receivables::lock(tx, scope, &ids).await?;
    let customer = CustomerId::new(payment.customer_id);
    let mut rows = receivables::list_by_id(tx, scope, Some(customer), &ids).await?;
    rates::quote(tx, app, &mut rows).await?;
    let paid = store::list_allocations(tx, &[id]).await?;
    let mut errors = FieldErrors::default();
    for (index, (receivable, pesos)) in lines.iter().enumerate() {
        let row = rows.iter().find(|row| row.id == *receivable && !row.is_closed);
        let Some(row) = row else {
            errors.add(format!("/lines/{index}/receivable_id"), FieldCode::NoSuchBalance);
            continue;
        };
        // A line that found nothing to pay is none: its invoice may owe again.
        if paid.iter().any(|line| line.receivable_id == *receivable && line.has_paid()) {
            errors.add(format!("/lines/{index}/receivable_id"), FieldCode::Repeated);
            continue;
        }
        let wanted = Amount::new(pesos.map_or(left, |pesos| pesos.minor().min(left)), Currency::Mxn);
        match place_credit(tx, app, &payment, row, wanted).await? {
            Some(used) if pesos.is_none_or(|pesos| pesos.minor() == used) => left = left.saturating_sub(used),
            _ => errors.add(format!("/lines/{index}/amount"), FieldCode::MoreThanAvailable),
        }
    }
    if !errors.is_empty() {
        return Err(PaymentError::Fields(errors));
    }
    store::mark_applied(tx, scope, id, now).await?;
    store::touch(tx, scope, id, now).await?;
    events::applied(tx, app, &payment).await?;
    record(tx, app, &payment, by, ("payment.credit_applied", json!({ "lines": lines.len() }))).await
}

/// Puts so many pesos on a receivable that is locked, as far as it owes. Says how many it took; `None`: none.
pub(super) async fn place_credit(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    row: &receivables::ReceivableRow,
    pesos: Amount,
) -> Result<Option<i64>, PaymentError> {
    let (scope, now, rate) = (payment.scope(), app.now(), row.rate()?);
    let available = Amount::new(row.available_minor(), row.total()?.currency());
    let (_, all) = typed_line(AmountToPay::All, available, rate)?;
    let wanted = if all.checked_cmp(pesos)?.is_le() { AmountToPay::All } else { AmountToPay::Exactly(pesos) };
    let (amount, charge) = typed_line(wanted, available, rate)?;
    if !amount.is_positive() || !charge.is_positive() || amount.minor() > available.minor() {
        return Ok(None);
    }
    let allocation = NewAllocation {
        id: app.ids.uuid(),
        payment_id: payment.id,
        receivable_id: row.id,
        amount,
        charge,
        rate,
        rate_of: row.rate_of(),
        pending_minor: row.pending_minor(),
        from_credit: true,
    };
    store::insert_allocation(tx, scope, &allocation, now).await?;
    let held = ledger::Held {
        id: allocation.id,
        receivable_id: row.id,
        amount,
        charge,
        rate,
        reserved: true,
        from_credit: true,
    };
    let room = ledger::Room {
        pending_minor: row.pending_minor(),
        reserved_minor: row.reserved_minor,
        parcialidades: row.parcialidades,
    };
    let placed = ledger::place(&held, room)?;
    store::place_allocation(tx, scope, &placed, now).await?;
    let (receivable_id, receivable_minor) = (placed.receivable_id, placed.applied.minor());
    let transaction = payment.bank_transaction.clone().unwrap_or_default();
    for kind in [EntryKind::Application { receivable_id, receivable_minor }, EntryKind::CreditUsed] {
        entries::insert(tx, app.ids.uuid(), payment, (kind, placed.applied_charge), &transaction, now).await?;
    }
    receivables::touch(tx, scope, row.id, now).await?;
    if placed.after_minor <= 0 {
        receivables::set_closed(tx, scope, row.id, Some(now)).await?;
    }
    Ok(Some(placed.applied_charge.minor()))
}

/// What somebody says who looked at the bank's own account.
#[derive(Debug, Clone)]
pub struct Looked<'a> {
    /// Of which trip; the one that is still open when nobody says it.
    pub trip: Option<i64>,
    /// Whether the money is there.
    pub finding: Finding,
    /// The bank's number of it.
    pub transaction: Option<&'a str>,
    /// By which form it came, when that is known.
    pub forma: Option<FormaPago>,
    /// For whoever asks later.
    pub note: &'a str,
}

/// Ends what a bank left open, by somebody who looked at the bank's own account.
pub async fn decide(app: &App, scope: Scope, id: Uuid, said: &Looked<'_>, by: &By) -> Result<(), PaymentError> {
    let Looked { trip, finding, transaction, forma, note } = said;
    let mut tx = app.db.begin().await?;
    let payment = trip_of(&mut tx, scope, id, *trip).await?;
    let decision = after(&payment.standing()?, &Event::Looked(finding.clone()));
    if decision.next == payment.state()? {
        return Err(PaymentError::NothingToDecide);
    }
    let received = match finding {
        Finding::Arrived(amount) => Some(*amount),
        Finding::NeverArrived => None,
    };
    if let (Some(amount), Some(number)) = (received, *transaction) {
        not_entered(&mut tx, &payment, number, amount).await?;
    }
    let cause = Cause {
        actor: by.actor,
        evidence_id: None,
        transaction: transaction.or(payment.bank_transaction.as_deref()),
        received,
        request_id: Some(&by.request_id),
    };
    settle::carry_out(&mut tx, app, &payment, &decision, &cause).await?;
    if decision.next == PaymentState::Confirmed {
        let by_way = (payment.bank()? == BankCode::Spei).then_some(FormaPago::Transferencia);
        let told = forma.map(|forma| (forma, Teller::Staff)).or(by_way.map(|forma| (forma, Teller::Bank)));
        if let Some((forma, teller)) = told {
            settle::note_how(&mut tx, app, &payment, &How::by(forma), teller).await?;
        }
    }
    let arrived = decision.next == PaymentState::Confirmed;
    let told = json!({ "note": note, "arrived": arrived, "trip": payment.trip });
    record(&mut tx, app, &payment, by, ("payment.decided", told)).await?;
    settle::commit(tx).await?;
    app.wake.notify_one();
    Ok(())
}

/// The payment, locked, by one of its trips. When none is named: the one that its customer sees, unless that one ended and
/// another has not.
async fn trip_of(tx: &mut Tx, scope: Scope, id: Uuid, trip: Option<i64>) -> Result<PaymentRow, PaymentError> {
    let current = locked(tx, scope, id).await?;
    let trip = match trip {
        Some(trip) => trip,
        None if current.state()?.is_open() => return Ok(current),
        None => {
            let all = attempts::list(tx, scope, id).await?;
            let open = all.iter().find(|row| PaymentState::parse(&row.state).is_some_and(PaymentState::is_open));
            open.map_or(current.trip, |row| row.trip)
        }
    };
    let found = store::find(tx, Which::Trip(scope, id, trip)).await?;
    found.ok_or_else(|| service::wrong("/trip", FieldCode::NotInCatalog))
}

/// What is entered for one trip is not there a second time for another. Nobody enters it meanwhile by another door.
async fn not_entered(tx: &mut Tx, payment: &PaymentRow, number: &str, amount: Amount) -> Result<(), PaymentError> {
    entered::lock(tx, payment.scope()).await?;
    let rows = entered::list(tx, payment.scope(), payment.bank()?, (number, amount.minor())).await?;
    if rows.is_empty() { Ok(()) } else { Err(service::wrong("/bank_transaction", FieldCode::MoneyEntered)) }
}

/// Says by which form a payment's money came, where its bank did not, or not rightly. `false`: it was said before.
pub async fn set_forma(app: &App, scope: Scope, id: Uuid, forma: FormaPago, by: &By) -> Result<bool, PaymentError> {
    let mut tx = app.db.begin().await?;
    let payment = locked(&mut tx, scope, id).await?;
    if payment.confirmed_at.is_none() {
        return Err(PaymentError::NothingToDecide);
    }
    if !settle::note_how(&mut tx, app, &payment, &How::by(forma), Teller::Staff).await? {
        return Ok(false);
    }
    events::changed(&mut tx, app, &payment).await?;
    let told = json!({ "forma_de_pago": forma.code(), "before": payment.forma_de_pago });
    record(&mut tx, app, &payment, by, ("payment.forma_set", told)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Notes that somebody looked at what asked for it, and what came of it.
pub async fn close_review(app: &App, scope: Scope, id: Uuid, note: &str, by: &By) -> Result<(), PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let review = reviews::find(&mut tx, scope, id).await?.ok_or(PaymentError::NotFound)?;
    let payment = locked(&mut tx, scope, review.payment_id).await?;
    let who = by.actor.to_string();
    if !reviews::mark_closed(&mut tx, scope, id, (note, &who), now).await? {
        return Err(PaymentError::NothingToDecide);
    }
    let told = json!({ "review": id.to_string(), "reason": review.reason, "note": note });
    record(&mut tx, app, &payment, by, ("payment.reviewed", told)).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn record(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    by: &By,
    (act, told): (&'static str, Value),
) -> Result<(), PaymentError> {
    let entry = Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(payment.issuer_id),
        act,
        object_kind: "payment",
        object_id: &payment.id.to_string(),
        before: None,
        after: Some(told),
        request_id: Some(&by.request_id),
    };
    Ok(audit::record(tx, app.now(), entry).await?)
}

/// A reason or a note as it was typed: trimmed, not empty, not too long.
pub fn reason(pointer: &str, text: &str, errors: &mut FieldErrors) -> String {
    let text = text.trim();
    if text.is_empty() {
        errors.add(pointer, FieldCode::Required);
    } else if text.chars().count() > REASON_MAX {
        errors.add(pointer, FieldCode::TooLong);
    } else if text.chars().any(|c| c.is_control() && c != '\n') {
        errors.add(pointer, FieldCode::Characters);
    }
    text.to_owned()
}
