//! The versioned routes, and what several of them read.
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::page::PageQuery;
use shared::{FieldCode, FieldErrors};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::db::Timestamp;
use crate::http::ApiResult;
use crate::http::paging::{self, PageRequest};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    super::catalog::routes::configure(cfg);
    super::tickets::routes::configure(cfg);
    super::customers::routes::configure(cfg);
    super::contracts::routes::configure(cfg);
    super::invoices::routes::configure(cfg);
    super::documents::routes::configure(cfg);
    super::publish::routes::configure(cfg);
    super::events::routes::configure(cfg);
    super::webhooks::routes::configure(cfg);
    super::receivables::routes::configure(cfg);
    super::payments::routes::configure(cfg);
    super::rates::routes::configure(cfg);
}

/// What a list by last change accepts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedQuery {
    pub updated_since: Option<String>,
    pub limit: Option<u32>,
    pub cursor: Option<String>,
}

impl ChangedQuery {
    /// Since when, and which page of it.
    pub fn read<K: DeserializeOwned>(&self) -> ApiResult<(Option<Timestamp>, PageRequest<K>)> {
        let since = since(self.updated_since.as_deref())?;
        Ok((since, paging::page(&PageQuery { limit: self.limit, cursor: self.cursor.clone() })?))
    }
}

/// The last row of a page of what has an id of ours.
#[derive(Serialize, Deserialize)]
pub(super) struct ChangedKey {
    pub at: Timestamp,
    pub id: Uuid,
}

/// The instant of an `updated_since`.
fn since(text: Option<&str>) -> ApiResult<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    match text.parse::<jiff::Timestamp>() {
        Ok(instant) if text.len() <= 40 => Ok(Some(Timestamp::new(instant))),
        _ => {
            let mut errors = FieldErrors::default();
            errors.add("?updated_since", FieldCode::Instant);
            Err(errors.into())
        }
    }
}
