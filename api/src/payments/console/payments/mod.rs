//! Payments and reviews of one issuer.
pub mod routes;
