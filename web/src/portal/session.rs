//! What every page of the portal shares: the common context, the client with its session, the portal's words. What a
//! person types in forms is remembered here, never a password, and forgotten when they leave.
use std::collections::BTreeMap;

use leptos::prelude::*;
use shared::accounts::{Me, Secret};

use crate::api::ApiFailure;
use crate::browser::{self, Shelf};
use crate::portal::api::Client;
use crate::portal::app::{Page, Place, link_token};
use crate::portal::i18n::{Common, Texts, common, texts};
use crate::router::Router;
use crate::session::Cx;

/// Whether somebody is signed in.
#[derive(Clone, PartialEq)]
pub enum Who {
    /// The server is being asked.
    Asking,
    /// The server could not be asked.
    Unknown(ApiFailure),
    /// Nobody is.
    Nobody,
    /// This person, until they leave: an expired session only asks for the password again.
    Person(Box<Me>),
}

/// The context of a page.
#[derive(Clone, Copy)]
pub struct Px {
    pub cx: Cx,
    pub client: Client,
    typed: StoredValue<BTreeMap<&'static str, String>>,
    token: StoredValue<Option<Secret>>,
}

impl Px {
    /// Takes a letter's token out of the address, and asks who is there when the page wants to know.
    pub fn start(router: Router) -> Px {
        let cx = Cx::without_draft(router);
        let px =
            Px { cx, client: Client::new(), typed: StoredValue::new(BTreeMap::new()), token: StoredValue::new(None) };
        let path = untrack(|| router.path());
        let page = Place::parse(&path).page;
        if matches!(page, Page::Activate | Page::NewPassword) {
            px.token.set_value(link_token(&path).map(Secret::new));
            router.replace(&px.href(page));
        }
        px.client.follow_other_tabs(move || px.forget());
        if page.needs_session() || Client::left_signed_in() {
            px.client.resume();
        }
        px
    }

    /// Who is signed in, tracked.
    pub fn me(self) -> Option<Me> {
        self.client.who().with(person)
    }

    /// Who is signed in, not tracked.
    pub fn me_untracked(self) -> Option<Me> {
        self.client.who().with_untracked(person)
    }

    /// The words of the portal and of the account in force, not tracked. Those of all programs are `px.cx.t()`.
    pub fn common(self) -> &'static Common {
        common(untrack(|| self.cx.lang()))
    }

    /// The portal's words in force, not tracked: only its own pages may ask, since who asks carries them all.
    pub fn t(self) -> &'static Texts {
        texts(untrack(|| self.cx.lang()))
    }

    /// The address of a page of this issuer.
    pub fn href(self, page: Page) -> String {
        let issuer = Place::parse(&untrack(|| self.cx.router.path())).issuer;
        Place { issuer, page }.path()
    }

    /// Goes to a page of this issuer.
    pub fn go(self, page: Page) {
        self.cx.router.go(&self.href(page));
    }

    /// Names the tab.
    pub fn set_title(self, title: &str) {
        self.cx.set_title(title);
    }

    /// The short name of the issuer in the address, when there is one.
    pub fn issuer(self) -> Option<String> {
        Place::parse(&untrack(|| self.cx.router.path())).issuer
    }

    /// What was typed into a control before, on this or another page, or before a reload.
    pub fn typed(self, id: &'static str) -> String {
        let here = self.typed.with_value(|typed| typed.get(id).cloned());
        here.or_else(|| browser::kept(Shelf::Session, &typed_shelf(id))).unwrap_or_default()
    }

    /// Remembers what was typed into a control.
    pub fn keep_typed(self, id: &'static str, text: String) {
        browser::keep(Shelf::Session, &typed_shelf(id), Some(&text));
        self.typed.update_value(|typed| {
            typed.insert(id, text);
        });
    }

    /// The token of the letter's link this program was opened with.
    pub fn link_token(self) -> Option<Secret> {
        self.token.get_value()
    }

    /// Forgets the link that was used.
    pub fn link_used(self) {
        self.token.set_value(None);
    }

    /// Forgets everything of the person who was here.
    pub fn forget(self) {
        self.typed.set_value(BTreeMap::new());
        self.token.set_value(None);
        self.client.forget();
    }
}

/// The tab keeps it, since the next page may be another program's.
fn typed_shelf(id: &str) -> String {
    ["ventanilla.typed.", id].concat()
}

fn person(who: &Who) -> Option<Me> {
    match who {
        Who::Person(me) => Some((**me).clone()),
        _ => None,
    }
}
