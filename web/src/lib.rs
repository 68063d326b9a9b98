//! The portal in the browser: pages that a guest walks through with a paper ticket in hand, drawn by Leptos from the
//! portal API's answers.
//!
//! It promises that nothing typed is lost, that no act is done twice, that every failure has words and a way out,
//! and that it shows nothing the server has not said. It decides nothing about invoices: rules that both sides keep
//! come from `shared`. Only `api` knows addresses of the API, only `app` those of pages.

pub mod account;
pub mod api;
pub mod app;
pub mod browser;
pub mod components;
pub mod console;
pub mod draft;
pub mod format;
pub mod i18n;
pub mod mine;
pub mod pages;
pub mod payments;
pub mod portal;
pub mod router;
pub mod scan;
pub mod session;
pub mod signed;
pub mod work;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Puts the guest's pages in place of what `index.html` shows while it loads.
pub fn start() {
    start_with(app::portal, shared::problem_text::for_guests);
}

fn start_with(app: fn() -> AnyView, words: pages::failure::Words) {
    pages::failure::speak_with(words);
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        show_failure();
    }));
    let Some(place) = browser::element("app").and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) else { return };
    place.set_inner_html("");
    mount_to(place, app).forget();
}

/// A defect of ours must not leave a dead page: the text that `index.html` carries for it takes over.
fn show_failure() {
    for (id, hidden) in [("app", true), ("boot-failed", false)] {
        if let Some(element) = browser::element(id) {
            let _ = element.toggle_attribute_with_force("hidden", hidden);
        }
    }
}
