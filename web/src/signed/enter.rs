//! The way in: user and password, then a code when the person has set one up. On a page of its own, or over a page
//! whose session ended; who is signed in afterwards is the client's to say.
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Lang;
use shared::accounts::entry::OpenFirstEntry;
use shared::accounts::second_factor::TakeSecondStep;
use shared::accounts::{Secret, SignIn};
use shared::problem::{FieldErrors, ProblemCode};

use super::client::{Challenge, Client, Entry, Person};
use super::desk::Desk;
use super::form::{Field, Form};
use super::password::{Which, password_field};
use crate::api::Answer;
use crate::browser;
use crate::components::button;
use crate::components::error_summary::Summary;
use crate::components::field::{Kind, text_field};
use crate::components::icon::{Icon, icon};
use crate::components::live::{part, press};
use crate::pages::failure;

/// The words.
pub struct Access {
    pub title: &'static str,
    pub lead: &'static str,
    pub user: &'static str,
    pub user_hint: &'static str,
    pub password: &'static str,
    pub show: &'static str,
    pub enter: &'static str,
    pub entering: &'static str,
    pub code_title: &'static str,
    pub code_lead: &'static str,
    pub code: &'static str,
    pub code_back: &'static str,
    pub lost_phone: &'static str,
    pub use_recovery: &'static str,
    pub recovery_lead: &'static str,
    pub recovery: &'static str,
    pub use_app: &'static str,
    pub or: &'static str,
    pub passkey: &'static str,
}

pub const ES: Access = Access {
    title: "Entrar al portal",
    lead: "Consulte sus facturas y descargue sus XML y PDF.",
    user: "Correo electrónico",
    user_hint: "También puede escribir su usuario o su RFC.",
    password: "Contraseña",
    show: "Mostrar contraseña",
    enter: "Entrar",
    entering: "Entrando…",
    code_title: "Escriba su código",
    code_lead: "Abra su aplicación de códigos y escriba los 6 dígitos de Ventanilla.",
    code: "Código de 6 dígitos",
    code_back: "Volver",
    lost_phone: "¿Perdió su teléfono?",
    use_recovery: "Use un código de respaldo",
    recovery_lead: "Escriba uno de los códigos de respaldo que guardó. Cada uno sirve una vez.",
    recovery: "Código de respaldo",
    use_app: "Usar el código de la aplicación",
    or: "o",
    passkey: "Entrar con llave de acceso",
};

pub const EN: Access = Access {
    title: "Sign in to the portal",
    lead: "See your invoices and download their XML and PDF.",
    user: "Email",
    user_hint: "You can also type your user name or RFC.",
    password: "Password",
    show: "Show password",
    enter: "Sign in",
    entering: "Signing in…",
    code_title: "Type your code",
    code_lead: "Open your authenticator app and type Ventanilla's 6 digits.",
    code: "6-digit code",
    code_back: "Back",
    lost_phone: "Did you lose your phone?",
    use_recovery: "Use a recovery code",
    recovery_lead: "Type one of the recovery codes you kept. Each is good once.",
    recovery: "Recovery code",
    use_app: "Use the app's code",
    or: "or",
    passkey: "Sign in with a passkey",
};

const USER: usize = 0;
const PASSWORD: usize = 1;
const CODE: usize = 0;

fn body(values: &[String]) -> SignIn {
    let value = |n: usize| values.get(n).cloned().unwrap_or_default();
    SignIn { user: value(USER), password: Secret::new(value(PASSWORD)), issuer: None }
}

fn check(values: &[String], _: Lang) -> FieldErrors {
    body(values).parse().err().unwrap_or_default()
}

fn check_password(values: &[String], lang: Lang) -> FieldErrors {
    // Who signs in is known: only the password is asked for.
    check(&["-".to_owned(), values.first().cloned().unwrap_or_default()], lang)
}

fn check_code(values: &[String], _: Lang) -> FieldErrors {
    let code = Secret::new(values.get(CODE).cloned().unwrap_or_default());
    TakeSecondStep { challenge: Secret::new("-"), code }.parse().err().unwrap_or_default()
}

/// Where somebody stands on the way in.
#[derive(Clone, PartialEq)]
enum Step {
    Password,
    /// The code of the app, with what is sent back with it.
    Code(Challenge),
    /// A code of recovery.
    Recovery(Challenge),
}

/// The way in, for a person on the page or for nobody yet.
pub struct Way<P: Person> {
    desk: Desk,
    client: Client<P>,
    words: &'static Access,
    /// Over a page of this user.
    over: StoredValue<Option<String>>,
    step: RwSignal<Step>,
    /// Why the password is asked for again.
    again: RwSignal<Option<Summary>>,
    done: Callback<()>,
    /// Where the user twice leads, in the place of signing in.
    twice: StoredValue<Option<Callback<()>>>,
}

impl<P: Person> Clone for Way<P> {
    fn clone(&self) -> Way<P> {
        *self
    }
}

impl<P: Person> Copy for Way<P> {}

/// The parts of a step: its names, its form's inside, and what sends it.
pub struct Parts {
    pub title: &'static str,
    pub lead: &'static str,
    pub form: Form,
    pub fields: AnyView,
    pub more: AnyView,
    pub submit: AnyView,
    pub send: Box<dyn FnMut(SubmitEvent)>,
    /// It is the step of the code.
    pub second: bool,
}

impl<P: Person> Way<P> {
    /// At its beginning. `done` is called once somebody is signed in; `over` is the user of the page below.
    pub fn new(
        desk: impl Into<Desk>,
        client: Client<P>,
        words: &'static Access,
        over: Option<String>,
        done: Callback<()>,
    ) -> Way<P> {
        let (over, step, again) = (StoredValue::new(over), RwSignal::new(Step::Password), RwSignal::new(None));
        let twice = StoredValue::new(None);
        Way { desk: desk.into(), client, words, over, step, again, done, twice }
    }

    /// The same; whoever types an RFC as user and password is led elsewhere.
    pub fn with_first_entry(self, lead: Callback<()>) -> Way<P> {
        self.twice.set_value(Some(lead));
        self
    }

    /// The step to draw, tracked.
    pub fn parts(self) -> Parts {
        match self.step.get() {
            Step::Password => self.password(),
            Step::Code(challenge) => self.code(challenge, false),
            Step::Recovery(challenge) => self.code(challenge, true),
        }
    }

    /// A letter's link was good as the password is: the code is next.
    pub fn need_code(self, challenge: Challenge) {
        self.step.set(Step::Code(challenge));
    }

    /// Whether a code is asked for, tracked.
    pub fn is_second(self) -> bool {
        self.step.with(|step| *step != Step::Password)
    }

    /// The step on a page of its own, with `more` below the password.
    pub fn view(self, more: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
        part(move || {
            let parts = self.parts();
            self.desk.cx.set_title(parts.title);
            let (back, more) = if parts.second { (Some(self.back()), ().into_any()) } else { (None, more()) };
            let view = view! {
                {back}
                {parts.form.summary()}
                <h1>{parts.title}</h1>
                <p class="lead">{parts.lead}</p>
                <form class="stack" novalidate on:submit=parts.send>
                    {parts.fields}
                    {more}
                    {parts.submit}
                    {parts.more}
                </form>
            };
            Some(view.into_any())
        })
    }

    /// Leads back to the password.
    fn back(self) -> AnyView {
        let back = move || self.step.set(Step::Password);
        let words = self.words.code_back;
        view! { <button class="backlink linkbtn" type="button" on:click=press(back)>{icon(Icon::ChevronLeft)}{words}</button> }
            .into_any()
    }

    fn is_over(self) -> bool {
        self.over.with_value(Option::is_some)
    }

    /// Ids differ over a page that may have the same fields.
    fn id(self, page: &'static str, over: &'static str) -> &'static str {
        if self.is_over() { over } else { page }
    }

    fn password(self) -> Parts {
        let t = self.words;
        let user = Field { id: "user", pointer: "/user", words: t.user, secret: false };
        let password =
            Field { id: self.id("password", "over-password"), pointer: "/password", words: t.password, secret: true };
        let over = self.over.get_value();
        let form = match over {
            Some(_) => Form::new(self.desk, "", vec![password], check_password),
            None => Form::new(self.desk, t.title, vec![user, password], check),
        };
        if let Some(why) = self.again.get_untracked() {
            form.stop(why);
        }
        let known = over.clone();
        let value = move || match &known {
            Some(user) => {
                let password = Secret::new(form.value(0));
                SignIn { user: user.clone(), password, issuer: Some(self.desk.cx.slug()) }
            }
            None => SignIn { issuer: Some(self.desk.cx.slug()), ..body(&[form.value(USER), form.value(PASSWORD)]) },
        };
        let fields = match over {
            Some(user) => view! {
                <div class="field">
                    <div class="field__label"><label for="over-user">{t.user}</label></div>
                    <input class="input" id="over-user" type="text" readonly autocomplete="username" value=user/>
                </div>
                {password_field(form.label(0, None), Which::Current, t.show, form.control(0))}
            }
            .into_any(),
            None => {
                let hint = Some(t.user_hint).filter(|hint| !hint.is_empty());
                view! {
                    {text_field(form.label(USER, hint), Kind::User, form.control(USER))}
                    {password_field(form.label(PASSWORD, None), Which::Current, t.show, form.control(PASSWORD))}
                }
                .into_any()
            }
        };
        let enter = self.sender(form, {
            let value = value.clone();
            move || {
                let value = value();
                async move { self.client.enter(&value, self.is_over()).await }
            }
        });
        let send = self.unless_twice(value, enter);
        let submit = self.submit(form);
        // Over a page its own person comes back, by user and password.
        let more = if self.is_over() { ().into_any() } else { self.by_passkey(form, None) };
        Parts { title: t.title, lead: t.lead, form, fields, more, submit, send, second: false }
    }

    /// The way by a passkey: in place of a challenge's code, or of everything.
    fn by_passkey(self, form: Form, challenge: Option<Secret>) -> AnyView {
        let (t, over) = (self.words, self.is_over());
        let press = move || {
            if form.busy.get_untracked() {
                return;
            }
            form.busy.set(true);
            let challenge = challenge.clone();
            leptos::task::spawn_local(async move {
                self.came(form, self.client.enter_passkey(challenge, over).await);
            });
        };
        let class = if over { "btn btn--2" } else { "btn btn--2 btn--block" };
        view! { <div class="or">{t.or}</div>{button::act(class, t.passkey, press)} }.into_any()
    }

    fn code(self, challenge: Challenge, recovery: bool) -> Parts {
        let t = self.words;
        let (words, kind) = if recovery { (t.recovery, Kind::Mixed) } else { (t.code, Kind::OneTime) };
        let id = self.id("code", "over-code");
        let form_title = if self.is_over() { "" } else { t.code_title };
        let field = Field { id, pointer: "/code", words, secret: true };
        let form = Form::new(self.desk, form_title, vec![field], check_code);
        browser::focus_soon(id);
        let (sent, passkey) = (challenge.token.clone(), challenge.passkey.then(|| challenge.token.clone()));
        let send = self.sender(form, move || {
            let value = TakeSecondStep { challenge: sent.clone(), code: Secret::new(form.value(CODE)) };
            async move { self.client.enter_code(&value, self.is_over()).await }
        });
        let turn = move || {
            let challenge = challenge.clone();
            self.step.set(if recovery { Step::Code(challenge) } else { Step::Recovery(challenge) });
        };
        let passkey = passkey.map(|token| self.by_passkey(form, Some(token)));
        let other = if recovery {
            view! { <p class="sm">{button::act("linkbtn", t.use_app, turn)}</p> }.into_any()
        } else {
            view! { <p class="sm muted">{t.lost_phone}" "{button::act("linkbtn", t.use_recovery, turn)}</p> }.into_any()
        };
        let more = view! { {passkey}{other} }.into_any();
        let fields = text_field(form.label(CODE, None), kind, form.control(CODE));
        let lead = if recovery { t.recovery_lead } else { t.code_lead };
        Parts { title: t.code_title, lead, form, fields, more, submit: self.submit(form), send, second: true }
    }

    fn submit(self, form: Form) -> AnyView {
        let t = self.words;
        let class = if self.is_over() { "btn" } else { "btn btn--block btn--lg" };
        button::submit(class, Signal::derive(move || t.enter), form.busy.into(), t.entering)
    }

    /// Sends, unless an RFC stands twice and that leads elsewhere.
    fn unless_twice(
        self,
        value: impl Fn() -> SignIn + 'static,
        mut send: Box<dyn FnMut(SubmitEvent)>,
    ) -> Box<dyn FnMut(SubmitEvent)> {
        Box::new(move |event: SubmitEvent| {
            let SignIn { user, password, issuer } = value();
            match self.twice.get_value() {
                Some(lead) if (OpenFirstEntry { user, password, issuer }).parse().is_some() => {
                    event.prevent_default();
                    lead.run(());
                }
                _ => send(event),
            }
        })
    }

    /// What sends a step's form.
    fn sender<F>(self, form: Form, ask: impl Fn() -> F + 'static) -> Box<dyn FnMut(SubmitEvent)>
    where
        F: Future<Output = Answer<Entry>> + 'static,
    {
        Box::new(move |event: SubmitEvent| {
            event.prevent_default();
            if form.busy.get_untracked() || !form.check() {
                return;
            }
            form.busy.set(true);
            let asked = ask();
            leptos::task::spawn_local(async move {
                self.came(form, asked.await);
            });
        })
    }

    /// What came of a step.
    fn came(self, form: Form, answer: Answer<Entry>) {
        match answer {
            Ok(Entry::Done) => {
                let _ = self.done.try_run(());
            }
            Ok(Entry::Code(challenge)) => {
                self.again.try_set(None);
                self.step.try_set(Step::Code(challenge));
            }
            Err(failed) => {
                if failed.code() == Some(ProblemCode::SecondStepExpired) {
                    // The words go along: this form is about to give way to the first.
                    let why = failure::summary(self.desk.cx.t(), &failed, Vec::new());
                    self.again.try_set(Some(why));
                    self.step.try_set(Step::Password);
                    return;
                }
                form.failed(&failed, Vec::new());
            }
        }
    }
}
