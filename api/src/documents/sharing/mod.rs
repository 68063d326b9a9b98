//! A document for others: by letter to addresses that a person names, or by a link; and the trail of who had it.
//!
//! Promises: only the asker's own documents leave, and one foreign id refuses the whole; a letter counts towards its
//! address's day, whoever asked for it; a link names one document, ends by itself, and ends at once when it is revoked,
//! when its document is withdrawn, or when the person who made it no longer belongs to the customer. Only the digest of
//! a link's secret is kept. It shows a customer its own people's acts and nobody else's.
mod letters;
mod links;
pub mod routes;
mod trail;

pub use letters::send;
pub use links::{make, open, open_file, revoke};
pub use trail::trail;

/// Days a link opens.
const LINK_DAYS: i64 = 7;
/// Rows of each part of a trail.
const TRAIL_ROWS: i64 = 20;
