//! Printed representations of a CFDI: factura and nota de crédito (I, E), complemento de pago (P).

use serde::{Serialize, Serializer};

use super::{Comun, Par};
use crate::Qr;

/// Factura or nota de crédito.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Factura {
    /// What every document has.
    #[serde(flatten)]
    pub comun: Comun,
    /// The document's own data.
    pub comprobante: Comprobante,
    /// CfdiRelacionados, one per type of relation.
    pub relacionados: Vec<Relacionados>,
    /// InformacionGlobal in words.
    pub global: Option<String>,
    /// The lines, at most [`MAX_LINES`](crate::MAX_LINES).
    pub conceptos: Vec<Concepto>,
    /// The box at the end.
    pub totales: TotalesDeFactura,
    /// Beside the totals, under the amount in letters.
    pub observaciones: Vec<Par>,
    /// The stamp.
    pub timbre: Timbre,
}

/// Data of a factura.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comprobante {
    /// `Factura`, `Nota de crédito`.
    pub titulo: String,
    /// Serie and folio.
    pub folio: String,
    /// `I Ingreso`.
    pub tipo: String,
    /// Day and time of issue.
    pub fecha: String,
    /// Postal code of the lugar de expedición.
    pub lugar: String,
    /// Key and text of the forma de pago.
    pub forma: Option<String>,
    /// Key and text of the método de pago.
    pub metodo: Option<String>,
    /// Key and name.
    pub moneda: String,
    /// When the currency is foreign.
    pub tipo_cambio: Option<String>,
    /// Condiciones de pago.
    pub condiciones: Option<String>,
    /// Key and text; empty before version 4.0.
    pub exportacion: String,
    /// Of the CFDI: `4.0`, `3.3`.
    pub version: String,
}

/// CFDIs this one refers to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Relacionados {
    /// Key and text of the relation.
    pub tipo: String,
    /// Their folios fiscales.
    pub uuids: Vec<String>,
}

/// One line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Concepto {
    /// Cantidad.
    pub cantidad: String,
    /// Clave and unidad.
    pub unidad: String,
    /// ClaveProdServ.
    pub clave: String,
    /// NoIdentificacion.
    pub sku: Option<String>,
    /// Descripción.
    pub descripcion: String,
    /// Objeto de impuesto, each tax as base × rate = amount, then pedimento, predial, third party; one line.
    pub detalle: String,
    /// ValorUnitario.
    pub precio: String,
    /// Its column is printed when any line has one.
    pub descuento: Option<String>,
    /// Importe.
    pub importe: String,
}

/// Totals of a factura.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TotalesDeFactura {
    /// Subtotal, descuento, taxes transferred, then withheld (negative), then local.
    pub filas: Vec<Par>,
    /// Total.
    pub total: String,
    /// Its currency.
    pub moneda: String,
    /// The total in letters.
    pub letra: String,
}

/// The stamp: TimbreFiscalDigital and what the law prints of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Timbre {
    /// Folio fiscal.
    pub uuid: String,
    /// Number of the issuer's certificate.
    pub csd: String,
    /// Number of the SAT's certificate.
    pub csd_sat: String,
    /// RfcProvCertif.
    pub rfc_pac: String,
    /// Day and time of certification.
    pub fecha: String,
    /// Seal of the CFDI.
    #[serde(serialize_with = "in_lines")]
    pub sello: String,
    /// Seal of the SAT.
    #[serde(serialize_with = "in_lines")]
    pub sello_sat: String,
    /// Cadena original of the stamp.
    #[serde(serialize_with = "in_lines")]
    pub cadena: String,
    /// Leyenda of the stamp.
    pub leyenda: Option<String>,
    /// The SAT's page that verifies the CFDI.
    pub qr: Qr,
}

/// Characters of a line of a seal: 132 of 3.09 pt fit either paper. Cut here, for a template takes each character for a
/// value of its own.
const SEAL_LINE_CHARS: usize = 132;

fn in_lines<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    let characters: Vec<char> = text.chars().collect();
    serializer.collect_seq(characters.chunks(SEAL_LINE_CHARS).map(|line| line.iter().collect::<String>()))
}

/// Complemento de pago.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ComplementoDePago {
    /// What every document has.
    #[serde(flatten)]
    pub comun: Comun,
    /// The document's own data.
    pub comprobante: ComprobanteDePago,
    /// CfdiRelacionados, one per type of relation.
    pub relacionados: Vec<Relacionados>,
    /// The payments; they and their documents are at most [`MAX_LINES`](crate::MAX_LINES).
    pub pagos: Vec<PagoRecibido>,
    /// Totales of the complement, in MXN.
    pub totales: TotalesDePago,
    /// The stamp.
    pub timbre: Timbre,
}

/// Data of a complemento de pago; type, currency XXX and the fixed line are the template's.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ComprobanteDePago {
    /// Serie and folio.
    pub folio: String,
    /// Day and time of issue.
    pub fecha: String,
    /// Postal code of the lugar de expedición.
    pub lugar: String,
    /// Key and text.
    pub exportacion: String,
}

/// One payment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PagoRecibido {
    /// Monto.
    pub monto: String,
    /// MonedaP.
    pub moneda: String,
    /// FechaPago.
    pub fecha: String,
    /// Key and text of FormaDePagoP.
    pub forma: String,
    /// TipoCambioP.
    pub tipo_cambio: String,
    /// Operation number, accounts.
    pub datos: Vec<Par>,
    /// What it pays.
    pub documentos: Vec<DocumentoPagado>,
    /// Its taxes, a text each.
    pub impuestos: Vec<String>,
}

/// One document a payment pays.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DocumentoPagado {
    /// Serie and folio.
    pub folio: String,
    /// Folio fiscal.
    pub uuid: String,
    /// MonedaDR.
    pub moneda: String,
    /// EquivalenciaDR.
    pub equivalencia: String,
    /// NumParcialidad.
    pub parcialidad: String,
    /// ImpSaldoAnt.
    pub anterior: String,
    /// ImpPagado.
    pub pagado: String,
    /// ImpSaldoInsoluto.
    pub insoluto: String,
    /// Objeto de impuesto and taxes; one line.
    pub detalle: String,
}

/// Totales of a complemento de pago, in MXN.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TotalesDePago {
    /// Bases and taxes.
    pub filas: Vec<Par>,
    /// MontoTotalPagos.
    pub total: String,
    /// The total in letters.
    pub letra: String,
}
