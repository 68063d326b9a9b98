//! The rehearsal's bank: pages of its own that play BBVA Multipagos, the Mastercard gateway, an account that takes
//! transfers and the Banco de México's rates, on the sandbox's listener.
//!
//! Promises: it charges only a form that was signed with its key, for the amount it was signed with; what its customer
//! decided is on disk before it is told, and a second decision about one order changes nothing; it signs answers as the
//! protocol says and shares no code with the adapter that reads them. Nothing typed into its pages is kept.
mod account;
mod gateway;
mod notify;
pub mod pages;
pub mod routes;
pub mod service;
mod store;

use shared::rehearsal::MagicValue;

pub use notify::Notifier;

/// What the rehearsal's page shows of the bank: its buttons.
pub fn magic_values() -> Vec<MagicValue> {
    service::Deed::ALL
        .into_iter()
        .map(|deed| {
            let (effect_es, effect_en) = deed.effect();
            MagicValue {
                field: "banco".to_owned(),
                value: deed.label().to_owned(),
                effect_es: effect_es.to_owned(),
                effect_en: effect_en.to_owned(),
            }
        })
        .collect()
}
