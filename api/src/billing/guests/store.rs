//! SQL of `mail_codes`, and of the invoices of a mailbox.
use shared::Lang;
use shared::billing::InvoiceState;
use shared::guests::MyInvoicesFilter;
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::{IssuerId, Scope};

use crate::billing::store::unreadable;
use crate::tickets::model::TicketId;

/// Invoices of one mailbox that a code opens: the newest.
const OPENED_MAX: i64 = 500;

/// A code that may be on its way.
#[derive(Debug)]
pub(super) struct CodeRow {
    pub scope: Scope,
    pub email: String,
    pub language: Lang,
}

/// Keeps what a code was asked for; the code itself is nowhere but in the letter.
pub(super) async fn insert(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    (email, language): (&str, Lang),
    (now, expires_at): (Timestamp, Timestamp),
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO mail_codes (id, issuer_id, email, language, tries, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, 0, $5, $6)",
    )
    .bind(id).bind(scope.uuid()).bind(email).bind(language.as_str()).bind(now).bind(expires_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// What a code was asked for, for the queue, whose rows carry only its id.
pub(super) async fn find(conn: &mut impl Conn, id: Uuid, now: Timestamp) -> DbResult<Option<CodeRow>> {
    let row: Option<(Uuid, String, String)> = on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, email, language FROM mail_codes WHERE id = $1 AND used_at IS NULL AND expires_at > $2",
    ).bind(id).bind(now).fetch_optional(ex).await)?;
    let Some((issuer, email, language)) = row else { return Ok(None) };
    let language = Lang::from_tag(&language).ok_or_else(|| unreadable("language"))?;
    Ok(Some(CodeRow { scope: Scope::of(IssuerId::new(issuer)), email, language }))
}

/// Counts a try at a code. Gives its address; `None`: there is none such, it is over, or was tried too often.
pub(super) async fn count_try(
    tx: &mut Tx,
    scope: Scope,
    id: Uuid,
    tries_max: i64,
    now: Timestamp,
) -> DbResult<Option<String>> {
    Ok(on!(tx, ex => sqlx::query_scalar(
        "UPDATE mail_codes SET tries = tries + 1 WHERE id = $1 AND issuer_id = $2 AND tries < $3 \
         AND used_at IS NULL AND expires_at > $4 RETURNING email",
    ).bind(id).bind(scope.uuid()).bind(tries_max).bind(now).fetch_optional(ex).await)?)
}

/// Uses a code up. `false`: it was used meanwhile.
pub(super) async fn mark_used(tx: &mut Tx, scope: Scope, id: Uuid, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE mail_codes SET used_at = $3 WHERE id = $1 AND issuer_id = $2 AND used_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(now).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Whether anything of an issuer's was invoiced to a mailbox.
pub(super) async fn has_invoices(conn: &mut impl Conn, scope: Scope, email: &str) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM stamps WHERE issuer_id = $1 AND LOWER(email) = $2 AND state <> 'rejected')",
    ).bind(scope.uuid()).bind(email).fetch_one(ex).await)?)
}

/// Opens to a browser what an issuer invoiced to a mailbox, and leaves what was open longer so. Says how many.
pub(super) async fn grant_mailbox(
    tx: &mut Tx,
    scope: Scope,
    browser_hash: &[u8],
    email: &str,
    expires_at: Timestamp,
) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "INSERT INTO guest_accesses (browser_hash, stamp_id, issuer_id, expires_at) \
         SELECT $1, id, issuer_id, $4 FROM (SELECT id, issuer_id FROM stamps WHERE issuer_id = $2 \
         AND LOWER(email) = $3 AND state <> 'rejected' ORDER BY created_at DESC, id DESC LIMIT $5) AS theirs WHERE TRUE \
         ON CONFLICT (browser_hash, stamp_id) DO UPDATE SET expires_at = CASE \
         WHEN guest_accesses.expires_at > $4 THEN guest_accesses.expires_at ELSE $4 END",
    )
    .bind(browser_hash).bind(scope.uuid()).bind(email).bind(expires_at).bind(OPENED_MAX)
    .execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Keeps that a browser proved a mailbox.
pub(super) async fn upsert_mailbox(
    tx: &mut Tx,
    scope: Scope,
    browser_hash: &[u8],
    email: &str,
    expires_at: Timestamp,
) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO guest_mailboxes (browser_hash, issuer_id, email, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (browser_hash, issuer_id, email) DO UPDATE SET expires_at = excluded.expires_at",
    ).bind(browser_hash).bind(scope.uuid()).bind(email).bind(expires_at).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The mailbox that a browser proved last at an issuer, and until when that counts.
pub(super) async fn find_mailbox(
    conn: &mut impl Conn,
    scope: Scope,
    browser_hash: &[u8],
    now: Timestamp,
) -> DbResult<Option<(String, Timestamp)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT email, expires_at FROM guest_mailboxes WHERE browser_hash = $1 AND issuer_id = $2 AND expires_at > $3 \
         ORDER BY expires_at DESC, email LIMIT 1",
    ).bind(browser_hash).bind(scope.uuid()).bind(now).fetch_optional(ex).await)?)
}

/// Deletes at most `limit` proofs of mailboxes that were over before `ended_before`; says how many.
pub(super) async fn delete_ended_mailboxes(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM guest_mailboxes WHERE (browser_hash, issuer_id, email) IN (SELECT browser_hash, issuer_id, email \
         FROM guest_mailboxes WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}

/// Closes to a browser whatever it may open of an issuer's invoices.
pub(super) async fn delete_accesses_of(tx: &mut Tx, scope: Scope, browser_hash: &[u8]) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM guest_accesses WHERE browser_hash = $1 AND issuer_id = $2")
        .bind(browser_hash).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Forgets which mailboxes a browser proved at an issuer.
pub(super) async fn delete_mailboxes_of(tx: &mut Tx, scope: Scope, browser_hash: &[u8]) -> DbResult<()> {
    on!(tx, ex => sqlx::query("DELETE FROM guest_mailboxes WHERE browser_hash = $1 AND issuer_id = $2")
        .bind(browser_hash).bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The address that a ticket's live invoice was made for.
pub(super) async fn find_email_of_ticket(
    conn: &mut impl Conn,
    scope: Scope,
    ticket: Uuid,
) -> DbResult<Option<(String, String)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT email, language FROM stamps WHERE issuer_id = $1 AND ticket_id = $2 AND state <> 'rejected'",
    ).bind(scope.uuid()).bind(ticket).fetch_optional(ex).await)?)
}

/// Ids of what a browser may open of an issuer's, the newest first, after one of them.
pub(super) async fn list_for_browser(
    conn: &mut impl Conn,
    scope: Scope,
    browser_hash: &[u8],
    now: Timestamp,
    &Wanted { filter, tickets, after, limit }: &Wanted<'_>,
) -> DbResult<Vec<(Timestamp, Uuid)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT s.created_at, s.id FROM stamps AS s JOIN guest_accesses AS a ON a.stamp_id = s.id \
             WHERE s.state <> 'rejected' AND s.issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(" AND a.browser_hash = ").push_bind(browser_hash);
        sql.push(" AND a.expires_at > ").push_bind(now);
        if let Some((at, id)) = after {
            sql.push(" AND (s.created_at, s.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        if let Some(month) = &filter.month {
            // The civil day printed on the invoice.
            sql.push(" AND s.fecha LIKE ").push_bind([month, "-%"].concat());
        }
        if let Some(state) = filter.state {
            sql.push(" AND s.state = ").push_bind(match state {
                InvoiceState::Waiting => "sealed",
                InvoiceState::Stamped => "stamped",
                InvoiceState::Rejected => "rejected",
            });
        }
        if let Some(q) = &filter.q {
            let beginning = [&q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"), "%"].concat();
            sql.push(" AND (CAST(s.folio AS TEXT) LIKE ").push_bind(beginning.clone()).push(" ESCAPE '\\'");
            sql.push(" OR UPPER(s.serie) || '-' || CAST(s.folio AS TEXT) LIKE ").push_bind(beginning).push(" ESCAPE '\\'");
            if let Some(total) = minor(q) {
                sql.push(" OR s.total_minor = ").push_bind(total);
            }
            for ticket in tickets {
                sql.push(" OR s.ticket_id = ").push_bind(ticket.uuid());
            }
            sql.push(")");
        }
        sql.push(" ORDER BY s.created_at DESC, s.id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// An amount as typed, in minor units of a currency with two.
fn minor(q: &str) -> Option<i64> {
    let (whole, cents) = q.split_once('.').unwrap_or((q, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(cents) && cents.len() <= 2).then_some(())?;
    format!("{whole}{cents:0<2}").parse().ok()
}

/// What to show of a browser's invoices.
pub(super) struct Wanted<'a> {
    pub filter: &'a MyInvoicesFilter,
    /// Tickets that have the number that is searched for.
    pub tickets: &'a [TicketId],
    pub after: Option<(Timestamp, Uuid)>,
    pub limit: i64,
}

/// The tickets that were invoiced to a browser, the newest first.
pub(super) async fn list_tickets(
    conn: &mut impl Conn,
    scope: Scope,
    browser_hash: &[u8],
    (now, limit): (Timestamp, i64),
) -> DbResult<Vec<TicketId>> {
    let ids: Vec<Uuid> = on!(conn, ex => sqlx::query_scalar(
        "SELECT s.ticket_id FROM stamps AS s JOIN guest_accesses AS a ON a.stamp_id = s.id WHERE s.state <> 'rejected' \
         AND s.issuer_id = $1 AND a.browser_hash = $2 AND a.expires_at > $3 ORDER BY s.created_at DESC, s.id DESC LIMIT $4",
    ).bind(scope.uuid()).bind(browser_hash).bind(now).bind(limit).fetch_all(ex).await)?;
    Ok(ids.into_iter().map(TicketId::new).collect())
}

/// Deletes at most `limit` codes that were over before `ended_before`; says how many.
pub(super) async fn delete_ended(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    Ok(on!(tx, ex => sqlx::query(
        "DELETE FROM mail_codes WHERE id IN (SELECT id FROM mail_codes WHERE expires_at < $1 \
         ORDER BY expires_at LIMIT $2)",
    ).bind(ended_before).bind(limit).execute(ex).await.map(|done| done.rows_affected()))?)
}
