//! Finding a receptor's documents. Optional filters are pushed one by one: a query that asks "or is it null" of each
//! filter takes forty times as long on SQLite.
use shared::documents::{DocumentFilter, DocumentKind, DocumentSort, Meaning};
use uuid::Uuid;

use crate::db::{Conn, DbResult, Engine, Timestamp, on};
use crate::issuers::{IssuerId, Scope};

use super::super::model::DocumentId;
use super::numbers::is_number;
use super::words::{ByWords, bounds};

/// The generic RFC belong to nobody in particular.
macro_rules! of_receptor {
    () => {
        " AND receptor_rfc NOT IN ('XAXX010101000', 'XEXX010101000') AND receptor_rfc = "
    };
}

/// Whose documents these are; the RFC is bound after it. What was withdrawn is nobody's.
pub(super) const OF_RECEPTOR: &str = concat!(" AND withdrawn_at IS NULL", of_receptor!());
/// The same, and whose those are that were withdrawn: to tell what is gone from what is another's, and to name it to whom it
/// was shown; for nothing else.
pub(super) const OF_RECEPTOR_EVER: &str = of_receptor!();

/// A document in a list. The only place that knows the column names.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ListedRow {
    pub id: Uuid,
    pub issuer_id: Uuid,
    pub kind: String,
    pub state: String,
    pub serie: String,
    pub folio: String,
    pub folio_fiscal: Option<String>,
    pub receptor_rfc: String,
    pub receptor_nombre: String,
    pub contract: Option<String>,
    pub purchase_order: Option<String>,
    pub issued_at: Timestamp,
    pub issued_on: String,
    pub time_zone: String,
    pub total_minor: i64,
    pub currency: String,
}

pub(super) const SELECT: &str = "SELECT id, issuer_id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, \
     contract, purchase_order, issued_at, issued_on, time_zone, total_minor, currency FROM documents WHERE TRUE";

const COLUMNS: &str = "SELECT id, issuer_id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, contract, \
     purchase_order, issued_at, issued_on, time_zone, total_minor, currency";

pub(super) const SELECT_PLACED: &str = "SELECT feed_seq, id, issuer_id, kind, state, serie, folio, folio_fiscal, \
     receptor_rfc, receptor_nombre, contract, purchase_order, issued_at, issued_on, time_zone, total_minor, currency \
     FROM documents WHERE TRUE";

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Whose.
    pub rfc: &'a str,
    /// At one issuer alone.
    pub issuer: Option<Scope>,
    /// The other filters.
    pub filter: &'a DocumentFilter,
    /// What the search box means: each of them must hold.
    pub typed: &'a [Meaning],
    /// How its words are looked for.
    pub words: &'a ByWords,
    /// Which of its pieces is a number that few documents have.
    pub by_number: Option<usize>,
}

impl<'a> Search<'a> {
    /// A number that was typed: what it can be is found by an index for each.
    fn number(&self) -> Option<&'a Meaning> {
        self.by_number.and_then(|at| self.typed.get(at))
    }

    /// Where all that is found is read, in no order, a number's indexes lead to it however many have it.
    fn of_all(self) -> Self {
        Search { by_number: self.by_number.or_else(|| self.typed.iter().position(is_number)), ..self }
    }
}

/// The last row of the page before.
#[derive(Debug, Clone, Copy)]
pub struct After<'a> {
    /// Its civil day.
    pub issued_on: &'a str,
    /// Its total.
    pub total_minor: i64,
    /// Its id.
    pub id: Uuid,
}

/// A pattern that finds this text anywhere; its own wildcards stand for themselves.
fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Folios of a range that are looked up one by one and then sorted; those of a wider one are met on the way through the
/// list, which stands in order already.
const NARROW_FOLIOS: i64 = 5_000;

/// The folio as a filter names it. PostgreSQL knows how many a range has; SQLite takes an index by folio for any range,
/// one open at an end too, and then sorts half of what a receptor has. With a sign before it, the column is none of an
/// index's.
fn folio_column(conn: &mut impl Conn, filter: &DocumentFilter) -> &'static str {
    let is_narrow = match (filter.folio_from, filter.folio_to) {
        (Some(from), Some(to)) => to.saturating_sub(from) <= NARROW_FOLIOS,
        _ => false,
    };
    if is_narrow || matches!(conn.engine(), Engine::Postgres(_)) { "folio_number" } else { "+folio_number" }
}

/// The id as a list of those that have a word is compared with. SQLite takes each of that list from the documents by its
/// key; with a sign before it, the column is none of a key's, and what it comes to is read from an index alone.
fn id_column(conn: &mut impl Conn) -> &'static str {
    if matches!(conn.engine(), Engine::Postgres(_)) { "id" } else { "+id" }
}

/// The receptor's documents with a word that begins so.
macro_rules! push_with_word {
    ($sql:ident, $rfc:expr, $word:expr) => {
        let (from, to) = bounds($word);
        $sql.push(" FROM document_words WHERE receptor_rfc = ").push_bind($rfc);
        $sql.push(" AND word >= ").push_bind(from).push(" AND word < ").push_bind(to);
    };
}

/// Adds the words of one piece of the search box. On the way through a list they are looked for in the text that was
/// kept, which is the words with a space between them: at its beginning or after a space, for of the column itself
/// PostgreSQL knows how many have it. `$id` is there when all that have them are asked for.
macro_rules! push_words {
    ($sql:ident, $search:ident, $words:ident, $id:expr) => {
        for word in $words.split(' ') {
            let id: Option<&str> = $id;
            match ($search.words, id) {
                (ByWords::From(rarest), _) if rarest == word && $search.number().is_none() => {}
                (ByWords::Anywhere, _) => {
                    $sql.push(" AND words LIKE ").push_bind(format!("%{word}%"));
                }
                (ByWords::Along, Some(id)) => {
                    $sql.push(" AND ").push(id).push(" IN (SELECT document_id");
                    push_with_word!($sql, $search.rfc, word);
                    $sql.push(")");
                }
                _ => {
                    $sql.push(" AND (words LIKE ").push_bind(format!("{word}%"));
                    $sql.push(" OR words LIKE ").push_bind(format!("% {word}%")).push(")");
                }
            }
        }
    };
}

/// Adds one piece of the search box.
macro_rules! push_meaning {
    ($sql:ident, $search:ident, $meaning:ident, $id:expr) => {
        match $meaning {
            Meaning::Number { folded, folio, hundredths, uuid_piece } => {
                push_number!($sql, folded, uuid_piece);
                if let Some(folio) = folio {
                    $sql.push(" OR folio_number = ").push_bind(folio);
                } else {
                    push_printed!($sql, " OR ", folded);
                }
                if let Some(hundredths) = hundredths {
                    $sql.push(" OR total_minor = ").push_bind(hundredths);
                }
                $sql.push(")");
            }
            Meaning::Reference { folded, folio, uuid_piece } => {
                push_number!($sql, folded, uuid_piece);
                if let Some((serie, folio)) = folio {
                    $sql.push(" OR (UPPER(serie) = ").push_bind(serie);
                    $sql.push(" AND folio_number = ").push_bind(folio).push(")");
                }
                push_printed!($sql, " OR ", folded);
                $sql.push(")");
            }
            // A balance in favour is less than nothing, and typed as it is read.
            Meaning::Amount(hundredths) => {
                $sql.push(" AND total_minor IN (").push_bind(*hundredths).push(", ").push_bind(-hundredths).push(")");
            }
            Meaning::Days(from, to) => {
                $sql.push(" AND issued_on >= ").push_bind(from).push(" AND issued_on <= ").push_bind(to);
            }
            Meaning::Kind(kind) => {
                $sql.push(" AND kind = ").push_bind(kind.as_str());
            }
            Meaning::State(state) => {
                $sql.push(" AND state = ").push_bind(state.as_str());
            }
            Meaning::Word(words) => {
                push_words!($sql, $search, words, $id);
            }
        }
    };
}

/// A number as it is printed, of what has a folio that is none: `INV-0012`, or `RP-201` without a serie of its own. The
/// index by folio leads to them on both engines.
macro_rules! push_printed {
    ($sql:ident, $before:literal, $folded:ident) => {
        $sql.push(concat!($before, "(folio_number IS NULL AND (UPPER(folio) = ")).push_bind($folded);
        $sql.push(" OR UPPER(serie || '-' || folio) = ").push_bind($folded).push("))");
    };
}

/// Begins a bracket with what any number can be.
macro_rules! push_number {
    ($sql:ident, $folded:ident, $uuid_piece:ident) => {
        $sql.push(" AND (contract_folded = ").push_bind($folded);
        $sql.push(" OR purchase_order_folded = ").push_bind($folded);
        if let Some(piece) = $uuid_piece {
            $sql.push(" OR folio_fiscal LIKE ").push_bind(anywhere(piece)).push(" ESCAPE '!'");
        }
    };
}

/// One thing that a number can be, of the receptor's.
macro_rules! push_arm {
    ($sql:ident, $rfc:expr, $column:literal, $value:expr) => {
        $sql.push(" UNION SELECT id FROM documents WHERE receptor_rfc = ").push_bind($rfc);
        $sql.push(concat!(" AND ", $column, " = ")).push_bind($value);
    };
}

/// What a number can be that has a folio which is none.
macro_rules! push_printed_arm {
    ($sql:ident, $rfc:expr, $folded:ident) => {
        $sql.push(" UNION SELECT id FROM documents WHERE receptor_rfc = ").push_bind($rfc);
        push_printed!($sql, " AND ", $folded);
    };
}

/// Where a statement looks. What a number in the search box can be is found by an index for each, a word that few have by
/// its own, and joined in this order: given the choice, SQLite walks through all of the receptor's documents in the order
/// of the list instead, which at 100,000 of them takes a hundred times as long.
macro_rules! push_from {
    ($sql:ident, $search:ident) => {
        match ($search.number(), $search.words) {
            (Some(meaning), _) => {
                let rfc = $search.rfc;
                $sql.push(" FROM (SELECT id AS hit FROM documents WHERE FALSE");
                match meaning {
                    Meaning::Number { folded, folio, hundredths, uuid_piece } => {
                        push_numbers!($sql, rfc, folded, uuid_piece);
                        if let Some(folio) = folio {
                            push_arm!($sql, rfc, "folio_number", folio);
                        } else {
                            push_printed_arm!($sql, rfc, folded);
                        }
                        if let Some(hundredths) = hundredths {
                            push_arm!($sql, rfc, "total_minor", hundredths);
                        }
                    }
                    Meaning::Reference { folded, folio, uuid_piece } => {
                        push_numbers!($sql, rfc, folded, uuid_piece);
                        if let Some((_, folio)) = folio {
                            push_arm!($sql, rfc, "folio_number", folio);
                        }
                        push_printed_arm!($sql, rfc, folded);
                    }
                    Meaning::Amount(hundredths) => {
                        push_arm!($sql, rfc, "total_minor", *hundredths);
                        push_arm!($sql, rfc, "total_minor", -hundredths);
                    }
                    _ => {}
                }
                $sql.push(") AS hits CROSS JOIN documents WHERE id = hit");
            }
            (None, ByWords::From(word)) => {
                $sql.push(" FROM (SELECT DISTINCT document_id AS hit");
                push_with_word!($sql, $search.rfc, word);
                $sql.push(") AS hits CROSS JOIN documents WHERE id = hit");
            }
            (None, _) => {
                $sql.push(" FROM documents WHERE TRUE");
            }
        }
    };
}

/// What any number can be.
macro_rules! push_numbers {
    ($sql:ident, $rfc:expr, $folded:ident, $uuid_piece:ident) => {
        push_arm!($sql, $rfc, "contract_folded", $folded);
        push_arm!($sql, $rfc, "purchase_order_folded", $folded);
        if let Some(piece) = $uuid_piece {
            $sql.push(" UNION SELECT id FROM documents WHERE receptor_rfc = ").push_bind($rfc);
            $sql.push(" AND folio_fiscal LIKE ").push_bind(anywhere(piece)).push(" ESCAPE '!'");
        }
    };
}

/// Adds "of this issuer alone" to a statement, when it is so.
macro_rules! push_only {
    ($sql:ident, $only:ident) => {
        if let Some(scope) = $only {
            $sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
    };
}

pub(super) use push_only;

/// Adds the filters of a [`Search`] to a statement. A macro, for the builder's type is another on each engine.
macro_rules! push_filters {
    ($sql:ident, $search:ident, $number:ident, $id:expr) => {
        $sql.push(OF_RECEPTOR).push_bind($search.rfc);
        if let Some(scope) = $search.issuer {
            $sql.push(" AND issuer_id = ").push_bind(scope.uuid());
        }
        if let Some(day) = &$search.filter.issued_from {
            $sql.push(" AND issued_on >= ").push_bind(day);
        }
        if let Some(day) = &$search.filter.issued_to {
            $sql.push(" AND issued_on <= ").push_bind(day);
        }
        if let Some(kind) = $search.filter.kind {
            $sql.push(" AND kind = ").push_bind(kind.as_str());
        }
        if $search.filter.without_complementos {
            $sql.push(" AND kind <> ").push_bind(DocumentKind::ComplementoDePago.as_str());
        }
        if let Some(contract) = &$search.filter.contract {
            $sql.push(" AND contract_folded = ").push_bind(contract);
        }
        if let Some(serie) = &$search.filter.serie {
            $sql.push(" AND UPPER(serie) = ").push_bind(serie);
        }
        if let Some(folio) = $search.filter.folio_from {
            $sql.push(" AND ").push($number).push(" >= ").push_bind(folio);
        }
        if let Some(folio) = $search.filter.folio_to {
            $sql.push(" AND ").push($number).push(" <= ").push_bind(folio);
        }
        for meaning in $search.typed {
            push_meaning!($sql, $search, meaning, $id);
        }
    };
}

/// One page, starting after a row.
pub async fn list(
    conn: &mut impl Conn,
    search: &Search<'_>,
    after: Option<After<'_>>,
    limit: i64,
) -> DbResult<Vec<ListedRow>> {
    let (by_total, descending) = match search.filter.sort {
        DocumentSort::Newest => (false, true),
        DocumentSort::Oldest => (false, false),
        DocumentSort::Highest => (true, true),
        DocumentSort::Lowest => (true, false),
    };
    if *search.words == ByWords::Nowhere {
        return Ok(Vec::new());
    }
    let column = if by_total { "total_minor" } else { "issued_on" };
    let number = folio_column(conn, search.filter);
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(COLUMNS);
        push_from!(sql, search);
        push_filters!(sql, search, number, None);
        if let Some(after) = after {
            sql.push(" AND (").push(column).push(if descending { ", id) < (" } else { ", id) > (" });
            if by_total {
                sql.push_bind(after.total_minor);
            } else {
                sql.push_bind(after.issued_on);
            }
            sql.push(", ").push_bind(after.id).push(")");
        }
        let direction = if descending { " DESC" } else { "" };
        sql.push(" ORDER BY ").push(column).push(direction).push(", id").push(direction);
        sql.push(" LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Ids of all that are found, at most so many, in no order.
pub async fn list_all_ids(conn: &mut impl Conn, search: &Search<'_>, limit: i64) -> DbResult<Vec<Uuid>> {
    if *search.words == ByWords::Nowhere {
        return Ok(Vec::new());
    }
    let search = &search.of_all();
    let number = folio_column(conn, search.filter);
    let id = search.number().is_none().then(|| id_column(conn));
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT id");
        push_from!(sql, search);
        push_filters!(sql, search, number, id);
        sql.push(" LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}

/// Kind, currency, state, number and sum of all that are found.
pub async fn sums(conn: &mut impl Conn, search: &Search<'_>) -> DbResult<Vec<(String, String, String, i64, i64)>> {
    if *search.words == ByWords::Nowhere {
        return Ok(Vec::new());
    }
    let search = &search.of_all();
    let number = folio_column(conn, search.filter);
    let id = search.number().is_none().then(|| id_column(conn));
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT kind, currency, state, COUNT(*), CAST(SUM(total_minor) AS BIGINT)",
        );
        push_from!(sql, search);
        push_filters!(sql, search, number, id);
        sql.push(" GROUP BY kind, currency, state ORDER BY kind, currency, state");
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// One document of this receptor.
pub async fn find(conn: &mut impl Conn, rfc: &str, only: Option<Scope>, id: DocumentId) -> DbResult<Option<ListedRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(SELECT);
        sql.push(OF_RECEPTOR).push_bind(rfc).push(" AND id = ").push_bind(id.uuid());
        push_only!(sql, only);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Issuers that have documents for this receptor.
pub async fn list_issuers(conn: &mut impl Conn, rfc: &str, only: Option<Scope>, limit: i64) -> DbResult<Vec<IssuerId>> {
    let ids: Vec<Uuid> = on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT issuer_id FROM documents WHERE TRUE");
        sql.push(OF_RECEPTOR).push_bind(rfc);
        push_only!(sql, only);
        sql.push(" ORDER BY issuer_id LIMIT ").push_bind(limit);
        sql.build_query_scalar().fetch_all(ex).await
    })?;
    Ok(ids.into_iter().map(IssuerId::new).collect())
}

/// Contracts that this receptor's documents name, with their issuers.
pub async fn list_contracts(
    conn: &mut impl Conn,
    rfc: &str,
    only: Option<Scope>,
    limit: i64,
) -> DbResult<Vec<(Uuid, String)>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT issuer_id, MIN(contract) FROM documents WHERE contract IS NOT NULL",
        );
        sql.push(OF_RECEPTOR).push_bind(rfc);
        push_only!(sql, only);
        sql.push(" GROUP BY issuer_id, contract_folded ORDER BY contract_folded, issuer_id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// Kinds of document this receptor has.
pub async fn list_kinds(conn: &mut impl Conn, rfc: &str, only: Option<Scope>) -> DbResult<Vec<String>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new("SELECT DISTINCT kind FROM documents WHERE TRUE");
        sql.push(OF_RECEPTOR).push_bind(rfc);
        push_only!(sql, only);
        sql.build_query_scalar().fetch_all(ex).await
    })?)
}
