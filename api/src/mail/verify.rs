//! What `verify` proves about letters.
use super::store;
use crate::db::{Conn, DbResult};
use crate::jobs::{self, JobKind};
use crate::proof::Proof;

/// Letters looked at together.
const PAGE_ROWS: i64 = 200;

/// Every letter that waits has the job that carries it: an accepted letter is never lost.
pub async fn verify(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("every letter that waits has its job");
    let mut after = None;
    loop {
        let waiting = store::list_queued(conn, after, PAGE_ROWS).await?;
        let Some(last) = waiting.last() else { return Ok(proof) };
        after = Some(*last);
        let carried = jobs::list_subjects(conn, JobKind::DeliverLetter, &waiting).await?;
        for id in &waiting {
            proof.examine((!carried.contains(id)).then(|| format!("letter {id}: no job will ever send it")));
        }
    }
}
