//! The words of every problem, in both languages: what happened, why, and the way out. One place for the browser,
//! the catalogue of problems and the manual; a code without words does not compile.
mod common;
mod customers;
mod fields;
mod guests;
mod integrators;
mod payments;
mod people;
mod upkeep;

use crate::Lang;
use crate::problem::{FieldCode, ProblemCode};

/// The words of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemText {
    /// What happened, one sentence.
    pub title: &'static str,
    /// Why, or what is safe.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

const fn text(title: &'static str, cause: &'static str, remedy: &'static str) -> ProblemText {
    ProblemText { title, cause, remedy }
}

/// The words of a problem in one language.
pub const fn problem(code: ProblemCode, lang: Lang) -> ProblemText {
    let words = match lang {
        Lang::Es => [common::es(code), guests::es(code), customers::es(code), integrators::es(code)],
        Lang::En => [common::en(code), guests::en(code), customers::en(code), integrators::en(code)],
    };
    match words {
        [Some(words), ..]
        | [None, Some(words), ..]
        | [None, None, Some(words), _]
        | [None, None, None, Some(words)] => words,
        [None, None, None, None] => panic!("a problem without words"),
    }
}

// A code without words does not compile.
const _: () = {
    let mut at = 0;
    while at < ProblemCode::ALL.len() {
        problem(ProblemCode::ALL[at], Lang::Es);
        problem(ProblemCode::ALL[at], Lang::En);
        at += 1;
    }
};

/// The words of a problem that a guest can meet; of any other, those of a failure of ours. The guest's program carries
/// no other words.
pub const fn for_guests(code: ProblemCode, lang: Lang) -> ProblemText {
    let words = match lang {
        Lang::Es => [common::es(code), guests::es(code), common::es(ProblemCode::Internal)],
        Lang::En => [common::en(code), guests::en(code), common::en(ProblemCode::Internal)],
    };
    first(words)
}

/// The words of a problem that a customer can meet in the portal; of any other, those of a failure of ours. The
/// portal's program carries no other words.
pub const fn for_customers(code: ProblemCode, lang: Lang) -> ProblemText {
    let words = match lang {
        Lang::Es => [common::es(code), customers::es(code), common::es(ProblemCode::Internal)],
        Lang::En => [common::en(code), customers::en(code), common::en(ProblemCode::Internal)],
    };
    first(words)
}

/// The words of a problem that whoever has a mailbox can meet: as a guest, or by the session of its account.
pub const fn for_mailboxes(code: ProblemCode, lang: Lang) -> ProblemText {
    let of_customers = match lang {
        Lang::Es => customers::es(code),
        Lang::En => customers::en(code),
    };
    match of_customers {
        Some(words) => words,
        None => for_guests(code, lang),
    }
}

const fn first(words: [Option<ProblemText>; 3]) -> ProblemText {
    match words {
        [Some(words), ..] | [None, Some(words), _] | [None, None, Some(words)] => words,
        [None, None, None] => text("", "", ""),
    }
}

/// What is wrong with a field of a guest's; of any other, that it is not understood.
pub const fn field_for_guests(code: FieldCode, lang: Lang) -> &'static str {
    let words = match lang {
        Lang::Es => [fields::guests_es(code), fields::guests_es(FieldCode::Shape)],
        Lang::En => [fields::guests_en(code), fields::guests_en(FieldCode::Shape)],
    };
    match words {
        [Some(words), _] | [None, Some(words)] => words,
        [None, None] => "",
    }
}

/// What is wrong with a field, in one language.
pub const fn field(code: FieldCode, lang: Lang) -> &'static str {
    match lang {
        Lang::Es => fields::es(code),
        Lang::En => fields::en(code),
    }
}
