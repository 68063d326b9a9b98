//! Fiscal documents as they were issued: kept byte for byte, checked on every read, printed on demand, and found by
//! the customers they are made out to.
//!
//! Promises: the XML served is the very XML that was stamped (its SHA-256 is compared each time); a PDF is made from
//! that XML alone, so the same document prints the same bytes; an owner's filter is inside the query, so another's
//! document answers as one that does not exist; what was withdrawn is there for nobody. It makes no documents: those come from billing.
pub mod credit;
pub mod delivery;
mod desk;
pub mod digest;
pub mod facts;
pub mod issued;
pub mod model;
mod printed;
mod printed_pagos;
pub mod publish;
mod related;
pub mod routes;
pub mod search;
pub mod service;
pub mod sharing;
mod store;
pub mod unread;
pub mod verify;
mod view;
mod words;

pub use model::{DocumentId, DocumentKind};
pub use printed::month_name;
