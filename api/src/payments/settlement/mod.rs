//! Files of banks: what they say of payments, line by line.
//!
//! Promises: a file is kept with its lines before any is acted on, and a process that dies in the middle goes on where it
//! was; each line is evidence like any other word of a bank and judged by the same function; the same line in another
//! file changes nothing; a line that names nothing of ours is kept for somebody to look at. Of the payer it keeps nothing.
mod csv;
mod lines;
mod multipagos;

use fiscal::{Amount, Currency};
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::payments::{BankCode, SettlementFileView, SettlementLineView, SettlementResult};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use self::lines::{FileFault, FileLine, Numbered};
use super::deposits::{self, Deposit, Received};
use super::entered::{self, Entered};
use super::files::{Line, Said};
use super::how::How;
use super::model::{ENTERED, PAID_BEFORE, ReviewReason, UNTRUSTED};
use super::operations::By;
use super::settle::review;
use super::store::payments::{self, PaymentRow, Which};
use super::store::settlement::{self as store, FileRow, LineRow, NewFile, NewLine};
use super::store::{entered as entered_rows, unreadable};
use super::{PaymentError, evidence, service};
use crate::App;
use crate::accounts::CustomerId;
use crate::audit::{self, Entry};
use crate::db::{Conn, Tx};
use crate::failpoint::{self, Failpoint};
use crate::issuers::{IssuerId, Scope};
use crate::jobs::{self, JobKind, Outcome};

/// Largest file.
pub const FILE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// Lines of one file.
pub const LINES_MAX: usize = 5_000;
/// Longest name of a file, in characters.
const NAME_MAX: usize = 200;
/// Lines settled before the queue gets its turn again.
const LINES_PER_RUN: i64 = 100;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Multipagos, fixed widths.
    Multipagos,
    /// A table.
    Csv,
}

impl Format {
    /// As kept in the table and as written in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Format::Multipagos => "multipagos",
            Format::Csv => "csv",
        }
    }

    /// Reads it.
    pub fn parse(text: &str) -> Option<Format> {
        [Format::Multipagos, Format::Csv].into_iter().find(|format| format.as_str() == text)
    }
}

/// A file as somebody brings it in.
#[derive(Debug, Clone, Copy)]
pub struct Brought<'a> {
    /// What kind it is.
    pub format: Format,
    /// Whose it is.
    pub bank: BankCode,
    /// What it is called.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Keeps a file with its lines and begins to settle them. The same file again is the same file.
pub async fn bring(app: &App, scope: Scope, file: &Brought<'_>, by: &By) -> Result<SettlementFileView, PaymentError> {
    let sha256 = Sha256::digest(file.bytes);
    if let Some(known) = store::find_by_sha(&mut app.db.read().await?, scope, &sha256).await? {
        return view(&mut app.db.read().await?, scope, known).await;
    }
    let lines = lines::read(file.format, file.bytes).map_err(|fault| {
        let mut errors = FieldErrors::default();
        errors.add(
            "/file",
            match fault {
                FileFault::Empty => FieldCode::Required,
                FileFault::TooLong => FieldCode::TooLong,
                FileFault::Columns => FieldCode::Shape,
            },
        );
        PaymentError::Fields(errors)
    })?;
    let id = keep(app, scope, file, (&sha256, &lines), by).await?;
    // The first lines at once, for whoever waits; the queue does the rest, and all of it should this process die.
    run(app, id).await?;
    app.wake.notify_one();
    find(&mut app.db.read().await?, scope, id).await
}

async fn keep(
    app: &App,
    scope: Scope,
    file: &Brought<'_>,
    (sha256, lines): (&[u8], &[Numbered]),
    by: &By,
) -> Result<Uuid, PaymentError> {
    let (id, now, who) = (app.ids.uuid(), app.now(), by.actor.to_string());
    let name: String = file.name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
    let mut tx = app.db.begin().await?;
    let new = NewFile {
        id,
        format: file.format.as_str(),
        bank: file.bank.as_str(),
        name: &name,
        sha256,
        line_count: i64::try_from(lines.len()).unwrap_or(i64::MAX),
        brought_by: &who,
    };
    if !store::insert_file(&mut tx, scope, &new, now).await? {
        drop(tx);
        let known = store::find_by_sha(&mut app.db.read().await?, scope, sha256).await?;
        return Ok(known.ok_or_else(|| unreadable("file"))?.id);
    }
    for (number, line) in lines {
        let number = i64::try_from(*number).unwrap_or(i64::MAX);
        let new = match line {
            Ok(read) => new_line(file.bank, read),
            Err(part) => NewLine { result: Some((SettlementResult::Unreadable, part)), ..NewLine::default() },
        };
        store::insert_line(&mut tx, scope, (id, number), &new, now).await?;
    }
    jobs::enqueue(&mut tx, &app.ids, JobKind::SettleFile, id, now).await?;
    let entry = Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "settlement_file.brought",
        object_kind: "settlement_file",
        object_id: &id.to_string(),
        before: None,
        after: Some(json!({ "format": new.format, "bank": new.bank, "lines": new.line_count })),
        request_id: Some(&by.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    Ok(id)
}

fn new_line(bank: BankCode, read: &FileLine) -> NewLine {
    let raw = read.line.canonical();
    let key = Sha256::digest([bank.as_str().as_bytes(), b"\n", &read.line.key()].concat()).to_vec();
    let minor = |amount: Option<Amount>| amount.map(Amount::minor);
    NewLine {
        raw: Some(String::from_utf8_lossy(&raw).into_owned()),
        line_key: Some(key),
        merchant_order: read.line.order.clone(),
        merchant_reference: Some(read.line.reference.clone()),
        bank_transaction: Some(read.line.transaction.clone()),
        amount_minor: Some(read.line.amount.minor()),
        fee_minor: minor(read.fee),
        fee_tax_minor: minor(read.fee_tax),
        paid_on: read.paid_on.clone(),
        paid_out_on: read.paid_out_on.clone(),
        result: None,
    }
}

/// The queue's part: goes on with a file.
pub async fn go_on(app: &App, id: Uuid) -> Outcome {
    match run(app, id).await {
        Ok(true) => Outcome::Done,
        Ok(false) => Outcome::RetryAt { at: app.now(), reason: "more lines wait".into() },
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

/// Settles lines that wait, some of them. `true`: none waits any more.
async fn run(app: &App, id: Uuid) -> Result<bool, PaymentError> {
    let waiting = {
        let mut conn = app.db.read().await?;
        let Some(file) = store::find_file_of_job(&mut conn, id).await? else { return Ok(true) };
        let scope = Scope::of(IssuerId::new(file.issuer_id));
        let lines = store::list_waiting(&mut conn, scope, id, LINES_PER_RUN + 1).await?;
        (file, scope, lines)
    };
    let (file, scope, lines) = waiting;
    let bank = BankCode::parse(&file.bank).ok_or_else(|| unreadable("bank"))?;
    let more = i64::try_from(lines.len()).unwrap_or(i64::MAX) > LINES_PER_RUN;
    for line in lines.iter().take(usize::try_from(LINES_PER_RUN).unwrap_or(usize::MAX)) {
        let Settled { result, payment, unheard } = settle(app, scope, bank, line).await?;
        let mut tx = app.db.begin().await?;
        let first = store::mark_settled(&mut tx, scope, (id, line.line), (result, payment), app.now()).await?;
        if let Some(payment) = unheard.filter(|_| first) {
            review(&mut tx, app, &payment, ReviewReason::TooMuchSaid, None).await?;
        }
        tx.commit().await?;
        failpoint::hit(Failpoint::BetweenFileLines);
    }
    if !more {
        let mut tx = app.db.begin().await?;
        store::mark_done(&mut tx, scope, id, app.now()).await?;
        tx.commit().await?;
    }
    Ok(!more)
}

/// What a line came to.
struct Settled {
    result: SettlementResult,
    payment: Option<Uuid>,
    /// The line was not kept, and somebody has to look at this payment.
    unheard: Option<PaymentRow>,
}

impl From<(SettlementResult, Option<Uuid>)> for Settled {
    fn from((result, payment): (SettlementResult, Option<Uuid>)) -> Settled {
        Settled { result, payment, unheard: None }
    }
}

async fn settle(app: &App, scope: Scope, bank: BankCode, row: &LineRow) -> Result<Settled, PaymentError> {
    let (line, raw) = {
        let raw = row.raw.as_deref().ok_or_else(|| unreadable("line"))?.as_bytes();
        (Line::parse(raw).ok_or_else(|| unreadable("line"))?, raw)
    };
    let (payment, before) = {
        let mut conn = app.db.read().await?;
        let key = row.line_key.as_deref().unwrap_or_default();
        let place = (row.file_id, row.line);
        let before = store::find_settled(&mut conn, scope, key, place, row.paid_on.as_deref()).await?;
        (named(&mut conn, scope, bank, &line).await?, before)
    };
    if let Some(before) = before {
        evidence::learn(app, scope, before, &line).await?;
        return Ok((SettlementResult::Repeated, before).into());
    }
    let Some(payment) = payment else {
        let how = line.how();
        let deposit = deposit(bank, &line, &how);
        let found = match line.said {
            Said::Paid => deposits::receive_named(app, scope, &deposit, raw).await?,
            _ => None,
        };
        return Ok(found.map_or((SettlementResult::NotFound, None), settled).into());
    };
    let Some((verdict, was_open)) = evidence::hear_line(app, &payment, raw).await? else {
        let (result, payment_id) = (SettlementResult::Review, Some(payment.id));
        return Ok(Settled { result, payment: payment_id, unheard: Some(payment) });
    };
    let result = match verdict.as_str() {
        "paid" if was_open => SettlementResult::Confirmed,
        "paid" => SettlementResult::ConfirmedLate,
        PAID_BEFORE | "declined_known" | "pending_known" => SettlementResult::Known,
        ENTERED => return Ok((SettlementResult::Known, elsewhere(app, scope, bank, &line).await?).into()),
        "amount" => SettlementResult::AmountDiffers,
        "declined" => SettlementResult::Declined,
        "pending" => SettlementResult::Pending,
        UNTRUSTED => SettlementResult::NotFound,
        _ => SettlementResult::Review,
    };
    Ok((result, Some(payment.id)).into())
}

fn settled(received: Received) -> (SettlementResult, Option<Uuid>) {
    match received {
        Received::Made(id) => (SettlementResult::Deposit, Some(id)),
        Received::Known(id) => (SettlementResult::Known, Some(id)),
    }
}

/// The payment that the money of a line is entered for, whichever one the line names.
async fn elsewhere(app: &App, scope: Scope, bank: BankCode, line: &Line) -> Result<Option<Uuid>, PaymentError> {
    let money = (line.transaction.as_str(), line.amount.minor());
    let rows = entered_rows::list(&mut app.db.read().await?, scope, bank, money).await?;
    Ok(match entered::of_customer(&rows, None, line.how().given.as_deref()) {
        Entered::This(row) => Some(row.id),
        _ => None,
    })
}

fn deposit<'a>(bank: BankCode, line: &'a Line, how: &'a How) -> Deposit<'a> {
    Deposit { bank, transaction: &line.transaction, amount: line.amount, reference: &line.reference, how }
}

/// The trip that a line names: by its order, or by its reference alone when the file has no orders.
async fn named(
    conn: &mut impl Conn,
    scope: Scope,
    bank: BankCode,
    line: &Line,
) -> Result<Option<PaymentRow>, PaymentError> {
    let which = match &line.order {
        Some(order) => Which::Order(bank, order),
        None => Which::Reference(scope, bank, &line.reference),
    };
    let found = payments::find(conn, which).await?;
    Ok(found.filter(|payment| payment.scope() == scope && payment.merchant_reference == line.reference))
}

/// Gives a line that named nothing of ours to a customer, by somebody who knows whose it is. Money that is entered already
/// is entered once: the line is then that payment's, and another customer's money is not this one's.
pub async fn assign(
    app: &App,
    scope: Scope,
    (file, line): (Uuid, i64),
    customer: CustomerId,
    by: &By,
) -> Result<Uuid, PaymentError> {
    let (bank, row) = {
        let mut conn = app.db.read().await?;
        let file_row = store::find_file(&mut conn, scope, file).await?.ok_or(PaymentError::NotFound)?;
        let row = store::find_line(&mut conn, scope, (file, line)).await?.ok_or(PaymentError::NotFound)?;
        (BankCode::parse(&file_row.bank).ok_or_else(|| unreadable("bank"))?, row)
    };
    if row.result.as_deref() != Some(SettlementResult::NotFound.as_str()) {
        return Err(PaymentError::NothingToDecide);
    }
    let raw = row.raw.as_deref().ok_or(PaymentError::NothingToDecide)?.as_bytes();
    let read = Line::parse(raw).ok_or_else(|| unreadable("line"))?;
    let how = read.how();
    let whose = (customer, deposits::By::Somebody);
    let received = deposits::receive(app, scope, whose, &deposit(bank, &read, &how), raw).await?;
    let (result, id) = match received.ok_or_else(|| service::wrong("/rfc", FieldCode::MoneyEntered))? {
        Received::Made(id) => (SettlementResult::Deposit, id),
        Received::Known(id) => (SettlementResult::Known, id),
    };
    let mut tx = app.db.begin().await?;
    store::mark_assigned(&mut tx, scope, (file, line), (result, id), app.now()).await?;
    record_assignment(&mut tx, app, scope, id, by).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(id)
}

async fn record_assignment(tx: &mut Tx, app: &App, scope: Scope, payment: Uuid, by: &By) -> Result<(), PaymentError> {
    let entry = Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "deposit.assigned",
        object_kind: "payment",
        object_id: &payment.to_string(),
        before: None,
        after: None,
        request_id: Some(&by.request_id),
    };
    Ok(audit::record(tx, app.now(), entry).await?)
}

/// An issuer's files, the newest first, before a key.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    before: Option<(crate::db::Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(crate::db::Timestamp, SettlementFileView)>, PaymentError> {
    let mut all = Vec::new();
    for row in store::list_files(conn, scope, before, limit).await? {
        all.push((row.created_at, view(conn, scope, row).await?));
    }
    Ok(all)
}

/// One file, with what became of its lines in sum.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<SettlementFileView, PaymentError> {
    let row = store::find_file(conn, scope, id).await?.ok_or(PaymentError::NotFound)?;
    view(conn, scope, row).await
}

/// A file's lines, after a number.
pub async fn list_lines(
    conn: &mut impl Conn,
    scope: Scope,
    (file, only): (Uuid, Option<SettlementResult>),
    after: i64,
    limit: i64,
) -> Result<Vec<SettlementLineView>, PaymentError> {
    store::find_file(conn, scope, file).await?.ok_or(PaymentError::NotFound)?;
    let rows = store::list_lines(conn, scope, (file, only), after, limit).await?;
    rows.into_iter().map(line_view).collect()
}

async fn view(conn: &mut impl Conn, scope: Scope, row: FileRow) -> Result<SettlementFileView, PaymentError> {
    let counts = store::count_results(conn, scope, row.id).await?;
    let mut results = std::collections::BTreeMap::new();
    for (result, count) in counts {
        let name = result.unwrap_or_else(|| "waiting".to_owned());
        results.insert(name, u64::try_from(count).unwrap_or(0));
    }
    Ok(SettlementFileView {
        id: row.id,
        format: row.format,
        bank: BankCode::parse(&row.bank).ok_or_else(|| unreadable("bank"))?,
        name: row.name,
        lines: u64::try_from(row.line_count).unwrap_or(0),
        results,
        created_at: row.created_at.to_string(),
        done: row.done_at.is_some(),
    })
}

fn line_view(row: LineRow) -> Result<SettlementLineView, PaymentError> {
    let pesos = |minor: Option<i64>| minor.map(|minor| Amount::new(minor, Currency::Mxn).to_decimal_string());
    let result = row.result.as_deref().map(|text| SettlementResult::parse(text).ok_or_else(|| unreadable("result")));
    let unread = row.raw.is_none();
    Ok(SettlementLineView {
        line: u64::try_from(row.line).unwrap_or(0),
        result: result.transpose()?,
        unreadable_part: row.merchant_reference.clone().filter(|_| unread),
        payment_id: row.payment_id,
        reference: row.merchant_reference.filter(|_| !unread),
        bank_transaction: row.bank_transaction,
        amount: pesos(row.amount_minor),
        fee: pesos(row.fee_minor),
        fee_tax: pesos(row.fee_tax_minor),
        paid_on: row.paid_on,
        paid_out_on: row.paid_out_on,
    })
}
