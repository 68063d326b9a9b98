//! Who asks for an invoice, and who may follow it.
use uuid::Uuid;

use crate::audit::Actor;
use crate::issuers::Scope;

/// What the owners of programs' Idempotency-Keys begin with.
pub(super) const KEY_OWNER: &str = "api_key:";

/// Who asks for an issuer's invoice.
#[derive(Debug, Clone)]
pub struct Asker {
    /// The issuer.
    pub scope: Scope,
    /// A guest, or a program.
    pub party: Party,
    /// For the audit log.
    pub request_id: String,
}

/// Who may follow an invoice afterwards.
#[derive(Debug, Clone, Copy)]
pub enum Party {
    /// A guest in one browser: SHA-256 of its secret.
    Browser([u8; 32]),
    /// A program with this key of the API; every key of the issuer may follow it.
    Key(Uuid),
    /// The queue, for a guest whose order waited for its sale.
    Awaited {
        /// SHA-256 of the guest's browser's secret.
        browser: [u8; 32],
        /// The order, and the invoice.
        id: Uuid,
    },
}

impl Asker {
    /// Whose Idempotency-Keys never meet another's.
    pub fn idempotency_owner(&self) -> String {
        match self.party {
            Party::Browser(_) => format!("guest:{}", self.scope.uuid()),
            Party::Key(key) => format!("{KEY_OWNER}{key}"),
            Party::Awaited { .. } => format!("awaited:{}", self.scope.uuid()),
        }
    }

    pub(super) fn who(&self) -> Who<'_> {
        let actor = match self.party {
            Party::Browser(_) | Party::Awaited { .. } => Actor::Guest,
            Party::Key(key) => Actor::ApiKey(key),
        };
        Who { actor, request_id: &self.request_id }
    }

    /// The browser that may open the invoice.
    pub(super) fn browser(&self) -> Option<&[u8; 32]> {
        match &self.party {
            Party::Browser(hash) | Party::Awaited { browser: hash, .. } => Some(hash),
            Party::Key(_) => None,
        }
    }

    /// Who waits for the answer; nobody, when the queue works.
    pub(super) fn waits(&self) -> Option<Who<'_>> {
        (!matches!(self.party, Party::Awaited { .. })).then(|| self.who())
    }
}

/// For the audit log: absent when the queue works by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    pub actor: Actor,
    pub request_id: &'a str,
}
