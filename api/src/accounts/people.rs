//! Customers, contracts and users: bringing them in, and telling a person who they are.
use std::collections::HashMap;

use fiscal::Rfc;
use jiff::tz::TimeZone;
use shared::Lang;
use shared::accounts::{ContractView, CustomerView, Me, Role, fold_contract};
use uuid::Uuid;

use super::AccountError;
use super::model::{
    Caller, CustomerId, Membership, NewCustomer, NewUser, Principal, Reach, SessionId, User, UserId, Whose, fold_user,
};
use super::parts;
use super::store::{links as link_store, mailboxes as mailbox_store, members as member_store, people as store};
use crate::App;
use crate::clock::calendar;
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// Contracts and customers that one answer shows.
pub(super) const SHOWN_MAX: i64 = 100;

/// Adds a customer.
pub async fn add_customer(tx: &mut Tx, app: &App, customer: &NewCustomer) -> DbResult<CustomerId> {
    let id = CustomerId::new(app.ids.uuid());
    store::insert_customer(tx, id, customer, app.now()).await?;
    Ok(id)
}

/// Adds a customer's contract at an issuer. The number is kept as printed, leading zeros included.
pub async fn add_contract(tx: &mut Tx, app: &App, scope: Scope, customer: CustomerId, number: &str) -> DbResult<()> {
    let folded = fold_contract(number);
    store::insert_contract(tx, scope, app.ids.uuid(), customer, (number, &folded), app.now()).await
}

/// The customer with this RFC; the generic ones name nobody.
pub async fn find_customer(conn: &mut impl Conn, rfc: &Rfc) -> DbResult<Option<CustomerId>> {
    store::find_customer_by_rfc(conn, rfc).await
}

/// Keeps others from counting what this customer owes until the transaction ends.
pub async fn lock_customer(tx: &mut Tx, customer: CustomerId) -> DbResult<()> {
    store::lock_customer(tx, customer).await
}

/// Who signs in with this name.
pub async fn find_user(conn: &mut impl Conn, name: &str) -> DbResult<Option<UserId>> {
    Ok(store::find_user_by_name(conn, &fold_user(name)).await?.map(|user| user.id))
}

/// Whether a customer has anybody who can sign in and sees an issuer's part of it.
pub async fn has_users(conn: &mut impl Conn, customer: CustomerId, at: Scope) -> DbResult<bool> {
    Ok(store::find_first_member(conn, customer, at).await?.is_some())
}

/// Adds a person who can sign in for a customer.
pub async fn add_user(
    tx: &mut Tx,
    app: &App,
    user: &NewUser<'_>,
    membership: Membership,
    now: Timestamp,
) -> DbResult<UserId> {
    let id = UserId::new(app.ids.uuid());
    let email_folded = fold_user(user.email.as_str());
    let user_name_folded = user.user_name.map(fold_user);
    store::insert_user(tx, id, user, (&email_folded, user_name_folded.as_deref()), now).await?;
    store::insert_membership(tx, id, membership, now).await?;
    Ok(id)
}

/// Makes a person who is there one of another customer's as well, or lets them see more of one.
pub async fn join(tx: &mut Tx, user: UserId, membership: Membership, now: Timestamp) -> DbResult<()> {
    store::insert_membership(tx, user, membership, now).await?;
    grown(tx, user, now).await
}

/// A person sees more than before: who judged what another address of theirs would open judged less.
pub(super) async fn grown(tx: &mut Tx, user: UserId, now: Timestamp) -> DbResult<()> {
    link_store::mark_addresses_used(tx, user, now).await
}

/// The name of a customer, as registered.
pub async fn name_of(conn: &mut impl Conn, customer: CustomerId) -> DbResult<Option<String>> {
    Ok(store::find_names(conn, customer).await?.map(|(_, nombre)| nombre))
}

/// RFC and name of a customer.
pub async fn names_of(conn: &mut impl Conn, customer: CustomerId) -> DbResult<Option<(String, String)>> {
    store::find_names(conn, customer).await
}

/// A person, as a letter needs them.
pub struct Contact {
    /// Where to write to.
    pub email: fiscal::Email,
    /// In which language.
    pub language: shared::Lang,
}

/// How to write to a person.
pub async fn contact(conn: &mut impl Conn, user: UserId) -> DbResult<Option<Contact>> {
    let found = store::find_user(conn, user).await?;
    Ok(found.map(|user| Contact { email: user.email, language: user.language }))
}

/// How to write to those who own a customer's account and see an issuer's part of it.
pub async fn owners_of(conn: &mut impl Conn, customer: CustomerId, at: Scope) -> DbResult<Vec<Contact>> {
    let mut owners = Vec::new();
    for person in member_store::list(conn, customer, Some(at)).await? {
        if person.role == shared::accounts::Role::Owner && person.state == "active" {
            owners.extend(contact(conn, UserId::new(person.user_id)).await?);
        }
    }
    Ok(owners)
}

/// Whose a contract is.
#[derive(Debug, Clone)]
pub struct ContractHolder {
    /// The customer's RFC.
    pub rfc: String,
    /// Its name in the SAT's register.
    pub nombre: String,
    /// The contract's number as the issuer writes it.
    pub number: String,
}

/// Who has this contract with the issuer.
pub async fn find_contract_holder(
    conn: &mut impl Conn,
    scope: Scope,
    number_folded: &str,
) -> DbResult<Option<ContractHolder>> {
    let found = store::find_contract_holder(conn, scope, number_folded).await?;
    Ok(found.map(|(rfc, nombre, number)| ContractHolder { rfc, nombre, number }))
}

/// The contract of the customer with this RFC at an issuer, when there it has one and no more.
pub async fn only_contract(conn: &mut impl Conn, scope: Scope, rfc: &Rfc) -> DbResult<Option<String>> {
    let Some(customer) = store::find_customer_by_rfc(conn, rfc).await? else { return Ok(None) };
    let mut numbers = super::store::externals::list_contracts(conn, scope, customer, 2).await?;
    Ok(numbers.pop().filter(|_| numbers.is_empty()))
}

/// RFC and name of the customer with this RFC; the generic ones name nobody.
pub async fn find_names_by_rfc(conn: &mut impl Conn, rfc: &Rfc) -> DbResult<Option<(String, String)>> {
    match store::find_customer_by_rfc(conn, rfc).await? {
        Some(customer) => store::find_names(conn, customer).await,
        None => Ok(None),
    }
}

/// The RFC of a customer, while this person belongs to it, and the one issuer whose part of it is all they see.
pub async fn rfc_for(
    conn: &mut impl Conn,
    user: UserId,
    customer_id: Uuid,
) -> DbResult<Option<(String, Option<Scope>)>> {
    let found = store::find_rfc_for(conn, user, customer_id).await?;
    Ok(found.map(|(rfc, part)| (rfc, part.map(|part| Scope::of(IssuerId::new(part))))))
}

/// Who the caller is.
pub async fn me(app: &App, caller: &Caller) -> Result<Me, AccountError> {
    let mut conn = app.db.read().await?;
    let user = store::find_user(&mut conn, caller.user_id).await?.ok_or(AccountError::SignedOut)?;
    if caller.reach == Reach::ChangePassword {
        let customer = (caller.customer_id.uuid(), caller.role);
        return Ok(Me { must_change_password: true, ..bare(user, caller.session_id, customer) });
    }
    let customers: Vec<CustomerView> = store::list_customers(&mut conn, caller.user_id, SHOWN_MAX)
        .await?
        .into_iter()
        .map(|row| CustomerView { id: row.id, rfc: row.rfc, nombre: row.nombre, role: row.role })
        .collect();
    let contracts = contracts(&mut conn, caller.customer_id, caller.only()).await?;
    if caller.view.is_some() {
        return look(&mut conn, caller, user, contracts).await;
    }
    let current = customers.iter().find(|customer| customer.id == caller.customer_id.uuid());
    let customer = current.cloned().ok_or(AccountError::SignedOut)?;
    let part = match caller.part {
        Some(part) => parts::told(&mut conn, part).await?,
        None => None,
    };
    Ok(Me {
        user_id: user.id.uuid(),
        email: user.email.as_str().to_owned(),
        user_name: user.user_name,
        language: user.language,
        session_id: caller.session_id.uuid(),
        customer,
        contracts,
        customers,
        part,
        view_only: false,
        must_change_password: false,
        mailbox_only: false,
    })
}

/// Writes to a person in this language from now on.
pub async fn choose_language(app: &App, user: UserId, language: Lang) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    store::set_language(&mut tx, user, language).await?;
    Ok(tx.commit().await?)
}

/// Who the owner of a mailbox is, whom no customer's data concern.
pub(super) async fn me_of_mailbox(app: &App, who: &Principal) -> Result<Me, AccountError> {
    let user = store::find_user(&mut app.db.read().await?, who.user_id).await?.ok_or(AccountError::SignedOut)?;
    Ok(Me {
        must_change_password: who.reach == Reach::ChangePassword,
        mailbox_only: true,
        ..bare(user, who.session_id, (Uuid::nil(), Role::Reader))
    })
}

/// A person, and nothing of a customer: whoever must choose a password first sees nothing before (A8).
fn bare(user: User, session: SessionId, (customer, role): (Uuid, Role)) -> Me {
    Me {
        user_id: user.id.uuid(),
        email: user.email.as_str().to_owned(),
        user_name: None,
        language: user.language,
        session_id: session.uuid(),
        customer: CustomerView { id: customer, rfc: String::new(), nombre: String::new(), role },
        contracts: Vec::new(),
        customers: Vec::new(),
        part: None,
        view_only: false,
        must_change_password: false,
        mailbox_only: false,
    }
}

/// Who looks at a customer's pages, and what of the customer is of their issuer.
async fn look(
    conn: &mut impl Conn,
    caller: &Caller,
    user: User,
    contracts: Vec<ContractView>,
) -> Result<Me, AccountError> {
    let (rfc, nombre) = store::find_names(conn, caller.customer_id).await?.ok_or(AccountError::SignedOut)?;
    let customer = CustomerView { id: caller.customer_id.uuid(), rfc, nombre, role: Role::Reader };
    Ok(Me {
        user_id: user.id.uuid(),
        email: user.email.as_str().to_owned(),
        user_name: None,
        language: user.language,
        session_id: caller.session_id.uuid(),
        customers: vec![customer.clone()],
        customer,
        contracts,
        part: None,
        view_only: true,
        must_change_password: false,
        mailbox_only: false,
    })
}

/// A customer's contracts: with one issuer, where one is named.
async fn contracts(conn: &mut impl Conn, customer: CustomerId, only: Option<Scope>) -> DbResult<Vec<ContractView>> {
    let mut known: HashMap<Uuid, Option<Issuer>> = HashMap::new();
    let mut views = Vec::new();
    for row in store::list_contracts(conn, customer, only, SHOWN_MAX).await? {
        if let std::collections::hash_map::Entry::Vacant(place) = known.entry(row.issuer_id) {
            place.insert(find_issuer(conn, IssuerId::new(row.issuer_id)).await?);
        }
        if let Some(Some(issuer)) = known.get(&row.issuer_id) {
            views.push(ContractView {
                issuer: issuer.slug.clone(),
                issuer_name: issuer.commercial_name.clone(),
                number: row.number,
            });
        }
    }
    Ok(views)
}

/// What nobody's password may contain: RFC, name and contracts of the customer; of a mailbox, the RFC invoiced to it.
pub(super) async fn own_data(conn: &mut impl Conn, whose: Whose, email: &fiscal::Email) -> DbResult<Vec<String>> {
    let Some(customer) = whose.customer() else {
        return mailbox_store::list_rfcs(conn, &fold_user(email.as_str()), SHOWN_MAX).await;
    };
    let mut own: Vec<String> =
        store::list_contracts(conn, customer, None, SHOWN_MAX).await?.into_iter().map(|row| row.number).collect();
    if let Some((rfc, nombre)) = store::find_names(conn, customer).await? {
        own.extend([rfc, nombre]);
    }
    Ok(own)
}

/// In whose name letters to a customer's people go: the issuer whose part they see; of the whole group's, the issuer of the
/// customer's first contract, else the default one.
pub async fn home_issuer(
    conn: &mut impl Conn,
    customer: Option<CustomerId>,
    part: Option<IssuerId>,
) -> DbResult<Option<Issuer>> {
    if let Some(part) = part {
        return find_issuer(conn, part).await;
    }
    if let Some(customer) = customer
        && let Some(contract) = store::list_contracts(conn, customer, None, 1).await?.first()
    {
        return find_issuer(conn, IssuerId::new(contract.issuer_id)).await;
    }
    issuers::service::find_default_issuer(conn).await
}

/// The same, to a person by what they came for: to a mailbox's owner it is whoever invoiced to it first.
pub(super) async fn home_of(conn: &mut impl Conn, user: UserId, whose: Whose) -> DbResult<Option<Issuer>> {
    if whose == Whose::Mailbox
        && let Some(issuer) = mailbox_store::find_issuer(conn, user).await?
    {
        return find_issuer(conn, issuer).await;
    }
    let part = match whose.customer() {
        Some(customer) => member_store::find(conn, customer, user).await?.and_then(|found| found.part),
        None => None,
    };
    home_issuer(conn, whose.customer(), part).await
}

/// The clock by which a person reads when things happened to their account: of the issuer in whose name their letters go.
pub(super) async fn clock_of(conn: &mut impl Conn, user: UserId, whose: Whose) -> DbResult<TimeZone> {
    Ok(home_of(conn, user, whose).await?.map_or_else(calendar, |issuer| issuer.time_zone))
}

async fn find_issuer(conn: &mut impl Conn, id: IssuerId) -> DbResult<Option<Issuer>> {
    issuers::service::find_issuer(conn, Scope::of(id)).await
}
