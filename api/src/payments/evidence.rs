//! What a bank, or somebody in its name, says: kept first, judged after.
use fiscal::FormaPago;
use sha2::{Digest, Sha256};
use shared::payments::{BankCode, PaymentState};
use uuid::Uuid;

use super::banks::{self, Fields};
use super::files::{self, Line, Said};
use super::how::{How, Teller};
use super::model::{self, Entry, HINT, PAID_BEFORE, Reading, Source};
use super::settle::{self, Cause};
use super::store::evidence::{self as store, NewEvidence};
use super::store::payments::{self, PaymentRow, Which};
use super::store::{attempts, entered as entries, unreadable};
use super::{PaymentError, entered, events, orphans};
use crate::App;
use crate::audit::Actor;
use crate::counters::{Counter, subject};
use crate::db::{DbResult, Tx};
use crate::failpoint::{self, Failpoint};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::{self, JobKind};

/// After so many seconds the queue judges what its own request could not.
const JUDGE_SECONDS: i64 = 15;
/// Times a bank is asked about one attempt in an hour: anybody who knows its number can hint.
const POLLS_PER_ATTEMPT: i64 = 30;
const HOUR_SECONDS: i64 = 3_600;

/// Who may have written what is kept. Whoever pays can fill up what anybody may say, and with fields that no signature
/// covers what is signed; neither may shut out what the bank says to our own question or in its file.
#[derive(Debug, Clone, Copy)]
enum Voice {
    /// Anybody: it proves nothing, or only hints.
    Anybody,
    /// It is signed by the bank.
    Signed,
    /// We asked, or staff brought the file.
    Fetched,
}

impl Voice {
    /// Messages kept about one attempt, all voices counted, before this one is not kept any more; a bank sends a handful.
    const fn most(self) -> i64 {
        match self {
            Voice::Anybody => 200,
            Voice::Signed => 400,
            Voice::Fetched => 600,
        }
    }
}

/// What asking a bank came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// It said how the order stands.
    Said(Reading),
    /// It did not answer, or was asked too often: it may answer later.
    Silent,
    /// It cannot be asked.
    Never,
}

/// A message of a bank.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// In whose name.
    pub bank: BankCode,
    /// Who brought it.
    pub source: Source,
    /// Its bytes: a form, or JSON.
    pub raw: &'a [u8],
    /// Source address, as counted.
    pub from: &'a str,
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Where the browser goes after a bank; `None`: it names no payment of ours.
    pub landing: Option<Landing>,
    /// It was found to be the bank's own word, and is kept; or its hint, and the bank is asked.
    pub is_the_bank: bool,
}

/// The page of the payment that was named, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landing {
    /// The payment.
    pub payment_id: Uuid,
    /// Short name of its issuer; `None`: the default one.
    pub slug: Option<String>,
}

/// Keeps a message and judges it.
pub async fn receive(app: &App, message: &Message<'_>) -> Result<Heard, PaymentError> {
    // What is kept is the message without what is of a card, in one spelling.
    let fields = Fields::read(message.raw);
    let kept = fields.canonical();
    let message = &Message { raw: &kept, ..*message };
    let named = match banks::order_named(message.bank, &fields) {
        Some(order) => payments::find(&mut app.db.read().await?, Which::Order(message.bank, &order)).await?,
        None => None,
    };
    let Some(payment) = named else {
        return Ok(Heard { landing: None, is_the_bank: orphans::keep(app, message).await? });
    };
    let issuer = issuer_of(app, &payment).await?;
    let key = dedupe_key(message.source, &payment, message.raw);
    let reading = first_reading(app, &issuer, &payment, message)?;
    let proved = !matches!(reading, Reading::Untrusted { .. });
    let voice = if proved && reading != Reading::Hint { Voice::Signed } else { Voice::Anybody };
    let kept = keep(app, &payment, message, (&key, voice)).await?;
    if kept.is_none() && reading == Reading::Hint && payment.state()?.is_open() {
        // Not kept among so many, and still worth asking: questions have a number of their own.
        ask(app, &payment).await?;
    }
    if let Some(id) = kept {
        failpoint::hit(Failpoint::AfterEvidenceCommit);
        let before = store::find_verdict(&mut app.db.read().await?, id).await?;
        match judge(app, id).await {
            Ok(()) => {}
            // It is kept, and the queue judges it: the bank has nothing to say again.
            Err(PaymentError::Db(busy)) if busy.is_busy() => {
                tracing::warn!(payment.id = %payment.id, error = %busy, "a bank's message is judged later");
            }
            Err(error) => return Err(error),
        }
        // A hint said again may be about something newer: the bank is asked again.
        if before.as_deref() == Some(HINT) && payment.state()?.is_open() {
            ask(app, &payment).await?;
        }
    }
    let slug = (!issuer.is_default).then_some(issuer.slug);
    let landing = Some(Landing { payment_id: payment.id, slug });
    let is_heard = kept.is_some() || reading == Reading::Hint;
    Ok(Heard { landing, is_the_bank: is_heard && proved })
}

/// Whether the message is the bank's own word, or its hint to ask. An account that is no longer configured has nothing
/// to prove it by, and nothing is taken on trust.
fn first_reading(
    app: &App,
    issuer: &Issuer,
    payment: &PaymentRow,
    message: &Message<'_>,
) -> Result<Reading, PaymentError> {
    let Some(bank) = app.banks.find(&issuer.slug, message.bank) else {
        return Ok(Reading::Untrusted { why: "account" });
    };
    Ok(bank.read(message.source, message.raw, &payment.intended()?))
}

fn dedupe_key(source: Source, payment: &PaymentRow, canonical: &[u8]) -> Vec<u8> {
    let mut digest = Sha256::new();
    digest.update(source.as_str());
    digest.update(payment.attempt_id.as_bytes());
    digest.update(canonical);
    digest.finalize().to_vec()
}

/// Commits the message with the job that judges it, should this process die. `None`: there is nothing new to judge.
async fn keep(
    app: &App,
    payment: &PaymentRow,
    message: &Message<'_>,
    (dedupe_key, voice): (&[u8], Voice),
) -> Result<Option<Uuid>, PaymentError> {
    let (now, id) = (app.now(), app.ids.uuid());
    {
        // A duplicate costs a read and no write: a bank may say the same a thousand times.
        let mut conn = app.db.read().await?;
        if let Some(known) = store::find_by_key(&mut conn, message.bank, dedupe_key).await? {
            return Ok(Some(known));
        }
        if store::count(&mut conn, payment.attempt_id).await? >= voice.most() {
            tracing::warn!(payment.id = %payment.id, "too many messages about one payment: not kept");
            return Ok(None);
        }
    }
    let new = NewEvidence {
        id,
        about: Some((payment.scope(), payment.attempt_id)),
        bank: message.bank,
        source: message.source,
        raw: message.raw,
        dedupe_key,
    };
    let mut tx = app.db.begin().await?;
    if !store::insert(&mut tx, new, now).await? {
        drop(tx);
        return Ok(store::find_by_key(&mut app.db.read().await?, message.bank, dedupe_key).await?);
    }
    jobs::enqueue(&mut tx, &app.ids, JobKind::JudgeEvidence, id, now.plus_seconds(JUDGE_SECONDS)).await?;
    tx.commit().await?;
    Ok(Some(id))
}

/// Keeps a line of a bank's file about a payment and judges it. What was found of it, now or before, and whether the trip
/// was open then; `None`: too much was said about this payment already.
pub(super) async fn hear_line(
    app: &App,
    payment: &PaymentRow,
    raw: &[u8],
) -> Result<Option<(String, bool)>, PaymentError> {
    let message = Message { bank: payment.bank()?, source: Source::File, raw, from: "" };
    let key = dedupe_key(Source::File, payment, raw);
    let Some(id) = keep(app, payment, &message, (&key, Voice::Fetched)).await? else { return Ok(None) };
    judge(app, id).await?;
    let (verdict, before) = store::find_judgement(&mut app.db.read().await?, id).await?.unwrap_or_default();
    let was_open = before.as_deref().and_then(PaymentState::parse).is_some_and(PaymentState::is_open);
    Ok(Some((verdict, was_open)))
}

/// What a line that was settled before says anew of how its payment was made: another file may say more of it.
pub(super) async fn learn(app: &App, scope: Scope, id: Option<Uuid>, line: &Line) -> Result<(), PaymentError> {
    let (Some(id), how) = (id, line.how()) else { return Ok(()) };
    if line.said != Said::Paid || how == How::default() {
        return Ok(());
    }
    let known = payments::find(&mut app.db.read().await?, Which::OfIssuer(scope, id)).await?;
    if known.is_none_or(|payment| payment.knows(&how)) {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, id).await?;
    let payment = payments::find(&mut tx, Which::OfIssuer(scope, id)).await?;
    if let Some(payment) = payment.filter(|it| it.bank_transaction.as_deref() == Some(line.transaction.as_str())) {
        let how = how.within(Teller::Bank, (payment.created_at, app.now()));
        learn_how(&mut tx, app, &payment, (&how, Teller::Bank)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// How the money of a payment came, as far as that is news; told to who follows payments when its confirmation was
/// before.
async fn learn_how(
    tx: &mut Tx,
    app: &App,
    payment: &PaymentRow,
    (how, teller): (&How, Teller),
) -> Result<(), PaymentError> {
    if settle::note_how(tx, app, payment, how, teller).await? && payment.confirmed_at.is_some() {
        events::changed(tx, app, payment).await?;
    }
    Ok(())
}

async fn issuer_of(app: &App, payment: &PaymentRow) -> DbResult<Issuer> {
    let issuer = issuers::service::find_issuer(&mut app.db.read().await?, payment.scope()).await?;
    issuer.ok_or_else(|| unreadable("issuer"))
}

/// Judges kept evidence, once. What was judged already is left as it is.
pub async fn judge(app: &App, evidence_id: Uuid) -> Result<(), PaymentError> {
    match judge_kept(app, evidence_id).await? {
        Some((Reading::Hint, payment)) => ask(app, &payment).await.map(|_| ()),
        _ => Ok(()),
    }
}

async fn judge_kept(app: &App, evidence_id: Uuid) -> Result<Option<(Reading, PaymentRow)>, PaymentError> {
    let (kept, payment) = {
        let mut conn = app.db.read().await?;
        let Some(kept) = store::find_unjudged(&mut conn, evidence_id).await? else { return Ok(None) };
        let payment = payments::find(&mut conn, Which::Attempt(kept.attempt_id)).await?;
        (kept, payment.ok_or_else(|| unreadable("attempt"))?)
    };
    let source = Source::parse(&kept.source).ok_or_else(|| unreadable("source"))?;
    let slug = issuer_of(app, &payment).await?.slug;
    let (reading, how) = read(app, &slug, &payment, (source, &kept.raw))?;
    if let Reading::Untrusted { why } = &reading {
        tracing::warn!(payment.id = %payment.id, why, "a message in a bank's name is not proved to be its word");
    }
    settle_reading(app, &payment, evidence_id, (&reading, &how, Teller::of(source))).await?;
    Ok(Some((reading, payment)))
}

/// A file's lines are of our own shape whatever bank they are of; all else only its bank can read, by the account of the
/// issuer with this short name.
pub(super) fn read(
    app: &App,
    slug: &str,
    payment: &PaymentRow,
    (source, raw): (Source, &[u8]),
) -> Result<(Reading, How), PaymentError> {
    let (code, intended) = (payment.bank()?, payment.intended()?);
    let (reading, how) = if source == Source::File {
        (files::read(raw, &intended), Line::parse(raw).map(|line| line.how()).unwrap_or_default())
    } else {
        let Some(bank) = app.banks.find(slug, code) else {
            tracing::error!(payment.id = %payment.id, "a bank's message waits: its account is no longer configured");
            return Err(PaymentError::BankUnavailable);
        };
        (bank.read(source, raw, &intended), bank.how(source, raw))
    };
    // Whoever says it, this way has one form.
    let how = How { forma: how.forma.or((code == BankCode::Spei).then_some(FormaPago::Transferencia)), ..how };
    Ok((reading, how.within(Teller::of(source), (payment.created_at, app.now()))))
}

async fn settle_reading(
    app: &App,
    payment: &PaymentRow,
    evidence_id: Uuid,
    (reading, how, teller): (&Reading, &How, Teller),
) -> Result<(), PaymentError> {
    let (scope, now) = (payment.scope(), app.now());
    let mut tx = app.db.begin().await?;
    attempts::lock(&mut tx, scope, payment.id).await?;
    let payment = payments::find(&mut tx, Which::Attempt(payment.attempt_id)).await?;
    let payment = payment.ok_or_else(|| unreadable("attempt"))?;
    let entry = entry_of(&mut tx, &payment, (reading, how)).await?;
    let decision = model::told(&payment.standing()?, reading, entry);
    let states = (payment.state()?, decision.next);
    if !store::insert_verdict(&mut tx, scope, evidence_id, decision.verdict, states, now).await? {
        return Ok(());
    }
    let transaction = match reading {
        Reading::Paid { transaction, .. } => Some(transaction.as_str()),
        Reading::Declined { transaction } => transaction.as_deref(),
        _ => None,
    };
    jobs::delete_for(&mut tx, JobKind::JudgeEvidence, evidence_id).await?;
    // Of money that is here or is asked about; another number's card is not this one's. First of all, so that what is
    // made of the money is dated by it.
    let moved = states.0 != states.1 && matches!(states.1, PaymentState::Confirmed | PaymentState::Review);
    let again = decision.verdict == PAID_BEFORE && payment.bank_transaction.as_deref() == transaction;
    let mut payment = payment;
    if matches!(reading, Reading::Paid { .. }) && (moved || again) {
        learn_how(&mut tx, app, &payment, (how, teller)).await?;
        let again = payments::find(&mut tx, Which::Attempt(payment.attempt_id)).await?;
        payment = again.ok_or_else(|| unreadable("attempt"))?;
    }
    let (actor, evidence_id) = (Actor::System, Some(evidence_id));
    let cause = Cause { actor, evidence_id, transaction, received: None, request_id: None };
    settle::carry_out(&mut tx, app, &payment, &decision, &cause).await?;
    settle::commit(tx).await?;
    app.wake.notify_one();
    Ok(())
}

/// Whether what a bank says came is entered already. Nobody enters it meanwhile by another door.
async fn entry_of(tx: &mut Tx, payment: &PaymentRow, (reading, how): (&Reading, &How)) -> Result<Entry, PaymentError> {
    let Reading::Paid { transaction, amount } = reading else { return Ok(Entry::Not) };
    entries::lock(tx, payment.scope()).await?;
    let rows = entries::list(tx, payment.scope(), payment.bank()?, (transaction, amount.minor())).await?;
    Ok(entered::of_trip(payment, &rows, how.given.as_deref())?)
}

/// Asks the bank how an order stands, keeps its answer and judges that. Never with a transaction open.
pub(super) async fn ask(app: &App, payment: &PaymentRow) -> Result<Asked, PaymentError> {
    let issuer = issuer_of(app, payment).await?;
    let (code, intended) = (payment.bank()?, payment.intended()?);
    let Some(bank) = app.banks.find(&issuer.slug, code) else { return Ok(Asked::Never) };
    let often = Counter {
        kind: "payment_poll",
        subject: subject(&payment.attempt_id.to_string()),
        limit: POLLS_PER_ATTEMPT,
        window_seconds: HOUR_SECONDS,
    };
    let mut tx = app.db.begin().await?;
    if often.try_hit(&mut tx, app.now()).await?.is_err() {
        return Ok(Asked::Silent);
    }
    tx.commit().await?;
    let answer = match bank.poll(&intended).await {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(Asked::Never),
        Err(silent) => {
            tracing::warn!(payment.id = %payment.id, reason = silent.reason, "a bank did not say how a payment stands");
            return Ok(Asked::Silent);
        }
    };
    let reading = bank.read(Source::Poll, &answer, &intended);
    let message = Message { bank: code, source: Source::Poll, raw: &answer, from: "" };
    let key = dedupe_key(Source::Poll, payment, &answer);
    if let Some(id) = keep(app, payment, &message, (&key, Voice::Fetched)).await? {
        judge_kept(app, id).await?;
    }
    Ok(Asked::Said(reading))
}
