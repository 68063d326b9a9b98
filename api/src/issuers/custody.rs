//! Who may seal, with which certificate (threats K1 to K3).
//!
//! One function gives out something that signs: [`signer`]. Before it does, it has checked that the certificate is a
//! CSD of that very issuer, not revoked, good at the instant of the document, and of the right world (the SAT's test
//! certificates in a rehearsal only). The key itself never leaves this room.
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use cfdi::{Certificate, CertificateKind, Csd, CsdError};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::model::{CsdId, Issuer, IssuerId, Scope, StoredCsd};
use super::store;
pub use super::vault::{KeyChange, MASTER_KEY_FILE, VaultError};
use super::vault::{MasterKey, Place};
use crate::App;
use crate::clock::Ids;
use crate::db::{Conn, DbError, DbResult, Timestamp, Tx};

/// Opened keys kept in memory at once; opening one again costs some milliseconds.
const OPENED_MAX: usize = 64;

/// Keeps the issuers' sealing keys: sealed in the database, opened in memory only.
pub struct Vault {
    master: MasterKey,
    opened: Mutex<HashMap<CsdId, Arc<Csd>>>,
}

/// A certificate and key that may seal one document now.
#[derive(Clone)]
pub struct Signer {
    /// Which one: recorded with each signature.
    pub csd_id: CsdId,
    /// It.
    pub csd: Arc<Csd>,
}

/// Why nothing can be sealed.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// No certificate of this issuer is good at that instant.
    #[error("the issuer has no certificate good at {at} that is not revoked")]
    None {
        /// The instant of the document.
        at: Timestamp,
    },
    /// The certificate must not be used.
    #[error("certificate {certificate_number} cannot seal: {why}")]
    Unfit {
        /// Which one.
        certificate_number: String,
        /// Why not.
        why: Unfit,
    },
    /// The key does not open: another master key, damage, or a moved row.
    #[error("opening the key of certificate {certificate_number}")]
    Sealed {
        /// Which one.
        certificate_number: String,
        /// Why not.
        source: VaultError,
    },
    /// Certificate and key cannot be read.
    #[error("reading certificate {certificate_number}")]
    Read {
        /// Which one.
        certificate_number: String,
        /// Why not.
        source: CsdError,
    },
    /// The database.
    #[error("looking for a certificate")]
    Store(#[from] DbError),
}

/// What a certificate lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Its number is not the row's.
    #[error("its number is not the one it was kept under")]
    Number,
    /// An e.firma signs for the whole person: it must never be here. Nor an authority's.
    #[error("it is not a CSD")]
    NotCsd,
    /// Of another taxpayer.
    #[error("its RFC is not the issuer's")]
    Rfc,
    /// Not good at that instant.
    #[error("the document's date is outside its validity")]
    Validity,
    /// A real one in a rehearsal, or a test one outside.
    #[error("real certificates and rehearsals do not mix")]
    World,
}

impl Vault {
    /// Opens the master key of this data folder; makes it on the first start.
    pub fn open(data_dir: &Path, ids: &Ids) -> Result<Vault, VaultError> {
        Ok(Vault { master: MasterKey::open(data_dir, ids)?, opened: Mutex::default() })
    }

    /// Seals another secret of the house, for its owner and its one use.
    pub fn seal_secret(&self, owner: Uuid, used_for: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.master.seal(&Place { issuer: IssuerId::new(owner), certificate_number: used_for }, secret)
    }

    /// Opens what [`Vault::seal_secret`] sealed for this very owner and use.
    pub fn open_secret(&self, owner: Uuid, used_for: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.master.open_sealed(&Place { issuer: IssuerId::new(owner), certificate_number: used_for }, sealed)
    }

    /// What to keep of a certificate and its key (PKCS#8, DER): checked to be a pair, a CSD, and this issuer's. The key
    /// is sealed for this issuer and this certificate; its password is not kept at all.
    pub fn seal_csd(
        &self,
        ids: &Ids,
        issuer: &Issuer,
        certificate_der: &[u8],
        key_pkcs8: &[u8],
    ) -> Result<StoredCsd, CustodyError> {
        let read = |source| CustodyError::Read { certificate_number: "new".to_owned(), source };
        let csd = Csd::from_pkcs8_der(certificate_der, key_pkcs8).map_err(read)?;
        let certificate = csd.certificate();
        let certificate_number = certificate.no_certificado().to_owned();
        if certificate.rfc() != Some(&issuer.rfc) {
            return Err(CustodyError::Unfit { certificate_number, why: Unfit::Rfc });
        }
        let place = Place { issuer: issuer.id, certificate_number: &certificate_number };
        let key_sealed = self
            .master
            .seal(&place, key_pkcs8)
            .map_err(|source| CustodyError::Sealed { certificate_number: certificate_number.clone(), source })?;
        Ok(StoredCsd {
            id: CsdId::new(ids.uuid()),
            certificate_number,
            certificate_der: certificate.der().to_vec(),
            key_sealed,
            valid_from: instant(certificate.not_before()),
            // The SAT's last second is still good.
            valid_until: instant(certificate.not_after().saturating_add(1)),
        })
    }

    fn open_csd(&self, scope: Scope, stored: &StoredCsd) -> Result<Csd, CustodyError> {
        let certificate_number = || stored.certificate_number.clone();
        let place = Place { issuer: scope.issuer(), certificate_number: &stored.certificate_number };
        let key = self
            .master
            .open_sealed(&place, &stored.key_sealed)
            .map_err(|source| CustodyError::Sealed { certificate_number: certificate_number(), source })?;
        Csd::from_pkcs8_der(&stored.certificate_der, &key)
            .map_err(|source| CustodyError::Read { certificate_number: certificate_number(), source })
    }

    fn opened(&self, scope: Scope, stored: &StoredCsd) -> Result<Arc<Csd>, CustodyError> {
        let known = |opened: &HashMap<CsdId, Arc<Csd>>| opened.get(&stored.id).cloned();
        if let Some(csd) = known(&self.opened.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(csd);
        }
        let csd = Arc::new(self.open_csd(scope, stored)?);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if opened.len() >= OPENED_MAX {
            opened.clear();
        }
        opened.insert(stored.id, csd.clone());
        Ok(csd)
    }
}

/// What seals a document of this issuer dated `at`: the newest certificate that may. The row is read each time, so a
/// revoked certificate stops with the next document, whatever is open in memory.
pub async fn signer(app: &App, scope: Scope, at: Timestamp) -> Result<Signer, CustodyError> {
    let mut conn = app.db.read().await?;
    let issuer = store::find_issuer(&mut conn, scope).await?.ok_or(CustodyError::None { at })?;
    let stored = store::list_csds_at(&mut conn, scope, at).await?;
    drop(conn);
    let mut refused = CustodyError::None { at };
    for candidate in stored {
        let csd = app.vault.opened(scope, &candidate);
        match csd.and_then(|csd| fit(app.rehearsal, &issuer, &candidate, csd.certificate(), at).map(|()| csd)) {
            Ok(csd) => return Ok(Signer { csd_id: candidate.id, csd }),
            Err(error) => {
                let chain = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(error = %error, cause = chain, "a certificate cannot seal");
                refused = error;
            }
        }
    }
    Err(refused)
}

/// Whether a certificate that was just handed over may seal: now, or as soon as it begins.
pub fn check(rehearsal: bool, issuer: &Issuer, stored: &StoredCsd, now: Timestamp) -> Result<(), CustodyError> {
    let certificate_number = || stored.certificate_number.clone();
    let certificate = Certificate::parse(&stored.certificate_der)
        .map_err(|source| CustodyError::Read { certificate_number: certificate_number(), source: source.into() })?;
    fit(rehearsal, issuer, stored, &certificate, now.max(stored.valid_from))
}

/// All that must hold before a certificate may seal.
fn fit(
    rehearsal: bool,
    issuer: &Issuer,
    stored: &StoredCsd,
    certificate: &Certificate,
    at: Timestamp,
) -> Result<(), CustodyError> {
    let unfit = if certificate.no_certificado() != stored.certificate_number {
        Unfit::Number
    } else if certificate.kind() != CertificateKind::Csd {
        Unfit::NotCsd
    } else if certificate.rfc() != Some(&issuer.rfc) {
        Unfit::Rfc
    } else if !certificate.is_valid_at(at.jiff().as_second()) {
        Unfit::Validity
    } else if certificate.is_production() == rehearsal {
        Unfit::World
    } else {
        return Ok(());
    };
    Err(CustodyError::Unfit { certificate_number: stored.certificate_number.clone(), why: unfit })
}

fn instant(unix_seconds: i64) -> Timestamp {
    Timestamp::new(jiff::Timestamp::from_second(unix_seconds).unwrap_or(jiff::Timestamp::MAX))
}

/// Certificates looked at for an operator.
const EXAMINED_MAX: i64 = 1_000;

/// Each issuer's short name, and until when it can seal with what it has now.
pub async fn terms(conn: &mut impl Conn, now: Timestamp) -> DbResult<Vec<(String, Option<Timestamp>)>> {
    store::list_csd_terms(conn, now, EXAMINED_MAX).await
}

/// Days before its end at which one should hear of a certificate; at the second it is urgent, at the third there may be
/// no time left to get another (K5).
pub const WARNED_DAYS: [i64; 3] = [60, 30, 7];
const DAY_SECONDS: i64 = 86_400;

/// A certificate that ends, and that no other of its issuer's outlasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Whose.
    pub issuer: IssuerId,
    /// Which.
    pub id: CsdId,
    /// The SAT's twenty digits.
    pub certificate_number: String,
    /// First instant it is no longer good for.
    pub ends_at: Timestamp,
}

/// Certificates that end within the first of [`WARNED_DAYS`].
pub async fn ending(conn: &mut impl Conn, now: Timestamp) -> DbResult<Vec<Ending>> {
    let until = now.plus_seconds(WARNED_DAYS[0] * DAY_SECONDS);
    let rows = store::list_ending_csds(conn, (now, until), EXAMINED_MAX).await?;
    let ending = |row: store::EndingCsd| Ending {
        issuer: IssuerId::new(row.issuer_id),
        id: CsdId::new(row.id),
        certificate_number: row.certificate_number,
        ends_at: row.valid_until,
    };
    Ok(rows.into_iter().map(ending).collect())
}

/// A letter about a certificate goes out so many days before its end. `false`: it, or a later one, did before.
pub async fn mark_warned(tx: &mut Tx, scope: Scope, id: CsdId, days: i64) -> DbResult<bool> {
    store::mark_csd_warned(tx, scope, id, days).await
}

/// Opens every sealing key that may still be used, and gives the reasons of those that do not open. None stays open.
pub async fn unopened(vault: &Vault, conn: &mut impl Conn, now: Timestamp) -> DbResult<Vec<CustodyError>> {
    let stored = store::list_sealing_csds(conn, now, EXAMINED_MAX).await?;
    Ok(stored.iter().filter_map(|(issuer, csd)| vault.open_csd(Scope::of(*issuer), csd).err()).collect())
}

/// No core dump of this process, and no other process of the same user reads its memory (K2).
pub fn forbid_core_dumps() -> std::io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}
