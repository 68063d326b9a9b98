//! People: customers and their contracts, registering, signing in, passwords, sessions.
//!
//! Promises: what a stranger asks gets one answer, at one cost, whether it matches anybody or not (A2); passwords are
//! kept as argon2id, hashed a bounded number at a time; a session ends within one request of being ended, since every
//! request reads its row. [`guard`] is the only door to what a customer may see.
//!
//! It does not know documents or money, and what belongs to an issuer is the issuer's: a customer is the group's.
pub mod attempts;
pub mod console;
pub mod contracts;
pub mod email_change;
mod entry;
mod events;
pub mod externals;
pub mod first_entries;
pub mod guard;
pub mod hashing;
mod letters;
pub mod links;
pub mod mailboxes;
pub mod members;
pub mod model;
mod pages;
pub mod parts;
pub mod passkeys;
mod password;
pub mod people;
pub mod privacy;
pub mod routes;
pub mod second_factor;
pub mod sessions;
pub mod staff;
mod store;
pub mod temporaries;
pub mod tokens;
pub mod work;

use shared::FieldErrors;

use crate::counters::Full;
use crate::db::DbError;
use crate::issuers::custody::VaultError;
use crate::mail::LayoutError;
use hashing::HashError;

pub use model::{Caller, CustomerId, NewCustomer, Reach, SessionId, UserId};

/// What can go wrong for the caller.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No user has this name and this password.
    #[error("no user has this name and this password")]
    WrongCredentials,
    /// The code is not the present one, or was used.
    #[error("the code is not good")]
    WrongCode,
    /// The passkey's answer is not good.
    #[error("the passkey's answer is not good")]
    PasskeyRefused,
    /// The portal stands at an IP address.
    #[error("no browser takes a passkey for this address")]
    PasskeysUnavailable,
    /// The library of passkeys failed.
    #[error("using a passkey")]
    Passkey(#[from] passkeys::Failure),
    /// A request about personal data is answered once.
    #[error("the request was answered before")]
    CaseAnswered,
    /// The challenge is not ours, over, or of another password.
    #[error("the challenge is not good")]
    SecondStepExpired,
    /// Staff cannot do without the second step.
    #[error("staff keep their second step")]
    SecondFactorCompulsory,
    /// The last proof of who this is was too long ago.
    #[error("a proof of who this is, is too old")]
    ProofNeeded,
    /// No proof of work, or none that is good.
    #[error("no good proof of work")]
    WorkNeeded,
    /// Too many letters to one address.
    #[error("too many letters to one address")]
    MailLimit,
    /// Only an owner of the customer's account may: of each of them, where somebody has several.
    #[error("only an owner of the account may")]
    OwnerNeeded,
    /// Only whoever runs the whole installation may.
    #[error("only an operator of the installation may")]
    HouseNeeded,
    /// The last one who can do this cannot go.
    #[error("nobody else could do this")]
    LastOne,
    /// The QR code could not be drawn.
    #[error("drawing a QR code: {0}")]
    Qr(String),
    /// A secret does not open under this master key.
    #[error("opening a sealed secret")]
    Sealed(#[from] VaultError),
    /// Too many wrong passwords.
    #[error("signing in is held for {} s", .0.retry_after_seconds)]
    Held(Full),
    /// Too many wrong codes in a row.
    #[error("the second step is held for {} s", .0.retry_after_seconds)]
    SecondStepHeld(Full),
    /// More tries than an hour has.
    #[error("too many tries; the next one is in {} s", .0.retry_after_seconds)]
    TooOften(Full),
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    SignedOut,
    /// The link is not ours, was used, or its time is over.
    #[error("the link is not good")]
    LinkExpired,
    /// No such thing, or not for this caller.
    #[error("there is no such thing for this caller")]
    NotFound,
    /// Some fields are wrong.
    #[error("some fields are wrong")]
    Fields(FieldErrors),
    /// The password could not be hashed.
    #[error("hashing a password")]
    Hash(#[from] HashError),
    /// The access token could not be signed.
    #[error("signing an access token")]
    Sign(#[from] jsonwebtoken::errors::Error),
    /// The letter could not be laid out.
    #[error("writing a letter")]
    Letter(#[from] LayoutError),
    /// The database.
    #[error("reading or writing accounts")]
    Db(#[from] DbError),
}

/// Who acts, for counters, the session list and the audit log.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Source address, as counted.
    pub source: String,
    /// Browser and system.
    pub device: String,
    /// Number of the request.
    pub request_id: String,
}
