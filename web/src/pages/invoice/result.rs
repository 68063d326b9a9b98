//! What became of the order: ready, waiting for the SAT, or refused. While it can still change, the page asks again.
use leptos::prelude::*;
use shared::billing::{InvoiceState, InvoiceView};
use shared::mail::MailState;
use uuid::Uuid;

use super::title;
use crate::api;
use crate::app::{Page, is_absent};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::error_summary::support;
use crate::components::failed::{FailedText, failed};
use crate::components::live::{part, words};
use crate::components::note::{Tone, note};
use crate::components::skeleton::skeleton;
use crate::components::tasks::{State, Task, tasks};
use crate::draft::{Field, Wrong};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, card, guest};
use crate::session::{Cx, Load};

mod ready;

/// First wait before asking again; it grows by half each time up to the longest.
const FIRST_WAIT_MS: i32 = 2_000;
const LONGEST_WAIT_MS: i32 = 30_000;
/// How often a page asks by itself: half an hour. After that the button is still there.
const MOST_ASKED: u32 = 70;

/// The page's own state.
#[derive(Clone, Copy)]
struct View {
    cx: Cx,
    id: Uuid,
    face: RwSignal<Load<InvoiceView>>,
    /// Somebody is already asking again.
    following: RwSignal<bool>,
    /// What the last act of the person came to, when it failed.
    failed: RwSignal<Option<FailedText>>,
    busy: RwSignal<bool>,
    /// The address typed for one more letter.
    to: RwSignal<String>,
}

/// Which of the page's faces is shown. Within one, news change only the lines they are about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Loading,
    Failed,
    /// The order waits for its sale, or waited in vain: there is no invoice yet.
    Awaited(InvoiceState),
    State(InvoiceState),
}

/// The page.
pub fn page(cx: Cx, id: Uuid) -> AnyView {
    let known = cx.invoice.get_untracked().filter(|invoice| invoice.id == id);
    let view = View {
        cx,
        id,
        to: RwSignal::new(known.as_ref().map(|invoice| invoice.email.clone()).unwrap_or_default()),
        face: RwSignal::new(known.map_or(Load::Loading, Load::Ready)),
        following: RwSignal::new(false),
        failed: RwSignal::new(None),
        busy: RwSignal::new(false),
    };
    follow(view);
    let shown = Memo::new(move |_| {
        view.face.with(|face| match face {
            Load::Loading => Shown::Loading,
            Load::Failed(_) => Shown::Failed,
            Load::Ready(invoice) if is_awaited(invoice) => Shown::Awaited(invoice.state),
            Load::Ready(invoice) => Shown::State(invoice.state),
        })
    });
    let r = &cx.words().result;
    let said = move || match shown.get() {
        Shown::Loading => r.opening,
        Shown::Failed => "",
        Shown::Awaited(InvoiceState::Rejected) => r.awaited_end,
        Shown::Awaited(_) => r.awaited,
        Shown::State(InvoiceState::Stamped) => r.ready,
        Shown::State(InvoiceState::Waiting) => r.waiting,
        Shown::State(InvoiceState::Rejected) => r.rejected,
    };
    let content = move || {
        let shown = shown.get();
        Some(guest(cx, Width::One, view.face.with_untracked(|face| drawn(view, shown, face)), None))
    };
    // Outside what changes, so that a reader hears the change.
    view! { {part(content)}<p class="vh" role="status">{words(move || Some(said().to_owned()))}</p> }.into_any()
}

fn drawn(view: View, shown: Shown, face: &Load<InvoiceView>) -> AnyView {
    let t = view.cx.words();
    match (shown, face) {
        (Shown::State(InvoiceState::Stamped), Load::Ready(invoice)) => ready::drawn(view, invoice),
        (Shown::Awaited(InvoiceState::Rejected) | Shown::State(InvoiceState::Rejected), Load::Ready(invoice)) => {
            rejected(view, invoice)
        }
        (Shown::Awaited(_) | Shown::State(InvoiceState::Waiting), Load::Ready(invoice)) => waiting(view, invoice),
        (_, Load::Failed(failure)) if is_absent(failure) => absent(view.cx),
        (_, Load::Failed(failure)) => {
            let again = button::act("btn btn--2 btn--sm", t.failure.try_again, move || {
                view.face.set(Load::Loading);
                follow(view);
            });
            failed(failure::face(t, failure), vec![again])
        }
        _ => skeleton(t.result.opening, 3),
    }
}

/// An invoice gets its number when it is made; an order that waits for its sale has none.
fn is_awaited(invoice: &InvoiceView) -> bool {
    invoice.serie.is_empty()
}

/// Asks now if nothing is known, then again and again while something can still change.
fn follow(view: View) {
    if view.following.get_untracked() {
        return;
    }
    view.following.set(true);
    leptos::task::spawn_local(async move {
        let (mut wait, mut asked) = (FIRST_WAIT_MS, 0);
        if view.face.try_with_untracked(|face| matches!(face, Load::Ready(_))) == Some(false) {
            match api::invoice(view.id).await {
                Ok(invoice) => take(view, invoice),
                Err(failure) => drop(view.face.try_set(Load::Failed(failure))),
            }
        }
        // `None`: the person has gone to another page.
        while asked < MOST_ASKED && view.face.try_with_untracked(is_moving) == Some(true) {
            browser::sleep(wait).await;
            wait = (wait + wait / 2).min(LONGEST_WAIT_MS);
            asked += 1;
            if view.following.is_disposed() {
                return;
            }
            // A turn that fails shows nothing: what is shown stays, the next may do better.
            if let Ok(invoice) = api::invoice(view.id).await {
                take(view, invoice);
            }
        }
        view.following.try_set(false);
    });
}

fn is_moving(face: &Load<InvoiceView>) -> bool {
    let Load::Ready(invoice) = face else { return false };
    let letters = || invoice.mails.iter().any(|letter| letter.state == MailState::Queued);
    match invoice.state {
        InvoiceState::Waiting => true,
        InvoiceState::Stamped => letters(),
        InvoiceState::Rejected => false,
    }
}

/// Takes news of the invoice; unchanged, nothing on the page moves.
fn take(view: View, invoice: InvoiceView) {
    let same = view.face.try_with_untracked(|face| *face == Load::Ready(invoice.clone()));
    if same != Some(false) {
        return;
    }
    if invoice.state == InvoiceState::Stamped {
        view.cx.draft.update(|draft| draft.stamped(view.id));
    }
    if view.to.with_untracked(String::is_empty) {
        view.to.set(invoice.email.clone());
    }
    view.cx.invoice.set(Some(invoice.clone()));
    view.face.set(Load::Ready(invoice));
}

fn absent(cx: Cx) -> AnyView {
    let t = cx.words();
    title(cx, t.result.not_here);
    let actions = vec![button::link("btn", cx.href(Page::Branch), t.home.start)];
    let words = vec![t.result.not_here_cause.to_owned()];
    card(empty(1, t.result.not_here.to_owned(), words, actions))
}

/// What the last act came to, if it failed.
fn act_failed(view: View) -> AnyView {
    part(move || view.failed.get().map(|text| failed(text, Vec::new())))
}

/// Does something to the invoice and shows its answer or its failure.
fn act(view: View, ask: impl Future<Output = api::Answer<InvoiceView>> + 'static) {
    view.busy.set(true);
    view.failed.set(None);
    leptos::task::spawn_local(async move {
        let answer = ask.await;
        // The person has gone to another page: nobody waits for this.
        if view.busy.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(invoice) => {
                take(view, invoice);
                follow(view);
            }
            Err(failure) => view.failed.set(Some(failure::face(view.cx.words(), &failure))),
        }
    });
}

fn waiting(view: View, invoice: &InvoiceView) -> AnyView {
    let (cx, t) = (view.cx, view.cx.words());
    let r = &t.result;
    let awaited = is_awaited(invoice);
    let (heading, said, more) =
        if awaited { (r.awaited, r.awaited_note, r.awaited_more) } else { (r.waiting, r.waiting_note, r.waiting_more) };
    title(cx, heading);
    let calm = note(Tone::Waits, Some(said.to_owned()), fill(more, &[&invoice.email]));
    let id = view.id;
    let retry = move || act(view, async move { api::retry(id).await });
    let list =
        part(move || view.face.with(|face| if let Load::Ready(it) = face { Some(progress(cx, it)) } else { None }));
    let list = (!awaited).then(|| card(view! { <div class="card__body">{list}</div> }.into_any()));
    view! {
        <h1>{heading}</h1>
        <div class="stack">
            {calm}
            {list}
            <p class="sm muted">{fill(r.tracking, &[&invoice.tracking])}</p>
            {act_failed(view)}
            <div class="actions">
                {button::act_busy("btn btn--lg", r.retry, view.busy.into(), r.retrying, retry)}
                {button::link("btn btn--2", cx.href(Page::Home), r.finish)}
            </div>
        </div>
    }
    .into_any()
}

/// How far a waiting invoice has come.
fn progress(cx: Cx, invoice: &InvoiceView) -> AnyView {
    let r = &cx.words().result;
    let asked = format::time(&invoice.requested_at.civil);
    let tries = format::plural(u64::from(invoice.attempts), r.attempt_one, r.attempts);
    let next = invoice.next_attempt_at.as_ref().map(|at| fill(r.next_attempt, &[&format::time(&at.civil)]));
    let tries = [tries.as_str(), " ", next.as_deref().unwrap_or_default()].concat();
    tasks(vec![
        Task { state: State::Done, words: r.verified, more: None, at: Some(asked.clone()) },
        Task { state: State::Done, words: r.sealed, more: None, at: Some(asked) },
        Task { state: State::Bad, words: r.no_answer, more: Some(tries), at: None },
    ])
}

fn rejected(view: View, invoice: &InvoiceView) -> AnyView {
    let (cx, t) = (view.cx, view.cx.words());
    let r = &t.result;
    let heading = if is_awaited(invoice) { r.awaited_end } else { r.rejected };
    title(cx, heading);
    let rejection = invoice.rejection.as_ref();
    let text = rejection.map(|it| shared::problem_text::for_guests(it.code, t.lang));
    let reason = text.map(|text| {
        let words = [text.cause, " ", text.remedy].concat();
        note(Tone::Bad, Some(text.title.to_owned()), words)
    });
    let sat = rejection
        .map(|it| support([it.sat_code.as_str(), " ", &invoice.tracking].concat(), t.failure.support, t.shell.copied));
    let field = rejection.and_then(|it| it.pointer.as_deref()).and_then(Field::at);
    let ours = cx.draft.with_untracked(|draft| draft.is_for(view.id));
    let way = match (field, rejection) {
        (Some(field), Some(rejection)) if ours => {
            let wrong = Wrong::Refused(rejection.code);
            button::act("btn btn--lg", r.correct, move || {
                cx.draft.update(|draft| draft.refuse(field, wrong));
                cx.go(field.page());
            })
        }
        _ => button::link("btn btn--lg", cx.href(Page::Branch), r.start_over),
    };
    view! {
        <h1>{heading}</h1>
        <div class="stack">
            {reason}
            <p class="muted">{if is_awaited(invoice) { "" } else { r.rejected_free }}</p>
            {sat}
            <div class="actions">{way}</div>
        </div>
    }
    .into_any()
}
