//! Addresses and history: one signal with the current path, links of this program followed without a reload. What a
//! path means is in `app`. Links elsewhere, downloads, `rel="external"`, other programs' pages and those of other
//! issuers are the browser's.
use leptos::ev;
use leptos::prelude::*;
use leptos::tachys::dom::window;
use shared::pages::program;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement, MouseEvent};

use crate::app::Place;
use crate::browser;

/// The browser's address as a signal.
#[derive(Clone, Copy)]
pub struct Router {
    path: RwSignal<String>,
    /// Another program's page was asked for and is on its way.
    leaving: RwSignal<bool>,
}

impl Router {
    /// Reads the address and follows links from now on.
    pub fn start() -> Router {
        let router = Router { path: RwSignal::new(current_path()), leaving: RwSignal::new(false) };
        // The listeners live as long as the page.
        let _ = window_event_listener(ev::popstate, move |_| router.returned());
        let _ = window_event_listener(ev::click, move |event| router.clicked(&event));
        // A browser may keep the page that was left, and show it again as it was.
        let _ = window_event_listener(ev::pageshow, move |_| router.leaving.set(false));
        router
    }

    /// The current path, tracked.
    pub fn path(self) -> String {
        self.path.get()
    }

    /// Whether another program's page is on its way, tracked: until it is here nothing of this one matters.
    pub fn is_leaving(self) -> bool {
        self.leaving.get()
    }

    /// Goes to another page.
    pub fn go(self, path: &str) {
        self.move_to(path, false);
    }

    /// Goes to another page that takes this one's place in the history.
    pub fn replace(self, path: &str) {
        self.move_to(path, true);
    }

    fn move_to(self, path: &str, replace: bool) {
        let bare = path.split(['?', '#']).next().unwrap_or_default();
        if program(bare) != self.path.with_untracked(|here| program(here)) {
            let location = window().location();
            self.leaving.set(true);
            let _ = if replace { location.replace(path) } else { location.assign(path) };
            return;
        }
        if let Ok(history) = window().history() {
            let state = JsValue::NULL;
            let _ = match replace {
                true => history.replace_state_with_url(&state, "", Some(path)),
                false => history.push_state_with_url(&state, "", Some(path)),
            };
        }
        self.path.set(current_path());
    }

    fn returned(self) {
        let path = current_path();
        if Place::parse(&path).issuer != self.path.with_untracked(|old| Place::parse(old).issuer) {
            // Another issuer's pages have another brand and another draft.
            let _ = window().location().reload();
        } else if path != self.path.get_untracked() {
            self.path.set(path);
        }
    }

    fn clicked(self, event: &MouseEvent) {
        let modified = event.meta_key() || event.ctrl_key() || event.shift_key() || event.alt_key();
        if event.default_prevented() || event.button() != 0 || modified {
            return;
        }
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let link = target.and_then(|it| it.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|it| it.dyn_into::<HtmlAnchorElement>().ok()) else { return };
        let elsewhere = !link.target().is_empty() || link.has_attribute("download") || link.rel() == "external";
        if elsewhere || Some(link.origin()) != window().location().origin().ok() {
            return;
        }
        let (path, hash) = (link.pathname(), link.hash());
        let here = self.path.get_untracked();
        if path == here && !hash.is_empty() {
            // A browser scrolls to a field but does not put the cursor into it.
            event.prevent_default();
            browser::focus(&hash[1..]);
        } else if program(&path) == program(&here) && Place::parse(&path).issuer == Place::parse(&here).issuer {
            event.prevent_default();
            self.go(&(path + &link.search()));
        }
    }
}

fn current_path() -> String {
    window().location().pathname().unwrap_or_default()
}

/// A value of the address's query.
pub fn query(name: &str) -> Option<String> {
    let search = window().location().search().ok()?;
    search.trim_start_matches('?').split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let plain = value.replace('+', " ");
        (key == name).then(|| js_sys::decode_uri_component(&plain).map(String::from).unwrap_or(plain))
    })
}

/// Writes these values into the address, and no others, without a new entry in the history; an empty one is left out.
pub fn set_query(pairs: &[(&str, &str)]) {
    let mut address = current_path();
    let mut mark = '?';
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(std::mem::replace(&mut mark, '&'));
        address.push_str(name);
        address.push('=');
        address.push_str(&String::from(js_sys::encode_uri_component(value)));
    }
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}
