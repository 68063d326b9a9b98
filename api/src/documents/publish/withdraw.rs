//! Taking back what was wrongly published.
use fiscal::Rfc;
use shared::integrators::{EventData, EventKind};

use super::PublishError;
use crate::App;
use crate::accounts::people;
use crate::audit::{self, Actor, Done, Entry};
use crate::db::Tx;
use crate::documents::delivery::bundles;
use crate::documents::store::publish::{self as store, PublishedRow};
use crate::documents::{DocumentId, credit};
use crate::issuers::Scope;
use crate::webhooks;

/// Acts by which somebody had the document.
const HAD: [&str; 4] = ["document.view", "document.download", "document.mail", "document.opened_by_link"];
/// Of them, those that are listed.
const HAD_MAX: i64 = 200;

/// What a withdrawal found.
#[derive(Debug)]
pub struct Withdrawn {
    /// Which.
    pub id: DocumentId,
    /// By whom it had been seen, the newest first.
    pub had: Vec<Done>,
}

/// Withdraws a published document: from the commit on it is there for nobody, and its links and letters carry nothing.
/// Its bytes are kept. Once more changes nothing and answers the same.
pub async fn withdraw(
    app: &App,
    scope: Scope,
    external_id: &str,
    by: (Actor, &str),
) -> Result<Withdrawn, PublishError> {
    let mut tx = app.db.begin().await?;
    let row = store::lock_external(&mut tx, scope, external_id).await?.ok_or(PublishError::NotFound)?;
    take_back(app, tx, scope, &row, by).await
}

/// The same, of the document with this id. What was issued here is not to be withdrawn: it is as if it were not there.
pub async fn withdraw_by_id(
    app: &App,
    scope: Scope,
    id: DocumentId,
    by: (Actor, &str),
) -> Result<Withdrawn, PublishError> {
    let mut tx = app.db.begin().await?;
    let row = store::lock_published(&mut tx, scope, id).await?.ok_or(PublishError::NotFound)?;
    take_back(app, tx, scope, &row, by).await
}

async fn take_back(
    app: &App,
    mut tx: Tx,
    scope: Scope,
    row: &PublishedRow,
    (actor, request_id): (Actor, &str),
) -> Result<Withdrawn, PublishError> {
    let now = app.now();
    let object_id = row.id.to_string();
    if store::mark_withdrawn(&mut tx, scope, row.id(), now).await? {
        let told = EventData { document_id: Some(row.id), ..EventData::default() };
        webhooks::publish(&mut tx, &app.ids, now, scope.uuid(), (EventKind::DocumentWithdrawn, &told)).await?;
        credit::changed(&mut tx, app, row.id()).await?;
        let entry = Entry {
            actor,
            on_behalf_of: None,
            issuer_id: Some(scope.uuid()),
            act: "document.withdraw",
            object_kind: "document",
            object_id: &object_id,
            before: None,
            after: Some(serde_json::json!({ "external_id": row.external_id })),
            request_id: Some(request_id),
        };
        audit::record(&mut tx, now, entry).await?;
        let rfc = Rfc::parse(&row.receptor_rfc).ok();
        if let Some(rfc) = rfc
            && let Some(customer) = people::find_customer(&mut tx, &rfc).await?
        {
            bundles::make_anew(&mut tx, customer.uuid(), now).await?;
        }
    }
    let had = audit::list_of(&mut tx, ("document", &object_id), None, &HAD, HAD_MAX).await?;
    tx.commit().await?;
    Ok(Withdrawn { id: row.id(), had })
}
