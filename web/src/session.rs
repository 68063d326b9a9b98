//! What every page shares: language, theme, issuer, draft, the invoice just made. It keeps choices and drafts in the
//! browser and asks the API for nothing but the issuer.
use leptos::prelude::*;
use shared::Lang;
use shared::billing::InvoiceView;
use shared::issuers::IssuerView;

use crate::api::{self, Answer, ApiFailure};
use crate::app::{Page, Place};
use crate::browser::{self, Shelf};
use crate::draft::Draft;
use crate::i18n::{GuestTexts, Texts, fill, guest_texts, texts};
use crate::router::Router;

const LANG: &str = "ventanilla.lang";
const THEME: &str = "ventanilla.theme";
const DRAFT: &str = "ventanilla.draft.";

/// Something asked of the API: the faces of a page.
#[derive(Clone, PartialEq)]
pub enum Load<T> {
    Loading,
    Failed(ApiFailure),
    Ready(T),
}

impl<T> From<Answer<T>> for Load<T> {
    fn from(answer: Answer<T>) -> Load<T> {
        match answer {
            Ok(answer) => Load::Ready(answer),
            Err(failure) => Load::Failed(failure),
        }
    }
}

/// Puts the answer into the signal when it comes, unless the page is gone by then.
pub fn load<T: Clone + PartialEq + Send + Sync + 'static>(
    into: RwSignal<Load<T>>,
    ask: impl Future<Output = Answer<T>> + 'static,
) {
    leptos::task::spawn_local(async move {
        into.try_set(Load::from(ask.await));
    });
}

/// How the pages look.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    /// In the order a menu shows them.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// The value kept and put on the page.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of a name; the system's for any other.
    pub fn named(name: &str) -> Theme {
        Theme::ALL.into_iter().find(|theme| theme.name() == name).unwrap_or(Theme::System)
    }
}

/// The context of a page.
#[derive(Clone, Copy)]
pub struct Cx {
    pub router: Router,
    pub issuer: RwSignal<Load<IssuerView>>,
    pub draft: RwSignal<Draft>,
    /// The invoice that was just made or opened.
    pub invoice: RwSignal<Option<InvoiceView>>,
    /// An order is on its way: a second press does nothing.
    pub sending: RwSignal<bool>,
    /// What stopped the last order, until the person goes elsewhere.
    pub stopped: RwSignal<Option<ApiFailure>>,
    chosen: RwSignal<Option<Lang>>,
    slug: StoredValue<Option<String>>,
}

impl Cx {
    /// Reads what the browser keeps for the issuer of the current address, and asks for that issuer.
    pub fn start(router: Router) -> Cx {
        let slug = Place::parse(&untrack(|| router.path())).issuer;
        let shelf = [DRAFT, slug.as_deref().unwrap_or("default")].concat();
        let draft = RwSignal::new(Draft::read(browser::kept(Shelf::Session, &shelf).as_deref()));
        Effect::new(move |first: Option<()>| {
            let written = draft.with(Draft::written);
            if first.is_some() {
                browser::keep(Shelf::Session, &shelf, written.as_deref());
            }
        });
        Cx::with_draft(router, slug, draft)
    }

    /// Without a draft to keep: the customers' program has none, and is spared the code that reads one.
    pub fn without_draft(router: Router) -> Cx {
        let slug = Place::parse(&untrack(|| router.path())).issuer;
        Cx::with_draft(router, slug, RwSignal::new(Draft::default()))
    }

    /// The draft that the guest's own program keeps for this issuer.
    pub fn kept_draft(self) -> Draft {
        Draft::read(browser::kept(Shelf::Session, &self.shelf()).as_deref())
    }

    /// Keeps a draft where the guest's own program finds it.
    pub fn keep_draft(self, draft: &Draft) {
        browser::keep(Shelf::Session, &self.shelf(), draft.written().as_deref());
    }

    fn shelf(self) -> String {
        [DRAFT, &self.slug()].concat()
    }

    fn with_draft(router: Router, slug: Option<String>, draft: RwSignal<Draft>) -> Cx {
        let cx = Cx {
            router,
            issuer: RwSignal::new(Load::Loading),
            draft,
            invoice: RwSignal::new(None),
            sending: RwSignal::new(false),
            stopped: RwSignal::new(None),
            chosen: RwSignal::new(browser::kept(Shelf::Local, LANG).and_then(|tag| Lang::from_tag(&tag))),
            slug: StoredValue::new(slug),
        };
        cx.ask_issuer();
        cx
    }

    /// The same for another issuer, which is asked for.
    pub fn of(self, slug: String) -> Cx {
        let cx = Cx { issuer: RwSignal::new(Load::Loading), slug: StoredValue::new(Some(slug)), ..self };
        cx.ask_issuer();
        cx
    }

    /// Asks for the issuer, again if need be.
    pub fn ask_issuer(self) {
        self.issuer.set(Load::Loading);
        let slug = self.slug();
        load(self.issuer, async move { api::issuer(&slug).await });
    }

    /// The issuer's name in the API.
    pub fn slug(self) -> String {
        self.slug.with_value(|slug| slug.clone().unwrap_or_else(|| "default".to_owned()))
    }

    /// The address of a page of this issuer.
    pub fn href(self, page: Page) -> String {
        Place { issuer: self.slug.get_value(), page }.path()
    }

    /// The address of a page of the customers' portal under this issuer: `tail` comes after its name.
    pub fn customers(self, tail: &str) -> String {
        match self.slug.get_value() {
            Some(slug) => ["/e/", &slug, tail].concat(),
            None => tail.to_owned(),
        }
    }

    /// Goes to a page of this issuer.
    pub fn go(self, page: Page) {
        self.router.go(&self.href(page));
    }

    /// The language in force, tracked: the person's choice, else the browser's, else the issuer's.
    pub fn lang(self) -> Lang {
        let issuer = || self.issuer.with(|issuer| if let Load::Ready(it) = issuer { Some(it.language) } else { None });
        let browser = || browser::language().and_then(|tag| Lang::from_tag(&tag));
        self.chosen.get().or_else(browser).or_else(issuer).unwrap_or_default()
    }

    /// The words in force, not tracked: a page is built anew when the language changes.
    pub fn t(self) -> &'static Texts {
        texts(untrack(|| self.lang()))
    }

    /// The words of the guest's pages in force, not tracked.
    pub fn words(self) -> &'static GuestTexts {
        guest_texts(untrack(|| self.lang()))
    }

    /// Keeps the person's language.
    pub fn choose_lang(self, lang: Lang) {
        browser::keep(Shelf::Local, LANG, Some(lang.as_str()));
        self.chosen.set(Some(lang));
    }

    /// What was chosen for this page, by a press or by whom it belongs to; tracked.
    pub fn chosen_lang(self) -> Option<Lang> {
        self.chosen.get()
    }

    /// Speaks as the person who is there wants, unless this browser was told otherwise.
    pub fn follow_lang(self, lang: Option<Lang>) {
        if browser::kept(Shelf::Local, LANG).is_none() {
            self.chosen.set(lang);
        }
    }

    /// The theme in force.
    pub fn theme(self) -> Theme {
        browser::kept(Shelf::Local, THEME).map_or(Theme::System, |name| Theme::named(&name))
    }

    /// Keeps the person's theme and puts it on.
    pub fn choose_theme(self, theme: Theme) {
        let name = (theme != Theme::System).then(|| theme.name());
        browser::keep(Shelf::Local, THEME, name);
        browser::set_page_attribute("data-theme", name);
    }

    /// A value of the issuer; `None` until it is known.
    pub fn with_issuer<T>(self, read: impl FnOnce(&IssuerView) -> T) -> Option<T> {
        self.issuer.with_untracked(|issuer| if let Load::Ready(it) = issuer { Some(read(it)) } else { None })
    }

    /// Whether the wizard has the three steps of an earlier portal (T1 to T11).
    pub fn three(self) -> bool {
        self.with_issuer(|issuer| issuer.panel).unwrap_or_default()
    }

    /// Names the tab.
    pub fn set_title(self, title: &str) {
        let name = self.with_issuer(|issuer| issuer.commercial_name.clone());
        browser::set_title(&fill("{0} · {1}", &[title, name.as_deref().unwrap_or("Ventanilla")]));
    }
}
