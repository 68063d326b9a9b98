//! The order of the complements' fields in the cadena original, one table per sheet of the SAT: local taxes, Pagos 2.0
//! (and, in version 3.3, Pagos 1.0), Nómina 1.2, schools, donations, legends. The stamp adds nothing.

use crate::cadena_original::Step::{self, Each, Optional as Opt, Required as Req};
use crate::{pagos, timbre, xml};

/// Namespace of the complement for local taxes.
pub(crate) const NAMESPACE_IMPLOCAL: &str = "http://www.sat.gob.mx/implocal";
/// Namespace of Pagos 1.0, which only version 3.3 carries.
const NAMESPACE_PAGOS_10: &str = "http://www.sat.gob.mx/Pagos";

/// The steps of a complement, if its sheet is known here. Each version of a document has its own version of Pagos; the
/// other sheets are the same for both. `document`: the namespace of the document that carries it.
pub(crate) fn sheet(document: &str, namespace: &str, name: &str) -> Option<&'static [Step]> {
    Some(match (namespace, name) {
        (timbre::NAMESPACE, "TimbreFiscalDigital") => &[],
        (pagos::NAMESPACE, "Pagos") if document == xml::NAMESPACE => PAGOS,
        (NAMESPACE_PAGOS_10, "Pagos") if document == xml::NAMESPACE_33 => PAGOS_10,
        (NAMESPACE_IMPLOCAL, "ImpuestosLocales") => IMPLOCAL,
        ("http://www.sat.gob.mx/nomina12", "Nomina") => NOMINA,
        ("http://www.sat.gob.mx/iedu", "instEducativas") => IEDU,
        ("http://www.sat.gob.mx/donat", "Donatarias") => DONAT,
        ("http://www.sat.gob.mx/leyendasFiscales", "LeyendasFiscales") => LEYENDAS,
        _ => return None,
    })
}

const IMPLOCAL: &[Step] = &[
    Req("version"),
    Req("TotaldeRetenciones"),
    Req("TotaldeTraslados"),
    Each(&["RetencionesLocales"], &[Req("ImpLocRetenido"), Req("TasadeRetencion"), Req("Importe")]),
    Each(&["TrasladosLocales"], &[Req("ImpLocTrasladado"), Req("TasadeTraslado"), Req("Importe")]),
];

const PAGOS: &[Step] = &[
    Req("Version"),
    Each(
        &["Totales"],
        &[
            Opt("TotalRetencionesIVA"),
            Opt("TotalRetencionesISR"),
            Opt("TotalRetencionesIEPS"),
            Opt("TotalTrasladosBaseIVA16"),
            Opt("TotalTrasladosImpuestoIVA16"),
            Opt("TotalTrasladosBaseIVA8"),
            Opt("TotalTrasladosImpuestoIVA8"),
            Opt("TotalTrasladosBaseIVA0"),
            Opt("TotalTrasladosImpuestoIVA0"),
            Opt("TotalTrasladosBaseIVAExento"),
            Req("MontoTotalPagos"),
        ],
    ),
    Each(&["Pago"], PAGO),
];

/// What both versions say of a payment.
const PAGO_FIELDS: &[Step] = &[
    Req("FechaPago"),
    Req("FormaDePagoP"),
    Req("MonedaP"),
    Opt("TipoCambioP"),
    Req("Monto"),
    Opt("NumOperacion"),
    Opt("RfcEmisorCtaOrd"),
    Opt("NomBancoOrdExt"),
    Opt("CtaOrdenante"),
    Opt("RfcEmisorCtaBen"),
    Opt("CtaBeneficiario"),
    Opt("TipoCadPago"),
    Opt("CertPago"),
    Opt("CadPago"),
    Opt("SelloPago"),
];

const PAGO: &[Step] = &[
    Each(&[], PAGO_FIELDS),
    Each(&["DoctoRelacionado"], DOCTO_RELACIONADO),
    Each(&["ImpuestosP", "RetencionesP", "RetencionP"], &[Req("ImpuestoP"), Req("ImporteP")]),
    Each(
        &["ImpuestosP", "TrasladosP", "TrasladoP"],
        &[Req("BaseP"), Req("ImpuestoP"), Req("TipoFactorP"), Opt("TasaOCuotaP"), Opt("ImporteP")],
    ),
];

/// What is withheld comes first here, unlike in a Concepto.
const DOCTO_RELACIONADO: &[Step] = &[
    Req("IdDocumento"),
    Opt("Serie"),
    Opt("Folio"),
    Req("MonedaDR"),
    Opt("EquivalenciaDR"),
    Req("NumParcialidad"),
    Req("ImpSaldoAnt"),
    Req("ImpPagado"),
    Req("ImpSaldoInsoluto"),
    Req("ObjetoImpDR"),
    Each(
        &["ImpuestosDR", "RetencionesDR", "RetencionDR"],
        &[Req("BaseDR"), Req("ImpuestoDR"), Req("TipoFactorDR"), Req("TasaOCuotaDR"), Req("ImporteDR")],
    ),
    Each(
        &["ImpuestosDR", "TrasladosDR", "TrasladoDR"],
        &[Req("BaseDR"), Req("ImpuestoDR"), Req("TipoFactorDR"), Opt("TasaOCuotaDR"), Opt("ImporteDR")],
    ),
];

const PAGOS_10: &[Step] = &[Req("Version"), Each(&["Pago"], PAGO_10)];

const PAGO_10: &[Step] =
    &[Each(&[], PAGO_FIELDS), Each(&["DoctoRelacionado"], DOCTO_RELACIONADO_10), Each(&["Impuestos"], IMPUESTOS_10)];

const DOCTO_RELACIONADO_10: &[Step] = &[
    Req("IdDocumento"),
    Opt("Serie"),
    Opt("Folio"),
    Req("MonedaDR"),
    Opt("TipoCambioDR"),
    Req("MetodoDePagoDR"),
    Opt("NumParcialidad"),
    Opt("ImpSaldoAnt"),
    Opt("ImpPagado"),
    Opt("ImpSaldoInsoluto"),
];

/// Unlike in a Comprobante, the totals come before their rows.
const IMPUESTOS_10: &[Step] = &[
    Opt("TotalImpuestosRetenidos"),
    Opt("TotalImpuestosTrasladados"),
    Each(&["Retenciones", "Retencion"], &[Req("Impuesto"), Req("Importe")]),
    Each(&["Traslados", "Traslado"], &[Req("Impuesto"), Req("TipoFactor"), Req("TasaOCuota"), Req("Importe")]),
];

const IEDU: &[Step] =
    &[Req("version"), Req("nombreAlumno"), Req("CURP"), Req("nivelEducativo"), Req("autRVOE"), Opt("rfcPago")];

const DONAT: &[Step] = &[Req("version"), Req("noAutorizacion"), Req("fechaAutorizacion"), Req("leyenda")];

const LEYENDAS: &[Step] =
    &[Req("version"), Each(&["Leyenda"], &[Opt("disposicionFiscal"), Opt("norma"), Req("textoLeyenda")])];

const NOMINA: &[Step] = &[
    Req("Version"),
    Req("TipoNomina"),
    Req("FechaPago"),
    Req("FechaInicialPago"),
    Req("FechaFinalPago"),
    Req("NumDiasPagados"),
    Opt("TotalPercepciones"),
    Opt("TotalDeducciones"),
    Opt("TotalOtrosPagos"),
    Each(
        &["Emisor"],
        &[
            Opt("Curp"),
            Opt("RegistroPatronal"),
            Opt("RfcPatronOrigen"),
            Each(&["EntidadSNCF"], &[Req("OrigenRecurso"), Opt("MontoRecursoPropio")]),
        ],
    ),
    Each(&["Receptor"], EMPLEADO),
    Each(&["Percepciones"], PERCEPCIONES),
    Each(
        &["Deducciones"],
        &[
            Opt("TotalOtrasDeducciones"),
            Opt("TotalImpuestosRetenidos"),
            Each(&["Deduccion"], &[Req("TipoDeduccion"), Req("Clave"), Req("Concepto"), Req("Importe")]),
        ],
    ),
    Each(
        &["OtrosPagos", "OtroPago"],
        &[
            Req("TipoOtroPago"),
            Req("Clave"),
            Req("Concepto"),
            Req("Importe"),
            Each(&["SubsidioAlEmpleo"], &[Req("SubsidioCausado")]),
            Each(&["CompensacionSaldosAFavor"], &[Req("SaldoAFavor"), Req("Año"), Req("RemanenteSalFav")]),
        ],
    ),
    Each(&["Incapacidades", "Incapacidad"], &[Req("DiasIncapacidad"), Req("TipoIncapacidad"), Opt("ImporteMonetario")]),
];

const EMPLEADO: &[Step] = &[
    Req("Curp"),
    Opt("NumSeguridadSocial"),
    Opt("FechaInicioRelLaboral"),
    Opt("Antigüedad"),
    Req("TipoContrato"),
    Opt("Sindicalizado"),
    Opt("TipoJornada"),
    Req("TipoRegimen"),
    Req("NumEmpleado"),
    Opt("Departamento"),
    Opt("Puesto"),
    Opt("RiesgoPuesto"),
    Req("PeriodicidadPago"),
    Opt("Banco"),
    Opt("CuentaBancaria"),
    Opt("SalarioBaseCotApor"),
    Opt("SalarioDiarioIntegrado"),
    Req("ClaveEntFed"),
    Each(&["SubContratacion"], &[Req("RfcLabora"), Req("PorcentajeTiempo")]),
];

const PERCEPCIONES: &[Step] = &[
    Opt("TotalSueldos"),
    Opt("TotalSeparacionIndemnizacion"),
    Opt("TotalJubilacionPensionRetiro"),
    Req("TotalGravado"),
    Req("TotalExento"),
    Each(
        &["Percepcion"],
        &[
            Req("TipoPercepcion"),
            Req("Clave"),
            Req("Concepto"),
            Req("ImporteGravado"),
            Req("ImporteExento"),
            Each(&["AccionesOTitulos"], &[Req("ValorMercado"), Req("PrecioAlOtorgarse")]),
            Each(&["HorasExtra"], &[Req("Dias"), Req("TipoHoras"), Req("HorasExtra"), Req("ImportePagado")]),
        ],
    ),
    Each(
        &["JubilacionPensionRetiro"],
        &[
            Opt("TotalUnaExhibicion"),
            Opt("TotalParcialidad"),
            Opt("MontoDiario"),
            Req("IngresoAcumulable"),
            Req("IngresoNoAcumulable"),
        ],
    ),
    Each(
        &["SeparacionIndemnizacion"],
        &[
            Req("TotalPagado"),
            Req("NumAñosServicio"),
            Req("UltimoSueldoMensOrd"),
            Req("IngresoAcumulable"),
            Req("IngresoNoAcumulable"),
        ],
    ),
];
