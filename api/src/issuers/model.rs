//! Issuers, branches and certificates as the rest of the house sees them, and whose rows a statement may touch.
use std::fmt;

use fiscal::{CodigoPostal, Email, Nombre, RegimenFiscal, Rfc};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use shared::Lang;
use shared::issuers::TicketPicture;
use shared::payments::RateSource;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::db::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a row or a new id.
            pub const fn new(id: Uuid) -> $name {
                $name(id)
            }

            /// For a bind.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// An issuing company of this installation.
    IssuerId;
    /// A place that sells.
    BranchId;
    /// A certificate with its sealing key.
    CsdId;
}

/// The wall between issuers: every store function of an issuer's rows takes one, never a bare id. It is made by
/// this domain's service, from a public slug or from a row that already carries the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    issuer: IssuerId,
}

impl Scope {
    /// Only after it is known that the caller may act for this issuer.
    pub const fn of(issuer: IssuerId) -> Scope {
        Scope { issuer }
    }

    /// The issuer.
    pub const fn issuer(self) -> IssuerId {
        self.issuer
    }

    /// For a bind.
    pub const fn uuid(self) -> Uuid {
        self.issuer.0
    }
}

/// A company that issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Ours.
    pub id: IssuerId,
    /// The name in addresses: `/e/{slug}`.
    pub slug: String,
    /// RFC.
    pub rfc: Rfc,
    /// Name in the SAT's register.
    pub nombre: Nombre,
    /// The name its customers know.
    pub commercial_name: String,
    /// Tax regime.
    pub regimen: RegimenFiscal,
    /// Mailbox a customer may write to.
    pub support_email: Email,
    /// Colour of its pages and prints.
    pub brand_color: BrandColor,
    /// Grows with every change of brand, so that a print can name the one it used.
    pub brand_version: i64,
    /// Tax domicile, as printed.
    pub address_lines: Vec<String>,
    /// Language of its pages when the person has chosen none.
    pub language: Lang,
    /// Whose pages stand at `/`. One at most.
    pub is_default: bool,
    /// Stamps a day before issuing stops (K6).
    pub daily_stamp_ceiling: i64,
    /// The clock of its accounts: due days, the days and months of what was paid. A branch has its own.
    pub time_zone: TimeZone,
    /// What its pages say at their foot.
    pub footer: String,
    /// At which rate its foreign invoices are paid; as the server is set when it chose none.
    pub rate_policy: Option<RateSource>,
}

impl Issuer {
    /// IANA name of its zone.
    pub fn zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }

    /// The civil day of an instant, by its clock.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.jiff().to_zoned(self.time_zone.clone()).date()
    }
}

/// A place that sells.
#[derive(Debug, Clone, PartialEq)]
pub struct Branch {
    /// Ours.
    pub id: BranchId,
    /// The name printed on its tickets.
    pub name: String,
    /// LugarExpedicion of its invoices.
    pub postal_code: CodigoPostal,
    /// City and state, as text.
    pub city: String,
    /// Its clock.
    pub time_zone: TimeZone,
    /// Serie of its invoices.
    pub serie: String,
    /// Days after the month of the sale in which a ticket can still be invoiced.
    pub invoicing_grace_days: i64,
    /// How its paper ticket looks.
    pub ticket_picture: TicketPicture,
}

impl Branch {
    /// IANA name of its zone.
    pub fn zone_name(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }

    /// What a search looks at, folded; branches are listed in its order. It begins with the name.
    pub fn search_text(&self) -> String {
        fold_search(&format!("{} {} {}", self.name, self.city, self.postal_code))
    }
}

/// A certificate and its sealed key. The key opens only in [`super::custody`].
#[derive(Clone, PartialEq, Eq)]
pub struct StoredCsd {
    /// Ours.
    pub id: CsdId,
    /// The SAT's twenty digits.
    pub certificate_number: String,
    /// The certificate, DER.
    pub certificate_der: Vec<u8>,
    /// The key under the master key.
    pub key_sealed: Vec<u8>,
    /// First instant it is good for.
    pub valid_from: Timestamp,
    /// First instant it is no longer good for.
    pub valid_until: Timestamp,
}

impl fmt::Debug for StoredCsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredCsd").field("certificate_number", &self.certificate_number).finish_non_exhaustive()
    }
}

/// `#rrggbb`: the one value of an issuer that reaches a style sheet, so it is nothing but six hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandColor(String);

/// Not `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reading a brand colour: not # and six hexadecimal digits")]
pub struct NotAColor;

impl BrandColor {
    /// Reads `#0B6470`; kept in lower case.
    pub fn parse(text: &str) -> Result<BrandColor, NotAColor> {
        match text.strip_prefix('#') {
            Some(digits) if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                Ok(BrandColor(text.to_ascii_lowercase()))
            }
            _ => Err(NotAColor),
        }
    }

    /// `#0b6470`
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Without case, accents or repeated spaces: how searched columns are kept and searches compared. Neither engine
/// folds by itself what Mexico writes.
pub fn fold_search(text: &str) -> String {
    let folded: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc().collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_forgives_case_accents_and_spaces() {
        assert_eq!(fold_search("  Querétaro\u{a0} JURIQUILLA "), "queretaro juriquilla");
        assert_eq!(fold_search("Peñón"), "penon");
        assert_eq!(fold_search("Pen\u{303}on"), "penon");
        assert_eq!(fold_search(""), "");
    }

    #[test]
    fn only_a_colour_reaches_the_style_sheet() {
        assert_eq!(BrandColor::parse("#0B6470").unwrap().as_str(), "#0b6470");
        for bad in ["", "#", "0b6470", "#0b647", "#0b64700", "#0b647g", "#0b64\u{e9}", "red;}", "#é12345"] {
            assert_eq!(BrandColor::parse(bad), Err(NotAColor), "{bad}");
        }
    }
}
