//! The API that tills and ERPs call: keys with scopes and limits, and the versioned routes.
//!
//! Promises: a key opens one issuer's rows and nothing else, so another issuer's things answer as things that do not
//! exist; a key is read on every request, so it stops the moment it is revoked; what is documented in
//! `openapi/integrators.v1.json` may only grow; whatever is sent twice is done once. It holds no domain rules of its
//! own: tickets, customers and documents are asked for them.
pub mod catalog;
pub mod console;
pub mod contracts;
pub mod customers;
pub mod document;
pub mod documents;
pub mod events;
pub mod guard;
pub mod invoices;
pub mod keys;
pub mod limits;
pub mod model;
pub mod payments;
pub mod publish;
pub mod rates;
pub mod receivables;
pub mod routes;
mod store;
pub mod tickets;
pub mod webhooks;

pub use model::{ApiKey, KeyId, Mode};
