//! What a call waits for, asked for over the page, which keeps what was typed and chosen: the password and the code,
//! when the session ended while somebody was at work, or a proof of who they are before an act of weight. Then the calls
//! that waited go on.
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::second_factor::Prove;
use shared::problem::FieldErrors;

use super::client::{Client, Need, Person, Who};
use super::desk::Desk;
use super::enter::{Access, Way};
use super::form::{Field, Form};
use super::password::{Which, password_field};
use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::live::part;

/// The words.
pub struct Over {
    pub title: &'static str,
    pub lead: &'static str,
    pub other: &'static str,
    pub close: &'static str,
    pub proof_title: &'static str,
    pub proof_lead: &'static str,
    pub proof: &'static str,
    pub proving: &'static str,
    pub with_code: &'static str,
    pub with_password: &'static str,
    pub with_passkey: &'static str,
}

pub const ES: Over = Over {
    title: "Su sesión terminó",
    lead: "Fue por seguridad. Entre otra vez para continuar: lo que escribió y eligió sigue aquí.",
    other: "Entrar con otra cuenta",
    close: "Ahora no",
    proof_title: "Confirme que es usted",
    proof_lead: "Este cambio lo pide. Escriba su contraseña; por unos minutos no la pediremos de nuevo.",
    proof: "Confirmar",
    proving: "Confirmando…",
    with_code: "Usar un código de la aplicación",
    with_password: "Usar la contraseña",
    with_passkey: "Usar una llave de acceso",
};

pub const EN: Over = Over {
    title: "Your session ended",
    lead: "It was for safety. Sign in again to go on: what you typed and chose is still here.",
    other: "Sign in with another account",
    close: "Not now",
    proof_title: "Confirm that it is you",
    proof_lead: "This change asks for it. Type your password; we will not ask again for some minutes.",
    proof: "Confirm",
    proving: "Confirming…",
    with_code: "Use a code of the app",
    with_password: "Use the password",
    with_passkey: "Use a passkey",
};

/// The id of the dialog's heading.
const TITLE: &str = "over-title";

/// The words of the dialog and those of the way in.
pub type Words = (&'static Over, &'static Access);

/// The dialog, closed until a call needs it; `leave` is for another account.
pub fn dialog<P: Person>(desk: impl Into<Desk>, client: Client<P>, words: Words, leave: Callback<()>) -> AnyView {
    let desk = desk.into();
    let asking = client.asking();
    let node = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let shown = asking.with(Option::is_some);
        if let Some(dialog) = node.get() {
            match (shown, dialog.open()) {
                (true, false) => drop(dialog.show_modal()),
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let closed = move |_| {
        if asking.with_untracked(Option::is_some) {
            client.settle(false);
        }
    };
    let drawn = move || {
        let need = asking.get()?;
        // What it asks for may take the place of something else.
        browser::focus_soon(TITLE);
        let user = client.who().with_untracked(|who| match who {
            Who::Person(me) => client.user_of(me),
            _ => String::new(),
        });
        let done = Callback::new(move |()| client.settle(true));
        Some(match need {
            Need::Session => {
                let way = Way::new(desk, client, words.1, Some(user), done);
                part(move || Some(again(client, way, words.0, leave)))
            }
            Need::Proof => {
                let (by_code, keyed) = (RwSignal::new(false), RwSignal::new(false));
                leptos::task::spawn_local(async move {
                    let there = client.has_passkey().await;
                    // The dialog may be closed by now.
                    keyed.try_set(there);
                });
                part(move || Some(proof(desk, client, words, (by_code, keyed))))
            }
        })
    };
    view! {
        <dialog class="dialog" node_ref=node aria-labelledby=TITLE on:close=closed>{part(drawn)}</dialog>
    }
    .into_any()
}

fn again<P: Person>(client: Client<P>, way: Way<P>, t: &'static Over, leave: Callback<()>) -> AnyView {
    let parts = way.parts();
    let other = move || {
        client.settle(false);
        leave.run(());
    };
    let fields = view! {
        {parts.fields}
        {parts.more}
        <p class="sm">{button::act("linkbtn", t.other, other)}</p>
    };
    let lead = if parts.second { parts.lead } else { t.lead };
    framed(client, t, (t.title, lead), parts.form, fields.into_any(), parts.submit, parts.send)
}

fn framed<P: Person>(
    client: Client<P>,
    t: &'static Over,
    (title, lead): (&'static str, &'static str),
    form: Form,
    fields: AnyView,
    submit: AnyView,
    send: Box<dyn FnMut(SubmitEvent)>,
) -> AnyView {
    view! {
        <form novalidate on:submit=send>
            <div class="dialog__body">
                {form.summary()}
                <h2 id=TITLE tabindex="-1" autofocus>{title}</h2>
                <p>{lead}</p>
                {fields}
            </div>
            <div class="dialog__foot">
                {button::act("btn btn--2", t.close, move || client.settle(false))}
                {submit}
            </div>
        </form>
    }
    .into_any()
}

fn body(by_code: bool, value: String) -> Prove {
    let value = Some(Secret::new(value));
    if by_code { Prove { password: None, code: value } } else { Prove { password: value, code: None } }
}

fn check_password(values: &[String], _: Lang) -> FieldErrors {
    body(false, values.first().cloned().unwrap_or_default()).parse().err().unwrap_or_default()
}

fn check_code(values: &[String], _: Lang) -> FieldErrors {
    body(true, values.first().cloned().unwrap_or_default()).parse().err().unwrap_or_default()
}

/// `by_code`: of the app, not the password; `keyed`: there is a passkey.
fn proof<P: Person>(
    desk: Desk,
    client: Client<P>,
    (t, access): Words,
    (by_code, keyed): (RwSignal<bool>, RwSignal<bool>),
) -> AnyView {
    let code = by_code.get();
    let (id, pointer, words) =
        if code { ("over-code", "/code", access.code) } else { ("over-password", "/password", access.password) };
    // The page keeps its own title.
    let check = if code { check_code } else { check_password };
    let form = Form::new(desk, "", vec![Field { id, pointer, words, secret: true }], check);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let body = body(code, form.value(0));
        leptos::task::spawn_local(async move { proved(client, form, client.prove(&body).await) });
    };
    let press = move || {
        if form.busy.get_untracked() {
            return;
        }
        form.busy.set(true);
        leptos::task::spawn_local(async move { proved(client, form, client.prove_by_passkey().await) });
    };
    let passkey = move || {
        let drawn = || view! { <div class="or">{access.or}</div>{button::act("btn btn--2", t.with_passkey, press)} };
        keyed.get().then(|| drawn().into_any())
    };
    let control = if code {
        text_field(form.label(0, None), Kind::OneTime, form.control(0))
    } else {
        password_field(form.label(0, None), Which::Current, access.show, form.control(0))
    };
    let other = if code { t.with_password } else { t.with_code };
    let fields = view! {
        {control}
        <p class="sm">{button::act("linkbtn", other, move || by_code.update(|it| *it = !*it))}</p>
        {part(passkey)}
    };
    let submit = button::submit("btn", Signal::derive(move || t.proof), form.busy.into(), t.proving);
    framed(client, t, (t.proof_title, t.proof_lead), form, fields.into_any(), submit, Box::new(send))
}

/// What came of a proof.
fn proved<P: Person>(client: Client<P>, form: Form, answer: Answer<()>) {
    match answer {
        Ok(()) => client.settle(true),
        Err(failed) => form.failed(&failed, Vec::new()),
    }
}
