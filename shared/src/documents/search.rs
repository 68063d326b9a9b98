//! The search form: what may be typed, and what it means.
use serde::{Deserialize, Serialize};

use super::DocumentKind;
use super::typed::read_typed;
use crate::accounts::{CONTRACT_MAX, fold_contract};
use crate::page::PAGE_LIMIT_MAX;
use crate::problem::{FieldCode, FieldErrors};

/// Longest folio that is read, in characters: twice Anexo 20's forty, for serie and folio together.
pub const FOLIO_MAX: usize = 80;

/// In which order a list stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentSort {
    /// By civil day of issue, the newest first.
    #[default]
    Newest,
    /// By civil day of issue, the oldest first.
    Oldest,
    /// By total, the highest first.
    Highest,
    /// By total, the lowest first.
    Lowest,
}

impl DocumentSort {
    /// All.
    pub const ALL: [DocumentSort; 4] =
        [DocumentSort::Newest, DocumentSort::Oldest, DocumentSort::Highest, DocumentSort::Lowest];

    /// The value on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            DocumentSort::Newest => "newest",
            DocumentSort::Oldest => "oldest",
            DocumentSort::Highest => "highest",
            DocumentSort::Lowest => "lowest",
        }
    }
}

/// What a list of documents accepts in its query. Every filter is optional, an empty one is none, all combine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams, utoipa::ToSchema), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct DocumentQuery {
    /// First civil day, `YYYY-MM-DD`, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_from: Option<String>,
    /// Last civil day, `YYYY-MM-DD`, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_to: Option<String>,
    /// One kind: `factura`, `nota_de_credito`, `complemento_de_pago`, `recibo`, `estado_de_cuenta`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Number of one contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Short name of one issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// First folio, included: `60300`, or with its serie `FA-60300`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_from: Option<String>,
    /// Last folio, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folio_to: Option<String>,
    /// The one search box: folio, total, month, contract, purchase order, a piece of the folio fiscal, words; a space
    /// between two of them asks for both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// `newest` (default), `oldest`, `highest` or `lowest` (by total).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// Rows wanted, 1 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before; it belongs to the same filters and order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// `false` when what all results come to is known already, as it is on every page and in every order after the
    /// first: they are not counted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<bool>,
    /// `false` leaves complementos de pago out, for who finds them inside the invoice that they pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complementos: Option<bool>,
}

/// [`DocumentQuery`] that is well formed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// First civil day.
    pub issued_from: Option<String>,
    /// Last civil day.
    pub issued_to: Option<String>,
    /// One kind.
    pub kind: Option<DocumentKind>,
    /// One contract, folded for comparison: see [`fold_contract`].
    pub contract: Option<String>,
    /// One issuer's short name.
    pub issuer: Option<String>,
    /// The serie named with either folio.
    pub serie: Option<String>,
    /// First folio, as a number.
    pub folio_from: Option<i64>,
    /// Last folio, as a number.
    pub folio_to: Option<i64>,
    /// What stands in the search box: see [`read_typed`].
    pub typed: Option<String>,
    /// The order.
    pub sort: DocumentSort,
    /// Complementos de pago are left out.
    pub without_complementos: bool,
}

/// What was typed, without the spaces around it; nothing typed is no filter.
fn typed(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// `YYYY-MM-DD` of a day that exists.
pub(super) fn is_civil_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let shaped = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() });
    let (Some(year), Some(month), Some(day)) = (digits(0, 4), digits(5, 7), digits(8, 10)) else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return false,
    };
    shaped && year > 0 && (1..=days).contains(&day)
}

/// `FA-60300`, `FA60300` or `60300`: the serie, upper case, and the number. A serie that ends in a digit needs its
/// hyphen: `T2-15`.
pub(super) fn folio(text: &str) -> Result<(Option<String>, i64), FieldCode> {
    if text.chars().count() > FOLIO_MAX {
        return Err(FieldCode::TooLong);
    }
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = text.get(head.len()..).and_then(|digits| digits.parse().ok()).ok_or(FieldCode::Folio)?;
    let serie = head.strip_suffix('-').unwrap_or(head);
    if head == "-" || !serie.chars().all(|c| c.is_alphanumeric() || c == '-') {
        return Err(FieldCode::Folio);
    }
    Ok(((!serie.is_empty()).then(|| serie.to_uppercase()), number))
}

impl DocumentQuery {
    /// The filters, or every one that is wrong. `limit`, `cursor` and `totals` are the list's own to read.
    pub fn parse(&self) -> Result<DocumentFilter, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut filter = DocumentFilter {
            issued_from: day("?issued_from", self.issued_from.as_ref(), &mut errors),
            issued_to: day("?issued_to", self.issued_to.as_ref(), &mut errors),
            issuer: typed(self.issuer.as_ref()).map(str::to_owned),
            without_complementos: self.complementos == Some(false),
            ..DocumentFilter::default()
        };
        if filter.issued_from.is_some() && filter.issued_to.is_some() && filter.issued_from > filter.issued_to {
            errors.add("?issued_to", FieldCode::Range);
        }
        if let Some(kind) = typed(self.kind.as_ref()) {
            filter.kind = DocumentKind::parse(kind);
            if filter.kind.is_none() {
                errors.add("?kind", FieldCode::Shape);
            }
        }
        if let Some(contract) = typed(self.contract.as_ref()) {
            if contract.chars().count() > CONTRACT_MAX {
                errors.add("?contract", FieldCode::TooLong);
            }
            filter.contract = Some(fold_contract(contract));
        }
        self.folios(&mut filter, &mut errors);
        if let Some(sort) = typed(self.sort.as_ref()) {
            match DocumentSort::ALL.into_iter().find(|known| known.as_str() == sort) {
                Some(known) => filter.sort = known,
                None => errors.add("?sort", FieldCode::Shape),
            }
        }
        if let Some(text) = typed(self.typed.as_ref()) {
            // Which October a bare "oct" means is the server's to say; whether the box can be read is not.
            match read_typed(text, "") {
                Ok(_) => filter.typed = Some(text.to_owned()),
                Err(code) => errors.add("?typed", code),
            }
        }
        if filter.kind == Some(DocumentKind::EstadoDeCuenta) {
            self.dates_only(&mut errors);
        }
        if self.limit.is_some_and(|limit| !(1..=PAGE_LIMIT_MAX).contains(&limit)) {
            errors.add("?limit", FieldCode::Shape);
        }
        if errors.is_empty() { Ok(filter) } else { Err(errors) }
    }

    fn folios(&self, filter: &mut DocumentFilter, errors: &mut FieldErrors) {
        let mut series = Vec::new();
        for (pointer, text, number) in [
            ("?folio_from", &self.folio_from, &mut filter.folio_from),
            ("?folio_to", &self.folio_to, &mut filter.folio_to),
        ] {
            match typed(text.as_ref()).map(folio).transpose() {
                Ok(Some((serie, folio))) => {
                    *number = Some(folio);
                    series.extend(serie);
                }
                Ok(None) => {}
                Err(code) => errors.add(pointer, code),
            }
        }
        let one_serie = series.first() == series.last();
        let upside_down = matches!((filter.folio_from, filter.folio_to), (Some(from), Some(to)) if from > to);
        if !one_serie || upside_down {
            errors.add("?folio_to", FieldCode::Range);
        }
        filter.serie = series.pop();
    }

    /// For statements of account only the two dates can be used (C40).
    fn dates_only(&self, errors: &mut FieldErrors) {
        for (pointer, text) in [
            ("?contract", &self.contract),
            ("?issuer", &self.issuer),
            ("?folio_from", &self.folio_from),
            ("?folio_to", &self.folio_to),
            ("?typed", &self.typed),
        ] {
            if typed(text.as_ref()).is_some() && errors.of(pointer).is_none() {
                errors.add(pointer, FieldCode::DatesOnly);
            }
        }
    }
}

fn day(pointer: &str, text: Option<&String>, errors: &mut FieldErrors) -> Option<String> {
    let text = typed(text)?;
    if !is_civil_day(text) {
        errors.add(pointer, FieldCode::Date);
        return None;
    }
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> DocumentQuery {
        let object = pairs.iter().map(|(name, value)| ((*name).to_owned(), serde_json::json!(value))).collect();
        serde_json::from_value(serde_json::Value::Object(object)).unwrap()
    }

    fn faults(pairs: &[(&str, &str)]) -> Vec<(String, FieldCode)> {
        let errors = query(pairs).parse().expect_err("something is wrong");
        errors.0.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn nothing_typed_is_no_filter() {
        assert_eq!(query(&[]).parse(), Ok(DocumentFilter::default()));
        let empty = ["issued_from", "issued_to", "kind", "contract", "issuer", "folio_from", "folio_to", "sort"];
        assert_eq!(query(&empty.map(|name| (name, " "))).parse(), Ok(DocumentFilter::default()));
    }

    #[test]
    fn a_folio_is_a_number_and_perhaps_a_serie() {
        for (typed, serie, number) in [
            ("60300", None, 60_300),
            ("0007", None, 7),
            ("FA-60300", Some("FA"), 60_300),
            ("fa60300", Some("FA"), 60_300),
            ("T2-15", Some("T2"), 15),
            ("FA-B-9", Some("FA-B"), 9),
            ("ñ-1", Some("Ñ"), 1),
        ] {
            assert_eq!(folio(typed), Ok((serie.map(str::to_owned), number)), "{typed}");
        }
        for typed in ["FA", "-", "-5", "F/A-1", "FA-1-", "99999999999999999999", "FA 60300"] {
            assert_eq!(folio(typed), Err(FieldCode::Folio), "{typed}");
        }
        assert_eq!(folio(&"1".repeat(81)), Err(FieldCode::TooLong));
    }

    #[test]
    fn one_serie_serves_both_ends() {
        let filter = query(&[("folio_from", "FA-60300"), ("folio_to", "60400")]).parse().unwrap();
        assert_eq!(
            (filter.serie.as_deref(), filter.folio_from, filter.folio_to),
            (Some("FA"), Some(60_300), Some(60_400))
        );
        let open = query(&[("folio_to", "60400")]).parse().unwrap();
        assert_eq!((open.serie, open.folio_from, open.folio_to), (None, None, Some(60_400)));
        let range = vec![("?folio_to".to_owned(), FieldCode::Range)];
        assert_eq!(faults(&[("folio_from", "FA-1"), ("folio_to", "FB-2")]), range);
        assert_eq!(faults(&[("folio_from", "9"), ("folio_to", "8")]), range);
    }

    #[test]
    fn days_exist_and_stand_in_order() {
        for day in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "0000-01-01",
            "17/11/2026",
            "2026-1-1",
            "２０２６-01-01",
        ] {
            assert_eq!(faults(&[("issued_from", day)]), [("?issued_from".to_owned(), FieldCode::Date)], "{day}");
        }
        assert!(query(&[("issued_from", "2024-02-29"), ("issued_to", "2024-02-29")]).parse().is_ok());
        let upside_down = faults(&[("issued_from", "2026-11-02"), ("issued_to", "2026-11-01")]);
        assert_eq!(upside_down, [("?issued_to".to_owned(), FieldCode::Range)]);
    }

    #[test]
    fn a_statement_is_found_by_date_alone() {
        let all =
            [("kind", "estado_de_cuenta"), ("contract", "1"), ("issuer", "a"), ("folio_from", "1"), ("folio_to", "2")];
        let named: Vec<String> = faults(&all).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(named, ["?contract", "?issuer", "?folio_from", "?folio_to"]);
        assert!(faults(&all).iter().all(|(_, code)| *code == FieldCode::DatesOnly));
        assert!(
            query(&[("kind", "estado_de_cuenta"), ("issued_from", "2026-01-01"), ("sort", "oldest")]).parse().is_ok()
        );
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let all = [("issued_from", "x"), ("kind", "y"), ("folio_from", "z"), ("sort", "w")];
        assert_eq!(faults(&all).len(), 4);
    }
}
