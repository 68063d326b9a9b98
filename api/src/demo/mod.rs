//! The rehearsal's companies, branches, tickets and customers, and the page that says what there is to try.
//!
//! Everything is made by code, from a fixed seed, dated from the day of the start; nothing is real. Filling is done
//! once, in one transaction; a later start only puts new tickets beside the old when few can still be invoiced. The
//! customers' past ([`history`]) is made afterwards, in the background; the invoices of tickets come from the portal.
mod companies;
pub mod history;
mod people;
mod products;
mod receivables;
pub mod routes;
mod sales;
pub mod service;

pub use sales::{DRAWN_ORDER, DRAWN_TICKET};
pub use service::{fill, view};
