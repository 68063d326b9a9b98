//! Statements of account over HTTP.
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::payments::AccountStatements;
use utoipa_actix_web::service_config::ServiceConfig;

use super::months_until;
use crate::App;
use crate::accounts::guard::Customer;
use crate::documents::routes::download;
use crate::http::{ApiResult, Json, RequestId};
use crate::payments::routes::asker;
use crate::payments::statements;

/// Months that are offered.
const MONTHS_SHOWN: i64 = 24;

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_statements).service(print_statement);
}

/// No parameter at all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The months and the issuers that a statement of account can be made of now.
#[utoipa::path(
    tag = "payments",
    responses((status = 200, body = AccountStatements)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/account-statements")]
async fn list_statements(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    _query: web::Query<Nothing>,
) -> ApiResult<Json<AccountStatements>> {
    let (today, issuers) = statements::offered(&app, &asker(customer, request_id)).await?;
    Ok(Json(AccountStatements { months: months_until(today, MONTHS_SHOWN), issuers }))
}

/// The statement of account with an issuer of one month, as a PDF: made now, from what was owed and paid.
///
/// Of the month that runs it tells until today. What an issuer publishes itself is among the documents.
#[utoipa::path(
    tag = "payments",
    params(
        ("issuer" = String, Path, description = "Short name of the issuer"),
        ("month" = String, Path, description = "`YYYY-MM`"),
    ),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found", "invalid_fields"]))),
)]
#[get("/account-statements/{issuer}/{month}/pdf")]
async fn print_statement(
    app: web::Data<App>,
    customer: Customer,
    request_id: RequestId,
    path: web::Path<(String, String)>,
    _query: web::Query<Nothing>,
) -> ApiResult<HttpResponse> {
    let (issuer, month) = path.into_inner();
    let (name, bytes) = statements::print_own(&app, &asker(customer, request_id), &issuer, &month).await?;
    Ok(download(&name, "application/pdf", bytes))
}
