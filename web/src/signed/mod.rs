//! What every program of signed-in people shares: the session, forms, the way in with its second step, and the dialog
//! over a page whose session ended. Whose session it is, and which pages there are, each program says.
//!
//! It promises that the access token stays in memory, that a renewal happens once however many wait for it, and that an
//! expired session takes nothing typed or chosen away.
pub mod acts;
pub mod client;
pub mod desk;
pub mod email;
pub mod enter;
mod entering;
pub mod factor;
pub mod form;
pub mod link;
pub mod list;
pub mod mailbox;
pub mod meaning;
pub mod over;
pub mod passkey;
pub mod password;
mod proof;
pub mod send;
