//! «Mis facturas»: a guest proves a mailbox with a code and sees what was invoiced to it, with the data for the next one.
//! The owner of a mailbox's account sees it by their session (T21, T22). An RFC opens nothing here.
//!
//! A program of its own: the guest's must stay light, and the others are customers'. It shares the portal's frame and
//! refers to none of its pages; a customer's own data are changed by the form of `receptor`, too.
pub mod api;
mod code;
mod invoices;
pub mod receptor;
pub mod words;

use leptos::prelude::*;
use shared::guests::{MyInvoice, MyReceptor, MyReceptors};
use shared::profiles::Menu;
use uuid::Uuid;

use api::Filter;
use words::words;

use crate::api::{Answer, ApiFailure};
use crate::app::is_absent;
use crate::browser;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::live::{part, words as words_of};
use crate::components::skeleton::skeleton;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, guest, not_found};
use crate::portal::app::Page as PortalPage;
use crate::portal::session::Px;
use crate::portal::shell;
use crate::router;
use crate::session::{Load, load};
use crate::signed::acts::Acts;

/// Puts the page in place of what `mine.html` shows while it loads. Who comes here meets what a guest meets, tickets and
/// codes by mail, and what a session does.
pub fn start() {
    crate::start_with(app, shared::problem_text::for_mailboxes);
}

fn app() -> AnyView {
    crate::portal::app::customers(view)
}

fn view(px: Px, wanted: PortalPage) -> AnyView {
    match wanted {
        PortalPage::MyInvoices => page(px),
        // Every other address is drawn by another program.
        _ => not_found(px.cx, px.cx.t().failure.not_found),
    }
}

/// Said by a way here from an invoiced ticket: the code goes to that invoice's mail.
const OF_TICKET: &str = "ticket";

/// Names in the address, in the order of a filter.
const FILTERS: [&str; 3] = ["buscar", "mes", "estado"];

/// What the page notes of a code that is on its way.
const CODE_ID: &str = "mail-code";
const CODE_TO: &str = "mail-code-to";

/// What this browser may see.
#[derive(Clone, PartialEq)]
struct Shown {
    rows: Vec<MyInvoice>,
    next: Option<String>,
    /// Of the mailbox that was proved, if one was.
    kept: Option<MyReceptors>,
}

/// What is on the page.
#[derive(Clone, PartialEq)]
enum Step {
    /// Which mailbox; whether something that was open is so no more.
    Asking {
        over: bool,
    },
    /// The code to the address of an invoiced ticket is being asked for.
    OfTicket,
    /// The code that was sent; to which address, unless that is not told.
    Code {
        id: Uuid,
        to: Option<String>,
    },
    List,
    Editing(MyReceptor),
}

/// The page's own state.
#[derive(Clone, Copy)]
struct View {
    px: Px,
    step: RwSignal<Step>,
    face: RwSignal<Load<Shown>>,
    /// What is looked for among the invoices.
    filter: RwSignal<Filter>,
    acts: Acts,
}

impl View {
    /// Another step; the focus goes to its heading.
    fn turn(self, step: Step) {
        // Another language draws the page anew, and whoever reads the letter may find it loaded anew: a code that is on
        // its way is not asked for again.
        let (id, to) = match &step {
            Step::Code { id, to } => (id.to_string(), to.clone().unwrap_or_default()),
            _ => Default::default(),
        };
        self.px.desk.keep_typed(CODE_ID, id);
        self.px.desk.keep_typed(CODE_TO, to);
        self.step.set(step);
        browser::focus_main();
    }

    /// Whether only some are looked for, not tracked.
    fn filters(self) -> bool {
        self.filter.with_untracked(|filter| *filter != Filter::default())
    }

    /// Other ones are looked for: the address says so, so that a reload finds them again.
    fn look_for(self, which: usize, wanted: String) -> Filter {
        self.filter.update(|filter| filter[which] = wanted);
        let filter = self.filter.get_untracked();
        let pairs: Vec<(&str, &str)> = FILTERS.into_iter().zip(filter.iter().map(String::as_str)).collect();
        router::set_query(&pairs);
        filter
    }

    /// What a search found, for those who do not see the list.
    fn found(self) -> String {
        let t = words(self.px);
        let rows = self.face.with(|face| match face {
            Load::Ready(shown) => Some(shown.rows.len()),
            _ => None,
        });
        match rows.filter(|_| self.filters()) {
            Some(0) => t.no_match.to_owned(),
            Some(rows) => fill(t.found, &[&rows.to_string()]),
            None => String::new(),
        }
    }

    /// Shows the list as it is now.
    fn look(self) {
        self.face.set(Load::Loading);
        self.turn(Step::List);
        load(self.face, shown(self.px, self.filter.get_untracked()));
    }
}

/// The page.
pub fn page(px: Px) -> AnyView {
    let owner = px.is_mailbox();
    let of_ticket = router::query(OF_TICKET).is_some();
    // Who comes from a ticket wants its code, and not one of before.
    let sent = Uuid::try_parse(&px.desk.typed(CODE_ID)).ok().filter(|_| !owner && !of_ticket);
    let view = View {
        px,
        step: RwSignal::new(match sent {
            Some(id) => Step::Code { id, to: Some(px.desk.typed(CODE_TO)).filter(|to| !to.is_empty()) },
            None if of_ticket => Step::OfTicket,
            None => Step::List,
        }),
        face: RwSignal::new(Load::Loading),
        filter: RwSignal::new(FILTERS.map(|name| router::query(name).unwrap_or_default())),
        acts: Acts::new(px.cx, &words(px).acts),
    };
    if sent.is_none() && !of_ticket {
        load(view.face, shown(px, view.filter.get_untracked()));
    }
    // Who may see nothing is asked for a mailbox.
    Effect::new(move |_| {
        let over = view.face.with(|face| match face {
            Load::Failed(why) if is_absent(why) => Some(false),
            Load::Ready(shown) if shown.rows.is_empty() && shown.kept.is_none() && !view.filters() => Some(true),
            _ => None,
        });
        if let Some(over) = over.filter(|_| !owner && untrack(|| view.step.get()) == Step::List) {
            view.step.set(Step::Asking { over });
        }
    });
    part(move || {
        let (width, content) = match view.step.get() {
            Step::Asking { over } => (Width::One, code::ask(view, over)),
            Step::OfTicket => (Width::One, code::of_ticket(view)),
            Step::Code { id, to } => (Width::One, code::typed(view, id, to)),
            Step::List => (Width::Wide, list(view)),
            Step::Editing(receptor) => (Width::One, receptor::edit(view, receptor)),
        };
        Some(match width {
            _ if !owner => guest(px.cx, width, content, None),
            Width::Wide => shell::page(px, PortalPage::MyInvoices, content),
            _ => shell::framed(px, PortalPage::MyInvoices, shell::Width::Narrow, content),
        })
    })
}

/// The first page of invoices, and what is kept where a mailbox was proved.
async fn shown(px: Px, filter: Filter) -> Answer<Shown> {
    if px.is_mailbox() {
        api::open_to_owner(px).await?;
    }
    let page = api::invoices(px, &filter, None).await?;
    let kept = match api::receptors(px).await {
        Ok(kept) => Some(kept),
        Err(why) if is_absent(&why) => None,
        Err(why) => return Err(why),
    };
    Ok(Shown { rows: page.data, next: page.next_cursor, kept })
}

fn list(view: View) -> AnyView {
    let px = view.px;
    let t = words(px);
    let owner = px.is_mailbox();
    let title = if owner && px.profile().menu == Menu::Panel { px.common().shell.panel } else { t.title };
    px.set_title(title);
    let content = part(move || {
        Some(view.face.with(|face| match face {
            Load::Loading => skeleton(px.cx.t().shell.loading, 4),
            // The form for the mailbox is on its way.
            Load::Failed(why) if is_absent(why) && !owner => ().into_any(),
            Load::Failed(why) => again(view, why),
            Load::Ready(shown) => full(view, shown),
        }))
    });
    // Once there is something to look through they stay: whoever types there keeps the place.
    let some = Memo::new(move |was: Option<&bool>| {
        let rows = view.face.with(|face| matches!(face, Load::Ready(shown) if !shown.rows.is_empty()));
        rows || was == Some(&true) || view.filters()
    });
    let filters = part(move || some.get().then(|| invoices::filters(view)));
    let found = words_of(move || Some(view.found()));
    view! {
        <div class="stack">
            <h1>{title}</h1>
            {filters}
            <p class="vh" role="status">{found}</p>
            {content}
        </div>
        {view.acts.view()}
    }
    .into_any()
}

fn again(view: View, why: &ApiFailure) -> AnyView {
    let t = view.px.cx.t();
    let again = button::act("btn btn--2 btn--sm", t.failure.try_again, move || view.look());
    failed(failure::face(t, why), vec![again])
}

fn full(view: View, shown: &Shown) -> AnyView {
    let t = words(view.px);
    let (lead, way) = match &shown.kept {
        Some(kept) if view.px.is_mailbox() => (invoices::open_until(t.lead_owner, kept), None),
        Some(kept) => (invoices::open_until(t.lead_list, kept), None),
        None => {
            let ask = move || view.turn(Step::Asking { over: false });
            (t.lead_browser.to_owned(), Some(button::act("btn btn--2", t.ask_code, ask)))
        }
    };
    let next = button::link("btn", view.px.cx.href(crate::app::Page::Branch), t.invoice);
    view! {
        <p class="lead">{lead}</p>
        <div class="stack stack-6">
            {invoices::table_of(view, shown)}
            {shown.kept.as_ref().map(|kept| receptor::list(view, kept))}
            <div class="actions">{next}{way}</div>
        </div>
    }
    .into_any()
}
