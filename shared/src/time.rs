//! Times as a person of the branch reads them.
use serde::{Deserialize, Serialize};

/// An instant together with the wall clock of the place it is shown for, so that the browser converts no zones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalTime {
    /// RFC 3339, UTC.
    pub instant: String,
    /// `YYYY-MM-DDThh:mm:ss` on the wall of `zone`.
    pub civil: String,
    /// IANA name of the zone.
    pub zone: String,
}
