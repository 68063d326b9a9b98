//! The tables of signed tickets, parents first.
use super::{Table, bytes, id, int, json, text, time};

pub(super) const TILL_KEYS: Table = Table {
    name: "till_keys",
    key: &["id"],
    columns: &[
        text("id"),
        id("issuer_id"),
        id("branch_id"),
        text("name"),
        bytes("secret_sealed"),
        time("created_at"),
        time("revoked_at"),
    ],
};
pub(super) const AWAITED_ORDERS: Table = Table {
    name: "awaited_orders",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("branch_id"),
        text("till_key_id"),
        text("order_number"),
        text("ticket_number"),
        int("total_minor"),
        text("currency"),
        time("sold_at"),
        text("invoice_until"),
        text("forma_pago"),
        json("receptor"),
        text("email"),
        text("language"),
        bytes("browser_hash"),
        text("tracking"),
        text("state"),
        text("problem_code"),
        time("created_at"),
        time("ended_at"),
    ],
};
