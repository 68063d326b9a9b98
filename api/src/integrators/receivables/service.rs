//! Receivables in and out.
use fiscal::{Amount, Currency, MoneyError, Rate, Rfc};
use jiff::civil::Date;
use shared::accounts::{CONTRACT_MAX, fold_contract};
use shared::integrators::{INVOICE_NUMBER_MAX, PutReceivable, ReceivableResource};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use crate::App;
use crate::accounts::{CustomerId, externals, people};
use crate::audit::{self, Entry};
use crate::db::{Conn, DbResult, Timestamp, Tx};
use crate::documents;
use crate::integrators::guard::Caller;
use crate::integrators::tickets::form::external_id as check_id;
use crate::issuers::{self, Scope};
use crate::payments::PaymentError;
use crate::payments::receivables::{self, ErpReceivable, Upserted};
use crate::payments::statements;

/// How far an ERP's clock may be ahead of ours.
const AHEAD_SECONDS: i64 = 300;
/// Longest text of an amount or an instant, in characters.
const TEXT_MAX: usize = 40;

/// What came of a `PUT`.
#[derive(Debug)]
pub enum Put {
    /// A new receivable.
    Opened(ReceivableResource),
    /// It is as sent now.
    Kept(ReceivableResource),
    /// Something newer was said before.
    Stale,
}

/// A receivable that is well formed.
struct Form {
    issued_on: String,
    due_on: Option<String>,
    total: Amount,
    balance: Amount,
    rate: Option<Rate>,
    as_of: Timestamp,
    folio_fiscal: Option<Uuid>,
}

fn money(pointer: &str, text: &str, currency: Currency, errors: &mut FieldErrors) -> Option<Amount> {
    if text.len() > TEXT_MAX {
        errors.add(pointer, FieldCode::TooLong);
        return None;
    }
    match Amount::parse(text, currency) {
        Ok(amount) => Some(amount),
        Err(error) => {
            let code = if error == MoneyError::Empty { FieldCode::Required } else { FieldCode::Amount };
            errors.add(pointer, code);
            None
        }
    }
}

fn day(pointer: &str, text: &str, errors: &mut FieldErrors) -> Option<Date> {
    let day = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse().ok());
    if day.is_none() {
        errors.add(pointer, FieldCode::Date);
    }
    day
}

fn words(body: &PutReceivable, errors: &mut FieldErrors) {
    let number = body.number.trim();
    if number.is_empty() {
        errors.add("/number", FieldCode::Required);
    } else if number.chars().count() > INVOICE_NUMBER_MAX {
        errors.add("/number", FieldCode::TooLong);
    } else if number.chars().any(char::is_control) {
        errors.add("/number", FieldCode::Characters);
    }
    if let Some(contract) = &body.contract {
        if fold_contract(contract).is_empty() {
            errors.add("/contract", FieldCode::Required);
        } else if contract.chars().count() > CONTRACT_MAX {
            errors.add("/contract", FieldCode::TooLong);
        } else if contract.chars().any(char::is_control) {
            errors.add("/contract", FieldCode::Characters);
        }
    }
}

fn read(id: &str, body: &PutReceivable, now: Timestamp) -> Result<Form, FieldErrors> {
    let mut errors = FieldErrors::default();
    check_id(id, &mut errors);
    words(body, &mut errors);
    let issued_on = day("/issued_on", &body.issued_on, &mut errors);
    let due_on = body.due_on.as_deref().and_then(|text| day("/due_on", text, &mut errors));
    if let (Some(issued_on), Some(due_on)) = (issued_on, due_on)
        && due_on < issued_on
    {
        errors.add("/due_on", FieldCode::Range);
    }
    let currency = Currency::parse(&body.currency).ok().filter(|currency| *currency != Currency::Xxx);
    if currency.is_none() {
        errors.add("/currency", FieldCode::NotInCatalog);
    }
    let shown = currency.unwrap_or(Currency::Mxn);
    let total = money("/total", &body.total, shown, &mut errors);
    if total.is_some_and(|total| !total.is_positive()) {
        errors.add("/total", FieldCode::NotPositive);
    }
    let balance = money("/balance", &body.balance, shown, &mut errors);
    let rate = match (&body.rate, currency) {
        (Some(_), Some(Currency::Mxn)) => {
            errors.add("/rate", FieldCode::Shape);
            None
        }
        (None, Some(currency)) if currency != Currency::Mxn => {
            errors.add("/rate", FieldCode::Required);
            None
        }
        (Some(text), _) => {
            let rate = Rate::parse(text).ok();
            if rate.is_none() {
                errors.add("/rate", FieldCode::Amount);
            }
            rate
        }
        (None, _) => None,
    };
    let as_of = Some(&body.as_of).filter(|text| text.len() <= TEXT_MAX).and_then(|text| text.parse().ok());
    let as_of = as_of.map(Timestamp::new).filter(|as_of| *as_of <= now.plus_seconds(AHEAD_SECONDS));
    if as_of.is_none() {
        errors.add("/as_of", FieldCode::Instant);
    }
    let folio_fiscal = body.folio_fiscal.as_deref().map(Uuid::try_parse);
    if matches!(folio_fiscal, Some(Err(_))) {
        errors.add("/folio_fiscal", FieldCode::Shape);
    }
    match (total, balance, as_of, issued_on) {
        (Some(total), Some(balance), Some(as_of), Some(issued_on)) if errors.is_empty() => Ok(Form {
            issued_on: issued_on.to_string(),
            due_on: due_on.map(|day| day.to_string()),
            total,
            balance,
            rate,
            as_of,
            folio_fiscal: folio_fiscal.and_then(Result::ok),
        }),
        _ => Err(errors),
    }
}

async fn find_customer(conn: &mut impl Conn, scope: Scope, external_id: &str) -> DbResult<Option<CustomerId>> {
    match externals::find(conn, scope, external_id).await?.map(|known| Rfc::parse(&known.rfc)) {
        Some(Ok(rfc)) => people::find_customer(conn, &rfc).await,
        Some(Err(_)) | None => Ok(None),
    }
}

/// The statement of account of one of your customers in a month: its name and bytes.
pub async fn statement(
    app: &App,
    scope: Scope,
    external_id: &str,
    month: &str,
) -> Result<(String, Vec<u8>), PaymentError> {
    let mut conn = app.db.read().await?;
    let customer = find_customer(&mut conn, scope, external_id).await?.ok_or(PaymentError::NotFound)?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(PaymentError::NotFound)?;
    drop(conn);
    statements::print(app, (scope, &issuer), customer, month).await
}

/// Takes what the ERP says of one receivable.
pub async fn put(app: &App, caller: &Caller, id: &str, body: &PutReceivable) -> Result<Put, PaymentError> {
    let form = read(id, body, app.now()).map_err(PaymentError::Fields)?;
    let (scope, mut errors) = (caller.scope, FieldErrors::default());
    let mut tx = app.db.begin().await?;
    let customer = find_customer(&mut tx, scope, &body.customer).await?;
    let document_id = match form.folio_fiscal {
        Some(folio) => documents::issued::find_by_folio_fiscal(&mut tx, scope, folio).await?,
        None => None,
    };
    if form.folio_fiscal.is_some() && document_id.is_none() {
        errors.add("/folio_fiscal", FieldCode::NotInCatalog);
    }
    let Some(customer) = customer.filter(|_| errors.is_empty()) else {
        if customer.is_none() {
            errors.add("/customer", FieldCode::CustomerUnknown);
        }
        return Err(PaymentError::Fields(errors));
    };
    let contract = body.contract.as_deref().map(str::trim);
    let erp = ErpReceivable {
        external_id: id,
        customer,
        contract,
        number: body.number.trim(),
        issued_on: &form.issued_on,
        due_on: form.due_on.as_deref(),
        total: form.total,
        rate: form.rate,
        balance: form.balance,
        as_of: form.as_of,
        document_id,
    };
    let upserted = receivables::upsert(&mut tx, app, scope, &erp).await?;
    let opened = match upserted {
        Upserted::Opened => true,
        Upserted::Agrees | Upserted::Adjusted(_) => false,
        Upserted::Same => return Ok(Put::Kept(kept(&mut tx, scope, id).await?)),
        Upserted::Stale => return Ok(Put::Stale),
        Upserted::Taken => {
            errors.add("/folio_fiscal", FieldCode::Taken);
            return Err(PaymentError::Fields(errors));
        }
        Upserted::Fixed { customer, currency, total } => {
            let wrong = [(customer, "/customer"), (currency, "/currency"), (total, "/total")];
            wrong.iter().filter(|(is, _)| *is).for_each(|(_, pointer)| errors.add(*pointer, FieldCode::Fixed));
            return Err(PaymentError::Fields(errors));
        }
    };
    let kept = tell(&mut tx, app, scope, (id, upserted)).await?;
    let told = serde_json::json!({ "external_id": id, "balance": kept.pending, "adjusted": matches!(upserted, Upserted::Adjusted(_)) });
    record(&mut tx, app, caller, customer, told).await?;
    tx.commit().await?;
    Ok(if opened { Put::Opened(kept) } else { Put::Kept(kept) })
}

/// As it is now; told to whoever listens, unless it was so before.
async fn tell(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    (id, upserted): (&str, Upserted),
) -> Result<ReceivableResource, PaymentError> {
    let counted = receivables::find_external(tx, scope, id).await?.ok_or(PaymentError::NotFound)?;
    if upserted != Upserted::Agrees {
        receivables::tell(tx, app, scope, &counted).await?;
    }
    counted.resource()
}

async fn kept(conn: &mut impl Conn, scope: Scope, id: &str) -> Result<ReceivableResource, PaymentError> {
    receivables::find_external(conn, scope, id).await?.ok_or(PaymentError::NotFound)?.resource()
}

async fn record(
    tx: &mut Tx,
    app: &App,
    caller: &Caller,
    customer: CustomerId,
    told: serde_json::Value,
) -> Result<(), PaymentError> {
    let entry = Entry {
        actor: caller.actor(),
        on_behalf_of: None,
        issuer_id: Some(caller.scope.uuid()),
        act: "receivable.upsert",
        object_kind: "customer",
        object_id: &customer.to_string(),
        before: None,
        after: Some(told),
        request_id: Some(&caller.request_id),
    };
    Ok(audit::record(tx, app.now(), entry).await?)
}

/// The receivable with the ERP's own number.
pub async fn get(app: &App, scope: Scope, id: &str) -> Result<ReceivableResource, PaymentError> {
    kept(&mut app.db.read().await?, scope, id).await
}

/// The receivable with our own id.
pub async fn get_by_id(app: &App, scope: Scope, id: Uuid) -> Result<ReceivableResource, PaymentError> {
    receivables::find(&mut app.db.read().await?, scope, id).await?.ok_or(PaymentError::NotFound)?.resource()
}
