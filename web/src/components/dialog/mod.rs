//! The native dialog, a sheet from below on phones: focus goes to its heading, Esc closes it, and closing gives the
//! focus back to what opened it.
use leptos::html::Dialog;
use leptos::prelude::*;

use crate::components::live::{part, press, words};

/// A dialog that is open while `open` holds something; `body` draws it, `title` heads it.
pub fn dialog<T: Clone + PartialEq + Send + Sync + 'static>(
    open: RwSignal<Option<T>>,
    title: Callback<T, String>,
    body: Callback<T, AnyView>,
    close: &'static str,
) -> AnyView {
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let shown = open.with(Option::is_some);
        if let Some(dialog) = node.get() {
            match (shown, dialog.open()) {
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby="dialog-title" on:close=move |_| open.set(None)>
            <div class="dialog__body">
                <h2 id="dialog-title" tabindex="-1" autofocus>{words(move || open.get().map(|it| title.run(it)))}</h2>
                {part(move || open.get().map(|it| body.run(it)))}
            </div>
            <div class="dialog__foot">
                <button class="btn" type="button" on:click=press(move || open.set(None))>{close}</button>
            </div>
        </dialog>
    }
    .into_any()
}
