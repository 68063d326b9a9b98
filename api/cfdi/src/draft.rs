//! A draft says what is sold, to whom and how it is paid; [`build`] does the arithmetic and returns the comprobante,
//! checked. Names are the SAT's in snake case; amounts are decimal text.
//!
//! A draft makes an Ingreso: to a named, a generic or a foreign receptor, in any currency, with every tax passed on and
//! withheld. Egreso, Pago and the global invoice are not made here.

use crate::breach::{Breach, Report};
use crate::comprobante::{CfdiRelacionados, Comprobante, Concepto, Emisor, Receptor, Retencion, Traslado};
use crate::decimal::{self, LINE_DECIMALS, Overflow, add, mul, rounded, sub, sum, with_least_scale};
use crate::rules::{self, ROOT, line_path};
use crate::{fecha::Fecha, totals, tree, xml};
use fiscal::{
    CodigoPostal, Currency, Exportacion, FormaPago, Impuesto, MetodoPago, Nombre, ObjetoImp, RegimenFiscal, Rfc,
    TipoComprobante, TipoFactor, TipoRelacion, UsoCfdi,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Most lines of a draft.
pub const MAX_CONCEPTOS: usize = 2_000;
/// Largest line amount, so that all sums stay exact: a thousand million millions.
const MAX_IMPORTE: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);

/// What is needed to make an Ingreso.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Series of the issuer's own numbering.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serie: Option<String>,
    /// Number inside the series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio: Option<String>,
    /// Wall-clock time of the place of issue. Required to build; a caller that knows the time may fill it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fecha: Option<Fecha>,
    /// How it is paid.
    pub forma_pago: FormaPago,
    /// At once or later.
    pub metodo_pago: MetodoPago,
    /// Terms of payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condiciones_de_pago: Option<String>,
    /// Currency.
    pub moneda: Currency,
    /// Pesos per unit; only for a currency other than the peso.
    #[serde(default, with = "maybe_decimal_text", skip_serializing_if = "Option::is_none")]
    pub tipo_cambio: Option<Decimal>,
    /// Export key; `01` unless said.
    #[serde(default = "no_export")]
    pub exportacion: Exportacion,
    /// Postal code of the branch.
    pub lugar_expedicion: CodigoPostal,
    /// Documents that this one replaces or refers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cfdi_relacionados: Vec<DraftRelacionados>,
    /// Who issues.
    pub emisor: DraftEmisor,
    /// Who receives.
    pub receptor: DraftReceptor,
    /// The lines.
    pub conceptos: Vec<DraftConcepto>,
}

fn no_export() -> Exportacion {
    Exportacion::NoAplica
}

/// Documents under one kind of relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRelacionados {
    /// Why.
    pub tipo_relacion: TipoRelacion,
    /// Which.
    pub uuids: Vec<String>,
}

/// Who issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftEmisor {
    /// Taxpayer's key.
    pub rfc: Rfc,
    /// Name as the SAT has it, without régimen societario.
    pub nombre: Nombre,
    /// Regime.
    pub regimen_fiscal: RegimenFiscal,
}

/// Who receives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftReceptor {
    /// Taxpayer's key.
    pub rfc: Rfc,
    /// Name as the SAT has it.
    pub nombre: Nombre,
    /// Postal code of the tax domicile; with a generic RFC, the branch's.
    pub domicilio_fiscal_receptor: CodigoPostal,
    /// Country of a foreigner (c_Pais).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub residencia_fiscal: Option<String>,
    /// Tax number in that country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_reg_id_trib: Option<String>,
    /// Regime.
    pub regimen_fiscal_receptor: RegimenFiscal,
    /// Use.
    pub uso_cfdi: UsoCfdi,
}

impl DraftReceptor {
    /// A receptor that browser and server already checked.
    pub fn named(receptor: &fiscal::Receptor) -> Self {
        Self {
            rfc: receptor.rfc.clone(),
            nombre: receptor.nombre.clone(),
            domicilio_fiscal_receptor: receptor.codigo_postal.clone(),
            residencia_fiscal: None,
            num_reg_id_trib: None,
            regimen_fiscal_receptor: receptor.regimen,
            uso_cfdi: receptor.uso,
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftConcepto {
    /// c_ClaveProdServ.
    pub clave_prod_serv: String,
    /// The issuer's key of the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_identificacion: Option<String>,
    /// How many.
    #[serde(with = "decimal_text")]
    pub cantidad: Decimal,
    /// c_ClaveUnidad.
    pub clave_unidad: String,
    /// Unit in the issuer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unidad: Option<String>,
    /// What it is.
    pub descripcion: String,
    /// Price of one, before discount and taxes.
    #[serde(with = "decimal_text")]
    pub valor_unitario: Decimal,
    /// Quantity by price, when the caller has it to more decimals than the product gives; must be within the SAT's
    /// limits of the product.
    #[serde(default, with = "maybe_decimal_text", skip_serializing_if = "Option::is_none")]
    pub importe: Option<Decimal>,
    /// Discount of the line, before taxes.
    #[serde(default, with = "maybe_decimal_text", skip_serializing_if = "Option::is_none")]
    pub descuento: Option<Decimal>,
    /// Whether it is subject to tax.
    pub objeto_imp: ObjetoImp,
    /// Taxes passed on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traslados: Vec<DraftImpuesto>,
    /// Taxes withheld.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retenciones: Vec<DraftImpuesto>,
    /// Import documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numeros_pedimento: Vec<String>,
    /// Property accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuentas_prediales: Vec<String>,
}

/// One tax of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftImpuesto {
    /// Which tax.
    pub impuesto: Impuesto,
    /// How it is computed.
    pub tipo_factor: TipoFactor,
    /// Rate or quota; none when exempt.
    #[serde(default, with = "maybe_decimal_text", skip_serializing_if = "Option::is_none")]
    pub tasa_o_cuota: Option<Decimal>,
    /// What a `Cuota` is computed on, such as litres; the quantity unless said. Never for a `Tasa`.
    #[serde(default, with = "maybe_decimal_text", skip_serializing_if = "Option::is_none")]
    pub base: Option<Decimal>,
}

/// Makes the comprobante and checks it as it would be sent, but for seal and certificate. All breaches are told.
pub fn build(draft: &Draft) -> Result<Comprobante, Vec<Breach>> {
    let fault = |code, path: String, message: String| vec![Breach::new(code, path, message)];
    let Some(fecha) = &draft.fecha else {
        return Err(fault("CFDI40101", format!("{ROOT}/@Fecha"), "Falta la fecha.".to_owned()));
    };
    let conceptos_path = format!("{ROOT}/cfdi:Conceptos");
    if draft.conceptos.len() > MAX_CONCEPTOS {
        let message = format!("Hay más de {MAX_CONCEPTOS} conceptos.");
        return Err(fault("too_many_conceptos", conceptos_path, message));
    }
    let exponent = draft.moneda.exponent();
    let conceptos = lines(&draft.conceptos, exponent)?;
    let sums = match totals::sums(&conceptos, exponent) {
        Ok(sums) if sums.total.is_sign_negative() && !sums.total.is_zero() => {
            let message = format!("El total sería {}.", sums.total);
            return Err(fault("CFDI40119", format!("{ROOT}/@Total"), message));
        }
        Ok(sums) => sums,
        Err(overflow) => return Err(fault("CFDI40119", format!("{ROOT}/@Total"), overflow.to_string())),
    };
    let comprobante = assemble(draft, fecha, conceptos, sums);
    checked(comprobante)
}

/// Writes the document and checks what was written: what is judged is what would be sent.
fn checked(comprobante: Comprobante) -> Result<Comprobante, Vec<Breach>> {
    let fault = |message: String| vec![Breach::new("301", "/", message)];
    let written = xml::write(&comprobante).map_err(|error| fault(error.to_string()))?;
    let document = tree::parse_own(&written).map_err(|error| fault(error.to_string()))?;
    let report = rules::check_draft(&document, &comprobante);
    if report.is_ok() { Ok(comprobante) } else { Err(report.errors) }
}

fn assemble(draft: &Draft, fecha: &Fecha, conceptos: Vec<Concepto>, sums: totals::Sums) -> Comprobante {
    Comprobante {
        version: "4.0".to_owned(),
        serie: draft.serie.clone(),
        folio: draft.folio.clone(),
        fecha: fecha.as_str().to_owned(),
        sello: String::new(),
        forma_pago: Some(draft.forma_pago.code().to_owned()),
        no_certificado: String::new(),
        certificado: String::new(),
        condiciones_de_pago: draft.condiciones_de_pago.clone(),
        sub_total: sums.sub_total,
        descuento: sums.descuento,
        moneda: draft.moneda.code().to_owned(),
        tipo_cambio: draft.tipo_cambio,
        total: sums.total,
        tipo_de_comprobante: TipoComprobante::Ingreso,
        exportacion: draft.exportacion.code().to_owned(),
        metodo_pago: Some(draft.metodo_pago.code().to_owned()),
        lugar_expedicion: draft.lugar_expedicion.as_str().to_owned(),
        confirmacion: None,
        informacion_global: None,
        cfdi_relacionados: draft.cfdi_relacionados.iter().map(relacionados).collect(),
        emisor: Emisor {
            rfc: draft.emisor.rfc.as_str().to_owned(),
            nombre: draft.emisor.nombre.as_str().to_owned(),
            regimen_fiscal: draft.emisor.regimen_fiscal.code().to_owned(),
            fac_atr_adquirente: None,
        },
        receptor: receptor(&draft.receptor),
        conceptos,
        impuestos: sums.impuestos,
        impuestos_locales: None,
        pagos: None,
        timbre: None,
        not_modelled: Vec::new(),
    }
}

fn relacionados(it: &DraftRelacionados) -> CfdiRelacionados {
    CfdiRelacionados {
        tipo_relacion: it.tipo_relacion.code().to_owned(),
        uuids: it.uuids.iter().map(|uuid| uuid.to_ascii_uppercase()).collect(),
    }
}

fn receptor(it: &DraftReceptor) -> Receptor {
    Receptor {
        rfc: it.rfc.as_str().to_owned(),
        nombre: it.nombre.as_str().to_owned(),
        domicilio_fiscal_receptor: it.domicilio_fiscal_receptor.as_str().to_owned(),
        residencia_fiscal: it.residencia_fiscal.clone(),
        num_reg_id_trib: it.num_reg_id_trib.clone(),
        regimen_fiscal_receptor: it.regimen_fiscal_receptor.code().to_owned(),
        uso_cfdi: it.uso_cfdi.code().to_owned(),
    }
}

/// The lines with their amounts and taxes, or every fault of them.
pub(crate) fn lines(drafts: &[DraftConcepto], exponent: u32) -> Result<Vec<Concepto>, Vec<Breach>> {
    let mut report = Report::default();
    let lines = drafts.iter().enumerate().filter_map(|(i, it)| line(it, exponent, i, &mut report)).collect();
    if report.is_ok() { Ok(lines) } else { Err(report.errors) }
}

/// The amounts of a line and its taxes; `None` when one cannot be computed, which is reported.
fn line(it: &DraftConcepto, exponent: u32, index: usize, report: &mut Report) -> Option<Concepto> {
    let at = line_path(index);
    match amounts(it, exponent) {
        Ok(_) if !given_importe_fits(it) => {
            let message = format!("No es {} por {}.", it.cantidad, it.valor_unitario);
            report.error("CFDI40167", format!("{at}/@Importe"), message);
            None
        }
        Ok((importe, _)) if importe > MAX_IMPORTE => {
            report.error("CFDI40167", format!("{at}/@Importe"), "El importe es demasiado grande.");
            None
        }
        Ok((importe, net)) if net.is_sign_negative() => {
            report.error("CFDI40169", format!("{at}/@Descuento"), format!("Es mayor que el Importe {importe}."));
            None
        }
        Ok((importe, net)) => match taxes(it, net, exponent) {
            Ok((traslados, retenciones)) => Some(concepto(it, importe, traslados, retenciones)),
            Err(fault) => {
                let (code, message) = fault.told();
                report.error(code, format!("{at}/cfdi:Impuestos"), message);
                None
            }
        },
        Err(overflow) => {
            report.error("CFDI40167", format!("{at}/@Importe"), overflow.to_string());
            None
        }
    }
}

/// `Importe`, and what is left of it after the discount.
fn amounts(it: &DraftConcepto, exponent: u32) -> Result<(Decimal, Decimal), Overflow> {
    let exact = match it.importe {
        Some(importe) => importe,
        None => rounded(mul(it.cantidad, it.valor_unitario)?, LINE_DECIMALS),
    };
    // A discount may not have more decimals than its Importe (CFDI40168).
    let scale = it.descuento.map_or(exponent, |descuento| exponent.max(descuento.scale()));
    let importe = with_least_scale(exact, scale);
    Ok((importe, sub(importe, it.descuento.unwrap_or_default())?))
}

/// The SAT's limits take a quantity of `3` for anything from 2.5 to 3.5; ours take it for what it is, and leave room
/// only for the rounding of the unit price.
fn given_importe_fits(it: &DraftConcepto) -> bool {
    let Some(importe) = it.importe else { return true };
    let exact = rounded(it.cantidad, LINE_DECIMALS);
    totals::importe_fits(exact, it.valor_unitario, importe) == Ok(true)
}

enum TaxFault {
    Overflow(Overflow),
    ExemptWithRate,
    MissingRate,
    RateTooFine,
    BaseOfRate,
    WithheldExempt,
}

impl TaxFault {
    fn told(&self) -> (&'static str, String) {
        let (code, message) = match self {
            Self::Overflow(_) => ("CFDI40180", "El impuesto es demasiado grande."),
            Self::ExemptWithRate => ("CFDI40177", "Con Exento no debe existir tasa_o_cuota."),
            Self::MissingRate => ("CFDI40178", "Con Tasa o Cuota debe existir tasa_o_cuota."),
            Self::RateTooFine => ("CFDI40179", "tasa_o_cuota admite hasta 6 decimales."),
            Self::BaseOfRate => ("base_not_allowed", "Solo una Cuota puede llevar su propia base."),
            Self::WithheldExempt => ("CFDI40184", "Una retención no puede ser exenta."),
        };
        (code, message.to_owned())
    }
}

impl From<Overflow> for TaxFault {
    fn from(overflow: Overflow) -> Self {
        Self::Overflow(overflow)
    }
}

fn taxes(it: &DraftConcepto, net: Decimal, exponent: u32) -> Result<(Vec<Traslado>, Vec<Retencion>), TaxFault> {
    // IVA is charged on price plus IEPS (LIVA, article 12), so IEPS comes first.
    let ieps_only = it.traslados.iter().filter(|tax| tax.impuesto == Impuesto::Ieps);
    let ieps: Vec<Option<Decimal>> = ieps_only
        .map(|tax| traslado(tax, it.cantidad, net, exponent).map(|row| row.importe))
        .collect::<Result<_, _>>()?;
    let with_ieps = add(net, sum(ieps.into_iter().flatten())?)?;
    let base = |tax: &DraftImpuesto| if tax.impuesto == Impuesto::Iva { with_ieps } else { net };
    let traslados = it.traslados.iter().map(|tax| traslado(tax, it.cantidad, base(tax), exponent));
    let traslados = traslados.collect::<Result<_, _>>()?;
    let retenciones = it.retenciones.iter().map(|tax| {
        if tax.tipo_factor == TipoFactor::Exento {
            return Err(TaxFault::WithheldExempt);
        }
        let row = traslado(tax, it.cantidad, base(tax), exponent)?;
        let (Some(tasa_o_cuota), Some(importe)) = (row.tasa_o_cuota, row.importe) else {
            return Err(TaxFault::MissingRate);
        };
        Ok(Retencion { base: row.base, impuesto: row.impuesto, tipo_factor: row.tipo_factor, tasa_o_cuota, importe })
    });
    Ok((traslados, retenciones.collect::<Result<_, _>>()?))
}

fn traslado(tax: &DraftImpuesto, cantidad: Decimal, net: Decimal, exponent: u32) -> Result<Traslado, TaxFault> {
    let base = match (tax.tipo_factor, tax.base) {
        (TipoFactor::Cuota, base) => base.unwrap_or(cantidad),
        (_, Some(_)) => return Err(TaxFault::BaseOfRate),
        (_, None) => net,
    };
    let row = |tasa_o_cuota, importe| Traslado {
        base,
        impuesto: tax.impuesto.code().to_owned(),
        tipo_factor: tax.tipo_factor.code().to_owned(),
        tasa_o_cuota,
        importe,
    };
    match (tax.tipo_factor, tax.tasa_o_cuota) {
        (TipoFactor::Exento, None) => Ok(row(None, None)),
        (TipoFactor::Exento, Some(_)) => Err(TaxFault::ExemptWithRate),
        (_, None) => Err(TaxFault::MissingRate),
        (_, Some(rate)) if rate.normalize().scale() > LINE_DECIMALS => Err(TaxFault::RateTooFine),
        (_, Some(rate)) => {
            let importe = with_least_scale(rounded(mul(base, rate)?, LINE_DECIMALS), exponent);
            // The catalog writes every rate with six decimals, and PACs compare the text.
            Ok(row(Some(rounded(rate, 6)), Some(importe)))
        }
    }
}

fn concepto(it: &DraftConcepto, importe: Decimal, traslados: Vec<Traslado>, retenciones: Vec<Retencion>) -> Concepto {
    Concepto {
        clave_prod_serv: it.clave_prod_serv.clone(),
        no_identificacion: it.no_identificacion.clone(),
        cantidad: it.cantidad,
        clave_unidad: it.clave_unidad.clone(),
        unidad: it.unidad.clone(),
        descripcion: it.descripcion.clone(),
        valor_unitario: it.valor_unitario,
        importe,
        descuento: it.descuento,
        objeto_imp: it.objeto_imp.code().to_owned(),
        traslados,
        retenciones,
        numeros_pedimento: it.numeros_pedimento.clone(),
        cuentas_prediales: it.cuentas_prediales.clone(),
    }
}

/// Decimal text in JSON, never a JSON number: those pass through floating point.
mod decimal_text {
    use super::{Decimal, decimal};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        decimal::parse(&text).ok_or_else(|| D::Error::custom("no es un número decimal como \"1234.56\""))
    }
}

mod maybe_decimal_text {
    use super::{Decimal, decimal};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(&value.to_string()),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let number = |text: String| {
            decimal::parse(&text).ok_or_else(|| D::Error::custom("no es un número decimal como \"1234.56\""))
        };
        text.map(number).transpose()
    }
}
