//! The issuer's documents.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A fiscal document of the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentResource {
    /// Ours.
    pub id: Uuid,
    /// `factura`, `nota_de_credito`, `complemento_de_pago`, `recibo`, `estado_de_cuenta`; kinds may be added.
    pub kind: String,
    /// `vigente`, `en_cancelacion`, `cancelada`; states may be added.
    pub state: String,
    /// Serie; may be empty.
    pub serie: String,
    /// Folio, or the statement's number.
    pub folio: String,
    /// UUID of the stamp, when it is a CFDI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// Who receives it.
    pub receptor_rfc: String,
    /// Its name.
    pub receptor_nombre: String,
    /// The receptor's number at the issuer, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Your id of it, when you published it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The receptor's order that it answers, when you said it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// The civil day printed on it, `YYYY-MM-DD`.
    pub issued_on: String,
    /// Decimal text; a statement's balance, with `-` when it is in the customer's favour.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// When it came into this installation, RFC 3339 UTC.
    pub created_at: String,
    /// When anything of it last changed, RFC 3339 UTC.
    pub updated_at: String,
}

/// What became of a document at the SAT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PutDocumentState {
    /// `vigente`, `en_cancelacion` or `cancelada`.
    pub state: String,
}

/// Whether a seal was proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// It belongs to this very document.
    Yes,
    /// Its certificate is not at hand, or the text that was sealed cannot be formed here. A seal that is wrong is
    /// refused.
    CannotTell,
}

/// A document that you published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishedDocument {
    /// The document.
    pub document: DocumentResource,
    /// The issuer's seal; of a CFDI.
    pub seal: Proved,
    /// The SAT's seal in the stamp; of a CFDI.
    pub stamp: Proved,
}

/// A document that you withdrew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WithdrawnDocument {
    /// Ours.
    pub id: Uuid,
    /// Who had it before, the newest first; at most 200.
    pub had: Vec<HadDocument>,
}

/// Somebody had a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HadDocument {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// `document.view`, `document.download`, `document.mail` or `document.opened_by_link`; more may be added.
    pub act: String,
    /// Of its customer's people; otherwise a program, or whoever had a link.
    pub by_customer: bool,
}
