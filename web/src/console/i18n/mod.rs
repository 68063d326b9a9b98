//! Every word of the console, a section a file: one struct and its two values. The words that all programs use are in
//! `crate::i18n`; those of problems and wrong fields in `shared::problem_text`.
pub mod customers;
pub mod documents;
pub mod integrators;
pub mod issuer;
pub mod log;
pub mod money;
pub mod payments;
pub mod people;
pub mod privacy;
pub mod rates;
pub mod security;
pub mod shell;
pub mod tills;

use shared::Lang;

use crate::signed::{acts, email, enter, factor, link, over};

/// All words in one language.
pub struct Texts {
    pub lang: Lang,
    pub shell: shell::Shell,
    pub enter: enter::Access,
    pub over: over::Over,
    pub acts: acts::Words,
    pub link: link::Link,
    pub factor: factor::Factor,
    pub email: email::Words,
    pub security: security::Security,
    pub people: people::People,
    pub customers: customers::Customers,
    pub documents: documents::Documents,
    pub money: money::Money,
    pub payments: payments::Payments,
    pub rates: rates::Rates,
    pub keys: integrators::Keys,
    pub tills: tills::Tills,
    pub hooks: integrators::Hooks,
    pub issuer: issuer::Issuer,
    pub privacy: privacy::Privacy,
}

static ES: Texts = Texts {
    lang: Lang::Es,
    shell: shell::ES,
    enter: enter::Access {
        title: "Entrar a la consola",
        lead: "Para quienes trabajan en la empresa. Después de la contraseña se pide un código.",
        user_hint: "",
        ..enter::ES
    },
    over: over::ES,
    acts: acts::ES,
    link: link::ES,
    factor: factor::ES,
    email: email::ES,
    security: security::ES,
    people: people::ES,
    customers: customers::ES,
    documents: documents::ES,
    money: money::ES,
    payments: payments::ES,
    rates: rates::ES,
    keys: integrators::KEYS_ES,
    tills: tills::ES,
    hooks: integrators::HOOKS_ES,
    issuer: issuer::ES,
    privacy: privacy::ES,
};

static EN: Texts = Texts {
    lang: Lang::En,
    shell: shell::EN,
    enter: enter::Access {
        title: "Sign in to the console",
        lead: "For those who work for the company. After the password a code is asked for.",
        user_hint: "",
        ..enter::EN
    },
    over: over::EN,
    acts: acts::EN,
    link: link::EN,
    factor: factor::EN,
    email: email::EN,
    security: security::EN,
    people: people::EN,
    customers: customers::EN,
    documents: documents::EN,
    money: money::EN,
    payments: payments::EN,
    rates: rates::EN,
    keys: integrators::KEYS_EN,
    tills: tills::EN,
    hooks: integrators::HOOKS_EN,
    issuer: issuer::EN,
    privacy: privacy::EN,
};

/// The words in one language.
pub fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
