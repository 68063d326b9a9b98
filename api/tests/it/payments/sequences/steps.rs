//! What may happen to payments, drawn at random. The same steps move the house and the numbers.
use api::payments::model::Source;

use super::world::{Wanted, World};

/// A small generator, so that a failure can be repeated from the number it prints.
pub struct Chance(u64);

impl From<u64> for Chance {
    fn from(seed: u64) -> Chance {
        Chance(seed.max(1))
    }
}

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(n).unwrap()).unwrap()
    }

    fn minor(&mut self, below: i64) -> i64 {
        i64::try_from(self.below(usize::try_from(below).unwrap())).unwrap()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// By which way money comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// A bank that tells and cannot be asked.
    Bbva,
    /// One that only hints, and is asked.
    Gateway,
    /// A transfer that nobody ordered.
    Transfer,
}

/// What a bank, or somebody in its name, says of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    Paid,
    /// Under another number.
    PaidAgain,
    Refused,
    Pending,
    /// A cent less than was ordered.
    Less,
    /// Nobody's word: another key, another order.
    Forged,
    /// The payer is still at its page.
    Undecided,
    /// There is no such order.
    NotFound,
}

const OF_BBVA: [Word; 6] = [Word::Paid, Word::PaidAgain, Word::Refused, Word::Pending, Word::Less, Word::Forged];
const OF_A_FILE: [Word; 3] = [Word::Paid, Word::Refused, Word::Less];
/// `None`: it does not answer.
const OF_THE_GATEWAY: [Option<Word>; 9] = [
    Some(Word::Paid),
    Some(Word::PaidAgain),
    Some(Word::Refused),
    Some(Word::Pending),
    Some(Word::Less),
    Some(Word::Forged),
    Some(Word::Undecided),
    Some(Word::NotFound),
    None,
];

/// What somebody says who looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    AsOrdered,
    More,
    Never,
}

/// One thing that happens. Payments, their trips and receivables are named by their places.
#[derive(Debug, Clone)]
pub enum Step {
    Order {
        way: Way,
        wanted: Vec<Wanted>,
    },
    /// A bank that tells says it of a trip: by the browser, by its server, by its file.
    Hear {
        payment: usize,
        trip: usize,
        source: Source,
        word: Word,
    },
    /// From now on the gateway says this when it is asked.
    Answers {
        payment: usize,
        trip: usize,
        word: Option<Word>,
    },
    /// The browser or the gateway's server has us ask.
    Hint {
        payment: usize,
        trip: usize,
        source: Source,
    },
    /// A transfer with the customer's own number.
    Deposit {
        pesos: i64,
    },
    /// Another file tells of a transfer that is entered.
    DepositAgain {
        payment: usize,
    },
    Cancel {
        payment: usize,
    },
    Deadline {
        payment: usize,
        trip: usize,
    },
    Again {
        payment: usize,
        way: Way,
    },
    Decide {
        payment: usize,
        trip: usize,
        found: Found,
    },
    Reverse {
        payment: usize,
    },
    Refund {
        payment: usize,
    },
    Apply {
        payment: usize,
    },
    /// The ERP counts so much on a receivable.
    Erp {
        place: usize,
        balance: i64,
    },
    /// A day in which nothing happens.
    Day,
}

/// The next step of a world.
pub fn draw(world: &World, chance: &mut Chance) -> Step {
    let kind = chance.below(16);
    if world.payments() == 0 || kind == 0 {
        return if chance.below(4) == 0 { deposit(world, chance) } else { order(world, chance) };
    }
    // What came to nothing goes to a bank again more often than anything else happens to it.
    let stopped: Vec<usize> = (0..world.payments()).filter(|place| world.has_stopped(*place)).collect();
    if !stopped.is_empty() && chance.below(4) == 0 {
        return Step::Again { payment: chance.one_of(&stopped), way: way(chance) };
    }
    let payment = chance.below(world.payments());
    let trip = chance.below(world.trips(payment));
    match kind {
        1..=5 => told(world, chance, payment, trip),
        6 => Step::Cancel { payment },
        7 if world.way(payment, trip) != Way::Transfer => Step::Deadline { payment, trip },
        8 => Step::Again { payment, way: way(chance) },
        9 => Step::Decide { payment, trip, found: chance.one_of(&[Found::AsOrdered, Found::More, Found::Never]) },
        10 => Step::Reverse { payment },
        11 => Step::Refund { payment },
        12 => Step::Apply { payment },
        13 => deposit(world, chance),
        14 => order(world, chance),
        _ => {
            let place = chance.below(world.receivables());
            Step::Erp { place, balance: chance.minor(3) * world.pending(place).max(0) / 2 }
        }
    }
}

fn way(chance: &mut Chance) -> Way {
    chance.one_of(&[Way::Bbva, Way::Gateway])
}

fn deposit(world: &World, chance: &mut Chance) -> Step {
    let owed: i64 = (0..world.receivables()).map(|place| world.pesos(place, world.available(place))).sum();
    Step::Deposit { pesos: chance.minor(owed * 3 / 2 + 1_000) + 1 }
}

fn order(world: &World, chance: &mut Chance) -> Step {
    let mut wanted: Vec<Wanted> = Vec::new();
    for place in 0..world.receivables() {
        if chance.below(3) > 0 || (place == 1 && wanted.is_empty()) {
            let available = world.available(place);
            let part = chance.minor(available + 1);
            let minor = if chance.below(2) == 0 || part == 0 { available } else { part };
            // Some centavos more or less come to the same cents of a dollar.
            let near = world.pesos(place, minor) + chance.minor(17) - 8;
            let typed = (world.is_foreign(place) && minor < available && chance.below(2) == 0).then_some(near);
            wanted.push(Wanted { place, minor, typed });
        }
    }
    Step::Order { way: way(chance), wanted }
}

fn told(world: &World, chance: &mut Chance, payment: usize, trip: usize) -> Step {
    let source = chance.one_of(&[Source::Return, Source::Notice]);
    match world.way(payment, trip) {
        Way::Bbva => {
            let (source, word) = match chance.below(5) {
                0 => (Source::File, chance.one_of(&OF_A_FILE)),
                _ => (source, chance.one_of(&OF_BBVA)),
            };
            Step::Hear { payment, trip, source, word: sayable(world, payment, word) }
        }
        Way::Gateway if chance.below(2) == 0 => {
            let word = chance.one_of(&OF_THE_GATEWAY).map(|word| sayable(world, payment, word));
            Step::Answers { payment, trip, word }
        }
        Way::Gateway => Step::Hint { payment, trip, source },
        Way::Transfer => Step::DepositAgain { payment },
    }
}

/// A cent less than one is no amount.
fn sayable(world: &World, payment: usize, word: Word) -> Word {
    if word == Word::Less && world.amount(payment) < 2 { Word::Paid } else { word }
}

/// P10: the time of every trip passes; a day later a gateway that answers is asked again. Then nothing is owed any more,
/// so that what comes later finds what it should.
pub fn ending(world: &World) -> Vec<Step> {
    let every = (0..world.payments()).flat_map(|payment| (0..world.trips(payment)).map(move |trip| (payment, trip)));
    let every: Vec<(usize, usize)> =
        every.filter(|(payment, trip)| world.way(*payment, *trip) != Way::Transfer).collect();
    let mut steps: Vec<Step> = every.iter().map(|(payment, trip)| deadline(*payment, *trip)).collect();
    let asked = every.iter().filter(|(payment, trip)| world.way(*payment, *trip) == Way::Gateway);
    for (place, (payment, trip)) in asked.enumerate() {
        if place == 0 {
            steps.push(Step::Day);
        }
        if world.answer(*payment, *trip).is_none_or(|word| word == Word::Forged) {
            steps.push(Step::Answers { payment: *payment, trip: *trip, word: Some(Word::Undecided) });
        }
        steps.push(deadline(*payment, *trip));
    }
    steps
}

fn deadline(payment: usize, trip: usize) -> Step {
    Step::Deadline { payment, trip }
}
