//! Webhooks: where events are sent, and what became of each.
mod deliveries;
mod form;

use leptos::prelude::*;
use shared::webhooks::{DisabledBecause, WebhookEndpointResource};

use self::deliveries::Log;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::part;
use crate::console::api::integrators as api;
use crate::console::list::{badge, faces, secret_once};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Options, Question, Run, act};

/// What the form is about.
#[derive(Clone, PartialEq)]
enum Edited {
    New,
    Known(Box<WebhookEndpointResource>),
}

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Hub {
    sx: Sx,
    face: RwSignal<Load<Vec<WebhookEndpointResource>>>,
    acts: Acts,
    edited: RwSignal<Option<Edited>>,
    secret: RwSignal<Option<String>>,
    /// The endpoint whose deliveries are shown.
    seen: RwSignal<Option<String>>,
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().hooks;
    let hub = Hub {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        edited: RwSignal::new(None),
        secret: RwSignal::new(None),
        seen: RwSignal::new(None),
    };
    hub.again();
    let add = button::act("btn", t.add, move || hub.edited.set(Some(Edited::New)));
    let secret = move || {
        let secret = hub.secret.get()?;
        let kept = Callback::new(move |()| hub.secret.set(None));
        Some(secret_once(sx, secret, t.secret_made, t.kept, kept))
    };
    let log = move || {
        let external_id = hub.seen.get()?;
        let of = hub.face.with_untracked(|face| match face {
            Load::Ready(all) => all.iter().find(|it| it.external_id == external_id).map(named),
            _ => None,
        });
        Some(Log::new(sx, external_id).view(of.unwrap_or_default()))
    };
    let content = view! {
        {part(secret)}
        {hub.acts.view()}
        {part(move || hub.edited.get().map(|edited| form::form(hub, &edited)))}
        {faces(sx, hub.face, Callback::new(move |()| hub.again()), move |endpoints| hub.full(endpoints))}
        {part(log)}
    };
    shell::page(sx, t.title, t.lead, add, content.into_any())
}

/// Which endpoint it is, to people: its host, since what follows may be a secret, and what they wrote about it.
fn named(endpoint: &WebhookEndpointResource) -> String {
    let rest = endpoint.url.split_once("://").map_or(endpoint.url.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    [host, endpoint.description.trim()].into_iter().filter(|it| !it.is_empty()).collect::<Vec<&str>>().join(" · ")
}

impl Hub {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move {
            let endpoints = api::endpoints(client, slug).await?.data;
            // The first one's deliveries are what most come for.
            let gone =
                self.seen.with_untracked(|seen| endpoints.iter().all(|it| Some(&it.external_id) != seen.as_ref()));
            if gone {
                // Set once they are there: their log is named after one of them.
                self.face.try_set(Load::Ready(endpoints.clone()));
                self.seen.try_set(endpoints.first().map(|it| it.external_id.clone()));
            }
            Ok(endpoints)
        });
    }

    fn full(self, endpoints: &[WebhookEndpointResource]) -> AnyView {
        let t = &self.sx.t().hooks;
        if endpoints.is_empty() {
            return card(empty(2, t.none.to_owned(), vec![t.none_words.to_owned()], Vec::new()));
        }
        let rows: Vec<AnyView> = endpoints.iter().map(|endpoint| self.row(endpoint)).collect();
        card(view! { <ul class="list" aria-label=t.endpoints>{rows}</ul> }.into_any())
    }

    fn row(self, endpoint: &WebhookEndpointResource) -> AnyView {
        let t = &self.sx.t().hooks;
        let events = match endpoint.event_types.len() {
            0 => t.all_events.to_owned(),
            some => format::plural(u64::try_from(some).unwrap_or_default(), t.one_event, t.some_events),
        };
        let mut about: Vec<String> = vec![endpoint.description.clone(), events];
        about.extend(endpoint.disabled_because.map(|because| {
            let n = match because {
                DisabledBecause::ByHand => 0,
                DisabledBecause::Gone => 1,
                DisabledBecause::Failing => 2,
            };
            t.because[n].to_owned()
        }));
        let until = endpoint.previous_secret_until.as_deref();
        about.extend(until.map(|until| fill(t.signs_until, &[&format::instant(until)])));
        let about: Vec<String> = about.into_iter().filter(|words| !words.is_empty()).collect();
        let state = match (endpoint.enabled, u64::try_from(endpoint.parked).unwrap_or_default()) {
            (false, _) => badge("bad", t.paused),
            (true, 0) => badge("ok", t.good),
            (true, parked) => {
                let words = format::plural(parked, t.parked_one, t.parked);
                view! { <span class="badge badge--warn">{words}</span> }.into_any()
            }
        };
        let id = endpoint.external_id.clone();
        let see = move || {
            self.seen.set(Some(id.clone()));
            browser::focus_soon(deliveries::TITLE);
        };
        let known = endpoint.clone();
        let change = move || self.edited.set(Some(Edited::Known(Box::new(known.clone()))));
        let acts = vec![
            (t.see, false, act(see)),
            (t.change, false, act(change)),
            (t.renew, false, self.renew(endpoint)),
            (t.remove, true, self.remove(endpoint)),
        ];
        let menu = self.acts.options(&endpoint.url, Options { title: endpoint.url.clone(), acts });
        view! {
            <li>
                <div class="grow"><b>{endpoint.url.clone()}</b><small>{about.join(" · ")}</small></div>
                {state}
                {menu}
            </li>
        }
        .into_any()
    }

    fn renew(self, endpoint: &WebhookEndpointResource) -> Run {
        let t = &self.sx.t().hooks;
        let id = endpoint.external_id.clone();
        act(move || {
            let id = id.clone();
            let run = act(move || {
                let (client, slug, id) = (self.sx.client, self.sx.slug(), id.clone());
                self.acts.run(async move { api::renew_secret(client, slug, id).await }, move |endpoint| {
                    self.secret.set(endpoint.secret);
                    self.again();
                });
            });
            let title = t.renew_title.to_owned();
            self.acts.ask(Question { title, words: t.renew_words, act: t.renew, run });
        })
    }

    fn remove(self, endpoint: &WebhookEndpointResource) -> Run {
        let t = &self.sx.t().hooks;
        let (id, title) = (endpoint.external_id.clone(), fill(t.remove_title, &[&endpoint.url]));
        act(move || {
            let id = id.clone();
            let run = act(move || {
                let (client, slug, id) = (self.sx.client, self.sx.slug(), id.clone());
                self.acts.run(async move { api::remove_endpoint(client, slug, id).await }, move |()| {
                    self.acts.tell(t.removed.to_owned());
                    self.again();
                });
            });
            self.acts.ask(Question { title: title.clone(), words: t.remove_words, act: t.remove, run });
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_named_by_its_host_and_never_by_what_may_be_a_secret() {
        let of = |url: &str, description: &str| {
            named(&WebhookEndpointResource {
                external_id: "erp".into(),
                url: url.into(),
                description: description.into(),
                event_types: Vec::new(),
                enabled: true,
                disabled_because: None,
                failing_since: None,
                waiting: 0,
                parked: 0,
                secret: None,
                previous_secret_until: None,
                created_at: String::new(),
                updated_at: String::new(),
            })
        };
        assert_eq!(of("https://erp.example/hooks/s3cr3t?k=1", " ERP de pruebas "), "erp.example · ERP de pruebas");
        assert_eq!(of("https://user:pass@erp.example:8443?k=1", ""), "erp.example:8443");
        assert_eq!(of("http://localhost:9/ventanilla", ""), "localhost:9");
    }
}
