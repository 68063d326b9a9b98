//! Who works for an issuer: people with their roles, and those who were invited.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::problem::FieldErrors;
use shared::staff::{InviteStaff, StaffInvitationView, StaffList, StaffRole, StaffView};

use crate::components::button;
use crate::components::choice::{Choice, choices};
use crate::components::field::{Kind, text_field};
use crate::components::live::part;
use crate::console::api;
use crate::console::list::{Column, badge, cell, faces, name, narrow, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Options, Question, act};
use crate::signed::form::{Field, Form};

const EMAIL: usize = 0;

/// The page's data and acts.
#[derive(Clone, Copy)]
struct Desk {
    sx: Sx,
    face: RwSignal<Load<StaffList>>,
    acts: Acts,
    inviting: RwSignal<bool>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let email = values.first().cloned().unwrap_or_default();
    InviteStaff { email, role: StaffRole::Staff, language: Lang::Es }.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(sx: Sx) -> AnyView {
    let t = &sx.t().people;
    let desk = Desk {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        inviting: RwSignal::new(false),
    };
    desk.again();
    let invite = sx.operates().then(|| button::act("btn", t.invite, move || desk.inviting.update(|is| *is = !*is)));
    let content = view! {
        {desk.acts.view()}
        {part(move || desk.inviting.get().then(|| desk.form()))}
        {faces(sx, desk.face, Callback::new(move |()| desk.again()), move |list| desk.full(list))}
    };
    shell::page(sx, t.title, t.lead, invite.into_any(), content.into_any())
}

impl Desk {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move { api::staff(client, slug).await });
    }

    /// Does something and asks for the list anew.
    fn act<F: Future<Output = crate::api::Answer<()>> + 'static>(self, work: F, said: String) {
        self.acts.run(work, move |()| {
            // The list is drawn anew, and with it what was pressed.
            self.acts.tell(said);
            self.again();
        });
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().people;
        // An address typed on another page must not wait here to be made a colleague: nothing of it is remembered.
        let field = Field { id: "invite-email", pointer: "/email", words: t.email, secret: true };
        let form = Form::new(self.sx, t.invite_title, vec![field], check);
        let role = RwSignal::new(StaffRole::Staff.as_str().to_owned());
        crate::browser::focus_soon("invite-email");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let (client, slug, email) = (self.sx.client, self.sx.slug(), form.value(EMAIL));
            let role = StaffRole::try_from(role.get_untracked()).unwrap_or(StaffRole::Staff);
            leptos::task::spawn_local(async move {
                match api::invite(client, slug, email.clone(), role, self.sx.t().lang).await {
                    Ok(()) => {
                        form.clear();
                        self.inviting.try_set(false);
                        self.acts.tell(fill(t.sent, &[email.trim()]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let cards = StaffRole::ALL
            .into_iter()
            .zip(t.role_more)
            .zip(self.sx.t().shell.roles)
            .map(|((role, more), words)| Choice {
                value: role.as_str().to_owned(),
                words: words.to_owned(),
                more: Some(more.to_owned()),
            })
            .collect();
        let cancel = move || self.inviting.set(false);
        let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
        view! {
            <section class="card" aria-labelledby="invite-title">
                <div class="card__head"><h2 id="invite-title">{t.invite_title}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    {text_field(form.label(EMAIL, Some(t.email_hint)), Kind::Email, form.control(EMAIL))}
                    <fieldset class="field">
                        <legend class="field__label">{t.role_legend}</legend>
                        {choices("role", "choices choices--2", cards, role.into(), Callback::new(move |to| role.set(to)))}
                    </fieldset>
                    <div class="row tight">
                        {submit}
                        {button::act("btn btn--quiet", self.sx.t().acts.cancel, cancel)}
                    </div>
                </form>
            </section>
        }
        .into_any()
    }

    fn full(self, list: &StaffList) -> AnyView {
        let (t, operates) = (&self.sx.t().people, self.sx.operates());
        let columns = [
            Column(t.person, "", ""),
            Column(t.role, "", "2"),
            Column(t.state, "", ""),
            Column(t.last_seen, "", "3"),
            Column("", "ctl", ""),
        ];
        let columns = if operates { &columns[..] } else { &columns[..4] };
        let people = list.people.iter().map(|person| self.person(person, columns));
        let invited = list.invitations.iter().map(|invitation| self.invited(invitation, columns));
        table(self.sx, t.caption, columns, people.chain(invited).collect(), None)
    }

    fn role(self, role: StaffRole) -> &'static str {
        let roles = &self.sx.t().shell.roles;
        if role == StaffRole::Operator { roles[1] } else { roles[0] }
    }

    fn person(self, person: &StaffView, columns: &[Column]) -> AnyView {
        let t = &self.sx.t().people;
        let who = if person.you { [&person.email, " ", t.you].concat() } else { person.email.clone() };
        let scope = if person.whole_installation { t.whole.to_owned() } else { String::new() };
        let state = if person.second_factor { badge("ok", t.with_code) } else { badge("warn", t.without_code) };
        let seen = person.last_seen_at.as_deref().map_or(self.sx.t().shell.never.to_owned(), format::instant);
        let mut cells = vec![
            name(narrow(who.into_any(), self.role(person.role).to_owned()), scope),
            cell(&columns[1], self.role(person.role).into_any()),
            cell(&columns[2], state),
            cell(&columns[3], seen.into_any()),
        ];
        cells.extend(columns.get(4).map(|column| cell(column, self.acts_of(person))));
        view! { <tr>{cells}</tr> }.into_any()
    }

    /// What an operator can do with somebody; whoever runs the whole installation is not theirs to change.
    fn acts_of(self, person: &StaffView) -> AnyView {
        if person.whole_installation {
            return ().into_any();
        }
        let t = &self.sx.t().people;
        let (id, email, client) = (person.id, person.email.clone(), self.sx.client);
        let (to, words) = match person.role {
            StaffRole::Staff => (StaffRole::Operator, t.make_operator),
            StaffRole::Operator => (StaffRole::Staff, t.make_staff),
        };
        let changed = fill(t.changed, &[&email]);
        let change = move || {
            let slug = self.sx.slug();
            self.act(async move { api::change_staff(client, slug, id, to).await }, changed.clone());
        };
        let (reset_title, reset_done) = (fill(t.reset_title, &[&email]), fill(t.reset_done, &[&email]));
        let reset = move || {
            let said = reset_done.clone();
            let run = act(move || {
                let slug = self.sx.slug();
                self.act(async move { api::reset_factor(client, slug, id).await }, said.clone());
            });
            self.acts.ask(Question { title: reset_title.clone(), words: t.reset_words, act: t.reset, run });
        };
        let (remove_title, removed) = (fill(t.remove_title, &[&email]), fill(t.removed, &[&email]));
        let remove = move || {
            let said = removed.clone();
            let run = act(move || {
                let slug = self.sx.slug();
                self.act(async move { api::remove_staff(client, slug, id).await }, said.clone());
            });
            self.acts.ask(Question { title: remove_title.clone(), words: t.remove_words, act: t.remove, run });
        };
        let acts = vec![(words, false, act(change)), (t.reset, false, act(reset)), (t.remove, true, act(remove))];
        self.acts.options(&email, Options { title: email.clone(), acts })
    }

    fn invited(self, invitation: &StaffInvitationView, columns: &[Column]) -> AnyView {
        let t = &self.sx.t().people;
        let until = fill(t.invited_until, &[&format::instant(&invitation.expires_at)]);
        let mut cells = vec![
            name(narrow(invitation.email.clone().into_any(), self.role(invitation.role).to_owned()), until),
            cell(&columns[1], self.role(invitation.role).into_any()),
            cell(&columns[2], badge("info", t.invited)),
            cell(&columns[3], self.sx.t().shell.never.into_any()),
        ];
        let (id, client, said) = (invitation.id, self.sx.client, fill(t.taken_back, &[&invitation.email]));
        let take_back = move || {
            let slug = self.sx.slug();
            self.act(async move { api::take_back(client, slug, id).await }, said.clone());
        };
        let email = &invitation.email;
        let acts = vec![(t.take_back, true, act(take_back))];
        let options = || self.acts.options(email, Options { title: email.clone(), acts });
        cells.extend(columns.get(4).map(|column| cell(column, options())));
        view! { <tr>{cells}</tr> }.into_any()
    }
}
