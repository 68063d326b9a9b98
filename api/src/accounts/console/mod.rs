//! Staff and an issuer's customers: finding them, helping their people in, looking at their pages.
//!
//! Promises: staff see of a customer what their own issuer has with it, and another issuer's customer is none; a look at
//! a customer's pages is written down with who looked and at whom, reads and never writes, and ends by itself; whoever
//! is helped hears of it by mail, never by staff's mouth: nobody here learns or chooses a password.
pub mod moves;
mod newcomers;
pub mod routes;
pub mod shown;

use std::collections::HashMap;

use serde_json::{Value, json};
use shared::Lang;
use shared::accounts::people::InvitedView;
use shared::accounts::{Role, Secret};
use shared::console::{
    AuditRow, ConsoleCustomer, ConsoleCustomerRow, ConsolePerson, CustomerState, CustomerViewOpened, SendActivation,
};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use self::shown::Shown;
use super::letters::{self, About, To};
use super::model::{CustomerId, Reach, SessionId, User, UserId, Whose};
use super::staff::guard::StaffScope;
use super::store::links::{self as link_store, Link, Purpose};
use super::store::{
    console as store, externals as externals_store, factors as factor_store, members as member_store,
    people as people_store, sessions as session_store,
};
use super::{AccountError, Asker, attempts, links, members, people, second_factor};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Tx};
use crate::issuers;
use crate::mail;

/// Contracts that one answer shows.
const CONTRACTS_MAX: i64 = 100;

/// Staff's act on a customer of their issuer.
pub struct Act<'a> {
    /// Who, and where.
    pub at: &'a StaffScope,
    /// Which customer.
    pub customer: CustomerId,
    /// By which request.
    pub asker: &'a Asker,
}

impl Act<'_> {
    async fn record(
        &self,
        tx: &mut Tx,
        app: &App,
        act: &'static str,
        (object_kind, object): (&'static str, Uuid),
        (before, after): (Option<Value>, Option<Value>),
    ) -> DbResult<()> {
        let customer = self.customer.to_string();
        let entry = audit::Entry {
            actor: Actor::User(self.at.staff.principal.user_id.uuid()),
            on_behalf_of: Some(&customer),
            issuer_id: Some(self.at.scope.uuid()),
            act,
            object_kind,
            object_id: &object.to_string(),
            before,
            after,
            request_id: Some(&self.asker.request_id),
        };
        audit::record(tx, app.now(), entry).await
    }

    /// The customer, when it is the issuer's.
    async fn find(&self, conn: &mut impl Conn) -> Result<store::FiscalRow, AccountError> {
        store::find(conn, self.at.scope, self.customer).await?.ok_or(AccountError::NotFound)
    }

    /// One of the customer's people, when it is the issuer's.
    async fn person(&self, conn: &mut impl Conn, user: UserId) -> Result<User, AccountError> {
        self.find(conn).await?;
        let member = member_store::find(conn, self.customer, user).await?;
        member.filter(|one| one.part.is_none_or(|part| part == self.at.issuer.id)).ok_or(AccountError::NotFound)?;
        people_store::find_user(conn, user).await?.ok_or(AccountError::NotFound)
    }

    /// The same, where nobody else's way in depends on them: staff are helped as staff, and who sees more of the group than
    /// this company's part, by whoever runs it all.
    async fn own_person(&self, conn: &mut impl Conn, user: UserId) -> Result<User, AccountError> {
        let person = self.person(conn, user).await?;
        if second_factor::is_staff(conn, user).await? {
            return Err(AccountError::NotFound);
        }
        // An issuer alone is the whole group.
        let others = issuers::service::list_issuers(conn, 2).await?.len() > 1;
        if !self.at.staff.runs_installation() && others && store::is_elsewhere(conn, self.at.scope, user).await? {
            return Err(AccountError::HouseNeeded);
        }
        Ok(person)
    }

    /// A letter to one of the customer's people, in the issuer's name.
    async fn tell(&self, tx: &mut Tx, app: &App, person: &User, about: &About<'_>) -> Result<(), AccountError> {
        let to = To { issuer: &self.at.issuer, email: &person.email, language: person.language };
        letters::enqueue(tx, app, &to, about).await
    }
}

/// An issuer's customers, after one of them: `limit + 1` rows.
pub async fn list(
    app: &App,
    at: &StaffScope,
    wanted: (Option<&str>, Option<CustomerState>),
    after: Option<(&str, Uuid)>,
    limit: u32,
) -> Result<Vec<ConsoleCustomerRow>, AccountError> {
    let rows = store::list(&mut app.db.read().await?, at.scope, wanted, after, i64::from(limit) + 1).await?;
    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    let view = |row: store::CustomerRow| ConsoleCustomerRow {
        id: row.id,
        rfc: row.rfc,
        nombre: row.nombre,
        contract: row.contract,
        contracts: count(row.contracts),
        people: count(row.people),
        state: if row.people > 0 { CustomerState::Active } else { CustomerState::Unconfirmed },
        last_seen_at: row.last_seen_at.map(|at| at.to_string()),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One customer: what this issuer has with it, and who has access.
pub async fn find(app: &App, act: &Act<'_>) -> Result<ConsoleCustomer, AccountError> {
    let mut conn = app.db.read().await?;
    let row = act.find(&mut conn).await?;
    let contracts = externals_store::list_contracts(&mut conn, act.at.scope, act.customer, CONTRACTS_MAX).await?;
    let members = member_store::list(&mut conn, act.customer, Some(act.at.scope)).await?;
    let refused = mail::refused_since(&mut conn, members.iter().map(|person| person.email.as_str())).await?;
    let mut people = Vec::new();
    for person in members {
        let user = UserId::new(person.user_id);
        people.push(ConsolePerson {
            user_id: person.user_id,
            mail_refused_since: refused.of(&person.email, &act.at.issuer.time_zone),
            email: person.email,
            user_name: person.user_name,
            role: person.role,
            active: person.state == "active",
            second_factor: factor_store::is_confirmed(&mut conn, user).await?,
            held: attempts::is_held(&mut conn, app, user).await?
                || second_factor::is_held(&mut conn, app, user).await?,
            since: person.since.to_string(),
            last_seen_at: person.last_seen_at.map(|at| at.to_string()),
        });
    }
    Ok(ConsoleCustomer {
        id: row.id,
        rfc: row.rfc,
        nombre: row.nombre,
        regimen: row.regimen,
        codigo_postal: row.codigo_postal,
        contracts,
        people,
        invitations: members::pending(app, &mut conn, act.customer, Some(act.at.scope)).await?,
        entry_links: entry_links(app, &mut conn, act).await?,
    })
}

/// Links of a first entry by which somebody can still come in: none once somebody did.
async fn entry_links(app: &App, conn: &mut impl Conn, act: &Act<'_>) -> DbResult<Vec<InvitedView>> {
    if people::has_users(conn, act.customer, act.at.scope).await? {
        return Ok(Vec::new());
    }
    let rows = link_store::list_entries(conn, (act.at.scope, act.customer), app.now()).await?;
    let refused = mail::refused_since(conn, rows.iter().map(|row| row.email.as_str())).await?;
    let zone = &act.at.issuer.time_zone;
    let view = |row: link_store::EntryRow| InvitedView {
        id: row.id,
        mail_refused_since: refused.of(&row.email, zone),
        email: row.email,
        role: Role::Owner,
        created_at: row.created_at.to_string(),
        expires_at: local_time(row.expires_at, zone),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Frees somebody whom wrong passwords or codes held. What they have to type stays the same.
pub async fn unlock(app: &App, act: &Act<'_>, user: UserId) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    act.person(&mut tx, user).await?;
    attempts::free_account(&mut tx, app, user).await?;
    second_factor::free(&mut tx, app, user).await?;
    act.record(&mut tx, app, "user.unlocked", ("user", user.uuid()), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// Ends all sessions of one of the customer's people.
pub async fn end_sessions(app: &App, act: &Act<'_>, user: UserId) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    act.person(&mut tx, user).await?;
    session_store::mark_all_revoked(&mut tx, user, None, app.now()).await?;
    act.record(&mut tx, app, "user.sessions_ended", ("user", user.uuid()), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// Sends one of the customer's people the link to another password, to the mailbox on file.
pub async fn send_recovery(app: &App, act: &Act<'_>, user: UserId) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    let user = act.person(&mut tx, user).await?;
    // Counted like those that strangers ask for (A6): whose mailbox it is, staff know.
    if !links::may_write(&mut tx, app, &user.email).await? {
        return Err(AccountError::MailLimit);
    }
    let minutes = app.config.accounts.recovery_minutes;
    let link = Link {
        purpose: Purpose::Recovery(user.id),
        issuer: act.at.issuer.id,
        language: user.language,
        temporary: None,
    };
    let token = links::make_link(&mut tx, app, &link, minutes * 60).await?;
    let about = About::Recovery { token: &token, minutes, at_console: false, temporary: None };
    act.tell(&mut tx, app, &user, &about).await?;
    act.record(&mut tx, app, "recovery.sent", ("user", user.id.uuid()), (None, None)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Sends the link of a first entry for a customer that nobody has registered, to an address that staff made sure of.
pub async fn send_activation(app: &App, act: &Act<'_>, form: &SendActivation) -> Result<(), AccountError> {
    let email = form.parse().map_err(AccountError::Fields)?;
    let mut tx = app.db.begin().await?;
    let row = act.find(&mut tx).await?;
    if people::has_users(&mut tx, act.customer, act.at.scope).await? {
        return Err(field("/email", FieldCode::AlreadyThere));
    }
    activation(&mut tx, app, act, &row.rfc, (&email, form.language)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// The letter with the link of a first entry.
async fn activation(
    tx: &mut Tx,
    app: &App,
    act: &Act<'_>,
    rfc: &str,
    (email, language): (&fiscal::Email, Lang),
) -> Result<(), AccountError> {
    if !letters::may_send(tx, app, act.at.staff.principal.user_id, email).await? {
        return Err(AccountError::MailLimit);
    }
    let hours = app.config.accounts.activation_hours;
    let purpose = Purpose::Activation { customer: act.customer, email: email.clone() };
    let link = Link { purpose, issuer: act.at.issuer.id, language, temporary: None };
    let token = links::make_link(tx, app, &link, hours * 3_600).await?;
    let to = To { issuer: &act.at.issuer, email, language };
    letters::enqueue(tx, app, &to, &About::Activation { rfc, token: &token, hours, temporary: None }).await?;
    act.record(tx, app, "activation.sent", ("customer", act.customer.uuid()), (None, None)).await?;
    Ok(())
}

/// Takes the link of a first entry back, as when it went to a wrong address.
pub async fn revoke_activation(app: &App, act: &Act<'_>, link: Uuid) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    if !link_store::delete_entry(&mut tx, (act.at.scope, act.customer), link, app.now()).await? {
        return Err(AccountError::NotFound);
    }
    act.record(&mut tx, app, "activation.revoked", ("customer", act.customer.uuid()), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// Another role for one of the customer's people. For operators, with a fresh proof.
pub async fn change_role(app: &App, act: &Act<'_>, user: UserId, role: Role) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    act.person(&mut tx, user).await?;
    let before = members::change_role(&mut tx, (act.customer, None), user, role).await?;
    let told = |role: Role| Some(json!({ "role": role.as_str() }));
    act.record(&mut tx, app, "person.changed", ("user", user.uuid()), (told(before), told(role))).await?;
    Ok(tx.commit().await?)
}

/// Takes the access of one of the customer's people away. For operators, with a fresh proof.
pub async fn remove_person(app: &App, act: &Act<'_>, user: UserId) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    act.person(&mut tx, user).await?;
    let before = members::remove_person(&mut tx, (act.customer, None), user).await?;
    let before = Some(json!({ "role": before.as_str() }));
    act.record(&mut tx, app, "person.removed", ("user", user.uuid()), (before, None)).await?;
    Ok(tx.commit().await?)
}

/// Lets one of the customer's people who lost their phone and their codes come in by password alone, until they set a second
/// step up anew, after they showed something of the customer's. Their sessions end. For operators, with a fresh proof.
pub async fn reset_factor(app: &App, act: &Act<'_>, user: UserId, shown: &Shown<'_>) -> Result<(), AccountError> {
    shown::count(app, act).await?;
    let mut tx = app.db.begin().await?;
    let Some(person) = shown::person(&mut tx, app, act, (user, shown), "second_factor.reset_refused").await? else {
        tx.commit().await?;
        return Err(AccountError::NotFound);
    };
    if second_factor::reset(&mut tx, app, user).await? {
        act.tell(&mut tx, app, &person, &About::SecondFactor { on: false }).await?;
    }
    act.record(&mut tx, app, "second_factor.reset", ("user", user.uuid()), (None, None)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Opens a look at a customer's pages: as they are for its people, as far as this issuer is concerned.
pub async fn open_view(app: &App, act: &Act<'_>) -> Result<CustomerViewOpened, AccountError> {
    let mut tx = app.db.begin().await?;
    let row = act.find(&mut tx).await?;
    let now = app.now();
    let expires_at = now.plus_seconds(app.config.accounts.access_minutes * 60);
    let id = SessionId::new(app.ids.uuid());
    let session = session_store::NewSession {
        id,
        user: act.at.staff.principal.user_id,
        whose: Whose::View(act.customer, act.at.issuer.id),
        reach: Reach::Full,
        device: &act.asker.device,
        created_at: now,
        expires_at,
    };
    session_store::insert(&mut tx, &session).await?;
    act.record(&mut tx, app, "customer.viewed", ("customer", act.customer.uuid()), (None, None)).await?;
    tx.commit().await?;
    Ok(CustomerViewOpened {
        access_token: Secret::new(app.session_keys.sign(id, expires_at)?),
        expires_at: expires_at.to_string(),
        customer: row.nombre,
        rfc: row.rfc,
    })
}

/// Acts in an issuer's log before a place, the newest first: `limit + 1` rows.
pub async fn log(
    app: &App,
    at: &StaffScope,
    wanted: audit::Wanted<'_>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<AuditRow>, AccountError> {
    let mut conn = app.db.read().await?;
    let rows = audit::list_newest(&mut conn, at.scope.uuid(), wanted, before, i64::from(limit) + 1).await?;
    let mut emails: HashMap<Uuid, Option<String>> = HashMap::new();
    let mut views = Vec::new();
    for row in rows {
        let user = row.actor.strip_prefix("user:").and_then(|id| Uuid::try_parse(id).ok());
        if let Some(user) = user
            && let std::collections::hash_map::Entry::Vacant(place) = emails.entry(user)
        {
            place.insert(store::find_email(&mut conn, user).await?);
        }
        views.push(AuditRow {
            seq: row.seq,
            at: row.at.to_string(),
            actor_email: user.and_then(|user| emails.get(&user).cloned().flatten()),
            actor: row.actor,
            on_behalf_of: row.on_behalf_of,
            act: row.act,
            object_kind: row.object_kind,
            object_id: row.object_id,
            request_id: row.request_id,
        });
    }
    Ok(views)
}

fn field(pointer: &str, code: FieldCode) -> AccountError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    AccountError::Fields(errors)
}
