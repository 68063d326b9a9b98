//! The OpenAPI documents of the portal's and the integrators' API, collected from the routes themselves, so that what
//! is served and what is documented cannot differ. The integrators' may only grow: see [`growth`].
//!
//! A route names only its own problem codes, in the extension `x-problem-codes`; the codes that any request can meet,
//! and the answers that go with all of them, are written here from the one table in `shared`.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use actix_web::dev::{ResourceDef, ServiceFactory, ServiceRequest};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Bytes};
use actix_web::{Error, HttpResponse, get};
use anyhow::{Context as _, bail};
use serde_json::json;
use shared::{Lang, ProblemCode, problem_text};
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{KnownFormat, Schema, SchemaFormat};
use utoipa::openapi::{
    Content, ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Type,
};
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt as _, UtoipaApp, scope};

use super::problem::PROBLEM_JSON;
use super::{ApiError, ApiResult, answers, growth, health};

const CODES: &str = "x-problem-codes";
/// Names of the files in `openapi/` and below `/openapi/`.
const PORTAL: &str = "portal.json";
const INTEGRATORS: &str = "integrators.v1.json";
/// A value a line.
const NDJSON: &str = "application/x-ndjson";
/// Where the integrators' API lives.
const INTEGRATORS_ROOT: &str = "/api/integrators/v1";

/// The routes of an installation, and the head of their document. The list of domains is made where `serve` is.
#[derive(Clone, Copy)]
pub struct Api {
    /// Title, version, licence, tags, security schemes.
    pub head: fn() -> OpenApi,
    /// Routes below `/api/v1`.
    pub v1: fn(&mut ServiceConfig),
    /// Routes with an address of their own.
    pub root: fn(&mut ServiceConfig),
    /// The same head, of the integrators' document.
    pub integrators_head: fn() -> OpenApi,
    /// Routes below `/api/integrators/v1`.
    pub integrators: fn(&mut ServiceConfig),
}

/// The documents, made when somebody first asks for one: a start neither waits for them nor keeps them.
pub(super) struct Documents {
    api: Api,
    made: OnceLock<Option<Document>>,
}

impl Documents {
    pub(super) fn of(api: Api) -> Documents {
        Documents { api, made: OnceLock::new() }
    }

    /// What is served. `openapi --check` says which operation is wrong before anybody meets the error.
    pub(super) fn get(&self) -> ApiResult<&Document> {
        let made = self.made.get_or_init(|| match Document::new(self.api) {
            Ok(document) => Some(document),
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the API's document cannot be made");
                None
            }
        });
        made.as_ref().ok_or_else(|| ApiError::new(ProblemCode::Internal))
    }
}

/// The finished documents, and which verbs each of their addresses knows.
pub(super) struct Document {
    portal: Bytes,
    integrators: Bytes,
    verbs: Vec<(ResourceDef, Vec<Method>)>,
}

impl Document {
    fn new(api: Api) -> anyhow::Result<Document> {
        let (portal, integrators) = (portal(api)?, integrators(api)?);
        let paths = portal.paths.paths.iter().chain(&integrators.paths.paths);
        let verbs = paths.map(|(path, item)| (ResourceDef::new(path.as_str()), methods(item))).collect();
        Ok(Document { verbs, portal: pretty(&portal)?.into(), integrators: pretty(&integrators)?.into() })
    }

    /// The verbs of an address; `None` when it is no address of the API.
    pub(super) fn verbs(&self, path: &str) -> Option<&[Method]> {
        self.verbs.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, methods)| methods.as_slice())
    }
}

/// The document of the portal's API. Fails when an operation does not say its tag, its summary, who may call it, or
/// names a code that is not in the table.
pub fn portal(api: Api) -> anyhow::Result<OpenApi> {
    let app = actix_web::App::new().into_utoipa_app().openapi((api.head)());
    completed(mount_portal(app, api).split_for_parts().1)
}

/// The document of the integrators' API; fails like the other.
pub fn integrators(api: Api) -> anyhow::Result<OpenApi> {
    let app = actix_web::App::new().into_utoipa_app().openapi((api.integrators_head)());
    let mut document = completed(mount_integrators(app, api).split_for_parts().1)?;
    answers::open(&mut document);
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(|(_, operation)| say_lines(operation));
    }
    Ok(document)
}

fn completed(mut document: OpenApi) -> anyhow::Result<OpenApi> {
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(&method, path, operation).with_context(|| format!("documenting {method} {path}"))?;
        }
    }
    Ok(document)
}

/// The portal's document as it is checked in and served: the same routes give the same text.
pub fn portal_json(api: Api) -> anyhow::Result<String> {
    pretty(&portal(api)?)
}

/// The integrators' document as it is checked in and served.
pub fn integrators_json(api: Api) -> anyhow::Result<String> {
    pretty(&integrators(api)?)
}

/// Writes the documents into `folder`, or with `check` only compares them with what is there. What would take
/// anything from the integrators is not written.
pub fn write(api: Api, folder: &Path, check: bool) -> anyhow::Result<()> {
    for (name, json) in [(PORTAL, portal_json(api)?), (INTEGRATORS, integrators_json(api)?)] {
        let file = folder.join(name);
        if check {
            compare(&file, &json)?;
            continue;
        }
        if name == INTEGRATORS && file.exists() {
            keeps_promises(&file, &json)?;
        }
        fs::write(&file, json).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(())
}

fn compare(file: &Path, json: &str) -> anyhow::Result<()> {
    let kept = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    if kept == json {
        return Ok(());
    }
    let line = 1 + kept.lines().zip(json.lines()).take_while(|(kept, made)| kept == made).count();
    bail!("{} differs from the routes at line {line}: write it anew with `ventanilla openapi`", file.display())
}

fn keeps_promises(file: &Path, json: &str) -> anyhow::Result<()> {
    let kept = fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let kept = serde_json::from_str(&kept).with_context(|| format!("reading {}", file.display()))?;
    let lost = growth::losses(&kept, &serde_json::from_str(json).context("reading the new document")?);
    if lost.is_empty() {
        return Ok(());
    }
    bail!("{} may only grow, and this would break its callers: {}", file.display(), lost.join("; "))
}

/// Puts every documented route on the app.
pub(super) fn mount<T>(app: UtoipaApp<T>, api: Api) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    mount_portal(mount_integrators(app, api), api)
}

fn mount_integrators<T>(app: UtoipaApp<T>, api: Api) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    app.service(scope::scope(INTEGRATORS_ROOT).configure(api.integrators))
}

fn mount_portal<T>(app: UtoipaApp<T>, api: Api) -> UtoipaApp<T>
where
    T: ServiceFactory<ServiceRequest, Config = (), Error = Error, InitError = ()>,
{
    app.configure(health::configure)
        .service(portal_document)
        .service(integrators_document)
        .service(scope::scope("/api/v1").configure(api.v1))
        .configure(api.root)
}

/// This document.
#[utoipa::path(
    tag = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = Value)),
    security(()),
)]
#[get("/openapi/portal.json")]
async fn portal_document(documents: web::Data<Documents>) -> ApiResult<HttpResponse> {
    Ok(served(documents.get()?.portal.clone()))
}

/// The document of the integrators' API.
#[utoipa::path(
    tag = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", body = Value)),
    security(()),
)]
#[get("/openapi/integrators.v1.json")]
async fn integrators_document(documents: web::Data<Documents>) -> ApiResult<HttpResponse> {
    Ok(served(documents.get()?.integrators.clone()))
}

fn served(json: Bytes) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").insert_header((header::CACHE_CONTROL, "no-cache")).body(json)
}

fn pretty(document: &OpenApi) -> anyhow::Result<String> {
    let mut json = document.to_pretty_json()?;
    json.push('\n');
    Ok(json)
}

/// An address's operations, by their verbs.
pub(super) fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    [
        (Method::GET, &mut item.get),
        (Method::POST, &mut item.post),
        (Method::PUT, &mut item.put),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

fn methods(item: &PathItem) -> Vec<Method> {
    let mut item = item.clone();
    let mut methods: Vec<Method> = operations(&mut item).map(|(method, _)| method).collect();
    if methods.contains(&Method::GET) {
        methods.push(Method::HEAD);
    }
    methods
}

/// A file is bytes, and not the array of numbers that its type would be in JSON.
fn say_bytes<'a>(contents: impl Iterator<Item = (&'a String, &'a mut RefOr<Content>)>) {
    for (_, content) in contents.filter(|(media, _)| *media != "application/json") {
        let RefOr::T(content) = content else { continue };
        if let Some(RefOr::T(Schema::Array(_))) = content.schema {
            content.schema = Some(bytes());
        }
    }
}

fn bytes() -> RefOr<Schema> {
    let binary = SchemaFormat::KnownFormat(KnownFormat::Binary);
    ObjectBuilder::new().schema_type(Type::String).format(Some(binary)).into()
}

/// Many values, one a line, are no value of their type: whoever sends or reads them handles bytes. The type of a line stays
/// among the components.
fn say_lines(operation: &mut Operation) {
    let asked = operation.request_body.iter_mut().filter_map(|body| match body {
        RefOr::T(body) => body.content.get_mut(NDJSON),
        RefOr::Ref(_) => None,
    });
    let told = operation.responses.responses.values_mut().filter_map(|answer| match answer {
        RefOr::T(answer) => answer.content.get_mut(NDJSON),
        RefOr::Ref(_) => None,
    });
    for content in asked.chain(told) {
        let RefOr::T(content) = content else { continue };
        content.schema = Some(bytes());
        content.example = content.example.take().map(|line| json!(format!("{line}\n")));
    }
}

fn complete(method: &Method, path: &str, operation: &mut Operation) -> anyhow::Result<()> {
    if operation.tags.as_ref().is_none_or(Vec::is_empty) {
        bail!("it has no tag");
    }
    if operation.summary.is_none() {
        bail!("it has no summary: the first line of its doc comment");
    }
    if operation.security.is_none() {
        bail!("it does not say who may call it: security(()) when anybody may");
    }
    let acts = *method != Method::GET;
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        say_bytes(body.content.iter_mut());
    }
    let mut codes = own_codes(operation)?;
    codes.extend(common_codes(path, acts, operation.request_body.is_some()));
    if acts && path.starts_with("/api/v1/") {
        operation.parameters.get_or_insert_default().push(RefOr::T(requested_with()));
    }
    for (status, codes) in by_status(&codes) {
        let answer = operation.responses.responses.entry(status).or_insert_with(|| RefOr::T(problem_answer()));
        if let RefOr::T(answer) = answer {
            describe(answer, &codes);
        }
    }
    for (status, answer) in &mut operation.responses.responses {
        if let RefOr::T(answer) = answer {
            say_bytes(answer.content.iter_mut());
        }
        if let RefOr::T(answer) = answer
            && answer.description.is_empty()
        {
            // OpenAPI 3.1 requires a description; the schema's own says the rest.
            let reason = status.parse().ok().and_then(|status: StatusCode| status.canonical_reason());
            answer.description = reason.unwrap_or("Answer").to_owned();
        }
    }
    let names: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    // One alone: their order in the document would be another each time.
    operation.extensions = Some(Extensions::from_iter([(CODES, json!(names))]));
    Ok(())
}

fn own_codes(operation: &Operation) -> anyhow::Result<BTreeSet<ProblemCode>> {
    let named = operation.extensions.as_ref().and_then(|extensions| extensions.get(CODES));
    let Some(named) = named else { return Ok(BTreeSet::new()) };
    let names = named.as_array().context("x-problem-codes is no list")?;
    names
        .iter()
        .map(|name| {
            let code = ProblemCode::ALL.iter().find(|code| name.as_str() == Some(code.as_str()));
            code.copied().with_context(|| format!("there is no code {name}"))
        })
        .collect()
}

/// What any request to such an address can meet before or beside the route's own work.
fn common_codes(path: &str, acts: bool, has_body: bool) -> Vec<ProblemCode> {
    use ProblemCode as P;
    let mut codes = vec![P::Internal];
    if !path.starts_with("/health/") {
        codes.push(P::WrongHost);
    }
    if path.starts_with("/api/") {
        codes.extend([P::MalformedAddress, P::Busy]);
    }
    if path.starts_with(INTEGRATORS_ROOT) {
        codes.extend([P::ApiKeyUnknown, P::ApiKeyLimit, P::ScopeMissing]);
    } else if acts {
        codes.push(P::CrossSite);
    }
    if acts {
        codes.push(P::UnsupportedMediaType);
    }
    if has_body {
        codes.extend([P::MalformedBody, P::BodyTooLarge, P::BodyTooSlow, P::InvalidFields]);
    }
    codes
}

fn by_status(codes: &BTreeSet<ProblemCode>) -> BTreeMap<String, Vec<ProblemCode>> {
    let mut groups: BTreeMap<String, Vec<ProblemCode>> = BTreeMap::new();
    for code in codes {
        groups.entry(code.status().to_string()).or_default().push(*code);
    }
    groups
}

fn problem_answer() -> Response {
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().content(PROBLEM_JSON, problem).build()
}

fn describe(answer: &mut Response, codes: &[ProblemCode]) {
    for code in codes {
        if !answer.description.is_empty() {
            answer.description.push('\n');
        }
        let title = problem_text::problem(*code, Lang::En).title;
        answer.description.push_str(&format!("- `{code}`: {title}"));
    }
}

/// What a page of ours sends and no foreign page can.
fn requested_with() -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new()
        .name("X-Requested-With")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Required unless the header Origin names this site."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["ventanilla"]))))
        .build()
}
