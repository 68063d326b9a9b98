//! Customers over HTTP.
use actix_web::{HttpResponse, get, put, web};
use fiscal::Rfc;
use serde::{Deserialize, Serialize};
use shared::integrators::{CustomerResource, PutCustomer};
use shared::page::Page;
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service::{self, CustomerError};
use crate::App;
use crate::db::Timestamp;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::integrators::guard::{CustomersRead, CustomersWrite, Integrator, Sent};
use crate::integrators::routes::ChangedQuery;

/// Mounted under `/api/integrators/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(put_customer).service(list_customers).service(get_customer);
}

/// The last row of a page.
#[derive(Serialize, Deserialize)]
struct Key {
    at: Timestamp,
    external_id: String,
}

/// Brings a customer in, or changes it.
///
/// Scope `customers:write`. A customer is an RFC, known once in the group of companies: two ids, and two issuers, may
/// name the same one. What you send is kept and told as yours. It is what the customer's invoices begin with, too, as long
/// as no other issuer of the group knows the same RFC; then the group's data stay as they are until the customer or
/// staff change them. Contracts are the issuer's own: those named are
/// added, none is taken away, and one that belongs to another customer is refused; each one, with its days to pay, is
/// `/customers/{external_id}/contracts/{number}`. Who holds RFC and contract can register in the portal.
#[utoipa::path(
    tag = "customers",
    params((
        "external_id" = String, Path,
        description = "Yours: 1 to 64 ASCII letters, digits and `-_.:`", example = json!("cliente-1"),
    )),
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
    params(("external_id" = String, Path, description = "Yours", example = json!("C-1001"))),
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

/// What the list of customers accepts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomersQuery {
    rfc: Option<String>,
    updated_since: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Your customers by their last change, the oldest change first.
///
/// Scope `customers:read`. With `rfc` those of your ids that name this RFC; where none does, the customer itself with an
/// empty `external_id`, if it has a contract with you: it came by the portal or the console. To follow them keep the greatest `updated_at` you saw and ask from one minute before it. What
/// staff or the customer change for themselves is not yours and changes nothing here.
#[utoipa::path(
    tag = "customers",
    params(
        ("rfc" = Option<String>, Query, description = "Only this RFC, also where none of your ids names it"),
        ("updated_since" = Option<String>, Query, description = "RFC 3339 instant; changed at it or later"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<CustomerResource>)),
    security(("api_key" = ["customers:read"])),
    extensions(("x-problem-codes" = json!(["invalid_fields"]))),
)]
#[get("/customers")]
async fn list_customers(
    app: web::Data<App>,
    who: Integrator<CustomersRead>,
    query: web::Query<CustomersQuery>,
) -> ApiResult<Json<Page<CustomerResource>>> {
    let CustomersQuery { rfc, updated_since, limit, cursor } = query.into_inner();
    let rfc = rfc.map(|text| Rfc::parse(&text)).transpose().map_err(|_no_rfc| {
        let mut errors = FieldErrors::default();
        errors.add("?rfc", FieldCode::RfcPattern);
        ApiError::from(errors)
    })?;
    let (since, page) = ChangedQuery { updated_since, limit, cursor }.read::<Key>()?;
    let after = page.after.as_ref().map(|key| (key.at, key.external_id.as_str()));
    let rows = service::list(&app, who.caller.scope, (since, rfc.as_ref()), after, i64::from(page.limit) + 1).await?;
    let key = |(at, row): &(Timestamp, CustomerResource)| Key { at: *at, external_id: row.external_id.clone() };
    Ok(Json(paging::to_page(rows, page.limit, key, |(_, row)| row)?))
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
