//! Proofs of work in the browser: a worker of our own finds them beside the page, so that nobody has to read a picture or
//! to hold a pointer (A7). What it draws is in `components::pow`; what it proves, and to whom, the server says.
//!
//! It promises that a form is sent once with a proof that was asked for, and once more when the server wants another; a
//! proof that cannot be made stops the form and loses nothing typed.
use std::future::Future;

use js_sys::Array;
use leptos::prelude::*;
use shared::ProblemCode;
use shared::accounts::work::Flow;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{MessageEvent, Worker};

use crate::api::Answer;
use crate::browser;

/// The element of the page that names the worker's file.
const SCRIPT: &str = "work";
/// The button that begins anew after a failure.
pub const AGAIN: &str = "work-again";
/// How often somebody who waits looks.
const LOOK_MS: i32 = 50;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Not begun.
    Idle,
    /// Being found; at most so many seconds more.
    Working { percent: u32, seconds: u32 },
    /// At hand.
    Done,
    /// The server asks for none.
    Spared,
    /// It could not be made.
    Failed,
}

/// A form's proof.
#[derive(Clone, Copy)]
pub struct Work {
    flow: Flow,
    /// It is made before the server asks for it: here it always asks.
    eager: bool,
    face: RwSignal<Face>,
    proof: StoredValue<Option<String>>,
    worker: StoredValue<Option<Worker>, LocalStorage>,
}

impl Work {
    /// Of a form that is always asked for one.
    pub fn new(flow: Flow) -> Work {
        Work::with(flow, true)
    }

    /// Of a form that is asked for one when strangers guess.
    pub fn on_demand(flow: Flow) -> Work {
        Work::with(flow, false)
    }

    fn with(flow: Flow, eager: bool) -> Work {
        Work {
            flow,
            eager,
            face: RwSignal::new(Face::Idle),
            proof: StoredValue::new(None),
            worker: StoredValue::new_local(None),
        }
    }

    /// How far it is, tracked.
    pub fn face(self) -> Face {
        self.face.get()
    }

    /// Whether there is something to show before it is asked for.
    pub fn is_eager(self) -> bool {
        self.eager
    }

    /// Begins, as at the first key, unless it was begun.
    pub fn begin(self) {
        if self.face.get_untracked() == Face::Idle {
            self.start();
        }
    }

    /// Begins anew.
    pub fn start(self) {
        self.proof.set_value(None);
        let begun = self.hire().is_some_and(|worker| worker.post_message(&self.flow.as_str().into()).is_ok());
        self.face.set(if begun { Face::Working { percent: 0, seconds: 0 } } else { Face::Failed });
    }

    fn hire(self) -> Option<Worker> {
        if let Some(worker) = self.worker.with_value(Option::clone) {
            return Some(worker);
        }
        let worker = Worker::new(&browser::element(SCRIPT)?.get_attribute("src")?).ok()?;
        let told = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| self.told(&event));
        let broke = Closure::<dyn FnMut()>::new(move || {
            self.face.try_set(Face::Failed);
        });
        worker.set_onmessage(Some(told.as_ref().unchecked_ref()));
        worker.set_onerror(Some(broke.as_ref().unchecked_ref()));
        // They live as long as the worker, which lives as long as the page.
        told.forget();
        broke.forget();
        self.worker.set_value(Some(worker.clone()));
        Some(worker)
    }

    fn told(self, event: &MessageEvent) {
        let said = event.data();
        let face = match said.as_string() {
            Some(proof) if proof.is_empty() => Face::Spared,
            Some(proof) => {
                // The form may be gone by now.
                if self.proof.try_set_value(Some(proof)).is_some() {
                    return;
                }
                Face::Done
            }
            None if Array::is_array(&said) => {
                let numbers = Array::from(&said);
                let number = |at| numbers.get(at).as_f64().unwrap_or_default().clamp(0.0, 9_999.0) as u32;
                Face::Working { percent: number(0), seconds: number(1) }
            }
            None => Face::Failed,
        };
        self.face.try_set(face);
    }

    /// Sends a form with its proof, and once more with another when the server wants one. `None`: the proof could not be
    /// made, or nobody waits for it any more.
    pub async fn send<T, F: Future<Output = Answer<T>>>(self, call: impl Fn(Option<String>) -> F) -> Option<Answer<T>> {
        if self.face.try_get_untracked() == Some(Face::Failed) {
            self.start();
        }
        let answer = call(self.ready().await?).await;
        let wants = matches!(&answer, Err(why) if why.code() == Some(ProblemCode::WorkNeeded));
        let answer = if wants && !self.face.is_disposed() {
            self.start();
            call(self.ready().await?).await
        } else {
            answer
        };
        // A good answer used the proof up.
        if answer.is_ok() {
            self.face.try_set(Face::Idle);
        }
        Some(answer)
    }

    /// Sends a form that has no place to show a proof: with one once the server asks for it, or holds back until there is
    /// one. Without a proof the answer stays as it was.
    pub async fn send_unseen<T, F: Future<Output = Answer<T>>>(self, call: impl Fn(Option<String>) -> F) -> Answer<T> {
        let answer = call(None).await;
        let wants = |code| matches!(code, ProblemCode::WorkNeeded | ProblemCode::SignInHeld);
        if !answer.as_ref().is_err_and(|why| why.code().is_some_and(wants)) {
            return answer;
        }
        self.start();
        match self.ready().await {
            Some(Some(proof)) => call(Some(proof)).await,
            _ => answer,
        }
    }

    /// The proof once it is there; `Some(None)` where none is asked for.
    async fn ready(self) -> Option<Option<String>> {
        loop {
            match self.face.try_get_untracked()? {
                Face::Idle if self.eager => self.start(),
                Face::Idle | Face::Spared => return Some(None),
                Face::Done => return self.proof.try_get_value(),
                Face::Failed => {
                    browser::focus_soon(AGAIN);
                    return None;
                }
                Face::Working { .. } => browser::sleep(LOOK_MS).await,
            }
        }
    }
}
