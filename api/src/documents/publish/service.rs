//! Publishing one document.
use fiscal::{Amount, Currency, Rfc};
use jiff::civil::DateTime;
use serde_json::json;
use sha2::{Digest, Sha256};
use shared::accounts::{CONTRACT_MAX, fold_contract};
use shared::integrators::Proved;
use shared::{FieldCode, FieldErrors};

use super::cfdi_in::{self, instant};
use super::{Named, PDF_MARK, Paper, Parcel, PublishError, again};
use crate::App;
use crate::accounts::people;
use crate::audit::{self, Actor, Entry};
use crate::clock::calendar;
use crate::db::{Conn, DbResult, Tx};
use crate::documents::model::{Content, NewDocument, Origin, RECEIPT_SERIE};
use crate::documents::service::{self, DocumentError};
use crate::documents::store::publish::{self as store, PublishedRow};
use crate::documents::{DocumentId, DocumentKind, digest};
use crate::files::{FileError, FileKey};
use crate::issuers::{self, Branch, Issuer, Scope};
use crate::webhooks;

/// Branches whose clocks are known to a document by its postal code.
const BRANCHES_MAX: i64 = 500;
/// Longest purchase order, in characters.
const PURCHASE_ORDER_MAX: usize = 60;
/// Longest serie or number of a paper.
const NUMBER_MAX: usize = 40;

/// A document that is published now.
#[derive(Debug)]
pub struct Published {
    /// Which.
    pub id: DocumentId,
    /// It was not there before, or was withdrawn.
    pub new: bool,
    /// Whether the issuer's seal was proved.
    pub seal: Proved,
    /// Whether the SAT's seal was proved.
    pub stamp: Proved,
}

/// Publishes a document under the name that its publisher gives it. The same again changes nothing.
pub async fn publish(
    app: &App,
    scope: Scope,
    (named, parcel): (Named<'_>, Parcel),
    (actor, request_id): (Actor, &str),
) -> Result<Published, PublishError> {
    let mut conn = app.db.read().await?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(PublishError::NotFound)?;
    let branches = issuers::service::list_branches(&mut conn, scope, None, BRANCHES_MAX).await?;
    let Read { mut document, order, seal, stamp, file } = read(app, &mut conn, (&issuer, &branches), parcel).await?;
    let says_contract = document.contract.as_deref().is_some_and(|number| !number.trim().is_empty());
    assign(&mut conn, scope, &mut document, named).await?;
    let name = match named {
        Named::By(external_id) => external_id.to_owned(),
        Named::Content => name_of(&document.content),
    };
    let external_id = name.as_str();
    let order = checked_order(order)?;
    drop(conn);
    // Kept before a row names it: one whose row is never written is left over and harms nobody.
    if let (Some(bytes), Content::Pdf { key, .. }) = (file, &document.content) {
        app.files.put(key, bytes).await.map_err(|source| kept(app, source))?;
    }
    let origin = Origin { external_id: Some(external_id), purchase_order: order.as_deref() };
    let mut tx = app.db.begin().await?;
    let by = (actor, request_id);
    let id = match standing(&mut tx, scope, (named, external_id), (&document, says_contract)).await? {
        Standing::There(id, row) => {
            if let Some(row) = row
                && again::restate(&mut tx, app, scope, (&row, &document, order.as_deref()), by).await?
            {
                tx.commit().await?;
                app.wake.notify_one();
            }
            return Ok(Published { id, new: false, seal, stamp });
        }
        Standing::Withdrawn(row, name) => {
            // One that was only understood takes no contract away that was said.
            document.contract = document.contract.filter(|_| says_contract);
            // Before it is there again: its number may have become another's in the contract that it had.
            again::restate(&mut tx, app, scope, (&row, &document, order.as_deref()), by).await?;
            again::bring_back(&mut tx, app, scope, (row.id(), &name)).await?;
            row.id()
        }
        Standing::Free => {
            check_serie(&document)?;
            let id = service::keep_from(&mut tx, app, scope, &document, &origin).await?;
            digest::note(&mut tx, app, scope, (id, &document)).await?;
            id
        }
    };
    note(&mut tx, app, scope, (id, external_id, &document), by).await?;
    tx.commit().await?;
    app.wake.notify_one();
    Ok(Published { id, new: true, seal, stamp })
}

/// What is published, before it is known whether it is there.
struct Read {
    document: NewDocument,
    order: Option<String>,
    seal: Proved,
    stamp: Proved,
    /// A paper's bytes.
    file: Option<Vec<u8>>,
}

async fn read(
    app: &App,
    conn: &mut impl Conn,
    (issuer, branches): (&Issuer, &[Branch]),
    parcel: Parcel,
) -> Result<Read, PublishError> {
    match parcel {
        Parcel::Cfdi { xml, contract, purchase_order: order } => {
            let sat = app.sat_certificate.as_deref();
            let read = cfdi_in::read(xml, issuer, branches, sat, &calendar())?;
            let document = NewDocument { contract, ..read.document };
            Ok(Read { document, order, seal: read.seal, stamp: read.stamp, file: None })
        }
        Parcel::Paper { pdf, paper } => {
            let (scope, order) = (Scope::of(issuer.id), paper.purchase_order.clone());
            let content = content_of(app, scope, &pdf)?;
            let document = read_paper(conn, scope, branches, (*paper, content)).await?;
            Ok(Read { document, order, seal: Proved::CannotTell, stamp: Proved::CannotTell, file: Some(pdf) })
        }
    }
}

enum Standing {
    /// It is there, as it is sent; and what its own publisher said of it.
    There(DocumentId, Option<PublishedRow>),
    /// It was there and is withdrawn; what it is called when it comes back.
    Withdrawn(PublishedRow, String),
    /// Nothing has its names.
    Free,
}

/// How the names of a document stand: the publisher's id, and the folio fiscal.
async fn standing(
    tx: &mut Tx,
    scope: Scope,
    (how, external_id): (Named<'_>, &str),
    (document, says_contract): (&NewDocument, bool),
) -> Result<Standing, PublishError> {
    let (folio_fiscal, sha256) = match &document.content {
        Content::Cfdi { folio_fiscal, xml } => (Some(folio_fiscal.as_str()), Sha256::digest(xml).to_vec()),
        Content::Pdf { sha256, .. } => (None, sha256.to_vec()),
    };
    let mut rows = store::lock_named(tx, scope, external_id, folio_fiscal).await?;
    if rows.is_empty() {
        // A name that nobody has cannot be locked: two who bring it at once wait for each other here, and the second
        // finds what the first left.
        webhooks::hold(tx, scope.uuid()).await?;
        rows = store::lock_named(tx, scope, external_id, folio_fiscal).await?;
    }
    let is_again = |row: &PublishedRow| row.sha256 == sha256 && again::is_said_alike(row, document, says_contract);
    // What was withdrawn under this id gives it up to another document.
    for row in rows.iter().filter(|row| row.withdrawn && row.is_called(external_id) && !is_again(row)) {
        store::clear_external(tx, scope, row.id()).await?;
    }
    let mut there = rows.iter().filter(|row| !row.withdrawn || is_again(row));
    let Some(row) = there.next() else { return free(tx, scope, how, document).await };
    let same = row.sha256 == sha256 && there.next().is_none();
    let named = |row: &PublishedRow| row.is_called(external_id) || row.withdrawn || matches!(how, Named::Content);
    match (same, named(row), row.withdrawn) {
        (true, true, false) => {
            // A person who brings the file says nothing of it.
            let said = matches!(how, Named::By(_)).then(|| row.clone());
            Ok(Standing::There(row.id(), said))
        }
        (true, true, true) => {
            // Meanwhile its number may have become another's, in the contract that it comes back to.
            let contract = if says_contract { document.contract.clone() } else { row.contract.clone() };
            let back = NewDocument { contract, ..document.clone() };
            let Standing::Free = free(tx, scope, how, &back).await? else { return Err(PublishError::Differs) };
            let own = row.external_id.clone().filter(|_| matches!(how, Named::Content));
            Ok(Standing::Withdrawn(row.clone(), own.unwrap_or_else(|| external_id.to_owned())))
        }
        _ => Err(PublishError::Differs),
    }
}

/// A paper's number is its own: within its contract a statement's (of one without a contract, within its receptor's
/// without), within the issuer a receipt's.
async fn free(tx: &mut Tx, scope: Scope, how: Named<'_>, document: &NewDocument) -> Result<Standing, PublishError> {
    let Content::Pdf { sha256, .. } = &document.content else { return Ok(Standing::Free) };
    // Two who bring the number at once wait for each other here.
    webhooks::hold(tx, scope.uuid()).await?;
    let is_statement = document.kind == DocumentKind::EstadoDeCuenta;
    let found = match document.contract.as_deref().filter(|_| is_statement) {
        None if is_statement => {
            let number = (document.serie.as_str(), document.folio.as_str());
            service::find_statement_of(tx, scope, &document.receptor_rfc, number).await?
        }
        contract => {
            let number = (contract, document.serie.as_str(), document.folio.as_str());
            service::find_by_number(tx, scope, document.kind, number).await?.map(|(id, _)| id)
        }
    };
    match found {
        Some(id) if matches!(how, Named::Content) && store::is_pdf(tx, scope, id, sha256).await? => {
            Ok(Standing::There(id, None))
        }
        Some(_) => Err(PublishError::Differs),
        None => Ok(Standing::Free),
    }
}

/// What a file that a person brings is called: for a CFDI by its stamp, for a PDF by its digest.
fn name_of(content: &Content) -> String {
    match content {
        Content::Cfdi { folio_fiscal, .. } => format!("cfdi:{}", folio_fiscal.to_lowercase()),
        Content::Pdf { sha256, .. } => format!("pdf:{}", hex::encode(&sha256[..16])),
    }
}

/// The contract named is the receptor's own; its number is kept as the issuer writes it.
async fn assign(
    conn: &mut impl Conn,
    scope: Scope,
    document: &mut NewDocument,
    how: Named<'_>,
) -> Result<(), PublishError> {
    let Some(number) = document.contract.take().filter(|number| !number.trim().is_empty()) else {
        if let (Named::Content, Ok(rfc)) = (how, Rfc::parse(&document.receptor_rfc)) {
            document.contract = people::only_contract(conn, scope, &rfc).await?;
        }
        return Ok(());
    };
    let mut errors = FieldErrors::default();
    let folded = fold_contract(&number);
    if number.chars().count() > CONTRACT_MAX {
        errors.add("?contract", FieldCode::TooLong);
    } else {
        match people::find_contract_holder(conn, scope, &folded).await? {
            None => errors.add("?contract", FieldCode::NoSuchCustomer),
            Some(holder) if holder.rfc != document.receptor_rfc => errors.add("?contract", FieldCode::ContractTaken),
            Some(holder) => document.contract = Some(holder.number),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(PublishError::Fields(errors)) }
}

fn checked_order(order: Option<String>) -> Result<Option<String>, PublishError> {
    let order = order.map(|order| order.trim().to_owned()).filter(|order| !order.is_empty());
    let code = match &order {
        Some(order) if order.chars().count() > PURCHASE_ORDER_MAX => FieldCode::TooLong,
        Some(order) if order.chars().any(char::is_control) => FieldCode::Characters,
        _ => return Ok(order),
    };
    let mut errors = FieldErrors::default();
    errors.add("?purchase_order", code);
    Err(PublishError::Fields(errors))
}

/// What a paper's publisher says of it: a PDF says nothing that a program could read.
async fn read_paper(
    conn: &mut impl Conn,
    scope: Scope,
    branches: &[Branch],
    (paper, content): (Paper, Content),
) -> Result<NewDocument, PublishError> {
    let mut errors = FieldErrors::default();
    let kind = match DocumentKind::parse(&paper.kind) {
        Some(kind) if !kind.is_cfdi() => Some(kind),
        _ => {
            errors.add("?kind", FieldCode::Shape);
            None
        }
    };
    check_number(&paper, &mut errors);
    let at: Option<DateTime> = paper.issued_at.parse().ok();
    if at.is_none() || paper.issued_at.len() != 19 {
        errors.add("?issued_at", FieldCode::Instant);
    }
    let currency = Currency::parse(paper.currency.as_deref().unwrap_or("MXN")).ok();
    if currency.is_none() {
        errors.add("?currency", FieldCode::NotInCatalog);
    }
    // A statement may end in the customer's favour.
    let parse = if kind == Some(DocumentKind::EstadoDeCuenta) { Amount::parse_signed } else { Amount::parse };
    let total = currency.and_then(|currency| parse(&paper.total, currency).ok());
    if total.is_none() && currency.is_some() {
        errors.add("?total", FieldCode::Amount);
    }
    let receptor = receptor(conn, scope, &paper, &mut errors).await?;
    let (Some(kind), Some(at), Some(total), Some((rfc, nombre)), true) = (kind, at, total, receptor, errors.is_empty())
    else {
        return Err(PublishError::Fields(errors));
    };
    // Where it was issued, a paper does not say: the issuer's first branch is as near as we know.
    let (zone, time_zone) = match branches.first() {
        Some(branch) => (branch.time_zone.clone(), branch.zone_name().to_owned()),
        None => (calendar(), calendar().iana_name().unwrap_or("UTC").to_owned()),
    };
    let folio = paper.number.trim().to_owned();
    Ok(NewDocument {
        kind,
        serie: paper.serie.trim().to_owned(),
        folio_number: folio.parse().ok(),
        folio,
        receptor_rfc: rfc,
        receptor_nombre: nombre,
        contract: paper.contract,
        issued_at: instant(at, &zone)?,
        issued_on: at.date().to_string(),
        time_zone,
        total,
        content,
    })
}

/// Serie and number are whatever the publisher says.
fn check_number(paper: &Paper, errors: &mut FieldErrors) {
    for (pointer, text, required) in [("?number", &paper.number, true), ("?serie", &paper.serie, false)] {
        if required && text.trim().is_empty() {
            errors.add(pointer, FieldCode::Required);
        } else if text.chars().count() > NUMBER_MAX {
            errors.add(pointer, FieldCode::TooLong);
        } else if text.chars().any(char::is_control) {
            errors.add(pointer, FieldCode::Characters);
        }
    }
}

/// The serie of the portal's own receipts is theirs. One that was published before that was said stays, and may be sent
/// again.
fn check_serie(document: &NewDocument) -> Result<(), PublishError> {
    if document.kind != DocumentKind::Recibo || !document.serie.eq_ignore_ascii_case(RECEIPT_SERIE) {
        return Ok(());
    }
    let mut errors = FieldErrors::default();
    errors.add("?serie", FieldCode::Taken);
    Err(PublishError::Fields(errors))
}

/// Whose a paper is: by its RFC, or by its contract.
async fn receptor(
    conn: &mut impl Conn,
    scope: Scope,
    paper: &Paper,
    errors: &mut FieldErrors,
) -> DbResult<Option<(String, String)>> {
    let rfc = paper.rfc.as_deref().map(str::trim).filter(|rfc| !rfc.is_empty());
    let contract = paper.contract.as_deref().map(fold_contract).filter(|number| !number.is_empty());
    match (rfc, contract) {
        (Some(rfc), _) => match Rfc::parse(rfc) {
            Ok(rfc) => {
                let known = people::find_names_by_rfc(conn, &rfc).await?;
                if known.is_none() {
                    errors.add("?rfc", FieldCode::NoSuchCustomer);
                }
                return Ok(known);
            }
            Err(_wrong) => errors.add("?rfc", FieldCode::RfcPattern),
        },
        (None, Some(number)) => {
            let holder = people::find_contract_holder(conn, scope, &number).await?;
            if holder.is_none() {
                errors.add("?contract", FieldCode::NoSuchCustomer);
            }
            return Ok(holder.map(|holder| (holder.rfc, holder.nombre)));
        }
        (None, None) => errors.add("?rfc", FieldCode::Required),
    }
    Ok(None)
}

/// Where a PDF will be: its name is its digest, so the same one sent again lies in the same place.
fn content_of(app: &App, scope: Scope, pdf: &[u8]) -> Result<Content, PublishError> {
    if !pdf.starts_with(PDF_MARK) {
        let mut errors = FieldErrors::default();
        errors.add("/body", FieldCode::NotPdf);
        return Err(PublishError::Fields(errors));
    }
    let sha256: [u8; 32] = Sha256::digest(pdf).into();
    let key = FileKey::parse(&format!("documents/{}/{}.pdf", scope.uuid(), hex::encode(sha256)));
    Ok(Content::Pdf { key: key.map_err(|source| kept(app, source))?, sha256 })
}

fn kept(app: &App, source: FileError) -> PublishError {
    DocumentError::File { id: app.ids.uuid(), source }.into()
}

async fn note(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (id, external_id, document): (DocumentId, &str, &NewDocument),
    (actor, request_id): (Actor, &str),
) -> DbResult<()> {
    let object_id = id.uuid().to_string();
    let entry = Entry {
        actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "document.publish",
        object_kind: "document",
        object_id: &object_id,
        before: None,
        after: Some(json!({
            "external_id": external_id, "kind": document.kind.as_str(), "serie": document.serie,
            "folio": document.folio,
        })),
        request_id: Some(request_id),
    };
    audit::record(tx, app.now(), entry).await
}
