//! What a person types of a PDF whose name does not say it.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::documents::paper_number;
use shared::fiscal::Rfc;

use super::bringing::Go;
use crate::components::button;
use crate::components::live::change;
use crate::console::api::documents::Typed;
use crate::console::pages::payments::files::select;
use crate::i18n::fill;

/// The form of the file at a place of the list.
pub fn form(go: Go, at: usize) -> Option<AnyView> {
    let t = &go.sx.t().documents;
    let line = go.line(at)?;
    let file = line.picked.with_value(|picked| picked.name.clone());
    let kind = RwSignal::new("estado_de_cuenta".to_owned());
    let [number, whose, issued_at, total] = std::array::from_fn(|_| RwSignal::new(String::new()));
    let currency = RwSignal::new("MXN".to_owned());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let whose = whose.get_untracked().trim().to_owned();
        let is_rfc = Rfc::parse(&whose).is_ok();
        let at = issued_at.get_untracked();
        let (kind, printed) = (kind.get_untracked(), number.get_untracked());
        let (serie, number) = paper_number(&kind, printed.trim());
        let typed = Typed {
            serie: serie.to_owned(),
            number: number.to_owned(),
            kind,
            rfc: if is_rfc { whose.clone() } else { String::new() },
            contract: if is_rfc { String::new() } else { whose },
            // A browser leaves seconds away when there are none.
            issued_at: if at.len() == 16 { at + ":00" } else { at },
            total: total.get_untracked().trim().to_owned(),
            currency: currency.get_untracked(),
        };
        go.typing.set(None);
        go.again(line, Some(typed));
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
    let view = view! {
        <form class="stack" novalidate on:submit=send>
            <p class="b">{fill(t.data_of, &[&file])}</p>
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
    };
    Some(view.into_any())
}
