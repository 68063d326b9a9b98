//! An issuer's documents at its desk: people bring files in, find them, take back what was wrongly published, and say
//! what became of a CFDI at the SAT.
//!
//! Promises: a file that is brought in goes the very way of an integrator's, with the same proofs and refusals; the same
//! file again is the same document; of a customer no more is seen than what the issuer has with it. What somebody shows
//! here who asks for another mail address is compared, and never told.
pub mod routes;
mod service;
