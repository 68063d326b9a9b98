//! An issuer's settings over HTTP, for its operators.
use actix_web::{HttpResponse, delete, get, post, put, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use shared::issuer_settings::{
    BranchSettings, ChangeIssuer, IssuerSettings, NewIssuer, NewLogo, SaveBranch, SavedBranch, UploadCsd,
};
use shared::page::{Page, PageQuery};
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{By, SettingsError};
use crate::App;
use crate::accounts::Asker;
use crate::accounts::model::StaffCaller;
use crate::accounts::staff::guard::{OperatorScope, ProvedHouseOperator, ProvedOperator, StaffScope};
use crate::audit::Actor;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::issuers::model::{BranchId, CsdId};
use crate::issuers::settings;

/// Mounted under `/api/v1`.
pub(in crate::issuers) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(found_issuer)
        .service(get_settings)
        .service(change_issuer)
        .service(put_logo)
        .service(list_branches)
        .service(open_branch)
        .service(change_branch)
        .service(add_csd)
        .service(revoke_csd);
}

impl From<SettingsError> for ApiError {
    fn from(error: SettingsError) -> ApiError {
        match error {
            SettingsError::Form(errors) => errors.into(),
            SettingsError::NotFound => ApiError::new(ProblemCode::NotFound),
            SettingsError::Held(full) => ApiError::new(ProblemCode::CertificateHeld)
                .retry_after(u32::try_from(full.retry_after_seconds).unwrap_or(u32::MAX)),
            SettingsError::Store(source) => source.into(),
            SettingsError::Custody(source) => ApiError::internal(source),
        }
    }
}

/// One of an issuer's things.
#[derive(Deserialize)]
struct OfIssuer {
    id: Uuid,
}

fn by<'a>(staff: &StaffCaller, asker: &'a Asker) -> By<'a> {
    By { actor: Actor::User(staff.principal.user_id.uuid()), request_id: &asker.request_id }
}

/// Founds an issuer. Operators of the installation only.
#[utoipa::path(
    tag = "Console",
    request_body = NewIssuer,
    responses((status = 201, body = IssuerSettings)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "operator_needed", "proof_needed", "invalid_fields"
    ]))),
)]
#[post("/console/issuers")]
async fn found_issuer(
    app: web::Data<App>,
    at: ProvedHouseOperator,
    asker: Asker,
    form: Json<NewIssuer>,
) -> ApiResult<HttpResponse> {
    let issuer = settings::found(&app, &form.0, by(&at.0, &asker)).await?;
    Ok(HttpResponse::Created().json(settings::view(&app, issuer).await?))
}

/// An issuer's settings, with the certificates it has.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    responses((status = 200, body = IssuerSettings)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found"]))),
)]
#[get("/console/issuers/{issuer}")]
async fn get_settings(app: web::Data<App>, at: StaffScope) -> ApiResult<Json<IssuerSettings>> {
    Ok(Json(settings::view(&app, at.issuer).await?))
}

/// Changes how an issuer shows itself. Papers and pages have the new brand at once.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    request_body = ChangeIssuer,
    responses((status = 204, description = "Changed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[put("/console/issuers/{issuer}")]
async fn change_issuer(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    form: Json<ChangeIssuer>,
) -> ApiResult<HttpResponse> {
    settings::change(&app, &at.0.issuer, &form.0, by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Gives the issuer a logo: an SVG of plain shapes, or a PNG of at most 600 pixels a side, of at most 128 KB.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    request_body = NewLogo,
    responses((status = 204, description = "Changed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[put("/console/issuers/{issuer}/logo")]
async fn put_logo(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    form: Json<NewLogo>,
) -> ApiResult<HttpResponse> {
    let Ok(image) = STANDARD.decode(form.0.image.trim()) else {
        let mut errors = FieldErrors::default();
        errors.add("/image", FieldCode::Logo);
        return Err(errors.into());
    };
    settings::set_logo(&app, &at.0.issuer, image, by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The issuer's branches, the oldest first, those taken out of the guests' list too.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<BranchSettings>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/branches")]
async fn list_branches(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<PageQuery>,
) -> ApiResult<Json<Page<BranchSettings>>> {
    let page = paging::page::<BranchId>(&query)?;
    let rows = settings::branches(&app, at.scope, page.after, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |row| row.0, |row| row.1)?))
}

/// Opens a branch.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    request_body = SaveBranch,
    responses((status = 201, body = SavedBranch)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[post("/console/issuers/{issuer}/branches")]
async fn open_branch(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    form: Json<SaveBranch>,
) -> ApiResult<HttpResponse> {
    let id = settings::save_branch(&app, at.0.scope, None, &form.0, by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::Created().json(SavedBranch { id: id.uuid() }))
}

/// Changes a branch. Documents that were issued keep what they were issued with.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("id" = Uuid, Path, description = "The branch"),
    ),
    request_body = SaveBranch,
    responses((status = 204, description = "Changed")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[put("/console/issuers/{issuer}/branches/{id}")]
async fn change_branch(
    app: web::Data<App>,
    at: OperatorScope,
    of: web::Path<OfIssuer>,
    asker: Asker,
    form: Json<SaveBranch>,
) -> ApiResult<HttpResponse> {
    let known = Some(BranchId::new(of.id));
    settings::save_branch(&app, at.0.scope, known, &form.0, by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Hands a sealing certificate over with its key. The password is not kept; the key is, sealed under the master key.
///
/// Five passwords that open no key hold this for the rest of a quarter of an hour (`certificate_held`).
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    request_body = UploadCsd,
    responses((status = 204, description = "Kept: it seals from the next document on")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "invalid_fields",
        "certificate_held"
    ]))),
)]
#[post("/console/issuers/{issuer}/certificates")]
async fn add_csd(
    app: web::Data<App>,
    at: ProvedOperator,
    asker: Asker,
    form: Json<UploadCsd>,
) -> ApiResult<HttpResponse> {
    settings::add_csd(&app, &at.0.issuer, form.0, by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Stops a certificate for good, from the next document on.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("id" = Uuid, Path, description = "The certificate"),
    ),
    responses((status = 204, description = "Stopped")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"
    ]))),
)]
#[delete("/console/issuers/{issuer}/certificates/{id}")]
async fn revoke_csd(
    app: web::Data<App>,
    at: ProvedOperator,
    of: web::Path<OfIssuer>,
    asker: Asker,
) -> ApiResult<HttpResponse> {
    settings::revoke_csd(&app, at.0.scope, CsdId::new(of.id), by(&at.0.staff, &asker)).await?;
    Ok(HttpResponse::NoContent().finish())
}
