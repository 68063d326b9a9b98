//! Invoices that a program asks for: an order by its own id, and its receptor. How a document is made, sealed and stamped
//! the billing knows; it is the guests' own road.
pub mod routes;
pub mod service;
