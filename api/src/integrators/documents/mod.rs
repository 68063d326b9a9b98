//! The issuer's documents, to read.
pub mod routes;
