//! Wrong codes: how many, and when that is too many.
//!
//! Nobody comes to a code but with the right password, or signed in: so a stranger can hold nobody's second step, and the
//! counts are the person's alone. Two of them: within a window, for minutes; and in a row without end, for a day after each
//! wrong one from then on, since whoever knows the password would otherwise try hundreds a day for as long as they like.
//! Recovery codes are not in the row: they are the owner's way out, and too long to guess.
use super::{AccountError, CODE_DIGITS};
use crate::App;
use crate::accounts::attempts::ENDLESS_SECONDS;
use crate::accounts::model::UserId;
use crate::counters::{self, Counter};
use crate::db::{Conn, DbResult, Timestamp, Tx};

/// The counter of a person's wrong codes in a row.
pub const IN_A_ROW: &str = "second_step_in_a_row";
/// How long the second step rests after each wrong one past the row.
const DAY_SECONDS: i64 = 86_400;

/// A person's counts.
pub(super) struct Tries {
    window: Counter,
    in_a_row: Counter,
    rest: Counter,
}

impl Tries {
    pub fn of(app: &App, user: UserId) -> Tries {
        let (settings, subject) = (&app.config.accounts, counters::subject(&user.to_string()));
        let counter = |kind, limit, window_seconds| Counter { kind, subject: subject.clone(), limit, window_seconds };
        Tries {
            window: counter("second_step", settings.wrong_per_account, settings.wrong_window_minutes * 60),
            in_a_row: counter(IN_A_ROW, settings.wrong_codes_in_a_row, ENDLESS_SECONDS),
            rest: counter("second_step_rest", 1, DAY_SECONDS),
        }
    }

    /// Counts a code as wrong beforehand, or refuses it. `true`: if it is wrong, the row is full with it.
    pub async fn count(&self, tx: &mut Tx, now: Timestamp, typed: &str) -> Result<bool, AccountError> {
        // Always the first row of these: two tries of one person wait for each other, and never crosswise.
        let window = self.window.try_hit(tx, now).await?;
        let mut fills = false;
        if typed.len() == CODE_DIGITS {
            let row = self.in_a_row.hit(tx, now).await?;
            if row.hits >= self.in_a_row.limit {
                self.rest.try_hit(tx, now).await?.map_err(AccountError::SecondStepHeld)?;
            }
            fills = row.hits == self.in_a_row.limit;
        }
        window.map_err(AccountError::Held)?;
        Ok(fills)
    }

    /// The same of a code that only shows that the caller's new app works: its secret was just shown to them.
    pub async fn count_first(&self, tx: &mut Tx, now: Timestamp) -> Result<(), AccountError> {
        self.window.try_hit(tx, now).await?.map_err(AccountError::Held)
    }

    /// A code was right, or somebody made sure of the person: all begins anew.
    pub async fn clear(&self, tx: &mut Tx) -> DbResult<()> {
        self.window.clear(tx).await?;
        self.in_a_row.clear(tx).await?;
        self.rest.clear(tx).await
    }

    /// Whether they hold the person at this moment.
    pub async fn is_held(&self, conn: &mut impl Conn, now: Timestamp) -> DbResult<bool> {
        for counter in [&self.window, &self.rest] {
            let count = counter.find(conn, now).await?;
            if counter.held(count, now).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
