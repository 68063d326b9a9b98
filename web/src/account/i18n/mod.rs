//! Every word of the account's own pages, a section a file: one struct and its two values.
pub mod account;
pub mod company;
pub mod join;
pub mod people;
pub mod privacy;
pub mod profiles;

use std::ops::Deref;

use shared::Lang;

use crate::portal::i18n::{COMMON_EN, COMMON_ES, Common};
use crate::portal::session::Px;
use crate::signed::{acts, email, factor, link};

/// The account's words, and through them those that the portal says too.
pub struct Texts {
    common: &'static Common,
    pub join: join::Join,
    pub link: link::Link,
    pub factor: factor::Factor,
    pub email: email::Words,
    pub acts: acts::Words,
    pub account: account::Account,
    pub company: company::Company,
    pub people: people::People,
    pub privacy: privacy::Privacy,
    pub profiles: profiles::Profiles,
}

impl Deref for Texts {
    type Target = Common;

    fn deref(&self) -> &Common {
        self.common
    }
}

static ES: Texts = Texts {
    common: &COMMON_ES,
    join: join::ES,
    link: link::ES,
    factor: factor::ES,
    email: email::ES,
    acts: acts::ES,
    account: account::ES,
    company: company::ES,
    people: people::ES,
    privacy: privacy::ES,
    profiles: profiles::ES,
};

static EN: Texts = Texts {
    common: &COMMON_EN,
    join: join::EN,
    link: link::EN,
    factor: factor::EN,
    email: email::EN,
    acts: acts::EN,
    account: account::EN,
    company: company::EN,
    people: people::EN,
    privacy: privacy::EN,
    profiles: profiles::EN,
};

/// The words in force, not tracked. Those that all programs say are `px.cx.t()`.
pub fn texts(px: Px) -> &'static Texts {
    match px.common().lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
