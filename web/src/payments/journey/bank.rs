//! The way to the bank: a form with what the bank must read, sent by itself once, and by hand if the browser stays.
//! Keys and cards are typed at the bank; nothing of them passes here.
use crate::payments::words::texts;
use leptos::prelude::*;
use leptos::tachys::dom::window;
use shared::payments::{BankRedirect, PaymentView, RedirectField, RedirectMethod};
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlFormElement;

use super::Return;
use crate::browser;
use crate::components::button;
use crate::components::live::part;
use crate::format;
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::pages::access;
use crate::portal::session::Px;

/// The payment that was just ordered, in memory alone: a reload, or coming back, sends nobody to a bank again.
const HANDED: &str = "pago-al-banco";
/// The form's id.
const FORM: &str = "al-banco";

/// The page of this payment will lead to its bank.
pub fn hand_over(px: Px, payment: &PaymentView) {
    if let Ok(text) = serde_json::to_string(payment) {
        px.keep_typed(HANDED, text);
    }
}

/// The payment to lead to its bank now; once.
pub fn handed(px: Px, id: Uuid) -> Option<PaymentView> {
    let text = px.typed(HANDED);
    px.keep_typed(HANDED, String::new());
    let payment: PaymentView = serde_json::from_str(&text).ok()?;
    (payment.id == id && payment.redirect.is_some()).then_some(payment)
}

/// «Pasando a BBVA».
pub fn going(px: Px, back: Return, payment: &PaymentView) -> AnyView {
    let t = &texts(px).payment;
    let Some(redirect) = payment.redirect.clone() else { return ().into_any() };
    let title = fill(t.going, &[&payment.bank_name]);
    px.set_title(&title);
    let lead = fill(t.going_lead, &[&payment.reference, &format::money(&payment.amount, &payment.currency)]);
    request_animation_frame({
        let redirect = redirect.clone();
        move || leave(&redirect)
    });
    let content = view! {
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <div class="stack">
            <progress aria-label=t.opening></progress>
            <p class="sm muted">{t.going_more}</p>
            {part(move || back.trouble())}
        </div>
        <div class="actions">
            {open(fill(t.open_bank, &[&payment.bank_name]), "btn", &redirect)}
            {payment.can_cancel.then(|| back.give_up("btn btn--quiet"))}
            {button::link("btn btn--quiet", px.href(Page::History), t.history)}
        </div>
    };
    access::plain(px, content.into_any())
}

/// A control that leads to the bank, with the form behind it.
pub fn open(words: String, class: &'static str, redirect: &BankRedirect) -> AnyView {
    let BankRedirect { method, action, fields } = redirect.clone();
    if method == RedirectMethod::Get {
        return view! { <a class=class href=action rel="external">{words}</a> }.into_any();
    }
    let field = |field: RedirectField| view! { <input type="hidden" name=field.name value=field.value/> }.into_any();
    let fields: Vec<AnyView> = fields.into_iter().map(field).collect();
    view! {
        <form id=FORM method="post" action=action>
            {fields}
            <button class=class type="submit">{words}</button>
        </form>
    }
    .into_any()
}

fn leave(redirect: &BankRedirect) {
    match redirect.method {
        RedirectMethod::Get => drop(window().location().assign(&redirect.action)),
        RedirectMethod::Transfer => {}
        RedirectMethod::Post => {
            let form = browser::element(FORM).and_then(|it| it.dyn_into::<HtmlFormElement>().ok());
            if let Some(form) = form {
                let _ = form.submit();
            }
        }
    }
}
