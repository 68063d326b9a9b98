//! The tax document from a command line, without a server: check, seal, look at a certificate.
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, ensure};
use cfdi::{Csd, Draft, Fecha, Lists, Report};
use jiff::tz::TimeZone;
use serde::Serialize;
use zeroize::Zeroizing;

use super::database;
use crate::catalogs;
use crate::clock::{Clock, civil_text};
use crate::config::{Config, ConfigError, DATABASE_FILE};
use crate::db::{Db, Timestamp};

/// Largest document or draft read: what the library itself takes.
const DOCUMENT_MAX_BYTES: u64 = 5 * 1024 * 1024;
/// Largest certificate or key read.
const KEY_MAX_BYTES: u64 = 64 * 1024;
/// Longest password read.
const PASSWORD_MAX_BYTES: u64 = 1_024;
/// The zone of a draft's date when the draft does not say it: that of most of the country.
const CENTRAL_ZONE: &str = "America/Mexico_City";

/// Certificate, key and password of a CSD.
#[derive(Debug, clap::Args)]
pub struct CsdArgs {
    /// The certificate, as the SAT gives it.
    #[arg(long, value_name = "FILE")]
    cer: PathBuf,
    /// Its private key, as the SAT gives it.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// File with the key's password; a line end after it does not count.
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
}

/// How to seal.
#[derive(Debug, clap::Args)]
pub struct SealArgs {
    #[command(flatten)]
    csd: CsdArgs,
    /// The moment, when the draft has no `fecha`: it becomes the time of central Mexico. Else the machine's clock.
    #[arg(long, value_name = "RFC3339")]
    now: Option<jiff::Timestamp>,
}

/// What is said of one file.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a str,
    ok: bool,
    #[serde(flatten)]
    report: Report,
}

/// The database whose lists of the SAT are asked: that of the installation that was `named`, or of the one that is here
/// by its default names. A document is checked without one, too; then its report says which lists were not looked at.
pub async fn at_hand(config: Result<Config, ConfigError>, named: bool) -> anyhow::Result<Option<Db>> {
    let opened = async {
        let config = config?;
        let default = !named && config.has_default_database();
        if default && !config.data_dir.join(DATABASE_FILE).exists() {
            return Ok(None);
        }
        database::open(&config).await.map(Some)
    };
    match opened.await {
        Err(error) if !named => {
            eprintln!("ventanilla: the SAT's lists are not asked: {error:#}");
            Ok(None)
        }
        opened => opened,
    }
}

/// Checks documents, a JSON line each; `true` when the SAT would refuse none of them for what can be known here.
pub async fn check(files: &[PathBuf], lists: Option<Db>, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut all_ok = true;
    for file in files {
        let report = match read_bounded(file, DOCUMENT_MAX_BYTES) {
            Ok(bytes) => cfdi::check_with(&bytes, &lists_of(lists.as_ref(), &bytes).await?),
            Err(error) => Report {
                errors: vec![cfdi::Breach { code: "unreadable_file", path: "/".into(), message: format!("{error:#}") }],
                warnings: Vec::new(),
            },
        };
        let ok = report.is_ok();
        all_ok &= ok;
        serde_json::to_writer(&mut *out, &Checked { file: &file.to_string_lossy(), ok, report })?;
        writeln!(out)?;
    }
    if let Some(db) = lists {
        db.close().await;
    }
    Ok(all_ok)
}

async fn lists_of(db: Option<&Db>, document: &[u8]) -> anyhow::Result<Lists> {
    let Some(db) = db else { return Ok(Lists::default()) };
    let lists = catalogs::lists_for(&mut db.read().await?, &cfdi::lists::codes(document)).await;
    lists.context("asking the SAT's lists")
}

/// Makes a sealed document of a draft: what a PAC would be sent.
pub fn seal(args: &SealArgs, clock: &dyn Clock, draft: impl Read, out: &mut impl Write) -> anyhow::Result<()> {
    let text = read_all(draft, DOCUMENT_MAX_BYTES).context("reading the draft")?;
    let mut draft: Draft = serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(&text))
        .map_err(|error| anyhow!("reading the draft: {}: {}", error.path(), error.inner()))?;
    if draft.fecha.is_none() {
        let zone = TimeZone::get(CENTRAL_ZONE).context("finding the zone of central Mexico")?;
        let now = args.now.map_or_else(|| clock.now(), Timestamp::new);
        draft.fecha = Fecha::parse(&civil_text(now, &zone));
    }
    let csd = open(&args.csd)?;
    let comprobante = cfdi::build(&draft).map_err(|breaches| told(&breaches))?;
    let sealed = cfdi::seal(comprobante, &csd).context("sealing")?;
    // Whole, with its seal and certificate, as it will be judged.
    let report = cfdi::check(sealed.xml.as_bytes());
    if !report.is_ok() {
        return Err(told(&report.errors));
    }
    out.write_all(sealed.xml.as_bytes())?;
    Ok(out.flush()?)
}

fn told(breaches: &[cfdi::Breach]) -> anyhow::Error {
    let lines: Vec<String> = breaches.iter().map(ToString::to_string).collect();
    anyhow!("the draft makes no document that the SAT takes:\n{}", lines.join("\n"))
}

/// What a certificate says of itself.
#[derive(Serialize)]
struct Inspected<'a> {
    rfc: Option<&'a str>,
    name: &'a str,
    serial: &'a str,
    valid_from: String,
    valid_until: String,
    /// Issued by the SAT's real authority, not by that of its tests.
    production: bool,
}

/// Opens a CSD and says whose it is, its number and until when it seals. Refuses an e.firma.
pub fn inspect(args: &CsdArgs, out: &mut impl Write) -> anyhow::Result<()> {
    let csd = open(args)?;
    let certificate = csd.certificate();
    let inspected = Inspected {
        rfc: certificate.rfc().map(fiscal::Rfc::as_str),
        name: certificate.name(),
        serial: certificate.no_certificado(),
        valid_from: instant(certificate.not_before())?,
        valid_until: instant(certificate.not_after())?,
        production: certificate.is_production(),
    };
    serde_json::to_writer(&mut *out, &inspected)?;
    Ok(writeln!(out)?)
}

fn instant(unix_seconds: i64) -> anyhow::Result<String> {
    Ok(jiff::Timestamp::from_second(unix_seconds).context("reading the certificate's validity")?.to_string())
}

fn open(args: &CsdArgs) -> anyhow::Result<Csd> {
    let cer = read_bounded(&args.cer, KEY_MAX_BYTES)?;
    let key = read_bounded(&args.key, KEY_MAX_BYTES)?;
    let password = read_bounded(&args.password_file, PASSWORD_MAX_BYTES)?;
    let password = password.strip_suffix(b"\n").unwrap_or(&password);
    let password = password.strip_suffix(b"\r").unwrap_or(password);
    Csd::load(&cer, &key, password).with_context(|| format!("opening {} and its key", args.cer.display()))
}

/// A file's bytes, wiped after use: it may be a key.
fn read_bounded(path: &Path, max_bytes: u64) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let reading = || format!("reading {}", path.display());
    let file = File::open(path).with_context(reading)?;
    read_all(file, max_bytes).with_context(reading)
}

fn read_all(from: impl Read, max_bytes: u64) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(max_bytes + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= max_bytes, "it has more than {max_bytes} bytes");
    Ok(bytes)
}
