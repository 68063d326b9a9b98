//! Tickets that the till itself signs, without calling us: the QR on the paper is the sale's data and a seal over them.
//!
//! Promises: only who holds a branch's key makes a text that is taken; a key stops the moment it is revoked; wrong text
//! of any kind gets one answer, the one of wrong data, and is counted. What is done with a sale that is proved but has
//! not arrived, the billing knows.
pub mod demo;
mod payload;
pub mod routes;
mod store;

use jiff::civil::Date;

pub use payload::{Payload, TillSecret, is_signed};

use super::model::{Ticket, last_day_to_invoice};
use super::service::{self, TicketError};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::clock::Ids;
use crate::counters::{self, Counter};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};
use crate::issuers::custody::{Vault, VaultError};
use crate::issuers::{self, Branch, BranchId, Scope};

/// Good keys of one branch: its tills may share one, and two of each while they are being changed.
pub const LIVE_KEYS_MAX: i64 = 20;
/// Keys a list shows.
const LISTED_MAX: i64 = 500;
/// Longest name of a key, in characters.
const NAME_MAX: usize = 80;
/// Window of the counters, as for typed data.
const WINDOW_SECONDS: i64 = 3_600;
/// How far ahead of ours a till's clock may be.
const AHEAD_SECONDS: i64 = 24 * 3_600;

/// A key that tills of one branch sign with.
#[derive(Debug, Clone)]
pub struct TillKey {
    /// Printed on every ticket.
    pub id: String,
    /// Whose.
    pub scope: Scope,
    /// The branch it signs for, and no other.
    pub branch_id: BranchId,
    /// What people call it.
    pub name: String,
    secret_sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody ended it.
    pub revoked_at: Option<Timestamp>,
}

/// Why a key was not made.
#[derive(Debug, thiserror::Error)]
pub enum TillKeyError {
    /// No name, or one too long.
    #[error("a till key's name has 1 to {NAME_MAX} characters and no control characters")]
    Name,
    /// No such branch.
    #[error("the issuer has no such branch")]
    Branch,
    /// The branch has enough.
    #[error("the branch has {LIVE_KEYS_MAX} good till keys: revoke one first")]
    TooMany,
    /// The secret could not be sealed.
    #[error("sealing a till's secret")]
    Vault(#[from] VaultError),
    /// The database.
    #[error("keeping a till key")]
    Db(#[from] DbError),
}

/// What making a key needs.
#[derive(Clone, Copy)]
pub struct Office<'a> {
    /// Seals its secret.
    pub vault: &'a Vault,
    /// Chance.
    pub ids: &'a Ids,
    /// Time.
    pub now: Timestamp,
    /// For the audit log.
    pub by: By<'a>,
}

/// Who does it, and the number of their request when it was one.
pub type By<'a> = (Actor, Option<&'a str>);

/// What the text of a QR begins with. In capitals, which a QR holds in less room; they mean the same.
pub fn address(public_url: &str) -> String {
    format!("{public_url}/Q/").to_uppercase()
}

/// What a key's secret is sealed for.
pub fn sealed_as(id: &str) -> String {
    format!("till {id}")
}

/// Makes a key for a branch; its secret is told here and never again.
pub async fn create(
    tx: &mut Tx,
    office: Office<'_>,
    scope: Scope,
    (branch_id, name): (BranchId, &str),
) -> Result<(TillKey, TillSecret), TillKeyError> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(TillKeyError::Name);
    }
    if issuers::service::find_branch(tx, scope, branch_id).await?.is_none() {
        return Err(TillKeyError::Branch);
    }
    if store::count_live(tx, scope, branch_id).await? >= LIVE_KEYS_MAX {
        return Err(TillKeyError::TooMany);
    }
    let id: String = office.ids.tracking().chars().skip(2).filter(|c| *c != '-').collect();
    keep(tx, office, (scope, branch_id), (id, name)).await
}

async fn keep(
    tx: &mut Tx,
    office: Office<'_>,
    (scope, branch_id): (Scope, BranchId),
    (id, name): (String, String),
) -> Result<(TillKey, TillSecret), TillKeyError> {
    let secret = TillSecret::new(&office.ids.secret());
    let secret_sealed = office.vault.seal_secret(scope.uuid(), &sealed_as(&id), secret.expose().as_bytes())?;
    let created_at = office.now;
    let key = TillKey { id, scope, branch_id, name, secret_sealed, created_at, revoked_at: None };
    store::insert(tx, &key).await?;
    let after = serde_json::json!({ "name": key.name, "branch": branch_id.uuid() });
    note(tx, (office.now, office.by), scope, ("till_key.create", &key.id), after).await?;
    Ok((key, secret))
}

/// Ends a key: no ticket that it signed is taken any more. `false`: the issuer has none such, or it was ended before.
pub async fn revoke(tx: &mut Tx, scope: Scope, id: &str, (now, by): (Timestamp, By<'_>)) -> DbResult<bool> {
    let done = store::mark_revoked(tx, scope, id, now).await?;
    if done {
        note(tx, (now, by), scope, ("till_key.revoke", id), serde_json::json!({ "revoked": true })).await?;
    }
    Ok(done)
}

async fn note(
    tx: &mut Tx,
    (now, (actor, request_id)): (Timestamp, By<'_>),
    scope: Scope,
    (act, object_id): (&'static str, &str),
    after: serde_json::Value,
) -> DbResult<()> {
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "till_key",
        object_id,
        before: None,
        after: Some(after),
        request_id,
    };
    audit::record(tx, now, entry).await
}

/// An issuer's keys, the oldest first, the ended ones too.
pub async fn list(conn: &mut impl Conn, scope: Scope) -> DbResult<Vec<TillKey>> {
    store::list(conn, scope, LISTED_MAX).await
}

/// A sale that a till has proved.
#[derive(Debug, Clone)]
pub struct SignedSale {
    /// Whose.
    pub scope: Scope,
    /// Which key proved it.
    pub key_id: String,
    /// Where it was sold.
    pub branch: Branch,
    /// What was sold, as printed.
    pub payload: Payload,
    /// When.
    pub sold_at: Timestamp,
    /// Last civil day to invoice it, by the branch's policy.
    pub invoice_until: Date,
}

/// How a proved sale stands.
#[derive(Debug)]
pub enum Standing {
    /// It arrived, and is what the paper says.
    Here(Box<Ticket>),
    /// It has not arrived, and may still.
    Awaited,
    /// It never arrived within its time.
    Over,
    /// What arrived under its numbers has another total.
    Differs,
}

fn secret_of(app: &App, key: &TillKey) -> Option<TillSecret> {
    match app.vault.open_secret(key.scope.uuid(), &sealed_as(&key.id), &key.secret_sealed) {
        Ok(bytes) => TillSecret::kept(&bytes),
        Err(error) => {
            tracing::error!(till.key = key.id, error = &error as &dyn std::error::Error, "a till key does not open");
            None
        }
    }
}

/// The sale that a text proves; `None` for whatever no good key has sealed.
pub async fn open(app: &App, text: &str) -> DbResult<Option<SignedSale>> {
    let Some(payload) = Payload::parse(text) else { return Ok(None) };
    let mut conn = app.db.read().await?;
    let key = store::find(&mut conn, &payload.key_id).await?.filter(|key| key.revoked_at.is_none());
    let Some(key) = key else { return Ok(None) };
    if !secret_of(app, &key).is_some_and(|secret| payload.is_sealed_by(&secret)) {
        return Ok(None);
    }
    let Some(branch) = issuers::service::find_branch(&mut conn, key.scope, key.branch_id).await? else {
        return Ok(None);
    };
    let Ok(sold_at) = payload.sold_at.to_zoned(branch.time_zone.clone()) else { return Ok(None) };
    let sold_at = Timestamp::new(sold_at.timestamp());
    if sold_at.seconds_since(app.now()) > AHEAD_SECONDS {
        return Ok(None);
    }
    let invoice_until = last_day_to_invoice(payload.sold_at.date(), branch.invoicing_grace_days);
    Ok(Some(SignedSale { scope: key.scope, key_id: key.id, branch, payload, sold_at, invoice_until }))
}

/// The same for somebody who scanned it: a text that proves nothing is answered and counted like wrong data (G1). A
/// good one is taken from anywhere, since nobody guesses it.
pub async fn look_up(app: &App, text: &str, source: &str) -> Result<SignedSale, TicketError> {
    if let Some(sale) = open(app, text).await? {
        return Ok(sale);
    }
    let now = app.now();
    let counter = Counter {
        kind: "source",
        subject: counters::subject(source),
        limit: app.config.guests.wrong_per_source,
        window_seconds: WINDOW_SECONDS,
    };
    let _turn = app.turns.wait(&counter.subject, &counter.subject).await;
    let count = counter.find(&mut app.db.read().await?, now).await?;
    if let Some(retry_after_seconds) = counter.held(count, now) {
        return Err(TicketError::Held { retry_after_seconds });
    }
    let mut tx = app.db.begin().await?;
    counter.hit(&mut tx, now).await?;
    tx.commit().await?;
    Err(TicketError::NotFound)
}

impl SignedSale {
    /// How it stands now.
    pub async fn standing(&self, conn: &mut impl Conn, now: Timestamp) -> DbResult<Standing> {
        let Payload { order_number, ticket_number, total, .. } = &self.payload;
        let found = service::find_by_numbers(conn, self.scope, self.branch.id, (order_number, ticket_number)).await?;
        let today = now.jiff().to_zoned(self.branch.time_zone.clone()).date();
        Ok(match found {
            Some(ticket) if ticket.total == *total => Standing::Here(Box::new(ticket)),
            Some(_) => Standing::Differs,
            None if today > self.invoice_until => Standing::Over,
            None => Standing::Awaited,
        })
    }
}
