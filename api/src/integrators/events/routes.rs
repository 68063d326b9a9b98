//! The feed over HTTP.
use actix_web::{get, web};
use serde::Deserialize;
use shared::integrators::EventPage;
use shared::page::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX};
use shared::{FieldCode, FieldErrors};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::http::{ApiResult, Json};
use crate::integrators::guard::{EventsRead, Integrator};
use crate::webhooks;

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_events);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventQuery {
    after: Option<i64>,
    limit: Option<u32>,
}

/// What happened, in its order.
///
/// Scope `events:read`. Begin with `after=0`, keep `next_after`, and ask again with it: at once while `has_more`, else
/// as often as you like within the limits. Numbers grow by one and become visible in their order, so nothing is missed
/// and nothing comes twice. An event carries ids and states; what it is about is read with its own operation.
#[utoipa::path(
    tag = "events",
    params(
        ("after" = Option<i64>, Query, description = "`next_after` of the answer before; 0, the beginning, when absent"),
        ("limit" = Option<u32>, Query, description = "Events wanted, 1 to 100; 50 when absent"),
    ),
    responses((status = 200, body = EventPage)),
    security(("api_key" = ["events:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/events")]
async fn list_events(
    app: web::Data<App>,
    who: Integrator<EventsRead>,
    query: web::Query<EventQuery>,
) -> ApiResult<Json<EventPage>> {
    let (after, limit) = (query.after.unwrap_or(0), query.limit.unwrap_or(PAGE_LIMIT_DEFAULT));
    let mut errors = FieldErrors::default();
    if after < 0 {
        errors.add("?after", FieldCode::Shape);
    }
    if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
        errors.add("?limit", FieldCode::Shape);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let issuer = who.caller.scope.uuid();
    let mut data = webhooks::list(&mut app.db.read().await?, issuer, after, i64::from(limit) + 1).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = data.len() > limit;
    data.truncate(limit);
    let next_after = data.last().map_or(after, |event| event.seq);
    Ok(Json(EventPage { data, next_after, has_more }))
}
