//! The map of the portal: every address as a value, and the frame that shows the page of the current one. It keeps
//! the order of the steps: an address ahead of what was filled in leads to the first step still open.
use leptos::prelude::*;
use shared::problem::ProblemCode;
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::banner::banner;
use crate::components::live::part;
use crate::pages;
use crate::router::Router;
use crate::session::{Cx, Load};

/// The id of every page's `<main>`, where the skip link and a change of page lead.
pub const MAIN: &str = "contenido";

/// A page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Home,
    Branch,
    Rfc,
    Ticket,
    Receptor,
    Review,
    Invoice(Uuid),
    Rehearsal,
    Mailbox,
    Letter(Uuid),
    /// A document by its link; the secret stays in the address.
    Shared,
    NotFound,
}

/// A page of an issuer; without one, of the installation's own.
#[derive(Clone, PartialEq, Eq)]
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
        let page = match rest {
            [] => Page::Home,
            ["facturar"] | ["facturar", "sucursal"] => Page::Branch,
            ["facturar", "rfc"] => Page::Rfc,
            ["facturar", "ticket"] => Page::Ticket,
            ["facturar", "datos"] => Page::Receptor,
            ["facturar", "revisar"] => Page::Review,
            ["facturar", "factura", id] => Uuid::try_parse(id).map_or(Page::NotFound, Page::Invoice),
            ["ensayo"] => Page::Rehearsal,
            ["c", _] => Page::Shared,
            ["buzon"] => Page::Mailbox,
            ["buzon", id] => Uuid::try_parse(id).map_or(Page::NotFound, Page::Letter),
            _ => Page::NotFound,
        };
        Place { issuer, page }
    }

    /// The path that leads here.
    pub fn path(&self) -> String {
        let page = match self.page {
            Page::Home | Page::NotFound => "/".to_owned(),
            Page::Branch => "/facturar/sucursal".to_owned(),
            Page::Rfc => "/facturar/rfc".to_owned(),
            Page::Ticket => "/facturar/ticket".to_owned(),
            Page::Receptor => "/facturar/datos".to_owned(),
            Page::Review => "/facturar/revisar".to_owned(),
            Page::Invoice(id) => "/facturar/factura/".to_owned() + &id.to_string(),
            Page::Rehearsal => "/ensayo".to_owned(),
            Page::Mailbox => "/buzon".to_owned(),
            Page::Letter(id) => "/buzon/".to_owned() + &id.to_string(),
            Page::Shared => "/c/".to_owned(),
        };
        match &self.issuer {
            Some(slug) if page == "/" => ["/e/", slug].concat(),
            Some(slug) => ["/e/", slug, &page].concat(),
            None => page,
        }
    }
}

/// The whole portal.
pub fn portal() -> AnyView {
    let cx = Cx::start(Router::start());
    let page = Memo::new(move |_| {
        let asked = Place::parse(&cx.router.path()).page;
        // The order of the steps is the issuer's: nobody is led anywhere before it is known.
        let three = cx.issuer.with(|issuer| if let Load::Ready(issuer) = issuer { Some(issuer.panel) } else { None });
        three.and_then(|three| cx.draft.with_untracked(|draft| draft.missing_before(asked, three))).unwrap_or(asked)
    });
    Effect::new(move |_| {
        let shown = page.get();
        if Place::parse(&cx.router.path()).page != shown {
            cx.router.replace(&cx.href(shown));
        }
    });
    // The first page leaves the focus where the browser puts it.
    Effect::new(move |first: Option<()>| {
        page.get();
        if first.is_some() {
            cx.stopped.set(None);
            browser::focus_main();
        }
    });
    Effect::new(move |_| browser::set_page_attribute("lang", Some(cx.lang().tag())));
    let lang = Memo::new(move |_| cx.lang());
    part(move || {
        // All words are taken when a page is built: another language builds it anew, from the same draft.
        lang.get();
        Some(cx.issuer.with(|issuer| match issuer {
            Load::Loading => pages::frame::waiting(cx),
            Load::Failed(failure) => match failure.code() {
                Some(ProblemCode::NotFound) => pages::frame::not_found(cx, cx.t().failure.no_issuer),
                _ => pages::frame::unavailable(cx, failure.clone(), Callback::new(move |()| cx.ask_issuer())),
            },
            Load::Ready(issuer) => shell(cx, page, issuer.rehearsal),
        }))
    })
}

fn shell(cx: Cx, page: Memo<Page>, rehearsal: bool) -> AnyView {
    let t = cx.t();
    let tests = rehearsal.then(|| banner(t.shell.rehearsal, cx.href(Page::Rehearsal), t.shell.rehearsal_link));
    view! {
        <a class="skip" href=["#", MAIN].concat()>{t.shell.skip}</a>
        <div class="shell"><div>{tests}</div>{part(move || Some(pages::view(cx, page.get())))}</div>
    }
    .into_any()
}

/// Whether a failure means that nothing is there for this person.
pub fn is_absent(failure: &ApiFailure) -> bool {
    failure.code() == Some(ProblemCode::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_found_again_at_its_own_address() {
        let id = Uuid::from_u128(0x0192_7f3e_0000_7000_8000_0000_0000_0001);
        let pages = [
            Page::Home,
            Page::Branch,
            Page::Rfc,
            Page::Ticket,
            Page::Receptor,
            Page::Review,
            Page::Invoice(id),
            Page::Rehearsal,
            Page::Mailbox,
            Page::Letter(id),
        ];
        for issuer in [None, Some("colibri".to_owned())] {
            for page in pages {
                let place = Place { issuer: issuer.clone(), page };
                assert!(Place::parse(&place.path()) == place, "{}", place.path());
            }
        }
    }

    #[test]
    fn what_is_no_address_is_no_page() {
        for path in ["/facturar/factura/1", "/buzon/x", "/otra", "/e/colibri/otra", "/facturar/rfc/mas"] {
            assert!(Place::parse(path).page == Page::NotFound, "{path}");
        }
        assert!(Place::parse("/facturar/").page == Page::Branch);
        assert!(Place::parse("/e").page == Page::NotFound);
    }
}
