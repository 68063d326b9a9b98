//! Keys and webhooks as an issuer's staff handle them. Who may do what, `accounts::staff` says.
pub mod keys;
pub mod routes;
pub mod webhooks;
