//! People over HTTP: registering, signing in and out, passwords, sessions.
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, post, put, web};
use futures::future::{Ready, ready};
use shared::ProblemCode;
use shared::accounts::second_factor::{SecondStep, TakeSecondStep};
use shared::accounts::work::{Flow, WorkOrder, WorkQuery};
use shared::accounts::{
    ChangePassword, ChooseCustomer, ChooseLanguage, Me, Recover, Register, SessionOpened, SessionView, SignIn, UseLink,
};
use shared::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::guard::{Customer, Looking, Person, SignedIn};
use super::hashing::HashError;
use super::model::{self, CustomerId, SessionId};
use super::sessions::{Entry, Opened};
use super::tokens::Door;
use super::{
    AccountError, Asker, console, email_change, entry, links, members, passkeys, people, privacy, second_factor,
    sessions, staff, work,
};
use crate::App;
use crate::http::flood::Act;
use crate::http::{ApiError, ApiResult, Json, RequestId, Site, SourceAddress};

/// The cookie with the refresh token of a customer's person.
const SESSION_COOKIE: &str = "ventanilla_session";
/// The same of staff: both may be signed in at one browser.
pub(super) const CONSOLE_COOKIE: &str = "ventanilla_console";

/// Carries a proof of work.
const WORK_HEADER: &str = "x-proof-of-work";

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    // Fixed names before `{id}`.
    cfg.service(order_work)
        .service(register)
        .service(activate)
        .service(sign_in)
        .service(second_step)
        .service(refresh)
        .service(list_sessions)
        .service(sign_out)
        .service(end_others)
        .service(end_session)
        .service(choose_customer)
        .service(get_me)
        .service(choose_language)
        .service(recover)
        .service(reset_password)
        .service(change_password);
    entry::routes::configure(cfg);
    second_factor::routes::configure(cfg);
    passkeys::routes::configure(cfg);
    members::routes::configure(cfg);
    staff::routes::configure(cfg);
    console::routes::configure(cfg);
    privacy::routes::configure(cfg);
    email_change::routes::configure(cfg);
}

impl FromRequest for Asker {
    type Error = ApiError;
    type Future = Ready<ApiResult<Asker>>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let source = SourceAddress::from_request(request, payload).into_inner();
        let id = RequestId::from_request(request, payload).into_inner();
        let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or("");
        ready(source.and_then(|source| {
            let request_id = id.map_err(|_none| ApiError::internal("the request has no number"))?.to_string();
            Ok(Asker { source: source.counter_key(), device: model::device(agent), request_id })
        }))
    }
}

/// The session, or the challenge that stands before it.
pub(super) async fn admit(app: &App, site: &Site, entry: Entry) -> ApiResult<HttpResponse> {
    match entry {
        Entry::Session(session) => answer(site, sessions::opened(app, session).await?),
        Entry::SecondStep(challenge) => Ok(HttpResponse::Accepted().json(challenge)),
    }
}

/// The session in the body, its refresh token in the cookie.
pub(super) fn answer(site: &Site, opened: Opened<Me>) -> ApiResult<HttpResponse> {
    let cookie = site.cookie(SESSION_COOKIE, opened.refresh_token.expose(), opened.cookie_seconds);
    let body = SessionOpened {
        access_token: opened.access_token,
        expires_at: opened.access_expires_at.to_string(),
        me: opened.me,
    };
    let mut response = HttpResponse::Ok().json(body);
    response.add_cookie(&cookie).map_err(ApiError::internal)?;
    Ok(response)
}

/// A small task for the browser, to be done before it registers, recovers, or goes on where strangers guess: ALTCHA's
/// protocol. 204: none is asked for.
///
/// The number `n` up to `maxnumber` is to be found whose `SHA-256(salt + n)` is `challenge`; it goes into the header
/// `X-Proof-Of-Work` as base64 of `{"algorithm", "challenge", "number", "salt", "signature"}`, once, within five minutes.
#[utoipa::path(
    tag = "registrations",
    params(WorkQuery),
    responses((status = 200, body = WorkOrder), (status = 204, description = "None is asked for")),
    security(()),
)]
#[get("/proof-of-work")]
async fn order_work(app: web::Data<App>, query: web::Query<WorkQuery>) -> HttpResponse {
    match work::order(&app, query.flow) {
        Some(order) => HttpResponse::Ok().json(order),
        None => HttpResponse::NoContent().finish(),
    }
}

/// The proof of work that a request carries, if any.
pub fn done_work(request: &HttpRequest) -> Option<&str> {
    request.headers().get(WORK_HEADER)?.to_str().ok()
}

/// Asks for an account for a customer.
///
/// The answer is the same whether RFC and contract belong together or not; if they do, a link arrives by mail.
#[utoipa::path(
    tag = "registrations",
    request_body = Register,
    responses((status = 202, description = "Received")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "not_found", "work_needed"]))),
)]
#[post("/registrations")]
async fn register(
    app: web::Data<App>,
    request: HttpRequest,
    asker: Asker,
    form: Json<Register>,
) -> ApiResult<HttpResponse> {
    form.0.parse()?;
    work::spend(&app, Flow::Registration, done_work(&request)).await?;
    links::register(&app, &form.0, &asker.source).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Finishes a registration with its link and a password, and signs in.
#[utoipa::path(
    tag = "registrations",
    request_body = UseLink,
    responses((status = 200, body = SessionOpened), (status = 202, body = SecondStep, description = "A code is asked for")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "link_expired"]))),
)]
#[post("/registrations/confirmations")]
async fn activate(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseLink>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, links::activate(&app, &form.0, &asker).await?).await
}

/// Signs in.
///
/// An unknown user and a wrong password get one answer, at one cost. Five wrong ones hold the account for the rest of a
/// quarter of an hour, existing or not.
///
/// `work_needed` asks for a proof of work of the flow `sign_in`: many passwords are being guessed. `sign_in_held` says when
/// to come back; with such a proof, the first try from an address without wrong ones is looked at before that.
#[utoipa::path(
    tag = "sessions",
    request_body = SignIn,
    responses((status = 200, body = SessionOpened), (status = 202, body = SecondStep, description = "A code is asked for")),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "wrong_credentials", "sign_in_held", "work_needed", "too_many_requests"
    ]))),
)]
#[post("/sessions")]
async fn sign_in(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    (asker, source): (Asker, SourceAddress),
    form: Json<SignIn>,
) -> ApiResult<HttpResponse> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    admit(&app, &site, sessions::sign_in(&app, &form.0, Door::Portal, &asker, done_work(&request)).await?).await
}

/// The second step of signing in: a code of the person's app, or a recovery code.
///
/// Five wrong ones hold the second step for the rest of a quarter of an hour. Twenty in a row, however long they take, hold
/// the app's codes (`second_step_held`) for a day after each wrong one, and the person hears of it by mail; a recovery code
/// and a passkey open it all the same, and the first code that is right ends the row.
#[utoipa::path(
    tag = "sessions",
    request_body = TakeSecondStep,
    responses((status = 200, body = SessionOpened)),
    security(()),
    extensions(("x-problem-codes" = json!([
        "invalid_fields", "wrong_code", "second_step_expired", "sign_in_held", "second_step_held"
    ]))),
)]
#[post("/sessions/second-steps")]
async fn second_step(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<TakeSecondStep>,
) -> ApiResult<HttpResponse> {
    let session = second_factor::pass(&app, &form.0, Door::Portal, &asker).await?;
    answer(&site, sessions::opened(&app, session).await?)
}

/// Goes on with a session: the cookie is exchanged for its successor and a new access token.
///
/// A cookie that was exchanged gets the same successor for ten seconds; after that its use ends the session.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, body = SessionOpened)),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["signed_out"]))),
)]
#[post("/sessions/refreshes")]
async fn refresh(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    asker: Asker,
) -> ApiResult<HttpResponse> {
    let cookie = site.read_cookie(&request, SESSION_COOKIE);
    let token = cookie.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))?;
    let session = sessions::refresh(&app, &token, Door::Portal, &asker).await?;
    answer(&site, sessions::opened(&app, session).await?)
}

/// The caller's open sessions, the last used first.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, body = Page<SessionView>)),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "second_factor_needed"]))),
)]
#[get("/sessions")]
async fn list_sessions(app: web::Data<App>, person: Person) -> ApiResult<Json<Page<SessionView>>> {
    let data = sessions::list(&app, &person.0).await?;
    Ok(Json(Page { data, next_cursor: None }))
}

/// Signs out: ends this session, by its access token or by the cookie alone. Nobody signed in is no error.
#[utoipa::path(
    tag = "sessions",
    responses((status = 204, description = "Signed out")),
    security(("customer" = []), ("session" = []), ()),
)]
#[delete("/sessions/current")]
async fn sign_out(
    app: web::Data<App>,
    site: web::Data<Site>,
    request: HttpRequest,
    asker: Asker,
    caller: ApiResult<SignedIn>,
) -> ApiResult<HttpResponse> {
    match caller {
        Ok(SignedIn(caller)) => {
            sessions::end(&app, caller.user_id, caller.session_id, &asker).await?;
        }
        Err(error) if error.problem().code == ProblemCode::SignedOut => {}
        // Busy is no sign-out.
        Err(error) => return Err(error),
    }
    leave(&app, &site, (&request, SESSION_COOKIE), &asker).await
}

/// Ends the session of a cookie, and clears it.
pub(super) async fn leave(
    app: &App,
    site: &Site,
    (request, cookie): (&HttpRequest, &str),
    asker: &Asker,
) -> ApiResult<HttpResponse> {
    if let Some(token) = site.read_cookie(request, cookie) {
        sessions::end_by_refresh_token(app, &token, asker).await?;
    }
    let mut response = HttpResponse::NoContent().finish();
    response.add_cookie(&site.cookie(cookie, "", 0)).map_err(ApiError::internal)?;
    Ok(response)
}

/// Ends all of the caller's other sessions.
#[utoipa::path(
    tag = "sessions",
    responses((status = 204, description = "Ended")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "second_factor_needed"]))),
)]
#[delete("/sessions/others")]
async fn end_others(app: web::Data<App>, asker: Asker, person: Person) -> ApiResult<HttpResponse> {
    sessions::end_others(&app, &person.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ends one of the caller's sessions.
#[utoipa::path(
    tag = "sessions",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Ended")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "second_factor_needed", "not_found"
    ]))),
)]
#[delete("/sessions/{id}")]
async fn end_session(
    app: web::Data<App>,
    asker: Asker,
    person: Person,
    id: web::Path<Uuid>,
) -> ApiResult<HttpResponse> {
    if sessions::end(&app, person.0.user_id, SessionId::new(*id), &asker).await? {
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(ApiError::new(ProblemCode::NotFound))
    }
}

/// Makes this session one for another of the caller's customers.
#[utoipa::path(
    tag = "sessions",
    request_body = ChooseCustomer,
    responses((status = 200, body = Me)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found"]))),
)]
#[put("/sessions/current/customer")]
async fn choose_customer(app: web::Data<App>, customer: Customer, form: Json<ChooseCustomer>) -> ApiResult<Json<Me>> {
    let wanted = CustomerId::new(form.0.customer_id);
    Ok(Json(sessions::choose_customer(&app, &customer.caller(), wanted).await?))
}

/// Who the caller is.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, body = Me)),
    security(("customer" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/me")]
async fn get_me(app: web::Data<App>, customer: Looking) -> ApiResult<Json<Me>> {
    Ok(Json(people::me(&app, &customer.0.caller()).await?))
}

/// Chooses the language of the caller's letters, and of their pages in a browser that chose none.
#[utoipa::path(
    tag = "sessions",
    request_body = ChooseLanguage,
    responses((status = 204, description = "Chosen")),
    security(("customer" = []), ("staff" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "second_factor_needed"]))),
)]
#[put("/me/language")]
async fn choose_language(app: web::Data<App>, person: Person, form: Json<ChooseLanguage>) -> ApiResult<HttpResponse> {
    people::choose_language(&app, person.0.user_id, form.0.language).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Asks for a way back in.
///
/// The answer is the same whether there is such a user or not; if there is, a link arrives by mail. The password stays
/// good until another is chosen.
#[utoipa::path(
    tag = "passwords",
    request_body = Recover,
    responses((status = 202, description = "Received")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "not_found", "work_needed"]))),
)]
#[post("/password-recoveries")]
async fn recover(
    app: web::Data<App>,
    request: HttpRequest,
    asker: Asker,
    form: Json<Recover>,
) -> ApiResult<HttpResponse> {
    form.0.parse()?;
    work::spend(&app, Flow::Recovery, done_work(&request)).await?;
    links::recover(&app, &form.0, &asker.source).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Chooses another password with the link of a recovery, ends all sessions and signs in.
#[utoipa::path(
    tag = "passwords",
    request_body = UseLink,
    responses((status = 200, body = SessionOpened), (status = 202, body = SecondStep, description = "A code is asked for")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "link_expired"]))),
)]
#[post("/password-recoveries/confirmations")]
async fn reset_password(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseLink>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, links::reset(&app, &form.0, Door::Portal, &asker).await?).await
}

/// Changes the caller's password and ends their other sessions.
#[utoipa::path(
    tag = "passwords",
    request_body = ChangePassword,
    responses((status = 204, description = "Changed")),
    security(("customer" = []), ("staff" = [])),
    extensions(("x-problem-codes" = json!(["invalid_fields", "signed_out", "sign_in_held"]))),
)]
#[post("/passwords")]
async fn change_password(
    app: web::Data<App>,
    asker: Asker,
    caller: SignedIn,
    form: Json<ChangePassword>,
) -> ApiResult<HttpResponse> {
    links::change(&app, &caller.0, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> ApiError {
        match error {
            AccountError::WrongCredentials => ApiError::new(ProblemCode::WrongCredentials),
            AccountError::Held(full) => ApiError::new(ProblemCode::SignInHeld)
                .retry_after(u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX)),
            AccountError::SecondStepHeld(full) => ApiError::new(ProblemCode::SecondStepHeld)
                .retry_after(u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX)),
            AccountError::TooOften(full) => ApiError::new(ProblemCode::TooManyRequests)
                .retry_after(u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX)),
            AccountError::SignedOut => ApiError::new(ProblemCode::SignedOut),
            AccountError::WrongCode => ApiError::new(ProblemCode::WrongCode),
            AccountError::PasskeyRefused => ApiError::new(ProblemCode::PasskeyRefused),
            AccountError::PasskeysUnavailable => ApiError::new(ProblemCode::PasskeysUnavailable),
            AccountError::Passkey(source) => ApiError::internal(source),
            AccountError::CaseAnswered => ApiError::new(ProblemCode::CaseAnswered),
            AccountError::SecondStepExpired => ApiError::new(ProblemCode::SecondStepExpired),
            AccountError::SecondFactorCompulsory => ApiError::new(ProblemCode::SecondFactorCompulsory),
            AccountError::ProofNeeded => ApiError::new(ProblemCode::ProofNeeded),
            AccountError::MailLimit => ApiError::new(ProblemCode::MailLimit),
            AccountError::WorkNeeded => ApiError::new(ProblemCode::WorkNeeded),
            AccountError::OwnerNeeded => ApiError::new(ProblemCode::OwnerNeeded),
            AccountError::HouseNeeded => ApiError::new(ProblemCode::OperatorNeeded),
            AccountError::LastOne => ApiError::new(ProblemCode::LastOne),
            AccountError::LinkExpired => ApiError::new(ProblemCode::LinkExpired),
            AccountError::NotFound => ApiError::new(ProblemCode::NotFound),
            AccountError::Fields(errors) => errors.into(),
            AccountError::Hash(HashError::Full) => ApiError::new(ProblemCode::Busy),
            AccountError::Hash(source) => ApiError::internal(source),
            AccountError::Sealed(source) => ApiError::internal(source),
            AccountError::Qr(reason) => ApiError::internal(reason),
            AccountError::Sign(source) => ApiError::internal(source),
            AccountError::Letter(source) => ApiError::internal(source),
            AccountError::Db(source) => source.into(),
        }
    }
}
