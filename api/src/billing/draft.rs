//! Ticket → Comprobante: the one dictionary between our words and the SAT's.
use cfdi::ticket::TicketIva;
use cfdi::{Comprobante, Csd, Draft, DraftConcepto, DraftEmisor, DraftReceptor, Fecha};
use fiscal::{Amount, Currency, Exportacion, FormaPago, MetodoPago};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use shared::billing::InvoiceOrder;
use shared::problem::{FieldCode, FieldErrors};

use crate::db::Timestamp;
use crate::issuers::{Branch, Issuer};
use crate::tickets::model::{LineTax, Ticket, TicketLine};

/// Why a ticket makes no document.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// A line's number cannot be read.
    #[error("reading line {line} of the ticket")]
    Line {
        /// From 1.
        line: usize,
    },
    /// More lines than one document may have.
    #[error("the ticket has more lines than one document may have")]
    TooManyLines,
    /// The lines make no document of the ticket's total.
    #[error("turning the ticket's prices into lines")]
    Lines(#[from] cfdi::ticket::TicketError),
    /// The rules of Anexo 20 are not kept.
    #[error("building the document: {0:?}")]
    Rules(Vec<cfdi::Breach>),
    /// It could not be sealed.
    #[error("sealing the document")]
    Seal(#[from] cfdi::SelloError),
    /// A sealed document cannot be read.
    #[error("reading the sealed document")]
    Read(#[source] cfdi::ReadError),
    /// The date of a sealed document cannot be read.
    #[error("reading the document's date")]
    Fecha(#[from] jiff::Error),
}

/// Everything a document is made from.
pub struct Source<'a> {
    /// Who issues.
    pub issuer: &'a Issuer,
    /// Where it was sold.
    pub branch: &'a Branch,
    /// What was sold.
    pub ticket: &'a Ticket,
    /// For whom.
    pub order: &'a InvoiceOrder,
    /// Wall clock of the branch, `YYYY-MM-DDThh:mm:ss`.
    pub fecha: &'a str,
}

/// A guest may say how a ticket was paid only when the till did not (cfdi.md 7). What is paid later is of no form yet:
/// PPD goes with 99, and not with a ticket that was paid.
pub fn check_forma_pago(ticket: &Ticket, order: &InvoiceOrder) -> Result<(), FieldErrors> {
    let on_credit = order.metodo_pago == MetodoPago::Ppd;
    let (pointer, code) = match (ticket.forma_pago, order.forma_pago) {
        (Some(_), _) if on_credit => ("/metodo_pago", FieldCode::FormaPagoFixed),
        (None, None | Some(FormaPago::PorDefinir)) if on_credit => return Ok(()),
        (None, Some(_)) if on_credit => ("/forma_pago", FieldCode::NotInCatalog),
        (Some(known), Some(said)) if known != said => ("/forma_pago", FieldCode::FormaPagoFixed),
        (None, None) => ("/forma_pago", FieldCode::Required),
        (None, Some(FormaPago::PorDefinir)) => ("/forma_pago", FieldCode::NotInCatalog),
        _ => return Ok(()),
    };
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    Err(errors)
}

/// The document, but for its folio and its seal.
pub fn build(source: &Source<'_>) -> Result<Comprobante, DraftError> {
    if source.ticket.lines.len() > cfdi::MAX_CONCEPTOS {
        return Err(DraftError::TooManyLines);
    }
    cfdi::build(&draft(source)?).map_err(DraftError::Rules)
}

/// The sealed document: the exact bytes the PAC will get. `folio` is its number in the branch's serie.
pub fn seal(mut comprobante: Comprobante, folio: i64, csd: &Csd) -> Result<String, DraftError> {
    comprobante.folio = Some(folio.to_string());
    Ok(cfdi::seal(comprobante, csd)?.xml)
}

fn draft(source: &Source<'_>) -> Result<Draft, DraftError> {
    let (issuer, ticket, order) = (source.issuer, source.ticket, source.order);
    Ok(Draft {
        serie: Some(source.branch.serie.clone()),
        folio: None,
        fecha: Fecha::parse(source.fecha),
        forma_pago: match order.metodo_pago {
            MetodoPago::Pue => ticket.forma_pago.or(order.forma_pago).unwrap_or(FormaPago::Efectivo),
            MetodoPago::Ppd => FormaPago::PorDefinir,
        },
        metodo_pago: order.metodo_pago,
        condiciones_de_pago: None,
        moneda: ticket.total.currency(),
        tipo_cambio: None,
        exportacion: Exportacion::NoAplica,
        lugar_expedicion: source.branch.postal_code.clone(),
        cfdi_relacionados: Vec::new(),
        emisor: DraftEmisor { rfc: issuer.rfc.clone(), nombre: issuer.nombre.clone(), regimen_fiscal: issuer.regimen },
        receptor: DraftReceptor::named(&order.receptor),
        conceptos: conceptos(&ticket.lines, ticket.total)?,
    })
}

/// When a document was issued: the instant of its Fecha and its civil day.
pub fn issued(fecha: &str, zone: &TimeZone) -> Result<(Timestamp, String), DraftError> {
    let civil: DateTime = fecha.parse()?;
    let instant = civil.to_zoned(zone.clone())?.timestamp();
    Ok((Timestamp::new(instant), civil.date().to_string()))
}

/// Whether an invoice of these lines would come to this total, to the cent: asked when a sale is brought in, so that
/// the shopper never meets a ticket that cannot be invoiced.
pub fn check_lines(lines: &[TicketLine], total: Amount) -> Result<(), DraftError> {
    conceptos(lines, total).map(drop)
}

fn conceptos(lines: &[TicketLine], total: Amount) -> Result<Vec<DraftConcepto>, DraftError> {
    let currency = total.currency();
    let lines = lines.iter().enumerate().map(|(index, line)| printed(index, line, currency));
    Ok(cfdi::ticket::conceptos(&lines.collect::<Result<Vec<_>, _>>()?, total)?)
}

fn printed(index: usize, line: &TicketLine, currency: Currency) -> Result<cfdi::ticket::TicketLine, DraftError> {
    let unreadable = || DraftError::Line { line: index + 1 };
    let amount = |text: &str| Amount::parse(text, currency).map_err(|_error| unreadable());
    Ok(cfdi::ticket::TicketLine {
        clave_prod_serv: line.clave_prod_serv.clone(),
        no_identificacion: line.sku.clone(),
        cantidad: line.cantidad.parse::<Decimal>().map_err(|_error| unreadable())?,
        clave_unidad: line.clave_unidad.clone(),
        unidad: line.unidad.clone(),
        descripcion: line.descripcion.clone(),
        importe: amount(&line.importe)?,
        descuento: line.descuento.as_deref().map(amount).transpose()?,
        iva: match line.impuesto {
            LineTax::Iva16 => TicketIva::General,
            LineTax::Iva8 => TicketIva::Frontera,
            LineTax::Iva0 => TicketIva::Cero,
            LineTax::Exento => TicketIva::Exento,
            LineTax::NoObjeto => TicketIva::NoObjeto,
        },
    })
}
