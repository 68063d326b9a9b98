//! The console's look at an issuer's customers, their people, and the audit log.
use fiscal::Email;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Lang;
use crate::accounts::customer::{CustomerData, CustomerForm};
use crate::accounts::entry::{parse_fact_and_email, parse_only_fact};
use crate::accounts::people::InvitedView;
use crate::accounts::{Role, Secret};
use crate::problem::{FieldCode, FieldErrors};
use crate::staff::parse_email;
use crate::time::LocalTime;

/// Longest search text, in characters.
pub const SEARCH_MAX: usize = 80;

/// What the list of customers accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct CustomersQuery {
    /// Part of the RFC, the name, a contract number or the mail address of one of its people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// Those whose account stands so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(inline))]
    pub state: Option<CustomerState>,
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; it belongs to the same search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl CustomersQuery {
    /// The search text without blanks around it, or what is wrong with it.
    pub fn parse(&self) -> Result<Option<&str>, FieldErrors> {
        let typed = self.q.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
        let mut errors = FieldErrors::default();
        if let Some(typed) = typed {
            if typed.chars().count() > SEARCH_MAX {
                errors.add("?q", FieldCode::TooLong);
            } else if typed.chars().any(char::is_control) {
                errors.add("?q", FieldCode::Characters);
            }
        }
        if errors.is_empty() { Ok(typed) } else { Err(errors) }
    }
}

/// Where a customer's account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CustomerState {
    /// Somebody can sign in.
    Active,
    /// Nobody has registered yet.
    Unconfirmed,
}

impl CustomerState {
    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            CustomerState::Active => "active",
            CustomerState::Unconfirmed => "unconfirmed",
        }
    }
}

/// A customer of an issuer, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsoleCustomerRow {
    /// Ours.
    pub id: Uuid,
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// One of its numbers with this issuer, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// How many numbers it has with this issuer.
    pub contracts: u32,
    /// How many people have access.
    pub people: u32,
    /// Where its account stands.
    pub state: CustomerState,
    /// Newest use of a session by any of its people; RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<String>,
}

/// A customer of an issuer, whole: what this issuer has with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsoleCustomer {
    /// Ours.
    pub id: Uuid,
    /// RFC.
    pub rfc: String,
    /// Name in the SAT's register.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Tax domicile.
    pub codigo_postal: String,
    /// Its numbers with this issuer, at most 100.
    pub contracts: Vec<String>,
    /// Who has access; at most 200.
    pub people: Vec<ConsolePerson>,
    /// Who was invited and has not come; at most 200.
    pub invitations: Vec<InvitedView>,
    /// Links of a first entry that are still good, while nobody has access; at most 100.
    pub entry_links: Vec<InvitedView>,
}

/// Somebody with access to a customer's account, to staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConsolePerson {
    /// The person.
    pub user_id: Uuid,
    /// Mail address.
    pub email: String,
    /// Another name to sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// What they may do.
    pub role: Role,
    /// May sign in at all.
    pub active: bool,
    /// A code is asked for when they sign in.
    pub second_factor: bool,
    /// Signing in is held: too many wrong passwords or codes.
    pub held: bool,
    /// Since when they have access; RFC 3339, UTC.
    pub since: String,
    /// Newest use of a session for this customer; RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<String>,
    /// Since when mail servers refuse letters to the address, until one is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused_since: Option<LocalTime>,
}

/// Sends the link of a first entry to somebody of a customer who was recognised by another way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendActivation {
    /// Where the link goes; then the address to sign in with.
    pub email: String,
    /// Language of the letter.
    pub language: Lang,
}

impl SendActivation {
    /// The address, or what is wrong with it.
    pub fn parse(&self) -> Result<Email, FieldErrors> {
        parse_email(&self.email)
    }
}

/// A customer to add to those of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewCustomerForm {
    /// RFC; a generic one is many people's and no customer here.
    pub rfc: String,
    /// Name in the SAT's register, without the kind of company.
    pub nombre: String,
    /// c_RegimenFiscal.
    pub regimen: String,
    /// Tax domicile: five digits.
    pub codigo_postal: String,
    /// Its numbers with this issuer, 1 to 50, leading zeros kept: with one of them its people register.
    pub contracts: Vec<String>,
    /// Where the link of a first entry goes, to whom staff recognised; without one nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Language of the letter.
    pub language: Lang,
}

impl NewCustomerForm {
    /// The parsed data and address, or all that is wrong with them.
    pub fn parse(&self) -> Result<(CustomerData, Option<Email>), FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = match self.email.as_deref().map(parse_email).transpose() {
            Ok(email) => email,
            Err(wrong) => {
                errors.0.extend(wrong.0);
                None
            }
        };
        if self.contracts.is_empty() {
            errors.add("/contracts", FieldCode::Required);
        }
        let form = CustomerForm {
            rfc: &self.rfc,
            nombre: &self.nombre,
            regimen: &self.regimen,
            codigo_postal: &self.codigo_postal,
            contracts: &self.contracts,
        };
        match form.parse(&mut errors) {
            Some(data) => Ok((data, email)),
            None => Err(errors),
        }
    }
}

/// What became of a customer that was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerAdded {
    /// Ours.
    pub id: Uuid,
    /// This issuer had nothing with it before. Otherwise its data stayed as they were.
    pub created: bool,
    /// Numbers that it lacked here.
    pub contracts_added: u32,
    /// The link of a first entry is on its way. Where somebody has access already, none is sent.
    pub invited: bool,
}

/// Asks that one of a customer's people, who can no longer read their mailbox, have another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveMail {
    /// Where the link goes; once confirmed, the address to sign in with.
    pub email: String,
    /// What whoever asks could show: number of a contract of the customer's with this issuer, or the folio fiscal of one of
    /// its documents.
    pub fact: String,
}

impl MoveMail {
    /// The fact as it is compared and the address, or all that is wrong.
    pub fn parse(&self) -> Result<(String, Email), FieldErrors> {
        parse_fact_and_email(&self.fact, &self.email)
    }
}

/// Asks that the second step be taken away of one of a customer's people, who lost their phone and their codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ResetFactor {
    /// What whoever asks could show: number of a contract of the customer's with this issuer, or the folio fiscal of one of
    /// its documents.
    pub fact: String,
}

impl ResetFactor {
    /// The fact as it is compared, or what is wrong with it.
    pub fn parse(&self) -> Result<String, FieldErrors> {
        parse_only_fact(&self.fact)
    }
}

/// A look at a customer's pages was opened: a token of its own, for reading, as far as this issuer is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerViewOpened {
    /// For `Authorization: Bearer` at the customer's routes. Nothing refreshes it.
    pub access_token: Secret,
    /// When it ends; RFC 3339, UTC.
    pub expires_at: String,
    /// Whose pages.
    pub customer: String,
    /// RFC of that customer.
    pub rfc: String,
}

/// What the audit log accepts in its query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Kind of object: `customer`, `document`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_kind: Option<String>,
    /// Id of one object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// Number of a request, as a problem says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; it belongs to the same filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// One act of the log, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRow {
    /// Its place in the issuer's chain.
    pub seq: i64,
    /// When; RFC 3339, UTC.
    pub at: String,
    /// `system`, `guest`, `operator`, `user:{id}`, `api_key:{id}`.
    pub actor: String,
    /// Mail address of a user who acted, when the account is still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_email: Option<String>,
    /// Id of the customer it was done for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// `staff.invited`: noun and past participle.
    pub act: String,
    /// Kind of object.
    pub object_kind: String,
    /// Its id.
    pub object_id: String,
    /// Number of the request in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}
