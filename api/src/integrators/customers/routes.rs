//! Customers over HTTP.
use actix_web::{HttpResponse, get, put, web};
use shared::ProblemCode;
use shared::integrators::{CustomerResource, PutCustomer};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, CustomerError};
use crate::App;
use crate::http::{ApiError, ApiResult, Json};
use crate::integrators::guard::{CustomersRead, CustomersWrite, Integrator, Sent};

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_customer).service(get_customer);
}

/// Brings a customer in, or changes it.
///
/// Scope `customers:write`. A customer is an RFC, known once in the group of companies: two ids, and two issuers, may
/// name the same one. What you send is kept and told as yours. It is what the customer's invoices begin with, too, as long
/// as no other issuer of the group knows the same RFC; then the group's data stay as they are until the customer or
/// staff change them. Contracts are the issuer's own: those named are
/// added, none is taken away, and one that belongs to another customer is refused. Who holds RFC and contract can
/// register in the portal.
#[utoipa::path(
    tag = "customers",
    params(("external_id" = String, Path, description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`")),
    request_body(content = PutCustomer, example = json!({
        "rfc": "AOM1707203N1", "nombre": "ABARROTES OCHO MARES", "regimen": "601", "codigo_postal": "06010",
        "contracts": ["000900"],
    })),
    responses(
        (status = 200, description = "It was changed, or was already so", body = CustomerResource),
        (status = 201, description = "The id is new", body = CustomerResource),
    ),
    security(("api_key" = ["customers:write"])),
    extensions(("x-problem-codes" = json!([]))),
)]
#[put("/customers/{external_id}")]
async fn put_customer(
    app: web::Data<App>,
    sent: Sent<CustomersWrite, PutCustomer>,
    external_id: web::Path<String>,
) -> ApiResult<HttpResponse> {
    let (new, customer) = service::put(&app, &sent.caller, &external_id, &sent.body).await?;
    let mut answer = if new { HttpResponse::Created() } else { HttpResponse::Ok() };
    Ok(answer.json(customer))
}

/// One of your customers, with its contracts at your issuer.
///
/// Scope `customers:read`.
#[utoipa::path(
    tag = "customers",
    params(("external_id" = String, Path, description = "Yours")),
    responses((status = 200, body = CustomerResource)),
    security(("api_key" = ["customers:read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/customers/{external_id}")]
async fn get_customer(
    app: web::Data<App>,
    who: Integrator<CustomersRead>,
    external_id: web::Path<String>,
) -> ApiResult<Json<CustomerResource>> {
    Ok(Json(service::get(&app, who.caller.scope, &external_id).await?))
}

impl From<CustomerError> for ApiError {
    fn from(error: CustomerError) -> ApiError {
        match error {
            CustomerError::NotFound => ApiError::new(ProblemCode::NotFound),
            CustomerError::Fields(errors) => errors.into(),
            CustomerError::Db(source) => source.into(),
        }
    }
}
