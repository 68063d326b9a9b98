//! Keys of the integrators' API, as staff see them.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ApiScope;

/// Asks for a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What people call it, 1 to 80 characters.
    pub name: String,
    /// What it may do, at least one.
    pub scopes: Vec<ApiScope>,
    /// First instant it is no longer good for, RFC 3339; absent: until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A key, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    /// Ours.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// `test` in a rehearsal, else `live`.
    pub mode: String,
    /// Its first letters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// Whether it opens anything now.
    pub good: bool,
    /// When it was made, RFC 3339 UTC.
    pub created_at: String,
    /// First instant it is no longer good for, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When somebody ended it, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// When it was used, to the quarter of an hour, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
}

/// A key that was made: its text is told here and never again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyMade {
    /// The key.
    pub key: ApiKeyView,
    /// `vk_test_…` or `vk_live_…`.
    pub secret: String,
}
