//! The door to the console: an extractor is the only way to a [`Scope`] from a staff request. The session's row and the
//! person's grants are read every time (E6); the issuer is the `{issuer}` of the address.
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::LocalBoxFuture;
use shared::ProblemCode;
use shared::staff::StaffRole;

use crate::App;
use crate::accounts::guard::principal;
use crate::accounts::model::{Reach, StaffCaller};
use crate::http::{ApiError, ApiResult};
use crate::issuers::{self, Issuer, Scope};

/// Name of the address's part that says the issuer.
const ISSUER_PART: &str = "issuer";

/// Staff with their second step set up. 401 `signed_out` when there is nobody, or a customer; 403
/// `second_factor_needed` while the session may only enrol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff(pub StaffCaller);

/// Staff of the issuer in the address, whatever their role: for the desk's work. 404 `not_found` when they are not of
/// that issuer, as when there is none such.
#[derive(Debug, Clone)]
pub struct StaffScope {
    /// Who.
    pub staff: StaffCaller,
    /// Where: the filter of every query.
    pub scope: Scope,
    /// The issuer itself.
    pub issuer: Issuer,
    /// What they may do there.
    pub role: StaffRole,
}

/// The same, operators alone: settings, certificates, keys, people. 403 `operator_needed` for others.
#[derive(Debug, Clone)]
pub struct OperatorScope(pub StaffScope);

/// The same, with a fresh proof of who they are (A13): 403 `proof_needed` when the last one is too old.
#[derive(Debug, Clone)]
pub struct ProvedOperator(pub StaffScope);

/// Operators of the whole installation. 403 `operator_needed` for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HouseOperator(pub StaffCaller);

/// The same, with a fresh proof (A13).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvedHouseOperator(pub StaffCaller);

/// Staff, their second step set up or not: for telling them who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyStaff(pub StaffCaller);

fn app_of(request: &HttpRequest) -> ApiResult<web::Data<App>> {
    request.app_data::<web::Data<App>>().cloned().ok_or_else(|| ApiError::internal("the server has no app"))
}

async fn any_staff(request: &HttpRequest) -> ApiResult<StaffCaller> {
    let app = app_of(request)?;
    let caller = super::caller_of(&app, principal(request).await?).await?;
    caller.ok_or_else(|| ApiError::new(ProblemCode::SignedOut))
}

async fn staff(request: &HttpRequest) -> ApiResult<StaffCaller> {
    let caller = any_staff(request).await?;
    match caller.principal.reach {
        Reach::Full => Ok(caller),
        Reach::Enrol => Err(ApiError::new(ProblemCode::SecondFactorNeeded)),
        Reach::ChangePassword => Err(ApiError::new(ProblemCode::MustChangePassword)),
    }
}

async fn staff_scope(request: &HttpRequest) -> ApiResult<StaffScope> {
    let staff = staff(request).await?;
    let slug = request.match_info().get(ISSUER_PART).ok_or_else(|| ApiError::internal("the address has no issuer"))?;
    let found = issuers::service::scope_of_slug(&*app_of(request)?, slug).await?;
    let none = || ApiError::new(ProblemCode::NotFound);
    let (scope, issuer) = found.ok_or_else(none)?;
    let role = staff.role_at(issuer.id).ok_or_else(none)?;
    Ok(StaffScope { staff, scope, issuer, role })
}

async fn operator_scope(request: &HttpRequest) -> ApiResult<StaffScope> {
    let found = staff_scope(request).await?;
    if found.role == StaffRole::Operator { Ok(found) } else { Err(ApiError::new(ProblemCode::OperatorNeeded)) }
}

async fn house_operator(request: &HttpRequest) -> ApiResult<StaffCaller> {
    let found = staff(request).await?;
    if found.runs_installation() { Ok(found) } else { Err(ApiError::new(ProblemCode::OperatorNeeded)) }
}

async fn proved_operator(request: &HttpRequest) -> ApiResult<StaffScope> {
    let found = operator_scope(request).await?;
    found.staff.principal.insist_on_proof(&*app_of(request)?)?;
    Ok(found)
}

async fn proved_house_operator(request: &HttpRequest) -> ApiResult<StaffCaller> {
    let found = house_operator(request).await?;
    found.principal.insist_on_proof(&*app_of(request)?)?;
    Ok(found)
}

macro_rules! extractor {
    ($name:ty, $find:ident, $wrap:expr) => {
        impl FromRequest for $name {
            type Error = ApiError;
            type Future = LocalBoxFuture<'static, ApiResult<$name>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move { $find(&request).await.map($wrap) })
            }
        }
    };
}

extractor!(AnyStaff, any_staff, AnyStaff);
extractor!(Staff, staff, Staff);
extractor!(StaffScope, staff_scope, |found| found);
extractor!(OperatorScope, operator_scope, OperatorScope);
extractor!(ProvedOperator, proved_operator, ProvedOperator);
extractor!(HouseOperator, house_operator, HouseOperator);
extractor!(ProvedHouseOperator, proved_house_operator, ProvedHouseOperator);
