//! Temporary passwords: they come by mail, are good once and for a short time, and open nothing but the choice of another
//! password (D3). The password before stays good until one is used.
use serde_json::json;
use shared::accounts::entry::{AfterLink, FirstPassword, LinkOpened, OpenLink, TEMPORARY_GROUP, TEMPORARY_LETTERS};
use shared::accounts::{Me, Secret};

use super::links::{self, Owner};
use super::model::{Principal, Reach, User, UserId, fold_user};
use super::store::links::{self as link_store, Link, Purpose};
use super::store::{mailboxes as mailbox_store, people as people_store, temporaries as store};
use super::{AccountError, Asker, pages, parts, people, privacy, sessions};
use crate::App;
use crate::audit::{self, Actor};
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::issuers::Scope;

/// Somebody chose a password in the place of one.
pub(super) const CHANGED: &str = "password.changed";

/// One that was made, for a letter and for the table.
pub(super) struct Temporary {
    pub password: Secret,
    pub hash: String,
}

/// Makes one of 99 bits, in letters and digits that cannot be taken for one another.
pub(super) async fn make(app: &App) -> Result<Temporary, AccountError> {
    const ALPHABET: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";
    let secret = app.ids.secret();
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 31)]);
    let letters: Vec<char> = secret.iter().take(TEMPORARY_LETTERS).map(letter).collect();
    let groups: Vec<String> = letters.chunks(TEMPORARY_GROUP).map(|group| group.iter().collect()).collect();
    let password = Secret::new(groups.join("-"));
    let hash = app.hasher.enter()?.hash(&app.ids, &password).await?;
    Ok(Temporary { password, hash })
}

/// Gives one to a person.
pub(super) async fn give(
    tx: &mut Tx,
    app: &App,
    user: UserId,
    temporary: &Temporary,
    expires_at: Timestamp,
) -> DbResult<()> {
    store::upsert(tx, user, &temporary.hash, app.now(), expires_at).await
}

/// The person with this address who also has this name, or belongs to the customer with this RFC, or was invoiced to
/// under it (T18).
pub(super) async fn find_by_both(conn: &mut impl Conn, folded: &str, email: &fiscal::Email) -> DbResult<Option<User>> {
    let folded_email = fold_user(email.as_str());
    let user = people_store::find_user_by_name(conn, &folded_email).await?;
    let Some(user) = user.filter(|user| fold_user(user.email.as_str()) == folded_email) else { return Ok(None) };
    if user.user_name.as_deref().map(fold_user).as_deref() == Some(folded) {
        return Ok(Some(user));
    }
    let own = people_store::list_customers(conn, user.id, people::SHOWN_MAX).await?;
    let theirs = own.iter().any(|customer| fold_user(&customer.rfc) == folded)
        || mailbox_store::has_rfc(conn, user.id, &folded.to_uppercase()).await?;
    Ok(theirs.then_some(user))
}

/// Which letter a link came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterOf {
    /// A registration's.
    Registration,
    /// A recovery's.
    Recovery,
}

/// A letter's link was opened. Beside a temporary password that is its part: the password is good from here on. Opened
/// once more, by a mail scanner or a person, it says the same again. Alone, nothing is used up.
pub async fn open(app: &App, form: &OpenLink, letter: LetterOf, asker: &Asker) -> Result<LinkOpened, AccountError> {
    let token = links::hash_of(&form.token).ok_or(AccountError::LinkExpired)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let Some(link) = link_store::find(&mut tx, token, now).await? else {
        let opened = link_store::was_opened(&mut tx, token, now).await?;
        return if opened { Ok(LinkOpened { next: AfterLink::SignIn }) } else { Err(AccountError::LinkExpired) };
    };
    let of = match link.purpose {
        Purpose::Activation { .. } | Purpose::Mailbox(_) => LetterOf::Registration,
        Purpose::Recovery(_) => LetterOf::Recovery,
        Purpose::Address { .. } => return Err(AccountError::LinkExpired),
    };
    if of != letter {
        return Err(AccountError::LinkExpired);
    }
    let Some(hash) = &link.temporary else { return Ok(LinkOpened { next: AfterLink::ChoosePassword }) };
    let until = link_store::find_end(&mut tx, token).await?.ok_or(AccountError::LinkExpired)?;
    if let Purpose::Activation { customer, .. } = &link.purpose {
        people_store::lock_customer(&mut tx, *customer).await?;
    }
    if !link_store::mark_used(&mut tx, token, now).await? {
        return Ok(LinkOpened { next: AfterLink::SignIn });
    }
    let user = person_of(&mut tx, app, &link).await?.ok_or(AccountError::LinkExpired)?;
    store::upsert(&mut tx, user, hash, now, until).await?;
    record(&mut tx, app, asker, user, "link.opened").await?;
    tx.commit().await?;
    Ok(LinkOpened { next: AfterLink::SignIn })
}

/// Whose link it is; of a registration's a new person, who has no password yet (C22).
async fn person_of(tx: &mut Tx, app: &App, link: &Link) -> Result<Option<UserId>, AccountError> {
    let (customer, email) = match &link.purpose {
        Purpose::Recovery(user) | Purpose::Mailbox(user) => {
            let user = people_store::find_user(tx, *user).await?;
            return Ok(user.filter(|user| user.active).map(|user| user.id));
        }
        Purpose::Activation { customer, email } => (*customer, email),
        Purpose::Address { .. } => return Ok(None),
    };
    // Somebody else's link to the same customer was used meanwhile: the first one stands (A15).
    if people::has_users(tx, customer, Scope::of(link.issuer)).await? {
        return Ok(None);
    }
    match people_store::find_user_by_name(tx, &fold_user(email.as_str())).await? {
        Some(user) if !user.active => Ok(None),
        Some(user) => {
            let membership = parts::owner_of(tx, customer, link.issuer).await?;
            people::join(tx, user.id, membership, app.now()).await?;
            Ok(Some(user.id))
        }
        None => {
            let owner = Owner { customer, email, language: link.language, issuer: link.issuer };
            Ok(Some(links::add_owner(tx, app, &owner, None).await?))
        }
    }
}

/// A password in the place of a temporary one that was just used; the session becomes a whole one.
pub async fn choose(app: &App, caller: &Principal, form: &FirstPassword, asker: &Asker) -> Result<Me, AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    if caller.reach != Reach::ChangePassword {
        return Err(AccountError::NotFound);
    }
    let place = app.hasher.enter()?;
    let user = people_store::find_user(&mut app.db.read().await?, caller.user_id).await?;
    let user = user.ok_or(AccountError::SignedOut)?;
    let rule = pages::page_of(app, form.issuer.as_deref()).await?.profile.password;
    links::check_new(app, (rule, caller.whose), &user.email, &form.new, "/new").await?;
    let hash = place.hash(&app.ids, &form.new).await?;
    let mut tx = app.db.begin().await?;
    // Somebody chose another meanwhile, which ended this session (A10).
    if !sessions::is_still(&mut tx, &user, user.password_hash.as_deref().unwrap_or_default(), false).await? {
        return Err(AccountError::SignedOut);
    }
    links::replace_password(&mut tx, app, &user, &hash, Some(caller)).await?;
    if let Some(issuer) = people::home_of(&mut tx, caller.user_id, caller.whose).await? {
        links::notify_change(&mut tx, app, &user, issuer.id).await?;
    }
    privacy::accept_on_entry(&mut tx, app, (user.id, caller.whose), CHANGED).await?;
    record(&mut tx, app, asker, user.id, CHANGED).await?;
    tx.commit().await?;
    app.wake.notify_one();
    sessions::me(app, caller.session_id).await
}

/// Deletes at most `limit` that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

pub(super) async fn record(tx: &mut Tx, app: &App, asker: &Asker, user: UserId, act: &'static str) -> DbResult<()> {
    let entry = audit::Entry {
        actor: Actor::User(user.uuid()),
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "user",
        object_id: &user.to_string(),
        before: None,
        after: Some(json!({ "device": asker.device })),
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
