//! Every word of the portal's own pages, a section a file: one struct and its two values. The words that both programs
//! use are in `crate::i18n`; those of problems and wrong fields in `shared::problem_text`.
pub mod access;
pub mod account;
pub mod documents;
pub mod home;
pub mod payments;
pub mod shell;

use shared::Lang;

/// All words in one language.
pub struct Texts {
    pub lang: Lang,
    pub shell: shell::Shell,
    pub access: access::Access,
    pub account: account::Account,
    pub home: home::Home,
    pub documents: documents::Documents,
    pub payments: payments::Payments,
}

static ES: Texts = Texts {
    lang: Lang::Es,
    shell: shell::ES,
    access: access::ES,
    account: account::ES,
    home: home::ES,
    documents: documents::ES,
    payments: payments::ES,
};

static EN: Texts = Texts {
    lang: Lang::En,
    shell: shell::EN,
    access: access::EN,
    account: account::EN,
    home: home::EN,
    documents: documents::EN,
    payments: payments::EN,
};

/// The words in one language.
pub fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
