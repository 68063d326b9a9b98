//! The client of the portal API for a signed-in person. The access token is in memory only; the browser keeps the
//! other half in a cookie that no page can read. A session that ran out is renewed once and silently; one that is
//! over asks for the password in a dialog over the page, and then the call is repeated.
use std::future::Future;

use js_sys::{Function, Promise};
use leptos::ev;
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::ProblemCode;
use shared::accounts::Secret;
use shared::accounts::work::Flow;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

pub use super::entering::{Challenge, Entry};
use super::send;
pub use super::send::{Request, Verb};
use crate::api::{Answer, ApiFailure};
use crate::browser::{self, Shelf};
use crate::work::Work;

/// Somebody who signs in.
pub trait Person: Clone + PartialEq + Send + Sync + DeserializeOwned + 'static {
    /// Where sessions are opened.
    const SESSIONS: &'static str;
    /// Where the person is told.
    const ME: &'static str;
    /// Under which name the browser keeps that it was left signed in, and for what: tabs share the session and must not
    /// show one's pages with another's data. It is no secret and opens nothing.
    const KEPT: &'static str;

    /// What the session is for.
    fn purpose(&self) -> String;

    /// What to sign in with, to be shown; `by_name`: the user name, of whom has one.
    fn user(&self, by_name: bool) -> &str;

    /// Gives a session that was opened anew, in place of one of `before`, the same purpose.
    fn restore(client: Client<Self>, before: &Self, opened: Opened<Self>) -> impl Future<Output = Opened<Self>>;
}

/// Whether somebody is signed in.
#[derive(Clone, PartialEq)]
pub enum Who<P> {
    /// The server is being asked.
    Asking,
    /// The server could not be asked.
    Unknown(ApiFailure),
    /// Nobody is.
    Nobody,
    /// This person, until they leave: an expired session only asks for the password again.
    Person(Box<P>),
}

/// A session that was opened or goes on.
#[derive(Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
pub struct Opened<P> {
    pub access_token: Secret,
    pub me: P,
}

/// What a call waits for the person to give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The session is over: they sign in again.
    Session,
    /// They prove once more who they are.
    Proof,
}

/// The client.
pub struct Client<P: Person> {
    who: RwSignal<Who<P>>,
    token: StoredValue<Option<Secret>>,
    /// People sign in with their user name here.
    by_name: StoredValue<bool>,
    /// It looks at somebody's pages and is nobody's session: nothing is renewed, kept or forgotten.
    looking: StoredValue<bool>,
    /// The one renewal under way; who comes meanwhile waits for it.
    renewing: StoredValue<Option<Promise>, LocalStorage>,
    /// What the dialog over the page asks for, while it is open.
    asking: RwSignal<Option<Need>>,
    /// Settled when the dialog closes, with what ends the wait.
    answered: StoredValue<Option<(Promise, Function)>, LocalStorage>,
    /// What signing in costs where passwords are guessed.
    pub(super) work: Work,
}

impl<P: Person> Clone for Client<P> {
    fn clone(&self) -> Client<P> {
        *self
    }
}

impl<P: Person> Copy for Client<P> {}

impl<P: Person> Default for Client<P> {
    fn default() -> Client<P> {
        Client::new()
    }
}

impl<P: Person> Client<P> {
    /// A client that knows nobody.
    pub fn new() -> Client<P> {
        Client {
            who: RwSignal::new(Who::Nobody),
            token: StoredValue::new(None),
            by_name: StoredValue::new(false),
            looking: StoredValue::new(false),
            renewing: StoredValue::new_local(None),
            asking: RwSignal::new(None),
            answered: StoredValue::new_local(None),
            work: Work::on_demand(Flow::SignIn),
        }
    }

    /// Who is signed in.
    pub fn who(self) -> RwSignal<Who<P>> {
        self.who
    }

    /// What is being asked for over the page.
    pub fn asking(self) -> RwSignal<Option<Need>> {
        self.asking
    }

    /// People sign in with their user name here.
    pub fn names_users(self) {
        self.by_name.set_value(true);
    }

    /// What a person signs in with here.
    pub fn user_of(self, me: &P) -> String {
        me.user(self.by_name.get_value()).to_owned()
    }

    /// Whether this browser was left signed in.
    pub fn left_signed_in() -> bool {
        browser::kept(Shelf::Local, P::KEPT).is_some()
    }

    /// Looks at somebody's pages with a token that was opened for it; without one the look is over.
    pub fn look(self, token: Option<String>) {
        self.looking.set_value(true);
        self.token.set_value(token.map(Secret::new));
        self.who.set(Who::Asking);
        leptos::task::spawn_local(async move {
            match self.me_now().await {
                Ok(me) => self.is(me),
                Err(failure) => self.who.set(Who::Unknown(failure)),
            }
        });
    }

    /// Whether it only looks.
    pub fn is_looking(self) -> bool {
        self.looking.get_value()
    }

    async fn me_now(self) -> Answer<P> {
        let token = self.token.get_value().ok_or(ApiFailure::SignedOut)?;
        send::decode(&send::text(Request::new(Verb::Get, P::ME.to_owned()), Some(token)).await?)
    }

    /// Asks the server who is there, as after a reload.
    pub fn resume(self) {
        self.who.set(Who::Asking);
        leptos::task::spawn_local(async move {
            let who = match self.renew().await {
                Ok(()) => return,
                Err(ApiFailure::SignedOut) => Who::Nobody,
                Err(failure) => Who::Unknown(failure),
            };
            self.who.set(who);
        });
    }

    /// Follows what the person does in other tabs: `leave`s with them, and turns to the same purpose.
    pub fn follow_other_tabs(self, leave: impl Fn() + 'static) {
        // It listens as long as the page lives.
        let _ = window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() != Some(P::KEPT) || self.is_looking() {
                return;
            }
            let now = self.who.with_untracked(|who| match who {
                Who::Person(me) => Some(me.purpose()),
                _ => None,
            });
            match browser::kept(Shelf::Local, P::KEPT) {
                None if now.is_some() => {
                    self.settle(false);
                    leave();
                }
                Some(_) if now.is_none() => self.resume(),
                Some(purpose) if now.as_ref() != Some(&purpose) => self.look_again(),
                _ => {}
            }
        });
    }

    /// Asks what the session is for now.
    pub fn look_again(self) {
        leptos::task::spawn_local(async move {
            // Without an answer the next renewal says it.
            if let Ok(me) = self.get::<P>(P::ME.to_owned()).await {
                self.is(me);
            }
        });
    }

    /// Forgets the person and the token.
    pub fn forget(self) {
        self.token.set_value(None);
        if self.is_looking() {
            return;
        }
        browser::keep(Shelf::Local, P::KEPT, None);
        browser::empty(Shelf::Session);
        self.who.set(Who::Nobody);
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(self, path: String) -> Answer<T> {
        send::decode(&self.call(Request::new(Verb::Get, path)).await?)
    }

    /// Does something.
    pub async fn post<T: DeserializeOwned>(self, path: String, body: &impl Serialize) -> Answer<T> {
        self.write(Request::new(Verb::Post, path).with_body(body)?).await
    }

    /// Does something that must not happen twice: repeated with the same key and body, it happens once.
    pub async fn post_key<T: DeserializeOwned>(self, path: String, key: Uuid, body: &impl Serialize) -> Answer<T> {
        self.write(Request::new(Verb::Post, path).with_key(key).with_body(body)?).await
    }

    /// Puts something in the place of what is there.
    pub async fn put<T: DeserializeOwned>(self, path: String, body: &impl Serialize) -> Answer<T> {
        self.write(Request::new(Verb::Put, path).with_body(body)?).await
    }

    /// Ends something.
    pub async fn delete<T: DeserializeOwned>(self, path: String) -> Answer<T> {
        self.write(Request::new(Verb::Delete, path)).await
    }

    /// Lets the browser save a file under the name that the server gives it.
    pub async fn download(self, path: String) -> Answer<()> {
        let request = Request::new(Verb::Get, path).of_files();
        let file = self.signed(|token| send::file(request.clone(), token)).await?;
        send::save(&file)
    }

    /// Sends a request that changes something.
    pub async fn write<T: DeserializeOwned>(self, request: Request) -> Answer<T> {
        send::decode(&self.call(request).await?)
    }

    pub(super) async fn call(self, request: Request) -> Answer<String> {
        self.signed(|token| send::text(request.clone(), token)).await
    }

    /// Calls; when the person must first prove who they are, asks for that and calls again.
    async fn signed<T, F: Future<Output = Answer<T>>>(self, call: impl Fn(Option<Secret>) -> F) -> Answer<T> {
        match self.with_session(&call).await {
            Err(failed) if failed.code() == Some(ProblemCode::ProofNeeded) => {
                if !self.ask(Need::Proof).await {
                    return Err(failed);
                }
                self.with_session(&call).await
            }
            answer => answer,
        }
    }

    /// Calls with the token there is; renews it once; then asks the person to sign in.
    async fn with_session<T, F: Future<Output = Answer<T>>>(self, call: &impl Fn(Option<Secret>) -> F) -> Answer<T> {
        let used = self.token.get_value();
        if self.is_looking() {
            let answer = call(used).await;
            // A page that no look reaches answers the same as a look that is over: the person's own page tells them apart.
            if matches!(answer, Err(ApiFailure::SignedOut)) && self.me_now().await.is_err() {
                self.who.set(Who::Unknown(ApiFailure::SignedOut));
            }
            return answer;
        }
        if used.is_some() {
            match call(used.clone()).await {
                Err(ApiFailure::SignedOut) => {}
                answer => return answer,
            }
        }
        // Another call may have renewed it while this one was on its way.
        if self.token.get_value() == used {
            match self.renew().await {
                Err(ApiFailure::SignedOut) => self.sign_in_over().await?,
                renewed => renewed?,
            }
        }
        match call(self.token.get_value()).await {
            Err(ApiFailure::SignedOut) => {}
            answer => return answer,
        }
        self.sign_in_over().await?;
        call(self.token.get_value()).await
    }

    /// Renews the session, together with whoever else wants to.
    async fn renew(self) -> Answer<()> {
        let running = self.renewing.with_value(Option::clone).unwrap_or_else(|| {
            let work = future_to_promise(async move {
                let done = self.renew_now().await;
                self.renewing.set_value(None);
                // Only what everybody waiting needs to know crosses: done, over, or not known.
                Ok(JsValue::from_f64(match done {
                    Ok(()) => 0.0,
                    Err(ApiFailure::SignedOut) => 1.0,
                    Err(_) => 2.0,
                }))
            });
            self.renewing.set_value(Some(work.clone()));
            work
        });
        match JsFuture::from(running).await.ok().and_then(|done| done.as_f64()) {
            Some(0.0) => Ok(()),
            Some(1.0) => Err(ApiFailure::SignedOut),
            _ => Err(ApiFailure::Offline),
        }
    }

    async fn renew_now(self) -> Answer<()> {
        let request = Request::new(Verb::Post, [P::SESSIONS, "/refreshes"].concat());
        let opened = send::decode(&send::text(request, None).await?)?;
        self.opened(opened);
        Ok(())
    }

    /// Waits until the person has signed in again in the dialog over the page, or would not.
    async fn sign_in_over(self) -> Answer<()> {
        // Nothing of a person is on the page: the way in is a page of its own.
        if !self.who.with_untracked(|who| matches!(who, Who::Person(_))) {
            self.forget();
            return Err(ApiFailure::SignedOut);
        }
        if self.ask(Need::Session).await { Ok(()) } else { Err(ApiFailure::SignedOut) }
    }

    /// Waits for what is asked for over the page, together with whoever else wants it; whether it was given.
    async fn ask(self, need: Need) -> bool {
        // A proof that was asked for may itself be what needs the session: waiting for each other, neither would end.
        if self.asking.get_untracked().is_some_and(|open| open != need) {
            self.settle(false);
        }
        let waiting = self.answered.with_value(|it| it.as_ref().map(|(promise, _)| promise.clone()));
        let waiting = waiting.unwrap_or_else(|| {
            let mut settle = None;
            let promise = Promise::new(&mut |resolve, _| settle = Some(resolve));
            self.answered.set_value(settle.map(|settle| (promise.clone(), settle)));
            self.asking.set(Some(need));
            promise
        });
        JsFuture::from(waiting).await.is_ok_and(|done| done.is_truthy())
    }

    /// Closes the dialog: with what was asked for, the calls that wait go on.
    pub fn settle(self, given: bool) {
        self.asking.set(None);
        let Some((_, settle)) = self.answered.with_value(Option::clone) else { return };
        self.answered.set_value(None);
        // The one who waits is the only one to whom it matters.
        let _ = settle.call1(&JsValue::NULL, &JsValue::from_bool(given));
    }

    /// Calls, and never asks for a proof: the refusal of one is an answer.
    pub(super) async fn call_once(self, request: Request) -> Answer<String> {
        self.with_session(&|token| send::text(request.clone(), token)).await
    }

    /// Ends this session at the server. The cookie alone is enough, so a token that ran out hinders nobody.
    pub async fn sign_out(self) -> Answer<()> {
        let request = Request::new(Verb::Delete, [P::SESSIONS, "/current"].concat());
        send::decode(&send::text(request, self.token.get_value()).await?)
    }

    /// Takes over a session that was opened.
    pub fn opened(self, opened: Opened<P>) {
        self.token.set_value(Some(opened.access_token));
        self.is(opened.me);
    }

    /// Takes over what the person is now.
    pub fn is(self, me: P) {
        if !self.is_looking() {
            browser::keep(Shelf::Local, P::KEPT, Some(&me.purpose()));
        }
        let me = Who::Person(Box::new(me));
        // A renewal that changes nothing must not draw the page anew.
        if self.who.with_untracked(|who| *who != me) {
            self.who.set(me);
        }
    }

    /// A call that needs nobody.
    pub async fn open<T: DeserializeOwned>(self, verb: Verb, path: &str, body: &impl Serialize) -> Answer<T> {
        let request = Request::new(verb, path.to_owned()).with_body(body)?;
        send::decode(&send::text(request, None).await?)
    }

    /// Reads something that needs nobody.
    pub async fn open_read<T: DeserializeOwned>(self, path: &str) -> Answer<T> {
        send::decode(&send::text(Request::new(Verb::Get, path.to_owned()), None).await?)
    }

    /// Whether something that needs nobody is there.
    pub async fn open_get(self, path: &str) -> Answer<()> {
        send::text(Request::new(Verb::Get, path.to_owned()), None).await.map(drop)
    }

    /// A call that needs nobody, but a proof of work where one is asked for.
    pub async fn open_worked<T: DeserializeOwned>(
        self,
        path: &str,
        body: &impl Serialize,
        work: Option<String>,
    ) -> Answer<T> {
        let request = Request::new(Verb::Post, path.to_owned()).with_work(work).with_body(body)?;
        send::decode(&send::text(request, None).await?)
    }

    /// A call with a token that is not yet the session's.
    pub async fn with_token<T: DeserializeOwned>(self, request: Request, token: Secret) -> Answer<T> {
        send::decode(&send::text(request, Some(token)).await?)
    }
}
