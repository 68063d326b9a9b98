//! The check against robots: what the computer does by itself, how far it is, and a way on when it failed. Only a change
//! of state is announced; the seconds are there for whoever looks.
use leptos::prelude::*;
use shared::Lang;

use crate::components::icon::{Icon, drawing, icon};
use crate::components::live::{mark, part, press, words};
use crate::i18n::fill;
use crate::work::{AGAIN, Face, Work};

const SHIELD: &str = r#"<path d="M20 13c0 5-3.5 7.5-7.66 8.95a1 1 0 0 1-.67-.01C7.5 20.5 4 18 4 13V6a1 1 0 0 1 1-1c2 0 4.500-1.200 6.240-2.720a1.170 1.170 0 0 1 1.520 0C14.510 3.810 17 5 19 5a1 1 0 0 1 1 1z"/><path d="m9 12 2 2 4-4"/>"#;

struct Words {
    label: &'static str,
    idle: &'static str,
    working: &'static str,
    begun: &'static str,
    left: &'static str,
    progress: &'static str,
    done: &'static str,
    may_send: &'static str,
    failed: &'static str,
    failed_remedy: &'static str,
    again: &'static str,
}

const ES: Words = Words {
    label: "Comprobación contra robots",
    idle: "Se hace sola mientras escribe.",
    working: "Comprobando que no es un robot",
    begun: "Su equipo resuelve un cálculo.",
    left: "Su equipo resuelve un cálculo. Quedan {0} s como máximo.",
    progress: "Avance de la comprobación",
    done: "Listo",
    may_send: "Ya puede enviar.",
    failed: "No se pudo comprobar",
    failed_remedy: "Revise su conexión. Lo que escribió sigue aquí.",
    again: "Intentar de nuevo",
};

const EN: Words = Words {
    label: "Check against robots",
    idle: "It is done by itself while you type.",
    working: "Checking that you are not a robot",
    begun: "Your computer solves a calculation.",
    left: "Your computer solves a calculation. {0} s left at most.",
    progress: "Progress of the check",
    done: "Done",
    may_send: "You may send it now.",
    failed: "The check failed",
    failed_remedy: "Look at your connection. What you typed is still here.",
    again: "Try again",
};

/// Draws it; nothing where no proof is asked for.
pub fn pow(work: Work, lang: Lang) -> AnyView {
    let t = if lang == Lang::Es { &ES } else { &EN };
    // Within a state only numbers change, and the block stays.
    let state = Memo::new(move |_| match work.face() {
        Face::Working { .. } => Face::Working { percent: 0, seconds: 0 },
        face => face,
    });
    let absent = Memo::new(move |_| match state.get() {
        Face::Idle => !work.is_eager(),
        face => face == Face::Spared,
    });
    part(move || (!absent.get()).then(|| block(work, t, state)))
}

fn block(work: Work, t: &'static Words, state: Memo<Face>) -> AnyView {
    let picture = part(move || {
        Some(match state.get() {
            Face::Done => icon(Icon::CircleCheck),
            Face::Failed => icon(Icon::Alert),
            _ => drawing(SHIELD),
        })
    });
    let title = move || match state.get() {
        Face::Idle | Face::Spared => t.label,
        Face::Working { .. } => t.working,
        Face::Done => t.done,
        Face::Failed => t.failed,
    };
    let more = move || match work.face() {
        Face::Idle | Face::Spared => t.idle.to_owned(),
        Face::Working { seconds: 0, .. } => t.begun.to_owned(),
        Face::Working { seconds, .. } => fill(t.left, &[&seconds.to_string()]),
        Face::Done => t.may_send.to_owned(),
        Face::Failed => t.failed_remedy.to_owned(),
    };
    let beside = part(move || match state.get() {
        Face::Working { .. } => Some(bar(work, t)),
        Face::Failed => Some(again(work, t)),
        _ => None,
    });
    view! {
        <div class="pow" role="group" aria-label=t.label data-s=mark("ok", move || state.get() == Face::Done)>
            {picture}
            <div class="grow"><b role="status">{words(move || Some(title().to_owned()))}</b><small>{words(move || Some(more()))}</small></div>
            {beside}
        </div>
    }
    .into_any()
}

fn again(work: Work, t: &'static Words) -> AnyView {
    let act = press(move || work.start());
    view! { <button class="btn btn--2 btn--sm" type="button" id=AGAIN on:click=act>{t.again}</button> }.into_any()
}

fn bar(work: Work, t: &'static Words) -> AnyView {
    let percent = Signal::derive(move || match work.face() {
        Face::Working { percent, .. } => percent.to_string(),
        _ => "100".to_owned(),
    });
    view! { <div class="bar"><progress max="100" aria-label=t.progress value=percent></progress></div> }.into_any()
}
