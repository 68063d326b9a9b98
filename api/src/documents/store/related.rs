//! SQL of what documents say of each other.
use std::collections::BTreeSet;

use uuid::Uuid;

use super::search::{ListedRow, OF_RECEPTOR, SELECT, push_only};
use crate::db::{Conn, DbResult, Tx, on};
use crate::documents::model::DocumentId;
use crate::issuers::{IssuerId, Scope};

/// Rows of one statement: three values each, far below what an engine binds.
const ROWS: usize = 500;

/// Keeps what a document names.
pub async fn insert_references(tx: &mut Tx, scope: Scope, id: DocumentId, named: &BTreeSet<String>) -> DbResult<()> {
    let named: Vec<&String> = named.iter().collect();
    for part in named.chunks(ROWS) {
        on!(tx, ex => {
            let mut sql =
                sqlx::QueryBuilder::new("INSERT INTO document_references (document_id, issuer_id, folio_fiscal) ");
            sql.push_values(part, |mut row, folio_fiscal| {
                row.push_bind(id.uuid()).push_bind(scope.uuid()).push_bind(folio_fiscal.as_str());
            });
            sql.build().execute(ex).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// A document that is still to be read.
#[derive(Debug, Clone, Copy, sqlx::FromRow)]
pub struct UnreadRow {
    issuer_id: Uuid,
    document_id: Uuid,
    /// What it names is known: only its words are to be read.
    pub is_named: bool,
}

impl UnreadRow {
    /// Whose it is, and which.
    pub fn key(self) -> (Scope, DocumentId) {
        (Scope::of(IssuerId::new(self.issuer_id)), DocumentId::new(self.document_id))
    }
}

/// Takes some of those that are still to be read: in the transaction that keeps what they say.
pub async fn claim_unread(tx: &mut Tx, limit: i64) -> DbResult<Vec<UnreadRow>> {
    let skip_locked = tx.skip_locked();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "DELETE FROM documents_unread WHERE document_id IN \
             (SELECT document_id FROM documents_unread ORDER BY document_id LIMIT ",
        );
        sql.push_bind(limit).push(skip_locked).push(") RETURNING issuer_id, document_id, is_named");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// A receptor's documents that this one names or that name it: one issuer's, for a folio fiscal is looked for there.
pub async fn list_related(
    conn: &mut impl Conn,
    rfc: &str,
    only: Option<Scope>,
    id: DocumentId,
    limit: i64,
) -> DbResult<Vec<ListedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push(OF_RECEPTOR).push_bind(rfc);
        if let Some(scope) = only {
            sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        sql.push(
            " AND id IN (SELECT named.id FROM document_references AS r JOIN documents AS named \
             ON named.issuer_id = r.issuer_id AND named.folio_fiscal = r.folio_fiscal WHERE r.document_id = ",
        );
        sql.push_bind(id.uuid());
        sql.push(
            " UNION SELECT r.document_id FROM documents AS this JOIN document_references AS r \
             ON r.issuer_id = this.issuer_id AND r.folio_fiscal = this.folio_fiscal WHERE this.id = ",
        );
        sql.push_bind(id.uuid()).push(") ORDER BY issued_on, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// A document that speaks of invoices: a complemento that pays them, a nota de crédito that lessens them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FollowerRow {
    /// Which.
    pub id: Uuid,
    /// The number of the first of those invoices.
    pub invoice: String,
    /// How many of them it speaks of.
    pub invoices: i64,
}

/// A receptor's complementos and notas de crédito that name one of these invoices; at most those of the one issuer that
/// is named. Joined in this order: they are few, and the receptor's documents are many.
pub async fn list_followers(
    conn: &mut impl Conn,
    (rfc, only): (&str, Option<Scope>),
    invoices: &[Uuid],
    limit: i64,
) -> DbResult<Vec<FollowerRow>> {
    if invoices.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, invoice, invoices FROM (SELECT r.document_id AS hit, COUNT(*) AS invoices, \
             MIN(CASE WHEN this.serie = '' THEN this.folio ELSE this.serie || '-' || this.folio END) AS invoice \
             FROM documents AS this JOIN document_references AS r \
             ON r.issuer_id = this.issuer_id AND r.folio_fiscal = this.folio_fiscal \
             WHERE this.kind = 'factura' AND this.id IN (",
        );
        let mut list = sql.separated(", ");
        for id in invoices {
            list.push_bind(*id);
        }
        sql.push(") GROUP BY r.document_id) AS hits CROSS JOIN documents WHERE id = hit");
        sql.push(OF_RECEPTOR).push_bind(rfc);
        push_only!(sql, only);
        sql.push(" AND kind IN ('nota_de_credito', 'complemento_de_pago') ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
