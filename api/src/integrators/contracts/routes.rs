//! Contracts over HTTP.
use actix_web::{HttpResponse, delete, get, put, web};
use serde::Deserialize;
use shared::integrators::{ContractResource, PutContract};
use shared::page::Page;
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, Refused};
use crate::App;
use crate::accounts::contracts::ContractError;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{CustomersRead, CustomersWrite, Integrator, Sent};
use crate::integrators::routes::{ChangedKey, ChangedQuery};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_contracts).service(put_contract).service(get_contract).service(delete_contract);
}

/// What the list of contracts accepts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContractsQuery {
    customer: Option<String>,
    updated_since: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Contracts with you by their last change, the oldest change first.
///
/// Scope `customers:read`. Also those of customers that none of your ids names: they came by the console. To follow them
/// keep the greatest `updated_at` you saw and ask from one minute before it; that one was taken away, the feed tells by
/// `customer.changed`.
#[utoipa::path(
    tag = "customers",
    params(
        ("customer" = Option<String>, Query, description = "Your id of a customer: only its own"),
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<ContractResource>)),
    security(("api_key" = ["customers:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/contracts")]
async fn list_contracts(
    app: web::Data<App>,
    who: Integrator<CustomersRead>,
    query: web::Query<ContractsQuery>,
) -> ApiResult<Json<Page<ContractResource>>> {
    let ContractsQuery { customer, updated_since, limit, cursor } = query.into_inner();
    let (since, page) = ChangedQuery { updated_since, limit, cursor }.read::<ChangedKey>()?;
    let after = page.after.map(|key| (key.at, key.id));
    let limit = i64::from(page.limit) + 1;
    let rows = service::list(&app, who.caller.scope, (since, customer.as_deref()), after, limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |((at, id), _)| ChangedKey { at: *at, id: *id }, |(_, row)| row)?))
}

/// Gives a customer a contract, or changes it.
///
/// Scope `customers:write`. A number is one customer's: spaces and capitals make no other number, and one of another
/// customer is refused. It stays as it was first written. Who holds RFC and contract can register in the portal.
#[utoipa::path(
    tag = "customers",
    params(
        ("external_id" = String, Path, description = "Your id of the customer", example = json!("cliente-1")),
        (
            "number" = String, Path,
            description = "The number, leading zeros kept: 1 to 40 characters, a `/` in it as `%2F`",
            example = json!("000901"),
        ),
    ),
    request_body(content = PutContract, example = json!({ "payment_days": 45 })),
    responses(
        (status = 200, description = "It was changed, or was already so", body = ContractResource),
        (status = 201, description = "The number is new", body = ContractResource),
    ),
    security(("api_key" = ["customers:write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[put("/customers/{external_id}/contracts/{number}")]
async fn put_contract(
    app: web::Data<App>,
    sent: Sent<CustomersWrite, PutContract>,
    path: web::Path<(String, String)>,
) -> ApiResult<HttpResponse> {
    let (external_id, number) = path.into_inner();
    let (new, contract) = service::put(&app, &sent.caller, (&external_id, &number), &sent.body).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(contract))
}

/// One contract of a customer of yours.
///
/// Scope `customers:read`.
#[utoipa::path(
    tag = "customers",
    params(
        ("external_id" = String, Path, description = "Your id of the customer", example = json!("C-1001")),
        ("number" = String, Path, description = "The number", example = json!("000781")),
    ),
    responses((status = 200, body = ContractResource)),
    security(("api_key" = ["customers:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/customers/{external_id}/contracts/{number}")]
async fn get_contract(
    app: web::Data<App>,
    who: Integrator<CustomersRead>,
    path: web::Path<(String, String)>,
) -> ApiResult<Json<ContractResource>> {
    let (external_id, number) = path.into_inner();
    Ok(Json(service::get(&app, who.caller.scope, (&external_id, &number)).await?))
}

/// Takes a contract away.
///
/// Scope `customers:write`. For what was brought in by mistake: one that documents or receivables name, and the last one
/// of a customer with people who sign in, stays and answers `contract_in_use`.
#[utoipa::path(
    tag = "customers",
    params(
        ("external_id" = String, Path, description = "Your id of the customer", example = json!("cliente-1")),
        ("number" = String, Path, description = "The number", example = json!("000901")),
    ),
    responses((status = 204, description = "It is gone")),
    security(("api_key" = ["customers:write"])),
    extensions(("x-problem-codes" = json!(["not_found", "contract_in_use"]))),
)]
#[delete("/customers/{external_id}/contracts/{number}")]
async fn delete_contract(
    app: web::Data<App>,
    who: Integrator<CustomersWrite>,
    path: web::Path<(String, String)>,
) -> ApiResult<HttpResponse> {
    let (external_id, number) = path.into_inner();
    service::delete(&app, &who.caller, (&external_id, &number)).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<ContractError> for ApiError {
    fn from(error: ContractError) -> ApiError {
        match error {
            ContractError::NotFound => ApiError::new(ProblemCode::NotFound),
            ContractError::InUse => ApiError::new(ProblemCode::ContractInUse),
            ContractError::Taken => {
                let mut errors = FieldErrors::default();
                errors.add("/number", FieldCode::ContractTaken);
                errors.into()
            }
            ContractError::Db(source) => source.into(),
        }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> ApiError {
        match refused {
            Refused::Fields(errors) => errors.into(),
            Refused::Contract(error) => error.into(),
        }
    }
}
