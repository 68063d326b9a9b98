//! Cleaning of typed and pasted text that both RFC and names need. It never removes an accent or a sign.

/// Joins the decomposed letters of Spanish (a Mac's PDF viewer copies `N` + U+0303): the SAT compares precomposed text.
pub(crate) fn compose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match out.chars().next_back().and_then(|base| precomposed(base, c)) {
            Some(joined) => {
                out.pop();
                out.push(joined);
            }
            None => out.push(c),
        }
    }
    out
}

fn precomposed(base: char, mark: char) -> Option<char> {
    Some(match (base, mark) {
        ('N', '\u{303}') => 'Ñ',
        ('A', '\u{301}') => 'Á',
        ('E', '\u{301}') => 'É',
        ('I', '\u{301}') => 'Í',
        ('O', '\u{301}') => 'Ó',
        ('U', '\u{301}') => 'Ú',
        ('A', '\u{308}') => 'Ä',
        ('E', '\u{308}') => 'Ë',
        ('I', '\u{308}') => 'Ï',
        ('O', '\u{308}') => 'Ö',
        ('U', '\u{308}') => 'Ü',
        ('C', '\u{327}') => 'Ç',
        _ => return None,
    })
}

/// Characters that nobody sees and that come along when text is pasted from a PDF or a web page.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_letters_are_joined_and_others_left_alone() {
        assert_eq!(compose("MUN\u{303}OZ JOSE\u{301}"), "MUÑOZ JOSÉ");
        assert_eq!(compose("X\u{301}"), "X\u{301}");
        assert_eq!(compose(""), "");
    }
}
