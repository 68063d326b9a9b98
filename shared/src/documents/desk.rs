//! Documents at an issuer's desk: brought in by hand, found again, taken back.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::integrators::{DocumentResource, Proved};

/// Longest name of a file that is brought in, in characters.
pub const FILE_NAME_MAX: usize = 200;

/// A file that was brought in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BroughtDocument {
    /// The document.
    pub document: DocumentResource,
    /// It was not there before.
    pub is_new: bool,
    /// Somebody can see it: its receptor has an account here.
    pub has_reader: bool,
    /// The issuer's seal; of a CFDI.
    pub seal: Proved,
    /// The SAT's seal in the stamp; of a CFDI.
    pub stamp: Proved,
    /// Codes of a CFDI that the SAT's lists at hand do not have on its day, each once; at most 20. It was taken all the same.
    #[serde(default)]
    pub unlisted: Vec<UnlistedCode>,
}

/// A code that its list at the SAT does not have on the document's day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnlistedCode {
    /// As `ventanilla cfdi check` calls it: the SAT's rejection code, or `postal_code_not_listed`.
    pub code: String,
    /// Where it stands first: `/cfdi:Comprobante/@LugarExpedicion`.
    pub path: String,
    /// The list: `c_ClaveProdServ`, `c_ClaveUnidad`, `c_CodigoPostal`, `c_Pais`.
    pub list: String,
    /// The document's code.
    pub value: String,
    /// First day on which it may be used, where that is after the document's. Without either day it is not in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day on which it could be used, where that is before the document's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// A document in the desk's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskDocument {
    /// The document.
    pub document: DocumentResource,
    /// It was made elsewhere, so that it can be withdrawn: what was issued here cannot.
    pub is_published: bool,
    /// When it was withdrawn, RFC 3339 UTC. From then on it is there for nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<String>,
}

/// What a withdrawal found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeskWithdrawal {
    /// Which.
    pub id: Uuid,
    /// Who had it before, the newest first; at most 200.
    pub had: Vec<HadByWhom>,
}

/// Somebody had a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HadByWhom {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// `document.view`, `document.download`, `document.mail` or `document.opened_by_link`; more may be added.
    pub act: String,
    /// The person's mail address. Absent: a program, or whoever had a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

/// The serie and the folio of a paper's number as it is printed: `RP-201` is number 201 of RP. A statement has no serie.
pub fn paper_number<'a>(kind: &str, printed: &'a str) -> (&'a str, &'a str) {
    printed.rsplit_once('-').filter(|_| kind == "recibo").unwrap_or(("", printed))
}

/// What the name of a PDF says of it: `estado_005300_171001_2017-10-01_743.97.pdf`,
/// `recibo_TAM010203ABA_RP-201_2017-10-01T13-45-00_1200.00_USD.pdf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperName {
    /// `recibo` or `estado_de_cuenta`.
    pub kind: &'static str,
    /// Whose, by RFC.
    pub rfc: Option<String>,
    /// Whose, by contract.
    pub contract: Option<String>,
    /// May be empty.
    pub serie: String,
    /// Folio, or the statement's number.
    pub number: String,
    /// `YYYY-MM-DDThh:mm:ss`.
    pub issued_at: String,
    /// Decimal text.
    pub total: String,
    /// When it is said.
    pub currency: Option<String>,
}

impl PaperName {
    /// Reads it; `None` when the name is not of that form. Whether what it says is right is judged with the document.
    pub fn parse(file: &str) -> Option<PaperName> {
        let (stem, extension) = file.rsplit_once('.')?;
        if !extension.eq_ignore_ascii_case("pdf") {
            return None;
        }
        let parts: Vec<&str> = stem.split('_').map(str::trim).collect();
        let ([kind, whose, number, at, total], currency) = match parts.as_slice() {
            [kind, whose, number, at, total] => ([kind, whose, number, at, total], None),
            [kind, whose, number, at, total, currency] => ([kind, whose, number, at, total], Some(*currency)),
            _ => return None,
        };
        let kind = match kind.to_ascii_lowercase().as_str() {
            "estado" | "estado-de-cuenta" | "edc" => "estado_de_cuenta",
            "recibo" => "recibo",
            _ => return None,
        };
        let (serie, number) = paper_number(kind, number);
        let is_rfc = fiscal::Rfc::parse(whose).is_ok();
        let whose = (!whose.is_empty()).then(|| (*whose).to_owned())?;
        Some(PaperName {
            kind,
            rfc: is_rfc.then(|| whose.clone()),
            contract: (!is_rfc).then_some(whose),
            serie: serie.to_owned(),
            number: number.to_owned(),
            issued_at: instant(at)?,
            total: (*total).to_owned(),
            currency: currency.map(str::to_ascii_uppercase),
        })
    }
}

/// `2017-10-01` or `2017-10-01T13-45-00`: a file's name cannot hold a colon everywhere.
fn instant(text: &str) -> Option<String> {
    let (day, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00-00-00"));
    let shaped = |text: &str, like: &str| {
        text.len() == like.len()
            && text
                .bytes()
                .zip(like.bytes())
                .all(|(is, like)| if like == b'0' { is.is_ascii_digit() } else { is == like })
    };
    (shaped(day, "0000-00-00") && shaped(time, "00-00-00")).then(|| [day, "T", &time.replace('-', ":")].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_whose_it_is_and_what() {
        let statement = PaperName::parse("estado_005300_171001_2017-10-01_743.97.PDF").unwrap();
        assert_eq!((statement.kind, statement.contract.as_deref()), ("estado_de_cuenta", Some("005300")));
        assert_eq!((statement.number.as_str(), statement.issued_at.as_str()), ("171001", "2017-10-01T00:00:00"));
        assert_eq!((statement.rfc, statement.currency), (None, None));
        let receipt = PaperName::parse("Recibo_TAM010203ABA_RP-201_2017-10-01T13-45-00_1200.00_usd.pdf").unwrap();
        assert_eq!((receipt.kind, receipt.rfc.as_deref(), receipt.contract), ("recibo", Some("TAM010203ABA"), None));
        assert_eq!((receipt.serie.as_str(), receipt.number.as_str()), ("RP", "201"));
        assert_eq!((receipt.issued_at.as_str(), receipt.currency.as_deref()), ("2017-10-01T13:45:00", Some("USD")));
    }

    #[test]
    fn another_name_says_nothing() {
        for name in [
            "",
            "171001.pdf",
            "estado_005300_171001_2017-10-01_743.97.xml",
            "estado_005300_171001_2017-10-1_743.97.pdf",
            "estado__171001_2017-10-01_743.97.pdf",
            "factura_005300_171001_2017-10-01_743.97.pdf",
            "estado_005300_171001_2017-10-01_743.97_MXN_x.pdf",
            "estado_005300_171001_hoyññññññ_743.97.pdf",
        ] {
            assert_eq!(PaperName::parse(name), None, "{name}");
        }
    }
}
