//! `ventanilla catalogs import`: the SAT's lists from a file, and what is checked by them.
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use api::catalogs;
use api::ops::doctor::Verdict;
use cfdi::List;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::cfdi::{Hand, draft};
use super::{Ran, beside};
use crate::support::{TestApp, on_both};

const NOW: [&str; 2] = ["--now", "2026-11-18T18:00:00Z"];
const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>"#;
const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A sheet: its name, and its rows. A cell that begins with `#` is a number.
type Rows<'a> = (&'a str, &'a [&'a [&'a str]]);

fn sheet_xml(rows: &[&[&str]]) -> String {
    let mut xml = String::from(
        r#"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#,
    );
    for (row, cells) in rows.iter().enumerate() {
        write!(xml, r#"<row r="{}">"#, row + 1).unwrap();
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let at = format!("{}{}", char::from(b'A' + u8::try_from(column).unwrap()), row + 1);
            match cell.strip_prefix('#') {
                Some(number) => write!(xml, r#"<c r="{at}"><v>{number}</v></c>"#).unwrap(),
                None => write!(xml, r#"<c r="{at}" t="inlineStr"><is><t>{cell}</t></is></c>"#).unwrap(),
            }
        }
        xml.push_str("</row>");
    }
    xml + "</sheetData></worksheet>"
}

/// A workbook as a spreadsheet saves it, with nothing that is not needed.
fn workbook(path: &Path, sheets: &[Rows<'_>]) {
    let mut zip = ZipWriter::new(std::fs::File::create(path).unwrap());
    let mut put = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let (mut names, mut targets) = (String::new(), String::new());
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let id = index + 1;
        write!(names, r#"<sheet name="{name}" sheetId="{id}" r:id="rId{id}"/>"#).unwrap();
        write!(targets, r#"<Relationship Id="rId{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{id}.xml"/>"#).unwrap();
        put(&format!("xl/worksheets/sheet{id}.xml"), &sheet_xml(rows));
    }
    put("[Content_Types].xml", TYPES);
    put("_rels/.rels", ROOT);
    put(
        "xl/workbook.xml",
        &format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{names}</sheets></workbook>"#
        ),
    );
    put(
        "xl/_rels/workbook.xml.rels",
        &format!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{targets}</Relationships>"#
        ),
    );
    zip.finish().unwrap();
}

/// The lists as the SAT lays them out, with few codes: titles above, a header, numbers that lost their zeros.
fn invented(path: &Path) {
    let days: [&str; 2] = ["Fecha inicio de vigencia", "Fecha fin de vigencia"];
    workbook(
        path,
        &[
            (
                "c_ClaveProdServ",
                &[
                    &["Catálogo de productos y servicios."],
                    &["Versión CFDI", "Versión catálogo"],
                    &["c_ClaveProdServ", "Descripción", "FechaInicioVigencia", "FechaFinVigencia"],
                    &["#1010101", "No existe en el catálogo", "01/01/2022"],
                    &["50202306", "Refrescos", "#44562"],
                    &["50202307", "Lo que ya no se usa", "01/01/2022", "31/12/2024"],
                ],
            ),
            ("c_ClaveUnidad", &[&["c_ClaveUnidad", "Nombre", days[0], days[1]], &["H87", "Pieza", "2022-01-01"]]),
            ("c_CodigoPostal_Parte_1", &[&["c_CodigoPostal", "c_Estado", days[0], days[1]], &["#6010", "CMX"]]),
            ("c_CodigoPostal_Parte_2", &[&["c_CodigoPostal", "c_Estado", days[0], days[1]], &["64000", "NLE"]]),
            ("c_Pais", &[&["c_Pais", "Descripción"], &["MEX", "México"], &["USA", "Estados Unidos"]]),
            ("c_UsoCFDI", &[&["c_UsoCFDI", "Descripción"], &["G03", "Gastos en general"]]),
        ],
    );
}

async fn import(app: &TestApp, file: &Path, more: &[&str]) -> Ran {
    let mut args = vec!["catalogs", "import", file.to_str().unwrap()];
    args.extend(more);
    beside(&app.app, &args).await
}

/// What an import told of each list: its name, its codes now and before, and whether it changed.
fn told(ran: &Ran) -> Vec<(String, i64, Option<i64>, bool)> {
    assert!(ran.good, "{ran:?}");
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let one = |list: &Value| {
        (
            list["catalog"].as_str().unwrap().to_owned(),
            list["codes"].as_i64().unwrap(),
            list["before"].as_i64(),
            list["changed"].as_bool().unwrap(),
        )
    };
    told["catalogs"].as_array().unwrap().iter().map(one).collect()
}

async fn check(app: &TestApp, file: &Path) -> Value {
    let ran = beside(&app.app, &["cfdi", "check", file.to_str().unwrap()]).await;
    serde_json::from_str(&ran.out).unwrap()
}

/// What a check said that it did not look at.
fn unchecked(checked: &Value) -> String {
    let warnings = checked["warnings"].as_array().unwrap();
    let told = warnings.iter().find(|it| it["code"] == "not_checked").unwrap();
    told["message"].as_str().unwrap().to_owned()
}

async fn imports_written_down(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM audit_log WHERE act = 'catalog.imported'").await
}

async fn codes_kept(app: &TestApp) -> i64 {
    app.database.count("SELECT COUNT(*) FROM catalog_entries").await
}

on_both!(a_workbook_brings_its_lists_and_documents_are_checked_by_them, |app| {
    let hand = Hand::new();
    let sealed = hand.seal(&draft().to_string(), &NOW);
    let (good, listed_nowhere, book) = (hand.path("good.xml"), hand.path("bad.xml"), hand.path("catCFDI.xlsx"));
    std::fs::write(&good, &sealed.out).unwrap();
    std::fs::write(&listed_nowhere, sealed.out.replace("50202306", "50202307")).unwrap();
    let before = check(app, &good).await;
    assert!(unchecked(&before).contains("c_ClaveProdServ"), "{before}");

    invented(&book);
    let ran = import(app, &book, &[]).await;
    let all = [("c_ClaveProdServ", 3), ("c_ClaveUnidad", 1), ("c_CodigoPostal", 2), ("c_Pais", 2)];
    assert_eq!(told(&ran), all.map(|(name, codes)| (name.to_owned(), codes, None, true)));
    assert_eq!(serde_json::from_str::<Value>(&ran.out).unwrap()["ignored_sheets"], json!(["c_UsoCFDI"]));
    assert_eq!((imports_written_down(app).await, codes_kept(app).await), (4, 8));

    let after = check(app, &good).await;
    assert_eq!(after["ok"], true, "{after}");
    assert!(!unchecked(&after).contains("c_"), "{after}");
    let refused = check(app, &listed_nowhere).await;
    let codes: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"CFDI40162"), "{refused}");

    // Again: the same lists, and nothing to write down.
    let again = import(app, &book, &[]).await;
    assert_eq!(told(&again), all.map(|(name, codes)| (name.to_owned(), codes, Some(codes), false)));
    assert_eq!((imports_written_down(app).await, codes_kept(app).await), (4, 8));
});

on_both!(a_file_that_cannot_be_read_or_is_cut_short_changes_nothing, |app| {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let line = |n: u32| format!("64{n:03},NLE\n");
    let whole: String = (0..40).map(line).collect();
    let whole = file("c_CodigoPostal.csv", &format!("codigo_postal,estado\n{whole}"));
    assert_eq!(told(&import(app, &whole, &[]).await), [("c_CodigoPostal".to_owned(), 40, None, true)]);

    let short: String = (0..10).map(line).collect();
    let short = file("short.csv", &format!("c_CodigoPostal,estado\n{short}"));
    let broken = file("broken.csv", "c_CodigoPostal,estado\n64000,NLE\nmonterrey,NLE\n");
    let empty = file("empty.csv", "c_CodigoPostal,estado\n");
    let other = file("usos_cfdi.csv", "id,texto\nG03,Gastos en general\n");
    let damaged = file("damaged.xlsx", "PK\u{3}\u{4} and nothing else");
    let uses = folder.path().join("uses.xlsx");
    workbook(&uses, &[("c_UsoCFDI", &[&["c_UsoCFDI", "Descripción"], &["G03", "Gastos en general"]])]);
    for (file, words) in [
        (&short, "c_CodigoPostal has 10 codes in this file and 40 here"),
        (&broken, "row 3: «monterrey» is no code of c_CodigoPostal"),
        (&empty, "it has no codes"),
        (&other, "--catalog"),
        (&damaged, "it is no workbook that can be read"),
        (&uses, "it has: c_UsoCFDI"),
        (&folder.path().join("none.csv"), "none.csv"),
    ] {
        let ran = import(app, file, &[]).await;
        assert!(!ran.good && ran.out.is_empty() && ran.err.contains(words), "{words}: {ran:?}");
        assert_eq!((imports_written_down(app).await, codes_kept(app).await), (1, 40), "{words}");
    }
    let unknown = import(app, &other, &["--catalog", "c_UsoCFDI"]).await;
    assert!(!unknown.good && unknown.err.contains("there is no c_UsoCFDI"), "{unknown:?}");

    let meant = import(app, &short, &["--fewer"]).await;
    assert_eq!(told(&meant), [("c_CodigoPostal".to_owned(), 10, Some(40), true)]);
    assert_eq!((imports_written_down(app).await, codes_kept(app).await), (2, 10));
});

on_both!(doctor_names_a_branch_and_an_article_whose_code_is_in_no_list, |app| {
    let finding = crate::ops::doctor::catalogs(app).await;
    assert!(finding.verdict == Verdict::Good && finding.seen.contains("none at hand"), "{finding:?}");
    let folder = tempfile::tempdir().unwrap();
    let (file, mut text) = (folder.path().join("c_CodigoPostal.csv"), String::from("codigo_postal,estado\n"));
    let mut own: Vec<String> = Vec::new();
    for issuer in api::issuers::service::list_issuers(&mut app.app.db.read().await.unwrap(), 10).await.unwrap() {
        let scope = api::issuers::Scope::of(issuer.id);
        let mut reader = app.app.db.read().await.unwrap();
        let branches = api::issuers::service::list_branches(&mut reader, scope, None, 100).await.unwrap();
        own.extend(branches.iter().map(|branch| branch.postal_code.as_str().to_owned()));
    }
    own.sort();
    own.dedup();
    let (missing, listed) = own.split_first().unwrap();
    assert!(!listed.is_empty());
    for code in listed {
        writeln!(text, "{code},CMX").unwrap();
    }
    std::fs::write(&file, text).unwrap();
    assert!(import(app, &file, &[]).await.good);
    let finding = crate::ops::doctor::catalogs(app).await;
    assert_eq!(finding.verdict, Verdict::Warning);
    let told = format!("codes of branches that are in no list, or no longer: c_CodigoPostal {missing}");
    assert_eq!(finding.seen, told, "what sales take from lists that are not at hand is not judged");

    let units = folder.path().join("c_ClaveUnidad.csv");
    std::fs::write(&units, "id,texto\nE48,Unidad de servicio\n").unwrap();
    assert!(import(app, &units, &[]).await.good);
    let finding = crate::ops::doctor::catalogs(app).await;
    let (_, sales) = finding.seen.split_once("; codes of sales to be invoiced").unwrap();
    assert!(sales.contains("c_ClaveUnidad H87"), "{finding:?}");
});

/// The SAT's own lists in full, where they are at hand: codes of today are in them, and nothing of them is refused.
#[test]
fn the_lists_of_the_sat_are_read_in_full() {
    let Some(dir) = crate::support::sat_dir("the_lists_of_the_sat_are_read_in_full") else { return };
    for (file, list, least, codes) in [
        ("c_ClaveProdServ.csv", List::ClaveProdServ, 50_000, ["01010101", "84111506"]),
        ("c_CodigoPostal.csv", List::CodigoPostal, 90_000, ["06010", "64000"]),
        ("claves_unidades.csv", List::ClaveUnidad, 2_000, ["H87", "E48"]),
        ("paises.csv", List::Pais, 240, ["MEX", "USA"]),
    ] {
        let bytes = std::fs::read(dir.join("catalogos").join(file)).unwrap();
        let found = catalogs::read(&bytes, file, Some(list)).unwrap();
        let all = &found.lists[&list];
        assert!(all.len() > least, "{file}: {}", all.len());
        assert!(codes.iter().all(|code| all.contains_key(*code)), "{file}");
    }
}
