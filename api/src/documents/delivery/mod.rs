//! Documents taken in numbers: a file of many that streams to the reader's disk, and the list for a spreadsheet.
//!
//! Promises: only the asker's own documents are in it, and one foreign id refuses the whole; the memory it takes does
//! not grow with their number; the complementos and notas de crédito of a chosen invoice go with it; an XML comes also when its PDF cannot be had, which is then named in `faltantes.txt`;
//! every document's taking is recorded before its bytes leave; a cell that a spreadsheet would run is defused. A
//! download that broke is not a download: the mark of what is new moves only after the last byte, and only as far as
//! what was taken.
pub mod bundles;
mod choice;
mod follow;
mod kept;
mod letters;
mod order;
mod pack;
mod pipe;
mod places;
pub mod routes;
mod table;
mod workbook;

pub use order::{Ordered, Redeemed, announce, news, order, purge, redeem};
pub use places::{Place, Places};
pub use table::{BOM, Cell, csv_line};
pub use workbook::Workbook;

/// Files of many that are made at once while they are on their way.
pub const AT_ONCE: usize = 4;
/// Files on their way to one person at once.
pub const AT_ONCE_EACH: usize = 2;
/// Most documents of one ZIP.
pub const ZIP_DOCUMENTS_MAX: u64 = 20_000;
/// Most rows of one list.
pub const LIST_ROWS_MAX: u64 = 1_000_000;
/// Documents from which on a ZIP is made in the background: each PDF is printed, which takes some hundredths of a second.
pub const BACKGROUND_ZIP_FROM: u64 = 1_000;
/// Rows from which on a list is.
pub const BACKGROUND_LIST_FROM: u64 = 100_000;
/// Seconds in which a download must be begun.
pub const TICKET_SECONDS: i64 = 60;
