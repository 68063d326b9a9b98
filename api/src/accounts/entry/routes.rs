//! First entries and temporary passwords over HTTP, as the issuers' profiles have them.
use actix_web::{HttpRequest, HttpResponse, post, web};
use shared::accounts::entry::{
    AskFirstCode, FirstCodeAsked, FirstEntryOpened, FirstPassword, LinkOpened, OpenFirstEntry, OpenLink, UseFirstCode,
};
use shared::accounts::second_factor::SecondStep;
use shared::accounts::work::Flow;
use shared::accounts::{Me, SessionOpened};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::guard::SignedIn;
use crate::accounts::routes::{admit, done_work};
use crate::accounts::temporaries::{self, LetterOf};
use crate::accounts::{Asker, first_entries, work};
use crate::http::flood::Act;
use crate::http::{ApiResult, Json, Site, SourceAddress};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(open_registration)
        .service(open_recovery)
        .service(first_password)
        .service(open_first_entry)
        .service(ask_first_code)
        .service(confirm_first_entry);
}

/// Opens the link of a registration's letter.
///
/// Where the letter has a temporary password, that password signs in from here on; else nothing is used up and a password
/// is chosen with the link.
#[utoipa::path(
    tag = "registrations",
    request_body = OpenLink,
    responses((status = 200, body = LinkOpened)),
    security(()),
    extensions(("x-problem-codes" = json!(["link_expired"]))),
)]
#[post("/registrations/openings")]
async fn open_registration(app: web::Data<App>, asker: Asker, form: Json<OpenLink>) -> ApiResult<Json<LinkOpened>> {
    Ok(Json(temporaries::open(&app, &form.0, LetterOf::Registration, &asker).await?))
}

/// Opens the link of a recovery's letter: the same.
#[utoipa::path(
    tag = "passwords",
    request_body = OpenLink,
    responses((status = 200, body = LinkOpened)),
    security(()),
    extensions(("x-problem-codes" = json!(["link_expired"]))),
)]
#[post("/password-recoveries/openings")]
async fn open_recovery(app: web::Data<App>, asker: Asker, form: Json<OpenLink>) -> ApiResult<Json<LinkOpened>> {
    Ok(Json(temporaries::open(&app, &form.0, LetterOf::Recovery, &asker).await?))
}

/// Chooses a password in the place of the temporary one that opened this session, which is a whole one from here on.
#[utoipa::path(
    tag = "passwords",
    request_body = FirstPassword,
    responses((status = 200, body = Me)),
    security(("customer" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["invalid_fields", "signed_out", "not_found"]))),
)]
#[post("/passwords/first")]
async fn first_password(
    app: web::Data<App>,
    asker: Asker,
    caller: SignedIn,
    form: Json<FirstPassword>,
) -> ApiResult<Json<Me>> {
    Ok(Json(temporaries::choose(&app, &caller.0, &form.0, &asker).await?))
}

/// Opens a first entry, where an issuer's profile has it: user and password are the RFC.
///
/// It is no session and shows nothing. Any RFC typed twice is answered alike: a customer's, one that was entered, an
/// unknown one.
#[utoipa::path(
    tag = "first-entries",
    request_body = OpenFirstEntry,
    responses((status = 200, body = FirstEntryOpened)),
    security(()),
    extensions(("x-problem-codes" = json!(["wrong_credentials", "sign_in_held", "not_found", "too_many_requests"]))),
)]
#[post("/first-entries")]
async fn open_first_entry(
    app: web::Data<App>,
    asker: Asker,
    source: SourceAddress,
    form: Json<OpenFirstEntry>,
) -> ApiResult<Json<FirstEntryOpened>> {
    app.floods.admit(Act::SignIn, source, app.now())?;
    Ok(Json(first_entries::open(&app, &form.0, &asker.source).await?))
}

/// Asks for the code of a first entry, with what only the customer has.
///
/// The answer is the same whatever matches; if RFC and fact do, a code arrives by mail.
#[utoipa::path(
    tag = "first-entries",
    request_body = AskFirstCode,
    responses((status = 202, body = FirstCodeAsked, description = "Received")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "second_step_expired", "work_needed"]))),
)]
#[post("/first-entries/codes")]
async fn ask_first_code(
    app: web::Data<App>,
    request: HttpRequest,
    asker: Asker,
    form: Json<AskFirstCode>,
) -> ApiResult<HttpResponse> {
    form.0.parse()?;
    work::spend(&app, Flow::Registration, done_work(&request)).await?;
    let asked: FirstCodeAsked = first_entries::ask(&app, &form.0, &asker.source).await?;
    Ok(HttpResponse::Accepted().json(asked))
}

/// Finishes a first entry with the code and a password, and signs in.
#[utoipa::path(
    tag = "first-entries",
    request_body = UseFirstCode,
    responses((status = 200, body = SessionOpened), (status = 202, body = SecondStep, description = "A code is asked for")),
    security(()),
    extensions(("x-problem-codes" = json!(["invalid_fields", "wrong_code"]))),
)]
#[post("/first-entries/confirmations")]
async fn confirm_first_entry(
    app: web::Data<App>,
    site: web::Data<Site>,
    asker: Asker,
    form: Json<UseFirstCode>,
) -> ApiResult<HttpResponse> {
    admit(&app, &site, first_entries::confirm(&app, &form.0, &asker).await?).await
}
