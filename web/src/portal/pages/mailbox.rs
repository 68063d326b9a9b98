//! The letters of a rehearsal: the list, and one opened. Their bytes are shown as text, never as HTML.
use leptos::prelude::*;
use shared::mail::{MailboxLetter, MailboxMessage};
use uuid::Uuid;

use crate::api;
use crate::app::{Page, is_absent};
use crate::components::button;
use crate::components::empty::empty;
use crate::components::facts::{fact, facts};
use crate::components::failed::failed;
use crate::components::icon::{Icon, icon};
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::format;
use crate::pages::failure;
use crate::pages::frame::{Width, card, guest, not_found};
use crate::portal::session::Px;
use crate::session::{Load, load};

/// The letters so far.
#[derive(Clone, PartialEq)]
struct Letters {
    rows: Vec<MailboxLetter>,
    next: Option<String>,
}

fn ask(face: RwSignal<Load<Letters>>, before: Vec<MailboxLetter>, cursor: Option<String>) {
    load(face, async move {
        let page = api::letters(cursor.as_deref()).await?;
        let mut rows = before;
        rows.extend(page.data);
        Ok(Letters { rows, next: page.next_cursor })
    });
}

/// The list.
pub fn list(px: Px) -> AnyView {
    let (cx, t) = (px.cx, px.cx.t());
    let m = &px.t().mailbox;
    cx.set_title(m.title);
    let face = RwSignal::new(Load::Loading);
    ask(face, Vec::new(), None);
    let again = move || {
        face.set(Load::Loading);
        ask(face, Vec::new(), None);
    };
    part(move || {
        Some(face.with(|shown| match shown {
            Load::Failed(failure) if is_absent(failure) => not_found(cx, t.failure.not_found),
            Load::Loading => framed(px, skeleton(t.shell.loading, 4)),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
                framed(px, failed(failure::face(t, failure), vec![again]))
            }
            Load::Ready(letters) if letters.rows.is_empty() => {
                let way = button::link("btn", cx.href(Page::Branch), t.home.start);
                let words = vec![m.empty_remedy.to_owned()];
                framed(px, card(empty(2, m.empty.to_owned(), words, vec![way])))
            }
            Load::Ready(letters) => framed(px, full(px, face, letters)),
        }))
    })
}

fn framed(px: Px, content: AnyView) -> AnyView {
    let m = &px.t().mailbox;
    let content = view! {
        <h1>{m.title}</h1>
        <p class="lead">{m.lead}</p>
        {content}
    };
    guest(px.cx, Width::One, content.into_any(), None)
}

fn full(px: Px, face: RwSignal<Load<Letters>>, letters: &Letters) -> AnyView {
    let (cx, t) = (px.cx, px.cx.t());
    let m = &px.t().mailbox;
    let row = |letter: &MailboxLetter| {
        let href = cx.href(Page::Letter(letter.id));
        let about = [letter.to.as_str(), ", ", &format::date_time(&letter.sent_at.civil)].concat();
        view! {
            <li>
                <span class="list__icon">{icon(Icon::Mail)}</span>
                <span class="grow"><a href=href>{letter.subject.clone()}</a><small>{about}</small></span>
            </li>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = letters.rows.iter().map(row).collect();
    let refresh = button::act("btn btn--2", m.refresh, move || ask(face, Vec::new(), None));
    let before = letters.rows.clone();
    let more = letters
        .next
        .clone()
        .map(|cursor| button::act("btn btn--2", t.shell.more, move || ask(face, before.clone(), Some(cursor.clone()))));
    view! {
        {card(view! { <ul class="list" aria-label=m.letters>{rows}</ul> }.into_any())}
        <div class="actions">{more}{refresh}</div>
    }
    .into_any()
}

/// One letter.
pub fn letter(px: Px, id: Uuid) -> AnyView {
    let (cx, t) = (px.cx, px.cx.t());
    let m = &px.t().mailbox;
    cx.set_title(m.title);
    let face = RwSignal::new(Load::Loading);
    load(face, api::letter(id));
    let again = move || {
        face.set(Load::Loading);
        load(face, api::letter(id));
    };
    part(move || {
        Some(face.with(|shown| match shown {
            Load::Failed(failure) if is_absent(failure) => not_found(cx, t.failure.not_found),
            Load::Loading => opened(px, m.title.to_owned(), skeleton(t.shell.loading, 3)),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
                opened(px, m.title.to_owned(), failed(failure::face(t, failure), vec![again]))
            }
            Load::Ready(message) => {
                cx.set_title(&message.letter.subject);
                opened(px, message.letter.subject.clone(), text(px, message))
            }
        }))
    })
}

fn opened(px: Px, title: String, content: AnyView) -> AnyView {
    let content = view! {
        <a class="backlink" href=px.cx.href(Page::Mailbox)>{icon(Icon::ChevronLeft)}{px.t().mailbox.title}</a>
        <h1>{title}</h1>
        {content}
    };
    guest(px.cx, Width::One, content.into_any(), None)
}

fn text(px: Px, message: &MailboxMessage) -> AnyView {
    let m = &px.t().mailbox;
    let letter = &message.letter;
    let known = facts(vec![
        fact(m.from, letter.from.clone(), "", None),
        fact(m.to, letter.to.clone(), "", None),
        fact(m.sent, format::date_time(&letter.sent_at.civil), "num", None),
    ]);
    let id = letter.id;
    let file = |(index, file): (usize, &shared::mail::MailboxAttachment)| {
        let href = api::attachment_address(id, index);
        view! {
            <li>
                <span class="list__icon">{icon(Icon::FileText)}</span>
                <span class="grow">
                    <a href=href download=file.name.clone() rel="external">{file.name.clone()}</a>
                    <small>{[&file.content_type, ", ", &format::bytes(file.bytes)].concat()}</small>
                </span>
            </li>
        }
        .into_any()
    };
    let files: Vec<AnyView> = message.attachments.iter().enumerate().map(file).collect();
    let files = (!files.is_empty()).then(|| {
        view! {
            <section class="stack stack-2" aria-labelledby="files">
                <h2 id="files">{m.attachments}</h2>
                {card(view! { <ul class="list">{files}</ul> }.into_any())}
            </section>
        }
    });
    view! {
        <div class="stack stack-6">
            {card(view! { <div class="card__body">{known}</div> }.into_any())}
            {card(view! { <p class="card__body letter">{message.text.clone()}</p> }.into_any())}
            {files}
        </div>
    }
    .into_any()
}
