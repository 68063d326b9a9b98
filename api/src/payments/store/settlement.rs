//! SQL of banks' files and their lines.
use shared::payments::SettlementResult;
use uuid::Uuid;

use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;

/// A file to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    pub id: Uuid,
    pub format: &'a str,
    pub bank: &'a str,
    pub name: &'a str,
    pub sha256: &'a [u8],
    pub line_count: i64,
    pub brought_by: &'a str,
}

/// A line to keep. One that cannot be read has its result at once, and names the part instead of a reference.
#[derive(Debug, Clone, Default)]
pub struct NewLine {
    pub raw: Option<String>,
    pub line_key: Option<Vec<u8>>,
    pub merchant_order: Option<String>,
    pub merchant_reference: Option<String>,
    pub bank_transaction: Option<String>,
    pub amount_minor: Option<i64>,
    pub fee_minor: Option<i64>,
    pub fee_tax_minor: Option<i64>,
    pub paid_on: Option<String>,
    pub paid_out_on: Option<String>,
    pub result: Option<(SettlementResult, &'static str)>,
}

/// A file. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FileRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub format: String,
    pub bank: String,
    pub name: String,
    pub line_count: i64,
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

/// A line. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LineRow {
    pub file_id: Uuid,
    pub line: i64,
    pub raw: Option<String>,
    pub line_key: Option<Vec<u8>>,
    pub result: Option<String>,
    pub payment_id: Option<Uuid>,
    pub merchant_reference: Option<String>,
    pub bank_transaction: Option<String>,
    pub amount_minor: Option<i64>,
    pub fee_minor: Option<i64>,
    pub fee_tax_minor: Option<i64>,
    pub paid_on: Option<String>,
    pub paid_out_on: Option<String>,
}

macro_rules! files {
    ($rest:literal) => {
        concat!(
            "SELECT id, issuer_id, format, bank, name, line_count, created_at, done_at FROM settlement_files ",
            $rest
        )
    };
}

macro_rules! lines {
    ($rest:literal) => {
        concat!(
            "SELECT file_id, line, raw, line_key, result, payment_id, merchant_reference, bank_transaction, \
             amount_minor, fee_minor, fee_tax_minor, paid_on, paid_out_on FROM settlement_lines ",
            $rest
        )
    };
}

/// Keeps a file. `false`: the issuer has the very same already.
pub async fn insert_file(tx: &mut Tx, scope: Scope, new: &NewFile<'_>, now: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO settlement_files (id, issuer_id, format, bank, name, sha256, line_count, brought_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (issuer_id, sha256) DO NOTHING",
    )
    .bind(new.id).bind(scope.uuid()).bind(new.format).bind(new.bank).bind(new.name).bind(new.sha256)
    .bind(new.line_count).bind(new.brought_by).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Keeps a line.
pub async fn insert_line(
    tx: &mut Tx,
    scope: Scope,
    (file, number): (Uuid, i64),
    new: &NewLine,
    now: Timestamp,
) -> DbResult<()> {
    let reference = new.merchant_reference.as_deref().or(new.result.map(|(_, part)| part));
    on!(tx, ex => sqlx::query(
        "INSERT INTO settlement_lines (file_id, line, issuer_id, raw, line_key, result, merchant_order, \
         merchant_reference, bank_transaction, amount_minor, fee_minor, fee_tax_minor, paid_on, paid_out_on, settled_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(file).bind(number).bind(scope.uuid()).bind(new.raw.as_deref()).bind(new.line_key.as_deref())
    .bind(new.result.map(|(result, _)| result.as_str())).bind(new.merchant_order.as_deref()).bind(reference)
    .bind(new.bank_transaction.as_deref()).bind(new.amount_minor).bind(new.fee_minor).bind(new.fee_tax_minor)
    .bind(new.paid_on.as_deref()).bind(new.paid_out_on.as_deref()).bind(new.result.map(|_| now))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The issuer's file with these bytes.
pub async fn find_by_sha(conn: &mut impl Conn, scope: Scope, sha256: &[u8]) -> DbResult<Option<FileRow>> {
    Ok(on!(conn, ex => sqlx::query_as(files!("WHERE issuer_id = $1 AND sha256 = $2"))
        .bind(scope.uuid()).bind(sha256).fetch_optional(ex).await)?)
}

/// One file of an issuer's.
pub async fn find_file(conn: &mut impl Conn, scope: Scope, id: Uuid) -> DbResult<Option<FileRow>> {
    Ok(on!(conn, ex => sqlx::query_as(files!("WHERE issuer_id = $1 AND id = $2"))
        .bind(scope.uuid()).bind(id).fetch_optional(ex).await)?)
}

/// A file by the queue's own row, which carries only its id.
pub async fn find_file_of_job(conn: &mut impl Conn, id: Uuid) -> DbResult<Option<FileRow>> {
    Ok(on!(conn, ex => sqlx::query_as(files!("WHERE id = $1")).bind(id).fetch_optional(ex).await)?)
}

/// An issuer's files, the newest first, before a key.
pub async fn list_files(
    conn: &mut impl Conn,
    scope: Scope,
    before: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> DbResult<Vec<FileRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(files!("WHERE issuer_id = "));
        sql.push_bind(scope.uuid());
        if let Some((at, id)) = before {
            sql.push(" AND (created_at, id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY created_at DESC, id DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// How many lines of a file came to what.
pub async fn count_results(conn: &mut impl Conn, scope: Scope, id: Uuid) -> DbResult<Vec<(Option<String>, i64)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT result, COUNT(*) FROM settlement_lines WHERE file_id = $1 AND issuer_id = $2 GROUP BY result",
    ).bind(id).bind(scope.uuid()).fetch_all(ex).await)?)
}

/// Lines that wait, in their order.
pub async fn list_waiting(conn: &mut impl Conn, scope: Scope, id: Uuid, limit: i64) -> DbResult<Vec<LineRow>> {
    Ok(on!(conn, ex => sqlx::query_as(lines!(
        "WHERE file_id = $1 AND issuer_id = $2 AND result IS NULL ORDER BY line LIMIT $3"
    )).bind(id).bind(scope.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// A file's lines after a number, all or those that came to one result.
pub async fn list_lines(
    conn: &mut impl Conn,
    scope: Scope,
    (id, only): (Uuid, Option<SettlementResult>),
    after: i64,
    limit: i64,
) -> DbResult<Vec<LineRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(lines!("WHERE file_id = "));
        sql.push_bind(id).push(" AND issuer_id = ").push_bind(scope.uuid()).push(" AND line > ").push_bind(after);
        if let Some(only) = only {
            sql.push(" AND result = ").push_bind(only.as_str());
        }
        sql.push(" ORDER BY line LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// One line.
pub async fn find_line(conn: &mut impl Conn, scope: Scope, (file, line): (Uuid, i64)) -> DbResult<Option<LineRow>> {
    Ok(on!(conn, ex => sqlx::query_as(lines!("WHERE file_id = $1 AND issuer_id = $2 AND line = $3"))
        .bind(file).bind(scope.uuid()).bind(line).fetch_optional(ex).await)?)
}

/// The payment that the very same line of another place was about, of the same day where both say one; `None`: no such
/// line found anything yet.
pub async fn find_settled(
    conn: &mut impl Conn,
    scope: Scope,
    line_key: &[u8],
    (file, line): (Uuid, i64),
    paid_on: Option<&str>,
) -> DbResult<Option<Option<Uuid>>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT payment_id FROM settlement_lines WHERE issuer_id = $1 AND line_key = $2 AND payment_id IS NOT NULL \
         AND NOT (file_id = $3 AND line = $4) AND (paid_on IS NULL OR paid_on = COALESCE($5, paid_on)) \
         ORDER BY settled_at LIMIT 1",
    ).bind(scope.uuid()).bind(line_key).bind(file).bind(line).bind(paid_on).fetch_optional(ex).await)?)
}

/// Writes what a line came to. `false`: somebody else settled it meanwhile, to the same end.
pub async fn mark_settled(
    tx: &mut Tx,
    scope: Scope,
    (file, line): (Uuid, i64),
    (result, payment): (SettlementResult, Option<Uuid>),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE settlement_lines SET result = $4, payment_id = $5, settled_at = $6 \
         WHERE file_id = $1 AND line = $2 AND issuer_id = $3 AND result IS NULL",
    ).bind(file).bind(line).bind(scope.uuid()).bind(result.as_str()).bind(payment).bind(now)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Gives a line that named nothing to the payment that somebody made of it, or that it is.
pub async fn mark_assigned(
    tx: &mut Tx,
    scope: Scope,
    (file, line): (Uuid, i64),
    (result, payment): (SettlementResult, Uuid),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE settlement_lines SET result = $6, payment_id = $4, settled_at = $5 \
         WHERE file_id = $1 AND line = $2 AND issuer_id = $3 AND result = 'not_found'",
    ).bind(file).bind(line).bind(scope.uuid()).bind(payment).bind(now).bind(result.as_str())
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Notes that no line waits any more.
pub async fn mark_done(tx: &mut Tx, scope: Scope, id: Uuid, now: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE settlement_files SET done_at = $3 WHERE id = $1 AND issuer_id = $2 AND done_at IS NULL",
    ).bind(id).bind(scope.uuid()).bind(now).execute(ex).await.map(|_| ()))?;
    Ok(())
}
