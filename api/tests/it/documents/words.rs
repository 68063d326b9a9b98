//! Words find the same documents by whichever way they are looked for.
use serde_json::json;
use uuid::Uuid;

use super::*;

const LEFT: &str = "SELECT COUNT(*) FROM documents_unread";

/// What is typed, and the beginnings of words that it asks for.
const ASKED: [(&str, &[&str]); 8] = [
    ("Colibrí", &["colibri"]),
    ("COLI", &["coli"]),
    ("ñandú", &["nandu"]),
    ("colibrí-azul", &["colibri", "azul"]),
    ("azul coli", &["azul", "coli"]),
    ("olibri", &["olibri"]),
    // B9: a sign of LIKE stands for itself.
    ("col_bri", &["col", "bri"]),
    ("zzz", &["zzz"]),
];

/// A document whose words are kept as they were before each was looked up.
const OF_OLD: &str = "UPDATE documents SET words = 'fa-1 auto-lavado: (galvanizada), s.a.' \
     WHERE id = (SELECT id FROM documents WHERE receptor_rfc = 'TAM010203ABA' ORDER BY id LIMIT 1)";
const ALL_UNREAD: &str = "INSERT INTO documents_unread (document_id, issuer_id, is_named) \
     SELECT id, issuer_id, TRUE FROM documents";
/// More words that begin so than are looked up one by one, all of a document that is found anyway.
const MANY: &str = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 2001) \
     INSERT INTO document_words (receptor_rfc, word, document_id) \
     SELECT 'TAM010203ABA', 'colibri' || x, one.id FROM n CROSS JOIN (SELECT id FROM documents \
     WHERE receptor_rfc = 'TAM010203ABA' AND words LIKE '%colibri%' ORDER BY id LIMIT 1) AS one";

/// The customer's documents with the words that are kept of them.
struct Kept(Vec<(Uuid, String)>);

impl Kept {
    async fn of(app: &TestApp) -> Kept {
        let ids = "SELECT id FROM documents WHERE receptor_rfc = 'TAM010203ABA' ORDER BY id";
        let words = "SELECT words FROM documents WHERE receptor_rfc = 'TAM010203ABA' ORDER BY id";
        Kept(column(app, ids).await.into_iter().zip(column(app, words).await).collect())
    }

    fn having(&self, beginnings: &[&str]) -> BTreeSet<Uuid> {
        let has = |words: &str, beginning: &str| words.split(' ').any(|word| word.starts_with(beginning));
        let found = self.0.iter().filter(|(_, words)| beginnings.iter().all(|beginning| has(words, beginning)));
        found.map(|(id, _)| *id).collect()
    }
}

async fn looked_for(person: &Person, typed: &str) -> DocumentsPage {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("typed", typed).finish();
    let page = person.page(&format!("&{query}")).await;
    assert_eq!(person.walk(&format!("&{query}"), 7).await, page.data, "{typed}, a few at a time");
    page
}

/// The list, what it comes to, and the rows of a file agree.
async fn same_by_every_way(person: &Person, kept: &Kept) {
    for (typed, beginnings) in ASKED {
        let expected = kept.having(beginnings);
        let page = looked_for(person, typed).await;
        assert_eq!(ids(&page.data), expected, "{typed}");
        assert_eq!(usize::try_from(page.totals.unwrap().count).unwrap(), expected.len(), "{typed}");
    }
    let file = person.takes(&json!({ "format": "csv", "query": { "typed": "colibri" } })).await;
    assert_eq!(file.text().lines().count(), kept.having(&["colibri"]).len() + 1);
}

/// The next hour, for the same person.
async fn an_hour_later(app: &TestApp) -> Person {
    app.clock.advance_seconds(3_600);
    app.run_jobs().await;
    assert_eq!(app.database.count(LEFT).await, 0);
    Person::signs_in(app).await
}

on_both!(words_find_the_same_by_every_way, |app| {
    let (person, all) = filled(app).await;
    let kept = Kept::of(app).await;
    assert_eq!(kept.0.len(), all.len());
    let some = kept.having(&["nandu"]).len();
    assert!(some > 0 && some < all.len(), "the words tell nothing");
    same_by_every_way(&person, &kept).await;

    // Looked up, and nowhere else.
    app.database.execute("DELETE FROM document_words").await;
    assert_eq!(looked_for(&person, "ñandú").await.data, []);
    // Until all were read again, whatever holds the letters is found.
    app.database.execute(OF_OLD).await;
    app.database.execute(ALL_UNREAD).await;
    for typed in ["galvan", "vanizada", "auto-lavado"] {
        let page = looked_for(&person, typed).await;
        assert_eq!((page.data.len(), page.totals.unwrap().count), (1, 1), "{typed}");
    }
    let person = an_hour_later(app).await;
    let kept = Kept::of(app).await;
    assert_eq!(kept.0[0].1, "fa 1 auto lavado galvanizada s a");
    same_by_every_way(&person, &kept).await;
    assert_eq!(ids(&looked_for(&person, "galvan").await.data), BTreeSet::from([kept.0[0].0]));
    assert_eq!(looked_for(&person, "vanizada").await.data, []);

    // What many have is met on the way through the list; what it comes to is looked up.
    app.database.execute(MANY).await;
    same_by_every_way(&person, &kept).await;
    app.database.execute("DELETE FROM document_words WHERE word = 'colibri'").await;
    let page = looked_for(&person, "colibri").await;
    assert_eq!((ids(&page.data), page.totals.unwrap().count), (kept.having(&["colibri"]), 1));
    app.database.execute(ALL_UNREAD).await;
    let person = an_hour_later(app).await;
    same_by_every_way(&person, &kept).await;

    // Its words are there still.
    app.database.execute("UPDATE documents SET withdrawn_at = created_at WHERE words LIKE '%galvanizada%'").await;
    let page = looked_for(&person, "galvan").await;
    assert_eq!((page.data, page.totals.unwrap().count), (vec![], 0));
});
