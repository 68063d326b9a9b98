//! Rows of the audit log and the heads of its chains.
use uuid::Uuid;

use super::chain::{Hash, Link};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};

/// The end of a chain.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Head {
    pub chain: String,
    pub last_seq: i64,
    pub last_hash: Vec<u8>,
}

/// A row, as kept.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct AuditRow {
    pub chain: String,
    pub seq: i64,
    pub at: Timestamp,
    pub actor: String,
    pub on_behalf_of: Option<String>,
    pub issuer_id: Option<Uuid>,
    pub act: String,
    pub object_kind: String,
    pub object_id: String,
    pub before_json: Option<String>,
    pub after_json: Option<String>,
    pub request_id: Option<String>,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl AuditRow {
    /// All that the row says, for its hash.
    pub fn link(&self) -> Link<'_> {
        Link {
            chain: &self.chain,
            seq: self.seq,
            at: self.at,
            actor: &self.actor,
            on_behalf_of: self.on_behalf_of.as_deref(),
            issuer_id: self.issuer_id,
            act: &self.act,
            object_kind: &self.object_kind,
            object_id: &self.object_id,
            before_json: self.before_json.as_deref(),
            after_json: self.after_json.as_deref(),
            request_id: self.request_id.as_deref(),
        }
    }
}

/// Takes the next place of a chain and locks the chain until the transaction ends. Gives the place and the hash of the
/// row before it.
pub(super) async fn next_place(tx: &mut Tx, chain: &str, start: Hash) -> DbResult<(i64, Hash)> {
    let (seq, last_hash): (i64, Vec<u8>) = on!(tx, ex => sqlx::query_as(
        "INSERT INTO audit_chains (chain, last_seq, last_hash) VALUES ($1, 1, $2) \
         ON CONFLICT (chain) DO UPDATE SET last_seq = audit_chains.last_seq + 1 RETURNING last_seq, last_hash",
    ).bind(chain).bind(start.as_slice()).fetch_one(ex).await)?;
    let wrong_length = |bytes: Vec<u8>| {
        DbError::from(sqlx::Error::Decode(format!("the last hash of chain {chain} has {} bytes", bytes.len()).into()))
    };
    Ok((seq, Hash::try_from(last_hash).map_err(wrong_length)?))
}

pub(super) async fn insert(tx: &mut Tx, link: &Link<'_>, previous: Hash, hash: Hash) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO audit_log (chain, seq, at, actor, on_behalf_of, issuer_id, act, object_kind, object_id, \
         before_json, after_json, request_id, previous_hash, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(link.chain).bind(link.seq).bind(link.at).bind(link.actor).bind(link.on_behalf_of).bind(link.issuer_id)
    .bind(link.act).bind(link.object_kind).bind(link.object_id).bind(link.before_json).bind(link.after_json)
    .bind(link.request_id).bind(previous.as_slice()).bind(hash.as_slice())
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn set_last_hash(tx: &mut Tx, chain: &str, hash: Hash) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE audit_chains SET last_hash = $2 WHERE chain = $1")
        .bind(chain).bind(hash.as_slice()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The first chain after `after`, by name.
pub(super) async fn next_head(conn: &mut impl Conn, after: &str) -> DbResult<Option<Head>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT chain, last_seq, last_hash FROM audit_chains WHERE chain > $1 ORDER BY chain LIMIT 1",
    ).bind(after).fetch_optional(ex).await)?)
}

/// Rows of a chain after `after` and up to `last`, in order.
pub(super) async fn list(
    conn: &mut impl Conn,
    chain: &str,
    after: i64,
    last: i64,
    limit: i64,
) -> DbResult<Vec<AuditRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT chain, seq, at, actor, on_behalf_of, issuer_id, act, object_kind, object_id, before_json, after_json, \
         request_id, previous_hash, hash FROM audit_log \
         WHERE chain = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4",
    ).bind(chain).bind(after).bind(last).bind(limit).fetch_all(ex).await)?)
}

/// The first row that no head covers: its chain has no head, or ends before it. One statement, so that rows being
/// written at this moment are seen with their head or not at all.
pub(super) async fn find_beyond_heads(conn: &mut impl Conn) -> DbResult<Option<(String, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT l.chain, l.seq FROM audit_log AS l LEFT JOIN audit_chains AS c ON c.chain = l.chain \
         WHERE c.chain IS NULL OR l.seq > c.last_seq OR l.seq < 1 ORDER BY l.chain, l.seq LIMIT 1",
    ).fetch_optional(ex).await)?)
}

/// An act, as it is told to staff: without what it changed, which is for whoever examines the database.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Told {
    /// Its place in the chain.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// For whom.
    pub on_behalf_of: Option<String>,
    /// What.
    pub act: String,
    /// To what kind of object.
    pub object_kind: String,
    /// To which.
    pub object_id: String,
    /// By which request.
    pub request_id: Option<String>,
}

/// Which acts are asked for: all, but for what is named.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Of one kind of object.
    pub object_kind: Option<&'a str>,
    /// Of one object.
    pub object_id: Option<&'a str>,
    /// By one request.
    pub request_id: Option<&'a str>,
}

/// Acts of an issuer's chain before a place, the newest first.
pub async fn list_newest(
    conn: &mut impl Conn,
    issuer: Uuid,
    wanted: Wanted<'_>,
    before: Option<i64>,
    limit: i64,
) -> DbResult<Vec<Told>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT seq, at, actor, on_behalf_of, act, object_kind, object_id, request_id FROM audit_log WHERE chain = ",
        );
        sql.push_bind(issuer.to_string());
        if let Some(kind) = wanted.object_kind {
            sql.push(" AND object_kind = ").push_bind(kind);
        }
        if let Some(id) = wanted.object_id {
            sql.push(" AND object_id = ").push_bind(id);
        }
        if let Some(id) = wanted.request_id {
            sql.push(" AND request_id = ").push_bind(id);
        }
        if let Some(before) = before {
            sql.push(" AND seq < ").push_bind(before);
        }
        sql.push(" ORDER BY seq DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// When the youngest of the chains' last entries was written.
pub async fn newest(conn: &mut impl Conn) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT MAX(l.at) FROM audit_chains AS c JOIN audit_log AS l ON l.chain = c.chain AND l.seq = c.last_seq",
    ).fetch_one(ex).await)?)
}

/// An act, as shown to those on whose behalf it was done.
#[derive(Debug, Clone)]
pub struct Done {
    /// When.
    pub at: Timestamp,
    /// The signed-in person, when it was one.
    pub user_id: Option<Uuid>,
    /// What it was.
    pub act: String,
    /// What the act said of itself.
    pub after: Option<serde_json::Value>,
}

/// Of these objects, those to which one request did this act. Some hundreds of them at most.
pub async fn list_done_by(
    conn: &mut impl Conn,
    request_id: &str,
    act: &str,
    (object_kind, object_ids): (&str, &[String]),
) -> DbResult<Vec<String>> {
    if object_ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT object_id FROM audit_log WHERE request_id = ");
        sql.push_bind(request_id).push(" AND act = ").push_bind(act);
        sql.push(" AND object_kind = ").push_bind(object_kind).push(" AND object_id IN (");
        let mut list = sql.separated(", ");
        for id in object_ids {
            list.push_bind(id);
        }
        sql.push(")").build_query_scalar().fetch_all(ex).await
    })?)
}

#[derive(sqlx::FromRow)]
struct DoneRow {
    at: Timestamp,
    actor: String,
    act: String,
    after_json: Option<String>,
}

/// The newest of some acts on one object: on behalf of somebody, or of anybody.
pub async fn list_of(
    conn: &mut impl Conn,
    (object_kind, object_id): (&str, &str),
    on_behalf_of: Option<&str>,
    acts: &[&'static str],
    limit: i64,
) -> DbResult<Vec<Done>> {
    let rows: Vec<DoneRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT at, actor, act, after_json FROM audit_log WHERE object_kind = ");
        sql.push_bind(object_kind).push(" AND object_id = ").push_bind(object_id);
        if let Some(somebody) = on_behalf_of {
            sql.push(" AND on_behalf_of = ").push_bind(somebody);
        }
        sql.push(" AND act IN (");
        let mut list = sql.separated(", ");
        for act in acts {
            list.push_bind(*act);
        }
        sql.push(") ORDER BY at DESC, seq DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    let done = |row: DoneRow| Done {
        at: row.at,
        user_id: row.actor.strip_prefix("user:").and_then(|id| Uuid::try_parse(id).ok()),
        act: row.act,
        after: row.after_json.and_then(|json| serde_json::from_str(&json).ok()),
    };
    Ok(rows.into_iter().map(done).collect())
}
