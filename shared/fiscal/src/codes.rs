//! The small, stable SAT catalogs and the two matrices between persons, regimes and uses.
//!
//! Texts are the SAT's (edition of August 2026). Large or fast-moving catalogs (postal codes, products, units, rates)
//! are data elsewhere.

use crate::catalog::catalog;

/// Natural or legal person, the first key of the SAT's matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Persona {
    /// A natural person: RFC of 13 characters.
    Fisica,
    /// A company or association: RFC of 12 characters.
    Moral,
}

catalog! {
    /// c_RegimenFiscal: under which regime a taxpayer pays.
    RegimenFiscal, "c_RegimenFiscal" {
        R601 = "601" "General de Ley Personas Morales",
        R603 = "603" "Personas Morales con Fines no Lucrativos",
        R605 = "605" "Sueldos y Salarios e Ingresos Asimilados a Salarios",
        R606 = "606" "Arrendamiento",
        R607 = "607" "Régimen de Enajenación o Adquisición de Bienes",
        R608 = "608" "Demás ingresos",
        R610 = "610" "Residentes en el Extranjero sin Establecimiento Permanente en México",
        R611 = "611" "Ingresos por Dividendos (socios y accionistas)",
        R612 = "612" "Personas Físicas con Actividades Empresariales y Profesionales",
        R614 = "614" "Ingresos por intereses",
        R615 = "615" "Régimen de los ingresos por obtención de premios",
        R616 = "616" "Sin obligaciones fiscales",
        R620 = "620" "Sociedades Cooperativas de Producción que optan por diferir sus ingresos",
        R621 = "621" "Incorporación Fiscal",
        R622 = "622" "Actividades Agrícolas, Ganaderas, Silvícolas y Pesqueras",
        R623 = "623" "Opcional para Grupos de Sociedades",
        R624 = "624" "Coordinados",
        R625 = "625" "Régimen de las Actividades Empresariales con ingresos a través de Plataformas Tecnológicas",
        R626 = "626" "Régimen Simplificado de Confianza",
    }
}

impl RegimenFiscal {
    /// Whether such a person may be under this regime (CFDI40158).
    pub const fn allows(self, persona: Persona) -> bool {
        use RegimenFiscal::*;
        match self {
            R610 | R626 => true,
            R601 | R603 | R620 | R622 | R623 | R624 => matches!(persona, Persona::Moral),
            R605 | R606 | R607 | R608 | R611 | R612 | R614 | R615 | R616 | R621 | R625 => {
                matches!(persona, Persona::Fisica)
            }
        }
    }
}

catalog! {
    /// c_UsoCFDI: what the receptor will use the document for.
    UsoCfdi, "c_UsoCFDI" {
        G01 = "G01" "Adquisición de mercancías",
        G02 = "G02" "Devoluciones, descuentos o bonificaciones",
        G03 = "G03" "Gastos en general",
        I01 = "I01" "Construcciones",
        I02 = "I02" "Mobiliario y equipo de oficina por inversiones",
        I03 = "I03" "Equipo de transporte",
        I04 = "I04" "Equipo de computo y accesorios",
        I05 = "I05" "Dados, troqueles, moldes, matrices y herramental",
        I06 = "I06" "Comunicaciones telefónicas",
        I07 = "I07" "Comunicaciones satelitales",
        I08 = "I08" "Otra maquinaria y equipo",
        D01 = "D01" "Honorarios médicos, dentales y gastos hospitalarios",
        D02 = "D02" "Gastos médicos por incapacidad o discapacidad",
        D03 = "D03" "Gastos funerales",
        D04 = "D04" "Donativos",
        D05 = "D05" "Intereses reales efectivamente pagados por créditos hipotecarios (casa habitación)",
        D06 = "D06" "Aportaciones voluntarias al SAR",
        D07 = "D07" "Primas por seguros de gastos médicos",
        D08 = "D08" "Gastos de transportación escolar obligatoria",
        D09 = "D09" "Depósitos en cuentas para el ahorro, primas que tengan como base planes de pensiones",
        D10 = "D10" "Pagos por servicios educativos (colegiaturas)",
        S01 = "S01" "Sin efectos fiscales",
        CP01 = "CP01" "Pagos",
        CN01 = "CN01" "Nómina",
    }
}

impl UsoCfdi {
    /// Whether such a person under this regime may use the document so (CFDI40161). It does not ask whether the person
    /// may be under that regime at all: see [`RegimenFiscal::allows`].
    pub const fn allowed(self, persona: Persona, regimen: RegimenFiscal) -> bool {
        use RegimenFiscal::*;
        use UsoCfdi::*;
        let business = matches!(regimen, R601 | R603 | R606 | R612 | R620 | R621 | R622 | R623 | R624 | R625 | R626);
        let fisica = matches!(persona, Persona::Fisica);
        match self {
            G01 | G03 | I01 | I02 | I03 | I04 | I05 | I06 | I07 | I08 => business,
            G02 => business || matches!(regimen, R616),
            D01 | D02 | D03 | D04 | D05 | D06 | D07 | D08 | D09 | D10 => {
                fisica && matches!(regimen, R605 | R606 | R607 | R608 | R611 | R612 | R614 | R615 | R625)
            }
            S01 | CP01 => true,
            CN01 => fisica && matches!(regimen, R605),
        }
    }
}

catalog! {
    /// c_FormaPago: how it was paid.
    FormaPago, "c_FormaPago" {
        Efectivo = "01" "Efectivo",
        Cheque = "02" "Cheque nominativo",
        Transferencia = "03" "Transferencia electrónica de fondos",
        TarjetaCredito = "04" "Tarjeta de crédito",
        MonederoElectronico = "05" "Monedero electrónico",
        DineroElectronico = "06" "Dinero electrónico",
        ValesDespensa = "08" "Vales de despensa",
        DacionEnPago = "12" "Dación en pago",
        Subrogacion = "13" "Pago por subrogación",
        Consignacion = "14" "Pago por consignación",
        Condonacion = "15" "Condonación",
        Compensacion = "17" "Compensación",
        Novacion = "23" "Novación",
        Confusion = "24" "Confusión",
        RemisionDeuda = "25" "Remisión de deuda",
        Prescripcion = "26" "Prescripción o caducidad",
        SatisfaccionAcreedor = "27" "A satisfacción del acreedor",
        TarjetaDebito = "28" "Tarjeta de débito",
        TarjetaServicios = "29" "Tarjeta de servicios",
        AplicacionAnticipos = "30" "Aplicación de anticipos",
        IntermediarioPagos = "31" "Intermediario pagos",
        PorDefinir = "99" "Por definir",
    }
}

catalog! {
    /// c_MetodoPago: paid at once or later.
    MetodoPago, "c_MetodoPago" {
        Pue = "PUE" "Pago en una sola exhibición",
        Ppd = "PPD" "Pago en parcialidades o diferido",
    }
}

catalog! {
    /// c_TipoDeComprobante.
    TipoComprobante, "c_TipoDeComprobante" {
        Ingreso = "I" "Ingreso",
        Egreso = "E" "Egreso",
        Traslado = "T" "Traslado",
        Nomina = "N" "Nómina",
        Pago = "P" "Pago",
    }
}

catalog! {
    /// c_Exportacion: a shop that sells in Mexico always uses `01`.
    Exportacion, "c_Exportacion" {
        NoAplica = "01" "No aplica",
        DefinitivaA1 = "02" "Definitiva con clave A1",
        Temporal = "03" "Temporal",
        DefinitivaOtra = "04" "Definitiva con clave distinta a A1 o cuando no existe enajenación en términos del CFF",
    }
}

catalog! {
    /// c_ObjetoImp: whether a line is subject to tax.
    ObjetoImp, "c_ObjetoImp" {
        No = "01" "No objeto de impuesto",
        Si = "02" "Sí objeto de impuesto",
        SiSinDesglose = "03" "Sí objeto del impuesto y no obligado al desglose",
        SiNoCausa = "04" "Sí objeto del impuesto y no causa impuesto",
        SiPodebi = "05" "Sí objeto del impuesto, IVA crédito PODEBI",
        SiSinTrasladoIva = "06" "Sí objeto del IVA, No traslado IVA",
        SinIvaConIeps = "07" "No traslado del IVA, Sí desglose IEPS",
        SinIvaSinIeps = "08" "No traslado del IVA, No desglose IEPS",
    }
}

catalog! {
    /// c_Impuesto.
    Impuesto, "c_Impuesto" {
        Isr = "001" "ISR",
        Iva = "002" "IVA",
        Ieps = "003" "IEPS",
    }
}

catalog! {
    /// c_TipoFactor: how a tax is computed.
    TipoFactor, "c_TipoFactor" {
        Tasa = "Tasa" "Tasa",
        Cuota = "Cuota" "Cuota",
        Exento = "Exento" "Exento",
    }
}

catalog! {
    /// c_TipoRelacion: why one document names another.
    TipoRelacion, "c_TipoRelacion" {
        NotaCredito = "01" "Nota de crédito de los documentos relacionados",
        NotaDebito = "02" "Nota de débito de los documentos relacionados",
        Devolucion = "03" "Devolución de mercancía sobre facturas o traslados previos",
        Sustitucion = "04" "Sustitución de los CFDI previos",
        Traslados = "05" "Traslados de mercancías facturados previamente",
        FacturaDeTraslados = "06" "Factura generada por los traslados previos",
        Anticipo = "07" "CFDI por aplicación de anticipo",
    }
}

catalog! {
    /// c_Periodicidad: which stretch of time a global invoice covers.
    Periodicidad, "c_Periodicidad" {
        Diario = "01" "Diario",
        Semanal = "02" "Semanal",
        Quincenal = "03" "Quincenal",
        Mensual = "04" "Mensual",
        Bimestral = "05" "Bimestral",
    }
}

catalog! {
    /// Reason of a cancellation; the first needs the UUID of the replacement.
    MotivoCancelacion, "c_MotivoCancelacion" {
        ConRelacion = "01" "Comprobante emitido con errores con relación",
        SinRelacion = "02" "Comprobante emitido con errores sin relación",
        NoSeLlevoACabo = "03" "No se llevó a cabo la operación",
        EnFacturaGlobal = "04" "Operación nominativa relacionada en una factura global",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogs_have_as_many_codes_as_the_sat_and_read_back() {
        assert_eq!(RegimenFiscal::ALL.len(), 19);
        assert_eq!(UsoCfdi::ALL.len(), 24);
        assert_eq!(FormaPago::ALL.len(), 22);
        assert_eq!(ObjetoImp::ALL.len(), 8);
        assert_eq!(TipoRelacion::ALL.len(), 7);
        for uso in UsoCfdi::ALL {
            assert_eq!(UsoCfdi::parse(uso.code()), Ok(*uso));
        }
        for forma in FormaPago::ALL {
            assert_eq!(FormaPago::parse(forma.code()), Ok(*forma));
        }
        for dead in ["P01", "g03", " G03", ""] {
            assert!(UsoCfdi::parse(dead).is_err(), "{dead}");
        }
        assert!(RegimenFiscal::parse("628").is_err());
    }

    /// A row per regime: persons, then the groups of uses, as the SAT's sheet has them.
    #[test]
    fn the_matrix_of_regimes_and_uses_is_that_of_the_sat() {
        let rows = [
            ("601", "M", "G02 G S"),
            ("603", "M", "G02 G S"),
            ("605", "F", "D S CN"),
            ("606", "F", "G02 G D S"),
            ("607", "F", "D S"),
            ("608", "F", "D S"),
            ("610", "FM", "S"),
            ("611", "F", "D S"),
            ("612", "F", "G02 G D S"),
            ("614", "F", "D S"),
            ("615", "F", "D S"),
            ("616", "F", "G02 S"),
            ("620", "M", "G02 G S"),
            ("621", "F", "G02 G S"),
            ("622", "M", "G02 G S"),
            ("623", "M", "G02 G S"),
            ("624", "M", "G02 G S"),
            ("625", "F", "G02 G D S"),
            ("626", "FM", "G02 G S"),
        ];
        assert_eq!(rows.len(), RegimenFiscal::ALL.len());
        for (code, persons, groups) in rows {
            let regimen = RegimenFiscal::parse(code).unwrap();
            for (letter, persona) in [("F", Persona::Fisica), ("M", Persona::Moral)] {
                assert_eq!(regimen.allows(persona), persons.contains(letter), "{code} {letter}");
                if !regimen.allows(persona) {
                    continue;
                }
                for uso in UsoCfdi::ALL {
                    let group = match uso.code() {
                        "G02" => "G02",
                        "S01" | "CP01" => "S",
                        "CN01" => "CN",
                        code if code.starts_with('D') => "D",
                        _ => "G",
                    };
                    let expected = groups.split(' ').any(|g| g == group);
                    assert_eq!(uso.allowed(persona, regimen), expected, "{code} {letter} {}", uso.code());
                }
            }
        }
        assert!(!UsoCfdi::D01.allowed(Persona::Moral, RegimenFiscal::R612));
    }
}
