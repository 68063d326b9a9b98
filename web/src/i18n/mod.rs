//! Every word of the portal's own pages: one struct, two values, so that a missing text does not compile. The words
//! of problems and of wrong fields are in `shared::problem_text`; the SAT's catalogs keep the SAT's Spanish.
//!
//! Texts with `{0}`, `{1}` are filled by [`fill`]. Nothing here decides anything.
mod en;
mod es_mx;
pub mod months;

use std::ops::Deref;

use shared::Lang;
use shared::fiscal::FormaPago;

/// The words that both apps say, in one language.
pub fn texts(lang: Lang) -> &'static Texts {
    match lang {
        Lang::Es => &es_mx::TEXTS,
        Lang::En => &en::TEXTS,
    }
}

/// The words of the guest's pages in one language. The portal never asks for them, so its program does not carry them.
pub fn guest_texts(lang: Lang) -> &'static GuestTexts {
    match lang {
        Lang::Es => &es_mx::GUEST,
        Lang::En => &en::GUEST,
    }
}

/// Puts values into the places `{0}`, `{1}` of a text; a place without value stays empty.
pub fn fill(text: &str, values: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, tail)) = after.split_once('}') else {
            rest = after;
            break;
        };
        if let Some(value) = place.parse::<usize>().ok().and_then(|n| values.get(n)) {
            filled.push_str(value);
        }
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Words that both apps say.
pub struct Texts {
    pub lang: Lang,
    pub shell: Shell,
    /// The first page; the way in to the portal shows its door too.
    pub home: Home,
    pub failure: Failure,
}

/// The words of the guest's pages, and through them those of both apps.
pub struct GuestTexts {
    pub common: &'static Texts,
    pub scan: Scan,
    pub steps: Steps,
    pub branch: Branch,
    pub rfc: Rfc,
    pub ticket: Ticket,
    pub receptor: Receptor,
    pub review: Review,
    pub result: ResultPage,
    pub rehearsal: Rehearsal,
    /// Short names of the common formas de pago, by code.
    formas_pago: &'static [(&'static str, &'static str)],
}

impl Deref for GuestTexts {
    type Target = Texts;

    fn deref(&self) -> &Texts {
        self.common
    }
}

impl GuestTexts {
    /// The name of a forma de pago; the code itself when the catalog has no such code.
    pub fn forma_pago(&self, code: &str) -> String {
        match self.formas_pago.iter().find(|(known, _)| *known == code) {
            Some((_, name)) => (*name).to_owned(),
            None => FormaPago::parse(code).map_or_else(|_| code.to_owned(), |forma| forma.name().to_owned()),
        }
    }
}

/// Header, footer, and what every page has.
pub struct Shell {
    pub skip: &'static str,
    pub tagline: &'static str,
    pub panel: &'static str,
    pub my_invoices: &'static str,
    pub help: &'static str,
    pub notice: &'static str,
    pub other_language: &'static str,
    pub theme: &'static str,
    pub theme_system: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,
    pub rehearsal: &'static str,
    pub rehearsal_link: &'static str,
    pub loading: &'static str,
    pub back: &'static str,
    pub go_on: &'static str,
    pub change: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub error: &'static str,
    pub understood: &'static str,
    pub attention: &'static str,
    pub flow: &'static str,
    pub more: &'static str,
}

/// The first page.
pub struct Home {
    pub title: &'static str,
    pub lead: &'static str,
    pub start: &'static str,
    pub customers: &'static str,
    pub rehearse: &'static str,
    pub rehearse_lead: &'static str,
    pub sample: &'static str,
    pub sample_busy: &'static str,
    pub no_samples: &'static str,
    pub all_samples: &'static str,
    pub mailbox: &'static str,
    pub api_docs: &'static str,
    pub picture: SamplePicture,
}

/// The dialog that reads a ticket's code.
pub struct Scan {
    pub title: &'static str,
    pub lead: &'static str,
    pub other: &'static str,
    pub failed: &'static str,
    pub close: &'static str,
}

/// The ticket drawn on the first page: invented.
pub struct SamplePicture {
    pub date: &'static str,
    pub order: &'static str,
    pub ticket: &'static str,
    pub total: &'static str,
    pub payment: &'static str,
    pub example_payment: &'static str,
    pub lines: [(&'static str, &'static str); 3],
    pub subtotal: &'static str,
    pub tax: &'static str,
    pub foot: &'static str,
}

/// The five steps.
pub struct Steps {
    pub position: &'static str,
    pub names: [&'static str; 5],
}

/// Step 1.
pub struct Branch {
    pub title: &'static str,
    pub lead: &'static str,
    pub search: &'static str,
    pub placeholder: &'static str,
    pub legend: &'static str,
    pub postal_code: &'static str,
    pub required: &'static str,
    pub empty: &'static str,
    pub empty_search: &'static str,
    pub empty_remedy: &'static str,
    pub show_all: &'static str,
    pub found_one: &'static str,
    pub found: &'static str,
    pub caption: &'static str,
    pub picture: &'static str,
}

/// Step 2.
pub struct Rfc {
    pub title: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub counting: &'static str,
    pub fisica: &'static str,
    pub moral: &'static str,
    pub check_digit: &'static str,
    pub saved: &'static str,
    pub not_at_hand: &'static str,
    pub where_is: &'static str,
}

/// Step 3.
pub struct Ticket {
    pub title: &'static str,
    pub lead: &'static str,
    pub order: &'static str,
    pub number: &'static str,
    pub total: &'static str,
    pub forma_pago: &'static str,
    pub forma_pago_hint: &'static str,
    pub forma_pago_fixed: &'static str,
    pub where_order: &'static str,
    pub where_number: &'static str,
    pub where_total: &'static str,
    /// Says where a datum is: `{0}` the words before it, `{1}` an example.
    pub place: &'static str,
    pub place_unlabelled: &'static str,
    pub caption: &'static str,
    pub compare: &'static str,
    pub check_branch: &'static str,
    pub open_invoice: &'static str,
    /// To the mail of the invoice of a ticket that is invoiced already.
    pub send_code: &'static str,
    /// What the wizard of three steps says, as its manual does (T4, T10, T11).
    pub metodo_pago: &'static str,
    pub generate: &'static str,
    pub tools: &'static str,
    pub edit: &'static str,
    pub password: &'static str,
    pub save: &'static str,
    pub busy: &'static str,
    pub again: &'static str,
}

/// Step 4.
pub struct Receptor {
    pub title: &'static str,
    pub lead: &'static str,
    pub till_paid: &'static str,
    pub until: &'static str,
    pub nombre: &'static str,
    pub nombre_hint: &'static str,
    pub nombre_societario: &'static str,
    pub regimen: &'static str,
    pub regimen_tip: &'static str,
    pub codigo_postal: &'static str,
    pub codigo_postal_tip: &'static str,
    pub uso: &'static str,
    pub uso_tip: &'static str,
    pub uso_needs_regimen: &'static str,
    pub email: &'static str,
    pub email_hint: &'static str,
    pub choose: &'static str,
    pub help: &'static str,
    pub review: &'static str,
}

/// Step 5.
pub struct Review {
    pub title: &'static str,
    pub ticket: &'static str,
    pub ticket_at: &'static str,
    pub rfc: &'static str,
    pub nombre: &'static str,
    pub regimen: &'static str,
    pub regimen_at: &'static str,
    pub uso: &'static str,
    pub forma_pago: &'static str,
    pub paid_at_once: &'static str,
    pub email: &'static str,
    pub total: &'static str,
    pub generate: &'static str,
    pub generate_again: &'static str,
    pub no_edit: &'static str,
    pub accepts: &'static str,
    pub same_request: &'static str,
}

/// From the order on: generating, ready, waiting, refused.
pub struct ResultPage {
    pub generating: &'static str,
    pub verified: &'static str,
    pub sealed: &'static str,
    pub stamping: &'static str,
    pub usual_time: &'static str,
    pub files: &'static str,
    pub progress: &'static str,
    pub may_close: &'static str,
    pub ready: &'static str,
    pub ready_lead: &'static str,
    pub pdf: &'static str,
    pub xml: &'static str,
    pub mail_label: &'static str,
    pub mail_send: &'static str,
    pub mail_sending: &'static str,
    pub mail_sent: &'static str,
    pub mail_queued: &'static str,
    pub mail_failed: &'static str,
    pub folio: &'static str,
    pub folio_fiscal: &'static str,
    pub copy_folio_fiscal: &'static str,
    pub total: &'static str,
    pub stamped_at: &'static str,
    pub receptor: &'static str,
    pub another: &'static str,
    pub waiting: &'static str,
    pub waiting_note: &'static str,
    pub waiting_more: &'static str,
    pub awaited: &'static str,
    pub awaited_note: &'static str,
    pub awaited_more: &'static str,
    pub awaited_end: &'static str,
    pub no_answer: &'static str,
    pub attempt_one: &'static str,
    pub attempts: &'static str,
    pub next_attempt: &'static str,
    pub tracking: &'static str,
    pub retry: &'static str,
    pub retrying: &'static str,
    pub finish: &'static str,
    pub rejected: &'static str,
    pub rejected_free: &'static str,
    pub correct: &'static str,
    pub start_over: &'static str,
    pub opening: &'static str,
    pub not_here: &'static str,
    pub not_here_cause: &'static str,
}

/// What can be tried.
pub struct Rehearsal {
    pub title: &'static str,
    pub lead: &'static str,
    pub sign_ins: &'static str,
    pub sign_ins_lead: &'static str,
    pub sign_in: &'static str,
    /// By role: owner, payer, reader.
    pub roles: [&'static str; 3],
    pub registrable: &'static str,
    pub registrable_lead: &'static str,
    pub register: &'static str,
    /// `{0}` the user, `{1}` the password, `{2}` the role.
    pub sign_in_with: &'static str,
    /// `{0}` the RFC, `{1}` the contract.
    pub register_with: &'static str,
    pub staff: &'static str,
    pub staff_lead: &'static str,
    /// `{0}` the password.
    pub staff_with: &'static str,
    /// `{0}` the code of the moment.
    pub code: &'static str,
    pub tickets: &'static str,
    pub lines_one: &'static str,
    pub lines: &'static str,
    pub use_ticket: &'static str,
    pub no_tickets: &'static str,
    pub no_tickets_remedy: &'static str,
    pub magic: &'static str,
    pub magic_lead: &'static str,
    pub field: &'static str,
    pub value: &'static str,
    pub effect: &'static str,
}

/// Failed faces.
pub struct Failure {
    pub try_again: &'static str,
    pub home: &'static str,
    pub support: &'static str,
    pub unavailable: &'static str,
    pub unavailable_title: &'static str,
    pub offline: &'static str,
    pub offline_cause: &'static str,
    pub offline_remedy: &'static str,
    pub malformed: &'static str,
    pub malformed_cause: &'static str,
    pub malformed_remedy: &'static str,
    pub not_found: &'static str,
    pub not_found_text: &'static str,
    pub no_issuer: &'static str,
    pub write_to: &'static str,
    /// The last day to invoice a ticket.
    pub until: &'static str,
    pub wait_minutes: &'static str,
    pub sat_code: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_in_any_order() {
        assert_eq!(fill("{1} de {0}, {1}", &["a", "b"]), "b de a, b");
        assert_eq!(fill("sin lugar", &["a"]), "sin lugar");
        assert_eq!(fill("{2}falta", &["a"]), "falta");
        assert_eq!(fill("abierta {0", &["a"]), "abierta 0");
    }

    #[test]
    fn a_forma_de_pago_has_a_short_name_or_the_sats() {
        assert_eq!(guest_texts(Lang::Es).forma_pago("03"), "Transferencia");
        assert_eq!(guest_texts(Lang::En).forma_pago("28"), "Debit card");
        assert_eq!(guest_texts(Lang::En).forma_pago("17"), "Compensación");
        assert_eq!(guest_texts(Lang::Es).forma_pago("77"), "77");
    }
}
