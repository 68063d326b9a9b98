//! Files in a bucket of an S3-compatible store.
//!
//! A request that fails in passing is tried again a few times; an object is replaced whole or not at all, as the store
//! promises. Long files go and come in pieces, so that no answer lasts as long as its slowest reader.
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, Error, GetOptions, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutPayload, RetryConfig,
};
use reqwest::redirect::Policy;
use secrecy::ExposeSecret;

use super::{Body, FILE_MAX_BYTES, FileError, FileKey};
use crate::config;

/// Bytes of a piece that is sent; the store takes none below 5 MiB but the last.
const PART_BYTES: u64 = 6 * 1024 * 1024;
/// Bytes of a piece that is asked for.
const CHUNK_BYTES: u64 = 1024 * 1024;
/// How long a connection, and one request with its body, may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
/// Tries after the first, and since when there are no more: with the last one still under a job's lease.
const RETRIES: usize = 2;
const RETRY_TIMEOUT: Duration = Duration::from_secs(20);
// The configuration keeps jobs above it.
const _: () = assert!(TIMEOUT.as_secs() + RETRY_TIMEOUT.as_secs() == config::Files::QUESTION_SECONDS);
/// What errors call it.
const STORE: &str = "S3";
/// Nothing of ours begins so: asking for it is asking whether we may ask.
const NOWHERE: &str = "probe";
/// What the store calls a bucket that is not there, in an answer that an object would have too.
const NO_BUCKET: &str = "NoSuchBucket";

/// A bucket, and the key to it.
#[derive(Clone)]
pub(super) struct Bucket {
    store: AmazonS3,
    name: Arc<str>,
}

/// Calls as every other of our clients does: past no proxy, and nowhere else than it was told.
#[derive(Debug)]
struct Connector {
    https: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> Result<HttpClient, Error> {
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .https_only(self.https);
        if !self.https {
            // A store on this machine speaks plain HTTP: it needs no certificates of authorities.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        let client = builder.build().map_err(|source| Error::Generic { store: STORE, source: Box::new(source) })?;
        Ok(HttpClient::new(client))
    }
}

/// The store's own would say the key.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Bucket {
    pub(super) fn of(settings: &config::Files) -> Result<Bucket, FileError> {
        // Which http addresses there may be is for the configuration.
        let connector = Connector { https: !settings.endpoint.starts_with("http:") };
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRY_TIMEOUT };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(settings.secret_access_key.expose_secret())
            .with_virtual_hosted_style_request(!settings.path_style)
            // Not every store knows how to delete many at once, and we never do.
            .with_disable_bulk_delete(true)
            .with_http_connector(connector)
            .with_retry(retry);
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(settings.endpoint.trim_end_matches('/'));
        }
        let store = builder.build().map_err(|source| FileError::Settings(Box::new(source)))?;
        Ok(Bucket { store, name: settings.bucket.as_str().into() })
    }

    fn failed(&self, key: &FileKey, source: Error) -> FileError {
        match source {
            Error::NotFound { .. } => FileError::Missing(key.0.clone()),
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                FileError::Refused(self.name.to_string(), Box::new(source))
            }
            source => FileError::Bucket { key: key.0.clone(), source: Box::new(source) },
        }
    }

    /// Asks for what is not there: whoever may not ask is told another thing.
    pub(super) async fn probe(&self) -> Result<(), FileError> {
        match self.store.get(&Path::from(NOWHERE)).await {
            Err(Error::NotFound { ref source, .. }) if !source.to_string().contains(NO_BUCKET) => Ok(()),
            Ok(_) => Ok(()),
            Err(source @ (Error::NotFound { .. } | Error::PermissionDenied { .. } | Error::Unauthenticated { .. })) => {
                Err(FileError::Refused(self.name.to_string(), Box::new(source)))
            }
            Err(source) => Err(FileError::Bucket { key: NOWHERE.to_owned(), source: Box::new(source) }),
        }
    }

    /// In pieces when it is long: each has its own time.
    pub(super) async fn put(&self, key: &FileKey, bytes: Vec<u8>) -> Result<(), FileError> {
        if is_one_piece(&bytes) {
            return self.put_whole(key, bytes).await;
        }
        self.send(key, &mut Cursor::new(bytes)).await
    }

    async fn put_whole(&self, key: &FileKey, bytes: Vec<u8>) -> Result<(), FileError> {
        let put = self.store.put(&path(key), PutPayload::from(bytes)).await;
        put.map(|_| ()).map_err(|source| self.failed(key, source))
    }

    pub(super) async fn get(&self, key: &FileKey) -> Result<Vec<u8>, FileError> {
        let found = self.store.get(&path(key)).await.map_err(|source| self.failed(key, source))?;
        if found.meta.size > u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX) {
            return Err(FileError::Damaged(key.0.clone()));
        }
        Ok(found.bytes().await.map_err(|source| self.failed(key, source))?.to_vec())
    }

    pub(super) async fn remove(&self, key: &FileKey) -> Result<(), FileError> {
        match self.store.delete(&path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(self.failed(key, source)),
        }
    }

    pub(super) async fn open(&self, key: &FileKey) -> Result<(Body, u64), FileError> {
        let meta = self.store.head(&path(key)).await.map_err(|source| self.failed(key, source))?;
        let length = meta.size;
        let body = stream::try_unfold((self.clone(), meta, 0), |(bucket, meta, at)| async move {
            let Some(bytes) = bucket.piece(&meta, at).await.map_err(io::Error::other)? else { return Ok(None) };
            let next = at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            Ok(Some((bytes, (bucket, meta, next))))
        });
        Ok((body.boxed(), length))
    }

    /// A piece of the very object that was opened: one that took its place meanwhile is refused.
    async fn piece(&self, meta: &ObjectMeta, at: u64) -> Result<Option<Vec<u8>>, Error> {
        if at >= meta.size {
            return Ok(None);
        }
        let end = meta.size.min(at.saturating_add(CHUNK_BYTES));
        let options = GetOptions::new().with_range(Some(at..end)).with_if_match(meta.e_tag.clone());
        let bytes = self.store.get_opts(&meta.location, options).await?.bytes().await?;
        Ok(Some(bytes.to_vec()))
    }

    /// Carries a file of any length there. What reads it blocks.
    pub(super) async fn carry(&self, key: &FileKey, file: &mut File) -> Result<(), FileError> {
        file.rewind().map_err(|source| FileError::Disk { key: key.0.clone(), source })?;
        self.send(key, file).await
    }

    async fn send(&self, key: &FileKey, file: &mut (impl Read + Send)) -> Result<(), FileError> {
        let disk = |source| FileError::Disk { key: key.0.clone(), source };
        let first = part(file).map_err(disk)?;
        if is_one_piece(&first) {
            return self.put_whole(key, first).await;
        }
        let failed = |source| self.failed(key, source);
        let mut upload = self.store.put_multipart(&path(key)).await.map_err(failed)?;
        let sent = match parts(upload.as_mut(), first, file).await {
            Ok(()) => upload.complete().await.map(|_| ()).map_err(failed),
            Err(PartError::Disk(source)) => Err(disk(source)),
            Err(PartError::Store(source)) => Err(failed(source)),
        };
        if sent.is_err()
            && let Err(error) = upload.abort().await
        {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(file.key = key.as_str(), error = error, "pieces of a file may be left in the bucket");
        }
        sent
    }
}

fn path(key: &FileKey) -> Path {
    Path::from(key.as_str())
}

/// Why a piece did not arrive.
enum PartError {
    Disk(io::Error),
    Store(Error),
}

async fn parts(
    upload: &mut dyn MultipartUpload,
    first: Vec<u8>,
    file: &mut (impl Read + Send),
) -> Result<(), PartError> {
    let mut bytes = first;
    while !bytes.is_empty() {
        upload.put_part(PutPayload::from(bytes)).await.map_err(PartError::Store)?;
        bytes = part(file).map_err(PartError::Disk)?;
    }
    Ok(())
}

/// Shorter than what is cut into pieces.
fn is_one_piece(bytes: &[u8]) -> bool {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX) < PART_BYTES
}

fn part(file: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(PART_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
