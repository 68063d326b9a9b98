//! Keys over HTTP, for operators.
use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use shared::integrators::{ApiKeyMade, ApiKeyView, NewApiKey};
use shared::page::Page;
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::App;
use crate::accounts::staff::guard::{OperatorScope, ProvedOperator, StaffScope};
use crate::audit::Actor;
use crate::db::Timestamp;
use crate::http::{ApiError, ApiResult, Json, RequestId};
use crate::integrators::keys::{self, KeyError, Who};
use crate::integrators::model::{ApiKey, KeyId, Mode, NewKey};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_keys).service(make_key).service(revoke_key);
}

#[derive(Deserialize)]
struct OfIssuer {
    id: Uuid,
}

fn who<'a>(at: &StaffScope, request_id: &'a str) -> Who<'a> {
    Who { actor: Actor::User(at.staff.principal.user_id.uuid()), request_id: Some(request_id) }
}

fn view(key: ApiKey, mode: Mode, now: Timestamp) -> ApiKeyView {
    ApiKeyView {
        id: key.id.uuid(),
        good: key.is_good(mode, now),
        mode: key.mode.as_str().to_owned(),
        name: key.name,
        prefix: key.prefix,
        scopes: key.scopes,
        created_at: key.created_at.to_string(),
        expires_at: key.expires_at.map(|at| at.to_string()),
        revoked_at: key.revoked_at.map(|at| at.to_string()),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
    }
}

/// The issuer's keys of the integrators' API.
///
/// The oldest first, the ended ones too. A key's text is never shown again.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name")),
    responses((status = 200, body = Page<ApiKeyView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "operator_needed"]))),
)]
#[get("/console/issuers/{issuer}/api-keys")]
async fn list_keys(app: web::Data<App>, at: OperatorScope) -> ApiResult<Json<Page<ApiKeyView>>> {
    let (mode, now) = (Mode::of(app.rehearsal), app.now());
    let kept = keys::list(&mut app.db.read().await?, at.0.scope).await?;
    let data = kept.into_iter().map(|key| view(key, mode, now)).collect();
    Ok(Json(Page { data, next_cursor: None }))
}

/// Makes a key of the integrators' API.
///
/// `secret` is shown once. In a rehearsal it is a test key, which opens nothing where stamps are real.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name")),
    request_body = NewApiKey,
    responses((status = 201, body = ApiKeyMade)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "invalid_fields",
        "too_many_keys"
    ]))),
)]
#[post("/console/issuers/{issuer}/api-keys")]
async fn make_key(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    form: Json<NewApiKey>,
) -> ApiResult<HttpResponse> {
    let NewApiKey { name, scopes, expires_at } = form.0;
    let expires_at = match expires_at.map(|text| text.parse::<jiff::Timestamp>()) {
        None => None,
        Some(Ok(at)) => Some(Timestamp::new(at)),
        Some(Err(_)) => return Err(wrong("/expires_at", FieldCode::Instant)),
    };
    let (mode, now, request_id) = (Mode::of(app.rehearsal), app.now(), request_id.to_string());
    let mut tx = app.db.begin().await?;
    let new = NewKey { name, scopes, expires_at };
    let made = keys::create(&mut tx, &app.ids, now, (at.0.scope, mode), new, who(&at.0, &request_id)).await;
    let (key, text) = made.map_err(refused)?;
    tx.commit().await?;
    let secret = text.expose().to_owned();
    Ok(HttpResponse::Created().json(ApiKeyMade { key: view(key, mode, now), secret }))
}

/// Ends a key of the integrators' API, from the next request on.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name"), ("id" = Uuid, Path)),
    responses((status = 204, description = "It opens nothing any more")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"
    ]))),
)]
#[delete("/console/issuers/{issuer}/api-keys/{id}")]
async fn revoke_key(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    of: web::Path<OfIssuer>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let mut tx = app.db.begin().await?;
    let by = who(&at.0, &request_id);
    if !keys::revoke(&mut tx, at.0.scope, KeyId::new(of.id), app.now(), by).await? {
        return Err(ApiError::new(ProblemCode::NotFound));
    }
    tx.commit().await?;
    Ok(HttpResponse::NoContent().finish())
}

fn wrong(pointer: &str, code: FieldCode) -> ApiError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    errors.into()
}

fn refused(error: KeyError) -> ApiError {
    match error {
        KeyError::Name => wrong("/name", FieldCode::TooLong),
        KeyError::Scopes => wrong("/scopes", FieldCode::Required),
        KeyError::Expiry => wrong("/expires_at", FieldCode::Instant),
        KeyError::TooMany => ApiError::new(ProblemCode::TooManyKeys),
        KeyError::Db(source) => source.into(),
    }
}
