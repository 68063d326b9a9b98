//! What a draft becomes, and what it is refused for.

use crate::support::{DRAFT, d, draft};
use cfdi::{Draft, DraftConcepto, DraftImpuesto, build};
use fiscal::{CodigoPostal, Currency, Impuesto, Nombre, ObjetoImp, RegimenFiscal, Rfc, TipoFactor, UsoCfdi};

fn tax(impuesto: Impuesto, tipo_factor: TipoFactor, rate: Option<&str>) -> DraftImpuesto {
    DraftImpuesto { impuesto, tipo_factor, tasa_o_cuota: rate.map(d), base: None }
}

fn line(valor_unitario: &str, traslados: Vec<DraftImpuesto>) -> DraftConcepto {
    DraftConcepto {
        valor_unitario: d(valor_unitario),
        cantidad: d("1"),
        descuento: None,
        traslados,
        ..draft().conceptos.remove(0)
    }
}

fn refused(draft: &Draft) -> Vec<&'static str> {
    build(draft).unwrap_err().iter().map(|breach| breach.code).collect()
}

#[test]
fn lines_keep_six_decimals_and_the_document_two() {
    let built = build(&draft()).unwrap();
    let line = &built.conceptos[0];
    assert_eq!(line.importe.to_string(), "38.793102");
    assert_eq!(line.traslados[0].base.to_string(), "36.293102");
    assert_eq!(line.traslados[0].tasa_o_cuota.unwrap().to_string(), "0.160000");
    assert_eq!(line.traslados[0].importe.unwrap().to_string(), "5.806896");
    assert_eq!(built.sub_total.to_string(), "38.79");
    assert_eq!(built.descuento.unwrap().to_string(), "2.50");
    assert_eq!(built.impuestos.as_ref().unwrap().traslados[0].base.to_string(), "36.29");
    assert_eq!(built.total.to_string(), "42.10");
}

/// Byte for byte: order of attributes, escaping, namespaces.
#[test]
fn the_xml_is_written_as_anexo_20_orders_it() {
    let written = cfdi::write(&build(&draft()).unwrap()).unwrap();
    assert_eq!(written, include_str!("../golden/borrador.xml").trim_end());
}

#[test]
fn iva_is_charged_on_price_plus_ieps() {
    let mut draft = draft();
    draft.conceptos = vec![line(
        "100",
        vec![tax(Impuesto::Iva, TipoFactor::Tasa, Some("0.16")), tax(Impuesto::Ieps, TipoFactor::Tasa, Some("0.08"))],
    )];
    let built = build(&draft).unwrap();
    let taxes = built.impuestos.unwrap();
    let rows: Vec<_> = taxes.traslados.iter().map(|row| (row.impuesto.as_str(), row.base.to_string())).collect();
    assert_eq!(rows, [("002", "108.00".into()), ("003", "100.00".into())]);
    assert_eq!(built.total.to_string(), "125.28");
}

#[test]
fn a_quota_is_charged_on_its_own_base() {
    let mut draft = draft();
    let mut quota = tax(Impuesto::Ieps, TipoFactor::Cuota, Some("1.6451"));
    quota.base = Some(d("0.6"));
    draft.conceptos = vec![line("20", vec![quota, tax(Impuesto::Iva, TipoFactor::Tasa, Some("0.16"))])];
    let built = build(&draft).unwrap();
    assert_eq!(built.conceptos[0].traslados[0].importe.unwrap().to_string(), "0.98706");
    assert_eq!(built.conceptos[0].traslados[1].base.to_string(), "20.98706");
    assert_eq!(built.total.to_string(), "24.35");
}

#[test]
fn withheld_taxes_lower_the_total() {
    let mut draft = draft();
    draft.emisor =
        serde_json::from_str(r#"{"rfc": "CACX7605101P8", "nombre": "XOCHILT CASAS CHAVEZ", "regimen_fiscal": "612"}"#)
            .unwrap();
    let mut fee = line("1000", vec![tax(Impuesto::Iva, TipoFactor::Tasa, Some("0.16"))]);
    fee.retenciones = vec![
        tax(Impuesto::Isr, TipoFactor::Tasa, Some("0.10")),
        tax(Impuesto::Iva, TipoFactor::Tasa, Some("0.106667")),
    ];
    draft.conceptos = vec![fee];
    let built = build(&draft).unwrap();
    let taxes = built.impuestos.unwrap();
    assert_eq!(taxes.total_impuestos_retenidos.unwrap().to_string(), "206.67");
    assert_eq!(built.total.to_string(), "953.33");
}

#[test]
fn exempt_lines_have_neither_rate_nor_amount_nor_total() {
    let mut draft = draft();
    draft.conceptos = vec![line("50", vec![tax(Impuesto::Iva, TipoFactor::Exento, None)])];
    let built = build(&draft).unwrap();
    let taxes = built.impuestos.unwrap();
    assert_eq!((taxes.traslados[0].tasa_o_cuota, taxes.traslados[0].importe), (None, None));
    assert_eq!(taxes.total_impuestos_trasladados, None);
    draft.conceptos[0].objeto_imp = ObjetoImp::No;
    draft.conceptos[0].traslados.clear();
    assert_eq!(build(&draft).unwrap().impuestos, None);
}

#[test]
fn other_currencies_keep_their_own_decimals() {
    let mut draft = draft();
    draft.moneda = Currency::Usd;
    assert_eq!(refused(&draft), ["CFDI40115"]);
    draft.tipo_cambio = Some(d("18.886880"));
    assert_eq!(build(&draft).unwrap().tipo_cambio.unwrap().to_string(), "18.886880");
    draft.moneda = Currency::Jpy;
    draft.conceptos = vec![line("1500", vec![tax(Impuesto::Iva, TipoFactor::Tasa, Some("0.16"))])];
    assert_eq!(build(&draft).unwrap().total.to_string(), "1740");
    draft.moneda = Currency::Mxn;
    assert_eq!(refused(&draft), ["CFDI40114"]);
}

#[test]
fn generic_and_foreign_receptors_have_their_own_rules() {
    let mut draft = draft();
    draft.receptor.rfc = Rfc::parse("XAXX010101000").unwrap();
    draft.receptor.nombre = Nombre::parse("VENTA DE MOSTRADOR").unwrap();
    assert_eq!(refused(&draft), ["CFDI40159", "generic_rfc_needs_uso_s01", "CFDI40149"]);
    draft.receptor.regimen_fiscal_receptor = RegimenFiscal::R616;
    draft.receptor.uso_cfdi = UsoCfdi::S01;
    draft.receptor.domicilio_fiscal_receptor = CodigoPostal::parse("64000").unwrap();
    assert!(build(&draft).is_ok());
    draft.receptor.nombre = Nombre::parse("Publico en General").unwrap();
    assert_eq!(refused(&draft), ["CFDI40130"]);
    draft.receptor.nombre = Nombre::parse("JOHN SMITH").unwrap();
    draft.receptor.residencia_fiscal = Some("USA".into());
    assert_eq!(refused(&draft), ["CFDI40151"]);
    draft.receptor.rfc = Rfc::parse("XEXX010101000").unwrap();
    draft.receptor.num_reg_id_trib = Some("121585958".into());
    assert!(build(&draft).is_ok());
}

#[test]
fn a_substitution_names_what_it_replaces() {
    let mut draft = draft();
    draft.cfdi_relacionados =
        serde_json::from_str(r#"[{"tipo_relacion": "04", "uuids": ["5f1c5d6e-0a1b-4c2d-8e3f-0123456789ab"]}]"#)
            .unwrap();
    let built = build(&draft).unwrap();
    assert_eq!(built.cfdi_relacionados[0].uuids, ["5F1C5D6E-0A1B-4C2D-8E3F-0123456789AB"]);
    draft.cfdi_relacionados[0].uuids.clear();
    assert_eq!(refused(&draft), ["301"]);
}

#[test]
fn what_the_sat_would_refuse_is_refused_here() {
    let with = |edit: &dyn Fn(&mut Draft)| {
        let mut draft = draft();
        edit(&mut draft);
        refused(&draft)
    };
    assert_eq!(with(&|it| it.fecha = None), ["CFDI40101"]);
    assert_eq!(with(&|it| it.conceptos.clear()), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].valor_unitario = d("0")), ["CFDI40169"]);
    assert_eq!(with(&|it| it.conceptos[0].descripcion = "a|b".into()), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].descripcion = " ".into()), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].descripcion = "x".repeat(1001)), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].descripcion = "a\u{1}b".into()), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].cantidad = d("0")), ["CFDI40169"]);
    assert_eq!(with(&|it| it.serie = Some("x".repeat(26))), ["301"]);
    assert_eq!(with(&|it| it.conceptos[0].traslados.clear()), ["CFDI40171"]);
    assert_eq!(with(&|it| it.conceptos[0].importe = Some(d("38.793120"))), ["CFDI40167"]);
    assert_eq!(with(&|it| it.conceptos[0].traslados[0].tasa_o_cuota = Some(d("0.15"))), ["CFDI40179"]);
    assert_eq!(with(&|it| it.conceptos[0].traslados[0].tasa_o_cuota = None), ["CFDI40178"]);
    assert_eq!(with(&|it| it.conceptos[0].traslados[0].tipo_factor = TipoFactor::Exento), ["CFDI40177"]);
    assert_eq!(with(&|it| it.conceptos[0].traslados[0].base = Some(d("1"))), ["base_not_allowed"]);
    assert_eq!(with(&|it| it.conceptos[0].cantidad = d("999999999999999999")), ["CFDI40167"]);
    assert_eq!(with(&|it| it.conceptos[0].descuento = Some(d("38.793102"))), ["CFDI40174"]);
    assert_eq!(with(&|it| it.metodo_pago = fiscal::MetodoPago::Ppd), ["CFDI40105"]);
    let two = with(&|it| {
        it.receptor.uso_cfdi = UsoCfdi::D01;
        it.conceptos[0].objeto_imp = ObjetoImp::No;
    });
    assert_eq!(two, ["CFDI40161", "CFDI40172"]);
}

#[test]
fn drafts_are_read_strictly_and_read_back() {
    let draft = draft();
    let again: Draft = serde_json::from_str(&serde_json::to_string(&draft).unwrap()).unwrap();
    assert_eq!(again, draft);
    for (from, to) in [
        (r#""cantidad": "3""#, r#""cantidad": 3"#),
        (r#""cantidad": "3""#, r#""cantidad": "3e0""#),
        (r#""serie": "A""#, r#""serie": "A", "otro": 1"#),
        (r#""uso_cfdi": "G03""#, r#""uso_cfdi": "P01""#),
        (r#""rfc": "MCI7306249Y1""#, r#""rfc": """#),
        (r#""fecha": "2026-11-22T10:00:00""#, r#""fecha": "2026-11-22""#),
    ] {
        assert!(DRAFT.contains(from));
        assert!(serde_json::from_str::<Draft>(&DRAFT.replace(from, to)).is_err(), "{to}");
    }
}
