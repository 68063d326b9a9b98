//! Which documents speak of which: a nota de crédito of the invoice it lessens, a complemento of the invoices it pays,
//! a substitute of what it replaces. Read off the XML when a document is kept, and walked from both ends.
use std::collections::{BTreeSet, HashMap};

use cfdi::Comprobante;
use shared::documents::DocumentRow;

use super::model::{Asker, DocumentId};
use super::{search, store};
use crate::db::{Conn, DbResult};
use crate::issuers::{Issuer, IssuerId};

/// Documents told at once; a complemento may pay thousands.
const SHOWN_MAX: i64 = 50;

/// Folios fiscales that a document names, upper case, each once.
pub(super) fn named(comprobante: &Comprobante) -> BTreeSet<String> {
    let related = comprobante.cfdi_relacionados.iter().flat_map(|node| &node.uuids);
    let payments = comprobante.pagos.iter().flat_map(|pagos| &pagos.pagos);
    let paid = payments.flat_map(|payment| &payment.doctos_relacionados).map(|paid| &paid.id_documento);
    related.chain(paid).map(|uuid| uuid.trim().to_uppercase()).collect()
}

/// The asker's documents that this one names or that name it, the oldest first.
/// They are its issuer's, who is in `issuers`.
pub(super) async fn list(
    conn: &mut impl Conn,
    asker: &Asker,
    id: DocumentId,
    issuers: &HashMap<IssuerId, Issuer>,
) -> DbResult<Vec<DocumentRow>> {
    let rows = store::list_related(conn, &asker.rfc, asker.only, id, SHOWN_MAX).await?;
    rows.into_iter().map(|row| search::listed(row, issuers)).collect()
}
