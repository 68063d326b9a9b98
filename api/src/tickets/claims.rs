//! The claim: our own signed note that a guest has proved to hold a ticket. It names one ticket and what it came to, and
//! ends soon, so the invoice step cannot be reached without the look-up, nor with another ticket's note (G4), and no
//! invoice is made for a total that its person never saw.
use fiscal::{Amount, Currency};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::model::{Ticket, TicketId};
use crate::db::Timestamp;
use crate::issuers::Scope;

const AUDIENCE: &str = "ticket-claim";

/// Signs and opens claims.
pub struct ClaimKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    aud: String,
    iss: Uuid,
    sub: Uuid,
    exp: i64,
    total_minor: i64,
    currency: String,
}

/// What a claim says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claimed {
    /// Which ticket.
    pub ticket: TicketId,
    /// What it came to when it was looked up.
    pub total: Amount,
}

impl ClaimKey {
    /// From 256 secret bits.
    pub fn new(secret: &[u8; 32]) -> ClaimKey {
        ClaimKey { encoding: EncodingKey::from_secret(secret), decoding: DecodingKey::from_secret(secret) }
    }

    /// The note for a ticket, good until `expires_at`.
    pub fn sign(
        &self,
        scope: Scope,
        ticket: &Ticket,
        expires_at: Timestamp,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.write(scope, Claimed { ticket: ticket.id, total: ticket.total }, expires_at)
    }

    fn write(&self, scope: Scope, said: Claimed, expires_at: Timestamp) -> Result<String, jsonwebtoken::errors::Error> {
        let note = Note {
            aud: AUDIENCE.into(),
            iss: scope.uuid(),
            sub: said.ticket.uuid(),
            exp: expires_at.jiff().as_second(),
            total_minor: said.total.minor(),
            currency: said.total.currency().code().to_owned(),
        };
        encode(&Header::new(Algorithm::HS256), &note, &self.encoding)
    }

    /// What a note says, when it is ours, of this issuer, and its time is not over.
    pub fn open(&self, scope: Scope, note: &str, now: Timestamp) -> Option<Claimed> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[scope.uuid().to_string()]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // Expiry is ours to judge, against the clock we were given.
        validation.validate_exp = false;
        let note = decode::<Note>(note, &self.decoding, &validation).ok()?.claims;
        let total = Amount::new(note.total_minor, Currency::parse(&note.currency).ok()?);
        (note.exp > now.jiff().as_second()).then(|| Claimed { ticket: TicketId::new(note.sub), total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuers::IssuerId;

    #[test]
    fn a_claim_opens_one_ticket_of_one_issuer_for_a_while() {
        let key = ClaimKey::new(&[7; 32]);
        let scope = Scope::of(IssuerId::new(Uuid::from_u128(1)));
        let now = Timestamp::new("2026-11-22T12:00:00Z".parse().unwrap());
        let ticket = TicketId::new(Uuid::from_u128(9));
        let said = Claimed { ticket, total: Amount::new(86_300, Currency::Mxn) };
        let note = key.write(scope, said, now.plus_seconds(60)).unwrap();
        assert_eq!(key.open(scope, &note, now), Some(said));
        assert_eq!(key.open(scope, &note, now.plus_seconds(60)), None);
        assert_eq!(key.open(Scope::of(IssuerId::new(Uuid::from_u128(2))), &note, now), None);
        assert_eq!(ClaimKey::new(&[8; 32]).open(scope, &note, now), None);
        assert_eq!(key.open(scope, "", now), None);
    }
}
