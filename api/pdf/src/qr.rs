//! The QR code as a picture: one byte a dot, a few dots a module.
//!
//! As vector paths it was a twelfth of a factura's time and of its bytes, most of it a long path written as text.

use fast_qr::{ECL, Mode, QRBuilder};
use serde::Serialize;
use typst::foundations::Bytes;

use crate::PdfError;
use crate::world::QR_PATH;

/// Dots a module is wide. Readers and printers show the picture without smoothing, as it asks; one that smooths all the
/// same blurs a quarter of a module.
const DOTS: usize = 4;

const DARK: u8 = 0;
const LIGHT: u8 = 255;

/// A QR code, drawn without a quiet zone: the paper around it gives it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Qr {
    archivo: &'static str,
    /// Dots a side.
    lado: usize,
    #[serde(skip)]
    dots: Vec<u8>,
}

impl Qr {
    /// Draws `text`.
    ///
    /// Error correction M, as is customary on CFDI. Bytes are UTF-8 without an ECI header: with one, or in Latin-1,
    /// common readers misread the Ñ of an RFC.
    pub fn new(text: &str) -> Result<Self, PdfError> {
        let code = QRBuilder::new(text).ecl(ECL::M).mode(Mode::Byte).build();
        let code = code.map_err(|error| PdfError::Qr(error.to_string()))?;
        let lado = code.size * DOTS;
        let mut dots = Vec::with_capacity(lado * lado);
        for y in 0..code.size {
            let row = dots.len();
            for module in &code[y][..code.size] {
                dots.extend([if module.value() { DARK } else { LIGHT }; DOTS]);
            }
            for _ in 1..DOTS {
                dots.extend_from_within(row..row + lado);
            }
        }
        Ok(Self { archivo: QR_PATH, lado, dots })
    }

    pub(crate) fn dots(&self) -> Bytes {
        Bytes::new(self.dots.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qr_is_a_square_of_dots_whose_corners_are_the_finders() {
        let qr = Qr::new("https://example.org/?re=C&amp;Ñ010101AB1").unwrap();
        assert_eq!(qr.dots.len(), qr.lado * qr.lado);
        let finder = [[DARK; 7 * DOTS].as_slice(), &[LIGHT; DOTS]].concat();
        for y in 0..DOTS {
            assert_eq!(&qr.dots[y * qr.lado..][..8 * DOTS], finder, "row {y}");
        }
        assert_eq!(&qr.dots[DOTS * qr.lado..][..2 * DOTS], [[DARK; DOTS], [LIGHT; DOTS]].concat());
    }

    #[test]
    fn a_text_past_the_largest_code_is_an_error() {
        assert!(matches!(Qr::new(&"x".repeat(2_332)), Err(PdfError::Qr(_))));
        assert!(Qr::new(&"x".repeat(2_331)).is_ok());
    }
}
