//! Customers by the integrator's own ids. Who a customer is, and what a contract opens, the accounts know.
pub mod routes;
pub mod service;
