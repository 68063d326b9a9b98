//! Another mail address of one's own (A13): asked for by whoever just proved who they are, proved by a code that only the
//! new mailbox gets, told to the old one. Whether an address is somebody's is never said: its reader gets no code. One that
//! only an invoice went to is nobody's (T24), and gives way.
pub mod routes;

use serde_json::json;
use shared::accounts::people::{ChangeEmail, ConfirmEmail};
use shared::{FieldCode, FieldErrors};

use super::letters::{self, About, To};
use super::model::{Principal, fold_user};
use super::store::{
    links as link_store, people as people_store, privacy as store, sessions as session_store,
    temporaries as temporary_store,
};
use super::{AccountError, Asker, mailboxes, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::db::{DbError, DbResult, Timestamp, Tx};

/// How long a code is good.
const CODE_MINUTES: i64 = 15;
/// Wrong codes before a change is over: one in 200,000 is guessed.
const TRIES_MAX: i64 = 5;

/// Asks for another address.
pub async fn begin(app: &App, who: &Principal, form: &ChangeEmail, asker: &Asker) -> Result<(), AccountError> {
    who.insist_on_proof(app)?;
    let email = form.parse().map_err(AccountError::Fields)?;
    let (now, id, folded) = (app.now(), app.ids.uuid(), fold_user(email.as_str()));
    let mut tx = app.db.begin().await?;
    let user = people_store::find_user(&mut tx, who.user_id).await?.ok_or(AccountError::SignedOut)?;
    if fold_user(user.email.as_str()) == folded {
        return Err(field(FieldCode::AlreadyThere));
    }
    if !letters::may_send(&mut tx, app, who.user_id, &email).await? {
        return Err(field(FieldCode::TooMany));
    }
    let times = (now, now.plus_seconds(CODE_MINUTES * 60));
    store::upsert_email_change(&mut tx, who.user_id, (id, email.as_str()), times).await?;
    let free = mailboxes::is_free(&mut tx, &folded).await?;
    if let Some(issuer) = people::home_of(&mut tx, who.user_id, who.whose).await?.filter(|_| free) {
        let code = app.session_keys.mail_code(id);
        let to = To { issuer: &issuer, email: &email, language: user.language };
        letters::enqueue(&mut tx, app, &to, &About::EmailCode { code: &code, minutes: CODE_MINUTES }).await?;
    }
    record(&mut tx, app, (who, asker), "email.asked").await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Takes the new address over, by the code its reader got. The person's other sessions end, and the old address is told.
pub async fn confirm(app: &App, who: &Principal, form: &ConfirmEmail, asker: &Asker) -> Result<(), AccountError> {
    let typed: String = form.code.expose().chars().filter(|c| !c.is_whitespace()).take(64).collect();
    let mut tx = app.db.begin().await?;
    let found = store::count_email_try(&mut tx, who.user_id, TRIES_MAX, app.now()).await?;
    tx.commit().await?;
    let change = found.ok_or(AccountError::WrongCode)?;
    let ours = app.session_keys.mail_code(change.id);
    if aws_lc_rs::constant_time::verify_slices_are_equal(ours.as_bytes(), typed.as_bytes()).is_err() {
        return Err(AccountError::WrongCode);
    }
    let email = fiscal::Email::parse(&change.email).map_err(|_damaged| AccountError::WrongCode)?;
    let (now, folded) = (app.now(), fold_user(email.as_str()));
    let mut tx = app.db.begin().await?;
    let user = people_store::find_user(&mut tx, who.user_id).await?.ok_or(AccountError::SignedOut)?;
    // Somebody used this very code, or took the address meanwhile.
    if !store::delete_email_change(&mut tx, who.user_id, change.id).await?
        || !mailboxes::give_way(&mut tx, &folded).await?
    {
        return Err(AccountError::WrongCode);
    }
    match people_store::set_email(&mut tx, who.user_id, (email.as_str(), &folded)).await {
        Err(DbError::Duplicate(_)) => return Err(AccountError::WrongCode),
        other => other?,
    }
    session_store::mark_all_revoked(&mut tx, who.user_id, Some(who.session_id), now).await?;
    // What the old mailbox could still open is good no more.
    link_store::mark_all_used(&mut tx, who.user_id, now).await?;
    temporary_store::delete_of(&mut tx, who.user_id).await?;
    if let Some(issuer) = people::home_of(&mut tx, who.user_id, who.whose).await? {
        let to = To { issuer: &issuer, email: &user.email, language: user.language };
        letters::enqueue(&mut tx, app, &to, &About::EmailChanged).await?;
    }
    record(&mut tx, app, (who, asker), "email.changed").await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Deletes at most `limit` changes that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended_email_changes(tx, ended_before, limit).await
}

fn field(code: FieldCode) -> AccountError {
    let mut errors = FieldErrors::default();
    errors.add("/email", code);
    AccountError::Fields(errors)
}

async fn record(tx: &mut Tx, app: &App, (who, asker): (&Principal, &Asker), act: &'static str) -> DbResult<()> {
    let entry = audit::Entry {
        actor: Actor::User(who.user_id.uuid()),
        on_behalf_of: None,
        issuer_id: None,
        act,
        object_kind: "user",
        object_id: &who.user_id.to_string(),
        before: None,
        after: Some(json!({ "device": asker.device })),
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
