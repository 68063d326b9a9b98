//! Secrets that live in the data folder, one file each: 32 bytes, the service user's alone, made on the first start.
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::clock::Ids;

/// Bytes of a key.
pub const KEY_LEN: usize = 32;

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be read or made.
    #[error("reading or making the key {path}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the service's user may read or write the file.
    #[error("the key {path} is open to other users (mode {mode:03o}): set it to 600")]
    OpenToOthers {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file is not a key.
    #[error("the key {path} does not have {KEY_LEN} bytes")]
    Length {
        /// Which file.
        path: PathBuf,
    },
}

/// Makes the folder of keys and data, for its owner alone (O3). One that is there stays as it is.
pub fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Reads a key, or makes it when there is none. A key that others can read, or of another length, is refused.
pub fn read_or_create(path: &Path, ids: &Ids) -> Result<Zeroizing<[u8; KEY_LEN]>, KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    if !path.try_exists().map_err(failed)? {
        create(path, ids).map_err(failed)?;
    }
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode });
    }
    let bytes = Zeroizing::new(fs::read(path).map_err(failed)?);
    let key = <[u8; KEY_LEN]>::try_from(bytes.as_slice()).map(Zeroizing::new);
    key.map_err(|_slice| KeyFileError::Length { path: path.to_owned() })
}

/// Writes the whole key under another name first: a crash leaves no half key, and of two starts at once one wins.
fn create(path: &Path, ids: &Ids) -> io::Result<()> {
    let draft = path.with_extension(format!("{}.tmp", ids.uuid().simple()));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
    let key = Zeroizing::new(ids.secret());
    let made = file.write_all(&key[..]).and_then(|()| file.sync_all()).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemClock, SystemRandomness};

    fn ids() -> Ids {
        Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness))
    }

    #[test]
    fn a11_a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        let key = read_or_create(&path, &ids()).unwrap();
        assert_eq!(read_or_create(&path, &ids()).unwrap(), key);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a11_a_key_others_can_read_or_of_another_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("some.key");
        read_or_create(&path, &ids()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(read_or_create(&path, &ids()), Err(KeyFileError::OpenToOthers { mode: 0o640, .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, [0; 31]).unwrap();
        assert!(matches!(read_or_create(&path, &ids()), Err(KeyFileError::Length { .. })));
    }
}
