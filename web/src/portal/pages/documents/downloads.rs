//! The files of documents: the buttons that save them, one at a time, and what is said when one cannot be had. A kind
//! without XML says so where the button would be (C30, C42).
use leptos::prelude::*;
use shared::documents::{DocumentKind, DocumentRow};
use uuid::Uuid;

use crate::api::ApiFailure;
use crate::browser;
use crate::components::button;
use crate::components::failed::failed;
use crate::components::icon::{Icon, drawing, icon};
use crate::components::live::{mark, part, press, words};
use crate::components::tip::bubble;
use crate::i18n::fill;
use crate::pages::failure;
use crate::portal::api::documents::{self, File};
use crate::portal::icons;
use crate::portal::session::Px;

/// A file asked for.
#[derive(Clone, PartialEq)]
struct Wanted {
    id: Uuid,
    number: String,
    file: File,
}

/// The downloads of a page.
#[derive(Clone, Copy)]
pub struct Downloads {
    px: Px,
    now: RwSignal<Option<Wanted>>,
    failed: RwSignal<Option<(Wanted, ApiFailure)>>,
    said: RwSignal<Option<String>>,
}

/// How a button looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// An icon in a table; a phone shows its word too.
    Icon,
    /// A wide button with a word.
    Large,
    /// A small button with a word.
    Small,
}

/// Why a file cannot be had, brought before the eyes: its button may be screens below.
pub fn stopped(px: Px, id: &'static str, failure: &ApiFailure, ways: Vec<AnyView>) -> AnyView {
    browser::focus_soon(id);
    view! { <div id=id tabindex="-1">{failed(failure::face(px.cx.t(), failure), ways)}</div> }.into_any()
}

impl Downloads {
    /// None yet.
    pub fn start(px: Px) -> Downloads {
        Downloads { px, now: RwSignal::new(None), failed: RwSignal::new(None), said: RwSignal::new(None) }
    }

    fn take(self, wanted: Wanted) {
        if self.now.with_untracked(Option::is_some) {
            return;
        }
        let t = &self.px.t().documents;
        self.failed.set(None);
        self.said.set(Some(fill(t.downloading, &[&wanted.number])));
        self.now.set(Some(wanted.clone()));
        leptos::task::spawn_local(async move {
            let answer = documents::download(self.px.client, wanted.id, wanted.file).await;
            self.now.try_set(None);
            match answer {
                Ok(()) => drop(self.said.try_set(Some(fill(t.downloaded, &[&wanted.number])))),
                Err(failure) => {
                    self.said.try_set(None);
                    self.failed.try_set(Some((wanted, failure)));
                }
            }
        });
    }

    /// What became of the last one: nothing to see when it went well, since the browser shows the file.
    pub fn face(self) -> AnyView {
        let t = self.px.cx.t();
        let face = part(move || {
            let (wanted, failure) = self.failed.get()?;
            let again = move || self.take(wanted.clone());
            let again = button::act("btn btn--2 btn--sm", t.failure.try_again, again);
            Some(stopped(self.px, "descarga", &failure, vec![again]))
        });
        view! { <p class="vh" role="status">{words(move || self.said.get())}</p>{face} }.into_any()
    }

    /// PDF and XML of a row.
    pub fn icons(self, row: &DocumentRow) -> AnyView {
        let xml = match self.no_xml(row) {
            None => self.button(row, File::Xml, Look::Icon),
            Some(why) => self.absent(row, why),
        };
        view! { <span class="pair">{self.button(row, File::Pdf, Look::Icon)}{xml}</span> }.into_any()
    }

    /// The PDF of a row whose kind has nothing else.
    pub fn pdf(self, row: &DocumentRow) -> AnyView {
        self.button(row, File::Pdf, Look::Small)
    }

    /// The files of the document a page is about.
    pub fn large(self, row: &DocumentRow) -> AnyView {
        let xml = match self.no_xml(row) {
            None => self.button(row, File::Xml, Look::Large),
            Some(why) => view! { <p class="sm muted files__none">{why}</p> }.into_any(),
        };
        view! { <div class="dl">{self.button(row, File::Pdf, Look::Large)}{xml}</div> }.into_any()
    }

    fn no_xml(self, row: &DocumentRow) -> Option<&'static str> {
        let t = &self.px.t().documents;
        match row.kind {
            _ if row.has_xml => None,
            DocumentKind::EstadoDeCuenta => Some(t.no_xml_statement),
            _ => Some(t.no_xml_recibo),
        }
    }

    /// Stays focusable, so that everybody meets the reason.
    fn absent(self, row: &DocumentRow, why: &'static str) -> AnyView {
        let name = fill(self.px.t().documents.no_xml_of, &[&row.number, why]);
        let button = view! {
            <button class="btn btn--icon" type="button" aria-disabled="true" aria-label=name>
                {icon(Icon::FileCode)}<span class="file__word">"XML"</span>
            </button>
        };
        bubble("tip tip--why", button.into_any(), why)
    }

    fn button(self, row: &DocumentRow, file: File, look: Look) -> AnyView {
        let t = &self.px.t().documents;
        let (name, word, drawn) = match file {
            File::Pdf => (t.pdf_of, "PDF", Icon::FileText),
            File::Xml => (t.xml_of, "XML", Icon::FileCode),
        };
        let (class, word_class) = match look {
            Look::Icon => ("btn btn--icon", "file__word"),
            Look::Large => ("btn btn--2", ""),
            Look::Small => ("btn btn--2 btn--sm", ""),
        };
        let wanted = Wanted { id: row.id, number: row.number.clone(), file };
        let mine = wanted.clone();
        let busy = Memo::new(move |_| self.now.with(|now| now.as_ref() == Some(&mine)));
        let mark_of_it = part(move || {
            Some(match look {
                _ if busy.get() => icon(Icon::Spinner),
                Look::Small => drawing(icons::DOWNLOAD),
                _ => icon(drawn),
            })
        });
        view! {
            <button
                class=class
                type="button"
                aria-label=fill(name, &[&row.number])
                aria-busy=mark("true", move || busy.get())
                on:click=press(move || self.take(wanted.clone()))
            >
                {mark_of_it}
                <span class=word_class>{word}</span>
            </button>
        }
        .into_any()
    }
}
