//! The statement of account of any month, made from the ledger when it is asked for: what was owed before, what moved, what
//! is owed at the cut and since when, each currency by itself.
//!
//! It keeps nothing: the same month of the same ledger gives the same paper. Statements that an issuer publishes are
//! documents, and another thing.
mod paper;
pub mod routes;

use std::collections::BTreeMap;

use fiscal::{Amount, Currency};
use jiff::civil::Date;
use jiff::{Span, ToSpan};
use shared::documents::DocumentIssuer;
use shared::payments::BankCode;
use shared::{FieldCode, FieldErrors};
use uuid::Uuid;

use super::store::statements::{self as store, Account};
use super::store::{amount, deposits, unreadable};
use super::{Asker, PaymentError, central_day};
use crate::App;
use crate::accounts::{CustomerId, people};
use crate::db::{Conn, DbResult, Timestamp};
use crate::documents::service::plain;
use crate::issuers::{self, Issuer, Scope};

/// Movements of one statement; a paper has room for some more lines.
const MOVEMENTS_MAX: usize = 1_900;
/// Receivables in memory at once while all are summed.
const SUM_ROWS: i64 = 500;
/// The last day of each age but the last one.
const AGES: [i64; 4] = [0, 30, 60, 90];

/// A movement: what it adds to what is owed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Movement {
    on: Date,
    document: String,
    concept: String,
    due_on: Option<Date>,
    minor: i64,
}

/// One currency of an account in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Section {
    opening: i64,
    movements: Vec<Movement>,
    /// At the cut: not due, then by the ages.
    ages: [i64; AGES.len() + 1],
}

/// The days of a month that have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Month {
    first: Date,
    /// The last day that is told of.
    cut: Date,
    /// The day after it.
    end: Date,
}

impl Month {
    /// `2026-11`; `None`: no month, or one that has not begun.
    fn read(text: &str, today: Date) -> Option<Month> {
        let first: Date = format!("{text}-01").parse().ok().filter(|_| text.len() == 7)?;
        if first > today {
            return None;
        }
        let next = first.checked_add(1.month()).ok()?;
        let end = next.min(today.checked_add(1.day()).ok()?);
        Some(Month { first, cut: end.checked_sub(1.day()).ok()?, end })
    }

    fn instant(issuer: &Issuer, day: Date) -> Result<Timestamp, PaymentError> {
        let zoned = day.to_zoned(issuer.time_zone.clone()).map_err(|_too_far| unreadable("day"))?;
        Ok(Timestamp::new(zoned.timestamp()))
    }
}

/// A customer's own statement: its name and bytes.
pub async fn print_own(app: &App, asker: &Asker, slug: &str, month: &str) -> Result<(String, Vec<u8>), PaymentError> {
    let found = issuers::service::scope_of_slug(app, slug).await?;
    let found = found.filter(|(scope, _)| asker.only.is_none_or(|only| only == *scope));
    let (scope, issuer) = found.ok_or(PaymentError::NotFound)?;
    print(app, (scope, &issuer), asker.customer, month).await
}

/// The statement of a customer with an issuer: its name and bytes.
pub async fn print(
    app: &App,
    (scope, issuer): (Scope, &Issuer),
    customer: CustomerId,
    month: &str,
) -> Result<(String, Vec<u8>), PaymentError> {
    let month = Month::read(month, issuer.day_of(app.now())).ok_or_else(|| wrong("/month", FieldCode::Date))?;
    let of = Account { scope, customer };
    let mut conn = app.db.snapshot().await?;
    if !store::has_account(&mut conn, of).await? {
        return Err(PaymentError::NotFound);
    }
    let names = people::names_of(&mut conn, customer).await?.ok_or(PaymentError::NotFound)?;
    let sections = sections(&mut conn, of, issuer, month).await?;
    let credit = store::sum_credit(&mut conn, of, Month::instant(issuer, month.end)?).await?;
    drop(conn);
    let paper = paper::of(app, issuer, (&names.0, &names.1), month, (&sections, credit))?;
    let name = file_name(issuer, month);
    let slot = app.pdf_slots.clone().acquire_owned().await.map_err(|_closed| PaymentError::BankUnavailable)?;
    let options = pdf::RenderOptions { ident: name.clone(), ..pdf::RenderOptions::default() };
    let printed = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        pdf::render(&paper, &options)
    });
    let bytes = printed.await.map_err(|ended| PaymentError::Printing(ended.into()))?.map_err(PaymentError::Paper)?;
    Ok((name, bytes))
}

/// Today for the customer, and the issuers that it ever owed. Today is the day of those that is the furthest behind: what
/// is offered by it can be printed of every one.
pub async fn offered(app: &App, asker: &Asker) -> Result<(Date, Vec<DocumentIssuer>), PaymentError> {
    let (now, mut first, mut all) = (app.now(), None, Vec::new());
    let mut conn = app.db.read().await?;
    for id in deposits::list_issuers(&mut conn, asker.customer, asker.only).await? {
        let scope = Scope::of(issuers::IssuerId::new(id));
        if let Some(issuer) = issuers::service::find_issuer(&mut conn, scope).await? {
            let day = issuer.day_of(now);
            first = Some(first.map_or(day, |known: Date| known.min(day)));
            all.push(DocumentIssuer { slug: issuer.slug, name: issuer.commercial_name });
        }
    }
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((first.unwrap_or_else(|| central_day(now)), all))
}

/// Whether the issuer ever said that this customer owes it something.
pub async fn has_account(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<bool> {
    store::has_account(conn, Account { scope, customer }).await
}

fn wrong(pointer: &str, code: FieldCode) -> PaymentError {
    let mut errors = FieldErrors::default();
    errors.add(pointer, code);
    PaymentError::Fields(errors)
}

fn file_name(issuer: &Issuer, month: Month) -> String {
    format!("{}_estado-de-cuenta_{}.pdf", plain(issuer.rfc.as_str()), month.first.strftime("%Y-%m"))
}

async fn sections(
    conn: &mut impl Conn,
    of: Account,
    issuer: &Issuer,
    month: Month,
) -> Result<BTreeMap<Currency, Section>, PaymentError> {
    let mut sections: BTreeMap<Currency, Section> = BTreeMap::new();
    let (start, end) = (Month::instant(issuer, month.first)?, Month::instant(issuer, month.end)?);
    let (first, last) = (month.first.to_string(), month.end.to_string());
    each_owed(conn, of, (&first, start), |currency, _, owed| {
        let section = sections.entry(currency).or_default();
        section.opening = section.opening.saturating_add(owed);
        Ok(())
    })
    .await?;
    let limit = i64::try_from(MOVEMENTS_MAX).unwrap_or(i64::MAX).saturating_add(1);
    let mut add = |currency: &str, movement: Movement| -> DbResult<()> {
        let currency = amount(0, currency)?.currency();
        sections.entry(currency).or_default().movements.push(movement);
        Ok(())
    };
    for row in store::list_charges(conn, of, (&first, &last), limit).await? {
        let movement = Movement {
            on: date(&row.issued_on)?,
            document: format!("Factura {}", row.number),
            concept: row.contract.map(|number| format!("Contrato {number}")).unwrap_or_default(),
            due_on: Some(date(&row.due_on)?),
            minor: row.total_minor,
        };
        add(&row.currency, movement)?;
    }
    for row in store::list_adjustments(conn, of, (start, end), (&first, &last), limit).await? {
        let movement = Movement {
            on: issuer.day_of(row.created_at).max(date(&row.issued_on)?),
            document: format!("Factura {}", row.number),
            concept: "Ajuste de saldo".to_owned(),
            due_on: None,
            minor: row.amount_minor,
        };
        add(&row.currency, movement)?;
    }
    for row in store::list_paid(conn, of, (start, end), (&first, &last), limit).await? {
        let applied = row.kind == "application";
        let prefix = BankCode::parse(&row.bank).map_or("", BankCode::reference_prefix);
        let concept = if applied { "Pago" } else { "Pago revertido" };
        let movement = Movement {
            on: issuer.day_of(row.entered_at).max(date(&row.issued_on)?),
            document: format!("Factura {}", row.number),
            concept: format!("{concept} {} · {prefix} {}", row.payment_number, row.bank_transaction)
                .trim_end()
                .to_owned(),
            due_on: None,
            minor: if applied { row.receivable_minor.saturating_neg() } else { row.receivable_minor },
        };
        add(&row.currency, movement)?;
    }
    each_owed(conn, of, (&last, end), |currency, due_on, owed| {
        let late = i64::from(month.cut.since(due_on).map_err(|_too_far| unreadable("due day"))?.get_days());
        let age = AGES.iter().position(|last| late <= *last).unwrap_or(AGES.len());
        if let Some(sum) = sections.entry(currency).or_default().ages.get_mut(age) {
            *sum = sum.saturating_add(owed);
        }
        Ok(())
    })
    .await?;
    if sections.values().map(|section| section.movements.len()).sum::<usize>() > MOVEMENTS_MAX {
        return Err(wrong("/month", FieldCode::TooLong));
    }
    for section in sections.values_mut() {
        // What is charged stands before what is paid on the same day; else in the order in which it was read.
        section.movements.sort_by_key(|movement| (movement.on, movement.minor < 0));
    }
    sections.retain(|_, section| *section != Section::default());
    Ok(sections)
}

fn date(text: &str) -> DbResult<Date> {
    text.parse().map_err(|_no_day| unreadable("day"))
}

/// Tells of every receivable what it owed then, some hundreds at a time.
async fn each_owed(
    conn: &mut impl Conn,
    of: Account,
    when: (&str, Timestamp),
    mut tell: impl FnMut(Currency, Date, i64) -> DbResult<()>,
) -> DbResult<()> {
    let mut last: Option<Uuid> = None;
    loop {
        let rows = store::list_owed(conn, of, when, last, SUM_ROWS).await?;
        for row in rows.iter().filter(|row| row.owed_minor != 0) {
            tell(amount(0, &row.currency)?.currency(), date(&row.due_on)?, row.owed_minor)?;
        }
        match rows.last() {
            Some(row) if i64::try_from(rows.len()).unwrap_or(SUM_ROWS) == SUM_ROWS => last = Some(row.id),
            _ => return Ok(()),
        }
    }
}

/// The months that a statement can be asked for, the newest first: those since the first movement, two years at most.
fn months_until(today: Date, count: i64) -> Vec<String> {
    let first = today.first_of_month();
    (0..count)
        .filter_map(|back| first.checked_sub(Span::new().months(back)).ok())
        .map(|month| month.strftime("%Y-%m").to_string())
        .collect()
}

fn own(minor: i64, currency: Currency) -> String {
    Amount::new(minor, currency).grouped()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_with_its_last_day_or_today() {
        let today: Date = "2026-11-18".parse().unwrap();
        let read = |text| Month::read(text, today).map(|month| (month.first.to_string(), month.cut.to_string()));
        assert_eq!(read("2026-11"), Some(("2026-11-01".into(), "2026-11-18".into())));
        assert_eq!(read("2026-02"), Some(("2026-02-01".into(), "2026-02-28".into())));
        for wrong in ["2026-12", "2026-13", "2026-1", "26-11", "", "2026-11-01"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_are_counted_back_over_the_turn_of_the_year() {
        let today: Date = "2026-01-31".parse().unwrap();
        assert_eq!(months_until(today, 3), ["2026-01", "2025-12", "2025-11"]);
    }
}
