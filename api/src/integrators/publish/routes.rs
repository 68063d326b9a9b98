//! Publishing and withdrawing over HTTP.
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, delete, put, web};
use serde::Deserialize;
use shared::integrators::{DocumentResource, HadDocument, PublishedDocument, PutDocumentState, WithdrawnDocument};
use shared::{FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::audit::Done;
use crate::documents::publish::{FILE_MAX_BYTES, Named, PDF_MARK, Paper, Parcel, publish, set_state, withdraw};
use crate::documents::{DocumentId, issued};
use crate::http::{ApiError, ApiResult, Json, read_bytes};
use crate::integrators::guard::{DocumentsWrite, Integrator, Sent};
use crate::integrators::tickets::form;

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    // In this order: a document of yours may be called `state`.
    cfg.service(put_document).service(delete_document).service(put_document_state);
}

/// What the query says of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PublishQuery {
    kind: Option<String>,
    serie: Option<String>,
    number: Option<String>,
    rfc: Option<String>,
    contract: Option<String>,
    issued_at: Option<String>,
    total: Option<String>,
    currency: Option<String>,
    purchase_order: Option<String>,
}

/// Publishes a document that was made elsewhere.
///
/// Scope `documents:write`. The body is the file itself, at most 10 MB. `application/xml`: a stamped CFDI 4.0 or 3.3
/// of any type with any complement, in MXN, USD, EUR, CAD, GBP, JPY or XXX, kept byte for byte; it says everything of itself but `contract` and
/// `purchase_order`. `application/pdf`: a recibo or an estado de cuenta; say `kind`, `number`, `issued_at`, `total`,
/// and whose it is by `rfc` or by `contract`. A PDF is known by its first bytes where a client calls it XML. The customer
/// sees it at once. The document is named by your own `external_id`: the same file may be sent any number of times, 201
/// the first and 200 after; another file under a name that is taken answers 409. Another `contract` or `purchase_order` beside the same file replaces what was said before,
/// and one that is left out stays. A seal that is wrong is refused; `seal` and `stamp` say which could be proved.
#[utoipa::path(
    tag = "documents",
    params(
        (
            "external_id" = String, Path,
            description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`", example = json!("documento-1"),
        ),
        ("kind" = Option<String>, Query, description = "PDF: `recibo` or `estado_de_cuenta`", example = json!("recibo")),
        ("serie" = Option<String>, Query, description = "PDF: serie, may be empty; of a recibo not `PG`, the portal's own"),
        (
            "number" = Option<String>, Query,
            description = "PDF: folio, or the statement's number", example = json!("recibo-1"),
        ),
        (
            "rfc" = Option<String>, Query,
            description = "PDF: whose it is; a customer of the portal", example = json!("CHI1203155K7"),
        ),
        ("contract" = Option<String>, Query, description = "The receptor's number with you"),
        (
            "issued_at" = Option<String>, Query,
            description = "PDF: the clock on the wall", example = json!("2026-11-01T07:00:00"),
        ),
        (
            "total" = Option<String>, Query,
            description = "PDF: decimal text; a statement's balance, with `-` when it is in the customer's favour",
            example = json!("743.97"),
        ),
        ("currency" = Option<String>, Query, description = "PDF: MXN when it is not said"),
        ("purchase_order" = Option<String>, Query, description = "The receptor's order that it answers"),
    ),
    request_body(
        description = "The file",
        content((Vec<u8> = "application/xml"), (Vec<u8> = "application/pdf")),
    ),
    responses(
        (status = 200, description = "It was there already", body = PublishedDocument),
        (status = 201, description = "It is new", body = PublishedDocument),
    ),
    security(("api_key" = ["documents:write"])),
    extensions(("x-problem-codes" = json!(["document_differs", "not_found"]))),
)]
#[put("/documents/external/{external_id}")]
async fn put_document(
    app: web::Data<App>,
    who: Integrator<DocumentsWrite>,
    external_id: web::Path<String>,
    query: web::Query<PublishQuery>,
    request: HttpRequest,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let mut errors = FieldErrors::default();
    form::external_id(&external_id, &mut errors);
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let is_xml = is_xml(&request)?;
    if let Some(seconds) = app.api_limits.documents_wait(who.caller.key, app.now()) {
        return Err(ApiError::new(ProblemCode::ApiKeyLimit).retry_after(seconds));
    }
    let bytes = who.caller.receive(&app, read_bytes(payload, FILE_MAX_BYTES)).await?;
    // Clients that were made from the document may know one media type for both.
    let is_xml = is_xml && !bytes.starts_with(PDF_MARK);
    let parcel = parcel(query.into_inner(), bytes, is_xml);
    let by = (who.caller.actor(), who.caller.request_id.as_str());
    let published = publish(&app, who.caller.scope, (Named::By(&external_id), parcel), by).await?;
    if published.new {
        app.api_limits.made_document(who.caller.key, app.now());
    }
    let document = issued::find(&mut app.db.read().await?, who.caller.scope, published.id).await?;
    let document = document.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    let mut answer = if published.new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(PublishedDocument { document, seal: published.seal, stamp: published.stamp }))
}

fn parcel(query: PublishQuery, bytes: Vec<u8>, is_xml: bool) -> Parcel {
    let PublishQuery { kind, serie, number, rfc, contract, issued_at, total, currency, purchase_order } = query;
    if is_xml {
        return Parcel::Cfdi { xml: bytes, contract, purchase_order };
    }
    let paper = Paper {
        kind: kind.unwrap_or_default(),
        serie: serie.unwrap_or_default(),
        number: number.unwrap_or_default(),
        rfc,
        contract,
        issued_at: issued_at.unwrap_or_default(),
        total: total.unwrap_or_default(),
        currency,
        purchase_order,
    };
    Parcel::Paper { pdf: bytes, paper: Box::new(paper) }
}

/// Withdraws a document that you published.
///
/// Scope `documents:write`. From now on it is there for nobody: not for its customer, not for you, and links and
/// letters to it carry nothing. The answer lists who had it before. The same again answers the same; publishing the
/// very same file again brings it back, and the feed tells `document.published` once more. A PDF of which you say another
/// receptor, contract, number, total or moment then is another document, with an `id` of its own: whoever had the wrong
/// one does not have it again.
#[utoipa::path(
    tag = "documents",
    params(("external_id" = String, Path, description = "Yours", example = json!("documento-1"))),
    responses((status = 200, body = WithdrawnDocument)),
    security(("api_key" = ["documents:write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[delete("/documents/external/{external_id}")]
async fn delete_document(
    app: web::Data<App>,
    who: Integrator<DocumentsWrite>,
    external_id: web::Path<String>,
) -> ApiResult<Json<WithdrawnDocument>> {
    let by = (who.caller.actor(), who.caller.request_id.as_str());
    let withdrawn = withdraw(&app, who.caller.scope, &external_id, by).await?;
    let had = |done: Done| HadDocument { at: done.at.to_string(), act: done.act, by_customer: done.user_id.is_some() };
    Ok(Json(WithdrawnDocument { id: withdrawn.id.uuid(), had: withdrawn.had.into_iter().map(had).collect() }))
}

/// Says what became of a CFDI at the SAT.
///
/// Scope `documents:write`. The portal cancels nothing there: whoever does says so here, of any CFDI of yours, also of
/// one that the portal issued. Its customer sees the state at once, on the page, on paper and in every list. One that is
/// `cancelada` counts in no total, and what it left owed is owed no more, unless you count it yourself as a receivable
/// or money is on it. The same again changes nothing; a word said by mistake is mended by another.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path)),
    request_body(content = PutDocumentState, example = json!({ "state": "cancelada" })),
    responses((status = 200, description = "It is so now", body = DocumentResource)),
    security(("api_key" = ["documents:write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[put("/documents/{id}/state")]
async fn put_document_state(
    app: web::Data<App>,
    sent: Sent<DocumentsWrite, PutDocumentState>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<DocumentResource>> {
    let by = (sent.caller.actor(), sent.caller.request_id.as_str());
    let kept = set_state(&app, sent.caller.scope, DocumentId::new(*id), &sent.body.state, by).await?;
    Ok(Json(kept))
}

fn is_xml(request: &HttpRequest) -> ApiResult<bool> {
    use actix_web::HttpMessage as _;
    let packed = request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding.as_bytes() != b"identity");
    let kind = request.content_type().to_ascii_lowercase();
    match kind.as_str() {
        "application/xml" | "text/xml" if !packed => Ok(true),
        "application/pdf" if !packed => Ok(false),
        _ => Err(ApiError::new(ProblemCode::UnsupportedMediaType)),
    }
}
