//! What a key of the API is.
use sha2::{Digest, Sha256};
use shared::integrators::ApiScope;
use uuid::Uuid;

use crate::db::Timestamp;
use crate::issuers::Scope;

/// A key of the API. Not the key's text, which only its holder has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(Uuid);

impl KeyId {
    /// From a row or a new id.
    pub const fn new(id: Uuid) -> KeyId {
        KeyId(id)
    }

    /// For a bind.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What installation a key is for. A test key never reaches a real stamp, because it opens nothing where stamps are
/// real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A rehearsal.
    Test,
    /// A production installation.
    Live,
}

impl Mode {
    /// Of an installation.
    pub const fn of(rehearsal: bool) -> Mode {
        if rehearsal { Mode::Test } else { Mode::Live }
    }

    /// As kept in the table and as said in a key's text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Mode::Test => "test",
            Mode::Live => "live",
        }
    }
}

impl TryFrom<String> for Mode {
    type Error = String;
    fn try_from(text: String) -> Result<Mode, String> {
        [Mode::Test, Mode::Live].into_iter().find(|mode| mode.as_str() == text).ok_or(text)
    }
}

/// What every key begins with.
const MARK: &str = "vk_";
/// Hexadecimal digits of a key's 256 bits.
const DIGITS: usize = 64;
/// Digits shown to tell keys apart: too few to guess the rest from.
const SHOWN_DIGITS: usize = 6;

/// The text of a key: `vk_test_` or `vk_live_` and 256 bits in hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

impl KeyText {
    /// From 256 random bits.
    pub fn new(mode: Mode, secret: &[u8; 32]) -> KeyText {
        KeyText(format!("{MARK}{}_{}", mode.as_str(), hex::encode(secret)))
    }

    /// Text of a key's form; `None` for any other, which is then never looked for.
    pub fn parse(text: &str) -> Option<KeyText> {
        let digits = [Mode::Test, Mode::Live].into_iter().find_map(|mode| {
            let rest = text.strip_prefix(MARK)?.strip_prefix(mode.as_str())?;
            rest.strip_prefix('_')
        })?;
        let good = digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        good.then(|| KeyText(text.to_owned()))
    }

    /// The whole secret: shown once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be shown for ever.
    pub fn prefix(&self) -> &str {
        let shown = self.0.len().saturating_sub(DIGITS - SHOWN_DIGITS);
        self.0.get(..shown).unwrap_or_default()
    }

    /// How it is kept. No salt and no stretching: nobody guesses 256 random bits.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyText({}…)", self.prefix())
    }
}

/// A key to make.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// First instant it is no longer good for.
    pub expires_at: Option<Timestamp>,
}

/// A key as it is kept.
#[derive(Debug, Clone)]
pub struct ApiKey {
    /// Ours.
    pub id: KeyId,
    /// Whose rows it opens.
    pub scope: Scope,
    /// What people call it.
    pub name: String,
    /// What installation it is for.
    pub mode: Mode,
    /// Its first letters.
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<ApiScope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// First instant it is no longer good for.
    pub expires_at: Option<Timestamp>,
    /// When somebody ended it.
    pub revoked_at: Option<Timestamp>,
    /// When it was used, to the quarter of an hour.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything now.
    pub fn is_good(&self, mode: Mode, now: Timestamp) -> bool {
        self.mode == mode && self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuers::IssuerId;

    #[test]
    fn a_key_shows_its_first_letters_and_nothing_more() {
        let key = KeyText::new(Mode::Test, &[0xab; 32]);
        assert_eq!(key.expose().len(), "vk_test_".len() + 64);
        assert_eq!(key.prefix(), "vk_test_ababab");
        assert_eq!(format!("{key:?}"), "KeyText(vk_test_ababab…)");
        assert_eq!(KeyText::parse(key.expose()), Some(key));
    }

    #[test]
    fn what_is_no_key_is_never_looked_for() {
        let good = KeyText::new(Mode::Live, &[7; 32]);
        let upper = good.expose().to_uppercase();
        let short = &good.expose()[..71];
        let long = format!("{}0", good.expose());
        for bad in ["", "vk_", "vk_live_", "vk_prod_00", &upper, short, &long, "Bearer x", "vk_live_\u{e9}"] {
            assert_eq!(KeyText::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_key_is_good_in_its_own_installation_until_it_ends() {
        let now = Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap());
        let key = ApiKey {
            id: KeyId::new(Uuid::from_u128(1)),
            scope: Scope::of(IssuerId::new(Uuid::from_u128(2))),
            name: "caja".into(),
            mode: Mode::Test,
            prefix: "vk_test_000000".into(),
            scopes: vec![ApiScope::TicketsWrite],
            created_at: now,
            expires_at: Some(now.plus_seconds(60)),
            revoked_at: None,
            last_used_at: None,
        };
        assert!(key.is_good(Mode::Test, now));
        assert!(!key.is_good(Mode::Live, now), "a test key never opens an installation that stamps for real");
        assert!(!key.is_good(Mode::Test, now.plus_seconds(60)));
        assert!(!ApiKey { revoked_at: Some(now), ..key }.is_good(Mode::Test, now));
    }
}
