//! Writing the file: one task walks through the documents, one thread packs them, the body streams.
use std::collections::{HashMap, HashSet};
use std::io::{self, Cursor, Seek, Write};
use std::time::Duration;

use futures::{Stream, stream};
use shared::documents::{BundleFormat, DocumentRow};
use tokio::sync::{mpsc, oneshot};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::Place;
use super::choice::{self, Passed, Walk};
use super::pipe::{Chunk, Pipe};
use super::table::{self, Files};
use super::workbook::Workbook;
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::db::DbResult;
use crate::documents::model::{Asker, DocumentId};
use crate::documents::search;
use crate::documents::service::{self, DocumentError};
use crate::documents::store::delivery::{self as store, Reach};
use crate::documents::store::{self as found, ListedRow};
use crate::issuers::{Issuer, IssuerId};
use crate::threads::Ended;

/// The name of the list's sheet.
const SHEET: &str = "Documentos";
/// How often whoever hears is told that the file is still on its way to its place.
pub(super) const BEAT: Duration = Duration::from_secs(2);
/// Documents between the walk and the thread: each may be some megabytes.
const WAITING: usize = 4;
/// What is written down of each document of an archive.
const DOWNLOAD: &str = "document.download";
/// Documents that `faltantes.txt` names; beyond them it says how many more.
const MISSING_NAMED_MAX: usize = 2_000;

/// A document on its way into the file.
struct Item {
    row: DocumentRow,
    receptor_rfc: String,
    goes_with: Option<String>,
    /// Of an archive alone.
    files: Option<Contents>,
}

/// A document's files; what could not be had says why.
struct Contents {
    name: String,
    xml: Option<Result<Vec<u8>, String>>,
    xml_sha256: String,
    pdf: Result<Vec<u8>, String>,
}

/// Begins, and gives the body. The place is held until the last byte left or the reader is gone.
pub(super) fn begin(
    app: App,
    asker: Asker,
    walk: Walk,
    format: BundleFormat,
    place: Place,
) -> impl Stream<Item = Chunk> + use<> {
    let home = app.home.clone();
    let (pipe, body) = Pipe::open(home.clone());
    home.spawn(async move {
        let _place = place;
        let last_word = pipe.sender();
        if let Err(error) = run(&app, &asker, walk, format, pipe).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "a download ended early");
            // The body breaks off instead of ending: nobody takes half an archive for a whole one.
            _ = last_word.send(Err(io::Error::other("the download ended early"))).await;
        }
    });
    chunks(body)
}

fn chunks(body: mpsc::Receiver<Chunk>) -> impl Stream<Item = Chunk> + use<> {
    stream::unfold(body, |mut body| async move { body.recv().await.map(|chunk| (chunk, body)) })
}

async fn run(app: &App, asker: &Asker, walk: Walk, format: BundleFormat, pipe: Pipe) -> Result<(), DocumentError> {
    // A list is no document: it leaves what is new as new as it was.
    let reaches = if format == BundleFormat::Zip { walk.reaches() } else { Vec::new() };
    write(app, asker, walk, format, move || Ok(pipe), Pipe::finish, &mut Silent).await?;
    mark(app, asker, &reaches).await?;
    Ok(())
}

/// Hears how many documents are in the file.
pub(super) trait Hears {
    /// The same order may be made again: what is written down under it already is not written down once more.
    const ANEW: bool;

    /// Says no, by an error, when the file is somebody else's by now.
    fn hear(&mut self, done: u64) -> impl Future<Output = Result<(), DocumentError>> + Send;

    /// Every document is in it, and the file is still on its way: as long as that takes.
    fn wait(&mut self) -> impl Future<Output = ()> + Send;
}

/// Whoever streams needs not be told.
struct Silent;

impl Hears for Silent {
    const ANEW: bool = false;

    async fn hear(&mut self, _: u64) -> Result<(), DocumentError> {
        Ok(())
    }

    async fn wait(&mut self) {}
}

/// Walks and packs, into what `begin` makes on the packing thread; `end` makes it whole there.
pub(super) async fn write<W: Write + 'static, R: Send + 'static>(
    app: &App,
    asker: &Asker,
    walk: Walk,
    format: BundleFormat,
    begin: impl FnOnce() -> io::Result<W> + Send + 'static,
    end: impl FnOnce(W) -> io::Result<R> + Send + 'static,
    heard: &mut impl Hears,
) -> Result<R, DocumentError> {
    let (items, to_pack) = mpsc::channel(WAITING);
    let (whole, is_whole) = oneshot::channel();
    let left = choice::left(&walk.reaches());
    let mut packing = app.home.spawn_blocking(move || {
        let packed = pack(format, to_pack, begin()?, left)?;
        // A walk that broke off ends the items too: half a list of documents must not become a file.
        if is_whole.blocking_recv().is_err() {
            return Err(io::Error::other("the walk broke off"));
        }
        end(packed)
    });
    let walked = carry(app, asker, walk, format, items, heard).await;
    if walked.is_ok() {
        // The thread may have ended, and says why.
        _ = whole.send(());
    } else {
        drop(whole);
    }
    let packed = loop {
        match tokio::time::timeout(BEAT, &mut packing).await {
            Ok(ended) => break ended.map_err(|ended| DocumentError::Cut(Ended::from(ended).to_string()))?,
            Err(_elapsed) => heard.wait().await,
        }
    };
    walked?;
    packed.map_err(|error| match error.downcast() {
        Ok(error) => DocumentError::Store(error),
        Err(error) => DocumentError::Cut(error.to_string()),
    })
}

/// Remembers what was taken, for the next "what is new".
pub(super) async fn mark(app: &App, asker: &Asker, reaches: &[Reach]) -> DbResult<()> {
    if reaches.is_empty() {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    for reach in reaches {
        store::upsert_mark(&mut tx, (asker.user_id, asker.customer_id), reach, app.now()).await?;
    }
    tx.commit().await
}

/// Walks through the documents and hands each on. An archive's are recorded before their bytes leave.
async fn carry<H: Hears>(
    app: &App,
    asker: &Asker,
    mut walk: Walk,
    format: BundleFormat,
    items: mpsc::Sender<Item>,
    heard: &mut H,
) -> Result<(), DocumentError> {
    let mut done = 0;
    let mut issuers = HashMap::new();
    loop {
        let rows = walk.next(app).await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut conn = app.db.read().await?;
        search::know_issuers(&mut conn, &mut issuers, rows.iter().map(|it| IssuerId::new(it.row.issuer_id))).await?;
        drop(conn);
        if format == BundleFormat::Zip {
            note(app, asker, &rows, H::ANEW).await?;
        }
        for Passed { row, goes_with } in rows {
            let files = match format {
                BundleFormat::Zip => Some(contents(app, asker, &row, &issuers).await?),
                BundleFormat::Csv | BundleFormat::Xlsx => None,
            };
            let receptor_rfc = row.receptor_rfc.clone();
            let item = Item { row: search::listed(row, &issuers)?, receptor_rfc, goes_with, files };
            if items.send(item).await.is_err() {
                // The thread has ended and says why.
                return Ok(());
            }
            done += 1;
            heard.hear(done).await?;
        }
    }
}

async fn contents(
    app: &App,
    asker: &Asker,
    row: &ListedRow,
    issuers: &HashMap<IssuerId, Issuer>,
) -> Result<Contents, DocumentError> {
    let id = DocumentId::new(row.id);
    let kept = found::find_content(&mut app.db.read().await?, asker.whose(), id).await?;
    // Withdrawn at this moment: it is nobody's any more.
    let kept = kept.ok_or(DocumentError::NotFound)?;
    let issuer = issuers.get(&IssuerId::new(row.issuer_id)).ok_or_else(|| found::unreadable("issuer"))?;
    let name = service::file_name(&issuer.rfc, &row.serie, &row.folio, &row.issued_on, "");
    let xml_sha256 = kept.xml_sha256.as_deref().map(hex::encode).unwrap_or_default();
    let xml = kept.xml.is_some().then(|| {
        let stored = service::stored_xml(id, kept.clone());
        stored.map(|stored| stored.xml.into_bytes()).map_err(|error| reason(&error))
    });
    let pdf = match service::pdf_bytes(app, id, kept).await {
        // Neither the database nor the store is the document's fault: better no archive than one that blames a PDF.
        Err(error @ DocumentError::Db(_)) => return Err(error),
        Err(error) if error.is_out_of_reach() => return Err(error),
        other => other.map_err(|error| reason(&error)),
    };
    Ok(Contents { name: name.trim_end_matches('.').to_owned(), xml, xml_sha256, pdf })
}

/// For `faltantes.txt`: what a customer can make something of.
fn reason(error: &DocumentError) -> String {
    let words = match error {
        DocumentError::Damaged(_) => "no coincide con lo que se guardó; ya se avisó a quien opera el portal",
        DocumentError::Print { .. } => "no se pudo imprimir; el XML, que es el comprobante, sí va en este archivo",
        _ => "no se pudo leer; intente descargarlo más tarde",
    };
    tracing::error!(error = error as &dyn std::error::Error, "a file is missing from an archive");
    words.to_owned()
}

/// A line per document, before it leaves (decisions 9).
async fn note(app: &App, asker: &Asker, rows: &[Passed], anew: bool) -> DbResult<()> {
    let customer = asker.customer_id.to_string();
    let ids: Vec<String> = rows.iter().map(|passed| passed.row.id.to_string()).collect();
    let mut tx = app.db.begin().await?;
    let known = match anew {
        true => audit::list_done_by(&mut tx, &asker.request_id, DOWNLOAD, ("document", &ids)).await?,
        false => Vec::new(),
    };
    for (Passed { row, .. }, object_id) in rows.iter().zip(&ids) {
        if known.contains(object_id) {
            continue;
        }
        let entry = Entry {
            actor: Actor::User(asker.user_id),
            on_behalf_of: Some(&customer),
            issuer_id: Some(row.issuer_id),
            act: DOWNLOAD,
            object_kind: "document",
            object_id,
            before: None,
            after: Some(serde_json::json!({ "format": "zip" })),
            request_id: Some(&asker.request_id),
        };
        audit::record(&mut tx, app.now(), entry).await?;
    }
    tx.commit().await
}

fn pack<W: Write>(format: BundleFormat, items: mpsc::Receiver<Item>, sink: W, left: u64) -> io::Result<W> {
    match format {
        BundleFormat::Zip => archive(items, sink, left),
        BundleFormat::Csv => csv(items, sink),
        BundleFormat::Xlsx => xlsx(items, sink),
    }
}

fn csv<W: Write>(mut items: mpsc::Receiver<Item>, mut pipe: W) -> io::Result<W> {
    pipe.write_all(table::BOM)?;
    pipe.write_all(&heading_line(false))?;
    while let Some(item) = items.blocking_recv() {
        pipe.write_all(&table::csv_line(&table::cells(&item.row, &item.receptor_rfc, None)))?;
    }
    Ok(pipe)
}

fn heading_line(with_files: bool) -> Vec<u8> {
    let cells: Vec<_> =
        table::headings(with_files).into_iter().map(|text| table::Cell::Text(text.to_owned())).collect();
    table::csv_line(&cells)
}

fn xlsx<W: Write>(mut items: mpsc::Receiver<Item>, pipe: W) -> io::Result<W> {
    let mut book = Workbook::begin(ZipWriter::new_stream(pipe), SHEET, &table::headings(false))?;
    while let Some(item) = items.blocking_recv() {
        book.row(&table::cells(&item.row, &item.receptor_rfc, None))?;
    }
    Ok(book.finish()?.into_inner())
}

/// XML and PDF of each document as it comes; at the end the index in both forms, what is missing, and how many are for
/// the next.
fn archive<W: Write>(mut items: mpsc::Receiver<Item>, pipe: W, left: u64) -> io::Result<W> {
    let mut zip = ZipWriter::new_stream(pipe);
    let headings = table::headings(true);
    // The index is gathered beside: some hundred bytes a document, and the workbook's are compressed.
    let mut book = Workbook::begin(ZipWriter::new(Cursor::new(Vec::new())), SHEET, &headings)?;
    let mut list = [table::BOM, &heading_line(true)].concat();
    let (mut names, mut missing) = (HashSet::new(), Missing::default());
    while let Some(Item { row, receptor_rfc, goes_with, files }) = items.blocking_recv() {
        let Some(contents) = files else { continue };
        let name = free_name(&mut names, contents.name, row.contract.as_deref());
        let mut files = Files { goes_with, xml_sha256: contents.xml_sha256, ..Files::default() };
        let parts = [
            (contents.xml, "xml", CompressionMethod::Deflated, &mut files.xml),
            // A PDF is compressed inside: doing it again costs time and gains nothing.
            (Some(contents.pdf), "pdf", CompressionMethod::Stored, &mut files.pdf),
        ];
        for (bytes, extension, method, said) in parts {
            let file = format!("{name}.{extension}");
            match bytes {
                Some(Ok(bytes)) => {
                    add(&mut zip, &file, method, &bytes)?;
                    *said = file;
                }
                Some(Err(reason)) => missing.add(&file, &reason),
                None => {}
            }
        }
        let cells = table::cells(&row, &receptor_rfc, Some(&files));
        list.extend(table::csv_line(&cells));
        book.row(&cells)?;
    }
    add(&mut zip, "indice.csv", CompressionMethod::Deflated, &list)?;
    add(&mut zip, "indice.xlsx", CompressionMethod::Stored, book.finish()?.get_ref())?;
    if let Some(text) = missing.text() {
        add(&mut zip, "faltantes.txt", CompressionMethod::Deflated, text.as_bytes())?;
    }
    if left > 0 {
        let text =
            format!("Aquí van los documentos nuevos más antiguos. Quedan {left} más: descargue otra vez lo nuevo.\r\n");
        add(&mut zip, "siguientes.txt", CompressionMethod::Deflated, text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, method: CompressionMethod, bytes: &[u8]) -> io::Result<()> {
    // The fastest: an XML shrinks to a fifth at any level, and the reader waits for the thread.
    let level = (method == CompressionMethod::Deflated).then_some(1);
    zip.start_file(name, SimpleFileOptions::default().compression_method(method).compression_level(level))?;
    zip.write_all(bytes)
}

/// A name that no other file of the archive has: two contracts may have a statement of one number.
fn free_name(names: &mut HashSet<String>, name: String, contract: Option<&str>) -> String {
    if names.insert(name.clone()) {
        return name;
    }
    let contract: String =
        contract.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let named = if contract.is_empty() { name.clone() } else { format!("{name}_{contract}") };
    let mut free = named.clone();
    let mut next = 2;
    while !names.insert(free.clone()) {
        free = format!("{named}_{next}");
        next += 1;
    }
    free
}

/// What could not be had.
#[derive(Default)]
struct Missing {
    lines: Vec<String>,
    more: usize,
}

impl Missing {
    fn add(&mut self, file: &str, reason: &str) {
        if self.lines.len() < MISSING_NAMED_MAX {
            self.lines.push(format!("{file}: {reason}\r\n"));
        } else {
            self.more += 1;
        }
    }

    fn text(&self) -> Option<String> {
        if self.lines.is_empty() {
            return None;
        }
        let more = if self.more > 0 { format!("y {} más\r\n", self.more) } else { String::new() };
        Some(format!("Estos archivos no van en el ZIP:\r\n\r\n{}{more}", self.lines.concat()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_never_share_a_name() {
        let mut names = HashSet::new();
        let mut name = |contract| free_name(&mut names, "A_171001_2017-10-01".into(), contract);
        assert_eq!(name(None), "A_171001_2017-10-01");
        assert_eq!(name(Some("005300")), "A_171001_2017-10-01_005300");
        assert_eq!(name(Some("005300")), "A_171001_2017-10-01_005300_2");
        assert_eq!(name(None), "A_171001_2017-10-01_2");
    }

    #[test]
    fn what_is_missing_is_named_up_to_a_limit() {
        let mut missing = Missing::default();
        assert_eq!(missing.text(), None);
        for _ in 0..MISSING_NAMED_MAX + 3 {
            missing.add("a.pdf", "no se pudo imprimir");
        }
        let text = missing.text().unwrap();
        assert!(text.contains("a.pdf: no se pudo imprimir\r\n") && text.ends_with("y 3 más\r\n"));
    }
}
