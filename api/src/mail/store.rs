//! Letters of the outbox, the addresses that were refused, and what the rehearsal's mailbox received.
use std::collections::{HashMap, HashSet};

use shared::mail::MailState;
use sqlx::types::Json;
use uuid::Uuid;

use super::Refusal;
use super::mailbox::KeptAttachment;
use super::outbox::AttachmentSpec;
use crate::db::{Conn, DbResult, Timestamp, Tx, on};

/// Letters of one invoice that are shown.
const LETTERS_SHOWN_MAX: i64 = 50;

/// A letter's first row.
pub(super) struct NewRow<'a> {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub stamp_id: Option<Uuid>,
    pub kind: &'static str,
    pub of_access: bool,
    pub message_id: String,
    pub from_name: String,
    pub from_address: &'a str,
    pub reply_to: &'a str,
    pub to_address: &'a str,
    pub subject: String,
    pub text_body: &'a str,
    pub html_body: &'a str,
    pub attachments: Vec<AttachmentSpec>,
    pub created_at: Timestamp,
}

/// What sending needs.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct LetterToSend {
    pub id: Uuid,
    pub message_id: String,
    pub from_name: String,
    pub from_address: String,
    pub reply_to: Option<String>,
    pub to_address: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    pub of_access: bool,
    pub attempts: i64,
    pub queued: bool,
    pub created_at: Timestamp,
}

/// One letter of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterRow {
    /// The address it goes to.
    pub to_address: String,
    /// How far it has come.
    pub state: MailState,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct ShownLetter {
    to_address: String,
    #[sqlx(try_from = "String")]
    state: StateColumn,
    sent_at: Option<Timestamp>,
}

struct StateColumn(MailState);

#[derive(Debug, thiserror::Error)]
#[error("unknown state of a letter: {0}")]
struct UnknownState(String);

impl TryFrom<String> for StateColumn {
    type Error = UnknownState;
    fn try_from(text: String) -> Result<StateColumn, UnknownState> {
        match text.as_str() {
            "queued" => Ok(StateColumn(MailState::Queued)),
            "sent" => Ok(StateColumn(MailState::Sent)),
            "failed" => Ok(StateColumn(MailState::Failed)),
            "refused" => Ok(StateColumn(MailState::Refused)),
            _ => Err(UnknownState(text)),
        }
    }
}

pub(super) async fn insert(tx: &mut Tx, row: NewRow<'_>) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO letters (id, issuer_id, stamp_id, kind, message_id, from_name, from_address, to_address, subject, \
         text_body, html_body, attachments, state, attempts, created_at, reply_to, of_access) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'queued', 0, $13, $14, $15)",
    )
    .bind(row.id).bind(row.issuer_id).bind(row.stamp_id).bind(row.kind).bind(row.message_id).bind(row.from_name)
    .bind(row.from_address).bind(row.to_address).bind(row.subject).bind(row.text_body).bind(row.html_body)
    .bind(Json(row.attachments)).bind(row.created_at).bind(row.reply_to).bind(row.of_access)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn find_to_send(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<LetterToSend>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, message_id, from_name, from_address, reply_to, to_address, subject, text_body, html_body, of_access, \
         attempts, state = 'queued' AS queued, created_at FROM letters WHERE id = $1",
    ).bind(id).fetch_optional(ex).await)?)
}

pub(super) async fn attachments(conn: &mut impl Conn, id: Uuid) -> DbResult<Vec<AttachmentSpec>> {
    let specs: Json<Vec<AttachmentSpec>> = on!(conn, ex => sqlx::query_scalar(
        "SELECT attachments FROM letters WHERE id = $1",
    ).bind(id).fetch_one(ex).await)?;
    Ok(specs.0)
}

/// `false`: another run of the same job said so already.
pub(super) async fn mark_sent(tx: &mut Tx, id: Uuid, sent_at: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE letters SET state = 'sent', attempts = attempts + 1, last_error = NULL, sent_at = $2 \
         WHERE id = $1 AND state = 'queued'",
    ).bind(id).bind(sent_at).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

pub(super) async fn mark_failed(tx: &mut Tx, id: Uuid, reason: &str) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE letters SET state = 'failed', attempts = attempts + 1, last_error = $2 \
         WHERE id = $1 AND state = 'queued'",
    ).bind(id).bind(reason).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// It ends because of its address; `tries` is how often it was tried for that: once, or not at all.
pub(super) async fn mark_refused(tx: &mut Tx, id: Uuid, (reason, answer): (&str, &str), tries: i64) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE letters SET state = 'failed', attempts = attempts + $4, last_error = $2, refusal = $3 \
         WHERE id = $1 AND state = 'queued'",
    ).bind(id).bind(reason).bind(answer).bind(tries).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// A letter that was given up waits again. `false`: it was not, or for its address.
pub(super) async fn mark_queued(tx: &mut Tx, id: Uuid) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE letters SET state = 'queued', attempts = 0 WHERE id = $1 AND state = 'failed' AND refusal IS NULL",
    ).bind(id).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

pub(super) async fn note_try(tx: &mut Tx, id: Uuid, reason: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE letters SET attempts = attempts + 1, last_error = $2 WHERE id = $1 AND state = 'queued'",
    ).bind(id).bind(reason).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The newest letters of one invoice, oldest of them first. The caller has proved that it may see the invoice.
pub async fn letters_of(conn: &mut impl Conn, stamp_id: Uuid) -> DbResult<Vec<LetterRow>> {
    let newest_first: Vec<ShownLetter> = on!(conn, ex => sqlx::query_as(
        "SELECT to_address, CASE WHEN refusal IS NULL THEN state ELSE 'refused' END AS state, sent_at \
         FROM letters WHERE stamp_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
    ).bind(stamp_id).bind(LETTERS_SHOWN_MAX).fetch_all(ex).await)?;
    let shown = |row: ShownLetter| LetterRow { to_address: row.to_address, state: row.state.0, sent_at: row.sent_at };
    Ok(newest_first.into_iter().rev().map(shown).collect())
}

/// These letters, the newest first. The caller has proved that it may see them.
pub async fn list_states(conn: &mut impl Conn, ids: &[Uuid]) -> DbResult<Vec<LetterRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ShownLetter> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT to_address, CASE WHEN refusal IS NULL THEN state ELSE 'refused' END AS state, sent_at \
             FROM letters WHERE id IN (",
        );
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        sql.push(") ORDER BY created_at DESC, id DESC").build_query_as().fetch_all(ex).await
    })?;
    let shown = |row: ShownLetter| LetterRow { to_address: row.to_address, state: row.state.0, sent_at: row.sent_at };
    Ok(rows.into_iter().map(shown).collect())
}

/// A message as the mailbox keeps it.
pub(super) struct NewMessage<'a> {
    pub id: Uuid,
    pub message_id: &'a str,
    pub from_line: &'a str,
    pub to_address: &'a str,
    pub subject: &'a str,
    pub text_body: &'a str,
    pub attachments: Vec<KeptAttachment>,
    pub raw: &'a [u8],
    pub received_at: Timestamp,
}

/// A message in the list.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct MessageRow {
    pub id: Uuid,
    pub from_line: String,
    pub to_address: String,
    pub subject: String,
    pub received_at: Timestamp,
}

/// A message, opened.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct OpenMessage {
    #[sqlx(flatten)]
    pub row: MessageRow,
    pub text_body: String,
    pub attachments: Json<Vec<KeptAttachment>>,
}

/// `false`: the mailbox has that Message-ID already, as a mail program would show one letter.
pub(super) async fn insert_message(tx: &mut Tx, message: NewMessage<'_>) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO mailbox_messages (id, message_id, from_line, to_address, subject, text_body, attachments, raw, \
         received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (message_id) DO NOTHING",
    )
    .bind(message.id).bind(message.message_id).bind(message.from_line).bind(message.to_address)
    .bind(message.subject).bind(message.text_body).bind(Json(message.attachments)).bind(message.raw)
    .bind(message.received_at)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Removes all but the newest `kept` messages.
pub(super) async fn prune_messages(tx: &mut Tx, kept: i64) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "DELETE FROM mailbox_messages WHERE (received_at, id) <= \
         (SELECT received_at, id FROM mailbox_messages ORDER BY received_at DESC, id DESC LIMIT 1 OFFSET $1)",
    ).bind(kept).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// One page of the mailbox, newest first, after `after`.
pub(super) async fn list_messages(
    conn: &mut impl Conn,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<MessageRow>> {
    Ok(on!(conn, ex => {
        let mut sql =
            sqlx::QueryBuilder::new("SELECT id, from_line, to_address, subject, received_at FROM mailbox_messages");
        if let Some((received_at, id)) = after {
            sql.push(" WHERE (received_at, id) < (").push_bind(received_at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY received_at DESC, id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

pub(super) async fn find_message(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<OpenMessage>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, from_line, to_address, subject, received_at, text_body, attachments \
         FROM mailbox_messages WHERE id = $1",
    ).bind(id).fetch_optional(ex).await)?)
}

/// Of these invoices, those that any letter is about.
pub async fn list_written_about(conn: &mut impl Conn, stamp_ids: &[Uuid]) -> DbResult<HashSet<Uuid>> {
    if stamp_ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<Uuid> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT stamp_id FROM letters WHERE stamp_id IN (");
        let mut ids = sql.separated(", ");
        for id in stamp_ids {
            ids.push_bind(*id);
        }
        sql.push(")");
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(found.into_iter().collect())
}

/// Letters not yet sent, by id after `after`.
pub(super) async fn list_queued(conn: &mut impl Conn, after: Option<Uuid>, limit: i64) -> DbResult<Vec<Uuid>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id FROM letters WHERE state = 'queued'");
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}

/// Letters written since then that were given up.
pub async fn count_failed_since(conn: &mut impl Conn, since: Timestamp) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM letters WHERE state = 'failed' AND created_at >= $1")
        .bind(since).fetch_one(ex).await)?)
}

/// What is kept of an address that was refused.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct MarkRow {
    pub code: i64,
    pub status: Option<String>,
    /// When the server was last asked about it.
    pub tried_at: Timestamp,
    /// With which letter.
    pub tried_with: Uuid,
}

pub(super) async fn find_mark(conn: &mut impl Conn, email_folded: &str) -> DbResult<Option<MarkRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT code, status, tried_at, tried_with FROM mail_refusals WHERE email_folded = $1",
    ).bind(email_folded).fetch_optional(ex).await)?)
}

/// A letter is the next that may be tried. `false`: another was first, or the mark is gone.
pub(super) async fn claim_mark(
    tx: &mut Tx,
    email_folded: &str,
    tried_at: Timestamp,
    letter: Uuid,
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE mail_refusals SET tried_at = $4, tried_with = $3 WHERE email_folded = $1 AND tried_at = $2",
    )
    .bind(email_folded).bind(tried_at).bind(letter).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// An address was refused; it keeps since when.
pub(super) async fn upsert_mark(
    tx: &mut Tx,
    email_folded: &str,
    refusal: &Refusal,
    letter: Uuid,
    now: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO mail_refusals (email_folded, since, code, status, tried_at, tried_with) \
         VALUES ($1, $2, $3, $4, $2, $5) ON CONFLICT (email_folded) DO UPDATE SET code = excluded.code, \
         status = excluded.status, tried_at = excluded.tried_at, tried_with = excluded.tried_with",
    )
    .bind(email_folded).bind(now).bind(i64::from(refusal.code)).bind(refusal.status.as_deref()).bind(letter)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// `false`: it had no mark.
pub(super) async fn delete_mark(tx: &mut Tx, email_folded: &str) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query("DELETE FROM mail_refusals WHERE email_folded = $1")
        .bind(email_folded).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Of these addresses the marked ones, and since when.
pub(super) async fn list_marks(conn: &mut impl Conn, emails_folded: &[String]) -> DbResult<HashMap<String, Timestamp>> {
    if emails_folded.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(String, Timestamp)> = on!(conn, ex => {
        let mut sql =
            sqlx::QueryBuilder::new("SELECT email_folded, since FROM mail_refusals WHERE email_folded IN (");
        let mut list = sql.separated(", ");
        for email in emails_folded {
            list.push_bind(email);
        }
        sql.push(")");
        sql.build_query_as().fetch_all(ex).await
    })?;
    Ok(rows.into_iter().collect())
}

pub(super) async fn count_marks(conn: &mut impl Conn) -> DbResult<i64> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT COUNT(*) FROM mail_refusals").fetch_one(ex).await)?)
}

/// Deletes at most `limit` marks last confirmed before `before`; says how many.
pub(super) async fn delete_marks(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM mail_refusals WHERE email_folded IN (SELECT email_folded FROM mail_refusals \
         WHERE tried_at < $1 ORDER BY tried_at LIMIT $2)",
    ).bind(before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
