//! Passkeys in the client: the browser has them signed, and what it gives goes back unread.
use shared::accounts::Secret;
use shared::accounts::passkeys::PasskeyKept;

use super::client::{Client, Entry, Person, Request, Verb};
use super::send;
use crate::api::{Answer, ApiFailure, encode};
use crate::browser;

impl<P: Person> Client<P> {
    /// A passkey in place of the code of this challenge, or of user, password and code at once.
    pub async fn enter_passkey(self, challenge: Option<Secret>, again: bool) -> Answer<Entry> {
        let (door, at, body) = match challenge {
            Some(challenge) => (P::SESSIONS, "/second-steps", only("challenge", challenge.expose())?),
            // Whoever has said nothing yet is asked the same at both doors.
            None => ("/sessions", "", "{}".to_owned()),
        };
        let ask = [door, at, "/passkey-challenges"].concat();
        let asked = send::text(Request::new(Verb::Post, ask).with_json(body.clone()), None).await?;
        let signed = browser::passkey(&asked, &body).await.ok_or_else(unsigned)?;
        let request = Request::new(Verb::Post, [P::SESSIONS, at, "/passkeys"].concat()).with_json(signed);
        self.entered(send::decode(&send::text(request, None).await?)?, again).await
    }

    /// Has a new passkey made and kept, under this name.
    pub async fn add_passkey(self, name: &str) -> Answer<PasskeyKept> {
        let more = only("name", name)?;
        let asked = self.call(Request::new(Verb::Post, "/passkeys/registrations".to_owned())).await?;
        let made = browser::passkey(&asked, &more).await.ok_or_else(unsigned)?;
        self.write(Request::new(Verb::Post, "/passkeys".to_owned()).with_json(made)).await
    }
}

/// The authenticator gave nothing.
pub(super) fn unsigned() -> ApiFailure {
    // Read, not made: making one carries every problem's words along.
    match serde_json::from_str(r#"{"type":"","title":"","status":401,"code":"passkey_refused"}"#) {
        Ok(problem) => ApiFailure::Problem(problem),
        Err(_) => ApiFailure::Malformed,
    }
}

/// A body of one field.
fn only(name: &str, value: &str) -> Answer<String> {
    Ok(["{\"", name, "\":", &encode(&value)?, "}"].concat())
}
