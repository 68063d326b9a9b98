//! From a letter of ours to a message of RFC 5322. Byte for byte the same on every try: the Message-ID, the date and the
//! boundaries come from the letter.
use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, MultiPartKind, SinglePart};
use lettre::{Address, address::Envelope};

use super::layout::one_line;
use super::store::LetterToSend;
use super::{Attached, MailError, Outgoing};

/// All attachments of a letter together. Base64 makes them a third larger, and many servers stop at 25 MB.
pub(super) const ATTACHMENTS_MAX_BYTES: usize = 15 * 1024 * 1024;
/// Longest file name.
const FILE_NAME_MAX: usize = 100;

/// The whole message. Fails only when the letter cannot be one.
pub(super) fn build(letter: &LetterToSend, attachments: Vec<Attached>) -> Result<Outgoing, MailError> {
    let total: usize = attachments.iter().map(|attached| attached.content.len()).sum();
    if total > ATTACHMENTS_MAX_BYTES {
        return Err(MailError::Unsendable(format!("attachments of {total} bytes")));
    }
    let from = Mailbox::new(Some(one_line(&letter.from_name)), address(&letter.from_address)?);
    let subject = one_line(&letter.subject);
    let boundary = letter.id.simple();
    let text_and_html = MultiPart::builder()
        .kind(MultiPartKind::Alternative)
        .boundary(format!("texts-{boundary}"))
        .singlepart(SinglePart::plain(letter.text_body.clone()))
        .singlepart(SinglePart::html(letter.html_body.clone()));
    let mut whole =
        MultiPart::builder().kind(MultiPartKind::Mixed).boundary(format!("letter-{boundary}")).multipart(text_and_html);
    for attached in &attachments {
        let kind = ContentType::parse(attached.content_type)
            .map_err(|error| MailError::Unsendable(format!("attachment type: {error}")))?;
        let disposition = AttachedAs(plain_file_name(&attached.name));
        // Base64 even for plain ASCII: mail servers may change line ends, and an XML must arrive byte for byte.
        let part = SinglePart::builder()
            .header(disposition)
            .header(kind)
            .header(ContentTransferEncoding::Base64)
            .body(attached.content.clone());
        whole = whole.singlepart(part);
    }
    let mut message = Message::builder();
    if let Some(reply_to) = &letter.reply_to {
        message = message.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    let message = message
        .message_id(Some(letter.message_id.clone()))
        .date(SystemTime::from(letter.created_at.jiff()))
        .from(from.clone())
        .to(Mailbox::new(None, address(&letter.to_address)?))
        .subject(subject.clone())
        // RFC 3834: asks automatic answerers not to answer.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
        .multipart(whole)
        .map_err(|error| MailError::Unsendable(format!("message: {error}")))?;
    Ok(Outgoing {
        message_id: letter.message_id.clone(),
        from: from.to_string(),
        from_address: letter.from_address.clone(),
        to: letter.to_address.clone(),
        subject,
        text: letter.text_body.clone(),
        raw: message.formatted(),
        attachments,
    })
}

/// Who it goes to and comes from, for the mail server.
pub(super) fn envelope(message: &Outgoing) -> Result<Envelope, MailError> {
    Envelope::new(Some(address(&message.from_address)?), vec![address(&message.to)?])
        .map_err(|error| MailError::Unsendable(format!("envelope: {error}")))
}

fn address(text: &str) -> Result<Address, MailError> {
    // The parser's own words, never the address: this text is kept and logged.
    text.parse().map_err(|error| MailError::Unsendable(format!("address: {error}")))
}

/// `Content-Disposition` with the name in one piece. lettre's own cuts names of this length into the pieces of RFC 2231
/// (`filename*0=`), which not every mail program puts together again.
#[derive(Clone)]
struct AttachedAs(String);

impl Header for AttachedAs {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Disposition")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Err("only written, never read".into())
    }

    fn display(&self) -> HeaderValue {
        let plain = &self.0;
        let value = format!("attachment; filename=\"{plain}\"");
        // Encoded already: the name holds nothing that could end the quotes or the line.
        let encoded = format!("attachment;\r\n filename=\"{plain}\"");
        HeaderValue::dangerous_new_pre_encoded(Self::name(), value, encoded)
    }
}

/// A name that every mail program and file system takes as it is: ASCII letters, digits, `.`, `-`, `_`, and no dot first.
pub(super) fn plain_file_name(name: &str) -> String {
    let plain: String = name
        .trim_start_matches('.')
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
        .take(FILE_NAME_MAX)
        .collect();
    if plain.is_empty() { "documento".into() } else { plain }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::db::Timestamp;

    pub fn letter() -> LetterToSend {
        LetterToSend {
            id: Uuid::from_u128(0x0191_f000_7000_8000_0000_0000_0000_0001),
            message_id: "<0191f000-7000-8000-0000-000000000001@ventanilla.example>".into(),
            from_name: "Café \"El Ángel\", S.A.".into(),
            from_address: "facturas@ventanilla.example".into(),
            reply_to: Some("ayuda@elangel.example".into()),
            to_address: "ana@correo.example".into(),
            subject: "Su factura A-12 está lista".into(),
            text_body: "Va adjunta.\n.\nAtentamente, El Ángel\n".into(),
            html_body: "<p>Va adjunta.</p>".into(),
            of_access: false,
            attempts: 0,
            queued: true,
            created_at: Timestamp::new("2026-11-22T10:00:00Z".parse().unwrap()),
        }
    }

    fn xml(name: &str) -> Attached {
        Attached { name: name.into(), content_type: "application/xml", content: "<x>ñ</x>".into() }
    }

    fn headers(raw: &[u8]) -> Vec<String> {
        let text = String::from_utf8(raw.to_vec()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.split("\r\n").map(str::to_owned).collect()
    }

    fn names(raw: &[u8]) -> Vec<String> {
        headers(raw).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect()
    }

    #[test]
    fn a_message_is_whole_and_the_same_on_every_try() {
        let first = build(&letter(), vec![xml("EKU9003173C9_A-12_2026-11-22.xml")]).unwrap();
        let second = build(&letter(), vec![xml("EKU9003173C9_A-12_2026-11-22.xml")]).unwrap();
        assert_eq!(first.raw, second.raw);
        assert!(first.raw.is_ascii());
        let headers = headers(&first.raw);
        for expected in [
            "Message-ID: <0191f000-7000-8000-0000-000000000001@ventanilla.example>",
            "Date: Sun, 22 Nov 2026 10:00:00 +0000",
            "To: ana@correo.example",
            "Reply-To: ayuda@elangel.example",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
        ] {
            assert!(headers.iter().any(|line| line == expected), "{expected} is missing in {headers:?}");
        }
        let raw = String::from_utf8(first.raw).unwrap();
        assert!(raw.contains("multipart/mixed;\r\n boundary=\"letter-"), "{raw}");
        assert!(raw.contains("multipart/alternative;\r\n boundary=\"texts-"), "{raw}");
        assert!(
            raw.contains("Content-Disposition: attachment;\r\n filename=\"EKU9003173C9_A-12_2026-11-22.xml\"\r\n"),
            "{raw}"
        );
        assert!(raw.find("text/plain").unwrap() < raw.find("text/html").unwrap(), "the text part comes first");
    }

    #[test]
    fn m2_line_ends_in_a_name_or_subject_add_no_header() {
        let clean = names(&build(&letter(), Vec::new()).unwrap().raw);
        for smuggled in
            ["\r\nBcc: otro@correo.example", "\nBcc: otro@correo.example", "\rBcc: x@y.example", "\0", "\r\n\r\nhola"]
        {
            let mut forged = letter();
            forged.subject.push_str(smuggled);
            forged.from_name.push_str(smuggled);
            let built = build(&forged, Vec::new()).unwrap();
            assert_eq!(names(&built.raw), clean, "{smuggled:?}");
            assert!(!built.subject.contains(['\r', '\n']) && !built.from.contains(['\r', '\n']));
        }
    }

    #[test]
    fn m2_an_address_that_is_more_than_one_is_no_address() {
        for address in
            ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "A <a@b.example>", "a@b.example\0", ""]
        {
            let forged = LetterToSend { to_address: address.into(), ..letter() };
            let error = build(&forged, Vec::new()).unwrap_err();
            assert!(matches!(error, MailError::Unsendable(_)), "{address:?}: {error}");
            assert!(address.is_empty() || !error.to_string().contains("b.example"), "{error}");
        }
    }

    #[test]
    fn m6_names_of_files_are_plain() {
        assert_eq!(plain_file_name("EKU9003173C9_A-12_2026-11-22.pdf"), "EKU9003173C9_A-12_2026-11-22.pdf");
        assert_eq!(plain_file_name("../../Ñ\"a\r\nX: y;.xml"), "_..___a__X__y_.xml");
        assert_eq!(plain_file_name("..."), "documento");
        assert_eq!(plain_file_name(&"a".repeat(300)).len(), FILE_NAME_MAX);
    }

    #[test]
    fn m6_a_name_of_a_file_adds_no_header() {
        let raw = build(&letter(), vec![xml("a\"\r\nX-Evil: 1\r\n\r\n.xml")]).unwrap().raw;
        let raw = String::from_utf8(raw).unwrap();
        assert!(raw.contains(" filename=\"a___X-Evil__1____.xml\"\r\n"), "{raw}");
        assert!(!raw.contains("\nX-Evil"), "{raw}");
    }

    #[test]
    fn a_file_travels_byte_for_byte() {
        let file = Attached { content: b"<x>\n</x>\n".to_vec(), ..xml("a.xml") };
        let raw = String::from_utf8(build(&letter(), vec![file]).unwrap().raw).unwrap();
        assert!(raw.contains("Content-Transfer-Encoding: base64\r\n\r\nPHg+CjwveD4K\r\n"), "{raw}");
    }

    #[test]
    fn attachments_have_a_limit() {
        let large = Attached { content: vec![0; ATTACHMENTS_MAX_BYTES + 1], ..xml("x.xml") };
        assert!(matches!(build(&letter(), vec![large]), Err(MailError::Unsendable(_))));
    }
}
