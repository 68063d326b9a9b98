//! SQL of `guest_receptors`, and of the data last invoiced to a mailbox.
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// Changed data; without them, they are to be forgotten.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SavedRow {
    pub rfc: String,
    pub nombre: Option<String>,
    pub regimen: Option<String>,
    pub codigo_postal: Option<String>,
    pub uso: Option<String>,
    pub deliver_to: Option<String>,
    pub updated_at: Timestamp,
}

/// The last invoice of an RFC to a mailbox.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct UsedRow {
    pub receptor_rfc: String,
    pub sealed_xml: Vec<u8>,
    pub email: String,
    pub created_at: Timestamp,
}

/// The last stamped invoice of each RFC that an issuer made out to a mailbox, the newest first.
pub(super) async fn list_used(conn: &mut impl Conn, scope: Scope, email: &str, limit: i64) -> DbResult<Vec<UsedRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT s.receptor_rfc, s.sealed_xml, s.email, s.created_at FROM stamps AS s JOIN (SELECT id, \
         ROW_NUMBER() OVER (PARTITION BY receptor_rfc ORDER BY created_at DESC, id DESC) AS place FROM stamps \
         WHERE issuer_id = $1 AND LOWER(email) = $2 AND state = 'stamped') AS ranked ON ranked.id = s.id \
         WHERE ranked.place = 1 ORDER BY s.created_at DESC, s.id DESC LIMIT $3",
    ).bind(scope.uuid()).bind(email).bind(limit).fetch_all(ex).await)?)
}

/// Everything that was changed or forgotten at a mailbox.
pub(super) async fn list(conn: &mut impl Conn, scope: Scope, email: &str) -> DbResult<Vec<SavedRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT rfc, nombre, regimen, codigo_postal, uso, deliver_to, updated_at FROM guest_receptors \
         WHERE issuer_id = $1 AND email = $2 ORDER BY updated_at DESC, id",
    ).bind(scope.uuid()).bind(email).fetch_all(ex).await)?)
}

/// What was changed or forgotten of one RFC.
pub(super) async fn find(conn: &mut impl Conn, scope: Scope, email: &str, rfc: &str) -> DbResult<Option<SavedRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT rfc, nombre, regimen, codigo_postal, uso, deliver_to, updated_at FROM guest_receptors \
         WHERE issuer_id = $1 AND email = $2 AND rfc = $3",
    ).bind(scope.uuid()).bind(email).bind(rfc).fetch_optional(ex).await)?)
}

/// The last stamped invoice that an issuer made out to an RFC.
pub(super) async fn find_used_by_rfc(conn: &mut impl Conn, scope: Scope, rfc: &str) -> DbResult<Option<UsedRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT receptor_rfc, sealed_xml, email, created_at FROM stamps WHERE issuer_id = $1 AND receptor_rfc = $2 \
         AND state = 'stamped' ORDER BY created_at DESC, id DESC LIMIT 1",
    ).bind(scope.uuid()).bind(rfc).fetch_optional(ex).await)?)
}

/// Deletes at most `limit` that were changed last before this moment; says how many. What is to be forgotten stays so:
/// without its row the last invoice's data would come back.
pub(super) async fn delete_old(tx: &mut Tx, changed_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM guest_receptors WHERE id IN (SELECT id FROM guest_receptors \
         WHERE updated_at < $1 AND nombre IS NOT NULL ORDER BY updated_at LIMIT $2)",
    ).bind(changed_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// What is to be kept of an RFC at a mailbox.
pub(super) struct Kept<'a> {
    pub rfc: &'a str,
    /// Nombre, régimen, código postal, uso, where to deliver; `None` forgets them.
    pub data: Option<[&'a str; 5]>,
}

/// Keeps it in place of what was kept before, and gives its id.
pub(super) async fn upsert(
    tx: &mut Tx,
    scope: Scope,
    email: &str,
    (id, kept): (Uuid, &Kept<'_>),
    now: Timestamp,
) -> DbResult<Uuid> {
    let at = |n: usize| kept.data.and_then(|data| data.get(n).copied());
    Ok(on!(tx, ex => sqlx::query_scalar(
        "INSERT INTO guest_receptors (id, issuer_id, email, rfc, nombre, regimen, codigo_postal, uso, deliver_to, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (issuer_id, email, rfc) DO UPDATE SET \
         nombre = excluded.nombre, regimen = excluded.regimen, codigo_postal = excluded.codigo_postal, \
         uso = excluded.uso, deliver_to = excluded.deliver_to, updated_at = excluded.updated_at RETURNING id",
    )
    .bind(id).bind(scope.uuid()).bind(email).bind(kept.rfc)
    .bind(at(0)).bind(at(1)).bind(at(2)).bind(at(3)).bind(at(4)).bind(now)
    .fetch_one(ex).await)?)
}
