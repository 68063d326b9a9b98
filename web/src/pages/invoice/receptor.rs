//! Step 4: who receives the invoice. Only the regimes that go with the RFC and the uses that go with the regime are
//! offered.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::fiscal::{Persona, RegimenFiscal, Rfc, UsoCfdi, without_regimen_societario};

use super::form::Form;
use super::head;
use crate::app::Page;
use crate::components::field::{Item, Kind, Label, select_field, text_field};
use crate::components::icon::Icon;
use crate::components::live::{part, send_keys};
use crate::components::note::{Tone, icon_line, note};
use crate::components::tip::tip;
use crate::draft::Field;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::{Width, guest};
use crate::session::Cx;

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = cx.words();
    let three = cx.three();
    let form = Form::new(cx, Page::Receptor, t.receptor.title);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.check() {
            cx.go(if three { Page::Ticket } else { Page::Review });
        }
    };
    let content = view! {
        {head(cx, 4, Some(if three { Page::Rfc } else { Page::Ticket }))}
        {form.summary()}
        <h1>{t.receptor.title}</h1>
        <p class="lead">{t.receptor.lead}</p>
        <div class="stack stack-6">
            {about_ticket(cx)}
            <form class="stack" novalidate on:submit=send on:keydown=send_keys>
                {nombre(form)}
                {regimen(form)}
                {postal_code(form)}
                {uso(form)}
                {text_field(
                    form.label(Field::Email, t.receptor.email, Some(t.receptor.email_hint)),
                    Kind::Email,
                    form.value(Field::Email),
                )}
                <div class="actions"><button class="btn btn--lg" type="submit">{if three { t.ticket.save } else { t.receptor.review }}</button></div>
            </form>
        </div>
    };
    guest(cx, Width::One, content.into_any(), None)
}

/// What the look-up told about the ticket: how it was paid, until when it may be invoiced.
fn about_ticket(cx: Cx) -> Option<AnyView> {
    let t = cx.words();
    cx.draft.with_untracked(|draft| {
        let claim = draft.claim()?;
        let until = fill(t.receptor.until, &[&format::day(&claim.invoice_until)]);
        let paid = claim.forma_pago.as_deref().map(|code| fill(t.receptor.till_paid, &[&t.forma_pago(code)]));
        let words = [paid.as_deref().unwrap_or_default(), " ", &until].concat();
        Some(note(Tone::Info, None, words.trim().to_owned()))
    })
}

fn nombre(form: Form) -> AnyView {
    let (cx, t) = (form.cx, form.cx.words());
    let field = text_field(
        form.label(Field::Nombre, t.receptor.nombre, Some(t.receptor.nombre_hint)),
        Kind::Name,
        form.value(Field::Nombre),
    );
    // Only a suggestion: what was typed is sent as it is.
    let societario = Memo::new(move |_| {
        cx.draft.with(|draft| {
            let moral = Rfc::parse(&draft.rfc).is_ok_and(|rfc| rfc.is_moral());
            moral && without_regimen_societario(&draft.nombre).is_some()
        })
    });
    let warning = part(move || {
        let line = || icon_line("sm warn iconline", Icon::Alert, t.receptor.nombre_societario.to_owned());
        societario.get().then(line)
    });
    view! { <div>{field}<div role="status">{warning}</div></div> }.into_any()
}

/// The label of a field whose help is a bubble.
fn with_tip(form: Form, field: Field, words: &'static str, help: &'static str) -> Label {
    let mut label = form.label(field, words, None);
    label.tip = Some(tip(fill(form.cx.words().receptor.help, &[words]), help));
    label.help = Some(Signal::derive(move || help.to_owned()));
    label
}

fn postal_code(form: Form) -> AnyView {
    let t = &form.cx.words().receptor;
    let label = with_tip(form, Field::CodigoPostal, t.codigo_postal, t.codigo_postal_tip);
    text_field(label, Kind::PostalCode, form.value(Field::CodigoPostal))
}

fn persona(cx: Cx) -> Option<Persona> {
    cx.draft.with(|draft| Rfc::parse(&draft.rfc).ok().map(|rfc| rfc.persona()))
}

fn item(code: &'static str, name: &'static str) -> Item {
    Item { value: code, words: [code, " ", name].concat() }
}

fn regimen(form: Form) -> AnyView {
    let (cx, t) = (form.cx, &form.cx.words().receptor);
    let items = Memo::new(move |_| {
        let persona = persona(cx);
        let fits = |regimen: &&RegimenFiscal| persona.is_none_or(|persona| regimen.allows(persona));
        RegimenFiscal::ALL.iter().filter(fits).map(|regimen| item(regimen.code(), regimen.name())).collect()
    });
    let label = with_tip(form, Field::Regimen, t.regimen, t.regimen_tip);
    select_field(label, items, Signal::derive(move || t.choose), form.value(Field::Regimen))
}

fn uso(form: Form) -> AnyView {
    let (cx, t) = (form.cx, &form.cx.words().receptor);
    let regimen = Memo::new(move |_| cx.draft.with(|draft| draft.regimen.clone()));
    let items = Memo::new(move |_| {
        let (Some(persona), Ok(regimen)) = (persona(cx), RegimenFiscal::parse(&regimen.get())) else {
            return Vec::new();
        };
        let fits = |uso: &&UsoCfdi| uso.allowed(persona, regimen) && is_for_sales(**uso);
        UsoCfdi::ALL.iter().filter(fits).map(|uso| item(uso.code(), uso.name())).collect()
    });
    let label = with_tip(form, Field::Uso, t.uso, t.uso_tip);
    let nothing = Signal::derive(move || if items.with(Vec::is_empty) { t.uso_needs_regimen } else { t.choose });
    select_field(label, items, nothing, form.value(Field::Uso))
}

/// Uses of payment receipts and payrolls are never those of a purchase.
const fn is_for_sales(uso: UsoCfdi) -> bool {
    !matches!(uso, UsoCfdi::CP01 | UsoCfdi::CN01)
}
