//! What `verify` proves about documents.
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use super::store::KeptDocument;
use super::{DocumentId, store};
use crate::db::{Conn, DbResult};
use crate::files::{FileError, FileKey, Files};
use crate::issuers::Scope;
use crate::proof::Proof;

/// Documents in memory at once: each may be some megabytes.
const PAGE_ROWS: i64 = 20;
/// Names of files that are asked for at once.
const NAMES: i64 = 500;
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

/// All documents that are files of the store, some 250 bytes each: read first and let go of the database, since the
/// store may be far away and slow. No file of a document is ever taken away or written over, so they are of one moment.
pub async fn list_files(conn: &mut impl Conn) -> DbResult<Vec<KeptFile>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let rows = store::list_files(conn, after, NAMES).await?;
        let Some((last, ..)) = rows.last() else { return Ok(all) };
        after = Some(*last);
        for (id, key, sha256) in rows {
            let key = FileKey::parse(&key).map_err(|_error| store::unreadable("pdf_key"))?;
            all.push(KeptFile { id, key, sha256 });
        }
    }
}

/// Every document that is a PDF and no CFDI lies in the file store as it was kept. A store that is out of reach proves
/// nothing of any.
pub async fn files(kept: &[KeptFile], files: &Files) -> Result<Proof, FileError> {
    let mut proof = Proof::of("every kept file matches its SHA-256");
    for KeptFile { id, key, sha256 } in kept {
        match files.get(key, sha256).await {
            Err(error) if error.is_out_of_reach() => return Err(error),
            read => proof.examine(read.err().map(|error| format!("document {id}: {error}"))),
        }
    }
    Ok(proof)
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
