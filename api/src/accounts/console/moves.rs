//! Another mail address for one of a customer's people who can no longer read theirs, asked for at the company's desk.
//!
//! Promises: whoever asks shows something of the customer's ([`shown`]); nothing changes before the reader of the new
//! address confirms it; the old address hears of both; another password, chosen meanwhile, ends it. Whether an address is
//! somebody else's is never said: its reader gets no link.
use serde_json::json;
use shared::accounts::entry::OpenLink;
use shared::problem::FieldCode;

use super::shown::{self, Shown};
use super::{Act, field};
use crate::App;
use crate::accounts::letters::{self, About, To};
use crate::accounts::model::{User, UserId, fold_user};
use crate::accounts::store::links::{self as link_store, Link, Purpose};
use crate::accounts::store::{
    members as member_store, people as people_store, sessions as session_store, temporaries as temporary_store,
};
use crate::accounts::{AccountError, Asker, links, mailboxes, second_factor};
use crate::audit::{self, Actor};
use crate::db::{DbError, Tx};
use crate::issuers::{self, Scope};

/// Sends the link to the new address and tells the old one. For operators, with a fresh proof. Tries are counted, right or
/// wrong.
pub async fn begin(
    app: &App,
    act: &Act<'_>,
    (user, email): (UserId, &fiscal::Email),
    shown: &Shown<'_>,
) -> Result<(), AccountError> {
    shown::count(app, act).await?;
    let (now, folded) = (app.now(), fold_user(email.as_str()));
    let mut tx = app.db.begin().await?;
    let Some(person) = shown::person(&mut tx, app, act, (user, shown), "email.move_refused").await? else {
        tx.commit().await?;
        return Err(AccountError::NotFound);
    };
    if fold_user(person.email.as_str()) == folded {
        return Err(field("/email", FieldCode::AlreadyThere));
    }
    if !letters::may_send(&mut tx, app, act.at.staff.principal.user_id, email).await? {
        return Err(AccountError::MailLimit);
    }
    // An earlier link may lead to an address that was misheard.
    link_store::mark_addresses_used(&mut tx, user, now).await?;
    if mailboxes::is_free(&mut tx, &folded).await? {
        send_link(&mut tx, app, act, (&person, email)).await?;
    }
    act.tell(&mut tx, app, &person, &About::EmailMoveAsked).await?;
    let change = told(&person.email, email);
    act.record(&mut tx, app, "email.move_asked", ("user", user.uuid()), change).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

async fn send_link(
    tx: &mut Tx,
    app: &App,
    act: &Act<'_>,
    (person, email): (&User, &fiscal::Email),
) -> Result<(), AccountError> {
    let hours = app.config.accounts.activation_hours;
    let purpose = Purpose::Address { customer: act.customer, user: person.id, email: email.clone() };
    let link = Link { purpose, issuer: act.at.issuer.id, language: person.language, temporary: None };
    let token = links::make_link(tx, app, &link, hours * 3_600).await?;
    let to = To { issuer: &act.at.issuer, email, language: person.language };
    letters::enqueue(tx, app, &to, &About::EmailMove { token: &token, hours }).await
}

/// Takes the new address over, by the link that its reader got. All the person's sessions end, and the old address is told.
pub async fn confirm(app: &App, form: &OpenLink, asker: &Asker) -> Result<(), AccountError> {
    let token = links::hash_of(&form.token).ok_or(AccountError::LinkExpired)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let link = link_store::find(&mut tx, token, now).await?.ok_or(AccountError::LinkExpired)?;
    let Purpose::Address { customer, user, email } = &link.purpose else { return Err(AccountError::LinkExpired) };
    people_store::lock_user(&mut tx, *user).await?;
    if !link_store::mark_used(&mut tx, token, now).await? {
        return Err(AccountError::LinkExpired);
    }
    let member = member_store::find(&mut tx, *customer, *user).await?;
    // What staff judged may be otherwise by now; who sees more of the group since then has no link any more.
    let is_theirs = member.is_some_and(|one| one.part.is_none_or(|part| part == link.issuer));
    if !is_theirs || second_factor::is_staff(&mut tx, *user).await? || shown::is_of_several(&mut tx, *user).await? {
        return Err(AccountError::LinkExpired);
    }
    let person = people_store::find_user(&mut tx, *user).await?.filter(|person| person.active);
    let person = person.ok_or(AccountError::LinkExpired)?;
    move_to(&mut tx, app, &person, email).await?;
    if let Some(issuer) = issuers::service::find_issuer(&mut tx, Scope::of(link.issuer)).await? {
        let to = To { issuer: &issuer, email: &person.email, language: person.language };
        letters::enqueue(&mut tx, app, &to, &About::EmailChanged).await?;
    }
    let (before, after) = told(&person.email, email);
    let behalf = customer.to_string();
    let entry = audit::Entry {
        actor: Actor::User(user.uuid()),
        on_behalf_of: Some(&behalf),
        issuer_id: Some(link.issuer.uuid()),
        act: "email.moved",
        object_kind: "user",
        object_id: &user.to_string(),
        before,
        after,
        request_id: Some(&asker.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// The address, and the end of all that the old one could still open.
async fn move_to(tx: &mut Tx, app: &App, person: &User, email: &fiscal::Email) -> Result<(), AccountError> {
    let (now, folded) = (app.now(), fold_user(email.as_str()));
    // Somebody took the address meanwhile.
    if !mailboxes::give_way(tx, &folded).await? {
        return Err(AccountError::LinkExpired);
    }
    match people_store::set_email(tx, person.id, (email.as_str(), &folded)).await {
        Err(DbError::Duplicate(_)) => return Err(AccountError::LinkExpired),
        other => other?,
    }
    session_store::mark_all_revoked(tx, person.id, None, now).await?;
    link_store::mark_all_used(tx, person.id, now).await?;
    Ok(temporary_store::delete_of(tx, person.id).await?)
}

/// Both addresses, as far as whoever examines the log needs them: it can never forget.
fn told(before: &fiscal::Email, after: &fiscal::Email) -> (Option<serde_json::Value>, Option<serde_json::Value>) {
    let masked = |email: &fiscal::Email| {
        let (name, domain) = email.as_str().split_once('@').unwrap_or_default();
        let first: String = name.chars().take(1).collect();
        Some(json!({ "email": format!("{first}…@{domain}") }))
    };
    (masked(before), masked(after))
}
