//! Payments for the issuer's staff: what asks to be looked at, banks' files, rates, and the few acts that move money by
//! hand. The desk sees all of it; what moves money is for operators.
mod files;
mod payments;
mod rates;
pub mod routes;
