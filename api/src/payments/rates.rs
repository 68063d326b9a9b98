//! At which rate a foreign invoice is paid: the one printed on it, or by an issuer's choice the one of the day. A rate is
//! kept with its day and its source, six decimals, and frozen in the payment that used it.
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fiscal::{Currency, Rate};
use jiff::Span;
use jiff::civil::Date;
use shared::integrators::ExchangeRateResource;
use shared::payments::{RateOfDay, RateSource, RateStanding, TodaysRate};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::balances::Issuers;
use super::banks::banxico::SERIES;
use super::operations::By;
use super::store::rates as store;
pub use super::store::rates::{RateRow, Wanted};
use super::store::receivables::{RateOf, ReceivableRow};
use super::store::{rate, unreadable};
use super::{PaymentError, central_day};
use crate::App;
use crate::accounts::{UserId, people};
use crate::audit;
use crate::db::{Conn, DbResult};
use crate::issuers::{self, Issuer, Scope};
use crate::jobs::Outcome;

/// A day without a rate of its own takes the last one before it, no older than this: a long weekend with a holiday.
const DAYS_BACK: i64 = 7;

/// Issuers of one installation that the central bank is asked for.
const ISSUERS_MAX: u32 = 1_000;

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

impl RateRow {
    /// As it is told.
    pub fn resource(self) -> ExchangeRateResource {
        ExchangeRateResource {
            currency: self.currency,
            valid_on: self.valid_on,
            rate: self.rate,
            source: self.source,
            series: self.series,
            updated_at: self.updated_at.to_string(),
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

/// Keeps what somebody says of a day, and who said it.
pub async fn set(app: &App, scope: Scope, day: &DayRate, origin: Origin, by: &By) -> Result<(), PaymentError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !store::upsert(&mut tx, scope, day, (origin, None, Some(&by.actor.to_string())), now).await? {
        return Ok(());
    }
    let entry = audit::Entry {
        actor: by.actor,
        on_behalf_of: None,
        issuer_id: Some(scope.uuid()),
        act: "exchange_rate.set",
        object_kind: "exchange_rate",
        object_id: &format!("{}/{}", day.currency.code(), day.valid_on),
        before: None,
        after: Some(serde_json::json!({ "rate": day.rate.to_string() })),
        request_id: Some(&by.request_id),
    };
    audit::record(&mut tx, now, entry).await?;
    Ok(tx.commit().await?)
}

/// Whether an issuer charges foreign invoices at the rate of the day: as it chose, else as the server is set.
fn is_by_day(app: &App, issuer: &Issuer) -> bool {
    match issuer.rate_policy {
        Some(policy) => policy == RateSource::Day,
        None => app.config.payments.day_rate.contains(&issuer.slug),
    }
}

/// The issuers that charge the rate of the day.
async fn by_day(app: &App) -> DbResult<Vec<Issuer>> {
    let mut issuers = issuers::service::list_issuers(&mut app.db.read().await?, ISSUERS_MAX).await?;
    issuers.retain(|issuer| is_by_day(app, issuer));
    Ok(issuers)
}

/// Asks the Banco de México for the days that may have a rate by now, for the issuers that charge the day's. What it
/// does not say stays as it was; a payment never waits for it.
pub async fn refresh(app: &App) -> Outcome {
    let Some(banxico) = app.banks.banxico() else { return Outcome::Done };
    let issuers = match by_day(app).await {
        Ok(issuers) if issuers.is_empty() => return Outcome::Done,
        Ok(issuers) => issuers,
        Err(error) => return Outcome::Retry { reason: error.to_string() },
    };
    let today = central_day(app.now());
    let (Ok(from), Ok(to)) = (today.checked_sub(Span::new().days(DAYS_BACK)), today.checked_add(Span::new().days(1)))
    else {
        return Outcome::Done;
    };
    let told = match banxico.rates(from, to).await {
        Ok(told) => told,
        Err(silent) => {
            tracing::warn!(reason = silent.reason, "the central bank did not say its rates");
            return Outcome::Done;
        }
    };
    match keep_all(app, &issuers, &told).await {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Retry { reason: error.to_string() },
    }
}

async fn keep_all(app: &App, issuers: &[Issuer], told: &[(Date, Rate)]) -> DbResult<()> {
    for issuer in issuers {
        let scope = Scope::of(issuer.id);
        let mut tx = app.db.begin().await?;
        for (valid_on, rate) in told {
            let day = DayRate { currency: Currency::Usd, valid_on: *valid_on, rate: *rate };
            store::upsert(&mut tx, scope, &day, (Origin::Banxico, Some(SERIES), None), app.now()).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Rates with the names of who said them.
pub async fn of_days(conn: &mut impl Conn, rows: Vec<RateRow>) -> DbResult<Vec<RateOfDay>> {
    let (mut known, mut all) = (HashMap::new(), Vec::with_capacity(rows.len()));
    for row in rows {
        let set_by = match row.set_by {
            Some(actor) => Some(match known.entry(actor) {
                Entry::Occupied(found) => String::clone(found.get()),
                Entry::Vacant(empty) => {
                    let name = name_of(conn, empty.key()).await?;
                    empty.insert(name).clone()
                }
            }),
            None => None,
        };
        all.push(RateOfDay {
            currency: row.currency,
            valid_on: row.valid_on,
            rate: row.rate,
            source: row.source,
            series: row.series,
            set_by,
            updated_at: row.updated_at.to_string(),
        });
    }
    Ok(all)
}

/// The mailbox of a person who acted; what else acts is told as the audit log names it.
async fn name_of(conn: &mut impl Conn, actor: &str) -> DbResult<String> {
    let user = actor.strip_prefix("user:").and_then(|id| Uuid::parse_str(id).ok());
    let contact = match user {
        Some(id) => people::contact(conn, UserId::new(id)).await?,
        None => None,
    };
    Ok(contact.map_or_else(|| actor.to_owned(), |contact| contact.email.to_string()))
}

/// At which rate the issuer's foreign invoices are paid today, and how that is known.
pub async fn standing(app: &App, scope: Scope) -> Result<RateStanding, PaymentError> {
    let mut conn = app.db.read().await?;
    let issuer = issuers::service::find_issuer(&mut conn, scope).await?.ok_or(PaymentError::NotFound)?;
    let by_day = is_by_day(app, &issuer);
    let today = issuer.day_of(app.now());
    let holds = match by_day {
        true => holding(&mut conn, scope, Currency::Usd.code(), today).await?,
        false => None,
    };
    let banxico = Wanted { source: Some(Origin::Banxico.as_str()), ..Wanted::default() };
    let told = store::list(&mut conn, scope, &banxico, None, 1).await?;
    Ok(RateStanding {
        policy: if by_day { RateSource::Day } else { RateSource::Invoice },
        today: today.to_string(),
        holds: of_days(&mut conn, holds.into_iter().collect()).await?.pop(),
        asks_banxico: by_day && app.banks.banxico().is_some(),
        series: SERIES.to_owned(),
        last_told: of_days(&mut conn, told).await?.pop(),
    })
}

/// The rate that holds on a day: its own, else the last one of the days before it.
async fn holding(conn: &mut impl Conn, scope: Scope, currency: &str, day: Date) -> DbResult<Option<RateRow>> {
    let oldest = day.checked_sub(Span::new().days(DAYS_BACK)).map_err(|_too_early| unreadable("day"))?;
    store::find_last(conn, scope, currency, (&oldest.to_string(), &day.to_string())).await
}

/// Dollars today at an issuer, where anybody said what they are.
pub(super) async fn of_today(conn: &mut impl Conn, app: &App, issuer: &Issuer) -> DbResult<Option<TodaysRate>> {
    let today = issuer.day_of(app.now());
    let holds = holding(conn, Scope::of(issuer.id), Currency::Usd.code(), today).await?;
    let is_charged = is_by_day(app, issuer);
    Ok(holds.map(|row| TodaysRate {
        currency: row.currency,
        rate: row.rate,
        on: row.valid_on,
        series: row.series,
        is_charged,
    }))
}

/// The issuer's rate of a day itself.
pub async fn find(conn: &mut impl Conn, scope: Scope, currency: &str, valid_on: &str) -> DbResult<Option<RateRow>> {
    store::find(conn, scope, currency, valid_on).await
}

/// An issuer's rates, the newest day first, before a key.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    wanted: &Wanted<'_>,
    before: Option<(&str, &str)>,
    limit: i64,
) -> DbResult<Vec<RateRow>> {
    store::list(conn, scope, wanted, before, limit).await
}

/// Gives foreign rows of issuers that charge the day's rate that rate, where one is known; the others keep the rate of
/// their invoice, and say so.
pub(super) async fn quote(conn: &mut impl Conn, app: &App, rows: &mut [ReceivableRow]) -> Result<(), PaymentError> {
    let (mut known, mut quotes) = (Issuers::default(), HashMap::new());
    for row in rows.iter_mut().filter(|row| row.currency != Currency::Mxn.code()) {
        let issuer = known.get(conn, row.issuer_id).await?;
        if !is_by_day(app, issuer) {
            continue;
        }
        let today = issuer.day_of(app.now());
        let place = (row.issuer_id, row.currency.clone());
        if let Entry::Vacant(empty) = quotes.entry(place.clone()) {
            let scope = Scope::of(crate::issuers::IssuerId::new(row.issuer_id));
            let found = holding(conn, scope, &row.currency, today).await?;
            let quoted = match found {
                Some(found) => {
                    let of = RateOf { on: found.valid_on, source: RateSource::Day, series: found.series };
                    rate(Some(&found.rate))?.map(|rate| (rate, of))
                }
                None => None,
            };
            empty.insert(quoted);
        }
        row.quoted = quotes.get(&place).cloned().flatten();
    }
    Ok(())
}
