//! Passkeys: those a person has, and another one.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::passkeys::{PasskeyView, Passkeys, check_name};
use shared::problem::FieldErrors;

use super::{Factor, Setup, Stage};
use crate::components::button;
use crate::components::field::{Kind, text_field};
use crate::components::live::{part, press, words};
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::session::{Load, load};
use crate::signed::client::{Client, Person};
use crate::signed::desk::Desk;
use crate::signed::form::{Field, Form};
use crate::signed::meaning;

type Keys = RwSignal<Load<Passkeys>>;

/// The card of a person's security page.
pub fn card<P: Person>(desk: impl Into<Desk>, client: Client<P>, t: &'static Factor) -> AnyView {
    let keys: Keys = RwSignal::new(Load::Loading);
    let ask = Callback::new(move |()| load(keys, async move { client.get("/passkeys".to_owned()).await }));
    let setup = Setup::new(desk.into(), client, t, ask);
    ask.run(());
    let content = move || {
        setup.stage.with(|stage| match stage {
            Stage::Codes(codes) => Some(setup.codes(codes)),
            _ => Some(setup.passkeys(keys)),
        })
    };
    view! {
        <section class="card" aria-labelledby="passkeys-title">
            <div class="card__head"><h2 id="passkeys-title">{t.passkeys}</h2></div>
            <div class="card__body stack">
                <p class="sm muted">{t.passkeys_lead}</p>
                {setup.trouble()}
                {part(content)}
                <p class="sm ok" role="status">{words(move || Some(setup.said.get().to_owned()))}</p>
            </div>
        </section>
    }
    .into_any()
}

/// One in the place of an app's codes, for who must set one of both up.
pub(super) fn instead<P: Person>(setup: Setup<P>) -> AnyView {
    let shown = Memo::new(move |_| setup.stage.with(|stage| !matches!(stage, Stage::Codes(_))));
    part(move || {
        let or = setup.t.or_passkey;
        shown.get().then(|| view! { <div class="or">{or}</div>{setup.another()} }.into_any())
    })
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    check_name(values.first().map_or("", String::as_str))
}

impl<P: Person> Setup<P> {
    fn passkeys(self, keys: Keys) -> AnyView {
        let (t, common) = (self.t, self.desk.cx.t());
        keys.with(|face| match face {
            Load::Loading => skeleton(common.shell.loading, 1),
            Load::Failed(reason) => {
                let again = button::act("btn btn--2 btn--sm", common.failure.try_again, move || {
                    keys.set(Load::Loading);
                    let _ = self.done.try_run(());
                });
                meaning::failed(self.desk.cx, failure::face(common, reason), vec![again])
            }
            Load::Ready(Passkeys { available: false, .. }) => {
                view! { <p class="sm">{t.passkeys_unavailable}</p> }.into_any()
            }
            Load::Ready(there) => {
                let rows: Vec<AnyView> = there.passkeys.iter().map(|key| self.passkey(key)).collect();
                let list = if rows.is_empty() {
                    view! { <p class="sm muted">{t.passkeys_none}</p> }.into_any()
                } else {
                    view! { <ul class="list">{rows}</ul> }.into_any()
                };
                view! { {list}{self.another()} }.into_any()
            }
        })
    }

    fn passkey(self, key: &PasskeyView) -> AnyView {
        let t = self.t;
        let since = fill(t.passkey_since, &[&format::day(&key.created_at.civil)]);
        let used = key.last_used_at.as_ref().map(|at| fill(t.passkey_used, &[&format::date_time(&at.civil)]));
        let told = [since, " ".to_owned(), used.unwrap_or_default()].concat();
        let path = ["/passkeys/", &key.id.to_string()].concat();
        let remove = move || {
            let path = path.clone();
            let work = async move { self.client.delete::<()>(path).await };
            self.act(work, move |()| {
                self.said.set(self.t.passkey_removed);
                let _ = self.done.try_run(());
            });
        };
        let name = fill(t.passkey_remove, &[&key.name]);
        view! {
            <li>
                <div class="grow"><b>{key.name.clone()}</b><small>{told}</small></div>
                <button class="btn btn--quiet btn--sm" type="button" aria-label=name on:click=press(remove)>
                    {t.remove}
                </button>
            </li>
        }
        .into_any()
    }

    /// The form for one more.
    fn another(self) -> AnyView {
        let t = self.t;
        let field = Field { id: "passkey-name", pointer: "/name", words: t.passkey_name, secret: false };
        let form = Form::new(self.desk, "", vec![field], check);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            self.said.set("");
            leptos::task::spawn_local(async move {
                match self.client.add_passkey(&form.value(0)).await {
                    Ok(kept) => {
                        form.saved();
                        if kept.recovery_codes.is_empty() {
                            self.said.try_set(self.t.passkey_added);
                            let _ = self.done.try_run(());
                        } else {
                            self.stage.try_set(Stage::Codes(kept.recovery_codes));
                        }
                    }
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let submit =
            button::submit("btn btn--2", Signal::derive(move || t.passkey_add), form.busy.into(), t.passkey_adding);
        view! {
            <form class="stack" novalidate on:submit=send>
                {form.summary()}
                {text_field(form.label(0, Some(t.passkey_hint)), Kind::Plain, form.control(0))}
                <div>{submit}</div>
            </form>
        }
        .into_any()
    }
}
