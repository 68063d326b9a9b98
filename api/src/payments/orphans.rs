//! Banks' messages that name no payment of ours: kept, looked for again for some minutes, then somebody's to look at.
//! None of them moves money by itself: what is matched later is judged as if it came then.
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::payments::{BankCode, OrphanView};
use uuid::Uuid;

use super::banks::{self, Fields};
use super::evidence::{self, Message};
use super::model::Source;
use super::operations::By;
use super::store::evidence::{self as kept, NewEvidence};
use super::store::orphans::{self as store, OrphanRow};
use super::store::payments::{self, Which};
use super::store::unreadable;
use super::{PaymentError, reviews};
use crate::App;
use crate::audit::{self, Entry};
use crate::counters::{Counter, subject};
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::{self, IssuerId, Scope};
use crate::jobs::{self, JobKind, Outcome};

/// Messages without a proof that are kept from one source in an hour.
const PER_SOURCE: i64 = 20;
const HOUR_SECONDS: i64 = 3_600;
/// Between two looks for the payment that a message names.
const LOOK_SECONDS: i64 = 60;
/// So long it is looked for before somebody is asked.
const LOOK_FOR_SECONDS: i64 = 600;

/// Keeps a message that names nothing of ours, the unproved ones up to a number. `true`: an issuer's key proves that a
/// bank said it.
pub(super) async fn keep(app: &App, message: &Message<'_>) -> Result<bool, PaymentError> {
    let now = app.now();
    let (scope, proved) = whose(app, message).await?;
    // Told by the browser and by the bank's server it is one message: nobody is asked about it twice.
    let dedupe_key = Sha256::digest(message.raw);
    let Some(scope) = scope else { return Ok(proved) };
    if kept::find_by_key(&mut app.db.read().await?, message.bank, &dedupe_key).await?.is_some() {
        return Ok(proved);
    }
    let mut tx = app.db.begin().await?;
    let flood = Counter {
        kind: "payment_orphan",
        subject: subject(message.from),
        limit: PER_SOURCE,
        window_seconds: HOUR_SECONDS,
    };
    if !proved && flood.try_hit(&mut tx, now).await?.is_err() {
        return Ok(false);
    }
    let new = NewEvidence {
        id: app.ids.uuid(),
        about: None,
        bank: message.bank,
        source: message.source,
        raw: message.raw,
        dedupe_key: &dedupe_key,
    };
    // What names no order can never be matched: it is kept, and nobody is asked about it.
    let names_one = banks::order_named(message.bank, &Fields::parse(message.raw)).is_some();
    if kept::insert(&mut tx, new, now).await? && names_one {
        store::insert(&mut tx, scope, new.id, proved, now).await?;
        let at = now.plus_seconds(LOOK_SECONDS);
        jobs::enqueue(&mut tx, &app.ids, JobKind::MatchOrphan, new.id, at).await?;
    }
    tx.commit().await?;
    tracing::warn!(bank = message.bank.as_str(), proved, "a bank's message names no payment of ours");
    Ok(proved)
}

/// The issuer whose key it is signed with; else the default one's, and nothing is proved.
async fn whose(app: &App, message: &Message<'_>) -> Result<(Option<Scope>, bool), PaymentError> {
    if let Some(slug) = app.banks.signed_for(message.bank, message.raw) {
        let named = match slug {
            "" => None,
            slug => issuers::service::scope_of_slug(app, slug).await?.map(|(scope, _)| scope),
        };
        return Ok((named.or(default_scope(app).await?), true));
    }
    Ok((default_scope(app).await?, false))
}

async fn default_scope(app: &App) -> DbResult<Option<Scope>> {
    let issuer = issuers::service::find_default_issuer(&mut app.db.read().await?).await?;
    Ok(issuer.map(|issuer| Scope::of(issuer.id)))
}

/// Looks for the payment again; after some minutes somebody is asked.
pub async fn look_again(app: &App, evidence_id: Uuid) -> Outcome {
    match try_match(app, evidence_id).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

async fn try_match(app: &App, evidence_id: Uuid) -> Result<Outcome, PaymentError> {
    let now = app.now();
    let Some(row) = store::find_open(&mut app.db.read().await?, evidence_id).await? else { return Ok(Outcome::Done) };
    let bank = BankCode::parse(&row.bank).ok_or_else(|| unreadable("bank"))?;
    let source = Source::parse(&row.source).ok_or_else(|| unreadable("source"))?;
    let payment = match banks::order_named(bank, &Fields::parse(&row.raw)) {
        Some(order) => payments::find(&mut app.db.read().await?, Which::Order(bank, &order)).await?,
        None => None,
    };
    let Some(payment) = payment else {
        if row.created_at.plus_seconds(LOOK_FOR_SECONDS) > now {
            let reason = "its payment is not there yet".into();
            return Ok(Outcome::RetryAt { at: now.plus_seconds(LOOK_SECONDS), reason });
        }
        let mut tx = app.db.begin().await?;
        store::mark_asked(&mut tx, Scope::of(IssuerId::new(row.issuer_id)), evidence_id, now).await?;
        tx.commit().await?;
        tracing::error!(evidence.id = %evidence_id, "a bank's message that names no payment waits for somebody");
        return Ok(Outcome::Done);
    };
    let message = Message { bank, source, raw: &row.raw, from: "" };
    evidence::receive(app, &message).await?;
    let mut tx = app.db.begin().await?;
    store::mark_matched(&mut tx, evidence_id, payment.id, now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// An issuer's messages without a payment, the oldest first, after a key: those that wait for somebody, or all.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    only_open: bool,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<(Timestamp, OrphanView)>, PaymentError> {
    let mut all = Vec::new();
    for row in store::list(conn, scope, only_open, after, limit).await? {
        all.push((row.created_at, view(conn, scope, row).await?));
    }
    Ok(all)
}

async fn view(conn: &mut impl Conn, scope: Scope, row: OrphanRow) -> DbResult<OrphanView> {
    let bank = BankCode::parse(&row.bank).ok_or_else(|| unreadable("bank"))?;
    let fields = Fields::parse(&row.raw);
    let likely = match banks::reference_named(bank, &fields).filter(|_| row.proved && row.payment_id.is_none()) {
        Some(reference) => payments::find(conn, Which::Reference(scope, bank, reference)).await?,
        None => None,
    };
    Ok(OrphanView {
        id: row.evidence_id,
        bank,
        likely_payment_id: likely.map(|payment| payment.id),
        proved: row.proved,
        said: reviews::fields(&row.raw),
        created_at: row.created_at.to_string(),
        payment_id: row.payment_id,
        closed_at: row.closed_at.map(|at| at.to_string()),
        resolution: row.resolution,
    })
}

/// Says that somebody looked, and what came of it.
pub async fn close(app: &App, scope: Scope, id: Uuid, note: &str, by: &By) -> Result<(), PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    let who = by.actor.to_string();
    if !store::mark_closed(&mut tx, scope, id, (note, &who), now).await? {
        return Err(PaymentError::NothingToDecide);
    }
    let entry = Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "bank_message.reviewed",
        object_kind: "evidence",
        object_id: &id.to_string(),
        before: None,
        after: Some(json!({ "note": note })),
        request_id: Some(&by.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    Ok(tx.commit().await?)
}
