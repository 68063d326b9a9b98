use shared::payments::{BankCode, PaymentLineView, PaymentState, RateSource, RateView, Transit};
use shared::time::LocalTime;

use super::*;

const ISSUER: &str = "default";

fn row(id: u128, total: &str) -> BalanceRow {
    BalanceRow {
        id: Uuid::from_u128(id),
        document_id: None,
        issuer: ISSUER.into(),
        issuer_name: "Colibrí Azul".into(),
        contract: None,
        number: format!("FA-{id}"),
        issued_on: "2026-11-01".into(),
        due_on: format!("2026-12-{id:02}"),
        days_overdue: 0,
        currency: "MXN".into(),
        total: total.into(),
        rate: None,
        total_mxn: total.into(),
        pending: total.into(),
        pending_mxn: total.into(),
        in_transit: "0.00".into(),
        in_transit_mxn: "0.00".into(),
        transits: Vec::new(),
        available: total.into(),
        available_mxn: total.into(),
    }
}

fn dollars(id: u128, total: &str, pesos: &str) -> BalanceRow {
    let rate = RateView { rate: "18.886880".into(), on: "2026-11-01".into(), source: RateSource::Invoice };
    BalanceRow { currency: "USD".into(), available: total.into(), rate: Some(rate), ..row(id, pesos) }
}

fn picked(rows: &[BalanceRow]) -> Picks {
    let mut picks = Picks::default();
    assert!(picks.tick(ISSUER, &rows.iter().collect::<Vec<_>>()));
    picks
}

fn typed(purse: Purse, text: &str) -> Typed {
    Typed { purse, text: text.to_owned() }
}

fn shown(picks: &Picks, id: u128) -> (String, String) {
    let line = picks.line(ISSUER, Uuid::from_u128(id)).unwrap();
    (line.shown(Purse::Mxn), line.shown(Purse::Own))
}

fn total(picks: &Picks) -> String {
    picks.total(ISSUER).0.to_decimal_string()
}

#[test]
fn the_manuals_three_ticks_come_to_its_total() {
    let picks = picked(&[row(1, "27794.52"), dollars(2, "167.94", "3171.86"), dollars(3, "312.62", "5904.42")]);
    assert_eq!(total(&picks), "36870.80");
    assert_eq!(shown(&picks, 2), ("3,171.86".into(), "167.94".into()));
    let order = picks.order(ISSUER, "bbva").unwrap();
    assert_eq!(order.expected_total, "36870.80");
    assert!(order.lines.iter().all(|line| line.pay_all && line.amount.is_none() && line.currency.is_none()));
}

#[test]
fn each_box_recomputes_the_other() {
    let mut picks = picked(&[dollars(3, "312.62", "5904.42")]);
    let id = Uuid::from_u128(3);
    picks.type_in(ISSUER, id, typed(Purse::Mxn, "3,000"));
    assert_eq!(shown(&picks, 3), ("3,000".into(), "158.84".into()));
    picks.tidy(ISSUER, id);
    assert_eq!(shown(&picks, 3).0, "3,000.00");
    let line = &picks.order(ISSUER, "bbva").unwrap().lines[0];
    assert_eq!((line.amount.as_deref(), line.currency.as_deref()), (Some("3000.00"), Some("MXN")));
    picks.type_in(ISSUER, id, typed(Purse::Own, "100"));
    assert_eq!(shown(&picks, 3), ("1,888.69".into(), "100".into()));
    let line = &picks.order(ISSUER, "bbva").unwrap().lines[0];
    assert_eq!((line.amount.as_deref(), line.currency.as_deref()), (Some("100.00"), Some("USD")));
    assert_eq!(total(&picks), "1888.69");
}

#[test]
fn typing_all_of_it_is_a_tick() {
    let mut picks = picked(&[dollars(3, "312.62", "5904.42")]);
    let id = Uuid::from_u128(3);
    for all in [typed(Purse::Mxn, "$5,904.42"), typed(Purse::Own, "312.62")] {
        picks.type_in(ISSUER, id, all);
        assert!(picks.order(ISSUER, "bbva").unwrap().lines[0].pay_all);
        picks.tidy(ISSUER, id);
        assert_eq!(picks.line(ISSUER, id).unwrap().typed, None);
    }
}

#[test]
fn what_is_no_amount_or_too_much_is_said_and_never_ordered() {
    let mut picks = picked(&[row(1, "100.00"), dollars(2, "167.94", "3171.86")]);
    let id = Uuid::from_u128(2);
    let cases = [
        (typed(Purse::Mxn, ""), Wrong::Field(FieldCode::Required)),
        (typed(Purse::Mxn, "0"), Wrong::Field(FieldCode::NotPositive)),
        (typed(Purse::Mxn, "0.01"), Wrong::Field(FieldCode::NotPositive)),
        (typed(Purse::Own, "1.005"), Wrong::Field(FieldCode::Amount)),
        (typed(Purse::Mxn, "-5"), Wrong::Field(FieldCode::Amount)),
        (typed(Purse::Own, "167.95"), Wrong::TooMuch),
        (typed(Purse::Mxn, "3171.87"), Wrong::TooMuch),
    ];
    for (what, wrong) in cases {
        picks.type_in(ISSUER, id, what);
        assert_eq!(picks.line(ISSUER, id).unwrap().paid(), Err(wrong));
        assert_eq!(picks.total(ISSUER), (Amount::new(10_000, Currency::Mxn), Some(id)));
        assert!(picks.order(ISSUER, "bbva").is_none());
        picks.tidy(ISSUER, id);
        assert_eq!(picks.line(ISSUER, id).unwrap().paid(), Err(wrong), "leaving the box loses nothing");
    }
}

#[test]
fn a_payment_takes_a_hundred_and_rows_without_a_balance_are_not_ticked() {
    let rows: Vec<BalanceRow> = (1..=101).map(|id| row(id, "10.00")).collect();
    let mut picks = Picks::default();
    assert!(!picks.tick(ISSUER, &rows.iter().collect::<Vec<_>>()));
    assert_eq!(picks.lines(ISSUER).len(), LINES_MAX);
    let paid = BalanceRow { available: "0.00".into(), ..row(7, "10.00") };
    let mut picks = Picks::default();
    assert!(picks.tick(ISSUER, &[&paid]) && picks.lines(ISSUER).is_empty());
}

#[test]
fn a_selection_is_kept_by_issuer_and_read_back_as_it_was() {
    let mut picks = picked(&[row(1, "100.00")]);
    picks.tick("nandu", &[&row(2, "5.00")]);
    picks.type_in(ISSUER, Uuid::from_u128(1), typed(Purse::Mxn, "12."));
    assert_eq!(Picks::read(picks.written().as_deref()), picks);
    picks.clear("nandu");
    assert!(picks.lines("nandu").is_empty() && picks.lines(ISSUER).len() == 1);
    assert_eq!(Picks::read(Some("{")), Picks::default());
}

#[test]
fn fresh_balances_keep_the_ticks_that_still_can_be() {
    let mut picks = picked(&[row(1, "100.00"), row(2, "50.00"), row(3, "20.00"), row(4, "9.00")]);
    picks.type_in(ISSUER, Uuid::from_u128(1), typed(Purse::Mxn, "80.00"));
    let less = row(1, "60.00");
    let taken = BalanceRow { available: "0.00".into(), ..row(2, "50.00") };
    let lost = picks.refresh(ISSUER, &[less, taken], |id| id == Uuid::from_u128(3));
    assert_eq!(lost, ["FA-2", "FA-3"]);
    assert_eq!(picks.lines(ISSUER).len(), 2);
    assert_eq!(picks.line(ISSUER, Uuid::from_u128(1)).unwrap().paid(), Err(Wrong::TooMuch));
}

#[test]
fn a_tick_knows_what_is_under_way_for_its_invoice_as_the_server_last_said() {
    let transit = Transit {
        payment_id: Uuid::from_u128(9),
        amount: "40.00".into(),
        state: PaymentState::InTransit,
        since: LocalTime { instant: String::new(), civil: "2026-11-14T10:00:00".into(), zone: String::new() },
        bank: BankCode::Bbva,
        bank_reference: Some("BBVA 804512".into()),
    };
    let partly = BalanceRow { available: "60.00".into(), transits: vec![transit], ..row(1, "100.00") };
    let mut picks = picked(&[partly]);
    let known = |picks: &Picks| picks.line(ISSUER, Uuid::from_u128(1)).unwrap().transits.len();
    assert_eq!(known(&picks), 1);
    assert_eq!(known(&Picks::read(picks.written().as_deref())), 1, "a reload does not forget it");
    picks.refresh(ISSUER, &[row(1, "100.00")], |_| false);
    assert_eq!(known(&picks), 0, "it came to nothing meanwhile");
    let before = picks.written().unwrap().replace(",\"transits\":[]", "");
    assert!(!before.contains("transits"));
    assert_eq!(Picks::read(Some(&before)), picks, "what an older program kept is read");
}

#[test]
fn the_same_order_keeps_its_key_and_another_gets_a_new_one() {
    let mut picks = picked(&[row(1, "100.00")]);
    let (first, second) = (Uuid::from_u128(11), Uuid::from_u128(12));
    let order = picks.order(ISSUER, "bbva").unwrap();
    assert_eq!(picks.key_of(&order, first), first);
    assert_eq!(picks.key_of(&order, second), first, "a network failure repeats the key");
    let other = picks.order(ISSUER, "citibanamex").unwrap();
    assert_eq!(picks.key_of(&other, second), second);
    picks.sent = None;
    assert_eq!(picks.key_of(&other, first), first, "a refusal gives the key up");
}

fn payment(id: u128) -> PaymentView {
    let line = PaymentLineView {
        receivable_id: Uuid::from_u128(1),
        document_id: None,
        number: "FA-1".into(),
        currency: "MXN".into(),
        amount: "40.00".into(),
        amount_mxn: "40.00".into(),
        rate: None,
        partial: true,
    };
    let under_way = crate::payments::journey::outcome::tests::payment(BankCode::Bbva, PaymentState::InTransit);
    PaymentView { id: Uuid::from_u128(id), issuer: ISSUER.into(), lines: vec![line], can_cancel: true, ..under_way }
}

#[test]
fn what_went_to_a_bank_is_not_ticked_and_can_be_again_if_nothing_was_charged() {
    let mut picks = picked(&[row(1, "100.00"), row(2, "50.00")]);
    picks.type_in(ISSUER, Uuid::from_u128(1), typed(Purse::Mxn, "40.00"));
    let before = picks.line(ISSUER, Uuid::from_u128(1)).cloned();
    picks.taken(&payment(9));
    assert_eq!(picks.lines(ISSUER).len(), 1);
    assert!(!picks.restore(Uuid::from_u128(8)), "another payment");
    assert!(picks.restore(Uuid::from_u128(9)));
    assert_eq!(picks.line(ISSUER, Uuid::from_u128(1)).cloned(), before);
    assert!(!picks.restore(Uuid::from_u128(9)), "once");
}
