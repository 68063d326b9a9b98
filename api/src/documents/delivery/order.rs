//! Ordering a file, and having it: the order is made with the session's token, the file is fetched by the browser
//! alone, which puts it on disk while it comes.
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::documents::{BundleFormat, Chosen, DocumentBundle, DocumentNews, DownloadTicket, TakeDocuments};
use std::io;
use uuid::Uuid;

use super::choice::{self, Walk};
use super::{BACKGROUND_LIST_FROM, BACKGROUND_ZIP_FROM, LIST_ROWS_MAX, TICKET_SECONDS, bundles, kept, pack};
use crate::App;
use crate::accounts::{SessionId, sessions};
use crate::audit::{self, Actor, Entry};
use crate::clock::{calendar, civil_text};
use crate::db::{DbResult, Timestamp, Tx};
use crate::documents::model::Asker;
use crate::documents::service::{DocumentError, plain};
use crate::documents::store::delivery::{self as store, Reach, TicketRow};

/// A file that is on its way.
pub struct Redeemed {
    /// Its name.
    pub name: String,
    /// What it is.
    pub content_type: &'static str,
    /// Its length, when it is known before.
    pub length: Option<u64>,
    /// Its bytes.
    pub body: BoxStream<'static, io::Result<Vec<u8>>>,
}

/// What came since the asker's last download of news.
pub async fn news(app: &App, asker: &Asker) -> Result<DocumentNews, DocumentError> {
    let reaches = choice::reaches(app, asker).await?;
    let mut conn = app.db.read().await?;
    let documents = choice::count_news(&mut conn, &asker.rfc, &reaches).await?;
    let since = store::find_last_taken(&mut conn, asker.user_id, asker.customer_id).await?;
    Ok(DocumentNews {
        documents: u64::try_from(documents).unwrap_or(0),
        since: since.map(|at| civil_text(at, &calendar())),
    })
}

/// What came of an order.
#[derive(Debug)]
pub enum Ordered {
    /// It can be had at once.
    Now(DownloadTicket),
    /// It is made in the background.
    Later(Box<DocumentBundle>),
}

/// What a ticket says that is for a file made as it goes: its news go as far as they did when they were counted.
#[derive(Serialize, Deserialize)]
struct OfNow {
    wanted: TakeDocuments,
    reaches: Vec<Reach>,
}

/// Orders a file. A ZIP has at most `zip_most` documents: more news than that come in several, the oldest first; another
/// choice of more is refused.
pub async fn order(
    app: &App,
    asker: &Asker,
    session: SessionId,
    wanted: &TakeDocuments,
    zip_most: u64,
) -> Result<Ordered, DocumentError> {
    let chosen = wanted.parse().map_err(DocumentError::Fields)?;
    let name = file_name(app, &asker.rfc, &chosen, wanted.format);
    let mut walk = Walk::begin(app, asker, chosen, wanted.format).await?;
    let (most, from) = match wanted.format {
        BundleFormat::Zip => (zip_most, BACKGROUND_ZIP_FROM),
        BundleFormat::Csv | BundleFormat::Xlsx => (LIST_ROWS_MAX, BACKGROUND_LIST_FROM),
    };
    if wanted.format == BundleFormat::Zip {
        walk.cut_news(app, most).await?;
    }
    let documents = walk.count(app, most).await?;
    let is_long = wanted.background.unwrap_or(documents >= from);
    let has_place = app.downloads.has_room(asker.user_id, true);
    if !is_long && !has_place && wanted.background.is_some() {
        return Err(DocumentError::Busy);
    }
    // What finds no place is made apart too: a browser that is sent to a file does not show why it does not come.
    if is_long || !has_place {
        let bundle = bundles::insert(app, asker, wanted, (&walk, documents, name)).await?;
        note(app, asker, said(wanted)).await?;
        return Ok(Ordered::Later(Box::new(bundle)));
    }
    let reaches = walk.reaches();
    let left = choice::left(&reaches);
    let of_now = serde_json::to_string(&OfNow { wanted: wanted.clone(), reaches });
    let of_now = of_now.map_err(|error| DocumentError::Cut(error.to_string()))?;
    ticket(app, asker, session, of_now, (documents, left)).await.map(Ordered::Now)
}

/// Keeps what can be had, and says where.
pub(super) async fn ticket(
    app: &App,
    asker: &Asker,
    session: SessionId,
    wanted: String,
    (documents, left): (u64, u64),
) -> Result<DownloadTicket, DocumentError> {
    let (secret, now) = (app.ids.secret(), app.now());
    let expires_at = now.plus_seconds(TICKET_SECONDS);
    let ticket =
        TicketRow { user_id: asker.user_id, customer_id: asker.customer_id, session_id: session.uuid(), wanted };
    let mut tx = app.db.begin().await?;
    store::insert_ticket(&mut tx, Sha256::digest(secret).as_slice(), &ticket, (now, expires_at)).await?;
    tx.commit().await?;
    let address = format!("/api/v1/downloads/{}", hex::encode(secret));
    Ok(DownloadTicket { address, expires_at: expires_at.to_string(), documents, left })
}

/// What a ticket says that is for a file made in the background.
#[derive(Deserialize)]
struct OfBundle {
    bundle: Uuid,
}

/// The file of an order, while the session that made it lives. It works once.
pub async fn redeem(app: &App, token: &str, request_id: String) -> Result<Redeemed, DocumentError> {
    let (hash, now) = (hash(token)?, app.now());
    let found = store::find_ticket(&mut app.db.read().await?, &hash, now).await?.ok_or(DocumentError::NotFound)?;
    let of_bundle = serde_json::from_str::<OfBundle>(&found.wanted).ok();
    // Before the order is used up: whoever finds no place may try it again.
    let place = app.downloads.take(found.user_id, of_bundle.is_none()).ok_or(DocumentError::Busy)?;
    let mut tx = app.db.begin().await?;
    let ticket = store::mark_ticket_used(&mut tx, &hash, now).await?;
    tx.commit().await?;
    let ticket = ticket.ok_or(DocumentError::NotFound)?;
    let asker = asker_of(app, &ticket, request_id).await?;
    if let Some(OfBundle { bundle }) = of_bundle {
        return kept::open(app, asker, bundle, place).await;
    }
    let OfNow { wanted, reaches } =
        serde_json::from_str(&ticket.wanted).map_err(|error| DocumentError::Cut(error.to_string()))?;
    let chosen = wanted.parse().map_err(DocumentError::Fields)?;
    let name = file_name(app, &asker.rfc, &chosen, wanted.format);
    let walk = Walk::begin_at(app, &asker, chosen, (wanted.format, reaches)).await?;
    note(app, &asker, said(&wanted)).await?;
    let body = pack::begin(app.clone(), asker, walk, wanted.format, place).boxed();
    Ok(Redeemed { content_type: content_type(&name), name, length: None, body })
}

/// What an order's file is, without its bytes: whoever only looks uses nothing up.
pub async fn announce(app: &App, token: &str, request_id: String) -> Result<Redeemed, DocumentError> {
    let found = store::find_ticket(&mut app.db.read().await?, &hash(token)?, app.now()).await?;
    let ticket = found.ok_or(DocumentError::NotFound)?;
    let asker = asker_of(app, &ticket, request_id).await?;
    let (name, length) = if let Ok(OfBundle { bundle }) = serde_json::from_str(&ticket.wanted) {
        let row = bundles::ready(app, (asker.user_id, asker.customer_id), bundle).await?;
        (row.file_name, row.bytes.and_then(|bytes| u64::try_from(bytes).ok()))
    } else {
        let OfNow { wanted, .. } =
            serde_json::from_str(&ticket.wanted).map_err(|error| DocumentError::Cut(error.to_string()))?;
        let chosen = wanted.parse().map_err(DocumentError::Fields)?;
        (file_name(app, &asker.rfc, &chosen, wanted.format), None)
    };
    Ok(Redeemed { content_type: content_type(&name), name, length, body: stream::empty().boxed() })
}

/// What is kept of an address.
fn hash(token: &str) -> Result<Vec<u8>, DocumentError> {
    let mut secret = [0; 32];
    hex::decode_to_slice(token, &mut secret).map_err(|_not_ours| DocumentError::NotFound)?;
    Ok(Sha256::digest(secret).to_vec())
}

/// Whoever ordered, while their session lives and is the same customer's.
async fn asker_of(app: &App, ticket: &TicketRow, request_id: String) -> Result<Asker, DocumentError> {
    let caller = sessions::caller_of_session(app, SessionId::new(ticket.session_id)).await?;
    let same = |caller: &crate::accounts::Caller| {
        caller.user_id.uuid() == ticket.user_id && caller.customer_id.uuid() == ticket.customer_id
    };
    let caller = caller.filter(same).ok_or(DocumentError::NotFound)?;
    Ok(Asker {
        user_id: ticket.user_id,
        customer_id: ticket.customer_id,
        rfc: caller.rfc.as_str().to_owned(),
        only: caller.only(),
        // Staff who only look take nothing away: they get no ticket.
        looks: false,
        request_id,
    })
}

/// What a file is, by the end of its name.
pub(super) fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("csv") => "text/csv; charset=utf-8",
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/zip",
    }
}

/// `TAM010203ABA_documentos_2026-11-22.zip`.
fn file_name(app: &App, rfc: &str, chosen: &Chosen, format: BundleFormat) -> String {
    let today = civil_text(app.now(), &calendar());
    let what = if matches!(chosen, Chosen::News) { "nuevos" } else { "documentos" };
    format!("{}_{what}_{}.{}", plain(rfc), today.get(..10).unwrap_or_default(), format.extension())
}

fn said(wanted: &TakeDocuments) -> serde_json::Value {
    json!({
        "format": wanted.format.extension(),
        "chosen": wanted.ids.len(),
        "query": wanted.query,
        "news": wanted.news,
    })
}

/// The list itself is recorded once, and a file made in the background each time that it is fetched; what an archive
/// carries is recorded document by document as it is made.
pub(super) async fn note(app: &App, asker: &Asker, after: serde_json::Value) -> DbResult<()> {
    let customer = asker.customer_id.to_string();
    let entry = Entry {
        actor: Actor::User(asker.user_id),
        on_behalf_of: Some(&customer),
        issuer_id: None,
        act: "documents.download",
        object_kind: "customer",
        object_id: &customer,
        before: None,
        after: Some(after),
        request_id: Some(&asker.request_id),
    };
    let mut tx = app.db.begin().await?;
    audit::record(&mut tx, app.now(), entry).await?;
    tx.commit().await
}

/// Lets go of orders whose time was over before a moment; says how many.
pub async fn purge(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_tickets(tx, before, limit).await
}
