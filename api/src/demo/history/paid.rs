//! What the demo's customers paid at the portal before anybody looked: ordered by their own people, told by files of the
//! bank, with the services that do it every day and a clock that stands at the day. And a transfer that nobody ordered, whose
//! credit programs may put on what its customer owes since.
use std::sync::Arc;

use anyhow::Context;
use fiscal::{Amount, Currency, Rate, Rfc};
use jiff::Span;
use jiff::civil::{Date, Time};
use shared::payments::{AmountToPay, BankCode, LineToPay, PaymentOrder, PaymentView, typed_line};

use super::super::people::{ACCOUNTANT, CLIENTS, Client, OWNER, SECOND, THIRD};
use super::super::receivables::RATE;
use super::Seller;
use crate::App;
use crate::accounts::people;
use crate::audit::Actor;
use crate::clock::{Clock, Ids, SystemRandomness};
use crate::db::Timestamp;
use crate::http::RequestId;
use crate::installation;
use crate::payments::deposits::{self, Deposit};
use crate::payments::how::How;
use crate::payments::operations::{self, By};
use crate::payments::receivables::{self, ErpReceivable};
use crate::payments::service::{self, Key};
use crate::payments::settlement::{self, Brought, Format};
use crate::payments::{Asker, PaymentError};

/// That they were made, kept so that nobody makes them again.
const MADE: &str = "demo_payments";
const BANK: BankCode = BankCode::Bbva;
/// Who acts, for the audit log.
const NAME: &str = "ensayo";
const NOON: Time = Time::constant(12, 10, 0, 0);
const SECONDS_PER_MINUTE: i64 = 60;

/// An invoice that its seller's ERP told of, beside those that people look at: what is paid here is none of theirs.
struct Owed {
    client: &'static Client,
    number: &'static str,
    minor: i64,
    currency: Currency,
    /// Days from its issue to the last day of the history.
    days: i64,
}

const OWED: [Owed; 5] = [
    Owed { client: &CLIENTS[0], number: "6212801", minor: 842_000, currency: Currency::Mxn, days: 75 },
    Owed { client: &CLIENTS[0], number: "1233011", minor: 9_640, currency: Currency::Usd, days: 72 },
    Owed { client: &CLIENTS[0], number: "6212854", minor: 311_850, currency: Currency::Mxn, days: 45 },
    Owed { client: &CLIENTS[0], number: "1233082", minor: 15_000, currency: Currency::Usd, days: 20 },
    Owed { client: &SECOND, number: "6212840", minor: 526_000, currency: Currency::Mxn, days: 50 },
];

/// The transfer that nobody ordered: the bank's number, how much, days before the last one.
const DEPOSIT: (&str, i64, i64) = ("ENSAYO804460", 250_000, 12);

/// What its customer owes since: a credit would have paid what was there before.
const OWED_SINCE: [Owed; 2] = [
    Owed { client: &THIRD, number: "6212903", minor: 418_000, currency: Currency::Mxn, days: 6 },
    Owed { client: &THIRD, number: "6212907", minor: 196_040, currency: Currency::Mxn, days: 5 },
];

/// What the bank's file says of a payment.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Paid,
    Refused,
    Pending,
}

impl Told {
    const fn word(self) -> &'static str {
        match self {
            Told::Paid => "pagado",
            Told::Refused => "rechazado",
            Told::Pending => "pendiente",
        }
    }
}

/// A payment: by whom, of what, and what the bank said.
struct Ordered {
    user: &'static str,
    client: &'static Client,
    numbers: &'static [&'static str],
    /// So much of each, in minor units of its currency; all of it when nothing is said.
    part_minor: Option<i64>,
    told: Told,
    authorization: &'static str,
    /// Days before the last one.
    days: i64,
}

const ORDERED: [Ordered; 5] = [
    Ordered {
        user: OWNER,
        client: &CLIENTS[0],
        numbers: &["6212801", "1233011"],
        part_minor: None,
        told: Told::Paid,
        authorization: "804401",
        days: 60,
    },
    Ordered {
        user: ACCOUNTANT,
        client: &SECOND,
        numbers: &["6212840"],
        part_minor: None,
        told: Told::Paid,
        authorization: "804417",
        days: 35,
    },
    Ordered {
        user: OWNER,
        client: &CLIENTS[0],
        numbers: &["6212854"],
        part_minor: None,
        told: Told::Paid,
        authorization: "804423",
        days: 32,
    },
    Ordered {
        user: OWNER,
        client: &CLIENTS[0],
        numbers: &["1233082"],
        part_minor: None,
        told: Told::Refused,
        authorization: "804438",
        days: 5,
    },
    Ordered {
        user: OWNER,
        client: &CLIENTS[0],
        numbers: &["1233082"],
        // The manual's own row: one dollar on its way (K19, K21).
        part_minor: Some(100),
        told: Told::Pending,
        authorization: "804451",
        days: 1,
    },
];

/// A clock that stands.
struct Then(Timestamp);

impl Clock for Then {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Makes the payments, once. `false`: they were made, or there is no bank to tell of them.
pub async fn make(app: &App, seller: &Seller, last: Date) -> anyhow::Result<bool> {
    if app.banks.find(&seller.issuer.slug, BANK).is_none() || installation::get(&app.db, MADE).await?.is_some() {
        return Ok(false);
    }
    leave_credit(app, seller, last).await?;
    for owed in OWED_SINCE.iter().chain(&OWED) {
        owe(app, seller, owed, last).await?;
    }
    for ordered in &ORDERED {
        Box::pin(pay(app, seller, ordered, last)).await?;
    }
    installation::get_or_set(&app.db, MADE, &last.to_string()).await?;
    Ok(true)
}

/// The house as it was at noon of a day.
fn house_on(app: &App, seller: &Seller, day: Date) -> anyhow::Result<App> {
    let then = super::instant(day.to_datetime(NOON), &seller.branch)?;
    let clock: Arc<dyn Clock> = Arc::new(Then(then));
    let mut config = (*app.config).clone();
    // The queue knows what time it is: a trip of that day may still be told of today.
    let since = app.now().seconds_since(then) / SECONDS_PER_MINUTE;
    config.payments.hand_over_minutes += since;
    config.payments.answer_minutes += since;
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandomness));
    Ok(App { config: Arc::new(config), clock, ids, ..app.clone() })
}

/// Receives the transfer; a second time it is known.
async fn leave_credit(app: &App, seller: &Seller, last: Date) -> anyhow::Result<()> {
    let (transaction, minor, days) = DEPOSIT;
    let rfc = Rfc::parse(THIRD.rfc)?;
    let Some(customer) = people::find_customer(&mut app.db.read().await?, &rfc).await? else { return Ok(()) };
    let day = last.checked_sub(Span::new().days(days))?;
    let (house, amount, how) = (house_on(app, seller, day)?, Amount::new(minor, Currency::Mxn), How::default());
    let deposit = Deposit { bank: BankCode::Spei, transaction, amount, reference: "", how: &how };
    let line = format!("{day},transferencia,{},{transaction}\n", amount.to_decimal_string());
    let whose = (customer, deposits::By::Number);
    Box::pin(deposits::receive(&house, seller.scope, whose, &deposit, line.as_bytes())).await?;
    Ok(())
}

impl Owed {
    fn total(&self) -> Amount {
        Amount::new(self.minor, self.currency)
    }

    fn rate(&self) -> anyhow::Result<Option<Rate>> {
        Ok(if self.currency == Currency::Mxn { None } else { Some(Rate::parse(RATE)?) })
    }
}

async fn owe(app: &App, seller: &Seller, owed: &Owed, last: Date) -> anyhow::Result<()> {
    let rfc = Rfc::parse(owed.client.rfc)?;
    let Some(customer) = people::find_customer(&mut app.db.read().await?, &rfc).await? else { return Ok(()) };
    let day = last.checked_sub(Span::new().days(owed.days))?;
    let (house, issued_on) = (house_on(app, seller, day)?, day.to_string());
    let row = ErpReceivable {
        external_id: owed.number,
        customer,
        contract: owed.client.contracts.first().copied(),
        number: owed.number,
        issued_on: &issued_on,
        due_on: None,
        total: owed.total(),
        rate: owed.rate()?,
        balance: owed.total(),
        // Said again at the same moment it is old news, and takes no payment back.
        as_of: house.now(),
        document_id: None,
    };
    let mut tx = app.db.begin().await?;
    receivables::upsert(&mut tx, &house, seller.scope, &row).await?;
    tx.commit().await?;
    Ok(())
}

/// Orders a payment and has the bank's file tell of it. A second time the order has its answer and the file is known.
async fn pay(app: &App, seller: &Seller, ordered: &Ordered, last: Date) -> anyhow::Result<()> {
    let day = last.checked_sub(Span::new().days(ordered.days))?;
    let house = house_on(app, seller, day)?;
    let Some(asker) = asker(app, ordered).await? else { return Ok(()) };
    let order = order(app, seller, ordered).await?;
    let text = format!("{NAME}-{}", ordered.authorization);
    let key = Key { text: &text, request_sha256: [0; 32], request_id: RequestId::new(house.ids.uuid()) };
    let saved = match Box::pin(service::order(&house, &asker, &order, &key)).await {
        Ok(saved) => saved,
        // Its answer was kept for its time: it was ordered long ago.
        Err(PaymentError::KeyReused) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    if saved.status != 201 {
        // Somebody was there before and paid it: there is enough to see.
        tracing::warn!(status = saved.status, "a payment of the demo's past was not taken");
        return Ok(());
    }
    let payment: PaymentView = serde_json::from_slice(&saved.body).context("reading a payment of the demo")?;
    let number: i64 = payment.reference.parse().context("reading a payment's number")?;
    let table = format!(
        "referencia,importe,autorizacion,estado,forma de pago\n{number:010}01,{},{},{},04\n",
        order.expected_total.to_decimal_string(),
        ordered.authorization,
        ordered.told.word(),
    );
    let name = format!("{}-{day}.csv", BANK.as_str());
    let file = Brought { format: Format::Csv, bank: BANK, name: &name, bytes: table.as_bytes() };
    let by = By { actor: Actor::System, request_id: NAME.to_owned() };
    Box::pin(settlement::bring(&house, seller.scope, &file, &by)).await?;
    if ordered.told == Told::Paid {
        // Where the ERP applies, it did; elsewhere it is applied already.
        operations::apply(&house, seller.scope, payment.id, &by).await?;
    }
    Ok(())
}

/// Who orders, for their customer; `None`: one of them is not there.
async fn asker(app: &App, ordered: &Ordered) -> anyhow::Result<Option<Asker>> {
    let rfc = Rfc::parse(ordered.client.rfc)?;
    let mut conn = app.db.read().await?;
    let user = people::find_user(&mut conn, ordered.user).await?;
    let customer = people::find_customer(&mut conn, &rfc).await?;
    Ok(user.zip(customer).map(|(user, customer)| Asker {
        user_id: user.uuid(),
        customer,
        only: None,
        may_pay: true,
        request_id: NAME.to_owned(),
    }))
}

async fn order(app: &App, seller: &Seller, ordered: &Ordered) -> anyhow::Result<PaymentOrder> {
    let (mut lines, mut charges) = (Vec::new(), Vec::new());
    let mut conn = app.db.read().await?;
    for number in ordered.numbers {
        let owed = OWED.iter().find(|owed| owed.number == *number).context("nobody owes what is paid")?;
        let found = receivables::find_external(&mut conn, seller.scope, number).await?;
        let receivable_id = found.context("a balance of the demo is not there")?.resource()?.id;
        let part = ordered.part_minor.map(|minor| Amount::new(minor, owed.currency));
        let amount = part.map_or(AmountToPay::All, AmountToPay::Exactly);
        let (_, charge) = typed_line(amount, owed.total(), owed.rate()?)?;
        lines.push(LineToPay { receivable_id, amount });
        charges.push(charge);
    }
    let expected_total = Amount::sum(charges, Currency::Mxn)?;
    Ok(PaymentOrder { issuer: seller.issuer.slug.clone(), bank: BANK, lines, expected_total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payment_is_of_something_that_its_own_client_owed_by_then() {
        for ordered in &ORDERED {
            for number in ordered.numbers {
                let owed = OWED.iter().find(|owed| owed.number == *number).unwrap();
                assert!(owed.client.rfc == ordered.client.rfc && owed.days > ordered.days, "{number}");
            }
        }
        let since = OWED_SINCE.iter().all(|owed| owed.client.rfc == THIRD.rfc && owed.days < DEPOSIT.2);
        assert!(since && OWED.iter().all(|owed| owed.client.rfc != THIRD.rfc), "its credit finds nothing to pay");
        let refused: Vec<Told> = ORDERED.iter().filter(|it| it.numbers == ["1233082"]).map(|it| it.told).collect();
        assert!(refused == [Told::Refused, Told::Pending], "what was refused can be paid again");
    }
}
