//! Files that take long are made while nobody waits: an order is a row, its work a job, and the file lies in the file
//! store until its time is over. Whoever makes it says so as it goes; a maker that is silent is dead, and the next one
//! begins anew. A document that is withdrawn meanwhile leaves every file of its customer: they are made again, which no
//! letter tells and which adds neither hours nor lines to the log. Each maker has a name of its own for the file, and takes
//! it away when the work is somebody else's by then: what comes late takes nothing's place, and nothing lies that no row
//! names.
use std::time::{Duration, Instant};

use shared::documents::{BundleState, DocumentBundle, DocumentBundles, DownloadTicket, TakeDocuments};
use uuid::Uuid;

use super::choice::{self, Walk};
use super::pack::{self, BEAT, Hears};
use super::{letters, order};
use crate::App;
use crate::accounts::{SessionId, UserId, people};
use crate::clock::{calendar, civil_text};
use crate::db::{DbResult, Timestamp, Tx};
use crate::documents::model::Asker;
use crate::documents::service::DocumentError;
use crate::documents::store::bundles::{self as store, BundleRow};
use crate::documents::store::delivery::Reach;
use crate::files::{Draft, FileError, FileKey};
use crate::jobs::{self, JobKind, Outcome};

/// Hours that a file is kept.
pub const KEPT_HOURS: i64 = 72;
/// Orders of one person that are not over.
const OPEN_MAX: usize = 4;
/// Orders that a list shows.
const SHOWN_MAX: i64 = 20;
/// Files that are made at once: each holds a thread, and its PDFs take turns with everybody's.
const AT_ONCE: i64 = 2;
/// Whoever makes a file and says nothing for so long is dead. They say nothing while they ask a bucket for a document,
/// and print the next.
const SILENCE_SECONDS: i64 = 120;
/// How long the queue waits for a short one.
const PATIENCE: Duration = Duration::from_secs(5);
/// When it looks again for a long one.
const LOOK_SECONDS: i64 = 2;
/// When it is tried again after the store of files was out of reach.
const LATER_SECONDS: i64 = 60;
/// Tries before it is given up.
const TRIES_MAX: i64 = 5;

/// Puts an order down, and its work into the queue.
pub(super) async fn insert(
    app: &App,
    asker: &Asker,
    wanted: &TakeDocuments,
    (walk, documents, file_name): (&Walk, u64, String),
) -> Result<DocumentBundle, DocumentError> {
    let now = app.now();
    let as_json = |error: serde_json::Error| DocumentError::Cut(error.to_string());
    let row = BundleRow {
        id: app.ids.uuid(),
        user_id: asker.user_id,
        customer_id: asker.customer_id,
        wanted: serde_json::to_string(wanted).map_err(as_json)?,
        file_name,
        state: BundleState::Waiting.as_str().to_owned(),
        documents: i64::try_from(documents).unwrap_or(i64::MAX),
        done: 0,
        bytes: None,
        reaches: serde_json::to_string(&walk.reaches()).map_err(as_json)?,
        worker_id: None,
        worked_at: None,
        created_at: now,
        ended_at: None,
        expires_at: now.plus_seconds(KEPT_HOURS * 3_600),
    };
    let mut tx = app.db.begin().await?;
    let open = store::list(&mut tx, (asker.user_id, asker.customer_id), now, SHOWN_MAX).await?;
    if open.iter().filter(|row| !state(row).is_over()).count() >= OPEN_MAX {
        return Err(DocumentError::Busy);
    }
    store::insert(&mut tx, &row).await?;
    jobs::enqueue(&mut tx, &app.ids, JobKind::MakeBundle, row.id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(view(row))
}

fn state(row: &BundleRow) -> BundleState {
    BundleState::parse(&row.state).unwrap_or(BundleState::Failed)
}

fn view(row: BundleRow) -> DocumentBundle {
    let count = |number: i64| u64::try_from(number).unwrap_or(0);
    let reaches: Vec<Reach> = serde_json::from_str(&row.reaches).unwrap_or_default();
    DocumentBundle {
        id: row.id,
        state: state(&row),
        left: choice::left(&reaches),
        documents: count(row.documents),
        done: count(row.done),
        bytes: row.bytes.map(count),
        ordered_at: civil_text(row.created_at, &calendar()),
        expires_at: civil_text(row.expires_at, &calendar()),
        file_name: row.file_name,
    }
}

/// A person's orders, the newest first.
pub(super) async fn list(app: &App, asker: &Asker) -> Result<DocumentBundles, DocumentError> {
    let whose = (asker.user_id, asker.customer_id);
    let rows = store::list(&mut app.db.read().await?, whose, app.now(), SHOWN_MAX).await?;
    Ok(DocumentBundles { bundles: rows.into_iter().map(view).collect() })
}

/// The order is no longer wanted: its file goes.
pub(super) async fn forget(app: &App, asker: &Asker, id: Uuid) -> Result<(), DocumentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !store::mark_expired(&mut tx, (asker.user_id, asker.customer_id), id, now).await? {
        return Err(DocumentError::NotFound);
    }
    jobs::reschedule_for(&mut tx, JobKind::MakeBundle, id, now).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(())
}

/// Where a file that is ready can be had, once and soon.
pub(super) async fn ticket(
    app: &App,
    asker: &Asker,
    session: SessionId,
    id: Uuid,
) -> Result<DownloadTicket, DocumentError> {
    let row = ready(app, (asker.user_id, asker.customer_id), id).await?;
    if !app.downloads.has_room(asker.user_id, false) {
        return Err(DocumentError::Busy);
    }
    let wanted = serde_json::json!({ "bundle": id }).to_string();
    let bundle = view(row);
    order::ticket(app, asker, session, wanted, (bundle.documents, bundle.left)).await
}

/// An order whose file can be had.
pub(super) async fn ready(app: &App, whose: (Uuid, Uuid), id: Uuid) -> Result<BundleRow, DocumentError> {
    let row = store::find(&mut app.db.read().await?, whose, id).await?;
    row.filter(|row| state(row) == BundleState::Ready && row.expires_at > app.now()).ok_or(DocumentError::NotFound)
}

/// Where the file of the row's maker lies.
pub(super) fn key(row: &BundleRow) -> Result<FileKey, FileError> {
    key_of(row, row.worker_id)
}

/// Makers of earlier versions had one name for all.
fn key_of(row: &BundleRow, worker_id: Option<Uuid>) -> Result<FileKey, FileError> {
    let extension = row.file_name.rsplit_once('.').map_or("zip", |(_, extension)| extension);
    let maker = worker_id.map(|worker_id| format!("-{worker_id}")).unwrap_or_default();
    FileKey::parse(&format!("bundles/{}{maker}.{extension}", row.id))
}

/// Has every file of a customer's made anew, in the transaction that withdraws a document of theirs.
pub(in crate::documents) async fn make_anew(tx: &mut Tx, customer_id: Uuid, now: Timestamp) -> DbResult<()> {
    for id in store::mark_stale(tx, customer_id).await? {
        jobs::reschedule_for(tx, JobKind::MakeBundle, id, now).await?;
    }
    Ok(())
}

/// Lets go of orders that their own work did not delete; says how many.
pub async fn purge(tx: &mut Tx, before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_old(tx, before, limit).await
}

/// Makes a file, looks how far it is, or takes it away: the body of [`JobKind::MakeBundle`], which lives as long as the
/// file does.
pub async fn make(app: &App, id: Uuid) -> Outcome {
    match go_on(app, id).await {
        Ok(outcome) => outcome,
        Err(error) if error.is_out_of_reach() => later(app.now()),
        Err(error) => {
            tracing::warn!(bundle.id = %id, error = &error as &dyn std::error::Error, "a download could not go on");
            Outcome::Retry { reason: error.to_string() }
        }
    }
}

async fn go_on(app: &App, id: Uuid) -> Result<Outcome, DocumentError> {
    let now = app.now();
    let Some(row) = store::find_any(&mut app.db.read().await?, id).await? else { return Ok(Outcome::Done) };
    let alive_since = now.plus_seconds(-SILENCE_SECONDS);
    let look = Outcome::RetryAt { at: now.plus_seconds(LOOK_SECONDS), reason: "the file is being made".into() };
    let is_alive = row.worked_at.is_some_and(|at| at >= alive_since);
    // A file that nobody wants is waited for too: it would come after it was taken away.
    if state(&row) == BundleState::Working && is_alive {
        return Ok(look);
    }
    if row.expires_at <= now {
        return remove(app, &row).await;
    }
    if state(&row).is_over() {
        return Ok(rest(&row));
    }
    let worker_id = app.ids.uuid();
    if !begin(app, &row, worker_id, (now, alive_since)).await? {
        return Ok(look);
    }
    let row = BundleRow { worker_id: Some(worker_id), ..row };
    // A task of its own: it may outlive the lease of the job that began it.
    let mut work = {
        let app = app.clone();
        app.home.clone().spawn(async move { work(&app, &row, worker_id).await })
    };
    match tokio::time::timeout(PATIENCE, &mut work).await {
        Ok(Ok(true)) => return Ok(later(now)),
        Ok(_) => {}
        Err(_elapsed) => return Ok(look),
    }
    let row = store::find_any(&mut app.db.read().await?, id).await?;
    Ok(row.filter(|row| state(row).is_over()).map_or(look, |row| rest(&row)))
}

/// As often as it takes, as long as the order is kept: the store has to come back, or somebody has to mend its key.
fn later(now: Timestamp) -> Outcome {
    Outcome::RetryAt { at: now.plus_seconds(LATER_SECONDS), reason: "the store of files is out of reach".into() }
}

/// Takes the work, after what the maker before may have left is gone. `false`: it is not to be had now.
async fn begin(
    app: &App,
    row: &BundleRow,
    worker_id: Uuid,
    (now, alive_since): (Timestamp, Timestamp),
) -> Result<bool, DocumentError> {
    if state(row) == BundleState::Working {
        let mut tx = app.db.begin().await?;
        if !store::mark_silent(&mut tx, row.id, alive_since).await? {
            return Ok(false);
        }
        tx.commit().await?;
    }
    if row.worked_at.is_some() {
        take_away(app, row).await?;
    }
    let mut tx = app.db.begin().await?;
    if store::count_working(&mut tx, alive_since).await? >= AT_ONCE
        || !store::claim(&mut tx, row.id, (worker_id, row.worker_id), now).await?
    {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Nothing to do until its time is over.
fn rest(row: &BundleRow) -> Outcome {
    Outcome::RetryAt { at: row.expires_at, reason: "the file is kept until then".into() }
}

/// The file that the row's maker made, or was making.
async fn take_away(app: &App, row: &BundleRow) -> Result<(), DocumentError> {
    let failed = |source| DocumentError::File { id: row.id, source };
    app.files.remove(&key(row).map_err(failed)?).await.map_err(failed)
}

async fn remove(app: &App, row: &BundleRow) -> Result<Outcome, DocumentError> {
    take_away(app, row).await?;
    let mut tx = app.db.begin().await?;
    store::delete(&mut tx, row.id).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Makes the file, or says why not. `true`: the work is laid down until the store of files can be reached.
async fn work(app: &App, row: &BundleRow, worker_id: Uuid) -> bool {
    let (id, mut waits) = (row.id, false);
    let mut beat = Beat { app: app.clone(), id, worker_id, said: Instant::now(), done: 0 };
    for tries in 1..=TRIES_MAX {
        match write(app, row, &mut beat).await {
            Ok(true) => return false,
            Ok(false) => {
                give_up(app, row).await;
                return false;
            }
            Err(error) => {
                tracing::warn!(bundle.id = %id, tries, error = &error as &dyn std::error::Error, "a download was not made");
                // Taken over, or something that another try would not find otherwise.
                let lost = beat.say(0).await.is_err();
                let again = matches!(error, DocumentError::Db(_) | DocumentError::Cut(_) | DocumentError::Store(_));
                waits = error.is_out_of_reach();
                if lost || waits || !again {
                    break;
                }
            }
        }
    }
    match end(app, id, worker_id, waits).await {
        Ok(true) => {}
        // It may have come whole, and nobody said so in time.
        Ok(false) => give_up(app, row).await,
        Err(error) => {
            tracing::warn!(bundle.id = %id, error = &error as &dyn std::error::Error, "a download's end was not written");
        }
    }
    waits
}

/// It failed, or waits. `false`: the work was somebody else's by then.
async fn end(app: &App, id: Uuid, worker_id: Uuid, waits: bool) -> DbResult<bool> {
    let mut tx = app.db.begin().await?;
    let is_ours = if waits {
        store::mark_waiting(&mut tx, id, worker_id).await?
    } else {
        store::mark_failed(&mut tx, id, worker_id, app.now()).await?
    };
    tx.commit().await?;
    Ok(is_ours)
}

/// Takes away what nobody waits for: its documents may have been withdrawn.
async fn give_up(app: &App, row: &BundleRow) {
    for tries in 1..=TRIES_MAX {
        let Err(error) = let_go(app, row).await else { return };
        tracing::warn!(bundle.id = %row.id, tries, error = &error as &dyn std::error::Error,
            "a download that nobody wants may be left in the store of files");
        tokio::time::sleep(PATIENCE).await;
    }
}

/// A database that broke off may have said that it is ready all the same: then it stays.
async fn let_go(app: &App, row: &BundleRow) -> Result<(), DocumentError> {
    let there = store::find_any(&mut app.db.read().await?, row.id).await?;
    let is_named = |there: BundleRow| there.worker_id == row.worker_id && state(&there) == BundleState::Ready;
    if there.is_some_and(is_named) { Ok(()) } else { take_away(app, row).await }
}

/// Makes the file. `false`: it is there, and the work was somebody else's by then, or nobody's.
async fn write(app: &App, row: &BundleRow, beat: &mut Beat) -> Result<bool, DocumentError> {
    let failed = |source| DocumentError::File { id: row.id, source };
    let wanted: TakeDocuments =
        serde_json::from_str(&row.wanted).map_err(|error| DocumentError::Cut(error.to_string()))?;
    // Whoever is no longer of the customer's people gets nothing of it.
    let rfc = people::rfc_for(&mut app.db.read().await?, UserId::new(row.user_id), row.customer_id).await?;
    let (rfc, only) = rfc.ok_or(DocumentError::NotFound)?;
    let asker = Asker {
        user_id: row.user_id,
        customer_id: row.customer_id,
        rfc,
        only,
        looks: false,
        request_id: format!("bundle {}", row.id),
    };
    let reaches = serde_json::from_str(&row.reaches).map_err(|error| DocumentError::Cut(error.to_string()))?;
    let chosen = wanted.parse().map_err(DocumentError::Fields)?;
    let walk = Walk::begin_at(app, &asker, chosen, (wanted.format, reaches)).await?;
    let files = app.files.clone();
    let key = key(row).map_err(failed)?;
    let begin = move || Draft::begin(&files, &key);
    let bytes = pack::write(app, &asker, walk, wanted.format, begin, Draft::keep, beat).await?;
    let (now, documents) = (app.now(), beat.done);
    let mut tx = app.db.begin().await?;
    let length = i64::try_from(bytes).unwrap_or(i64::MAX);
    let until = (now, now.plus_seconds(KEPT_HOURS * 3_600));
    if !store::mark_ready(&mut tx, row.id, beat.worker_id, (documents, length), until).await? {
        return Ok(false);
    }
    // Whoever ordered it is told once: made anew, it lies where it lay.
    if row.ended_at.is_none() {
        letters::ready(&mut tx, app, &asker, &row.file_name, documents).await?;
    }
    tx.commit().await?;
    app.wake.notify_one();
    Ok(true)
}

/// Says now and then that the work goes on.
struct Beat {
    app: App,
    id: Uuid,
    worker_id: Uuid,
    said: Instant,
    done: i64,
}

impl Beat {
    async fn say(&mut self, done: i64) -> Result<(), DocumentError> {
        let mut tx = self.app.db.begin().await?;
        if !store::mark_progress(&mut tx, self.id, self.worker_id, done, self.app.now()).await? {
            return Err(DocumentError::Cut("somebody else makes it, or nobody wants it".into()));
        }
        tx.commit().await?;
        self.said = Instant::now();
        Ok(())
    }
}

impl Hears for Beat {
    const ANEW: bool = true;

    async fn hear(&mut self, done: u64) -> Result<(), DocumentError> {
        self.done = i64::try_from(done).unwrap_or(i64::MAX);
        if self.said.elapsed() < BEAT { Ok(()) } else { self.say(self.done).await }
    }

    async fn wait(&mut self) {
        // Whoever is no longer the maker is told so at the end.
        if let Err(error) = self.say(self.done).await {
            tracing::debug!(bundle.id = %self.id, error = &error as &dyn std::error::Error, "nobody heard of a download");
        }
    }
}
