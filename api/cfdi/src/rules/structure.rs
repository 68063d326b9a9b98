//! The schema `cfdv40.xsd` as a table: which nodes and attributes, in what order, of what shape. Faults are `301` as a
//! PAC says it, or the matrix's code where the attribute has one.

use super::Stage;
use crate::breach::Report;
use crate::decimal;
use crate::fecha::Fecha;
use crate::lists::is_unit_code;
use crate::read::path;
use crate::timbre::is_uuid;
use crate::tree::normalize_space;
use crate::xml::{NAMESPACE, NAMESPACE_XSI, SCHEMA_LOCATION};
use fiscal::{
    Exportacion, FormaPago, Impuesto, MetodoPago, ObjetoImp, Periodicidad, RegimenFiscal, Rfc, TipoComprobante,
    TipoFactor, TipoRelacion, UsoCfdi,
};
use roxmltree::Node;

/// An element: its attributes, then its children in order.
struct Element {
    attributes: &'static [Attribute],
    children: &'static [Child],
    /// Whether elements of other namespaces may be inside.
    open: bool,
}

struct Attribute {
    name: &'static str,
    required: bool,
    shape: Shape,
    code: &'static str,
}

struct Child {
    name: &'static str,
    required: bool,
    many: bool,
    element: &'static Element,
}

enum Shape {
    /// Text of at most so many characters, without `|`.
    Text(usize),
    /// Exactly so many digits.
    Digits(usize),
    /// Exactly so many ASCII letters or digits.
    Alphanumeric(usize),
    /// `t_Importe`.
    Importe,
    /// Up to six decimals, above zero.
    Positive,
    /// Up to six decimals, zero allowed.
    Rate,
    /// Anything the function accepts.
    Is(fn(&str) -> bool),
    /// Base64 text, missing before sealing.
    Seal,
    /// Twenty digits, missing before sealing.
    CertificateNumber,
}
use Shape::*;

const fn req(name: &'static str, shape: Shape) -> Attribute {
    Attribute { name, required: true, shape, code: "301" }
}

const fn opt(name: &'static str, shape: Shape) -> Attribute {
    Attribute { name, required: false, shape, code: "301" }
}

const fn coded(attribute: Attribute, code: &'static str) -> Attribute {
    Attribute { name: attribute.name, required: attribute.required, shape: attribute.shape, code }
}

const fn leaf(attributes: &'static [Attribute]) -> Element {
    Element { attributes, children: &[], open: false }
}

const fn node(attributes: &'static [Attribute], children: &'static [Child]) -> Element {
    Element { attributes, children, open: false }
}

const fn one(name: &'static str, element: &'static Element) -> Child {
    Child { name, required: true, many: false, element }
}

const fn maybe(name: &'static str, element: &'static Element) -> Child {
    Child { name, required: false, many: false, element }
}

const fn any(name: &'static str, element: &'static Element) -> Child {
    Child { name, required: false, many: true, element }
}

const fn some(name: &'static str, element: &'static Element) -> Child {
    Child { name, required: true, many: true, element }
}

static OPEN: Element = Element { attributes: &[], children: &[], open: true };

static COMPROBANTE: Element = node(
    &[
        req("Version", Is(|v| v == "4.0")),
        opt("Serie", Text(25)),
        opt("Folio", Text(40)),
        coded(req("Fecha", Is(|v| Fecha::parse(v).is_some())), "CFDI40101"),
        req("Sello", Seal),
        coded(opt("FormaPago", Is(|v| FormaPago::parse(v).is_ok())), "CFDI40104"),
        req("NoCertificado", CertificateNumber),
        req("Certificado", Seal),
        opt("CondicionesDePago", Text(1000)),
        req("SubTotal", Importe),
        opt("Descuento", Importe),
        coded(req("Moneda", Is(is_currency_code)), "CFDI40113"),
        coded(opt("TipoCambio", Positive), "CFDI40117"),
        req("Total", Importe),
        coded(req("TipoDeComprobante", Is(|v| TipoComprobante::parse(v).is_ok())), "CFDI40121"),
        coded(req("Exportacion", Is(|v| Exportacion::parse(v).is_ok())), "CFDI40123"),
        coded(opt("MetodoPago", Is(|v| MetodoPago::parse(v).is_ok())), "CFDI40124"),
        coded(req("LugarExpedicion", Digits(5)), "CFDI40126"),
        coded(opt("Confirmacion", Alphanumeric(5)), "CFDI40128"),
    ],
    &[
        maybe("InformacionGlobal", &INFORMACION_GLOBAL),
        any("CfdiRelacionados", &CFDI_RELACIONADOS),
        one("Emisor", &EMISOR),
        one("Receptor", &RECEPTOR),
        one("Conceptos", &CONCEPTOS),
        maybe("Impuestos", &IMPUESTOS),
        maybe("Complemento", &OPEN),
        maybe("Addenda", &OPEN),
    ],
);

static INFORMACION_GLOBAL: Element = leaf(&[
    coded(req("Periodicidad", Is(|v| Periodicidad::parse(v).is_ok())), "CFDI40131"),
    coded(req("Meses", Is(is_months)), "CFDI40133"),
    coded(req("Año", Is(|v| v.len() == 4 && v.parse::<u16>().is_ok_and(|year| year >= 2019))), "CFDI40136"),
]);

static CFDI_RELACIONADOS: Element = node(
    &[coded(req("TipoRelacion", Is(|v| TipoRelacion::parse(v).is_ok())), "CFDI40137")],
    &[some("CfdiRelacionado", &CFDI_RELACIONADO)],
);
static CFDI_RELACIONADO: Element = leaf(&[req("UUID", Is(is_uuid))]);

static EMISOR: Element = leaf(&[
    req("Rfc", Is(is_rfc)),
    req("Nombre", Text(300)),
    coded(req("RegimenFiscal", Is(|v| RegimenFiscal::parse(v).is_ok())), "CFDI40140"),
    coded(opt("FacAtrAdquirente", Digits(10)), "CFDI40142"),
]);

static RECEPTOR: Element = leaf(&[
    req("Rfc", Is(is_rfc)),
    req("Nombre", Text(300)),
    req("DomicilioFiscalReceptor", Digits(5)),
    coded(opt("ResidenciaFiscal", Is(|v| v.len() == 3 && v.bytes().all(|b| b.is_ascii_uppercase()))), "CFDI40150"),
    opt("NumRegIdTrib", Text(40)),
    coded(req("RegimenFiscalReceptor", Is(|v| RegimenFiscal::parse(v).is_ok())), "CFDI40157"),
    coded(req("UsoCFDI", Is(|v| UsoCfdi::parse(v).is_ok())), "CFDI40160"),
]);

static CONCEPTOS: Element = node(&[], &[some("Concepto", &CONCEPTO)]);
static CONCEPTO: Element = node(
    &[
        coded(req("ClaveProdServ", Digits(8)), "CFDI40162"),
        opt("NoIdentificacion", Text(100)),
        req("Cantidad", Positive),
        coded(req("ClaveUnidad", Is(is_unit_code)), "CFDI40165"),
        opt("Unidad", Text(20)),
        req("Descripcion", Text(1000)),
        req("ValorUnitario", Importe),
        req("Importe", Importe),
        opt("Descuento", Importe),
        coded(req("ObjetoImp", Is(|v| ObjetoImp::parse(v).is_ok())), "CFDI40170"),
    ],
    &[
        maybe("Impuestos", &LINE_TAXES),
        maybe("ACuentaTerceros", &A_CUENTA_TERCEROS),
        any("InformacionAduanera", &INFORMACION_ADUANERA),
        any("CuentaPredial", &CUENTA_PREDIAL),
        maybe("ComplementoConcepto", &OPEN),
        any("Parte", &PARTE),
    ],
);
static LINE_TAXES: Element = node(&[], &[maybe("Traslados", &LINE_TRASLADOS), maybe("Retenciones", &LINE_RETENCIONES)]);
static LINE_TRASLADOS: Element = node(&[], &[some("Traslado", &LINE_TRASLADO)]);
static LINE_TRASLADO: Element = leaf(&[
    coded(req("Base", Positive), "CFDI40174"),
    coded(req("Impuesto", Is(|v| Impuesto::parse(v).is_ok())), "CFDI40175"),
    coded(req("TipoFactor", Is(|v| TipoFactor::parse(v).is_ok())), "CFDI40176"),
    opt("TasaOCuota", Rate),
    opt("Importe", Importe),
]);
static LINE_RETENCIONES: Element = node(&[], &[some("Retencion", &LINE_RETENCION)]);
static LINE_RETENCION: Element = leaf(&[
    coded(req("Base", Positive), "CFDI40181"),
    coded(req("Impuesto", Is(|v| Impuesto::parse(v).is_ok())), "CFDI40182"),
    coded(req("TipoFactor", Is(|v| TipoFactor::parse(v).is_ok())), "CFDI40183"),
    req("TasaOCuota", Rate),
    req("Importe", Importe),
]);
static A_CUENTA_TERCEROS: Element = leaf(&[
    req("RfcACuentaTerceros", Is(is_rfc)),
    req("NombreACuentaTerceros", Text(300)),
    coded(req("RegimenFiscalACuentaTerceros", Is(|v| RegimenFiscal::parse(v).is_ok())), "CFDI40191"),
    req("DomicilioFiscalACuentaTerceros", Digits(5)),
]);
static INFORMACION_ADUANERA: Element = leaf(&[coded(req("NumeroPedimento", Is(is_pedimento)), "CFDI40194")]);
static CUENTA_PREDIAL: Element =
    leaf(&[req("Numero", Is(|v| (1..=150).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_alphanumeric())))]);
static PARTE: Element = node(
    &[
        coded(req("ClaveProdServ", Digits(8)), "CFDI40196"),
        opt("NoIdentificacion", Text(100)),
        req("Cantidad", Positive),
        opt("Unidad", Text(20)),
        req("Descripcion", Text(1000)),
        opt("ValorUnitario", Importe),
        opt("Importe", Importe),
    ],
    &[any("InformacionAduanera", &INFORMACION_ADUANERA)],
);

static IMPUESTOS: Element = node(
    &[opt("TotalImpuestosRetenidos", Importe), opt("TotalImpuestosTrasladados", Importe)],
    &[maybe("Retenciones", &RETENCIONES), maybe("Traslados", &TRASLADOS)],
);
static RETENCIONES: Element = node(&[], &[some("Retencion", &RETENCION)]);
static RETENCION: Element =
    leaf(&[coded(req("Impuesto", Is(|v| Impuesto::parse(v).is_ok())), "CFDI40207"), req("Importe", Importe)]);
static TRASLADOS: Element = node(&[], &[some("Traslado", &TRASLADO)]);
static TRASLADO: Element = leaf(&[
    coded(req("Base", Importe), "CFDI40213"),
    coded(req("Impuesto", Is(|v| Impuesto::parse(v).is_ok())), "CFDI40217"),
    coded(req("TipoFactor", Is(|v| TipoFactor::parse(v).is_ok())), "CFDI40213"),
    opt("TasaOCuota", Rate),
    opt("Importe", Importe),
]);

/// Checks the whole tree from its root.
pub(super) fn check(root: Node<'_, '_>, stage: Stage, report: &mut Report) {
    element(root, &COMPROBANTE, stage, report);
    habits_of_pacs(root, report);
}

/// The schema allows any prefix and no schemaLocation; PACs refuse both.
fn habits_of_pacs(root: Node<'_, '_>, report: &mut Report) {
    if root.lookup_prefix(NAMESPACE) != Some("cfdi") {
        report.warn("pac_prefix", path(root), "Los PAC piden el prefijo cfdi.");
    }
    let locations = root.attribute((NAMESPACE_XSI, "schemaLocation")).unwrap_or_default();
    if !normalize_space(locations).contains(SCHEMA_LOCATION) {
        let place = format!("{}/@xsi:schemaLocation", path(root));
        report.warn("pac_schema_location", place, "Los PAC piden aquí el esquema de la versión 4.0.");
    }
}

fn element(at: Node<'_, '_>, spec: &Element, stage: Stage, report: &mut Report) {
    if report.is_full() {
        return;
    }
    attributes(at, spec, stage, report);
    if at.children().any(|it| it.is_text() && !normalize_space(it.text().unwrap_or_default()).is_empty()) && !spec.open
    {
        report.error("301", path(at), "El nodo lleva texto donde solo puede haber nodos y atributos.");
    }
    children(at, spec, stage, report);
}

fn attributes(at: Node<'_, '_>, spec: &Element, stage: Stage, report: &mut Report) {
    let place = |name: &str| format!("{}/@{name}", path(at));
    // One bit for each that was met. They come in the order of the schema as a rule, so the search goes on from the last.
    let (mut met, mut next) = (0u32, 0usize);
    for attribute in at.attributes().filter(|it| it.namespace().is_none()) {
        let mut onward = spec.attributes.iter().enumerate().cycle().skip(next).take(spec.attributes.len());
        let Some((index, known)) = onward.find(|(_, it)| it.name == attribute.name()) else {
            report.error("301", place(attribute.name()), "El atributo no existe en el esquema.");
            continue;
        };
        met |= bit(index);
        next = index.saturating_add(1);
        if !fits(&known.shape, attribute.value(), stage) {
            let shown: String = attribute.value().chars().take(60).collect();
            report.error(known.code, place(known.name), format!("El valor «{shown}» no es válido."));
        }
    }
    for (index, attribute) in spec.attributes.iter().enumerate() {
        if attribute.required && met & bit(index) == 0 {
            report.error("301", place(attribute.name), "Falta el atributo.");
        }
    }
}

/// No element of the schema has more than 32 attributes.
fn bit(index: usize) -> u32 {
    u32::try_from(index).ok().and_then(|index| 1u32.checked_shl(index)).unwrap_or(0)
}

fn children(at: Node<'_, '_>, spec: &Element, stage: Stage, report: &mut Report) {
    if spec.open {
        return;
    }
    let mut seen = vec![0usize; spec.children.len()];
    let mut position = 0;
    for child in at.children().filter(Node::is_element) {
        let own = child.tag_name().namespace() == Some(NAMESPACE);
        let found = spec.children.iter().position(|it| own && it.name == child.tag_name().name());
        let Some((index, known)) = found.and_then(|index| spec.children.get(index).map(|it| (index, it))) else {
            report.error("301", path(child), "El nodo no existe en el esquema.");
            continue;
        };
        if index < position {
            report.error("301", path(child), "El nodo está fuera de orden.");
        }
        position = position.max(index);
        if let Some(count) = seen.get_mut(index) {
            *count = count.saturating_add(1);
            if *count > 1 && !known.many {
                report.error("301", path(child), "El nodo está repetido.");
            }
        }
        element(child, known.element, stage, report);
    }
    for (child, count) in spec.children.iter().zip(seen) {
        if child.required && count == 0 {
            report.error("301", format!("{}/cfdi:{}", path(at), child.name), "Falta el nodo.");
        }
    }
}

/// Most schema types collapse blanks before they compare.
fn fits(shape: &Shape, raw: &str, stage: Stage) -> bool {
    let value = normalize_space(raw);
    let value = value.as_ref();
    let bytes = value.as_bytes();
    let unsealed = stage == Stage::Draft && value.is_empty();
    match shape {
        Text(max) => (1..=*max).contains(&value.chars().count()) && !value.contains('|'),
        Digits(n) => bytes.len() == *n && bytes.iter().all(u8::is_ascii_digit),
        Alphanumeric(n) => bytes.len() == *n && bytes.iter().all(u8::is_ascii_alphanumeric),
        Importe => number(value),
        Rate => number(value),
        Positive => number(value) && bytes.iter().any(|b| matches!(b, b'1'..=b'9')),
        // A pedimento has doubled blanks that must not be collapsed.
        Is(accepts) => accepts(value) || accepts(raw),
        Seal => unsealed || (!value.is_empty() && bytes.iter().all(is_base64)),
        CertificateNumber => unsealed || (bytes.len() == 20 && bytes.iter().all(u8::is_ascii_digit)),
    }
}

fn number(value: &str) -> bool {
    decimal::is_shaped(value, decimal::LINE_DECIMALS)
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

fn is_rfc(value: &str) -> bool {
    Rfc::parse(value).is_ok_and(|rfc| rfc.as_str() == value)
}

fn is_currency_code(value: &str) -> bool {
    value.len() == 3 && value.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_months(value: &str) -> bool {
    value.len() == 2 && value.parse::<u8>().is_ok_and(|month| (1..=18).contains(&month))
}

/// `15  48  3009  0001234`: year, customs office, licence, number, with two blanks between.
fn is_pedimento(value: &str) -> bool {
    value.len() == 21
        && value.bytes().enumerate().all(|(i, b)| match i {
            2 | 3 | 6 | 7 | 12 | 13 => b == b' ',
            _ => b.is_ascii_digit(),
        })
}
