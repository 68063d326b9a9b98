//! Letters: written into the outbox in the transaction of the change that causes them, carried later by a job.
//!
//! At least once, with a stable Message-ID: a letter may arrive twice after a crash, never not at all; one to an address
//! that its server refused is not tried for some days, and says so. This room
//! knows addresses, layout and transport; what a letter says, and what its attachments hold, comes from the domain
//! that writes it.
mod files;
mod layout;
mod mailbox;
mod message;
mod outbox;
mod probe;
mod refusals;
pub mod routes;
mod smtp;
mod store;
mod verify;

use futures::future::BoxFuture;

pub use layout::{Body, Brand, LayoutError, Letter, Link};
pub use mailbox::MailboxMailer;
pub use outbox::{
    AttachmentFormat, AttachmentSource, AttachmentSpec, NewLetter, deliver, enqueue, enqueue_within, give_up,
    letters_of, requeue,
};
pub use probe::{ProbeError, probe};
pub use refusals::{Refusal, RefusedSince, count_refused, purge, refused_since};
pub use smtp::{SmtpMailer, SmtpUrlError};
pub use store::{LetterRow, count_failed_since, list_states, list_written_about};
pub use verify::verify;

/// A whole message, ready for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// `<uuid@host>`, the same on every try.
    pub message_id: String,
    /// Sender as shown: the issuer's name and our address.
    pub from: String,
    /// Our address alone.
    pub from_address: String,
    /// One address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The files it carries.
    pub attachments: Vec<Attached>,
    /// RFC 5322 bytes, the files included.
    pub raw: Vec<u8>,
}

/// A file in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Plain ASCII.
    pub name: String,
    /// `application/pdf`, `application/xml`.
    pub content_type: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Why a letter did not go. The texts are kept and logged, so they name no person and no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Worth another try: no connection, 4xx, no time, or something between us and our own server.
    #[error("the mail server did not take it yet: {0}")]
    Temporary(String),
    /// The server refused the letter for good: 5xx, not for what it said of the address or of us.
    #[error("the mail server refused it: {0}")]
    Permanent(String),
    /// The server takes no letters for this address.
    #[error("the mail server takes nothing for this address: answer {0}")]
    Refused(Refusal),
    /// No message could be made of it. Our fault: somebody must look.
    #[error("the letter cannot be made: {0}")]
    Unsendable(String),
}

/// Carries a message to a mail server, or into the rehearsal's mailbox.
pub trait Mailer: Send + Sync {
    /// Hands the message over. `Ok` means the other side has taken it.
    fn send<'a>(&'a self, message: &'a Outgoing) -> BoxFuture<'a, Result<(), MailError>>;
}
