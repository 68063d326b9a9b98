//! At which rate a foreign invoice is paid: the one printed on it, or by an issuer's choice the one of the day. A rate is
//! kept with its day and its source, six decimals, and frozen in the payment that used it.
use std::collections::HashMap;

use fiscal::{Currency, Rate};
use jiff::Span;
use jiff::civil::Date;
use shared::payments::RateSource;
use shared::{FieldCode, FieldErrors};

use super::balances::Issuers;
use super::store::rates as store;
pub use super::store::rates::RateRow;
use super::store::receivables::ReceivableRow;
use super::store::{rate, unreadable};
use super::{PaymentError, day_of};
use crate::App;
use crate::db::{Conn, DbResult, Tx};
use crate::issuers::Scope;

/// A day without a rate of its own takes the last one before it, no older than this: a long weekend with a holiday.
const DAYS_BACK: i64 = 7;

/// Rates of these currencies are kept.
const FOREIGN: [Currency; 5] = [Currency::Usd, Currency::Eur, Currency::Cad, Currency::Gbp, Currency::Jpy];

/// Whose word a kept rate is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody of the staff typed it.
    Manual,
    /// The issuer's ERP.
    Erp,
    /// Banco de México.
    Banxico,
}

impl Origin {
    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Origin::Manual => "manual",
            Origin::Erp => "erp",
            Origin::Banxico => "banxico",
        }
    }
}

/// The rate of a currency on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRate {
    /// Of which currency.
    pub currency: Currency,
    /// The civil day it holds on.
    pub valid_on: Date,
    /// Pesos for one unit.
    pub rate: Rate,
}

impl DayRate {
    /// Reads the parts as they stand in an address and a body, or names what is wrong.
    pub fn read(currency: &str, valid_on: &str, rate: &str) -> Result<DayRate, FieldErrors> {
        let mut errors = FieldErrors::default();
        let currency = Currency::parse(currency).ok().filter(|currency| FOREIGN.contains(currency));
        if currency.is_none() {
            errors.add("/currency", FieldCode::NotInCatalog);
        }
        let valid_on = Some(valid_on).filter(|text| text.len() == 10).and_then(|text| text.parse::<Date>().ok());
        if valid_on.is_none() {
            errors.add("/valid_on", FieldCode::Date);
        }
        let rate = Rate::parse(rate.trim()).ok();
        if rate.is_none() {
            errors.add("/rate", FieldCode::Amount);
        }
        match (currency, valid_on, rate) {
            (Some(currency), Some(valid_on), Some(rate)) => Ok(DayRate { currency, valid_on, rate }),
            _ => Err(errors),
        }
    }
}

/// Keeps a rate; the last word of a day stands, but what people said is not overwritten by the central bank. `false`:
/// nothing changed.
pub async fn keep(
    tx: &mut Tx,
    app: &App,
    scope: Scope,
    day: &DayRate,
    (origin, series): (Origin, Option<&str>),
) -> DbResult<bool> {
    store::upsert(tx, scope, day, (origin, series), app.now()).await
}

/// The issuer's rate of a day itself.
pub async fn find(conn: &mut impl Conn, scope: Scope, currency: &str, valid_on: &str) -> DbResult<Option<RateRow>> {
    store::find(conn, scope, currency, valid_on).await
}

/// An issuer's rates, the newest day first, before a key.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    before: Option<(&str, &str)>,
    limit: i64,
) -> DbResult<Vec<RateRow>> {
    store::list(conn, scope, before, limit).await
}

/// Gives foreign rows of issuers that charge the day's rate that rate, where one is known; the others keep the rate of
/// their invoice, and say so.
pub(super) async fn quote(conn: &mut impl Conn, app: &App, rows: &mut [ReceivableRow]) -> Result<(), PaymentError> {
    if app.config.payments.day_rate.is_empty() {
        return Ok(());
    }
    let today = day_of(app.now());
    let oldest = today.checked_sub(Span::new().days(DAYS_BACK)).map_err(|_too_early| unreadable("day"))?.to_string();
    let today = today.to_string();
    let (mut known, mut quotes) = (Issuers::default(), HashMap::new());
    for row in rows.iter_mut().filter(|row| row.currency != Currency::Mxn.code()) {
        if !app.config.payments.day_rate.contains(&known.get(conn, row.issuer_id).await?.slug) {
            continue;
        }
        let place = (row.issuer_id, row.currency.clone());
        if let std::collections::hash_map::Entry::Vacant(empty) = quotes.entry(place.clone()) {
            let scope = Scope::of(crate::issuers::IssuerId::new(row.issuer_id));
            let found = store::find_last(conn, scope, &row.currency, (&oldest, &today)).await?;
            let quoted = match found {
                Some(found) => rate(Some(&found.rate))?.map(|rate| (rate, found.valid_on)),
                None => None,
            };
            empty.insert(quoted);
        }
        row.quoted = quotes.get(&place).cloned().flatten().map(|(rate, on)| (rate, on, RateSource::Day));
    }
    Ok(())
}
