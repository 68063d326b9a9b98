//! Attributes of the document, issuer, receptor, relations and global information.

use super::ROOT;
use crate::breach::Report;
use crate::comprobante::{Comprobante, InformacionGlobal};
use fiscal::{
    Circumstances, CodigoPostal, Currency, Nombre, Persona, Receptor, ReceptorField, RegimenFiscal, Rfc,
    TipoComprobante, UsoCfdi, check_receptor,
};
use rust_decimal::Decimal;

/// Name of the receptor of a global invoice, without accent.
const PUBLICO_EN_GENERAL: &str = "PUBLICO EN GENERAL";

pub(super) fn check(c: &Comprobante, exponent: u32, report: &mut Report) {
    payment(c, report);
    currency(c, report);
    decimals(c, exponent, report);
    if c.confirmacion.is_some() {
        report.warn("CFDI40127", at("Confirmacion"), "Solo se usa con importes fuera de los límites del SAT.");
    }
    if c.tipo_de_comprobante == TipoComprobante::Ingreso && c.exportacion == "02" {
        report.warn("CFDI40122", at("Exportacion"), "Con 02 se exige el complemento de comercio exterior.");
    }
    issuer(c, report);
    resico(c, report);
    receptor(c, report);
    foreigner(c, report);
    global(c, report);
}

fn at(attribute: &str) -> String {
    format!("{ROOT}/@{attribute}")
}

fn payment(c: &Comprobante, report: &mut Report) {
    use TipoComprobante::{Egreso, Ingreso, Nomina, Pago, Traslado};
    let tipo = c.tipo_de_comprobante;
    let (forma, metodo) = (c.forma_pago.as_deref(), c.metodo_pago.as_deref());
    if forma.is_some() && matches!(tipo, Traslado | Nomina | Pago) {
        report.error("CFDI40103", at("FormaPago"), "No debe existir en comprobantes de tipo T, N o P.");
    }
    if metodo.is_some() && matches!(tipo, Traslado | Pago) {
        report.error("CFDI40125", at("MetodoPago"), "No debe existir en comprobantes de tipo T o P.");
    }
    if !matches!(tipo, Ingreso | Egreso) {
        return;
    }
    match (metodo, forma) {
        (Some("PPD"), Some(forma)) if forma != "99" => {
            report.error("CFDI40105", at("FormaPago"), "Con MetodoPago PPD la forma de pago es 99.");
        }
        (Some("PUE"), Some("99")) => {
            report.warn(
                "pue_with_99",
                at("FormaPago"),
                "Con MetodoPago PUE se conoce la forma de pago: 99 no lo dice.",
            );
        }
        _ => {}
    }
    for (name, value) in [("FormaPago", forma), ("MetodoPago", metodo)] {
        if value.is_none() {
            report.warn("guide", at(name), "La guía de llenado pide este atributo en comprobantes de tipo I o E.");
        }
    }
}

fn currency(c: &Comprobante, report: &mut Report) {
    let place = at("TipoCambio");
    match (c.moneda.as_str(), c.tipo_cambio) {
        // The matrix compares the text: `1.00` is refused.
        ("MXN", Some(value)) if value.to_string() != "1" => {
            report.error("CFDI40114", place, "Con moneda MXN se omite o vale exactamente 1.");
        }
        ("XXX", Some(_)) => report.error("CFDI40116", place, "Con moneda XXX no debe existir."),
        ("MXN" | "XXX", _) | (_, Some(_)) => {}
        (_, None) => report.error("CFDI40115", place, "Con una moneda distinta de MXN y XXX es obligatorio."),
    }
    let pago = c.tipo_de_comprobante == TipoComprobante::Pago;
    let without = matches!(c.tipo_de_comprobante, TipoComprobante::Pago | TipoComprobante::Traslado);
    if pago && c.moneda != Currency::Xxx.code() {
        report.error("pago_currency", at("Moneda"), "En un comprobante de pago la moneda es XXX.");
    }
    if !without && c.moneda == Currency::Xxx.code() {
        report.error("currency_without_amounts", at("Moneda"), "XXX solo se usa en comprobantes de tipo P o T.");
    }
}

fn decimals(c: &Comprobante, exponent: u32, report: &mut Report) {
    let mut check = |code, name, value: Option<Decimal>| {
        if value.is_some_and(|value| value.scale() > exponent) {
            let message = format!("La moneda {} admite hasta {exponent} decimales.", c.moneda);
            report.error(code, at(name), message);
        }
    };
    check("CFDI40107", "SubTotal", Some(c.sub_total));
    check("CFDI40112", "Descuento", c.descuento);
    check("CFDI40119", "Total", Some(c.total));
}

fn issuer(c: &Comprobante, report: &mut Report) {
    let (Ok(rfc), Ok(regimen)) = (Rfc::parse(&c.emisor.rfc), RegimenFiscal::parse(&c.emisor.regimen_fiscal)) else {
        return;
    };
    let place = |name: &str| format!("{ROOT}/cfdi:Emisor/@{name}");
    if rfc.is_generic() {
        report.error("303", place("Rfc"), "El emisor no puede tener un RFC genérico.");
    } else if !regimen.allows(rfc.persona()) {
        let message = format!("El régimen {regimen} no corresponde al tipo de persona del emisor.");
        report.error("CFDI40141", place("RegimenFiscal"), message);
    }
    if !rfc.check_digit_matches() {
        report.warn("rfc_check_digit", place("Rfc"), "El último carácter no coincide con el dígito verificador.");
    }
}

/// From a person of the régimen simplificado de confianza a company withholds 1.25 % of ISR (LISR, article 113-J). Whom
/// the SAT holds to it stands in its list of RFC, which is not known here: worth a look, not a refusal.
fn resico(c: &Comprobante, report: &mut Report) {
    let (Ok(emisor), Ok(receptor)) = (Rfc::parse(&c.emisor.rfc), Rfc::parse(&c.receptor.rfc)) else { return };
    let is_simple = RegimenFiscal::parse(&c.emisor.regimen_fiscal) == Ok(RegimenFiscal::R626);
    let from_person = is_simple && emisor.persona() == Persona::Fisica;
    let to_company = receptor.persona() == Persona::Moral && !receptor.is_generic();
    let withheld = c.conceptos.iter().flat_map(|it| &it.retenciones).any(|it| it.impuesto == "001");
    if c.tipo_de_comprobante == TipoComprobante::Ingreso && from_person && to_company && !withheld {
        let message = "De una persona física en RESICO (626), una persona moral retiene 1.25 % de ISR.";
        report.warn("CFDI140224", format!("{ROOT}/cfdi:Impuestos/cfdi:Retenciones"), message);
    }
}

/// The pre-flight rules that the browser applies too; what is ill-formed was told by the structure already.
fn receptor(c: &Comprobante, report: &mut Report) {
    let parsed = (
        Rfc::parse(&c.receptor.rfc),
        Nombre::parse(&c.receptor.nombre),
        RegimenFiscal::parse(&c.receptor.regimen_fiscal_receptor),
        CodigoPostal::parse(&c.receptor.domicilio_fiscal_receptor),
        UsoCfdi::parse(&c.receptor.uso_cfdi),
    );
    let (Ok(rfc), Ok(nombre), Ok(regimen), Ok(codigo_postal), Ok(uso)) = parsed else { return };
    let lugar = CodigoPostal::parse(&c.lugar_expedicion).ok();
    let circumstances =
        Circumstances { tipo: c.tipo_de_comprobante, lugar_expedicion: lugar.as_ref(), generic_national_allowed: true };
    if nombre.as_str() != crate::tree::normalize_space(&c.receptor.nombre) {
        let place = format!("{ROOT}/cfdi:Receptor/@Nombre");
        report.warn("CFDI40145", place, "El SAT compara el nombre en mayúsculas y sin caracteres invisibles.");
    }
    let receptor = Receptor { rfc, nombre, regimen, codigo_postal, uso };
    for breach in check_receptor(&receptor, &circumstances) {
        let name = match breach.field() {
            ReceptorField::Rfc => "Rfc",
            ReceptorField::Nombre => "Nombre",
            ReceptorField::Regimen => "RegimenFiscalReceptor",
            ReceptorField::CodigoPostal => "DomicilioFiscalReceptor",
            ReceptorField::Uso => "UsoCFDI",
        };
        let (code, place) = (breach.sat_code().unwrap_or(breach.key()), format!("{ROOT}/cfdi:Receptor/@{name}"));
        if breach.is_error() {
            report.error(code, place, breach.to_string());
        } else {
            report.warn(code, place, breach.to_string());
        }
    }
}

fn foreigner(c: &Comprobante, report: &mut Report) {
    let place = |name: &str| format!("{ROOT}/cfdi:Receptor/@{name}");
    let foreign = c.receptor.rfc == Rfc::GENERIC_FOREIGN;
    let (residencia, numero) = (c.receptor.residencia_fiscal.as_deref(), c.receptor.num_reg_id_trib.as_deref());
    if residencia.is_some() && !foreign {
        report.error("CFDI40151", place("ResidenciaFiscal"), "Solo existe con el RFC XEXX010101000.");
    }
    if residencia == Some("MEX") {
        report.error("CFDI40152", place("ResidenciaFiscal"), "No puede ser MEX.");
    }
    if residencia.is_none() && numero.is_some() {
        report.error("CFDI40153", place("ResidenciaFiscal"), "Es obligatoria cuando existe NumRegIdTrib.");
    }
    if numero.is_some() && !foreign {
        report.error("CFDI40154", place("NumRegIdTrib"), "Solo existe con el RFC XEXX010101000.");
    }
}

fn global(c: &Comprobante, report: &mut Report) {
    let place = format!("{ROOT}/cfdi:InformacionGlobal");
    let publico = c.receptor.rfc == Rfc::GENERIC_NATIONAL && c.receptor.nombre == PUBLICO_EN_GENERAL;
    let ingreso = c.tipo_de_comprobante == TipoComprobante::Ingreso;
    match &c.informacion_global {
        None if publico && ingreso => {
            report.error("CFDI40130", place, "Es obligatorio cuando el receptor es PUBLICO EN GENERAL.");
        }
        Some(_) if !publico => {
            report.error("CFDI40130", place, "Solo existe cuando el receptor es XAXX010101000, PUBLICO EN GENERAL.");
        }
        Some(global) => period(c, global, &place, report),
        None => {}
    }
}

fn period(c: &Comprobante, global: &InformacionGlobal, place: &str, report: &mut Report) {
    let two_months = global.periodicidad == "05";
    let month = global.meses.parse::<u8>().unwrap_or_default();
    if two_months && c.emisor.regimen_fiscal != "621" {
        let message = "La periodicidad 05 exige el régimen 621 del emisor.";
        report.error("CFDI40132", format!("{place}/@Periodicidad"), message);
    }
    if two_months && !(13..=18).contains(&month) {
        report.error("CFDI40135", format!("{place}/@Meses"), "Con periodicidad 05 es de 13 a 18.");
    }
    if !two_months && !(1..=12).contains(&month) {
        report.error("CFDI40134", format!("{place}/@Meses"), "Con esta periodicidad es de 01 a 12.");
    }
}
