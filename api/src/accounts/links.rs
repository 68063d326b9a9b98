//! Registering and recovering by a link in a letter, and passwords.
//!
//! A stranger's request is only written down; a job finds out whether it matches anything and writes the letter. So
//! the answer, its time and its writes cannot tell (A2).
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::Lang;
use shared::accounts::entry::is_temporary;
use shared::accounts::{ChangePassword, Recover, Register, RegisterData, Secret, UseLink};
use shared::problem::{FieldCode, FieldErrors};
use shared::profiles::{FirstEntry, PasswordRule, Recovery};
use uuid::Uuid;

use super::attempts::{self, Attempt};
use super::letters::{self, About, To};
use super::model::{Asked, CustomerId, NewUser, Principal, Reach, User, UserId, Whose, fold_user};
use super::pages::{page_of, rule_of};
use super::sessions::{self, Entry};
use super::store::links::{self as store, Link, Purpose};
use super::store::{
    people as people_store, sessions as session_store, staff as staff_store, temporaries as temporary_store,
};
use super::temporaries::{self, Temporary};
use super::tokens::Door;
use super::{AccountError, Asker, parts, password, people, privacy};
use crate::App;
use crate::audit::{self, Actor};
use crate::counters::{self, Counter};
use crate::db::{DbError, DbResult, Timestamp, Tx};
use crate::issuers::{self, Issuer, IssuerId, Scope};
use crate::jobs::{self, JobKind, Outcome};

/// Window of the counters of letters.
const HOUR_SECONDS: i64 = 3_600;

/// Asks for an account. Whether the data match is never said.
pub async fn register(app: &App, form: &Register, source: &str) -> Result<(), AccountError> {
    let wanted = form.parse().map_err(AccountError::Fields)?;
    let page = page_of(app, form.issuer.as_deref()).await?;
    let asked = match page.profile.first_entry {
        FirstEntry::TemporaryPassword => exact(form, wanted)?,
        _ => Asked::Registration(wanted),
    };
    ask(app, page.issuer, &asked, source).await
}

/// Where capitals count (C15): of an RFC they are its shape and judged aloud, of a contract they are compared.
fn exact(form: &Register, wanted: RegisterData) -> Result<Asked, AccountError> {
    if form.rfc.trim() != wanted.rfc.as_str() {
        let mut errors = FieldErrors::default();
        errors.add("/rfc", FieldCode::Capitals);
        return Err(AccountError::Fields(errors));
    }
    Ok(Asked::ExactRegistration(wanted, form.contract.trim().to_owned()))
}

/// Asks for a way back in. Whether there is such a user is never said.
pub async fn recover(app: &App, form: &Recover, source: &str) -> Result<(), AccountError> {
    let folded = fold_user(form.parse().map_err(AccountError::Fields)?);
    let page = page_of(app, form.issuer.as_deref()).await?;
    let email = form.email.as_deref().and_then(|email| fiscal::Email::parse(email).ok());
    let asked = match (page.profile.recovery, email) {
        (Recovery::LinkAndTemporary, _) => Asked::TemporaryRecovery(folded, None),
        (Recovery::RfcAndEmail, Some(email)) => Asked::TemporaryRecovery(folded, Some(email)),
        _ => Asked::Recovery(folded),
    };
    ask(app, page.issuer, &asked, source).await
}

async fn ask(app: &App, issuer: Option<IssuerId>, asked: &Asked, source: &str) -> Result<(), AccountError> {
    let (now, id) = (app.now(), app.ids.uuid());
    let mut tx = app.db.begin().await?;
    if of_source(app, source).try_hit(&mut tx, now).await?.is_err() {
        tracing::warn!("a source asked for more links than it may in an hour");
        return Ok(());
    }
    store::insert_request(&mut tx, id, issuer, asked, now).await?;
    jobs::enqueue(&mut tx, &app.ids, JobKind::AnswerLinkRequest, id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// What one source asks for within the hour.
pub(super) fn of_source(app: &App, source: &str) -> Counter {
    let limit = app.config.accounts.letters_per_source;
    Counter { kind: "link_source", subject: counters::subject(source), limit, window_seconds: HOUR_SECONDS }
}

/// Finds out what a request comes to and writes its letter, if any: the body of [`JobKind::AnswerLinkRequest`].
pub async fn answer(app: &App, request: Uuid) -> Outcome {
    match try_answer(app, request).await {
        Ok(()) => {
            app.wake.notify_one();
            Outcome::Done
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a request for a link could not be answered");
            Outcome::Retry { reason: "a request for a link could not be answered".into() }
        }
    }
}

async fn try_answer(app: &App, request: Uuid) -> Result<(), AccountError> {
    let mut conn = app.db.read().await?;
    let Some((page, asked)) = store::find_request(&mut conn, request).await? else { return Ok(()) };
    drop(conn);
    // Hashed before anything is looked for, and in no transaction: it takes as long as a sign-in.
    let temporary = match asked {
        Asked::ExactRegistration(..) | Asked::TemporaryRecovery(..) => Some(temporaries::make(app).await?),
        _ => None,
    };
    let temporary = temporary.as_ref();
    let mut tx = app.db.begin().await?;
    if !store::delete_request(&mut tx, request).await? {
        return Ok(());
    }
    match asked {
        Asked::Registration(wanted) => answer_registration(&mut tx, app, page, (&wanted, None), None).await?,
        Asked::ExactRegistration(wanted, typed) => {
            answer_registration(&mut tx, app, page, (&wanted, Some(&typed)), temporary).await?;
        }
        Asked::Recovery(folded) => answer_recovery(&mut tx, app, page, (&folded, None), None).await?,
        Asked::TemporaryRecovery(folded, email) => {
            answer_recovery(&mut tx, app, page, (&folded, email.as_ref()), temporary).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn answer_registration(
    tx: &mut Tx,
    app: &App,
    page: Option<IssuerId>,
    (wanted, exactly): (&RegisterData, Option<&str>),
    temporary: Option<&Temporary>,
) -> Result<(), AccountError> {
    let Some((customer, issuer)) = people_store::find_contract(tx, page, &wanted.rfc, &wanted.contract).await? else {
        return Ok(());
    };
    if let Some(typed) = exactly {
        let own = people_store::list_contracts(tx, customer, Some(Scope::of(issuer)), people::SHOWN_MAX).await?;
        if !own.iter().any(|contract| contract.number == typed) {
            return Ok(());
        }
    }
    let Some(issuer) = issuers::service::find_issuer(tx, Scope::of(issuer)).await? else { return Ok(()) };
    let rfc = wanted.rfc.as_str();
    let asker = match people_store::find_user_by_name(tx, &fold_user(wanted.email.as_str())).await? {
        Some(user) if people_store::is_member(tx, user.id, customer).await? => Some(user),
        _ => None,
    };
    let first = people_store::find_first_member(tx, customer, Scope::of(issuer.id)).await?;
    let Some(member) = asker.clone().or(first) else {
        if !may_write(tx, app, &wanted.email).await? {
            return Ok(());
        }
        let purpose = Purpose::Activation { customer, email: wanted.email.clone() };
        let hours = app.config.accounts.activation_hours;
        let hash = temporary.map(|temporary| temporary.hash.clone());
        let link = Link { purpose, issuer: issuer.id, language: wanted.language, temporary: hash };
        let token = make_link(tx, app, &link, hours * 3_600).await?;
        let to = To { issuer: &issuer, email: &wanted.email, language: wanted.language };
        let temporary = temporary.map(|temporary| (wanted.email.as_str(), &temporary.password));
        letters::enqueue(tx, app, &to, &About::Activation { rfc, token: &token, hours, temporary }).await?;
        record(tx, app.now(), None, Actor::Guest, "registration.asked", ("customer", customer.uuid())).await?;
        return Ok(());
    };
    // The RFC has its people here: nothing changes, and only they hear of it.
    let about = if asker.is_some() { About::AlreadyRegistered { rfc } } else { About::AccessAsked { rfc } };
    if may_write(tx, app, &member.email).await? {
        let to = To { issuer: &issuer, email: &member.email, language: member.language };
        letters::enqueue(tx, app, &to, &about).await?;
    }
    Ok(())
}

async fn answer_recovery(
    tx: &mut Tx,
    app: &App,
    page: Option<IssuerId>,
    (folded, email): (&str, Option<&fiscal::Email>),
    temporary: Option<&Temporary>,
) -> Result<(), AccountError> {
    let user = match email {
        None => people_store::find_user_by_name(tx, folded).await?,
        Some(email) => temporaries::find_by_both(tx, folded, email).await?,
    };
    let Some(user) = user.filter(|user| user.active) else { return Ok(()) };
    let whose = sessions::business(tx, user.id, Door::Portal).await?;
    let grants = staff_store::list_grants(tx, user.id).await?;
    // Staff who are no customer's person come in at the console.
    let at_console = whose.is_none() && !grants.is_empty();
    if whose.is_none() && !at_console {
        return Ok(());
    }
    let page = page.or_else(|| grants.iter().find_map(|grant| grant.issuer).filter(|_| at_console));
    let issuer = match page {
        Some(page) => issuers::service::find_issuer(tx, Scope::of(page)).await?,
        None => people::home_of(tx, user.id, whose.unwrap_or(Whose::Staff)).await?,
    };
    let Some(issuer) = issuer else { return Ok(()) };
    if !may_write(tx, app, &user.email).await? {
        return Ok(());
    }
    let minutes = app.config.accounts.recovery_minutes;
    let to = To { issuer: &issuer, email: &user.email, language: user.language };
    // The house's own people keep to links: a temporary password is good at the customers' door alone.
    let temporary = temporary.filter(|_| !at_console);
    if let (Some(temporary), Some(_)) = (temporary, email) {
        temporaries::give(tx, app, user.id, temporary, app.now().plus_seconds(minutes * 60)).await?;
        letters::enqueue(tx, app, &to, &About::Temporary { password: &temporary.password, minutes }).await?;
    } else {
        let purpose = Purpose::Recovery(user.id);
        let hash = temporary.map(|temporary| temporary.hash.clone());
        let link = Link { purpose, issuer: issuer.id, language: user.language, temporary: hash };
        let token = make_link(tx, app, &link, minutes * 60).await?;
        let temporary = temporary.map(|temporary| (user.email.as_str(), &temporary.password));
        letters::enqueue(tx, app, &to, &About::Recovery { token: &token, minutes, at_console, temporary }).await?;
    }
    record(tx, app.now(), None, Actor::Guest, "recovery.asked", ("user", user.id.uuid())).await?;
    Ok(())
}

/// Whether this mailbox may have another letter about its account within the hour (A6).
pub(super) async fn may_write(tx: &mut Tx, app: &App, email: &fiscal::Email) -> DbResult<bool> {
    let counter = Counter {
        kind: "link_account",
        subject: counters::subject(&fold_user(email.as_str())),
        limit: app.config.accounts.letters_per_account,
        window_seconds: HOUR_SECONDS,
    };
    Ok(counter.try_hit(tx, app.now()).await?.is_ok())
}

/// Keeps a link and gives its token, which is nowhere but in the letter.
pub(super) async fn make_link(tx: &mut Tx, app: &App, link: &Link, seconds: i64) -> DbResult<String> {
    let (secret, now) = (app.ids.secret(), app.now());
    store::insert(tx, Sha256::digest(secret).into(), link, now, now.plus_seconds(seconds)).await?;
    Ok(hex::encode(secret))
}

pub(super) fn hash_of(token: &Secret) -> Option<[u8; 32]> {
    let mut secret = [0; 32];
    hex::decode_to_slice(token.expose(), &mut secret).ok()?;
    Some(Sha256::digest(secret).into())
}

/// The first password of a customer's first user, or of a mailbox's owner, who is signed in by it.
pub async fn activate(app: &App, form: &UseLink, asker: &Asker) -> Result<Entry, AccountError> {
    const ACT: &str = "registration.finished";
    let (token, link) = find_link(app, form).await?;
    let (customer, email) = match &link.purpose {
        Purpose::Activation { customer, email } => (*customer, email),
        Purpose::Mailbox(user) => return choose(app, (token, &link, *user), form, (Door::Portal, ACT), asker).await,
        Purpose::Recovery(_) | Purpose::Address { .. } => return Err(AccountError::LinkExpired),
    };
    let (whose, place) = (Whose::Customer(customer), app.hasher.enter()?);
    let rule = rule_of(app, link.issuer).await?;
    check_new(app, (rule, whose), email, &form.password, "/password").await?;
    let hash = place.hash(&app.ids, &form.password).await?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    people_store::lock_customer(&mut tx, customer).await?;
    if !store::mark_used(&mut tx, token, now).await? {
        return Err(AccountError::LinkExpired);
    }
    // Somebody else's link to the same customer was used meanwhile: the first one stands (A15).
    if people::has_users(&mut tx, customer, Scope::of(link.issuer)).await? {
        return Err(AccountError::LinkExpired);
    }
    let owner = Owner { customer, email, language: link.language, issuer: link.issuer };
    let user = own(&mut tx, app, &owner, &hash).await?.ok_or(AccountError::LinkExpired)?;
    finish(tx, app, (user, whose, &hash), asker, ACT).await
}

/// Who is to be a customer's first person.
pub(super) struct Owner<'a> {
    pub customer: CustomerId,
    pub email: &'a fiscal::Email,
    pub language: Lang,
    pub issuer: IssuerId,
}

/// Makes whoever proved to read a mailbox the owner of a customer, with this password. `None`: they may not sign in.
pub(super) async fn own(tx: &mut Tx, app: &App, owner: &Owner<'_>, hash: &str) -> Result<Option<UserId>, AccountError> {
    let now = app.now();
    let user = match people_store::find_user_by_name(tx, &fold_user(owner.email.as_str())).await? {
        Some(user) if !user.active => return Ok(None),
        // They read this mailbox, which is all that recovering a password asks for.
        Some(user) => {
            let membership = parts::owner_of(tx, owner.customer, owner.issuer).await?;
            people::join(tx, user.id, membership, now).await?;
            replace_password(tx, app, &user, hash, None).await?;
            notify_change(tx, app, &user, owner.issuer).await?;
            user.id
        }
        None => add_owner(tx, app, owner, Some(hash)).await?,
    };
    Ok(Some(user))
}

/// A new person who is a customer's first: the RFC is their user name, unless somebody has it.
pub(super) async fn add_owner(tx: &mut Tx, app: &App, owner: &Owner<'_>, hash: Option<&str>) -> DbResult<UserId> {
    let rfc = people_store::find_names(tx, owner.customer).await?.map(|(rfc, _)| rfc);
    let taken = match &rfc {
        Some(rfc) => people_store::find_user_by_name(tx, &fold_user(rfc)).await?.is_some(),
        None => true,
    };
    let user_name = rfc.as_deref().filter(|_| !taken);
    let user = NewUser { email: owner.email, user_name, password_hash: hash, language: owner.language };
    let membership = parts::owner_of(tx, owner.customer, owner.issuer).await?;
    people::add_user(tx, app, &user, membership, app.now()).await.map_err(again_if_raced)
}

/// Two links of one mailbox used at the same moment: nothing was done, and the second finds the person there.
pub(super) fn again_if_raced(error: DbError) -> DbError {
    match error {
        DbError::Duplicate(source) => DbError::Busy(source),
        other => other,
    }
}

/// Another password for whoever reads the account's mailbox. All sessions end but the one this opens.
pub async fn reset(app: &App, form: &UseLink, door: Door, asker: &Asker) -> Result<Entry, AccountError> {
    let (token, link) = find_link(app, form).await?;
    let Purpose::Recovery(user) = link.purpose else { return Err(AccountError::LinkExpired) };
    choose(app, (token, &link, user), form, (door, "password.recovered"), asker).await
}

/// A password by a link that names its person.
async fn choose(
    app: &App,
    (token, link, user): ([u8; 32], &Link, UserId),
    form: &UseLink,
    (door, act): (Door, &'static str),
    asker: &Asker,
) -> Result<Entry, AccountError> {
    let place = app.hasher.enter()?;
    let mut conn = app.db.read().await?;
    let user = people_store::find_user(&mut conn, user).await?.filter(|user| user.active);
    let user = user.ok_or(AccountError::LinkExpired)?;
    let whose = sessions::business(&mut conn, user.id, door).await?.ok_or(AccountError::LinkExpired)?;
    drop(conn);
    let rule = if whose == Whose::Staff { PasswordRule::Length } else { rule_of(app, link.issuer).await? };
    check_new(app, (rule, whose), &user.email, &form.password, "/password").await?;
    let hash = place.hash(&app.ids, &form.password).await?;
    let mut tx = app.db.begin().await?;
    if !store::mark_used(&mut tx, token, app.now()).await? {
        return Err(AccountError::LinkExpired);
    }
    replace_password(&mut tx, app, &user, &hash, None).await?;
    notify_change(&mut tx, app, &user, link.issuer).await?;
    finish(tx, app, (user.id, whose, &hash), asker, act).await
}

async fn find_link(app: &App, form: &UseLink) -> Result<([u8; 32], Link), AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let token = hash_of(&form.token).ok_or(AccountError::LinkExpired)?;
    let link = store::find(&mut app.db.read().await?, token, app.now()).await?;
    // Beside a temporary password a link alone chooses none: both are needed.
    let link = link.filter(|link| link.temporary.is_none());
    Ok((token, link.ok_or(AccountError::LinkExpired)?))
}

/// Lets in whoever just chose a password, as far as their second step, which a letter never stands for (A14); and
/// commits.
pub(super) async fn finish(
    mut tx: Tx,
    app: &App,
    (user, whose, hash): (UserId, Whose, &str),
    asker: &Asker,
    act: &'static str,
) -> Result<Entry, AccountError> {
    privacy::accept_on_entry(&mut tx, app, (user, whose), act).await?;
    let entry = sessions::enter(&mut tx, app, (user, whose, hash), asker).await?;
    record(&mut tx, app.now(), Some(asker), Actor::User(user.uuid()), act, ("user", user.uuid())).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(entry)
}

/// Another password for the caller, who proves once more to know the present one (A13). Their other sessions end.
pub async fn change(app: &App, caller: &Principal, form: &ChangePassword, asker: &Asker) -> Result<(), AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let place = app.hasher.enter()?;
    let user = people_store::find_user(&mut app.db.read().await?, caller.user_id).await?;
    let user = user.ok_or(AccountError::SignedOut)?;
    let rule = match caller.whose {
        Whose::Staff => PasswordRule::Length,
        _ => page_of(app, form.issuer.as_deref()).await?.profile.password,
    };
    check_new(app, (rule, caller.whose), &user.email, &form.new, "/new").await?;
    let attempt = Attempt::begin(app, Some(&user), "", &asker.source).await?;
    let (now, actor) = (app.now(), Actor::User(user.id.uuid()));
    let right = sessions::verify(&place, Some(&user), &form.current).await?;
    let hash = if right { place.hash(&app.ids, &form.new).await? } else { String::new() };
    let mut tx = app.db.begin().await?;
    let present = user.password_hash.as_deref().unwrap_or_default();
    if !right || !sessions::is_still(&mut tx, &user, present, false).await? {
        record(&mut tx, now, Some(asker), actor, "password.refused", ("user", user.id.uuid())).await?;
        tx.commit().await?;
        let mut errors = FieldErrors::default();
        errors.add("/current", FieldCode::WrongPassword);
        return Err(AccountError::Fields(errors));
    }
    attempt.forgive(&mut tx).await?;
    replace_password(&mut tx, app, &user, &hash, Some(caller)).await?;
    if let Some(issuer) = people::home_of(&mut tx, user.id, caller.whose).await? {
        notify_change(&mut tx, app, &user, issuer.id).await?;
    }
    record(&mut tx, now, Some(asker), actor, "password.changed", ("user", user.id.uuid())).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// The new password, and the end of all that the old one opened or a letter could still open.
pub(super) async fn replace_password(
    tx: &mut Tx,
    app: &App,
    user: &User,
    hash: &str,
    kept: Option<&Principal>,
) -> DbResult<()> {
    let now = app.now();
    people_store::set_password(tx, user.id, hash, false).await?;
    temporary_store::delete_of(tx, user.id).await?;
    session_store::mark_all_revoked(tx, user.id, kept.map(|caller| caller.session_id), now).await?;
    store::mark_all_used(tx, user.id, now).await?;
    if let Some(caller) = kept.filter(|caller| caller.reach == Reach::ChangePassword) {
        session_store::widen(tx, caller.session_id).await?;
    }
    attempts::free_account(tx, app, user.id).await
}

/// Tells the account's mailbox that its password is another one; nothing to whoever had none.
pub(super) async fn notify_change(tx: &mut Tx, app: &App, user: &User, issuer: IssuerId) -> Result<(), AccountError> {
    if user.password_hash.is_none() {
        return Ok(());
    }
    let issuer: Option<Issuer> = issuers::service::find_issuer(tx, Scope::of(issuer)).await?;
    let Some(issuer) = issuer else { return Ok(()) };
    let to = To { issuer: &issuer, email: &user.email, language: user.language };
    letters::enqueue(tx, app, &to, &About::PasswordChanged).await
}

/// Refuses a password that breaks the issuer's rule, is common, or made of what anybody could know of this person.
pub(super) async fn check_new(
    app: &App,
    (rule, whose): (PasswordRule, Whose),
    email: &fiscal::Email,
    new: &Secret,
    pointer: &str,
) -> Result<(), AccountError> {
    let own = people::own_data(&mut app.db.read().await?, whose, email).await?;
    let own = own.iter().map(String::as_str).chain(password::parts_of_email(email.as_str()));
    // One that came by mail stays in the mailbox.
    let common = if is_temporary(new) { Err(FieldCode::PasswordCommon) } else { Ok(()) };
    let judged = rule.judge(new).and(common).and_then(|()| password::check(new, own));
    judged.map_err(|code| {
        let mut errors = FieldErrors::default();
        errors.add(pointer, code);
        AccountError::Fields(errors)
    })
}

/// Deletes at most `limit` links that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

/// Deletes at most `limit` requests that nobody answered since `before`, and what was typed in them; says how many.
pub async fn purge_requests(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_requests(tx, before, limit).await
}

async fn record(
    tx: &mut Tx,
    now: Timestamp,
    asker: Option<&Asker>,
    actor: Actor,
    act: &'static str,
    (object_kind, object): (&'static str, Uuid),
) -> DbResult<()> {
    let entry = audit::Entry {
        actor,
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind,
        object_id: &object.to_string(),
        before: None,
        after: asker.map(|asker| json!({ "device": asker.device })),
        request_id: asker.map(|asker| asker.request_id.as_str()),
    };
    audit::record(tx, now, entry).await
}
