//! The console's routes of this domain.
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    super::keys::routes::configure(cfg);
    super::webhooks::routes::configure(cfg);
}
