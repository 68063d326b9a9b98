//! Letters, links and trails over HTTP.
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use shared::documents::{DocumentTrail, DocumentsSent, SendDocuments, ShareOpened, SharedDocument};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::guard::{Customer, Looking};
use crate::documents::DocumentId;
use crate::documents::model::Format;
use crate::documents::routes::{Nothing, asker, download};
use crate::http::{AnswerHeaders, ApiResult, HeadOnly, Json, RequestId};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(send_documents)
        .service(get_trail)
        .service(make_share)
        .service(revoke_share)
        .service(get_shared_document)
        .service(get_shared_xml)
        .service(get_shared_pdf);
}

/// Sends documents by mail: a letter of its own to each address, with XML and PDF.
#[utoipa::path(
    tag = "documents",
    request_body = SendDocuments,
    responses((status = 201, body = DocumentsSent)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "invalid_fields", "not_found", "mail_limit",
    ]))),
)]
#[post("/documents/letters")]
async fn send_documents(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    form: Json<SendDocuments>,
) -> ApiResult<HttpResponse> {
    let sent = super::send(&app, &asker(Looking(customer), request_id), &form.0).await?;
    Ok(HttpResponse::Created().json(sent))
}

/// What became of a document: letters with their delivery, links, and who opened it.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentTrail)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/documents/{id}/trail")]
async fn get_trail(
    app: web::Data<App>,
    looking: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<DocumentTrail>> {
    Ok(Json(super::trail(&app, &asker(looking, request_id), DocumentId::new(*id)).await?))
}

/// Makes a link to a document for somebody without an account. It opens for seven days, and is said this once.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 201, body = ShareOpened)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[post("/documents/{id}/shares")]
async fn make_share(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let made = super::make(&app, &asker(Looking(customer), request_id), DocumentId::new(*id)).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Ends a link at once, whoever of the customer's made it.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 204)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[delete("/document-shares/{id}")]
async fn revoke_share(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    super::revoke(&app, &asker(Looking(customer), request_id), *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What a link's document is, for whoever has the link.
#[utoipa::path(
    tag = "documents",
    params(("token" = String, Path)),
    responses((status = 200, body = SharedDocument)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/shared-documents/{token}")]
async fn get_shared_document(
    app: web::Data<App>,
    request: HttpRequest,
    request_id: RequestId,
    head: HeadOnly,
    token: web::Path<String>,
) -> ApiResult<Json<SharedDocument>> {
    keep_to_itself(&request);
    Ok(Json(super::open(&app, &token, !head.0, &request_id.to_string()).await?))
}

/// The XML of a link's document.
#[utoipa::path(
    tag = "documents",
    params(("token" = String, Path)),
    responses((status = 200, body = String, content_type = "application/xml")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/shared-documents/{token}/xml")]
async fn get_shared_xml(
    app: web::Data<App>,
    request: HttpRequest,
    request_id: RequestId,
    head: HeadOnly,
    token: web::Path<String>,
) -> ApiResult<HttpResponse> {
    keep_to_itself(&request);
    let (name, bytes) = super::open_file(&app, &token, Format::Xml, !head.0, &request_id.to_string()).await?;
    Ok(download(&name, "application/xml; charset=utf-8", bytes))
}

/// The PDF of a link's document.
#[utoipa::path(
    tag = "documents",
    params(("token" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/shared-documents/{token}/pdf")]
async fn get_shared_pdf(
    app: web::Data<App>,
    request: HttpRequest,
    request_id: RequestId,
    head: HeadOnly,
    token: web::Path<String>,
) -> ApiResult<HttpResponse> {
    keep_to_itself(&request);
    let (name, bytes) = super::open_file(&app, &token, Format::Pdf, !head.0, &request_id.to_string()).await?;
    Ok(download(&name, "application/pdf", bytes))
}

/// The address is a secret (B5): it goes nowhere as a referrer, and into no index.
fn keep_to_itself(request: &HttpRequest) {
    AnswerHeaders::add(request, REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    AnswerHeaders::add(request, HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex, nofollow"));
}
