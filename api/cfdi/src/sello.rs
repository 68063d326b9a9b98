//! Sealing and the proof of a seal: RSA over the cadena original, read off the very XML that is sent.

use crate::breach::Report;
use crate::cadena_original::{self, CadenaError};
use crate::certificate::{Certificate, CertificateError, CertificateKind};
use crate::comprobante::Comprobante;
use crate::csd::{Csd, CsdError};
use crate::fecha::Fecha;
use crate::rules::ROOT;
use crate::tree::{self, TreeError};
use crate::xml::{self, XmlError};
use base64::{Engine, engine::general_purpose::STANDARD};
use fiscal::Rfc;
use roxmltree::Document;

/// Why a document cannot be sealed, or its seal is not good.
#[derive(Debug, thiserror::Error)]
pub enum SelloError {
    /// The document cannot be written.
    #[error("no se pudo escribir el comprobante")]
    Write(#[from] XmlError),
    /// The document cannot be read.
    #[error("no se pudo leer el comprobante")]
    Tree(#[from] TreeError),
    /// There is no cadena original.
    #[error("no se pudo formar la cadena original")]
    Cadena(#[from] CadenaError),
    /// The key did not sign.
    #[error("no se pudo sellar con el CSD")]
    Csd(#[from] CsdError),
    /// The certificate inside the document cannot be read.
    #[error("no se pudo leer el certificado del comprobante")]
    Certificate(#[from] CertificateError),
    /// The CSD belongs to another RFC than the issuer's (303).
    #[error("el CSD no es del emisor del comprobante")]
    OtherIssuer,
    /// The seal is malformed or does not match the document (302).
    #[error("el sello no corresponde al comprobante")]
    Mismatch,
}

impl SelloError {
    /// The SAT's code, where it has one.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::OtherIssuer => Some("303"),
            Self::Mismatch => Some("302"),
            Self::Tree(_) | Self::Cadena(_) | Self::Write(_) => Some("301"),
            Self::Csd(_) | Self::Certificate(_) => None,
        }
    }
}

/// A document ready to be stamped. Its bytes are what is stored and sent, again and again if need be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The whole XML.
    pub xml: String,
    /// The text that was sealed.
    pub cadena_original: String,
    /// The seal, base64.
    pub sello: String,
    /// The certificate's number.
    pub no_certificado: String,
}

/// Seals a built document. Whether the CSD is valid at `Fecha` is for the caller, who knows the zone.
pub fn seal(mut comprobante: Comprobante, csd: &Csd) -> Result<Sealed, SelloError> {
    let certificate = csd.certificate();
    if certificate.rfc().map(Rfc::as_str) != Some(comprobante.emisor.rfc.as_str()) {
        return Err(SelloError::OtherIssuer);
    }
    comprobante.no_certificado = certificate.no_certificado().to_owned();
    comprobante.certificado = certificate.to_base64();
    comprobante.sello.clear();
    let mut xml = xml::write(&comprobante)?;
    let cadena_original = cadena_original::cadena_original(&tree::parse_own(&xml)?)?;
    let sello = STANDARD.encode(csd.sign(cadena_original.as_bytes())?);
    put_sello(&mut xml, &sello)?;
    Ok(Sealed { xml, cadena_original, sello, no_certificado: comprobante.no_certificado })
}

/// Fills in the seal where the writer left it empty. What was sealed is what is sent, byte for byte: the seal is no
/// part of the cadena original, and base64 cannot end an attribute. No value before it can look like it either, for
/// quotes inside values are escaped.
fn put_sello(xml: &mut String, sello: &str) -> Result<(), SelloError> {
    const EMPTY: &str = " Sello=\"\"";
    let at = xml.find(EMPTY).ok_or(SelloError::Mismatch)?;
    xml.insert_str(at.saturating_add(EMPTY.len()).saturating_sub(1), sello);
    Ok(())
}

/// Whether the seal is that of the certificate inside the document, over the document, of either version. Who the
/// certificate belongs to is told by [`crate::check`].
pub fn verify_sello(bytes: &[u8]) -> Result<(), SelloError> {
    let document = tree::parse(bytes)?;
    let root = document.root_element();
    let attribute = |name: &str| tree::normalize_space(root.attribute(name).unwrap_or_default());
    let certificate = embedded(&attribute("Certificado"))?;
    verify_tree(&document, &certificate, &attribute("Sello"))
}

fn verify_tree(document: &Document<'_>, certificate: &Certificate, sello: &str) -> Result<(), SelloError> {
    let cadena = cadena_original::cadena_original(document)?;
    let signature = STANDARD.decode(sello).ok().ok_or(SelloError::Mismatch)?;
    let is_old = document.root_element().tag_name().namespace() == Some(xml::NAMESPACE_33);
    let verify = if is_old { Certificate::verify_old } else { Certificate::verify };
    if verify(certificate, cadena.as_bytes(), &signature) { Ok(()) } else { Err(SelloError::Mismatch) }
}

fn embedded(base64: &str) -> Result<Certificate, SelloError> {
    let der = STANDARD.decode(base64).ok().ok_or(SelloError::Mismatch)?;
    Ok(Certificate::parse(&der)?)
}

/// The latest and earliest offset of Mexican clocks, as seconds that civil time lags behind UTC: the place's own zone
/// is not known here.
const ZONES_BEHIND_UTC_SECONDS: [i64; 2] = [5 * 3_600, 8 * 3_600];

/// What the SAT checks of seal and certificate without its lists.
pub(crate) fn check(document: &Document<'_>, comprobante: &Comprobante, report: &mut Report) {
    let at = |name: &str| format!("{ROOT}/@{name}");
    let certificate = match embedded(&tree::normalize_space(&comprobante.certificado)) {
        Ok(certificate) => certificate,
        Err(error) => return report.error("302", at("Certificado"), error.to_string()),
    };
    if certificate.no_certificado() != comprobante.no_certificado {
        report.error("302", at("NoCertificado"), "No es el número del certificado que lleva el comprobante.");
    }
    if certificate.rfc().map(Rfc::as_str) != Some(comprobante.emisor.rfc.as_str()) {
        report.error("303", at("Certificado"), "El certificado no es del emisor.");
    }
    if certificate.kind() != CertificateKind::Csd {
        report.error("306", at("Certificado"), "El certificado no es un CSD.");
    }
    if let Some(fecha) = Fecha::parse(&comprobante.fecha) {
        let valid = |lag: i64| certificate.is_valid_at(fecha.civil_seconds().saturating_add(lag));
        if !ZONES_BEHIND_UTC_SECONDS.into_iter().any(valid) {
            report.error("305", at("Fecha"), "El certificado no está vigente en la fecha del comprobante.");
        }
    }
    match verify_tree(document, &certificate, &tree::normalize_space(&comprobante.sello)) {
        Ok(()) => {}
        Err(SelloError::Cadena(error)) => report.warn("not_checked", at("Sello"), error.to_string()),
        Err(error) => report.error("CFDI40102", at("Sello"), error.to_string()),
    }
    if let Some(timbre) = &comprobante.timbre {
        let place = format!("{ROOT}/cfdi:Complemento/tfd:TimbreFiscalDigital");
        if timbre.sello_cfd != comprobante.sello {
            report.error("302", format!("{place}/@SelloCFD"), "No es el sello del comprobante.");
        }
        let message = "No se revisó el sello del SAT: hace falta su certificado.";
        report.warn("not_checked", format!("{place}/@SelloSAT"), message);
    }
}
