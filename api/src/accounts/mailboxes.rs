//! Accounts of mailboxes (T24): under a profile that says so, an address has one from its first invoice on.
//!
//! Promises: such an account opens what was invoiced to its mailbox and no customer's things, whoever's RFC was typed on
//! a ticket; it has no password until its mailbox's reader chooses one, and ends when nobody does; somebody who has an
//! account already hears nothing. An RFC never names it at the door, since several mailboxes may invoice one RFC and
//! anybody may type it; with the address beside it, it recovers the password (T18).
//!
//! It does not know invoices: whoever makes one says so, and opens them to the account's owner.
use serde_json::json;
use shared::Lang;
use shared::profiles::FirstEntry;

use super::AccountError;
use super::letters::{self, About, To};
use super::links;
use super::model::{NewUser, User, UserId, fold_user};
use super::store::links::{self as link_store, Link, Purpose};
use super::store::{mailboxes as store, people as people_store, temporaries as temporary_store};
use crate::App;
use crate::audit::{self, Actor};
use crate::db::{DbResult, Timestamp, Tx};
use crate::issuers::{Issuer, Scope};

/// An invoice that was made, as an account may begin with it.
pub struct Invoiced<'a> {
    /// Who made it.
    pub issuer: &'a Issuer,
    /// Where it goes.
    pub email: &'a fiscal::Email,
    /// Of whoever asked for it.
    pub language: Lang,
    /// Whom it is made out to.
    pub rfc: &'a str,
}

/// An invoice goes to this address. Where accounts begin so and nobody has it, the address gets an account without a
/// password, and a letter with the way to choose one. A letter of its own: an invoice's is passed on to accountants.
pub async fn invoiced(tx: &mut Tx, app: &App, made: &Invoiced<'_>) -> Result<(), AccountError> {
    if app.profiles.of(made.issuer).first_entry != FirstEntry::FirstInvoice {
        return Ok(());
    }
    let (scope, now) = (Scope::of(made.issuer.id), app.now());
    let known = match find(tx, made.email).await? {
        None => add(tx, app, made, now).await?,
        known => known,
    };
    let Some(user) = known else { return Ok(()) };
    store::insert_rfc(tx, scope, user.id, made.rfc, now).await?;
    // Too many letters within the hour (A6): the next invoice brings it.
    if !waits_for_letter(tx, &user, now).await? || !links::may_write(tx, app, &user.email).await? {
        return Ok(());
    }
    let hours = app.config.accounts.activation_hours;
    let purpose = Purpose::Mailbox(user.id);
    let link = Link { purpose, issuer: made.issuer.id, language: user.language, temporary: None };
    let token = links::make_link(tx, app, &link, hours * 3_600).await?;
    let to = To { issuer: made.issuer, email: &user.email, language: user.language };
    letters::enqueue(tx, app, &to, &About::Mailbox { token: &token, hours }).await?;
    Ok(record(tx, app, scope, user.id, now).await?)
}

async fn find(tx: &mut Tx, email: &fiscal::Email) -> DbResult<Option<User>> {
    let folded = fold_user(email.as_str());
    let user = people_store::find_user_by_name(tx, &folded).await?;
    Ok(user.filter(|user| fold_user(user.email.as_str()) == folded))
}

/// A new person, or whoever another invoice of this moment brought.
async fn add(tx: &mut Tx, app: &App, made: &Invoiced<'_>, now: Timestamp) -> DbResult<Option<User>> {
    let new = NewUser { email: made.email, user_name: None, password_hash: None, language: made.language };
    let id = UserId::new(app.ids.uuid());
    store::insert_user(tx, id, &new, &fold_user(made.email.as_str()), now).await?;
    find(tx, made.email).await
}

/// Whether a person came by an invoice, has chosen no password, and has no letter that still brings them one.
async fn waits_for_letter(tx: &mut Tx, user: &User, now: Timestamp) -> DbResult<bool> {
    Ok(user.active
        && user.password_hash.is_none()
        && !link_store::has_unused(tx, user.id, now).await?
        && people_store::find_usual_customer(tx, user.id).await?.is_none())
}

/// Deletes at most `limit` accounts of mailboxes whose letters brought no password before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    let mut gone = 0;
    for user in store::lock_unclaimed(tx, ended_before, limit).await? {
        delete(tx, user).await?;
        gone += 1;
    }
    Ok(gone)
}

async fn delete(tx: &mut Tx, user: UserId) -> DbResult<()> {
    link_store::delete_of(tx, user).await?;
    temporary_store::delete_of(tx, user).await?;
    store::delete_rfcs(tx, user).await?;
    store::delete_user(tx, user).await
}

/// Whether an address may become somebody's: nobody has it, or an invoice brought whoever has it and they never came in.
pub(super) async fn is_free(tx: &mut Tx, folded: &str) -> DbResult<bool> {
    match people_store::find_user_by_name(tx, folded).await? {
        Some(user) => store::lock_if_unclaimed(tx, user.id).await,
        None => Ok(true),
    }
}

/// Makes room for somebody who proved to read an address. `false`: it is another's.
pub(super) async fn give_way(tx: &mut Tx, folded: &str) -> DbResult<bool> {
    let Some(user) = people_store::find_user_by_name(tx, folded).await? else { return Ok(true) };
    let unclaimed = store::lock_if_unclaimed(tx, user.id).await?;
    if unclaimed {
        delete(tx, user.id).await?;
    }
    Ok(unclaimed)
}

async fn record(tx: &mut Tx, app: &App, scope: Scope, user: UserId, now: Timestamp) -> DbResult<()> {
    let entry = audit::Entry {
        actor: Actor::System,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "mailbox.account_made",
        object_kind: "user",
        object_id: &user.to_string(),
        before: None,
        after: Some(json!({ "hours": app.config.accounts.activation_hours })),
        request_id: None,
    };
    audit::record(tx, now, entry).await
}
