//! What a page of the list costs: the house's own function beside the bare statement on the same database, in turns.
use std::time::Instant;

use api::App;
use api::documents::model::Asker;
use api::documents::search::{self, PlaceKey};
use shared::documents::DocumentQuery;
use sqlx::{Connection, PgConnection, Postgres, QueryBuilder, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::fill::LARGE;
use crate::Effort;

/// Rows of a page, and one more that says whether there is another.
const LIMIT: i64 = 51;
/// The page far down that is reached by its key.
const FAR: usize = 1_000;

/// A folio that is typed: with a digit more it could be a piece of a folio fiscal.
const BOXED: i64 = 9_011;

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
}

/// The times of one case, in milliseconds.
pub struct Took {
    pub what: &'static str,
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
        }
        all.push(Took { what: case.what, house: p95(house), bare: p95(alone) });
    }
    all
}

/// The value that 95 of 100 stay below.
pub fn p95(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 95).div_ceil(100).saturating_sub(1)]
}

async fn cases(app: &App, asker: &Asker, count: u32) -> Vec<Case> {
    let text = |text: &str| Value::Text(text.to_owned());
    let (slug, issuer) = {
        let (scope, issuer) = api::issuers::service::scope_of_slug(app, "default").await.unwrap().unwrap();
        (issuer.slug, scope.uuid())
    };
    // Something that is there: a document from the middle of the customer's own.
    let all = DocumentQuery::default().parse().unwrap();
    let pages = FAR.min(usize::try_from(count).unwrap() / 10 / 51);
    let mut after = None;
    for _ in 0..pages {
        let rows = search::rows(app, asker, &all, after.as_ref(), LIMIT - 1).await.unwrap();
        after = rows.last().cloned().or(after);
    }
    let far = after.unwrap();
    let number = i64::from(count / 20 * 10) + 1;
    let kind = || Some("factura".to_owned());
    let contract = "000010".to_owned();
    let days = |query: DocumentQuery| DocumentQuery {
        issued_from: Some("2025-10-01".into()),
        issued_to: Some("2025-10-31".into()),
        ..query
    };
    let none = DocumentQuery::default;
    let folios = |query: DocumentQuery| DocumentQuery {
        folio_from: Some(number.to_string()),
        folio_to: Some((number + 2_000).to_string()),
        ..query
    };
    let by_days = [(" AND issued_on >= ", text("2025-10-01")), (" AND issued_on <= ", text("2025-10-31"))];
    let by_folios =
        [(" AND folio_number >= ", Value::Number(number)), (" AND folio_number <= ", Value::Number(number + 2_000))];
    let by_kind = (" AND kind = ", text("factura"));
    let by_issuer = (" AND issuer_id = ", Value::Id(issuer));
    let by_contract = (" AND contract_folded = ", text(&contract));
    let with = |one: &[(&'static str, Value)], more: &[(&'static str, Value)]| [one, more].concat();
    let case = |what, query, bare| Case { what, query, after: None, bare, hits: Vec::new() };
    let at_issuer = || Some(slug.clone());
    let of_contract = || Some(contract.clone());
    let typed = |text: String| DocumentQuery { typed: Some(text), ..DocumentQuery::default() };
    vec![
        case("primera página", none(), Vec::new()),
        Case {
            what: "página 1,000 por su llave",
            query: none(),
            bare: vec![
                (" AND (issued_on, id) < (", text(&far.issued_on)),
                (", ", Value::Id(far.id)),
                (")", Value::Number(0)),
            ],
            after: Some(far),
            hits: Vec::new(),
        },
        case(
            "mes y tipo",
            days(DocumentQuery { kind: kind(), ..none() }),
            with(&by_days, std::slice::from_ref(&by_kind)),
        ),
        case(
            "mes y empresa",
            days(DocumentQuery { issuer: at_issuer(), ..none() }),
            with(&by_days, std::slice::from_ref(&by_issuer)),
        ),
        case(
            "mes y contrato",
            days(DocumentQuery { contract: of_contract(), ..none() }),
            with(&by_days, std::slice::from_ref(&by_contract)),
        ),
        case("mes y folios", folios(days(none())), with(&by_days, &by_folios)),
        case(
            "tipo y empresa",
            DocumentQuery { kind: kind(), issuer: at_issuer(), ..none() },
            vec![by_kind.clone(), by_issuer.clone()],
        ),
        case(
            "tipo y contrato",
            DocumentQuery { kind: kind(), contract: of_contract(), ..none() },
            vec![by_kind.clone(), by_contract.clone()],
        ),
        case(
            "tipo y folios",
            folios(DocumentQuery { kind: kind(), ..none() }),
            with(&by_folios, std::slice::from_ref(&by_kind)),
        ),
        case(
            "empresa y contrato",
            DocumentQuery { issuer: at_issuer(), contract: of_contract(), ..none() },
            vec![by_issuer.clone(), by_contract.clone()],
        ),
        case(
            "empresa y folios",
            folios(DocumentQuery { issuer: at_issuer(), ..none() }),
            with(&by_folios, std::slice::from_ref(&by_issuer)),
        ),
        case(
            "contrato y folios",
            folios(DocumentQuery { contract: of_contract(), ..none() }),
            with(&by_folios, std::slice::from_ref(&by_contract)),
        ),
        case(
            "desde un día y un tipo",
            DocumentQuery { issued_from: Some("2025-01-01".into()), kind: kind(), ..none() },
            vec![(" AND issued_on >= ", text("2025-01-01")), by_kind.clone()],
        ),
        case(
            "desde un folio y un tipo",
            DocumentQuery { folio_from: Some(number.to_string()), kind: kind(), ..none() },
            vec![by_folios[0].clone(), by_kind],
        ),
        Case {
            what: "la caja, un folio",
            query: typed(BOXED.to_string()),
            after: None,
            bare: Vec::new(),
            // All that a number can be, as a statement must ask that has no other way to know.
            hits: vec![
                ("contract_folded", text(&BOXED.to_string())),
                ("purchase_order_folded", text(&BOXED.to_string())),
                ("folio_number", Value::Number(BOXED)),
                ("total_minor", Value::Number(BOXED * 100)),
            ],
        },
        Case {
            what: "la caja, un importe",
            query: typed("1234.56".to_owned()),
            after: None,
            bare: Vec::new(),
            hits: vec![("total_minor", Value::Number(123_456))],
        },
    ]
}

/// A connection of its own.
enum Bare {
    Sqlite(Box<SqliteConnection>),
    Postgres(Box<PgConnection>),
}

const SELECT: &str = "SELECT id, issuer_id, kind, state, serie, folio, folio_fiscal, receptor_rfc, receptor_nombre, contract, \
     purchase_order, issued_at, issued_on, time_zone, total_minor, currency FROM ";

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
        if $case.hits.is_empty() {
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
        sql.build().fetch_all(&mut **$conn).await.unwrap().len()
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
