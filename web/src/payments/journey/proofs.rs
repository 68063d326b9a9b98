//! The proof of a transfer: a file that the person attaches for whoever looks for the money. It moves no payment.
use leptos::ev::Event;
use leptos::prelude::*;
use shared::payments::{BankCode, PaymentAttachment, PaymentState, PaymentView};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::api::ApiFailure;
use crate::components::failed::failed;
use crate::components::live::{mark, part, press, words};
use crate::i18n::fill;
use crate::pages::failure;
use crate::payments::balances::is_payer;
use crate::payments::words::texts;
use crate::portal::api::payments;
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::send::Picked;

/// Largest file, as the server takes it.
const FILE_MAX_BYTES: f64 = 5.0 * 1024.0 * 1024.0;
/// The control's id.
const FILE: &str = "comprobante";

/// What is attached, and the control that attaches more.
#[derive(Clone, Copy)]
struct Panel {
    px: Px,
    id: Uuid,
    face: RwSignal<Load<Vec<PaymentAttachment>>>,
    busy: RwSignal<bool>,
    too_large: RwSignal<bool>,
    stopped: RwSignal<Option<ApiFailure>>,
}

/// Where a proof can help: money that nobody's machine announces, or that somebody looks for.
const fn is_helpful(payment: &PaymentView) -> bool {
    matches!(payment.bank, BankCode::Spei) || matches!(payment.state, PaymentState::Unknown | PaymentState::Review)
}

/// The panel; nothing where no proof is asked for.
pub fn panel(px: Px, payment: &PaymentView) -> Option<AnyView> {
    if !is_helpful(payment) {
        return None;
    }
    let t = &texts(px).payment;
    let panel = Panel {
        px,
        id: payment.id,
        face: RwSignal::new(Load::Loading),
        busy: RwSignal::new(false),
        too_large: RwSignal::new(false),
        stopped: RwSignal::new(None),
    };
    panel.again();
    let list = part(move || {
        panel.face.with(|face| match face {
            Load::Ready(rows) if !rows.is_empty() => {
                let rows: Vec<AnyView> = rows.iter().map(|row| panel.row(row)).collect();
                Some(view! { <ul class="lines lines--plain">{rows}</ul> }.into_any())
            }
            _ => None,
        })
    });
    let stopped = part(move || {
        let failure = panel.stopped.get()?;
        Some(failed(failure::face(px.cx.t(), &failure), Vec::new()))
    });
    let view = view! {
        <section class="stack stack-2" aria-label=t.proof>
            <p class="b">{t.proof}</p>
            {list}
            {is_payer(px).then(|| panel.control())}
            {stopped}
        </section>
    };
    Some(view.into_any())
}

impl Panel {
    fn again(self) {
        load(self.face, payments::proofs(self.px.client, self.id));
    }

    fn row(self, row: &PaymentAttachment) -> AnyView {
        let proof = row.id;
        let take = move || {
            self.stopped.set(None);
            leptos::task::spawn_local(async move {
                if let Err(failure) = payments::take_proof(self.px.client, self.id, proof).await {
                    self.stopped.try_set(Some(failure));
                }
            });
        };
        view! {
            <li>
                <button class="linkbtn" type="button" on:click=press(take)>{row.name.clone()}</button>
                <span class="muted">{self.px.date_time(&row.created_at.civil)}</span>
            </li>
        }
        .into_any()
    }

    fn control(self) -> AnyView {
        let t = &texts(self.px).payment;
        let said = words(move || {
            if self.busy.get() {
                return Some(t.proof_sending.to_owned());
            }
            self.too_large.get().then(|| fill(t.proof_large, &["5 MB"]))
        });
        let picked: Box<dyn FnMut(Event)> = Box::new(move |event| {
            if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
                self.send(&input);
            }
        });
        view! {
            <div class="field">
                <label class="field__label" for=FILE>{t.proof_attach}</label>
                <input
                    class="input"
                    id=FILE
                    type="file"
                    accept=".pdf,.jpg,.jpeg,.png"
                    aria-busy=mark("true", move || self.busy.get())
                    on:change=picked
                />
                <p class="field__hint">{t.proof_hint}</p>
                <p class="sm" role="status">{said}</p>
            </div>
        }
        .into_any()
    }

    fn send(self, input: &HtmlInputElement) {
        let Some(file) = Picked::of(input) else { return };
        // The same file can be picked again after a failure.
        input.set_value("");
        self.stopped.set(None);
        self.too_large.set(file.size() > FILE_MAX_BYTES);
        if self.busy.get_untracked() || self.too_large.get_untracked() {
            return;
        }
        self.busy.set(true);
        leptos::task::spawn_local(async move {
            let answer = payments::attach(self.px.client, self.id, &file).await;
            // The page may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(_) => self.again(),
                Err(failure) => self.stopped.set(Some(failure)),
            }
        });
    }
}
