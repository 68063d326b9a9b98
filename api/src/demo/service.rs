//! Filling the demo, and telling what is in it.
use std::collections::HashMap;

use anyhow::Context;
use cfdi::testca::Issued;
use shared::rehearsal::{MagicValue, RehearsalTicket, RehearsalView};

use super::companies::{COMPANIES, Company};
use super::sales::{Counter, seed_of};
use super::{people, receivables};
use crate::App;
use crate::audit::Actor;
use crate::db::{DbResult, Timestamp, Tx};
use crate::integrators::keys;
use crate::issuers::service::{DEFAULT_SLUG, IssuerError};
use crate::issuers::{self, Branch, Scope};
use crate::sandbox::authority::Authority;
use crate::sandbox::{bank_magic_values, magic_values};
use crate::tickets::signed::demo::Printed;
use crate::tickets::{self, signed};

/// Fewer open tickets than this, and a start brings new ones.
const FEW_TICKETS: i64 = 40;
/// Times the shelf can be filled again.
const ROUNDS_MAX: u32 = 200;
/// Tickets the rehearsal's page shows.
const SHOWN_TICKETS: i64 = 100;
/// Branches of one company that are looked at.
const BRANCHES_MAX: u32 = 100;
/// Page of the portal that shows the letters.
const MAILBOX_PAGE: &str = "/buzon";
/// Address of Swagger UI.
const API_DOCS: &str = "/api/docs/";

/// Makes the companies, branches, tickets and customers on the first start; later adds tickets when few are left.
pub async fn fill(app: &App) -> anyhow::Result<()> {
    fill_shops(app).await?;
    match issuers::service::scope_of_slug(app, DEFAULT_SLUG).await? {
        Some((scope, _)) => {
            keys::ensure_demo_key(app, scope).await.context("making the rehearsal's API key")?;
            ensure_till(app, scope).await.context("making the rehearsal's till key")?;
            people::fill(app, scope).await?;
            people::hire(app, scope).await?;
            receivables::fill(app, scope).await
        }
        None => Ok(()),
    }
}

/// The first branch has the till whose tickets the rehearsal's page shows.
async fn ensure_till(app: &App, scope: Scope) -> anyhow::Result<()> {
    let [Company { shops: [shop, ..], .. }, ..] = &COMPANIES else { return Ok(()) };
    let branch = issuers::service::find_branch_by_name(&mut app.db.read().await?, scope, shop.name).await?;
    match branch {
        Some(branch) => Ok(signed::demo::ensure_key(app, scope, branch.id).await?),
        None => Ok(()),
    }
}

async fn fill_shops(app: &App) -> anyhow::Result<()> {
    match issuers::service::scope_of_slug(app, DEFAULT_SLUG).await? {
        None => open_shops(app).await,
        Some((scope, _)) if open_tickets(app, scope, FEW_TICKETS).await?.len() < usize::try_from(FEW_TICKETS)? => {
            restock(app).await
        }
        Some(_) => Ok(()),
    }
}

async fn open_shops(app: &App) -> anyhow::Result<()> {
    let now = app.now();
    let certificates = certificates(app, now).await?;
    let mut tx = app.db.begin().await?;
    let mut tickets = 0;
    for (index, (company, csd)) in COMPANIES.iter().zip(certificates).enumerate() {
        let issuer = company.issuer(&app.ids)?;
        let scope = issuers::service::add_issuer(&mut tx, &issuer, now).await?;
        issuers::logo::set(&mut tx, scope, company.logo.to_vec(), Actor::System, now).await?;
        issuers::notices::first(&mut tx, scope, &notice_of(&issuer), now).await?;
        let csd = app.vault.seal_csd(&app.ids, &issuer, &csd.cer_der, &csd.pkcs8_der)?;
        issuers::service::add_csd(&mut tx, scope, &csd, now).await?;
        for (place, shop) in company.shops.iter().enumerate() {
            let branch = company.branch(shop, &app.ids)?;
            issuers::service::add_branch(&mut tx, scope, &branch, now).await?;
            let counter = Counter { branch: &branch, shop, round: 0 };
            tickets += sell(app, &mut tx, scope, &counter, seed_of(index, place)).await?;
        }
    }
    tx.commit().await?;
    tracing::info!(tickets, "the demo was filled");
    Ok(())
}

/// Sealing certificates of the test authority. Making RSA keys takes seconds of a core, hence the thread.
async fn certificates(app: &App, now: Timestamp) -> anyhow::Result<Vec<Issued>> {
    let (data_dir, ids) = (app.config.data_dir.clone(), app.ids.clone());
    tokio::task::spawn_blocking(move || {
        let authority = Authority::open(&data_dir, now, &ids)?;
        COMPANIES.iter().map(|company| authority.issue_csd(company.rfc, company.nombre, now, &ids)).collect()
    })
    .await
    .context("waiting for the demo's certificates")?
}

/// Brings one round of sales of one branch in; gives how many were new.
async fn sell(app: &App, tx: &mut Tx, scope: Scope, counter: &Counter<'_>, seed: u64) -> anyhow::Result<u32> {
    let mut added = 0;
    for sale in counter.sales(app.now().jiff(), seed)? {
        if tickets::service::import(tx, app, scope, counter.branch, sale).await?.is_some() {
            added += 1;
        }
    }
    Ok(added)
}

/// Adds the first round of sales that is not there yet.
async fn restock(app: &App) -> anyhow::Result<()> {
    let mut shops = Vec::new();
    for (index, company) in COMPANIES.iter().enumerate() {
        for (scope, branch) in branches_of(app, company).await? {
            if let Some(place) = company.shops.iter().position(|shop| shop.name == branch.name) {
                shops.push((index, place, scope, branch));
            }
        }
    }
    for round in 1..=ROUNDS_MAX {
        let mut tx = app.db.begin().await?;
        let mut added = 0;
        for (index, place, scope, branch) in &shops {
            let counter = Counter { branch, shop: &COMPANIES[*index].shops[*place], round };
            added += sell(app, &mut tx, *scope, &counter, seed_of(*index, *place)).await?;
        }
        if added > 0 {
            tx.commit().await?;
            tracing::info!(tickets = added, "the demo has new tickets");
            return Ok(());
        }
    }
    Ok(())
}

async fn branches_of(app: &App, company: &Company) -> anyhow::Result<Vec<(Scope, Branch)>> {
    let Some((scope, _)) = issuers::service::scope_of_slug(app, company.slug).await? else { return Ok(Vec::new()) };
    let branches = issuers::service::branches(app, company.slug, "", None, BRANCHES_MAX).await?;
    Ok(branches.into_iter().map(|branch| (scope, branch)).collect())
}

/// Open tickets of an issuer that can be invoiced today at every one of its branches, newest first.
async fn open_tickets(app: &App, scope: Scope, limit: i64) -> DbResult<Vec<tickets::model::Ticket>> {
    // The day begins in Cancún: what can be invoiced on its date can be invoiced on any other branch's.
    let zone = jiff::tz::TimeZone::get("America/Cancun").unwrap_or(jiff::tz::TimeZone::UTC);
    let today = zone.to_datetime(app.now().jiff()).date();
    tickets::service::list_open(&mut app.db.read().await?, scope, today, limit).await
}

/// All there is to try; `None` outside a rehearsal.
pub async fn view(app: &App) -> DbResult<Option<RehearsalView>> {
    if !app.rehearsal {
        return Ok(None);
    }
    let mut shown = Vec::new();
    if let Some((scope, _)) = issuers::service::scope_of_slug(app, DEFAULT_SLUG).await? {
        let names = branch_names(app).await?;
        for ticket in open_tickets(app, scope, SHOWN_TICKETS).await? {
            let Some(branch_name) = names.get(&ticket.branch_id) else { continue };
            shown.push(RehearsalTicket {
                branch_id: ticket.branch_id.uuid(),
                branch_name: branch_name.clone(),
                order_number: ticket.order_number,
                ticket_number: ticket.ticket_number,
                total: ticket.total.to_decimal_string(),
                currency: ticket.total.currency().code().to_owned(),
                forma_pago: ticket.forma_pago.map(|forma| forma.code().to_owned()),
                lines: u32::try_from(ticket.lines.len()).unwrap_or(u32::MAX),
            });
        }
    }
    Ok(Some(RehearsalView {
        tickets: shown,
        signed_tickets: signed::demo::print(app).await?.map(|printed| signed_ticket(&printed)).into_iter().collect(),
        magic_values: magic_values().into_iter().chain(bank_magic_values()).collect(),
        sign_ins: people::sign_ins(app),
        staff: people::staff_sign_ins(app).await?,
        registrable: people::registrable(app).await?,
        mailbox: (!app.config.has_smtp()).then(|| MAILBOX_PAGE.to_owned()),
        api_docs: API_DOCS.to_owned(),
        api_key: keys::shown_demo_key(app).await?,
    }))
}

/// A ticket of the rehearsal's till, and what becomes of whoever opens it.
fn signed_ticket(printed: &Printed) -> MagicValue {
    let (branch, order, ticket) = (&printed.branch_name, &printed.payload.order_number, &printed.payload.ticket_number);
    let total = printed.payload.total.to_decimal_string();
    MagicValue {
        field: "QR".to_owned(),
        value: printed.qr.clone(),
        effect_es: format!(
            "Lo firmó la caja del ensayo; su venta aún no llega. Ábralo y pida la factura: queda en espera. Luego traiga la \
             venta con PUT /tickets/{{external_id}}, en la documentación de la API: {branch}, orden {order}, ticket \
             {ticket}, total {total}, lo demás como en el ejemplo. La factura se timbra sola y llega al buzón. Si la venta \
             llega primero, se timbra al pedirla."
        ),
        effect_en: format!(
            "The rehearsal's till signed it; its sale has not arrived. Open it and ask for the invoice: it waits. Then bring \
             the sale by PUT /tickets/{{external_id}}, in the API's documentation: {branch}, order {order}, ticket {ticket}, \
             total {total}, the rest as in the example. The invoice is stamped by itself and arrives in the mailbox. If \
             the sale comes first, it is stamped when asked for."
        ),
    }
}

async fn branch_names(app: &App) -> DbResult<HashMap<issuers::BranchId, String>> {
    match issuers::service::branches(app, DEFAULT_SLUG, "", None, BRANCHES_MAX).await {
        Ok(branches) => Ok(branches.into_iter().map(|branch| (branch.id, branch.name)).collect()),
        Err(IssuerError::Store(error)) => Err(error),
        Err(IssuerError::NotFound | IssuerError::Search(_)) => Ok(HashMap::new()),
    }
}

/// What an invented company says of personal data: as short as the law's parts allow.
fn notice_of(issuer: &issuers::Issuer) -> String {
    format!(
        "{name} ({rfc}) es responsable de los datos personales que usted escribe en este portal.\n\n\
         Los usa para emitir sus comprobantes fiscales, enviarlos a su correo y atender sus pagos. No los comparte con \
         nadie más que el SAT, el proveedor que timbra y el banco con el que usted paga.\n\n\
         Puede pedir acceso, rectificación, cancelación u oposición en Mi cuenta, Privacidad, o escribiendo a {mailbox}. \
         La respuesta llega en veinte días hábiles.\n\n\
         Esta empresa es inventada y el portal es un ensayo.",
        name = issuer.commercial_name,
        rfc = issuer.rfc,
        mailbox = issuer.support_email,
    )
}
