//! States of an invoice being made, and the pure decisions about them.
use shared::ProblemCode;

use crate::db::Timestamp;

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StampState {
    /// Sealed and committed; the PAC's answer is not known.
    Sealed,
    /// Stamped. Final.
    Stamped,
    /// Refused by the PAC. Final: the ticket is free, another attempt is another invoice.
    Rejected,
}

impl StampState {
    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            StampState::Sealed => "sealed",
            StampState::Stamped => "stamped",
            StampState::Rejected => "rejected",
        }
    }
}

impl TryFrom<String> for StampState {
    type Error = String;
    fn try_from(text: String) -> Result<StampState, String> {
        [StampState::Sealed, StampState::Stamped, StampState::Rejected]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(text)
    }
}

/// What a daily ceiling says to one more order (K6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// Far enough below.
    Free,
    /// This one brings it to four fifths, or past them: somebody should know.
    Alarm,
    /// This one would go past it.
    Stop,
}

/// Judges an order of `more` on a day that has come to `before`: numbers of invoices, or minor units.
pub fn brake(before: i64, more: i64, ceiling: i64) -> Brake {
    let after = before.saturating_add(more);
    let fifths = i128::from(ceiling) * 4;
    if after > ceiling {
        Brake::Stop
    } else if i128::from(before) * 5 < fifths && i128::from(after) * 5 >= fifths {
        Brake::Alarm
    } else {
        Brake::Free
    }
}

/// What was learnt from the PAC, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A stamped document that is ours: same cadena, same seal.
    Stamped(Stamped),
    /// Refused for good.
    Refused {
        /// The SAT's code.
        sat_code: String,
    },
    /// Nothing certain.
    Silent,
}

impl Answer {
    /// For those who count answers.
    pub const fn word(&self) -> &'static str {
        match self {
            Answer::Stamped(_) => "stamped",
            Answer::Refused { .. } => "refused",
            Answer::Silent => "silent",
        }
    }
}

/// A verified stamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// The document, byte for byte as it came.
    pub xml: String,
    /// UUID of the stamp.
    pub folio_fiscal: String,
    /// When the PAC's clock says that it was stamped: central Mexico, `YYYY-MM-DDThh:mm:ss`.
    pub fecha_timbrado: String,
}

/// What to write after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Keep the stamped document and deliver it.
    Keep(Stamped),
    /// Write the refusal and free the ticket.
    Reject(Refusal),
    /// Count the try and ask again later.
    Wait,
    /// It was settled before, by another road: change nothing.
    Settled,
}

/// A refusal in the portal's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What it means for the person.
    pub problem: ProblemCode,
    /// The field to correct.
    pub pointer: Option<&'static str>,
    /// The SAT's code.
    pub sat_code: String,
}

impl StampState {
    /// The whole table of transitions: only a sealed invoice moves, and only once.
    pub fn after_stamp(self, answer: Answer) -> Next {
        match (self, answer) {
            (StampState::Stamped | StampState::Rejected, _) => Next::Settled,
            (StampState::Sealed, Answer::Stamped(stamped)) => Next::Keep(stamped),
            (StampState::Sealed, Answer::Refused { sat_code }) => Next::Reject(refusal(sat_code)),
            (StampState::Sealed, Answer::Silent) => Next::Wait,
        }
    }
}

/// The SAT refuses a comprobante dated longer before its stamp (cfdi.md 1.9).
const STAMP_WINDOW_SECONDS: i64 = 72 * 3_600;
/// Clocks of two machines differ: so much before the end of the window a refusal may already mean it.
const CLOCKS_DIFFER_SECONDS: i64 = 3_600;
/// The SAT's code of a date out of its window: too old, or in the future.
pub(super) const DATE_REFUSED: &str = "401";
/// Clocks that agree differ by less: the SAT's time and ours come from the same sources.
const SKEW_MAX_SECONDS: i64 = 60;

/// The date was refused for its age, not for something that somebody has to correct: the document must be dated and
/// sealed again. A fresh document with that answer means a clock of ours that is wrong, and stays refused.
pub fn is_outdated(answer: &Answer, dated_at: Timestamp, now: Timestamp) -> bool {
    let old = now.seconds_since(dated_at) >= STAMP_WINDOW_SECONDS - CLOCKS_DIFFER_SECONDS;
    old && matches!(answer, Answer::Refused { sat_code } if sat_code == DATE_REFUSED)
}

/// By how many seconds the PAC's clock is ahead of ours (behind it: below zero), when that is more than clocks may
/// differ. An answer may come long after its stamp, which was made between the seal and now.
pub fn skew(fecha_timbrado: &str, (sealed_at, now): (Timestamp, Timestamp)) -> Option<i64> {
    let civil: jiff::civil::DateTime = fecha_timbrado.parse().ok()?;
    let stamped_at = Timestamp::new(jiff::tz::TimeZone::get("America/Mexico_City").ok()?.to_timestamp(civil).ok()?);
    let (ahead, behind) = (stamped_at.seconds_since(now), stamped_at.seconds_since(sealed_at));
    if ahead > SKEW_MAX_SECONDS { Some(ahead) } else { (behind < -SKEW_MAX_SECONDS).then_some(behind) }
}

/// What a SAT code means here, and which field it is about (cfdi.md 3.1, the SAT's error matrix).
pub fn refusal(sat_code: String) -> Refusal {
    use ProblemCode as P;
    let (problem, pointer) = match sat_code.as_str() {
        "CFDI40143" => (P::ReceptorRfcUnknown, Some("/receptor/rfc")),
        "CFDI40144" | "CFDI40145" | "CFDI40146" => (P::ReceptorNameDiffers, Some("/receptor/nombre")),
        "CFDI40147" | "CFDI40148" | "CFDI40149" => (P::ReceptorPostalCodeDiffers, Some("/receptor/codigo_postal")),
        "CFDI40157" | "CFDI40158" | "CFDI40159" => (P::ReceptorRegimenDiffers, Some("/receptor/regimen")),
        "CFDI40160" | "CFDI40161" => (P::ReceptorUsoNotAllowed, Some("/receptor/uso")),
        // The issuer's certificate, register or account, or our clock: nothing the person typed.
        "303" | "304" | "305" | "306" | "308" | DATE_REFUSED | "402" | "CFDI40138" | "CFDI40139" => {
            (P::IssuerNotReady, None)
        }
        _ => (P::StampRefused, None),
    };
    Refusal { problem, pointer, sat_code }
}

/// Pauses between tries while the PAC is silent: short at first, since most silences are; the last one repeats for
/// as long as the SAT takes the date (72 h).
const PAUSES_SECONDS: [i64; 8] = [5, 15, 30, 60, 60, 120, 300, 600];

/// When to ask again after this many tries.
pub fn next_attempt_at(attempts: i64, now: Timestamp) -> Timestamp {
    let index = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX).min(PAUSES_SECONDS.len() - 1);
    now.plus_seconds(PAUSES_SECONDS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped() -> Answer {
        Answer::Stamped(Stamped { xml: "<x/>".into(), folio_fiscal: "U".into(), fecha_timbrado: "F".into() })
    }

    #[test]
    fn only_a_sealed_invoice_moves() {
        for state in [StampState::Stamped, StampState::Rejected] {
            for answer in [stamped(), Answer::Refused { sat_code: "301".into() }, Answer::Silent] {
                assert_eq!(state.after_stamp(answer), Next::Settled);
            }
        }
    }

    #[test]
    fn k6_the_alarm_is_given_once_whatever_the_ceiling() {
        for ceiling in [1, 2, 3, 4, 5, 7, 99, 5_000] {
            let day: Vec<Brake> = (0..=ceiling).map(|before| brake(before, 1, ceiling)).collect();
            assert_eq!(day.iter().filter(|brake| **brake == Brake::Alarm).count(), 1, "{ceiling}: {day:?}");
            assert_eq!(day.iter().position(|brake| *brake == Brake::Stop), usize::try_from(ceiling).ok(), "{ceiling}");
        }
        assert_eq!(brake(7_900, 99, 10_000), Brake::Free);
        assert_eq!(brake(7_900, 2_100, 10_000), Brake::Alarm);
        assert_eq!(brake(8_000, 2_001, 10_000), Brake::Stop);
        assert_eq!(brake(0, i64::MAX, i64::MAX), Brake::Alarm);
        assert_eq!(brake(i64::MAX, 1, i64::MAX), Brake::Free, "no wrapping round");
    }

    #[test]
    fn silence_is_never_a_refusal() {
        assert_eq!(StampState::Sealed.after_stamp(Answer::Silent), Next::Wait);
    }

    #[test]
    fn each_receptor_code_names_its_field() {
        let refusal = refusal("CFDI40148".into());
        assert_eq!(
            (refusal.problem, refusal.pointer),
            (ProblemCode::ReceptorPostalCodeDiffers, Some("/receptor/codigo_postal"))
        );
        assert_eq!(super::refusal("CFDI40999".into()).problem, ProblemCode::StampRefused);
        for not_theirs in ["401", "402"] {
            let refusal = super::refusal(not_theirs.into());
            assert_eq!((refusal.problem, refusal.pointer), (ProblemCode::IssuerNotReady, None), "{not_theirs}");
        }
    }

    #[test]
    fn clocks_differ_when_a_stamp_is_of_before_its_seal_or_of_later() {
        // Noon in central Mexico.
        let sealed_at = Timestamp::new("2026-11-18T18:00:00Z".parse().unwrap());
        for (fecha_timbrado, asked_after, seconds) in [
            ("2026-11-18T12:00:02", 3, None),
            ("2026-11-18T12:01:03", 3, None),
            ("2026-11-18T12:01:04", 3, Some(61)),
            ("2026-11-18T11:59:00", 3, None),
            ("2026-11-18T11:58:59", 3, Some(-61)),
            ("2026-11-18T11:57:00", 3, Some(-180)),
            // Its answer was lost, and it was asked for again the next day.
            ("2026-11-18T12:00:02", 86_400, None),
            ("no date", 3, None),
        ] {
            let now = sealed_at.plus_seconds(asked_after);
            assert_eq!(skew(fecha_timbrado, (sealed_at, now)), seconds, "{fecha_timbrado}");
        }
    }

    #[test]
    fn only_the_age_of_a_date_makes_it_outdated() {
        let dated_at = Timestamp::new("2026-11-18T18:00:00Z".parse().unwrap());
        let refused = |sat_code: &str| Answer::Refused { sat_code: sat_code.into() };
        for (answer, hours, outdated) in [
            (refused("401"), 0, false),
            (refused("401"), 70, false),
            (refused("401"), 71, true),
            (refused("401"), 96, true),
            (refused("CFDI40145"), 96, false),
            (Answer::Silent, 96, false),
            (stamped(), 96, false),
        ] {
            assert_eq!(
                is_outdated(&answer, dated_at, dated_at.plus_seconds(hours * 3_600)),
                outdated,
                "{answer:?} {hours}"
            );
        }
    }

    #[test]
    fn pauses_grow_and_stay() {
        let now = Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap());
        assert_eq!(next_attempt_at(1, now), now.plus_seconds(5));
        assert_eq!(next_attempt_at(500, now), now.plus_seconds(600));
    }
}
