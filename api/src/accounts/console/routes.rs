//! An issuer's customers, their people and the audit log over HTTP, for staff.
use actix_web::{HttpResponse, delete, get, post, put, web};
use serde::{Deserialize, Serialize};
use shared::accounts::people::ChangePerson;
use shared::console::{
    AuditQuery, AuditRow, ConsoleCustomer, ConsoleCustomerRow, CustomerAdded, CustomerViewOpened, CustomersQuery,
    NewCustomerForm, SendActivation,
};
use shared::page::{Page, PageQuery};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{Act, newcomers};
use crate::App;
use crate::accounts::Asker;
use crate::accounts::model::{CustomerId, UserId};
use crate::accounts::staff::guard::{OperatorScope, ProvedOperator, StaffScope};
use crate::audit::Wanted;
use crate::http::{ApiResult, Json, paging};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(add)
        .service(find)
        .service(send_activation)
        .service(revoke_activation)
        .service(open_view)
        .service(unlock)
        .service(send_recovery)
        .service(end_sessions)
        .service(change_role)
        .service(remove_person)
        .service(log);
}

/// The last customer of a page.
#[derive(Serialize, Deserialize)]
struct ByName {
    nombre: String,
    id: Uuid,
}

#[derive(Deserialize)]
struct OfCustomer {
    customer: Uuid,
}

#[derive(Deserialize)]
struct OfPerson {
    customer: Uuid,
    id: Uuid,
}

#[derive(Deserialize)]
struct OfEntryLink {
    customer: Uuid,
    id: Uuid,
}

fn act<'a>(at: &'a StaffScope, customer: Uuid, asker: &'a Asker) -> Act<'a> {
    Act { at, customer: CustomerId::new(customer), asker }
}

/// An issuer's customers by name, found by RFC, name, number or mail address.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), CustomersQuery),
    responses((status = 200, body = Page<ConsoleCustomerRow>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/customers")]
async fn list(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<CustomersQuery>,
) -> ApiResult<Json<Page<ConsoleCustomerRow>>> {
    let typed = query.parse()?;
    let page = paging::page::<ByName>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let after = page.after.as_ref().map(|key| (key.nombre.as_str(), key.id));
    let rows = super::list(&app, &at, (typed, query.state), after, page.limit).await?;
    let key = |last: &ConsoleCustomerRow| ByName { nombre: last.nombre.clone(), id: last.id };
    Ok(Json(paging::to_page(rows, page.limit, key, |row| row)?))
}

/// Adds a customer to this issuer's, with the numbers by which its people register; with an address, the link of a first
/// entry goes there.
///
/// 201 when this issuer had nothing with it; 200 when it was there: then its data stay as they are, and the numbers that it
/// lacked are added. The same again changes nothing.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path)),
    request_body = NewCustomerForm,
    responses((status = 200, body = CustomerAdded), (status = 201, body = CustomerAdded)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "invalid_fields", "mail_limit"
    ]))),
)]
#[post("/console/issuers/{issuer}/customers")]
async fn add(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    form: Json<NewCustomerForm>,
) -> ApiResult<HttpResponse> {
    let added = newcomers::add(&app, &at, &form.0, &asker).await?;
    Ok(if added.created { HttpResponse::Created().json(added) } else { HttpResponse::Ok().json(added) })
}

/// One customer: its fiscal data, what it has with this issuer, and who has access.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path)),
    responses((status = 200, body = ConsoleCustomer)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/customers/{customer}")]
async fn find(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfCustomer>,
) -> ApiResult<Json<ConsoleCustomer>> {
    Ok(Json(super::find(&app, &act(&at, path.customer, &asker)).await?))
}

/// Sends the link of a first entry, for a customer that nobody has registered yet.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path)),
    request_body = SendActivation,
    responses((status = 202, description = "Sent")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "invalid_fields", "mail_limit"
    ]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/activations")]
async fn send_activation(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfCustomer>,
    form: Json<SendActivation>,
) -> ApiResult<HttpResponse> {
    super::send_activation(&app, &act(&at, path.customer, &asker), &form.0).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Takes the link of a first entry back: whoever has the letter can no longer come in by it.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Taken back")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[delete("/console/issuers/{issuer}/customers/{customer}/activations/{id}")]
async fn revoke_activation(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfEntryLink>,
) -> ApiResult<HttpResponse> {
    super::revoke_activation(&app, &act(&at, path.customer, &asker), path.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Opens a look at the customer's pages («ver como»): a token that reads what this issuer has with the customer, and
/// changes nothing.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path)),
    responses((status = 200, body = CustomerViewOpened)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/views")]
async fn open_view(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfCustomer>,
) -> ApiResult<Json<CustomerViewOpened>> {
    Ok(Json(super::open_view(&app, &act(&at, path.customer, &asker)).await?))
}

/// Frees somebody whom wrong passwords or codes held.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Free")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/people/{id}/unlocks")]
async fn unlock(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfPerson>,
) -> ApiResult<HttpResponse> {
    super::unlock(&app, &act(&at, path.customer, &asker), UserId::new(path.id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Sends somebody the link to another password, to the mailbox on file.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 202, description = "Sent")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "mail_limit"]))),
)]
#[post("/console/issuers/{issuer}/customers/{customer}/people/{id}/recoveries")]
async fn send_recovery(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfPerson>,
) -> ApiResult<HttpResponse> {
    super::send_recovery(&app, &act(&at, path.customer, &asker), UserId::new(path.id)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Ends all of somebody's sessions.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Ended")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[delete("/console/issuers/{issuer}/customers/{customer}/people/{id}/sessions")]
async fn end_sessions(
    app: web::Data<App>,
    at: StaffScope,
    asker: Asker,
    path: web::Path<OfPerson>,
) -> ApiResult<HttpResponse> {
    super::end_sessions(&app, &act(&at, path.customer, &asker), UserId::new(path.id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Another role for one of the customer's people.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    request_body = ChangePerson,
    responses((status = 204, description = "Changed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "last_one"
    ]))),
)]
#[put("/console/issuers/{issuer}/customers/{customer}/people/{id}")]
async fn change_role(
    app: web::Data<App>,
    at: ProvedOperator,
    asker: Asker,
    path: web::Path<OfPerson>,
    form: Json<ChangePerson>,
) -> ApiResult<HttpResponse> {
    super::change_role(&app, &act(&at.0, path.customer, &asker), UserId::new(path.id), form.0.role).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes the access of one of the customer's people away.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("customer" = Uuid, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Removed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "last_one"
    ]))),
)]
#[delete("/console/issuers/{issuer}/customers/{customer}/people/{id}")]
async fn remove_person(
    app: web::Data<App>,
    at: ProvedOperator,
    asker: Asker,
    path: web::Path<OfPerson>,
) -> ApiResult<HttpResponse> {
    super::remove_person(&app, &act(&at.0, path.customer, &asker), UserId::new(path.id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What was done with this issuer's things, the newest first. For operators.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), AuditQuery),
    responses((status = 200, body = Page<AuditRow>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[get("/console/issuers/{issuer}/audit")]
async fn log(app: web::Data<App>, at: OperatorScope, query: web::Query<AuditQuery>) -> ApiResult<Json<Page<AuditRow>>> {
    let page = paging::page::<i64>(&PageQuery { limit: query.limit, cursor: query.cursor.clone() })?;
    let wanted = Wanted {
        object_kind: query.object_kind.as_deref(),
        object_id: query.object_id.as_deref(),
        request_id: query.request_id.as_deref(),
    };
    let rows = super::log(&app, &at.0, wanted, page.after, page.limit).await?;
    Ok(Json(paging::to_page(rows, page.limit, |last| last.seq, |row| row)?))
}
