//! Signing in and out: attempts, sessions, their refreshing and their end.
use serde_json::json;
use shared::accounts::entry::is_temporary;
use shared::accounts::second_factor::SecondStep;
use shared::accounts::{Me, Secret, SessionView, SignIn};
use shared::profiles::SignInWith;

use super::attempts::Attempt;
use super::hashing::Place;
use super::model::{Caller, CustomerId, Next, Principal, Reach, SessionId, User, UserId, Whose, fold_user};
use super::store::{
    factors as factor_store, mailboxes as mailbox_store, passkeys as passkey_store, people as people_store,
    sessions as store, staff as staff_store, temporaries,
};
use super::tokens::{Challenge, Door, Refresh};
use super::{AccountError, Asker, pages, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// Sessions that the list shows.
const LISTED_MAX: i64 = 100;
/// Seconds between a right password and the code.
const SECOND_STEP_SECONDS: i64 = 300;
/// Readings of a session's row before a refresh gives way: whoever was first has finished by the second.
const REFRESH_TRIES: u32 = 3;

/// A session was opened or goes on.
#[derive(Debug)]
pub struct Opened<M> {
    /// Names the session, for minutes.
    pub access_token: Secret,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// For the cookie.
    pub refresh_token: Secret,
    /// Seconds the cookie lives.
    pub cookie_seconds: i64,
    /// Who it is.
    pub me: M,
}

/// What a right password, or a link that stands for one, comes to.
#[derive(Debug)]
pub enum Entry {
    /// A session.
    Session(SessionId),
    /// A code is asked for; nobody is signed in yet.
    SecondStep(SecondStep),
}

/// Lets in whoever knows the password, as far as the second step. One cost and one answer for every wrong pair, and
/// for whoever has no business at this door (A2). `done`: the proof of work that came along.
pub async fn sign_in(
    app: &App,
    form: &SignIn,
    door: Door,
    asker: &Asker,
    done: Option<&str>,
) -> Result<Entry, AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let with = match door {
        Door::Portal => pages::page_of(app, form.issuer.as_deref()).await?.profile.sign_in,
        Door::Console => SignInWith::Any,
    };
    let place = app.hasher.enter()?;
    let (folded, now) = (fold_user(&form.user), app.now());
    let mut conn = app.db.read().await?;
    let user = people_store::find_user_by_name(&mut conn, &folded).await?;
    let user = user.filter(|user| user.signs_in_as(with, &folded));
    // By its shape, whoever asks: one password, one run, for every name (A2).
    let temporary = match door {
        Door::Portal if is_temporary(&form.password) => temporaries::find_by_name(&mut conn, &folded, now).await?,
        _ => None,
    };
    drop(conn);
    let attempt = Attempt::begin_sign_in(app, user.as_ref(), &folded, &asker.source, done).await?;
    let usable = user.as_ref().filter(|user| user.active);
    let own = usable.filter(|user| !user.must_change).and_then(|user| user.password_hash.clone());
    let hash = temporary.clone().filter(|_| usable.is_some()).or(own);
    let right = place.verify(hash.clone(), &form.password).await?;
    let mut tx = app.db.begin().await?;
    if let Some(user) = user.as_ref().filter(|_| right)
        && let Some(hash) = &hash
        && is_still(&mut tx, user, hash, temporary.is_some()).await?
        && let Some(whose) = business(&mut tx, user.id, door).await?
        && (temporary.is_none() || use_temporary(&mut tx, app, user.id, hash, asker).await?)
    {
        attempt.forgive(&mut tx).await?;
        let entry = enter(&mut tx, app, (user.id, whose, hash), asker).await?;
        tx.commit().await?;
        return Ok(entry);
    }
    attempt.tell_everywhere(&mut tx, now).await?;
    record_refusal(&mut tx, now, user.map(|user| user.id), asker).await?;
    tx.commit().await?;
    Err(AccountError::WrongCredentials)
}

async fn record_refusal(tx: &mut Tx, now: Timestamp, user: Option<UserId>, asker: &Asker) -> DbResult<()> {
    let known = user.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let entry = audit::Entry {
        actor: Actor::Guest,
        on_behalf_of: None,
        issuer_id: None,
        act: "session.refused",
        object_kind: "user",
        object_id: &known,
        before: None,
        after: None,
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, now, entry).await
}

/// A temporary password is good once, and the one before it no longer from here on (D3). `false`: it was used meanwhile.
async fn use_temporary(tx: &mut Tx, app: &App, user: UserId, hash: &str, asker: &Asker) -> DbResult<bool> {
    if !temporaries::delete(tx, user, hash).await? {
        return Ok(false);
    }
    people_store::set_password(tx, user, hash, true).await?;
    super::temporaries::record(tx, app, asker, user, "password.temporary_used").await?;
    Ok(true)
}

/// Whether a password that was compared opens this account still: it may have become another one while it waited for its
/// turn (A10). From here on nobody changes it before the transaction ends. Of a temporary one its own row decides.
pub(super) async fn is_still(tx: &mut Tx, user: &User, hash: &str, temporary: bool) -> DbResult<bool> {
    people_store::lock_user(tx, user.id).await?;
    let present = people_store::find_user(tx, user.id).await?.filter(|user| user.active);
    Ok(present.is_some_and(|user| temporary || user.password_hash.as_deref() == Some(hash)))
}

/// What a session of this person may do: choose a password, while theirs is a temporary one (A8).
pub(super) async fn reach_of(conn: &mut impl Conn, user: UserId) -> DbResult<Reach> {
    let user = people_store::find_user(conn, user).await?;
    Ok(if user.is_some_and(|user| user.must_change) { Reach::ChangePassword } else { Reach::Full })
}

/// What a person has to do at a door, if anything. Whoever is no customer's sees at the customers' door what was invoiced
/// to their mailbox, unless they work here: staff keep to theirs.
pub(super) async fn business(conn: &mut impl Conn, user: UserId, door: Door) -> DbResult<Option<Whose>> {
    if door == Door::Portal
        && let Some(customer) = people_store::find_usual_customer(conn, user).await?
    {
        return Ok(Some(Whose::Customer(customer)));
    }
    let is_staff = !staff_store::list_grants(conn, user).await?.is_empty();
    Ok(match door {
        Door::Console => is_staff.then_some(Whose::Staff),
        Door::Portal if is_staff => None,
        Door::Portal => mailbox_store::find_issuer(conn, user).await?.map(|_invoiced| Whose::Mailbox),
    })
}

/// Opens a session for whoever proved to be this person by a password (of which `hash` is kept) or what stands for
/// one; asks for the second step first where there is one. Staff without one may only set it up (A14).
pub(super) async fn enter(
    tx: &mut Tx,
    app: &App,
    (user, whose, hash): (UserId, Whose, &str),
    asker: &Asker,
) -> Result<Entry, AccountError> {
    let now = app.now();
    if factor_store::is_confirmed(tx, user).await? {
        let door = if whose == Whose::Staff { Door::Console } else { Door::Portal };
        let expires_at = now.plus_seconds(SECOND_STEP_SECONDS);
        let challenge = Challenge { user, door, expires: expires_at.jiff().as_second() };
        let challenge = Secret::new(app.session_keys.challenge_token(challenge, hash));
        let passkey = passkey_store::count(tx, user).await? > 0;
        return Ok(Entry::SecondStep(SecondStep { challenge, expires_at: expires_at.to_string(), passkey }));
    }
    let reach = if whose == Whose::Staff { Reach::Enrol } else { reach_of(tx, user).await? };
    Ok(Entry::Session(open(tx, app, (user, whose, reach), asker).await?))
}

/// Whether it is the password of a user who may sign in; the same work when there is none.
pub(super) async fn verify(place: &Place, user: Option<&User>, password: &Secret) -> Result<bool, AccountError> {
    let hash = user.filter(|user| user.active).and_then(|user| user.password_hash.clone());
    Ok(place.verify(hash, password).await?)
}

/// Writes a new session, and that it was opened.
pub(super) async fn open(
    tx: &mut Tx,
    app: &App,
    (user, whose, reach): (UserId, Whose, Reach),
    asker: &Asker,
) -> DbResult<SessionId> {
    let (id, now) = (SessionId::new(app.ids.uuid()), app.now());
    let expires_at = now.plus_seconds(app.config.accounts.session_hours * 3_600);
    let session = store::NewSession { id, user, whose, reach, device: &asker.device, created_at: now, expires_at };
    store::insert(tx, &session).await?;
    record(tx, now, asker, "session.opened", id, Actor::User(user.uuid())).await?;
    Ok(id)
}

/// Both tokens of a session of the customers' door as it stands, and who it is.
pub(super) async fn opened(app: &App, id: SessionId) -> Result<Opened<Me>, AccountError> {
    let me = me(app, id).await?;
    with_tokens(app, id, me).await
}

/// Whose a living session of the customers' door is.
pub(super) async fn me(app: &App, id: SessionId) -> Result<Me, AccountError> {
    let now = app.now();
    if let Some(caller) = find_caller(app, id, now).await? {
        return people::me(app, &caller).await;
    }
    let principal = store::find_principal(&mut app.db.read().await?, id, now, used_after(app, now)).await?;
    let principal = principal.filter(|principal| principal.whose == Whose::Mailbox);
    people::me_of_mailbox(app, &principal.ok_or(AccountError::SignedOut)?).await
}

/// Both tokens of a session as it stands.
pub(super) async fn with_tokens<M>(app: &App, id: SessionId, me: M) -> Result<Opened<M>, AccountError> {
    let now = app.now();
    let row = store::find(&mut app.db.read().await?, id).await?.ok_or(AccountError::SignedOut)?;
    let access_expires_at = now.plus_seconds(app.config.accounts.access_minutes * 60).min(row.expires_at);
    let refresh = Refresh { session: id, generation: row.generation };
    Ok(Opened {
        access_token: Secret::new(app.session_keys.sign(id, access_expires_at)?),
        access_expires_at,
        refresh_token: Secret::new(app.session_keys.refresh_token(refresh)),
        cookie_seconds: row.expires_at.seconds_since(now),
        me,
    })
}

/// The person of an access token, from the session's row as it is now.
pub async fn principal_of_token(app: &App, token: &str) -> DbResult<Option<Principal>> {
    let now = app.now();
    let Some(id) = app.session_keys.open(token, now) else { return Ok(None) };
    store::find_principal(&mut app.db.read().await?, id, now, used_after(app, now)).await
}

/// The caller of an access token, from the session's row as it is now: one of a customer's people, or staff with a look
/// at its pages.
pub async fn caller_of_token(app: &App, token: &str) -> DbResult<Option<Caller>> {
    let now = app.now();
    let Some(id) = app.session_keys.open(token, now) else { return Ok(None) };
    match find_caller(app, id, now).await? {
        Some(caller) => Ok(Some(caller)),
        None => store::find_view(&mut app.db.read().await?, id, now).await,
    }
}

/// The caller of a session that another of our notes names, while it lives.
pub async fn caller_of_session(app: &App, id: SessionId) -> DbResult<Option<Caller>> {
    find_caller(app, id, app.now()).await
}

async fn find_caller(app: &App, id: SessionId, now: Timestamp) -> DbResult<Option<Caller>> {
    store::find_caller(&mut app.db.read().await?, id, now, used_after(app, now)).await
}

fn used_after(app: &App, now: Timestamp) -> Timestamp {
    now.plus_seconds(-app.config.accounts.idle_minutes * 60)
}

/// The next generation of a session of this door, for whoever has its present refresh token. An older one ends the
/// session: it is in two hands (A10).
pub async fn refresh(app: &App, token: &str, door: Door, asker: &Asker) -> Result<SessionId, AccountError> {
    let Some(refresh) = app.session_keys.read_refresh_token(token) else { return Err(AccountError::SignedOut) };
    let id = refresh.session;
    let kinds: &[&str] = match door {
        Door::Console => &["staff"],
        Door::Portal => &["customer", "mailbox"],
    };
    for _ in 0..REFRESH_TRIES {
        let now = app.now();
        let row = store::find(&mut app.db.read().await?, id).await?.filter(|row| kinds.contains(&row.kind.as_str()));
        let row = row.ok_or(AccountError::SignedOut)?;
        match row.standing().next(refresh.generation, now, &app.config.accounts) {
            Next::Ended => return Err(AccountError::SignedOut),
            Next::Repeat => return Ok(id),
            Next::Reused => {
                let user = UserId::new(row.user_id);
                let mut tx = app.db.begin().await?;
                if store::mark_revoked(&mut tx, id, user, now).await? {
                    record(&mut tx, now, asker, "session.token_reused", id, Actor::Guest).await?;
                    tx.commit().await?;
                    tracing::warn!(session.id = %id, "a refresh token was used twice: the session was ended");
                }
                return Err(AccountError::SignedOut);
            }
            Next::Rotate => {
                let mut tx = app.db.begin().await?;
                if store::mark_refreshed(&mut tx, id, refresh.generation, now).await? {
                    tx.commit().await?;
                    return Ok(id);
                }
            }
        }
    }
    Err(AccountError::SignedOut)
}

/// Ends the session of a refresh token, if it is one: signing out when the access token is over.
pub async fn end_by_refresh_token(app: &App, token: &str, asker: &Asker) -> Result<(), AccountError> {
    let Some(refresh) = app.session_keys.read_refresh_token(token) else { return Ok(()) };
    let row = store::find(&mut app.db.read().await?, refresh.session).await?;
    match row {
        Some(row) => end(app, UserId::new(row.user_id), refresh.session, asker).await.map(|_ended| ()),
        None => Ok(()),
    }
}

/// Ends one of a person's sessions. `false`: there is none such.
pub async fn end(app: &App, user: UserId, id: SessionId, asker: &Asker) -> Result<bool, AccountError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let ended = store::mark_revoked(&mut tx, id, user, now).await?;
    if ended {
        record(&mut tx, now, asker, "session.ended", id, Actor::User(user.uuid())).await?;
    }
    tx.commit().await?;
    Ok(ended)
}

/// Ends all of the caller's other sessions.
pub async fn end_others(app: &App, caller: &Principal, asker: &Asker) -> Result<(), AccountError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    store::mark_all_revoked(&mut tx, caller.user_id, Some(caller.session_id), now).await?;
    record(&mut tx, now, asker, "session.others_ended", caller.session_id, Actor::User(caller.user_id.uuid())).await?;
    tx.commit().await?;
    Ok(())
}

/// The caller's open sessions, the last used first.
pub async fn list(app: &App, caller: &Principal) -> Result<Vec<SessionView>, AccountError> {
    let now = app.now();
    let mut conn = app.db.read().await?;
    let rows = store::list_live(&mut conn, caller.user_id, now, used_after(app, now), LISTED_MAX).await?;
    let zone = people::clock_of(&mut conn, caller.user_id, caller.whose).await?;
    let view = |row: store::SessionRow| SessionView {
        id: row.id,
        current: row.id == caller.session_id.uuid(),
        device: row.device,
        created_at: local_time(row.created_at, &zone),
        last_seen_at: local_time(row.refreshed_at, &zone),
        expires_at: row.expires_at.to_string(),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes the caller's session one for another of their customers.
pub async fn choose_customer(app: &App, caller: &Caller, customer: CustomerId) -> Result<Me, AccountError> {
    let mut tx = app.db.begin().await?;
    if !store::set_customer(&mut tx, caller.session_id, caller.user_id, customer).await? {
        return Err(AccountError::NotFound);
    }
    tx.commit().await?;
    let caller = find_caller(app, caller.session_id, app.now()).await?.ok_or(AccountError::SignedOut)?;
    people::me(app, &caller).await
}

/// Deletes at most `limit` sessions that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

async fn record(
    tx: &mut Tx,
    now: Timestamp,
    asker: &Asker,
    act: &'static str,
    session: SessionId,
    actor: Actor,
) -> DbResult<()> {
    let entry = audit::Entry {
        actor,
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "session",
        object_id: &session.to_string(),
        before: None,
        after: Some(json!({ "device": asker.device })),
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, now, entry).await
}
