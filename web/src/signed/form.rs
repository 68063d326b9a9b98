//! A form: what is typed, which fields are already judged, what stopped it, and the wiring of its
//! controls. What is wrong with a field is asked of `shared`, and of the server; nothing typed is lost to an answer.
use leptos::prelude::*;
use shared::problem::{FieldCode, FieldErrors};
use shared::{Lang, problem_text};

use crate::api::ApiFailure;
use crate::browser;
use crate::components::error_summary::{Line, Summary, error_summary};
use crate::components::field::{Label, Value};
use crate::pages::failure;
use crate::signed::desk::Desk;
use crate::signed::meaning;

/// A field.
#[derive(Clone, Copy)]
pub struct Field {
    /// The id of its control, and the name under which it is remembered.
    pub id: &'static str,
    /// Where it is in the body that carries it.
    pub pointer: &'static str,
    pub words: &'static str,
    /// A password is never remembered.
    pub secret: bool,
}

/// Under which name it is remembered what a form was about.
const ABOUT: &str = "form-about";

/// Judges what was typed, in the order of the fields.
pub type Check = fn(&[String], Lang) -> FieldErrors;

/// A form.
#[derive(Clone, Copy)]
pub struct Form {
    pub desk: Desk,
    /// A request is on its way: a second press does nothing.
    pub busy: RwSignal<bool>,
    title: &'static str,
    /// The tab's name before it said that something is wrong.
    named: StoredValue<Option<String>>,
    fields: StoredValue<Vec<Field>>,
    check: Check,
    values: RwSignal<Vec<String>>,
    /// Fields the person left with something in them, or that were sent.
    judged: RwSignal<Vec<bool>>,
    /// What the server said of a value, until that value changes.
    refused: RwSignal<Vec<Option<FieldCode>>>,
    summary: RwSignal<Option<Summary>>,
}

impl Form {
    /// An empty form, but for what was typed before.
    pub fn new(desk: impl Into<Desk>, title: &'static str, fields: Vec<Field>, check: Check) -> Form {
        let desk = desk.into();
        let before = |field: &Field| if field.secret { String::new() } else { desk.typed(field.id) };
        let values: Vec<String> = fields.iter().map(before).collect();
        let count = fields.len();
        let form = Form {
            desk,
            busy: RwSignal::new(false),
            title,
            named: StoredValue::new(None),
            fields: StoredValue::new(fields),
            check,
            values: RwSignal::new(values),
            judged: RwSignal::new(vec![false; count]),
            refused: RwSignal::new(vec![None; count]),
            summary: RwSignal::new(None),
        };
        on_cleanup(move || form.name_again());
        form
    }

    fn field(self, n: usize) -> Option<Field> {
        self.fields.with_value(|fields| fields.get(n).copied())
    }

    /// What is in a field, not tracked.
    pub fn value(self, n: usize) -> String {
        self.values.with_untracked(|values| values.get(n).cloned().unwrap_or_default())
    }

    /// What is in a field.
    pub fn tracked(self, n: usize) -> String {
        self.values.with(|values| values.get(n).cloned().unwrap_or_default())
    }

    /// Puts something into a field.
    pub fn set(self, n: usize, typed: String) {
        if let Some(field) = self.field(n).filter(|field| !field.secret) {
            self.desk.keep_typed(field.id, typed.clone());
        }
        self.refused.update(|refused| put(refused, n, None));
        self.values.update(|values| put(values, n, typed));
    }

    /// Empties every field and judges none.
    pub fn clear(self) {
        let count = self.values.with_untracked(Vec::len);
        (0..count).for_each(|n| self.set(n, String::new()));
        self.judged.set(vec![false; count]);
        self.summary.set(None);
        self.name_again();
    }

    /// Puts what is there into the fields, but for what was typed over the same thing before a reload.
    pub fn over(self, about: &str, there: Vec<String>) {
        let fields = self.fields.with_value(Vec::clone);
        if self.desk.typed(ABOUT) != about {
            fields.iter().for_each(|field| self.desk.keep_typed(field.id, String::new()));
            self.desk.keep_typed(ABOUT, about.to_owned());
        }
        let value = |(field, there): (&Field, String)| {
            let typed = if field.secret { String::new() } else { self.desk.typed(field.id) };
            if typed.is_empty() { there } else { typed }
        };
        self.values.set(fields.iter().zip(there).map(value).collect());
    }

    /// What was typed is kept elsewhere now.
    pub fn saved(self) {
        self.busy.try_set(false);
        self.summary.try_set(None);
        self.name_again();
        self.fields.with_value(|fields| fields.iter().for_each(|field| self.desk.keep_typed(field.id, String::new())));
    }

    /// All that is in the fields, not tracked.
    pub fn values(self) -> Vec<String> {
        self.values.with_untracked(Vec::clone)
    }

    fn errors(self, values: &[String]) -> FieldErrors {
        (self.check)(values, self.desk.cx.t().lang)
    }

    /// Whether the form may be sent; if not, everything that is wrong is said.
    pub fn check(self) -> bool {
        let errors = self.values.with_untracked(|values| self.errors(values));
        if errors.is_empty() {
            self.summary.set(None);
            self.name_again();
            return true;
        }
        self.show(&errors, self.desk.cx.t().shell.attention.to_owned());
        false
    }

    fn show(self, errors: &FieldErrors, title: String) {
        let lang = self.desk.cx.t().lang;
        let fields = self.fields.with_value(Vec::clone);
        let wrong: Vec<Option<FieldCode>> = fields.iter().map(|field| errors.of(field.pointer)).collect();
        self.judged.update(|judged| judged.iter_mut().zip(&wrong).for_each(|(is, wrong)| *is |= wrong.is_some()));
        let line = |(field, code): (&Field, &Option<FieldCode>)| {
            let words = [field.words, ": ", problem_text::field((*code)?, lang)].concat();
            Some(Line { words, href: Some(["#", field.id].concat()) })
        };
        let lines = fields.iter().zip(&wrong).filter_map(line).collect();
        self.stop(Summary { title, lines, support: None });
    }

    /// Shows what stopped the form.
    pub fn stop(self, summary: Summary) {
        // A form over a page leaves the page its name.
        if !self.title.is_empty() {
            self.named.update_value(|named| {
                named.get_or_insert_with(browser::title);
            });
            browser::set_title(&[self.desk.cx.t().shell.error, self.title].concat());
        }
        self.summary.set(Some(summary));
    }

    /// Nothing is wrong any more: the tab has its name back, unless the page has given it another meanwhile.
    fn name_again(self) {
        let Some(name) = self.named.try_update_value(Option::take).flatten() else { return };
        if browser::title().starts_with(self.desk.cx.t().shell.error) {
            browser::set_title(&name);
        }
    }

    /// Shows what came back in place of a good answer; wrong fields beside their controls, else with
    /// `more` ways out.
    pub fn failed(self, failed: &ApiFailure, more: Vec<Line>) {
        // The page may be gone by now.
        if self.busy.try_set(false).is_some() {
            return;
        }
        if let ApiFailure::Problem(problem) = failed
            && self.refuse(FieldErrors(problem.errors.clone()))
        {
            return;
        }
        self.stop(failure::summary(self.desk.cx.t(), failed, more));
    }

    /// The same with the way to what its code means, in a program that has room for it.
    pub fn explained(self, failed: &ApiFailure) {
        self.failed(failed, meaning::lines(self.desk.cx, failed));
    }

    /// The form was not sent: what stopped it says so itself. The page may be gone by now.
    pub fn stopped(self) {
        self.busy.try_set(false);
    }

    /// Shows what the server found wrong with fields of this form; `false` when it is none of them.
    fn refuse(self, errors: FieldErrors) -> bool {
        let code = |field: &Field| errors.of(field.pointer);
        let codes: Vec<Option<FieldCode>> = self.fields.with_value(|fields| fields.iter().map(code).collect());
        let ours = codes.iter().any(Option::is_some);
        if ours {
            self.refused.set(codes);
            self.show(&errors, self.desk.cx.t().shell.attention.to_owned());
        }
        ours
    }

    /// Where the summary is shown.
    pub fn summary(self) -> AnyView {
        error_summary(self.summary.into())
    }

    fn error(self, n: usize) -> Signal<Option<String>> {
        let wrong = Memo::new(move |_| {
            let field = self.field(n)?;
            if !self.judged.with(|judged| judged.get(n).copied().unwrap_or_default()) {
                return None;
            }
            let refused = self.refused.with(|refused| refused.get(n).copied().flatten());
            refused.or_else(|| self.values.with(|values| self.errors(values).of(field.pointer)))
        });
        let lang = self.desk.cx.t().lang;
        Signal::derive(move || wrong.get().map(|code| problem_text::field(code, lang).to_owned()))
    }

    /// An empty field is not scolded before it is sent.
    fn left(self, n: usize) {
        let typed = |values: &Vec<String>| values.get(n).is_some_and(|value| !value.trim().is_empty());
        // The page may be gone by now.
        if self.values.try_with_untracked(typed).unwrap_or_default() {
            self.judged.update(|judged| put(judged, n, true));
        }
    }

    /// The words around a field.
    pub fn label(self, n: usize, hint: Option<&'static str>) -> Label {
        let (id, words) = self.field(n).map_or(("", ""), |field| (field.id, field.words));
        let error_word = self.desk.cx.t().shell.error;
        Label { id, words, hint, tip: None, help: None, after: None, error: self.error(n), error_word }
    }

    /// A field's control.
    pub fn control(self, n: usize) -> Value {
        let get = Memo::new(move |_| self.tracked(n));
        Value {
            get: get.into(),
            set: Callback::new(move |typed| self.set(n, typed)),
            enter: Callback::new(|()| {}),
            leave: Callback::new(move |()| browser::after_click(move || self.left(n))),
        }
    }
}

fn put<T>(list: &mut [T], n: usize, value: T) {
    if let Some(place) = list.get_mut(n) {
        *place = value;
    }
}
