//! From a CFDI's XML to what its own customer reads on the page.
use cfdi::comprobante::{Comprobante, Concepto};
use fiscal::{FormaPago, MetodoPago, RegimenFiscal, TipoRelacion, UsoCfdi};
use rust_decimal::Decimal;
use shared::documents::{CatalogText, CfdiView, DocumentLine, LINES_SHOWN_MAX, RelatedDocuments, TaxText};

use super::printed::{PrintError, plain, tax_name, traslado_name};

/// What the page shows of a stamped CFDI.
pub(super) fn cfdi(xml: &str) -> Result<CfdiView, PrintError> {
    let comprobante = cfdi::read(xml.as_bytes()).map_err(PrintError::Read)?.comprobante;
    let timbre = comprobante.timbre.as_ref().ok_or(PrintError::NotStamped)?;
    let receptor = &comprobante.receptor;
    Ok(CfdiView {
        regimen_emisor: regimen(&comprobante.emisor.regimen_fiscal),
        regimen_receptor: regimen(&receptor.regimen_fiscal_receptor),
        domicilio_fiscal_receptor: receptor.domicilio_fiscal_receptor.clone(),
        lugar_expedicion: comprobante.lugar_expedicion.clone(),
        uso_cfdi: text(&receptor.uso_cfdi, |code| UsoCfdi::parse(code).ok().map(UsoCfdi::name)),
        forma_pago: comprobante
            .forma_pago
            .as_deref()
            .map(|code| text(code, |code| FormaPago::parse(code).ok().map(FormaPago::name))),
        metodo_pago: comprobante
            .metodo_pago
            .as_deref()
            .map(|code| text(code, |code| MetodoPago::parse(code).ok().map(MetodoPago::name))),
        condiciones_de_pago: comprobante.condiciones_de_pago.clone(),
        tipo_cambio: comprobante.tipo_cambio.filter(|_| comprobante.moneda != "MXN").map(|rate| rate.to_string()),
        sub_total: amount(comprobante.sub_total),
        descuento: comprobante.descuento.map(amount),
        traslados: traslados(&comprobante),
        retenciones: retenciones(&comprobante),
        total: amount(comprobante.total),
        fecha_timbrado: timbre.fecha_timbrado.clone(),
        relacionados: relacionados(&comprobante),
        lines: comprobante.conceptos.iter().take(LINES_SHOWN_MAX).map(line).collect(),
        line_count: u32::try_from(comprobante.conceptos.len()).unwrap_or(u32::MAX),
    })
}

fn traslados(comprobante: &Comprobante) -> Vec<TaxText> {
    let taxes = comprobante.impuestos.iter().flat_map(|taxes| &taxes.traslados);
    taxes
        .map(|tax| match tax.importe {
            Some(importe) => TaxText { name: traslado_name(tax), amount: Some(amount(importe)) },
            None => TaxText { name: format!("{} exento", tax_name(&tax.impuesto)), amount: None },
        })
        .collect()
}

fn retenciones(comprobante: &Comprobante) -> Vec<TaxText> {
    let taxes = comprobante.impuestos.iter().flat_map(|taxes| &taxes.retenciones);
    taxes
        .map(|tax| TaxText { name: format!("{} retenido", tax_name(&tax.impuesto)), amount: Some(amount(tax.importe)) })
        .collect()
}

fn relacionados(comprobante: &Comprobante) -> Vec<RelatedDocuments> {
    let nodes = comprobante.cfdi_relacionados.iter();
    nodes
        .map(|node| RelatedDocuments {
            tipo_relacion: text(&node.tipo_relacion, |code| TipoRelacion::parse(code).ok().map(TipoRelacion::name)),
            uuids: node.uuids.clone(),
        })
        .collect()
}

fn line(line: &Concepto) -> DocumentLine {
    DocumentLine {
        descripcion: line.descripcion.clone(),
        cantidad: plain(line.cantidad),
        valor_unitario: amount(line.valor_unitario),
        descuento: line.descuento.map(amount),
        importe: amount(line.importe),
    }
}

fn regimen(code: &str) -> CatalogText {
    text(code, |code| RegimenFiscal::parse(code).ok().map(RegimenFiscal::name))
}

fn text(code: &str, name: impl Fn(&str) -> Option<&'static str>) -> CatalogText {
    CatalogText { code: code.to_owned(), name: name(code).unwrap_or_default().to_owned() }
}

/// As it stands in the XML.
fn amount(value: Decimal) -> String {
    value.to_string()
}
