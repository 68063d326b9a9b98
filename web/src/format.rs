//! How money, days and times are shown, from the wire's texts alone: no floats, no zones, no clock. A text of another
//! shape is shown as it came.

use shared::profiles::DateTimeStyle;

/// `1234.5` and `MXN` as `$1,234.5 MXN`; a minus goes before the sign of the peso.
pub fn money(amount: &str, currency: &str) -> String {
    [&self::amount(amount), " ", currency].concat()
}

/// Whether an amount is anything but zero.
pub fn is_something(amount: &str) -> bool {
    amount.bytes().any(|byte| (b'1'..=b'9').contains(&byte))
}

/// `-1234.50` as `−$1,234.50`, where the currency stands elsewhere.
pub fn amount(amount: &str) -> String {
    match amount.strip_prefix('-') {
        Some(digits) => ["−$", &thousands(digits)].concat(),
        None => ["$", &thousands(amount)].concat(),
    }
}

/// A unit price: as many decimals as say something, two at least.
pub fn price(amount: &str) -> String {
    let (whole, decimals) = amount.split_once('.').unwrap_or((amount, ""));
    let said = decimals.trim_end_matches('0');
    self::amount(&format!("{whole}.{said:0<2}"))
}

/// Commas between thousands.
pub fn thousands(digits: &str) -> String {
    let (whole, decimals) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::with_capacity(digits.len() + 4);
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(decimals);
    grouped
}

/// `2026-11-18` as `18/11/2026`.
pub fn day(civil: &str) -> String {
    match (civil.get(..4), civil.get(5..7), civil.get(8..10)) {
        (Some(year), Some(month), Some(day)) => [day, "/", month, "/", year].concat(),
        _ => civil.to_owned(),
    }
}

/// A day as it may be typed (`01102026`, `1/10/26`, `01-10-2026`, `2026-10-01`) as `YYYY-MM-DD`; `None` when it has not the
/// shape of a day. Whether the day exists is `shared`'s to say.
pub fn civil(typed: &str) -> Option<String> {
    let parts: Vec<&str> = typed.split(['/', '-', '.']).collect();
    let (day, month, year) = match parts.as_slice() {
        [all] if all.len() == 8 && all.is_ascii() => (&all[..2], &all[2..4], &all[4..]),
        [all] if all.len() == 6 && all.is_ascii() => (&all[..2], &all[2..4], &all[4..]),
        [year, month, day] if year.len() == 4 => (*day, *month, *year),
        [day, month, year] => (*day, *month, *year),
        _ => return None,
    };
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let century = match year.len() {
        2 => "20",
        4 => "",
        _ => return None,
    };
    let shaped = digits(day, 2) && digits(month, 2) && digits(year, 4);
    shaped.then(|| format!("{century}{year}-{month:0>2}-{day:0>2}"))
}

/// First and last day of a month, 1 to 12, as `YYYY-MM-DD`.
pub fn month_days(year: u32, month: u32) -> (String, String) {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    let day = |day: u32| format!("{year:04}-{month:02}-{day:02}");
    (day(1), day(last))
}

/// `2026-11-18T18:03:00` as `18:03`.
pub fn time(civil: &str) -> String {
    civil.get(11..16).unwrap_or(civil).to_owned()
}

/// `2026-11-18T18:03:00` as `18/11/2026 18:03`.
pub fn date_time(civil: &str) -> String {
    match civil.get(11..16) {
        Some(time) => [&day(civil), " ", time].concat(),
        None => day(civil),
    }
}

/// A civil instant as an issuer's profile shows it: `18/11/2026 18:03`, `18/11/2026`, `18/11/2026 06:03:59 p.m.`
pub fn styled(style: DateTimeStyle, civil: &str) -> String {
    match style {
        DateTimeStyle::Minutes => date_time(civil),
        DateTimeStyle::Day => day(civil),
        DateTimeStyle::TwelveHours => twelve_hours(civil),
    }
}

fn twelve_hours(civil: &str) -> String {
    let (Some(hour), Some(rest)) = (civil.get(11..13), civil.get(13..19)) else { return date_time(civil) };
    let Ok(hour) = hour.parse::<u8>() else { return date_time(civil) };
    let shown = if hour % 12 == 0 { 12 } else { hour % 12 };
    let half = if hour < 12 { " a.m." } else { " p.m." };
    [&day(civil), " ", &format!("{shown:02}"), rest, half].concat()
}

/// An instant as the wire carries it, named as UTC: `18/11/2026 23:03 UTC`.
pub fn instant(rfc3339: &str) -> String {
    date_time(rfc3339) + " UTC"
}

/// Whole minutes to wait, never less than one.
pub fn minutes(seconds: u32) -> u32 {
    seconds.div_ceil(60).max(1)
}

/// A size for people: `12 KB`.
pub fn bytes(count: u64) -> String {
    if count < 1024 { count.to_string() + " B" } else { count.div_ceil(1024).to_string() + " KB" }
}

/// The text for one or for many.
pub fn plural(count: u64, one: &str, many: &str) -> String {
    if count == 1 { one.to_owned() } else { crate::i18n::fill(many, &[&count.to_string()]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_and_names_its_currency() {
        assert_eq!(money("863.00", "MXN"), "$863.00 MXN");
        assert_eq!(money("1234567.80", "USD"), "$1,234,567.80 USD");
        assert_eq!(money("-1250.00", "MXN"), "−$1,250.00 MXN");
        assert_eq!(money("100000", "JPY"), "$100,000 JPY");
        assert_eq!(money("", "MXN"), "$ MXN");
        assert!(is_something("-0.10") && is_something("100000") && !is_something("0.00") && !is_something(""));
    }

    #[test]
    fn a_price_keeps_the_decimals_that_say_something() {
        let shown = ["1240.000000", "0.125000", "5", "1010.5"].map(price);
        assert_eq!(shown, ["$1,240.00", "$0.125", "$5.00", "$1,010.50"]);
    }

    #[test]
    fn days_and_times_are_read_from_the_civil_text() {
        assert_eq!(day("2026-11-30"), "30/11/2026");
        assert_eq!(time("2026-11-18T18:03:59"), "18:03");
        assert_eq!(date_time("2026-11-18T18:03:59"), "18/11/2026 18:03");
        assert_eq!(instant("2026-11-18T23:03:59.123456Z"), "18/11/2026 23:03 UTC");
        assert_eq!(day("ayer"), "ayer");
        assert_eq!(date_time("2026-11-18"), "18/11/2026");
    }

    #[test]
    fn k11_k34_an_instant_is_shown_as_the_profile_says() {
        let shown = |civil| styled(DateTimeStyle::TwelveHours, civil);
        assert_eq!(shown("2017-10-01T13:03:01"), "01/10/2017 01:03:01 p.m.");
        assert_eq!(shown("2017-10-10T08:34:00"), "10/10/2017 08:34:00 a.m.");
        assert_eq!(shown("2017-10-10T00:00:09"), "10/10/2017 12:00:09 a.m.");
        assert_eq!(shown("2017-10-10T12:00:00"), "10/10/2017 12:00:00 p.m.");
        assert_eq!(styled(DateTimeStyle::Day, "2017-10-10T12:00:00"), "10/10/2017");
        assert_eq!(styled(DateTimeStyle::Minutes, "2017-10-10T12:00:00"), "10/10/2017 12:00");
        for odd in ["", "2017-10-10", "2017-10-10Tñ2:00:00", "2017-10-10T12:00"] {
            let _ = shown(odd);
        }
    }

    #[test]
    fn texts_of_another_shape_do_not_panic() {
        for odd in ["ñ", "2026-ñ-18", "ññññññññññññññ", "−1,2.3.4"] {
            let _ = (day(odd), time(odd), date_time(odd), money(odd, odd), thousands(odd));
        }
    }

    #[test]
    fn a_day_is_read_however_it_is_typed() {
        for typed in ["01102026", "1/10/26", "01-10-2026", "1.10.2026", "2026-10-01", "011026", "2026-10-1"] {
            assert_eq!(civil(typed).as_deref(), Some("2026-10-01"), "{typed}");
        }
        for typed in ["", "ayer", "1/10", "1/10/026", "0110202", "001/10/2026", "1/1/1/1", "ñ1/10/26", "ññññ", "//"]
        {
            assert_eq!(civil(typed), None, "{typed}");
        }
        // Of the right shape; that there is no such day is said with the field.
        assert_eq!(civil("31/02/2026").as_deref(), Some("2026-02-31"));
    }

    #[test]
    fn months_have_their_days() {
        let last = |year, month| month_days(year, month).1;
        assert_eq!(month_days(2026, 11), ("2026-11-01".to_owned(), "2026-11-30".to_owned()));
        assert_eq!(
            (last(2028, 2), last(2100, 2), last(2000, 2)),
            ("2028-02-29".into(), "2100-02-28".into(), "2000-02-29".into())
        );
        assert_eq!(last(2026, 12), "2026-12-31");
    }

    #[test]
    fn waits_round_up() {
        assert_eq!((minutes(0), minutes(60), minutes(61)), (1, 1, 2));
    }

    #[test]
    fn plurals_choose_their_text() {
        assert_eq!(plural(1, "1 intento.", "{0} intentos."), "1 intento.");
        assert_eq!(plural(0, "1 intento.", "{0} intentos."), "0 intentos.");
    }

    #[test]
    fn sizes_round_up_to_kilobytes() {
        assert_eq!((bytes(900), bytes(1024), bytes(1025)), ("900 B".into(), "1 KB".into(), "2 KB".into()));
    }
}
