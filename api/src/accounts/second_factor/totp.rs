//! Codes of authenticator apps: RFC 6238 over RFC 4226, in the one form that every app knows: HMAC-SHA-1, six digits,
//! thirty seconds.
use aws_lc_rs::hmac;

use crate::db::Timestamp;

/// Bytes of a secret: as many as the hash has (RFC 4226, 4).
pub(super) const SECRET_LEN: usize = 20;
const STEP_SECONDS: i64 = 30;
const MODULUS: u32 = 1_000_000;
/// Steps to either side that are taken: phones' clocks are a little off, and people type slowly (RFC 6238, 5.2).
const DRIFT_STEPS: i64 = 1;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Number of the step of this moment.
pub(super) fn step_at(now: Timestamp) -> i64 {
    now.jiff().as_second().div_euclid(STEP_SECONDS)
}

/// The first step from now on whose code is good after one that was used, or the last that is taken.
pub(super) fn step_after(last: i64, now: Timestamp) -> i64 {
    let present = step_at(now);
    (last + 1).clamp(present, present + DRIFT_STEPS)
}

/// The six digits of a step.
pub(super) fn code(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let mac = hmac::sign(&key, &step.to_be_bytes());
    let mac = mac.as_ref();
    let at = usize::from(mac.last().copied().unwrap_or(0) & 0x0f);
    let word = mac.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).unwrap_or_default();
    format!("{:06}", (u32::from_be_bytes(word) & 0x7fff_ffff) % MODULUS)
}

/// The step whose code this is, of those near `now` and after `last`: a code is good once.
pub(super) fn step_of(secret: &[u8], typed: &str, now: Timestamp, last: i64) -> Option<i64> {
    let present = step_at(now);
    let steps = (present - DRIFT_STEPS..=present + DRIFT_STEPS).filter(|step| *step > last);
    // Every step is computed and compared whole, whatever was typed.
    let mut found = None;
    for step in steps {
        let ours = code(secret, step);
        if aws_lc_rs::constant_time::verify_slices_are_equal(ours.as_bytes(), typed.as_bytes()).is_ok() {
            found = Some(step);
        }
    }
    found
}

/// RFC 4648, without padding: as apps read secrets.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0; 8];
        group[3..3 + chunk.len()].copy_from_slice(chunk);
        let bits = u64::from_be_bytes(group);
        let letters = (chunk.len() * 8).div_ceil(5);
        let letter = |index: usize| BASE32[usize::try_from((bits >> (35 - 5 * index)) & 31).unwrap_or(0)];
        text.extend((0..letters).map(|index| char::from(letter(index))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::new(jiff::Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn the_codes_are_those_of_rfc_6238() {
        let secret = b"12345678901234567890";
        for (second, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(secret, step_at(at(second))), expected, "{second}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_neighbours_and_once() {
        let (secret, now) = (b"12345678901234567890", at(1_111_111_111));
        let step = step_at(now);
        for drift in -1..=1 {
            assert_eq!(step_of(secret, &code(secret, step + drift), now, 0), Some(step + drift));
        }
        assert_eq!(step_of(secret, &code(secret, step + 2), now, 0), None);
        assert_eq!(step_of(secret, &code(secret, step - 2), now, 0), None);
        assert_eq!(step_of(secret, &code(secret, step), now, step), None, "taken before");
        for bad in ["", "5047", "0504711", "x50471"] {
            assert_eq!(step_of(secret, bad, now, 0), None, "{bad}");
        }
    }

    #[test]
    fn who_has_used_a_code_is_told_the_next() {
        let (secret, now) = (b"12345678901234567890", at(1_111_111_111));
        let present = step_at(now);
        let first = step_after(0, now);
        assert_eq!(first, present);
        let second = step_after(first, now);
        assert_eq!(step_of(secret, &code(secret, second), now, first), Some(second));
        assert_eq!(step_after(second, now), second, "whoever has used both waits");
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
