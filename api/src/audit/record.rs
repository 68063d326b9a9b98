//! Writing one entry.
use std::fmt;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::chain::{Link, START};
use super::store;
use crate::db::{DbResult, Timestamp, Tx};

/// Chain of what belongs to no issuer.
const INSTALLATION: &str = "installation";
/// Longest `before` or `after` kept; of a longer one only the size and the SHA-256.
const VALUE_MAX_BYTES: usize = 16 * 1024;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// The house itself: background work, the schedule.
    System,
    /// A person without an account.
    Guest,
    /// Whoever runs commands on the machine.
    Operator,
    /// A signed-in person.
    User(Uuid),
    /// A program with this key of the API.
    ApiKey(Uuid),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::System => f.write_str("system"),
            Actor::Guest => f.write_str("guest"),
            Actor::Operator => f.write_str("operator"),
            Actor::User(id) => write!(f, "user:{id}"),
            Actor::ApiKey(id) => write!(f, "api_key:{id}"),
        }
    }
}

/// One act. No secrets, no tokens, no documents in `before` and `after`.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// Who did it.
    pub actor: Actor,
    /// For whom, when not for themselves.
    pub on_behalf_of: Option<&'a str>,
    /// Whose data; `None` for what concerns the whole installation.
    pub issuer_id: Option<Uuid>,
    /// `invoice.stamped`: noun and past participle.
    pub act: &'static str,
    /// `invoice`.
    pub object_kind: &'static str,
    /// Its id.
    pub object_id: &'a str,
    /// The changed fields as they were.
    pub before: Option<Value>,
    /// The changed fields as they are.
    pub after: Option<Value>,
    /// Number of the request in our logs.
    pub request_id: Option<&'a str>,
}

/// Writes an entry at the end of its issuer's chain. Other writers of that chain wait until the transaction ends, so
/// this is an act's last write but the commit.
pub async fn record(tx: &mut Tx, now: Timestamp, entry: Entry<'_>) -> DbResult<()> {
    let chain = entry.issuer_id.map_or_else(|| INSTALLATION.to_owned(), |id| id.to_string());
    let actor = entry.actor.to_string();
    let before_json = entry.before.map(bounded);
    let after_json = entry.after.map(bounded);
    let (seq, previous) = store::next_place(tx, &chain, START).await?;
    let link = Link {
        chain: &chain,
        seq,
        at: now,
        actor: &actor,
        on_behalf_of: entry.on_behalf_of,
        issuer_id: entry.issuer_id,
        act: entry.act,
        object_kind: entry.object_kind,
        object_id: entry.object_id,
        before_json: before_json.as_deref(),
        after_json: after_json.as_deref(),
        request_id: entry.request_id,
    };
    let hash = link.hash(&previous);
    store::insert(tx, &link, previous, hash).await?;
    store::set_last_hash(tx, &chain, hash).await
}

fn bounded(value: Value) -> String {
    let text = value.to_string();
    if text.len() <= VALUE_MAX_BYTES {
        return text;
    }
    json!({ "omitted_bytes": text.len(), "sha256": hex::encode(Sha256::digest(&text)) }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_leaves_its_mark() {
        assert_eq!(bounded(json!({ "state": "stamped" })), r#"{"state":"stamped"}"#);
        let kept = bounded(Value::String("x".repeat(VALUE_MAX_BYTES)));
        assert!(kept.starts_with(r#"{"omitted_bytes":16386,"sha256":""#), "{kept}");
    }
}
