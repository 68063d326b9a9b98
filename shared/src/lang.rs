//! The two languages of everything a person reads.
use serde::{Deserialize, Serialize};

/// Language of a page, a letter or a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Spanish of Mexico, the first language.
    #[default]
    Es,
    /// English.
    En,
}

impl Lang {
    /// Both, in the order a menu shows them.
    pub const ALL: [Lang; 2] = [Lang::Es, Lang::En];

    /// `es` or `en`: the value on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Lang::Es => "es",
            Lang::En => "en",
        }
    }

    /// The language tag for `<html lang>`.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Es => "es-MX",
            Lang::En => "en",
        }
    }

    /// Reads `es`, `en` or a longer tag such as `en-US`; anything else is `None`.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        match tag.get(..2)? {
            "es" => Some(Lang::Es),
            "en" => Some(Lang::En),
            _ => None,
        }
    }
}

impl TryFrom<String> for Lang {
    type Error = UnknownLang;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Lang::from_tag(&text).ok_or(UnknownLang)
    }
}

/// A language code that is neither `es` nor `en`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLang;

impl std::fmt::Display for UnknownLang {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reading a language code: neither es nor en")
    }
}

impl std::error::Error for UnknownLang {}
