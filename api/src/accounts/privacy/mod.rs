//! What a person may ask about their own data: a copy of it, which notices they accepted, and requests of acceso,
//! rectificación, cancelación and oposición, which staff answer within twenty working days.
//!
//! Promises: a request is kept with its last day from the moment it is made, and both the person and the issuer's
//! mailbox hear of it; an answer is given once, and goes to the person by mail; a copy of one's data is given to whoever
//! just proved who they are, and is written down. It does not carry a request out: staff do, by the means each has.
mod days;
pub mod routes;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::accounts::{Me, Role};
use shared::privacy::{
    AcceptNotice, AnswerArco, ArcoCase, ArcoKind, ConsoleArcoCase, FiscalData, MyData, MyPrivacy, NoticeForMe, OpenArco,
};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::letters::{self, About, To, WhoseData};
use super::model::{Subject, UserId, Whose, fold_user};
use super::staff::guard::StaffScope;
use super::store::{mailboxes as mailbox_store, people as people_store, privacy as store};
use super::{AccountError, Asker, members, passkeys, people, sessions, temporaries};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::notices::{self, Channel};
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// Requests of one person that one answer shows.
const CASES_MAX: i64 = 100;
/// Requests that one person may have open.
const OPEN_MAX: i64 = 10;

/// The issuers that the caller's customer has a contract with, of those that the caller sees, or that invoiced to the
/// caller's mailbox; without one, the issuer in whose name letters go.
async fn issuers_of(conn: &mut impl Conn, subject: &Subject) -> DbResult<Vec<Issuer>> {
    let ids: BTreeSet<Uuid> = match subject {
        Subject::Customer(caller) => {
            let contracts =
                people_store::list_contracts(conn, caller.customer_id, caller.only(), people::SHOWN_MAX).await?;
            contracts.iter().map(|contract| contract.issuer_id).collect()
        }
        Subject::Mailbox(owner) => {
            let invoiced = mailbox_store::list_issuers(conn, owner.user_id, people::SHOWN_MAX).await?;
            invoiced.into_iter().map(IssuerId::uuid).collect()
        }
    };
    let mut found = Vec::new();
    for id in ids {
        found.extend(issuers::service::find_issuer(conn, Scope::of(IssuerId::new(id))).await?);
    }
    if found.is_empty() {
        let part = if let Subject::Customer(caller) = subject { caller.part } else { None };
        found.extend(people::home_issuer(conn, None, part).await?);
    }
    Ok(found)
}

async fn issuer_named(conn: &mut impl Conn, subject: &Subject, slug: &str) -> Result<Issuer, AccountError> {
    let own = issuers_of(conn, subject).await?;
    own.into_iter().find(|issuer| issuer.slug == slug).ok_or(AccountError::NotFound)
}

/// Notices and requests of the caller.
pub async fn mine(app: &App, subject: &Subject) -> Result<MyPrivacy, AccountError> {
    let (mut conn, user) = (app.db.read().await?, subject.user());
    let mut notices_of = Vec::new();
    for issuer in issuers_of(&mut conn, subject).await? {
        let scope = Scope::of(issuer.id);
        let notice = notices::current(&mut conn, scope).await?;
        let accepted_at = match &notice {
            Some(notice) => notices::accepted_at(&mut conn, scope, user.uuid(), notice.version).await?,
            None => None,
        };
        notices_of.push(NoticeForMe {
            issuer: issuer.slug,
            issuer_name: issuer.commercial_name,
            version: notice.as_ref().map(|notice| notice.version),
            published_at: notice.map(|notice| local_time(notice.published_at, &issuer.time_zone)),
            accepted_at: accepted_at.map(|at| local_time(at, &issuer.time_zone)),
        });
    }
    let mut cases = Vec::new();
    for row in store::list_cases_of(&mut conn, user, subject.customer(), CASES_MAX).await? {
        let scope = Scope::of(IssuerId::new(row.issuer_id));
        let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(AccountError::NotFound)?;
        cases.push(case(app, row, &issuer));
    }
    Ok(MyPrivacy { notices: notices_of, cases })
}

fn case(app: &App, row: store::CaseRow, issuer: &Issuer) -> ArcoCase {
    let today = days::today(app.now()).to_string();
    ArcoCase {
        id: row.id,
        issuer_name: issuer.commercial_name.clone(),
        kind: ArcoKind::named(&row.kind).unwrap_or(ArcoKind::Access),
        words: row.words,
        opened_at: local_time(row.opened_at, &issuer.time_zone),
        late: row.answered_at.is_none() && row.due_on < today,
        due_on: row.due_on,
        granted: row.granted,
        answer: row.answer,
        answered_at: row.answered_at.map(|at| local_time(at, &issuer.time_zone)),
    }
}

/// Accepts the present version of an issuer's notice.
pub async fn accept(app: &App, subject: &Subject, form: &AcceptNotice, asker: &Asker) -> Result<(), AccountError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let issuer = issuer_named(&mut tx, subject, &form.issuer).await?;
    let who = (app.ids.uuid(), subject.user().uuid());
    if !notices::accept(&mut tx, Scope::of(issuer.id), who, form.version, now).await? {
        return Err(AccountError::NotFound);
    }
    let about = (issuer.id, "privacy.accepted", "privacy_notice", form.version.to_string());
    record(&mut tx, app, (subject, asker), about, Some(json!({ "version": form.version }))).await?;
    Ok(tx.commit().await?)
}

/// Who comes in for the first time accepts the notice that the page names.
pub(super) async fn accept_on_entry(tx: &mut Tx, app: &App, (user, whose): (UserId, Whose), act: &str) -> DbResult<()> {
    let channel = match act {
        "registration.finished" => Channel::Registration,
        "person.joined" => Channel::Invitation,
        temporaries::CHANGED => Channel::Registration,
        _ => return Ok(()),
    };
    let Some(issuer) = people::home_of(tx, user, whose).await? else { return Ok(()) };
    let (scope, who) = (Scope::of(issuer.id), (app.ids.uuid(), user.uuid()));
    // A temporary password is a recovery's as well: whoever was here before is asked for a new version elsewhere.
    if act == temporaries::CHANGED && notices::has_accepted(tx, scope, user.uuid()).await? {
        return Ok(());
    }
    notices::accept_with(tx, scope, who, channel, app.now()).await
}

/// Opens a request. The person and the issuer's mailbox get a letter.
pub async fn open(app: &App, subject: &Subject, form: &OpenArco, asker: &Asker) -> Result<ArcoCase, AccountError> {
    let words = form.parse().map_err(AccountError::Fields)?;
    let (now, id) = (app.now(), app.ids.uuid());
    let due_on = days::due(days::today(now)).to_string();
    let mut tx = app.db.begin().await?;
    let issuer = issuer_named(&mut tx, subject, &form.issuer).await?;
    let user = people_store::find_user(&mut tx, subject.user()).await?.ok_or(AccountError::SignedOut)?;
    if store::count_open_of(&mut tx, user.id).await? >= OPEN_MAX {
        let mut errors = FieldErrors::default();
        errors.add("/kind", FieldCode::TooMany);
        return Err(AccountError::Fields(errors));
    }
    let case_of = store::NewCase {
        id,
        issuer: issuer.id,
        customer: subject.customer(),
        user: user.id,
        kind: form.kind,
        words,
        opened_at: now,
        due_on: &due_on,
    };
    store::insert_case(&mut tx, &case_of).await?;
    let to = To { issuer: &issuer, email: &user.email, language: user.language };
    letters::enqueue(&mut tx, app, &to, &About::ArcoReceived { kind: form.kind, due_on: &due_on }).await?;
    let desk = To { issuer: &issuer, email: &issuer.support_email, language: issuer.language };
    let whose = match subject {
        Subject::Customer(caller) => WhoseData::Customer(caller.rfc.as_str()),
        Subject::Mailbox(_) => WhoseData::Mailbox(user.email.as_str()),
    };
    letters::enqueue(&mut tx, app, &desk, &About::ArcoAsked { kind: form.kind, whose, due_on: &due_on }).await?;
    let about = (issuer.id, "arco.opened", "arco_case", id.to_string());
    record(&mut tx, app, (subject, asker), about, Some(json!({ "kind": form.kind.as_str() }))).await?;
    let row = store::find_case(&mut tx, Scope::of(issuer.id), id).await?.ok_or(AccountError::NotFound)?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(case(app, row, &issuer))
}

/// What is held about the caller, for whoever just proved who they are (A13). It is written down who took it.
pub async fn copy(app: &App, subject: &Subject, asker: &Asker) -> Result<MyData, AccountError> {
    let principal = subject.principal();
    principal.insist_on_proof(app)?;
    let sessions = sessions::list(app, &principal).await?;
    let passkeys = passkeys::list(app, &principal).await?.passkeys;
    let privacy = mine(app, subject).await?;
    let (me, people) = match subject {
        Subject::Customer(caller) if caller.role == Role::Owner => {
            (people::me(app, caller).await?, Some(members::list(app, caller).await?))
        }
        Subject::Customer(caller) => (people::me(app, caller).await?, None),
        Subject::Mailbox(owner) => (people::me_of_mailbox(app, owner).await?, None),
    };
    let (fiscal, mailbox_rfcs) = held(app, subject, &me).await?;
    let mut tx = app.db.begin().await?;
    let issuer = match subject {
        Subject::Customer(caller) => people::home_issuer(&mut tx, Some(caller.customer_id), caller.part).await?,
        Subject::Mailbox(owner) => people::home_of(&mut tx, owner.user_id, owner.whose).await?,
    };
    let issuer = issuer.ok_or(AccountError::NotFound)?;
    let about = (issuer.id, "data.copied", "user", subject.user().to_string());
    record(&mut tx, app, (subject, asker), about, None).await?;
    tx.commit().await?;
    Ok(MyData {
        taken_at: app.now().to_string(),
        customers: me.customers.clone(),
        me,
        fiscal,
        mailbox_rfcs,
        people,
        sessions,
        passkeys,
        privacy,
    })
}

/// The fiscal data of a customer, or what was invoiced to a mailbox.
async fn held(app: &App, subject: &Subject, me: &Me) -> Result<(Option<FiscalData>, Vec<String>), AccountError> {
    let mut conn = app.db.read().await?;
    let Some(customer) = subject.customer() else {
        let rfcs = mailbox_store::list_rfcs(&mut conn, &fold_user(&me.email), people::SHOWN_MAX).await?;
        return Ok((None, rfcs));
    };
    let kept = store::find_fiscal(&mut conn, customer).await?.ok_or(AccountError::NotFound)?;
    let fiscal =
        FiscalData { rfc: kept.rfc, nombre: kept.nombre, regimen: kept.regimen, codigo_postal: kept.codigo_postal };
    Ok((Some(fiscal), Vec::new()))
}

/// An issuer's requests before one, the newest first.
pub async fn list(
    app: &App,
    at: &StaffScope,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ConsoleArcoCase>, AccountError> {
    let rows = store::list_cases(&mut app.db.read().await?, at.scope, before, limit).await?;
    let view = |row: store::CaseRow| ConsoleArcoCase {
        customer_id: row.customer_id,
        rfc: row.rfc.clone(),
        nombre: row.nombre.clone(),
        email: row.email.clone(),
        case: case(app, row, &at.issuer),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Answers a request, once. The answer goes to the person by mail.
pub async fn answer(
    app: &App,
    at: &StaffScope,
    (id, form): (Uuid, &AnswerArco),
    asker: &Asker,
) -> Result<(), AccountError> {
    let words = form.parse().map_err(AccountError::Fields)?;
    let (now, by) = (app.now(), at.staff.principal.user_id);
    let mut tx = app.db.begin().await?;
    let row = store::find_case(&mut tx, at.scope, id).await?.ok_or(AccountError::NotFound)?;
    if !store::mark_answered(&mut tx, at.scope, id, (form.granted, words), (by, now)).await? {
        return Err(AccountError::CaseAnswered);
    }
    let user = people_store::find_user(&mut tx, UserId::new(row.user_id)).await?.ok_or(AccountError::NotFound)?;
    let kind = ArcoKind::named(&row.kind).unwrap_or(ArcoKind::Access);
    let to = To { issuer: &at.issuer, email: &user.email, language: user.language };
    letters::enqueue(&mut tx, app, &to, &About::ArcoAnswered { kind, granted: form.granted, words }).await?;
    let customer = row.customer_id.map(|customer| customer.to_string());
    let entry = audit::Entry {
        actor: Actor::User(by.uuid()),
        on_behalf_of: customer.as_deref(),
        issuer_id: Some(at.scope.uuid()),
        act: "arco.answered",
        object_kind: "arco_case",
        object_id: &id.to_string(),
        before: None,
        after: Some(json!({ "granted": form.granted })),
        request_id: Some(&asker.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

async fn record(
    tx: &mut Tx,
    app: &App,
    (subject, asker): (&Subject, &Asker),
    (issuer, act, object_kind, object_id): (IssuerId, &'static str, &'static str, String),
    after: Option<Value>,
) -> DbResult<()> {
    let customer = subject.customer().map(|customer| customer.to_string());
    let entry = audit::Entry {
        actor: Actor::User(subject.user().uuid()),
        on_behalf_of: customer.as_deref(),
        issuer_id: Some(issuer.uuid()),
        act,
        object_kind,
        object_id: &object_id,
        before: None,
        after,
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
