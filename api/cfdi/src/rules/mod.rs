//! Checks a document the way the SAT's matrix does, so that a mistake is found before a stamp is spent on it.
//!
//! Covered: structure, catalogs that are code, the arithmetic, and the conditional attributes of an Ingreso; the common
//! part of every other kind. Not covered, and said so by a warning: rules special to Egreso, Pago, Nómina, Traslado and
//! the global invoice, other complements, and everything that only the SAT's lists know (names, RFCs, postal codes,
//! products). Seals are checked with the feature `crypto` only.

mod header;
mod lines;
mod structure;
mod summary;

use crate::breach::Report;
use crate::comprobante::Comprobante;
use crate::read::{self, ReadError};
use crate::tree;
use fiscal::{Currency, TipoComprobante};
use roxmltree::Document;

pub(crate) const ROOT: &str = "/cfdi:Comprobante";

/// Checks the bytes of a document. A document that cannot be read is reported, not refused.
pub fn check(bytes: &[u8]) -> Report {
    match tree::parse(bytes) {
        Ok(document) => {
            let (mut report, comprobante) = check_tree(&document, Stage::Sealed);
            if let Some(comprobante) = comprobante.filter(|it| it.version == "4.0") {
                seal(&document, &comprobante, &mut report);
            }
            report
        }
        Err(error) => {
            let mut report = Report::default();
            report.error("301", "/", error.to_string());
            report
        }
    }
}

#[cfg(feature = "crypto")]
fn seal(document: &Document<'_>, comprobante: &Comprobante, report: &mut Report) {
    crate::sello::check(document, comprobante, report);
}

#[cfg(not(feature = "crypto"))]
fn seal(_document: &Document<'_>, _comprobante: &Comprobante, report: &mut Report) {
    report.warn("not_checked", format!("{ROOT}/@Sello"), "No se revisó el sello.");
}

/// Whether seal and certificate must be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Draft,
    Sealed,
}

pub(crate) fn check_tree(document: &Document<'_>, stage: Stage) -> (Report, Option<Comprobante>) {
    let mut report = Report::default();
    let parsed = match read::from_tree(document) {
        Ok(parsed) => parsed,
        Err(error) => {
            unreadable(document, stage, &error, &mut report);
            return (report, None);
        }
    };
    let comprobante = parsed.comprobante;
    if comprobante.version != "4.0" {
        report.warn("not_checked", format!("{ROOT}/@Version"), "La versión 3.3 se puede leer, pero no se revisa.");
        return (report, Some(comprobante));
    }
    structure::check(document.root_element(), stage, &mut report);
    let exponent = exponent(&comprobante, &mut report);
    header::check(&comprobante, exponent, &mut report);
    lines::check(&comprobante, &mut report);
    summary::check(&comprobante, exponent, &mut report);
    not_covered(&comprobante, &mut report);
    (report, Some(comprobante))
}

fn unreadable(document: &Document<'_>, stage: Stage, error: &ReadError, report: &mut Report) {
    let root = document.root_element();
    if tree::is(root, crate::xml::NAMESPACE, "Comprobante") {
        structure::check(root, stage, report);
    }
    if report.is_ok() {
        report.error("301", "/", error.to_string());
    }
}

/// Decimals of the document's currency; of an unknown one it is said that two were assumed.
fn exponent(comprobante: &Comprobante, report: &mut Report) -> u32 {
    Currency::parse(&comprobante.moneda).map(Currency::exponent).unwrap_or_else(|_| {
        let message = format!("No se conocen los decimales de la moneda {}: se supusieron 2.", comprobante.moneda);
        report.warn("not_checked", format!("{ROOT}/@Moneda"), message);
        2
    })
}

fn not_covered(comprobante: &Comprobante, report: &mut Report) {
    let kind = match comprobante.tipo_de_comprobante {
        TipoComprobante::Ingreso => comprobante.informacion_global.as_ref().map(|_| "la factura global"),
        TipoComprobante::Egreso => Some("los comprobantes de egreso"),
        TipoComprobante::Traslado => Some("los comprobantes de traslado"),
        TipoComprobante::Nomina => Some("los comprobantes de nómina"),
        TipoComprobante::Pago => Some("el complemento de pago"),
    };
    if let Some(kind) = kind {
        report.warn("not_checked", ROOT, format!("No se revisaron las reglas propias de {kind}."));
    }
    for name in &comprobante.not_modelled {
        report.warn("not_checked", ROOT, format!("No se revisó el nodo {name}."));
    }
}

/// Path of the n-th line, counted from 1.
pub(crate) fn line_path(index: usize) -> String {
    format!("{ROOT}/cfdi:Conceptos/cfdi:Concepto[{}]", index.saturating_add(1))
}
