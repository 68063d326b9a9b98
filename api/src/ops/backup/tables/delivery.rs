//! The tables of taking, sending and sharing documents, parents first.
use super::{Table, boolean, bytes, id, int, text, time};

pub(super) const DOWNLOAD_TICKETS: Table = Table {
    name: "download_tickets",
    key: &["token_hash"],
    columns: &[
        bytes("token_hash"),
        id("user_id"),
        id("customer_id"),
        id("session_id"),
        text("wanted"),
        time("created_at"),
        time("expires_at"),
        time("used_at"),
    ],
};
pub(super) const DOWNLOAD_MARKS: Table = Table {
    name: "download_marks",
    key: &["user_id", "customer_id", "issuer_id"],
    columns: &[id("user_id"), id("customer_id"), id("issuer_id"), int("last_seq"), time("taken_at")],
};
pub(super) const DOCUMENT_LETTERS: Table = Table {
    name: "document_letters",
    key: &["document_id", "letter_id"],
    columns: &[
        id("letter_id"),
        id("document_id"),
        id("issuer_id"),
        id("customer_id"),
        id("user_id"),
        time("created_at"),
    ],
};
pub(super) const DOCUMENT_REFERENCES: Table = Table {
    name: "document_references",
    key: &["document_id", "folio_fiscal"],
    columns: &[id("document_id"), id("issuer_id"), text("folio_fiscal")],
};
pub(super) const DOCUMENTS_UNREAD: Table = Table {
    name: "documents_unread",
    key: &["document_id"],
    columns: &[id("document_id"), id("issuer_id"), boolean("is_named")],
};
pub(super) const DOCUMENT_BUNDLES: Table = Table {
    name: "document_bundles",
    key: &["id"],
    columns: &[
        id("id"),
        id("user_id"),
        id("customer_id"),
        text("wanted"),
        text("file_name"),
        text("state"),
        int("documents"),
        int("done"),
        int("bytes"),
        text("reaches"),
        id("worker_id"),
        time("worked_at"),
        time("created_at"),
        time("ended_at"),
        time("expires_at"),
    ],
};
pub(super) const DOCUMENT_DIGESTS: Table = Table {
    name: "document_digests",
    key: &["id"],
    columns: &[id("id"), id("issuer_id"), id("customer_id"), int("after_seq"), time("created_at")],
};
pub(super) const DOCUMENT_SHARES: Table = Table {
    name: "document_shares",
    key: &["id"],
    columns: &[
        id("id"),
        bytes("token_hash"),
        id("document_id"),
        id("issuer_id"),
        id("customer_id"),
        id("user_id"),
        time("created_at"),
        time("expires_at"),
        time("revoked_at"),
        int("opened_count"),
        time("last_opened_at"),
    ],
};
