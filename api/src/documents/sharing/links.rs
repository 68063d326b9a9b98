//! Links to one document.
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use shared::documents::{ShareOpened, ShareView, SharedDocument};
use uuid::Uuid;

use super::LINK_DAYS;
use crate::App;
use crate::accounts::{UserId, people};
use crate::audit::{self, Actor, Entry};
use crate::clock::{calendar, local_time};
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::documents::model::{Asker, DocumentId, Format};
use crate::documents::search;
use crate::documents::service::{self, DocumentError};
use crate::documents::store::sharing::{self as store, ShareRow};
use crate::documents::store::{self as found, ListedRow};
use crate::issuers::{IssuerId, Scope};
use crate::mail::Link;

const DAY_SECONDS: i64 = 86_400;

/// Makes a link to a document of the asker's.
pub async fn make(app: &App, asker: &Asker, id: DocumentId) -> Result<ShareOpened, DocumentError> {
    let (secret, now) = (app.ids.secret(), app.now());
    let mut tx = app.db.begin().await?;
    let row = found::find(&mut tx, &asker.rfc, asker.only, id).await?.ok_or(DocumentError::NotFound)?;
    let share = ShareRow {
        id: app.ids.uuid(),
        document_id: row.id,
        issuer_id: row.issuer_id,
        customer_id: asker.customer_id,
        user_id: asker.user_id,
        created_at: now,
        expires_at: now.plus_seconds(LINK_DAYS * DAY_SECONDS),
        revoked_at: None,
        opened_count: 0,
        last_opened_at: None,
    };
    store::insert(&mut tx, Sha256::digest(secret).as_slice(), &share).await?;
    note(&mut tx, (Actor::User(asker.user_id), "document.share"), &share, None, &asker.request_id, now).await?;
    let zone = zone(&row);
    let share = view(&mut tx, share, &zone, now).await?;
    tx.commit().await?;
    let address = Link::under(&app.public_url, &format!("/c/{}", hex::encode(secret)));
    Ok(ShareOpened { address: address.as_str().to_owned(), share })
}

/// Ends a link of the asker's customer, at once and for good.
pub async fn revoke(app: &App, asker: &Asker, id: Uuid) -> Result<(), DocumentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let share = store::find(&mut tx, (asker.customer_id, asker.only), id).await?.ok_or(DocumentError::NotFound)?;
    if store::mark_revoked(&mut tx, asker.customer_id, id, now).await? {
        let act = (Actor::User(asker.user_id), "document.unshare");
        note(&mut tx, act, &share, None, &asker.request_id, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What whoever has a link sees. When it is read it is counted and recorded first.
pub async fn open(app: &App, token: &str, is_read: bool, request_id: &str) -> Result<SharedDocument, DocumentError> {
    let (share, row) = opened(app, token, is_read.then_some("link"), request_id).await?;
    let issuer_id = IssuerId::new(row.issuer_id);
    let issuers = search::issuers_of(&mut app.db.read().await?, std::iter::once(issuer_id)).await?;
    let expires_at = local_time(share.expires_at, &zone(&row));
    let listed = search::listed(row, &issuers)?;
    Ok(SharedDocument {
        number: listed.number,
        kind: listed.kind,
        state: listed.state,
        issuer_name: listed.issuer_name,
        issuer: listed.issuer,
        issued_on: listed.issued_on,
        total: listed.total,
        currency: listed.currency,
        has_xml: listed.has_xml,
        expires_at,
    })
}

/// A file of a link's document: its name and its bytes.
pub async fn open_file(
    app: &App,
    token: &str,
    format: Format,
    is_read: bool,
    request_id: &str,
) -> Result<(String, Vec<u8>), DocumentError> {
    let (_, row) = opened(app, token, is_read.then_some(format.extension()), request_id).await?;
    let scope = Scope::of(IssuerId::new(row.issuer_id));
    service::scoped_file(app, scope, DocumentId::new(row.id), format).await
}

/// A link's document. `how` is none when nothing of it is shown.
async fn opened(
    app: &App,
    token: &str,
    how: Option<&'static str>,
    request_id: &str,
) -> Result<(ShareRow, ListedRow), DocumentError> {
    let mut secret = [0; 32];
    hex::decode_to_slice(token, &mut secret).map_err(|_not_ours| DocumentError::NotFound)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let hash = Sha256::digest(secret);
    let share = match how {
        Some(_) => store::mark_opened(&mut tx, hash.as_slice(), now).await?,
        None => store::find_open(&mut tx, hash.as_slice(), now).await?,
    };
    let share = share.ok_or(DocumentError::NotFound)?;
    // Whoever left the customer takes their links along.
    let rfc = people::rfc_for(&mut tx, UserId::new(share.user_id), share.customer_id).await?;
    let (rfc, only) = rfc.ok_or(DocumentError::NotFound)?;
    let row = found::find(&mut tx, &rfc, only, DocumentId::new(share.document_id)).await?;
    let row = row.ok_or(DocumentError::NotFound)?;
    if how.is_some() {
        note(&mut tx, (Actor::Guest, "document.opened_by_link"), &share, how, request_id, now).await?;
    }
    tx.commit().await?;
    Ok((share, row))
}

async fn note(
    tx: &mut Tx,
    (actor, act): (Actor, &'static str),
    share: &ShareRow,
    how: Option<&str>,
    request_id: &str,
    now: Timestamp,
) -> DbResult<()> {
    let (customer, object_id) = (share.customer_id.to_string(), share.document_id.to_string());
    let entry = Entry {
        actor,
        on_behalf_of: Some(&customer),
        issuer_id: Some(share.issuer_id),
        act,
        object_kind: "document",
        object_id: &object_id,
        before: None,
        after: Some(serde_json::json!({ "share": share.id, "format": how })),
        request_id: Some(request_id),
    };
    audit::record(tx, now, entry).await
}

/// Where its document was issued.
pub(super) fn zone(row: &ListedRow) -> TimeZone {
    TimeZone::get(&row.time_zone).unwrap_or_else(|_unknown| calendar())
}

/// As its customer sees it.
pub(super) async fn view(
    conn: &mut impl Conn,
    share: ShareRow,
    zone: &TimeZone,
    now: Timestamp,
) -> DbResult<ShareView> {
    let maker = people::contact(conn, UserId::new(share.user_id)).await?;
    Ok(ShareView {
        id: share.id,
        made_by: maker.map(|maker| maker.email.as_str().to_owned()).unwrap_or_default(),
        created_at: local_time(share.created_at, zone),
        expires_at: local_time(share.expires_at, zone),
        open: share.revoked_at.is_none() && share.expires_at > now,
        opened_count: u64::try_from(share.opened_count).unwrap_or(0),
        last_opened_at: share.last_opened_at.map(|at| local_time(at, zone)),
    })
}
