//! What an invoice says of its payment: one whose método de pago is PPD (c_MetodoPago: *pago en parcialidades o
//! diferido*) leaves its total owed. Whoever counts what is owed asks here, by a job of the transaction that kept or
//! withdrew the document; this room counts nothing.
use cfdi::Comprobante;
use fiscal::{Amount, Currency, MetodoPago, Rate, Rfc};
use uuid::Uuid;

use super::store::credit::{self as store, InvoiceRow};
use super::{DocumentId, DocumentKind};
use crate::App;
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::{IssuerId, Scope};
use crate::jobs::{self, JobKind};

/// An invoice on credit, as far as it matters to who counts what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCredit {
    /// Whose it is.
    pub scope: Scope,
    /// Who owes.
    pub receptor: Rfc,
    /// The receptor's number at the issuer.
    pub contract: Option<String>,
    /// Serie and folio as people say them.
    pub number: String,
    /// Civil day of its Fecha, `YYYY-MM-DD`.
    pub issued_on: String,
    /// What is to be paid.
    pub total: Amount,
    /// Its TipoCambio: pesos for one unit, of an invoice that is not in pesos.
    pub rate: Option<Rate>,
}

fn is_on_credit(kind: DocumentKind, comprobante: &Comprobante) -> bool {
    kind == DocumentKind::Factura && comprobante.metodo_pago.as_deref() == Some(MetodoPago::Ppd.code())
}

/// Has an invoice on credit counted: in the transaction that keeps it.
pub(super) async fn note(
    tx: &mut Tx,
    app: &App,
    (id, kind): (DocumentId, DocumentKind),
    comprobante: &Comprobante,
) -> DbResult<()> {
    if is_on_credit(kind, comprobante) { changed(tx, app, id).await } else { Ok(()) }
}

/// Has a document counted anew: in the transaction that withdraws it or brings it back.
pub(super) async fn changed(tx: &mut Tx, app: &App, id: DocumentId) -> DbResult<()> {
    jobs::enqueue(tx, &app.ids, JobKind::FollowInvoice, id.uuid(), app.now()).await
}

/// The invoice on credit with this id. `None`: there is none, or it is paid at once.
pub async fn find(conn: &mut impl Conn, id: DocumentId) -> DbResult<Option<OnCredit>> {
    Ok(store::find_invoice(conn, id).await?.and_then(read))
}

/// Whether the document is withdrawn or cancelled, and asks nobody for money; it stays so until the transaction ends.
pub async fn lock(tx: &mut Tx, id: DocumentId) -> DbResult<bool> {
    store::lock_document(tx, id).await
}

/// What its row and its XML say. What cannot be read is no invoice on credit: nobody shall owe what nobody can show.
fn read(row: InvoiceRow) -> Option<OnCredit> {
    let comprobante = cfdi::read(&row.xml).ok()?.comprobante;
    if !is_on_credit(DocumentKind::Factura, &comprobante) {
        return None;
    }
    let currency = Currency::parse(&row.currency).ok()?;
    let rate = comprobante.tipo_cambio.filter(|_| currency != Currency::Mxn).map(|rate| Rate::parse(&rate.to_string()));
    Some(OnCredit {
        scope: Scope::of(IssuerId::new(row.issuer_id)),
        receptor: Rfc::parse(&row.receptor_rfc).ok()?,
        contract: row.contract,
        number: shared::documents::document_number(&row.serie, &row.folio),
        issued_on: row.issued_on,
        total: Amount::new(row.total_minor, currency),
        rate: rate.transpose().ok()?,
    })
}

/// Up to `limit` invoices made out to an RFC, of every issuer, after an id.
pub async fn list_invoices_of(
    conn: &mut impl Conn,
    rfc: &str,
    after: Option<DocumentId>,
    limit: i64,
) -> DbResult<Vec<DocumentId>> {
    let ids: Vec<Uuid> = store::list_invoices_of(conn, rfc, after.map(DocumentId::uuid), limit).await?;
    Ok(ids.into_iter().map(DocumentId::new).collect())
}
