//! The cadena original: the text that is sealed, read off the very XML that is sent, in the order of the SAT's sheet
//! `cadenaoriginal_4_0.xslt`.
//!
//! The tables below are that sheet; those of the complements are in `complements`. A document with a complement that
//! is not there is refused rather than given a wrong text.

use crate::tree::{self, normalize_space};
use crate::{complements, xml};
use roxmltree::{Document, Node};

/// Why there is no cadena original.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CadenaError {
    /// The root is not a Comprobante of version 4.0.
    #[error("el documento no es un CFDI 4.0")]
    NotCfdi40,
    /// A complement whose order is not known here; carries its namespace.
    #[error("no se conoce el orden del complemento {0}")]
    UnknownComplement(String),
}

/// One step of a sheet.
pub(crate) enum Step {
    /// Prints the field, empty if the attribute is missing.
    Required(&'static str),
    /// Prints the field only if the attribute exists.
    Optional(&'static str),
    /// For each element at the end of the path, of the same namespace.
    Each(&'static [&'static str], &'static [Step]),
    /// Every child element of the named node, by its own sheet.
    Complements(&'static str),
}
use Step::{Complements, Each, Optional as Opt, Required as Req};

const TRASLADO: &[Step] = &[Req("Base"), Req("Impuesto"), Req("TipoFactor"), Opt("TasaOCuota"), Opt("Importe")];
const RETENCION: &[Step] = &[Req("Base"), Req("Impuesto"), Req("TipoFactor"), Req("TasaOCuota"), Req("Importe")];
const PEDIMENTO: &[Step] = &[Req("NumeroPedimento")];

const COMPROBANTE: &[Step] = &[
    Req("Version"),
    Opt("Serie"),
    Opt("Folio"),
    Req("Fecha"),
    Opt("FormaPago"),
    Req("NoCertificado"),
    Opt("CondicionesDePago"),
    Req("SubTotal"),
    Opt("Descuento"),
    Req("Moneda"),
    Opt("TipoCambio"),
    Req("Total"),
    Req("TipoDeComprobante"),
    Req("Exportacion"),
    Opt("MetodoPago"),
    Req("LugarExpedicion"),
    Opt("Confirmacion"),
    Each(&["InformacionGlobal"], &[Req("Periodicidad"), Req("Meses"), Req("Año")]),
    Each(&["CfdiRelacionados"], &[Req("TipoRelacion"), Each(&["CfdiRelacionado"], &[Req("UUID")])]),
    Each(&["Emisor"], &[Req("Rfc"), Req("Nombre"), Req("RegimenFiscal"), Opt("FacAtrAdquirente")]),
    Each(&["Receptor"], RECEPTOR),
    Each(&["Conceptos", "Concepto"], CONCEPTO),
    Each(&["Impuestos"], IMPUESTOS),
    Complements("Complemento"),
];

const RECEPTOR: &[Step] = &[
    Req("Rfc"),
    Req("Nombre"),
    Req("DomicilioFiscalReceptor"),
    Opt("ResidenciaFiscal"),
    Opt("NumRegIdTrib"),
    Req("RegimenFiscalReceptor"),
    Req("UsoCFDI"),
];

const CONCEPTO: &[Step] = &[
    Req("ClaveProdServ"),
    Opt("NoIdentificacion"),
    Req("Cantidad"),
    Req("ClaveUnidad"),
    Opt("Unidad"),
    Req("Descripcion"),
    Req("ValorUnitario"),
    Req("Importe"),
    Opt("Descuento"),
    Req("ObjetoImp"),
    Each(&["Impuestos", "Traslados", "Traslado"], TRASLADO),
    Each(&["Impuestos", "Retenciones", "Retencion"], RETENCION),
    Each(
        &["ACuentaTerceros"],
        &[
            Req("RfcACuentaTerceros"),
            Req("NombreACuentaTerceros"),
            Req("RegimenFiscalACuentaTerceros"),
            Req("DomicilioFiscalACuentaTerceros"),
        ],
    ),
    Each(&["InformacionAduanera"], PEDIMENTO),
    Each(&["CuentaPredial"], &[Req("Numero")]),
    Complements("ComplementoConcepto"),
    Each(
        &["Parte"],
        &[
            Req("ClaveProdServ"),
            Opt("NoIdentificacion"),
            Req("Cantidad"),
            Opt("Unidad"),
            Req("Descripcion"),
            Opt("ValorUnitario"),
            Opt("Importe"),
            Each(&["InformacionAduanera"], PEDIMENTO),
        ],
    ),
];

/// The totals are attributes of the parent and yet come after their rows.
const IMPUESTOS: &[Step] = &[
    Each(&["Retenciones", "Retencion"], &[Req("Impuesto"), Req("Importe")]),
    Opt("TotalImpuestosRetenidos"),
    Each(&["Traslados", "Traslado"], TRASLADO),
    Opt("TotalImpuestosTrasladados"),
];

/// The text that the issuer seals. The stamp is no part of it, so it is the same before and after stamping.
pub fn cadena_original(document: &Document<'_>) -> Result<String, CadenaError> {
    let root = document.root_element();
    if !tree::is(root, xml::NAMESPACE, "Comprobante") || root.attribute("Version") != Some("4.0") {
        return Err(CadenaError::NotCfdi40);
    }
    let mut out = String::from("|");
    walk(root, COMPROBANTE, &mut out)?;
    out.push_str("||");
    Ok(out)
}

fn walk(node: Node<'_, '_>, steps: &[Step], out: &mut String) -> Result<(), CadenaError> {
    steps.iter().try_for_each(|step| match step {
        Req(name) => {
            field(node.attribute(*name).unwrap_or_default(), out);
            Ok(())
        }
        Opt(name) => {
            if let Some(value) = node.attribute(*name) {
                field(value, out);
            }
            Ok(())
        }
        Each(path, inner) => each(node, path, inner, out),
        Complements(holder) => {
            let namespace = node.tag_name().namespace().unwrap_or_default();
            tree::children(node, namespace, holder)
                .flat_map(|holder| holder.children())
                .filter(Node::is_element)
                .try_for_each(|complement| self::complement(complement, out))
        }
    })
}

fn each(node: Node<'_, '_>, path: &[&str], inner: &[Step], out: &mut String) -> Result<(), CadenaError> {
    let Some((first, rest)) = path.split_first() else { return walk(node, inner, out) };
    let namespace = node.tag_name().namespace().unwrap_or_default();
    tree::children(node, namespace, first).try_for_each(|child| each(child, rest, inner, out))
}

fn complement(node: Node<'_, '_>, out: &mut String) -> Result<(), CadenaError> {
    let namespace = node.tag_name().namespace().unwrap_or_default();
    match complements::sheet(namespace, node.tag_name().name()) {
        Some(steps) => walk(node, steps, out),
        None => Err(CadenaError::UnknownComplement(namespace.to_owned())),
    }
}

fn field(value: &str, out: &mut String) {
    out.push('|');
    out.push_str(&normalize_space(value));
}
