//! SQL of an issuer's desk.
use uuid::Uuid;

use super::issued::{COLUMNS, IssuedRow};
use crate::db::{Conn, DbResult, Timestamp, on};
use crate::documents::DocumentId;
use crate::issuers::Scope;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Everything.
    All,
    /// The document of a folio fiscal.
    Stamp(Uuid),
    /// What one RFC received.
    Receptor(String),
    /// What has one of these series, in upper case, and its folio; of any serie when that is empty.
    Numbers(Vec<(String, String)>),
}

/// A document, withdrawn or not.
#[derive(Debug, sqlx::FromRow)]
pub struct DeskRow {
    #[sqlx(flatten)]
    pub issued: IssuedRow,
    pub withdrawn_at: Option<Timestamp>,
}

/// One page, the last that came first.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    looked: &Looked,
    before: Option<(Timestamp, DocumentId)>,
    limit: i64,
) -> DbResult<Vec<DeskRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT withdrawn_at, ");
        sql.push(COLUMNS).push(" FROM ");
        if let Looked::Numbers(numbers) = looked {
            // Each by the index of folios, and joined in this order: the list's own would lead through all there is.
            sql.push("(SELECT id AS hit FROM documents WHERE FALSE");
            for (serie, folio) in numbers {
                sql.push(" UNION SELECT id FROM documents WHERE issuer_id = ").push_bind(scope.uuid());
                sql.push(" AND folio = ").push_bind(folio.clone());
                if !serie.is_empty() {
                    sql.push(" AND UPPER(serie) = ").push_bind(serie.clone());
                }
            }
            sql.push(") AS hits CROSS JOIN documents WHERE id = hit AND issuer_id = ");
        } else {
            sql.push("documents WHERE issuer_id = ");
        }
        sql.push_bind(scope.uuid());
        match looked {
            Looked::All | Looked::Numbers(_) => {}
            Looked::Stamp(uuid) => {
                let small = uuid.to_string();
                sql.push(" AND folio_fiscal IN (").push_bind(small.to_ascii_uppercase()).push(", ").push_bind(small).push(")");
            }
            Looked::Receptor(rfc) => {
                sql.push(" AND receptor_rfc = ").push_bind(rfc.clone());
            }
        }
        if let Some((at, id)) = before {
            sql.push(" AND (created_at, id) < (").push_bind(at).push(", ").push_bind(id.uuid()).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
