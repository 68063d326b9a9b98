//! Purchase tickets: brought in by tills, looked up by shoppers, reserved for one invoice each.
//!
//! Promises: a ticket is found only with its branch, order, ticket number and exact total; wrong data of any kind get
//! one answer and are counted; a ticket has at most one live invoice. What an invoice is, this room does not know.
pub mod claims;
pub mod model;
pub mod service;
pub mod signed;
mod store;
pub mod turns;
