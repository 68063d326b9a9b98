//! Taking a list to a spreadsheet.
use leptos::prelude::*;

use crate::api::{Answer, ApiFailure};
use crate::components::button;
use crate::payments::words::texts;
use crate::portal::session::Px;

/// A button that has a table saved. Why one did not come is put where the page shows it.
pub fn table<F>(
    px: Px,
    (class, words): (&'static str, &'static str),
    trouble: RwSignal<Option<ApiFailure>>,
    ask: impl Fn() -> F + Send + 'static,
) -> AnyView
where
    F: Future<Output = Answer<()>> + 'static,
{
    let busy = RwSignal::new(false);
    let take = move || {
        busy.set(true);
        trouble.set(None);
        let answer = ask();
        leptos::task::spawn_local(async move {
            let answer = answer.await;
            // The page may be gone by now.
            busy.try_set(false);
            if let Err(failure) = answer {
                trouble.try_set(Some(failure));
            }
        });
    };
    button::act_busy(class, words, busy.into(), texts(px).history.taking, take)
}
