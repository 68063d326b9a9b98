//! The date and time of a CFDI: wall clock of the place of issue, without offset and without fractions. Zones are not
//! known here; whoever calls converts.

use std::fmt;

/// `YYYY-MM-DDThh:mm:ss`, a moment that exists on a calendar, of the years 2010 to 2099.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fecha(String);

impl Fecha {
    /// Reads exactly that shape.
    pub fn parse(text: &str) -> Option<Self> {
        civil_seconds(text).map(|_| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Seconds from 1970-01-01T00:00:00 on the same wall clock: the instant, if the clock were UTC's.
    pub fn civil_seconds(&self) -> i64 {
        civil_seconds(&self.0).unwrap_or_default()
    }
}

fn civil_seconds(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 19
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            10 => *b == b'T',
            13 | 16 => *b == b':',
            _ => b.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<i64>().ok());
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let in_range = (2010..=2099).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !in_range {
        return None;
    }
    let days = days_from_civil(year, month, day)?;
    days.checked_mul(86_400)?
        .checked_add(hour.checked_mul(3_600)?)?
        .checked_add(minute.checked_mul(60)?)?
        .checked_add(second)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        // 2010 to 2099 holds no century year.
        2 if year.rem_euclid(4) == 0 => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted year by year and month by month (at most 129 years and 11 months).
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let years: i64 = (1970..year).map(|y| if y.rem_euclid(4) == 0 && y != 2100 { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|m| days_in(year, m)).sum();
    years.checked_add(months)?.checked_add(day)?.checked_sub(1)
}

impl fmt::Display for Fecha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for Fecha {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Fecha {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("la fecha no tiene la forma AAAA-MM-DDThh:mm:ss"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_moments_of_the_calendar_are_read() {
        for bad in [
            "2026-11-22T10:00:00Z",
            "2026-11-22 10:00:00",
            "2026-11-22T24:00:00",
            "2026-02-29T10:00:00",
            "2026-13-01T10:00:00",
            "2026-00-01T10:00:00",
            "2009-01-01T10:00:00",
            "2100-01-01T10:00:00",
            "2026-11-22T10:00:60",
            "2026-11-22T10:00:0ñ",
        ] {
            assert_eq!(Fecha::parse(bad), None, "{bad}");
        }
        assert!(Fecha::parse("2028-02-29T23:59:59").is_some());
    }

    #[test]
    fn civil_seconds_agree_with_known_instants() {
        let of = |text| Fecha::parse(text).unwrap().civil_seconds();
        assert_eq!(of("2026-11-22T02:17:00"), 1_795_313_820);
        assert_eq!(of("2010-01-01T00:00:00"), 1_262_304_000);
        assert_eq!(of("2024-03-01T00:00:00"), 1_709_251_200);
    }
}
