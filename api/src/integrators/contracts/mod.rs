//! Contracts as a resource of their own. What a contract opens, the accounts know; who depends on one, whoever names it.
pub mod routes;
pub mod service;
