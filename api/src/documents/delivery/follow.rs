//! What goes into an archive with the invoices that were chosen: the complementos that pay them and the notas de crédito
//! that lessen them. Only the asker's own, each once, and none that was itself chosen or left out.
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use uuid::Uuid;

use super::ZIP_DOCUMENTS_MAX;
use crate::db::{Conn, DbResult};
use crate::documents::store::{self, FollowerRow};
use crate::issuers::Scope;

/// Documents of one statement: far below what an engine binds.
const ROWS: usize = 500;

/// What goes with the chosen, in the order of their ids.
pub(super) async fn list(
    conn: &mut impl Conn,
    whose: (&str, Option<Scope>),
    chosen: &HashSet<Uuid>,
    except: &BTreeSet<Uuid>,
) -> DbResult<Vec<FollowerRow>> {
    // One more than an archive takes is enough to refuse it.
    let limit = i64::try_from(ZIP_DOCUMENTS_MAX).unwrap_or(i64::MAX).saturating_add(1);
    let ids: Vec<Uuid> = chosen.iter().copied().collect();
    let mut found = BTreeMap::new();
    for part in ids.chunks(ROWS) {
        for row in store::list_followers(conn, whose, part, limit).await? {
            if !chosen.contains(&row.id) && !except.contains(&row.id) {
                add(&mut found, row);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// A complemento may pay invoices of several statements.
fn add(found: &mut BTreeMap<Uuid, FollowerRow>, row: FollowerRow) {
    match found.entry(row.id) {
        Entry::Vacant(free) => _ = free.insert(row),
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            known.invoices += row.invoices;
            if row.invoice < known.invoice {
                known.invoice = row.invoice;
            }
        }
    }
}

/// For the index: `FA-60412`, or `FA-60412 y 3 más`.
pub(super) fn said(row: &FollowerRow) -> String {
    match row.invoices {
        ..=1 => row.invoice.clone(),
        all => format!("{} y {} más", row.invoice, all - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complemento_of_many_invoices_is_one_and_says_how_many() {
        let row =
            |id, invoice: &str, invoices| FollowerRow { id: Uuid::from_u128(id), invoice: invoice.into(), invoices };
        let mut found = BTreeMap::new();
        for row in [row(1, "FA-7", 3), row(2, "FA-9", 1), row(1, "FA-5", 1)] {
            add(&mut found, row);
        }
        let said: Vec<String> = found.values().map(said).collect();
        assert_eq!(said, ["FA-5 y 3 más", "FA-9"]);
    }
}
