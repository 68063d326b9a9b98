//! Documents as three years would leave them: 20,000 receptors, one of them with a tenth of all, one with 300. They come
//! in the order of time, so that those of one receptor lie scattered, as they do in life.
use std::collections::VecDeque;
use std::path::Path;

use api::App;
use api::db::Timestamp;
use api::issuers;
use sha2::{Digest, Sha256};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, Postgres, QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

/// The demo's customer, who has a tenth of all documents.
pub const LARGE: &str = "TAM010203ABA";
/// The demo's other customer, who has 300.
pub const USUAL: &str = "CHI1203155K7";
/// Receptors.
const RECEPTORS: u64 = 20_000;
/// Documents of the usual one.
const USUAL_COUNT: u32 = 300;
/// Rows of one statement: 27 values each, of the 32,766 that SQLite binds.
const ROWS: u32 = 1_000;
/// Words of one statement: three values each.
const WORD_ROWS: usize = 5_000;
/// Documents with the rare word, all of them the large one's: as many of ten thousand as of a million.
const RARE_COUNT: u32 = 200;
/// The rare word.
pub const RARE: &str = "extraordinaria";
/// Of so many documents one answers an order of the customer's.
const ORDER_OF: u32 = 50;
/// Rows of one transaction.
const COMMIT_ROWS: u32 = 50_000;
/// The last day that has documents.
const LAST: jiff::civil::Date = jiff::civil::date(2026, 11, 18);
/// Days that a million documents are spread over.
const DAYS: i64 = 1_095;
/// A smaller house is a younger one, with as many documents a day, but it has two whole months: a page of a month is as
/// full in either.
const DAYS_LEAST: i64 = 80;
/// Where the one PDF of all papers lies.
pub const PAPER: &str = "documents/figures/one.pdf";
/// Its size: a page with a logo.
pub const PAPER_BYTES: usize = 40 * 1024;

/// A document.
struct Doc {
    id: Uuid,
    issuer: Uuid,
    kind: &'static str,
    serie: &'static str,
    number: i64,
    rfc: String,
    contract: String,
    issued_at: Timestamp,
    issued_on: String,
    total: i64,
    words: String,
    folio_fiscal: String,
    order: Option<String>,
    is_paper: bool,
}

/// What all documents share.
struct Shared {
    issuers: [Uuid; 2],
    xml: Vec<u8>,
    xml_sha256: Vec<u8>,
    pdf_sha256: Vec<u8>,
    days: i64,
    count: u32,
}

/// Steele, Lea and Flood's mixing: neighbours become strangers.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn kind(h: u64) -> (&'static str, &'static str) {
    match h % 20 {
        0..13 => ("factura", "FA"),
        13 | 14 => ("nota_de_credito", "NC"),
        15 | 16 => ("complemento_de_pago", "CP"),
        17 | 18 => ("recibo", "RP"),
        _ => ("estado_de_cuenta", ""),
    }
}

/// The UUID of a document's stamp: a PAC's have no order.
fn stamp(at: u32) -> Uuid {
    let h = mixed(at.into());
    Uuid::from_u128((u128::from(mixed(h)) << 64) | u128::from(h))
}

fn order(at: u32) -> String {
    format!("OC-{at}")
}

/// What a person types who looks for one document of the large one's.
pub struct Typed {
    /// Its folio.
    pub number: i64,
    /// Its folio fiscal.
    pub stamp: String,
    /// Of another one, near it: the order that it answers.
    pub order: String,
}

/// The large one's first factura from this place on.
pub fn typed(from: u32) -> Typed {
    let from = from / 10 * 10;
    let at = (from..).step_by(10).find(|at| kind(mixed((*at).into())).0 == "factura").unwrap();
    Typed { number: i64::from(at) + 1, stamp: folio_fiscal(at), order: order(from.next_multiple_of(ORDER_OF)) }
}

fn folio_fiscal(at: u32) -> String {
    stamp(at).to_string().to_uppercase()
}

fn doc(at: u32, shared: &Shared) -> Doc {
    let h = mixed(at.into());
    let rfc = if at.is_multiple_of(10) {
        LARGE.to_owned()
    } else if at % (shared.count / USUAL_COUNT).max(2) == 1 {
        USUAL.to_owned()
    } else {
        let k = (h >> 16) % RECEPTORS;
        let letter = |n: u64| char::from(b'A' + u8::try_from(n % 26).unwrap());
        format!("{}{}{}010101{:02}{}", letter(k), letter(k / 26), letter(k / 676), k % 97, letter(k / 17_576))
    };
    let (kind, serie) = kind(h);
    let days_before_last = shared.days - 1 - i64::from(at) * shared.days / i64::from(shared.count);
    let day = LAST.checked_sub(jiff::Span::new().days(days_before_last)).unwrap();
    let seconds = i64::from(at % 3_600);
    let noon = day.at(18, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    Doc {
        // Ids grow with time, as ours do.
        id: Uuid::from_u128((0x0199_0000_0000_7000_8000_u128 << 48) | (u128::from(at) << 16) | u128::from(h & 0xffff)),
        issuer: shared.issuers[usize::from((h >> 8).is_multiple_of(4))],
        kind,
        serie,
        number: i64::from(at) + 1,
        // The large one has three.
        contract: format!("{:06}", 10 + (h >> 24) % 3 + if rfc == LARGE { 0 } else { 10 * ((h >> 40) % 5_000) }),
        rfc,
        issued_at: Timestamp::new(noon).plus_seconds(seconds),
        issued_on: day.to_string(),
        total: i64::try_from(h % 5_000_000).unwrap() + 100,
        words: words(at, serie, h, shared.count),
        folio_fiscal: folio_fiscal(at),
        order: at.is_multiple_of(ORDER_OF).then(|| order(at)),
        is_paper: matches!(kind, "recibo" | "estado_de_cuenta"),
    }
}

/// The words of a document as the house keeps them, each once.
fn words(at: u32, serie: &str, h: u64, count: u32) -> String {
    let rare = if at.is_multiple_of((count / RARE_COUNT / 10).max(1) * 10) { RARE } else { "corriente" };
    let said = format!("{} {at} colibri azul lamina galvanizada calibre {rare}", serie.to_lowercase());
    format!("{} x{}", said.trim_start(), h % 997)
}

/// Each document's words in the order of their table: whose, which, and in which document.
struct Spoken<'a> {
    shared: &'a Shared,
    /// Documents by their receptors.
    order: Vec<(String, u32)>,
    next: usize,
    ready: VecDeque<(String, String, Uuid)>,
}

impl<'a> Spoken<'a> {
    fn of(shared: &'a Shared) -> Spoken<'a> {
        let mut order: Vec<(String, u32)> = (0..shared.count).map(|at| (doc(at, shared).rfc, at)).collect();
        order.sort_unstable();
        Spoken { shared, order, next: 0, ready: VecDeque::new() }
    }

    /// The next of them; none at the end.
    fn part(&mut self) -> Vec<(String, String, Uuid)> {
        while self.ready.len() < WORD_ROWS && self.next < self.order.len() {
            let rfc = self.order[self.next].0.clone();
            let mut words = Vec::new();
            while let Some((_, at)) = self.order.get(self.next).filter(|(whose, _)| *whose == rfc) {
                let doc = doc(*at, self.shared);
                let looked_up = doc.words.split(' ').filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()));
                words.extend(looked_up.map(|word| (word.to_owned(), doc.id)));
                self.next += 1;
            }
            words.sort_unstable();
            self.ready.extend(words.into_iter().map(|(word, id)| (rfc.clone(), word, id)));
        }
        self.ready.drain(..self.ready.len().min(WORD_ROWS)).collect()
    }
}

/// With a stamp: what has none cannot be printed.
fn stamped(sealed: &str) -> String {
    let sello = cfdi::read(sealed.as_bytes()).unwrap().comprobante.sello;
    let timbre = cfdi::comprobante::Timbre {
        uuid: folio_fiscal(0),
        fecha_timbrado: "2026-11-10T10:00:05".into(),
        rfc_prov_certif: "SPR190613I52".into(),
        leyenda: None,
        sello_cfd: sello,
        no_certificado_sat: "00001000000709999999".into(),
        sello_sat: "c2VsbG8=".into(),
    };
    timbre.insert_into(sealed).unwrap()
}

/// Makes them: the indexes are taken away and made again, which costs a third of keeping them.
pub async fn documents(app: &App, folder: &Path, url: &str, count: u32) {
    let mut issuers = Vec::new();
    for slug in ["default", "nandu"] {
        let (scope, _) = issuers::service::scope_of_slug(app, slug).await.unwrap().unwrap();
        issuers.push(scope.uuid());
    }
    let path = format!("{}/cfdi/tests/golden/egreso.xml", env!("CARGO_MANIFEST_DIR"));
    let xml = stamped(&std::fs::read_to_string(path).unwrap()).into_bytes();
    let mut paper = b"%PDF-1.7\n".to_vec();
    while paper.len() < PAPER_BYTES {
        paper.extend(mixed(u64::try_from(paper.len()).unwrap()).to_le_bytes());
    }
    let lies = folder.join("files").join(PAPER);
    std::fs::create_dir_all(lies.parent().unwrap()).unwrap();
    std::fs::write(lies, &paper).unwrap();
    let shared = Shared {
        issuers: [issuers[0], issuers[1]],
        xml_sha256: Sha256::digest(&xml).to_vec(),
        xml,
        pdf_sha256: Sha256::digest(&paper).to_vec(),
        days: (DAYS * i64::from(count) / 1_000_000).max(DAYS_LEAST),
        count,
    };
    if app.db.is_sqlite() {
        on_sqlite(url, &shared).await;
    } else {
        on_postgres(url, &shared).await;
    }
}

macro_rules! insert {
    ($conn:expr, $engine:ty, $docs:expr, $shared:expr) => {{
        let mut sql = QueryBuilder::<$engine>::new(
            "INSERT INTO documents (id, issuer_id, kind, state, serie, folio, folio_number, folio_fiscal, receptor_rfc, \
             receptor_nombre, contract, contract_folded, issued_at, issued_on, time_zone, total_minor, currency, feed_seq, \
             created_at, pdf_key, pdf_sha256, xml_sha256, words, xml, updated_at, purchase_order, purchase_order_folded) ",
        );
        sql.push_values($docs, |mut row, doc: Doc| {
            let cfdi = (!doc.is_paper).then_some(());
            row.push_bind(doc.id).push_bind(doc.issuer).push_bind(doc.kind).push("'vigente'").push_bind(doc.serie);
            row.push_bind(doc.number.to_string()).push_bind(doc.number);
            row.push_bind(cfdi.map(|()| doc.folio_fiscal)).push_bind(doc.rfc);
            row.push("'RECEPTOR DE LAS MEDIDAS'").push_bind(doc.contract.clone()).push_bind(doc.contract);
            row.push_bind(doc.issued_at).push_bind(doc.issued_on).push("'America/Mexico_City'").push_bind(doc.total);
            row.push("'MXN'").push_bind(doc.number).push_bind(doc.issued_at);
            row.push_bind(doc.is_paper.then_some(PAPER)).push_bind(doc.is_paper.then(|| $shared.pdf_sha256.clone()));
            row.push_bind(cfdi.map(|()| $shared.xml_sha256.clone())).push_bind(doc.words);
            row.push_bind(cfdi.map(|()| $shared.xml.clone())).push_bind(doc.issued_at);
            row.push_bind(doc.order.clone()).push_bind(doc.order);
        });
        sql.build().persistent(false).execute(&mut *$conn).await.unwrap();
    }};
}

macro_rules! fill {
    ($conn:expr, $engine:ty, $shared:expr) => {{
        let mut at = 0;
        while at < $shared.count {
            let end = $shared.count.min(at + COMMIT_ROWS);
            let mut tx = $conn.begin().await.unwrap();
            while at < end {
                let docs: Vec<Doc> = (at..end.min(at + ROWS)).map(|at| doc(at, $shared)).collect();
                at += ROWS;
                insert!(tx, $engine, docs, $shared);
            }
            tx.commit().await.unwrap();
            at = end;
        }
    }};
}

async fn speak_on_sqlite(conn: &mut SqliteConnection, shared: &Shared) {
    let mut spoken = Spoken::of(shared);
    let mut tx = conn.begin().await.unwrap();
    loop {
        let part = spoken.part();
        if part.is_empty() {
            break;
        }
        let mut sql = QueryBuilder::<Sqlite>::new("INSERT INTO document_words (receptor_rfc, word, document_id) ");
        sql.push_values(part, |mut row, (rfc, word, id)| {
            row.push_bind(rfc).push_bind(word).push_bind(id);
        });
        sql.build().persistent(false).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn speak_on_postgres(conn: &mut PgConnection, shared: &Shared) {
    let mut spoken = Spoken::of(shared);
    let mut copy = conn.copy_in_raw("COPY document_words (receptor_rfc, word, document_id) FROM STDIN").await.unwrap();
    loop {
        let part = spoken.part();
        if part.is_empty() {
            break;
        }
        let lines: String = part.into_iter().map(|(rfc, word, id)| format!("{rfc}\t{word}\t{id}\n")).collect();
        copy.send(lines.into_bytes()).await.unwrap();
    }
    copy.finish().await.unwrap();
}

async fn on_sqlite(url: &str, shared: &Shared) {
    let options: sqlx::sqlite::SqliteConnectOptions = url.parse().unwrap();
    let mut conn: SqliteConnection = options.disable_statement_logging().connect().await.unwrap();
    for setting in ["PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144", "PRAGMA foreign_keys = OFF"] {
        conn.execute(setting).await.unwrap();
    }
    let kept =
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'documents' AND sql IS NOT NULL";
    let rows = sqlx::query(kept).fetch_all(&mut conn).await.unwrap();
    let indexes: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for (name, _) in &indexes {
        QueryBuilder::<Sqlite>::new(format!("DROP INDEX {name}")).build().execute(&mut conn).await.unwrap();
    }
    fill!(conn, Sqlite, shared);
    speak_on_sqlite(&mut conn, shared).await;
    for (_, sql) in indexes {
        QueryBuilder::<Sqlite>::new(sql).build().execute(&mut conn).await.unwrap();
    }
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    conn.close().await.unwrap();
}

async fn on_postgres(url: &str, shared: &Shared) {
    let options: sqlx::postgres::PgConnectOptions = url.parse().unwrap();
    let mut conn: PgConnection = options.disable_statement_logging().connect().await.unwrap();
    for setting in ["SET synchronous_commit = off", "SET maintenance_work_mem = '256MB'"] {
        conn.execute(setting).await.unwrap();
    }
    let kept = "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i \
                LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid \
                WHERE i.indrelid = 'documents'::regclass AND c.oid IS NULL";
    let rows = sqlx::query(kept).fetch_all(&mut conn).await.unwrap();
    let indexes: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for (name, _) in &indexes {
        QueryBuilder::<Postgres>::new(format!("DROP INDEX {name}")).build().execute(&mut conn).await.unwrap();
    }
    fill!(conn, Postgres, shared);
    speak_on_postgres(&mut conn, shared).await;
    for (_, sql) in indexes {
        QueryBuilder::<Postgres>::new(sql).build().execute(&mut conn).await.unwrap();
    }
    conn.execute("VACUUM ANALYZE documents, document_words").await.unwrap();
    conn.close().await.unwrap();
}

/// Makes a database of this name on the server; gives its address.
pub async fn make_database(server: &str, name: &str) -> String {
    drop_database(server, name).await;
    let mut conn = PgConnection::connect(server).await.unwrap();
    QueryBuilder::<Postgres>::new(format!("CREATE DATABASE {name}")).build().execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(name);
    url.to_string()
}

/// Takes it away.
pub async fn drop_database(server: &str, name: &str) {
    let mut conn = PgConnection::connect(server).await.unwrap();
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    QueryBuilder::<Postgres>::new(drop).build().execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}
