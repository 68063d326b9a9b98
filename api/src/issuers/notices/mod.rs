//! An issuer's aviso de privacidad, by version, and who accepted which.
//!
//! Promises: a version is never changed, so that what somebody accepted can be shown again; an acceptance is written in
//! the transaction of the act it was given with, and once.
pub(super) mod routes;

use serde_json::json;
use shared::ProblemCode;
use shared::privacy::{ParsedNotice, PrivacyNotice, PublishNotice};
use uuid::Uuid;

use crate::App;
use crate::clock::local_time;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::model::{Issuer, Scope};
use crate::issuers::settings::{By, SettingsError};
use crate::issuers::store::notices::{self as store, NoticeRow};

/// With what somebody accepted a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A customer's first entry.
    Registration,
    /// An invitation that was accepted.
    Invitation,
    /// The page about one's own data.
    Portal,
}

impl Channel {
    const fn as_str(self) -> &'static str {
        match self {
            Channel::Registration => "registration",
            Channel::Invitation => "invitation",
            Channel::Portal => "portal",
        }
    }
}

/// The present version.
pub async fn current(conn: &mut impl Conn, scope: Scope) -> DbResult<Option<NoticeRow>> {
    Ok(store::list_notices(conn, scope, None, 1).await?.pop())
}

/// Versions before one, the newest first.
pub async fn list(app: &App, issuer: &Issuer, before: Option<i64>, limit: i64) -> DbResult<Vec<PrivacyNotice>> {
    let rows = store::list_notices(&mut app.db.read().await?, Scope::of(issuer.id), before, limit).await?;
    Ok(rows.into_iter().map(|row| view(row, issuer)).collect())
}

/// A version as it is shown.
fn view(row: NoticeRow, issuer: &Issuer) -> PrivacyNotice {
    PrivacyNotice {
        version: row.version,
        text: row.text,
        url: row.url,
        published_at: local_time(row.published_at, &issuer.time_zone),
    }
}

/// Publishes another version, which holds from now on.
pub async fn publish(
    app: &App,
    issuer: &Issuer,
    form: &PublishNotice,
    (user, by): (Uuid, By<'_>),
) -> Result<PrivacyNotice, SettingsError> {
    let parsed = form.parse().map_err(SettingsError::Form)?;
    let (now, scope) = (app.now(), Scope::of(issuer.id));
    let mut tx = app.db.begin().await?;
    let before = current(&mut tx, scope).await?.map_or(0, |notice| notice.version);
    // Two who publish at once: one of them is asked to do so again, having seen the other's.
    store::insert_notice(&mut tx, scope, before + 1, &parsed, (Some(user), now)).await.map_err(again_if_raced)?;
    let after = json!({ "version": before + 1 });
    let object = (("notice.published"), "privacy_notice", (before + 1).to_string());
    by.note(&mut tx, issuer.id, object, (None, after), now).await?;
    let notice = current(&mut tx, scope).await?.ok_or(SettingsError::NotFound)?;
    tx.commit().await?;
    Ok(view(notice, issuer))
}

/// The first version of an issuer that comes with one.
pub async fn first(tx: &mut Tx, scope: Scope, text: &str, now: Timestamp) -> DbResult<()> {
    store::insert_notice(tx, scope, 1, &ParsedNotice::Text(text.to_owned()), (None, now)).await
}

fn again_if_raced(error: DbError) -> DbError {
    match error {
        DbError::Duplicate(source) => DbError::Busy(source),
        other => other,
    }
}

/// Somebody accepts the present version with another act; nothing happens when there is none.
pub async fn accept_with(
    tx: &mut Tx,
    scope: Scope,
    (id, user): (Uuid, Uuid),
    channel: Channel,
    now: Timestamp,
) -> DbResult<()> {
    let Some(notice) = current(tx, scope).await? else { return Ok(()) };
    store::insert_acceptance(tx, scope, (id, user), (notice.version, channel.as_str()), now).await
}

/// Whether somebody accepted any version of an issuer's.
pub async fn has_accepted(conn: &mut impl Conn, scope: Scope, user: Uuid) -> DbResult<bool> {
    store::has_accepted(conn, scope, user).await
}

/// A guest accepts the present version with an invoice, which is asked for once; nothing happens when there is none.
pub async fn accept_as_guest(tx: &mut Tx, scope: Scope, (id, stamp): (Uuid, Uuid), now: Timestamp) -> DbResult<()> {
    let Some(notice) = current(tx, scope).await? else { return Ok(()) };
    store::insert_guests_acceptance(tx, scope, (id, stamp), notice.version, now).await
}

/// Somebody accepts the version that they read; `false` when it is not the present one.
pub async fn accept(
    tx: &mut Tx,
    scope: Scope,
    (id, user): (Uuid, Uuid),
    version: i64,
    now: Timestamp,
) -> DbResult<bool> {
    let present = current(tx, scope).await?.is_some_and(|notice| notice.version == version);
    if present {
        store::insert_acceptance(tx, scope, (id, user), (version, Channel::Portal.as_str()), now).await?;
    }
    Ok(present)
}

/// When somebody accepted a version.
pub async fn accepted_at(conn: &mut impl Conn, scope: Scope, user: Uuid, version: i64) -> DbResult<Option<Timestamp>> {
    store::find_accepted_at(conn, scope, user, version).await
}

/// What the public page answers where nothing was published.
pub(super) const NONE: ProblemCode = ProblemCode::NotFound;
