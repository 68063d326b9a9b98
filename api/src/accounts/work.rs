//! Proofs of work: what a crowd of programs must pay for and a person does not notice (A7). ALTCHA's published protocol,
//! version 1, on our own keys and our own clock; nothing comes from another site.
//!
//! A proof is good once, for five minutes, for the flow it was ordered for: flow and end stand in the salt, which the
//! challenge covers, which the signature covers.
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use shared::accounts::work::{Flow, WorkDone, WorkOrder};

use super::AccountError;
use super::store::work as store;
use crate::App;
use crate::db::{DbResult, Timestamp, Tx};

const ALGORITHM: &str = "SHA-256";
/// How long a proof is good (A7).
const SECONDS: i64 = 300;
/// How many times the usual work it costs to look a ticket up or to sign in where strangers guess (G1, A5): it is asked for
/// there alone.
const GUARDED: u32 = 4;
/// Longest proof that is read, in bytes: ours have about 400.
const DONE_MAX_BYTES: usize = 1_024;
/// Random bytes of a salt.
const SALT_LEN: usize = 12;

/// A task; `None` when none is asked for.
pub fn order(app: &App, flow: Flow) -> Option<WorkOrder> {
    let usual = app.config.accounts.work_max_number;
    let maxnumber = match flow {
        Flow::LookUp | Flow::SignIn => usual.saturating_mul(GUARDED),
        Flow::Registration | Flow::Recovery => usual,
    };
    if maxnumber == 0 {
        return None;
    }
    let secret = app.ids.secret();
    let (salt, rest) = secret.split_at(SALT_LEN);
    let number = rest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes) % (u64::from(maxnumber) + 1));
    let expires = app.now().plus_seconds(SECONDS).jiff().as_second();
    let salt = format!("{}?expires={expires}&flow={}", hex::encode(salt), flow.as_str());
    let challenge = hex::encode(Sha256::digest(format!("{salt}{number}")));
    let signature = app.session_keys.sign_work(&challenge);
    Some(WorkOrder { algorithm: ALGORITHM.to_owned(), challenge, maxnumber, salt, signature })
}

/// Takes a proof for a flow, where one is asked for: whatever is missing, wrong, used or over gets one answer.
pub async fn spend(app: &App, flow: Flow, done: Option<&str>) -> Result<(), AccountError> {
    if app.config.accounts.work_max_number == 0 {
        return Ok(());
    }
    let done = done.and_then(read).filter(|done| is_good(app, flow, done)).ok_or(AccountError::WorkNeeded)?;
    let mut tx = app.db.begin().await?;
    let hash = Sha256::digest(done.challenge.as_bytes()).into();
    if !store::insert(&mut tx, hash, app.now().plus_seconds(SECONDS)).await? {
        return Err(AccountError::WorkNeeded);
    }
    Ok(tx.commit().await?)
}

fn read(text: &str) -> Option<WorkDone> {
    let bytes = STANDARD.decode(Some(text).filter(|text| text.len() <= DONE_MAX_BYTES)?).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn is_good(app: &App, flow: Flow, done: &WorkDone) -> bool {
    let Some((_, parameters)) = done.salt.split_once('?') else { return false };
    let Some((expires, of)) = parameters.split_once('&') else { return false };
    let expires = expires.strip_prefix("expires=").and_then(|second| second.parse::<i64>().ok());
    done.algorithm == ALGORITHM
        && of.strip_prefix("flow=") == Some(flow.as_str())
        && expires.is_some_and(|second| second > app.now().jiff().as_second())
        && app.session_keys.is_work(&done.challenge, &done.signature)
        && hex::encode(Sha256::digest(format!("{}{}", done.salt, done.number))) == done.challenge
}

/// Deletes at most `limit` used proofs that were over before `ended_before`; says how many.
pub async fn purge(tx: &mut Tx, ended_before: Timestamp, limit: i64) -> DbResult<u64> {
    store::delete_ended(tx, ended_before, limit).await
}
