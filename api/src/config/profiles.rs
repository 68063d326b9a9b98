//! Which issuers follow a profile.
use serde::{Deserialize, Serialize};
use shared::profiles::ProfileName;

/// Issuers whose portal follows one of the three earlier portals, by short name; `default` is the one at `/`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Profiles {
    /// The billing portal: RFC, contract and mail register, capitals counting; passwords of exactly eight characters.
    pub cit: Vec<String>,
    /// The tickets' portal: the wizard first, a panel for invoices, recovery by RFC and mail.
    pub ticket: Vec<String>,
    /// The payment portal: the RFC is the user and opens the first entry; four tabs. The ERP applies its payments.
    pub canon: Vec<String>,
}

impl Profiles {
    /// Who follows a profile.
    pub fn of(&self, name: ProfileName) -> &[String] {
        match name {
            ProfileName::Default => &[],
            ProfileName::Cit => &self.cit,
            ProfileName::Ticket => &self.ticket,
            ProfileName::Canon => &self.canon,
        }
    }

    /// Puts the default issuer under a profile.
    pub fn set_default(&mut self, name: ProfileName) {
        let own = match name {
            ProfileName::Default => return,
            ProfileName::Cit => &mut self.cit,
            ProfileName::Ticket => &mut self.ticket,
            ProfileName::Canon => &mut self.canon,
        };
        own.push("default".to_owned());
    }

    pub(super) fn faults(&self) -> Vec<String> {
        let mut slugs: Vec<&String> = [&self.cit, &self.ticket, &self.canon].into_iter().flatten().collect();
        slugs.sort();
        let twice = slugs.windows(2).filter(|pair| pair[0] == pair[1]);
        twice.map(|pair| format!("profiles: {} is named twice", pair[0])).collect()
    }
}
