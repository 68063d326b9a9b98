//! The nodes of Anexo 20 under their own names, so that a reader can lay the standard beside the code.
//!
//! These are plain values: codes are text and amounts keep the decimals they were written with. Nothing here says that
//! a document is right; [`crate::check`] does. Documents are made from a [`crate::Draft`] and read by [`crate::read`].

use fiscal::TipoComprobante;
use rust_decimal::Decimal;

pub use crate::pagos::{DoctoRelacionado, Pago, Pagos, Totales};
pub use crate::timbre::Timbre;

/// `cfdi:Comprobante`. Attributes that version 3.3 lacks are empty in a document of that version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comprobante {
    /// `4.0`, or `3.3` in a document that was read.
    pub version: String,
    /// Series of the issuer's own numbering.
    pub serie: Option<String>,
    /// Number inside the series.
    pub folio: Option<String>,
    /// Local wall-clock time of [`Self::lugar_expedicion`], `YYYY-MM-DDThh:mm:ss`.
    pub fecha: String,
    /// Base64 seal; empty before sealing.
    pub sello: String,
    /// c_FormaPago.
    pub forma_pago: Option<String>,
    /// Twenty digits; empty before sealing.
    pub no_certificado: String,
    /// Base64 of the issuer's certificate; empty before sealing.
    pub certificado: String,
    /// Terms of payment, free text.
    pub condiciones_de_pago: Option<String>,
    /// Sum of the lines before discount.
    pub sub_total: Decimal,
    /// Sum of the lines' discounts.
    pub descuento: Option<Decimal>,
    /// c_Moneda.
    pub moneda: String,
    /// Pesos per unit of [`Self::moneda`].
    pub tipo_cambio: Option<Decimal>,
    /// What the document asks for.
    pub total: Decimal,
    /// Kind of document.
    pub tipo_de_comprobante: TipoComprobante,
    /// c_Exportacion; empty in version 3.3.
    pub exportacion: String,
    /// c_MetodoPago.
    pub metodo_pago: Option<String>,
    /// Postal code of the branch that issues.
    pub lugar_expedicion: String,
    /// Key a PAC gives for amounts out of range.
    pub confirmacion: Option<String>,
    /// Only in a global invoice.
    pub informacion_global: Option<InformacionGlobal>,
    /// Other documents this one refers to, one node per kind of relation.
    pub cfdi_relacionados: Vec<CfdiRelacionados>,
    /// Who issues.
    pub emisor: Emisor,
    /// Who receives.
    pub receptor: Receptor,
    /// The lines.
    pub conceptos: Vec<Concepto>,
    /// Summary of taxes.
    pub impuestos: Option<Impuestos>,
    /// Local taxes (complement `implocal`), when a document that was read has them.
    pub impuestos_locales: Option<ImpuestosLocales>,
    /// Payments (complement `pago20`), when a document that was read has them.
    pub pagos: Option<Pagos>,
    /// The PAC's stamp, when a document that was read has one.
    pub timbre: Option<Timbre>,
    /// Names of nodes that were read over and are not modelled here: other complements, addenda, third parties, parts.
    pub not_modelled: Vec<String>,
}

/// `cfdi:InformacionGlobal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InformacionGlobal {
    /// c_Periodicidad.
    pub periodicidad: String,
    /// c_Meses.
    pub meses: String,
    /// `Año`.
    pub anio: String,
}

/// `cfdi:CfdiRelacionados`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CfdiRelacionados {
    /// c_TipoRelacion.
    pub tipo_relacion: String,
    /// UUIDs of the documents.
    pub uuids: Vec<String>,
}

/// `cfdi:Emisor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emisor {
    /// Taxpayer's key.
    pub rfc: String,
    /// Name as the SAT has it.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen_fiscal: String,
    /// Operation number of a purchaser who issues for the seller.
    pub fac_atr_adquirente: Option<String>,
}

/// `cfdi:Receptor`. Version 3.3 has neither postal code nor regime: both are empty then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receptor {
    /// Taxpayer's key.
    pub rfc: String,
    /// Name as the SAT has it.
    pub nombre: String,
    /// Postal code of the tax domicile.
    pub domicilio_fiscal_receptor: String,
    /// c_Pais, of a foreigner.
    pub residencia_fiscal: Option<String>,
    /// Tax number in that country.
    pub num_reg_id_trib: Option<String>,
    /// c_RegimenFiscal.
    pub regimen_fiscal_receptor: String,
    /// c_UsoCFDI.
    pub uso_cfdi: String,
}

/// `cfdi:Concepto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concepto {
    /// c_ClaveProdServ.
    pub clave_prod_serv: String,
    /// The issuer's own key of the article.
    pub no_identificacion: Option<String>,
    /// How many.
    pub cantidad: Decimal,
    /// c_ClaveUnidad.
    pub clave_unidad: String,
    /// Unit in the issuer's words.
    pub unidad: Option<String>,
    /// What it is.
    pub descripcion: String,
    /// Price of one, before discount and taxes.
    pub valor_unitario: Decimal,
    /// Quantity by price.
    pub importe: Decimal,
    /// Discount of the line.
    pub descuento: Option<Decimal>,
    /// c_ObjetoImp; empty in version 3.3.
    pub objeto_imp: String,
    /// Taxes passed on.
    pub traslados: Vec<Traslado>,
    /// Taxes withheld.
    pub retenciones: Vec<Retencion>,
    /// Import documents (`InformacionAduanera/@NumeroPedimento`).
    pub numeros_pedimento: Vec<String>,
    /// Property accounts (`CuentaPredial/@Numero`).
    pub cuentas_prediales: Vec<String>,
}

/// `cfdi:Traslado`, of a line or of the summary. In version 3.3's summary the base is missing and read as zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traslado {
    /// What the tax is computed on.
    pub base: Decimal,
    /// c_Impuesto.
    pub impuesto: String,
    /// c_TipoFactor.
    pub tipo_factor: String,
    /// Rate or quota; none when exempt.
    pub tasa_o_cuota: Option<Decimal>,
    /// The tax; none when exempt.
    pub importe: Option<Decimal>,
}

/// `cfdi:Retencion` of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retencion {
    /// What the tax is computed on.
    pub base: Decimal,
    /// c_Impuesto.
    pub impuesto: String,
    /// c_TipoFactor.
    pub tipo_factor: String,
    /// Rate or quota.
    pub tasa_o_cuota: Decimal,
    /// The tax.
    pub importe: Decimal,
}

/// `cfdi:Retencion` of the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetencionTotal {
    /// c_Impuesto.
    pub impuesto: String,
    /// Sum of the lines.
    pub importe: Decimal,
}

/// `cfdi:Impuestos` of the document.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Impuestos {
    /// One row per tax.
    pub retenciones: Vec<RetencionTotal>,
    /// One row per tax, kind of factor and rate.
    pub traslados: Vec<Traslado>,
    /// Sum of the withheld rows.
    pub total_impuestos_retenidos: Option<Decimal>,
    /// Sum of the passed-on rows; missing when all are exempt.
    pub total_impuestos_trasladados: Option<Decimal>,
}

/// Totals of `implocal:ImpuestosLocales`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImpuestosLocales {
    /// Withheld.
    pub total_de_retenciones: Decimal,
    /// Passed on.
    pub total_de_traslados: Decimal,
}

impl Comprobante {
    /// Series and number as people write them, `A-123`, or the one there is.
    pub fn serie_folio(&self) -> String {
        [self.serie.as_deref(), self.folio.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("-")
    }

    /// The stamp's UUID in capitals, if the document is stamped.
    pub fn folio_fiscal(&self) -> Option<String> {
        self.timbre.as_ref().map(|timbre| timbre.uuid.to_ascii_uppercase())
    }
}
