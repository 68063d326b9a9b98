//! What an integrator must know before the first sale: the issuer's branches.
pub mod routes;
