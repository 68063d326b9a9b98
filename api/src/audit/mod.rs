//! The audit log: who did what to what, on whose behalf, and how it was before and after.
//!
//! Promises: rows are written in the transaction of the act, so neither exists without the other; triggers refuse to
//! change or delete them; each row carries the hash of the row before it in its issuer's chain, so that a row that was
//! changed, taken out or put in behind our back is named by [`verify`].
//!
//! It does not keep secrets, tokens or documents: callers give ids, states and the few fields an act changed. And it
//! does not stop somebody who may write to the database from making a whole chain anew: whoever needs that keeps the
//! heads that `verify` reports elsewhere.
mod chain;
mod record;
mod store;
mod verify;

pub use record::{Actor, Entry, record};
pub use store::{Done, Told, Wanted, list_done_by, list_newest, list_of, newest};
pub use verify::{AuditReport, BrokenLink, LinkFault, verify};
