//! What a guest has typed on the way to an invoice. Every change is kept for the tab, so that an error, a reload or a
//! step back loses nothing, together with the idempotency key of an order whose fate is not known yet.
//!
//! Pure: keeping it is `session`'s, sending it `pages::invoice`'s. What is wrong with a field is asked of `shared`.
use serde::{Deserialize, Serialize};
use shared::billing::{InvoiceTicket, ReceptorForm};
use shared::fiscal::{Amount, Currency};
use shared::issuers::BranchView;
use shared::problem::{FieldCode, FieldErrors, ProblemCode};
use shared::tickets::{LookUpTicket, TicketClaim};
use shared::{Lang, Problem};
use uuid::Uuid;

use crate::app::Page;

/// Drafts of another shape are left alone and begun anew.
pub const VERSION: u32 = 1;

/// A claim this near its end is asked for again, so that it does not die while the person reviews.
const CLAIM_MARGIN_MS: f64 = 60_000.0;

/// A field of the flow.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Branch,
    Rfc,
    Order,
    Ticket,
    Total,
    FormaPago,
    Nombre,
    Regimen,
    CodigoPostal,
    Uso,
    Email,
}

impl Field {
    const ALL: [Field; 11] = [
        Field::Branch,
        Field::Rfc,
        Field::Order,
        Field::Ticket,
        Field::Total,
        Field::FormaPago,
        Field::Nombre,
        Field::Regimen,
        Field::CodigoPostal,
        Field::Uso,
        Field::Email,
    ];

    /// The id of its control.
    pub const fn id(self) -> &'static str {
        match self {
            Field::Branch => "branch",
            Field::Rfc => "rfc",
            Field::Order => "order",
            Field::Ticket => "ticket",
            Field::Total => "total",
            Field::FormaPago => "forma_pago",
            Field::Nombre => "nombre",
            Field::Regimen => "regimen",
            Field::CodigoPostal => "codigo_postal",
            Field::Uso => "uso",
            Field::Email => "email",
        }
    }

    /// Where it is in the bodies that carry it.
    const fn pointer(self) -> &'static str {
        match self {
            Field::Branch => "/branch_id",
            Field::Rfc => "/receptor/rfc",
            Field::Order => "/order_number",
            Field::Ticket => "/ticket_number",
            Field::Total => "/total",
            Field::FormaPago => "/forma_pago",
            Field::Nombre => "/receptor/nombre",
            Field::Regimen => "/receptor/regimen",
            Field::CodigoPostal => "/receptor/codigo_postal",
            Field::Uso => "/receptor/uso",
            Field::Email => "/email",
        }
    }

    /// The field a pointer names, if it is one of the flow's.
    pub fn at(pointer: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|field| field.pointer() == pointer)
    }

    /// The step that asks for it.
    pub const fn page(self) -> Page {
        match self {
            Field::Branch => Page::Branch,
            Field::Rfc => Page::Rfc,
            Field::Order | Field::Ticket | Field::Total | Field::FormaPago => Page::Ticket,
            Field::Nombre | Field::Regimen | Field::CodigoPostal | Field::Uso | Field::Email => Page::Receptor,
        }
    }
}

/// Why a field is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wrong {
    /// By the rules that browser and server share.
    Shape(FieldCode),
    /// The SAT refused exactly this value.
    Refused(ProblemCode),
}

/// A field of the last order that the SAT or the server refused; it stays wrong until it is changed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Refusal {
    field: Field,
    wrong: Wrong,
}

/// A ticket that was found.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Claimed {
    ticket: LookUpTicket,
    claim: TicketClaim,
}

/// An order that was sent and whose answer is not known: it may only be repeated, word for word.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The Idempotency-Key.
    pub key: Uuid,
    ticket: LookUpTicket,
    /// The body.
    pub order: InvoiceTicket,
}

/// Everything typed so far, as typed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    version: u32,
    pub branch: Option<BranchView>,
    pub rfc: String,
    pub order: String,
    pub ticket: String,
    pub total: String,
    pub forma_pago: String,
    pub nombre: String,
    pub regimen: String,
    pub codigo_postal: String,
    pub uso: String,
    pub email: String,
    claimed: Option<Claimed>,
    attempt: Option<Attempt>,
    refused: Vec<Refusal>,
    /// The invoice that waits for its stamp with these data.
    waiting: Option<Uuid>,
}

impl Default for Draft {
    fn default() -> Draft {
        Draft {
            version: VERSION,
            branch: None,
            rfc: String::new(),
            order: String::new(),
            ticket: String::new(),
            total: String::new(),
            forma_pago: String::new(),
            nombre: String::new(),
            regimen: String::new(),
            codigo_postal: String::new(),
            uso: String::new(),
            email: String::new(),
            claimed: None,
            attempt: None,
            refused: Vec::new(),
            waiting: None,
        }
    }
}

impl Draft {
    /// A kept draft; anything that is not one of this version is a new one.
    pub fn read(kept: Option<&str>) -> Draft {
        kept.and_then(|text| serde_json::from_str::<Draft>(text).ok())
            .filter(|draft| draft.version == VERSION)
            .unwrap_or_default()
    }

    /// The text to keep.
    pub fn written(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// A field as typed; the branch has no text.
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Branch => "",
            Field::Rfc => &self.rfc,
            Field::Order => &self.order,
            Field::Ticket => &self.ticket,
            Field::Total => &self.total,
            Field::FormaPago => &self.forma_pago,
            Field::Nombre => &self.nombre,
            Field::Regimen => &self.regimen,
            Field::CodigoPostal => &self.codigo_postal,
            Field::Uso => &self.uso,
            Field::Email => &self.email,
        }
    }

    /// Takes what was typed into a field; what the SAT said of its old value no longer counts.
    pub fn type_in(&mut self, field: Field, typed: String) {
        let place = match field {
            Field::Branch => return,
            Field::Rfc => &mut self.rfc,
            Field::Order => &mut self.order,
            Field::Ticket => &mut self.ticket,
            Field::Total => &mut self.total,
            Field::FormaPago => &mut self.forma_pago,
            Field::Nombre => &mut self.nombre,
            Field::Regimen => &mut self.regimen,
            Field::CodigoPostal => &mut self.codigo_postal,
            Field::Uso => &mut self.uso,
            Field::Email => &mut self.email,
        };
        if *place != typed {
            *place = typed;
            self.forget_refusals(field);
        }
    }

    /// The SAT judges the receiver's data together: changing one of them may mend another.
    fn forget_refusals(&mut self, changed: Field) {
        let of_receptor = changed.pointer().starts_with("/receptor");
        self.refused
            .retain(|refusal| refusal.field != changed && !(of_receptor && matches!(refusal.wrong, Wrong::Refused(_))));
    }

    /// The three data and the branch, ready to be looked up. `None` before a branch is chosen.
    pub fn look_up(&self) -> Option<LookUpTicket> {
        let total = Amount::parse_typed(&self.total, Currency::Mxn)
            .map_or_else(|_| self.total.clone(), |amount| amount.to_decimal_string());
        Some(LookUpTicket {
            branch_id: self.branch.as_ref()?.id,
            order_number: self.order.trim().to_owned(),
            ticket_number: self.ticket.trim().to_owned(),
            total,
        })
    }

    /// Keeps what the look-up answered for these very data.
    pub fn claim_for(&mut self, ticket: LookUpTicket, claim: TicketClaim) {
        self.claimed = Some(Claimed { ticket, claim });
    }

    /// The claim, if it is for the data as they are typed now.
    pub fn claim(&self) -> Option<&TicketClaim> {
        let claimed = self.claimed.as_ref()?;
        (self.look_up().as_ref() == Some(&claimed.ticket)).then_some(&claimed.claim)
    }

    /// The claim, if it also lives on long enough to be used. `ends_ms` reads its last instant.
    pub fn fresh_claim(&self, now_ms: f64, ends_ms: impl Fn(&str) -> Option<f64>) -> Option<&TicketClaim> {
        self.claim().filter(|claim| ends_ms(&claim.expires_at).is_some_and(|end| end - now_ms > CLAIM_MARGIN_MS))
    }

    /// The forma de pago that the till sent, which cannot be changed.
    pub fn fixed_forma_pago(&self) -> Option<&str> {
        self.claim()?.forma_pago.as_deref()
    }

    /// The forma de pago that the invoice will carry.
    pub fn chosen_forma_pago(&self) -> &str {
        self.fixed_forma_pago().unwrap_or(&self.forma_pago)
    }

    /// The receiver as typed.
    pub fn receptor(&self) -> ReceptorForm {
        ReceptorForm {
            rfc: self.rfc.clone(),
            nombre: self.nombre.clone(),
            regimen: self.regimen.clone(),
            codigo_postal: self.codigo_postal.clone(),
            uso: self.uso.clone(),
        }
    }

    fn order(&self, claim: &TicketClaim, language: Lang) -> InvoiceTicket {
        // The till's own forma de pago is not repeated: the server knows it better.
        let forma_pago = claim.forma_pago.is_none().then(|| self.forma_pago.clone());
        InvoiceTicket {
            claim: claim.claim.clone(),
            receptor: self.receptor(),
            forma_pago,
            email: self.email.trim().to_owned(),
            language,
        }
    }

    /// What is wrong with the fields of one step, in the order they are asked.
    pub fn wrong_on(&self, page: Page) -> Vec<(Field, Wrong)> {
        let errors = self.errors();
        Field::ALL
            .into_iter()
            .filter(|field| field.page() == page)
            .filter_map(|field| Some((field, self.wrong_by(&errors, field)?)))
            .collect()
    }

    /// Whether the SAT or the server refused a field of this step.
    pub fn has_refusals_on(&self, page: Page) -> bool {
        self.refused.iter().any(|refusal| refusal.field.page() == page)
    }

    /// What is wrong with one field.
    pub fn wrong(&self, field: Field) -> Option<Wrong> {
        self.wrong_by(&self.errors(), field)
    }

    fn wrong_by(&self, errors: &FieldErrors, field: Field) -> Option<Wrong> {
        let shape = match field {
            Field::Branch => self.branch.is_none().then_some(FieldCode::Required),
            // Until the ticket is found nobody knows whether the till sent it.
            Field::FormaPago if self.claim().is_none_or(|claim| claim.forma_pago.is_some()) => None,
            Field::FormaPago => self.forma_pago.is_empty().then_some(FieldCode::NotInCatalog),
            _ => errors.of(field.pointer()),
        };
        let refused = || self.refused.iter().find(|refusal| refusal.field == field).map(|refusal| refusal.wrong);
        shape.map(Wrong::Shape).or_else(refused)
    }

    fn errors(&self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let blank = LookUpTicket {
            branch_id: Uuid::nil(),
            order_number: self.order.clone(),
            ticket_number: self.ticket.clone(),
            total: self.total.clone(),
        };
        if let Err(wrong) = self.look_up().unwrap_or(blank).parse() {
            errors.0.extend(wrong.0);
        }
        self.receptor().parse("/receptor", &mut errors);
        shared::billing::parse_email("/email", &self.email, &mut errors);
        errors
    }

    /// The first step that is not done yet before `page`; `None` when `page` may be shown. In the wizard of `three` steps the
    /// receiver's data come before the ticket: they are captured, or known already (T3).
    pub fn missing_before(&self, page: Page, three: bool) -> Option<Page> {
        let earlier = match page {
            Page::Rfc => 1,
            Page::Ticket if three => 3,
            Page::Receptor if three => 2,
            Page::Ticket => 2,
            Page::Receptor => 3,
            Page::Review => 4,
            _ => 0,
        };
        let steps = match three {
            true => [Page::Branch, Page::Rfc, Page::Receptor, Page::Ticket],
            false => [Page::Branch, Page::Rfc, Page::Ticket, Page::Receptor],
        };
        let undone = |step: &Page| {
            let open = self.wrong_on(*step).iter().any(|(_, wrong)| matches!(wrong, Wrong::Shape(_)));
            open || (*step == Page::Ticket && self.claim().is_none())
        };
        steps.into_iter().take(earlier).find(undone)
    }

    /// The order to send, with its key: the one whose answer is still unknown if nothing but the language or the
    /// claim has changed since, else a new one. `None` without a claim.
    pub fn attempt(&mut self, language: Lang, new_key: impl FnOnce() -> Uuid) -> Option<Attempt> {
        if self.unanswered().is_none() {
            let order = self.order(self.claim()?, language);
            self.attempt = Some(Attempt { key: new_key(), ticket: self.look_up()?, order });
        }
        self.attempt.clone()
    }

    /// The order whose answer is unknown, if it is for the data as they are now.
    pub fn unanswered(&self) -> Option<&Attempt> {
        let attempt = self.attempt.as_ref()?;
        let order = &attempt.order;
        let same = self.look_up().as_ref() == Some(&attempt.ticket)
            && order.receptor == self.receptor()
            && order.email == self.email.trim()
            && order.forma_pago.as_ref().is_none_or(|forma| *forma == self.forma_pago);
        same.then_some(attempt)
    }

    /// The order was refused for good: the next one gets a new key. Returns the fields it was refused for.
    pub fn refused(&mut self, problem: &Problem) -> Vec<Field> {
        self.attempt = None;
        if problem.code == ProblemCode::ClaimExpired {
            self.claimed = None;
        }
        self.mark(problem)
    }

    /// Marks the fields that an answer names as wrong, and returns them.
    pub fn mark(&mut self, problem: &Problem) -> Vec<Field> {
        let mut fields = Vec::new();
        for error in &problem.errors {
            let Some(field) = Field::at(&error.pointer) else { continue };
            let wrong = match error.code {
                FieldCode::RefusedBySat => Wrong::Refused(problem.code),
                code => Wrong::Shape(code),
            };
            self.refuse(field, wrong);
            fields.push(field);
        }
        fields
    }

    /// Marks a field as refused until it is changed.
    pub fn refuse(&mut self, field: Field, wrong: Wrong) {
        self.refused.retain(|refusal| refusal.field != field);
        self.refused.push(Refusal { field, wrong });
    }

    /// The order became an invoice. Stamped, its ticket leaves the draft; while it waits the data stay, for the SAT may
    /// still refuse them.
    pub fn became(&mut self, invoice: Uuid, stamped: bool) {
        self.attempt = None;
        if stamped {
            self.clear_ticket();
        } else {
            self.waiting = Some(invoice);
        }
    }

    /// News of an invoice: if these are its data and it is stamped, the ticket leaves the draft.
    pub fn stamped(&mut self, invoice: Uuid) {
        if self.waiting == Some(invoice) {
            self.clear_ticket();
        }
    }

    /// The data here are those of that invoice.
    pub fn is_for(&self, invoice: Uuid) -> bool {
        self.waiting == Some(invoice)
    }

    fn clear_ticket(&mut self) {
        *self = Draft {
            branch: self.branch.take(),
            rfc: std::mem::take(&mut self.rfc),
            nombre: std::mem::take(&mut self.nombre),
            regimen: std::mem::take(&mut self.regimen),
            codigo_postal: std::mem::take(&mut self.codigo_postal),
            uso: std::mem::take(&mut self.uso),
            email: std::mem::take(&mut self.email),
            ..Draft::default()
        };
    }
}

#[cfg(test)]
#[path = "draft_tests.rs"]
mod tests;
