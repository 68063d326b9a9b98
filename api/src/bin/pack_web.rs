//! Packs what Trunk built, all programs, into the one file that `ventanilla` embeds: every file as it is and, where that
//! is smaller, compressed once with brotli and gzip, beside a `manifest.json`. The same input gives the same bytes.
//!
//! Trunk starts an app from a script inside the page. The portal's Content-Security-Policy allows no inline code, so
//! that script becomes a file named by its hash. It does not build anything and serves nothing.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use rayon::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::pages::Program;
use zip::write::SimpleFileOptions;

/// The page that Trunk writes and the browser opens first.
const INDEX: &str = "index.html";

/// Packs Trunk's output for embedding.
#[derive(Parser)]
struct Args {
    /// Folder with the folders that Trunk wrote, one a program.
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
    /// File to write.
    #[arg(long, default_value = "dist/web.bundle")]
    out: PathBuf,
    /// Fails when the first view of this program needs more compressed bytes than that; may be repeated.
    #[arg(long = "limit", value_name = "PROGRAM=BYTES", value_parser = limit)]
    limits: Vec<(Program, u64)>,
}

fn limit(text: &str) -> Result<(Program, u64)> {
    let (name, bytes) = text.split_once('=').context("a limit is PROGRAM=BYTES")?;
    let program = Program::ALL.into_iter().find(|program| program.name() == name);
    Ok((program.with_context(|| format!("there is no program {name}"))?, bytes.parse()?))
}

/// What a first visit to a program loads.
struct FirstView {
    program: Program,
    paths: Vec<String>,
}

/// One file of the app, ready to be served.
struct Packed {
    path: String,
    content_type: &'static str,
    /// The name carries a hash of the content, so a browser may keep it for ever.
    immutable: bool,
    raw: Vec<u8>,
    brotli: Option<Vec<u8>>,
    gzip: Option<Vec<u8>>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let mut files = BTreeMap::new();
    let mut views = Vec::new();
    for program in Program::ALL {
        views.push(gather(&mut files, read_tree(&args.dist.join(program.name()))?, program)?);
    }
    let packed = files.into_par_iter().map(|(path, raw)| pack(path, raw)).collect::<Result<Vec<_>>>()?;
    for view in &views {
        let (table, total) = weigh(&packed, view);
        std::io::stdout().lock().write_all(table.as_bytes())?;
        // Weighed before it is written: a bundle over the limit never reaches the server.
        for (_, limit) in args.limits.iter().filter(|(program, _)| *program == view.program) {
            let name = view.program.name();
            ensure!(total <= *limit, "the first view of {name} weighs {total} bytes; the limit is {limit}");
        }
    }
    write_atomically(&args.out, &bundle(&packed, &views)?)
}

/// Adds a program's files to those of the others. What they share (styles, fonts) is one file: it must be the same.
fn gather(
    all: &mut BTreeMap<String, Vec<u8>>,
    mut files: BTreeMap<String, Vec<u8>>,
    program: Program,
) -> Result<FirstView> {
    let mut paths = externalize_script(&mut files)?;
    if let Some(page) = files.remove(INDEX) {
        files.insert(program.page().to_owned(), page);
    }
    for path in paths.iter_mut().filter(|path| *path == INDEX) {
        program.page().clone_into(path);
    }
    for (path, bytes) in files {
        let same = all.get(&path).is_none_or(|known| *known == bytes);
        ensure!(same, "{path} of {} is not the file that another program has by that name", program.name());
        all.insert(path, bytes);
    }
    Ok(FirstView { program, paths })
}

/// Every regular file below `root`, by its path with forward slashes.
fn read_tree(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| format!("could not list {}", folder.display()))? {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            ensure!(kind.is_file(), "{} is neither a file nor a folder", path.display());
            let name = path.strip_prefix(root)?.to_str().context("a file name is not UTF-8")?.replace('\\', "/");
            files.insert(name, fs::read(&path).with_context(|| format!("could not read {}", path.display()))?);
        }
    }
    Ok(files)
}

/// Moves the start-up script out of the page and tells which files a first visit loads: the page, everything it
/// names, and the fonts that its style sheets will ask for.
fn externalize_script(files: &mut BTreeMap<String, Vec<u8>>) -> Result<Vec<String>> {
    let page = files.remove(INDEX).with_context(|| format!("Trunk's output has no {INDEX}"))?;
    let page = String::from_utf8(page).with_context(|| format!("{INDEX} is not UTF-8"))?;
    let (page, script) = split_page(&page)?;

    let mut view = vec![INDEX.to_owned(), script.name.clone()];
    view.extend(files.keys().filter(|path| script.code.contains(&format!("/{path}"))).cloned());
    files.insert(script.name, script.code.into_bytes());
    for tag in tags(&page)? {
        let address = match tag.name.as_str() {
            "link" => tag.attribute("href"),
            "script" | "img" => tag.attribute("src"),
            _ => None,
        };
        let Some(path) = address.as_deref().and_then(|a| a.strip_prefix('/')) else { continue };
        if files.contains_key(path) {
            // A script that no page runs is a worker's: it is loaded when there is work.
            if tag.attribute("type").as_deref() != Some("text/plain") {
                view.push(path.to_owned());
            }
        } else {
            // `/brand/…` and its like are answered by the server; a hashed name can only be a file of this folder.
            ensure!(!is_hashed(path), "{INDEX} names /{path}, which Trunk did not write");
        }
    }
    view.extend(files.keys().filter(|path| path.ends_with(".woff2")).cloned());
    view.sort();
    view.dedup();
    files.insert(INDEX.to_owned(), page.into_bytes());
    Ok(view)
}

/// A script that was inside the page.
#[derive(Debug)]
struct Script {
    name: String,
    code: String,
}

/// A start tag of the page.
struct Tag {
    name: String,
    /// The attributes as written, without the name.
    attributes: String,
    start: usize,
    end: usize,
}

impl Tag {
    /// Every attribute as a pair of lower-case name and value; a bare one has an empty value.
    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut rest = self.attributes.trim_matches(|c: char| c.is_whitespace() || c == '/');
        while !rest.is_empty() {
            let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
            let (name, after) = rest.split_at(name_end);
            let after = after.trim_start();
            let (value, left) = match after.strip_prefix('=').map(str::trim_start) {
                None => ("", after),
                Some(quoted) if quoted.starts_with(['"', '\'']) => {
                    let (quote, body) = quoted.split_at(1);
                    body.split_once(quote).unwrap_or((body, ""))
                }
                Some(bare) => bare.split_at(bare.find(char::is_whitespace).unwrap_or(bare.len())),
            };
            pairs.push((name.to_ascii_lowercase(), value.to_owned()));
            rest = left.trim_start();
        }
        pairs
    }

    fn attribute(&self, name: &str) -> Option<String> {
        self.pairs().into_iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }
}

/// The start tags of a page, without what stands in comments, scripts and style sheets.
fn tags(page: &str) -> Result<Vec<Tag>> {
    let mut found: Vec<Tag> = Vec::new();
    let mut at = 0;
    while let Some(open) = page[at..].find('<').map(|i| at + i) {
        if page[open..].starts_with("<!--") {
            at = open + page[open..].find("-->").context("a comment of the page does not end")? + 3;
            continue;
        }
        let mut quote = None;
        let close = page[open..]
            .char_indices()
            .find(|&(_, c)| match quote {
                Some(q) => {
                    if c == q {
                        quote = None;
                    }
                    false
                }
                None if c == '"' || c == '\'' => {
                    quote = Some(c);
                    false
                }
                None => c == '>',
            })
            .map(|(i, _)| open + i)
            .context("a tag of the page does not end")?;
        at = close + 1;
        let inner = &page[open + 1..close];
        if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (name, attributes) = inner.split_at(inner.find(|c: char| c.is_whitespace()).unwrap_or(inner.len()));
        let name = name.trim_end_matches('/').to_ascii_lowercase();
        if name == "script" || name == "style" {
            let end_tag = format!("</{name}");
            at += page[at..].find(&end_tag).with_context(|| format!("<{name}> is not closed"))?;
        }
        found.push(Tag { name, attributes: attributes.to_owned(), start: open, end: close + 1 });
    }
    Ok(found)
}

/// The page with Trunk's inline script replaced by a reference, and that script. Fails when there is not exactly one,
/// when it is not the one we know, or when anything else in the page needs `unsafe-inline`.
fn split_page(page: &str) -> Result<(String, Script)> {
    let mut inline = None;
    for tag in tags(page)? {
        ensure!(tag.name != "style", "the page has an inline style sheet, which the CSP forbids");
        for (name, _) in tag.pairs() {
            ensure!(name != "style", "<{}> has a style attribute, which the CSP forbids", tag.name);
            ensure!(!name.starts_with("on"), "<{}> has the handler {name}, which the CSP forbids", tag.name);
        }
        if tag.name == "script" && tag.attribute("src").is_none() {
            ensure!(inline.is_none(), "the page has two inline scripts; Trunk writes one");
            inline = Some(tag);
        }
    }
    let Some(tag) = inline else { bail!("the page has no inline start-up script; Trunk's output has changed") };
    let body = &page[tag.end..];
    let length = body.find("</script>").context("the start-up script is not closed")?;
    let code = body[..length].trim();
    let known = tag.attribute("type").as_deref() == Some("module") && code.contains("import") && code.contains(".wasm");
    ensure!(known, "the page's inline script is not Trunk's start-up module; Trunk's output has changed");

    let code = format!("{code}\n");
    let name = format!("init-{}.js", &hex::encode(Sha256::digest(&code))[..16]);
    let rest = &body[length + "</script>".len()..];
    let page = format!("{}<script type=\"module\" src=\"/{name}\"></script>{rest}", &page[..tag.start]);
    Ok((page, Script { name, code }))
}

/// Whether the name carries a content hash as Trunk and we write it: `portal-6f0c2a91d3b4e875_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    let Some((_, tail)) = stem.rsplit_once('-') else { return false };
    let hash = tail.strip_suffix("_bg").unwrap_or(tail);
    // Trunk prints 64 bits without leading zeros.
    (12..=16).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The media type by extension and whether compressing can help; an unknown extension is refused, not guessed.
fn media_type(path: &str) -> Result<(&'static str, bool)> {
    Ok(match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => ("text/html; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "js" | "mjs" => ("text/javascript; charset=utf-8", true),
        "json" => ("application/json", true),
        "webmanifest" => ("application/manifest+json", true),
        "wasm" => ("application/wasm", true),
        "svg" => ("image/svg+xml", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "ico" => ("image/x-icon", true),
        "png" => ("image/png", false),
        "webp" => ("image/webp", false),
        "jpg" | "jpeg" => ("image/jpeg", false),
        "woff2" => ("font/woff2", false),
        _ => bail!("{path}: no media type is known for this extension"),
    })
}

fn pack(path: String, raw: Vec<u8>) -> Result<Packed> {
    let (content_type, compressible) = media_type(&path)?;
    let (brotli, gzip) = if compressible {
        let smaller = |packed: Vec<u8>| (packed.len() < raw.len()).then_some(packed);
        (smaller(to_brotli(&raw)?), smaller(to_gzip(&raw)?))
    } else {
        (None, None)
    };
    Ok(Packed { immutable: is_hashed(&path), path, content_type, raw, brotli, gzip })
}

fn to_brotli(raw: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: raw.len(),
        ..brotli::enc::BrotliEncoderParams::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &raw[..], &mut out, &params).context("brotli failed")?;
    Ok(out)
}

fn to_gzip(raw: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(raw)?;
    encoder.finish().context("gzip failed")
}

/// The ZIP itself. Entries are stored, so that the server can hand out slices of the embedded bytes.
fn bundle(files: &[Packed], views: &[FirstView]) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |name: String, bytes: &[u8]| -> Result<()> {
        archive.start_file(name, options)?;
        archive.write_all(bytes)?;
        Ok(())
    };
    let rows: Vec<Value> = files.iter().map(|file| manifest_row(file, views)).collect();
    add("manifest.json".to_owned(), serde_json::to_string_pretty(&rows)?.as_bytes())?;
    for file in files {
        add(format!("f/{}", file.path), &file.raw)?;
        if let Some(bytes) = &file.brotli {
            add(format!("br/{}", file.path), bytes)?;
        }
        if let Some(bytes) = &file.gzip {
            add(format!("gz/{}", file.path), bytes)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

/// What is to be known of a file; an absent encoding is `null`, and `first_view` names the programs that need it at once.
fn manifest_row(file: &Packed, views: &[FirstView]) -> Value {
    let first_view: Vec<&str> =
        views.iter().filter(|view| view.paths.contains(&file.path)).map(|view| view.program.name()).collect();
    json!({
        "path": file.path,
        "content_type": file.content_type,
        "immutable": file.immutable,
        "first_view": first_view,
        "sha256": hex::encode(Sha256::digest(&file.raw)),
        "sizes": {
            "raw": file.raw.len(),
            "br": file.brotli.as_ref().map(Vec::len),
            "gz": file.gzip.as_ref().map(Vec::len),
        },
    })
}

/// The table that is printed, and the bytes of a first view as a browser that speaks brotli receives them.
fn weigh(files: &[Packed], view: &FirstView) -> (String, u64) {
    let title = format!("primera vista: {}", view.program.name());
    let mut table = format!("  {title:<44} {:>10} {:>10}\n", "bytes", "brotli");
    let (mut raw_total, mut total) = (0_u64, 0_u64);
    for file in files.iter().filter(|file| view.paths.contains(&file.path)) {
        let raw = file.raw.len() as u64;
        let sent = file.brotli.as_ref().map_or(raw, |bytes| bytes.len() as u64);
        // Writing to a String cannot fail.
        let _ = writeln!(table, "  {:<44} {raw:>10} {sent:>10}", file.path);
        raw_total += raw;
        total += sent;
    }
    let _ = writeln!(table, "  {:<44} {raw_total:>10} {total:>10}", "suma");
    (table, total)
}

/// Writes beside the target and renames, so that a build that reads it never sees half a file.
fn write_atomically(out: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(out).is_ok_and(|old| old == bytes) {
        // Untouched, so that cargo need not relink the server.
        return Ok(());
    }
    let folder = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let partial = out.with_extension(format!("{}.part", std::process::id()));
    fs::write(&partial, bytes).with_context(|| format!("could not write {}", partial.display()))?;
    fs::rename(&partial, out).with_context(|| format!("could not write {}", out.display()))
}

#[cfg(test)]
#[path = "pack_web/tests.rs"]
mod tests;
