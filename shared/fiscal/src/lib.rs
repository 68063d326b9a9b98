//! The fiscal vocabulary that browser and server share: identities, SAT codes, money, and the rules about a receptor
//! that can be judged without asking anybody.
//!
//! It promises that a parsed value is never wrong in shape, that money never touches floating point, and that there is
//! one rounding function in the whole product ([`round_half_away`]). It does no I/O, knows no clock, and does not know
//! the SAT's large catalogs (postal codes, products, units): those are data, not code.
#![deny(missing_docs)]

mod catalog;
mod codes;
mod codigo_postal;
mod email;
mod money;
mod name;
mod rate;
mod receptor;
mod rfc;
mod text;

pub use catalog::UnknownCode;
pub use codes::{
    Exportacion, FormaPago, Impuesto, MetodoPago, MotivoCancelacion, ObjetoImp, Periodicidad, Persona, RegimenFiscal,
    TipoComprobante, TipoFactor, TipoRelacion, UsoCfdi,
};
pub use codigo_postal::{CodigoPostal, CodigoPostalError};
pub use email::{Email, EmailError};
pub use money::{Amount, Currency, MoneyError, UnknownCurrency, ceil_dp, round_half_away, trunc_dp};
pub use name::{Nombre, NombreError, without_regimen_societario};
pub use rate::{Rate, RateError};
pub use receptor::{Circumstances, Receptor, ReceptorField, RuleBreach, Severity, check_receptor};
pub use rfc::{Rfc, RfcError};

/// Reads and writes a parsed text type as its plain string, so that a wrong one never gets past serde.
macro_rules! serde_as_text {
    ($type:ty, $error:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
        impl std::str::FromStr for $type {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
    };
}
pub(crate) use serde_as_text;
