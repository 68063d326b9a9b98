//! What the demo's first customer owes by the word of its supplier's ERP: the rows of the manual's own screen, whose
//! dollars come to its pesos at 18.886880 (K24).
use fiscal::{Amount, Currency, Rate, Rfc};
use jiff::Span;

use super::people::CLIENTS;
use crate::App;
use crate::accounts::{externals, people};
use crate::audit::Actor;
use crate::db::Timestamp;
use crate::issuers::Scope;
use crate::payments::receivables::{ErpReceivable, upsert};

/// One row: the ERP's number, the amount in minor units, its currency, days since it was issued.
type Row = (&'static str, i64, Currency, i64);

const ROWS: [Row; 5] = [
    ("6212976", 2_779_452, Currency::Mxn, 12),
    ("1233074", 16_071, Currency::Usd, 36),
    ("1233076", 16_794, Currency::Usd, 26),
    ("1233077", 16_794, Currency::Usd, 26),
    ("1233080", 31_262, Currency::Usd, 9),
];
pub(super) const RATE: &str = "18.886880";
/// Always the same moment: said again at a later start it is old news, and changes nothing.
const AS_OF: &str = "2026-01-01T00:00:00Z";

/// How that ERP calls the other customer, whom nobody has registered yet: what programs try touches no balance that people
/// look at.
const ERP_ID: &str = "C-1001";

/// Opens the rows that are not there yet, and names the other customer.
pub(super) async fn fill(app: &App, scope: Scope) -> anyhow::Result<()> {
    let [client, other] = &CLIENTS;
    if externals::find(&mut app.db.read().await?, scope, ERP_ID).await?.is_none() {
        let sent = other.customer()?;
        externals::upsert(app, scope, ERP_ID, (&sent, &[]), (Actor::System, "ensayo")).await?;
    }
    let rfc = Rfc::parse(client.rfc)?;
    let Some(customer) = people::find_customer(&mut app.db.read().await?, &rfc).await? else { return Ok(()) };
    let today = app.now().jiff().to_zoned(jiff::tz::TimeZone::get("America/Mexico_City")?).date();
    let (rate, as_of) = (Rate::parse(RATE)?, Timestamp::new(AS_OF.parse()?));
    let mut tx = app.db.begin().await?;
    for (number, minor, currency, days) in ROWS {
        let issued_on = today.checked_sub(Span::new().days(days))?.to_string();
        let total = Amount::new(minor, currency);
        let row = ErpReceivable {
            external_id: number,
            customer,
            contract: client.contracts.first().copied(),
            number,
            issued_on: &issued_on,
            due_on: None,
            total,
            rate: (currency != Currency::Mxn).then_some(rate),
            balance: total,
            as_of,
            document_id: None,
        };
        upsert(&mut tx, app, scope, &row).await?;
    }
    tx.commit().await?;
    Ok(())
}
