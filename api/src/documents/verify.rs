//! What `verify` proves about documents.
use sha2::{Digest, Sha256};

pub use super::store::KeptDocument;
use super::{DocumentId, store};
use crate::db::{Conn, DbResult};
use crate::files::{FileKey, Files};
use crate::issuers::Scope;
use crate::proof::Proof;

/// Documents in memory at once: each may be some megabytes.
const PAGE_ROWS: i64 = 20;
/// Doubled folios that are named.
const DOUBLED_MAX: i64 = 20;

/// Every document is byte for byte what the PAC returned (F25).
pub async fn whole(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("every document matches its SHA-256");
    let mut after = None;
    loop {
        let rows = store::list_for_verification(conn, after, PAGE_ROWS).await?;
        let Some((last, ..)) = rows.last() else { return Ok(proof) };
        after = Some(*last);
        for (id, xml, digest) in &rows {
            let damaged = Sha256::digest(xml).as_slice() != digest;
            proof.examine(damaged.then(|| format!("document {id}: its bytes are not those that were kept")));
        }
    }
}

/// Every document that is a PDF and no CFDI lies in the file store as it was kept.
pub async fn files(conn: &mut impl Conn, files: &Files) -> DbResult<Proof> {
    let mut proof = Proof::of("every kept file matches its SHA-256");
    let mut after = None;
    loop {
        let rows = store::list_files(conn, after, PAGE_ROWS).await?;
        let Some((last, ..)) = rows.last() else { return Ok(proof) };
        after = Some(*last);
        for (id, key, digest) in &rows {
            let found = match FileKey::parse(key) {
                Ok(key) => files.get(&key, digest).await,
                Err(error) => Err(error),
            };
            proof.examine(found.err().map(|error| format!("document {id}: {error}")));
        }
    }
}

/// No issuer has two documents of one kind with the same serie and folio.
pub async fn folios(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("no folio is on two documents");
    proof.examined = u64::try_from(store::count(conn).await?).unwrap_or(0);
    for (issuer, serie, folio) in store::list_doubled_folios(conn, DOUBLED_MAX).await? {
        proof.fault(format!("issuer {issuer}: {serie}-{folio} is on more than one document"));
    }
    Ok(proof)
}

/// A document as kept, for whoever made it to compare with what was meant.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<KeptDocument>> {
    store::find_kept(conn, scope, id).await
}
