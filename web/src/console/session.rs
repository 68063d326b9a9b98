//! What every page of the console shares: the common context, the client with its session, the issuer that is worked
//! for, the words.
use std::sync::Arc;

use leptos::prelude::*;
use shared::accounts::Secret;
use shared::staff::{StaffIssuer, StaffMe, StaffRole};

use crate::browser;
use crate::console::api::Client;
use crate::console::app::{Area, Page};
use crate::console::i18n::{Texts, texts};
use crate::i18n::fill;
use crate::portal::app::link_token;
use crate::router::Router;
use crate::session::Cx;
use crate::signed::acts::Run;
use crate::signed::client;
use crate::signed::desk::Desk;

/// Whether somebody is signed in.
pub type Who = client::Who<StaffMe>;

/// The context of a page.
#[derive(Clone, Copy)]
pub struct Sx {
    pub cx: Cx,
    pub client: Client,
    pub desk: Desk,
    token: StoredValue<Option<Secret>>,
    /// What the open page asks before it is left.
    stays: StoredValue<Option<Stays>>,
}

/// Asks before a page is left, and goes on with what it is given once the person says so; `false`: nothing is to be asked.
type Stays = Arc<dyn Fn(Run) -> bool + Send + Sync>;

impl Sx {
    /// Takes a letter's token out of the address, and asks who is there when the page wants to know.
    pub fn start(router: Router) -> Sx {
        let cx = Cx::without_draft(router);
        let sx = Sx {
            cx,
            client: Client::new(),
            desk: Desk::new(cx),
            token: StoredValue::new(None),
            stays: StoredValue::new(None),
        };
        let path = untrack(|| router.path());
        let page = Page::parse(&path);
        if matches!(page, Page::Invitation | Page::NewPassword) {
            sx.token.set_value(link_token(&path).map(Secret::new));
            router.replace(&page.path());
        }
        sx.client.follow_other_tabs(move || sx.forget());
        if page.needs_session() || Client::left_signed_in() {
            sx.client.resume();
        }
        sx
    }

    /// Who is signed in, not tracked.
    pub fn me(self) -> Option<StaffMe> {
        self.client.who().with_untracked(|who| match who {
            Who::Person(me) => Some((**me).clone()),
            _ => None,
        })
    }

    /// The issuer that the address names, not tracked: `None` when the person does not work for it.
    pub fn issuer(self) -> Option<StaffIssuer> {
        let Page::At(slug, _) = Page::parse(&untrack(|| self.cx.router.path())) else { return None };
        self.me()?.issuers.into_iter().find(|issuer| issuer.slug == slug)
    }

    /// Its name in addresses; empty when there is none.
    pub fn slug(self) -> String {
        self.issuer().map(|issuer| issuer.slug).unwrap_or_default()
    }

    /// Whether the person may change the settings of the issuer.
    pub fn operates(self) -> bool {
        self.issuer().is_some_and(|issuer| issuer.role == StaffRole::Operator)
    }

    /// The words in force, not tracked. The common ones are `sx.cx.t()`.
    pub fn t(self) -> &'static Texts {
        texts(untrack(|| self.cx.lang()))
    }

    /// The address of a page of the same issuer.
    pub fn href(self, area: Area) -> String {
        match Page::parse(&untrack(|| self.cx.router.path())) {
            Page::At(slug, _) => Page::At(slug, area).path(),
            _ => Page::Home.path(),
        }
    }

    /// Has the page that is being built asked before it is left, as long as it is there.
    pub fn ask_before_leaving(self, ask: impl Fn(Run) -> bool + Send + Sync + 'static) {
        self.stays.set_value(Some(Arc::new(ask)));
        on_cleanup(move || self.stays.set_value(None));
    }

    /// Whether the open page asks before it is left; then it does `go` by itself.
    pub fn stays(self, go: Run) -> bool {
        let ask = self.stays.get_value();
        ask.is_some_and(|ask| ask(go))
    }

    /// Leaves the open page, unless it asks first.
    pub fn leave(self, go: &Run) {
        if !self.stays(go.clone()) {
            go();
        }
    }

    /// Names the tab.
    pub fn set_title(self, title: &str) {
        browser::set_title(&fill("{0} · {1}", &[title, self.t().shell.tagline]));
    }

    /// The token of the letter's link this program was opened with.
    pub fn link_token(self) -> Option<Secret> {
        self.token.get_value()
    }

    /// Forgets everything of the person who was here.
    pub fn forget(self) {
        self.desk.forget();
        self.token.set_value(None);
        self.client.forget();
    }
}

impl From<Sx> for Desk {
    fn from(sx: Sx) -> Desk {
        sx.desk
    }
}
