//! Somebody who cannot sign in asks for a link. What is said afterwards is the same whether there is such a person.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Recover;
use shared::accounts::work::Flow;
use shared::problem::FieldErrors;
use shared::profiles::{Recovery, SignInWith};

use super::sent::sent;
use crate::account::i18n::texts;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, part};
use crate::components::pow::pow;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::work::Work;

const USER: usize = 0;
const EMAIL: usize = 1;

fn check(values: &[String], _: Lang) -> FieldErrors {
    let form = Recover { user: values.get(USER).cloned().unwrap_or_default(), email: None, issuer: None };
    form.parse().err().unwrap_or_default()
}

fn check_both(values: &[String], _: Lang) -> FieldErrors {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    let form = Recover { user: value(USER), email: Some(value(EMAIL)), issuer: None };
    form.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let t = &texts(px).join;
    let done = RwSignal::new(false);
    let content = part(move || {
        let view = match done.get() {
            true => sent(px, lead_sent(px), &px.desk.typed("user"), t.sent_recover_note, done),
            false => form(px, done),
        };
        Some(view)
    });
    plain(px, content)
}

fn lead_sent(px: Px) -> &'static str {
    let texts = texts(px);
    match px.profile().recovery {
        Recovery::Link | Recovery::MailOnFile => texts.join.sent_recover,
        Recovery::LinkAndTemporary | Recovery::RfcAndEmail => texts.profiles.sent_temporary,
    }
}

fn form(px: Px, done: RwSignal<bool>) -> AnyView {
    let (t, access) = (&texts(px).join, &px.common().enter);
    px.set_title(t.recover_title);
    let p = &texts(px).profiles;
    // T18: the RFC and the mail, and both of one account.
    let both = px.profile().recovery == Recovery::RfcAndEmail;
    let by_user = px.profile().sign_in == SignInWith::UserName;
    let user = if both {
        t.rfc
    } else if by_user {
        p.user
    } else {
        access.user
    };
    let mut fields = vec![Field { id: "user", pointer: "/user", words: user, secret: false }];
    if both {
        fields.push(Field { id: "email", pointer: "/email", words: p.registered_email, secret: false });
    }
    let form = Form::new(px, t.recover_title, fields, if both { check_both } else { check });
    let work = Work::new(Flow::Recovery);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let email = both.then(|| form.value(EMAIL));
        let body = Recover { user: form.value(USER), email, issuer: px.issuer() };
        leptos::task::spawn_local(async move {
            match work.send(|proof| px.client.recover(&body, proof)).await {
                Some(Ok(())) => {
                    done.try_set(true);
                }
                Some(Err(failed)) => form.explained(&failed),
                None => form.stopped(),
            }
        });
    };
    let temporary = both || px.profile().recovery == Recovery::LinkAndTemporary;
    let (lead, send_words) = if temporary { (p.recover_lead, p.send) } else { (t.recover_lead, t.recover_send) };
    let words = Signal::derive(move || send_words);
    let hint = (px.profile().sign_in == SignInWith::Any).then_some(access.user_hint);
    let kind = if both { Kind::Code } else { Kind::User };
    let email = both.then(|| text_field(form.label(EMAIL, None), Kind::Email, form.control(EMAIL)));
    view! {
        <a class="backlink" href=px.href(Page::SignIn)>{icon(Icon::ChevronLeft)}{t.back}</a>
        {form.summary()}
        <h1>{t.recover_title}</h1>
        <p class="lead">{lead}</p>
        <form class="stack" novalidate on:submit=send on:input=change(move |_| work.begin())>
            {text_field(form.label(USER, hint), kind, form.control(USER))}
            {email}
            {pow(work, px.common().lang)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.recover_sending)}
        </form>
    }
    .into_any()
}
