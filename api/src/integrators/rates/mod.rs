//! Exchange rates by day, as the issuer's ERP has them.
pub mod routes;
