//! Another mail address of one's own, over HTTP.
use actix_web::{HttpResponse, post, web};
use shared::accounts::entry::OpenLink;
use shared::accounts::people::{ChangeEmail, ConfirmEmail};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::Asker;
use crate::accounts::console::moves;
use crate::accounts::guard::Person;
use crate::http::{ApiResult, Json};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(ask).service(confirm).service(confirm_link);
}

/// Asks for another mail address, after a fresh proof of who one is. A code goes there, unless it is somebody's.
#[utoipa::path(
    tag = "people",
    request_body = ChangeEmail,
    responses((status = 202, description = "Received")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "proof_needed", "invalid_fields"]))),
)]
#[post("/email-changes")]
async fn ask(app: web::Data<App>, who: Person, asker: Asker, form: Json<ChangeEmail>) -> ApiResult<HttpResponse> {
    super::begin(&app, &who.0, &form.0, &asker).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Takes the new address over with the code that came to it, ends the other sessions and tells the old address.
#[utoipa::path(
    tag = "people",
    request_body = ConfirmEmail,
    responses((status = 204, description = "It is the address from now on")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "wrong_code"]))),
)]
#[post("/email-changes/confirmations")]
async fn confirm(app: web::Data<App>, who: Person, asker: Asker, form: Json<ConfirmEmail>) -> ApiResult<HttpResponse> {
    super::confirm(&app, &who.0, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes a new address over with the link that came to it, which staff sent for somebody who lost their mailbox. All their
/// sessions end, and the address before is told. It opens no session.
#[utoipa::path(
    tag = "people",
    request_body = OpenLink,
    responses((status = 204, description = "It is the address from now on")),
    security(()),
    extensions(("x-problem-codes" = json!(["link_expired"]))),
)]
#[post("/email-change-links/confirmations")]
async fn confirm_link(app: web::Data<App>, asker: Asker, form: Json<OpenLink>) -> ApiResult<HttpResponse> {
    moves::confirm(&app, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}
