//! SQL of publishing and withdrawing.
use shared::accounts::fold_contract;
use uuid::Uuid;

use crate::db::{DbResult, Timestamp, Tx, on};
use crate::documents::DocumentId;
use crate::issuers::Scope;

/// A document that has one of the names asked for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PublishedRow {
    /// Which.
    pub id: Uuid,
    /// The publisher's id.
    pub external_id: Option<String>,
    /// Of its XML, or of its PDF.
    pub sha256: Vec<u8>,
    /// Its kind.
    pub kind: String,
    /// Whose it is.
    pub receptor_rfc: String,
    /// The receptor's number at the issuer.
    pub contract: Option<String>,
    /// The receptor's order that it answers.
    pub purchase_order: Option<String>,
    /// Serie; may be empty.
    pub serie: String,
    /// Folio, or the paper's number.
    pub folio: String,
    /// Total in minor units of the currency.
    pub total_minor: i64,
    /// Currency.
    pub currency: String,
    /// Instant of its date.
    pub issued_at: Timestamp,
    /// It is there for nobody.
    pub withdrawn: bool,
}

impl PublishedRow {
    /// Its id.
    pub fn id(&self) -> DocumentId {
        DocumentId::new(self.id)
    }

    /// Whether this is the publisher's id of it.
    pub fn is_called(&self, external_id: &str) -> bool {
        self.external_id.as_deref() == Some(external_id)
    }
}

const SELECT: &str = "SELECT id, external_id, kind, receptor_rfc, contract, purchase_order, serie, folio, \
     total_minor, currency, issued_at, COALESCE(xml_sha256, pdf_sha256) AS sha256, withdrawn_at IS NOT NULL AS withdrawn FROM documents WHERE issuer_id = ";

/// Documents that have this id of the publisher's, or this folio fiscal.
pub async fn lock_named(
    tx: &mut Tx,
    scope: Scope,
    external_id: &str,
    folio_fiscal: Option<&str>,
) -> DbResult<Vec<PublishedRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid()).push(" AND (external_id = ").push_bind(external_id);
        if let Some(folio_fiscal) = folio_fiscal {
            sql.push(" OR folio_fiscal = ").push_bind(folio_fiscal);
        }
        sql.push(") ORDER BY id").push(for_update).build_query_as().fetch_all(ex).await
    })?)
}

/// Whether a document is this PDF.
pub async fn is_pdf(tx: &mut Tx, scope: Scope, id: DocumentId, sha256: &[u8]) -> DbResult<bool> {
    let found: i64 = on!(tx, ex => sqlx::query_scalar(
        "SELECT COUNT(*) FROM documents WHERE id = $1 AND issuer_id = $2 AND pdf_sha256 = $3",
    ).bind(id.uuid()).bind(scope.uuid()).bind(sha256).fetch_one(ex).await)?;
    Ok(found == 1)
}

/// The document, when it was published from elsewhere, withdrawn or not.
pub async fn lock_published(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<Option<PublishedRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid()).push(" AND id = ").push_bind(id.uuid());
        sql.push(" AND (external_id IS NOT NULL OR withdrawn_at IS NOT NULL)").push(for_update).build_query_as().fetch_optional(ex).await
    })?)
}

/// The document with this id of the publisher's.
pub async fn lock_external(tx: &mut Tx, scope: Scope, external_id: &str) -> DbResult<Option<PublishedRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push_bind(scope.uuid()).push(" AND external_id = ").push_bind(external_id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Brings a withdrawn document back, under this id of the publisher's.
pub async fn mark_published(
    tx: &mut Tx,
    scope: Scope,
    id: DocumentId,
    external_id: &str,
    now: Timestamp,
) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE documents SET withdrawn_at = NULL, external_id = $3, updated_at = $4 WHERE id = $1 AND issuer_id = $2 \
         AND withdrawn_at IS NOT NULL",
    ).bind(id.uuid()).bind(scope.uuid()).bind(external_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// Gives a document another place in the feed.
pub async fn mark_feed_seq(tx: &mut Tx, scope: Scope, id: DocumentId, seq: i64) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE documents SET feed_seq = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).bind(seq).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Keeps the contract and the order of a document.
pub async fn mark_said(
    tx: &mut Tx,
    scope: Scope,
    id: DocumentId,
    (contract, purchase_order): (Option<&str>, Option<&str>),
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE documents SET contract = $3, contract_folded = $4, purchase_order = $5, purchase_order_folded = $6, \
         updated_at = $7 WHERE id = $1 AND issuer_id = $2",
    ).bind(id.uuid()).bind(scope.uuid()).bind(contract).bind(contract.map(fold_contract))
        .bind(purchase_order).bind(purchase_order.map(fold_contract)).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes the publisher's id from a withdrawn document.
pub async fn clear_external(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE documents SET external_id = NULL WHERE id = $1 AND issuer_id = $2 AND withdrawn_at IS NOT NULL",
    ).bind(id.uuid()).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A document that was published is one that was issued here: its publisher's id is gone.
pub async fn mark_issued(tx: &mut Tx, scope: Scope, id: DocumentId, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE documents SET external_id = NULL, updated_at = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Takes a document from everybody. `false`: it had been before.
pub async fn mark_withdrawn(tx: &mut Tx, scope: Scope, id: DocumentId, now: Timestamp) -> DbResult<bool> {
    let done: u64 = on!(tx, ex => sqlx::query(
        "UPDATE documents SET withdrawn_at = $3, updated_at = $3 WHERE id = $1 AND issuer_id = $2 AND withdrawn_at IS NULL",
    ).bind(id.uuid()).bind(scope.uuid()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(done == 1)
}

/// A document's state, and whether it is a CFDI.
#[derive(Debug, sqlx::FromRow)]
pub struct StateRow {
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: String,
    /// UUID of its stamp.
    pub folio_fiscal: Option<String>,
}

/// The state of a document that is there for somebody.
pub async fn lock_state(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<Option<StateRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT kind, state, folio_fiscal FROM documents WHERE withdrawn_at IS NULL AND issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND id = ").push_bind(id.uuid()).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Keeps a document's state.
pub async fn mark_state(tx: &mut Tx, scope: Scope, id: DocumentId, state: &str, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE documents SET state = $3, updated_at = $4 WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).bind(state).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}
