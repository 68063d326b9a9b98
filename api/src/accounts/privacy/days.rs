//! Working days, for what the law lets take so many of them.
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::clock::calendar;
use crate::db::Timestamp;

/// Days in which a request about personal data must be answered (LFPDPPP, 32).
const ANSWER_DAYS: u32 = 20;

/// The civil day of an instant, where requests are received.
pub fn today(now: Timestamp) -> Date {
    now.jiff().to_zoned(calendar()).date()
}

/// The last day to answer what came in on a day.
pub fn due(opened_on: Date) -> Date {
    let (mut day, mut left) = (opened_on, ANSWER_DAYS);
    // Twenty working days are never a quarter of a year.
    for _ in 0..90 {
        if left == 0 {
            break;
        }
        day = day.checked_add(1.day()).unwrap_or(day);
        left -= u32::from(is_working(day));
    }
    day
}

/// Neither a weekend nor a day of rest of the Ley Federal del Trabajo (74), which moves three to a Monday.
fn is_working(day: Date) -> bool {
    let fixed = [(1, 1), (5, 1), (9, 16), (12, 25)];
    // The federal executive changes every six years: 2024, 2030.
    let changes = day.month() == 10 && day.day() == 1 && day.year() % 6 == 2;
    let monday = |month: i8, nth: i8| day.month() == month && (day.day() - 1) / 7 == nth - 1;
    let moved = day.weekday() == Weekday::Monday && (monday(2, 1) || monday(3, 3) || monday(11, 3));
    let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    !(weekend || moved || changes || fixed.contains(&(day.month(), day.day())))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn twenty_working_days_pass_over_weekends_and_days_of_rest() {
        assert_eq!(due(date(2026, 6, 1)), date(2026, 6, 29));
        // A Saturday counts as the day before it.
        assert_eq!(due(date(2026, 6, 6)), date(2026, 7, 3));
        // December 25 and January 1.
        assert_eq!(due(date(2026, 12, 10)), date(2027, 1, 11));
        // The third Monday of November; September 16.
        assert_eq!(due(date(2026, 11, 2)), date(2026, 12, 1));
        assert_eq!(due(date(2026, 9, 14)), date(2026, 10, 13));
        // October 1, 2030.
        assert_eq!(due(date(2030, 9, 30)), date(2030, 10, 29));
    }
}
