//! What a ticket is, and the pure decisions about it.
use fiscal::{Amount, FormaPago};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::db::Timestamp;
use crate::issuers::{Branch, BranchId};

/// A purchase ticket of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TicketId(Uuid);

impl TicketId {
    /// From a row or a new id.
    pub const fn new(id: Uuid) -> TicketId {
        TicketId(id)
    }

    /// For a bind.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketState {
    /// Can be invoiced.
    Open,
    /// Its invoice is being made.
    Reserved,
    /// It has its invoice.
    Invoiced,
    /// It went into a global invoice.
    InGlobal,
    /// The sale was cancelled.
    Cancelled,
}

impl TicketState {
    const ALL: [TicketState; 5] = [
        TicketState::Open,
        TicketState::Reserved,
        TicketState::Invoiced,
        TicketState::InGlobal,
        TicketState::Cancelled,
    ];

    /// As kept in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            TicketState::Open => "open",
            TicketState::Reserved => "reserved",
            TicketState::Invoiced => "invoiced",
            TicketState::InGlobal => "in_global",
            TicketState::Cancelled => "cancelled",
        }
    }
}

impl TryFrom<String> for TicketState {
    type Error = String;
    fn try_from(text: String) -> Result<TicketState, String> {
        TicketState::ALL.into_iter().find(|state| state.as_str() == text).ok_or(text)
    }
}

/// The tax a line's price includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineTax {
    /// IVA 16 %.
    Iva16,
    /// IVA 8 %, border stimulus.
    Iva8,
    /// IVA at rate zero.
    Iva0,
    /// Exempt from IVA.
    Exento,
    /// Not subject to tax.
    NoObjeto,
}

/// One line of a ticket, as the till printed it: prices include their tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketLine {
    /// c_ClaveProdServ.
    pub clave_prod_serv: String,
    /// The shop's own number of the article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Quantity, decimal text.
    pub cantidad: String,
    /// c_ClaveUnidad.
    pub clave_unidad: String,
    /// The shop's word for the unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unidad: Option<String>,
    /// What was sold.
    pub descripcion: String,
    /// Line total with tax, before discount, decimal text.
    pub importe: String,
    /// Discount with tax, decimal text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub descuento: Option<String>,
    /// The tax inside the price.
    pub impuesto: LineTax,
}

/// A ticket to bring in.
#[derive(Debug, Clone)]
pub struct NewTicket {
    /// The integrator's own id, when one brought it.
    pub external_id: Option<String>,
    /// Where it was sold.
    pub branch_id: BranchId,
    /// Order number, as printed.
    pub order_number: String,
    /// Ticket number, as printed.
    pub ticket_number: String,
    /// When it was sold.
    pub sold_at: Timestamp,
    /// What was paid and is to be invoiced.
    pub total: Amount,
    /// How it was paid, if the till knows.
    pub forma_pago: Option<FormaPago>,
    /// What was sold.
    pub lines: Vec<TicketLine>,
    /// Where it stands.
    pub state: TicketState,
}

/// A ticket, whole.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Ours.
    pub id: TicketId,
    /// The integrator's own id, when one brought it.
    pub external_id: Option<String>,
    /// Where it was sold.
    pub branch_id: BranchId,
    /// Order number, folded.
    pub order_number: String,
    /// Ticket number, folded.
    pub ticket_number: String,
    /// When it was sold.
    pub sold_at: Timestamp,
    /// Last civil day to invoice, in the branch's zone.
    pub invoice_until: jiff::civil::Date,
    /// What is to be invoiced.
    pub total: Amount,
    /// How it was paid, if the till said.
    pub forma_pago: Option<FormaPago>,
    /// What was sold.
    pub lines: Vec<TicketLine>,
    /// Where it stands.
    pub state: TicketState,
    /// When anything of it last changed.
    pub updated_at: Timestamp,
    /// How often anything of it changed: what was read is reserved only as it was read.
    pub version: i64,
}

/// What became of a ticket that an integrator sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// It is new.
    Created,
    /// It was changed.
    Updated,
    /// It was already so.
    Unchanged,
    /// It differs from what is kept, and that can no longer change: its invoice is being made or is there.
    Fixed(TicketState),
    /// Another ticket has its branch, order and ticket number.
    NumbersTaken,
}

/// Why a ticket whose data match cannot be invoiced now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// The last day has passed.
    Expired(jiff::civil::Date),
    /// The sale was cancelled.
    Cancelled,
    /// It went into a global invoice.
    InGlobal,
    /// It has its invoice.
    Invoiced,
    /// Its invoice is being made.
    InProgress,
}

impl Ticket {
    /// What an upsert does to this ticket. Content that is the same is never refused, so that a till may repeat what
    /// it sent for as long as it likes; once an invoice is made of it, nothing else is taken.
    pub fn after(&self, sent: &NewTicket) -> Upserted {
        let same = self.branch_id == sent.branch_id
            && self.order_number == sent.order_number
            && self.ticket_number == sent.ticket_number
            && self.sold_at == sent.sold_at
            && self.total == sent.total
            && self.forma_pago == sent.forma_pago
            && self.lines == sent.lines;
        let free = matches!(self.state, TicketState::Open | TicketState::Cancelled);
        match (free, same) {
            (true, true) if self.state == sent.state => Upserted::Unchanged,
            (true, _) => Upserted::Updated,
            (false, true) if sent.state == TicketState::Open => Upserted::Unchanged,
            (false, _) => Upserted::Fixed(self.state),
        }
    }

    /// Whether it can be invoiced on this civil day of its branch.
    pub fn available_on(&self, today: jiff::civil::Date) -> Result<(), Unavailable> {
        match self.state {
            TicketState::Cancelled => Err(Unavailable::Cancelled),
            TicketState::InGlobal => Err(Unavailable::InGlobal),
            TicketState::Invoiced => Err(Unavailable::Invoiced),
            TicketState::Reserved => Err(Unavailable::InProgress),
            TicketState::Open if today > self.invoice_until => Err(Unavailable::Expired(self.invoice_until)),
            TicketState::Open => Ok(()),
        }
    }
}

/// The civil days of a sale, `YYYY-MM-DD` at its branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// When it was sold.
    pub sold_on: String,
    /// Last day to invoice it.
    pub invoice_until: String,
}

impl Days {
    /// Of a sale at its branch.
    pub fn of(ticket: &NewTicket, branch: &Branch) -> Days {
        let sold_on = ticket.sold_at.jiff().to_zoned(branch.time_zone.clone()).date();
        let invoice_until = last_day_to_invoice(sold_on, branch.invoicing_grace_days);
        Days { sold_on: sold_on.to_string(), invoice_until: invoice_until.to_string() }
    }
}

/// Last civil day to invoice a sale: the end of its month plus the branch's days of grace (cfdi.md 7: the portal's
/// policy, bounded by the global invoice that follows the month).
pub fn last_day_to_invoice(sold_on: jiff::civil::Date, grace_days: i64) -> jiff::civil::Date {
    let end = sold_on.last_of_month();
    end.checked_add(jiff::Span::new().days(grace_days.clamp(0, 31))).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn sent() -> NewTicket {
        NewTicket {
            external_id: Some("v-1".into()),
            branch_id: BranchId::new(Uuid::from_u128(1)),
            order_number: "A1".into(),
            ticket_number: "7".into(),
            sold_at: Timestamp::new("2026-11-17T23:42:00Z".parse().unwrap()),
            total: Amount::new(11_800, fiscal::Currency::Mxn),
            forma_pago: None,
            lines: Vec::new(),
            state: TicketState::Open,
        }
    }

    fn kept(state: TicketState) -> Ticket {
        let sent = sent();
        Ticket {
            id: TicketId::new(Uuid::from_u128(9)),
            external_id: sent.external_id,
            branch_id: sent.branch_id,
            order_number: sent.order_number,
            ticket_number: sent.ticket_number,
            sold_at: sent.sold_at,
            invoice_until: date(2026, 12, 10),
            total: sent.total,
            forma_pago: sent.forma_pago,
            lines: sent.lines,
            state,
            updated_at: sent.sold_at,
            version: 0,
        }
    }

    #[test]
    fn the_same_ticket_may_come_again_for_ever_and_another_only_until_its_invoice() {
        let other = NewTicket { total: Amount::new(11_801, fiscal::Currency::Mxn), ..sent() };
        let cancelled = NewTicket { state: TicketState::Cancelled, ..sent() };
        for (state, same, differs, cancels) in [
            (TicketState::Open, Upserted::Unchanged, Upserted::Updated, Upserted::Updated),
            (TicketState::Cancelled, Upserted::Updated, Upserted::Updated, Upserted::Unchanged),
        ] {
            let after = |sent: &NewTicket| kept(state).after(sent);
            assert_eq!((after(&sent()), after(&other), after(&cancelled)), (same, differs, cancels), "{state:?}");
        }
        for state in [TicketState::Reserved, TicketState::Invoiced, TicketState::InGlobal] {
            assert_eq!(kept(state).after(&sent()), Upserted::Unchanged);
            assert_eq!(kept(state).after(&other), Upserted::Fixed(state));
            assert_eq!(kept(state).after(&cancelled), Upserted::Fixed(state));
        }
    }

    #[test]
    fn the_window_is_the_month_and_the_grace() {
        assert_eq!(last_day_to_invoice(date(2026, 2, 3), 0), date(2026, 2, 28));
        assert_eq!(last_day_to_invoice(date(2026, 11, 30), 3), date(2026, 12, 3));
    }
}
