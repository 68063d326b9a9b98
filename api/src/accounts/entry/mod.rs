//! The ways in that only some issuers' profiles have, over HTTP: what they do is in [`super::temporaries`] and
//! [`super::first_entries`]. Signing in itself is not here.
pub(super) mod routes;
