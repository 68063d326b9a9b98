//! Bytes that travel to a browser, and bytes of the program that carries them.
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use shared::pages::Program;

use crate::process::binary;
use crate::table::{Aim, Table};

/// How many KB of 1 024 bytes a first visit to a program may load.
const fn first_view(program: Program) -> Aim {
    match program {
        Program::Guest => Aim::AtMost(260.0),
        Program::Console | Program::Treasury => Aim::AtMost(450.0),
        _ => Aim::AtMost(350.0),
    }
}

/// What `pack-web` says of a file.
#[derive(Deserialize)]
struct Row {
    first_view: Vec<String>,
    sizes: Sizes,
}

#[derive(Deserialize)]
struct Sizes {
    raw: u32,
    br: Option<u32>,
}

/// Reads the bundle that the program carries, and the program's size.
pub fn measure(table: &mut Table) {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/web.bundle");
    let bytes = std::fs::read(&bundle).unwrap();
    let rows: Vec<Row> = if bytes.is_empty() {
        Vec::new()
    } else {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut manifest = String::new();
        archive.by_name("manifest.json").unwrap().read_to_string(&mut manifest).unwrap();
        serde_json::from_str(&manifest).unwrap()
    };
    let weight = |rows: &mut dyn Iterator<Item = &Row>| {
        rows.map(|row| f64::from(row.sizes.br.unwrap_or(row.sizes.raw))).sum::<f64>() / 1_024.0
    };
    if rows.is_empty() {
        table.add("portal: este árbol no lo tiene construido; brotli de todo", 0.0, "KB");
    } else {
        for program in Program::ALL {
            let app = program.name();
            let first = weight(&mut rows.iter().filter(|row| row.first_view.iter().any(|name| name == app)));
            table.judge(&format!("primera vista de {app}, con brotli"), first, "KB", first_view(program));
        }
        table.add("todas las aplicaciones, con brotli", weight(&mut rows.iter()), "KB");
    }
    let size = std::fs::metadata(binary()).unwrap().len();
    table.add("el binario, con el portal dentro", f64::from(u32::try_from(size).unwrap()) / 1_048_576.0, "MB");
}
