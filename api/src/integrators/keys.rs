//! Making, ending and recognising keys.
use shared::integrators::ApiScope;

use super::model::{ApiKey, KeyId, KeyText, Mode, NewKey};
use super::store;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::clock::Ids;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::Scope;

/// Live keys of one issuer: a few programs, and two of each while one is being changed.
pub const LIVE_KEYS_MAX: i64 = 20;
/// Keys a list shows.
const LISTED_MAX: i64 = 200;
/// Longest name of a key, in characters.
const NAME_MAX: usize = 80;
/// A use is noted again only after this time: a row per request would make every read a write.
const USED_GRAIN_SECONDS: i64 = 15 * 60;
/// Name of the rehearsal's own key.
const DEMO_NAME: &str = "ensayo";

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// No name, or one too long.
    #[error("a key's name has 1 to {NAME_MAX} characters and no control characters")]
    Name,
    /// It may do nothing.
    #[error("a key without scopes opens nothing")]
    Scopes,
    /// It would never be good.
    #[error("a key must end in the future")]
    Expiry,
    /// The issuer has enough.
    #[error("the issuer has {LIVE_KEYS_MAX} live keys: revoke one first")]
    TooMany,
    /// The database.
    #[error("keeping a key")]
    Db(#[from] DbError),
}

/// Who makes or ends a key.
#[derive(Debug, Clone, Copy)]
pub struct Who<'a> {
    /// For the audit log.
    pub actor: Actor,
    /// Number of the request in our logs, when it was one.
    pub request_id: Option<&'a str>,
}

impl Who<'_> {
    /// Whoever types commands on the machine.
    pub const COMMAND: Who<'static> = Who { actor: Actor::Operator, request_id: None };
}

/// Makes a key; its text is told here and never again.
pub async fn create(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    (scope, mode): (Scope, Mode),
    new: NewKey,
    who: Who<'_>,
) -> Result<(ApiKey, KeyText), KeyError> {
    let text = KeyText::new(mode, &ids.secret());
    let key = keep(tx, ids, now, (scope, mode), new, (&text, who)).await?;
    Ok((key, text))
}

async fn keep(
    tx: &mut Tx,
    ids: &Ids,
    now: Timestamp,
    (scope, mode): (Scope, Mode),
    new: NewKey,
    (text, who): (&KeyText, Who<'_>),
) -> Result<ApiKey, KeyError> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(KeyError::Name);
    }
    if new.scopes.is_empty() {
        return Err(KeyError::Scopes);
    }
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(KeyError::Expiry);
    }
    if store::count_live(tx, scope, now).await? >= LIVE_KEYS_MAX {
        return Err(KeyError::TooMany);
    }
    let key = ApiKey {
        id: KeyId::new(ids.uuid()),
        scope,
        name,
        mode,
        prefix: text.prefix().to_owned(),
        scopes: new.scopes,
        created_at: now,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    store::insert_key(tx, &key, &text.sha256()).await?;
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let after = serde_json::json!({
        "name": key.name, "prefix": key.prefix, "scopes": scopes,
        "expires_at": key.expires_at.map(|end| end.to_string()),
    });
    note(tx, (scope, who), "api_key.create", key.id, after, now).await?;
    Ok(key)
}

/// Ends a key, from the next request on. `false`: the issuer has none such, or it was ended before.
pub async fn revoke(tx: &mut Tx, scope: Scope, id: KeyId, now: Timestamp, who: Who<'_>) -> DbResult<bool> {
    let done = store::mark_key_revoked(tx, scope, id, now).await?;
    if done {
        note(tx, (scope, who), "api_key.revoke", id, serde_json::json!({ "revoked": true }), now).await?;
    }
    Ok(done)
}

async fn note(
    tx: &mut Tx,
    (scope, who): (Scope, Who<'_>),
    act: &'static str,
    id: KeyId,
    after: serde_json::Value,
    now: Timestamp,
) -> DbResult<()> {
    let object_id = id.to_string();
    let entry = Entry {
        actor: who.actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "api_key",
        object_id: &object_id,
        before: None,
        after: Some(after),
        request_id: who.request_id,
    };
    audit::record(tx, now, entry).await
}

/// An issuer's keys, the oldest first, the ended ones too.
pub async fn list(conn: &mut impl Conn, scope: Scope) -> DbResult<Vec<ApiKey>> {
    store::list_keys(conn, scope, LISTED_MAX).await
}

/// The key whose text this is, if it opens anything in this installation now. Read anew on every request.
pub async fn recognise(app: &App, text: &str) -> DbResult<Option<ApiKey>> {
    let Some(text) = KeyText::parse(text) else { return Ok(None) };
    let Some(key) = find_good(app, &text).await? else { return Ok(None) };
    let now = app.now();
    if key.last_used_at.is_none_or(|used| now.seconds_since(used) >= USED_GRAIN_SECONDS) {
        let mut tx = app.db.begin().await?;
        store::mark_key_used(&mut tx, key.id, now).await?;
        tx.commit().await?;
    }
    Ok(Some(key))
}

/// Whether a key that was recognised is still good, for what goes on longer than a request should (I1).
pub async fn is_good(conn: &mut impl Conn, id: KeyId, now: Timestamp) -> DbResult<bool> {
    store::is_key_good(conn, id, now).await
}

async fn find_good(app: &App, text: &KeyText) -> DbResult<Option<ApiKey>> {
    let key = store::find_key(&mut app.db.read().await?, &text.sha256()).await?;
    Ok(key.filter(|key| key.is_good(Mode::of(app.rehearsal), app.now())))
}

/// The text of the rehearsal's own key while it is good: what the rehearsal's page shows.
pub async fn shown_demo_key(app: &App) -> DbResult<Option<String>> {
    let text = demo_key(app);
    Ok(find_good(app, &text).await?.map(|_| text.expose().to_owned()))
}

/// The rehearsal's own key: derived from this installation's secret, so that the rehearsal's page can show it at any
/// time without its text being kept anywhere.
pub fn demo_key(app: &App) -> KeyText {
    KeyText::new(Mode::Test, &app.session_keys.demo_secret("api-key"))
}

/// Makes the rehearsal's key unless it is there; one of an older version gets the scopes that came since. One that an
/// operator revoked stays revoked.
pub async fn ensure_demo_key(app: &App, scope: Scope) -> Result<(), KeyError> {
    let text = demo_key(app);
    let mut tx = app.db.begin().await?;
    let kept = store::find_key(&mut tx, &text.sha256()).await?;
    if let Some(kept) = kept.as_ref().filter(|kept| kept.scopes.len() < ApiScope::ALL.len()) {
        store::set_scopes(&mut tx, kept.id, &ApiScope::ALL).await?;
        tx.commit().await?;
    } else if kept.is_none() {
        let new = NewKey { name: DEMO_NAME.to_owned(), scopes: ApiScope::ALL.to_vec(), expires_at: None };
        keep(&mut tx, &app.ids, app.now(), (scope, Mode::Test), new, (&text, Who::COMMAND)).await?;
        tx.commit().await?;
    }
    Ok(())
}
