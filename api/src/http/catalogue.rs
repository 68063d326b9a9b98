//! The catalogue of problems: a page made from the table of codes itself, in both languages. A problem's `type` leads to
//! its own entry.
use actix_web::{HttpResponse, get, web};
use askama::Template;
use shared::problem_text::{ProblemText, field, problem};
use shared::{FieldCode, Lang, ProblemCode};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{ApiError, ApiResult};

const STYLE: &str = include_str!("../../templates/problems/style.css");

struct ProblemEntry {
    code: &'static str,
    status: u16,
    es: ProblemText,
    en: ProblemText,
}

struct FieldEntry {
    code: &'static str,
    es: &'static str,
    en: &'static str,
}

#[derive(Template)]
#[template(path = "problems/page.html")]
struct Page<'a> {
    title: &'a str,
    problems: Vec<ProblemEntry>,
    fields: Vec<FieldEntry>,
    is_one: bool,
}

fn entry(code: ProblemCode) -> ProblemEntry {
    let (es, en) = (problem(code, Lang::Es), problem(code, Lang::En));
    ProblemEntry { code: code.as_str(), status: code.status(), es, en }
}

/// What can be wrong with a field.
fn fields() -> Vec<FieldEntry> {
    let said =
        |code: &FieldCode| FieldEntry { code: code.as_str(), es: field(*code, Lang::Es), en: field(*code, Lang::En) };
    FieldCode::ALL.iter().map(said).collect()
}

/// Mounted at the root.
pub fn configure(cfg: &mut ServiceConfig) {
    cfg.service(problem_style).service(list_problems).service(get_problem);
}

fn html(page: &Page<'_>) -> ApiResult<HttpResponse> {
    let page = page.render().map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

/// Every problem code and field code, with its words in both languages.
#[utoipa::path(
    tag = "problems",
    responses((status = 200, body = String, content_type = "text/html")),
    security(()),
    extensions(("x-problem-codes" = json!([]))),
)]
#[get("/problems")]
async fn list_problems() -> ApiResult<HttpResponse> {
    html(&Page {
        title: "Catálogo de problemas",
        problems: ProblemCode::ALL.iter().map(|code| entry(*code)).collect(),
        fields: fields(),
        is_one: false,
    })
}

/// One problem code: where the `type` of a problem leads.
#[utoipa::path(
    tag = "problems",
    params(("code" = String, Path, description = "As in `code`")),
    responses((status = 200, body = String, content_type = "text/html")),
    security(()),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
#[get("/problems/{code}")]
async fn get_problem(code: web::Path<String>) -> ApiResult<HttpResponse> {
    let known = ProblemCode::ALL.iter().find(|known| known.as_str() == *code);
    let known = *known.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    let title = problem(known, Lang::Es).title;
    // The one whose `errors` name fields: what each of them may say belongs to its words.
    let fields = if known == ProblemCode::InvalidFields { fields() } else { Vec::new() };
    html(&Page { title, problems: vec![entry(known)], fields, is_one: true })
}

/// The catalogue's style sheet.
#[utoipa::path(
    tag = "problems",
    responses((status = 200, body = String, content_type = "text/css")),
    security(()),
    extensions(("x-problem-codes" = json!([]))),
)]
#[get("/problems/style.css")]
async fn problem_style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}
