use std::io::Write as _;

use actix_web::body::to_bytes;
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn bundle(method: CompressionMethod) -> &'static [u8] {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    let manifest = json!([
        {"path": "index.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "a".repeat(64), "sizes": {}},
        {"path": "mine.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "8".repeat(64), "sizes": {}},
        {"path": "portal.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "d".repeat(64), "sizes": {}},
        {"path": "payments.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "9".repeat(64), "sizes": {}},
        {"path": "account.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "e".repeat(64), "sizes": {}},
        {"path": "console.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "f".repeat(64), "sizes": {}},
        {"path": "treasury.html", "content_type": "text/html; charset=utf-8", "immutable": false, "sha256": "0".repeat(64), "sizes": {}},
        {"path": "app-0123456789abcdef.js", "content_type": "text/javascript", "immutable": true, "sha256": "b".repeat(64), "sizes": {}},
        {"path": "f/logo.png", "content_type": "image/png", "immutable": false, "sha256": "c".repeat(64), "sizes": {}},
    ]);
    let entries = [
        ("manifest.json", manifest.to_string()),
        ("f/index.html", "page".into()),
        ("f/mine.html", "mine".into()),
        ("f/portal.html", "portal".into()),
        ("f/payments.html", "payments".into()),
        ("f/account.html", "account".into()),
        ("f/console.html", "console".into()),
        ("f/treasury.html", "treasury".into()),
        ("br/index.html", "page in br".into()),
        ("gz/index.html", "page in gz".into()),
        ("f/app-0123456789abcdef.js", "script".into()),
        ("gz/app-0123456789abcdef.js", "script in gz".into()),
        ("f/f/logo.png", "picture".into()),
    ];
    for (name, bytes) in entries {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes.as_bytes()).unwrap();
    }
    Vec::leak(zip.finish().unwrap().into_inner())
}

/// Status, body and headers of a GET.
async fn get(path: &str, asks: &[(&str, &str)]) -> Option<(u16, String, HashMap<String, String>)> {
    let assets = Assets::from_bundle(bundle(CompressionMethod::Stored)).unwrap();
    let mut request = TestRequest::get().uri(path);
    for ask in asks {
        request = request.insert_header(*ask);
    }
    let answer = assets.answer(&request.to_http_request())?;
    let status = answer.status().as_u16();
    let headers = answer.headers().iter();
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    let body = to_bytes(answer.into_body()).await.unwrap();
    Some((status, String::from_utf8(body.to_vec()).unwrap(), headers))
}

async fn body(path: &str, accepted: &str) -> String {
    get(path, &[("accept-encoding", accepted)]).await.unwrap().1
}

#[actix_web::test]
async fn the_smallest_form_the_browser_can_unpack_is_sent() {
    assert_eq!(body("/", "gzip, deflate, br").await, "page in br");
    assert_eq!(body("/", "gzip;q=1.0, br;q=0").await, "page in gz");
    assert_eq!(body("/", "*").await, "page in br");
    assert_eq!(body("/", "br;q=0, gzip;q=0.0, *").await, "page");
    assert_eq!(body("/", "identity").await, "page");
    assert_eq!(body("/", "").await, "page");
    assert_eq!(body("/app-0123456789abcdef.js", "br").await, "script");
    let (_, _, headers) = get("/", &[("accept-encoding", "br")]).await.unwrap();
    assert_eq!((headers["content-encoding"].as_str(), headers["vary"].as_str()), ("br", "Accept-Encoding"));
    let (_, _, headers) = get("/f/logo.png", &[]).await.unwrap();
    assert!(!headers.contains_key("content-encoding") && headers["content-type"] == "image/png");
}

#[actix_web::test]
async fn each_form_has_a_tag_and_a_known_one_is_not_sent_again() {
    let mut tags = Vec::new();
    for accepted in ["br", "gzip", "identity"] {
        let (status, _, headers) = get("/", &[("accept-encoding", accepted)]).await.unwrap();
        let tag = headers["etag"].clone();
        let asks = [("accept-encoding", accepted), ("if-none-match", tag.as_str())];
        let (again, nothing, headers) = get("/", &asks).await.unwrap();
        assert_eq!((status, again, nothing.as_str()), (200, 304, ""));
        assert_eq!(headers["etag"], tag);
        assert_eq!(headers["vary"], "Accept-Encoding");
        tags.push(tag);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
    // A tag of another form is another answer.
    let (status, _, _) = get("/", &[("accept-encoding", "br"), ("if-none-match", &tags[1])]).await.unwrap();
    assert_eq!(status, 200);
    for known in [format!("W/{}", tags[0]), format!("\"x\", {}", tags[0]), "*".to_owned()] {
        let (status, _, _) = get("/", &[("accept-encoding", "br"), ("if-none-match", &known)]).await.unwrap();
        assert_eq!(status, 304, "{known}");
    }
}

#[actix_web::test]
async fn only_a_hashed_name_is_kept_for_ever() {
    let (_, _, headers) = get("/app-0123456789abcdef.js", &[]).await.unwrap();
    assert_eq!(headers["cache-control"], FOR_EVER);
    for path in ["/", "/facturar/ticket", "/f/logo.png"] {
        let (_, _, headers) = get(path, &[]).await.unwrap();
        assert_eq!(headers["cache-control"], ASK_FIRST, "{path}");
    }
}

#[actix_web::test]
async fn pages_are_the_app_and_missing_files_are_not() {
    for path in ["/", "/e/otra", "/facturar/factura/0190", "/apis", "/healthy"] {
        assert_eq!(get(path, &[]).await.unwrap().1, "page", "{path}");
    }
    for path in
        ["/app-ffffffffffffffff.js", "/e/x.css", "/api/v1/x", "/openapi", "/brand/x", "/health/x", "/br/index.html"]
    {
        assert!(get(path, &[]).await.is_none(), "{path}");
    }
}

#[actix_web::test]
async fn a_build_without_the_app_says_how_to_make_it() {
    let assets = Assets::from_bundle(b"").unwrap();
    let answer = assets.answer(&TestRequest::get().uri("/").to_http_request()).unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let body = to_bytes(answer.into_body()).await.unwrap();
    assert!(String::from_utf8(body.to_vec()).unwrap().contains("make build"));
}

#[test]
fn a_strange_bundle_stops_the_start() {
    assert!(Assets::from_bundle(b"no zip").is_err());
    assert!(Assets::from_bundle(bundle(CompressionMethod::Deflated)).is_err());
}

#[actix_web::test]
async fn each_address_is_drawn_by_its_own_program() {
    for path in ["/", "/facturar/rfc", "/e/colibri", "/e/colibri/facturar/ticket", "/ensayo", "/otra"] {
        assert_eq!(body(path, "").await, "page", "{path}");
    }
    for path in ["/mis-facturas", "/e/colibri/mis-facturas"] {
        assert_eq!(body(path, "").await, "mine", "{path}");
    }
    for path in ["/entrar", "/inicio", "/consultas", "/e/colibri/consultas", "/documentos/0192"] {
        assert_eq!(body(path, "").await, "portal", "{path}");
    }
    for path in ["/saldos", "/e/colibri/saldos", "/pagos/0192", "/historial"] {
        assert_eq!(body(path, "").await, "payments", "{path}");
    }
    for path in ["/registro", "/cuenta", "/e/colibri/cuenta/seguridad", "/activar/0192"] {
        assert_eq!(body(path, "").await, "account", "{path}");
    }
    for path in ["/consola", "/consola/entrar", "/consola/e/colibri/personal"] {
        assert_eq!(body(path, "").await, "console", "{path}");
    }
    assert_eq!(body("/consola/e/colibri/pagos/archivos", "").await, "treasury");
}

#[actix_web::test]
async fn a_first_page_stands_where_its_profile_says() {
    let assets = Assets::from_bundle(bundle(CompressionMethod::Stored)).unwrap();
    let doors = [("/".to_owned(), "/entrar".to_owned()), ("/e/cobre".to_owned(), "/e/cobre/facturar".to_owned())];
    let assets = assets.with_doors(doors.into_iter().collect());
    let answer = |path: &str| assets.answer(&TestRequest::get().uri(path).to_http_request()).unwrap();
    for (from, to) in [("/", "/entrar"), ("/e/cobre", "/e/cobre/facturar"), ("/e/cobre/", "/e/cobre/facturar")] {
        let answer = answer(from);
        assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT, "{from}");
        assert_eq!(answer.headers().get("location").unwrap(), to);
    }
    assert_eq!(answer("/e/ocre").status(), StatusCode::OK);
    assert_eq!(answer("/entrar").status(), StatusCode::OK);
}
