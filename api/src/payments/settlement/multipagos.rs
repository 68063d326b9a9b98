//! The file of payments of Multipagos: one payment a line, fixed widths, 616 bytes, single-byte letters (`payments.md` 1.6).
//! Bytes are cut first and read after.
use fiscal::Currency;

use super::lines::{FileLine, day, money};
use crate::payments::banks;
use crate::payments::files::{Line, Said, TRANSACTION_MAX};

const DATE: (usize, usize) = (0, 26);
const METHOD: (usize, usize) = (97, 107);
const REFERENCE: (usize, usize) = (107, 147);
const ORDER: (usize, usize) = (147, 187);
const APPROVAL: (usize, usize) = (187, 197);
const AMOUNT: (usize, usize) = (237, 259);
const FEE: (usize, usize) = (259, 281);
const FEE_TAX: (usize, usize) = (281, 303);
const PAID_OUT: (usize, usize) = (303, 313);
const CURRENCY: (usize, usize) = (315, 316);
/// What is read ends here; the payer's bank, name, mail and telephone follow, and are not.
const READ_TO: usize = 316;
const PESOS: &str = "1";

fn cut(line: &[u8], (from, to): (usize, usize)) -> String {
    let bytes = line.get(from..to.min(line.len())).unwrap_or_default();
    // Latin-1: each byte is the letter of its number.
    bytes.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned()
}

/// Reads one line, or says which part cannot be read.
pub(super) fn read(line: &[u8]) -> Result<FileLine, &'static str> {
    if line.len() < READ_TO {
        return Err("length");
    }
    if cut(line, CURRENCY) != PESOS {
        return Err("currency");
    }
    let (reference, order, transaction) = (cut(line, REFERENCE), cut(line, ORDER), cut(line, APPROVAL));
    if reference.is_empty() {
        return Err("reference");
    }
    if transaction.is_empty() || transaction.len() > TRANSACTION_MAX || transaction.bytes().all(|byte| byte == b'0') {
        return Err("transaction");
    }
    Ok(FileLine {
        line: Line {
            order: (!order.is_empty()).then_some(order),
            reference,
            transaction,
            amount: money(&cut(line, AMOUNT), Currency::Mxn).filter(|amount| amount.is_positive()).ok_or("amount")?,
            said: Said::Paid,
            forma: banks::forma_of_multipagos(&cut(line, METHOD), ""),
            date: Some(cut(line, DATE)).filter(|date| !date.is_empty()),
        },
        fee: money(&cut(line, FEE), Currency::Mxn),
        fee_tax: money(&cut(line, FEE_TAX), Currency::Mxn),
        paid_on: day(cut(line, DATE).get(..10).unwrap_or_default()),
        paid_out_on: day(&cut(line, PAID_OUT)),
    })
}

/// A line as the bank writes it, for tests and for the sandbox.
#[cfg(test)]
pub(super) fn write(reference: &str, order: &str, approval: &str, amount: &str) -> Vec<u8> {
    let mut line = vec![b' '; 616];
    let mut put = |(from, _): (usize, usize), text: &str| {
        line.splice(from..from + text.len(), text.bytes());
    };
    put(DATE, "2026-11-18 13:04:05.000000");
    put(REFERENCE, reference);
    put(ORDER, order);
    put(APPROVAL, approval);
    put(AMOUNT, amount);
    put(FEE, "12.00");
    put(FEE_TAX, "1.92");
    put(PAID_OUT, "2026-11-20");
    put(CURRENCY, "1");
    line[416] = 0xD1;
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_by_bytes_and_keeps_nothing_of_the_payer() {
        let read = read(&write("000000004201", "0a1b", "804512", "0000015230.50")).unwrap();
        assert_eq!((read.line.reference.as_str(), read.line.order.as_deref()), ("000000004201", Some("0a1b")));
        assert_eq!((read.line.transaction.as_str(), read.line.amount.minor()), ("804512", 1_523_050));
        assert_eq!((read.fee.unwrap().minor(), read.fee_tax.unwrap().minor()), (1_200, 192));
        assert_eq!((read.paid_on.as_deref(), read.paid_out_on.as_deref()), (Some("2026-11-18"), Some("2026-11-20")));
        let at = read.line.how().at.unwrap();
        assert_eq!((at.jiff().to_string().as_str(), read.line.forma), ("2026-11-18T19:04:05Z", None));
    }

    #[test]
    fn only_a_transfer_is_told_by_its_method() {
        for (method, code) in
            [("SPEI", Some("03")), ("CIE_INTER", Some("03")), ("TDX", None), ("CIE", None), ("", None)]
        {
            let mut line = write("000000004201", "0a1b", "804512", "15230.50");
            line.splice(METHOD.0..METHOD.0 + method.len(), method.bytes());
            assert_eq!(super::read(&line).unwrap().line.forma.map(fiscal::FormaPago::code), code, "{method}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let good = write("000000004201", "0a1b", "804512", "15230.50");
        let with = |at: usize, text: &str| {
            let mut line = good.clone();
            line.splice(at..at + text.len(), text.bytes());
            line
        };
        for (line, why) in [
            (good[..300].to_vec(), "length"),
            (with(315, "2"), "currency"),
            (with(107, "            "), "reference"),
            (with(187, "000000"), "transaction"),
            (with(237, "15230,50"), "amount"),
            (with(237, "-5230.50"), "amount"),
        ] {
            assert_eq!(read(&line), Err(why));
        }
    }
}
