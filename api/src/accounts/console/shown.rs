//! What somebody shows at the company's desk who asks for another mail address, or has their second step taken away.
//!
//! Promises: they show something of the customer's that the company holds, and each try is counted, right or wrong, of both
//! acts together; what one customer's people can show moves nobody who opens another customer's things by the same address.
//! It knows no documents: whether a fact is the folio fiscal of one is theirs to say.
use super::Act;
use crate::App;
use crate::accounts::model::{User, UserId};
use crate::accounts::store::people as people_store;
use crate::accounts::{AccountError, parts};
use crate::db::{Conn, DbResult, Tx};

/// What was shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// As it is compared.
    pub fact: &'a str,
    /// It is the folio fiscal of a document of the customer's.
    pub is_document: bool,
}

/// The RFC of the customer, for whoever knows its documents.
pub async fn rfc_of(app: &App, act: &Act<'_>) -> Result<fiscal::Rfc, AccountError> {
    let row = act.find(&mut app.db.read().await?).await?;
    fiscal::Rfc::parse(&row.rfc).map_err(|_damaged| AccountError::NotFound)
}

/// Counts a try.
pub(super) async fn count(app: &App, act: &Act<'_>) -> Result<(), AccountError> {
    parts::count(app, "email_move", (act.customer, act.at.scope), act.asker).await
}

/// Who is helped. `None`: what was shown is not the customer's; that is written down as `refused`, and the caller commits.
pub(super) async fn person(
    tx: &mut Tx,
    app: &App,
    act: &Act<'_>,
    (user, shown): (UserId, &Shown<'_>),
    refused: &'static str,
) -> Result<Option<User>, AccountError> {
    let person = act.own_person(tx, user).await?;
    if is_of_several(tx, user).await? {
        return Err(AccountError::OwnerNeeded);
    }
    if is_customers(tx, act, shown).await? {
        return Ok(Some(person));
    }
    act.record(tx, app, refused, ("user", user.uuid()), (None, None)).await?;
    Ok(None)
}

/// Whether somebody's address opens more than one customer: another's owner may have invited them to no end but this.
pub(super) async fn is_of_several(conn: &mut impl Conn, user: UserId) -> DbResult<bool> {
    Ok(people_store::list_customers(conn, user, 2).await?.len() > 1)
}

/// A contract of the customer's with this issuer, or one of its documents; a generic RFC is many people's, so its documents
/// show nothing of whose they are.
async fn is_customers(tx: &mut Tx, act: &Act<'_>, shown: &Shown<'_>) -> Result<bool, AccountError> {
    let row = act.find(tx).await?;
    let rfc = fiscal::Rfc::parse(&row.rfc).map_err(|_damaged| AccountError::NotFound)?;
    let contract = people_store::find_contract(tx, Some(act.at.issuer.id), &rfc, shown.fact).await?;
    let is_contract = contract.is_some_and(|(customer, _)| customer == act.customer);
    Ok(is_contract || (shown.is_document && !rfc.is_generic()))
}
