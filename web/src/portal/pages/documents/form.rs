//! The search form of Consultas: seven filters, all optional (C31 to C40, C44).
use leptos::ev::{self, SubmitEvent};
use leptos::prelude::*;
use shared::documents::{DocumentFilters, DocumentKind, Meaning, Piece, read_typed};
use shared::profiles::Complementos;
use wasm_bindgen::JsCast;

use super::finder::{FOLD, Face, Finder};
use super::search::{Field, Preset, Search};
use crate::browser;
use crate::components::button;
use crate::components::filter::{Choice, Filter, list_filter, text_filter};
use crate::components::icon::{Icon, icon};
use crate::components::live::{change, part, press, send_keys, words};
use crate::components::note::{Tone, note};
use crate::format;
use crate::i18n::{fill, months};
use crate::portal::i18n::documents as texts;
use crate::portal::session::Px;
use crate::session::Load;

/// What the lists offer.
pub type Offers = RwSignal<Load<DocumentFilters>>;

/// The shortcuts to a range of days; pressed once more, one takes its dates away.
pub fn presets(finder: Finder) -> AnyView {
    let t = &finder.px.t().documents;
    let (year, month) = browser::this_month();
    let chip = |preset: Preset| {
        let words = match preset {
            Preset::ThisMonth => t.this_month.to_owned(),
            Preset::LastMonth => t.last_month.to_owned(),
            Preset::ThisYear => fill(t.whole_year, &[&year.to_string()]),
        };
        let range = preset.range(year, month);
        let its = range.clone();
        let on = Memo::new(move |_| finder.form.with(|form| form.covers(&its)));
        let choose = move || {
            finder.form.update(|form| form.set_range(Some(&range).filter(|_| !on.get_untracked())));
            finder.send();
        };
        let pressed = Signal::derive(move || if on.get() { "true" } else { "false" });
        view! { <button class="chip" type="button" aria-pressed=pressed on:click=press(choose)>{words}</button> }
            .into_any()
    };
    let chips: Vec<AnyView> = Preset::ALL.into_iter().map(chip).collect();
    view! { <div class="chips" role="group" aria-label=t.periods>{chips}{month_list(finder)}</div> }.into_any()
}

/// Any month of the last years.
fn month_list(finder: Finder) -> AnyView {
    let t = &finder.px.t().documents;
    let offered: Vec<(u32, u32)> = months::before(browser::this_month()).collect();
    let days = offered.iter().map(|(year, month)| format::month_days(*year, *month)).collect::<Vec<_>>();
    let ranges = days.clone();
    let on = Memo::new(move |_| finder.form.with(|form| days.iter().position(|days| form.covers(days))));
    let options = part(move || {
        let chosen = on.get();
        let option = |value: String, words: String, is: bool| {
            view! { <option value=value prop:selected=is>{words}</option> }.into_any()
        };
        let mut rows = vec![option(String::new(), t.other_month.to_owned(), chosen.is_none())];
        rows.extend(offered.iter().enumerate().map(|(at, (year, month))| {
            let words = [months::name(&t.months, *month), " ", &year.to_string()].concat();
            option(format!("{year:04}-{month:02}"), words, chosen == Some(at))
        }));
        Some(rows.into_any())
    });
    let choose = move |month: String| {
        let range = ranges.iter().find(|(from, _)| !month.is_empty() && from.starts_with(&month));
        finder.form.update(|form| form.set_range(range));
        finder.send();
    };
    view! { <select class="chip" aria-label=t.month on:change=change(choose)>{options}</select> }.into_any()
}

/// The one box: what is recognised in it becomes a chip that can be taken away.
pub fn typed_box(finder: Finder) -> AnyView {
    let t = &finder.px.t().documents;
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        finder.send();
    };
    let chips = part(move || {
        let search = finder.face.with(|face| match face {
            Face::Full(found) => Some(found.search.clone()),
            _ => None,
        })?;
        let typed = search.text(Field::Typed);
        let pieces = read_typed(typed, "").unwrap_or_default();
        let chip = |(at, piece): (usize, &Piece)| {
            let mut less = search.clone();
            let rest: Vec<&str> =
                pieces.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, it)| it.text.as_str()).collect();
            less.set(Field::Typed, rest.join(" "));
            let words = piece_words(t, piece);
            let name = fill(t.taking.piece_drop, &[&words]);
            let act = press(move || finder.look_for(less.clone()));
            view! { <button class="chip" type="button" aria-label=name on:click=act>{words}" ×"</button> }.into_any()
        };
        let chips: Vec<AnyView> = pieces.iter().enumerate().map(chip).collect();
        Some(view! { <div class="chips">{chips}</div> }.into_any())
    });
    view! {
        <form class="stack" role="search" aria-label=t.typed.label novalidate on:submit=send>
            {text_filter(Filter { example: "FA-60412, 3171.86, oct…", ..filter(finder, Field::Typed) }, "search", finder.value(Field::Typed))}
            {chips}
        </form>
    }
    .into_any()
}

/// What a piece is found by, in our words; a word that is looked for as it is stands between quotes.
fn piece_words(t: &texts::Documents, piece: &Piece) -> String {
    let text = piece.text.as_str();
    let (what, text) = match &piece.meaning {
        // In whatever currency: nothing is found by the one that stands behind.
        Meaning::Amount(hundredths) => {
            let total = format!("{}.{:02}", hundredths / 100, hundredths % 100);
            return [t.total, ": ", &format::amount(&total)].concat();
        }
        Meaning::Days(..) => (t.date, text),
        Meaning::Kind(kind) => (t.kind_short, t.kind(*kind)),
        Meaning::State(state) => (t.state, t.state(*state)),
        Meaning::Word(_) => return fill(t.taking.piece_word, &[text]),
        Meaning::Number { .. } | Meaning::Reference { .. } => {
            (t.taking.piece_number, text.split(' ').next().unwrap_or(text))
        }
    };
    [what, ": ", text].concat()
}

/// The filters, folded away at first on a phone.
pub fn form(finder: Finder, offers: Offers) -> AnyView {
    slash_leads_to(Field::Typed.id());
    let t = &finder.px.t().documents;
    let title = move || {
        Some(match finder.form.with(Search::used) {
            0 => t.filters.to_owned(),
            used => fill(t.filters_used, &[&used.to_string()]),
        })
    };
    let open = !browser::media("(width < 45rem)");
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        finder.send();
    };
    let clear = button::act("btn btn--quiet", t.clear, move || finder.look_for(Search::default()));
    view! {
        <section class="card" aria-label=t.filters>
            <details class="fold foldable" id=FOLD open=open>
                <summary class="only-phone">{icon(Icon::Search)}{words(title)}{icon(Icon::ChevronDown)}</summary>
                <form class="filters" role="search" aria-label=t.search_form novalidate on:submit=send on:keydown=send_keys>
                    <div class="filters__grid">
                        {fields(finder, offers)}
                        <div class="c3 row tight">{search_button(finder)}{clear}</div>
                    </div>
                    <div role="status">{part(move || hint(finder, offers))}</div>
                </form>
            </details>
        </section>
    }
    .into_any()
}

/// What there is to say about the filters as a whole.
fn hint(finder: Finder, offers: Offers) -> Option<AnyView> {
    let t = &finder.px.t().documents;
    let words = if finder.form.with(Search::statements) {
        t.dates_only
    } else if offers.with(|offers| matches!(offers, Load::Failed(_))) {
        t.no_offers
    } else {
        return None;
    };
    Some(view! { <div class="filters__note">{note(Tone::Info, None, words.to_owned())}</div> }.into_any())
}

fn fields(finder: Finder, offers: Offers) -> Vec<AnyView> {
    let t = &finder.px.t().documents;
    let text = |field: Field, example: &'static str, mode: &'static str| {
        text_filter(Filter { example, ..filter(finder, field) }, mode, finder.value(field))
    };
    let list = |field: Field, all: &'static str, rows: Signal<Vec<Choice>>| {
        list_filter(filter(finder, field), all, rows, finder.value(field))
    };
    // C33: four kinds, where a complemento is found inside the invoice it pays.
    let inside = finder.px.profile().complementos == Complementos::InsideInvoice;
    let kinds = DocumentKind::ALL.into_iter().filter(|kind| !inside || *kind != DocumentKind::ComplementoDePago);
    let kinds: Vec<Choice> =
        kinds.map(|kind| Choice { value: kind.as_str().to_owned(), words: t.kind(kind).to_owned() }).collect();
    vec![
        text(Field::From, t.day_example, "numeric"),
        text(Field::To, t.day_example, "numeric"),
        list(Field::Kind, t.all_kinds, Signal::stored(kinds)),
        list(
            Field::Contract,
            t.all_contracts,
            Signal::derive(move || offered(offers, |it| contracts(t.contract_of, it))),
        ),
        list(Field::Issuer, t.all_issuers, Signal::derive(move || offered(offers, issuers))),
        text(Field::FolioFrom, "FA-60300", "text"),
        text(Field::FolioTo, "FA-60420", "text"),
    ]
}

/// The name and the help of a filter.
pub fn named(px: Px, field: Field) -> &'static texts::Filter {
    let t = &px.t().documents;
    match field {
        Field::From => &t.from,
        Field::To => &t.to,
        Field::Kind => &t.kind,
        Field::Contract => &t.contract,
        Field::Issuer => &t.issuer,
        Field::FolioFrom => &t.folio_from,
        Field::FolioTo => &t.folio_to,
        Field::Typed => &t.typed,
    }
}

/// The frame of a filter.
pub fn filter(finder: Finder, field: Field) -> Filter {
    let texts::Filter { label, help } = *named(finder.px, field);
    Filter {
        id: field.id(),
        label,
        help,
        help_label: fill(finder.px.t().documents.help, &[label]),
        class: "c3",
        example: "",
        off: Signal::derive(move || finder.form.with(|form| form.is_off(field))),
        error: finder.error(field),
        error_word: finder.px.cx.t().shell.error,
    }
}

fn offered(offers: Offers, rows: impl Fn(&DocumentFilters) -> Vec<Choice>) -> Vec<Choice> {
    offers.with(|offers| if let Load::Ready(offers) = offers { rows(offers) } else { Vec::new() })
}

fn issuers(offers: &DocumentFilters) -> Vec<Choice> {
    offers.issuers.iter().map(|issuer| Choice { value: issuer.slug.clone(), words: issuer.name.clone() }).collect()
}

/// The contracts by number; one number at two companies is one filter.
fn contracts(pattern: &str, offers: &DocumentFilters) -> Vec<Choice> {
    let mut rows: Vec<Choice> = Vec::new();
    for contract in &offers.contracts {
        let issuer = offers.issuers.iter().find(|issuer| issuer.slug == contract.issuer);
        let issuer = issuer.filter(|_| offers.issuers.len() > 1).map(|issuer| issuer.name.as_str());
        match rows.iter_mut().find(|row| row.value == contract.number) {
            Some(row) => row.words.clone_from(&contract.number),
            None => {
                let words =
                    issuer.map_or_else(|| contract.number.clone(), |name| fill(pattern, &[&contract.number, name]));
                rows.push(Choice { value: contract.number.clone(), words });
            }
        }
    }
    rows
}

/// The button that sends.
pub fn search_button(finder: Finder) -> AnyView {
    let t = &finder.px.t().documents;
    let content = part(move || {
        let busy = finder.busy.get();
        let (mark, words) = if busy { (Icon::Spinner, t.searching) } else { (Icon::Search, t.search) };
        Some(view! { {icon(mark)}{words} }.into_any())
    });
    let busy = crate::components::live::mark("true", move || finder.busy.get());
    view! { <button class="btn" type="submit" aria-busy=busy>{content}</button> }.into_any()
}

/// `/` leads to the first filter from wherever nothing is being typed.
pub fn slash_leads_to(id: &'static str) {
    let listener = window_event_listener(ev::keydown, move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<web_sys::Element>().ok());
        let typing = target.is_some_and(|it| matches!(it.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA"));
        if event.key() == "/" && !typing && browser::focus(id) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
}

#[cfg(test)]
mod tests {
    use shared::documents::{DocumentContract, DocumentIssuer};

    use super::*;

    fn offers(issuers: &[&str], contracts: &[(&str, &str)]) -> DocumentFilters {
        DocumentFilters {
            issuers: issuers
                .iter()
                .map(|slug| DocumentIssuer { slug: (*slug).into(), name: slug.to_uppercase() })
                .collect(),
            contracts: contracts
                .iter()
                .map(|(issuer, number)| DocumentContract { issuer: (*issuer).into(), number: (*number).into() })
                .collect(),
            kinds: Vec::new(),
        }
    }

    fn shown(offers: &DocumentFilters) -> Vec<String> {
        contracts("{0}, {1}", offers).into_iter().map(|row| row.words).collect()
    }

    #[test]
    fn what_was_recognised_is_said_in_words_and_what_is_looked_for_as_it_is_in_quotes() {
        let said = |t: &texts::Documents, typed: &str| -> Vec<String> {
            read_typed(typed, "").unwrap().iter().map(|piece| piece_words(t, piece)).collect()
        };
        assert_eq!(
            said(&texts::ES, "nota de crédito $1,250.00 MXN canceladas de oct 2017 FA-60412 60412 usd"),
            [
                "Tipo: Nota de crédito",
                "Total: $1,250.00",
                "Estado: Cancelada",
                "«de»",
                "Fecha: oct 2017",
                "Folio, contrato u orden: FA-60412",
                "Folio, contrato u orden: 60412",
            ]
        );
        assert_eq!(
            said(&texts::EN, "facturas −US$160.71 MXN usd being cancelled the"),
            ["Type: Invoice", "Total: $160.71", "“usd”", "State: Being cancelled", "“the”"]
        );
    }

    #[test]
    fn contracts_name_their_company_where_there_are_several() {
        assert_eq!(shown(&offers(&["a"], &[("a", "005300"), ("a", "17-0942")])), ["005300", "17-0942"]);
        assert_eq!(shown(&offers(&["a", "b"], &[("a", "1"), ("b", "2")])), ["1, A", "2, B"]);
        assert_eq!(shown(&offers(&["a", "b"], &[("a", "1"), ("b", "1")])), ["1"]);
    }
}
