//! A certificate authority of our own that issues what the SAT would: CSDs, an e.firma, the certificate that seals
//! stamps. For rehearsals and tests; nothing it issues is worth anything at the SAT.
//!
//! Keys come from the operating system's randomness; times and numbers from the caller.

use crate::csd::{self, CsdError};
use aws_lc_rs::signature::RsaKeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use fiscal::Rfc;
use rcgen::{
    CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    RsaKeySize, SerialNumber,
};
use std::time::Duration;
use zeroize::Zeroizing;

/// Object identifier of x500UniqueIdentifier, where the SAT writes the RFC.
const OID_RFC: &[u64] = &[2, 5, 4, 45];
/// Object identifier of `name`.
const OID_NAME: &[u64] = &[2, 5, 4, 41];

/// Why the authority cannot issue.
#[derive(Debug, thiserror::Error)]
pub enum TestCaError {
    /// The number is not twenty digits.
    #[error("el número de serie debe tener 20 dígitos")]
    Serial,
    /// An instant is outside what a certificate can say.
    #[error("la vigencia está fuera de rango")]
    Validity,
    /// Keys or certificate could not be made.
    #[error("no se pudo emitir el certificado de prueba")]
    Issue(#[from] rcgen::Error),
    /// The new key could not be used.
    #[error("no se pudo usar la llave de prueba")]
    Key(#[from] CsdError),
}

/// A certificate and its private key.
pub struct Issued {
    /// The `.cer`.
    pub cer_der: Vec<u8>,
    /// The key, PKCS#8, not encrypted.
    pub pkcs8_der: Zeroizing<Vec<u8>>,
}

impl Issued {
    /// RSASSA-PKCS1-v1_5 with SHA-256, in base64: how seals are written.
    pub fn seal(&self, message: &str) -> Result<String, CsdError> {
        let key = RsaKeyPair::from_pkcs8(&self.pkcs8_der).ok().ok_or(CsdError::KeyUnreadable)?;
        Ok(STANDARD.encode(csd::sign_with(&key, message.as_bytes())?))
    }
}

/// The authority.
pub struct TestCa {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl TestCa {
    /// A new authority, valid between two instants (seconds of Unix time).
    pub fn new(not_before: i64, not_after: i64) -> Result<Self, TestCaError> {
        Self::of(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?, not_before, not_after)
    }

    /// The authority that once had this key (PKCS#8, DER) and this validity: its certificate comes out byte for byte
    /// the same.
    pub fn restore(pkcs8: &[u8], not_before: i64, not_after: i64) -> Result<Self, TestCaError> {
        Self::of(KeyPair::try_from(pkcs8)?, not_before, not_after)
    }

    fn of(key: KeyPair, not_before: i64, not_after: i64) -> Result<Self, TestCaError> {
        let mut params = params("20001000000100000000", not_before, not_after)?;
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, "AC DE ENSAYO");
        params.distinguished_name.push(DnType::OrganizationName, "AUTORIDAD DE ENSAYO, SIN VALIDEZ");
        // The SAT's own authority has an x500UniqueIdentifier too: readers must take the subject's, not the issuer's.
        params.distinguished_name.push(DnType::from_oid(OID_RFC), "SAT970701NN3");
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, key)? })
    }

    /// The authority's key, PKCS#8: for [`TestCa::restore`].
    pub fn pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.issuer.key().serialize_der())
    }

    /// The authority's own certificate.
    pub fn certificate_der(&self) -> &[u8] {
        self.issuer.der()
    }

    /// A CSD of an issuer. The name is written as the SAT does: with the régimen societario, if the caller gives it.
    pub fn issue_csd(
        &self,
        rfc: &Rfc,
        name: &str,
        serial: &str,
        not_before: i64,
        not_after: i64,
    ) -> Result<Issued, TestCaError> {
        let mut params = holder(rfc, name, serial, not_before, not_after)?;
        params.distinguished_name.push(DnType::OrganizationalUnitName, "Sucursal 1");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        self.issue(params)
    }

    /// An e.firma, which every door must refuse.
    pub fn issue_fiel(
        &self,
        rfc: &Rfc,
        name: &str,
        serial: &str,
        not_before: i64,
        not_after: i64,
    ) -> Result<Issued, TestCaError> {
        let mut params = holder(rfc, name, serial, not_before, not_after)?;
        params.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::ContentCommitment,
            KeyUsagePurpose::DataEncipherment,
            KeyUsagePurpose::KeyAgreement,
        ];
        self.issue(params)
    }

    /// The certificate with which the SAT seals stamps.
    pub fn sat_stamping_cert(&self, serial: &str, not_before: i64, not_after: i64) -> Result<Issued, TestCaError> {
        let mut params = params(serial, not_before, not_after)?;
        params.distinguished_name.push(DnType::CommonName, "SELLO DE TIMBRES DE ENSAYO");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
        self.issue(params)
    }

    fn issue(&self, params: CertificateParams) -> Result<Issued, TestCaError> {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Issued { cer_der: certificate.der().to_vec(), pkcs8_der: Zeroizing::new(key.serialize_der()) })
    }
}

fn params(serial: &str, not_before: i64, not_after: i64) -> Result<CertificateParams, TestCaError> {
    if serial.len() != 20 || !serial.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TestCaError::Serial);
    }
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |unix: i64| {
        let seconds = u64::try_from(unix).ok()?;
        // Past year 9999 no certificate can go.
        (seconds < 253_402_300_800).then_some(Duration::from_secs(seconds))
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.serial_number = Some(SerialNumber::from_slice(serial.as_bytes()));
    let (from, to) = (at(not_before).ok_or(TestCaError::Validity)?, at(not_after).ok_or(TestCaError::Validity)?);
    params.not_before = instant(epoch, from);
    params.not_after = instant(epoch, to);
    Ok(params)
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "both ends were bounded by the caller, and the type has no checked sum in reach"
)]
fn instant<T: std::ops::Add<Duration, Output = T>>(epoch: T, since: Duration) -> T {
    epoch + since
}

fn holder(
    rfc: &Rfc,
    name: &str,
    serial: &str,
    not_before: i64,
    not_after: i64,
) -> Result<CertificateParams, TestCaError> {
    let mut params = params(serial, not_before, not_after)?;
    let subject = &mut params.distinguished_name;
    subject.push(DnType::CommonName, name);
    subject.push(DnType::from_oid(OID_NAME), name);
    subject.push(DnType::OrganizationName, name);
    // A company's certificate names its representative after a slash.
    let unique = if rfc.is_moral() { format!("{rfc} / VADA800927DJ3") } else { rfc.to_string() };
    subject.push(DnType::from_oid(OID_RFC), unique);
    subject.push(DnType::from_oid(&[2, 5, 4, 5]), " / VADA800927HSRSRL05");
    Ok(params)
}
