//! What a till prints: `1:K7F2QX4M:4471-20983:0048213:863.00:20261118T1742:03:` and the seal over all before it.
//!
//! Nothing but capitals, digits and `: - . % /` for the numbers that most tills use, so that a QR takes its densest
//! form for text. Pure.
use aws_lc_rs::{constant_time, hmac};
use fiscal::{Amount, Currency, FormaPago};
use jiff::civil::DateTime;
use shared::FieldErrors;
use shared::tickets::parse_ticket_number;

/// The one form there is.
const VERSION: &str = "1";
/// Longest text that is read at all: both numbers at their longest, with room.
const BYTES_MAX: usize = 400;
/// Characters of a key's id.
pub const KEY_ID_CHARS: usize = 8;
/// Bytes of the seal: half of HMAC-SHA256. 128 bits cannot be guessed, and the QR stays small.
const SEAL_BYTES: usize = 16;
/// How a sale's moment is written.
pub(super) const SOLD_AT: &str = "%Y%m%dT%H%M";
/// Characters of a sale's moment.
const SOLD_AT_CHARS: usize = 13;

/// A till's secret. Its text, as it was shown once, is the key of the HMAC.
#[derive(Clone, PartialEq, Eq)]
pub struct TillSecret(String);

impl TillSecret {
    /// From 256 random bits.
    pub fn new(bits: &[u8; 32]) -> TillSecret {
        TillSecret(format!("vts_{}", hex::encode(bits)))
    }

    /// From a vault.
    pub fn kept(bytes: &[u8]) -> Option<TillSecret> {
        std::str::from_utf8(bytes).ok().map(|text| TillSecret(text.to_owned()))
    }

    /// The whole of it: shown once, and kept sealed.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn tag(&self, text: &str) -> hmac::Tag {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes()), text.as_bytes())
    }

    /// A text with its seal behind it, as a till makes it.
    pub fn sealed(&self, text: &str) -> String {
        let tag = self.tag(text);
        let seal = tag.as_ref().get(..SEAL_BYTES).unwrap_or_default();
        format!("{text}:{}", hex::encode_upper(seal))
    }
}

impl std::fmt::Debug for TillSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TillSecret(***)")
    }
}

/// A text of the right form, whose seal nobody has looked at yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Which key sealed it. It names the branch.
    pub key_id: String,
    /// Order number, folded.
    pub order_number: String,
    /// Ticket number, folded.
    pub ticket_number: String,
    /// What was paid.
    pub total: Amount,
    /// When, on the wall of the branch.
    pub sold_at: DateTime,
    /// How it was paid, if the till says.
    pub forma_pago: Option<FormaPago>,
    text: String,
    seal: [u8; SEAL_BYTES],
}

/// Whether a claim is such a text: the claims we sign ourselves have no colon.
pub fn is_signed(claim: &str) -> bool {
    claim.contains(':')
}

impl Payload {
    /// Reads a text, already freed of its `%` escapes. `None` for any other form.
    pub fn parse(text: &str) -> Option<Payload> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let (signed, seal) = text.rsplit_once(':')?;
        let fields: Vec<&str> = signed.split(':').collect();
        let [VERSION, key_id, order_number, ticket_number, total, sold_at, forma_pago] = fields.as_slice() else {
            return None;
        };
        if key_id.len() != KEY_ID_CHARS || !key_id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let mut errors = FieldErrors::default();
        let order_number = parse_ticket_number("", order_number, &mut errors);
        let ticket_number = parse_ticket_number("", ticket_number, &mut errors);
        let total = Amount::parse(total, Currency::Mxn).ok().filter(|total| total.minor() > 0)?;
        let sold_at =
            if sold_at.len() == SOLD_AT_CHARS { DateTime::strptime(SOLD_AT, sold_at).ok()? } else { return None };
        let forma_pago = match *forma_pago {
            "" => None,
            code => Some(FormaPago::parse(code).ok().filter(|forma| *forma != FormaPago::PorDefinir)?),
        };
        let mut bytes = [0; SEAL_BYTES];
        hex::decode_to_slice(seal, &mut bytes).ok()?;
        errors.is_empty().then(|| Payload {
            key_id: (*key_id).to_owned(),
            order_number,
            ticket_number,
            total,
            sold_at,
            forma_pago,
            text: signed.to_owned(),
            seal: bytes,
        })
    }

    /// Whether this secret sealed it. Takes the same time for every wrong seal.
    pub fn is_sealed_by(&self, secret: &TillSecret) -> bool {
        let tag = secret.tag(&self.text);
        let ours = tag.as_ref().get(..SEAL_BYTES).unwrap_or_default();
        constant_time::verify_slices_are_equal(ours, &self.seal).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "1:K7F2QX4M:4471-20983:0048213:863.00:20261118T1742:03";

    fn secret() -> TillSecret {
        TillSecret::new(&[0x5a; 32])
    }

    #[test]
    fn what_a_till_signs_is_read_and_known_again() {
        let payload = Payload::parse(&secret().sealed(TEXT)).unwrap();
        assert!(payload.is_sealed_by(&secret()));
        assert!(!payload.is_sealed_by(&TillSecret::new(&[0x5b; 32])));
        assert_eq!(payload.total, Amount::new(86_300, Currency::Mxn));
        assert_eq!(payload.sold_at.to_string(), "2026-11-18T17:42:00");
        assert_eq!(payload.forma_pago, Some(FormaPago::Transferencia));
        let unsaid = Payload::parse(&secret().sealed("1:K7F2QX4M:A1:7:1.00:20261118T0001:")).unwrap();
        assert_eq!((unsaid.forma_pago, unsaid.is_sealed_by(&secret())), (None, true));
    }

    #[test]
    fn n1_of_every_letter_that_is_changed_nothing_is_left() {
        let good = secret().sealed(TEXT);
        for at in 0..good.len() {
            for other in ["0", "7", "A", ":", "-"] {
                let mut bad = good.clone();
                bad.replace_range(at..=at, other);
                let known = Payload::parse(&bad).is_some_and(|payload| payload.is_sealed_by(&secret()));
                assert!(!known || bad.eq_ignore_ascii_case(&good), "{bad}");
            }
        }
    }

    #[test]
    fn what_has_another_form_is_not_read() {
        for bad in [
            "",
            ":",
            "1:::::::",
            "2:K7F2QX4M:A1:7:1.00:20261118T0001:",
            "1:K7F2:A1:7:1.00:20261118T0001:",
            "1:K7F2QX4M::7:1.00:20261118T0001:",
            "1:K7F2QX4M:A1:7:0.00:20261118T0001:",
            "1:K7F2QX4M:A1:7:-1.00:20261118T0001:",
            "1:K7F2QX4M:A1:7:1.00:20261318T0001:",
            "1:K7F2QX4M:A1:7:1.00:2026-11-18T00:01:",
            "1:K7F2QX4M:A1:7:1.00:20261118T0001:99",
            "1:K7F2QX4M:A1:7:1.00:20261118T0001:3",
        ] {
            assert_eq!(Payload::parse(&secret().sealed(bad)), None, "{bad}");
        }
        assert_eq!(Payload::parse(TEXT), None, "no seal");
        assert_eq!(Payload::parse(&format!("{TEXT}:00")), None, "a short seal");
        assert_eq!(Payload::parse(&secret().sealed(&format!("{TEXT}{}", "0".repeat(400)))), None);
    }
}
