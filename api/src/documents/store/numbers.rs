//! SQL of the numbers in a search box.
use shared::documents::Meaning;

use super::words::FEW;
use crate::db::{Conn, DbResult, on};

/// Whether it is found by the indexes of what it can be.
pub(super) fn is_number(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Number { .. } | Meaning::Reference { .. } | Meaning::Amount(_))
}

/// Which of the typed pieces is the first number that few of the receptor's documents have. A contract, an order and a
/// total may be those of thousands, which are met soon on the way through the list.
pub async fn choose_number(conn: &mut impl Conn, rfc: &str, typed: &[Meaning]) -> DbResult<Option<usize>> {
    for (at, meaning) in typed.iter().enumerate().filter(|(_, meaning)| is_number(meaning)) {
        if count(conn, rfc, meaning).await? <= FEW {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// How many of the receptor's documents have what a number can be of several, each up to a limit.
async fn count(conn: &mut impl Conn, rfc: &str, number: &Meaning) -> DbResult<i64> {
    let (folded, total, owed) = match number {
        Meaning::Number { folded, hundredths, .. } => (Some(folded), *hundredths, None),
        Meaning::Reference { folded, .. } => (Some(folded), None, None),
        Meaning::Amount(hundredths) => (None, Some(*hundredths), Some(-hundredths)),
        _ => return Ok(0),
    };
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM documents WHERE receptor_rfc = $1 AND contract_folded = $2 \
         LIMIT $5) AS of_contract) + (SELECT COUNT(*) FROM (SELECT 1 FROM documents WHERE receptor_rfc = $1 \
         AND purchase_order_folded = $2 LIMIT $5) AS of_order) + (SELECT COUNT(*) FROM (SELECT 1 FROM documents \
         WHERE receptor_rfc = $1 AND total_minor IN ($3, $4) LIMIT $5) AS of_total)",
    ).bind(rfc).bind(folded).bind(total).bind(owed).bind(FEW + 1).fetch_one(ex).await)?)
}
