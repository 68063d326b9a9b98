//! Certificates of the SAT: whose it is, its number, whether it may seal invoices, and what it verifies.
//!
//! The chain up to the SAT's authority and its revocation lists are not checked here; a PAC does that.

use crate::timbre::Timbre;
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use fiscal::Rfc;
use pkcs8::Document;
use x509_cert::der::{Decode, Encode};

/// Largest certificate file read, in bytes; a real one has under 2 000.
const MAX_BYTES: usize = 64 * 1024;

const OID_RFC: &str = "2.5.4.45";
const OID_COMMON_NAME: &str = "2.5.4.3";
const OID_NAME: &str = "2.5.4.41";
const OID_ORGANISATION: &str = "2.5.4.10";
const OID_KEY_USAGE: &str = "2.5.29.15";

/// Bits of keyUsage, in the first byte of the bit string (RFC 5280, 4.2.1.3).
const DIGITAL_SIGNATURE: u8 = 0x80;
const NON_REPUDIATION: u8 = 0x40;
const DATA_ENCIPHERMENT: u8 = 0x10;
const KEY_AGREEMENT: u8 = 0x08;

/// What a certificate may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateKind {
    /// Certificado de sello digital: seals invoices.
    Csd,
    /// e.firma: the person's own signature, which must never be put into a server and seals no invoice (306).
    Fiel,
    /// Anything else, such as an authority's.
    Other,
}

/// Why a file is not a certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Larger than any certificate.
    #[error("el archivo es demasiado grande para ser un certificado")]
    TooLarge,
    /// Neither DER nor PEM of an X.509 certificate.
    #[error("el archivo no es un certificado X.509")]
    Unreadable(#[source] x509_cert::der::Error),
    /// Its serial number is not twenty ASCII digits, as the SAT's are.
    #[error("el número de serie del certificado no es del SAT")]
    Serial,
    /// Its public key is not bytes.
    #[error("la llave pública del certificado está mal formada")]
    PublicKey,
}

/// A certificate, parsed once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    no_certificado: String,
    rfc: Option<Rfc>,
    name: String,
    not_before: i64,
    not_after: i64,
    kind: CertificateKind,
    public_key: Vec<u8>,
}

impl Certificate {
    /// Reads a `.cer` as the SAT gives it (DER), or PEM.
    pub fn parse(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > MAX_BYTES {
            return Err(CertificateError::TooLarge);
        }
        let der = match pem_text(bytes) {
            Some(text) => Document::from_pem(text).map_err(CertificateError::Unreadable)?.1.as_bytes().to_vec(),
            None => bytes.to_vec(),
        };
        let parsed = x509_cert::Certificate::from_der(&der).map_err(CertificateError::Unreadable)?;
        let body = parsed.tbs_certificate();
        let serial = body.serial_number().as_bytes();
        if serial.len() != 20 || !serial.iter().all(u8::is_ascii_digit) {
            return Err(CertificateError::Serial);
        }
        let of_subject = |oid: &str| {
            let found = body.subject().iter().find(|it| it.oid.to_string() == oid);
            found.map(|it| directory_text(it.value.value())).filter(|text| !text.is_empty())
        };
        let rfc = of_subject(OID_RFC).and_then(|text| Rfc::parse(text.split('/').next().unwrap_or_default()).ok());
        let name = [OID_COMMON_NAME, OID_NAME, OID_ORGANISATION].into_iter().find_map(of_subject);
        let seconds =
            |time: x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        let public_key = body.subject_public_key_info().subject_public_key.as_bytes();
        Ok(Self {
            no_certificado: String::from_utf8_lossy(serial).into_owned(),
            rfc,
            name: name.unwrap_or_default(),
            not_before: seconds(body.validity().not_before),
            not_after: seconds(body.validity().not_after),
            kind: kind(body.extensions().map(Vec::as_slice).unwrap_or_default()),
            public_key: public_key.ok_or(CertificateError::PublicKey)?.to_vec(),
            der,
        })
    }

    /// The certificate's own bytes.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What goes into `Comprobante/@Certificado`.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.der)
    }

    /// The twenty digits of `NoCertificado`: the bytes of the serial number, not its value.
    pub fn no_certificado(&self) -> &str {
        &self.no_certificado
    }

    /// Whose it is; none in an authority's certificate.
    pub fn rfc(&self) -> Option<&Rfc> {
        self.rfc.as_ref()
    }

    /// The holder's name *with* the régimen societario: not what `Emisor/@Nombre` wants.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Start of validity, in seconds of Unix time.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// End of validity, in seconds of Unix time.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether it is valid at an instant, in seconds of Unix time. The SAT asks for the instant of `Fecha` (305).
    pub fn is_valid_at(&self, unix_seconds: i64) -> bool {
        (self.not_before..=self.not_after).contains(&unix_seconds)
    }

    /// What it may be used for.
    pub fn kind(&self) -> CertificateKind {
        self.kind
    }

    /// Whether the SAT's production authority issued it, by its number. A test certificate must not seal in
    /// production, nor the other way round.
    pub fn is_production(&self) -> bool {
        self.no_certificado.starts_with("00001")
    }

    /// The RSA public key (PKCS#1).
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// Whether `signature` is this certificate's RSASSA-PKCS1-v1_5 with SHA-256 over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_by(&RSA_PKCS1_2048_8192_SHA256, message, signature)
    }

    /// The same, with keys of 1,024 bits too: CSDs of before 2015 have them, and sealed documents of version 3.3 until
    /// they expired. Nothing newer is to be proved by such a key.
    pub(crate) fn verify_old(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_by(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, message, signature)
    }

    fn verify_by(&self, scheme: &'static RsaParameters, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(scheme, &self.public_key).verify(message, signature).is_ok()
    }

    /// Whether `authority` signed this certificate. One step of a chain, nothing of validity or revocation.
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        let Ok(parsed) = x509_cert::Certificate::from_der(&self.der) else { return false };
        let body = parsed.tbs_certificate().to_der();
        body.is_ok_and(|body| authority.verify(&body, parsed.signature().raw_bytes()))
    }

    /// Whether the SAT sealed this stamp with this certificate.
    pub fn verify_timbre(&self, timbre: &Timbre) -> bool {
        let signature = STANDARD.decode(&timbre.sello_sat);
        timbre.no_certificado_sat == self.no_certificado
            && signature.is_ok_and(|signature| self.verify(timbre.cadena_original().as_bytes(), &signature))
    }
}

/// The text of a PEM file, if it is one.
pub(crate) fn pem_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?.trim_start_matches('\u{feff}').trim();
    text.starts_with("-----BEGIN").then_some(text)
}

/// The SAT writes Ñ as one Latin-1 byte in a T61String: UTF-8 where valid, else Latin-1.
fn directory_text(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    text.trim().to_owned()
}

fn kind(extensions: &[x509_cert::ext::Extension]) -> CertificateKind {
    let usage = extensions.iter().find(|it| it.extn_id.to_string() == OID_KEY_USAGE);
    // BIT STRING: tag, length, number of unused bits, bits.
    let bits = match usage.map(|it| it.extn_value.as_bytes()) {
        Some([0x03, _, _, bits, ..]) => *bits,
        _ => return CertificateKind::Other,
    };
    let has = |bit: u8| bits & bit != 0;
    if has(DATA_ENCIPHERMENT) || has(KEY_AGREEMENT) {
        CertificateKind::Fiel
    } else if bits == DIGITAL_SIGNATURE | NON_REPUDIATION {
        CertificateKind::Csd
    } else {
        CertificateKind::Other
    }
}
