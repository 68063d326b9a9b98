//! Whether a document's Fecha may be stamped now: not older than 72 hours, not in the future, on the wall clock of
//! its LugarExpedicion (code 401). The demo's history may be older: it says so in its reference.
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The SAT's window for stamping.
const WINDOW_SECONDS: i64 = 72 * 3_600;
/// What the history of a demo may go back: as long as certificates of the test authority do.
const HISTORY_SECONDS: i64 = 400 * 86_400;
/// Clocks of two machines differ; a real PAC forgives a little too.
const AHEAD_SECONDS: i64 = 300;

/// Zones a postal code may keep, by its first two digits, after the SAT's own column: where a range holds two, either
/// is right.
fn zones(postal_code: &str) -> &'static [&'static str] {
    match postal_code.get(..2).unwrap_or_default() {
        "21" | "22" => &["America/Tijuana"],
        "23" | "80" | "81" | "82" | "83" | "84" | "85" => &["America/Mazatlan"],
        "63" => &["America/Mazatlan", "America/Mexico_City"],
        "77" => &["America/Cancun"],
        "26" | "27" | "65" | "87" | "88" => &["America/Mexico_City", "America/Matamoros"],
        "31" | "32" => &["America/Mexico_City", "America/Matamoros", "America/Ciudad_Juarez"],
        _ => &["America/Mexico_City"],
    }
}

/// May be stamped at `now`. `fecha` is `YYYY-MM-DDThh:mm:ss`; `history` forgives its age and nothing else.
pub fn is_timely(fecha: &str, postal_code: &str, now: jiff::Timestamp, history: bool) -> bool {
    let window = if history { HISTORY_SECONDS } else { WINDOW_SECONDS };
    let Ok(civil) = fecha.parse::<DateTime>() else { return false };
    zones(postal_code).iter().any(|name| {
        let instant = TimeZone::get(name).and_then(|zone| zone.to_timestamp(civil));
        instant.is_ok_and(|instant| {
            let age = now.as_second() - instant.as_second();
            (-AHEAD_SECONDS..=window).contains(&age)
        })
    })
}

/// The wall clock of a PAC: central Mexico.
pub fn fecha_timbrado(now: jiff::Timestamp) -> Result<String, jiff::Error> {
    Ok(TimeZone::get("America/Mexico_City")?.to_datetime(now).strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn each_place_has_its_own_clock() {
        // 06:30 UTC is 22:30 of the day before in Tijuana, 00:30 in Mexico City, 01:30 in Cancún.
        let now = at("2026-11-23T06:30:00Z");
        for (fecha, postal_code) in
            [("2026-11-22T22:30:00", "22010"), ("2026-11-23T00:30:00", "06010"), ("2026-11-23T01:30:00", "77500")]
        {
            assert!(is_timely(fecha, postal_code, now, false), "{fecha} {postal_code}");
        }
        assert!(!is_timely("2026-11-23T00:30:00", "22010", now, false), "two hours ahead in Tijuana");
        assert!(!is_timely("2026-11-23T01:30:00", "06010", now, false), "an hour ahead in Mexico City");
    }

    #[test]
    fn the_border_in_summer_may_keep_either_hour() {
        let now = at("2026-07-01T12:00:00Z");
        assert!(is_timely("2026-07-01T07:00:00", "88500", now, false));
        assert!(is_timely("2026-07-01T06:00:00", "88500", now, false));
        assert!(!is_timely("2026-07-01T07:00:00", "06010", now, false));
    }

    #[test]
    fn seventy_two_hours_and_not_one_second_more() {
        let now = at("2026-11-22T18:00:00Z");
        assert!(is_timely("2026-11-19T12:00:00", "06010", now, false));
        assert!(!is_timely("2026-11-19T11:59:59", "06010", now, false));
        assert!(is_timely("2026-11-22T12:05:00", "06010", now, false));
        assert!(!is_timely("2026-11-22T12:05:01", "06010", now, false));
        assert!(!is_timely("yesterday", "06010", now, false));
    }

    #[test]
    fn history_may_be_old_and_never_from_the_future() {
        let now = at("2026-11-22T18:00:00Z");
        assert!(is_timely("2026-05-02T10:00:00", "06010", now, true));
        assert!(!is_timely("2025-05-02T10:00:00", "06010", now, true));
        assert!(!is_timely("2026-11-22T12:05:01", "06010", now, true));
    }

    #[test]
    fn the_stamp_is_dated_in_central_mexico() {
        assert_eq!(fecha_timbrado(at("2026-11-23T05:59:59Z")).unwrap(), "2026-11-22T23:59:59");
    }
}
