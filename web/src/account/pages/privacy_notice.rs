//! The issuer's aviso de privacidad, for anybody.
use leptos::prelude::*;
use shared::ProblemCode;
use shared::privacy::PrivacyNotice;

use crate::account::i18n::privacy::Privacy;
use crate::account::i18n::texts;
use crate::app::MAIN;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::{failure, frame};
use crate::portal::api::privacy as api;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell::brand;
use crate::session::{Load, load};
use crate::signed::meaning;

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).privacy;
    px.set_title(t.notice);
    let face = RwSignal::new(Load::Loading);
    let slug = px.issuer().unwrap_or_else(|| "default".to_owned());
    let ask = move || {
        let slug = slug.clone();
        load(face, async move { api::notice(px.client, &slug).await });
    };
    ask();
    let content = part(move || {
        let words = px.cx.t();
        Some(face.with(|shown| match shown {
            Load::Loading => {
                view! { <section class="card card__body">{skeleton(words.shell.loading, 5)}</section> }.into_any()
            }
            Load::Failed(reason) if reason.code() == Some(ProblemCode::NotFound) => {
                frame::card(empty(2, t.notice_none.to_owned(), vec![t.notice_none_words.to_owned()], Vec::new()))
            }
            Load::Failed(reason) => {
                let again = ask.clone();
                let way = button::act("btn btn--2 btn--sm", words.failure.try_again, again);
                meaning::failed(px.cx, failure::face(words, reason), vec![way])
            }
            Load::Ready(notice) => text(t, notice),
        }))
    });
    view! {
        <div class="guest">
            <header class="guest__top">{brand(px, Page::SignIn)}</header>
            <main class="guest__body guest__body--one" id=MAIN tabindex="-1">
                <div class="stack"><h1>{t.notice}</h1>{content}</div>
            </main>
            {frame::foot(px.cx, "guest__foot foot")}
        </div>
    }
    .into_any()
}

fn text(t: &'static Privacy, notice: &PrivacyNotice) -> AnyView {
    let since = format::date_time(&notice.published_at.civil);
    let version = fill(t.version, &[&notice.version.to_string(), &since]);
    let body = match (&notice.text, notice.url.clone()) {
        (None, Some(url)) => {
            view! { <p><a href=url rel="external noopener noreferrer">{t.elsewhere}</a></p> }.into_any()
        }
        (text, _) => {
            let text = text.clone().unwrap_or_default();
            let paragraphs: Vec<AnyView> = text
                .split("\n\n")
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| view! { <p class="as-typed">{part.to_owned()}</p> }.into_any())
                .collect();
            paragraphs.into_any()
        }
    };
    view! {
        <p class="sm muted">{version}</p>
        <section class="card card__body stack" lang="es">{body}</section>
    }
    .into_any()
}
