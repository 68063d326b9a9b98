//! The letter about an order whose sale never came, or came otherwise: its person has closed the page long ago.
use shared::{Lang, ProblemCode, problem_text};

use super::store::OrderRow;
use crate::App;
use crate::billing::letters::{brand, portal};
use crate::billing::service::BillingError;
use crate::billing::store::unreadable;
use crate::db::Tx;
use crate::issuers;
use crate::mail::{self, Letter, NewLetter};

/// Why an order comes to nothing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    /// Its sale did not come within its time.
    NeverCame,
    /// What came under its numbers has another total.
    Differs,
    /// Its sale is here, and there is no invoice of it for this.
    Refused(ProblemCode),
}

impl Cause {
    /// As the page says it.
    pub const fn code(self) -> ProblemCode {
        match self {
            Cause::NeverCame => ProblemCode::TicketExpired,
            Cause::Differs => ProblemCode::TicketNotFound,
            Cause::Refused(code) => code,
        }
    }

    fn words(self, lang: Lang) -> String {
        let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
        match self {
            Cause::NeverCame => pick(
                "Su compra nunca llegó del punto de venta, y el plazo para facturarla terminó.",
                "Your purchase never arrived from the point of sale, and the time to invoice it is over.",
            ),
            Cause::Differs => pick(
                "La compra que llegó del punto de venta no es la que dice su ticket.",
                "The purchase that arrived from the point of sale is not the one on your ticket.",
            ),
            Cause::Refused(ProblemCode::TicketExpired) => pick(
                "Su compra llegó del punto de venta, pero el plazo para facturarla terminó antes de que \
                 pudiéramos hacer su factura.",
                "Your purchase arrived from the point of sale, but the time to invoice it was over before we \
                 could make your invoice.",
            ),
            Cause::Refused(other) => problem_text::problem(other, lang).cause.to_owned(),
        }
    }
}

/// Writes it, unless its address got enough letters today (G6): the page says the same.
pub(super) async fn ended(tx: &mut Tx, app: &App, row: &OrderRow, cause: Cause) -> Result<(), BillingError> {
    let issuer = issuers::service::find_issuer(tx, row.scope()).await?.ok_or(BillingError::NotFound)?;
    let to = fiscal::Email::parse(&row.email).map_err(|_error| unreadable("email"))?;
    let lang = Lang::from_tag(&row.language).unwrap_or_default();
    let pick = |es: &str, en: &str| if lang == Lang::Es { es.to_owned() } else { en.to_owned() };
    let total = row.total()?;
    let letter = Letter {
        brand: brand(&issuer),
        lang,
        rehearsal: app.rehearsal,
        subject: format!(
            "{}: {}",
            issuer.commercial_name,
            pick("no pudimos hacer su factura", "we could not make your invoice")
        ),
        heading: pick("No pudimos hacer su factura", "We could not make your invoice"),
        paragraphs: vec![
            cause.words(lang),
            pick(
                "Escriba al correo de ayuda con su ticket y el número de seguimiento.",
                "Write to the help mailbox with your ticket and the tracking number.",
            ),
        ],
        facts: vec![
            (pick("Ticket", "Ticket"), row.ticket_number.clone()),
            (pick("Total", "Total"), format!("${} {}", total.grouped(), total.currency().code())),
            (pick("Número de seguimiento", "Tracking number"), row.tracking.clone()),
        ],
        button: Some((pick("Facturar otro ticket", "Invoice another ticket"), portal(app, &issuer))),
        footer: pick(
            "Recibe este correo porque se pidió una factura con su dirección.",
            "You get this letter because an invoice was asked for with your address.",
        ),
    };
    let letter = NewLetter {
        issuer_id: row.issuer_id,
        stamp_id: None,
        kind: "invoice_not_made",
        of_access: false,
        from_name: &issuer.commercial_name,
        from_address: &app.config.mail.from_address,
        reply_to: &issuer.support_email,
        to: &to,
        body: letter.render()?,
        attachments: Vec::new(),
    };
    let daily_max = app.config.mail.per_address_daily;
    if mail::enqueue_within(tx, &app.ids, app.now(), letter, daily_max).await?.is_err() {
        tracing::warn!(order.id = %row.id, "the letter about an order that ended was one too many for its address");
    }
    Ok(())
}
