//! The tax document from outside: what is built validates, what is sealed verifies, what comes back is recognised.
#![expect(clippy::unwrap_used, reason = "a panic in a test is a failed test")]

mod documents;
mod drafts;
mod hostile;
mod keys;
mod lists;
mod sat;
mod stamps;
mod support;
mod tickets;
