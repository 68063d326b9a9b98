//! An issuer's documents as its own systems read them.
use fiscal::{Amount, Currency};
use shared::integrators::DocumentResource;

use super::model::{DocumentId, Format, Wanted};
use super::service::{self, DocumentError};
use super::store::{self, IssuedRow};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::Scope;

/// Up to `limit` of the documents asked for by their last change, the oldest change first, after `after`.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: &Wanted,
    after: Option<(Timestamp, DocumentId)>,
    limit: i64,
) -> DbResult<Vec<((Timestamp, DocumentId), DocumentResource)>> {
    let rows = store::list_issued(conn, scope, wanted, after, limit).await?;
    rows.into_iter().map(|row| Ok(((row.updated_at, DocumentId::new(row.id)), resource(row)?))).collect()
}

/// One of the issuer's documents.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<DocumentResource>> {
    store::find_issued(conn, scope, id).await?.map(resource).transpose()
}

/// The issuer's document with this UUID of its stamp, in whatever letters it is written.
pub async fn find_by_folio_fiscal(
    conn: &mut impl Conn,
    scope: Scope,
    folio_fiscal: uuid::Uuid,
) -> DbResult<Option<DocumentId>> {
    Ok(store::find_by_folio_fiscal(conn, scope, folio_fiscal).await?.map(DocumentId::new))
}

/// Whether a document of this receptor's stands under a contract.
pub async fn names_contract(conn: &mut impl Conn, scope: Scope, rfc: &str, folded: &str) -> DbResult<bool> {
    store::names_contract(conn, scope, rfc, folded).await
}

/// A file of the issuer's: its name and its bytes. Who took it is recorded before it is given.
pub async fn file(
    app: &App,
    scope: Scope,
    (id, format): (DocumentId, Format),
    (actor, request_id): (Actor, &str),
) -> Result<(String, Vec<u8>), DocumentError> {
    let (name, bytes) = service::scoped_file(app, scope, id, format).await?;
    let object_id = id.uuid().to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "document.download",
        object_kind: "document",
        object_id: &object_id,
        before: None,
        after: Some(serde_json::json!({ "format": format.extension() })),
        request_id: Some(request_id),
    };
    let mut tx = app.db.begin().await?;
    audit::record(&mut tx, app.now(), entry).await?;
    tx.commit().await?;
    Ok((name, bytes))
}

pub(super) fn resource(row: IssuedRow) -> DbResult<DocumentResource> {
    let currency = Currency::parse(&row.currency).map_err(|_unknown| store::unreadable("currency"))?;
    Ok(DocumentResource {
        id: row.id,
        kind: row.kind,
        state: row.state,
        serie: row.serie,
        folio: row.folio,
        folio_fiscal: row.folio_fiscal,
        receptor_rfc: row.receptor_rfc,
        receptor_nombre: row.receptor_nombre,
        contract: row.contract,
        external_id: row.external_id,
        purchase_order: row.purchase_order,
        issued_on: row.issued_on,
        total: Amount::new(row.total_minor, currency).to_decimal_string(),
        currency: row.currency,
        created_at: row.created_at.to_string(),
        updated_at: row.updated_at.to_string(),
    })
}
