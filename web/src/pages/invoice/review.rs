//! Step 5: everything once more, each with its way back; then the order, and its steps while it is on its way.
use leptos::prelude::*;
use shared::ProblemCode;

use super::sending::send;
use super::{head, title};
use crate::api::ApiFailure;
use crate::app::Page;
use crate::browser;
use crate::components::button;
use crate::components::error_summary::{Line, Summary, error_summary};
use crate::components::facts::{fact, facts};
use crate::components::live::part;
use crate::components::tasks::{State, Task, tasks};
use crate::draft::Draft;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::pages::frame::{Width, card, guest, notice};
use crate::session::Cx;

/// The page.
pub fn page(cx: Cx) -> AnyView {
    // A reload in the middle of it: the person has already asked, so the same request goes out again.
    if cx.draft.with_untracked(|draft| draft.unanswered().is_some()) {
        send(cx);
    }
    let sending = Memo::new(move |_| cx.sending.get());
    let content = part(move || Some(if sending.get() { generating(cx) } else { review(cx) }));
    guest(cx, Width::One, content, None)
}

fn review(cx: Cx) -> AnyView {
    let t = cx.words();
    title(cx, t.review.title);
    let summary = Signal::derive(move || cx.stopped.with(|failure| failure.as_ref().map(|failure| said(cx, failure))));
    let again = cx.draft.with_untracked(|draft| draft.unanswered().is_some());
    let words = if again { t.review.generate_again } else { t.review.generate };
    view! {
        {head(cx, 5, Some(if cx.three() { Page::Ticket } else { Page::Receptor }))}
        {error_summary(summary)}
        <h1>{t.review.title}</h1>
        <section class="card">
            <div class="card__body">{cx.draft.with_untracked(|draft| rows(cx, draft))}</div>
            <div class="card__foot">
                <div class="total"><span>{t.review.total}</span>{total(cx)}</div>
            </div>
        </section>
        <div class="actions">{button::act("btn btn--lg", words, move || send(cx))}</div>
        <p class="sm muted">{t.review.no_edit}</p>
        <p class="sm muted">{t.review.accepts}" "{notice(cx)}</p>
    }
    .into_any()
}

fn said(cx: Cx, failure: &ApiFailure) -> Summary {
    let t = cx.words();
    browser::set_title(&[t.shell.error, t.review.title].concat());
    let mut more = Vec::new();
    if failure.settled().is_none() {
        more.push(Line { words: t.review.same_request.to_owned(), href: None });
    }
    if let ApiFailure::Problem(problem) = failure {
        more.extend(
            problem
                .invoice_id
                .map(|id| Line { words: t.ticket.open_invoice.to_owned(), href: Some(cx.href(Page::Invoice(id))) }),
        );
        if problem.code == ProblemCode::TicketNotFound {
            more.push(Line { words: t.ticket.compare.to_owned(), href: Some(cx.href(Page::Ticket)) });
        }
    }
    failure::summary(t, failure, more)
}

fn rows(cx: Cx, draft: &Draft) -> AnyView {
    let t = cx.words();
    let r = &t.review;
    let change = |page: Page, what: &'static str| {
        let href = cx.href(page);
        Some(view! { <a href=href>{t.shell.change}<span class="vh">" "{what}</span></a> }.into_any())
    };
    let branch = draft.branch.as_ref().map(|it| it.name.as_str()).unwrap_or_default();
    let regimen = fill(r.regimen_at, &[&catalog(&draft.regimen, CatalogOf::Regimen), draft.codigo_postal.trim()]);
    let forma = fill(r.paid_at_once, &[&t.forma_pago(draft.chosen_forma_pago())]);
    // A forma de pago that the till sent is not the person's to change.
    let change_forma = if draft.fixed_forma_pago().is_none() { change(Page::Ticket, r.forma_pago) } else { None };
    facts(vec![
        fact(r.ticket, fill(r.ticket_at, &[draft.ticket.trim(), branch]), "", change(Page::Ticket, r.ticket)),
        fact(r.rfc, draft.rfc.trim().to_uppercase(), "", change(Page::Rfc, r.rfc)),
        fact(r.nombre, draft.nombre.trim().to_uppercase(), "", change(Page::Receptor, r.nombre)),
        fact(r.regimen, regimen, "", change(Page::Receptor, r.regimen)),
        fact(r.uso, catalog(&draft.uso, CatalogOf::Uso), "", change(Page::Receptor, r.uso)),
        fact(r.forma_pago, forma, "", change_forma),
        fact(r.email, draft.email.trim().to_owned(), "", change(Page::Receptor, r.email)),
    ])
}

#[derive(Clone, Copy)]
enum CatalogOf {
    Regimen,
    Uso,
}

/// A code with the SAT's words.
fn catalog(code: &str, of: CatalogOf) -> String {
    use shared::fiscal::{RegimenFiscal, UsoCfdi};
    let name = match of {
        CatalogOf::Regimen => RegimenFiscal::parse(code).map(RegimenFiscal::name),
        CatalogOf::Uso => UsoCfdi::parse(code).map(UsoCfdi::name),
    };
    [code, " ", name.unwrap_or_default()].concat().trim_end().to_owned()
}

fn total(cx: Cx) -> AnyView {
    cx.draft.with_untracked(|draft| {
        let claim = draft.claim();
        let amount = claim.map_or_else(String::new, |claim| format::thousands(&claim.total));
        let currency = claim.map(|claim| claim.currency.clone());
        view! { <b>"$"{amount}" "<small>{currency}</small></b> }.into_any()
    })
}

fn generating(cx: Cx) -> AnyView {
    let t = cx.words();
    title(cx, t.result.generating);
    let email = cx.draft.with_untracked(|draft| draft.email.trim().to_owned());
    let task = |state, words, more| Task { state, words, more, at: None };
    let list = tasks(vec![
        task(State::Done, t.result.verified, None),
        task(State::Now, t.result.stamping, Some(t.result.usual_time.to_owned())),
        task(State::Later, t.result.files, None),
    ]);
    let body = view! {
        <div class="card__body stack">
            <p class="vh" role="status">{t.result.stamping}</p>
            {list}
            <progress value="1" max="3" aria-label=t.result.progress></progress>
        </div>
    };
    view! {
        <h1>{t.result.generating}</h1>
        {card(body.into_any())}
        <p class="sm muted actions">{fill(t.result.may_close, &[&email])}</p>
    }
    .into_any()
}
