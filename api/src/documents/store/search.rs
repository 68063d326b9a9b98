//! Finding a receptor's documents. Optional filters are pushed one by one: a query that asks "or is it null" of each
//! filter takes forty times as long on SQLite.
use shared::documents::{DocumentFilter, DocumentSort};
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, on};
use crate::issuers::{IssuerId, Scope};

use super::super::model::DocumentId;

/// Whose documents these are; the RFC is bound after it. The generic RFC belong to nobody in particular.
pub(super) const OF_RECEPTOR: &str = " AND receptor_rfc NOT IN ('XAXX010101000', 'XEXX010101000') AND receptor_rfc = ";

/// A document in a list. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListedRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub kind: String,
    pub state: String,
    pub serie: String,
    pub folio: String,
    pub folio_fiscal: Option<String>,
    pub receptor_rfc: String,
    pub receptor_nombre: String,
    pub contract: Option<String>,
    pub issued_at: Timestamp,
    pub issued_on: String,
    pub time_zone: String,
    pub total_minor: i64,
    pub currency: String,
}

const SELECT: &str = "SELECT id, issuer_id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, \
     contract, issued_at, issued_on, time_zone, total_minor, currency FROM documents WHERE TRUE";

/// What is looked for.
pub struct Search<'a> {
    /// Whose.
    pub rfc: &'a str,
    /// At one issuer alone.
    pub issuer: Option<Scope>,
    /// The other filters.
    pub filter: &'a DocumentFilter,
}

/// Adds the filters of a [`Search`] to a statement. A macro, for the builder's type is another on each engine.
macro_rules! push_filters {
    ($sql:ident, $search:ident) => {
        $sql.push(OF_RECEPTOR).push_bind($search.rfc);
        if let Some(scope) = $search.issuer {
            $sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        if let Some(day) = &$search.filter.issued_from {
            $sql.push(" AND issued_on >= ").push_bind(day);
        }
        if let Some(day) = &$search.filter.issued_to {
            $sql.push(" AND issued_on <= ").push_bind(day);
        }
        if let Some(kind) = $search.filter.kind {
            $sql.push(" AND kind = ").push_bind(kind.as_str());
        }
        if let Some(contract) = &$search.filter.contract {
            $sql.push(" AND contract_folded = ").push_bind(contract);
        }
        if let Some(serie) = &$search.filter.serie {
            $sql.push(" AND UPPER(serie) = ").push_bind(serie);
        }
        if let Some(folio) = $search.filter.folio_from {
            $sql.push(" AND folio_number >= ").push_bind(folio);
        }
        if let Some(folio) = $search.filter.folio_to {
            $sql.push(" AND folio_number <= ").push_bind(folio);
        }
    };
}

/// One page, starting after a day and an id.
pub async fn list(
    conn: &mut impl Conn,
    search: &Search<'_>,
    after: Option<(&str, Uuid)>,
    limit: i64,
) -> DbResult<Vec<ListedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        push_filters!(sql, search);
        let newest = search.filter.sort == DocumentSort::Newest;
        if let Some((issued_on, id)) = after {
            sql.push(if newest { " AND (issued_on, id) < (" } else { " AND (issued_on, id) > (" });
            sql.push_bind(issued_on).push(", ").push_bind(id).push(")");
        }
        sql.push(if newest { " ORDER BY issued_on DESC, id DESC" } else { " ORDER BY issued_on, id" });
        sql.push(" LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Kind, currency, state, number and sum of all that are found.
pub async fn sums(conn: &mut impl Conn, search: &Search<'_>) -> DbResult<Vec<(String, String, String, i64, i64)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT kind, currency, state, COUNT(*), CAST(SUM(total_minor) AS BIGINT) FROM documents WHERE TRUE",
        );
        push_filters!(sql, search);
        sql.push(" GROUP BY kind, currency, state ORDER BY kind, currency, state");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// One document of this receptor.
pub async fn find(conn: &mut impl Conn, rfc: &str, id: DocumentId) -> DbResult<Option<ListedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push(OF_RECEPTOR).push_bind(rfc).push(" AND id = ").push_bind(id.uuid());
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Issuers that have documents for this receptor.
pub async fn list_issuers(conn: &mut impl Conn, rfc: &str, limit: i64) -> DbResult<Vec<IssuerId>> {
    let ids: Vec<Uuid> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT issuer_id FROM documents WHERE TRUE");
        sql.push(OF_RECEPTOR).push_bind(rfc).push(" ORDER BY issuer_id LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(ids.into_iter().map(IssuerId::new).collect())
}

/// Contracts that this receptor's documents name, with their issuers.
pub async fn list_contracts(conn: &mut impl Conn, rfc: &str, limit: i64) -> DbResult<Vec<(Uuid, String)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT issuer_id, MIN(contract) FROM documents WHERE contract IS NOT NULL",
        );
        sql.push(OF_RECEPTOR).push_bind(rfc);
        sql.push(" GROUP BY issuer_id, contract_folded ORDER BY contract_folded, issuer_id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Kinds of document this receptor has.
pub async fn list_kinds(conn: &mut impl Conn, rfc: &str) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT kind FROM documents WHERE TRUE");
        sql.push(OF_RECEPTOR).push_bind(rfc);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}
