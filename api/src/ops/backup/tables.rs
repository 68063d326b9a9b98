//! Every table of the schema, column by column, parents before those that refer to them. A test compares this list
//! with the schema of both engines: a forgotten table or column is a failure, not a hole in somebody's backup.

mod catalogs;
mod delivery;
mod issuers;
mod payments;
mod people;
mod signed;
mod webhooks;

/// A table to keep.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Columns of its primary key: rows are read in their order.
    pub key: &'static [&'static str],
    /// All columns.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds on either engine.
    pub kind: Kind,
}

/// What a column can hold, and how a backup writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A UUID, hyphenated.
    Id,
    /// Text.
    Text,
    /// A whole number of 64 bits.
    Int,
    /// True or false.
    Bool,
    /// An instant: RFC 3339, UTC, microseconds.
    Time,
    /// JSON, as itself.
    Json,
    /// Bytes, in base64.
    Bytes,
}

impl Table {
    /// Where in a row the columns of the key are.
    pub fn key_positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.key.iter().filter_map(|key| self.columns.iter().position(|column| column.name == *key))
    }
}

pub(in crate::ops) const fn id(name: &'static str) -> Column {
    Column { name, kind: Kind::Id }
}
pub(in crate::ops) const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}
const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int }
}
const fn boolean(name: &'static str) -> Column {
    Column { name, kind: Kind::Bool }
}
const fn time(name: &'static str) -> Column {
    Column { name, kind: Kind::Time }
}
const fn json(name: &'static str) -> Column {
    Column { name, kind: Kind::Json }
}
pub(in crate::ops) const fn bytes(name: &'static str) -> Column {
    Column { name, kind: Kind::Bytes }
}

/// Tables that no backup holds: what is in them stands in others, and is made again when those are back.
pub static MADE_AGAIN: &[&str] = &["document_words"];

/// All others.
pub static TABLES: &[Table] = &[
    issuers::ISSUERS,
    issuers::ISSUER_LOGOS,
    Table {
        name: "branches",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            text("name"),
            text("search_text"),
            text("postal_code"),
            text("city"),
            text("time_zone"),
            text("serie"),
            int("invoicing_grace_days"),
            json("ticket_picture"),
            boolean("active"),
            time("created_at"),
        ],
    },
    Table {
        name: "csds",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            text("certificate_number"),
            bytes("certificate_der"),
            bytes("key_sealed"),
            time("valid_from"),
            time("valid_until"),
            time("revoked_at"),
            time("created_at"),
            int("warned_days"),
        ],
    },
    Table {
        name: "tickets",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            id("branch_id"),
            text("order_number"),
            text("ticket_number"),
            time("sold_at"),
            text("sold_on"),
            text("invoice_until"),
            int("total_minor"),
            text("currency"),
            text("forma_pago"),
            json("lines"),
            text("state"),
            int("version"),
            time("created_at"),
            text("external_id"),
            time("updated_at"),
        ],
    },
    Table {
        name: "folios",
        key: &["issuer_id", "serie"],
        columns: &[id("issuer_id"), text("serie"), int("last_folio")],
    },
    Table {
        name: "documents",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            text("kind"),
            text("serie"),
            text("folio"),
            int("folio_number"),
            text("folio_fiscal"),
            text("receptor_rfc"),
            text("receptor_nombre"),
            time("issued_at"),
            text("issued_on"),
            int("total_minor"),
            text("currency"),
            bytes("xml"),
            bytes("xml_sha256"),
            time("created_at"),
            text("state"),
            text("contract"),
            text("contract_folded"),
            text("time_zone"),
            text("pdf_key"),
            bytes("pdf_sha256"),
            text("purchase_order"),
            text("purchase_order_folded"),
            text("external_id"),
            int("feed_seq"),
            time("withdrawn_at"),
            text("words"),
            time("updated_at"),
        ],
    },
    Table {
        name: "stamps",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            id("branch_id"),
            id("ticket_id"),
            id("csd_id"),
            text("state"),
            text("tracking"),
            text("serie"),
            int("folio"),
            text("fecha"),
            int("total_minor"),
            text("currency"),
            text("receptor_rfc"),
            text("receptor_nombre"),
            text("email"),
            text("language"),
            bytes("sealed_xml"),
            bytes("sealed_sha256"),
            int("attempts"),
            time("last_attempt_at"),
            time("next_attempt_at"),
            text("sat_code"),
            text("problem_code"),
            text("problem_pointer"),
            id("document_id"),
            time("stamped_at"),
            text("idempotency_owner"),
            text("idempotency_key"),
            time("created_at"),
        ],
    },
    Table {
        name: "guest_accesses",
        key: &["browser_hash", "stamp_id"],
        columns: &[bytes("browser_hash"), id("stamp_id"), id("issuer_id"), time("expires_at")],
    },
    Table {
        name: "security_counters",
        key: &["kind", "subject"],
        columns: &[text("kind"), text("subject"), time("window_started_at"), int("hits")],
    },
    Table {
        name: "idempotency_records",
        key: &["owner", "key"],
        columns: &[
            text("owner"),
            text("key"),
            bytes("request_sha256"),
            int("status"),
            text("content_type"),
            bytes("body"),
            time("created_at"),
        ],
    },
    Table {
        name: "jobs",
        key: &["id"],
        columns: &[
            id("id"),
            text("kind"),
            id("subject_id"),
            text("state"),
            time("run_at"),
            id("lease_id"),
            time("leased_until"),
            int("attempts"),
            text("last_error"),
            time("created_at"),
        ],
    },
    Table {
        name: "letters",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            id("stamp_id"),
            text("kind"),
            text("message_id"),
            text("from_name"),
            text("from_address"),
            text("reply_to"),
            text("to_address"),
            text("subject"),
            text("text_body"),
            text("html_body"),
            json("attachments"),
            text("state"),
            int("attempts"),
            text("last_error"),
            text("refusal"),
            boolean("of_access"),
            time("created_at"),
            time("sent_at"),
        ],
    },
    people::MAIL_REFUSALS,
    Table {
        name: "mailbox_messages",
        key: &["id"],
        columns: &[
            id("id"),
            text("message_id"),
            text("from_line"),
            text("to_address"),
            text("subject"),
            text("text_body"),
            json("attachments"),
            bytes("raw"),
            time("received_at"),
        ],
    },
    Table {
        name: "customers",
        key: &["id"],
        columns: &[id("id"), text("rfc"), text("nombre"), text("regimen"), text("codigo_postal"), time("created_at")],
    },
    Table {
        name: "contracts",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            id("customer_id"),
            text("number"),
            text("number_folded"),
            time("created_at"),
            int("payment_days"),
            time("updated_at"),
        ],
    },
    Table {
        name: "users",
        key: &["id"],
        columns: &[
            id("id"),
            text("email"),
            text("email_folded"),
            text("user_name"),
            text("user_name_folded"),
            text("password_hash"),
            text("language"),
            text("state"),
            time("created_at"),
            boolean("must_change"),
        ],
    },
    Table {
        name: "memberships",
        key: &["user_id", "customer_id"],
        columns: &[id("user_id"), id("customer_id"), text("role"), time("created_at"), id("issuer_id")],
    },
    Table {
        name: "sessions",
        key: &["id"],
        columns: &[
            id("id"),
            text("kind"),
            id("user_id"),
            id("customer_id"),
            id("issuer_id"),
            text("reach"),
            int("generation"),
            text("device"),
            time("created_at"),
            time("refreshed_at"),
            time("expires_at"),
            time("proved_at"),
            time("revoked_at"),
        ],
    },
    people::STAFF_GRANTS,
    people::SECOND_FACTORS,
    people::RECOVERY_CODES,
    people::PASSKEYS,
    people::PASSKEY_CHALLENGES,
    people::INVITATIONS,
    people::MAIL_COPIES,
    people::USED_WORK,
    people::MAIL_CODES,
    people::GUEST_MAILBOXES,
    people::GUEST_RECEPTORS,
    Table {
        name: "link_requests",
        key: &["id"],
        columns: &[id("id"), id("issuer_id"), json("asked"), time("created_at")],
    },
    Table {
        name: "one_time_links",
        key: &["token_hash"],
        columns: &[
            bytes("token_hash"),
            text("kind"),
            id("issuer_id"),
            id("customer_id"),
            text("email"),
            id("user_id"),
            text("language"),
            time("created_at"),
            time("expires_at"),
            time("used_at"),
            text("temporary_hash"),
        ],
    },
    people::TEMPORARY_PASSWORDS,
    people::MAILBOX_RFCS,
    people::FIRST_ENTRIES,
    people::PRIVACY_NOTICES,
    people::PRIVACY_ACCEPTANCES,
    people::ARCO_CASES,
    people::EMAIL_CHANGES,
    Table {
        name: "api_keys",
        key: &["id"],
        columns: &[
            id("id"),
            id("issuer_id"),
            text("name"),
            text("mode"),
            text("prefix"),
            bytes("key_sha256"),
            json("scopes"),
            time("created_at"),
            time("expires_at"),
            time("revoked_at"),
            time("last_used_at"),
        ],
    },
    Table {
        name: "customer_externals",
        key: &["issuer_id", "external_id"],
        columns: &[
            id("issuer_id"),
            text("external_id"),
            id("customer_id"),
            time("created_at"),
            time("updated_at"),
            text("nombre"),
            text("regimen"),
            text("codigo_postal"),
        ],
    },
    Table { name: "event_sequences", key: &["issuer_id"], columns: &[id("issuer_id"), int("last_seq")] },
    Table {
        name: "events",
        key: &["issuer_id", "seq"],
        columns: &[id("issuer_id"), int("seq"), id("id"), text("kind"), text("body"), time("at")],
    },
    webhooks::ENDPOINTS,
    webhooks::DELIVERIES,
    webhooks::ATTEMPTS,
    delivery::DOWNLOAD_TICKETS,
    delivery::DOWNLOAD_MARKS,
    delivery::DOCUMENT_LETTERS,
    delivery::DOCUMENT_SHARES,
    delivery::DOCUMENT_REFERENCES,
    delivery::DOCUMENTS_UNREAD,
    delivery::DOCUMENT_BUNDLES,
    delivery::DOCUMENT_DIGESTS,
    signed::TILL_KEYS,
    signed::AWAITED_ORDERS,
    payments::RECEIVABLES,
    payments::ADJUSTMENTS,
    payments::PAYMENT_NUMBERS,
    payments::PAYMENTS,
    payments::ATTEMPTS,
    payments::EVIDENCE,
    payments::VERDICTS,
    payments::ALLOCATIONS,
    payments::LEDGER_ENTRIES,
    payments::PAYMENT_REVIEWS,
    payments::BANK_ORPHANS,
    payments::PAYMENT_ATTACHMENTS,
    payments::SETTLEMENT_FILES,
    payments::SETTLEMENT_LINES,
    payments::EXCHANGE_RATES,
    payments::DEPOSIT_REFERENCES,
    catalogs::CATALOGS,
    catalogs::CATALOG_ENTRIES,
    Table { name: "audit_chains", key: &["chain"], columns: &[text("chain"), int("last_seq"), bytes("last_hash")] },
    Table {
        name: "audit_log",
        key: &["chain", "seq"],
        columns: &[
            text("chain"),
            int("seq"),
            time("at"),
            text("actor"),
            text("on_behalf_of"),
            id("issuer_id"),
            text("act"),
            text("object_kind"),
            text("object_id"),
            text("before_json"),
            text("after_json"),
            text("request_id"),
            bytes("previous_hash"),
            bytes("hash"),
        ],
    },
    Table { name: "installation", key: &["key"], columns: &[text("key"), text("value")] },
];
