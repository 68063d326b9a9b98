//! Sums of a document from its lines, by the SAT's rule: six decimals on the lines, rounding only in the document, and
//! a total that follows from the rounded figures without any tolerance (CFDI40119). Also the limits within which a
//! line's own products must lie (CFDI40167, CFDI40180, CFDI40186).

use crate::comprobante::{Concepto, Impuestos, RetencionTotal, Traslado};
use crate::decimal::{self, Overflow, add, mul, rounded, sub, sum};
use fiscal::{ceil_dp, trunc_dp};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What the document says about its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Lines before discount.
    pub sub_total: Decimal,
    /// Discounts, if any line has one.
    pub descuento: Option<Decimal>,
    /// Summary of taxes, if any line has one.
    pub impuestos: Option<Impuestos>,
    /// What is left to pay. Negative if discounts and withheld taxes exceed the rest: such a document cannot exist.
    pub total: Decimal,
}

/// One row of the summary: tax, kind of factor, rate.
type Key<'a> = (&'a str, &'a str, Option<Decimal>);

/// Sums the lines for a currency of `exponent` decimals.
pub fn sums(conceptos: &[Concepto], exponent: u32) -> Result<Sums, Overflow> {
    let sub_total = rounded(sum(conceptos.iter().map(|c| c.importe))?, exponent);
    let descuentos: Vec<Decimal> = conceptos.iter().filter_map(|c| c.descuento).collect();
    let descuento = if descuentos.is_empty() { None } else { Some(rounded(sum(descuentos)?, exponent)) };
    let impuestos = summary(conceptos, exponent)?;
    let net = sub(sub_total, descuento.unwrap_or_default())?;
    let plus = impuestos.total_impuestos_trasladados.unwrap_or_default();
    let minus = impuestos.total_impuestos_retenidos.unwrap_or_default();
    let mut total = sub(add(net, plus)?, minus)?;
    total.rescale(exponent);
    let empty = impuestos.traslados.is_empty() && impuestos.retenciones.is_empty();
    Ok(Sums { sub_total, descuento, impuestos: if empty { None } else { Some(impuestos) }, total })
}

fn summary(conceptos: &[Concepto], exponent: u32) -> Result<Impuestos, Overflow> {
    let mut traslados: BTreeMap<Key<'_>, (Decimal, Decimal)> = BTreeMap::new();
    for it in conceptos.iter().flat_map(|c| &c.traslados) {
        let row = traslados.entry((&it.impuesto, &it.tipo_factor, it.tasa_o_cuota)).or_default();
        row.0 = add(row.0, it.base)?;
        row.1 = add(row.1, it.importe.unwrap_or_default())?;
    }
    let mut retenciones: BTreeMap<&str, Decimal> = BTreeMap::new();
    for it in conceptos.iter().flat_map(|c| &c.retenciones) {
        let row = retenciones.entry(&it.impuesto).or_default();
        *row = add(*row, it.importe)?;
    }
    let traslados: Vec<Traslado> = traslados
        .into_iter()
        .map(|((impuesto, tipo_factor, tasa_o_cuota), (base, importe))| Traslado {
            base: rounded(base, exponent),
            impuesto: impuesto.to_owned(),
            tipo_factor: tipo_factor.to_owned(),
            tasa_o_cuota,
            importe: tasa_o_cuota.map(|_| rounded(importe, exponent)),
        })
        .collect();
    let retenciones: Vec<RetencionTotal> = retenciones
        .into_iter()
        .map(|(impuesto, importe)| RetencionTotal {
            impuesto: impuesto.to_owned(),
            importe: rounded(importe, exponent),
        })
        .collect();
    // Totals add up the rows as rounded; an invoice whose rows are all exempt carries no total at all.
    let charged: Vec<Decimal> = traslados.iter().filter_map(|it| it.importe).collect();
    let total = |values: Vec<Decimal>| sum(values).map(|value| rounded(value, exponent));
    let trasladados = if charged.is_empty() { None } else { Some(total(charged)?) };
    let withheld: Vec<Decimal> = retenciones.iter().map(|it| it.importe).collect();
    let retenidos = if withheld.is_empty() { None } else { Some(total(withheld)?) };
    Ok(Impuestos {
        retenciones,
        traslados,
        total_impuestos_retenidos: retenidos,
        total_impuestos_trasladados: trasladados,
    })
}

/// The widest error the SAT allows for a factor: it takes back 10^-12 so that the upper limit is exclusive.
const JUST_BELOW: Decimal = Decimal::from_parts(1, 0, 0, false, 12);

/// Whether a line's `Importe` lies between the limits of its quantity and unit price (CFDI40167).
pub fn importe_fits(cantidad: Decimal, valor_unitario: Decimal, importe: Decimal) -> Result<bool, Overflow> {
    if is_product(cantidad, valor_unitario, importe)? {
        return Ok(true);
    }
    let (half_c, half_v) = (half_unit(cantidad), half_unit(valor_unitario));
    let lower = mul(sub(cantidad, half_c)?, sub(valor_unitario, half_v)?)?;
    let upper_c = sub(add(cantidad, half_c)?, JUST_BELOW)?;
    let upper_v = sub(add(valor_unitario, half_v)?, JUST_BELOW)?;
    between(lower, mul(upper_c, upper_v)?, importe)
}

/// Whether a line's tax lies between the limits of its base and rate (CFDI40180, CFDI40186).
pub fn tax_fits(base: Decimal, tasa_o_cuota: Decimal, importe: Decimal) -> Result<bool, Overflow> {
    if is_product(base, tasa_o_cuota, importe)? {
        return Ok(true);
    }
    let half = half_unit(base);
    let lower = mul(sub(base, half)?, tasa_o_cuota)?;
    let upper = mul(sub(add(base, half)?, JUST_BELOW)?, tasa_o_cuota)?;
    between(lower, upper, importe)
}

/// Whether the amount is the product itself, cut or raised to its own decimals: what lies between any limits of its
/// factors, and what nearly every line is. Two operations in place of nine.
fn is_product(a: Decimal, b: Decimal, importe: Decimal) -> Result<bool, Overflow> {
    let unsigned = !(a.is_sign_negative() || b.is_sign_negative());
    let off = sub(mul(a, b)?, importe)?.abs();
    Ok(unsigned && importe.scale() <= decimal::LINE_DECIMALS && off < decimal::unit(importe.scale()))
}

/// Half of the last decimal that is written.
fn half_unit(value: Decimal) -> Decimal {
    Decimal::new(5, value.scale().saturating_add(1).min(Decimal::MAX_SCALE))
}

/// Whether the amount is no less than the lower limit cut to its decimals and no more than the upper one raised to them.
/// Said of the amount, which has those decimals already, and not of the limits: for each line of each document this is
/// asked, and rounding takes most of its time.
fn between(lower: Decimal, upper: Decimal, importe: Decimal) -> Result<bool, Overflow> {
    let written = importe.scale().min(decimal::LINE_DECIMALS);
    let step = decimal::unit(written);
    Ok(lower < add(trunc_dp(importe, written), step)? && sub(ceil_dp(importe, written), step)? < upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::parse;
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        parse(text).unwrap()
    }

    #[test]
    fn limits_of_a_line_are_those_of_the_sat() {
        // (3 ∓ 0.5)·(33.33 ∓ 0.005): from 83.3125 to just under 116.6725.
        for (importe, fits) in [("99.99", true), ("83.31", true), ("83.30", false), ("116.68", true), ("116.69", false)]
        {
            assert_eq!(importe_fits(d("3"), d("33.33"), d(importe)), Ok(fits), "{importe}");
        }
        // 1.0005·100.0000005 is just over 100.05, and the SAT rounds that limit up.
        assert_eq!(importe_fits(d("1.000"), d("100.000000"), d("100.06")), Ok(true));
        assert_eq!(importe_fits(d("1.000"), d("100.000000"), d("100.07")), Ok(false));
    }

    #[test]
    fn limits_of_a_tax_truncate_below_and_ceil_above() {
        // (100.00 ∓ 0.005)·0.16: from 15.9992 to just under 16.0008.
        for (importe, fits) in [("16.00", true), ("15.99", true), ("15.98", false), ("16.01", true), ("16.02", false)] {
            assert_eq!(tax_fits(d("100.00"), d("0.160000"), d(importe)), Ok(fits), "{importe}");
        }
        assert_eq!(tax_fits(d("100.000000"), d("0.160000"), d("16.000001")), Ok(true));
        assert_eq!(tax_fits(d("100.000000"), d("0.160000"), d("16.000002")), Ok(false));
    }

    proptest! {
        /// A product is within the limits by whichever way it is asked.
        #[test]
        fn what_is_the_product_lies_between_the_limits(
            a in 1i64..50_000_000, b in 0i64..50_000_000, off in -2i64..=2, scales in (0u32..7, 0u32..7, 0u32..7),
        ) {
            let (a, b) = (Decimal::new(a, scales.0), Decimal::new(b, scales.1));
            let importe = add(trunc_dp(mul(a, b).unwrap(), scales.2), Decimal::new(off, scales.2)).unwrap();
            prop_assume!(!importe.is_sign_negative());
            let half = half_unit(a);
            let lower = mul(sub(a, half).unwrap(), b).unwrap();
            let upper = mul(sub(add(a, half).unwrap(), JUST_BELOW).unwrap(), b).unwrap();
            prop_assert_eq!(tax_fits(a, b, importe), between(lower, upper, importe));
            let (half_a, half_b) = (half_unit(a), half_unit(b));
            let lower = mul(sub(a, half_a).unwrap(), sub(b, half_b).unwrap()).unwrap();
            let upper_a = sub(add(a, half_a).unwrap(), JUST_BELOW).unwrap();
            let upper_b = sub(add(b, half_b).unwrap(), JUST_BELOW).unwrap();
            prop_assert_eq!(importe_fits(a, b, importe), between(lower, mul(upper_a, upper_b).unwrap(), importe));
        }

        #[test]
        fn limits_asked_of_the_amount_are_those_asked_of_the_limits(
            lower in -2_000_000i64..2_000_000, width in 1i64..2_000_000, importe in 0i64..4_000_000,
            scales in (0u32..9, 0u32..9),
        ) {
            let upper = Decimal::new(lower + width, scales.0);
            let (lower, importe) = (Decimal::new(lower, scales.0), Decimal::new(importe, scales.1));
            let written = importe.scale().min(decimal::LINE_DECIMALS);
            let expected = (trunc_dp(lower, written)..=ceil_dp(upper, written)).contains(&importe);
            prop_assert_eq!(between(lower, upper, importe), Ok(expected));
        }
    }
}
