//! What an operator may do to the counters of folios: move them on, never back.
use super::store;
use crate::db::{DbResult, Tx};

/// Leaves out the next `count` folios of every serie; says how many series there are. After a restore, the numbers of
/// invoices made since the backup stay with those invoices.
pub async fn skip(tx: &mut Tx, count: i64) -> DbResult<u64> {
    store::skip_folios(tx, count.max(0)).await
}
