//! Against the SAT's own files, where they are at hand: the folder named by `VENTANILLA_SAT_DIR`, with `xmllint` and
//! `xsltproc` on the path. Random built documents validate against the schema, and our cadena is the sheet's, byte for
//! byte. Without them these tests say so and prove nothing, and `make test` counts them; the golden files prove the
//! cadena everywhere.

use crate::documents::{GOLDEN, GOLDEN_33};
use crate::support::{csd, d, draft};
use cfdi::{Draft, DraftConcepto, DraftImpuesto};
use fiscal::{Currency, Impuesto, Nombre, ObjetoImp, RegimenFiscal, Rfc, TipoFactor, UsoCfdi};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::path::{Path, PathBuf};
use std::process::Command;

const SHEET: &str = "www.sat.gob.mx/sitio_internet/cfd/4/cadenaoriginal_4_0/cadenaoriginal_4_0.xslt";
const SHEET_33: &str = "www.sat.gob.mx/sitio_internet/cfd/3/cadenaoriginal_3_3/cadenaoriginal_3_3.xslt";
const SCHEMA: &str = "cfdi40-con-complementos.xsd";

fn sat_dir(test: &str) -> Option<PathBuf> {
    let dir = std::env::var_os("VENTANILLA_SAT_DIR").map(PathBuf::from);
    let tool = |name: &str| Command::new(name).arg("--version").output().is_ok();
    match dir {
        Some(dir) if dir.join(SCHEMA).is_file() && tool("xmllint") && tool("xsltproc") => Some(dir),
        _ => {
            skips(test, "set VENTANILLA_SAT_DIR to the SAT's files and install xmllint and xsltproc");
            None
        }
    }
}

/// What a test that passes writes is not shown: `make test` counts these notes and says it.
fn skips(test: &str, why: &str) {
    eprintln!("SKIPPED {test}: {why}");
    let notes = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sat-skipped");
    std::fs::create_dir_all(&notes).unwrap();
    std::fs::write(notes.join(test), "").unwrap();
}

fn sheet(sheet: &Path, file: &Path) -> String {
    let out = Command::new("xsltproc").arg("--nonet").arg(sheet).arg(file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn validates(dir: &Path, files: &[PathBuf]) {
    let out = Command::new("xmllint")
        .args(["--nonet", "--noout", "--schema"])
        .arg(dir.join(SCHEMA))
        .args(files)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn golden_cadenas_are_what_the_sheet_gives_today() {
    let Some(dir) = sat_dir("golden_cadenas_are_what_the_sheet_gives_today") else { return };
    let room = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, xml, cadena) in GOLDEN {
        let file = room.path().join(name);
        std::fs::write(&file, xml).unwrap();
        assert_eq!(sheet(&dir.join(SHEET), &file), cadena, "{name}");
        // There is no schema of Nómina in that folder, and none for an addenda anywhere.
        if name != "nomina" {
            let bare = xml.split("<cfdi:Addenda>").next().unwrap_or_default();
            let end = if bare.len() < xml.len() { "</cfdi:Comprobante>" } else { "" };
            std::fs::write(&file, format!("{bare}{end}")).unwrap();
            files.push(file);
        }
    }
    validates(&dir, &files);
}

#[test]
fn golden_cadenas_of_version_33_are_what_its_sheet_gives() {
    let test = "golden_cadenas_of_version_33_are_what_its_sheet_gives";
    let Some(dir) = sat_dir(test) else { return };
    let old = dir.join(SHEET_33);
    if !old.is_file() {
        skips(test, &format!("{} is not there; the SAT no longer gives it with version 4.0", old.display()));
        return;
    }
    let room = tempfile::tempdir().unwrap();
    for (name, xml, cadena) in GOLDEN_33 {
        let file = room.path().join(name);
        std::fs::write(&file, xml).unwrap();
        assert_eq!(sheet(&old, &file), cadena, "{name}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Café «olé» & <más> \"x\" 'y'".to_owned()),
        "[ -{}~ÁÉÍÓÚÑáéíóúñ\u{a0}\u{2003}€😀]{1,40}".prop_map(|text| format!("a{text}")),
        Just("línea\nuna\r\n\tdos  tres".to_owned()),
    ]
}

fn tax(impuesto: Impuesto, tipo_factor: TipoFactor, rate: Option<&str>) -> DraftImpuesto {
    DraftImpuesto { impuesto, tipo_factor, tasa_o_cuota: rate.map(d), base: None }
}

fn any_taxes() -> impl Strategy<Value = (ObjetoImp, Vec<DraftImpuesto>, Vec<DraftImpuesto>)> {
    use Impuesto::{Ieps, Isr, Iva};
    use TipoFactor::{Cuota, Exento, Tasa};
    let iva = |rate| tax(Iva, Tasa, Some(rate));
    prop::sample::select(vec![
        (ObjetoImp::Si, vec![iva("0.16")], vec![]),
        (ObjetoImp::Si, vec![iva("0.08")], vec![]),
        (ObjetoImp::Si, vec![iva("0")], vec![]),
        (ObjetoImp::Si, vec![tax(Iva, Exento, None)], vec![]),
        (ObjetoImp::No, vec![], vec![]),
        (ObjetoImp::Si, vec![tax(Ieps, Tasa, Some("0.08")), iva("0.16")], vec![]),
        (ObjetoImp::Si, vec![tax(Ieps, Cuota, Some("1.6451")), iva("0.16")], vec![]),
        (ObjetoImp::Si, vec![iva("0.16")], vec![tax(Isr, Tasa, Some("0.0125"))]),
        (ObjetoImp::Si, vec![iva("0.16")], vec![tax(Isr, Tasa, Some("0.1")), tax(Iva, Tasa, Some("0.106667"))]),
        (ObjetoImp::SinIvaConIeps, vec![tax(Ieps, Tasa, Some("0.265"))], vec![]),
        (ObjetoImp::SiSinTrasladoIva, vec![], vec![tax(Isr, Tasa, Some("0.0125"))]),
    ])
}

fn any_line() -> impl Strategy<Value = DraftConcepto> {
    let quantity = prop_oneof![(1i64..100).prop_map(|n| (n, 0)), (1i64..5_000_000).prop_map(|n| (n, 6))];
    let price =
        prop_oneof![(1_000i64..10_000_000).prop_map(|n| (n, 2)), (1_000_000i64..9_000_000_000).prop_map(|n| (n, 6))];
    let optional = prop::option::of(any_text());
    (quantity, price, any_text(), optional, prop::option::of(0i64..60), any_taxes(), any::<bool>()).prop_filter_map(
        "a line of at least a peso",
        |((q, qs), (p, ps), descripcion, no_identificacion, percent, (objeto_imp, traslados, retenciones), extra)| {
            let (cantidad, valor_unitario) = (rust_decimal::Decimal::new(q, qs), rust_decimal::Decimal::new(p, ps));
            let importe = fiscal::trunc_dp(cantidad * valor_unitario, 2);
            let descuento =
                percent.map(|percent| fiscal::trunc_dp(importe * rust_decimal::Decimal::new(percent, 2), 2));
            (importe > d("1")).then(|| DraftConcepto {
                clave_prod_serv: "50202306".into(),
                no_identificacion,
                cantidad,
                clave_unidad: "H87".into(),
                unidad: extra.then(|| "pieza".into()),
                descripcion,
                valor_unitario,
                importe: None,
                descuento,
                objeto_imp,
                traslados,
                retenciones,
                numeros_pedimento: if extra { vec!["15  48  3009  0001234".into()] } else { vec![] },
                cuentas_prediales: if extra { vec!["15956011002".into()] } else { vec![] },
            })
        },
    )
}

fn any_draft() -> impl Strategy<Value = Draft> {
    let currency = prop::sample::select(vec![Currency::Mxn, Currency::Usd, Currency::Eur, Currency::Jpy]);
    let lines = prop::collection::vec(any_line(), 1..8);
    (lines, currency, 0u8..3, any::<bool>(), prop::option::of(any_text())).prop_map(
        |(conceptos, moneda, who, related, terms)| {
            let mut it = draft();
            it.conceptos = conceptos;
            it.moneda = moneda;
            it.tipo_cambio = (moneda != Currency::Mxn).then(|| d("18.886880"));
            it.condiciones_de_pago = terms;
            if who > 0 {
                let (rfc, nombre) = if who == 1 {
                    ("XAXX010101000", "VENTA & \"MOSTRADOR\"")
                } else {
                    ("XEXX010101000", "O'NEIL <LTD>")
                };
                it.receptor.rfc = Rfc::parse(rfc).unwrap();
                it.receptor.nombre = Nombre::parse(nombre).unwrap();
                it.receptor.regimen_fiscal_receptor = RegimenFiscal::R616;
                it.receptor.uso_cfdi = UsoCfdi::S01;
                it.receptor.domicilio_fiscal_receptor = it.lugar_expedicion.clone();
                it.receptor.residencia_fiscal = (who == 2).then(|| "USA".into());
            }
            if related {
                let uuids = r#"[{"tipo_relacion": "04", "uuids": ["5f1c5d6e-0a1b-4c2d-8e3f-0123456789ab"]}]"#;
                it.cfdi_relacionados = serde_json::from_str(uuids).unwrap();
                (it.serie, it.folio) = (None, None);
            }
            it
        },
    )
}

#[test]
fn random_documents_validate_and_give_the_sheets_cadena() {
    let Some(dir) = sat_dir("random_documents_validate_and_give_the_sheets_cadena") else { return };
    let room = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut files = Vec::new();
    for number in 0..60 {
        let draft = any_draft().new_tree(&mut runner).unwrap().current();
        let built = cfdi::build(&draft).unwrap_or_else(|breaches| panic!("{breaches:?}\n{draft:?}"));
        let sealed = cfdi::seal(built, csd()).unwrap();
        let report = cfdi::check(sealed.xml.as_bytes());
        assert_eq!(report.errors, [], "{}", sealed.xml);
        let file = room.path().join(format!("{number}.xml"));
        std::fs::write(&file, &sealed.xml).unwrap();
        assert_eq!(sheet(&dir.join(SHEET), &file), sealed.cadena_original);
        files.push(file);
    }
    validates(&dir, &files);
}
