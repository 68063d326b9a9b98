//! A document by its link, for somebody without an account. The secret is in the address and goes nowhere else.
use leptos::prelude::*;
use shared::documents::{DocumentState, SharedDocument};

use crate::api;
use crate::app::{Page, is_absent};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::facts::{fact, facts};
use crate::components::failed::failed;
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::components::skeleton::skeleton;
use crate::format;
use crate::pages::failure;
use crate::pages::frame::{Width, card, guest};
use crate::portal::session::Px;
use crate::session::{Load, load};

/// The page.
pub fn page(px: Px) -> AnyView {
    let (cx, t) = (px.cx, px.cx.t());
    let w = &px.t().shared;
    cx.set_title(w.title);
    let address = browser::address();
    let token =
        address.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_owned();
    let face = RwSignal::new(Load::Loading);
    load(face, api::shared_document(token.clone()));
    let content = part(move || {
        let again = token.clone();
        let again = move || {
            face.set(Load::Loading);
            load(face, api::shared_document(again.clone()));
        };
        Some(face.with(|shown| match shown {
            Load::Loading => skeleton(t.shell.loading, 3),
            Load::Failed(failure) if is_absent(failure) => {
                let way = button::link("btn", cx.href(Page::Home), t.failure.home);
                card(empty(2, w.gone.to_owned(), vec![w.gone_cause.to_owned()], vec![way]))
            }
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
                failed(failure::face(t, failure), vec![again])
            }
            Load::Ready(document) => full(px, &token, document),
        }))
    });
    let content = view! { <h1>{w.title}</h1>{content} };
    guest(cx, Width::One, content.into_any(), None)
}

fn full(px: Px, token: &str, document: &SharedDocument) -> AnyView {
    let t = &px.t().shared;
    let file = |extension: &str, words: &'static str| {
        let address = api::shared_file(token, extension);
        view! { <a class="btn" href=address download="" rel="noreferrer">{words}</a> }.into_any()
    };
    let known = facts(vec![
        fact(t.issued_by, document.issuer_name.clone(), "", None),
        fact(t.issued_on, format::day(&document.issued_on), "", None),
        fact(t.total, format::money(&document.total, &document.currency), "", None),
        fact(t.until, format::date_time(&document.expires_at.civil), "", None),
    ]);
    let state = (document.state != DocumentState::Vigente).then(|| note(Tone::Bad, None, t.cancelled.to_owned()));
    let xml = document.has_xml.then(|| file("/xml", t.xml));
    view! {
        <p class="lead">{t.lead}</p>
        {state}
        <section class="card"><div class="card__head"><h2>{document.number.clone()}</h2></div>
            <div class="card__body">{known}</div>
        </section>
        <div class="actions">{file("/pdf", t.pdf)}{xml}</div>
    }
    .into_any()
}
