//! A folder of files on its way: each with what came of it and what to do. Four go at once.
use std::collections::BTreeSet;

use leptos::attr::custom::CustomAttribute;
use leptos::ev::{self, DragEvent, Event};
use leptos::html;
use leptos::prelude::*;
use shared::documents::{BroughtDocument, UnlistedCode, document_number};
use shared::integrators::Proved;
use shared::problem_text;
use shared::{FieldCode, ProblemCode};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::typing::{self, Draft};
use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::live::{change, part, words};
use crate::console::api::documents::{self as api, Typed};
use crate::console::i18n::payments::named;
use crate::console::list::{Column, badge, cell, name, table};
use crate::console::session::Sx;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::signed::send::Picked;

/// Files of one go: beyond them a browser's page grows slow.
const FILES_MAX: usize = 2_000;
/// Files on their way at once.
const AT_ONCE: usize = 4;

/// What came of a file.
#[derive(Clone, PartialEq)]
pub enum Came {
    Waiting,
    Sending,
    Brought(Box<BroughtDocument>),
    /// Its XML says everything.
    NotNeeded,
    /// Neither XML nor PDF.
    NoKind,
    Refused(ApiFailure),
}

/// A file of the go.
#[derive(Clone, Copy)]
pub struct Line {
    pub picked: StoredValue<Picked, LocalStorage>,
    pub came: RwSignal<Came>,
    /// What was typed of it so far.
    pub draft: StoredValue<Option<Draft>>,
}

/// The panel's data.
#[derive(Clone, Copy)]
pub struct Go {
    pub sx: Sx,
    lines: RwSignal<Vec<Line>>,
    /// The first that nobody has taken.
    next: StoredValue<usize>,
    /// Published, there already, not needed, refused.
    counts: RwSignal<[usize; 4]>,
    /// Files with codes that are in no list.
    to_review: RwSignal<u64>,
    running: StoredValue<usize>,
    /// Files that wait or are on their way.
    left: RwSignal<usize>,
    too_many: RwSignal<bool>,
    /// Whose the XML of this go are, when they do not say it themselves.
    contract: RwSignal<String>,
    /// The file whose data are being typed.
    pub typing: RwSignal<Option<usize>>,
    done: Callback<()>,
}

/// Where it stands how the go goes.
const SUMMARY: &str = "bring-summary";

/// The panel that takes files. `left` is told how many are still to go, and `done` hears when a go has ended.
pub fn panel(sx: Sx, left: RwSignal<usize>, close: Callback<()>, done: Callback<()>) -> AnyView {
    let t = &sx.t().documents;
    left.set(0);
    let go = Go {
        sx,
        lines: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
        counts: RwSignal::new([0; 4]),
        to_review: RwSignal::new(0),
        running: StoredValue::new(0),
        left,
        too_many: RwSignal::new(false),
        contract: RwSignal::new(String::new()),
        typing: RwSignal::new(None),
        done,
    };
    let summary = move || {
        let all = go.lines.with(Vec::len);
        (all > 0).then(|| {
            let [new, there, spare, bad] = go.counts.get().map(|count| count.to_string());
            let said = fill(t.summary, &[&new, &there, &spare, &bad, &all.to_string()]);
            match go.to_review.get() {
                0 => said,
                some => [&said, " · ", &format::plural(some, t.to_review[0], t.to_review[1])].concat(),
            }
        })
    };
    view! {
        <section class="card" aria-labelledby="bring-title">
            <div class="card__head"><h2 id="bring-title">{t.bring}</h2></div>
            <div class="card__body stack">
                <p>{t.bring_lead}</p>
                {go.contract_field()}
                <div class="drop row" on:dragover=|event| event.prevent_default() on:drop=move |event| go.dropped(&event)>
                    {go.control("files", t.files, false)}{go.control("folder", t.folder, true)}
                </div>
                <p class="field__hint">{t.files_hint}</p>
                <details class="sm"><summary>{t.naming}</summary><p>{t.naming_words}</p></details>
                <p class="field__error" role="alert">{words(move || go.too_many.get().then(|| t.too_many.to_owned()))}</p>
                <p class="b" role="status" id=SUMMARY tabindex="-1">{words(summary)}</p>
                {part(move || go.table())}
                <div class="row tight">{button::act("btn btn--quiet", t.close, move || close.run(()))}</div>
            </div>
        </section>
    }
    .into_any()
}

/// A file's name without its end, and the end in small letters.
fn parts(name: &str) -> (&str, String) {
    name.rsplit_once('.').map_or((name, String::new()), |(stem, end)| (stem, end.to_ascii_lowercase()))
}

impl Go {
    /// A control that takes files, or all of a folder.
    fn control(self, id: &'static str, label: &'static str, folder: bool) -> AnyView {
        let picked: Box<dyn FnMut(Event)> = Box::new(move |event| {
            if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
                let picked = Picked::all_of(&input);
                // The same files can be picked again.
                input.set_value("");
                self.take(picked);
            }
        });
        // No attribute that the macro knows, but every browser of a desk.
        let control = html::input().class("input").id(id).r#type("file").multiple(true).accept(".xml,.pdf");
        let control = control.on(ev::change, picked).attr("webkitdirectory", folder.then_some(""));
        view! {
            <div class="field grow">
                <label class="field__label" for=id>{label}</label>
                {control}
            </div>
        }
        .into_any()
    }

    /// Whose the XML are: a contract is known to the desk and seldom to the XML.
    fn contract_field(self) -> AnyView {
        let t = &self.sx.t().documents;
        view! {
            <div class="field">
                <label class="field__label" for="bring-contract">{t.contract}</label>
                <p class="field__hint" id="bring-contract-hint">{t.contract_hint}</p>
                <input
                    class="input"
                    id="bring-contract"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-describedby="bring-contract-hint"
                    prop:value=self.contract
                    on:input=change(move |text| self.contract.set(text))
                />
            </div>
        }
        .into_any()
    }

    /// Files let go over the frame; over a control of it the browser itself gives them to the control.
    fn dropped(self, event: &DragEvent) {
        if event.target().is_some_and(|it| it.has_type::<HtmlInputElement>()) {
            return;
        }
        // Without this the browser leaves the page to show the file.
        event.prevent_default();
        self.take(Picked::dropped(event));
    }

    /// Files chosen while others are on their way go after them; else they are a new go.
    fn take(self, mut picked: Vec<Picked>) {
        let running = self.running.get_value();
        let room = if running > 0 { FILES_MAX.saturating_sub(self.lines.with_untracked(Vec::len)) } else { FILES_MAX };
        self.too_many.set(picked.len() > room);
        picked.truncate(room);
        if picked.is_empty() {
            return;
        }
        if running == 0 {
            self.next.set_value(0);
            self.counts.set([0; 4]);
            self.to_review.set(0);
            self.typing.set(None);
            self.lines.set(Vec::new());
            self.left.set(0);
        }
        let lines = judged(picked);
        let waiting = lines.iter().filter(|line| line.came.get_untracked() == Came::Waiting).count();
        self.counts.update(|counts| counts[2] += lines.len() - waiting);
        self.left.update(|left| *left += waiting);
        self.lines.update(|all| all.extend(lines));
        self.running.set_value(AT_ONCE);
        for _ in running..AT_ONCE {
            leptos::task::spawn_local(async move {
                self.carry().await;
                let left = self.running.try_update_value(|running| {
                    *running = running.saturating_sub(1);
                    *running
                });
                if left == Some(0) {
                    let _ = self.done.try_run(());
                }
            });
        }
    }

    /// One file after the other, until none waits. The page may go meanwhile.
    async fn carry(self) {
        loop {
            // Past the last nothing is counted: more may be chosen meanwhile.
            let at = self.next.try_get_value();
            let Some(line) = at.and_then(|at| self.lines.try_with_untracked(|lines| lines.get(at).copied())).flatten()
            else {
                return;
            };
            self.next.update_value(|next| *next += 1);
            if line.came.try_get_untracked() == Some(Came::Waiting) {
                self.send(line, None).await;
            }
        }
    }

    async fn send(self, line: Line, typed: Option<Typed>) {
        let Some(picked) = line.picked.try_get_value() else { return };
        line.came.try_set(Came::Sending);
        let typed = typed.or_else(|| self.said_of_all(&picked));
        let answer = api::bring(self.sx.client, self.sx.slug(), &picked, typed.as_ref()).await;
        let (place, came) = match answer {
            Ok(brought) => {
                self.to_review.try_update(|files| *files += u64::from(!brought.unlisted.is_empty()));
                (if brought.is_new { 0 } else { 1 }, Came::Brought(Box::new(brought)))
            }
            Err(failure) => (3, Came::Refused(failure)),
        };
        line.came.try_set(came);
        // The panel may be gone by now, and another one counts its own.
        if self.counts.try_update(|counts| counts[place] += 1).is_some() {
            self.left.try_update(|left| *left = left.saturating_sub(1));
        }
    }

    /// What the person said of every XML. A PDF has its own contract in its name.
    fn said_of_all(self, picked: &Picked) -> Option<Typed> {
        let contract = self.contract.try_get_untracked()?.trim().to_owned();
        let is_xml = parts(&picked.name).1 == "xml";
        (is_xml && !contract.is_empty()).then(|| Typed { contract, ..Typed::default() })
    }

    /// Tries a file that was refused once more, with what was typed of it.
    pub fn again(self, at: usize, line: Line, typed: Option<Typed>) {
        self.counts.update(|counts| counts[3] = counts[3].saturating_sub(1));
        self.left.update(|left| *left += 1);
        leptos::task::spawn_local(async move {
            self.send(line, typed).await;
            let is_there = matches!(line.came.try_get_untracked(), Some(Came::Brought(_)));
            // The form closes with what it was for, and its focus goes to what came of it.
            if is_there && self.typing.try_get_untracked() == Some(Some(at)) {
                self.typing.try_set(None);
                browser::focus_soon(SUMMARY);
            }
            let _ = self.done.try_run(());
        });
    }

    fn table(self) -> Option<AnyView> {
        let t = &self.sx.t().documents;
        let lines = self.lines.get();
        if lines.is_empty() {
            return None;
        }
        let columns = [Column(t.file, "txt", ""), Column(t.result, "txt", "")];
        let rows = lines.iter().enumerate().map(|(at, line)| self.row(at, *line, &columns)).collect();
        Some(table(self.sx, t.result, &columns, rows, None))
    }

    fn row(self, at: usize, line: Line, columns: &[Column; 2]) -> AnyView {
        let file = line.picked.with_value(|picked| picked.name.clone());
        let came = part(move || Some(line.came.with(|came| self.came(at, line, came))));
        view! { <tr>{name(file.into_any(), String::new())}{cell(&columns[1], came)}</tr> }.into_any()
    }

    fn came(self, at: usize, line: Line, came: &Came) -> AnyView {
        let t = &self.sx.t().documents;
        let (tone, word, more) = match came {
            Came::Waiting => ("plain", t.waiting, String::new()),
            Came::Sending => ("info", t.sending, String::new()),
            Came::NotNeeded => ("plain", t.not_needed, t.not_needed_words.to_owned()),
            Came::NoKind => ("plain", t.no_kind, t.no_kind_words.to_owned()),
            Came::Brought(brought) => return self.brought(brought),
            Came::Refused(failure) => return self.refused(at, line, failure),
        };
        view! { {badge(tone, word)}<span class="sub">{more}</span> }.into_any()
    }

    fn brought(self, brought: &BroughtDocument) -> AnyView {
        let t = &self.sx.t().documents;
        let codes = brought.unlisted.iter().map(|one| view! { <span class="sub">{self.said_of_code(one)}</span> });
        let codes: Vec<_> = codes.collect();
        let review = (!codes.is_empty()).then(|| badge("warn", t.review));
        let word = if brought.is_new { t.is_new } else { t.was_there };
        view! { {badge("ok", word)}{review}<span class="sub">{self.said_of(brought)}</span>{codes} }.into_any()
    }

    fn said_of_code(self, one: &UnlistedCode) -> String {
        let t = &self.sx.t().documents;
        let (words, day) = match (&one.from, &one.until) {
            (Some(from), _) => (t.not_yet, format::day(from)),
            (None, Some(until)) => (t.no_longer, format::day(until)),
            (None, None) => (t.unlisted, String::new()),
        };
        // Ours is no number that anybody could look up.
        let rule = if one.code.starts_with("CFDI") { one.code.as_str() } else { t.review };
        fill(words, &[rule, &one.value, &one.list, &day])
    }

    fn said_of(self, brought: &BroughtDocument) -> String {
        let t = &self.sx.t().documents;
        let document = &brought.document;
        let whose = document.contract.as_deref().unwrap_or(&document.receptor_rfc);
        let kind = named(&t.kinds, &document.kind);
        let number = document_number(&document.serie, &document.folio);
        let mut said = [kind, " ", &number, " · ", whose].concat();
        if !brought.has_reader {
            said = [&said, ". ", t.no_reader].concat();
        }
        if document.folio_fiscal.is_some() && brought.seal == Proved::CannotTell {
            said = [&said, ". ", t.unproved].concat();
        }
        said
    }

    fn refused(self, at: usize, line: Line, failure: &ApiFailure) -> AnyView {
        let t = &self.sx.t().documents;
        let face = failure::face(self.sx.cx.t(), failure);
        let (mut why, mut unnamed) = (Vec::new(), false);
        match failure {
            ApiFailure::Problem(problem) if problem.code == ProblemCode::InvalidFields => {
                for error in &problem.errors {
                    unnamed |= error.pointer.starts_with('?');
                    let detail = error.detail.as_deref().filter(|_| error.code == FieldCode::Cfdi);
                    let said = problem_text::field(error.code, self.sx.t().lang);
                    let label = error.pointer.strip_prefix('?').filter(|_| error.code != FieldCode::PaperName);
                    let label = label.map_or_else(String::new, |label| [self.named_field(label), ": "].concat());
                    why.push([&label, said, &detail.map_or_else(String::new, |it| [" (", it, ")"].concat())].concat());
                }
            }
            ApiFailure::Problem(problem) if problem.code == ProblemCode::DocumentDiffers => {
                why.push(t.differs_words.to_owned());
            }
            _ => {
                why.push(face.title);
                why.extend(face.words);
            }
        }
        let is_pdf = line.picked.with_value(|picked| parts(&picked.name).1 == "pdf");
        // What was typed once is what can be mended.
        let typed = line.draft.with_value(Option::is_some);
        let why = why.join(" ");
        let said = why.clone();
        let way = if is_pdf && (unnamed || typed) {
            part(move || {
                Some(match self.typing.get() {
                    Some(open) if open == at => typing::form(self, at, line, said.clone()),
                    _ => button::act("linkbtn", t.type_data, move || self.typing.set(Some(at))),
                })
            })
        } else {
            button::act("linkbtn", t.try_again, move || self.again(at, line, None))
        };
        view! { {badge("bad", t.refused)}<span class="sub">{why}</span>{way} }.into_any()
    }

    /// What a part of a file's data is called on this page.
    fn named_field(self, name: &str) -> &str {
        let t = &self.sx.t().documents;
        match name {
            "contract" => t.contract,
            "rfc" => "RFC",
            "kind" => t.kind,
            "number" | "serie" => t.number,
            "issued_at" => t.at,
            "total" => t.total,
            "currency" => t.currency,
            other => other,
        }
    }
}

/// The files as lines: a PDF whose XML is beside it is not needed.
fn judged(picked: Vec<Picked>) -> Vec<Line> {
    let stem_of_xml = |file: &Picked| {
        let (stem, end) = parts(&file.name);
        (end == "xml").then(|| stem.to_owned())
    };
    let stems: BTreeSet<String> = picked.iter().filter_map(stem_of_xml).collect();
    let line = |file: Picked| {
        let (stem, end) = parts(&file.name);
        let came = match end.as_str() {
            "xml" => Came::Waiting,
            "pdf" if stems.contains(stem) => Came::NotNeeded,
            "pdf" => Came::Waiting,
            _ => Came::NoKind,
        };
        Line { picked: StoredValue::new_local(file), came: RwSignal::new(came), draft: StoredValue::new(None) }
    };
    picked.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_from_its_end() {
        assert_eq!(parts("FA-1.b.XML"), ("FA-1.b", "xml".to_owned()));
        assert_eq!(parts("LEEME"), ("LEEME", String::new()));
    }
}
