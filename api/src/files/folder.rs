//! Files in a folder of the data folder.
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use futures::{StreamExt as _, stream};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt as _, Take};

use super::{Body, FILE_MAX_BYTES, FileError, FileKey, draft};
use crate::keyfile;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 128 * 1024;

fn failed(key: &FileKey, source: io::Error) -> FileError {
    match source.kind() {
        io::ErrorKind::NotFound => FileError::Missing(key.0.clone()),
        _ => FileError::Disk { key: key.0.clone(), source },
    }
}

pub(super) async fn put(folder: &Path, key: &FileKey, bytes: Vec<u8>) -> Result<[u8; 32], FileError> {
    let path = folder.join(&key.0);
    let written = tokio::task::spawn_blocking(move || write(&path, &bytes).map(|()| Sha256::digest(&bytes).into()));
    let written = written.await.map_err(|ended| FileError::Thread(ended.into()))?;
    written.map_err(|source| FileError::Disk { key: key.0.clone(), source })
}

pub(super) async fn get(folder: &Path, key: &FileKey) -> Result<Vec<u8>, FileError> {
    let path = folder.join(&key.0);
    let read = tokio::task::spawn_blocking(move || read(&path));
    let read = read.await.map_err(|ended| FileError::Thread(ended.into()))?;
    read.map_err(|source| failed(key, source))
}

pub(super) async fn open(folder: &Path, key: &FileKey) -> Result<(Body, u64), FileError> {
    let file = tokio::fs::File::open(folder.join(&key.0)).await.map_err(|source| failed(key, source))?;
    let length = file.metadata().await.map_err(|source| failed(key, source))?.len();
    Ok((stream::try_unfold(file.take(length), chunk).boxed(), length))
}

async fn chunk(mut file: Take<tokio::fs::File>) -> io::Result<Option<(Vec<u8>, Take<tokio::fs::File>)>> {
    let mut bytes = vec![0; CHUNK_BYTES];
    let read = file.read(&mut bytes).await?;
    bytes.truncate(read);
    Ok((read > 0).then_some((bytes, file)))
}

pub(super) async fn remove(folder: &Path, key: &FileKey) -> Result<(), FileError> {
    match tokio::fs::remove_file(folder.join(&key.0)).await {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(FileError::Disk { key: key.0.clone(), source }),
        _ => Ok(()),
    }
}

/// Takes away what drafts of a file left behind.
pub(super) async fn clear(folder: &Path, key: &FileKey) -> Result<(), FileError> {
    let path = folder.join(&key.0);
    let cleared = tokio::task::spawn_blocking(move || draft::clear(&path));
    let cleared = cleared.await.map_err(|ended| FileError::Thread(ended.into()))?;
    cleared.map_err(|source| FileError::Disk { key: key.0.clone(), source })
}

/// Under another name first, forced to disk, then renamed, and the folder forced too.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = made(path)?;
    // A name of its own: two who keep the same file at once must not write, or rename, each other's.
    let draft = draft::name(path);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    File::open(&folder)?.sync_all()?;
    // The folder itself may be new in its own.
    folder.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// The folder of a file, which is there then.
pub(super) fn made(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    keyfile::make_folder(folder)?;
    Ok(folder.to_owned())
}

/// One byte more than is kept: it cannot match a digest.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(FILE_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}
