//! The sandbox bank over HTTP.
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{self, Data, Form, Json, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use serde::Deserialize;

use super::account::{self, Kind};
use super::gateway::{self, SessionRequest};
use super::pages::{Account, Decide, Notice, Return, STYLE, SignIn, pesos};
use super::service::{self, Bank, Deed, OrderForm};

/// Days of one answer about rates.
const RATE_DAYS_MAX: usize = 400;

/// Below the sandbox's root.
pub fn configure(config: &mut ServiceConfig) {
    config.service(style).service(take_order).service(sign_in).service(take_decision);
    config.service(open_session).service(retrieve_order).service(checkout).service(rates);
    config.service(merchant_account).service(take_transfer).service(day_file);
}

/// The fields of a Multipagos form that this bank looks at; the others are let pass.
#[derive(Deserialize)]
struct Order {
    mp_order: String,
    mp_reference: String,
    mp_amount: String,
    #[serde(default)]
    mp_customername: String,
    mp_signature: String,
    mp_urlsuccess: String,
}

#[derive(Deserialize)]
struct Session {
    order: String,
}

#[derive(Deserialize)]
struct Decision {
    order: String,
    deed: String,
}

/// Today when it is not said.
#[derive(Deserialize)]
struct Day {
    dia: Option<jiff::civil::Date>,
}

#[derive(Deserialize)]
struct Transfer {
    importe: String,
    concepto: String,
}

/// A page that may send its form to itself and, on the way back, to the merchant.
fn page(status: StatusCode, template: &impl Template, form_target: &str) -> HttpResponse {
    let Ok(html) = template.render() else { return HttpResponse::InternalServerError().finish() };
    let policy = format!(
        "default-src 'none'; style-src 'self'; form-action 'self' {form_target}; base-uri 'none'; frame-ancestors 'none'"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header(("Cache-Control", "no-store"))
        .body(html)
}

fn refused() -> HttpResponse {
    let notice = Notice {
        heading: "Orden no reconocida",
        text: "La firma no corresponde a este comercio, o la orden no existe. No se hizo ningún cargo.",
    };
    page(StatusCode::BAD_REQUEST, &notice, "")
}

fn failed(error: &anyhow::Error) -> HttpResponse {
    tracing::error!(error = format!("{error:#}"), "the sandbox bank failed");
    HttpResponse::InternalServerError().finish()
}

/// Plays the Banco de México's SIE: a rate for each day of the week, none for its end.
#[get("/SieAPIRest/service/v1/series/{series}/datos/{from}/{to}")]
async fn rates(
    bank: Data<Bank>,
    request: HttpRequest,
    path: Path<(String, jiff::civil::Date, jiff::civil::Date)>,
) -> HttpResponse {
    if !service::is_token(&bank, request.headers().get("Bmx-Token").map(|token| token.as_bytes())) {
        return HttpResponse::Unauthorized().finish();
    }
    let (series, from, to) = path.into_inner();
    let days = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).take(RATE_DAYS_MAX);
    let data: Vec<serde_json::Value> = days
        .map(|day| {
            let holiday = matches!(day.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday);
            let rate = if holiday { "N/E".to_owned() } else { format!("18.{:04}", 4_000 + i32::from(day.day()) * 7) };
            serde_json::json!({ "fecha": day.strftime("%d/%m/%Y").to_string(), "dato": rate })
        })
        .collect();
    HttpResponse::Ok().json(serde_json::json!({ "bmx": { "series": [{ "idSerie": series, "datos": data }] } }))
}

/// The style sheet of all pages.
#[get("/clb/banco.css")]
async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)
}

/// The merchant's form arrives.
#[post("/clb/endpoint/{merchant}")]
async fn take_order(bank: Data<Bank>, form: Form<Order>) -> HttpResponse {
    let form = form.into_inner();
    let form = OrderForm {
        order: form.mp_order,
        reference: form.mp_reference,
        amount: form.mp_amount,
        payer: form.mp_customername,
        return_url: form.mp_urlsuccess,
        signature: form.mp_signature,
    };
    match service::take(&bank, &form).await {
        Ok(Some(row)) if row.decision.is_some() => told(&bank, &row),
        Ok(Some(row)) => page(StatusCode::OK, &SignIn { order: &row.merchant_order, amount: &pesos(&row.amount) }, ""),
        Ok(None) => refused(),
        Err(error) => failed(&error),
    }
}

/// Whoever signs in may decide; what is typed is not even read.
#[post("/clb/sesion")]
async fn sign_in(bank: Data<Bank>, form: Form<Session>) -> HttpResponse {
    match service::find(&bank, &form.order).await {
        Ok(Some(row)) if row.decision.is_some() => told(&bank, &row),
        Ok(Some(row)) => {
            let decide = Decide {
                order: &row.merchant_order,
                reference: &row.merchant_reference,
                amount: &pesos(&row.amount),
                payer: &row.payer,
                deeds: &service::deeds(&row),
            };
            page(StatusCode::OK, &decide, "")
        }
        Ok(None) => refused(),
        Err(error) => failed(&error),
    }
}

/// The customer decides.
#[post("/clb/decision")]
async fn take_decision(bank: Data<Bank>, form: Form<Decision>) -> HttpResponse {
    let Some(deed) = Deed::parse(&form.deed) else { return refused() };
    // A task of its own: a tab that is closed does not take a decision back.
    let order = form.into_inner().order;
    let deciding = Arc::clone(&bank);
    if deed == Deed::ApproveLate {
        return decide_late(deciding, order).await;
    }
    match tokio::spawn(async move { service::decide(&deciding, &order, deed).await }).await {
        Ok(Ok(Some(row))) => told(&bank, &row),
        Ok(Ok(None)) => refused(),
        Ok(Err(error)) => failed(&error),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

/// The customer sees what they would see who closed the tab.
async fn decide_late(bank: Arc<Bank>, order: String) -> HttpResponse {
    match service::find(&bank, &order).await {
        Ok(Some(row)) if row.decision.is_some() => told(&bank, &row),
        Ok(Some(_)) => {
            tokio::spawn(async move {
                if let Err(error) = service::decide_late(&bank, &order).await {
                    tracing::error!(error = format!("{error:#}"), "the sandbox bank failed");
                }
            });
            closed()
        }
        Ok(None) => refused(),
        Err(error) => failed(&error),
    }
}

fn closed() -> HttpResponse {
    let notice = Notice { heading: "Sesión cerrada", text: "El banco no responderá. Puede cerrar esta ventana." };
    page(StatusCode::OK, &notice, "")
}

/// The merchant's own account: its files of a day, and the transfers that came.
#[get("/clb/cuenta")]
async fn merchant_account(bank: Data<Bank>, query: Query<Day>) -> HttpResponse {
    let day = query.dia.unwrap_or_else(|| account::today(&bank));
    match account::transfers(&bank, day).await {
        Ok(transfers) => page(StatusCode::OK, &Account { day: &day.to_string(), transfers: &transfers }, ""),
        Err(error) => failed(&error),
    }
}

/// Somebody transfers money to the merchant's account.
#[post("/clb/transferencias")]
async fn take_transfer(bank: Data<Bank>, form: Form<Transfer>) -> HttpResponse {
    match account::transfer(&bank, &form.importe, &form.concepto).await {
        Ok(Some(_)) => HttpResponse::SeeOther().insert_header((LOCATION, "/clb/cuenta")).finish(),
        Ok(None) => {
            let notice = Notice {
                heading: "Transferencia no hecha",
                text: "Escriba un importe como 1,250.00 y un concepto de hasta 40 letras.",
            };
            page(StatusCode::BAD_REQUEST, &notice, "")
        }
        Err(error) => failed(&error),
    }
}

/// A file of a day, as the bank gives it.
#[get("/clb/archivos/{kind}")]
async fn day_file(bank: Data<Bank>, kind: Path<String>, query: Query<Day>) -> HttpResponse {
    let Some(kind) = Kind::parse(&kind) else { return HttpResponse::NotFound().finish() };
    let day = query.dia.unwrap_or_else(|| account::today(&bank));
    match account::file(&bank, kind, day).await {
        Ok(bytes) => HttpResponse::Ok()
            .content_type(kind.media())
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", kind.name(day))))
            .insert_header(("Cache-Control", "no-store"))
            .body(bytes),
        Err(error) => failed(&error),
    }
}

/// The gateway: a merchant's server opens a session.
#[post("/api/rest/version/{version}/merchant/{merchant}/session")]
async fn open_session(
    bank: Data<Bank>,
    request: HttpRequest,
    path: Path<(String, String)>,
    body: Json<SessionRequest>,
) -> HttpResponse {
    if !is_merchant(&bank, &path.1, &request) {
        return HttpResponse::Unauthorized().finish();
    }
    match gateway::open(&bank, &body).await {
        Ok(Some(session)) => HttpResponse::Created().json(session),
        Ok(None) => HttpResponse::BadRequest().finish(),
        Err(error) => failed(&error),
    }
}

/// The gateway: a merchant's server asks how an order stands.
#[get("/api/rest/version/{version}/merchant/{merchant}/order/{order}")]
async fn retrieve_order(bank: Data<Bank>, request: HttpRequest, path: Path<(String, String, String)>) -> HttpResponse {
    if !is_merchant(&bank, &path.1, &request) {
        return HttpResponse::Unauthorized().finish();
    }
    match gateway::retrieve(&bank, &path.2).await {
        Ok(Some(order)) => HttpResponse::Ok().json(order),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => failed(&error),
    }
}

fn is_merchant(bank: &Bank, merchant: &str, request: &HttpRequest) -> bool {
    let authorization = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    gateway::is_merchant(bank, merchant, authorization)
}

/// The gateway: the payer arrives with a session.
#[get("/checkout/pay/{session}")]
async fn checkout(bank: Data<Bank>, session: Path<String>) -> HttpResponse {
    match service::find(&bank, &session).await {
        Ok(Some(row)) if row.decision.is_some() => told(&bank, &row),
        Ok(Some(row)) => page(StatusCode::OK, &SignIn { order: &row.merchant_order, amount: &pesos(&row.amount) }, ""),
        Ok(None) => refused(),
        Err(error) => failed(&error),
    }
}

fn told(bank: &Bank, row: &super::service::Order) -> HttpResponse {
    let deed = row.decision.as_deref().and_then(Deed::parse);
    if deed == Some(Deed::Close) {
        return closed();
    }
    let heading = match deed {
        Some(Deed::Decline) => "Cargo rechazado",
        Some(Deed::InProcess) => "Cargo en proceso",
        _ => "Cargo aprobado",
    };
    let (method, fields) = match row.session {
        Some(_) => ("get", gateway::way_back(row)),
        None => ("post", service::answer(bank, row)),
    };
    // A form that is sent as an address brings its own query.
    let return_url = row.return_url.split('?').next().unwrap_or_default();
    let target = service::merchant_origin(return_url).unwrap_or_default();
    page(StatusCode::OK, &Return { heading, method, return_url, fields: &fields }, &target)
}

/// The state that the pages ask for.
pub fn state(bank: Bank) -> web::Data<Bank> {
    web::Data::new(bank)
}
