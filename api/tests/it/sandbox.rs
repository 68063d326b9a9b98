//! The rehearsal's PAC as a client sees it: what it stamps, what it refuses, and how it misbehaves when asked.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::billing::pac::{HttpPac, Pac, PacError, StampedXml};
use api::clock::{Clock, Ids, SystemRandomness};
use api::config;
use api::sandbox::authority::Authority;
use api::sandbox::{self, Running, SandboxConfig};
use cfdi::{Certificate, Csd, timbre};
use rustls::{ServerConnection, StreamOwned};
use secrecy::SecretString;
use serde_json::json;

use crate::mail::tls;
use crate::support::{ManualClock, Sink};

const NOW: &str = "2026-11-18T18:00:00Z";
const FECHA: &str = "2026-11-18T11:59:00";
const EMISOR: (&str, &str) = ("SCA010101AA4", "SUMINISTROS COLIBRI AZUL");

/// A sandbox and a company that seals for it.
struct Rehearsal {
    folder: tempfile::TempDir,
    running: Running,
    csd: Csd,
    ids: Ids,
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(NOW))
}

fn ids() -> Ids {
    Ids::new(clock(), Arc::new(SystemRandomness))
}

async fn listen(folder: &Path) -> Running {
    let config = SandboxConfig {
        data_dir: folder.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        token: Some(SecretString::from("a token")),
    };
    sandbox::start(config, clock(), ids()).await.unwrap()
}

fn csd_of(folder: &Path, ids: &Ids) -> Csd {
    let now = clock().now();
    let issued = Authority::open(folder, now, ids).unwrap().issue_csd(EMISOR.0, EMISOR.1, now, ids).unwrap();
    Csd::from_pkcs8_der(&issued.cer_der, &issued.pkcs8_der).unwrap()
}

impl Rehearsal {
    async fn start() -> Rehearsal {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let (running, ids) = (listen(folder.path()).await, ids());
        let csd = csd_of(folder.path(), &ids);
        Rehearsal { folder, running, csd, ids }
    }

    fn pac(&self) -> HttpPac {
        self.patient_pac(10)
    }

    fn patient_pac(&self, timeout_seconds: u64) -> HttpPac {
        let settings = config::Pac { timeout_seconds, ..config::Pac::default() };
        HttpPac::new(&self.running.base_url, SecretString::from("a token"), &settings, true).unwrap()
    }

    fn sealed(&self, folio: &str, receptor: &str) -> String {
        sealed(&self.csd, folio, receptor, FECHA)
    }
}

fn sealed(csd: &Csd, folio: &str, receptor: &str, fecha: &str) -> String {
    let draft = json!({
        "serie": "T", "folio": folio, "fecha": fecha, "forma_pago": "28", "metodo_pago": "PUE", "moneda": "MXN",
        "lugar_expedicion": "06010",
        "emisor": { "rfc": EMISOR.0, "nombre": EMISOR.1, "regimen_fiscal": "601" },
        "receptor": {
            "rfc": receptor, "nombre": "TALLER AMANECER", "domicilio_fiscal_receptor": "06010",
            "regimen_fiscal_receptor": "601", "uso_cfdi": "G03",
        },
        "conceptos": [{
            "clave_prod_serv": "14111514", "cantidad": "2", "clave_unidad": "H87", "descripcion": "Cuaderno raya",
            "valor_unitario": "50.00", "objeto_imp": "02",
            "traslados": [{ "impuesto": "002", "tipo_factor": "Tasa", "tasa_o_cuota": "0.16" }],
        }],
    });
    let draft: cfdi::Draft = serde_json::from_value(draft).unwrap();
    cfdi::seal(cfdi::build(&draft).unwrap(), csd).unwrap().xml
}

#[track_caller]
fn code(answer: Result<StampedXml, PacError>) -> String {
    match answer {
        Err(PacError::Refused { sat_code, .. }) => sat_code,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

#[track_caller]
fn silence(answer: Result<StampedXml, PacError>) -> String {
    match answer {
        Err(PacError::Silent { reason }) => reason,
        other => panic!("expected no answer, not {other:?}"),
    }
}

#[tokio::test]
async fn a_stamp_is_ours_and_verifies() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "TAM010101AAA");
    let stamped = rehearsal.pac().stamp(&sealed, "one").await.unwrap();
    let timbre = timbre::accept(sealed.as_bytes(), stamped.0.as_bytes()).unwrap();
    assert_eq!(timbre.fecha_timbrado, "2026-11-18T12:00:00");
    assert!(Certificate::parse(&rehearsal.running.sat_certificate_der).unwrap().verify_timbre(&timbre));
    assert!(cfdi::check(stamped.0.as_bytes()).is_ok());
}

#[tokio::test]
async fn the_same_bytes_have_one_stamp_for_ever() {
    let Rehearsal { folder, running, csd, ids } = Rehearsal::start().await;
    let rehearsal = Rehearsal { folder, running, csd, ids };
    let sealed = rehearsal.sealed("1", "TAM010101AAA");
    let first = rehearsal.pac().stamp(&sealed, "one").await.unwrap();
    assert_eq!(rehearsal.pac().stamp(&sealed, "one").await.unwrap(), first);
    assert_eq!(rehearsal.pac().stamp(&sealed, "another").await.unwrap(), first);
    let Rehearsal { folder, running, csd, ids } = rehearsal;
    running.stop().await;
    let again = Rehearsal { running: listen(folder.path()).await, folder, csd, ids };
    assert_eq!(again.pac().stamp(&sealed, "one").await.unwrap(), first);
}

#[tokio::test]
async fn sixteen_at_once_get_one_stamp() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "TAM010101AAA");
    let pac = rehearsal.pac();
    let answers = futures::future::join_all((0..16).map(|_| pac.stamp(&sealed, "one"))).await;
    let stamps: Vec<StampedXml> = answers.into_iter().map(Result::unwrap).collect();
    assert!(stamps.iter().all(|stamp| *stamp == stamps[0]));
}

#[tokio::test]
async fn a_reference_belongs_to_one_document() {
    let rehearsal = Rehearsal::start().await;
    rehearsal.pac().stamp(&rehearsal.sealed("1", "TAM010101AAA"), "one").await.unwrap();
    let answer = rehearsal.pac().stamp(&rehearsal.sealed("2", "TAM010101AAA"), "one").await;
    assert!(silence(answer).contains("stamped before"));
}

#[tokio::test]
async fn what_the_sat_would_refuse_is_refused_with_its_code() {
    let rehearsal = Rehearsal::start().await;
    let pac = rehearsal.pac();
    let good = rehearsal.sealed("1", "TAM010101AAA");
    assert_eq!(code(pac.stamp("<nothing", "r1").await), "301");
    assert_eq!(code(pac.stamp(&good.replace("Cuaderno raya", "Cuaderno roto"), "r2").await), "CFDI40102");
    let old = sealed(&rehearsal.csd, "2", "TAM010101AAA", "2026-11-15T11:59:59");
    assert_eq!(code(pac.stamp(&old, "r3").await), "401");
    let future = sealed(&rehearsal.csd, "3", "TAM010101AAA", "2026-11-18T12:30:00");
    assert_eq!(code(pac.stamp(&future, "r4").await), "401");
    let elsewhere = tempfile::tempdir().unwrap();
    let foreign = sealed(&csd_of(elsewhere.path(), &rehearsal.ids), "4", "TAM010101AAA", FECHA);
    assert_eq!(code(pac.stamp(&foreign, "r5").await), "308");
    let stamped = pac.stamp(&good, "r6").await.unwrap();
    assert_eq!(code(pac.stamp(&stamped.0, "r7").await), "301");
}

#[tokio::test]
async fn a_receptor_can_ask_for_any_refusal() {
    let rehearsal = Rehearsal::start().await;
    for (receptor, expected) in [("RCH010101145", "CFDI40145"), ("RCH010101402", "402")] {
        let sealed = rehearsal.sealed("1", receptor);
        assert_eq!(code(rehearsal.pac().stamp(&sealed, receptor).await), expected);
        assert_eq!(code(rehearsal.pac().stamp(&sealed, receptor).await), expected);
    }
}

#[tokio::test]
async fn an_answer_lost_on_the_way_is_found_again() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "PER010101001");
    silence(rehearsal.pac().stamp(&sealed, "one").await);
    let stamped = rehearsal.pac().stamp(&sealed, "one").await.unwrap();
    timbre::accept(sealed.as_bytes(), stamped.0.as_bytes()).unwrap();
}

#[tokio::test]
async fn a_client_that_gives_up_still_has_its_stamp() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "LEN010101002");
    assert!(silence(rehearsal.patient_pac(1).stamp(&sealed, "one").await).contains("in time"));
    let first = rehearsal.pac().stamp(&sealed, "one").await.unwrap();
    assert_eq!(rehearsal.pac().stamp(&sealed, "one").await.unwrap(), first);
}

#[tokio::test]
async fn a_pac_that_is_down_comes_back() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "CAI010101002");
    for _ in 0..2 {
        assert!(silence(rehearsal.pac().stamp(&sealed, "one").await).contains("503"));
    }
    rehearsal.pac().stamp(&sealed, "one").await.unwrap();
}

#[tokio::test]
async fn strangers_and_oversized_bodies_are_turned_away() {
    let rehearsal = Rehearsal::start().await;
    let sealed = rehearsal.sealed("1", "TAM010101AAA");
    let settings = config::Pac::default();
    let stranger = HttpPac::new(&rehearsal.running.base_url, SecretString::from("no"), &settings, true).unwrap();
    assert!(silence(stranger.stamp(&sealed, "one").await).contains("401"));
    silence(rehearsal.pac().stamp(&"x".repeat(7 * 1024 * 1024), "two").await);
    let small = config::Pac { answer_max_bytes: 100, ..config::Pac::default() };
    let hasty = HttpPac::new(&rehearsal.running.base_url, SecretString::from("a token"), &small, true).unwrap();
    assert!(silence(hasty.stamp(&sealed, "three").await).contains("more than 100 bytes"));
    // It was stamped all the same, and a client that reads enough gets it.
    rehearsal.pac().stamp(&sealed, "three").await.unwrap();
}

/// Somebody who answers in the PAC's name: `conversation` has the connection once a request began.
fn impostor(conversation: impl Fn(TcpStream) -> std::io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It ends with the tests' process; a client that hangs up is what is wanted of it.
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // What came before a request would be no answer to it.
            stream.peek(&mut [0]).and_then(|_| conversation(stream)).unwrap_or_default();
        }
    });
    format!("localhost:{port}")
}

fn asked_at(base: &str, settings: &config::Pac, rehearsal: bool) -> HttpPac {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    HttpPac::new(base, SecretString::from("a token"), settings, rehearsal).unwrap()
}

#[tokio::test]
async fn i4_a_pac_that_sends_us_elsewhere_is_not_followed() {
    let elsewhere = Sink::open();
    let target = format!("location: {}/v4/cfdi33/stamp/v4\r\n", elsewhere.base);
    for status in [301, 302, 303, 307, 308] {
        let target = target.clone();
        let pac = Sink::answering(move |_posted| (status, target.clone()));
        let told = asked_at(&pac.base, &config::Pac::default(), true).stamp("<sealed/>", "one").await;
        assert!(
            silence(told).contains(&status.to_string()),
            "it may be stamped, so the same bytes are asked for again"
        );
        assert_eq!(pac.empty().len(), 1);
    }
    assert!(elsewhere.empty().is_empty(), "neither the document nor the token went there");
}

#[tokio::test]
async fn i4_a_pac_that_answers_without_end_or_by_drops_is_cut_off() {
    let endless = impostor(|mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(&[b' '; 4_096])?;
        }
    });
    let bounded = config::Pac { answer_max_bytes: 100_000, ..config::Pac::default() };
    let told = asked_at(&format!("http://{endless}"), &bounded, true).stamp("<sealed/>", "one").await;
    assert_eq!(silence(told), "an answer of more than 100000 bytes");

    // Each drop comes in time, the whole does not.
    let dripping = impostor(|mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        loop {
            stream.write_all(b" ")?;
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let hasty = config::Pac { timeout_seconds: 1, ..config::Pac::default() };
    let told = asked_at(&format!("http://{dripping}"), &hasty, true).stamp("<sealed/>", "one").await;
    assert!(silence(told).contains("no answer in time"));
    let usual = config::Pac::default();
    assert!(usual.connect_timeout_seconds <= 5 && usual.timeout_seconds <= 30, "{usual:?}");
}

#[tokio::test]
async fn i4_a_pac_with_a_certificate_of_nobody_is_told_nothing() {
    let authority = tls::Authority::new();
    let (say, heard) = std::sync::mpsc::channel();
    let server = authority.server.clone();
    let place = impostor(move |stream| {
        let begun = ServerConnection::new(server.clone()).map_err(std::io::Error::other)?;
        let mut first = [0];
        let read = StreamOwned::new(begun, stream).read(&mut first);
        // Nobody listens any more once the test is over.
        say.send(read.is_ok_and(|bytes| bytes > 0)).unwrap_or_default();
        Ok(())
    });
    let told = asked_at(&format!("https://{place}"), &config::Pac::default(), false).stamp("<sealed/>", "one").await;
    assert!(silence(told).to_lowercase().contains("certificate"));
    assert!(!heard.recv().unwrap(), "a byte of the request reached whoever it was");
}
