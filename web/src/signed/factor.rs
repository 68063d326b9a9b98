//! The second step of signing in, set up with an authenticator app: a picture for its camera, the same as text, its
//! first code, and the codes of recovery, which are shown once.
pub mod passkeys;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::Secret;
use shared::accounts::second_factor::{ConfirmSecondFactor, Enrolment, RecoveryCodes, SecondFactorView};
use shared::problem::FieldErrors;

use super::client::{Client, Person, Request, Verb};
use super::desk::Desk;
use super::form::{Field, Form};
use crate::api::{Answer, ApiFailure};
use crate::browser;
use crate::components::button;
use crate::components::error_summary::support;
use crate::components::failed::FailedText;
use crate::components::field::{Kind, text_field};
use crate::components::live::{part, words};
use crate::components::note::{Tone, note};
use crate::components::skeleton::skeleton;
use crate::format;
use crate::i18n::fill;
use crate::pages::failure;
use crate::session::{Load, load};
use crate::signed::meaning;

/// The words.
pub struct Factor {
    pub title: &'static str,
    pub lead: &'static str,
    pub since: &'static str,
    pub off: &'static str,
    pub is_on: &'static str,
    pub activate: &'static str,
    pub activating: &'static str,
    pub again: &'static str,
    pub remove: &'static str,
    pub removing: &'static str,
    pub removed: &'static str,
    pub codes_left: &'static str,
    pub codes_left_one: &'static str,
    pub renew: &'static str,
    pub renewing: &'static str,
    pub scan: &'static str,
    pub picture: &'static str,
    pub by_hand: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub code: &'static str,
    pub confirm: &'static str,
    pub confirming: &'static str,
    pub cancel: &'static str,
    pub codes_title: &'static str,
    pub codes_lead: &'static str,
    pub kept: &'static str,
    pub enrol_title: &'static str,
    pub enrol_lead: &'static str,
    pub passkeys: &'static str,
    pub passkeys_lead: &'static str,
    pub passkeys_none: &'static str,
    pub passkeys_unavailable: &'static str,
    pub passkey_since: &'static str,
    pub passkey_used: &'static str,
    pub passkey_name: &'static str,
    pub passkey_hint: &'static str,
    pub passkey_add: &'static str,
    pub passkey_adding: &'static str,
    pub passkey_added: &'static str,
    pub passkey_remove: &'static str,
    pub passkey_removed: &'static str,
    pub or_passkey: &'static str,
}

pub const ES: Factor = Factor {
    title: "Código de aplicación",
    lead: "Además de su contraseña, un código de 6 dígitos que cambia cada 30 segundos en su teléfono.",
    since: "Activo desde el {0}.",
    off: "Sin activar.",
    is_on: "Activo",
    activate: "Activar",
    activating: "Preparando…",
    again: "Cambiar de teléfono",
    remove: "Quitar",
    removing: "Quitando…",
    removed: "Se quitó el código de aplicación.",
    codes_left: "Le quedan {0} códigos de respaldo.",
    codes_left_one: "Le queda 1 código de respaldo.",
    renew: "Códigos de respaldo nuevos",
    renewing: "Creando…",
    scan: "Escanee esta imagen con su aplicación de códigos (Google Authenticator, 1Password, Aegis u otra).",
    picture: "Imagen para su aplicación de códigos; la misma clave está abajo como texto",
    by_hand: "O escriba esta clave en la aplicación:",
    copy: "Copiar",
    copied: "Copiado",
    code: "Código de 6 dígitos",
    confirm: "Confirmar código",
    confirming: "Confirmando…",
    cancel: "Cancelar",
    codes_title: "Guarde sus códigos de respaldo",
    codes_lead: "Si pierde su teléfono, cada uno sirve una vez en lugar del código. No se vuelven a mostrar.",
    kept: "Ya los guardé",
    enrol_title: "Active su segundo paso",
    enrol_lead: "En la consola siempre se piden dos pasos: su contraseña y un código de su teléfono, o una llave de acceso.",
    passkeys: "Llaves de acceso",
    passkeys_lead: "Entre con la huella, el rostro o el PIN de su equipo en lugar de contraseña y código.",
    passkeys_none: "Aún no tiene ninguna.",
    passkeys_unavailable: "Abra el portal por su nombre, no por su dirección IP, para poder usarlas.",
    passkey_since: "Agregada el {0}.",
    passkey_used: "Usada por última vez: {0}.",
    passkey_name: "Nombre de la llave",
    passkey_hint: "Para reconocerla después: «Teléfono», «Llavero».",
    passkey_add: "Agregar llave de acceso",
    passkey_adding: "Esperando a su equipo…",
    passkey_added: "Se agregó la llave de acceso.",
    passkey_remove: "Quitar {0}",
    passkey_removed: "Se quitó la llave de acceso.",
    or_passkey: "o una llave de acceso",
};

pub const EN: Factor = Factor {
    title: "Authenticator app",
    lead: "Besides your password, a code of 6 digits that changes every 30 seconds on your phone.",
    since: "On since {0}.",
    off: "Not set up.",
    is_on: "On",
    activate: "Set up",
    activating: "Preparing…",
    again: "Use another phone",
    remove: "Remove",
    removing: "Removing…",
    removed: "The authenticator app was removed.",
    codes_left: "You have {0} recovery codes left.",
    codes_left_one: "You have 1 recovery code left.",
    renew: "New recovery codes",
    renewing: "Making them…",
    scan: "Scan this picture with your authenticator app (Google Authenticator, 1Password, Aegis or another).",
    picture: "Picture for your authenticator app; the same key is below as text",
    by_hand: "Or type this key into the app:",
    copy: "Copy",
    copied: "Copied",
    code: "6-digit code",
    confirm: "Confirm code",
    confirming: "Confirming…",
    cancel: "Cancel",
    codes_title: "Keep your recovery codes",
    codes_lead: "If you lose your phone, each is good once in place of the code. They are not shown again.",
    kept: "I have kept them",
    enrol_title: "Set up your second step",
    enrol_lead: "The console always asks for two steps: your password and a code of your phone, or a passkey.",
    passkeys: "Passkeys",
    passkeys_lead: "Enter with your device's fingerprint, face or PIN in place of password and code.",
    passkeys_none: "You have none yet.",
    passkeys_unavailable: "Open the portal by its name, not by its IP address, to use them.",
    passkey_since: "Added on {0}.",
    passkey_used: "Last used: {0}.",
    passkey_name: "Name of the passkey",
    passkey_hint: "To know it again: “Phone”, “Key ring”.",
    passkey_add: "Add a passkey",
    passkey_adding: "Waiting for your device…",
    passkey_added: "The passkey was added.",
    passkey_remove: "Remove {0}",
    passkey_removed: "The passkey was removed.",
    or_passkey: "or a passkey",
};

/// Modules of white around the picture, which readers need.
const QUIET: usize = 4;

/// What is on the card.
#[derive(Clone, PartialEq)]
enum Stage {
    /// How it stands.
    Standing,
    /// The app is being set up.
    Enrolling(Enrolment),
    /// The codes of recovery, shown once.
    Codes(Vec<Secret>),
}

/// The second step, and what is being done to it.
struct Setup<P: Person> {
    desk: Desk,
    client: Client<P>,
    t: &'static Factor,
    face: RwSignal<Load<SecondFactorView>>,
    stage: RwSignal<Stage>,
    busy: RwSignal<bool>,
    stopped: RwSignal<Option<FailedText>>,
    said: RwSignal<&'static str>,
    /// Called once the codes of recovery are kept.
    done: Callback<()>,
}

impl<P: Person> Clone for Setup<P> {
    fn clone(&self) -> Setup<P> {
        *self
    }
}

impl<P: Person> Copy for Setup<P> {}

/// The id of the card's heading.
const TITLE: &str = "factor-title";

/// The card of a person's security page.
pub fn card<P: Person>(desk: impl Into<Desk>, client: Client<P>, t: &'static Factor) -> AnyView {
    let setup = Setup::new(desk.into(), client, t, Callback::new(|()| {}));
    setup.again();
    view! {
        <section class="card" aria-labelledby=TITLE>
            <div class="card__head"><h2 id=TITLE>{t.title}</h2>{part(move || setup.badge())}</div>
            <div class="card__body stack">
                {setup.trouble()}
                {part(move || Some(setup.stage_view()))}
                <p class="sm ok" role="status">{words(move || Some(setup.said.get().to_owned()))}</p>
            </div>
        </section>
    }
    .into_any()
}

/// The page of somebody who may do nothing else before; `done` is called at the end.
pub fn enrol<P: Person>(desk: impl Into<Desk>, client: Client<P>, t: &'static Factor, done: Callback<()>) -> AnyView {
    let setup = Setup::new(desk.into(), client, t, done);
    setup.desk.cx.set_title(t.enrol_title);
    setup.begin();
    let content = move || {
        Some(setup.stage.with(|stage| match stage {
            Stage::Standing => skeleton(setup.desk.cx.t().shell.loading, 2),
            stage => setup.drawn(stage),
        }))
    };
    let retry = move || {
        setup
            .stopped
            .with(Option::is_some)
            .then(|| button::act("btn btn--2", setup.desk.cx.t().failure.try_again, move || setup.begin()))
    };
    view! {
        <h1>{t.enrol_title}</h1>
        <p class="lead">{t.enrol_lead}</p>
        <div class="stack">{setup.trouble()}{part(retry)}{part(content)}{passkeys::instead(setup)}</div>
    }
    .into_any()
}

impl<P: Person> Setup<P> {
    fn new(desk: Desk, client: Client<P>, t: &'static Factor, done: Callback<()>) -> Setup<P> {
        Setup {
            desk,
            client,
            t,
            face: RwSignal::new(Load::Loading),
            stage: RwSignal::new(Stage::Standing),
            busy: RwSignal::new(false),
            stopped: RwSignal::new(None),
            said: RwSignal::new(""),
            done,
        }
    }

    fn again(self) {
        load(self.face, async move { self.client.get("/second-factor".to_owned()).await });
    }

    /// Does something, one at a time; `then` sees what came of it.
    fn act<T: 'static>(self, work: impl Future<Output = Answer<T>> + 'static, then: impl FnOnce(T) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.stopped.set(None);
        self.said.set("");
        leptos::task::spawn_local(async move {
            let done = work.await;
            // The page may be gone by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match done {
                Ok(value) => then(value),
                Err(reason) => self.stop(&reason),
            }
        });
    }

    fn stop(self, reason: &ApiFailure) {
        self.stopped.set(Some(failure::face(self.desk.cx.t(), reason)));
    }

    /// Another stage: the pressed control is gone, and the focus goes to the card's heading.
    fn turn(self, stage: Stage) {
        // The page may be gone by now.
        self.stage.try_set(stage);
        browser::focus_heading(TITLE);
    }

    fn begin(self) {
        let work =
            async move { self.client.write(Request::new(Verb::Post, "/second-factor/enrolments".to_owned())).await };
        self.act(work, move |enrolment| self.turn(Stage::Enrolling(enrolment)));
    }

    fn renew(self) {
        let request = Request::new(Verb::Post, "/second-factor/recovery-codes".to_owned());
        let work = async move { self.client.write(request).await };
        self.act(work, move |codes: RecoveryCodes| self.turn(Stage::Codes(codes.codes)));
    }

    fn remove(self) {
        let work = async move { self.client.delete::<()>("/second-factor".to_owned()).await };
        self.act(work, move |()| {
            self.said.set(self.t.removed);
            self.again();
        });
    }

    fn trouble(self) -> AnyView {
        part(move || self.stopped.get().map(|text| meaning::failed(self.desk.cx, text, Vec::new())))
    }

    fn badge(self) -> Option<AnyView> {
        let on = self.face.with(|face| matches!(face, Load::Ready(view) if view.enabled));
        on.then(|| view! { <span class="badge badge--ok">{self.t.is_on}</span> }.into_any())
    }

    fn stage_view(self) -> AnyView {
        self.stage.with(|stage| match stage {
            Stage::Standing => self.standing(),
            stage => self.drawn(stage),
        })
    }

    fn drawn(self, stage: &Stage) -> AnyView {
        match stage {
            Stage::Standing => ().into_any(),
            Stage::Enrolling(enrolment) => self.enrolling(enrolment),
            Stage::Codes(codes) => self.codes(codes),
        }
    }

    fn standing(self) -> AnyView {
        let (t, common) = (self.t, self.desk.cx.t());
        self.face.with(|face| match face {
            Load::Loading => skeleton(common.shell.loading, 1),
            Load::Failed(reason) => {
                let again = move || {
                    self.face.set(Load::Loading);
                    self.again();
                };
                let way = button::act("btn btn--2 btn--sm", common.failure.try_again, again);
                meaning::failed(self.desk.cx, failure::face(common, reason), vec![way])
            }
            Load::Ready(view) => {
                let busy = self.busy.into();
                let begin = |words| button::act_busy("btn btn--2", words, busy, t.activating, move || self.begin());
                if !view.enabled {
                    let lead = [t.off, " ", t.lead].concat();
                    return view! { <p class="sm muted">{lead}</p><div>{begin(t.activate)}</div> }.into_any();
                }
                let since = view.since.as_ref().map(|since| fill(t.since, &[&format::day(&since.civil)]));
                let left = u64::from(view.recovery_codes_left);
                let left = format::plural(left, t.codes_left_one, t.codes_left);
                let lead = [since.unwrap_or_default(), " ".to_owned(), left].concat();
                let renew = button::act_busy("btn btn--2", t.renew, busy, t.renewing, move || self.renew());
                let remove = (!view.compulsory)
                    .then(|| button::act_busy("btn btn--bad", t.remove, busy, t.removing, move || self.remove()));
                view! {
                    <p class="sm muted">{lead}</p>
                    <div class="row">{renew}{begin(t.again)}{remove}</div>
                }
                .into_any()
            }
        })
    }

    fn enrolling(self, enrolment: &Enrolment) -> AnyView {
        let t = self.t;
        let field = Field { id: "new-code", pointer: "/code", words: t.code, secret: true };
        let form = Form::new(self.desk, "", vec![field], check);
        let send = move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let body = ConfirmSecondFactor { code: Secret::new(form.value(0)) };
            leptos::task::spawn_local(async move {
                let done: Answer<RecoveryCodes> =
                    self.client.post("/second-factor/confirmations".to_owned(), &body).await;
                match done {
                    Ok(codes) => self.turn(Stage::Codes(codes.codes)),
                    Err(reason) => form.explained(&reason),
                }
            });
        };
        let secret = enrolment.secret.expose().to_owned();
        let submit = button::submit("btn", Signal::derive(move || t.confirm), form.busy.into(), t.confirming);
        view! {
            <p>{t.scan}</p>
            {picture(&enrolment.qr, t.picture)}
            <p class="sm muted">{t.by_hand}</p>
            {support(secret, t.copy, t.copied)}
            <form class="stack" novalidate on:submit=send>
                {form.summary()}
                {text_field(form.label(0, None), Kind::OneTime, form.control(0))}
                <div>{submit}</div>
            </form>
        }
        .into_any()
    }

    fn codes(self, codes: &[Secret]) -> AnyView {
        let t = self.t;
        let all: Vec<String> = codes.iter().map(|code| code.expose().to_owned()).collect();
        let rows: Vec<AnyView> = all.iter().map(|code| view! { <li>{code.clone()}</li> }.into_any()).collect();
        let kept = move || {
            self.turn(Stage::Standing);
            self.again();
            let _ = self.done.try_run(());
        };
        view! {
            {note(Tone::Waits, Some(t.codes_title.to_owned() + "."), t.codes_lead.to_owned())}
            <ul class="codes mono">{rows}</ul>
            {copier(all.join("\n"), t)}
            <div>{button::act("btn", t.kept, kept)}</div>
        }
        .into_any()
    }
}

/// Copies all codes at once.
fn copier(text: String, t: &'static Factor) -> AnyView {
    let copied = RwSignal::new(false);
    let copy = move || {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            copied.try_set(crate::browser::copy(&text).await);
        });
    };
    view! {
        <div class="row tight">
            {button::act("btn btn--2 btn--sm", t.copy, copy)}
            <span role="status">{words(move || copied.get().then(|| t.copied.to_owned()))}</span>
        </div>
    }
    .into_any()
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    let code = Secret::new(values.first().cloned().unwrap_or_default());
    ConfirmSecondFactor { code }.parse().err().unwrap_or_default()
}

/// The picture that an app's camera reads, black on white in every theme.
fn picture(rows: &[String], words: &'static str) -> AnyView {
    let side = (rows.len() + 2 * QUIET).to_string();
    view! {
        <svg class="qr" viewBox=["0 0 ", &side, " ", &side].concat() role="img" aria-label=words shape-rendering="crispEdges">
            <path d=dark(rows)></path>
        </svg>
    }
    .into_any()
}

/// The dark modules as one path, a stroke for each run of them.
fn dark(rows: &[String]) -> String {
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        let mut start = None;
        for (x, module) in row.bytes().chain([b'0']).enumerate() {
            match (module == b'1', start) {
                (true, None) => start = Some(x),
                (false, Some(from)) => {
                    let (at, run) = ((from + QUIET).to_string(), (x - from).to_string());
                    path += &["M", &at, " ", &(y + QUIET).to_string(), "h", &run, "v1h-", &run, "z"].concat();
                    start = None;
                }
                _ => {}
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_dark_modules_are_drawn_within_the_white() {
        let rows = ["110".to_owned(), "001".to_owned(), "000".to_owned()];
        assert_eq!(dark(&rows), "M4 4h2v1h-2zM6 5h1v1h-1z");
        assert_eq!(dark(&[]), "");
    }
}
