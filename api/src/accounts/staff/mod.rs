//! Staff: who works for which issuer, and how they come in.
//!
//! Promises: nobody is staff but by an invitation of an operator, or of whoever has a shell on the machine; nobody does
//! anything here before their second step is set up (A14); an operator of one issuer can neither see nor change another
//! issuer's people; the last operator stays.
//!
//! It does not know what staff do: each domain's console routes ask [`guard`] who is there.
pub mod certificates;
pub mod guard;
pub mod routes;

use serde_json::json;
use sha2::{Digest, Sha256};
use shared::Lang;
use shared::accounts::UseLink;
use shared::profiles::PasswordRule;
use shared::staff::{InviteStaff, StaffInvitationView, StaffIssuer, StaffList, StaffMe, StaffRole, StaffView};
use uuid::Uuid;

use super::letters::{self, About, Desk, To};
use super::links::{self, again_if_raced};
use super::model::{Invited, NewUser, Principal, Reach, SessionId, StaffCaller, UserId, Whose, fold_user};
use super::sessions::{self, Entry, Opened};
use super::store::invitations::{self as invitation_store, Invitation, NewInvitation};
use super::store::{factors as factor_store, people as people_store, sessions as session_store, staff as store};
use super::{AccountError, Asker, second_factor};
use crate::App;
use crate::audit::{self, Actor};
use crate::clock::Ids;
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// Issuers that one answer shows.
const ISSUERS_MAX: u32 = 100;
const DAY_SECONDS: i64 = 86_400;

/// The staff behind a session, when it is theirs and they still are.
pub async fn caller_of(app: &App, principal: Principal) -> DbResult<Option<StaffCaller>> {
    if principal.whose != Whose::Staff {
        return Ok(None);
    }
    let grants = store::list_grants(&mut app.db.read().await?, principal.user_id).await?;
    Ok((!grants.is_empty()).then_some(StaffCaller { principal, grants }))
}

/// Both tokens of a console session, and who it is.
pub async fn opened(app: &App, id: SessionId) -> Result<Opened<StaffMe>, AccountError> {
    let (now, idle) = (app.now(), app.config.accounts.idle_minutes * 60);
    let principal = session_store::find_principal(&mut app.db.read().await?, id, now, now.plus_seconds(-idle)).await?;
    let caller = match principal {
        Some(principal) => caller_of(app, principal).await?,
        None => None,
    };
    let me = me(app, &caller.ok_or(AccountError::SignedOut)?).await?;
    sessions::with_tokens(app, id, me).await
}

/// Who the caller is, and for whom they work.
pub async fn me(app: &App, caller: &StaffCaller) -> Result<StaffMe, AccountError> {
    let mut conn = app.db.read().await?;
    let user = people_store::find_user(&mut conn, caller.principal.user_id).await?.ok_or(AccountError::SignedOut)?;
    let all = issuers::service::list_issuers(&mut conn, ISSUERS_MAX).await?;
    let theirs = all.into_iter().filter_map(|issuer| {
        let role = caller.role_at(issuer.id)?;
        Some(StaffIssuer { slug: issuer.slug, commercial_name: issuer.commercial_name, role })
    });
    Ok(StaffMe {
        user_id: user.id.uuid(),
        email: user.email.as_str().to_owned(),
        language: user.language,
        session_id: caller.principal.session_id.uuid(),
        must_enrol: caller.principal.reach == Reach::Enrol,
        runs_installation: caller.runs_installation(),
        issuers: theirs.collect(),
    })
}

/// An invitation to make.
pub struct ToInvite<'a> {
    /// Where the link goes.
    pub email: &'a fiscal::Email,
    /// Where they will work; `None`: the whole installation.
    pub issuer: Option<&'a Issuer>,
    /// What they will be able to do.
    pub role: StaffRole,
    /// Language of the letter.
    pub language: Lang,
    /// Who invites; `None`: somebody at the machine.
    pub invited_by: Option<UserId>,
}

/// What a machine's command and a running house both have.
pub struct Office<'a> {
    /// Every link begins with it.
    pub public_url: &'a str,
    /// Sender of letters.
    pub from_address: &'a str,
    /// Nothing has fiscal effect.
    pub rehearsal: bool,
    /// Ids and secrets.
    pub ids: &'a Ids,
    /// Now.
    pub now: Timestamp,
    /// Days the link is good.
    pub invitation_days: i64,
}

impl Office<'_> {
    fn of(app: &App) -> Office<'_> {
        Office {
            public_url: &app.public_url,
            from_address: &app.config.mail.from_address,
            rehearsal: app.rehearsal,
            ids: &app.ids,
            now: app.now(),
            invitation_days: app.config.accounts.invitation_days,
        }
    }
}

/// An invitation as made: what the letter says, for who has no mail yet.
pub struct Made {
    /// The link.
    pub link: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// A letter was written; without any issuer there is nobody to write it for.
    pub mailed: bool,
}

/// Keeps an invitation and writes its letter. Earlier ones to the same place are good no more.
pub async fn invite(tx: &mut Tx, office: &Office<'_>, wanted: &ToInvite<'_>) -> Result<Made, AccountError> {
    let (now, secret) = (office.now, office.ids.secret());
    let invited = Invited::Staff { issuer: wanted.issuer.map(|issuer| issuer.id), role: wanted.role };
    let folded = fold_user(wanted.email.as_str());
    let expires_at = now.plus_seconds(office.invitation_days * DAY_SECONDS);
    invitation_store::revoke_earlier(tx, invited, &folded, now).await?;
    let new = NewInvitation {
        id: office.ids.uuid(),
        token_hash: Sha256::digest(secret).into(),
        invited,
        email: (wanted.email, &folded),
        language: wanted.language,
        invited_by: wanted.invited_by,
        created_at: now,
        expires_at,
    };
    invitation_store::insert(tx, &new).await?;
    let token = hex::encode(secret);
    let in_whose_name = match wanted.issuer {
        Some(issuer) => Some(issuer.clone()),
        None => issuers::service::find_default_issuer(tx).await?,
    };
    if let Some(issuer) = &in_whose_name {
        let desk = Desk {
            public_url: office.public_url,
            from_address: office.from_address,
            rehearsal: office.rehearsal,
            ids: office.ids,
            now,
        };
        let name = wanted.issuer.map(|issuer| issuer.commercial_name.as_str());
        let about = About::StaffInvitation { issuer: name, token: &token, days: office.invitation_days };
        let to = To { issuer, email: wanted.email, language: wanted.language };
        letters::enqueue_at(tx, &desk, &to, &about).await?;
    }
    let entry = audit::Entry {
        actor: wanted.invited_by.map_or(Actor::Operator, |user| Actor::User(user.uuid())),
        on_behalf_of: None,
        issuer_id: wanted.issuer.map(|issuer| issuer.id.uuid()),
        act: "staff.invited",
        object_kind: "invitation",
        object_id: &new.id.to_string(),
        before: None,
        after: Some(json!({ "role": wanted.role.as_str() })),
        request_id: None,
    };
    audit::record(tx, now, entry).await?;
    let link = format!("{}/consola/invitacion/{token}", office.public_url);
    Ok(Made { link, expires_at, mailed: in_whose_name.is_some() })
}

/// The first entry by an invitation's link, or another password for somebody who was there: then the second step.
pub async fn accept(app: &App, form: &UseLink, asker: &Asker) -> Result<Entry, AccountError> {
    form.parse().map_err(AccountError::Fields)?;
    let token = links::hash_of(&form.token).ok_or(AccountError::LinkExpired)?;
    let found = invitation_store::find(&mut app.db.read().await?, token, app.now()).await?;
    let Some(Invitation { id, invited: Invited::Staff { issuer, role }, email, language }) = found else {
        return Err(AccountError::LinkExpired);
    };
    let place = app.hasher.enter()?;
    links::check_new(app, (PasswordRule::Length, Whose::Staff), &email, &form.password, "/password").await?;
    let hash = place.hash(&app.ids, &form.password).await?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !invitation_store::mark_used(&mut tx, id, now).await? {
        return Err(AccountError::LinkExpired);
    }
    let folded = fold_user(email.as_str());
    let user = match people_store::find_user_by_name(&mut tx, &folded).await? {
        Some(user) if !user.active => return Err(AccountError::LinkExpired),
        Some(user) => {
            links::replace_password(&mut tx, app, &user, &hash, None).await?;
            let told_by = match issuer {
                Some(issuer) => Some(issuer),
                None => issuers::service::find_default_issuer(&mut tx).await?.map(|issuer| issuer.id),
            };
            if let Some(issuer) = told_by {
                links::notify_change(&mut tx, app, &user, issuer).await?;
            }
            user.id
        }
        None => {
            let user = UserId::new(app.ids.uuid());
            let new = NewUser { email: &email, user_name: None, password_hash: Some(&hash), language };
            people_store::insert_user(&mut tx, user, &new, (&folded, None), now).await.map_err(again_if_raced)?;
            user
        }
    };
    give_role(&mut tx, app, user, (issuer, role)).await?;
    links::finish(tx, app, (user, Whose::Staff, &hash), asker, "staff.entered").await
}

/// The role of an invitation, in the place of the one that somebody has there: the last operator stays one.
async fn give_role(
    tx: &mut Tx,
    app: &App,
    user: UserId,
    (issuer, role): (Option<IssuerId>, StaffRole),
) -> Result<(), AccountError> {
    let scope = issuer.map(Scope::of);
    let had = match scope {
        Some(scope) => store::lock_operators(tx, scope).await?,
        None => false,
    };
    store::upsert(tx, app.ids.uuid(), user, issuer, role, app.now()).await?;
    match scope {
        Some(scope) if had => insist_on_operator(tx, scope).await,
        _ => Ok(()),
    }
}

/// Makes somebody staff without an invitation: the rehearsal's own people.
pub async fn hire(
    tx: &mut Tx,
    app: &App,
    new: &NewUser<'_>,
    (issuer, role): (Option<IssuerId>, StaffRole),
) -> DbResult<UserId> {
    let (user, now) = (UserId::new(app.ids.uuid()), app.now());
    people_store::insert_user(tx, user, new, (&fold_user(new.email.as_str()), None), now).await?;
    store::upsert(tx, app.ids.uuid(), user, issuer, role, now).await?;
    Ok(user)
}

/// Everybody who works for an issuer, and who was invited to.
pub async fn list(app: &App, caller: &StaffCaller, scope: Scope) -> Result<StaffList, AccountError> {
    let mut conn = app.db.read().await?;
    let secured = factor_store::list_confirmed(&mut conn, scope.uuid()).await?;
    let people = store::list(&mut conn, scope).await?.into_iter().map(|row| StaffView {
        id: row.id,
        user_id: row.user_id,
        email: row.email,
        role: row.role,
        whole_installation: row.issuer_id.is_none(),
        second_factor: secured.contains(&row.user_id),
        last_seen_at: row.last_seen_at.map(|at| at.to_string()),
        you: row.user_id == caller.principal.user_id.uuid(),
    });
    let people = people.collect();
    let mut invitations = Vec::new();
    for row in invitation_store::list_of_issuer(&mut conn, scope, app.now()).await? {
        let Ok(role) = StaffRole::try_from(row.role) else { continue };
        invitations.push(StaffInvitationView {
            id: row.id,
            email: row.email,
            role,
            created_at: row.created_at.to_string(),
            expires_at: row.expires_at.to_string(),
        });
    }
    Ok(StaffList { people, invitations })
}

/// An operator's act on their issuer's people.
pub struct Act<'a> {
    /// Who.
    pub caller: &'a StaffCaller,
    /// Where.
    pub scope: Scope,
    /// By which request.
    pub asker: &'a Asker,
}

impl Act<'_> {
    /// Tells somebody what was done to their way in (A13).
    async fn tell(&self, tx: &mut Tx, app: &App, user: UserId, about: &About<'_>) -> Result<(), AccountError> {
        let Some(issuer) = issuers::service::find_issuer(tx, self.scope).await? else { return Ok(()) };
        let Some(user) = people_store::find_user(tx, user).await? else { return Ok(()) };
        let to = To { issuer: &issuer, email: &user.email, language: user.language };
        letters::enqueue(tx, app, &to, about).await
    }

    async fn record(
        &self,
        tx: &mut Tx,
        now: Timestamp,
        act: &'static str,
        object: (&'static str, Uuid),
        change: (Option<serde_json::Value>, Option<serde_json::Value>),
    ) -> DbResult<()> {
        let entry = audit::Entry {
            actor: Actor::User(self.caller.principal.user_id.uuid()),
            on_behalf_of: None,
            issuer_id: Some(self.scope.uuid()),
            act,
            object_kind: object.0,
            object_id: &object.1.to_string(),
            before: change.0,
            after: change.1,
            request_id: Some(&self.asker.request_id),
        };
        audit::record(tx, now, entry).await
    }
}

/// Invites somebody to an issuer's staff.
pub async fn invite_to(app: &App, act: &Act<'_>, form: &InviteStaff) -> Result<(), AccountError> {
    act.caller.principal.insist_on_proof(app)?;
    let email = form.parse().map_err(AccountError::Fields)?;
    let mut tx = app.db.begin().await?;
    let issuer = issuers::service::find_issuer(&mut tx, act.scope).await?.ok_or(AccountError::NotFound)?;
    let wanted = ToInvite {
        email: &email,
        issuer: Some(&issuer),
        role: form.role,
        language: form.language,
        invited_by: Some(act.caller.principal.user_id),
    };
    invite(&mut tx, &Office::of(app), &wanted).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Takes an invitation to an issuer's staff back.
pub async fn take_back(app: &App, act: &Act<'_>, invitation: Uuid) -> Result<(), AccountError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !invitation_store::revoke_of_issuer(&mut tx, act.scope, invitation, now).await? {
        return Err(AccountError::NotFound);
    }
    act.record(&mut tx, now, "staff.invitation_revoked", ("invitation", invitation), (None, None)).await?;
    Ok(tx.commit().await?)
}

/// Another role for somebody at this issuer.
pub async fn change(app: &App, act: &Act<'_>, grant: Uuid, role: StaffRole) -> Result<(), AccountError> {
    act.caller.principal.insist_on_proof(app)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    store::lock_operators(&mut tx, act.scope).await?;
    let (_, before) = store::lock(&mut tx, act.scope, grant).await?.ok_or(AccountError::NotFound)?;
    if before == role {
        return Ok(());
    }
    store::set_role(&mut tx, act.scope, grant, role).await?;
    insist_on_operator(&mut tx, act.scope).await?;
    let told = |role: StaffRole| Some(json!({ "role": role.as_str() }));
    act.record(&mut tx, now, "staff.changed", ("staff_grant", grant), (told(before), told(role))).await?;
    Ok(tx.commit().await?)
}

/// Takes somebody's role at this issuer away; their next request finds out.
pub async fn remove(app: &App, act: &Act<'_>, grant: Uuid) -> Result<(), AccountError> {
    act.caller.principal.insist_on_proof(app)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    store::lock_operators(&mut tx, act.scope).await?;
    let (user, role) = store::lock(&mut tx, act.scope, grant).await?.ok_or(AccountError::NotFound)?;
    store::delete(&mut tx, act.scope, grant).await?;
    insist_on_operator(&mut tx, act.scope).await?;
    let before = Some(json!({ "role": role.as_str(), "user_id": user.uuid() }));
    act.record(&mut tx, now, "staff.removed", ("staff_grant", grant), (before, None)).await?;
    Ok(tx.commit().await?)
}

/// Lets somebody of this issuer's staff set their second step up anew; whoever works for the whole installation is not
/// an issuer's to change.
pub async fn reset_factor(app: &App, act: &Act<'_>, grant: Uuid) -> Result<(), AccountError> {
    act.caller.principal.insist_on_proof(app)?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let (user, _) = store::lock(&mut tx, act.scope, grant).await?.ok_or(AccountError::NotFound)?;
    // Another issuer's operator, or one of the whole installation, must not be weakened from here.
    let elsewhere = store::list_grants(&mut tx, user).await?;
    if elsewhere.iter().any(|grant| grant.issuer != Some(act.scope.issuer())) && !act.caller.runs_installation() {
        return Err(AccountError::NotFound);
    }
    if second_factor::reset(&mut tx, app, user).await? {
        act.tell(&mut tx, app, user, &About::SecondFactor { on: false }).await?;
    }
    act.record(&mut tx, now, "second_factor.reset", ("user", user.uuid()), (None, None)).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

async fn insist_on_operator(conn: &mut impl Conn, scope: Scope) -> Result<(), AccountError> {
    if store::count_operators(conn, scope).await? == 0 { Err(AccountError::LastOne) } else { Ok(()) }
}

/// Deletes at most `limit` invitations that were over before `ended_before`; says how many.
pub async fn purge_invitations(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    invitation_store::delete_ended(tx, ended_before, limit).await
}
