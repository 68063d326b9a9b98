//! A label, a hint, what is wrong, and the control, tied together for the eye and for a screen reader. The label is
//! above, the error between hint and control, never a placeholder in place of a label.
use leptos::prelude::*;

use crate::components::icon::{Icon, icon};
use crate::components::live::{call, change, mark, part, words as words_of};

/// What keyboard and help a text box asks of the browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Capitals, no spelling: an RFC.
    Code,
    /// A name.
    Name,
    /// Digits alone: some phones then offer nothing else.
    Number,
    /// A number that also has letters or signs.
    Mixed,
    /// An amount of money between its sign and its currency.
    Money,
    /// Five digits.
    PostalCode,
    /// One mail address.
    Email,
    /// Who signs in: a mail address, as a rule.
    User,
    /// Six digits of an app.
    OneTime,
    /// What no person or program knows beforehand: a name for a key, an address.
    Plain,
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Kind::Code => "input input--code w-md",
            Kind::PostalCode => "input w-xs",
            Kind::OneTime => "input input--code w-sm",
            _ => "input",
        }
    }

    const fn mode(self) -> &'static str {
        match self {
            Kind::Code | Kind::Name | Kind::Mixed | Kind::Plain => "text",
            Kind::Number | Kind::PostalCode | Kind::OneTime => "numeric",
            Kind::Money => "decimal",
            Kind::Email | Kind::User => "email",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Kind::Code | Kind::Number | Kind::Mixed | Kind::Money | Kind::Plain => "off",
            Kind::Name => "name",
            Kind::PostalCode => "postal-code",
            Kind::Email => "email",
            Kind::User => "username",
            Kind::OneTime => "one-time-code",
        }
    }

    const fn capitals(self) -> &'static str {
        match self {
            Kind::Code | Kind::Mixed => "characters",
            Kind::Name => "words",
            _ => "none",
        }
    }
}

/// The words around a control.
pub struct Label {
    pub id: &'static str,
    pub words: &'static str,
    pub hint: Option<&'static str>,
    /// The button with help, if there is one.
    pub tip: Option<AnyView>,
    /// The same help as text, read with the control.
    pub help: Option<Signal<String>>,
    /// A button joined to the end of the control.
    pub after: Option<AnyView>,
    /// What is wrong, and the word “Error: ” for readers.
    pub error: Signal<Option<String>>,
    pub error_word: &'static str,
}

/// What a control holds.
#[derive(Clone, Copy)]
pub struct Value {
    pub get: Signal<String>,
    pub set: Callback<String>,
    /// The person went into the control, or left it.
    pub enter: Callback<()>,
    pub leave: Callback<()>,
}

/// A text box.
pub fn text_field(mut label: Label, kind: Kind, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let input = view! {
        <input
            class=kind.class()
            id=id
            name=id
            type="text"
            inputmode=kind.mode()
            autocomplete=kind.autocomplete()
            autocapitalize=kind.capitals()
            spellcheck="false"
            aria-describedby=described
            aria-invalid=mark("true", move || error.with(Option::is_some))
            prop:value=value.get
            on:input=change(move |typed| call(value.set, typed))
            on:focus=move |_| call(value.enter, ())
            on:blur=move |_| call(value.leave, ())
        />
    };
    let control = match (kind, label.after.take()) {
        (Kind::Money, _) => view! { <div class="affix"><span>"$"</span>{input}<span>"MXN"</span></div> }.into_any(),
        (_, Some(after)) => view! { <div class="affix">{input}{after}</div> }.into_any(),
        (_, None) => input.into_any(),
    };
    around(label, control)
}

/// A box for several lines.
pub fn text_area(label: Label, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let control = view! {
        <textarea
            class="input"
            id=id
            name=id
            rows="4"
            aria-describedby=described
            aria-invalid=mark("true", move || error.with(Option::is_some))
            prop:value=value.get
            on:input=change(move |typed| call(value.set, typed))
            on:blur=move |_| call(value.leave, ())
        ></textarea>
    };
    around(label, control.into_any())
}

/// A list of texts of ours to choose one from: what is chosen, and its words.
pub fn pick_field(label: Label, rows: Vec<(String, String)>, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let row = |(of, words): (String, String)| {
        let mine = of.clone();
        let is = Signal::derive(move || value.get.with(|chosen| *chosen == mine));
        view! { <option value=of prop:selected=is>{words}</option> }.into_any()
    };
    let rows: Vec<AnyView> = rows.into_iter().map(row).collect();
    let control = view! {
        <select
            class="input"
            id=id
            name=id
            aria-describedby=described
            aria-invalid=mark("true", move || error.with(Option::is_some))
            on:change=change(move |typed| call(value.set, typed))
        >
            {rows}
        </select>
    };
    around(label, control.into_any())
}

/// A file to be picked; what it holds for the form is its name.
pub fn file_field(label: Label, accept: &'static str, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let control = view! {
        <input
            class="input"
            id=id
            name=id
            type="file"
            accept=accept
            aria-describedby=described
            aria-invalid=mark("true", move || error.with(Option::is_some))
            on:change=change(move |name| call(value.set, name))
        />
    };
    around(label, control.into_any())
}

/// One row of a list to choose from.
#[derive(Clone, PartialEq)]
pub struct Item {
    pub value: &'static str,
    pub words: String,
}

/// A list to choose one from; its first row says so and chooses nothing. The rows are the SAT's, hence Spanish.
pub fn select_field(label: Label, items: Memo<Vec<Item>>, nothing: Signal<&'static str>, value: Value) -> AnyView {
    let (id, error) = (label.id, label.error);
    let described = described_by(&label);
    let rows = move || {
        let chosen = value.get.get();
        let row = |value: &'static str, words: String, is: bool| {
            // The property, not the attribute: a list the person has touched no longer heeds the attribute.
            view! { <option value=value lang=(!value.is_empty()).then_some("es") prop:selected=is>{words}</option> }
                .into_any()
        };
        let items = items.get();
        let none = items.iter().all(|item| item.value != chosen);
        let first = std::iter::once(row("", nothing.get().to_owned(), none));
        let rows = first.chain(items.into_iter().map(|item| row(item.value, item.words, item.value == chosen)));
        Some(rows.collect::<Vec<AnyView>>().into_any())
    };
    let control = view! {
        <select
            class="input"
            id=id
            name=id
            aria-describedby=described
            aria-invalid=mark("true", move || error.with(Option::is_some))
            on:change=change(move |typed| call(value.set, typed))
            on:focus=move |_| call(value.enter, ())
            on:blur=move |_| call(value.leave, ())
        >
            {part(rows)}
        </select>
    };
    around(label, control.into_any())
}

/// The ids of what is said about a control, for its `aria-describedby`.
pub fn described_by(label: &Label) -> Signal<Option<String>> {
    let (id, hint, help, error) = (label.id, label.hint.is_some(), label.help.is_some(), label.error);
    Signal::derive(move || {
        let parts = [(hint, "-hint"), (help, "-help"), (error.with(Option::is_some), "-error")];
        let ids: Vec<String> = parts.into_iter().filter(|(is, _)| *is).map(|(_, end)| [id, end].concat()).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    })
}

/// A control with its label, hint and error.
pub fn around(label: Label, control: AnyView) -> AnyView {
    let Label { id, words, hint, tip, help, error, error_word, .. } = label;
    let hint = hint.map(|hint| view! { <p class="field__hint" id=[id, "-hint"].concat()>{hint}</p> });
    let help = help
        .map(|help| view! { <span class="vh" id=[id, "-help"].concat()>{words_of(move || Some(help.get()))}</span> });
    view! {
        <div class="field">
            <div class="field__label"><label for=id>{words}</label>{tip}</div>
            {hint}
            {help}
            {error_line(id, error, error_word)}
            {control}
        </div>
    }
    .into_any()
}

/// What is wrong with the control `id`, while something is.
pub fn error_line(id: &'static str, error: Signal<Option<String>>, error_word: &'static str) -> AnyView {
    part(move || {
        let words = error.get()?;
        let line = view! {
                <p class="field__error" id=[id, "-error"].concat()>
                    {icon(Icon::Alert)}<span><span class="vh">{error_word}</span>{words}</span>
                </p>
        };
        Some(line.into_any())
    })
}
