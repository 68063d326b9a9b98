//! Passkeys over HTTP, of customers' people and of staff alike; entering with one is each door's own route.
use actix_web::{HttpResponse, delete, get, post, web};
use shared::accounts::SessionOpened;
use shared::accounts::passkeys::{
    AskPasskeyStep, EnterByPasskey, KeepPasskey, PasskeyAsked, PasskeyKept, Passkeys, ProveByPasskey, TakePasskeyStep,
};
use shared::staff::ConsoleSessionOpened;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::guard::{Enrolling, Person};
use crate::accounts::tokens::Door;
use crate::accounts::{Asker, routes, sessions, staff};
use crate::http::flood::Act;
use crate::http::{ApiResult, Json, Site, SourceAddress};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list)
        .service(begin)
        .service(keep)
        .service(remove)
        .service(ask_proof)
        .service(prove)
        .service(ask_step)
        .service(pass_step)
        .service(ask_entry)
        .service(enter)
        .service(ask_console_step)
        .service(pass_console_step)
        .service(enter_console);
}

/// The caller's passkeys.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = Passkeys)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/passkeys")]
async fn list(app: web::Data<App>, who: Enrolling) -> ApiResult<Json<Passkeys>> {
    Ok(Json(super::list(&app, &who.0).await?))
}

/// Begins a new passkey: what the browser is to make. Nothing changes before it is kept.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = PasskeyAsked)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "proof_needed", "passkeys_unavailable", "invalid_fields"
    ]))),
)]
#[post("/passkeys/registrations")]
async fn begin(app: web::Data<App>, who: Enrolling) -> ApiResult<Json<PasskeyAsked>> {
    Ok(Json(super::begin(&app, &who.0).await?))
}

/// Keeps a passkey that the browser made: from here on a second step is asked for at every sign-in.
#[utoipa::path(
    tag = "second factor",
    request_body = KeepPasskey,
    responses((status = 201, body = PasskeyKept)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "proof_needed", "passkeys_unavailable", "invalid_fields", "passkey_refused"
    ]))),
)]
#[post("/passkeys")]
async fn keep(app: web::Data<App>, asker: Asker, who: Enrolling, form: Json<KeepPasskey>) -> ApiResult<HttpResponse> {
    Ok(HttpResponse::Created().json(super::keep(&app, &who.0, &form.0, &asker).await?))
}

/// Takes one of the caller's passkeys away. Staff keep one second step.
#[utoipa::path(
    tag = "second factor",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Taken away")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "second_factor_needed", "proof_needed", "second_factor_compulsory",
        "not_found"
    ]))),
)]
#[delete("/passkeys/{id}")]
async fn remove(app: web::Data<App>, asker: Asker, who: Person, id: web::Path<Uuid>) -> ApiResult<HttpResponse> {
    super::remove(&app, &who.0, id.into_inner(), &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The caller shall prove once more who they are by one of their passkeys: what the browser is to have signed. The answer
/// is good for this session alone.
#[utoipa::path(
    tag = "second factor",
    responses((status = 200, body = PasskeyAsked)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "not_found", "passkeys_unavailable", "too_many_requests"
    ]))),
)]
#[post("/sessions/current/proofs/passkey-challenges")]
async fn ask_proof(app: web::Data<App>, source: SourceAddress, who: Enrolling) -> ApiResult<Json<PasskeyAsked>> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    Ok(Json(super::ask_proof(&app, &who.0).await?))
}

/// Proves once more who the caller is, by a passkey. For `accounts.proof_minutes` acts that ask for a
/// proof are open.
#[utoipa::path(
    tag = "second factor",
    request_body = ProveByPasskey,
    responses((status = 204, description = "Proved")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "invalid_fields", "passkey_refused", "passkeys_unavailable",
        "too_many_requests"
    ]))),
)]
#[post("/sessions/current/proofs/passkeys")]
async fn prove(
    app: web::Data<App>,
    source: SourceAddress,
    asker: Asker,
    who: Enrolling,
    form: Json<ProveByPasskey>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    super::prove(&app, &who.0, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The password was right, and the second step shall be a passkey: what the browser is to have signed.
#[utoipa::path(
    tag = "sessions",
    request_body = AskPasskeyStep,
    responses((status = 200, body = PasskeyAsked)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "second_step_expired", "not_found", "passkeys_unavailable", "too_many_requests"
    ]))),
)]
#[post("/sessions/second-steps/passkey-challenges")]
async fn ask_step(
    app: web::Data<App>,
    source: SourceAddress,
    form: Json<AskPasskeyStep>,
) -> ApiResult<Json<PasskeyAsked>> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    Ok(Json(super::ask_step(&app, &form.0, Door::Portal).await?))
}

/// The second step of signing in, by a passkey.
#[utoipa::path(
    tag = "sessions",
    request_body = TakePasskeyStep,
    responses((status = 200, body = SessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "second_step_expired", "passkey_refused", "passkeys_unavailable"
    ]))),
)]
#[post("/sessions/second-steps/passkeys")]
async fn pass_step(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<TakePasskeyStep>,
) -> ApiResult<HttpResponse> {
    let session = super::pass_step(&app, &form.0, Door::Portal, &asker).await?;
    routes::answer(&site, sessions::opened(&app, session).await?)
}

/// What the browser is to have signed by a passkey that stands for user, password and second step. Of either door.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, body = PasskeyAsked)),
    security(()),
    extensions(("x-problem-codes" = json!(["passkeys_unavailable", "too_many_requests"]))),
)]
#[post("/sessions/passkey-challenges")]
async fn ask_entry(app: web::Data<App>, source: SourceAddress) -> ApiResult<Json<PasskeyAsked>> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    Ok(Json(super::ask_entry(&app).await?))
}

/// Signs in by a passkey alone. One that is nobody's and one that is wrong get one answer.
#[utoipa::path(
    tag = "sessions",
    request_body = EnterByPasskey,
    responses((status = 200, body = SessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "passkey_refused", "passkeys_unavailable", "too_many_requests"
    ]))),
)]
#[post("/sessions/passkeys")]
async fn enter(
    app: web::Data<App>,
    site: web::Data<Site>,
    source: SourceAddress,
    asker: Asker,
    form: Json<EnterByPasskey>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    let session = super::enter(&app, &form.0, Door::Portal, &asker).await?;
    routes::answer(&site, sessions::opened(&app, session).await?)
}

/// The second step at the console shall be a passkey: what the browser is to have signed.
#[utoipa::path(
    tag = "Console",
    request_body = AskPasskeyStep,
    responses((status = 200, body = PasskeyAsked)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "second_step_expired", "not_found", "passkeys_unavailable", "too_many_requests"
    ]))),
)]
#[post("/console/sessions/second-steps/passkey-challenges")]
async fn ask_console_step(
    app: web::Data<App>,
    source: SourceAddress,
    form: Json<AskPasskeyStep>,
) -> ApiResult<Json<PasskeyAsked>> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    Ok(Json(super::ask_step(&app, &form.0, Door::Console).await?))
}

/// The second step of signing in at the console, by a passkey.
#[utoipa::path(
    tag = "Console",
    request_body = TakePasskeyStep,
    responses((status = 200, body = ConsoleSessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "second_step_expired", "passkey_refused", "passkeys_unavailable"
    ]))),
)]
#[post("/console/sessions/second-steps/passkeys")]
async fn pass_console_step(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<TakePasskeyStep>,
) -> ApiResult<HttpResponse> {
    let session = super::pass_step(&app, &form.0, Door::Console, &asker).await?;
    staff::routes::answer(&site, staff::opened(&app, session).await?)
}

/// Signs in at the console by a passkey alone.
#[utoipa::path(
    tag = "Console",
    request_body = EnterByPasskey,
    responses((status = 200, body = ConsoleSessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "passkey_refused", "passkeys_unavailable", "too_many_requests"
    ]))),
)]
#[post("/console/sessions/passkeys")]
async fn enter_console(
    app: web::Data<App>,
    site: web::Data<Site>,
    source: SourceAddress,
    asker: Asker,
    form: Json<EnterByPasskey>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    let session = super::enter(&app, &form.0, Door::Console, &asker).await?;
    staff::routes::answer(&site, staff::opened(&app, session).await?)
}
