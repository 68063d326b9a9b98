//! What documents name that were kept before their names were: their XML is read once more, some at a time, so that a
//! nota de crédito of last year leads to its invoice too.
use super::{related, store};
use crate::App;
use crate::db::DbResult;
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

/// One that cannot be read names nothing: it is told, and does not hold up the others.
async fn batch(app: &App) -> DbResult<usize> {
    let mut tx = app.db.begin().await?;
    let unread = store::claim_unread(&mut tx, BATCH_ROWS).await?;
    for (scope, id) in &unread {
        let Some(kept) = store::find_kept(&mut tx, *scope, *id).await? else { continue };
        match cfdi::read(&kept.xml) {
            Ok(read) => {
                let named = related::named(&read.comprobante);
                store::insert_references(&mut tx, *scope, *id, &named).await?;
            }
            Err(error) => {
                tracing::error!(document.id = %id.uuid(), error = &error as &dyn std::error::Error, "a CFDI is unreadable");
            }
        }
    }
    tx.commit().await?;
    Ok(unread.len())
}
