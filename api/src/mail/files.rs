//! The files of a letter: the CFDI first, then as many of their printed forms as it can carry. It goes all the same
//! without the others, names them, and says where they are.
use shared::Lang;

use super::layout::Link;
use super::outbox::{AttachmentFormat, AttachmentSource, AttachmentSpec};
use super::store::LetterToSend;
use super::{Attached, MailError, message};

/// What a letter goes with, and the names of what it goes without.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub files: Vec<Attached>,
    too_large: Vec<String>,
    not_made: Vec<String>,
}

/// Loads them one by one: no more of them are in memory than the letter can carry, and one.
pub(super) async fn load(source: &dyn AttachmentSource, specs: &[AttachmentSpec]) -> Result<Loaded, MailError> {
    let (mut loaded, mut room) = (Loaded::default(), message::ATTACHMENTS_MAX_BYTES);
    let mut files = Vec::with_capacity(specs.len());
    for format in [AttachmentFormat::Xml, AttachmentFormat::Pdf] {
        for (at, spec) in specs.iter().enumerate().filter(|(_, spec)| spec.format == format) {
            let name = message::plain_file_name(&spec.file_name);
            match source.load(spec).await? {
                Some(content) if content.len() <= room => {
                    room = room.saturating_sub(content.len());
                    files.push((at, Attached { name, content_type: format.content_type(), content }));
                }
                Some(_) => loaded.too_large.push(name),
                None => loaded.not_made.push(name),
            }
        }
    }
    // As they were listed: an XML, and its PDF after it.
    files.sort_by_key(|(at, _)| *at);
    loaded.files = files.into_iter().map(|(_, file)| file).collect();
    Ok(loaded)
}

impl Loaded {
    /// The letter, which says what is not in it.
    pub fn told(&self, letter: &LetterToSend, public_url: &str) -> LetterToSend {
        let Some(note) = self.note(lang_of(&letter.html_body), public_url) else { return letter.clone() };
        let text_body = match letter.text_body.rsplit_once(SIGNATURE) {
            Some((text, end)) => [text, "\n\n", &note, SIGNATURE, end].concat(),
            None => [&letter.text_body, "\n", &note, "\n"].concat(),
        };
        // Below the heading, the only one: what is not ours is escaped. Names of files and our address need no escape.
        let shown = format!("</h1>\n<p style=\"margin:0 0 16px\"><strong>{note}</strong></p>");
        LetterToSend { text_body, html_body: letter.html_body.replacen("</h1>", &shown, 1), ..letter.clone() }
    }

    fn note(&self, lang: Lang, public_url: &str) -> Option<String> {
        let (large, unmade) = (self.too_large.join(", "), self.not_made.join(", "));
        let (too_large, not_made, ways) = match lang {
            Lang::Es => (
                format!("No cabe en este correo: {large}."),
                format!("No se pudo imprimir: {unmade}. El comprobante es su XML."),
                "Lo que falta se consulta en el portal, o se pide a quien envía este correo:",
            ),
            Lang::En => (
                format!("Too large for this letter: {large}."),
                format!("Could not be printed: {unmade}. The invoice itself is its XML."),
                "What is missing is in the portal, or can be asked of whoever sends this letter:",
            ),
        };
        let said: Vec<String> = [(&self.too_large, too_large), (&self.not_made, not_made)]
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(_, said)| said)
            .collect();
        (!said.is_empty()).then(|| format!("{} {ways} {}", said.join(" "), Link::under(public_url, "").as_str()))
    }
}

/// What the layout ends a plain text with.
const SIGNATURE: &str = "\n\n-- \n";

/// The language of a letter that is laid out: its page says it first of all.
fn lang_of(html: &str) -> Lang {
    let tag = html.split_once("<html lang=\"").and_then(|(_, rest)| rest.split_once('"'));
    tag.and_then(|(tag, _)| Lang::from_tag(tag)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::layout::{Brand, Letter};
    use crate::mail::message::tests::letter;

    fn laid_out(lang: Lang) -> LetterToSend {
        let brand = Brand {
            commercial_name: "Café".into(),
            color: "#0b6470".into(),
            support_email: "ayuda@cafe.example".into(),
        };
        let said = Letter {
            brand,
            lang,
            rehearsal: false,
            subject: "Documentos".into(),
            heading: "Le envían documentos".into(),
            paragraphs: vec!["Van adjuntos.".into()],
            facts: Vec::new(),
            button: None,
            footer: "Fin.".into(),
        };
        let body = said.render().unwrap();
        LetterToSend { text_body: body.text, html_body: body.html, ..letter() }
    }

    #[test]
    fn a_letter_names_what_it_goes_without_in_its_own_language() {
        let whole = Loaded::default();
        assert_eq!(whole.told(&laid_out(Lang::Es), "https://x.example").text_body, laid_out(Lang::Es).text_body);
        let less = Loaded { too_large: vec!["a.pdf".into(), "b.pdf".into()], not_made: vec!["c.pdf".into()], ..whole };
        for (lang, first, second) in [
            (Lang::Es, "No cabe en este correo: a.pdf, b.pdf.", "No se pudo imprimir: c.pdf."),
            (Lang::En, "Too large for this letter: a.pdf, b.pdf.", "Could not be printed: c.pdf."),
        ] {
            let told = less.told(&laid_out(lang), "https://x.example/");
            let (text, end) = told.text_body.split_once("\n\n-- \n").unwrap();
            assert!(end.contains("ayuda@cafe.example"), "{end}");
            assert!(text.ends_with(": https://x.example/"), "{text}");
            for said in [first, second] {
                assert!(text.contains(said) && told.html_body.contains(said), "{said}: {}", told.html_body);
            }
        }
    }
}
