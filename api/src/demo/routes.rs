//! The rehearsal over HTTP.
use actix_web::{get, web};
use shared::ProblemCode;
use shared::rehearsal::RehearsalView;
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use crate::App;
use crate::http::{ApiError, ApiResult, Json};

/// Mounted under /api/v1.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(get_rehearsal);
}

/// All there is to try: open tickets, values that make the sandbox misbehave, where letters arrive. Not found
/// outside a rehearsal.
#[utoipa::path(
    tag = "rehearsal",
    responses((status = 200, body = RehearsalView)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/rehearsal")]
async fn get_rehearsal(app: web::Data<App>) -> ApiResult<Json<RehearsalView>> {
    match service::view(&app).await? {
        Some(view) => Ok(Json(view)),
        None => Err(ApiError::new(ProblemCode::NotFound)),
    }
}
