//! The map of the console: every address as a value, who may see it, and the frame that shows the page of the current
//! one. Pages of an issuer name it in the address, so that a link between colleagues leads to the same issuer.
use leptos::prelude::*;
use shared::ProblemCode;
use shared::issuers::IssuerView;
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::app::MAIN;
use crate::browser;
use crate::components::banner::banner;
use crate::components::live::part;
use crate::console::pages;
use crate::console::session::{Sx, Who};
use crate::pages::frame;
use crate::router::{self, Router};
use crate::session::Load;
use crate::signed::over;

/// The query of the way in that says where the person was going.
const GOING: &str = "ir";
/// What stands in the address in place of a token that was read.
const TAKEN: &str = "liga";

/// A part of an issuer's console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Customers,
    Customer(Uuid),
    /// What customers see and download.
    Documents,
    Payments,
    Payment(Uuid),
    /// What asks to be looked at.
    Reviews,
    /// Banks' files.
    Files,
    File(Uuid),
    /// Exchange rates.
    Rates,
    Keys,
    Hooks,
    Staff,
    /// What was done.
    Log,
    Privacy,
    /// Who the issuer is, and how it shows itself.
    Issuer,
    Branches,
    NewBranch,
    Branch(Uuid),
    /// What it seals with.
    Seals,
}

impl Area {
    fn named(parts: &[&str]) -> Option<Area> {
        match parts {
            ["clientes"] => Some(Area::Customers),
            ["clientes", id] => Uuid::try_parse(id).ok().map(Area::Customer),
            ["documentos"] => Some(Area::Documents),
            ["pagos"] => Some(Area::Payments),
            ["pagos", "por-revisar"] => Some(Area::Reviews),
            ["pagos", "archivos"] => Some(Area::Files),
            ["pagos", "tipos-de-cambio"] => Some(Area::Rates),
            ["pagos", "archivos", id] => Uuid::try_parse(id).ok().map(Area::File),
            ["pagos", id] => Uuid::try_parse(id).ok().map(Area::Payment),
            ["llaves"] => Some(Area::Keys),
            ["webhooks"] => Some(Area::Hooks),
            ["personal"] => Some(Area::Staff),
            ["bitacora"] => Some(Area::Log),
            ["privacidad"] => Some(Area::Privacy),
            ["emisor"] => Some(Area::Issuer),
            ["sucursales"] => Some(Area::Branches),
            ["sucursales", "nueva"] => Some(Area::NewBranch),
            ["sucursales", id] => Uuid::try_parse(id).ok().map(Area::Branch),
            ["certificados"] => Some(Area::Seals),
            _ => None,
        }
    }

    /// Whether the payments' own program draws it.
    #[cfg(test)]
    fn is_of_money(self) -> bool {
        matches!(self, Area::Payments | Area::Payment(_) | Area::Reviews | Area::Files | Area::File(_) | Area::Rates)
    }

    fn tail(self) -> String {
        match self {
            Area::Customers => "/clientes".to_owned(),
            Area::Customer(id) => "/clientes/".to_owned() + &id.to_string(),
            Area::Documents => "/documentos".to_owned(),
            Area::Payments => "/pagos".to_owned(),
            Area::Payment(id) => "/pagos/".to_owned() + &id.to_string(),
            Area::Reviews => "/pagos/por-revisar".to_owned(),
            Area::Files => "/pagos/archivos".to_owned(),
            Area::File(id) => "/pagos/archivos/".to_owned() + &id.to_string(),
            Area::Rates => "/pagos/tipos-de-cambio".to_owned(),
            Area::Keys => "/llaves".to_owned(),
            Area::Hooks => "/webhooks".to_owned(),
            Area::Staff => "/personal".to_owned(),
            Area::Log => "/bitacora".to_owned(),
            Area::Privacy => "/privacidad".to_owned(),
            Area::Issuer => "/emisor".to_owned(),
            Area::Branches => "/sucursales".to_owned(),
            Area::NewBranch => "/sucursales/nueva".to_owned(),
            Area::Branch(id) => "/sucursales/".to_owned() + &id.to_string(),
            Area::Seals => "/certificados".to_owned(),
        }
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    SignIn,
    /// The link of an invitation's letter.
    Invitation,
    /// The link of a recovery's letter.
    NewPassword,
    /// Leads to the first thing to do.
    Home,
    Security,
    /// An issuer that there is not yet.
    NewIssuer,
    /// A part of the issuer of this name.
    At(String, Area),
    NotFound,
}

impl Page {
    /// Reads the path of an address.
    pub fn parse(path: &str) -> Page {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.get(1..).unwrap_or_default() {
            [] => Page::Home,
            ["entrar"] => Page::SignIn,
            ["invitacion"] | ["invitacion", _] => Page::Invitation,
            ["recuperar"] | ["recuperar", _] => Page::NewPassword,
            ["seguridad"] => Page::Security,
            ["nuevo-emisor"] => Page::NewIssuer,
            ["e", slug, rest @ ..] => {
                Area::named(rest).map_or(Page::NotFound, |area| Page::At((*slug).to_owned(), area))
            }
            _ => Page::NotFound,
        }
    }

    /// The path that leads here.
    pub fn path(&self) -> String {
        match self {
            Page::SignIn => "/consola/entrar".to_owned(),
            Page::Invitation => ["/consola/invitacion/", TAKEN].concat(),
            Page::NewPassword => ["/consola/recuperar/", TAKEN].concat(),
            Page::Home | Page::NotFound => "/consola".to_owned(),
            Page::Security => "/consola/seguridad".to_owned(),
            Page::NewIssuer => "/consola/nuevo-emisor".to_owned(),
            Page::At(slug, area) => ["/consola/e/", slug, &area.tail()].concat(),
        }
    }

    /// Whether it shows what is a person's own.
    pub fn needs_session(&self) -> bool {
        matches!(self, Page::Home | Page::Security | Page::NewIssuer | Page::At(..))
    }
}

/// Where a person was going, if it is a page of the console: never another site.
fn wanted(going: &str) -> Option<String> {
    let path = going.split(['?', '#']).next()?;
    let page = Page::parse(path);
    let ours = path.starts_with("/consola") && page.needs_session();
    // The path is written anew: what was parsed is where it leads, whatever else the text could mean to a browser.
    ours.then(|| page.path() + going.get(path.len()..).unwrap_or_default())
}

/// What is on the page.
#[derive(Clone, PartialEq)]
enum Face {
    /// Who is there is being asked.
    Waiting,
    /// That cannot be known now.
    Unknown,
    /// The second step must be set up before anything else.
    Enrol,
    Open(Page),
}

/// How a program builds its pages.
pub type View = fn(Sx, &Page) -> AnyView;

/// A whole program of the console, whose pages `view` builds.
pub fn console(view: View) -> AnyView {
    let sx = Sx::start(Router::start());
    let page = Memo::new(move |_| Page::parse(&sx.cx.router.path()));
    let face = Memo::new(move |_| {
        let page = page.get();
        if sx.cx.router.is_leaving() {
            return Face::Waiting;
        }
        sx.client.who().with(|who| match who {
            Who::Person(me) if me.must_enrol => Face::Enrol,
            // A link's page leads on by itself, and so does the first.
            Who::Person(_) if matches!(page, Page::Home | Page::SignIn) => Face::Waiting,
            Who::Nobody | Who::Asking if page.needs_session() => Face::Waiting,
            Who::Asking if page == Page::SignIn => Face::Waiting,
            Who::Unknown(_) if page.needs_session() => Face::Unknown,
            _ => Face::Open(page),
        })
    });
    follow(sx, page);
    // The first page leaves the focus where the browser puts it, unless there is something to type.
    Effect::new(move |first: Option<()>| {
        let ready = sx.cx.issuer.with(|issuer| matches!(issuer, Load::Ready(_)) || is_empty_house(issuer));
        match face.get() {
            Face::Open(Page::SignIn) if ready && !browser::media("(pointer: coarse)") => browser::focus_soon("user"),
            Face::Open(_) if ready && first.is_some() => browser::focus_main(),
            _ => {}
        }
    });
    Effect::new(move |_| browser::set_page_attribute("lang", Some(sx.cx.lang().tag())));
    let lang = Memo::new(move |_| sx.cx.lang());
    part(move || {
        lang.get();
        let cx = sx.cx;
        Some(cx.issuer.with(|issuer| match issuer {
            Load::Loading => frame::waiting(cx),
            // A house without issuers: its first operator founds one here.
            Load::Failed(_) if is_empty_house(issuer) => around(sx, view, face, rehearses(sx)),
            Load::Failed(failure) => frame::unavailable(cx, failure.clone(), Callback::new(move |()| cx.ask_issuer())),
            Load::Ready(issuer) => around(sx, view, face, Signal::stored(issuer.rehearsal)),
        }))
    })
}

fn is_empty_house(issuer: &Load<IssuerView>) -> bool {
    matches!(issuer, Load::Failed(failure) if failure.code() == Some(ProblemCode::NotFound))
}

/// Whether the house rehearses, where no issuer says it.
fn rehearses(sx: Sx) -> Signal<bool> {
    let known = RwSignal::new(false);
    leptos::task::spawn_local(async move {
        known.try_set(sx.client.open_get("/rehearsal").await.is_ok());
    });
    known.into()
}

/// Leads a person without a session to the way in, and one with a session past it.
fn follow(sx: Sx, page: Memo<Page>) {
    Effect::new(move |_| {
        let page = page.get();
        if sx.cx.router.is_leaving() {
            return;
        }
        let router = sx.cx.router;
        sx.client.who().with(|who| match who {
            Who::Nobody if page.needs_session() => {
                let going = browser::encoded(&browser::address());
                router.replace(&[&Page::SignIn.path(), "?", GOING, "=", &going].concat());
            }
            Who::Person(me) if me.must_enrol => {}
            Who::Person(_) if page == Page::SignIn => {
                let going = router::query(GOING).and_then(|going| wanted(&going));
                router.replace(&going.unwrap_or_else(|| Page::Home.path()));
            }
            Who::Person(me) if page == Page::Home => {
                let first = me.issuers.first().map(|issuer| Page::At(issuer.slug.clone(), pages::FIRST));
                // Whoever runs a house without issuers founds the first.
                let none = if me.runs_installation { Page::NewIssuer } else { Page::Security };
                router.replace(&first.unwrap_or(none).path());
            }
            _ => {}
        });
    });
}

fn around(sx: Sx, view: View, face: Memo<Face>, rehearsal: Signal<bool>) -> AnyView {
    let cx = sx.cx;
    let t = cx.t();
    let tests = part(move || {
        let way = cx.href(crate::app::Page::Rehearsal);
        rehearsal.get().then(|| banner(t.shell.rehearsal, way, t.shell.rehearsal_link))
    });
    let shown = part(move || {
        Some(match face.get() {
            Face::Waiting => frame::waiting(cx),
            Face::Unknown => unknown(sx),
            Face::Enrol => pages::access::enrol(sx),
            Face::Open(page) => view(sx, &page),
        })
    });
    let other = Callback::new(move |()| {
        cx.router.go(&Page::SignIn.path());
        sx.forget();
    });
    let words = sx.t();
    view! {
        <a class="skip" href=["#", MAIN].concat()>{t.shell.skip}</a>
        <div class="shell"><div>{tests}</div>{shown}</div>
        {over::dialog(sx, sx.client, (&words.over, &words.enter), other)}
    }
    .into_any()
}

fn unknown(sx: Sx) -> AnyView {
    let failure = sx.client.who().with_untracked(|who| match who {
        Who::Unknown(failure) => failure.clone(),
        _ => ApiFailure::Offline,
    });
    frame::unavailable(sx.cx, failure, Callback::new(move |()| sx.client.resume()))
}

#[cfg(test)]
mod tests {
    use shared::pages::Program;

    use super::*;

    #[test]
    fn every_page_is_found_again_at_its_own_address() {
        let at = |area| Page::At("colibri".to_owned(), area);
        let id = Uuid::from_u128(0x0192_7f3e_0000_7000_8000_0000_0000_0001);
        let pages = [
            Page::SignIn,
            Page::Invitation,
            Page::NewPassword,
            Page::Home,
            Page::Security,
            at(Area::Staff),
            at(Area::Customers),
            at(Area::Customer(id)),
            at(Area::Documents),
            at(Area::Payments),
            at(Area::Payment(id)),
            at(Area::Reviews),
            at(Area::Files),
            at(Area::File(id)),
            at(Area::Rates),
            at(Area::Keys),
            at(Area::Hooks),
            at(Area::Log),
            at(Area::Privacy),
            Page::NewIssuer,
            at(Area::Issuer),
            at(Area::Branches),
            at(Area::NewBranch),
            at(Area::Branch(id)),
            at(Area::Seals),
        ];
        for page in pages {
            let path = page.path();
            assert_eq!(Page::parse(&path), page, "{path}");
            let of_money = matches!(page, Page::At(_, area) if area.is_of_money());
            let program = if of_money { Program::Treasury } else { Program::Console };
            assert_eq!(shared::pages::program(&path), program, "{path}");
        }
    }

    #[test]
    fn what_is_no_address_is_no_page() {
        for path in ["/consola/otra", "/consola/e/colibri", "/consola/e", "/consola/e/colibri/otra"] {
            assert_eq!(Page::parse(path), Page::NotFound, "{path}");
        }
    }

    #[test]
    fn the_way_in_leads_back_to_the_console_only() {
        assert_eq!(wanted("/consola/seguridad?x=1").as_deref(), Some("/consola/seguridad?x=1"));
        assert_eq!(wanted("/consola/e/colibri/personal").as_deref(), Some("/consola/e/colibri/personal"));
        for going in ["https://mala.example/consola", "//mala.example/consola", "/consola/entrar", "/inicio", ""] {
            assert_eq!(wanted(going), None, "{going}");
        }
    }
}
