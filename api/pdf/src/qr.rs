//! The QR code as a drawing: one stroked path of horizontal runs.
//!
//! A tenth of the bytes of filled squares, and vector: 30 mm print sharp at any resolution.

use std::fmt::Write;

use fast_qr::{ECL, Mode, QRBuilder};

use crate::PdfError;

const OPEN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -.5 "#;
const PATH: &str = r##""><path stroke="#000" d=""##;
const CLOSE: &str = r#""/></svg>"#;

/// Draws `text` as SVG, without a quiet zone: the paper around it gives it.
///
/// Error correction M, as is customary on CFDI. Bytes are UTF-8 without an ECI header: with one, or in Latin-1,
/// common readers misread the Ñ of an RFC.
pub fn qr_svg(text: &str) -> Result<String, PdfError> {
    let code =
        QRBuilder::new(text).ecl(ECL::M).mode(Mode::Byte).build().map_err(|error| PdfError::Qr(error.to_string()))?;
    let size = code.size;
    let mut svg = format!("{OPEN}{size} {size}{PATH}");
    for y in 0..size {
        let row = &code[y];
        let mut x = 0;
        while x < size {
            let dark = row[x].value();
            let run = row[x..].iter().take_while(|module| module.value() == dark).count();
            if dark {
                // Writing to a String cannot fail.
                let _ = write!(svg, "M{x} {y}h{run}");
            }
            x += run;
        }
    }
    svg.push_str(CLOSE);
    Ok(svg)
}

/// Whether `svg` has the exact shape of [`qr_svg`]: nothing else is handed to the SVG reader as a QR code.
pub(crate) fn is_ours(svg: &str) -> bool {
    svg.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)).and_then(|rest| rest.split_once(PATH)).is_some_and(
        |(size, path)| {
            size.bytes().all(|b| b.is_ascii_digit() || b == b' ')
                && path.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'M' | b'h' | b' '))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_is_one_path_of_runs_whose_corners_are_the_finders() {
        let svg = qr_svg("https://example.org/?re=C&amp;Ñ010101AB1").unwrap();
        assert!(svg.starts_with(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -.5 "#), "{svg}");
        assert!(svg.contains(r#"d="M0 0h7M"#), "{svg}");
        assert!(is_ours(&svg));
    }

    #[test]
    fn a_text_past_the_largest_code_is_an_error() {
        assert!(matches!(qr_svg(&"x".repeat(2_332)), Err(PdfError::Qr(_))));
        assert!(qr_svg(&"x".repeat(2_331)).is_ok());
    }

    #[test]
    fn another_drawing_is_not_a_qr() {
        let svg = qr_svg("a").unwrap();
        assert!(!is_ours(&svg.replace("/>", "/><image href='x'/>")));
        assert!(!is_ours("<svg/>"));
        assert!(!is_ours(""));
    }
}
