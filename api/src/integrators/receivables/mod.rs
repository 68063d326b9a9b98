//! What customers owe, as the issuer's ERP counts it. What comes of it, the payments know.
pub mod routes;
pub mod service;
