//! Webhooks over HTTP, for staff: everybody sees and sends again; what changes an endpoint or shows a secret needs an
//! operator's fresh proof (A13).
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use shared::FieldErrors;
use shared::page::{Page, PageQuery};
use shared::webhooks::{
    DeliveryState, PutWebhookEndpoint, WebhookDeliveryResource, WebhookEndpointResource, WebhookResent,
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::staff::guard::{ProvedOperator, StaffScope};
use crate::audit::Actor;
use crate::http::{ApiResult, Json, RequestId, paging};
use crate::integrators::tickets::form;
use crate::webhooks::service::{self, By};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(staff_list_endpoints)
        .service(staff_put_endpoint)
        .service(staff_delete_endpoint)
        .service(staff_rotate_secret)
        .service(staff_test_endpoint)
        .service(staff_resend_parked)
        .service(staff_list_deliveries)
        .service(staff_get_delivery)
        .service(staff_resend_delivery);
}

#[derive(Deserialize)]
struct OfEndpoint {
    external_id: String,
}

#[derive(Deserialize)]
struct OfDelivery {
    id: Uuid,
}

fn by<'a>(at: &StaffScope, request_id: &'a str) -> By<'a> {
    By { issuer_id: at.scope.uuid(), actor: Actor::User(at.staff.principal.user_id.uuid()), request_id }
}

/// The issuer's webhook endpoints.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
    ),
    responses((status = 200, body = Page<WebhookEndpointResource>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/webhook-endpoints")]
async fn staff_list_endpoints(app: web::Data<App>, at: StaffScope) -> ApiResult<Json<Page<WebhookEndpointResource>>> {
    let data = service::list(&app, at.scope.uuid()).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

/// Makes a webhook endpoint, or changes it.
///
/// 201: it is new, and `secret` is shown once.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
    ),
    request_body = PutWebhookEndpoint,
    responses((status = 200, body = WebhookEndpointResource), (status = 201, body = WebhookEndpointResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "invalid_fields", "too_many_endpoints"]))),
)]
#[put("/console/issuers/{issuer}/webhook-endpoints/{external_id}")]
async fn staff_put_endpoint(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    of: web::Path<OfEndpoint>,
    form: Json<PutWebhookEndpoint>,
) -> ApiResult<HttpResponse> {
    let mut errors = FieldErrors::default();
    form::external_id(&of.external_id, &mut errors);
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let request_id = request_id.to_string();
    let (new, endpoint) = service::put(&app, by(&at.0, &request_id), &of.external_id, &form.0).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(endpoint))
}

/// Ends a webhook endpoint: what waits for it is given up.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
    ),
    responses((status = 204, description = "It is gone")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"]))),
)]
#[delete("/console/issuers/{issuer}/webhook-endpoints/{external_id}")]
async fn staff_delete_endpoint(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    of: web::Path<OfEndpoint>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    service::delete(&app, by(&at.0, &request_id), &of.external_id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A new secret for a webhook endpoint, shown once; the one before signs too for a day.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
    ),
    responses((status = 200, body = WebhookEndpointResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"]))),
)]
#[post("/console/issuers/{issuer}/webhook-endpoints/{external_id}/secrets")]
async fn staff_rotate_secret(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    of: web::Path<OfEndpoint>,
) -> ApiResult<Json<WebhookEndpointResource>> {
    let request_id = request_id.to_string();
    Ok(Json(service::rotate(&app, by(&at.0, &request_id), &of.external_id).await?))
}

/// Sends a webhook endpoint an event that means nothing.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
    ),
    responses((status = 202, body = WebhookDeliveryResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "endpoint_disabled"]))),
)]
#[post("/console/issuers/{issuer}/webhook-endpoints/{external_id}/tests")]
async fn staff_test_endpoint(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    of: web::Path<OfEndpoint>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let made = service::test(&app, by(&at, &request_id), &of.external_id).await?;
    Ok(HttpResponse::Accepted().json(made))
}

/// Sends everything again that was given up at a webhook endpoint.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
    ),
    responses((status = 202, body = WebhookResent)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "endpoint_disabled"]))),
)]
#[post("/console/issuers/{issuer}/webhook-endpoints/{external_id}/resends")]
async fn staff_resend_parked(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    of: web::Path<OfEndpoint>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let deliveries = service::resend_parked(&app, by(&at, &request_id), &of.external_id).await?;
    Ok(HttpResponse::Accepted().json(WebhookResent { deliveries }))
}

/// What a list of deliveries accepts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveriesQuery {
    state: Option<DeliveryState>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct Key {
    seq: i64,
}

/// What was sent to a webhook endpoint, and what waits; the newest event first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("external_id" = String, Path, description = "The endpoint's own id"),
        ("state" = Option<DeliveryState>, Query, description = "Only these"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<WebhookDeliveryResource>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/webhook-endpoints/{external_id}/deliveries")]
async fn staff_list_deliveries(
    app: web::Data<App>,
    at: StaffScope,
    of: web::Path<OfEndpoint>,
    query: web::Query<DeliveriesQuery>,
) -> ApiResult<Json<Page<WebhookDeliveryResource>>> {
    let DeliveriesQuery { state, limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let whose = (at.scope.uuid(), of.external_id.as_str());
    let before = page.after.map(|key| key.seq);
    let rows = service::deliveries(&app, whose, state, before, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |row| Key { seq: row.seq }, |row| row)?))
}

/// One delivery, with its tries and what it carries.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("id" = Uuid, Path),
    ),
    responses((status = 200, body = WebhookDeliveryResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/webhook-deliveries/{id}")]
async fn staff_get_delivery(
    app: web::Data<App>,
    at: StaffScope,
    of: web::Path<OfDelivery>,
) -> ApiResult<Json<WebhookDeliveryResource>> {
    Ok(Json(service::delivery(&app, at.scope.uuid(), of.id).await?))
}

/// Sends a delivery again, with the same id.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "The issuer's short name"),
        ("id" = Uuid, Path),
    ),
    responses((status = 202, body = WebhookDeliveryResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "endpoint_disabled"]))),
)]
#[post("/console/issuers/{issuer}/webhook-deliveries/{id}/resends")]
async fn staff_resend_delivery(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    of: web::Path<OfDelivery>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    Ok(HttpResponse::Accepted().json(service::resend(&app, by(&at, &request_id), of.id).await?))
}
