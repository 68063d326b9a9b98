//! SQL of documents.
pub(super) mod bundles;
pub(super) mod credit;
pub(super) mod delivery;
pub(super) mod desk;
pub(super) mod digest;
pub(super) mod facts;
mod issued;
mod numbers;
pub(super) mod publish;
mod related;
mod search;
pub(super) mod sharing;
mod words;

use sha2::{Digest, Sha256};
use shared::accounts::fold_contract;
use shared::documents::DocumentState;
use uuid::Uuid;

use super::model::{Content, DocumentId, NewDocument, Origin, Whose};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

pub(super) use issued::{IssuedRow, find_by_folio_fiscal, find_issued, list_issued, names_contract};
pub(super) use numbers::choose_number;
pub(super) use related::{FollowerRow, claim_unread, insert_references, list_followers, list_related};
pub(super) use search::{
    After, ListedRow, Search, find, list, list_all_ids, list_contracts, list_issuers, list_kinds, sums,
};
pub(super) use words::{ByWords, WordsRow, choose, find_words, insert_words, list_words, mark_words};

pub(super) fn unreadable(what: &'static str) -> DbError {
    DbError::Internal(sqlx::Error::Decode(format!("documents: unreadable {what}").into()))
}

pub(super) async fn insert(
    tx: &mut Tx,
    scope: Scope,
    id: DocumentId,
    (document, origin): (&NewDocument, &Origin<'_>),
    (words, feed_seq): (&str, i64),
    now: Timestamp,
) -> DbResult<()> {
    let (folio_fiscal, xml, xml_sha256, pdf_key, pdf_sha256) = match &document.content {
        Content::Cfdi { folio_fiscal, xml } => {
            (Some(folio_fiscal.as_str()), Some(xml.as_slice()), Some(Sha256::digest(xml).to_vec()), None, None)
        }
        Content::Pdf { key, sha256 } => (None, None, None, Some(key.as_str()), Some(sha256.to_vec())),
    };
    on!(tx, ex => sqlx::query(
        "INSERT INTO documents (id, issuer_id, kind, state, serie, folio, folio_number, folio_fiscal, receptor_rfc, \
         receptor_nombre, contract, contract_folded, issued_at, issued_on, time_zone, total_minor, currency, xml, \
         xml_sha256, pdf_key, pdf_sha256, created_at, purchase_order, purchase_order_folded, external_id, words, \
         feed_seq, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
         $21, $22, $23, $24, $25, $26, $27, $22)",
    )
    .bind(id.uuid()).bind(scope.uuid()).bind(document.kind.as_str()).bind(DocumentState::Vigente.as_str())
    .bind(&document.serie).bind(&document.folio).bind(document.folio_number).bind(folio_fiscal)
    .bind(&document.receptor_rfc).bind(&document.receptor_nombre)
    .bind(&document.contract).bind(document.contract.as_deref().map(fold_contract))
    .bind(document.issued_at).bind(&document.issued_on).bind(&document.time_zone)
    .bind(document.total.minor()).bind(document.total.currency().code())
    .bind(xml).bind(xml_sha256).bind(pdf_key).bind(pdf_sha256).bind(now)
    .bind(origin.purchase_order).bind(origin.purchase_order.map(fold_contract)).bind(origin.external_id)
    .bind(words).bind(feed_seq)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A document's bytes, or where they are. The only place that knows the column names.
#[derive(Clone, sqlx::FromRow)]
pub(super) struct ContentRow {
    pub issuer_id: Uuid,
    pub serie: String,
    pub folio: String,
    pub issued_on: String,
    pub state: String,
    pub xml: Option<Vec<u8>>,
    pub xml_sha256: Option<Vec<u8>>,
    pub pdf_key: Option<String>,
    pub pdf_sha256: Option<Vec<u8>>,
}

pub(super) async fn find_content(
    conn: &mut impl Conn,
    whose: Whose<'_>,
    id: DocumentId,
) -> DbResult<Option<ContentRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT issuer_id, serie, folio, issued_on, state, xml, xml_sha256, pdf_key, pdf_sha256 FROM documents \
             WHERE withdrawn_at IS NULL AND id = ",
        );
        sql.push_bind(id.uuid());
        match whose {
            Whose::Issuer(scope) => sql.push(" AND issuer_id = ").push_bind(scope.uuid()),
            Whose::Receptor(rfc) => sql.push(search::OF_RECEPTOR).push_bind(rfc),
            Whose::ReceptorAt(rfc, scope) => {
                sql.push(search::OF_RECEPTOR).push_bind(rfc).push(" AND issuer_id = ").push_bind(scope.uuid())
            }
        };
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The folio fiscal of a stamped document.
pub(super) async fn find_folio_fiscal(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<String>> {
    let found: Option<Option<String>> = on!(conn, ex => sqlx::query_scalar("SELECT folio_fiscal FROM documents WHERE id = $1 AND issuer_id = $2")
            .bind(id.uuid()).bind(scope.uuid()).fetch_optional(ex).await)?;
    Ok(found.flatten())
}

/// Whether a document still holds.
pub(super) async fn find_state(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT state FROM documents WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).fetch_optional(ex).await)?)
}

/// An issuer's document by its number, and its folio fiscal. Within a contract a number has no serie.
pub(super) async fn find_by_number(
    conn: &mut impl Conn,
    scope: Scope,
    kind: &str,
    (contract, serie, folio): (Option<&str>, &str, &str),
) -> DbResult<Option<(Uuid, Option<String>)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, folio_fiscal FROM documents WHERE withdrawn_at IS NULL AND issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND kind = ").push_bind(kind);
        sql.push(" AND folio = ").push_bind(folio);
        match contract {
            Some(contract) => sql.push(" AND contract_folded = ").push_bind(fold_contract(contract)),
            None => sql.push(" AND serie = ").push_bind(serie),
        };
        sql.push(" ORDER BY id LIMIT 1").build_query_as().fetch_optional(ex).await
    })?)
}

/// A receptor's statement that has no contract, by its number.
pub(super) async fn find_statement_of(
    conn: &mut impl Conn,
    scope: Scope,
    rfc: &str,
    (serie, folio): (&str, &str),
) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT id FROM documents WHERE withdrawn_at IS NULL AND issuer_id = $1 AND receptor_rfc = $2 \
         AND kind = 'estado_de_cuenta' AND contract_folded IS NULL AND folio = $3 AND serie = $4 \
         ORDER BY id LIMIT 1",
    ).bind(scope.uuid()).bind(rfc).bind(folio).bind(serie).fetch_optional(ex).await)?)
}

/// CFDI after a key, with their digests as kept: `verify` walks them all.
pub(super) async fn list_for_verification(
    conn: &mut impl Conn,
    after: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<(Uuid, Vec<u8>, Vec<u8>)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, xml, xml_sha256 FROM documents WHERE xml IS NOT NULL AND xml_sha256 IS NOT NULL",
        );
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Documents that lie in the file store, after a key: where, and their digests as kept.
pub(super) async fn list_files(
    conn: &mut impl Conn,
    after: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<(Uuid, String, Vec<u8>)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, pdf_key, pdf_sha256 FROM documents WHERE pdf_key IS NOT NULL AND pdf_sha256 IS NOT NULL",
        );
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Whose a document is: for the queue, whose rows carry only its id.
pub(super) async fn find_owner(conn: &mut impl Conn, id: DocumentId) -> DbResult<Option<Scope>> {
    let issuer: Option<Uuid> = on!(conn, ex => sqlx::query_scalar("SELECT issuer_id FROM documents WHERE id = $1")
        .bind(id.uuid()).fetch_optional(ex).await)?;
    Ok(issuer.map(|id| Scope::of(IssuerId::new(id))))
}

/// What a CFDI's row says, with its bytes.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeptDocument {
    /// Serie.
    pub serie: String,
    /// Folio as printed.
    pub folio: String,
    /// UUID of the stamp, upper case.
    pub folio_fiscal: String,
    /// Total in minor units of the currency.
    pub total_minor: i64,
    /// Currency.
    pub currency: String,
    /// The document.
    pub xml: Vec<u8>,
}

pub(super) async fn find_kept(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<KeptDocument>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT serie, folio, folio_fiscal, total_minor, currency, xml FROM documents \
         WHERE id = $1 AND issuer_id = $2 AND xml IS NOT NULL",
    ).bind(id.uuid()).bind(scope.uuid()).fetch_optional(ex).await)?)
}

pub(super) async fn count(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM documents").fetch_one(ex).await)?)
}

/// Issuer, serie and folio of what stands on two documents of one kind. Statements count within their contract, which
/// an index of their own watches. What was withdrawn gave its number and its publisher's id up.
pub(super) async fn list_doubled_folios(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<(Uuid, String, String)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, serie, folio FROM documents WHERE kind <> 'estado_de_cuenta' AND external_id IS NULL \
         AND withdrawn_at IS NULL GROUP BY issuer_id, kind, serie, folio HAVING COUNT(*) > 1 ORDER BY issuer_id, serie, folio LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}
