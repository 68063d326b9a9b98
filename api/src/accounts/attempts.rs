//! Tries at a password: how many were wrong, when that is too many, and what a proof of work opens then.
//!
//! Four counts, alike for known and invented accounts (A2). Of the account and of the source address, within a window:
//! they hold. Of all sign-ins together within that window (A3), and of the account's wrong ones in a row without end (A1):
//! past either each sign-in costs a proof of work.
//!
//! An account that is held stays open to its owner (A5): with a proof, one try of each source that has no wrong one in the
//! window is judged. A guesser's machine makes a proof quickly and a network has many addresses, so those tries are counted
//! like the others and an account takes so many in a window and no more: `OPENED_TIMES`.
use shared::accounts::work::Flow;

use super::model::{User, UserId, fold_user};
use super::{AccountError, work};
use crate::App;
use crate::counters::{self, Counter, Full};
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// The counter of an account's wrong passwords in a row.
pub const IN_A_ROW: &str = "sign_in_in_a_row";
/// Its window: a hundred years.
pub(super) const ENDLESS_SECONDS: i64 = 100 * 365 * 86_400;
/// How many times the tries that hold an account are judged in a window, however many sources bring proofs: a hundred. Then
/// its owner waits for the window's end, which costs whoever is after that as many fresh addresses, each time.
const OPENED_TIMES: i64 = 20;

/// A try at a password, counted as wrong beforehand: of many at once none gets in uncounted, and one that is broken
/// off stays counted.
pub(super) struct Attempt {
    account: Counter,
    source: Counter,
    in_a_row: Counter,
    everywhere: Counter,
}

/// What a try brings besides its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// None is asked for, by this house or at this door.
    Unasked,
    /// None, or none that is good.
    Missing,
    /// A proof of work.
    Good,
}

/// Which counts are too high, this try among them.
struct Standing {
    account: Option<Full>,
    source: Option<Full>,
    /// The source has no other wrong try in this window, and the account had not too many: a proof opens it.
    opens: bool,
    in_a_row: Option<Full>,
    everywhere: Option<Full>,
}

impl Standing {
    fn admit(self, proof: Proof) -> Result<(), AccountError> {
        let opened = proof == Proof::Good && self.opens;
        if let Some(full) = self.account.filter(|_| !opened).or(self.source) {
            return Err(AccountError::Held(full));
        }
        match (self.in_a_row.or(self.everywhere), proof) {
            (None, _) | (_, Proof::Good) => Ok(()),
            (Some(_), Proof::Missing) => Err(AccountError::WorkNeeded),
            (Some(full), Proof::Unasked) => Err(AccountError::Held(full)),
        }
    }
}

impl Attempt {
    /// Counts a try of somebody who is signed in, or has a link of ours, or refuses it because too many were wrong (A1, A3).
    /// No proof of work is taken here: whoever used the row up signs in with one, or recovers.
    pub async fn begin(app: &App, user: Option<&User>, folded: &str, source: &str) -> Result<Attempt, AccountError> {
        let attempt = Attempt::of(app, user.map(|user| user.id), folded, source);
        let mut tx = app.db.begin().await?;
        attempt.count(&mut tx, app.now()).await?.admit(Proof::Unasked)?;
        tx.commit().await?;
        Ok(attempt)
    }

    /// The same at the way in, where a proof of work may be asked for and opens an account that is held (A5). Known and
    /// invented accounts alike.
    pub async fn begin_sign_in(
        app: &App,
        user: Option<&User>,
        folded: &str,
        source: &str,
        done: Option<&str>,
    ) -> Result<Attempt, AccountError> {
        let proof = match work::spend(app, Flow::SignIn, done).await {
            Ok(()) if app.config.accounts.work_max_number == 0 => Proof::Unasked,
            Ok(()) => Proof::Good,
            Err(AccountError::WorkNeeded) => Proof::Missing,
            Err(failed) => return Err(failed),
        };
        let attempt = Attempt::of(app, user.map(|user| user.id), folded, source);
        let now = app.now();
        let mut tx = app.db.begin().await?;
        let standing = attempt.count(&mut tx, now).await?;
        let count = attempt.everywhere.find(&mut tx, now).await?;
        let everywhere = attempt.everywhere.held(count, now).map(|retry_after_seconds| Full { retry_after_seconds });
        Standing { everywhere, ..standing }.admit(proof)?;
        tx.commit().await?;
        Ok(attempt)
    }

    fn of(app: &App, user: Option<UserId>, folded: &str, source: &str) -> Attempt {
        let settings = &app.config.accounts;
        let window_seconds = settings.wrong_window_minutes * 60;
        // Mail address, user name and RFC of one account count as one.
        let account = user.map_or_else(|| format!("name|{folded}"), |id| format!("user|{id}"));
        let counter =
            |kind, subject: &str, limit| Counter { kind, subject: counters::subject(subject), limit, window_seconds };
        let in_a_row = counter(IN_A_ROW, &account, settings.wrong_in_a_row);
        Attempt {
            account: counter("sign_in_account", &account, settings.wrong_per_account),
            source: counter("sign_in_source", source, settings.wrong_per_source),
            in_a_row: Counter { window_seconds: ENDLESS_SECONDS, ..in_a_row },
            everywhere: counter("sign_in_everywhere", "", settings.wrong_globally),
        }
    }

    async fn count(&self, tx: &mut Tx, now: Timestamp) -> DbResult<Standing> {
        let account = self.account.hit(tx, now).await?;
        let source = self.source.hit(tx, now).await?;
        let in_a_row = self.in_a_row.hit(tx, now).await?;
        // Without a proof of work only a recovery ends it; whoever waits a window may find it done.
        let again = Full { retry_after_seconds: self.account.window_seconds };
        Ok(Standing {
            account: self.account.over(account, now),
            source: self.source.over(source, now),
            opens: source.hits == 1 && account.hits <= self.account.limit.saturating_mul(OPENED_TIMES),
            in_a_row: self.in_a_row.over(in_a_row, now).map(|_endless| again),
            everywhere: None,
        })
    }

    /// It was right: the account begins anew, the source keeps its other wrong ones.
    pub async fn forgive(&self, tx: &mut Tx) -> DbResult<()> {
        self.account.clear(tx).await?;
        self.source.take_back(tx).await?;
        self.in_a_row.clear(tx).await
    }

    /// A sign-in was wrong. All of them share this row: it is written last, and right ones leave it alone.
    pub async fn tell_everywhere(&self, tx: &mut Tx, now: Timestamp) -> DbResult<()> {
        self.everywhere.hit(tx, now).await.map(drop)
    }

    async fn free(&self, tx: &mut Tx) -> DbResult<()> {
        self.account.clear(tx).await?;
        self.in_a_row.clear(tx).await
    }
}

/// Counts a first entry by an RFC as a wrong password is (A1, A3). A count of its own: it must neither hold the account's
/// sign-in nor tell whether there is one. No password is looked at, so none is wrong in a row.
pub(super) async fn count_entry(app: &App, rfc: &str, source: &str) -> Result<(), AccountError> {
    let attempt = Attempt::of(app, None, &format!("entry|{}", fold_user(rfc)), source);
    let now = app.now();
    let mut tx = app.db.begin().await?;
    for counter in [&attempt.account, &attempt.source] {
        counter.try_hit(&mut tx, now).await?.map_err(AccountError::Held)?;
    }
    Ok(tx.commit().await?)
}

/// Frees an account whose owner proved to be one by another way than its password.
pub(super) async fn free_account(tx: &mut Tx, app: &App, user: UserId) -> DbResult<()> {
    Attempt::of(app, Some(user), "", "").free(tx).await
}

/// Whether wrong passwords hold an account at this moment.
pub(super) async fn is_held(conn: &mut impl Conn, app: &App, user: UserId) -> DbResult<bool> {
    let (attempt, now) = (Attempt::of(app, Some(user), "", ""), app.now());
    let count = attempt.account.find(conn, now).await?;
    let in_a_row = attempt.in_a_row.find(conn, now).await?;
    let for_good = app.config.accounts.work_max_number == 0 && attempt.in_a_row.held(in_a_row, now).is_some();
    Ok(for_good || attempt.account.held(count, now).is_some())
}
