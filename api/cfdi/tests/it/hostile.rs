//! Whatever bytes arrive, there is an answer and no panic.

use crate::documents::GOLDEN;
use crate::support::sealed;
use cfdi::{Certificate, check, decrypt_key, read, timbre};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = Certificate::parse(&bytes);
        let _ = decrypt_key(&bytes, b"x");
        prop_assert!(!check(&bytes).is_ok());
    }

    /// Documents with a stretch cut out, doubled or overwritten.
    #[test]
    fn damaged_documents_are_answered(which in 0usize..GOLDEN.len(), from in 0usize..4000, len in 0usize..200, filler in "\\PC{0,20}") {
        let xml: Vec<char> = GOLDEN[which].1.chars().collect();
        let from = from.min(xml.len());
        let to = (from + len).min(xml.len());
        let damaged: String = xml[..from].iter().chain(filler.chars().collect::<Vec<_>>().iter()).chain(&xml[to..]).collect();
        let _ = read(damaged.as_bytes());
        let _ = check(damaged.as_bytes());
        let _ = timbre::accept(sealed().xml.as_bytes(), damaged.as_bytes());
    }
}

#[test]
fn a_document_of_many_lines_is_checked_in_bounded_time() {
    let (_, global, _) = GOLDEN[2];
    let from = global.find("    <cfdi:Concepto ").unwrap();
    let to = global.find("  </cfdi:Conceptos>").unwrap();
    let many = format!("{}{}{}", &global[..from], global[from..to].repeat(5_000), &global[to..]);
    let started = std::time::Instant::now();
    let report = check(many.as_bytes());
    assert!(report.errors.iter().any(|breach| breach.code == "CFDI40108"));
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

/// Each of these is within the byte limit and would be quadratic if looked at naively.
#[test]
fn u1_documents_made_to_be_slow_are_not() {
    let (_, global, _) = GOLDEN[2];
    let wrong = global.replace("ObjetoImp=\"02\"", "ObjetoImp=\"99\" Otro=\"1\"");
    let from = wrong.find("    <cfdi:Concepto ").unwrap();
    let to = wrong.find("  </cfdi:Conceptos>").unwrap();
    let many_faults = format!("{}{}{}", &wrong[..from], wrong[from..to].repeat(10_000), &wrong[to..]);
    let row = "<cfdi:Traslado Base=\"1.00\" Impuesto=\"002\" TipoFactor=\"Exento\"/>";
    let many_rows = global.replace(
        "</cfdi:Traslados>\n  </cfdi:Impuestos>\n</cfdi",
        &format!("{}</cfdi:Traslados>\n  </cfdi:Impuestos>\n</cfdi", row.repeat(60_000)),
    );
    assert!(many_rows.len() > 3_000_000);
    let many_stamps = global.replace(
        "</cfdi:Comprobante>",
        &format!("<cfdi:Complemento>{}</cfdi:Complemento></cfdi:Comprobante>", "<x/>".repeat(300_000)),
    );
    for document in [many_faults, many_rows, many_stamps] {
        let started = std::time::Instant::now();
        let report = check(document.as_bytes());
        assert!(!report.is_ok() && report.errors.len() <= cfdi::MAX_BREACHES);
        assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    }
}
