//! Step 3: the three data on the paper and how it was paid. Each `?` lights its datum on the drawn ticket: beside the
//! form where there is room, else in a sheet.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::fiscal::{Amount, Currency};
use shared::issuers::{BranchView, TicketPicture};
use shared::problem::ProblemCode;

use super::form::Form;
use super::{beside, head};
use crate::api::{self, ApiFailure};
use crate::app::Page;
use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::dialog::dialog;
use crate::components::error_summary::Line;
use crate::components::field::{Kind, Value, error_line, text_field};
use crate::components::live::{part, send_keys, words};
use crate::components::ticket::{Datum, ticket as drawn_ticket};
use crate::components::tip::tip_button;
use crate::draft::Field;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, guest};
use crate::session::Cx;

/// Narrower than this the drawn ticket is not beside the form; as in `components.css`.
const NO_ROOM: &str = "(width < 56rem)";

/// The page's own state.
#[derive(Clone, Copy)]
struct Step {
    cx: Cx,
    form: Form,
    /// The datum whose `?` was pressed last.
    asked: RwSignal<Option<Field>>,
    sheet: RwSignal<Option<Field>>,
    looking: RwSignal<bool>,
    failed_once: RwSignal<bool>,
}

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = cx.words();
    let step = Step {
        cx,
        form: Form::new(cx, Page::Ticket, t.ticket.title),
        asked: RwSignal::new(None),
        sheet: RwSignal::new(None),
        looking: RwSignal::new(false),
        failed_once: RwSignal::new(false),
    };
    let form = step.form;
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if !step.looking.get_untracked() && form.check() {
            go_on(step);
        }
    };
    let label = Signal::derive(move || if step.failed_once.get() { t.ticket.again } else { t.shell.go_on });
    let content = view! {
        {head(cx, 3, Some(Page::Rfc))}
        {form.summary()}
        <h1>{t.ticket.title}</h1>
        <p class="lead">{t.ticket.lead}</p>
        <form class="stack" novalidate on:submit=send on:keydown=send_keys>
            {datum(step, Field::Order, number_kind(cx, Field::Order), t.ticket.order, t.ticket.where_order)}
            {datum(step, Field::Ticket, number_kind(cx, Field::Ticket), t.ticket.number, t.ticket.where_number)}
            {datum(step, Field::Total, Kind::Money, t.ticket.total, t.ticket.where_total)}
            {forma_pago(step)}
            <div class="actions">
                {button::submit("btn btn--lg", label, step.looking.into(), t.ticket.busy)}
            </div>
        </form>
    };
    let branch = branch(cx);
    let lit = Signal::derive(move || step.asked.get().or(form.inside.get()).and_then(lit_by));
    let caption = Signal::derive(move || {
        let field = step.asked.get().or(form.inside.get());
        field.and_then(|field| place(step, field)).unwrap_or_else(|| t.ticket.caption.to_owned())
    });
    let aside = beside(cx, branch, lit, caption);
    let content = view! { {content}{sheet(step)} }.into_any();
    guest(cx, Width::Beside, content, Some(aside))
}

fn branch(cx: Cx) -> Signal<Option<BranchView>> {
    Signal::derive(move || cx.draft.with(|draft| draft.branch.clone()))
}

fn lit_by(field: Field) -> Option<Datum> {
    match field {
        Field::Order => Some(Datum::Order),
        Field::Ticket => Some(Datum::Ticket),
        Field::Total => Some(Datum::Total),
        Field::FormaPago => Some(Datum::Payment),
        _ => None,
    }
}

fn printed(picture: &TicketPicture, field: Field) -> Option<(&str, &str)> {
    let example = &picture.example;
    match field {
        Field::Order => Some((&picture.order_label, &example.order)),
        Field::Ticket => Some((&picture.ticket_label, &example.ticket)),
        Field::Total => Some((&picture.total_label, &example.total)),
        _ => None,
    }
}

/// Where the paper carries a datum, in words.
fn place(step: Step, field: Field) -> Option<String> {
    let t = &step.cx.words().ticket;
    step.cx.draft.with(|draft| {
        let (label, example) = printed(&draft.branch.as_ref()?.ticket, field)?;
        let text = if label.trim().is_empty() { t.place_unlabelled } else { t.place };
        Some(fill(text, &[label.trim(), example]))
    })
}

/// Phones with a keypad of digits alone cannot type the hyphen of `4471-20983`: the example tells which one serves.
fn number_kind(cx: Cx, field: Field) -> Kind {
    let digits = cx.draft.with_untracked(|draft| {
        let branch = draft.branch.as_ref()?;
        let (_, example) = printed(&branch.ticket, field)?;
        Some(!example.is_empty() && example.bytes().all(|byte| byte.is_ascii_digit()))
    });
    if digits == Some(true) { Kind::Number } else { Kind::Mixed }
}

fn datum(step: Step, field: Field, kind: Kind, words: &'static str, where_is: &'static str) -> AnyView {
    let form = step.form;
    let mut label = form.label(field, words, None);
    let ask = move |()| {
        step.asked.set(Some(field));
        if browser::media(NO_ROOM) {
            step.sheet.set(Some(field));
        }
    };
    label.tip = Some(tip_button(where_is, Callback::new(ask)));
    label.help = Some(Signal::derive(move || place(step, field).unwrap_or_default()));
    let value = form.value(field);
    let enter = Callback::new(move |()| {
        step.asked.set(None);
        value.enter.run(());
    });
    let leave = Callback::new(move |()| {
        if kind == Kind::Money {
            tidy_total(step.cx);
        }
        value.leave.run(());
    });
    text_field(label, kind, Value { enter, leave, ..value })
}

/// Left, an amount is shown with its commas and centavos.
fn tidy_total(cx: Cx) {
    let typed = cx.draft.with_untracked(|draft| draft.total.clone());
    if let Ok(amount) = Amount::parse_typed(&typed, Currency::Mxn) {
        cx.draft.update(|draft| draft.type_in(Field::Total, amount.grouped()));
    }
}

fn forma_pago(step: Step) -> AnyView {
    let (cx, t) = (step.cx, step.cx.words());
    let fixed = Memo::new(move |_| cx.draft.with(|draft| draft.fixed_forma_pago().map(str::to_owned)));
    let cards = part(move || {
        let codes = match fixed.get() {
            Some(code) => vec![code],
            None => cx.with_issuer(|issuer| issuer.formas_pago.clone()).unwrap_or_default(),
        };
        let card = |code: String| Choice { words: t.forma_pago(&code), value: code, more: None };
        let cards = codes.into_iter().map(card).collect();
        let chosen = Signal::derive(move || cx.draft.with(|draft| draft.chosen_forma_pago().to_owned()));
        choices("forma_pago", "choices choices--2", cards, chosen, step.form.value(Field::FormaPago).set).into()
    });
    let hint = move || if fixed.with(Option::is_some) { t.ticket.forma_pago_fixed } else { t.ticket.forma_pago_hint };
    let hint = words(move || Some(hint().to_owned()));
    view! {
        <fieldset class="field" id=Field::FormaPago.id()>
            <legend class="field__label">{t.ticket.forma_pago}</legend>
            <p class="field__hint">{hint}</p>
            {error_line(Field::FormaPago.id(), step.form.error(Field::FormaPago), t.shell.error)}
            {cards}
        </fieldset>
    }
    .into_any()
}

fn sheet(step: Step) -> AnyView {
    let cx = step.cx;
    let t = cx.words();
    let body = Callback::new(move |field: Field| {
        let words = place(step, field);
        let lit = Signal::derive(move || lit_by(field));
        let picture = cx.draft.with_untracked(|draft| draft.branch.as_ref().map(|it| drawn_ticket(&it.ticket, lit)));
        view! { <p class="muted">{words}</p>{picture} }.into_any()
    });
    let title = Callback::new(move |field: Field| {
        let words = match field {
            Field::Order => t.ticket.order,
            Field::Ticket => t.ticket.number,
            _ => t.ticket.total,
        };
        words.to_owned()
    });
    dialog(step.sheet, title, body, t.shell.understood)
}

/// Asks for the claim, unless the one at hand is for these very data and lives on.
fn go_on(step: Step) {
    let cx = step.cx;
    // An order without answer is repeated on the review: its ticket may look taken by now.
    let known = cx.draft.with_untracked(|draft| {
        draft.unanswered().is_some() || draft.fresh_claim(browser::now_ms(), browser::instant_ms).is_some()
    });
    if known {
        finish(step);
        return;
    }
    let Some(ticket) = cx.draft.with_untracked(|draft| draft.look_up()) else { return };
    step.looking.set(true);
    leptos::task::spawn_local(async move {
        let answer = api::look_up(&cx.slug(), &ticket).await;
        // The page may be gone by now; then nobody waits for this.
        if step.looking.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(claim) => {
                cx.draft.update(|draft| draft.claim_for(ticket, claim));
                finish(step);
            }
            Err(failure) => {
                step.failed_once.set(true);
                stop(step, &failure);
            }
        }
    });
}

/// The ticket is found; what remains is a forma de pago when the till sent none.
fn finish(step: Step) {
    if step.form.check() {
        step.cx.go(Page::Receptor);
    }
}

fn stop(step: Step, failed: &ApiFailure) {
    let t = step.cx.words();
    let mut more = Vec::new();
    if let ApiFailure::Problem(problem) = failed {
        if problem.code == ProblemCode::TicketNotFound {
            let branch = step.cx.draft.with_untracked(|draft| draft.branch.as_ref().map(|it| it.name.clone()));
            more.extend(branch.map(|name| Line {
                words: fill(t.ticket.check_branch, &[&name]),
                href: Some(step.cx.href(Page::Branch)),
            }));
        }
        more.extend(
            problem.invoice_id.map(|id| Line {
                words: t.ticket.open_invoice.to_owned(),
                href: Some(step.cx.href(Page::Invoice(id))),
            }),
        );
        step.cx.draft.update(|draft| {
            draft.mark(problem);
        });
    }
    step.form.stop(failure::summary(t, failed, more));
}
