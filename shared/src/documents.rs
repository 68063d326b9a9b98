//! A customer's documents: the filters that find them, their rows and what one of them says.
mod delivery;
mod desk;
mod search;
mod typed;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::LocalTime;

pub use delivery::*;
pub use desk::*;
pub use search::{DocumentFilter, DocumentQuery, DocumentSort, FOLIO_MAX};
pub use typed::{Meaning, PIECES_MAX, Piece, TYPED_MAX, read_typed, words_of};

/// Most lines of a document that its view carries; the XML has them all.
pub const LINES_SHOWN_MAX: usize = 200;

/// The kinds of document a customer knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// CFDI of type I: PDF and XML.
    Factura,
    /// CFDI of type E: PDF and XML.
    NotaDeCredito,
    /// CFDI of type P: PDF and XML.
    ComplementoDePago,
    /// Receipt of money: PDF.
    Recibo,
    /// Statement of account: PDF.
    EstadoDeCuenta,
}

impl DocumentKind {
    /// All, in the order of the filter.
    pub const ALL: [DocumentKind; 5] = [
        DocumentKind::Factura,
        DocumentKind::NotaDeCredito,
        DocumentKind::ComplementoDePago,
        DocumentKind::Recibo,
        DocumentKind::EstadoDeCuenta,
    ];

    /// The value on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            DocumentKind::Factura => "factura",
            DocumentKind::NotaDeCredito => "nota_de_credito",
            DocumentKind::ComplementoDePago => "complemento_de_pago",
            DocumentKind::Recibo => "recibo",
            DocumentKind::EstadoDeCuenta => "estado_de_cuenta",
        }
    }

    /// Reads the value of the wire or the database.
    pub fn parse(text: &str) -> Option<DocumentKind> {
        DocumentKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// A CFDI has an XML; the others are a PDF and nothing else (C30).
    pub const fn is_cfdi(self) -> bool {
        matches!(self, DocumentKind::Factura | DocumentKind::NotaDeCredito | DocumentKind::ComplementoDePago)
    }
}

/// Whether a document still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// It holds.
    Vigente,
    /// Its cancellation was asked for and is not decided.
    EnCancelacion,
    /// It holds no more.
    Cancelada,
}

impl DocumentState {
    /// All.
    pub const ALL: [DocumentState; 3] =
        [DocumentState::Vigente, DocumentState::EnCancelacion, DocumentState::Cancelada];

    /// The value on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            DocumentState::Vigente => "vigente",
            DocumentState::EnCancelacion => "en_cancelacion",
            DocumentState::Cancelada => "cancelada",
        }
    }

    /// Reads the value of the wire or the database.
    pub fn parse(text: &str) -> Option<DocumentState> {
        DocumentState::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// A page of documents, and what all that were found come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentsPage {
    /// The rows.
    pub data: Vec<DocumentRow>,
    /// Opaque; give it back as `cursor` for the next page. Absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Of all results, not of this page; absent when the query said `totals=false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<DocumentTotals>,
}

/// What all results of a search come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentTotals {
    /// Documents found.
    pub count: u64,
    /// A sum per kind and currency: a factura and the receipt of its payment do not add up to anything. The cancelled
    /// are left out; statements of account have none.
    pub sums: Vec<DocumentSum>,
}

/// What the documents of one kind and currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentSum {
    /// The kind.
    pub kind: DocumentKind,
    /// The currency.
    pub currency: String,
    /// Documents summed.
    pub count: u64,
    /// Their totals: `123456.70`.
    pub total: String,
}

/// A document in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentRow {
    /// Ours; for its address.
    pub id: Uuid,
    /// Its kind.
    pub kind: DocumentKind,
    /// Whether it holds.
    pub state: DocumentState,
    /// Short name of who issued it.
    pub issuer: String,
    /// The name customers know.
    pub issuer_name: String,
    /// Serie; may be empty.
    pub serie: String,
    /// Folio as printed; a statement's number.
    pub folio: String,
    /// Serie and folio as they are said: `FA-60412`, `171001`.
    pub number: String,
    /// UUID of the stamp, upper case; a CFDI's alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folio_fiscal: Option<String>,
    /// The customer's number at the issuer, leading zeros kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// The customer's own order that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// Civil day printed on it, `YYYY-MM-DD`: what the date filters compare.
    pub issued_on: String,
    /// The instant, and the clock on the wall where it was issued.
    pub issued_at: LocalTime,
    /// As printed, never negative: a nota de crédito's is what it takes away; a statement's is its balance.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// Has an XML to download (C42).
    pub has_xml: bool,
}

/// What a customer's search form can offer: only what would find something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentFilters {
    /// Issuers that have documents for this customer, by name.
    pub issuers: Vec<DocumentIssuer>,
    /// Contracts that documents name.
    pub contracts: Vec<DocumentContract>,
    /// Kinds there are.
    pub kinds: Vec<DocumentKind>,
}

/// An issuer of the filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentIssuer {
    /// The value of the filter.
    pub slug: String,
    /// The name customers know.
    pub name: String,
}

/// A contract of the filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentContract {
    /// Short name of the issuer whose number it is.
    pub issuer: String,
    /// The number: the value of the filter.
    pub number: String,
}

/// One document as its own customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentView {
    /// As in the list.
    pub document: DocumentRow,
    /// RFC of who issued it.
    pub emisor_rfc: String,
    /// Name of who issued it, as registered.
    pub emisor_nombre: String,
    /// RFC of who receives it.
    pub receptor_rfc: String,
    /// Name of who receives it.
    pub receptor_nombre: String,
    /// What the XML says; of a CFDI alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cfdi: Option<CfdiView>,
    /// The customer's documents that this one names or that name it (a nota de crédito, the complementos that paid it),
    /// the oldest first, fifty at most.
    pub related: Vec<DocumentRow>,
}

/// What a CFDI says, with the amounts as they stand in the XML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CfdiView {
    /// Régimen of who issues.
    pub regimen_emisor: CatalogText,
    /// Régimen of who receives.
    pub regimen_receptor: CatalogText,
    /// Postal code of who receives.
    pub domicilio_fiscal_receptor: String,
    /// Postal code where it was issued.
    pub lugar_expedicion: String,
    /// Use.
    pub uso_cfdi: CatalogText,
    /// Forma de pago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forma_pago: Option<CatalogText>,
    /// Método de pago.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metodo_pago: Option<CatalogText>,
    /// Terms of payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condiciones_de_pago: Option<String>,
    /// Rate of a foreign currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tipo_cambio: Option<String>,
    /// Before discounts and taxes.
    pub sub_total: String,
    /// Discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descuento: Option<String>,
    /// Taxes by name: added.
    pub traslados: Vec<TaxText>,
    /// Taxes by name: taken away.
    pub retenciones: Vec<TaxText>,
    /// Total.
    pub total: String,
    /// When the PAC certified it, on its own clock: `YYYY-MM-DDThh:mm:ss`.
    pub fecha_timbrado: String,
    /// Documents it refers to.
    pub relacionados: Vec<RelatedDocuments>,
    /// The first [`LINES_SHOWN_MAX`] lines.
    pub lines: Vec<DocumentLine>,
    /// How many lines there are.
    pub line_count: u32,
}

/// A code of a SAT catalogue with the SAT's own words, when we know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogText {
    /// The code.
    pub code: String,
    /// Its words, in Spanish; empty when the code is not in our copy.
    pub name: String,
}

/// A tax in words: `IVA 16 %`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaxText {
    /// Name and rate.
    pub name: String,
    /// Amount; absent when exempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
}

/// Documents that one refers to, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RelatedDocuments {
    /// c_TipoRelacion.
    pub tipo_relacion: CatalogText,
    /// Their folios fiscales.
    pub uuids: Vec<String>,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentLine {
    /// Words.
    pub descripcion: String,
    /// Quantity, without zeros that say nothing.
    pub cantidad: String,
    /// Unit price before taxes.
    pub valor_unitario: String,
    /// Discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descuento: Option<String>,
    /// Amount before discount and taxes.
    pub importe: String,
}

/// The number as it is said: `FA-60412`, `171001`.
pub fn document_number(serie: &str, folio: &str) -> String {
    if serie.is_empty() { folio.to_owned() } else { format!("{serie}-{folio}") }
}
