//! People and sessions as the rest of the house sees them, and the pure decisions about them.
use fiscal::{CodigoPostal, Email, Nombre, RegimenFiscal, Rfc};
use serde::{Deserialize, Serialize};
use shared::Lang;
use shared::accounts::customer::CustomerData;
use shared::accounts::{RegisterData, Role};
use shared::profiles::SignInWith;
use shared::staff::StaffRole;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::config;
use crate::db::Timestamp;
use crate::issuers::{IssuerId, Scope};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// From a row or a new id.
            pub const fn new(id: Uuid) -> $name {
                $name(id)
            }

            /// For a bind.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

ids! {
    /// A customer of the group.
    CustomerId;
    /// A person who signs in.
    UserId;
    /// A time at a browser, from signing in to its end.
    SessionId;
}

/// An RFC with its fiscal data; shared inside the group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// RFC.
    pub rfc: Rfc,
    /// Name in the SAT's register.
    pub nombre: Nombre,
    /// Tax regime.
    pub regimen: RegimenFiscal,
    /// Tax domicile.
    pub codigo_postal: CodigoPostal,
}

impl NewCustomer {
    /// What was typed or sent, beside its numbers.
    pub fn split(data: CustomerData) -> (NewCustomer, Vec<String>) {
        let CustomerData { rfc, nombre, regimen, codigo_postal, contracts } = data;
        (NewCustomer { rfc, nombre, regimen, codigo_postal }, contracts)
    }
}

/// A person to add.
#[derive(Debug, Clone)]
pub struct NewUser<'a> {
    /// Mail address, to sign in with and to write to.
    pub email: &'a Email,
    /// Another name to sign in with.
    pub user_name: Option<&'a str>,
    /// From [`super::hashing`]; `None`: no password opens anything yet.
    pub password_hash: Option<&'a str>,
    /// Language of letters.
    pub language: Lang,
}

/// A person, as signing in and letters need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Ours.
    pub id: UserId,
    /// Mail address.
    pub email: Email,
    /// Another name to sign in with.
    pub user_name: Option<String>,
    /// Of the password; `None` when there is none yet.
    pub password_hash: Option<String>,
    /// Language of letters.
    pub language: Lang,
    /// May sign in at all.
    pub active: bool,
    /// The password was a temporary one that was used: it opens nothing more.
    pub must_change: bool,
}

impl User {
    /// Whether the person may sign in with this folded name under a profile. Who has no user name has only the address.
    pub fn signs_in_as(&self, with: SignInWith, folded: &str) -> bool {
        let is_email = fold_user(self.email.as_str()) == folded;
        match with {
            SignInWith::Any | SignInWith::RfcOrEmail => true,
            SignInWith::Email => is_email,
            SignInWith::UserName => !is_email || self.user_name.is_none(),
        }
    }
}

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Whatever the person may.
    Full,
    /// Choose a new password or leave, nothing else (A8).
    ChangePassword,
    /// Set up the second step or leave, nothing else (A14).
    Enrol,
}

impl Reach {
    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reach::Full => "full",
            Reach::ChangePassword => "change_password",
            Reach::Enrol => "enrol",
        }
    }
}

impl TryFrom<String> for Reach {
    type Error = String;
    fn try_from(text: String) -> Result<Reach, String> {
        [Reach::Full, Reach::ChangePassword, Reach::Enrol].into_iter().find(|reach| reach.as_str() == text).ok_or(text)
    }
}

/// Whose a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A person's, for one of their customers.
    Customer(CustomerId),
    /// Staff's.
    Staff,
    /// Staff's, who look at a customer's pages as far as this issuer is concerned.
    View(CustomerId, IssuerId),
    /// A person's whom an invoice brought: for what was invoiced to their mailbox, and for no customer.
    Mailbox,
}

impl Whose {
    /// As kept in the table.
    pub const fn kind(self) -> &'static str {
        match self {
            Whose::Customer(_) => "customer",
            Whose::Staff => "staff",
            Whose::View(..) => "view",
            Whose::Mailbox => "mailbox",
        }
    }

    /// The customer it is for.
    pub const fn customer(self) -> Option<CustomerId> {
        match self {
            Whose::Customer(customer) | Whose::View(customer, _) => Some(customer),
            Whose::Staff | Whose::Mailbox => None,
        }
    }
}

/// A person by their session, whatever it is for and however far it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// What the session is for.
    pub whose: Whose,
    /// What the session may do.
    pub reach: Reach,
    /// When the person last proved who they are.
    pub proved_at: Timestamp,
}

impl Principal {
    /// The customer the session is for.
    pub const fn customer(&self) -> Option<CustomerId> {
        self.whose.customer()
    }
}

/// What a person of the house may do, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// At this issuer; `None`: at all, and the installation itself.
    pub issuer: Option<IssuerId>,
    /// What.
    pub role: StaffRole,
}

/// What a person is to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Whose they are.
    pub customer: CustomerId,
    /// What they may do for it.
    pub role: Role,
    /// This issuer's part of the customer is all they see; `None`: the whole group's.
    pub part: Option<IssuerId>,
}

/// What somebody is invited to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// One of a customer's people.
    Person(Membership),
    /// Staff.
    Staff {
        /// Of this issuer; `None`: of the whole installation.
        issuer: Option<IssuerId>,
        /// What they will be able to do.
        role: StaffRole,
    },
}

/// Staff who ask: read from the session's row and their grants on every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCaller {
    /// Who, by which session.
    pub principal: Principal,
    /// What they may do; never empty.
    pub grants: Vec<Grant>,
}

impl StaffCaller {
    /// What they may do for an issuer.
    pub fn role_at(&self, issuer: IssuerId) -> Option<StaffRole> {
        let here = self.grants.iter().filter(|grant| grant.issuer.is_none_or(|of| of == issuer));
        here.map(|grant| grant.role).max()
    }

    /// Whether they run the whole installation.
    pub fn runs_installation(&self) -> bool {
        self.grants.iter().any(|grant| grant.issuer.is_none() && grant.role == StaffRole::Operator)
    }
}

/// Who asks: read from the session's row on every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The session.
    pub session_id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// The customer the session is for.
    pub customer_id: CustomerId,
    /// Its RFC.
    pub rfc: Rfc,
    /// What the person may do for it.
    pub role: Role,
    /// What the session may do.
    pub reach: Reach,
    /// When the person last proved who they are.
    pub proved_at: Timestamp,
    /// Staff who only look, at this issuer's part of the customer's.
    pub view: Option<IssuerId>,
    /// One of the customer's people who sees this issuer's part alone.
    pub part: Option<IssuerId>,
}

impl Caller {
    /// The one issuer whose part of the customer's things may be seen; `None`: all of them.
    pub fn only(&self) -> Option<Scope> {
        self.view.or(self.part).map(Scope::of)
    }

    /// The person behind it.
    pub fn principal(&self) -> Principal {
        let whose = match self.view {
            Some(issuer) => Whose::View(self.customer_id, issuer),
            None => Whose::Customer(self.customer_id),
        };
        let Caller { session_id, user_id, reach, proved_at, .. } = *self;
        Principal { session_id, user_id, whose, reach, proved_at }
    }
}

/// Whose data something is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// One of a customer's people, and the customer.
    Customer(Caller),
    /// The owner of a mailbox's account, and no customer.
    Mailbox(Principal),
}

impl Subject {
    /// The person.
    pub const fn user(&self) -> UserId {
        match self {
            Subject::Customer(caller) => caller.user_id,
            Subject::Mailbox(owner) => owner.user_id,
        }
    }

    /// The customer, where there is one.
    pub const fn customer(&self) -> Option<CustomerId> {
        match self {
            Subject::Customer(caller) => Some(caller.customer_id),
            Subject::Mailbox(_) => None,
        }
    }

    /// The person by their session.
    pub fn principal(&self) -> Principal {
        match self {
            Subject::Customer(caller) => caller.principal(),
            Subject::Mailbox(owner) => owner.clone(),
        }
    }
}

/// What was asked for by somebody who proved nothing yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// An account for a customer.
    Registration(RegisterData),
    /// A way back in: the folded name.
    Recovery(String),
    /// An account, where capitals count and the letter brings a temporary password: the contract as typed.
    ExactRegistration(RegisterData, String),
    /// A way back in by a temporary password: the folded name, and the address where the profile asks for both.
    TemporaryRecovery(String, Option<Email>),
}

/// How names to sign in with are compared: `Ana @X.example` is `ana@x.example`, `pna850712aa1` is `PNA850712AA1`.
pub fn fold_user(typed: &str) -> String {
    typed.nfc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Without case, accents and blanks: how a password is compared with common ones and with the person's own data.
pub fn fold_plain(text: &str) -> String {
    let plain = text.nfkd().filter(|c| !is_combining_mark(*c) && !c.is_whitespace());
    plain.flat_map(char::to_lowercase).collect()
}

/// What is to be done about a refresh token that is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Make the next generation.
    Rotate,
    /// Give the successor again: another tab was first, or the answer got lost.
    Repeat,
    /// It was used before: whoever has it, it is in two hands. The session ends.
    Reused,
    /// The session is over, or the token is of a generation that the row does not know.
    Ended,
}

/// Where a session's row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How often it was refreshed.
    pub generation: i64,
    /// When it was last.
    pub refreshed_at: Timestamp,
    /// Its latest end.
    pub expires_at: Timestamp,
    /// Somebody ended it.
    pub revoked: bool,
}

impl Standing {
    /// What a token of this generation gets (A10).
    pub fn next(&self, generation: i64, now: Timestamp, settings: &config::Accounts) -> Next {
        let idle = now.seconds_since(self.refreshed_at);
        if self.revoked || now >= self.expires_at || idle >= settings.idle_minutes * 60 || generation > self.generation
        {
            Next::Ended
        } else if generation == self.generation {
            Next::Rotate
        } else if generation + 1 == self.generation && idle < settings.refresh_grace_seconds {
            Next::Repeat
        } else {
            Next::Reused
        }
    }
}

/// Longest description of a device kept.
const DEVICE_MAX_CHARS: usize = 60;
/// What names a browser in its User-Agent: those that also call themselves by another's name come first.
const BROWSERS: [(&str, &str); 5] =
    [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
/// The same for systems.
const SYSTEMS: [(&str, &str); 6] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

/// `Chrome, Android`: enough to recognise one's own session. Empty when the browser did not say.
pub fn device(user_agent: &str) -> String {
    let named = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let parts: Vec<&str> = [named(&BROWSERS), named(&SYSTEMS)].into_iter().flatten().collect();
    parts.join(", ").chars().take(DEVICE_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap())
    }

    fn standing() -> Standing {
        Standing { generation: 5, refreshed_at: now(), expires_at: now().plus_seconds(12 * 3_600), revoked: false }
    }

    #[test]
    fn a_refresh_token_is_good_once_and_for_ten_seconds_more() {
        let settings = config::Accounts::default();
        let next = |generation, seconds| standing().next(generation, now().plus_seconds(seconds), &settings);
        assert_eq!(next(5, 0), Next::Rotate);
        assert_eq!(next(5, 1_799), Next::Rotate);
        assert_eq!(next(4, 9), Next::Repeat);
        assert_eq!(next(4, 10), Next::Reused);
        assert_eq!(next(3, 0), Next::Reused);
        assert_eq!(next(6, 0), Next::Ended, "a restored backup does not know it");
    }

    #[test]
    fn a_session_ends_when_idle_when_old_and_when_revoked() {
        let settings = config::Accounts::default();
        assert_eq!(standing().next(5, now().plus_seconds(1_800), &settings), Next::Ended);
        let old = Standing { refreshed_at: now().plus_seconds(12 * 3_600 - 60), ..standing() };
        assert_eq!(old.next(5, now().plus_seconds(12 * 3_600 - 1), &settings), Next::Rotate);
        assert_eq!(old.next(5, now().plus_seconds(12 * 3_600), &settings), Next::Ended);
        assert_eq!(Standing { revoked: true, ..standing() }.next(5, now(), &settings), Next::Ended);
    }

    #[test]
    fn names_are_compared_without_case_and_blanks() {
        assert_eq!(fold_user(" Ana.Ruiz@X.Example "), "ana.ruiz@x.example");
        assert_eq!(fold_user("PN\u{303}A 850712 AA1"), fold_user("pñA850712aa1"));
        assert_ne!(fold_user("ana"), fold_user("aná"));
    }

    #[test]
    fn a_device_is_told_by_browser_and_system() {
        let phone =
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36";
        assert_eq!(device(phone), "Chrome, Android");
        assert_eq!(device("Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/132.0"), "Firefox, Windows");
        assert_eq!(device("curl/8"), "");
    }
}
