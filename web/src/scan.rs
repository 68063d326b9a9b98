//! The ticket's code by the camera, inside the page: `scan.js` is fetched by the press of a button, and the button is
//! there only where the browser reads codes. Everywhere else the phone's own camera app opens the same address.
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::tachys::dom::window;

use crate::browser;
use crate::components::button;
use crate::session::Cx;

/// The element of the page that names the script's file.
const SCRIPT: &str = "scan";
/// What reads codes: there only on pages that may ask for a camera.
const READER: &str = "BarcodeDetector";

/// The button, where it is of use.
pub fn scan_button(cx: Cx, class: &'static str) -> Option<AnyView> {
    let reads = Reflect::has(&window(), &READER.into()).unwrap_or_default();
    reads.then(|| button::act(class, cx.words().scan.title, move || open(cx)))
}

/// Puts the script into the page anew: it runs once each time.
fn open(cx: Cx) {
    let t = &cx.words().scan;
    let run = || {
        let from = browser::element(SCRIPT)?.get_attribute("src")?;
        let script = document().create_element("script").ok()?;
        let words =
            [("title", t.title), ("lead", t.lead), ("other", t.other), ("failed", t.failed), ("close", t.close)];
        for (name, text) in words {
            script.set_attribute(&["data-", name].concat(), text).ok()?;
        }
        script.set_attribute("src", &from).ok()?;
        document().body()?.append_child(&script).ok()
    };
    // A page without its script is one that an upgrade took away: the fields are there to be typed.
    let _ = run();
}
