//! Webhooks in the console: the same bodies as integrators have.
pub mod routes;
