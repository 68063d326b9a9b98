//! Health, for machines: is the process alive, and can it serve.
use std::time::Duration;

use actix_web::{get, web};
use serde::Serialize;
use shared::ProblemCode;
use tokio::sync::watch;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ApiError, ApiResult, Json, store};
use crate::App;
use crate::db::DbResult;

/// Longest wait for the database before this process calls itself not ready.
const READ_TIME: Duration = Duration::from_secs(2);

/// How this process is.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `live` or `ready`.
    status: &'static str,
}

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(live).service(ready);
}

/// Says that the process answers at all. Touches nothing.
#[utoipa::path(tag = "health", responses((status = 200, description = "Alive", body = Health)), security(()))]
#[get("/health/live")]
async fn live() -> Json<Health> {
    Json(Health { status: "live" })
}

/// Says that the database answers, its schema is in place, and this process is not about to stop.
#[utoipa::path(
    tag = "health",
    responses((status = 200, description = "Ready", body = Health)),
    security(()),
    extensions(("x-problem-codes" = json!(["busy"]))),
)]
#[get("/health/ready")]
async fn ready(app: web::Data<App>, stop: web::Data<watch::Receiver<bool>>) -> ApiResult<Json<Health>> {
    if *stop.borrow() {
        return Err(ApiError::new(ProblemCode::Busy));
    }
    match tokio::time::timeout(READ_TIME, migrations(&app)).await {
        Ok(Ok(count)) if count > 0 => Ok(Json(Health { status: "ready" })),
        Ok(Ok(_)) => Err(ApiError::because(ProblemCode::Busy, "the schema is not in place")),
        Ok(Err(error)) => Err(ApiError::because(ProblemCode::Busy, error)),
        Err(late) => Err(ApiError::because(ProblemCode::Busy, late)),
    }
}

async fn migrations(app: &App) -> DbResult<i64> {
    store::count_migrations(&mut app.db.read().await?).await
}
