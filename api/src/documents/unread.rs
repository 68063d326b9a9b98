//! Documents that were kept before what they name was, or before their words were where a search looks them up: they are
//! read once more, some at a time, so that a nota de crédito of last year leads to its invoice too, and no word of theirs
//! is missed. Until then a search by words looks through all of a customer's documents.
use super::store::{self, WordsRow};
use super::{related, words};
use crate::App;
use crate::db::{DbResult, Tx};
use crate::documents::DocumentId;
use crate::issuers::Scope;
use crate::jobs::Outcome;

/// Documents of one transaction.
const BATCH_ROWS: i64 = 100;
/// Batches of one run: the queue is not held for long.
const BATCHES_MAX: usize = 20;
/// Seconds until the next run goes on.
const PAUSE_SECONDS: i64 = 5;

/// Reads the next of them: the body of `JobKind::ReadReferences`.
pub async fn read(app: &App) -> Outcome {
    for _ in 0..BATCHES_MAX {
        match batch(app).await {
            Ok(0) => return Outcome::Done,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "old documents could not be read again");
                return Outcome::Retry { reason: error.to_string() };
            }
        }
    }
    Outcome::RetryAt { at: app.now().plus_seconds(PAUSE_SECONDS), reason: "there are more to read".into() }
}

async fn batch(app: &App) -> DbResult<usize> {
    let mut tx = app.db.begin().await?;
    let unread = store::claim_unread(&mut tx, BATCH_ROWS).await?;
    let mut read = Vec::with_capacity(unread.len());
    for row in &unread {
        let (scope, id) = row.key();
        if !row.is_named {
            read_names(&mut tx, scope, id).await?;
        }
        read.extend(read_words(&mut tx, scope, id).await?);
    }
    store::insert_words(&mut tx, &read).await?;
    tx.commit().await?;
    Ok(unread.len())
}

/// One that cannot be read names nothing: it is told, and does not hold up the others.
async fn read_names(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<()> {
    let Some(kept) = store::find_kept(tx, scope, id).await? else { return Ok(()) };
    match cfdi::read(&kept.xml) {
        Ok(read) => store::insert_references(tx, scope, id, &related::named(&read.comprobante)).await,
        Err(error) => {
            tracing::error!(document.id = %id.uuid(), error = &error as &dyn std::error::Error, "a CFDI is unreadable");
            Ok(())
        }
    }
}

/// What was kept of its words when that was one text, taken apart.
async fn read_words(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<Option<WordsRow>> {
    let Some(row) = store::find_words(tx, scope, id).await? else { return Ok(None) };
    let words = words::kept(&row.words);
    if words != row.words {
        store::mark_words(tx, scope, id, &words).await?;
    }
    Ok(Some(WordsRow { words, ..row }))
}

/// Puts the words of all documents that were read where a search looks them up: a backup does not hold them twice.
pub async fn restore_words(tx: &mut Tx) -> DbResult<()> {
    let mut after = None;
    loop {
        let rows = store::list_words(tx, after, BATCH_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        store::insert_words(tx, &rows).await?;
    }
}
