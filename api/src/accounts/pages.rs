//! Whose page somebody is at, and what its profile says there.
use shared::profiles::{PasswordRule, Profile};

use super::AccountError;
use crate::App;
use crate::db::DbResult;
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// The issuer whose page somebody is at.
pub(super) struct AtPage {
    /// As the page names it; at `/` the whole group is looked at.
    pub issuer: Option<IssuerId>,
    /// Its profile, or at `/` that of the default issuer.
    pub profile: Profile,
}

/// The issuer itself; at `/` the default one.
pub(super) async fn issuer_of_page(app: &App, slug: Option<&str>) -> Result<Issuer, AccountError> {
    let mut conn = app.db.read().await?;
    let slug = slug.unwrap_or(issuers::service::DEFAULT_SLUG);
    issuers::service::find_by_slug(&mut conn, slug).await?.ok_or(AccountError::NotFound)
}

/// Reads whose page it is.
pub(super) async fn page_of(app: &App, slug: Option<&str>) -> Result<AtPage, AccountError> {
    let mut conn = app.db.read().await?;
    let Some(slug) = slug else {
        let issuer = issuers::service::find_default_issuer(&mut conn).await?;
        let profile = issuer.map(|issuer| app.profiles.of(&issuer)).unwrap_or_default();
        return Ok(AtPage { issuer: None, profile });
    };
    let issuer = issuers::service::find_by_slug(&mut conn, slug).await?.ok_or(AccountError::NotFound)?;
    Ok(AtPage { issuer: Some(issuer.id), profile: app.profiles.of(&issuer) })
}

/// What an issuer asks of a new password.
pub(super) async fn rule_of(app: &App, issuer: IssuerId) -> DbResult<PasswordRule> {
    let issuer = issuers::service::find_issuer(&mut app.db.read().await?, Scope::of(issuer)).await?;
    Ok(issuer.map(|issuer| app.profiles.of(&issuer).password).unwrap_or_default())
}
