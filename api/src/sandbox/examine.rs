//! What a PAC examines before it stamps, in the SAT's order: structure, seal and certificate, date, then the matrix.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cfdi::Certificate;

use super::authority::Authority;
use super::timeliness::is_timely;
use crate::db::Timestamp;

/// A document that may be stamped.
#[derive(Debug)]
pub struct Examined {
    /// RFC of who issues.
    pub emisor_rfc: String,
    /// RFC of who receives.
    pub receptor_rfc: String,
    /// The seal: the stamp repeats it.
    pub sello: String,
}

/// Why it may not.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SAT's code.
    pub code: String,
    /// The SAT's rule in few words.
    pub message: String,
    /// Where and what.
    pub detail: Option<String>,
}

impl Refusal {
    fn new(code: &str, message: &str, detail: impl Into<String>) -> Refusal {
        Refusal { code: code.to_owned(), message: message.to_owned(), detail: Some(detail.into()) }
    }

    /// The receptor asked to be refused.
    pub fn on_purpose(code: &str) -> Refusal {
        Refusal::new(code, "Rechazo del ensayo.", "Lo pide el RFC del receptor.")
    }
}

/// Codes of the seal and the certificate: they are judged before the matrix.
const OF_THE_SEAL: [&str; 5] = ["302", "CFDI40102", "303", "305", "306"];

/// Examines the bytes as they came. `history` is true for the past that a demo invents.
pub fn examine(authority: &Authority, sealed: &[u8], now: Timestamp, history: bool) -> Result<Examined, Refusal> {
    let malformed = |detail: String| Refusal::new("301", "XML mal formado.", detail);
    let parsed = cfdi::read(sealed).map_err(|error| malformed(chain(&error)))?;
    let comprobante = parsed.comprobante;
    if comprobante.version != "4.0" {
        return Err(malformed(format!("La versión {} ya no se timbra.", comprobante.version)));
    }
    if comprobante.timbre.is_some() {
        return Err(malformed("El comprobante ya trae un timbre, y no es de este PAC.".to_owned()));
    }
    // A complement whose cadena is unknown cannot be examined at all: its seal proves nothing here.
    parsed.cadena_original.map_err(|error| malformed(chain(&error)))?;
    let breaches = cfdi::check(sealed).errors;
    let refused = |of: &dyn Fn(&'static str) -> bool| {
        let found = breaches.iter().find(|breach| of(breach.code));
        found.map_or(Ok(()), |breach| Err(Refusal::new(sat_code(breach.code), &breach.message, breach.path.as_str())))
    };
    refused(&|code| sat_code(code) == "301")?;
    refused(&|code| OF_THE_SEAL.contains(&code))?;
    let certificate = STANDARD.decode(&comprobante.certificado).ok().and_then(|der| Certificate::parse(&der).ok());
    if !certificate.is_some_and(|certificate| authority.issued(&certificate)) {
        let detail = "El ensayo solo acepta certificados de su propia autoridad.";
        return Err(Refusal::new("308", "El certificado no fue expedido por el SAT.", detail));
    }
    if !is_timely(&comprobante.fecha, &comprobante.lugar_expedicion, now.jiff(), history) {
        let detail = format!("Fecha {} en el C.P. {}.", comprobante.fecha, comprobante.lugar_expedicion);
        return Err(Refusal::new("401", "Fecha fuera del rango de 72 horas o en el futuro.", detail));
    }
    refused(&|_| true)?;
    Ok(Examined {
        emisor_rfc: comprobante.emisor.rfc,
        receptor_rfc: comprobante.receptor.rfc,
        sello: comprobante.sello,
    })
}

/// Names of ours, where the SAT has no code, are faults of structure to a PAC.
fn sat_code(code: &'static str) -> &'static str {
    if code.starts_with(|c: char| c.is_ascii_lowercase()) { "301" } else { code }
}

fn chain(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
