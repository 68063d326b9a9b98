//! A customer's documents over HTTP.
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::ProblemCode;
use shared::accounts::Me;
use shared::accounts::group::ProveCompany;
use shared::documents::{DocumentFilters, DocumentQuery, DocumentView, DocumentsPage};
use shared::page::PageQuery;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::delivery;
use super::desk;
use super::facts;
use super::model::{Asker, DocumentId, Format};
use super::publish::PublishError;
use super::search::{self, PlaceKey};
use super::service::DocumentError;
use super::sharing;
use crate::App;
use crate::accounts;
use crate::accounts::guard::{Customer, Looking};
use crate::http::{ApiError, ApiResult, Json, RequestId, paging};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    // Before what takes any word for an id.
    delivery::routes::configure(cfg);
    cfg.service(list_documents)
        .service(get_filters)
        .service(delivery::routes::get_news)
        .service(prove_company)
        .service(get_document)
        .service(get_document_xml)
        .service(get_document_pdf);
    sharing::routes::configure(cfg);
    desk::routes::configure(cfg);
}

/// No parameter at all: one that tries to name a customer or an RFC is refused, not passed over (B1).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) fn asker(Looking(customer): Looking, request_id: RequestId) -> Asker {
    Asker {
        only: customer.only(),
        looks: customer.view.is_some(),
        user_id: customer.user_id.uuid(),
        customer_id: customer.customer_id.uuid(),
        rfc: customer.rfc.as_str().to_owned(),
        request_id: request_id.to_string(),
    }
}

/// Finds the customer's documents. Every filter is optional and they combine.
#[utoipa::path(
    tag = "documents",
    params(DocumentQuery),
    responses((status = 200, body = DocumentsPage)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "invalid_fields"]))),
)]
#[get("/documents")]
async fn list_documents(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    query: web::Query<DocumentQuery>,
) -> ApiResult<Json<DocumentsPage>> {
    let filter = query.parse()?;
    let page = paging::page::<PlaceKey>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let asker = asker(customer, request_id);
    let counted = query.totals != Some(false);
    let (rows, totals) = search::list(&app, &asker, &filter, (page.after.as_ref(), page.limit), counted).await?;
    let page = paging::to_page(rows, page.limit, |(place, _)| place.clone(), |(_, row)| row)?;
    Ok(Json(DocumentsPage { data: page.data, next_cursor: page.next_cursor, totals }))
}

/// What the search form can offer: issuers, contracts and kinds that would find something.
#[utoipa::path(
    tag = "documents",
    responses((status = 200, body = DocumentFilters)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/documents/filters")]
async fn get_filters(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<DocumentFilters>> {
    Ok(Json(search::filters(&app, &asker(customer, request_id)).await?))
}

/// One document of the customer's.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/documents/{id}")]
async fn get_document(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<DocumentView>> {
    Ok(Json(search::view(&app, &asker(customer, request_id), DocumentId::new(*id)).await?))
}

/// The XML of a CFDI, byte for byte as it was stamped. A recibo and an estado de cuenta have none.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "application/xml")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/documents/{id}/xml")]
async fn get_document_xml(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<HttpResponse> {
    let (name, bytes) = search::file(&app, &asker(customer, request_id), DocumentId::new(*id), Format::Xml).await?;
    Ok(download(&name, "application/xml; charset=utf-8", bytes))
}

/// The PDF of a document.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[get("/documents/{id}/pdf")]
async fn get_document_pdf(
    app: web::Data<App>,
    customer: Looking,
    request_id: RequestId,
    id: web::Path<Uuid>,
    _query: web::Query<Nothing>,
) -> ApiResult<HttpResponse> {
    let (name, bytes) = search::file(&app, &asker(customer, request_id), DocumentId::new(*id), Format::Pdf).await?;
    Ok(download(&name, "application/pdf", bytes))
}

/// Adds another company of the group to what the caller sees of the customer, by a contract with it or the folio fiscal
/// of one of its documents. For owners who see one company's part.
///
/// Whatever does not match is answered alike.
#[utoipa::path(
    tag = "people",
    request_body = ProveCompany,
    responses((status = 200, body = Me)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "owner_needed", "view_only", "invalid_fields", "not_found",
        "too_many_requests"
    ]))),
)]
#[post("/company-proofs")]
async fn prove_company(
    app: web::Data<App>,
    customer: Customer,
    source: accounts::Asker,
    form: Json<ProveCompany>,
) -> ApiResult<Json<Me>> {
    Ok(Json(facts::prove(&app, &customer.caller(), &form.0, &source).await?))
}

/// A download: type and name are ours alone (B6).
pub fn download(name: &str, content_type: &'static str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(bytes)
}

impl From<DocumentError> for ApiError {
    fn from(error: DocumentError) -> ApiError {
        match error {
            DocumentError::NotFound => ApiError::new(ProblemCode::NotFound),
            DocumentError::Fields(errors) => errors.into(),
            DocumentError::TooMany(_) => ApiError::new(ProblemCode::TooManyDocuments),
            DocumentError::Busy => ApiError::new(ProblemCode::Busy),
            DocumentError::MailLimit(full) => {
                let seconds = u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX);
                ApiError::new(ProblemCode::MailLimit).retry_after(seconds)
            }
            DocumentError::Db(source) => source.into(),
            away if away.is_away() => ApiError::because(ProblemCode::Busy, away),
            other => ApiError::internal(other),
        }
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> ApiError {
        match error {
            PublishError::Fields(errors) => errors.into(),
            PublishError::Differs => ApiError::new(ProblemCode::DocumentDiffers),
            PublishError::NotFound => ApiError::new(ProblemCode::NotFound),
            PublishError::Document(source) => source.into(),
            PublishError::Db(source) => source.into(),
        }
    }
}
