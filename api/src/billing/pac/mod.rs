//! Who stamps. A [`Pac`] takes the exact bytes we sealed and gives back the same document with the SAT's stamp in
//! it. It never retries and never decides: it says what was answered, and whether asking again may help.
mod circuit;
mod http;

use futures::future::BoxFuture;

pub use circuit::Circuit;
pub use http::{HttpPac, HttpPacError};

/// A provider of certification.
pub trait Pac: Send + Sync {
    /// Asks for the stamp of a sealed document. `reference` is ours and stable: the same bytes with the same
    /// reference never make a second stamp. A document stamped before comes back as success (307, F6).
    fn stamp<'a>(&'a self, sealed_xml: &'a str, reference: &'a str) -> BoxFuture<'a, Result<StampedXml, PacError>>;
}

/// The stamped document, byte for byte as the PAC returned it. Not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StampedXml(pub String);

/// Why there is no stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacError {
    /// The outcome is unknown or temporary: no connection, no answer in time, 5xx, an answer we cannot read.
    /// Only the very same bytes may be sent again.
    #[error("the PAC gave no usable answer: {reason}")]
    Silent {
        /// For the log; never shown.
        reason: String,
    },
    /// Refused for good, with the SAT's code (`CFDI40145`, `401`).
    #[error("the PAC refused with {sat_code}")]
    Refused {
        /// The SAT's code.
        sat_code: String,
        /// The PAC's words, for staff; never shown to a guest.
        message: String,
    },
}
