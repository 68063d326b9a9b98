//! The door to what is a customer's own: an extractor is the only way to a [`CustomerId`] from a request, and it reads
//! the session's row every time (E6).
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use fiscal::Rfc;
use futures::future::LocalBoxFuture;
use shared::ProblemCode;
use shared::accounts::Role;

use super::model::{Caller, CustomerId, Reach, SessionId, UserId};
use super::sessions;
use crate::App;
use crate::http::{ApiError, ApiResult};

/// A signed-in person who may see what is the customer's. 401 `signed_out` when there is none; 403
/// `must_change_password` when the session is good for nothing but choosing a password (A8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The person.
    pub user_id: UserId,
    /// The customer the session is for: the filter of every query about their things (B1).
    pub customer_id: CustomerId,
    /// Its RFC.
    pub rfc: Rfc,
    /// What the person may do for it.
    pub role: Role,
    /// The session.
    pub session_id: SessionId,
}

/// A signed-in person, whatever the session's reach: for leaving and for choosing a password only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn(pub Caller);

impl Customer {
    /// The same person, as services know them.
    pub fn caller(self) -> Caller {
        Caller {
            session_id: self.session_id,
            user_id: self.user_id,
            customer_id: self.customer_id,
            rfc: self.rfc,
            role: self.role,
            reach: Reach::Full,
        }
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<SignedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(SignedIn(caller(&request).await?)) })
    }
}

impl FromRequest for Customer {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Customer>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let caller = caller(&request).await?;
            match caller.reach {
                Reach::ChangePassword => Err(ApiError::new(ProblemCode::MustChangePassword)),
                Reach::Full => Ok(Customer {
                    user_id: caller.user_id,
                    customer_id: caller.customer_id,
                    rfc: caller.rfc,
                    role: caller.role,
                    session_id: caller.session_id,
                }),
            }
        })
    }
}

async fn caller(request: &HttpRequest) -> ApiResult<Caller> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("the server has no app"))?;
    let token = bearer(request).ok_or_else(|| ApiError::new(ProblemCode::SignedOut))?;
    let caller = sessions::caller_of_token(app, token).await?;
    caller.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))
}

/// The token of the one Authorization header; two of them are none.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (scheme, token) = headers.next()?.to_str().ok()?.split_once(' ')?;
    (headers.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}
