//! A store that speaks as much of S3 as ours asks for, with one bucket and one key. It lets nobody in without a
//! signature of that key, and takes no body but the one that was signed.
use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use api::config;
use sha2::{Digest, Sha256};

const NAME: &str = "papeles";
const KEY: &str = "AKIAENSAYO";
/// Of a body; a piece has 8 MB.
const BODY_MAX: usize = 32 * 1024 * 1024;
/// Keys of what is made in the background.
const DOWNLOADS: &str = "bundles/";
/// How often what is held looks whether it may go.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Bytes>,
    /// By upload: its pieces by number.
    uploads: HashMap<String, BTreeMap<u32, Bytes>>,
    begun: usize,
    /// It answers nobody, as when it is down for a while.
    away: bool,
    /// Keys of what was made, in its order, whatever became of it.
    made: Vec<String>,
    /// Whether the next download is held on its way, how many were, and whether they may go on.
    holds_next: bool,
    held: usize,
    let_go: bool,
}

/// The store; its thread ends with the test's process.
pub struct Bucket {
    endpoint: String,
    kept: Arc<Mutex<Kept>>,
}

impl Bucket {
    pub fn open() -> Bucket {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let kept = Arc::new(Mutex::new(Kept::default()));
        let data = Data::from(kept.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let app = move || {
                    let limit = web::PayloadConfig::new(BODY_MAX);
                    App::new().app_data(limit).app_data(data.clone()).default_service(web::to(answer))
                };
                HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run().await
            })
        });
        Bucket { endpoint, kept }
    }

    /// The settings that lead here.
    pub fn settings(&self) -> config::Files {
        config::Files {
            bucket: NAME.into(),
            endpoint: self.endpoint.clone(),
            access_key_id: KEY.into(),
            secret_access_key: "geheim".into(),
            ..config::Files::default()
        }
    }

    /// Names of what is kept.
    pub fn keys(&self) -> Vec<String> {
        self.kept.lock().unwrap().objects.keys().cloned().collect()
    }

    /// Puts something in the place of an object behind everybody's back.
    pub fn replace(&self, key: &str, bytes: &'static [u8]) {
        assert!(self.kept.lock().unwrap().objects.insert(key.to_owned(), Bytes::from_static(bytes)).is_some(), "{key}");
    }

    pub fn lose(&self, key: &str) {
        assert!(self.kept.lock().unwrap().objects.remove(key).is_some(), "{key}");
    }

    /// Whether it answers.
    pub fn answers(&self, answers: bool) {
        self.kept.lock().unwrap().away = !answers;
    }

    /// Holds the next download that comes, and no other, before it is made.
    pub fn holds_next(&self) {
        self.kept.lock().unwrap().holds_next = true;
    }

    /// Downloads that were held.
    pub fn held(&self) -> usize {
        self.kept.lock().unwrap().held
    }

    /// Makes what was held.
    pub fn lets_go(&self) {
        self.kept.lock().unwrap().let_go = true;
    }

    /// Downloads that were made, whether they are still there or not.
    pub fn made(&self) -> Vec<String> {
        self.kept.lock().unwrap().made.iter().filter(|key| key.starts_with(DOWNLOADS)).cloned().collect()
    }

    /// Downloads that are there.
    pub fn downloads(&self) -> Vec<String> {
        self.keys().into_iter().filter(|key| key.starts_with(DOWNLOADS)).collect()
    }

    /// Uploads that were begun, and those that are neither whole nor given up.
    pub fn uploads(&self) -> (usize, usize) {
        let kept = self.kept.lock().unwrap();
        (kept.begun, kept.uploads.len())
    }
}

fn fault(status: StatusCode, code: &str) -> HttpResponse {
    HttpResponse::build(status).content_type("application/xml").body(format!("<Error><Code>{code}</Code></Error>"))
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// As every store does: of the content.
fn tag(bytes: &[u8]) -> (header::HeaderName, String) {
    (header::ETAG, format!("\"{}\"", &digest(bytes)[..32]))
}

fn text<'a>(request: &'a HttpRequest, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn answer(request: HttpRequest, body: Bytes, kept: Data<Mutex<Kept>>) -> HttpResponse {
    let signed = text(&request, "authorization");
    let begins = format!("AWS4-HMAC-SHA256 Credential={KEY}/");
    if !signed.starts_with(&begins) || !signed.contains("Signature=") || text(&request, "x-amz-date").is_empty() {
        return fault(StatusCode::FORBIDDEN, "InvalidAccessKeyId");
    }
    if text(&request, "x-amz-content-sha256") != digest(&body) {
        return fault(StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch");
    }
    let Some(key) = request.path().strip_prefix(&format!("/{NAME}/")) else {
        return fault(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let query = web::Query::<HashMap<String, String>>::from_query(request.query_string()).unwrap().into_inner();
    let makes = match *request.method() {
        Method::PUT => !query.contains_key("uploadId"),
        Method::POST => query.contains_key("uploadId"),
        _ => false,
    };
    if makes && key.starts_with(DOWNLOADS) {
        wait(&kept).await;
    }
    let mut kept = kept.lock().unwrap();
    if kept.away {
        return fault(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    }
    if makes {
        kept.made.push(key.to_owned());
    }
    if query.contains_key("uploads") || query.contains_key("uploadId") {
        return upload(&mut kept, request.method(), key, &query, body);
    }
    match *request.method() {
        Method::PUT => {
            let tag = tag(&body);
            kept.objects.insert(key.to_owned(), body);
            HttpResponse::Ok().insert_header(tag).finish()
        }
        Method::DELETE => {
            kept.objects.remove(key);
            HttpResponse::NoContent().finish()
        }
        Method::GET | Method::HEAD => match kept.objects.get(key) {
            Some(bytes) => object(&request, bytes.clone()),
            None => fault(StatusCode::NOT_FOUND, "NoSuchKey"),
        },
        _ => fault(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    }
}

/// A download that is held is made when it is let go.
async fn wait(kept: &Mutex<Kept>) {
    if !std::mem::replace(&mut kept.lock().unwrap().holds_next, false) {
        return;
    }
    kept.lock().unwrap().held += 1;
    while !kept.lock().unwrap().let_go {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

fn object(request: &HttpRequest, bytes: Bytes) -> HttpResponse {
    let tag = tag(&bytes);
    let wanted = text(request, "if-match");
    if !wanted.is_empty() && wanted != tag.1 {
        return fault(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    let Some((from, to)) = text(request, "range").strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return HttpResponse::Ok().insert_header(tag).body(bytes);
    };
    let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
    let range = format!("bytes {from}-{to}/{}", bytes.len());
    let mut answer = HttpResponse::PartialContent();
    answer.insert_header(tag).insert_header((header::CONTENT_RANGE, range)).body(bytes.slice(from..=to))
}

/// A long file in pieces: begun, sent, made whole or given up.
fn upload(kept: &mut Kept, method: &Method, key: &str, query: &HashMap<String, String>, body: Bytes) -> HttpResponse {
    let Some(id) = query.get("uploadId") else {
        kept.begun += 1;
        let id = format!("u{}", kept.begun);
        let told = format!("<R><UploadId>{id}</UploadId></R>");
        kept.uploads.insert(id, BTreeMap::new());
        return HttpResponse::Ok().body(told);
    };
    if *method == Method::PUT {
        let Some(pieces) = kept.uploads.get_mut(id) else { return fault(StatusCode::NOT_FOUND, "NoSuchUpload") };
        let tag = tag(&body);
        pieces.insert(query["partNumber"].parse().unwrap(), body);
        return HttpResponse::Ok().insert_header(tag).finish();
    }
    let Some(pieces) = kept.uploads.remove(id) else { return fault(StatusCode::NOT_FOUND, "NoSuchUpload") };
    if *method == Method::DELETE {
        return HttpResponse::NoContent().finish();
    }
    let whole: Vec<u8> = pieces.into_values().flatten().collect();
    let (_, tag) = tag(&whole);
    kept.objects.insert(key.to_owned(), whole.into());
    HttpResponse::Ok().body(format!("<R><ETag>{}</ETag></R>", tag.replace('"', "&quot;")))
}
