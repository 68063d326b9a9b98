//! The door to the integrators' API: an extractor whose type names the scope, so that no route can forget it. The
//! key's row is read every time (E6); every use is logged with the key's id.
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use shared::ProblemCode;
use shared::integrators::ApiScope;

use super::keys;
use super::limits::{Allowance, Turn};
use super::model::{ApiKey, KeyId};
use crate::App;
use crate::audit::Actor;
use crate::http::{AnswerHeaders, ApiError, ApiResult, HashedJson, IdempotencyKey, Json, RequestId};
use crate::issuers::Scope;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A scope as a type.
pub trait Permission: 'static {
    /// The scope a key must have.
    const SCOPE: ApiScope;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name;
        impl Permission for $name {
            const SCOPE: ApiScope = ApiScope::$name;
        }
    )+};
}

permissions! {
    /// `tickets:write`
    TicketsWrite;
    /// `tickets:read`
    TicketsRead;
    /// `customers:write`
    CustomersWrite;
    /// `customers:read`
    CustomersRead;
    /// `documents:read`
    DocumentsRead;
    /// `documents:write`
    DocumentsWrite;
    /// `events:read`
    EventsRead;
    /// `webhooks:write`
    WebhooksWrite;
    /// `webhooks:read`
    WebhooksRead;
    /// `invoices:write`
    InvoicesWrite;
    /// `invoices:read`
    InvoicesRead;
    /// `receivables:write`
    ReceivablesWrite;
    /// `receivables:read`
    ReceivablesRead;
    /// `payments:write`
    PaymentsWrite;
    /// `payments:read`
    PaymentsRead;
    /// `rates:write`
    RatesWrite;
    /// `rates:read`
    RatesRead;
}

/// A request beyond the limit waits so long for its refusal: a program that asks on without a pause would otherwise be
/// refused thousands of times a second, and other keys would wait for the processor.
const REFUSED_AFTER: Duration = Duration::from_millis(100);

/// A revoked key ends within this time (I1): the body of a request may take longer.
const REVOKED_WITHIN: Duration = Duration::from_secs(1);

/// Who acts through a key, as services know them.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The key.
    pub key: KeyId,
    /// The issuer whose rows it opens.
    pub scope: Scope,
    /// For the audit log.
    pub request_id: String,
}

impl Caller {
    /// As the audit log names them.
    pub fn actor(&self) -> Actor {
        Actor::ApiKey(self.key.uuid())
    }

    /// What `arriving` brings, unless the key ended while it came.
    pub async fn receive<T>(&self, app: &App, arriving: impl Future<Output = ApiResult<T>>) -> ApiResult<T> {
        let began = Instant::now();
        let arrived = arriving.await?;
        let good =
            began.elapsed() < REVOKED_WITHIN || keys::is_good(&mut app.db.read().await?, self.key, app.now()).await?;
        if good { Ok(arrived) } else { Err(ApiError::new(ProblemCode::ApiKeyUnknown)) }
    }
}

/// A program with a good key that has the scope of `P`. 401 `api_key_unknown`, 429 `api_key_limit`, 403
/// `scope_missing`, in this order. Its request has a turn of the key's for as long as this lives.
#[derive(Debug)]
pub struct Integrator<P> {
    /// Who.
    pub caller: Caller,
    permission: PhantomData<P>,
    _turn: Turn,
}

impl<P> Integrator<P> {
    /// Who, without the key's turn: for what has a limit of its own and may run for minutes.
    pub fn give_way(self) -> Caller {
        self.caller
    }
}

/// The same with a JSON body, which is read only after the key was found good: extractors of one handler run side by
/// side, and a stranger would have its body parsed first.
#[derive(Debug)]
pub struct Sent<P, B> {
    /// Who.
    pub caller: Caller,
    /// What they sent.
    pub body: B,
    permission: PhantomData<P>,
    _turn: Turn,
}

/// The same for an act that is done once for each Idempotency-Key. It takes no turn: it may wait for others, a PAC among
/// them, and many may wait at a time.
#[derive(Debug)]
pub struct SentOnce<P, B> {
    /// Who.
    pub caller: Caller,
    /// What they sent.
    pub body: B,
    /// SHA-256 of the request.
    pub sha256: [u8; 32],
    /// What they call it.
    pub key: IdempotencyKey,
    permission: PhantomData<P>,
}

/// The same with its turn: an act of our own tables alone, which waits for nobody.
#[derive(Debug)]
pub struct SentWithKey<P, B> {
    /// Who.
    pub caller: Caller,
    /// What they sent.
    pub body: B,
    /// SHA-256 of the request.
    pub sha256: [u8; 32],
    /// What they call it.
    pub key: IdempotencyKey,
    permission: PhantomData<P>,
    _turn: Turn,
}

impl<P: Permission, B: DeserializeOwned + 'static> FromRequest for SentWithKey<P, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (caller, turn) = caller_in_turn::<P>(&request).await?;
            let key = IdempotencyKey::extract(&request).await?;
            let HashedJson { body, sha256 } = HashedJson::<B>::from_request(&request, &mut payload).await?;
            Ok(SentWithKey { caller, body, sha256, key, permission: PhantomData, _turn: turn })
        })
    }
}

impl<P: Permission, B: DeserializeOwned + 'static> FromRequest for SentOnce<P, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let caller = caller::<P>(&request).await?;
            let key = IdempotencyKey::extract(&request).await?;
            let arriving = HashedJson::<B>::from_request(&request, &mut payload);
            let HashedJson { body, sha256 } = caller.receive(app_of(&request)?, arriving).await?;
            Ok(SentOnce { caller, body, sha256, key, permission: PhantomData })
        })
    }
}

impl<P: Permission> FromRequest for Integrator<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (caller, turn) = caller_in_turn::<P>(&request).await?;
            Ok(Integrator { caller, permission: PhantomData, _turn: turn })
        })
    }
}

impl<P: Permission, B: DeserializeOwned + 'static> FromRequest for Sent<P, B> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, ApiResult<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (caller, turn) = caller_in_turn::<P>(&request).await?;
            let arriving = Json::<B>::from_request(&request, &mut payload);
            let Json(body) = caller.receive(app_of(&request)?, arriving).await?;
            Ok(Sent { caller, body, permission: PhantomData, _turn: turn })
        })
    }
}

async fn caller_in_turn<P: Permission>(request: &HttpRequest) -> ApiResult<(Caller, Turn)> {
    let caller = caller::<P>(request).await?;
    let app = app_of(request)?;
    let turn = app.api_limits.turn(caller.key, app.now()).await;
    Ok((caller, turn))
}

fn app_of(request: &HttpRequest) -> ApiResult<&App> {
    let app = request.app_data::<web::Data<App>>().ok_or_else(|| ApiError::internal("the server has no app"))?;
    Ok(app)
}

async fn caller<P: Permission>(request: &HttpRequest) -> ApiResult<Caller> {
    let request_id = RequestId::extract(request).await?.to_string();
    let app = app_of(request)?;
    let Some(key) = key_of(app, request).await? else {
        AnswerHeaders::add(request, WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return Err(ApiError::new(ProblemCode::ApiKeyUnknown));
    };
    tracing::info!(api_key.id = %key.id, "a key was used");
    let allowance = app.api_limits.take(key.id, app.now());
    tell(request, allowance);
    if let Some(seconds) = allowance.retry_after_seconds {
        tokio::time::sleep(REFUSED_AFTER).await;
        return Err(ApiError::new(ProblemCode::ApiKeyLimit).retry_after(seconds));
    }
    if !key.scopes.contains(&P::SCOPE) {
        return Err(ApiError::new(ProblemCode::ScopeMissing));
    }
    Ok(Caller { key: key.id, scope: key.scope, request_id })
}

/// The key of exactly one `Authorization: Bearer …`. It is looked for nowhere else: an address ends up in logs.
async fn key_of(app: &App, request: &HttpRequest) -> ApiResult<Option<ApiKey>> {
    let mut sent = request.headers().get_all(AUTHORIZATION);
    let only = sent.next().filter(|_| sent.next().is_none());
    let text = only.and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, text) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(text.trim())
    });
    match text {
        Some(text) => Ok(keys::recognise(app, text).await?),
        None => Ok(None),
    }
}

/// The limits, on every answer to a good key.
fn tell(request: &HttpRequest, allowance: Allowance) {
    let Allowance { per_minute, left, full_in_seconds, .. } = allowance;
    let told = [
        (RATE_LIMIT_POLICY, format!("\"default\";q={per_minute};w=60")),
        (RATE_LIMIT, format!("\"default\";r={left};t={full_in_seconds}")),
    ];
    for (name, value) in told {
        if let Ok(value) = HeaderValue::from_str(&value) {
            AnswerHeaders::add(request, name, value);
        }
    }
}
