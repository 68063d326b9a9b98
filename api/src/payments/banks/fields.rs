//! The fields of a bank's message: names without regard to capitals, and a name said twice is no name.
use url::form_urlencoded;

/// Largest message of a bank that is kept.
pub const MESSAGE_MAX_BYTES: usize = 16 * 1024;
/// Fields of a message that are looked at.
const FIELDS_MAX: usize = 200;

/// A message read as a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `name=value&…`, as a form's body or an address's query has it.
    pub fn parse(raw: &[u8]) -> Fields {
        let pairs = form_urlencoded::parse(raw).take(FIELDS_MAX);
        Fields(pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned())).collect())
    }

    /// The value of a field that is there exactly once. Tenants of one bank spell names differently, so capitals do
    /// not count.
    pub fn only(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(found, _)| found == &name.to_ascii_lowercase());
        let (_, value) = found.next()?;
        found.next().is_none().then_some(value)
    }

    /// The same message in one spelling: sorted, so that order and escapes make no second evidence of it.
    pub fn canonical(&self) -> Vec<u8> {
        let mut pairs = self.0.clone();
        pairs.sort();
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_do_not_count_and_twice_is_not_at_all() {
        let fields = Fields::parse(b"mp_Order=7&mp_paymentMethod=TDX&mp_amount=1.00&MP_AMOUNT=2.00&mp_x[]=1");
        assert_eq!(fields.only("mp_order"), Some("7"));
        assert_eq!(fields.only("mp_PaymentMethod"), Some("TDX"));
        assert_eq!(fields.only("mp_amount"), None);
        assert_eq!(fields.only("mp_x"), None);
    }

    #[test]
    fn one_message_has_one_canonical_form() {
        let (one, other) = (Fields::parse(b"a=1&b=%32"), Fields::parse(b"B=2&a=1"));
        assert_eq!(one.canonical(), other.canonical());
        assert_ne!(one.canonical(), Fields::parse(b"a=1&b=3").canonical());
    }
}
