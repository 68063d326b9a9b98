//! The master key, and what is kept under it (threat K1).
//!
//! Each secret has a data key of its own, wrapped by the master key, so that changing the master key re-wraps 32
//! bytes and never opens a secret. Both layers are AES-256-GCM with the owner and the certificate number as
//! associated data: a row moved to another issuer or certificate does not open.
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::model::IssuerId;
use crate::clock::Ids;
use crate::keyfile::{self, KEY_LEN, KeyFileError};

/// Name of the master key's file in the data folder. A copy of the database without it signs nothing.
pub const MASTER_KEY_FILE: &str = "master.key";
/// Name of the key that comes next, from the begin of a change to its end.
const NEXT_KEY_FILE: &str = "master.key.next";
const TAG_LEN: usize = 16;
/// First byte of everything sealed: how to read the rest.
const FORMAT: u8 = 1;
/// Enough of a key's digest to say "another key" instead of "damaged".
const KEY_ID_LEN: usize = 8;
const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;
const HEAD_LEN: usize = 1 + KEY_ID_LEN + WRAPPED_LEN + NONCE_LEN;

/// Why secrets cannot be kept or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The master key could not be read or made.
    #[error("opening the master key")]
    MasterKey(#[from] KeyFileError),
    /// Sealed under a master key that is not here, as after restoring a backup without it.
    #[error("sealed under another master key: put the {MASTER_KEY_FILE} of that installation into the data folder")]
    OtherMasterKey,
    /// Some secrets may be under the next key already: with this one alone a house would not open them.
    #[error("a change of the master key was broken off: run `ventanilla master-key change` again, it goes on")]
    ChangeUnfinished,
    /// Damaged, or moved from another issuer or certificate.
    #[error("what was sealed does not open here: damaged, or moved from another row")]
    DoesNotOpen,
    /// The cipher itself failed.
    #[error("sealing a secret")]
    Cipher,
}

/// Opens and seals under the master key.
pub struct MasterKey {
    key: LessSafeKey,
    key_id: [u8; KEY_ID_LEN],
    ids: Ids,
}

impl MasterKey {
    /// Reads the master key of this data folder, or makes it on the first start.
    pub fn open(data_dir: &Path, ids: &Ids) -> Result<MasterKey, VaultError> {
        let next = data_dir.join(NEXT_KEY_FILE);
        if next.try_exists().map_err(failed(&next))? {
            return Err(VaultError::ChangeUnfinished);
        }
        MasterKey::read(&data_dir.join(MASTER_KEY_FILE), ids)
    }

    fn read(path: &Path, ids: &Ids) -> Result<MasterKey, VaultError> {
        let bytes = keyfile::read_or_create(path, ids)?;
        let digest = Sha256::new().chain_update(b"ventanilla master key").chain_update(&bytes[..]).finalize();
        let mut key_id = [0; KEY_ID_LEN];
        key_id.copy_from_slice(&digest[..KEY_ID_LEN]);
        Ok(MasterKey { key: cipher(&bytes[..])?, key_id, ids: ids.clone() })
    }

    /// Seals a secret for its one place.
    pub fn seal(&self, owner: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let data_key = Zeroizing::new(self.ids.secret());
        let mut sealed = Vec::with_capacity(HEAD_LEN + secret.len() + TAG_LEN);
        sealed.push(FORMAT);
        sealed.extend_from_slice(&self.key_id);
        sealed.extend_from_slice(&self.lock(&self.key, owner, &data_key[..])?);
        sealed.extend_from_slice(&self.lock(&cipher(&data_key[..])?, owner, secret)?);
        Ok(sealed)
    }

    /// Opens what was sealed for this very place.
    pub fn open_sealed(&self, owner: &Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let Parts { key_id, wrapped, secret } = Parts::of(sealed)?;
        if key_id != self.key_id {
            return Err(VaultError::OtherMasterKey);
        }
        let data_key = unlock(&self.key, owner, wrapped)?;
        unlock(&cipher(&data_key)?, owner, secret)
    }

    /// Nonce, then what is locked, then its tag.
    fn lock(&self, key: &LessSafeKey, owner: &Place<'_>, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&self.ids.secret()[..NONCE_LEN]);
        // The buffer is large enough from the start: growing it would leave the secret behind in freed memory.
        let mut locked = Vec::with_capacity(secret.len() + TAG_LEN);
        locked.extend_from_slice(secret);
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(owner.bytes()), &mut locked)
            .map_err(|_unspecified| VaultError::Cipher)?;
        Ok([&nonce[..], &locked].concat())
    }
}

/// What was sealed, taken apart.
struct Parts<'a> {
    key_id: &'a [u8],
    wrapped: &'a [u8],
    secret: &'a [u8],
}

impl Parts<'_> {
    fn of(sealed: &[u8]) -> Result<Parts<'_>, VaultError> {
        let (format, rest) = sealed.split_first().ok_or(VaultError::DoesNotOpen)?;
        let (key_id, rest) = rest.split_at_checked(KEY_ID_LEN).ok_or(VaultError::DoesNotOpen)?;
        if *format != FORMAT {
            return Err(VaultError::DoesNotOpen);
        }
        let (wrapped, secret) = rest.split_at_checked(WRAPPED_LEN).ok_or(VaultError::DoesNotOpen)?;
        Ok(Parts { key_id, wrapped, secret })
    }
}

/// Puts secrets from under one master key under the next.
pub struct KeyChange {
    from: MasterKey,
    to: MasterKey,
    folder: PathBuf,
}

impl KeyChange {
    /// Begins a change, or goes on with one: the next key is on disk before anything is put under it.
    pub fn open(data_dir: &Path, ids: &Ids) -> Result<KeyChange, VaultError> {
        Ok(KeyChange {
            from: MasterKey::read(&data_dir.join(MASTER_KEY_FILE), ids)?,
            to: MasterKey::read(&data_dir.join(NEXT_KEY_FILE), ids)?,
            folder: data_dir.to_owned(),
        })
    }

    /// The same secret under the next key: only its data key is opened. `None`: it is under that one already.
    pub fn rewrap(&self, owner: Uuid, used_for: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let place = Place { issuer: IssuerId::new(owner), certificate_number: used_for };
        let Parts { key_id, wrapped, secret } = Parts::of(sealed)?;
        if key_id == self.to.key_id {
            return Ok(None);
        }
        if key_id != self.from.key_id {
            return Err(VaultError::OtherMasterKey);
        }
        let data_key = unlock(&self.from.key, &place, wrapped)?;
        let wrapped = self.to.lock(&self.to.key, &place, &data_key)?;
        Ok(Some([&[FORMAT][..], &self.to.key_id, &wrapped, secret].concat()))
    }

    /// The next key becomes the master key. The one before stays beside it, under the name that this gives.
    pub fn finish(self) -> Result<String, VaultError> {
        let (present, next) = (self.folder.join(MASTER_KEY_FILE), self.folder.join(NEXT_KEY_FILE));
        let name = format!("{MASTER_KEY_FILE}.{}", hex::encode(self.from.key_id));
        match fs::hard_link(&present, self.folder.join(&name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(&present)(error)),
            _ => {}
        }
        fs::rename(&next, &present).map_err(failed(&next))?;
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(failed(&self.folder))?;
        Ok(name)
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> VaultError + '_ {
    move |source| KeyFileError::File { path: path.to_owned(), source }.into()
}

fn unlock(key: &LessSafeKey, owner: &Place<'_>, locked: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, rest) = locked.split_at_checked(NONCE_LEN).ok_or(VaultError::DoesNotOpen)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_unspecified| VaultError::DoesNotOpen)?;
    let mut buffer = Zeroizing::new(rest.to_vec());
    let length = key
        .open_in_place(nonce, Aad::from(owner.bytes()), &mut buffer)
        .map_err(|_unspecified| VaultError::DoesNotOpen)?
        .len();
    buffer.truncate(length);
    Ok(buffer)
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, VaultError> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_unspecified| VaultError::Cipher)?;
    Ok(LessSafeKey::new(key))
}

/// Where a secret belongs.
pub struct Place<'a> {
    /// Whose it is.
    pub issuer: IssuerId,
    /// The certificate it goes with.
    pub certificate_number: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.issuer.uuid().as_bytes(), self.certificate_number.as_bytes()].concat()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemClock, SystemRandomness};

    fn ids() -> Ids {
        Ids::new(Arc::new(SystemClock), Arc::new(SystemRandomness))
    }

    fn place(issuer: u128, certificate_number: &str) -> Place<'_> {
        Place { issuer: IssuerId::new(uuid::Uuid::from_u128(issuer)), certificate_number }
    }

    const SECRET: &[u8] = b"the key of a company";

    #[test]
    fn threat_k1_a_secret_opens_after_a_restart_and_is_not_in_what_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let sealed = MasterKey::open(folder.path(), &ids()).unwrap().seal(&place(1, "n"), SECRET).unwrap();
        assert!(!sealed.windows(SECRET.len()).any(|window| window == SECRET));
        let again = MasterKey::open(folder.path(), &ids()).unwrap();
        assert_eq!(again.open_sealed(&place(1, "n"), &sealed).unwrap().as_slice(), SECRET);
        assert_ne!(again.seal(&place(1, "n"), SECRET).unwrap(), sealed);
    }

    #[test]
    fn threat_k1_a_row_moved_or_touched_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let master = MasterKey::open(folder.path(), &ids()).unwrap();
        let sealed = master.seal(&place(1, "n"), SECRET).unwrap();
        for other in [place(2, "n"), place(1, "m")] {
            assert!(matches!(master.open_sealed(&other, &sealed), Err(VaultError::DoesNotOpen)));
        }
        for index in 0..sealed.len() {
            let mut touched = sealed.clone();
            touched[index] ^= 1;
            assert!(master.open_sealed(&place(1, "n"), &touched).is_err(), "byte {index}");
        }
        for length in 0..sealed.len() {
            assert!(master.open_sealed(&place(1, "n"), &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn threat_k1_without_the_master_key_the_error_says_so() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sealed = MasterKey::open(there.path(), &ids()).unwrap().seal(&place(1, "n"), SECRET).unwrap();
        let opened = MasterKey::open(here.path(), &ids()).unwrap().open_sealed(&place(1, "n"), &sealed);
        assert!(matches!(opened, Err(VaultError::OtherMasterKey)));
    }
}
