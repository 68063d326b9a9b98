//! SQL of taking documents in numbers, of tickets for that, and of what is new.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ListedRow;
use super::search::{OF_RECEPTOR, OF_RECEPTOR_EVER, SELECT, SELECT_PLACED, push_only};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// A document that is this receptor's, or was until it was withdrawn.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OwnRow {
    /// Which.
    pub id: Uuid,
    /// Of its number.
    pub serie: String,
    /// The number itself.
    pub folio: String,
    /// Whether it is gone.
    pub withdrawn: bool,
}

/// Part of an issuer's feed.
#[derive(Debug, Clone, Serialize, Deserialize, sqlx::FromRow)]
pub struct Reach {
    /// Whose feed.
    pub issuer_id: Uuid,
    /// After this place.
    pub after: i64,
    /// Up to this one.
    pub last: i64,
    /// What is new beyond it, of this feed and of others, that one file has no room for.
    #[serde(default)]
    #[sqlx(default)]
    pub left: i64,
}

/// How many of these documents are this receptor's; at most those of the one issuer that is named.
pub async fn count_ids(conn: &mut impl Conn, (rfc, only): (&str, Option<Scope>), ids: &[Uuid]) -> DbResult<usize> {
    let mut count = 0;
    // Well below the number of values that SQLite binds in one statement.
    for part in ids.chunks(500) {
        let found: i64 = on!(conn, ex => {
            let mut sql = sqlx::QueryBuilder::new("SELECT COUNT(*) FROM documents WHERE TRUE");
            sql.push(OF_RECEPTOR).push_bind(rfc);
            push_only!(sql, only);
            sql.push(" AND id IN (");
            let mut list = sql.separated(", ");
            for id in part {
                list.push_bind(*id);
            }
            sql.push(")").build_query_scalar().fetch_one(ex).await
        })?;
        count += usize::try_from(found).unwrap_or(0);
    }
    Ok(count)
}

/// Those of these documents that are this receptor's or were until they were withdrawn, by their ids; at most those of
/// the one issuer that is named.
pub async fn list_own(conn: &mut impl Conn, (rfc, only): (&str, Option<Scope>), ids: &[Uuid]) -> DbResult<Vec<OwnRow>> {
    let mut own = Vec::with_capacity(ids.len());
    for part in ids.chunks(500) {
        let found: Vec<OwnRow> = on!(conn, ex => {
            let mut sql = sqlx::QueryBuilder::new(
                "SELECT id, serie, folio, withdrawn_at IS NOT NULL AS withdrawn FROM documents WHERE TRUE",
            );
            sql.push(OF_RECEPTOR_EVER).push_bind(rfc);
            push_only!(sql, only);
            sql.push(" AND id IN (");
            let mut list = sql.separated(", ");
            for id in part {
                list.push_bind(*id);
            }
            sql.push(") ORDER BY id").build_query_as().fetch_all(ex).await
        })?;
        own.extend(found);
    }
    Ok(own)
}

/// Those of these documents that are this receptor's, the newest first; at most those of the one issuer that is named.
pub async fn list_ids(
    conn: &mut impl Conn,
    (rfc, only): (&str, Option<Scope>),
    ids: &[Uuid],
) -> DbResult<Vec<ListedRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push(OF_RECEPTOR).push_bind(rfc);
        push_only!(sql, only);
        sql.push(" AND id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        sql.push(") ORDER BY issued_on DESC, id DESC").build_query_as().fetch_all(ex).await
    })?)
}

/// Per issuer with documents for this receptor, at most the one that is named: the person's mark, and the last place of
/// those documents.
pub async fn list_reaches(
    conn: &mut impl Conn,
    (rfc, only): (&str, Option<Scope>),
    (user_id, customer_id): (Uuid, Uuid),
) -> DbResult<Vec<Reach>> {
    Ok(on!(conn, ex => {
        // What was there before feeds had places stands below one, so "nothing taken yet" is far below.
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT d.issuer_id, COALESCE(MAX(m.last_seq), CAST(-9000000000000000000 AS BIGINT)) AS after, MAX(d.feed_seq) AS last \
             FROM documents AS d LEFT JOIN download_marks AS m ON m.issuer_id = d.issuer_id AND m.user_id = ",
        );
        sql.push_bind(user_id).push(" AND m.customer_id = ").push_bind(customer_id).push(" WHERE TRUE");
        sql.push(OF_RECEPTOR).push_bind(rfc);
        if let Some(scope) = only {
            sql.push(" AND d.issuer_id = ").push_bind(scope.uuid());
        }
        sql.push(" GROUP BY d.issuer_id ORDER BY d.issuer_id");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Adds "of this receptor's within a reach" to a statement.
macro_rules! push_reach {
    ($sql:ident, $rfc:ident, $reach:ident) => {
        $sql.push(OF_RECEPTOR).push_bind($rfc).push(" AND issuer_id = ").push_bind($reach.issuer_id);
        $sql.push(" AND feed_seq > ").push_bind($reach.after).push(" AND feed_seq <= ").push_bind($reach.last);
    };
}

/// Documents of a reach.
pub async fn count_news(conn: &mut impl Conn, rfc: &str, reach: &Reach) -> DbResult<i64> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT COUNT(*) FROM documents WHERE TRUE");
        push_reach!(sql, rfc, reach);
        sql.build_query_scalar().fetch_one(ex).await
    })?)
}

/// The place of a reach's document that has so many before it.
pub async fn find_news_place(conn: &mut impl Conn, rfc: &str, reach: &Reach, before: i64) -> DbResult<Option<i64>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT feed_seq FROM documents WHERE TRUE");
        push_reach!(sql, rfc, reach);
        sql.push(" ORDER BY feed_seq LIMIT 1 OFFSET ").push_bind(before);
        sql.build_query_scalar().fetch_optional(ex).await
    })?)
}

#[derive(sqlx::FromRow)]
struct NewsRow {
    feed_seq: i64,
    #[sqlx(flatten)]
    row: ListedRow,
}

/// Documents of a reach with their places, in their order.
pub async fn list_news(conn: &mut impl Conn, rfc: &str, reach: &Reach, limit: i64) -> DbResult<Vec<(i64, ListedRow)>> {
    let rows: Vec<NewsRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT_PLACED);
        push_reach!(sql, rfc, reach);
        sql.push(" ORDER BY feed_seq LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    Ok(rows.into_iter().map(|news| (news.feed_seq, news.row)).collect())
}

/// Remembers how far a person has taken an issuer's feed. A mark never goes back: two downloads may end in any order.
pub async fn upsert_mark(
    tx: &mut Tx,
    (user_id, customer_id): (Uuid, Uuid),
    reach: &Reach,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO download_marks (user_id, customer_id, issuer_id, last_seq, taken_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id, customer_id, issuer_id) DO UPDATE SET last_seq = excluded.last_seq, \
         taken_at = excluded.taken_at WHERE download_marks.last_seq <= excluded.last_seq",
    ).bind(user_id).bind(customer_id).bind(reach.issuer_id).bind(reach.last).bind(now)
        .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// When a person last took what was new.
pub async fn find_last_taken(conn: &mut impl Conn, user_id: Uuid, customer_id: Uuid) -> DbResult<Option<Timestamp>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT MAX(taken_at) FROM download_marks WHERE user_id = $1 AND customer_id = $2",
    ).bind(user_id).bind(customer_id).fetch_one(ex).await)?)
}

/// An order for a file, as kept.
#[derive(Debug, sqlx::FromRow)]
pub struct TicketRow {
    /// Who ordered.
    pub user_id: Uuid,
    /// For whom.
    pub customer_id: Uuid,
    /// In which session: the file is no longer to be had when that has ended.
    pub session_id: Uuid,
    /// What, as JSON.
    pub wanted: String,
}

/// Keeps an order.
pub async fn insert_ticket(
    tx: &mut Tx,
    token_hash: &[u8],
    ticket: &TicketRow,
    (now, expires_at): (Timestamp, Timestamp),
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO download_tickets (token_hash, user_id, customer_id, session_id, wanted, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    ).bind(token_hash).bind(ticket.user_id).bind(ticket.customer_id).bind(ticket.session_id).bind(&ticket.wanted)
        .bind(now).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// An order that was not used and whose time is not over.
pub async fn find_ticket(conn: &mut impl Conn, token_hash: &[u8], now: Timestamp) -> DbResult<Option<TicketRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT user_id, customer_id, session_id, wanted FROM download_tickets \
         WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
    ).bind(token_hash).bind(now).fetch_optional(ex).await)?)
}

/// Uses an order up, when there is one and it is still good.
pub async fn mark_ticket_used(tx: &mut Tx, token_hash: &[u8], now: Timestamp) -> DbResult<Option<TicketRow>> {
    Ok(on!(tx, ex => sqlx::query_as(
        "UPDATE download_tickets SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
         RETURNING user_id, customer_id, session_id, wanted",
    ).bind(token_hash).bind(now).fetch_optional(ex).await)?)
}

/// Deletes at most `limit` orders whose time was over before a moment.
pub async fn delete_tickets(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM download_tickets WHERE token_hash IN (SELECT token_hash FROM download_tickets \
         WHERE expires_at < $1 LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
