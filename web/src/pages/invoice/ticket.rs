//! Step 3: the three data on the paper and how it was paid. Each `?` lights its datum on the drawn ticket: beside the
//! form where there is room, else in a sheet.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::accounts::work::Flow;
use shared::fiscal::{Amount, Currency};
use shared::issuers::{BranchView, TicketPicture};
use shared::problem::ProblemCode;

use super::form::Form;
use super::sending::send;
use super::{beside, head};
use crate::api::{self, ApiFailure};
use crate::app::Page;
use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::dialog::dialog;
use crate::components::error_summary::Line;
use crate::components::field::{Kind, Value, error_line, text_field};
use crate::components::icon::drawing;
use crate::components::live::{part, send_keys, words};
use crate::components::pow::pow;
use crate::components::ticket::{Datum, ticket as drawn_ticket};
use crate::components::tip::tip_button;
use crate::draft::Field;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{MINE, Width, guest};
use crate::session::Cx;
use crate::work::Work;

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
    /// Asked for when strangers guess at this branch.
    work: Work,
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
        work: Work::on_demand(Flow::LookUp),
    };
    let form = step.form;
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if !step.looking.get_untracked() && form.check() {
            go_on(step);
        }
    };
    let go_on = if cx.three() { t.ticket.generate } else { t.shell.go_on };
    let label = Signal::derive(move || if step.failed_once.get() { t.ticket.again } else { go_on });
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
            {pow(step.work, t.lang)}
            <div class="actions">
                {button::submit("btn btn--lg", label, step.looking.into(), t.ticket.busy)}
            </div>
        </form>
        {cx.three().then(|| tools(cx))}
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
            <legend class="field__label">{if cx.three() { t.ticket.metodo_pago } else { t.ticket.forma_pago }}</legend>
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

/// The other functions of the third step: the customer's data, the panel, another password (T4, T15, T20, T23).
fn tools(cx: Cx) -> AnyView {
    let t = cx.words();
    let way = |href: String, picture: &'static str, words: &'static str| {
        view! { <a class="btn btn--2" href=href>{drawing(picture)}{words}</a> }.into_any()
    };
    view! {
        <nav class="actions" aria-label=t.ticket.tools>
            {way(cx.href(Page::Receptor), PENCIL, t.ticket.edit)}
            {way(cx.customers("/entrar"), PANEL, t.shell.panel)}
            {way(cx.customers("/cuenta/seguridad"), KEY, t.ticket.password)}
        </nav>
    }
    .into_any()
}

const PENCIL: &str =
    r#"<path d="M21.174 6.812a1 1 0 0 0-3.986-3.987L3.842 16.174 2 22l5.830-1.840z"/><path d="m15 5 4 4"/>"#;
const PANEL: &str = r#"<rect width="18" height="18" x="3" y="3" rx="2"/><path d="M3 9h18M9 21V9"/>"#;
const KEY: &str =
    r#"<circle cx="7.500" cy="15.500" r="5.500"/><path d="m21 2-9.600 9.600M15.500 7.500l3 3L22 7l-3-3"/>"#;

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
        let slug = cx.slug();
        let answer = step.work.send(|proof| api::look_up(&slug, &ticket, proof)).await;
        // The page may be gone by now; then nobody waits for this.
        if step.looking.try_set(false).is_some() {
            return;
        }
        let Some(answer) = answer else { return };
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
    let cx = step.cx;
    if !step.form.check() {
        return;
    }
    if cx.three() {
        // The third step is the last one (T11): what is on its way, or what stopped it, the review says.
        cx.go(Page::Review);
        send(cx);
    } else {
        cx.go(Page::Receptor);
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
        if problem.code == ProblemCode::TicketAlreadyInvoiced && problem.invoice_id.is_none() {
            let href = step.cx.customers(MINE) + "?ticket=1";
            more.push(Line { words: t.ticket.send_code.to_owned(), href: Some(href) });
        }
        step.cx.draft.update(|draft| {
            draft.mark(problem);
        });
    }
    step.form.stop(failure::summary(t, failed, more));
}
