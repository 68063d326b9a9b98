//! What may be asked of issuers and branches.
use fiscal::FormaPago;
use shared::issuers::{BranchView, IssuerView};
use shared::problem::{FieldCode, FieldErrors};
use shared::profiles::HomeFace;

use super::model::{Branch, BranchId, CsdId, Issuer, Scope, StoredCsd, fold_search};
use super::store;
use crate::App;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};

/// The name that stands for the default issuer in addresses.
pub const DEFAULT_SLUG: &str = "default";
/// Longest text to search branches by, in characters.
pub const SEARCH_MAX: usize = 80;
/// Words of a search that count: each is one condition of the query.
pub const SEARCH_WORDS_MAX: usize = 6;
/// What a guest may choose from when the till did not say how the ticket was paid, the likeliest first.
const GUEST_FORMAS_PAGO: [FormaPago; 4] =
    [FormaPago::Efectivo, FormaPago::TarjetaDebito, FormaPago::TarjetaCredito, FormaPago::Transferencia];

/// Why a question about issuers has no answer.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// No issuer has this name.
    #[error("no issuer has this name")]
    NotFound,
    /// The search cannot be made.
    #[error("reading a search for branches")]
    Search(FieldErrors),
    /// The database.
    #[error("reading issuers")]
    Store(#[from] DbError),
}

/// The issuer of a public name, and the scope that opens its rows to this request.
pub async fn scope_of_slug(app: &App, slug: &str) -> DbResult<Option<(Scope, Issuer)>> {
    let issuer = find_by_slug(&mut app.db.read().await?, slug).await?;
    Ok(issuer.map(|issuer| (Scope::of(issuer.id), issuer)))
}

/// The issuer of a public name.
pub async fn find_by_slug(conn: &mut impl Conn, slug: &str) -> DbResult<Option<Issuer>> {
    if slug == DEFAULT_SLUG {
        store::find_default_issuer(conn).await
    } else {
        store::find_issuer_by_slug(conn, slug).await
    }
}

/// The issuer of a scope.
pub async fn find_issuer(conn: &mut impl Conn, scope: Scope) -> DbResult<Option<Issuer>> {
    store::find_issuer(conn, scope).await
}

/// The issuers of these scopes, in no order: for pages that name several.
pub async fn find_issuers(conn: &mut impl Conn, scopes: &[Scope]) -> DbResult<Vec<Issuer>> {
    if scopes.is_empty() { Ok(Vec::new()) } else { store::find_issuers(conn, scopes).await }
}

/// The issuer whose pages stand at `/`.
pub async fn find_default_issuer(conn: &mut impl Conn) -> DbResult<Option<Issuer>> {
    store::find_default_issuer(conn).await
}

/// Up to `limit` issuers, by name: for staff, who are told of those they work for.
pub async fn list_issuers(conn: &mut impl Conn, limit: u32) -> DbResult<Vec<Issuer>> {
    store::list_issuers(conn, limit.into()).await
}

/// A branch of this issuer, active or not.
pub async fn find_branch(conn: &mut impl Conn, scope: Scope, id: BranchId) -> DbResult<Option<Branch>> {
    store::find_branch(conn, scope, id).await
}

/// The active branch of this issuer with this name, as printed.
pub async fn find_branch_by_name(conn: &mut impl Conn, scope: Scope, name: &str) -> DbResult<Option<Branch>> {
    store::find_branch_by_name(conn, scope, name).await
}

/// Up to `limit` active branches of this issuer, after one of them.
pub async fn list_branches(
    conn: &mut impl Conn,
    scope: Scope,
    after: Option<BranchId>,
    limit: i64,
) -> DbResult<Vec<Branch>> {
    store::list_branches(conn, scope, &[], after, limit).await
}

/// Up to `limit` postal codes of active branches, whichever issuer's: for whoever runs the installation.
pub async fn list_postal_codes(conn: &mut impl Conn, limit: i64) -> DbResult<Vec<String>> {
    store::list_postal_codes(conn, limit).await
}

/// A new issuer.
pub async fn add_issuer(tx: &mut Tx, issuer: &Issuer, now: Timestamp) -> DbResult<Scope> {
    store::insert_issuer(tx, issuer, now).await?;
    Ok(Scope::of(issuer.id))
}

/// A new branch.
pub async fn add_branch(tx: &mut Tx, scope: Scope, branch: &Branch, now: Timestamp) -> DbResult<()> {
    store::insert_branch(tx, scope, branch, now).await
}

/// A new certificate, made by [`super::custody::Vault::seal_csd`].
pub async fn add_csd(tx: &mut Tx, scope: Scope, csd: &StoredCsd, now: Timestamp) -> DbResult<()> {
    store::insert_csd(tx, scope, csd, now).await
}

/// Stops a certificate for good, from the next document on. `false`: there is none such, or it was revoked before.
pub async fn revoke_csd(tx: &mut Tx, scope: Scope, id: CsdId, now: Timestamp) -> DbResult<bool> {
    store::mark_csd_revoked(tx, scope, id, now).await
}

/// What anybody may know of an issuer.
pub async fn issuer_view(app: &App, slug: &str) -> Result<IssuerView, IssuerError> {
    let (scope, issuer) = scope_of_slug(app, slug).await?.ok_or(IssuerError::NotFound)?;
    Ok(IssuerView {
        panel: app.profiles.of(&issuer).home == HomeFace::Wizard,
        logo: super::logo::address(&mut app.db.read().await?, scope, &issuer).await?,
        slug: issuer.slug,
        commercial_name: issuer.commercial_name,
        rfc: issuer.rfc.to_string(),
        nombre: issuer.nombre.to_string(),
        support_email: issuer.support_email.to_string(),
        footer: issuer.footer,
        rehearsal: app.rehearsal,
        language: issuer.language,
        formas_pago: GUEST_FORMAS_PAGO.iter().map(|forma| forma.code().to_owned()).collect(),
    })
}

/// Up to `limit` active branches that match what was typed (name, city or postal code), after the last one of the page before.
pub async fn branches(
    app: &App,
    slug: &str,
    typed: &str,
    after: Option<BranchId>,
    limit: u32,
) -> Result<Vec<Branch>, IssuerError> {
    let words = search_words(typed).map_err(IssuerError::Search)?;
    let (scope, _) = scope_of_slug(app, slug).await?.ok_or(IssuerError::NotFound)?;
    let mut conn = app.db.read().await?;
    Ok(store::list_branches(&mut conn, scope, &words, after, limit.into()).await?)
}

fn search_words(typed: &str) -> Result<Vec<String>, FieldErrors> {
    let words: Vec<String> = fold_search(typed).split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let mut errors = FieldErrors::default();
    if typed.chars().count() > SEARCH_MAX || words.len() > SEARCH_WORDS_MAX {
        errors.add("?q", FieldCode::TooLong);
    } else if typed.chars().any(char::is_control) {
        // PostgreSQL cannot even hold a NUL.
        errors.add("?q", FieldCode::Characters);
    }
    if errors.is_empty() { Ok(words) } else { Err(errors) }
}

/// A branch as a shopper recognises it.
pub fn branch_view(branch: Branch) -> BranchView {
    BranchView {
        id: branch.id.uuid(),
        time_zone: branch.zone_name().to_owned(),
        name: branch.name,
        postal_code: branch.postal_code.to_string(),
        city: branch.city,
        ticket: branch.ticket_picture,
    }
}

/// An issuer's style sheet and the tag under which a browser may keep it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandCss {
    /// One rule: the issuer's colour. All else is derived from it.
    pub css: String,
    /// Changes when the brand does.
    pub tag: String,
}

/// The style sheet of an issuer.
pub async fn brand_css(app: &App, slug: &str) -> Result<BrandCss, IssuerError> {
    let issuer = match scope_of_slug(app, slug).await? {
        Some((_, issuer)) => issuer,
        // A house without companies has pages too: they keep our own colour.
        None if slug == DEFAULT_SLUG => return Ok(BrandCss { css: String::new(), tag: "none".to_owned() }),
        None => return Err(IssuerError::NotFound),
    };
    let color = issuer.brand_color.as_str();
    Ok(BrandCss {
        css: format!(":root{{--issuer:{color}}}\n"),
        tag: format!("{}-{}", issuer.brand_version, color.trim_start_matches('#')),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_folded_words_within_limits() {
        assert_eq!(search_words("  Mérida   NORTE ").unwrap(), ["merida", "norte"]);
        assert!(search_words("").unwrap().is_empty());
        let too_long = |typed: &str| search_words(typed).unwrap_err().of("?q");
        assert_eq!(too_long(&"a".repeat(SEARCH_MAX + 1)), Some(FieldCode::TooLong));
        assert_eq!(too_long("a b c d e f g"), Some(FieldCode::TooLong));
        assert_eq!(too_long("a\0b"), Some(FieldCode::Characters));
    }
}
