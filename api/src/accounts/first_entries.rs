//! First entries where user and password are the RFC (K2, K3): printed on every invoice, an RFC proves nothing. It opens a
//! note that is good for nothing but asking for a code; the code goes out only when a second fact of the customer's
//! matches and nobody has entered for it yet; and it proves the mailbox that becomes the one on file (D1).
//!
//! Whether an RFC is a customer's, was entered or is unknown is never said, at any cost (A2): every request is written
//! down alike, and a job finds out.
use serde_json::json;
use shared::accounts::Secret;
use shared::accounts::entry::{AskFirstCode, FirstCodeAsked, FirstEntryOpened, OpenFirstEntry, UseFirstCode};
use shared::profiles::FirstEntry as Way;
use uuid::Uuid;

use super::attempts;
use super::letters::{self, About, To};
use super::links::{self, Owner};
use super::model::{CustomerId, Whose};
use super::sessions::Entry;
use super::store::first_entries::{self as store, FirstEntry};
use super::store::people as people_store;
use super::{AccountError, Asker, pages, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::counters::{self, Counter};
use crate::db::{DbResult, Timestamp, Tx};
use crate::issuers::{self, IssuerId, Scope};
use crate::jobs::{self, JobKind};

/// Minutes between the RFC and the request for a code.
const NOTE_MINUTES: i64 = 15;
/// Minutes a code is good: letters take a while.
const CODE_MINUTES: i64 = 15;
/// Tries at one code.
const TRIES_MAX: i64 = 5;
const HOUR_SECONDS: i64 = 3_600;
const DAY_SECONDS: i64 = 86_400;

/// Opens a first entry for whoever types an RFC twice, known or not. Counted as a wrong password is (A1, A3).
pub async fn open(app: &App, form: &OpenFirstEntry, source: &str) -> Result<FirstEntryOpened, AccountError> {
    let issuer = pages::issuer_of_page(app, form.issuer.as_deref()).await?;
    if app.profiles.of(&issuer).first_entry != Way::Activation {
        return Err(AccountError::NotFound);
    }
    let rfc = form.parse().ok_or(AccountError::WrongCredentials)?;
    attempts::count_entry(app, rfc.as_str(), source).await?;
    let expires_at = app.now().plus_seconds(NOTE_MINUTES * 60);
    let note = app.session_keys.first_entry(rfc.as_str(), issuer.id.uuid(), expires_at.jiff().as_second());
    Ok(FirstEntryOpened { activation: Secret::new(note), expires_at: expires_at.to_string() })
}

/// Asks for the code. The answer is the same whatever matches; surplus requests are answered like any other (A6).
pub async fn ask(app: &App, form: &AskFirstCode, source: &str) -> Result<FirstCodeAsked, AccountError> {
    let (fact, email) = form.parse().map_err(AccountError::Fields)?;
    let now = app.now();
    let note = app.session_keys.read_first_entry(form.activation.expose());
    let note = note.filter(|(_, _, expires)| *expires > now.jiff().as_second());
    let (rfc, issuer, _) = note.ok_or(AccountError::SecondStepExpired)?;
    let rfc = fiscal::Rfc::parse(&rfc).map_err(|_not_ours| AccountError::SecondStepExpired)?;
    let scope = Scope::of(IssuerId::new(issuer));
    let (id, expires_at) = (app.ids.uuid(), now.plus_seconds(CODE_MINUTES * 60));
    let counter = |kind, subject: &str, limit| Counter {
        kind,
        subject: counters::subject(subject),
        limit,
        window_seconds: HOUR_SECONDS,
    };
    let settings = &app.config.accounts;
    let of_rfc = counter("first_entry", &format!("{issuer}|{rfc}"), settings.letters_per_account);
    let of_source = counter("first_entry_source", source, settings.letters_per_source);
    let asked = FirstCodeAsked { id, expires_at: expires_at.to_string() };
    let mut tx = app.db.begin().await?;
    if of_source.try_hit(&mut tx, now).await?.is_err() || of_rfc.try_hit(&mut tx, now).await?.is_err() {
        tracing::warn!("a first entry was asked for more often than it may in an hour");
        return Ok(asked);
    }
    let entry = FirstEntry { scope, rfc, fact, email, language: form.language, customer: None };
    store::insert(&mut tx, id, &entry, (now, expires_at)).await?;
    jobs::enqueue(&mut tx, &app.ids, JobKind::AnswerFirstEntry, id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(asked)
}

/// What a request names: whose invoices are to be looked at for its fact, which may be one's folio fiscal.
pub async fn asked(app: &App, id: Uuid) -> DbResult<Option<(Scope, fiscal::Rfc, String)>> {
    let found = store::find(&mut app.db.read().await?, id, app.now()).await?;
    Ok(found.map(|entry| (entry.scope, entry.rfc, entry.fact)))
}

/// Finds out whether RFC and fact match a customer whom nobody has entered for, and writes the letter with the code.
/// `is_invoice`: the fact is the folio fiscal of one of its invoices.
pub async fn answer(app: &App, id: Uuid, is_invoice: bool) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    let Some(entry) = store::find(&mut tx, id, app.now()).await? else { return Ok(()) };
    let Some(customer) = match_of(&mut tx, app, &entry, is_invoice).await? else { return Ok(()) };
    let Some(issuer) = issuers::service::find_issuer(&mut tx, entry.scope).await? else { return Ok(()) };
    if !links::may_write(&mut tx, app, &entry.email).await? || !store::mark_matched(&mut tx, id, customer).await? {
        return Ok(());
    }
    let to = To { issuer: &issuer, email: &entry.email, language: entry.language };
    let code = app.session_keys.mail_code(id);
    letters::enqueue(&mut tx, app, &to, &About::FirstCode { code: &code, minutes: CODE_MINUTES }).await?;
    record(&mut tx, app, (entry.scope, customer), "first_entry.asked", None).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

async fn match_of(tx: &mut Tx, app: &App, entry: &FirstEntry, is_invoice: bool) -> DbResult<Option<CustomerId>> {
    let Some(customer) = people_store::find_customer_by_rfc(tx, &entry.rfc).await? else { return Ok(None) };
    let Some(loaded_at) = people_store::find_loaded_at(tx, entry.scope, customer).await? else { return Ok(None) };
    let open_for = app.config.accounts.first_entry_days * DAY_SECONDS;
    // The RFC works for a while after it was loaded, and never again once somebody came in.
    if app.now().seconds_since(loaded_at) >= open_for || people::has_users(tx, customer, entry.scope).await? {
        return Ok(None);
    }
    let own = people_store::find_contract(tx, Some(entry.scope.issuer()), &entry.rfc, &entry.fact).await?;
    Ok((is_invoice || own.is_some()).then_some(customer))
}

/// The code as it was read, and the first password: the mailbox is on file, and its reader signed in.
pub async fn confirm(app: &App, form: &UseFirstCode, asker: &Asker) -> Result<Entry, AccountError> {
    let typed = form.parse().map_err(AccountError::Fields)?;
    let place = app.hasher.enter()?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let found = store::count_try(&mut tx, form.id, TRIES_MAX, now).await?;
    tx.commit().await?;
    let ours = app.session_keys.mail_code(form.id);
    let right = aws_lc_rs::constant_time::verify_slices_are_equal(ours.as_bytes(), typed.as_bytes()).is_ok();
    let entry = found.filter(|_| right).ok_or(AccountError::WrongCode)?;
    let customer = entry.customer.ok_or(AccountError::WrongCode)?;
    let issuer = entry.scope.issuer();
    let rule = pages::rule_of(app, issuer).await?;
    links::check_new(app, (rule, Whose::Customer(customer)), &entry.email, &form.password, "/password").await?;
    let hash = place.hash(&app.ids, &form.password).await?;
    let mut tx = app.db.begin().await?;
    people_store::lock_customer(&mut tx, customer).await?;
    if !store::mark_used(&mut tx, form.id, now).await? || people::has_users(&mut tx, customer, entry.scope).await? {
        return Err(AccountError::WrongCode);
    }
    let owner = Owner { customer, email: &entry.email, language: entry.language, issuer };
    let user = links::own(&mut tx, app, &owner, &hash).await?.ok_or(AccountError::WrongCode)?;
    record(&mut tx, app, (entry.scope, customer), "first_entry.finished", Some(asker)).await?;
    let whose = Whose::Customer(customer);
    links::finish(tx, app, (user, whose, &hash), asker, "registration.finished").await
}

/// Deletes at most `limit` that were over before `ended_before`, and what was typed in them; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}

async fn record(
    tx: &mut Tx,
    app: &App,
    (scope, customer): (Scope, CustomerId),
    act: &'static str,
    asker: Option<&Asker>,
) -> DbResult<()> {
    let entry = audit::Entry {
        actor: Actor::Guest,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "customer",
        object_id: &customer.to_string(),
        before: None,
        after: asker.map(|asker| json!({ "device": asker.device })),
        request_id: asker.map(|asker| asker.request_id.as_str()),
    };
    audit::record(tx, app.now(), entry).await
}
