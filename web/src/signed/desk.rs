//! What forms need of a program: the common context, and what was typed before. A password is never kept.
use std::collections::BTreeMap;

use leptos::prelude::*;

use crate::browser::{self, Shelf};
use crate::session::Cx;

/// The context of a form.
#[derive(Clone, Copy)]
pub struct Desk {
    pub cx: Cx,
    noted: StoredValue<BTreeMap<&'static str, String>>,
}

impl Desk {
    /// With nothing noted yet, but for what this tab keeps.
    pub fn new(cx: Cx) -> Desk {
        Desk { cx, noted: StoredValue::new(BTreeMap::new()) }
    }

    /// What was noted on this or another page, since the last load.
    pub fn noted(self, name: &'static str) -> String {
        self.noted.with_value(|noted| noted.get(name).cloned().unwrap_or_default())
    }

    /// Notes something until the next load.
    pub fn note(self, name: &'static str, text: String) {
        self.noted.update_value(|noted| {
            noted.insert(name, text);
        });
    }

    /// What was typed into a control before, on this or another page, or before a reload.
    pub fn typed(self, id: &'static str) -> String {
        let here = self.noted.with_value(|noted| noted.get(id).cloned());
        here.or_else(|| browser::kept(Shelf::Session, &shelf(id))).unwrap_or_default()
    }

    /// Remembers what was typed into a control. The tab keeps it, since the next page may be another program's.
    pub fn keep_typed(self, id: &'static str, text: String) {
        browser::keep(Shelf::Session, &shelf(id), Some(&text));
        self.note(id, text);
    }

    /// Forgets it all. What the tab keeps goes with the session.
    pub fn forget(self) {
        self.noted.set_value(BTreeMap::new());
    }
}

fn shelf(id: &str) -> String {
    ["ventanilla.typed.", id].concat()
}
