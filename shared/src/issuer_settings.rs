//! An issuer as its operators set it up: who it is, where it sells, and what it seals with.
use fiscal::{CodigoPostal, Email, Nombre, RegimenFiscal, Rfc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;
use crate::accounts::Secret;
use crate::issuers::TicketPicture;
use crate::payments::RateSource;
use crate::problem::{FieldCode, FieldErrors};

/// Longest name of an issuer or a branch, in characters.
pub const NAME_MAX: usize = 100;
/// Longest short name of an issuer.
pub const SLUG_MAX: usize = 40;
/// Lines of an address, and of a block of a drawn ticket.
pub const LINES_MAX: usize = 8;
/// Longest of those lines, in characters.
pub const LINE_MAX: usize = 80;
/// Longest serie that a CFDI takes leaves room for a folio: ours are shorter.
pub const SERIE_MAX: usize = 10;
/// Most days after the month of the sale in which a ticket may be invoiced.
pub const GRACE_DAYS_MAX: i64 = 366;
/// Most stamps a day that may be allowed (K6).
pub const STAMPS_A_DAY_MAX: i64 = 1_000_000;
/// Longest text at the foot of an issuer's pages, in characters.
pub const FOOTER_MAX: usize = 200;
/// Names that stand for something else in addresses.
const SLUGS_TAKEN: [&str; 2] = ["default", "e"];

/// An issuer's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuerSettings {
    /// The name in addresses: `/e/{slug}`. Never changes.
    pub slug: String,
    /// RFC. Never changes: every document of it names it.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// The name its customers know.
    pub commercial_name: String,
    /// Mailbox a customer may write to.
    pub support_email: String,
    /// Colour of its pages and prints, `#rrggbb`.
    pub brand_color: String,
    /// Address of its logo; none when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// Tax domicile, as printed.
    pub address_lines: Vec<String>,
    /// Language of its pages when the person has chosen none.
    pub language: Lang,
    /// Whether its pages stand at `/`.
    pub is_default: bool,
    /// Stamps a day before issuing stops.
    pub daily_stamp_ceiling: i64,
    /// IANA zone of its accounts' clock: due days, the days and months of payments.
    pub time_zone: String,
    /// What its pages say at their foot; may be empty.
    #[serde(default)]
    pub footer: String,
    /// At which rate its invoices in other currencies are paid; absent: as the server is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_policy: Option<RateSource>,
    /// What it can seal with, the newest first; at most a hundred.
    pub certificates: Vec<CertificateView>,
}

/// A certificate with its key. The key is never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CertificateView {
    /// Ours.
    pub id: Uuid,
    /// The SAT's twenty digits.
    pub certificate_number: String,
    /// First instant it is good for; RFC 3339, UTC.
    pub valid_from: String,
    /// First instant it is no longer good for; RFC 3339, UTC.
    pub valid_until: String,
    /// Stopped by an operator; RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
}

/// A new issuer of the installation. The first one stands at `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewIssuer {
    /// The name in addresses: small letters, digits and hyphens.
    pub slug: String,
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register, without the régimen societario (S.A. de C.V.).
    pub nombre: String,
    /// What can be changed later too.
    pub settings: ChangeIssuer,
}

/// What can be changed of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangeIssuer {
    /// c_RegimenFiscal, one that fits the RFC's kind of person.
    pub regimen: String,
    /// The name its customers know.
    pub commercial_name: String,
    /// Mailbox a customer may write to.
    pub support_email: String,
    /// Colour of its pages and prints, `#rrggbb`.
    pub brand_color: String,
    /// Tax domicile, as printed: up to eight lines of 80 characters.
    pub address_lines: Vec<String>,
    /// Language of its pages when the person has chosen none.
    pub language: Lang,
    /// Stamps a day before issuing stops, up to a million.
    pub daily_stamp_ceiling: i64,
    /// IANA zone of its accounts' clock: due days, the days and months of payments. Branches have their own.
    #[serde(default = "central")]
    pub time_zone: String,
    /// What its pages say at their foot: one line of up to 200 characters, or nothing.
    #[serde(default)]
    pub footer: String,
    /// At which rate its invoices in other currencies are paid: the one printed on each, or the one of the day; when absent,
    /// as the server is set. Payments that are ordered keep theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_policy: Option<RateSource>,
}

/// Where most of the country lives.
fn central() -> String {
    "America/Mexico_City".to_owned()
}

/// A place that sells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BranchSettings {
    /// Ours.
    pub id: Uuid,
    /// What was set.
    pub settings: SaveBranch,
}

/// What is set of a branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveBranch {
    /// The name printed on its tickets; the integrators' `branch`.
    pub name: String,
    /// Postal code: LugarExpedicion of its invoices.
    pub postal_code: String,
    /// City and state, as text.
    pub city: String,
    /// IANA zone of its clock, `America/Mexico_City`.
    pub time_zone: String,
    /// Serie of its invoices: up to ten letters and digits.
    pub serie: String,
    /// Days after the month of the sale in which a ticket can still be invoiced, up to 366.
    pub invoicing_grace_days: i64,
    /// How its paper ticket looks.
    pub ticket: TicketPicture,
    /// `false` takes it out of the guests' list; its tickets stay.
    pub active: bool,
}

/// A sealing certificate with its key, as the SAT gave the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UploadCsd {
    /// The `.cer` file, base64.
    pub certificate: String,
    /// The `.key` file, base64.
    pub key: Secret,
    /// The key's password. It is not kept.
    pub password: Secret,
}

/// A logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewLogo {
    /// The file, base64.
    pub image: String,
}

/// A branch that was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedBranch {
    /// Ours.
    pub id: Uuid,
}

/// What can be changed, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedSettings {
    /// Tax regime.
    pub regimen: RegimenFiscal,
    /// Trimmed.
    pub commercial_name: String,
    /// Mailbox.
    pub support_email: Email,
    /// `#` and six hexadecimal digits, small.
    pub brand_color: String,
    /// Trimmed, empty ones dropped.
    pub address_lines: Vec<String>,
    /// At the foot of its pages.
    pub footer: String,
}

/// A new issuer, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedIssuer {
    /// Short name.
    pub slug: String,
    /// RFC.
    pub rfc: Rfc,
    /// Name.
    pub nombre: Nombre,
    /// The rest.
    pub settings: ParsedSettings,
}

impl NewIssuer {
    /// The issuer, or all that is wrong.
    pub fn parse(&self) -> Result<ParsedIssuer, FieldErrors> {
        let mut errors = FieldErrors::default();
        let slug = slug(&self.slug, &mut errors);
        let rfc = crate::billing::parse_receptor_rfc(&self.rfc);
        let nombre = Nombre::parse(&self.nombre);
        if nombre.is_err() {
            errors.add(
                "/nombre",
                if self.nombre.trim().is_empty() { FieldCode::Required } else { FieldCode::Characters },
            );
        }
        if let Err(code) = rfc {
            errors.add("/rfc", code);
        }
        let settings = self.settings.read("/settings", rfc.as_ref().ok(), &mut errors);
        match (slug, rfc, nombre, settings) {
            (Some(slug), Ok(rfc), Ok(nombre), Some(settings)) if errors.is_empty() => {
                Ok(ParsedIssuer { slug, rfc, nombre, settings })
            }
            _ => Err(errors),
        }
    }
}

impl ChangeIssuer {
    /// The settings of an issuer with this RFC, or all that is wrong.
    pub fn parse(&self, rfc: &Rfc) -> Result<ParsedSettings, FieldErrors> {
        let mut errors = FieldErrors::default();
        let settings = self.read("", Some(rfc), &mut errors);
        settings.filter(|_| errors.is_empty()).ok_or(errors)
    }

    fn read(&self, at: &str, rfc: Option<&Rfc>, errors: &mut FieldErrors) -> Option<ParsedSettings> {
        let place = |name: &str| format!("{at}/{name}");
        let regimen = RegimenFiscal::parse(self.regimen.trim()).ok();
        match (regimen, rfc) {
            (None, _) => errors.add(place("regimen"), FieldCode::NotInCatalog),
            (Some(regimen), Some(rfc)) if !regimen.allows(rfc.persona()) => {
                errors.add(place("regimen"), FieldCode::RegimenPersona);
            }
            _ => {}
        }
        let commercial_name = text(&self.commercial_name, NAME_MAX, place("commercial_name"), errors);
        let support_email = Email::parse(&self.support_email).ok();
        if support_email.is_none() {
            errors.add(place("support_email"), FieldCode::Email);
        }
        let brand_color = self.brand_color.trim().to_ascii_lowercase();
        let digits = brand_color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            errors.add(place("brand_color"), FieldCode::Color);
        }
        let address_lines = lines(&self.address_lines, &place("address_lines"), errors);
        if !(1..=STAMPS_A_DAY_MAX).contains(&self.daily_stamp_ceiling) {
            errors.add(place("daily_stamp_ceiling"), FieldCode::Number);
        }
        let footer = self.footer.trim();
        if footer.chars().count() > FOOTER_MAX {
            errors.add(place("footer"), FieldCode::TooLong);
        } else if footer.chars().any(char::is_control) {
            errors.add(place("footer"), FieldCode::Characters);
        }
        Some(ParsedSettings {
            regimen: regimen?,
            commercial_name: commercial_name?,
            support_email: support_email?,
            brand_color,
            address_lines,
            footer: footer.to_owned(),
        })
    }
}

impl SaveBranch {
    /// Its postal code, or all that is wrong. The time zone is for the server, which knows the zones.
    pub fn parse(&self) -> Result<CodigoPostal, FieldErrors> {
        let mut errors = FieldErrors::default();
        text(&self.name, NAME_MAX, "/name".into(), &mut errors);
        text(&self.city, NAME_MAX, "/city".into(), &mut errors);
        let postal_code = CodigoPostal::parse(&self.postal_code).ok();
        if postal_code.is_none() {
            errors.add("/postal_code", FieldCode::PostalCode);
        }
        let serie = self.serie.as_str();
        if serie.is_empty() {
            errors.add("/serie", FieldCode::Required);
        } else if serie.len() > SERIE_MAX {
            errors.add("/serie", FieldCode::TooLong);
        } else if !serie.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            errors.add("/serie", FieldCode::Characters);
        }
        if !(0..=GRACE_DAYS_MAX).contains(&self.invoicing_grace_days) {
            errors.add("/invoicing_grace_days", FieldCode::Number);
        }
        picture(&self.ticket, &mut errors);
        postal_code.filter(|_| errors.is_empty()).ok_or(errors)
    }
}

fn slug(typed: &str, errors: &mut FieldErrors) -> Option<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let code = if typed.is_empty() {
        FieldCode::Required
    } else if typed.len() > SLUG_MAX {
        FieldCode::TooLong
    } else if !typed.chars().all(plain) || typed.starts_with('-') || typed.ends_with('-') {
        FieldCode::Characters
    } else if SLUGS_TAKEN.contains(&typed) {
        FieldCode::Taken
    } else {
        return Some(typed.to_owned());
    };
    errors.add("/slug", code);
    None
}

fn text(typed: &str, max: usize, at: String, errors: &mut FieldErrors) -> Option<String> {
    let text = typed.trim();
    let code = if text.is_empty() {
        FieldCode::Required
    } else if text.chars().count() > max {
        FieldCode::TooLong
    } else if text.chars().any(char::is_control) {
        FieldCode::Characters
    } else {
        return Some(text.to_owned());
    };
    errors.add(at, code);
    None
}

fn lines(typed: &[String], at: &str, errors: &mut FieldErrors) -> Vec<String> {
    let kept: Vec<String> = typed.iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
    if kept.len() > LINES_MAX || kept.iter().any(|line| line.chars().count() > LINE_MAX) {
        errors.add(at, FieldCode::TooLong);
    } else if kept.iter().any(|line| line.chars().any(char::is_control)) {
        errors.add(at, FieldCode::Characters);
    }
    kept
}

/// Every text of a drawn ticket is short: it stands beside a form on a phone.
fn picture(ticket: &TicketPicture, errors: &mut FieldErrors) {
    lines(&ticket.head, "/ticket/head", errors);
    lines(&ticket.foot, "/ticket/foot", errors);
    let example = &ticket.example;
    let labels = [
        (&ticket.date_label, "/ticket/date_label"),
        (&ticket.order_label, "/ticket/order_label"),
        (&ticket.ticket_label, "/ticket/ticket_label"),
        (&ticket.total_label, "/ticket/total_label"),
        (&ticket.payment_label, "/ticket/payment_label"),
    ];
    for (label, at) in labels {
        if label.chars().count() > LINE_MAX {
            errors.add(at, FieldCode::TooLong);
        }
    }
    let values = [&example.date, &example.order, &example.ticket, &example.subtotal, &example.total, &example.payment];
    let singles = values.into_iter().chain([&example.tax.0, &example.tax.1]);
    let rows = example.lines.iter().flat_map(|(words, amount)| [words, amount]);
    if example.lines.len() > LINES_MAX || singles.chain(rows).any(|text| text.chars().count() > LINE_MAX) {
        errors.add("/ticket/example", FieldCode::TooLong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> ChangeIssuer {
        ChangeIssuer {
            regimen: "601".into(),
            commercial_name: " Colibrí ".into(),
            support_email: "ayuda@colibri.example".into(),
            brand_color: "#0B6470".into(),
            address_lines: vec!["Calle 1".into(), "  ".into()],
            language: Lang::Es,
            daily_stamp_ceiling: 5_000,
            time_zone: central(),
            footer: " Av. Juárez 1 ".into(),
            rate_policy: None,
        }
    }

    #[test]
    fn settings_are_read_or_every_fault_is_told() {
        let rfc = Rfc::parse("SCA010101AA4").unwrap();
        let read = change().parse(&rfc).unwrap();
        assert_eq!((read.commercial_name.as_str(), read.brand_color.as_str()), ("Colibrí", "#0b6470"));
        assert_eq!(read.address_lines, ["Calle 1"]);
        assert_eq!(read.footer, "Av. Juárez 1");
        let wrong = ChangeIssuer {
            regimen: "605".into(),
            support_email: "nobody".into(),
            brand_color: "red".into(),
            daily_stamp_ceiling: 0,
            footer: "uno\ndos".into(),
            ..change()
        };
        let errors = wrong.parse(&rfc).unwrap_err();
        assert_eq!(errors.of("/regimen"), Some(FieldCode::RegimenPersona));
        assert_eq!(errors.of("/support_email"), Some(FieldCode::Email));
        assert_eq!(errors.of("/brand_color"), Some(FieldCode::Color));
        assert_eq!(errors.of("/daily_stamp_ceiling"), Some(FieldCode::Number));
        assert_eq!(errors.of("/footer"), Some(FieldCode::Characters));
    }

    #[test]
    fn a_new_issuer_has_a_name_for_addresses_and_an_rfc_of_its_own() {
        let new = |slug: &str, rfc: &str| {
            let nombre = "SUMINISTROS COLIBRI AZUL".into();
            NewIssuer { slug: slug.into(), rfc: rfc.into(), nombre, settings: change() }.parse()
        };
        assert!(new("colibri-azul", "SCA010101AA4").is_ok());
        assert_eq!(new("default", "SCA010101AA4").unwrap_err().of("/slug"), Some(FieldCode::Taken));
        assert_eq!(new("Azul", "SCA010101AA4").unwrap_err().of("/slug"), Some(FieldCode::Characters));
        assert_eq!(new("azul", "XAXX010101000").unwrap_err().of("/rfc"), Some(FieldCode::RfcGeneric));
    }
}
