//! Documents of every kind, read: their cadena is the one the SAT's own sheet gives (the `.cadena.txt` beside each file
//! came out of it), and the checks say what is wrong and what was not looked at.

use crate::support::{codes, d, sealed};
use cfdi::{CadenaError, Parsed, ReadError, TreeError, check, read};
use fiscal::TipoComprobante;

pub const GOLDEN: [(&str, &str, &str); 6] = [
    ("pago", include_str!("../golden/pago.xml"), include_str!("../golden/pago.cadena.txt")),
    ("todo", include_str!("../golden/todo.xml"), include_str!("../golden/todo.cadena.txt")),
    ("global", include_str!("../golden/global.xml"), include_str!("../golden/global.cadena.txt")),
    ("escuela", include_str!("../golden/escuela.xml"), include_str!("../golden/escuela.cadena.txt")),
    ("nomina", include_str!("../golden/nomina.xml"), include_str!("../golden/nomina.cadena.txt")),
    ("egreso", include_str!("../golden/egreso.xml"), include_str!("../golden/egreso.cadena.txt")),
];

/// What was issued before 2022.
pub const GOLDEN_33: [(&str, &str, &str); 3] = [
    ("todo33", include_str!("../golden/todo33.xml"), include_str!("../golden/todo33.cadena.txt")),
    ("pago33", include_str!("../golden/pago33.xml"), include_str!("../golden/pago33.cadena.txt")),
    ("ingreso33", include_str!("../golden/ingreso33.xml"), include_str!("../golden/ingreso33.cadena.txt")),
];

fn golden(name: &str) -> (&'static str, Parsed) {
    let (_, xml, _) = GOLDEN.iter().find(|(known, ..)| *known == name).unwrap();
    (xml, read(xml.as_bytes()).unwrap())
}

#[test]
fn the_cadena_original_is_that_of_the_official_sheet() {
    for (name, xml, cadena) in GOLDEN.into_iter().chain(GOLDEN_33) {
        assert_eq!(read(xml.as_bytes()).unwrap().cadena_original.as_deref(), Ok(cadena), "{name}");
    }
}

#[test]
fn a_payment_is_read_down_to_the_invoices_it_pays() {
    let (_, parsed) = golden("pago");
    let comprobante = parsed.comprobante;
    assert_eq!(comprobante.tipo_de_comprobante, TipoComprobante::Pago);
    let pagos = comprobante.pagos.unwrap();
    assert_eq!(pagos.totales.monto_total_pagos, d("1500.00"));
    assert_eq!(pagos.totales.others.len(), 7);
    assert_eq!(pagos.pagos.len(), 2);
    let paid = &pagos.pagos[0].doctos_relacionados[1];
    assert_eq!((paid.equivalencia_dr, paid.imp_saldo_insoluto), (Some(d("0.0541970170")), d("10.00")));
    assert_eq!(pagos.pagos[1].tipo_cambio_p.unwrap().to_string(), "18.886880");
}

#[test]
fn everything_an_invoice_can_carry_is_read_or_named() {
    let comprobante = golden("todo").1.comprobante;
    assert_eq!(comprobante.serie_folio(), " A  B -00012");
    assert_eq!(comprobante.cfdi_relacionados[0].uuids.len(), 2);
    assert_eq!(comprobante.receptor.num_reg_id_trib.as_deref(), Some("121585958"));
    assert_eq!(comprobante.conceptos[0].numeros_pedimento.len(), 2);
    assert_eq!(comprobante.impuestos_locales.as_ref().unwrap().total_de_traslados, d("30.00"));
    assert_eq!(comprobante.not_modelled, ["ACuentaTerceros", "Parte", "Addenda"]);
    assert!(cfdi::write(&comprobante).is_err(), "writing it again would lose the third party");
}

/// These samples carry no real seal; nothing else may be wrong with them.
#[test]
fn samples_keep_every_rule_but_their_seal() {
    for (name, warnings) in [("pago", 2), ("global", 2), ("egreso", 2), ("todo", 4), ("escuela", 4), ("nomina", 3)] {
        let (xml, _) = golden(name);
        let report = check(xml.as_bytes());
        assert_eq!(codes(&report), ["302"], "{name}: {:?}", report.errors);
        let unchecked = report.warnings.iter().filter(|it| it.code == "not_checked").count();
        assert_eq!(unchecked, warnings, "{name}: {:?}", report.warnings);
    }
}

#[test]
fn a_sealed_document_is_right_in_every_respect() {
    let report = check(sealed().xml.as_bytes());
    assert_eq!(report.errors, []);
    assert_eq!(report.warnings.iter().map(|it| it.code).collect::<Vec<_>>(), ["rfc_check_digit", "not_checked"]);
}

#[test]
fn what_only_the_lists_of_the_sat_know_is_said_not_to_be_checked() {
    // The right form, and in no list.
    let edited = sealed().xml.replace(r#"ClaveProdServ="50202306""#, r#"ClaveProdServ="99999999""#);
    let report = check(edited.as_bytes());
    let named = ["c_ClaveProdServ", "c_ClaveUnidad", "c_CodigoPostal", "c_Pais", "lista de RFC"];
    let told = report.warnings.iter().find(|it| it.code == "not_checked").unwrap();
    assert!(named.iter().all(|list| told.message.contains(list)), "{told:?}");
}

/// One fault each, as an edit of a right document, and the code that must name it.
#[test]
fn each_fault_is_named_by_its_code() {
    let right = sealed().xml;
    for (from, to, code) in [
        (r#"Total="42.10""#, r#"Total="42.11""#, "CFDI40119"),
        (r#"SubTotal="38.79""#, r#"SubTotal="38.80""#, "CFDI40108"),
        (r#"SubTotal="38.79""#, r#"SubTotal="38.793""#, "CFDI40107"),
        (r#" Descuento="2.50" Moneda"#, r#" Moneda"#, "CFDI40111"),
        (r#"Moneda="MXN""#, r#"Moneda="MXN" TipoCambio="1.00""#, "CFDI40114"),
        (r#"Moneda="MXN""#, r#"Moneda="USD""#, "CFDI40115"),
        (r#"FormaPago="04""#, r#"FormaPago="07""#, "CFDI40104"),
        (r#"MetodoPago="PUE""#, r#"MetodoPago="PPD""#, "CFDI40105"),
        (r#"Fecha="2026-11-22T10:00:00""#, r#"Fecha="2026-11-22T10:00:00-06:00""#, "CFDI40101"),
        (r#"Fecha="2026-11-22T10:00:00""#, r#"Fecha="2044-11-22T10:00:00""#, "305"),
        (r#"Exportacion="01""#, r#"Exportacion="05""#, "CFDI40123"),
        (r#"RegimenFiscal="601""#, r#"RegimenFiscal="612""#, "CFDI40141"),
        (r#"RegimenFiscalReceptor="601""#, r#"RegimenFiscalReceptor="612""#, "CFDI40158"),
        (r#"RegimenFiscalReceptor="601""#, r#"RegimenFiscalReceptor="628""#, "CFDI40157"),
        (r#"UsoCFDI="G03""#, r#"UsoCFDI="D01""#, "CFDI40161"),
        (r#"UsoCFDI="G03""#, r#"UsoCFDI="P01""#, "CFDI40160"),
        (r#"Rfc="MCI7306249Y1""#, r#"Rfc="mci7306249y1""#, "301"),
        (r#"ClaveProdServ="50202306""#, r#"ClaveProdServ="5020230""#, "CFDI40162"),
        (r#"ValorUnitario="12.931034""#, r#"ValorUnitario="0""#, "CFDI40166"),
        (r#"Importe="38.793102""#, r#"Importe="45.27""#, "CFDI40167"),
        (r#"Descuento="2.50" Objeto"#, r#"Descuento="2.5000001" Objeto"#, "301"),
        (r#"Descuento="2.50" Objeto"#, r#"Descuento="99.00" Objeto"#, "CFDI40169"),
        (r#"ObjetoImp="02""#, r#"ObjetoImp="01""#, "CFDI40172"),
        (r#"ObjetoImp="02""#, r#"ObjetoImp="09""#, "CFDI40170"),
        (r#"TasaOCuota="0.160000" Importe="5.806896""#, r#"TasaOCuota="0.16" Importe="5.806896""#, "CFDI40179"),
        (r#"TasaOCuota="0.160000" Importe="5.806896""#, r#"TasaOCuota="0.160000" Importe="5.90""#, "CFDI40180"),
        (
            r#"TipoFactor="Tasa" TasaOCuota="0.160000" Importe="5.806896""#,
            r#"TipoFactor="Exento" Importe="5.806896""#,
            "CFDI40177",
        ),
        (r#"TotalImpuestosTrasladados="5.81""#, r#"TotalImpuestosTrasladados="5.82""#, "CFDI40205"),
        (r#" TotalImpuestosTrasladados="5.81""#, "", "CFDI40212"),
        (r#"Base="36.29""#, r#"Base="36.30""#, "CFDI40215"),
        (r#"<cfdi:Emisor"#, r#"<cfdi:Receptor/><cfdi:Emisor"#, "301"),
        (r#"Version="4.0""#, r#"Version="4.0" Otro="1""#, "301"),
        (r#"Nombre="ESCUELA"#, r#"Nombre="ESCUEL4"#, "CFDI40102"),
        (r#"Folio="123""#, r#"Folio="124""#, "CFDI40102"),
    ] {
        assert_eq!(right.matches(from).count(), 1, "{from} is not there once");
        let report = check(right.replace(from, to).as_bytes());
        assert!(codes(&report).contains(&code), "{to}: wanted {code}, got {:?}", report.errors);
    }
}

#[test]
fn a_public_sale_needs_its_period_and_a_named_one_must_not_have_it() {
    let (global, _) = golden("global");
    let without = global.replace(r#"<cfdi:InformacionGlobal Periodicidad="04" Meses="11" Año="2026"/>"#, "");
    assert!(codes(&check(without.as_bytes())).contains(&"CFDI40130"));
    let decomposed = global.replace("Año", "An\u{303}o");
    assert!(codes(&check(decomposed.as_bytes())).contains(&"301"));
    let bimonthly = global.replace(r#"Periodicidad="04""#, r#"Periodicidad="05""#);
    let found = check(bimonthly.as_bytes());
    assert!(["CFDI40132", "CFDI40135"].iter().all(|code| codes(&found).contains(code)), "{:?}", found.errors);
}

#[test]
fn what_only_pacs_refuse_is_a_warning() {
    let right = sealed().xml;
    let location = right.split(' ').find(|part| part.starts_with("xsi:schemaLocation")).unwrap().to_owned();
    let found = |xml: String| {
        let report = check(xml.as_bytes());
        assert!(report.is_ok(), "{:?}", report.errors);
        report.warnings.iter().map(|it| it.code).collect::<Vec<_>>()
    };
    assert!(found(right.replace("cfdi:", "c:").replace(":cfdi=", ":c=")).contains(&"pac_prefix"));
    assert!(found(right.replace(&location, "xsi:schemaLocation=\"x")).contains(&"pac_schema_location"));
}

/// A list that only the SAT has says which of them must (CFDI140224): it is not passed in silence.
#[test]
fn a_company_that_withholds_nothing_from_a_person_of_resico_is_worth_a_look() {
    let told = |regimen: &str, emisor: &str, receptor: &str| {
        let xml = sealed().xml.replace(r#"RegimenFiscal="601""#, &format!(r#"RegimenFiscal="{regimen}""#));
        let xml = xml.replace(r#"Rfc="EKU9003173C9""#, &format!(r#"Rfc="{emisor}""#));
        let xml = xml.replace(r#"Rfc="MCI7306249Y1""#, &format!(r#"Rfc="{receptor}""#));
        check(xml.as_bytes()).warnings.iter().any(|it| it.code == "CFDI140224")
    };
    assert!(told("626", "CUSC850516316", "MCI7306249Y1"));
    assert!(!told("626", "CUSC850516316", "QUIA850712AA1"), "nobody withholds but companies");
    assert!(!told("626", "EKU9003173C9", "MCI7306249Y1"), "nor from companies");
    assert!(!told("612", "CUSC850516316", "MCI7306249Y1"), "nor under another regime");
}

#[test]
fn places_are_told_by_node_and_position() {
    let (xml, _) = golden("todo");
    let report = check(xml.replace(r#"Importe="46.080144""#, r#"Importe="47.00""#).as_bytes());
    let found = report.errors.iter().find(|it| it.code == "CFDI40186").unwrap();
    let place =
        "/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[1]/cfdi:Impuestos/cfdi:Retenciones/cfdi:Retencion[2]/@Importe";
    assert_eq!(found.path, place);
}

#[test]
fn version_33_is_read_leniently_and_not_judged() {
    let old = r#"<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" Version="3.3" Fecha="2019-01-01T00:00:00"
        SubTotal="1.00" Moneda="MXN" Total="1.16" TipoDeComprobante="I" LugarExpedicion="64000">
        <cfdi:Emisor Rfc="EKU9003173C9" RegimenFiscal="601"/><cfdi:Receptor Rfc="XAXX010101000" UsoCFDI="P01"/>
        <cfdi:Conceptos><cfdi:Concepto ClaveProdServ="01010101" Cantidad="1" ClaveUnidad="ACT" Descripcion="Venta"
        ValorUnitario="1.00" Importe="1.00"/></cfdi:Conceptos>
        <cfdi:Impuestos TotalImpuestosTrasladados="0.16"><cfdi:Traslados><cfdi:Traslado Impuesto="002" TipoFactor="Tasa"
        TasaOCuota="0.160000" Importe="0.16"/></cfdi:Traslados></cfdi:Impuestos></cfdi:Comprobante>"#;
    let parsed = read(old.as_bytes()).unwrap();
    assert_eq!(parsed.comprobante.total, d("1.16"));
    assert!(parsed.cadena_original.is_ok());
    let report = check(old.as_bytes());
    assert!(report.is_ok() && report.warnings.len() == 1);
}

#[test]
fn what_is_no_invoice_is_refused_in_its_own_words() {
    assert_eq!(read(b"<a/>"), Err(ReadError::NotCfdi));
    assert!(matches!(read(b"hola"), Err(ReadError::Tree(TreeError::Malformed { .. }))));
    let (xml, _) = golden("global");
    let truncated = xml.replace("<cfdi:Receptor", "<cfdi:Otro");
    assert_eq!(read(truncated.as_bytes()), Err(ReadError::MissingNode("/cfdi:Comprobante/cfdi:Receptor".into())));
    let wrong = xml.replace(r#"Total="116.00""#, r#"Total="1,16""#);
    assert_eq!(read(wrong.as_bytes()), Err(ReadError::BadValue("/cfdi:Comprobante/@Total".into())));
    let report = check(b"hola");
    assert_eq!(codes(&report), ["301"]);
}

#[test]
fn an_unknown_complement_is_named_and_its_cadena_not_guessed() {
    let (xml, _) = golden("global");
    let with = xml.replace(
        "</cfdi:Comprobante>",
        r#"<cfdi:Complemento><c:CartaPorte xmlns:c="http://www.sat.gob.mx/CartaPorte31" Version="3.1"/></cfdi:Complemento></cfdi:Comprobante>"#,
    );
    let parsed = read(with.as_bytes()).unwrap();
    assert_eq!(parsed.comprobante.not_modelled, ["CartaPorte"]);
    assert_eq!(
        parsed.cadena_original,
        Err(CadenaError::UnknownComplement("http://www.sat.gob.mx/CartaPorte31".into()))
    );
}

/// Each version has its own version of Pagos: the other's steps would be a guess.
#[test]
fn a_complement_of_the_other_version_is_unknown() {
    let with = |xml: &str, namespace: &str| {
        let pagos = format!(r#"<p:Pagos xmlns:p="{namespace}"><p:Totales MontoTotalPagos="1.00"/></p:Pagos>"#);
        let end = format!("<cfdi:Complemento>{pagos}</cfdi:Complemento></cfdi:Comprobante>");
        read(xml.replace("</cfdi:Comprobante>", &end).as_bytes()).unwrap().cadena_original
    };
    let (_, old, _) = GOLDEN_33[2];
    let (new, _) = golden("global");
    let (ten, twenty) = ("http://www.sat.gob.mx/Pagos", "http://www.sat.gob.mx/Pagos20");
    assert!(with(new, twenty).is_ok() && with(old, ten).is_ok());
    assert_eq!(with(new, ten), Err(CadenaError::UnknownComplement(ten.to_owned())));
    assert_eq!(with(old, twenty), Err(CadenaError::UnknownComplement(twenty.to_owned())));
}
