//! Passkeys: the second step after a password, or both steps at once, and a fresh proof of who somebody signed in is (A13).
//!
//! Promises: what a browser has signed is good once, for some minutes, for the purpose it was asked for, and as a proof for
//! the session that asked; the passkey must have made sure of its person each time; one that counts backwards is a copy and
//! opens nothing (the log says so). The private key never leaves the authenticator: we keep the public one.
//!
//! It does not check signatures itself: the library behind `relying` does.
mod relying;
pub mod routes;

use serde_json::{Value, json};
use shared::accounts::Secret;
use shared::accounts::passkeys::{
    AskPasskeyStep, EnterByPasskey, KeepPasskey, PASSKEYS_MAX, PasskeyAsked, PasskeyKept, PasskeyView, Passkeys,
    ProveByPasskey, TakePasskeyStep,
};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::model::{Principal, Reach, SessionId, UserId};
use super::store::{factors as factor_store, passkeys as store, people as people_store, sessions as session_store};
use super::tokens::Door;
use super::{AccountError, Asker, letters, people, second_factor};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp, Tx};
use letters::{About, To};
pub use relying::Failure;
use relying::{Proof, Refused, RelyingParty};

/// How long what a browser is asked for is good.
const CHALLENGE_SECONDS: i64 = 300;
/// As many as a person may have.
const LISTED_MAX: i64 = 10;
const _: () = assert!(LISTED_MAX as usize == PASSKEYS_MAX);

/// What a challenge is for, as kept.
const REGISTRATION: &str = "registration";
const SECOND_STEP: &str = "second_step";
const ENTRY: &str = "entry";
const PROOF: &str = "proof";

/// The caller's passkeys.
pub async fn list(app: &App, who: &Principal) -> Result<Passkeys, AccountError> {
    let mut conn = app.db.read().await?;
    let rows = store::list(&mut conn, who.user_id, LISTED_MAX).await?;
    let zone = people::clock_of(&mut conn, who.user_id, who.whose).await?;
    let view = |row: store::PasskeyRow| PasskeyView {
        id: row.id,
        name: row.name,
        created_at: local_time(row.created_at, &zone),
        last_used_at: row.last_used_at.map(|at| local_time(at, &zone)),
    };
    Ok(Passkeys { passkeys: rows.into_iter().map(view).collect(), available: RelyingParty::of(app, "").is_some() })
}

/// Begins a new passkey: what the browser is to make.
pub async fn begin(app: &App, who: &Principal) -> Result<PasskeyAsked, AccountError> {
    who.insist_on_proof(app)?;
    let mut conn = app.db.read().await?;
    let user = people_store::find_user(&mut conn, who.user_id).await?.ok_or(AccountError::SignedOut)?;
    let issuer = people::home_of(&mut conn, who.user_id, who.whose).await?;
    let name = issuer.map_or_else(|| "Ventanilla".to_owned(), |issuer| issuer.commercial_name);
    let known = credentials(&mut conn, user.id).await?;
    drop(conn);
    if known.len() >= PASSKEYS_MAX {
        return Err(too_many());
    }
    let (options, state) = party(app, &name)?.begin(user.id.uuid(), user.email.as_str(), &known)?;
    ask(app, Bond::of(REGISTRATION, user.id), options, &state).await
}

/// Keeps a passkey that the browser made. A session that could only enrol becomes a whole one; with the first second step
/// come the codes of recovery.
pub async fn keep(app: &App, who: &Principal, form: &KeepPasskey, asker: &Asker) -> Result<PasskeyKept, AccountError> {
    who.insist_on_proof(app)?;
    let name = form.parse().map_err(AccountError::Fields)?;
    let state = take(app, form.id, Bond::of(REGISTRATION, who.user_id)).await?;
    let (credential_id, credential) = match party(app, "")?.finish(&form.credential, state) {
        Ok(made) => made,
        Err(refused) => return refuse(app, Some(who.user_id), refused, asker).await,
    };
    let (now, id) = (app.now(), app.ids.uuid());
    let mut tx = app.db.begin().await?;
    people_store::lock_user(&mut tx, who.user_id).await?;
    if store::count(&mut tx, who.user_id).await? >= LISTED_MAX {
        return Err(too_many());
    }
    let had = factor_store::count_codes(&mut tx, who.user_id).await? > 0;
    let new = store::NewPasskey {
        id,
        user: who.user_id,
        credential_id: &credential_id,
        credential: &credential,
        name: &name,
        created_at: now,
    };
    if !store::insert(&mut tx, &new).await? {
        return Err(AccountError::PasskeyRefused);
    }
    let recovery_codes =
        if had { Vec::new() } else { second_factor::new_codes(&mut tx, &app.ids, who.user_id).await?.codes };
    if who.reach == Reach::Enrol {
        session_store::widen(&mut tx, who.session_id).await?;
    }
    tell(&mut tx, app, who, &name, true).await?;
    record(&mut tx, app, asker, Some(who.user_id), "passkey.added", Some(json!({ "name": name }))).await?;
    let zone = people::clock_of(&mut tx, who.user_id, who.whose).await?;
    tx.commit().await?;
    app.wake.notify_one();
    let passkey = PasskeyView { id, name, created_at: local_time(now, &zone), last_used_at: None };
    Ok(PasskeyKept { passkey, recovery_codes })
}

/// Takes one of the caller's passkeys away; staff keep one second step.
pub async fn remove(app: &App, who: &Principal, id: Uuid, asker: &Asker) -> Result<(), AccountError> {
    who.insist_on_proof(app)?;
    let mut tx = app.db.begin().await?;
    people_store::lock_user(&mut tx, who.user_id).await?;
    let row = store::list(&mut tx, who.user_id, LISTED_MAX).await?.into_iter().find(|row| row.id == id);
    let row = row.ok_or(AccountError::NotFound)?;
    if !store::delete(&mut tx, who.user_id, id).await? {
        return Err(AccountError::NotFound);
    }
    if !factor_store::is_confirmed(&mut tx, who.user_id).await? {
        if second_factor::is_staff(&mut tx, who.user_id).await? {
            return Err(AccountError::SecondFactorCompulsory);
        }
        factor_store::delete_codes(&mut tx, who.user_id).await?;
    }
    tell(&mut tx, app, who, &row.name, false).await?;
    record(&mut tx, app, asker, Some(who.user_id), "passkey.removed", Some(json!({ "name": row.name }))).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// The second step shall be a passkey: what the browser is to have signed.
pub async fn ask_step(app: &App, form: &AskPasskeyStep, door: Door) -> Result<PasskeyAsked, AccountError> {
    let user = second_factor::challenged(app, &form.challenge, door).await?;
    ask_for_own(app, Bond::of(SECOND_STEP, user.id), user.id).await
}

/// The second step by a passkey: opens the session that the password promised.
pub async fn pass_step(
    app: &App,
    form: &TakePasskeyStep,
    door: Door,
    asker: &Asker,
) -> Result<SessionId, AccountError> {
    let user = second_factor::challenged(app, &form.challenge, door).await?;
    let state = take(app, form.id, Bond::of(SECOND_STEP, user.id)).await?;
    let proof = judge_own(app, user.id, (&form.credential, state), asker).await?;
    open(app, (user.id, door), (proof, Some(&form.challenge)), asker).await
}

/// The caller shall prove once more who they are by one of their passkeys: what the browser is to have signed.
pub async fn ask_proof(app: &App, who: &Principal) -> Result<PasskeyAsked, AccountError> {
    ask_for_own(app, Bond::of_session(who), who.user_id).await
}

/// The caller proves once more who they are (A13): for some minutes, acts that ask for it are open to this session.
pub async fn prove(app: &App, who: &Principal, form: &ProveByPasskey, asker: &Asker) -> Result<(), AccountError> {
    let state = take(app, form.id, Bond::of_session(who)).await?;
    let proof = judge_own(app, who.user_id, (&form.credential, state), asker).await?;
    let mut tx = app.db.begin().await?;
    if !store::mark_used(&mut tx, proof.id, (&proof.credential, proof.sign_count), app.now()).await? {
        drop(tx);
        return refuse(app, Some(who.user_id), Refused::CountsBackwards, asker).await;
    }
    session_store::mark_proved(&mut tx, who.session_id, app.now()).await?;
    let by = json!({ "by": "passkey" });
    record(&mut tx, app, asker, Some(who.user_id), "session.proved", Some(by)).await?;
    tx.commit().await?;
    Ok(())
}

/// Whoever has a passkey here may enter with it alone: what the browser is to have signed, by any of them.
pub async fn ask_entry(app: &App) -> Result<PasskeyAsked, AccountError> {
    let (options, state) = party(app, "")?.ask_anybody()?;
    ask(app, Bond::ENTRY, options, &state).await
}

/// Lets in whoever has a passkey of ours that made sure of them: it is both steps at once.
pub async fn enter(app: &App, form: &EnterByPasskey, door: Door, asker: &Asker) -> Result<SessionId, AccountError> {
    let state = take(app, form.id, Bond::ENTRY).await?;
    let party = party(app, "")?;
    let named = match party.named(&form.credential) {
        Ok(named) => named,
        Err(refused) => return refuse(app, None, refused, asker).await,
    };
    let mut conn = app.db.read().await?;
    let row = store::find_credential(&mut conn, &named.credential_id).await?;
    let row = row.filter(|row| row.user_id == named.user).ok_or(AccountError::PasskeyRefused)?;
    let user = people_store::find_user(&mut conn, UserId::new(row.user_id)).await?.filter(|user| user.active);
    let user = user.ok_or(AccountError::PasskeyRefused)?;
    drop(conn);
    let proof = match party.check_anybody(&form.credential, state, (row.id, row.credential.0)) {
        Ok(proof) => proof,
        Err(refused) => return refuse(app, Some(user.id), refused, asker).await,
    };
    open(app, (user.id, door), (proof, None), asker).await
}

/// Lets go of at most `limit` challenges that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended_challenges(tx, ended_before, limit).await
}

/// `challenge`: of the password before, if there was one.
async fn open(
    app: &App,
    (user, door): (UserId, Door),
    (proof, challenge): (Proof, Option<&Secret>),
    asker: &Asker,
) -> Result<SessionId, AccountError> {
    let mut tx = app.db.begin().await?;
    if !store::mark_used(&mut tx, proof.id, (&proof.credential, proof.sign_count), app.now()).await? {
        drop(tx);
        return refuse(app, Some(user), Refused::CountsBackwards, asker).await;
    }
    if let Some(challenge) = challenge {
        second_factor::still_challenged(&mut tx, app, challenge, door).await?;
    }
    let session = second_factor::open(&mut tx, app, (user, door), asker).await?;
    let session = session.ok_or(AccountError::PasskeyRefused)?;
    tx.commit().await?;
    Ok(session)
}

fn party(app: &App, name: &str) -> Result<RelyingParty, AccountError> {
    RelyingParty::of(app, name).ok_or(AccountError::PasskeysUnavailable)
}

async fn credentials(conn: &mut impl Conn, user: UserId) -> DbResult<Vec<(Uuid, Value)>> {
    let rows = store::list_credentials(conn, user, LISTED_MAX).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.credential.0)).collect())
}

/// What an answer is good for.
#[derive(Clone, Copy)]
struct Bond {
    purpose: &'static str,
    user: Option<UserId>,
    session: Option<SessionId>,
}

impl Bond {
    /// Nobody has said yet who they are.
    const ENTRY: Bond = Bond { purpose: ENTRY, user: None, session: None };

    fn of(purpose: &'static str, user: UserId) -> Bond {
        Bond { purpose, user: Some(user), session: None }
    }

    /// A proof is of one session: what another of the same person's asked for opens nothing here.
    fn of_session(who: &Principal) -> Bond {
        Bond { purpose: PROOF, user: Some(who.user_id), session: Some(who.session_id) }
    }

    fn holds(self, row: &store::ChallengeRow) -> bool {
        row.user_id == self.user.map(UserId::uuid) && row.session_id == self.session.map(SessionId::uuid)
    }
}

/// Asks for one of a person's own passkeys.
async fn ask_for_own(app: &App, bond: Bond, user: UserId) -> Result<PasskeyAsked, AccountError> {
    let known = credentials(&mut app.db.read().await?, user).await?;
    if known.is_empty() {
        return Err(AccountError::NotFound);
    }
    let (options, state) = party(app, "")?.ask(&known)?;
    ask(app, bond, options, &state).await
}

/// Judges an answer by the passkeys that the person has at this moment.
async fn judge_own(
    app: &App,
    user: UserId,
    (credential, state): (&Value, Value),
    asker: &Asker,
) -> Result<Proof, AccountError> {
    let known = credentials(&mut app.db.read().await?, user).await?;
    match party(app, "")?.check(credential, state, &known) {
        Ok(proof) => Ok(proof),
        Err(refused) => refuse(app, Some(user), refused, asker).await,
    }
}

/// Keeps what the browser is asked for, until it answers.
async fn ask(app: &App, bond: Bond, options: Value, state: &Value) -> Result<PasskeyAsked, AccountError> {
    let (id, expires_at) = (app.ids.uuid(), app.now().plus_seconds(CHALLENGE_SECONDS));
    let new =
        store::NewChallenge { id, purpose: bond.purpose, user: bond.user, session: bond.session, state, expires_at };
    let mut tx = app.db.begin().await?;
    store::insert_challenge(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(PasskeyAsked { id, options, expires_at: expires_at.to_string() })
}

/// Uses up what was asked, whatever the answer is worth.
async fn take(app: &App, id: Uuid, bond: Bond) -> Result<Value, AccountError> {
    let mut tx = app.db.begin().await?;
    let row = store::take_challenge(&mut tx, id, bond.purpose, app.now()).await?;
    tx.commit().await?;
    Ok(row.filter(|row| bond.holds(row)).ok_or(AccountError::PasskeyRefused)?.state.0)
}

/// Writes down why an answer was refused, and refuses it.
async fn refuse<T>(app: &App, user: Option<UserId>, why: Refused, asker: &Asker) -> Result<T, AccountError> {
    let act = match why {
        Refused::Shape => {
            let mut errors = FieldErrors::default();
            errors.add("/credential", FieldCode::Shape);
            return Err(AccountError::Fields(errors));
        }
        Refused::Library(source) => return Err(AccountError::Passkey(source)),
        Refused::CountsBackwards => "passkey.counted_backwards",
        Refused::Wrong => "passkey.refused",
    };
    let mut tx = app.db.begin().await?;
    record(&mut tx, app, asker, user, act, None).await?;
    tx.commit().await?;
    if act == "passkey.counted_backwards" {
        tracing::warn!(user.id = ?user, "a passkey counted backwards: there is a copy of it");
    }
    Err(AccountError::PasskeyRefused)
}

fn too_many() -> AccountError {
    let mut errors = FieldErrors::default();
    errors.add("/name", FieldCode::TooMany);
    AccountError::Fields(errors)
}

/// Tells the person's mailbox (A13).
async fn tell(tx: &mut Tx, app: &App, who: &Principal, name: &str, added: bool) -> Result<(), AccountError> {
    let Some(issuer) = people::home_of(tx, who.user_id, who.whose).await? else { return Ok(()) };
    let Some(user) = people_store::find_user(tx, who.user_id).await? else { return Ok(()) };
    let to = To { issuer: &issuer, email: &user.email, language: user.language };
    letters::enqueue(tx, app, &to, &About::Passkey { name, added }).await
}

async fn record(
    tx: &mut Tx,
    app: &App,
    asker: &Asker,
    user: Option<UserId>,
    act: &'static str,
    after: Option<Value>,
) -> DbResult<()> {
    let object_id = user.map_or_else(|| "unknown".to_owned(), |user| user.to_string());
    let entry = audit::Entry {
        actor: user.map_or(Actor::Guest, |user| Actor::User(user.uuid())),
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "user",
        object_id: &object_id,
        before: None,
        after,
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
