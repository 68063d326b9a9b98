//! A box for a password: it can be shown, pasted into and filled by a manager.
use leptos::prelude::*;

use crate::components::field::{Label, Value, around, described_by};
use crate::components::icon::drawing;
use crate::components::live::{call, change, mark, part, press};
use crate::portal::icons;

/// Which of a person's passwords it is, as managers are told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Current,
    New,
    /// None of theirs: what opens a file.
    OfFile,
}

/// A password box; `show` names the button that shows it.
pub fn password_field(label: Label, which: Which, show: &'static str, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let shown = RwSignal::new(false);
    let autocomplete = match which {
        Which::Current => "current-password",
        Which::New => "new-password",
        Which::OfFile => "off",
    };
    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    let pressed = Signal::derive(move || if shown.get() { "true" } else { "false" });
    let control = view! {
        <div class="affix">
            <input
                class="input"
                id=id
                name=id
                type=kind
                autocomplete=autocomplete
                autocapitalize="none"
                spellcheck="false"
                aria-describedby=described
                aria-invalid=mark("true", move || error.with(Option::is_some))
                prop:value=value.get
                on:input=change(move |typed| call(value.set, typed))
                on:blur=move |_| call(value.leave, ())
            />
            <button
                class="btn btn--icon"
                type="button"
                aria-label=show
                aria-pressed=pressed
                on:click=press(move || shown.update(|shown| *shown = !*shown))
            >
                {part(move || Some(drawing(if shown.get() { icons::EYE_OFF } else { icons::EYE })))}
            </button>
        </div>
    };
    around(label, control.into_any())
}
