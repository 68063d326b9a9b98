//! The issuer's documents: to read, to publish those made elsewhere, and to withdraw.
mod publish;
pub mod routes;
