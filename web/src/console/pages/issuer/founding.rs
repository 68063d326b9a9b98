//! An issuer that there is not yet, for whoever runs the installation.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::parts;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::console::api::issuers as api;
use crate::console::app::{Area, Page};
use crate::console::session::Sx;
use crate::console::shell;

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().issuer;
    let form = parts::founding(sx);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        leptos::task::spawn_local(async move {
            match api::found(sx.client, &parts::new(&form.values())).await {
                Ok(founded) => {
                    form.saved();
                    // A house that had none has its own name and brand from now on.
                    sx.cx.ask_issuer();
                    sx.cx.router.go(&Page::At(founded.slug, Area::NewBranch).path());
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let text = |n, kind, hint| text_field(form.label(n, Some(hint)), kind, form.control(n));
    let submit = button::submit("btn", Signal::derive(move || t.found_send), form.busy.into(), t.saving);
    let content = view! {
        <form class="card card__body stack" novalidate on:submit=send>
            {form.summary()}
            {text(parts::RFC, Kind::Code, t.rfc_hint)}
            {text(parts::NOMBRE, Kind::Plain, t.nombre_hint)}
            {parts::regimen(form, t)}
            {text(parts::SLUG, Kind::Plain, t.slug_hint)}
            {parts::brand(form, t)}
            <div class="row tight">{submit}</div>
        </form>
    };
    shell::page(sx, t.found, t.found_lead, ().into_any(), content.into_any())
}
