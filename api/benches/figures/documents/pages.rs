//! What a page of the list costs: the house's own function beside the bare statement on the same database, in turns.
use std::time::Instant;

use api::App;
use api::db::Timestamp;
use api::documents::model::Asker;
use api::documents::search::{self, PlaceKey};
use shared::documents::DocumentQuery;
use sqlx::{Connection, PgConnection, Postgres, QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::fill::{self, LARGE, RARE};
use crate::Effort;

/// Rows of a page, and one more that says whether there is another.
const LIMIT: i64 = 51;
/// A case that is slow is measured fewer times.
const CASE_MILLISECONDS: f64 = 5_000.0;
/// The page far down that is reached by its key.
const FAR: usize = 1_000;

/// A folio that is typed: with a digit more it could be a piece of a folio fiscal.
const BOXED: i64 = 9_011;

/// A word that is typed, and on no document.
const NOBODYS: &str = "inexistente";

/// A value of a bare statement.
#[derive(Clone)]
enum Value {
    Text(String),
    Number(i64),
    Id(Uuid),
}

/// What a person asks, and the statement that would answer it.
struct Case {
    what: &'static str,
    query: DocumentQuery,
    after: Option<PlaceKey>,
    bare: Vec<(&'static str, Value)>,
    /// Columns that find by an index each, any of them.
    hits: Vec<(&'static str, Value)>,
    /// A word that finds by the index of words.
    word: Option<&'static str>,
    /// It reads all that the customer has, or finds a part of it: a hundred times the documents take longer.
    grows: bool,
}

/// The times of one case, in milliseconds.
pub struct Took {
    pub what: &'static str,
    pub grows: bool,
    pub house: f64,
    pub bare: f64,
}

/// Measures every case.
pub async fn measure(effort: Effort, app: &App, url: &str, count: u32) -> Vec<Took> {
    let asker = Asker {
        user_id: Uuid::nil(),
        customer_id: Uuid::nil(),
        rfc: LARGE.to_owned(),
        only: None,
        looks: false,
        request_id: String::new(),
    };
    let mut bare = Bare::connect(app, url).await;
    let mut all = Vec::new();
    for case in cases(app, &asker, count).await {
        let filter = case.query.parse().unwrap();
        let (mut house, mut alone) = (Vec::new(), Vec::new());
        // The first of each fills the caches.
        for round in 0..=effort.answers {
            let started = Instant::now();
            let rows = search::rows(app, &asker, &filter, case.after.as_ref(), LIMIT).await.unwrap();
            let took = started.elapsed();
            let started = Instant::now();
            let found = bare.page(&case).await;
            let bare_took = started.elapsed();
            assert_eq!(rows.len(), found, "{}", case.what);
            if round > 0 {
                house.push(took.as_secs_f64() * 1_000.0);
                alone.push(bare_took.as_secs_f64() * 1_000.0);
            }
            if house.iter().sum::<f64>() > CASE_MILLISECONDS {
                break;
            }
        }
        all.push(Took { what: case.what, grows: case.grows, house: p95(house), bare: p95(alone) });
    }
    all
}

/// The value that 95 of 100 stay below.
pub fn p95(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 95).div_ceil(100).saturating_sub(1)]
}

/// What the cases ask for: values of documents that are there.
struct Known {
    slug: String,
    issuer: Uuid,
    /// Where page 1,000 begins.
    far: PlaceKey,
    /// A folio from the middle of the customer's own.
    number: i64,
}

impl Known {
    async fn of(app: &App, asker: &Asker, count: u32) -> Known {
        let (scope, issuer) = api::issuers::service::scope_of_slug(app, "default").await.unwrap().unwrap();
        let all = DocumentQuery::default().parse().unwrap();
        let pages = FAR.min(usize::try_from(count).unwrap() / 10 / 51);
        let mut after = None;
        for _ in 0..pages {
            let rows = search::rows(app, asker, &all, after.as_ref(), LIMIT - 1).await.unwrap();
            after = rows.last().cloned().or(after);
        }
        let number = i64::from(count / 20 * 10) + 1;
        Known { slug: issuer.slug, issuer: scope.uuid(), far: after.unwrap(), number }
    }
}

/// The contract that is asked for: a third of the customer's documents.
const CONTRACT: &str = "000010";
/// The month that is asked for.
const MONTH: (&str, &str) = ("2026-10-01", "2026-10-31");
/// Folios of a range.
const FOLIOS: i64 = 2_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn case(what: &'static str, query: DocumentQuery, bare: Vec<(&'static str, Value)>) -> Case {
    Case { what, query, after: None, bare, hits: Vec::new(), word: None, grows: false }
}

async fn cases(app: &App, asker: &Asker, count: u32) -> Vec<Case> {
    let known = Known::of(app, asker, count).await;
    let mut cases = pages(&known);
    cases.extend(pairs(&known));
    cases.extend(open_ends(&known));
    cases.extend(boxes());
    cases.extend(pieces());
    cases
}

fn pages(known: &Known) -> Vec<Case> {
    let by_key = vec![
        (" AND (issued_on, id) < (", text(&known.far.issued_on)),
        (", ", Value::Id(known.far.id)),
        (")", Value::Number(0)),
    ];
    let far = case("página 1,000 por su llave", DocumentQuery::default(), by_key);
    vec![case("primera página", DocumentQuery::default(), Vec::new()), Case { after: Some(known.far.clone()), ..far }]
}

/// A filter: how a query names it, and how a statement does.
type Filter<'a> = (&'static str, Box<dyn Fn(&mut DocumentQuery) + 'a>, Vec<(&'static str, Value)>);

/// Two of the five that a person fills in, each with each.
fn pairs(known: &Known) -> Vec<Case> {
    let number = Value::Number;
    let filters: [Filter<'_>; 5] = [
        (
            "mes",
            Box::new(|query| {
                (query.issued_from, query.issued_to) = (Some(MONTH.0.into()), Some(MONTH.1.into()));
            }),
            vec![(" AND issued_on >= ", text(MONTH.0)), (" AND issued_on <= ", text(MONTH.1))],
        ),
        ("tipo", Box::new(|query| query.kind = Some("factura".into())), vec![(" AND kind = ", text("factura"))]),
        (
            "empresa",
            Box::new(|query| query.issuer = Some(known.slug.clone())),
            vec![(" AND issuer_id = ", Value::Id(known.issuer))],
        ),
        (
            "contrato",
            Box::new(|query| query.contract = Some(CONTRACT.into())),
            vec![(" AND contract_folded = ", text(CONTRACT))],
        ),
        (
            "folios",
            Box::new(|query| {
                query.folio_from = Some(known.number.to_string());
                query.folio_to = Some((known.number + FOLIOS).to_string());
            }),
            vec![
                (" AND folio_number >= ", number(known.number)),
                (" AND folio_number <= ", number(known.number + FOLIOS)),
            ],
        ),
    ];
    let mut cases = Vec::new();
    for (at, (one, fill_one, bare_one)) in filters.iter().enumerate() {
        for (two, fill_two, bare_two) in &filters[at + 1..] {
            let mut query = DocumentQuery::default();
            fill_one(&mut query);
            fill_two(&mut query);
            let what: &'static str = Box::leak(format!("{one} y {two}").into_boxed_str());
            cases.push(case(what, query, [bare_one.as_slice(), bare_two.as_slice()].concat()));
        }
    }
    cases
}

fn open_ends(known: &Known) -> Vec<Case> {
    let by_kind = (" AND kind = ", text("factura"));
    let of_kind = || DocumentQuery { kind: Some("factura".into()), ..DocumentQuery::default() };
    vec![
        case(
            "desde un día y un tipo",
            DocumentQuery { issued_from: Some("2026-10-01".into()), ..of_kind() },
            vec![(" AND issued_on >= ", text("2026-10-01")), by_kind.clone()],
        ),
        case(
            "desde un folio y un tipo",
            DocumentQuery { folio_from: Some(known.number.to_string()), ..of_kind() },
            vec![(" AND +folio_number >= ", Value::Number(known.number)), by_kind],
        ),
    ]
}

/// The search box.
fn boxes() -> Vec<Case> {
    let typed = |text: String| DocumentQuery { typed: Some(text), ..DocumentQuery::default() };
    let folio = case("la caja, un folio", typed(BOXED.to_string()), Vec::new());
    let amount = case("la caja, un importe", typed("1234.56".to_owned()), Vec::new());
    let word = (" AND words LIKE ", text("%galvanizada%"));
    vec![
        Case {
            // All that a number can be, as a statement must ask that has no other way to know.
            hits: vec![
                ("contract_folded", text(&BOXED.to_string())),
                ("purchase_order_folded", text(&BOXED.to_string())),
                ("folio_number", Value::Number(BOXED)),
                ("total_minor", Value::Number(BOXED * 100)),
            ],
            ..folio
        },
        Case { hits: vec![("total_minor", Value::Number(123_456))], ..amount },
        case("la caja, una palabra", typed("galvanizada".to_owned()), vec![word]),
        Case { word: Some(RARE), ..case("la caja, una palabra rara", typed(RARE.to_owned()), Vec::new()) },
        Case {
            word: Some(NOBODYS),
            ..case("la caja, una palabra que nadie tiene", typed(NOBODYS.to_owned()), Vec::new())
        },
    ]
}

/// What else a person types there: of what can be several things, the statement asks for each.
fn pieces() -> Vec<Case> {
    let typed = |text: &str| DocumentQuery { typed: Some(text.to_owned()), ..DocumentQuery::default() };
    let known = fill::typed(u32::try_from(BOXED).unwrap());
    let number = |text: &str, number: i64| {
        let named = vec![("contract_folded", self::text(text)), ("purchase_order_folded", self::text(text))];
        [named, vec![("folio_number", Value::Number(number))]].concat()
    };
    let whole =
        |text: &str, digits: i64| [number(text, digits), vec![("total_minor", Value::Number(digits * 100))]].concat();
    let of_serie = format!("FA-{}", known.number);
    let padded = format!("{:06}", known.number);
    let beginning = known.stamp.split_once('-').unwrap().0;
    let month = vec![(" AND issued_on >= ", text(MONTH.0)), (" AND issued_on <= ", text(MONTH.1))];
    let by_stamp = vec![
        (" AND (contract_folded = ", text(beginning)),
        (" OR purchase_order_folded = ", text(beginning)),
        (" OR folio_fiscal LIKE ", text(&format!("%{beginning}%"))),
        (")", Value::Number(0)),
    ];
    let serie = vec![(" AND serie = ", text("FA"))];
    vec![
        Case {
            hits: number(&of_serie, known.number),
            ..case("la caja, un folio con su serie", typed(&of_serie), serie)
        },
        Case {
            hits: whole(&padded, known.number),
            ..case("la caja, un folio de seis dígitos", typed(&padded), Vec::new())
        },
        Case { grows: true, ..case("la caja, el principio de un folio fiscal", typed(beginning), by_stamp) },
        Case {
            grows: true,
            hits: whole(CONTRACT, CONTRACT.parse().unwrap()),
            ..case("la caja, un contrato", typed(CONTRACT), Vec::new())
        },
        Case {
            hits: vec![("purchase_order_folded", text(&known.order))],
            ..case("la caja, una orden de compra", typed(&known.order), Vec::new())
        },
        case("la caja, un mes", typed("octubre 2026"), month),
    ]
}

/// A connection of its own.
enum Bare {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

const SELECT: &str = "SELECT id, issuer_id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, contract, \
     purchase_order, issued_at, issued_on, time_zone, total_minor, currency FROM ";

/// A row that was read, not only found: the house's own function reads every column too.
type Row = (
    Uuid,
    Uuid,
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    String,
    Option<String>,
    Option<String>,
    Timestamp,
    String,
    String,
    i64,
    String,
);

macro_rules! bind {
    ($sql:ident, $value:expr) => {
        match $value {
            Value::Text(text) => drop($sql.push_bind(text.as_str())),
            Value::Number(number) => drop($sql.push_bind(*number)),
            Value::Id(id) => drop($sql.push_bind(*id)),
        }
    };
}

macro_rules! page {
    ($conn:expr, $engine:ty, $case:expr) => {{
        let mut sql = QueryBuilder::<$engine>::new(SELECT);
        if let Some(word) = $case.word {
            sql.push("(SELECT document_id AS hit FROM document_words WHERE receptor_rfc = ").push_bind(LARGE);
            sql.push(" AND word = ").push_bind(word).push(") AS hits CROSS JOIN documents WHERE id = hit");
        } else if $case.hits.is_empty() {
            sql.push("documents WHERE receptor_rfc = ").push_bind(LARGE);
        } else {
            for (at, (column, value)) in $case.hits.iter().enumerate() {
                sql.push(if at == 0 { "(SELECT id AS hit" } else { " UNION SELECT id" });
                sql.push(" FROM documents WHERE receptor_rfc = ").push_bind(LARGE);
                sql.push(" AND ").push(*column).push(" = ");
                bind!(sql, value);
            }
            sql.push(") AS hits CROSS JOIN documents WHERE id = hit");
        }
        for (text, value) in &$case.bare {
            sql.push(*text);
            if *text != ")" {
                bind!(sql, value);
            }
        }
        sql.push(" ORDER BY issued_on DESC, id DESC LIMIT ").push_bind(LIMIT);
        let rows: Vec<Row> = sql.build_query_as().fetch_all(&mut **$conn).await.unwrap();
        rows.len()
    }};
}

impl Bare {
    async fn connect(app: &App, url: &str) -> Bare {
        if app.db.is_sqlite() {
            Bare::Sqlite(Box::new(SqliteConnection::connect(url).await.unwrap()))
        } else {
            Bare::Postgres(Box::new(PgConnection::connect(url).await.unwrap()))
        }
    }

    async fn page(&mut self, case: &Case) -> usize {
        match self {
            Bare::Sqlite(conn) => page!(conn, Sqlite, case),
            Bare::Postgres(conn) => page!(conn, Postgres, case),
        }
    }
}
