//! `GET /metrics`: at the portal's own address behind a token, or at a listener of its own. It stands in no OpenAPI
//! document, since it is there only where a setting says so. Whoever may not read it is told that there is nothing.
use std::net::{IpAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::ExposeSecret;
use tokio::sync::watch;

use super::render;
use crate::App;
use crate::http::server::ending;

const PATH: &str = "/metrics";
const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Time the head of a request has to arrive.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Connections at once: one Prometheus server has one.
const CONNECTIONS_MAX: usize = 32;

/// At the portal's own address: only behind a token, and only where there is no listener for it.
pub fn configure(config: &mut web::ServiceConfig, app: &App) {
    let settings = &app.config.metrics;
    if settings.listen.is_empty() && !settings.token.expose_secret().is_empty() {
        config.route(PATH, web::route().to(read));
    }
}

/// A server of its own that knows nothing else. It runs when awaited, and stops politely when `stop` says so.
pub fn serve(app: &App, listener: TcpListener, stop: watch::Receiver<bool>) -> anyhow::Result<Server> {
    let state = web::Data::new(app.clone());
    let server =
        HttpServer::new(move || actix_web::App::new().app_data(state.clone()).route(PATH, web::route().to(read)))
            .workers(1)
            .client_request_timeout(HEAD_TIME)
            .max_connections(CONNECTIONS_MAX)
            .shutdown_timeout(app.config.jobs.stop_seconds)
            .disable_signals();
    Ok(ending(server.listen(listener)?.run(), stop))
}

async fn read(request: HttpRequest, app: web::Data<App>) -> HttpResponse {
    // Another verb is told the same: a refusal of it would say that something is here.
    if request.method() != Method::GET || !may_read(&request, app.config.metrics.token.expose_secret()) {
        return HttpResponse::NotFound().finish();
    }
    match render(&app).await {
        Ok(text) => HttpResponse::Ok().content_type(CONTENT_TYPE).body(text),
        Err(_unwritable) => HttpResponse::InternalServerError().finish(),
    }
}

/// With a token, whoever shows it. Without one this is a listener on loopback, which a page of another name may reach
/// through a browser on this machine: it is asked for by address or as `localhost`, or not at all.
fn may_read(request: &HttpRequest, token: &str) -> bool {
    if token.is_empty() {
        let named = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let host = named.rsplit_once(':').map_or(named, |(host, _port)| host);
        return host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    }
    let shown =
        request.headers().get(header::AUTHORIZATION).and_then(|shown| shown.as_bytes().strip_prefix(b"Bearer "));
    shown.is_some_and(|shown| verify_slices_are_equal(shown, token.as_bytes()).is_ok())
}
