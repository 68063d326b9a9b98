//! Proving once more who the person is, in the client: by the password, a code or a passkey.
use serde::Deserialize;
use serde::de::IgnoredAny;
use shared::accounts::second_factor::Prove;

use super::client::{Client, Person, Request, Verb};
use super::passkey::unsigned;
use super::send;
use crate::api::Answer;
use crate::browser;

const PROOFS: &str = "/sessions/current/proofs";

/// What a dialog needs of `shared::accounts::passkeys::Passkeys`: every program carries the dialog, one the list.
#[derive(Deserialize)]
struct Standing {
    passkeys: Vec<IgnoredAny>,
    available: bool,
}

impl<P: Person> Client<P> {
    /// By the password or a code.
    pub async fn prove(self, form: &Prove) -> Answer<()> {
        send::decode(&self.call_once(Request::new(Verb::Post, PROOFS.to_owned()).with_body(form)?).await?)
    }

    /// By a passkey.
    pub async fn prove_by_passkey(self) -> Answer<()> {
        let ask = Request::new(Verb::Post, [PROOFS, "/passkey-challenges"].concat());
        let signed = browser::passkey(&self.call_once(ask).await?, "{}").await.ok_or_else(unsigned)?;
        let request = Request::new(Verb::Post, [PROOFS, "/passkeys"].concat()).with_json(signed);
        send::decode(&self.call_once(request).await?)
    }

    /// Whether the person has a passkey to prove with here. Not known is no: the password does it as well.
    pub async fn has_passkey(self) -> bool {
        let Ok(answer) = self.call_once(Request::new(Verb::Get, "/passkeys".to_owned())).await else { return false };
        send::decode::<Standing>(&answer).is_ok_and(|there| there.available && !there.passkeys.is_empty())
    }
}
