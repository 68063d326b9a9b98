//! How something comes to be owed: an invoice on credit is published, or the ERP says so.
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fiscal::{Amount, Rate};
use jiff::Span;
use jiff::civil::Date;
use shared::accounts::fold_contract;
use shared::integrators::{EventData, EventKind, ReceivableResource};
use uuid::Uuid;

use super::PaymentError;
use super::store::receivables::{self as store, NewReceivable, ReceivableRow};
use crate::App;
use crate::accounts::{CustomerId, contracts, people};
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::documents::DocumentId;
use crate::documents::credit::OnCredit;
use crate::issuers::Scope;
use crate::webhooks;

/// Opens what an invoice on credit (PPD) leaves owed. `false`: its receptor is no customer of the house, or it is open
/// already: also when the ERP said so first, without naming the document.
pub async fn open_of_invoice(tx: &mut Tx, app: &App, invoice: &OnCredit, id: DocumentId) -> Result<bool, PaymentError> {
    let Some(customer) = people::find_customer(tx, &invoice.receptor).await? else { return Ok(false) };
    // The ERP may be telling of this very invoice: who comes second has to see what the first one opened.
    people::lock_customer(tx, customer).await?;
    let folded = invoice.contract.as_deref().map(fold_contract);
    let term = contracts::days_to_pay(tx, invoice.scope, customer, folded.as_deref()).await?;
    let new = NewReceivable {
        customer,
        document_id: Some(id.uuid()),
        external: None,
        contract: invoice.contract.as_deref().zip(folded.as_deref()),
        number: &invoice.number,
        issued_on: &invoice.issued_on,
        due_on: &due(&invoice.issued_on, term),
        total: invoice.total,
        rate: invoice.rate.map(|rate| (rate, invoice.issued_on.as_str())),
    };
    if store::mark_documented(tx, invoice.scope, &new, app.now()).await? {
        return Ok(false);
    }
    Ok(store::insert(tx, invoice.scope, app.ids.uuid(), &new, app.now()).await?)
}

/// The last day of the term; a day that is no day is due at once.
fn due(issued_on: &str, term_days: i64) -> String {
    let day = issued_on.parse::<Date>().and_then(|day| day.checked_add(Span::new().days(term_days)));
    day.map_or_else(|_no_day| issued_on.to_owned(), |day| day.to_string())
}

/// What the ERP says of one receivable.
#[derive(Debug, Clone)]
pub struct ErpReceivable<'a> {
    /// The ERP's own number.
    pub external_id: &'a str,
    /// Who owes.
    pub customer: CustomerId,
    /// The customer's number at the issuer.
    pub contract: Option<&'a str>,
    /// Number of the invoice.
    pub number: &'a str,
    /// Civil day of the invoice, `YYYY-MM-DD`.
    pub issued_on: &'a str,
    /// Civil day it is due; `None`: the contract's days later.
    pub due_on: Option<&'a str>,
    /// Total of the invoice.
    pub total: Amount,
    /// Pesos for one unit, of an invoice that is not in pesos.
    pub rate: Option<Rate>,
    /// What is still owed of it.
    pub balance: Amount,
    /// When that was so.
    pub as_of: Timestamp,
    /// The invoice itself, when the portal has it: what it opened then gets the ERP's number.
    pub document_id: Option<DocumentId>,
}

/// What came of the ERP's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// A new receivable.
    Opened,
    /// It is the word that was said before.
    Same,
    /// Its balance is as we count it.
    Agrees,
    /// It is not: the difference, in minor units, was entered as an adjustment.
    Adjusted(i64),
    /// The ERP said something newer before.
    Stale,
    /// The invoice that it names is another receivable of the ERP's.
    Taken,
    /// It is another customer's, in another currency or of another total: these stay as they were first said.
    Fixed {
        /// The customer differs.
        customer: bool,
        /// The currency differs.
        currency: bool,
        /// The total differs.
        total: bool,
    },
}

/// Opens a receivable, or compares its balance with what the ERP says; a difference becomes an adjustment. What is
/// reserved stays reserved: the ERP does not know of it yet.
pub async fn upsert(tx: &mut Tx, app: &App, scope: Scope, erp: &ErpReceivable<'_>) -> Result<Upserted, PaymentError> {
    let now = app.now();
    let folded = erp.contract.map(fold_contract);
    let term = contracts::days_to_pay(tx, scope, erp.customer, folded.as_deref()).await?;
    let default_due = due(erp.issued_on, term);
    let new = NewReceivable {
        customer: erp.customer,
        document_id: erp.document_id.map(DocumentId::uuid),
        external: Some((erp.external_id, erp.as_of)),
        contract: erp.contract.zip(folded.as_deref()),
        number: erp.number,
        issued_on: erp.issued_on,
        due_on: erp.due_on.unwrap_or(&default_due),
        total: erp.total,
        rate: erp.rate.map(|rate| (rate, erp.issued_on)),
    };
    // Older than anything the ERP can say.
    let never = Timestamp::new(jiff::Timestamp::UNIX_EPOCH);
    people::lock_customer(tx, erp.customer).await?;
    store::adopt(tx, scope, &new, (erp.external_id, never)).await?;
    let opened = store::insert(tx, scope, app.ids.uuid(), &new, now).await?;
    let Some(known) = store::lock_external(tx, scope, erp.external_id).await? else {
        return Ok(Upserted::Taken);
    };
    let id = known.id;
    let Some(row) = store::list_by_id(tx, scope, None, &[id]).await?.pop() else { return Ok(Upserted::Stale) };
    if !opened && erp.as_of <= known.as_of {
        let is_same = erp.as_of == known.as_of
            && is_said(&row, &new, erp.due_on)?
            && known.said_balance_minor == Some(erp.balance.minor());
        return Ok(if is_same { Upserted::Same } else { Upserted::Stale });
    }
    let (customer, currency) =
        (row.customer_id != erp.customer.uuid(), row.total()?.currency() != erp.total.currency());
    let total = !currency && row.total_minor != erp.total.minor();
    if customer || currency || total {
        return Ok(Upserted::Fixed { customer, currency, total });
    }
    store::set_terms(tx, scope, id, &new, (erp.as_of, now), erp.balance).await?;
    let difference = erp.balance.checked_sub(Amount::new(row.pending_minor(), row.total()?.currency()))?.minor();
    if difference != 0 {
        let ids = (app.ids.uuid(), id);
        store::insert_adjustment(tx, scope, ids, difference, erp.as_of, now).await?;
    }
    store::set_closed(tx, scope, id, (!erp.balance.is_positive()).then_some(now)).await?;
    Ok(match (opened, difference) {
        (true, _) => Upserted::Opened,
        (false, 0) => Upserted::Agrees,
        (false, difference) => Upserted::Adjusted(difference),
    })
}

/// Nothing in these words is new to the row. Where no day is said, the contract's days may be others by now.
fn is_said(row: &ReceivableRow, new: &NewReceivable<'_>, due_on: Option<&str>) -> Result<bool, PaymentError> {
    let document = new.document_id.is_none() || new.document_id == row.document_id;
    let terms = (row.contract.as_deref(), row.number.as_str(), row.issued_on.as_str(), row.due_on.as_str());
    Ok(document
        && row.customer_id == new.customer.uuid()
        && row.total()? == new.total
        && row.printed_rate()? == new.rate.map(|(rate, _)| rate)
        && terms
            == (new.contract.map(|(printed, _)| printed), new.number, new.issued_on, due_on.unwrap_or(&row.due_on)))
}

/// A receivable as its issuer's ERP sees it.
#[derive(Debug, Clone)]
pub struct Counted {
    row: ReceivableRow,
    rfc: String,
}

impl Counted {
    /// The place of its last change among all.
    pub fn key(&self) -> (Timestamp, Uuid) {
        (self.row.updated_at, self.row.id)
    }

    /// As it is told.
    pub fn resource(&self) -> Result<ReceivableResource, PaymentError> {
        let (row, total) = (&self.row, self.row.total()?);
        let own = |minor: i64| Amount::new(minor, total.currency()).to_decimal_string();
        Ok(ReceivableResource {
            external_id: row.external_id.clone().unwrap_or_default(),
            id: row.id,
            customer_rfc: self.rfc.clone(),
            contract: row.contract.clone(),
            number: row.number.clone(),
            document_id: row.document_id,
            issued_on: row.issued_on.clone(),
            due_on: row.due_on.clone(),
            currency: row.currency.clone(),
            total: total.to_decimal_string(),
            rate: row.rate.clone(),
            adjusted: own(row.adjusted_minor),
            applied: own(row.applied_minor),
            pending: own(row.pending_minor()),
            in_transit: own(row.reserved_minor),
            available: own(row.available_minor()),
            open: !row.is_closed,
            as_of: row.as_of.map(|at| at.to_string()).unwrap_or_default(),
            updated_at: row.updated_at.to_string(),
        })
    }
}

/// The receivable with the ERP's own number.
pub async fn find_external(
    conn: &mut impl Conn,
    scope: Scope,
    external_id: &str,
) -> Result<Option<Counted>, PaymentError> {
    let Some(row) = store::find_external(conn, scope, external_id).await? else { return Ok(None) };
    Ok(counted(conn, vec![row]).await?.pop())
}

/// The receivable with our own id, as payments name it.
pub async fn find(conn: &mut impl Conn, scope: Scope, id: Uuid) -> Result<Option<Counted>, PaymentError> {
    let rows = store::list_by_id(conn, scope, None, &[id]).await?;
    Ok(counted(conn, rows).await?.pop())
}

/// An issuer's receivables by their last change, after a key.
pub async fn list_changed(
    conn: &mut impl Conn,
    scope: Scope,
    since: Option<Timestamp>,
    after: Option<(Timestamp, Uuid)>,
    limit: i64,
) -> Result<Vec<Counted>, PaymentError> {
    let rows = store::list_changed(conn, scope, since, after, limit).await?;
    counted(conn, rows).await
}

async fn counted(conn: &mut impl Conn, rows: Vec<ReceivableRow>) -> Result<Vec<Counted>, PaymentError> {
    let (mut names, mut all) = (HashMap::new(), Vec::with_capacity(rows.len()));
    for row in rows {
        if let Entry::Vacant(place) = names.entry(row.customer_id) {
            let known = people::names_of(conn, CustomerId::new(row.customer_id)).await?;
            place.insert(known.map(|(rfc, _)| rfc).unwrap_or_default());
        }
        let rfc = names.get(&row.customer_id).cloned().unwrap_or_default();
        all.push(Counted { row, rfc });
    }
    Ok(all)
}

/// Whether something of a customer's was ever owed under this number.
pub async fn names_contract(conn: &mut impl Conn, scope: Scope, customer: CustomerId, folded: &str) -> DbResult<bool> {
    store::names_contract(conn, scope, customer, folded).await
}

/// Tells integrators of a receivable that was opened, adjusted, closed or opened again. What a payment does to one is told
/// of the payment.
pub async fn tell(tx: &mut Tx, app: &App, scope: Scope, owed: &Counted) -> Result<(), PaymentError> {
    let (row, total) = (&owed.row, owed.row.total()?);
    let told = EventData {
        receivable_id: Some(row.id),
        receivable_external_id: row.external_id.clone(),
        receivable_state: Some(if row.is_closed { "closed" } else { "open" }.to_owned()),
        document_id: row.document_id,
        receptor_rfc: Some(owed.rfc.clone()),
        total: Some(total.to_decimal_string()),
        currency: Some(row.currency.clone()),
        ..EventData::default()
    };
    let event = (EventKind::ReceivableChanged, &told);
    Ok(webhooks::publish(tx, &app.ids, app.now(), scope.uuid(), event).await?)
}

/// The same of what an invoice opened.
pub(super) async fn tell_of_invoice(tx: &mut Tx, app: &App, scope: Scope, id: DocumentId) -> Result<(), PaymentError> {
    let Some(receivable) = store::lock_of_document(tx, scope, id.uuid()).await? else { return Ok(()) };
    let rows = store::list_by_id(tx, scope, None, &[receivable]).await?;
    for owed in counted(tx, rows).await? {
        tell(tx, app, scope, &owed).await?;
    }
    Ok(())
}
