//! What operators set of an issuer: its brand, its branches, its certificates.
use shared::payments::RateSource;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Branch, BranchId, BranchRow, CsdId, Issuer, Scope};
use crate::db::{Conn, DbResult, Timestamp, Tx, on};
use crate::issuers::logo::{LogoKind, StoredLogo};

/// Puts a logo in the place of the one before.
pub async fn upsert_logo(tx: &mut Tx, scope: Scope, logo: &StoredLogo, changed_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO issuer_logos (issuer_id, media_type, image, changed_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (issuer_id) DO UPDATE SET media_type = excluded.media_type, image = excluded.image, \
         changed_at = excluded.changed_at",
    )
    .bind(scope.uuid())
    .bind(logo.kind.media_type())
    .bind(&logo.image)
    .bind(changed_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Says that the brand is another from now on.
pub async fn raise_brand_version(tx: &mut Tx, scope: Scope) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE issuers SET brand_version = brand_version + 1 WHERE id = $1")
        .bind(scope.uuid()).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// The issuer's logo.
pub async fn find_logo(conn: &mut impl Conn, scope: Scope) -> DbResult<Option<StoredLogo>> {
    let row: Option<(String, Vec<u8>)> = on!(conn, ex => sqlx::query_as(
        "SELECT media_type, image FROM issuer_logos WHERE issuer_id = $1",
    ).bind(scope.uuid()).fetch_optional(ex).await)?;
    row.map(|(media_type, image)| {
        let kind = LogoKind::parse(&media_type).ok_or_else(|| sqlx::Error::Decode("unknown media type".into()))?;
        Ok(StoredLogo { kind, image })
    })
    .transpose()
}

/// Whether the issuer has a logo.
pub async fn has_logo(conn: &mut impl Conn, scope: Scope) -> DbResult<bool> {
    let row: Option<(i64,)> = on!(conn, ex => sqlx::query_as(
        "SELECT CAST(1 AS BIGINT) FROM issuer_logos WHERE issuer_id = $1",
    ).bind(scope.uuid()).fetch_optional(ex).await)?;
    Ok(row.is_some())
}

/// Another brand, other words: everything of an issuer that may change.
pub async fn update_issuer(tx: &mut Tx, scope: Scope, issuer: &Issuer) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "UPDATE issuers SET commercial_name = $2, regimen = $3, support_email = $4, brand_color = $5, \
         address_lines = $6, language = $7, daily_stamp_ceiling = $8, time_zone = $9, footer = $10, rate_policy = $11, \
         brand_version = brand_version + 1 WHERE id = $1",
    )
    .bind(scope.uuid())
    .bind(&issuer.commercial_name)
    .bind(issuer.regimen.code())
    .bind(issuer.support_email.as_str())
    .bind(issuer.brand_color.as_str())
    .bind(Json(&issuer.address_lines))
    .bind(issuer.language.as_str())
    .bind(issuer.daily_stamp_ceiling)
    .bind(issuer.zone_name())
    .bind(&issuer.footer)
    .bind(issuer.rate_policy.map(RateSource::as_str))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Everything of a branch. `false`: the issuer has none such.
pub async fn update_branch(tx: &mut Tx, scope: Scope, branch: &Branch, active: bool) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE branches SET name = $3, search_text = $4, postal_code = $5, city = $6, time_zone = $7, serie = $8, \
         invoicing_grace_days = $9, ticket_picture = $10, active = $11 WHERE issuer_id = $1 AND id = $2",
    )
    .bind(scope.uuid())
    .bind(branch.id.uuid())
    .bind(&branch.name)
    .bind(branch.search_text())
    .bind(branch.postal_code.as_str())
    .bind(&branch.city)
    .bind(branch.zone_name())
    .bind(&branch.serie)
    .bind(branch.invoicing_grace_days)
    .bind(Json(&branch.ticket_picture))
    .bind(active)
    .execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

/// Branches, taken out of the list or not, in the order they came, after one of them.
pub async fn list_all_branches(
    conn: &mut impl Conn,
    scope: Scope,
    after: Option<BranchId>,
    limit: i64,
) -> DbResult<Vec<(Branch, bool)>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        active: bool,
        #[sqlx(flatten)]
        branch: BranchRow,
    }
    // Ids are UUIDv7: none is below the nil one.
    let after = after.map_or(Uuid::nil(), BranchId::uuid);
    let rows: Vec<Row> = on!(conn, ex => sqlx::query_as(
        "SELECT id, name, postal_code, city, time_zone, serie, invoicing_grace_days, ticket_picture, active \
         FROM branches WHERE issuer_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    ).bind(scope.uuid()).bind(after).bind(limit).fetch_all(ex).await)?;
    rows.into_iter().map(|row| Ok((Branch::try_from(row.branch)?, row.active))).collect()
}

/// A certificate as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct KnownCsd {
    /// Ours.
    pub id: Uuid,
    /// The SAT's twenty digits.
    pub certificate_number: String,
    /// First instant it is good for.
    pub valid_from: Timestamp,
    /// First instant it is no longer good for.
    pub valid_until: Timestamp,
    /// Stopped.
    pub revoked_at: Option<Timestamp>,
}

/// All certificates of an issuer, the newest first.
pub async fn list_csds(conn: &mut impl Conn, scope: Scope, limit: i64) -> DbResult<Vec<KnownCsd>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT id, certificate_number, valid_from, valid_until, revoked_at FROM csds \
         WHERE issuer_id = $1 ORDER BY id DESC LIMIT $2",
    ).bind(scope.uuid()).bind(limit).fetch_all(ex).await)?)
}

/// A certificate that ends.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct EndingCsd {
    pub issuer_id: Uuid,
    pub id: Uuid,
    pub certificate_number: String,
    pub valid_until: Timestamp,
}

/// Certificates of all issuers that end between two instants and that no other of the same issuer outlasts.
pub async fn list_ending_csds(
    conn: &mut impl Conn,
    (after, until): (Timestamp, Timestamp),
    limit: i64,
) -> DbResult<Vec<EndingCsd>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT c.issuer_id, c.id, c.certificate_number, c.valid_until FROM csds AS c \
         WHERE c.revoked_at IS NULL AND c.valid_until > $1 AND c.valid_until <= $2 AND NOT EXISTS (SELECT 1 \
         FROM csds AS o WHERE o.issuer_id = c.issuer_id AND o.revoked_at IS NULL AND o.valid_until > c.valid_until) \
         ORDER BY c.valid_until, c.id LIMIT $3",
    ).bind(after).bind(until).bind(limit).fetch_all(ex).await)?)
}

/// The letter of a term goes out. `false`: it, or that of a shorter one, did before.
pub async fn mark_csd_warned(tx: &mut Tx, scope: Scope, id: CsdId, days: i64) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE csds SET warned_days = $3 WHERE issuer_id = $1 AND id = $2 AND (warned_days IS NULL OR warned_days > $3)",
    ).bind(scope.uuid()).bind(id.uuid()).bind(days).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}
