//! Signing in, in the client: by user and password, a code, a passkey or a link, as far as each leads.
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shared::accounts::second_factor::TakeSecondStep;
use shared::accounts::{Secret, SignIn};

use super::client::{Client, Opened, Person, Request, Verb, Who};
use super::send;
use crate::api::{Answer, ApiFailure};

/// What came of user and password, or of a code.
#[derive(Deserialize)]
#[serde(bound = "P: DeserializeOwned")]
pub(super) struct Entered<P> {
    #[serde(default)]
    access_token: Option<Secret>,
    #[serde(default)]
    me: Option<P>,
    #[serde(default)]
    challenge: Option<Secret>,
    #[serde(default)]
    passkey: bool,
}

/// What signing in still needs.
#[derive(Clone, PartialEq)]
pub enum Entry {
    /// Nothing.
    Done,
    /// A code, or a passkey.
    Code(Challenge),
}

/// What is sent back with the second step.
#[derive(Clone, PartialEq)]
pub struct Challenge {
    pub token: Secret,
    /// The person has a passkey.
    pub passkey: bool,
}

impl<P: Person> Client<P> {
    /// Signs in by something else than a password, as far as that leads.
    pub async fn enter_at(self, path: &str, form: &impl Serialize) -> Answer<Entry> {
        let entered = self.open(Verb::Post, path, form).await?;
        self.entered(entered, false).await
    }

    /// Signs in, as far as user and password lead. `again`: over a page of the same person, whose purpose is kept.
    pub async fn enter(self, form: &SignIn, again: bool) -> Answer<Entry> {
        let request = Request::new(Verb::Post, P::SESSIONS.to_owned()).with_body(form)?;
        let send = |proof| send::text(request.clone().with_work(proof), None);
        let entered = send::decode(&self.work.send_unseen(send).await?)?;
        self.entered(entered, again).await
    }

    /// The second step.
    pub async fn enter_code(self, form: &TakeSecondStep, again: bool) -> Answer<Entry> {
        let entered = self.open(Verb::Post, &[P::SESSIONS, "/second-steps"].concat(), form).await?;
        self.entered(entered, again).await
    }

    pub(super) async fn entered(self, entered: Entered<P>, again: bool) -> Answer<Entry> {
        let opened = match entered {
            Entered { access_token: Some(access_token), me: Some(me), .. } => Opened { access_token, me },
            Entered { challenge: Some(token), passkey, .. } => return Ok(Entry::Code(Challenge { token, passkey })),
            _ => return Err(ApiFailure::Malformed),
        };
        let before = self.who().with_untracked(|who| match who {
            Who::Person(me) if again => Some(me.clone()),
            _ => None,
        });
        let opened = match before {
            Some(before) => P::restore(self, &before, opened).await,
            None => opened,
        };
        self.opened(opened);
        Ok(Entry::Done)
    }
}
