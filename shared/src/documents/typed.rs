//! The one search box: what a person typed, taken apart into pieces that each mean something. It only reads; whose
//! documents are searched is decided elsewhere, outside of anything typed.
use fiscal::Currency;

use super::search::is_civil_day;
use super::{DocumentKind, DocumentState};
use crate::accounts::fold_contract;
use crate::problem::FieldCode;

/// Longest text of the box, in characters.
pub const TYPED_MAX: usize = 200;
/// Most pieces of it.
pub const PIECES_MAX: usize = 8;
/// Shortest piece of a folio fiscal that is taken for one.
const UUID_PIECE_MIN: usize = 6;
/// Words of the longest name of a kind or a state.
const NAME_WORDS: usize = 3;
/// Longest beginning of a word that is told from others, in characters.
const WORD_MAX: usize = 32;
/// From how many characters on what may also be a folio is taken for a piece of a folio fiscal: its first group.
const UUID_GROUP: usize = 8;
/// Its last group.
const UUID_LAST_GROUP: usize = 12;
/// A folio fiscal, with its hyphens.
const UUID_CHARS: usize = 36;

/// A piece of what was typed: a chip that can be taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// As typed: what to take out of the box's text.
    pub text: String,
    /// What it means.
    pub meaning: Meaning,
}

/// What a piece can mean. A document must answer to every piece, in any of the ways its meaning says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// Digits alone: a folio, a contract, a purchase order, or a total without cents.
    Number {
        /// For contracts and purchase orders; leading zeros count.
        folded: String,
        /// As a folio.
        folio: Option<i64>,
        /// As a total, in hundredths.
        hundredths: Option<i64>,
        /// Of a folio fiscal, when it is long enough.
        uuid_piece: Option<String>,
    },
    /// Letters and digits: a folio with its serie, a contract, a purchase order, or a piece of a folio fiscal.
    Reference {
        /// For contracts and purchase orders.
        folded: String,
        /// As a folio: serie in upper case, and number.
        folio: Option<(String, i64)>,
        /// Of a folio fiscal, upper case.
        uuid_piece: Option<String>,
    },
    /// A total, in hundredths.
    Amount(i64),
    /// A day or a month: first and last civil day.
    Days(String, String),
    /// A kind.
    Kind(DocumentKind),
    /// Whether it holds.
    State(DocumentState),
    /// The beginning of a word of the document's lines or names, folded; of each of several, with a space between them,
    /// when they were typed as one (`auto-lavado`).
    Word(String),
}

/// Lower case without accents: how words are compared.
fn fold_words(text: &str) -> String {
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'á' | 'à' | 'ä' | 'â' => 'a',
            'é' | 'è' | 'ë' | 'ê' => 'e',
            'í' | 'ì' | 'ï' | 'î' => 'i',
            'ó' | 'ò' | 'ö' | 'ô' => 'o',
            'ú' | 'ù' | 'ü' | 'û' => 'u',
            'ñ' => 'n',
            'ç' => 'c',
            c if c.is_whitespace() || c.is_control() => ' ',
            c => c,
        })
        .filter(|c| !matches!(c, '\u{300}'..='\u{36f}'))
        .collect()
}

/// The words of a text, folded, in their order: what stands between two of them is neither letter nor digit. Of a very
/// long one, its beginning.
pub fn words_of(text: &str) -> Vec<String> {
    fold_words(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(WORD_MAX).collect())
        .collect()
}

/// Takes the box's text apart. `today` (`YYYY-MM-DD`) says which October is meant when no year is typed: the last one
/// that has begun.
pub fn read_typed(text: &str, today: &str) -> Result<Vec<Piece>, FieldCode> {
    if text.chars().count() > TYPED_MAX {
        return Err(FieldCode::TooLong);
    }
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1).copied();
        let (meaning, used) = match month_and_year(token, next) {
            Some((month, year, used)) => (month_days(month, year, today), used),
            None => first(tokens.get(at..).unwrap_or_default()),
        };
        // A word without a letter or a digit says nothing.
        if !matches!(&meaning, Meaning::Word(word) if word.is_empty()) {
            pieces.push(Piece { text: tokens.get(at..at + used).unwrap_or_default().join(" "), meaning });
        }
        at += used;
    }
    let asked = |piece: &Piece| if let Meaning::Word(words) = &piece.meaning { words.split(' ').count() } else { 1 };
    if pieces.iter().map(asked).sum::<usize>() > PIECES_MAX { Err(FieldCode::TooLong) } else { Ok(pieces) }
}

/// What stands first, and the tokens used: a kind or a state, by a name of several words as our own pages print it too,
/// or one token; an amount with the signs that they print before it and the currency behind, by which nothing is found.
fn first(tokens: &[&str]) -> (Meaning, usize) {
    for used in (1..=NAME_WORDS).rev() {
        if let Some(meaning) = tokens.get(..used).and_then(|name| named(&name.join(" "))) {
            return (meaning, used);
        }
    }
    let token = tokens.first().copied().unwrap_or_default();
    let bare = token.trim_start_matches(['−', '-']);
    let bare = bare.strip_prefix("US").unwrap_or(bare);
    let meaning = one(if bare.starts_with('$') { bare } else { token });
    let is_currency = |next: &&str| Currency::ALL.iter().any(|known| known.code().eq_ignore_ascii_case(next));
    let is_number = matches!(meaning, Meaning::Amount(_) | Meaning::Number { .. });
    (meaning, 1 + usize::from(is_number && tokens.get(1).is_some_and(is_currency)))
}

fn one(token: &str) -> Meaning {
    if let Some(days) = day(token) {
        return days;
    }
    if let Some(hundredths) = amount(token) {
        return Meaning::Amount(hundredths);
    }
    let folded = fold_contract(token);
    if !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit()) {
        let folio: Option<i64> = token.parse().ok();
        let hundredths = folio.and_then(|whole| whole.checked_mul(100));
        return Meaning::Number { folded, folio, hundredths, uuid_piece: uuid_piece(token) };
    }
    let folio = folio(token);
    let uuid_piece = uuid_piece(token);
    let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
    if folio.is_some() || uuid_piece.is_some() || has_digit {
        return Meaning::Reference { folded, folio, uuid_piece };
    }
    Meaning::Word(words_of(token).join(" "))
}

/// Kinds and states by the words people use for them and by those that our pages print, of one or of several.
fn named(words: &str) -> Option<Meaning> {
    let folded = fold_words(words);
    let one: Vec<&str> = folded.split(' ').map(|word| word.strip_suffix('s').unwrap_or(word)).collect();
    Some(match one.join(" ").as_str() {
        "factura" | "invoice" => Meaning::Kind(DocumentKind::Factura),
        "nota" | "nota de credito" | "credit note" => Meaning::Kind(DocumentKind::NotaDeCredito),
        "complemento" | "complemento de pago" | "payment complement" | "rep" => {
            Meaning::Kind(DocumentKind::ComplementoDePago)
        }
        "recibo" | "receipt" => Meaning::Kind(DocumentKind::Recibo),
        "edocta" | "estado de cuenta" | "statement" | "statement of account" | "account statement" => {
            Meaning::Kind(DocumentKind::EstadoDeCuenta)
        }
        "cancelada" | "cancelado" | "cancelled" => Meaning::State(DocumentState::Cancelada),
        "en cancelacion" | "being cancelled" => Meaning::State(DocumentState::EnCancelacion),
        "vigente" | "valid" => Meaning::State(DocumentState::Vigente),
        _ => return None,
    })
}

/// `3171.86`, `$3,171.86`, `$500`. Digits alone are no amount by themselves: they may be a folio.
fn amount(token: &str) -> Option<i64> {
    let said = token.starts_with('$');
    let text = token.strip_prefix('$').unwrap_or(token);
    let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = whole.split(',');
    let first = groups.next().filter(|group| digits(group))?;
    let mut plain = first.to_owned();
    for group in groups {
        if group.len() != 3 || !digits(group) || first.len() > 3 {
            return None;
        }
        plain.push_str(group);
    }
    let has_cents = digits(cents) && cents.len() <= 2;
    if !(has_cents || text.len() == whole.len() && (said || whole.contains(','))) {
        return None;
    }
    let cents = format!("{cents:0<2}");
    plain.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents.parse().ok()?)
}

/// `FA-60412` and `FA60412`: serie and number.
fn folio(token: &str) -> Option<(String, i64)> {
    super::search::folio(token).ok().and_then(|(serie, number)| Some((serie?, number)))
}

/// The beginning or the end of a folio fiscal, or a good part of one of its groups. Looking for one reads all that a
/// customer has, so what is much rather a folio (`FA-60412`, `FA60412`, `005300`) is not taken for it.
fn uuid_piece(token: &str) -> Option<String> {
    let shaped = token.len() >= UUID_PIECE_MIN
        && token.len() <= UUID_CHARS
        && token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && token.bytes().any(|byte| byte.is_ascii_digit());
    let fits = match (token.split_once('-'), token.rsplit_once('-')) {
        (Some((first, _)), Some((_, last))) => first.len() == UUID_GROUP || last.len() == UUID_LAST_GROUP,
        _ => token.len() >= UUID_GROUP || !looks_like_folio(token),
    };
    (shaped && fits).then(|| token.to_ascii_uppercase())
}

/// Digits alone, or after letters alone.
fn looks_like_folio(token: &str) -> bool {
    token.trim_start_matches(|c: char| c.is_ascii_alphabetic()).bytes().all(|byte| byte.is_ascii_digit())
}

/// `2026-11-17` and `17/11/2026`.
fn day(token: &str) -> Option<Meaning> {
    let mut parts = token.split('/');
    let civil = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(day), Some(month), Some(year), None) => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => token.to_owned(),
    };
    is_civil_day(&civil).then(|| Meaning::Days(civil.clone(), civil))
}

const MONTHS: [[&str; 2]; 12] = [
    ["enero", "january"],
    ["febrero", "february"],
    ["marzo", "march"],
    ["abril", "april"],
    ["mayo", "may"],
    ["junio", "june"],
    ["julio", "july"],
    ["agosto", "august"],
    ["septiembre", "september"],
    ["octubre", "october"],
    ["noviembre", "november"],
    ["diciembre", "december"],
];

/// The whole name of a month, or its first three letters.
fn month(word: &str) -> Option<u32> {
    let word = fold_words(word);
    let word = word.trim_end_matches('.');
    let called = |name: &str| name == word || name.get(..3) == Some(word) || word == "sept" && name.starts_with(word);
    let found = MONTHS.iter().position(|names| names.iter().any(|name| called(name)))?;
    u32::try_from(found + 1).ok()
}

fn year(text: &str) -> Option<u32> {
    let year: u32 = text.parse().ok().filter(|_| text.len() == 4)?;
    (1990..=2199).contains(&year).then_some(year)
}

/// `oct`, `oct 2017`, `oct-2017`, `2017-10`, `10/2017`: the month, the year when it was said, and the tokens used.
fn month_and_year(token: &str, next: Option<&str>) -> Option<(u32, Option<u32>, usize)> {
    if let Some(month) = month(token) {
        return Some(match next.and_then(year) {
            Some(year) => (month, Some(year), 2),
            None => (month, None, 1),
        });
    }
    let (first, second) = token.split_once(['-', '/'])?;
    let number = |text: &str| text.parse::<u32>().ok().filter(|month| (1..=12).contains(month) && text.len() <= 2);
    if let (Some(year), Some(month)) = (year(first), number(second)) {
        return Some((month, Some(year), 1));
    }
    let month = number(first).or_else(|| month(first))?;
    Some((month, Some(year(second)?), 1))
}

fn month_days(month: u32, year: Option<u32>, today: &str) -> Meaning {
    let year = year.unwrap_or_else(|| {
        let part = |from, to| today.get(from..to).and_then(|text: &str| text.parse::<u32>().ok());
        let (this_year, this_month) = (part(0, 4).unwrap_or(2000), part(5, 7).unwrap_or(12));
        if month > this_month { this_year.saturating_sub(1) } else { this_year }
    });
    let last = (28..=31).rev().map(|day| format!("{year:04}-{month:02}-{day:02}")).find(|day| is_civil_day(day));
    Meaning::Days(format!("{year:04}-{month:02}-01"), last.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: &str = "2026-11-22";

    fn meanings(text: &str) -> Vec<Meaning> {
        read_typed(text, TODAY).unwrap().into_iter().map(|piece| piece.meaning).collect()
    }

    fn days(from: &str, to: &str) -> Meaning {
        Meaning::Days(from.into(), to.into())
    }

    fn reference(folded: &str, folio: Option<(&str, i64)>, uuid: Option<&str>) -> Meaning {
        let folio = folio.map(|(serie, number)| (serie.to_owned(), number));
        Meaning::Reference { folded: folded.into(), folio, uuid_piece: uuid.map(str::to_owned) }
    }

    #[test]
    fn each_thing_a_clerk_brings_is_known() {
        let table: [(&str, Meaning); 24] = [
            ("3171.86", Meaning::Amount(317_186)),
            ("$3,171.86", Meaning::Amount(317_186)),
            ("3,171", Meaning::Amount(317_100)),
            ("$500", Meaning::Amount(50_000)),
            ("0.5", Meaning::Amount(50)),
            ("oct", days("2026-10-01", "2026-10-31")),
            ("Diciembre", days("2025-12-01", "2025-12-31")),
            ("nov", days("2026-11-01", "2026-11-30")),
            ("oct 2017", days("2017-10-01", "2017-10-31")),
            ("feb-2024", days("2024-02-01", "2024-02-29")),
            ("2017-10", days("2017-10-01", "2017-10-31")),
            ("10/2017", days("2017-10-01", "2017-10-31")),
            ("17/11/2026", days("2026-11-17", "2026-11-17")),
            ("2026-11-17", days("2026-11-17", "2026-11-17")),
            ("FA-60412", reference("FA-60412", Some(("FA", 60_412)), None)),
            ("fa60412", reference("FA60412", Some(("FA", 60_412)), None)),
            ("OC-2026/118", reference("OC-2026/118", None, None)),
            ("3f9d21b7", reference("3F9D21B7", Some(("3F9D21B", 7)), Some("3F9D21B7"))),
            ("facturas", Meaning::Kind(DocumentKind::Factura)),
            ("canceladas", Meaning::State(DocumentState::Cancelada)),
            ("Cartulína", Meaning::Word("cartulina".into())),
            ("mayoreo", Meaning::Word("mayoreo".into())),
            ("(auto-lavado),", Meaning::Word("auto lavado".into())),
            ("S.A.", Meaning::Word("s a".into())),
        ];
        for (typed, meaning) in table {
            assert_eq!(meanings(typed), [meaning], "{typed}");
        }
        what_our_pages_print();
    }

    fn what_our_pages_print() {
        use DocumentKind as K;
        use DocumentState as S;
        let kinds: [(K, &[&str]); 5] = [
            (K::Factura, &["Factura", "Facturas", "Invoice", "Invoices"]),
            (K::NotaDeCredito, &["Nota de crédito", "Notas de crédito", "Credit note", "Credit notes"]),
            (
                K::ComplementoDePago,
                &["Complemento de pago", "Complementos de pago", "Payment complement", "Payment complements"],
            ),
            (K::Recibo, &["Recibo", "Recibos", "Receipt", "Receipts"]),
            (
                K::EstadoDeCuenta,
                &["Estado de cuenta", "Estados de cuenta", "Statement of account", "Statements of account"],
            ),
        ];
        for (kind, printed) in kinds {
            for typed in printed {
                assert_eq!(meanings(typed), [Meaning::Kind(kind)], "{typed}");
            }
        }
        for (state, printed) in [
            (S::Vigente, ["Vigente", "Valid"]),
            (S::EnCancelacion, ["En cancelación", "Being cancelled"]),
            (S::Cancelada, ["Cancelada", "Cancelled"]),
        ] {
            for typed in printed {
                assert_eq!(meanings(typed), [Meaning::State(state)], "{typed}");
            }
        }
        for (typed, hundredths) in [
            ("$27,794.52 MXN", 2_779_452),
            ("−$1,250.00 MXN", 125_000),
            ("-$1,250.00", 125_000),
            ("US$160.71", 16_071),
            ("−US$160.71", 16_071),
            ("160.71 usd", 16_071),
        ] {
            assert_eq!(meanings(typed), [Meaning::Amount(hundredths)], "{typed}");
        }
        let texts = |typed: &str| -> Vec<String> {
            read_typed(typed, TODAY).unwrap().into_iter().map(|piece| piece.text).collect()
        };
        let all = texts("  nota de crédito $500.00 MXN  de café 60412 usd Estados de Cuenta");
        assert_eq!(all, ["nota de crédito", "$500.00 MXN", "de", "café", "60412 usd", "Estados de Cuenta"]);
        for one_by_one in ["FA-60412 mxn", "usd 5", "de pago", "nota de", "oct MXN", "MXN MXN"] {
            assert_eq!(texts(one_by_one), one_by_one.split(' ').collect::<Vec<_>>());
        }
        assert_eq!(meanings("US MXN"), [Meaning::Word("us".into()), Meaning::Word("mxn".into())]);
        for nothing in ["-", "−", "", "$", "−$"] {
            assert_eq!(texts(nothing), Vec::<String>::new(), "{nothing}");
        }
    }

    #[test]
    fn digits_alone_may_be_many_things() {
        let number = |folded: &str, folio, uuid: Option<&str>| Meaning::Number {
            folded: folded.into(),
            folio: Some(folio),
            hundredths: Some(folio * 100),
            uuid_piece: uuid.map(str::to_owned),
        };
        assert_eq!(meanings("60412"), [number("60412", 60_412, None)]);
        assert_eq!(meanings("005300"), [number("005300", 5_300, None)]);
        assert_eq!(meanings("260412"), [number("260412", 260_412, None)]);
        assert_eq!(meanings("12345678"), [number("12345678", 12_345_678, Some("12345678"))]);
        let long = meanings("99999999999999999999");
        assert!(matches!(&long[..], [Meaning::Number { folio: None, hundredths: None, .. }]), "{long:?}");
    }

    #[test]
    fn a_folio_fiscal_is_found_by_its_beginning_and_its_end() {
        let whole = "3F9D21B7-8A4C-4E21-9B05-6D7E8F901234";
        for typed in [whole, "3f9d21", "3F9D21B7", "3F9D21B7-8A4C", "9B05-6D7E8F901234", "7E8F901234", "8F901234"] {
            assert_eq!(uuid_piece(typed), Some(typed.to_ascii_uppercase()), "{typed}");
        }
        for typed in ["FA-60412", "A-123456", "FA60412", "005300", "3f9d2", "facade", "OC-2026"] {
            assert_eq!(uuid_piece(typed), None, "{typed}");
        }
    }

    #[test]
    fn pieces_combine_and_keep_what_was_typed() {
        let pieces = read_typed("  oct 2017  3171.86 cartulina ", TODAY).unwrap();
        assert_eq!(
            pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(),
            ["oct 2017", "3171.86", "cartulina"]
        );
        assert_eq!(meanings("oct 60412").len(), 2, "a folio after a month is no year");
    }

    #[test]
    fn anything_typed_is_read_and_nothing_is_too_much() {
        for odd in
            ["", "   ", "-", "%", "_", "'; DROP TABLE documents; --", "\u{0}", "1.2.3", "$", ",", "١٢٣", "💶", "0/0/0"]
        {
            assert!(read_typed(odd, TODAY).is_ok(), "{odd}");
            assert!(read_typed(odd, "").is_ok(), "{odd}");
        }
        assert_eq!(meanings("- %"), []);
        assert_eq!(read_typed(&"x".repeat(201), TODAY), Err(FieldCode::TooLong));
        for many in ["a b c d e f g h i", "a.b.c.d.e f.g.h.i"] {
            assert_eq!(read_typed(many, TODAY), Err(FieldCode::TooLong), "{many}");
        }
    }
}
