//! Till keys over HTTP, for operators.
use actix_web::{HttpResponse, delete, get, post, web};
use serde::Deserialize;
use shared::page::Page;
use shared::tickets::{NewTillKey, TillKeyMade, TillKeyView};
use shared::{FieldCode, FieldErrors, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{By, Office, TillKey, TillKeyError};
use crate::App;
use crate::accounts::staff::guard::{OperatorScope, ProvedOperator, StaffScope};
use crate::audit::Actor;
use crate::http::{ApiError, ApiResult, Json, RequestId};
use crate::issuers::BranchId;

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(list_till_keys).service(make_till_key).service(revoke_till_key);
}

#[derive(Deserialize)]
struct OfIssuer {
    id: String,
}

fn by<'a>(at: &StaffScope, request_id: &'a str) -> By<'a> {
    (Actor::User(at.staff.principal.user_id.uuid()), Some(request_id))
}

fn view(key: TillKey) -> TillKeyView {
    TillKeyView {
        id: key.id,
        branch_id: key.branch_id.uuid(),
        name: key.name,
        created_at: key.created_at.to_string(),
        revoked_at: key.revoked_at.map(|at| at.to_string()),
    }
}

/// The keys that the issuer's tills sign tickets with.
///
/// The oldest first, the ended ones too. A secret is never shown again.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name")),
    responses((status = 200, body = Page<TillKeyView>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "operator_needed"]))),
)]
#[get("/console/issuers/{issuer}/till-keys")]
async fn list_till_keys(app: web::Data<App>, at: OperatorScope) -> ApiResult<Json<Page<TillKeyView>>> {
    let kept = super::list(&mut app.db.read().await?, at.0.scope).await?;
    Ok(Json(Page { data: kept.into_iter().map(view).collect(), next_cursor: None }))
}

/// Makes a key that the tills of a branch sign tickets with.
///
/// `secret` is shown once. To change a key make the next one, give it to the tills, and revoke the old one when the last
/// ticket it signed can no longer be invoiced.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name")),
    request_body = NewTillKey,
    responses((status = 201, body = TillKeyMade)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed", "invalid_fields",
        "too_many_keys"
    ]))),
)]
#[post("/console/issuers/{issuer}/till-keys")]
async fn make_till_key(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    form: Json<NewTillKey>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let mut tx = app.db.begin().await?;
    let wanted = (BranchId::new(form.0.branch_id), form.0.name.as_str());
    let office = Office { vault: &app.vault, ids: &app.ids, now: app.now(), by: by(&at.0, &request_id) };
    let made = super::create(&mut tx, office, at.0.scope, wanted).await;
    let (key, secret) = made.map_err(refused)?;
    tx.commit().await?;
    let (secret, address) = (secret.expose().to_owned(), super::address(&app.public_url));
    Ok(HttpResponse::Created().json(TillKeyMade { key: view(key), secret, address }))
}

/// Ends a till key: no ticket that it signed is taken any more.
#[utoipa::path(
    tag = "Console",
    params(("issuer" = String, Path, description = "The issuer's short name"), ("id" = String, Path)),
    responses((status = 204, description = "It proves nothing any more")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "proof_needed"
    ]))),
)]
#[delete("/console/issuers/{issuer}/till-keys/{id}")]
async fn revoke_till_key(
    app: web::Data<App>,
    at: ProvedOperator,
    request_id: RequestId,
    of: web::Path<OfIssuer>,
) -> ApiResult<HttpResponse> {
    let request_id = request_id.to_string();
    let mut tx = app.db.begin().await?;
    if !super::revoke(&mut tx, at.0.scope, &of.id, (app.now(), by(&at.0, &request_id))).await? {
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

fn refused(error: TillKeyError) -> ApiError {
    match error {
        TillKeyError::Name => wrong("/name", FieldCode::TooLong),
        TillKeyError::Branch => wrong("/branch_id", FieldCode::BranchUnknown),
        TillKeyError::TooMany => ApiError::new(ProblemCode::TooManyKeys),
        TillKeyError::Vault(source) => ApiError::internal(source),
        TillKeyError::Db(source) => source.into(),
    }
}
