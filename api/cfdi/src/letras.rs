//! Amounts in Spanish words, as customary on a printed invoice:
//! `OCHOCIENTOS SESENTA Y TRES PESOS 00/100 M.N.`

use fiscal::{Amount, Currency};

const UNITS: [&str; 30] = [
    "CERO",
    "UN",
    "DOS",
    "TRES",
    "CUATRO",
    "CINCO",
    "SEIS",
    "SIETE",
    "OCHO",
    "NUEVE",
    "DIEZ",
    "ONCE",
    "DOCE",
    "TRECE",
    "CATORCE",
    "QUINCE",
    "DIECISÉIS",
    "DIECISIETE",
    "DIECIOCHO",
    "DIECINUEVE",
    "VEINTE",
    "VEINTIÚN",
    "VEINTIDÓS",
    "VEINTITRÉS",
    "VEINTICUATRO",
    "VEINTICINCO",
    "VEINTISÉIS",
    "VEINTISIETE",
    "VEINTIOCHO",
    "VEINTINUEVE",
];
const TENS: [&str; 10] =
    ["", "", "VEINTE", "TREINTA", "CUARENTA", "CINCUENTA", "SESENTA", "SETENTA", "OCHENTA", "NOVENTA"];
const HUNDREDS: [&str; 10] = [
    "",
    "CIENTO",
    "DOSCIENTOS",
    "TRESCIENTOS",
    "CUATROCIENTOS",
    "QUINIENTOS",
    "SEISCIENTOS",
    "SETECIENTOS",
    "OCHOCIENTOS",
    "NOVECIENTOS",
];

/// The amount in words; nothing for a negative amount or for `XXX`, which are never printed so.
pub fn en_letras(amount: Amount) -> Option<String> {
    let (one, many, mark) = match amount.currency() {
        Currency::Mxn => ("PESO", "PESOS", "M.N."),
        Currency::Usd => ("DÓLAR", "DÓLARES", "USD"),
        Currency::Eur => ("EURO", "EUROS", "EUR"),
        Currency::Cad => ("DÓLAR CANADIENSE", "DÓLARES CANADIENSES", "CAD"),
        Currency::Gbp => ("LIBRA ESTERLINA", "LIBRAS ESTERLINAS", "GBP"),
        Currency::Jpy => ("YEN", "YENES", "JPY"),
        Currency::Xxx => return None,
    };
    let minor = u64::try_from(amount.minor()).ok()?;
    let per_unit = 10u64.checked_pow(amount.currency().exponent())?;
    let (whole, rest) = (minor.checked_div(per_unit)?, minor.checked_rem(per_unit)?);
    let mut words = number(whole);
    // The pound is the one feminine currency here, and its number agrees.
    if amount.currency() == Currency::Gbp {
        words = feminine(&words);
    }
    let name = if whole == 1 { one } else { many };
    // "UN MILLÓN DE PESOS": millions are nouns.
    let of = if words.ends_with("MILLÓN") || words.ends_with("MILLONES") { "DE " } else { "" };
    Some(match amount.currency().exponent() {
        0 => format!("{words} {of}{name} {mark}"),
        _ => format!("{words} {of}{name} {rest:02}/100 {mark}"),
    })
}

/// Hundreds and units of thousands agree in gender; millions do not.
fn feminine(words: &str) -> String {
    let (millions, rest) = match words.rfind("MILLON").or(words.rfind("MILLÓN")) {
        Some(at) => {
            words.split_at(words.get(at..).and_then(|w| w.find(' ')).map_or(words.len(), |gap| at.saturating_add(gap)))
        }
        None => ("", words),
    };
    let agree = |word: &str| match word {
        "UN" => "UNA".to_owned(),
        "VEINTIÚN" => "VEINTIUNA".to_owned(),
        word if word.ends_with("CIENTOS") || word == "QUINIENTOS" => {
            format!("{}AS", word.strip_suffix("OS").unwrap_or(word))
        }
        word => word.to_owned(),
    };
    let rest: Vec<String> = rest.split(' ').map(agree).collect();
    format!("{millions}{}", rest.join(" "))
}

/// Any number up to 10^18, in the form that stands before a masculine noun.
fn number(n: u64) -> String {
    if n == 0 {
        return "CERO".to_owned();
    }
    let million = 1_000_000;
    let (trillions, rest) = (n / 1_000_000_000_000, n % 1_000_000_000_000);
    let (millions, low) = (rest / million, rest % million);
    let mut parts = Vec::new();
    match trillions {
        0 => {}
        1 => parts.push("UN BILLÓN".to_owned()),
        many => parts.push(format!("{} BILLONES", thousands(many))),
    }
    match millions {
        0 => {}
        1 => parts.push("UN MILLÓN".to_owned()),
        many => parts.push(format!("{} MILLONES", thousands(many))),
    }
    if low > 0 {
        parts.push(thousands(low));
    }
    parts.join(" ")
}

/// 1 to 999 999.
fn thousands(n: u64) -> String {
    let (high, low) = (n / 1_000, n % 1_000);
    let mut parts = Vec::new();
    match high {
        0 => {}
        1 => parts.push("MIL".to_owned()),
        many => parts.push(format!("{} MIL", hundreds(many))),
    }
    if low > 0 {
        parts.push(hundreds(low));
    }
    parts.join(" ")
}

/// 1 to 999.
fn hundreds(n: u64) -> String {
    if n == 100 {
        return "CIEN".to_owned();
    }
    let at = |table: &[&'static str], index: u64| {
        usize::try_from(index).ok().and_then(|index| table.get(index).copied()).unwrap_or_default()
    };
    let (hundred, rest) = (n / 100, n % 100);
    let mut parts = Vec::new();
    if hundred > 0 {
        parts.push(at(&HUNDREDS, hundred).to_owned());
    }
    match (rest, rest / 10, rest % 10) {
        (0, ..) => {}
        (1..=29, ..) => parts.push(at(&UNITS, rest).to_owned()),
        (_, ten, 0) => parts.push(at(&TENS, ten).to_owned()),
        (_, ten, unit) => parts.push(format!("{} Y {}", at(&TENS, ten), at(&UNITS, unit))),
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pesos_are_told_as_on_an_invoice() {
        for (minor, words) in [
            (86_300, "OCHOCIENTOS SESENTA Y TRES PESOS 00/100 M.N."),
            (0, "CERO PESOS 00/100 M.N."),
            (100, "UN PESO 00/100 M.N."),
            (2_150, "VEINTIÚN PESOS 50/100 M.N."),
            (10_001, "CIEN PESOS 01/100 M.N."),
            (10_100, "CIENTO UN PESOS 00/100 M.N."),
            (100_000, "MIL PESOS 00/100 M.N."),
            (12_345_678, "CIENTO VEINTITRÉS MIL CUATROCIENTOS CINCUENTA Y SEIS PESOS 78/100 M.N."),
            (2_100_000, "VEINTIÚN MIL PESOS 00/100 M.N."),
            (100_000_000, "UN MILLÓN DE PESOS 00/100 M.N."),
            (100_000_100, "UN MILLÓN UN PESOS 00/100 M.N."),
            (3_100_000_000, "TREINTA Y UN MILLONES DE PESOS 00/100 M.N."),
            (100_050_000_000, "MIL MILLONES QUINIENTOS MIL PESOS 00/100 M.N."),
        ] {
            assert_eq!(en_letras(Amount::new(minor, Currency::Mxn)).as_deref(), Some(words), "{minor}");
        }
    }

    #[test]
    fn other_currencies_have_their_own_names() {
        let of = |minor, currency| en_letras(Amount::new(minor, currency));
        assert_eq!(of(50_025, Currency::Usd).as_deref(), Some("QUINIENTOS DÓLARES 25/100 USD"));
        assert_eq!(of(1_500, Currency::Jpy).as_deref(), Some("MIL QUINIENTOS YENES JPY"));
        assert_eq!(of(50_100, Currency::Gbp).as_deref(), Some("QUINIENTAS UNA LIBRAS ESTERLINAS 00/100 GBP"));
        assert_eq!(
            of(20_000_000_000, Currency::Gbp).as_deref(),
            Some("DOSCIENTOS MILLONES DE LIBRAS ESTERLINAS 00/100 GBP")
        );
        assert_eq!(of(-1, Currency::Mxn), None);
        assert_eq!(of(1, Currency::Xxx), None);
    }
}
