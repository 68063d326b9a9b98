//! The console's doors over HTTP: coming in and leaving, and an issuer's people.
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use serde::Deserialize;
use shared::ProblemCode;
use shared::accounts::second_factor::{SecondStep, TakeSecondStep};
use shared::accounts::{SignIn, UseLink};
use shared::staff::{ChangeStaff, ConsoleSessionOpened, InviteStaff, StaffList, StaffMe};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::Act;
use super::guard::{AnyStaff, OperatorScope, StaffScope};
use crate::App;
use crate::accounts::routes::{CONSOLE_COOKIE, done_work, leave};
use crate::accounts::sessions::{self, Entry, Opened};
use crate::accounts::tokens::Door;
use crate::accounts::{Asker, links, second_factor};
use crate::http::flood;
use crate::http::{ApiError, ApiResult, Json, Site, SourceAddress};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(sign_in)
        .service(second_step)
        .service(refresh)
        .service(sign_out)
        .service(accept)
        .service(recover)
        .service(get_me)
        .service(list)
        .service(invite)
        .service(take_back)
        .service(reset_factor)
        .service(change)
        .service(remove);
}

/// An issuer's thing.
#[derive(Deserialize)]
struct OfIssuer {
    id: Uuid,
}

async fn admit(app: &App, site: &Site, entry: Entry) -> ApiResult<HttpResponse> {
    match entry {
        Entry::Session(session) => answer(site, super::opened(app, session).await?),
        Entry::SecondStep(challenge) => Ok(HttpResponse::Accepted().json(challenge)),
    }
}

pub(in crate::accounts) fn answer(site: &Site, opened: Opened<StaffMe>) -> ApiResult<HttpResponse> {
    let cookie = site.cookie(CONSOLE_COOKIE, opened.refresh_token.expose(), opened.cookie_seconds);
    let mut response = HttpResponse::Ok().json(ConsoleSessionOpened {
        access_token: opened.access_token,
        expires_at: opened.access_expires_at.to_string(),
        me: opened.me,
    });
    response.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(response)
}

/// Signs in at the console, as far as the second step.
///
/// Whoever is no staff, and a wrong password, get one answer at one cost. 200 only for staff who have yet to set their
/// second step up: that session is good for nothing else.
///
/// `work_needed` asks for a proof of work of the flow `sign_in`: many passwords are being guessed. `sign_in_held` says when
/// to come back; with such a proof, the first try from an address without wrong ones is looked at before that.
#[utoipa::path(
    tag = "Console",
    request_body = SignIn,
    responses(
        (status = 200, body = ConsoleSessionOpened, description = "To set the second step up"),
        (status = 202, body = SecondStep, description = "A code is asked for"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "wrong_credentials", "sign_in_held", "work_needed", "too_many_requests"
    ]))),
)]
#[post("/console/sessions")]
async fn sign_in(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    (asker, source): (Asker, SourceAddress),
    form: Json<SignIn>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(flood::Act::SignIn, source, app.now())?;
    admit(&app, &site, sessions::sign_in(&app, &form.0, Door::Console, &asker, done_work(&request)).await?).await
}

/// The second step of signing in at the console.
#[utoipa::path(
    tag = "Console",
    request_body = TakeSecondStep,
    responses((status = 200, body = ConsoleSessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "wrong_code", "second_step_expired", "sign_in_held", "second_step_held"
    ]))),
)]
#[post("/console/sessions/second-steps")]
async fn second_step(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<TakeSecondStep>,
) -> ApiResult<HttpResponse> {
    let session = second_factor::pass(&app, &form.0, Door::Console, &asker).await?;
    answer(&site, super::opened(&app, session).await?)
}

/// Goes on with a session of the console, by its cookie.
#[utoipa::path(
    tag = "Console",
    responses((status = 200, body = ConsoleSessionOpened)),
    security(("console_session" = [])),
    extensions(("x-problem-codes" = json!(["signed_out"]))),
)]
#[post("/console/sessions/refreshes")]
async fn refresh(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    asker: Asker,
) -> ApiResult<HttpResponse> {
    let cookie = site.read_cookie(&request, CONSOLE_COOKIE);
    let token = cookie.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))?;
    let session = sessions::refresh(&app, &token, Door::Console, &asker).await?;
    answer(&site, super::opened(&app, session).await?)
}

/// Signs out of the console, by the access token or by the cookie alone. Nobody signed in is no error.
#[utoipa::path(
    tag = "Console",
    responses((status = 204, description = "Signed out")),
    security(("staff" = []), ("console_session" = []), ()),
)]
#[delete("/console/sessions/current")]
async fn sign_out(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    asker: Asker,
    caller: ApiResult<AnyStaff>,
) -> ApiResult<HttpResponse> {
    match caller {
        Ok(AnyStaff(caller)) => {
            sessions::end(&app, caller.principal.user_id, caller.principal.session_id, &asker).await?;
        }
        Err(error) if error.problem().code == ProblemCode::SignedOut => {}
        // Busy is no sign-out.
        Err(error) => return Err(error),
    }
    leave(&app, &site, (&request, CONSOLE_COOKIE), &asker).await
}

/// Enters for the first time by the link of an invitation, choosing a password.
#[utoipa::path(
    tag = "Console",
    request_body = UseLink,
    responses(
        (status = 200, body = ConsoleSessionOpened, description = "To set the second step up"),
        (status = 202, body = SecondStep, description = "A code is asked for"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "link_expired", "last_one"]))),
)]
#[post("/console/invitations/confirmations")]
async fn accept(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseLink>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, super::accept(&app, &form.0, &asker).await?).await
}

/// Chooses another password with the link of a recovery, which `POST /password-recoveries` asks for. The second step
/// stays what it is.
#[utoipa::path(
    tag = "Console",
    request_body = UseLink,
    responses(
        (status = 200, body = ConsoleSessionOpened, description = "To set the second step up"),
        (status = 202, body = SecondStep, description = "A code is asked for"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "link_expired"]))),
)]
#[post("/console/password-recoveries/confirmations")]
async fn recover(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseLink>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, links::reset(&app, &form.0, Door::Console, &asker).await?).await
}

/// Who the caller is, and for which issuers they work.
#[utoipa::path(
    tag = "Console",
    responses((status = 200, body = StaffMe)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out"]))),
)]
#[get("/console/me")]
async fn get_me(app: web::Data<App>, staff: AnyStaff) -> ApiResult<Json<StaffMe>> {
    Ok(Json(super::me(&app, &staff.0).await?))
}

/// Everybody who works for an issuer, and who was invited to.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path)),
    responses((status = 200, body = StaffList)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}/staff")]
async fn list(app: web::Data<App>, at: StaffScope) -> ApiResult<Json<StaffList>> {
    Ok(Json(super::list(&app, &at.staff, at.scope).await?))
}

/// Invites somebody to an issuer's staff; the link goes by mail. An earlier one to the same address is good no more.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path)),
    request_body = InviteStaff,
    responses((status = 202, description = "Invited")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "invalid_fields"
    ]))),
)]
#[post("/console/issuers/{issuer}/staff-invitations")]
async fn invite(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    form: Json<InviteStaff>,
) -> ApiResult<HttpResponse> {
    super::invite_to(&app, &act(&at, &asker), &form.0).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Takes an invitation back.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Taken back")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed"
    ]))),
)]
#[delete("/console/issuers/{issuer}/staff-invitations/{id}")]
async fn take_back(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    path: web::Path<OfIssuer>,
) -> ApiResult<HttpResponse> {
    super::take_back(&app, &act(&at, &asker), path.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Another role for somebody at this issuer.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    request_body = ChangeStaff,
    responses((status = 204, description = "Changed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "last_one"
    ]))),
)]
#[put("/console/issuers/{issuer}/staff/{id}")]
async fn change(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    path: web::Path<OfIssuer>,
    form: Json<ChangeStaff>,
) -> ApiResult<HttpResponse> {
    super::change(&app, &act(&at, &asker), path.id, form.0.role).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Takes somebody's role at this issuer away.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Removed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "last_one"
    ]))),
)]
#[delete("/console/issuers/{issuer}/staff/{id}")]
async fn remove(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    path: web::Path<OfIssuer>,
) -> ApiResult<HttpResponse> {
    super::remove(&app, &act(&at, &asker), path.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lets somebody who lost their phone set the second step up anew; their sessions end.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path), ("id" = Uuid, Path)),
    responses((status = 204, description = "Done")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"
    ]))),
)]
#[delete("/console/issuers/{issuer}/staff/{id}/second-factor")]
async fn reset_factor(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    path: web::Path<OfIssuer>,
) -> ApiResult<HttpResponse> {
    super::reset_factor(&app, &act(&at, &asker), path.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

fn act<'a>(at: &'a OperatorScope, asker: &'a Asker) -> Act<'a> {
    Act { caller: &at.0.staff, scope: at.0.scope, asker }
}
