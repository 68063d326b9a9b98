//! The form of one step: which fields are already judged, what stopped it, and the wiring of its controls to the draft.
use leptos::prelude::*;

use crate::app::Page;
use crate::browser;
use crate::components::error_summary::{Line, Summary, error_summary};
use crate::components::field::{Label, Value};
use crate::draft::{Field, Wrong};
use crate::i18n::GuestTexts;
use crate::pages::failure;
use crate::session::Cx;

/// A step's form.
#[derive(Clone, Copy)]
pub struct Form {
    pub cx: Cx,
    page: Page,
    title: &'static str,
    /// Fields the person left with something in them, or that were sent.
    judged: RwSignal<Vec<Field>>,
    summary: RwSignal<Option<Summary>>,
    /// The field the cursor is in.
    pub inside: RwSignal<Option<Field>>,
}

impl Form {
    /// The form of a step. What the SAT refused of the last order is said at once.
    pub fn new(cx: Cx, page: Page, title: &'static str) -> Form {
        let form = Form {
            cx,
            page,
            title,
            judged: RwSignal::new(Vec::new()),
            summary: RwSignal::new(None),
            inside: RwSignal::new(None),
        };
        super::title(cx, title);
        if cx.draft.with_untracked(|draft| draft.has_refusals_on(page)) {
            form.show_wrong(cx.draft.with_untracked(|draft| draft.wrong_on(page)));
        }
        form
    }

    /// Whether the step may be left; if not, everything that is wrong is said.
    pub fn check(self) -> bool {
        let wrong = self.cx.draft.with_untracked(|draft| draft.wrong_on(self.page));
        // What the SAT refused may be sent again as it is: its register may have changed since.
        let stops = wrong.iter().any(|(_, wrong)| matches!(wrong, Wrong::Shape(_)));
        if stops {
            self.show_wrong(wrong);
        } else {
            self.summary.set(None);
        }
        !stops
    }

    fn show_wrong(self, wrong: Vec<(Field, Wrong)>) {
        let t = self.cx.words();
        wrong.iter().for_each(|(field, _)| self.judge(*field));
        let line = |(field, what): (Field, Wrong)| {
            let words = self.words(field, what);
            let words = match what {
                // The words of the rules do not name the field.
                Wrong::Shape(_) if field != Field::Branch => [name(t, field), ": ", &words].concat(),
                _ => words,
            };
            Line { words, href: Some(["#", field.id()].concat()) }
        };
        let lines = wrong.into_iter().map(line).collect();
        self.stop(Summary { title: t.shell.attention.to_owned(), lines, support: None });
    }

    /// Shows what stopped the form.
    pub fn stop(self, summary: Summary) {
        browser::set_title(&[self.cx.words().shell.error, self.title].concat());
        self.summary.set(Some(summary));
    }

    /// Where the summary is shown.
    pub fn summary(self) -> AnyView {
        error_summary(self.summary.into())
    }

    /// What is wrong with a field that is already judged.
    pub fn error(self, field: Field) -> Signal<Option<String>> {
        let wrong = Memo::new(move |_| {
            let judged = self.judged.with(|judged| judged.contains(&field));
            judged.then(|| self.cx.draft.with(|draft| draft.wrong(field))).flatten()
        });
        Signal::derive(move || wrong.get().map(|what| self.words(field, what)))
    }

    fn words(self, field: Field, what: Wrong) -> String {
        let t = self.cx.words();
        match (field, what) {
            (Field::Branch, _) => t.branch.required.to_owned(),
            _ => failure::wrong(t, what),
        }
    }

    /// A field's control, wired to the draft.
    pub fn value(self, field: Field) -> Value {
        let draft = self.cx.draft;
        let get = Memo::new(move |_| draft.with(|draft| draft.text(field).to_owned()));
        Value {
            get: get.into(),
            set: Callback::new(move |typed| draft.update(|draft| draft.type_in(field, typed))),
            enter: Callback::new(move |()| self.inside.set(Some(field))),
            leave: Callback::new(move |()| self.left(field)),
        }
    }

    /// An empty field is not scolded before it is sent.
    fn left(self, field: Field) {
        browser::after_click(move || {
            if self.cx.draft.with_untracked(|draft| !draft.text(field).trim().is_empty()) {
                self.judge(field);
            }
        });
    }

    fn judge(self, field: Field) {
        // The page may be gone by now.
        if self.judged.try_with_untracked(|judged| !judged.contains(&field)).unwrap_or_default() {
            self.judged.update(|judged| judged.push(field));
        }
    }

    /// The words around a field.
    pub fn label(self, field: Field, words: &'static str, hint: Option<&'static str>) -> Label {
        let error_word = self.cx.words().shell.error;
        Label { id: field.id(), words, hint, tip: None, help: None, after: None, error: self.error(field), error_word }
    }
}

/// What a field is called.
fn name(t: &GuestTexts, field: Field) -> &'static str {
    match field {
        Field::Branch => t.branch.legend,
        Field::Rfc => t.review.rfc,
        Field::Order => t.ticket.order,
        Field::Ticket => t.ticket.number,
        Field::Total => t.ticket.total,
        Field::FormaPago => t.ticket.forma_pago,
        Field::Nombre => t.receptor.nombre,
        Field::Regimen => t.receptor.regimen,
        Field::CodigoPostal => t.receptor.codigo_postal,
        Field::Uso => t.receptor.uso,
        Field::Email => t.receptor.email,
    }
}
