//! The controls of a search form: a label with its help, and a text box or a list that may be off. A filter that is
//! off keeps what it holds.
use leptos::prelude::*;

use crate::components::field::{Value, error_line};
use crate::components::live::{call, change, mark, part};
use crate::components::tip::tip;

/// The words around a filter.
pub struct Filter {
    pub id: &'static str,
    pub label: &'static str,
    /// What it is and where to find it: in the bubble, and read with the control.
    pub help: &'static str,
    /// The name of the button with help.
    pub help_label: String,
    /// Its place in the grid.
    pub class: &'static str,
    /// What it looks like, for instance.
    pub example: &'static str,
    /// It has no effect now.
    pub off: Signal<bool>,
    pub error: Signal<Option<String>>,
    pub error_word: &'static str,
}

/// One row of a list.
#[derive(Clone, PartialEq)]
pub struct Choice {
    pub value: String,
    pub words: String,
}

/// A text box; `mode` is the keyboard a phone offers.
pub fn text_filter(filter: Filter, mode: &'static str, value: Value) -> AnyView {
    let (error, off) = (filter.error, filter.off);
    let control = view! {
        <input
            class="input"
            id=filter.id
            name=filter.id
            type="text"
            inputmode=mode
            autocomplete="off"
            spellcheck="false"
            placeholder=filter.example
            aria-describedby=described_by(&filter)
            aria-invalid=mark("true", move || error.with(Option::is_some))
            prop:disabled=off
            prop:value=value.get
            on:input=change(move |typed| call(value.set, typed))
            on:blur=move |_| call(value.leave, ())
        />
    };
    let control = control.into_any();
    around(filter, control)
}

/// A list whose first row, `all`, filters nothing.
pub fn list_filter(filter: Filter, all: &'static str, rows: Signal<Vec<Choice>>, value: Value) -> AnyView {
    let (error, off) = (filter.error, filter.off);
    let options = move || {
        let chosen = value.get.get();
        let option = |choice: Choice| {
            // The property, not the attribute: a list the person has touched no longer heeds the attribute.
            let is = choice.value == chosen;
            view! { <option value=choice.value prop:selected=is>{choice.words}</option> }.into_any()
        };
        let mut rows = rows.get();
        if !chosen.is_empty() && rows.iter().all(|row| row.value != chosen) {
            // A sent link may name what the list does not have: it is shown, not swallowed.
            rows.push(Choice { value: chosen.clone(), words: chosen.clone() });
        }
        rows.insert(0, Choice { value: String::new(), words: all.to_owned() });
        Some(rows.into_iter().map(option).collect::<Vec<AnyView>>().into_any())
    };
    let control = view! {
        <select
            class="input"
            id=filter.id
            name=filter.id
            aria-describedby=described_by(&filter)
            aria-invalid=mark("true", move || error.with(Option::is_some))
            prop:disabled=off
            on:change=change(move |typed| call(value.set, typed))
        >
            {part(options)}
        </select>
    };
    let control = control.into_any();
    around(filter, control)
}

fn described_by(filter: &Filter) -> Signal<String> {
    let (id, error) = (filter.id, filter.error);
    Signal::derive(move || {
        let help = [id, "-help"].concat();
        if error.with(Option::is_some) { [&help, " ", id, "-error"].concat() } else { help }
    })
}

fn around(filter: Filter, control: AnyView) -> AnyView {
    let Filter { id, label, help, help_label, class, error, error_word, .. } = filter;
    view! {
        <div class=["field ", class].concat()>
            <div class="field__label"><label for=id>{label}</label>{tip(help_label, help)}</div>
            <span class="vh" id=[id, "-help"].concat()>{help}</span>
            {error_line(id, error, error_word)}
            {control}
        </div>
    }
    .into_any()
}
