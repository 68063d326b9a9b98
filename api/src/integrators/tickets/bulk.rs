//! Many sales in one request: read as they arrive, written a batch at a time, answered line by line.
//!
//! What is held in memory is one batch and the answer, which is short for each line; a batch is one transaction, so a
//! run that breaks off leaves whole batches behind, and the same lines sent again say `unchanged`. The answer begins
//! when the request has ended: many clients read nothing before they have written everything.
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{Stream, StreamExt as _};
use serde_json::json;
use shared::integrators::{
    BULK_LINE_BYTES_MAX, BULK_LINES_MAX, BULK_REFUSED_MAX, BulkOutcome, BulkResult, BulkTicket, PutTicket,
};
use shared::{FieldErrors, Problem, ProblemCode};

use super::{form, service};
use crate::App;
use crate::billing;
use crate::db::DbResult;
use crate::integrators::guard::Caller;
use crate::integrators::keys;
use crate::issuers::Branch;
use crate::tickets;
use crate::tickets::model::{NewTicket, Upserted};
use crate::tickets::service::Sale;

/// Sales written in one transaction: enough to share its cost, few enough that a till waits for a few milliseconds
/// behind it, since SQLite has one writer.
const BATCH_SALES: usize = 25;
/// Bytes of requests behind one batch.
const BATCH_BYTES: usize = 1024 * 1024;
/// Bytes of one request.
const REQUEST_BYTES_MAX: usize = 256 * 1024 * 1024;
/// The byte order mark, which some writers of UTF-8 put before everything else.
const MARK: &[u8] = "\u{feff}".as_bytes();
/// Errors told of one line: the answer is held in memory.
const LINE_ERRORS_MAX: usize = 5;

/// A line as it was read: a sale to write, or what was wrong with it.
enum Read {
    Sale { line: u32, external_id: String, branch: Arc<Branch>, ticket: Box<NewTicket> },
    Refused(Box<BulkResult>),
}

/// A run over one request.
pub struct Run<'a> {
    app: &'a App,
    caller: &'a Caller,
    /// How one line becomes a body, or a problem: the door's own reading of JSON.
    read: fn(&[u8]) -> Result<BulkTicket, Box<Problem>>,
    branches: HashMap<String, Option<Arc<Branch>>>,
    batch: Vec<Read>,
    batch_ids: HashSet<String>,
    batch_bytes: usize,
    line: u32,
    refused: u32,
    answer: Vec<u8>,
    stopped: bool,
}

/// The request stopped arriving.
#[derive(Debug, thiserror::Error)]
#[error("the body of a bulk request broke off")]
pub struct BrokeOff(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl<'a> Run<'a> {
    /// Nothing read yet.
    pub fn new(app: &'a App, caller: &'a Caller, read: fn(&[u8]) -> Result<BulkTicket, Box<Problem>>) -> Run<'a> {
        Run {
            app,
            caller,
            read,
            branches: HashMap::new(),
            batch: Vec::new(),
            batch_ids: HashSet::new(),
            batch_bytes: 0,
            line: 0,
            refused: 0,
            answer: Vec::new(),
            stopped: false,
        }
    }

    /// Reads the whole request; gives the whole answer.
    pub async fn over<B: AsRef<[u8]>>(
        mut self,
        chunks: impl Stream<Item = Result<B, BrokeOff>>,
    ) -> Result<Vec<u8>, BrokeOff> {
        let mut chunks = std::pin::pin!(chunks);
        let (mut kept, mut bytes) = (Vec::new(), 0_usize);
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            let mut rest = chunk.as_ref();
            bytes = bytes.saturating_add(rest.len());
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                kept.extend_from_slice(rest.get(..end).unwrap_or_default());
                rest = rest.get(end + 1..).unwrap_or_default();
                self.take(&kept).await;
                kept.clear();
                if self.stopped {
                    return Ok(self.answer);
                }
            }
            kept.extend_from_slice(rest);
            if kept.len() > BULK_LINE_BYTES_MAX || bytes > REQUEST_BYTES_MAX {
                self.line += 1;
                self.flush().await;
                self.stop(self.line, ProblemCode::BodyTooLarge);
                return Ok(self.answer);
            }
        }
        self.take(&kept).await;
        self.flush().await;
        Ok(self.answer)
    }

    /// One line. Empty ones only count.
    async fn take(&mut self, bytes: &[u8]) {
        let bytes = if self.line == 0 { bytes.strip_prefix(MARK).unwrap_or(bytes) } else { bytes };
        let bytes = bytes.trim_ascii();
        self.line = self.line.saturating_add(1);
        if bytes.is_empty() || self.stopped {
            return;
        }
        if self.line > BULK_LINES_MAX || self.refused >= BULK_REFUSED_MAX {
            self.flush().await;
            let many = self.line > BULK_LINES_MAX;
            self.stop(self.line, if many { ProblemCode::BodyTooLarge } else { ProblemCode::InvalidFields });
            return;
        }
        match self.sale(bytes).await {
            Ok((external_id, branch, ticket)) => {
                if self.batch_ids.contains(&external_id) {
                    // The second of two about one sale must see what the first has done.
                    self.flush().await;
                }
                self.batch_ids.insert(external_id.clone());
                self.batch_bytes += bytes.len();
                self.batch.push(Read::Sale { line: self.line, external_id, branch, ticket: Box::new(ticket) });
            }
            Err((external_id, mut problem)) => {
                self.refused += 1;
                problem.errors.truncate(LINE_ERRORS_MAX);
                let outcome = BulkOutcome::Refused;
                self.batch.push(Read::Refused(Box::new(BulkResult {
                    line: self.line,
                    external_id,
                    outcome,
                    problem: Some(*problem),
                })));
            }
        }
        if self.batch.len() >= BATCH_SALES || self.batch_bytes >= BATCH_BYTES {
            self.flush().await;
        }
    }

    async fn sale(&mut self, bytes: &[u8]) -> Result<(String, Arc<Branch>, NewTicket), (Option<String>, Box<Problem>)> {
        let (external_id, body) = (self.read)(bytes).map_err(|problem| (None, problem))?.into_parts();
        let mut errors = FieldErrors::default();
        form::external_id(&external_id, &mut errors);
        // What is no id of ours is not said back.
        let named = errors.is_empty().then(|| external_id.clone());
        let branch = match self.branch(&body).await {
            Ok(branch) => branch,
            Err(error) => {
                tracing::warn!(%error, "a bulk request could not read a branch");
                return Err((named, Box::new(Problem::new(ProblemCode::Busy))));
            }
        };
        let ticket = form::read(&external_id, &body, branch.as_deref(), self.app.now());
        match (ticket, branch) {
            (Ok(ticket), Some(branch)) => Ok((external_id, branch, ticket)),
            (Err(errors), _) => Err((named, Box::new(Problem::fields(errors)))),
            (Ok(_), None) => Err((named, Box::new(Problem::new(ProblemCode::Internal)))),
        }
    }

    async fn branch(&mut self, body: &PutTicket) -> DbResult<Option<Arc<Branch>>> {
        if let Some(known) = self.branches.get(&body.branch) {
            return Ok(known.clone());
        }
        let mut conn = self.app.db.read().await?;
        let found = service::branch_named(&mut conn, self.caller.scope, &body.branch).await?.map(Arc::new);
        // Only branches that are there are remembered: a stranger could name any number of others.
        if found.is_some() {
            self.branches.insert(body.branch.clone(), found.clone());
        }
        Ok(found)
    }

    /// Writes what was read, and answers it in the order of the request.
    async fn flush(&mut self) {
        if self.stopped {
            return;
        }
        let batch = std::mem::take(&mut self.batch);
        self.batch_ids.clear();
        self.batch_bytes = 0;
        let Some(first) = batch.first().map(|read| match read {
            Read::Sale { line, .. } => *line,
            Read::Refused(result) => result.line,
        }) else {
            return;
        };
        match self.write(&batch).await {
            Ok(None) => self.stop(first, ProblemCode::ApiKeyUnknown),
            Ok(Some(outcomes)) => {
                let mut outcomes = outcomes.into_iter();
                for read in batch {
                    let result = match read {
                        Read::Refused(result) => *result,
                        Read::Sale { line, external_id, .. } => {
                            let outcome = outcomes.next().unwrap_or(Upserted::Unchanged);
                            self.refused += u32::from(service::refusal(outcome).is_some());
                            result(line, external_id, outcome)
                        }
                    };
                    self.say(&result);
                }
            }
            Err(error) => {
                let code = if error.is_busy() { ProblemCode::Busy } else { ProblemCode::Internal };
                tracing::error!(%error, code = code.as_str(), "a batch of tickets could not be written");
                self.stop(first, code);
            }
        }
    }

    /// One transaction for all sales of a batch, and one line of the audit log. `None`: the key has ended since the
    /// request began, and nothing was written (I1).
    async fn write(&self, batch: &[Read]) -> DbResult<Option<Vec<Upserted>>> {
        let sales: Vec<Sale<'_>> = batch
            .iter()
            .filter_map(|read| match read {
                Read::Sale { branch, ticket, .. } => Some(Sale { branch, ticket }),
                Read::Refused(_) => None,
            })
            .collect();
        if sales.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut tx = self.app.db.begin().await?;
        if !keys::is_good(&mut tx, self.caller.key, self.app.now()).await? {
            return Ok(None);
        }
        let outcomes = tickets::service::upsert(&mut tx, self.app, self.caller.scope, &sales).await?;
        let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
        let (created, updated) = (count(Upserted::Created), count(Upserted::Updated));
        if created + updated > 0 {
            let after = json!({ "created": created, "updated": updated, "last_line": self.line });
            let object = self.caller.key.to_string();
            service::note(&mut tx, self.app.now(), self.caller, ("ticket.bulk", "api_key", &object), after).await?;
            let arrived: Vec<&NewTicket> = sales.iter().map(|sale| sale.ticket).collect();
            let awaited = billing::awaited::arrived(&mut tx, self.caller.scope, &arrived, self.app.now()).await?;
            tx.commit().await?;
            if awaited {
                self.app.wake.notify_one();
            }
        }
        Ok(Some(outcomes))
    }

    fn stop(&mut self, line: u32, code: ProblemCode) {
        if !self.stopped {
            self.stopped = true;
            let outcome = BulkOutcome::Stopped;
            self.say(&BulkResult { line, external_id: None, outcome, problem: Some(Problem::new(code)) });
        }
    }

    fn say(&mut self, result: &BulkResult) {
        if let Ok(json) = serde_json::to_vec(result) {
            self.answer.extend_from_slice(&json);
            self.answer.push(b'\n');
        }
    }
}

fn result(line: u32, external_id: String, outcome: Upserted) -> BulkResult {
    let problem = service::refusal(outcome).map(Problem::new);
    let outcome = match outcome {
        Upserted::Created => BulkOutcome::Created,
        Upserted::Updated => BulkOutcome::Updated,
        Upserted::Unchanged => BulkOutcome::Unchanged,
        Upserted::Fixed(_) | Upserted::NumbersTaken => BulkOutcome::Refused,
    };
    BulkResult { line, external_id: Some(external_id), outcome, problem }
}
