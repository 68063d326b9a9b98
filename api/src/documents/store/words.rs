//! SQL of the words of documents.
use shared::documents::Meaning;
use uuid::Uuid;

use crate::db::{Conn, DbResult, Tx, on};
use crate::documents::model::DocumentId;
use crate::documents::words::looked_up;
use crate::issuers::Scope;

/// Rows of one statement: three values each, far below what an engine binds.
const ROWS: usize = 2_000;

/// Documents with a word that are looked up one by one and then sorted. A word that more have is met soon on the way
/// through the list, which stands in order already. Counting so many takes half as long as a first page of the list.
pub(super) const FEW: i64 = 1_000;

/// Follows every letter and digit: whatever begins so stands between the beginning and itself with this behind it.
const LAST: char = char::MAX;

/// Those who are many people, and whose documents nobody lists.
const GENERIC: [&str; 2] = ["XAXX010101000", "XEXX010101000"];

/// A document's words.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WordsRow {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub receptor_rfc: String,
    /// As kept.
    pub words: String,
}

/// How the words of a search are looked for. The same documents are found every way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByWords {
    /// On the way through what is found otherwise: many documents have each of them.
    Along,
    /// From the documents that have this one: the rarest, and few have it.
    From(String),
    /// Not at all: nobody has one of them.
    Nowhere,
    /// On the way, and anywhere in what was kept: there are documents that were not read for their words yet.
    Anywhere,
}

/// Where a word begins so.
pub(super) fn bounds(beginning: &str) -> (String, String) {
    (beginning.to_owned(), format!("{beginning}{LAST}"))
}

/// The words that were typed.
pub(super) fn typed_words(typed: &[Meaning]) -> impl Iterator<Item = &str> {
    typed
        .iter()
        .flat_map(|meaning| match meaning {
            Meaning::Word(words) => words.split(' '),
            _ => "".split(' '),
        })
        .filter(|word| !word.is_empty())
}

/// Asks the rarest of the typed words how many documents have it, before anything is looked through.
pub async fn choose(conn: &mut impl Conn, rfc: &str, typed: &[Meaning]) -> DbResult<ByWords> {
    let (mut rarest, mut fewest) = (None, FEW + 1);
    for word in typed_words(typed) {
        let (is_unread, found) = count(conn, rfc, word, fewest).await?;
        if is_unread {
            return Ok(ByWords::Anywhere);
        }
        if found == 0 {
            return Ok(ByWords::Nowhere);
        }
        if found < fewest {
            (rarest, fewest) = (Some(word), found);
        }
    }
    Ok(rarest.map_or(ByWords::Along, |word| ByWords::From(word.to_owned())))
}

/// Whether documents are still to be read, and how many of the receptor's have a word that begins so, up to a limit.
async fn count(conn: &mut impl Conn, rfc: &str, beginning: &str, limit: i64) -> DbResult<(bool, i64)> {
    let (from, to) = bounds(beginning);
    Ok(on!(conn, ex => sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM documents_unread), (SELECT COUNT(*) FROM (SELECT 1 FROM document_words \
         WHERE receptor_rfc = $1 AND word >= $2 AND word < $3 LIMIT $4) AS counted)",
    ).bind(rfc).bind(from).bind(to).bind(limit).fetch_one(ex).await)?)
}

/// Puts the words of documents where they are looked up. What is there stays.
pub async fn insert_words(tx: &mut Tx, documents: &[WordsRow]) -> DbResult<()> {
    let listed = documents.iter().filter(|row| !GENERIC.contains(&row.receptor_rfc.as_str()));
    let words: Vec<(&str, &str, Uuid)> =
        listed.flat_map(|row| looked_up(&row.words).map(|word| (row.receptor_rfc.as_str(), word, row.id))).collect();
    for part in words.chunks(ROWS) {
        on!(tx, ex => {
            let mut sql = sqlx::QueryBuilder::new("INSERT INTO document_words (receptor_rfc, word, document_id) ");
            sql.push_values(part, |mut row, (rfc, word, id)| {
                row.push_bind(*rfc).push_bind(*word).push_bind(*id);
            });
            sql.push(" ON CONFLICT DO NOTHING").build().execute(ex).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// What was kept of a document's words.
pub async fn find_words(tx: &mut Tx, scope: Scope, id: DocumentId) -> DbResult<Option<WordsRow>> {
    Ok(on!(tx, ex => sqlx::query_as("SELECT id, receptor_rfc, words FROM documents WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).fetch_optional(ex).await)?)
}

/// Keeps a document's words as they are kept now.
pub async fn mark_words(tx: &mut Tx, scope: Scope, id: DocumentId, words: &str) -> DbResult<()> {
    on!(tx, ex => sqlx::query("UPDATE documents SET words = $3 WHERE id = $1 AND issuer_id = $2")
        .bind(id.uuid()).bind(scope.uuid()).bind(words).execute(ex).await.map(|_| ()))?;
    Ok(())
}

/// Words of documents after a key, of those that were read.
pub async fn list_words(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> DbResult<Vec<WordsRow>> {
    Ok(on!(tx, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT id, receptor_rfc, words FROM documents AS d \
             WHERE NOT EXISTS (SELECT 1 FROM documents_unread AS u WHERE u.document_id = d.id)",
        );
        if let Some(after) = after {
            sql.push(" AND id > ").push_bind(after);
        }
        sql.push(" ORDER BY id LIMIT ").push_bind(limit).build_query_as().fetch_all(ex).await
    })?)
}
