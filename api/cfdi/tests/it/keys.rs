//! Certificates and keys as the SAT hands them out, and everything that must not be taken for one.

use crate::support::{CSD_NUMBER, FROM, SAT_NUMBER, TO, ca, csd, issued_csd};
use base64::{Engine, engine::general_purpose::STANDARD};
use cfdi::{Certificate, CertificateError, CertificateKind, Csd, CsdError, decrypt_key, encrypt_key};
use fiscal::Rfc;

const PASSWORD: &[u8] = b"12345678a";

fn encrypted() -> Vec<u8> {
    encrypt_key(&issued_csd().pkcs8_der, PASSWORD, [7; 8], [9; 8]).unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> = body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

#[test]
fn a_csd_opens_with_its_password_and_says_whose_it_is() {
    let csd = Csd::load(&issued_csd().cer_der, &encrypted(), PASSWORD).unwrap();
    let certificate = csd.certificate();
    assert_eq!(certificate.no_certificado(), CSD_NUMBER);
    assert_eq!(certificate.rfc().unwrap().as_str(), "EKU9003173C9");
    assert_eq!(certificate.name(), "ESCUELA KEMPER URGATE SA DE CV");
    assert_eq!((certificate.not_before(), certificate.not_after()), (FROM, TO));
    assert_eq!(certificate.kind(), CertificateKind::Csd);
    assert!(!certificate.is_production());
    assert!(certificate.is_valid_at(FROM) && certificate.is_valid_at(TO));
    assert!(!certificate.is_valid_at(FROM - 1) && !certificate.is_valid_at(TO + 1));
    assert!(certificate.verify(b"||4.0||", &csd.sign(b"||4.0||").unwrap()));
    assert!(!certificate.verify(b"||4.1||", &csd.sign(b"||4.0||").unwrap()));
    assert!(format!("{csd:?}").contains(CSD_NUMBER) && !format!("{csd:?}").contains("key"));
}

/// PBES2 with PBKDF2 (no PRF field, 2 048 rounds) and 3DES, byte for byte the SAT's form.
#[test]
fn an_encrypted_key_has_the_form_of_the_sats() {
    let key = encrypted();
    let header = [
        // PBES2, PBKDF2
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d][..],
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c],
        // salt of 8 bytes, 2 048 rounds, and at once the cipher: no PRF
        &[0x04, 0x08, 7, 7, 7, 7, 7, 7, 7, 7, 0x02, 0x02, 0x08, 0x00],
        &[0x30, 0x14, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07, 0x04, 0x08, 9, 9, 9, 9, 9, 9, 9, 9],
    ];
    let mut from = 0;
    for part in header {
        let at = key[from..].windows(part.len()).position(|window| window == part);
        from += at.unwrap_or_else(|| panic!("{part:02x?} is missing")) + part.len();
    }
    assert_eq!(decrypt_key(&key, PASSWORD).unwrap().as_slice(), issued_csd().pkcs8_der.as_slice());
}

#[test]
fn pem_is_taken_too() {
    let cer = pem("CERTIFICATE", &issued_csd().cer_der);
    for key in [pem("ENCRYPTED PRIVATE KEY", &encrypted()), pem("PRIVATE KEY", &issued_csd().pkcs8_der)] {
        let csd = Csd::load(cer.as_bytes(), key.as_bytes(), PASSWORD).unwrap();
        assert_eq!(csd.certificate().der(), issued_csd().cer_der);
    }
}

#[test]
fn each_wrong_key_has_its_own_error() {
    let cer = &issued_csd().cer_der;
    assert!(matches!(Csd::load(cer, &encrypted(), b"12345678b"), Err(CsdError::WrongPassword)));
    assert!(matches!(Csd::load(cer, &encrypted(), b""), Err(CsdError::WrongPassword)));
    assert!(matches!(Csd::load(cer, b"hola", PASSWORD), Err(CsdError::KeyUnreadable)));
    assert!(matches!(Csd::load(cer, cer, PASSWORD), Err(CsdError::KeyUnreadable)));
    assert!(matches!(Csd::load(cer, &vec![0x30; 100_000], PASSWORD), Err(CsdError::KeyUnreadable)));
    let stranger = ca().sat_stamping_cert(SAT_NUMBER, FROM, TO).unwrap();
    assert!(matches!(Csd::from_pkcs8_der(cer, &stranger.pkcs8_der), Err(CsdError::KeyMismatch)));
    // A file that asks for four thousand million rounds is refused before the first.
    let mut endless = encrypted();
    let at = endless.windows(4).position(|window| window == [0x02, 0x02, 0x08, 0x00]).unwrap();
    endless.splice(at..at + 4, [0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]);
    for length_at in length_bytes_before(&endless, at) {
        endless[length_at] += 2;
    }
    assert!(matches!(Csd::load(cer, &endless, PASSWORD), Err(CsdError::KeyAlgorithm)));
}

/// Low bytes of the lengths of the sequences around PBKDF2's parameters, for a file grown by two bytes.
fn length_bytes_before(der: &[u8], at: usize) -> Vec<usize> {
    // SEQUENCE 82 hh ll (file) · SEQUENCE ll (algorithm) · OID 11 · SEQUENCE ll (PBES2) · SEQUENCE ll (KDF) · OID 11 ·
    // SEQUENCE ll (PBKDF2) · salt 10
    let pbkdf2 = at - 10 - 1;
    let kdf = pbkdf2 - 1 - 11 - 1;
    let pbes2 = kdf - 2;
    let algorithm = pbes2 - 1 - 11 - 1;
    assert_eq!((der[0], der[1]), (0x30, 0x82));
    vec![3, algorithm, pbes2, kdf, pbkdf2]
}

#[test]
fn threat_k3_an_e_firma_is_refused_as_such() {
    let rfc = Rfc::parse("CACX7605101P8").unwrap();
    let fiel = ca().issue_fiel(&rfc, "XOCHILT CASAS CHAVEZ", "30001000000500009999", FROM, TO).unwrap();
    assert_eq!(Certificate::parse(&fiel.cer_der).unwrap().kind(), CertificateKind::Fiel);
    assert!(matches!(Csd::from_pkcs8_der(&fiel.cer_der, &fiel.pkcs8_der), Err(CsdError::IsFiel)));
    let authority = Certificate::parse(ca().certificate_der()).unwrap();
    assert_eq!(authority.kind(), CertificateKind::Other);
    assert!(matches!(Csd::from_pkcs8_der(authority.der(), &fiel.pkcs8_der), Err(CsdError::NotCsd)));
}

#[test]
fn what_is_no_certificate_is_refused() {
    assert!(matches!(Certificate::parse(b"hola"), Err(CertificateError::Unreadable(_))));
    assert!(matches!(Certificate::parse(&vec![0; 100_000]), Err(CertificateError::TooLarge)));
    assert!(matches!(Certificate::parse(&encrypted()), Err(CertificateError::Unreadable(_))));
    let cut = &issued_csd().cer_der[..500];
    assert!(matches!(Certificate::parse(cut), Err(CertificateError::Unreadable(_))));
    let mut renumbered = issued_csd().cer_der.clone();
    let at = renumbered.windows(20).position(|window| window == CSD_NUMBER.as_bytes()).unwrap();
    renumbered[at + 1] = 0x01;
    assert!(matches!(Certificate::parse(&renumbered), Err(CertificateError::Serial)));
}

/// The SAT writes names with Ñ as T61String in Latin-1: the same bytes here, put in place of the authority's UTF-8.
#[test]
fn an_n_with_tilde_in_latin_1_is_read() {
    let rfc = Rfc::parse("NAM8001019Q8").unwrap();
    let issued = ca().issue_csd(&rfc, "NANDUTI SA", "30001000000500007777", FROM, TO).unwrap();
    let mut der = issued.cer_der.clone();
    for (text, length) in [("NAM8001019Q8 / VADA800927DJ3", 28), ("NANDUTI SA", 10)] {
        let places: Vec<usize> =
            der.windows(text.len()).enumerate().filter(|(_, w)| *w == text.as_bytes()).map(|(i, _)| i).collect();
        assert!(!places.is_empty());
        for at in places {
            assert_eq!(usize::from(der[at - 1]), length);
            der[at - 2] = 0x14;
            der[at] = 0xd1;
        }
    }
    let certificate = Certificate::parse(&der).unwrap();
    assert_eq!(certificate.rfc().unwrap().as_str(), "ÑAM8001019Q8");
    assert_eq!(certificate.name(), "ÑANDUTI SA");
}

#[test]
fn opening_twice_gives_the_same_seal() {
    let again = Csd::load(&issued_csd().cer_der, &encrypted(), PASSWORD).unwrap();
    assert_eq!(again.sign(b"x").unwrap(), csd().sign(b"x").unwrap());
    assert_eq!(csd().sign(b"x").unwrap().len(), 256);
}
