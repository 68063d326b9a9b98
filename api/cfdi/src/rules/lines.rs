//! The lines: amounts within their limits, and taxes that fit what the line says it is subject to.

use super::line_path;
use crate::breach::Report;
use crate::comprobante::{Comprobante, Concepto, Retencion, Traslado};
use crate::decimal::{add, sub, sum};
use crate::totals::{importe_fits, tax_fits};
use fiscal::TipoComprobante;
use rust_decimal::Decimal;
use std::fmt::{self, Display};

/// Rates of IVA that may be passed on (c_TasaOCuota): none, border, general; in millionths.
const IVA_MILLIONTHS: [i64; 3] = [0, 80_000, 160_000];
/// Rates of IEPS that may be passed on or withheld (c_TasaOCuota, 2026), in millionths.
const IEPS_MILLIONTHS: [i64; 13] =
    [0, 30_000, 60_000, 70_000, 80_000, 90_000, 250_000, 265_000, 300_000, 304_000, 500_000, 530_000, 1_600_000];
/// Highest quota of IEPS (c_TasaOCuota, 2026; it changes every year), in millionths.
const IEPS_MAX_QUOTA_MILLIONTHS: i64 = 72_160_500;
/// Highest rate of IVA withheld, in millionths.
const IVA_MAX_WITHHELD_MILLIONTHS: i64 = 160_000;
/// Highest rate of ISR withheld, in millionths.
const ISR_MAX_WITHHELD_MILLIONTHS: i64 = 350_000;

fn millionths(value: i64) -> Decimal {
    Decimal::new(value, 6)
}

pub(super) fn check(c: &Comprobante, report: &mut Report) {
    let priced =
        matches!(c.tipo_de_comprobante, TipoComprobante::Ingreso | TipoComprobante::Egreso | TipoComprobante::Nomina);
    for (index, concepto) in c.conceptos.iter().enumerate() {
        if report.is_full() {
            return;
        }
        let at = line_path(index);
        amounts(concepto, priced, &at, report);
        object(concepto, &at, report);
        for (row, it) in concepto.traslados.iter().enumerate() {
            traslado(it, &row_path(&at, "Traslados/cfdi:Traslado", row, concepto.traslados.len()), report);
        }
        for (row, it) in concepto.retenciones.iter().enumerate() {
            retencion(it, &row_path(&at, "Retenciones/cfdi:Retencion", row, concepto.retenciones.len()), report);
        }
        bases(concepto, &at, report);
    }
}

fn row_path(at: impl Display, name: &str, row: usize, rows: usize) -> impl Display {
    fmt::from_fn(move |f| {
        write!(f, "{at}/cfdi:Impuestos/cfdi:{name}")?;
        if rows > 1 { write!(f, "[{}]", row.saturating_add(1)) } else { Ok(()) }
    })
}

fn amounts(it: &Concepto, priced: bool, at: &impl Display, report: &mut Report) {
    if priced && it.valor_unitario.is_zero() {
        report.error("CFDI40166", format!("{at}/@ValorUnitario"), "Debe ser mayor que cero.");
    }
    if importe_fits(it.cantidad, it.valor_unitario, it.importe) != Ok(true) {
        let message = format!("No está dentro de los límites de {} por {}.", it.cantidad, it.valor_unitario);
        report.error("CFDI40167", format!("{at}/@Importe"), message);
    }
    if let Some(descuento) = it.descuento {
        if descuento.scale() > it.importe.scale() {
            report.error("CFDI40168", format!("{at}/@Descuento"), "Tiene más decimales que el Importe.");
        }
        if descuento > it.importe {
            report.error("CFDI40169", format!("{at}/@Descuento"), "Es mayor que el Importe.");
        }
    }
}

fn object(it: &Concepto, at: &impl Display, report: &mut Report) {
    let place = || format!("{at}/@ObjetoImp");
    let taxed = !(it.traslados.is_empty() && it.retenciones.is_empty());
    let traslada = |impuesto: &str| it.traslados.iter().any(|t| t.impuesto == impuesto);
    let carries = |impuesto: &str| traslada(impuesto) || it.retenciones.iter().any(|r| r.impuesto == impuesto);
    match it.objeto_imp.as_str() {
        "02" if !taxed => report.error("CFDI40171", place(), "Con 02 debe existir el nodo Impuestos."),
        "01" | "03" | "04" | "05" if taxed => {
            report.error("CFDI40172", place(), "Con 01, 03, 04 o 05 no debe existir el nodo Impuestos.");
        }
        "06" | "08" if carries("002") || carries("003") => {
            report.error("CFDI140226", place(), "Con 06 u 08 no debe haber IVA ni IEPS.");
        }
        "07" if carries("002") || !traslada("003") => {
            report.error("CFDI140227", place(), "Con 07 debe trasladarse IEPS y no debe haber IVA.");
        }
        _ => {}
    }
}

fn traslado(it: &Traslado, at: &impl Display, report: &mut Report) {
    let (tasa, importe) = match (it.tipo_factor.as_str(), it.tasa_o_cuota, it.importe) {
        ("Exento", None, None) => return,
        ("Exento", ..) => {
            return report.error("CFDI40177", at.to_string(), "Con Exento no deben existir TasaOCuota ni Importe.");
        }
        (_, Some(tasa), Some(importe)) => (tasa, importe),
        _ => return report.error("CFDI40178", at.to_string(), "Con Tasa o Cuota deben existir TasaOCuota e Importe."),
    };
    let place = || format!("{at}/@TasaOCuota");
    let six = tasa.scale() == 6;
    match (it.impuesto.as_str(), it.tipo_factor.as_str()) {
        _ if !six => report.error("CFDI40179", place(), "Se escribe con seis decimales, como en el catálogo."),
        ("002", "Tasa") if IVA_MILLIONTHS.iter().any(|rate| millionths(*rate) == tasa) => {}
        ("003", _) => ieps(it.tipo_factor.as_str(), tasa, place(), report),
        _ => report.error("CFDI40179", place(), "La tasa no está en el catálogo para este impuesto."),
    }
    if tax_fits(it.base, tasa, importe) != Ok(true) {
        let message = format!("No está dentro de los límites de {} por {tasa}.", it.base);
        report.error("CFDI40180", format!("{at}/@Importe"), message);
    }
}

/// These rates change with the years, so one that is not known here is only worth a look.
fn ieps(factor: &str, tasa: Decimal, place: String, report: &mut Report) {
    let known = match factor {
        "Cuota" => tasa <= millionths(IEPS_MAX_QUOTA_MILLIONTHS),
        _ => IEPS_MILLIONTHS.iter().any(|rate| millionths(*rate) == tasa),
    };
    if !known {
        report.warn("CFDI40179", place, "La tasa o cuota de IEPS no está en el catálogo que se conoce.");
    }
}

fn retencion(it: &Retencion, at: &impl Display, report: &mut Report) {
    let place = || format!("{at}/@TasaOCuota");
    let within = |max| it.tasa_o_cuota <= millionths(max);
    match (it.impuesto.as_str(), it.tipo_factor.as_str()) {
        (_, "Exento") => report.error("CFDI40184", format!("{at}/@TipoFactor"), "Una retención no puede ser exenta."),
        _ if it.tasa_o_cuota.scale() != 6 => {
            report.error("CFDI40185", place(), "Se escribe con seis decimales, como en el catálogo.");
        }
        ("001", "Tasa") if within(ISR_MAX_WITHHELD_MILLIONTHS) => {}
        ("002", "Tasa") if within(IVA_MAX_WITHHELD_MILLIONTHS) => {}
        ("003", factor) => ieps(factor, it.tasa_o_cuota, place(), report),
        _ => report.error("CFDI40185", place(), "La tasa no está en el catálogo para este impuesto."),
    }
    if tax_fits(it.base, it.tasa_o_cuota, it.importe) != Ok(true) {
        let message = format!("No está dentro de los límites de {} por {}.", it.base, it.tasa_o_cuota);
        report.error("CFDI40186", format!("{at}/@Importe"), message);
    }
}

/// The matrix does not compare the base of IVA with the line; whoever reads the invoice does.
fn bases(it: &Concepto, at: &impl Display, report: &mut Report) {
    let ieps = sum(it.traslados.iter().filter(|t| t.impuesto == "003").filter_map(|t| t.importe));
    let net = sub(it.importe, it.descuento.unwrap_or_default());
    let (Ok(ieps), Ok(net)) = (ieps, net) else { return };
    let expected = add(net, ieps).unwrap_or(net);
    for traslado in it.traslados.iter().filter(|t| t.impuesto == "002") {
        let unit = crate::decimal::unit(traslado.base.scale().min(expected.scale()));
        let far = sub(traslado.base, expected).is_ok_and(|difference| difference.abs() > unit);
        if far {
            let message = format!("La base de IVA es {} y el renglón suma {expected}.", traslado.base);
            report.warn("base_unlike_line", format!("{at}/cfdi:Impuestos"), message);
        }
    }
}
