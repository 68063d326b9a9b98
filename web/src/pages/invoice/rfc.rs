//! Step 2: the RFC, read as it is typed. A wrong check digit warns; shape and date stop.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::billing::parse_receptor_rfc;
use shared::problem::FieldCode;

use super::form::Form;
use super::{beside, head};
use crate::app::Page;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, send_keys};
use crate::components::note::icon_line;
use crate::draft::Field;
use crate::i18n::{GuestTexts, fill};
use crate::pages::frame::{MINE, Width, guest};
use crate::session::Cx;

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = cx.words();
    let form = Form::new(cx, Page::Rfc, t.rfc.title);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.check() {
            cx.go(Page::Ticket);
        }
    };
    let field = text_field(form.label(Field::Rfc, t.rfc.label, Some(t.rfc.hint)), Kind::Code, form.value(Field::Rfc));
    let content = view! {
        {head(cx, 2, Some(Page::Branch))}
        {form.summary()}
        <h1>{t.rfc.title}</h1>
        <form class="stack" novalidate on:submit=send on:keydown=send_keys>
            {field}
            <div class="late-help" role="status">{part(move || cx.draft.with(|draft| live(t, &draft.rfc)))}</div>
            <p class="sm"><a href=cx.customers(MINE)>{t.rfc.saved}</a></p>
            <details class="fold">
                <summary class="plain">{t.rfc.not_at_hand}{icon(Icon::ChevronDown)}</summary>
                <p class="sm muted">{t.rfc.where_is}</p>
            </details>
            <div class="actions"><button class="btn btn--lg" type="submit">{t.shell.go_on}</button></div>
        </form>
    };
    let branch = Signal::derive(move || cx.draft.with(|draft| draft.branch.clone()));
    let caption = Signal::derive(move || branch.with(|it| it.as_ref().map(|it| it.name.clone()).unwrap_or_default()));
    let aside = beside(cx, branch, Signal::derive(|| None), caption);
    guest(cx, Width::Beside, content.into_any(), Some(aside))
}

/// What can be said of an RFC while it is typed; the field's own error says the rest when it is left.
fn live(t: &GuestTexts, typed: &str) -> Option<AnyView> {
    let rfc = match parse_receptor_rfc(typed) {
        Ok(rfc) => rfc,
        Err(FieldCode::RfcLength) => {
            let count = typed.chars().filter(|c| !(c.is_whitespace() || *c == '-')).count();
            return Some(icon_line("sm muted iconline", Icon::Info, fill(t.rfc.counting, &[&count.to_string()])));
        }
        Err(_) => return None,
    };
    let kind = if rfc.is_moral() { t.rfc.moral } else { t.rfc.fisica };
    let kind = icon_line("sm ok iconline", Icon::CircleCheck, kind.to_owned());
    let warning =
        (!rfc.check_digit_matches()).then(|| icon_line("sm warn iconline", Icon::Alert, t.rfc.check_digit.to_owned()));
    Some(view! { {kind}{warning} }.into_any())
}
