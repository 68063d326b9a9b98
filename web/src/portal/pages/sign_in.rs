//! The way in, beside the door for a paper ticket.
use leptos::prelude::*;

use super::access::column;
use crate::app::Page as GuestPage;
use crate::components::button;
use crate::pages::home::picture;
use crate::portal::app::Page;
use crate::portal::session::Px;
use crate::signed::enter::Way;

/// The page.
pub fn page(px: Px) -> AnyView {
    let (cx, t) = (px.cx, &px.t().access);
    let home = &cx.t().home;
    // Where a person with a session goes from here is the frame's to say.
    let way = Way::new(px, px.client, &px.common().enter, None, Callback::new(|()| {}));
    let forgot = move || view! { <p class="sm"><a href=px.href(Page::Recover)>{t.forgot}</a></p> }.into_any();
    let content = view! {
        {way.view(forgot)}
        <p class="actions sm muted">{t.no_access}" "<a href=px.href(Page::Register)>{t.register}</a></p>
        {cx.with_issuer(|issuer| issuer.rehearsal).unwrap_or_default().then(|| rehearse(px))}
    };
    view! {
        <div class="auth">
            {column(px, content.into_any())}
            <aside class="auth__door" aria-label=t.door>
                <div class="ticket-wrap" aria-hidden="true">{picture(cx)}</div>
                <div><h2>{home.title}</h2><p>{home.lead}</p></div>
                {button::link("btn btn--2 btn--lg", cx.href(GuestPage::Branch), home.start)}
            </aside>
        </div>
    }
    .into_any()
}

fn rehearse(px: Px) -> AnyView {
    let t = &px.t().access;
    view! {
        <section class="rehearse stack stack-2" aria-labelledby="rehearse">
            <h2 id="rehearse">{t.rehearse}</h2>
            <p class="sm muted">{t.rehearse_lead}</p>
            <p class="sm"><a href=px.cx.href(GuestPage::Rehearsal)>{t.rehearse_use}</a></p>
        </section>
    }
    .into_any()
}
