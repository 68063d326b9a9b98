//! SQL of exchange rates.
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::Scope;
use crate::payments::rates::{DayRate, Origin};

/// A kept rate. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RateRow {
    /// ISO code.
    pub currency: String,
    /// Civil day.
    pub valid_on: String,
    /// Decimal text, six decimals.
    pub rate: String,
    /// Whose word.
    pub source: String,
    /// The series, when it has one.
    pub series: Option<String>,
    /// Who said it, as the audit log names it.
    pub set_by: Option<String>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Which rates are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// One currency.
    pub currency: Option<&'a str>,
    /// One source.
    pub source: Option<&'a str>,
    /// Up to this civil day.
    pub until: Option<&'a str>,
    /// Said at this instant or later.
    pub since: Option<Timestamp>,
}

/// Keeps a rate. `false`: it is so already, or people said otherwise and the central bank does not overwrite them.
pub async fn upsert(
    tx: &mut Tx,
    scope: Scope,
    day: &DayRate,
    (origin, series, set_by): (Origin, Option<&str>, Option<&str>),
    now: Timestamp,
) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "INSERT INTO exchange_rates (issuer_id, currency, valid_on, rate, source, series, updated_at, set_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (issuer_id, currency, valid_on) DO UPDATE \
         SET rate = $4, source = $5, series = $6, updated_at = $7, set_by = $8 \
         WHERE (exchange_rates.rate <> $4 OR exchange_rates.source <> $5) \
         AND ($5 <> 'banxico' OR exchange_rates.source = 'banxico')",
    )
    .bind(scope.uuid()).bind(day.currency.code()).bind(day.valid_on.to_string()).bind(day.rate.to_string())
    .bind(origin.as_str()).bind(series).bind(now).bind(set_by)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// The rate of one day.
pub async fn find(conn: &mut impl Conn, scope: Scope, currency: &str, valid_on: &str) -> DbResult<Option<RateRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT currency, valid_on, rate, source, series, set_by, updated_at FROM exchange_rates \
         WHERE issuer_id = $1 AND currency = $2 AND valid_on = $3",
    ).bind(scope.uuid()).bind(currency).bind(valid_on).fetch_optional(ex).await)?)
}

/// The last rate between two days, both included.
pub async fn find_last(
    conn: &mut impl Conn,
    scope: Scope,
    currency: &str,
    (oldest, newest): (&str, &str),
) -> DbResult<Option<RateRow>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT currency, valid_on, rate, source, series, set_by, updated_at FROM exchange_rates \
         WHERE issuer_id = $1 AND currency = $2 AND valid_on >= $3 AND valid_on <= $4 \
         ORDER BY valid_on DESC LIMIT 1",
    ).bind(scope.uuid()).bind(currency).bind(oldest).bind(newest).fetch_optional(ex).await)?)
}

/// An issuer's rates, the newest day first, before a key.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: &Wanted<'_>,
    before: Option<(&str, &str)>,
    limit: i64,
) -> DbResult<Vec<RateRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT currency, valid_on, rate, source, series, set_by, updated_at FROM exchange_rates WHERE issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        for (column, value) in [(" AND currency = ", wanted.currency), (" AND source = ", wanted.source)] {
            if let Some(value) = value {
                sql.push(column).push_bind(value);
            }
        }
        if let Some(until) = wanted.until {
            sql.push(" AND valid_on <= ").push_bind(until);
        }
        if let Some(since) = wanted.since {
            sql.push(" AND updated_at >= ").push_bind(since);
        }
        if let Some((valid_on, currency)) = before {
            sql.push(" AND (valid_on, currency) < (").push_bind(valid_on).push(", ").push_bind(currency).push(")");
        }
        sql.push(" ORDER BY valid_on DESC, currency DESC LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}
