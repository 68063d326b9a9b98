//! An issuer's documents in the order in which they changed.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, on};
use crate::documents::model::{DocumentId, Wanted};
use crate::issuers::Scope;

/// A document as its issuer's systems read it.
#[derive(Debug, sqlx::FromRow)]
pub struct IssuedRow {
    pub id: Uuid,
    pub kind: String,
    pub state: String,
    pub serie: String,
    pub folio: String,
    pub folio_fiscal: Option<String>,
    pub receptor_rfc: String,
    pub receptor_nombre: String,
    pub contract: Option<String>,
    pub external_id: Option<String>,
    pub purchase_order: Option<String>,
    pub issued_on: String,
    pub total_minor: i64,
    pub currency: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What is read of it.
pub const COLUMNS: &str = "id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, contract, \
     external_id, purchase_order, issued_on, total_minor, currency, created_at, updated_at";
const OF_ISSUER: &str = " FROM documents WHERE withdrawn_at IS NULL AND issuer_id = ";

/// One page.
pub async fn list_issued(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: &Wanted,
    after: Option<(Timestamp, DocumentId)>,
    limit: i64,
) -> DbResult<Vec<IssuedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(OF_ISSUER).push_bind(scope.uuid());
        if let Some(since) = wanted.since {
            sql.push(" AND updated_at >= ").push_bind(since);
        }
        if let Some(receptor) = &wanted.receptor {
            sql.push(" AND receptor_rfc = ").push_bind(receptor.as_str());
        }
        if let Some(folio_fiscal) = wanted.folio_fiscal {
            let [small, capitals] = written(folio_fiscal);
            sql.push(" AND folio_fiscal IN (").push_bind(small).push(", ").push_bind(capitals).push(")");
        }
        if let Some((at, id)) = after {
            sql.push(" AND (updated_at, id) > (").push_bind(at).push(", ").push_bind(id.uuid()).push(")");
        }
        sql.push(" ORDER BY updated_at, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// One document.
pub async fn find_issued(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<IssuedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT ");
        sql.push(COLUMNS).push(OF_ISSUER).push_bind(scope.uuid()).push(" AND id = ").push_bind(id.uuid());
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// PACs write the UUID of a stamp in small letters or in capitals.
fn written(folio_fiscal: Uuid) -> [String; 2] {
    let small = folio_fiscal.to_string();
    let capitals = small.to_ascii_uppercase();
    [small, capitals]
}

/// A document by the UUID of its stamp.
pub async fn find_by_folio_fiscal(conn: &mut impl Conn, scope: Scope, folio_fiscal: Uuid) -> DbResult<Option<Uuid>> {
    let [small, capitals] = written(folio_fiscal);
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT id FROM documents WHERE issuer_id = $1 AND folio_fiscal IN ($2, $3)")
        .bind(scope.uuid()).bind(small).bind(capitals).fetch_optional(ex).await)?)
}

/// Whether a document of this receptor's that is there has this contract.
pub async fn names_contract(conn: &mut impl Conn, scope: Scope, rfc: &str, folded: &str) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM documents WHERE receptor_rfc = $1 AND contract_folded = $2 AND issuer_id = $3 \
         AND withdrawn_at IS NULL)",
    ).bind(rfc).bind(folded).bind(scope.uuid()).fetch_one(ex).await)?)
}
