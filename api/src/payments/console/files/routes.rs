//! Banks' files over HTTP, for staff.
use actix_web::{HttpResponse, get, post, web};
use fiscal::Rfc;
use serde::Deserialize;
use shared::integrators::PaymentResource;
use shared::page::{Page, PageQuery};
use shared::payments::{AssignDeposit, BankCode, SettlementFileView, SettlementLineView, SettlementResult};
use shared::{FieldCode, FieldErrors};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::people;
use crate::accounts::staff::guard::{OperatorScope, StaffScope};
use crate::http::{ApiResult, Json, RequestId, paging, read_bytes};
use crate::payments::console::routes::{Key, Named, by};
use crate::payments::settlement::{self, Brought, FILE_MAX_BYTES, Format};
use crate::payments::{resource, statements};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(bring_file).service(list_files).service(get_file).service(list_lines).service(assign_line);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileQuery {
    format: String,
    bank: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paged {
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineQuery {
    result: Option<String>,
    after: Option<i64>,
    limit: Option<u32>,
}

/// The part of the address that names a line.
#[derive(Deserialize)]
struct LineOf {
    id: Uuid,
    line: i64,
}

/// Brings a bank's file in: its payments, or the transfers of an account.
///
/// The body is the file itself, at most 4 MB and 5,000 lines. Its lines are kept first and settled after: at once as far
/// as that goes, the rest in the background. The same file again is the same file.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("format" = String, Query, description = "`multipagos` (616 columns) or `csv` (the first line names the columns)"),
        ("bank" = String, Query, description = "`bbva`, `citibanamex` or `spei`"),
        ("name" = String, Query, description = "What the file is called"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = SettlementFileView)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields"
    ]))),
)]
#[post("/console/issuers/{issuer}/settlement-files")]
async fn bring_file(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    query: web::Query<FileQuery>,
    payload: web::Payload,
) -> ApiResult<HttpResponse> {
    let (format, bank) = (Format::parse(&query.format), BankCode::parse(&query.bank));
    let mut errors = FieldErrors::default();
    if format.is_none() {
        errors.add("?format", FieldCode::NotInCatalog);
    }
    if bank.is_none() {
        errors.add("?bank", FieldCode::NotInCatalog);
    }
    let (Some(format), Some(bank)) = (format, bank) else { return Err(errors.into()) };
    let bytes = read_bytes(payload, FILE_MAX_BYTES).await?;
    let file = Brought { format, bank, name: &query.name, bytes: &bytes };
    let view = Box::pin(settlement::bring(&app, at.0.scope, &file, &by(&at.0, request_id))).await?;
    Ok(HttpResponse::Created().json(view))
}

/// The issuer's files, the newest first.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("limit" = Option<u32>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = Page<SettlementFileView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/settlement-files")]
async fn list_files(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<Paged>,
) -> ApiResult<Json<Page<SettlementFileView>>> {
    let Paged { limit, cursor } = query.into_inner();
    let page = paging::page::<Key>(&PageQuery { limit, cursor })?;
    let before = page.after.map(|key| (key.at, key.id));
    let limit = i64::from(page.limit) + 1;
    let rows = settlement::list(&mut app.db.read().await?, at.scope, before, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |(at, row)| Key { at: *at, id: row.id }, |(_, row)| row)?))
}

/// One file, with how many of its lines came to what.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, body = SettlementFileView)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/settlement-files/{id}")]
async fn get_file(app: web::Data<App>, at: StaffScope, path: web::Path<Named>) -> ApiResult<Json<SettlementFileView>> {
    Ok(Json(settlement::find(&mut app.db.read().await?, at.scope, path.id).await?))
}

/// A file's lines in their order, after a number.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path),
        ("id" = Uuid, Path),
        ("result" = Option<String>, Query, description = "Only those that came to this: `not_found`, `review` …"),
        ("after" = Option<i64>, Query, description = "The last line of the page before; from the first when absent"),
        ("limit" = Option<u32>, Query, description = "1 to 100; 100 when absent"),
    ),
    responses((status = 200, body = Vec<SettlementLineView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/settlement-files/{id}/lines")]
async fn list_lines(
    app: web::Data<App>,
    at: StaffScope,
    path: web::Path<Named>,
    query: web::Query<LineQuery>,
) -> ApiResult<Json<Vec<SettlementLineView>>> {
    let only = query.result.as_deref().map(SettlementResult::parse);
    let limit = query.limit.unwrap_or(100);
    let mut errors = FieldErrors::default();
    if only == Some(None) {
        errors.add("?result", FieldCode::NotInCatalog);
    }
    if !(1..=100).contains(&limit) {
        errors.add("?limit", FieldCode::Shape);
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    let (of, after) = ((path.id, only.flatten()), query.after.unwrap_or(0));
    Ok(Json(settlement::list_lines(&mut app.db.read().await?, at.scope, of, after, i64::from(limit)).await?))
}

/// Gives a line that named nothing of ours to a customer of the issuer's: it becomes a payment of that customer.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path), ("line" = i64, Path)),
    request_body = AssignDeposit,
    responses((status = 201, body = PaymentResource)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "not_found", "invalid_fields", "payment_state_differs"
    ]))),
)]
#[post("/console/issuers/{issuer}/settlement-files/{id}/lines/{line}/assignments")]
async fn assign_line(
    app: web::Data<App>,
    at: OperatorScope,
    request_id: RequestId,
    path: web::Path<LineOf>,
    Json(form): Json<AssignDeposit>,
) -> ApiResult<HttpResponse> {
    let scope = at.0.scope;
    let customer = {
        let mut conn = app.db.read().await?;
        let known = match Rfc::parse(form.rfc.trim()) {
            Ok(rfc) => people::find_customer(&mut conn, &rfc).await?,
            Err(_no_rfc) => None,
        };
        match known {
            // Of a customer staff see only what their issuer has with it.
            Some(customer) if statements::has_account(&mut conn, scope, customer).await? => Some(customer),
            _ => None,
        }
    };
    let Some(customer) = customer else {
        let mut errors = FieldErrors::default();
        errors.add("/rfc", FieldCode::CustomerUnknown);
        return Err(errors.into());
    };
    let made = settlement::assign(&app, scope, (path.id, path.line), customer, &by(&at.0, request_id)).await?;
    Ok(HttpResponse::Created().json(resource::find(&mut app.db.read().await?, scope, made).await?))
}
