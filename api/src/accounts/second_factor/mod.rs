//! The second step of signing in: setting it up, asking for it, and proving once more who one is.
//!
//! Promises: a code is good once (A14); neither a right password nor a letter's link opens anything where a second step
//! is set up; wrong codes are counted for the person, whatever challenge they came with, and in a row for as long as it
//! takes. The secret is kept under the master key, recovery codes as digests.
pub mod routes;
mod totp;
mod tries;

use sha2::{Digest, Sha256};
use shared::accounts::Secret;
use shared::accounts::second_factor::{
    CODE_DIGITS, ConfirmSecondFactor, Enrolment, Prove, RecoveryCodes, SecondFactorView, TakeSecondStep,
};
use shared::problem::{FieldCode, FieldErrors};

use super::attempts::Attempt;
use super::letters::{self, About, To};
use super::model::{Principal, Reach, SessionId, User, UserId, Whose};
use super::sessions;
use super::store::{
    factors as store, passkeys as passkey_store, people as people_store, sessions as session_store,
    staff as staff_store,
};
use super::tokens::{Challenge, Door};
use super::{AccountError, Asker, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::{Ids, local_time};
use crate::db::{Conn, DbResult, Tx};
pub use tries::IN_A_ROW;
use tries::Tries;

/// What the secret is sealed for.
pub const USED_FOR: &str = "totp";
/// Recovery codes of one person.
const RECOVERY_CODES: usize = 10;
/// Letters of a recovery code: 80 bits.
const RECOVERY_CODE_LETTERS: usize = 16;
/// Side of the QR code's quiet zone is the page's own; ours ends at its modules.
const LIGHT_DARK: [char; 2] = ['0', '1'];

/// How the caller's second step stands.
pub async fn view(app: &App, who: &Principal) -> Result<SecondFactorView, AccountError> {
    let mut conn = app.db.read().await?;
    let since = store::find(&mut conn, who.user_id).await?.and_then(|factor| factor.confirmed_at);
    let left = store::count_codes(&mut conn, who.user_id).await?;
    let zone = people::clock_of(&mut conn, who.user_id, who.whose).await?;
    Ok(SecondFactorView {
        enabled: since.is_some(),
        since: since.map(|at| local_time(at, &zone)),
        recovery_codes_left: u32::try_from(left).unwrap_or(0),
        compulsory: is_staff(&mut conn, who.user_id).await? && passkey_store::count(&mut conn, who.user_id).await? == 0,
    })
}

pub(super) async fn is_staff(conn: &mut impl Conn, user: UserId) -> DbResult<bool> {
    Ok(!staff_store::list_grants(conn, user).await?.is_empty())
}

/// Begins to set the second step up: a secret for the caller's app. Until its first code is confirmed nothing changes,
/// and a phone that was set up before stays good.
pub async fn begin(app: &App, who: &Principal) -> Result<Enrolment, AccountError> {
    who.insist_on_proof(app)?;
    let user = people_store::find_user(&mut app.db.read().await?, who.user_id).await?;
    let user = user.ok_or(AccountError::SignedOut)?;
    let secret = app.ids.secret();
    let secret = &secret[..totp::SECRET_LEN];
    let sealed = app.vault.seal_secret(user.id.uuid(), USED_FOR, secret)?;
    let mut tx = app.db.begin().await?;
    store::upsert_begun(&mut tx, user.id, &sealed, app.now()).await?;
    tx.commit().await?;
    let text = totp::base32(secret);
    let issuer = people::home_of(&mut app.db.read().await?, who.user_id, who.whose).await?;
    let name = issuer.map_or_else(|| "Ventanilla".to_owned(), |issuer| issuer.commercial_name);
    let uri = uri(&name, user.email.as_str(), &text);
    let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..text.len().min(at + 4)]).collect();
    Ok(Enrolment { qr: qr(&uri)?, secret: Secret::new(groups.join(" ")), uri: Secret::new(uri) })
}

fn uri(issuer: &str, account: &str, secret: &str) -> String {
    let plain =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (issuer, account) = (plain(issuer), plain(account));
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

fn qr(text: &str) -> Result<Vec<String>, AccountError> {
    let code = fast_qr::QRBuilder::new(text)
        .ecl(fast_qr::ECL::M)
        .build()
        .map_err(|error| AccountError::Qr(error.to_string()))?;
    let row = |y: usize| code[y].iter().map(|module| LIGHT_DARK[usize::from(module.value())]).collect();
    Ok((0..code.size).map(row).collect())
}

/// The app's first code: from here on one is asked for. A session that could only enrol becomes a whole one.
pub async fn confirm(
    app: &App,
    who: &Principal,
    form: &ConfirmSecondFactor,
    asker: &Asker,
) -> Result<RecoveryCodes, AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    who.insist_on_proof(app)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let tries = Tries::of(app, who.user_id);
    tries.count_first(&mut tx, now).await?;
    let begun = store::find(&mut tx, who.user_id).await?.and_then(|factor| factor.pending_sealed);
    let begun = begun.ok_or(AccountError::NotFound)?;
    let secret = app.vault.open_secret(who.user_id.uuid(), USED_FOR, &begun)?;
    let Some(step) = totp::step_of(&secret, &digits(&form.code), now, 0) else {
        tx.commit().await?;
        return Err(AccountError::WrongCode);
    };
    if !store::mark_confirmed(&mut tx, who.user_id, &begun, step, now).await? {
        return Err(AccountError::NotFound);
    }
    tries.clear(&mut tx).await?;
    // Codes of before, of an app or a passkey, are good no more: these are shown.
    let codes = new_codes(&mut tx, &app.ids, who.user_id).await?;
    if who.reach == Reach::Enrol {
        session_store::widen(&mut tx, who.session_id).await?;
    }
    tell(&mut tx, app, (who.user_id, who.whose), &About::SecondFactor { on: true }).await?;
    record(&mut tx, app, asker, who.user_id, "second_factor.added").await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(codes)
}

/// Takes the caller's codes of an app away; staff keep one second step.
pub async fn remove(app: &App, who: &Principal, asker: &Asker) -> Result<(), AccountError> {
    who.insist_on_proof(app)?;
    let mut tx = app.db.begin().await?;
    people_store::lock_user(&mut tx, who.user_id).await?;
    if !store::delete(&mut tx, who.user_id).await? {
        return Err(AccountError::NotFound);
    }
    if !store::is_confirmed(&mut tx, who.user_id).await? {
        if is_staff(&mut tx, who.user_id).await? {
            return Err(AccountError::SecondFactorCompulsory);
        }
        store::delete_codes(&mut tx, who.user_id).await?;
    }
    tell(&mut tx, app, (who.user_id, who.whose), &About::SecondFactor { on: false }).await?;
    record(&mut tx, app, asker, who.user_id, "second_factor.removed").await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Lets go of somebody's second step for them, when their phone is lost: they set it up again when they come in. Their
/// sessions end. The caller has been judged.
pub(super) async fn reset(tx: &mut Tx, app: &App, user: UserId) -> DbResult<bool> {
    let was = store::delete(tx, user).await?;
    let had = passkey_store::delete_all(tx, user).await?;
    store::delete_codes(tx, user).await?;
    free(tx, app, user).await?;
    session_store::mark_all_revoked(tx, user, None, app.now()).await?;
    Ok(was || had)
}

/// Other recovery codes; those before are good no more.
pub async fn renew_codes(app: &App, who: &Principal, asker: &Asker) -> Result<RecoveryCodes, AccountError> {
    who.insist_on_proof(app)?;
    let mut tx = app.db.begin().await?;
    if !store::is_confirmed(&mut tx, who.user_id).await? {
        return Err(AccountError::NotFound);
    }
    let codes = new_codes(&mut tx, &app.ids, who.user_id).await?;
    record(&mut tx, app, asker, who.user_id, "recovery_codes.renewed").await?;
    tx.commit().await?;
    Ok(codes)
}

pub(super) async fn new_codes(tx: &mut Tx, ids: &Ids, user: UserId) -> DbResult<RecoveryCodes> {
    const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz_";
    store::delete_codes(tx, user).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let secret = ids.secret();
        // 31 letters that cannot be taken for one another.
        let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 31)]);
        let letters: String = secret.iter().take(RECOVERY_CODE_LETTERS).map(letter).collect();
        store::insert_code(tx, user, code_hash(user, &letters)).await?;
        let groups: Vec<&str> = (0..letters.len()).step_by(4).map(|at| &letters[at..at + 4]).collect();
        codes.push(Secret::new(groups.join("-")));
    }
    Ok(RecoveryCodes { codes })
}

fn code_hash(user: UserId, letters: &str) -> [u8; 32] {
    Sha256::new().chain_update(user.uuid().as_bytes()).chain_update(letters.as_bytes()).finalize().into()
}

/// The second step of a sign-in: opens the session that the password promised.
pub async fn pass(app: &App, form: &TakeSecondStep, door: Door, asker: &Asker) -> Result<SessionId, AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let user = challenged(app, &form.challenge, door).await?;
    let tries = Tries::of(app, user.id);
    let mut tx = app.db.begin().await?;
    let fills = tries.count(&mut tx, app.now(), &digits(&form.code)).await?;
    if !take_code(&mut tx, app, user.id, &form.code).await? {
        record(&mut tx, app, asker, user.id, "second_step.refused").await?;
        if fills && let Some(whose) = sessions::business(&mut tx, user.id, door).await? {
            tell_held(&mut tx, app, (user.id, whose), asker).await?;
        }
        tx.commit().await?;
        app.wake.notify_one();
        return Err(AccountError::WrongCode);
    }
    tries.clear(&mut tx).await?;
    still_challenged(&mut tx, app, &form.challenge, door).await?;
    let session = open(&mut tx, app, (user.id, door), asker).await?.ok_or(AccountError::SecondStepExpired)?;
    tx.commit().await?;
    Ok(session)
}

/// Opens a session for whoever passed both steps; `None` for who has no business at this door.
pub(super) async fn open(
    tx: &mut Tx,
    app: &App,
    (user, door): (UserId, Door),
    asker: &Asker,
) -> DbResult<Option<SessionId>> {
    let Some(whose) = sessions::business(tx, user, door).await? else { return Ok(None) };
    let reach = if whose == Whose::Staff { Reach::Full } else { sessions::reach_of(tx, user).await? };
    Ok(Some(sessions::open(tx, app, (user, whose, reach), asker).await?))
}

/// Whose challenge this is, when it is ours, of this door, not over, and of the password that is good now.
pub(super) async fn challenged(app: &App, token: &Secret, door: Door) -> Result<User, AccountError> {
    let challenge = read_challenge(app, token, door)?;
    let user = people_store::find_user(&mut app.db.read().await?, challenge.user).await?;
    judge_challenge(app, (token, challenge), user)
}

/// The same in the transaction that opens the session: the password may have become another one meanwhile, and from here
/// on it cannot (A10).
pub(super) async fn still_challenged(tx: &mut Tx, app: &App, token: &Secret, door: Door) -> Result<(), AccountError> {
    let challenge = read_challenge(app, token, door)?;
    people_store::lock_user(tx, challenge.user).await?;
    let user = people_store::find_user(tx, challenge.user).await?;
    judge_challenge(app, (token, challenge), user).map(drop)
}

fn read_challenge(app: &App, token: &Secret, door: Door) -> Result<Challenge, AccountError> {
    let challenge = app.session_keys.read_challenge(token.expose()).ok_or(AccountError::SecondStepExpired)?;
    let good = challenge.door == door && challenge.expires > app.now().jiff().as_second();
    if good { Ok(challenge) } else { Err(AccountError::SecondStepExpired) }
}

fn judge_challenge(
    app: &App,
    (token, challenge): (&Secret, Challenge),
    user: Option<User>,
) -> Result<User, AccountError> {
    let user = user.filter(|user| user.active).ok_or(AccountError::SecondStepExpired)?;
    let hash = user.password_hash.as_deref().unwrap_or_default();
    let good = app.session_keys.is_challenge(token.expose(), challenge, hash);
    if good { Ok(user) } else { Err(AccountError::SecondStepExpired) }
}

/// Whether a code is this person's now, and from here on never again.
async fn take_code(tx: &mut Tx, app: &App, user: UserId, typed: &Secret) -> Result<bool, AccountError> {
    let typed = digits(typed);
    if typed.len() != CODE_DIGITS {
        let letters = typed.to_lowercase();
        return Ok(store::mark_code_used(tx, user, code_hash(user, &letters), app.now()).await?);
    }
    let Some(factor) = store::find(tx, user).await? else { return Ok(false) };
    let Some(sealed) = factor.secret_sealed else { return Ok(false) };
    let secret = app.vault.open_secret(user.uuid(), USED_FOR, &sealed)?;
    match totp::step_of(&secret, &typed, app.now(), factor.last_step) {
        Some(step) => Ok(store::mark_step(tx, user, step).await?),
        None => Ok(false),
    }
}

/// Without the blanks and hyphens that people and apps put between.
fn digits(typed: &Secret) -> String {
    typed.expose().chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

/// Whether wrong codes hold somebody at this moment.
pub(super) async fn is_held(conn: &mut impl Conn, app: &App, user: UserId) -> DbResult<bool> {
    Tries::of(app, user).is_held(conn, app.now()).await
}

/// Frees somebody whom wrong codes held.
pub(super) async fn free(tx: &mut Tx, app: &App, user: UserId) -> DbResult<()> {
    Tries::of(app, user).clear(tx).await
}

/// The caller proves once more who they are (A13): for some minutes, acts that ask for it are open.
pub async fn prove(app: &App, who: &Principal, form: &Prove, asker: &Asker) -> Result<(), AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let right = match (&form.password, &form.code) {
        (Some(password), _) => prove_by_password(app, who, password, asker).await?,
        (None, Some(code)) => prove_by_code(app, who, code, asker).await?,
        (None, None) => false,
    };
    let mut tx = app.db.begin().await?;
    if right {
        session_store::mark_proved(&mut tx, who.session_id, app.now()).await?;
    }
    record(&mut tx, app, asker, who.user_id, if right { "session.proved" } else { "session.proof_refused" }).await?;
    tx.commit().await?;
    match (right, &form.password) {
        (true, _) => Ok(()),
        (false, Some(_)) => {
            let mut errors = FieldErrors::default();
            errors.add("/password", FieldCode::WrongPassword);
            Err(AccountError::Fields(errors))
        }
        (false, None) => Err(AccountError::WrongCode),
    }
}

async fn prove_by_code(app: &App, who: &Principal, code: &Secret, asker: &Asker) -> Result<bool, AccountError> {
    let tries = Tries::of(app, who.user_id);
    let mut tx = app.db.begin().await?;
    let fills = tries.count(&mut tx, app.now(), &digits(code)).await?;
    let right = take_code(&mut tx, app, who.user_id, code).await?;
    if right {
        tries.clear(&mut tx).await?;
    } else if fills {
        tell_held(&mut tx, app, (who.user_id, who.whose), asker).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    Ok(right)
}

async fn prove_by_password(app: &App, who: &Principal, password: &Secret, asker: &Asker) -> Result<bool, AccountError> {
    let place = app.hasher.enter()?;
    let user = people_store::find_user(&mut app.db.read().await?, who.user_id).await?;
    let user = user.ok_or(AccountError::SignedOut)?;
    let attempt = Attempt::begin(app, Some(&user), "", &asker.source).await?;
    let right = sessions::verify(&place, Some(&user), password).await?;
    if right {
        let mut tx = app.db.begin().await?;
        attempt.forgive(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(right)
}

impl Principal {
    /// Refuses when the last proof of who this is was too long ago (A13).
    pub fn insist_on_proof(&self, app: &App) -> Result<(), AccountError> {
        let fresh = app.now().seconds_since(self.proved_at) < app.config.accounts.proof_minutes * 60;
        if fresh { Ok(()) } else { Err(AccountError::ProofNeeded) }
    }
}

/// Tells the person's mailbox (A13).
async fn tell(tx: &mut Tx, app: &App, (user, whose): (UserId, Whose), about: &About<'_>) -> Result<(), AccountError> {
    let Some(issuer) = people::home_of(tx, user, whose).await? else { return Ok(()) };
    let Some(user) = people_store::find_user(tx, user).await? else { return Ok(()) };
    let to = To { issuer: &issuer, email: &user.email, language: user.language };
    letters::enqueue(tx, app, &to, about).await
}

/// So many codes in a row were wrong: somebody has the password and not the phone, and only its owner can know who.
async fn tell_held(tx: &mut Tx, app: &App, who: (UserId, Whose), asker: &Asker) -> Result<(), AccountError> {
    let codes = app.config.accounts.wrong_codes_in_a_row;
    tell(tx, app, who, &About::SecondStepHeld { codes }).await?;
    record(tx, app, asker, who.0, "second_step.held").await?;
    Ok(())
}

async fn record(tx: &mut Tx, app: &App, asker: &Asker, user: UserId, act: &'static str) -> DbResult<()> {
    let entry = audit::Entry {
        actor: Actor::User(user.uuid()),
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "user",
        object_id: &user.to_string(),
        before: None,
        after: None,
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}

/// The rehearsal's own: the code that is good now for a secret that it derives. Of whom has used this moment's it is the
/// next one, which a phone that is a little ahead would show.
pub(crate) async fn demo_code(conn: &mut impl Conn, app: &App, user: UserId, secret: &[u8; 32]) -> DbResult<String> {
    let used = store::find(conn, user).await?.map_or(0, |factor| factor.last_step);
    Ok(totp::code(&secret[..totp::SECRET_LEN], totp::step_after(used, app.now())))
}

/// Gives a person of the rehearsal a second step with a secret of its own.
pub(crate) async fn give_demo(tx: &mut Tx, app: &App, user: UserId, secret: &[u8; 32]) -> Result<(), AccountError> {
    let sealed = app.vault.seal_secret(user.uuid(), USED_FOR, &secret[..totp::SECRET_LEN])?;
    store::upsert_begun(tx, user, &sealed, app.now()).await?;
    store::mark_confirmed(tx, user, &sealed, 0, app.now()).await?;
    Ok(())
}
