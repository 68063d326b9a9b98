//! The fields of a bank's message: names without regard to capitals, and a name said twice is no name.
use url::form_urlencoded;

/// Largest message of a bank that is kept.
pub const MESSAGE_MAX_BYTES: usize = 16 * 1024;
/// Fields of a message that are looked at.
const FIELDS_MAX: usize = 200;

/// Fields that are the card's or its holder's, and never kept.
const CARD_FIELDS: [&str; 2] = ["mp_cardholdername", "mp_sbtoken"];
/// The card's number.
const PAN_FIELD: &str = "mp_pan";
/// Its last digits, which may be kept.
const PAN_KEPT: usize = 4;

/// A message read as a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a message whatever its shape: a form, or JSON, of which only the order it names is taken.
    pub fn read(raw: &[u8]) -> Fields {
        if !raw.trim_ascii_start().starts_with(b"{") {
            return Fields::parse(raw).without_card();
        }
        let order = serde_json::from_slice::<serde_json::Value>(raw)
            .ok()
            .and_then(|message| Some(message.get("order")?.get("id")?.as_str()?.to_owned()));
        Fields(order.map(|order| ("order".to_owned(), order)).into_iter().collect())
    }

    /// The same without what is of a card: four digits of its number at most.
    fn without_card(self) -> Fields {
        let kept = self.0.into_iter().filter(|(name, _)| !CARD_FIELDS.iter().any(|card| name.starts_with(card)));
        let shorten = |(name, value): (String, String)| {
            let hidden = if name.starts_with(PAN_FIELD) { value.chars().count().saturating_sub(PAN_KEPT) } else { 0 };
            let value = value.chars().skip(hidden).collect();
            (name, value)
        };
        Fields(kept.map(shorten).collect())
    }

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

    /// All of them, as they came.
    pub fn pairs(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
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
    fn of_a_card_four_digits_are_kept_at_most() {
        let raw =
            b"mp_order=7&mp_pan=4152313312345678&mp_panComplete=4152313312345678&mp_cardholdername=LUCIA&mp_sbToken=9";
        assert_eq!(Fields::read(raw).canonical(), b"mp_order=7&mp_pan=5678&mp_pancomplete=5678");
    }

    #[test]
    fn of_json_only_the_order_is_taken() {
        let raw = br#" {"order": {"id": "0a1b"}, "sourceOfFunds": {"provided": {"card": {"number": "4152"}}}}"#;
        assert_eq!(Fields::read(raw).canonical(), b"order=0a1b");
        assert_eq!(Fields::read(b"{\"order\":7}"), Fields::default());
        assert_eq!(Fields::read(b"{nothing"), Fields::default());
    }

    #[test]
    fn one_message_has_one_canonical_form() {
        let (one, other) = (Fields::parse(b"a=1&b=%32"), Fields::parse(b"B=2&a=1"));
        assert_eq!(one.canonical(), other.canonical());
        assert_ne!(one.canonical(), Fields::parse(b"a=1&b=3").canonical());
    }
}
