//! What comes out on paper: rendered, then read back with the tools a reader would use.
#![expect(clippy::unwrap_used, reason = "a helper that cannot go on fails its test")]

use std::io::Write;
use std::path::Path;
use std::process::Command;

use pdf::{
    Aviso, Document, Factura, Logo, MarcaDeAgua, Papel, PdfError, Qr, Relacionados, RenderOptions, Template, render,
    sample,
};

const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#d4e4e6"/><circle cx="16" cy="16" r="9" fill="#0b6470"/></svg>"##;

fn options() -> RenderOptions {
    RenderOptions { ident: "prueba/1/1".into(), logo: Some(Logo::new(LOGO.into()).unwrap()), template: None }
}

fn print(factura: Factura) -> Vec<u8> {
    render(&Document::Factura(Box::new(factura)), &options()).unwrap()
}

/// Runs one of the readers; without them nothing would be proved, so their absence fails the test.
fn read_with(tool: &str, args: &[&str], file: &Path) -> Vec<u8> {
    let out =
        Command::new(tool).args(args).arg(file).args((tool == "pdftotext").then_some("-")).output().unwrap_or_else(
            |error| {
                panic!("{tool}: {error}. Type: sudo apt-get install -y poppler-utils zbar-tools");
            },
        );
    assert!(out.status.success(), "{tool}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

fn saved(bytes: &[u8], suffix: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The text of each page, in the order it was laid out.
fn pages(pdf: &[u8]) -> Vec<String> {
    let text = String::from_utf8(read_with("pdftotext", &["-layout"], saved(pdf, ".pdf").path())).unwrap();
    text.trim_end_matches('\u{c}')
        .split('\u{c}')
        .map(|page| page.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// The QR codes a reader finds on page `page` printed at 150 dpi.
fn qr_codes(pdf: &[u8], page: usize) -> String {
    let number = page.to_string();
    let dots = ["-r", "150", "-gray", "-png", "-f", &number, "-l", &number];
    let image = saved(&read_with("pdftoppm", &dots, saved(pdf, ".pdf").path()), ".png");
    let out =
        Command::new("zbarimg").args(["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]).arg(image.path()).output();
    let out = out.unwrap_or_else(|error| panic!("zbarimg: {error}. Type: sudo apt-get install -y zbar-tools"));
    assert!(out.status.success(), "zbarimg: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().trim_end().to_owned()
}

#[test]
fn one_concept_fits_one_page_with_all_the_law_asks() {
    let mut factura = sample::factura(1, 7);
    // The RFC keeps its XML escape and its Ñ inside the QR's text.
    let expression = "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=276B513E-6859-4EF0-A5B9-2C1CBE6054C7&re=C&amp;Ñ010101AB1&rr=TAM010101AAA&tt=1160.0&fe=a+/b0Q==";
    factura.timbre.qr = Qr::new(expression).unwrap();
    let bytes = print(factura.clone());
    assert_eq!(qr_codes(&bytes, 1), expression);

    let pages = pages(&bytes);
    assert_eq!(pages.len(), 1);
    let timbre = &factura.timbre;
    for wanted in [
        "Página 1 de 1",
        "Este documento es una representación impresa de un CFDI. Versión 4.0.",
        "Factura",
        "FA-60412",
        "SUMINISTROS COLIBRÍ AZUL",
        "Régimen fiscal 601 General de Ley Personas Morales",
        "C.P. 06010",
        "PPD Pago en parcialidades o diferido",
        "G01 Adquisición de mercancías",
        "Contrato CT-004518",
        "Objeto imp. 02 · IVA 16 % de 1,010.50 = 161.68",
        "$1,172.18 MXN",
        "Sello digital del SAT",
        timbre.uuid.as_str(),
        timbre.csd.as_str(),
        timbre.csd_sat.as_str(),
        timbre.rfc_pac.as_str(),
        &timbre.sello[..132],
        &timbre.sello_sat[264..],
        &timbre.cadena[..132],
    ] {
        assert!(pages[0].contains(wanted), "missing {wanted:?} in {}", pages[0]);
    }
    assert!(!pages[0].contains("Descuento"), "a column without values is printed");
    let catalog = String::from_utf8_lossy(&bytes);
    assert!(catalog.contains("/MarkInfo") && catalog.contains("/StructTreeRoot"), "not a tagged PDF");
    assert!(catalog.contains("D:20261117"), "the date is not that of the document");
    assert!(bytes.len() <= 50_000, "{} bytes", bytes.len());
}

#[test]
fn the_same_input_gives_the_same_bytes_whatever_was_printed_meanwhile() {
    let first = print(sample::factura(3, 7));
    let others = std::thread::scope(|scope| {
        let other = scope.spawn(|| print(sample::factura(2, 8)));
        let again = scope.spawn(|| print(sample::factura(3, 7)));
        (other.join().unwrap(), again.join().unwrap())
    });
    assert!(others.0 != first && others.1 == first);
    // Nothing remembered: all is evaluated and laid out anew.
    comemo::evict(0);
    assert!(print(sample::factura(3, 7)) == first);

    let ident = RenderOptions { ident: "prueba/1/2".into(), ..options() };
    let document = Document::Factura(Box::new(sample::factura(3, 7)));
    assert!(render(&document, &ident).unwrap() != first, "the ident is not in the file");
}

#[test]
fn long_invoices_repeat_their_heads_on_numbered_pages() {
    for (lines, expected) in [(30, 2), (150, 6)] {
        let mut factura = sample::factura(lines, 9);
        factura.comun.marca_agua = Some(MarcaDeAgua::Cancelada);
        let bytes = print(factura.clone());
        let pages = pages(&bytes);
        assert_eq!(pages.len(), expected, "{lines} lines");
        for (index, page) in pages.iter().enumerate() {
            assert!(page.contains(&format!("Página {} de {expected}", index + 1)), "{page}");
            assert!(page.contains("representación impresa de un CFDI"), "{page}");
            if page.contains("Objeto imp. 02") {
                assert!(page.contains("Descripción e impuestos"), "page {} has no table head", index + 1);
            }
            if index > 0 {
                let head =
                    format!("Factura FA-60412 · SUMINISTROS COLIBRÍ AZUL · Folio fiscal {}", factura.timbre.uuid);
                assert!(page.contains(&head), "page {} has no running head", index + 1);
            }
        }
        let printed: usize = pages.iter().map(|page| page.matches("Objeto imp. 02").count()).sum();
        assert_eq!(printed, lines, "lines were lost at a page turn");
        // Read through the watermark.
        assert!(qr_codes(&bytes, expected).contains(&format!("id={}&re=", factura.timbre.uuid)));
    }
}

/// What is short is laid out as a single page first, which does not ask how many there are.
#[test]
fn what_is_short_and_fills_a_second_page_says_so_on_both() {
    let short = pages(&print(sample::factura(3, 1)));
    assert!(short.len() == 1 && short[0].contains("Página 1 de 1"), "{short:?}");
    let mut factura = sample::factura(3, 1);
    factura.conceptos[1].descripcion = "Renglón de una descripción muy larga. ".repeat(100);
    factura.observaciones = vec![("Observaciones".into(), "Otra línea de lo que dice el emisor. ".repeat(90))];
    let long = pages(&print(factura));
    assert!(long.len() > 1, "{long:?}");
    for (index, page) in long.iter().enumerate() {
        assert!(page.contains(&format!("Página {} de {}", index + 1, long.len())), "{page}");
        assert!(page.contains("Folio fiscal"), "the running head names it: {page}");
    }
}

#[test]
fn b7_every_text_is_printed_as_text() {
    const HOSTILE: [&str; 6] = [
        r#""><meta http-equiv=refresh>"#,
        "{{7*7}}",
        "#set page(width: 1pt)",
        r#"#read("/etc/passwd")"#,
        "<img src=file:///etc/passwd>",
        "$x^2$ *a* _b_ `c` @d \\ // e",
    ];
    let mut factura = sample::factura(1, 7);
    factura.comun.receptor.nombre = format!("{} {}", HOSTILE[0], HOSTILE[1]);
    factura.comun.emisor.nombre = HOSTILE[3].into();
    factura.comprobante.condiciones = Some("A\u{0}B\u{202e}C\u{7}D".into());
    factura.comprobante.folio = HOSTILE[1].into();
    factura.conceptos[0].descripcion = HOSTILE[2].into();
    factura.conceptos[0].detalle = HOSTILE[5].into();
    factura.observaciones = vec![(HOSTILE[4].into(), "אבג N\u{303}andu\u{301} 漢字".into())];
    let bytes = print(factura);
    let page = pages(&bytes).concat();
    for text in HOSTILE {
        assert!(page.contains(text), "missing {text:?} in {page}");
    }
    assert!(page.contains("Condiciones de pago ABCD"), "{page}");
    // No font of ours has these letters; they are neither lost unseen nor do they turn the line around.
    assert!(page.contains("??? N\u{303}andu\u{301} ??"), "{page}");
    assert!(!page.contains("root:"), "{page}");
}

#[test]
fn what_is_optional_is_printed_when_given() {
    let some = |text: &str| Some(text.to_owned());
    let mut factura = sample::factura(2, 7);
    factura.comun.papel = Papel::A4;
    factura.comun.marca_agua = Some(MarcaDeAgua::Pruebas);
    factura.comun.avisos =
        vec![Aviso { titulo: "Documento de prueba.".into(), texto: some("Sin valor fiscal."), mal: true }];
    factura.comun.receptor.residencia = some("USA Estados Unidos (los)");
    factura.comun.receptor.registro = some("98-7654321");
    factura.comprobante.tipo_cambio = some("18.4523");
    factura.relacionados = vec![Relacionados { tipo: "04 Sustitución".into(), uuids: vec!["5A202741-6C29".into()] }];
    factura.global = some("01 Diario, mes 11, año 2026");
    factura.conceptos[1].descuento = some("17.38");
    factura.timbre.leyenda = some("Leyenda del timbre");
    factura.observaciones = vec![("Pedido".into(), "88-2026".into())];
    let bytes = print(factura);
    let page = pages(&bytes).concat();
    for wanted in [
        "Documento de prueba. Sin valor fiscal.",
        "Residencia fiscal USA Estados Unidos (los)",
        "Registro tributario 98-7654321",
        "Tipo de cambio 18.4523",
        "CFDI relacionados · 04 Sustitución 5A202741-6C29",
        "Información global 01 Diario, mes 11, año 2026",
        "Descuento Importe",
        "86.90 17.38 173.80",
        "BOL-0012",
        "Leyenda del timbre",
        "Pedido",
        "88-2026",
    ] {
        assert!(page.contains(wanted), "missing {wanted:?} in {page}");
    }
    // The watermark is turned: its letters are laid out each on a line of its own.
    assert!("PRUEBAS".chars().rev().all(|letter| page.contains(&format!(" {letter} "))), "{page}");
    let info = String::from_utf8(read_with("pdfinfo", &[], saved(&bytes, ".pdf").path())).unwrap();
    assert!(info.contains("(A4)") && info.contains("FA-60412"), "{info}");
}

#[test]
fn b7_a_template_reaches_nothing_outside_its_input() {
    let document = Document::Ticket(Box::new(sample::ticket()));
    let mut options = options();
    for text in [
        r#"#read("/etc/passwd")"#,
        r#"#read("../../etc/passwd")"#,
        r#"#read("/logo.png")"#,
        r#"#include "factura.typ""#,
        r#"#import "@preview/example:0.1.0": *"#,
        r#"#import "@local/example:0.1.0": *"#,
        r#"#image("https://example.org/a.png")"#,
        "#datetime.today()",
        "#while true {}",
        "#let f() = f()\n#f()",
    ] {
        options.template = Some(Template::from_text(text));
        let result = render(&document, &options);
        assert!(matches!(result, Err(PdfError::Template(_))), "{text}: {:?}", result.map(|bytes| bytes.len()));
    }
    options.template = Some(Template::from_text(
        r#"#import "lib.typ": fuerte
#fuerte(json("/data.json").filas.at(0).at(1))#image("/logo")"#,
    ));
    assert_eq!(pages(&render(&document, &options).unwrap()), ["TIENDAS COLIBRÍ AZUL"]);
}

#[test]
fn b7_what_passes_the_bounds_is_refused() {
    let try_print = |factura| render(&Document::Factura(Box::new(factura)), &options()).unwrap_err();
    assert!(matches!(try_print(sample::factura(2_001, 1)), PdfError::TooManyLines { lines: 2_001 }));

    let mut factura = sample::factura(1, 1);
    factura.comun.receptor.nombre = "Ñ".repeat(4_001);
    assert!(matches!(try_print(factura), PdfError::TextTooLong { .. }));
}

#[test]
fn the_other_documents_print_their_own_contract() {
    let mut complemento = sample::complemento_de_pago(3, 5);
    complemento.relacionados.push(Relacionados { tipo: "04 Sustitución".into(), uuids: vec!["A".into(); 3] });
    let id = complemento.timbre.uuid.clone();
    let bytes = render(&Document::ComplementoDePago(Box::new(complemento)), &options()).unwrap();
    let text = pages(&bytes).concat();
    for wanted in ["Complemento de pago", "CP-00982", "Saldo insoluto", "FA-60102", "$3,480.00 MXN", "84111506"] {
        assert!(text.contains(wanted), "missing {wanted:?} in {text}");
    }
    assert!(qr_codes(&bytes, 1).contains(&id));

    let mut recibo = sample::recibo(2, 5);
    recibo.documentos[1].cargo = Some("21,404.67".into());
    let text = pages(&render(&Document::Recibo(Box::new(recibo)), &options()).unwrap()).concat();
    for wanted in [
        "Cargo MXN",
        "21,404.67",
        "Conserve el número",
        "El complemento de pago aparece",
        "Recibimos",
        "RP-0012744",
        "FA-60101",
        "$2,320.00 MXN",
        "no es un comprobante fiscal",
    ] {
        assert!(text.contains(wanted), "missing {wanted:?} in {text}");
    }

    let estado = pages(&render(&Document::EstadoDeCuenta(Box::new(sample::estado_de_cuenta(40))), &options()).unwrap());
    assert_eq!(estado.len(), 2);
    assert!(estado[0].contains("Por vencer 1 a 30 días"), "{}", estado[0]);
    assert!(estado[1].contains("Saldo que viene de la página anterior: $"), "{}", estado[1]);
    assert!(estado[1].contains("46,400.00"), "{}", estado[1]);

    let ticket = render(&Document::Ticket(Box::new(sample::ticket())), &RenderOptions::default()).unwrap();
    assert!(pages(&ticket).concat().contains("TICKET 0048213"));
}
