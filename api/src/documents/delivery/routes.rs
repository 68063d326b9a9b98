//! Files of many documents over HTTP.
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, delete, get, post, web};
use futures::StreamExt as _;
use shared::documents::{DocumentBundle, DocumentBundles, DocumentNews, DownloadTicket, TakeDocuments};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Ordered, ZIP_DOCUMENTS_MAX, announce, bundles, news, order, redeem};
use crate::App;
use crate::accounts::guard::{Customer, Looking};
use crate::documents::routes::{Nothing, asker};
use crate::http::{ApiResult, HeadOnly, Json, RequestId};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(order_download)
        .service(get_download)
        .service(list_bundles)
        .service(order_bundle)
        .service(forget_bundle);
}

/// What came since this person's last download of news.
#[utoipa::path(
    tag = "documents",
    responses((status = 200, body = DocumentNews)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/documents/news")]
pub async fn get_news(
    app: web::Data<App>,
    looking: Looking,
    request_id: RequestId,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<DocumentNews>> {
    Ok(Json(news(&app, &asker(looking, request_id)).await?))
}

/// Orders a file of many documents: a ZIP with XML, PDF and an index, or the list for a spreadsheet. The answer's
/// address begins the download, once and within a minute. What takes long, or comes while as many as may be are on their
/// way, is made in the background, and answers 202. Of more news than one ZIP takes, it has the oldest, and `left` says
/// how many are for the next.
#[utoipa::path(
    tag = "documents",
    request_body = TakeDocuments,
    responses((status = 201, body = DownloadTicket), (status = 202, body = DocumentBundle)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "invalid_fields", "not_found", "too_many_documents", "busy",
    ]))),
)]
#[post("/documents/downloads")]
async fn order_download(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    wanted: Json<TakeDocuments>,
) -> ApiResult<HttpResponse> {
    let session = customer.session_id;
    let asker = asker(Looking(customer), request_id);
    Ok(match order(&app, &asker, session, &wanted.0, ZIP_DOCUMENTS_MAX).await? {
        Ordered::Now(ticket) => HttpResponse::Created().json(ticket),
        Ordered::Later(bundle) => HttpResponse::Accepted().json(bundle),
    })
}

/// This person's files that are made in the background, and how far they are.
#[utoipa::path(
    tag = "documents",
    responses((status = 200, body = DocumentBundles)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/documents/downloads")]
async fn list_bundles(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<DocumentBundles>> {
    Ok(Json(bundles::list(&app, &asker(Looking(customer), request_id)).await?))
}

/// Where a file that is ready can be had: the address begins the download, once and within a minute. The file stays
/// until its time is over.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 201, body = DownloadTicket)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found", "busy"]))),
)]
#[post("/documents/downloads/{id}/tickets")]
async fn order_bundle(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    let session = customer.session_id;
    let ticket = bundles::ticket(&app, &asker(Looking(customer), request_id), session, *id).await?;
    Ok(HttpResponse::Created().json(ticket))
}

/// Takes a file away before its time.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 204)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[delete("/documents/downloads/{id}")]
async fn forget_bundle(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    bundles::forget(&app, &asker(Looking(customer), request_id), *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The file of an order. The address is the right to it: it works once, within a minute, and while the session that
/// ordered it lives.
#[utoipa::path(
    tag = "documents",
    params(("token" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "busy"]))),
)]
#[get("/downloads/{token}")]
async fn get_download(
    app: web::Data<App>,
    request_id: RequestId,
    head: HeadOnly,
    token: web::Path<String>,
) -> ApiResult<HttpResponse> {
    // Download managers look before they take.
    let file = match head {
        HeadOnly(true) => announce(&app, &token, request_id.to_string()).await?,
        HeadOnly(false) => redeem(&app, &token, request_id.to_string()).await?,
    };
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, file.content_type))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)));
    if let Some(length) = file.length {
        answer.no_chunking(length);
    }
    Ok(answer.streaming(file.body.map(|chunk| chunk.map(web::Bytes::from))))
}
