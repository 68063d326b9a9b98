//! Who has access to the customer's account, who was invited, and who gets copies of its letters.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Role;
use shared::accounts::people::{AddMailCopy, CustomerPeople, InvitePerson, InvitedView, MailCopyView, PersonView};
use shared::problem::FieldErrors;

use super::tabbed;
use crate::account::i18n::texts;
use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::field::{Kind, text_field};
use crate::components::live::part;
use crate::format;
use crate::i18n::fill;
use crate::portal::api::people as api;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Options, Question, Run, act};
use crate::signed::form::{Field, Form};
use crate::signed::list::{Column, badge, cell, faces, name, narrow, refused, table};

const EMAIL: usize = 0;
/// The id of the heading of those who get copies.
const COPIES: &str = "copies-title";
const ROLES: [Role; 3] = [Role::Owner, Role::Payer, Role::Reader];

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Desk {
    px: Px,
    face: RwSignal<Load<CustomerPeople>>,
    acts: Acts,
    inviting: RwSignal<bool>,
    /// The person administers the account.
    owns: bool,
}

fn check_invitation(values: &[String], _: Lang) -> FieldErrors {
    let email = values.first().cloned().unwrap_or_default();
    InvitePerson { email, role: Role::Reader, language: Lang::Es }.parse().err().unwrap_or_default()
}

fn check_copy(values: &[String], _: Lang) -> FieldErrors {
    AddMailCopy { email: values.first().cloned().unwrap_or_default() }.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let owns = px.me_untracked().is_some_and(|me| me.customer.role == Role::Owner);
    let acts = Acts::new(px.cx, &texts(px).acts);
    let desk = Desk { px, face: RwSignal::new(Load::Loading), acts, inviting: RwSignal::new(false), owns };
    desk.again();
    let t = &texts(px).people;
    let invite = owns.then(|| {
        let open = move || desk.inviting.update(|is| *is = !*is);
        view! { <div>{button::act("btn", t.invite, open)}</div> }
    });
    let content = view! {
        <p class="muted">{t.lead}</p>
        {invite}
        {desk.acts.view()}
        {part(move || desk.inviting.get().then(|| desk.form()))}
        {faces(px.cx, desk.face, Callback::new(move |()| desk.again()), move |people| desk.full(people))}
    };
    tabbed(px, Page::People, content.into_any())
}

fn role(px: Px, role: Role) -> &'static str {
    let roles = &texts(px).account.roles;
    match role {
        Role::Owner => roles[0],
        Role::Payer => roles[1],
        Role::Reader => roles[2],
    }
}

impl Desk {
    fn again(self) {
        let client = self.px.client;
        load(self.face, async move { api::list(client).await });
    }

    fn act(self, work: impl Future<Output = Answer<()>> + 'static, said: String) {
        self.acts.run(work, move |()| {
            self.acts.say(said);
            self.again();
        });
    }

    fn form(self) -> AnyView {
        let (px, t) = (self.px, &texts(self.px).people);
        let field = Field { id: "email", pointer: "/email", words: t.email, secret: false };
        let form = Form::new(px, t.invite, vec![field], check_invitation);
        let chosen = RwSignal::new(Role::Reader.as_str().to_owned());
        browser::focus_soon("email");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let email = form.value(EMAIL);
            let role = chosen.with_untracked(|name| ROLES.into_iter().find(|role| role.as_str() == name));
            leptos::task::spawn_local(async move {
                match api::invite(px.client, email.clone(), role.unwrap_or(Role::Reader), px.common().lang).await {
                    Ok(()) => {
                        form.clear();
                        self.inviting.try_set(false);
                        browser::focus_main();
                        self.acts.say(fill(t.sent, &[email.trim()]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let card = |(it, more): (Role, &'static str)| Choice {
            value: it.as_str().to_owned(),
            words: role(px, it).to_owned(),
            more: Some(more.to_owned()),
        };
        let cards = ROLES.into_iter().zip(t.role_more).map(card).collect();
        let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
        let cancel = button::act("btn btn--quiet", texts(px).acts.cancel, move || self.inviting.set(false));
        view! {
            <section class="card" aria-labelledby="invite-title">
                <div class="card__head"><h2 id="invite-title">{t.invite}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    {text_field(form.label(EMAIL, Some(t.email_hint)), Kind::Email, form.control(EMAIL))}
                    <fieldset class="field">
                        <legend class="field__label">{t.role}</legend>
                        {choices("role", "choices", cards, chosen.into(), Callback::new(move |to| chosen.set(to)))}
                    </fieldset>
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }

    fn full(self, all: &CustomerPeople) -> AnyView {
        let t = &texts(self.px).people;
        let columns =
            [Column(t.person, "", ""), Column(t.role, "", "2"), Column(t.state, "", ""), Column("", "ctl", "")];
        let columns = if self.owns { &columns[..] } else { &columns[..3] };
        let people = all.people.iter().map(|person| self.person(person, columns));
        let invited = all.invitations.iter().map(|invitation| self.invited(invitation, columns));
        let rows = people.chain(invited).collect();
        view! {
            {table(&texts(self.px).acts, t.caption, columns, rows, None)}
            {self.copies(&all.copies)}
        }
        .into_any()
    }

    /// An address; on a phone, where the column of roles has no room, its role under it.
    fn who(self, email: &str, held: Role) -> AnyView {
        narrow(email.to_owned().into_any(), role(self.px, held).to_owned())
    }

    fn person(self, person: &PersonView, columns: &[Column]) -> AnyView {
        let t = &texts(self.px).people;
        let you = if person.you { t.you.to_owned() } else { String::new() };
        let state = if person.active { badge("ok", t.active) } else { badge("bad", t.off) };
        let no_mail = refused(t.mail_refused, person.mail_refused_since.as_ref());
        let mut cells = vec![
            name(self.who(&person.email, person.role), you),
            cell(&columns[1], role(self.px, person.role).into_any()),
            cell(&columns[2], view! { {state}{no_mail} }.into_any()),
        ];
        cells.extend(columns.get(3).map(|column| cell(column, self.options(person))));
        view! { <tr>{cells}</tr> }.into_any()
    }

    fn options(self, person: &PersonView) -> AnyView {
        let (t, client, id) = (&texts(self.px).people, self.px.client, person.user_id);
        let changed = fill(t.changed, &[&person.email]);
        let others = ROLES.into_iter().zip(t.make).filter(|(role, _)| *role != person.role);
        let mut acts: Vec<(&'static str, bool, Run)> = others
            .map(|(to, words)| {
                let said = changed.clone();
                let run = move || self.act(async move { api::change(client, id, to).await }, said.clone());
                (words, false, act(run))
            })
            .collect();
        let (title, said) = (fill(t.remove_title, &[&person.email]), fill(t.removed, &[&person.email]));
        let ask = move || {
            let said = said.clone();
            let run = act(move || self.act(async move { api::remove(client, id).await }, said.clone()));
            self.acts.ask(Question { title: title.clone(), words: t.remove_words, act: t.remove, run });
        };
        acts.push((t.remove, true, act(ask)));
        self.acts.options(&person.email, Options { title: person.email.clone(), acts })
    }

    fn invited(self, invitation: &InvitedView, columns: &[Column]) -> AnyView {
        let t = &texts(self.px).people;
        let until = fill(t.until, &[&format::date_time(&invitation.expires_at.civil)]);
        let no_mail = refused(t.mail_refused, invitation.mail_refused_since.as_ref());
        let mut cells = vec![
            name(self.who(&invitation.email, invitation.role), until),
            cell(&columns[1], role(self.px, invitation.role).into_any()),
            cell(&columns[2], view! { {badge("info", t.invited)}{no_mail} }.into_any()),
        ];
        let (id, client, said) = (invitation.id, self.px.client, fill(t.taken_back, &[&invitation.email]));
        let take_back = move || self.act(async move { api::take_back(client, id).await }, said.clone());
        cells.extend(
            columns.get(3).map(|column| cell(column, button::act("btn btn--quiet btn--sm", t.take_back, take_back))),
        );
        view! { <tr>{cells}</tr> }.into_any()
    }

    fn copies(self, copies: &[MailCopyView]) -> AnyView {
        let t = &texts(self.px).people;
        let row = |copy: &MailCopyView| {
            let (id, client) = (copy.id, self.px.client);
            let remove = self.owns.then(|| {
                let label = fill(t.copy_remove, &[&copy.email]);
                let drop = move || {
                    let work = async move {
                        api::remove_copy(client, id).await?;
                        browser::focus_heading(COPIES);
                        Ok(())
                    };
                    self.act(work, String::new());
                };
                view! {
                    <button class="btn btn--quiet btn--sm" type="button" aria-label=label on:click=crate::components::live::press(drop)>
                        {t.remove}
                    </button>
                }
            });
            let no_mail = refused(t.mail_refused, copy.mail_refused_since.as_ref());
            let no_mail = no_mail.map(|said| view! { <small>{said}</small> });
            view! { <li><div class="grow">{copy.email.clone()}{no_mail}</div>{remove}</li> }.into_any()
        };
        let rows: Vec<AnyView> = copies.iter().map(row).collect();
        let none = rows.is_empty().then(|| view! { <p class="card__body sm muted">{t.copies_none}</p> });
        view! {
            <section class="card" aria-labelledby=COPIES>
                <div class="card__head"><h2 id=COPIES>{t.copies}</h2></div>
                <p class="card__body sm muted">{t.copies_lead}</p>
                {none}
                {(!rows.is_empty()).then(|| view! { <ul class="list">{rows}</ul> })}
                {self.owns.then(|| self.add_copy())}
            </section>
        }
        .into_any()
    }

    fn add_copy(self) -> AnyView {
        let (px, t) = (self.px, &texts(self.px).people);
        let field = Field { id: "copy", pointer: "/email", words: t.copy_email, secret: false };
        let form = Form::new(px, texts(px).account.title, vec![field], check_copy);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let email = form.value(EMAIL);
            leptos::task::spawn_local(async move {
                match api::add_copy(px.client, email).await {
                    Ok(_) => {
                        form.clear();
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn btn--2", Signal::derive(move || t.copy_add), form.busy.into(), t.copy_adding);
        view! {
            <form class="card__body stack account__form" novalidate on:submit=send>
                {form.summary()}
                {text_field(form.label(EMAIL, None), Kind::Email, form.control(EMAIL))}
                <div>{submit}</div>
            </form>
        }
        .into_any()
    }
}
