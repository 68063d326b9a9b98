//! Taking documents in numbers, sending them, and letting somebody else see one.
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::search::{DocumentFilter, DocumentQuery};
use crate::mail::MailView;
use crate::problem::{FieldCode, FieldErrors};
use crate::time::LocalTime;

/// Most documents named one by one; more are chosen by a search.
pub const CHOSEN_MAX: usize = 2_000;
/// Most addresses of one sending.
pub const ADDRESSES_MAX: usize = 5;
/// Most documents in one sending.
pub const SENT_MAX: usize = 20;
/// Longest message with a sending, in characters.
pub const MESSAGE_MAX: usize = 500;

/// What a file of many documents is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BundleFormat {
    /// XML, PDF, and an index as CSV and as XLSX. The complementos and notas de crédito of an invoice that is chosen go
    /// with it.
    Zip,
    /// The list alone, for a spreadsheet: UTF-8 with a BOM, commas.
    Csv,
    /// The list alone, as a workbook.
    Xlsx,
}

impl BundleFormat {
    /// End of the file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            BundleFormat::Zip => "zip",
            BundleFormat::Csv => "csv",
            BundleFormat::Xlsx => "xlsx",
        }
    }
}

/// Which documents to take, in one of three ways: by `ids`, by a `query` (with `except`), or `news`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeDocuments {
    /// As what.
    pub format: BundleFormat,
    /// These, at most 2,000. One that is not the customer's refuses the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<Uuid>,
    /// All that this search finds, on all its pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<DocumentQuery>,
    /// Of those found, not these.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<Uuid>,
    /// All that came since this person's last download of news.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub news: bool,
    /// Made while nobody waits, or streamed at once. The server decides by the number of documents when it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
}

/// [`TakeDocuments`] that is well formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// One by one, each once.
    Ids(BTreeSet<Uuid>),
    /// By a search.
    Search {
        /// What is looked for.
        filter: Box<DocumentFilter>,
        /// But for these.
        except: BTreeSet<Uuid>,
    },
    /// What came since the last time.
    News,
}

impl TakeDocuments {
    /// What is wanted, or every field that is wrong.
    pub fn parse(&self) -> Result<Chosen, FieldErrors> {
        let mut errors = FieldErrors::default();
        let ways = [!self.ids.is_empty(), self.query.is_some(), self.news].iter().filter(|way| **way).count();
        match ways {
            0 => errors.add("/ids", FieldCode::Required),
            1 => {}
            _ => errors.add("/query", FieldCode::Repeated),
        }
        if self.ids.len() > CHOSEN_MAX {
            errors.add("/ids", FieldCode::TooLong);
        }
        if self.except.len() > CHOSEN_MAX {
            errors.add("/except", FieldCode::TooLong);
        }
        if !self.except.is_empty() && self.query.is_none() {
            errors.add("/except", FieldCode::Shape);
        }
        let filter = match self.query.as_ref().map(DocumentQuery::parse).transpose() {
            Ok(filter) => filter,
            Err(wrong) => {
                for error in wrong.0 {
                    errors.add(error.pointer.replace('?', "/query/"), error.code);
                }
                None
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(match filter {
            Some(filter) => Chosen::Search { filter: Box::new(filter), except: self.except.iter().copied().collect() },
            None if self.news => Chosen::News,
            None => Chosen::Ids(self.ids.iter().copied().collect()),
        })
    }
}

/// Where a file of many can be had, once and soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DownloadTicket {
    /// Path on this server. Opening it begins the download; it works once.
    pub address: String,
    /// RFC 3339. Not begun by then, it is gone.
    pub expires_at: String,
    /// Documents in it.
    pub documents: u64,
    /// Documents that are new too and that it has no room for: they come with the next download of news.
    #[serde(default)]
    pub left: u64,
}

/// How far a file is that is made in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum BundleState {
    /// It waits for its turn.
    Waiting,
    /// It is being made.
    Working,
    /// It can be had.
    Ready,
    /// It could not be made; order it again.
    Failed,
}

impl BundleState {
    /// As kept and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            BundleState::Waiting => "waiting",
            BundleState::Working => "working",
            BundleState::Ready => "ready",
            BundleState::Failed => "failed",
        }
    }

    /// Reads [`BundleState::as_str`].
    pub fn parse(text: &str) -> Option<BundleState> {
        [BundleState::Waiting, BundleState::Working, BundleState::Ready, BundleState::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// Nothing of it changes any more.
    pub const fn is_over(self) -> bool {
        matches!(self, BundleState::Ready | BundleState::Failed)
    }
}

/// A file of many documents that is made in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentBundle {
    /// Its id.
    pub id: Uuid,
    /// How far it is.
    pub state: BundleState,
    /// What it will be called.
    pub file_name: String,
    /// Documents in it.
    pub documents: u64,
    /// Those of them that are in it already.
    pub done: u64,
    /// Documents that were new too and that it has no room for: they come with the next download of news.
    #[serde(default)]
    pub left: u64,
    /// How large it is, when it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// When it was ordered: clock on the wall in Mexico City.
    pub ordered_at: String,
    /// Until when it is kept, on the same clock.
    pub expires_at: String,
}

/// A person's files that are made in the background, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentBundles {
    /// At most 20.
    pub bundles: Vec<DocumentBundle>,
}

/// What came since this person's last download of news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentNews {
    /// Documents that were not in it.
    pub documents: u64,
    /// When that download was, RFC 3339. Absent: there was none, and everything is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// Sends documents by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SendDocuments {
    /// Which, at most 20, all of one issuer or not. One that is not the customer's refuses the whole; one of theirs that
    /// was withdrawn is left out and named, and of none that is left there is no letter.
    pub ids: Vec<Uuid>,
    /// Where to, at most 5 addresses; each gets a letter of its own.
    pub to: Vec<String>,
    /// A line for those who get it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

impl SendDocuments {
    /// The addresses, each once, or every field that is wrong.
    pub fn parse(&self) -> Result<Vec<fiscal::Email>, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut to: Vec<fiscal::Email> = Vec::new();
        for (at, typed) in self.to.iter().enumerate() {
            match fiscal::Email::parse(typed) {
                Ok(email) if to.iter().any(|known| known.as_str().eq_ignore_ascii_case(email.as_str())) => {}
                Ok(email) => to.push(email),
                Err(_wrong) => errors.add(format!("/to/{at}"), FieldCode::Email),
            }
        }
        for (pointer, count, most) in [("/to", self.to.len(), ADDRESSES_MAX), ("/ids", self.ids.len(), SENT_MAX)] {
            if count == 0 {
                errors.add(pointer, FieldCode::Required);
            } else if count > most {
                errors.add(pointer, FieldCode::TooLong);
            }
        }
        if self.message.chars().count() > MESSAGE_MAX {
            errors.add("/message", FieldCode::TooLong);
        } else if self.message.chars().any(|c| c.is_control() && c != '\n') {
            errors.add("/message", FieldCode::Characters);
        }
        if errors.is_empty() { Ok(to) } else { Err(errors) }
    }
}

/// Letters that were put into the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentsSent {
    /// One per address.
    pub letters: u64,
    /// Numbers of those that are in none: they were withdrawn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// A new link to one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareOpened {
    /// The link, whole. It is said this once.
    pub address: String,
    /// As in the list.
    pub share: ShareView,
}

/// A link to one document that somebody made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShareView {
    /// For revoking it.
    pub id: Uuid,
    /// Who made it.
    pub made_by: String,
    /// When.
    pub created_at: LocalTime,
    /// Until when it opens.
    pub expires_at: LocalTime,
    /// It opens now.
    pub open: bool,
    /// How often it was opened.
    pub opened_count: u64,
    /// When last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_opened_at: Option<LocalTime>,
}

/// What became of a document: who had it, where it was sent, who may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentTrail {
    /// Letters that carried it, the newest first.
    pub letters: Vec<MailView>,
    /// Links to it, the newest first.
    pub shares: Vec<ShareView>,
    /// Who of this customer opened it, the newest first.
    pub openings: Vec<DocumentOpening>,
}

/// Somebody had a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DocumentOpening {
    /// When.
    pub at: LocalTime,
    /// The person's name; absent for whoever had a link, or a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// `view`, `xml`, `pdf`, `zip` or `link`.
    pub how: String,
}

/// What whoever has a link may see of its document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SharedDocument {
    /// Serie and folio as they are said.
    pub number: String,
    /// Its kind.
    pub kind: super::DocumentKind,
    /// Whether it holds.
    pub state: super::DocumentState,
    /// Who issued it, by the name customers know.
    pub issuer_name: String,
    /// Short name of who issued it.
    pub issuer: String,
    /// Civil day printed on it.
    pub issued_on: String,
    /// As printed.
    pub total: String,
    /// Currency of `total`.
    pub currency: String,
    /// Has an XML to download.
    pub has_xml: bool,
    /// Until when the link opens.
    pub expires_at: LocalTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(json: serde_json::Value) -> Result<Chosen, FieldErrors> {
        serde_json::from_value::<TakeDocuments>(json).unwrap().parse()
    }

    #[test]
    fn documents_are_chosen_in_one_way() {
        let id = Uuid::from_u128(7);
        let twice = serde_json::json!({"format": "zip", "ids": [id, id]});
        assert_eq!(take(twice), Ok(Chosen::Ids([id].into())));
        assert_eq!(take(serde_json::json!({"format": "zip", "news": true})), Ok(Chosen::News));
        let all = take(serde_json::json!({"format": "csv", "query": {"kind": "factura"}, "except": [id]})).unwrap();
        assert!(matches!(all, Chosen::Search { except, .. } if except.contains(&id)));
        for wrong in [
            serde_json::json!({"format": "zip"}),
            serde_json::json!({"format": "zip", "ids": [id], "news": true}),
            serde_json::json!({"format": "zip", "ids": [id], "except": [id]}),
            serde_json::json!({"format": "zip", "query": {"issued_from": "ayer"}}),
        ] {
            assert!(take(wrong.clone()).is_err(), "{wrong}");
        }
        let pointed = take(serde_json::json!({"format": "zip", "query": {"kind": "x"}})).unwrap_err();
        assert_eq!(pointed.of("/query/kind"), Some(FieldCode::Shape));
    }

    #[test]
    fn a_sending_names_every_wrong_address() {
        let send = |to: &[&str]| SendDocuments {
            ids: vec![Uuid::from_u128(1)],
            to: to.iter().map(|one| (*one).to_owned()).collect(),
            message: String::new(),
        };
        assert_eq!(send(&["a@b.mx", "A@B.mx"]).parse().unwrap().len(), 1);
        let wrong = send(&["a@b.mx", "no", "x@y.mx, z@y.mx"]).parse().unwrap_err();
        assert_eq!(wrong.0.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), ["/to/1", "/to/2"]);
        assert!(send(&[]).parse().is_err());
    }
}
