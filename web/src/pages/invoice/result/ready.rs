//! The invoice is stamped: its files, its letters, its facts.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::billing::{InvoiceView, MailInvoice};
use shared::mail::{MailState, MailView};
use shared::problem::FieldErrors;

use super::{View, act, act_failed};
use crate::api;
use crate::app::Page;
use crate::browser;
use crate::components::button;
use crate::components::facts::{fact, facts};
use crate::components::field::{Kind, Label, Value, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, press, words};
use crate::components::note::icon_line;
use crate::format;
use crate::i18n::{GuestTexts, fill};
use crate::pages::failure;
use crate::pages::frame::card;
use crate::session::Load;

/// The page's content.
pub fn drawn(view: View, invoice: &InvoiceView) -> AnyView {
    let (cx, t) = (view.cx, view.cx.words());
    let r = &t.result;
    super::title(cx, r.ready);
    view! {
        <div class="stamped">
            <svg class="seal" viewBox="0 0 88 88" fill="none" stroke="currentColor" aria-hidden="true" inner_html=SEAL></svg>
            <h1>{r.ready}</h1>
            <p>{r.ready_lead}</p>
        </div>
        <div class="stack">
            <div class="dl">
                <a class="btn" href=api::pdf_address(view.id) download rel="external">{icon(Icon::FileText)}{r.pdf}</a>
                <a class="btn btn--2" href=api::xml_address(view.id) download rel="external">{icon(Icon::FileCode)}{r.xml}</a>
            </div>
            {mail(view)}
            {card(view! { <div class="card__body">{known(t, invoice)}</div> }.into_any())}
            <div class="actions">{button::link("btn btn--2", cx.href(Page::Ticket), r.another)}</div>
        </div>
    }
    .into_any()
}

const SEAL: &str = r#"<circle cx="44" cy="44" r="40" stroke-width="2" stroke-dasharray="1.5 4.78" stroke-linecap="round"/><circle cx="44" cy="44" r="33" stroke-width="2" fill="var(--ok-soft)"/><path d="m30 45 10 10 19-21" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>"#;

fn mail(view: View) -> AnyView {
    let t = view.cx.words();
    let to = view.to;
    let wrong = RwSignal::new(None::<String>);
    let letters = part(move || {
        view.face.with(|face| {
            let Load::Ready(invoice) = face else { return None };
            let lines: Vec<AnyView> = invoice.mails.iter().map(|letter| said(t, letter)).collect();
            Some(lines.into_any())
        })
    });
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if view.busy.get_untracked() {
            return;
        }
        let (typed, mut errors) = (to.get_untracked(), FieldErrors::default());
        match shared::billing::parse_email("/to", &typed, &mut errors) {
            Some(email) => {
                wrong.set(None);
                let letter = MailInvoice { to: email.as_str().to_owned(), language: t.lang };
                act(view, async move { api::mail(view.id, &letter).await });
            }
            None => {
                let code = errors.of("/to");
                wrong.set(code.map(|code| failure::wrong(t, crate::draft::Wrong::Shape(code))));
                browser::focus("mail");
            }
        }
    };
    let words = Signal::derive(move || t.result.mail_send);
    let label = Label {
        id: "mail",
        words: t.result.mail_label,
        hint: None,
        tip: None,
        help: None,
        after: Some(button::submit("btn", words, view.busy.into(), t.result.mail_sending)),
        error: wrong.into(),
        error_word: t.shell.error,
    };
    let nothing = Callback::new(|()| {});
    let value =
        Value { get: to.into(), set: Callback::new(move |typed| to.set(typed)), enter: nothing, leave: nothing };
    view! {
        <form class="card card__body stack stack-3" novalidate on:submit=send>
            {text_field(label, Kind::Email, value)}
            {act_failed(view)}
            <div class="stack stack-2" role="status">{letters}</div>
        </form>
    }
    .into_any()
}

fn said(t: &GuestTexts, letter: &MailView) -> AnyView {
    let r = &t.result;
    match (letter.state, &letter.sent_at) {
        (MailState::Sent, Some(at)) => {
            let words = fill(r.mail_sent, &[&format::date_time(&at.civil), &letter.to]);
            icon_line("sm ok iconline", Icon::CircleCheck, words)
        }
        (MailState::Failed | MailState::Refused, _) => {
            icon_line("sm bad iconline", Icon::CircleX, fill(r.mail_failed, &[&letter.to]))
        }
        _ => icon_line("sm muted iconline", Icon::Mail, fill(r.mail_queued, &[&letter.to])),
    }
}

fn known(t: &'static GuestTexts, invoice: &InvoiceView) -> AnyView {
    let r = &t.result;
    let mut rows =
        vec![fact(r.folio, [&invoice.serie, "-", &invoice.folio].concat().trim_matches('-').to_owned(), "num", None)];
    if let Some(uuid) = &invoice.folio_fiscal {
        let (uuid, copied) = (uuid.to_uppercase(), RwSignal::new(false));
        let text = uuid.clone();
        let copy = move || {
            let text = text.clone();
            leptos::task::spawn_local(async move {
                copied.try_set(browser::copy(&text).await);
            });
        };
        let more = view! {
            <button class="linkbtn" type="button" aria-label=r.copy_folio_fiscal on:click=press(copy)>{t.shell.copy}</button>
            <span class="xs" role="status">{words(move || copied.get().then(|| t.shell.copied.to_owned()))}</span>
        };
        rows.push(fact(r.folio_fiscal, uuid, "mono", Some(more.into_any())));
    }
    let receptor = [&invoice.receptor_nombre, ", ", &invoice.receptor_rfc].concat();
    rows.push(fact(r.receptor, receptor, "", None));
    rows.push(fact(r.total, format::money(&invoice.total, &invoice.currency), "num b", None));
    if let Some(at) = &invoice.stamped_at {
        rows.push(fact(r.stamped_at, format::date_time(&at.civil), "num", None));
    }
    facts(rows)
}
