//! How and when money came, as a bank says it: FormaDePagoP and FechaPago of a complemento de pago (`payments.md` 4.6).
//! What nobody said is not guessed: `99` is never written, and a date that cannot be is kept as text alone.
use fiscal::FormaPago;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::CALENDAR;
use super::model::Source;
use crate::db::Timestamp;

/// Longest date that is kept as it was given, in characters.
const GIVEN_MAX: usize = 40;
/// `2026-11-18T13:04:05`.
const SECONDS_CHARS: usize = 19;
/// Clocks differ by so much at most.
const CLOCKS_SECONDS: i64 = 600;

/// What was said of one payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct How {
    /// By which form.
    pub forma: Option<FormaPago>,
    /// When, as it was written.
    pub given: Option<String>,
    /// The instant that it is.
    pub at: Option<Timestamp>,
}

/// Who said it. A later one in this order replaces an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Teller {
    /// A message that came with the payer's browser or looks the same: its signature covers neither the card nor the date.
    Message,
    /// The bank itself: a file, or an answer to our own question.
    Bank,
    /// Somebody of the issuer's staff, or its ERP.
    Staff,
}

impl Teller {
    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Teller::Message => "message",
            Teller::Bank => "bank",
            Teller::Staff => "staff",
        }
    }

    /// Who speaks by such evidence.
    pub const fn of(source: Source) -> Teller {
        match source {
            Source::Return | Source::Notice => Teller::Message,
            Source::Poll | Source::File => Teller::Bank,
        }
    }
}

impl How {
    /// By this form, of which nobody said when.
    pub fn by(forma: FormaPago) -> How {
        How { forma: Some(forma), ..How::default() }
    }

    /// Said at the time of a bank of this country.
    pub fn new(forma: Option<FormaPago>, given: Option<&str>) -> How {
        let given: Option<String> = given.map(|text| text.trim().chars().take(GIVEN_MAX).collect());
        let given = given.filter(|text| !text.is_empty() && !text.contains(char::is_control));
        let at = given.as_deref().and_then(central);
        How { forma, given, at }
    }

    /// A date that a payer could have written counts only between the order and now; nobody's does after now.
    pub fn within(mut self, teller: Teller, (ordered, now): (Timestamp, Timestamp)) -> How {
        let from = ordered.plus_seconds(-CLOCKS_SECONDS);
        let to = now.plus_seconds(CLOCKS_SECONDS);
        self.at = self.at.filter(|at| *at <= to && (teller != Teller::Message || *at >= from));
        self
    }
}

/// The instant of a civil time in the capital, of a day alone at noon (as the SAT has it of an hour that is not known), or
/// of a time that says its own zone.
fn central(text: &str) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::new(instant));
    }
    let civil = match text.get(..SECONDS_CHARS) {
        Some(seconds) => seconds.replacen(' ', "T", 1).parse::<DateTime>().ok()?,
        None => day(text)?.at(12, 0, 0, 0),
    };
    let zone = TimeZone::get(CALENDAR).ok()?;
    Some(Timestamp::new(civil.to_zoned(zone).ok()?.timestamp()))
}

/// The civil day of a date: `2026-11-18`, whatever follows it, or `18/11/2026`.
pub(super) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    match text.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 && day.len() <= 2 && month.len() <= 2 => {
            Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
        }
        _ => text.get(..10).and_then(|day| day.parse().ok()),
    }
}

/// The form that a code of c_FormaPago or a Spanish word for one names.
pub fn forma_named(text: &str) -> Option<FormaPago> {
    let text = text.trim();
    if let Ok(forma) = text.parse::<FormaPago>() {
        return Some(forma).filter(|forma| *forma != FormaPago::PorDefinir);
    }
    let folded: String = text.to_lowercase().replace('á', "a").replace('é', "e").replace('ó', "o");
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words[..] {
        ["spei"] | ["transferencia"] | ["transferencia", "electronica"] | ["transferencia", "spei"] => {
            Some(FormaPago::Transferencia)
        }
        ["transferencia", "electronica", "de", "fondos"] => Some(FormaPago::Transferencia),
        ["credito"] | ["tarjeta", "de", "credito"] | ["tarjeta", "credito"] => Some(FormaPago::TarjetaCredito),
        ["debito"] | ["tarjeta", "de", "debito"] | ["tarjeta", "debito"] => Some(FormaPago::TarjetaDebito),
        ["efectivo"] => Some(FormaPago::Efectivo),
        ["cheque"] | ["cheque", "nominativo"] => Some(FormaPago::Cheque),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        How::new(None, Some(text)).at.map(|at| at.jiff().to_string())
    }

    #[test]
    fn a_banks_time_is_the_capitals_and_a_day_alone_is_noon() {
        let noon = Some("2026-11-18T18:00:00Z".to_owned());
        assert_eq!(at("2026-11-18"), noon);
        assert_eq!(at("18/11/2026"), noon);
        assert_eq!(at(" 2026-11-18 12:00:00.0 "), noon);
        assert_eq!(at("2026-11-18T12:00:00"), noon);
        assert_eq!(at("2026-11-18T18:00:00.000Z"), noon);
        assert_eq!(at("2026-11-18T13:00:00-05:00"), noon);
        for text in ["ayer", "", "31/02/2026", "2026-11-18 25:00:00", "18/11/26"] {
            assert_eq!(at(text), None, "{text}");
        }
        assert_eq!(How::new(None, Some("ayer")).given.as_deref(), Some("ayer"), "what was said is kept");
        assert_eq!(How::new(None, Some("\u{7}")).given, None);
    }

    #[test]
    fn a_payer_dates_nothing_before_the_order_and_nobody_after_now() {
        let instant = |text: &str| Timestamp::new(text.parse().unwrap());
        let span = (instant("2026-11-18T18:00:00Z"), instant("2026-11-18T19:00:00Z"));
        let kept = |text: &str, teller| How::new(None, Some(text)).within(teller, span).at.is_some();
        for teller in [Teller::Message, Teller::Bank] {
            assert!(kept("2026-11-18 12:30:00", teller));
            assert!(!kept("2026-11-18 14:30:00", teller));
        }
        assert!(!kept("2026-11-17 12:30:00", Teller::Message));
        assert!(kept("2026-11-17 12:30:00", Teller::Bank), "a transfer may be older than its order");
        assert!(Teller::Message < Teller::Bank && Teller::Bank < Teller::Staff);
    }

    #[test]
    fn a_form_is_read_and_never_guessed() {
        for (text, code) in [
            ("03", "03"),
            (" Transferencia electrónica ", "03"),
            ("SPEI", "03"),
            ("Tarjeta de crédito", "04"),
            ("DEBITO", "28"),
            ("Cheque", "02"),
            ("efectivo", "01"),
        ] {
            assert_eq!(forma_named(text).map(FormaPago::code), Some(code), "{text}");
        }
        for text in ["", "99", "Por definir", "TDX", "tarjeta", "credito o debito", "3"] {
            assert_eq!(forma_named(text), None, "{text}");
        }
    }
}
