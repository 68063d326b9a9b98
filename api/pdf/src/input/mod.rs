//! The input of the templates: what is printed, as it is printed.
//!
//! Field names are those the templates read. Amounts are text without currency sign (`1,234.56`, negative with
//! U+2212), dates and catalogue entries are text (`17/11/2026, 18:03:22`, `G01 Adquisición de mercancías`). `None` and
//! empty lists leave their label out. Nothing is checked against the tax rules here: the caller prints a document that
//! is already true.

mod cfdi;
mod own;

use serde::Serialize;

pub use cfdi::{
    ComplementoDePago, Comprobante, ComprobanteDePago, Concepto, DocumentoPagado, Factura, PagoRecibido, Relacionados,
    Timbre, TotalesDeFactura, TotalesDePago,
};
pub use own::{
    Antiguedad, DocumentoDeRecibo, EstadoDeCuenta, FilaDeTicket, Moneda, Movimiento, Pago, Recibo, Ticket,
    TotalesDeRecibo,
};

use crate::world::{COMPLEMENTO_DE_PAGO, ESTADO_DE_CUENTA, FACTURA, RECIBO, TICKET};
use crate::{Qr, Template};

/// A label and its text, or a label and its amount.
pub type Par = (String, String);

/// Year, month and day of the PDF's own date.
pub type FechaPdf = (i16, i8, i8);

/// A document to print; its kind chooses the template.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Document {
    /// CFDI of kind I, or E (nota de crédito).
    Factura(Box<Factura>),
    /// CFDI of kind P.
    ComplementoDePago(Box<ComplementoDePago>),
    /// Receipt of money; not a CFDI.
    Recibo(Box<Recibo>),
    /// Statement of account; not a CFDI.
    EstadoDeCuenta(Box<EstadoDeCuenta>),
    /// Picture of a till's ticket with one datum lit.
    Ticket(Box<Ticket>),
}

impl Document {
    pub(crate) fn template(&self) -> &'static Template {
        match self {
            Self::Factura(_) => &FACTURA,
            Self::ComplementoDePago(_) => &COMPLEMENTO_DE_PAGO,
            Self::Recibo(_) => &RECIBO,
            Self::EstadoDeCuenta(_) => &ESTADO_DE_CUENTA,
            Self::Ticket(_) => &TICKET,
        }
    }

    /// The QR code of what the SAT stamped.
    pub(crate) fn qr(&self) -> Option<&Qr> {
        match self {
            Self::Factura(factura) => Some(&factura.timbre.qr),
            Self::ComplementoDePago(complemento) => Some(&complemento.timbre.qr),
            Self::Recibo(_) | Self::EstadoDeCuenta(_) | Self::Ticket(_) => None,
        }
    }

    /// The rows that make a document long.
    pub(crate) fn lines(&self) -> usize {
        match self {
            Self::Factura(factura) => factura.conceptos.len(),
            Self::ComplementoDePago(complemento) => {
                complemento.pagos.len() + complemento.pagos.iter().map(|pago| pago.documentos.len()).sum::<usize>()
            }
            Self::Recibo(recibo) => recibo.documentos.len(),
            Self::EstadoDeCuenta(estado) => {
                estado.monedas.len() + estado.monedas.iter().map(|moneda| moneda.movimientos.len()).sum::<usize>()
            }
            Self::Ticket(ticket) => ticket.filas.len(),
        }
    }
}

/// What every document but the ticket has.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comun {
    /// Paper.
    pub papel: Papel,
    /// Date in the PDF's metadata: the day of issue, never that of rendering.
    pub fecha_pdf: Option<FechaPdf>,
    /// Keywords in the PDF's metadata, such as the folio fiscal.
    pub claves: Vec<String>,
    /// Over each page; an [`Aviso`] must say the same in words.
    pub marca_agua: Option<MarcaDeAgua>,
    /// Notes under the letterhead.
    pub avisos: Vec<Aviso>,
    /// The issuer's looks.
    pub marca: Marca,
    /// Who issues.
    pub emisor: Emisor,
    /// For whom.
    pub receptor: Receptor,
}

/// Paper size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Papel {
    /// Letter, the paper of Mexico.
    #[default]
    #[serde(rename = "us-letter")]
    Carta,
    /// A4.
    #[serde(rename = "a4")]
    A4,
}

/// A word over every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MarcaDeAgua {
    /// A document of a rehearsal: of no value.
    Pruebas,
    /// A cancelled document.
    Cancelada,
}

/// A note a reader must not miss.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Aviso {
    /// Its first words, bold.
    pub titulo: String,
    /// The rest.
    pub texto: Option<String>,
    /// In red: cancelled, rehearsal.
    pub mal: bool,
}

/// The issuer's looks; the logo's bytes are in [`RenderOptions`](crate::RenderOptions).
#[derive(Clone, Debug, Default, Serialize)]
pub struct Marca {
    /// `#rrggbb`; its lightness is changed so that it can be read. Anything else prints the default colour.
    pub color: Option<String>,
    /// Read aloud for the logo.
    pub nombre: String,
}

/// Who issues.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Emisor {
    /// Name as in the SAT's register.
    pub nombre: String,
    /// RFC.
    pub rfc: String,
    /// Key and text of the régimen fiscal.
    pub regimen: Option<String>,
    /// The issuer's own lines: address, site, telephone.
    pub lineas: Vec<String>,
}

/// For whom the document is. On recibo and estado de cuenta only name, RFC and `extra` are printed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Receptor {
    /// Name as in the SAT's register.
    pub nombre: String,
    /// RFC.
    pub rfc: String,
    /// Postal code of the domicilio fiscal.
    pub cp: String,
    /// Key and text.
    pub regimen: String,
    /// Key and text of the uso del CFDI.
    pub uso: String,
    /// Country, of a foreigner.
    pub residencia: Option<String>,
    /// Tax number there.
    pub registro: Option<String>,
    /// The issuer's own data of this customer, such as the contract.
    pub extra: Vec<Par>,
}
