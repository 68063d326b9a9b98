//! The SAT's lists, from the command line.
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use cfdi::List;
use serde_json::json;

use super::database;
use super::start::World;
use crate::catalogs::{self, FILE_MAX_BYTES};
use crate::config::Config;

/// A file to import.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// The SAT's workbook (catCFDI, XLS or XLSX), or a list as CSV with a header.
    pub file: PathBuf,
    /// Which list a CSV is, when neither its first column nor its name says so: c_ClaveProdServ, c_ClaveUnidad,
    /// c_CodigoPostal, c_Pais.
    #[arg(long, value_name = "LIST")]
    pub catalog: Option<String>,
    /// Take a list that has much fewer codes than the one that is here.
    #[arg(long)]
    pub fewer: bool,
}

/// Replaces the lists that the file brings, and tells how many codes each has now. Works beside a running server.
pub async fn import(config: &Config, args: &ImportArgs, world: &World, out: &mut impl Write) -> anyhow::Result<()> {
    let list = match args.catalog.as_deref().map(|name| (name, List::parse(name))) {
        Some((name, None)) => {
            let known: Vec<&str> = List::ALL.into_iter().map(List::name).collect();
            bail!("--catalog: there is no {name}; the lists are {}", known.join(", "));
        }
        Some((_, list)) => list,
        None => None,
    };
    let file = args.file.display();
    let bytes = bytes_of(&args.file).with_context(|| format!("reading {file}"))?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let found = catalogs::read(&bytes, &name, list).with_context(|| format!("reading {file}"))?;
    let db = database::open(config).await?;
    let imported = catalogs::import(&db, world.clock.now(), &found, args.fewer).await;
    db.close().await;
    let lists: Vec<serde_json::Value> = imported?
        .iter()
        .map(|one| json!({ "catalog": one.list.name(), "codes": one.codes, "before": one.before, "changed": one.changed }))
        .collect();
    writeln!(out, "{:#}", json!({ "file": args.file, "catalogs": lists, "ignored_sheets": found.ignored }))?;
    Ok(out.flush()?)
}

fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= FILE_MAX_BYTES, "it has more than {FILE_MAX_BYTES} bytes");
    Ok(bytes)
}
