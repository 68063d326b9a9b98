//! A first entry where user and password are the RFC: what only the customer has and a mail address, then the code that
//! went there and the first password (K2, K3). What is said is the same whatever matches.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::entry::{AskFirstCode, OpenFirstEntry, UseFirstCode};
use shared::accounts::work::Flow;
use shared::problem::FieldErrors;
use uuid::Uuid;

use crate::account::i18n::texts;
use crate::api::Answer;
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, part};
use crate::components::note::{Tone, note};
use crate::components::pow::pow;
use crate::i18n::fill;
use crate::portal::app::Page;
use crate::portal::form::{Field, Form};
use crate::portal::pages::access::plain;
use crate::portal::session::Px;
use crate::signed::client::Entry;
use crate::signed::enter::Way;
use crate::signed::link::new_password;
use crate::work::Work;

const RFC: usize = 0;
const FACT: usize = 1;
const EMAIL: usize = 2;
const CODE: usize = 0;
const PASSWORD: usize = 1;

fn value(values: &[String], n: usize) -> String {
    values.get(n).cloned().unwrap_or_default()
}

fn check_asked(values: &[String], language: Lang) -> FieldErrors {
    let activation = Secret::new("-");
    let form = AskFirstCode { activation, fact: value(values, FACT), email: value(values, EMAIL), language };
    form.parse().err().unwrap_or_default()
}

fn check_code(values: &[String], _: Lang) -> FieldErrors {
    let (code, password) = (Secret::new(value(values, CODE)), Secret::new(value(values, PASSWORD)));
    UseFirstCode { id: Uuid::nil(), code, password }.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let asked = RwSignal::new(None::<Uuid>);
    let t = texts(px);
    let done = Callback::new(move |()| px.cx.router.replace(&px.href(px.landing())));
    let way = Way::new(px, px.client, &t.enter, None, done);
    let second = Memo::new(move |_| way.is_second());
    let content = part(move || {
        Some(match (second.get(), asked.get()) {
            (true, _) => way.view(|| ().into_any()),
            (false, Some(id)) => with_code(px, id, asked, way, done),
            (false, None) => ask(px, asked),
        })
    });
    plain(px, content)
}

/// Opens the entry anew with every request: the note is good for a quarter of an hour, the person may take longer.
async fn request(px: Px, rfc: String, fact: String, email: String, proof: Option<String>) -> Answer<Uuid> {
    let open = OpenFirstEntry { user: rfc.clone(), password: Secret::new(rfc), issuer: px.issuer() };
    let activation = px.client.open_first_entry(&open).await?.activation;
    let form = AskFirstCode { activation, fact, email, language: px.common().lang };
    Ok(px.client.ask_first_code(&form, proof).await?.id)
}

fn ask(px: Px, asked: RwSignal<Option<Uuid>>) -> AnyView {
    let (t, p) = (&texts(px).join, &texts(px).profiles);
    px.set_title(p.entry_title);
    let fields = vec![
        Field { id: "user", pointer: "/user", words: t.rfc, secret: false },
        Field { id: "fact", pointer: "/fact", words: p.fact, secret: false },
        Field { id: "email", pointer: "/email", words: t.email, secret: false },
    ];
    let form = Form::new(px, p.entry_title, fields, check_asked);
    let work = Work::new(Flow::Registration);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let [rfc, fact, email] = [RFC, FACT, EMAIL].map(|n| form.value(n));
        leptos::task::spawn_local(async move {
            let ask = |proof| request(px, rfc.clone(), fact.clone(), email.clone(), proof);
            match work.send(ask).await {
                Some(Ok(id)) => {
                    asked.try_set(Some(id));
                }
                Some(Err(failed)) => form.explained(&failed),
                None => form.stopped(),
            }
        });
    };
    let words = Signal::derive(move || p.send_code);
    view! {
        <a class="backlink" href=px.href(Page::SignIn)>{icon(Icon::ChevronLeft)}{t.back}</a>
        {form.summary()}
        <h1>{p.entry_title}</h1>
        <p class="lead">{p.entry_lead}</p>
        <form class="stack" novalidate on:submit=send on:input=change(move |_| work.begin())>
            {text_field(form.label(RFC, None), Kind::Code, form.control(RFC))}
            {text_field(form.label(FACT, Some(p.fact_hint)), Kind::Mixed, form.control(FACT))}
            {text_field(form.label(EMAIL, Some(p.entry_email_hint)), Kind::Email, form.control(EMAIL))}
            {pow(work, px.common().lang)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), t.registering)}
        </form>
    }
    .into_any()
}

fn with_code(
    px: Px,
    id: Uuid,
    asked: RwSignal<Option<Uuid>>,
    way: Way<shared::accounts::Me>,
    done: Callback<()>,
) -> AnyView {
    let all = texts(px);
    let (t, p) = (&all.join, &all.profiles);
    px.set_title(t.sent_title);
    let fields = vec![
        Field { id: "code", pointer: "/code", words: all.enter.code, secret: true },
        Field { id: "password", pointer: "/password", words: all.link.new_password, secret: true },
    ];
    let form = Form::new(px, t.sent_title, fields, check_code);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let (code, password) = (Secret::new(form.value(CODE)), Secret::new(form.value(PASSWORD)));
        let body = UseFirstCode { id, code, password };
        leptos::task::spawn_local(async move {
            match px.client.enter_at("/first-entries/confirmations", &body).await {
                Ok(Entry::Done) => {
                    let _ = done.try_run(());
                }
                Ok(Entry::Code(challenge)) => way.need_code(challenge),
                Err(failed) => form.explained(&failed),
            }
        });
    };
    let words = Signal::derive(move || all.link.save_enter);
    view! {
        {form.summary()}
        <h1>{t.sent_title}</h1>
        <p class="lead">{fill(p.code_lead, &[&px.desk.typed("email")])}</p>
        {note(Tone::Info, None, p.code_note.to_owned())}
        {crate::signed::mailbox::mailbox(px)}
        <form class="stack" novalidate on:submit=send>
            {text_field(form.label(CODE, None), Kind::OneTime, form.control(CODE))}
            {new_password(form, PASSWORD, (&all.link, &all.enter), px.profile().password)}
            {button::submit("btn btn--block btn--lg", words, form.busy.into(), all.link.saving)}
        </form>
        <div>{button::act("btn btn--quiet", t.correct, move || asked.set(None))}</div>
    }
    .into_any()
}
