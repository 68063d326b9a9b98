//! From our errors to RFC 9457 problems. What caused an error goes to the log, once; never to the client.
use std::error::Error;
use std::fmt;

use actix_web::error::{PathError, QueryPayloadError};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use shared::{FieldErrors, Problem, ProblemCode};

use super::RequestId;
use crate::db::DbError;

/// Media type of every error.
pub(super) const PROBLEM_JSON: &str = "application/problem+json";
/// When to ask again after "busy" and "still running".
const RETRY_SECONDS: u32 = 2;

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

type Source = Box<dyn Error + Send + Sync>;

/// A problem on its way to the client, and what caused it for the log.
#[derive(Debug)]
pub struct ApiError {
    problem: Box<Problem>,
    source: Option<Source>,
}

impl ApiError {
    /// A problem that is only its code.
    pub fn new(code: ProblemCode) -> ApiError {
        ApiError::from(Problem::new(code))
    }

    /// A problem whose cause is worth a log line.
    pub fn because(code: ProblemCode, source: impl Into<Source>) -> ApiError {
        ApiError { source: Some(source.into()), ..ApiError::new(code) }
    }

    /// Our fault. The client learns only the number of its request.
    pub fn internal(source: impl Into<Source>) -> ApiError {
        ApiError::because(ProblemCode::Internal, source)
    }

    /// Says when trying again may help: in the body and as Retry-After.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> ApiError {
        self.problem.retry_after_seconds = Some(seconds);
        self
    }

    /// What the client will read.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The answer, with the number of the request in its body.
    pub(super) fn answer(&self, id: Option<RequestId>) -> HttpResponse {
        answer(&Problem { request_id: id.map(|id| id.to_string()), ..(*self.problem).clone() })
    }

    /// The causes, outermost first, for one log line.
    pub(super) fn causes(&self) -> Option<String> {
        let mut cause: Option<&dyn Error> = self.source.as_deref().map(|source| -> &dyn Error { source });
        let mut chain = Vec::new();
        while let Some(error) = cause {
            chain.push(error.to_string());
            cause = error.source();
        }
        (!chain.is_empty()).then(|| chain.join(": "))
    }
}

/// A problem as an answer.
fn answer(problem: &Problem) -> HttpResponse {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.content_type(PROBLEM_JSON);
    if let Some(seconds) = problem.retry_after_seconds {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response.json(problem)
}

/// The problem of an error that is not ours: the framework's own refusals.
pub(super) fn of_status(status: StatusCode) -> ProblemCode {
    match status {
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => ProblemCode::BodyTooSlow,
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemCode::UnsupportedMediaType,
        StatusCode::SERVICE_UNAVAILABLE => ProblemCode::Busy,
        status if status.is_client_error() => ProblemCode::MalformedBody,
        _ => ProblemCode::Internal,
    }
}

/// For `web::QueryConfig`: a parser's words stay here.
pub(super) fn bad_query(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    ApiError::because(ProblemCode::MalformedAddress, error.to_string()).into()
}

/// For `web::PathConfig`.
pub(super) fn bad_path(error: PathError, _: &HttpRequest) -> actix_web::Error {
    ApiError::because(ProblemCode::MalformedAddress, error.to_string()).into()
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.problem.code, f)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| -> &(dyn Error + 'static) { source })
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(None)
    }
}

impl From<Problem> for ApiError {
    fn from(mut problem: Problem) -> ApiError {
        if matches!(problem.code, ProblemCode::Busy | ProblemCode::IdempotencyInFlight) {
            problem.retry_after_seconds.get_or_insert(RETRY_SECONDS);
        }
        ApiError { problem: Box::new(problem), source: None }
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> ApiError {
        Problem::fields(errors).into()
    }
}

impl From<DbError> for ApiError {
    fn from(error: DbError) -> ApiError {
        let code = if error.is_busy() { ProblemCode::Busy } else { ProblemCode::Internal };
        ApiError::because(code, error)
    }
}

impl From<anyhow::Error> for ApiError {
    fn from(error: anyhow::Error) -> ApiError {
        ApiError::internal(error)
    }
}
