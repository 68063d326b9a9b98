//! How something comes to be owed: an invoice on credit is published, or the ERP says so.
use fiscal::{Amount, Rate, Rfc};
use jiff::Span;
use jiff::civil::Date;
use shared::accounts::fold_contract;

use super::PaymentError;
use super::store::receivables::{self as store, NewReceivable};
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{Timestamp, Tx};
use crate::documents::DocumentId;
use crate::documents::model::NewDocument;
use crate::issuers::Scope;

/// Days to pay when nobody says otherwise (K23).
const TERM_DAYS: i64 = 30;

/// Opens what an invoice on credit (PPD) leaves owed, in the transaction that publishes it. `false`: its receptor is no
/// customer of the house, or it is open already.
pub async fn open_of_document(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    id: DocumentId,
    document: &NewDocument,
    rate: Option<Rate>,
) -> Result<bool, PaymentError> {
    let Ok(rfc) = Rfc::parse(&document.receptor_rfc) else { return Ok(false) };
    let Some(customer) = people::find_customer(tx, &rfc).await? else { return Ok(false) };
    let folded = document.contract.as_deref().map(fold_contract);
    let number = shared::documents::document_number(&document.serie, &document.folio);
    let new = NewReceivable {
        customer,
        document_id: Some(id.uuid()),
        external: None,
        contract: document.contract.as_deref().zip(folded.as_deref()),
        number: &number,
        issued_on: &document.issued_on,
        due_on: &due(&document.issued_on),
        total: document.total,
        rate: rate.map(|rate| (rate, document.issued_on.as_str())),
    };
    Ok(store::insert(tx, scope, app.ids.uuid(), &new, app.now()).await?)
}

/// The last day of the term; a day that is no day is due at once.
fn due(issued_on: &str) -> String {
    let day = issued_on.parse::<Date>().and_then(|day| day.checked_add(Span::new().days(TERM_DAYS)));
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
    /// Civil day it is due; `None`: thirty days later.
    pub due_on: Option<&'a str>,
    /// Total of the invoice.
    pub total: Amount,
    /// Pesos for one unit, of an invoice that is not in pesos.
    pub rate: Option<Rate>,
    /// What is still owed of it.
    pub balance: Amount,
    /// When that was so.
    pub as_of: Timestamp,
}

/// What came of the ERP's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// A new receivable.
    Opened,
    /// Its balance is as we count it.
    Agrees,
    /// It is not: the difference, in minor units, was entered as an adjustment.
    Adjusted(i64),
    /// The ERP said something newer before.
    Stale,
}

/// Opens a receivable, or compares its balance with what the ERP says; a difference becomes an adjustment. What is
/// reserved stays reserved: the ERP does not know of it yet.
pub async fn upsert(tx: &mut Tx, app: &App, scope: Scope, erp: &ErpReceivable<'_>) -> Result<Upserted, PaymentError> {
    let now = app.now();
    let folded = erp.contract.map(fold_contract);
    let default_due = due(erp.issued_on);
    let new = NewReceivable {
        customer: erp.customer,
        document_id: None,
        external: Some((erp.external_id, erp.as_of)),
        contract: erp.contract.zip(folded.as_deref()),
        number: erp.number,
        issued_on: erp.issued_on,
        due_on: erp.due_on.unwrap_or(&default_due),
        total: erp.total,
        rate: erp.rate.map(|rate| (rate, erp.issued_on)),
    };
    let opened = store::insert(tx, scope, app.ids.uuid(), &new, now).await?;
    let Some((id, as_of)) = store::lock_external(tx, scope, erp.external_id).await? else {
        return Ok(Upserted::Stale);
    };
    if !opened && erp.as_of <= as_of {
        return Ok(Upserted::Stale);
    }
    store::set_as_of(tx, scope, id, erp.as_of).await?;
    let difference = match store::list_by_id(tx, scope, None, &[id]).await?.first() {
        Some(row) => erp.balance.checked_sub(Amount::new(row.pending_minor(), row.total()?.currency()))?.minor(),
        None => 0,
    };
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
