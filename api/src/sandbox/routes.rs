//! The sandbox over HTTP: the PAC's one act and the bank's pages, on a loopback listener of its own.
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use actix_web::web::{Bytes, Data as Shared, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, dev, post};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::ExposeSecret;

use super::answer::Answer;
use super::bank::{self, service::Bank};
use super::service::{self, Outcome, Sandbox};
use super::{RUNNING_STOP_SECONDS, multipart};

/// Largest body: the largest CFDI a PAC takes, and some room for the form around it.
const BODY_MAX_BYTES: usize = 6 * 1024 * 1024;
/// Longest reference a client may send.
const REFERENCE_MAX: usize = 100;

/// Serves until told to stop.
pub fn serve(sandbox: Arc<Sandbox>, bank: Bank, listener: TcpListener) -> std::io::Result<dev::Server> {
    let (sandbox, bank) = (Shared::from(sandbox), bank::routes::state(bank));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(sandbox.clone())
            .app_data(bank.clone())
            .app_data(PayloadConfig::new(BODY_MAX_BYTES))
            .service(stamp)
            .configure(bank::routes::configure)
    });
    Ok(server.workers(1).disable_signals().shutdown_timeout(RUNNING_STOP_SECONDS).listen(listener)?.run())
}

/// Stamps the part `xml` of the form.
#[post("/v4/cfdi33/stamp/v4")]
async fn stamp(sandbox: Shared<Sandbox>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if !is_ours(&sandbox, request.headers()) {
        return error(StatusCode::UNAUTHORIZED, "AU2000 - El token no es válido.");
    }
    let reference = text(request.headers(), "customid").map(str::to_owned);
    if reference.as_ref().is_some_and(|reference| reference.len() > REFERENCE_MAX) {
        return error(StatusCode::BAD_REQUEST, "CFDI3308 - El customId es demasiado largo.");
    }
    let boundary = text(request.headers(), CONTENT_TYPE.as_str()).and_then(multipart::boundary);
    let Some(xml) = boundary.and_then(|boundary| multipart::part(&body, boundary, "xml")) else {
        return error(StatusCode::BAD_REQUEST, "301 - La forma no trae la parte xml.");
    };
    let sealed = xml.to_vec();
    // A task of its own: a client that gives up waiting does not stop the stamp, as with a real PAC.
    let sandbox = sandbox.into_inner();
    let task = tokio::spawn(async move { service::stamp(&sandbox, &sealed, reference.as_deref()).await });
    match task.await {
        Ok(Ok(outcome)) => respond(outcome),
        Ok(Err(failure)) => {
            tracing::error!(error = format!("{failure:#}"), "the sandbox could not stamp");
            HttpResponse::InternalServerError().finish()
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn respond(outcome: Outcome) -> HttpResponse {
    match outcome {
        Outcome::Stamped(data) => HttpResponse::Ok().json(Answer::success(data)),
        Outcome::StampedBefore(data) => HttpResponse::BadRequest().json(Answer::error(
            "307. El comprobante contiene un timbre previo.",
            None,
            Some(data),
        )),
        Outcome::ReferenceTaken(data) => HttpResponse::BadRequest().json(Answer::error(
            "CFDI3307 - Timbre duplicado. El customId proporcionado está duplicado.",
            None,
            Some(data),
        )),
        Outcome::Refused(refusal) => HttpResponse::BadRequest().json(Answer::error(
            format!("{} - {}", refusal.code, refusal.message),
            refusal.detail,
            None,
        )),
        Outcome::Down => HttpResponse::ServiceUnavailable().finish(),
        // The head of an answer, and then the connection breaks.
        Outcome::Lost => HttpResponse::Ok().content_type("application/json").streaming(futures::stream::once(async {
            Err::<Bytes, std::io::Error>(std::io::ErrorKind::ConnectionAborted.into())
        })),
    }
}

fn error(status: StatusCode, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(Answer::error(message, None, None))
}

fn is_ours(sandbox: &Sandbox, headers: &HeaderMap) -> bool {
    text(headers, AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|token| {
        verify_slices_are_equal(token.as_bytes(), sandbox.token.expose_secret().as_bytes()).is_ok()
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
