//! A customer's people over HTTP.
use actix_web::{HttpResponse, delete, get, post, put, web};
use shared::accounts::people::{
    AddMailCopy, ChangePerson, CustomerPeople, InvitationSeen, InvitePerson, MailCopyView, OpenInvitation,
};
use shared::accounts::second_factor::SecondStep;
use shared::accounts::{SessionOpened, UseLink};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::Asker;
use crate::accounts::guard::Customer;
use crate::accounts::model::UserId;
use crate::accounts::routes::admit;
use crate::http::{ApiResult, Json, Site};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(invite)
        .service(read)
        .service(accept)
        .service(take_back)
        .service(change)
        .service(remove)
        .service(add_copy)
        .service(remove_copy);
}

/// Everybody with access to the customer's account, who was invited to, and who else gets its letters.
#[utoipa::path(
    tag = "people",
    responses((status = 200, body = CustomerPeople)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/people")]
async fn list(app: web::Data<App>, customer: Customer) -> ApiResult<Json<CustomerPeople>> {
    Ok(Json(super::list(&app, &customer.caller()).await?))
}

/// Invites somebody to the customer's account, by a letter with a link. For owners.
#[utoipa::path(
    tag = "people",
    request_body = InvitePerson,
    responses((status = 202, description = "Invited")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "owner_needed", "invalid_fields", "view_only"]))),
)]
#[post("/people-invitations")]
async fn invite(
    app: web::Data<App>,
    customer: Customer,
    asker: Asker,
    form: Json<InvitePerson>,
) -> ApiResult<HttpResponse> {
    super::invite(&app, &customer.caller(), &form.0, &asker).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Takes an invitation back. For owners.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Taken back")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "owner_needed", "not_found", "view_only"]))),
)]
#[delete("/people-invitations/{id}")]
async fn take_back(
    app: web::Data<App>,
    customer: Customer,
    asker: Asker,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    super::take_back(&app, &customer.caller(), *id, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What an invitation's link offers. Opening uses nothing up.
#[utoipa::path(
    tag = "people",
    request_body = OpenInvitation,
    responses((status = 200, body = InvitationSeen)),
    security(()),
    extensions(("x-problem-codes" = json!(["link_expired"]))),
)]
#[post("/people-invitations/openings")]
async fn read(app: web::Data<App>, form: Json<OpenInvitation>) -> ApiResult<Json<InvitationSeen>> {
    Ok(Json(super::read(&app, &form.0).await?))
}

/// Accepts an invitation and signs in: with the account's password where the address has one, else with a new one.
#[utoipa::path(
    tag = "people",
    request_body = UseLink,
    responses((status = 200, body = SessionOpened), (status = 202, body = SecondStep, description = "A code is asked for")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "link_expired", "sign_in_held"]))),
)]
#[post("/people-invitations/confirmations")]
async fn accept(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseLink>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, super::accept(&app, &form.0, &asker).await?).await
}

/// Another role for somebody. For owners; the last one stays.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path, description = "The person's `user_id`")),
    request_body = ChangePerson,
    responses((status = 204, description = "Changed")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "owner_needed", "not_found", "last_one", "view_only"
    ]))),
)]
#[put("/people/{id}")]
async fn change(
    app: web::Data<App>,
    customer: Customer,
    asker: Asker,
    id: web::Path<Uuid>,
    form: Json<ChangePerson>,
) -> ApiResult<HttpResponse> {
    super::change(&app, &customer.caller(), (UserId::new(*id), form.0.role), &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes somebody's access away: for owners, or one's own. The last owner stays.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path, description = "The person's `user_id`")),
    responses((status = 204, description = "Removed")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "owner_needed", "not_found", "last_one", "view_only"
    ]))),
)]
#[delete("/people/{id}")]
async fn remove(app: web::Data<App>, customer: Customer, asker: Asker, id: web::Path<Uuid>) -> ApiResult<HttpResponse> {
    super::remove(&app, &customer.caller(), UserId::new(*id), &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Another address that gets copies of the customer's letters. For owners.
#[utoipa::path(
    tag = "people",
    request_body = AddMailCopy,
    responses((status = 201, body = MailCopyView)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "owner_needed", "invalid_fields", "view_only"]))),
)]
#[post("/mail-copies")]
async fn add_copy(
    app: web::Data<App>,
    customer: Customer,
    asker: Asker,
    form: Json<AddMailCopy>,
) -> ApiResult<HttpResponse> {
    let added = super::add_copy(&app, &customer.caller(), &form.0, &asker).await?;
    Ok(HttpResponse::Created().json(added))
}

/// Takes an address for copies away. For owners.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Removed")),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "owner_needed", "not_found", "view_only"]))),
)]
#[delete("/mail-copies/{id}")]
async fn remove_copy(
    app: web::Data<App>,
    customer: Customer,
    asker: Asker,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    super::remove_copy(&app, &customer.caller(), *id, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}
