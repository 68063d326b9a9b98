//! The till of the rehearsal: a ticket that it has just printed and whose sale nobody has brought, for whoever wants to
//! see what a scan does without a till of their own.
use super::payload::SOLD_AT;
use super::{Office, Payload, TillKeyError, address, keep, secret_of, store};
use crate::App;
use crate::audit::Actor;
use crate::db::DbResult;
use crate::issuers::{self, BranchId, Scope};

/// Its key's id. Chance makes no such one: it uses neither `O` nor `0`.
const KEY_ID: &str = "ENSAYO00";
/// What people call it.
const NAME: &str = "Ensayo";
/// What its tickets come to, and how they are paid: as the sale that the API's document shows.
const PAID: (&str, &str) = ("863.00", "04");

/// Makes its key unless it is there. One that an operator revoked stays revoked.
pub async fn ensure_key(app: &App, scope: Scope, branch_id: BranchId) -> Result<(), TillKeyError> {
    let mut tx = app.db.begin().await?;
    if store::find(&mut tx, KEY_ID).await?.is_none() {
        let office = Office { vault: &app.vault, ids: &app.ids, now: app.now(), by: (Actor::Operator, None) };
        let named = (KEY_ID.to_owned(), NAME.to_owned());
        keep(&mut tx, office, (scope, branch_id), named).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What a till printed.
#[derive(Debug, Clone)]
pub struct Printed {
    /// The text of its QR, an address.
    pub qr: String,
    /// Where it was sold.
    pub branch_name: String,
    /// What it says.
    pub payload: Payload,
}

/// A ticket of this minute; `None` where there is no such till, or its key was revoked.
pub async fn print(app: &App) -> DbResult<Option<Printed>> {
    let mut conn = app.db.read().await?;
    let key = store::find(&mut conn, KEY_ID).await?.filter(|key| key.revoked_at.is_none());
    let Some(key) = key else { return Ok(None) };
    let Some(secret) = secret_of(app, &key) else { return Ok(None) };
    let Some(branch) = issuers::service::find_branch(&mut conn, key.scope, key.branch_id).await? else {
        return Ok(None);
    };
    let sold_at = branch.time_zone.to_datetime(app.now().jiff()).strftime(SOLD_AT).to_string();
    let (total, forma_pago) = PAID;
    // A number for each minute: what somebody else tried is another ticket.
    let text = secret.sealed(&format!("1:{}:QR-{sold_at}:1:{total}:{sold_at}:{forma_pago}", key.id));
    let qr = [address(&app.public_url), text.clone()].concat();
    Ok(Payload::parse(&text).map(|payload| Printed { qr, branch_name: branch.name, payload }))
}
