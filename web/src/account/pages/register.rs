//! A customer asks for an account. What is said afterwards is the same whether the data match or not.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Register;
use shared::accounts::work::Flow;
use shared::problem::FieldErrors;
use shared::profiles::FirstEntry;

use super::sent::sent;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::field::{Kind, Label, text_field};
use crate::components::live::{change, part};
use crate::components::pow::pow;
use crate::components::tip::tip;
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::work::Work;

const RFC: usize = 0;
const CONTRACT: usize = 1;
const EMAIL: usize = 2;

fn body(values: &[String], language: Lang, issuer: Option<String>) -> Register {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    Register { rfc: value(RFC), contract: value(CONTRACT), email: value(EMAIL), language, issuer }
}

fn check(values: &[String], lang: Lang) -> FieldErrors {
    body(values, lang, None).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).join;
    if px.profile().first_entry == FirstEntry::Activation {
        return super::first_entry::page(px);
    }
    let done = RwSignal::new(false);
    let content = part(move || {
        let view = match done.get() {
            true => sent(px, t.sent_register, &px.desk.typed("email"), t.sent_register_note, done),
            false => form(px, done),
        };
        Some(view)
    });
    plain(px, content)
}

fn form(px: Px, done: RwSignal<bool>) -> AnyView {
    let (t, access) = (&texts(px).join, &px.common().enter);
    let exact = px.profile().first_entry == FirstEntry::TemporaryPassword;
    let p = &texts(px).profiles;
    let (title, lead, send_words) = match exact {
        true => (p.register, p.register_lead, p.save),
        false => (t.register, t.register_lead, t.register),
    };
    px.set_title(title);
    let fields = vec![
        Field { id: "rfc", pointer: "/rfc", words: t.rfc, secret: false },
        Field { id: "contract", pointer: "/contract", words: t.contract, secret: false },
        Field { id: "email", pointer: "/email", words: if exact { p.email } else { t.email }, secret: false },
    ];
    let form = Form::new(px, title, fields, check);
    let work = Work::new(Flow::Registration);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let values = [RFC, CONTRACT, EMAIL].map(|n| form.value(n));
        let body = body(&values, px.common().lang, px.issuer());
        leptos::task::spawn_local(async move {
            match work.send(|proof| px.client.register(&body, proof)).await {
                Some(Ok(())) => {
                    done.try_set(true);
                }
                Some(Err(failed)) => form.explained(&failed),
                None => form.stopped(),
            }
        });
    };
    let submit =
        button::submit("btn btn--block btn--lg", Signal::derive(move || send_words), form.busy.into(), t.registering);
    let (rfc_kind, rfc_tip) = if exact { (Kind::Mixed, p.exact) } else { (Kind::Code, t.rfc_tip) };
    let contract_tip = if exact { p.exact } else { t.contract_tip };
    let note = exact.then(|| view! { <p class="sm muted">{p.exact}</p> });
    view! {
        {form.summary()}
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <form class="stack" novalidate on:submit=send on:input=change(move |_| work.begin())>
            {text_field(with_tip(px, form, RFC, (t.rfc, rfc_tip)), rfc_kind, form.control(RFC))}
            {text_field(with_tip(px, form, CONTRACT, (t.contract, contract_tip)), Kind::Mixed, form.control(CONTRACT))}
            {text_field(form.label(EMAIL, Some(t.email_hint)), Kind::Email, form.control(EMAIL))}
            {note}
            {pow(work, px.common().lang)}
            {submit}
            {super::accepts(px)}
            <p class="sm muted">{t.have_account}" "<a href=px.href(Page::SignIn)>{access.enter}</a></p>
        </form>
    }
    .into_any()
}

/// The label of a field whose help is a bubble.
fn with_tip(px: Px, form: Form, n: usize, (words, help): (&'static str, &'static str)) -> Label {
    let mut label = form.label(n, None);
    label.tip = Some(tip(fill(texts(px).join.tip, &[words]), help));
    label.help = Some(Signal::derive(move || help.to_owned()));
    label
}
