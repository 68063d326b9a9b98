//! From a ticket's body to a sale that can be invoiced, or all that is wrong with it.
use cfdi::ticket::TicketError;
use fiscal::{Amount, Currency, FormaPago, MoneyError};
use jiff::civil::DateTime;
use rust_decimal::Decimal;
use shared::integrators::{
    EXTERNAL_ID_MAX, LineTax as WireTax, PutTicket, TICKET_LINES_MAX, TicketLineBody, TicketStanding,
};
use shared::tickets::parse_ticket_number;
use shared::{FieldCode, FieldErrors};

use crate::billing::draft::{self, DraftError};
use crate::db::Timestamp;
use crate::issuers::Branch;
use crate::tickets::model::{LineTax, NewTicket, TicketLine, TicketState};

/// How far a till's clock may be ahead of ours.
const AHEAD_SECONDS: i64 = 24 * 3_600;
/// Errors of one ticket that are told: more only say the same.
const ERRORS_MAX: usize = 50;
const DESCRIPCION_MAX: usize = 1_000;
const SKU_MAX: usize = 100;
const UNIDAD_MAX: usize = 20;
/// Longest decimal text of a quantity.
const CANTIDAD_MAX: usize = 20;
const CANTIDAD_DECIMALS: u32 = 6;

/// An integrator's own id: `errors` gets what is wrong with it.
pub fn external_id(id: &str, errors: &mut FieldErrors) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    if id.is_empty() {
        errors.add("/external_id", FieldCode::Required);
    } else if id.chars().count() > EXTERNAL_ID_MAX {
        errors.add("/external_id", FieldCode::TooLong);
    } else if !id.chars().all(plain) {
        errors.add("/external_id", FieldCode::Characters);
    }
}

/// The sale, when everything is right. `branch` is what the body's branch names, if anything.
pub fn read(id: &str, body: &PutTicket, branch: Option<&Branch>, now: Timestamp) -> Result<NewTicket, FieldErrors> {
    let mut errors = FieldErrors::default();
    external_id(id, &mut errors);
    if branch.is_none() {
        errors.add("/branch", FieldCode::BranchUnknown);
    }
    let order_number = parse_ticket_number("/order_number", &body.order_number, &mut errors);
    let ticket_number = parse_ticket_number("/ticket_number", &body.ticket_number, &mut errors);
    let sold_at = sold_at(&body.sold_at, branch, now, &mut errors);
    if body.currency != Currency::Mxn.code() {
        errors.add_with("/currency", FieldCode::NotInCatalog, "MXN");
    }
    let total = amount("/total".into(), &body.total, &mut errors);
    let forma_pago = forma_pago(body.forma_pago.as_deref(), &mut errors);
    let lines = lines(&body.lines, &mut errors);
    if let (Some(total), true) = (total, errors.is_empty()) {
        check_total(&lines, total, &mut errors);
    }
    errors.0.truncate(ERRORS_MAX);
    match (branch, sold_at, total) {
        (Some(branch), Some(sold_at), Some(total)) if errors.is_empty() => Ok(NewTicket {
            external_id: Some(id.to_owned()),
            branch_id: branch.id,
            order_number,
            ticket_number,
            sold_at,
            total,
            forma_pago,
            lines,
            state: if body.cancelled { TicketState::Cancelled } else { TicketState::Open },
        }),
        _ => Err(errors),
    }
}

/// An instant when it says its offset, else the branch's own clock. Of the hour that a clock passes twice, the first.
fn sold_at(text: &str, branch: Option<&Branch>, now: Timestamp, errors: &mut FieldErrors) -> Option<Timestamp> {
    let read = || -> Option<Timestamp> {
        if text.len() > 40 {
            return None;
        }
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(Timestamp::new(instant));
        }
        let civil: DateTime = text.parse().ok()?;
        // A date alone is no moment: which day it belongs to would be guessed.
        if !text.contains(['T', ' ']) {
            return None;
        }
        let zone = branch.map_or(jiff::tz::TimeZone::UTC, |branch| branch.time_zone.clone());
        Some(Timestamp::new(civil.to_zoned(zone).ok()?.timestamp()))
    };
    let sold_at = read().filter(|at| at.seconds_since(now) <= AHEAD_SECONDS);
    if sold_at.is_none() {
        errors.add("/sold_at", if text.is_empty() { FieldCode::Required } else { FieldCode::Instant });
    }
    sold_at
}

fn amount(pointer: String, text: &str, errors: &mut FieldErrors) -> Option<Amount> {
    let code = match Amount::parse(text, Currency::Mxn) {
        Ok(amount) if amount.is_positive() => return Some(amount),
        Ok(_) => FieldCode::NotPositive,
        Err(_) if text.is_empty() => FieldCode::Required,
        Err(MoneyError::Sign) => FieldCode::NotPositive,
        Err(_) => FieldCode::Amount,
    };
    errors.add(pointer, code);
    None
}

fn forma_pago(code: Option<&str>, errors: &mut FieldErrors) -> Option<FormaPago> {
    let forma = FormaPago::parse(code?).ok().filter(|forma| *forma != FormaPago::PorDefinir);
    if forma.is_none() {
        errors.add("/forma_pago", FieldCode::NotInCatalog);
    }
    forma
}

fn lines(bodies: &[TicketLineBody], errors: &mut FieldErrors) -> Vec<TicketLine> {
    if bodies.is_empty() {
        errors.add("/lines", FieldCode::Required);
    } else if bodies.len() > TICKET_LINES_MAX {
        errors.add("/lines", FieldCode::TooLong);
        return Vec::new();
    }
    bodies.iter().enumerate().map(|(index, body)| line(index, body, errors)).collect()
}

/// The line as it is kept; its amounts in one form, so that `1.50` and `1.5` sent later are the same.
fn line(index: usize, body: &TicketLineBody, errors: &mut FieldErrors) -> TicketLine {
    let at = |field: &str| format!("/lines/{index}/{field}");
    if body.clave_prod_serv.len() != 8 || !body.clave_prod_serv.bytes().all(|byte| byte.is_ascii_digit()) {
        errors.add(at("clave_prod_serv"), FieldCode::NotInCatalog);
    }
    let unit = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !(2..=3).contains(&body.clave_unidad.len()) || !body.clave_unidad.bytes().all(unit) {
        errors.add(at("clave_unidad"), FieldCode::NotInCatalog);
    }
    words(at("descripcion"), Some(&body.descripcion), DESCRIPCION_MAX, errors);
    words(at("sku"), body.sku.as_deref(), SKU_MAX, errors);
    words(at("unidad"), body.unidad.as_deref(), UNIDAD_MAX, errors);
    let cantidad = quantity(&body.cantidad);
    if cantidad.is_none() {
        errors.add(at("cantidad"), if body.cantidad.is_empty() { FieldCode::Required } else { FieldCode::Amount });
    }
    let importe = amount(at("importe"), &body.importe, errors);
    let descuento = body.descuento.as_deref().map(|text| Amount::parse(text, Currency::Mxn));
    if let Some(descuento) = &descuento
        && !descuento.as_ref().is_ok_and(|descuento| importe.is_none_or(|all| descuento.minor() <= all.minor()))
    {
        errors.add(at("descuento"), FieldCode::Discount);
    }
    TicketLine {
        clave_prod_serv: body.clave_prod_serv.clone(),
        sku: body.sku.clone(),
        cantidad: cantidad.map(|it| it.normalize().to_string()).unwrap_or_default(),
        clave_unidad: body.clave_unidad.clone(),
        unidad: body.unidad.clone(),
        descripcion: body.descripcion.clone(),
        importe: importe.map(Amount::to_decimal_string).unwrap_or_default(),
        descuento: descuento.and_then(Result::ok).filter(|it| it.minor() != 0).map(Amount::to_decimal_string),
        impuesto: kept_tax(body.impuesto),
    }
}

/// Text as Anexo 20 admits it: no `|`, which separates fields in what is sealed, no line breaks.
fn words(pointer: String, text: Option<&str>, max: usize, errors: &mut FieldErrors) {
    let Some(text) = text else { return };
    if text.trim().is_empty() {
        errors.add(pointer, FieldCode::Required);
    } else if text.chars().count() > max {
        errors.add(pointer, FieldCode::TooLong);
    } else if text.chars().any(|c| c == '|' || c.is_control()) {
        errors.add(pointer, FieldCode::Characters);
    }
}

fn quantity(text: &str) -> Option<Decimal> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let cantidad: Decimal = text.parse().ok().filter(|_| plain && text.len() <= CANTIDAD_MAX)?;
    (!cantidad.is_zero() && cantidad.normalize().scale() <= CANTIDAD_DECIMALS).then_some(cantidad)
}

/// The lines must make an invoice of this total, to the cent.
fn check_total(lines: &[TicketLine], total: Amount, errors: &mut FieldErrors) {
    let Err(DraftError::Lines(why)) = draft::check_lines(lines, total) else { return };
    let at = |index: usize, field: &str| format!("/lines/{index}/{field}");
    match why {
        TicketError::Total => errors.add_with("/total", FieldCode::TotalDiffers, difference(lines, total)),
        TicketError::Unreachable => {
            errors.add_with("/total", FieldCode::TotalDiffers, "no rounding of the lines gives this total");
        }
        TicketError::Lines => errors.add("/lines", FieldCode::TooLong),
        TicketError::Overflow => errors.add("/total", FieldCode::Amount),
        TicketError::Currency(index) | TicketError::Free(index) => {
            errors.add(at(index, "importe"), FieldCode::NotPositive);
        }
        TicketError::Quantity(index) => errors.add(at(index, "cantidad"), FieldCode::Amount),
        TicketError::Discount(index) => errors.add(at(index, "descuento"), FieldCode::Discount),
    }
}

fn difference(lines: &[TicketLine], total: Amount) -> String {
    let read = |text: &str| Amount::parse(text, total.currency()).ok();
    let parts = lines
        .iter()
        .flat_map(|line| [read(&line.importe), line.descuento.as_deref().and_then(read).and_then(Amount::checked_neg)]);
    match Amount::sum(parts.flatten(), total.currency()).and_then(|sum| Ok((sum, total.checked_sub(sum)?))) {
        Ok((sum, gap)) => format!(
            "lines {}, total {}, difference {}",
            sum.to_decimal_string(),
            total.to_decimal_string(),
            gap.to_decimal_string()
        ),
        Err(_) => String::from("the sum is too large"),
    }
}

const fn kept_tax(tax: WireTax) -> LineTax {
    match tax {
        WireTax::Iva16 => LineTax::Iva16,
        WireTax::Iva8 => LineTax::Iva8,
        WireTax::Iva0 => LineTax::Iva0,
        WireTax::Exento => LineTax::Exento,
        WireTax::NoObjeto => LineTax::NoObjeto,
    }
}

/// A kept line as it is sent.
pub fn line_body(line: TicketLine) -> TicketLineBody {
    TicketLineBody {
        clave_prod_serv: line.clave_prod_serv,
        sku: line.sku,
        cantidad: line.cantidad,
        clave_unidad: line.clave_unidad,
        unidad: line.unidad,
        descripcion: line.descripcion,
        importe: line.importe,
        descuento: line.descuento,
        impuesto: match line.impuesto {
            LineTax::Iva16 => WireTax::Iva16,
            LineTax::Iva8 => WireTax::Iva8,
            LineTax::Iva0 => WireTax::Iva0,
            LineTax::Exento => WireTax::Exento,
            LineTax::NoObjeto => WireTax::NoObjeto,
        },
    }
}

/// A kept state as it is sent.
pub const fn standing(state: TicketState) -> TicketStanding {
    match state {
        TicketState::Open => TicketStanding::Open,
        TicketState::Reserved => TicketStanding::Reserved,
        TicketState::Invoiced => TicketStanding::Invoiced,
        TicketState::InGlobal => TicketStanding::InGlobal,
        TicketState::Cancelled => TicketStanding::Cancelled,
    }
}
