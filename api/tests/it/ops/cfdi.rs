//! `ventanilla cfdi check`, `cfdi seal`, `csd inspect`: the tax document from a command line.
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use cfdi::testca::{Issued, TestCa};
use serde_json::{Value, json};

use super::{Ran, command};

/// 2026-01-01 and 2030-01-01.
const FROM: i64 = 1_767_225_600;
const UNTIL: i64 = 1_893_456_000;
const NUMBER: &str = "30001000000500003416";

/// Certificates in a folder, as the SAT would hand them out.
pub(super) struct Hand {
    folder: tempfile::TempDir,
}

impl Hand {
    pub(super) fn new() -> Hand {
        let folder = tempfile::tempdir().unwrap();
        let ca = TestCa::new(FROM, UNTIL).unwrap();
        let rfc = fiscal::Rfc::parse("EKU9003173C9").unwrap();
        let hand = Hand { folder };
        hand.keep("csd", &ca.issue_csd(&rfc, "ESCUELA KEMPER URGATE SA DE CV", NUMBER, FROM, UNTIL).unwrap());
        hand.keep("fiel", &ca.issue_fiel(&rfc, "ESCUELA KEMPER URGATE SA DE CV", NUMBER, FROM, UNTIL).unwrap());
        std::fs::write(hand.path("password"), "a pass word \n").unwrap();
        std::fs::write(hand.path("wrong"), "another").unwrap();
        hand
    }

    fn keep(&self, name: &str, issued: &Issued) {
        let key = cfdi::encrypt_key(&issued.pkcs8_der, b"a pass word ", [1; 8], [2; 8]).unwrap();
        std::fs::write(self.path(&format!("{name}.cer")), &issued.cer_der).unwrap();
        std::fs::write(self.path(&format!("{name}.key")), key).unwrap();
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn keys(&self, name: &str, password: &str) -> Vec<String> {
        let path = |name: String| self.path(&name).to_str().unwrap().to_owned();
        let [cer, key] = ["cer", "key"].map(|end| path(format!("{name}.{end}")));
        ["--cer", &cer, "--key", &key, "--password-file", &path(password.into())].map(str::to_owned).to_vec()
    }

    pub(super) fn seal(&self, draft: &str, more: &[&str]) -> Ran {
        let mut args = vec!["cfdi".to_owned(), "seal".to_owned()];
        args.extend(self.keys("csd", "password"));
        args.extend(more.iter().map(ToString::to_string));
        let mut child =
            command().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(draft.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }
}

pub(super) fn draft() -> Value {
    json!({
        "serie": "A",
        "folio": "7",
        "forma_pago": "01",
        "metodo_pago": "PUE",
        "moneda": "MXN",
        "lugar_expedicion": "06010",
        "emisor": { "rfc": "EKU9003173C9", "nombre": "ESCUELA KEMPER URGATE", "regimen_fiscal": "601" },
        "receptor": {
            "rfc": "QUIA850712AA1", "nombre": "AMARANTA QUINTIL IBARRA", "domicilio_fiscal_receptor": "06010",
            "regimen_fiscal_receptor": "612", "uso_cfdi": "G03",
        },
        "conceptos": [{
            "clave_prod_serv": "50202306", "cantidad": "2", "clave_unidad": "H87", "descripcion": "Refresco",
            "valor_unitario": "10.00", "objeto_imp": "02",
            "traslados": [{ "impuesto": "002", "tipo_factor": "Tasa", "tasa_o_cuota": "0.160000" }],
        }],
    })
}

/// `cfdi check`: exit and one line for each file.
fn check(files: &[&Path]) -> (bool, Vec<Value>) {
    let ran: Ran = command().args(["cfdi", "check"]).args(files).output().unwrap().into();
    (ran.good, ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn a_draft_becomes_a_sealed_document_that_checks() {
    let hand = Hand::new();
    let ran = hand.seal(&draft().to_string(), &["--now", "2026-11-18T18:00:00Z"]);
    assert!(ran.good, "{}", ran.err);
    let sealed = cfdi::read(ran.out.as_bytes()).unwrap().comprobante;
    assert_eq!((sealed.fecha.as_str(), sealed.total.to_string().as_str()), ("2026-11-18T12:00:00", "23.20"));
    assert_eq!(sealed.no_certificado, NUMBER);
    cfdi::verify_sello(ran.out.as_bytes()).unwrap();
    let again = hand.seal(&draft().to_string(), &["--now", "2026-11-18T12:00:00-06:00"]);
    assert_eq!(again.out, ran.out, "the same moment makes the same bytes");
    let mut dated = draft();
    dated["fecha"] = json!("2026-11-17T09:30:00");
    let dated = hand.seal(&dated.to_string(), &["--now", "2026-11-18T18:00:00Z"]);
    assert!(dated.out.contains("Fecha=\"2026-11-17T09:30:00\""), "{}", dated.err);

    let (good, bad) = (hand.path("good.xml"), hand.path("bad.xml"));
    std::fs::write(&good, &ran.out).unwrap();
    std::fs::write(&bad, ran.out.replace("Total=\"23.20\"", "Total=\"23.21\"")).unwrap();
    let (all_ok, lines) = check(&[&good]);
    assert!(all_ok && lines[0]["ok"] == true && lines[0]["errors"] == json!([]), "{lines:?}");
    let (all_ok, lines) = check(&[&good, &bad, &hand.path("none.xml")]);
    assert!(!all_ok);
    assert_eq!(lines.iter().map(|line| line["ok"].as_bool().unwrap()).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(lines[1]["file"], bad.to_str().unwrap());
    let codes: Vec<&str> =
        lines[1]["errors"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"CFDI40119"), "{codes:?}");
    let first = lines[1]["errors"][0].as_object().unwrap();
    assert_eq!(first.keys().collect::<Vec<_>>(), ["code", "message", "path"]);
    assert_eq!(lines[2]["errors"][0]["code"], "unreadable_file");
}

#[test]
fn files_that_are_no_documents_are_told_and_not_read_whole() {
    let folder = tempfile::tempdir().unwrap();
    let files = [("empty", Vec::new()), ("text", b"hello".to_vec()), ("huge", vec![b' '; 6 * 1024 * 1024])];
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let (all_ok, lines) = check(&[&path]);
        assert!(!all_ok && lines.len() == 1 && lines[0]["ok"] == false, "{lines:?}");
    }
    let ran: Ran = command().args(["cfdi", "check", "/dev/zero"]).output().unwrap().into();
    assert!(!ran.good && ran.out.contains("more than"), "{ran:?}");
}

#[test]
fn a_draft_that_makes_no_document_says_why() {
    let hand = Hand::new();
    let now = ["--now", "2026-11-18T18:00:00Z"];
    let told = |change: fn(&mut Value), told: &str, more: &[&str]| {
        let mut draft = draft();
        change(&mut draft);
        let ran = hand.seal(&draft.to_string(), more);
        assert!(!ran.good && ran.out.is_empty() && ran.err.contains(told), "{told}: {ran:?}");
    };
    told(|draft| draft["extra"] = json!(1), "unknown field `extra`", &now);
    told(|draft| draft["conceptos"][0]["cantidad"] = json!(2), "conceptos[0].cantidad", &now);
    told(|draft| draft["receptor"]["regimen_fiscal_receptor"] = json!("605"), "CFDI40161 en ", &now);
    told(|draft| draft["emisor"]["rfc"] = json!("SCA010101AA4"), "el CSD no es del emisor", &now);
    told(|_| {}, "305 en ", &["--now", "2031-01-01T00:00:00Z"]);
    assert!(!hand.seal("", &now).good);
}

#[test]
fn a_csd_says_whose_it_is_and_an_e_firma_is_refused() {
    let hand = Hand::new();
    let inspect = |name: &str, password: &str| -> Ran {
        command().args(["csd", "inspect"]).args(hand.keys(name, password)).output().unwrap().into()
    };
    let ran = inspect("csd", "password");
    assert!(ran.good, "{ran:?}");
    assert_eq!(
        serde_json::from_str::<Value>(&ran.out).unwrap(),
        json!({
            "rfc": "EKU9003173C9", "name": "ESCUELA KEMPER URGATE SA DE CV", "serial": NUMBER,
            "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2030-01-01T00:00:00Z", "production": false,
        })
    );
    for (name, password, told) in [("fiel", "password", "e.firma"), ("csd", "wrong", "la contraseña no abre")] {
        let ran = inspect(name, password);
        assert!(!ran.good && ran.out.is_empty() && ran.err.contains(told), "{ran:?}");
    }
    let mut swapped = hand.keys("csd", "password");
    swapped[3] = hand.path("fiel.key").to_str().unwrap().to_owned();
    let ran: Ran = command().args(["csd", "inspect"]).args(swapped).output().unwrap().into();
    assert!(ran.err.contains("no corresponde al certificado"), "{ran:?}");
}
