//! How one row is bound to the one before it.
//!
//! `hash = SHA-256(FORM ‖ previous hash ‖ field ‖ field ‖ …)`, the fields in the order of [`Link`]. A field is one byte
//! (0 absent, 1 present) and, when present, its length in bytes as 8 bytes big-endian and the bytes themselves: no two
//! different rows give the same input. Numbers are 8 bytes big-endian; `at` is microseconds since 1970; ids are their
//! 16 bytes; JSON is the very text of the column.
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::db::Timestamp;

/// Names this encoding; another encoding gets another name.
const FORM: &[u8] = b"ventanilla audit 1\n";

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// What stands before the first row.
pub(super) const START: Hash = [0; 32];

/// All that a row says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link<'a> {
    pub chain: &'a str,
    pub seq: i64,
    pub at: Timestamp,
    pub actor: &'a str,
    pub on_behalf_of: Option<&'a str>,
    pub issuer_id: Option<Uuid>,
    pub act: &'a str,
    pub object_kind: &'a str,
    pub object_id: &'a str,
    pub before_json: Option<&'a str>,
    pub after_json: Option<&'a str>,
    pub request_id: Option<&'a str>,
}

impl Link<'_> {
    /// The row's hash, given that of the row before.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let mut digest = Sha256::new();
        digest.update(FORM);
        digest.update(previous);
        let mut field = |bytes: Option<&[u8]>| match bytes {
            None => digest.update([0]),
            Some(bytes) => {
                digest.update([1]);
                digest.update(u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes());
                digest.update(bytes);
            }
        };
        field(Some(self.chain.as_bytes()));
        field(Some(&self.seq.to_be_bytes()));
        field(Some(&self.at.jiff().as_microsecond().to_be_bytes()));
        field(Some(self.actor.as_bytes()));
        field(self.on_behalf_of.map(str::as_bytes));
        field(self.issuer_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(Some(self.act.as_bytes()));
        field(Some(self.object_kind.as_bytes()));
        field(Some(self.object_id.as_bytes()));
        field(self.before_json.map(str::as_bytes));
        field(self.after_json.map(str::as_bytes));
        field(self.request_id.map(str::as_bytes));
        digest.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link<'static> {
        Link {
            chain: "installation",
            seq: 1,
            at: Timestamp::new("2026-11-22T10:00:00.000001Z".parse().unwrap()),
            actor: "guest",
            on_behalf_of: None,
            issuer_id: Some(Uuid::from_u128(7)),
            act: "invoice.stamped",
            object_kind: "invoice",
            object_id: "1",
            before_json: Some("{}"),
            after_json: None,
            request_id: Some("r"),
        }
    }

    #[test]
    fn the_encoding_never_changes() {
        // Computed apart from this code, from the description above. Another value here breaks every log in the field.
        assert_eq!(
            hex::encode(link().hash(&START)),
            "6cc3e0e951a580c8a2d0b78da21b8413c0be5816f9ea7c00cfbc38311f06dbbb"
        );
    }

    #[test]
    fn every_field_counts() {
        let changed = [
            Link { chain: "other", ..link() },
            Link { seq: 2, ..link() },
            Link { at: link().at.plus_seconds(1), ..link() },
            Link { actor: "system", ..link() },
            Link { on_behalf_of: Some(""), ..link() },
            Link { issuer_id: None, ..link() },
            Link { act: "invoice.viewed", ..link() },
            Link { object_kind: "document", ..link() },
            Link { object_id: "2", ..link() },
            Link { before_json: None, ..link() },
            Link { after_json: Some("{}"), ..link() },
            Link { request_id: None, ..link() },
        ];
        let mut hashes: Vec<Hash> = changed.iter().map(|link| link.hash(&START)).collect();
        hashes.push(link().hash(&START));
        hashes.push(link().hash(&[1; 32]));
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    #[test]
    fn a_border_between_fields_cannot_be_moved() {
        let one = Link { act: "ab", object_kind: "c", ..link() };
        let other = Link { act: "a", object_kind: "bc", ..link() };
        assert_ne!(one.hash(&START), other.hash(&START));
    }
}
