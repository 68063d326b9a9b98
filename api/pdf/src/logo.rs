//! The issuer's logo: checked once, where it is uploaded or loaded, and then only printed.

use typst::foundations::Bytes;
use typst::visualize::{ExchangeFormat, RasterImage, SvgImage};

use crate::PdfError;

/// A logo prints inside 45 × 15 mm.
const BOX_MM: (f64, f64) = (45.0, 15.0);
/// At 45 mm, 600 pixels are 340 dpi; more would weigh more than the rest of the file.
const MAX_PIXELS: u32 = 600;
/// A logo of one path takes 1 KB; with this, drawing it stays below a millisecond or so.
const MAX_BYTES: usize = 131_072;
/// Elements that multiply others, load something, need fonts or run. Without them an SVG costs what its bytes cost.
const REFUSED: [&str; 13] = [
    "use",
    "image",
    "text",
    "foreignobject",
    "script",
    "filter",
    "pattern",
    "mask",
    "marker",
    "switch",
    "animate",
    "!doctype",
    "!entity",
];

/// A logo that can be printed: SVG of plain shapes, or PNG of at most 600 pixels a side.
#[derive(Clone, Debug)]
pub struct Logo {
    bytes: Bytes,
    width_mm: f64,
    height_mm: f64,
}

impl Logo {
    /// Checks the bytes and fits the drawing into 45 × 15 mm, keeping its proportions.
    pub fn new(bytes: Vec<u8>) -> Result<Self, PdfError> {
        if bytes.len() > MAX_BYTES {
            return refuse(format!("{} bytes; at most {MAX_BYTES}", bytes.len()));
        }
        let (width, height) =
            if bytes.starts_with(b"\x89PNG\r\n\x1a\n") { png_size(&bytes)? } else { svg_size(&bytes)? };
        let scale = (BOX_MM.0 / width).min(BOX_MM.1 / height);
        // Hundredths of a millimetre: shorter in the file, and below what a printer can place.
        let fit = |side: f64| (side * scale * 100.0).round() / 100.0;
        let (width_mm, height_mm) = (fit(width), fit(height));
        if width_mm < 1.0 || height_mm < 1.0 {
            return refuse("its proportions leave it thinner than a millimetre");
        }
        Ok(Self { bytes: Bytes::new(bytes), width_mm, height_mm })
    }

    /// Printed width.
    pub fn width_mm(&self) -> f64 {
        self.width_mm
    }

    /// Printed height.
    pub fn height_mm(&self) -> f64 {
        self.height_mm
    }

    pub(crate) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

fn refuse<T>(why: impl Into<String>) -> Result<T, PdfError> {
    Err(PdfError::Logo(why.into()))
}

/// The header is read before anything is decoded: a small file may declare gigapixels.
fn png_size(bytes: &[u8]) -> Result<(f64, f64), PdfError> {
    let side = |at: usize| bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes);
    let (width, height) = (side(16), side(20));
    if width == 0 || height == 0 || width > MAX_PIXELS || height > MAX_PIXELS {
        return refuse(format!("{width} × {height} pixels; 1 to {MAX_PIXELS} a side"));
    }
    RasterImage::plain(Bytes::new(bytes.to_vec()), ExchangeFormat::Png)
        .map_err(|why| PdfError::Logo(why.to_string()))?;
    Ok((f64::from(width), f64::from(height)))
}

fn svg_size(bytes: &[u8]) -> Result<(f64, f64), PdfError> {
    let text = std::str::from_utf8(bytes).map_err(|error| PdfError::Logo(format!("neither PNG nor SVG: {error}")))?;
    if let Some(name) = text.split('<').skip(1).map(local_name).find(|name| REFUSED.contains(&name.as_str())) {
        return refuse(format!("SVG with <{name}>; only plain shapes are printed"));
    }
    let image = SvgImage::new(Bytes::new(bytes.to_vec())).map_err(|error| PdfError::Logo(format!("{error:?}")))?;
    Ok((image.width(), image.height()))
}

/// The element's name without its prefix: a prefix may be bound to any namespace.
fn local_name(after: &str) -> String {
    let name = after.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '[')).next().unwrap_or_default();
    name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIRD: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32"><path d="M4 28V4h5z"/></svg>"#;

    #[test]
    fn a_logo_keeps_its_proportions_inside_the_box() {
        let wide = Logo::new(BIRD.into()).unwrap();
        assert_eq!((wide.width_mm(), wide.height_mm()), (45.0, 12.0));
        let square = Logo::new(BIRD.replace("120 32", "32 32").into()).unwrap();
        assert_eq!((square.width_mm(), square.height_mm()), (15.0, 15.0));
    }

    #[test]
    fn u5_what_could_multiply_load_or_run_is_refused() {
        for bad in [
            r##"<x:use xmlns:x="http://www.w3.org/2000/svg" href="#a"/>"##,
            r#"<image href="file:///etc/passwd"/>"#,
            "<script>1</script>",
            "<text>ACME</text>",
        ] {
            let svg = BIRD.replace("</svg>", &format!("{bad}</svg>"));
            assert!(matches!(Logo::new(svg.into()), Err(PdfError::Logo(_))), "{bad}");
        }
        let doctype = format!(r#"<!DOCTYPE svg [<!ENTITY a "b">]>{BIRD}"#);
        assert!(matches!(Logo::new(doctype.into()), Err(PdfError::Logo(_))));
    }

    #[test]
    fn u5_a_png_is_measured_before_it_is_decoded() {
        let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bomb.extend([0, 1, 0, 0, 0, 1, 0, 0]);
        let error = Logo::new(bomb).unwrap_err().to_string();
        assert!(error.contains("65536 × 65536"), "{error}");
        assert!(Logo::new(b"GIF89a".to_vec()).is_err());
        assert!(Logo::new(Vec::new()).is_err());
    }
}
