//! The browser's own things, each behind a function that cannot fail: storage that may be forbidden, focus, time,
//! the clipboard. What cannot be done is not done; nothing here panics or knows a page.
use leptos::prelude::document;
use leptos::tachys::dom::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, FocusOptions, HtmlElement, Storage};

/// Where something is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// Until the tab is closed.
    Session,
    /// Until the person empties it.
    Local,
}

/// Longer than a finger rests on a button.
const CLICK_MS: i32 = 300;

fn storage(shelf: Shelf) -> Option<Storage> {
    match shelf {
        Shelf::Session => window().session_storage(),
        Shelf::Local => window().local_storage(),
    }
    .ok()
    .flatten()
}

/// What was kept under a name.
pub fn kept(shelf: Shelf, name: &str) -> Option<String> {
    storage(shelf)?.get_item(name).ok().flatten()
}

/// Keeps a text, or forgets it.
pub fn keep(shelf: Shelf, name: &str, text: Option<&str>) {
    if let Some(storage) = storage(shelf) {
        // A full or forbidden storage only means that a reload forgets.
        let _ = match text {
            Some(text) => storage.set_item(name, text),
            None => storage.remove_item(name),
        };
    }
}

/// Forgets everything kept on a shelf.
pub fn empty(shelf: Shelf) {
    if let Some(storage) = storage(shelf) {
        let _ = storage.clear();
    }
}

/// The path and query in the address bar.
pub fn address() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// How the name of a window begins that shows a customer's pages to staff.
const LOOK: &str = "ventanilla-vista-";

/// Opens an empty window for a look at a customer's pages: at once, since a browser lets a press open one and nothing
/// later. Gives its name, and the window, if there is one.
pub fn open_look(id: &str) -> (String, Option<web_sys::Window>) {
    let name = [LOOK, id].concat();
    let opened = window().open_with_url_and_target("", &name).ok().flatten();
    (name, opened)
}

/// Leaves what such a window looks with where it, and no other site, can take it: an object of this page, in memory.
pub fn leave_for_look(name: &str, token: &str) {
    let _ = js_sys::Reflect::set(&window(), &JsValue::from_str(name), &JsValue::from_str(token));
}

/// What this window looks with, if it was opened for a look: `Some(None)` once the page that opened it is gone. The
/// browser keeps a window's name from page to page of one site, and refuses to read another site's window.
pub fn looks_with() -> Option<Option<String>> {
    let name = window().name().ok().filter(|name| name.starts_with(LOOK))?;
    let opener = window().opener().ok().filter(JsValue::is_object);
    let left = opener.and_then(|it| js_sys::Reflect::get(&it, &JsValue::from_str(&name)).ok());
    Some(left.and_then(|it| it.as_string()))
}

/// Closes this window, if a page opened it.
pub fn close() {
    let _ = window().close();
}

/// Opens the browser's own print dialog.
pub fn print() {
    // A browser that cannot print does nothing.
    let _ = window().print();
}

/// A text as a value in an address.
pub fn encoded(text: &str) -> String {
    String::from(js_sys::encode_uri_component(text))
}

/// The browser's first language, as a tag.
pub fn language() -> Option<String> {
    window().navigator().language()
}

/// Milliseconds since 1970 by the browser's clock, which may be wrong.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

/// Year and month (1 to 12) by the browser's own calendar: good for shortcuts, not for what is due.
pub fn this_month() -> (u32, u32) {
    let today = js_sys::Date::new_0();
    (today.get_full_year(), today.get_month() + 1)
}

/// Milliseconds since 1970 of an RFC 3339 text.
pub fn instant_ms(rfc3339: &str) -> Option<f64> {
    let at = js_sys::Date::parse(rfc3339);
    at.is_finite().then_some(at)
}

/// Waits.
pub async fn sleep(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}

/// Does something once a click that is under way has landed. Whoever leaves a control by pressing a button must find the
/// button where it was: an error that appears in between moves it away from under the finger, and the press is lost.
pub fn after_click(act: impl FnOnce() + 'static) {
    leptos::task::spawn_local(async move {
        sleep(CLICK_MS).await;
        act();
    });
}

/// Nobody looks at a tab behind another.
pub fn is_hidden() -> bool {
    document().hidden()
}

/// The title of the tab.
pub fn title() -> String {
    document().title()
}

/// Gives the tab a title.
pub fn set_title(title: &str) {
    document().set_title(title);
}

/// Sets or removes an attribute of `<html>`.
pub fn set_page_attribute(name: &str, value: Option<&str>) {
    if let Some(page) = document().document_element() {
        let _ = match value {
            Some(value) => page.set_attribute(name, value),
            None => page.remove_attribute(name),
        };
    }
}

/// Sets a property of an element's own style: through the object, which the policy of contents allows.
pub fn set_style(id: &str, name: &str, value: &str) {
    if let Some(it) = element(id).and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        // What the browser does not understand it leaves as it was.
        let _ = it.style().set_property(name, value);
    }
}

/// The element with an id.
pub fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Moves the focus to an element once what was just changed is on the page.
pub fn focus_soon(id: &'static str) {
    leptos::prelude::request_animation_frame(move || {
        focus(id);
    });
}

/// The same for a heading, which takes no focus by itself: its control was pressed and is gone.
pub fn focus_heading(id: &'static str) {
    leptos::prelude::request_animation_frame(move || {
        if let Some(heading) = element(id) {
            let _ = heading.set_attribute("tabindex", "-1");
            focus(id);
        }
    });
}

/// Moves the focus to an element, or to the first radio in it; `false` when there is none.
pub fn focus(id: &str) -> bool {
    let Some(found) = element(id) else { return false };
    let target = match found.query_selector("input:checked, input") {
        Ok(Some(inner)) if found.tag_name() == "FIELDSET" => inner,
        _ => found,
    };
    target.dyn_ref::<HtmlElement>().is_some_and(|it| it.focus().is_ok())
}

/// Moves the focus to the page's content without scrolling, as after a change of page.
pub fn focus_main() {
    leptos::prelude::request_animation_frame(|| {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        if let Some(main) = element(crate::app::MAIN).and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = main.focus_with_options(&options);
        }
    });
}

/// The element of the page that names the file of passkeys.
const PASSKEY: &str = "passkey";

/// Has the person's authenticator sign what the server `asked`, both as JSON; gives the body to send, with `more` in it.
/// `None`: they closed its dialog, have nothing that fits, or the browser knows no passkeys.
pub async fn passkey(asked: &str, more: &str) -> Option<String> {
    let name = JsValue::from_str("ventanillaPasskey");
    let there = |name: &JsValue| js_sys::Reflect::get(&window(), name).ok()?.dyn_into::<js_sys::Function>().ok();
    if there(&name).is_none() {
        load_script(&element(PASSKEY)?.get_attribute("src")?).await;
    }
    let signing = there(&name)?.call2(&JsValue::NULL, &asked.into(), &more.into()).ok()?;
    JsFuture::from(signing.dyn_into::<js_sys::Promise>().ok()?).await.ok()?.as_string()
}

/// Waits until a script of ours has run, or cannot be had.
async fn load_script(address: &str) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let script = document().create_element("script").ok();
        let (Some(script), Some(head)) = (script, document().head()) else {
            // Nobody waits for a script that cannot be put anywhere.
            let _ = resolve.call0(&JsValue::NULL);
            return;
        };
        let _ = script.set_attribute("src", address);
        let _ = script.add_event_listener_with_callback("load", &resolve);
        let _ = script.add_event_listener_with_callback("error", &resolve);
        let _ = head.append_child(&script);
    });
    let _ = JsFuture::from(promise).await;
}

/// Whether a media query holds now.
pub fn media(query: &str) -> bool {
    window().match_media(query).ok().flatten().is_some_and(|it| it.matches())
}

/// Copies a text; `false` when the browser does not allow it.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    // Absent on pages that are neither https nor localhost.
    let has = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|it| it.is_object());
    has && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
