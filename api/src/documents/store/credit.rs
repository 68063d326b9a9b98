//! SQL of what invoices leave owed. The queue asks by id alone, so nothing here has an owner's filter.
use uuid::Uuid;

use super::DocumentId;
use crate::db::{Conn, DbResult, Tx, on};

/// An invoice and its bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InvoiceRow {
    pub issuer_id: Uuid,
    pub receptor_rfc: String,
    pub contract: Option<String>,
    pub serie: String,
    pub folio: String,
    pub issued_on: String,
    pub total_minor: i64,
    pub currency: String,
    pub xml: Vec<u8>,
}

pub async fn find_invoice(conn: &mut impl Conn, id: DocumentId) -> DbResult<Option<InvoiceRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, receptor_rfc, contract, serie, folio, issued_on, total_minor, currency, xml FROM documents \
         WHERE id = $1 AND kind = 'factura' AND xml IS NOT NULL",
    ).bind(id.uuid()).fetch_optional(ex).await)?)
}

/// Whether a document asks nobody for money: it is withdrawn, cancelled at the SAT, or gone. Locked.
pub async fn lock_document(tx: &mut Tx, id: DocumentId) -> DbResult<bool> {
    let for_update = tx.for_update();
    let is_withdrawn: Option<bool> = on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT withdrawn_at IS NOT NULL OR state = 'cancelada' FROM documents WHERE id = ");
        sql.push_bind(id.uuid()).push(for_update);
        sql.build_query_scalar().fetch_optional(ex).await
    })?;
    Ok(is_withdrawn.unwrap_or(true))
}

/// Invoices made out to an RFC after an id, in the order of their ids.
pub async fn list_invoices_of(conn: &mut impl Conn, rfc: &str, after: Option<Uuid>, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id FROM documents WHERE kind = 'factura' AND xml IS NOT NULL AND withdrawn_at IS NULL \
             AND receptor_rfc = ",
        );
        sql.push_bind(rfc);
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}
