//! The customer's open balances: rows, and what all of them come to.
use std::collections::HashMap;

use fiscal::{Amount, Currency, MoneyError};
use jiff::civil::Date;
use shared::payments::{
    BalanceFilter, BalanceRow, BalanceSum, BalanceTotals, BankCode, BankOffer, DUE_SOON_DAYS, PayableIssuer,
    PaymentState, RateView, Transit,
};
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::operations::CREDIT_LINES_MAX;
use super::store::payments::{self, AllocationRow, Which};
use super::store::receivables::{self as store, OpenOf, ReceivableRow, TransitRow};
use super::store::unreadable;
use super::{Asker, PaymentError, central_day, rates};
use crate::App;
use crate::accounts::CustomerId;
use crate::clock::local_time;
use crate::db::{Conn, DbResult, Timestamp};
use crate::issuers::{self, Issuer, IssuerId, Scope};

/// Receivables read at once while all are summed.
const SUM_ROWS: i64 = 500;
/// Receivables read at once while all are written: as many as a page has, since their payments under way are read as a
/// page's are.
const WRITE_ROWS: i64 = 100;
/// Payments under way that are shown of one receivable.
const TRANSITS_SHOWN: usize = 10;
/// Payments under way that are read for one page.
const TRANSITS_READ: i64 = 1_000;

/// A page of open balances.
pub struct Balances {
    /// Up to `limit + 1` rows.
    pub rows: Vec<BalanceRow>,
    /// Of all results.
    pub totals: BalanceTotals,
    /// Where the money can go.
    pub payable_to: Vec<PayableIssuer>,
    /// The day that was counted to: the latest of its issuers'.
    pub today: Date,
}

/// The one issuer that a list is of: the one that was named, or the only one that the asker sees.
pub(super) async fn only_issuer(app: &App, asker: &Asker, named: Option<&str>) -> Result<Option<Scope>, PaymentError> {
    let Some(slug) = named else { return Ok(asker.only) };
    match issuers::service::scope_of_slug(app, slug).await? {
        // To whoever sees one issuer's part there is no other.
        Some((scope, _)) if asker.only.is_none_or(|only| only == scope) => Ok(Some(scope)),
        _ => {
            let mut errors = FieldErrors::default();
            errors.add("?issuer", FieldCode::NotInCatalog);
            Err(PaymentError::Fields(errors))
        }
    }
}

/// Lists the customer's open balances after a key, `limit + 1` of them.
pub async fn list(
    app: &App,
    asker: &Asker,
    filter: &BalanceFilter,
    after: Option<(&str, Uuid)>,
    limit: u32,
) -> Result<Balances, PaymentError> {
    let issuer = only_issuer(app, asker, filter.issuer.as_deref()).await?;
    let now = app.now();
    let mut conn = app.db.read().await?;
    let (mut known, mut payable_to, mut days) = (Issuers::default(), Vec::new(), Vec::new());
    for id in store::list_issuers(&mut conn, asker.customer, asker.only).await? {
        let issuer = known.get(&mut conn, id).await?;
        payable_to.push(payable(&mut conn, app, issuer).await?);
        days.push((id, issuer.day_of(now).to_string()));
    }
    let of = OpenOf { customer: asker.customer, issuer, filter, days: &days };
    let mut found = store::list_open(&mut conn, &of, after, i64::from(limit) + 1).await?;
    rates::quote(&mut conn, app, &mut found).await?;
    let rows = views(&mut conn, &mut known, &found, now).await?;
    let totals = totals(&mut conn, app, &mut known, &of).await?;
    let today = days.iter().filter_map(|(_, day)| day.parse().ok()).max().unwrap_or_else(|| central_day(now));
    payable_to.sort_by(|one, other| one.issuer_name.cmp(&other.issuer_name));
    Ok(Balances { rows, totals, payable_to, today })
}

/// All that a filter finds, the first due first, up to so many.
pub(super) async fn list_all(
    app: &App,
    asker: &Asker,
    filter: &BalanceFilter,
    most: usize,
) -> Result<Vec<BalanceRow>, PaymentError> {
    let issuer = only_issuer(app, asker, filter.issuer.as_deref()).await?;
    let now = app.now();
    let mut conn = app.db.read().await?;
    let (mut known, mut days) = (Issuers::default(), Vec::new());
    for id in store::list_issuers(&mut conn, asker.customer, asker.only).await? {
        days.push((id, known.get(&mut conn, id).await?.day_of(now).to_string()));
    }
    let of = OpenOf { customer: asker.customer, issuer, filter, days: &days };
    let (mut all, mut last) = (Vec::new(), None::<(String, Uuid)>);
    loop {
        let after = last.as_ref().map(|(due_on, id)| (due_on.as_str(), *id));
        let mut found = store::list_open(&mut conn, &of, after, WRITE_ROWS).await?;
        let is_last = i64::try_from(found.len()).unwrap_or(WRITE_ROWS) < WRITE_ROWS;
        last = found.last().map(|row| (row.due_on.clone(), row.id));
        rates::quote(&mut conn, app, &mut found).await?;
        all.extend(views(&mut conn, &mut known, &found, now).await?);
        if is_last || all.len() >= most {
            all.truncate(most);
            return Ok(all);
        }
    }
}

/// Where a payment's credit can go: its customer's open balances at the issuer, the first due first, but for those the
/// payment has paid already. At most as many as one credit may be put on.
pub async fn list_for_credit(app: &App, scope: Scope, payment: Uuid) -> Result<Vec<BalanceRow>, PaymentError> {
    let mut conn = app.db.read().await?;
    let paid = payments::find(&mut conn, Which::OfIssuer(scope, payment)).await?.ok_or(PaymentError::NotFound)?;
    let customer = CustomerId::new(paid.customer_id);
    let of = OpenOf { customer, issuer: Some(scope), filter: &BalanceFilter::default(), days: &[] };
    let mut taken = payments::list_allocations(&mut conn, &[payment]).await?;
    taken.retain(AllocationRow::has_paid);
    let most = CREDIT_LINES_MAX.saturating_add(taken.len());
    let mut rows = store::list_open(&mut conn, &of, None, i64::try_from(most).unwrap_or(i64::MAX)).await?;
    rows.retain(|row| taken.iter().all(|line| line.receivable_id != row.id) && row.available_minor() > 0);
    rows.truncate(CREDIT_LINES_MAX);
    rates::quote(&mut conn, app, &mut rows).await?;
    views(&mut conn, &mut Issuers::default(), &rows, app.now()).await
}

async fn payable(conn: &mut impl Conn, app: &App, issuer: &Issuer) -> DbResult<PayableIssuer> {
    let offer =
        |bank: BankCode| BankOffer { bank, name: bank.name().to_owned(), other_banks: bank.takes_other_banks() };
    Ok(PayableIssuer {
        issuer: issuer.slug.clone(),
        issuer_name: issuer.commercial_name.clone(),
        banks: app.banks.of(&issuer.slug).into_iter().map(offer).collect(),
        todays_rate: rates::of_today(conn, app, issuer).await?,
    })
}

/// Issuers that were looked up once.
#[derive(Default)]
pub(super) struct Issuers(HashMap<Uuid, Issuer>);

impl Issuers {
    pub(super) async fn get(&mut self, conn: &mut impl Conn, id: Uuid) -> DbResult<&Issuer> {
        if let std::collections::hash_map::Entry::Vacant(place) = self.0.entry(id) {
            let issuer = issuers::service::find_issuer(conn, Scope::of(IssuerId::new(id))).await?;
            place.insert(issuer.ok_or_else(|| unreadable("issuer"))?);
        }
        self.0.get(&id).ok_or_else(|| unreadable("issuer"))
    }
}

/// Rows as their customer sees them.
pub(super) async fn views(
    conn: &mut impl Conn,
    known: &mut Issuers,
    rows: &[ReceivableRow],
    now: Timestamp,
) -> Result<Vec<BalanceRow>, PaymentError> {
    let reserved: Vec<Uuid> = rows.iter().filter(|row| row.reserved_minor > 0).map(|row| row.id).collect();
    let mut transits: HashMap<Uuid, Vec<TransitRow>> = HashMap::new();
    if !reserved.is_empty() {
        for transit in store::list_transits(conn, &reserved, TRANSITS_READ).await? {
            transits.entry(transit.receivable_id).or_default().push(transit);
        }
    }
    let mut views = Vec::with_capacity(rows.len());
    for row in rows {
        let transits = transits.remove(&row.id).unwrap_or_default();
        views.push(view(known.get(conn, row.issuer_id).await?, row, transits, now)?);
    }
    Ok(views)
}

fn view(
    issuer: &Issuer,
    row: &ReceivableRow,
    transits: Vec<TransitRow>,
    now: Timestamp,
) -> Result<BalanceRow, PaymentError> {
    let total = row.total()?;
    let own = |minor: i64| Amount::new(minor, total.currency());
    let mxn = |minor: i64| -> Result<String, PaymentError> { Ok(in_mxn(row, own(minor))?.to_decimal_string()) };
    let rate = row.rate()?.zip(row.rate_of());
    let transits =
        transits.into_iter().take(TRANSITS_SHOWN).map(|transit| transit_view(issuer, transit, total.currency()));
    Ok(BalanceRow {
        id: row.id,
        document_id: row.document_id,
        issuer: issuer.slug.clone(),
        issuer_name: issuer.commercial_name.clone(),
        contract: row.contract.clone(),
        number: row.number.clone(),
        issued_on: row.issued_on.clone(),
        due_on: row.due_on.clone(),
        days_overdue: days_overdue(row, issuer.day_of(now))?,
        currency: row.currency.clone(),
        total: total.to_decimal_string(),
        rate: rate.map(|(rate, of)| RateView { rate: rate.to_string(), on: of.on, source: of.source }),
        total_mxn: mxn(row.total_minor)?,
        pending: own(row.pending_minor()).to_decimal_string(),
        pending_mxn: mxn(row.pending_minor())?,
        in_transit: own(row.reserved_minor).to_decimal_string(),
        in_transit_mxn: mxn(row.reserved_minor)?,
        transits: transits.collect::<DbResult<_>>()?,
        available: own(row.available_minor()).to_decimal_string(),
        available_mxn: mxn(row.available_minor())?,
    })
}

fn transit_view(issuer: &Issuer, row: TransitRow, currency: Currency) -> DbResult<Transit> {
    let bank = BankCode::parse(&row.bank).ok_or_else(|| unreadable("bank"))?;
    Ok(Transit {
        payment_id: row.payment_id,
        amount: Amount::new(row.amount_minor, currency).to_decimal_string(),
        state: PaymentState::parse(&row.state).ok_or_else(|| unreadable("state"))?,
        since: local_time(row.created_at, &issuer.time_zone),
        bank,
        bank_reference: row.bank_transaction.map(|number| format!("{} {number}", bank.reference_prefix())),
    })
}

fn in_mxn(row: &ReceivableRow, amount: Amount) -> Result<Amount, PaymentError> {
    Ok(match row.rate()? {
        Some(rate) => rate.to_mxn(amount)?,
        None => amount,
    })
}

fn days_overdue(row: &ReceivableRow, today: Date) -> DbResult<i64> {
    let due: Date = row.due_on.parse().map_err(|_no_day| unreadable("due day"))?;
    let span = today.since(due).map_err(|_too_far| unreadable("due day"))?;
    Ok(i64::from(span.get_days()))
}

/// Sums in one currency.
struct Tally {
    count: u64,
    pending: Amount,
    in_transit: Amount,
    available: Amount,
    overdue: (u64, Amount),
    due_soon: (u64, Amount),
}

/// What one receivable adds.
struct Share {
    pending: Amount,
    in_transit: Amount,
    available: Amount,
    days_overdue: i64,
}

impl Tally {
    fn of(currency: Currency) -> Tally {
        let zero = Amount::zero(currency);
        Tally { count: 0, pending: zero, in_transit: zero, available: zero, overdue: (0, zero), due_soon: (0, zero) }
    }

    fn add(&mut self, share: &Share) -> Result<(), MoneyError> {
        self.count += 1;
        self.pending = self.pending.checked_add(share.pending)?;
        self.in_transit = self.in_transit.checked_add(share.in_transit)?;
        self.available = self.available.checked_add(share.available)?;
        let part = match share.days_overdue {
            1.. => &mut self.overdue,
            late if late >= -DUE_SOON_DAYS => &mut self.due_soon,
            _ => return Ok(()),
        };
        *part = (part.0 + 1, part.1.checked_add(share.pending)?);
        Ok(())
    }

    fn view(&self) -> BalanceSum {
        BalanceSum {
            currency: self.pending.currency().code().to_owned(),
            count: self.count,
            pending: self.pending.to_decimal_string(),
            in_transit: self.in_transit.to_decimal_string(),
            available: self.available.to_decimal_string(),
            overdue: self.overdue.1.to_decimal_string(),
            overdue_count: self.overdue.0,
            due_soon: self.due_soon.1.to_decimal_string(),
            due_soon_count: self.due_soon.0,
        }
    }
}

/// Each row is turned into pesos by itself and then added: the total is the sum of what the rows show.
async fn totals(
    conn: &mut impl Conn,
    app: &App,
    known: &mut Issuers,
    of: &OpenOf<'_>,
) -> Result<BalanceTotals, PaymentError> {
    let mut all = Tally::of(Currency::Mxn);
    let mut by_currency: Vec<(Currency, Tally)> = Vec::new();
    let mut last: Option<(String, Uuid)> = None;
    loop {
        let after = last.as_ref().map(|(due_on, id)| (due_on.as_str(), *id));
        let mut rows = store::list_open(conn, of, after, SUM_ROWS).await?;
        rates::quote(conn, app, &mut rows).await?;
        for row in &rows {
            let currency = row.total()?.currency();
            let own = |minor: i64| Amount::new(minor, currency);
            let mut share = Share {
                pending: own(row.pending_minor()),
                in_transit: own(row.reserved_minor),
                available: own(row.available_minor()),
                days_overdue: days_overdue(row, known.get(conn, row.issuer_id).await?.day_of(app.now()))?,
            };
            let place = match by_currency.iter().position(|(found, _)| *found == currency) {
                Some(place) => place,
                None => {
                    by_currency.push((currency, Tally::of(currency)));
                    by_currency.len() - 1
                }
            };
            if let Some((_, tally)) = by_currency.get_mut(place) {
                tally.add(&share)?;
            }
            for amount in [&mut share.pending, &mut share.in_transit, &mut share.available] {
                *amount = in_mxn(row, *amount)?;
            }
            all.add(&share)?;
        }
        match rows.last() {
            Some(row) if i64::try_from(rows.len()).unwrap_or(SUM_ROWS) == SUM_ROWS => {
                last = Some((row.due_on.clone(), row.id));
            }
            _ => break,
        }
    }
    by_currency.sort_by_key(|(currency, _)| *currency);
    let by_currency = by_currency.iter().map(|(_, tally)| tally.view()).collect();
    Ok(BalanceTotals { all_in_mxn: all.view(), by_currency })
}
