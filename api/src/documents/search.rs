//! A customer finds its documents, opens one, takes its files. Every reading of a single one is recorded (decisions 9).
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use shared::documents::{
    DocumentContract, DocumentFilter, DocumentFilters, DocumentIssuer, DocumentKind, DocumentRow, DocumentState,
    DocumentSum, DocumentTotals, DocumentView, Meaning, document_number, read_typed,
};
use shared::problem::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::model::{Asker, DocumentId, Format};
use super::service::{self, DocumentError};
use super::store::{self, After, ByWords, ListedRow, Search};
use super::{related, view};
use crate::App;
use crate::audit::{self, Actor, Entry};
use crate::clock::{calendar, civil_text, local_time};
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::{self, Issuer, IssuerId, Scope};
use fiscal::{Amount, Currency};

/// Issuers that a form offers.
const ISSUERS_MAX: i64 = 100;
/// Contracts that it offers; the search box finds by those of whoever has more.
const CONTRACTS_MAX: i64 = 500;

/// Where the documents of an issuer are that the asker sees nothing of.
static NOWHERE: ByWords = ByWords::Nowhere;

/// A found row with the key of its place.
pub type Found = (PlaceKey, DocumentRow);

/// The place of a row in any of the orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceKey {
    /// Civil day.
    pub issued_on: String,
    /// Total in minor units.
    pub total_minor: i64,
    /// The document.
    pub id: Uuid,
}

impl PlaceKey {
    pub(super) fn of(row: &ListedRow) -> PlaceKey {
        PlaceKey { issued_on: row.issued_on.clone(), total_minor: row.total_minor, id: row.id }
    }

    pub(super) fn after(&self) -> After<'_> {
        After { issued_on: &self.issued_on, total_minor: self.total_minor, id: self.id }
    }
}

/// What a filter means today: its issuer's scope, and the pieces of its search box.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub issuer: Option<Scope>,
    pub typed: Vec<Meaning>,
    words: ByWords,
    by_number: Option<usize>,
}

impl Question {
    /// Filters that name nothing are refused. The documents are `rfc`'s.
    pub async fn of(
        conn: &mut impl Conn,
        now: Timestamp,
        rfc: &str,
        filter: &DocumentFilter,
    ) -> Result<Question, DocumentError> {
        let issuer = match &filter.issuer {
            Some(slug) => Some(scope_of(conn, slug).await?),
            None => None,
        };
        // A month without its year is the last one that has begun where most of the issuers' customers are.
        let today = civil_text(now, &calendar());
        let typed = match &filter.typed {
            Some(text) => read_typed(text, today.get(..10).unwrap_or_default()).map_err(|code| {
                let mut errors = FieldErrors::default();
                errors.add("?typed", code);
                DocumentError::Fields(errors)
            })?,
            None => Vec::new(),
        };
        let typed: Vec<Meaning> = typed.into_iter().map(|piece| piece.meaning).collect();
        let words = store::choose(conn, rfc, &typed).await?;
        let by_number = store::choose_number(conn, rfc, &typed).await?;
        Ok(Question { issuer, typed, words, by_number })
    }

    /// Whoever may see one issuer's part only gets no more, whatever is asked for; of another issuer's, nothing.
    pub fn search<'a>(&'a self, (rfc, only): (&'a str, Option<Scope>), filter: &'a DocumentFilter) -> Search<'a> {
        let is_elsewhere = only.zip(self.issuer).is_some_and(|(only, asked)| only != asked);
        let words = if is_elsewhere { &NOWHERE } else { &self.words };
        Search { rfc, issuer: only.or(self.issuer), filter, typed: &self.typed, words, by_number: self.by_number }
    }
}

/// A page of what was found: up to one row more than asked for, and what all results come to where that is `counted`.
pub async fn list(
    app: &App,
    asker: &Asker,
    filter: &DocumentFilter,
    (after, limit): (Option<&PlaceKey>, u32),
    counted: bool,
) -> Result<(Vec<Found>, Option<DocumentTotals>), DocumentError> {
    let mut conn = app.db.read().await?;
    let question = Question::of(&mut conn, app.now(), &asker.rfc, filter).await?;
    let search = question.search((&asker.rfc, asker.only), filter);
    let rows = store::list(&mut conn, &search, after.map(PlaceKey::after), i64::from(limit) + 1).await?;
    let totals = if counted { Some(totals(store::sums(&mut conn, &search).await?)?) } else { None };
    let issuers = issuers_of(&mut conn, rows.iter().map(|row| IssuerId::new(row.issuer_id))).await?;
    let found = |row: ListedRow| Ok((PlaceKey::of(&row), listed(row, &issuers)?));
    Ok((rows.into_iter().map(found).collect::<DbResult<_>>()?, totals))
}

/// The rows of a page alone, by their places: what a page costs without what all results come to.
pub async fn rows(
    app: &App,
    asker: &Asker,
    filter: &DocumentFilter,
    after: Option<&PlaceKey>,
    limit: i64,
) -> Result<Vec<PlaceKey>, DocumentError> {
    let mut conn = app.db.read().await?;
    let question = Question::of(&mut conn, app.now(), &asker.rfc, filter).await?;
    let search = question.search((&asker.rfc, asker.only), filter);
    let rows = store::list(&mut conn, &search, after.map(PlaceKey::after), limit).await?;
    Ok(rows.iter().map(PlaceKey::of).collect())
}

async fn scope_of(conn: &mut impl Conn, slug: &str) -> Result<Scope, DocumentError> {
    match issuers::service::find_by_slug(conn, slug).await? {
        Some(issuer) => Ok(Scope::of(issuer.id)),
        None => {
            let mut errors = FieldErrors::default();
            errors.add("?issuer", FieldCode::NotInCatalog);
            Err(DocumentError::Fields(errors))
        }
    }
}

/// What the search form offers this customer.
pub async fn filters(app: &App, asker: &Asker) -> Result<DocumentFilters, DocumentError> {
    let mut conn = app.db.read().await?;
    let ids = store::list_issuers(&mut conn, &asker.rfc, asker.only, ISSUERS_MAX).await?;
    let contracts = store::list_contracts(&mut conn, &asker.rfc, asker.only, CONTRACTS_MAX).await?;
    let kinds = store::list_kinds(&mut conn, &asker.rfc, asker.only).await?;
    let known = issuers_of(&mut conn, ids.into_iter()).await?;
    let mut issuers: Vec<DocumentIssuer> = known
        .values()
        .map(|issuer| DocumentIssuer { slug: issuer.slug.clone(), name: issuer.commercial_name.clone() })
        .collect();
    issuers.sort_by_cached_key(|issuer| issuers::fold_search(&issuer.name));
    let contracts = contracts.into_iter().filter_map(|(id, number)| {
        let issuer = known.get(&IssuerId::new(id))?;
        Some(DocumentContract { issuer: issuer.slug.clone(), number })
    });
    Ok(DocumentFilters {
        issuers,
        contracts: contracts.collect(),
        kinds: DocumentKind::ALL.into_iter().filter(|kind| kinds.iter().any(|known| known == kind.as_str())).collect(),
    })
}

/// One document.
pub async fn view(app: &App, asker: &Asker, id: DocumentId) -> Result<DocumentView, DocumentError> {
    let mut conn = app.db.read().await?;
    let row = store::find(&mut conn, &asker.rfc, asker.only, id).await?.ok_or(DocumentError::NotFound)?;
    let issuer_id = IssuerId::new(row.issuer_id);
    let issuers = issuers_of(&mut conn, std::iter::once(issuer_id)).await?;
    let related = related::list(&mut conn, asker, id, &issuers).await?;
    drop(conn);
    let issuer = issuers.get(&issuer_id).ok_or_else(|| store::unreadable("issuer"))?;
    let (receptor_rfc, receptor_nombre) = (row.receptor_rfc.clone(), row.receptor_nombre.clone());
    let document = listed(row, &issuers)?;
    let cfdi = if document.has_xml {
        let stored = service::xml(app, asker.whose(), id).await?;
        Some(view::cfdi(&stored.xml).map_err(|source| DocumentError::Print { id: id.uuid(), source })?)
    } else {
        None
    };
    note(app, asker, Scope::of(issuer_id), "document.view", id, None).await?;
    Ok(DocumentView {
        document,
        emisor_rfc: issuer.rfc.as_str().to_owned(),
        emisor_nombre: issuer.nombre.as_str().to_owned(),
        receptor_rfc,
        receptor_nombre,
        cfdi,
        related,
    })
}

/// A file to download: its name and its bytes.
pub async fn file(
    app: &App,
    asker: &Asker,
    id: DocumentId,
    format: Format,
) -> Result<(String, Vec<u8>), DocumentError> {
    let mut conn = app.db.read().await?;
    let row = store::find_content(&mut conn, asker.whose(), id).await?.ok_or(DocumentError::NotFound)?;
    let scope = Scope::of(IssuerId::new(row.issuer_id));
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(DocumentError::NotFound)?;
    drop(conn);
    let name = service::file_name(&issuer.rfc, &row.serie, &row.folio, &row.issued_on, format.extension());
    let bytes = match format {
        Format::Xml => service::stored_xml(id, row)?.xml.into_bytes(),
        Format::Pdf => service::pdf_bytes(app, id, row).await?,
    };
    note(app, asker, scope, "document.download", id, Some(serde_json::json!({ "format": format.extension() }))).await?;
    Ok((name, bytes))
}

/// Who looked at what is recorded before it is shown.
/// What staff did who opened or downloaded a document over the customer's shoulder.
const LOOKED: &str = "document.looked_at";

pub(super) async fn note(
    app: &App,
    asker: &Asker,
    scope: Scope,
    act: &'static str,
    id: DocumentId,
    after: Option<serde_json::Value>,
) -> DbResult<()> {
    let (customer, object_id) = (asker.customer_id.to_string(), id.uuid().to_string());
    // Staff who look at the customer's pages do not make it seen.
    let act = if asker.looks { LOOKED } else { act };
    let entry = Entry {
        actor: Actor::User(asker.user_id),
        on_behalf_of: Some(&customer),
        issuer_id: Some(scope.uuid()),
        act,
        object_kind: "document",
        object_id: &object_id,
        before: None,
        after,
        request_id: Some(&asker.request_id),
    };
    let mut tx = app.db.begin().await?;
    audit::record(&mut tx, app.now(), entry).await?;
    tx.commit().await
}

pub(super) async fn issuers_of(
    conn: &mut impl Conn,
    ids: impl Iterator<Item = IssuerId> + Send,
) -> DbResult<HashMap<IssuerId, Issuer>> {
    let mut known = HashMap::new();
    know_issuers(conn, &mut known, ids).await?;
    Ok(known)
}

/// Adds those that are not known yet.
pub(super) async fn know_issuers(
    conn: &mut impl Conn,
    known: &mut HashMap<IssuerId, Issuer>,
    ids: impl Iterator<Item = IssuerId> + Send,
) -> DbResult<()> {
    let unknown: BTreeSet<Uuid> = ids.filter(|id| !known.contains_key(id)).map(IssuerId::uuid).collect();
    let scopes: Vec<Scope> = unknown.into_iter().map(|id| Scope::of(IssuerId::new(id))).collect();
    let found = issuers::service::find_issuers(conn, &scopes).await?;
    known.extend(found.into_iter().map(|issuer| (issuer.id, issuer)));
    Ok(())
}

pub(super) fn amount(minor: i64, currency: &str) -> DbResult<String> {
    let currency = Currency::parse(currency).map_err(|_unknown| store::unreadable("currency"))?;
    Ok(Amount::new(minor, currency).to_decimal_string())
}

pub(super) fn listed(row: ListedRow, issuers: &HashMap<IssuerId, Issuer>) -> DbResult<DocumentRow> {
    let issuer = issuers.get(&IssuerId::new(row.issuer_id)).ok_or_else(|| store::unreadable("issuer"))?;
    let kind = DocumentKind::parse(&row.kind).ok_or_else(|| store::unreadable("kind"))?;
    let zone = TimeZone::get(&row.time_zone).map_err(|_unknown| store::unreadable("time_zone"))?;
    Ok(DocumentRow {
        id: row.id,
        kind,
        state: DocumentState::parse(&row.state).ok_or_else(|| store::unreadable("state"))?,
        issuer: issuer.slug.clone(),
        issuer_name: issuer.commercial_name.clone(),
        number: document_number(&row.serie, &row.folio),
        serie: row.serie,
        folio: row.folio,
        folio_fiscal: row.folio_fiscal,
        contract: row.contract,
        purchase_order: row.purchase_order,
        issued_on: row.issued_on,
        issued_at: local_time(row.issued_at, &zone),
        total: amount(row.total_minor, &row.currency)?,
        currency: row.currency,
        has_xml: kind.is_cfdi(),
    })
}

/// One sum per kind and currency. Balances of statements do not add up, and what was cancelled counts for nothing.
pub(super) fn totals(rows: Vec<(String, String, String, i64, i64)>) -> DbResult<DocumentTotals> {
    let mut count = 0;
    let mut sums = BTreeMap::<(DocumentKind, String), (u64, i64)>::new();
    for (kind, currency, state, found, minor) in rows {
        let kind = DocumentKind::parse(&kind).ok_or_else(|| store::unreadable("kind"))?;
        let found = u64::try_from(found).unwrap_or(0);
        count += found;
        if kind == DocumentKind::EstadoDeCuenta || state == DocumentState::Cancelada.as_str() {
            continue;
        }
        let (counted, sum) = sums.entry((kind, currency)).or_default();
        *counted += found;
        *sum = sum.checked_add(minor).ok_or_else(|| store::unreadable("sum"))?;
    }
    let sums = sums.into_iter().map(|((kind, currency), (count, minor))| {
        Ok(DocumentSum { kind, total: amount(minor, &currency)?, currency, count })
    });
    Ok(DocumentTotals { count, sums: sums.collect::<DbResult<_>>()? })
}
