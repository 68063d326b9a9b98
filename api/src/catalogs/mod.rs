//! The SAT's long lists: products, units, postal codes and countries, which change several times a year.
//!
//! They are brought by an operator, from the SAT's own workbook or a CSV, and none comes with the program. A file is
//! read whole before anything is written, and a list is replaced whole in one transaction: what cannot be read, or has
//! strangely few codes, changes nothing. Whoever checks a document asks for its codes alone; a list that was never
//! brought is said to be absent, never taken for empty.
mod csv;
mod service;
mod sheet;
mod store;
mod workbook;

use std::collections::BTreeMap;

use cfdi::{List, Validity};

pub use service::{ImportError, Imported, at_hand, import, lists_for};
pub use sheet::ReadError;
pub use store::Kept;

/// Largest file read. The SAT's workbook has some twelve megabytes.
pub const FILE_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Most codes of one list; the longest has under a hundred thousand.
const CODES_MAX: usize = 400_000;

/// The codes of a list with their days.
pub type Codes = BTreeMap<String, Validity>;

/// What a file brings.
#[derive(Debug, Default)]
pub struct Found {
    /// The lists that we use, each with at least one code.
    pub lists: BTreeMap<List, Codes>,
    /// Sheets of other lists.
    pub ignored: Vec<String>,
}

/// Reads a file: a workbook (XLSX, or XLS as the SAT publishes it), whose sheets say which list they are, or a CSV,
/// which is the list that `of` says, or that its columns or its name say. Touches nothing else.
pub fn read(bytes: &[u8], name: &str, of: Option<List>) -> Result<Found, ReadError> {
    let found = match workbook::kind(bytes) {
        Some(kind) => workbook::read(bytes, kind)?,
        None => csv::read(bytes, name, of)?,
    };
    if found.lists.is_empty() {
        return Err(ReadError::NoList(found.ignored.join(", ")));
    }
    Ok(found)
}
