//! An issuer's documents over HTTP, for staff.
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use shared::console::{MoveMail, ResetFactor};
use shared::documents::{BroughtDocument, DeskDocument, DeskWithdrawal, FILE_NAME_MAX, PaperName};
use shared::integrators::{DocumentResource, PutDocumentState};
use shared::page::{Page, PageQuery};
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::service;
use crate::App;
use crate::accounts::console::Act;
use crate::accounts::staff::guard::{ProvedOperator, StaffScope};
use crate::accounts::{self, CustomerId, UserId, people};
use crate::audit::Actor;
use crate::db::Timestamp;
use crate::documents::model::Format;
use crate::documents::publish::{FILE_MAX_BYTES, Named, Paper, Parcel, publish, set_state, withdraw_by_id};
use crate::documents::routes::download;
use crate::documents::{DocumentId, facts, issued};
use crate::http::{ApiError, ApiResult, Json, RequestId, paging, read_bytes};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(bring_document).service(list_documents).service(get_document_pdf).service(withdraw_document);
    cfg.service(put_document_state).service(move_mail).service(reset_factor);
}

/// Longest text of the search.
const LOOKED_MAX: usize = 60;

/// What the query says of the file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct BringQuery {
    name: String,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    q: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct Key {
    at: Timestamp,
    id: Uuid,
}

/// The part of the address that names a document.
#[derive(Deserialize)]
struct OneOf {
    id: Uuid,
}

/// Brings a document in: one file, as it is.
///
/// At most 10 MB. A stamped CFDI of the issuer says everything of itself. A PDF is a recibo or an estado de cuenta, and
/// says it by its name (`estado_005300_171001_2017-10-01_743.97.pdf`) or in the query. The same file again is the same
/// document: 201 the first time, 200 after. Codes of a CFDI that are in no list of the SAT's at hand are told, and refuse
/// nothing.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("name" = String, Query, description = "What the file is called"),
        ("kind" = Option<String>, Query, description = "PDF: `recibo` or `estado_de_cuenta`"),
        ("serie" = Option<String>, Query, description = "PDF: serie, may be empty; of a recibo not `PG`, the portal's own"),
        ("number" = Option<String>, Query, description = "PDF: folio, or the statement's number"),
        ("rfc" = Option<String>, Query, description = "PDF: whose it is"),
        ("contract" = Option<String>, Query, description = "The receptor's number; its only one when it is not said"),
        ("issued_at" = Option<String>, Query, description = "PDF: the clock on the wall, `2026-11-01T07:00:00`"),
        ("total" = Option<String>, Query, description = "PDF: decimal text; a statement's balance, which may be below zero"),
        ("currency" = Option<String>, Query, description = "PDF: MXN when it is not said"),
        ("purchase_order" = Option<String>, Query, description = "The receptor's order that it answers"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = BroughtDocument), (status = 201, body = BroughtDocument)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "invalid_fields", "document_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/documents")]
async fn bring_document(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    query: web::Query<BringQuery>,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let query = query.into_inner();
    if query.name.chars().count() > FILE_NAME_MAX {
        let mut errors = FieldErrors::default();
        errors.add("?name", FieldCode::TooLong);
        return Err(errors.into());
    }
    let bytes = read_bytes(payload, FILE_MAX_BYTES).await?;
    let parcel = parcel(query, bytes)?;
    let unlisted = service::unlisted(&app, &parcel).await?;
    let request_id = request_id.to_string();
    let by = (Actor::User(at.staff.principal.user_id.uuid()), request_id.as_str());
    let published = publish(&app, at.scope, (Named::Content, parcel), by).await?;
    let mut conn = app.db.read().await?;
    let document = issued::find(&mut conn, at.scope, published.id).await?;
    let document = document.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    let customer = match fiscal::Rfc::parse(&document.receptor_rfc) {
        Ok(rfc) => people::find_customer(&mut conn, &rfc).await?,
        Err(_no_rfc) => None,
    };
    let has_reader = match customer {
        Some(customer) => people::has_users(&mut conn, customer, at.scope).await?,
        None => false,
    };
    let (seal, stamp, is_new) = (published.seal, published.stamp, published.new);
    let mut answer = if is_new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(BroughtDocument { document, is_new, has_reader, seal, stamp, unlisted }))
}

/// What the bytes are, they say themselves; what a PDF is, the query says, and where it does not, the file's name.
fn parcel(query: BringQuery, bytes: Vec<u8>) -> ApiResult<Parcel> {
    let BringQuery { name, kind, serie, number, rfc, contract, issued_at, total, currency, purchase_order } = query;
    if !bytes.starts_with(b"%PDF-") && !name.to_ascii_lowercase().ends_with(".pdf") {
        return Ok(Parcel::Cfdi { xml: bytes, contract, purchase_order });
    }
    let paper = match (kind, PaperName::parse(&name)) {
        (Some(kind), _) => Paper {
            kind,
            serie: serie.unwrap_or_default(),
            number: number.unwrap_or_default(),
            rfc,
            contract,
            issued_at: issued_at.unwrap_or_default(),
            total: total.unwrap_or_default(),
            currency,
            purchase_order,
        },
        (None, Some(said)) => Paper {
            kind: said.kind.to_owned(),
            serie: said.serie,
            number: said.number,
            rfc: said.rfc,
            contract: contract.or(said.contract),
            issued_at: said.issued_at,
            total: said.total,
            currency: said.currency,
            purchase_order,
        },
        (None, None) => {
            let mut errors = FieldErrors::default();
            errors.add("?name", FieldCode::PaperName);
            return Err(errors.into());
        }
    };
    Ok(Parcel::Paper { pdf: bytes, paper: Box::new(paper) })
}

/// The issuer's documents, the last that came first; those withdrawn too.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("q" = Option<String>, Query, description = "A folio (`FA-60412`), an RFC, or a folio fiscal"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<DeskDocument>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/documents")]
async fn list_documents(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<ListQuery>,
) -> ApiResult<Json<Page<DeskDocument>>> {
    let ListQuery { q, limit, cursor } = query.into_inner();
    let typed = q.unwrap_or_default();
    if typed.chars().count() > LOOKED_MAX {
        let mut errors = FieldErrors::default();
        errors.add("?q", FieldCode::TooLong);
        return Err(errors.into());
    }
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let before = page.after.map(|key| (key.at, DocumentId::new(key.id)));
    let limit = i64::from(page.limit) + 1;
    let rows = service::list(&mut app.db.read().await?, at.scope, &service::read(&typed), before, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |((at, id), _)| Key { at: *at, id: id.uuid() }, |(_, row)| row)?))
}

/// The PDF of a document of the issuer's. Who took it is recorded.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/documents/{id}/pdf")]
async fn get_document_pdf(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    path: web::Path<OneOf>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let by = (Actor::User(at.staff.principal.user_id.uuid()), request_id.as_str());
    let (name, bytes) = issued::file(&app, at.scope, (DocumentId::new(path.id), Format::Pdf), by).await?;
    Ok(download(&name, "application/pdf", bytes))
}

/// Withdraws a document that was made elsewhere and wrongly published: from now on it is there for nobody. The answer
/// lists who had it before. The same again answers the same; bringing the very same file in again brings it back. A PDF
/// that is brought for another customer or contract then, or with another number, is another document.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = DeskWithdrawal)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[delete("/console/issuers/{issuer}/documents/{id}")]
async fn withdraw_document(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    path: web::Path<OneOf>,
) -> ApiResult<Json<DeskWithdrawal>> {
    let request_id = request_id.to_string();
    let by = (Actor::User(at.staff.principal.user_id.uuid()), request_id.as_str());
    let withdrawn = withdraw_by_id(&app, at.scope, DocumentId::new(path.id), by).await?;
    let had = service::by_whom(&app, withdrawn.had).await?;
    Ok(Json(DeskWithdrawal { id: withdrawn.id.uuid(), had }))
}

/// Says what became of a CFDI at the SAT; the portal cancels nothing there. Its customer sees the state at once. One that
/// is `cancelada` counts in no total, and what it left owed is owed no more, unless the ERP counts it as a receivable or
/// money is on it. The same again changes nothing; a word said by mistake is mended by another.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = PutDocumentState,
    responses((status = 200, body = DocumentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[put("/console/issuers/{issuer}/documents/{id}/state")]
async fn put_document_state(
    app: web::Data<App>,
    at: StaffScope,
    request_id: RequestId,
    path: web::Path<OneOf>,
    Json(form): Json<PutDocumentState>,
) -> ApiResult<Json<DocumentResource>> {
    let request_id = request_id.to_string();
    let by = (Actor::User(at.staff.principal.user_id.uuid()), request_id.as_str());
    Ok(Json(set_state(&app, at.scope, DocumentId::new(path.id), &form.state, by).await?))
}

#[derive(Deserialize)]
struct OfPerson {
    customer: Uuid,
    id: Uuid,
}

/// Begins another mail address for one of a customer's people who can no longer read theirs, and showed a contract with this
/// issuer or the folio fiscal of one of its documents. The link goes to the new address, and the present one is told; until
/// the link is confirmed nothing changes.
///
/// A fact that is not the customer's is `not_found`; tries are counted. An address that is somebody's is answered alike, and
/// gets no link. Staff who are a customer's people too are not found here; who sees more of the group than this
/// company's part, an operator of the whole installation helps (`operator_needed`). Nobody here moves the address of whom
/// several customers have (`owner_needed`): their owners invite the new one, and take the old one's access away.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    request_body = MoveMail,
    responses((status = 202, description = "Received")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "owner_needed", "proof_needed",
        "invalid_fields", "mail_limit", "too_many_requests"
    ]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/people/{id}/email-changes")]
async fn move_mail(
    app: web::Data<App>,
    at: ProvedOperator,
    asker: accounts::Asker,
    path: web::Path<OfPerson>,
    form: Json<MoveMail>,
) -> ApiResult<HttpResponse> {
    let act = Act { at: &at.0, customer: CustomerId::new(path.customer), asker: &asker };
    facts::move_mail(&app, &act, UserId::new(path.id), &form.0).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Takes the second step away of one of a customer's people who lost their phone and their codes, and showed a contract with
/// this issuer or the folio fiscal of one of its documents; their sessions end, and they hear of it.
///
/// A fact that is not the customer's is `not_found`; tries are counted, with those for another mail address. Staff who are a
/// customer's people too are not found here: they are helped as staff. Who sees more of the group than this company's part,
/// an operator of the whole installation helps (`operator_needed`); whom several customers have, nobody here
/// (`owner_needed`): what one can show is not enough for the others.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    request_body = ResetFactor,
    responses((status = 204, description = "Taken away")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "owner_needed", "proof_needed",
        "invalid_fields", "too_many_requests"
    ]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/people/{id}/second-factor-resets")]
async fn reset_factor(
    app: web::Data<App>,
    at: ProvedOperator,
    asker: accounts::Asker,
    path: web::Path<OfPerson>,
    form: Json<ResetFactor>,
) -> ApiResult<HttpResponse> {
    let act = Act { at: &at.0, customer: CustomerId::new(path.customer), asker: &asker };
    facts::reset_factor(&app, &act, UserId::new(path.id), &form.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
