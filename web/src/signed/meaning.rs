//! The way from a problem to its entry in the catalogue: what its code means, its causes and the way out. For the programs
//! that have room for it.
use leptos::prelude::*;
use shared::Lang;

use crate::api::ApiFailure;
use crate::components::error_summary::Line;
use crate::components::failed::{self, FailedText};
use crate::i18n::fill;
use crate::session::Cx;

/// The way to what a code means.
pub fn line(cx: Cx, code: &str) -> Line {
    let words = match cx.t().lang {
        Lang::Es => "Qué significa {0}",
        Lang::En => "What {0} means",
    };
    Line { words: fill(words, &[code]), href: Some(["/problems/", code].concat()) }
}

/// The same below what stopped a form; nothing of what the server did not say.
pub fn lines(cx: Cx, failure: &ApiFailure) -> Vec<Line> {
    match failure {
        ApiFailure::Problem(problem) => vec![line(cx, problem.code.as_str())],
        _ => Vec::new(),
    }
}

/// The face of something that could not be had, with its ways out and this one.
pub fn failed(cx: Cx, text: FailedText, mut ways: Vec<AnyView>) -> AnyView {
    // What support needs begins with the code.
    let code = text.support.as_ref().and_then(|(said, ..)| said.split(' ').next());
    ways.extend(code.map(|code| {
        let Line { words, href } = line(cx, code);
        view! { <a class="btn btn--2 btn--sm" href=href>{words}</a> }.into_any()
    }));
    failed::failed(text, ways)
}
