//! Payments, to read; and what the issuer's ERP says of them.
pub mod routes;
