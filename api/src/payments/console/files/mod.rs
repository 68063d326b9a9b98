//! Banks' files of one issuer.
pub mod routes;
