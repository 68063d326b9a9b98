//! The tables of issuers themselves.
use super::{Table, boolean, bytes, id, int, json, text, time};

pub(super) const ISSUERS: Table = Table {
    name: "issuers",
    key: &["id"],
    columns: &[
        id("id"),
        text("slug"),
        text("rfc"),
        text("nombre"),
        text("commercial_name"),
        text("regimen"),
        text("support_email"),
        text("brand_color"),
        int("brand_version"),
        json("address_lines"),
        text("language"),
        boolean("is_default"),
        int("daily_stamp_ceiling"),
        time("created_at"),
        text("footer"),
        text("time_zone"),
        text("rate_policy"),
    ],
};

pub(super) const ISSUER_LOGOS: Table = Table {
    name: "issuer_logos",
    key: &["issuer_id"],
    columns: &[id("issuer_id"), text("media_type"), bytes("image"), time("changed_at")],
};
