//! The issuer's CSD: certificate and private key together, opened once and kept in memory.
//!
//! Opening refuses an e.firma, a key that belongs to another certificate, and a wrong password, each by its own error.
//! Key material that this module copies is wiped when dropped.

use crate::certificate::{self, Certificate, CertificateError, CertificateKind};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use pkcs8::der::Decode;
use pkcs8::pkcs5::{self, EncryptionScheme, pbes2};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

/// Largest key file read, in bytes; a real one has about 1 300.
const MAX_BYTES: usize = 64 * 1024;
/// Most rounds of key derivation accepted, so that a file cannot keep a processor busy. The SAT uses 2 048.
const MAX_ITERATIONS: u32 = 1_000_000;
/// Rounds in the keys that the SAT hands out.
const SAT_ITERATIONS: u32 = 2_048;

/// Why a CSD cannot be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum CsdError {
    /// The certificate cannot be read.
    #[error("no se pudo leer el certificado")]
    Certificate(#[from] CertificateError),
    /// It is an e.firma, which must not be handed over to a server.
    #[error("el certificado es una e.firma, no un CSD")]
    IsFiel,
    /// It is a certificate of another kind.
    #[error("el certificado no es un CSD")]
    NotCsd,
    /// The key file is no PKCS#8 key.
    #[error("el archivo no es una llave privada PKCS#8")]
    KeyUnreadable,
    /// The key is encrypted in a way that is not supported.
    #[error("la llave privada está cifrada con un algoritmo que no se admite")]
    KeyAlgorithm,
    /// The password does not open the key.
    #[error("la contraseña no abre la llave privada")]
    WrongPassword,
    /// The key belongs to another certificate.
    #[error("la llave privada no corresponde al certificado")]
    KeyMismatch,
    /// The key could not sign or be encrypted.
    #[error("no se pudo usar la llave privada")]
    KeyUnusable,
}

/// An opened CSD.
pub struct Csd {
    certificate: Certificate,
    key: RsaKeyPair,
}

impl std::fmt::Debug for Csd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csd").field("no_certificado", &self.certificate.no_certificado()).finish_non_exhaustive()
    }
}

impl Csd {
    /// Opens a `.cer` and `.key` as the SAT gives them, or their PEM forms. Takes tens of milliseconds.
    pub fn load(cer: &[u8], key: &[u8], password: &[u8]) -> Result<Self, CsdError> {
        let certificate = sealing_certificate(cer)?;
        let pkcs8 = decrypt_key(key, password)?;
        Self::assemble(certificate, &pkcs8)
    }

    /// Opens a CSD whose key was decrypted before (PKCS#8, DER).
    pub fn from_pkcs8_der(cer: &[u8], pkcs8: &[u8]) -> Result<Self, CsdError> {
        Self::assemble(sealing_certificate(cer)?, pkcs8)
    }

    fn assemble(certificate: Certificate, pkcs8: &[u8]) -> Result<Self, CsdError> {
        let key = RsaKeyPair::from_pkcs8(pkcs8).ok().ok_or(CsdError::KeyUnreadable)?;
        if key.public_key().as_ref() != certificate.public_key() {
            return Err(CsdError::KeyMismatch);
        }
        Ok(Self { certificate, key })
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over the message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CsdError> {
        sign_with(&self.key, message)
    }
}

/// Signs as the SAT's seals are made.
pub(crate) fn sign_with(key: &RsaKeyPair, message: &[u8]) -> Result<Vec<u8>, CsdError> {
    let mut signature = vec![0; key.public_modulus_len()];
    let signed = key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
    signed.ok().ok_or(CsdError::KeyUnusable)?;
    Ok(signature)
}

fn sealing_certificate(cer: &[u8]) -> Result<Certificate, CsdError> {
    let certificate = Certificate::parse(cer)?;
    match certificate.kind() {
        CertificateKind::Csd => Ok(certificate),
        CertificateKind::Fiel => Err(CsdError::IsFiel),
        CertificateKind::Other => Err(CsdError::NotCsd),
    }
}

/// The private key inside a `.key` (PKCS#8 in DER), wiped when dropped. A key that is not encrypted is returned as it
/// is, whatever the password.
pub fn decrypt_key(key: &[u8], password: &[u8]) -> Result<Zeroizing<Vec<u8>>, CsdError> {
    if key.len() > MAX_BYTES {
        return Err(CsdError::KeyUnreadable);
    }
    let der = match certificate::pem_text(key) {
        Some(text) => SecretDocument::from_pem(text).ok().ok_or(CsdError::KeyUnreadable)?.1.to_bytes(),
        None => Zeroizing::new(key.to_vec()),
    };
    if PrivateKeyInfoRef::from_der(&der).is_ok() {
        return Ok(der);
    }
    let encrypted = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).ok().ok_or(CsdError::KeyUnreadable)?;
    bounded(&encrypted.encryption_algorithm)?;
    let opened = encrypted.decrypt(password).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::NoPbes1CryptSupport
            | pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => CsdError::KeyAlgorithm,
        _ => CsdError::WrongPassword,
    })?;
    // A wrong password passes the padding once in 256 times, and then the content is no key.
    PrivateKeyInfoRef::from_der(opened.as_bytes()).ok().ok_or(CsdError::WrongPassword)?;
    Ok(opened.to_bytes())
}

fn bounded(scheme: &EncryptionScheme) -> Result<(), CsdError> {
    let derivation = scheme.pbes2().and_then(|parameters| parameters.kdf.pbkdf2());
    match derivation {
        Some(pbkdf2) if pbkdf2.iteration_count <= MAX_ITERATIONS => Ok(()),
        _ => Err(CsdError::KeyAlgorithm),
    }
}

/// Encrypts a PKCS#8 key the way the SAT makes its `.key` files: PBES2, PBKDF2 with HMAC-SHA1 and 2 048 rounds,
/// 3DES-CBC. For rehearsals and tests; salt and vector come from the caller.
pub fn encrypt_key(pkcs8: &[u8], password: &[u8], salt: [u8; 8], iv: [u8; 8]) -> Result<Vec<u8>, CsdError> {
    let key = PrivateKeyInfoRef::from_der(pkcs8).ok().ok_or(CsdError::KeyUnreadable)?;
    let salt = pbes2::Salt::new(salt).ok().ok_or(CsdError::KeyUnusable)?;
    let parameters = pbes2::Parameters {
        kdf: pbes2::Kdf::Pbkdf2(pbes2::Pbkdf2Params {
            salt,
            iteration_count: SAT_ITERATIONS,
            key_length: None,
            prf: pbes2::Pbkdf2Prf::HmacWithSha1,
        }),
        encryption: pbes2::EncryptionScheme::DesEde3Cbc { iv },
    };
    let encrypted = key.encrypt_with_params(parameters, password).ok().ok_or(CsdError::KeyUnusable)?;
    Ok(encrypted.as_bytes().to_vec())
}

#[cfg(all(test, feature = "testca"))]
mod tests {
    use super::*;
    use crate::testca::TestCa;

    /// What OpenSSL writes when somebody re-encrypts a key.
    #[test]
    fn keys_encrypted_with_aes_and_sha_256_are_opened() {
        let ca = TestCa::new(0, 1).unwrap();
        let issued = ca.sat_stamping_cert("30001000000500003456", 0, 1).unwrap();
        let key = PrivateKeyInfoRef::from_der(&issued.pkcs8_der).unwrap();
        let parameters = pbes2::Parameters {
            kdf: pbes2::Kdf::Pbkdf2(pbes2::Pbkdf2Params::hmac_sha256(2_048, &[1; 16]).unwrap()),
            encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [2; 16] },
        };
        let encrypted = key.encrypt_with_params(parameters, b"12345678a").unwrap();
        let opened = decrypt_key(encrypted.as_bytes(), b"12345678a").unwrap();
        assert_eq!(opened.as_slice(), issued.pkcs8_der.as_slice());
        assert!(matches!(decrypt_key(encrypted.as_bytes(), b"otra"), Err(CsdError::WrongPassword)));
    }
}
