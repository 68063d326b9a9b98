//! The bounds of the input and the characters that are not print.
//!
//! Works on the JSON the template reads, so that no field of any document can be forgotten.

use serde_json::Value;

use crate::PdfError;
use crate::world::has_glyph;

/// Lines in one document: concepts of an invoice, documents of a payment, movements of a statement. As many take 66 to 140
/// pages and some 130 MB while they render.
pub const MAX_LINES: usize = 2_000;
/// Characters of one text. The longest text of a CFDI, a description, has 1,000; a line's taxes and pedimentos may
/// be longer together.
pub const MAX_TEXT_CHARS: usize = 4_000;
/// Characters of all texts together: 2,000 lines of 300, or about 100 full pages. Each value costs one more, which
/// bounds lists of empty texts too.
pub const MAX_TOTAL_CHARS: usize = 600_000;

pub(crate) fn check_lines(lines: usize) -> Result<(), PdfError> {
    if lines > MAX_LINES { Err(PdfError::TooManyLines { lines }) } else { Ok(()) }
}

/// Bounds every text below `value` and takes out what is not print.
pub(crate) fn clean(value: &mut Value) -> Result<(), PdfError> {
    let mut left = MAX_TOTAL_CHARS;
    walk(value, "", &mut left)
}

fn walk(value: &mut Value, field: &str, left: &mut usize) -> Result<(), PdfError> {
    spend(left, 1)?;
    match value {
        Value::String(text) => {
            let chars = text.chars().count();
            if chars > MAX_TEXT_CHARS {
                return Err(PdfError::TextTooLong { field: field.to_owned(), chars });
            }
            spend(left, chars)?;
            if text.chars().any(|c| printed(c) != Some(c)) {
                *text = text.chars().filter_map(printed).collect();
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| walk(item, field, left)),
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, item)| walk(item, name, left)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

fn spend(left: &mut usize, chars: usize) -> Result<(), PdfError> {
    *left = left.checked_sub(chars).ok_or(PdfError::TooMuchText)?;
    Ok(())
}

/// What is printed for a character: itself; a space for any break or space without a glyph; nothing for what has no ink
/// but may reorder or hide the ink of others (controls, bidirectional marks, joiners, tags); `?` for what the fonts do
/// not have, since their missing glyph is empty and a name must not lose letters unseen.
fn printed(c: char) -> Option<char> {
    match c {
        ' '..='~' => Some(c),
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e01ef}' => None,
        // Combining marks: the shaper joins them with their letter.
        '\u{300}'..='\u{36f}' => Some(c),
        c if has_glyph(c) => Some(c),
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        _ => Some('?'),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_no_ink_goes_and_what_has_no_glyph_is_marked() {
        for (text, printed) in [
            ("\u{202e}FAC\u{0}TURA\u{200b}", "FACTURA"),
            ("uno\r\ndos\ttres\u{2003}4\u{2028}5", "uno  dos tres 4 5"),
            ("Ñandú 16\u{a0}% −1 «…» Ł Š Ø €", "Ñandú 16\u{a0}% −1 «…» Ł Š Ø €"),
            ("N\u{303}andu\u{301}", "N\u{303}andu\u{301}"),
            ("אבג 漢 😀\u{fe0f} \u{ffff}", "??? ? ? ?"),
        ] {
            let mut value = json!({ "avisos": [text] });
            clean(&mut value).unwrap();
            assert_eq!(value["avisos"][0], printed);
        }
    }

    #[test]
    fn a_text_one_character_too_long_is_refused_and_named() {
        let mut value = json!({ "conceptos": [{ "descripcion": "ñ".repeat(MAX_TEXT_CHARS) }] });
        clean(&mut value).unwrap();
        value["conceptos"][0]["descripcion"] = "ñ".repeat(MAX_TEXT_CHARS + 1).into();
        let error = clean(&mut value).unwrap_err();
        assert!(matches!(&error, PdfError::TextTooLong { field, chars: 4_001 } if field == "descripcion"), "{error}");
    }

    #[test]
    fn many_short_or_empty_texts_are_bounded_together() {
        let mut value = json!({ "claves": vec![String::new(); MAX_TOTAL_CHARS] });
        assert!(matches!(clean(&mut value), Err(PdfError::TooMuchText)));
        let mut value = json!({ "avisos": vec!["x".repeat(MAX_TEXT_CHARS); 151] });
        assert!(matches!(clean(&mut value), Err(PdfError::TooMuchText)));
    }
}
