//! Documents that were made elsewhere: a CFDI as it was stamped, or a paper that is a PDF.
//!
//! Promises: what is published is kept byte for byte; a CFDI is the issuer's own, stamped, and its seals are proved as
//! far as their certificates are at hand (the answer says which were); a publisher's id names one document for good,
//! so that the same request may be sent any number of times. What was withdrawn is gone at once for everybody, and who
//! had it before is listed; publishing the very same again brings it back. A PDF that is said to be another customer's,
//! contract's or number's by then is another document: the one that was withdrawn stays away.
//!
//! It issues nothing and owes nothing: an invoice published here is a document alone.
mod again;
mod cfdi_in;
mod service;
mod state;
mod withdraw;

pub use again::adopt;
pub use service::{Published, publish};
pub use state::set_state;
pub use withdraw::{Withdrawn, withdraw, withdraw_by_id};

use shared::FieldErrors;

use super::service::DocumentError;
use crate::db::DbError;

/// Largest file that is taken, in bytes (U2).
pub const FILE_MAX_BYTES: usize = 10 * 1024 * 1024;

/// What every PDF begins with.
pub const PDF_MARK: &[u8] = b"%PDF-";

/// What is published.
#[derive(Debug)]
pub enum Parcel {
    /// A stamped CFDI: it says everything of itself but these.
    Cfdi {
        /// Its bytes.
        xml: Vec<u8>,
        /// The receptor's number at the issuer.
        contract: Option<String>,
        /// The receptor's order that it answers.
        purchase_order: Option<String>,
    },
    /// A PDF that is all there is.
    Paper {
        /// Its bytes.
        pdf: Vec<u8>,
        /// What it is.
        paper: Box<Paper>,
    },
}

/// How a document is called by who publishes it.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    /// By an id of the publisher's own: another document under it is refused.
    By(&'a str),
    /// By what it holds: people bring files, not ids. The same file is the same document, whoever brought it before, and
    /// a receptor's only contract is understood.
    Content,
}

/// What a publisher says of a PDF, as it was sent.
#[derive(Debug, Default)]
pub struct Paper {
    /// `recibo` or `estado_de_cuenta`.
    pub kind: String,
    /// May be empty.
    pub serie: String,
    /// Folio, or the statement's number.
    pub number: String,
    /// Whose, by RFC; or by contract alone.
    pub rfc: Option<String>,
    /// The receptor's number at the issuer.
    pub contract: Option<String>,
    /// Clock on the wall where it was issued, `YYYY-MM-DDThh:mm:ss`.
    pub issued_at: String,
    /// Decimal text; a statement's balance, with `-` when it is in the customer's favour.
    pub total: String,
    /// MXN when it is not said.
    pub currency: Option<String>,
    /// The receptor's order that it answers.
    pub purchase_order: Option<String>,
}

/// Why a document is not published, or not withdrawn.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// All that is wrong with it.
    #[error("a document with faults")]
    Fields(FieldErrors),
    /// The publisher's id, or the folio fiscal, is another document's.
    #[error("the name is another document's")]
    Differs,
    /// No such document, or not one that was published.
    #[error("no such published document")]
    NotFound,
    /// Keeping it.
    #[error("keeping a document")]
    Document(#[from] DocumentError),
    /// The database.
    #[error("publishing a document")]
    Db(#[from] DbError),
}
