//! SQL of people, sessions and links, a file for each.
pub(super) mod console;
pub(super) mod contracts;
pub(super) mod externals;
pub(super) mod factors;
pub(super) mod first_entries;
pub(super) mod invitations;
pub(super) mod links;
pub(super) mod mailboxes;
pub(super) mod members;
pub(super) mod passkeys;
pub(super) mod people;
pub(super) mod privacy;
pub(super) mod sessions;
pub(super) mod staff;
pub(super) mod temporaries;
pub(super) mod work;

use crate::db::DbError;

/// A row that our own types refuse: somebody wrote it by hand, or it is damaged.
fn unreadable<E: std::error::Error + Send + Sync + 'static>(error: E) -> DbError {
    sqlx::Error::Decode(Box::new(error)).into()
}
