//! SQL of `issuers`, `branches` and `csds`.
pub mod notices;
mod settings;

use shared::Lang;
use shared::issuers::TicketPicture;
use shared::payments::RateSource;
use sqlx::QueryBuilder;
use sqlx::types::Json;
use uuid::Uuid;

use super::model::{Branch, BranchId, BrandColor, CsdId, Issuer, IssuerId, Scope, StoredCsd};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx, on};

pub use settings::*;

/// Certificates of one issuer that may be valid at the same time: two in a rotation, some more in a muddle.
const CSDS_MAX: i64 = 10;

#[derive(sqlx::FromRow)]
struct IssuerRow {
    id: Uuid,
    slug: String,
    rfc: String,
    nombre: String,
    commercial_name: String,
    regimen: String,
    support_email: String,
    brand_color: String,
    brand_version: i64,
    address_lines: Json<Vec<String>>,
    #[sqlx(try_from = "String")]
    language: Lang,
    is_default: bool,
    daily_stamp_ceiling: i64,
    time_zone: String,
    footer: String,
    rate_policy: Option<String>,
}

#[derive(sqlx::FromRow)]
struct BranchRow {
    id: Uuid,
    name: String,
    postal_code: String,
    city: String,
    time_zone: String,
    serie: String,
    invoicing_grace_days: i64,
    ticket_picture: Json<TicketPicture>,
}

#[derive(sqlx::FromRow)]
struct CsdRow {
    id: Uuid,
    certificate_number: String,
    certificate_der: Vec<u8>,
    key_sealed: Vec<u8>,
    valid_from: Timestamp,
    valid_until: Timestamp,
}

/// A row that our own types refuse: somebody wrote it by hand, or it is damaged.
fn unreadable<E: std::error::Error + Send + Sync + 'static>(error: E) -> DbError {
    sqlx::Error::Decode(Box::new(error)).into()
}

impl TryFrom<IssuerRow> for Issuer {
    type Error = DbError;
    fn try_from(row: IssuerRow) -> DbResult<Issuer> {
        Ok(Issuer {
            id: IssuerId::new(row.id),
            slug: row.slug,
            rfc: row.rfc.parse().map_err(unreadable)?,
            nombre: row.nombre.parse().map_err(unreadable)?,
            commercial_name: row.commercial_name,
            regimen: row.regimen.parse().map_err(unreadable)?,
            support_email: row.support_email.parse().map_err(unreadable)?,
            brand_color: BrandColor::parse(&row.brand_color).map_err(unreadable)?,
            brand_version: row.brand_version,
            address_lines: row.address_lines.0,
            language: row.language,
            is_default: row.is_default,
            daily_stamp_ceiling: row.daily_stamp_ceiling,
            time_zone: jiff::tz::TimeZone::get(&row.time_zone).map_err(unreadable)?,
            footer: row.footer,
            rate_policy: row.rate_policy.as_deref().and_then(RateSource::parse),
        })
    }
}

impl TryFrom<BranchRow> for Branch {
    type Error = DbError;
    fn try_from(row: BranchRow) -> DbResult<Branch> {
        Ok(Branch {
            id: BranchId::new(row.id),
            name: row.name,
            postal_code: row.postal_code.parse().map_err(unreadable)?,
            city: row.city,
            time_zone: jiff::tz::TimeZone::get(&row.time_zone).map_err(unreadable)?,
            serie: row.serie,
            invoicing_grace_days: row.invoicing_grace_days,
            ticket_picture: row.ticket_picture.0,
        })
    }
}

impl From<CsdRow> for StoredCsd {
    fn from(row: CsdRow) -> StoredCsd {
        StoredCsd {
            id: CsdId::new(row.id),
            certificate_number: row.certificate_number,
            certificate_der: row.certificate_der,
            key_sealed: row.key_sealed,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        }
    }
}

/// The issuer with this name in addresses.
pub async fn find_issuer_by_slug(conn: &mut impl Conn, slug: &str) -> DbResult<Option<Issuer>> {
    let row: Option<IssuerRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, brand_version, \
         address_lines, language, is_default, daily_stamp_ceiling, footer, \
         time_zone, rate_policy FROM issuers WHERE slug = $1",
    ).bind(slug).fetch_optional(ex).await)?;
    row.map(Issuer::try_from).transpose()
}

/// The issuer whose pages stand at `/`.
pub async fn find_default_issuer(conn: &mut impl Conn) -> DbResult<Option<Issuer>> {
    let row: Option<IssuerRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, brand_version, \
         address_lines, language, is_default, daily_stamp_ceiling, footer, \
         time_zone, rate_policy FROM issuers WHERE is_default",
    ).fetch_optional(ex).await)?;
    row.map(Issuer::try_from).transpose()
}

/// The issuer of a scope.
pub async fn find_issuer(conn: &mut impl Conn, scope: Scope) -> DbResult<Option<Issuer>> {
    let row: Option<IssuerRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, brand_version, \
         address_lines, language, is_default, daily_stamp_ceiling, footer, \
         time_zone, rate_policy FROM issuers WHERE id = $1",
    ).bind(scope.uuid()).fetch_optional(ex).await)?;
    row.map(Issuer::try_from).transpose()
}

/// The issuers of these scopes, in no order.
pub async fn find_issuers(conn: &mut impl Conn, scopes: &[Scope]) -> DbResult<Vec<Issuer>> {
    let rows: Vec<IssuerRow> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, brand_version, \
             address_lines, language, is_default, daily_stamp_ceiling, footer, \
             time_zone, rate_policy FROM issuers WHERE id IN (",
        );
        let mut ids = sql.separated(", ");
        for scope in scopes {
            ids.push_bind(scope.uuid());
        }
        sql.push(")").build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Issuer::try_from).collect()
}

/// Issuers, by name.
pub async fn list_issuers(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<Issuer>> {
    let rows: Vec<IssuerRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, brand_version, \
         address_lines, language, is_default, daily_stamp_ceiling, footer, \
         time_zone, rate_policy FROM issuers ORDER BY commercial_name, id LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?;
    rows.into_iter().map(Issuer::try_from).collect()
}

/// Active branches that contain every one of `words` (folded), in the order of their search text, after a branch.
pub async fn list_branches(
    conn: &mut impl Conn,
    scope: Scope,
    words: &[String],
    after: Option<BranchId>,
    limit: i64,
) -> DbResult<Vec<Branch>> {
    let rows: Vec<BranchRow> = on!(conn, ex => {
        let mut sql = QueryBuilder::new(
            "SELECT id, name, postal_code, city, time_zone, serie, invoicing_grace_days, ticket_picture \
             FROM branches WHERE active AND issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        for word in words {
            sql.push(" AND search_text LIKE ").push_bind(like_pattern(word)).push(" ESCAPE '\\'");
        }
        if let Some(after) = after {
            sql.push(" AND (search_text, id) > (SELECT search_text, id FROM branches WHERE issuer_id = ");
            sql.push_bind(scope.uuid()).push(" AND id = ").push_bind(after.uuid()).push(")");
        }
        sql.push(" ORDER BY search_text, id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?;
    rows.into_iter().map(Branch::try_from).collect()
}

/// The postal codes of every issuer's active branches, each once.
pub async fn list_postal_codes(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT DISTINCT postal_code FROM branches WHERE active ORDER BY postal_code LIMIT $1",
    ).bind(limit).fetch_all(ex).await)?)
}

/// `%word%` in which the word's own signs mean nothing.
fn like_pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A branch of this issuer, active or not: its old tickets still name it.
pub async fn find_branch(conn: &mut impl Conn, scope: Scope, id: BranchId) -> DbResult<Option<Branch>> {
    let row: Option<BranchRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, name, postal_code, city, time_zone, serie, invoicing_grace_days, ticket_picture \
         FROM branches WHERE issuer_id = $1 AND id = $2",
    ).bind(scope.uuid()).bind(id.uuid()).fetch_optional(ex).await)?;
    row.map(Branch::try_from).transpose()
}

/// The active branch of this issuer with this name, as printed.
pub async fn find_branch_by_name(conn: &mut impl Conn, scope: Scope, name: &str) -> DbResult<Option<Branch>> {
    let row: Option<BranchRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, name, postal_code, city, time_zone, serie, invoicing_grace_days, ticket_picture \
         FROM branches WHERE issuer_id = $1 AND name = $2 AND active",
    ).bind(scope.uuid()).bind(name).fetch_optional(ex).await)?;
    row.map(Branch::try_from).transpose()
}

/// A new issuer.
pub async fn insert_issuer(tx: &mut Tx, issuer: &Issuer, created_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO issuers (id, slug, rfc, nombre, commercial_name, regimen, support_email, brand_color, \
         brand_version, address_lines, language, is_default, daily_stamp_ceiling, created_at, time_zone, footer, \
         rate_policy) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(issuer.id.uuid())
    .bind(&issuer.slug)
    .bind(issuer.rfc.as_str())
    .bind(issuer.nombre.as_str())
    .bind(&issuer.commercial_name)
    .bind(issuer.regimen.code())
    .bind(issuer.support_email.as_str())
    .bind(issuer.brand_color.as_str())
    .bind(issuer.brand_version)
    .bind(Json(&issuer.address_lines))
    .bind(issuer.language.as_str())
    .bind(issuer.is_default)
    .bind(issuer.daily_stamp_ceiling)
    .bind(created_at)
    .bind(issuer.zone_name())
    .bind(&issuer.footer)
    .bind(issuer.rate_policy.map(RateSource::as_str))
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A new branch of this issuer.
pub async fn insert_branch(tx: &mut Tx, scope: Scope, branch: &Branch, created_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO branches (id, issuer_id, name, search_text, postal_code, city, time_zone, serie, \
         invoicing_grace_days, ticket_picture, active, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, TRUE, $11)",
    )
    .bind(branch.id.uuid())
    .bind(scope.uuid())
    .bind(&branch.name)
    .bind(branch.search_text())
    .bind(branch.postal_code.as_str())
    .bind(&branch.city)
    .bind(branch.zone_name())
    .bind(&branch.serie)
    .bind(branch.invoicing_grace_days)
    .bind(Json(&branch.ticket_picture))
    .bind(created_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// A new certificate of this issuer, its key already sealed.
pub async fn insert_csd(tx: &mut Tx, scope: Scope, csd: &StoredCsd, created_at: Timestamp) -> DbResult<()> {
    on!(tx, ex => sqlx::query(
        "INSERT INTO csds (id, issuer_id, certificate_number, certificate_der, key_sealed, valid_from, valid_until, \
         revoked_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)",
    )
    .bind(csd.id.uuid())
    .bind(scope.uuid())
    .bind(&csd.certificate_number)
    .bind(&csd.certificate_der)
    .bind(&csd.key_sealed)
    .bind(csd.valid_from)
    .bind(csd.valid_until)
    .bind(created_at)
    .execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Certificates good at an instant and not revoked, the newest first.
pub async fn list_csds_at(conn: &mut impl Conn, scope: Scope, at: Timestamp) -> DbResult<Vec<StoredCsd>> {
    let rows: Vec<CsdRow> = on!(conn, ex => sqlx::query_as(
        "SELECT id, certificate_number, certificate_der, key_sealed, valid_from, valid_until FROM csds \
         WHERE issuer_id = $1 AND revoked_at IS NULL AND valid_from <= $2 AND valid_until > $2 \
         ORDER BY valid_from DESC, id DESC LIMIT $3",
    ).bind(scope.uuid()).bind(at).bind(CSDS_MAX).fetch_all(ex).await)?;
    Ok(rows.into_iter().map(StoredCsd::from).collect())
}

/// Each issuer's name in addresses, and until when the longest of its certificates that are good now seals.
pub async fn list_csd_terms(
    conn: &mut impl Conn,
    at: Timestamp,
    limit: i64,
) -> DbResult<Vec<(String, Option<Timestamp>)>> {
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT i.slug, MAX(c.valid_until) FROM issuers AS i LEFT JOIN csds AS c ON c.issuer_id = i.id \
         AND c.revoked_at IS NULL AND c.valid_from <= $1 AND c.valid_until > $1 \
         GROUP BY i.slug ORDER BY i.slug LIMIT $2",
    ).bind(at).bind(limit).fetch_all(ex).await)?)
}

/// Certificates of all issuers that may still seal, the newest first.
pub async fn list_sealing_csds(
    conn: &mut impl Conn,
    at: Timestamp,
    limit: i64,
) -> DbResult<Vec<(IssuerId, StoredCsd)>> {
    #[derive(sqlx::FromRow)]
    struct Owned {
        issuer_id: Uuid,
        #[sqlx(flatten)]
        csd: CsdRow,
    }
    let rows: Vec<Owned> = on!(conn, ex => sqlx::query_as(
        "SELECT issuer_id, id, certificate_number, certificate_der, key_sealed, valid_from, valid_until FROM csds \
         WHERE revoked_at IS NULL AND valid_until > $1 ORDER BY valid_from DESC, id DESC LIMIT $2",
    ).bind(at).bind(limit).fetch_all(ex).await)?;
    Ok(rows.into_iter().map(|row| (IssuerId::new(row.issuer_id), row.csd.into())).collect())
}

/// Stops a certificate for good. `false`: there is none such, or it was revoked before.
pub async fn mark_csd_revoked(tx: &mut Tx, scope: Scope, id: CsdId, revoked_at: Timestamp) -> DbResult<bool> {
    let rows = on!(tx, ex => sqlx::query(
        "UPDATE csds SET revoked_at = $3 WHERE issuer_id = $1 AND id = $2 AND revoked_at IS NULL",
    ).bind(scope.uuid()).bind(id.uuid()).bind(revoked_at).execute(ex).await.map(|done| done.rows_affected()))?;
    Ok(rows == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_a_pattern_are_searched_as_themselves() {
        assert_eq!(like_pattern(r"100%_a\b"), r"%100\%\_a\\b%");
    }
}
