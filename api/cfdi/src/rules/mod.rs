//! Checks a document the way the SAT's matrix does, so that a mistake is found before a stamp is spent on it.
//!
//! Covered: structure, catalogs that are code, the arithmetic, and the conditional attributes of an Ingreso; the common
//! part of every other kind. Not covered, and said so by a warning: rules special to Egreso, Pago, Nómina, Traslado and
//! the global invoice, other complements, and what only the SAT's lists know: its register of RFCs and names, and those
//! of [`Lists`] that nobody brought. Seals are checked with the feature `crypto` only.

mod header;
mod lines;
mod structure;
mod summary;

use crate::breach::Report;
use crate::comprobante::Comprobante;
use crate::lists::{self, List, Lists};
use crate::read::{self, ReadError};
use crate::tree;
use fiscal::{Currency, TipoComprobante};
use roxmltree::Document;
use std::fmt::{self, Display};

pub(crate) const ROOT: &str = "/cfdi:Comprobante";

/// Checks the bytes of a document without the SAT's lists.
pub fn check(bytes: &[u8]) -> Report {
    check_with(bytes, &Lists::default())
}

/// Checks the bytes of a document, with the lists that are at hand. A document that cannot be read is reported, not
/// refused.
pub fn check_with(bytes: &[u8], lists: &Lists) -> Report {
    match tree::parse(bytes) {
        Ok(document) => {
            let (mut report, comprobante) = check_tree(&document, lists);
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
enum Stage {
    Draft,
    Sealed,
}

fn check_tree(document: &Document<'_>, lists: &Lists) -> (Report, Option<Comprobante>) {
    let mut report = Report::default();
    let comprobante = match read::comprobante(document.root_element()) {
        Ok(comprobante) => comprobante,
        Err(error) => {
            unreadable(document, &error, &mut report);
            return (report, None);
        }
    };
    if comprobante.version != "4.0" {
        report.warn("not_checked", format!("{ROOT}/@Version"), "La versión 3.3 se puede leer, pero no se revisa.");
        return (report, Some(comprobante));
    }
    rules(document, &comprobante, (Stage::Sealed, lists), &mut report);
    (report, Some(comprobante))
}

/// Checks a draft on the tree of what [`crate::xml`] wrote from it: its nodes need not be read back, they are at hand.
pub(crate) fn check_draft(document: &Document<'_>, comprobante: &Comprobante) -> Report {
    let mut report = Report::default();
    rules(document, comprobante, (Stage::Draft, &Lists::default()), &mut report);
    report
}

fn rules(document: &Document<'_>, comprobante: &Comprobante, (stage, lists): (Stage, &Lists), report: &mut Report) {
    structure::check(document.root_element(), stage, report);
    let exponent = exponent(comprobante, report);
    header::check(comprobante, exponent, report);
    lines::check(comprobante, report);
    summary::check(comprobante, exponent, report);
    let day = comprobante.fecha.as_str().get(..DAY_LEN).unwrap_or_default();
    lists::check(document, lists, day, report);
    not_covered(comprobante, lists, report);
}

fn unreadable(document: &Document<'_>, error: &ReadError, report: &mut Report) {
    let root = document.root_element();
    if tree::is(root, crate::xml::NAMESPACE, "Comprobante") {
        structure::check(root, Stage::Sealed, report);
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

/// Characters of `2026-11-18`, with which a date and time begin.
pub(crate) const DAY_LEN: usize = 10;

/// What a right form does not prove: that the SAT's own lists have the value.
fn not_covered(comprobante: &Comprobante, lists: &Lists, report: &mut Report) {
    let absent = lists.absent().map(List::name).collect::<Vec<_>>().join(", ");
    let absent = if absent.is_empty() { absent } else { format!("{absent} y ") };
    let message = format!(
        "De los datos que solo están en listas del SAT se revisó la forma, no que estén en ellas: {absent}la lista de RFC \
         inscritos con su nombre."
    );
    report.warn("not_checked", ROOT, message);
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

/// Place of the n-th line, counted from 1. A `Display`, as only a fault pays for its text.
pub(crate) fn line_path(index: usize) -> impl Display {
    fmt::from_fn(move |f| write!(f, "{ROOT}/cfdi:Conceptos/cfdi:Concepto[{}]", index.saturating_add(1)))
}
