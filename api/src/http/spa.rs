//! The portal's own files, from the bundle inside the binary: chosen by what the browser can unpack, named by an
//! ETag per encoding, and for ever when the name carries a hash.
//!
//! It compresses nothing: `pack-web` did, once. A page's address is answered with the page of its program, which
//! draws it; a file that is not there is a 404 and never the page, so that a missing chunk is seen for what it is.
use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use shared::pages::{Program, program};
use zip::{CompressionMethod, ZipArchive};

use super::guard::is_below;

/// A hashed name never changes its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Kept, but asked about each time: a new version shows at once.
const ASK_FIRST: &str = "no-cache";
/// What is answered by routes, and never by the app's page.
const NOT_PAGES: [&str; 6] = ["/api", "/openapi", "/health", "/metrics", "/brand", "/problems"];
const WITHOUT_PORTAL: &str = "Este servidor se construyó sin la aplicación web. Constrúyala con: make build\n\
    This server was built without its web app. Build it with: make build\n";

/// Every file of the web app. Its bytes stay where they are in the binary.
pub struct Assets {
    files: BTreeMap<String, File>,
    /// First pages that stand elsewhere.
    doors: BTreeMap<String, String>,
}

struct File {
    content_type: String,
    immutable: bool,
    plain: Variant,
    brotli: Option<Variant>,
    gzip: Option<Variant>,
}

/// One form of a file.
struct Variant {
    coding: Option<&'static str>,
    etag: String,
    bytes: &'static [u8],
}

/// What `pack-web` says of a file.
#[derive(Deserialize)]
struct Row {
    path: String,
    content_type: String,
    immutable: bool,
    sha256: String,
}

impl Assets {
    /// Reads the table of the bundle. Empty bytes are a build without the web app.
    pub fn from_bundle(bundle: &'static [u8]) -> anyhow::Result<Assets> {
        let mut files = BTreeMap::new();
        if !bundle.is_empty() {
            let entries = entries(bundle).context("reading the web app's bundle")?;
            let manifest = entries.get("manifest.json").context("the bundle has no manifest")?;
            let rows: Vec<Row> = serde_json::from_slice(manifest).context("reading the bundle's manifest")?;
            for row in rows {
                let path = row.path.clone();
                files.insert(path, File::new(row, &entries)?);
            }
            for page in Program::ALL.map(Program::page) {
                ensure!(
                    files.contains_key(page),
                    "this server was built around an older web app, without {page}: `make run` or `make build` makes both anew"
                );
            }
        }
        Ok(Assets { files, doors: BTreeMap::new() })
    }

    /// The same, with first pages that lead to another address of the app.
    #[must_use]
    pub fn with_doors(self, doors: BTreeMap<String, String>) -> Assets {
        Assets { doors, ..self }
    }

    /// The answer to a GET of this path; `None` when there is no such file or page.
    pub(super) fn answer(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let path = request.path();
        if let Some(file) = self.files.get(path.trim_start_matches('/')) {
            return Some(file.answer(request.headers()));
        }
        if !is_page(path) {
            return None;
        }
        let door = if path == "/" { path } else { path.trim_end_matches('/') };
        if let Some(page) = self.doors.get(door) {
            let mut answer = HttpResponse::TemporaryRedirect();
            answer.insert_header((header::LOCATION, page.as_str())).insert_header((header::CACHE_CONTROL, ASK_FIRST));
            return Some(answer.finish());
        }
        Some(match self.files.get(program(path).page()) {
            Some(page) => page.answer(request.headers()),
            None => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(WITHOUT_PORTAL),
        })
    }
}

impl File {
    fn new(row: Row, entries: &HashMap<String, &'static [u8]>) -> anyhow::Result<File> {
        let variant = |folder: &str, coding: Option<&'static str>| {
            let bytes = *entries.get(&format!("{folder}/{}", row.path))?;
            let hash = row.sha256.get(..16).unwrap_or(&row.sha256);
            let etag = coding.map_or_else(|| format!("\"{hash}\""), |coding| format!("\"{hash}-{coding}\""));
            Some(Variant { coding, etag, bytes })
        };
        Ok(File {
            plain: variant("f", None).with_context(|| format!("the bundle has no f/{}", row.path))?,
            brotli: variant("br", Some("br")),
            gzip: variant("gz", Some("gzip")),
            content_type: row.content_type,
            immutable: row.immutable,
        })
    }

    fn answer(&self, asked: &HeaderMap) -> HttpResponse {
        let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|line| line.to_str().ok()).unwrap_or("");
        let packed = [&self.brotli, &self.gzip].into_iter().flatten();
        let variant = packed.into_iter().find(|form| form.coding.is_some_and(|coding| accepts(accepted, coding)));
        let variant = variant.unwrap_or(&self.plain);

        let known =
            asked.get_all(header::IF_NONE_MATCH).any(|tags| matches(tags.to_str().unwrap_or(""), &variant.etag));
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer
            .insert_header((header::ETAG, variant.etag.as_str()))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CACHE_CONTROL, if self.immutable { FOR_EVER } else { ASK_FIRST }));
        if known {
            return answer.finish();
        }
        if let Some(coding) = variant.coding {
            answer.insert_header((header::CONTENT_ENCODING, coding));
        }
        answer.content_type(self.content_type.as_str()).body(Bytes::from_static(variant.bytes))
    }
}

/// The stored entries of the ZIP as slices of it.
fn entries(bundle: &'static [u8]) -> anyhow::Result<HashMap<String, &'static [u8]>> {
    let mut archive = ZipArchive::new(Cursor::new(bundle))?;
    let mut entries = HashMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        ensure!(entry.compression() == CompressionMethod::Stored, "{name} is not stored");
        let start = usize::try_from(entry.data_start().context("an entry has no place")?)?;
        let end = start.saturating_add(usize::try_from(entry.size())?);
        entries.insert(name, bundle.get(start..end).context("an entry ends after the bundle")?);
    }
    Ok(entries)
}

/// An address that the app draws: nothing of a route's, and no file name at its end.
fn is_page(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or("");
    !last.contains('.') && !NOT_PAGES.iter().any(|root| is_below(path, root))
}

/// Whether an Accept-Encoding admits this coding. A word for it counts before the word for all.
fn accepts(line: &str, coding: &str) -> bool {
    let admits = |name: &str| {
        line.split(',').find_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next()?.eq_ignore_ascii_case(name);
            let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            // `0`, `0.0`, `0.000` forbid; a quality nobody can read is none.
            let forbidden = quality.is_some_and(|quality| quality.bytes().all(|byte| matches!(byte, b'0' | b'.')));
            named.then_some(!forbidden)
        })
    };
    admits(coding).or_else(|| admits("*")).unwrap_or(false)
}

/// Whether an If-None-Match names this tag; comparing is weak there (RFC 9110, 13.1.2).
fn matches(line: &str, etag: &str) -> bool {
    line.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
#[path = "spa_tests.rs"]
mod tests;
