//! Webhook endpoints and deliveries over HTTP.
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use shared::page::{Page, PageQuery};
use shared::webhooks::{
    DeliveryState, PutWebhookEndpoint, WebhookDeliveryResource, WebhookEndpointResource, WebhookResent,
};
use shared::{FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{Caller, Integrator, Sent, WebhooksRead, WebhooksWrite};
use crate::integrators::tickets::form;
use crate::webhooks::service::{self, By, WebhookError};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_endpoint)
        .service(list_endpoints)
        .service(get_endpoint)
        .service(delete_endpoint)
        .service(rotate_secret)
        .service(test_endpoint)
        .service(resend_parked)
        .service(list_deliveries)
        .service(get_delivery)
        .service(resend_delivery);
}

fn by(caller: &Caller) -> By<'_> {
    By { issuer_id: caller.scope.uuid(), actor: caller.actor(), request_id: &caller.request_id }
}

/// Makes a webhook endpoint, or changes it.
///
/// Scope `webhooks:write`. The endpoint is named by your own `external_id`. 201: it is new, and `secret` says once what
/// its signatures are made with; if that answer is lost, take a new secret. Events that happen from now on are sent; a
/// changed or enabled endpoint is tried at once with what waits for it. An issuer has at most ten.
#[utoipa::path(
    tag = "webhooks",
    params((
        "external_id" = String, Path,
        description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`", example = json!("erp"),
    )),
    request_body(content = PutWebhookEndpoint, example = json!({
        "url": "https://example.com/ventanilla", "description": "ERP contable",
        "event_types": ["invoice.stamped", "invoice.refused"], "enabled": false,
    })),
    responses(
        (status = 200, description = "It was changed, or was already so", body = WebhookEndpointResource),
        (status = 201, description = "It is new: keep `secret`", body = WebhookEndpointResource),
    ),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["too_many_endpoints"]))),
)]
#[put("/webhook-endpoints/{external_id}")]
async fn put_endpoint(
    app: web::Data<App>,
    sent: Sent<WebhooksWrite, PutWebhookEndpoint>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let mut errors = FieldErrors::default();
    form::external_id(&external_id, &mut errors);
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let (new, endpoint) = service::put(&app, by(&sent.caller), &external_id, &sent.body).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(endpoint))
}

/// Your webhook endpoints.
///
/// Scope `webhooks:read`. The oldest first; there are never more than fit on one page.
#[utoipa::path(
    tag = "webhooks",
    responses((status = 200, body = Page<WebhookEndpointResource>)),
    security(("api_key" = ["webhooks:read"])),
    extensions(("x-problem-codes" = json!([]))),
)]
#[get("/webhook-endpoints")]
async fn list_endpoints(
    app: web::Data<App>,
    who: Integrator<WebhooksRead>,
) -> ApiResult<Json<Page<WebhookEndpointResource>>> {
    let data = service::list(&app, who.caller.scope.uuid()).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

/// One of your webhook endpoints.
///
/// Scope `webhooks:read`.
#[utoipa::path(
    tag = "webhooks",
    params(("external_id" = String, Path, description = "Yours", example = json!("erp"))),
    responses((status = 200, body = WebhookEndpointResource)),
    security(("api_key" = ["webhooks:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/webhook-endpoints/{external_id}")]
async fn get_endpoint(
    app: web::Data<App>,
    who: Integrator<WebhooksRead>,
    external_id: web::Path<String>,
) -> ApiResult<Json<WebhookEndpointResource>> {
    Ok(Json(service::get(&app, who.caller.scope.uuid(), &external_id).await?))
}

/// Ends a webhook endpoint.
///
/// Scope `webhooks:write`. What waits for it is given up. A new endpoint may take its id.
#[utoipa::path(
    tag = "webhooks",
    params(("external_id" = String, Path, description = "Yours", example = json!("erp"))),
    responses((status = 204, description = "It is gone")),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[delete("/webhook-endpoints/{external_id}")]
async fn delete_endpoint(
    app: web::Data<App>,
    who: Integrator<WebhooksWrite>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    service::delete(&app, by(&who.caller), &external_id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A new secret for a webhook endpoint.
///
/// Scope `webhooks:write`. `secret` is told here and never again. For 24 hours (a setting of the installation) the
/// secret before it signs too: `webhook-signature` has an entry for each. Asked again within that time (the answer was
/// lost, or never reached the receiver), it replaces the newest secret alone: the one before goes on until
/// `previous_secret_until`, as it was told first.
#[utoipa::path(
    tag = "webhooks",
    params(("external_id" = String, Path, description = "Yours", example = json!("erp"))),
    responses((status = 200, body = WebhookEndpointResource)),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[post("/webhook-endpoints/{external_id}/secrets")]
async fn rotate_secret(
    app: web::Data<App>,
    who: Integrator<WebhooksWrite>,
    external_id: web::Path<String>,
) -> ApiResult<Json<WebhookEndpointResource>> {
    Ok(Json(service::rotate(&app, by(&who.caller), &external_id).await?))
}

/// Sends a webhook endpoint an event of type `webhook.test`.
///
/// Scope `webhooks:write`. Whatever events it asked for. The event has a place in the feed, and means nothing. The answer
/// does not wait for it: ask for the delivery.
#[utoipa::path(
    tag = "webhooks",
    params(("external_id" = String, Path, description = "Yours", example = json!("erp"))),
    responses((status = 202, body = WebhookDeliveryResource)),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "endpoint_disabled"]))),
)]
#[post("/webhook-endpoints/{external_id}/tests")]
async fn test_endpoint(
    app: web::Data<App>,
    who: Integrator<WebhooksWrite>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    Ok(HttpResponse::Accepted().json(service::test(&app, by(&who.caller), &external_id).await?))
}

/// Sends everything again that was given up at a webhook endpoint.
///
/// Scope `webhooks:write`.
#[utoipa::path(
    tag = "webhooks",
    params(("external_id" = String, Path, description = "Yours", example = json!("erp"))),
    responses((status = 202, body = WebhookResent)),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "endpoint_disabled"]))),
)]
#[post("/webhook-endpoints/{external_id}/resends")]
async fn resend_parked(
    app: web::Data<App>,
    who: Integrator<WebhooksWrite>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let deliveries = service::resend_parked(&app, by(&who.caller), &external_id).await?;
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

/// What was sent to a webhook endpoint, and what waits.
///
/// Scope `webhooks:read`. The newest event first. Deliveries that arrived or were given up are kept for 35 days.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("external_id" = String, Path, description = "Yours", example = json!("erp")),
        ("state" = Option<DeliveryState>, Query, description = "Only these"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<WebhookDeliveryResource>)),
    security(("api_key" = ["webhooks:read"])),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[get("/webhook-endpoints/{external_id}/deliveries")]
async fn list_deliveries(
    app: web::Data<App>,
    who: Integrator<WebhooksRead>,
    external_id: web::Path<String>,
    query: web::Query<DeliveriesQuery>,
) -> ApiResult<Json<Page<WebhookDeliveryResource>>> {
    let DeliveriesQuery { state, limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let of = (who.caller.scope.uuid(), external_id.as_str());
    let before = page.after.map(|key| key.seq);
    let rows = service::deliveries(&app, of, state, before, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |row| Key { seq: row.seq }, |row| row)?))
}

/// One delivery, with its tries and what it carries.
///
/// Scope `webhooks:read`.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = WebhookDeliveryResource)),
    security(("api_key" = ["webhooks:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/webhook-deliveries/{id}")]
async fn get_delivery(
    app: web::Data<App>,
    who: Integrator<WebhooksRead>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<WebhookDeliveryResource>> {
    Ok(Json(service::delivery(&app, who.caller.scope.uuid(), *id).await?))
}

/// Sends a delivery again.
///
/// Scope `webhooks:write`. Wherever it stands, also while it waits and after it arrived; with the same `webhook-id`, and at
/// once, also to an endpoint that is left in peace.
#[utoipa::path(
    tag = "webhooks",
    params(("id" = Uuid, Path)),
    responses((status = 202, body = WebhookDeliveryResource)),
    security(("api_key" = ["webhooks:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "endpoint_disabled"]))),
)]
#[post("/webhook-deliveries/{id}/resends")]
async fn resend_delivery(
    app: web::Data<App>,
    who: Integrator<WebhooksWrite>,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    Ok(HttpResponse::Accepted().json(service::resend(&app, by(&who.caller), *id).await?))
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> ApiError {
        match error {
            WebhookError::NotFound => ApiError::new(ProblemCode::NotFound),
            WebhookError::Fields(errors) => errors.into(),
            WebhookError::TooMany => ApiError::new(ProblemCode::TooManyEndpoints),
            WebhookError::Disabled => ApiError::new(ProblemCode::EndpointDisabled),
            WebhookError::Vault(why) => ApiError::internal(why),
            WebhookError::Db(source) => source.into(),
        }
    }
}
