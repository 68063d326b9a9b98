//! Privacy notices over HTTP: the present one for anybody, all of them for staff.
use actix_web::{HttpResponse, get, post, web};
use shared::page::{Page, PageQuery};
use shared::privacy::{PrivacyNotice, PublishNotice};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::App;
use crate::accounts::Asker;
use crate::accounts::staff::guard::{OperatorScope, StaffScope};
use crate::audit::Actor;
use crate::http::{ApiError, ApiResult, Json, paging};
use crate::issuers::service;
use crate::issuers::settings::By;

/// Mounted under `/api/v1`.
pub(in crate::issuers) fn configure(cfg: &mut ServiceConfig) {
    cfg.service(get_notice).service(list_notices).service(publish_notice);
}

/// The issuer's aviso de privacidad as it holds now.
#[utoipa::path(
    tag = "issuers",
    params(("slug" = String, Path, description = "Issuer's short name; `default` is the default one")),
    responses((status = 200, body = PrivacyNotice)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/issuers/{slug}/privacy-notice")]
async fn get_notice(app: web::Data<App>, slug: web::Path<String>) -> ApiResult<Json<PrivacyNotice>> {
    let (scope, issuer) = service::scope_of_slug(&app, &slug).await?.ok_or_else(|| ApiError::new(super::NONE))?;
    let notice = super::current(&mut app.db.read().await?, scope).await?;
    Ok(Json(super::view(notice.ok_or_else(|| ApiError::new(super::NONE))?, &issuer)))
}

/// Every version of the issuer's aviso de privacidad, the newest first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<PrivacyNotice>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/privacy-notices")]
async fn list_notices(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<PageQuery>,
) -> ApiResult<Json<Page<PrivacyNotice>>> {
    let page = paging::page::<i64>(&query)?;
    let rows = super::list(&app, &at.issuer, page.after, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |last| last.version, |row| row)?))
}

/// Publishes another version of the aviso de privacidad: its text, or the address where it stands.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "Issuer's short name")),
    request_body = PublishNotice,
    responses((status = 201, body = PrivacyNotice)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields"
    ]))),
)]
#[post("/console/issuers/{issuer}/privacy-notices")]
async fn publish_notice(
    app: web::Data<App>,
    at: OperatorScope,
    asker: Asker,
    form: Json<PublishNotice>,
) -> ApiResult<HttpResponse> {
    let user = at.0.staff.principal.user_id.uuid();
    let by = By { actor: Actor::User(user), request_id: &asker.request_id };
    let notice = super::publish(&app, &at.0.issuer, &form.0, (user, by)).await?;
    Ok(HttpResponse::Created().json(notice))
}
