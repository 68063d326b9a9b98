//! The second step over HTTP, of customers' people and of staff alike.
use actix_web::{HttpResponse, delete, get, post, web};
use shared::accounts::second_factor::{ConfirmSecondFactor, Enrolment, Prove, RecoveryCodes, SecondFactorView};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::Asker;
use crate::accounts::guard::{Enrolling, Person};
use crate::http::{ApiResult, Json};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(prove).service(view).service(begin).service(confirm).service(remove).service(renew_codes);
}

/// Proves once more who the caller is, by password or code. For `accounts.proof_minutes` acts that ask for a
/// proof are open.
#[utoipa::path(
    tag = "second factor",
    request_body = Prove,
    responses((status = 204, description = "Proved")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "invalid_fields", "wrong_code", "sign_in_held", "second_step_held"
    ]))),
)]
#[post("/sessions/current/proofs")]
async fn prove(app: web::Data<App>, asker: Asker, who: Enrolling, form: Json<Prove>) -> ApiResult<HttpResponse> {
    super::prove(&app, &who.0, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How the caller's second step stands.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = SecondFactorView)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out"]))),
)]
#[get("/second-factor")]
async fn view(app: web::Data<App>, who: Enrolling) -> ApiResult<Json<SecondFactorView>> {
    Ok(Json(super::view(&app, &who.0).await?))
}

/// Begins to set the second step up: what the caller's app needs. Nothing changes before its first code is confirmed.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = Enrolment)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "proof_needed"]))),
)]
#[post("/second-factor/enrolments")]
async fn begin(app: web::Data<App>, who: Enrolling) -> ApiResult<Json<Enrolment>> {
    Ok(Json(super::begin(&app, &who.0).await?))
}

/// The app's first code: from here on one is asked for at every sign-in. Answers the recovery codes, this once.
#[utoipa::path(
    tag = "second factor",
    request_body = ConfirmSecondFactor,
    responses((status = 200, body = RecoveryCodes)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "invalid_fields", "wrong_code", "sign_in_held", "proof_needed", "not_found"
    ]))),
)]
#[post("/second-factor/confirmations")]
async fn confirm(
    app: web::Data<App>,
    asker: Asker,
    who: Enrolling,
    form: Json<ConfirmSecondFactor>,
) -> ApiResult<Json<RecoveryCodes>> {
    Ok(Json(super::confirm(&app, &who.0, &form.0, &asker).await?))
}

/// Takes the second step away. Staff cannot.
#[utoipa::path(
    tag = "second factor",
    responses((status = 204, description = "Taken away")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "second_factor_needed", "proof_needed", "second_factor_compulsory",
        "not_found"
    ]))),
)]
#[delete("/second-factor")]
async fn remove(app: web::Data<App>, asker: Asker, who: Person) -> ApiResult<HttpResponse> {
    super::remove(&app, &who.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Other recovery codes; the earlier ones are good no more.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = RecoveryCodes)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "second_factor_needed", "proof_needed", "not_found"
    ]))),
)]
#[post("/second-factor/recovery-codes")]
async fn renew_codes(app: web::Data<App>, asker: Asker, who: Person) -> ApiResult<Json<RecoveryCodes>> {
    Ok(Json(super::renew_codes(&app, &who.0, &asker).await?))
}
