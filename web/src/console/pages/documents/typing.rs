//! What a person types of a PDF whose name does not say it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::documents::paper_number;
use shared::fiscal::Rfc;

use super::bringing::{Go, Line};
use crate::browser;
use crate::components::button;
use crate::components::live::change;
use crate::console::api::documents::Typed;
use crate::console::pages::payments::files::select;
use crate::i18n::fill;

/// What is in the form: its kind, number, whose it is, when it was issued, its total and currency.
pub type Draft = [String; 6];

/// What was typed, as it is sent.
fn typed([kind, printed, whose, issued_at, total, currency]: Draft) -> Typed {
    let whose = whose.trim().to_owned();
    let is_rfc = Rfc::parse(&whose).is_ok();
    let (serie, number) = paper_number(&kind, printed.trim());
    let (serie, number) = (serie.to_owned(), number.to_owned());
    Typed {
        serie,
        number,
        kind,
        rfc: if is_rfc { whose.clone() } else { String::new() },
        contract: if is_rfc { String::new() } else { whose },
        // A browser leaves seconds away when there are none.
        issued_at: if issued_at.len() == 16 { issued_at + ":00" } else { issued_at },
        total: total.trim().to_owned(),
        currency,
    }
}

/// The form of a file, in its row of the list; it stays until what was typed is taken.
pub fn form(go: Go, place: usize, line: Line, why: String) -> AnyView {
    let t = &go.sx.t().documents;
    let file = line.picked.with_value(|picked| picked.name.clone());
    let before = line.draft.get_value();
    // Opened for the first time it stands right below what it is for.
    let why = before.is_some().then(|| view! { <p class="field__error" role="alert">{why}</p> });
    let before = before.unwrap_or_else(|| {
        let nothing = String::new;
        ["estado_de_cuenta".to_owned(), nothing(), nothing(), nothing(), nothing(), "MXN".to_owned()]
    });
    let all = before.map(RwSignal::new);
    let [kind, number, whose, issued_at, total, currency] = all;
    // A refusal draws the row anew, and the form with it.
    Effect::new(move |_| line.draft.set_value(Some(all.map(|one| one.get()))));
    browser::focus_soon("number");
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = typed(all.map(|one| one.get_untracked()));
        go.again(place, line, Some(typed));
    };
    let text = |id: &'static str, label: &'static str, kind: &'static str, value: RwSignal<String>| {
        view! {
            <div class="field">
                <label class="field__label" for=id>{label}</label>
                <input
                    class="input"
                    id=id
                    type=kind
                    step="1"
                    autocomplete="off"
                    prop:value=value
                    on:input=change(move |text| value.set(text))
                />
            </div>
        }
        .into_any()
    };
    let kinds = t.kinds.iter().filter(|(kind, _)| matches!(*kind, "recibo" | "estado_de_cuenta")).rev();
    view! {
        <form class="stack" novalidate on:submit=send>
            <p class="b">{fill(t.data_of, &[&file])}</p>
            {why}
            <div class="row">
                {select("kind", t.kind, kinds.copied().collect(), kind)}
                {text("number", t.number, "text", number)}
            </div>
            {text("whose", t.whose, "text", whose)}
            {text("issued-at", t.at, "datetime-local", issued_at)}
            <div class="row">
                {text("total", t.total, "text", total)}
                {select("currency", t.currency, vec![("MXN", "MXN"), ("USD", "USD"), ("EUR", "EUR")], currency)}
            </div>
            <div class="row tight">
                <button class="btn" type="submit">{t.send}</button>
                {button::act("btn btn--quiet", go.sx.t().acts.cancel, move || go.typing.set(None))}
            </div>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_it_is_may_be_a_contract_or_an_rfc_and_seconds_may_be_missing() {
        let of = |whose: &str| {
            typed(["estado_de_cuenta", " 201 ", whose, "2017-10-03T07:00", " 10.00", "MXN"].map(str::to_owned))
        };
        let contract = of(" 005300 ");
        assert_eq!((contract.contract.as_str(), contract.rfc.as_str()), ("005300", ""));
        assert_eq!((contract.issued_at.as_str(), contract.total.as_str()), ("2017-10-03T07:00:00", "10.00"));
        let rfc = of("TAM010203ABA");
        assert_eq!((rfc.contract.as_str(), rfc.rfc.as_str()), ("", "TAM010203ABA"));
    }
}
