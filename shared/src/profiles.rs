//! Profiles: an issuer's portal as one of three earlier portals was, row by row; without one, ours. What the browser must
//! know of them, and the rule for new passwords, which browser and server judge alike.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::accounts::Secret;
use crate::problem::FieldCode;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $choice:ident,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$row])* $choice,)+ }
    )+};
}

choices! {
    /// Which profile.
    ProfileName {
        /// None: ours.
        #[default]
        Default,
        /// The billing portal: documents to look up and download.
        Cit,
        /// The tickets' portal: invoices by three steps, and a panel.
        Ticket,
        /// The payment portal: four tabs.
        Canon,
    }
    /// What a person signs in with.
    SignInWith {
        /// Mail address, user name or RFC.
        #[default]
        Any,
        /// The mail address (C4).
        Email,
        /// RFC or mail address (T18).
        RfcOrEmail,
        /// The user name, an RFC as a rule (K2, K36); of a person without one the mail address stands for it.
        UserName,
    }
    /// The first page.
    HomeFace {
        /// A door for tickets and one for customers.
        #[default]
        Doors,
        /// A block «Clientes» at the right with the way in (C3).
        CustomersBlock,
        /// The wizard; the panel behind a button (T20).
        Wizard,
        /// «Portal clientes» with a note about whom to write to (K1, K5).
        CustomersPortal,
    }
    /// The navigation of a signed-in person.
    Menu {
        /// At the side, with Inicio.
        #[default]
        Side,
        /// At the left, headed «Cliente» (C29).
        CustomerAtLeft,
        /// «Panel de control de Facturas» (T21).
        Panel,
        /// Four tabs in capitals (K8).
        Tabs,
    }
    /// Where a person comes to after signing in.
    Landing {
        /// Inicio.
        #[default]
        Home,
        /// Consultas.
        Documents,
        /// Estados de cuenta (K9).
        Statements,
    }
    /// What a new password must be.
    PasswordRule {
        /// Eight characters or more, of any kind.
        #[default]
        Length,
        /// Exactly eight, with a capital, a small letter, a digit and one of `@#$%^&+=` (C26, C27).
        #[serde(rename = "heredada-8")]
        Heredada8,
    }
    /// How somebody comes in for the first time.
    FirstEntry {
        /// RFC, contract and mail; a link to choose a password with.
        #[default]
        Link,
        /// The same, capitals counting; a letter with a link and a temporary password, both needed (C15 to C25).
        TemporaryPassword,
        /// Born with the first invoice to a mail address (T24): the account opens what was invoiced to that address, and
        /// never an RFC's documents, which anybody could type on a ticket. Who has a contract registers as with
        /// [`FirstEntry::Link`].
        FirstInvoice,
        /// User and password are the RFC, which opens nothing but the way to a code by mail (K2, K3).
        Activation,
    }
    /// How somebody who forgot the password comes in again.
    Recovery {
        /// A link to the mailbox on file.
        #[default]
        Link,
        /// A link and a temporary password, both needed.
        LinkAndTemporary,
        /// RFC and mail; a temporary password (T18, T19).
        RfcAndEmail,
        /// A link to the mail on file (K4).
        MailOnFile,
    }
    /// The guest's wizard.
    Wizard {
        /// Five steps.
        #[default]
        Five,
        /// Three, under the words of the manual (T1 to T11).
        Three,
    }
    /// How an instant is shown.
    DateTimeStyle {
        /// `18/11/2026 18:03`
        #[default]
        Minutes,
        /// `18/11/2026`
        Day,
        /// `18/11/2026 06:03:59 p.m.` (K11, K34)
        TwelveHours,
    }
    /// Where a complemento de pago is found in Consultas.
    Complementos {
        /// A kind of its own.
        #[default]
        OwnKind,
        /// Inside the invoice it pays; the list of kinds has the four of C30.
        InsideInvoice,
    }
    /// A row of the history of payments.
    History {
        /// A payment, that opens to its invoices.
        #[default]
        PerPayment,
        /// A payment's part that went to one invoice (K34).
        PerAllocation,
    }
    /// When a payment that the bank confirmed lowers what is owed.
    Apply {
        /// At once, unless `payments.erp_applies` says otherwise.
        #[default]
        OnConfirmation,
        /// When the issuer's ERP says so (K21).
        OnErp,
    }
}

/// Not the name of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownProfile;

impl fmt::Display for UnknownProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither cit nor ticket nor canon")
    }
}

impl std::error::Error for UnknownProfile {}

impl FromStr for ProfileName {
    type Err = UnknownProfile;
    fn from_str(text: &str) -> Result<ProfileName, UnknownProfile> {
        match text {
            "cit" => Ok(ProfileName::Cit),
            "ticket" => Ok(ProfileName::Ticket),
            "canon" => Ok(ProfileName::Canon),
            _ => Err(UnknownProfile),
        }
    }
}

/// A profile: every way in which an issuer's portal may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Which.
    pub name: ProfileName,
    /// What a person signs in with.
    pub sign_in: SignInWith,
    /// The first page.
    pub home: HomeFace,
    /// The navigation.
    pub menu: Menu,
    /// Where a person comes to after signing in.
    pub landing: Landing,
    /// What a new password must be.
    pub password: PasswordRule,
    /// How somebody comes in for the first time.
    pub first_entry: FirstEntry,
    /// How somebody who forgot the password comes in again.
    pub recovery: Recovery,
    /// The guest's wizard.
    pub wizard: Wizard,
    /// How an instant is shown.
    pub date_time: DateTimeStyle,
    /// Where a complemento de pago is found.
    pub complementos: Complementos,
    /// A row of the history of payments.
    pub history: History,
    /// When a confirmed payment lowers what is owed.
    pub apply: Apply,
}

/// Characters of a password under [`PasswordRule::Heredada8`].
pub const HEREDADA_CHARS: usize = 8;
/// One of these must be in it. The manual's own list is damaged in print; this is the one it was copied from.
pub const HEREDADA_SYMBOLS: &str = "@#$%^&+=";

/// What of [`PasswordRule::Heredada8`] a password meets, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heredada8 {
    /// Exactly eight characters.
    pub length: bool,
    /// A capital.
    pub upper: bool,
    /// A small letter.
    pub lower: bool,
    /// A digit.
    pub digit: bool,
    /// One of the symbols.
    pub symbol: bool,
}

impl Heredada8 {
    /// Looks at a password.
    pub fn of(password: &str) -> Heredada8 {
        let any = |is: fn(char) -> bool| password.chars().any(is);
        Heredada8 {
            length: password.chars().count() == HEREDADA_CHARS,
            upper: any(char::is_uppercase),
            lower: any(char::is_lowercase),
            digit: any(|c| c.is_ascii_digit()),
            symbol: any(|c| HEREDADA_SYMBOLS.contains(c)),
        }
    }

    /// All of it.
    pub const fn is_met(self) -> bool {
        self.length && self.upper && self.lower && self.digit && self.symbol
    }
}

impl PasswordRule {
    /// Judges the form of a new password. That it is neither empty nor too long is judged with every password.
    pub fn judge(self, password: &Secret) -> Result<(), FieldCode> {
        match self {
            PasswordRule::Length if password.expose().chars().count() < crate::accounts::PASSWORD_MIN_CHARS => {
                Err(FieldCode::PasswordShort)
            }
            PasswordRule::Heredada8 if !Heredada8::of(password.expose()).is_met() => Err(FieldCode::PasswordHeredada),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c26_c27_heredada_8_is_exactly_eight_of_four_classes() {
        let judge = |password: &str| PasswordRule::Heredada8.judge(&Secret::new(password));
        for good in
            ["Zb4@kwqp", "Zb4#kwqp", "Zb4$kwqp", "Zb4%kwqp", "Zb4^kwqp", "Zb4&kwqp", "Zb4+kwqp", "Zb4=kwqp", "Ñb4@ kwñ"]
        {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
        for bad in ["", "Zb4@kwq", "Zb4@kwqpx", "zb4@kwqp", "ZB4@KWQP", "Zbx@kwqp", "Zb4!kwqp", "Zb4kwqpx"] {
            assert_eq!(judge(bad), Err(FieldCode::PasswordHeredada), "{bad}");
        }
    }

    #[test]
    fn without_a_profile_only_the_length_is_judged() {
        let judge = |password: &str| PasswordRule::Length.judge(&Secret::new(password));
        assert_eq!(judge("siete77"), Err(FieldCode::PasswordShort));
        assert_eq!(judge("        "), Ok(()));
        assert_eq!(judge(&"ñ".repeat(64)), Ok(()));
    }
}
