//! Several people of one customer: owners give and take access; payers pay; readers read.
//!
//! Promises: access is given by a letter to the very mailbox that will have it, and to an account that exists only with
//! its own password; what was taken away is gone with the next request; the last owner stays. Whoever sees one issuer's
//! part of the customer gives no more than that, sees of the others those whom the part concerns, and changes only those
//! who see no more. It does not know what people do: each domain reads the role of whoever asks.
pub mod routes;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::accounts::people::{
    AddMailCopy, CustomerPeople, InvitationSeen, InvitePerson, InvitedView, MailCopyView, OpenInvitation, PersonView,
};
use shared::accounts::{Role, Secret, UseLink};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::attempts::Attempt;
use super::letters::{self, About, To};
use super::links::{self, again_if_raced};
use super::model::{Caller, CustomerId, Invited, Membership, NewUser, UserId, Whose, fold_user};
use super::sessions::{self, Entry};
use super::store::invitations::{self as invitation_store, Invitation, NewInvitation};
use super::store::{members as store, people as people_store};
use super::{AccountError, Asker, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::{calendar, local_time};
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::{IssuerId, Scope};
use crate::mail;

/// Addresses that get copies of one customer's letters.
const COPIES_MAX: i64 = 20;
const DAY_SECONDS: i64 = 86_400;

/// Everybody with access to the caller's customer.
pub async fn list(app: &App, caller: &Caller) -> Result<CustomerPeople, AccountError> {
    let mut conn = app.db.read().await?;
    let people = store::list(&mut conn, caller.customer_id, caller.only()).await?;
    let invitations = pending(app, &mut conn, caller.customer_id, caller.only()).await?;
    let copies = store::list_copies(&mut conn, caller.customer_id, caller.only(), COPIES_MAX).await?;
    let addresses = people.iter().map(|row| &row.email).chain(copies.iter().map(|row| &row.email));
    let refused = mail::refused_since(&mut conn, addresses.map(String::as_str)).await?;
    let zone = clock_of(&mut conn, caller.customer_id, caller.only()).await?;
    let people = people.into_iter().map(|row| PersonView {
        user_id: row.user_id,
        mail_refused_since: refused.of(&row.email, &zone),
        email: row.email,
        role: row.role,
        active: row.state == "active",
        since: row.since.to_string(),
        you: row.user_id == caller.user_id.uuid(),
    });
    let people = people.collect();
    let copies = copies.into_iter().map(|row| MailCopyView {
        id: row.id,
        mail_refused_since: refused.of(&row.email, &zone),
        email: row.email,
    });
    Ok(CustomerPeople { people, invitations, copies: copies.collect() })
}

pub(super) async fn pending(
    app: &App,
    conn: &mut impl Conn,
    customer: CustomerId,
    at: Option<Scope>,
) -> Result<Vec<InvitedView>, AccountError> {
    let rows = invitation_store::list_of_customer(conn, customer, at, app.now()).await?;
    let refused = mail::refused_since(conn, rows.iter().map(|row| row.email.as_str())).await?;
    let zone = clock_of(conn, customer, at).await?;
    let mut views = Vec::new();
    for row in rows {
        let Ok(role) = Role::try_from(row.role) else { continue };
        let (created_at, expires_at) = (row.created_at.to_string(), local_time(row.expires_at, &zone));
        let mail_refused_since = refused.of(&row.email, &zone);
        views.push(InvitedView { id: row.id, email: row.email, role, created_at, expires_at, mail_refused_since });
    }
    Ok(views)
}

/// The clock of the issuer in whose name letters to the customer's people go, as far as it is seen.
async fn clock_of(conn: &mut impl Conn, customer: CustomerId, at: Option<Scope>) -> DbResult<TimeZone> {
    let issuer = people::home_issuer(conn, Some(customer), at.map(Scope::issuer)).await?;
    Ok(issuer.map_or_else(calendar, |issuer| issuer.time_zone))
}

/// Addresses besides its people's that get a copy of an issuer's letters to a customer.
pub async fn copies_of(conn: &mut impl Conn, customer: CustomerId, at: Scope) -> DbResult<Vec<fiscal::Email>> {
    Ok(addresses(&store::list_copies(conn, customer, Some(at), COPIES_MAX).await?))
}

/// The same, of whoever has an RFC; none for the generic ones, which are many customers'.
pub async fn copies_of_rfc(conn: &mut impl Conn, rfc: &str, at: Scope) -> DbResult<Vec<fiscal::Email>> {
    Ok(addresses(&store::list_copies_of_rfc(conn, rfc, at, COPIES_MAX).await?))
}

/// Each once: an address may get the copies of the group and of a part.
fn addresses(rows: &[store::CopyRow]) -> Vec<fiscal::Email> {
    let mut known = BTreeSet::new();
    let parsed = rows.iter().filter_map(|row| fiscal::Email::parse(&row.email).ok());
    parsed.filter(|email| known.insert(fold_user(email.as_str()))).collect()
}

/// Why a copy came, at the foot of the letter.
pub const fn as_copy(lang: shared::Lang) -> &'static str {
    match lang {
        shared::Lang::Es => "Recibe copia de este correo porque quien administra la cuenta agregó su dirección.",
        shared::Lang::En => "You get a copy of this letter because whoever administers the account added your address.",
    }
}

/// Invites somebody. Earlier letters to the same address are good no more.
pub async fn invite(app: &App, caller: &Caller, form: &InvitePerson, asker: &Asker) -> Result<(), AccountError> {
    insist_on_owner(caller)?;
    let email = form.parse().map_err(AccountError::Fields)?;
    let (now, secret, folded) = (app.now(), app.ids.secret(), fold_user(email.as_str()));
    let mut tx = app.db.begin().await?;
    if let Some(user) = people_store::find_user_by_name(&mut tx, &folded).await?
        && store::find(&mut tx, caller.customer_id, user.id).await?.is_some()
    {
        return Err(field("/email", FieldCode::AlreadyThere));
    }
    // An owner's letters to strangers have a limit like everybody's (A6).
    if !letters::may_send(&mut tx, app, caller.user_id, &email).await? {
        return Err(field("/email", FieldCode::TooMany));
    }
    // Nobody gives more than they have.
    let invited = Invited::Person(Membership { customer: caller.customer_id, role: form.role, part: caller.part });
    let days = app.config.accounts.invitation_days;
    invitation_store::revoke_earlier(&mut tx, invited, &folded, now).await?;
    let new = NewInvitation {
        id: app.ids.uuid(),
        token_hash: Sha256::digest(secret).into(),
        invited,
        email: (&email, &folded),
        language: form.language,
        invited_by: Some(caller.user_id),
        created_at: now,
        expires_at: now.plus_seconds(days * DAY_SECONDS),
    };
    invitation_store::insert(&mut tx, &new).await?;
    let issuer = people::home_issuer(&mut tx, Some(caller.customer_id), caller.part).await?;
    let issuer = issuer.ok_or(AccountError::NotFound)?;
    let customer = people::name_of(&mut tx, caller.customer_id).await?.ok_or(AccountError::NotFound)?;
    let to = To { issuer: &issuer, email: &email, language: form.language };
    let token = hex::encode(secret);
    let about = About::Invitation { customer: &customer, role: form.role, token: &token, days };
    letters::enqueue(&mut tx, app, &to, &about).await?;
    let after = Some(json!({ "role": form.role.as_str() }));
    record(&mut tx, app, (caller, asker), "person.invited", ("invitation", new.id), (None, after)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Takes an invitation back.
pub async fn take_back(app: &App, caller: &Caller, id: Uuid, asker: &Asker) -> Result<(), AccountError> {
    insist_on_owner(caller)?;
    let mut tx = app.db.begin().await?;
    if !invitation_store::revoke_of_customer(&mut tx, (caller.customer_id, caller.part), id, app.now()).await? {
        return Err(AccountError::NotFound);
    }
    record(&mut tx, app, (caller, asker), "person.invitation_revoked", ("invitation", id), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// Another role for one of the customer's people.
pub async fn change(
    app: &App,
    caller: &Caller,
    (user, role): (UserId, Role),
    asker: &Asker,
) -> Result<(), AccountError> {
    insist_on_owner(caller)?;
    let mut tx = app.db.begin().await?;
    let before = change_role(&mut tx, (caller.customer_id, caller.part), user, role).await?;
    let told = |role: Role| Some(json!({ "role": role.as_str() }));
    let change = (told(before), told(role));
    record(&mut tx, app, (caller, asker), "person.changed", ("user", user.uuid()), change).await?;
    Ok(tx.commit().await?)
}

/// The same, of whoever the caller judged; gives the role before. Of those who see one part alone, where it is named.
pub(super) async fn change_role(
    tx: &mut Tx,
    (customer, part): (CustomerId, Option<IssuerId>),
    user: UserId,
    role: Role,
) -> Result<Role, AccountError> {
    let before = found_within(tx, (customer, part), user).await?;
    store::set_role(tx, customer, user, role).await?;
    insist_on_an_owner_left(tx, &before).await?;
    Ok(before.role)
}

/// One of the customer's people, whom nobody else changes until the transaction ends.
async fn found_within(
    tx: &mut Tx,
    (customer, part): (CustomerId, Option<IssuerId>),
    user: UserId,
) -> Result<Membership, AccountError> {
    people_store::lock_customer(tx, customer).await?;
    let found = store::find(tx, customer, user).await?;
    found.filter(|found| part.is_none() || found.part == part).ok_or(AccountError::NotFound)
}

/// Takes somebody's access away; everybody may take their own.
pub async fn remove(app: &App, caller: &Caller, user: UserId, asker: &Asker) -> Result<(), AccountError> {
    if user != caller.user_id {
        insist_on_owner(caller)?;
    }
    let mut tx = app.db.begin().await?;
    let before = remove_person(&mut tx, (caller.customer_id, caller.part), user).await?;
    let before = Some(json!({ "role": before.as_str() }));
    record(&mut tx, app, (caller, asker), "person.removed", ("user", user.uuid()), (before, None)).await?;
    Ok(tx.commit().await?)
}

/// The same, of whoever the caller judged; gives the role before. Of those who see one part alone, where it is named.
pub(super) async fn remove_person(
    tx: &mut Tx,
    (customer, part): (CustomerId, Option<IssuerId>),
    user: UserId,
) -> Result<Role, AccountError> {
    let before = found_within(tx, (customer, part), user).await?;
    store::delete(tx, customer, user).await?;
    insist_on_an_owner_left(tx, &before).await?;
    Ok(before.role)
}

/// Of what one owned there is another owner: of a part, or of the group's whole.
async fn insist_on_an_owner_left(tx: &mut Tx, before: &Membership) -> Result<(), AccountError> {
    if before.role == Role::Owner && store::count_owners(tx, before.customer, before.part).await? == 0 {
        return Err(AccountError::LastOne);
    }
    Ok(())
}

/// Another address for copies of the customer's letters.
pub async fn add_copy(
    app: &App,
    caller: &Caller,
    form: &AddMailCopy,
    asker: &Asker,
) -> Result<MailCopyView, AccountError> {
    insist_on_owner(caller)?;
    let email = form.parse().map_err(AccountError::Fields)?;
    let (id, folded) = (app.ids.uuid(), fold_user(email.as_str()));
    let mut tx = app.db.begin().await?;
    people_store::lock_customer(&mut tx, caller.customer_id).await?;
    let there = store::list_copies(&mut tx, caller.customer_id, caller.only(), COPIES_MAX).await?.len();
    if i64::try_from(there).is_ok_and(|there| there >= COPIES_MAX) {
        return Err(field("/email", FieldCode::TooMany));
    }
    let of = (caller.customer_id, caller.part);
    if !store::insert_copy(&mut tx, id, of, (email.as_str(), &folded), app.now()).await? {
        return Err(field("/email", FieldCode::AlreadyThere));
    }
    record(&mut tx, app, (caller, asker), "mail_copy.added", ("mail_copy", id), (None, None)).await?;
    let refused = mail::refused_since(&mut tx, [email.as_str()]).await?;
    let zone = clock_of(&mut tx, caller.customer_id, caller.only()).await?;
    tx.commit().await?;
    Ok(MailCopyView { id, mail_refused_since: refused.of(email.as_str(), &zone), email: email.as_str().to_owned() })
}

/// Takes an address for copies away.
pub async fn remove_copy(app: &App, caller: &Caller, id: Uuid, asker: &Asker) -> Result<(), AccountError> {
    insist_on_owner(caller)?;
    let mut tx = app.db.begin().await?;
    if !store::delete_copy(&mut tx, (caller.customer_id, caller.part), id).await? {
        return Err(AccountError::NotFound);
    }
    record(&mut tx, app, (caller, asker), "mail_copy.removed", ("mail_copy", id), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// An invitation as its reader sees it. Nothing is used up: mail scanners open links too.
pub async fn read(app: &App, form: &OpenInvitation) -> Result<InvitationSeen, AccountError> {
    let (_, Membership { customer, role, .. }, email, _) = found(app, &form.token).await?;
    let mut conn = app.db.read().await?;
    let name = people::name_of(&mut conn, customer).await?.ok_or(AccountError::LinkExpired)?;
    let user = people_store::find_user_by_name(&mut conn, &fold_user(email.as_str())).await?;
    let has_account = user.is_some_and(|user| user.password_hash.is_some());
    Ok(InvitationSeen { customer: name, role, email: email.as_str().to_owned(), has_account })
}

type Found = (Uuid, Membership, fiscal::Email, shared::Lang);

async fn found(app: &App, token: &Secret) -> Result<Found, AccountError> {
    let hash = links::hash_of(token).ok_or(AccountError::LinkExpired)?;
    match invitation_store::find(&mut app.db.read().await?, hash, app.now()).await? {
        Some(Invitation { id, invited: Invited::Person(membership), email, language }) => {
            Ok((id, membership, email, language))
        }
        _ => Err(AccountError::LinkExpired),
    }
}

/// Accepts an invitation: with the account's own password where there is an account, else with a new one.
pub async fn accept(app: &App, form: &UseLink, asker: &Asker) -> Result<Entry, AccountError> {
    let (id, membership, email, language) = found(app, &form.token).await?;
    let folded = fold_user(email.as_str());
    let known = people_store::find_user_by_name(&mut app.db.read().await?, &folded).await?;
    let known = known.filter(|user| user.password_hash.is_some());
    let place = app.hasher.enter()?;
    let (now, whose) = (app.now(), Whose::Customer(membership.customer));
    if let Some(user) = known {
        let attempt = Attempt::begin(app, Some(&user), &folded, &asker.source).await?;
        if !sessions::verify(&place, Some(&user), &form.password).await? {
            return Err(field("/password", FieldCode::WrongPassword));
        }
        let hash = user.password_hash.clone().unwrap_or_default();
        let mut tx = app.db.begin().await?;
        use_up(&mut tx, app, id).await?;
        if !sessions::is_still(&mut tx, &user, &hash, false).await? {
            return Err(field("/password", FieldCode::WrongPassword));
        }
        attempt.forgive(&mut tx).await?;
        people::join(&mut tx, user.id, membership, now).await?;
        return links::finish(tx, app, (user.id, whose, &hash), asker, "person.joined").await;
    }
    form.parse().map_err(AccountError::Fields)?;
    let issuer = people::home_issuer(&mut app.db.read().await?, Some(membership.customer), membership.part).await?;
    let rule = issuer.map(|issuer| app.profiles.of(&issuer).password).unwrap_or_default();
    links::check_new(app, (rule, whose), &email, &form.password, "/password").await?;
    let hash = place.hash(&app.ids, &form.password).await?;
    let mut tx = app.db.begin().await?;
    use_up(&mut tx, app, id).await?;
    let user = match people_store::find_user_by_name(&mut tx, &folded).await? {
        // Whom an invoice brought, and who has not chosen a password yet.
        Some(user) if user.active && user.password_hash.is_none() => {
            links::replace_password(&mut tx, app, &user, &hash, None).await?;
            people::join(&mut tx, user.id, membership, now).await?;
            user.id
        }
        _ => {
            let new = NewUser { email: &email, user_name: None, password_hash: Some(&hash), language };
            people::add_user(&mut tx, app, &new, membership, now).await.map_err(again_if_raced)?
        }
    };
    links::finish(tx, app, (user, whose, &hash), asker, "person.joined").await
}

async fn use_up(tx: &mut Tx, app: &App, id: Uuid) -> Result<(), AccountError> {
    if invitation_store::mark_used(tx, id, app.now()).await? { Ok(()) } else { Err(AccountError::LinkExpired) }
}

fn insist_on_owner(caller: &Caller) -> Result<(), AccountError> {
    if caller.role == Role::Owner { Ok(()) } else { Err(AccountError::OwnerNeeded) }
}

fn field(pointer: &str, code: FieldCode) -> AccountError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    AccountError::Fields(errors)
}

async fn record(
    tx: &mut Tx,
    app: &App,
    (caller, asker): (&Caller, &Asker),
    act: &'static str,
    (object_kind, object): (&'static str, Uuid),
    (before, after): (Option<Value>, Option<Value>),
) -> DbResult<()> {
    let customer = caller.customer_id.to_string();
    let entry = audit::Entry {
        actor: Actor::User(caller.user_id.uuid()),
        on_behalf_of: Some(&customer),
        issuer_id: None,
        act,
        object_kind,
        object_id: &object.to_string(),
        before,
        after,
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
