//! The door to what is a customer's own: an extractor is the only way to a [`CustomerId`] from a request, and it reads
//! the session's row every time (E6).
use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use fiscal::Rfc;
use futures::future::LocalBoxFuture;
use shared::ProblemCode;
use shared::accounts::Role;

use super::model::{Caller, CustomerId, Principal, Reach, SessionId, Subject, UserId, Whose};
use super::sessions;
use crate::App;
use crate::db::Timestamp;
use crate::http::{ApiError, ApiResult};
use crate::issuers::{IssuerId, Scope};

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
    /// When the person last proved who they are.
    pub proved_at: Timestamp,
    /// Staff who look at the customer's pages: this issuer's part of them, and nothing but looking.
    pub view: Option<IssuerId>,
    /// One of its people who sees this issuer's part alone.
    pub part: Option<IssuerId>,
}

/// Whoever may look at what is the customer's: its people, and staff with a look at its pages («ver como»). A route that
/// takes one keeps to [`Customer::only`] in its queries and writes nothing but who looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looking(pub Customer);

/// A signed-in person of a customer, of the staff or of a mailbox, whose session may at least set up the second step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolling(pub Principal);

/// A signed-in person of a customer, of the staff or of a mailbox, whatever the session's reach: for leaving and for
/// choosing a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn(pub Principal);

/// The same, whose session reaches everything: for what is their own, whatever they came for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person(pub Principal);

/// The owner of a mailbox's account. To everybody else, a customer's people and staff among them, 401 `signed_out`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailboxOwner(pub Principal);

/// Whoever has data of their own here: one of a customer's people, or the owner of a mailbox's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own(pub Subject);

impl Customer {
    /// The one issuer whose part of the customer's things may be seen; `None`: all of them.
    pub fn only(&self) -> Option<Scope> {
        self.view.or(self.part).map(Scope::of)
    }

    /// The same person, as services know them.
    pub fn caller(self) -> Caller {
        Caller {
            session_id: self.session_id,
            user_id: self.user_id,
            customer_id: self.customer_id,
            rfc: self.rfc,
            role: self.role,
            reach: Reach::Full,
            proved_at: self.proved_at,
            view: self.view,
            part: self.part,
        }
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<SignedIn>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(SignedIn(principal(&request).await?)) })
    }
}

impl FromRequest for Person {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Person>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let principal = principal(&request).await?;
            insist_on_reach(principal.reach)?;
            Ok(Person(principal))
        })
    }
}

impl FromRequest for MailboxOwner {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<MailboxOwner>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let principal = principal(&request).await?;
            if principal.whose != Whose::Mailbox {
                return Err(ApiError::new(ProblemCode::SignedOut));
            }
            insist_on_reach(principal.reach)?;
            Ok(MailboxOwner(principal))
        })
    }
}

impl FromRequest for Own {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Own>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match Customer::extract(&request).await {
                Err(error) if error.problem().code == ProblemCode::SignedOut => {
                    let owner = MailboxOwner::extract(&request).await?;
                    Ok(Own(Subject::Mailbox(owner.0)))
                }
                customer => Ok(Own(Subject::Customer(customer?.caller()))),
            }
        })
    }
}

impl FromRequest for Enrolling {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Enrolling>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let principal = principal(&request).await?;
            match principal.reach {
                Reach::Full | Reach::Enrol => Ok(Enrolling(principal)),
                Reach::ChangePassword => Err(ApiError::new(ProblemCode::MustChangePassword)),
            }
        })
    }
}

impl FromRequest for Looking {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Looking>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let customer = looking(&request).await?;
            if customer.view.is_some() && !request.method().is_safe() {
                return Err(ApiError::new(ProblemCode::ViewOnly));
            }
            Ok(Looking(customer))
        })
    }
}

impl FromRequest for Customer {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Customer>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let customer = looking(&request).await?;
            // Only routes that know of such looks take them: see [`Looking`].
            if customer.view.is_some() { Err(ApiError::new(ProblemCode::ViewOnly)) } else { Ok(customer) }
        })
    }
}

fn insist_on_reach(reach: Reach) -> ApiResult<()> {
    match reach {
        Reach::Full => Ok(()),
        Reach::ChangePassword => Err(ApiError::new(ProblemCode::MustChangePassword)),
        Reach::Enrol => Err(ApiError::new(ProblemCode::SecondFactorNeeded)),
    }
}

async fn looking(request: &HttpRequest) -> ApiResult<Customer> {
    let caller = caller(request).await?;
    insist_on_reach(caller.reach)?;
    Ok(Customer {
        user_id: caller.user_id,
        customer_id: caller.customer_id,
        rfc: caller.rfc,
        role: caller.role,
        session_id: caller.session_id,
        proved_at: caller.proved_at,
        view: caller.view,
        part: caller.part,
    })
}

async fn caller(request: &HttpRequest) -> ApiResult<Caller> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("the server has no app"))?;
    let token = bearer(request).ok_or_else(|| ApiError::new(ProblemCode::SignedOut))?;
    let caller = sessions::caller_of_token(app, token).await?;
    caller.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))
}

/// The person of a request's session: a customer's, staff, or a mailbox's. A look at a customer's pages is nobody's own.
pub(super) async fn principal(request: &HttpRequest) -> ApiResult<Principal> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("the server has no app"))?;
    let token = bearer(request).ok_or_else(|| ApiError::new(ProblemCode::SignedOut))?;
    let principal = sessions::principal_of_token(app, token).await?;
    let principal = principal.filter(|principal| !matches!(principal.whose, Whose::View(..)));
    principal.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))
}

/// The token of the one Authorization header; two of them are none.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let (scheme, token) = headers.next()?.to_str().ok()?.split_once(' ')?;
    (headers.next().is_none() && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}
