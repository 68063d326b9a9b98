//! Tables with what can be done with each row, and the faces of a list.
use leptos::prelude::*;
use shared::time::LocalTime;

use crate::components::button;
use crate::components::live::part;
use crate::components::skeleton::skeleton_table;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::session::{Cx, Load};
use crate::signed::acts::Words;
use crate::signed::meaning;

/// A column: its words, its class, and its priority as columns leave small screens.
pub struct Column(pub &'static str, pub &'static str, pub &'static str);

/// A cell of a column.
pub fn cell(column: &Column, content: AnyView) -> AnyView {
    let p = Some(column.2).filter(|p| !p.is_empty());
    view! { <td class=column.1 data-p=p>{content}</td> }.into_any()
}

/// The cell that names its row, with a second line.
pub fn name(first: AnyView, second: String) -> AnyView {
    view! { <th scope="row" class="txt">{first}<span class="sub">{second}</span></th> }.into_any()
}

/// What names a row with, on a phone only, what a column there has no room for.
pub fn narrow(first: AnyView, on_phone: String) -> AnyView {
    view! { {first}<span class="sub sub--phone">{on_phone}</span> }.into_any()
}

/// A mark of state: `ok`, `warn`, `bad`, `info` or `plain`.
pub fn badge(tone: &'static str, words: &'static str) -> AnyView {
    view! { <span class=["badge badge--", tone].concat()>{words}</span> }.into_any()
}

/// A line below: mail servers refuse letters to an address, since that instant.
pub fn refused(words: &'static str, since: Option<&LocalTime>) -> Option<AnyView> {
    let said = fill(words, &[&format::day(&since?.civil)]);
    Some(view! { <span class="sub"><span class="bad">{said}</span></span> }.into_any())
}

/// A table; the last column, without words, is for what can be done with a row.
pub fn table(t: &Words, label: &'static str, columns: &[Column], rows: Vec<AnyView>, foot: Option<AnyView>) -> AnyView {
    let actions = t.actions;
    let head = |column: &Column| {
        let p = Some(column.2).filter(|p| !p.is_empty());
        let label = match column.0 {
            "" => view! { <span class="vh">{actions}</span> }.into_any(),
            words => words.into_any(),
        };
        view! { <th scope="col" class=column.1 data-p=p>{label}</th> }.into_any()
    };
    let heads: Vec<AnyView> = columns.iter().map(head).collect();
    let foot = foot.map(|foot| view! { <div class="tbl-foot">{foot}</div> });
    view! {
        <section class="card tbl-wrap" aria-label=label>
            <div class="tbl-scroll" tabindex="0" role="region" aria-label=label>
                <table class="tbl">
                    <caption class="vh">{label}</caption>
                    <thead><tr>{heads}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {foot}
        </section>
    }
    .into_any()
}

/// The faces of what a page asked for.
pub fn faces<T: Clone + PartialEq + Send + Sync + 'static>(
    cx: Cx,
    face: RwSignal<Load<T>>,
    again: Callback<()>,
    full: impl Fn(&T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    part(move || {
        let t = cx.t();
        Some(face.with(|shown| match shown {
            Load::Loading => {
                let rows = skeleton_table(t.shell.loading, &["", "", "2", "3"], 5);
                view! { <section class="card" aria-busy="true">{rows}</section> }.into_any()
            }
            Load::Failed(reason) => {
                let retry = move || {
                    face.set(Load::Loading);
                    again.run(());
                };
                let way = button::act("btn btn--2 btn--sm", t.failure.try_again, retry);
                meaning::failed(cx, failure::face(t, reason), vec![way])
            }
            Load::Ready(value) => full(value),
        }))
    })
}
