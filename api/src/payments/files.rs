//! A line of a bank's file, in one shape of ours whatever file it stood in: that is what is kept as evidence, without the
//! payer's name, mail and telephone, and what is read again when it is judged.
use fiscal::{Amount, Currency, FormaPago};
use url::form_urlencoded;

use super::banks::Fields;
use super::how::How;
use super::model::{Intended, Reading};

/// Longest number of a bank's that is kept, in characters: a clave de rastreo has up to 30.
pub const TRANSACTION_MAX: usize = 40;

/// What a line says became of the money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is there.
    Paid,
    /// It is not, and will not come.
    Declined,
    /// Not yet.
    Pending,
}

impl Said {
    const ALL: [Said; 3] = [Said::Paid, Said::Declined, Said::Pending];

    const fn as_str(self) -> &'static str {
        match self {
            Said::Paid => "paid",
            Said::Declined => "declined",
            Said::Pending => "pending",
        }
    }
}

/// What a line says of one payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Our order number, when the file carries it.
    pub order: Option<String>,
    /// Our reference, or the customer's own.
    pub reference: String,
    /// The bank's number.
    pub transaction: String,
    /// How much.
    pub amount: Amount,
    /// What became of it.
    pub said: Said,
    /// By which form it was paid, when the file says it.
    pub forma: Option<FormaPago>,
    /// When, as the file has it.
    pub date: Option<String>,
}

impl Line {
    /// As it is kept.
    pub fn canonical(&self) -> Vec<u8> {
        let how = [("forma", self.forma.map(FormaPago::code)), ("date", self.date.as_deref())];
        let how = how.into_iter().filter_map(|(name, value)| Some((name, value?)));
        self.pairs().extend_pairs(how).finish().into_bytes()
    }

    /// What makes two lines the same payment: how and when it was paid does not, and one file says more than another.
    pub fn key(&self) -> Vec<u8> {
        self.pairs().finish().into_bytes()
    }

    fn pairs(&self) -> form_urlencoded::Serializer<'static, String> {
        let amount = self.amount.to_decimal_string();
        let pairs = [
            ("order", self.order.as_deref().unwrap_or_default()),
            ("reference", self.reference.as_str()),
            ("transaction", self.transaction.as_str()),
            ("amount", amount.as_str()),
            ("said", self.said.as_str()),
        ];
        let mut written = form_urlencoded::Serializer::new(String::new());
        written.extend_pairs(pairs);
        written
    }

    /// Reads what [`Line::canonical`] wrote.
    pub fn parse(raw: &[u8]) -> Option<Line> {
        let fields = Fields::parse(raw);
        let said = fields.only("said")?;
        Some(Line {
            order: fields.only("order").filter(|order| !order.is_empty()).map(str::to_owned),
            reference: fields.only("reference")?.to_owned(),
            transaction: fields.only("transaction")?.to_owned(),
            amount: Amount::parse(fields.only("amount")?, Currency::Mxn).ok()?,
            said: Said::ALL.into_iter().find(|known| known.as_str() == said)?,
            forma: fields.only("forma").and_then(|code| code.parse().ok()),
            date: fields.only("date").map(str::to_owned),
        })
    }

    /// How and when it was paid.
    pub fn how(&self) -> How {
        How::new(self.forma, self.date.as_deref())
    }
}

/// Reads a kept line against what was ordered. Files are the bank's own word (`payments.md` 0, D2), so that nothing is
/// signed; that they name this order is checked byte for byte.
pub fn read(raw: &[u8], intended: &Intended) -> Reading {
    let Some(line) = Line::parse(raw) else { return Reading::Untrusted { why: "line" } };
    if line.order.is_some_and(|order| order != intended.merchant_order) {
        return Reading::Untrusted { why: "order" };
    }
    if line.reference != intended.merchant_reference {
        return Reading::Untrusted { why: "reference" };
    }
    match line.said {
        _ if line.transaction.is_empty() => Reading::Untrusted { why: "transaction" },
        Said::Paid => Reading::Paid { transaction: line.transaction, amount: line.amount },
        Said::Declined => Reading::Declined { transaction: Some(line.transaction) },
        Said::Pending => Reading::Pending,
    }
}

#[cfg(test)]
mod tests {
    use shared::payments::BankCode;
    use uuid::Uuid;

    use super::*;

    fn intended() -> Intended {
        Intended {
            attempt_id: Uuid::from_u128(1),
            bank: BankCode::Bbva,
            merchant_order: "0a1b".into(),
            merchant_reference: "000000004201".into(),
            amount_text: "15230.50".into(),
            amount: Amount::new(1_523_050, Currency::Mxn),
            bank_secret: None,
        }
    }

    fn line() -> Line {
        Line {
            order: Some("0a1b".into()),
            reference: "000000004201".into(),
            transaction: "804512".into(),
            amount: Amount::new(1_523_050, Currency::Mxn),
            said: Said::Paid,
            forma: None,
            date: None,
        }
    }

    #[test]
    fn how_a_line_was_paid_is_kept_with_it_and_makes_no_other_line() {
        let told = Line { forma: Some(FormaPago::Transferencia), date: Some("2026-11-18 10:00:00".into()), ..line() };
        assert_eq!(Line::parse(&told.canonical()), Some(told.clone()));
        assert_eq!((told.how().forma, told.how().at.is_some()), (Some(FormaPago::Transferencia), true));
        assert_ne!(told.canonical(), line().canonical());
        assert_eq!((told.key(), line().canonical()), (line().key(), line().key()));
    }

    #[test]
    fn a_kept_line_says_again_what_it_said() {
        let paid = Reading::Paid { transaction: "804512".into(), amount: line().amount };
        assert_eq!(read(&line().canonical(), &intended()), paid);
        assert_eq!(Line::parse(&line().canonical()), Some(line()));
        assert_eq!(read(b"order=&reference=&said=quizas", &intended()), Reading::Untrusted { why: "line" });
        let transfer = Line { order: None, ..line() };
        assert_eq!(read(&transfer.canonical(), &intended()), paid);
        let declined = Line { said: Said::Declined, ..line() };
        let reading = Reading::Declined { transaction: Some("804512".into()) };
        assert_eq!(read(&declined.canonical(), &intended()), reading);
        assert_eq!(read(&Line { said: Said::Pending, ..line() }.canonical(), &intended()), Reading::Pending);
    }

    #[test]
    fn a_line_about_another_order_says_nothing_of_this_one() {
        for (other, why) in [
            (Line { order: Some("0a1c".into()), ..line() }, "order"),
            (Line { reference: "000000004202".into(), ..line() }, "reference"),
            (Line { transaction: String::new(), ..line() }, "transaction"),
        ] {
            assert_eq!(read(&other.canonical(), &intended()), Reading::Untrusted { why });
        }
    }
}
