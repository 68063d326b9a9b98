//! From the CFDI's XML to the printed form's input: every amount, date and catalogue text as it is read on paper.
//! The template adds nothing up; this file is the one dictionary from Anexo 20 to the page.
use cfdi::comprobante::{Comprobante, Concepto, InformacionGlobal, Retencion, Traslado};
use fiscal::{
    Amount, Currency, Exportacion, FormaPago, MetodoPago, Periodicidad, RegimenFiscal, TipoComprobante, TipoRelacion,
    UsoCfdi,
};
use rust_decimal::Decimal;

use super::model::DocumentState;
use super::printed_pagos;
use crate::issuers::Issuer;
use crate::threads::Ended;

/// Longest seal or cadena of a stamp: a seal of 4096 bits has 684 characters, the cadena holds one and some words.
const STAMP_CHARS_MAX: usize = 1_500;

/// Why a document cannot be printed; its XML stays whole.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    /// The XML cannot be read.
    #[error("reading the XML")]
    Read(#[source] cfdi::ReadError),
    /// It has no stamp, so there is nothing to print.
    #[error("the document has no stamp")]
    NotStamped,
    /// The renderer refused or failed.
    #[error("rendering")]
    Render(#[from] pdf::PdfError),
    /// The renderer's thread did not come back.
    #[error("waiting for the renderer")]
    Ended(#[source] Ended),
}

/// The PDF of a CFDI. Same XML, state, template and brand give the same bytes.
pub(super) fn print(
    xml: &str,
    (issuer, logo): (&Issuer, Option<pdf::Logo>),
    state: DocumentState,
    rehearsal: bool,
) -> Result<Vec<u8>, PrintError> {
    let parsed = cfdi::read(xml.as_bytes()).map_err(PrintError::Read)?;
    let comprobante = &parsed.comprobante;
    let timbre = comprobante.timbre.as_ref().ok_or(PrintError::NotStamped)?;
    let printed = pdf::Timbre {
        uuid: timbre.uuid.clone(),
        csd: comprobante.no_certificado.clone(),
        csd_sat: timbre.no_certificado_sat.clone(),
        rfc_pac: timbre.rfc_prov_certif.clone(),
        fecha: date_time(&timbre.fecha_timbrado),
        sello: timbre.sello_cfd.clone(),
        sello_sat: timbre.sello_sat.clone(),
        cadena: timbre.cadena_original(),
        leyenda: timbre.leyenda.clone(),
        qr: pdf::Qr::new(&cfdi::qr_text(comprobante).ok_or(PrintError::NotStamped)?)?,
    };
    let document = match &comprobante.pagos {
        Some(pagos) => {
            let form = printed_pagos::complemento(comprobante, pagos, printed, issuer, (state, rehearsal));
            pdf::Document::ComplementoDePago(Box::new(form))
        }
        None => pdf::Document::Factura(Box::new(factura(comprobante, printed, issuer, state, rehearsal))),
    };
    let ident = format!("{}/{}/{}/{}", timbre.uuid, pdf::TEMPLATE_VERSION, issuer.brand_version, state.as_str());
    let options = pdf::RenderOptions { ident, logo, ..pdf::RenderOptions::default() };
    Ok(pdf::render(&document, &options)?)
}

/// Whether the form of a document that is yet to be stamped can be printed. Its stamp is taken for as long as any is.
pub(super) fn check(comprobante: &Comprobante, issuer: &Issuer, rehearsal: bool) -> Result<(), pdf::PdfError> {
    let any = |chars: usize| "X".repeat(chars);
    let timbre = pdf::Timbre {
        uuid: any(36),
        csd: any(20),
        csd_sat: any(20),
        rfc_pac: any(13),
        fecha: any(20),
        sello: any(STAMP_CHARS_MAX),
        sello_sat: any(STAMP_CHARS_MAX),
        cadena: any(STAMP_CHARS_MAX),
        leyenda: Some(any(150)),
        qr: pdf::Qr::new(&any(300))?,
    };
    let factura = factura(comprobante, timbre, issuer, DocumentState::Cancelada, rehearsal);
    pdf::check(&pdf::Document::Factura(Box::new(factura)))
}

fn factura(
    comprobante: &Comprobante,
    timbre: pdf::Timbre,
    issuer: &Issuer,
    state: DocumentState,
    rehearsal: bool,
) -> pdf::Factura {
    pdf::Factura {
        comun: comun(comprobante, issuer, state, rehearsal),
        comprobante: datos(comprobante),
        relacionados: comprobante
            .cfdi_relacionados
            .iter()
            .map(|node| pdf::Relacionados {
                tipo: named(&node.tipo_relacion, |code| TipoRelacion::parse(code).ok().map(TipoRelacion::name)),
                uuids: node.uuids.clone(),
            })
            .collect(),
        global: comprobante.informacion_global.as_ref().map(global),
        conceptos: comprobante.conceptos.iter().map(concepto).collect(),
        totales: totales(comprobante),
        observaciones: Vec::new(),
        timbre,
    }
}

pub(super) fn comun(comprobante: &Comprobante, issuer: &Issuer, state: DocumentState, rehearsal: bool) -> pdf::Comun {
    let receptor = &comprobante.receptor;
    let cancelled = state == DocumentState::Cancelada;
    let mut avisos = Vec::new();
    if cancelled {
        let texto = Some("Ya no tiene efectos fiscales.".into());
        avisos.push(pdf::Aviso { titulo: "Documento cancelado.".into(), texto, mal: true });
    }
    if rehearsal {
        avisos.push(rehearsal_notice("Se timbró en el ambiente de ensayo."));
    }
    let watermark = if rehearsal { Some(pdf::MarcaDeAgua::Pruebas) } else { None };
    pdf::Comun {
        papel: pdf::Papel::Carta,
        fecha_pdf: fecha_pdf(&comprobante.fecha),
        claves: comprobante.timbre.iter().map(|timbre| timbre.uuid.clone()).collect(),
        marca_agua: if cancelled { Some(pdf::MarcaDeAgua::Cancelada) } else { watermark },
        avisos,
        marca: pdf::Marca {
            color: Some(issuer.brand_color.as_str().to_owned()),
            nombre: issuer.commercial_name.clone(),
        },
        emisor: pdf::Emisor {
            nombre: comprobante.emisor.nombre.clone(),
            rfc: comprobante.emisor.rfc.clone(),
            regimen: Some(regimen(&comprobante.emisor.regimen_fiscal)),
            lineas: issuer.address_lines.clone(),
        },
        receptor: pdf::Receptor {
            nombre: receptor.nombre.clone(),
            rfc: receptor.rfc.clone(),
            cp: receptor.domicilio_fiscal_receptor.clone(),
            regimen: regimen(&receptor.regimen_fiscal_receptor),
            uso: named(&receptor.uso_cfdi, |code| UsoCfdi::parse(code).ok().map(UsoCfdi::name)),
            residencia: receptor.residencia_fiscal.clone(),
            registro: receptor.num_reg_id_trib.clone(),
            ..Default::default()
        },
    }
}

/// What a global invoice covers.
fn global(it: &InformacionGlobal) -> String {
    let periodicidad = named(&it.periodicidad, |code| Periodicidad::parse(code).ok().map(Periodicidad::name));
    let months = it.meses.parse().ok().and_then(month_name);
    format!("Periodicidad {periodicidad} · Meses {} · Año {}", named(&it.meses, |_| months), it.anio)
}

/// What paper calls a month, from 1 on; from 13 on two of them (c_Meses).
pub fn month_name(number: usize) -> Option<&'static str> {
    MONTHS.get(number.checked_sub(1)?).copied()
}

const MONTHS: [&str; 18] = [
    "Enero",
    "Febrero",
    "Marzo",
    "Abril",
    "Mayo",
    "Junio",
    "Julio",
    "Agosto",
    "Septiembre",
    "Octubre",
    "Noviembre",
    "Diciembre",
    "Enero y febrero",
    "Marzo y abril",
    "Mayo y junio",
    "Julio y agosto",
    "Septiembre y octubre",
    "Noviembre y diciembre",
];

/// What every paper of a rehearsal says.
pub(super) fn rehearsal_notice(why: &str) -> pdf::Aviso {
    pdf::Aviso { titulo: "Documento de pruebas, sin validez fiscal.".into(), texto: Some(why.to_owned()), mal: true }
}

fn datos(comprobante: &Comprobante) -> pdf::Comprobante {
    let tipo = comprobante.tipo_de_comprobante;
    pdf::Comprobante {
        titulo: match tipo {
            TipoComprobante::Egreso => "Nota de crédito",
            TipoComprobante::Pago => "Complemento de pago",
            TipoComprobante::Traslado => "Traslado",
            TipoComprobante::Nomina => "Nómina",
            _ => "Factura",
        }
        .into(),
        folio: [comprobante.serie.as_deref(), comprobante.folio.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("-"),
        tipo: format!("{} {}", tipo.code(), tipo.name()),
        fecha: date_time(&comprobante.fecha),
        lugar: comprobante.lugar_expedicion.clone(),
        forma: comprobante
            .forma_pago
            .as_deref()
            .map(|code| named(code, |code| FormaPago::parse(code).ok().map(FormaPago::name))),
        metodo: comprobante
            .metodo_pago
            .as_deref()
            .map(|code| named(code, |code| MetodoPago::parse(code).ok().map(MetodoPago::name))),
        moneda: moneda(&comprobante.moneda),
        tipo_cambio: comprobante.tipo_cambio.filter(|_| comprobante.moneda != "MXN").map(|rate| rate.to_string()),
        condiciones: comprobante.condiciones_de_pago.clone(),
        exportacion: named(&comprobante.exportacion, |code| Exportacion::parse(code).ok().map(Exportacion::name)),
        version: comprobante.version.clone(),
    }
}

fn concepto(line: &Concepto) -> pdf::Concepto {
    pdf::Concepto {
        cantidad: plain(line.cantidad),
        unidad: match &line.unidad {
            Some(unidad) => format!("{} {unidad}", line.clave_unidad),
            None => named(&line.clave_unidad, unit_name),
        },
        clave: line.clave_prod_serv.clone(),
        sku: line.no_identificacion.clone(),
        descripcion: line.descripcion.clone(),
        detalle: detalle(line),
        precio: amount(line.valor_unitario),
        descuento: line.descuento.map(amount),
        importe: amount(line.importe),
    }
}

fn detalle(line: &Concepto) -> String {
    let mut parts = Vec::new();
    for tax in &line.traslados {
        parts.push(match (tax.tasa_o_cuota, tax.importe) {
            (Some(_), Some(importe)) => format!("{} de {} = {}", traslado_name(tax), amount(tax.base), amount(importe)),
            _ => format!("{} exento, base {}", tax_name(&tax.impuesto), amount(tax.base)),
        });
    }
    for tax in &line.retenciones {
        parts.push(format!("{} de {} = {}", retencion_name(tax), amount(tax.base), amount(tax.importe)));
    }
    parts.extend(line.numeros_pedimento.iter().map(|number| format!("Pedimento {number}")));
    parts.extend(line.cuentas_prediales.iter().map(|number| format!("Cuenta predial {number}")));
    // Version 3.3 did not say it.
    let objeto = (!line.objeto_imp.is_empty()).then(|| format!("Objeto imp. {}", line.objeto_imp));
    let taxes = (!parts.is_empty()).then(|| parts.join("; "));
    objeto.into_iter().chain(taxes).collect::<Vec<_>>().join(" · ")
}

fn totales(comprobante: &Comprobante) -> pdf::TotalesDeFactura {
    let mut filas = vec![("Subtotal".to_owned(), amount(comprobante.sub_total))];
    filas.extend(comprobante.descuento.map(|descuento| ("Descuento".to_owned(), negative(descuento))));
    if let Some(impuestos) = &comprobante.impuestos {
        for tax in &impuestos.traslados {
            filas.push(match tax.importe {
                Some(importe) => (traslado_name(tax), amount(importe)),
                None => (format!("{} exento (base {})", tax_name(&tax.impuesto), amount(tax.base)), "—".to_owned()),
            });
        }
        for tax in &impuestos.retenciones {
            filas.push((format!("{} retenido", tax_name(&tax.impuesto)), negative(tax.importe)));
        }
    }
    if let Some(local) = &comprobante.impuestos_locales {
        let (plus, minus) = (local.total_de_traslados, local.total_de_retenciones);
        filas.extend((!plus.is_zero()).then(|| ("Impuestos locales".to_owned(), amount(plus))));
        filas.extend((!minus.is_zero()).then(|| ("Impuestos locales retenidos".to_owned(), negative(minus))));
    }
    pdf::TotalesDeFactura {
        filas,
        total: amount(comprobante.total),
        moneda: comprobante.moneda.clone(),
        letra: letra(comprobante).unwrap_or_default(),
    }
}

/// The total in words; a currency we cannot spell leaves the line out.
fn letra(comprobante: &Comprobante) -> Option<String> {
    let currency = Currency::parse(&comprobante.moneda).ok()?;
    cfdi::en_letras(Amount::from_decimal(comprobante.total, currency).ok()?)
}

pub(super) fn tax_name(code: &str) -> &str {
    match code {
        "001" => "ISR",
        "002" => "IVA",
        "003" => "IEPS",
        other => other,
    }
}

/// `16 %`, its space unbreakable; a quota keeps its six decimals.
fn rate(factor: &str, value: Decimal) -> String {
    match (factor, value.checked_mul(Decimal::ONE_HUNDRED)) {
        ("Tasa", Some(percent)) => format!("{}\u{a0}%", plain(percent)),
        _ => format!("cuota {value}"),
    }
}

pub(super) fn traslado_name(tax: &Traslado) -> String {
    let name = tax_name(&tax.impuesto);
    tax.tasa_o_cuota.map_or_else(|| name.to_owned(), |value| format!("{name} {}", rate(&tax.tipo_factor, value)))
}

fn retencion_name(tax: &Retencion) -> String {
    format!("{} retenido {}", tax_name(&tax.impuesto), rate(&tax.tipo_factor, tax.tasa_o_cuota))
}

pub(super) fn named(code: &str, name: impl Fn(&str) -> Option<&'static str>) -> String {
    name(code).map_or_else(|| code.to_owned(), |name| format!("{code} {name}"))
}

fn regimen(code: &str) -> String {
    named(code, |code| RegimenFiscal::parse(code).ok().map(RegimenFiscal::name))
}

fn moneda(code: &str) -> String {
    let name = match Currency::parse(code) {
        Ok(Currency::Mxn) => "Peso mexicano",
        Ok(Currency::Usd) => "Dólar americano",
        Ok(Currency::Eur) => "Euro",
        Ok(Currency::Cad) => "Dólar canadiense",
        Ok(Currency::Gbp) => "Libra esterlina",
        Ok(Currency::Jpy) => "Yen",
        Ok(Currency::Xxx) | Err(_) => return code.to_owned(),
    };
    format!("{code} {name}")
}

/// The units that tills use (c_ClaveUnidad); any other prints its code alone.
fn unit_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "H87" => "Pieza",
        "E48" => "Servicio",
        "ACT" => "Actividad",
        "KGM" => "Kilogramo",
        "LTR" => "Litro",
        "MTR" => "Metro",
        "XBX" => "Caja",
        "XPK" => "Paquete",
        "SET" => "Conjunto",
        _ => return None,
    })
}

/// `1,234.56`; more decimals only when they are there.
pub(super) fn amount(value: Decimal) -> String {
    let value = value.normalize();
    let scale = value.scale().max(2);
    let text = format!("{:.*}", usize::try_from(scale).unwrap_or(2), value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3 + 3);
    if value.is_sign_negative() && !value.is_zero() {
        grouped.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push('.');
    grouped.push_str(fraction);
    grouped
}

fn negative(value: Decimal) -> String {
    amount(-value)
}

/// A quantity or a rate without the zeros that say nothing.
pub(super) fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// `2026-11-17T18:03:22` → `17/11/2026, 18:03:22`.
pub(super) fn date_time(civil: &str) -> String {
    match (civil.get(0..4), civil.get(5..7), civil.get(8..10), civil.get(11..19)) {
        (Some(year), Some(month), Some(day), Some(time)) => format!("{day}/{month}/{year}, {time}"),
        _ => civil.to_owned(),
    }
}

fn fecha_pdf(civil: &str) -> Option<(i16, i8, i8)> {
    Some((civil.get(0..4)?.parse().ok()?, civil.get(5..7)?.parse().ok()?, civil.get(8..10)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_keep_what_they_have() {
        let text = |value: &str| amount(value.parse().unwrap());
        assert_eq!(text("1234567.5"), "1,234,567.50");
        assert_eq!(text("743.965517"), "743.965517");
        assert_eq!(text("0"), "0.00");
        assert_eq!(text("-12.3"), "\u{2212}12.30");
        assert_eq!(text("1000.000000"), "1,000.00");
    }

    fn golden(name: &str) -> Comprobante {
        let path = format!("{}/cfdi/tests/golden/{name}.xml", env!("CARGO_MANIFEST_DIR"));
        cfdi::read(&std::fs::read(path).unwrap()).unwrap().comprobante
    }

    /// On paper too, what comes before the total adds up to it: local taxes are no rows of `Impuestos`.
    #[test]
    fn the_rows_of_the_totals_add_up_to_the_total() {
        let mut with_local = 0;
        for name in ["todo", "todo33", "egreso", "escuela", "global", "ingreso33", "nomina"] {
            let comprobante = golden(name);
            with_local += usize::from(comprobante.impuestos_locales.is_some());
            let value =
                |text: &str| text.replace(',', "").replace('\u{2212}', "-").parse::<Decimal>().unwrap_or_default();
            let sum: Decimal = totales(&comprobante).filas.iter().map(|(_, text)| value(text)).sum();
            assert_eq!(sum, comprobante.total, "{name}: {:?}", totales(&comprobante).filas);
        }
        assert!(with_local > 0, "no golden document has local taxes");
    }

    #[test]
    fn a_global_invoice_says_what_it_covers() {
        let it = |periodicidad: &str, meses: &str| InformacionGlobal {
            periodicidad: periodicidad.into(),
            meses: meses.into(),
            anio: "2026".into(),
        };
        assert_eq!(global(&it("04", "05")), "Periodicidad 04 Mensual · Meses 05 Mayo · Año 2026");
        assert_eq!(global(&it("05", "18")), "Periodicidad 05 Bimestral · Meses 18 Noviembre y diciembre · Año 2026");
        assert_eq!(global(&it("09", "00")), "Periodicidad 09 · Meses 00 · Año 2026");
        let informacion = golden("global").informacion_global.unwrap();
        assert!(global(&informacion).contains(&informacion.anio));
    }

    #[test]
    fn version_3_3_has_no_label_without_a_value() {
        for line in golden("todo33").conceptos {
            assert!(!detalle(&line).contains("Objeto imp."), "{}", detalle(&line));
        }
    }

    #[test]
    fn rates_are_percentages() {
        assert_eq!(rate("Tasa", "0.160000".parse().unwrap()), "16\u{a0}%");
        assert_eq!(rate("Tasa", "0.106667".parse().unwrap()), "10.6667\u{a0}%");
    }
}
