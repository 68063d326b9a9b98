//! What a document is.
use fiscal::{Amount, Rfc};
use uuid::Uuid;

use crate::db::Timestamp;
use crate::files::FileKey;
use crate::issuers::Scope;

pub use shared::documents::{DocumentKind, DocumentState};

/// A document of ours. Not the folio fiscal, which is the UUID in its stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DocumentId(Uuid);

impl DocumentId {
    /// From a row or a new id.
    pub const fn new(id: Uuid) -> DocumentId {
        DocumentId(id)
    }

    /// For a bind.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// Serie of the receipts that the portal makes of payments. Nobody publishes a receipt under it: the portal's own of that
/// number could not be kept.
pub const RECEIPT_SERIE: &str = "PG";

/// Whose documents a statement may touch. It is part of the query: a foreign document is a missing one (B1).
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// The issuer's.
    Issuer(Scope),
    /// Those made out to this RFC, whoever issued them. A generic RFC is many people's, so nobody has its documents.
    Receptor(&'a str),
    /// Those of them that this issuer issued.
    ReceptorAt(&'a str, Scope),
}

impl Asker {
    /// The asker's own documents.
    pub fn whose(&self) -> Whose<'_> {
        match self.only {
            Some(scope) => Whose::ReceptorAt(&self.rfc, scope),
            None => Whose::Receptor(&self.rfc),
        }
    }
}

impl From<Scope> for Whose<'_> {
    fn from(scope: Scope) -> Self {
        Whose::Issuer(scope)
    }
}

/// A customer who asks for its documents, and the person who does so for it.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The person.
    pub user_id: Uuid,
    /// The customer.
    pub customer_id: Uuid,
    /// The customer's RFC: documents made out to it are its own.
    pub rfc: String,
    /// This issuer's part of them alone.
    pub only: Option<Scope>,
    /// Staff look at the customer's pages.
    pub looks: bool,
    /// For the audit log.
    pub request_id: String,
}

/// A document to keep.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Its kind: a CFDI has [`Content::Cfdi`], the others [`Content::Pdf`].
    pub kind: DocumentKind,
    /// Serie; may be empty.
    pub serie: String,
    /// Folio as printed; a statement's number.
    pub folio: String,
    /// Folio as a number, when it is one: folios are compared as numbers.
    pub folio_number: Option<i64>,
    /// Who receives it.
    pub receptor_rfc: String,
    /// Name of who receives it.
    pub receptor_nombre: String,
    /// The receptor's number at the issuer, when known; leading zeros kept.
    pub contract: Option<String>,
    /// Instant of its Fecha.
    pub issued_at: Timestamp,
    /// Civil day of its Fecha, `YYYY-MM-DD`.
    pub issued_on: String,
    /// IANA name of the zone whose clock the Fecha shows.
    pub time_zone: String,
    /// Total; a statement's balance, below zero when it is in the customer's favour.
    pub total: Amount,
    /// The document itself.
    pub content: Content,
}

/// Which of an issuer's documents its systems ask for; all, where nothing is said.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Changed at it or later.
    pub since: Option<Timestamp>,
    /// UUID of the stamp.
    pub folio_fiscal: Option<Uuid>,
    /// Who receives them.
    pub receptor: Option<Rfc>,
}

/// What else is known of a document that came from elsewhere.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The publisher's own id.
    pub external_id: Option<&'a str>,
    /// The customer's order that it answers.
    pub purchase_order: Option<&'a str>,
}

/// What is kept of a document.
#[derive(Debug, Clone)]
pub enum Content {
    /// A stamped CFDI; its PDF is printed from it.
    Cfdi {
        /// UUID of the stamp, upper case.
        folio_fiscal: String,
        /// Byte for byte as the PAC returned it.
        xml: Vec<u8>,
    },
    /// A PDF that is all there is, already in the file store.
    Pdf {
        /// Where.
        key: FileKey,
        /// Of its bytes.
        sha256: [u8; 32],
    },
}

/// A CFDI with its bytes, checked against their digest.
#[derive(Debug, Clone)]
pub struct StoredXml {
    /// Whose it is.
    pub scope: Scope,
    /// Serie.
    pub serie: String,
    /// Folio as printed.
    pub folio: String,
    /// Civil day of issue.
    pub issued_on: String,
    /// Whether it holds.
    pub state: DocumentState,
    /// The document.
    pub xml: String,
}

/// The forms a document can be had in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The CFDI itself.
    Xml,
    /// The printed form, or the document when it is no CFDI.
    Pdf,
}

impl Format {
    /// End of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Format::Xml => "xml",
            Format::Pdf => "pdf",
        }
    }
}
