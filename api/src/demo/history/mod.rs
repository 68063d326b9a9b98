//! The past of the demo's customers: half a year of invoices, sealed by their issuers and stamped by the sandbox over
//! HTTP as any other, with receipts and statements beside them, and what they paid at the portal. It is made in the
//! background, a few documents at a time, so that a start does not wait for it; each one is looked for before it is made,
//! so that it can be interrupted anywhere.
mod after;
mod paid;
mod papers;
mod plan;

use std::collections::HashMap;

use anyhow::Context;
use fiscal::{Amount, Currency, Rfc};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};

use super::companies::{COMPANIES, Company};
use super::people as demo_people;
use crate::App;
use crate::accounts::people;
use crate::billing::pac::PacError;
use crate::db::{DbResult, Timestamp, Tx};
use crate::documents::credit::OnCredit;
use crate::documents::model::{Content, NewDocument, Origin};
use crate::documents::{self, DocumentId, DocumentKind};
use crate::files::FileKey;
use crate::issuers::service::DEFAULT_SLUG;
use crate::issuers::{self, Branch, Issuer, Scope, custody};
use crate::jobs::{self, JobKind, Outcome};
use crate::payments::receivables::{self, ErpReceivable};
use crate::sandbox::HISTORY_REFERENCE;
use crate::threads::Ended;
use after::{After, Kind};
use papers::Charge;
use plan::{Sale, Statement};

/// The last day of the history, kept so that it stays the same one.
const LAST_DAY: &str = "demo_history_until";
/// Documents made in one run of the job.
const RUN_DOCUMENTS: usize = 40;
/// Serie and first folio of the receipts.
const RECEIPTS: (&str, i64) = ("RP", 8_790);
/// Receipts of each client.
const RECEIPTS_EACH: usize = 3;
/// When the night's work prints statements.
const STATEMENT_TIME: Time = Time::constant(7, 0, 0, 0);

/// Puts the work into the queue. A later start does so again, finds all made, and changes nothing.
pub async fn begin(app: &App) -> anyhow::Result<()> {
    let zone = jiff::tz::TimeZone::get("America/Mexico_City")?;
    let yesterday = app.now().jiff().to_zoned(zone).date().yesterday()?;
    crate::installation::get_or_set(&app.db, LAST_DAY, &yesterday.to_string()).await?;
    let Some((scope, _)) = issuers::service::scope_of_slug(app, DEFAULT_SLUG).await? else { return Ok(()) };
    demo_people::add_second(app, scope).await?;
    demo_people::add_third(app, scope).await?;
    let subject = scope.uuid();
    let mut tx = app.db.begin().await?;
    if jobs::list_subjects(&mut tx, JobKind::DemoHistory, &[subject]).await?.is_empty() {
        jobs::enqueue(&mut tx, &app.ids, JobKind::DemoHistory, subject, app.now()).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Makes some of what is missing.
pub async fn go_on(app: &App) -> Outcome {
    match make_some(app).await {
        Ok(0) => Outcome::Done,
        Ok(made) => Outcome::RetryAt { at: app.now(), reason: format!("{made} documents made, looking for more") },
        Err(error) => Outcome::Retry { reason: format!("{error:#}") },
    }
}

/// A company and what it needs to make documents.
struct Seller {
    company: &'static Company,
    scope: Scope,
    issuer: Issuer,
    branch: Branch,
}

async fn sellers(app: &App) -> anyhow::Result<Vec<Seller>> {
    let mut sellers = Vec::new();
    for company in &COMPANIES {
        let Some((scope, issuer)) = issuers::service::scope_of_slug(app, company.slug).await? else { continue };
        let Some(shop) = company.shops.first() else { continue };
        let branches = issuers::service::branches(app, company.slug, shop.name, None, 1).await?;
        let branch = branches.into_iter().next().context("the company has no branch")?;
        sellers.push(Seller { company, scope, issuer, branch });
    }
    Ok(sellers)
}

async fn make_some(app: &App) -> anyhow::Result<usize> {
    let Some(last) = crate::installation::get(&app.db, LAST_DAY).await? else { return Ok(0) };
    let last: Date = last.parse()?;
    let sellers = sellers(app).await?;
    let (sales, second, mut made) = (plan::sales(last)?, plan::sales_of_second(last)?, 0);
    for sale in sales.iter().chain(&second) {
        let Some(seller) = sellers.iter().find(|seller| seller.company.slug == sale.company.slug) else { continue };
        made += usize::from(invoice(app, seller, sale).await?);
        if made == RUN_DOCUMENTS {
            return Ok(made);
        }
    }
    let Some(seller) = sellers.iter().find(|seller| seller.company.is_default) else { return Ok(made) };
    for after in after::all(&sales, last)? {
        made += usize::from(follow(app, seller, &after).await?);
        if made >= RUN_DOCUMENTS {
            return Ok(made);
        }
    }
    for (sale, folio) in receipts(&sales).into_iter().zip(RECEIPTS.1..) {
        made += usize::from(receipt(app, seller, sale, folio).await?);
    }
    // The queue prints their receipts before it comes back to what is made last.
    if Box::pin(paid::make(app, seller, last)).await? {
        return Ok(made + 1);
    }
    for statement in plan::statements(last)? {
        if made >= RUN_DOCUMENTS {
            return Ok(made);
        }
        made += usize::from(print_statement(app, seller, &statement, &sales).await?);
    }
    Ok(made)
}

/// The newest invoices of each client that were paid at once, at the default company, in the order of their days.
fn receipts(sales: &[Sale]) -> Vec<&Sale> {
    let mut of_each = HashMap::<&str, usize>::new();
    let mut chosen: Vec<&Sale> = sales
        .iter()
        .rev()
        .filter(|sale| sale.company.is_default && !sale.on_credit)
        .filter(|sale| {
            let count = of_each.entry(sale.client.rfc).or_default();
            *count += 1;
            *count <= RECEIPTS_EACH
        })
        .collect();
    chosen.reverse();
    chosen
}

async fn is_there(
    app: &App,
    seller: &Seller,
    kind: DocumentKind,
    number: (Option<&str>, &str, &str),
) -> DbResult<bool> {
    let mut conn = app.db.read().await?;
    Ok(documents::service::find_by_number(&mut conn, seller.scope, kind, number).await?.is_some())
}

fn instant(civil: DateTime, branch: &Branch) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::new(branch.time_zone.to_timestamp(civil)?))
}

/// Seals, has it stamped with no transaction open, keeps. `false`: it was there.
async fn invoice(app: &App, seller: &Seller, sale: &Sale) -> anyhow::Result<bool> {
    let folio = sale.folio.to_string();
    if is_there(app, seller, DocumentKind::Factura, (None, sale.serie, &folio)).await? {
        return Ok(false);
    }
    let issued_at = instant(sale.at, &seller.branch)?;
    let signer = custody::signer(app, seller.scope, issued_at).await?;
    let total = sale.total(&seller.issuer, &seller.branch)?;
    let built = cfdi::build(&sale.draft(&seller.issuer, &seller.branch)?);
    let comprobante = built.map_err(|breaches| anyhow::anyhow!("building {}-{folio}: {breaches:?}", sale.serie))?;
    let sealed = cfdi::seal(comprobante, &signer.csd).context("sealing")?.xml;
    let content = stamped(app, seller, (sale.serie, &folio), &sealed).await?;
    let document = NewDocument {
        kind: DocumentKind::Factura,
        serie: sale.serie.to_owned(),
        folio,
        folio_number: Some(sale.folio),
        receptor_rfc: sale.client.rfc.to_owned(),
        receptor_nombre: sale.client.nombre.to_owned(),
        contract: sale.contract.map(str::to_owned),
        issued_at,
        issued_on: sale.at.date().to_string(),
        time_zone: seller.branch.zone_name().to_owned(),
        total,
        content,
    };
    let order = sale.purchase_order();
    let origin = Origin { external_id: None, purchase_order: order.as_deref() };
    let mut tx = app.db.begin().await?;
    let id = documents::service::keep_from(&mut tx, app, seller.scope, &document, &origin).await?;
    if sale.on_credit {
        owe(&mut tx, app, sale, (id, seller.scope, &document)).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// An invoice on credit is owed, or its seller's ERP says that it was paid before there was a portal.
async fn owe(
    tx: &mut Tx,
    app: &App,
    sale: &Sale,
    (id, scope, document): (DocumentId, Scope, &NewDocument),
) -> anyhow::Result<()> {
    let receptor = Rfc::parse(&document.receptor_rfc)?;
    let number = shared::documents::document_number(&document.serie, &document.folio);
    let customer = people::find_customer(tx, &receptor).await?;
    let (Some(customer), Some(_)) = (customer, sale.paid_on) else {
        let (contract, total) = (document.contract.clone(), document.total);
        let issued_on = document.issued_on.clone();
        let invoice = OnCredit { scope, receptor, contract, number, issued_on, total, rate: None };
        receivables::open_of_invoice(tx, app, &invoice, id).await?;
        return Ok(());
    };
    let paid = ErpReceivable {
        external_id: &number,
        customer,
        contract: document.contract.as_deref(),
        number: &number,
        issued_on: &document.issued_on,
        due_on: None,
        total: document.total,
        rate: None,
        balance: Amount::new(0, document.total.currency()),
        as_of: app.now(),
        document_id: Some(id),
    };
    receivables::upsert(tx, app, scope, &paid).await?;
    Ok(())
}

/// The stamp of the sandbox, over HTTP and with no transaction open.
async fn stamped(app: &App, seller: &Seller, (serie, folio): (&str, &str), sealed: &str) -> anyhow::Result<Content> {
    let reference = format!("{HISTORY_REFERENCE}{}-{serie}-{folio}", seller.company.slug);
    let stamped = match app.pac.stamp(sealed, &reference).await {
        Ok(stamped) => stamped.0,
        Err(PacError::Refused { sat_code, message }) => {
            anyhow::bail!("the sandbox refused {serie}-{folio}: {sat_code} {message}")
        }
        Err(error @ PacError::Silent { .. }) => return Err(error.into()),
    };
    let timbre = cfdi::timbre::accept(sealed.as_bytes(), stamped.as_bytes()).context("reading the stamp")?;
    Ok(Content::Cfdi { folio_fiscal: timbre.uuid.to_uppercase(), xml: stamped.into_bytes() })
}

/// The folio fiscal of a sale's invoice, which was made before.
async fn folio_fiscal_of(app: &App, seller: &Seller, sale: &Sale) -> anyhow::Result<String> {
    let mut conn = app.db.read().await?;
    let folio = sale.folio.to_string();
    let number = (None, sale.serie, folio.as_str());
    let found = documents::service::find_by_number(&mut conn, seller.scope, DocumentKind::Factura, number).await?;
    found.and_then(|(_, folio_fiscal)| folio_fiscal).context("the invoice is not there yet")
}

/// What came after a sale. `false`: it was there.
async fn follow(app: &App, seller: &Seller, after: &After<'_>) -> anyhow::Result<bool> {
    let (sale, folio) = (after.sale, after.folio.to_string());
    let kind = match after.kind {
        Kind::Return => DocumentKind::NotaDeCredito,
        Kind::Payment => DocumentKind::ComplementoDePago,
    };
    if is_there(app, seller, kind, (None, after.serie, &folio)).await? {
        return Ok(false);
    }
    let folio_fiscal = folio_fiscal_of(app, seller, sale).await?;
    let issued_at = instant(after.at, &seller.branch)?;
    let signer = custody::signer(app, seller.scope, issued_at).await?;
    let (sealed, total) = after.sealed((&seller.issuer, &seller.branch), &folio_fiscal, &signer.csd)?;
    let content = stamped(app, seller, (after.serie, &folio), &sealed).await?;
    let document = NewDocument {
        kind,
        serie: after.serie.to_owned(),
        folio,
        folio_number: Some(after.folio),
        receptor_rfc: sale.client.rfc.to_owned(),
        receptor_nombre: sale.client.nombre.to_owned(),
        contract: sale.contract.map(str::to_owned),
        issued_at,
        issued_on: after.at.date().to_string(),
        time_zone: seller.branch.zone_name().to_owned(),
        total: Amount::from_decimal(total, Currency::Mxn)?,
        content,
    };
    keep(app, seller, &document).await?;
    Ok(true)
}

async fn keep(app: &App, seller: &Seller, document: &NewDocument) -> DbResult<()> {
    let mut tx = app.db.begin().await?;
    documents::service::keep(&mut tx, app, seller.scope, document).await?;
    tx.commit().await
}

/// The receipt of a sale paid at once, two hours later. `false`: it was there.
async fn receipt(app: &App, seller: &Seller, sale: &Sale, number: i64) -> anyhow::Result<bool> {
    let folio = format!("{number:05}");
    if is_there(app, seller, DocumentKind::Recibo, (None, RECEIPTS.0, &folio)).await? {
        return Ok(false);
    }
    let folio_fiscal = folio_fiscal_of(app, seller, sale).await?;
    let at = sale.at.checked_add(Span::new().hours(2))?;
    let charge = Charge { sale, total: sale.total(&seller.issuer, &seller.branch)? };
    let paper = papers::receipt(&seller.issuer, &charge, &folio_fiscal, &format!("{}-{folio}", RECEIPTS.0), at);
    let document = NewDocument {
        kind: DocumentKind::Recibo,
        serie: RECEIPTS.0.to_owned(),
        folio,
        folio_number: Some(number),
        receptor_rfc: sale.client.rfc.to_owned(),
        receptor_nombre: sale.client.nombre.to_owned(),
        contract: sale.contract.map(str::to_owned),
        issued_at: instant(at, &seller.branch)?,
        issued_on: at.date().to_string(),
        time_zone: seller.branch.zone_name().to_owned(),
        total: charge.total,
        content: print(app, seller, paper).await?,
    };
    keep(app, seller, &document).await?;
    Ok(true)
}

/// The statement of a month. `false`: it was there.
async fn print_statement(app: &App, seller: &Seller, statement: &Statement, sales: &[Sale]) -> anyhow::Result<bool> {
    let folio = Statement::number(statement.issued_on);
    let number = (Some(statement.contract), "", folio.as_str());
    if is_there(app, seller, DocumentKind::EstadoDeCuenta, number).await? {
        return Ok(false);
    }
    let of_contract = sales.iter().filter(|sale| {
        sale.company.is_default && sale.client.rfc == statement.client.rfc && sale.contract == Some(statement.contract)
    });
    let charges = of_contract
        .map(|sale| Ok(Charge { sale, total: sale.total(&seller.issuer, &seller.branch)? }))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let (paper, balance): (_, Amount) = papers::statement(&seller.issuer, statement, &charges)?;
    let issued = statement.issued_on.to_datetime(STATEMENT_TIME);
    let document = NewDocument {
        kind: DocumentKind::EstadoDeCuenta,
        serie: String::new(),
        folio_number: folio.parse().ok(),
        folio,
        receptor_rfc: statement.client.rfc.to_owned(),
        receptor_nombre: statement.client.nombre.to_owned(),
        contract: Some(statement.contract.to_owned()),
        issued_at: instant(issued, &seller.branch)?,
        issued_on: statement.issued_on.to_string(),
        time_zone: seller.branch.zone_name().to_owned(),
        total: balance,
        content: print(app, seller, paper).await?,
    };
    keep(app, seller, &document).await?;
    Ok(true)
}

/// Prints a paper and puts it into the file store.
async fn print(app: &App, seller: &Seller, paper: pdf::Document) -> anyhow::Result<Content> {
    let slot = app.pdf_slots.clone().acquire_owned().await?;
    let ident = app.ids.uuid().to_string();
    let key = FileKey::parse(&format!("documents/{}/{ident}.pdf", seller.scope.uuid()))?;
    let logo = issuers::logo::for_paper(&mut app.db.read().await?, seller.scope).await?;
    let options = pdf::RenderOptions { ident, logo, ..pdf::RenderOptions::default() };
    let printed = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        pdf::render(&paper, &options)
    });
    let bytes = printed.await.map_err(Ended::from).context("waiting for the renderer")?.context("printing")?;
    let sha256 = app.files.put(&key, bytes).await?;
    Ok(Content::Pdf { key, sha256 })
}
