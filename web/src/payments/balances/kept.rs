//! Where a person's ticks are kept: in the browser's tab, by person and customer, so that nobody meets another's.
use crate::browser::{self, Shelf};
use crate::payments::balances::picks::Picks;
use crate::portal::session::Px;

const PICKS: &str = "ventanilla.saldos.";

fn name(px: Px) -> Option<String> {
    let me = px.me_untracked()?;
    Some([PICKS, &me.user_id.to_string(), ".", &me.customer.id.to_string()].concat())
}

/// What the person has ticked.
pub fn read(px: Px) -> Picks {
    let kept = name(px).and_then(|name| browser::kept(Shelf::Session, &name));
    Picks::read(kept.as_deref())
}

/// Keeps it at once: the next thing may be another site.
pub fn keep(px: Px, picks: &Picks) {
    if let Some(name) = name(px) {
        browser::keep(Shelf::Session, &name, picks.written().as_deref());
    }
}

/// Changes what is kept from a page that does not show it.
pub fn change<T>(px: Px, change: impl FnOnce(&mut Picks) -> T) -> T {
    let mut picks = read(px);
    let done = change(&mut picks);
    keep(px, &picks);
    done
}
