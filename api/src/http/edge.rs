//! The outermost layer: numbers each request, refuses what must go no further, catches a panic, turns every error
//! into a problem, adds the headers, and writes one log line.
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures::FutureExt as _;
use shared::ProblemCode;
use tracing::Instrument as _;

use super::arrival::{self, Arrival};
use super::problem::{self, PROBLEM_JSON};
use super::{AnswerHeaders, ApiError, HeadOnly, RequestId, Site, guard, headers};
use crate::App;
use crate::metrics::Metrics;

/// Only our own pages are of this type: the framework speaks plain text.
const HTML: &str = "text/html; charset=utf-8";

/// What machines ask for again and again: of no use in a log.
const ASKED_OFTEN: [&str; 2] = ["/health", "/metrics"];

/// The number of the request, told back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is remembered of a request until its answer.
struct Seen {
    id: RequestId,
    method: Method,
    path: String,
    started: Instant,
    metrics: Option<Arc<Metrics>>,
}

/// Wraps the whole app: no answer leaves without passing here.
pub(super) async fn edge<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(site) = request.app_data::<web::Data<Site>>().cloned() else {
        return Err(ApiError::internal("the app has no site").into());
    };
    let id = RequestId::new(site.ids.uuid());
    let path = guard::routed(&request).to_owned();
    let metrics = request.app_data::<web::Data<App>>().map(|app| app.metrics.clone());
    let seen = Seen { id, method: request.method().clone(), path, started: Instant::now(), metrics };
    request.extensions_mut().insert(id);
    let arrival = Arrival::watch(&mut request, site.body_time);
    if seen.method == Method::HEAD {
        // HEAD is GET without its body, which the protocol layer leaves out by itself.
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadOnly(true));
    }
    let span = tracing::info_span!("request", request_id = %id);
    // A panic would end the connection with every request on it. The handler's state is thrown away with it; what
    // was shared is behind transactions.
    let answered = AssertUnwindSafe(pass(request, next, &site)).catch_unwind().instrument(span.clone()).await;
    let _inside = span.enter();
    // The panic hook has said where a panic was.
    match answered.unwrap_or_else(|_panic| Err(ApiError::new(ProblemCode::Internal).into())) {
        Ok(response) => {
            let route = response.request().match_pattern();
            let (request, response) = response.into_parts();
            let mut response = finish(in_time(response, arrival.as_ref()), &seen, route.as_deref(), &site);
            let wanted = request.extensions_mut().remove::<AnswerHeaders>().unwrap_or_default();
            for (name, value) in wanted.0 {
                response.headers_mut().insert(name, value);
            }
            Ok(ServiceResponse::new(request, arrival::close_behind(response, arrival)))
        }
        Err(error) => {
            let response = in_time(HttpResponse::from_error(error), arrival.as_ref());
            let response = finish(response, &seen, None, &site);
            Err(InternalError::from_response("", arrival::close_behind(response, arrival)).into())
        }
    }
}

async fn pass<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
    site: &Site,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match guard::check(&request, site) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(refusal) => Ok(request.error_response(refusal)),
    }
}

/// Whatever a reader made of a body that did not come in time, the client is told just that.
fn in_time(response: HttpResponse, arrival: Option<&Arrival>) -> HttpResponse {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && arrival.is_some_and(Arrival::is_late) {
        return HttpResponse::from_error(ApiError::new(ProblemCode::BodyTooSlow));
    }
    response
}

fn finish(response: HttpResponse, seen: &Seen, route: Option<&str>, site: &Site) -> HttpResponse {
    let mut response = as_problem(response, seen.id);
    headers::add(response.headers_mut(), &seen.path, site);
    if let Ok(id) = HeaderValue::from_str(&seen.id.to_string()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let took = seen.started.elapsed();
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    // The pattern, not the address: addresses hold ids, and queries hold what people typed.
    let (method, status) = (seen.method.as_str(), response.status().as_u16());
    if let Some(metrics) = &seen.metrics {
        metrics.request(method, route, status, took);
    }
    let route = route.unwrap_or("-");
    if ASKED_OFTEN.iter().any(|root| guard::is_below(&seen.path, root)) {
        tracing::debug!(method, route, status, duration_ms, "answered a request");
    } else {
        tracing::info!(method, route, status, duration_ms, "answered a request");
    }
    response
}

/// Every error becomes a problem that names its request; what a route answered as a problem itself (a replay), or as a
/// page for a person, keeps its bytes.
fn as_problem(response: HttpResponse, id: RequestId) -> HttpResponse {
    let status = response.status();
    if let Some(error) = response.error().and_then(|error| error.as_error::<ApiError>()) {
        if let Some(causes) = error.causes() {
            log(status, error, &causes);
        }
        return error.answer(Some(id));
    }
    let said = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_JSON || kind == HTML);
    if said || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let error = ApiError::new(problem::of_status(status));
    if status.is_server_error() {
        let cause = response.error().map(ToString::to_string).unwrap_or_default();
        tracing::error!(cause, "the framework failed");
    }
    let mut answer = error.answer(Some(id));
    if let Some(allow) = response.headers().get(header::ALLOW) {
        answer.headers_mut().insert(header::ALLOW, allow.clone());
    }
    answer
}

fn log(status: StatusCode, error: &ApiError, causes: &str) {
    let code = error.problem().code.as_str();
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        tracing::error!(code, causes, "a request failed");
    } else if status.is_server_error() {
        tracing::warn!(code, causes, "a request was put off");
    } else {
        tracing::debug!(code, causes, "a request was refused");
    }
}
