//! What must hold of the outbox.
use super::store;
use crate::db::{Conn, DbResult};
use crate::proof::Proof;

/// Every issuer's feed goes from 1 to its last number without a gap.
pub async fn feeds(conn: &mut impl Conn) -> DbResult<Proof> {
    let mut proof = Proof::of("every feed of events has no gap");
    for (issuer, last, count, highest) in store::list_feeds(conn).await? {
        let whole = last == count && last == highest;
        proof.examine((!whole).then(|| format!("issuer {issuer}: {count} events, the last is {highest} of {last}")));
    }
    Ok(proof)
}
