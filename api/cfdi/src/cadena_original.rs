//! The cadena original: the text that is sealed, read off the very XML that is sent, in the order of the SAT's sheets
//! `cadenaoriginal_4_0.xslt` and, for what was issued before, `cadenaoriginal_3_3.xslt`.
//!
//! The tables below are those sheets; those of the complements are in `complements`. A document with a complement that
//! is not there is refused rather than given a wrong text.

use crate::tree::{self, normalize_space};
use crate::{complements, xml};
use roxmltree::{Document, Node};

/// Why there is no cadena original.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CadenaError {
    /// The root is not a Comprobante of version 4.0 or 3.3.
    #[error("el documento no es un CFDI 4.0 ni 3.3")]
    NotCfdi,
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
    /// For each element at the end of the path, of the same namespace; with no path, the element itself.
    Each(&'static [&'static str], &'static [Step]),
    /// Every child element of the named node, by its own sheet.
    Complements(&'static str),
}
use Step::{Complements, Each, Optional as Opt, Required as Req};

const TRASLADO: &[Step] = &[Req("Base"), Req("Impuesto"), Req("TipoFactor"), Opt("TasaOCuota"), Opt("Importe")];
const RETENCION: &[Step] = &[Req("Base"), Req("Impuesto"), Req("TipoFactor"), Req("TasaOCuota"), Req("Importe")];
const RETENCION_TOTAL: &[Step] = &[Req("Impuesto"), Req("Importe")];
const PEDIMENTO: &[Step] = &[Req("NumeroPedimento")];
const RELACIONADOS: &[Step] = &[Req("TipoRelacion"), Each(&["CfdiRelacionado"], &[Req("UUID")])];

/// What both versions begin with.
const HEADER: &[Step] = &[
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
];

const COMPROBANTE: &[Step] = &[
    Each(&[], HEADER),
    Req("Exportacion"),
    Opt("MetodoPago"),
    Req("LugarExpedicion"),
    Opt("Confirmacion"),
    Each(&["InformacionGlobal"], &[Req("Periodicidad"), Req("Meses"), Req("Año")]),
    Each(&["CfdiRelacionados"], RELACIONADOS),
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

const LINE: &[Step] = &[
    Req("ClaveProdServ"),
    Opt("NoIdentificacion"),
    Req("Cantidad"),
    Req("ClaveUnidad"),
    Opt("Unidad"),
    Req("Descripcion"),
    Req("ValorUnitario"),
    Req("Importe"),
    Opt("Descuento"),
];

const CONCEPTO: &[Step] = &[
    Each(&[], LINE),
    Req("ObjetoImp"),
    Each(&[], LINE_TAXES),
    Each(
        &["ACuentaTerceros"],
        &[
            Req("RfcACuentaTerceros"),
            Req("NombreACuentaTerceros"),
            Req("RegimenFiscalACuentaTerceros"),
            Req("DomicilioFiscalACuentaTerceros"),
        ],
    ),
    Each(&[], LINE_REST),
];

const LINE_TAXES: &[Step] = &[
    Each(&["Impuestos", "Traslados", "Traslado"], TRASLADO),
    Each(&["Impuestos", "Retenciones", "Retencion"], RETENCION),
];

const LINE_REST: &[Step] = &[
    Each(&["InformacionAduanera"], PEDIMENTO),
    Each(&["CuentaPredial"], &[Req("Numero")]),
    Complements("ComplementoConcepto"),
    Each(&["Parte"], PARTE),
];

const PARTE: &[Step] = &[
    Req("ClaveProdServ"),
    Opt("NoIdentificacion"),
    Req("Cantidad"),
    Opt("Unidad"),
    Req("Descripcion"),
    Opt("ValorUnitario"),
    Opt("Importe"),
    Each(&["InformacionAduanera"], PEDIMENTO),
];

/// The totals are attributes of the parent and yet come after their rows.
const IMPUESTOS: &[Step] = &[
    Each(&["Retenciones", "Retencion"], RETENCION_TOTAL),
    Opt("TotalImpuestosRetenidos"),
    Each(&["Traslados", "Traslado"], TRASLADO),
    Opt("TotalImpuestosTrasladados"),
];

/// Version 3.3: no export, no global information, names that may be missing, no address or regime of who receives.
const COMPROBANTE_33: &[Step] = &[
    Each(&[], HEADER),
    Opt("MetodoPago"),
    Req("LugarExpedicion"),
    Opt("Confirmacion"),
    Each(&["CfdiRelacionados"], RELACIONADOS),
    Each(&["Emisor"], &[Req("Rfc"), Opt("Nombre"), Req("RegimenFiscal")]),
    Each(&["Receptor"], &[Req("Rfc"), Opt("Nombre"), Opt("ResidenciaFiscal"), Opt("NumRegIdTrib"), Req("UsoCFDI")]),
    Each(&["Conceptos", "Concepto"], CONCEPTO_33),
    Each(&["Impuestos"], IMPUESTOS_33),
    Complements("Complemento"),
];

const CONCEPTO_33: &[Step] = &[Each(&[], LINE), Each(&[], LINE_TAXES), Each(&[], LINE_REST)];

/// A row of this summary has no base, and none is exempt.
const IMPUESTOS_33: &[Step] = &[
    Each(&["Retenciones", "Retencion"], RETENCION_TOTAL),
    Opt("TotalImpuestosRetenidos"),
    Each(&["Traslados", "Traslado"], &[Req("Impuesto"), Req("TipoFactor"), Req("TasaOCuota"), Req("Importe")]),
    Opt("TotalImpuestosTrasladados"),
];

/// The text that the issuer seals. The stamp is no part of it, so it is the same before and after stamping.
pub fn cadena_original(document: &Document<'_>) -> Result<String, CadenaError> {
    let root = document.root_element();
    let steps = match (root.tag_name().namespace(), root.attribute("Version")) {
        (Some(xml::NAMESPACE), Some("4.0")) => COMPROBANTE,
        (Some(xml::NAMESPACE_33), Some("3.3")) => COMPROBANTE_33,
        _ => return Err(CadenaError::NotCfdi),
    };
    if root.tag_name().name() != "Comprobante" {
        return Err(CadenaError::NotCfdi);
    }
    // Values without their names, and neither seal nor certificate: half of the document at most, as a rule.
    let mut out = String::with_capacity(document.input_text().len() / 2);
    out.push('|');
    walk(root, steps, &mut out)?;
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
                .try_for_each(|complement| self::complement(namespace, complement, out))
        }
    })
}

fn each(node: Node<'_, '_>, path: &[&str], inner: &[Step], out: &mut String) -> Result<(), CadenaError> {
    let Some((first, rest)) = path.split_first() else { return walk(node, inner, out) };
    let namespace = node.tag_name().namespace().unwrap_or_default();
    tree::children(node, namespace, first).try_for_each(|child| each(child, rest, inner, out))
}

/// `document`: the namespace of the document's own nodes, which tells its version.
fn complement(document: &str, node: Node<'_, '_>, out: &mut String) -> Result<(), CadenaError> {
    let namespace = node.tag_name().namespace().unwrap_or_default();
    match complements::sheet(document, namespace, node.tag_name().name()) {
        Some(steps) => walk(node, steps, out),
        None => Err(CadenaError::UnknownComplement(namespace.to_owned())),
    }
}

fn field(value: &str, out: &mut String) {
    out.push('|');
    out.push_str(&normalize_space(value));
}
