//! How money, days and times are shown, from the wire's texts alone: no floats, no zones, no clock. A text of another
//! shape is shown as it came.

/// `1234.5` and `MXN` as `$1,234.5 MXN`; a minus goes before the sign of the peso.
pub fn money(amount: &str, currency: &str) -> String {
    let (minus, digits) = match amount.strip_prefix('-') {
        Some(rest) => ("−", rest),
        None => ("", amount),
    };
    [minus, "$", &thousands(digits), " ", currency].concat()
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
    fn texts_of_another_shape_do_not_panic() {
        for odd in ["ñ", "2026-ñ-18", "ññññññññññññññ", "−1,2.3.4"] {
            let _ = (day(odd), time(odd), date_time(odd), money(odd, odd), thousands(odd));
        }
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
