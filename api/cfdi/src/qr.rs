//! The text of the QR code that every printed CFDI carries, and that the SAT's status service takes as its question.

use crate::comprobante::Comprobante;
use rust_decimal::Decimal;

/// Where the SAT verifies a document.
const VERIFIER: &str = "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx";

/// The QR's text of a stamped document; `None` before it is stamped.
pub fn qr_text(comprobante: &Comprobante) -> Option<String> {
    expression(comprobante).map(|expression| format!("{VERIFIER}{expression}"))
}

/// The part from `?` on: the question for the status service. `None` before the document is stamped.
pub fn expression(comprobante: &Comprobante) -> Option<String> {
    let timbre = comprobante.timbre.as_ref()?;
    let total = total_text(comprobante.total);
    let (re, rr) = (escaped(&comprobante.emisor.rfc), escaped(&comprobante.receptor.rfc));
    // The seal's tail is not percent-encoded, whatever signs it holds.
    let tail_at = comprobante.sello.len().checked_sub(8)?;
    let tail = comprobante.sello.get(tail_at..)?;
    Some(format!("?id={}&re={re}&rr={rr}&tt={total}&fe={tail}", timbre.uuid))
}

/// An RFC with `&` is written as in the XML; a plain one would break the query.
fn escaped(rfc: &str) -> String {
    rfc.replace('&', "&amp;")
}

/// No superfluous zeros, at least one digit on each side of the point.
fn total_text(total: Decimal) -> String {
    let text = total.normalize().to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::parse;

    #[test]
    fn totals_lose_superfluous_zeros_but_keep_a_digit_on_each_side() {
        for (written, told) in [
            ("1160.00", "1160.0"),
            ("0.99", "0.99"),
            ("1", "1.0"),
            ("0", "0.0"),
            ("1234.567800", "1234.5678"),
            ("100.00", "100.0"),
            ("1000000", "1000000.0"),
        ] {
            assert_eq!(total_text(parse(written).unwrap()), told);
        }
        assert_eq!(escaped("H&E951128469"), "H&amp;E951128469");
        assert_eq!(escaped("ÑAM8001019Q8"), "ÑAM8001019Q8");
    }
}
