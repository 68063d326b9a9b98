//! Pages of a list: by key, never by number.
use serde::{Deserialize, Serialize};

/// The most rows a page may have.
pub const PAGE_LIMIT_MAX: u32 = 100;
/// The rows of a page when the caller does not say.
pub const PAGE_LIMIT_DEFAULT: u32 = 50;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows, in the list's own order.
    pub data: Vec<T>,
    /// Opaque; give it back as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What every list accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// Rows wanted, 1 to 100.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}
