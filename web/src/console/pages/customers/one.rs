//! One customer: its fiscal data, its numbers with this issuer, and who has access.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::accounts::Role;
use shared::accounts::people::InvitedView;
use shared::console::{ConsoleCustomer, ConsolePerson, SendActivation};
use shared::problem::FieldErrors;
use shared::{Lang, fiscal::RegimenFiscal};
use uuid::Uuid;

use super::moving::{self, Whose};
use super::{resetting, role};
use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::facts::{fact, facts};
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, press};
use crate::console::api::{Client, customers as api};
use crate::console::app::Area;
use crate::console::list::{Column, badge, cell, faces, name, narrow, refused, table};
use crate::console::session::Sx;
use crate::console::shell;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Options, Question, Run, act};
use crate::signed::form::{Field, Form};

const EMAIL: usize = 0;

/// The page's data and acts.
#[derive(Clone, Copy)]
struct File {
    sx: Sx,
    id: Uuid,
    face: RwSignal<Load<ConsoleCustomer>>,
    acts: Acts,
    activating: RwSignal<bool>,
    /// Who is to have another address.
    moving: RwSignal<Option<Whose>>,
    /// Whose second step is to be taken away.
    resetting: RwSignal<Option<Whose>>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let email = values.first().cloned().unwrap_or_default();
    SendActivation { email, language: Lang::Es }.parse().err().unwrap_or_default()
}

/// The page.
pub fn page(sx: Sx, id: Uuid) -> AnyView {
    let t = &sx.t().customers;
    let file = File {
        sx,
        id,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        activating: RwSignal::new(false),
        moving: RwSignal::new(None),
        resetting: RwSignal::new(None),
    };
    file.again();
    sx.set_title(t.customer);
    let again = Callback::new(move |()| file.again());
    let content = view! {
        <a class="backlink" href=sx.href(Area::Customers)>{icon(Icon::ChevronLeft)}{t.back}</a>
        <div class="stack">
            {file.acts.view()}
            {faces(sx, file.face, again, move |customer| file.full(customer))}
        </div>
    };
    shell::framed(sx, content.into_any())
}

impl File {
    fn again(self) {
        let (client, slug, id) = (self.sx.client, self.sx.slug(), self.id);
        load(self.face, async move { api::find(client, slug, id).await });
    }

    fn act(self, work: impl Future<Output = Answer<()>> + 'static, said: String) {
        self.acts.run(work, move |()| {
            // The list is drawn anew, and with it what was pressed.
            self.acts.tell(said);
            self.again();
        });
    }

    fn full(self, customer: &ConsoleCustomer) -> AnyView {
        let t = &self.sx.t().customers;
        self.sx.set_title(&customer.nombre);
        let regimen = RegimenFiscal::parse(&customer.regimen)
            .map_or_else(|_| customer.regimen.clone(), |regimen| [&customer.regimen, " ", regimen.name()].concat());
        let known = facts(vec![
            fact(t.rfc, customer.rfc.clone(), "num", None),
            fact(t.regimen, regimen, "", None),
            fact(t.codigo_postal, customer.codigo_postal.clone(), "num", None),
            fact(t.contracts, customer.contracts.join(", "), "num", None),
        ]);
        view! {
            <div class="page-head">
                <div><h1>{customer.nombre.clone()}</h1></div>
                {button::act("btn btn--2", t.look, move || self.look())}
            </div>
            <section class="card" aria-labelledby="data-title">
                <div class="card__head"><h2 id="data-title">{t.data}</h2></div>
                <div class="card__body">{known}</div>
            </section>
            <h2>{t.access}</h2>
            {part(move || self.activating.get().then(|| self.form()))}
            {part(move || self.moving.get().map(|whose| moving::form(self.sx, self.acts, whose, self.moving)))}
            {part(move || self.resetting.get().map(|whose| {
                resetting::form(self.sx, self.acts, whose, self.resetting, move || self.again())
            }))}
            {self.people(customer)}
            {self.links(&customer.entry_links)}
        }
        .into_any()
    }

    /// Shows the customer's pages in a window of their own, which can only look.
    fn look(self) {
        if self.acts.busy().get_untracked() {
            return;
        }
        let (name, opened) = browser::open_look(&self.id.to_string());
        let (client, slug) = (self.sx.client, self.sx.slug());
        // The way in leads on to where this issuer's customers come to.
        let way = ["/e/", &slug, "/entrar"].concat();
        let window = opened.clone();
        let work = async move {
            let answer = api::look(client, slug, self.id).await;
            if let (Err(_), Some(window)) = (&answer, &window) {
                let _ = window.close();
            }
            answer
        };
        self.acts.run(work, move |look| {
            browser::leave_for_look(&name, look.access_token.expose());
            match opened {
                Some(window) => drop(window.location().set_href(&way)),
                None => self.acts.say(self.sx.t().customers.look_blocked.to_owned()),
            }
        });
    }

    fn people(self, customer: &ConsoleCustomer) -> AnyView {
        let t = &self.sx.t().customers;
        if customer.people.is_empty() && customer.invitations.is_empty() {
            let way = button::act("btn", t.activate, move || self.activating.set(true));
            return card(empty(3, t.nobody.to_owned(), vec![t.nobody_words.to_owned()], vec![way]));
        }
        let columns = [
            Column(t.person, "", ""),
            Column(t.role, "", "2"),
            Column(t.state, "", ""),
            Column(t.last_seen, "", "3"),
            Column("", "ctl", ""),
        ];
        let people = customer.people.iter().map(|person| self.person(person, &columns));
        let invited = customer.invitations.iter().map(|invitation| self.invited(invitation, &columns));
        table(self.sx, t.access, &columns, people.chain(invited).collect(), None)
    }

    fn person(self, person: &ConsolePerson, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().customers;
        let state = match (person.active, person.held) {
            (false, _) => badge("bad", t.off),
            (true, true) => badge("warn", t.held),
            (true, false) => badge("ok", t.active),
        };
        let code = person.second_factor.then(|| view! { <span class="sub">{t.with_code}</span> });
        let no_mail = refused(t.mail_refused, person.mail_refused_since.as_ref());
        let seen = person.last_seen_at.as_deref().map_or(self.sx.t().shell.never.to_owned(), format::instant);
        let cells = vec![
            name(
                narrow(person.email.clone().into_any(), role(t, person.role).to_owned()),
                person.user_name.clone().unwrap_or_default(),
            ),
            cell(&columns[1], role(t, person.role).into_any()),
            cell(&columns[2], view! { {state}{code}{no_mail} }.into_any()),
            cell(&columns[3], seen.into_any()),
            cell(&columns[4], self.options(person)),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }

    fn options(self, person: &ConsolePerson) -> AnyView {
        let (t, client, id) = (&self.sx.t().customers, self.sx.client, person.user_id);
        let run = |said: &'static str, work: fn(Client, String, Uuid, Uuid) -> Work| {
            let said = fill(said, &[&person.email]);
            act(move || self.act(work(client, self.sx.slug(), self.id, id), said.clone()))
        };
        let mut acts = Vec::new();
        if person.held {
            acts.push((
                t.unlock,
                false,
                run(t.unlocked, |client, slug, of, id| Box::pin(api::unlock(client, slug, of, id))),
            ));
        }
        acts.push((
            t.recover,
            false,
            run(t.recovered, |client, slug, of, id| Box::pin(api::send_recovery(client, slug, of, id))),
        ));
        acts.push((
            t.end_sessions,
            false,
            run(t.ended, |client, slug, of, id| Box::pin(api::end_sessions(client, slug, of, id))),
        ));
        if self.sx.operates() {
            acts.extend(self.changes(person));
        }
        self.acts.options(&person.email, Options { title: person.email.clone(), acts })
    }

    /// What only an operator may do with somebody.
    fn changes(self, person: &ConsolePerson) -> Vec<(&'static str, bool, Run)> {
        let (t, client, id) = (&self.sx.t().customers, self.sx.client, person.user_id);
        let changed = fill(t.changed, &[&person.email]);
        let others = Role::ALL.into_iter().filter(|role| *role != person.role);
        let mut acts: Vec<(&'static str, bool, Run)> = others
            .map(|to| {
                let words = match to {
                    Role::Owner => t.make[0],
                    Role::Payer => t.make[1],
                    Role::Reader => t.make[2],
                };
                let said = changed.clone();
                let run = move || {
                    let slug = self.sx.slug();
                    self.act(async move { api::change_role(client, slug, self.id, id, to).await }, said.clone());
                };
                (words, false, act(run))
            })
            .collect();
        let whose = Whose { customer: self.id, person: id, email: person.email.clone() };
        // One form at a time: both ask for what somebody could show.
        let opens = |form: RwSignal<Option<Whose>>, other: RwSignal<Option<Whose>>| {
            let whose = whose.clone();
            act(move || {
                other.set(None);
                form.set(Some(whose.clone()));
            })
        };
        if person.second_factor {
            acts.push((t.reset, false, opens(self.resetting, self.moving)));
        }
        acts.push((t.moving, false, opens(self.moving, self.resetting)));
        let (title, said) = (fill(t.remove_title, &[&person.email]), fill(t.removed, &[&person.email]));
        let ask = move || {
            let said = said.clone();
            let run = act(move || {
                let slug = self.sx.slug();
                self.act(async move { api::remove(client, slug, self.id, id).await }, said.clone());
            });
            self.acts.ask(Question { title: title.clone(), words: t.remove_words, act: t.remove, run });
        };
        acts.push((t.remove, true, act(ask)));
        acts
    }

    fn invited(self, invitation: &InvitedView, columns: &[Column; 5]) -> AnyView {
        let t = &self.sx.t().customers;
        let until = fill(t.until, &[&format::instant(&invitation.expires_at.instant)]);
        let no_mail = refused(t.mail_refused, invitation.mail_refused_since.as_ref());
        let cells = vec![
            name(narrow(invitation.email.clone().into_any(), role(t, invitation.role).to_owned()), until),
            cell(&columns[1], role(t, invitation.role).into_any()),
            cell(&columns[2], view! { {badge("info", t.invited)}{no_mail} }.into_any()),
            cell(&columns[3], self.sx.t().shell.never.into_any()),
            cell(&columns[4], ().into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }

    /// Links of a first entry that are still good: one that went to a wrong address can be taken back.
    fn links(self, links: &[InvitedView]) -> Option<AnyView> {
        let t = &self.sx.t().customers;
        let columns = [Column(t.email, "", ""), Column("", "ctl", "")];
        let rows: Vec<AnyView> = links.iter().map(|link| self.link(link, &columns)).collect();
        (!rows.is_empty())
            .then(|| view! { <h2>{t.links}</h2>{table(self.sx, t.links, &columns, rows, None)} }.into_any())
    }

    fn link(self, link: &InvitedView, columns: &[Column; 2]) -> AnyView {
        let (t, client, id) = (&self.sx.t().customers, self.sx.client, link.id);
        let (title, said) = (fill(t.revoke_title, &[&link.email]), fill(t.revoked, &[&link.email]));
        let ask = move || {
            let said = said.clone();
            let run = act(move || {
                let slug = self.sx.slug();
                self.act(async move { api::revoke(client, slug, self.id, id).await }, said.clone());
            });
            self.acts.ask(Question { title: title.clone(), words: t.revoke_words, act: t.revoke, run });
        };
        let label = [t.revoke, ": ", &link.email].concat();
        let revoke = view! {
            <button class="btn btn--bad btn--sm" type="button" aria-label=label on:click=press(ask)>{t.revoke}</button>
        };
        let no_mail = refused(t.mail_refused, link.mail_refused_since.as_ref());
        let until = fill(t.until, &[&format::instant(&link.expires_at.instant)]);
        let cells =
            vec![name(view! { {link.email.clone()}{no_mail} }.into_any(), until), cell(&columns[1], revoke.into_any())];
        view! { <tr>{cells}</tr> }.into_any()
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().customers;
        // Whose link it is must never be what was typed of another customer: nothing of it is remembered.
        let field = Field { id: "activate-email", pointer: "/email", words: t.email, secret: true };
        let form = Form::new(self.sx, t.activate, vec![field], check);
        browser::focus_soon("activate-email");
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let (client, slug, email) = (self.sx.client, self.sx.slug(), form.value(EMAIL));
            leptos::task::spawn_local(async move {
                match api::activate(client, slug, self.id, email.clone(), self.sx.t().lang).await {
                    Ok(()) => {
                        form.clear();
                        self.activating.try_set(false);
                        self.acts.tell(fill(t.sent, &[email.trim()]));
                        self.again();
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit = button::submit("btn", Signal::derive(move || t.send), form.busy.into(), t.sending);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.activating.set(false));
        view! {
            <section class="card" aria-labelledby="activate-title">
                <div class="card__head"><h2 id="activate-title">{t.activate}</h2></div>
                <form class="card__body stack" novalidate on:submit=send>
                    {form.summary()}
                    <p class="sm muted">{t.activate_lead}</p>
                    {text_field(form.label(EMAIL, Some(t.email_hint)), Kind::Email, form.control(EMAIL))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }
}

/// What an act waits for.
type Work = std::pin::Pin<Box<dyn Future<Output = Answer<()>>>>;
