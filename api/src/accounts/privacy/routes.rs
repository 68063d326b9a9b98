//! One's own data over HTTP, and the staff's side of requests about it.
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use shared::page::{Page, PageQuery};
use shared::privacy::{AcceptNotice, AnswerArco, ArcoCase, ConsoleArcoCase, MyData, MyPrivacy, OpenArco};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::days;
use crate::App;
use crate::accounts::Asker;
use crate::accounts::guard::Own;
use crate::accounts::model::Subject;
use crate::accounts::staff::guard::{OperatorScope, StaffScope};
use crate::http::{ApiResult, Json, paging};

/// Mounted under `/api/v1`.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(get_privacy)
        .service(accept_notice)
        .service(open_case)
        .service(copy_data)
        .service(list_cases)
        .service(answer_case);
}

#[derive(Deserialize)]
struct OfIssuer {
    id: Uuid,
}

/// Which notices hold for the caller, and what they asked about their data.
#[utoipa::path(
    tag = "privacy",
    responses((status = 200, body = MyPrivacy)),
    security(("customer" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password"]))),
)]
#[get("/privacy")]
async fn get_privacy(app: web::Data<App>, own: Own) -> ApiResult<Json<MyPrivacy>> {
    Ok(Json(super::mine(&app, &own.0).await?))
}

/// Accepts the present version of an issuer's aviso de privacidad. 404: it is not the present one.
#[utoipa::path(
    tag = "privacy",
    request_body = AcceptNotice,
    responses((status = 204, description = "Accepted")),
    security(("customer" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "not_found", "view_only"]))),
)]
#[post("/privacy-acceptances")]
async fn accept_notice(
    app: web::Data<App>,
    own: Own,
    asker: Asker,
    form: Json<AcceptNotice>,
) -> ApiResult<HttpResponse> {
    super::accept(&app, &own.0, &form.0, &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Opens a request of acceso, rectificación, cancelación or oposición, for a customer or, of the owner of a mailbox, for
/// what was invoiced to it.
#[utoipa::path(
    tag = "privacy",
    request_body = OpenArco,
    responses((status = 201, body = ArcoCase)),
    security(("customer" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "must_change_password", "not_found", "invalid_fields", "view_only"
    ]))),
)]
#[post("/arco-requests")]
async fn open_case(app: web::Data<App>, own: Own, asker: Asker, form: Json<OpenArco>) -> ApiResult<HttpResponse> {
    Ok(HttpResponse::Created().json(super::open(&app, &own.0, &form.0, &asker).await?))
}

/// What is held about the caller, as a file, after a fresh proof of who they are.
#[utoipa::path(
    tag = "privacy",
    responses((status = 200, body = MyData)),
    security(("customer" = []), ("mailbox" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "must_change_password", "proof_needed", "view_only"]))),
)]
#[get("/my-data")]
async fn copy_data(app: web::Data<App>, own: Own, asker: Asker) -> ApiResult<HttpResponse> {
    let whose = if let Subject::Customer(caller) = &own.0 { caller.rfc.as_str() } else { "correo" };
    let name = format!("{whose}_datos_{}.json", days::today(app.now()));
    let name = name.replace(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.'), "-");
    let data = super::copy(&app, &own.0, &asker).await?;
    let parameters = vec![DispositionParam::Filename(name)];
    let header = ContentDisposition { disposition: DispositionType::Attachment, parameters };
    Ok(HttpResponse::Ok().insert_header(header).json(data))
}

/// Requests about personal data, the newest first.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 50 when absent"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before"),
    ),
    responses((status = 200, body = Page<ConsoleArcoCase>)),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!(["signed_out", "second_factor_needed", "not_found", "invalid_fields"]))),
)]
#[get("/console/issuers/{issuer}/arco-requests")]
async fn list_cases(
    app: web::Data<App>,
    at: StaffScope,
    query: web::Query<PageQuery>,
) -> ApiResult<Json<Page<ConsoleArcoCase>>> {
    let page = paging::page::<Uuid>(&query)?;
    let rows = super::list(&app, &at, page.after, i64::from(page.limit) + 1).await?;
    Ok(Json(paging::to_page(rows, page.limit, |last| last.case.id, |row| row)?))
}

/// Answers a request about personal data, once. The answer goes to the person by mail. 404: there is none such open.
#[utoipa::path(
    tag = "Console",
    params(
        ("issuer" = String, Path, description = "Issuer's short name"),
        ("id" = Uuid, Path, description = "The request"),
    ),
    request_body = AnswerArco,
    responses((status = 204, description = "Answered")),
    security(("staff" = [])),
    extensions(("x-problem-codes" = json!([
        "signed_out", "second_factor_needed", "not_found", "operator_needed", "invalid_fields", "case_answered"
    ]))),
)]
#[post("/console/issuers/{issuer}/arco-requests/{id}/answers")]
async fn answer_case(
    app: web::Data<App>,
    at: OperatorScope,
    of: web::Path<OfIssuer>,
    asker: Asker,
    form: Json<AnswerArco>,
) -> ApiResult<HttpResponse> {
    super::answer(&app, &at.0, (of.id, &form.0), &asker).await?;
    Ok(HttpResponse::NoContent().finish())
}
