//! One branch: what is set of it, with its paper ticket drawn as guests will see it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::issuer_settings::SaveBranch;
use shared::issuers::{TicketExample, TicketPicture};
use shared::problem::FieldErrors;
use uuid::Uuid;

use super::parts::{ZONES, lines, zones};
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::{Kind, pick_field, text_area, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{mark, part, press};
use crate::components::ticket::ticket;
use crate::console::api::issuers as api;
use crate::console::app::Area;
use crate::console::i18n::issuer::Issuer;
use crate::console::list::faces;
use crate::console::session::Sx;
use crate::console::shell;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::form::{Field, Form};

const NAME: usize = 0;
const POSTAL_CODE: usize = 1;
const CITY: usize = 2;
const ZONE: usize = 3;
const SERIE: usize = 4;
const DAYS: usize = 5;
const HEAD: usize = 6;
/// Date, order, ticket, total, form of payment, from here on.
const LABELS: usize = 7;
const FOOT: usize = 12;
const ACTIVE: usize = 13;

/// What a field that is marked holds.
const YES: &str = "1";
/// The ids and places of the ticket's labels.
const LABELS_AT: [(&str, &str); 5] = [
    ("label-date", "/ticket/date_label"),
    ("label-order", "/ticket/order_label"),
    ("label-ticket", "/ticket/ticket_label"),
    ("label-total", "/ticket/total_label"),
    ("label-payment", "/ticket/payment_label"),
];

/// A branch as a shop without its own words would draw its ticket.
fn first() -> SaveBranch {
    let text = str::to_owned;
    SaveBranch {
        name: String::new(),
        postal_code: String::new(),
        city: String::new(),
        time_zone: ZONES[0].to_owned(),
        serie: String::new(),
        invoicing_grace_days: 10,
        ticket: TicketPicture {
            head: Vec::new(),
            date_label: text("FECHA"),
            order_label: text("ORDEN"),
            ticket_label: text("TICKET"),
            total_label: text("TOTAL"),
            payment_label: text("FORMA DE PAGO"),
            example: TicketExample {
                date: text("18/11/2026 17:42"),
                order: text("4471-20983"),
                ticket: text("0048213"),
                lines: vec![(text("2 ARTÍCULOS"), text("743.97"))],
                subtotal: text("743.97"),
                tax: (text("IVA 16%"), text("119.03")),
                total: text("$863.00"),
                payment: text("TARJETA DÉBITO"),
            },
            foot: Vec::new(),
        },
        active: true,
    }
}

fn fields(t: &Issuer) -> Vec<Field> {
    let field = |id, pointer, words| Field { id, pointer, words, secret: false };
    let labels = LABELS_AT.into_iter().zip(t.picture_labels).map(|((id, at), words)| field(id, at, words));
    let mut fields = vec![
        field("branch-name", "/name", t.branch_name),
        field("postal-code", "/postal_code", t.postal_code),
        field("city", "/city", t.city),
        field("zone", "/time_zone", t.zone),
        field("serie", "/serie", t.serie),
        field("days", "/invoicing_grace_days", t.days),
        field("ticket-head", "/ticket/head", t.picture_head),
    ];
    fields.extend(labels);
    fields.push(field("ticket-foot", "/ticket/foot", t.picture_foot));
    fields.push(field("active", "/active", t.active));
    fields
}

fn written(of: &SaveBranch) -> Vec<String> {
    let it = &of.ticket;
    vec![
        of.name.clone(),
        of.postal_code.clone(),
        of.city.clone(),
        of.time_zone.clone(),
        of.serie.clone(),
        of.invoicing_grace_days.to_string(),
        it.head.join("\n"),
        it.date_label.clone(),
        it.order_label.clone(),
        it.ticket_label.clone(),
        it.total_label.clone(),
        it.payment_label.clone(),
        it.foot.join("\n"),
        if of.active { YES.to_owned() } else { String::new() },
    ]
}

/// What the fields say; the ticket's invented values are those there were.
fn read(values: &[String], example: TicketExample) -> SaveBranch {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    SaveBranch {
        name: value(NAME),
        postal_code: value(POSTAL_CODE),
        city: value(CITY),
        time_zone: value(ZONE),
        serie: value(SERIE),
        // Nothing that is no number is a number of days.
        invoicing_grace_days: value(DAYS).trim().parse().unwrap_or(-1),
        ticket: TicketPicture {
            head: lines(&value(HEAD)),
            date_label: value(LABELS),
            order_label: value(LABELS + 1),
            ticket_label: value(LABELS + 2),
            total_label: value(LABELS + 3),
            payment_label: value(LABELS + 4),
            example,
            foot: lines(&value(FOOT)),
        },
        active: value(ACTIVE) == YES,
    }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    read(values, first().ticket.example).parse().err().unwrap_or_default()
}

/// The page.
pub fn page(sx: Sx, id: Option<Uuid>) -> AnyView {
    let t = &sx.t().issuer;
    let face = RwSignal::new(Load::Loading);
    let ask = move || match id {
        Some(id) => {
            let (client, slug) = (sx.client, sx.slug());
            let settings = async move { Ok(api::branch(client, slug, id).await?.map(|branch| branch.settings)) };
            load(face, settings);
        }
        None => face.set(Load::Ready(Some(first()))),
    };
    ask();
    let title = if id.is_some() { t.branch } else { t.branch_new };
    sx.set_title(title);
    let full = move |there: &Option<SaveBranch>| match there {
        Some(there) => form(sx, id, there),
        None => card(empty(2, t.branch_gone.to_owned(), vec![t.branch_gone_words.to_owned()], Vec::new())),
    };
    let content = view! {
        <a class="backlink" href=sx.href(Area::Branches)>{icon(Icon::ChevronLeft)}{t.branch_back}</a>
        <div class="page-head"><div><h1>{title}</h1></div></div>
        {faces(sx, face, Callback::new(move |()| ask()), full)}
    };
    shell::framed(sx, content.into_any())
}

fn form(sx: Sx, id: Option<Uuid>, there: &SaveBranch) -> AnyView {
    let t = &sx.t().issuer;
    let form = Form::new(sx, t.branch, fields(t), check);
    let about = id.map_or_else(|| [&sx.slug(), "/nueva"].concat(), |id| id.to_string());
    form.over(&about, written(there));
    let example = there.ticket.example.clone();
    let drawn = example.clone();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        form.busy.set(true);
        let (client, slug) = (sx.client, sx.slug());
        let settings = read(&form.values(), example.clone());
        leptos::task::spawn_local(async move {
            match api::save_branch(client, slug, id, &settings).await {
                Ok(()) => {
                    form.saved();
                    sx.cx.router.go(&sx.href(Area::Branches));
                }
                Err(reason) => form.explained(&reason),
            }
        });
    };
    let picture = part(move || {
        let values: Vec<String> = (0..=ACTIVE).map(|n| form.tracked(n)).collect();
        Some(ticket(&read(&values, drawn.clone()).ticket, Signal::stored(None)))
    });
    let submit = button::submit("btn", Signal::derive(move || t.save), form.busy.into(), t.saving);
    view! {
        <form class="split split--even" novalidate on:submit=send>
            <section class="card" aria-label=t.branch>
                <div class="card__body stack">
                    {form.summary()}
                    {place(sx, form, there)}
                    {active(form, t)}
                    <div class="row tight">{submit}</div>
                </div>
            </section>
            <section class="card" aria-labelledby="picture-title">
                <div class="card__head"><h2 id="picture-title">{t.picture}</h2></div>
                <div class="card__body stack">
                    <p class="sm muted">{t.picture_lead}</p>
                    {picture}
                    {words_of(form, t)}
                </div>
            </section>
        </form>
    }
    .into_any()
}

fn place(sx: Sx, form: Form, there: &SaveBranch) -> AnyView {
    let t = &sx.t().issuer;
    let text = |n, kind, hint| text_field(form.label(n, hint), kind, form.control(n));
    view! {
        {text(NAME, Kind::Plain, Some(t.branch_name_hint))}
        {text(POSTAL_CODE, Kind::PostalCode, Some(t.postal_code_hint))}
        {text(CITY, Kind::Plain, None)}
        {pick_field(form.label(ZONE, None), zones(&there.time_zone), form.control(ZONE))}
        {text(SERIE, Kind::Code, Some(t.serie_hint))}
        {text(DAYS, Kind::Number, Some(t.days_hint))}
    }
    .into_any()
}

fn active(form: Form, t: &Issuer) -> AnyView {
    let is = move || form.tracked(ACTIVE) == YES;
    let flip = move || form.set(ACTIVE, if form.value(ACTIVE) == YES { String::new() } else { YES.to_owned() });
    let (label, more) = (t.active, t.active_more);
    view! {
        <label class="check">
            <input type="checkbox" id="active" prop:checked=Signal::derive(is) data-on=mark("", is) on:click=press(flip)/>
            <span>{label}<small class="muted">{more}</small></span>
        </label>
    }
    .into_any()
}

fn words_of(form: Form, t: &Issuer) -> AnyView {
    let label = |n: usize| text_field(form.label(n, None), Kind::Plain, form.control(n));
    let labels: Vec<AnyView> = (LABELS..FOOT).map(label).collect();
    view! {
        {text_area(form.label(HEAD, Some(t.lines_hint)), form.control(HEAD))}
        <div class="form-grid">{labels}</div>
        {text_area(form.label(FOOT, Some(t.lines_hint)), form.control(FOOT))}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_branch_goes_through_its_form_unchanged() {
        let there = SaveBranch {
            name: "Centro".into(),
            city: "Mérida, Yuc.".into(),
            postal_code: "97000".into(),
            serie: "ME".into(),
            ticket: TicketPicture { head: vec!["COLIBRÍ".into(), "CENTRO".into()], ..first().ticket },
            active: false,
            ..first()
        };
        assert_eq!(read(&written(&there), there.ticket.example.clone()), there);
        assert!(check(&written(&there), Lang::Es).is_empty());
        assert!(check(&written(&first()), Lang::Es).of("/name").is_some());
    }

    #[test]
    fn a_label_that_is_too_long_is_the_only_one_marked() {
        let named = |ticket| SaveBranch {
            name: "Centro".into(),
            city: "Mérida, Yuc.".into(),
            postal_code: "97000".into(),
            serie: "ME".into(),
            ticket,
            ..first()
        };
        let long = TicketPicture { order_label: "O".repeat(200), ..first().ticket };
        let errors = check(&written(&named(long)), Lang::Es);
        assert_eq!(errors.0.len(), 1);
        let marked: Vec<&str> =
            LABELS_AT.into_iter().filter(|(_, at)| errors.of(at).is_some()).map(|(id, _)| id).collect();
        assert_eq!(marked, ["label-order"]);
    }
}
