//! The map of what customers see: every address as a value, who may see it, and the frame that shows the page of the
//! current one. A page of a person's own leads to the way in and back again. Several programs have this map, each draws
//! some of its pages, and a way from one to another is a load.
use leptos::prelude::*;
use shared::problem::ProblemCode;
use uuid::Uuid;

use crate::browser;
use crate::components::banner::banner;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::pages::frame;
use crate::portal::language;
use crate::portal::session::{Px, Who};
use crate::router::{self, Router};
use crate::session::Load;
use crate::signed::over;

/// The id of every page's `<main>`.
pub use crate::app::MAIN;

/// The query of the way in that says where the person was going.
const GOING: &str = "ir";

/// A page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    SignIn,
    Register,
    /// The link of a registration's letter.
    Activate,
    Recover,
    /// The link of a recovery's letter.
    NewPassword,
    /// The link of a letter to another address, which staff sent.
    NewEmail,
    Home,
    Documents,
    Document(Uuid),
    Statements,
    Balances,
    /// Where a bank leads that does not say which payment it was.
    Payments,
    Payment(Uuid),
    History,
    Account,
    Security,
    /// A password in the place of a temporary one, before anything else.
    FirstPassword,
    People,
    /// One's own data.
    Privacy,
    /// The issuer's aviso de privacidad, for anybody.
    Notice,
    /// The link of an invitation's letter.
    Invitation,
    /// What a guest sees with a code by mail.
    MyInvoices,
    /// The letters of a rehearsal.
    Mailbox,
    Letter(Uuid),
    /// A document by its link; the secret stays in the address.
    Shared,
    NotFound,
}

/// What stands in the address in place of a token that was read.
const TAKEN: &str = "liga";

impl Page {
    /// Whether it shows what is a person's own.
    pub const fn needs_session(self) -> bool {
        !matches!(
            self,
            Page::SignIn
                | Page::Register
                | Page::Activate
                | Page::Recover
                | Page::NewPassword
                | Page::NewEmail
                | Page::Invitation
                | Page::Notice
                | Page::MyInvoices
                | Page::Mailbox
                | Page::Letter(_)
                | Page::Shared
                | Page::NotFound
        )
    }

    /// Whether it shows what is a customer's: the owner of a mailbox has the security of their account and their own data.
    const fn needs_customer(self) -> bool {
        self.needs_session() && !matches!(self, Page::Security | Page::Privacy | Page::FirstPassword)
    }

    /// The control where a person begins to type.
    const fn first_field(self) -> Option<&'static str> {
        match self {
            Page::SignIn | Page::Recover => Some("user"),
            Page::Register => Some("rfc"),
            Page::Activate | Page::NewPassword | Page::FirstPassword => Some("password"),
            _ => None,
        }
    }

    fn named(parts: &[&str]) -> Page {
        match parts {
            ["entrar"] => Page::SignIn,
            ["registro"] => Page::Register,
            ["activar"] | ["activar", _] => Page::Activate,
            ["recuperar"] => Page::Recover,
            ["recuperar", _] => Page::NewPassword,
            ["inicio"] => Page::Home,
            ["consultas"] => Page::Documents,
            ["documentos", id] => Uuid::try_parse(id).map_or(Page::NotFound, Page::Document),
            ["estados-de-cuenta"] => Page::Statements,
            ["saldos"] => Page::Balances,
            ["pagos"] => Page::Payments,
            ["pagos", id] => Uuid::try_parse(id).map_or(Page::NotFound, Page::Payment),
            ["historial"] => Page::History,
            ["cuenta"] => Page::Account,
            ["cuenta", "seguridad"] => Page::Security,
            ["cuenta", "contrasena"] => Page::FirstPassword,
            ["cuenta", "correo"] | ["cuenta", "correo", _] => Page::NewEmail,
            ["cuenta", "usuarios"] => Page::People,
            ["cuenta", "privacidad"] => Page::Privacy,
            ["aviso-de-privacidad"] => Page::Notice,
            ["mis-facturas"] => Page::MyInvoices,
            ["buzon"] => Page::Mailbox,
            ["buzon", id] => Uuid::try_parse(id).map_or(Page::NotFound, Page::Letter),
            ["c", _] => Page::Shared,
            ["invitacion"] | ["invitacion", _] => Page::Invitation,
            _ => Page::NotFound,
        }
    }

    fn tail(self) -> String {
        match self {
            Page::SignIn => "/entrar".to_owned(),
            Page::Register => "/registro".to_owned(),
            Page::Activate => ["/activar/", TAKEN].concat(),
            Page::Recover => "/recuperar".to_owned(),
            Page::NewPassword => ["/recuperar/", TAKEN].concat(),
            Page::NewEmail => ["/cuenta/correo/", TAKEN].concat(),
            Page::Home | Page::NotFound => "/inicio".to_owned(),
            Page::Documents => "/consultas".to_owned(),
            Page::Document(id) => "/documentos/".to_owned() + &id.to_string(),
            Page::Statements => "/estados-de-cuenta".to_owned(),
            Page::Balances => "/saldos".to_owned(),
            Page::Payments => "/pagos".to_owned(),
            Page::Payment(id) => "/pagos/".to_owned() + &id.to_string(),
            Page::History => "/historial".to_owned(),
            Page::Account => "/cuenta".to_owned(),
            Page::Security => "/cuenta/seguridad".to_owned(),
            Page::FirstPassword => "/cuenta/contrasena".to_owned(),
            Page::People => "/cuenta/usuarios".to_owned(),
            Page::Privacy => "/cuenta/privacidad".to_owned(),
            Page::Notice => "/aviso-de-privacidad".to_owned(),
            Page::MyInvoices => "/mis-facturas".to_owned(),
            Page::Mailbox => "/buzon".to_owned(),
            Page::Letter(id) => "/buzon/".to_owned() + &id.to_string(),
            Page::Shared => ["/c/", TAKEN].concat(),
            Page::Invitation => ["/invitacion/", TAKEN].concat(),
        }
    }
}

/// A page of an issuer; without one, of the installation's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub issuer: Option<String>,
    pub page: Page,
}

impl Place {
    /// Reads the path of an address.
    pub fn parse(path: &str) -> Place {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let (issuer, rest) = match parts.as_slice() {
            ["e", slug, rest @ ..] => (Some((*slug).to_owned()), rest),
            rest => (None, rest),
        };
        Place { issuer, page: Page::named(rest) }
    }

    /// The path that leads here.
    pub fn path(&self) -> String {
        match &self.issuer {
            Some(slug) => ["/e/", slug, &self.page.tail()].concat(),
            None => self.page.tail(),
        }
    }
}

/// The token at the end of a letter's link; `None` once it was taken out of the address, or when it never was whole.
pub fn link_token(path: &str) -> Option<&str> {
    let last = path.rsplit('/').find(|part| !part.is_empty())?;
    let whole = last.len() == 64 && last.bytes().all(|byte| byte.is_ascii_hexdigit());
    whole.then_some(last)
}

/// Where a person was going, if it is a page of theirs under the same issuer: never another site.
fn wanted(going: &str, issuer: Option<&str>) -> Option<String> {
    let path = going.split(['?', '#']).next()?;
    let place = Place::parse(path);
    let ours = going.starts_with('/') && place.page.needs_session() && place.issuer.as_deref() == issuer;
    // The path is written anew: what was parsed is where it leads, whatever else the text could mean to a browser.
    ours.then(|| place.path() + going.get(path.len()..).unwrap_or_default())
}

/// What is on the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    /// Who is there is being asked.
    Waiting,
    /// That cannot be known now.
    Unknown,
    /// A page; of the customer it is for, so that another customer's is another.
    Open(Page, Option<Uuid>),
}

impl Face {
    const fn page(self) -> Option<Page> {
        match self {
            Face::Open(page, _) => Some(page),
            Face::Waiting | Face::Unknown => None,
        }
    }
}

/// How a program builds its pages.
pub type View = fn(Px, Page) -> AnyView;

/// A whole program of customers, whose pages `view` builds.
pub fn customers(view: View) -> AnyView {
    let px = Px::start(Router::start());
    let page = Memo::new(move |_| Place::parse(&px.cx.router.path()).page);
    let face = Memo::new(move |_| {
        let page = page.get();
        if px.cx.router.is_leaving() {
            return Face::Waiting;
        }
        px.client.who().with(|who| match who {
            // They are being led to the choice of a password, or from it.
            Who::Person(me) if me.must_change_password != (page == Page::FirstPassword) => Face::Waiting,
            Who::Person(me) if me.mailbox_only && page.needs_customer() => Face::Waiting,
            Who::Person(me) => Face::Open(page, Some(me.customer.id)),
            Who::Nobody if page.needs_session() => Face::Waiting,
            // What a mailbox's owner sees is not what a guest does.
            Who::Asking if page.needs_session() || matches!(page, Page::SignIn | Page::MyInvoices) => Face::Waiting,
            Who::Unknown(_) if page.needs_session() || px.client.is_looking() => Face::Unknown,
            _ => Face::Open(page, None),
        })
    });
    follow(px, page);
    language::follow(px);
    // The first page leaves the focus where the browser puts it, unless there is something to type.
    Effect::new(move |first: Option<()>| {
        // What waits for the profile has a main part too, which goes away with the focus.
        let ready = px.cx.issuer.with(|issuer| matches!(issuer, Load::Ready(_))) && px.known_profile().is_some();
        let Some(page) = face.get().page().filter(|_| ready) else { return };
        match page.first_field().filter(|_| !browser::media("(pointer: coarse)")) {
            Some(field) => browser::focus_soon(field),
            None if first.is_some() => browser::focus_main(),
            None => {}
        }
    });
    Effect::new(move |_| browser::set_page_attribute("lang", Some(px.cx.lang().tag())));
    let lang = Memo::new(move |_| px.cx.lang());
    part(move || {
        lang.get();
        let cx = px.cx;
        Some(cx.issuer.with(|issuer| match issuer {
            Load::Loading => frame::waiting(cx),
            Load::Failed(failure) => match failure.code() {
                Some(ProblemCode::NotFound) => frame::not_found(cx, cx.t().failure.no_issuer),
                _ => frame::unavailable(cx, failure.clone(), Callback::new(move |()| cx.ask_issuer())),
            },
            Load::Ready(_) if px.known_profile().is_none() => frame::waiting(cx),
            Load::Ready(issuer) => around(px, face, view, issuer.rehearsal),
        }))
    })
}

/// Leads a person without a session to the way in, and one with a session past it.
fn follow(px: Px, page: Memo<Page>) {
    Effect::new(move |_| {
        let page = page.get();
        if px.cx.router.is_leaving() {
            return;
        }
        // Where a person comes to is the profile's to say.
        if px.known_profile().is_none() {
            return;
        }
        let (nobody, must_change, mailbox) = px.client.who().with(|who| match who {
            Who::Nobody => (Some(true), false, false),
            Who::Person(me) => (Some(false), me.must_change_password, me.mailbox_only),
            _ => (None, false, false),
        });
        match nobody {
            Some(false) if must_change != (page == Page::FirstPassword) => {
                let next = if must_change { Page::FirstPassword } else { px.landing() };
                px.cx.router.replace(&px.href(next));
            }
            Some(false) if mailbox && page.needs_customer() => px.cx.router.replace(&px.href(px.landing())),
            Some(true) if page.needs_session() => {
                let going = browser::address();
                px.cx.router.replace(&[&px.href(Page::SignIn), "?", GOING, "=", &browser::encoded(&going)].concat());
            }
            Some(false) if page == Page::SignIn => {
                let issuer = Place::parse(&untrack(|| px.cx.router.path())).issuer;
                let going = router::query(GOING).and_then(|going| wanted(&going, issuer.as_deref()));
                px.cx.router.replace(&going.unwrap_or_else(|| px.href(px.landing())));
            }
            _ => {}
        }
    });
}

fn around(px: Px, face: Memo<Face>, view: View, rehearsal: bool) -> AnyView {
    let cx = px.cx;
    let t = cx.t();
    let tests =
        rehearsal.then(|| banner(t.shell.rehearsal, cx.href(crate::app::Page::Rehearsal), t.shell.rehearsal_link));
    let shown = part(move || {
        Some(match face.get() {
            Face::Waiting => frame::waiting(cx),
            Face::Unknown => unknown(px),
            Face::Open(page, _) => view(px, page),
        })
    });
    let other = Callback::new(move |()| {
        px.go(Page::SignIn);
        px.forget();
    });
    view! {
        <a class="skip" href=["#", MAIN].concat()>{t.shell.skip}</a>
        <div class="shell"><div>{tests}</div>{shown}</div>
        {over::dialog(px, px.client, (&px.common().over, &px.common().enter), other)}
    }
    .into_any()
}

fn unknown(px: Px) -> AnyView {
    if px.client.is_looking() {
        let t = &px.common().shell;
        let way = button::act("btn", t.look_close, browser::close);
        return frame::card(empty(1, t.look_over.to_owned(), vec![t.look_over_words.to_owned()], vec![way]));
    }
    let failure = px.client.who().with_untracked(|who| match who {
        Who::Unknown(failure) => failure.clone(),
        _ => crate::api::ApiFailure::Offline,
    });
    frame::unavailable(px.cx, failure, Callback::new(move |()| px.client.resume()))
}

#[cfg(test)]
mod tests {
    use shared::pages::Program;

    use super::*;

    #[test]
    fn every_page_is_found_again_at_its_own_address() {
        let id = Uuid::from_u128(0x0192_7f3e_0000_7000_8000_0000_0000_0001);
        let pages = [
            Page::SignIn,
            Page::Register,
            Page::Activate,
            Page::Recover,
            Page::NewPassword,
            Page::NewEmail,
            Page::Home,
            Page::Documents,
            Page::Document(id),
            Page::Statements,
            Page::Balances,
            Page::Payments,
            Page::Payment(id),
            Page::History,
            Page::Account,
            Page::Security,
            Page::FirstPassword,
            Page::People,
            Page::Privacy,
            Page::Notice,
            Page::Invitation,
            Page::MyInvoices,
            Page::Mailbox,
            Page::Letter(id),
            Page::Shared,
        ];
        for issuer in [None, Some("colibri".to_owned())] {
            for page in pages {
                let place = Place { issuer: issuer.clone(), page };
                assert_eq!(Place::parse(&place.path()), place);
                let program = shared::pages::program(&place.path());
                let ours = [Program::Portal, Program::Payments, Program::Account, Program::Mine];
                assert!(ours.contains(&program), "{}", place.path());
            }
        }
    }

    #[test]
    fn what_is_no_address_is_no_page() {
        for path in ["/", "/documentos/1", "/cuenta/otra", "/e/colibri", "/activar/a/b", "/pagos/1"] {
            assert_eq!(Place::parse(path).page, Page::NotFound, "{path}");
        }
    }

    #[test]
    fn only_a_whole_token_is_one() {
        let token = "0f".repeat(32);
        assert_eq!(link_token(&["/e/colibri/activar/", &token].concat()), Some(token.as_str()));
        assert_eq!(link_token(&["/recuperar/", &token, "/"].concat()), Some(token.as_str()));
        for path in ["/activar", "/activar/liga", "/activar/0f0f", &["/activar/", &"zz".repeat(32)].concat()] {
            assert_eq!(link_token(path), None, "{path}");
        }
    }

    #[test]
    fn the_way_in_leads_back_to_own_pages_only() {
        assert_eq!(wanted("/consultas?folio_from=60300", None).as_deref(), Some("/consultas?folio_from=60300"));
        assert_eq!(wanted("/e/colibri/cuenta", Some("colibri")).as_deref(), Some("/e/colibri/cuenta"));
        assert_eq!(wanted("//consultas", None).as_deref(), Some("/consultas"));
        for going in ["https://mala.example/consultas", "//mala.example/inicio", "/entrar", "/", "", "/e/otra/inicio"] {
            assert_eq!(wanted(going, None), None, "{going}");
        }
    }
}
