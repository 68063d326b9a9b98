//! Which passwords are taken: any of enough characters that is neither among the first to be tried nor made of the
//! person's own data (D2). No classes of characters are asked for: they make passwords worse.
use std::collections::HashSet;
use std::sync::LazyLock;

use shared::accounts::Secret;
use shared::problem::FieldCode;

use super::model::fold_plain;

/// Folded words and passwords, a line each. Some make a password of eight by themselves, others with a tail of digits.
const WORDS: &str = include_str!("common_passwords.txt");
/// Of the ten thousand passwords that are tried first everywhere, folded, those that are long enough to be chosen:
/// zxcvbn's list, under its licence beside it.
const FIRST: &str = include_str!("first_passwords.txt");

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| WORDS.lines().chain(FIRST.lines()).collect());

/// Own data shorter than this are in too many good passwords by chance.
const OWN_DATA_MIN_CHARS: usize = 4;

/// Checks a password of the right length against the lists. `own` is what anybody could know of the person: RFC, mail
/// address, contracts, names.
pub fn check<'a>(password: &Secret, own: impl IntoIterator<Item = &'a str>) -> Result<(), FieldCode> {
    let folded = fold_plain(password.expose());
    if is_common(&folded) {
        return Err(FieldCode::PasswordCommon);
    }
    let mut own = own.into_iter().map(fold_plain).filter(|datum| datum.chars().count() >= OWN_DATA_MIN_CHARS);
    if own.any(|datum| folded.contains(&datum)) { Err(FieldCode::PasswordOwnData) } else { Ok(()) }
}

/// The whole, or the word that is left without the digits and signs around it, is in the list; or it is one run.
fn is_common(folded: &str) -> bool {
    let word = folded.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(folded) || COMMON.contains(word) || is_run(folded)
}

/// `aaaaaaaa`, `12345678`, `hgfedcba`.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let Some([first, second]) = codes.first_chunk() else { return true };
    let step = second - first;
    step.abs() <= 1 && codes.windows(2).all(|pair| pair[1] - pair[0] == step)
}

/// The parts of a mail address that no password may contain.
pub fn parts_of_email(email: &str) -> [&str; 2] {
    [email, email.split('@').next().unwrap_or(email)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), FieldCode> {
        let own = ["SCA010101AA4", "ana.ruiz@x.example", "ana.ruiz", "005300", "Colibrí Azul", "017"];
        check(&Secret::new(password), own)
    }

    #[test]
    fn the_first_to_be_tried_are_refused() {
        for common in [
            "password",
            "Password1!",
            "contraseña",
            "CONTRASEÑA2026",
            "12345678",
            "87654321",
            "aaaaaaaa",
            "abcdefgh",
            "qwertyuiop",
            "mexico2026",
            "¡América1916!",
            "iloveyou1",
            "teamo123",
            "Sunshine",
            "trustno1",
            "changeme",
            "1qaz2wsx",
            "Liverpool1",
        ] {
            assert_eq!(judge(common), Err(FieldCode::PasswordCommon), "{common}");
        }
    }

    #[test]
    fn own_data_are_refused_wherever_they_stand() {
        for own in ["xSca010101aa4x", "la de ANA.RUIZ siempre", "mi 005300 bueno", "colibri azul volador"] {
            assert_eq!(judge(own), Err(FieldCode::PasswordOwnData), "{own}");
        }
    }

    #[test]
    fn everything_else_is_taken() {
        for good in ["tulipán de agua", "qz7!Kw2p", "el gato come 017 peces", "ñandúñandú", "        zapato y mesa"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_lists_are_folded_and_have_no_line_twice() {
        for (list, least) in [(WORDS, 1_000), (FIRST, 3_000)] {
            let lines: Vec<&str> = list.lines().collect();
            assert!(lines.len() >= least, "{}", lines.len());
            assert_eq!(lines.len(), lines.iter().collect::<HashSet<_>>().len());
            for line in lines {
                assert!(!line.is_empty());
                assert_eq!(fold_plain(line), line);
            }
        }
        let least = shared::accounts::PASSWORD_MIN_CHARS;
        assert!(FIRST.lines().all(|line| line.chars().count() >= least), "shorter ones are refused for that");
    }

    /// D2, to the letter: whoever chooses one of them is told so, whatever else is right with it.
    #[test]
    fn d2_every_one_of_the_first_ten_thousand_is_refused() {
        for first in FIRST.lines() {
            assert_eq!(judge(first), Err(FieldCode::PasswordCommon), "{first}");
        }
    }
}
