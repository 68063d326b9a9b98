//! An issuer's documents over HTTP.
use actix_web::{HttpResponse, get, web};
use fiscal::Rfc;
use serde::Deserialize;
use shared::integrators::DocumentResource;
use shared::page::Page;
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::documents::model::{Format, Wanted};
use crate::documents::routes::download;
use crate::documents::{DocumentId, issued};
use crate::http::paging::PageRequest;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{DocumentsRead, Integrator};
use crate::integrators::routes::{ChangedKey, ChangedQuery};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_documents).service(get_document).service(get_document_xml).service(get_document_pdf);
}

/// What the list of documents accepts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentsQuery {
    folio_fiscal: Option<String>,
    receptor_rfc: Option<String>,
    updated_since: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

impl DocumentsQuery {
    fn read(self) -> ApiResult<(Wanted, PageRequest<ChangedKey>)> {
        let DocumentsQuery { folio_fiscal, receptor_rfc, updated_since, limit, cursor } = self;
        let mut errors = FieldErrors::default();
        let folio_fiscal = folio_fiscal.and_then(|text| {
            text.parse::<Uuid>().inspect_err(|_no_uuid| errors.add("?folio_fiscal", FieldCode::Shape)).ok()
        });
        let receptor = receptor_rfc.and_then(|text| {
            Rfc::parse(&text).inspect_err(|_no_rfc| errors.add("?receptor_rfc", FieldCode::RfcPattern)).ok()
        });
        if !errors.is_empty() {
            return Err(errors.into());
        }
        let (since, page) = ChangedQuery { updated_since, limit, cursor }.read()?;
        Ok((Wanted { since, folio_fiscal, receptor }, page))
    }
}

/// The issuer's documents by their last change, the oldest change first.
///
/// Scope `documents:read`. To follow them keep the greatest `updated_at` you saw and ask from one minute before it. One
/// that was withdrawn is no longer here: `GET /events` tells of it, and needs no such care.
#[utoipa::path(
    tag = "documents",
    params(
        ("folio_fiscal" = Option<String>, Query, description = "UUID of the stamp, in any letters: that document"),
        ("receptor_rfc" = Option<String>, Query, description = "Only those of this receptor"),
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<DocumentResource>)),
    security(("api_key" = ["documents:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/documents")]
async fn list_documents(
    app: web::Data<App>,
    who: Integrator<DocumentsRead>,
    query: web::Query<DocumentsQuery>,
) -> ApiResult<Json<Page<DocumentResource>>> {
    let (wanted, page) = query.into_inner().read()?;
    let after = page.after.map(|key| (key.at, DocumentId::new(key.id)));
    let limit = i64::from(page.limit) + 1;
    let rows = issued::list(&mut app.db.read().await?, who.caller.scope, &wanted, after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |((at, id), _)| ChangedKey { at: *at, id: id.uuid() }, |(_, row)| row)?))
}

/// One document of the issuer.
///
/// Scope `documents:read`.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentResource)),
    security(("api_key" = ["documents:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/documents/{id}")]
async fn get_document(
    app: web::Data<App>,
    who: Integrator<DocumentsRead>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<DocumentResource>> {
    let found = issued::find(&mut app.db.read().await?, who.caller.scope, DocumentId::new(*id)).await?;
    Ok(Json(found.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?))
}

/// The XML of a CFDI, byte for byte as it was stamped.
///
/// Scope `documents:read`. A recibo and an estado de cuenta have none. Who took it is recorded.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/xml")),
    security(("api_key" = ["documents:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/documents/{id}/xml")]
async fn get_document_xml(
    app: web::Data<App>,
    who: Integrator<DocumentsRead>,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    file(&app, &who, *id, Format::Xml, "application/xml; charset=utf-8").await
}

/// The PDF of a document.
///
/// Scope `documents:read`. Who took it is recorded.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("api_key" = ["documents:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/documents/{id}/pdf")]
async fn get_document_pdf(
    app: web::Data<App>,
    who: Integrator<DocumentsRead>,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    file(&app, &who, *id, Format::Pdf, "application/pdf").await
}

async fn file(
    app: &App,
    who: &Integrator<DocumentsRead>,
    id: Uuid,
    format: Format,
    content_type: &'static str,
) -> ApiResult<HttpResponse> {
    let by = (who.caller.actor(), who.caller.request_id.as_str());
    let (name, bytes) = issued::file(app, who.caller.scope, (DocumentId::new(id), format), by).await?;
    Ok(download(&name, content_type, bytes))
}
