//! What a letter looks like: one page for every letter of every issuer, as HTML and as plain text.
//!
//! No pictures from elsewhere, no tables, styles inline (mail programs drop `<style>`); everything that is not ours
//! is escaped (M3).
use std::fmt::Write as _;

use askama::Template;
use shared::Lang;

/// Painted when an issuer's colour is not `#rrggbb`.
const COLOR_DEFAULT: &str = "#0b6470";
/// Relative luminance above which black is read better than white; either side keeps 4.5 : 1 (WCAG 2.2, 1.4.3).
const LUMINANCE_BLACK_TEXT: f64 = 0.179;

/// Whose letter it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// The name people know.
    pub commercial_name: String,
    /// `#rrggbb`.
    pub color: String,
    /// Where questions go.
    pub support_email: String,
}

/// An address inside this installation. There is no other way to put one into a letter, so that no request header can
/// reach it (M1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link(String);

impl Link {
    /// `path` below the configured public address.
    pub fn under(public_url: &str, path: &str) -> Link {
        let base = public_url.trim_end_matches('/');
        let path: String = path.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        Link(format!("{base}/{}", path.trim_start_matches('/')))
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a letter says. The words are the caller's; the order and the looks are this room's.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Whose.
    pub brand: Brand,
    /// In what language.
    pub lang: Lang,
    /// Nothing of it has fiscal effect: a strip says so.
    pub rehearsal: bool,
    /// Our words only: nothing a guest typed.
    pub subject: String,
    /// First line, large.
    pub heading: String,
    /// Sentences.
    pub paragraphs: Vec<String>,
    /// Label and value, one below the other.
    pub facts: Vec<(String, String)>,
    /// The one thing to do.
    pub button: Option<(String, Link)>,
    /// Why this letter came. May be empty.
    pub footer: String,
}

/// A letter's three texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// One line.
    pub subject: String,
    /// The plain-text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// The template failed, which a template that compiled does not do.
#[derive(Debug, thiserror::Error)]
#[error("laying out a letter")]
pub struct LayoutError(#[from] askama::Error);

struct Words {
    rehearsal: &'static str,
    or_copy: &'static str,
    support: &'static str,
}

const fn words(lang: Lang) -> Words {
    match lang {
        Lang::Es => Words {
            rehearsal: "PRUEBAS: este correo no tiene efectos fiscales.",
            or_copy: "Si el botón no funciona, copie esta dirección en su navegador:",
            support: "¿Dudas? Escriba a",
        },
        Lang::En => Words {
            rehearsal: "TEST: this letter has no fiscal effect.",
            or_copy: "If the button does not work, copy this address into your browser:",
            support: "Questions? Write to",
        },
    }
}

#[derive(Template)]
#[template(path = "letter.html", escape = "html")]
struct Page<'a> {
    letter: &'a Letter,
    words: Words,
    fill: &'a str,
    on_fill: &'static str,
}

impl Letter {
    /// Lays the letter out.
    pub fn render(&self) -> Result<Body, LayoutError> {
        let letter = self.in_single_lines();
        let (fill, on_fill) = colors(&letter.brand.color);
        let html = Page { letter: &letter, words: words(letter.lang), fill, on_fill }.render()?;
        Ok(Body { text: letter.text(), subject: letter.subject.clone(), html })
    }

    /// A value with line ends in it could pass for lines of ours.
    fn in_single_lines(&self) -> Letter {
        Letter {
            brand: Brand {
                commercial_name: one_line(&self.brand.commercial_name),
                color: self.brand.color.clone(),
                support_email: one_line(&self.brand.support_email),
            },
            lang: self.lang,
            rehearsal: self.rehearsal,
            subject: one_line(&self.subject),
            heading: one_line(&self.heading),
            paragraphs: self.paragraphs.iter().map(|paragraph| one_line(paragraph)).collect(),
            facts: self.facts.iter().map(|(label, value)| (one_line(label), one_line(value))).collect(),
            button: self.button.as_ref().map(|(label, link)| (one_line(label), link.clone())),
            footer: one_line(&self.footer),
        }
    }

    fn text(&self) -> String {
        let words = words(self.lang);
        let mut blocks = Vec::new();
        if self.rehearsal {
            blocks.push(words.rehearsal.to_owned());
        }
        blocks.push(self.brand.commercial_name.clone());
        blocks.push(self.heading.clone());
        blocks.extend(self.paragraphs.iter().cloned());
        if !self.facts.is_empty() {
            let lines: Vec<String> = self.facts.iter().map(|(label, value)| format!("{label}: {value}")).collect();
            blocks.push(lines.join("\n"));
        }
        if let Some((label, link)) = &self.button {
            blocks.push(format!("{label}:\n{}", link.as_str()));
        }
        let mut end = format!("-- \n{} {}", words.support, self.brand.support_email);
        if !self.footer.is_empty() {
            let _ = write!(end, "\n{}", self.footer);
        }
        blocks.push(end);
        let mut text = blocks.join("\n\n");
        text.push('\n');
        text
    }
}

/// `text` without line ends, other controls, and the characters that turn the direction of what follows.
pub(super) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}

/// The issuer's colour, when it is one, and the colour to write on it.
fn colors(color: &str) -> (&str, &'static str) {
    let channels = color
        .strip_prefix('#')
        .filter(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
        .and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let Some(rgb) = channels else { return colors(COLOR_DEFAULT) };
    let [_, red, green, blue] = rgb.to_be_bytes();
    let linear = |channel: u8| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    (color, if luminance > LUMINANCE_BLACK_TEXT { "#000000" } else { "#ffffff" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            brand: Brand {
                commercial_name: "Café & Té".into(),
                color: "#ffd100".into(),
                support_email: "ayuda@cafe.example".into(),
            },
            lang: Lang::Es,
            rehearsal: false,
            subject: "Su factura A-12".into(),
            heading: "Su factura está lista".into(),
            paragraphs: vec!["Va adjunta en XML y PDF.".into()],
            facts: vec![("Total".into(), "$863.00 MXN".into()), ("A nombre de".into(), "<b>PEÑA</b>".into())],
            button: Some((
                "Ver factura".into(),
                Link::under("https://facturas.example/", "/facturar/factura/1?a=1&b=2"),
            )),
            footer: "Recibe este correo porque pidió una factura.".into(),
        }
    }

    #[test]
    fn m3_both_parts_say_everything() {
        let body = letter().render().unwrap();
        assert_eq!(
            body.text,
            "Café & Té\n\nSu factura está lista\n\nVa adjunta en XML y PDF.\n\nTotal: $863.00 MXN\n\
             A nombre de: <b>PEÑA</b>\n\nVer factura:\nhttps://facturas.example/facturar/factura/1?a=1&b=2\n\n\
             -- \n¿Dudas? Escriba a ayuda@cafe.example\nRecibe este correo porque pidió una factura.\n"
        );
        for said in ["Su factura está lista", "Va adjunta", "$863.00 MXN", "Ver factura", "ayuda@cafe.example"] {
            assert!(body.html.contains(said), "{said} is missing in {}", body.html);
        }
        assert!(body.html.starts_with("<!doctype html>\n<html lang=\"es-MX\">"));
        assert_eq!(body.subject, "Su factura A-12");
    }

    #[test]
    fn m3_what_is_not_ours_is_escaped() {
        let html = letter().render().unwrap().html;
        assert!(!html.contains("<b>"), "{html}");
        assert!(html.contains("&#60;b&#62;PEÑA&#60;/b&#62;"), "{html}");
        assert!(html.contains("Café &#38; Té"), "{html}");
    }

    #[test]
    fn m3_a_letter_asks_nothing_of_other_machines() {
        let html = letter().render().unwrap().html;
        for way in ["<img", "url(", "<link", "<script", "@import", "src="] {
            assert!(!html.contains(way), "{way} in {html}");
        }
    }

    #[test]
    fn a_value_cannot_pass_for_our_lines() {
        let mut forged = letter();
        forged.facts = vec![("A nombre de".into(), "PEÑA\r\n\r\nPague en https://malo.example\u{202e}".into())];
        let text = forged.render().unwrap().text;
        assert!(text.contains("A nombre de: PEÑA    Pague en https://malo.example \n"), "{text}");
    }

    #[test]
    fn a_rehearsal_says_so_in_both_parts_and_languages() {
        for (lang, said) in [(Lang::Es, "PRUEBAS"), (Lang::En, "TEST")] {
            let body = Letter { rehearsal: true, lang, ..letter() }.render().unwrap();
            assert!(body.text.starts_with(said), "{}", body.text);
            assert!(body.html.contains(said), "{}", body.html);
        }
    }

    #[test]
    fn a_colour_is_a_colour_or_ours() {
        assert_eq!(colors("#ffd100"), ("#ffd100", "#000000"));
        assert_eq!(colors("#0b6470"), ("#0b6470", "#ffffff"));
        for wrong in ["", "red", "#12345", "#12345g", "#123456;background:url(//x)", "#+12345"] {
            assert_eq!(colors(wrong), (COLOR_DEFAULT, "#ffffff"), "{wrong}");
        }
    }

    #[test]
    fn m1_links_stay_below_the_public_address() {
        assert_eq!(Link::under("https://a.example/", "/x").as_str(), "https://a.example/x");
        assert_eq!(Link::under("https://a.example", "x").as_str(), "https://a.example/x");
        assert_eq!(Link::under("https://a.example", "//evil.example/x").as_str(), "https://a.example/evil.example/x");
        assert_eq!(Link::under("https://a.example", "@evil.example").as_str(), "https://a.example/@evil.example");
        assert_eq!(Link::under("https://a.example", "/x\r\nBcc: y").as_str(), "https://a.example/xBcc:y");
    }
}
