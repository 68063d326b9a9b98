//! The SAT's lists, as far as they are brought: what is in them is proved, what is not there is said not to be.

use crate::support::{codes, sealed};
use cfdi::lists::Fault;
use cfdi::{List, Lists, Report, Validity, check_with};

fn until(from: &str, until: Option<&str>) -> Validity {
    Validity { from: Some(from.to_owned()), until: until.map(str::to_owned) }
}

/// All that the document of these tests takes from the lists; it is of 2026-11-22.
fn complete() -> Lists {
    let mut lists = Lists::default();
    lists.have(List::Pais);
    for (list, code) in [
        (List::ClaveProdServ, "50202306"),
        (List::ClaveUnidad, "H87"),
        (List::CodigoPostal, "64000"),
        (List::CodigoPostal, "42501"),
    ] {
        lists.add(list, code.to_owned(), until("2022-01-01", None));
    }
    lists
}

fn unchecked(report: &Report) -> &str {
    let told = report.warnings.iter().find(|it| it.code == "not_checked").unwrap();
    &told.message
}

#[test]
fn a_document_names_the_codes_it_takes_from_the_lists() {
    let found = cfdi::lists::codes(sealed().xml.as_bytes());
    let found: Vec<(&str, &str)> = found.iter().map(|(list, code)| (list.name(), code.as_str())).collect();
    assert_eq!(
        found,
        [
            ("c_ClaveProdServ", "50202306"),
            ("c_ClaveUnidad", "H87"),
            ("c_CodigoPostal", "42501"),
            ("c_CodigoPostal", "64000")
        ]
    );
    assert!(cfdi::lists::codes(b"not a document").is_empty());
    for list in List::ALL {
        assert_eq!(List::parse(list.name()), Some(list));
    }
}

#[test]
fn with_every_list_at_hand_only_the_register_of_rfcs_is_left_unchecked() {
    let report = check_with(sealed().xml.as_bytes(), &complete());
    assert_eq!(report.errors, []);
    let told = unchecked(&report);
    assert!(told.contains("lista de RFC") && List::ALL.iter().all(|list| !told.contains(list.name())), "{told}");
}

#[test]
fn a_list_that_is_not_at_hand_is_named_and_the_others_are_checked() {
    let mut lists = Lists::default();
    lists.have(List::ClaveUnidad);
    let report = check_with(sealed().xml.as_bytes(), &lists);
    assert_eq!(codes(&report), ["CFDI40165"]);
    let told = unchecked(&report);
    assert!(!told.contains("c_ClaveUnidad"), "{told}");
    assert!(["c_ClaveProdServ", "c_CodigoPostal", "c_Pais"].iter().all(|name| told.contains(name)), "{told}");
}

#[test]
fn a_code_that_is_in_no_list_has_the_code_of_the_matrix_and_its_place() {
    let mut lists = Lists::default();
    lists.add(List::ClaveProdServ, "01010101".to_owned(), until("2022-01-01", None));
    lists.add(List::CodigoPostal, "42501".to_owned(), until("2022-01-01", None));
    let report = check_with(sealed().xml.as_bytes(), &lists);
    let told: Vec<(&str, &str)> = report.errors.iter().map(|it| (it.code, it.path.as_str())).collect();
    assert_eq!(
        told,
        [
            ("CFDI40126", "/cfdi:Comprobante/@LugarExpedicion"),
            ("CFDI40162", "/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto/@ClaveProdServ"),
        ]
    );
    assert!(report.errors[1].message.contains("«50202306» no está en c_ClaveProdServ"), "{:?}", report.errors);
}

#[test]
fn a_code_holds_from_its_first_day_to_its_last_and_both_count() {
    for (from, last, good) in [
        ("2026-11-22", Some("2026-11-22"), true),
        ("2022-01-01", Some("2026-11-21"), false),
        ("2026-11-23", None, false),
        ("2022-01-01", None, true),
    ] {
        let mut lists = complete();
        lists.add(List::ClaveUnidad, "H87".to_owned(), until(from, last));
        let report = check_with(sealed().xml.as_bytes(), &lists);
        assert_eq!(codes(&report) == ["CFDI40165"], !good, "{from} {last:?}: {:?}", report.errors);
        assert_eq!(report.is_ok(), good, "{from} {last:?}: {:?}", report.errors);
    }
}

/// The SAT compares it with its register, which may still hold what the list has dropped.
#[test]
fn the_receptors_postal_code_is_only_warned_of() {
    let mut lists = complete();
    lists.add(List::CodigoPostal, "42501".to_owned(), until("2022-01-01", Some("2023-12-31")));
    let report = check_with(sealed().xml.as_bytes(), &lists);
    assert!(report.is_ok(), "{:?}", report.errors);
    let told = report.warnings.iter().find(|it| it.code == "postal_code_not_listed").unwrap();
    assert_eq!(told.path, "/cfdi:Comprobante/cfdi:Receptor/@DomicilioFiscalReceptor");
}

#[test]
fn what_has_not_the_form_of_a_code_is_told_once() {
    let edited = sealed().xml.replace(r#"ClaveUnidad="H87""#, r#"ClaveUnidad="h 87""#);
    let report = check_with(edited.as_bytes(), &complete());
    assert_eq!(codes(&report).iter().filter(|code| **code == "CFDI40165").count(), 1, "{:?}", report.errors);
}

#[test]
fn what_a_list_does_not_have_is_told_once_of_a_document_that_is_brought() {
    let mut lists = complete();
    lists.add(List::ClaveUnidad, "H87".to_owned(), until("2022-01-01", Some("2024-12-31")));
    lists.add(List::CodigoPostal, "64000".to_owned(), until("2026-12-01", None));
    let xml = sealed().xml.replace("50202306", "50202307");
    // A second line with the same codes says nothing new.
    let (head, rest) = xml.split_once("<cfdi:Concepto ").unwrap();
    let (line, tail) = rest.split_once("</cfdi:Conceptos>").unwrap();
    let twice = format!("{head}<cfdi:Concepto {line}<cfdi:Concepto {line}</cfdi:Conceptos>{tail}");
    let found = cfdi::lists::unlisted(twice.as_bytes(), &lists, 9);
    let told: Vec<(&str, &str, &Fault)> = found.iter().map(|it| (it.code, it.value.as_str(), &it.fault)).collect();
    let (from, last) = (Fault::NotBefore("2026-12-01".into()), Fault::NotAfter("2024-12-31".into()));
    assert_eq!(
        told,
        [("CFDI40126", "64000", &from), ("CFDI40162", "50202307", &Fault::NotListed), ("CFDI40165", "H87", &last)]
    );
    assert_eq!(found[0].path, "/cfdi:Comprobante/@LugarExpedicion");
    assert_eq!(cfdi::lists::unlisted(twice.as_bytes(), &lists, 1).len(), 1);
    assert!(cfdi::lists::unlisted(twice.as_bytes(), &Lists::default(), 9).is_empty(), "no list is at hand");
    assert!(cfdi::lists::unlisted(b"not a document", &lists, 9).is_empty());
}
