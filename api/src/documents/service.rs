//! Keeping, serving and printing documents.
use futures::FutureExt;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};
use shared::FieldErrors;
use shared::documents::document_number;
use shared::integrators::{EventData, EventKind};
use uuid::Uuid;

use super::model::{Content, DocumentId, DocumentKind, DocumentState, Format, NewDocument, Origin, StoredXml, Whose};
use super::store::WordsRow;
use super::{credit, printed, related, store, words};
use crate::App;
use crate::counters::Full;
use crate::db::{Conn, DbError, DbResult, Tx};
use crate::files::{FileError, FileKey};
use crate::issuers::{self, Issuer, IssuerId, Scope};
use crate::mail::{AttachmentFormat, AttachmentSource, AttachmentSpec, LayoutError, MailError};
use crate::webhooks;

/// Why a document cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not there, or not this owner's.
    #[error("no such document")]
    NotFound,
    /// The bytes are not those that were kept (B11, F25): refused, never served.
    #[error("document {0} does not match its digest")]
    Damaged(Uuid),
    /// It could not be printed; its XML still can be had.
    #[error("printing document {id}")]
    Print {
        /// Which.
        id: Uuid,
        /// Why.
        #[source]
        source: printed::PrintError,
    },
    /// A file of the store could not be had (B11): refused, never served half.
    #[error("reading the file of document {id}")]
    File {
        /// Which.
        id: Uuid,
        /// Why.
        #[source]
        source: FileError,
    },
    /// What was made could not be carried to the store of files.
    #[error("the store of files")]
    Store(#[source] FileError),
    /// Filters that name nothing, or fields that are wrong.
    #[error("filters that name nothing, or fields that are wrong")]
    Fields(FieldErrors),
    /// More documents than one file takes.
    #[error("more than {0} documents in one file")]
    TooMany(u64),
    /// As many files are on their way as may be at once.
    #[error("too many downloads at once")]
    Busy,
    /// Its address got enough letters today.
    #[error("enough letters for one day")]
    MailLimit(Full),
    /// The letter's template failed.
    #[error("laying out a letter")]
    Letter(#[from] LayoutError),
    /// What was to be streamed could not be.
    #[error("a download ended early: {0}")]
    Cut(String),
    /// The database.
    #[error("reading a document")]
    Db(#[from] DbError),
}

impl DocumentError {
    /// The store of files is elsewhere and does not answer: another try may do better.
    pub fn is_away(&self) -> bool {
        let (DocumentError::File { source, .. } | DocumentError::Store(source)) = self else { return false };
        source.is_away()
    }

    /// It says nothing of the document: whoever can wait asks again.
    pub fn is_out_of_reach(&self) -> bool {
        let (DocumentError::File { source, .. } | DocumentError::Store(source)) = self else { return false };
        source.is_out_of_reach()
    }
}

/// Keeps a document, and tells integrators of it.
pub async fn keep(tx: &mut Tx, app: &App, scope: Scope, document: &NewDocument) -> DbResult<DocumentId> {
    keep_from(tx, app, scope, document, &Origin::default()).await
}

/// The same, with what its publisher says of it.
pub async fn keep_from(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    document: &NewDocument,
    origin: &Origin<'_>,
) -> DbResult<DocumentId> {
    let (id, now) = (DocumentId::new(app.ids.uuid()), app.now());
    let folio_fiscal = match &document.content {
        Content::Cfdi { folio_fiscal, .. } => Some(folio_fiscal.clone()),
        Content::Pdf { .. } => None,
    };
    let told = EventData {
        document_id: Some(id.uuid()),
        document_kind: Some(document.kind.as_str().to_owned()),
        folio_fiscal,
        receptor_rfc: Some(document.receptor_rfc.clone()),
        total: Some(document.total.to_decimal_string()),
        currency: Some(document.total.currency().code().to_owned()),
        ..EventData::default()
    };
    let issuer = issuers::service::find_issuer(tx, scope).await?;
    let said = match &document.content {
        Content::Cfdi { xml, .. } => cfdi::read(xml).ok().map(|read| read.comprobante),
        Content::Pdf { .. } => None,
    };
    let issuer_name = issuer.as_ref().map_or("", |issuer| &issuer.commercial_name);
    let words = said_words(document, origin, issuer_name, said.as_ref());
    // Its place in the feed is the event's: whoever knows the last place they saw misses nothing.
    let event = (EventKind::DocumentPublished, &told);
    let seq = webhooks::publish_numbered(tx, &app.ids, now, scope.uuid(), event).await?;
    store::insert(tx, scope, id, (document, origin), (&words, seq), now).await?;
    let found_by = WordsRow { id: id.uuid(), receptor_rfc: document.receptor_rfc.clone(), words };
    store::insert_words(tx, &[found_by]).await?;
    if let Some(comprobante) = &said {
        store::insert_references(tx, scope, id, &related::named(comprobante)).await?;
        credit::note(tx, app, (id, document.kind), comprobante).await?;
    }
    Ok(id)
}

/// What the search by words finds it by: names, numbers and lines.
fn said_words(
    document: &NewDocument,
    origin: &Origin<'_>,
    issuer_name: &str,
    comprobante: Option<&cfdi::Comprobante>,
) -> String {
    let mut parts = vec![
        document_number(&document.serie, &document.folio),
        issuer_name.to_owned(),
        document.receptor_nombre.clone(),
        document.contract.clone().unwrap_or_default(),
        origin.purchase_order.unwrap_or_default().to_owned(),
    ];
    parts.extend(comprobante.iter().flat_map(|said| &said.conceptos).map(|line| line.descripcion.clone()));
    words::kept(&parts.join(" "))
}

/// Has the search by words find a document by these too. What found it before still does.
pub(super) async fn add_words(tx: &mut Tx, scope: Scope, id: DocumentId, more: &[Option<&str>]) -> DbResult<()> {
    let Some(row) = store::find_words(tx, scope, id).await? else { return Ok(()) };
    let more: Vec<&str> = more.iter().copied().flatten().collect();
    let words = words::kept(&format!("{} {}", row.words, more.join(" ")));
    if words == row.words {
        return Ok(());
    }
    store::mark_words(tx, scope, id, &words).await?;
    store::insert_words(tx, &[WordsRow { words, ..row }]).await
}

/// An issuer's document by its serie and folio (and contract: a statement's number counts within it), with its folio
/// fiscal when it is a CFDI.
pub async fn find_by_number(
    conn: &mut impl Conn,
    scope: Scope,
    kind: DocumentKind,
    number: (Option<&str>, &str, &str),
) -> DbResult<Option<(DocumentId, Option<String>)>> {
    let found = store::find_by_number(conn, scope, kind.as_str(), number).await?;
    Ok(found.map(|(id, folio_fiscal)| (DocumentId::new(id), folio_fiscal)))
}

/// A receptor's statement that has no contract, by its number.
pub(super) async fn find_statement_of(
    conn: &mut impl Conn,
    scope: Scope,
    rfc: &str,
    number: (&str, &str),
) -> DbResult<Option<DocumentId>> {
    Ok(store::find_statement_of(conn, scope, rfc, number).await?.map(DocumentId::new))
}

/// The UUID in a document's stamp.
pub async fn folio_fiscal(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<String>> {
    store::find_folio_fiscal(conn, scope, id).await
}

/// Whether a document still holds.
pub async fn state(conn: &mut impl Conn, scope: Scope, id: DocumentId) -> DbResult<Option<DocumentState>> {
    let state = store::find_state(conn, scope, id).await?;
    state.map(|state| DocumentState::parse(&state).ok_or_else(|| store::unreadable("state"))).transpose()
}

/// The XML, byte for byte as it was stamped. What is no CFDI has none.
pub async fn xml(app: &App, whose: impl Into<Whose<'_>>, id: DocumentId) -> Result<StoredXml, DocumentError> {
    let row = store::find_content(&mut app.db.read().await?, whose.into(), id).await?;
    stored_xml(id, row.ok_or(DocumentError::NotFound)?)
}

pub(super) fn stored_xml(id: DocumentId, row: store::ContentRow) -> Result<StoredXml, DocumentError> {
    let (Some(xml), Some(sha256)) = (row.xml, row.xml_sha256) else { return Err(DocumentError::NotFound) };
    let whole = Sha256::digest(&xml).as_slice() == sha256;
    let Some(xml) = whole.then(|| String::from_utf8(xml).ok()).flatten() else {
        tracing::error!(document.id = %id.uuid(), "a kept document does not match its digest");
        return Err(DocumentError::Damaged(id.uuid()));
    };
    let scope = Scope::of(IssuerId::new(row.issuer_id));
    let state = DocumentState::parse(&row.state).ok_or_else(|| store::unreadable("state"))?;
    Ok(StoredXml { scope, serie: row.serie, folio: row.folio, issued_on: row.issued_on, state, xml })
}

/// The printed form of a CFDI, made from its XML now.
pub async fn pdf(app: &App, scope: Scope, id: DocumentId) -> Result<(StoredXml, Vec<u8>), DocumentError> {
    let stored = xml(app, scope, id).await?;
    let bytes = print(app, id, &stored).await?;
    Ok((stored, bytes))
}

/// The PDF of any kind of document: a CFDI is printed, the others are as they were kept.
pub(super) async fn pdf_bytes(app: &App, id: DocumentId, row: store::ContentRow) -> Result<Vec<u8>, DocumentError> {
    let failed = |source| DocumentError::File { id: id.uuid(), source };
    match (&row.pdf_key, &row.pdf_sha256) {
        (Some(key), Some(sha256)) => app.files.get(&FileKey::parse(key).map_err(failed)?, sha256).await.map_err(failed),
        _ => print(app, id, &stored_xml(id, row)?).await,
    }
}

/// A file of an issuer's document: its name and its bytes. The caller has proved the right to it and records it.
pub(super) async fn scoped_file(
    app: &App,
    scope: Scope,
    id: DocumentId,
    format: Format,
) -> Result<(String, Vec<u8>), DocumentError> {
    let mut conn = app.db.read().await?;
    let row = store::find_content(&mut conn, scope.into(), id).await?.ok_or(DocumentError::NotFound)?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(DocumentError::NotFound)?;
    drop(conn);
    let name = file_name(&issuer.rfc, &row.serie, &row.folio, &row.issued_on, format.extension());
    let bytes = match format {
        Format::Xml => stored_xml(id, row)?.xml.into_bytes(),
        Format::Pdf => pdf_bytes(app, id, row).await?,
    };
    Ok((name, bytes))
}

/// A document's printed form would pass the renderer's bounds.
#[derive(Debug, thiserror::Error)]
#[error("the printed form would pass its bounds")]
pub struct NotPrintable(#[from] pdf::PdfError);

/// Whether a document can be printed once it is stamped: nothing is stamped that cannot be.
pub fn check_printable(comprobante: &cfdi::Comprobante, issuer: &Issuer, rehearsal: bool) -> Result<(), NotPrintable> {
    Ok(printed::check(comprobante, issuer, rehearsal)?)
}

/// Renderings at once are bounded by [`App::pdf_slots`].
async fn print(app: &App, id: DocumentId, stored: &StoredXml) -> Result<Vec<u8>, DocumentError> {
    let mut conn = app.db.read().await?;
    let issuer = issuers::service::find_issuer(&mut conn, stored.scope).await?.ok_or(DocumentError::NotFound)?;
    let logo = issuers::logo::for_paper(&mut conn, stored.scope).await?;
    drop(conn);
    let slot = app.pdf_slots.clone().acquire_owned().await;
    let (text, state, rehearsal) = (stored.xml.clone(), stored.state, app.rehearsal);
    let printed = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        printed::print(&text, (&issuer, logo), state, rehearsal)
    })
    .await
    .unwrap_or_else(|ended| Err(printed::PrintError::Ended(ended.into())));
    printed.map_err(|source| DocumentError::Print { id: id.uuid(), source })
}

/// Name of a document's file: issuer, serie-folio, civil day, ASCII (decisions 9).
pub fn file_name(rfc: &fiscal::Rfc, serie: &str, folio: &str, issued_on: &str, extension: &str) -> String {
    let number = if serie.is_empty() { plain(folio) } else { format!("{}-{}", plain(serie), plain(folio)) };
    format!("{}_{number}_{}.{extension}", plain(rfc.as_str()), plain(issued_on))
}

/// What of a text stands in the name of a file: no name but ASCII travels whole in a header.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// Loads a letter's attachments: the XML as kept, a CFDI's PDF printed now, a paper's as it was kept.
pub struct Attachments {
    app: App,
}

impl Attachments {
    /// Over this house.
    pub fn of(app: App) -> Attachments {
        Attachments { app }
    }

    async fn bytes(&self, spec: &AttachmentSpec) -> Result<Option<Vec<u8>>, MailError> {
        let id = DocumentId::new(spec.document_id);
        let owner =
            store::find_owner(&mut self.app.db.read().await.map_err(temporary)?, id).await.map_err(temporary)?;
        let scope = owner.ok_or_else(|| MailError::Unsendable("an attached document is gone".into()))?;
        let format = match spec.format {
            AttachmentFormat::Xml => Format::Xml,
            AttachmentFormat::Pdf => Format::Pdf,
        };
        match scoped_file(&self.app, scope, id, format).await {
            Ok((_, bytes)) => Ok(Some(bytes)),
            // Its XML goes without it.
            Err(error @ DocumentError::Print { .. }) => {
                tracing::warn!(document.id = %id.uuid(), error = &error as &dyn std::error::Error,
                    "a letter goes without a PDF");
                Ok(None)
            }
            Err(DocumentError::Db(source)) => Err(temporary(source)),
            Err(store) if store.is_out_of_reach() => Err(MailError::Temporary(store.to_string())),
            Err(other) => Err(MailError::Unsendable(other.to_string())),
        }
    }
}

fn temporary(error: DbError) -> MailError {
    MailError::Temporary(error.to_string())
}

impl AttachmentSource for Attachments {
    fn load<'a>(&'a self, spec: &'a AttachmentSpec) -> BoxFuture<'a, Result<Option<Vec<u8>>, MailError>> {
        self.bytes(spec).boxed()
    }
}
