//! What was sent to an endpoint: a table, and one delivery with its tries and its body beside it.
use leptos::prelude::*;
use shared::webhooks::{DeliveryState, WebhookAttemptResource, WebhookDeliveryResource};
use uuid::Uuid;

use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::live::{mark, part, press};
use crate::console::api::integrators as api;
use crate::console::i18n::integrators::Hooks;
use crate::console::list::{Column, Questions, badge, cell, faces, table};
use crate::console::session::Sx;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::Load;
use crate::signed::acts::Acts;

/// The heading of the card, and of one delivery.
pub const TITLE: &str = "deliveries-title";
const DELIVERY: &str = "delivery-title";
/// Columns of the table.
const COLUMNS: &str = "5";
/// The filter's values, in the order of their words.
const STATES: [&str; 4] = ["", "waiting", "delivered", "parked"];

/// The deliveries so far.
#[derive(Clone, PartialEq)]
struct Rows {
    rows: Vec<WebhookDeliveryResource>,
    next: Option<String>,
}

/// The log of an endpoint.
#[derive(Clone, Copy)]
pub struct Log {
    sx: Sx,
    endpoint: StoredValue<String>,
    face: RwSignal<Load<Rows>>,
    questions: Questions,
    state: RwSignal<&'static str>,
    acts: Acts,
    opened: RwSignal<Option<Uuid>>,
    /// Whether the focus goes to what comes.
    seeking: StoredValue<bool>,
    detail: RwSignal<Load<WebhookDeliveryResource>>,
    /// About the one that is open.
    details: Questions,
}

impl Log {
    /// Asks for the newest.
    pub fn new(sx: Sx, endpoint: String) -> Log {
        let log = Log {
            sx,
            endpoint: StoredValue::new(endpoint),
            face: RwSignal::new(Load::Loading),
            questions: Questions::none(),
            state: RwSignal::new(""),
            acts: Acts::new(sx.cx, &sx.t().acts),
            opened: RwSignal::new(None),
            seeking: StoredValue::new(false),
            detail: RwSignal::new(Load::Loading),
            details: Questions::none(),
        };
        log.ask(Vec::new(), None);
        log
    }

    fn ask(self, before: Vec<WebhookDeliveryResource>, cursor: Option<String>) {
        let (client, slug, endpoint) = (self.sx.client, self.sx.slug(), self.endpoint.get_value());
        let state = self.state.get_untracked();
        self.questions.ask_rows(!before.is_empty(), self.face, async move {
            let page = api::deliveries(client, slug, endpoint, state, cursor.as_deref()).await?;
            let mut rows = before;
            rows.extend(page.data);
            Ok(Rows { rows, next: page.next_cursor })
        });
    }

    fn again(self) {
        self.ask(Vec::new(), None);
        if let Some(id) = self.opened.get_untracked() {
            self.open(id);
        }
    }

    fn open(self, id: Uuid) {
        if self.opened.get_untracked() != Some(id) {
            self.detail.set(Load::Loading);
            self.opened.set(Some(id));
        }
        let (client, slug) = (self.sx.client, self.sx.slug());
        self.details.ask(self.detail, async move { api::find_delivery(client, slug, id).await });
    }

    /// Opens one that was pressed: the focus goes to it once it is there.
    fn open_here(self, id: Uuid) {
        self.seeking.set_value(true);
        self.open(id);
    }

    /// The card, of the endpoint that people know by that name.
    pub fn view(self, of: String) -> AnyView {
        let t = &self.sx.t().hooks;
        let test = move || {
            let (client, slug, endpoint) = (self.sx.client, self.sx.slug(), self.endpoint.get_value());
            self.acts.run(async move { api::test(client, slug, endpoint).await }, move |_| {
                self.acts.say(t.tested.to_owned());
                self.again();
            });
        };
        let resend = move || {
            let (client, slug, endpoint) = (self.sx.client, self.sx.slug(), self.endpoint.get_value());
            self.acts.run(async move { api::resend_all(client, slug, endpoint).await }, move |sent| {
                self.acts.say(format::plural(sent.deliveries.unsigned_abs(), t.resent_one, t.resent_all));
                self.again();
            });
        };
        view! {
            <div class="row between">
                <h2 id=TITLE tabindex="-1">{t.deliveries}<span class="sm muted">" · "{of}</span></h2>
                <div class="row tight" role="group" aria-labelledby=TITLE>
                    {button::act("btn btn--quiet btn--sm", t.refresh, move || self.again())}
                    {button::act("btn btn--2 btn--sm", t.resend_all, resend)}
                    {button::act("btn btn--2 btn--sm", t.test, test)}
                </div>
            </div>
            {self.acts.view()}
            {self.chips()}
            {faces(self.sx, self.face, Callback::new(move |()| self.again()), move |rows| self.full(rows))}
        }
        .into_any()
    }

    fn chips(self) -> AnyView {
        let t = &self.sx.t().hooks;
        let chip = |(state, words): (&'static str, &'static str)| {
            let choose = move || {
                self.state.set(state);
                self.face.set(Load::Loading);
                self.ask(Vec::new(), None);
            };
            let pressed = Signal::derive(move || if self.state.get() == state { "true" } else { "false" });
            view! { <button class="chip" type="button" aria-pressed=pressed on:click=press(choose)>{words}</button> }
                .into_any()
        };
        let chips: Vec<AnyView> = STATES.into_iter().zip(t.states).map(chip).collect();
        view! { <div class="chips" role="group" aria-label=t.filter>{chips}</div> }.into_any()
    }

    fn full(self, found: &Rows) -> AnyView {
        let t = &self.sx.t().hooks;
        if found.rows.is_empty() {
            return card(empty(3, t.none_sent.to_owned(), vec![t.none_sent_words.to_owned()], Vec::new()));
        }
        let columns = [
            Column(t.event, "", ""),
            Column(t.at, "", "2"),
            Column(t.http, "num", "3"),
            Column(t.attempts, "num", "3"),
            Column(t.state, "", ""),
        ];
        let rows = found.rows.iter().map(|delivery| self.row(delivery, &columns)).collect();
        let before = found.rows.clone();
        let more = found.next.clone().map(|cursor| {
            let more = move || self.ask(before.clone(), Some(cursor.clone()));
            self.questions.foot(self.sx, more)
        });
        table(self.sx, t.deliveries, &columns, rows, more)
    }

    fn row(self, delivery: &WebhookDeliveryResource, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().hooks;
        let id = delivery.id;
        let status = delivery.last_status.map_or_else(|| self.sx.t().shell.never.to_owned(), |it| it.to_string());
        let retry = delivery.next_attempt_at.as_deref().filter(|_| delivery.attempts > 0).map(|at| {
            view! { <span class="sub">{fill(t.next, &[&format::instant(at)])}</span> }
        });
        let cells = vec![
            cell(&columns[1], format::instant(&delivery.created_at).into_any()),
            cell(&columns[2], status.into_any()),
            cell(&columns[3], delivery.attempts.to_string().into_any()),
            cell(&columns[4], view! { {state(t, delivery.state)}{retry} }.into_any()),
        ];
        let kind = delivery.kind.as_str();
        // Below the row that was pressed.
        let detail = part(move || {
            (self.opened.get() == Some(id)).then(|| {
                let again = Callback::new(move |()| self.open(id));
                let one = faces(self.sx, self.detail, again, move |delivery| self.one(delivery));
                view! { <tr><td class="txt" colspan=COLUMNS>{one}</td></tr> }.into_any()
            })
        });
        view! {
            <tr aria-selected=mark("true", move || self.opened.get() == Some(id))>
                <th scope="row">
                    <button
                        class="linkbtn mono"
                        type="button"
                        id=id.to_string()
                        aria-label=fill(t.open, &[kind])
                        on:click=press(move || self.open_here(id))
                    >
                        {kind}
                    </button>
                </th>
                {cells}
            </tr>
            {detail}
        }
        .into_any()
    }

    /// One delivery with its tries and its body.
    fn one(self, delivery: &WebhookDeliveryResource) -> AnyView {
        let t = &self.sx.t().hooks;
        let id = delivery.id;
        if self.seeking.get_value() {
            self.seeking.set_value(false);
            browser::focus_soon(DELIVERY);
        }
        let body = delivery.event.as_ref().and_then(|event| serde_json::to_string_pretty(event).ok());
        let body = body.map(|body| {
            view! { <pre class="log" role="region" tabindex="0" aria-label=t.body>{body}</pre> }.into_any()
        });
        let tries = delivery.tries.iter().flatten().map(|attempt| attempted(t, attempt)).collect::<Vec<AnyView>>();
        let resend = move || {
            let (client, slug) = (self.sx.client, self.sx.slug());
            self.acts.run(async move { api::resend(client, slug, id).await }, move |()| {
                self.acts.say(t.resent.to_owned());
                self.again();
            });
        };
        let close = move || {
            self.opened.set(None);
            browser::focus(&id.to_string());
        };
        let attempt = fill(t.attempt_of, &[&delivery.attempts.to_string(), &delivery.attempts_max.to_string()]);
        view! {
            <section class="card" aria-labelledby=DELIVERY>
                <div class="card__head">
                    <h3 id=DELIVERY tabindex="-1" class="mono">{delivery.kind.as_str()}</h3>
                    {state(t, delivery.state)}
                </div>
                <div class="card__body stack stack-3">
                    <p class="sm muted">{attempt}</p>
                    <ul class="list" aria-label=t.tries>{tries}</ul>
                    {body}
                    <div class="row tight">
                        {button::act("btn", t.resend, resend)}
                        {button::act("btn btn--quiet", t.close, close)}
                    </div>
                </div>
            </section>
        }
        .into_any()
    }
}

fn state(t: &Hooks, state: DeliveryState) -> AnyView {
    match state {
        DeliveryState::Waiting => badge("warn", t.states[1]),
        DeliveryState::Delivered => badge("ok", t.states[2]),
        DeliveryState::Parked => badge("bad", t.states[3]),
    }
}

fn attempted(t: &Hooks, attempt: &WebhookAttemptResource) -> AnyView {
    let named = |name: &str| {
        let known = t.failures.iter().find(|(known, _)| *known == name);
        known.map_or_else(|| name.to_owned(), |(_, words)| (*words).to_owned())
    };
    let mut about: Vec<String> =
        attempt.status.map(|status| [t.http, " ", &status.to_string()].concat()).into_iter().collect();
    about.extend(attempt.failure.as_deref().map(named));
    about.push(fill(t.took, &[&attempt.milliseconds.to_string()]));
    view! { <li><div class="grow"><b>{format::instant(&attempt.at)}</b><small>{about.join(" · ")}</small></div></li> }
        .into_any()
}
