//! What every page of a customer shares: the common context, the client with its session, the words.
use leptos::prelude::*;
use shared::accounts::{Me, Secret};
use shared::profiles::{Landing, Profile, SignInWith};

use crate::browser;
use crate::format;
use crate::portal::api::Client;
use crate::portal::app::{Page, Place, link_token};
use crate::portal::bundles::Bundles;
use crate::portal::i18n::{Common, Texts, common, texts};
use crate::router::Router;
use crate::session::Cx;
use crate::signed::client;
use crate::signed::desk::Desk;

/// Whether somebody is signed in.
pub type Who = client::Who<Me>;

/// The context of a page.
#[derive(Clone, Copy)]
pub struct Px {
    pub cx: Cx,
    pub client: Client,
    pub desk: Desk,
    /// What is made for the person in the background.
    pub bundles: Bundles,
    token: StoredValue<Option<Secret>>,
    profile: RwSignal<Option<Profile>>,
}

impl Px {
    /// Takes a letter's token out of the address, and asks who is there when the page wants to know.
    pub fn start(router: Router) -> Px {
        let cx = Cx::without_draft(router);
        let px = Px {
            cx,
            client: Client::new(),
            desk: Desk::new(cx),
            bundles: Bundles::start(),
            token: StoredValue::new(None),
            profile: RwSignal::new(None),
        };
        px.ask_profile();
        let path = untrack(|| router.path());
        let page = Place::parse(&path).page;
        if matches!(page, Page::Activate | Page::NewPassword | Page::NewEmail | Page::Invitation) {
            px.token.set_value(link_token(&path).map(Secret::new));
            router.replace(&px.href(page));
        }
        if let Some(token) = browser::looks_with() {
            px.client.look(token);
            return px;
        }
        px.client.follow_other_tabs(move || px.forget());
        if page.needs_session() || Client::left_signed_in() {
            px.client.resume();
        }
        px
    }

    /// Asks how this issuer's portal differs. Without an answer it is ours: the server keeps its rules anyway.
    fn ask_profile(self) {
        leptos::task::spawn_local(async move {
            let profile = self.client.profile(&self.cx.slug()).await.unwrap_or_default();
            if profile.sign_in == SignInWith::UserName {
                self.client.names_users();
            }
            self.profile.set(Some(profile));
        });
    }

    /// How this issuer's portal differs, once that is known; tracked.
    pub fn known_profile(self) -> Option<Profile> {
        self.profile.get()
    }

    /// How this issuer's portal differs; no page is drawn before that is known.
    pub fn profile(self) -> Profile {
        self.profile.get_untracked().unwrap_or_default()
    }

    /// An instant as this issuer's pages show it.
    pub fn date_time(self, civil: &str) -> String {
        format::styled(self.profile().date_time, civil)
    }

    /// Where a person comes to after signing in.
    pub fn landing(self) -> Page {
        if self.is_mailbox() {
            return Page::MyInvoices;
        }
        match self.profile().landing {
            Landing::Home => Page::Home,
            Landing::Documents => Page::Documents,
            Landing::Statements => Page::Statements,
        }
    }

    /// Who is signed in, tracked.
    pub fn me(self) -> Option<Me> {
        self.client.who().with(person)
    }

    /// Who is signed in, not tracked.
    pub fn me_untracked(self) -> Option<Me> {
        self.client.who().with_untracked(person)
    }

    /// Whether whoever is signed in is no customer's and has what was invoiced to their mailbox; not tracked.
    pub fn is_mailbox(self) -> bool {
        self.me_untracked().is_some_and(|me| me.mailbox_only)
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

    /// What a page remembers of another, or of itself before.
    pub fn typed(self, name: &'static str) -> String {
        self.desk.noted(name)
    }

    /// Remembers something until the next load.
    pub fn keep_typed(self, name: &'static str, text: String) {
        self.desk.note(name, text);
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
        self.desk.forget();
        self.bundles.forget();
        self.token.set_value(None);
        self.client.forget();
    }
}

impl From<Px> for Desk {
    fn from(px: Px) -> Desk {
        px.desk
    }
}

fn person(who: &Who) -> Option<Me> {
    match who {
        Who::Person(me) => Some((**me).clone()),
        _ => None,
    }
}
