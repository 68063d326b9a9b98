//! A document for others, and what became of that: letters with their delivery, links, who opened it.
use leptos::prelude::*;
use shared::documents::{DocumentOpening, DocumentTrail, ShareView};
use shared::mail::{MailState, MailView};
use uuid::Uuid;

use super::sending::Sending;
use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::button;
use crate::components::error_summary::support;
use crate::components::failed::failed;
use crate::components::live::part;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents;
use crate::portal::pages::document::section;
use crate::portal::session::Px;

/// How long to wait before each other look while a letter is on its way, in milliseconds: a minute in all.
const PAUSES: [i32; 6] = [2_000, 3_000, 5_000, 10_000, 15_000, 25_000];

/// Openings shown at once: the last ones.
const OPENINGS: usize = 3;
/// The id of its heading.
const TITLE: &str = "compartir";

/// What the panel knows.
#[derive(Clone, Copy)]
struct Panel {
    px: Px,
    id: Uuid,
    trail: RwSignal<Option<DocumentTrail>>,
    /// The link just made.
    link: RwSignal<Option<String>>,
    failure: RwSignal<Option<ApiFailure>>,
    /// Counts the looks: a new one takes the place of those before.
    turn: StoredValue<u32>,
}

/// The panel of a document's page.
pub fn panel(px: Px, id: Uuid) -> AnyView {
    let t = &px.t().documents.trail;
    let common = px.cx.t();
    let sending = Sending::start(px);
    let panel = Panel {
        px,
        id,
        trail: RwSignal::new(None),
        link: RwSignal::new(None),
        failure: RwSignal::new(None),
        turn: StoredValue::new(0),
    };
    Effect::new(move |_| {
        sending.times.get();
        panel.look();
    });
    let link = part(move || {
        let link = panel.link.get()?;
        let link = support(link, common.shell.copy, common.shell.copied);
        Some(view! { <p class="sm">{t.link}</p><div class="magic">{link}</div> }.into_any())
    });
    let told = part(move || panel.trail.with(|trail| trail.as_ref().map(|trail| panel.told(trail))));
    let face = part(move || Some(failed(failure::face(common, &panel.failure.get()?), Vec::new())));
    let content = view! {
        <div class="card__body stack stack-2">
            {button::act("btn btn--2 btn--block", t.send, move || sending.open(vec![id]))}
            {button::act("btn btn--2 btn--block", t.share, move || panel.share())}
            {button::act("btn btn--quiet btn--block", t.print, browser::print)}
            {link}{face}{told}
        </div>
        {sending.dialog()}
    };
    section(TITLE, t.title, None, content.into_any())
}

impl Panel {
    /// Looks, and a few times more while a letter is on its way.
    fn look(self) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        leptos::task::spawn_local(async move {
            match self.look_once(turn).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(failure) => return drop(self.failure.try_set(Some(failure))),
            }
            for pause in PAUSES {
                browser::sleep(pause).await;
                // What nobody looks at waits.
                while browser::is_hidden() && self.is_turn(turn) {
                    browser::sleep(pause).await;
                }
                // What is shown stays when a later look fails.
                if !matches!(self.look_once(turn).await, Ok(true)) {
                    return;
                }
            }
        });
    }

    /// Whether another look is worth its while.
    async fn look_once(self, turn: u32) -> Answer<bool> {
        if !self.is_turn(turn) {
            return Ok(false);
        }
        let trail = documents::trail(self.px.client, self.id).await?;
        if !self.is_turn(turn) {
            return Ok(false);
        }
        let goes_on = trail.letters.iter().any(|letter| letter.state == MailState::Queued);
        // What did not change is not drawn anew under somebody's finger.
        if self.trail.with_untracked(|shown| shown.as_ref() != Some(&trail)) {
            self.trail.set(Some(trail));
        }
        Ok(goes_on)
    }

    /// The page is there, and nothing looked anew meanwhile.
    fn is_turn(self, turn: u32) -> bool {
        self.turn.try_get_value() == Some(turn)
    }

    fn share(self) {
        self.failure.set(None);
        leptos::task::spawn_local(async move {
            match documents::share(self.px.client, self.id).await {
                Ok(made) => {
                    self.link.try_set(Some(made.address));
                    self.look();
                }
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    fn revoke(self, share: Uuid) {
        self.failure.set(None);
        leptos::task::spawn_local(async move {
            match documents::revoke(self.px.client, share).await {
                Ok(()) => {
                    self.link.try_set(None);
                    browser::focus_heading(TITLE);
                    self.look();
                }
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    fn told(self, trail: &DocumentTrail) -> AnyView {
        let t = &self.px.t().documents.trail;
        let letters = trail.letters.iter().map(|letter| self.letter(letter)).collect();
        let shares = trail.shares.iter().map(|share| self.link_row(share)).collect();
        let mut openings: Vec<AnyView> = trail.openings.iter().map(|opening| self.opening(opening)).collect();
        let older = openings.split_off(openings.len().min(OPENINGS));
        let older = (!older.is_empty()).then(|| {
            view! {
                <details class="fold">
                    <summary class="plain">{t.older}</summary>
                    <ul class="related sm">{older}</ul>
                </details>
            }
        });
        let parts = [(t.letters, letters), (t.shares, shares), (t.openings, openings)];
        let parts: Vec<AnyView> = parts.into_iter().filter_map(|(title, rows)| group(title, rows)).collect();
        view! { {parts}{older} }.into_any()
    }

    fn letter(self, letter: &MailView) -> AnyView {
        let t = &self.px.t().documents.trail;
        let state = match letter.state {
            MailState::Queued => t.queued,
            MailState::Sent => t.sent,
            MailState::Failed => t.failed,
            MailState::Refused => t.refused,
        };
        let at = letter.sent_at.as_ref().map(|at| format::date_time(&at.civil)).unwrap_or_default();
        view! { <li>{[&letter.to, ": ", state, " ", &at].concat()}</li> }.into_any()
    }

    fn link_row(self, share: &ShareView) -> AnyView {
        let t = &self.px.t().documents.trail;
        let id = share.id;
        let words = match share.open {
            true => fill(t.until, &[&share.made_by, &format::date_time(&share.expires_at.civil)]),
            false => fill(t.ended, &[&share.made_by]),
        };
        let opened = format::plural(share.opened_count, t.opened_one, t.opened);
        let revoke = share.open.then(|| button::act("linkbtn", t.revoke, move || self.revoke(id)));
        view! { <li>{[&words, ", ", &opened].concat()}" "{revoke}</li> }.into_any()
    }

    fn opening(self, opening: &DocumentOpening) -> AnyView {
        let who = opening.who.clone().unwrap_or_else(|| self.px.t().documents.trail.with_link.to_owned());
        let how = match opening.how.as_str() {
            "view" | "link" => String::new(),
            file => [" (", &file.to_uppercase(), ")"].concat(),
        };
        view! { <li>{[&format::date_time(&opening.at.civil), ": ", &who, &how].concat()}</li> }.into_any()
    }
}

fn group(title: &'static str, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| view! { <h3>{title}</h3><ul class="related sm">{rows}</ul> }.into_any())
}
