//! The two halves of a session: the access token, a JWT that names it for minutes, and the refresh token in the
//! cookie, which makes the next one.
//!
//! Both name a row and prove nothing without it: what a session may do is read from its row on every request (E6).
//! The refresh token is a MAC over the session and its generation, so the row needs no secret of it: a rotated token
//! gets the same successor again, and one of an earlier generation is recognised as stolen or copied.
use aws_lc_rs::hmac;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{SessionId, UserId};
use crate::db::Timestamp;

const ISSUER: &str = "ventanilla";
const AUDIENCE: &str = "portal-access";
/// A token of ours has about 230 bytes.
const ACCESS_TOKEN_MAX_BYTES: usize = 1_024;

/// Signs and opens both tokens.
pub struct SessionKeys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    refresh: hmac::Key,
    second_step: hmac::Key,
    work: hmac::Key,
    mail_codes: hmac::Key,
    first_entries: hmac::Key,
    demo: hmac::Key,
}

/// Nothing else is read from a token, and a token that says more is not ours.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    exp: i64,
}

/// What a refresh token says, once its MAC was found right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refresh {
    /// Which session.
    pub session: SessionId,
    /// How often it had been refreshed when the token was made.
    pub generation: i64,
}

/// Which counter somebody signs in at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// A customer's pages.
    Portal,
    /// The staff's.
    Console,
}

impl Door {
    const ALL: [Door; 2] = [Door::Portal, Door::Console];

    const fn as_str(self) -> &'static str {
        match self {
            Door::Portal => "portal",
            Door::Console => "console",
        }
    }
}

/// Between password and code: who, where, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Who knew the password.
    pub user: UserId,
    /// Where they are signing in.
    pub door: Door,
    /// Unix second from which on it is over.
    pub expires: i64,
}

impl SessionKeys {
    /// Keys derived from 256 secret bits, one for each use: a token of one kind never opens as another.
    pub fn new(secret: &[u8; 32]) -> SessionKeys {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = |purpose: &str| hmac::sign(&root, purpose.as_bytes());
        let access = derived("access tokens");
        let mac = |purpose: &str| hmac::Key::new(hmac::HMAC_SHA256, derived(purpose).as_ref());
        SessionKeys {
            encoding: EncodingKey::from_secret(access.as_ref()),
            decoding: DecodingKey::from_secret(access.as_ref()),
            refresh: mac("refresh tokens"),
            second_step: mac("second steps"),
            work: mac("proofs of work"),
            mail_codes: mac("codes by mail"),
            first_entries: mac("first entries"),
            demo: mac("demo passwords"),
        }
    }

    /// The access token of a session.
    pub fn sign(&self, session: SessionId, expires_at: Timestamp) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: session.uuid(),
            exp: expires_at.jiff().as_second(),
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
    }

    /// The session an access token names, when the token is ours and its time is not over.
    pub fn open(&self, token: &str, now: Timestamp) -> Option<SessionId> {
        if token.len() > ACCESS_TOKEN_MAX_BYTES {
            return None;
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // Expiry is ours to judge, against the clock we were given.
        validation.validate_exp = false;
        let claims = decode::<Claims>(token, &self.decoding, &validation).ok()?.claims;
        (claims.exp > now.jiff().as_second()).then(|| SessionId::new(claims.sub))
    }

    /// The refresh token of a session's generation.
    pub fn refresh_token(&self, refresh: Refresh) -> String {
        let mac = hmac::sign(&self.refresh, &message(refresh));
        format!("{}.{}.{}", refresh.session.uuid().simple(), refresh.generation, hex::encode(mac))
    }

    /// What a refresh token says, when it is ours.
    pub fn read_refresh_token(&self, token: &str) -> Option<Refresh> {
        let mut parts = token.split('.');
        let (session, generation, mac) = (parts.next()?, parts.next()?, parts.next()?);
        let session = SessionId::new(Uuid::try_parse(session).ok()?);
        let refresh = Refresh { session, generation: generation.parse().ok()? };
        let mut bytes = [0; 32];
        hex::decode_to_slice(mac, &mut bytes).ok()?;
        let ours = hmac::verify(&self.refresh, &message(refresh), &bytes).is_ok();
        (ours && parts.next().is_none()).then_some(refresh)
    }

    /// The six digits that go to a mailbox under this id. They are kept nowhere.
    pub fn mail_code(&self, id: Uuid) -> String {
        let mac = hmac::sign(&self.mail_codes, id.as_bytes());
        let word = mac.as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
        format!("{:06}", word % 1_000_000)
    }

    /// The note that goes with a first entry: an RFC at an issuer until a second. It names nothing that exists.
    pub fn first_entry(&self, rfc: &str, issuer: Uuid, expires: i64) -> String {
        let mac = hmac::sign(&self.first_entries, format!("{rfc}|{issuer}|{expires}").as_bytes());
        format!("{rfc}.{}.{expires}.{}", issuer.simple(), hex::encode(mac))
    }

    /// What a note of a first entry says, when it is ours: RFC, issuer, and until which second.
    pub fn read_first_entry(&self, note: &str) -> Option<(String, Uuid, i64)> {
        let mut parts = note.splitn(4, '.');
        let (rfc, issuer) = (parts.next()?, Uuid::try_parse(parts.next()?).ok()?);
        let expires: i64 = parts.next()?.parse().ok()?;
        let mut mac = [0; 32];
        hex::decode_to_slice(parts.next()?, &mut mac).ok()?;
        let said = format!("{rfc}|{issuer}|{expires}");
        hmac::verify(&self.first_entries, said.as_bytes(), &mac).ok()?;
        Some((rfc.to_owned(), issuer, expires))
    }

    /// Signs a challenge to work.
    pub fn sign_work(&self, challenge: &str) -> String {
        hex::encode(hmac::sign(&self.work, challenge.as_bytes()))
    }

    /// Whether a challenge to work is ours.
    pub fn is_work(&self, challenge: &str, signature: &str) -> bool {
        let mut bytes = [0; 32];
        hex::decode_to_slice(signature, &mut bytes).is_ok()
            && hmac::verify(&self.work, challenge.as_bytes(), &bytes).is_ok()
    }

    /// The token that goes with a right password. `password_hash` binds it to that password: another one ends it.
    pub fn challenge_token(&self, challenge: Challenge, password_hash: &str) -> String {
        let Challenge { user, door, expires } = challenge;
        let mac = hmac::sign(&self.second_step, challenge_message(challenge, password_hash).as_bytes());
        format!("{}.{}.{expires}.{}", user.uuid().simple(), door.as_str(), hex::encode(mac))
    }

    /// What a challenge says; it proves nothing before [`SessionKeys::is_challenge`].
    pub fn read_challenge(&self, token: &str) -> Option<Challenge> {
        let mut parts = token.split('.');
        let user = UserId::new(Uuid::try_parse(parts.next()?).ok()?);
        let door = parts.next()?;
        let door = Door::ALL.into_iter().find(|known| known.as_str() == door)?;
        Some(Challenge { user, door, expires: parts.next()?.parse().ok()? })
    }

    /// Whether a challenge's token is ours, for the password that is good now.
    pub fn is_challenge(&self, token: &str, challenge: Challenge, password_hash: &str) -> bool {
        let Some((_, mac)) = token.rsplit_once('.') else { return false };
        let mut bytes = [0; 32];
        let message = challenge_message(challenge, password_hash);
        hex::decode_to_slice(mac, &mut bytes).is_ok()
            && hmac::verify(&self.second_step, message.as_bytes(), &bytes).is_ok()
    }

    /// 256 bits of the rehearsal's own for a named purpose, the same at every start of this installation.
    pub fn demo_secret(&self, purpose: &str) -> [u8; 32] {
        let mac = hmac::sign(&self.demo, format!("secret of {purpose}").as_bytes());
        let mut secret = [0; 32];
        secret.iter_mut().zip(mac.as_ref()).for_each(|(to, from)| *to = *from);
        secret
    }

    /// The password of a demo user: its own in every installation, so that none is in the binary (A11).
    pub fn demo_password(&self, user: &str) -> String {
        const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyz-";
        let mac = hmac::sign(&self.demo, user.as_bytes());
        let letters = mac.as_ref().iter().map(|byte| ALPHABET[usize::from(byte % 31)]).map(char::from);
        format!("ensayo-{}", letters.take(8).collect::<String>())
    }
}

fn message(refresh: Refresh) -> Vec<u8> {
    [refresh.session.uuid().as_bytes().as_slice(), &refresh.generation.to_be_bytes()].concat()
}

fn challenge_message(challenge: Challenge, password_hash: &str) -> String {
    format!("{}.{}.{}.{password_hash}", challenge.user, challenge.door.as_str(), challenge.expires)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn now() -> Timestamp {
        Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap())
    }

    fn session() -> SessionId {
        SessionId::new(Uuid::from_u128(9))
    }

    fn claims() -> Value {
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": session().uuid(), "exp": now().jiff().as_second() + 60})
    }

    /// A token signed with our very key that says something else.
    fn signed(header: &Header, claims: &Value) -> String {
        encode(header, claims, &SessionKeys::new(&KEY).encoding).unwrap()
    }

    fn opens(token: &str) -> bool {
        SessionKeys::new(&KEY).open(token, now()).is_some()
    }

    #[test]
    fn an_access_token_names_its_session_until_its_end() {
        let keys = SessionKeys::new(&KEY);
        let token = keys.sign(session(), now().plus_seconds(60)).unwrap();
        assert_eq!(keys.open(&token, now()), Some(session()));
        assert_eq!(keys.open(&token, now().plus_seconds(60)), None);
        assert_eq!(SessionKeys::new(&[8; 32]).open(&token, now()), None);
    }

    #[test]
    fn a9_only_our_own_claims_open() {
        let header = Header::new(Algorithm::HS256);
        assert!(opens(&signed(&header, &claims())));
        let changed = [
            ("aud", json!("ticket-claim")),
            ("aud", json!(null)),
            ("iss", json!("another")),
            ("sub", json!("not a session")),
            ("exp", json!(now().jiff().as_second() - 1)),
            ("exp", json!("4102444800")),
            ("exp", json!(null)),
            ("exp", json!(4_102_444_800.5)),
            ("nbf", json!(4_102_444_800_i64)),
            ("role", json!("owner")),
        ];
        for (claim, value) in changed {
            let mut claims = claims();
            claims[claim] = value.clone();
            assert!(!opens(&signed(&header, &claims)), "{claim} = {value}");
        }
        for missing in ["iss", "aud", "sub", "exp"] {
            let mut claims = claims();
            claims.as_object_mut().unwrap().remove(missing);
            assert!(!opens(&signed(&header, &claims)), "without {missing}");
        }
    }

    #[test]
    fn a9_only_our_algorithm_and_signature_open() {
        assert!(!opens(&signed(&Header::new(Algorithm::HS512), &claims())));
        let good = signed(&Header::new(Algorithm::HS256), &claims());
        let (head, rest) = good.split_once('.').unwrap();
        let (body, signature) = rest.split_once('.').unwrap();
        for alg in ["none", "None", "NONE", "nOnE", "RS256", ""] {
            let head = base64(&format!(r#"{{"typ":"JWT","alg":"{alg}"}}"#));
            assert!(!opens(&format!("{head}.{body}.")), "{alg}");
            assert!(!opens(&format!("{head}.{body}.{signature}")), "{alg}");
        }
        let zeros = "A".repeat(signature.len());
        let flipped = signature.replacen(&signature[..1], if signature.starts_with('A') { "B" } else { "A" }, 1);
        for signature in ["", zeros.as_str(), flipped.as_str()] {
            assert!(!opens(&format!("{head}.{body}.{signature}")), "{signature}");
        }
        for head in ["../../dev/null", "' OR 1=1 --", "https://evil.example/key"] {
            let head =
                base64(&json!({"typ": "JWT", "alg": "HS256", "kid": head, "jku": head, "x5u": head}).to_string());
            assert!(!opens(&format!("{head}.{body}.{signature}")));
        }
        assert!(!opens(""));
        assert!(!opens(&good.repeat(20)));
    }

    fn base64(text: &str) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    }

    #[test]
    fn a_refresh_token_says_its_session_and_generation_and_nothing_else_does() {
        let keys = SessionKeys::new(&KEY);
        let refresh = Refresh { session: session(), generation: 3 };
        let token = keys.refresh_token(refresh);
        assert_eq!(keys.read_refresh_token(&token), Some(refresh));
        assert_eq!(SessionKeys::new(&[8; 32]).read_refresh_token(&token), None);
        assert_eq!(keys.read_refresh_token(&token.replace(".3.", ".4.")), None);
        for bad in ["", ".", "..", "a.b.c", &format!("{token}."), &token[1..]] {
            assert_eq!(keys.read_refresh_token(bad), None, "{bad}");
        }
        assert_eq!(keys.open(&token, now()), None, "it is no access token");
        let access = keys.sign(session(), now().plus_seconds(60)).unwrap();
        assert_eq!(keys.read_refresh_token(&access), None);
    }

    #[test]
    fn a_demo_password_belongs_to_one_user_of_one_installation() {
        let password = SessionKeys::new(&KEY).demo_password("ana@x.example");
        assert_eq!(password.len(), 15);
        assert_ne!(password, SessionKeys::new(&KEY).demo_password("eva@x.example"));
        assert_ne!(password, SessionKeys::new(&[8; 32]).demo_password("ana@x.example"));
    }
}
