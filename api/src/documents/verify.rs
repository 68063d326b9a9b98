//! What `verify` proves about documents.
use sha2::{Digest, Sha256};
use uuid::Uuid;

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

/// A document that is a file of the store.
#[derive(Debug)]
pub struct KeptFile {
    /// The document.
    pub id: Uuid,
    /// Where its bytes are.
    pub key: FileKey,
    /// What they are.
    pub sha256: Vec<u8>,
}

/// Documents that are files of the store, after a key.
pub async fn list_files(conn: &mut impl Conn, after: Option<Uuid>, limit: i64) -> DbResult<Vec<KeptFile>> {
    let rows = store::list_files(conn, after, limit).await?.into_iter();
    rows.map(|(id, key, sha256)| {
        let key = FileKey::parse(&key).map_err(|_error| store::unreadable("pdf_key"))?;
        Ok(KeptFile { id, key, sha256 })
    })
    .collect()
}

/// Every document that is a PDF and no CFDI lies in the file store as it was kept.
pub async fn files(conn: &mut impl Conn, files: &Files) -> DbResult<Proof> {
    let mut proof = Proof::of("every kept file matches its SHA-256");
    let mut after = None;
    loop {
        let rows = list_files(conn, after, PAGE_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(proof) };
        after = Some(last.id);
        for row in &rows {
            let fault = files.get(&row.key, &row.sha256).await.err();
            proof.examine(fault.map(|error| format!("document {}: {error}", row.id)));
        }
    }
}

/// No issuer has two documents of one kind with the same serie and folio. What was made elsewhere is numbered there.
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
