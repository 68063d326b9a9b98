//! The feed of what happened at the issuer.
pub mod routes;
