//! Exchange rates of one issuer.
pub mod routes;
