//! A search of documents, as the form shows it and as the address carries it. Texts are kept as they were typed until
//! they are sent: days as `dd/mm/aaaa`, in the address and on the wire as `YYYY-MM-DD`.
use shared::documents::{DocumentKind, DocumentQuery};
use shared::problem::FieldErrors;

use crate::format;
use crate::portal::api::documents::with_query;

/// The seven filters (C32 to C36), in the order of the form, and the one box above them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Field {
    From,
    To,
    Kind,
    Contract,
    Issuer,
    FolioFrom,
    FolioTo,
    Typed,
}

impl Field {
    /// All, in the order of the form.
    pub const ALL: [Field; 8] = [
        Field::From,
        Field::To,
        Field::Kind,
        Field::Contract,
        Field::Issuer,
        Field::FolioFrom,
        Field::FolioTo,
        Field::Typed,
    ];

    /// The id of its control, and its name in the address.
    pub const fn id(self) -> &'static str {
        match self {
            Field::From => "desde",
            Field::To => "hasta",
            Field::Kind => "tipo",
            Field::Contract => "contrato",
            Field::Issuer => "empresa",
            Field::FolioFrom => "folio-inicial",
            Field::FolioTo => "folio-final",
            Field::Typed => "buscar",
        }
    }

    /// How a problem of the API points at it.
    pub const fn pointer(self) -> &'static str {
        match self {
            Field::From => "?issued_from",
            Field::To => "?issued_to",
            Field::Kind => "?kind",
            Field::Contract => "?contract",
            Field::Issuer => "?issuer",
            Field::FolioFrom => "?folio_from",
            Field::FolioTo => "?folio_to",
            Field::Typed => "?typed",
        }
    }

    const fn is_day(self) -> bool {
        matches!(self, Field::From | Field::To)
    }

    /// Statements of account are found by these alone (C40).
    pub const fn finds_statements(self) -> bool {
        matches!(self, Field::From | Field::To | Field::Kind)
    }
}

const ORDER: &str = "orden";
/// Orders but the usual one: by total or not, the lower end first or not.
const ORDERS: [(&str, &str, bool, bool); 3] =
    [("antiguos", "oldest", false, true), ("mayores", "highest", true, false), ("menores", "lowest", true, true)];
const PAGE: &str = "pagina";
const CURSOR: &str = "cursor";

/// Filters, order and page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    texts: [String; 8],
    /// By total, and not by day.
    pub by_total: bool,
    /// The lower end first: the oldest, or the smallest.
    pub oldest: bool,
    /// From 1.
    pub page: u32,
    /// Where the page begins; empty for the first.
    pub cursor: String,
    /// Complementos de pago are found inside the invoice that they pay. It is the portal's to say, not the address's.
    pub inside: bool,
}

impl Default for Search {
    fn default() -> Search {
        let cursor = String::new();
        Search { texts: Default::default(), by_total: false, oldest: false, page: 1, cursor, inside: false }
    }
}

impl Search {
    /// What a filter holds.
    pub fn text(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    /// Fills a filter in.
    pub fn set(&mut self, field: Field, text: String) {
        self.texts[field as usize] = text;
    }

    /// Reads the query of an address; what it does not know it leaves out.
    pub fn read(query: &str) -> Search {
        let mut search = Search::default();
        for pair in query.trim_start_matches('?').split('&') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = decode(value);
            match Field::ALL.into_iter().find(|field| field.id() == name) {
                Some(field) if field.is_day() => search.set(field, shown_day(&value)),
                Some(field) => search.set(field, value),
                None if name == ORDER => {
                    let known = ORDERS.iter().find(|order| order.0 == value);
                    (search.by_total, search.oldest) = known.map(|order| (order.2, order.3)).unwrap_or_default();
                }
                None if name == PAGE => search.page = value.parse().unwrap_or(1).max(1),
                None if name == CURSOR => search.cursor = value,
                None => {}
            }
        }
        // A page has its beginning, or it is the first.
        if search.cursor.is_empty() || search.page == 1 {
            search.first_page();
        }
        search
    }

    /// The address of this search under a path.
    pub fn address(&self, path: &str) -> String {
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let values = Field::ALL.map(|field| (field.id(), self.sent(field)));
        let mut pairs: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.push((ORDER, self.order().map(|order| order.0).unwrap_or_default()));
        pairs.push((PAGE, &page));
        pairs.push((CURSOR, &self.cursor));
        with_query(path, &pairs)
    }

    /// What the API is asked, or every filter that is wrong.
    pub fn query(&self) -> Result<DocumentQuery, FieldErrors> {
        let value = |field: Field| Some(self.sent(field)).filter(|value| !value.is_empty());
        let query = DocumentQuery {
            issued_from: value(Field::From),
            issued_to: value(Field::To),
            kind: value(Field::Kind),
            contract: value(Field::Contract),
            issuer: value(Field::Issuer),
            folio_from: value(Field::FolioFrom),
            folio_to: value(Field::FolioTo),
            typed: value(Field::Typed),
            sort: self.order().map(|order| order.1.to_owned()),
            limit: None,
            cursor: Some(self.cursor.clone()).filter(|cursor| !cursor.is_empty()),
            totals: None,
            // Who asks for a kind, or types what they look for, finds it wherever it is.
            complementos: (self.inside && value(Field::Kind).is_none() && value(Field::Typed).is_none())
                .then_some(false),
        };
        query.parse().map(|_| query)
    }

    fn order(&self) -> Option<&'static (&'static str, &'static str, bool, bool)> {
        ORDERS.iter().find(|order| (order.2, order.3) == (self.by_total, self.oldest))
    }

    /// A filter's value as it is sent: nothing of one that is off.
    fn sent(&self, field: Field) -> String {
        let text = self.text(field).trim();
        match field {
            _ if self.is_off(field) => String::new(),
            _ if field.is_day() => format::civil(text).unwrap_or_else(|| text.to_owned()),
            _ => text.to_owned(),
        }
    }

    /// Only statements of account are looked for.
    pub fn statements(&self) -> bool {
        self.text(Field::Kind) == DocumentKind::EstadoDeCuenta.as_str()
    }

    /// The filter has no effect on what is looked for.
    pub fn is_off(&self, field: Field) -> bool {
        self.statements() && !field.finds_statements()
    }

    /// How many filters are in use.
    pub fn used(&self) -> usize {
        Field::ALL.into_iter().filter(|field| !self.sent(*field).is_empty()).count()
    }

    /// Puts what an address says into a form. What is off there says nothing of what was typed.
    pub fn take(&mut self, address: &Search) {
        for field in Field::ALL.into_iter().filter(|field| !address.is_off(*field)) {
            self.set(field, address.text(field).to_owned());
        }
        (self.by_total, self.oldest) = (address.by_total, address.oldest);
        (self.page, self.cursor) = (address.page, address.cursor.clone());
    }

    /// Writes the days as they are shown, where they are days.
    pub fn tidy(&mut self) {
        for field in [Field::From, Field::To] {
            let day = shown_day(self.text(field).trim());
            self.set(field, day);
        }
    }

    /// Notes where this page begins among those passed so far: of the second page at the first place. A place not
    /// passed is empty.
    pub fn leave_trail(&self, trail: &mut Vec<String>) {
        // Far beyond what anybody pages through; an address may name any number.
        const PAGES_MAX: u32 = 1_000;
        let passed = usize::try_from(self.page.min(PAGES_MAX) - 1).unwrap_or_default();
        trail.resize(passed, String::new());
        if let Some(last) = trail.last_mut() {
            last.clone_from(&self.cursor);
        }
    }

    /// Back to the first page.
    pub fn first_page(&mut self) {
        self.page = 1;
        self.cursor.clear();
    }

    /// The dates are those of this range.
    pub fn covers(&self, range: &(String, String)) -> bool {
        self.sent(Field::From) == range.0 && self.sent(Field::To) == range.1
    }

    /// Only the dates of a range (civil days), or none of them.
    pub fn set_range(&mut self, range: Option<&(String, String)>) {
        let (from, to) = range.map(|(from, to)| (format::day(from), format::day(to))).unwrap_or_default();
        self.set(Field::From, from);
        self.set(Field::To, to);
    }
}

/// Shortcuts to a range of days, by the browser's calendar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    ThisMonth,
    LastMonth,
    ThisYear,
}

impl Preset {
    /// In the order they stand.
    pub const ALL: [Preset; 3] = [Preset::ThisMonth, Preset::LastMonth, Preset::ThisYear];

    /// First and last civil day, seen from a month (1 to 12) of a year.
    pub fn range(self, year: u32, month: u32) -> (String, String) {
        match self {
            Preset::ThisMonth => format::month_days(year, month),
            Preset::LastMonth if month == 1 => format::month_days(year - 1, 12),
            Preset::LastMonth => format::month_days(year, month - 1),
            Preset::ThisYear => (format::month_days(year, 1).0, format::month_days(year, 12).1),
        }
    }
}

fn shown_day(text: &str) -> String {
    format::civil(text).map_or_else(|| text.to_owned(), |civil| format::day(&civil))
}

/// Undoes `%XX` and `+`; a broken sign stays as it is.
fn decode(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let hex = hex.and_then(|two| str::from_utf8(two).ok());
        match (first, hex.and_then(|two| u8::from_str_radix(two, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(*first),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use shared::problem::FieldCode;

    use super::*;

    fn search(pairs: &[(Field, &str)]) -> Search {
        let mut search = Search::default();
        for (field, text) in pairs {
            search.set(*field, (*text).to_owned());
        }
        search
    }

    #[test]
    fn nothing_filled_in_asks_for_everything() {
        let search = Search::read("");
        assert_eq!(search.query(), Ok(DocumentQuery::default()));
        assert_eq!((search.address("/consultas"), search.used()), ("/consultas".to_owned(), 0));
    }

    #[test]
    fn a_search_is_found_again_in_its_address() {
        let mut search = search(&[
            (Field::From, "01/10/2026"),
            (Field::To, "31/10/2026"),
            (Field::Kind, "factura"),
            (Field::Contract, "17-0942"),
            (Field::Issuer, "nandu"),
            (Field::FolioFrom, "FA-60300"),
            (Field::FolioTo, "ñ 5&6"),
        ]);
        (search.oldest, search.page, search.cursor) = (true, 3, "eyJ-_".to_owned());
        let address = search.address("/consultas");
        assert!(address.starts_with("/consultas?desde=2026-10-01&hasta=2026-10-31&tipo=factura&"), "{address}");
        assert_eq!(Search::read(address.trim_start_matches("/consultas")), search);
        assert_eq!(search.used(), 7);
    }

    #[test]
    fn a_page_without_its_beginning_is_the_first() {
        for query in ["?pagina=3", "?cursor=abc", "?pagina=0&cursor=abc", "?pagina=x&cursor=a"] {
            let search = Search::read(query);
            assert_eq!((search.page, search.cursor.as_str()), (1, ""), "{query}");
        }
    }

    #[test]
    fn the_trail_follows_the_pages() {
        let mut trail = Vec::new();
        let at = |page: u32, cursor: &str| Search { page, cursor: cursor.to_owned(), ..Search::default() };
        for (search, left) in [
            (at(2, "b"), vec!["b"]),
            (at(3, "c"), vec!["b", "c"]),
            (at(2, "b"), vec!["b"]),
            (at(1, ""), vec![]),
            (at(4, "d"), vec!["", "", "d"]),
        ] {
            search.leave_trail(&mut trail);
            assert_eq!(trail, left);
        }
        at(u32::MAX, "z").leave_trail(&mut trail);
        assert_eq!(trail.len(), 999);
    }

    #[test]
    fn what_a_sent_link_spoils_is_shown_and_told() {
        let search = Search::read("?desde=ayer&tipo=otra&%zz=1&hasta=%e2%82&orden=raro");
        assert_eq!(search.text(Field::From), "ayer");
        let errors = search.query().unwrap_err();
        assert_eq!(errors.of("?issued_from"), Some(FieldCode::Date));
        assert_eq!(errors.of("?kind"), Some(FieldCode::Shape));
    }

    #[test]
    fn statements_are_asked_by_date_and_keep_what_was_typed() {
        let mut form = search(&[(Field::Kind, "estado_de_cuenta"), (Field::Contract, "005300"), (Field::FolioTo, "9")]);
        assert_eq!(form.address("/consultas"), "/consultas?tipo=estado_de_cuenta");
        assert!(form.query().is_ok() && form.used() == 1);
        assert!(form.is_off(Field::Issuer) && !form.is_off(Field::To));
        form.take(&Search::read("?tipo=estado_de_cuenta&desde=2026-01-01"));
        assert_eq!((form.text(Field::Contract), form.text(Field::From)), ("005300", "01/01/2026"));
        form.take(&Search::read("?tipo=factura"));
        assert_eq!(form.text(Field::Contract), "");
    }

    #[test]
    fn complementos_inside_their_invoice_are_found_by_who_asks_for_them() {
        for (query, left_out) in
            [("", Some(false)), ("?desde=2026-01-01", Some(false)), ("?tipo=factura", None), ("?buscar=CP-1", None)]
        {
            let asked = Search { inside: true, ..Search::read(query) }.query().unwrap();
            assert_eq!(asked.complementos, left_out, "{query}");
            assert_eq!(Search::read(query).query().unwrap().complementos, None, "{query}");
        }
    }

    #[test]
    fn shortcuts_know_the_calendar() {
        let range = |preset: Preset, year, month| preset.range(year, month);
        let days = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        assert_eq!(range(Preset::ThisMonth, 2028, 2), days("2028-02-01", "2028-02-29"));
        assert_eq!(range(Preset::LastMonth, 2027, 1), days("2026-12-01", "2026-12-31"));
        assert_eq!(range(Preset::LastMonth, 2026, 11), days("2026-10-01", "2026-10-31"));
        assert_eq!(range(Preset::ThisYear, 2026, 11), days("2026-01-01", "2026-12-31"));
        let mut search = Search::default();
        search.set_range(Some(&range(Preset::ThisMonth, 2026, 11)));
        assert_eq!((search.text(Field::From), search.text(Field::To)), ("01/11/2026", "30/11/2026"));
        assert!(search.covers(&range(Preset::ThisMonth, 2026, 11)));
        search.set_range(None);
        assert_eq!(search, Search::default());
    }

    #[test]
    fn days_are_tidied_only_when_they_are_days() {
        let mut form = search(&[(Field::From, " 1/10/26 "), (Field::To, "mañana")]);
        form.tidy();
        assert_eq!((form.text(Field::From), form.text(Field::To)), ("01/10/2026", "mañana"));
    }
}
