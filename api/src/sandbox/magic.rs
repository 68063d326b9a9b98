//! Values of the receptor's RFC that make the sandbox behave in a named way: one table, which the pages show too.
use std::time::Duration;

use shared::rehearsal::MagicValue;

/// The field that carries the value.
const FIELD: &str = "receptor.rfc";
/// What every magic RFC has between its three letters and its three digits: a date, so that the pattern holds.
const DATE: &str = "010101";
/// Longest wait a value may ask for.
const WAIT_MAX: Duration = Duration::from_secs(300);
/// Most refusals with 503 a value may ask for.
const DOWN_MAX: u16 = 20;

/// A behaviour on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Magic {
    /// Refuses with this code of the SAT.
    Refuse(String),
    /// Waits, then stamps: beyond the client's patience the stamp exists and the answer is lost (F4).
    Slow(Duration),
    /// Stamps, and drops the connection the first time; later it says 307 (F6).
    Lost,
    /// Answers 503 so many times for each document, then works (F5, F7).
    Down(u16),
}

impl Magic {
    /// What this receptor asks for, if anything. `RCH` rechaza, `LEN` lento, `PER` perdida, `CAI` caído; three
    /// digits close it.
    pub fn of(receptor_rfc: &str) -> Option<Magic> {
        let (family, rest) = receptor_rfc.split_at_checked(3)?;
        let digits = rest.strip_prefix(DATE)?;
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number: u16 = digits.parse().ok()?;
        match family {
            "RCH" => refusal(number).map(Magic::Refuse),
            "LEN" => Some(Magic::Slow(Duration::from_secs(number.into()).min(WAIT_MAX))),
            "PER" => Some(Magic::Lost),
            "CAI" => Some(Magic::Down(number.min(DOWN_MAX))),
            _ => None,
        }
    }
}

/// The SAT's matrix runs from CFDI40101 to CFDI40223, its older codes from 301. 307 is no refusal.
fn refusal(number: u16) -> Option<String> {
    match number {
        100..=223 => Some(format!("CFDI40{number}")),
        300..=306 | 308..=499 => Some(number.to_string()),
        _ => None,
    }
}

/// A value worth showing: what to type and what happens, in Spanish and in English.
struct Example {
    value: &'static str,
    effect_es: &'static str,
    effect_en: &'static str,
}

const EXAMPLES: [Example; 10] = [
    Example {
        value: "RCH010101143",
        effect_es: "El PAC rechaza: el RFC del receptor no está inscrito (CFDI40143).",
        effect_en: "The PAC refuses: the receiver's RFC is not registered (CFDI40143).",
    },
    Example {
        value: "RCH010101145",
        effect_es: "El PAC rechaza: el nombre no corresponde al RFC (CFDI40145).",
        effect_en: "The PAC refuses: the name does not match the RFC (CFDI40145).",
    },
    Example {
        value: "RCH010101148",
        effect_es: "El PAC rechaza: el código postal no corresponde al RFC (CFDI40148).",
        effect_en: "The PAC refuses: the postal code does not match the RFC (CFDI40148).",
    },
    Example {
        value: "RCH010101157",
        effect_es: "El PAC rechaza: el régimen no corresponde al RFC (CFDI40157). Con otros tres dígitos de 100 a 223 \
                    rechaza con CFDI40 y esos dígitos; de 300 a 499, con esos tres (307 no).",
        effect_en: "The PAC refuses: the regime does not match the RFC (CFDI40157). Other digits from 100 to 223 \
                    refuse with CFDI40 and those digits; from 300 to 499, with those three (not 307).",
    },
    Example {
        value: "RCH010101401",
        effect_es: "El PAC rechaza la fecha del comprobante (401).",
        effect_en: "The PAC refuses the date of the document (401).",
    },
    Example {
        value: "RCH010101304",
        effect_es: "El PAC rechaza el certificado del emisor (304).",
        effect_en: "The PAC refuses the issuer's certificate (304).",
    },
    Example {
        value: "LEN010101005",
        effect_es: "El PAC tarda 5 segundos y timbra (los tres dígitos son los segundos).",
        effect_en: "The PAC takes 5 seconds and stamps (the three digits are the seconds).",
    },
    Example {
        value: "LEN010101020",
        effect_es: "El PAC tarda 20 segundos: la factura queda en espera y llega sola después.",
        effect_en: "The PAC takes 20 seconds: the invoice waits and arrives by itself later.",
    },
    Example {
        value: "PER010101001",
        effect_es: "El PAC timbra y se corta la conexión: la factura queda en espera y se recupera la misma.",
        effect_en: "The PAC stamps and the connection drops: the invoice waits, and the same one is recovered.",
    },
    Example {
        value: "CAI010101003",
        effect_es: "El PAC está caído las primeras 3 veces (los tres dígitos) y luego timbra.",
        effect_en: "The PAC is down the first 3 times (the three digits), then it stamps.",
    },
];

/// What the rehearsal's page shows.
pub fn magic_values() -> Vec<MagicValue> {
    EXAMPLES
        .iter()
        .map(|example| MagicValue {
            field: FIELD.to_owned(),
            value: example.value.to_owned(),
            effect_es: example.effect_es.to_owned(),
            effect_en: example.effect_en.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fiscal::Rfc;

    #[test]
    fn every_example_is_an_rfc_and_does_something() {
        for example in magic_values() {
            let rfc = Rfc::parse(&example.value).unwrap();
            assert!(rfc.is_moral(), "{rfc}");
            assert!(Magic::of(rfc.as_str()).is_some(), "{rfc}");
        }
    }

    #[test]
    fn digits_choose_the_code_the_seconds_or_the_times() {
        assert_eq!(Magic::of("RCH010101145"), Some(Magic::Refuse("CFDI40145".into())));
        assert_eq!(Magic::of("RCH010101401"), Some(Magic::Refuse("401".into())));
        assert_eq!(Magic::of("LEN010101005"), Some(Magic::Slow(Duration::from_secs(5))));
        assert_eq!(Magic::of("LEN010101999"), Some(Magic::Slow(WAIT_MAX)));
        assert_eq!(Magic::of("PER010101001"), Some(Magic::Lost));
        assert_eq!(Magic::of("CAI010101003"), Some(Magic::Down(3)));
    }

    #[test]
    fn other_receptors_are_ordinary() {
        for rfc in ["TAM010101AAA", "RCH010101307", "RCH010101224", "RCH010101099", "RCH01010114A", "XAXX010101000", ""]
        {
            assert_eq!(Magic::of(rfc), None, "{rfc}");
        }
        assert_eq!(Magic::of("ÑÑÑ010101145"), None);
    }
}
