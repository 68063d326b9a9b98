//! The console: the program of the people who work for an issuer. They come in with password and code, choose the
//! issuer they work for, and see of it what their role lets them.
//!
//! It promises what the portal does of sessions, that an act which cannot be taken back is asked about first, and that a
//! secret is shown once, where it was made. It decides nothing: what a role may do is the server's to say, and entries
//! that would only be refused are not shown.
pub mod api;
pub mod app;
pub mod i18n;
pub mod list;
pub mod pages;
pub mod session;
pub mod shell;

/// Puts the console in place of what `console.html` shows while it loads.
pub fn start() {
    crate::start_with(|| app::console(pages::view), shared::problem_text::problem);
}

/// Puts the payments' part of the console in place of what `treasury.html` shows while it loads: a program of its own,
/// since most who work here never open it.
pub fn start_treasury() {
    crate::start_with(|| app::console(pages::payments::view), shared::problem_text::problem);
}
