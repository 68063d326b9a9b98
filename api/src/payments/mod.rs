//! What customers owe and pay: receivables, one payment of many of them, the trip to the bank, what the bank said, the
//! ledger.
//!
//! Promises: a balance is a sum and never stored; what a payment may cover is reserved when it is ordered, under locks
//! taken in one order, so that two people cannot pay one invoice twice; what a bank says is kept before it is judged,
//! and judged by one pure function ([`model`]); money that arrives is entered once, however often and however late it
//! is told, and what of it finds nothing to pay becomes a credit, never a negative balance. Confirmed by the bank and
//! applied to the invoices are two facts.
//!
//! It does not issue the complemento de pago, and it never asks for anything a bank asks for.
pub mod attachments;
pub mod balances;
pub mod banks;
pub mod beside;
pub mod console;
pub mod deposits;
mod entered;
mod events;
pub mod evidence;
pub mod export;
pub mod files;
pub mod history;
pub mod how;
pub mod invoices;
pub mod jobs;
mod ledger;
mod letters;
pub mod model;
pub mod operations;
pub mod orphans;
pub mod owed;
pub mod rates;
pub mod receipts;
pub mod receivables;
pub mod resource;
pub mod reviews;
pub mod routes;
pub mod search;
pub mod service;
mod settle;
pub mod settlement;
pub mod statements;
mod store;
pub mod sums;
pub mod trips;
pub mod verify;

use fiscal::MoneyError;
use jiff::tz::TimeZone;
use shared::FieldErrors;
use shared::profiles::Apply;
use uuid::Uuid;

use crate::App;
use crate::accounts::CustomerId;
use crate::db::{DbError, Timestamp};
use crate::issuers::{Issuer, Scope};
use crate::mail::LayoutError;
use crate::threads::Ended;

/// Whether the issuer's ERP says when a confirmed payment is applied: by the settings, or by its profile.
fn erp_applies(app: &App, issuer: &Issuer) -> bool {
    app.config.payments.erp_applies.contains(&issuer.slug) || app.profiles.of(issuer).apply == Apply::OnErp
}

/// The Banco de México's own calendar, and the one of what is nobody's in particular: the name of a download. Due days and
/// the months of the history are counted by the clock of their issuer.
const CALENDAR: &str = "America/Mexico_City";

/// What can go wrong for the caller.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// No such payment, or not this customer's.
    #[error("there is no such payment for this caller")]
    NotFound,
    /// This person may see, not pay.
    #[error("this person may not pay")]
    PayerNeeded,
    /// Some fields are wrong.
    #[error("some fields are wrong")]
    Fields(FieldErrors),
    /// Its bank has answered, or may be answering.
    #[error("the payment can no longer be cancelled")]
    NotCancellable,
    /// It is paid, under way, may still be charged, or has tried too often.
    #[error("the payment cannot go to a bank again")]
    NotRetryable,
    /// It does not stand where this could be done to it.
    #[error("the payment does not stand there")]
    NothingToDecide,
    /// The bank cannot be reached.
    #[error("the bank cannot be reached")]
    BankUnavailable,
    /// The first request with this key has not finished.
    #[error("the key is in use")]
    KeyInFlight,
    /// The key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// An amount that cannot be counted.
    #[error("counting money")]
    Money(#[from] MoneyError),
    /// The thread that printed a paper broke.
    #[error("waiting for a paper")]
    Printing(#[source] Ended),
    /// A paper could not be printed.
    #[error("printing a paper")]
    Paper(#[source] pdf::PdfError),
    /// A table for spreadsheets could not be written.
    #[error("writing a table")]
    Table(#[source] zip::result::ZipError),
    /// The answer could not be written.
    #[error("writing an answer")]
    Write(#[from] serde_json::Error),
    /// The letter could not be laid out.
    #[error("writing a letter")]
    Letter(#[from] LayoutError),
    /// The database.
    #[error("reading or writing payments")]
    Db(#[from] DbError),
}

/// A signed-in person who asks for a customer's money matters.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The person.
    pub user_id: Uuid,
    /// The customer: the filter of every query.
    pub customer: CustomerId,
    /// This issuer's part of it alone.
    pub only: Option<Scope>,
    /// May order and give up payments.
    pub may_pay: bool,
    /// For the audit log.
    pub request_id: String,
}

/// The civil day of an instant where the central bank is.
fn central_day(at: Timestamp) -> jiff::civil::Date {
    at.jiff().to_zoned(TimeZone::get(CALENDAR).unwrap_or(TimeZone::UTC)).date()
}
