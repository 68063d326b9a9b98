//! The table of `payments.md` 4.4, row by row, and its invariants over many sequences.
use fiscal::Currency;

use super::*;
use PaymentState as S;

const ALL: &[S] = S::ALL;

fn mxn(minor: i64) -> Amount {
    Amount::new(minor, Currency::Mxn)
}

fn at(state: S) -> Standing {
    let transaction = (state == S::Confirmed).then(|| "804512".to_owned());
    Standing { state, transaction, amount: mxn(1_523_050), others: Others::Ended }
}

fn success(transaction: &str) -> Event {
    Event::Said(Reading::Paid { transaction: transaction.into(), amount: mxn(1_523_050) })
}

fn other_amount() -> Event {
    Event::Said(Reading::Paid { transaction: "804512".into(), amount: mxn(100) })
}

fn refusal() -> Event {
    Event::Said(Reading::Declined { transaction: None })
}

#[test]
fn money_that_arrives_wins_from_every_state() {
    for state in ALL.iter().copied().filter(|state| *state != S::Confirmed) {
        let decision = after(&at(state), &success("804512"));
        assert_eq!((decision.next, decision.effect), (S::Confirmed, Effect::Receive), "{state:?}");
    }
}

#[test]
fn p4_a_confirmed_payment_never_leaves_its_state() {
    let events = [
        success("804512"),
        success("900001"),
        other_amount(),
        refusal(),
        Event::Said(Reading::Pending),
        Event::GivenUp,
    ]
    .into_iter()
    .chain([Event::Deadline(None), Event::Deadline(Some(Reading::NotFound)), Event::HandedOver]);
    for event in events {
        let decision = after(&at(S::Confirmed), &event);
        assert_eq!((decision.next, decision.effect), (S::Confirmed, Effect::Keep), "{event:?}");
    }
    let review = |event| after(&at(S::Confirmed), &event).review;
    assert_eq!(review(success("804512")), None);
    assert_eq!(review(success("900001")), Some(ReviewReason::SecondSuccess));
    assert_eq!(review(other_amount()), Some(ReviewReason::AmountDiffers));
    let same = Event::Said(Reading::Declined { transaction: Some("804512".into()) });
    assert_eq!(review(same), Some(ReviewReason::RefusedAfterSuccess));
}

#[test]
fn p5_what_nobody_signed_moves_nothing() {
    for state in ALL.iter().copied() {
        for reading in [Reading::Untrusted { why: "signature" }, Reading::Hint, Reading::NotFound] {
            let decision = after(&at(state), &Event::Said(reading));
            assert_eq!((decision.next, decision.effect, decision.review), (state, Effect::Keep, None));
        }
    }
}

#[test]
fn p2_another_amount_is_never_applied_and_keeps_the_invoices_reserved() {
    for state in ALL.iter().copied().filter(|state| *state != S::Confirmed) {
        let decision = after(&at(state), &other_amount());
        let effect = if state.is_open() { Effect::Keep } else { Effect::Hold };
        assert_eq!((decision.next, decision.effect), (S::Review, effect), "{state:?}");
        assert_eq!(decision.review, Some(ReviewReason::AmountDiffers));
    }
}

#[test]
fn a_refusal_that_comes_back_as_a_success_is_looked_at() {
    let declined = Standing { transaction: Some("804512".into()), ..at(S::Declined) };
    let decision = after(&declined, &success("804512"));
    assert_eq!((decision.next, decision.review), (S::Review, Some(ReviewReason::Contradiction)));
    assert_eq!(after(&declined, &success("900001")).next, S::Confirmed);
}

#[test]
fn a_refusal_ends_only_what_is_open() {
    let ends = |state| after(&at(state), &refusal()).next;
    for state in [S::Created, S::InTransit, S::PendingBank, S::Unknown] {
        assert_eq!(ends(state), S::Declined);
    }
    for state in [S::Cancelled, S::Expired, S::Review, S::Declined, S::Confirmed] {
        assert_eq!(ends(state), state);
    }
}

#[test]
fn giving_up_is_possible_until_the_bank_answered() {
    for state in ALL.iter().copied() {
        let decision = after(&at(state), &Event::GivenUp);
        let possible = matches!(state, S::Created | S::InTransit);
        assert_eq!(decision.next, if possible { S::Cancelled } else { state });
        assert_eq!(decision.effect == Effect::Release, possible);
    }
}

#[test]
fn a_dead_bank_leaves_the_reservation_and_says_unknown() {
    let deadline = |state, answer| after(&at(state), &Event::Deadline(answer));
    assert_eq!(deadline(S::InTransit, None).next, S::Unknown);
    assert_eq!(deadline(S::InTransit, None).effect, Effect::Keep);
    assert_eq!(deadline(S::InTransit, Some(Reading::NotFound)).next, S::Expired);
    assert_eq!(deadline(S::Unknown, Some(Reading::NotFound)).effect, Effect::Release);
    assert_eq!(deadline(S::Created, None).next, S::Expired);
    assert_eq!(deadline(S::PendingBank, None).next, S::PendingBank);
}

#[test]
fn a_trip_paid_after_another_trip_of_its_payment_is_a_credit_to_look_at() {
    for state in ALL.iter().copied().filter(|state| *state != S::Confirmed) {
        let decision = after(&Standing { others: Others::Paid, ..at(state) }, &success("804512"));
        assert_eq!((decision.next, decision.effect), (S::Confirmed, Effect::Credit), "{state:?}");
        assert_eq!(decision.review, Some(ReviewReason::SecondSuccess));
    }
}

// 4.5, 12.
#[test]
fn a_trip_that_ends_lets_go_of_nothing_that_another_trip_needs() {
    for others in [Others::Open, Others::Paid] {
        let standing = Standing { others, ..at(S::InTransit) };
        for event in [refusal(), Event::GivenUp, Event::Deadline(Some(Reading::NotFound))] {
            assert_eq!(after(&standing, &event).effect, Effect::Keep, "{event:?}");
        }
        assert_eq!(after(&Standing { others, ..at(S::Declined) }, &other_amount()).effect, Effect::Keep);
    }
}

#[test]
fn somebody_who_looked_ends_what_the_bank_left_open() {
    let looked = |state, finding| after(&at(state), &Event::Looked(finding));
    for state in [S::Unknown, S::Review, S::PendingBank, S::InTransit] {
        let decision = looked(state, Finding::NeverArrived);
        assert_eq!((decision.next, decision.effect), (S::Declined, Effect::Release), "{state:?}");
        let decision = looked(state, Finding::Arrived(mxn(1_523_050)));
        assert_eq!((decision.next, decision.effect), (S::Confirmed, Effect::Receive), "{state:?}");
        let decision = looked(state, Finding::Arrived(mxn(100)));
        assert_eq!((decision.next, decision.effect), (S::Confirmed, Effect::Credit), "{state:?}");
        assert_eq!(decision.review, Some(ReviewReason::AmountDiffers), "where it goes is still to be said");
    }
    let late = looked(S::Expired, Finding::Arrived(mxn(1_523_050)));
    assert_eq!(late.effect, Effect::Receive, "money wins, whoever found it");
    for finding in [Finding::NeverArrived, Finding::Arrived(mxn(1_523_050))] {
        assert_eq!(looked(S::Confirmed, finding).effect, Effect::Keep);
    }
}

/// A small generator, so that a failure can be repeated from the number it prints.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n).unwrap()).unwrap()
    }
}

/// The money beside the state: what is reserved, and how often it was received.
fn run(events: &[Event]) -> (S, i64, i64) {
    let (mut standing, mut reserved, mut received) = (at(S::InTransit), 1, 0);
    for event in events {
        let decision = after(&standing, event);
        match decision.effect {
            Effect::Keep => {}
            Effect::Release => reserved = 0,
            Effect::Hold => reserved = 1,
            Effect::Receive => (reserved, received) = (0, received + 1),
            Effect::Credit => unreachable!("one trip has no other"),
        }
        if let Event::Said(Reading::Paid { transaction, .. }) = event
            && decision.next == S::Confirmed
            && standing.state != S::Confirmed
        {
            standing.transaction = Some(transaction.clone());
        }
        if standing.state == S::Confirmed {
            assert_eq!(decision.next, S::Confirmed, "P4");
        }
        standing.state = decision.next;
        assert!(reserved + received <= 1, "P1: reserved or applied more than once");
        assert!(received <= 1, "P3");
        let open = standing.state.is_open();
        assert_eq!(reserved == 1, open, "a reservation is held exactly while it may still be paid: {standing:?}");
    }
    (standing.state, reserved, received)
}

#[test]
fn p4_ten_thousand_sequences_keep_the_invariants_in_any_order_and_however_often() {
    let seed = std::env::var("VENTANILLA_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    let mut chance = Chance(seed);
    let kinds: [fn() -> Event; 6] = [
        || success("804512"),
        || success("900001"),
        other_amount,
        refusal,
        || Event::Said(Reading::Pending),
        || Event::Said(Reading::Untrusted { why: "signature" }),
    ];
    for round in 0..10_000 {
        let evidence: Vec<Event> = (0..=chance.below(7)).map(|_| kinds[chance.below(kinds.len())]()).collect();
        let (state, reserved, received) = run(&evidence);
        let mut shuffled = evidence.clone();
        for index in (1..shuffled.len()).rev() {
            shuffled.swap(index, chance.below(index + 1));
        }
        let again = chance.below(shuffled.len());
        shuffled.push(shuffled[again].clone());
        assert_eq!(run(&shuffled), (state, reserved, received), "P5, seed {seed}, round {round}: {evidence:?}");
        let mut mixed = evidence.clone();
        for event in [Event::GivenUp, Event::Deadline(None), Event::Deadline(Some(Reading::NotFound))] {
            mixed.insert(chance.below(mixed.len() + 1), event);
        }
        let (_, _, received_mixed) = run(&mixed);
        assert_eq!(received_mixed, received, "money is received whoever gave up, seed {seed}, round {round}");
        let unsigned: Vec<Event> = vec![Event::Said(Reading::Untrusted { why: "signature" }); 5];
        assert_eq!(run(&unsigned), (S::InTransit, 1, 0), "P6");
    }
}

#[test]
fn money_that_is_entered_is_entered_no_second_time() {
    let reading = Reading::Paid { transaction: "804512".into(), amount: mxn(1_523_050) };
    for state in ALL.iter().copied() {
        let here = told(&at(state), &reading, Entry::Here);
        assert_eq!((here.next, here.effect, here.review, here.verdict), (state, Effect::Keep, None, PAID_BEFORE));
        let known = told(&at(state), &reading, Entry::Elsewhere { certain: true });
        assert_eq!((known.next, known.effect, known.review, known.verdict), (state, Effect::Keep, None, ENTERED));
        let doubted = told(&at(state), &reading, Entry::Elsewhere { certain: false });
        assert_eq!(doubted.review, Some(ReviewReason::MoneyEntered));
        assert!(!matches!(doubted.effect, Effect::Receive | Effect::Credit));
        assert_eq!(doubted.next, if state == S::Confirmed { S::Confirmed } else { S::Review });
        assert_eq!(told(&at(state), &reading, Entry::Not), after(&at(state), &Event::Said(reading.clone())));
    }
}
