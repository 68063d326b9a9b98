//! A file on its way.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::runtime::Handle;

use super::bucket::Bucket;
use super::{FileKey, Files, folder};

/// Bytes that a draft gathers before they go to the disk.
const DRAFT_BUFFER: usize = 256 * 1024;
/// Numbers the drafts of this process.
static NEXT_DRAFT: AtomicU64 = AtomicU64::new(0);

/// A name beside a file's that nobody else has.
pub(super) fn name(path: &Path) -> PathBuf {
    let number = NEXT_DRAFT.fetch_add(1, Ordering::Relaxed);
    path.with_extension(format!("{}-{number}.part", std::process::id()))
}

/// Takes away what earlier drafts of a file left behind.
pub(super) fn clear(path: &Path) -> io::Result<()> {
    let stem = path.with_extension("");
    let entries = match path.parent().map(fs::read_dir) {
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Some(Ok(entries)) => entries,
        _ => return Ok(()),
    };
    for entry in entries {
        let left = entry?.path();
        let is_draft = left.extension().is_some_and(|extension| extension == "part");
        if is_draft && left.with_extension("").with_extension("") == stem {
            match fs::remove_file(left) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// A file on its way: of any length, never whole in memory, on this disk under another name until it is whole.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<File>,
    draft: PathBuf,
    path: PathBuf,
    /// Where it goes when it is whole, and what carries it there.
    bucket: Option<(Bucket, FileKey, Handle)>,
    bytes: u64,
    kept: bool,
}

impl Draft {
    /// Begins; what an earlier one of the same key left behind is taken away. It blocks, like all of a draft, and
    /// belongs on a thread that may.
    pub fn begin(files: &Files, key: &FileKey) -> io::Result<Draft> {
        let path = files.folder.join(&key.0);
        folder::made(&path)?;
        clear(&path)?;
        let bucket = match &files.bucket {
            Some(bucket) => Some((bucket.clone(), key.clone(), Handle::try_current().map_err(io::Error::other)?)),
            None => None,
        };
        let draft = name(&path);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&draft)?;
        let file = BufWriter::with_capacity(DRAFT_BUFFER, file);
        Ok(Draft { file, draft, path, bucket, bytes: 0, kept: false })
    }

    /// Makes it the file: kept before this answers. Says how long it is.
    pub fn keep(mut self) -> io::Result<u64> {
        self.file.flush()?;
        if let Some((bucket, key, home)) = &self.bucket {
            // What lies here was only for the way: it goes when this ends.
            home.block_on(bucket.carry(key, self.file.get_mut())).map_err(io::Error::other)?;
            return Ok(self.bytes);
        }
        self.file.get_ref().sync_all()?;
        fs::rename(&self.draft, &self.path)?;
        self.kept = true;
        let folder = self.path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        File::open(folder)?.sync_all()?;
        Ok(self.bytes)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes = self.bytes.saturating_add(u64::try_from(written).unwrap_or(0));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // Left over, it is taken away by the next draft of its key.
            _ = fs::remove_file(&self.draft);
        }
    }
}
