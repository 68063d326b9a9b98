//! The tables of payments, parents first.
use super::{Table, bytes, id, int, json, text, time};

pub(super) const RECEIVABLES: Table = Table {
    name: "receivables",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("customer_id"),
        id("document_id"),
        text("external_id"),
        text("contract"),
        text("contract_folded"),
        text("number"),
        text("issued_on"),
        text("due_on"),
        text("currency"),
        int("total_minor"),
        text("rate"),
        text("rate_on"),
        time("as_of"),
        time("closed_at"),
        time("created_at"),
    ],
};
pub(super) const ADJUSTMENTS: Table = Table {
    name: "adjustments",
    key: &["id"],
    columns: &[id("id"), id("issuer_id"), id("receivable_id"), int("amount_minor"), time("as_of"), time("created_at")],
};
pub(super) const PAYMENT_NUMBERS: Table =
    Table { name: "payment_numbers", key: &["issuer_id"], columns: &[id("issuer_id"), int("last_number")] };
pub(super) const PAYMENTS: Table = Table {
    name: "payments",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("customer_id"),
        id("user_id"),
        int("number"),
        text("bank"),
        text("currency"),
        int("amount_minor"),
        time("shown_at"),
        text("shown_on"),
        time("confirmed_at"),
        time("applied_at"),
        id("receipt_document_id"),
        text("idempotency_owner"),
        text("idempotency_key"),
        time("created_at"),
    ],
};
pub(super) const ATTEMPTS: Table = Table {
    name: "attempts",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("payment_id"),
        text("bank"),
        text("merchant_order"),
        text("merchant_reference"),
        text("amount_text"),
        text("currency"),
        text("state"),
        json("redirect"),
        text("bank_secret"),
        text("bank_transaction"),
        time("expires_at"),
        time("settled_at"),
        time("created_at"),
    ],
};
pub(super) const EVIDENCE: Table = Table {
    name: "evidence",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("attempt_id"),
        text("bank"),
        text("source"),
        bytes("raw"),
        bytes("dedupe_key"),
        time("received_at"),
    ],
};
pub(super) const VERDICTS: Table = Table {
    name: "verdicts",
    key: &["evidence_id"],
    columns: &[
        id("evidence_id"),
        id("issuer_id"),
        text("verdict"),
        text("state_before"),
        text("state_after"),
        time("judged_at"),
    ],
};
pub(super) const ALLOCATIONS: Table = Table {
    name: "allocations",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("payment_id"),
        id("receivable_id"),
        text("currency"),
        int("amount_minor"),
        int("charge_minor"),
        text("rate"),
        int("pending_minor"),
        text("state"),
        int("applied_minor"),
        int("applied_charge_minor"),
        int("parcialidad"),
        int("balance_before_minor"),
        int("balance_after_minor"),
        time("applied_at"),
        time("created_at"),
    ],
};
pub(super) const LEDGER_ENTRIES: Table = Table {
    name: "ledger_entries",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("customer_id"),
        id("payment_id"),
        id("attempt_id"),
        id("receivable_id"),
        text("kind"),
        int("amount_minor"),
        text("currency"),
        int("receivable_minor"),
        text("bank"),
        text("bank_transaction"),
        time("entered_at"),
    ],
};
pub(super) const PAYMENT_REVIEWS: Table = Table {
    name: "payment_reviews",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("payment_id"),
        id("evidence_id"),
        text("reason"),
        time("created_at"),
        time("closed_at"),
    ],
};
