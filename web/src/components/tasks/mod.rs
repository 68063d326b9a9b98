//! The named steps of something that takes seconds.
use leptos::prelude::*;

use crate::components::icon::{Icon, icon};

/// How far a task is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Done,
    Now,
    Later,
    Bad,
}

/// A task: its name, and a line under it.
pub struct Task {
    pub state: State,
    pub words: &'static str,
    pub more: Option<String>,
    /// When it happened.
    pub at: Option<String>,
}

/// Draws the list.
pub fn tasks(tasks: Vec<Task>) -> AnyView {
    let rows: Vec<AnyView> = tasks.into_iter().map(row).collect();
    view! { <ol class="tasks">{rows}</ol> }.into_any()
}

fn row(task: Task) -> AnyView {
    let (state, mark) = match task.state {
        State::Done => ("done", Icon::CircleCheck),
        State::Now => ("now", Icon::Spinner),
        State::Later => ("", Icon::Circle),
        State::Bad => ("bad", Icon::CircleX),
    };
    view! {
        <li data-s=state aria-current=(task.state == State::Now).then_some("step")>
            {icon(mark)}
            <span>{task.words}{task.more.map(|more| view! { <small>{more}</small> })}</span>
            <time>{task.at}</time>
        </li>
    }
    .into_any()
}
