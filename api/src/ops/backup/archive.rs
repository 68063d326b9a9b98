//! The file: a ZIP with one text per table, the files that rows name, and a manifest; whole or absent.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::tables::{Kind, TABLES, Table};
use crate::files::{FILE_MAX_BYTES, FileKey};

/// How this archive is laid out; another layout gets another number.
pub const FORMAT: u32 = 2;
const MANIFEST: &str = "manifest.json";
/// Longest manifest read.
const MANIFEST_MAX_BYTES: u64 = 1024 * 1024;
/// Longest line read: the largest document, in base64, with room.
const LINE_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// What is in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `FORMAT`.
    pub format: u32,
    /// Version of the ventanilla that wrote it.
    pub version: String,
    /// Schema of the database it was taken of.
    pub schema: i64,
    /// The moment it shows.
    pub created_at: String,
    /// Every table, in the order in which rows can be put back.
    pub tables: Vec<TableEntry>,
    /// Files of the file store; the rows that name them carry their SHA-256.
    pub files: u64,
}

/// A table in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableEntry {
    /// Its name; its text is `tables/NAME.ndjson`.
    pub name: String,
    /// Rows, one a line.
    pub rows: u64,
    /// Of the text, in hexadecimal.
    pub sha256: String,
    /// Name and kind of each column.
    pub columns: Vec<(String, Kind)>,
}

/// The columns of a table as a manifest names them.
pub fn columns(table: &Table) -> Vec<(String, Kind)> {
    table.columns.iter().map(|column| (column.name.to_owned(), column.kind)).collect()
}

/// Before the key of a file.
const FILES: &str = "files/";

fn file_name(key: &FileKey) -> String {
    format!("{FILES}{}", key.as_str())
}

fn entry_name(table: &str) -> String {
    format!("tables/{table}.ndjson")
}

/// An archive being written, under another name until it is finished. Dropped unfinished, it is removed.
pub struct Writing {
    zip: ZipWriter<BufWriter<File>>,
    part: Part,
    target: PathBuf,
    tables: Vec<TableEntry>,
    files: u64,
}

/// The unfinished file. What is left of it at the end is no backup, and is removed.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(path = %self.0.display(), error = %error, "an unfinished backup could not be removed");
        }
    }
}

impl Writing {
    /// Begins `target`, which must not be there.
    pub fn begin(target: &Path) -> anyhow::Result<Writing> {
        ensure!(!target.try_exists()?, "{} is there already: choose another name", target.display());
        let mut part = target.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        // For its owner alone: it holds people's data. What a killed backup left under this name is overwritten.
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&part);
        let file = file.with_context(|| format!("making {}", part.display()))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)
            .with_context(|| format!("locking {}: is another backup running?", part.display()))?;
        file.set_len(0).with_context(|| format!("emptying {}", part.display()))?;
        let zip = ZipWriter::new(BufWriter::new(file));
        Ok(Writing { zip, part: Part(part), target: target.to_owned(), tables: Vec::new(), files: 0 })
    }

    /// Begins the text of a table.
    pub fn begin_table(&mut self, table: &Table) -> anyhow::Result<TableText<'_>> {
        self.zip.start_file(entry_name(table.name), SimpleFileOptions::default().large_file(true))?;
        let (name, columns) = (table.name.to_owned(), columns(table));
        let entry = TableEntry { name, rows: 0, sha256: String::new(), columns };
        Ok(TableText { entry, digest: Sha256::new(), archive: self })
    }

    /// Adds a file of the file store.
    pub fn add_file(&mut self, key: &FileKey, bytes: &[u8]) -> anyhow::Result<()> {
        self.zip.start_file(file_name(key), SimpleFileOptions::default())?;
        self.zip.write_all(bytes).context("writing the backup")?;
        self.files += 1;
        Ok(())
    }

    /// Writes the manifest, forces all to disk and gives the archive its name.
    pub fn finish(mut self, version: &str, schema: i64, created_at: String) -> anyhow::Result<Manifest> {
        let manifest = Manifest {
            format: FORMAT,
            version: version.to_owned(),
            schema,
            created_at,
            tables: self.tables,
            files: self.files,
        };
        self.zip.start_file(MANIFEST, SimpleFileOptions::default())?;
        serde_json::to_writer_pretty(&mut self.zip, &manifest)?;
        let file = self.zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all().context("forcing the backup to disk")?;
        fs::rename(&self.part.0, &self.target).with_context(|| format!("naming {}", self.target.display()))?;
        let folder = self.target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all().context("forcing the backup's folder to disk")?;
        Ok(manifest)
    }
}

/// The text of one table being written.
pub struct TableText<'a> {
    archive: &'a mut Writing,
    entry: TableEntry,
    digest: Sha256,
}

impl TableText<'_> {
    /// Adds a row's line.
    pub fn add(&mut self, line: &str) -> anyhow::Result<()> {
        for bytes in [line.as_bytes(), b"\n"] {
            self.archive.zip.write_all(bytes).context("writing the backup")?;
            self.digest.update(bytes);
        }
        self.entry.rows += 1;
        Ok(())
    }

    /// Notes what was written.
    pub fn end(mut self) {
        self.entry.sha256 = hex::encode(self.digest.finalize());
        self.archive.tables.push(self.entry);
    }
}

/// An archive to read.
pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// What it says it holds.
    pub manifest: Manifest,
}

impl Archive {
    /// Opens an archive that this binary can restore.
    pub fn open(path: &Path, schema: i64) -> anyhow::Result<Archive> {
        let file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
        let mut zip =
            ZipArchive::new(BufReader::new(file)).context("reading the archive: it is no backup, or damaged")?;
        let entry = zip.by_name(MANIFEST).context("the archive has no manifest: it is no backup")?;
        let mut text = String::new();
        entry.take(MANIFEST_MAX_BYTES).read_to_string(&mut text).context("reading the manifest")?;
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_str(&text).context("reading the manifest")?;
        ensure!(format == FORMAT, "the backup has format {format} and this binary reads format {FORMAT}");
        let manifest: Manifest = serde_json::from_str(&text).context("reading the manifest")?;
        if manifest.schema != schema {
            bail!(
                "the backup has schema {} (ventanilla {}) and this binary knows {schema}: restore it with that version, \
                 then start the other one",
                manifest.schema,
                manifest.version
            );
        }
        let known = TABLES.iter().map(|table| (table.name, columns(table)));
        let listed = manifest.tables.iter().map(|table| (table.name.as_str(), table.columns.clone()));
        ensure!(known.eq(listed), "the backup does not have the tables and columns of schema {schema}");
        Ok(Archive { zip, manifest })
    }

    /// Compares every table's text with the manifest, before anything is believed.
    pub fn check(&mut self) -> anyhow::Result<()> {
        for entry in self.manifest.tables.clone() {
            let (mut rows, mut digest) = (0, Sha256::new());
            let mut lines = self.lines(&entry.name)?;
            while let Some(line) = lines.next()? {
                rows += 1;
                digest.update(line.as_bytes());
                digest.update(b"\n");
            }
            drop(lines);
            let sha256 = hex::encode(digest.finalize());
            ensure!(rows == entry.rows, "table {}: {rows} rows, and the manifest says {}", entry.name, entry.rows);
            ensure!(
                sha256 == entry.sha256,
                "table {}: its SHA-256 is not the manifest's: the backup is damaged",
                entry.name
            );
        }
        Ok(())
    }

    /// Keys of the files that are in it.
    pub fn files(&self) -> anyhow::Result<Vec<FileKey>> {
        let mut keys = Vec::new();
        for name in self.zip.file_names() {
            let name = name.context("reading the archive: it is damaged")?;
            if let Some(key) = name.strip_prefix(FILES) {
                keys.push(FileKey::parse(key).with_context(|| format!("file {key} of the backup"))?);
            }
        }
        Ok(keys)
    }

    /// A file of the file store. Its row says whether these are its bytes.
    pub fn file(&mut self, key: &FileKey) -> anyhow::Result<Vec<u8>> {
        let entry = self.zip.by_name(&file_name(key));
        let entry = entry.with_context(|| format!("file {} is not in the backup", key.as_str()))?;
        let mut bytes = Vec::new();
        let limit = u64::try_from(FILE_MAX_BYTES)?.saturating_add(1);
        entry.take(limit).read_to_end(&mut bytes).with_context(|| format!("reading file {}", key.as_str()))?;
        Ok(bytes)
    }

    /// The lines of a table.
    pub fn lines(&mut self, table: &str) -> anyhow::Result<Lines<'_>> {
        let entry =
            self.zip.by_name(&entry_name(table)).with_context(|| format!("table {table} is not in the backup"))?;
        Ok(Lines { table: table.to_owned(), text: Box::new(BufReader::new(entry)) })
    }
}

/// The lines of a table, read one by one.
pub struct Lines<'a> {
    table: String,
    text: Box<dyn BufRead + 'a>,
}

impl Lines<'_> {
    /// The next line, without its end.
    pub fn next(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        let read = (&mut self.text).take(LINE_MAX_BYTES).read_line(&mut line);
        if read.with_context(|| format!("reading table {}: the backup is damaged", self.table))? == 0 {
            return Ok(None);
        }
        ensure!(line.pop() == Some('\n'), "table {}: a line has no end: the backup is damaged", self.table);
        Ok(Some(line))
    }
}
