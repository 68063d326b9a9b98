//! Proofs of transfers over HTTP: for the customer who attaches them, and for staff who look.
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::payments::PaymentAttachment;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Attached, FILE_MAX_BYTES};
use crate::App;
use crate::accounts::guard::{Customer, Looking};
use crate::accounts::staff::guard::StaffScope;
use crate::documents::routes::download;
use crate::http::{ApiResult, Json, RequestId, read_bytes};
use crate::payments::attachments;
use crate::payments::console::routes::Named;
use crate::payments::routes::{asker, looker};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(attach_proof)
        .service(list_proofs)
        .service(get_proof)
        .service(list_customer_proofs)
        .service(get_customer_proof);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofQuery {
    #[serde(default)]
    name: String,
}

/// No parameter at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The part of the address that names a proof.
#[derive(Deserialize)]
struct ProofOf {
    id: Uuid,
    proof: Uuid,
}

/// Attaches the proof of a transfer to a payment, for the people who look for its money.
///
/// The body is the file itself: PDF, JPG or PNG, at most 5 MB, three for a payment. The same file again is the same
/// proof. It moves no payment.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path), ("name" = Option<String>, Query, description = "What the file is called")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = PaymentAttachment)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "payer_needed", "not_found", "invalid_fields", "body_too_large"
    ]))),
)]
#[post("/payments/{id}/proofs")]
async fn attach_proof(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
    query: web::Query<ProofQuery>,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let asker = asker(customer, request_id);
    let bytes = read_bytes(payload, FILE_MAX_BYTES).await?;
    let file = Attached { name: &query.name, bytes: &bytes };
    Ok(HttpResponse::Created().json(attachments::attach(&app, &asker, *id, file).await?))
}

/// What the customer attached to a payment.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<PaymentAttachment>)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/payments/{id}/proofs")]
async fn list_proofs(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<Vec<PaymentAttachment>>> {
    Ok(Json(attachments::list_own(&app, &looker(customer, request_id), *id).await?))
}

/// The file of one, to be saved.
#[utoipa::path(
    tag = "payments",
    params(("id" = Uuid, Path), ("proof" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/payments/{id}/proofs/{proof}")]
async fn get_proof(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    path: web::Path<ProofOf>,
    _query: web::Query<Nothing>,
) -> ApiResult<HttpResponse> {
    let asker = looker(customer, request_id);
    let (name, kind, bytes) = attachments::open_own(&app, &asker, (path.id, path.proof)).await?;
    Ok(download(&name, kind, bytes))
}

/// What the customer attached to a payment of the issuer's.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Vec<PaymentAttachment>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payments/{id}/proofs")]
async fn list_customer_proofs(
    app: web::Data<App>,
    at: StaffScope,
    path: web::Path<Named>,
) -> ApiResult<Json<Vec<PaymentAttachment>>> {
    Ok(Json(attachments::list(&mut app.db.read().await?, at.scope, path.id).await?))
}

/// The file of one, to be saved.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path), ("proof" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/payments/{id}/proofs/{proof}")]
async fn get_customer_proof(app: web::Data<App>, at: StaffScope, path: web::Path<ProofOf>) -> ApiResult<HttpResponse> {
    let (name, kind, bytes) = attachments::open(&mut app.db.read().await?, at.scope, (path.id, path.proof)).await?;
    Ok(download(&name, kind, bytes))
}
