//! The same file again: one that was withdrawn comes back, and what its publisher says of it by now is kept.
use serde_json::json;
use shared::accounts::fold_contract;
use shared::integrators::{EventData, EventKind};

use super::PublishError;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::Tx;
use crate::documents::model::{Content, NewDocument};
use crate::documents::store::publish::{self as store, PublishedRow};
use crate::documents::{DocumentId, DocumentKind, credit, issued, service};
use crate::issuers::Scope;
use crate::webhooks;

/// Whether a withdrawn document with the same bytes is the one that is brought now. A CFDI says everything of itself; a
/// paper is what its publisher says it is, so that one that was withdrawn for being the wrong customer's, or for a wrong
/// number, is not given back to them. The contract counts when it is said: one that is not is kept as it was.
pub(super) fn is_said_alike(row: &PublishedRow, document: &NewDocument, says_contract: bool) -> bool {
    if let Content::Cfdi { .. } = document.content {
        return true;
    }
    let contract = |number: Option<&str>| number.map(fold_contract);
    let number = (row.kind.as_str(), row.serie.as_str(), row.folio.as_str());
    let total = (row.total_minor, row.currency.as_str());
    row.receptor_rfc == document.receptor_rfc
        && (!says_contract || contract(row.contract.as_deref()) == contract(document.contract.as_deref()))
        && number == (document.kind.as_str(), document.serie.as_str(), document.folio.as_str())
        && total == (document.total.minor(), document.total.currency().code())
        && row.issued_at == document.issued_at
}

/// A withdrawn document is there again, under this name. The feed tells it like a new one: whoever follows it took it for
/// gone.
pub(super) async fn bring_back(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (id, name): (DocumentId, &str),
) -> Result<(), PublishError> {
    let now = app.now();
    store::mark_published(tx, scope, id, name, now).await?;
    let kept = issued::find(tx, scope, id).await?.ok_or(PublishError::NotFound)?;
    let told = EventData {
        document_id: Some(kept.id),
        document_kind: Some(kept.kind),
        folio_fiscal: kept.folio_fiscal,
        receptor_rfc: Some(kept.receptor_rfc),
        total: Some(kept.total),
        currency: Some(kept.currency),
        ..EventData::default()
    };
    let event = (EventKind::DocumentPublished, &told);
    let seq = webhooks::publish_numbered(tx, &app.ids, now, scope.uuid(), event).await?;
    store::mark_feed_seq(tx, scope, id, seq).await?;
    Ok(credit::changed(tx, app, id).await?)
}

/// A document that somebody brought in turns out to be one that was issued here: from now on nobody withdraws it, and one
/// that was withdrawn is there again.
pub async fn adopt(tx: &mut Tx, app: &App, scope: Scope, id: DocumentId) -> Result<(), PublishError> {
    let Some(row) = store::lock_published(tx, scope, id).await? else { return Ok(()) };
    if row.withdrawn {
        bring_back(tx, app, scope, (id, &row.id.to_string())).await?;
    }
    Ok(store::mark_issued(tx, scope, id, app.now()).await?)
}

/// Keeps another contract or order that the publisher names now. One that it does not name stays, so that the bare file
/// sent again takes nothing away. `false`: nothing is new.
pub(super) async fn restate(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (row, document, order): (&PublishedRow, &NewDocument, Option<&str>),
    (actor, request_id): (Actor, &str),
) -> Result<bool, PublishError> {
    let before = (row.contract.as_deref(), row.purchase_order.as_deref());
    let after = (document.contract.as_deref().or(before.0), order.or(before.1));
    if before == after {
        return Ok(false);
    }
    if before.0 != after.0 && !may_move(tx, scope, row, document).await? {
        return Err(PublishError::Differs);
    }
    let (id, now) = (row.id(), app.now());
    store::mark_said(tx, scope, id, after, now).await?;
    service::add_words(tx, scope, id, &[after.0, after.1]).await?;
    credit::changed(tx, app, id).await?;
    let said =
        |(contract, order): (Option<&str>, Option<&str>)| json!({ "contract": contract, "purchase_order": order });
    let object_id = row.id.to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "document.publish",
        object_kind: "document",
        object_id: &object_id,
        before: Some(said(before)),
        after: Some(said(after)),
        request_id: Some(request_id),
    };
    audit::record(tx, now, entry).await?;
    Ok(true)
}

/// A document stays its receptor's; and a statement's number is its own within its contract, the new one too.
async fn may_move(tx: &mut Tx, scope: Scope, row: &PublishedRow, document: &NewDocument) -> Result<bool, PublishError> {
    if document.receptor_rfc != row.receptor_rfc {
        return Ok(false);
    }
    if document.kind != DocumentKind::EstadoDeCuenta {
        return Ok(true);
    }
    // Two who bring the number at once wait for each other here.
    webhooks::hold(tx, scope.uuid()).await?;
    let number = (document.contract.as_deref(), row.serie.as_str(), row.folio.as_str());
    let other = service::find_by_number(tx, scope, document.kind, number).await?;
    Ok(other.is_none_or(|(id, _)| id == row.id()))
}
