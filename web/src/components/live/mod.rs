//! Parts of a view that change, each kind of change being one type: every closure given to `view!` directly is a type
//! of its own and brings its own copy of Leptos's machinery into the WASM (together they weighed as much as the pages).
use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

/// A part drawn anew whenever what it reads changes.
pub fn part(draw: impl Fn() -> Option<AnyView> + Send + Sync + 'static) -> AnyView {
    one_part(Box::new(draw))
}

fn one_part(draw: Box<dyn Fn() -> Option<AnyView> + Send + Sync>) -> AnyView {
    (move || draw()).into_any()
}

/// Words that change; `None` and nothing are the same.
pub fn words(say: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    one_text(Box::new(say))
}

fn one_text(say: Box<dyn Fn() -> Option<String> + Send + Sync>) -> AnyView {
    (move || say().unwrap_or_default()).into_any()
}

/// An attribute that is there while something holds.
pub fn mark(value: &'static str, is: impl Fn() -> bool + Send + Sync + 'static) -> Signal<Option<&'static str>> {
    Signal::derive(move || is().then_some(value))
}

/// What a press does.
pub fn press(act: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// What a change of a control's value does.
pub fn change(act: impl Fn(String) + 'static) -> Box<dyn FnMut(Event)> {
    Box::new(move |event| act(event_target_value(&event)))
}

/// Ctrl or ⌘ with Enter sends the form from anywhere in it, also from a list, where Enter alone does not.
pub fn send_keys(event: KeyboardEvent) {
    let form = event.current_target().and_then(|it| it.dyn_into::<HtmlFormElement>().ok());
    if let Some(form) = form.filter(|_| event.key() == "Enter" && (event.ctrl_key() || event.meta_key())) {
        event.prevent_default();
        let _ = form.request_submit();
    }
}

/// Runs a callback if it is still there: a browser takes the focus from a control that is being removed, and calls.
pub fn call<T: 'static>(callback: Callback<T>, value: T) {
    let _ = callback.try_run(value);
}
