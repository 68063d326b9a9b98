//! Seal, stamp, and the proof that what came back is what was sent.

use crate::documents::GOLDEN_33;
use crate::support::{CSD_NUMBER, FROM, SAT_NUMBER, TO, ca, csd, d, draft, issued_csd, sealed};
use base64::{Engine, engine::general_purpose::STANDARD};
use cfdi::testca::Issued;
use cfdi::timbre::{self, accept};
use cfdi::{Certificate, Sealed, SelloError, Timbre, TimbreError, check, read, verify_sello};
use std::sync::OnceLock;

fn sat() -> &'static Issued {
    static SAT: OnceLock<Issued> = OnceLock::new();
    SAT.get_or_init(|| ca().sat_stamping_cert(SAT_NUMBER, FROM, TO).unwrap())
}

fn stamp(sealed: &Sealed) -> Timbre {
    let mut timbre = Timbre {
        uuid: "5f1c5d6e-0a1b-4c2d-8e3f-0123456789ab".into(),
        fecha_timbrado: "2026-11-22T10:00:41".into(),
        rfc_prov_certif: "SPR190613I52".into(),
        leyenda: None,
        sello_cfd: sealed.sello.clone(),
        no_certificado_sat: SAT_NUMBER.into(),
        sello_sat: String::new(),
    };
    timbre.sello_sat = sat().seal(&timbre.cadena_original()).unwrap();
    timbre
}

#[test]
fn a_seal_has_the_form_of_the_sats_and_verifies() {
    let sealed = sealed();
    assert_eq!(sealed.no_certificado, CSD_NUMBER);
    assert_eq!(sealed.sello.len(), 344);
    assert!(sealed.sello.ends_with("=="));
    assert!(sealed.xml.starts_with(
        r#"<?xml version="1.0" encoding="UTF-8"?><cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" xmlns:xsi="#
    ));
    assert!(!sealed.xml.contains('\n'));
    let parsed = read(sealed.xml.as_bytes()).unwrap();
    assert_eq!(parsed.cadena_original.as_deref(), Ok(sealed.cadena_original.as_str()));
    assert!(sealed.cadena_original.contains("|MORGAN & COMUNICACIÓN|"));
    verify_sello(sealed.xml.as_bytes()).unwrap();
    // The same draft gives the same bytes: PKCS#1 v1.5 has no randomness, and a resend depends on it.
    assert_eq!(crate::support::sealed(), sealed);
}

/// The seal is put where the writer left room; what comes before it may say anything.
#[test]
fn a_folio_that_looks_like_the_place_of_the_seal_is_no_such_place() {
    let mut draft = draft();
    draft.serie = Some(r#"A" Sello="""#.into());
    draft.folio = Some(r#"1 Sello='' Sello="" "#.into());
    let sealed = cfdi::seal(cfdi::build(&draft).unwrap(), csd()).unwrap();
    verify_sello(sealed.xml.as_bytes()).unwrap();
    assert_eq!(read(sealed.xml.as_bytes()).unwrap().comprobante.sello, sealed.sello);
}

#[test]
fn blanks_between_nodes_do_not_break_a_seal_but_values_do() {
    let xml = sealed().xml;
    verify_sello(xml.replace("><", ">\n  <").as_bytes()).unwrap();
    let other = xml.replace(r#"Cantidad="3""#, r#"Cantidad="3.0""#);
    assert!(matches!(verify_sello(other.as_bytes()), Err(SelloError::Mismatch)));
}

/// Sealed in a test, with its own certificate inside, as it would have been then.
#[test]
fn a_document_of_version_33_is_proved_by_its_own_certificate() {
    let certificate = csd().certificate();
    for (name, golden, _) in GOLDEN_33 {
        let unsealed = read(golden.as_bytes()).unwrap().comprobante;
        let with = |text: &str, name: &str, before: &str, after: &str| {
            let (before, after) = (format!(" {name}=\"{before}\""), format!(" {name}=\"{after}\""));
            assert_eq!(text.matches(&before).count(), 1, "{before}");
            text.replace(&before, &after)
        };
        let text = with(golden, "NoCertificado", &unsealed.no_certificado, certificate.no_certificado());
        let text = with(&text, "Certificado", &unsealed.certificado, &certificate.to_base64());
        let cadena = read(text.as_bytes()).unwrap().cadena_original.unwrap();
        let sealed = with(&text, "Sello", &unsealed.sello, &issued_csd().seal(&cadena).unwrap());
        verify_sello(sealed.as_bytes()).unwrap();
        verify_sello(sealed.replace("><", ">\n  <").as_bytes()).unwrap();
        for (from, to) in
            [("LugarExpedicion=\"64000\"", "LugarExpedicion=\"64001\""), ("UsoCFDI=\"P01\"", "UsoCFDI=\"G03\"")]
        {
            assert!(sealed.contains(from), "{name}: {from}");
            let altered = verify_sello(sealed.replace(from, to).as_bytes());
            assert!(matches!(altered, Err(SelloError::Mismatch)), "{name}: {to}: {altered:?}");
        }
    }
}

/// The golden was sealed by another program, with a key of 1,024 bits as CSDs had until 2014.
#[test]
fn a_short_key_proves_what_was_sealed_in_its_time_and_nothing_newer() {
    let (_, golden, _) = GOLDEN_33[2];
    verify_sello(golden.as_bytes()).unwrap();
    let altered = golden.replace("Total=\"116.00\"", "Total=\"11.60\"");
    assert!(matches!(verify_sello(altered.as_bytes()), Err(SelloError::Mismatch)));
    let parsed = read(golden.as_bytes()).unwrap();
    let certificate = Certificate::parse(&STANDARD.decode(&parsed.comprobante.certificado).unwrap()).unwrap();
    let (cadena, sello) = (parsed.cadena_original.unwrap(), STANDARD.decode(&parsed.comprobante.sello).unwrap());
    assert_eq!(sello.len(), 128);
    assert!(!certificate.verify(cadena.as_bytes(), &sello));
}

#[test]
fn threat_k3_a_csd_seals_only_for_its_own_issuer() {
    let mut draft = draft();
    draft.emisor.rfc = fiscal::Rfc::parse("H&E951128469").unwrap();
    let error = cfdi::seal(cfdi::build(&draft).unwrap(), csd()).unwrap_err();
    assert_eq!((error.code(), error.to_string().as_str()), (Some("303"), "el CSD no es del emisor del comprobante"));
}

#[test]
fn a_stamp_is_inserted_without_changing_another_byte() {
    let sealed = sealed();
    let timbre = stamp(&sealed);
    let stamped = timbre.insert_into(&sealed.xml).unwrap();
    let node = format!("<cfdi:Complemento>{}</cfdi:Complemento>", timbre.to_xml());
    assert_eq!(stamped.replace(&node, ""), sealed.xml);
    assert_eq!(accept(sealed.xml.as_bytes(), stamped.as_bytes()), Ok(timbre.clone()));
    assert_eq!(Timbre::read(stamped.as_bytes()), Ok(timbre.clone()));
    verify_sello(stamped.as_bytes()).unwrap();
    assert_eq!(timbre.insert_into(&stamped), Err(TimbreError::AlreadyStamped));
    let report = check(stamped.as_bytes());
    assert_eq!(report.errors, []);
}

#[test]
fn the_stamp_goes_before_an_addenda_and_into_a_complement_that_is_there() {
    let sealed = sealed();
    let timbre = stamp(&sealed);
    let node = timbre.to_xml();
    let end = "</cfdi:Comprobante>";
    for (tail, expected) in [
        (
            "<cfdi:Addenda><x/></cfdi:Addenda>",
            format!("<cfdi:Complemento>{node}</cfdi:Complemento><cfdi:Addenda><x/></cfdi:Addenda>"),
        ),
        ("<cfdi:Complemento/>", format!("<cfdi:Complemento>{node}</cfdi:Complemento>")),
        ("<cfdi:Complemento></cfdi:Complemento>", format!("<cfdi:Complemento>{node}</cfdi:Complemento>")),
        (
            "<cfdi:Complemento> <x/> </cfdi:Complemento>\n",
            format!("<cfdi:Complemento> <x/> {node}</cfdi:Complemento>\n"),
        ),
    ] {
        let before = sealed.xml.replace(end, &format!("{tail}{end}"));
        let after = sealed.xml.replace(end, &format!("{expected}{end}"));
        assert_eq!(timbre.insert_into(&before).unwrap(), after);
    }
}

#[test]
fn only_our_own_document_is_accepted_back() {
    let sealed = sealed();
    let timbre = stamp(&sealed);
    let stamped = timbre.insert_into(&sealed.xml).unwrap();
    let accepted = |stamped: &str| accept(sealed.xml.as_bytes(), stamped.as_bytes());
    assert_eq!(accepted(&sealed.xml), Err(TimbreError::Missing));
    let changed = stamped.replace(r#"Total="42.10""#, r#"Total="42.11""#);
    assert_eq!(accepted(&changed), Err(TimbreError::OtherDocument));
    let other_seal = Timbre { sello_cfd: "AAAA".into(), ..timbre.clone() };
    assert_eq!(other_seal.insert_into(&sealed.xml), Err(TimbreError::OtherSeal));
    assert_eq!(accepted(&stamped.replace(&timbre.to_xml(), &other_seal.to_xml())), Err(TimbreError::OtherSeal));
    let twice = stamped.replace(&timbre.to_xml(), &timbre.to_xml().repeat(2));
    assert_eq!(accepted(&twice), Err(TimbreError::Repeated));
    let no_uuid = Timbre { uuid: "5f1c5d6e".into(), ..timbre.clone() };
    assert_eq!(accepted(&stamped.replace(&timbre.to_xml(), &no_uuid.to_xml())), Err(TimbreError::Attribute("UUID")));
    // A PAC may add line ends and an addenda; the document is still ours.
    let decorated = stamped
        .replace("><", ">\n<")
        .replace("</cfdi:Comprobante>", "<cfdi:Addenda><x/></cfdi:Addenda></cfdi:Comprobante>");
    assert_eq!(accepted(&decorated), Ok(timbre));
}

#[test]
fn the_sats_seal_is_verified_with_the_certificate_of_its_number() {
    let timbre = stamp(&sealed());
    let certificate = Certificate::parse(&sat().cer_der).unwrap();
    assert!(certificate.verify_timbre(&timbre));
    let later = Timbre { fecha_timbrado: "2026-11-22T10:00:42".into(), ..timbre.clone() };
    assert!(!certificate.verify_timbre(&later));
    let other_number = Timbre { no_certificado_sat: CSD_NUMBER.into(), ..timbre.clone() };
    assert!(!certificate.verify_timbre(&other_number));
    assert!(!csd().certificate().verify_timbre(&timbre));
    assert!(timbre::is_uuid(&timbre.uuid));
}

#[test]
fn the_qr_says_what_the_sat_verifies() {
    let sealed = sealed();
    let stamped = stamp(&sealed).insert_into(&sealed.xml).unwrap();
    let comprobante = read(stamped.as_bytes()).unwrap().comprobante;
    let tail = &sealed.sello[sealed.sello.len() - 8..];
    let expected = format!(
        "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=5f1c5d6e-0a1b-4c2d-8e3f-0123456789ab&re=EKU9003173C9&rr=MCI7306249Y1&tt=42.1&fe={tail}"
    );
    assert_eq!(cfdi::qr_text(&comprobante), Some(expected));
    assert_eq!(cfdi::qr_text(&read(sealed.xml.as_bytes()).unwrap().comprobante), None);
    assert_eq!(comprobante.folio_fiscal().as_deref(), Some("5F1C5D6E-0A1B-4C2D-8E3F-0123456789AB"));
    assert_eq!(comprobante.total, d("42.10"));
}
