//! The client of the portal API for a signed-in person. The access token is in memory only; the browser keeps the
//! other half in a cookie that no page can read. A session that ran out is renewed once and silently; one that is
//! over asks for the password in a dialog over the page, and then the call is repeated.
pub mod accounts;
pub mod documents;
pub mod payments;
mod send;

use std::future::Future;

use js_sys::{Function, Promise};
use leptos::ev;
use leptos::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::accounts::{ChooseCustomer, Me, Secret, SessionOpened, SignIn};
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use self::send::{Request, Verb};
use crate::api::{Answer, ApiFailure};
use crate::browser::{self, Shelf};
use crate::portal::session::Who;

/// Says that this browser was left signed in, and for which customer: the other tabs share the session and must not show
/// one customer's pages with another's documents. It is no secret and opens nothing.
const SIGNED_IN: &str = "ventanilla.signed-in";

/// The client.
#[derive(Clone, Copy)]
pub struct Client {
    who: RwSignal<Who>,
    token: StoredValue<Option<Secret>>,
    /// The one renewal under way; who comes meanwhile waits for it.
    renewing: StoredValue<Option<Promise>, LocalStorage>,
    /// The dialog that asks for the password is open.
    asking: RwSignal<bool>,
    /// Settled when the dialog closes, with what ends the wait.
    answered: StoredValue<Option<(Promise, Function)>, LocalStorage>,
}

impl Default for Client {
    fn default() -> Client {
        Client::new()
    }
}

impl Client {
    /// A client that knows nobody.
    pub fn new() -> Client {
        Client {
            who: RwSignal::new(Who::Nobody),
            token: StoredValue::new(None),
            renewing: StoredValue::new_local(None),
            asking: RwSignal::new(false),
            answered: StoredValue::new_local(None),
        }
    }

    /// Who is signed in.
    pub fn who(self) -> RwSignal<Who> {
        self.who
    }

    /// Whether the password is being asked for over the page.
    pub fn asking(self) -> RwSignal<bool> {
        self.asking
    }

    /// Whether this browser was left signed in.
    pub fn left_signed_in() -> bool {
        browser::kept(Shelf::Local, SIGNED_IN).is_some()
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

    /// Follows what the person does in other tabs: `leave`s with them, and turns to the same customer.
    pub fn follow_other_tabs(self, leave: impl Fn() + 'static) {
        // It listens as long as the page lives.
        let _ = window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() != Some(SIGNED_IN) {
                return;
            }
            let now = self.who.with_untracked(|who| match who {
                Who::Person(me) => Some(me.customer.id.to_string()),
                _ => None,
            });
            match browser::kept(Shelf::Local, SIGNED_IN) {
                None if now.is_some() => {
                    self.settle(false);
                    leave();
                }
                Some(_) if now.is_none() => self.resume(),
                Some(customer) if now.as_ref() != Some(&customer) => self.look_again(),
                _ => {}
            }
        });
    }

    /// Asks which customer the session is for now.
    fn look_again(self) {
        leptos::task::spawn_local(async move {
            // Without an answer the next renewal says it.
            if let Ok(me) = self.get::<Me>("/me".to_owned()).await {
                self.is(me);
            }
        });
    }

    /// Forgets the person and the token.
    pub fn forget(self) {
        self.token.set_value(None);
        browser::keep(Shelf::Local, SIGNED_IN, None);
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

    async fn write<T: DeserializeOwned>(self, request: Request) -> Answer<T> {
        send::decode(&self.call(request).await?)
    }

    async fn call(self, request: Request) -> Answer<String> {
        self.signed(|token| send::text(request.clone(), token)).await
    }

    /// Calls with the token there is; renews it once; then asks the person.
    async fn signed<T, F: Future<Output = Answer<T>>>(self, call: impl Fn(Option<Secret>) -> F) -> Answer<T> {
        let used = self.token.get_value();
        if used.is_some() {
            match call(used.clone()).await {
                Err(ApiFailure::SignedOut) => {}
                answer => return answer,
            }
        }
        // Another call may have renewed it while this one was on its way.
        if self.token.get_value() == used {
            match self.renew().await {
                Err(ApiFailure::SignedOut) => self.ask().await?,
                renewed => renewed?,
            }
        }
        match call(self.token.get_value()).await {
            Err(ApiFailure::SignedOut) => {}
            answer => return answer,
        }
        self.ask().await?;
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
        let request = Request::new(Verb::Post, "/sessions/refreshes".to_owned());
        let opened = send::decode(&send::text(request, None).await?)?;
        self.opened(opened);
        Ok(())
    }

    /// Waits until the person has signed in again in the dialog over the page, or would not.
    async fn ask(self) -> Answer<()> {
        // Nothing of a person is on the page: the way in is a page of its own.
        if !self.who.with_untracked(|who| matches!(who, Who::Person(_))) {
            self.forget();
            return Err(ApiFailure::SignedOut);
        }
        let waiting = self.answered.with_value(|it| it.as_ref().map(|(promise, _)| promise.clone()));
        let waiting = waiting.unwrap_or_else(|| {
            let mut settle = None;
            let promise = Promise::new(&mut |resolve, _| settle = Some(resolve));
            self.answered.set_value(settle.map(|settle| (promise.clone(), settle)));
            self.asking.set(true);
            promise
        });
        match JsFuture::from(waiting).await {
            Ok(done) if done.is_truthy() => Ok(()),
            _ => Err(ApiFailure::SignedOut),
        }
    }

    /// Closes the dialog: with a session, the calls that wait go on.
    pub fn settle(self, signed_in: bool) {
        self.asking.set(false);
        let Some((_, settle)) = self.answered.with_value(Option::clone) else { return };
        self.answered.set_value(None);
        // The one who waits is the only one to whom it matters.
        let _ = settle.call1(&JsValue::NULL, &JsValue::from_bool(signed_in));
    }

    /// The person of the page signs in again; the session is for the same customer as before.
    pub async fn sign_in_again(self, form: &SignIn) -> Answer<()> {
        let before = self.who.with_untracked(|who| match who {
            Who::Person(me) => Some(me.customer.id),
            _ => None,
        });
        let opened: SessionOpened = self.open(Verb::Post, "/sessions", form).await?;
        let other = before.filter(|before| *before != opened.me.customer.id);
        self.token.set_value(Some(opened.access_token.clone()));
        let Some(customer_id) = other else {
            self.opened(opened);
            return Ok(());
        };
        // A customer this person no longer acts for is left with its page.
        let choose = Request::new(Verb::Put, "/sessions/current/customer".to_owned());
        let choose = choose.with_body(&ChooseCustomer { customer_id })?;
        let chosen =
            send::text(choose, Some(opened.access_token.clone())).await.and_then(|text| send::decode::<Me>(&text));
        self.opened(match chosen {
            Ok(me) => SessionOpened { me, ..opened },
            Err(_) => opened,
        });
        Ok(())
    }

    fn token(self) -> Option<Secret> {
        self.token.get_value()
    }

    fn opened(self, opened: SessionOpened) {
        self.token.set_value(Some(opened.access_token));
        self.is(opened.me);
    }

    fn is(self, me: Me) {
        browser::keep(Shelf::Local, SIGNED_IN, Some(&me.customer.id.to_string()));
        let me = Who::Person(Box::new(me));
        // A renewal that changes nothing must not draw the page anew.
        if self.who.with_untracked(|who| *who != me) {
            self.who.set(me);
        }
    }

    /// A call that needs nobody.
    async fn open<T: DeserializeOwned>(self, verb: Verb, path: &str, body: &impl Serialize) -> Answer<T> {
        let request = Request::new(verb, path.to_owned()).with_body(body)?;
        send::decode(&send::text(request, None).await?)
    }
}
