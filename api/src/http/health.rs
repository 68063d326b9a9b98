//! Health, for machines: is the process alive, and can it serve.
use std::time::Duration;

use actix_web::{get, web};
use serde::Serialize;
use shared::{Problem, ProblemCode};
use tokio::sync::watch;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ApiError, ApiResult, Json};
use crate::App;
use crate::db::{self, DbResult, known_schema};

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

/// Says that the database answers, its schema is the one that this program knows, and this process is not about to stop.
#[utoipa::path(
    tag = "health",
    responses((status = 200, description = "Ready", body = Health)),
    security(()),
    extensions(("x-problem-codes" = json!(["busy", "schema_differs"]))),
)]
#[get("/health/ready")]
async fn ready(app: web::Data<App>, stop: web::Data<watch::Receiver<bool>>) -> ApiResult<Json<Health>> {
    if *stop.borrow() {
        return Err(ApiError::new(ProblemCode::Busy));
    }
    match tokio::time::timeout(READ_TIME, schema(&app)).await {
        Ok(Ok(Some(found))) if found == known_schema() => Ok(Json(Health { status: "ready" })),
        Ok(Ok(found)) => Err(differs(found)),
        Ok(Err(error)) => Err(ApiError::because(ProblemCode::Busy, error)),
        Err(late) => Err(ApiError::because(ProblemCode::Busy, late)),
    }
}

async fn schema(app: &App) -> DbResult<Option<i64>> {
    db::schema_of(&mut app.db.read().await?).await
}

/// Another version of this program may be at work on the same database: this one must not be.
fn differs(found: Option<i64>) -> ApiError {
    let found = found.map_or_else(|| "no schema".to_owned(), |found| format!("schema {found}"));
    let detail = format!("the database has {found}, this program knows schema {}", known_schema());
    tracing::error!(detail, "not ready");
    Problem { detail: Some(detail), ..Problem::new(ProblemCode::SchemaDiffers) }.into()
}
