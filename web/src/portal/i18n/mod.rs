//! Every word of the portal's own pages, a section a file: one struct and its two values. The words that all programs
//! use are in `crate::i18n`; those of problems and wrong fields in `shared::problem_text`.
//!
//! A program carries every section of a value that it refers to: what the account's pages say too is a value apart.
pub mod access;
pub mod delivery;
pub mod documents;
pub mod home;
pub mod mailbox;
pub mod owed;
pub mod shared;
pub mod shell;
pub mod statements;
pub mod tiles;

use std::ops::Deref;

use ::shared::Lang;

use crate::signed::{enter, over};

/// What the portal and the pages of the account both say.
pub struct Common {
    pub lang: Lang,
    pub shell: shell::Shell,
    pub enter: enter::Access,
    pub over: over::Over,
}

/// The portal's words, and through them those of both.
pub struct Texts {
    common: &'static Common,
    pub access: access::Access,
    pub cit: access::Entrance,
    pub ticket: access::Entrance,
    pub canon: access::Entrance,
    pub home: home::Home,
    pub documents: documents::Documents,
    pub mailbox: mailbox::Mailbox,
    pub shared: shared::Shared,
}

impl Deref for Texts {
    type Target = Common;

    fn deref(&self) -> &Common {
        self.common
    }
}

/// In Spanish.
pub static COMMON_ES: Common = Common { lang: Lang::Es, shell: shell::ES, enter: enter::ES, over: over::ES };

/// In English.
pub static COMMON_EN: Common = Common { lang: Lang::En, shell: shell::EN, enter: enter::EN, over: over::EN };

static ES: Texts = Texts {
    common: &COMMON_ES,
    access: access::ES,
    cit: access::CIT_ES,
    ticket: access::TICKET_ES,
    canon: access::CANON_ES,
    home: home::ES,
    documents: documents::ES,
    mailbox: mailbox::ES,
    shared: shared::ES,
};

static EN: Texts = Texts {
    common: &COMMON_EN,
    access: access::EN,
    cit: access::CIT_EN,
    ticket: access::TICKET_EN,
    canon: access::CANON_EN,
    home: home::EN,
    documents: documents::EN,
    mailbox: mailbox::EN,
    shared: shared::EN,
};

/// The words of both programs in one language.
pub fn common(lang: Lang) -> &'static Common {
    match lang {
        Lang::Es => &COMMON_ES,
        Lang::En => &COMMON_EN,
    }
}

/// The portal's words in one language.
pub fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
