//! What can go wrong for whoever asks for a printed document.

use crate::clean::{MAX_LINES, MAX_TEXT_CHARS, MAX_TOTAL_CHARS};
use crate::render::MAX_PAGES;

/// Why a document was not printed. The first four and `Logo` are the input's fault; `Input` and `Template` are ours or
/// the operator's, who may bring a template.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// More lines than are printed in one document.
    #[error("the document has {lines} lines; at most {MAX_LINES} are printed")]
    TooManyLines {
        /// Concepts, paid documents or movements, all together.
        lines: usize,
    },
    /// One text is longer than any text of a CFDI.
    #[error("`{field}` has {chars} characters; at most {MAX_TEXT_CHARS} are printed")]
    TextTooLong {
        /// The nearest named field, as the data contract names it.
        field: String,
        /// Its length.
        chars: usize,
    },
    /// All texts together would make a document nobody can bound.
    #[error("the texts of the document pass {MAX_TOTAL_CHARS} characters")]
    TooMuchText,
    /// The document was laid out and takes more pages than are exported.
    #[error("the document takes {pages} pages; at most {MAX_PAGES} are printed")]
    TooManyPages {
        /// How many it takes.
        pages: usize,
    },
    /// The logo is not one we print.
    #[error("the logo cannot be printed: {0}")]
    Logo(String),
    /// The text does not fit in a QR code.
    #[error("the QR code cannot be drawn: {0}")]
    Qr(String),
    /// The input could not be written for the template.
    #[error("could not write the template's input")]
    Input(#[from] serde_json::Error),
    /// The template does not compile with this input, or reached for what it may not have.
    #[error("the template failed: {0}")]
    Template(String),
}
