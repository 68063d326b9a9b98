//! Files that are kept as they came, outside the database: in a folder of the data folder, or in a bucket of an
//! S3-compatible store.
//!
//! Promises, in either place: a file is there whole or not at all, and kept before [`Files::put`] answers; what comes
//! back is compared with the SHA-256 that its row keeps, and refused when it differs. It knows no owner: whoever asks
//! has looked at the row that names the file first. A file whose row was never committed is left over and harms nobody.
mod bucket;
mod draft;
mod folder;

use std::io;
use std::path::PathBuf;

use futures::stream::BoxStream;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::threads::Ended;
use bucket::Bucket;
pub use draft::Draft;

/// Largest file kept.
pub const FILE_MAX_BYTES: usize = 20 * 1024 * 1024;
/// Longest key.
const KEY_MAX: usize = 200;
/// Its place in the data folder.
const FOLDER: &str = "files";

/// A file bit by bit.
pub type Body = BoxStream<'static, io::Result<Vec<u8>>>;

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
    #[error("waiting for the file's thread")]
    Thread(#[source] Ended),
    /// The settings make no bucket.
    #[error("preparing the bucket")]
    Settings(#[source] Box<object_store::Error>),
    /// The bucket is not there, or its key may not do this.
    #[error("the bucket {0} refuses us")]
    Refused(String, #[source] Box<object_store::Error>),
    /// The bucket does not answer as it should.
    #[error("the file {key} in the bucket")]
    Bucket {
        /// Which.
        key: String,
        /// Why.
        #[source]
        source: Box<object_store::Error>,
    },
}

impl FileError {
    /// Another try may do better: the store is elsewhere and does not answer.
    pub fn is_away(&self) -> bool {
        matches!(self, FileError::Bucket { .. })
    }

    /// It says nothing of the file: the store does not answer, or refuses us until somebody corrects its key.
    pub fn is_out_of_reach(&self) -> bool {
        matches!(self, FileError::Bucket { .. } | FileError::Refused(..))
    }
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
    /// Of the data folder; beside a bucket it has drafts alone.
    folder: PathBuf,
    bucket: Option<Bucket>,
}

impl Files {
    /// Those that a configuration leads to. Nothing is asked of a bucket yet.
    pub fn of(config: &Config) -> Result<Files, FileError> {
        let bucket = if config.files.bucket.is_empty() { None } else { Some(Bucket::of(&config.files)?) };
        Ok(Files { folder: config.data_dir.join(FOLDER), bucket })
    }

    /// Asks a bucket whether it is there and lets us in; it writes nothing. A folder is made when it is needed.
    pub async fn probe(&self) -> Result<(), FileError> {
        match &self.bucket {
            Some(bucket) => bucket.probe().await,
            None => Ok(()),
        }
    }

    /// Keeps a file; its SHA-256 is for the row that names it. The same key is written over.
    pub async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<[u8; 32], FileError> {
        if bytes.len() > FILE_MAX_BYTES {
            return Err(FileError::TooLarge);
        }
        let Some(bucket) = &self.bucket else { return folder::put(&self.folder, key, bytes).await };
        let sha256 = Sha256::digest(&bytes).into();
        bucket.put(key, bytes).await?;
        Ok(sha256)
    }

    /// A file bit by bit, and its length. It has no digest: the caller knows what it wrote there.
    pub async fn open(&self, key: &FileKey) -> Result<(Body, u64), FileError> {
        match &self.bucket {
            Some(bucket) => bucket.open(key).await,
            None => folder::open(&self.folder, key).await,
        }
    }

    /// Takes a file away, and what is left of its drafts; one that is not there is gone already.
    pub async fn remove(&self, key: &FileKey) -> Result<(), FileError> {
        folder::clear(&self.folder, key).await?;
        match &self.bucket {
            Some(bucket) => bucket.remove(key).await,
            None => folder::remove(&self.folder, key).await,
        }
    }

    /// The file's bytes, when they are those of the digest.
    pub async fn get(&self, key: &FileKey, sha256: &[u8]) -> Result<Vec<u8>, FileError> {
        let bytes = match &self.bucket {
            Some(bucket) => bucket.get(key).await?,
            None => folder::get(&self.folder, key).await?,
        };
        if Sha256::digest(&bytes).as_slice() == sha256 { Ok(bytes) } else { Err(FileError::Damaged(key.0.clone())) }
    }
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
}
