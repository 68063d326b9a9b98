//! The portal as WebAuthn's relying party: the one file that knows the library.
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::App;

/// Why an answer opens nothing.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is none.
    Shape,
    /// It is wrong: another challenge, site or key, a bad signature, or nobody was made sure of.
    Wrong,
    /// It counts as far as before, or less: there is a copy of it.
    CountsBackwards,
    /// What we kept cannot be read, or the library failed.
    Library(Failure),
}

/// The library failed, or what it left with us cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It could not ask.
    #[error("asking for a passkey")]
    Ask(#[from] WebauthnError),
    /// Written by another version, or damaged.
    #[error("reading what was kept of a passkey")]
    Kept(#[from] serde_json::Error),
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(error: E) -> Refused {
        Refused::Library(error.into())
    }
}

/// A good answer.
pub(super) struct Proof {
    /// Our id of the passkey.
    pub id: Uuid,
    /// It as it is now.
    pub credential: Value,
    /// How often it says it signed.
    pub sign_count: i64,
}

/// Whose an answer says it is. It proves nothing.
pub(super) struct Named {
    pub user: Uuid,
    pub credential_id: Vec<u8>,
}

/// The portal, to which passkeys belong.
pub(super) struct RelyingParty(Webauthn);

impl RelyingParty {
    /// At its public address; `None` at one that no browser takes a passkey for.
    pub(super) fn of(app: &App, name: &str) -> Option<RelyingParty> {
        let origin = Url::parse(&app.public_url).ok()?;
        let builder = WebauthnBuilder::new(origin.domain()?, &origin).ok()?;
        Some(RelyingParty(if name.is_empty() { builder } else { builder.rp_name(name) }.build().ok()?))
    }

    /// What the browser is to make, and what to keep meanwhile.
    pub(super) fn begin(&self, user: Uuid, email: &str, known: &[(Uuid, Value)]) -> Result<(Value, Value), Failure> {
        let mut there = Vec::new();
        for (_, credential) in known {
            there.push(read::<Passkey>(credential)?.cred_id().clone());
        }
        let (options, state) = self.0.start_passkey_registration(user, email, email, Some(there))?;
        let mut options = public_key(&options)?;
        // Kept where it can, it is found without a name: whoever has it may enter with it alone.
        if let Some(choice) = options.get_mut("authenticatorSelection").and_then(Value::as_object_mut) {
            choice.insert("residentKey".to_owned(), json!("preferred"));
        }
        Ok((options, serde_json::to_value(&state)?))
    }

    /// The authenticator's id of a new passkey, and the passkey.
    pub(super) fn finish(&self, answer: &Value, state: Value) -> Result<(Vec<u8>, Value), Refused> {
        let state: PasskeyRegistration = serde_json::from_value(state)?;
        let answer: RegisterPublicKeyCredential = shape(answer)?;
        let passkey = self.0.finish_passkey_registration(&answer, &state).map_err(judged)?;
        Ok((passkey.cred_id().to_vec(), serde_json::to_value(&passkey)?))
    }

    /// What the browser is to have signed by one of these.
    pub(super) fn ask(&self, known: &[(Uuid, Value)]) -> Result<(Value, Value), Failure> {
        let mut passkeys = Vec::new();
        for (_, credential) in known {
            passkeys.push(read::<Passkey>(credential)?);
        }
        let (options, state) = self.0.start_passkey_authentication(&passkeys)?;
        Ok((public_key(&options)?, serde_json::to_value(&state)?))
    }

    /// Judges an answer to [`RelyingParty::ask`].
    pub(super) fn check(&self, answer: &Value, state: Value, known: &[(Uuid, Value)]) -> Result<Proof, Refused> {
        let state: PasskeyAuthentication = serde_json::from_value(state)?;
        let answer: PublicKeyCredential = shape(answer)?;
        let result = self.0.finish_passkey_authentication(&answer, &state).map_err(judged)?;
        for (id, credential) in known {
            let passkey: Passkey = read(credential)?;
            if passkey.cred_id() == result.cred_id() {
                return proof(*id, passkey, &result);
            }
        }
        // It was taken away since it was asked for.
        Err(Refused::Wrong)
    }

    /// What the browser is to have signed by any passkey of ours.
    pub(super) fn ask_anybody(&self) -> Result<(Value, Value), Failure> {
        let (options, state) = self.0.start_discoverable_authentication()?;
        Ok((public_key(&options)?, serde_json::to_value(&state)?))
    }

    /// Whose an answer says it is.
    pub(super) fn named(&self, answer: &Value) -> Result<Named, Refused> {
        let answer: PublicKeyCredential = shape(answer)?;
        let (user, credential_id) = self.0.identify_discoverable_authentication(&answer).map_err(judged)?;
        Ok(Named { user, credential_id: credential_id.to_vec() })
    }

    /// Judges an answer to [`RelyingParty::ask_anybody`] by the passkey it names.
    pub(super) fn check_anybody(
        &self,
        answer: &Value,
        state: Value,
        (id, credential): (Uuid, Value),
    ) -> Result<Proof, Refused> {
        let state: DiscoverableAuthentication = serde_json::from_value(state)?;
        let answer: PublicKeyCredential = shape(answer)?;
        let passkey: Passkey = read(&credential)?;
        let result = self.0.finish_discoverable_authentication_v2(&answer, state, &passkey).map_err(judged)?;
        proof(id, passkey, &result)
    }
}

fn proof(id: Uuid, mut passkey: Passkey, result: &AuthenticationResult) -> Result<Proof, Refused> {
    passkey.update_credential(result);
    Ok(Proof { id, credential: serde_json::to_value(&passkey)?, sign_count: i64::from(result.counter()) })
}

fn read<T: DeserializeOwned>(kept: &Value) -> Result<T, Failure> {
    Ok(T::deserialize(kept)?)
}

fn shape<T: DeserializeOwned>(answer: &Value) -> Result<T, Refused> {
    T::deserialize(answer).map_err(|_unread| Refused::Shape)
}

fn judged(error: WebauthnError) -> Refused {
    match error {
        WebauthnError::CredentialPossibleCompromise => Refused::CountsBackwards,
        error => {
            tracing::info!(error = &error as &dyn std::error::Error, "a passkey's answer was refused");
            Refused::Wrong
        }
    }
}

/// What `navigator.credentials` takes as `publicKey`.
fn public_key(options: &impl Serialize) -> Result<Value, Failure> {
    Ok(serde_json::to_value(options)?["publicKey"].take())
}
