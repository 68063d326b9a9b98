//! P12: the history is the ledger, month by month.
use std::collections::{BTreeMap, BTreeSet};

use api::payments::{Asker, history};
use shared::payments::PaymentFilter;
use uuid::Uuid;

use crate::support::TestApp;

/// Payments of one page.
const PAGE: u32 = 100;

/// The months of a customer's history share the payments out, each once.
pub async fn months_partition(app: &TestApp, asker: &Asker, payments: &BTreeSet<Uuid>) {
    let mut listed: BTreeMap<Uuid, usize> = BTreeMap::new();
    let mut months = 0;
    let mut month = jiff::civil::date(2026, 11, 1);
    while month < app.app.now().jiff().to_zoned(jiff::tz::TimeZone::UTC).date() {
        let seen = of_month(app, asker, &month.strftime("%Y-%m").to_string()).await;
        months += usize::from(!seen.is_empty());
        for id in seen {
            *listed.entry(id).or_default() += 1;
        }
        month = month.checked_add(jiff::Span::new().months(1)).unwrap();
    }
    assert!(listed.values().all(|times| *times == 1), "P12: in two months");
    assert_eq!(&listed.into_keys().collect::<BTreeSet<_>>(), payments, "P12");
    assert!(months > 1 || payments.len() < 20, "all in one month prove nothing");
}

/// A month's payments, page by page; as many as the page says.
async fn of_month(app: &TestApp, asker: &Asker, month: &str) -> Vec<Uuid> {
    let filter = PaymentFilter { month: Some(month.to_owned()), ..PaymentFilter::default() };
    let (limit, mut after, mut seen) = (usize::try_from(PAGE).unwrap(), None, Vec::new());
    loop {
        let (mut rows, totals) = history::list(&app.app, asker, &filter, after, PAGE).await.unwrap();
        let is_last = rows.len() <= limit;
        rows.truncate(limit);
        after = rows.last().map(|(at, payment)| (*at, payment.id));
        seen.extend(rows.iter().map(|(_, payment)| payment.id));
        if is_last {
            assert_eq!(u64::try_from(seen.len()).unwrap(), totals.count, "{month}");
            return seen;
        }
    }
}
