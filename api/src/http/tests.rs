//! The edge as a client meets it, over routes made for it.
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use shared::{Lang, Problem, ProblemCode, problem_text};
use utoipa::OpenApi as _;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::openapi::{self, Api, Documents};
use super::server::{Parts, build};
use super::spa::Assets;
use super::{ApiError, ApiResult, IdempotencyKey, Json, Site, SourceAddress};
use crate::clock::{Ids, SystemClock, SystemRandomness};
use crate::config::Config;
use crate::db::DbError;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Echo {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Numbered {
    number: u32,
}

/// Says it again.
#[utoipa::path(tag = "test", request_body = Echo, responses((status = 200, body = Echo)), security(()))]
#[post("/echo")]
async fn echo(body: Json<Echo>) -> Json<Echo> {
    body
}

/// Reads its address.
#[utoipa::path(tag = "test", responses((status = 200, body = String)), security(()))]
#[get("/numbers/{number}")]
async fn number(path: web::Path<u32>, query: web::Query<Numbered>, source: SourceAddress) -> String {
    format!("{} {} {}", path, query.number, source.0)
}

/// Breaks.
#[utoipa::path(tag = "test", responses((status = 200, body = String)), security(()))]
#[get("/panics")]
async fn panics() -> String {
    panic!("on purpose");
}

/// Fails in the database.
#[utoipa::path(tag = "test", params(("kind" = String, Path,)), responses((status = 200, body = String)), security(()))]
#[get("/failures/{kind}")]
async fn fails(kind: web::Path<String>) -> ApiResult<String> {
    let cause = sqlx::Error::Protocol("SELECT secret FROM vault".into());
    Err(if *kind == "busy" { DbError::Busy(cause) } else { DbError::Internal(cause) }.into())
}

/// Needs a key.
#[utoipa::path(tag = "test", responses((status = 200, body = String)), security(()))]
#[post("/keyed")]
async fn keyed(key: IdempotencyKey) -> String {
    key.as_str().to_owned()
}

/// Chooses how long it is kept.
#[utoipa::path(tag = "test", responses((status = 200, body = String)), security(()))]
#[get("/cached.css")]
async fn cached() -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-cache")).body("")
}

fn v1(config: &mut ServiceConfig) {
    config.service(echo).service(number).service(panics).service(fails).service(keyed);
}

fn root(config: &mut ServiceConfig) {
    config.service(cached);
}

fn head() -> utoipa::openapi::OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(components(schemas(Problem)))]
    struct Head;
    Head::openapi()
}

const API: Api = Api { head, v1, root, integrators_head: head, integrators: |_| {} };

fn parts(public_url: &str) -> Parts {
    let config = Config { trusted_proxies: vec!["10.0.0.1".parse().unwrap()], ..Config::default() };
    let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness));
    let site = Site::new(public_url, "127.0.0.1:8080".parse().unwrap(), &config, ids).unwrap();
    Parts {
        site: web::Data::new(site),
        assets: web::Data::new(Assets::from_bundle(b"").unwrap()),
        documents: web::Data::new(Documents::of(API)),
        api: API,
        state: Arc::new(|_| {}),
    }
}

async fn answer_at(public_url: &str, request: TestRequest) -> HttpResponse {
    let app = init_service(build(&parts(public_url))).await;
    let request = request.peer_addr(([198, 51, 100, 9], 4000).into());
    match try_call_service(&app, request.to_request()).await {
        Ok(response) => ServiceResponse::into_parts(response).1,
        Err(error) => error.error_response(),
    }
}

async fn answer(request: TestRequest) -> HttpResponse {
    answer_at("http://localhost:8080", request).await
}

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path).insert_header((header::HOST, "localhost:8080"))
}

fn post(path: &str, body: &str) -> TestRequest {
    TestRequest::post()
        .uri(path)
        .insert_header((header::HOST, "localhost:8080"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CONTENT_LENGTH, body.len()))
        .insert_header(("x-requested-with", "ventanilla"))
        .set_payload(body.to_owned())
}

fn said<'a>(response: &'a HttpResponse, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The problem, after checking what all problems have in common.
async fn problem(response: HttpResponse) -> Problem {
    assert_eq!(said(&response, "content-type"), "application/problem+json");
    let (status, id) = (response.status(), said(&response, "x-request-id").to_owned());
    let problem: Problem = serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
    assert_eq!(problem.status, status.as_u16());
    assert_eq!(problem.request_id.as_deref(), Some(id.as_str()));
    problem
}

async fn code(request: TestRequest) -> ProblemCode {
    problem(answer(request).await).await.code
}

#[actix_web::test]
async fn s1_every_answer_carries_the_security_headers_and_its_number() {
    for path in ["/", "/api/v1/numbers/1?number=2", "/api/v1/nothing", "/api/v1/panics", "/health/live"] {
        let response = answer(get(path)).await;
        let csp = said(&response, "content-security-policy");
        assert!(csp.contains("script-src 'self' 'wasm-unsafe-eval'; style-src 'self';"), "{path}: {csp}");
        assert!(csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe-inline"), "{path}: {csp}");
        assert_eq!(said(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(said(&response, "referrer-policy"), "same-origin", "{path}");
        assert_eq!(said(&response, "cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(said(&response, "cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!said(&response, "permissions-policy").is_empty(), "{path}");
        assert_eq!(said(&response, "cache-control"), "no-store", "{path}");
        assert_eq!(said(&response, "strict-transport-security"), "", "{path}");
        assert_eq!(said(&response, "x-request-id").parse::<uuid::Uuid>().unwrap().get_version_num(), 7, "{path}");
    }
    assert_eq!(said(&answer(get("/cached.css")).await, "cache-control"), "no-cache");
}

#[actix_web::test]
async fn s1_strict_transport_is_said_only_over_tls() {
    let request = TestRequest::get().uri("/").insert_header((header::HOST, "facturas.example"));
    let response = answer_at("https://facturas.example", request).await;
    assert_eq!(said(&response, "strict-transport-security"), "max-age=31536000");
}

#[actix_web::test]
async fn the_documentation_page_has_a_policy_of_its_own() {
    let response = answer(get("/api/docs/")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(said(&response, "content-security-policy").contains("style-src 'self' 'unsafe-inline'"));
    assert_eq!(said(&answer(get("/api/docs")).await, "location"), "/api/docs/");
    assert!(!said(&answer(get("/api/docsx")).await, "content-security-policy").contains("unsafe-inline"));
    let start = answer(get("/api/docs/swagger-initializer.js")).await;
    let start = String::from_utf8(to_bytes(start.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(start.contains("/openapi/portal.json") && start.contains("\"none\""), "{start}");
    for name in ["sign.mjs", "sign.pl", "sign.py", "vectors.json"] {
        let example = answer(get(&format!("/api/docs/examples/{name}"))).await;
        assert_eq!(said(&example, "content-type"), "text/plain; charset=utf-8", "{name}");
    }
    assert_eq!(code(get("/api/docs/examples/sign.rb")).await, ProblemCode::NotFound);
}

#[actix_web::test]
async fn m1_only_our_own_names_are_answered() {
    let asks = |host: &str| TestRequest::get().uri("/api/v1/numbers/1?number=2").insert_header((header::HOST, host));
    let at = "https://Facturas.example";
    for host in ["facturas.example", "FACTURAS.example", "facturas.example:443", "localhost:8080", "127.0.0.1:8080"] {
        assert_eq!(answer_at(at, asks(host)).await.status(), StatusCode::OK, "{host}");
    }
    for host in
        ["evil.example", "facturas.example.evil.example", "facturas.example:8080", "localhost", "a@localhost:8080"]
    {
        let refused = problem(answer_at(at, asks(host)).await).await;
        assert_eq!((refused.code, refused.status), (ProblemCode::WrongHost, 421), "{host}");
    }
    assert_eq!(code(TestRequest::get().uri("/")).await, ProblemCode::WrongHost);
    let two = get("/").append_header((header::HOST, "localhost:8080"));
    assert_eq!(code(two).await, ProblemCode::WrongHost);
    assert_eq!(code(get("http://evil.example/")).await, ProblemCode::WrongHost);
    let probe = TestRequest::get().uri("/health/live").insert_header((header::HOST, "10.1.2.3"));
    assert_eq!(answer(probe).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn s3_another_sites_page_cannot_act() {
    let bare = || {
        TestRequest::post()
            .uri("/api/v1/echo")
            .insert_header((header::HOST, "localhost:8080"))
            .insert_header((header::CONTENT_TYPE, "application/json"))
            .set_payload(r#"{"text":"a"}"#)
    };
    assert_eq!(code(bare()).await, ProblemCode::CrossSite);
    for origin in ["https://evil.example", "null", "http://localhost:9090", "https://localhost:8080"] {
        let request = bare().insert_header((header::ORIGIN, origin)).insert_header(("x-requested-with", "ventanilla"));
        assert_eq!(code(request).await, ProblemCode::CrossSite, "{origin}");
    }
    let sent = bare().insert_header(("x-requested-with", "ventanilla")).insert_header(("sec-fetch-site", "cross-site"));
    assert_eq!(code(sent).await, ProblemCode::CrossSite);
    let ours = [("origin", "http://localhost:8080"), ("x-requested-with", "ventanilla")];
    for header in ours {
        assert_eq!(answer(bare().insert_header(header)).await.status(), StatusCode::OK, "{header:?}");
    }
}

#[actix_web::test]
async fn s3_an_escaped_address_is_guarded_like_the_one_it_leads_to() {
    for path in ["/api/%76%31/echo", "/%61pi/v1/ech%6f"] {
        assert_eq!(answer(post(path, r#"{"text":"a"}"#)).await.status(), StatusCode::OK, "{path} is a route");
        let foreign = TestRequest::post().uri(path).insert_header((header::HOST, "localhost:8080"));
        assert_eq!(code(foreign.set_payload("text=a")).await, ProblemCode::CrossSite, "{path}");
        let form = post(path, "text=a").insert_header((header::CONTENT_TYPE, "text/plain"));
        assert_eq!(code(form).await, ProblemCode::UnsupportedMediaType, "{path}");
    }
}

#[actix_web::test]
async fn s4_no_answer_invites_another_origin() {
    let response =
        answer(get("/api/v1/numbers/1?number=2").insert_header((header::ORIGIN, "https://evil.example"))).await;
    assert!(response.headers().keys().all(|name| !name.as_str().starts_with("access-control-")));
}

#[actix_web::test]
async fn a_body_is_json_of_its_shape_or_a_problem() {
    let sent = |body: &str| post("/api/v1/echo", body);
    assert_eq!(answer(sent(r#"{"text":"a"}"#)).await.status(), StatusCode::OK);
    assert_eq!(code(sent("{")).await, ProblemCode::MalformedBody);
    let wrong = problem(answer(sent(r#"{"text":"a","role":"staff"}"#)).await).await;
    assert_eq!((wrong.code, wrong.errors[0].pointer.as_str()), (ProblemCode::InvalidFields, "/role"));
    let large = format!(r#"{{"text":"{}"}}"#, "a".repeat(super::body::JSON_MAX));
    assert_eq!(code(sent(&large)).await, ProblemCode::BodyTooLarge);
    // Without a length, what arrives is counted.
    let unannounced = TestRequest::post()
        .uri("/api/v1/echo")
        .insert_header((header::HOST, "localhost:8080"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header(("x-requested-with", "ventanilla"))
        .set_payload(large);
    assert_eq!(code(unannounced).await, ProblemCode::BodyTooLarge);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
        let request = sent(r#"{"text":"a"}"#).insert_header((header::CONTENT_TYPE, kind));
        assert_eq!(code(request).await, ProblemCode::UnsupportedMediaType, "{kind}");
    }
    let packed = sent(r#"{"text":"a"}"#).insert_header((header::CONTENT_ENCODING, "gzip"));
    assert_eq!(code(packed).await, ProblemCode::UnsupportedMediaType);
    let utf8 = sent(r#"{"text":"a"}"#).insert_header((header::CONTENT_TYPE, "application/json; charset=utf-8"));
    assert_eq!(answer(utf8).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn a_strange_address_is_a_problem() {
    for path in [
        "/api/v1/numbers/x?number=1",
        "/api/v1/numbers/1",
        "/api/v1/numbers/1?number=1&more=1",
        "/api/v1/numbers/1?number=1&number=2",
        "/api/v1/numbers/1?number=%00",
        &format!("/{}", "a".repeat(9_000)),
    ] {
        assert_eq!(code(get(path)).await, ProblemCode::MalformedAddress, "{path}");
    }
    let stuffed = get("/").insert_header(("x-a", "a".repeat(40_000)));
    assert_eq!(code(stuffed).await, ProblemCode::MalformedAddress);
    for path in ["/api", "/api/v1/nothing", "/api/v2", "/openapi/other.json", "/brand/x", "/health", "/app-0123.js"] {
        assert_eq!(code(get(path)).await, ProblemCode::NotFound, "{path}");
    }
    assert_eq!(code(post("/nowhere", "{}")).await, ProblemCode::NotFound);
}

#[actix_web::test]
async fn an_unknown_verb_hears_the_known_ones() {
    let unknown = |path: &str| TestRequest::delete().uri(path).insert_header((header::HOST, "localhost:8080"));
    for (path, verbs) in [("/api/v1/numbers/1", "GET, HEAD"), ("/api/v1/echo", "POST"), ("/health/live", "GET, HEAD")] {
        let response = answer(unknown(path).insert_header(("x-requested-with", "ventanilla"))).await;
        assert_eq!(said(&response, "allow"), verbs, "{path}");
        assert_eq!(problem(response).await.code, ProblemCode::MethodNotAllowed, "{path}");
    }
    let head = TestRequest::default().method(actix_web::http::Method::HEAD).uri("/api/v1/numbers/1?number=2");
    assert_eq!(answer(head.insert_header((header::HOST, "localhost:8080"))).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn o1_a_panic_costs_its_own_request_only() {
    let app = init_service(build(&parts("http://localhost:8080"))).await;
    let broken = try_call_service(&app, get("/api/v1/panics").to_request()).await;
    let response = broken.map_or_else(|error| error.error_response(), |response| response.into_parts().1);
    assert_eq!(problem(response).await.code, ProblemCode::Internal);
    let next = try_call_service(&app, get("/health/live").to_request()).await.unwrap();
    assert_eq!(next.status(), StatusCode::OK);
}

#[actix_web::test]
async fn o1_nothing_of_the_database_is_told() {
    let busy = answer(get("/api/v1/failures/busy")).await;
    assert_eq!(said(&busy, "retry-after"), "2");
    let busy = problem(busy).await;
    assert_eq!((busy.code, busy.status, busy.retry_after_seconds), (ProblemCode::Busy, 503, Some(2)));
    let failed = answer(get("/api/v1/failures/other")).await;
    assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = String::from_utf8(to_bytes(failed.into_body()).await.unwrap().to_vec()).unwrap();
    assert!(body.contains("\"internal\"") && !body.contains("SELECT"), "{body}");
}

#[actix_web::test]
async fn the_causes_of_an_error_are_one_line() {
    let error = ApiError::from(DbError::Internal(sqlx::Error::Protocol("no such thing".into())));
    let causes = error.causes().unwrap();
    assert!(causes.starts_with("a statement failed: ") && causes.contains("no such thing"), "{causes}");
    assert_eq!(ApiError::new(ProblemCode::NotFound).causes(), None);
}

#[actix_web::test]
async fn an_act_needs_one_key() {
    let sent = |key: &str| post("/api/v1/keyed", "{}").insert_header(("idempotency-key", key));
    for key in ["8e03978e", "\"8e03978e\""] {
        let body = to_bytes(answer(sent(key)).await.into_body()).await.unwrap();
        assert_eq!(body, "8e03978e");
    }
    assert_eq!(code(post("/api/v1/keyed", "{}")).await, ProblemCode::IdempotencyKeyMissing);
    assert_eq!(code(sent("")).await, ProblemCode::IdempotencyKeyMissing);
    assert_eq!(code(sent("a").append_header(("idempotency-key", "b"))).await, ProblemCode::IdempotencyKeyMissing);
}

#[actix_web::test]
async fn a4_only_a_proxy_of_ours_says_where_a_request_comes_from() {
    let app = init_service(build(&parts("http://localhost:8080"))).await;
    for (peer, seen) in [("198.51.100.9:4000", "198.51.100.9"), ("10.0.0.1:4000", "203.0.113.7")] {
        let request = get("/api/v1/numbers/1?number=2")
            .peer_addr(peer.parse().unwrap())
            .insert_header(("x-forwarded-for", "1.1.1.1, 203.0.113.7"))
            .insert_header(("forwarded", "for=2.2.2.2"))
            .insert_header(("x-real-ip", "3.3.3.3"))
            .insert_header(("cf-connecting-ip", "4.4.4.4"))
            .insert_header(("true-client-ip", "5.5.5.5"));
        let response = try_call_service(&app, request.to_request()).await.unwrap();
        assert_eq!(to_bytes(response.into_body()).await.unwrap(), format!("1 2 {seen}"));
    }
}

#[actix_web::test]
async fn o5_a_call_of_an_api_that_came_in_without_tls_is_refused_and_not_redirected() {
    let figures = |config: &mut web::ServiceConfig| {
        config.route("/metrics", web::get().to(|| async { HttpResponse::Ok().finish() }));
    };
    let answered = async |site: &str, peer: &str, proto: &[&str], path: &str| {
        let app = init_service(build(&Parts { state: Arc::new(figures), ..parts(site) })).await;
        let asked = get(path).peer_addr(peer.parse().unwrap());
        let asked = proto.iter().fold(asked, |asked, said| asked.append_header(("x-forwarded-proto", *said)));
        match try_call_service(&app, asked.to_request()).await {
            Ok(response) => ServiceResponse::into_parts(response).1,
            Err(error) => error.error_response(),
        }
    };
    let (tls, proxy, stranger) = ("https://facturas.example", "10.0.0.1:4000", "198.51.100.9:4000");
    let path = "/api/v1/numbers/1?number=2";
    // The cause is true of it as well, in both languages.
    for lang in [Lang::Es, Lang::En] {
        let words = problem_text::problem(ProblemCode::WrongHost, lang);
        assert!(words.cause.contains("https"), "{words:?}");
    }
    let plain: [&[&str]; 4] = [&["http"], &["HTTP"], &["https, http"], &["https", "http"]];
    for said in plain {
        let refused = answered(tls, proxy, said, path).await;
        assert!(refused.headers().get("location").is_none(), "{said:?}");
        assert_eq!(problem(refused).await.code, ProblemCode::WrongHost, "{said:?}");
    }
    // Figures are asked for with a token, which the line has seen; `%6d` is an `m` to routes.
    for path in ["/metrics", "/%6detrics"] {
        assert_eq!(problem(answered(tls, proxy, &["http"], path).await).await.code, ProblemCode::WrongHost, "{path}");
    }
    let taken: [(&str, &str, &[&str], &str); 7] = [
        (tls, proxy, &["https"], path),
        (tls, proxy, &["https"], "/metrics"),
        (tls, proxy, &["http, https"], path),
        (tls, proxy, &[], path),
        // Nobody else is believed, a machine asks for health by its address, and without TLS there is none to ask for.
        (tls, stranger, &["http"], path),
        (tls, proxy, &["http"], "/health/live"),
        ("http://localhost:8080", proxy, &["http"], path),
    ];
    for (site, peer, said, path) in taken {
        assert_eq!(answered(site, peer, said, path).await.status(), StatusCode::OK, "{site} {peer} {said:?} {path}");
    }
}

#[actix_web::test]
async fn s3_cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let over_tls = parts("https://facturas.example").site.cookie("guest", "v", 60).to_string();
    assert_eq!(over_tls, "__Host-guest=v; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=60");
    let here = parts("http://localhost:8080").site;
    assert_eq!(here.cookie("guest", "v", 60).to_string(), "guest=v; HttpOnly; SameSite=Strict; Path=/; Max-Age=60");
    let request = TestRequest::default().cookie(here.cookie("guest", "v", 60)).to_http_request();
    assert_eq!(here.read_cookie(&request, "guest").as_deref(), Some("v"));
}

#[actix_web::test]
async fn the_document_says_what_each_operation_can_answer() {
    let served = to_bytes(answer(get("/openapi/portal.json")).await.into_body()).await.unwrap();
    assert_eq!(served, openapi::portal_json(API).unwrap());
    let document: serde_json::Value = serde_json::from_slice(&served).unwrap();
    let operation = &document["paths"]["/api/v1/echo"]["post"];
    let codes: Vec<&str> = operation["x-problem-codes"].as_array().unwrap().iter().filter_map(|c| c.as_str()).collect();
    for code in ["invalid_fields", "malformed_body", "body_too_large", "cross_site", "wrong_host", "busy", "internal"] {
        assert!(codes.contains(&code), "{code} is not among {codes:?}");
    }
    let answers = operation["responses"].as_object().unwrap();
    assert!(answers.values().all(|answer| answer["description"].is_string()), "{answers:?}");
    let reference = &operation["responses"]["413"]["content"]["application/problem+json"]["schema"]["$ref"];
    assert_eq!(reference, "#/components/schemas/Problem");
    assert!(document["paths"]["/health/ready"]["get"]["responses"]["503"].is_object());
}

#[test]
fn an_operation_that_names_an_unknown_code_is_no_document() {
    /// Does nothing.
    #[utoipa::path(tag = "test", responses((status = 200)), security(()), extensions(("x-problem-codes" = json!(["no"]))))]
    #[get("/nothing")]
    async fn nothing() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    #[utoipa::path(tag = "test", responses((status = 200)))]
    #[get("/nothing")]
    async fn unsaid() -> HttpResponse {
        HttpResponse::Ok().finish()
    }
    let unknown = Api { v1: |config| _ = config.service(nothing), ..API };
    assert!(format!("{:#}", openapi::portal(unknown).err().unwrap()).contains("there is no code"));
    let silent = Api { v1: |config| _ = config.service(unsaid), ..API };
    assert!(openapi::portal(silent).is_err());
}

#[test]
fn a_document_that_differs_is_found() {
    let folder = tempfile::tempdir().unwrap();
    assert!(openapi::write(API, folder.path(), true).is_err());
    openapi::write(API, folder.path(), false).unwrap();
    openapi::write(API, folder.path(), true).unwrap();
    let other = Api { root: |_| {}, ..API };
    assert!(openapi::write(other, folder.path(), true).unwrap_err().to_string().contains("differs"));
}
