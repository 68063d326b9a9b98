//! The PAC's stamp, TimbreFiscalDigital 1.1: read it, print its cadena, put it into a sealed document without changing
//! another byte, and find out whether a stamped document that came back is the one that was sent.

use crate::cadena_original::{self, CadenaError};
use crate::tree::{self, TreeError};
use crate::{read, xml};
use quick_xml::escape::escape;
use roxmltree::{Document, Node};

/// Namespace of the stamp.
pub const NAMESPACE: &str = "http://www.sat.gob.mx/TimbreFiscalDigital";
const SCHEMA_LOCATION: &str = concat!(
    "http://www.sat.gob.mx/TimbreFiscalDigital ",
    "http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"
);

/// `tfd:TimbreFiscalDigital`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timbre {
    /// Folio fiscal, 36 characters in the case the PAC wrote it; compare it without regard to case.
    pub uuid: String,
    /// When it was stamped: central Mexico time, `YYYY-MM-DDThh:mm:ss`.
    pub fecha_timbrado: String,
    /// RFC of the PAC.
    pub rfc_prov_certif: String,
    /// Text of the SAT, seldom there.
    pub leyenda: Option<String>,
    /// Copy of the document's seal.
    pub sello_cfd: String,
    /// Number of the SAT's certificate.
    pub no_certificado_sat: String,
    /// The SAT's seal over [`Timbre::cadena_original`].
    pub sello_sat: String,
}

/// Why a stamp cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimbreError {
    /// The bytes are no XML we accept.
    #[error("no se pudo leer el documento timbrado")]
    Tree(#[from] TreeError),
    /// The document is no CFDI 4.0, the only version that is stamped.
    #[error("el documento no es un CFDI 4.0")]
    NotCfdi40,
    /// Its cadena cannot be made.
    #[error("no se pudo obtener la cadena original del documento timbrado")]
    Cadena(#[from] CadenaError),
    /// There is no stamp inside.
    #[error("el documento no lleva timbre")]
    Missing,
    /// More than one stamp.
    #[error("el documento lleva más de un timbre")]
    Repeated,
    /// An attribute of the stamp is missing or ill-formed.
    #[error("el atributo {0} del timbre falta o está mal formado")]
    Attribute(&'static str),
    /// There is a stamp already.
    #[error("el documento ya lleva un timbre")]
    AlreadyStamped,
    /// What came back says something else than what was sent.
    #[error("el documento timbrado no es el que se envió")]
    OtherDocument,
    /// The stamp belongs to another seal.
    #[error("el SelloCFD del timbre no es el sello del documento")]
    OtherSeal,
}

impl Timbre {
    /// The text the SAT seals, `||1.1|UUID|…||`.
    pub fn cadena_original(&self) -> String {
        let mut fields = vec!["1.1", &self.uuid, &self.fecha_timbrado, &self.rfc_prov_certif];
        fields.extend(self.leyenda.as_deref());
        fields.extend([self.sello_cfd.as_str(), &self.no_certificado_sat]);
        let fields: Vec<_> = fields.into_iter().map(tree::normalize_space).collect();
        format!("||{}||", fields.join("|"))
    }

    /// The node, as a PAC writes it.
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<tfd:TimbreFiscalDigital");
        let mut attribute = |name: &str, value: &str| {
            out.push_str(&format!(" {name}=\"{}\"", escape(value)));
        };
        attribute("xmlns:tfd", NAMESPACE);
        attribute("xmlns:xsi", xml::NAMESPACE_XSI);
        attribute("xsi:schemaLocation", SCHEMA_LOCATION);
        attribute("Version", "1.1");
        attribute("UUID", &self.uuid);
        attribute("FechaTimbrado", &self.fecha_timbrado);
        attribute("RfcProvCertif", &self.rfc_prov_certif);
        if let Some(leyenda) = &self.leyenda {
            attribute("Leyenda", leyenda);
        }
        attribute("SelloCFD", &self.sello_cfd);
        attribute("NoCertificadoSAT", &self.no_certificado_sat);
        attribute("SelloSAT", &self.sello_sat);
        out.push_str("/>");
        out
    }

    /// Puts the stamp into a sealed document; every other byte stays as it was.
    pub fn insert_into(&self, sealed_xml: &str) -> Result<String, TimbreError> {
        let document = tree::parse(sealed_xml.as_bytes())?;
        let root = cfdi_root(&document)?;
        if find(root)?.is_some() {
            return Err(TimbreError::AlreadyStamped);
        }
        let sello = root.attribute("Sello").unwrap_or_default();
        if sello.is_empty() || self.sello_cfd != sello {
            return Err(TimbreError::OtherSeal);
        }
        // `tree` drops a byte order mark, so positions are those of the text without it.
        let text = tree::text(sealed_xml.as_bytes())?;
        let (at, insertion) = place(text, root, &self.to_xml());
        let mut out = String::with_capacity(text.len().saturating_add(insertion.len()));
        out.push_str(text.get(..at.start).unwrap_or_default());
        out.push_str(&insertion);
        out.push_str(text.get(at.end..).unwrap_or_default());
        Ok(out)
    }

    /// Reads the stamp of a stamped document.
    pub fn read(stamped_xml: &[u8]) -> Result<Self, TimbreError> {
        let document = tree::parse(stamped_xml)?;
        let node = find(document.root_element())?.ok_or(TimbreError::Missing)?;
        Self::from_node(node)
    }

    pub(crate) fn from_node(node: Node<'_, '_>) -> Result<Self, TimbreError> {
        let get = |name: &'static str| {
            let value = node.attribute(name).filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or(TimbreError::Attribute(name))
        };
        if node.attribute("Version") != Some("1.1") {
            return Err(TimbreError::Attribute("Version"));
        }
        let uuid = get("UUID")?;
        if !is_uuid(&uuid) {
            return Err(TimbreError::Attribute("UUID"));
        }
        let fecha_timbrado = get("FechaTimbrado")?;
        if crate::Fecha::parse(&fecha_timbrado).is_none() {
            return Err(TimbreError::Attribute("FechaTimbrado"));
        }
        Ok(Self {
            uuid,
            fecha_timbrado,
            rfc_prov_certif: get("RfcProvCertif")?,
            leyenda: node.attribute("Leyenda").map(str::to_owned),
            sello_cfd: get("SelloCFD")?,
            no_certificado_sat: get("NoCertificadoSAT")?,
            sello_sat: get("SelloSAT")?,
        })
    }
}

/// Whether a stamped document that came back is the sealed one that was sent, and its stamp is for its seal: same root
/// attributes, same cadena original, `SelloCFD` = `Sello`. Returns the stamp. The SAT's own seal is checked by
/// [`crate::Certificate::verify_timbre`] when its certificate is at hand.
pub fn accept(sealed_xml: &[u8], stamped_xml: &[u8]) -> Result<Timbre, TimbreError> {
    let (ours, theirs) = (tree::parse(sealed_xml)?, tree::parse(stamped_xml)?);
    let (our_root, their_root) = (cfdi_root(&ours)?, cfdi_root(&theirs)?);
    let timbre = Timbre::from_node(find(their_root)?.ok_or(TimbreError::Missing)?)?;
    let same_root = ["Sello", "Certificado", "NoCertificado"]
        .iter()
        .all(|name| our_root.attribute(*name) == their_root.attribute(*name));
    let same_cadena = cadena_original::cadena_original(&ours)? == cadena_original::cadena_original(&theirs)?;
    if !(same_root && same_cadena) {
        return Err(TimbreError::OtherDocument);
    }
    if our_root.attribute("Sello") != Some(timbre.sello_cfd.as_str()) {
        return Err(TimbreError::OtherSeal);
    }
    Ok(timbre)
}

fn cfdi_root<'a, 'i>(document: &'a Document<'i>) -> Result<Node<'a, 'i>, TimbreError> {
    let root = document.root_element();
    if tree::is(root, xml::NAMESPACE, "Comprobante") { Ok(root) } else { Err(TimbreError::NotCfdi40) }
}

/// The one stamp under `Complemento` of a document of either version.
pub(crate) fn find<'a, 'i>(root: Node<'a, 'i>) -> Result<Option<Node<'a, 'i>>, TimbreError> {
    let mut stamps = read::complements(root).filter(|node| tree::is(*node, NAMESPACE, "TimbreFiscalDigital"));
    match (stamps.next(), stamps.next()) {
        (_, Some(_)) => Err(TimbreError::Repeated),
        (found, None) => Ok(found),
    }
}

/// Which bytes to replace by what, so that the stamp ends up last inside `Complemento`, before any addenda.
fn place(text: &str, root: Node<'_, '_>, node: &str) -> (std::ops::Range<usize>, String) {
    let prefix = root.lookup_prefix(xml::NAMESPACE).map(|prefix| format!("{prefix}:")).unwrap_or_default();
    let wrapped = format!("<{prefix}Complemento>{node}</{prefix}Complemento>");
    let closing_of = |element: Node<'_, '_>| {
        let range = element.range();
        let inside = text.get(range.clone()).unwrap_or_default();
        inside.rfind("</").map(|at| range.start.saturating_add(at))
    };
    if let Some(complemento) = tree::child(root, xml::NAMESPACE, "Complemento") {
        return match closing_of(complemento).filter(|_| !is_self_closing(text, complemento)) {
            Some(at) => (at..at, node.to_owned()),
            None => (complemento.range(), wrapped),
        };
    }
    let at = match tree::child(root, xml::NAMESPACE, "Addenda") {
        Some(addenda) => addenda.range().start,
        None => closing_of(root).unwrap_or(root.range().end),
    };
    (at..at, wrapped)
}

fn is_self_closing(text: &str, element: Node<'_, '_>) -> bool {
    !element.has_children() && text.get(element.range()).is_some_and(|inside| inside.ends_with("/>"))
}

/// `8-4-4-4-12` hexadecimal digits in either case.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
