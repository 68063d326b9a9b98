//! Reads any CFDI 4.0, and 3.3 leniently, into the nodes of [`crate::comprobante`].
//!
//! Reading asks only for what is needed to show a document: well-formed numbers and the nodes every CFDI has. Whether
//! it is right is for [`crate::rules`]. Complements that are not modelled are named and left alone.

use crate::cadena_original::{self, CadenaError};
use crate::complements::NAMESPACE_IMPLOCAL;
use crate::comprobante::*;
use crate::timbre::{self, TimbreError};
use crate::tree::{self, TreeError};
use crate::{decimal, pagos, xml};
use fiscal::TipoComprobante;
use roxmltree::{Document, Node};
use rust_decimal::Decimal;

/// Most lines of a document that are read.
const MAX_CONCEPTOS: usize = 20_000;
/// Most rows of its summary of taxes; there are a few dozen rates in all.
const MAX_SUMMARY_ROWS: usize = 500;

/// Why a document cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes are no XML we accept.
    #[error("no se pudo leer el XML")]
    Tree(#[from] TreeError),
    /// The root is no Comprobante of version 4.0 or 3.3.
    #[error("el documento no es un CFDI 4.0 ni 3.3")]
    NotCfdi,
    /// A node that every CFDI has is missing; carries its path.
    #[error("falta el nodo {0}")]
    MissingNode(String),
    /// An attribute that every CFDI has is missing; carries its path.
    #[error("falta el atributo {0}")]
    MissingAttribute(String),
    /// A number or code is ill-formed; carries its path.
    #[error("el valor de {0} está mal formado")]
    BadValue(String),
    /// More lines or rows of one sort than are read; carries the path of what holds them.
    #[error("hay demasiados nodos en {0}")]
    TooMany(String),
    /// The stamp is there and cannot be read.
    #[error("no se pudo leer el timbre")]
    Timbre(#[from] TimbreError),
}

/// A document and what was computed from the same parse of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// The nodes.
    pub comprobante: Comprobante,
    /// The text that the issuer sealed, or why it is not known (an unknown complement).
    pub cadena_original: Result<String, CadenaError>,
}

/// Reads the bytes of a CFDI.
pub fn read(bytes: &[u8]) -> Result<Parsed, ReadError> {
    let document = tree::parse(bytes)?;
    from_tree(&document)
}

pub(crate) fn from_tree(document: &Document<'_>) -> Result<Parsed, ReadError> {
    let comprobante = comprobante(document.root_element())?;
    Ok(Parsed { comprobante, cadena_original: cadena_original::cadena_original(document) })
}

/// Elements directly under `Complemento`; version 3.3 may have several of those.
pub(crate) fn complements<'a, 'i>(root: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    let namespace = root.tag_name().namespace().map(str::to_owned);
    root.children()
        .filter(move |it| it.tag_name().name() == "Complemento" && it.tag_name().namespace() == namespace.as_deref())
        .flat_map(|complemento| complemento.children())
        .filter(Node::is_element)
}

/// XPath-like place of an element: prefixed names, with a position among siblings of the same name.
pub(crate) fn path(node: Node<'_, '_>) -> String {
    let mut parts: Vec<String> = node.ancestors().filter(Node::is_element).map(step).collect();
    parts.reverse();
    parts.concat()
}

fn step(node: Node<'_, '_>) -> String {
    let name = node.tag_name().name();
    let prefix = match node.tag_name().namespace() {
        Some(xml::NAMESPACE | xml::NAMESPACE_33) => "cfdi:",
        Some(pagos::NAMESPACE) => "pago20:",
        Some(timbre::NAMESPACE) => "tfd:",
        Some(NAMESPACE_IMPLOCAL) => "implocal:",
        _ => "",
    };
    let same = |other: &Node<'_, '_>| other.is_element() && other.tag_name() == node.tag_name();
    let before = node.prev_siblings().filter(same).count();
    let alone = before == 1 && !node.next_siblings().skip(1).any(|other| same(&other));
    if alone || node.parent_element().is_none() {
        format!("/{prefix}{name}")
    } else {
        format!("/{prefix}{name}[{before}]")
    }
}

/// Reads the attributes and children of one element.
#[derive(Clone, Copy)]
struct At<'a, 'i>(Node<'a, 'i>);

impl<'a, 'i> At<'a, 'i> {
    fn namespace(self) -> &'a str {
        self.0.tag_name().namespace().unwrap_or_default()
    }

    fn at(self, name: &str) -> String {
        format!("{}/@{name}", path(self.0))
    }

    fn maybe(self, name: &str) -> Option<String> {
        self.0.attribute(name).map(str::to_owned)
    }

    fn text(self, name: &str) -> Result<String, ReadError> {
        self.maybe(name).ok_or_else(|| ReadError::MissingAttribute(self.at(name)))
    }

    fn maybe_number(self, name: &str) -> Result<Option<Decimal>, ReadError> {
        let Some(value) = self.0.attribute(name) else { return Ok(None) };
        let number = decimal::parse(value.trim_matches([' ', '\t', '\r', '\n']));
        number.map(Some).ok_or_else(|| ReadError::BadValue(self.at(name)))
    }

    fn number(self, name: &str) -> Result<Decimal, ReadError> {
        self.maybe_number(name)?.ok_or_else(|| ReadError::MissingAttribute(self.at(name)))
    }

    fn child(self, name: &str) -> Option<Self> {
        tree::child(self.0, self.namespace(), name).map(At)
    }

    fn required(self, name: &str) -> Result<Self, ReadError> {
        self.child(name).ok_or_else(|| ReadError::MissingNode(format!("{}/cfdi:{name}", path(self.0))))
    }

    /// The element itself, unless it holds too many others.
    fn at_most(self, max: usize) -> Result<Self, ReadError> {
        let many = self.0.children().filter(Node::is_element).nth(max).is_some();
        if many { Err(ReadError::TooMany(path(self.0))) } else { Ok(self) }
    }

    /// Elements called `name` inside the child called `holder`, read one by one.
    fn each<T>(
        self,
        holder: &str,
        name: &str,
        one: impl Fn(At<'a, 'i>) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let Some(holder) = self.child(holder) else { return Ok(Vec::new()) };
        holder.rows(name, one)
    }

    fn rows<T>(self, name: &str, one: impl Fn(At<'a, 'i>) -> Result<T, ReadError>) -> Result<Vec<T>, ReadError> {
        let namespace = self.namespace();
        let rows = self.0.children().filter(|it| it.is_element() && tree::is(*it, namespace, name));
        rows.map(|row| one(At(row))).collect()
    }
}

pub(crate) fn comprobante(root: Node<'_, '_>) -> Result<Comprobante, ReadError> {
    let at = At(root);
    let version = root.attribute("Version").unwrap_or_default();
    let known = match root.tag_name().namespace() {
        Some(xml::NAMESPACE) => version == "4.0",
        Some(xml::NAMESPACE_33) => version == "3.3",
        _ => false,
    };
    if !known || root.tag_name().name() != "Comprobante" {
        return Err(ReadError::NotCfdi);
    }
    let tipo = at.text("TipoDeComprobante")?;
    let tipo = TipoComprobante::parse(&tipo).ok().ok_or_else(|| ReadError::BadValue(at.at("TipoDeComprobante")))?;
    let timbre = timbre::find(root)?.map(Timbre::from_node).transpose()?;
    Ok(Comprobante {
        version: version.to_owned(),
        serie: at.maybe("Serie"),
        folio: at.maybe("Folio"),
        fecha: at.text("Fecha")?,
        sello: at.maybe("Sello").unwrap_or_default(),
        forma_pago: at.maybe("FormaPago"),
        no_certificado: at.maybe("NoCertificado").unwrap_or_default(),
        certificado: at.maybe("Certificado").unwrap_or_default(),
        condiciones_de_pago: at.maybe("CondicionesDePago"),
        sub_total: at.number("SubTotal")?,
        descuento: at.maybe_number("Descuento")?,
        moneda: at.text("Moneda")?,
        tipo_cambio: at.maybe_number("TipoCambio")?,
        total: at.number("Total")?,
        tipo_de_comprobante: tipo,
        exportacion: at.maybe("Exportacion").unwrap_or_default(),
        metodo_pago: at.maybe("MetodoPago"),
        lugar_expedicion: at.text("LugarExpedicion")?,
        confirmacion: at.maybe("Confirmacion"),
        informacion_global: at.child("InformacionGlobal").map(informacion_global).transpose()?,
        cfdi_relacionados: at.rows("CfdiRelacionados", cfdi_relacionados)?,
        emisor: emisor(at.required("Emisor")?)?,
        receptor: receptor(at.required("Receptor")?)?,
        conceptos: conceptos(at.required("Conceptos")?)?,
        impuestos: at.child("Impuestos").map(impuestos).transpose()?,
        impuestos_locales: complement(root, NAMESPACE_IMPLOCAL, "ImpuestosLocales").map(locales).transpose()?,
        pagos: complement(root, pagos::NAMESPACE, "Pagos").map(read_pagos).transpose()?,
        timbre,
        not_modelled: not_modelled(root),
    })
}

fn complement<'a, 'i>(root: Node<'a, 'i>, namespace: &str, name: &str) -> Option<At<'a, 'i>> {
    complements(root).find(|node| tree::is(*node, namespace, name)).map(At)
}

fn not_modelled(root: Node<'_, '_>) -> Vec<String> {
    let known = |node: &Node<'_, '_>| {
        [
            (timbre::NAMESPACE, "TimbreFiscalDigital"),
            (pagos::NAMESPACE, "Pagos"),
            (NAMESPACE_IMPLOCAL, "ImpuestosLocales"),
        ]
        .iter()
        .any(|(namespace, name)| tree::is(*node, namespace, name))
    };
    let name = |node: Node<'_, '_>| node.tag_name().name().to_owned();
    let mut names: Vec<String> = complements(root).filter(|node| !known(node)).map(name).collect();
    let parts = ["ACuentaTerceros", "ComplementoConcepto", "Parte"];
    let inside = root.descendants().filter(|node| {
        let element = node.tag_name();
        let own = element.namespace() == root.tag_name().namespace();
        own && (parts.contains(&element.name()) || (element.name() == "Addenda" && node.parent() == Some(root)))
    });
    names.extend(inside.map(name));
    names.dedup();
    names
}

fn informacion_global(at: At<'_, '_>) -> Result<InformacionGlobal, ReadError> {
    Ok(InformacionGlobal { periodicidad: at.text("Periodicidad")?, meses: at.text("Meses")?, anio: at.text("Año")? })
}

fn cfdi_relacionados(at: At<'_, '_>) -> Result<CfdiRelacionados, ReadError> {
    let uuids = at.rows("CfdiRelacionado", |row| row.text("UUID"))?;
    Ok(CfdiRelacionados { tipo_relacion: at.text("TipoRelacion")?, uuids })
}

fn emisor(at: At<'_, '_>) -> Result<Emisor, ReadError> {
    Ok(Emisor {
        rfc: at.text("Rfc")?,
        nombre: at.maybe("Nombre").unwrap_or_default(),
        regimen_fiscal: at.text("RegimenFiscal")?,
        fac_atr_adquirente: at.maybe("FacAtrAdquirente"),
    })
}

fn receptor(at: At<'_, '_>) -> Result<Receptor, ReadError> {
    Ok(Receptor {
        rfc: at.text("Rfc")?,
        nombre: at.maybe("Nombre").unwrap_or_default(),
        domicilio_fiscal_receptor: at.maybe("DomicilioFiscalReceptor").unwrap_or_default(),
        residencia_fiscal: at.maybe("ResidenciaFiscal"),
        num_reg_id_trib: at.maybe("NumRegIdTrib"),
        regimen_fiscal_receptor: at.maybe("RegimenFiscalReceptor").unwrap_or_default(),
        uso_cfdi: at.text("UsoCFDI")?,
    })
}

fn conceptos(at: At<'_, '_>) -> Result<Vec<Concepto>, ReadError> {
    at.at_most(MAX_CONCEPTOS)?.rows("Concepto", concepto)
}

fn concepto(at: At<'_, '_>) -> Result<Concepto, ReadError> {
    let (traslados, retenciones) = match at.child("Impuestos") {
        Some(taxes) => {
            (taxes.each("Traslados", "Traslado", traslado)?, taxes.each("Retenciones", "Retencion", retencion)?)
        }
        None => (Vec::new(), Vec::new()),
    };
    Ok(Concepto {
        clave_prod_serv: at.text("ClaveProdServ")?,
        no_identificacion: at.maybe("NoIdentificacion"),
        cantidad: at.number("Cantidad")?,
        clave_unidad: at.text("ClaveUnidad")?,
        unidad: at.maybe("Unidad"),
        descripcion: at.text("Descripcion")?,
        valor_unitario: at.number("ValorUnitario")?,
        importe: at.number("Importe")?,
        descuento: at.maybe_number("Descuento")?,
        objeto_imp: at.maybe("ObjetoImp").unwrap_or_default(),
        traslados,
        retenciones,
        numeros_pedimento: at.rows("InformacionAduanera", |row| row.text("NumeroPedimento"))?,
        cuentas_prediales: at.rows("CuentaPredial", |row| row.text("Numero"))?,
    })
}

fn traslado(at: At<'_, '_>) -> Result<Traslado, ReadError> {
    Ok(Traslado {
        base: at.maybe_number("Base")?.unwrap_or_default(),
        impuesto: at.text("Impuesto")?,
        tipo_factor: at.text("TipoFactor")?,
        tasa_o_cuota: at.maybe_number("TasaOCuota")?,
        importe: at.maybe_number("Importe")?,
    })
}

fn retencion(at: At<'_, '_>) -> Result<Retencion, ReadError> {
    Ok(Retencion {
        base: at.number("Base")?,
        impuesto: at.text("Impuesto")?,
        tipo_factor: at.text("TipoFactor")?,
        tasa_o_cuota: at.number("TasaOCuota")?,
        importe: at.number("Importe")?,
    })
}

fn impuestos(at: At<'_, '_>) -> Result<Impuestos, ReadError> {
    for rows in ["Retenciones", "Traslados"].into_iter().filter_map(|name| at.child(name)) {
        rows.at_most(MAX_SUMMARY_ROWS)?;
    }
    let total =
        |row: At<'_, '_>| Ok(RetencionTotal { impuesto: row.text("Impuesto")?, importe: row.number("Importe")? });
    Ok(Impuestos {
        retenciones: at.each("Retenciones", "Retencion", total)?,
        traslados: at.each("Traslados", "Traslado", traslado)?,
        total_impuestos_retenidos: at.maybe_number("TotalImpuestosRetenidos")?,
        total_impuestos_trasladados: at.maybe_number("TotalImpuestosTrasladados")?,
    })
}

fn locales(at: At<'_, '_>) -> Result<ImpuestosLocales, ReadError> {
    Ok(ImpuestosLocales {
        total_de_retenciones: at.number("TotaldeRetenciones")?,
        total_de_traslados: at.number("TotaldeTraslados")?,
    })
}

fn read_pagos(at: At<'_, '_>) -> Result<Pagos, ReadError> {
    let totales = at.required("Totales")?;
    let others = totales.0.attributes().filter(|it| it.namespace().is_none() && it.name() != "MontoTotalPagos");
    let others = others.map(|it| totales.number(it.name()).map(|value| (it.name().to_owned(), value)));
    Ok(Pagos {
        totales: Totales {
            monto_total_pagos: totales.number("MontoTotalPagos")?,
            others: others.collect::<Result<_, _>>()?,
        },
        pagos: at.rows("Pago", pago)?,
    })
}

fn pago(at: At<'_, '_>) -> Result<Pago, ReadError> {
    Ok(Pago {
        fecha_pago: at.text("FechaPago")?,
        forma_de_pago_p: at.text("FormaDePagoP")?,
        moneda_p: at.text("MonedaP")?,
        tipo_cambio_p: at.maybe_number("TipoCambioP")?,
        monto: at.number("Monto")?,
        num_operacion: at.maybe("NumOperacion"),
        doctos_relacionados: at.rows("DoctoRelacionado", docto_relacionado)?,
    })
}

fn docto_relacionado(at: At<'_, '_>) -> Result<DoctoRelacionado, ReadError> {
    Ok(DoctoRelacionado {
        id_documento: at.text("IdDocumento")?,
        serie: at.maybe("Serie"),
        folio: at.maybe("Folio"),
        moneda_dr: at.text("MonedaDR")?,
        equivalencia_dr: at.maybe_number("EquivalenciaDR")?,
        num_parcialidad: at.text("NumParcialidad")?,
        imp_saldo_ant: at.number("ImpSaldoAnt")?,
        imp_pagado: at.number("ImpPagado")?,
        imp_saldo_insoluto: at.number("ImpSaldoInsoluto")?,
        objeto_imp_dr: at.text("ObjetoImpDR")?,
    })
}
