//! One payment: on its way to the bank, and when the person comes back. It promises never to show money as moved that
//! is not, to say when paying again could pay twice, and to ask the server gently and not for ever. It decides
//! nothing: states come from the server, which judges what banks say.
pub mod bank;
pub mod outcome;
mod proofs;
mod standing;

use crate::payments::words::texts;
use leptos::ev;
use leptos::prelude::*;
use shared::payments::{BankCode, PaymentView};
use uuid::Uuid;
use wasm_bindgen::JsValue;

use self::outcome::{is_asked, is_transfer};
use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::failed::failed;
use crate::components::live::part;
use crate::components::skeleton::skeleton;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::card;
use crate::payments::balances::{is_payer, kept};
use crate::portal::api::payments;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::portal::shell::{Width, framed};
use crate::session::Load;

/// How long to wait before each question to the server, in milliseconds: a minute in all.
const PAUSES: [i32; 5] = [2_000, 4_000, 8_000, 16_000, 30_000];

/// How the asking goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// Nothing is awaited.
    Over,
    /// Again soon.
    Soon,
    /// The page is not looked at: later.
    Hidden,
    /// Long enough.
    Stopped,
}

/// The page of a payment.
#[derive(Clone, Copy)]
pub struct Return {
    px: Px,
    id: Uuid,
    face: RwSignal<Load<PaymentView>>,
    /// It was just ordered: the browser is led to the bank.
    going: RwSignal<bool>,
    asking: RwSignal<Asking>,
    giving_up: RwSignal<bool>,
    retrying: RwSignal<bool>,
    stopped: RwSignal<Option<ApiFailure>>,
    /// Of the next trip to a bank: the same until it is known what came of it.
    key: StoredValue<Uuid>,
    step: StoredValue<usize>,
    turn: StoredValue<u32>,
}

/// The page.
pub fn page(px: Px, id: Uuid) -> AnyView {
    let handed = bank::handed(px, id).filter(|payment| is_payer(px) && !is_transfer(payment));
    let back = Return {
        px,
        id,
        going: RwSignal::new(handed.is_some()),
        face: RwSignal::new(handed.map_or(Load::Loading, Load::Ready)),
        asking: RwSignal::new(Asking::Over),
        giving_up: RwSignal::new(false),
        retrying: RwSignal::new(false),
        stopped: RwSignal::new(None),
        key: StoredValue::new(Uuid::new_v4()),
        step: StoredValue::new(0),
        turn: StoredValue::new(0),
    };
    if !back.going.get_untracked() {
        back.ask();
    }
    back.listen();
    let shown = Memo::new(move |_| (back.going.get(), back.face.get()));
    part(move || {
        Some(shown.with(|(going, face)| match face {
            Load::Ready(payment) if *going => bank::going(px, back, payment),
            face => full(px, back, face),
        }))
    })
}

impl Return {
    /// Asks how the payment stands, and again while the bank may answer soon.
    fn ask(self) {
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.step.set_value(0);
        leptos::task::spawn_local(async move {
            if self.look(turn).await {
                self.go_on(turn).await;
            }
        });
    }

    /// One question; `false` when nothing more is to be asked.
    async fn look(self, turn: u32) -> bool {
        let answer = payments::payment(self.px.client, self.id).await;
        if self.turn.try_get_value() != Some(turn) {
            return false;
        }
        match answer {
            Ok(payment) => {
                let awaited = is_asked(&payment);
                self.asking.set(if awaited { Asking::Soon } else { Asking::Over });
                self.face.set(Load::Ready(payment));
                awaited
            }
            Err(failure) => {
                // What was known stays on the page; a later question may be answered.
                let known = self.face.with_untracked(|face| matches!(face, Load::Ready(_)));
                if known {
                    self.asking.set(Asking::Stopped);
                } else {
                    self.face.set(Load::Failed(failure));
                }
                false
            }
        }
    }

    async fn go_on(self, turn: u32) {
        while let Some(pause) = self.step.try_get_value().and_then(|step| PAUSES.get(step).copied()) {
            browser::sleep(pause).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            if browser::is_hidden() {
                self.asking.set(Asking::Hidden);
                return;
            }
            self.step.update_value(|step| *step += 1);
            if !self.look(turn).await {
                return;
            }
        }
        if self.turn.try_get_value() == Some(turn) {
            self.asking.set(Asking::Stopped);
        }
    }

    /// Goes on when the page is looked at again, and looks anew when the browser brings it back as it was left.
    fn listen(self) {
        let seen = window_event_listener_untyped("visibilitychange", move |_| {
            if !browser::is_hidden() && self.asking.try_get_untracked() == Some(Asking::Hidden) {
                self.asking.set(Asking::Soon);
                let turn = self.turn.get_value();
                leptos::task::spawn_local(async move {
                    if self.look(turn).await {
                        self.go_on(turn).await;
                    }
                });
            }
        });
        let back = window_event_listener_untyped("pageshow", move |event: ev::Event| {
            let kept = js_sys::Reflect::get(&event, &JsValue::from_str("persisted"));
            if kept.is_ok_and(|kept| kept.is_truthy()) {
                self.going.set(false);
                self.ask();
            }
        });
        on_cleanup(move || {
            seen.remove();
            back.remove();
        });
    }

    /// A button that gives the payment up.
    pub fn give_up(self, class: &'static str) -> AnyView {
        let t = &texts(self.px).payment;
        button::act_busy(class, t.give_up, self.giving_up.into(), t.giving_up, move || self.cancel())
    }

    fn cancel(self) {
        self.giving_up.set(true);
        self.stopped.set(None);
        self.turn.update_value(|turn| *turn += 1);
        leptos::task::spawn_local(async move {
            let answer: Answer<PaymentView> = payments::cancel(self.px.client, self.id).await;
            if self.giving_up.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(payment) => {
                    self.asking.set(if is_asked(&payment) { Asking::Stopped } else { Asking::Over });
                    self.face.set(Load::Ready(payment));
                    self.going.set(false);
                    browser::focus_main();
                }
                Err(failure) => {
                    self.stopped.set(Some(failure));
                    if !self.going.get_untracked() {
                        self.ask();
                    }
                }
            }
        });
    }

    /// Sends the payment to the same bank again, as it was ordered.
    fn retry(self, bank: BankCode) {
        if self.retrying.get_untracked() {
            return;
        }
        self.retrying.set(true);
        self.stopped.set(None);
        self.turn.update_value(|turn| *turn += 1);
        leptos::task::spawn_local(async move {
            let key = self.key.get_value();
            let answer = payments::retry(self.px.client, self.id, key, bank.as_str()).await;
            if self.retrying.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(payment) => {
                    self.key.set_value(Uuid::new_v4());
                    let leads = payment.redirect.is_some() && !is_transfer(&payment);
                    self.asking.set(Asking::Over);
                    self.face.set(Load::Ready(payment));
                    self.going.set(leads);
                    browser::focus_main();
                }
                Err(failure) => {
                    if failure.settled().is_some() {
                        self.key.set_value(Uuid::new_v4());
                    }
                    self.stopped.set(Some(failure));
                    self.ask();
                }
            }
        });
    }

    /// What stopped the last act.
    pub fn trouble(self) -> Option<AnyView> {
        let failure = self.stopped.get()?;
        Some(failed(failure::face(self.px.cx.t(), &failure), Vec::new()))
    }

    /// Ticks the invoices of a payment that came to nothing again, and leads to them.
    fn again(self) {
        kept::change(self.px, |picks| picks.restore(self.id));
        self.px.go(Page::Balances);
    }
}

fn full(px: Px, back: Return, face: &Load<PaymentView>) -> AnyView {
    let common = px.cx.t();
    let t = &texts(px).payment;
    let content = match face {
        Load::Loading => {
            px.set_title(texts(px).history.title);
            skeleton(common.shell.loading, 4)
        }
        Load::Failed(failure) if crate::app::is_absent(failure) => {
            px.set_title(common.failure.not_found);
            let way = button::link("btn", px.href(Page::History), t.history);
            card(empty(
                1,
                common.failure.not_found.to_owned(),
                vec![common.failure.not_found_text.to_owned()],
                vec![way],
            ))
        }
        Load::Failed(failure) => {
            let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || {
                back.face.set(Load::Loading);
                back.ask();
            });
            failed(failure::face(common, failure), vec![again])
        }
        Load::Ready(payment) => standing::shown(px, back, payment),
    };
    framed(px, Page::Payment(back.id), Width::Narrow, content)
}

/// `/pagos`: a bank sent the person back without naming a payment of theirs.
pub fn nameless(px: Px) -> AnyView {
    let t = &texts(px).payment;
    px.set_title(t.lost_title);
    let ways = vec![
        button::link("btn", px.href(Page::History), t.history),
        button::link("btn btn--quiet", px.href(Page::Balances), t.balances),
    ];
    let content = card(empty(1, t.lost_title.to_owned(), vec![fill(t.lost_lead, &[])], ways));
    framed(px, Page::History, Width::Narrow, content)
}
