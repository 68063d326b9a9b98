//! Shelf prices include IVA, a CFDI's lines do not: this turns one into the other so that the invoice's total is the
//! ticket's, to the cent.
//!
//! Lines keep six decimals and only the document rounds, so SubTotal, Descuento and each tax row round on their own and
//! their sum can miss the ticket by a cent or two. The difference then goes through the price (or the discount) of one
//! line, by less than it takes to show, never through the total. Every result is proven with the document's own sums.

use crate::decimal::{LINE_DECIMALS, Overflow, add, div, sub, sum, with_least_scale};
use crate::draft::{self, DraftConcepto, DraftImpuesto};
use crate::totals;
use fiscal::{Amount, Impuesto, ObjetoImp, TipoFactor, round_half_away};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Which IVA the price of a line includes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketIva {
    /// 16 %.
    General,
    /// 8 %, the border stimulus.
    Frontera,
    /// 0 %.
    Cero,
    /// Exempt.
    Exento,
    /// Not subject to tax, such as a tip.
    NoObjeto,
}

impl TicketIva {
    const fn percent(self) -> i64 {
        match self {
            Self::General => 16,
            Self::Frontera => 8,
            Self::Cero | Self::Exento | Self::NoObjeto => 0,
        }
    }
}

/// One line of a ticket, as the till printed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketLine {
    /// c_ClaveProdServ.
    pub clave_prod_serv: String,
    /// The article's key.
    pub no_identificacion: Option<String>,
    /// How many.
    pub cantidad: Decimal,
    /// c_ClaveUnidad.
    pub clave_unidad: String,
    /// Unit in the shop's words.
    pub unidad: Option<String>,
    /// What it is.
    pub descripcion: String,
    /// What the line costs with tax, before its discount.
    pub importe: Amount,
    /// Its discount, with tax.
    pub descuento: Option<Amount>,
    /// The tax inside the price.
    pub iva: TicketIva,
}

/// Why lines cannot be made to reproduce a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// There are no lines, or more than an invoice may have.
    #[error("el ticket no tiene renglones, o tiene demasiados")]
    Lines,
    /// A line in another currency than the total.
    #[error("el renglón {0} está en otra moneda")]
    Currency(usize),
    /// A line that costs nothing: the SAT admits none (CFDI40166).
    #[error("el renglón {0} no tiene precio")]
    Free(usize),
    /// A line with a quantity that is not above zero or has more than six decimals.
    #[error("la cantidad del renglón {0} no es válida")]
    Quantity(usize),
    /// A discount below zero or above its line.
    #[error("el descuento del renglón {0} no es válido")]
    Discount(usize),
    /// The lines add up to something else than the total.
    #[error("los renglones suman otra cantidad que el total del ticket")]
    Total,
    /// The numbers are too large.
    #[error("los importes del ticket son demasiado grandes")]
    Overflow,
    /// No small change of one line gives the total.
    #[error("no se pudo reproducir el total del ticket")]
    Unreachable,
}

impl From<Overflow> for TicketError {
    fn from(_: Overflow) -> Self {
        Self::Overflow
    }
}

/// A line without tax, at six decimals.
#[derive(Clone, Copy)]
struct Net {
    importe: Decimal,
    descuento: Option<Decimal>,
    percent: i64,
}

/// The lines of an invoice whose total is `total`. Indexes in errors count from zero.
pub fn conceptos(lines: &[TicketLine], total: Amount) -> Result<Vec<DraftConcepto>, TicketError> {
    if lines.is_empty() || lines.len() > draft::MAX_CONCEPTOS {
        return Err(TicketError::Lines);
    }
    let nets = lines.iter().enumerate().map(|(i, it)| net(i, it, total)).collect::<Result<Vec<_>, _>>()?;
    let paid = lines.iter().flat_map(|it| [Some(it.importe), it.descuento.and_then(Amount::checked_neg)]).flatten();
    if Amount::sum(paid, total.currency()) != Ok(total) {
        return Err(TicketError::Total);
    }
    let exponent = total.currency().exponent();
    let target = total.to_decimal();
    let nets = adjusted(nets, target, exponent)?;
    let conceptos: Vec<DraftConcepto> =
        lines.iter().zip(&nets).map(|(it, net)| concepto(it, net, exponent)).collect::<Result<_, _>>()?;
    prove(&conceptos, target, exponent)?;
    Ok(conceptos)
}

fn net(index: usize, it: &TicketLine, total: Amount) -> Result<Net, TicketError> {
    let discount = it.descuento.unwrap_or(Amount::zero(total.currency()));
    if it.importe.currency() != total.currency() || discount.currency() != total.currency() {
        return Err(TicketError::Currency(index));
    }
    if !it.importe.is_positive() {
        return Err(TicketError::Free(index));
    }
    if it.cantidad.is_sign_negative() || it.cantidad.is_zero() || it.cantidad.scale() > LINE_DECIMALS {
        return Err(TicketError::Quantity(index));
    }
    if discount.is_negative() || discount.minor() > it.importe.minor() {
        return Err(TicketError::Discount(index));
    }
    let percent = it.iva.percent();
    let factor = add(Decimal::ONE, Decimal::new(percent, 2))?;
    let without_tax = |amount: Amount| {
        let exact = div(amount.to_decimal(), factor)?;
        Ok::<_, Overflow>(round_half_away(exact, LINE_DECIMALS))
    };
    let importe = without_tax(it.importe)?;
    let mut descuento = without_tax(discount)?;
    // A line given away keeps the smallest base there is, because a tax row needs one above zero (CFDI40174).
    if it.iva != TicketIva::NoObjeto && descuento >= importe {
        descuento = sub(importe, SMALLEST)?;
    }
    Ok(Net { importe, descuento: (!descuento.is_zero()).then_some(descuento), percent })
}

/// One millionth.
const SMALLEST: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// The document's total that these lines give, by the rule of `totals`.
fn total_of(nets: &[Net], exponent: u32) -> Result<Decimal, Overflow> {
    let round = |value| round_half_away(value, exponent);
    let mut total = round(sum(nets.iter().map(|it| it.importe))?);
    total = sub(total, round(sum(nets.iter().filter_map(|it| it.descuento))?))?;
    for percent in [8, 16] {
        let rows = nets.iter().filter(|it| it.percent == percent).map(|it| tax(*it));
        let row = sum(rows.collect::<Result<Vec<_>, _>>()?)?;
        total = add(total, round(row))?;
    }
    Ok(total)
}

fn tax(it: Net) -> Result<Decimal, Overflow> {
    let base = sub(it.importe, it.descuento.unwrap_or_default())?;
    Ok(round_half_away(crate::decimal::mul(base, Decimal::new(it.percent, 2))?, LINE_DECIMALS))
}

/// What may be moved on a line.
#[derive(Clone, Copy)]
enum Lever {
    Price,
    Discount,
    /// Price and discount together: the base stays as it is.
    Both,
}

/// The furthest a line is moved, in smallest units of money: as many figures can round away from each other.
const REACH_UNITS: i64 = 3;

fn adjusted(nets: Vec<Net>, target: Decimal, exponent: u32) -> Result<Vec<Net>, TicketError> {
    if total_of(&nets, exponent)? == target {
        return Ok(nets);
    }
    let mut order: Vec<usize> = (0..nets.len()).collect();
    order.sort_by_key(|i| nets.get(*i).map(|it| std::cmp::Reverse(it.importe)));
    // A change on one line may run into two figures that round at the same point; another line or lever gets past it,
    // or the same after a first small push elsewhere.
    for push in [0i64, 1, -1, 7, -7, 101, -101, 1_009, -1_009] {
        let pushed = order.first().map(|first| moved(&nets, *first, Lever::Price, Decimal::new(push, 6)));
        let Some(Some(start)) = pushed else { continue };
        for index in order.iter().take(12) {
            for lever in [Lever::Price, Lever::Discount, Lever::Both] {
                if let Some(found) = search(&start, *index, lever, target, exponent)? {
                    return Ok(found);
                }
            }
        }
    }
    Err(TicketError::Unreachable)
}

/// The smallest change of one lever that gives the target, if one does.
fn search(
    nets: &[Net],
    index: usize,
    lever: Lever,
    target: Decimal,
    exponent: u32,
) -> Result<Option<Vec<Net>>, TicketError> {
    let before = total_of(nets, exponent)?;
    let up = match lever {
        // More discount lowers the total.
        Lever::Discount => target < before,
        Lever::Price | Lever::Both => target > before,
    };
    let reach =
        10i64.checked_pow(LINE_DECIMALS.saturating_sub(exponent)).and_then(|unit| unit.checked_mul(REACH_UNITS));
    let (mut low, mut high) = (0i64, reach.ok_or(TicketError::Overflow)?);
    let after = |steps: i64| -> Result<Option<(Vec<Net>, Decimal)>, TicketError> {
        let signed = if up { steps } else { steps.checked_neg().ok_or(TicketError::Overflow)? };
        let Some(moved) = moved(nets, index, lever, Decimal::new(signed, 6)) else { return Ok(None) };
        let total = total_of(&moved, exponent)?;
        Ok(Some((moved, total)))
    };
    let reached = |total: Decimal| if target > before { total >= target } else { total <= target };
    // The total follows Price and Discount step by step in one direction, so halving finds the first step that
    // reaches; for Both it may miss, and then another lever is tried.
    while low < high {
        let middle = low.midpoint(high);
        match after(middle)? {
            Some((_, total)) if !reached(total) => low = middle.saturating_add(1),
            _ => high = middle,
        }
    }
    Ok(after(low)?.filter(|(_, total)| *total == target).map(|(moved, _)| moved))
}

/// The lines with one of them moved; `None` if that line cannot bear it.
fn moved(nets: &[Net], index: usize, lever: Lever, by: Decimal) -> Option<Vec<Net>> {
    let mut moved = nets.to_vec();
    let it = moved.get_mut(index)?;
    if matches!(lever, Lever::Price | Lever::Both) {
        it.importe = it.importe.checked_add(by)?;
    }
    if matches!(lever, Lever::Discount | Lever::Both) {
        it.descuento = Some(it.descuento?.checked_add(by)?);
    }
    let least = it.descuento.unwrap_or_default().checked_add(SMALLEST)?;
    let positive = it.descuento.is_none_or(|descuento| descuento > Decimal::ZERO);
    (positive && it.importe >= least).then_some(moved)
}

fn concepto(it: &TicketLine, net: &Net, exponent: u32) -> Result<DraftConcepto, TicketError> {
    let valor_unitario = round_half_away(div(net.importe, it.cantidad)?, LINE_DECIMALS);
    let rate = |factor, tasa_o_cuota| {
        vec![DraftImpuesto { impuesto: Impuesto::Iva, tipo_factor: factor, tasa_o_cuota, base: None }]
    };
    let (objeto_imp, traslados) = match it.iva {
        TicketIva::NoObjeto => (ObjetoImp::No, Vec::new()),
        TicketIva::Exento => (ObjetoImp::Si, rate(TipoFactor::Exento, None)),
        TicketIva::General | TicketIva::Frontera | TicketIva::Cero => {
            (ObjetoImp::Si, rate(TipoFactor::Tasa, Some(Decimal::new(net.percent, 2))))
        }
    };
    Ok(DraftConcepto {
        clave_prod_serv: it.clave_prod_serv.clone(),
        no_identificacion: it.no_identificacion.clone(),
        cantidad: it.cantidad,
        clave_unidad: it.clave_unidad.clone(),
        unidad: it.unidad.clone(),
        descripcion: it.descripcion.clone(),
        valor_unitario: with_least_scale(valor_unitario, exponent),
        importe: Some(with_least_scale(net.importe, exponent)),
        descuento: net.descuento.map(|descuento| with_least_scale(descuento, exponent)),
        objeto_imp,
        traslados,
        retenciones: Vec::new(),
        numeros_pedimento: Vec::new(),
        cuentas_prediales: Vec::new(),
    })
}

/// Runs the lines through the document's own arithmetic.
fn prove(conceptos: &[DraftConcepto], target: Decimal, exponent: u32) -> Result<(), TicketError> {
    let lines = draft::lines(conceptos, exponent).ok().ok_or(TicketError::Unreachable)?;
    for (index, it) in lines.iter().enumerate() {
        let fits = totals::importe_fits(it.cantidad, it.valor_unitario, it.importe)?;
        if it.valor_unitario.is_zero() || !fits {
            return Err(TicketError::Quantity(index));
        }
    }
    if totals::sums(&lines, exponent)?.total == target { Ok(()) } else { Err(TicketError::Unreachable) }
}
