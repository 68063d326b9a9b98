//! The keys that tills sign tickets with: which there are, a new one whose secret is shown once, and ending one. It is
//! the second part of the page of keys.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::issuer_settings::BranchSettings;
use shared::problem::{FieldCode, FieldErrors};
use shared::tickets::{NewTillKey, TillKeyMade, TillKeyView};
use uuid::Uuid;

use crate::browser;
use crate::components::button;
use crate::components::empty::empty;
use crate::components::field::{Kind, pick_field, text_field};
use crate::components::live::part;
use crate::components::note::{Tone, note};
use crate::console::api::integrators as api;
use crate::console::api::issuers::all_branches;
use crate::console::list::{Column, badge, cell, faces, name, secret_once, table};
use crate::console::session::Sx;
use crate::format;
use crate::i18n::fill;
use crate::pages::frame::card;
use crate::session::{Load, load};
use crate::signed::acts::{Acts, Question, act};
use crate::signed::form::{Field, Form};

const NAME: usize = 0;
const BRANCH: usize = 1;
/// How to sign, with examples, in the integrators' documentation.
const DOCS: &str = "/api/docs/";

/// The keys, and the branches they sign for.
type Kept = (Vec<TillKeyView>, Vec<BranchSettings>);

/// The section's data and acts.
#[derive(Clone, Copy)]
struct Rack {
    sx: Sx,
    face: RwSignal<Load<Kept>>,
    acts: Acts,
    making: RwSignal<bool>,
    made: RwSignal<Option<TillKeyMade>>,
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (value, pointer) in values.iter().zip(["/name", "/branch_id"]) {
        if value.trim().is_empty() {
            errors.add(pointer, FieldCode::Required);
        }
    }
    errors
}

/// The section.
pub fn section(sx: Sx) -> AnyView {
    let t = &sx.t().tills;
    let rack = Rack {
        sx,
        face: RwSignal::new(Load::Loading),
        acts: Acts::new(sx.cx, &sx.t().acts),
        making: RwSignal::new(false),
        made: RwSignal::new(None),
    };
    rack.again();
    let make = button::act("btn btn--2", t.make, move || rack.making.update(|is| *is = !*is));
    view! {
        <section class="stack" aria-labelledby="tills-title">
            <div class="page-head">
                <div><h2 id="tills-title">{t.title}</h2><p>{t.lead}</p></div>
                {make}
            </div>
            {part(move || rack.secret())}
            {rack.acts.view()}
            {part(move || rack.making.get().then(|| rack.form()))}
            {faces(sx, rack.face, Callback::new(move |()| rack.again()), move |kept| rack.full(kept))}
            <p class="sm"><a href=DOCS rel="external">{t.docs}</a></p>
        </section>
    }
    .into_any()
}

impl Rack {
    fn again(self) {
        let (client, slug) = (self.sx.client, self.sx.slug());
        load(self.face, async move {
            let keys = api::till_keys(client, slug.clone()).await?;
            Ok((keys.data, all_branches(client, slug).await?))
        });
    }

    fn secret(self) -> Option<AnyView> {
        let t = &self.sx.t().tills;
        let made = self.made.get()?;
        let kept = Callback::new(move |()| self.made.set(None));
        let shown = secret_once(self.sx, made.secret, t.made, self.sx.t().keys.kept, kept);
        let address = fill(t.address, &[&made.address]);
        Some(view! { {shown}<p class="sm muted">{address}</p> }.into_any())
    }

    fn form(self) -> AnyView {
        let t = &self.sx.t().tills;
        // Until they are there nobody knows whether there are any; below stands why they did not come.
        let Load::Ready((_, branches)) = self.face.get() else { return ().into_any() };
        if branches.is_empty() {
            return note(Tone::Info, None, t.no_branches.to_owned());
        }
        let fields = vec![
            Field { id: "till-name", pointer: "/name", words: t.name, secret: false },
            Field { id: "till-branch", pointer: "/branch_id", words: t.branch, secret: false },
        ];
        let form = Form::new(self.sx, t.make_title, fields, check);
        let nothing = (String::new(), t.choose.to_owned());
        let rows = branches.iter().map(|branch| (branch.id.to_string(), branch.settings.name.clone()));
        let rows = std::iter::once(nothing).chain(rows).collect();
        browser::focus_soon("till-name");
        let k = &self.sx.t().keys;
        let submit = button::submit("btn", Signal::derive(move || k.create), form.busy.into(), k.creating);
        let cancel = button::act("btn btn--quiet", self.sx.t().acts.cancel, move || self.making.set(false));
        view! {
            <section class="card" aria-labelledby="make-till-title">
                <div class="card__head"><h3 id="make-till-title">{t.make_title}</h3></div>
                <form class="card__body stack" novalidate on:submit=move |event| self.send(&event, form)>
                    {form.summary()}
                    {text_field(form.label(NAME, Some(t.name_hint)), Kind::Plain, form.control(NAME))}
                    {pick_field(form.label(BRANCH, None), rows, form.control(BRANCH))}
                    <div class="row tight">{submit}{cancel}</div>
                </form>
            </section>
        }
        .into_any()
    }

    fn send(self, event: &SubmitEvent, form: Form) {
        event.prevent_default();
        if form.busy.get_untracked() || !form.check() {
            return;
        }
        let Ok(branch_id) = form.value(BRANCH).parse::<Uuid>() else { return };
        form.busy.set(true);
        let body = NewTillKey { branch_id, name: form.value(NAME).trim().to_owned() };
        leptos::task::spawn_local(async move {
            match api::make_till_key(self.sx.client, self.sx.slug(), &body).await {
                Ok(made) => {
                    form.clear();
                    self.making.try_set(false);
                    self.made.try_set(Some(made));
                    self.again();
                }
                Err(reason) => form.explained(&reason),
            }
        });
    }

    fn full(self, (keys, branches): &Kept) -> AnyView {
        let (t, k) = (&self.sx.t().tills, &self.sx.t().keys);
        if keys.is_empty() {
            return card(empty(3, t.none.to_owned(), vec![t.none_words.to_owned()], Vec::new()));
        }
        let columns = [
            Column(k.name, "", ""),
            Column(t.branch, "txt", "2"),
            Column(t.created, "", "3"),
            Column(k.state, "", ""),
            Column("", "ctl", ""),
        ];
        let branch = |id: Uuid| branches.iter().find(|branch| branch.id == id).map(|it| it.settings.name.clone());
        let row = |key: &TillKeyView| self.row(key, branch(key.branch_id).unwrap_or_default(), &columns);
        table(self.sx, t.title, &columns, keys.iter().map(row).collect(), None)
    }

    fn row(self, key: &TillKeyView, branch: String, columns: &[Column; 5]) -> AnyView {
        let (t, k) = (&self.sx.t().tills, &self.sx.t().keys);
        let good = key.revoked_at.is_none();
        let end = good.then(|| {
            let (id, title, said) = (key.id.clone(), fill(k.end_title, &[&key.name]), fill(k.end_done, &[&key.name]));
            let ask = move || {
                let (id, said) = (id.clone(), said.clone());
                let run = act(move || {
                    let (client, slug, id, said) = (self.sx.client, self.sx.slug(), id.clone(), said.clone());
                    self.acts.run(async move { api::end_till_key(client, slug, id).await }, move |()| {
                        self.acts.tell(said);
                        self.again();
                    });
                });
                self.acts.ask(Question { title: title.clone(), words: t.end_words, act: k.end, run });
            };
            button::act("btn btn--bad btn--sm", k.end, ask)
        });
        let state = if good { badge("ok", k.good) } else { badge("bad", k.ended) };
        let cells = vec![
            name(key.name.clone().into_any(), key.id.clone()),
            cell(&columns[1], branch.into_any()),
            cell(&columns[2], format::instant(&key.created_at).into_any()),
            cell(&columns[3], state),
            cell(&columns[4], end.into_any()),
        ];
        view! { <tr>{cells}</tr> }.into_any()
    }
}
