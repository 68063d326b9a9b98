//! Who takes the money. A [`Bank`] says where to send the browser, and reads what comes back in its name; it decides
//! nothing and remembers nothing. What it reads is judged by [`super::model`], over evidence that is kept already.
pub mod banxico;
mod bbva;
mod citibanamex;
mod fields;
mod setup;
mod spei;

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use shared::payments::{BankCode, BankRedirect, RedirectField, RedirectMethod};

use super::how::How;
use super::model::{Intended, Reading, Source};

pub(super) use bbva::forma_of_multipagos;
pub use bbva::{Bbva, BbvaSettings};
pub use citibanamex::{Citibanamex, CitibanamexSettings};
pub use fields::{Fields, MESSAGE_MAX_BYTES};
pub use setup::{
    MerchantError, SANDBOX_ACCOUNT, SANDBOX_BBVA_PATH, SANDBOX_CLABE, SANDBOX_MERCHANT, configured, faults, rehearsal,
};
pub use spei::{Clabe, Spei, SpeiSettings, deposit_reference};

/// An order on its way to a bank.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// What its answers will name.
    pub intended: &'a Intended,
    /// Who pays.
    pub customer_name: &'a str,
    /// Whom.
    pub issuer_name: &'a str,
    /// Where the bank sends the browser back to.
    pub return_url: &'a str,
    /// Where the bank's server may tell us.
    pub notice_url: &'a str,
}

/// What a bank took an order with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// How to go there.
    pub redirect: KeptRedirect,
    /// What its answers will be recognised by.
    pub secret: Option<String>,
}

/// A redirect as it is kept: the same for every delivery. The bank's own address is configuration and is added when it
/// is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRedirect {
    /// Form or address.
    pub method: RedirectMethod,
    /// What follows the bank's address.
    pub path: String,
    /// Fields of the form.
    pub fields: Vec<RedirectField>,
}

/// The bank could not be asked, or gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the bank gave no usable answer: {reason}")]
pub struct BankSilent {
    /// For the log; never shown.
    pub reason: String,
}

/// A bank, by one issuer's account there.
pub trait Bank: Send + Sync {
    /// Scheme, host and port of its pages: what the portal's forms may be sent to.
    fn origin(&self) -> &str;

    /// Takes an order: makes the redirect, asking the bank where its protocol wants that.
    fn hand_over<'a>(&'a self, order: &'a Order<'a>) -> BoxFuture<'a, Result<HandOver, BankSilent>>;

    /// Reads a message kept as evidence, against what was ordered. Pure, so that it can be read again.
    fn read(&self, source: Source, raw: &[u8], intended: &Intended) -> Reading;

    /// How and when it was paid, of a message that says that it was. What a bank never says stays unknown.
    fn how(&self, _source: Source, _raw: &[u8]) -> How {
        How::default()
    }

    /// Whether a message is signed with this account's key, whatever order it names. Where messages carry no proof of
    /// their own, none is.
    fn is_signed(&self, _raw: &[u8]) -> bool {
        false
    }

    /// Asks how an order stands: the answer's bytes, to be kept and read as [`Source::Poll`]. `None`: it cannot be
    /// asked.
    fn poll<'a>(&'a self, intended: &'a Intended) -> BoxFuture<'a, Result<Option<Vec<u8>>, BankSilent>>;
}

/// Our order number in a message of this bank, before anybody knows whose it is. Not proved by anything yet.
pub fn order_named(bank: BankCode, fields: &Fields) -> Option<String> {
    let name = match bank {
        BankCode::Bbva => "mp_order",
        BankCode::Citibanamex => citibanamex::ORDER_FIELD,
        // Transfers send nobody back and call nobody: they are found in the account.
        BankCode::Spei => return None,
    };
    fields.only(name).filter(|order| !order.is_empty() && order.len() <= 40).map(str::to_owned)
}

/// Our reference of a payment in a message of this bank, for people to look at: an order that is not ours may still be
/// one of our payments under a number that somebody mistook.
pub fn reference_named(bank: BankCode, fields: &Fields) -> Option<&str> {
    match bank {
        BankCode::Bbva => {
            fields.only("mp_reference").filter(|reference| !reference.is_empty() && reference.len() <= 40)
        }
        BankCode::Citibanamex | BankCode::Spei => None,
    }
}

/// The banks of every issuer.
#[derive(Clone, Default)]
pub struct Banks {
    by_issuer: HashMap<(String, BankCode), Arc<dyn Bank>>,
    /// In a rehearsal: any issuer's.
    sandbox: HashMap<BankCode, Arc<dyn Bank>>,
    /// Who says the rates of days, when anybody does.
    banxico: Option<Arc<banxico::Banxico>>,
    /// Accounts that take transfers, by issuer; the empty name is any issuer's.
    clabes: HashMap<String, Clabe>,
}

impl Banks {
    /// Adds an issuer's account at a bank.
    pub fn add(&mut self, issuer: &str, code: BankCode, bank: Arc<dyn Bank>) {
        self.by_issuer.insert((issuer.to_owned(), code), bank);
    }

    /// The rehearsal's bank, for every issuer.
    pub fn add_sandbox(&mut self, code: BankCode, bank: Arc<dyn Bank>) {
        self.sandbox.insert(code, bank);
    }

    /// Adds who says the rates of days.
    pub fn add_banxico(&mut self, banxico: banxico::Banxico) {
        self.banxico = Some(Arc::new(banxico));
    }

    /// Who says the rates of days.
    pub fn banxico(&self) -> Option<Arc<banxico::Banxico>> {
        self.banxico.clone()
    }

    /// Adds the account that takes an issuer's transfers; without one, every issuer's.
    pub fn add_transfers(&mut self, issuer: Option<&str>, clabe: Clabe) {
        let bank: Arc<dyn Bank> = Arc::new(Spei::new(SpeiSettings { clabe: clabe.clone() }));
        match issuer {
            Some(issuer) => self.add(issuer, BankCode::Spei, bank),
            None => self.add_sandbox(BankCode::Spei, bank),
        }
        self.clabes.insert(issuer.unwrap_or_default().to_owned(), clabe);
    }

    /// Where an issuer's transfers go.
    pub fn clabe_of(&self, issuer: &str) -> Option<&Clabe> {
        self.clabes.get(issuer).or_else(|| self.clabes.get(""))
    }

    /// Every issuer that an account is configured for.
    pub fn issuers(&self) -> Vec<&str> {
        let mut issuers: Vec<&str> = self.by_issuer.keys().map(|(issuer, _)| issuer.as_str()).collect();
        issuers.sort_unstable();
        issuers.dedup();
        issuers
    }

    /// An issuer's account at a bank.
    pub fn find(&self, issuer: &str, code: BankCode) -> Option<&Arc<dyn Bank>> {
        self.by_issuer.get(&(issuer.to_owned(), code)).or_else(|| self.sandbox.get(&code))
    }

    /// The issuer whose account at this bank a message is signed for; the empty name is the sandbox's.
    pub fn signed_for(&self, code: BankCode, raw: &[u8]) -> Option<&str> {
        let own = self.by_issuer.iter().filter(|((_, of), _)| *of == code);
        let found = own.filter(|(_, bank)| bank.is_signed(raw)).map(|((issuer, _), _)| issuer.as_str()).min();
        found.or_else(|| self.sandbox.get(&code).filter(|bank| bank.is_signed(raw)).map(|_| ""))
    }

    /// The banks that an issuer offers, in the order of the buttons.
    pub fn of(&self, issuer: &str) -> Vec<BankCode> {
        BankCode::ALL.iter().copied().filter(|code| self.find(issuer, *code).is_some()).collect()
    }

    /// Every address that the portal's forms may be sent to.
    pub fn origins(&self) -> Vec<String> {
        let all = self.by_issuer.values().chain(self.sandbox.values());
        let mut origins: Vec<String> = all.map(|bank| bank.origin().to_owned()).filter(|at| !at.is_empty()).collect();
        origins.sort();
        origins.dedup();
        origins
    }
}

impl KeptRedirect {
    /// As the browser needs it.
    pub fn view(&self, bank: &dyn Bank) -> BankRedirect {
        BankRedirect {
            method: self.method,
            action: format!("{}{}", bank.origin(), self.path),
            fields: self.fields.clone(),
        }
    }
}
