//! SQL of stamps, folios and guests' access.
use fiscal::{Amount, Currency};
use uuid::Uuid;

use super::model::{Refusal, StampState};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

/// An invoice being made, or made. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct StampRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub branch_id: Uuid,
    pub ticket_id: Uuid,
    pub state: String,
    pub tracking: String,
    pub serie: String,
    pub folio: i64,
    pub fecha: String,
    pub total_minor: i64,
    pub currency: String,
    pub receptor_rfc: String,
    pub receptor_nombre: String,
    pub email: String,
    pub language: String,
    pub sealed_xml: Vec<u8>,
    pub attempts: i64,
    pub next_attempt_at: Option<Timestamp>,
    pub sat_code: Option<String>,
    pub problem_code: Option<String>,
    pub problem_pointer: Option<String>,
    pub document_id: Option<Uuid>,
    pub stamped_at: Option<Timestamp>,
    pub idempotency_owner: String,
    pub idempotency_key: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl StampRow {
    pub fn scope(&self) -> Scope {
        Scope::of(IssuerId::new(self.issuer_id))
    }

    pub fn state(&self) -> DbResult<StampState> {
        StampState::try_from(self.state.clone()).map_err(|_unknown| unreadable("state"))
    }

    pub fn total(&self) -> DbResult<Amount> {
        let currency = Currency::parse(&self.currency).map_err(|_unknown| unreadable("currency"))?;
        Ok(Amount::new(self.total_minor, currency))
    }
}

pub(super) fn unreadable(what: &'static str) -> DbError {
    DbError::Internal(sqlx::Error::Decode(format!("stamps: unreadable {what}").into()))
}

const SELECT: &str = "SELECT id, issuer_id, branch_id, ticket_id, state, tracking, serie, folio, fecha, \
     total_minor, currency, receptor_rfc, receptor_nombre, email, language, sealed_xml, attempts, next_attempt_at, sat_code, \
     problem_code, problem_pointer, document_id, stamped_at, idempotency_owner, idempotency_key, created_at, \
     COALESCE(last_attempt_at, created_at) AS updated_at FROM stamps WHERE ";

/// The invoice, locked until the transaction ends.
pub(super) async fn lock(tx: &mut Tx, id: Uuid) -> DbResult<Option<StampRow>> {
    let for_update = tx.for_update();
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id).push(for_update);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The invoice, for the queue, whose rows carry only its id.
pub(super) async fn find(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<StampRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// An issuer's invoices by their last change, after a key. Whatever happens to one happens at an attempt.
pub(super) async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<StampRow>> {
    const AT: &str = "COALESCE(last_attempt_at, created_at)";
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("issuer_id = ").push_bind(scope.uuid());
        if let Some(since) = since {
            sql.push(" AND ").push(AT).push(" >= ").push_bind(since);
        }
        if let Some((at, id)) = after {
            sql.push(" AND (").push(AT).push(", id) > (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY ").push(AT).push(", id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// The invoice, if this browser may open it now.
pub(super) async fn find_for_browser(
    conn: &mut impl Conn,
    browser_hash: &[u8],
    id: Uuid,
    now: Timestamp,
) -> DbResult<Option<StampRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push("id = ").push_bind(id);
        sql.push(" AND EXISTS (SELECT 1 FROM guest_accesses WHERE stamp_id = stamps.id AND browser_hash = ");
        sql.push_bind(browser_hash).push(" AND expires_at > ").push_bind(now).push(")");
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// The live invoice of a ticket, if this browser may open it now.
pub(super) async fn find_of_ticket_for_browser(
    conn: &mut impl Conn,
    scope: Scope,
    ticket_id: Uuid,
    browser_hash: &[u8],
    now: Timestamp,
) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT stamps.id FROM stamps JOIN guest_accesses ON guest_accesses.stamp_id = stamps.id \
         WHERE stamps.issuer_id = $1 AND stamps.ticket_id = $2 AND stamps.state <> 'rejected' \
         AND guest_accesses.browser_hash = $3 AND guest_accesses.expires_at > $4",
    ).bind(scope.uuid()).bind(ticket_id).bind(browser_hash).bind(now).fetch_optional(ex).await)?)
}

/// The live invoice of a ticket, for its issuer.
pub(super) async fn find_live_of_ticket(conn: &mut impl Conn, scope: Scope, ticket_id: Uuid) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT id FROM stamps WHERE issuer_id = $1 AND ticket_id = $2 AND state <> 'rejected'",
    ).bind(scope.uuid()).bind(ticket_id).fetch_optional(ex).await)?)
}

/// The invoice that an idempotency key made.
pub(super) async fn find_by_idempotency(
    conn: &mut impl Conn,
    scope: Scope,
    owner: &str,
    key: &str,
) -> DbResult<Option<Uuid>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT id FROM stamps WHERE issuer_id = $1 AND idempotency_owner = $2 AND idempotency_key = $3 \
         ORDER BY id DESC LIMIT 1",
    ).bind(scope.uuid()).bind(owner).bind(key).fetch_optional(ex).await)?)
}

/// The next folio of a serie. Its row is held until the transaction ends, so none is given twice.
pub(super) async fn next_folio(tx: &mut Tx, scope: Scope, serie: &str) -> DbResult<i64> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO folios (issuer_id, serie, last_folio) VALUES ($1, $2, 1) \
         ON CONFLICT (issuer_id, serie) DO UPDATE SET last_folio = folios.last_folio + 1 RETURNING last_folio",
    ).bind(scope.uuid()).bind(serie).fetch_one(ex).await)?)
}

/// Invoices asked for since `since` that were not refused, and what those in one currency come to: the abuse brake
/// counts both (K6).
pub(super) async fn sum_since(
    conn: &mut impl Conn,
    scope: Scope,
    since: Timestamp,
    currency: Currency,
) -> DbResult<(i64, i64)> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN currency = $3 THEN total_minor ELSE 0 END), 0) AS BIGINT) \
         FROM stamps WHERE issuer_id = $1 AND created_at > $2 AND state <> 'rejected'",
    ).bind(scope.uuid()).bind(since).bind(currency.code()).fetch_one(ex).await)?)
}

/// What is written when an invoice is sealed.
pub(super) struct NewStamp<'a> {
    pub id: Uuid,
    pub branch_id: Uuid,
    pub ticket_id: Uuid,
    pub csd_id: Uuid,
    pub tracking: &'a str,
    pub serie: &'a str,
    pub folio: i64,
    pub fecha: &'a str,
    pub total: Amount,
    pub receptor_rfc: &'a str,
    pub receptor_nombre: &'a str,
    pub email: &'a str,
    pub language: &'a str,
    pub sealed_xml: &'a [u8],
    pub sealed_sha256: &'a [u8],
    pub next_attempt_at: Timestamp,
    pub idempotency_owner: &'a str,
    pub idempotency_key: &'a str,
}

pub(super) async fn insert(tx: &mut Tx, scope: Scope, stamp: &NewStamp<'_>, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO stamps (id, issuer_id, branch_id, ticket_id, csd_id, state, tracking, serie, folio, fecha, \
         total_minor, currency, receptor_rfc, receptor_nombre, email, language, sealed_xml, sealed_sha256, attempts, \
         next_attempt_at, idempotency_owner, idempotency_key, created_at) VALUES \
         ($1, $2, $3, $4, $5, 'sealed', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, $18, $19, $20, $21)",
    )
    .bind(stamp.id).bind(scope.uuid()).bind(stamp.branch_id).bind(stamp.ticket_id).bind(stamp.csd_id)
    .bind(stamp.tracking).bind(stamp.serie).bind(stamp.folio).bind(stamp.fecha)
    .bind(stamp.total.minor()).bind(stamp.total.currency().code())
    .bind(stamp.receptor_rfc).bind(stamp.receptor_nombre).bind(stamp.email).bind(stamp.language)
    .bind(stamp.sealed_xml).bind(stamp.sealed_sha256).bind(stamp.next_attempt_at)
    .bind(stamp.idempotency_owner).bind(stamp.idempotency_key).bind(now)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A document sealed anew.
pub(super) struct Resealed<'a> {
    pub csd_id: Uuid,
    pub fecha: &'a str,
    pub sealed_xml: &'a [u8],
    pub sealed_sha256: &'a [u8],
    /// SHA-256 of the bytes it takes the place of.
    pub instead_of: &'a [u8],
}

/// Still sealed, with other bytes. `false`: it was settled, or sealed anew by another road.
pub(super) async fn mark_resealed(tx: &mut Tx, id: Uuid, resealed: &Resealed<'_>, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE stamps SET csd_id = $2, fecha = $3, sealed_xml = $4, sealed_sha256 = $5, attempts = attempts + 1, \
         last_attempt_at = $6, next_attempt_at = $6 WHERE id = $1 AND state = 'sealed' AND sealed_sha256 = $7",
    )
    .bind(id).bind(resealed.csd_id).bind(resealed.fecha).bind(resealed.sealed_xml).bind(resealed.sealed_sha256)
    .bind(now).bind(resealed.instead_of)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Sealed → stamped. `false`: it was settled before.
pub(super) async fn mark_stamped(tx: &mut Tx, id: Uuid, document_id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE stamps SET state = 'stamped', document_id = $2, stamped_at = $3, attempts = attempts + 1, \
         last_attempt_at = $3, next_attempt_at = NULL WHERE id = $1 AND state = 'sealed'",
    ).bind(id).bind(document_id).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Sealed → rejected. `false`: it was settled before.
pub(super) async fn mark_rejected(tx: &mut Tx, id: Uuid, refusal: &Refusal, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE stamps SET state = 'rejected', sat_code = $2, problem_code = $3, problem_pointer = $4, \
         attempts = attempts + 1, last_attempt_at = $5, next_attempt_at = NULL WHERE id = $1 AND state = 'sealed'",
    )
    .bind(id).bind(&refusal.sat_code).bind(refusal.problem.as_str()).bind(refusal.pointer).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Still sealed: one more try without an answer.
pub(super) async fn mark_waiting(tx: &mut Tx, id: Uuid, now: Timestamp, next: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE stamps SET attempts = attempts + 1, last_attempt_at = $2, next_attempt_at = $3 \
         WHERE id = $1 AND state = 'sealed'",
    ).bind(id).bind(now).bind(next).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Lets a browser open an invoice until `expires_at`.
pub(super) async fn grant_access(
    tx: &mut Tx,
    scope: Scope,
    browser_hash: &[u8],
    stamp_id: Uuid,
    expires_at: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO guest_accesses (browser_hash, stamp_id, issuer_id, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (browser_hash, stamp_id) DO UPDATE SET expires_at = $4",
    ).bind(browser_hash).bind(stamp_id).bind(scope.uuid()).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An invoice as `verify` looks at it.
#[derive(sqlx::FromRow)]
pub(super) struct StampToVerify {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub ticket_id: Uuid,
    pub state: String,
    pub serie: String,
    pub folio: i64,
    pub total_minor: i64,
    pub currency: String,
    pub sealed_xml: Vec<u8>,
    pub sealed_sha256: Vec<u8>,
    pub document_id: Option<Uuid>,
}

/// Invoices by id, after a key.
pub(super) async fn list_for_verification(
    conn: &mut impl Conn,
    after: Option<Uuid>,
    limit: i64,
) -> DbResult<Vec<StampToVerify>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, issuer_id, ticket_id, state, serie, folio, total_minor, currency, sealed_xml, sealed_sha256, \
             document_id FROM stamps",
        );
        if let Some(after) = after {
            sql.push(" WHERE id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Ticket and state of every invoice of these tickets that was not refused.
pub(super) async fn list_live_of_tickets(conn: &mut impl Conn, tickets: &[Uuid]) -> DbResult<Vec<(Uuid, String)>> {
    if tickets.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT ticket_id, state FROM stamps WHERE state <> 'rejected' AND ticket_id IN (",
        );
        let mut ids = sql.separated(", ");
        for id in tickets {
            ids.push_bind(*id);
        }
        sql.push(")");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Issuer, serie and highest folio used, where the counter of the serie stands below it or is gone.
pub(super) async fn list_overrun_folios(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<(Uuid, String, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT s.issuer_id, s.serie, MAX(s.folio) FROM stamps AS s \
         LEFT JOIN folios AS f ON f.issuer_id = s.issuer_id AND f.serie = s.serie \
         GROUP BY s.issuer_id, s.serie, f.last_folio HAVING f.last_folio IS NULL OR MAX(s.folio) > f.last_folio \
         ORDER BY s.issuer_id, s.serie LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// Issuer, serie and folio of what two invoices have.
pub(super) async fn list_doubled_folios(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<(Uuid, String, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, serie, folio FROM stamps GROUP BY issuer_id, serie, folio HAVING COUNT(*) > 1 \
         ORDER BY issuer_id, serie, folio LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

pub(super) async fn count(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM stamps").fetch_one(ex).await)?)
}

/// Whether a key's invoice still waits for its stamp, and will then give the answer that was promised.
pub(super) async fn is_waiting(conn: &mut impl Conn, owner: &str, key: &str) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM stamps \
         WHERE idempotency_owner = $1 AND idempotency_key = $2 AND state = 'sealed')",
    ).bind(owner).bind(key).fetch_one(ex).await)?)
}

/// When the invoice that has waited longest for its stamp was asked for.
pub(super) async fn find_oldest_waiting(conn: &mut impl Conn) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT MIN(created_at) FROM stamps WHERE state = 'sealed'")
        .fetch_one(ex).await)?)
}

/// Moves every counter on; gives how many there are.
pub(super) async fn skip_folios(tx: &mut Tx, count: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query("UPDATE folios SET last_folio = last_folio + $1")
        .bind(count).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Deletes at most `limit` accesses of guests that ended before `ended_before`; says how many.
pub(super) async fn delete_ended_accesses(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM guest_accesses WHERE (browser_hash, stamp_id) IN (SELECT browser_hash, stamp_id \
         FROM guest_accesses WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
