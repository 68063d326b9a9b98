//! Which issuer's portal follows which profile, from the settings. The profiles themselves are files of this crate.
use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use shared::profiles::{HomeFace, Profile, ProfileName};

use super::model::Issuer;
use super::service::DEFAULT_SLUG;
use crate::config;

/// Every profile there is, as its manual has it.
const FILES: [(ProfileName, &str); 3] = [
    (ProfileName::Cit, include_str!("../../profiles/cit.toml")),
    (ProfileName::Ticket, include_str!("../../profiles/ticket.toml")),
    (ProfileName::Canon, include_str!("../../profiles/canon.toml")),
];

/// The profile of every issuer that has one.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    of: BTreeMap<String, Profile>,
}

impl Profiles {
    /// Reads the files and who follows them.
    pub fn new(settings: &config::Profiles) -> anyhow::Result<Profiles> {
        let mut of = BTreeMap::new();
        for (name, text) in FILES {
            let profile = read(name, text)?;
            for slug in settings.of(name) {
                of.insert(slug.clone(), profile);
            }
        }
        Ok(Profiles { of })
    }

    /// An issuer's.
    pub fn of(&self, issuer: &Issuer) -> Profile {
        let default = issuer.is_default.then_some(DEFAULT_SLUG);
        let named = self.of.get(&issuer.slug).or_else(|| self.of.get(default?));
        named.copied().unwrap_or_default()
    }

    /// That of the default issuer, by its short name.
    pub fn named(&self, default_slug: &str) -> Profile {
        let named = self.of.get(default_slug).or_else(|| self.of.get(DEFAULT_SLUG));
        named.copied().unwrap_or_default()
    }

    /// Addresses of first pages, and where each leads under its profile. `default` is the issuer whose pages stand at
    /// `/`, when there is one.
    pub fn doors(&self, default: Option<&Issuer>) -> BTreeMap<String, String> {
        let mut doors = BTreeMap::new();
        let mut lead = |from: String, profile: Profile| {
            if let Some(page) = first_page(profile.home) {
                doors.insert(from.clone(), format!("{}{page}", from.trim_end_matches('/')));
            }
        };
        for (slug, profile) in self.of.iter().filter(|(slug, _)| *slug != DEFAULT_SLUG) {
            lead(format!("/e/{slug}"), *profile);
        }
        let at_root = default.map(|issuer| self.of(issuer)).or_else(|| self.of.get(DEFAULT_SLUG).copied());
        if let Some(profile) = at_root {
            lead("/".to_owned(), profile);
        }
        doors
    }
}

/// What stands in the place of our first page.
const fn first_page(home: HomeFace) -> Option<&'static str> {
    match home {
        HomeFace::Doors => None,
        HomeFace::CustomersBlock | HomeFace::CustomersPortal => Some("/entrar"),
        HomeFace::Wizard => Some("/facturar"),
    }
}

fn read(name: ProfileName, text: &str) -> anyhow::Result<Profile> {
    let profile: Profile = toml::from_str(text).with_context(|| format!("reading the profile {name:?}"))?;
    ensure!(profile.name == name, "the profile {name:?} calls itself {:?}", profile.name);
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use shared::profiles::{
        Apply, Complementos, DateTimeStyle, FirstEntry, History, Landing, Menu, PasswordRule, Recovery, SignInWith,
        Wizard,
    };

    use super::*;

    fn profile(name: ProfileName) -> Profile {
        let (_, text) = FILES.into_iter().find(|(known, _)| *known == name).unwrap();
        read(name, text).unwrap()
    }

    #[test]
    fn every_row_of_the_table_of_profiles_is_in_its_file() {
        let cit = Profile {
            name: ProfileName::Cit,
            sign_in: SignInWith::Email,
            home: HomeFace::CustomersBlock,
            menu: Menu::CustomerAtLeft,
            landing: Landing::Documents,
            password: PasswordRule::Heredada8,
            first_entry: FirstEntry::TemporaryPassword,
            recovery: Recovery::LinkAndTemporary,
            date_time: DateTimeStyle::Day,
            complementos: Complementos::InsideInvoice,
            ..Profile::default()
        };
        let ticket = Profile {
            name: ProfileName::Ticket,
            sign_in: SignInWith::RfcOrEmail,
            home: HomeFace::Wizard,
            menu: Menu::Panel,
            landing: Landing::Documents,
            first_entry: FirstEntry::FirstInvoice,
            recovery: Recovery::RfcAndEmail,
            wizard: Wizard::Three,
            date_time: DateTimeStyle::Day,
            ..Profile::default()
        };
        let canon = Profile {
            name: ProfileName::Canon,
            sign_in: SignInWith::UserName,
            home: HomeFace::CustomersPortal,
            menu: Menu::Tabs,
            landing: Landing::Statements,
            first_entry: FirstEntry::Activation,
            recovery: Recovery::MailOnFile,
            date_time: DateTimeStyle::TwelveHours,
            history: History::PerAllocation,
            apply: Apply::OnErp,
            ..Profile::default()
        };
        assert_eq!([cit, ticket, canon].map(|it| it.name).map(profile), [cit, ticket, canon]);
    }

    #[test]
    fn a_first_page_leads_where_its_profile_says() {
        let settings =
            config::Profiles { cit: vec!["cobre".into()], ticket: vec!["default".into()], canon: vec!["ocre".into()] };
        let doors: Vec<(String, String)> = Profiles::new(&settings).unwrap().doors(None).into_iter().collect();
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        let wanted = [pair("/", "/facturar"), pair("/e/cobre", "/e/cobre/entrar"), pair("/e/ocre", "/e/ocre/entrar")];
        assert_eq!(doors, wanted);
        assert!(Profiles::default().doors(None).is_empty());
    }
}
