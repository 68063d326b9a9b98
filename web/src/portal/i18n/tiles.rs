//! The words of the four figures of what is owed, on Inicio and on Saldos: those of Saldos, and of them no others, so that
//! the portal does not carry the payments' words.
use shared::Lang;

use crate::payments::words::balances::{self, Balances};
use crate::portal::session::Px;

/// The words.
pub struct Tiles {
    pub due_soon: &'static str,
    pub in_transit: &'static str,
    pub in_transit_more: &'static str,
    pub invoices: &'static str,
    pub invoices_one: &'static str,
    pub open: &'static str,
    pub open_one: &'static str,
    pub overdue: &'static str,
    pub overdue_many: &'static str,
    pub overdue_one: &'static str,
    pub overdue_sum: &'static str,
    pub owed: &'static str,
    pub pay_all: &'static str,
    pub see: &'static str,
}

const fn of(all: &Balances) -> Tiles {
    Tiles {
        due_soon: all.due_soon,
        in_transit: all.in_transit,
        in_transit_more: all.in_transit_more,
        invoices: all.invoices,
        invoices_one: all.invoices_one,
        open: all.open,
        open_one: all.open_one,
        overdue: all.overdue,
        overdue_many: all.overdue_many,
        overdue_one: all.overdue_one,
        overdue_sum: all.overdue_sum,
        owed: all.owed,
        pay_all: all.pay_all,
        see: all.see,
    }
}

static ES: Tiles = of(&balances::ES);
static EN: Tiles = of(&balances::EN);

/// The words in force, not tracked.
pub fn words(px: Px) -> &'static Tiles {
    match px.common().lang {
        Lang::Es => &ES,
        Lang::En => &EN,
    }
}
