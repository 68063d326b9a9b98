//! Failures in words: what the API said, as a summary above a form or as a face in a page.
use std::sync::OnceLock;

use shared::problem::ProblemCode;
use shared::problem_text::{self, ProblemText};
use shared::{Lang, Problem};

use crate::api::ApiFailure;
use crate::components::error_summary::{Line, Summary};
use crate::components::failed::FailedText;
use crate::draft::Wrong;
use crate::format;
use crate::i18n::{Texts, fill};

/// How a program says what went wrong.
pub type Words = fn(ProblemCode, Lang) -> ProblemText;

/// Said once, at the start: each program carries the words of what its people can meet, and no others.
static WORDS: OnceLock<Words> = OnceLock::new();

/// Sets how this program says what went wrong.
pub fn speak_with(words: Words) {
    // A second start would say the same.
    let _ = WORDS.set(words);
}

/// What happened, why, and what to do; then what only this answer knows.
fn words(t: &Texts, failure: &ApiFailure) -> (String, Vec<String>) {
    let f = &t.failure;
    match failure {
        ApiFailure::Offline => (f.offline.to_owned(), vec![f.offline_cause.to_owned(), f.offline_remedy.to_owned()]),
        ApiFailure::Malformed => {
            (f.malformed.to_owned(), vec![f.malformed_cause.to_owned(), f.malformed_remedy.to_owned()])
        }
        ApiFailure::SignedOut => of_code(t, ProblemCode::SignedOut),
        ApiFailure::Problem(problem) => {
            let (title, mut lines) = of_code(t, problem.code);
            lines.extend(details(t, problem));
            (title, lines)
        }
    }
}

fn of_code(t: &Texts, code: ProblemCode) -> (String, Vec<String>) {
    let Some(words) = WORDS.get() else { return (code.as_str().to_owned(), Vec::new()) };
    let text = words(code, t.lang);
    (text.title.to_owned(), vec![text.cause.to_owned(), text.remedy.to_owned()])
}

fn details(t: &Texts, problem: &Problem) -> Vec<String> {
    let until = problem.day.as_deref().map(|day| fill(t.failure.until, &[&format::day(day)]));
    let wait = problem
        .retry_after_seconds
        .filter(|_| matches!(problem.code, ProblemCode::TicketHeld | ProblemCode::SignInHeld))
        .map(|seconds| fill(t.failure.wait_minutes, &[&format::minutes(seconds).to_string()]));
    let sat = problem.sat_code.as_deref().map(|code| [t.failure.sat_code, ": ", code, "."].concat());
    [until, wait, sat].into_iter().flatten().collect()
}

/// What support needs to find a request in the logs.
fn support(t: &Texts, failure: &ApiFailure) -> Option<(String, &'static str, &'static str)> {
    let ApiFailure::Problem(problem) = failure else { return None };
    let id = problem.request_id.as_deref().unwrap_or_default();
    Some(([problem.code.as_str(), " ", id].concat().trim().to_owned(), t.failure.support, t.shell.copied))
}

/// A failure inside a page.
pub fn face(t: &'static Texts, failure: &ApiFailure) -> FailedText {
    let (title, words) = words(t, failure);
    FailedText { title, words, support: support(t, failure) }
}

/// A failure that stopped a form, with more lines than its own.
pub fn summary(t: &'static Texts, failure: &ApiFailure, more: Vec<Line>) -> Summary {
    let (title, words) = words(t, failure);
    let mut lines: Vec<Line> = words.into_iter().map(|words| Line { words, href: None }).collect();
    lines.extend(more);
    Summary { title, lines, support: support(t, failure) }
}

/// What is wrong with a field.
pub fn wrong(t: &Texts, wrong: Wrong) -> String {
    match wrong {
        Wrong::Shape(code) => problem_text::field_for_guests(code, t.lang).to_owned(),
        Wrong::Refused(code) => {
            let text = problem_text::for_guests(code, t.lang);
            [text.title, " ", text.remedy].concat()
        }
    }
}
