//! What can be tried: the open tickets, each a press away from its invoice, the customers who sign in or may
//! register, the staff, and the values with an effect.
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Role;
use shared::problem::ProblemCode;
use shared::rehearsal::{
    MagicValue, RehearsalCustomer, RehearsalSignIn, RehearsalStaff, RehearsalTicket, RehearsalView,
};
use shared::{Problem, issuers::BranchView};

use crate::api::{self, Answer, ApiFailure};
use crate::app::{Page, is_absent};
use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::failed::{FailedText, failed};
use crate::components::live::{part, press, words};
use crate::components::skeleton::skeleton;
use crate::draft::{Draft, Field};
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, card, guest, not_found};
use crate::session::{Cx, Load, load};

/// A code is good for half a minute, and a little longer.
const LOOK_MS: i32 = 12_000;

/// The page.
pub fn page(cx: Cx) -> AnyView {
    let t = cx.words();
    cx.set_title(t.rehearsal.title);
    let face = RwSignal::new(Load::Loading);
    load(face, api::rehearsal());
    let again = move || {
        face.set(Load::Loading);
        load(face, api::rehearsal());
    };
    part(move || {
        Some(face.with(|face| match face {
            Load::Failed(failure) if is_absent(failure) => not_found(cx, t.failure.not_found),
            Load::Loading => framed(cx, skeleton(t.shell.loading, 5)),
            Load::Failed(failure) => {
                let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
                framed(cx, failed(failure::face(t, failure), vec![again]))
            }
            Load::Ready(rehearsal) => framed(cx, full(cx, rehearsal)),
        }))
    })
}

fn framed(cx: Cx, content: AnyView) -> AnyView {
    let t = &cx.words().rehearsal;
    let content = view! {
        <h1>{t.title}</h1>
        <p class="lead">{t.lead}</p>
        {content}
    };
    guest(cx, Width::Wide, content.into_any(), None)
}

fn full(cx: Cx, rehearsal: &RehearsalView) -> AnyView {
    let t = cx.words();
    let busy = RwSignal::new(false);
    let stopped = RwSignal::new(None::<FailedText>);
    let tickets = if rehearsal.tickets.is_empty() {
        let words = vec![t.rehearsal.no_tickets_remedy.to_owned()];
        card(empty(3, t.rehearsal.no_tickets.to_owned(), words, Vec::new()))
    } else {
        let signed = rehearsal.signed_tickets.iter().map(|it| signed(cx, it));
        list(signed.chain(rehearsal.tickets.iter().map(|it| ticket(cx, it, busy, stopped))).collect())
    };
    let tickets = vec![part(move || stopped.get().map(|text| failed(text, Vec::new()))), tickets];
    let t = &t.rehearsal;
    let mut sections = Vec::new();
    let people: Vec<AnyView> = rehearsal.sign_ins.iter().map(|it| sign_in(cx, it)).collect();
    if !people.is_empty() {
        sections.push(section("sign-ins", t.sign_ins, t.sign_ins_lead, vec![list(people)]));
    }
    let people: Vec<AnyView> = rehearsal.registrable.iter().map(|it| registrable(cx, it)).collect();
    if !people.is_empty() {
        sections.push(section("registrable", t.registrable, t.registrable_lead, vec![list(people)]));
    }
    if !rehearsal.staff.is_empty() {
        sections.push(section("staff", t.staff, t.staff_lead, vec![staff(cx, rehearsal)]));
    }
    sections.push(section("tickets", t.tickets, "", tickets));
    sections.push(section("magic", t.magic, t.magic_lead, vec![magic(cx, &rehearsal.magic_values)]));
    view! { <div class="stack stack-8">{sections}</div> }.into_any()
}

fn section(id: &'static str, title: &'static str, lead: &'static str, content: Vec<AnyView>) -> AnyView {
    let lead = (!lead.is_empty()).then(|| view! { <p class="muted">{lead}</p> }.into_any());
    view! { <section class="stack" aria-labelledby=id><h2 id=id>{title}</h2>{lead}{content}</section> }.into_any()
}

fn list(rows: Vec<AnyView>) -> AnyView {
    card(view! { <ul class="list">{rows}</ul> }.into_any())
}

fn row(title: String, about: String, end: Vec<AnyView>) -> AnyView {
    view! { <li class="trial"><span class="grow"><b>{title}</b><small>{about}</small></span>{end}</li> }.into_any()
}

fn ticket(cx: Cx, ticket: &RehearsalTicket, busy: RwSignal<bool>, stopped: RwSignal<Option<FailedText>>) -> AnyView {
    let t = cx.words();
    let numbers =
        [t.ticket.number, " ", &ticket.ticket_number, ", ", t.ticket.order, " ", &ticket.order_number].concat();
    let lines = format::plural(u64::from(ticket.lines), t.rehearsal.lines_one, t.rehearsal.lines);
    let paid = ticket.forma_pago.as_deref().map(|code| [", ", &t.forma_pago(code)].concat()).unwrap_or_default();
    let about = [ticket.branch_name.as_str(), ", ", &lines, &paid].concat();
    let total = figure(format::money(&ticket.total, &ticket.currency).into_any());
    let name = [t.rehearsal.use_ticket, ": ", &ticket.ticket_number].concat();
    let chosen = ticket.clone();
    let begin = move || {
        if !busy.get_untracked() {
            begin_with(cx, chosen.clone(), busy, stopped);
        }
    };
    let act = view! {
        <button class="btn btn--2 btn--sm" type="button" aria-label=name on:click=press(begin)>{t.rehearsal.use_ticket}</button>
    };
    row(numbers, about, vec![total, act.into_any()])
}

/// A ticket whose QR is an address. In a tab of its own: what happens is read here.
fn signed(cx: Cx, it: &MagicValue) -> AnyView {
    let t = cx.words();
    let link = way(&it.field, it.value.clone(), t.rehearsal.use_ticket, Some("_blank"));
    row(it.field.clone(), effect(t.lang, it), vec![link])
}

fn effect(lang: Lang, value: &MagicValue) -> String {
    if lang == Lang::Es { value.effect_es.clone() } else { value.effect_en.clone() }
}

fn figure(content: AnyView) -> AnyView {
    view! { <b class="num">{content}</b> }.into_any()
}

/// The staff with the codes of this moment, which are asked for again while somebody looks at the page.
fn staff(cx: Cx, rehearsal: &RehearsalView) -> AnyView {
    let t = &cx.words().rehearsal;
    let now = RwSignal::new(Load::Loading);
    leptos::task::spawn_local(async move {
        loop {
            browser::sleep(LOOK_MS).await;
            // The page may be gone by now.
            if now.is_disposed() {
                return;
            }
            if !browser::is_hidden() {
                load(now, api::rehearsal());
            }
        }
    });
    let row_of = |(place, it): (usize, &RehearsalStaff)| {
        let first = it.code.clone();
        let code = words(move || {
            now.with(|face: &Load<RehearsalView>| match face {
                Load::Loading => Some(fill(t.code, &[&first])),
                Load::Ready(known) => known.staff.get(place).map(|it| fill(t.code, &[&it.code])),
                Load::Failed(_) => None,
            })
        });
        // In a tab of its own: the code is read here when it is asked for there.
        let link = way(&it.user, "/consola/entrar".to_owned(), t.sign_in, Some("_blank"));
        row(it.user.clone(), fill(t.staff_with, &[&it.password]), vec![figure(code), link])
    };
    list(rehearsal.staff.iter().enumerate().map(row_of).collect())
}

fn way(name: &str, href: String, act: &'static str, tab: Option<&'static str>) -> AnyView {
    let label = [act, ": ", name].concat();
    view! { <a class="btn btn--2 btn--sm" href=href target=tab aria-label=label>{act}</a> }.into_any()
}

/// A customer of the demo, and where to go with what is said of them.
fn customer(name: &str, about: String, href: String, act: &'static str) -> AnyView {
    row(name.to_owned(), about, vec![way(name, href, act, None)])
}

fn sign_in(cx: Cx, it: &RehearsalSignIn) -> AnyView {
    let t = &cx.words().rehearsal;
    let role = match it.role {
        Role::Owner => t.roles[0],
        Role::Payer => t.roles[1],
        Role::Reader => t.roles[2],
    };
    let about = fill(t.sign_in_with, &[&it.user, &it.password, role]);
    customer(&it.customer, about, cx.customers("/entrar"), t.sign_in)
}

fn registrable(cx: Cx, it: &RehearsalCustomer) -> AnyView {
    let t = &cx.words().rehearsal;
    let about = fill(t.register_with, &[&it.rfc, &it.contract]);
    customer(&it.customer, about, cx.customers("/registro"), t.register)
}

fn magic(cx: Cx, values: &[MagicValue]) -> AnyView {
    let t = cx.words();
    let row = |value: &MagicValue| {
        let effect = effect(t.lang, value);
        view! {
            <tr>
                <th scope="row" class="txt"><code>{value.value.clone()}</code><span class="sub sub--phone">{value.field.clone()}</span></th>
                <td data-p="2"><code>{value.field.clone()}</code></td>
                <td class="txt">{effect}</td>
            </tr>
        }
        .into_any()
    };
    let rows: Vec<AnyView> = values.iter().map(row).collect();
    view! {
        <div class="card tbl-wrap">
            <div class="tbl-scroll magic">
                <table class="tbl">
                    <caption class="vh">{t.rehearsal.magic}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{t.rehearsal.value}</th>
                            <th scope="col" data-p="2">{t.rehearsal.field}</th>
                            <th scope="col">{t.rehearsal.effect}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

/// Fills the flow with a ticket of the demo and leads into it.
pub fn begin_with(cx: Cx, ticket: RehearsalTicket, busy: RwSignal<bool>, stopped: RwSignal<Option<FailedText>>) {
    busy.set(true);
    stopped.set(None);
    leptos::task::spawn_local(async move {
        let branch = find_branch(cx, &ticket).await;
        // The page may be gone by now.
        if busy.try_set(false).is_some() {
            return;
        }
        match branch {
            Ok(branch) => {
                cx.draft.update(|draft| fill_draft(draft, branch, ticket));
                cx.go(Page::Rfc);
            }
            Err(failure) => stopped.set(Some(failure::face(cx.words(), &failure))),
        }
    });
}

async fn find_branch(cx: Cx, ticket: &RehearsalTicket) -> Answer<BranchView> {
    let page = api::branches(&cx.slug(), &ticket.branch_name, None).await?;
    let found = page.data.into_iter().find(|branch| branch.id == ticket.branch_id);
    found.ok_or_else(|| ApiFailure::Problem(Box::new(Problem::new(ProblemCode::NotFound))))
}

fn fill_draft(draft: &mut Draft, branch: BranchView, ticket: RehearsalTicket) {
    draft.branch = Some(branch);
    draft.type_in(Field::Order, ticket.order_number);
    draft.type_in(Field::Ticket, ticket.ticket_number);
    draft.type_in(Field::Total, format::thousands(&ticket.total));
    draft.type_in(Field::FormaPago, ticket.forma_pago.unwrap_or_default());
}
