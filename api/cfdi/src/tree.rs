//! Untrusted bytes to an XML tree, within limits: what is read, what is checked and what is verified is one parse.
//!
//! Refused before a tree is built: more than 5 MB, other encodings than UTF-8, any DTD, processing instructions, depth
//! over 64, more than 256 attributes on an element, more than 64 namespaces in scope. Nothing is fetched, no entity is
//! expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use roxmltree::{Document, Node, ParsingOptions};
use std::borrow::Cow;

/// Largest document accepted, in bytes.
const MAX_BYTES: usize = 5 * 1024 * 1024;
/// Deepest nesting accepted.
const MAX_DEPTH: usize = 64;
/// Most attributes accepted on one element.
const MAX_ATTRIBUTES: usize = 256;
/// Most namespace declarations in scope: the tree copies them for each element that adds one.
const MAX_NAMESPACES: usize = 64;
/// Most nodes accepted: a real CFDI of 5 MB has under a tenth of it.
const MAX_NODES: u32 = 400_000;

/// Why bytes are not an XML document we accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Over 5 MB.
    #[error("el archivo pasa de 5 MB")]
    TooLarge,
    /// Not UTF-8, or declares another encoding.
    #[error("el archivo no está en UTF-8")]
    Encoding,
    /// A DOCTYPE or entity declaration.
    #[error("el archivo lleva una declaración DTD")]
    Dtd,
    /// A processing instruction.
    #[error("el archivo lleva instrucciones de procesamiento")]
    ProcessingInstruction,
    /// Over 64 levels.
    #[error("el archivo tiene más de 64 niveles")]
    TooDeep,
    /// Over 256 attributes on one element.
    #[error("un nodo lleva más de 256 atributos")]
    TooManyAttributes,
    /// More than 64 namespaces at one place.
    #[error("un nodo está bajo más de 64 espacios de nombres")]
    TooManyNamespaces,
    /// Not well-formed; the position is row and column, from 1.
    #[error("el XML está mal formado en la línea {row}, columna {column}")]
    Malformed {
        /// Line.
        row: u32,
        /// Column.
        column: u32,
    },
}

/// The text of a document, without a byte order mark.
pub fn text(bytes: &[u8]) -> Result<&str, TreeError> {
    if bytes.len() > MAX_BYTES {
        return Err(TreeError::TooLarge);
    }
    let text = std::str::from_utf8(bytes).ok().ok_or(TreeError::Encoding)?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Parses within the limits.
pub fn parse(bytes: &[u8]) -> Result<Document<'_>, TreeError> {
    let text = text(bytes)?;
    prescan(text)?;
    parse_own(text)
}

/// Parses what this crate has just written, which no stranger can have made hostile.
pub(crate) fn parse_own(text: &str) -> Result<Document<'_>, TreeError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        TreeError::Malformed { row: at.row, column: at.col }
    })
}

/// Looks at the bytes as a stream, so that a hostile document costs nothing but one pass.
fn prescan(text: &str) -> Result<(), TreeError> {
    let mut reader = Reader::from_str(text);
    // Namespaces declared by each open element.
    let mut open: Vec<usize> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => {
                open.push(namespaces(&element)?);
                bounded(&open, 0)?;
            }
            Ok(Event::Empty(element)) => bounded(&open, namespaces(&element)?)?,
            Ok(Event::End(_)) => {
                open.pop();
            }
            Ok(Event::DocType(_)) => return Err(TreeError::Dtd),
            Ok(Event::PI(_)) => return Err(TreeError::ProcessingInstruction),
            Ok(Event::Decl(declaration)) => match declaration.encoding() {
                Some(Ok(name)) if !name.eq_ignore_ascii_case("utf-8") => return Err(TreeError::Encoding),
                _ => {}
            },
            Ok(Event::Eof) => return Ok(()),
            // The tree builder finds the same fault again and knows its line and column.
            Err(_) => return Ok(()),
            Ok(_) => {}
        }
    }
}

fn bounded(open: &[usize], more: usize) -> Result<(), TreeError> {
    if open.len() > MAX_DEPTH {
        return Err(TreeError::TooDeep);
    }
    let in_scope = open.iter().fold(more, |sum, it| sum.saturating_add(*it));
    if in_scope > MAX_NAMESPACES { Err(TreeError::TooManyNamespaces) } else { Ok(()) }
}

/// How many namespaces an element declares, if it has not too many attributes.
fn namespaces(element: &BytesStart<'_>) -> Result<usize, TreeError> {
    let mut declared = 0usize;
    for (index, attribute) in element.attributes().with_checks(false).enumerate() {
        if index >= MAX_ATTRIBUTES {
            return Err(TreeError::TooManyAttributes);
        }
        // A malformed attribute is found again, with its place, by the tree builder.
        let Ok(attribute) = attribute else { break };
        if attribute.key.as_ref().starts_with("xmlns") {
            declared = declared.saturating_add(1);
        }
    }
    Ok(declared)
}

/// XPath's `normalize-space`: only space, TAB, CR and LF are trimmed and collapsed.
///
/// Nearly every value is in order already and is given back as it is: this runs for every attribute of a document,
/// twice.
pub fn normalize_space(value: &str) -> Cow<'_, str> {
    if is_normal(value.as_bytes()) {
        return Cow::Borrowed(value);
    }
    let is_space = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    Cow::Owned(value.split(is_space).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" "))
}

fn is_normal(bytes: &[u8]) -> bool {
    // What comes before the first byte, and after the last, counts as a space.
    let mut after_space = true;
    for byte in bytes {
        match byte {
            b'\t' | b'\r' | b'\n' => return false,
            b' ' if after_space => return false,
            byte => after_space = *byte == b' ',
        }
    }
    bytes.is_empty() || !after_space
}

/// Child elements of one name.
pub(crate) fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    namespace: &'a str,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'i>> + 'a {
    node.children().filter(move |child| child.is_element() && is(*child, namespace, name))
}

/// First child element of one name.
pub(crate) fn child<'a, 'i: 'a>(node: Node<'a, 'i>, namespace: &str, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.is_element() && is(*child, namespace, name))
}

/// Whether an element has this expanded name.
pub(crate) fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.tag_name().name() == name && node.tag_name().namespace() == Some(namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u1_hostile_documents_are_refused_before_a_tree_is_built() {
        let bomb = br#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aa">]><l>&a;</l>"#;
        assert_eq!(parse(bomb).unwrap_err(), TreeError::Dtd);
        assert_eq!(parse(b"<?php x ?><l/>").unwrap_err(), TreeError::ProcessingInstruction);
        assert_eq!(parse(b"<?xml version='1.0' encoding='ISO-8859-1'?><l/>").unwrap_err(), TreeError::Encoding);
        assert_eq!(parse(b"<\xff/>").unwrap_err(), TreeError::Encoding);
        assert_eq!(parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err(), TreeError::TooLarge);
        let deep = "<a>".repeat(65) + &"</a>".repeat(65);
        assert_eq!(parse(deep.as_bytes()).unwrap_err(), TreeError::TooDeep);
        let endless = "<a>".repeat(1_000_000);
        assert_eq!(parse(endless.as_bytes()).unwrap_err(), TreeError::TooDeep);
        let wide: String = (0..257).map(|i| format!(" a{i}='1'")).collect();
        assert_eq!(parse(format!("<a{wide}/>").as_bytes()).unwrap_err(), TreeError::TooManyAttributes);
        let scoped: String = (0..65).map(|i| format!(" xmlns:n{i}='u'")).collect();
        assert_eq!(parse(format!("<a{scoped}/>").as_bytes()).unwrap_err(), TreeError::TooManyNamespaces);
        let nested = "<a xmlns:n='u'>".repeat(33) + "<b xmlns:m='v' xmlns:o='w'>".repeat(31).as_str();
        assert_eq!(parse(nested.as_bytes()).unwrap_err(), TreeError::TooManyNamespaces);
        assert!(matches!(parse(b"<a><b></a>"), Err(TreeError::Malformed { .. })));
        assert!(matches!(parse(b""), Err(TreeError::Malformed { .. })));
    }

    #[test]
    fn what_is_at_the_limits_is_accepted() {
        let deep = "<a>".repeat(64) + &"</a>".repeat(64);
        assert!(parse(deep.as_bytes()).is_ok());
        assert!(parse("\u{feff}<?xml version='1.0' encoding='utf-8'?><l/>".as_bytes()).is_ok());
    }

    #[test]
    fn only_xml_blanks_are_collapsed() {
        assert_eq!(normalize_space(" a \t\r\n b\u{a0}\u{a0}c "), "a b\u{a0}\u{a0}c");
        for (value, normal) in
            [("", ""), (" ", ""), ("a", "a"), ("a b", "a b"), ("a  b", "a b"), ("a ", "a"), ("a\tb", "a b")]
        {
            assert_eq!(normalize_space(value), normal, "{value:?}");
        }
    }
}
