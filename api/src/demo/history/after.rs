//! What came after a sale: the nota de crédito of what was sent back, the complemento of what was paid later. The
//! portal issues neither; the company's own system made them, as any that is published here.
use std::collections::HashMap;

use anyhow::Context;
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cfdi::comprobante::CfdiRelacionados;
use cfdi::{Comprobante, Csd};
use fiscal::{TipoComprobante, UsoCfdi};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Span, ToSpan};
use rust_decimal::Decimal;

use super::plan::Sale;
use crate::issuers::{Branch, Issuer};

/// Serie and first folio of notas de crédito and of complementos.
const RETURNS: (&str, i64) = ("NC", 402);
const PAYMENTS: (&str, i64) = ("CP", 2_201);
/// Of a client's sales paid at once one in so many came back in part, some days later: the third is the first.
const ONE_RETURN_IN: usize = 6;
const FIRST_RETURN: usize = 2;
const RETURN_DAYS: i64 = 6;
/// Of the first article, one box comes back.
const BOX: i64 = 5;
/// When the office works on both.
const OFFICE: Time = Time::constant(11, 20, 0, 0);

/// What a document that follows a sale is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Part of it came back.
    Return,
    /// It was paid by a transfer.
    Payment,
}

/// A document that follows a sale.
pub struct After<'a> {
    /// Which.
    pub kind: Kind,
    /// The sale.
    pub sale: &'a Sale,
    /// Serie.
    pub serie: &'static str,
    /// Number in the serie.
    pub folio: i64,
    /// When, on the wall of the company's first shop.
    pub at: DateTime,
}

/// All of them until `last`, at the default company, in the order of their sales.
pub fn all(sales: &[Sale], last: Date) -> Result<Vec<After<'_>>, jiff::Error> {
    let mut all = Vec::new();
    let of_default = || sales.iter().filter(|sale| sale.company.is_default);
    let mut of_each = HashMap::<&str, usize>::new();
    let returned = of_default().filter(|sale| !sale.on_credit).filter(|sale| {
        let count = of_each.entry(sale.client.rfc).or_default();
        *count += 1;
        (*count - 1) % ONE_RETURN_IN == FIRST_RETURN
    });
    for (sale, folio) in returned.zip(RETURNS.1..) {
        let day = sale.at.date().checked_add(Span::new().days(RETURN_DAYS))?;
        if day <= last {
            all.push(After { kind: Kind::Return, sale, serie: RETURNS.0, folio, at: day.to_datetime(OFFICE) });
        }
    }
    let paid = of_default().filter(|sale| sale.on_credit).filter_map(|sale| Some((sale, sale.paid_on?)));
    for ((sale, day), folio) in paid.zip(PAYMENTS.1..) {
        all.push(After { kind: Kind::Payment, sale, serie: PAYMENTS.0, folio, at: day.to_datetime(OFFICE) });
    }
    Ok(all)
}

impl After<'_> {
    /// The document, sealed, and what it comes to. `folio_fiscal` is the sale's.
    pub fn sealed(
        &self,
        (issuer, branch): (&Issuer, &Branch),
        folio_fiscal: &str,
        csd: &Csd,
    ) -> anyhow::Result<(String, Decimal)> {
        match self.kind {
            Kind::Return => {
                let note = self.note(issuer, branch, folio_fiscal)?;
                let total = note.total;
                Ok((cfdi::seal(note, csd).context("sealing a nota de crédito")?.xml, total))
            }
            Kind::Payment => {
                let invoice = built(&self.sale.draft(issuer, branch)?)?;
                Ok((self.complemento(&invoice, folio_fiscal, csd)?, invoice.total))
            }
        }
    }

    fn fecha(&self) -> String {
        fecha(self.at)
    }

    /// An invoice of what came back, of type E and related to the sale's (01).
    fn note(&self, issuer: &Issuer, branch: &Branch, folio_fiscal: &str) -> anyhow::Result<Comprobante> {
        let mut draft = self.sale.draft(issuer, branch)?;
        draft.serie = Some(self.serie.to_owned());
        draft.folio = Some(self.folio.to_string());
        draft.fecha = cfdi::Fecha::parse(&self.fecha());
        draft.conceptos.truncate(1);
        for line in &mut draft.conceptos {
            line.cantidad = Decimal::from(BOX);
            line.descripcion = format!("Devolución: {}", line.descripcion);
        }
        let mut note = built(&draft)?;
        note.tipo_de_comprobante = TipoComprobante::Egreso;
        UsoCfdi::G02.code().clone_into(&mut note.receptor.uso_cfdi);
        let relation = CfdiRelacionados { tipo_relacion: "01".to_owned(), uuids: vec![folio_fiscal.to_owned()] };
        note.cfdi_relacionados = vec![relation];
        Ok(note)
    }

    fn complemento(&self, invoice: &Comprobante, folio_fiscal: &str, csd: &Csd) -> anyhow::Result<String> {
        let paid_at = fecha(self.at.checked_sub(1.hour())?);
        let (folio, paid_folio) = (self.folio.to_string(), self.sale.folio.to_string());
        let mut paper = Complemento {
            serie: self.serie,
            folio: &folio,
            fecha: &self.fecha(),
            sello: "",
            no_certificado: csd.certificate().no_certificado(),
            certificado: &csd.certificate().to_base64(),
            invoice,
            taxes: taxes(invoice),
            paid_at: &paid_at,
            operation: &format!("SPEI {}", 40_000 + self.folio),
            folio_fiscal,
            paid_serie: self.sale.serie,
            paid_folio: &paid_folio,
        };
        let open = paper.render()?;
        let cadena = cfdi::read(open.as_bytes())?.cadena_original?;
        let sello = STANDARD.encode(csd.sign(cadena.as_bytes())?);
        paper.sello = &sello;
        Ok(paper.render()?)
    }
}

fn fecha(at: DateTime) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn built(draft: &cfdi::Draft) -> anyhow::Result<Comprobante> {
    cfdi::build(draft).map_err(|breaches| anyhow::anyhow!("building what follows a sale: {breaches:?}"))
}

/// One rate of IVA of the invoice that was paid.
struct Tax {
    /// As the complemento's sums name it.
    name: &'static str,
    base: Decimal,
    rate: Decimal,
    importe: Decimal,
}

/// The invoice's own sums: it was paid whole. The demo sells to companies at 16 % and 0 % alone.
fn taxes(invoice: &Comprobante) -> Vec<Tax> {
    let rows = invoice.impuestos.iter().flat_map(|taxes| &taxes.traslados);
    let mut taxes: Vec<Tax> = rows
        .filter_map(|row| {
            let (rate, importe) = (row.tasa_o_cuota?, row.importe?);
            let name = if rate.is_zero() { "0" } else { "16" };
            Some(Tax { name, base: row.base, rate, importe })
        })
        .collect();
    // The sums of the complemento stand in this order.
    taxes.sort_by_key(|tax| std::cmp::Reverse(tax.rate));
    taxes
}

#[derive(Template)]
#[template(path = "demo/complemento.xml")]
struct Complemento<'a> {
    serie: &'a str,
    folio: &'a str,
    fecha: &'a str,
    sello: &'a str,
    no_certificado: &'a str,
    certificado: &'a str,
    invoice: &'a Comprobante,
    taxes: Vec<Tax>,
    paid_at: &'a str,
    operation: &'a str,
    folio_fiscal: &'a str,
    paid_serie: &'a str,
    paid_folio: &'a str,
}
