//! A customer of several companies of the group: which of them a person sees, and how they add the others.
use serde::{Deserialize, Serialize};

use super::entry::parse_only_fact;
use crate::documents::DocumentIssuer;
use crate::problem::FieldErrors;

/// The one company of the group whose part of the customer a person sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPart {
    /// Short name of the issuer.
    pub issuer: String,
    /// The name its customers know.
    pub issuer_name: String,
    /// The other companies, at most 100: a fact of one of them opens the whole group's.
    pub others: Vec<DocumentIssuer>,
}

/// Shows another company of the group that the caller's customer is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ProveCompany {
    /// Short name of that company.
    pub issuer: String,
    /// Number of a contract with it, or the folio fiscal of one of its documents.
    pub fact: String,
}

impl ProveCompany {
    /// The fact as it is compared, or all that is wrong with it.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        parse_only_fact(&self.fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::FieldCode;

    #[test]
    fn a_fact_is_compared_as_a_contract_is_and_must_be_there() {
        let of = |fact: &str| ProveCompany { issuer: "nandu".to_owned(), fact: fact.to_owned() }.parse();
        assert_eq!(of(" 0053 00a "), Ok("005300A".to_owned()));
        assert_eq!(of(" ").unwrap_err().0[0].code, FieldCode::Required);
        assert_eq!(of(&"7".repeat(41)).unwrap_err().0[0].code, FieldCode::TooLong);
    }
}
