//! Pages of a list: how many rows were asked for, and after which. A cursor is opaque to the client and holds a key
//! of the list's own order; it is not secret and gives no right, so a store still filters by owner.
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::page::{PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, Page, PageQuery};
use shared::{FieldCode, FieldErrors, ProblemCode};

use super::{ApiError, ApiResult};

/// Longest cursor that is decoded.
const CURSOR_MAX: usize = 512;

/// A page as the store needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest<C> {
    /// Rows wanted, 1 to 100. Ask for one more to know whether a next page exists.
    pub limit: u32,
    /// The last row of the page before.
    pub after: Option<C>,
}

/// Reads a list's query.
pub fn page<C: DeserializeOwned>(query: &PageQuery) -> ApiResult<PageRequest<C>> {
    let limit = query.limit.unwrap_or(PAGE_LIMIT_DEFAULT);
    if !(1..=PAGE_LIMIT_MAX).contains(&limit) {
        let mut errors = FieldErrors::default();
        errors.add("?limit", FieldCode::Shape);
        return Err(errors.into());
    }
    Ok(PageRequest { limit, after: query.cursor.as_deref().map(decode).transpose()? })
}

/// The cursor that stands for a row.
pub fn encode<C: Serialize>(row: &C) -> ApiResult<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(row).map_err(ApiError::internal)?))
}

fn decode<C: DeserializeOwned>(cursor: &str) -> ApiResult<C> {
    if cursor.len() > CURSOR_MAX {
        return Err(ApiError::new(ProblemCode::MalformedAddress));
    }
    let malformed =
        |source: Box<dyn std::error::Error + Send + Sync>| ApiError::because(ProblemCode::MalformedAddress, source);
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|error| malformed(error.into()))?;
    serde_json::from_slice(&bytes).map_err(|error| malformed(error.into()))
}

/// Makes a page of up to `limit + 1` rows: the one too many only says that there is a next page.
pub fn to_page<R, C: Serialize, T>(
    mut rows: Vec<R>,
    limit: u32,
    cursor: impl FnOnce(&R) -> C,
    view: impl FnMut(R) -> T,
) -> ApiResult<Page<T>> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = rows.last().filter(|_| more).map(|last| encode(&cursor(last))).transpose()?;
    Ok(Page { data: rows.into_iter().map(view).collect(), next_cursor })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
    struct Key {
        name: String,
        id: u32,
    }

    fn query(limit: Option<u32>, cursor: Option<&str>) -> PageQuery {
        PageQuery { limit, cursor: cursor.map(str::to_owned) }
    }

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let key = Key { name: "Peñón/ 7".into(), id: 9 };
        let cursor = encode(&key).unwrap();
        assert!(cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
        assert_eq!(
            page::<Key>(&query(Some(100), Some(&cursor))).unwrap(),
            PageRequest { limit: 100, after: Some(key) }
        );
    }

    #[test]
    fn a_strange_cursor_is_a_malformed_address() {
        for cursor in ["", "*", "e30", "bnVsbA", &"A".repeat(513)] {
            let error = page::<Key>(&query(None, Some(cursor))).unwrap_err();
            assert_eq!(error.problem().code, ProblemCode::MalformedAddress, "{cursor}");
        }
    }

    #[test]
    fn a_page_has_one_to_a_hundred_rows() {
        for limit in [0, 101, u32::MAX] {
            let error = page::<Key>(&query(Some(limit), None)).unwrap_err();
            assert_eq!(error.problem().errors[0].pointer, "?limit");
        }
        assert_eq!(page::<Key>(&query(None, None)).unwrap().limit, PAGE_LIMIT_DEFAULT);
    }

    #[test]
    fn the_row_too_many_only_says_that_there_are_more() {
        let full = to_page(vec![1, 2, 3], 2, |last| *last, |row| row * 10).unwrap();
        assert_eq!((full.data, full.next_cursor), (vec![10, 20], Some(encode(&2).unwrap())));
        let last = to_page(vec![1, 2], 2, |last| *last, |row| row * 10).unwrap();
        assert_eq!((last.data, last.next_cursor), (vec![10, 20], None));
    }
}
