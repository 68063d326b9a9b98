//! The catalogue of problems: where every problem's `type` leads.
use shared::problem_text::{field, problem};
use shared::{FieldCode, Lang, Problem, ProblemCode};

use super::Program;
use crate::support::on_both;

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

on_both!(n11_the_type_of_every_problem_opens_its_words, |app| {
    let all = app.browser().get("/problems").await.ok();
    assert_eq!(all.headers["content-type"], "text/html; charset=utf-8");
    let all = all.text();
    for code in ProblemCode::ALL {
        let one = app.browser().get(&Problem::new(*code).kind).await.ok().text();
        for words in [problem(*code, Lang::Es), problem(*code, Lang::En)] {
            for text in [words.title, words.cause, words.remedy] {
                assert!(one.contains(&escaped(text)) && all.contains(&escaped(text)), "{code}: {text}");
            }
        }
    }
    let of_fields = app.browser().get(&Problem::new(ProblemCode::InvalidFields).kind).await.ok().text();
    for code in FieldCode::ALL {
        let row = format!("<tr id=\"{code}\">");
        for said in [&row, &escaped(field(*code, Lang::Es)), &escaped(field(*code, Lang::En))] {
            assert!(all.contains(said) && of_fields.contains(said), "{code}: {said}");
        }
    }
    let another = app.browser().get(&Problem::new(ProblemCode::NotFound).kind).await.ok().text();
    assert!(!another.contains("<table>"), "no other problem has field codes");
    app.browser().get("/problems/nothing").await.problem(ProblemCode::NotFound);
    app.browser().get("/problems/style.css").await.ok();
    let met = Program::with(app, "x").get("/branches").await.problem(ProblemCode::ApiKeyUnknown);
    assert_eq!(met.kind, "/problems/api_key_unknown");
});
