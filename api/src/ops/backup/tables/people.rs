//! The tables of staff, of the second step and of several people of a customer.
use super::{Table, boolean, bytes, id, int, json, text, time};

pub(super) const STAFF_GRANTS: Table = Table {
    name: "staff_grants",
    key: &["id"],
    columns: &[id("id"), id("user_id"), id("issuer_id"), text("role"), time("created_at")],
};
pub(super) const SECOND_FACTORS: Table = Table {
    name: "second_factors",
    key: &["user_id"],
    columns: &[
        id("user_id"),
        bytes("secret_sealed"),
        bytes("pending_sealed"),
        int("last_step"),
        time("created_at"),
        time("confirmed_at"),
    ],
};
pub(super) const RECOVERY_CODES: Table = Table {
    name: "recovery_codes",
    key: &["user_id", "code_hash"],
    columns: &[id("user_id"), bytes("code_hash"), time("used_at")],
};
pub(super) const PASSKEYS: Table = Table {
    name: "passkeys",
    key: &["id"],
    columns: &[
        id("id"),
        id("user_id"),
        bytes("credential_id"),
        json("credential"),
        int("sign_count"),
        text("name"),
        time("created_at"),
        time("last_used_at"),
    ],
};
pub(super) const PASSKEY_CHALLENGES: Table = Table {
    name: "passkey_challenges",
    key: &["id"],
    columns: &[id("id"), text("purpose"), id("user_id"), id("session_id"), json("state"), time("expires_at")],
};
pub(super) const INVITATIONS: Table = Table {
    name: "invitations",
    key: &["id"],
    columns: &[
        id("id"),
        bytes("token_hash"),
        id("customer_id"),
        id("issuer_id"),
        text("role"),
        text("email"),
        text("email_folded"),
        text("language"),
        id("invited_by"),
        time("created_at"),
        time("expires_at"),
        time("used_at"),
        time("revoked_at"),
    ],
};
pub(super) const MAIL_COPIES: Table = Table {
    name: "mail_copies",
    key: &["id"],
    columns: &[id("id"), id("customer_id"), text("email"), text("email_folded"), time("created_at"), id("issuer_id")],
};
pub(super) const MAIL_REFUSALS: Table = Table {
    name: "mail_refusals",
    key: &["email_folded"],
    columns: &[text("email_folded"), time("since"), int("code"), text("status"), time("tried_at"), id("tried_with")],
};
pub(super) const USED_WORK: Table =
    Table { name: "used_work", key: &["challenge_hash"], columns: &[bytes("challenge_hash"), time("expires_at")] };
pub(super) const MAIL_CODES: Table = Table {
    name: "mail_codes",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        text("email"),
        text("language"),
        int("tries"),
        time("created_at"),
        time("expires_at"),
        time("used_at"),
    ],
};
pub(super) const PRIVACY_NOTICES: Table = Table {
    name: "privacy_notices",
    key: &["issuer_id", "version"],
    columns: &[id("issuer_id"), int("version"), text("text"), text("url"), id("published_by"), time("published_at")],
};
pub(super) const PRIVACY_ACCEPTANCES: Table = Table {
    name: "privacy_acceptances",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        int("version"),
        id("user_id"),
        id("stamp_id"),
        text("channel"),
        time("accepted_at"),
    ],
};
pub(super) const ARCO_CASES: Table = Table {
    name: "arco_cases",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        id("customer_id"),
        id("user_id"),
        text("kind"),
        text("words"),
        time("opened_at"),
        text("due_on"),
        time("answered_at"),
        id("answered_by"),
        boolean("granted"),
        text("answer"),
    ],
};
pub(super) const EMAIL_CHANGES: Table = Table {
    name: "email_changes",
    key: &["user_id"],
    columns: &[id("user_id"), id("id"), text("email"), int("tries"), time("created_at"), time("expires_at")],
};
pub(super) const GUEST_MAILBOXES: Table = Table {
    name: "guest_mailboxes",
    key: &["browser_hash", "issuer_id", "email"],
    columns: &[bytes("browser_hash"), id("issuer_id"), text("email"), time("expires_at")],
};
pub(super) const GUEST_RECEPTORS: Table = Table {
    name: "guest_receptors",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        text("email"),
        text("rfc"),
        text("nombre"),
        text("regimen"),
        text("codigo_postal"),
        text("uso"),
        text("deliver_to"),
        time("updated_at"),
    ],
};
pub(super) const TEMPORARY_PASSWORDS: Table = Table {
    name: "temporary_passwords",
    key: &["user_id"],
    columns: &[id("user_id"), text("password_hash"), time("created_at"), time("expires_at")],
};
pub(super) const MAILBOX_RFCS: Table = Table {
    name: "mailbox_rfcs",
    key: &["user_id", "rfc"],
    columns: &[id("user_id"), text("rfc"), id("issuer_id"), time("created_at")],
};
pub(super) const FIRST_ENTRIES: Table = Table {
    name: "first_entries",
    key: &["id"],
    columns: &[
        id("id"),
        id("issuer_id"),
        text("rfc"),
        text("fact"),
        text("email"),
        text("language"),
        id("customer_id"),
        int("tries"),
        time("created_at"),
        time("expires_at"),
        time("used_at"),
    ],
};
