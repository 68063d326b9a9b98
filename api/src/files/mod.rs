//! Files that are kept as they came, outside the database: a folder of the data folder.
//!
//! Promises: a file is there whole or not at all, and on disk before [`Files::put`] answers; what comes back is
//! compared with the SHA-256 that its row keeps, and refused when it differs. It knows no owner: whoever asks has
//! looked at the row that names the file first. A file whose row was never committed is left over and harms nobody.
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

/// Largest file kept.
pub const FILE_MAX_BYTES: usize = 20 * 1024 * 1024;
/// Longest key.
const KEY_MAX: usize = 200;
/// Bytes that a draft gathers before they go to the disk.
const DRAFT_BUFFER: usize = 256 * 1024;
/// Its place in the data folder.
const FOLDER: &str = "files";
/// Numbers the drafts of this process.
static NEXT_DRAFT: AtomicU64 = AtomicU64::new(0);

/// Why a file cannot be kept or given.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not a key of ours.
    #[error("not a key of a file")]
    Key,
    /// Larger than [`FILE_MAX_BYTES`].
    #[error("a file of more than {FILE_MAX_BYTES} bytes")]
    TooLarge,
    /// It is not there.
    #[error("the file {0} is missing")]
    Missing(String),
    /// Its bytes are not those that were kept.
    #[error("the file {0} does not match its digest")]
    Damaged(String),
    /// The disk.
    #[error("the file {key}")]
    Disk {
        /// Which.
        key: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The thread that reads or writes ended.
    #[error("the file's thread ended: {0}")]
    Thread(String),
}

/// The name of a file: lower-case words with hyphens and one dot at most, between slashes. It can leave no folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileKey(String);

impl FileKey {
    /// Reads a key of a row, or makes one.
    pub fn parse(text: &str) -> Result<FileKey, FileError> {
        let word = |part: &str| {
            let mut dots = part.split('.');
            let plain = |word: &str| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            dots.by_ref().take(2).all(plain) && dots.next().is_none()
        };
        if text.len() > KEY_MAX || !text.split('/').all(word) {
            return Err(FileError::Key);
        }
        Ok(FileKey(text.to_owned()))
    }

    /// For a row.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The files of this installation.
#[derive(Debug, Clone)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Those of a data folder.
    pub fn in_data_dir(data_dir: &Path) -> Files {
        Files { folder: data_dir.join(FOLDER) }
    }

    /// Keeps a file; its SHA-256 is for the row that names it. The same key is written over.
    pub async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<[u8; 32], FileError> {
        if bytes.len() > FILE_MAX_BYTES {
            return Err(FileError::TooLarge);
        }
        let (path, key) = (self.folder.join(&key.0), key.clone());
        let written = tokio::task::spawn_blocking(move || write(&path, &bytes).map(|()| Sha256::digest(&bytes).into()));
        let written = written.await.map_err(|ended| FileError::Thread(ended.to_string()))?;
        written.map_err(|source| FileError::Disk { key: key.0, source })
    }

    /// A file to be read bit by bit, and its length. It has no digest: the caller knows what it wrote there.
    pub async fn open(&self, key: &FileKey) -> Result<(tokio::fs::File, u64), FileError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound => FileError::Missing(key.0.clone()),
            _ => FileError::Disk { key: key.0.clone(), source },
        };
        let file = tokio::fs::File::open(self.folder.join(&key.0)).await.map_err(failed)?;
        let length = file.metadata().await.map_err(failed)?.len();
        Ok((file, length))
    }

    /// Takes a file away; one that is not there is gone already.
    pub async fn remove(&self, key: &FileKey) -> Result<(), FileError> {
        match tokio::fs::remove_file(self.folder.join(&key.0)).await {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(FileError::Disk { key: key.0.clone(), source })
            }
            _ => Ok(()),
        }
    }

    /// The file's bytes, when they are those of the digest.
    pub async fn get(&self, key: &FileKey, sha256: &[u8]) -> Result<Vec<u8>, FileError> {
        let (path, key) = (self.folder.join(&key.0), key.clone());
        let read = tokio::task::spawn_blocking(move || read(&path));
        match read.await.map_err(|ended| FileError::Thread(ended.to_string()))? {
            Ok(bytes) if Sha256::digest(&bytes).as_slice() == sha256 => Ok(bytes),
            Ok(_) => Err(FileError::Damaged(key.0)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Err(FileError::Missing(key.0)),
            Err(source) => Err(FileError::Disk { key: key.0, source }),
        }
    }
}

/// A file on its way: of any length, never whole in memory, under another name until it is whole.
#[derive(Debug)]
pub struct Draft {
    file: BufWriter<File>,
    draft: PathBuf,
    path: PathBuf,
    bytes: u64,
    kept: bool,
}

impl Draft {
    /// Begins; what an earlier one of the same key left behind is taken away. It blocks, like all of a draft.
    pub fn begin(files: &Files, key: &FileKey) -> io::Result<Draft> {
        let path = files.folder.join(&key.0);
        let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let stem = path.with_extension("");
        for entry in fs::read_dir(folder)? {
            let left = entry?.path();
            let is_draft = left.extension().is_some_and(|extension| extension == "part");
            if is_draft && left.with_extension("").with_extension("") == stem {
                fs::remove_file(left)?;
            }
        }
        let number = NEXT_DRAFT.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{number}.part", std::process::id()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        Ok(Draft { file: BufWriter::with_capacity(DRAFT_BUFFER, file), draft, path, bytes: 0, kept: false })
    }

    /// Makes it the file: on disk before this answers. Says how long it is.
    pub fn keep(mut self) -> io::Result<u64> {
        self.file.flush()?;
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

/// Under another name first, forced to disk, then renamed, and the folder forced too.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // A name of its own: two who keep the same file at once must not write, or rename, each other's.
    let number = NEXT_DRAFT.fetch_add(1, Ordering::Relaxed);
    let draft = path.with_extension(format!("{}-{number}.part", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(folder)?.sync_all()?;
    // The folder itself may be new in its own.
    folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// One byte more than is kept: it cannot match a digest.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_leaves_no_folder() {
        for key in ["documents/0199-ab/1.pdf", "a", "a/b/c.xml"] {
            assert!(FileKey::parse(key).is_ok(), "{key}");
        }
        for key in
            ["", "/a", "a/", "a//b", "..", "a/../b", ".a", "a.", "a.b.c", "A", "a b", "a\\b", "ñ", &"a".repeat(201)]
        {
            assert!(matches!(FileKey::parse(key), Err(FileError::Key)), "{key}");
        }
    }

    #[tokio::test]
    async fn what_is_put_comes_back_or_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_data_dir(folder.path());
        let key = FileKey::parse("documents/one.pdf").unwrap();
        let digest = files.put(&key, b"%PDF".to_vec()).await.unwrap();
        assert_eq!(files.get(&key, &digest).await.unwrap(), b"%PDF");
        assert!(matches!(files.get(&key, &[0; 32]).await, Err(FileError::Damaged(_))));
        let missing = FileKey::parse("documents/two.pdf").unwrap();
        assert!(matches!(files.get(&missing, &digest).await, Err(FileError::Missing(_))));
        assert!(matches!(files.put(&key, vec![0; FILE_MAX_BYTES + 1]).await, Err(FileError::TooLarge)));
        files.put(&key, b"%PDF-2".to_vec()).await.unwrap();
        assert!(matches!(files.get(&key, &digest).await, Err(FileError::Damaged(_))));
        let kept = fs::read_dir(folder.path().join(FOLDER).join("documents")).unwrap().count();
        assert_eq!(kept, 1, "no draft is left");
    }

    #[tokio::test]
    async fn a_draft_is_a_file_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_data_dir(folder.path());
        let key = FileKey::parse("bundles/one.zip").unwrap();
        let inside = || fs::read_dir(folder.path().join(FOLDER).join("bundles")).unwrap().count();
        let mut given_up = Draft::begin(&files, &key).unwrap();
        given_up.write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(inside(), 0, "nothing is left");
        fs::write(folder.path().join(FOLDER).join("bundles/one.7-7.part"), b"of a process that died").unwrap();
        let mut whole = Draft::begin(&files, &key).unwrap();
        assert!(matches!(files.open(&key).await, Err(FileError::Missing(_))));
        whole.write_all(b"whole").unwrap();
        assert_eq!(whole.keep().unwrap(), 5);
        assert_eq!(inside(), 1, "the dead one's is gone");
        assert_eq!(files.open(&key).await.unwrap().1, 5);
        files.remove(&key).await.unwrap();
        files.remove(&key).await.unwrap();
        assert_eq!(inside(), 0);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn the_same_file_kept_by_many_at_once_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::in_data_dir(folder.path());
        let key = FileKey::parse("documents/one.pdf").unwrap();
        let bytes = vec![b'%'; 200_000];
        let puts = (0..40).map(|_| files.put(&key, bytes.clone()));
        let digests = futures::future::join_all(puts).await;
        for digest in digests {
            assert_eq!(files.get(&key, &digest.unwrap()).await.unwrap(), bytes);
        }
        let kept = fs::read_dir(folder.path().join(FOLDER).join("documents")).unwrap().count();
        assert_eq!(kept, 1, "no draft is left");
    }
}
