//! The running process: the server over every domain's routes, the background work beside it, and one stop for both.
use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{
    self,
    openapi::{self, Api},
};
use crate::http::{server, spa};
use crate::{App, accounts, billing, demo, documents, integrators, issuers, mail, payments, tickets};

/// Every domain's routes.
pub const API: Api =
    Api { head, v1, root, integrators_head: integrators::document::head, integrators: integrators::routes::configure };

/// Routes below `/api/v1`, a line per domain.
fn v1(config: &mut ServiceConfig) {
    accounts::routes::configure(config);
    issuers::routes::configure(config);
    tickets::signed::routes::configure(config);
    documents::routes::configure(config);
    billing::configure(config);
    payments::routes::configure(config);
    integrators::console::routes::configure(config);
    mail::routes::configure(config);
    demo::routes::configure(config);
}

/// Routes with an address of their own, a line per domain.
fn root(config: &mut ServiceConfig) {
    issuers::routes::configure_root(config);
    billing::configure_root(config);
    http::catalogue::configure(config);
}

/// The head of the portal's OpenAPI document.
fn head() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Ventanilla: portal",
            description = "The API of Ventanilla's own pages. It changes together with them: integrators have an API of their own.",
            license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        ),
        servers((url = "/")),
        components(schemas(shared::Problem, shared::FieldError, shared::FieldCode, shared::ProblemCode)),
    )]
    struct Head;

    let mut document = Head::openapi();
    let guest = ApiKeyValue::with_description(
        "ventanilla_guest",
        "HttpOnly cookie of the browser that made the invoice. Over TLS its name begins with `__Host-`.",
    );
    let session = ApiKeyValue::with_description(
        "ventanilla_session",
        "HttpOnly cookie with the refresh token. Over TLS its name begins with `__Host-`.",
    );
    let mut customer = Http::new(HttpAuthScheme::Bearer);
    customer.bearer_format = Some("JWT".to_owned());
    customer.description = Some("`access_token` of a session; `expires_at` says until when it is good.".to_owned());
    let mut mailbox = Http::new(HttpAuthScheme::Bearer);
    mailbox.bearer_format = Some("JWT".to_owned());
    mailbox.description = Some(
        "`access_token` of a mailbox's session; it is good, too, where a customer's and the staff's both are."
            .to_owned(),
    );
    let console_session = ApiKeyValue::with_description(
        "ventanilla_console",
        "HttpOnly cookie with the refresh token of staff. Over TLS its name begins with `__Host-`.",
    );
    let mut staff = Http::new(HttpAuthScheme::Bearer);
    staff.bearer_format = Some("JWT".to_owned());
    staff.description =
        Some("`access_token` of a session of the console; `expires_at` says until when it is good.".to_owned());
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("guest", SecurityScheme::ApiKey(ApiKey::Cookie(guest)));
    components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
    components.add_security_scheme("console_session", SecurityScheme::ApiKey(ApiKey::Cookie(console_session)));
    components.add_security_scheme("staff", SecurityScheme::Http(staff));
    components.add_security_scheme("customer", SecurityScheme::Http(customer));
    components.add_security_scheme("mailbox", SecurityScheme::Http(mailbox));
    document
}

/// Writes the OpenAPI documents into `folder`, or with `check` compares them with what is there.
pub fn openapi(folder: &Path, check: bool) -> anyhow::Result<()> {
    openapi::write(API, folder, check)
}

/// Says `true` at the first SIGTERM or SIGINT. A second one ends the process at once: nothing acknowledged is lost by
/// that, it is what a power cut does.
pub fn stop_on_signals() -> io::Result<watch::Receiver<bool>> {
    let (say, stop) = watch::channel(false);
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        let mut told = false;
        loop {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            if told {
                std::process::exit(1);
            }
            told = true;
            tracing::info!("stopping: finishing what is in flight");
            say.send_replace(true);
        }
    });
    Ok(stop)
}

/// Serves until `stop` says `true`, with `work` (which hears the same `stop`) beside it. Then nothing new is accepted,
/// what is in flight has `jobs.stop_seconds` to finish, and the database is closed.
pub async fn serve(
    app: App,
    listener: TcpListener,
    assets: spa::Assets,
    stop: watch::Receiver<bool>,
    work: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let server = server::start(&app, listener, assets, API, stop)?;
    let mut work = tokio::spawn(work);
    let served = server.await.context("serving");
    // The work stops by itself on the same word; only a server that failed leaves it without one.
    let patience = if served.is_ok() { app.config.jobs.stop_seconds } else { 0 };
    if tokio::time::timeout(Duration::from_secs(patience), &mut work).await.is_err() {
        tracing::warn!("background work did not finish in time: its leases expire and it is taken up again");
        work.abort();
    }
    app.db.close().await;
    served
}
