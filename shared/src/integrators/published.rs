//! Documents that come from elsewhere: what was published, and what was withdrawn.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::DocumentResource;

/// Whether a seal was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// It belongs to this very document.
    Yes,
    /// Its certificate is not at hand, or the text that was sealed cannot be formed here. A seal that is wrong is
    /// refused.
    CannotTell,
}

/// A document that you published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedDocument {
    /// The document.
    pub document: DocumentResource,
    /// The issuer's seal; of a CFDI.
    pub seal: Proved,
    /// The SAT's seal in the stamp; of a CFDI.
    pub stamp: Proved,
}

/// A document that you withdrew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WithdrawnDocument {
    /// Ours.
    pub id: Uuid,
    /// Who had it before, the newest first; at most 200.
    pub had: Vec<HadDocument>,
}

/// Somebody had a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HadDocument {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// `document.view`, `document.download`, `document.mail` or `document.opened_by_link`; more may be added.
    pub act: String,
    /// Of its customer's people; otherwise a program, or whoever had a link.
    pub by_customer: bool,
}
