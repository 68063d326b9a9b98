//! The fiscal data for the next invoice over HTTP: a guest's, by the mailbox proved, and a signed-in customer's.
use actix_web::{HttpRequest, HttpResponse, delete, get, put, web};
use serde::Deserialize;
use shared::ProblemCode;
use shared::guests::{MyReceptor, MyReceptors, SaveReceptor};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Guest, customers};
use crate::App;
use crate::accounts::guard::Customer;
use crate::billing::routes::{issuer, known_browser};
use crate::http::{ApiError, ApiResult, Json, RequestId, Site};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_receptors)
        .service(save_receptor)
        .service(forget_receptor)
        .service(customer_receptor)
        .service(save_customer_receptor);
}

#[derive(Deserialize)]
struct OfReceptor {
    slug: String,
    rfc: String,
}

/// The fiscal data that the mailbox proved by this browser keeps for its next invoice.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    responses((status = 200, body = MyReceptors)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/issuers/{slug}/my-receptors")]
async fn list_receptors(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    slug: web::Path<String>,
) -> ApiResult<Json<MyReceptors>> {
    let (scope, _) = issuer(&app, &slug).await?;
    let browser = known_browser(&site, &request)?;
    let kept = super::list(&app, scope, &browser).await?;
    kept.map(Json).ok_or_else(|| ApiError::new(ProblemCode::NotFound))
}

/// Changes the fiscal data of an RFC for the next invoice; stamped invoices do not change.
///
/// The RFC was invoiced to the mailbox and stays. The mailbox, and the address that invoices went to, are told.
#[utoipa::path(
    tag = "guests",
    params(
        ("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer"),
        ("rfc" = String, Path),
    ),
    request_body = SaveReceptor,
    responses((status = 200, body = MyReceptor)),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields", "mail_limit"]))),
)]
#[put("/issuers/{slug}/my-receptors/{rfc}")]
async fn save_receptor(
    app: web::Data<App>,
    (site, request): (web::Data<Site>, HttpRequest),
    request_id: RequestId,
    path: web::Path<OfReceptor>,
    form: Json<SaveReceptor>,
) -> ApiResult<Json<MyReceptor>> {
    let (scope, _) = issuer(&app, &path.slug).await?;
    let (browser, request_id) = (known_browser(&site, &request)?, request_id.to_string());
    let guest = Guest { browser_hash: &browser, request_id: &request_id };
    Ok(Json(super::save(&app, scope, guest, &path.rfc, &form.0).await?))
}

/// Forgets the fiscal data of an RFC; its invoices stay.
#[utoipa::path(
    tag = "guests",
    params(
        ("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer"),
        ("rfc" = String, Path),
    ),
    responses((status = 204, description = "Forgotten")),
    security(("guest" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[delete("/issuers/{slug}/my-receptors/{rfc}")]
async fn forget_receptor(
    app: web::Data<App>,
    (site, request): (web::Data<Site>, HttpRequest),
    request_id: RequestId,
    path: web::Path<OfReceptor>,
) -> ApiResult<HttpResponse> {
    let (scope, _) = issuer(&app, &path.slug).await?;
    let (browser, request_id) = (known_browser(&site, &request)?, request_id.to_string());
    let guest = Guest { browser_hash: &browser, request_id: &request_id };
    super::forget(&app, scope, guest, &path.rfc).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The signed-in customer's fiscal data for its next invoice at an issuer; what is not known yet is empty.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    responses((status = 200, body = MyReceptor)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found", "view_only"]))),
)]
#[get("/issuers/{slug}/customer-receptor")]
async fn customer_receptor(
    app: web::Data<App>,
    customer: Customer,
    slug: web::Path<String>,
) -> ApiResult<Json<MyReceptor>> {
    let (scope, _) = issuer(&app, &slug).await?;
    Ok(Json(customers::find(&app, scope, &customer).await?))
}

/// Changes them for the person's next invoice; the RFC stays, and so do stamped invoices. The person's mailbox is told.
#[utoipa::path(
    tag = "guests",
    params(("slug" = String, Path, description = "The issuer's short name; `default` is the default issuer")),
    request_body = SaveReceptor,
    responses((status = 200, body = MyReceptor)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "not_found", "invalid_fields", "mail_limit", "view_only"
    ]))),
)]
#[put("/issuers/{slug}/customer-receptor")]
async fn save_customer_receptor(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    slug: web::Path<String>,
    form: Json<SaveReceptor>,
) -> ApiResult<Json<MyReceptor>> {
    let (scope, _) = issuer(&app, &slug).await?;
    Ok(Json(customers::save(&app, scope, &customer, &request_id.to_string(), &form.0).await?))
}
