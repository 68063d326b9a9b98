//! Writes a comprobante as the XML that is sealed and sent: one line, UTF-8 without BOM, the prefixes and
//! `schemaLocation` that PACs demand, attributes in the order of Anexo 20.
//!
//! It writes what a draft can hold. A document that was read with complements, addenda or parts is never written
//! again: its own bytes are the document.

use crate::comprobante::{
    CfdiRelacionados, Comprobante, Concepto, Emisor, Impuestos, InformacionGlobal, Receptor, Retencion, Traslado,
};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};
use rust_decimal::Decimal;
use std::io;

/// Namespace of CFDI 4.0.
pub const NAMESPACE: &str = "http://www.sat.gob.mx/cfd/4";
/// Namespace of CFDI 3.3, read leniently.
pub const NAMESPACE_33: &str = "http://www.sat.gob.mx/cfd/3";
/// Namespace of `xsi:schemaLocation`.
pub const NAMESPACE_XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace and address of the schema, as PACs want them.
pub const SCHEMA_LOCATION: &str = "http://www.sat.gob.mx/cfd/4 http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd";

/// Why a comprobante cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum XmlError {
    /// It holds something this writer would lose.
    #[error("no se puede volver a escribir un comprobante que lleva {0}")]
    NotWritable(String),
    /// Its version is not 4.0.
    #[error("solo se escriben comprobantes de la versión 4.0, no {0:?}")]
    Version(String),
    /// The bytes could not be written.
    #[error("no se pudo escribir el XML")]
    Write(#[source] io::Error),
}

/// Writes the whole document, sealed or not.
pub fn write(comprobante: &Comprobante) -> Result<String, XmlError> {
    if comprobante.version != "4.0" {
        return Err(XmlError::Version(comprobante.version.clone()));
    }
    if let Some(lost) = lost(comprobante) {
        return Err(XmlError::NotWritable(lost));
    }
    let mut out = Out(Writer::new(Vec::new()));
    out.document(comprobante).map_err(XmlError::Write)?;
    String::from_utf8(out.0.into_inner()).map_err(|e| XmlError::Write(io::Error::other(e)))
}

fn lost(c: &Comprobante) -> Option<String> {
    let complement = c.pagos.as_ref().map(|_| "Pagos").or(c.timbre.as_ref().map(|_| "TimbreFiscalDigital"));
    let complement = complement.or(c.impuestos_locales.as_ref().map(|_| "ImpuestosLocales"));
    c.not_modelled.first().map(String::as_str).or(complement).map(str::to_owned)
}

/// Attributes of one element, in the order they are pushed.
struct Attributes<'a>(BytesStart<'a>);

impl Attributes<'_> {
    fn of(name: &'static str) -> Self {
        Self(BytesStart::new(name))
    }

    fn text(mut self, name: &str, value: &str) -> Self {
        self.0.push_attribute((name, value));
        self
    }

    fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    fn number(self, name: &str, value: Decimal) -> Self {
        self.text(name, &value.to_string())
    }

    fn maybe_number(self, name: &str, value: Option<Decimal>) -> Self {
        match value {
            Some(value) => self.number(name, value),
            None => self,
        }
    }
}

struct Out(Writer<Vec<u8>>);

impl Out {
    fn empty(&mut self, element: Attributes<'_>) -> io::Result<()> {
        self.0.write_event(Event::Empty(element.0))
    }

    fn around(&mut self, element: Attributes<'_>, inner: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        let end = BytesEnd::new(element.0.name().as_ref().to_owned());
        self.0.write_event(Event::Start(element.0))?;
        inner(self)?;
        self.0.write_event(Event::End(end))
    }

    fn document(&mut self, c: &Comprobante) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        self.around(root(c), |out| {
            if let Some(global) = &c.informacion_global {
                out.informacion_global(global)?;
            }
            for relacionados in &c.cfdi_relacionados {
                out.cfdi_relacionados(relacionados)?;
            }
            out.emisor(&c.emisor)?;
            out.receptor(&c.receptor)?;
            out.around(Attributes::of("cfdi:Conceptos"), |out| c.conceptos.iter().try_for_each(|it| out.concepto(it)))?;
            c.impuestos.iter().try_for_each(|it| out.impuestos(it))
        })
    }

    fn informacion_global(&mut self, global: &InformacionGlobal) -> io::Result<()> {
        self.empty(
            Attributes::of("cfdi:InformacionGlobal")
                .text("Periodicidad", &global.periodicidad)
                .text("Meses", &global.meses)
                .text("Año", &global.anio),
        )
    }

    fn cfdi_relacionados(&mut self, relacionados: &CfdiRelacionados) -> io::Result<()> {
        let element = Attributes::of("cfdi:CfdiRelacionados").text("TipoRelacion", &relacionados.tipo_relacion);
        self.around(element, |out| {
            let one = |uuid: &String| out.empty(Attributes::of("cfdi:CfdiRelacionado").text("UUID", uuid));
            relacionados.uuids.iter().try_for_each(one)
        })
    }

    fn emisor(&mut self, emisor: &Emisor) -> io::Result<()> {
        self.empty(
            Attributes::of("cfdi:Emisor")
                .text("Rfc", &emisor.rfc)
                .text("Nombre", &emisor.nombre)
                .text("RegimenFiscal", &emisor.regimen_fiscal)
                .maybe("FacAtrAdquirente", emisor.fac_atr_adquirente.as_deref()),
        )
    }

    fn receptor(&mut self, receptor: &Receptor) -> io::Result<()> {
        self.empty(
            Attributes::of("cfdi:Receptor")
                .text("Rfc", &receptor.rfc)
                .text("Nombre", &receptor.nombre)
                .text("DomicilioFiscalReceptor", &receptor.domicilio_fiscal_receptor)
                .maybe("ResidenciaFiscal", receptor.residencia_fiscal.as_deref())
                .maybe("NumRegIdTrib", receptor.num_reg_id_trib.as_deref())
                .text("RegimenFiscalReceptor", &receptor.regimen_fiscal_receptor)
                .text("UsoCFDI", &receptor.uso_cfdi),
        )
    }

    fn concepto(&mut self, c: &Concepto) -> io::Result<()> {
        let element = Attributes::of("cfdi:Concepto")
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
            return self.empty(element);
        }
        self.around(element, |out| {
            if taxed {
                out.around(Attributes::of("cfdi:Impuestos"), |out| out.line_taxes(c))?;
            }
            for numero in &c.numeros_pedimento {
                out.empty(Attributes::of("cfdi:InformacionAduanera").text("NumeroPedimento", numero))?;
            }
            for numero in &c.cuentas_prediales {
                out.empty(Attributes::of("cfdi:CuentaPredial").text("Numero", numero))?;
            }
            Ok(())
        })
    }

    /// Inside a line, what is passed on comes before what is withheld; in the summary it is the other way round.
    fn line_taxes(&mut self, c: &Concepto) -> io::Result<()> {
        self.traslados(&c.traslados)?;
        if c.retenciones.is_empty() {
            return Ok(());
        }
        self.around(Attributes::of("cfdi:Retenciones"), |out| c.retenciones.iter().try_for_each(|it| out.retencion(it)))
    }

    fn traslados(&mut self, traslados: &[Traslado]) -> io::Result<()> {
        if traslados.is_empty() {
            return Ok(());
        }
        self.around(Attributes::of("cfdi:Traslados"), |out| {
            traslados.iter().try_for_each(|it| {
                out.empty(
                    Attributes::of("cfdi:Traslado")
                        .number("Base", it.base)
                        .text("Impuesto", &it.impuesto)
                        .text("TipoFactor", &it.tipo_factor)
                        .maybe_number("TasaOCuota", it.tasa_o_cuota)
                        .maybe_number("Importe", it.importe),
                )
            })
        })
    }

    fn retencion(&mut self, it: &Retencion) -> io::Result<()> {
        self.empty(
            Attributes::of("cfdi:Retencion")
                .number("Base", it.base)
                .text("Impuesto", &it.impuesto)
                .text("TipoFactor", &it.tipo_factor)
                .number("TasaOCuota", it.tasa_o_cuota)
                .number("Importe", it.importe),
        )
    }

    fn impuestos(&mut self, impuestos: &Impuestos) -> io::Result<()> {
        let element = Attributes::of("cfdi:Impuestos")
            .maybe_number("TotalImpuestosRetenidos", impuestos.total_impuestos_retenidos)
            .maybe_number("TotalImpuestosTrasladados", impuestos.total_impuestos_trasladados);
        self.around(element, |out| {
            if !impuestos.retenciones.is_empty() {
                out.around(Attributes::of("cfdi:Retenciones"), |out| {
                    impuestos.retenciones.iter().try_for_each(|it| {
                        out.empty(
                            Attributes::of("cfdi:Retencion")
                                .text("Impuesto", &it.impuesto)
                                .number("Importe", it.importe),
                        )
                    })
                })?;
            }
            out.traslados(&impuestos.traslados)
        })
    }
}

fn root(c: &Comprobante) -> Attributes<'static> {
    Attributes::of("cfdi:Comprobante")
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
