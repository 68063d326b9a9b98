//! Bringing lists in, and asking them.
use std::collections::BTreeSet;

use cfdi::{List, Lists, Validity};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::store::{self, CodeRow, Kept};
use super::{Codes, Found};
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, Db, DbError, DbResult, Timestamp, Tx};

/// Codes in one statement: four values each, far below what an engine binds.
const BATCH: usize = 1_000;
/// A list that comes with less than so many of a hundred codes it had is one cut short, or an older one.
const LEAST_PERCENT: i64 = 90;

/// Why lists were not brought in. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Cut short?
    #[error(
        "{list} has {found} codes in this file and {kept} here: is the file whole? If it is, import it with --fewer"
    )]
    Fewer {
        /// The list's name.
        list: &'static str,
        /// Codes in the file.
        found: i64,
        /// Codes that are here.
        kept: i64,
    },
    /// The database.
    #[error("writing the lists")]
    Db(#[from] DbError),
}

/// What became of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Which.
    pub list: List,
    /// Codes it has now.
    pub codes: i64,
    /// Codes it had; `None` when it was not at hand.
    pub before: Option<i64>,
    /// `false`: it was there already, code by code and day by day.
    pub changed: bool,
}

/// Replaces each list of the file whole, all of them or none. With `fewer` also by a much shorter one.
pub async fn import(db: &Db, now: Timestamp, found: &Found, fewer: bool) -> Result<Vec<Imported>, ImportError> {
    let mut tx = db.begin().await?;
    let mut imported = Vec::with_capacity(found.lists.len());
    for (list, codes) in &found.lists {
        imported.push(replace(&mut tx, now, *list, codes, fewer).await?);
    }
    for (one, codes) in imported.iter().zip(found.lists.values()).filter(|(one, _)| one.changed) {
        audit::record(&mut tx, now, entry(one, &digest(codes))).await?;
    }
    tx.commit().await?;
    Ok(imported)
}

async fn replace(tx: &mut Tx, now: Timestamp, list: List, codes: &Codes, fewer: bool) -> Result<Imported, ImportError> {
    let (many, digest) = (i64::try_from(codes.len()).unwrap_or(i64::MAX), digest(codes));
    let kept = store::find(tx, list).await?;
    let before = kept.as_ref().map(|kept| kept.codes);
    if kept.is_some_and(|kept| kept.digest == digest) {
        return Ok(Imported { list, codes: many, before, changed: false });
    }
    if let Some(kept) = before.filter(|kept| many * 100 < kept * LEAST_PERCENT && !fewer) {
        return Err(ImportError::Fewer { list: list.name(), found: many, kept });
    }
    store::upsert(tx, list, many, &digest, now).await?;
    store::delete_codes(tx, list).await?;
    let all: Vec<(&String, &Validity)> = codes.iter().collect();
    for some in all.chunks(BATCH) {
        store::insert_codes(tx, list, some).await?;
    }
    Ok(Imported { list, codes: many, before, changed: true })
}

fn entry(one: &Imported, digest: &[u8]) -> Entry<'static> {
    Entry {
        actor: Actor::Operator,
        on_behalf_of: None,
        issuer_id: None,
        act: "catalog.imported",
        object_kind: "catalog",
        object_id: one.list.name(),
        before: one.before.map(|codes| json!({ "codes": codes })),
        after: Some(json!({ "codes": one.codes, "sha256": hex::encode(digest) })),
        request_id: None,
    }
}

/// The same codes and days have the same digest, in whichever file they come.
fn digest(codes: &Codes) -> Vec<u8> {
    let mut sum = Sha256::new();
    for (code, Validity { from, until }) in codes {
        for part in [Some(code), from.as_ref(), until.as_ref()] {
            sum.update(part.map_or("", String::as_str));
            sum.update(b"|");
        }
    }
    sum.finalize().to_vec()
}

/// Every list that is at hand.
pub async fn at_hand(conn: &mut impl Conn) -> DbResult<Vec<Kept>> {
    store::list_kept(conn).await
}

/// What the lists at hand say of these codes, for [`cfdi::check_with`].
pub async fn lists_for(conn: &mut impl Conn, wanted: &BTreeSet<(List, String)>) -> DbResult<Lists> {
    let mut lists = Lists::default();
    for list in store::list_kept(conn).await?.iter().filter_map(|kept| List::parse(&kept.name)) {
        lists.have(list);
        let codes: Vec<&str> = wanted.iter().filter(|(of, _)| *of == list).map(|(_, code)| code.as_str()).collect();
        for some in codes.chunks(BATCH) {
            for CodeRow { code, valid_from: from, valid_until: until } in store::list_codes(conn, list, some).await? {
                lists.add(list, code, Validity { from, until });
            }
        }
    }
    Ok(lists)
}
