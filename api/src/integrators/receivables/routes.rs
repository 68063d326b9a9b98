//! Receivables over HTTP.
use actix_web::{HttpResponse, get, put, web};
use shared::ProblemCode;
use shared::integrators::{PutReceivable, ReceivableResource};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::service::{self, Put};
use crate::App;
use crate::documents::routes::download;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{Integrator, ReceivablesRead, ReceivablesWrite, Sent};
use crate::integrators::routes::{ChangedKey, ChangedQuery};
use crate::payments::receivables;

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_receivable)
        .service(list_receivables)
        .service(get_by_id)
        .service(get_receivable)
        .service(get_statement);
}

/// Says what a customer owes of one invoice.
///
/// Scope `receivables:write`. `balance` is the truth as of `as_of`: what the portal counts otherwise becomes an
/// adjustment, and what payments under way hold stays held. Send it again whenever your ledger moves; the same word again
/// changes nothing, and an older one is refused with `receivable_newer`.
///
/// Where you say when payments are applied, apply each one (`POST /payments/{id}/apply`) before you send a balance that it
/// is taken off of: a balance that came first leaves the payment nothing to pay, and all of it becomes a credit.
#[utoipa::path(
    tag = "receivables",
    params((
        "external_id" = String, Path,
        description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`", example = json!("cargo-1"),
    )),
    request_body(content = PutReceivable, example = json!({
        "customer": "C-1001", "number": "FA-60412", "issued_on": "2026-11-02", "due_on": "2026-12-02", "currency": "USD",
        "total": "160.71", "rate": "18.886880", "balance": "160.71", "as_of": "2026-11-18T17:00:00Z",
    })),
    responses(
        (status = 200, description = "It is so now", body = ReceivableResource),
        (status = 201, description = "The id is new", body = ReceivableResource),
    ),
    security(("api_key" = ["receivables:write"])),
    extensions(("x-problem-codes" = json!(["receivable_newer"]))),
)]
#[put("/receivables/{external_id}")]
async fn put_receivable(
    app: web::Data<App>,
    sent: Sent<ReceivablesWrite, PutReceivable>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    match service::put(&app, &sent.caller, &external_id, &sent.body).await? {
        Put::Opened(kept) => Ok(HttpResponse::Created().json(kept)),
        Put::Kept(kept) => Ok(HttpResponse::Ok().json(kept)),
        Put::Stale => Err(ApiError::new(ProblemCode::ReceivableNewer)),
    }
}

/// What your customers owe you, by its last change.
///
/// Scope `receivables:read`. What you brought, and what invoices on credit (PPD) opened by themselves: these have an
/// empty `external_id` until you name them by `PUT`. To follow them keep the greatest `updated_at` you saw and ask from one minute before it.
#[utoipa::path(
    tag = "receivables",
    params(
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<ReceivableResource>)),
    security(("api_key" = ["receivables:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/receivables")]
async fn list_receivables(
    app: web::Data<App>,
    who: Integrator<ReceivablesRead>,
    query: web::Query<ChangedQuery>,
) -> ApiResult<Json<Page<ReceivableResource>>> {
    let (since, page) = query.read::<ChangedKey>()?;
    let after = page.after.map(|key| (key.at, key.id));
    let limit = i64::from(page.limit) + 1;
    let rows = receivables::list_changed(&mut app.db.read().await?, who.caller.scope, since, after, limit).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.key(), row.resource()?));
    }
    Ok(Json(paging::to_page(told, page.limit, |((at, id), _)| ChangedKey { at: *at, id: *id }, |(_, row)| row)?))
}

/// One receivable, with what is paid and held of it.
///
/// Scope `receivables:read`.
#[utoipa::path(
    tag = "receivables",
    params(("external_id" = String, Path, description = "Yours", example = json!("6212976"))),
    responses((status = 200, body = ReceivableResource)),
    security(("api_key" = ["receivables:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/receivables/{external_id}")]
async fn get_receivable(
    app: web::Data<App>,
    who: Integrator<ReceivablesRead>,
    external_id: web::Path<String>,
) -> ApiResult<Json<ReceivableResource>> {
    Ok(Json(service::get(&app, who.caller.scope, &external_id).await?))
}

/// One receivable by our id, as the lines of payments name it.
///
/// Scope `receivables:read`. Also what an invoice on credit opened by itself and you have not named yet.
#[utoipa::path(
    tag = "receivables",
    params(("id" = Uuid, Path, description = "Ours: `receivable_id` of a payment's line")),
    responses((status = 200, body = ReceivableResource)),
    security(("api_key" = ["receivables:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/receivables/by-id/{id}")]
async fn get_by_id(
    app: web::Data<App>,
    who: Integrator<ReceivablesRead>,
    id: web::Path<Uuid>,
) -> ApiResult<Json<ReceivableResource>> {
    Ok(Json(service::get_by_id(&app, who.caller.scope, *id).await?))
}

/// The statement of account of one of your customers, of one month, as a PDF: made now, from what was owed and paid.
///
/// Scope `receivables:read`. The same paper as the customer's own: the balance before, each movement with the balance after
/// it, and what is owed at the cut by its age, each currency by itself. Of the month that runs it tells until today.
#[utoipa::path(
    tag = "receivables",
    params(
        ("external_id" = String, Path, description = "Yours, of the customer", example = json!("C-1001")),
        ("month" = String, Path, description = "`YYYY-MM`", example = json!("2026-11")),
    ),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("api_key" = ["receivables:read"])),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[get("/customers/{external_id}/account-statements/{month}/pdf")]
async fn get_statement(
    app: web::Data<App>,
    who: Integrator<ReceivablesRead>,
    path: web::Path<(String, String)>,
) -> ApiResult<HttpResponse> {
    let (customer, month) = path.into_inner();
    let (name, bytes) = service::statement(&app, who.caller.scope, &customer, &month).await?;
    Ok(download(&name, "application/pdf", bytes))
}
