//! Which banks there are: the sandbox in a rehearsal, the configured accounts otherwise; never the other's.
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use shared::payments::BankCode;
use url::Url;

use super::banxico::Banxico;
use super::{Banks, Bbva, BbvaSettings, Citibanamex, CitibanamexSettings, Clabe};
use crate::config::{Merchant, Payments};

/// The sandbox's own account.
pub const SANDBOX_ACCOUNT: &str = "7040301";
/// The sandbox's own merchant at the gateway.
pub const SANDBOX_MERCHANT: &str = "TEST7040301";
/// An account of no bank: 999 is nobody's.
pub const SANDBOX_CLABE: &str = "999180000118359713";
/// Where the sandbox plays Multipagos.
pub const SANDBOX_BBVA_PATH: &str = "/clb/endpoint/ensayo";

/// The first version of the gateway's API that knows the operation by which sessions are asked for (`payments.md` 2.2).
const CHECKOUT_SINCE: u32 = 63;

/// Why an account cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum MerchantError {
    /// No bank of that name is known.
    #[error("{0} is no bank of ours")]
    UnknownBank(String),
    /// The HTTP client could not be made.
    #[error("preparing the connection to a bank")]
    Client(#[from] reqwest::Error),
    /// Not an address.
    #[error("reading the address of {0}")]
    Address(String, #[source] url::ParseError),
    /// A rehearsal may reach nothing but this machine's own sandbox.
    #[error("a rehearsal pays at the sandbox only, and {0} is not on this machine")]
    RehearsalMustBeLoopback(String),
    /// Payers travel encrypted.
    #[error("a bank outside the rehearsal needs an https address, not {0}")]
    MustBeHttps(String),
    /// Transfers to another account would be lost.
    #[error("{0} is no CLABE: its check digit does not follow from the others")]
    NotAClabe(String),
    /// It would refuse every session that is asked for.
    #[error("the gateway of {0} needs version {since} of its API or a later one, not \"{1}\"", since = CHECKOUT_SINCE)]
    OldVersion(String, String),
    /// Without a key nothing could be believed.
    #[error("the account of {0} has no key")]
    NoKey(String),
}

/// The rehearsal's banks, for every issuer.
pub fn rehearsal(base_url: &str, key: &SecretString) -> Result<Banks, MerchantError> {
    let mut banks = Banks::default();
    let bbva = Bbva::new(BbvaSettings {
        origin: base_url.to_owned(),
        path: SANDBOX_BBVA_PATH.to_owned(),
        account: SANDBOX_ACCOUNT.to_owned(),
        node: "0".to_owned(),
        concept: "1".to_owned(),
        key: key.clone(),
    });
    banks.add_sandbox(BankCode::Bbva, Arc::new(bbva));
    let gateway = Citibanamex::new(CitibanamexSettings {
        origin: base_url.to_owned(),
        version: "100".to_owned(),
        merchant: SANDBOX_MERCHANT.to_owned(),
        password: key.clone(),
    })?;
    banks.add_sandbox(BankCode::Citibanamex, Arc::new(gateway));
    let clabe = Clabe::parse(SANDBOX_CLABE).ok_or_else(|| MerchantError::NotAClabe(SANDBOX_CLABE.to_owned()))?;
    banks.add_transfers(None, clabe);
    banks.add_banxico(Banxico::new(base_url, key.clone())?);
    Ok(banks)
}

/// The configured accounts; of what is wrong, the first.
pub fn configured(settings: &Payments, rehearsal: bool) -> Result<Banks, MerchantError> {
    let (banks, faults) = read(settings, rehearsal);
    faults.into_iter().next().map_or(Ok(banks), |(_, fault)| Err(fault))
}

/// Everything that is wrong with the configured accounts, each with the name of its setting.
pub fn faults(settings: &Payments, rehearsal: bool) -> Vec<(&'static str, MerchantError)> {
    read(settings, rehearsal).1
}

fn read(settings: &Payments, rehearsal: bool) -> (Banks, Vec<(&'static str, MerchantError)>) {
    let (mut banks, mut faults) = (Banks::default(), Vec::new());
    if let Err(fault) = add_rates(&mut banks, settings, rehearsal) {
        faults.push(("payments.banxico_url", fault));
    }
    for merchant in &settings.merchants {
        if let Err(fault) = add(&mut banks, merchant, rehearsal) {
            faults.push(("payments.merchants", fault));
        }
    }
    (banks, faults)
}

/// Who says the rates of days, where there is a token for it.
fn add_rates(banks: &mut Banks, settings: &Payments, rehearsal: bool) -> Result<(), MerchantError> {
    if settings.banxico_token.expose_secret().is_empty() {
        return Ok(());
    }
    reachable(&settings.banxico_url, rehearsal)?;
    banks.add_banxico(Banxico::new(&settings.banxico_url, settings.banxico_token.clone())?);
    Ok(())
}

fn add(banks: &mut Banks, merchant: &Merchant, rehearsal: bool) -> Result<(), MerchantError> {
    let code = BankCode::parse(&merchant.bank);
    match code.ok_or_else(|| MerchantError::UnknownBank(merchant.bank.clone()))? {
        BankCode::Bbva => banks.add(&merchant.issuer, BankCode::Bbva, Arc::new(bbva(merchant, rehearsal)?)),
        BankCode::Citibanamex => {
            banks.add(&merchant.issuer, BankCode::Citibanamex, Arc::new(citibanamex(merchant, rehearsal)?));
        }
        BankCode::Spei => {
            let clabe = Clabe::parse(&merchant.account);
            let clabe = clabe.ok_or_else(|| MerchantError::NotAClabe(merchant.account.clone()))?;
            banks.add_transfers(Some(&merchant.issuer), clabe);
        }
    }
    Ok(())
}

/// An address that this installation may reach.
fn reachable(address: &str, rehearsal: bool) -> Result<Url, MerchantError> {
    let url = Url::parse(address).map_err(|error| MerchantError::Address(address.to_owned(), error))?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if rehearsal && !loopback {
        return Err(MerchantError::RehearsalMustBeLoopback(address.to_owned()));
    }
    if !rehearsal && url.scheme() != "https" {
        return Err(MerchantError::MustBeHttps(address.to_owned()));
    }
    Ok(url)
}

/// The account's address, when this installation may reach it and has what to believe it by.
fn address(merchant: &Merchant, rehearsal: bool) -> Result<Url, MerchantError> {
    let url = reachable(&merchant.url, rehearsal)?;
    if merchant.key.expose_secret().is_empty() {
        return Err(MerchantError::NoKey(merchant.issuer.clone()));
    }
    Ok(url)
}

fn citibanamex(merchant: &Merchant, rehearsal: bool) -> Result<Citibanamex, MerchantError> {
    let url = address(merchant, rehearsal)?;
    if merchant.version.parse::<u32>().ok().is_none_or(|version| version < CHECKOUT_SINCE) {
        return Err(MerchantError::OldVersion(merchant.issuer.clone(), merchant.version.clone()));
    }
    Ok(Citibanamex::new(CitibanamexSettings {
        origin: url.origin().ascii_serialization(),
        version: merchant.version.clone(),
        merchant: merchant.account.clone(),
        password: merchant.key.clone(),
    })?)
}

fn bbva(merchant: &Merchant, rehearsal: bool) -> Result<Bbva, MerchantError> {
    let url = address(merchant, rehearsal)?;
    Ok(Bbva::new(BbvaSettings {
        origin: url.origin().ascii_serialization(),
        path: url.path().to_owned(),
        account: merchant.account.clone(),
        node: merchant.node.clone(),
        concept: merchant.concept.clone(),
        key: merchant.key.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant(url: &str, key: &str) -> Payments {
        let merchant = Merchant {
            issuer: "colibri".into(),
            bank: "bbva".into(),
            url: url.into(),
            account: "1".into(),
            node: "0".into(),
            concept: "1".into(),
            version: "100".into(),
            key: key.into(),
        };
        Payments { merchants: vec![merchant], ..Payments::default() }
    }

    #[test]
    fn a_real_bank_is_never_reached_from_a_rehearsal_nor_a_sandbox_from_production() {
        let real = merchant("https://banco.example/clb/endpoint/colibri", "llave");
        let sandbox = merchant("http://127.0.0.1:8090/clb/endpoint/ensayo", "llave");
        assert!(matches!(configured(&real, true), Err(MerchantError::RehearsalMustBeLoopback(_))));
        assert!(matches!(configured(&sandbox, false), Err(MerchantError::MustBeHttps(_))));
        assert_eq!(configured(&real, false).unwrap().of("colibri"), [BankCode::Bbva]);
        assert_eq!(configured(&real, false).unwrap().of("otro"), []);
        assert_eq!(configured(&real, false).unwrap().origins(), ["https://banco.example"]);
        let gateway = |version: &str| {
            let mut settings = merchant("https://pasarela.example", "llave");
            (settings.merchants[0].bank, settings.merchants[0].version) = ("citibanamex".into(), version.into());
            configured(&settings, false)
        };
        for old in ["62", "49", "", "cien", "-1"] {
            assert!(matches!(gateway(old), Err(MerchantError::OldVersion(..))), "{old}");
        }
        let told = gateway("62").err().unwrap().to_string();
        assert_eq!(told, "the gateway of colibri needs version 63 of its API or a later one, not \"62\"");
        for good in ["63", "100"] {
            assert_eq!(gateway(good).unwrap().of("colibri"), [BankCode::Citibanamex]);
        }
        let keyless = merchant("https://banco.example/clb", "");
        assert!(matches!(configured(&keyless, false), Err(MerchantError::NoKey(_))));
    }
}
