//! The words of a document, as a search finds them.
use std::collections::BTreeSet;

use shared::documents::words_of;

/// Longest text of one document's words, in bytes.
const KEPT_MAX: usize = 2_000;

/// What is kept of a text: its words, each once, a space between them. Of what is kept, the same again.
pub(super) fn kept(text: &str) -> String {
    let (mut kept, mut known) = (String::new(), BTreeSet::new());
    for word in words_of(text) {
        if known.contains(&word) {
            continue;
        }
        if kept.len() + 1 + word.len() > KEPT_MAX {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(&word);
        known.insert(word);
    }
    kept
}

/// Those of the kept words that are looked up. Whatever is typed with a digit is a number and no word, so nobody looks
/// for a word that begins with one.
pub(super) fn looked_up(kept: &str) -> impl Iterator<Item = &str> {
    kept.split(' ').filter(|word| !word.is_empty() && !word.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_once_whole_and_the_same_again() {
        let text = "FA-60412 Colibrí Azul, S.A. de C.V. (galvanizada) colibri\u{301} AUTO-lavado calibre:22 a_b %x!";
        let said = kept(text);
        assert_eq!(said, "fa 60412 colibri azul s a de c v galvanizada auto lavado calibre 22 b x");
        assert_eq!(kept(&said), said);
        assert_eq!(looked_up(&said).count(), said.split(' ').count() - 2, "no numbers");
        assert_eq!(looked_up("").count(), 0);
        let long = kept(&(0..1_000).map(|n| format!("palabra{n} ")).collect::<String>());
        assert!(long.len() <= KEPT_MAX && long.ends_with(|last: char| last.is_ascii_digit()), "{long}");
        assert_eq!(kept(&long), long);
        assert_eq!(kept(&"ñ".repeat(100)), "n".repeat(32));
    }
}
