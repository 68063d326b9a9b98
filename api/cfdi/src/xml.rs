//! Writes a comprobante as the XML that is sealed and sent: one line, UTF-8 without BOM, the prefixes and
//! `schemaLocation` that PACs demand, attributes in the order of Anexo 20.
//!
//! It writes what a draft can hold. A document that was read with complements, addenda or parts is never written
//! again: its own bytes are the document.

use crate::comprobante::{
    CfdiRelacionados, Comprobante, Concepto, Emisor, Impuestos, InformacionGlobal, Receptor, Retencion, Traslado,
};
use crate::decimal;
use quick_xml::escape::escape;
use rust_decimal::Decimal;

/// Namespace of CFDI 4.0.
pub const NAMESPACE: &str = "http://www.sat.gob.mx/cfd/4";
/// Namespace of CFDI 3.3, read leniently.
pub const NAMESPACE_33: &str = "http://www.sat.gob.mx/cfd/3";
/// Namespace of `xsi:schemaLocation`.
pub const NAMESPACE_XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace and address of the schema, as PACs want them.
pub const SCHEMA_LOCATION: &str = "http://www.sat.gob.mx/cfd/4 http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd";

/// What a document takes but for its lines, most of it certificate and seal; room to write without moving.
const HEAD_BYTES: usize = 4_096;
/// What a line of one tax takes.
const LINE_BYTES: usize = 512;

/// Why a comprobante cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// It holds something this writer would lose.
    #[error("no se puede volver a escribir un comprobante que lleva {0}")]
    NotWritable(String),
    /// Its version is not 4.0.
    #[error("solo se escriben comprobantes de la versión 4.0, no {0:?}")]
    Version(String),
}

/// Writes the whole document, sealed or not.
pub fn write(comprobante: &Comprobante) -> Result<String, XmlError> {
    if comprobante.version != "4.0" {
        return Err(XmlError::Version(comprobante.version.clone()));
    }
    if let Some(lost) = lost(comprobante) {
        return Err(XmlError::NotWritable(lost));
    }
    let lines = comprobante.conceptos.len().saturating_mul(LINE_BYTES);
    let mut out = Out(String::with_capacity(HEAD_BYTES.saturating_add(lines)));
    out.document(comprobante);
    Ok(out.0)
}

fn lost(c: &Comprobante) -> Option<String> {
    let complement = c.pagos.as_ref().map(|_| "Pagos").or(c.timbre.as_ref().map(|_| "TimbreFiscalDigital"));
    let complement = complement.or(c.impuestos_locales.as_ref().map(|_| "ImpuestosLocales"));
    c.not_modelled.first().map(String::as_str).or(complement).map(str::to_owned)
}

/// The text as it grows.
struct Out(String);

/// An element whose attributes are being written, in the order they are named.
struct Tag<'a> {
    out: &'a mut Out,
    name: &'static str,
}

impl Out {
    fn tag(&mut self, name: &'static str) -> Tag<'_> {
        self.0.push('<');
        self.0.push_str(name);
        Tag { out: self, name }
    }
}

impl Tag<'_> {
    fn attribute(self, name: &str, write: impl FnOnce(&mut String)) -> Self {
        let text = &mut self.out.0;
        text.push(' ');
        text.push_str(name);
        text.push_str("=\"");
        write(text);
        text.push('"');
        self
    }

    fn text(self, name: &str, value: &str) -> Self {
        self.attribute(name, |text| text.push_str(&escape(value)))
    }

    fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Digits, a sign and a point need no escape.
    fn number(self, name: &str, value: Decimal) -> Self {
        self.attribute(name, |text| decimal::push(text, value))
    }

    fn maybe_number(self, name: &str, value: Option<Decimal>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }

    /// Ends the element, which has nothing inside.
    fn empty(self) {
        self.out.0.push_str("/>");
    }

    /// Ends the element around what `inner` writes.
    fn around(self, inner: impl FnOnce(&mut Out)) {
        self.out.0.push('>');
        inner(self.out);
        self.out.0.push_str("</");
        self.out.0.push_str(self.name);
        self.out.0.push('>');
    }
}

impl Out {
    fn document(&mut self, c: &Comprobante) {
        self.0.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.root(c).around(|out| {
            if let Some(global) = &c.informacion_global {
                out.informacion_global(global);
            }
            for relacionados in &c.cfdi_relacionados {
                out.cfdi_relacionados(relacionados);
            }
            out.emisor(&c.emisor);
            out.receptor(&c.receptor);
            out.tag("cfdi:Conceptos").around(|out| c.conceptos.iter().for_each(|it| out.concepto(it)));
            if let Some(impuestos) = &c.impuestos {
                out.impuestos(impuestos);
            }
        });
    }

    fn root(&mut self, c: &Comprobante) -> Tag<'_> {
        self.tag("cfdi:Comprobante")
            .text("xmlns:cfdi", NAMESPACE)
            .text("xmlns:xsi", NAMESPACE_XSI)
            .text("xsi:schemaLocation", SCHEMA_LOCATION)
            .text("Version", &c.version)
            .maybe("Serie", c.serie.as_deref())
            .maybe("Folio", c.folio.as_deref())
            .text("Fecha", &c.fecha)
            .text("Sello", &c.sello)
            .maybe("FormaPago", c.forma_pago.as_deref())
            .text("NoCertificado", &c.no_certificado)
            .text("Certificado", &c.certificado)
            .maybe("CondicionesDePago", c.condiciones_de_pago.as_deref())
            .number("SubTotal", c.sub_total)
            .maybe_number("Descuento", c.descuento)
            .text("Moneda", &c.moneda)
            .maybe_number("TipoCambio", c.tipo_cambio)
            .number("Total", c.total)
            .text("TipoDeComprobante", c.tipo_de_comprobante.code())
            .text("Exportacion", &c.exportacion)
            .maybe("MetodoPago", c.metodo_pago.as_deref())
            .text("LugarExpedicion", &c.lugar_expedicion)
            .maybe("Confirmacion", c.confirmacion.as_deref())
    }

    fn informacion_global(&mut self, global: &InformacionGlobal) {
        self.tag("cfdi:InformacionGlobal")
            .text("Periodicidad", &global.periodicidad)
            .text("Meses", &global.meses)
            .text("Año", &global.anio)
            .empty();
    }

    fn cfdi_relacionados(&mut self, relacionados: &CfdiRelacionados) {
        self.tag("cfdi:CfdiRelacionados").text("TipoRelacion", &relacionados.tipo_relacion).around(|out| {
            for uuid in &relacionados.uuids {
                out.tag("cfdi:CfdiRelacionado").text("UUID", uuid).empty();
            }
        });
    }

    fn emisor(&mut self, emisor: &Emisor) {
        self.tag("cfdi:Emisor")
            .text("Rfc", &emisor.rfc)
            .text("Nombre", &emisor.nombre)
            .text("RegimenFiscal", &emisor.regimen_fiscal)
            .maybe("FacAtrAdquirente", emisor.fac_atr_adquirente.as_deref())
            .empty();
    }

    fn receptor(&mut self, receptor: &Receptor) {
        self.tag("cfdi:Receptor")
            .text("Rfc", &receptor.rfc)
            .text("Nombre", &receptor.nombre)
            .text("DomicilioFiscalReceptor", &receptor.domicilio_fiscal_receptor)
            .maybe("ResidenciaFiscal", receptor.residencia_fiscal.as_deref())
            .maybe("NumRegIdTrib", receptor.num_reg_id_trib.as_deref())
            .text("RegimenFiscalReceptor", &receptor.regimen_fiscal_receptor)
            .text("UsoCFDI", &receptor.uso_cfdi)
            .empty();
    }

    fn concepto(&mut self, c: &Concepto) {
        let tag = self
            .tag("cfdi:Concepto")
            .text("ClaveProdServ", &c.clave_prod_serv)
            .maybe("NoIdentificacion", c.no_identificacion.as_deref())
            .number("Cantidad", c.cantidad)
            .text("ClaveUnidad", &c.clave_unidad)
            .maybe("Unidad", c.unidad.as_deref())
            .text("Descripcion", &c.descripcion)
            .number("ValorUnitario", c.valor_unitario)
            .number("Importe", c.importe)
            .maybe_number("Descuento", c.descuento)
            .text("ObjetoImp", &c.objeto_imp);
        let taxed = !(c.traslados.is_empty() && c.retenciones.is_empty());
        if !taxed && c.numeros_pedimento.is_empty() && c.cuentas_prediales.is_empty() {
            return tag.empty();
        }
        tag.around(|out| {
            if taxed {
                out.tag("cfdi:Impuestos").around(|out| out.line_taxes(c));
            }
            for numero in &c.numeros_pedimento {
                out.tag("cfdi:InformacionAduanera").text("NumeroPedimento", numero).empty();
            }
            for numero in &c.cuentas_prediales {
                out.tag("cfdi:CuentaPredial").text("Numero", numero).empty();
            }
        });
    }

    /// Inside a line, what is passed on comes before what is withheld; in the summary it is the other way round.
    fn line_taxes(&mut self, c: &Concepto) {
        self.traslados(&c.traslados);
        if c.retenciones.is_empty() {
            return;
        }
        self.tag("cfdi:Retenciones").around(|out| c.retenciones.iter().for_each(|it| out.retencion(it)));
    }

    fn traslados(&mut self, traslados: &[Traslado]) {
        if traslados.is_empty() {
            return;
        }
        self.tag("cfdi:Traslados").around(|out| {
            for it in traslados {
                out.tag("cfdi:Traslado")
                    .number("Base", it.base)
                    .text("Impuesto", &it.impuesto)
                    .text("TipoFactor", &it.tipo_factor)
                    .maybe_number("TasaOCuota", it.tasa_o_cuota)
                    .maybe_number("Importe", it.importe)
                    .empty();
            }
        });
    }

    fn retencion(&mut self, it: &Retencion) {
        self.tag("cfdi:Retencion")
            .number("Base", it.base)
            .text("Impuesto", &it.impuesto)
            .text("TipoFactor", &it.tipo_factor)
            .number("TasaOCuota", it.tasa_o_cuota)
            .number("Importe", it.importe)
            .empty();
    }

    fn impuestos(&mut self, impuestos: &Impuestos) {
        let tag = self
            .tag("cfdi:Impuestos")
            .maybe_number("TotalImpuestosRetenidos", impuestos.total_impuestos_retenidos)
            .maybe_number("TotalImpuestosTrasladados", impuestos.total_impuestos_trasladados);
        tag.around(|out| {
            if !impuestos.retenciones.is_empty() {
                out.tag("cfdi:Retenciones").around(|out| {
                    for it in &impuestos.retenciones {
                        let tag = out.tag("cfdi:Retencion").text("Impuesto", &it.impuesto);
                        tag.number("Importe", it.importe).empty();
                    }
                });
            }
            out.traslados(&impuestos.traslados);
        });
    }
}
