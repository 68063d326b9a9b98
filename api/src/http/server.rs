//! The server: routes, limits and layers put together, and a stop that finishes what is in flight (F23).
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::from_fn;
use actix_web::{Error, HttpRequest, HttpResponse, HttpServer, web};
use shared::ProblemCode;
use tokio::sync::watch;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::SwaggerUi;

use super::edge::edge;
use super::headers::DOCS;
use super::openapi::{self, Api, Documents};
use super::spa::Assets;
use super::{ApiError, ApiResult, Site, body, problem};
use crate::{App, metrics};

/// Time the head of a request has to arrive (U4).
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const IDLE_TIME: Duration = Duration::from_secs(30);
/// Time a client has to take the end of a connection.
const GOODBYE_TIME: Duration = Duration::from_secs(5);
/// Connections of one worker thread at once; more wait in the kernel.
const CONNECTIONS_MAX: usize = 1024;

/// What each worker builds its app from.
#[derive(Clone)]
pub(super) struct Parts {
    pub site: web::Data<Site>,
    pub assets: web::Data<Assets>,
    pub documents: web::Data<Documents>,
    pub api: Api,
    /// Puts the state that handlers ask for on the app.
    pub state: Arc<dyn Fn(&mut web::ServiceConfig) + Send + Sync>,
}

/// A server on `listener`, that stops politely when `stop` says so. It runs when awaited.
pub fn start(
    app: &App,
    listener: TcpListener,
    assets: Assets,
    api: Api,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<Server> {
    let site = Site::new(&app.public_url, listener.local_addr()?, &app.config, app.ids.clone())?
        .with_form_targets(app.banks.origins());
    let (state, told) = (web::Data::new(app.clone()), web::Data::new(stop.clone()));
    let parts = Parts {
        site: web::Data::new(site),
        assets: web::Data::new(assets),
        documents: web::Data::new(Documents::of(api)),
        api,
        state: Arc::new(move |config| {
            config.app_data(state.clone()).app_data(told.clone());
            metrics::routes::configure(config, &state);
        }),
    };
    let mut server = HttpServer::new(move || build(&parts))
        .client_request_timeout(HEAD_TIME)
        .client_disconnect_timeout(GOODBYE_TIME)
        .keep_alive(IDLE_TIME)
        .max_connections(CONNECTIONS_MAX)
        .shutdown_timeout(app.config.jobs.stop_seconds)
        .disable_signals();
    if app.config.workers > 0 {
        server = server.workers(app.config.workers);
    }
    Ok(ending(server.listen(listener)?.run(), stop))
}

/// Has `server` finish what is in flight and end when `stop` says so. By its handle: after a signal of its own the library
/// waits a third of a second more, for whoever else runs beside it.
pub(crate) fn ending(server: Server, stop: watch::Receiver<bool>) -> Server {
    let handle = server.handle();
    tokio::spawn(async move {
        stopped(stop).await;
        handle.stop(true).await;
    });
    server
}

/// Waits until `stop` says so, or nobody is left who could.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ended = stop.wait_for(|stop| *stop).await;
}

/// The app of one worker.
pub(super) fn build(
    parts: &Parts,
) -> actix_web::App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
    + use<>,
> {
    let app = actix_web::App::new()
        .app_data(parts.site.clone())
        .app_data(parts.assets.clone())
        .app_data(parts.documents.clone())
        .app_data(web::QueryConfig::default().error_handler(problem::bad_query))
        .app_data(web::PathConfig::default().error_handler(problem::bad_path))
        .app_data(web::PayloadConfig::new(body::JSON_MAX))
        .configure(|config| (parts.state)(config))
        .into_utoipa_app();
    openapi::mount(app, parts.api)
        .into_app()
        .service(web::redirect(DOCS, format!("{DOCS}/")))
        .route(&format!("{DOCS}/swagger-initializer.js"), web::get().to(docs_start))
        .route(&format!("{DOCS}/examples/{{name}}"), web::get().to(docs_example))
        .service(docs())
        .default_service(web::to(otherwise))
        .wrap(from_fn(edge))
}

/// Swagger UI over the documents; everything it needs comes from this binary.
fn docs() -> SwaggerUi {
    SwaggerUi::new(format!("{DOCS}/{{_:.*}}"))
}

/// How Swagger UI starts here, in place of its own script: in a rehearsal with the rehearsal's key filled in.
async fn docs_start() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(include_str!("docs.js"))
}

/// Programs that the documents' introduction links to, and what to compare one's own with.
const EXAMPLES: [(&str, &str); 4] = [
    ("sign.mjs", include_str!("../../../openapi/examples/tickets/sign.mjs")),
    ("sign.pl", include_str!("../../../openapi/examples/tickets/sign.pl")),
    ("sign.py", include_str!("../../../openapi/examples/tickets/sign.py")),
    ("vectors.json", include_str!("../../../openapi/examples/tickets/vectors.json")),
];

/// One of them, to be read or saved.
async fn docs_example(name: web::Path<String>) -> ApiResult<HttpResponse> {
    let found = EXAMPLES.iter().find(|(known, _)| *known == name.as_str());
    let (_, text) = found.ok_or_else(|| ApiError::new(ProblemCode::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(*text))
}

/// What no route answers: a verb that an address does not know, a file or page of the app, or nothing.
async fn otherwise(
    request: HttpRequest,
    documents: web::Data<Documents>,
    assets: web::Data<Assets>,
) -> ApiResult<HttpResponse> {
    // A page or a file is found without the documents, which the first question about verbs makes.
    if request.method() == Method::GET
        && let Some(file) = assets.answer(&request)
    {
        return Ok(file);
    }
    let verbs = documents.get()?.verbs(request.path()).filter(|verbs| !verbs.contains(request.method()));
    if let Some(verbs) = verbs {
        let verbs: Vec<&str> = verbs.iter().map(Method::as_str).collect();
        return Ok(HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, verbs.join(", "))).finish());
    }
    Err(ApiError::new(ProblemCode::NotFound))
}
