//! The Mexican tax document (CFDI 4.0) as a pure library: drafts become comprobantes, comprobantes become sealed XML,
//! stamped XML is read and verified.
//!
//! It promises that the cadena original is read off the very bytes that are sent, that amounts never touch floating
//! point, that a document which came back is either proven to be ours or refused, and that hostile input costs no more
//! than one pass over its bytes. It does no I/O, asks no clock, and knows of the SAT's lists what it is given. Without the
//! feature `crypto` it builds, reads and checks, also on wasm32; with it, it loads certificates and seals.
#![deny(missing_docs)]
#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod breach;
mod cadena_original;
#[cfg(feature = "crypto")]
mod certificate;
mod complements;
pub mod comprobante;
#[cfg(feature = "crypto")]
mod csd;
pub mod decimal;
mod draft;
mod fecha;
mod letras;
pub mod lists;
mod pagos;
mod qr;
mod read;
mod rules;
#[cfg(feature = "crypto")]
mod sello;
#[cfg(feature = "testca")]
pub mod testca;
pub mod ticket;
pub mod timbre;
mod totals;
mod tree;
mod xml;

pub use breach::{Breach, MAX_BREACHES, Report};
pub use cadena_original::CadenaError;
#[cfg(feature = "crypto")]
pub use certificate::{Certificate, CertificateError, CertificateKind};
pub use comprobante::Comprobante;
#[cfg(feature = "crypto")]
pub use csd::{Csd, CsdError, decrypt_key, encrypt_key};
pub use draft::{
    Draft, DraftConcepto, DraftEmisor, DraftImpuesto, DraftReceptor, DraftRelacionados, MAX_CONCEPTOS, build,
};
pub use fecha::Fecha;
pub use letras::en_letras;
pub use lists::{List, Lists, Validity};
pub use qr::{expression, qr_text};
pub use read::{Parsed, ReadError, read};
pub use rules::{check, check_with};
#[cfg(feature = "crypto")]
pub use sello::{Sealed, SelloError, seal, verify_sello};
pub use timbre::{Timbre, TimbreError};
pub use totals::{Sums, sums};
pub use tree::TreeError;
pub use xml::{XmlError, write};
