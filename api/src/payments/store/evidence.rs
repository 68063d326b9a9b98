//! SQL of evidence and what was found of it.
use shared::payments::{BankCode, PaymentState};
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;
use crate::payments::model::Source;

/// What a bank said, to be kept.
#[derive(Debug, Clone, Copy)]
pub struct NewEvidence<'a> {
    pub id: Uuid,
    /// Whose attempt it names; `None`: nobody's.
    pub about: Option<(Scope, Uuid)>,
    pub bank: BankCode,
    pub source: Source,
    pub raw: &'a [u8],
    pub dedupe_key: &'a [u8],
}

/// Keeps it. `false`: the very same was said before.
pub async fn insert(tx: &mut Tx, new: NewEvidence<'_>, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO evidence (id, issuer_id, attempt_id, bank, source, raw, dedupe_key, received_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (bank, dedupe_key) DO NOTHING",
    )
    .bind(new.id).bind(new.about.map(|(scope, _)| scope.uuid())).bind(new.about.map(|(_, attempt)| attempt))
    .bind(new.bank.as_str()).bind(new.source.as_str()).bind(new.raw).bind(new.dedupe_key).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The evidence that was kept under this key.
pub async fn find_by_key(conn: &mut impl Conn, bank: BankCode, dedupe_key: &[u8]) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT id FROM evidence WHERE bank = $1 AND dedupe_key = $2")
        .bind(bank.as_str()).bind(dedupe_key).fetch_optional(ex).await)?)
}

/// Evidence about an attempt. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EvidenceRow {
    pub attempt_id: Uuid,
    pub source: String,
    pub raw: Vec<u8>,
}

/// Evidence about an attempt that nobody judged yet.
pub async fn find_unjudged(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<EvidenceRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT attempt_id, source, raw FROM evidence WHERE id = $1 AND attempt_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM verdicts WHERE evidence_id = evidence.id)",
    ).bind(id).fetch_optional(ex).await)?)
}

/// A message about an attempt of an issuer's, judged or not.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: Uuid) -> DbResult<Option<EvidenceRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT attempt_id, source, raw FROM evidence WHERE id = $1 AND issuer_id = $2 AND attempt_id IS NOT NULL",
    ).bind(id).bind(scope.uuid()).fetch_optional(ex).await)?)
}

/// Notes what was found. `false`: somebody judged it meanwhile, and nothing may be done twice.
pub async fn insert_verdict(
    tx: &mut Tx,
    scope: Scope,
    evidence_id: Uuid,
    verdict: &str,
    states: (PaymentState, PaymentState),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO verdicts (evidence_id, issuer_id, verdict, state_before, state_after, judged_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (evidence_id) DO NOTHING",
    )
    .bind(evidence_id).bind(scope.uuid()).bind(verdict).bind(states.0.as_str()).bind(states.1.as_str()).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Evidence that an attempt has.
pub async fn count(conn: &mut impl Conn, attempt_id: Uuid) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM evidence WHERE attempt_id = $1")
        .bind(attempt_id).fetch_one(ex).await)?)
}

/// What was found of it and how its attempt stood before; `None`: nobody judged it yet.
pub async fn find_judgement(conn: &mut impl Conn, evidence_id: Uuid) -> DbResult<Option<(String, Option<String>)>> {
    Ok(on!(conn, ex => sqlx::query_as("SELECT verdict, state_before FROM verdicts WHERE evidence_id = $1")
        .bind(evidence_id).fetch_optional(ex).await)?)
}

/// What was found of it; `None`: nobody judged it yet.
pub async fn find_verdict(conn: &mut impl Conn, evidence_id: Uuid) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT verdict FROM verdicts WHERE evidence_id = $1")
        .bind(evidence_id).fetch_optional(ex).await)?)
}
