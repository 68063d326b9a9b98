//! The tables of webhooks, parents first.
use super::{Table, boolean, bytes, id, int, json, text, time};

pub(super) const ENDPOINTS: Table = Table {
    name: "webhook_endpoints",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        text("external_id"),
        text("url"),
        text("description"),
        json("event_types"),
        bytes("secret_sealed"),
        bytes("previous_secret_sealed"),
        time("previous_until"),
        boolean("enabled"),
        text("disabled_because"),
        time("failing_since"),
        int("silences"),
        time("paused_until"),
        id("lease_id"),
        time("leased_until"),
        time("served_at"),
        time("created_at"),
        time("updated_at"),
        time("deleted_at"),
    ],
};
pub(super) const DELIVERIES: Table = Table {
    name: "webhook_deliveries",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("endpoint_id"),
        int("seq"),
        text("state"),
        int("attempts"),
        time("begun_at"),
        time("next_attempt_at"),
        int("last_status"),
        text("last_failure"),
        time("delivered_at"),
        time("created_at"),
    ],
};
pub(super) const ATTEMPTS: Table = Table {
    name: "webhook_attempts",
    key: &["id"],
    columns: &[id("id"), id("delivery_id"), time("at"), int("status"), text("failure"), int("milliseconds")],
};
