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
/// Elements within elements: whoever draws goes down by calling itself.
const MAX_DEPTH: usize = 64;
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
    bounded(text)?;
    let image = SvgImage::new(Bytes::new(bytes.to_vec())).map_err(|error| PdfError::Logo(format!("{error:?}")))?;
    Ok((image.width(), image.height()))
}

/// Refuses what costs more to draw than its bytes: elements in too many elements, and clips that are clipped themselves,
/// of which each level multiplies the one below. Read from the text, because a parser would have gone down by then.
fn bounded(text: &str) -> Result<(), PdfError> {
    let (mut open, mut clips, mut is_styled) = (Vec::new(), 0_usize, false);
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let hidden =
            [("!--", "-->"), ("![CDATA[", "]]>"), ("?", "?>")].into_iter().find(|(start, _)| after.starts_with(start));
        if let Some((start, end)) = hidden {
            let Some((_, behind)) = after[start.len()..].split_once(end) else { return refuse("SVG that breaks off") };
            rest = behind;
            continue;
        }
        let Some(end) = tag_end(after) else { return refuse("SVG that breaks off") };
        let tag = &after[..end];
        rest = &after[end..];
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        let name = local_name(tag);
        let is_clip = name == "clippath";
        let in_clip = is_clip || open.iter().any(|outer| outer == "clippath");
        // A letter may also be written as a reference.
        if in_clip && (tag.contains('&') || tag.to_ascii_lowercase().contains("clip-path")) {
            return refuse("SVG with a clip within a clip");
        }
        clips += usize::from(is_clip);
        is_styled |= name == "style";
        if !tag.ends_with('/') {
            open.push(name);
        }
        if open.len() > MAX_DEPTH {
            return refuse(format!("SVG with elements more than {MAX_DEPTH} deep"));
        }
    }
    // A style sheet may clip anything; with one clip there is nothing to multiply.
    if is_styled && clips > 1 { refuse("SVG with several clips and a style sheet") } else { Ok(()) }
}

/// Where a tag ends: a quoted value may hold the sign too.
fn tag_end(after: &str) -> Option<usize> {
    let mut quote = None;
    after.char_indices().find_map(|(at, c)| {
        match quote {
            Some(open) if open == c => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c == '>' => return Some(at),
            None => {}
        }
        None
    })
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
    fn u5_what_costs_more_than_its_bytes_is_refused() {
        let holding = |inner: &str| Logo::new(BIRD.replace("</svg>", &format!("{inner}</svg>")).into());
        let deep = |levels: usize| format!("{}{}", r#"<g id="a/>">"#.repeat(levels), "</g>".repeat(levels));
        assert!(holding(&deep(60)).is_ok());
        for depth in [64, 5_000] {
            assert!(holding(&deep(depth)).unwrap_err().to_string().contains("64 deep"), "{depth}");
        }
        // What only looks like the end of an element ends none.
        let hidden = format!("{}{}", "<g><!-- </g> --><?x </g>?>".repeat(100), "</g>".repeat(100));
        assert!(holding(&hidden).is_err());
        assert!(holding(&"<g/>".repeat(500)).is_ok(), "beside each other is not within each other");

        let clip = |id: &str, inner: &str| format!(r#"<clipPath id="{id}">{inner}</clipPath>"#);
        let shape = r#"<path d="M0 0h9v9z"/>"#;
        let clipped = format!("{}<g clip-path=\"url(#a)\">{shape}</g>", clip("a", shape));
        assert!(holding(&clipped).is_ok(), "drawing programs write this");
        for within in [
            r#"<path clip-path="url(#b)"/>"#,
            r#"<path style="clip-path:url(#b)"/>"#,
            r#"<path style="&#99;lip-path:url(#b)"/>"#,
        ] {
            assert!(holding(&clip("a", within)).is_err(), "{within}");
        }
        assert!(holding(r##"<clipPath id="a" clip-path="url(#b)"/>"##).is_err());
        let sheet = "<style>.logo{clip-path:url(#b)}</style>";
        assert!(holding(&format!("{sheet}{}", clip("b", shape))).is_ok());
        assert!(holding(&format!("{sheet}{}{}", clip("a", shape), clip("b", shape))).is_err());
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
