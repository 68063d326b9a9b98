//! Invents the demo's sales: the same ones on every machine, dated from the day they are made.
//!
//! A small generator with a fixed seed stands in for chance, so that a fault seen in a demo can be seen again.
use fiscal::{Amount, Currency, FormaPago};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp as Instant};

use super::companies::Shop;
use super::products::{BATTERY, LAMP, NOTEBOOK, PRODUCTS, Product, Sold};
use crate::db::Timestamp;
use crate::issuers::Branch;
use crate::tickets::model::{LineTax, NewTicket, TicketLine, TicketState};

/// Numbers of the ticket that the pages draw: it is for sale at every branch.
pub const DRAWN_ORDER: &str = "4471-20983";
/// See [`DRAWN_ORDER`].
pub const DRAWN_TICKET: &str = "0048213";

/// Sales of one branch by what became of them: how many, and how many days ago.
const RECENT: (u32, std::ops::Range<u32>) = (34, 1..5);
const EXPIRED: (u32, std::ops::Range<u32>) = (8, 70..130);
const CANCELLED: (u32, std::ops::Range<u32>) = (4, 1..20);
const IN_GLOBAL: (u32, std::ops::Range<u32>) = (8, 35..70);
/// Lines of the long tickets every branch has among the recent ones.
const LONG: [u32; 2] = [30, 150];

/// A linear congruential generator (Knuth's constants): enough to invent shopping, good for nothing else.
pub struct Invention(u64);

impl Invention {
    /// The sequence of one branch in one round.
    pub fn new(seed: u64) -> Invention {
        Invention(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x000b_6470))
    }

    /// A number from 0 to `limit` − 1.
    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = u32::try_from(self.0 >> 32).unwrap_or(0);
        high % limit.max(1)
    }

    fn within(&mut self, range: &std::ops::Range<u32>) -> u32 {
        range.start + self.below(range.end.saturating_sub(range.start))
    }
}

/// A branch as the sales need it.
pub struct Counter<'a> {
    /// Where it was sold.
    pub branch: &'a Branch,
    /// The same, as the demo knows it.
    pub shop: &'a Shop,
    /// 0 for the first filling, then one more for each time the shelf is filled again.
    pub round: u32,
}

impl Counter<'_> {
    /// All sales of one round, as they look at `now`.
    pub fn sales(&self, now: Instant, seed: u64) -> anyhow::Result<Vec<NewTicket>> {
        let mut chance = Invention::new(seed.wrapping_add(u64::from(self.round) << 32));
        let mut sales = Vec::new();
        if self.round == 0 {
            sales.push(self.drawn(now)?);
        }
        let groups = [
            (RECENT, TicketState::Open),
            (EXPIRED, TicketState::Open),
            (CANCELLED, TicketState::Cancelled),
            (IN_GLOBAL, TicketState::InGlobal),
        ];
        for ((count, days_ago), state) in groups {
            for index in 0..count {
                let lines = match LONG.get(usize::try_from(index)?) {
                    Some(long) if state == TicketState::Open && days_ago == RECENT.1 => *long,
                    _ => 1 + chance.below(8),
                };
                let sold_at = self.sold_at(now, &days_ago, &mut chance)?;
                let number = u32::try_from(sales.len())?;
                sales.push(self.sale(number, sold_at, lines, state, &mut chance)?);
            }
        }
        Ok(sales)
    }

    /// The ticket of the pages, sold yesterday.
    fn drawn(&self, now: Instant) -> anyhow::Result<NewTicket> {
        let zone = &self.branch.time_zone;
        let yesterday = zone.to_datetime(now).date().checked_sub(Span::new().days(1))?;
        let lines: Vec<TicketLine> = [(NOTEBOOK, 2), (LAMP, 1), (BATTERY, 4)]
            .into_iter()
            .map(|(product, pieces)| self.line(&product, pieces.to_string(), product.price_minor * pieces, None))
            .collect();
        Ok(NewTicket {
            external_id: None,
            branch_id: self.branch.id,
            order_number: DRAWN_ORDER.to_owned(),
            ticket_number: DRAWN_TICKET.to_owned(),
            sold_at: instant(yesterday, Time::constant(17, 42, 0, 0), zone)?,
            total: Amount::new(86_300, Currency::Mxn),
            forma_pago: Some(FormaPago::TarjetaDebito),
            lines,
            state: TicketState::Open,
        })
    }

    fn sold_at(
        &self,
        now: Instant,
        days_ago: &std::ops::Range<u32>,
        chance: &mut Invention,
    ) -> anyhow::Result<Timestamp> {
        let zone = &self.branch.time_zone;
        let days = i64::from(chance.within(days_ago));
        let day = zone.to_datetime(now).date().checked_sub(Span::new().days(days))?;
        let hour = i8::try_from(9 + chance.below(12))?;
        let time = Time::new(hour, i8::try_from(chance.below(60))?, i8::try_from(chance.below(60))?, 0)?;
        instant(day, time, zone)
    }

    fn sale(
        &self,
        number: u32,
        sold_at: Timestamp,
        lines: u32,
        state: TicketState,
        chance: &mut Invention,
    ) -> anyhow::Result<NewTicket> {
        let mut sold = Vec::new();
        let mut total_minor = 0;
        for _ in 0..lines {
            let (line, paid_minor) = self.any_line(chance);
            total_minor += paid_minor;
            sold.push(line);
        }
        let forma_pago = match chance.below(5) {
            0 => Some(FormaPago::Efectivo),
            1 => Some(FormaPago::TarjetaDebito),
            2 => Some(FormaPago::TarjetaCredito),
            3 => Some(FormaPago::Transferencia),
            _ => None,
        };
        Ok(NewTicket {
            external_id: None,
            branch_id: self.branch.id,
            order_number: format!("{:04}-{:05}", 1_000 + chance.below(9_000), chance.below(100_000)),
            ticket_number: format!("{:07}", 50_000 + self.round * 1_000 + number),
            sold_at,
            total: Amount::new(total_minor, Currency::Mxn),
            forma_pago,
            lines: sold,
            state,
        })
    }

    /// A line of something, and what was paid for it.
    fn any_line(&self, chance: &mut Invention) -> (TicketLine, i64) {
        let shelf = u32::try_from(PRODUCTS.len()).unwrap_or(1);
        let product = PRODUCTS[usize::try_from(chance.below(shelf)).unwrap_or(0)];
        let (cantidad, importe_minor) = match product.sold {
            Sold::Kilogram => {
                let grams = i64::from(150 + chance.below(2_000));
                (format!("{}.{:03}", grams / 1_000, grams % 1_000), (product.price_minor * grams + 500) / 1_000)
            }
            Sold::Service => ("1".to_owned(), product.price_minor),
            Sold::Piece => {
                let pieces = i64::from(1 + chance.below(4));
                (pieces.to_string(), product.price_minor * pieces)
            }
        };
        // One line in eight has ten per cent off; the cents below are the shop's.
        let discount_minor = if chance.below(8) == 0 { importe_minor / 10 } else { 0 };
        let descuento = (discount_minor > 0).then_some(discount_minor);
        (self.line(&product, cantidad, importe_minor, descuento), importe_minor - discount_minor)
    }

    fn line(&self, product: &Product, cantidad: String, importe_minor: i64, descuento: Option<i64>) -> TicketLine {
        let pesos = |minor| Amount::new(minor, Currency::Mxn).to_decimal_string();
        let (clave_unidad, unidad) = match product.sold {
            Sold::Piece => ("H87", "Pieza"),
            Sold::Kilogram => ("KGM", "Kilogramo"),
            Sold::Service => ("E48", "Servicio"),
        };
        let at_border = self.shop.border && product.tax == LineTax::Iva16;
        TicketLine {
            clave_prod_serv: product.clave_prod_serv.to_owned(),
            sku: Some(format!("{}-{}", product.clave_prod_serv.get(4..).unwrap_or_default(), product.price_minor)),
            cantidad,
            clave_unidad: clave_unidad.to_owned(),
            unidad: Some(unidad.to_owned()),
            descripcion: product.descripcion.to_owned(),
            importe: pesos(importe_minor),
            descuento: descuento.map(pesos),
            impuesto: if at_border { LineTax::Iva8 } else { product.tax },
        }
    }
}

fn instant(day: Date, time: Time, zone: &TimeZone) -> anyhow::Result<Timestamp> {
    Ok(Timestamp::new(zone.to_timestamp(day.to_datetime(time))?))
}

/// Which branch a list of sales is for, so that two branches do not sell the same things.
pub fn seed_of(company: usize, shop: usize) -> u64 {
    u64::try_from(company * 100 + shop).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rust_decimal::Decimal;

    use super::super::companies::COMPANIES;
    use super::*;
    use crate::issuers::BranchId;

    fn branch(shop: &Shop) -> Branch {
        let ids = crate::clock::Ids::new(
            std::sync::Arc::new(crate::clock::SystemClock),
            std::sync::Arc::new(crate::clock::SystemRandomness),
        );
        let branch = COMPANIES[0].branch(shop, &ids).unwrap();
        Branch { id: BranchId::new(uuid::Uuid::from_u128(1)), ..branch }
    }

    fn sales(shop: &Shop, round: u32) -> Vec<NewTicket> {
        let now = "2026-11-22T18:00:00Z".parse().unwrap();
        Counter { branch: &branch(shop), shop, round }.sales(now, 7).unwrap()
    }

    #[test]
    fn the_same_seed_sells_the_same_things() {
        let shop = &COMPANIES[0].shops[0];
        let (first, second) = (sales(shop, 0), sales(shop, 0));
        assert!(first.iter().zip(&second).all(|(a, b)| a.lines == b.lines && a.sold_at == b.sold_at));
        assert!(sales(shop, 1).iter().zip(&first).any(|(a, b)| a.lines != b.lines));
    }

    #[test]
    fn a_total_is_what_its_lines_say() {
        for ticket in sales(&COMPANIES[0].shops[0], 0) {
            let sum: Decimal = ticket
                .lines
                .iter()
                .map(|line| {
                    let pesos = |text: &str| text.parse::<Decimal>().unwrap();
                    pesos(&line.importe) - line.descuento.as_deref().map_or(Decimal::ZERO, pesos)
                })
                .sum();
            assert_eq!(ticket.total.to_decimal(), sum, "{}", ticket.ticket_number);
            assert!(ticket.total.is_positive());
        }
    }

    #[test]
    fn numbers_do_not_repeat_in_a_branch_even_between_rounds() {
        let mut seen = BTreeSet::new();
        for round in 0..3 {
            for ticket in sales(&COMPANIES[0].shops[0], round) {
                assert!(seen.insert((ticket.order_number.clone(), ticket.ticket_number.clone())));
            }
        }
    }

    #[test]
    fn short_long_and_very_long_tickets_of_every_state_are_there() {
        let all = sales(&COMPANIES[0].shops[0], 0);
        for lines in [1, 3, 30, 150] {
            assert!(
                all.iter().any(|ticket| ticket.lines.len() == lines && ticket.state == TicketState::Open),
                "{lines}"
            );
        }
        for state in [TicketState::Open, TicketState::Cancelled, TicketState::InGlobal] {
            assert!(all.iter().any(|ticket| ticket.state == state), "{state:?}");
        }
        assert!(all.iter().any(|ticket| ticket.forma_pago.is_none()));
        assert!(all.iter().any(|ticket| ticket.lines.iter().any(|line| line.descuento.is_some())));
    }

    #[test]
    fn the_border_sells_at_eight_per_cent() {
        let border = COMPANIES[0].shops.iter().find(|shop| shop.border).unwrap();
        let taxes: Vec<LineTax> =
            sales(border, 0).iter().flat_map(|ticket| &ticket.lines).map(|l| l.impuesto).collect();
        assert!(taxes.contains(&LineTax::Iva8) && !taxes.contains(&LineTax::Iva16));
    }
}
