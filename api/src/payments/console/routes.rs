//! The console's routes of payments, and what several of them read.
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{files, payments, rates};
use crate::accounts::staff::guard::StaffScope;
use crate::audit::Actor;
use crate::db::Timestamp;
use crate::http::RequestId;
use crate::payments::operations::By;

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    payments::routes::configure(cfg);
    files::routes::configure(cfg);
    rates::routes::configure(cfg);
}

/// The part of the address that names a thing.
#[derive(Deserialize)]
pub(in crate::payments) struct Named {
    pub id: Uuid,
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
pub(super) struct Key {
    pub at: Timestamp,
    pub id: Uuid,
}

pub(super) fn by(at: &StaffScope, request_id: RequestId) -> By {
    By { actor: Actor::User(at.staff.principal.user_id.uuid()), request_id: request_id.to_string() }
}
