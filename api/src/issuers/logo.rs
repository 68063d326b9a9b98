//! An issuer's logo: kept as it came, once the printer's rules have let it in, and shown on paper and on screen.
use serde_json::json;

use super::model::{Issuer, Scope};
use super::service::IssuerError;
use super::store;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};

/// What a logo may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogoKind {
    /// Plain shapes.
    Svg,
    /// At most 600 pixels a side.
    Png,
}

impl LogoKind {
    /// Its media type, as kept and as served.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }

    pub(super) fn parse(media_type: &str) -> Option<LogoKind> {
        [Self::Svg, Self::Png].into_iter().find(|kind| kind.media_type() == media_type)
    }

    fn of(bytes: &[u8]) -> LogoKind {
        if bytes.starts_with(b"\x89PNG") { Self::Png } else { Self::Svg }
    }
}

/// A logo that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLogo {
    /// What it is.
    pub kind: LogoKind,
    /// As it came.
    pub image: Vec<u8>,
}

/// Why a logo is not taken.
#[derive(Debug, thiserror::Error)]
pub enum LogoError {
    /// It cannot be printed: neither a PNG of at most 600 pixels a side nor an SVG of plain shapes, or over 128 KB.
    #[error("the logo cannot be printed")]
    NotPrintable(#[source] pdf::PdfError),
    /// The database.
    #[error("keeping a logo")]
    Store(#[from] DbError),
}

/// Puts a logo in the place of the one before. Papers printed from now on carry it, those of before too when they are
/// printed again: a new brand is a new form, and says so in its identity.
pub async fn set(tx: &mut Tx, scope: Scope, image: Vec<u8>, actor: Actor, now: Timestamp) -> Result<(), LogoError> {
    pdf::Logo::new(image.clone()).map_err(LogoError::NotPrintable)?;
    let logo = StoredLogo { kind: LogoKind::of(&image), image };
    store::upsert_logo(tx, scope, &logo, now).await?;
    store::raise_brand_version(tx, scope).await?;
    let object_id = scope.uuid().to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "issuer.logo",
        object_kind: "issuer",
        object_id: &object_id,
        before: None,
        after: Some(json!({ "media_type": logo.kind.media_type(), "bytes": logo.image.len() })),
        request_id: None,
    };
    Ok(audit::record(tx, now, entry).await?)
}

/// The logo as the printer wants it. One that it no longer takes is left out: a paper without it is better than none.
pub async fn for_paper(conn: &mut impl Conn, scope: Scope) -> DbResult<Option<pdf::Logo>> {
    let Some(stored) = store::find_logo(conn, scope).await? else { return Ok(None) };
    let logo = pdf::Logo::new(stored.image);
    if let Err(error) = &logo {
        tracing::warn!(issuer.id = %scope.uuid(), %error, "a kept logo cannot be printed");
    }
    Ok(logo.ok())
}

/// The logo as a browser wants it, and the tag under which it may keep it.
pub async fn for_screen(app: &App, slug: &str) -> Result<(StoredLogo, String), IssuerError> {
    let (scope, issuer) = super::service::scope_of_slug(app, slug).await?.ok_or(IssuerError::NotFound)?;
    let logo = store::find_logo(&mut app.db.read().await?, scope).await?.ok_or(IssuerError::NotFound)?;
    Ok((logo, format!("logo-{}", issuer.brand_version)))
}

/// Where a browser finds it; the address changes with the brand, so that a new logo is seen at once.
pub(super) async fn address(conn: &mut impl Conn, scope: Scope, issuer: &Issuer) -> DbResult<Option<String>> {
    let there = store::has_logo(conn, scope).await?;
    Ok(there.then(|| format!("/brand/{}/logo?v={}", issuer.slug, issuer.brand_version)))
}
