//! The tables of the SAT's lists, parents first.
use super::{Table, bytes, int, text, time};

pub(super) const CATALOGS: Table = Table {
    name: "catalogs",
    key: &["name"],
    columns: &[text("name"), int("codes"), bytes("digest"), time("imported_at")],
};
pub(super) const CATALOG_ENTRIES: Table = Table {
    name: "catalog_entries",
    key: &["catalog", "code"],
    columns: &[text("catalog"), text("code"), text("valid_from"), text("valid_until")],
};
