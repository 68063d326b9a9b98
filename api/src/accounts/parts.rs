//! What somebody shows to one company of the group opens that company's part of a customer, and not the others' (B2): the
//! RFC is the group's, a contract is one issuer's word.
//!
//! Promises: an owner who comes in by an issuer's contract, invoice or letter sees that issuer's part alone, where the
//! installation has other issuers; with a fact of another company, which the person shows from inside, they see the whole
//! group's; tries are counted as registrations are, and none that is wrong is told why; the other owners hear of it. It
//! knows no documents: whether a fact is the folio fiscal of one is theirs to say.
use serde_json::json;
use shared::accounts::group::GroupPart;
use shared::accounts::{Me, Role};
use shared::documents::DocumentIssuer;

use super::letters::{self, About, To};
use super::model::{Caller, CustomerId, Membership, UserId};
use super::store::{members as store, people as people_store};
use super::{AccountError, Asker, links, people};
use crate::App;
use crate::audit::{self, Actor};
use crate::counters::{self, Counter};
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// Companies that the form offers.
const OFFERED_MAX: u32 = 100;
const HOUR_SECONDS: i64 = 3_600;

/// An owner by what this issuer was shown, or by its own letter.
pub(super) async fn owner_of(conn: &mut impl Conn, customer: CustomerId, issuer: IssuerId) -> DbResult<Membership> {
    // An issuer alone is the whole group.
    let others = issuers::service::list_issuers(conn, 2).await?.len() > 1;
    Ok(Membership { customer, role: Role::Owner, part: others.then_some(issuer) })
}

/// Whose part somebody sees, and who else is in the group.
pub(super) async fn told(conn: &mut impl Conn, part: IssuerId) -> DbResult<Option<GroupPart>> {
    let Some(own) = issuers::service::find_issuer(conn, Scope::of(part)).await? else { return Ok(None) };
    let all = issuers::service::list_issuers(conn, OFFERED_MAX).await?;
    let others = all.into_iter().filter(|issuer| issuer.id != part);
    let named = |issuer: Issuer| DocumentIssuer { slug: issuer.slug, name: issuer.commercial_name };
    Ok(Some(GroupPart { issuer: own.slug, issuer_name: own.commercial_name, others: others.map(named).collect() }))
}

/// Takes a fact of another company: a contract with it, or, as `is_document` says, the folio fiscal of one of its
/// documents. Whoever showed it sees the whole group's from then on.
pub async fn prove(
    app: &App,
    caller: &Caller,
    (scope, fact, is_document): (Scope, &str, bool),
    asker: &Asker,
) -> Result<Me, AccountError> {
    if caller.role != Role::Owner {
        return Err(AccountError::OwnerNeeded);
    }
    let Some(part) = caller.part else { return people::me(app, caller).await };
    count(app, "company_proof", (caller.customer_id, scope), asker).await?;
    let mut tx = app.db.begin().await?;
    people_store::lock_customer(&mut tx, caller.customer_id).await?;
    let contract = people_store::find_contract(&mut tx, Some(scope.issuer()), &caller.rfc, fact).await?;
    let is_contract = contract.is_some_and(|(customer, _)| customer == caller.customer_id);
    // A generic RFC is many people's, so its documents show nothing of whose they are.
    let is_shown = is_contract || (is_document && !caller.rfc.is_generic());
    if part == scope.issuer() || !is_shown {
        return Err(AccountError::NotFound);
    }
    if store::widen(&mut tx, caller.customer_id, caller.user_id).await? {
        people::grown(&mut tx, caller.user_id, app.now()).await?;
        tell_owners(&mut tx, app, caller, scope).await?;
        record(&mut tx, app, (caller, asker), (part, scope)).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    people::me(app, &Caller { part: None, ..caller.clone() }).await
}

/// Counts a try, right or wrong: for its source, and for what it would open.
pub(super) async fn count(
    app: &App,
    kind: &'static str,
    (customer, scope): (CustomerId, Scope),
    asker: &Asker,
) -> Result<(), AccountError> {
    let of_part = Counter {
        kind,
        subject: counters::subject(&format!("{}|{customer}", scope.uuid())),
        limit: app.config.accounts.letters_per_account,
        window_seconds: HOUR_SECONDS,
    };
    let mut tx = app.db.begin().await?;
    for counter in [links::of_source(app, &asker.source), of_part] {
        counter.try_hit(&mut tx, app.now()).await?.map_err(AccountError::TooOften)?;
    }
    Ok(tx.commit().await?)
}

/// Tells those who own that company's part already.
async fn tell_owners(tx: &mut Tx, app: &App, caller: &Caller, scope: Scope) -> Result<(), AccountError> {
    let Some(issuer) = issuers::service::find_issuer(tx, scope).await? else { return Ok(()) };
    let Some(who) = people::contact(tx, caller.user_id).await? else { return Ok(()) };
    for person in store::list(tx, caller.customer_id, Some(scope)).await? {
        let user = UserId::new(person.user_id);
        if person.role != Role::Owner || person.state != "active" || user == caller.user_id {
            continue;
        }
        let Some(owner) = people::contact(tx, user).await? else { continue };
        let to = To { issuer: &issuer, email: &owner.email, language: owner.language };
        letters::enqueue(tx, app, &to, &About::CompanyAdded { who: who.email.as_str() }).await?;
    }
    Ok(())
}

async fn record(
    tx: &mut Tx,
    app: &App,
    (caller, asker): (&Caller, &Asker),
    (before, by): (IssuerId, Scope),
) -> DbResult<()> {
    let customer = caller.customer_id.to_string();
    let entry = audit::Entry {
        actor: Actor::User(caller.user_id.uuid()),
        on_behalf_of: Some(&customer),
        issuer_id: Some(by.uuid()),
        act: "membership.widened",
        object_kind: "user",
        object_id: &caller.user_id.to_string(),
        before: Some(json!({ "part": before.uuid() })),
        after: Some(json!({ "part": null })),
        request_id: Some(&asker.request_id),
    };
    audit::record(tx, app.now(), entry).await
}
