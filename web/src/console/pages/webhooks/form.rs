//! An endpoint's form: where events are sent, which, and whether.
use std::collections::BTreeSet;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::integrators::EventKind;
use shared::problem::{FieldCode, FieldErrors};
use shared::webhooks::{PutWebhookEndpoint, WebhookEndpointResource};
use uuid::Uuid;

use super::{Edited, Hub};
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::live::change;
use crate::console::api::integrators as api;
use crate::console::pages::keys::check_box;
use crate::signed::form::{Field, Form};

const URL: usize = 0;
const DESCRIPTION: usize = 1;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if values.first().is_none_or(|url| url.trim().is_empty()) {
        errors.add("/url", FieldCode::Required);
    }
    errors
}

/// The form, for a new endpoint or for one there is.
pub fn form(hub: Hub, edited: &Edited) -> AnyView {
    let (sx, t) = (hub.sx, &hub.sx.t().hooks);
    let known: Option<&WebhookEndpointResource> = match edited {
        Edited::New => None,
        Edited::Known(known) => Some(known),
    };
    let title = if known.is_some() { t.change_title } else { t.add_title };
    let fields = vec![
        Field { id: "url", pointer: "/url", words: t.url, secret: false },
        Field { id: "description", pointer: "/description", words: t.description, secret: false },
    ];
    let form = Form::new(sx, title, fields, check);
    form.set(URL, known.map(|it| it.url.clone()).unwrap_or_default());
    form.set(DESCRIPTION, known.map(|it| it.description.clone()).unwrap_or_default());
    let types = known.map(|it| it.event_types.iter().map(|kind| kind.as_str()).collect()).unwrap_or_default();
    let chosen = RwSignal::new(types);
    let enabled = RwSignal::new(known.is_none_or(|it| it.enabled));
    // A name of ours: people know an endpoint by its address.
    let id = known.map_or_else(|| Uuid::new_v4().simple().to_string(), |it| it.external_id.clone());
    browser::focus_soon("url");
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        save(hub, form, id.clone(), body(form, chosen, enabled));
    };
    let submit = button::submit("btn", Signal::derive(move || t.save), form.busy.into(), t.saving);
    let cancel = button::act("btn btn--quiet", sx.t().acts.cancel, move || hub.edited.set(None));
    view! {
        <section class="card" aria-labelledby="endpoint-title">
            <div class="card__head"><h2 id="endpoint-title">{title}</h2></div>
            <form class="card__body stack" novalidate on:submit=send>
                {form.summary()}
                {text_field(form.label(URL, Some(t.url_hint)), Kind::Plain, form.control(URL))}
                {text_field(form.label(DESCRIPTION, Some(t.description_hint)), Kind::Plain, form.control(DESCRIPTION))}
                <fieldset class="field">
                    <legend class="field__label">{t.events}</legend>
                    <p class="field__hint">{t.events_hint}</p>
                    <div class="checks">{kinds(chosen)}</div>
                </fieldset>
                <label class="check">
                    <input
                        type="checkbox"
                        class="switch"
                        role="switch"
                        prop:checked=enabled
                        on:change=change(move |_| enabled.update(|is| *is = !*is))
                    />
                    <span>{t.enabled}</span>
                </label>
                <div class="row tight">{submit}{cancel}</div>
            </form>
        </section>
    }
    .into_any()
}

/// Every kind but the one of tests, which is always sent.
fn kinds(chosen: RwSignal<BTreeSet<&'static str>>) -> Vec<AnyView> {
    let kinds = EventKind::ALL.into_iter().filter(|kind| *kind != EventKind::WebhookTest);
    kinds.map(|kind| check_box(kind.as_str(), kind.as_str().to_owned(), chosen)).collect()
}

fn body(form: Form, chosen: RwSignal<BTreeSet<&'static str>>, enabled: RwSignal<bool>) -> PutWebhookEndpoint {
    let is = |kind: &EventKind| chosen.with_untracked(|chosen| chosen.contains(kind.as_str()));
    PutWebhookEndpoint {
        url: form.value(URL).trim().to_owned(),
        description: form.value(DESCRIPTION).trim().to_owned(),
        event_types: EventKind::ALL.into_iter().filter(is).collect(),
        enabled: enabled.get_untracked(),
    }
}

fn save(hub: Hub, form: Form, id: String, body: PutWebhookEndpoint) {
    let (client, slug) = (hub.sx.client, hub.sx.slug());
    leptos::task::spawn_local(async move {
        match api::put_endpoint(client, slug, &id, &body).await {
            Ok(endpoint) => {
                form.clear();
                hub.edited.try_set(None);
                // A change brings none, and leaves one that somebody is still copying.
                if endpoint.secret.is_some() {
                    hub.secret.try_set(endpoint.secret);
                }
                hub.acts.tell(hub.sx.t().hooks.saved.to_owned());
                hub.again();
            }
            Err(reason) => form.explained(&reason),
        }
    });
}
