//! What became of a document at the SAT, as its issuer's system or its staff say it: nobody here cancels anything there.
use shared::integrators::{DocumentResource, EventData, EventKind};
use shared::{FieldCode, FieldErrors};

use super::PublishError;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::documents::model::{DocumentId, DocumentState};
use crate::documents::store::publish as store;
use crate::documents::{credit, issued};
use crate::issuers::Scope;
use crate::webhooks;

/// Keeps a CFDI's state as said, wherever it was made. The same again changes nothing. A paper has none: it is
/// withdrawn.
pub async fn set_state(
    app: &App,
    scope: Scope,
    id: DocumentId,
    state: &str,
    (actor, request_id): (Actor, &str),
) -> Result<DocumentResource, PublishError> {
    let state = DocumentState::parse(state).ok_or_else(wrong)?;
    let (mut tx, now) = (app.db.begin().await?, app.now());
    let before = store::lock_state(&mut tx, scope, id).await?.ok_or(PublishError::NotFound)?;
    if before.folio_fiscal.is_none() {
        return Err(wrong());
    }
    if before.state != state.as_str() {
        store::mark_state(&mut tx, scope, id, state.as_str(), now).await?;
        let told = EventData {
            document_id: Some(id.uuid()),
            document_kind: Some(before.kind),
            document_state: Some(state.as_str().to_owned()),
            folio_fiscal: before.folio_fiscal,
            ..EventData::default()
        };
        webhooks::publish(&mut tx, &app.ids, now, scope.uuid(), (EventKind::DocumentState, &told)).await?;
        credit::changed(&mut tx, app, id).await?;
        let object_id = id.uuid().to_string();
        let entry = Entry {
            actor,
            on_behalf_of: None,
            issuer_id: Some(scope.uuid()),
            act: "document.state",
            object_kind: "document",
            object_id: &object_id,
            before: Some(serde_json::json!({ "state": before.state })),
            after: Some(serde_json::json!({ "state": state.as_str() })),
            request_id: Some(request_id),
        };
        audit::record(&mut tx, now, entry).await?;
    }
    let kept = issued::find(&mut tx, scope, id).await?.ok_or(PublishError::NotFound)?;
    tx.commit().await?;
    Ok(kept)
}

fn wrong() -> PublishError {
    let mut errors = FieldErrors::default();
    errors.add("/state", FieldCode::NotInCatalog);
    PublishError::Fields(errors)
}
