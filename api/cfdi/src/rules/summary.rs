//! The document's figures against the sums of its lines: exact, no tolerance.

use super::ROOT;
use crate::breach::Report;
use crate::comprobante::{Comprobante, Impuestos, Traslado};
use crate::decimal::{add, sub, sum};
use crate::totals::{self, Sums};
use fiscal::TipoComprobante;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const TAXES: &str = "/cfdi:Comprobante/cfdi:Impuestos";

pub(super) fn check(c: &Comprobante, exponent: u32, report: &mut Report) {
    let without_amounts = matches!(c.tipo_de_comprobante, TipoComprobante::Traslado | TipoComprobante::Pago);
    if without_amounts {
        if !c.sub_total.is_zero() {
            report.error("CFDI40109", format!("{ROOT}/@SubTotal"), "En comprobantes de tipo T o P es cero.");
        }
        if c.impuestos.is_some() {
            report.error("CFDI40201", TAXES, "No debe existir en comprobantes de tipo T o P.");
        }
    } else {
        match totals::sums(&c.conceptos, exponent) {
            Ok(expected) => against_lines(c, &expected, report),
            Err(overflow) => report.error("CFDI40108", format!("{ROOT}/@SubTotal"), overflow.to_string()),
        }
    }
    rows(c.impuestos.as_ref(), exponent, report);
    total(c, report);
}

fn against_lines(c: &Comprobante, expected: &Sums, report: &mut Report) {
    if c.sub_total != expected.sub_total {
        let message = format!("Es {} y los conceptos suman {}.", c.sub_total, expected.sub_total);
        report.error("CFDI40108", format!("{ROOT}/@SubTotal"), message);
    }
    let place = format!("{ROOT}/@Descuento");
    match (c.descuento, expected.descuento) {
        (None, None) => {}
        (Some(found), Some(expected)) if found == expected => {}
        (Some(found), Some(expected)) => {
            report.error("CFDI40111", place.clone(), format!("Es {found} y los conceptos suman {expected}."));
        }
        _ => report.error("CFDI40111", place.clone(), "Existe si y solo si algún concepto lleva Descuento."),
    }
    if c.descuento.is_some_and(|descuento| descuento > c.sub_total) {
        report.error("CFDI40110", place, "Es mayor que el SubTotal.");
    }
    let (none, found) = (Impuestos::default(), c.impuestos.as_ref());
    taxes_against_lines(found.unwrap_or(&none), expected.impuestos.as_ref().unwrap_or(&none), report);
}

fn same_key(a: &Traslado, b: &Traslado) -> bool {
    a.impuesto == b.impuesto && a.tipo_factor == b.tipo_factor && a.tasa_o_cuota == b.tasa_o_cuota
}

fn taxes_against_lines(found: &Impuestos, expected: &Impuestos, report: &mut Report) {
    for row in &expected.retenciones {
        match found.retenciones.iter().find(|it| it.impuesto == row.impuesto) {
            Some(it) if it.importe == row.importe => {}
            found => {
                let found = found.map_or("no existe".to_owned(), |it| format!("es {}", it.importe));
                let message = format!("La retención {} {found} y los conceptos suman {}.", row.impuesto, row.importe);
                report.error("CFDI40211", format!("{TAXES}/cfdi:Retenciones"), message);
            }
        }
    }
    for row in &expected.traslados {
        let place = format!("{TAXES}/cfdi:Traslados");
        let key = format!("{} {} {}", row.impuesto, row.tipo_factor, row.tasa_o_cuota.unwrap_or_default());
        let Some(it) = found.traslados.iter().find(|it| same_key(it, row)) else {
            report.error("CFDI40221", place, format!("Falta el renglón {key} que llevan los conceptos."));
            continue;
        };
        if it.base != row.base {
            let message = format!("La base de {key} es {} y los conceptos suman {}.", it.base, row.base);
            report.error("CFDI40215", place.clone(), message);
        }
        if it.importe.unwrap_or_default() != row.importe.unwrap_or_default() {
            let of = |row: &Traslado| row.importe.unwrap_or_default();
            let message = format!("El importe de {key} es {} y los conceptos suman {}.", of(it), of(row));
            report.error("CFDI40221", place, message);
        }
    }
    let extra = found.traslados.iter().any(|it| !expected.traslados.iter().any(|row| same_key(it, row)));
    if extra {
        report.error("CFDI40219", format!("{TAXES}/cfdi:Traslados"), "Hay un renglón que ningún concepto lleva.");
    }
    let known = |impuesto: &str| expected.retenciones.iter().any(|row| row.impuesto == impuesto);
    if found.retenciones.iter().any(|it| !known(&it.impuesto)) {
        report.error("CFDI40211", format!("{TAXES}/cfdi:Retenciones"), "Hay un renglón que ningún concepto lleva.");
    }
}

/// What the summary must be in itself.
fn rows(impuestos: Option<&Impuestos>, exponent: u32, report: &mut Report) {
    let Some(it) = impuestos else { return };
    let too_fine = |value: Decimal| value.scale() > exponent;
    let mut decimals = |code, name: &str, value: Decimal| {
        if too_fine(value) {
            report.error(code, format!("{TAXES}{name}"), format!("La moneda admite hasta {exponent} decimales."));
        }
    };
    it.retenciones.iter().for_each(|row| decimals("CFDI40210", "/cfdi:Retenciones", row.importe));
    for row in &it.traslados {
        decimals("CFDI40214", "/cfdi:Traslados", row.base);
        decimals("CFDI40220", "/cfdi:Traslados", row.importe.unwrap_or_default());
    }
    decimals("CFDI40202", "/@TotalImpuestosRetenidos", it.total_impuestos_retenidos.unwrap_or_default());
    decimals("CFDI40204", "/@TotalImpuestosTrasladados", it.total_impuestos_trasladados.unwrap_or_default());

    let taxes: BTreeSet<&str> = it.retenciones.iter().map(|row| row.impuesto.as_str()).collect();
    if taxes.len() < it.retenciones.len() {
        report.error("CFDI40208", format!("{TAXES}/cfdi:Retenciones"), "Hay más de un renglón por impuesto.");
    }
    let keys: BTreeSet<_> = it.traslados.iter().map(|t| (&t.impuesto, &t.tipo_factor, t.tasa_o_cuota)).collect();
    if keys.len() < it.traslados.len() {
        let message = "Hay más de un renglón por impuesto, factor y tasa.";
        report.error("CFDI40218", format!("{TAXES}/cfdi:Traslados"), message);
    }
    totals_of_rows(it, report);
}

fn totals_of_rows(it: &Impuestos, report: &mut Report) {
    let charged: Vec<Decimal> = it.traslados.iter().filter_map(|row| row.importe).collect();
    let withheld: Vec<Decimal> = it.retenciones.iter().map(|row| row.importe).collect();
    let pairs = [
        ("TotalImpuestosTrasladados", it.total_impuestos_trasladados, charged, "CFDI40212", "CFDI40205"),
        ("TotalImpuestosRetenidos", it.total_impuestos_retenidos, withheld, "CFDI40206", "CFDI40203"),
    ];
    for (name, found, rows, missing, different) in pairs {
        let place = format!("{TAXES}/@{name}");
        match (found, rows.is_empty()) {
            (None, true) => {}
            (None, false) => report.error(missing, place, "Falta el total de los renglones."),
            (Some(_), true) => report.error(different, place, "No hay renglones que sumar."),
            (Some(found), false) => {
                if sum(rows) != Ok(found) {
                    report.error(different, place, "No es la suma de los renglones.");
                }
            }
        }
    }
}

fn total(c: &Comprobante, report: &mut Report) {
    let taxes = c.impuestos.as_ref();
    let plus = [
        taxes.and_then(|it| it.total_impuestos_trasladados),
        c.impuestos_locales.as_ref().map(|it| it.total_de_traslados),
    ];
    let minus = [
        c.descuento,
        taxes.and_then(|it| it.total_impuestos_retenidos),
        c.impuestos_locales.as_ref().map(|it| it.total_de_retenciones),
    ];
    let expected = sum(plus.into_iter().flatten())
        .and_then(|plus| add(c.sub_total, plus))
        .and_then(|gross| sub(gross, sum(minus.into_iter().flatten())?));
    if expected != Ok(c.total) {
        let expected = expected.map_or_else(|e| e.to_string(), |value| value.to_string());
        let message = format!("Es {} y de las cifras resulta {expected}.", c.total);
        report.error("CFDI40119", format!("{ROOT}/@Total"), message);
    }
}
