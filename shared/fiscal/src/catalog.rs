//! What every small SAT catalog offers: its codes, the SAT's text for each, and reading and writing by code.
//! It holds no code itself; those are in `codes`.

/// A code that is not in the named catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("la clave {code:?} no está en el catálogo {catalog}")]
pub struct UnknownCode {
    /// The catalog's name at the SAT, such as `c_UsoCFDI`.
    pub catalog: &'static str,
    /// What was given, cut to 20 characters.
    pub code: String,
}

impl UnknownCode {
    pub(crate) fn new(catalog: &'static str, code: &str) -> Self {
        Self { catalog, code: code.chars().take(20).collect() }
    }
}

/// Declares one catalog as an enum.
macro_rules! catalog {
    ($(#[$doc:meta])* $type:ident, $catalog:literal { $($variant:ident = $code:literal $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $(#[doc = concat!("`", $code, "` ", $name, ".")] $variant,)+
        }

        impl $type {
            /// Every code, in the catalog's order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The SAT's code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            /// The SAT's text, in Spanish.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Finds a code; nothing is trimmed or capitalised.
            pub fn parse(code: &str) -> Result<Self, crate::UnknownCode> {
                match code {
                    $($code => Ok(Self::$variant),)+
                    _ => Err(crate::UnknownCode::new($catalog, code)),
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::UnknownCode;
            fn from_str(code: &str) -> Result<Self, Self::Err> {
                Self::parse(code)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&code).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use catalog;
