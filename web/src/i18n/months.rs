//! The months' names and which are offered, for the programs that offer months: the guest's does not carry them.

/// In Spanish.
pub const ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];

/// In English.
pub const EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Months on offer; an address may name any other.
const OFFERED: u32 = 36;

/// The name of a month, 1 to 12.
pub fn name(names: &[&'static str; 12], month: u32) -> &'static str {
    let place = usize::try_from(month).unwrap_or_default().saturating_sub(1);
    names.get(place).copied().unwrap_or_default()
}

/// Months on offer, the present one first.
pub fn before((year, month): (u32, u32)) -> impl Iterator<Item = (u32, u32)> {
    let now = year * 12 + month.saturating_sub(1);
    (0..OFFERED).filter_map(move |ago| now.checked_sub(ago)).map(|month| (month / 12, month % 12 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_months_on_offer_go_back_over_the_new_year() {
        let months: Vec<(u32, u32)> = before((2027, 2)).collect();
        assert_eq!(&months[..4], [(2027, 2), (2027, 1), (2026, 12), (2026, 11)]);
        assert_eq!((months.len(), months.last()), (36, Some(&(2024, 3))));
        assert_eq!((name(&ES, 1), name(&ES, 12), name(&ES, 0)), ("enero", "diciembre", "enero"));
    }
}
