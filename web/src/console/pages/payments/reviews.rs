//! What asks somebody to look: why, about which payment, and what the bank said. Closing says what came of it and moves
//! no money; that is done on the payment's page.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::payments::{OrphanView, RedirectField, ReviewView};
use shared::problem::{FieldCode, FieldErrors};

use super::{orphans, parts};
use crate::components::button;
use crate::components::empty::empty;
use crate::components::facts::{fact, facts};
use crate::components::field::{Kind, text_field};
use crate::components::live::part;
use crate::console::api::payments as api;
use crate::console::app::Area;
use crate::console::i18n::payments::named;
use crate::console::list::{Questions, faces};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;
use crate::signed::form::{Field, Form};
use uuid::Uuid;

/// The reviews so far.
#[derive(Clone, PartialEq)]
struct Rows {
    rows: Vec<ReviewView>,
    next: Option<String>,
    /// Banks' messages without a payment, all of them.
    orphans: Vec<OrphanView>,
}

/// The page's data and acts.
#[derive(Clone, Copy)]
pub struct Queue {
    pub sx: Sx,
    face: RwSignal<Load<Rows>>,
    questions: Questions,
    acts: Acts,
    /// With those that were closed.
    all: RwSignal<bool>,
    pub closing: RwSignal<Option<(Closes, Uuid)>>,
}

/// A message's fields, behind their title; nothing when there are none.
pub fn said(title: &'static str, fields: &[RedirectField]) -> Option<AnyView> {
    let line = |field: &RedirectField| {
        let words = [&field.name, " = ", &field.value].concat();
        view! { <li class="mono">{words}</li> }.into_any()
    };
    let lines: Vec<AnyView> = fields.iter().map(line).collect();
    (!lines.is_empty())
        .then(|| view! { <details><summary>{title}</summary><ul class="related">{lines}</ul></details> }.into_any())
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(|note| note.trim().is_empty()) {
        errors.add("/note", FieldCode::Required);
    }
    errors
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().payments;
    let queue = Queue {
        sx,
        face: RwSignal::new(Load::Loading),
        questions: Questions::none(),
        acts: Acts::new(sx.cx, &sx.t().acts),
        all: RwSignal::new(false),
        closing: RwSignal::new(None),
    };
    queue.again();
    let turn = part(move || {
        let words = if queue.all.get() { t.only_open } else { t.with_closed };
        let turn = move || {
            queue.all.update(|all| *all = !*all);
            queue.again();
        };
        Some(button::act("btn btn--2 btn--sm", words, turn))
    });
    let content = view! {
        {parts(sx, Area::Reviews)}
        {queue.acts.view()}
        {faces(sx, queue.face, Callback::new(move |()| queue.again()), move |rows| queue.full(rows))}
    };
    shell::page(sx, t.reviews, t.reviews_lead, turn, content.into_any())
}

impl Queue {
    fn ask(self, before: Vec<ReviewView>, known: Vec<OrphanView>, cursor: String) {
        let (client, slug, all) = (self.sx.client, self.sx.slug(), self.all.get_untracked());
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let orphans = if cursor.is_empty() { api::orphans(client, slug.clone(), all).await? } else { known };
            let page = api::reviews(client, slug, all, &cursor).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { rows, next: page.next_cursor, orphans })
        });
    }

    fn again(self) {
        self.closing.set(None);
        self.ask(Vec::new(), Vec::new(), String::new());
    }

    fn full(self, found: &Rows) -> AnyView {
        let t = &self.sx.t().payments;
        if found.rows.is_empty() && found.orphans.is_empty() {
            return card(empty(2, t.reviews_none.to_owned(), vec![t.reviews_none_words.to_owned()], Vec::new()));
        }
        let rows: Vec<AnyView> = found.rows.iter().map(|row| self.one(row)).collect();
        let (before, known) = (found.rows.clone(), found.orphans.clone());
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), known.clone(), cursor.clone());
            self.questions.foot(self.sx, more)
        });
        view! { <div class="stack">{rows}{more}{orphans::section(self, &found.orphans)}</div> }.into_any()
    }

    fn one(self, review: &ReviewView) -> AnyView {
        let t = &self.sx.t().payments;
        let (id, payment) = (review.id, &review.payment);
        let href = self.sx.href(Area::Payment(payment.id));
        let link = view! { <a href=href>{fill(t.payment_n, &[&payment.reference])}</a> }.into_any();
        let customer = [&review.customer_name, ", ", &review.customer_rfc].concat();
        let bank = payment.bank_reference.clone().unwrap_or_else(|| payment.bank_name.clone());
        let known = vec![
            fact(t.customer, customer, "", None),
            fact(t.amount, format::amount(&payment.amount), "num", None),
            fact(t.bank, bank, "num", None),
            fact(t.since, format::instant(&review.created_at), "num", None),
        ];
        let to_enter = review.to_enter.as_deref().map(|pesos| {
            view! { <p><b>{fill(self.sx.t().money.to_enter, &[&format::amount(pesos)])}</b></p> }
        });
        let said = said(t.said, &review.said);
        let end = match &review.closed_at {
            Some(at) => {
                let note = review.resolution.clone().unwrap_or_default();
                view! { <p><b>{fill(t.closed_at, &[&format::instant(at)])}</b>" "{note}</p> }.into_any()
            }
            None => {
                let may_enter = review.to_enter.is_some() && self.sx.operates();
                part(move || Some(self.ends(id, may_enter)))
            }
        };
        view! {
            <section class="card" aria-label=fill(t.payment_n, &[&payment.reference])>
                <div class="card__head"><h2>{named(&self.sx.t().money.reasons, &review.reason).to_owned()}</h2>{link}</div>
                <div class="card__body stack">{facts(known)}{said}{to_enter}{end}</div>
            </section>
        }
        .into_any()
    }

    /// The ways to end a review, or the form of the one that was chosen.
    fn ends(self, id: Uuid, may_enter: bool) -> AnyView {
        let t = &self.sx.t().payments;
        let chosen = self.closing.get().filter(|(what, found)| *what != Closes::Orphan && *found == id);
        if let Some(chosen) = chosen {
            return self.form(chosen);
        }
        let open = move |what, words, class| button::act(class, words, move || self.closing.set(Some((what, id))));
        let enter = may_enter.then(|| open(Closes::Entry, self.sx.t().money.enter, "btn btn--sm"));
        view! { <div class="row tight">{enter}{open(Closes::Review, t.close, "btn btn--2 btn--sm")}</div> }.into_any()
    }

    /// Says what came of something.
    pub fn form(self, (what, id): (Closes, Uuid)) -> AnyView {
        let t = &self.sx.t().payments;
        let title = match what {
            Closes::Review => t.close,
            Closes::Orphan => t.close_orphan,
            Closes::Entry => self.sx.t().money.enter,
        };
        let lead = (what == Closes::Entry).then(|| view! { <p>{self.sx.t().money.enter_lead}</p> });
        let field = Field { id: "note", pointer: "/note", words: t.note, secret: false };
        let form = Form::new(self.sx, title, vec![field], check);
        // What was typed about another one is not this one's.
        form.clear();
        crate::browser::focus_soon("note");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let (client, slug, note) = (self.sx.client, self.sx.slug(), form.value(0));
            leptos::task::spawn_local(async move {
                let (answer, said) = match what {
                    Closes::Review => (api::close(client, slug, (api::REVIEWS, id), note).await, t.closed),
                    Closes::Orphan => (api::close(client, slug, (api::ORPHANS, id), note).await, t.closed),
                    Closes::Entry => (api::enter(client, slug, id, note).await.map(|_| ()), self.sx.t().money.entered),
                };
                match answer {
                    Ok(()) => {
                        form.clear();
                        self.acts.tell(said.to_owned());
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || title), form.busy.into(), t.saving);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.closing.set(None));
        view! {
            <form class="stack stack-2" novalidate on:submit=send>
                {form.summary()}
                {lead}
                {text_field(form.label(0, Some(t.note_hint)), Kind::Plain, form.control(0))}
                <div class="row tight">{submit}{cancel}</div>
            </form>
        }
        .into_any()
    }
}

/// What is closed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Closes {
    Review,
    Orphan,
    /// A review, by entering the money that it tells of.
    Entry,
}
