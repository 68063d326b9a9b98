//! The ticks of a list: with Shift, all rows between the last one pressed and this become as this.
use leptos::ev::MouseEvent;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

/// What a press of a checkbox does, with the box and whether Shift was down: Space counts as a press.
pub fn pressed(act: impl Fn(&HtmlInputElement, bool) + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |event| {
        if let Some(input) = event.target().and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) {
            act(&input, event.shift_key());
        }
    })
}

/// The rows from one to another, whichever comes first; the second alone when the first is not there.
pub fn between<T>(rows: &[T], id: impl Fn(&T) -> Uuid, from: Uuid, to: Uuid) -> &[T] {
    let place = |wanted: Uuid| rows.iter().position(|row| id(row) == wanted);
    let Some(to) = place(to) else { return &[] };
    let from = place(from).unwrap_or(to);
    rows.get(from.min(to)..=from.max(to)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_same_from_either_end() {
        let rows = [1, 2, 3, 4].map(Uuid::from_u128);
        let range = |from: u128, to: u128| between(&rows, |id| *id, Uuid::from_u128(from), Uuid::from_u128(to));
        assert_eq!(range(2, 4), &rows[1..]);
        assert_eq!(range(4, 2), &rows[1..]);
        assert_eq!(range(3, 3), &rows[2..3]);
        // The last one pressed stands on another page.
        assert_eq!(range(9, 2), &rows[1..2]);
        assert!(range(2, 9).is_empty());
    }
}
