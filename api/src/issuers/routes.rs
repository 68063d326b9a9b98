//! Issuers, branches and brands over HTTP.
use actix_web::body::MessageBody;
use actix_web::http::header::{self, EntityTag, IfNoneMatch};
use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::ProblemCode;
use shared::issuers::{BranchView, IssuerView};
use shared::page::{Page, PageQuery};
use shared::profiles::Profile;
use utoipa_actix_web::service_config::ServiceConfig;

use super::logo;
use super::model::BranchId;
use super::service::{self, IssuerError};
use crate::App;
use crate::http::{ApiError, ApiResult, Json, paging};

/// Seconds a browser may use a brand without asking again.
const BRAND_FRESH: &str = "public, max-age=60";

/// Mounted under /api/v1.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(get_issuer).service(get_profile).service(list_branches);
    super::settings::routes::configure(cfg);
    super::notices::routes::configure(cfg);
}

/// Mounted at the root, beside the pages.
pub fn configure_root(cfg: &mut ServiceConfig) {
    cfg.service(brand_css).service(brand_logo);
}

impl From<IssuerError> for ApiError {
    fn from(error: IssuerError) -> ApiError {
        match error {
            IssuerError::NotFound => ApiError::new(ProblemCode::NotFound),
            IssuerError::Search(errors) => errors.into(),
            IssuerError::Store(source) => source.into(),
        }
    }
}

/// What anybody may know of an issuer.
#[utoipa::path(
    tag = "issuers",
    params(("slug" = String, Path, description = "Issuer's short name; `default` is the default one")),
    responses((status = 200, body = IssuerView)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/issuers/{slug}")]
async fn get_issuer(app: web::Data<App>, slug: web::Path<String>) -> ApiResult<Json<IssuerView>> {
    Ok(Json(service::issuer_view(&app, &slug).await?))
}

/// How an issuer's portal differs from ours: what its pages must know before they are drawn.
#[utoipa::path(
    tag = "issuers",
    params(("slug" = String, Path, description = "Issuer's short name; `default` is the default one")),
    responses((status = 200, body = Profile)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/issuers/{slug}/profile")]
async fn get_profile(app: web::Data<App>, slug: web::Path<String>) -> ApiResult<Json<Profile>> {
    let found = service::scope_of_slug(&app, &slug).await?;
    let (_, issuer) = found.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    Ok(Json(app.profiles.of(&issuer)))
}

/// A search among branches.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BranchQuery {
    #[serde(default)]
    q: String,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The branches of an issuer, by name.
#[utoipa::path(
    tag = "issuers",
    params(
        ("slug" = String, Path, description = "Issuer's short name; `default` is the default one"),
        ("q" = Option<String>, Query, description = "Words of the name, the city or the postal code; case and accents do not matter"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<BranchView>)),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found", "invalid_fields"]))),
)]
#[get("/issuers/{slug}/branches")]
async fn list_branches(
    app: web::Data<App>,
    slug: web::Path<String>,
    query: web::Query<BranchQuery>,
) -> ApiResult<Json<Page<BranchView>>> {
    let BranchQuery { q, limit, cursor } = query.into_inner();
    let page = paging::page::<BranchId>(&PageQuery { limit, cursor })?;
    let rows = service::branches(&app, &slug, &q, page.after, page.limit + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |branch| branch.id, service::branch_view)?))
}

/// The issuer's colour as a style sheet.
#[utoipa::path(
    tag = "issuers",
    params(
        ("slug" = String, Path, description = "Issuer's short name; `default` is the default one"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer kept"),
    ),
    responses(
        (status = 200, body = String, content_type = "text/css"),
        (status = 304, description = "As it was kept"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/brand/{slug}.css")]
async fn brand_css(
    app: web::Data<App>,
    slug: web::Path<String>,
    if_none_match: web::Header<IfNoneMatch>,
) -> ApiResult<HttpResponse> {
    let brand = service::brand_css(&app, &slug).await?;
    Ok(kept(brand.tag, if_none_match, "text/css; charset=utf-8", brand.css))
}

/// The issuer's logo.
#[utoipa::path(
    tag = "issuers",
    params(
        ("slug" = String, Path, description = "Issuer's short name; `default` is the default one"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer kept"),
    ),
    responses(
        (status = 200, content(
            (Vec<u8> = "image/svg+xml"),
            (Vec<u8> = "image/png"),
        )),
        (status = 304, description = "As it was kept"),
    ),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/brand/{slug}/logo")]
async fn brand_logo(
    app: web::Data<App>,
    slug: web::Path<String>,
    if_none_match: web::Header<IfNoneMatch>,
) -> ApiResult<HttpResponse> {
    let (logo, tag) = logo::for_screen(&app, &slug).await?;
    Ok(kept(tag, if_none_match, logo.kind.media_type(), logo.image))
}

/// An answer that a browser may keep, or word that what it kept still holds.
fn kept(
    tag: String,
    if_none_match: web::Header<IfNoneMatch>,
    media_type: &'static str,
    body: impl MessageBody + 'static,
) -> HttpResponse {
    let tag = EntityTag::new_strong(tag);
    let known = match if_none_match.into_inner() {
        IfNoneMatch::Any => false,
        IfNoneMatch::Items(tags) => tags.iter().any(|known| known.weak_eq(&tag)),
    };
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header((header::CACHE_CONTROL, BRAND_FRESH)).insert_header(header::ETag(tag));
    if known { response.finish() } else { response.content_type(media_type).body(body) }
}
